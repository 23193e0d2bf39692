//! The sync engine: one pass sends what is queued. It never invents an answer: an item leaves the
//! queue when the server has acknowledged it, and whatever else happens is tried again.

mod session;
mod trouble;
mod upload;

use std::time::{Duration, Instant};

use anyhow::Context;
use serde::de::DeserializeOwned;
use tracker_wire::{
    AgentPolicyAcknowledgement, AgentPolicyText, AgentQueue, AgentRefresh, AgentSettings,
    AgentTasks, AgentTimer, AgentTokens,
};

use crate::home::{Credentials, Home, Secret};
use crate::http::{Answer, Call, Http};
use crate::queue::{Carried, Queue, note};
use crate::tasks;

pub use trouble::{BackOff, Trouble, TroubleNote};

type Done<T> = std::result::Result<T, Trouble>;

const JSON: &str = "application/json";
/// Heartbeats tell the server that an open session goes on while there is nothing to send.
const HEARTBEAT: Duration = Duration::from_secs(60);
/// Between two questions whether there is room again.
const STORAGE_RETRY: Duration = Duration::from_secs(300);
/// Between two questions whether the chosen task is still the person's and open.
const TASK_CHECK: Duration = Duration::from_secs(300);

pub struct Engine {
    home: Home,
    queue: Queue,
    /// With the address it was made for: a new login may bring another.
    http: Option<(Credentials, Http)>,
    /// How many items go into one batch; less after a refusal of the whole.
    batch_size: usize,
    /// A refresh token that the server has refused: asking again is of no use.
    refused: Option<Secret>,
    settings_asked: bool,
    heartbeat_at: Option<Instant>,
    /// What the server has heard from here that this device cannot do.
    told_limitations: Option<Vec<String>>,
    screenshots_after: Option<Instant>,
    task_checked_at: Option<Instant>,
}

impl Engine {
    pub fn new(home: &Home) -> anyhow::Result<Self> {
        Ok(Self {
            home: home.clone(),
            queue: Queue::open(home)?,
            http: None,
            batch_size: upload::BATCH,
            refused: None,
            settings_asked: false,
            heartbeat_at: None,
            told_limitations: None,
            screenshots_after: None,
            task_checked_at: None,
        })
    }

    /// Sends what is queued now, and leaves word of what went wrong for `status`.
    pub fn pass(&mut self) -> Done<()> {
        let done = self.try_pass();
        let noted = match &done {
            Ok(()) => self.queue.clear_note(note::SYNC_TROUBLE),
            Err(trouble) => self.queue.write(note::SYNC_TROUBLE, &trouble.note()),
        };
        // A note that cannot be written says less than the trouble itself.
        drop(noted);
        done
    }

    fn try_pass(&mut self) -> Done<()> {
        let _alone = self.home.talking()?;
        self.load()?;
        if !self.settings_asked {
            self.fetch_settings()?;
        }
        self.tell_task()?;
        self.check_task()?;
        self.start_sessions()?;
        while self.send_batch()? {}
        self.stop_sessions()?;
        self.heartbeat()?;
        self.send_screenshots()
    }

    pub fn queue(&self) -> &Queue {
        &self.queue
    }

    /// The credentials may have changed since: another process refreshed, or somebody signed in.
    fn load(&mut self) -> Done<()> {
        let credentials = self.home.credentials()?.ok_or(Trouble::SignIn)?;
        let owner = self.queue.note(note::OWNER)?;
        let is_foreign = owner != Some(credentials.user.id.to_string());
        if is_foreign || self.refused.as_ref() == Some(&credentials.refresh_token) {
            return Err(Trouble::SignIn);
        }
        let is_same = |known: &Credentials| {
            known.server == credentials.server && known.ca_file == credentials.ca_file
        };
        let http = match self.http.take() {
            Some((known, http)) if is_same(&known) => http,
            _ => Http::new(
                &credentials.server,
                credentials.allow_http,
                credentials.ca_file.as_deref(),
            )?,
        };
        self.http = Some((credentials, http));
        Ok(())
    }

