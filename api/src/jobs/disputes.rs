//! Admins are told of what somebody contests: that person's role may write to nobody else.

use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::queue::{Job, NewJob};
use crate::Result;
use crate::db::{Db, Scope};
use crate::tracking::disputes;

pub(super) const KIND: &str = "tell_of_dispute";

#[derive(Deserialize)]
struct Payload {
    dispute_id: Uuid,
}

/// For the transaction that opens it.
pub(crate) fn job(company: Uuid, id: Uuid) -> NewJob {
    let payload = json!({ "dispute_id": id });
    NewJob::new(company, KIND, payload, format!("{KIND}:{id}"))
}

pub(super) fn run(db: &Db, job: &Job) -> Result<()> {
    let Payload { dispute_id } =
        serde_json::from_value(job.payload.clone()).map_err(anyhow::Error::from)?;
    db.tenant_blocking(Scope::job(job.company_id), |tx| {
        disputes::tell_admins(tx, dispute_id)
    })
}
