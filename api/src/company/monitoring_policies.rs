//! The monitoring policy: what a company tells its people of the recording. Admins publish versions, which never change;
//! everybody reads the one in force and acknowledges it, in the portal or with the agent. The kinds of records that a
//! version names are taken in only as they were recorded after that.

mod acknowledgements;
pub(crate) mod agent;
pub(crate) mod gate;

use actix_web::{HttpResponse, get, post, web::Data};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
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
use crate::http::json::{Json, Query};
use crate::http::page::{Page, PageQuery};
use crate::http::session::{Admin, Employee, Tenant};
use crate::http::text::{Line, Paragraphs};
use gate::RecordedKind;

/// Of records that a version may name.
const KINDS: usize = 4;

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_monitoring_policies)
        .service(publish_monitoring_policy)
        .service(show_my_monitoring_policy)
        .service(acknowledge_my_monitoring_policy);
    acknowledgements::routes(api);
}

/// A version of the policy. The highest is in force.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct MonitoringPolicy {
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Text)]
    title: String,
    /// Markdown.
    #[diesel(sql_type = Text)]
    text: String,
    /// What of a person is taken in only as recorded after they acknowledged it: `applications`, `websites`, `activity`,
    /// `screenshots`.
    #[diesel(sql_type = Array<Text>)]
    kinds: Vec<String>,
    #[diesel(sql_type = Timestamptz)]
    published_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    published_by_name: String,
    /// Of the people who are active now, how many have acknowledged it.
    #[diesel(sql_type = BigInt)]
    acknowledged: i64,
    /// The people who are active now.
    #[diesel(sql_type = BigInt)]
    people: i64,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewMonitoringPolicy {
    title: Line<200>,
    /// Markdown.
    text: Paragraphs<20000>,
    /// What is to be taken in only as recorded after a person acknowledged the version; none: nothing is refused.
    #[schema(max_items = 4)]
    kinds: Vec<RecordedKind>,
}

/// The policy in force, for whom it is about.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct MyMonitoringPolicy {
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Text)]
    title: String,
    /// Markdown.
    #[diesel(sql_type = Text)]
    text: String,
    /// What is recorded only after it was acknowledged: `applications`, `websites`, `activity`, `screenshots`.
    #[diesel(sql_type = Array<Text>)]
    kinds: Vec<String>,
    #[diesel(sql_type = Timestamptz)]
    published_at: DateTime<Utc>,
    /// When I acknowledged it, to the second. Absent while I have not.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    acknowledged_at: Option<DateTime<Utc>>,
    /// `portal` or `agent`.
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    via: Option<String>,
}