    fn fetch_settings(&mut self) -> Done<()> {
        let mut settings: AgentSettings = self.get("/api/agent/settings")?;
        if let Some(timer) = settings.timer.take() {
            tasks::follow(&self.queue, timer)?;
        }
        self.queue.write(note::SETTINGS, &settings)?;
        self.settings_asked = true;
        Ok(())
    }

    /// The person's own open tasks.
    pub fn tasks(&mut self) -> Done<AgentTasks> {
        let _alone = self.home.talking()?;
        self.load()?;
        self.get("/api/agent/tasks")
    }

    /// The monitoring policy in force, if there is one; what the settings say of it is made current.
    pub fn policy(&mut self) -> Done<Option<AgentPolicyText>> {
        let _alone = self.home.talking()?;
        self.load()?;
        self.fetch_settings()?;
        let reply = self.call("/api/agent/monitoring-policy", None)?;
        match reply.0.status {
            404 => Ok(None),
            _ => reply.parse().map(Some),
        }
    }

    /// Acknowledges this version; nothing where another is in force by now.
    pub fn acknowledge_policy(&mut self, version: i32) -> Done<Option<AgentPolicyText>> {
        let _alone = self.home.talking()?;
        self.load()?;
        let path = "/api/agent/monitoring-policy/acknowledgements";
        let reply = self.post(path, &AgentPolicyAcknowledgement { version })?;
        if reply.0.refusal().code == "policy_version_not_current" {
            return Ok(None);
        }
        let policy = reply.parse()?;
        self.fetch_settings()?;
        Ok(Some(policy))
    }

    /// What was said here of the task, for the portal to show. A server that does not take it knows no timers.
    fn tell_task(&mut self) -> Done<()> {
        let Some(word) = tasks::word(&self.queue)? else {
            return Ok(());
        };
        let reply = self.post("/api/agent/timer", &word)?;
        let timer = reply.parse::<AgentTimer>();
        tasks::was_heard(&self.queue, &word)?;
        if let Ok(timer) = timer {
            tasks::follow(&self.queue, timer)?;
        }
        Ok(())
    }

    /// A task that is done, or somebody else's by now, is not worked on any longer.
    fn check_task(&mut self) -> Done<()> {
        let is_due = self
            .task_checked_at
            .is_none_or(|last| last.elapsed() >= TASK_CHECK);
        let Some(chosen) = tasks::chosen(&self.queue)?.filter(|_| is_due) else {
            return Ok(());
        };
        let reply = self.call("/api/agent/tasks", None)?;
        self.task_checked_at = Some(Instant::now());
        // A server that does not answer this knows nothing better.
        let Ok(open) = reply.parse::<AgentTasks>() else {
            return Ok(());
        };
        if !open.items.iter().any(|task| task.id == chosen.id) {
            tasks::forget(&self.queue, chosen.id)?;
        }
        Ok(())
    }

    /// Answers carry the version of the settings in force.
    fn compare_settings(&mut self, version: i32) -> Done<()> {
        let own: Option<AgentSettings> = self.queue.read(note::SETTINGS)?;
        if own.is_some_and(|own| own.version == version) {
            Ok(())
        } else {
            self.fetch_settings()
        }
    }

    fn get<T: DeserializeOwned>(&mut self, path: &str) -> Done<T> {
        self.call(path, None)?.parse()
    }

    fn post(&mut self, path: &str, body: &impl serde::Serialize) -> Done<Reply> {
        let body = serde_json::to_vec(body).context("a body could not be written")?;
        self.call(path, Some(Parcel::json(&body)))
    }

    /// The same with word of what waits, for calls that take something along.
    fn bring(
        &mut self,
        path: &str,
        body: &impl serde::Serialize,
        carried: &Carried,
    ) -> Done<Reply> {
        let body = serde_json::to_vec(body).context("a body could not be written")?;
        let parcel = Parcel {
            queue: Some(self.queue.besides(carried)?),
            ..Parcel::json(&body)
        };
        self.call(path, Some(parcel))
    }

