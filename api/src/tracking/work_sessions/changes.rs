//! What an admin changed of a session, by how much that changed the sums of its days, and why. The entry is written in the
//! transaction that makes the sums anew.

use std::collections::HashMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use diesel::sql_types::{Array, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::deletion;
use crate::company::audit;
use crate::db::{DbRole, Tx};
use crate::http::error::Error;
use crate::jobs::{deleted_screenshots, queue};
use crate::tracking::{company_days, days::Calendar, user_days};
use crate::{Result, db::statement::statement};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Excluded,
    Included,
    /// What is left; an end that is not named is the session's.
    Cut {
        from: Option<DateTime<Utc>>,
        to: Option<DateTime<Utc>>,
    },
    Restored,
    Deleted,
}

impl Kind {
    fn word(&self) -> &'static str {
        match self {
            Self::Excluded => "excluded",
            Self::Included => "included",
            Self::Cut { .. } => "cut",
            Self::Restored => "restored",
            Self::Deleted => "deleted",
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
    /// `excluded`, `included`, `cut`, `restored` or `deleted`.
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
    /// From when on the session counted before; absent where that was its beginning.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    counted_from_before: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    counted_to_before: Option<DateTime<Utc>>,
    /// From when on it counts since; absent where that is its beginning.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    counted_from_after: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    counted_to_after: Option<DateTime<Utc>>,
}

/// The changes of these sessions.
pub(super) fn of(tx: &mut Tx, sessions: &[Uuid]) -> Result<HashMap<Uuid, Vec<WorkSessionChange>>> {
    let all: Vec<WorkSessionChange> = statement(
        "SELECT c.session_id, c.id, c.kind, c.reason, c.actor_name, c.at, c.tracked_seconds_before, c.tracked_seconds_after, \
           c.active_seconds_before, c.active_seconds_after, c.counted_from_before, c.counted_to_before, c.counted_from_after, \
           c.counted_to_after \
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

#[derive(Clone, QueryableByName)]
struct Session {
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    started_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    ended_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    excluded_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    counted_from: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    counted_to: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    deleted_at: Option<DateTime<Utc>>,
}

impl Session {
    /// The session as it is to be.
    fn after(&self, kind: &Kind, ended_at: DateTime<Utc>) -> Result<Self> {
        let mut next = self.clone();
        if self.deleted_at.is_some() {
            return refuse("work_session_deleted", "Nothing is left of the session.");
        }
        let is_cut = self.counted_from.is_some() || self.counted_to.is_some();
        match kind {
            Kind::Excluded if self.excluded_at.is_some() => refuse(
                "work_session_excluded",
                "The session does not count already.",
            ),
            Kind::Included if self.excluded_at.is_none() => {
                refuse("work_session_included", "The session counts already.")
            }
            Kind::Restored if !is_cut => refuse(
                "work_session_restored",
                "The whole of the session counts already.",
            ),
            Kind::Cut { .. } if self.excluded_at.is_some() => {
                refuse("work_session_excluded", "The session does not count.")
            }
            Kind::Excluded => {
                next.excluded_at = Some(Utc::now());
                Ok(next)
            }
            Kind::Included => {
                next.excluded_at = None;
                Ok(next)
            }
            Kind::Restored => {
                (next.counted_from, next.counted_to) = (None, None);
                Ok(next)
            }
            Kind::Cut { from, to } => {
                self.check_cut(*from, *to, ended_at)?;
                (next.counted_from, next.counted_to) = (*from, *to);
                Ok(next)
            }
            Kind::Deleted => {
                let now = Utc::now();
                next.excluded_at = self.excluded_at.or(Some(now));
                next.deleted_at = Some(now);
                Ok(next)
            }
        }
    }

    /// Within what was recorded, and less than all of it. Rows are of a minute, which is not cut in two.
    fn check_cut(
        &self,
        from: Option<DateTime<Utc>>,
        to: Option<DateTime<Utc>>,
        ended_at: DateTime<Utc>,
    ) -> Result<()> {
        let begins = from.unwrap_or(self.started_at);
        let ends = to.unwrap_or(ended_at);
        let is_minute =
            |at: &DateTime<Utc>| at.timestamp() % 60 == 0 && at.timestamp_subsec_nanos() == 0;
        for (pointer, at, is_inside) in [
            ("/from", from, begins > self.started_at && begins < ended_at),
            ("/to", to, ends < ended_at && ends > self.started_at),
        ] {
            let Some(at) = at else { continue };
            if !is_minute(&at) {
                let detail = "A session is cut at whole minutes";
                return Err(Error::invalid(pointer, "work_session_cut_minute", detail));
            }
            if !is_inside {
                let detail = "What counts of a session lies within what was recorded";
                return Err(Error::invalid(pointer, "work_session_cut_outside", detail));
            }
        }
        if (from.is_none() && to.is_none()) || begins >= ends {
            return Err(Error::invalid(
                "/to",
                "work_session_cut_empty",
                "Something is cut off, and something left",
            ));
        }
        if (from, to) == (self.counted_from, self.counted_to) {
            return refuse("work_session_cut", "That is what counts of it already.");
        }
        Ok(())
    }
}

pub(super) fn make(tx: &mut Tx, id: Uuid, kind: Kind, reason: &str) -> Result<()> {
    let session = hold(tx, id)?;
    let Some(ended_at) = session.ended_at else {
        return refuse("work_session_running", "The session has not ended yet.");
    };
    let next = session.after(&kind, ended_at)?;
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
    store(tx, id, &next)?;
    let pictures = match kind {
        Kind::Deleted => deletion::delete(tx, id, session.user_id, reason)?,
        _ => Vec::new(),
    };
    user_days::recompute(tx.conn, tx.company, session.user_id, &calendar, &around)?;
    let after = sums(tx, session.user_id, first, last)?;
    let change = Uuid::now_v7();
    sql_query(
        "INSERT INTO tenant.work_session_changes (company_id, id, session_id, user_id, kind, reason, actor_id, actor_name, \
           tracked_seconds_before, tracked_seconds_after, active_seconds_before, active_seconds_after, counted_from_before, \
           counted_to_before, counted_from_after, counted_to_after) \
         SELECT $1, $2, $3, $4, $5, $6, u.id, u.name, $8, $9, $10, $11, $12, $13, $14, $15 FROM tenant.users u WHERE u.company_id = $1 AND u.id = $7 \
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
    .bind::<Nullable<Timestamptz>, _>(session.counted_from)
    .bind::<Nullable<Timestamptz>, _>(session.counted_to)
    .bind::<Nullable<Timestamptz>, _>(next.counted_from)
    .bind::<Nullable<Timestamptz>, _>(next.counted_to)
    .execute(tx.conn)?;
    company_days::follow(tx, &around)?;
    let files: Vec<_> = (pictures.iter())
        .map(|picture| deleted_screenshots::job(tx.company, *picture))
        .collect();
    queue::enqueue(tx.conn, &files)?;
    let counted = |from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>| json!({ "from": from.unwrap_or(session.started_at), "to": to.unwrap_or(ended_at) });
    let mut detail = json!({ "work_session_id": id, "user_id": session.user_id, "reason": reason,
        "tracked_seconds": { "before": before.tracked, "after": after.tracked },
        "active_seconds": { "before": before.active, "after": after.active } });
    match kind {
        Kind::Cut { .. } | Kind::Restored => {
            detail["before"] = counted(session.counted_from, session.counted_to);
            detail["after"] = counted(next.counted_from, next.counted_to);
        }
        Kind::Deleted => {
            detail["from"] = json!(session.started_at);
            detail["to"] = json!(ended_at);
            detail["screenshots"] = json!(pictures.len());
        }
        _ => {}
    }
    audit::record(tx.again(), &format!("work_session.{}", kind.word()), detail)
}

fn refuse<T>(code: &'static str, detail: &str) -> Result<T> {
    Err(Error::Conflict(code, detail.into()))
}

#[derive(QueryableByName)]
struct Whose {
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
}

/// The session, or 404. Nobody else sums its person's days until the transaction ends: of two, the one that saw less
/// could write last.
fn hold(tx: &mut Tx, id: Uuid) -> Result<Session> {
    let Whose { user_id } =
        sql_query("SELECT user_id FROM tenant.work_sessions WHERE company_id = $1 AND id = $2")
            .bind::<SqlUuid, _>(tx.company)
            .bind::<SqlUuid, _>(id)
            .get_result(tx.conn)?;
    if tx.role == DbRole::TeamAdmin && user_id == tx.user {
        return refuse(
            "work_session_own",
            "One's own sessions are corrected by an admin of the company.",
        );
    }
    user_days::wait_for(tx.conn, tx.company, user_id)?;
    Ok(sql_query(
        "SELECT user_id, started_at, ended_at, excluded_at, counted_from, counted_to, deleted_at FROM tenant.work_sessions \
         WHERE company_id = $1 AND id = $2 FOR UPDATE",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .get_result(tx.conn)?)
}

fn store(tx: &mut Tx, id: Uuid, next: &Session) -> Result<()> {
    sql_query(
        "UPDATE tenant.work_sessions SET excluded_at = $3, counted_from = $4, counted_to = $5, deleted_at = $6 \
         WHERE company_id = $1 AND id = $2",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .bind::<Nullable<Timestamptz>, _>(next.excluded_at)
    .bind::<Nullable<Timestamptz>, _>(next.counted_from)
    .bind::<Nullable<Timestamptz>, _>(next.counted_to)
    .bind::<Nullable<Timestamptz>, _>(next.deleted_at)
    .execute(tx.conn)?;
    Ok(())
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
