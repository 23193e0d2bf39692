//! The ten-minute slots of one person's day, and why one of them has no picture: only what the records prove, `unknown` else.

use std::sync::LazyLock;

use actix_web::{get, web::Data};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use chrono_tz::Tz;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::access_entries;
use crate::Result;
use crate::app::State;
use crate::db::Tx;
use crate::db::statement::statement;
use crate::http::json::{Json, Query, given};
use crate::http::session::{Employee, Tenant};
use crate::tracking::days::{Calendar, Day};
use crate::tracking::hours::Hours;
use crate::tracking::kept::Kept;
use crate::tracking::timeline::private::{self, TimelinePrivate};
use crate::tracking::timeline::subject;
use crate::tracking::upload::redaction::REDACTED;
use crate::tracking::user_days::{self, LONGEST_ITEM, Minute};

const LENGTH: Duration = Duration::minutes(10);
/// What an agent says of a device on which it cannot take any.
const CANNOT: &str = "screenshots_not_available";

pub(super) fn routes(api: &mut ServiceConfig) {
    api.service(list_screenshot_slots);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ScreenshotSlotsQuery {
    /// Whose day; the own one when left out.
    #[serde(default, deserialize_with = "given")]
    user_id: Option<Uuid>,
    /// A day of the company's zone; today when left out.
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    day: Option<Day>,
}

/// A person's day in stretches of ten minutes, from the first to the last of which anything is known.
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
    /// How much of the slot was observed. Active % is active by tracked, not by the slot's length.
    tracked_seconds: i64,
    active_seconds: i64,
    /// Pictures that are there.
    screenshots: usize,
    /// Why there is none. Absent where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<MissingScreenshot>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
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

/// List the ten-minute slots of a person's day, and why those without a picture have none.
///
/// EMPLOYEE: the own days only. An ADMIN who asks for another person's is noted, and the person can read the note.
#[utoipa::path(params(ScreenshotSlotsQuery), responses((status = 200, body = ScreenshotSlots)))]
#[get("/screenshots/slots")]
async fn list_screenshot_slots(
    session: Tenant<Employee>,
    state: Data<State>,
    query: Query<ScreenshotSlotsQuery>,
) -> Result<Json<ScreenshotSlots>> {
    let ScreenshotSlotsQuery { user_id, day } = query.0;
    let user = subject(&session, user_id)?;
    let read = move |tx: Tx| read(tx, user, day);
    state.db.tenant(&session, read).await.map(Json)
}

fn read(mut tx: Tx, user: Uuid, day: Option<Day>) -> Result<ScreenshotSlots> {
    must_exist(&mut tx, user)?;
    let calendar = Calendar::load(tx.conn, tx.company)?;
    let day = day.map_or_else(|| calendar.today(), |Day(day)| day);
    let (from, to) = calendar.range(day);
    access_entries::note(&mut tx, user, "gallery", day)?;
    let kept = Kept::load(tx.conn, tx.company)?;
    let records = Records {
        from,
        to: to.min(Utc::now()),
        is_expired: !kept.has_screenshots_of(day),
        zone: calendar.zone_of(day),
        minutes: user_days::minutes(tx.conn, tx.company, user, &calendar, day)?,
        sessions: sessions(&mut tx, user, from, to)?,
        private: private::spans(&mut tx, user, from, to)?,
        windows: windows(&mut tx, user, from, to)?,
        policy: policy(&mut tx)?,
        pictures: Vec::new(),
    };
    // The one before may lie in the day before.
    let earlier = from - Duration::seconds(records.policy.interval.into());
    let pictures = pictures(&mut tx, user, earlier, to)?;
    Ok(ScreenshotSlots {
        day,
        time_zone: records.zone.name().to_owned(),
        items: Records {
            pictures,
            ..records
        }
        .slots(),
    })
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlUuid)]
    #[expect(dead_code, reason = "only its presence counts")]
    id: Uuid,
}

fn must_exist(tx: &mut Tx, user: Uuid) -> Result<()> {
    let _: Found = statement("SELECT id FROM tenant.users WHERE company_id = $1 AND id = $2")
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(user)
        .get_result(tx.conn)?;
    Ok(())
}

#[derive(QueryableByName)]
struct Session {
    #[diesel(sql_type = Timestamptz)]
    started_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    ended_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    cannot: bool,
}

