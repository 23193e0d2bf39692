//! Buckets and their events on disk, in a file of their own beside the queue.

use anyhow::{Context, Result};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::home::Home;
use crate::platform::host_name;
use crate::queue;

/// How long events are kept here after they were heard: what became of them is at the company's server.
const KEPT: TimeDelta = TimeDelta::days(30);

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS buckets (
  id TEXT PRIMARY KEY, type TEXT NOT NULL, client TEXT NOT NULL, hostname TEXT NOT NULL, created TEXT NOT NULL,
  data TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (
  id INTEGER PRIMARY KEY AUTOINCREMENT, bucket TEXT NOT NULL REFERENCES buckets ON DELETE CASCADE,
  at INTEGER NOT NULL, until INTEGER NOT NULL, data TEXT NOT NULL, heard_at INTEGER NOT NULL DEFAULT (unixepoch()));
CREATE INDEX IF NOT EXISTS events_in_bucket ON events (bucket, at);
CREATE TABLE IF NOT EXISTS settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
";

/// A source's events of one kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bucket {
    #[serde(default)]
    pub id: String,
    #[serde(rename = "type", default)]
    pub kind: String,
    #[serde(default)]
    pub client: String,
    #[serde(default)]
    pub hostname: String,
    #[serde(default)]
    pub created: Option<DateTime<Utc>>,
    #[serde(default)]
    pub data: Map<String, Value>,
}

/// Something that lasted from a time on; `duration` in seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    #[serde(default)]
    pub id: Option<i64>,
    #[serde(serialize_with = "as_utc")]
    pub timestamp: DateTime<Utc>,
    #[serde(default)]
    pub duration: f64,
    #[serde(default)]
    pub data: Map<String, Value>,
}

