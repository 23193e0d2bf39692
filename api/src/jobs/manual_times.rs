//! Manual time of an employee whose company wants no approval: the employee's role may neither approve it nor write sums.

use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::queue::{Job, NewJob};
use crate::Result;
use crate::db::{Db, Scope};
use crate::tracking::manual_times;

pub(super) const KIND: &str = "approve_manual_time";

#[derive(Deserialize)]
struct Payload {
    manual_time_id: Uuid,
}

/// For the transaction that adds it.
pub(crate) fn job(company: Uuid, id: Uuid) -> NewJob {
    let payload = json!({ "manual_time_id": id });
    NewJob::new(company, KIND, payload, format!("{KIND}:{id}"))
}

pub(super) fn run(db: &Db, job: &Job) -> Result<()> {
    let Payload { manual_time_id } =
        serde_json::from_value(job.payload.clone()).map_err(anyhow::Error::from)?;
    db.tenant_blocking(Scope::job(job.company_id), |tx| {
        manual_times::approve_by_rule(tx, manual_time_id)
    })
}
