//! The ten-minute slots of a day of a person or a team, and why somebody has no picture in one of them: only what the records
//! prove, `unknown` else. A team is read with as many statements as a person.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use actix_web::{get, web::Data};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use chrono_tz::Tz;
use diesel::sql_types::{
    Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::gallery::{OBSERVED, Person, Whose};
use crate::Result;
use crate::app::State;
use crate::company::settings::effective::effective;
use crate::db::Tx;
use crate::db::statement::statement;
use crate::http::json::{Json, Query, given};
use crate::http::session::{Tenant, Viewer};
use crate::tracking::days::{Calendar, Day};
use crate::tracking::hours::Hours;
use crate::tracking::kept::Kept;
use crate::tracking::timeline::private::{self, TimelinePrivate};
use crate::tracking::upload::redaction::REDACTED;
use crate::tracking::user_days::{COUNTS, LONGEST_ITEM};

const LENGTH: Duration = Duration::minutes(10);
/// What an agent says of a device on which it cannot take any.
const CANNOT: &str = "screenshots_not_available";
/// Of a team, people who are named beside one reason; the others are counted.
const NAMED: usize = 5;

pub(super) fn routes(api: &mut ServiceConfig) {
    api.service(list_screenshot_slots);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ScreenshotSlotsQuery {
    /// Whose day; the own one when neither a person nor a team is named.
    #[serde(default, deserialize_with = "given")]
    user_id: Option<Uuid>,
    /// People of one team.
    #[serde(default, deserialize_with = "given")]
    team_id: Option<Uuid>,
    /// A day of the company's zone; today when left out.
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    day: Option<Day>,
}

/// A day of a person or a team in stretches of ten minutes, from the first to the last of which anything is known of somebody.
#[derive(Debug, Serialize, ToSchema)]
struct ScreenshotSlots {
    day: NaiveDate,
    /// The zone of this day.
    time_zone: String,
    items: Vec<ScreenshotSlot>,
}

/// Ten minutes of a day that are over; fewer at the end of a day that does not divide by ten.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
struct ScreenshotSlot {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    /// How much of the slot was observed, of a team added up. Active % is active by tracked, not by the slot's length.
    tracked_seconds: i64,
    active_seconds: i64,
    /// Pictures that are there.
    screenshots: usize,
    /// Why there is none. Absent where there is one, and of a team.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<MissingScreenshot>,
    /// Of a team: why how many of its people have none, most of them first. Who has one is in no reason, and nobody is of whose
    /// day nothing is known so early or so late. Absent of a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    people: Option<Vec<PeopleWithoutScreenshot>>,
}

/// People of a team who have no picture in a slot for the same reason.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
struct PeopleWithoutScreenshot {
    missing: MissingScreenshot,
    people: usize,
    /// At most five of them, by name.
    names: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum MissingScreenshot {
    /// Somebody deleted it.
    Deleted,
    /// It was deleted by age.
    Expired,
    /// The agent was paused.
    Private,
    /// The company records nothing at this time.
    OutsideHours,
    /// No session was open: the agent was not running, or has not sent it yet.
    Offline,
    /// The company has screenshots switched off.
    SwitchedOff,
    /// The device says that it cannot take pictures, and took none that day.
    NotPermitted,
    /// Nobody was active, and then no picture is taken.
    Idle,
    /// A redaction rule matched what was in front all the time.
    Excluded,
    /// The one before was taken less than the interval ago.
    NotDue,
    /// Nothing that was recorded tells.
    Unknown,
}

/// List the ten-minute slots of a day of a person or a team, and why there is no picture.
///
/// EMPLOYEE: the own days only. An ADMIN who asks for other people's is noted, and whoever's day is in it can read the note.
#[utoipa::path(params(ScreenshotSlotsQuery), responses((status = 200, body = ScreenshotSlots)))]
#[get("/screenshots/slots")]
async fn list_screenshot_slots(
    session: Tenant<Viewer>,
    state: Data<State>,
    query: Query<ScreenshotSlotsQuery>,
) -> Result<Json<ScreenshotSlots>> {
    let ScreenshotSlotsQuery {
        user_id,
        team_id,
        day,
    } = query.0;
    let whose = Whose::of(&session, user_id, team_id)?;
    let read = move |tx: Tx| read(tx, whose, day);
    state.db.tenant(&session, read).await.map(Json)
}

fn read(mut tx: Tx, whose: Whose, day: Option<Day>) -> Result<ScreenshotSlots> {
    let people = whose.people(&mut tx)?;
    let ids: Vec<Uuid> = people.iter().map(|person| person.id).collect();
    let calendar = Calendar::load(tx.conn, tx.company)?;
    let day = day.map_or_else(|| calendar.today(), |Day(day)| day);
    let (from, to) = calendar.range(day);
    let zone = calendar.zone_of(day);
    let mut policies = policies(&mut tx, &ids)?;
    let kept = Kept::load(tx.conn, tx.company)?;
    let mut observed = by_person(observed(&mut tx, &ids, from, to)?);
    let mut sessions = by_person(sessions(&mut tx, &ids, from, to)?);
    let mut private = private::spans_of(&mut tx, &ids, from, to)?;
    let mut windows = by_person(windows(&mut tx, &ids, from, to)?);
    // The one before may lie in the day before.
    let longest = policies.values().map(|policy| policy.interval).max();
    let earlier = from - Duration::seconds(longest.unwrap_or_default().into());
    let mut pictures = by_person(pictures(&mut tx, &ids, earlier, to)?);
    // Who was removed meanwhile is left out.
    let of = people.into_iter().filter_map(|person| {
        let id = person.id;
        let records = Records {
            from,
            to: to.min(Utc::now()),
            is_expired: !kept.has_screenshots_of(day),
            zone,
            observed: take(&mut observed, id),
            sessions: take(&mut sessions, id),
            private: take(&mut private, id),
            windows: take(&mut windows, id),
            policy: policies.remove(&id)?,
            pictures: take(&mut pictures, id),
        };
        Some((person, records.slots()))
    });
    let days: Vec<(Person, Vec<ScreenshotSlot>)> = of.collect();
    let known = days.iter().filter(|(_, slots)| !slots.is_empty());
    whose.note(&mut tx, known.map(|(person, _)| person.id), day)?;
    Ok(ScreenshotSlots {
        day,
        time_zone: zone.name().to_owned(),
        items: match whose.is_one() {
            true => days.into_iter().flat_map(|(_, slots)| slots).collect(),
            false => together(days),
        },
    })
}

/// Slots of several people as those of all of them.
fn together(mut days: Vec<(Person, Vec<ScreenshotSlot>)>) -> Vec<ScreenshotSlot> {
    days.sort_by_cached_key(|(person, _)| (person.name.to_lowercase(), person.id));
    let mut slots: BTreeMap<DateTime<Utc>, ScreenshotSlot> = BTreeMap::new();
    let mut why: BTreeMap<(DateTime<Utc>, MissingScreenshot), PeopleWithoutScreenshot> =
        BTreeMap::new();
    for (person, of_person) in days {
        for slot in of_person {
            if let Some(missing) = slot.missing {
                let key = (slot.from, missing);
                let without = why.entry(key).or_insert_with(|| PeopleWithoutScreenshot {
                    missing,
                    people: 0,
                    names: Vec::new(),
                });
                without.people += 1;
                if without.names.len() < NAMED {
                    without.names.push(person.name.clone());
                }
            }
            let all = slots.entry(slot.from).or_insert(ScreenshotSlot {
                from: slot.from,
                to: slot.to,
                tracked_seconds: 0,
                active_seconds: 0,
                screenshots: 0,
                missing: None,
                people: Some(Vec::new()),
            });
            all.tracked_seconds += slot.tracked_seconds;
            all.active_seconds += slot.active_seconds;
            all.screenshots += slot.screenshots;
        }
    }
    for ((from, _), without) in why {
        if let Some(people) = slots.get_mut(&from).and_then(|slot| slot.people.as_mut()) {
            people.push(without);
        }
    }
    let mut slots: Vec<_> = slots.into_values().collect();
    for people in slots.iter_mut().filter_map(|slot| slot.people.as_mut()) {
        people.sort_by_key(|without| Reverse(without.people));
    }
    slots
}

/// A row that is somebody's.
trait Ones {
    fn whose(&self) -> Uuid;
}

fn by_person<T: Ones>(rows: Vec<T>) -> HashMap<Uuid, Vec<T>> {
    let mut people: HashMap<Uuid, Vec<T>> = HashMap::new();
    for row in rows {
        people.entry(row.whose()).or_default().push(row);
    }
    people
}

fn take<T>(people: &mut HashMap<Uuid, Vec<T>>, person: Uuid) -> Vec<T> {
    people.remove(&person).unwrap_or_default()
}

/// How many rows of people are read at most.
fn most(of_one: i64, people: &[Uuid]) -> i64 {
    of_one.saturating_mul(i64::try_from(people.len()).unwrap_or(i64::MAX))
}

/// What was observed of a slot, or of a part of one.
#[derive(QueryableByName)]
struct Observed {
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    /// When its first minute begins.
    #[diesel(sql_type = Timestamptz)]
    from: DateTime<Utc>,
    /// When its last minute ends.
    #[diesel(sql_type = Timestamptz)]
    to: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    tracked: i64,
    #[diesel(sql_type = BigInt)]
    active: i64,
}

impl Ones for Observed {
    fn whose(&self) -> Uuid {
        self.user_id
    }
}

/// By slot: a minute of two devices counts once, as the sums of days have it. Where no minute has two rows, which is nearly
/// everywhere, their sum says it; to put every minute together first takes four times as long. Each minute of a slot is a bit of
/// its own, and two rows of one make the sum of the bits another number than all of them.
fn observed(
    tx: &mut Tx,
    people: &[Uuid],
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<Observed>> {
    let bit = "1 << (floor(date_part('epoch', a.started_at) / 60)::int % 10)";
    let ends = "date_bin('1 minute', s.first_at, $2) AS \"from\", date_bin('1 minute', s.last_at, $2) + interval '1 minute' AS \"to\"";
    let text = format!(
        "WITH slots AS MATERIALIZED (SELECT a.user_id, date_bin('10 minutes', a.started_at, $2) AS slot_from, \
             min(a.started_at) AS first_at, max(a.started_at) AS last_at, sum(a.active_seconds + a.idle_seconds)::bigint AS tracked, \
             sum(a.active_seconds)::bigint AS active, sum({bit}) = bit_or({bit}) AS is_plain \
           FROM tenant.activity_log a LEFT JOIN tenant.work_sessions s ON s.company_id = $1 AND s.id = a.session_id \
           WHERE a.company_id = $1 AND a.user_id = ANY ($4) AND a.started_at >= $2 AND a.started_at < $3 \
             AND a.active_seconds + a.idle_seconds > 0 AND {COUNTS} GROUP BY 1, 2) \
         SELECT s.user_id, {ends}, s.tracked, s.active FROM slots s WHERE s.is_plain \
         UNION ALL SELECT s.user_id, {ends}, o.tracked_seconds, o.active_seconds FROM slots s CROSS JOIN LATERAL ({OBSERVED}) o \
         WHERE NOT s.is_plain ORDER BY 1, 2"
    );
    Ok(sql_query(text)
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Timestamptz, _>(from)
        .bind::<Timestamptz, _>(to)
        .bind::<Array<SqlUuid>, _>(people)
        .load(tx.conn)?)
}

#[derive(QueryableByName)]
struct Session {
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    started_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    ended_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    cannot: bool,
}

impl Ones for Session {
    fn whose(&self) -> Uuid {
        self.user_id
    }
}

fn sessions(
    tx: &mut Tx,
    people: &[Uuid],
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<Session>> {
    Ok(statement(
        "SELECT s.user_id, s.started_at, s.ended_at, $5 = ANY (d.limitations) AS cannot FROM tenant.work_sessions s \
         JOIN tenant.devices d ON d.company_id = $1 AND d.id = s.device_id \
         WHERE s.company_id = $1 AND s.user_id = ANY ($2) AND s.started_at < $4 AND coalesce(s.ended_at, 'infinity') > $3 \
         ORDER BY s.user_id, s.started_at LIMIT $6",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Array<SqlUuid>, _>(people)
    .bind::<Timestamptz, _>(from)
    .bind::<Timestamptz, _>(to)
    .bind::<Text, _>(CANNOT)
    .bind::<BigInt, _>(most(2_000, people))
    .load(tx.conn)?)
}

/// A window that was in front.
#[derive(QueryableByName)]
struct Window {
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    started_at: DateTime<Utc>,
    #[diesel(sql_type = Integer)]
    seconds: i32,
    #[diesel(sql_type = Bool)]
    redacted: bool,
}

impl Ones for Window {
    fn whose(&self) -> Uuid {
        self.user_id
    }
}

/// Of people of whom a rule matched something: of the others no window tells anything.
fn windows(
    tx: &mut Tx,
    people: &[Uuid],
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<Window>> {
    let text = "SELECT w.user_id, w.started_at, w.seconds, w.title = $6 AS redacted FROM tenant.application_usage w \
         WHERE w.company_id = $1 AND w.user_id IN (SELECT r.user_id FROM tenant.application_usage r \
             WHERE r.company_id = $1 AND r.user_id = ANY ($2) AND r.started_at >= $5 AND r.started_at < $4 AND r.title = $6) \
           AND w.started_at >= $5 AND w.started_at < $4 AND w.started_at + make_interval(secs => w.seconds) > $3 \
         ORDER BY w.user_id, w.started_at LIMIT $7";
    Ok(sql_query(text)
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Array<SqlUuid>, _>(people)
        .bind::<Timestamptz, _>(from)
        .bind::<Timestamptz, _>(to)
        .bind::<Timestamptz, _>(from - LONGEST_ITEM)
        .bind::<Text, _>(REDACTED)
        .bind::<BigInt, _>(most(20_000, people))
        .load(tx.conn)?)
}

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = Bool)]
    is_there: bool,
}

impl Ones for Taken {
    fn whose(&self) -> Uuid {
        self.user_id
    }
}

fn pictures(
    tx: &mut Tx,
    people: &[Uuid],
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<Taken>> {
    Ok(statement(
        "SELECT user_id, taken_at AS at, deleted_at IS NULL AS is_there FROM tenant.screenshots \
         WHERE company_id = $1 AND user_id = ANY ($2) AND taken_at >= $3 AND taken_at < $4 AND (state = 'ready' OR deleted_at IS NOT NULL) \
         ORDER BY user_id, taken_at LIMIT $5",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Array<SqlUuid>, _>(people)
    .bind::<Timestamptz, _>(from)
    .bind::<Timestamptz, _>(to)
    .bind::<BigInt, _>(most(20_000, people))
    .load(tx.conn)?)
}

/// What is in force for a person, and since when at the latest: of before nothing is known.
#[derive(Clone, QueryableByName)]
struct Policy {
    #[diesel(sql_type = Bool)]
    enabled: bool,
    #[diesel(sql_type = Integer)]
    interval: i32,
    #[diesel(embed)]
    hours: Hours,
    #[diesel(sql_type = Timestamptz)]
    since: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct PolicyOf {
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(embed)]
    policy: Policy,
}

fn policies(tx: &mut Tx, people: &[Uuid]) -> Result<HashMap<Uuid, Policy>> {
    let policies: Vec<PolicyOf> = statement(concat!(
        "SELECT e.user_id, e.screenshots_enabled AS enabled, e.screenshot_interval_seconds AS interval, e.tracking_days AS days, \
           e.tracking_from AS \"from\", e.tracking_to AS \"to\", e.changed_at AS since FROM ",
        effective!(people),
        " e WHERE e.user_id = ANY ($2)"
    ))
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Array<SqlUuid>, _>(people)
    .load(tx.conn)?;
    let of = policies.into_iter().map(|of| (of.user_id, of.policy));
    Ok(of.collect())
}

/// Everything that tells of a person's day.
struct Records {
    from: DateTime<Utc>,
    /// The day's end, or now.
    to: DateTime<Utc>,
    is_expired: bool,
    zone: Tz,
    observed: Vec<Observed>,
    sessions: Vec<Session>,
    private: Vec<TimelinePrivate>,
    windows: Vec<Window>,
    policy: Policy,
    pictures: Vec<Taken>,
}

#[derive(Clone, Copy)]
struct Slot {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    tracked: i64,
    active: i64,
}

impl Slot {
    fn meets(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> bool {
        from < self.to && self.from < to
    }

    fn holds(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && at < self.to
    }
}

impl Records {
    fn slots(&self) -> Vec<ScreenshotSlot> {
        let Some((first, last)) = self.extent() else {
            return Vec::new();
        };
        let number = |at: DateTime<Utc>| {
            (at - self.from)
                .num_seconds()
                .div_euclid(LENGTH.num_seconds())
        };
        (number(first)..=number(last))
            .filter_map(|number| {
                let from = self.from + LENGTH * i32::try_from(number).ok()?;
                self.slot(from, (from + LENGTH).min(self.to))
            })
            .collect()
    }

    /// From the first to the last moment of which anything is known.
    fn extent(&self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let sessions = (self.sessions.iter())
            .map(|session| (session.started_at, session.ended_at.unwrap_or(self.to)));
        let observed = self.observed.iter().map(|part| (part.from, part.to));
        let private = self.private.iter().map(|span| (span.from, span.to));
        let pictures = (self.pictures.iter())
            .map(|taken| (taken.at, taken.at + Duration::seconds(1)))
            .filter(|(at, _)| *at >= self.from);
        let known = sessions.chain(observed).chain(private).chain(pictures);
        let (from, to) = known.reduce(|one, next| (one.0.min(next.0), one.1.max(next.1)))?;
        let (from, to) = (from.max(self.from), to.min(self.to));
        // Its last moment belongs to the slot before.
        (from < to).then(|| (from, to - Duration::milliseconds(1)))
    }

    /// None of ten minutes that are not over.
    fn slot(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Option<ScreenshotSlot> {
        let is_last = to < from + LENGTH;
        if is_last && Utc::now() < from + LENGTH {
            return None;
        }
        let of = self
            .observed
            .iter()
            .filter(|part| from <= part.from && part.from < to);
        let (tracked, active) = of.fold((0, 0), |(tracked, active), part| {
            (tracked + part.tracked, active + part.active)
        });
        let slot = Slot {
            from,
            to,
            tracked,
            active,
        };
        let there = (self.pictures.iter()).filter(|one| one.is_there && slot.holds(one.at));
        let screenshots = there.count();
        Some(ScreenshotSlot {
            from,
            to,
            tracked_seconds: tracked,
            active_seconds: active,
            screenshots,
            missing: (screenshots == 0).then(|| self.missing(slot)),
            people: None,
        })
    }

    fn missing(&self, slot: Slot) -> MissingScreenshot {
        if self
            .pictures
            .iter()
            .any(|one| !one.is_there && slot.holds(one.at))
        {
            return MissingScreenshot::Deleted;
        }
        if self.is_expired {
            return MissingScreenshot::Expired;
        }
        if slot.tracked == 0 {
            return self.unobserved(slot);
        }
        let is_known = self.policy.since <= slot.from;
        if is_known && !self.policy.enabled {
            return MissingScreenshot::SwitchedOff;
        }
        let mut devices = self.sessions_in(slot).peekable();
        if self.pictures.is_empty() && devices.peek().is_some() && devices.all(|of| of.cannot) {
            return MissingScreenshot::NotPermitted;
        }
        if slot.active == 0 {
            return MissingScreenshot::Idle;
        }
        let mut windows = (self.windows.iter())
            .filter(|window| {
                let ends = window.started_at + Duration::seconds(window.seconds.into());
                slot.meets(window.started_at, ends)
            })
            .peekable();
        if windows.peek().is_some() && windows.all(|window| window.redacted) {
            return MissingScreenshot::Excluded;
        }
        let before = self.pictures.iter().rfind(|one| one.at < slot.from);
        let interval = Duration::seconds(self.policy.interval.into());
        match before {
            Some(one) if self.policy.since <= one.at && one.at + interval >= slot.to => {
                MissingScreenshot::NotDue
            }
            _ => MissingScreenshot::Unknown,
        }
    }

    fn sessions_in(&self, slot: Slot) -> impl Iterator<Item = &Session> {
        (self.sessions.iter()).filter(move |session| {
            slot.meets(session.started_at, session.ended_at.unwrap_or(self.to))
        })
    }

    /// Why nothing at all was recorded.
    fn unobserved(&self, slot: Slot) -> MissingScreenshot {
        if self
            .private
            .iter()
            .any(|span| slot.meets(span.from, span.to))
        {
            return MissingScreenshot::Private;
        }
        if self.sessions_in(slot).next().is_some() {
            return MissingScreenshot::Unknown;
        }
        let last = slot.to - Duration::seconds(1);
        let is_outside = |at| self.policy.hours.is_outside(at, self.zone);
        match self.policy.since <= slot.from && is_outside(slot.from) && is_outside(last) {
            true => MissingScreenshot::OutsideHours,
            false => MissingScreenshot::Offline,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Minutes of a Monday.
    fn at(minute: i64) -> DateTime<Utc> {
        "2026-11-16T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + Duration::minutes(minute)
    }

    /// A session from 8:00 to 9:00, wholly observed and active, under a policy of long ago.
    fn records() -> Records {
        let minute = |minute: i64| Observed {
            user_id: Uuid::nil(),
            from: at(480 + minute),
            to: at(481 + minute),
            active: 60,
            tracked: 60,
        };
        let session = Session {
            user_id: Uuid::nil(),
            started_at: at(480),
            ended_at: Some(at(540)),
            cannot: false,
        };
        Records {
            from: at(0),
            to: at(24 * 60),
            is_expired: false,
            zone: Tz::UTC,
            observed: (0..60).map(minute).collect(),
            sessions: vec![session],
            private: Vec::new(),
            windows: Vec::new(),
            policy: Policy {
                enabled: true,
                interval: 600,
                hours: Hours {
                    days: (1..=5).collect(),
                    from: "08:00:00".parse().unwrap(),
                    to: "18:00:00".parse().unwrap(),
                },
                since: at(-10_000),
            },
            pictures: Vec::new(),
        }
    }

    fn taken(minute: i64, is_there: bool) -> Taken {
        Taken {
            user_id: Uuid::nil(),
            at: at(minute),
            is_there,
        }
    }

    /// What is missing in the ten minutes that begin at this one.
    fn missing(records: &Records, minute: i64) -> Option<MissingScreenshot> {
        let slots = records.slots();
        let slot = slots.iter().find(|slot| slot.from == at(minute));
        slot.expect("the slot is known").missing
    }

    #[test]
    fn slots_reach_from_the_first_to_the_last_sign_of_the_day() {
        let mut records = records();
        let span = |records: &Records| {
            let slots = records.slots();
            (slots.len(), slots[0].from, slots[slots.len() - 1].to)
        };
        assert_eq!(span(&records), (6, at(480), at(540)));
        records.pictures = vec![taken(-5, true), taken(600, true)];
        assert_eq!(
            span(&records),
            (13, at(480), at(610)),
            "not those of the day before"
        );
        assert!(
            Records {
                sessions: vec![],
                observed: vec![],
                pictures: vec![],
                ..records
            }
            .slots()
            .is_empty()
        );
    }

    #[test]
    fn a_picture_needs_no_reason_and_a_deleted_one_says_so() {
        let mut records = records();
        records.pictures = vec![taken(485, true), taken(495, false)];
        assert_eq!(missing(&records, 480), None);
        assert_eq!(missing(&records, 490), Some(MissingScreenshot::Deleted));
        records.is_expired = true;
        assert_eq!(missing(&records, 490), Some(MissingScreenshot::Deleted));
        assert_eq!(missing(&records, 500), Some(MissingScreenshot::Expired));
    }

    #[test]
    fn what_was_not_observed_was_private_outside_hours_or_offline() {
        let mut records = records();
        records.sessions.push(Session {
            user_id: Uuid::nil(),
            started_at: at(7 * 60),
            ended_at: Some(at(7 * 60 + 1)),
            cannot: false,
        });
        records.pictures = vec![taken(650, true)];
        assert_eq!(
            missing(&records, 7 * 60),
            Some(MissingScreenshot::Unknown),
            "a session was open"
        );
        assert_eq!(
            missing(&records, 7 * 60 + 10),
            Some(MissingScreenshot::OutsideHours)
        );
        assert_eq!(missing(&records, 560), Some(MissingScreenshot::Offline));
        records.private = vec![TimelinePrivate {
            from: at(555),
            to: at(575),
        }];
        assert_eq!(missing(&records, 560), Some(MissingScreenshot::Private));
        records.policy.since = at(10_000);
        assert_eq!(
            missing(&records, 7 * 60 + 10),
            Some(MissingScreenshot::Offline),
            "other hours may have held then"
        );
    }

    #[test]
    fn what_was_observed_was_idle_excluded_impossible_switched_off_or_not_due() {
        let mut records = records();
        assert_eq!(missing(&records, 500), Some(MissingScreenshot::Unknown));
        records.policy.interval = 1800;
        records.pictures = vec![taken(485, true)];
        assert_eq!(missing(&records, 500), Some(MissingScreenshot::NotDue));
        assert_eq!(
            missing(&records, 510),
            Some(MissingScreenshot::Unknown),
            "one was due in between"
        );
        records.policy.since = at(490);
        assert_eq!(
            missing(&records, 500),
            Some(MissingScreenshot::Unknown),
            "which interval held is not known"
        );
        records.windows = vec![
            Window {
                user_id: Uuid::nil(),
                started_at: at(495),
                seconds: 600,
                redacted: true,
            },
            Window {
                user_id: Uuid::nil(),
                started_at: at(505),
                seconds: 600,
                redacted: true,
            },
        ];
        assert_eq!(missing(&records, 500), Some(MissingScreenshot::Excluded));
        records.windows.push(Window {
            user_id: Uuid::nil(),
            started_at: at(508),
            seconds: 5,
            redacted: false,
        });
        assert_eq!(
            missing(&records, 500),
            Some(MissingScreenshot::Unknown),
            "something else was in front"
        );
        records.observed.iter_mut().for_each(|part| part.active = 0);
        assert_eq!(missing(&records, 500), Some(MissingScreenshot::Idle));
        records.sessions[0].cannot = true;
        assert_eq!(
            missing(&records, 500),
            Some(MissingScreenshot::Idle),
            "it took one that day"
        );
        records.pictures.clear();
        assert_eq!(
            missing(&records, 500),
            Some(MissingScreenshot::NotPermitted)
        );
        records.policy.enabled = false;
        assert_eq!(missing(&records, 500), Some(MissingScreenshot::SwitchedOff));
        records.policy.since = at(501);
        assert_eq!(
            missing(&records, 500),
            Some(MissingScreenshot::NotPermitted),
            "perhaps it was on"
        );
    }

    #[test]
    fn of_a_team_people_are_counted_by_why_they_have_none() {
        let slot = |minute: i64, missing: Option<MissingScreenshot>| ScreenshotSlot {
            from: at(minute),
            to: at(minute + 10),
            tracked_seconds: 60,
            active_seconds: 30,
            screenshots: usize::from(missing.is_none()),
            missing,
            people: None,
        };
        let person = |name: &str, slots: Vec<ScreenshotSlot>| {
            let name = name.to_owned();
            let id = Uuid::now_v7();
            (Person { id, name }, slots)
        };
        let idle = Some(MissingScreenshot::Idle);
        let mut days: Vec<_> = ["Fay", "eve", "Dan", "Cay", "Bob", "Ada"]
            .into_iter()
            .map(|name| person(name, vec![slot(480, idle)]))
            .collect();
        days.push(person(
            "Guy",
            vec![slot(480, Some(MissingScreenshot::Deleted)), slot(490, None)],
        ));
        let slots = together(days);
        let [first, second] = &slots[..] else {
            panic!("two slots: {slots:?}")
        };
        assert_eq!((first.from, second.from), (at(480), at(490)));
        assert_eq!(
            (first.tracked_seconds, first.screenshots, first.missing),
            (7 * 60, 0, None)
        );
        let reasons = |slot: &ScreenshotSlot| {
            let people = slot.people.as_ref().expect("it is a team's");
            let reason =
                |one: &PeopleWithoutScreenshot| (one.missing, one.people, one.names.join(" "));
            people.iter().map(reason).collect::<Vec<_>>()
        };
        assert_eq!(
            reasons(first),
            [
                (MissingScreenshot::Idle, 6, "Ada Bob Cay Dan eve".to_owned()),
                (MissingScreenshot::Deleted, 1, "Guy".to_owned())
            ]
        );
        assert_eq!((second.screenshots, reasons(second)), (1, vec![]));
    }
}
