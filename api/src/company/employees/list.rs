//! People and open invitations in one list: searched, filtered, sorted by one column, paged by that column's value. As a
//! file it has the same rows.

use std::sync::Arc;

use actix_web::{HttpResponse, web::Data};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::TenantRole;
use crate::Result;
use crate::app::State;
use crate::company::audit;
use crate::db::Tx;
use crate::http::error::Error;
use crate::http::json::given;
use crate::http::page::{Page, limit_of, position_of};
use crate::http::session::{TeamAdmin, Tenant};
use crate::http::sheet::{self, Cell, Format};
use crate::http::text::{Line, like};

/// A person of the company, or an invitation that waits for an answer.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
pub(super) struct Employee {
    /// The person's, or the invitation's while `status` is `invited`.
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = Text)]
    name: String,
    /// ADMIN, TEAM_ADMIN or EMPLOYEE.
    #[diesel(sql_type = Text)]
    role: String,
    /// `active`, `deactivated` or `invited`.
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    team_id: Option<Uuid>,
    /// The team's name.
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    team: Option<String>,
    /// The teams that a TEAM_ADMIN is limited to.
    #[diesel(sql_type = Array<SqlUuid>)]
    administers: Vec<Uuid>,
    /// The last sign of life of one of the person's devices.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    last_seen_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = BigInt)]
    tracked_seconds_today: i64,
    #[diesel(sql_type = BigInt)]
    devices: i64,
    /// When the person joined, or was invited.
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    /// Until when the invitation can be accepted.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Text)]
    #[serde(skip)]
    sort_value: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct EmployeesQuery {
    /// A part of name or e-mail.
    #[param(inline)]
    q: Option<Line<120>>,
    #[param(inline, required = false)]
    #[serde(default)]
    status: Vec<Status>,
    #[param(inline, required = false)]
    #[serde(default)]
    role: Vec<TenantRole>,
    /// People of these teams.
    #[param(required = false)]
    #[serde(default)]
    team_id: Vec<Uuid>,
    /// People of no team; beside teams, these as well.
    #[param(required = false)]
    #[serde(default)]
    without_team: bool,
    /// A column, descending with `-` in front.
    #[param(
        pattern = "^-?(name|email|role|status|team|last_seen_at|tracked_seconds_today|devices|created_at)$",
        default = "name"
    )]
    sort: Option<String>,
    #[param(max_length = 1000)]
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    #[serde(default, deserialize_with = "given")]
    limit: Option<i64>,
}

/// What is listed, and in which order.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ExportQuery {
    /// A part of name or e-mail.
    #[param(inline)]
    q: Option<Line<120>>,
    #[param(inline, required = false)]
    #[serde(default)]
    status: Vec<Status>,
    #[param(inline, required = false)]
    #[serde(default)]
    role: Vec<TenantRole>,
    /// People of these teams.
    #[param(required = false)]
    #[serde(default)]
    team_id: Vec<Uuid>,
    /// People of no team; beside teams, these as well.
    #[param(required = false)]
    #[serde(default)]
    without_team: bool,
    /// A column, descending with `-` in front.
    #[param(
        pattern = "^-?(name|email|role|status|team|last_seen_at|tracked_seconds_today|devices|created_at)$",
        default = "name"
    )]
    sort: Option<String>,
    #[param(inline, required = false)]
    #[serde(default)]
    format: Format,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    Active,
    Deactivated,
    Invited,
}

/// The file's columns, named as in the API.
const SHEET: [&str; 10] = [
    "id",
    "name",
    "email",
    "role",
    "status",
    "team",
    "last_seen_at",
    "tracked_seconds_today",
    "devices",
    "created_at",
];

impl Employee {
    fn into_row(self) -> sheet::Row {
        vec![
            Cell::Text(self.id.to_string()),
            Cell::Text(self.name),
            Cell::Text(self.email),
            Cell::Text(self.role),
            Cell::Text(self.status),
            self.team.map_or(Cell::Empty, Cell::Text),
            self.last_seen_at.map_or(Cell::Empty, Cell::Time),
            Cell::Number(self.tracked_seconds_today),
            Cell::Number(self.devices),
            Cell::Time(self.created_at),
        ]
    }
}

