//! Alerts: what the company's rules found, for admins to look at and put away. Whom an alert is about reads it as well, and
//! which rules watch them: nobody is watched in secret.

pub(crate) mod evaluation;
mod kinds;
mod list;
mod rules;

use actix_web::{HttpResponse, get, post, web::Data};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::audit;
use crate::Result;
use crate::app::State;
use crate::db::Tx;
use crate::http::error::{Error, FieldError};
use crate::http::json::{Json, Query, given};
use crate::http::page::Page;
use crate::http::session::{Admin, Employee, Tenant};
use crate::http::sheet::Book;
use crate::http::text::Paragraphs;
use list::{AlertsExportQuery, AlertsQuery};
pub(crate) use rules::forget_team;

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_alerts)
        .service(export_alerts)
        .service(acknowledge_alerts)
        .service(list_my_alert_rules);
    rules::routes(api);
}

/// Something that a rule found: once for each person and day, for each trouble of a device, for the storage.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct Alert {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    /// `silent`, `long_day`, `idle`, `unproductive`, `storage`, `device` or `repeated_input`.
    #[diesel(sql_type = Text)]
    kind: String,
    /// What the rule asked for then: hours (`silent`, `long_day`), per cent (`idle`, `unproductive`, `storage`), minutes (`repeated_input`), or 0.
    #[diesel(sql_type = Integer)]
    threshold: i32,
    /// What was measured: seconds (`silent`, `long_day`), per cent (`idle`, `unproductive`, `storage`), minutes (`repeated_input`), or 0.
    #[diesel(sql_type = BigInt)]
    value: i64,
    /// `open`, `resolved` (it holds no longer) or `acknowledged`, whether it still holds or not.
    #[diesel(sql_type = Text)]
    state: String,
    /// Whom it is about; absent where it is the company.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    device_name: Option<String>,
    /// Of a device: `silent`, `old_version` or `limited`.
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    /// The day of the company's calendar that it is about, or on which it began.
    #[diesel(sql_type = diesel::sql_types::Date)]
    day: NaiveDate,
    #[diesel(sql_type = Timestamptz)]
    opened_at: DateTime<Utc>,
    /// Since when it holds no longer.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    acknowledged_at: Option<DateTime<Utc>>,
    /// Absent for EMPLOYEE, and where the admin was removed.
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    acknowledged_by_name: Option<String>,
    /// What the admin added. The person reads it as well.
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Acknowledgement {
    /// What is acknowledged already stays as it is.
    #[schema(min_items = 1, max_items = 200)]
    alert_ids: Vec<Uuid>,
    /// Whom the alerts are about reads it as well.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    note: Option<Paragraphs<500>>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Acknowledged {
    /// How many were not acknowledged before.
    acknowledged: usize,
}

/// A rule as whom it watches reads it.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct MyAlertRule {
    /// `silent`, `long_day`, `idle`, `unproductive`, `device` or `repeated_input`.
    #[diesel(sql_type = Text)]
    kind: String,
    /// Hours (`silent`, `long_day`), per cent (`idle`, `unproductive`), minutes (`repeated_input`), or 0.
    #[diesel(sql_type = Integer)]
    threshold: i32,
    /// Of `idle`: days with less tracked time are not looked at.
    #[diesel(sql_type = Nullable<Integer>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    least_minutes: Option<i32>,
    /// Who is watched: `company`, `team` or `person`.
    #[diesel(sql_type = Text)]
    scope: String,
    /// Since when it is switched on.
    #[diesel(sql_type = Timestamptz)]
    since: DateTime<Utc>,
}

#[derive(Debug, Serialize, ToSchema)]
struct MyAlertRules {
    items: Vec<MyAlertRule>,
}

/// List alerts, newest first. EMPLOYEE: those about oneself.
///
/// Whom an ADMIN reads an alert about can read that, once a day.
#[utoipa::path(params(AlertsQuery), responses((status = 200, body = Page<Alert>)))]
#[get("/alerts")]
async fn list_alerts(
    session: Tenant<Employee>,
    state: Data<State>,
    query: Query<AlertsQuery>,
) -> Result<Json<Page<Alert>>> {
    list::page(session, state, query.0).await.map(Json)
}

