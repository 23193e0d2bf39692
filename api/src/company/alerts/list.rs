//! Alerts in one list, newest first, filtered; as a file it has the same rows.

use std::sync::Arc;

use actix_web::{HttpResponse, web::Data};
use chrono::NaiveDate;
use diesel::sql_types::{Array, BigInt, Date, Nullable, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::Alert;
use super::kinds::AlertKind;
use crate::Result;
use crate::app::State;
use crate::company::audit;
use crate::db::Tx;
use crate::http::json::given;
use crate::http::page::{Page, limit_of, position_of};
use crate::http::session::{Admin, Employee, Tenant};
use crate::http::sheet::{self, Cell, Format};
use crate::http::token::Role;
use crate::tracking::access_entries;
use crate::tracking::days::Day;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct AlertsQuery {
    #[param(inline, required = false)]
    #[serde(default)]
    state: Vec<AlertState>,
    #[param(inline, required = false)]
    #[serde(default)]
    kind: Vec<AlertKind>,
    /// About this person.
    #[serde(default, deserialize_with = "given")]
    user_id: Option<Uuid>,
    /// About people who are in this team now.
    #[serde(default, deserialize_with = "given")]
    team_id: Option<Uuid>,
    /// Of this day or later.
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    from: Option<Day>,
    /// Of this day or earlier.
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    to: Option<Day>,
    #[param(max_length = 1000)]
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    #[serde(default, deserialize_with = "given")]
    limit: Option<i64>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct AlertsExportQuery {
    #[param(inline, required = false)]
    #[serde(default)]
    state: Vec<AlertState>,
    #[param(inline, required = false)]
    #[serde(default)]
    kind: Vec<AlertKind>,
    /// About this person.
    #[serde(default, deserialize_with = "given")]
    user_id: Option<Uuid>,
    /// About people who are in this team now.
    #[serde(default, deserialize_with = "given")]
    team_id: Option<Uuid>,
    /// Of this day or later.
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    from: Option<Day>,
    /// Of this day or earlier.
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    to: Option<Day>,
    #[param(inline, required = false)]
    #[serde(default)]
    format: Format,
}

/// What has become of an alert. `acknowledged` ones may still hold or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum AlertState {
    Open,
    Resolved,
    Acknowledged,
}

impl AlertState {
    fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Resolved => "resolved",
            Self::Acknowledged => "acknowledged",
        }
    }
}

/// The file's columns, named as in the API.
const SHEET: [&str; 14] = [
    "id",
    "kind",
    "threshold",
    "value",
    "state",
    "user",
    "device",
    "problem",
    "day",
    "opened_at",
    "resolved_at",
    "acknowledged_at",
    "acknowledged_by",
    "note",
];

fn row(alert: Alert) -> sheet::Row {
    let text = |text: Option<String>| text.map_or(Cell::Empty, Cell::Text);
    vec![
        Cell::Text(alert.id.to_string()),
        Cell::Text(alert.kind),
        Cell::Number(alert.threshold.into()),
        Cell::Number(alert.value),
        Cell::Text(alert.state),
        text(alert.user_name),
        text(alert.device_name),
        text(alert.problem),
        Cell::Day(alert.day),
        Cell::Time(alert.opened_at),
        alert.resolved_at.map_or(Cell::Empty, Cell::Time),
        alert.acknowledged_at.map_or(Cell::Empty, Cell::Time),
        text(alert.acknowledged_by_name),
        text(alert.note),
    ]
}

/// Of a row `a`. The names of others are none to an employee's role.
const COLUMNS: &str = "a.id, a.kind, a.threshold, a.value, s.state, a.user_id, u.name AS user_name, a.device_id, \
    d.name AS device_name, a.problem, a.day, a.opened_at, a.resolved_at, a.acknowledged_at, k.name AS acknowledged_by_name, a.note";

/// What is asked for. `$1` company, `$2` whose.
const ASKED: &str = "FROM tenant.alerts a \
    CROSS JOIN LATERAL (SELECT CASE WHEN a.acknowledged_at IS NOT NULL THEN 'acknowledged' \
      WHEN a.resolved_at IS NOT NULL THEN 'resolved' ELSE 'open' END AS state) s \
    LEFT JOIN tenant.users u ON u.company_id = $1 AND u.id = a.user_id \
    WHERE a.company_id = $1 AND ($2 IS NULL OR a.user_id = $2) AND (cardinality($3) = 0 OR s.state = ANY ($3)) \
    AND (cardinality($4) = 0 OR a.kind = ANY ($4)) AND ($5 IS NULL OR a.user_id = $5) AND ($6 IS NULL OR u.team_id = $6) \
    AND ($7 IS NULL OR a.day >= $7) AND ($8 IS NULL OR a.day <= $8)";

/// What a query asks for, in the database's words.
#[derive(Debug)]
struct Filter {
    whose: Option<Uuid>,
    state: Vec<&'static str>,
    kind: Vec<&'static str>,
    user: Option<Uuid>,
    team: Option<Uuid>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
}

impl Filter {
    fn of<R>(query: &AlertsQuery, session: &Tenant<R>) -> Self {
        Self {
            whose: (session.role != Role::Admin).then_some(session.user),
            state: query.state.iter().map(|state| state.name()).collect(),
            kind: query.kind.iter().map(|kind| kind.name()).collect(),
            user: query.user_id,
            team: query.team_id,
            from: query.from.map(|Day(day)| day),
            to: query.to.map(|Day(day)| day),
        }
    }

