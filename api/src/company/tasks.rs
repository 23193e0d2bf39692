//! Tasks: what is to be done, by whom and until when. Admins make and change them. Whom a task is assigned to sees it, says
//! how far it is and comments on it: the policies of the database's role say so as well. How long it took is never typed,
//! it is what devices observed in work sessions of the task.

pub(crate) mod agent;
mod changes;
mod comments;
mod list;
mod time;
pub(crate) mod timer;

use actix_web::{HttpResponse, get, patch, post, web::Data};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{
    BigInt, Bool, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::audit;
use super::notifications::{self, Notice, NotificationKind};
use crate::Result;
use crate::app::State;
use crate::db::Tx;
use crate::http::error::Error;
use crate::http::idempotency::{Made, Once};
use crate::http::json::{Json, Path, Query, given};
use crate::http::page::Page;
use crate::http::precondition::{IfMatch, Tagged, Versioned};
use crate::http::session::{Admin, Employee, Tenant};
use crate::http::sheet::Book;
use crate::http::text::{Line, Paragraphs};
use crate::http::token::Role;
use crate::tracking::days::Day;
use changes::Change;
use list::{TasksExportQuery, TasksQuery};
pub(crate) use time::note as note_time;

/// A year of work: longer ones are several tasks.
const LONGEST_ESTIMATE: i32 = 31_536_000;

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_tasks)
        .service(export_tasks)
        .service(create_task)
        .service(show_task)
        .service(change_task)
        .service(change_task_status);
    changes::routes(api);
    comments::routes(api);
    time::routes(api);
    timer::routes(api);
}

/// How far a task is. `done` and `cancelled` ones are closed: agents do not offer them, and they are never overdue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum TaskStatus {
    Open,
    InProgress,
    Done,
    Cancelled,
}

impl TaskStatus {
    fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::InProgress => "in_progress",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum TaskPriority {
    Low,
    Normal,
    High,
    Urgent,
}

impl TaskPriority {
    fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }
}

/// Something that is to be done.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct Task {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    title: String,
    /// Markdown. Only of a single task: lists leave it out.
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// `open`, `in_progress`, `done` or `cancelled`.
    #[diesel(sql_type = Text)]
    status: String,
    /// `low`, `normal`, `high` or `urgent`.
    #[diesel(sql_type = Text)]
    priority: String,
    /// Nobody's where it is absent.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    assignee_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    assignee_name: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    team_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    team_name: Option<String>,
    /// A day in the company's zone, itself included.
    #[diesel(sql_type = Nullable<Date>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    due_on: Option<NaiveDate>,
    /// The day is over in the company's zone, and the task is neither done nor cancelled.
    #[diesel(sql_type = Bool)]
    overdue: bool,
    #[diesel(sql_type = Nullable<Integer>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    estimate_seconds: Option<i32>,
    /// What devices observed in sessions of the task, without excluded ones. Only in lists: of a single task it is asked for
    /// apart, as that is noted for the people who worked on it. EMPLOYEE: the own time.
    #[diesel(sql_type = Nullable<BigInt>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    tracked_seconds: Option<i64>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    updated_at: DateTime<Utc>,
    /// `If-Match` names it, in quotes.
    #[diesel(sql_type = Text)]
    version: String,
}

impl Versioned for Task {
    fn version(&self) -> String {
        self.version.clone()
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewTask {
    title: Line<200>,
    /// Markdown.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    description: Option<Paragraphs<10000>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    assignee_id: Option<Uuid>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    team_id: Option<Uuid>,
    /// Default: `open`.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    status: Option<TaskStatus>,
    /// Default: `normal`.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    priority: Option<TaskPriority>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    due_on: Option<Day>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, minimum = 0, maximum = 31536000)]
    estimate_seconds: Option<i32>,
}

/// What is absent stays, and null empties the field.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TaskPatch {
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    title: Option<Line<200>>,
    /// Markdown.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Paragraphs<10000>>)]
    description: Option<Option<Paragraphs<10000>>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Uuid>)]
    assignee_id: Option<Option<Uuid>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Uuid>)]
    team_id: Option<Option<Uuid>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    status: Option<TaskStatus>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    priority: Option<TaskPriority>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Day>)]
    due_on: Option<Option<Day>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 31536000)]
    estimate_seconds: Option<Option<i32>>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewTaskStatus {
    status: TaskStatus,
}

