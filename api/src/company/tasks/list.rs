//! Tasks in one list: searched, filtered, sorted by one column, paged by that column's value. The board asks for it column by
//! column. As a file it has the same rows.

use std::sync::Arc;

use actix_web::{HttpResponse, web::Data};
use chrono::NaiveDate;
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{COLUMNS, NAMES, Task, TaskPriority, TaskStatus, time, today, whose};
use crate::Result;
use crate::app::State;
use crate::company::audit;
use crate::db::Tx;
use crate::http::error::Error;
use crate::http::json::given;
use crate::http::page::{Page, limit_of, position_of};
use crate::http::session::{Admin, Employee, Tenant};
use crate::http::sheet::{self, Cell, Format};
use crate::http::text::{Line, like};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct TasksQuery {
    /// A part of title or description.
    #[param(inline)]
    q: Option<Line<120>>,
    #[param(inline, required = false)]
    #[serde(default)]
    status: Vec<TaskStatus>,
    #[param(inline, required = false)]
    #[serde(default)]
    priority: Vec<TaskPriority>,
    #[serde(default, deserialize_with = "given")]
    assignee_id: Option<Uuid>,
    /// Nobody's; beside somebody's, these as well.
    #[param(required = false)]
    #[serde(default)]
    unassigned: bool,
    #[serde(default, deserialize_with = "given")]
    team_id: Option<Uuid>,
    /// Of no team; beside a team's, these as well.
    #[param(required = false)]
    #[serde(default)]
    without_team: bool,
    /// When they are due, by the company's calendar.
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    due: Option<TaskDue>,
    /// A column, descending with `-` in front. Tasks without a day are due last.
    #[param(
        pattern = "^-?(title|status|priority|due_on|estimate_seconds|created_at|updated_at)$",
        default = "due_on"
    )]
    sort: Option<String>,
    #[param(max_length = 1000)]
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    #[serde(default, deserialize_with = "given")]
    limit: Option<i64>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct TasksExportQuery {
    /// A part of title or description.
    #[param(inline)]
    q: Option<Line<120>>,
    #[param(inline, required = false)]
    #[serde(default)]
    status: Vec<TaskStatus>,
    #[param(inline, required = false)]
    #[serde(default)]
    priority: Vec<TaskPriority>,
    #[serde(default, deserialize_with = "given")]
    assignee_id: Option<Uuid>,
    /// Nobody's; beside somebody's, these as well.
    #[param(required = false)]
    #[serde(default)]
    unassigned: bool,
    #[serde(default, deserialize_with = "given")]
    team_id: Option<Uuid>,
    /// Of no team; beside a team's, these as well.
    #[param(required = false)]
    #[serde(default)]
    without_team: bool,
    /// When they are due, by the company's calendar.
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    due: Option<TaskDue>,
    /// A column, descending with `-` in front. Tasks without a day are due last.
    #[param(
        pattern = "^-?(title|status|priority|due_on|estimate_seconds|created_at|updated_at)$",
        default = "due_on"
    )]
    sort: Option<String>,
    #[param(inline, required = false)]
    #[serde(default)]
    format: Format,
}

/// `overdue` leaves out what is done or cancelled, `next_7_days` begins with today.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum TaskDue {
    Overdue,
    Today,
    #[serde(rename = "next_7_days")]
    Next7Days,
    None,
}

impl TaskDue {
    fn name(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::Today => "today",
            Self::Next7Days => "next_7_days",
            Self::None => "none",
        }
    }
}

/// The file's columns, named as in the API.
const SHEET: [&str; 12] = [
    "id",
    "title",
    "status",
    "priority",
    "assignee",
    "team",
    "due_on",
    "overdue",
    "estimate_seconds",
    "tracked_seconds",
    "created_at",
    "updated_at",
];

impl Listed {
    fn into_row(self) -> sheet::Row {
        let task = self.task;
        let text = |text: Option<String>| text.map_or(Cell::Empty, Cell::Text);
        vec![
            Cell::Text(task.id.to_string()),
            Cell::Text(task.title),
            Cell::Text(task.status),
            Cell::Text(task.priority),
            text(task.assignee_name),
            text(task.team_name),
            task.due_on.map_or(Cell::Empty, Cell::Day),
            Cell::Text(if task.overdue { "yes" } else { "no" }.to_owned()),
            (task.estimate_seconds).map_or(Cell::Empty, |seconds| Cell::Number(seconds.into())),
            Cell::Number(task.tracked_seconds.unwrap_or_default()),
            Cell::Time(task.created_at),
            Cell::Time(task.updated_at),
        ]
    }
}

#[derive(QueryableByName)]
struct Listed {
    #[diesel(embed)]
    task: Task,
    #[diesel(sql_type = Text)]
    sort_value: String,
}

