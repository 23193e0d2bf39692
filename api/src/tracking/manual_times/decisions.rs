//! Approving and rejecting, several at once. The sums of the days follow in the same transaction; the audit log keeps by how
//! much, and each entry who decided and why, for its person to read.

use actix_web::{post, web::Data};
use chrono::{NaiveDate, Utc};
use diesel::sql_types::{Array, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{ManualTime, ManualTimeState, days, entries, hold, kept_from, must_be_free, rules};
use crate::Result;
use crate::app::State;
use crate::company::audit;
use crate::db::{DbRole, Tx};
use crate::http::error::Error;
use crate::http::json::{Json, given};
use crate::http::session::{TeamAdmin, Tenant};
use crate::http::text::Line;
use crate::tracking::days::Calendar;
use crate::tracking::kept::Kept;
use crate::tracking::user_days::{self, manual};
use crate::tracking::{access_entries, company_days};

/// Entries in one decision.
const MOST: usize = 100;

pub(super) fn routes(api: &mut ServiceConfig) {
    api.service(approve_manual_times)
        .service(reject_manual_times);
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ManualTimesApproval {
    #[schema(min_items = 1, max_items = 100)]
    manual_time_ids: Vec<Uuid>,
    /// The people read it.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    reason: Option<Line<500>>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ManualTimesRejection {
    #[schema(min_items = 1, max_items = 100)]
    manual_time_ids: Vec<Uuid>,
    /// The people read it.
    reason: Line<500>,
}

/// What was decided.
#[derive(Debug, Serialize, ToSchema)]
struct DecidedManualTimes {
    items: Vec<ManualTime>,
}

/// Approve manual time: it counts from now on. All of the entries, or none.
///
/// What was rejected may be approved after all. The people read who decided. TEAM_ADMIN: not of oneself (`manual_times_own`).
#[utoipa::path(request_body = ManualTimesApproval, responses((status = 200, body = DecidedManualTimes)))]
#[post("/manual-times/approve")]
async fn approve_manual_times(
    session: Tenant<TeamAdmin>,
    state: Data<State>,
    body: Json<ManualTimesApproval>,
) -> Result<Json<DecidedManualTimes>> {
    let reason = body.0.reason.map(|Line(reason)| reason);
    let (ids, to) = (body.0.manual_time_ids, ManualTimeState::Approved);
    decide(&session, &state, ids, to, reason).await
}

/// Reject manual time, with a reason that the people read: it does not count. All of the entries, or none.
///
/// What was approved is taken out of the sums again, and the audit log says by how much they fell. TEAM_ADMIN: not of oneself
/// (`manual_times_own`).
#[utoipa::path(request_body = ManualTimesRejection, responses((status = 200, body = DecidedManualTimes)))]
#[post("/manual-times/reject")]
async fn reject_manual_times(
    session: Tenant<TeamAdmin>,
    state: Data<State>,
    body: Json<ManualTimesRejection>,
) -> Result<Json<DecidedManualTimes>> {
    let Line(reason) = body.0.reason;
    let (ids, to) = (body.0.manual_time_ids, ManualTimeState::Rejected);
    decide(&session, &state, ids, to, Some(reason)).await
}

async fn decide(
    session: &Tenant<TeamAdmin>,
    state: &State,
    mut ids: Vec<Uuid>,
    to: ManualTimeState,
    reason: Option<String>,
) -> Result<Json<DecidedManualTimes>> {
    if ids.is_empty() || ids.len() > MOST {
        return Err(Error::invalid(
            "/manual_time_ids",
            "manual_times_count",
            "One to 100 entries are decided at once",
        ));
    }
    ids.sort_unstable();
    ids.dedup();
    let decide = move |mut tx: Tx| {
        let calendar = Calendar::load(tx.conn, tx.company)?;
        let mut people: Vec<Uuid> = (find(&mut tx, &calendar, &ids)?.iter())
            .map(|entry| entry.user_id)
            .collect();
        // In one order everywhere: of two that decide, none waits for the other.
        people.sort_unstable();
        people.dedup();
        if tx.role == DbRole::TeamAdmin && people.contains(&tx.user) {
            return Err(Error::Conflict(
                "manual_times_own",
                "About one's own manual time an admin of the company decides.".into(),
            ));
        }
        for user in &people {
            user_days::wait_for(tx.conn, tx.company, *user)?;
            hold(&mut tx, *user)?;
        }
        let found = find(&mut tx, &calendar, &ids)?;
        for user in people {
            let of: Vec<ManualTime> = (found.iter())
                .filter(|entry| entry.user_id == user)
                .cloned()
                .collect();
            let ids: Vec<Uuid> = of.iter().map(|entry| entry.id).collect();
            let detail = json!({ "manual_time_ids": ids, "user_id": user, "reason": reason });
            change(&mut tx, &calendar, &of, to, reason.as_deref(), detail)?;
        }
        let items = find(&mut tx, &calendar, &ids)?;
        let looks: Vec<_> = (items.iter())
            .map(|entry| (entry.user_id, calendar.day_of(entry.started_at)))
            .collect();
        access_entries::note_days(&mut tx, &looks, "sessions")?;
        Ok(DecidedManualTimes { items })
    };
    state.db.tenant(session, decide).await.map(Json)
}

/// All of these, or 404.
fn find(tx: &mut Tx, calendar: &Calendar, ids: &[Uuid]) -> Result<Vec<ManualTime>> {
    let kept_from = kept_from(tx, calendar)?;
    let found: Vec<ManualTime> = sql_query(entries("w.id = ANY ($3)"))
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Timestamptz, _>(kept_from)
        .bind::<Array<SqlUuid>, _>(ids)
        .load(tx.conn)?;
    match found.len() == ids.len() {
        true => Ok(found),
        false => Err(Error::NotFound),
    }
}

/// Approves what an admin said for somebody just now.
pub(super) fn approve_new(tx: &mut Tx, entry: &ManualTime, detail: Value) -> Result<()> {
    let calendar = Calendar::load(tx.conn, tx.company)?;
    let (of, to) = (std::slice::from_ref(entry), ManualTimeState::Approved);
    change(tx, &calendar, of, to, None, detail)
}

/// Approves what an employee said, if the company wants no approval and nobody has decided: for the job, which may write sums.
pub(crate) fn approve_by_rule(mut tx: Tx, id: Uuid) -> Result<()> {
    if rules::decided(&mut tx)?.approval {
        return Ok(());
    }
    let calendar = Calendar::load(tx.conn, tx.company)?;
    // Gone with its person.
    let Ok(found) = find(&mut tx, &calendar, &[id]) else {
        return Ok(());
    };
    for entry in found {
        user_days::wait_for(tx.conn, tx.company, entry.user_id)?;
        hold(&mut tx, entry.user_id)?;
        let now = find(&mut tx, &calendar, &[id])?;
        if now.iter().all(|entry| entry.state == "pending") {
            let detail =
                json!({ "manual_time_ids": [id], "user_id": entry.user_id, "by_setting": true });
            change(
                &mut tx,
                &calendar,
                &now,
                ManualTimeState::Approved,
                None,
                detail,
            )?;
        }
    }
    Ok(())
}

/// Decides about entries of one person, who is held.
fn change(
    tx: &mut Tx,
    calendar: &Calendar,
    of: &[ManualTime],
    to: ManualTimeState,
    reason: Option<&str>,
    mut detail: Value,
) -> Result<()> {
    let Some(user) = of.first().map(|entry| entry.user_id) else {
        return Ok(());
    };
    let mut touched: Vec<NaiveDate> = (of.iter())
        .flat_map(|entry| days(calendar, entry.started_at, entry.ended_at))
        .collect();
    touched.sort_unstable();
    touched.dedup();
    let counts =
        to == ManualTimeState::Approved || of.iter().any(|entry| entry.state == "approved");
    let kept = Kept::load(tx.conn, tx.company)?;
    if counts && !touched.iter().all(|day| kept.has_all_of(*day)) {
        return Err(Error::Conflict(
            "manual_times_days_closed",
            "Of days as old as this one only the sums are kept.".into(),
        ));
    }
    let before = manual::sums(tx.conn, tx.company, user, &touched)?;
    // One after the other: of two that were rejected and overlap only one can be approved.
    for entry in of {
        check(tx, entry, to)?;
        store(tx, entry.id, to, reason)?;
    }
    if counts {
        user_days::recompute(tx.conn, tx.company, user, calendar, &touched)?;
        company_days::follow(tx, &touched)?;
    }
    let after = manual::sums(tx.conn, tx.company, user, &touched)?;
    let said = |sums: manual::Manual| json!({ "manual_seconds": sums.manual, "explained_seconds": sums.explained });
    (detail["before"], detail["after"]) = (said(before), said(after));
    audit::record(tx.again(), &format!("manual_time.{}", to.name()), detail)
}

/// What is withdrawn is over; what is rejected holds no place, which another entry may have by now.
fn check(tx: &mut Tx, entry: &ManualTime, to: ManualTimeState) -> Result<()> {
    if entry.state == to.name() || entry.state == "withdrawn" {
        return Err(super::decided());
    }
    if entry.state == "rejected" {
        must_be_free(tx, entry.user_id, entry.started_at, entry.ended_at)?;
    }
    Ok(())
}

fn store(tx: &mut Tx, id: Uuid, to: ManualTimeState, reason: Option<&str>) -> Result<()> {
    sql_query(
        "UPDATE tenant.manual_times t SET state = $3, decided_at = $4, decided_by = d.id, decided_by_name = d.name, decision_reason = $6 \
         FROM (SELECT 1) one LEFT JOIN tenant.users d ON d.company_id = $1 AND d.id = $5 \
         WHERE t.company_id = $1 AND t.id = $2",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .bind::<Text, _>(to.name())
    .bind::<Timestamptz, _>(Utc::now())
    .bind::<SqlUuid, _>(tx.user)
    .bind::<Nullable<Text>, _>(reason)
    .execute(tx.conn)?;
    Ok(())
}
