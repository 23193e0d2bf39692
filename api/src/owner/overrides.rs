//! What one company has other than its plan says. An owner agrees to it for a reason; the value in force is shown with
//! where it comes from.

use actix_web::{get, patch, web::Data};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{audit, companies, plans};
use crate::app::State;
use crate::db::schema::platform::company_overrides;
use crate::http::json::{Json, Path, given};
use crate::http::precondition::{IfMatch, Tagged, Versioned};
use crate::http::session::Owner;
use crate::http::text::Line;
use crate::{Result, directory};

pub fn routes(api: &mut ServiceConfig) {
    api.service(show_company_overrides)
        .service(change_company_overrides);
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Source {
    Plan,
    Override,
}

/// An amount in force, and what the plan says.
#[derive(Debug, Serialize, ToSchema)]
struct LimitInForce {
    value: i32,
    plan_value: i32,
    source: Source,
}

/// Whether something is included, and what the plan says.
#[derive(Debug, Serialize, ToSchema)]
struct FeatureInForce {
    value: bool,
    plan_value: bool,
    source: Source,
}

impl LimitInForce {
    fn of(plan_value: i32, own: Option<i32>) -> Self {
        Self {
            value: own.unwrap_or(plan_value),
            plan_value,
            source: source(own.is_some()),
        }
    }
}

impl FeatureInForce {
    fn of(plan_value: bool, own: Option<bool>) -> Self {
        Self {
            value: own.unwrap_or(plan_value),
            plan_value,
            source: source(own.is_some()),
        }
    }
}

fn source(is_own: bool) -> Source {
    match is_own {
        true => Source::Override,
        false => Source::Plan,
    }
}

/// What a company may use, and by whose word.
#[derive(Debug, Serialize, ToSchema)]
struct Overrides {
    plan: String,
    max_employees: LimitInForce,
    max_storage_gb: LimitInForce,
    retention_days: LimitInForce,
    history_days: LimitInForce,
    screenshots: FeatureInForce,
    api_access: FeatureInForce,
    webhooks: FeatureInForce,
    exports: FeatureInForce,
    /// Of the last change; absent when there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The e-mail of the owner who made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    changed_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<DateTime<Utc>>,
    /// Another one after each change here or of the plan; the `ETag` is this in quotes.
    version: String,
}

impl Versioned for Overrides {
    fn version(&self) -> String {
        self.version.clone()
    }
}

/// What shall be different; what is absent stays, and null is as the plan says.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OverrideChanges {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 1000000)]
    max_employees: Option<Option<i32>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 1000000)]
    max_storage_gb: Option<Option<i32>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 3660)]
    retention_days: Option<Option<i32>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 3660)]
    history_days: Option<Option<i32>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<bool>)]
    screenshots: Option<Option<bool>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<bool>)]
    api_access: Option<Option<bool>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<bool>)]
    webhooks: Option<Option<bool>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<bool>)]
    exports: Option<Option<bool>>,
    /// Why: it is shown, and kept in the audit log.
    reason: Line<500>,
}

/// Show what a company may use, with where each value comes from.
#[utoipa::path(params(("company_id" = Uuid, Path)), responses((status = 200, body = Overrides)))]
#[get("/owner/companies/{company_id}/overrides")]
async fn show_company_overrides(
    owner: Owner,
    state: Data<State>,
    company: Path<Uuid>,
) -> Result<Tagged<Overrides>> {
    state
        .db
        .platform(&owner, move |conn| Ok(shown(load(conn, company.0)?)))
        .await
        .map(Tagged)
}

/// Give a company more or less than its plan says, or take that back with null.
///
/// It holds at once and through changes of the plan. What exceeds a smaller value stays readable; only growth is refused.
#[utoipa::path(
    params(("company_id" = Uuid, Path)),
    request_body = OverrideChanges,
    responses((status = 200, body = Overrides))
)]
#[patch("/owner/companies/{company_id}/overrides")]
async fn change_company_overrides(
    owner: Owner,
    if_match: IfMatch,
    state: Data<State>,
    company: Path<Uuid>,
    body: Json<OverrideChanges>,
) -> Result<Tagged<Overrides>> {
    let (company, user, changes) = (company.0, owner.user, body.0);
    plans::check_limits(
        changes.max_employees.flatten(),
        changes.max_storage_gb.flatten(),
        changes.retention_days.flatten(),
        changes.history_days.flatten(),
    )?;
    let change = move |conn: &mut PgConnection| {
        companies::lock(conn, company)?;
        let before = load(conn, company)?;
        if_match.check(&before.version())?;
        let own = before.row.own.with(&changes);
        let (was, is) = plans::difference(before.row.own.said()?, own.said()?);
        if was.is_empty() && is.is_empty() {
            return Ok(shown(before));
        }
        store(conn, company, user, &own, &changes.reason.0)?;
        let detail = json!({ "before": was, "after": is, "reason": changes.reason.0 });
        audit::record(conn, user, "company.overrides_changed", company, detail)?;
        directory::tell(conn, "company", company)?;
        Ok(shown(load(conn, company)?))
    };
    let overrides = state.db.platform(&owner, change).await?;
    state.directory.refresh(&state.db, company).await?;
    Ok(Tagged(overrides))
}

/// The company's own values.
#[derive(Debug, Serialize, QueryableByName)]
struct Own {
    #[diesel(sql_type = Nullable<Integer>)]
    max_employees: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    max_storage_gb: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    retention_days: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    history_days: Option<i32>,
    #[diesel(sql_type = Nullable<Bool>)]
    screenshots: Option<bool>,
    #[diesel(sql_type = Nullable<Bool>)]
    api_access: Option<bool>,
    #[diesel(sql_type = Nullable<Bool>)]
    webhooks: Option<bool>,
    #[diesel(sql_type = Nullable<Bool>)]
    exports: Option<bool>,
}

