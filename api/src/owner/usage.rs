//! A company's days in numbers: the owner's only window onto usage. No person, nothing finer than a day.

use actix_web::{get, web::Data};
use chrono::{NaiveDate, Utc};
use diesel::{ExpressionMethods, QueryDsl, Queryable, RunQueryDsl, Selectable, SelectableHelper};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::companies;
use crate::Result;
use crate::app::State;
use crate::db::schema::platform::company_usage_daily;
use crate::http::error::Error;
use crate::http::json::{Json, Path, Query, given};
use crate::http::{page::Page, session::Owner};
use crate::tracking::days::{Day, range};

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_company_usage);
}

/// Days of the company's zone, both included. Default: the last 30.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct DaysQuery {
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    from: Option<Day>,
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    to: Option<Day>,
}

/// One day of a company.
#[derive(Debug, Serialize, ToSchema)]
struct UsageDay {
    day: NaiveDate,
    /// People with any tracked time.
    active_employees: i32,
    sessions: i32,
    active_minutes: i64,
    screenshots: i32,
    /// Bytes of the screenshots taken that day.
    storage_bytes: i64,
    /// Records of all kinds that agents sent for the day.
    events: i64,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = company_usage_daily)]
struct Row {
    day: NaiveDate,
    active_employees: i32,
    sessions: i32,
    active_seconds: i64,
    screenshots: i32,
    storage_bytes: i64,
    events: i64,
}

impl From<Row> for UsageDay {
    fn from(row: Row) -> Self {
        let Row {
            day,
            active_employees,
            sessions,
            active_seconds,
            screenshots,
            storage_bytes,
            events,
        } = row;
        Self {
            day,
            active_employees,
            sessions,
            active_minutes: active_seconds / 60,
            screenshots,
            storage_bytes,
            events,
        }
    }
}

/// List a company's usage by day, oldest first. Days without any record are left out.
#[utoipa::path(
    params(("company_id" = Uuid, Path), DaysQuery),
    responses((status = 200, body = Page<UsageDay>))
)]
#[get("/owner/companies/{company_id}/usage")]
async fn list_company_usage(
    owner: Owner,
    state: Data<State>,
    company: Path<Uuid>,
    query: Query<DaysQuery>,
) -> Result<Json<Page<UsageDay>>> {
    let company = company.0;
    let zone = state
        .directory
        .company(company)
        .ok_or(Error::NotFound)?
        .zone();
    let today = Utc::now().with_timezone(&zone).date_naive();
    let (from, to) = range(query.0.from, query.0.to, today)?;
    let days = move |conn: &mut diesel::PgConnection| {
        companies::must_exist(conn, company)?;
        let rows = company_usage_daily::table
            .filter(company_usage_daily::company_id.eq(company))
            .filter(company_usage_daily::day.between(from, to))
            .order(company_usage_daily::day)
            .select(Row::as_select());
        Ok(rows.load(conn)?)
    };
    let rows = state.db.platform(&owner, days).await?;
    Ok(Json(Page {
        items: rows.into_iter().map(UsageDay::from).collect(),
        next_cursor: None,
    }))
}
