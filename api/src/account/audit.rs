//! What people did to their own accounts, by whom nobody else is asked: password, two-factor, sign-ins. Recorded in the
//! transaction of the change, so that there is an entry exactly when there is the change.

use diesel::sql_types::{Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel::{PgConnection, RunQueryDsl, sql_query};
use serde_json::Value;
use uuid::Uuid;

use crate::{Result, http::origin};

/// Records it in the person's own name: an owner's among the platform's entries at once, that of a company's person
/// among the company's by a job. `action` is `account.done`; `detail` is an object of ids and numbers.
pub(crate) fn record(
    conn: &mut PgConnection,
    user: Uuid,
    action: &str,
    detail: Value,
) -> Result<()> {
    sql_query("SELECT auth.record_own_change($1, $2, $3, $4, $5, $6)")
        .bind::<SqlUuid, _>(user)
        .bind::<SqlUuid, _>(Uuid::now_v7())
        .bind::<Text, _>(action)
        .bind::<Jsonb, _>(detail)
        .bind::<Nullable<Text>, _>(origin::request_id())
        .bind::<Nullable<Text>, _>(origin::address())
        .execute(conn)?;
    Ok(())
}
