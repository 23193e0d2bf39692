//! What desktop agent and server say to each other. Every call carries `X-Company-Key`; all but the
//! login carry a bearer token. Times are RFC 3339 in UTC; ids are UUIDs made on the device, version 7
//! where the device can. Receivers ignore fields they do not know, so either side may be newer.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Most items of all kinds together in one batch.
pub const MAX_BATCH_ITEMS: usize = 1_000;
/// Longest window title kept, in characters; longer ones are cut.
pub const MAX_TITLE: usize = 500;
/// Longest application or host name kept, in characters.
pub const MAX_NAME: usize = 200;
/// Longest web path kept, in characters.
pub const MAX_PATH: usize = 1_000;
/// Longest span of one application or website item, in seconds.
pub const MAX_SECONDS: i32 = 86_400;
/// Most of a person's own tasks that are offered.
pub const MAX_TASKS: usize = 100;

/// The header that carries an [`AgentQueue`] with whatever is sent to be taken in.
pub const QUEUE_HEADER: &str = "x-agent-queue";
/// The largest count in it.
pub const MAX_QUEUED: i32 = 999_999_999;

/// What waits on the device beyond what the request itself carries. As text it is a structured field (RFC 9651):
/// `items=12, screenshots=3, dead_letters=0, oldest=@1795168800`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AgentQueue {
    pub items: i32,
    pub screenshots: i32,
    /// What the server has refused for good.
    pub dead_letters: i32,
    /// Since when the oldest waits, to the second.
    pub oldest: Option<DateTime<Utc>>,
}

impl fmt::Display for AgentQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |count: i32| count.clamp(0, MAX_QUEUED);
        let (items, screenshots) = (count(self.items), count(self.screenshots));
        let dead_letters = count(self.dead_letters);
        write!(
            f,
            "items={items}, screenshots={screenshots}, dead_letters={dead_letters}"
        )?;
        match self.oldest {
            Some(oldest) => write!(f, ", oldest=@{}", oldest.timestamp().max(0)),
            None => Ok(()),
        }
    }
}

/// The text is none of an [`AgentQueue`].
#[derive(Debug, PartialEq, Eq)]
pub struct NoQueue;

impl FromStr for AgentQueue {
    type Err = NoQueue;

    /// In any order; what is not known is a newer agent's.
    fn from_str(text: &str) -> Result<Self, NoQueue> {
        let mut queue = Self::default();
        let mut told = [false; 3];
        for member in text.split(',') {
            let (key, value) = member.trim().split_once('=').ok_or(NoQueue)?;
            let (place, of) = match key {
                "items" => (0, &mut queue.items),
                "screenshots" => (1, &mut queue.screenshots),
                "dead_letters" => (2, &mut queue.dead_letters),
                "oldest" => {
                    let seconds = value.strip_prefix('@').ok_or(NoQueue)?;
                    let at = DateTime::from_timestamp(number(seconds, 11)?, 0);
                    queue.oldest = Some(at.ok_or(NoQueue)?);
                    continue;
                }
                _ => continue,
            };
            *of = i32::try_from(number(value, 9)?).map_err(|_| NoQueue)?;
            told[place] = true;
        }
        match told {
            [true, true, true] => Ok(queue),
            _ => Err(NoQueue),
        }
    }
}

/// Digits alone, and at most so many.
fn number(text: &str, most: usize) -> Result<i64, NoQueue> {
    let are_digits = text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() <= most;
    let number = text.parse().ok().filter(|_| are_digits);
    number.ok_or(NoQueue)
}

/// `POST /api/login`
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AgentLogin {
    #[schema(max_length = 254, example = "employee@acme.test")]
    pub email: String,
    #[schema(max_length = 256, format = Password)]
    pub password: String,
    /// Of the authenticator app, or a recovery code: where the person has two-factor on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 40)]
    pub code: Option<String>,
    pub device: DeviceInfo,
}

/// The installed agent. Its id is made once at installation and kept.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DeviceInfo {
    pub id: Uuid,
    /// The host's name, shown to the person and the company's admins.
    #[schema(max_length = 200, example = "desk-12")]
    pub name: String,
    #[schema(max_length = 100, example = "Debian 12, X11")]
    pub os: String,
    #[schema(max_length = 50, example = "0.1.0")]
    pub agent_version: String,
    /// What the device cannot do, for example `titles_not_available`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limitations: Vec<String>,
}

/// The answer to a login and to a token refresh.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AgentTokens {
    pub access_token: String,
    /// Replaces the one that was sent, which stays valid until this one is used.
    pub refresh_token: String,
    /// Seconds until the access token ends.
    pub expires_in: i64,
    pub user: AgentUser,
    pub settings: AgentSettings,
}

/// For whom the agent records.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AgentUser {
    pub id: Uuid,
    pub name: String,
}

/// `POST /api/token/refresh`
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AgentRefresh {
    #[schema(max_length = 512)]
    pub refresh_token: String,
}

