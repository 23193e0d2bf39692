//! Items as they come in: each is read for itself, brought into bounds or rejected, and keeps its place in the answer.

use std::collections::BTreeMap;

use chrono::{DateTime, DurationRound, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use tracker_wire::{
    ActivityItem, ApplicationItem, ItemAnswer, ItemResult, MAX_NAME, MAX_PATH, MAX_SECONDS,
    MAX_TITLE, SessionItem, WebsiteItem,
};
use uuid::Uuid;

use super::too_many;
use crate::Result;
use crate::secrets::sha256;
use crate::tracking::work_session::record::{Says, Sign};

/// How far back an item may lie, and how far ahead of the server a device's clock may be.
pub(crate) const OLDEST: TimeDelta = TimeDelta::days(400);
const AHEAD: TimeDelta = TimeDelta::minutes(10);
const MAX_REASON: usize = 40;
const MAX_COUNT: i32 = 100_000;

/// A batch whose items are not read yet. Fields that are not known are a newer agent's.
#[derive(Deserialize)]
pub(crate) struct RawBatch<'a> {
    batch_id: Uuid,
    #[serde(borrow, default)]
    sessions: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    applications: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    websites: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    activity: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
pub(crate) struct RawItems<'a> {
    #[serde(borrow)]
    pub items: Vec<&'a RawValue>,
}

pub(crate) enum Kind {
    Applications,
    Websites,
    Activity,
}

impl<'a> RawBatch<'a> {
    /// A batch of one kind, which gets its id here.
    pub fn of_kind(kind: Kind, items: Vec<&'a RawValue>) -> Self {
        let mut batch = Self {
            batch_id: Uuid::now_v7(),
            sessions: Vec::new(),
            applications: Vec::new(),
            websites: Vec::new(),
            activity: Vec::new(),
        };
        match kind {
            Kind::Applications => batch.applications = items,
            Kind::Websites => batch.websites = items,
            Kind::Activity => batch.activity = items,
        }
        batch
    }
}

/// A valid item and its place in the answer.
#[derive(Debug, Clone)]
pub(crate) struct Placed<T> {
    pub place: usize,
    pub item: T,
}

/// A batch that was read: what is valid of it, and the answers as far as they are known without the database.
pub(crate) struct Incoming {
    pub batch_id: Uuid,
    pub body_hash: [u8; 32],
    /// Rejected unless the database says better.
    pub answers: Vec<ItemAnswer>,
    pub sessions: Vec<Placed<Sign>>,
    pub applications: Vec<Placed<ApplicationItem>>,
    pub websites: Vec<Placed<WebsiteItem>>,
    pub activity: Vec<Placed<ActivityItem>>,
    /// The sessions that items belong to, and from when to when they reach.
    pub worked: BTreeMap<Uuid, (DateTime<Utc>, DateTime<Utc>)>,
    /// First and last day of anything valid, on the company's clock.
    pub days: Option<(NaiveDate, NaiveDate)>,
}

type Checked<T> = std::result::Result<T, &'static str>;

impl Incoming {
    pub fn of_batch(batch: &RawBatch, body: &[u8], zone: Tz, now: DateTime<Utc>) -> Result<Self> {
        let kinds = [
            &batch.sessions,
            &batch.applications,
            &batch.websites,
            &batch.activity,
        ];
        let count = kinds.iter().map(|kind| kind.len()).sum();
        too_many(count)?;
        let mut answers = Vec::with_capacity(count);
        let sessions = checked(&batch.sessions, &mut answers, |item| session(item, now));
        let applications = checked(&batch.applications, &mut answers, |item| {
            application(item, now)
        });
        let websites = checked(&batch.websites, &mut answers, |item| website(item, now));
        let activity = checked(&batch.activity, &mut answers, |item| minute(item, now));
        let mut incoming = Self {
            batch_id: batch.batch_id,
            body_hash: sha256(body),
            answers,
            sessions,
            applications,
            websites,
            activity,
            worked: BTreeMap::new(),
            days: None,
        };
        incoming.find_spans(zone, now);
        Ok(incoming)
    }

    fn find_spans(&mut self, zone: Tz, now: DateTime<Utc>) {
        let spans = (self.applications.iter())
            .map(|Placed { item, .. }| (item.session_id, item.started_at, item.seconds))
            .chain(
                self.websites
                    .iter()
                    .map(|Placed { item, .. }| (item.session_id, item.started_at, item.seconds)),
            )
            .chain(
                self.activity
                    .iter()
                    .map(|Placed { item, .. }| (item.session_id, item.minute, 60)),
            );
        for (session, from, seconds) in spans {
            let until = from + TimeDelta::seconds(seconds.into());
            // A device may claim a day in advance; its session goes on no further than now.
            let until = until.min(now + AHEAD).max(from);
            let span = self.worked.entry(session).or_insert((from, until));
            *span = (span.0.min(from), span.1.max(until));
        }
        // A session counts on the day it began; that it was for a task counts as long as it went on.
        let told = self.sessions.iter().map(|Placed { item, .. }| {
            let last = if item.task.is_some() {
                item.until
            } else {
                item.start()
            };
            (item.start(), last)
        });
        let days = self.worked.values().copied().chain(told).map(|span| {
            let day = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
            (day(span.0), day(span.1))
        });
        self.days = days.reduce(|all, one| (all.0.min(one.0), all.1.max(one.1)));
    }
}

