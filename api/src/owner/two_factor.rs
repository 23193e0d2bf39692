//! `tracker owner reset-two-factor`: for an owner who lost the app and the recovery codes.

use diesel::sql_types::{Bool, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::Result;
use crate::db::Db;

/// Switches it off and ends the owner's sign-ins, which running servers hear of. The next sign-in sets it up anew. False
/// where there is no such owner, or it is not on.
pub fn reset(db: &Db, email: &str) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Done {
        #[diesel(sql_type = Bool)]
        done: bool,
    }
    db.auth_blocking(|conn| {
        let Done { done } = sql_query("SELECT auth.end_owner_second_factor($1, $2) AS done")
            .bind::<Text, _>(email)
            .bind::<SqlUuid, _>(Uuid::now_v7())
            .get_result(conn)?;
        Ok(done)
    })
}
