//! One person's day, minute by minute. A person sees the own days, an admin everybody's, a lead those of the team;
//! whoever looks at another's leaves a note.

pub(super) mod private;
mod raw;
mod slots;

use actix_web::{get, web::Data};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::access_entries;
use super::days::{Calendar, Day};
use super::user_days::{self, Minute, manual};
use crate::Result;
use crate::app::State;
use crate::db::{DbRole, Tx};
use crate::http::error::Error;
use crate::http::json::{Json, Query, given};
use crate::http::session::{Employee, Tenant};
use private::TimelinePrivate;
use raw::{
    TimelineApplication, TimelineManualTime, TimelineScreenshot, TimelineSession, TimelineWebsite,
};
use slots::TimelineSlot;

pub fn routes(api: &mut ServiceConfig) {
    api.service(show_timeline);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct TimelineQuery {
    /// Whose day; the own one when left out.
    #[serde(default, deserialize_with = "given")]
    user_id: Option<Uuid>,
    /// A day of the company's zone; today when left out.
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    day: Option<Day>,
}

/// A person's day. What lies between segments was not recorded.
#[derive(Debug, Serialize, ToSchema)]
struct Timeline {
    user: TimelineUser,
    day: NaiveDate,
    /// The zone of this day.
    time_zone: String,
    /// When the day begins.
    from: DateTime<Utc>,
    /// When the next day begins.
    to: DateTime<Utc>,
    tracked_seconds: i64,
    active_seconds: i64,
    idle_seconds: i64,
    /// Approved manual time that no device saw: beside tracked time, and no part of it.
    manual_seconds: i64,
    /// Idle time that approved manual time explains: a part of idle time.
    explained_seconds: i64,
    sessions: Vec<TimelineSession>,
    /// When a device was paused. Nothing is known of this time but that it was private.
    private: Vec<TimelinePrivate>,
    /// What somebody said that no device saw: approved, or waiting for that.
    manual: Vec<TimelineManualTime>,
    segments: Vec<TimelineSegment>,
    /// Ten minutes each, counted from the day's beginning; those of which nothing was observed are left out.
    slots: Vec<TimelineSlot>,
    /// At most 2,000; neighbours with the same title are one.
    applications: Vec<TimelineApplication>,
    /// At most 2,000; neighbours at the same page are one.
    websites: Vec<TimelineWebsite>,
    screenshots: Vec<TimelineScreenshot>,
}

#[derive(Debug, Serialize, ToSchema, diesel::QueryableByName)]
struct TimelineUser {
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    id: Uuid,
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
}

/// Minutes in a row that were mostly the same.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
struct TimelineSegment {
    kind: SegmentKind,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum SegmentKind {
    Active,
    Idle,
}

/// Show a person's day.
///
/// EMPLOYEE: the own days, and those of people of teams that one leads where the company shows leads people; to them without
/// screenshots. Whoever opens another person's day is noted, and the person can read the note.
#[utoipa::path(params(TimelineQuery), responses((status = 200, body = Timeline)))]
#[get("/timeline")]
async fn show_timeline(
    session: Tenant<Employee>,
    state: Data<State>,
    query: Query<TimelineQuery>,
) -> Result<Json<Timeline>> {
    let TimelineQuery { user_id, day } = query.0;
    let user = user_id.unwrap_or(session.user);
    state
        .db
        .tenant(session.looking_at(user), move |tx| read(tx, user, day))
        .await
        .map(Json)
}

/// Whom a request is about: an employee can ask about nobody else, and learns nothing of who there is.
pub(super) fn subject<R>(session: &Tenant<R>, user: Option<Uuid>) -> Result<Uuid> {
    match user.unwrap_or(session.user) {
        user if user == session.user || session.administers() => Ok(user),
        _ => Err(Error::NotFound),
    }
}

fn read(mut tx: Tx, user: Uuid, day: Option<Day>) -> Result<Timeline> {
    let person = raw::person(&mut tx, user)?;
    let calendar = Calendar::load(tx.conn, tx.company)?;
    let day = day.map_or_else(|| calendar.today(), |Day(day)| day);
    let (from, to) = calendar.range(day);
    let minutes = user_days::minutes(tx.conn, tx.company, user, &calendar, day)?;
    let (tracked, active) = minutes.iter().fold((0, 0), |(tracked, active), minute| {
        (tracked + minute.tracked, active + minute.active)
    });
    let said = manual::of_day(tx.conn, tx.company, user, &calendar, day)?;
    access_entries::note(&mut tx, user, "timeline", day)?;
    Ok(Timeline {
        user: person,
        day,
        time_zone: calendar.zone_of(day).name().to_owned(),
        from,
        to,
        tracked_seconds: tracked,
        active_seconds: active,
        idle_seconds: tracked - active,
        manual_seconds: said.manual,
        explained_seconds: said.explained,
        sessions: raw::sessions(&mut tx, user, from, to)?,
        private: private::spans(&mut tx, user, from, to)?,
        manual: raw::manual(&mut tx, user, from, to)?,
        segments: segments(&minutes),
        slots: slots::slots(&minutes, from, to),
        applications: raw::applications(&mut tx, user, from, to)?,
        websites: raw::websites(&mut tx, user, from, to)?,
        screenshots: match tx.role {
            DbRole::Lead => Vec::new(),
            _ => raw::screenshots(&mut tx, user, from, to)?,
        },
    })
}

/// A minute is what most of it was, active when in doubt.
fn segments(minutes: &[Minute]) -> Vec<TimelineSegment> {
    let mut segments: Vec<TimelineSegment> = Vec::new();
    for minute in minutes {
        let kind = match minute.active * 2 >= minute.tracked {
            true => SegmentKind::Active,
            false => SegmentKind::Idle,
        };
        let (from, to) = (minute.minute, minute.minute + Duration::minutes(1));
        match segments.last_mut() {
            Some(last) if last.kind == kind && last.to == from => last.to = to,
            _ => segments.push(TimelineSegment { kind, from, to }),
        }
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_of_a_kind_are_merged_and_gaps_stay_gaps() {
        let at = |minute: i64| DateTime::from_timestamp(minute * 60, 0).unwrap();
        let minutes = [(0, 60), (1, 30), (2, 10), (5, 0), (6, 60)].map(|(minute, active)| Minute {
            minute: at(minute),
            active,
            tracked: 60,
            keystrokes: 0,
            mouse_events: 0,
        });
        let found: Vec<_> = segments(&minutes)
            .into_iter()
            .map(|segment| (segment.kind, segment.from, segment.to))
            .collect();
        let expected = [
            (SegmentKind::Active, at(0), at(2)),
            (SegmentKind::Idle, at(2), at(3)),
            (SegmentKind::Idle, at(5), at(6)),
            (SegmentKind::Active, at(6), at(7)),
        ];
        assert_eq!(found, expected);
    }
}
