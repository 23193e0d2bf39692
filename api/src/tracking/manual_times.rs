//! Manual time: stretches that no device saw, said by the person or by an admin for them, each with a kind and a reason. What
//! a person says counts once an admin approved it, unless the company wants no approval; what an admin says for somebody is
//! approved with it. It counts beside what was observed: a second that a device saw as active counts there and not again, and
//! one that it saw as idle is explained. Entries are never rewritten: their state changes, and they keep by whom and why.

mod decisions;
mod list;
mod rules;

use actix_web::{HttpResponse, get, post, web::Data};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::days::Calendar;
use super::kept::Kept;
use super::stretches;
use super::usage::whose;
use super::user_days;
use crate::Result;
use crate::app::State;
use crate::db::Tx;
use crate::http::error::Error;
use crate::http::idempotency::{Made, Once};
use crate::http::json::{Json, Path, Query, given};
use crate::http::page::Page;
use crate::http::session::{Employee, TeamAdmin, Tenant, Viewer};
use crate::http::sheet::Book;
use crate::http::text::Line;
use crate::http::token::Role;
use crate::jobs::{manual_times as approval, queue};
use list::{ManualTimesExportQuery, ManualTimesQuery};

pub(crate) use decisions::approve_by_rule;

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_manual_times)
        .service(export_manual_times)
        .service(add_manual_time)
        .service(withdraw_manual_time);
    decisions::routes(api);
    rules::routes(api);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ManualTimeKind {
    Meeting,
    Call,
    OfflineWork,
    Training,
    Travel,
    BreakFix,
    Other,
}

impl ManualTimeKind {
    fn name(self) -> &'static str {
        match self {
            Self::Meeting => "meeting",
            Self::Call => "call",
            Self::OfflineWork => "offline_work",
            Self::Training => "training",
            Self::Travel => "travel",
            Self::BreakFix => "break_fix",
            Self::Other => "other",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ManualTimeState {
    Pending,
    Approved,
    Rejected,
    Withdrawn,
}

impl ManualTimeState {
    fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// A stretch that somebody said.
#[derive(Debug, Clone, Serialize, QueryableByName, ToSchema)]
struct ManualTime {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = Text)]
    user_name: String,
    #[diesel(sql_type = Timestamptz)]
    started_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    ended_at: DateTime<Utc>,
    /// `meeting`, `call`, `offline_work`, `training`, `travel`, `break_fix` or `other`.
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    reason: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    task_id: Option<Uuid>,
    /// Absent for an EMPLOYEE whose task it is no longer.
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    task_title: Option<String>,
    /// `pending`, `approved`, `rejected` or `withdrawn`. Only what is approved counts.
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    /// The name at that time.
    #[diesel(sql_type = Text)]
    created_by_name: String,
    /// Somebody else said it for the person.
    #[diesel(sql_type = Bool)]
    by_another: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<DateTime<Utc>>,
    /// Who approved, rejected or withdrew it, by the name at that time. Absent where the company wants no approval.
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    decision_reason: Option<String>,
    /// Seconds of it that no device saw: they count as manual time. Absent once the day's records are gone.
    #[diesel(sql_type = Nullable<BigInt>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    manual_seconds: Option<i64>,
    /// Seconds of it that a device saw as idle: they count as explained. The rest was active and counts as that alone.
    #[diesel(sql_type = Nullable<BigInt>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    explained_seconds: Option<i64>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewManualTime {
    /// ADMIN: whose time; the own one when left out. EMPLOYEE: only oneself.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    user_id: Option<Uuid>,
    /// A whole minute, at most 60 days ago, within the hours in force for the person.
    started_at: DateTime<Utc>,
    /// A whole minute, not in the future, at most 24 hours after the start.
    ended_at: DateTime<Utc>,
    kind: ManualTimeKind,
    /// Whoever decides reads it.
    reason: Line<500>,
    /// A task that is assigned to the person.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    task_id: Option<Uuid>,
}

/// List manual time, the latest first. EMPLOYEE: the own one.
///
/// Whose time an ADMIN is shown can read that, day by day.
#[utoipa::path(params(ManualTimesQuery), responses((status = 200, body = Page<ManualTime>)))]
#[get("/manual-times")]
async fn list_manual_times(
    session: Tenant<Viewer>,
    state: Data<State>,
    query: Query<ManualTimesQuery>,
) -> Result<Json<Page<ManualTime>>> {
    list::page(session, state, query.0).await.map(Json)
}

/// Export manual time as a file, as CSV or as a workbook: all that the filter lets through, in the list's order.
///
/// Written to the audit log, and noted for those whose time is in it. In CSV an apostrophe stands before a text that a
/// spreadsheet would read as a formula.
#[utoipa::path(
    params(ManualTimesExportQuery),
    responses((status = 200, content((String = "text/csv"), (Book = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))))
)]
#[get("/manual-times/export")]
async fn export_manual_times(
    session: Tenant<TeamAdmin>,
    state: Data<State>,
    query: Query<ManualTimesExportQuery>,
) -> Result<HttpResponse> {
    list::export(session, state, query.0).await
}

