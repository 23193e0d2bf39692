//! What is said about a task, by admins and by whom it is assigned to. A comment stays as it was written.

use actix_web::{HttpResponse, get, post, web::Data};
use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryDsl, QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{must_see, whose};
use crate::Result;
use crate::app::State;
use crate::company::notifications::{self, Notice, NotificationKind};
use crate::db::Tx;
use crate::db::schema::tenant::tasks;
use crate::http::idempotency::{Made, Once};
use crate::http::json::{Json, Path, Query};
use crate::http::page::{Page, PageQuery};
use crate::http::session::{Employee, Tenant};
use crate::http::text::Paragraphs;

pub(super) fn routes(api: &mut ServiceConfig) {
    api.service(list_task_comments).service(add_task_comment);
}

/// Something that was said about a task.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct TaskComment {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    /// By the name of that time.
    #[diesel(sql_type = Text)]
    author_name: String,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    /// Markdown.
    #[diesel(sql_type = Text)]
    text: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewTaskComment {
    /// Markdown.
    text: Paragraphs<5000>,
}

/// List what was said about a task, newest first.
#[utoipa::path(
    params(("task_id" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<TaskComment>))
)]
#[get("/tasks/{task_id}/comments")]
async fn list_task_comments(
    session: Tenant<Employee>,
    state: Data<State>,
    task: Path<Uuid>,
    query: Query<PageQuery>,
) -> Result<Json<Page<TaskComment>>> {
    let (id, whose) = (task.0, whose(&session));
    let list = format!("task comments {} {id}", session.company.id);
    let limit = query.0.limit()?;
    let after = query.0.position(&state.secrets, &list)?;
    let read = move |mut tx: Tx| {
        must_see(&mut tx, whose, id)?;
        of(&mut tx, id, after, limit + 1)
    };
    let rows = state.db.tenant(&session, read).await?;
    let position = |row: &TaskComment| row.id;
    let page = Page::cut(rows, limit, &state.secrets, &list, position)?;
    Ok(Json(page))
}

/// Say something about a task. EMPLOYEE: about one that is assigned to oneself.
#[utoipa::path(
    params(("task_id" = Uuid, Path)),
    request_body = NewTaskComment,
    responses((status = 201, body = TaskComment))
)]
#[post("/tasks/{task_id}/comments")]
async fn add_task_comment(
    session: Tenant<Employee>,
    state: Data<State>,
    once: Once,
    task: Path<Uuid>,
    body: Json<NewTaskComment>,
) -> Result<HttpResponse> {
    let (task, whose, Paragraphs(text)) = (task.0, whose(&session), body.0.text);
    let add = move |mut tx: Tx| {
        must_see(&mut tx, whose, task)?;
        let comment = insert(&mut tx, task, &text)?;
        // The database lets admins alone tell somebody something: an employee's own task has nobody else to tell.
        if whose.is_none() {
            tell_assignee(&mut tx, task)?;
        }
        Ok(Made::new(format!("/api/tasks/{task}/comments"), comment))
    };
    once.tenant(&state, &session, add).await
}

fn tell_assignee(tx: &mut Tx, task: Uuid) -> Result<()> {
    let assignee: Option<Uuid> = tasks::table
        .find((tx.company, task))
        .select(tasks::assignee_id)
        .first(tx.conn)?;
    let notice = assignee.map(|assignee| Notice {
        task: Some(task),
        ..Notice::new(assignee, NotificationKind::TaskCommented)
    });
    notifications::tell(tx, notice.as_slice())
}

fn of(tx: &mut Tx, task: Uuid, after: Option<Uuid>, limit: i64) -> Result<Vec<TaskComment>> {
    Ok(sql_query(
        "SELECT id, author_name, at, text FROM tenant.task_comments \
         WHERE company_id = $1 AND task_id = $2 AND ($3 IS NULL OR id < $3) ORDER BY id DESC LIMIT $4",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(task)
    .bind::<Nullable<SqlUuid>, _>(after)
    .bind::<BigInt, _>(limit)
    .load(tx.conn)?)
}

fn insert(tx: &mut Tx, task: Uuid, text: &str) -> Result<TaskComment> {
    Ok(sql_query(
        "INSERT INTO tenant.task_comments (company_id, id, task_id, author_id, author_name, text) \
         SELECT $1, $2, $3, u.id, u.name, $5 FROM tenant.users u WHERE u.company_id = $1 AND u.id = $4 \
         RETURNING id, author_name, at, text",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(Uuid::now_v7())
    .bind::<SqlUuid, _>(task)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<Text, _>(text)
    .get_result(tx.conn)?)
}
