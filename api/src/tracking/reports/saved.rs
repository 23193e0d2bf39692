//! Reports that an admin keeps under a name: what is asked for, never what was answered. Shared ones are seen by the company's
//! other admins, and changed by whom they are of.

use actix_web::{HttpResponse, delete, get, patch, post, web::Data};
use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc};
use diesel::sql_types::{
    BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::asked::{Asked, Days, Wanted};
use super::kinds::{Dim, Kind};
use super::schedules::ReportSchedule;
use super::{Compare, Order};
use crate::Result;
use crate::app::State;
use crate::company::audit;
use crate::db::Tx;
use crate::http::error::Error;
use crate::http::idempotency::{Made, Once};
use crate::http::json::{Json, Path, Query, given};
use crate::http::page::{Page, PageQuery};
use crate::http::precondition::{IfMatch, Tagged, Versioned};
use crate::http::session::{Admin, Tenant};
use crate::http::text::Line;
use crate::tracking::days::Day;

/// Of one admin: more names than these nobody finds again.
const MOST: i64 = 200;

pub(super) fn routes(api: &mut ServiceConfig) {
    api.service(list_saved_reports)
        .service(save_report)
        .service(show_saved_report)
        .service(change_saved_report)
        .service(delete_saved_report);
}

/// Days that move on with the calendar. A week begins on Monday; `last_30_days` ends today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ReportPeriod {
    Today,
    Yesterday,
    ThisWeek,
    LastWeek,
    ThisMonth,
    LastMonth,
    #[serde(rename = "last_30_days")]
    Last30Days,
    #[serde(rename = "last_90_days")]
    Last90Days,
}

impl ReportPeriod {
    pub fn days(self, today: NaiveDate) -> Days {
        let ago = |days| today - Duration::days(days);
        let monday = ago(today.weekday().num_days_from_monday().into());
        let first = today.with_day(1).unwrap_or(today);
        let before = |day: NaiveDate| day - Duration::days(1);
        match self {
            Self::Today => (today, today),
            Self::Yesterday => (ago(1), ago(1)),
            Self::ThisWeek => (monday, today),
            Self::LastWeek => (monday - Duration::days(7), before(monday)),
            Self::ThisMonth => (first, today),
            Self::LastMonth => {
                let last = before(first);
                (last.with_day(1).unwrap_or(last), last)
            }
            Self::Last30Days => (ago(29), today),
            Self::Last90Days => (ago(89), today),
        }
    }
}

/// What is asked for, as of `GET /api/reports`. Days move on with `period`, or stay `from` and `to`; without either they are the
/// last 30.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReportParameters {
    pub kind: Kind,
    #[serde(default, deserialize_with = "given")]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub period: Option<ReportPeriod>,
    #[serde(default, deserialize_with = "given")]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub from: Option<Day>,
    #[serde(default, deserialize_with = "given")]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub to: Option<Day>,
    #[serde(default, deserialize_with = "given")]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub group: Option<Dim>,
    #[serde(default, deserialize_with = "given")]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub sub: Option<Dim>,
    #[serde(default, deserialize_with = "given")]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub user_id: Option<Uuid>,
    #[serde(default, deserialize_with = "given")]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub team_id: Option<Uuid>,
    #[serde(default, deserialize_with = "given")]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub compare: Option<Compare>,
    #[serde(default, deserialize_with = "given")]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub sort: Option<Order>,
}

impl ReportParameters {
    /// As `GET /api/reports` would be asked for by an admin. Whether person and team are the company's is asked with it.
    pub fn wanted(&self) -> Result<Wanted> {
        if self.period.is_some() && (self.from.is_some() || self.to.is_some()) {
            let detail = "Days move on with a period, or are from and to";
            return Err(Error::invalid("/report/period", "filters_apart", detail));
        }
        Wanted::of_saved(self)
    }
}

/// A report under a name.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
pub(super) struct SavedReport {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Jsonb)]
    #[schema(value_type = ReportParameters)]
    report: Value,
    /// Whether the company's other admins see it.
    #[diesel(sql_type = Bool)]
    shared: bool,
    /// Only one's own is changed or deleted.
    #[diesel(sql_type = Bool)]
    is_mine: bool,
    /// Who keeps it.
    #[diesel(sql_type = Text)]
    created_by: String,
    /// When it is made regularly.
    #[diesel(sql_type = Nullable<Jsonb>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ReportSchedule>, nullable = false)]
    schedule: Option<Value>,
    #[diesel(sql_type = Timestamptz)]
    updated_at: DateTime<Utc>,
    /// `If-Match` names it, in quotes.
    #[diesel(sql_type = Integer)]
    version: i32,
}