/// People and invitations, whose columns are `Employee`'s. `$1` company, `$2` today.
const EVERYBODY: &str = "SELECT e.*, t.name AS team FROM ( \
    SELECT u.id, u.email, u.name, u.role, CASE WHEN u.deactivated_at IS NULL THEN 'active' ELSE 'deactivated' END AS status, \
      u.team_id, coalesce(a.administers, '{}') AS administers, d.last_seen_at, coalesce(o.tracked_seconds, 0)::bigint AS tracked_seconds_today, coalesce(d.devices, 0) AS devices, \
      u.created_at, NULL::timestamptz AS expires_at \
    FROM tenant.users u \
    LEFT JOIN (SELECT user_id, max(last_seen_at) AS last_seen_at, count(*) FILTER (WHERE revoked_at IS NULL) AS devices \
      FROM tenant.devices WHERE company_id = $1 GROUP BY user_id) d ON d.user_id = u.id \
    LEFT JOIN (SELECT user_id, array_agg(team_id ORDER BY team_id) AS administers FROM tenant.team_admins \
      WHERE company_id = $1 GROUP BY user_id) a ON a.user_id = u.id \
    LEFT JOIN tenant.user_usage_daily o ON o.company_id = $1 AND o.user_id = u.id AND o.day = $2 \
    WHERE u.company_id = $1 \
    UNION ALL SELECT i.id, i.email, coalesce(i.name, ''), i.role, 'invited', i.team_id, '{}', NULL, 0, 0, i.created_at, i.expires_at \
    FROM tenant.invitations i \
    WHERE i.company_id = $1 AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > now()) e \
    LEFT JOIN tenant.teams t ON t.company_id = $1 AND t.id = e.team_id";

/// Which of them are asked for.
const ASKED: &str = "($3 IS NULL OR lower(name) LIKE $3 OR email LIKE $3) AND (cardinality($4) = 0 OR status = ANY ($4)) \
    AND (cardinality($5) = 0 OR role = ANY ($5)) \
    AND (cardinality($6) = 0 AND NOT $7 OR team_id = ANY ($6) OR $7 AND team_id IS NULL)";

/// What a query asks for, in the database's words.
#[derive(Debug)]
struct Filter {
    like: Option<String>,
    status: Vec<String>,
    role: Vec<&'static str>,
    team: Vec<Uuid>,
    without_team: bool,
    /// What is sorted by, and its type: the cursor's text is cast to it.
    order: (&'static str, &'static str),
    descending: bool,
}

/// How a column sorts.
fn order_by(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "name" => ("lower(coalesce(nullif(name, ''), email))", "text"),
        "email" => ("email", "text"),
        "role" => ("role", "text"),
        "status" => ("status", "text"),
        "team" => ("lower(coalesce(team, ''))", "text"),
        "last_seen_at" => (
            "coalesce(last_seen_at, '-infinity'::timestamptz)",
            "timestamptz",
        ),
        "tracked_seconds_today" => ("tracked_seconds_today", "bigint"),
        "devices" => ("devices", "bigint"),
        "created_at" => ("created_at", "timestamptz"),
        _ => return None,
    })
}