/// Which tasks are asked for. `$1` company, `$2` today.
const ASKED: &str = "t.company_id = $1 AND ($3 IS NULL OR t.assignee_id = $3) \
    AND ($4 IS NULL OR lower(t.title) LIKE $4 OR lower(t.description) LIKE $4) \
    AND (cardinality($5) = 0 OR t.status = ANY ($5)) AND (cardinality($6) = 0 OR t.priority = ANY ($6)) \
    AND ($7 IS NULL AND NOT $8 OR t.assignee_id = $7 OR $8 AND t.assignee_id IS NULL) \
    AND ($9 IS NULL AND NOT $10 OR t.team_id = $9 OR $10 AND t.team_id IS NULL) \
    AND CASE WHEN $11 IS NULL THEN true WHEN $11 = 'overdue' THEN t.due_on < $2 AND t.status IN ('open', 'in_progress') \
      WHEN $11 = 'today' THEN t.due_on = $2 WHEN $11 = 'next_7_days' THEN t.due_on BETWEEN $2 AND $2 + 6 ELSE t.due_on IS NULL END";

/// What a query asks for, in the database's words.
#[derive(Debug)]
struct Filter {
    whose: Option<Uuid>,
    like: Option<String>,
    status: Vec<&'static str>,
    priority: Vec<&'static str>,
    assignee: Option<Uuid>,
    unassigned: bool,
    team: Option<Uuid>,
    without_team: bool,
    due: Option<&'static str>,
    /// What is sorted by, and its type: the cursor's text is cast to it.
    order: (&'static str, &'static str),
    descending: bool,
}

/// How a column sorts.
fn order_by(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "title" => ("lower(t.title)", "text"),
        "status" => (
            "array_position(ARRAY['open', 'in_progress', 'done', 'cancelled'], t.status)",
            "integer",
        ),
        "priority" => (
            "array_position(ARRAY['low', 'normal', 'high', 'urgent'], t.priority)",
            "integer",
        ),
        "due_on" => ("coalesce(t.due_on, 'infinity'::date)", "date"),
        "estimate_seconds" => ("coalesce(t.estimate_seconds, 0)", "integer"),
        "created_at" => ("t.created_at", "timestamptz"),
        "updated_at" => ("t.updated_at", "timestamptz"),
        _ => return None,
    })
}

/// Where a page ends: the value it is sorted by, and the task.
type Position = (String, Uuid);

impl Filter {
    fn order(sort: Option<&str>) -> Result<((&'static str, &'static str), bool)> {
        let sort = sort.unwrap_or("due_on");
        let (name, descending) = sort
            .strip_prefix('-')
            .map_or((sort, false), |name| (name, true));
        let order = order_by(name).ok_or_else(|| {
            Error::invalid("sort", "sort_invalid", "There is no such column to sort by")
        })?;
        Ok((order, descending))
    }

    fn of(query: &TasksQuery, whose: Option<Uuid>) -> Result<Self> {
        let (order, descending) = Self::order(query.sort.as_deref())?;
        Ok(Self {
            whose,
            like: query.q.as_ref().map(|q| like(&q.0)),
            status: query.status.iter().map(|status| status.name()).collect(),
            priority: query.priority.iter().map(|one| one.name()).collect(),
            assignee: query.assignee_id,
            unassigned: query.unassigned,
            team: query.team_id,
            without_team: query.without_team,
            due: query.due.map(TaskDue::name),
            order,
            descending,
        })
    }

    fn rows(
        &self,
        tx: &mut Tx,
        today: NaiveDate,
        after: Option<Position>,
        limit: i64,
    ) -> Result<Vec<Listed>> {
        let (value, kind) = self.order;
        let (order, beyond) = match self.descending {
            true => ("DESC", "<"),
            false => ("ASC", ">"),
        };
        // Cut to the page before names and times are looked up.
        let text = format!(
            "SELECT {COLUMNS}, NULL::text AS description, s.tracked_seconds, ({value})::text AS sort_value \
             FROM (SELECT t.* FROM tenant.tasks t WHERE {ASKED} AND ($12 IS NULL OR ({value}, t.id) {beyond} ($12::{kind}, $13)) \
               ORDER BY {value} {order}, t.id {order} LIMIT $14) t {NAMES} \
             CROSS JOIN LATERAL (SELECT coalesce(sum(u.tracked_seconds), 0)::bigint AS tracked_seconds \
               FROM tenant.user_task_usage_daily u WHERE u.company_id = $1 AND u.task_id = t.id AND ($3 IS NULL OR u.user_id = $3)) s \
             ORDER BY {value} {order}, t.id {order}"
        );
        let (value, id) = after.unzip();
        Ok(sql_query(text)
            .bind::<SqlUuid, _>(tx.company)
            .bind::<Date, _>(today)
            .bind::<Nullable<SqlUuid>, _>(self.whose)
            .bind::<Nullable<Text>, _>(&self.like)
            .bind::<Array<Text>, _>(&self.status)
            .bind::<Array<Text>, _>(&self.priority)
            .bind::<Nullable<SqlUuid>, _>(self.assignee)
            .bind::<Bool, _>(self.unassigned)
            .bind::<Nullable<SqlUuid>, _>(self.team)
            .bind::<Bool, _>(self.without_team)
            .bind::<Nullable<Text>, _>(self.due)
            .bind::<Nullable<Text>, _>(value)
            .bind::<Nullable<SqlUuid>, _>(id)
            .bind::<BigInt, _>(limit)
            .load(tx.conn)?)
    }

