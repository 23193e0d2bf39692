//! Makes the files that people asked for about themselves, and takes them away a day later. All of it in the person's own
//! transactions, but for the audit log, which an employee's role may not write.

use std::io::Seek;

use chrono::Utc;
use diesel::sql_types::{BigInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::kept_files::KeptFiles;
use super::queue::{Job, MAX_ATTEMPTS, NewJob};
use crate::account::own_exports::{KEPT, content::WORDS};
use crate::account::sign_ins;
use crate::app::State;
use crate::company::audit;
use crate::company::exports::archive::{self, Besides, Whose};
use crate::db::{DbRole, Scope, Tx};
use crate::http::error::Error;
use crate::objects::{self, Objects};
use crate::{Result, db::Db};

pub(super) const KIND: &str = "own_export";
pub(super) const ENTRY: &str = "own_export_entry";
pub(super) const FIND: &str = "expired_own_exports";
pub(super) const FORGET: &str = "forget_own_exports";
pub const FILES: KeptFiles = KeptFiles {
    table: "tenant.own_exports",
    counted: "items",
    person: "user_id",
    forget: FORGET,
    besides: "",
};

#[derive(Deserialize)]
struct Payload {
    id: Uuid,
    user_id: Uuid,
}

/// The job of an export, for the transaction that asks for it. It names the person: it goes with them.
pub(crate) fn job(company: Uuid, user: Uuid, id: Uuid) -> NewJob {
    let payload = json!({ "id": id, "user_id": user });
    NewJob::new(company, KIND, payload, format!("{KIND}:{id}"))
}

/// What a person did with such a file. Nothing else can be written down this way.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Did {
    Requested,
    Downloaded,
}

#[derive(Deserialize)]
struct Entry {
    id: Uuid,
    user_id: Uuid,
    did: Did,
}

/// The job that writes it into the company's audit log, for the transaction in which it is done.
pub(crate) fn entry(company: Uuid, user: Uuid, id: Uuid, did: Did) -> NewJob {
    let payload = json!({ "id": id, "user_id": user, "did": did });
    NewJob::new(
        company,
        ENTRY,
        payload,
        format!("{ENTRY}:{}", Uuid::now_v7()),
    )
}

/// In the person's name: once, however often the job runs.
pub(super) fn write_down(db: &Db, job: &Job) -> Result<()> {
    let Entry { id, user_id, did } =
        serde_json::from_value(job.payload.clone()).map_err(anyhow::Error::from)?;
    let action = match did {
        Did::Requested => "account.export_requested",
        Did::Downloaded => "account.export_downloaded",
    };
    let scope = Scope::new(job.company_id, user_id, DbRole::Admin);
    db.tenant_blocking(scope, |tx| {
        audit::record_once(tx, job.id, action, json!({ "export_id": id })).map(drop)
    })
}

/// What fails is tried again; when that was the last time, the export says so.
pub fn run(state: &State, job: &Job) -> Result<()> {
    let Payload { id, user_id } =
        serde_json::from_value(job.payload.clone()).map_err(anyhow::Error::from)?;
    let scope = Scope::new(job.company_id, user_id, DbRole::Employee);
    if !begin(&state.db, scope, id)? {
        return Ok(());
    }
    let made = make(state, job, scope, id);
    if made.is_err() && job.attempts >= MAX_ATTEMPTS {
        FILES.fail(&state.db, scope, id)?;
    }
    made
}

/// False when it is made already, or gone with its person.
fn begin(db: &Db, scope: Scope, id: Uuid) -> Result<bool> {
    let begun = db.tenant_blocking(scope, |tx| {
        let begin = "UPDATE tenant.own_exports SET state = 'running' \
             WHERE company_id = $1 AND user_id = $2 AND id = $3 AND state IN ('queued', 'running')";
        Ok(sql_query(begin)
            .bind::<SqlUuid, _>(tx.company)
            .bind::<SqlUuid, _>(tx.user)
            .bind::<SqlUuid, _>(id)
            .execute(tx.conn)?)
    })?;
    Ok(begun == 1)
}

fn make(state: &State, job: &Job, scope: Scope, id: Uuid) -> Result<()> {
    let (db, objects) = (&state.db, &state.objects);
    let company = (state.directory.company(job.company_id)).ok_or(Error::NotFound)?;
    let sign_ins = db.auth_blocking(|conn| sign_ins::taken_along(conn, scope.user))?;
    let besides = vec![Besides {
        name: "sign_ins",
        says: "Where you are signed in: browser or agent, address, and since when.",
        rows: sign_ins,
    }];
    let whose = Whose::person(scope, &WORDS, besides);
    let items = whose.count(db)?;
    let mut progress = FILES.progress(db, job, scope, id);
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
        Ok(sql_query(
            "UPDATE tenant.own_exports SET state = 'ready', object_key = $4, bytes = $5, items_done = items, finished_at = $6, expires_at = $7 \
             WHERE company_id = $1 AND user_id = $2 AND id = $3 AND state = 'running'",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(tx.user)
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(&key)
        .bind::<BigInt, _>(bytes)
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now + KEPT)
        .execute(tx.conn)?)
    };
    match db.tenant_blocking(scope, ready)? {
        // The person was erased meanwhile: no row says where the file is.
        0 => objects::wait(objects.delete(&key)),
        _ => Ok(()),
    }
}