fn sessions(
    tx: &mut Tx,
    user: Uuid,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<Session>> {
    Ok(statement(
        "SELECT s.started_at, s.ended_at, $5 = ANY (d.limitations) AS cannot FROM tenant.work_sessions s \
         JOIN tenant.devices d ON d.company_id = $1 AND d.id = s.device_id \
         WHERE s.company_id = $1 AND s.user_id = $2 AND s.started_at < $4 AND coalesce(s.ended_at, 'infinity') > $3 \
         ORDER BY s.started_at LIMIT 2000",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(user)
    .bind::<Timestamptz, _>(from)
    .bind::<Timestamptz, _>(to)
    .bind::<Text, _>(CANNOT)
    .load(tx.conn)?)
}

/// A window that was in front.
#[derive(QueryableByName)]
struct Window {
    #[diesel(sql_type = Timestamptz)]
    started_at: DateTime<Utc>,
    #[diesel(sql_type = Integer)]
    seconds: i32,
    #[diesel(sql_type = Bool)]
    redacted: bool,
}

fn windows(tx: &mut Tx, user: Uuid, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<Window>> {
    Ok(statement(
        "SELECT started_at, seconds, title = $6 AS redacted FROM tenant.application_usage \
         WHERE company_id = $1 AND user_id = $2 AND started_at >= $5 AND started_at < $4 \
           AND started_at + make_interval(secs => seconds) > $3 ORDER BY started_at LIMIT 20000",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(user)
    .bind::<Timestamptz, _>(from)
    .bind::<Timestamptz, _>(to)
    .bind::<Timestamptz, _>(from - LONGEST_ITEM)
    .bind::<Text, _>(REDACTED)
    .load(tx.conn)?)
}

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = Bool)]
    is_there: bool,
}

fn pictures(tx: &mut Tx, user: Uuid, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<Taken>> {
    Ok(statement(
        "SELECT taken_at AS at, deleted_at IS NULL AS is_there FROM tenant.screenshots \
         WHERE company_id = $1 AND user_id = $2 AND taken_at >= $3 AND taken_at < $4 AND (state = 'ready' OR deleted_at IS NOT NULL) \
         ORDER BY taken_at LIMIT $5",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(user)
    .bind::<Timestamptz, _>(from)
    .bind::<Timestamptz, _>(to)
    .bind::<BigInt, _>(20_000)
    .load(tx.conn)?)
}

/// What the company has decided, and since when at the latest: of before nothing is known.
#[derive(QueryableByName)]
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

fn policy(tx: &mut Tx) -> Result<Policy> {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT screenshots_enabled AS enabled, screenshot_interval_seconds AS interval, {}, updated_at AS since \
             FROM tenant.company_settings WHERE company_id = $1",
            Hours::COLUMNS
        )
    });
    Ok(statement(&TEXT)
        .bind::<SqlUuid, _>(tx.company)
        .get_result(tx.conn)?)
}

/// Everything that tells of a person's day.
struct Records {
    from: DateTime<Utc>,
    /// The day's end, or now.
    to: DateTime<Utc>,
    is_expired: bool,
    zone: Tz,
    minutes: Vec<Minute>,
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
        let minutes = (self.minutes.iter())
            .map(|minute| (minute.minute, minute.minute + Duration::minutes(1)));
        let private = self.private.iter().map(|span| (span.from, span.to));
        let pictures = (self.pictures.iter())
            .map(|taken| (taken.at, taken.at + Duration::seconds(1)))
            .filter(|(at, _)| *at >= self.from);
        let known = sessions.chain(minutes).chain(private).chain(pictures);
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
            .minutes
            .iter()
            .filter(|minute| from <= minute.minute && minute.minute < to);
        let (tracked, active) = of.fold((0, 0), |(tracked, active), minute| {
            (tracked + minute.tracked, active + minute.active)
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
        let minute = |minute: i64| Minute {
            minute: at(480 + minute),
            active: 60,
            tracked: 60,
            keystrokes: 1,
            mouse_events: 1,
        };
        let session = Session {
            started_at: at(480),
            ended_at: Some(at(540)),
            cannot: false,
        };
        Records {
            from: at(0),
            to: at(24 * 60),
            is_expired: false,
            zone: Tz::UTC,
            minutes: (0..60).map(minute).collect(),
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
                minutes: vec![],
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
                started_at: at(495),
                seconds: 600,
                redacted: true,
            },
            Window {
                started_at: at(505),
                seconds: 600,
                redacted: true,
            },
        ];
        assert_eq!(missing(&records, 500), Some(MissingScreenshot::Excluded));
        records.windows.push(Window {
            started_at: at(508),
            seconds: 5,
            redacted: false,
        });
        assert_eq!(
            missing(&records, 500),
            Some(MissingScreenshot::Unknown),
            "something else was in front"
        );
        records
            .minutes
            .iter_mut()
            .for_each(|minute| minute.active = 0);
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
}
