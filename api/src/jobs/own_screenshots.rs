//! A picture that its person deleted: the employee's role may write neither sums nor audit entries. Done in the person's name.

use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::queue::{Job, NewJob};
use crate::Result;
use crate::db::{Db, DbRole, Scope};
use crate::tracking::screenshots::deletion;

pub(super) const KIND: &str = "own_screenshot";

#[derive(Deserialize)]
struct Payload {
    user_id: Uuid,
    screenshot_id: Uuid,
}

/// For the transaction that deletes it.
pub(crate) fn job(company: Uuid, user: Uuid, screenshot: Uuid) -> NewJob {
    let payload = json!({ "user_id": user, "screenshot_id": screenshot });
    NewJob::new(company, KIND, payload, format!("{KIND}:{screenshot}"))
}

pub(super) fn run(db: &Db, job: &Job) -> Result<()> {
    let Payload {
        user_id,
        screenshot_id,
    } = serde_json::from_value(job.payload.clone()).map_err(anyhow::Error::from)?;
    let scope = Scope::new(job.company_id, user_id, DbRole::Admin);
    db.tenant_blocking(scope, |tx| deletion::account_for(tx, job.id, screenshot_id))
}
