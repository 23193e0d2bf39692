//! What the agent says of itself, for the person at the desk and for scripts.

use anyhow::Result;
use serde::Serialize;
use tracker_wire::{AgentSettings, AgentUser};

use crate::desktop;
use crate::home::Home;
use crate::notice::say;
use crate::privacy;
use crate::queue::{DeadLetter, Queue, note};
use crate::recorder::State;
use crate::sync::TroubleNote;
use crate::tasks::{self, Chosen};

/// How many refused items are listed.
const LISTED: u32 = 20;

#[derive(Debug, Serialize)]
pub struct Status {
    pub agent_version: &'static str,
    pub signed_in: bool,
    pub server: Option<String>,
    pub user: Option<AgentUser>,
    pub device_id: String,
    /// `recording`, `paused`, `outside_hours`, `locked` or `not_running`.
    pub state: &'static str,
    pub running: bool,
    pub paused_since: Option<String>,
    /// What is worked on.
    pub task: Option<Chosen>,
    /// What is recorded under the present settings.
    pub records: Vec<String>,
    pub settings: Option<AgentSettings>,
    pub limitations: Vec<String>,
    /// Where sources on this machine send what they see, while the agent runs.
    pub activitywatch: Option<String>,
    pub queued_items: i64,
    pub queued_screenshots: i64,
    pub queued_screenshot_bytes: i64,
    pub oldest_item: Option<String>,
    pub last_acknowledged: Option<String>,
    pub dead_letters: i64,
    pub latest_dead_letters: Vec<DeadLetter>,
    pub storage_full: bool,
    pub screenshots_not_in_plan: bool,
    pub last_error: Option<TroubleNote>,
    pub warnings: Vec<String>,
    /// Where `run` keeps what it said.
    pub log: String,
}

