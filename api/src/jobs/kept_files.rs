//! Takes away the files that jobs made, when the time is over that they are kept for.

use chrono::Utc;
use diesel::sql_types::{Text, Timestamptz, Uuid as SqlUuid};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde_json::json;
use uuid::Uuid;

use super::queue::{self, NewJob};
use crate::Result;
use crate::app::State;
use crate::db::Scope;
use crate::objects;

/// A table of files: `state`, `object_key`, `bytes`, `expires_at`.
pub struct KeptFiles {
    pub table: &'static str,
    /// The kind of the job that takes those of one company away.
    pub forget: &'static str,
    /// What else is emptied then, each with a comma before it.
    pub besides: &'static str,
}

#[derive(QueryableByName)]
struct Expired {
    #[diesel(sql_type = SqlUuid)]
    company_id: Uuid,
}

#[derive(QueryableByName)]
struct Old {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    object_key: String,
}

impl KeptFiles {
    /// A job for each company that has some whose time is over.
    pub fn find(&self, conn: &mut PgConnection) -> Result<()> {
        let Self { table, forget, .. } = self;
        let found: Vec<Expired> = sql_query(format!(
            "SELECT DISTINCT company_id FROM {table} WHERE state = 'ready' AND expires_at <= $1"
        ))
        .bind::<Timestamptz, _>(Utc::now())
        .load(conn)?;
        let jobs: Vec<NewJob> = found
            .into_iter()
            .map(|Expired { company_id }| {
                let key = format!("{forget}:{company_id}");
                NewJob::new(company_id, forget, json!({}), key)
            })
            .collect();
        queue::enqueue(conn, &jobs)
    }

    /// The object first: a row that still says where it is finds it again.
    pub fn forget(&self, state: &State, company: Uuid) -> Result<()> {
        let Self { table, besides, .. } = self;
        let old: Vec<Old> = state.db.tenant_blocking(Scope::job(company), |tx| {
            Ok(sql_query(format!(
                "SELECT id, object_key FROM {table} WHERE company_id = $1 AND state = 'ready' AND expires_at <= $2"
            ))
            .bind::<SqlUuid, _>(tx.company)
            .bind::<Timestamptz, _>(Utc::now())
            .load(tx.conn)?)
        })?;
        for Old { id, object_key } in old {
            objects::wait(state.objects.delete(&object_key))?;
            state.db.tenant_blocking(Scope::job(company), |tx| {
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