impl Filter {
    fn new(
        q: Option<&Line<120>>,
        status: &[Status],
        role: &[TenantRole],
        (team, without_team): (&[Uuid], bool),
        sort: &str,
    ) -> Result<Self> {
        let (name, descending) = sort
            .strip_prefix('-')
            .map_or((sort, false), |name| (name, true));
        let order = order_by(name).ok_or_else(|| {
            Error::invalid("sort", "sort_invalid", "There is no such column to sort by")
        })?;
        let name = |status: &Status| format!("{status:?}").to_lowercase();
        Ok(Self {
            like: q.map(|q| like(&q.0)),
            status: status.iter().map(name).collect(),
            role: role.iter().map(|role| role.name()).collect(),
            team: team.to_vec(),
            without_team,
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
    ) -> Result<Vec<Employee>> {
        let (value, kind) = self.order;
        let (order, beyond) = match self.descending {
            true => ("DESC", "<"),
            false => ("ASC", ">"),
        };
        let text = format!(
            "SELECT *, ({value})::text AS sort_value FROM ({EVERYBODY}) everybody \
             WHERE {ASKED} AND ($8 IS NULL OR ({value}, id) {beyond} ($8::{kind}, $9)) \
             ORDER BY {value} {order}, id {order} LIMIT $10"
        );
        let (value, id) = after.unzip();
        Ok(sql_query(text)
            .bind::<SqlUuid, _>(tx.company)
            .bind::<Date, _>(today)
            .bind::<Nullable<Text>, _>(&self.like)
            .bind::<Array<Text>, _>(&self.status)
            .bind::<Array<Text>, _>(&self.role)
            .bind::<Array<SqlUuid>, _>(&self.team)
            .bind::<Bool, _>(self.without_team)
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
        let counted: Counted = sql_query(format!(
            "SELECT count(*) FROM ({EVERYBODY}) everybody WHERE {ASKED}"
        ))
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Date, _>(today)
        .bind::<Nullable<Text>, _>(&self.like)
        .bind::<Array<Text>, _>(&self.status)
        .bind::<Array<Text>, _>(&self.role)
        .bind::<Array<SqlUuid>, _>(&self.team)
        .bind::<Bool, _>(self.without_team)
        .get_result(tx.conn)?;
        Ok(counted.count)
    }
}

/// Where a page ends: the value it is sorted by, and the person.
type Position = (String, Uuid);

pub(super) async fn page(
    session: Tenant<TeamAdmin>,
    state: Data<State>,
    query: EmployeesQuery,
) -> Result<Page<Employee>> {
    let limit = limit_of(query.limit, 50)?;
    let sort = query.sort.as_deref().unwrap_or("name");
    let teams = (&*query.team_id, query.without_team);
    let filter = Filter::new(query.q.as_ref(), &query.status, &query.role, teams, sort)?;
    let list = format!("employees {} {sort} {filter:?}", session.company.id);
    let after = position_of(query.cursor.as_deref(), &state.secrets, &list)?;
    let today = today(&session);
    let read = move |mut tx: Tx| filter.rows(&mut tx, today, after, limit + 1);
    let rows = state.db.tenant(&session, read).await?;
    let position = |row: &Employee| (row.sort_value.clone(), row.id);
    Page::cut(rows, limit, &state.secrets, &list, position)
}

/// Everything of the list, read in pages of one transaction each. The first of them writes it down.
pub(super) async fn export(
    session: Tenant<TeamAdmin>,
    state: Data<State>,
    query: ExportQuery,
) -> Result<HttpResponse> {
    let sort = query.sort.as_deref().unwrap_or("name");
    let teams = (&*query.team_id, query.without_team);
    let filter = Filter::new(query.q.as_ref(), &query.status, &query.role, teams, sort)?;
    let today = today(&session);
    let (session, filter, format) = (Arc::new(session), Arc::new(filter), query.format);
    let pages = sheet::pages(move |after: Option<Position>| {
        let (session, state, filter) = (session.clone(), state.clone(), filter.clone());
        async move {
            let page = move |mut tx: Tx| {
                let is_first = after.is_none();
                let rows = filter.rows(&mut tx, today, after, sheet::PAGE)?;
                if is_first {
                    let count = filter.count(&mut tx, today)?;
                    sheet::must_fit(count)?;
                    let detail = json!({ "format": format, "rows": count });
                    audit::record(tx, "employees.exported", detail)?;
                }
                Ok(rows)
            };
            let rows = state.db.tenant(&*session, page).await?;
            let last = rows.last().filter(|_| sheet::is_full(&rows));
            let next = last.map(|last| (last.sort_value.clone(), last.id));
            Ok((rows.into_iter().map(Employee::into_row).collect(), next))
        }
    });
    sheet::answer(format, "employees", &SHEET, pages).await
}

pub(super) fn one(tx: &mut Tx, today: NaiveDate, id: Uuid) -> Result<Employee> {
    let text = format!("SELECT *, '' AS sort_value FROM ({EVERYBODY}) everybody WHERE id = $3");
    Ok(sql_query(text)
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Date, _>(today)
        .bind::<SqlUuid, _>(id)
        .get_result(tx.conn)?)
}

/// The company's today.
pub(super) fn today<R>(session: &Tenant<R>) -> NaiveDate {
    let now = Utc::now().with_timezone(&session.company.zone());
    now.date_naive()
}
