//! What somebody did to their own account, carried to the entries of their company.

use super::queue::Job;
use crate::company::audit::{self, Done};
use crate::{
    Result,
    db::{Db, Scope},
};

pub(super) const KIND: &str = "audit";

pub(super) fn run(db: &Db, job: &Job) -> Result<()> {
    let done: Done = serde_json::from_value(job.payload.clone()).map_err(anyhow::Error::from)?;
    db.tenant_blocking(Scope::job(job.company_id), |tx| {
        audit::put(tx, job.id, &done)
    })
}
