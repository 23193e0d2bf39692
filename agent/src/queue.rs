//! The queue on disk: SQLite, in the agent's folder. Whatever is recorded is here before it is
//! sent, and goes only when the server has acknowledged that very item. Several processes share it.

mod batch;
mod screenshots;

use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use chrono::{DateTime, SecondsFormat, Utc};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use serde::{Serialize, de::DeserializeOwned};
use tracker_wire::{
    ActivityItem, AgentQueue, ApplicationItem, MAX_QUEUED, SessionItem, WebsiteItem,
};
use uuid::Uuid;

use crate::home::{Home, private};

pub use batch::{FixedBatch, Row};
pub use screenshots::QueuedScreenshot;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS notes (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS items (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL,
  queued_at TEXT NOT NULL, batch TEXT);
CREATE INDEX IF NOT EXISTS items_in_batch ON items (batch) WHERE batch IS NOT NULL;
CREATE INDEX IF NOT EXISTS items_by_kind ON items (kind, seq);
CREATE TABLE IF NOT EXISTS screenshots (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, meta TEXT NOT NULL, bytes INTEGER NOT NULL,
  queued_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS dead_letters (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL,
  code TEXT NOT NULL, refused_at TEXT NOT NULL);
";

/// Notes: small facts that the agent's processes leave for each other.
pub mod note {
    /// When the person asked for private time; absent while recording is allowed.
    pub const PAUSED_AT: &str = "paused_at";
    pub const SETTINGS: &str = "settings";
    /// What is recorded and not yet sealed, with its session.
    pub const OPEN: &str = "open";
    /// Whose recordings these are.
    pub const OWNER: &str = "owner";
    pub const DEVICE_ID: &str = "device_id";
    pub const LAST_ACKNOWLEDGED: &str = "last_acknowledged_at";
    /// Why the last pass to the server ended early.
    pub const SYNC_TROUBLE: &str = "sync_trouble";
    pub const STORAGE_FULL: &str = "storage_full";
    /// The company's plan has no screenshots; those that wait were taken before.
    pub const NOT_IN_PLAN: &str = "screenshots_not_in_plan";
    /// What the person works on, as chosen by `task start`; absent while it is nothing in particular.
    pub const TASK: &str = "task";
    /// What was said here of the task and the server has not heard yet.
    pub const TASK_WORD: &str = "task_word";
    /// The tasks that were listed last: their numbers are places in it.
    pub const TASKS: &str = "tasks";
    /// The version of the monitoring policy that was shown last.
    pub const POLICY_SHOWN: &str = "policy_shown";
    /// Where sources on this machine may send what they see.
    pub const ACTIVITYWATCH: &str = "activitywatch";
    /// What the recorder does now, in one word, and what it has to say.
    pub const RECORDER: &str = "recorder";
    pub const WARNINGS: &str = "warnings";
    /// When the next picture is due.
    pub const PICTURE: &str = "picture";
    /// What the desktop does not let the agent do, in the server's words, as known since the run began.
    pub const LIMITATIONS: &str = "limitations";
}

pub struct Queue {
    db: Connection,
    home: Home,
}

/// Something that is sealed: it will be sent as it is.
#[derive(Debug, Clone)]
pub enum Item {
    Session(SessionItem),
    Application(ApplicationItem),
    Website(WebsiteItem),
    Activity(ActivityItem),
}

/// The kinds of a batch, in the order in which the server answers them.
pub const KINDS: [&str; 4] = ["session", "application", "website", "activity"];
/// The end of a session whose start the server has acknowledged by itself.
pub const STOP: &str = "stop";

impl Item {
    fn parts(&self) -> Result<(&'static str, Uuid, String)> {
        Ok(match self {
            Self::Session(item) => (KINDS[0], item.id, serde_json::to_string(item)?),
            Self::Application(item) => (KINDS[1], item.id, serde_json::to_string(item)?),
            Self::Website(item) => (KINDS[2], item.id, serde_json::to_string(item)?),
            Self::Activity(item) => (KINDS[3], item.id, serde_json::to_string(item)?),
        })
    }
}

/// What waits, for `status` and `sync`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Waiting {
    pub items: i64,
    pub screenshots: i64,
    pub screenshot_bytes: i64,
    pub oldest: Option<DateTime<Utc>>,
    pub dead_letters: i64,
}

/// What a call takes along from the queue.
pub enum Carried<'a> {
    Nothing,
    Row(&'a Row),
    Batch(&'a FixedBatch),
    Screenshot(&'a QueuedScreenshot),
}

/// Something the server will never take, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeadLetter {
    pub id: String,
    pub kind: String,
    pub code: String,
    pub refused_at: String,
}

impl Queue {
    pub fn open(home: &Home) -> Result<Self> {
        let file = home.queue_file();
        Ok(Self {
            db: open_database(&file, SCHEMA)
                .with_context(|| format!("cannot open the queue {}", file.display()))?,
            home: home.clone(),
        })
    }

    /// Queues sealed items and replaces what is still open, both or neither.
    pub fn save(&mut self, items: &[Item], open: Option<&str>) -> Result<()> {
        let tx = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        for item in items {
            insert(&tx, item)?;
        }
        match open {
            Some(open) => put(&tx, note::OPEN, open)?,
            None => drop(tx.execute("DELETE FROM notes WHERE key = ?1", [note::OPEN])?),
        }
        Ok(tx.commit()?)
    }

    /// As on a full disk: through this connection the file takes no page more than it has, until it is told otherwise.
    pub fn refuse_growth(&self, refuses: bool) -> Result<()> {
        let most: u32 = if refuses { 1 } else { u32::MAX - 1 };
        Ok(self.db.pragma_update(None, "max_page_count", most)?)
    }

    pub fn note(&self, key: &str) -> Result<Option<String>> {
        let mut statement = self.db.prepare("SELECT value FROM notes WHERE key = ?1")?;
        Ok(statement.query_row([key], |row| row.get(0)).optional()?)
    }

    /// A note kept as JSON. One that cannot be read, for example from a newer agent, counts as absent.
    pub fn read<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>> {
        Ok(self
            .note(key)?
            .and_then(|value| serde_json::from_str(&value).ok()))
    }

    pub fn write(&self, key: &str, value: &impl Serialize) -> Result<()> {
        self.set_note(key, &serde_json::to_string(value)?)
    }

    pub fn set_note(&self, key: &str, value: &str) -> Result<()> {
        put(&self.db, key, value)
    }

    pub fn clear_note(&self, key: &str) -> Result<()> {
        self.db.execute("DELETE FROM notes WHERE key = ?1", [key])?;
        Ok(())
    }

    /// Made at the first call and kept as long as the queue.
    pub fn device_id(&self) -> Result<Uuid> {
        let fresh = Uuid::now_v7().to_string();
        self.db.execute(
            "INSERT INTO notes (key, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            params![note::DEVICE_ID, fresh],
        )?;
        Ok(self
            .note(note::DEVICE_ID)?
            .context("the device's id is missing")?
            .parse()?)
    }

    pub fn waiting(&self) -> Result<Waiting> {
        let sql = "SELECT (SELECT count(*) FROM items), (SELECT count(*) FROM screenshots),
                   (SELECT coalesce(sum(bytes), 0) FROM screenshots), (SELECT count(*) FROM dead_letters),
                   (SELECT min(at) FROM (SELECT min(queued_at) AS at FROM items UNION ALL SELECT min(queued_at) FROM screenshots))";
        Ok(self.db.query_row(sql, [], |row| {
            let oldest: Option<String> = row.get(4)?;
            let oldest = oldest.and_then(|text| text.parse().ok());
            Ok(Waiting {
                items: row.get(0)?,
                screenshots: row.get(1)?,
                screenshot_bytes: row.get(2)?,
                dead_letters: row.get(3)?,
                oldest,
            })
        })?)
    }

    /// What will wait when all that is carried has arrived.
    pub fn besides(&self, carried: &Carried) -> Result<AgentQueue> {
        let (row, batch, screenshot) = match carried {
            Carried::Nothing => (0, "-", 0),
            Carried::Row(row) => (row.seq, "-", 0),
            Carried::Batch(batch) => (0, batch.id.as_str(), 0),
            Carried::Screenshot(shot) => (0, "-", shot.seq),
        };
        let (items, screenshots) = match carried {
            Carried::Nothing => (0, 0),
            Carried::Row(_) => (1, 0),
            Carried::Batch(batch) => (i32::try_from(batch.rows.len())?, 0),
            Carried::Screenshot(_) => (0, 1),
        };
        // The oldest by place: the least time would be looked for in every row, with each batch of a long queue.
        let sql = "SELECT (SELECT count(*) FROM items) - ?4, (SELECT count(*) FROM screenshots) - ?5, (SELECT count(*) FROM dead_letters),
                   (SELECT min(at) FROM (
                     SELECT at FROM (SELECT queued_at AS at FROM items WHERE seq <> ?1 AND coalesce(batch, '') <> ?2 ORDER BY seq LIMIT 1)
                     UNION ALL SELECT at FROM (SELECT queued_at AS at FROM screenshots WHERE seq <> ?3 ORDER BY seq LIMIT 1)))";
        let bound = params![row, batch, screenshot, items, screenshots];
        Ok(self.db.query_row(sql, bound, |found| {
            let count =
                |of: i64| i32::try_from(of.clamp(0, MAX_QUEUED.into())).unwrap_or(MAX_QUEUED);
            let oldest: Option<String> = found.get(3)?;
            Ok(AgentQueue {
                items: count(found.get(0)?),
                screenshots: count(found.get(1)?),
                dead_letters: count(found.get(2)?),
                oldest: oldest.and_then(|text| text.parse().ok()),
            })
        })?)
    }

    /// The latest refusals first.
    pub fn dead_letters(&self, most: u32) -> Result<Vec<DeadLetter>> {
        let mut statement = self.db.prepare(
            "SELECT id, kind, code, refused_at FROM dead_letters ORDER BY seq DESC LIMIT ?1",
        )?;
        let rows = statement.query_map([most], |row| {
            Ok(DeadLetter {
                id: row.get(0)?,
                kind: row.get(1)?,
                code: row.get(2)?,
                refused_at: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Forgets everything of a person, when somebody else signs in on this device and says so.
    pub fn discard(&mut self) -> Result<()> {
        let tx = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute_batch("DELETE FROM items; DELETE FROM screenshots; DELETE FROM dead_letters;")?;
        tx.execute("DELETE FROM notes WHERE key <> ?1", [note::DEVICE_ID])?;
        tx.commit()?;
        self.sweep()
    }
}

/// A database whose commits outlive a loss of power, for this person's eyes.
pub(crate) fn open_database(file: &Path, schema: &str) -> Result<Connection> {
    // Made here first: SQLite would make it readable to others, and its side files copy its mode.
    drop(private(OpenOptions::new().append(true).create(true)).open(file)?);
    let db = Connection::open(file)?;
    db.busy_timeout(Duration::from_secs(10))?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    // Half a megabyte is plenty for rows of this size; the default is four times that.
    db.pragma_update(None, "cache_size", -512)?;
    db.pragma_update(None, "secure_delete", true)?;
    db.execute_batch(schema)?;
    Ok(db)
}

fn insert(tx: &Transaction, item: &Item) -> Result<()> {
    let (kind, id, body) = item.parts()?;
    let id = id.to_string();
    let kind = match item {
        Item::Session(session) => kind_of_session(tx, session, &id)?,
        _ => kind,
    };
    tx.execute(
        "INSERT INTO items (id, kind, body, queued_at) VALUES (?1, ?2, ?3, ?4)",
        params![id, kind, body, now()],
    )?;
    Ok(())
}

/// An ended session is news of its own only when the server knows that it began.
fn kind_of_session(tx: &Transaction, session: &SessionItem, id: &str) -> Result<&'static str> {
    if session.ended_at.is_none() {
        // An end that still waits must come before this start, so it goes in one order with it.
        tx.execute("UPDATE items SET kind = 'session' WHERE kind = ?1", [STOP])?;
        return Ok(KINDS[0]);
    }
    // The end says everything that the start says; so an unsent start need not travel.
    let unsent = tx.execute(
        "DELETE FROM items WHERE kind = 'session' AND id = ?1 AND batch IS NULL",
        [id],
    )?;
    let is_sending: bool = tx.query_row(
        "SELECT EXISTS (SELECT 1 FROM items WHERE kind = 'session' AND id = ?1)",
        [id],
        |row| row.get(0),
    )?;
    let is_plain = session.reason.as_deref() == Some("stopped");
    Ok(if unsent == 0 && !is_sending && is_plain {
        STOP
    } else {
        KINDS[0]
    })
}

fn put(db: &Connection, key: &str, value: &str) -> Result<()> {
    db.prepare("INSERT INTO notes (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value")?
        .execute([key, value])?;
    Ok(())
}

/// Sorts as text in the order of time.
pub fn now() -> String {
    Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true)
}