/// List tasks. EMPLOYEE: those that are assigned to oneself.
///
/// Whose time an ADMIN is shown can read that.
#[utoipa::path(params(TasksQuery), responses((status = 200, body = Page<Task>)))]
#[get("/tasks")]
async fn list_tasks(
    session: Tenant<Employee>,
    state: Data<State>,
    query: Query<TasksQuery>,
) -> Result<Json<Page<Task>>> {
    list::page(session, state, query.0).await.map(Json)
}

/// Export the list of tasks as a file, as CSV or as a workbook: all that the filter lets through, in the list's order.
///
/// Written to the audit log, and noted for those whose time is in it. In CSV an apostrophe stands before a text that a
/// spreadsheet would read as a formula.
#[utoipa::path(
    params(TasksExportQuery),
    responses((status = 200, content((String = "text/csv"), (Book = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))))
)]
#[get("/tasks/export")]
async fn export_tasks(
    session: Tenant<Admin>,
    state: Data<State>,
    query: Query<TasksExportQuery>,
) -> Result<HttpResponse> {
    list::export(session, state, query.0).await
}

/// Create a task.
#[utoipa::path(request_body = NewTask, responses((status = 201, body = Task)))]
#[post("/tasks")]
async fn create_task(
    session: Tenant<Admin>,
    state: Data<State>,
    once: Once,
    body: Json<NewTask>,
) -> Result<HttpResponse> {
    let (id, today) = (Uuid::now_v7(), today(&session));
    let wanted = Fields::new(body.0)?;
    let create = move |mut tx: Tx| {
        wanted.check_who(&mut tx, None)?;
        insert(&mut tx, id, &wanted)?;
        let detail =
            json!({ "task_id": id, "title": wanted.title, "assignee_id": wanted.assignee_id });
        audit::record(tx.again(), "task.created", detail)?;
        tell_assignee(&mut tx, id, wanted.assignee_id)?;
        let task = one(&mut tx, today, None, id)?;
        Ok(Made::new(format!("/api/tasks/{id}"), task))
    };
    once.tenant(&state, &session, create).await
}

/// Show one task.
#[utoipa::path(params(("task_id" = Uuid, Path)), responses((status = 200, body = Task)))]
#[get("/tasks/{task_id}")]
async fn show_task(
    session: Tenant<Employee>,
    state: Data<State>,
    task: Path<Uuid>,
) -> Result<Tagged<Task>> {
    let (id, today, whose) = (task.0, today(&session), whose(&session));
    let show = move |mut tx: Tx| one(&mut tx, today, whose, id);
    state.db.tenant(&session, show).await.map(Tagged)
}

/// Change a task. Each field that changes is in the task's history.
#[utoipa::path(
    params(("task_id" = Uuid, Path)),
    request_body = TaskPatch,
    responses((status = 200, body = Task))
)]
#[patch("/tasks/{task_id}")]
async fn change_task(
    session: Tenant<Admin>,
    state: Data<State>,
    seen: IfMatch,
    task: Path<Uuid>,
    body: Json<TaskPatch>,
) -> Result<Tagged<Task>> {
    let (id, today, patch) = (task.0, today(&session), body.0);
    let change = move |mut tx: Tx| {
        hold(&mut tx, None, id)?;
        let before = one(&mut tx, today, None, id)?;
        seen.check(&before.version)?;
        let before = Fields::of(before);
        let wanted = before.clone().with(patch)?;
        wanted.check_who(&mut tx, Some(&before))?;
        let changes = before.changes(&wanted);
        if !changes.is_empty() {
            update(&mut tx, id, &wanted)?;
            changes::record(&mut tx, id, &changes)?;
            write_down(&mut tx, id, &changes)?;
            let is_new = wanted.assignee_id != before.assignee_id;
            tell_assignee(&mut tx, id, wanted.assignee_id.filter(|_| is_new))?;
        }
        one(&mut tx, today, None, id)
    };
    state.db.tenant(&session, change).await.map(Tagged)
}

