//! Reports over the sums of days: hours, attendance, applications and sites, activity, tasks. Each is grouped once or twice, may
//! stand beside the stretch before, and is a page or a file. Admins read the company, everybody else the own days.
//!
//! A new kind is a line in `kinds`.

mod asked;
mod files;
mod kinds;
pub(crate) mod made;
mod saved;
pub(crate) mod schedules;
mod sql;

use actix_web::{HttpResponse, get, web::Data};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::days::Day;
use crate::Result;
use crate::app::State;
use crate::db::Tx;
use crate::http::json::{Json, Query, given};
use crate::http::page::{Page, limit_of, position_of};
use crate::http::session::{Tenant, Viewer};
use crate::http::sheet::Book;
use asked::{Asked, Wanted};
use kinds::{Dim, Kind, Unit};
use sql::Key;

pub fn routes(api: &mut ServiceConfig) {
    api.service(show_company_report)
        .service(export_company_report);
    saved::routes(api);
    made::routes(api);
    schedules::routes(api);
}

/// What a report stands beside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Compare {
    /// The same number of days just before; of whole months as many months before.
    Previous,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Order {
    /// Most of the first column first.
    #[default]
    Value,
    Name,
}

/// Days of the company's zone, both included; default: the last 30, at most 366.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ReportQuery {
    #[param(inline, required = false)]
    #[serde(default)]
    kind: Kind,
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    from: Option<Day>,
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    to: Option<Day>,
    /// What a row stands for. Default: what the report is about. `app` is of apps, `host` of sites, `task` of tasks alone.
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    group: Option<Dim>,
    /// What the rows of a group stand for.
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    sub: Option<Dim>,
    /// Only this person's. EMPLOYEE: always oneself.
    #[serde(default, deserialize_with = "given")]
    user_id: Option<Uuid>,
    /// Only of people who are in this team now.
    #[serde(default, deserialize_with = "given")]
    team_id: Option<Uuid>,
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    compare: Option<Compare>,
    /// Of what is no time; days, weeks and months follow each other.
    #[param(inline, required = false)]
    #[serde(default)]
    sort: Order,
    #[param(max_length = 3000)]
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    #[serde(default, deserialize_with = "given")]
    limit: Option<i64>,
}

/// Days of the company's zone, both included; default: the last 30, at most 366.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ReportExportQuery {
    #[param(inline, required = false)]
    #[serde(default)]
    kind: Kind,
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    from: Option<Day>,
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    to: Option<Day>,
    /// What a row stands for. Default: what the report is about. `app` is of apps, `host` of sites, `task` of tasks alone.
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    group: Option<Dim>,
    /// What the rows of a group stand for.
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    sub: Option<Dim>,
    /// Only this person's. EMPLOYEE: always oneself.
    #[serde(default, deserialize_with = "given")]
    user_id: Option<Uuid>,
    /// Only of people who are in this team now.
    #[serde(default, deserialize_with = "given")]
    team_id: Option<Uuid>,
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    compare: Option<Compare>,
    /// Of what is no time; days, weeks and months follow each other.
    #[param(inline, required = false)]
    #[serde(default)]
    sort: Order,
    #[param(inline, required = false)]
    #[serde(default)]
    format: ReportFormat,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ReportFormat {
    /// RFC 4180, in UTF-8. An apostrophe stands before texts that a spreadsheet would read as a formula.
    #[default]
    Csv,
    Xlsx,
    /// A4 on its side, at most 500 pages.
    Pdf,
}

impl ReportFormat {
    fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Pdf => "pdf",
        }
    }

    fn named(name: &str) -> Self {
        let all = [Self::Csv, Self::Xlsx, Self::Pdf];
        let found = all.into_iter().find(|format| format.name() == name);
        found.unwrap_or_default()
    }
}

/// A document, when that was asked for.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "only describes the answer's body")]
struct ReportPaper(Vec<u8>);

/// A figure that each row has.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct ReportColumn {
    key: &'static str,
    unit: Unit,
}

