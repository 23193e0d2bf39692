//! The dashboard's figures: sums over all companies of what is published of each. Nobody has to load the list for them.

use std::sync::Arc;

use actix_web::{get, web::Data};
use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::subscriptions::{self, MonthlyRevenue};
use crate::Result;
use crate::app::State;
use crate::http::json::Json;
use crate::http::session::Owner;

/// Days without a word from a running company's agents after which somebody should ask.
const SILENT_DAYS: i32 = 3;
/// Silent companies that are named; the rest is counted.
const NAMED: i64 = 8;

pub fn routes(api: &mut ServiceConfig) {
    api.service(show_summary);
}

/// How all companies do together.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Summary {
    /// When the oldest of the numbers were counted; they are at most five minutes old.
    as_of: DateTime<Utc>,
    companies: CompaniesByStatus,
    active_minutes_30d: i64,
    /// Of the thirty days before those.
    active_minutes_previous_30d: i64,
    screenshots_30d: i64,
    storage_bytes: i64,
    /// Seats in use: active people and pending invitations.
    employees_active: i64,
    /// By currency, never added up.
    mrr: Vec<MonthlyRevenue>,
    /// Trials that end within seven days.
    trials_ending_7d: i64,
    /// Running companies whose agents have been silent for more than three days. A new company has three days to be heard
    /// for the first time.
    silent_count: i64,
    /// The first of them, the longest silent before the others.
    silent: Vec<SilentCompany>,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
struct CompaniesByStatus {
    trial: i64,
    active: i64,
    suspended: i64,
    expired: i64,
    cancelled: i64,
}

#[derive(Debug, Clone, Serialize, QueryableByName, ToSchema)]
struct SilentCompany {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    /// Absent when its agents were never heard.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    last_sync_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = BigInt)]
    #[serde(skip)]
    found: i64,
}

#[derive(QueryableByName)]
struct Sums {
    #[diesel(sql_type = BigInt)]
    trial: i64,
    #[diesel(sql_type = BigInt)]
    active: i64,
    #[diesel(sql_type = BigInt)]
    suspended: i64,
    #[diesel(sql_type = BigInt)]
    expired: i64,
    #[diesel(sql_type = BigInt)]
    cancelled: i64,
    #[diesel(sql_type = BigInt)]
    minutes: i64,
    #[diesel(sql_type = BigInt)]
    minutes_before: i64,
    #[diesel(sql_type = BigInt)]
    screenshots: i64,
    #[diesel(sql_type = BigInt)]
    storage: i64,
    #[diesel(sql_type = BigInt)]
    seats: i64,
    #[diesel(sql_type = BigInt)]
    ending: i64,
    #[diesel(sql_type = Timestamptz)]
    as_of: DateTime<Utc>,
}

/// Show the figures over all companies.
#[utoipa::path(responses((status = 200, body = Summary)))]
#[get("/owner/summary")]
async fn show_summary(owner: Owner, state: Data<State>) -> Result<Json<Summary>> {
    let summed = state.db.platform(&owner, summary);
    let summary = state.shared.summary.get(summed).await?;
    Ok(Json(Arc::unwrap_or_clone(summary)))
}

fn summary(conn: &mut PgConnection) -> Result<Summary> {
    let sums: Sums = sql_query(
        "SELECT count(*) FILTER (WHERE c.status = 'TRIAL') AS trial, count(*) FILTER (WHERE c.status = 'ACTIVE') AS active, \
           count(*) FILTER (WHERE c.status = 'SUSPENDED') AS suspended, count(*) FILTER (WHERE c.status = 'EXPIRED') AS expired, \
           count(*) FILTER (WHERE c.status = 'CANCELLED') AS cancelled, \
           coalesce(sum(o.active_seconds_30d), 0)::bigint / 60 AS minutes, \
           coalesce(sum(o.active_seconds_previous_30d), 0)::bigint / 60 AS minutes_before, \
           coalesce(sum(o.screenshots_30d), 0)::bigint AS screenshots, coalesce(sum(o.storage_bytes), 0)::bigint AS storage, \
           coalesce(sum(o.employees_active), 0) AS seats, \
           count(*) FILTER (WHERE c.status = 'TRIAL' AND c.trial_ends_at BETWEEN now() AND now() + interval '7 days') AS ending, \
           coalesce(min(o.updated_at), now()) AS as_of \
         FROM platform.companies c JOIN platform.company_overview o ON o.company_id = c.id",
    )
    .get_result(conn)?;
    let silent = silent(conn)?;
    Ok(Summary {
        as_of: sums.as_of,
        companies: CompaniesByStatus {
            trial: sums.trial,
            active: sums.active,
            suspended: sums.suspended,
            expired: sums.expired,
            cancelled: sums.cancelled,
        },
        active_minutes_30d: sums.minutes,
        active_minutes_previous_30d: sums.minutes_before,
        screenshots_30d: sums.screenshots,
        storage_bytes: sums.storage,
        employees_active: sums.seats,
        mrr: subscriptions::monthly_revenue(conn)?,
        trials_ending_7d: sums.ending,
        silent_count: silent.first().map_or(0, |first| first.found),
        silent,
    })
}

fn silent(conn: &mut PgConnection) -> Result<Vec<SilentCompany>> {
    Ok(sql_query(
        "SELECT c.id, c.name, o.last_sync_at, count(*) OVER () AS found \
         FROM platform.companies c JOIN platform.company_overview o ON o.company_id = c.id \
         WHERE c.status IN ('TRIAL', 'ACTIVE') AND coalesce(o.last_sync_at, c.created_at) < now() - make_interval(days => $1) \
         ORDER BY coalesce(o.last_sync_at, '-infinity'::timestamptz), c.id LIMIT $2",
    )
    .bind::<Integer, _>(SILENT_DAYS)
    .bind::<BigInt, _>(NAMED)
    .load(conn)?)
}
