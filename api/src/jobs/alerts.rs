//! Alert rules of companies that take part are looked at every three minutes: with the minute that sums are behind, what
//! begins to hold is told of within five.

use chrono::{DateTime, Utc};
use diesel::sql_types::Uuid as SqlUuid;
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde_json::json;
use uuid::Uuid;

use super::queue::{self, NewJob};
use crate::Result;
use crate::app::State;
use crate::company::alerts::evaluation::evaluate;
use crate::db::Scope;

pub(super) const FIND: &str = "alerts";
pub(super) const EVALUATE: &str = "evaluate_alerts";

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    company_id: Uuid,
}

/// Queues a job for each company that watches for anything.
pub fn find(conn: &mut PgConnection) -> Result<()> {
    let companies: Vec<Id> =
        sql_query("SELECT DISTINCT company_id FROM tenant.alert_rules WHERE enabled").load(conn)?;
    let jobs: Vec<NewJob> = companies
        .into_iter()
        .map(|Id { company_id }| {
            let key = format!("{EVALUATE}:{company_id}");
            NewJob::new(company_id, EVALUATE, json!({}), key)
        })
        .collect();
    queue::enqueue(conn, &jobs)
}

/// Of a company that does not take part nothing is recorded, so that everybody would seem silent: its rules rest.
pub fn run(state: &State, company: Uuid, now: DateTime<Utc>) -> Result<()> {
    let Some(known) = state.directory.company(company) else {
        return Ok(());
    };
    if known.inactive(state.directory.grace_days).is_some() {
        return Ok(());
    }
    let most = known.max_storage_bytes();
    state.db.tenant_blocking(Scope::job(company), |mut tx| {
        evaluate(&mut tx, now, most)?;
        Ok(())
    })
}
