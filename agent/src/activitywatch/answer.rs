//! From a request to its answer, without sockets: paths with and without a slash at the end, errors as
//! `{"message": …}`.

use anyhow::Result;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::query;
use super::source::{AFK, EDITORS, Sources, TABS, WATCHER, WINDOWS};
use super::store::{Bucket, Event, Span, Store};

/// Longest id of a bucket and key of a setting, in bytes.
const MAX_KEY: usize = 128;

/// A request, as far as it matters.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    pub method: &'a str,
    /// After `/api/0`, percent signs resolved.
    pub path: &'a str,
    pub query: &'a [(String, String)],
    pub body: &'a [u8],
}

impl Asked<'_> {
    fn value(&self, name: &str) -> Option<&str> {
        let mut found = self.query.iter().filter(|(key, _)| key == name);
        found.next().map(|(_, value)| value.as_str())
    }

    fn span(&self) -> Result<Span, Reply> {
        let time = |name: &str| -> Result<Option<DateTime<Utc>>, Reply> {
            let Some(text) = self.value(name).filter(|text| !text.is_empty()) else {
                return Ok(None);
            };
            // A plus that was not escaped arrives as a space.
            let text = text.replace(' ', "+");
            text.parse()
                .map(Some)
                .map_err(|_| Reply::wrong(format!("`{name}` is no time")))
        };
        let limit = self.value("limit").map(str::parse).transpose();
        Ok(Span {
            start: time("start")?,
            end: time("end")?,
            limit: limit.map_err(|_| Reply::wrong("`limit` is no number"))?,
        })
    }

    fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, Reply> {
        serde_json::from_slice(self.body).map_err(|error| Reply::wrong(error.to_string()))
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    pub status: u16,
    pub body: Value,
    /// Saved under this name, where it is a file.
    pub file: Option<String>,
}

impl Reply {
    fn ok(body: impl Into<Value>) -> Self {
        Self::of(200, body)
    }

    fn of(status: u16, body: impl Into<Value>) -> Self {
        Self {
            status,
            body: body.into(),
            file: None,
        }
    }

    fn file(name: String, body: Value) -> Self {
        Self {
            file: Some(name),
            ..Self::ok(body)
        }
    }

    pub fn wrong(message: impl Into<String>) -> Self {
        Self::of(400, json!({ "message": message.into() }))
    }

    fn missing(what: &str) -> Self {
        Self::of(
            404,
            json!({ "message": format!("There is no such {what}.") }),
        )
    }
}

pub fn reply(store: &mut Store, sources: &Sources, asked: Asked) -> Reply {
    let answered = answer(store, sources, asked);
    answered.unwrap_or_else(|failed| match failed {
        Failed::Reply(reply) => reply,
        Failed::Store(error) => Reply::of(500, json!({ "message": format!("{error:#}") })),
    })
}

/// Why there is nothing to show: what was asked, or the disk.
enum Failed {
    Reply(Reply),
    Store(anyhow::Error),
}

impl From<Reply> for Failed {
    fn from(reply: Reply) -> Self {
        Self::Reply(reply)
    }
}

impl From<anyhow::Error> for Failed {
    fn from(error: anyhow::Error) -> Self {
        Self::Store(error)
    }
}

fn answer(store: &mut Store, sources: &Sources, asked: Asked) -> Result<Reply, Failed> {
    let parts: Vec<&str> = asked
        .path
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    Ok(match (asked.method, parts.as_slice()) {
        ("GET", ["info"]) => Reply::ok(json!({
            "hostname": store.hostname, "version": concat!("v", env!("CARGO_PKG_VERSION"), " (tracker-agent)"),
            "testing": false, "device_id": store.device_id,
        })),
        ("GET", ["buckets"]) => Reply::ok(all(store)?),
        ("GET", ["buckets", id]) => match store.bucket(id)? {
            Some(bucket) => Reply::ok(store.described(&bucket)?),
            None => Reply::missing("bucket"),
        },
        ("POST", ["buckets", id]) => {
            let mut bucket: Bucket = asked.json()?;
            bucket.id = checked(id)?;
            match store.create(&bucket)? {
                true => Reply::ok(Value::Null),
                false => Reply::of(304, Value::Null),
            }
        }
        ("DELETE", ["buckets", id]) => match store.delete(id)? {
            true => Reply::ok(Value::Null),
            false => Reply::missing("bucket"),
        },
        ("POST", ["buckets", id, "heartbeat"]) => {
            let beat: Event = asked.json()?;
            let pulsetime = asked.value("pulsetime").unwrap_or("0").parse();
            let pulsetime = pulsetime.map_err(|_| Reply::wrong("`pulsetime` is no number"))?;
            Reply::ok(to_value(&beat_of(store, sources, id, beat, pulsetime)?)?)
        }
        ("POST", ["buckets", id, "events"]) => {
            let events: OneOrMany = asked.json()?;
            let kind = bucket_of(store, id)?.kind;
            let kept = events
                .into_iter()
                .filter_map(|event| sources.kept(&kind, event, false));
            Reply::ok(to_value(&store.insert(id, &kept.collect::<Vec<_>>())?)?)
        }
        ("GET", ["buckets", id, "events"]) => {
            exists(store, id)?;
            Reply::ok(to_value(&store.events(id, asked.span()?)?)?)
        }
        ("GET", ["buckets", id, "events", "count"]) => {
            exists(store, id)?;
            Reply::ok(store.count(id, asked.span()?)?)
        }
        (method @ ("GET" | "DELETE"), ["buckets", id, "events", number]) => {
            let number = number.parse().map_err(|_| Reply::missing("event"))?;
            let found = store
                .event(id, number)?
                .ok_or_else(|| Reply::missing("event"))?;
            match method {
                "GET" => Reply::ok(to_value(&found)?),
                _ => Reply::ok(store.delete_event(id, number)?),
            }
        }
        ("GET", ["buckets", id, "export"]) => {
            let bucket = store.bucket(id)?.ok_or_else(|| Reply::missing("bucket"))?;
            Reply::file(
                format!("aw-bucket-export_{id}.json"),
                export(store, &[bucket])?,
            )
        }
        ("GET", ["export"]) => {
            let buckets = store.buckets()?;
            Reply::file(
                "aw-buckets-export.json".to_owned(),
                export(store, &buckets)?,
            )
        }
        ("POST", ["import"]) => {
            let file: Exported = asked.json()?;
            for (id, exported) in file.buckets {
                let mut bucket = exported.bucket;
                bucket.id = checked(&id)?;
                let events = exported.events.into_iter();
                let kept = events.filter_map(|event| sources.kept(&bucket.kind, event, false));
                store.import(&bucket, &kept.collect::<Vec<_>>())?;
            }
            Reply::ok(Value::Null)
        }
        ("POST", ["query"]) => {
            let Query { timeperiods, query } = asked.json()?;
            let program = query.join("\n");
            let answers = timeperiods
                .iter()
                .map(|period| query::run(store, &program, period));
            Reply::ok(answers.collect::<Result<Vec<_>>>()?)
        }
        ("GET", ["settings"]) => Reply::ok(store.settings()?),
        ("GET", ["settings", key]) => {
            Reply::ok(store.settings()?.remove(*key).unwrap_or(Value::Null))
        }
        ("POST", ["settings", key]) => {
            store.set(&checked(key)?, &asked.json()?)?;
            Reply::of(201, Value::Null)
        }
        ("DELETE", ["settings", key]) => {
            store.unset(key)?;
            Reply::ok(Value::Null)
        }
        _ => Reply::missing("path"),
    })
}