fn as_utc<S: serde::Serializer>(at: &DateTime<Utc>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&at.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

impl Event {
    pub fn end(&self) -> DateTime<Utc> {
        let nanos = (self.duration.max(0.0) * 1e9).round();
        // A duration beyond what a clock shows ends nowhere: such an event is a moment.
        #[expect(clippy::cast_possible_truncation, reason = "bounded by the comparison")]
        let nanos = if nanos < 9e18 { nanos as i64 } else { 0 };
        let lasts = TimeDelta::nanoseconds(nanos);
        self.timestamp
            .checked_add_signed(lasts)
            .unwrap_or(self.timestamp)
    }

    fn nanos(&self) -> Result<(i64, i64)> {
        let of = |at: DateTime<Utc>| at.timestamp_nanos_opt().context("a time out of range");
        Ok((of(self.timestamp)?, of(self.end())?))
    }
}

/// Which events of a bucket.
#[derive(Debug, Clone, Copy, Default)]
pub struct Span {
    pub start: Option<DateTime<Utc>>,
    pub end: Option<DateTime<Utc>>,
    /// Negative or absent: all of them.
    pub limit: Option<i64>,
}

pub struct Store {
    db: Connection,
    pub hostname: String,
    pub device_id: String,
}

impl Store {
    /// Forgets what is older than a month.
    pub fn open(home: &Home, device_id: String) -> Result<Self> {
        let db = queue::open_database(&home.dir().join("activitywatch.sqlite3"), SCHEMA)?;
        db.pragma_update(None, "foreign_keys", true)?;
        let hostname = host_name().unwrap_or_else(|_| "localhost".to_owned());
        let store = Self {
            db,
            hostname,
            device_id,
        };
        store.forget_heard_before(Utc::now() - KEPT)?;
        Ok(store)
    }

    pub fn forget_heard_before(&self, time: DateTime<Utc>) -> Result<()> {
        self.db
            .execute("DELETE FROM events WHERE heard_at < ?1", [time.timestamp()])?;
        Ok(())
    }

    /// Whether there was none of this id.
    pub fn create(&self, bucket: &Bucket) -> Result<bool> {
        let hostname = match bucket.hostname.as_str() {
            "" | "!local" => &self.hostname,
            given => given,
        };
        let created = bucket.created.unwrap_or_else(Utc::now);
        let made = self.db.execute(
            "INSERT INTO buckets (id, type, client, hostname, created, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
            params![
                bucket.id,
                bucket.kind,
                bucket.client,
                hostname,
                created.to_rfc3339_opts(SecondsFormat::AutoSi, true),
                written(&bucket.data),
            ],
        )?;
        Ok(made == 1)
    }

    pub fn delete(&self, id: &str) -> Result<bool> {
        Ok(self.db.execute("DELETE FROM buckets WHERE id = ?1", [id])? == 1)
    }

    pub fn buckets(&self) -> Result<Vec<Bucket>> {
        let mut found = self
            .db
            .prepare("SELECT id, type, client, hostname, created, data FROM buckets ORDER BY id")?;
        let rows = found.query_map([], bucket)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    pub fn bucket(&self, id: &str) -> Result<Option<Bucket>> {
        let mut found = self.db.prepare(
            "SELECT id, type, client, hostname, created, data FROM buckets WHERE id = ?1",
        )?;
        Ok(found.query_row([id], bucket).optional()?)
    }

    /// As clients read it: with when its first event begins and its last one ends.
    pub fn described(&self, bucket: &Bucket) -> Result<Value> {
        let (start, end): (Option<i64>, Option<i64>) = self.db.query_row(
            "SELECT min(at), max(until) FROM events WHERE bucket = ?1",
            [&bucket.id],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let shown = |nanos: Option<i64>| {
            nanos.map(|nanos| at(nanos).to_rfc3339_opts(SecondsFormat::AutoSi, true))
        };
        Ok(json!({
            "id": bucket.id, "type": bucket.kind, "client": bucket.client, "hostname": bucket.hostname,
            "created": bucket.created, "data": bucket.data,
            "metadata": { "start": shown(start), "end": shown(end) }, "events": null, "last_updated": shown(end),
        }))
    }

    /// The newest first.
    pub fn events(&self, bucket: &str, span: Span) -> Result<Vec<Event>> {
        let nanos = |time: Option<DateTime<Utc>>| time.and_then(|time| time.timestamp_nanos_opt());
        let mut found = self.db.prepare(
            "SELECT id, at, until, data FROM events WHERE bucket = ?1 AND until >= ?2 AND at <= ?3 \
             ORDER BY at DESC, id DESC LIMIT ?4",
        )?;
        let rows = found.query_map(
            params![
                bucket,
                nanos(span.start).unwrap_or(i64::MIN),
                nanos(span.end).unwrap_or(i64::MAX),
                span.limit.filter(|limit| *limit >= 0).unwrap_or(-1)
            ],
            event,
        )?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    pub fn count(&self, bucket: &str, span: Span) -> Result<i64> {
        let nanos = |time: Option<DateTime<Utc>>| time.and_then(|time| time.timestamp_nanos_opt());
        Ok(self.db.query_row(
            "SELECT count(*) FROM events WHERE bucket = ?1 AND until >= ?2 AND at <= ?3",
            params![
                bucket,
                nanos(span.start).unwrap_or(i64::MIN),
                nanos(span.end).unwrap_or(i64::MAX)
            ],
            |row| row.get(0),
        )?)
    }

    pub fn event(&self, bucket: &str, id: i64) -> Result<Option<Event>> {
        let mut found = self
            .db
            .prepare("SELECT id, at, until, data FROM events WHERE bucket = ?1 AND id = ?2")?;
        Ok(found.query_row(params![bucket, id], event).optional()?)
    }

    pub fn delete_event(&self, bucket: &str, id: i64) -> Result<bool> {
        let sql = "DELETE FROM events WHERE bucket = ?1 AND id = ?2";
        Ok(self.db.execute(sql, params![bucket, id])? == 1)
    }

    /// All of them or none; one that names an id replaces that event.
    pub fn insert(&mut self, bucket: &str, events: &[Event]) -> Result<Vec<Event>> {
        let tx = self.db.transaction()?;
        let mut kept = Vec::with_capacity(events.len());
        let mut keep = tx.prepare(
            "INSERT INTO events (id, bucket, at, until, data) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) \
             DO UPDATE SET at = excluded.at, until = excluded.until, data = excluded.data WHERE bucket = excluded.bucket",
        )?;
        for event in events {
            let (from, until) = event.nanos()?;
            keep.execute(params![event.id, bucket, from, until, written(&event.data)])?;
            let id = event.id.unwrap_or_else(|| tx.last_insert_rowid());
            kept.push(Event {
                id: Some(id),
                ..event.clone()
            });
        }
        drop(keep);
        tx.commit()?;
        Ok(kept)
    }

    /// Lengthens the newest event when the beat says the same and comes no later than `pulsetime` seconds after its end.
    /// A beat that is late or out of order is an event of its own.
    pub fn heartbeat(&mut self, bucket: &str, beat: &Event, pulsetime: f64) -> Result<Event> {
        let newest = self.events(
            bucket,
            Span {
                limit: Some(1),
                ..Span::default()
            },
        )?;
        if let Some(last) = newest.into_iter().next()
            && let Some(merged) = merge(&last, beat, pulsetime)
        {
            let (_, until) = merged.nanos()?;
            self.db
                .prepare("UPDATE events SET until = ?2, heard_at = unixepoch() WHERE id = ?1")?
                .execute(params![merged.id, until])?;
            return Ok(merged);
        }
        let fresh = Event {
            id: None,
            ..beat.clone()
        };
        let made = self.insert(bucket, &[fresh])?;
        made.into_iter().next().context("the beat was not kept")
    }

    /// Adds what is not there yet, by time, duration and data. Says how many were new.
    pub fn import(&mut self, bucket: &Bucket, events: &[Event]) -> Result<usize> {
        self.create(bucket)?;
        let tx = self.db.transaction()?;
        let mut add = tx.prepare(
            "INSERT INTO events (bucket, at, until, data) SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS \
             (SELECT 1 FROM events WHERE bucket = ?1 AND at = ?2 AND until = ?3 AND data = ?4)",
        )?;
        let mut new = 0;
        for event in events {
            let (from, until) = event.nanos()?;
            new += add.execute(params![bucket.id, from, until, written(&event.data)])?;
        }
        drop(add);
        tx.commit()?;
        Ok(new)
    }

    pub fn settings(&self) -> Result<Map<String, Value>> {
        let mut found = self
            .db
            .prepare("SELECT key, value FROM settings ORDER BY key")?;
        let rows = found.query_map([], |row| Ok((row.get(0)?, value(row, 1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    pub fn set(&self, key: &str, value: &Value) -> Result<()> {
        self.db.execute(
            "INSERT INTO settings (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            params![key, value.to_string()],
        )?;
        Ok(())
    }

    pub fn unset(&self, key: &str) -> Result<()> {
        self.db
            .execute("DELETE FROM settings WHERE key = ?1", [key])?;
        Ok(())
    }
}

/// The newest event and a beat as one, where they are one: `aw-transform/heartbeat.rs` of ActivityWatch.
fn merge(last: &Event, beat: &Event, pulsetime: f64) -> Option<Event> {
    let pulse = Event {
        duration: last.duration + pulsetime.max(0.0),
        ..last.clone()
    };
    let fits =
        last.data == beat.data && last.timestamp <= beat.timestamp && beat.timestamp <= pulse.end();
    fits.then(|| {
        let end = last.end().max(beat.end());
        Event {
            duration: seconds(end - last.timestamp),
            ..last.clone()
        }
    })
}

fn seconds(span: TimeDelta) -> f64 {
    span.num_nanoseconds().map_or(0.0, |nanos| {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a duration in seconds is a fraction to its clients"
        )]
        let nanos = nanos as f64;
        nanos / 1e9
    })
}

fn at(nanos: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_nanos(nanos)
}

/// With its keys in order at every depth, so that equal data is equal text.
fn written(data: &Map<String, Value>) -> String {
    fn sorted(value: &Value) -> Value {
        match value {
            Value::Object(map) => {
                let mut keys: Vec<_> = map.iter().collect();
                keys.sort_by_key(|(key, _)| *key);
                Value::Object(
                    keys.into_iter()
                        .map(|(key, value)| (key.clone(), sorted(value)))
                        .collect(),
                )
            }
            Value::Array(values) => Value::Array(values.iter().map(sorted).collect()),
            other => other.clone(),
        }
    }
    sorted(&Value::Object(data.clone())).to_string()
}

fn value<T: serde::de::DeserializeOwned + Default>(
    row: &Row,
    column: usize,
) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    Ok(serde_json::from_str(&text).unwrap_or_default())
}

fn bucket(row: &Row) -> rusqlite::Result<Bucket> {
    let created: String = row.get(4)?;
    Ok(Bucket {
        id: row.get(0)?,
        kind: row.get(1)?,
        client: row.get(2)?,
        hostname: row.get(3)?,
        created: created.parse().ok(),
        data: value(row, 5)?,
    })
}

fn event(row: &Row) -> rusqlite::Result<Event> {
    let (from, until) = (at(row.get(1)?), at(row.get(2)?));
    Ok(Event {
        id: Some(row.get(0)?),
        timestamp: from,
        duration: seconds(until - from),
        data: value(row, 3)?,
    })
}
