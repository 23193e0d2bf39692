//! What an admin changed of a session, by how much that changed the sums of its days, and why. The entry is written in the
//! transaction that makes the sums anew.

use std::collections::HashMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use diesel::sql_types::{Array, Bool, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::company::audit;
use crate::db::Tx;
use crate::http::error::Error;
use crate::jobs::{queue, usage_daily};
use crate::tracking::{company_days, days::Calendar, user_days};
use crate::{Result, db::statement::statement};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Excluded,
    Included,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Excluded => "excluded",
            Self::Included => "included",
        }
    }
}

/// One change of a session. The seconds are those of the person on the days that it touches.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
pub(super) struct WorkSessionChange {
    #[diesel(sql_type = SqlUuid)]
    #[serde(skip)]
    session_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    /// `excluded` or `included`.
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    reason: String,
    /// The admin's name at that time.
    #[diesel(sql_type = Text)]
    actor_name: String,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = Integer)]
    tracked_seconds_before: i32,
    #[diesel(sql_type = Integer)]
    tracked_seconds_after: i32,
    #[diesel(sql_type = Integer)]
    active_seconds_before: i32,
    #[diesel(sql_type = Integer)]
    active_seconds_after: i32,
}

/// The changes of these sessions.
pub(super) fn of(tx: &mut Tx, sessions: &[Uuid]) -> Result<HashMap<Uuid, Vec<WorkSessionChange>>> {
    let all: Vec<WorkSessionChange> = statement(
        "SELECT c.session_id, c.id, c.kind, c.reason, c.actor_name, c.at, c.tracked_seconds_before, c.tracked_seconds_after, \
           c.active_seconds_before, c.active_seconds_after \
         FROM unnest($2) AS s (id) CROSS JOIN LATERAL (SELECT * FROM tenant.work_session_changes w \
           WHERE w.company_id = $1 AND w.session_id = s.id ORDER BY w.id DESC LIMIT 20) c ORDER BY c.id DESC",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Array<SqlUuid>, _>(sessions)
    .load(tx.conn)?;
    let mut by_session: HashMap<Uuid, Vec<WorkSessionChange>> = HashMap::new();
    for change in all {
        by_session
            .entry(change.session_id)
            .or_default()
            .push(change);
    }
    Ok(by_session)
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
    excluded: bool,
}

pub(super) fn make(tx: &mut Tx, id: Uuid, kind: Kind, reason: &str) -> Result<()> {
    let session = hold(tx, id)?;
    let Some(ended_at) = session.ended_at else {
        return refuse("work_session_running", "The session has not ended yet.");
    };
    match (kind, session.excluded) {
        (Kind::Excluded, true) => {
            return refuse(
                "work_session_excluded",
                "The session does not count already.",
            );
        }
        (Kind::Included, false) => {
            return refuse("work_session_included", "The session counts already.");
        }
        _ => {}
    }
    let calendar = Calendar::load(tx.conn, tx.company)?;
    let (first, last) = (
        calendar.day_of(session.started_at),
        calendar.day_of(ended_at),
    );
    // A row may reach over its session's ends.
    let around = user_days::each_day(first - Days::new(1), last + Days::new(1));
    if first - Days::new(1) < oldest(tx, &calendar)? {
        return refuse(
            "work_session_too_old",
            "Of days as old as this one only the sums are kept.",
        );
    }
    // Sums may be seconds behind what came in.
    user_days::recompute(tx.conn, tx.company, session.user_id, &calendar, &around)?;
    let before = sums(tx, session.user_id, first, last)?;
    sql_query("UPDATE tenant.work_sessions SET excluded_at = $3 WHERE company_id = $1 AND id = $2")
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(id)
        .bind::<Nullable<Timestamptz>, _>((kind == Kind::Excluded).then(Utc::now))
        .execute(tx.conn)?;
    user_days::recompute(tx.conn, tx.company, session.user_id, &calendar, &around)?;
    let after = sums(tx, session.user_id, first, last)?;
    let change = Uuid::now_v7();
    sql_query(
        "INSERT INTO tenant.work_session_changes (company_id, id, session_id, user_id, kind, reason, actor_id, actor_name, \
           tracked_seconds_before, tracked_seconds_after, active_seconds_before, active_seconds_after) \
         SELECT $1, $2, $3, $4, $5, $6, u.id, u.name, $8, $9, $10, $11 FROM tenant.users u WHERE u.company_id = $1 AND u.id = $7 \
         ON CONFLICT DO NOTHING",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(change)
    .bind::<SqlUuid, _>(id)
    .bind::<SqlUuid, _>(session.user_id)
    .bind::<Text, _>(kind.word())
    .bind::<Text, _>(reason)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<Integer, _>(before.tracked)
    .bind::<Integer, _>(after.tracked)
    .bind::<Integer, _>(before.active)
    .bind::<Integer, _>(after.active)
    .execute(tx.conn)?;
    // Whoever excluded it looks at the company next.
    for day in &around {
        company_days::write(tx.conn, tx.company, *day)?;
    }
    let jobs: Vec<_> = around
        .into_iter()
        .map(|day| usage_daily::job(tx.company, day))
        .collect();
    queue::enqueue(tx.conn, &jobs)?;
    let detail = json!({ "work_session_id": id, "user_id": session.user_id, "reason": reason,
        "tracked_seconds": { "before": before.tracked, "after": after.tracked },
        "active_seconds": { "before": before.active, "after": after.active } });
    audit::record(tx.again(), &format!("work_session.{}", kind.word()), detail)
}

fn refuse<T>(code: &'static str, detail: &str) -> Result<T> {
    Err(Error::Conflict(code, detail.into()))
}

/// The session, or 404. Nobody else sums its person's days until the transaction ends: of two, the one that saw less
/// could write last.
fn hold(tx: &mut Tx, id: Uuid) -> Result<Session> {
    sql_query(
        "SELECT u.id FROM tenant.users u WHERE u.company_id = $1 AND u.id = (SELECT w.user_id FROM tenant.work_sessions w \
           WHERE w.company_id = $1 AND w.id = $2) FOR NO KEY UPDATE",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .execute(tx.conn)?;
    Ok(sql_query(
        "SELECT user_id, started_at, ended_at, excluded_at IS NOT NULL AS excluded FROM tenant.work_sessions \
         WHERE company_id = $1 AND id = $2 FOR UPDATE",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .get_result(tx.conn)?)
}

#[derive(QueryableByName)]
struct RawDays {
    #[diesel(sql_type = Integer)]
    raw_days: i32,
}

/// The first day whose raw rows are all kept.
fn oldest(tx: &mut Tx, calendar: &Calendar) -> Result<NaiveDate> {
    let kept: RawDays = sql_query(
        "SELECT usage_retention_days AS raw_days FROM tenant.company_settings WHERE company_id = $1",
    )
    .bind::<SqlUuid, _>(tx.company)
    .get_result(tx.conn)?;
    Ok(calendar.today() - Days::new(u64::from(kept.raw_days.unsigned_abs())))
}

#[derive(QueryableByName)]
struct Sums {
    #[diesel(sql_type = Integer)]
    tracked: i32,
    #[diesel(sql_type = Integer)]
    active: i32,
}

fn sums(tx: &mut Tx, user: Uuid, first: NaiveDate, last: NaiveDate) -> Result<Sums> {
    Ok(sql_query(
        "SELECT least(coalesce(sum(tracked_seconds), 0), 2147483647)::integer AS tracked, \
           least(coalesce(sum(active_seconds), 0), 2147483647)::integer AS active \
         FROM tenant.user_usage_daily WHERE company_id = $1 AND user_id = $2 AND day BETWEEN $3 AND $4",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(user)
    .bind::<Date, _>(first)
    .bind::<Date, _>(last)
    .get_result(tx.conn)?)
}
