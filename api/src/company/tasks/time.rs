//! How long a task took, and whom: the sums of the days, which are made of sessions that count.

use actix_web::{get, web::Data};
use chrono::NaiveDate;
use diesel::sql_types::{Array, BigInt, Date, Nullable, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{must_see, whose};
use crate::Result;
use crate::app::State;
use crate::db::Tx;
use crate::http::json::{Json, Path};
use crate::http::session::{Employee, Tenant};
use crate::tracking::access_entries;

pub(super) fn routes(api: &mut ServiceConfig) {
    api.service(show_task_time);
}

/// How long devices observed work on a task.
#[derive(Debug, Serialize, ToSchema)]
struct TaskTime {
    /// EMPLOYEE: the own time.
    tracked_seconds: i64,
    /// Who spent most of it, at most 100 people.
    people: Vec<TaskTimeOfPerson>,
}

#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct TaskTimeOfPerson {
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[diesel(sql_type = BigInt)]
    tracked_seconds: i64,
    /// The last day on which the person worked on it, in the company's zone.
    #[diesel(sql_type = Date)]
    last_day: NaiveDate,
    #[diesel(sql_type = BigInt)]
    #[serde(skip)]
    of_all: i64,
}

/// Show how long a task took, and whom. EMPLOYEE: the own time.
///
/// Whose time an ADMIN is shown can read that.
#[utoipa::path(params(("task_id" = Uuid, Path)), responses((status = 200, body = TaskTime)))]
#[get("/tasks/{task_id}/time")]
async fn show_task_time(
    session: Tenant<Employee>,
    state: Data<State>,
    task: Path<Uuid>,
) -> Result<Json<TaskTime>> {
    let (id, whose) = (task.0, whose(&session));
    let read = move |mut tx: Tx| {
        must_see(&mut tx, whose, id)?;
        let people = people(&mut tx, whose, id)?;
        note(&mut tx, &[id])?;
        Ok(TaskTime {
            tracked_seconds: people.first().map_or(0, |first| first.of_all),
            people,
        })
    };
    state.db.tenant(&session, read).await.map(Json)
}

fn people(tx: &mut Tx, whose: Option<Uuid>, task: Uuid) -> Result<Vec<TaskTimeOfPerson>> {
    Ok(sql_query(
        "SELECT s.user_id, u.name, s.tracked_seconds, s.last_day, (sum(s.tracked_seconds) OVER ())::bigint AS of_all \
         FROM (SELECT user_id, sum(tracked_seconds)::bigint AS tracked_seconds, max(day) AS last_day \
           FROM tenant.user_task_usage_daily WHERE company_id = $1 AND task_id = $2 AND ($3 IS NULL OR user_id = $3) GROUP BY user_id) s \
         LEFT JOIN tenant.users u ON u.company_id = $1 AND u.id = s.user_id ORDER BY s.tracked_seconds DESC, s.user_id LIMIT 100",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(task)
    .bind::<Nullable<SqlUuid>, _>(whose)
    .load(tx.conn)?)
}

#[derive(QueryableByName)]
struct Look {
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = Date)]
    last_day: NaiveDate,
}

/// The time of a task is mostly one person's: everybody who worked on what was shown can read who looked.
pub(crate) fn note(tx: &mut Tx, tasks: &[Uuid]) -> Result<()> {
    if tasks.is_empty() {
        return Ok(());
    }
    let looks: Vec<Look> = sql_query(
        "SELECT user_id, max(day) AS last_day FROM tenant.user_task_usage_daily \
         WHERE company_id = $1 AND task_id = ANY ($2) GROUP BY user_id ORDER BY user_id",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Array<SqlUuid>, _>(tasks)
    .load(tx.conn)?;
    let looks: Vec<_> = (looks.iter())
        .map(|look| (look.user_id, look.last_day))
        .collect();
    access_entries::note_days(tx, &looks, "tasks")
}
