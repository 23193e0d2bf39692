//! What agents know of tasks: those that are the person's own and not closed yet, and whether a session may name one.

use std::collections::HashSet;

use actix_web::{get, web::Data};
use chrono::{NaiveDate, Utc};
use diesel::sql_types::{Array, Bool, Date, Nullable, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use tracker_wire::{AgentTask, AgentTasks, MAX_TASKS};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::Result;
use crate::app::State;
use crate::db::Tx;
use crate::db::statement::statement;
use crate::http::json::Json;
use crate::http::session::AgentSession;

/// Why a session is refused that names a task which is not the person's, whether or not there is one.
pub(crate) const UNKNOWN: &str = "unknown_task";

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_agent_tasks);
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    title: String,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Text)]
    priority: String,
    #[diesel(sql_type = Nullable<Date>)]
    due_on: Option<NaiveDate>,
    #[diesel(sql_type = Bool)]
    overdue: bool,
}

/// List the person's own tasks that are neither done nor cancelled: what is in progress first, then by the day they are due.
#[utoipa::path(responses((status = 200, body = AgentTasks)))]
#[get("/agent/tasks")]
async fn list_agent_tasks(session: AgentSession, state: Data<State>) -> Result<Json<AgentTasks>> {
    let today = Utc::now()
        .with_timezone(&session.company.zone())
        .date_naive();
    let rows = state
        .db
        .tenant(&session, move |mut tx| open(&mut tx, today))
        .await?;
    let items = rows.into_iter().map(|row| AgentTask {
        id: row.id,
        title: row.title,
        status: row.status,
        priority: row.priority,
        due_on: row.due_on,
        overdue: row.overdue,
    });
    Ok(Json(AgentTasks {
        items: items.collect(),
    }))
}

fn open(tx: &mut Tx, today: NaiveDate) -> Result<Vec<Row>> {
    Ok(sql_query(format!(
        "SELECT id, title, status, priority, due_on, coalesce(due_on < $3, false) AS overdue FROM tenant.tasks \
         WHERE company_id = $1 AND assignee_id = $2 AND status IN ('open', 'in_progress') \
         ORDER BY status = 'in_progress' DESC, due_on, array_position(ARRAY['urgent', 'high', 'normal', 'low'], priority), created_at, id \
         LIMIT {MAX_TASKS}"
    ))
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<Date, _>(today)
    .load(tx.conn)?)
}

/// Which of these tasks sessions of the transaction's person may name: those that are assigned to them, or were, as what was
/// recorded offline is sent after a task went to somebody else.
pub(crate) fn own(tx: &mut Tx, tasks: Vec<Uuid>) -> Result<HashSet<Uuid>> {
    #[derive(QueryableByName)]
    struct Own {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    if tasks.is_empty() {
        return Ok(HashSet::new());
    }
    let own: Vec<Own> = statement(
        "SELECT t.id FROM tenant.tasks t WHERE t.company_id = $1 AND t.assignee_id = $2 AND t.id = ANY ($3) \
         UNION SELECT c.task_id FROM tenant.task_changes c \
         WHERE c.company_id = $1 AND c.field = 'assignee_id' AND c.before = $2::text AND c.task_id = ANY ($3)",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<Array<SqlUuid>, _>(tasks)
    .load(tx.conn)?;
    Ok(own.into_iter().map(|Own { id }| id).collect())
}
