//! What was changed in a company, by whom, and who looked at whom: written in the transaction of the change or look, sealed
//! into a chain, never changed after.

mod list;
pub mod seals;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{RunQueryDsl, sql_query};
use serde::Deserialize;
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::{Result, db::Tx, http::origin};

pub fn routes(api: &mut ServiceConfig) {
    list::routes(api);
}

/// Writes an entry in the name of the transaction's person; `detail`, an object, names the token where a program acted
/// for them. `action` is `thing.done`.
pub(crate) fn record(tx: Tx, action: &str, detail: Value) -> Result<()> {
    record_once(tx, Uuid::now_v7(), action, detail).map(drop)
}

/// The same as the entry of that id, for work that may be done again: says whether it was not there yet.
pub(crate) fn record_once(tx: Tx, id: Uuid, action: &str, mut detail: Value) -> Result<bool> {
    if let Some(token) = tx.token {
        detail["by_api_token"] = token.to_string().into();
    }
    let entries = sql_query(
        "WITH made AS (INSERT INTO tenant.audit_entries (company_id, id, actor_id, actor, action, detail, request_id, address) \
           VALUES ($1, $2, $3, coalesce((SELECT email FROM tenant.users WHERE company_id = $1 AND id = $3), 'system'), $4, $5, $6, $7) \
           ON CONFLICT (company_id, id) DO NOTHING RETURNING id) \
         INSERT INTO tenant.audit_unsealed (company_id, kind, entry_id) SELECT $1, 'change', id FROM made",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<Text, _>(action)
    .bind::<Jsonb, _>(detail)
    .bind::<Nullable<Text>, _>(origin::request_id())
    .bind::<Nullable<Text>, _>(origin::address())
    .execute(tx.conn)?;
    Ok(entries > 0)
}

/// What a person did to their own account a moment ago.
#[derive(Deserialize)]
pub(crate) struct Done {
    at: DateTime<Utc>,
    user_id: Uuid,
    action: String,
    detail: Value,
    request_id: Option<String>,
    address: Option<String>,
}

/// Writes it as the entry of that id: once, however often the job that carries it runs.
pub(crate) fn put(tx: Tx, id: Uuid, done: &Done) -> Result<()> {
    sql_query(
        "WITH made AS (INSERT INTO tenant.audit_entries (company_id, id, at, actor_id, actor, action, detail, request_id, address) \
           VALUES ($1, $2, $3, $4, coalesce((SELECT email FROM tenant.users WHERE company_id = $1 AND id = $4), 'system'), $5, $6, $7, $8) \
           ON CONFLICT (company_id, id) DO NOTHING RETURNING id) \
         INSERT INTO tenant.audit_unsealed (company_id, kind, entry_id) SELECT $1, 'change', id FROM made",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .bind::<Timestamptz, _>(done.at)
    .bind::<SqlUuid, _>(done.user_id)
    .bind::<Text, _>(&done.action)
    .bind::<Jsonb, _>(&done.detail)
    .bind::<Nullable<Text>, _>(&done.request_id)
    .bind::<Nullable<Text>, _>(&done.address)
    .execute(tx.conn)?;
    Ok(())
}
