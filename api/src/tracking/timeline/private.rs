//! Private time: from the moment a device was paused until something is recorded on it again. Another device that records
//! meanwhile is no part of it.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};
use diesel::sql_types::{Array, Bool, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Result;
use crate::db::Tx;
use crate::db::statement::statement;

/// Who pauses and goes on holiday has not been private for two weeks.
const LONGEST: Duration = Duration::hours(24);

#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub(in crate::tracking) struct TimelinePrivate {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct Session {
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    device_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    started_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    ended_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    paused: bool,
}

pub(in crate::tracking) fn spans(
    tx: &mut Tx,
    user: Uuid,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<TimelinePrivate>> {
    let mut spans = spans_of(tx, &[user], from, to)?;
    Ok(spans.remove(&user).unwrap_or_default())
}

/// The same of several people; who has none is absent.
pub(in crate::tracking) fn spans_of(
    tx: &mut Tx,
    users: &[Uuid],
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<HashMap<Uuid, Vec<TimelinePrivate>>> {
    let sessions: Vec<Session> = statement(
        "SELECT user_id, device_id, started_at, ended_at, coalesce(end_reason = 'paused', false) AS paused FROM tenant.work_sessions \
         WHERE company_id = $1 AND user_id = ANY ($2) AND started_at < $4 AND coalesce(ended_at, 'infinity') > $3 \
         ORDER BY user_id, started_at, id",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Array<SqlUuid>, _>(users)
    .bind::<Timestamptz, _>(from - LONGEST)
    .bind::<Timestamptz, _>(to)
    .load(tx.conn)?;
    let to = to.min(Utc::now());
    let people = sessions.chunk_by(|one, next| one.user_id == next.user_id);
    let spans = people.filter_map(|of| Some((of.first()?.user_id, between(of, from, to))));
    Ok(spans.filter(|(_, spans)| !spans.is_empty()).collect())
}

/// `sessions` in the order in which they began, from the longest pause before `from` on.
fn between(sessions: &[Session], from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<TimelinePrivate> {
    let mut paused: Vec<(DateTime<Utc>, DateTime<Utc>)> = sessions
        .iter()
        .filter(|session| session.paused)
        .filter_map(|session| {
            let begins = session.ended_at?;
            let resumed = sessions
                .iter()
                .filter(|next| next.device_id == session.device_id && next.started_at >= begins)
                .map(|next| next.started_at)
                .min();
            let ends = resumed.map_or(begins + LONGEST, |at| at.min(begins + LONGEST));
            Some((begins.max(from), ends.min(to)))
        })
        .collect();
    paused.sort();
    let mut spans: Vec<TimelinePrivate> = Vec::new();
    for (mut begins, ends) in paused {
        // What an earlier pause covers already, and what was recorded meanwhile.
        begins = begins.max(spans.last().map_or(begins, |last| last.to));
        for session in sessions {
            if begins < session.started_at && session.started_at < ends {
                push(&mut spans, begins, session.started_at);
            }
            if session.started_at < ends {
                begins = begins.max(session.ended_at.unwrap_or(ends));
            }
        }
        push(&mut spans, begins, ends);
    }
    spans
}

/// Adds what is not empty, to the last one where they touch.
fn push(spans: &mut Vec<TimelinePrivate>, from: DateTime<Utc>, to: DateTime<Utc>) {
    match spans.last_mut() {
        _ if from >= to => {}
        Some(last) if last.to == from => last.to = to,
        _ => spans.push(TimelinePrivate { from, to }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 60;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(minute * 60, 0).unwrap()
    }

    /// Sessions of devices as (device, start, end, whether it ended with a pause), in minutes of the day.
    fn found(sessions: &[(u128, i64, Option<i64>, bool)]) -> Vec<(i64, i64)> {
        let mut sessions: Vec<Session> = sessions
            .iter()
            .map(|(device, started_at, ended_at, paused)| Session {
                user_id: Uuid::nil(),
                device_id: Uuid::from_u128(*device),
                started_at: at(*started_at),
                ended_at: ended_at.map(at),
                paused: *paused,
            })
            .collect();
        sessions.sort_by_key(|session| session.started_at);
        let minute = |at: DateTime<Utc>| at.timestamp() / 60;
        between(&sessions, at(0), at(DAY))
            .iter()
            .map(|span| (minute(span.from), minute(span.to)))
            .collect()
    }

    #[test]
    fn private_time_lasts_from_a_pause_to_the_devices_next_session() {
        let sessions = [(1, 480, Some(720), true), (1, 750, Some(1000), false)];
        assert_eq!(found(&sessions), [(720, 750)]);
        assert_eq!(found(&[(1, 480, Some(720), false)]), []);
        assert_eq!(found(&[(1, 480, None, false)]), []);
    }

    #[test]
    fn it_goes_over_midnight_and_ends_with_the_day_or_after_a_day() {
        assert_eq!(found(&[(1, 480, Some(720), true)]), [(720, DAY)]);
        assert_eq!(
            found(&[(1, -300, Some(-60), true), (1, 30, Some(60), false)]),
            [(0, 30)]
        );
        assert_eq!(found(&[(1, -1200, Some(-1000), true)]), [(0, DAY - 1000)]);
        assert_eq!(found(&[(1, -3000, Some(-2000), true)]), []);
    }

    #[test]
    fn what_another_device_recorded_meanwhile_is_not_private() {
        let desk = (1, 480, Some(720), true);
        let again = (1, 900, Some(960), false);
        assert_eq!(
            found(&[desk, (2, 760, Some(800), false), again]),
            [(720, 760), (800, 900)]
        );
        assert_eq!(
            found(&[desk, (2, 400, Some(800), false), again]),
            [(800, 900)]
        );
        assert_eq!(found(&[desk, (2, 400, None, false), again]), []);
        assert_eq!(
            found(&[desk, (2, 600, Some(730), true), again]),
            [(730, 900), (960, DAY)]
        );
    }
}
