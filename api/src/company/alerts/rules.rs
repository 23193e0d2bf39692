//! What a company watches for. Admins make and change it; while a rule is switched off nothing is watched by it.

use actix_web::{HttpResponse, delete, get, patch, post, web::Data};
use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::kinds::AlertKind;
use crate::Result;
use crate::app::State;
use crate::company::{audit, tasks};
use crate::db::Tx;
use crate::http::error::Error;
use crate::http::idempotency::{Made, Once};
use crate::http::json::{Json, Path, given};
use crate::http::precondition::{IfMatch, Tagged, Versioned};
use crate::http::session::{Admin, Tenant};

/// Each is looked at every few minutes.
const MOST: i64 = 50;
/// Where an idle rule does not say how long a day must be.
const LEAST_MINUTES: i32 = 120;

pub(super) fn routes(api: &mut ServiceConfig) {
    api.service(list_alert_rules)
        .service(create_alert_rule)
        .service(show_alert_rule)
        .service(change_alert_rule)
        .service(delete_alert_rule);
}

/// What the company wants to be told of.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct AlertRule {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    /// `silent`, `long_day`, `idle`, `unproductive`, `storage`, `device` or `repeated_input`.
    #[diesel(sql_type = Text)]
    kind: String,
    /// Hours (`silent`, `long_day`), per cent (`idle`, `unproductive`, `storage`), minutes (`repeated_input`), or 0 (`device`).
    #[diesel(sql_type = Integer)]
    threshold: i32,
    /// Of `idle`: days with less tracked time are not looked at.
    #[diesel(sql_type = Nullable<Integer>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    least_minutes: Option<i32>,
    /// Watches this team alone.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    team_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    team_name: Option<String>,
    /// Watches this person alone.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<String>,
    #[diesel(sql_type = Bool)]
    enabled: bool,
    /// Since when it is, or was last switched on: days before are not looked at.
    #[diesel(sql_type = Timestamptz)]
    enabled_at: DateTime<Utc>,
    /// Absent where the admin was removed.
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    created_by_name: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    /// `If-Match` names it, in quotes.
    #[diesel(sql_type = Text)]
    version: String,
}

impl Versioned for AlertRule {
    fn version(&self) -> String {
        self.version.clone()
    }
}

/// All of them, by kind; at most 50.
#[derive(Debug, Serialize, ToSchema)]
struct AlertRules {
    items: Vec<AlertRule>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewAlertRule {
    kind: AlertKind,
    /// Hours, per cent or minutes, by the kind.
    #[schema(minimum = 0, maximum = 480)]
    threshold: i32,
    /// Of `idle` alone. Default: 120.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, minimum = 1, maximum = 1440)]
    least_minutes: Option<i32>,
    /// Only this team; not together with a person, and not of `storage`.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    team_id: Option<Uuid>,
    /// Only this person.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    user_id: Option<Uuid>,
    /// Default: switched on.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    enabled: Option<bool>,
}

/// What is absent stays. A rule keeps its kind, and whom it watches: another is another rule.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AlertRulePatch {
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, minimum = 0, maximum = 480)]
    threshold: Option<i32>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, minimum = 1, maximum = 1440)]
    least_minutes: Option<i32>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    enabled: Option<bool>,
}

/// List the company's alert rules.
#[utoipa::path(responses((status = 200, body = AlertRules)))]
#[get("/alert-rules")]
async fn list_alert_rules(session: Tenant<Admin>, state: Data<State>) -> Result<Json<AlertRules>> {
    let read = |tx: Tx| {
        let items = sql_query(format!(
            "SELECT {COLUMNS} FROM tenant.alert_rules r {NAMES} WHERE r.company_id = $1 ORDER BY r.kind, r.id"
        ))
        .bind::<SqlUuid, _>(tx.company)
        .load(tx.conn)?;
        Ok(AlertRules { items })
    };
    state.db.tenant(&session, read).await.map(Json)
}