/// What a row stands for.
#[derive(Debug, Serialize, ToSchema)]
struct ReportKey {
    /// A person's, a team's or a task's.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Uuid>,
    /// Of a day, or the first one of a week or month.
    #[serde(skip_serializing_if = "Option::is_none")]
    day: Option<NaiveDate>,
    /// Empty for those in no team, and for tasks that one may not see any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

/// Figures, one for each column.
#[derive(Debug, Serialize, ToSchema)]
struct ReportRow {
    group: ReportKey,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<ReportKey>,
    values: Vec<Option<i64>>,
    /// Of the stretch before, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<Vec<Option<i64>>>,
}

/// The first column by day, week or month: what a chart draws.
#[derive(Debug, Serialize, ToSchema)]
struct ReportPoint {
    day: NaiveDate,
    value: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<i64>,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
struct ReportDays {
    from: NaiveDate,
    to: NaiveDate,
}

/// A report.
#[derive(Debug, Serialize, ToSchema)]
struct CompanyReport {
    kind: Kind,
    group: Dim,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<Dim>,
    columns: Vec<ReportColumn>,
    items: Vec<ReportRow>,
    /// Ask with it for the next page; null on the last one.
    next_cursor: Option<String>,
    /// Of all rows, on this page or not.
    totals: Vec<Option<i64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_totals: Option<Vec<Option<i64>>>,
    /// What a point of the chart stands for: `day`, `week` or `month`.
    chart_unit: Dim,
    chart: Vec<ReportPoint>,
    days: ReportDays,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_days: Option<ReportDays>,
    time_zone: String,
    /// Whether the settings have hours that one can be late for: on some days, and not through the night or round the clock.
    has_schedule: bool,
}

/// Show a report. EMPLOYEE: of the own days.
///
/// What is read of one person is noted, and the person can read the note: everything of one person, people by anything but
/// their hours of the whole stretch, and a team's sums when they are one person's.
#[utoipa::path(params(ReportQuery), responses((status = 200, body = CompanyReport)))]
#[get("/reports")]
async fn show_company_report(
    session: Tenant<Viewer>,
    state: Data<State>,
    query: Query<ReportQuery>,
) -> Result<Json<CompanyReport>> {
    let query = query.0;
    let limit = limit_of(query.limit, 50)?;
    let wanted = Wanted::of(&session, &query)?;
    let list = format!("report {} {wanted:?}", session.company.id);
    let after = position_of(query.cursor.as_deref(), &state.secrets, &list)?;
    let secrets = state.secrets.clone();
    let read = move |mut tx: Tx| {
        let asked = Asked::new(&mut tx, &wanted)?;
        let all = asked.everything();
        let rows = asked.rows(&mut tx, &all, after.as_ref(), limit + 1)?;
        let page = Page::cut(rows, limit, &secrets, &list, Key::at)?;
        asked.note(&mut tx, &page.items)?;
        let (totals, previous_totals) = asked.totals(&mut tx)?;
        let (chart_unit, chart) = asked.chart(&mut tx)?;
        Ok(CompanyReport {
            kind: wanted.kind,
            group: wanted.group,
            sub: wanted.sub,
            columns: asked.columns(),
            items: page.items.into_iter().map(|row| asked.row(row)).collect(),
            next_cursor: page.next_cursor,
            totals,
            previous_totals,
            chart_unit,
            chart,
            days: asked.days.into(),
            previous_days: asked.before.map(Into::into),
            time_zone: asked.zone.clone(),
            has_schedule: asked.has_schedule,
        })
    };
    state.db.tenant(&session, read).await.map(Json)
}

/// Export a report as a file: all that the filter lets through. EMPLOYEE: of the own days.
///
/// CSV and workbook have the columns' own names, days and times as such, and seconds; times are UTC, those of the clock in the
/// company's zone. An ADMIN's is written to the audit log, and noted as the report itself. In CSV an apostrophe stands before
/// a text that a spreadsheet would read as a formula. A workbook holds 50000 rows, CSV any number: it is sent while it is read.
#[utoipa::path(
    params(ReportExportQuery),
    responses((status = 200, content((String = "text/csv"), (Book = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (ReportPaper = "application/pdf"))))
)]
#[get("/reports/export")]
async fn export_company_report(
    session: Tenant<Viewer>,
    state: Data<State>,
    query: Query<ReportExportQuery>,
) -> Result<HttpResponse> {
    let wanted = Wanted::of_file(&session, &query.0)?;
    files::answer(session, state, wanted, query.0.format).await
}

impl From<asked::Days> for ReportDays {
    fn from((from, to): asked::Days) -> Self {
        Self { from, to }
    }
}