    fn rows(&self, tx: &mut Tx, after: Option<Uuid>, limit: i64) -> Result<Vec<Alert>> {
        Ok(sql_query(format!(
            "SELECT {COLUMNS} FROM (SELECT a.* {ASKED} AND ($9 IS NULL OR a.id < $9) ORDER BY a.id DESC LIMIT $10) a \
             CROSS JOIN LATERAL (SELECT CASE WHEN a.acknowledged_at IS NOT NULL THEN 'acknowledged' \
               WHEN a.resolved_at IS NOT NULL THEN 'resolved' ELSE 'open' END AS state) s \
             LEFT JOIN tenant.users u ON u.company_id = $1 AND u.id = a.user_id \
             LEFT JOIN tenant.devices d ON d.company_id = $1 AND d.id = a.device_id \
             LEFT JOIN tenant.users k ON k.company_id = $1 AND k.id = a.acknowledged_by ORDER BY a.id DESC"
        ))
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Nullable<SqlUuid>, _>(self.whose)
        .bind::<Array<Text>, _>(&self.state)
        .bind::<Array<Text>, _>(&self.kind)
        .bind::<Nullable<SqlUuid>, _>(self.user)
        .bind::<Nullable<SqlUuid>, _>(self.team)
        .bind::<Nullable<Date>, _>(self.from)
        .bind::<Nullable<Date>, _>(self.to)
        .bind::<Nullable<SqlUuid>, _>(after)
        .bind::<BigInt, _>(limit)
        .load(tx.conn)?)
    }

    fn count(&self, tx: &mut Tx) -> Result<i64> {
        #[derive(QueryableByName)]
        struct Counted {
            #[diesel(sql_type = BigInt)]
            count: i64,
        }
        let counted: Counted = sql_query(format!("SELECT count(*) {ASKED}"))
            .bind::<SqlUuid, _>(tx.company)
            .bind::<Nullable<SqlUuid>, _>(self.whose)
            .bind::<Array<Text>, _>(&self.state)
            .bind::<Array<Text>, _>(&self.kind)
            .bind::<Nullable<SqlUuid>, _>(self.user)
            .bind::<Nullable<SqlUuid>, _>(self.team)
            .bind::<Nullable<Date>, _>(self.from)
            .bind::<Nullable<Date>, _>(self.to)
            .get_result(tx.conn)?;
        Ok(counted.count)
    }
}

/// Whom the alerts tell something of can read who looked: once a day, as the list is opened again and again.
fn note(tx: &mut Tx, rows: &[Alert]) -> Result<()> {
    let looks: Vec<_> = rows
        .iter()
        .filter_map(|row| Some((row.user_id?, row.day)))
        .collect();
    access_entries::note_once_a_day(tx, &looks, "alerts")
}

pub(super) async fn page(
    session: Tenant<Employee>,
    state: Data<State>,
    query: AlertsQuery,
) -> Result<Page<Alert>> {
    let limit = limit_of(query.limit, 50)?;
    let filter = Filter::of(&query, &session);
    let list = format!("alerts {} {filter:?}", session.company.id);
    let after = position_of(query.cursor.as_deref(), &state.secrets, &list)?;
    let secrets = state.secrets.clone();
    let read = move |mut tx: Tx| {
        let rows = filter.rows(&mut tx, after, limit + 1)?;
        let page = Page::cut(rows, limit, &secrets, &list, |row| row.id)?;
        note(&mut tx, &page.items)?;
        Ok(page)
    };
    state.db.tenant(&session, read).await
}

/// Everything of the list, read in pages of one transaction each. The first of them writes it down.
pub(super) async fn export(
    session: Tenant<Admin>,
    state: Data<State>,
    query: AlertsExportQuery,
) -> Result<HttpResponse> {
    let format = query.format;
    let query = AlertsQuery {
        state: query.state,
        kind: query.kind,
        user_id: query.user_id,
        team_id: query.team_id,
        from: query.from,
        to: query.to,
        cursor: None,
        limit: None,
    };
    let filter = Filter::of(&query, &session);
    let (session, filter) = (Arc::new(session), Arc::new(filter));
    let pages = sheet::pages(move |after: Option<Uuid>| {
        let (session, state, filter) = (session.clone(), state.clone(), filter.clone());
        async move {
            let page = move |mut tx: Tx| {
                let is_first = after.is_none();
                let rows = filter.rows(&mut tx, after, sheet::PAGE)?;
                note(&mut tx, &rows)?;
                if is_first {
                    let count = filter.count(&mut tx)?;
                    sheet::must_fit(count)?;
                    let detail = json!({ "format": format, "rows": count });
                    audit::record(tx, "alerts.exported", detail)?;
                }
                Ok(rows)
            };
            let rows = state.db.tenant(&*session, page).await?;
            let next = rows
                .last()
                .filter(|_| sheet::is_full(&rows))
                .map(|row| row.id);
            Ok((rows.into_iter().map(row).collect(), next))
        }
    });
    sheet::answer(format, "alerts", &SHEET, pages).await
}
