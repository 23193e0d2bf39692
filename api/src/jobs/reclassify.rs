//! A company's past after its rules changed: for a few seconds at a time, so that other companies' work comes between.

use std::time::{Duration, Instant};

use serde_json::json;
use uuid::Uuid;

use super::queue::{self, NewJob};
use crate::Result;
use crate::company::rules::past;
use crate::db::{Db, Scope};

pub(super) const KIND: &str = "reclassify_usage";
/// One turn; what is left is the next job's.
const TURN: Duration = Duration::from_secs(5);

/// The job of a company, for the transaction that asks for it.
pub(crate) fn job(company: Uuid) -> NewJob {
    NewJob::new(company, KIND, json!({}), format!("{KIND}:{company}"))
}

pub fn run(db: &Db, company: Uuid) -> Result<()> {
    let (scope, began) = (Scope::job(company), Instant::now());
    while let Some(user) = db.tenant_blocking(scope, |tx| past::next(tx.conn, tx.company))? {
        if began.elapsed() >= TURN {
            return db.tenant_blocking(scope, |tx| queue::enqueue(tx.conn, &[job(company)]));
        }
        db.tenant_blocking(scope, |tx| past::sort(tx, user))?;
    }
    Ok(())
}
