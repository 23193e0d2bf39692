//! Signing in: the company key and a person's password become a pair of tokens for this device.

use std::path::PathBuf;

use anyhow::{Result, bail, ensure};
use tracker_wire::{AgentLogin, AgentTokens, DeviceInfo, MAX_NAME};
use uuid::Uuid;

use crate::desktop;
use crate::home::{Credentials, Home, Secret};
use crate::http::{Answer, Call, Http};
use crate::notice::say;
use crate::platform::host_name;
use crate::privacy;
use crate::queue::{Queue, note};

pub struct Login {
    pub server: String,
    pub company_key: Secret,
    pub email: String,
    pub password: Secret,
    /// Asks for the code of somebody who has two-factor on.
    pub ask_code: fn() -> Result<String>,
    pub ca_file: Option<PathBuf>,
    pub allow_http: bool,
    pub discard: bool,
    /// Keep key and tokens in the platform's keyring instead of a file.
    pub keyring: bool,
}

pub fn login(home: &Home, login: &Login) -> Result<bool> {
    let server = login.server.trim().trim_end_matches('/').to_owned();
    // A path that only means something in today's folder would mislead tomorrow's `run`.
    let ca_file = login
        .ca_file
        .as_ref()
        .map(std::path::absolute)
        .transpose()?;
    let http = Http::new(&server, login.allow_http, ca_file.as_deref())?;
    ensure!(
        !login.company_key.reveal().is_empty(),
        "the company key is empty"
    );
    ensure!(!login.password.reveal().is_empty(), "the password is empty");
    let mut queue = Queue::open(home)?;
    let (device, tokens) = enrol(&http, login, queue.device_id()?)?;
    own(home, &mut queue, tokens.user.id, login.discard)?;
    queue.set_note(note::DEVICE_ID, &device.to_string())?;
    queue.write(note::SETTINGS, &tokens.settings)?;
    queue.clear_note(note::SYNC_TROUBLE)?;
    let _alone = home.talking()?;
    home.keep(&Credentials {
        server,
        allow_http: login.allow_http,
        ca_file,
        company_key: login.company_key.clone(),
        access_token: Secret::new(tokens.access_token),
        refresh_token: Secret::new(tokens.refresh_token),
        user: tokens.user.clone(),
        keyring: login.keyring.then(Uuid::nil),
    })?;
    say(format!(
        "Signed in as {}. `tracker-agent run` records:",
        tokens.user.name
    ));
    privacy::in_words(&tokens.settings)
        .iter()
        .for_each(|words| say(format!("  {words}")));
    Ok(true)
}

/// A device's id belongs to the person who used it first; the next person needs another.
fn enrol(http: &Http, login: &Login, known: Uuid) -> Result<(Uuid, AgentTokens)> {
    let mut device = known;
    let mut code = None;
    let mut answer = ask(http, login, device, &code)?;
    if answer.refusal().code == "code_required" {
        code = Some((login.ask_code)()?);
        answer = ask(http, login, device, &code)?;
    }
    if answer.refusal().code == "device_belongs_to_another" {
        device = Uuid::now_v7();
        // A code is good once.
        if code.is_some() {
            code = Some((login.ask_code)()?);
        }
        answer = ask(http, login, device, &code)?;
    }
    if answer.is_success() {
        return Ok((device, answer.json()?));
    }
    let (status, refusal) = (answer.status, answer.refusal());
    bail!(
        "the server refuses the sign-in (HTTP {status} {}): {}",
        refusal.code,
        refusal.detail
    )
}

fn ask(http: &Http, login: &Login, device: Uuid, code: &Option<String>) -> Result<Answer> {
    let body = serde_json::to_vec(&AgentLogin {
        email: login.email.trim().to_owned(),
        password: login.password.reveal().to_owned(),
        code: code.clone(),
        device: device_info(device),
    })?;
    let (company_key, content_type) = (&login.company_key, "application/json");
    http.send(
        "/api/login",
        &Call {
            company_key,
            token: None,
            content_type,
            is_gzip: false,
            queue: None,
            body: Some(&body),
        },
    )
}

/// What one person's agent recorded is never sent in the name of another.
fn own(home: &Home, queue: &mut Queue, user: Uuid, discard: bool) -> Result<()> {
    let owner = queue.note(note::OWNER)?;
    let user = user.to_string();
    if owner.as_ref().is_some_and(|owner| *owner != user) {
        ensure!(
            home.try_recording()?.is_some(),
            "the agent is running for somebody else: stop it first"
        );
        let waiting = queue.waiting()?;
        let is_empty =
            waiting.items + waiting.screenshots == 0 && queue.note(note::OPEN)?.is_none();
        ensure!(
            is_empty || discard,
            "recordings of somebody else wait to be sent: let them sync first, or add --discard"
        );
        queue.discard()?;
    }
    queue.set_note(note::OWNER, &user)
}

pub fn device_info(id: Uuid) -> DeviceInfo {
    let cut = |text: &str, most| text.chars().take(most).collect::<String>();
    DeviceInfo {
        id,
        name: cut(
            &host_name().unwrap_or_else(|_| "unknown".to_owned()),
            MAX_NAME,
        ),
        os: cut(&desktop::describe(), 100),
        agent_version: env!("CARGO_PKG_VERSION").to_owned(),
        limitations: desktop::limitations(),
    }
}
