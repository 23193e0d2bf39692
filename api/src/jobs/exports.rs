//! Makes the files that admins asked for, and takes them away a day later.

use std::io::Seek;

use chrono::Utc;
use diesel::sql_types::{BigInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{RunQueryDsl, sql_query};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::kept_files::KeptFiles;
use super::queue::{Job, MAX_ATTEMPTS, NewJob};
use crate::app::State;
use crate::company::exports::{KEPT, archive};
use crate::db::{Scope, Tx};
use crate::http::error::Error;
use crate::objects::{self, Objects};
use crate::{Result, db::Db};

pub(super) const KIND: &str = "export";
pub(super) const FIND: &str = "expired_exports";
pub(super) const FORGET: &str = "forget_exports";
pub const FILES: KeptFiles = KeptFiles {
    table: "tenant.exports",
    counted: "items",
    person: "NULL",
    forget: FORGET,
    besides: "",
};

#[derive(Deserialize)]
struct Payload {
    id: Uuid,
}

/// The job of an export, for the transaction that asks for it.
pub(crate) fn job(company: Uuid, id: Uuid) -> NewJob {
    NewJob::new(company, KIND, json!({ "id": id }), format!("{KIND}:{id}"))
}

/// What fails is tried again; when that was the last time, the export says so.
pub fn run(state: &State, job: &Job) -> Result<()> {
    let Payload { id } =
        serde_json::from_value(job.payload.clone()).map_err(anyhow::Error::from)?;
    if !begin(&state.db, job.company_id, id)? {
        return Ok(());
    }
    let made = make(state, job, id);
    if made.is_err() && job.attempts >= MAX_ATTEMPTS {
        FILES.fail(&state.db, Scope::job(job.company_id), id)?;
    }
    made
}

/// False when it is made already.
fn begin(db: &Db, company: Uuid, id: Uuid) -> Result<bool> {
    let begun = db.tenant_blocking(Scope::job(company), |tx| {
        let begin = "UPDATE tenant.exports SET state = 'running' WHERE company_id = $1 AND id = $2 AND state IN ('queued', 'running')";
        Ok(sql_query(begin)
            .bind::<SqlUuid, _>(tx.company)
            .bind::<SqlUuid, _>(id)
            .execute(tx.conn)?)
    })?;
    Ok(begun == 1)
}

fn make(state: &State, job: &Job, id: Uuid) -> Result<()> {
    let (db, objects) = (&state.db, &state.objects);
    let company = state
        .directory
        .company(job.company_id)
        .ok_or(Error::NotFound)?;
    let whose = archive::Whose::company(company.id);
    let items = whose.count(db)?;
    let mut progress = FILES.progress(db, job, Scope::job(job.company_id), id);
    let mut progress = |done: i64| progress.say(done, items.max(done));
    progress(0)?;
    // Without a name, so that it is gone whatever becomes of this process.
    let scratch = tempfile::tempfile_in(&state.config.data_dir).map_err(anyhow::Error::from)?;
    let source = archive::Source {
        db,
        objects,
        company: &company,
        whose: &whose,
        progress: &mut progress,
    };
    let key = Objects::new_key(company.id, Utc::now())?;
    let bytes = objects::wait(async {
        let mut file = archive::write(source, scratch).await?;
        file.rewind().map_err(anyhow::Error::from)?;
        objects.put_file(&key, file).await
    })?;
    let ready = |tx: Tx| {
        let now = Utc::now();
        sql_query(
            "UPDATE tenant.exports SET state = 'ready', object_key = $3, bytes = $4, items_done = items, finished_at = $5, expires_at = $6 \
             WHERE company_id = $1 AND id = $2 AND state = 'running'",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(&key)
        .bind::<BigInt, _>(bytes)
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now + KEPT)
        .execute(tx.conn)?;
        Ok(())
    };
    db.tenant_blocking(Scope::job(company.id), ready)
}
