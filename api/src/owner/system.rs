//! How the service itself is doing: its queue, its regular jobs, and what a job published of the database and the agents.
//! Nothing of a person, and of a company its id where a job of it failed.

use actix_web::{get, post, web::Data};
use chrono::{DateTime, Duration, Utc};
use diesel::sql_types::{
    Array, BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{OptionalExtension, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::audit;
use crate::Result;
use crate::app::State;
use crate::http::error::Error;
use crate::http::json::{Json, Path};
use crate::http::session::Owner;
use crate::jobs::schedule;

/// Failed jobs that are listed; the queue counts all.
const LISTED: i64 = 100;

pub fn routes(api: &mut ServiceConfig) {
    api.service(show_system).service(retry_job);
}

#[derive(Serialize, ToSchema)]
struct System {
    /// What waits, runs or failed, by kind and state.
    queue: Vec<QueueDepth>,
    /// The newest hundred.
    failed: Vec<FailedJob>,
    schedule: Vec<ScheduledJob>,
    /// Absent until it was counted for the first time.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<SystemStatus>,
}

#[derive(Serialize, QueryableByName, ToSchema)]
struct QueueDepth {
    #[diesel(sql_type = Text)]
    kind: String,
    /// `queued`, `running` or `failed`.
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = BigInt)]
    jobs: i64,
    /// Since when the oldest of them is due.
    #[diesel(sql_type = Timestamptz)]
    oldest_at: DateTime<Utc>,
}

/// Why it failed is in the server's log, under its id.
#[derive(Serialize, QueryableByName, ToSchema)]
struct FailedJob {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    kind: String,
    /// Absent for work that belongs to no company.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    company_id: Option<Uuid>,
    #[diesel(sql_type = Integer)]
    attempts: i32,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    failed_at: Option<DateTime<Utc>>,
}

#[derive(Serialize, ToSchema)]
struct ScheduledJob {
    kind: String,
    every_seconds: i64,
    /// Absent when it has not been done lately.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_done_at: Option<DateTime<Utc>>,
    /// It should have been done again by now.
    is_late: bool,
}

/// What a job counted.
#[derive(Serialize, ToSchema)]
struct SystemStatus {
    counted_at: DateTime<Utc>,
    database_bytes: i64,
    partitions: Vec<Partitions>,
    /// Devices that were seen within thirty days.
    agents: Vec<AgentVersion>,
    /// What is not as it should be in the catalogue that keeps companies apart: the first twenty.
    findings: Vec<String>,
}

/// The months of a table of raw rows.
#[derive(Serialize, Deserialize, ToSchema)]
struct Partitions {
    table: String,
    /// `2026_11`.
    first_month: Option<String>,
    last_month: Option<String>,
    /// Rows that no month holds: they block their month until they are moved.
    has_stray_rows: bool,
}

#[derive(Serialize, Deserialize, ToSchema)]
struct AgentVersion {
    version: String,
    devices: i64,
}

/// A failed job that was given another try.
#[derive(Serialize, QueryableByName, ToSchema)]
struct RetriedJob {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = SqlUuid)]
    #[serde(skip)]
    company_id: Uuid,
}

/// Show how the service is doing.
#[utoipa::path(responses((status = 200, body = System)))]
#[get("/owner/system")]
async fn show_system(owner: Owner, state: Data<State>) -> Result<Json<System>> {
    let show = |conn: &mut PgConnection| {
        Ok(System {
            queue: queue(conn)?,
            failed: failed(conn)?,
            schedule: scheduled(conn)?,
            status: status(conn)?,
        })
    };
    state.db.platform(&owner, show).await.map(Json)
}