impl Status {
    pub fn collect(home: &Home) -> Result<Self> {
        let queue = Queue::open(home)?;
        let credentials = home.account()?;
        let settings: Option<AgentSettings> = queue.read(note::SETTINGS)?;
        let waiting = queue.waiting()?;
        let running = home.try_recording()?.is_none();
        let paused_since = queue.note(note::PAUSED_AT)?;
        let last_error: Option<TroubleNote> = queue.read(note::SYNC_TROUBLE)?;
        let must_sign_in = last_error
            .as_ref()
            .is_some_and(|error| error.code == "sign_in_again");
        Ok(Self {
            agent_version: env!("CARGO_PKG_VERSION"),
            signed_in: credentials.is_some() && !must_sign_in,
            server: credentials
                .as_ref()
                .map(|credentials| credentials.server.clone()),
            user: credentials.map(|credentials| credentials.user),
            device_id: queue.device_id()?.to_string(),
            state: state(running, paused_since.is_some(), queue.read(note::RECORDER)?),
            running,
            paused_since,
            task: tasks::chosen(&queue)?,
            records: settings.as_ref().map(privacy::in_words).unwrap_or_default(),
            settings,
            limitations: limitations(&queue)?,
            activitywatch: match running {
                true => queue.note(note::ACTIVITYWATCH)?,
                false => None,
            },
            queued_items: waiting.items,
            queued_screenshots: waiting.screenshots,
            queued_screenshot_bytes: waiting.screenshot_bytes,
            oldest_item: waiting
                .oldest
                .map(|oldest| oldest.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
            last_acknowledged: queue.note(note::LAST_ACKNOWLEDGED)?,
            dead_letters: waiting.dead_letters,
            latest_dead_letters: queue.dead_letters(LISTED)?,
            storage_full: queue.note(note::STORAGE_FULL)?.is_some(),
            screenshots_not_in_plan: queue.note(note::NOT_IN_PLAN)?.is_some(),
            last_error,
            warnings: if running {
                queue.read(note::WARNINGS)?.unwrap_or_default()
            } else {
                Vec::new()
            },
            log: home.log_file().display().to_string(),
        })
    }

    pub fn in_words(&self) -> Vec<String> {
        let mut lines = vec![self.who(), format!("State:     {}", self.state_in_words())];
        lines.extend(
            self.task
                .iter()
                .map(|task| format!("Task:      {}", task.title)),
        );
        lines.extend(self.records.iter().enumerate().map(|(place, words)| {
            let head = if place == 0 { "Records:" } else { "" };
            format!("{head:<11}{words}")
        }));
        lines.extend(
            self.limitations
                .iter()
                .map(|limit| format!("Missing:   {limit}")),
        );
        lines.extend(
            (self.activitywatch.iter())
                .map(|address| format!("Listens:   at {address}, as ActivityWatch's server does")),
        );
        lines.push(self.queue_in_words());
        lines.push(format!(
            "Last sent: {}",
            self.last_acknowledged.as_deref().unwrap_or("nothing yet")
        ));
        lines.push(format!(
            "Refused:   {} items that the server will never take",
            self.dead_letters
        ));
        lines.extend(self.latest_dead_letters.iter().map(|letter| {
            format!(
                "           {} {} {} ({})",
                letter.refused_at, letter.kind, letter.id, letter.code
            )
        }));
        if self.storage_full {
            lines.push("Storage:   the company's storage is full: screenshots wait here, everything else is sent".to_owned());
        }
        if self.screenshots_not_in_plan {
            lines.push("Plan:      the company's plan has no screenshots: those taken before wait here, everything else is sent".to_owned());
        }
        lines.extend(
            self.warnings
                .iter()
                .map(|warning| format!("Warning:   {warning}")),
        );
        lines.extend(
            self.last_error
                .as_ref()
                .map(|error| format!("Problem:   {} ({}, {})", error.text, error.code, error.at)),
        );
        lines.push(format!("Log:       {}", self.log));
        lines
    }

    fn who(&self) -> String {
        match (&self.user, &self.server) {
            (Some(user), Some(server)) => format!("Records for {} at {server}", user.name),
            _ => "Not signed in: use `tracker-agent login`".to_owned(),
        }
    }

    fn state_in_words(&self) -> String {
        let since = self.paused_since.as_deref().unwrap_or_default();
        match (self.state, self.running) {
            ("recording", _) => "recording".to_owned(),
            ("paused", true) => format!("paused since {since}: nothing is recorded"),
            ("paused", false) => format!("paused since {since}, and the agent is not running"),
            ("locked", _) => "the screen is locked: nothing is recorded".to_owned(),
            ("outside_hours", _) => "outside the tracking hours: nothing is recorded".to_owned(),
            _ => "the agent is not running: nothing is recorded".to_owned(),
        }
    }

    fn queue_in_words(&self) -> String {
        let oldest = self
            .oldest_item
            .as_ref()
            .map(|oldest| format!(", the oldest from {oldest}"))
            .unwrap_or_default();
        let (items, pictures, bytes) = (
            self.queued_items,
            self.queued_screenshots,
            self.queued_screenshot_bytes,
        );
        format!(
            "Queued:    {items} items, {pictures} screenshots ({} KiB){oldest}",
            bytes.div_euclid(1024)
        )
    }
}

/// What this session's desktop is known not to tell, and what it turned out not to.
pub fn limitations(queue: &Queue) -> Result<Vec<String>> {
    let mut limitations = desktop::limitations();
    let found: Option<Vec<String>> = queue.read(note::LIMITATIONS)?;
    for limitation in found.unwrap_or_default() {
        if !limitations.contains(&limitation) {
            limitations.push(limitation);
        }
    }
    Ok(limitations)
}

pub fn print(home: &Home, json: bool) -> Result<bool> {
    let status = Status::collect(home)?;
    if json {
        say(serde_json::to_string_pretty(&status)?);
    } else {
        status.in_words().iter().for_each(say);
    }
    Ok(true)
}

fn state(running: bool, paused: bool, said: Option<State>) -> &'static str {
    match (paused, running, said) {
        (true, _, _) => "paused",
        (false, false, _) => "not_running",
        (false, true, Some(State::OutsideHours)) => "outside_hours",
        (false, true, Some(State::Locked)) => "locked",
        (false, true, _) => "recording",
    }
}
