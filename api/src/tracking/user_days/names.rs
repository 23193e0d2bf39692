//! Seconds by application and by host. Each item is cut at its minutes, hence at the days' borders as well, and counts
//! as far as its own device observed the minute. Computed here: without statistics of a fresh partition the database
//! would compare every item with every minute.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use chrono::{DateTime, Duration, DurationRound, NaiveDate, Utc};
use diesel::sql_types::{Array, BigInt, Date, Integer, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{PgConnection, QueryableByName, RunQueryDsl};
use uuid::Uuid;

use super::{DEVICE_MINUTES, LONGEST_ITEM, Span, bound};
use crate::Result;
use crate::db::statement::statement;

pub(super) const MICROS: i64 = 1_000_000;

/// How the items of a kind are read, and how their sums are written.
struct Kind {
    load: String,
    insert: String,
}

static KINDS: LazyLock<[Kind; 2]> = LazyLock::new(|| {
    [
        Kind::new("application_usage", "user_app_usage_daily", "app"),
        Kind::new("website_usage", "user_host_usage_daily", "host"),
    ]
});

static DEVICE_MINUTE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "WITH {} SELECT day, device, minute, tracked::bigint FROM device_minutes WHERE tracked > 0",
        *DEVICE_MINUTES
    )
});

impl Kind {
    fn new(raw: &str, daily: &str, name: &str) -> Self {
        Self {
            load: format!(
                "SELECT u.{name} AS name, coalesce(u.title, '') AS title, coalesce(s.device_id, u.session_id) AS device, u.started_at, u.seconds \
                 FROM tenant.{raw} u LEFT JOIN tenant.work_sessions s ON s.company_id = $1 AND s.id = u.session_id \
                 WHERE u.company_id = $1 AND u.user_id = $2 AND u.started_at >= $3 AND u.started_at < $4 AND u.seconds > 0 \
                   AND s.excluded_at IS NULL"
            ),
            insert: format!(
                "INSERT INTO tenant.{daily} (company_id, user_id, day, {name}, seconds) \
                 SELECT $1, $2, s.* FROM unnest($3, $4, $5) AS s ON CONFLICT DO NOTHING"
            ),
        }
    }
}

#[derive(QueryableByName)]
pub(super) struct DeviceMinute {
    #[diesel(sql_type = Date)]
    pub day: NaiveDate,
    #[diesel(sql_type = SqlUuid)]
    pub device: Uuid,
    #[diesel(sql_type = Timestamptz)]
    pub minute: DateTime<Utc>,
    /// Seconds that the device observed of it.
    #[diesel(sql_type = BigInt)]
    pub tracked: i64,
}

#[derive(QueryableByName)]
pub(super) struct Item {
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Of the window or of the page; empty where none is known.
    #[diesel(sql_type = Text)]
    pub title: String,
    #[diesel(sql_type = SqlUuid)]
    pub device: Uuid,
    #[diesel(sql_type = Timestamptz)]
    pub started_at: DateTime<Utc>,
    #[diesel(sql_type = Integer)]
    pub seconds: i32,
}

/// What was seen of a stretch of days: minutes that were observed, applications, and pages.
pub(super) struct Observed {
    pub minutes: Vec<DeviceMinute>,
    pub apps: Vec<Item>,
    pub sites: Vec<Item>,
}

pub(super) fn observed(
    conn: &mut PgConnection,
    company: Uuid,
    user: Uuid,
    span: &Span,
) -> Result<Observed> {
    let [apps, sites] = &*KINDS;
    Ok(Observed {
        minutes: bound(&DEVICE_MINUTE, company, user, span).load(conn)?,
        apps: load(conn, company, user, span, &apps.load)?,
        sites: load(conn, company, user, span, &sites.load)?,
    })
}

pub(super) fn write(
    conn: &mut PgConnection,
    company: Uuid,
    user: Uuid,
    observed: &Observed,
) -> Result<()> {
    for (kind, items) in KINDS.iter().zip([&observed.apps, &observed.sites]) {
        let sums = sums(&observed.minutes, items);
        let rounded = sums
            .iter()
            .map(|((day, name), micros)| (*day, *name, (micros + MICROS / 2) / MICROS));
        insert(conn, company, user, &kind.insert, rounded)?;
    }
    Ok(())
}

fn load(
    conn: &mut PgConnection,
    company: Uuid,
    user: Uuid,
    span: &Span,
    text: &'static str,
) -> Result<Vec<Item>> {
    Ok(statement(text)
        .bind::<SqlUuid, _>(company)
        .bind::<SqlUuid, _>(user)
        .bind::<Timestamptz, _>(span.first() - LONGEST_ITEM)
        .bind::<Timestamptz, _>(span.last())
        .load(conn)?)
}

fn sums<'a>(minutes: &[DeviceMinute], items: &'a [Item]) -> BTreeMap<(NaiveDate, &'a str), i64> {
    let observed: HashMap<_, _> = minutes
        .iter()
        .map(|minute| ((minute.device, minute.minute), minute))
        .collect();
    let bounds = (
        minutes.iter().map(|minute| minute.minute).min(),
        minutes.iter().map(|minute| minute.minute).max(),
    );
    let (Some(first), Some(last)) = bounds else {
        return BTreeMap::new();
    };
    // Several stretches of one name in a minute are one before they are clipped to it.
    let mut pieces: HashMap<(&str, Uuid, DateTime<Utc>), i64> = HashMap::new();
    for item in items {
        let end = item.started_at + Duration::seconds(item.seconds.into());
        let mut minute = item
            .started_at
            .duration_trunc(Duration::minutes(1))
            .unwrap_or(first)
            .max(first);
        while minute < end && minute <= last {
            let next = minute + Duration::minutes(1);
            let micros = (end.min(next) - item.started_at.max(minute)).num_microseconds();
            if observed.contains_key(&(item.device, minute)) {
                let piece = pieces.entry((&item.name, item.device, minute)).or_default();
                *piece += micros.unwrap_or_default();
            }
            minute = next;
        }
    }
    let mut sums = BTreeMap::new();
    for ((name, device, minute), micros) in pieces {
        if let Some(observed) = observed.get(&(device, minute)) {
            *sums.entry((observed.day, name)).or_default() += micros.min(observed.tracked * MICROS);
        }
    }
    sums
}

/// Rows of a day, a name and seconds; what has no second has no row. `$1` company, `$2` person, `$3` to `$5` the rows.
pub(super) fn insert<'a>(
    conn: &mut PgConnection,
    company: Uuid,
    user: Uuid,
    text: &'static str,
    rows: impl Iterator<Item = (NaiveDate, &'a str, i64)>,
) -> Result<()> {
    let (mut days, mut names, mut seconds) = (Vec::new(), Vec::new(), Vec::new());
    for (day, name, sum) in rows.filter(|(.., sum)| *sum > 0) {
        days.push(day);
        names.push(name);
        seconds.push(i32::try_from(sum).unwrap_or(i32::MAX));
    }
    if days.is_empty() {
        return Ok(());
    }
    statement(text)
        .bind::<SqlUuid, _>(company)
        .bind::<SqlUuid, _>(user)
        .bind::<Array<Date>, _>(days)
        .bind::<Array<Text>, _>(names)
        .bind::<Array<Integer>, _>(seconds)
        .execute(conn)?;
    Ok(())
}
