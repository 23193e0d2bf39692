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

use std::sync::Arc;

use actix_web::web::{self, Data};
use actix_web::{HttpResponse, get};
use chrono::Utc;
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

/// What all reports on subscriptions are made of.
async fn history(state: &State, owner: &Owner) -> Result<Arc<History>> {
    let load = state.db.platform(owner, History::load);
    state.shared.history.get(load).await
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
    let history = history(&state, &owner).await?;
    let report = web::block(move || overview::run(&history, range)).await;
    Ok(Json(report.map_err(anyhow::Error::from)?))
}

/// Report which companies used most in the last 30 days.
#[utoipa::path(responses((status = 200, body = UsageReport)))]
#[get("/owner/reports/usage")]
async fn show_usage_report(owner: Owner, state: Data<State>) -> Result<Json<UsageReport>> {
    state
        .db
        .platform(&owner, |conn| usage::run(conn, Utc::now()))
        .await
        .map(Json)
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
    let history = history(&state, &owner).await?;
    state
        .db
        .platform(&owner, move |conn| plans::run(conn, &history, range))
        .await
        .map(Json)
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
    let history = history(&state, &owner).await?;
    state
        .db
        .platform(&owner, move |conn| {
            revenue::run(conn, &history, range, currency)
        })
        .await
        .map(Json)
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
    let history = history(&state, &owner).await?;
    state
        .db
        .platform(&owner, move |conn| growth::run(conn, &history, range))
        .await
        .map(Json)
}

/// A document, when that was asked for.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "only describes the answer's body")]
struct Paper(Vec<u8>);

/// Export a report as a file: one of its tables as CSV or as a workbook, or all of them as a PDF.
///
/// CSV and workbook have the fields' own names and amounts in minor units; in CSV an apostrophe stands before a text that a
/// spreadsheet would read as a formula. The PDF has the letters of Western Europe, and says where it could not show others.
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
    let history = match report {
        ReportName::Usage => Arc::default(),
        _ => history(&state, &owner).await?,
    };
    let read = move |conn: &mut PgConnection| {
        Ok(match report {
            ReportName::Overview => overview::run(&history, range).into(),
            ReportName::Usage => Tables::of_usage(usage::run(conn, range.now)?, range.now),
            ReportName::Plans => plans::run(conn, &history, range)?.into(),
            ReportName::Revenue => {
                Tables::of_revenue(revenue::run(conn, &history, range, currency)?, &range)
            }
            ReportName::Growth => growth::run(conn, &history, range)?.into(),
        })
    };
    let tables: Tables = state.db.platform(&owner, read).await?;
    let file = export::answer(tables, format, table).await?;
    audit::record_export(&state, &owner, "report.exported", detail).await?;
    Ok(file)
}
