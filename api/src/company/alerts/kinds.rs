//! The kinds of rules: what each may ask for, and how what holds now is found. A new kind is a variant with its lines in
//! this file, and its word in the two tables' checks.

use chrono::{DateTime, Days, Duration, NaiveDate, Utc};
use diesel::sql_types::{
    Array, BigInt, Bool, Date, Integer, Nullable, Timestamptz, Uuid as SqlUuid,
};
use diesel::{QueryableByName, RunQueryDsl};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::evaluation::Rule;
use crate::Result;
use crate::db::Tx;
use crate::db::statement::statement;
use crate::tracking::days::Calendar;
use crate::tracking::hours::{Hours, OtherHours};
use crate::tracking::overview::devices;

/// What a rule looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum AlertKind {
    /// So many hours of a working day's hours are over, and no device of the person was heard. `threshold`: 1 to 24 hours.
    Silent,
    /// More tracked time in a day than so much. `threshold`: 1 to 24 hours.
    LongDay,
    /// More of the tracked time of a day without input than this share. `threshold`: 1 to 99 per cent, of days with at least
    /// `least_minutes`.
    Idle,
    /// More of the tracked time of a day unproductive, as the productivity rules have it, than this share. `threshold`: 1 to
    /// 99 per cent, of days with at least `least_minutes`.
    Unproductive,
    /// The company uses this share of its storage, or more. `threshold`: 1 to 100 per cent.
    Storage,
    /// A device is silent, runs an old agent or is limited, as the overview says it. Without a threshold: 0.
    Device,
    /// Data quality: a device counted the same input, to the last key and click, in so many minutes in a row. `threshold`:
    /// 10 to 480 minutes.
    RepeatedInput,
}

/// What a rule of a kind may hold.
pub(super) struct Spec {
    pub threshold: std::ops::RangeInclusive<i32>,
    /// It takes `least_minutes`.
    pub is_share_of_day: bool,
    /// It is about people or their devices, so that it can be about some of them.
    pub is_of_people: bool,
    /// Its events are days; the others go on from day to day until they end.
    pub is_of_days: bool,
}

impl AlertKind {
    pub const ALL: [Self; 7] = [
        Self::Silent,
        Self::LongDay,
        Self::Idle,
        Self::Unproductive,
        Self::Storage,
        Self::Device,
        Self::RepeatedInput,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::LongDay => "long_day",
            Self::Idle => "idle",
            Self::Unproductive => "unproductive",
            Self::Storage => "storage",
            Self::Device => "device",
            Self::RepeatedInput => "repeated_input",
        }
    }

    pub fn read(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    pub fn spec(self) -> Spec {
        let of_days = Spec {
            threshold: 1..=24,
            is_share_of_day: false,
            is_of_people: true,
            is_of_days: true,
        };
        match self {
            Self::Silent | Self::LongDay => of_days,
            Self::Idle | Self::Unproductive => Spec {
                threshold: 1..=99,
                is_share_of_day: true,
                ..of_days
            },
            Self::RepeatedInput => Spec {
                threshold: 10..=480,
                ..of_days
            },
            Self::Storage => Spec {
                threshold: 1..=100,
                is_of_people: false,
                is_of_days: false,
                ..of_days
            },
            Self::Device => Spec {
                threshold: 0..=0,
                is_of_days: false,
                ..of_days
            },
        }
    }
}

/// Something that holds now.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub user: Option<Uuid>,
    pub device: Option<Uuid>,
    pub problem: Option<&'static str>,
    pub day: NaiveDate,
    pub value: i64,
    /// It may begin an alert; else it only keeps one that is there.
    pub opens: bool,
}

/// When, and by whose calendar and hours, a company's rules are looked at.
pub(super) struct Moment {
    pub now: DateTime<Utc>,
    pub today: NaiveDate,
    pub calendar: Calendar,
    max_storage_bytes: i64,
    hours: Hours,
    others: Vec<OtherHours>,
}