impl Versioned for SavedReport {
    fn version(&self) -> String {
        self.version.to_string()
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSavedReport {
    name: Line<120>,
    report: ReportParameters,
    /// Default: only oneself sees it.
    #[serde(default)]
    #[schema(required = false)]
    shared: bool,
}

/// What is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SavedReportPatch {
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    name: Option<Line<120>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    report: Option<ReportParameters>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    shared: Option<bool>,
}

/// List saved reports: one's own and those that are shared, newest first.
#[utoipa::path(params(PageQuery), responses((status = 200, body = Page<SavedReport>)))]
#[get("/saved-reports")]
async fn list_saved_reports(
    session: Tenant<Admin>,
    state: Data<State>,
    query: Query<PageQuery>,
) -> Result<Json<Page<SavedReport>>> {
    let list = format!("saved reports {} {}", session.company.id, session.user);
    let limit = query.0.limit()?;
    let before = query.0.position(&state.secrets, &list)?;
    let read = move |mut tx: Tx| newest_first(&mut tx, before, limit + 1);
    let rows = state.db.tenant(&session, read).await?;
    let position = |row: &SavedReport| row.id;
    Page::cut(rows, limit, &state.secrets, &list, position).map(Json)
}

/// Save a report under a name.
#[utoipa::path(request_body = NewSavedReport, responses((status = 201, body = SavedReport)))]
#[post("/saved-reports")]
async fn save_report(
    session: Tenant<Admin>,
    state: Data<State>,
    once: Once,
    body: Json<NewSavedReport>,
) -> Result<HttpResponse> {
    let NewSavedReport {
        name: Line(name),
        report,
        shared,
    } = body.0;
    let wanted = report.wanted()?;
    let report = serde_json::to_value(report).map_err(anyhow::Error::from)?;
    let save = move |mut tx: Tx| {
        Asked::new(&mut tx, &wanted)?;
        let id = Uuid::now_v7();
        insert(&mut tx, id, &name, &report, shared)?;
        let detail = json!({ "saved_report_id": id, "name": name, "shared": shared });
        audit::record(tx.again(), "saved_report.created", detail)?;
        Ok(Made::new(
            format!("/api/saved-reports/{id}"),
            find(&mut tx, id)?,
        ))
    };
    once.tenant(&state, &session, save).await
}

/// Show a saved report.
#[utoipa::path(params(("saved_report_id" = Uuid, Path)), responses((status = 200, body = SavedReport)))]
#[get("/saved-reports/{saved_report_id}")]
async fn show_saved_report(
    session: Tenant<Admin>,
    state: Data<State>,
    saved: Path<Uuid>,
) -> Result<Tagged<SavedReport>> {
    let show = move |mut tx: Tx| find(&mut tx, saved.0);
    state.db.tenant(&session, show).await.map(Tagged)
}

/// Change a saved report of one's own.
#[utoipa::path(
    params(("saved_report_id" = Uuid, Path)),
    request_body = SavedReportPatch,
    responses((status = 200, body = SavedReport))
)]
#[patch("/saved-reports/{saved_report_id}")]
async fn change_saved_report(
    session: Tenant<Admin>,
    state: Data<State>,
    seen: IfMatch,
    saved: Path<Uuid>,
    body: Json<SavedReportPatch>,
) -> Result<Tagged<SavedReport>> {
    let (id, patch) = (saved.0, body.0);
    let wanted = patch
        .report
        .as_ref()
        .map(ReportParameters::wanted)
        .transpose()?;
    let report = patch.report.map(serde_json::to_value).transpose();
    let report = report.map_err(anyhow::Error::from)?;
    let change = move |mut tx: Tx| {
        let before = own(&mut tx, id)?;
        seen.check(&before.version())?;
        if let Some(wanted) = &wanted {
            Asked::new(&mut tx, wanted)?;
        }
        let name = (patch.name).map_or_else(|| before.name.clone(), |Line(name)| name);
        let shared = patch.shared.unwrap_or(before.shared);
        let report = report.unwrap_or_else(|| before.report.clone());
        if (&name, shared, &report) == (&before.name, before.shared, &before.report) {
            return Ok(before);
        }
        update(&mut tx, id, &name, &report, shared)?;
        let detail = json!({ "saved_report_id": id, "name": name, "shared": shared });
        audit::record(tx.again(), "saved_report.changed", detail)?;
        find(&mut tx, id)
    };
    state.db.tenant(&session, change).await.map(Tagged)
}

