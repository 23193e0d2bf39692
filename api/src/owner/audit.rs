//! What owners did to companies: written in the transaction of the change, never changed after.

use diesel::sql_types::{Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel::{PgConnection, RunQueryDsl, sql_query};
use serde_json::Value;
use uuid::Uuid;

use crate::{Result, http::request_id};

/// Writes an entry in the owner's name. `action` is `thing.done`.
pub(crate) fn record(
    conn: &mut PgConnection,
    owner: Uuid,
    action: &str,
    company: Uuid,
    detail: Value,
) -> Result<()> {
    sql_query(
        "INSERT INTO platform.audit_entries (id, actor_id, actor, action, company_id, detail, request_id) \
         VALUES ($1, $2, coalesce((SELECT email FROM platform.owners WHERE id = $2), 'system'), $3, $4, $5, $6)",
    )
    .bind::<SqlUuid, _>(Uuid::now_v7())
    .bind::<SqlUuid, _>(owner)
    .bind::<Text, _>(action)
    .bind::<SqlUuid, _>(company)
    .bind::<Jsonb, _>(detail)
    .bind::<Nullable<Text>, _>(request_id::current())
    .execute(conn)?;
    Ok(())
}