/// Create an alert rule. Whom it watches can read it from then on.
#[utoipa::path(request_body = NewAlertRule, responses((status = 201, body = AlertRule)))]
#[post("/alert-rules")]
async fn create_alert_rule(
    session: Tenant<Admin>,
    state: Data<State>,
    once: Once,
    body: Json<NewAlertRule>,
) -> Result<HttpResponse> {
    let new = body.0;
    let (id, kind) = (Uuid::now_v7(), new.kind);
    let default = kind.spec().is_share_of_day.then_some(LEAST_MINUTES);
    let wanted = Fields {
        threshold: new.threshold,
        least_minutes: new.least_minutes.or(default),
        team_id: new.team_id,
        user_id: new.user_id,
        enabled: new.enabled.unwrap_or(true),
    };
    wanted.check(kind)?;
    let create = move |mut tx: Tx| {
        wanted.check_who(&mut tx)?;
        must_have_room(&mut tx)?;
        insert(&mut tx, id, kind, &wanted)?;
        let detail = json!({ "rule_id": id, "kind": kind, "rule": wanted.said() });
        audit::record(tx.again(), "alert_rule.created", detail)?;
        let rule = one(&mut tx, id)?;
        Ok(Made::new(format!("/api/alert-rules/{id}"), rule))
    };
    once.tenant(&state, &session, create).await
}

/// Show one alert rule.
#[utoipa::path(params(("alert_rule_id" = Uuid, Path)), responses((status = 200, body = AlertRule)))]
#[get("/alert-rules/{alert_rule_id}")]
async fn show_alert_rule(
    session: Tenant<Admin>,
    state: Data<State>,
    rule: Path<Uuid>,
) -> Result<Tagged<AlertRule>> {
    let show = move |mut tx: Tx| one(&mut tx, rule.0);
    state.db.tenant(&session, show).await.map(Tagged)
}

/// Change an alert rule, or switch it off or on. What it has found stays.
#[utoipa::path(
    params(("alert_rule_id" = Uuid, Path)),
    request_body = AlertRulePatch,
    responses((status = 200, body = AlertRule))
)]
#[patch("/alert-rules/{alert_rule_id}")]
async fn change_alert_rule(
    session: Tenant<Admin>,
    state: Data<State>,
    seen: IfMatch,
    rule: Path<Uuid>,
    body: Json<AlertRulePatch>,
) -> Result<Tagged<AlertRule>> {
    let (id, patch) = (rule.0, body.0);
    let change = move |mut tx: Tx| {
        hold(&mut tx, id)?;
        let rule = one(&mut tx, id)?;
        seen.check(&rule.version)?;
        let kind = AlertKind::read(&rule.kind).ok_or(Error::NotFound)?;
        let before = Fields::of(&rule);
        let wanted = before.with(patch);
        wanted.check(kind)?;
        if wanted != before {
            update(&mut tx, id, &before, &wanted)?;
            let detail = json!({ "rule_id": id, "kind": kind, "before": before.said(), "after": wanted.said() });
            audit::record(tx.again(), "alert_rule.changed", detail)?;
        }
        one(&mut tx, id)
    };
    state.db.tenant(&session, change).await.map(Tagged)
}