/// Give a failed job another try.
///
/// 409 `job_not_failed` when it is not failed any more, `jobs_dedupe` when a newer one does the same already.
#[utoipa::path(params(("job_id" = Uuid, Path)), responses((status = 200, body = RetriedJob)))]
#[post("/owner/system/jobs/{job_id}/retry")]
async fn retry_job(owner: Owner, state: Data<State>, job: Path<Uuid>) -> Result<Json<RetriedJob>> {
    let (user, job) = (owner.user, job.0);
    let retry = move |conn: &mut PgConnection| {
        let retried: Option<RetriedJob> = sql_query(
            "UPDATE platform.jobs SET state = 'queued', attempts = 0, run_at = now(), finished_at = NULL \
             WHERE id = $1 AND state = 'failed' RETURNING id, kind, company_id",
        )
        .bind::<SqlUuid, _>(job)
        .get_result(conn)
        .optional()?;
        let Some(retried) = retried else {
            return Err(missing(conn, job)?);
        };
        let detail = json!({ "kind": retried.kind });
        audit::record(conn, user, "job.retried", retried.company_id, detail)?;
        Ok(retried)
    };
    state.db.platform(&owner, retry).await.map(Json)
}

fn missing(conn: &mut PgConnection, job: Uuid) -> Result<Error> {
    let there = sql_query("SELECT FROM platform.jobs WHERE id = $1")
        .bind::<SqlUuid, _>(job)
        .execute(conn)?;
    Ok(match there {
        0 => Error::NotFound,
        _ => Error::Conflict("job_not_failed", "The job is not failed.".into()),
    })
}

fn queue(conn: &mut PgConnection) -> Result<Vec<QueueDepth>> {
    Ok(sql_query(
        "SELECT kind, state, count(*) AS jobs, min(run_at) AS oldest_at FROM platform.jobs WHERE state <> 'done' \
         GROUP BY kind, state ORDER BY kind, state",
    )
    .load(conn)?)
}

fn failed(conn: &mut PgConnection) -> Result<Vec<FailedJob>> {
    Ok(sql_query(
        "SELECT id, kind, nullif(company_id, '00000000-0000-0000-0000-000000000000') AS company_id, attempts, \
           finished_at AS failed_at FROM platform.jobs WHERE state = 'failed' ORDER BY finished_at DESC, id LIMIT $1",
    )
    .bind::<BigInt, _>(LISTED)
    .load(conn)?)
}

fn scheduled(conn: &mut PgConnection) -> Result<Vec<ScheduledJob>> {
    #[derive(QueryableByName)]
    struct Last {
        #[diesel(sql_type = Text)]
        kind: String,
        #[diesel(sql_type = Timestamptz)]
        at: DateTime<Utc>,
    }
    let kinds: Vec<&str> = schedule::REGULAR.iter().map(|(kind, _)| *kind).collect();
    let last: Vec<Last> = sql_query(
        "SELECT kind, max(finished_at) AS at FROM platform.jobs WHERE state = 'done' AND kind = ANY ($1) GROUP BY kind",
    )
    .bind::<Array<Text>, _>(kinds)
    .load(conn)?;
    let now = Utc::now();
    let regular = schedule::REGULAR.iter().map(|(kind, every)| {
        let last = last.iter().find(|last| last.kind == *kind);
        let last_done_at = last.map(|last| last.at);
        // A slot may be worked on late once; two in a row are none.
        let patience = Duration::seconds(every * 2 + 60);
        ScheduledJob {
            kind: (*kind).to_owned(),
            every_seconds: *every,
            last_done_at,
            is_late: last_done_at.is_none_or(|at| at + patience < now),
        }
    });
    Ok(regular.collect())
}

fn status(conn: &mut PgConnection) -> Result<Option<SystemStatus>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Timestamptz)]
        counted_at: DateTime<Utc>,
        #[diesel(sql_type = BigInt)]
        database_bytes: i64,
        #[diesel(sql_type = Jsonb)]
        partitions: Value,
        #[diesel(sql_type = Jsonb)]
        agents: Value,
        #[diesel(sql_type = Jsonb)]
        findings: Value,
    }
    let row: Option<Row> = sql_query(
        "SELECT counted_at, database_bytes, partitions, agents, findings FROM platform.system_status",
    )
    .get_result(conn)
    .optional()?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(SystemStatus {
        counted_at: row.counted_at,
        database_bytes: row.database_bytes,
        partitions: serde_json::from_value(row.partitions).map_err(anyhow::Error::from)?,
        agents: serde_json::from_value(row.agents).map_err(anyhow::Error::from)?,
        findings: serde_json::from_value(row.findings).map_err(anyhow::Error::from)?,
    }))
}
