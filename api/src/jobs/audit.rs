//! Entries that jobs write into audit logs.

use diesel::sql_types::{Jsonb, Text, Uuid as SqlUuid};
use diesel::{PgConnection, RunQueryDsl, sql_query};
use serde_json::Value;
use uuid::Uuid;

use super::queue::Job;
use crate::company;
use crate::company::audit::Done;
use crate::{
    Result,
    db::{Db, Scope},
};

pub(super) const KIND: &str = "audit";

/// Carries what somebody did to their own account to the entries of their company.
pub(super) fn run(db: &Db, job: &Job) -> Result<()> {
    let done: Done = serde_json::from_value(job.payload.clone()).map_err(anyhow::Error::from)?;
    db.tenant_blocking(Scope::job(job.company_id), |tx| {
        company::audit::put(tx, job.id, &done)
    })
}

/// Writes into the owner's log what a job did to a company. Unlike an owner, it may not read who else acts there.
pub(super) fn record(
    conn: &mut PgConnection,
    action: &str,
    company: Uuid,
    detail: Value,
) -> Result<()> {
    sql_query(
        "INSERT INTO platform.audit_entries (id, actor_id, actor, action, company_id, detail) \
         VALUES ($1, $2, 'system', $3, $4, $5)",
    )
    .bind::<SqlUuid, _>(Uuid::now_v7())
    .bind::<SqlUuid, _>(Uuid::nil())
    .bind::<Text, _>(action)
    .bind::<SqlUuid, _>(company)
    .bind::<Jsonb, _>(detail)
    .execute(conn)?;
    Ok(())
}
