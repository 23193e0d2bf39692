//! What was recorded in a session goes: rows at once, pictures as they do when somebody deletes one of them. The session's own
//! row stays, so that what its device still sends of it finds no place.

use chrono::Utc;
use diesel::sql_types::{Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::Result;
use crate::db::Tx;

/// An item may lie within the minute before its session, and late ones before what was its beginning when they came.
const RAW_TABLES: [&str; 3] = ["activity_log", "application_usage", "website_usage"];

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Answers the pictures whose files are to go.
pub(super) fn delete(tx: &mut Tx, session: Uuid, user: Uuid, reason: &str) -> Result<Vec<Uuid>> {
    for table in RAW_TABLES {
        sql_query(format!(
            "DELETE FROM tenant.{table} r USING tenant.work_sessions w \
             WHERE r.company_id = $1 AND r.user_id = $2 AND r.session_id = $3 AND w.company_id = $1 AND w.id = $3 \
               AND r.started_at >= w.started_at - interval '1 day' AND r.started_at <= w.ended_at + interval '1 day'"
        ))
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(user)
        .bind::<SqlUuid, _>(session)
        .execute(tx.conn)?;
    }
    let pictures: Vec<Id> = sql_query(
        "UPDATE tenant.screenshots s SET state = 'deleted', deleted_at = $4, deleted_by = u.id, deleted_by_name = u.name, \
           deleted_reason = $6 FROM tenant.users u \
         WHERE s.company_id = $1 AND s.user_id = $2 AND s.session_id = $3 AND s.state = 'ready' AND u.company_id = $1 AND u.id = $5 \
         RETURNING s.id",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(user)
    .bind::<SqlUuid, _>(session)
    .bind::<Timestamptz, _>(Utc::now())
    .bind::<SqlUuid, _>(tx.user)
    .bind::<Text, _>(reason)
    .load(tx.conn)?;
    Ok(pictures.into_iter().map(|Id { id }| id).collect())
}