/// Delete a saved report of one's own.
#[utoipa::path(params(("saved_report_id" = Uuid, Path)), responses((status = 204, description = "Deleted")))]
#[delete("/saved-reports/{saved_report_id}")]
async fn delete_saved_report(
    session: Tenant<Admin>,
    state: Data<State>,
    saved: Path<Uuid>,
) -> Result<HttpResponse> {
    let id = saved.0;
    let delete = move |mut tx: Tx| {
        let before = own(&mut tx, id)?;
        sql_query("DELETE FROM tenant.saved_reports WHERE company_id = $1 AND id = $2 AND created_by = $3")
            .bind::<SqlUuid, _>(tx.company)
            .bind::<SqlUuid, _>(id)
            .bind::<SqlUuid, _>(tx.user)
            .execute(tx.conn)?;
        let detail = json!({ "saved_report_id": id, "name": before.name });
        audit::record(tx, "saved_report.deleted", detail)
    };
    state.db.tenant(&session, delete).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// As one admin sees them. `$1` company, `$2` who asks.
const SAVED: &str = "\
    SELECT r.id, r.name, r.report, r.shared, r.created_by = $2 AS is_mine, u.name AS created_by, r.updated_at, r.version, \
      CASE WHEN r.next_at IS NOT NULL THEN jsonb_strip_nulls(jsonb_build_object('repeats', r.repeats, 'on', r.repeats_on, 'hour', r.hour, \
        'format', r.format, 'recipients', r.recipients, 'next_at', r.next_at, 'last_at', r.last_at)) END AS schedule \
    FROM tenant.saved_reports r JOIN tenant.users u ON u.company_id = $1 AND u.id = r.created_by \
    WHERE r.company_id = $1 AND (r.shared OR r.created_by = $2)";

pub(super) fn find(tx: &mut Tx, id: Uuid) -> Result<SavedReport> {
    Ok(sql_query(format!("{SAVED} AND r.id = $3"))
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(tx.user)
        .bind::<SqlUuid, _>(id)
        .get_result(tx.conn)?)
}

/// The one that is about to be changed, held until then.
pub(super) fn own(tx: &mut Tx, id: Uuid) -> Result<SavedReport> {
    let saved: SavedReport = sql_query(format!("{SAVED} AND r.id = $3 FOR UPDATE OF r"))
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(tx.user)
        .bind::<SqlUuid, _>(id)
        .get_result(tx.conn)?;
    match saved.is_mine {
        true => Ok(saved),
        false => Err(Error::Forbidden),
    }
}

fn newest_first(tx: &mut Tx, before: Option<Uuid>, limit: i64) -> Result<Vec<SavedReport>> {
    Ok(sql_query(format!(
        "{SAVED} AND ($3 IS NULL OR r.id < $3) ORDER BY r.id DESC LIMIT $4"
    ))
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<Nullable<SqlUuid>, _>(before)
    .bind::<BigInt, _>(limit)
    .load(tx.conn)?)
}

fn insert(tx: &mut Tx, id: Uuid, name: &str, report: &Value, shared: bool) -> Result<()> {
    let made = sql_query(
        "INSERT INTO tenant.saved_reports (company_id, id, created_by, name, report, shared) SELECT $1, $2, $3, $4, $5, $6 \
         WHERE (SELECT count(*) FROM tenant.saved_reports WHERE company_id = $1 AND created_by = $3) < $7",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<Text, _>(name)
    .bind::<Jsonb, _>(report)
    .bind::<Bool, _>(shared)
    .bind::<BigInt, _>(MOST)
    .execute(tx.conn)?;
    match made {
        0 => Err(Error::Conflict(
            "saved_reports_too_many",
            format!("You keep {MOST} reports. Delete one first."),
        )),
        _ => Ok(()),
    }
}

fn update(tx: &mut Tx, id: Uuid, name: &str, report: &Value, shared: bool) -> Result<()> {
    sql_query(
        "UPDATE tenant.saved_reports SET name = $4, report = $5, shared = $6, version = version + 1, updated_at = $7 \
         WHERE company_id = $1 AND id = $2 AND created_by = $3",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<Text, _>(name)
    .bind::<Jsonb, _>(report)
    .bind::<Bool, _>(shared)
    .bind::<Timestamptz, _>(Utc::now())
    .execute(tx.conn)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_move_on_with_the_calendar() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let of = |period: ReportPeriod, today| {
            let (from, to) = period.days(day(today));
            format!("{from} {to}")
        };
        use ReportPeriod::{Last30Days, LastMonth, LastWeek, ThisMonth, ThisWeek, Yesterday};
        assert_eq!(of(LastMonth, "2026-03-31"), "2026-02-01 2026-02-28");
        assert_eq!(of(LastMonth, "2026-01-01"), "2025-12-01 2025-12-31");
        assert_eq!(of(LastWeek, "2026-01-01"), "2025-12-22 2025-12-28");
        assert_eq!(of(ThisWeek, "2026-11-22"), "2026-11-16 2026-11-22");
        assert_eq!(of(ThisMonth, "2026-11-22"), "2026-11-01 2026-11-22");
        assert_eq!(of(Yesterday, "2026-03-01"), "2026-02-28 2026-02-28");
        assert_eq!(of(Last30Days, "2026-11-22"), "2026-10-24 2026-11-22");
    }
}