/// Say how far a task is. EMPLOYEE: one that is assigned to oneself.
#[utoipa::path(
    params(("task_id" = Uuid, Path)),
    request_body = NewTaskStatus,
    responses((status = 200, body = Task))
)]
#[patch("/tasks/{task_id}/status")]
async fn change_task_status(
    session: Tenant<Employee>,
    state: Data<State>,
    seen: IfMatch,
    task: Path<Uuid>,
    body: Json<NewTaskStatus>,
) -> Result<Tagged<Task>> {
    let (id, today, whose) = (task.0, today(&session), whose(&session));
    let (status, is_admin) = (body.0.status.name(), whose.is_none());
    let change = move |mut tx: Tx| {
        hold(&mut tx, whose, id)?;
        let before = one(&mut tx, today, whose, id)?;
        seen.check(&before.version)?;
        if before.status != status {
            set_status(&mut tx, whose, id, status)?;
            let changes = [Change::new(
                "status",
                Some(before.status),
                Some(status.into()),
            )];
            changes::record(&mut tx, id, &changes)?;
            // The company's audit log is of its admins; the history of the task has both.
            if is_admin {
                write_down(&mut tx, id, &changes)?;
            }
        }
        one(&mut tx, today, whose, id)
    };
    state.db.tenant(&session, change).await.map(Tagged)
}

/// What somebody may decide about a task.
#[derive(Debug, Clone)]
struct Fields {
    title: String,
    description: String,
    assignee_id: Option<Uuid>,
    team_id: Option<Uuid>,
    status: String,
    priority: String,
    due_on: Option<NaiveDate>,
    estimate_seconds: Option<i32>,
}

impl Fields {
    fn new(new: NewTask) -> Result<Self> {
        let status = new.status.unwrap_or(TaskStatus::Open);
        let priority = new.priority.unwrap_or(TaskPriority::Normal);
        Self {
            title: new.title.0,
            description: new.description.map(|text| text.0).unwrap_or_default(),
            assignee_id: new.assignee_id,
            team_id: new.team_id,
            status: status.name().to_owned(),
            priority: priority.name().to_owned(),
            due_on: new.due_on.map(|Day(day)| day),
            estimate_seconds: new.estimate_seconds,
        }
        .checked()
    }

    fn of(task: Task) -> Self {
        Self {
            title: task.title,
            description: task.description.unwrap_or_default(),
            assignee_id: task.assignee_id,
            team_id: task.team_id,
            status: task.status,
            priority: task.priority,
            due_on: task.due_on,
            estimate_seconds: task.estimate_seconds,
        }
    }

    fn with(self, patch: TaskPatch) -> Result<Self> {
        let description = patch
            .description
            .map(|text| text.map(|text| text.0).unwrap_or_default());
        let due_on = patch.due_on.map(|day| day.map(|Day(day)| day));
        Self {
            title: patch.title.map_or(self.title, |title| title.0),
            description: description.unwrap_or(self.description),
            assignee_id: patch.assignee_id.unwrap_or(self.assignee_id),
            team_id: patch.team_id.unwrap_or(self.team_id),
            status: patch.status.map_or(self.status, |to| to.name().to_owned()),
            priority: (patch.priority).map_or(self.priority, |to| to.name().to_owned()),
            due_on: due_on.unwrap_or(self.due_on),
            estimate_seconds: patch.estimate_seconds.unwrap_or(self.estimate_seconds),
        }
        .checked()
    }

    fn checked(self) -> Result<Self> {
        let estimate = self.estimate_seconds.unwrap_or_default();
        match (0..=LONGEST_ESTIMATE).contains(&estimate) {
            true => Ok(self),
            false => Err(Error::invalid(
                "/estimate_seconds",
                "tasks_estimate_invalid",
                "An estimate is 0 to 31536000 seconds",
            )),
        }
    }

    /// People and teams of the company alone; who has left gets no new tasks, and keeps those that are there.
    fn check_who(&self, tx: &mut Tx, before: Option<&Self>) -> Result<()> {
        let is_new = |of: fn(&Self) -> Option<Uuid>| {
            of(self).filter(|wanted| before.and_then(of) != Some(*wanted))
        };
        if let Some(person) = is_new(|fields| fields.assignee_id) {
            let (code, detail) = match is_active(tx, person)? {
                Some(true) => ("", ""),
                Some(false) => ("assignee_deactivated", "This person is deactivated"),
                None => ("assignee_unknown", "There is no such person"),
            };
            if !code.is_empty() {
                return Err(Error::invalid("/assignee_id", code, detail));
            }
        }
        match is_new(|fields| fields.team_id) {
            Some(team) if !is_team(tx, team)? => Err(Error::invalid(
                "/team_id",
                "team_unknown",
                "There is no such team",
            )),
            _ => Ok(()),
        }
    }