/// Say what a person did that no device saw.
///
/// EMPLOYEE: of oneself, where the company lets employees. It is `pending` until an admin decides, or approved a moment later
/// where the company wants no approval. ADMIN: approved at once, and the person reads who said it.
#[utoipa::path(request_body = NewManualTime, responses((status = 201, body = ManualTime)))]
#[post("/manual-times")]
async fn add_manual_time(
    session: Tenant<Employee>,
    state: Data<State>,
    once: Once,
    body: Json<NewManualTime>,
) -> Result<HttpResponse> {
    let is_admin = session.role == Role::Admin;
    let new = body.0;
    let user = match new.user_id {
        Some(user) if user != session.user && !is_admin => {
            return unknown_person();
        }
        user => user.unwrap_or(session.user),
    };
    let add = move |mut tx: Tx| {
        let id = Uuid::now_v7();
        must_be_there(&mut tx, user)?;
        let rules = rules::load(&mut tx, user)?;
        if !is_admin && !rules.allowed {
            return Err(Error::Conflict(
                "manual_times_off",
                "Employees add no manual time in this company.".into(),
            ));
        }
        check(&mut tx, &rules, &new)?;
        if is_admin {
            user_days::wait_for(tx.conn, tx.company, user)?;
        }
        hold(&mut tx, user)?;
        must_be_free(&mut tx, user, new.started_at, new.ended_at)?;
        check_task(&mut tx, user, new.task_id)?;
        insert(&mut tx, id, user, &new)?;
        let added = one(&mut tx, id)?;
        if (added.manual_seconds, added.explained_seconds) == (Some(0), Some(0)) {
            return Err(Error::invalid(
                "/started_at",
                "manual_times_recorded",
                "All of this time was recorded as active",
            ));
        }
        if is_admin {
            let detail = json!({ "manual_time_id": id, "user_id": user, "kind": added.kind, "reason": added.reason,
                "from": added.started_at, "to": added.ended_at });
            decisions::approve_new(&mut tx, &added, detail)?;
        } else if !rules.approval {
            queue::enqueue(tx.conn, &[approval::job(tx.company, id)])?;
        }
        Ok(Made::new("/api/manual-times", one(&mut tx, id)?))
    };
    once.tenant(&state, &session, add).await
}