    /// One call with the access token; when that has ended, once more with a new one.
    fn call(&mut self, path: &str, parcel: Option<Parcel>) -> Done<Reply> {
        for is_retry in [false, true] {
            let (credentials, http) = self.http.as_ref().ok_or(Trouble::SignIn)?;
            let (company_key, token) = (&credentials.company_key, Some(&credentials.access_token));
            let answer = http
                .send(
                    path,
                    &Call {
                        company_key,
                        token,
                        content_type: parcel.map_or(JSON, |parcel| parcel.content_type),
                        is_gzip: parcel.is_some_and(|parcel| parcel.is_gzip),
                        queue: parcel.and_then(|parcel| parcel.queue),
                        body: parcel.map(|parcel| parcel.body),
                    },
                )
                .map_err(Trouble::network)?;
            if !answer.is_unauthenticated() {
                return Trouble::judge(answer).map(Reply);
            }
            if !is_retry {
                self.refresh()?;
            }
        }
        // A fresh token that is refused means that this device was signed out.
        self.refuse_credentials()
    }

    /// The new pair is on disk before its first use: until then the server takes the old one again.
    fn refresh(&mut self) -> Done<()> {
        let (mut credentials, http) = self.http.take().ok_or(Trouble::SignIn)?;
        let body = serde_json::to_vec(&AgentRefresh {
            refresh_token: credentials.refresh_token.reveal().to_owned(),
        })
        .context("a body could not be written")?;
        let call = Call {
            company_key: &credentials.company_key,
            token: None,
            content_type: JSON,
            is_gzip: false,
            queue: None,
            body: Some(&body),
        };
        let answer = http
            .send("/api/token/refresh", &call)
            .map_err(Trouble::network)?;
        if answer.is_unauthenticated() {
            self.http = Some((credentials, http));
            return self.refuse_credentials();
        }
        let answer = Trouble::judge(answer)?;
        if !answer.is_success() {
            return Err(Trouble::refused(&answer));
        }
        let tokens: AgentTokens = answer.json()?;
        credentials.access_token = Secret::new(tokens.access_token);
        credentials.refresh_token = Secret::new(tokens.refresh_token);
        self.home.keep(&credentials)?;
        self.queue.write(note::SETTINGS, &tokens.settings)?;
        self.http = Some((credentials, http));
        Ok(())
    }

    fn refuse_credentials<T>(&mut self) -> Done<T> {
        self.refused = self
            .http
            .as_ref()
            .map(|(credentials, _)| credentials.refresh_token.clone());
        Err(Trouble::SignIn)
    }
}

/// What a call brings along.
#[derive(Clone, Copy)]
struct Parcel<'a> {
    content_type: &'a str,
    is_gzip: bool,
    queue: Option<AgentQueue>,
    body: &'a [u8],
}

impl<'a> Parcel<'a> {
    fn json(body: &'a [u8]) -> Self {
        Self {
            content_type: JSON,
            is_gzip: false,
            queue: None,
            body,
        }
    }
}

/// An answer that says something about this very call: success, or a refusal of what was sent.
struct Reply(Answer);

impl Reply {
    fn parse<T: DeserializeOwned>(&self) -> Done<T> {
        if self.0.is_success() {
            Ok(self.0.json()?)
        } else {
            Err(Trouble::refused(&self.0))
        }
    }

    /// The code when the server will not take this body, whoever sends it and whenever. A refusal
    /// without a code comes from something before the server; of those only the size is believed.
    fn refuses_body(&self) -> Option<String> {
        match (self.0.status, self.0.refusal().reason()) {
            (413, code) if code.is_empty() => Some("too_large".to_owned()),
            // That was about the header: the body is as good as before.
            (400, code) if code == "agent_queue_invalid" => None,
            (400 | 413 | 415 | 422, code) if !code.is_empty() => Some(code),
            _ => None,
        }
    }
}