/// What the company wants recorded; `GET /api/agent/settings`, and with every login.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AgentSettings {
    /// Grows with every change; answers to uploads carry it.
    pub version: i32,
    pub screenshots_enabled: bool,
    pub screenshot_interval_seconds: i32,
    /// Blur on the device, before anything is stored or sent.
    pub blur_screenshots: bool,
    /// Without input for this long, time counts as idle, from the last input on.
    pub idle_threshold_seconds: i32,
    /// ISO weekdays, 1 = Monday, on which recording is wanted.
    pub tracking_days: Vec<i16>,
    /// From and until when recording is wanted, on the company's clock.
    #[schema(value_type = String, example = "00:00:00")]
    pub tracking_from: NaiveTime,
    #[schema(value_type = String, example = "23:59:59")]
    pub tracking_to: NaiveTime,
    /// IANA zone of the company.
    pub time_zone: String,
    pub record_titles: bool,
    /// Whether the path of a web address is kept besides its host.
    pub record_paths: bool,
    /// Regular expressions. Where one is found in a window's title, application or site, `[redacted]` replaces the title on the
    /// device, and no screenshot is taken.
    pub redaction_rules: Vec<String>,
    /// The monitoring policy in force. Absent: nothing needs to be acknowledged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub policy: Option<AgentPolicy>,
    /// What the person said last that they work on, here or in the portal. Absent: nothing was ever said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub timer: Option<AgentTimer>,
}

/// What the person works on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgentTimer {
    /// Absent: nothing in particular.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub task: Option<AgentTimerTask>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgentTimerTask {
    pub id: Uuid,
    pub title: String,
}

/// `POST /api/agent/timer`: what the person told the agent that they work on, and how long ago.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgentTimerWord {
    /// One of their own tasks that is not closed; absent: nothing in particular.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_id: Option<Uuid>,
    /// At most a year.
    #[schema(minimum = 0, maximum = 31_536_000)]
    pub seconds_ago: u32,
}

/// What the company tells of the recording, and whether the person has acknowledged it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgentPolicy {
    pub version: i32,
    pub title: String,
    /// What must not be recorded before it is acknowledged: `applications`, `websites`, `activity`, `screenshots`. The
    /// server refuses it, by the items' own times, with `policy_not_acknowledged`.
    pub kinds: Vec<String>,
    pub published_at: DateTime<Utc>,
    /// To the second. Absent while the person has not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub acknowledged_at: Option<DateTime<Utc>>,
}

impl AgentPolicy {
    /// Whether what is recorded from this time on must not be.
    pub fn withholds(&self, kind: &str, from: DateTime<Utc>) -> bool {
        self.kinds.iter().any(|one| one == kind) && self.acknowledged_at.is_none_or(|at| from < at)
    }
}

/// `GET /api/agent/monitoring-policy`: the policy in force, to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgentPolicyText {
    pub version: i32,
    pub title: String,
    /// Markdown.
    pub text: String,
    /// As in the settings.
    pub kinds: Vec<String>,
    pub published_at: DateTime<Utc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub acknowledged_at: Option<DateTime<Utc>>,
}

/// `POST /api/agent/monitoring-policy/acknowledgements`
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AgentPolicyAcknowledgement {
    /// What the person has read: the version in force, else the call is refused with `policy_version_not_current`.
    pub version: i32,
}

/// `POST /api/work-session/start`
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SessionStart {
    pub id: Uuid,
    pub started_at: DateTime<Utc>,
    /// What the session is for: a task that is assigned to the person, else the call is refused with `unknown_task`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_id: Option<Uuid>,
}

/// `POST /api/work-session/heartbeat`
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SessionHeartbeat {
    pub id: Uuid,
    pub at: DateTime<Utc>,
    /// What the agent cannot do on this device by now, as at its login. Absent where it is what the server knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub limitations: Option<Vec<String>>,
}

/// `POST /api/work-session/stop`
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SessionStop {
    pub id: Uuid,
    pub ended_at: DateTime<Utc>,
}

/// What became of a work session's event.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SessionAnswer {
    pub id: Uuid,
    pub result: ItemResult,
    pub settings_version: i32,
}

/// `POST /api/upload/batch`: everything at once. A batch that was not answered is sent again unchanged.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct Batch {
    pub batch_id: Uuid,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sessions: Vec<SessionItem>,
    #[serde(default)]
    pub applications: Vec<ApplicationItem>,
    #[serde(default)]
    pub websites: Vec<WebsiteItem>,
    #[serde(default)]
    pub activity: Vec<ActivityItem>,
}

/// A work session, whole or still open; taken in before the other items.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SessionItem {
    pub id: Uuid,
    pub started_at: DateTime<Utc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
    /// Why it ended: `stopped`, `paused`, `locked`, `suspended`, `shut_down`, `task_changed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What the session is for: a task that is assigned to the person, or was. Told once it never changes; another task
    /// begins another session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_id: Option<Uuid>,
}

/// A stretch of one window in front.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ApplicationItem {
    pub id: Uuid,
    pub session_id: Uuid,
    #[schema(min_length = 1, max_length = 200, example = "xterm")]
    pub app: String,
    #[serde(default)]
    #[schema(max_length = 500)]
    pub title: String,
    pub started_at: DateTime<Utc>,
    #[schema(minimum = 0, maximum = 86_400)]
    pub seconds: i32,
}