impl Own {
    fn with(&self, changes: &OverrideChanges) -> Self {
        Self {
            max_employees: changes.max_employees.unwrap_or(self.max_employees),
            max_storage_gb: changes.max_storage_gb.unwrap_or(self.max_storage_gb),
            retention_days: changes.retention_days.unwrap_or(self.retention_days),
            history_days: changes.history_days.unwrap_or(self.history_days),
            screenshots: changes.screenshots.unwrap_or(self.screenshots),
            api_access: changes.api_access.unwrap_or(self.api_access),
            webhooks: changes.webhooks.unwrap_or(self.webhooks),
            exports: changes.exports.unwrap_or(self.exports),
        }
    }

    fn said(&self) -> Result<Map<String, Value>> {
        match serde_json::to_value(self).map_err(anyhow::Error::from)? {
            Value::Object(fields) => Ok(fields),
            _ => Ok(Map::new()),
        }
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(embed)]
    own: Own,
    #[diesel(sql_type = SqlUuid)]
    plan_id: Uuid,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Nullable<Text>)]
    reason: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    changed_by: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    updated_at: Option<DateTime<Utc>>,
}

struct Loaded {
    row: Row,
    plan: plans::Plan,
}

impl Loaded {
    fn version(&self) -> String {
        // The plan's id as well: another plan may have been changed as often.
        let plan = self.plan.id.simple().to_string();
        let plan = plan.get(20..).unwrap_or(&plan);
        format!("{}.{}.{plan}", self.row.version, self.plan.version)
    }
}

fn load(conn: &mut PgConnection, company: Uuid) -> Result<Loaded> {
    let row: Row = sql_query(
        "SELECT c.plan_id, x.max_employees, x.max_storage_gb, x.retention_days, x.history_days, x.screenshots, x.api_access, \
           x.webhooks, x.exports, coalesce(x.version, 0) AS version, x.reason, x.changed_by, x.updated_at \
         FROM platform.companies c LEFT JOIN platform.company_overrides x ON x.company_id = c.id WHERE c.id = $1",
    )
    .bind::<SqlUuid, _>(company)
    .get_result(conn)?;
    let plan = plans::one(conn, row.plan_id)?;
    Ok(Loaded { row, plan })
}

fn shown(loaded: Loaded) -> Overrides {
    let version = loaded.version();
    let Loaded { row, plan } = loaded;
    let own = row.own;
    let (limits, features) = (plan.limits, plan.features);
    Overrides {
        max_employees: LimitInForce::of(limits.max_employees, own.max_employees),
        max_storage_gb: LimitInForce::of(limits.max_storage_gb, own.max_storage_gb),
        retention_days: LimitInForce::of(limits.retention_days, own.retention_days),
        history_days: LimitInForce::of(limits.history_days, own.history_days),
        screenshots: FeatureInForce::of(features.screenshots, own.screenshots),
        api_access: FeatureInForce::of(features.api_access, own.api_access),
        webhooks: FeatureInForce::of(features.webhooks, own.webhooks),
        exports: FeatureInForce::of(features.exports, own.exports),
        plan: plan.name,
        reason: row.reason,
        changed_by: row.changed_by,
        updated_at: row.updated_at,
        version,
    }
}

fn store(
    conn: &mut PgConnection,
    company: Uuid,
    owner: Uuid,
    own: &Own,
    reason: &str,
) -> Result<()> {
    sql_query(
        "INSERT INTO platform.company_overrides AS x (company_id, max_employees, max_storage_gb, retention_days, history_days, \
           screenshots, api_access, webhooks, exports, reason, changed_by, updated_at) \
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, o.email, $12 FROM platform.owners o WHERE o.id = $11 \
         ON CONFLICT (company_id) DO UPDATE SET max_employees = excluded.max_employees, max_storage_gb = excluded.max_storage_gb, \
           retention_days = excluded.retention_days, history_days = excluded.history_days, screenshots = excluded.screenshots, \
           api_access = excluded.api_access, webhooks = excluded.webhooks, exports = excluded.exports, reason = excluded.reason, \
           changed_by = excluded.changed_by, updated_at = excluded.updated_at, version = x.version + 1",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<Nullable<Integer>, _>(own.max_employees)
    .bind::<Nullable<Integer>, _>(own.max_storage_gb)
    .bind::<Nullable<Integer>, _>(own.retention_days)
    .bind::<Nullable<Integer>, _>(own.history_days)
    .bind::<Nullable<Bool>, _>(own.screenshots)
    .bind::<Nullable<Bool>, _>(own.api_access)
    .bind::<Nullable<Bool>, _>(own.webhooks)
    .bind::<Nullable<Bool>, _>(own.exports)
    .bind::<Text, _>(reason)
    .bind::<SqlUuid, _>(owner)
    .bind::<Timestamptz, _>(Utc::now())
    .execute(conn)?;
    Ok(())
}

/// A company's own seats and storage, where it has any.
pub(super) fn own_limits(
    conn: &mut PgConnection,
    company: Uuid,
) -> Result<(Option<i32>, Option<i32>)> {
    let found = company_overrides::table
        .find(company)
        .select((
            company_overrides::max_employees,
            company_overrides::max_storage_gb,
        ))
        .first(conn)
        .optional()?;
    Ok(found.unwrap_or_default())
}