/// Export alerts as a file, as CSV or as a workbook: all that the filter lets through, newest first.
///
/// Written to the audit log, and noted for those whom the alerts are about. In CSV an apostrophe stands before a text that a
/// spreadsheet would read as a formula.
#[utoipa::path(
    params(AlertsExportQuery),
    responses((status = 200, content((String = "text/csv"), (Book = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))))
)]
#[get("/alerts/export")]
async fn export_alerts(
    session: Tenant<Admin>,
    state: Data<State>,
    query: Query<AlertsExportQuery>,
) -> Result<HttpResponse> {
    list::export(session, state, query.0).await
}

/// Acknowledge alerts: all of them, or none where one is unknown.
#[utoipa::path(request_body = Acknowledgement, responses((status = 200, body = Acknowledged)))]
#[post("/alerts/acknowledge")]
async fn acknowledge_alerts(
    session: Tenant<Admin>,
    state: Data<State>,
    body: Json<Acknowledgement>,
) -> Result<Json<Acknowledged>> {
    let Acknowledgement { alert_ids, note } = body.0;
    if !(1..=200).contains(&alert_ids.len()) {
        return Err(Error::invalid(
            "/alert_ids",
            "alert_ids_count",
            "1 to 200 alerts are acknowledged at a time",
        ));
    }
    let note = note.map(|Paragraphs(note)| note);
    let acknowledge = move |mut tx: Tx| {
        must_be_there(&mut tx, &alert_ids)?;
        let done = acknowledge(&mut tx, &alert_ids, note.as_deref())?;
        if done > 0 {
            let detail = json!({ "alerts": done, "with_note": note.is_some() });
            audit::record(tx, "alerts.acknowledged", detail)?;
        }
        Ok(Acknowledged { acknowledged: done })
    };
    state.db.tenant(&session, acknowledge).await.map(Json)
}

/// List which rules watch me: those of the company, of my team, and of me alone, while they are switched on.
#[utoipa::path(responses((status = 200, body = MyAlertRules)))]
#[get("/me/alert-rules")]
async fn list_my_alert_rules(
    session: Tenant<Employee>,
    state: Data<State>,
) -> Result<Json<MyAlertRules>> {
    let read = |tx: Tx| {
        let items = sql_query(
            "SELECT r.kind, r.threshold, r.least_minutes, r.enabled_at AS since, \
               CASE WHEN r.user_id IS NOT NULL THEN 'person' WHEN r.team_id IS NOT NULL THEN 'team' ELSE 'company' END AS scope \
             FROM tenant.alert_rules r JOIN tenant.users u ON u.company_id = $1 AND u.id = $2 \
             WHERE r.company_id = $1 AND r.enabled AND r.kind <> 'storage' AND coalesce(r.user_id = u.id, true) \
               AND (r.team_id IS NULL OR r.team_id = u.team_id) ORDER BY r.kind, r.id",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(tx.user)
        .load(tx.conn)?;
        Ok(MyAlertRules { items })
    };
    state.db.tenant(&session, read).await.map(Json)
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Those of another company are as unknown as those that nobody has.
fn must_be_there(tx: &mut Tx, ids: &[Uuid]) -> Result<()> {
    let known: Vec<Id> =
        sql_query("SELECT id FROM tenant.alerts WHERE company_id = $1 AND id = ANY ($2)")
            .bind::<SqlUuid, _>(tx.company)
            .bind::<Array<SqlUuid>, _>(ids)
            .load(tx.conn)?;
    let errors: Vec<_> = (ids.iter().enumerate())
        .filter(|(_, id)| !known.iter().any(|known| known.id == **id))
        .map(|(at, _)| FieldError {
            pointer: format!("/alert_ids/{at}"),
            code: "alert_unknown".into(),
            detail: "There is no such alert".into(),
        })
        .collect();
    match errors.is_empty() {
        true => Ok(()),
        false => Err(Error::Invalid(errors)),
    }
}

fn acknowledge(tx: &mut Tx, ids: &[Uuid], note: Option<&str>) -> Result<usize> {
    Ok(sql_query(
        "UPDATE tenant.alerts SET acknowledged_by = $3, acknowledged_at = $4, note = $5 \
         WHERE company_id = $1 AND id = ANY ($2) AND acknowledged_at IS NULL",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<Timestamptz, _>(Utc::now())
    .bind::<Nullable<Text>, _>(note)
    .execute(tx.conn)?)
}