/// The policy in force and whether I have acknowledged it.
#[derive(Debug, Serialize, ToSchema)]
struct MyMonitoringPolicyAnswer {
    /// Absent where the company has published none: nothing needs to be acknowledged.
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<MyMonitoringPolicy>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PolicyAcknowledgement {
    /// What was read: the version in force, else 409 `policy_version_not_current`.
    version: i32,
}

/// List the versions of the monitoring policy, newest first, with how many have acknowledged each.
#[utoipa::path(params(PageQuery), responses((status = 200, body = Page<MonitoringPolicy>)))]
#[get("/monitoring-policies")]
async fn list_monitoring_policies(
    session: Tenant<Admin>,
    state: Data<State>,
    query: Query<PageQuery>,
) -> Result<Json<Page<MonitoringPolicy>>> {
    let list = format!("monitoring policies {}", session.company.id);
    let limit = query.0.limit()?;
    let after = query.0.position(&state.secrets, &list)?;
    let read = move |mut tx: Tx| versions(&mut tx, after, limit + 1);
    let rows = state.db.tenant(&session, read).await?;
    let position = |row: &MonitoringPolicy| row.version;
    Page::cut(rows, limit, &state.secrets, &list, position).map(Json)
}

/// Publish a new version of the monitoring policy. It is in force at once, and asks everybody for an acknowledgement anew.
///
/// Until a person has given it, the kinds of records that it names are refused as far as they were recorded after this.
/// Everybody is told. 409 `policy_unchanged` where it says what the version before it says.
#[utoipa::path(request_body = NewMonitoringPolicy, responses((status = 201, body = MonitoringPolicy)))]
#[post("/monitoring-policies")]
async fn publish_monitoring_policy(
    session: Tenant<Admin>,
    state: Data<State>,
    once: Once,
    body: Json<NewMonitoringPolicy>,
) -> Result<HttpResponse> {
    let NewMonitoringPolicy {
        title: Line(title),
        text: Paragraphs(text),
        mut kinds,
    } = body.0;
    if kinds.len() > KINDS {
        let detail = format!("There are {KINDS} kinds, and each is named once");
        return Err(Error::invalid("/kinds", "kinds_too_many", detail));
    }
    kinds.sort_unstable();
    kinds.dedup();
    let kinds: Vec<&str> = kinds.into_iter().map(RecordedKind::name).collect();
    let publish = move |mut tx: Tx| {
        let version = insert(&mut tx, &title, &text, &kinds)?;
        let detail = json!({ "version": version, "title": title, "kinds": kinds });
        audit::record(tx.again(), "monitoring_policy.published", detail)?;
        tell_everybody(&mut tx)?;
        let made = versions(&mut tx, None, 1)?;
        let made = made.into_iter().next().ok_or(Error::NotFound)?;
        Ok(Made::new("/api/monitoring-policies", made))
    };
    once.tenant(&state, &session, publish).await
}

/// Show the monitoring policy in force, and whether I have acknowledged it.
#[utoipa::path(responses((status = 200, body = MyMonitoringPolicyAnswer)))]
#[get("/me/monitoring-policy")]
async fn show_my_monitoring_policy(
    session: Tenant<Employee>,
    state: Data<State>,
) -> Result<Json<MyMonitoringPolicyAnswer>> {
    let show = |mut tx: Tx| current(&mut tx);
    let policy = state.db.tenant(&session, show).await?;
    Ok(Json(MyMonitoringPolicyAnswer { policy }))
}

/// Acknowledge the monitoring policy in force. Once more changes nothing.
#[utoipa::path(request_body = PolicyAcknowledgement, responses((status = 200, body = MyMonitoringPolicy)))]
#[post("/me/monitoring-policy/acknowledgements")]
async fn acknowledge_my_monitoring_policy(
    session: Tenant<Employee>,
    state: Data<State>,
    body: Json<PolicyAcknowledgement>,
) -> Result<Json<MyMonitoringPolicy>> {
    let version = body.0.version;
    let acknowledge = move |mut tx: Tx| acknowledge(&mut tx, version, "portal");
    state.db.tenant(&session, acknowledge).await.map(Json)
}

#[derive(QueryableByName)]
struct Last {
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Text)]
    title: String,
    #[diesel(sql_type = Text)]
    text: String,
    #[diesel(sql_type = Array<Text>)]
    kinds: Vec<String>,
    #[diesel(sql_type = Timestamptz)]
    published_at: DateTime<Utc>,
}

