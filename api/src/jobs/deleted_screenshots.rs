//! The files of a picture that somebody deleted. First the files, then their place in the company's storage: broken off in
//! between, it is done again.

use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl, sql_query};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::queue::{Job, NewJob};
use crate::Result;
use crate::app::State;
use crate::db::{Scope, Tx};
use crate::objects;

pub(super) const KIND: &str = "delete_screenshot";

#[derive(Deserialize)]
struct Payload {
    screenshot_id: Uuid,
}

/// For the transaction that deletes it.
pub(crate) fn job(company: Uuid, screenshot: Uuid) -> NewJob {
    let payload = json!({ "screenshot_id": screenshot });
    NewJob::new(company, KIND, payload, format!("{KIND}:{screenshot}"))
}

#[derive(QueryableByName)]
struct Files {
    #[diesel(sql_type = Text)]
    object_key: String,
    #[diesel(sql_type = Text)]
    thumbnail_key: String,
}

pub(super) fn run(state: &State, job: &Job) -> Result<()> {
    let Payload { screenshot_id } =
        serde_json::from_value(job.payload.clone()).map_err(anyhow::Error::from)?;
    let scope = Scope::job(job.company_id);
    let find = |tx: Tx| find(tx, screenshot_id);
    // Gone with its age, or with its person, in between.
    let Some(files) = state.db.tenant_blocking(scope, find)? else {
        return Ok(());
    };
    objects::wait(async {
        state.objects.delete(&files.object_key).await?;
        state.objects.delete(&files.thumbnail_key).await
    })?;
    state
        .db
        .tenant_blocking(scope, |tx| make_room(tx, screenshot_id))
}

fn find(tx: Tx, id: Uuid) -> Result<Option<Files>> {
    Ok(sql_query(
        "SELECT object_key, thumbnail_key FROM tenant.screenshots WHERE company_id = $1 AND id = $2 AND deleted_at IS NOT NULL",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .get_result(tx.conn)
    .optional()?)
}

/// Once: a row without bytes takes no room.
fn make_room(tx: Tx, id: Uuid) -> Result<()> {
    #[derive(QueryableByName)]
    struct Size {
        #[diesel(sql_type = BigInt)]
        bytes: i64,
    }
    let size: Option<Size> = sql_query(
        "SELECT bytes FROM tenant.screenshots WHERE company_id = $1 AND id = $2 AND deleted_at IS NOT NULL FOR UPDATE",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .get_result(tx.conn)
    .optional()?;
    let Some(Size { bytes }) = size else {
        return Ok(());
    };
    sql_query("UPDATE tenant.screenshots SET bytes = 0 WHERE company_id = $1 AND id = $2")
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(id)
        .execute(tx.conn)?;
    sql_query(
        "UPDATE tenant.company_usage SET storage_bytes = greatest(0, storage_bytes - $2) WHERE company_id = $1",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<BigInt, _>(bytes)
    .execute(tx.conn)?;
    Ok(())
}
