//! What the owner's business does: companies, plans, money and use over months. Every figure comes from the rows of
//! subscriptions and from published counts; `docs/reports.md` defines each, and nothing here names a person.

mod export;
mod growth;
pub(super) mod history;
mod months;
mod overview;
mod plans;
mod revenue;
mod usage;

use actix_web::web::{self, Data};
use actix_web::{HttpResponse, get};
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::audit;
use super::plans::Currency;
use crate::Result;
use crate::app::State;
use crate::http::json::{Json, Query, given};
use crate::http::session::Owner;
use crate::http::sheet::Book;
use export::{ReportExportQuery, ReportFormat, ReportName, Tables};
use growth::GrowthReport;
use history::History;
use months::{Month, MonthsQuery, Range};
use overview::OverviewReport;
use plans::PlansReport;
use revenue::RevenueReport;
use usage::UsageReport;

pub fn routes(api: &mut ServiceConfig) {
    api.service(show_overview_report)
        .service(show_usage_report)
        .service(show_plans_report)
        .service(show_revenue_report)
        .service(show_growth_report)
        .service(export_report);
}

/// What a report makes of all companies' histories. The walk over them is long, and holds no connection meanwhile.
async fn folded<T: Send + 'static>(
    state: &State,
    owner: &Owner,
    fold: impl FnOnce(&History) -> T + Send + 'static,
) -> Result<T> {
    let load = state.db.platform(owner, History::load);
    let history = state.shared.history.get(load).await?;
    let folded = web::block(move || fold(&history)).await;
    Ok(folded.map_err(anyhow::Error::from)?)
}

async fn overview_report(state: &State, owner: &Owner, range: Range) -> Result<OverviewReport> {
    folded(state, owner, move |history| overview::fold(history, range)).await
}

async fn plans_report(state: &State, owner: &Owner, range: Range) -> Result<PlansReport> {
    let folded = folded(state, owner, move |history| plans::fold(history, range)).await?;
    state.db.platform(owner, |conn| folded.report(conn)).await
}

async fn revenue_report(
    state: &State,
    owner: &Owner,
    range: Range,
    currency: Option<Currency>,
) -> Result<RevenueReport> {
    let folded = folded(state, owner, move |history| revenue::fold(history, range)).await?;
    let tell = |conn: &mut PgConnection| folded.report(conn, currency);
    state.db.platform(owner, tell).await
}

async fn growth_report(state: &State, owner: &Owner, range: Range) -> Result<GrowthReport> {
    let folded = folded(state, owner, move |history| growth::fold(history, range)).await?;
    state.db.platform(owner, |conn| folded.with_use(conn)).await
}

async fn usage_report(state: &State, owner: &Owner, now: DateTime<Utc>) -> Result<UsageReport> {
    let read = move |conn: &mut PgConnection| usage::run(conn, now);
    state.db.platform(owner, read).await
}

impl MonthsQuery {
    fn range(&self) -> Result<Range> {
        Range::new(self.from, self.to, Utc::now())
    }
}

/// Months of UTC, both included. Default: the last twelve, the current one among them.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct RevenueQuery {
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    from: Option<Month>,
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    to: Option<Month>,
    /// Tell all currencies in this one as well, at the owner's exchange rates.
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    currency: Option<Currency>,
}

/// Report how many companies stand how, now and at the end of each month.
#[utoipa::path(params(MonthsQuery), responses((status = 200, body = OverviewReport)))]
#[get("/owner/reports/overview")]
async fn show_overview_report(
    owner: Owner,
    state: Data<State>,
    query: Query<MonthsQuery>,
) -> Result<Json<OverviewReport>> {
    let range = query.0.range()?;
    overview_report(&state, &owner, range).await.map(Json)
}

