//! A company's day: for its admins the sums of its people's days, and for the owner numbers without any person.

use chrono::NaiveDate;
use diesel::sql_types::{Date, Text, Uuid as SqlUuid};
use diesel::{PgConnection, RunQueryDsl};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::overview;
use super::queue::{Job, NewJob};
use crate::Result;
use crate::db::{Db, Scope, statement::statement};
use crate::tracking::company_days;

pub(super) const KIND: &str = "company_usage_daily";

#[derive(Deserialize)]
struct Payload {
    day: NaiveDate,
}

/// The job that follows from a change in somebody's day.
pub fn job(company: Uuid, day: NaiveDate) -> NewJob {
    NewJob::new(
        company,
        KIND,
        json!({ "day": day }),
        format!("usage:{company}:{day}"),
    )
}

/// The jobs that follow from what was taken in, each when its day may be summed again.
pub(crate) fn jobs(
    conn: &mut PgConnection,
    company: Uuid,
    days: &[NaiveDate],
) -> Result<Vec<NewJob>> {
    let again_at = company_days::again_at(conn, company, days)?;
    let jobs = days.iter().map(|day| NewJob {
        not_before: (again_at.iter().find(|(of, _)| of == day)).map(|(_, at)| *at),
        ..job(company, *day)
    });
    Ok(jobs.collect())
}

pub fn run(db: &Db, job: &Job) -> Result<()> {
    let Payload { day } =
        serde_json::from_value(job.payload.clone()).map_err(anyhow::Error::from)?;
    let company = job.company_id;
    db.tenant_blocking(Scope::job(company), |tx| {
        company_days::write(tx.conn, tx.company, day)
    })?;
    // tracker_jobs alone may write what is published.
    db.platform_job_blocking(|conn| {
        write(conn, company, day)?;
        overview::publish(conn, Some(company))
    })
}

/// Writes the owner's numbers of the company's day anew, or takes it away when nobody has one.
pub fn write(conn: &mut PgConnection, company: Uuid, day: NaiveDate) -> Result<()> {
    // Of two that sum the same day, or the same month, the one that saw less must not write last.
    statement("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind::<Text, _>(format!("usage:{company}:{}", day.format("%Y-%m")))
        .execute(conn)?;
    statement(
        "INSERT INTO platform.company_usage_daily AS d (company_id, day, active_employees, sessions, active_seconds, screenshots, \
           storage_bytes, events, updated_at) \
         SELECT u.company_id, u.day, count(*) FILTER (WHERE u.tracked_seconds > 0), sum(u.sessions), sum(u.active_seconds), \
           sum(u.screenshots), sum(u.screenshot_bytes), sum(u.events), now() \
         FROM tenant.user_usage_daily u WHERE u.company_id = $1 AND u.day = $2 GROUP BY u.company_id, u.day \
         ON CONFLICT (company_id, day) DO UPDATE SET active_employees = excluded.active_employees, sessions = excluded.sessions, \
           active_seconds = excluded.active_seconds, screenshots = excluded.screenshots, storage_bytes = excluded.storage_bytes, \
           events = excluded.events, updated_at = excluded.updated_at",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<Date, _>(day)
    .execute(conn)?;
    statement(
        "DELETE FROM platform.company_usage_daily WHERE company_id = $1 AND day = $2 AND NOT EXISTS \
         (SELECT FROM tenant.user_usage_daily u WHERE u.company_id = $1 AND u.day = $2)",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<Date, _>(day)
    .execute(conn)?;
    write_month(conn, company, day)
}

/// Writes the month of that day anew from the company's days, or takes it away with the last of them.
pub fn write_month(conn: &mut PgConnection, company: Uuid, day: NaiveDate) -> Result<()> {
    statement(
        "INSERT INTO platform.company_usage_monthly AS m (company_id, month, active_seconds, active_employees) \
         SELECT company_id, date_trunc('month', $2::timestamp)::date, sum(active_seconds), max(active_employees) \
         FROM platform.company_usage_daily WHERE company_id = $1 AND day >= date_trunc('month', $2::timestamp) \
           AND day < date_trunc('month', $2::timestamp) + interval '1 month' GROUP BY company_id \
         ON CONFLICT (company_id, month) DO UPDATE SET active_seconds = excluded.active_seconds, \
           active_employees = excluded.active_employees",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<Date, _>(day)
    .execute(conn)?;
    statement(
        "DELETE FROM platform.company_usage_monthly WHERE company_id = $1 AND month = date_trunc('month', $2::timestamp)::date \
         AND NOT EXISTS (SELECT FROM platform.company_usage_daily d WHERE d.company_id = $1 \
           AND d.day >= date_trunc('month', $2::timestamp) AND d.day < date_trunc('month', $2::timestamp) + interval '1 month')",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<Date, _>(day)
    .execute(conn)?;
    Ok(())
}