    fn said(&self) -> [(&'static str, Option<String>); 8] {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        [
            ("title", text(&self.title)),
            ("description", text(&self.description)),
            ("assignee_id", self.assignee_id.map(|id| id.to_string())),
            ("team_id", self.team_id.map(|id| id.to_string())),
            ("status", text(&self.status)),
            ("priority", text(&self.priority)),
            ("due_on", self.due_on.map(|day| day.to_string())),
            (
                "estimate_seconds",
                self.estimate_seconds.map(|seconds| seconds.to_string()),
            ),
        ]
    }

    fn changes(&self, wanted: &Self) -> Vec<Change> {
        (self.said().into_iter().zip(wanted.said()))
            .filter(|((_, before), (_, after))| before != after)
            .map(|((field, before), (_, after))| Change::new(field, before, after))
            .collect()
    }
}

/// What the audit log says of a change: which fields, and of short ones what they were and are.
fn write_down(tx: &mut Tx, id: Uuid, changes: &[Change]) -> Result<()> {
    let mut detail = json!({ "task_id": id });
    for change in changes {
        detail[change.field] = match change.field {
            "description" => json!("changed"),
            _ => json!({ "before": change.before, "after": change.after }),
        };
    }
    audit::record(tx.again(), "task.changed", detail)
}

fn tell_assignee(tx: &mut Tx, task: Uuid, assignee: Option<Uuid>) -> Result<()> {
    let notice = assignee.map(|assignee| Notice {
        task: Some(task),
        ..Notice::new(assignee, NotificationKind::TaskAssigned)
    });
    notifications::tell(tx, notice.as_slice())
}

/// Employees see what is assigned to them: the database's policy says so as well.
fn whose<R>(session: &Tenant<R>) -> Option<Uuid> {
    (session.role != Role::Admin).then_some(session.user)
}

/// The company's today.
fn today<R>(session: &Tenant<R>) -> NaiveDate {
    let now = Utc::now().with_timezone(&session.company.zone());
    now.date_naive()
}

/// What every list and the single task have of a row `t` with its people and teams. `$1` company, `$2` today. The version
/// goes with everything that is told, hence with names as well.
const COLUMNS: &str = "t.id, t.title, t.status, t.priority, t.assignee_id, a.name AS assignee_name, t.team_id, g.name AS team_name, \
    t.due_on, d.overdue, t.estimate_seconds, t.created_at, t.updated_at, \
    t.version || '-' || left(encode(sha256(convert_to(concat_ws('|', a.name, g.name, d.overdue), 'UTF8')), 'hex'), 8) AS version";
const NAMES: &str = "LEFT JOIN tenant.users a ON a.company_id = $1 AND a.id = t.assignee_id \
    LEFT JOIN tenant.teams g ON g.company_id = $1 AND g.id = t.team_id \
    CROSS JOIN LATERAL (SELECT coalesce(t.due_on < $2 AND t.status IN ('open', 'in_progress'), false) AS overdue) d";

fn one(tx: &mut Tx, today: NaiveDate, whose: Option<Uuid>, id: Uuid) -> Result<Task> {
    Ok(sql_query(format!(
        "SELECT {COLUMNS}, t.description, NULL::bigint AS tracked_seconds FROM tenant.tasks t {NAMES} \
         WHERE t.company_id = $1 AND t.id = $3 AND ($4 IS NULL OR t.assignee_id = $4)"
    ))
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Date, _>(today)
    .bind::<SqlUuid, _>(id)
    .bind::<Nullable<SqlUuid>, _>(whose)
    .get_result(tx.conn)?)
}