/// Delete an alert rule. What it has found stays; what was still open is resolved, as nothing watches it any more.
#[utoipa::path(
    params(("alert_rule_id" = Uuid, Path)),
    responses((status = 204, description = "Deleted"))
)]
#[delete("/alert-rules/{alert_rule_id}")]
async fn delete_alert_rule(
    session: Tenant<Admin>,
    state: Data<State>,
    seen: IfMatch,
    rule: Path<Uuid>,
) -> Result<HttpResponse> {
    let id = rule.0;
    let delete = move |mut tx: Tx| {
        hold(&mut tx, id)?;
        let rule = one(&mut tx, id)?;
        seen.check(&rule.version)?;
        delete(&mut tx, id)?;
        let detail = json!({ "rule_id": id, "kind": rule.kind, "rule": Fields::of(&rule).said() });
        audit::record(tx, "alert_rule.deleted", detail)
    };
    state.db.tenant(&session, delete).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Rules of a team that ends go with it.
pub(crate) fn forget_team(tx: &mut Tx, team: Uuid) -> Result<()> {
    #[derive(QueryableByName)]
    struct Id {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let rules: Vec<Id> =
        sql_query("SELECT id FROM tenant.alert_rules WHERE company_id = $1 AND team_id = $2 ORDER BY id FOR UPDATE")
            .bind::<SqlUuid, _>(tx.company)
            .bind::<SqlUuid, _>(team)
            .load(tx.conn)?;
    rules.into_iter().try_for_each(|rule| {
        delete(tx, rule.id)?;
        let detail = json!({ "rule_id": rule.id, "team_id": team });
        audit::record(tx.again(), "alert_rule.deleted", detail)
    })
}

/// What somebody may decide about a rule.
#[derive(Debug, Clone, PartialEq)]
struct Fields {
    threshold: i32,
    least_minutes: Option<i32>,
    team_id: Option<Uuid>,
    user_id: Option<Uuid>,
    enabled: bool,
}

impl Fields {
    fn of(rule: &AlertRule) -> Self {
        Self {
            threshold: rule.threshold,
            least_minutes: rule.least_minutes,
            team_id: rule.team_id,
            user_id: rule.user_id,
            enabled: rule.enabled,
        }
    }

    fn with(&self, patch: AlertRulePatch) -> Self {
        Self {
            threshold: patch.threshold.unwrap_or(self.threshold),
            least_minutes: patch.least_minutes.or(self.least_minutes),
            team_id: self.team_id,
            user_id: self.user_id,
            enabled: patch.enabled.unwrap_or(self.enabled),
        }
    }

    fn check(&self, kind: AlertKind) -> Result<()> {
        let spec = kind.spec();
        if !spec.threshold.contains(&self.threshold) {
            let (least, most) = spec.threshold.into_inner();
            return Err(Error::invalid(
                "/threshold",
                "alert_rules_threshold_invalid",
                format!("{least} to {most} for a rule of this kind"),
            ));
        }
        let minutes_fit = match self.least_minutes {
            Some(minutes) => spec.is_share_of_day && (1..=1440).contains(&minutes),
            None => !spec.is_share_of_day,
        };
        if !minutes_fit {
            return Err(Error::invalid(
                "/least_minutes",
                "alert_rules_least_minutes_invalid",
                "1 to 1440 minutes, of rules about a share of the day alone",
            ));
        }
        match (self.team_id, self.user_id) {
            (None, None) => Ok(()),
            (Some(_), None) | (None, Some(_)) if spec.is_of_people => Ok(()),
            (team, _) => Err(Error::invalid(
                if team.is_some() {
                    "/team_id"
                } else {
                    "/user_id"
                },
                "alert_rules_scope_invalid",
                "A rule watches the company, one team or one person; storage is the company's",
            )),
        }
    }

    fn check_who(&self, tx: &mut Tx) -> Result<()> {
        if let Some(person) = self.user_id
            && tasks::is_active(tx, person)?.is_none()
        {
            return Err(Error::invalid(
                "/user_id",
                "employee_unknown",
                "There is no such person",
            ));
        }
        match self.team_id {
            Some(team) if !tasks::is_team(tx, team)? => Err(Error::invalid(
                "/team_id",
                "team_unknown",
                "There is no such team",
            )),
            _ => Ok(()),
        }
    }

    /// In the audit log.
    fn said(&self) -> Value {
        json!({ "threshold": self.threshold, "least_minutes": self.least_minutes, "team_id": self.team_id,
            "user_id": self.user_id, "enabled": self.enabled })
    }
}

/// Of a row `r` with its names. The version goes with everything that is told, hence with names as well.
const COLUMNS: &str = "r.id, r.kind, r.threshold, r.least_minutes, r.team_id, t.name AS team_name, r.user_id, u.name AS user_name, \
    r.enabled, r.enabled_at, c.name AS created_by_name, r.created_at, \
    r.version || '-' || left(encode(sha256(convert_to(concat_ws('|', t.name, u.name, c.name), 'UTF8')), 'hex'), 8) AS version";
const NAMES: &str = "LEFT JOIN tenant.teams t ON t.company_id = $1 AND t.id = r.team_id \
    LEFT JOIN tenant.users u ON u.company_id = $1 AND u.id = r.user_id \
    LEFT JOIN tenant.users c ON c.company_id = $1 AND c.id = r.created_by";

fn one(tx: &mut Tx, id: Uuid) -> Result<AlertRule> {
    Ok(sql_query(format!(
        "SELECT {COLUMNS} FROM tenant.alert_rules r {NAMES} WHERE r.company_id = $1 AND r.id = $2"
    ))
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .get_result(tx.conn)?)
}

/// Holds the rule until the end of the transaction, or 404.
fn hold(tx: &mut Tx, id: Uuid) -> Result<()> {
    let held =
        sql_query("SELECT FROM tenant.alert_rules WHERE company_id = $1 AND id = $2 FOR UPDATE")
            .bind::<SqlUuid, _>(tx.company)
            .bind::<SqlUuid, _>(id)
            .execute(tx.conn)?;
    match held {
        0 => Err(Error::NotFound),
        _ => Ok(()),
    }
}

fn must_have_room(tx: &mut Tx) -> Result<()> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let Count { count } =
        sql_query("SELECT count(*) FROM tenant.alert_rules WHERE company_id = $1")
            .bind::<SqlUuid, _>(tx.company)
            .get_result(tx.conn)?;
    match count < MOST {
        true => Ok(()),
        false => Err(Error::Conflict(
            "alert_rules_limit",
            format!("A company has at most {MOST} alert rules."),
        )),
    }
}

fn insert(tx: &mut Tx, id: Uuid, kind: AlertKind, fields: &Fields) -> Result<()> {
    sql_query(
        "INSERT INTO tenant.alert_rules (company_id, id, kind, threshold, least_minutes, team_id, user_id, enabled, created_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .bind::<Text, _>(kind.name())
    .bind::<Integer, _>(fields.threshold)
    .bind::<Nullable<Integer>, _>(fields.least_minutes)
    .bind::<Nullable<SqlUuid>, _>(fields.team_id)
    .bind::<Nullable<SqlUuid>, _>(fields.user_id)
    .bind::<Bool, _>(fields.enabled)
    .bind::<SqlUuid, _>(tx.user)
    .execute(tx.conn)?;
    Ok(())
}

fn update(tx: &mut Tx, id: Uuid, before: &Fields, wanted: &Fields) -> Result<()> {
    let now = Utc::now();
    let switched_on = (wanted.enabled && !before.enabled).then_some(now);
    sql_query(
        "UPDATE tenant.alert_rules SET threshold = $3, least_minutes = $4, enabled = $5, \
           enabled_at = coalesce($6, enabled_at), evaluated_at = NULL, version = version + 1, updated_at = $7 \
         WHERE company_id = $1 AND id = $2",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .bind::<Integer, _>(wanted.threshold)
    .bind::<Nullable<Integer>, _>(wanted.least_minutes)
    .bind::<Bool, _>(wanted.enabled)
    .bind::<Nullable<Timestamptz>, _>(switched_on)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn)?;
    Ok(())
}

fn delete(tx: &mut Tx, id: Uuid) -> Result<()> {
    sql_query(
        "UPDATE tenant.alerts SET rule_id = NULL, resolved_at = coalesce(resolved_at, $3) WHERE company_id = $1 AND rule_id = $2",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .bind::<Timestamptz, _>(Utc::now())
    .execute(tx.conn)?;
    sql_query("DELETE FROM tenant.alert_rules WHERE company_id = $1 AND id = $2")
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(id)
        .execute(tx.conn)?;
    Ok(())
}