fn insert(tx: &mut Tx, title: &str, text: &str, kinds: &[&str]) -> Result<i32> {
    // Versions follow each other, also where two admins publish at once.
    sql_query("SELECT FROM tenant.company_settings WHERE company_id = $1 FOR UPDATE")
        .bind::<SqlUuid, _>(tx.company)
        .execute(tx.conn)?;
    let last: Option<Last> = sql_query(
        "SELECT version, title, text, kinds, published_at FROM tenant.monitoring_policies \
         WHERE company_id = $1 ORDER BY version DESC LIMIT 1",
    )
    .bind::<SqlUuid, _>(tx.company)
    .get_result(tx.conn)
    .optional()?;
    let is_same =
        |last: &Last| last.title == title && last.text == text && last.kinds.as_slice() == kinds;
    if last.as_ref().is_some_and(is_same) {
        return Err(Error::Conflict(
            "policy_unchanged",
            "The version in force says the same.".into(),
        ));
    }
    let version = last.as_ref().map_or(0, |last| last.version) + 1;
    let after = last.map(|last| last.published_at + TimeDelta::microseconds(1));
    let now = Utc::now().max(after.unwrap_or_default());
    sql_query(
        "INSERT INTO tenant.monitoring_policies (company_id, version, title, text, kinds, published_at, published_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Integer, _>(version)
    .bind::<Text, _>(title)
    .bind::<Text, _>(text)
    .bind::<Array<Text>, _>(kinds)
    .bind::<Timestamptz, _>(now)
    .bind::<SqlUuid, _>(tx.user)
    .execute(tx.conn)?;
    Ok(version)
}

fn versions(tx: &mut Tx, before: Option<i32>, limit: i64) -> Result<Vec<MonitoringPolicy>> {
    Ok(sql_query(
        "SELECT p.version, p.title, p.text, p.kinds, p.published_at, b.name AS published_by_name, \
           (SELECT count(*) FROM tenant.policy_acknowledgements a \
             JOIN tenant.users u ON u.company_id = $1 AND u.id = a.user_id AND u.deactivated_at IS NULL \
             WHERE a.company_id = $1 AND a.version = p.version) AS acknowledged, \
           (SELECT count(*) FROM tenant.users u WHERE u.company_id = $1 AND u.deactivated_at IS NULL) AS people \
         FROM tenant.monitoring_policies p JOIN tenant.users b ON b.company_id = $1 AND b.id = p.published_by \
         WHERE p.company_id = $1 AND ($2 IS NULL OR p.version < $2) ORDER BY p.version DESC LIMIT $3",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Nullable<Integer>, _>(before)
    .bind::<BigInt, _>(limit)
    .load(tx.conn)?)
}

fn tell_everybody(tx: &mut Tx) -> Result<()> {
    #[derive(QueryableByName)]
    struct Person {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let people: Vec<Person> =
        sql_query("SELECT id FROM tenant.users WHERE company_id = $1 AND deactivated_at IS NULL")
            .bind::<SqlUuid, _>(tx.company)
            .load(tx.conn)?;
    let told = |person: &Person| Notice::new(person.id, NotificationKind::PolicyPublished);
    notifications::tell(tx, &people.iter().map(told).collect::<Vec<_>>())
}

fn current(tx: &mut Tx) -> Result<Option<MyMonitoringPolicy>> {
    Ok(sql_query(
        "SELECT p.version, p.title, p.text, p.kinds, p.published_at, a.acknowledged_at, a.via \
         FROM tenant.monitoring_policies p LEFT JOIN tenant.policy_acknowledgements a \
           ON a.company_id = $1 AND a.user_id = $2 AND a.version = p.version \
         WHERE p.company_id = $1 ORDER BY p.version DESC LIMIT 1",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .get_result(tx.conn)
    .optional()?)
}

/// In the name of the transaction's person.
fn acknowledge(tx: &mut Tx, version: i32, via: &str) -> Result<MyMonitoringPolicy> {
    let policy = current(tx)?.filter(|policy| policy.version == version);
    let Some(policy) = policy else {
        return Err(Error::Conflict(
            "policy_version_not_current",
            "This is not the version in force. Read that one first.".into(),
        ));
    };
    if policy.acknowledged_at.is_some() {
        return Ok(policy);
    }
    sql_query(
        "INSERT INTO tenant.policy_acknowledgements (company_id, user_id, version, acknowledged_at, via) \
         VALUES ($1, $2, $3, date_trunc('second', $4), $5) ON CONFLICT DO NOTHING",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<Integer, _>(version)
    .bind::<Timestamptz, _>(Utc::now())
    .bind::<Text, _>(via)
    .execute(tx.conn)?;
    current(tx)?.ok_or(Error::NotFound)
}