    fn count(&self, tx: &mut Tx, today: NaiveDate) -> Result<i64> {
        #[derive(QueryableByName)]
        struct Counted {
            #[diesel(sql_type = BigInt)]
            count: i64,
        }
        let counted: Counted =
            sql_query(format!("SELECT count(*) FROM tenant.tasks t WHERE {ASKED}"))
                .bind::<SqlUuid, _>(tx.company)
                .bind::<Date, _>(today)
                .bind::<Nullable<SqlUuid>, _>(self.whose)
                .bind::<Nullable<Text>, _>(&self.like)
                .bind::<Array<Text>, _>(&self.status)
                .bind::<Array<Text>, _>(&self.priority)
                .bind::<Nullable<SqlUuid>, _>(self.assignee)
                .bind::<Bool, _>(self.unassigned)
                .bind::<Nullable<SqlUuid>, _>(self.team)
                .bind::<Bool, _>(self.without_team)
                .bind::<Nullable<Text>, _>(self.due)
                .get_result(tx.conn)?;
        Ok(counted.count)
    }
}

/// Whoever worked on what is shown can read who looked.
fn note(tx: &mut Tx, rows: &[Listed]) -> Result<()> {
    let tasks: Vec<Uuid> = rows.iter().map(|row| row.task.id).collect();
    time::note(tx, &tasks)
}

pub(super) async fn page(
    session: Tenant<Employee>,
    state: Data<State>,
    query: TasksQuery,
) -> Result<Page<Task>> {
    let limit = limit_of(query.limit, 50)?;
    let filter = Filter::of(&query, whose(&session))?;
    let list = format!("tasks {} {filter:?}", session.company.id);
    let after = position_of(query.cursor.as_deref(), &state.secrets, &list)?;
    let (today, secrets) = (today(&session), state.secrets.clone());
    let read = move |mut tx: Tx| {
        let rows = filter.rows(&mut tx, today, after, limit + 1)?;
        let position = |row: &Listed| (row.sort_value.clone(), row.task.id);
        let page = Page::cut(rows, limit, &secrets, &list, position)?;
        note(&mut tx, &page.items)?;
        Ok(page.map(|row| row.task))
    };
    state.db.tenant(&session, read).await
}

/// Everything of the list, read in pages of one transaction each. The first of them writes it down.
pub(super) async fn export(
    session: Tenant<Admin>,
    state: Data<State>,
    query: TasksExportQuery,
) -> Result<HttpResponse> {
    let format = query.format;
    let query = TasksQuery {
        q: query.q,
        status: query.status,
        priority: query.priority,
        assignee_id: query.assignee_id,
        unassigned: query.unassigned,
        team_id: query.team_id,
        without_team: query.without_team,
        due: query.due,
        sort: query.sort,
        cursor: None,
        limit: None,
    };
    let filter = Filter::of(&query, whose(&session))?;
    let today = today(&session);
    let (session, filter) = (Arc::new(session), Arc::new(filter));
    let pages = sheet::pages(move |after: Option<Position>| {
        let (session, state, filter) = (session.clone(), state.clone(), filter.clone());
        async move {
            let page = move |mut tx: Tx| {
                let is_first = after.is_none();
                let rows = filter.rows(&mut tx, today, after, sheet::PAGE)?;
                note(&mut tx, &rows)?;
                if is_first {
                    let count = filter.count(&mut tx, today)?;
                    sheet::must_fit(count)?;
                    let detail = json!({ "format": format, "rows": count });
                    audit::record(tx, "tasks.exported", detail)?;
                }
                Ok(rows)
            };
            let rows = state.db.tenant(&*session, page).await?;
            let last = rows.last().filter(|_| sheet::is_full(&rows));
            let next = last.map(|last| (last.sort_value.clone(), last.task.id));
            Ok((rows.into_iter().map(Listed::into_row).collect(), next))
        }
    });
    sheet::answer(format, "tasks", &SHEET, pages).await
}
