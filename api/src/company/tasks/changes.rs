//! The history of a task: who changed which field, when, from what to what. Written with the change, never changed after.

use actix_web::{get, web::Data};
use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{must_see, whose};
use crate::Result;
use crate::app::State;
use crate::db::Tx;
use crate::http::json::{Json, Path, Query};
use crate::http::page::{Page, PageQuery};
use crate::http::session::{Employee, Tenant};

pub(super) fn routes(api: &mut ServiceConfig) {
    api.service(list_task_changes);
}

/// A field that is about to change.
pub(super) struct Change {
    pub field: &'static str,
    pub before: Option<String>,
    pub after: Option<String>,
}

impl Change {
    pub fn new(field: &'static str, before: Option<String>, after: Option<String>) -> Self {
        Self {
            field,
            before,
            after,
        }
    }
}

/// One field of a task that was changed.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct TaskChange {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    /// Who did it, by the name of that time.
    #[diesel(sql_type = Text)]
    actor_name: String,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    /// `title`, `description`, `assignee_id`, `team_id`, `status`, `priority`, `due_on` or `estimate_seconds`.
    #[diesel(sql_type = Text)]
    field: String,
    /// As text; of people and teams the name they have now. Absent where the field was empty.
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

/// List what was changed of a task, newest first.
#[utoipa::path(
    params(("task_id" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<TaskChange>))
)]
#[get("/tasks/{task_id}/changes")]
async fn list_task_changes(
    session: Tenant<Employee>,
    state: Data<State>,
    task: Path<Uuid>,
    query: Query<PageQuery>,
) -> Result<Json<Page<TaskChange>>> {
    let (id, whose) = (task.0, whose(&session));
    let list = format!("task changes {} {id}", session.company.id);
    let limit = query.0.limit()?;
    let after = query.0.position(&state.secrets, &list)?;
    let read = move |mut tx: Tx| {
        must_see(&mut tx, whose, id)?;
        of(&mut tx, id, whose.is_none(), after, limit + 1)
    };
    let rows = state.db.tenant(&session, read).await?;
    let position = |row: &TaskChange| row.id;
    let page = Page::cut(rows, limit, &state.secrets, &list, position)?;
    Ok(Json(page))
}

/// An employee knows no colleague's name, and an admin none of somebody who was removed.
fn of(
    tx: &mut Tx,
    task: Uuid,
    is_admin: bool,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<TaskChange>> {
    let named = |side: &str| {
        format!(
            "CASE WHEN c.{side} IS NULL THEN NULL \
               WHEN c.field = 'assignee_id' THEN coalesce((SELECT u.name FROM tenant.users u \
                 WHERE u.company_id = $1 AND u.id::text = c.{side}), $3) \
               WHEN c.field = 'team_id' THEN coalesce((SELECT g.name FROM tenant.teams g \
                 WHERE g.company_id = $1 AND g.id::text = c.{side}), 'Deleted team') \
               ELSE c.{side} END AS {side}"
        )
    };
    let unknown = match is_admin {
        true => "Removed person",
        false => "Somebody else",
    };
    Ok(sql_query(format!(
        "SELECT c.id, c.actor_name, c.at, c.field, {}, {} FROM tenant.task_changes c \
         WHERE c.company_id = $1 AND c.task_id = $2 AND ($4 IS NULL OR c.id < $4) ORDER BY c.id DESC LIMIT $5",
        named("before"),
        named("after")
    ))
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(task)
    .bind::<Text, _>(unknown)
    .bind::<Nullable<SqlUuid>, _>(after)
    .bind::<BigInt, _>(limit)
    .load(tx.conn)?)
}

pub(super) fn record(tx: &mut Tx, task: Uuid, changes: &[Change]) -> Result<()> {
    let ids: Vec<Uuid> = changes.iter().map(|_| Uuid::now_v7()).collect();
    let fields: Vec<&str> = changes.iter().map(|change| change.field).collect();
    let before: Vec<_> = changes.iter().map(|change| &change.before).collect();
    let after: Vec<_> = changes.iter().map(|change| &change.after).collect();
    sql_query(
        "INSERT INTO tenant.task_changes (company_id, id, task_id, actor_id, actor_name, at, field, before, after) \
         SELECT $1, c.id, $2, u.id, u.name, $4, c.field, c.before, c.after \
         FROM tenant.users u, unnest($5, $6, $7, $8) AS c (id, field, before, after) WHERE u.company_id = $1 AND u.id = $3",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(task)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<Timestamptz, _>(Utc::now())
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<Text>, _>(fields)
    .bind::<Array<Nullable<Text>>, _>(before)
    .bind::<Array<Nullable<Text>>, _>(after)
    .execute(tx.conn)?;
    Ok(())
}