impl Moment {
    pub fn load(tx: &mut Tx, now: DateTime<Utc>, max_storage_bytes: i64) -> Result<Self> {
        let calendar = Calendar::load(tx.conn, tx.company)?;
        Ok(Self {
            now,
            today: calendar.day_of(now),
            calendar,
            max_storage_bytes,
            hours: Hours::load(tx)?,
            others: OtherHours::load(tx)?,
        })
    }

    /// From when to when a day's hours last; none on a day off. Until before from is a night, of the day on which it begins.
    fn hours_of(&self, hours: &Hours, day: NaiveDate) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let Hours { from, to, .. } = hours;
        if !hours.wants(day) {
            return None;
        }
        let last = match to > from {
            true => day,
            false => day + Days::new(1),
        };
        Some((self.calendar.at(day, *from), self.calendar.at(last, *to)))
    }
}

/// What of these days holds now.
pub(super) fn find(
    tx: &mut Tx,
    rule: &Rule,
    days: &[NaiveDate],
    at: &Moment,
) -> Result<Vec<Found>> {
    match rule.kind {
        AlertKind::Silent => silent(tx, rule, days, at),
        AlertKind::LongDay => long_days(tx, rule, days),
        AlertKind::Idle => idle_days(tx, rule, days),
        AlertKind::Unproductive => unproductive_days(tx, rule, days),
        AlertKind::Storage => storage(tx, rule, at),
        AlertKind::Device => troubled_devices(tx, rule, at),
        AlertKind::RepeatedInput => repeated_input(tx, rule, days, at),
    }
}

#[derive(QueryableByName)]
struct PersonDay {
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = Date)]
    day: NaiveDate,
    #[diesel(sql_type = BigInt)]
    value: i64,
    #[diesel(sql_type = Bool)]
    opens: bool,
}

impl From<PersonDay> for Found {
    fn from(row: PersonDay) -> Self {
        Self {
            user: Some(row.user_id),
            device: None,
            problem: None,
            day: row.day,
            value: row.value,
            opens: row.opens,
        }
    }
}

fn found(rows: Vec<PersonDay>) -> Vec<Found> {
    rows.into_iter().map(Found::from).collect()
}

/// Who has access and a device from before, and was not heard in the day's hours although so many of them are over. Who was
/// heard later, at night or on the day after, is not told of anew; a day's alert ends with what comes in late of its hours.
fn silent(tx: &mut Tx, rule: &Rule, days: &[NaiveDate], at: &Moment) -> Result<Vec<Found>> {
    let others = at.others.iter().flat_map(|other| other.people.clone());
    let others: Vec<Uuid> = others.collect();
    let mut silent = silent_in(tx, rule, days, at, &at.hours, None, &others)?;
    for OtherHours { hours, people } in &at.others {
        silent.extend(silent_in(tx, rule, days, at, hours, Some(people), &[])?);
    }
    Ok(silent)
}