/// Take back what one said, while nobody has decided.
#[utoipa::path(params(("manual_time_id" = Uuid, Path)), responses((status = 200, body = ManualTime)))]
#[post("/manual-times/{manual_time_id}/withdraw")]
async fn withdraw_manual_time(
    session: Tenant<Employee>,
    state: Data<State>,
    id: Path<Uuid>,
) -> Result<Json<ManualTime>> {
    let id = id.0;
    let withdraw = move |mut tx: Tx| {
        let seen = one(&mut tx, id)?;
        if seen.user_id != tx.user {
            return Err(Error::NotFound);
        }
        hold(&mut tx, seen.user_id)?;
        let withdrawn = sql_query(
            "UPDATE tenant.manual_times t SET state = 'withdrawn', decided_at = $4, decided_by = u.id, decided_by_name = u.name \
             FROM tenant.users u WHERE t.company_id = $1 AND t.id = $2 AND t.user_id = $3 AND t.state = 'pending' \
               AND u.company_id = $1 AND u.id = $3",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(id)
        .bind::<SqlUuid, _>(tx.user)
        .bind::<Timestamptz, _>(Utc::now())
        .execute(tx.conn)?;
        match withdrawn {
            0 => Err(decided()),
            _ => one(&mut tx, id),
        }
    };
    state.db.tenant(&session, withdraw).await.map(Json)
}

fn decided() -> Error {
    Error::Conflict(
        "manual_times_decided",
        "Somebody has decided about it meanwhile.".into(),
    )
}

fn unknown_person<T>() -> Result<T> {
    Err(Error::invalid(
        "/user_id",
        "manual_times_user_unknown",
        "There is no such person",
    ))
}

/// Somebody of the company who may work in it.
fn must_be_there(tx: &mut Tx, user: Uuid) -> Result<()> {
    let found = sql_query(
        "SELECT FROM tenant.users WHERE company_id = $1 AND id = $2 AND deactivated_at IS NULL",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(user)
    .execute(tx.conn)?;
    match found {
        0 => unknown_person(),
        _ => Ok(()),
    }
}

/// When manual time may lie.
fn check(tx: &mut Tx, rules: &rules::Rules, new: &NewManualTime) -> Result<()> {
    let (from, to) = (new.started_at, new.ended_at);
    let codes = stretches::Codes {
        minute: "manual_times_minute",
        future: "manual_times_future",
        length: "manual_times_length_invalid",
    };
    stretches::check(from, to, &codes)?;
    let refuse =
        |code: &str, detail: &str| Err(Error::invalid("/started_at", code, detail.to_owned()));
    let calendar = Calendar::load(tx.conn, tx.company)?;
    if calendar.day_of(from) < rules.first_day(tx, &calendar)? {
        return refuse(
            "manual_times_too_old",
            "So long ago nothing can be added any more",
        );
    }
    let mut minute = from;
    while minute < to {
        if rules
            .hours
            .is_outside(minute, calendar.zone_of(calendar.day_of(minute)))
        {
            return refuse(
                "manual_times_outside_hours",
                "A part of this lies outside the days and hours on which is recorded of the person",
            );
        }
        minute += Duration::minutes(1);
    }
    Ok(())
}

fn hold(tx: &mut Tx, user: Uuid) -> Result<()> {
    stretches::hold(tx, "manual times", user)
}

/// Nothing else was said of the same time.
fn must_be_free(tx: &mut Tx, user: Uuid, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<()> {
    let others = sql_query(
        "SELECT FROM tenant.manual_times WHERE company_id = $1 AND user_id = $2 AND state IN ('pending', 'approved') \
           AND started_at < $4 AND ended_at > $3 AND started_at > $3 - interval '24 hours' LIMIT 1",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(user)
    .bind::<Timestamptz, _>(from)
    .bind::<Timestamptz, _>(to)
    .execute(tx.conn)?;
    match others {
        0 => Ok(()),
        _ => Err(Error::Conflict(
            "manual_times_overlap",
            "A part of this time was added already.".into(),
        )),
    }
}

/// Somebody else's task is as unknown as none.
fn check_task(tx: &mut Tx, user: Uuid, task: Option<Uuid>) -> Result<()> {
    let Some(task) = task else {
        return Ok(());
    };
    let own = sql_query(
        "SELECT FROM tenant.tasks WHERE company_id = $1 AND id = $2 AND assignee_id = $3",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(task)
    .bind::<SqlUuid, _>(user)
    .execute(tx.conn)?;
    match own {
        0 => Err(Error::invalid(
            "/task_id",
            "manual_times_task_unknown",
            "No task of that id is assigned to the person",
        )),
        _ => Ok(()),
    }
}

fn insert(tx: &mut Tx, id: Uuid, user: Uuid, new: &NewManualTime) -> Result<()> {
    sql_query(
        "INSERT INTO tenant.manual_times (company_id, id, user_id, started_at, ended_at, kind, reason, task_id, created_by, \
           created_by_name) \
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, u.id, u.name FROM tenant.users u WHERE u.company_id = $1 AND u.id = $9",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .bind::<SqlUuid, _>(user)
    .bind::<Timestamptz, _>(new.started_at)
    .bind::<Timestamptz, _>(new.ended_at)
    .bind::<Text, _>(new.kind.name())
    .bind::<Text, _>(&new.reason.0)
    .bind::<Nullable<SqlUuid>, _>(new.task_id)
    .bind::<SqlUuid, _>(tx.user)
    .execute(tx.conn)?;
    Ok(())
}

/// The columns of `ManualTime`, of the rows `t` that `which` says, in the list's order. `$1` company, `$2` from when on all
/// records are kept. What devices saw is counted as in the sums of a day.
fn entries(which: &str) -> String {
    format!(
        "SELECT t.id, t.user_id, u.name AS user_name, t.started_at, t.ended_at, t.kind, t.reason, t.task_id, k.title AS task_title, \
           t.state, t.created_at, t.created_by_name, t.created_by <> t.user_id AS by_another, t.decided_at, t.decided_by_name, \
           t.decision_reason, \
           CASE WHEN t.started_at >= $2 THEN extract(epoch FROM t.ended_at - t.started_at)::bigint - m.tracked END AS manual_seconds, \
           CASE WHEN t.started_at >= $2 THEN m.tracked - m.active END AS explained_seconds \
         FROM (SELECT w.* FROM tenant.manual_times w WHERE w.company_id = $1 AND {which}) t \
         JOIN tenant.users u ON u.company_id = $1 AND u.id = t.user_id \
         LEFT JOIN tenant.tasks k ON k.company_id = $1 AND k.id = t.task_id \
         CROSS JOIN LATERAL (SELECT coalesce(sum(x.tracked), 0)::bigint AS tracked, coalesce(sum(x.active), 0)::bigint AS active \
           FROM (SELECT max(d.tracked) AS tracked, max(d.active) AS active \
             FROM (SELECT date_trunc('minute', a.started_at) AS minute, least(60, sum(a.active_seconds)) AS active, \
                 least(60, sum(a.active_seconds + a.idle_seconds)) AS tracked \
               FROM tenant.activity_log a LEFT JOIN tenant.work_sessions s ON s.company_id = $1 AND s.id = a.session_id \
               WHERE a.company_id = $1 AND a.user_id = t.user_id AND a.started_at >= t.started_at AND a.started_at < t.ended_at \
                 AND {} \
               GROUP BY 1, coalesce(s.device_id, a.session_id)) d GROUP BY d.minute) x) m \
         ORDER BY t.started_at DESC, t.id DESC",
        user_days::COUNTS
    )
}

/// From when on nothing of what devices saw was deleted by age.
fn kept_from(tx: &mut Tx, calendar: &Calendar) -> Result<DateTime<Utc>> {
    let kept = Kept::load(tx.conn, tx.company)?;
    Ok(kept
        .usage_kept_from
        .map_or(DateTime::UNIX_EPOCH, |day| calendar.range(day).1))
}

fn one(tx: &mut Tx, id: Uuid) -> Result<ManualTime> {
    let calendar = Calendar::load(tx.conn, tx.company)?;
    let kept_from = kept_from(tx, &calendar)?;
    let found = sql_query(entries("w.id = $3"))
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Timestamptz, _>(kept_from)
        .bind::<SqlUuid, _>(id)
        .get_result(tx.conn);
    found.optional()?.ok_or(Error::NotFound)
}

/// The days that a stretch touches.
fn days(calendar: &Calendar, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<NaiveDate> {
    let last = to - Duration::minutes(1);
    user_days::each_day(calendar.day_of(from), calendar.day_of(last))
}