/// Holds the task until the end of the transaction, or 404.
fn hold(tx: &mut Tx, whose: Option<Uuid>, id: Uuid) -> Result<()> {
    let held = sql_query(
        "SELECT FROM tenant.tasks WHERE company_id = $1 AND id = $2 AND ($3 IS NULL OR assignee_id = $3) FOR NO KEY UPDATE",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .bind::<Nullable<SqlUuid>, _>(whose)
    .execute(tx.conn)?;
    match held {
        0 => Err(Error::NotFound),
        _ => Ok(()),
    }
}

/// Whether somebody may see the task: else it is as if it were not there.
fn must_see(tx: &mut Tx, whose: Option<Uuid>, id: Uuid) -> Result<()> {
    let seen = sql_query(
        "SELECT FROM tenant.tasks WHERE company_id = $1 AND id = $2 AND ($3 IS NULL OR assignee_id = $3)",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .bind::<Nullable<SqlUuid>, _>(whose)
    .execute(tx.conn)?;
    match seen {
        0 => Err(Error::NotFound),
        _ => Ok(()),
    }
}

fn insert(tx: &mut Tx, id: Uuid, fields: &Fields) -> Result<()> {
    sql_query(
        "INSERT INTO tenant.tasks (company_id, id, title, description, assignee_id, team_id, status, priority, due_on, \
           estimate_seconds, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .bind::<Text, _>(&fields.title)
    .bind::<Text, _>(&fields.description)
    .bind::<Nullable<SqlUuid>, _>(fields.assignee_id)
    .bind::<Nullable<SqlUuid>, _>(fields.team_id)
    .bind::<Text, _>(&fields.status)
    .bind::<Text, _>(&fields.priority)
    .bind::<Nullable<Date>, _>(fields.due_on)
    .bind::<Nullable<Integer>, _>(fields.estimate_seconds)
    .bind::<SqlUuid, _>(tx.user)
    .execute(tx.conn)?;
    Ok(())
}

fn update(tx: &mut Tx, id: Uuid, fields: &Fields) -> Result<()> {
    sql_query(
        "UPDATE tenant.tasks SET title = $3, description = $4, assignee_id = $5, team_id = $6, status = $7, priority = $8, \
           due_on = $9, estimate_seconds = $10, version = version + 1, updated_at = $11 WHERE company_id = $1 AND id = $2",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .bind::<Text, _>(&fields.title)
    .bind::<Text, _>(&fields.description)
    .bind::<Nullable<SqlUuid>, _>(fields.assignee_id)
    .bind::<Nullable<SqlUuid>, _>(fields.team_id)
    .bind::<Text, _>(&fields.status)
    .bind::<Text, _>(&fields.priority)
    .bind::<Nullable<Date>, _>(fields.due_on)
    .bind::<Nullable<Integer>, _>(fields.estimate_seconds)
    .bind::<Timestamptz, _>(Utc::now())
    .execute(tx.conn)?;
    Ok(())
}

fn set_status(tx: &mut Tx, whose: Option<Uuid>, id: Uuid, status: &str) -> Result<()> {
    sql_query(
        "UPDATE tenant.tasks SET status = $3, version = version + 1, updated_at = $4 \
         WHERE company_id = $1 AND id = $2 AND ($5 IS NULL OR assignee_id = $5)",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .bind::<Text, _>(status)
    .bind::<Timestamptz, _>(Utc::now())
    .bind::<Nullable<SqlUuid>, _>(whose)
    .execute(tx.conn)?;
    Ok(())
}

#[derive(QueryableByName)]
struct Active {
    #[diesel(sql_type = Bool)]
    active: bool,
}

/// None where the company knows nobody of that id. Who is removed meanwhile is waited for.
pub(super) fn is_active(tx: &mut Tx, person: Uuid) -> Result<Option<bool>> {
    let found: Option<Active> = sql_query(
        "SELECT deactivated_at IS NULL AS active FROM tenant.users WHERE company_id = $1 AND id = $2 FOR KEY SHARE",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(person)
    .get_result(tx.conn)
    .optional()?;
    Ok(found.map(|Active { active }| active))
}

pub(super) fn is_team(tx: &mut Tx, team: Uuid) -> Result<bool> {
    let found =
        sql_query("SELECT FROM tenant.teams WHERE company_id = $1 AND id = $2 FOR KEY SHARE")
            .bind::<SqlUuid, _>(tx.company)
            .bind::<SqlUuid, _>(team)
            .execute(tx.conn)?;
    Ok(found > 0)
}