/// Of those who have these hours: some, or all but some.
fn silent_in(
    tx: &mut Tx,
    rule: &Rule,
    days: &[NaiveDate],
    at: &Moment,
    hours: &Hours,
    some: Option<&[Uuid]>,
    all_but: &[Uuid],
) -> Result<Vec<Found>> {
    let grace = Duration::hours(rule.threshold.into());
    let (mut over, mut from, mut to) = (Vec::new(), Vec::new(), Vec::new());
    for day in days {
        let Some((start, end)) = at.hours_of(hours, *day) else {
            continue;
        };
        if (start + grace).min(end) <= at.now {
            over.push(*day);
            from.push(start);
            to.push(end);
        }
    }
    if over.is_empty() {
        return Ok(Vec::new());
    }
    let rows = statement(
        "SELECT u.id AS user_id, d.day, $7::bigint AS value, seen.last < d.from_at AS opens \
         FROM unnest($4, $5, $6) AS d (day, from_at, to_at) \
         JOIN tenant.users u ON u.company_id = $1 AND u.deactivated_at IS NULL \
           AND ($2 IS NULL OR u.id = $2) AND ($3 IS NULL OR u.team_id = $3) AND ($8 IS NULL OR u.id = ANY ($8)) AND u.id <> ALL ($9) \
         CROSS JOIN LATERAL (SELECT min(v.created_at) AS first, max(v.last_seen_at) AS last, \
             bool_or(v.last_seen_at >= d.from_at AND v.last_seen_at < d.to_at) AS heard \
           FROM tenant.devices v WHERE v.company_id = $1 AND v.user_id = u.id AND v.revoked_at IS NULL) seen \
         WHERE seen.first < d.from_at AND NOT seen.heard AND NOT EXISTS (SELECT FROM tenant.work_sessions s \
           WHERE s.company_id = $1 AND s.user_id = u.id AND s.started_at < d.to_at \
             AND s.started_at >= d.from_at - interval '31 days' AND coalesce(s.ended_at, s.last_seen_at) >= d.from_at)",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Nullable<SqlUuid>, _>(rule.user_id)
    .bind::<Nullable<SqlUuid>, _>(rule.team_id)
    .bind::<Array<Date>, _>(over)
    .bind::<Array<Timestamptz>, _>(from)
    .bind::<Array<Timestamptz>, _>(to)
    .bind::<BigInt, _>(grace.num_seconds())
    .bind::<Nullable<Array<SqlUuid>>, _>(some)
    .bind::<Array<SqlUuid>, _>(all_but)
    .load(tx.conn)?;
    Ok(found(rows))
}

/// By the sums of the days, which are a minute behind. Of people with access.
fn long_days(tx: &mut Tx, rule: &Rule, days: &[NaiveDate]) -> Result<Vec<Found>> {
    let rows = statement(
        "SELECT o.user_id, o.day, o.tracked_seconds::bigint AS value, true AS opens \
         FROM tenant.user_usage_daily o JOIN tenant.users u ON u.company_id = $1 AND u.id = o.user_id AND u.deactivated_at IS NULL \
         WHERE o.company_id = $1 AND o.day = ANY ($4) AND ($2 IS NULL OR o.user_id = $2) AND ($3 IS NULL OR u.team_id = $3) \
           AND o.tracked_seconds > $5 * 3600",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Nullable<SqlUuid>, _>(rule.user_id)
    .bind::<Nullable<SqlUuid>, _>(rule.team_id)
    .bind::<Array<Date>, _>(days)
    .bind::<Integer, _>(rule.threshold)
    .load(tx.conn)?;
    Ok(found(rows))
}

/// The same of the share without input.
fn idle_days(tx: &mut Tx, rule: &Rule, days: &[NaiveDate]) -> Result<Vec<Found>> {
    let rows = statement(
        "SELECT o.user_id, o.day, o.idle_seconds::bigint * 100 / o.tracked_seconds AS value, true AS opens \
         FROM tenant.user_usage_daily o JOIN tenant.users u ON u.company_id = $1 AND u.id = o.user_id AND u.deactivated_at IS NULL \
         WHERE o.company_id = $1 AND o.day = ANY ($4) AND ($2 IS NULL OR o.user_id = $2) AND ($3 IS NULL OR u.team_id = $3) \
           AND o.tracked_seconds >= $6 * 60 AND o.tracked_seconds > 0 AND o.idle_seconds::bigint * 100 > o.tracked_seconds::bigint * $5",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Nullable<SqlUuid>, _>(rule.user_id)
    .bind::<Nullable<SqlUuid>, _>(rule.team_id)
    .bind::<Array<Date>, _>(days)
    .bind::<Integer, _>(rule.threshold)
    .bind::<Integer, _>(rule.least_minutes.unwrap_or_default())
    .load(tx.conn)?;
    Ok(found(rows))
}

/// The same of the share that is unproductive: what the person's days were sorted into last.
fn unproductive_days(tx: &mut Tx, rule: &Rule, days: &[NaiveDate]) -> Result<Vec<Found>> {
    let rows = statement(
        "SELECT o.user_id, o.day, c.seconds::bigint * 100 / o.tracked_seconds AS value, true AS opens \
         FROM tenant.user_usage_daily o JOIN tenant.users u ON u.company_id = $1 AND u.id = o.user_id AND u.deactivated_at IS NULL \
         JOIN tenant.user_category_usage_daily c ON c.company_id = $1 AND c.user_id = o.user_id AND c.day = o.day \
           AND c.category = 'unproductive' \
         WHERE o.company_id = $1 AND o.day = ANY ($4) AND ($2 IS NULL OR o.user_id = $2) AND ($3 IS NULL OR u.team_id = $3) \
           AND o.tracked_seconds >= $6 * 60 AND o.tracked_seconds > 0 AND c.seconds::bigint * 100 > o.tracked_seconds::bigint * $5",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Nullable<SqlUuid>, _>(rule.user_id)
    .bind::<Nullable<SqlUuid>, _>(rule.team_id)
    .bind::<Array<Date>, _>(days)
    .bind::<Integer, _>(rule.threshold)
    .bind::<Integer, _>(rule.least_minutes.unwrap_or_default())
    .load(tx.conn)?;
    Ok(found(rows))
}

fn storage(tx: &mut Tx, rule: &Rule, at: &Moment) -> Result<Vec<Found>> {
    #[derive(QueryableByName)]
    struct Used {
        #[diesel(sql_type = BigInt)]
        storage_bytes: i64,
    }
    let used: Used =
        statement("SELECT storage_bytes FROM tenant.company_usage WHERE company_id = $1")
            .bind::<SqlUuid, _>(tx.company)
            .get_result(tx.conn)?;
    let most = i128::from(at.max_storage_bytes.max(1));
    let share = i128::from(used.storage_bytes) * 100 / most;
    if share < rule.threshold.into() {
        return Ok(Vec::new());
    }
    Ok(vec![Found {
        user: None,
        device: None,
        problem: None,
        day: at.today,
        value: i64::try_from(share).unwrap_or(i64::MAX),
        opens: true,
    }])
}

/// What the overview lists as devices to look after.
fn troubled_devices(tx: &mut Tx, rule: &Rule, at: &Moment) -> Result<Vec<Found>> {
    let troubles = devices::troubles(tx, &at.calendar, at.today)?;
    let watched = troubles.into_iter().filter(|one| {
        rule.user_id.is_none_or(|user| user == one.user)
            && rule.team_id.is_none_or(|team| Some(team) == one.team)
    });
    Ok(watched
        .map(|one| Found {
            user: Some(one.user),
            device: Some(one.device),
            problem: Some(one.problem),
            day: at.today,
            value: 0,
            opens: true,
        })
        .collect())
}

/// Minutes are read of people whose day was summed since the last time, and of those who have such an alert.
fn repeated_input(tx: &mut Tx, rule: &Rule, days: &[NaiveDate], at: &Moment) -> Result<Vec<Found>> {
    let (from, to): (Vec<_>, Vec<_>) = days.iter().map(|day| at.calendar.range(*day)).unzip();
    let (Some(first), Some(last)) = (from.iter().min().copied(), to.iter().max().copied()) else {
        return Ok(Vec::new());
    };
    // A sum that was under way while the rules were looked at is not missed.
    let since = rule.evaluated_at.map(|at| at - Duration::minutes(5));
    let rows = statement(
        "WITH days AS (SELECT * FROM unnest($4, $5, $6) AS d (day, from_at, to_at)), \
         people AS (SELECT o.user_id, d.* FROM days d JOIN tenant.user_usage_daily o ON o.company_id = $1 AND o.day = d.day \
           JOIN tenant.users u ON u.company_id = $1 AND u.id = o.user_id AND u.deactivated_at IS NULL \
           WHERE ($2 IS NULL OR o.user_id = $2) AND ($3 IS NULL OR u.team_id = $3) AND o.active_seconds > 0 \
             AND ($10 IS NULL OR o.computed_at >= $10 OR EXISTS (SELECT FROM tenant.alerts l WHERE l.company_id = $1 \
               AND l.rule_id = $11 AND l.day = d.day AND l.user_id = o.user_id AND l.resolved_at IS NULL))), \
         minutes AS (SELECT p.user_id, p.day, a.session_id, a.keystrokes, a.mouse_events, date_trunc('minute', a.started_at) AS minute \
           FROM people p JOIN tenant.activity_log a ON a.company_id = $1 AND a.user_id = p.user_id \
             AND a.started_at >= p.from_at AND a.started_at < p.to_at \
           LEFT JOIN tenant.work_sessions s ON s.company_id = $1 AND s.id = a.session_id \
           WHERE a.started_at >= $7 AND a.started_at < $8 AND a.keystrokes + a.mouse_events > 0 AND s.excluded_at IS NULL), \
         placed AS (SELECT m.*, m.minute - interval '1 minute' * dense_rank() OVER \
             (PARTITION BY user_id, day, session_id, keystrokes, mouse_events ORDER BY minute) AS run FROM minutes m), \
         runs AS (SELECT user_id, day, count(DISTINCT minute) AS minutes FROM placed \
           GROUP BY user_id, day, session_id, keystrokes, mouse_events, run) \
         SELECT user_id, day, max(minutes) AS value, true AS opens FROM runs GROUP BY 1, 2 HAVING max(minutes) >= $9",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Nullable<SqlUuid>, _>(rule.user_id)
    .bind::<Nullable<SqlUuid>, _>(rule.team_id)
    .bind::<Array<Date>, _>(days)
    .bind::<Array<Timestamptz>, _>(from)
    .bind::<Array<Timestamptz>, _>(to)
    .bind::<Timestamptz, _>(first)
    .bind::<Timestamptz, _>(last)
    .bind::<Integer, _>(rule.threshold)
    .bind::<Nullable<Timestamptz>, _>(since)
    .bind::<SqlUuid, _>(rule.id)
    .load(tx.conn)?;
    Ok(found(rows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Tz;

    fn moment(days: &[i16], from: &str, to: &str) -> Moment {
        Moment {
            now: Utc::now(),
            today: "2026-10-25".parse().unwrap(),
            calendar: Calendar::new(vec![("2020-01-01".parse().unwrap(), Tz::Europe__Berlin)]),
            max_storage_bytes: 1,
            hours: Hours {
                days: days.to_vec(),
                from: from.parse().unwrap(),
                to: to.parse().unwrap(),
            },
            others: Vec::new(),
        }
    }

    #[test]
    fn hours_are_those_of_the_clock_on_days_when_it_changes() {
        let hours = |at: &Moment, day: &str| {
            let (from, to) = at.hours_of(&at.hours, day.parse().unwrap()).unwrap();
            (
                from.format("%m-%d %H:%M").to_string(),
                (to - from).num_minutes(),
            )
        };
        let day = moment(&[1, 2, 3, 4, 5, 6, 7], "09:00:00", "17:30:00");
        // Summer time began on 29 March and ended on 25 October 2026.
        assert_eq!(hours(&day, "2026-03-28"), ("03-28 08:00".to_owned(), 510));
        assert_eq!(hours(&day, "2026-03-29"), ("03-29 07:00".to_owned(), 510));
        assert_eq!(hours(&day, "2026-10-25"), ("10-25 08:00".to_owned(), 510));
        let night = moment(&[6], "22:00:00", "06:00:00");
        assert_eq!(
            hours(&night, "2026-10-24"),
            ("10-24 20:00".to_owned(), 9 * 60)
        );
        assert_eq!(
            hours(&night, "2026-03-28"),
            ("03-28 21:00".to_owned(), 7 * 60)
        );
        let sunday = "2026-10-25".parse().unwrap();
        assert_eq!(night.hours_of(&night.hours, sunday), None);
        let skipped = moment(&[7], "02:30:00", "10:00:00");
        assert_eq!(
            hours(&skipped, "2026-03-29"),
            ("03-29 01:00".to_owned(), 7 * 60)
        );
    }

    #[test]
    fn a_kind_is_known_by_its_name() {
        for kind in AlertKind::ALL {
            assert_eq!(AlertKind::read(kind.name()), Some(kind));
            assert_eq!(
                serde_json::to_value(kind).unwrap(),
                serde_json::json!(kind.name())
            );
        }
        assert_eq!(AlertKind::read("nothing"), None);
    }
}
