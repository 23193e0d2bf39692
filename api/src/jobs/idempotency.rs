//! Answers that were kept for who asks again: forgotten after their day.

use chrono::Utc;
use diesel::sql_types::{Timestamptz, Uuid as SqlUuid};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde_json::json;
use uuid::Uuid;

use super::queue::{self, NewJob};
use crate::Result;
use crate::db::{Db, Scope, Tx};
use crate::http::idempotency::KEPT;

pub(super) const FIND: &str = "idempotency";
pub(super) const FORGET: &str = "forget_idempotency_keys";

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Forgets the owner's, and asks for the same in each company that has some.
pub fn find(conn: &mut PgConnection) -> Result<()> {
    let before = Utc::now() - KEPT;
    sql_query("DELETE FROM platform.idempotency_keys WHERE created_at <= $1")
        .bind::<Timestamptz, _>(before)
        .execute(conn)?;
    let companies: Vec<Id> = sql_query(
        "SELECT DISTINCT company_id AS id FROM tenant.idempotency_keys WHERE created_at <= $1",
    )
    .bind::<Timestamptz, _>(before)
    .load(conn)?;
    let jobs: Vec<NewJob> = companies
        .into_iter()
        .map(|Id { id }| NewJob::new(id, FORGET, json!({}), format!("{FORGET}:{id}")))
        .collect();
    queue::enqueue(conn, &jobs)
}

pub fn forget(db: &Db, company: Uuid) -> Result<()> {
    db.tenant_blocking(Scope::job(company), |tx: Tx| {
        sql_query("DELETE FROM tenant.idempotency_keys WHERE company_id = $1 AND created_at <= $2")
            .bind::<SqlUuid, _>(tx.company)
            .bind::<Timestamptz, _>(Utc::now() - KEPT)
            .execute(tx.conn)?;
        Ok(())
    })
}
