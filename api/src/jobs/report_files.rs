//! Makes the report files that admins asked for, and takes them away a day later.

use chrono::Utc;
use diesel::sql_types::{Array, BigInt, Bool, Date, Jsonb, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::kept_files::KeptFiles;
use super::mail;
use super::queue::{self, Job, MAX_ATTEMPTS, NewJob};
use crate::app::State;
use crate::db::{DbRole, Scope, Tx};
use crate::http::error::Error;
use crate::objects::{self, Objects};
use crate::tracking::reports::made::{KEPT, write};
use crate::tracking::reports::schedules;
use crate::{Result, db::Db};

pub(super) const KIND: &str = "report_file";
pub(super) const FIND: &str = "expired_report_files";
pub(super) const FORGET: &str = "forget_report_files";
pub const FILES: KeptFiles = KeptFiles {
    table: "tenant.report_files",
    counted: "parts",
    person: "NULL",
    forget: FORGET,
    besides: ", subjects = '{}'",
};
pub(super) const FIND_DUE: &str = "due_reports";
pub(super) const DUE: &str = "due_report";

#[derive(Deserialize)]
struct Payload {
    id: Uuid,
}

/// The job of a file, for the transaction that asks for it.
pub(crate) fn job(company: Uuid, id: Uuid) -> NewJob {
    NewJob::new(company, KIND, json!({ "id": id }), format!("{KIND}:{id}"))
}

#[derive(QueryableByName)]
struct Asked {
    #[diesel(sql_type = SqlUuid)]
    requested_by: Uuid,
    #[diesel(sql_type = Jsonb)]
    report: Value,
    #[diesel(sql_type = Text)]
    format: String,
    #[diesel(sql_type = Array<SqlUuid>)]
    readers: Vec<Uuid>,
    /// Whether whoever asked is an admin of the company still.
    #[diesel(sql_type = Bool)]
    may: bool,
}

/// What fails is tried again; when that was the last time, the file says so.
pub fn run(state: &State, job: &Job) -> Result<()> {
    let Payload { id } =
        serde_json::from_value(job.payload.clone()).map_err(anyhow::Error::from)?;
    let Some(asked) = begin(&state.db, job.company_id, id)? else {
        return Ok(());
    };
    if !asked.may {
        return FILES.fail(&state.db, Scope::job(job.company_id), id);
    }
    let made = make(state, job, id, &asked);
    // What cannot be asked for any more, as a team that is gone, or is too much, will not do the next time.
    let is_final = matches!(
        made,
        Err(Error::NotFound | Error::Conflict(..) | Error::Invalid(_))
    );
    if is_final || (made.is_err() && job.attempts >= MAX_ATTEMPTS) {
        FILES.fail(&state.db, Scope::job(job.company_id), id)?;
    }
    if is_final { Ok(()) } else { made }
}

/// None when it is made already.
fn begin(db: &Db, company: Uuid, id: Uuid) -> Result<Option<Asked>> {
    db.tenant_blocking(Scope::job(company), |tx| {
        let asked = sql_query(
            "UPDATE tenant.report_files f SET state = 'running' FROM tenant.users u \
             WHERE f.company_id = $1 AND f.id = $2 AND f.state IN ('queued', 'running') AND u.company_id = $1 AND u.id = f.requested_by \
             RETURNING f.requested_by, f.report, f.format, f.readers, u.role = 'ADMIN' AND u.deactivated_at IS NULL AS may",
        );
        Ok(asked
            .bind::<SqlUuid, _>(tx.company)
            .bind::<SqlUuid, _>(id)
            .get_result(tx.conn)
            .optional()?)
    })
}

fn make(state: &State, job: &Job, id: Uuid, asked: &Asked) -> Result<()> {
    let db = &state.db;
    let company = (state.directory.company(job.company_id)).ok_or(Error::NotFound)?;
    let mut progress = FILES.progress(db, job, Scope::job(job.company_id), id);
    let number = |count: usize| i32::try_from(count).unwrap_or(i32::MAX).into();
    let progress = |done, parts| progress.say(number(done), number(parts));
    // Without a name, so that it is gone whatever becomes of this process.
    let scratch = tempfile::tempfile_in(&state.config.data_dir).map_err(anyhow::Error::from)?;
    let scope = Scope::new(company.id, asked.requested_by, DbRole::Admin);
    let made = write(
        db,
        scope,
        &company.name,
        &asked.report,
        &asked.format,
        scratch,
        progress,
    )?;
    let key = Objects::new_key(company.id, Utc::now())?;
    let bytes = objects::wait(state.objects.put_file(&key, made.file))?;
    let mails: Vec<NewJob> = (asked.readers.iter())
        .map(|reader| mail::report(company.id, *reader, id))
        .collect();
    let ready = |tx: Tx| {
        let now = Utc::now();
        let done = sql_query(
            "UPDATE tenant.report_files SET state = 'ready', object_key = $3, bytes = $4, subjects = $5, last_day = $6, \
               parts_done = parts, finished_at = $7, expires_at = $8 WHERE company_id = $1 AND id = $2 AND state = 'running'",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(&key)
        .bind::<BigInt, _>(bytes)
        .bind::<Array<SqlUuid>, _>(&made.subjects)
        .bind::<Date, _>(made.last_day)
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now + KEPT)
        .execute(tx.conn)?;
        match done {
            0 => Ok(()),
            _ => queue::enqueue(tx.conn, &mails),
        }
    };
    db.tenant_blocking(Scope::job(company.id), ready)
}

#[derive(QueryableByName)]
struct Due {
    #[diesel(sql_type = SqlUuid)]
    company_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Saved reports that are to be made now. Those of a company that does not take part wait.
pub fn find_due(conn: &mut PgConnection) -> Result<()> {
    let due: Vec<Due> = sql_query(
        "SELECT r.company_id, r.id FROM tenant.saved_reports r JOIN platform.companies c ON c.id = r.company_id \
         WHERE r.next_at <= $1 AND c.status IN ('TRIAL', 'ACTIVE')",
    )
    .bind::<Timestamptz, _>(Utc::now())
    .load(conn)?;
    let jobs: Vec<NewJob> = (due.into_iter())
        .map(|Due { company_id, id }| {
            NewJob::new(company_id, DUE, json!({ "id": id }), format!("{DUE}:{id}"))
        })
        .collect();
    queue::enqueue(conn, &jobs)
}

pub fn run_due(db: &Db, job: &Job) -> Result<()> {
    let Payload { id } =
        serde_json::from_value(job.payload.clone()).map_err(anyhow::Error::from)?;
    schedules::make_due(db, job.company_id, id, Utc::now())
}