/// Report which companies used most in the last 30 days.
#[utoipa::path(responses((status = 200, body = UsageReport)))]
#[get("/owner/reports/usage")]
async fn show_usage_report(owner: Owner, state: Data<State>) -> Result<Json<UsageReport>> {
    usage_report(&state, &owner, Utc::now()).await.map(Json)
}

/// Report how many companies have each plan, by their status.
#[utoipa::path(params(MonthsQuery), responses((status = 200, body = PlansReport)))]
#[get("/owner/reports/plans")]
async fn show_plans_report(
    owner: Owner,
    state: Data<State>,
    query: Query<MonthsQuery>,
) -> Result<Json<PlansReport>> {
    let range = query.0.range()?;
    plans_report(&state, &owner, range).await.map(Json)
}

/// Report what companies pay, how that came about, and who stays.
///
/// Only active companies count, with the price they agreed to; a year's price counts as its twelfth. Amounts of several
/// currencies are told side by side. With `currency` they are told in one as well, at the owner's rates of the last day,
/// unless a rate is missing.
#[utoipa::path(params(RevenueQuery), responses((status = 200, body = RevenueReport)))]
#[get("/owner/reports/revenue")]
async fn show_revenue_report(
    owner: Owner,
    state: Data<State>,
    query: Query<RevenueQuery>,
) -> Result<Json<RevenueReport>> {
    let RevenueQuery { from, to, currency } = query.0;
    let range = Range::new(from, to, Utc::now())?;
    let report = revenue_report(&state, &owner, range, currency).await?;
    Ok(Json(report))
}

/// Report how the service grows: companies, what they pay, how much they do.
#[utoipa::path(params(MonthsQuery), responses((status = 200, body = GrowthReport)))]
#[get("/owner/reports/growth")]
async fn show_growth_report(
    owner: Owner,
    state: Data<State>,
    query: Query<MonthsQuery>,
) -> Result<Json<GrowthReport>> {
    let range = query.0.range()?;
    growth_report(&state, &owner, range).await.map(Json)
}

/// A document, when that was asked for.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "only describes the answer's body")]
struct Paper(Vec<u8>);

/// Export a report as a file: one of its tables as CSV or as a workbook, or all of them as a PDF.
///
/// CSV and workbook have the fields' own names and amounts in minor units; in CSV an apostrophe stands before a text that a
/// spreadsheet would read as a formula. The PDF has Latin, Greek and Cyrillic letters, and says where it could not show others.
#[utoipa::path(
    params(ReportExportQuery),
    responses((status = 200, content((String = "text/csv"), (Book = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (Paper = "application/pdf"))))
)]
#[get("/owner/reports/export")]
async fn export_report(
    owner: Owner,
    state: Data<State>,
    query: Query<ReportExportQuery>,
) -> Result<HttpResponse> {
    let ReportExportQuery {
        report,
        format,
        table,
        from,
        to,
        currency,
    } = query.0;
    let range = Range::new(from, to, Utc::now())?;
    let format = format.unwrap_or(ReportFormat::Csv);
    let months = (!matches!(report, ReportName::Usage))
        .then(|| (range.from.to_string(), range.to.to_string()));
    let (first, last) = months.unzip();
    let detail = json!({
        "report": report, "format": format, "table": table, "from": first, "to": last, "currency": currency,
    });
    let tables: Tables = match report {
        ReportName::Overview => overview_report(&state, &owner, range).await?.into(),
        ReportName::Usage => {
            let report = usage_report(&state, &owner, range.now).await?;
            Tables::of_usage(report, range.now)
        }
        ReportName::Plans => plans_report(&state, &owner, range).await?.into(),
        ReportName::Revenue => {
            let report = revenue_report(&state, &owner, range, currency).await?;
            Tables::of_revenue(report, &range)
        }
        ReportName::Growth => growth_report(&state, &owner, range).await?.into(),
    };
    let file = export::answer(tables, format, table).await?;
    audit::record_export(&state, &owner, "report.exported", detail).await?;
    Ok(file)
}
