//! What was changed in a company, by whom: written in the transaction of the change, never changed after.

use diesel::sql_types::{Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel::{RunQueryDsl, sql_query};
use serde_json::Value;
use uuid::Uuid;

use crate::{Result, db::Tx, http::request_id};

/// Writes an entry in the name of the transaction's person; `detail`, an object, names the token where a program acted
/// for them. `action` is `thing.done`.
pub(crate) fn record(tx: Tx, action: &str, mut detail: Value) -> Result<()> {
    if let Some(token) = tx.token {
        detail["by_api_token"] = token.to_string().into();
    }
    sql_query(
        "INSERT INTO tenant.audit_entries (company_id, id, actor_id, actor, action, detail, request_id) \
         VALUES ($1, $2, $3, coalesce((SELECT email FROM tenant.users WHERE company_id = $1 AND id = $3), 'system'), $4, $5, $6)",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(Uuid::now_v7())
    .bind::<SqlUuid, _>(tx.user)
    .bind::<Text, _>(action)
    .bind::<Jsonb, _>(detail)
    .bind::<Nullable<Text>, _>(request_id::current())
    .execute(tx.conn)?;
    Ok(())
}