/// A stretch of one web page in front.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WebsiteItem {
    pub id: Uuid,
    pub session_id: Uuid,
    #[schema(min_length = 1, max_length = 200, example = "docs.rs")]
    pub host: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1_000)]
    pub path: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    pub title: Option<String>,
    pub started_at: DateTime<Utc>,
    #[schema(minimum = 0, maximum = 86_400)]
    pub seconds: i32,
}

/// One minute of one device: counts only, never what was typed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ActivityItem {
    pub id: Uuid,
    pub session_id: Uuid,
    /// The minute's start: seconds are zero.
    pub minute: DateTime<Utc>,
    #[schema(minimum = 0, maximum = 100_000)]
    pub keystrokes: i32,
    #[schema(minimum = 0, maximum = 100_000)]
    pub mouse_events: i32,
    /// `active_seconds + idle_seconds` ≤ 60: what of the minute was observed.
    #[schema(minimum = 0, maximum = 60)]
    pub active_seconds: i32,
    #[schema(minimum = 0, maximum = 60)]
    pub idle_seconds: i32,
}

/// `POST /api/upload/applications`, `…/websites`, `…/activity`: one kind, for simple clients.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Items<T> {
    pub items: Vec<T>,
}

/// The answer to an upload, one entry per item in the order sent.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UploadAnswer {
    pub items: Vec<ItemAnswer>,
    /// Ask `GET /api/agent/settings` again when it is not the one you have.
    pub settings_version: i32,
}

/// What became of one item. It is in the database before the answer is sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ItemAnswer {
    /// Absent when the item's own id could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    pub result: ItemResult,
    /// Why it was rejected: `invalid`, `time_out_of_range`, `unknown_session`, `unknown_task`, `no_longer_kept`,
    /// `policy_not_acknowledged`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemResult {
    Stored,
    /// Known already; nothing was changed.
    Duplicate,
    /// Never will be stored; sending it again is of no use.
    Rejected,
}

/// The part `meta` of `POST /api/screenshot/upload`; the part `image` is a PNG, JPEG or WebP file.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ScreenshotMeta {
    pub id: Uuid,
    pub session_id: Uuid,
    pub taken_at: DateTime<Utc>,
    /// Which display, counted from 0.
    #[schema(minimum = 0, maximum = 63)]
    pub display: i16,
    pub blurred: bool,
}

/// The answer to a screenshot's upload.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ScreenshotAnswer {
    pub id: Uuid,
    pub result: ItemResult,
}

/// `GET /api/agent/tasks`: the person's own tasks that are neither done nor cancelled, in the order to offer them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AgentTasks {
    /// At most 100.
    pub items: Vec<AgentTask>,
}

/// A task that a session may be for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AgentTask {
    pub id: Uuid,
    pub title: String,
    /// `open` or `in_progress`.
    pub status: String,
    /// `low`, `normal`, `high` or `urgent`.
    pub priority: String,
    /// A day in the company's zone, itself included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_on: Option<NaiveDate>,
    /// The day is over.
    pub overdue: bool,
}

/// The part of a refusal (RFC 9457) that a client acts on.
#[derive(Debug, Clone, Deserialize)]
pub struct Refusal {
    pub code: String,
    #[serde(default)]
    pub detail: String,
    #[serde(default)]
    pub errors: Vec<RefusedField>,
}

/// What is wrong with one field of what was sent.
#[derive(Debug, Clone, Deserialize)]
pub struct RefusedField {
    pub code: String,
}

impl Refusal {
    /// Why, as closely as it was said: `invalid` is the word for a body, and each of its fields has one of its own.
    pub fn reason(self) -> String {
        match self.errors.into_iter().next() {
            Some(field) if self.code == "invalid" => field.code,
            _ => self.code,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_of_a_queue_is_what_is_read() {
        let oldest = DateTime::from_timestamp(1_795_168_800, 0);
        for queue in [
            AgentQueue::default(),
            AgentQueue {
                items: 12,
                screenshots: 3,
                dead_letters: MAX_QUEUED,
                oldest,
            },
        ] {
            assert_eq!(queue.to_string().parse(), Ok(queue));
        }
        let newer = "oldest=@1795168800,shares=?1, dead_letters=0,screenshots=0,items=7";
        let queue: AgentQueue = newer.parse().unwrap();
        assert_eq!((queue.items, queue.oldest), (7, oldest));
    }

    #[test]
    fn what_is_no_queue_is_not_taken_for_one() {
        for text in [
            "",
            "items=1",
            "items=1, screenshots=1",
            "items=-1, screenshots=0, dead_letters=0",
            "items=+1, screenshots=0, dead_letters=0",
            "items=1000000000, screenshots=0, dead_letters=0",
            "items=, screenshots=0, dead_letters=0",
            "items=1, screenshots=0, dead_letters=0, oldest=1795168800",
            "items=1, screenshots=0, dead_letters=0, oldest=@999999999999",
            "items=1, screenshots=0, dead_letters=0,",
            "{}",
        ] {
            assert_eq!(text.parse::<AgentQueue>(), Err(NoQueue), "{text}");
        }
    }
}
