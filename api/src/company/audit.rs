//! What was changed in a company, by whom: written in the transaction of the change, never changed after.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{RunQueryDsl, sql_query};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::{Result, db::Tx, http::origin};

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
    .bind::<Nullable<Text>, _>(origin::request_id())
    .execute(tx.conn)?;
    Ok(())
}

/// What a person did to their own account a moment ago.
#[derive(Deserialize)]
pub(crate) struct Done {
    at: DateTime<Utc>,
    user_id: Uuid,
    action: String,
    detail: Value,
    request_id: Option<String>,
}

/// Writes it as the entry of that id: once, however often the job that carries it runs.
pub(crate) fn put(tx: Tx, id: Uuid, done: &Done) -> Result<()> {
    sql_query(
        "INSERT INTO tenant.audit_entries (company_id, id, at, actor_id, actor, action, detail, request_id) \
         VALUES ($1, $2, $3, $4, coalesce((SELECT email FROM tenant.users WHERE company_id = $1 AND id = $4), 'system'), $5, $6, $7) \
         ON CONFLICT (company_id, id) DO NOTHING",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .bind::<Timestamptz, _>(done.at)
    .bind::<SqlUuid, _>(done.user_id)
    .bind::<Text, _>(&done.action)
    .bind::<Jsonb, _>(&done.detail)
    .bind::<Nullable<Text>, _>(&done.request_id)
    .execute(tx.conn)?;
    Ok(())
}