/// Whether a time can have a row.
pub(crate) fn in_range(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    at >= now - OLDEST && at <= now + AHEAD
}

/// Without NUL, which no text in the database can hold, and at most so many characters.
pub(crate) fn cut(text: &str, most: usize) -> String {
    text.chars().filter(|c| *c != '\0').take(most).collect()
}

/// Cuts in place: nearly every text is within its bounds already.
fn bound(text: &mut String, most: usize) {
    if text.len() > most || text.contains('\0') {
        *text = cut(text, most);
    }
}

#[derive(Deserialize)]
struct Named {
    id: Uuid,
}

/// Reads each item, notes its answer, and keeps what is valid.
fn checked<T: DeserializeOwned, V>(
    raw: &[&RawValue],
    answers: &mut Vec<ItemAnswer>,
    check: impl Fn(T) -> Checked<(Uuid, V)>,
) -> Vec<Placed<V>> {
    let mut valid = Vec::with_capacity(raw.len());
    for raw in raw {
        let read = serde_json::from_str::<T>(raw.get()).map_err(|_| "invalid");
        let (id, code) = match read.and_then(&check) {
            Ok((id, item)) => {
                let place = answers.len();
                valid.push(Placed { place, item });
                (Some(id), None)
            }
            Err(code) => {
                let named = serde_json::from_str::<Named>(raw.get());
                (named.ok().map(|named| named.id), Some(code.to_owned()))
            }
        };
        let result = ItemResult::Rejected;
        answers.push(ItemAnswer { id, result, code });
    }
    valid
}

fn in_time(at: DateTime<Utc>, now: DateTime<Utc>) -> Checked<()> {
    if in_range(at, now) {
        Ok(())
    } else {
        Err("time_out_of_range")
    }
}

fn valid(rule: bool) -> Checked<()> {
    if rule { Ok(()) } else { Err("invalid") }
}

fn session(item: SessionItem, now: DateTime<Utc>) -> Checked<(Uuid, Sign)> {
    in_time(item.started_at, now)?;
    let until = item.ended_at.unwrap_or(item.started_at);
    in_time(until, now)?;
    valid(until >= item.started_at)?;
    let says = match item.ended_at {
        None => Says::Open,
        Some(_) => {
            let reason = cut(item.reason.as_deref().unwrap_or_default(), MAX_REASON);
            Says::Over(if reason.is_empty() {
                "stopped".into()
            } else {
                reason
            })
        }
    };
    let sign = Sign {
        id: item.id,
        from: Some(item.started_at),
        until,
        says,
        task: item.task_id,
    };
    Ok((sign.id, sign))
}

fn application(mut item: ApplicationItem, now: DateTime<Utc>) -> Checked<(Uuid, ApplicationItem)> {
    bound(&mut item.app, MAX_NAME);
    bound(&mut item.title, MAX_TITLE);
    valid(!item.app.is_empty() && (0..=MAX_SECONDS).contains(&item.seconds))?;
    in_time(item.started_at, now)?;
    Ok((item.id, item))
}

fn website(mut item: WebsiteItem, now: DateTime<Utc>) -> Checked<(Uuid, WebsiteItem)> {
    bound(&mut item.host, MAX_NAME);
    for (text, most) in [(&mut item.path, MAX_PATH), (&mut item.title, MAX_TITLE)] {
        if let Some(text) = text {
            bound(text, most);
        }
    }
    valid(!item.host.is_empty() && (0..=MAX_SECONDS).contains(&item.seconds))?;
    in_time(item.started_at, now)?;
    Ok((item.id, item))
}

fn minute(mut item: ActivityItem, now: DateTime<Utc>) -> Checked<(Uuid, ActivityItem)> {
    let counts = [item.keystrokes, item.mouse_events];
    let seconds = [item.active_seconds, item.idle_seconds];
    valid(counts.iter().all(|count| (0..=MAX_COUNT).contains(count)))?;
    valid(seconds.iter().all(|part| (0..=60).contains(part)) && seconds.iter().sum::<i32>() <= 60)?;
    in_time(item.minute, now)?;
    // A minute is known by its start, whatever second a simple client put there.
    item.minute = item
        .minute
        .duration_trunc(TimeDelta::minutes(1))
        .map_err(|_| "invalid")?;
    Ok((item.id, item))
}
