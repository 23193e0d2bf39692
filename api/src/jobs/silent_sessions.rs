//! A work session whose device fell silent is closed at its last sign of life. What comes late extends it again.

use chrono::{DateTime, Duration, Utc};
use diesel::sql_types::{Timestamptz, Uuid as SqlUuid};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde_json::json;
use uuid::Uuid;

use super::queue::{self, NewJob};
use crate::Result;
use crate::db::{Db, Scope};

pub(super) const FIND: &str = "silent_sessions";
pub(super) const CLOSE: &str = "close_silent_sessions";

fn silent_since() -> DateTime<Utc> {
    Utc::now() - Duration::minutes(15)
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    company_id: Uuid,
}

/// Queues a job for each company with such sessions.
pub fn find(conn: &mut PgConnection) -> Result<()> {
    let companies: Vec<Id> = sql_query(
        "SELECT DISTINCT company_id FROM tenant.work_sessions WHERE ended_at IS NULL AND last_seen_at < $1",
    )
    .bind::<Timestamptz, _>(silent_since())
    .load(conn)?;
    let jobs: Vec<NewJob> = companies
        .into_iter()
        .map(|Id { company_id }| {
            NewJob::new(
                company_id,
                CLOSE,
                json!({}),
                format!("{CLOSE}:{company_id}"),
            )
        })
        .collect();
    queue::enqueue(conn, &jobs)
}

pub fn close(db: &Db, company: Uuid) -> Result<()> {
    db.tenant_blocking(Scope::job(company), |tx| {
        sql_query(
            "UPDATE tenant.work_sessions SET ended_at = greatest(last_seen_at, started_at), end_reason = 'silent' \
             WHERE company_id = $1 AND ended_at IS NULL AND last_seen_at < $2",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Timestamptz, _>(silent_since())
        .execute(tx.conn)?;
        Ok(())
    })
}
