//! The queue in `platform.jobs`. While a job of a key waits, a second of that key is not taken in; once it runs, it is.

use anyhow::anyhow;
use chrono::{DateTime, Duration, Utc};
use diesel::sql_types::{
    Array, Double, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{OptionalExtension, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde_json::Value;
use uuid::Uuid;

use crate::Result;
use crate::db::statement::statement;

pub(super) const FORGET: &str = "forget_jobs";

/// A job that failed this often is left for people to look at.
pub const MAX_ATTEMPTS: i32 = 8;
/// Longer than any job runs without a word (`hold`). Whoever holds one longer has died, and another worker takes it.
const LOCK_SECONDS: f64 = 300.0;
/// The longest error text that is kept.
const ERROR_LENGTH: usize = 500;

/// Work to be done: ids and days only, since the platform's operators see the table.
#[derive(Debug, Clone)]
pub struct NewJob {
    pub id: Uuid,
    /// Nil for work that belongs to no company.
    pub company: Uuid,
    pub kind: &'static str,
    pub payload: Value,
    pub dedupe_key: String,
    /// At once, where nothing is said.
    pub not_before: Option<DateTime<Utc>>,
}

impl NewJob {
    pub fn new(company: Uuid, kind: &'static str, payload: Value, dedupe_key: String) -> Self {
        Self {
            id: Uuid::now_v7(),
            company,
            kind,
            payload,
            dedupe_key,
            not_before: None,
        }
    }
}

/// A job that a worker holds.
#[derive(Debug, Clone, QueryableByName)]
pub struct Job {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub company_id: Uuid,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Jsonb)]
    pub payload: Value,
    /// Counts this one; also tells whether the job is still this worker's.
    #[diesel(sql_type = Integer)]
    pub attempts: i32,
}

/// Takes jobs in, in the transaction of what they follow from. Needs no right but to insert.
pub fn enqueue(conn: &mut PgConnection, jobs: &[NewJob]) -> Result<()> {
    if jobs.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = jobs.iter().map(|job| job.id).collect();
    let companies: Vec<Uuid> = jobs.iter().map(|job| job.company).collect();
    let kinds: Vec<&str> = jobs.iter().map(|job| job.kind).collect();
    let payloads: Vec<&Value> = jobs.iter().map(|job| &job.payload).collect();
    let keys: Vec<&str> = jobs.iter().map(|job| job.dedupe_key.as_str()).collect();
    let times: Vec<Option<DateTime<Utc>>> = jobs.iter().map(|job| job.not_before).collect();
    statement(
        "INSERT INTO platform.jobs (id, company_id, kind, payload, dedupe_key, run_at) \
         SELECT j.id, j.company_id, j.kind, j.payload, j.dedupe_key, greatest(now(), j.run_at) \
         FROM unnest($1, $2, $3, $4, $5, $6) AS j (id, company_id, kind, payload, dedupe_key, run_at) ON CONFLICT DO NOTHING",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<SqlUuid>, _>(companies)
    .bind::<Array<Text>, _>(kinds)
    .bind::<Array<Jsonb>, _>(payloads)
    .bind::<Array<Text>, _>(keys)
    .bind::<Array<Nullable<Timestamptz>>, _>(times)
    .execute(conn)?;
    Ok(())
}

/// The next job that is due, locked for this worker: one whose worker died, else the one that waits longest.
pub fn claim(conn: &mut PgConnection) -> Result<Option<Job>> {
    let job = statement(
        "WITH lost AS MATERIALIZED (SELECT id FROM platform.jobs WHERE state = 'running' AND locked_until < now() \
           ORDER BY locked_until LIMIT 1 FOR UPDATE SKIP LOCKED), \
         due AS MATERIALIZED (SELECT id FROM platform.jobs WHERE state = 'queued' AND run_at <= now() \
           ORDER BY run_at LIMIT 1 FOR UPDATE SKIP LOCKED) \
         UPDATE platform.jobs SET state = 'running', attempts = attempts + 1, locked_until = now() + make_interval(secs => $1) \
         WHERE id = (SELECT id FROM lost UNION ALL SELECT id FROM due LIMIT 1) \
         RETURNING id, company_id, kind, payload, attempts",
    )
    .bind::<Double, _>(LOCK_SECONDS)
    .get_result(conn)
    .optional()?;
    Ok(job)
}

/// The job goes on: it stays this worker's for another while, or it is another's already and this work ends.
pub fn hold(conn: &mut PgConnection, job: &Job) -> Result<()> {
    let held = statement(
        "UPDATE platform.jobs SET locked_until = now() + make_interval(secs => $3) \
         WHERE id = $1 AND state = 'running' AND attempts = $2",
    )
    .bind::<SqlUuid, _>(job.id)
    .bind::<Integer, _>(job.attempts)
    .bind::<Double, _>(LOCK_SECONDS)
    .execute(conn)?;
    match held {
        0 => Err(anyhow!("another worker has the job by now").into()),
        _ => Ok(()),
    }
}

/// The job is done, unless it took so long that another worker has it now.
pub fn finish(conn: &mut PgConnection, job: &Job) -> Result<()> {
    statement(
        "UPDATE platform.jobs SET state = 'done', finished_at = now(), locked_until = NULL, error = NULL \
         WHERE id = $1 AND state = 'running' AND attempts = $2",
    )
    .bind::<SqlUuid, _>(job.id)
    .bind::<Integer, _>(job.attempts)
    .execute(conn)?;
    Ok(())
}

/// The job failed: it is tried again later, unless it failed too often or a newer one of its key waits anyway.
pub fn fail(conn: &mut PgConnection, job: &Job, error: &str) -> Result<()> {
    let again = (job.attempts < MAX_ATTEMPTS).then(|| Utc::now() + back_off(job.attempts));
    let error: String = error.chars().take(ERROR_LENGTH).collect();
    sql_query(
        "UPDATE platform.jobs j SET locked_until = NULL, error = $3, \
           state = CASE WHEN again.at IS NULL THEN 'failed' ELSE 'queued' END, \
           run_at = coalesce(again.at, j.run_at), finished_at = CASE WHEN again.at IS NULL THEN now() END \
         FROM (SELECT CASE WHEN NOT EXISTS (SELECT FROM platform.jobs other JOIN platform.jobs this ON this.id = $1 \
             WHERE other.dedupe_key = this.dedupe_key AND other.state = 'queued') THEN $4::timestamptz END AS at) again \
         WHERE j.id = $1 AND j.state = 'running' AND j.attempts = $2",
    )
    .bind::<SqlUuid, _>(job.id)
    .bind::<Integer, _>(job.attempts)
    .bind::<Text, _>(error)
    .bind::<Nullable<Timestamptz>, _>(again)
    .execute(conn)?;
    Ok(())
}

/// 10 seconds, 20, 40 … about eleven minutes.
fn back_off(attempts: i32) -> Duration {
    Duration::seconds(5 << attempts.clamp(1, 10))
}

/// Forgets what was done two days ago, so that the last run of what is done daily is known, and failures after two weeks.
pub fn forget_finished(conn: &mut PgConnection) -> Result<()> {
    let now = Utc::now();
    sql_query(
        "DELETE FROM platform.jobs WHERE (state = 'done' AND finished_at < $1) OR (state = 'failed' AND finished_at < $2)",
    )
    .bind::<Timestamptz, _>(now - Duration::days(2))
    .bind::<Timestamptz, _>(now - Duration::days(14))
    .execute(conn)?;
    Ok(())
}