/// A beat says what is now, to the recorder; and is kept, as far as it may be. Of what may not be it is answered as if it were.
fn beat_of(
    store: &mut Store,
    sources: &Sources,
    id: &str,
    beat: Event,
    pulsetime: f64,
) -> Result<Event, Failed> {
    let kind = bucket_of(store, id)?.kind;
    sources.hear(id, &kind, &beat, pulsetime);
    Ok(match sources.kept(&kind, beat.clone(), true) {
        Some(kept) => store.heartbeat(id, &kept, pulsetime)?,
        None => beat,
    })
}

/// The bucket, made where there is none: its clients do not ask again after a refusal.
fn bucket_of(store: &Store, id: &str) -> Result<Bucket, Failed> {
    if let Some(bucket) = store.bucket(id)? {
        return Ok(bucket);
    }
    let id = checked(id)?;
    let client = id.split('_').next().unwrap_or_default();
    let kind = match client {
        "aw-watcher-window" => WINDOWS,
        "aw-watcher-afk" => AFK,
        web if web.starts_with("aw-watcher-web") => TABS,
        editor if editor.starts_with(WATCHER) => EDITORS,
        _ => "unknown",
    };
    let bucket = Bucket {
        kind: kind.to_owned(),
        client: client.to_owned(),
        hostname: String::new(),
        created: None,
        data: Map::new(),
        id,
    };
    store.create(&bucket)?;
    Ok(bucket)
}

fn exists(store: &Store, id: &str) -> Result<(), Failed> {
    store
        .bucket(id)?
        .map(drop)
        .ok_or_else(|| Reply::missing("bucket").into())
}

fn checked(key: &str) -> Result<String, Reply> {
    match key.len() <= MAX_KEY && !key.chars().any(char::is_control) {
        true => Ok(key.to_owned()),
        false => Err(Reply::wrong(format!(
            "at most {MAX_KEY} bytes, none of them a control character"
        ))),
    }
}

fn all(store: &Store) -> Result<Value> {
    let described = store.buckets()?.into_iter();
    let described = described.map(|bucket| Ok((bucket.id.clone(), store.described(&bucket)?)));
    Ok(Value::Object(described.collect::<Result<_>>()?))
}

fn export(store: &Store, buckets: &[Bucket]) -> Result<Value> {
    let mut exported = Map::new();
    for bucket in buckets {
        let mut described = store.described(bucket)?;
        described["events"] = serde_json::to_value(store.events(&bucket.id, Span::default())?)?;
        exported.insert(bucket.id.clone(), described);
    }
    Ok(json!({ "buckets": exported }))
}

fn to_value(shown: &impl serde::Serialize) -> Result<Value> {
    Ok(serde_json::to_value(shown)?)
}

/// Lines of one program, run for each period.
#[derive(Deserialize)]
struct Query {
    timeperiods: Vec<String>,
    query: Vec<String>,
}

#[derive(Deserialize)]
struct Exported {
    buckets: std::collections::BTreeMap<String, ExportedBucket>,
}

#[derive(Deserialize)]
struct ExportedBucket {
    #[serde(flatten)]
    bucket: Bucket,
    #[serde(default)]
    events: Vec<Event>,
}

/// Some clients send one event as it is.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    Many(Vec<Event>),
    One(Box<Event>),
}

impl IntoIterator for OneOrMany {
    type Item = Event;
    type IntoIter = std::vec::IntoIter<Event>;

    fn into_iter(self) -> Self::IntoIter {
        match self {
            Self::Many(events) => events,
            Self::One(event) => vec![*event],
        }
        .into_iter()
    }
}
