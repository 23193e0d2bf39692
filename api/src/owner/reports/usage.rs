//! Who uses the service most.

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Result;

/// The ten companies that use most, by the numbers of the last 30 days as they were published.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UsageReport {
    /// How old the oldest number here is: five minutes at most.
    pub as_of: DateTime<Utc>,
    pub by_active_minutes: Vec<TopCompany>,
    pub by_screenshots: Vec<TopCompany>,
    pub by_storage: Vec<TopCompany>,
}

/// A company among those that use most.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
pub(super) struct TopCompany {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub plan: String,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = BigInt)]
    pub active_minutes_30d: i64,
    #[diesel(sql_type = BigInt)]
    pub screenshots_30d: i64,
    #[diesel(sql_type = BigInt)]
    pub storage_bytes: i64,
    #[diesel(sql_type = Timestamptz)]
    #[serde(skip)]
    updated_at: DateTime<Utc>,
}

pub(super) fn run(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<UsageReport> {
    // Three statements, so that each takes ten rows from the end of its index.
    let [by_active_minutes, by_screenshots, by_storage] = [
        "o.active_seconds_30d > 0 ORDER BY o.active_seconds_30d DESC, o.company_id DESC",
        "o.screenshots_30d > 0 ORDER BY o.screenshots_30d DESC, o.company_id DESC",
        "o.storage_bytes > 0 ORDER BY o.storage_bytes DESC, o.company_id DESC",
    ]
    .map(|which| {
        sql_query(format!(
            "SELECT c.id, c.name, p.name AS plan, c.status, o.active_seconds_30d / 60 AS active_minutes_30d, o.screenshots_30d, \
               o.storage_bytes, o.updated_at \
             FROM platform.company_overview o JOIN platform.companies c ON c.id = o.company_id \
             JOIN platform.plans p ON p.id = c.plan_id WHERE {which} LIMIT 10"
        ))
        .load::<TopCompany>(conn)
    });
    let (by_active_minutes, by_screenshots, by_storage) =
        (by_active_minutes?, by_screenshots?, by_storage?);
    let shown = [&by_active_minutes, &by_screenshots, &by_storage];
    let oldest = shown.into_iter().flatten().map(|one| one.updated_at).min();
    Ok(UsageReport {
        as_of: oldest.unwrap_or(now),
        by_active_minutes,
        by_screenshots,
        by_storage,
    })
}
