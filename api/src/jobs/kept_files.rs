//! Files that jobs make for who asked for one: how far they are, and that they are taken away when the time is over that they
//! are kept for.

use std::time::{Duration, Instant};

use chrono::Utc;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::queue::{self, Job, NewJob};
use crate::app::State;
use crate::db::{DbRole, Scope};
use crate::objects;
use crate::{Result, db::Db};

/// How often is said how far one is, and that somebody still works on it.
const SAYS: Duration = Duration::from_secs(1);

/// A table of files: `state`, `object_key`, `bytes`, `finished_at`, `expires_at`.
pub struct KeptFiles {
    pub table: &'static str,
    /// What is counted while one is made: this column, and beside it `…_done`.
    pub counted: &'static str,
    /// `user_id`, where each is reached by its person's transactions alone; else NULL.
    pub person: &'static str,
    /// The kind of the job that takes those of one company, or of one person, away.
    pub forget: &'static str,
    /// What else is emptied then, each with a comma before it.
    pub besides: &'static str,
}

#[derive(QueryableByName)]
struct Expired {
    #[diesel(sql_type = SqlUuid)]
    company_id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    person: Option<Uuid>,
}

/// Whose are taken away, where they are not the company's.
#[derive(Deserialize)]
struct Payload {
    user_id: Option<Uuid>,
}

#[derive(QueryableByName)]
struct Old {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    object_key: String,
}

/// Tells of a file that is being made.
pub struct Progress<'a> {
    files: &'a KeptFiles,
    db: &'a Db,
    job: &'a Job,
    scope: Scope,
    id: Uuid,
    said: Option<Instant>,
}

impl Progress<'_> {
    /// How far it is, where that was not said a moment ago; and the job stays this worker's, or the work ends here.
    pub fn say(&mut self, done: i64, of: i64) -> Result<()> {
        if self.said.is_some_and(|at| at.elapsed() < SAYS) {
            return Ok(());
        }
        self.said = Some(Instant::now());
        let KeptFiles { table, counted, .. } = self.files;
        (self.db).platform_job_blocking(|conn| queue::hold(conn, self.job))?;
        (self.db).tenant_blocking(self.scope, |tx| {
            sql_query(format!(
                "UPDATE {table} SET {counted} = $3, {counted}_done = $4 WHERE company_id = $1 AND id = $2"
            ))
            .bind::<SqlUuid, _>(tx.company)
            .bind::<SqlUuid, _>(self.id)
            .bind::<BigInt, _>(of)
            .bind::<BigInt, _>(done)
            .execute(tx.conn)?;
            Ok(())
        })
    }
}

impl KeptFiles {
    pub fn progress<'a>(
        &'a self,
        db: &'a Db,
        job: &'a Job,
        scope: Scope,
        id: Uuid,
    ) -> Progress<'a> {
        Progress {
            files: self,
            db,
            job,
            scope,
            id,
            said: None,
        }
    }

    /// Says that it will not be made.
    pub fn fail(&self, db: &Db, scope: Scope, id: Uuid) -> Result<()> {
        let table = self.table;
        db.tenant_blocking(scope, |tx| {
            sql_query(format!(
                "UPDATE {table} SET state = 'failed', finished_at = $3 WHERE company_id = $1 AND id = $2 AND state = 'running'"
            ))
            .bind::<SqlUuid, _>(tx.company)
            .bind::<SqlUuid, _>(id)
            .bind::<Timestamptz, _>(Utc::now())
            .execute(tx.conn)?;
            Ok(())
        })
    }

    /// A job for each company, or each person, that has some whose time is over.
    pub fn find(&self, conn: &mut PgConnection) -> Result<()> {
        let Self {
            table,
            forget,
            person,
            ..
        } = self;
        let found: Vec<Expired> = sql_query(format!(
            "SELECT DISTINCT company_id, {person}::uuid AS person FROM {table} WHERE state = 'ready' AND expires_at <= $1"
        ))
        .bind::<Timestamptz, _>(Utc::now())
        .load(conn)?;
        let jobs: Vec<NewJob> = found
            .into_iter()
            .map(|Expired { company_id, person }| match person {
                None => {
                    let key = format!("{forget}:{company_id}");
                    NewJob::new(company_id, forget, json!({}), key)
                }
                Some(person) => {
                    let key = format!("{forget}:{person}");
                    NewJob::new(company_id, forget, json!({ "user_id": person }), key)
                }
            })
            .collect();
        queue::enqueue(conn, &jobs)
    }

    /// The object first: a row that still says where it is finds it again.
    pub fn forget(&self, state: &State, job: &Job) -> Result<()> {
        let Self { table, besides, .. } = self;
        let Payload { user_id } =
            serde_json::from_value(job.payload.clone()).map_err(anyhow::Error::from)?;
        let scope = match user_id {
            Some(person) => Scope::new(job.company_id, person, DbRole::Employee),
            None => Scope::job(job.company_id),
        };
        let old: Vec<Old> = state.db.tenant_blocking(scope, |tx| {
            Ok(sql_query(format!(
                "SELECT id, object_key FROM {table} WHERE company_id = $1 AND state = 'ready' AND expires_at <= $2"
            ))
            .bind::<SqlUuid, _>(tx.company)
            .bind::<Timestamptz, _>(Utc::now())
            .load(tx.conn)?)
        })?;
        for Old { id, object_key } in old {
            objects::wait(state.objects.delete(&object_key))?;
            state.db.tenant_blocking(scope, |tx| {
                sql_query(format!(
                    "UPDATE {table} SET state = 'expired', object_key = NULL, bytes = NULL, expires_at = NULL{besides} \
                     WHERE company_id = $1 AND id = $2 AND state = 'ready'"
                ))
                .bind::<SqlUuid, _>(tx.company)
                .bind::<SqlUuid, _>(id)
                .execute(tx.conn)?;
                Ok(())
            })?;
        }
        Ok(())
    }
}
