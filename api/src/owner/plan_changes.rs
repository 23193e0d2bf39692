//! Another plan for a company: at once, or planned for the end of what it has paid for. A planned change is no row of the
//! history before it is carried out, and can be withdrawn until then.

use actix_web::{HttpResponse, post, web::Data};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::companies::{Change, CompanyDetail, Done, alter};
use super::plans::{self, Period};
use super::{overrides, subscriptions::Price};
use crate::Result;
use crate::app::State;
use crate::db::schema::platform::{companies, company_overview};
use crate::http::error::{Error, FieldError};
use crate::http::idempotency::Once;
use crate::http::json::{Json, Path, given};
use crate::http::session::Owner;
use crate::http::text::Line;

pub fn routes(api: &mut ServiceConfig) {
    api.service(change_company_plan)
        .service(withdraw_planned_change);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangePlan {
    #[schema(example = "PRO")]
    plan: Line<32>,
    /// As it is when absent.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    period: Option<Period>,
    /// At once when absent.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    when: Option<When>,
    /// Also when the company exceeds the plan's limits today. A change at the period's end asks for none.
    force: Option<bool>,
    reason: Option<Line<500>>,
}

/// When a company gets its other plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum When {
    Now,
    PeriodEnd,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Withdrawal {
    reason: Option<Line<500>>,
}

/// A plan that a company is to have later.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
pub(super) struct PlannedChange {
    #[diesel(sql_type = Text)]
    plan: String,
    /// `month` or `year`.
    #[diesel(sql_type = Text)]
    period: String,
    /// For a period, as agreed when it was planned.
    #[diesel(sql_type = BigInt)]
    price_minor: i64,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = Timestamptz)]
    effective_at: DateTime<Utc>,
    /// The owner's e-mail.
    #[diesel(sql_type = Text)]
    planned_by: String,
    #[diesel(sql_type = Timestamptz)]
    planned_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl PlannedChange {
    pub fn of(conn: &mut PgConnection, company: Uuid) -> Result<Option<Self>> {
        let query = sql_query(
            "SELECT p.name AS plan, x.period, x.price_minor, x.currency, x.effective_at, x.planned_by, x.planned_at, x.reason \
             FROM platform.planned_plan_changes x JOIN platform.plans p ON p.id = x.plan_id WHERE x.company_id = $1",
        );
        Ok(query
            .bind::<SqlUuid, _>(company)
            .get_result(conn)
            .optional()?)
    }
}

/// Change a company's plan, at once or at the end of its period.
///
/// At once a plan whose limits the company exceeds today is refused with 409 `plan_limits_exceeded`, unless forced: then
/// everything stays readable and only growth is refused. At the period's end it is carried out in any case, with the same
/// effect, at the price that the plan has today. Either takes the place of a change that was planned before.
#[utoipa::path(
    params(("company_id" = Uuid, Path)),
    request_body = ChangePlan,
    responses((status = 200, body = CompanyDetail))
)]
#[post("/owner/companies/{company_id}/change-plan")]
async fn change_company_plan(
    owner: Owner,
    state: Data<State>,
    company: Path<Uuid>,
    once: Once,
    body: Json<ChangePlan>,
) -> Result<HttpResponse> {
    let ChangePlan {
        plan,
        period,
        when,
        force,
        reason,
    } = body.0;
    let (user, reason) = (owner.user, reason.map(|Line(text)| text));
    let is_later = when == Some(When::PeriodEnd);
    let change = match is_later {
        true => Change::to_come("company.plan_change_planned", reason.clone()),
        false => Change {
            price: Price::OfPlan,
            ..Change::new("plan_changed", "company.plan_changed", reason.clone())
        },
    };
    alter(
        &owner,
        &state,
        once,
        company.0,
        change,
        move |conn, company| {
            let plan = plans::choose(conn, &plan.0)?;
            let period = period.unwrap_or(company.period());
            if plan.id == company.plan_id && period == company.period() {
                return Err(Error::Conflict(
                    "plan_unchanged",
                    "The company has that plan already.".into(),
                ));
            }
            let price_minor = plans::price(conn, &plan, (&company.currency, period))?;
            withdraw(conn, company.id)?;
            if is_later {
                let running = company.status == "ACTIVE";
                let end = company
                    .expires_at
                    .filter(|end| running && *end > Utc::now());
                let effective_at = end.ok_or_else(|| {
                    Error::Conflict(
                    "period_end_missing",
                    "Only an active company with a paid period has an end to change the plan at."
                        .into(),
                )
                })?;
                let planned = Planned {
                    plan: plan.id,
                    period,
                    currency: &company.currency,
                    price_minor,
                    effective_at,
                    reason: reason.as_deref(),
                };
                planned.insert(conn, company.id, user)?;
                return Ok(Done(Map::from_iter([(
                    "price_minor".to_owned(),
                    json!(price_minor),
                )])));
            }
            let force = force.unwrap_or(false);
            if !force {
                fits(conn, company.id, &plan)?;
            }
            diesel::update(companies::table.find(company.id))
                .set((
                    companies::plan_id.eq(plan.id),
                    companies::period.eq(period.name()),
                ))
                .execute(conn)?;
            Ok(Done(Map::from_iter([("forced".to_owned(), json!(force))])))
        },
    )
    .await
}

/// Withdraw a planned change: the company keeps the plan that it has.
#[utoipa::path(
    params(("company_id" = Uuid, Path)),
    request_body = Withdrawal,
    responses((status = 200, body = CompanyDetail))
)]
#[post("/owner/companies/{company_id}/withdraw-planned-change")]
async fn withdraw_planned_change(
    owner: Owner,
    state: Data<State>,
    company: Path<Uuid>,
    once: Once,
    body: Json<Withdrawal>,
) -> Result<HttpResponse> {
    let reason = body.0.reason.map(|Line(text)| text);
    let change = Change::to_come("company.plan_change_withdrawn", reason);
    alter(&owner, &state, once, company.0, change, |conn, company| {
        if withdraw(conn, company.id)? {
            return Ok(Done::default());
        }
        Err(Error::Conflict(
            "no_planned_change",
            "No change of the plan is planned.".into(),
        ))
    })
    .await
}

struct Planned<'a> {
    plan: Uuid,
    period: Period,
    currency: &'a str,
    price_minor: i64,
    effective_at: DateTime<Utc>,
    reason: Option<&'a str>,
}

impl Planned<'_> {
    fn insert(&self, conn: &mut PgConnection, company: Uuid, owner: Uuid) -> Result<()> {
        sql_query(
            "INSERT INTO platform.planned_plan_changes (company_id, plan_id, period, currency, price_minor, effective_at, reason, planned_by) \
             SELECT $1, $2, $3, $4, $5, $6, $7, o.email FROM platform.owners o WHERE o.id = $8",
        )
        .bind::<SqlUuid, _>(company)
        .bind::<SqlUuid, _>(self.plan)
        .bind::<Text, _>(self.period.name())
        .bind::<Text, _>(self.currency)
        .bind::<BigInt, _>(self.price_minor)
        .bind::<Timestamptz, _>(self.effective_at)
        .bind::<Nullable<Text>, _>(self.reason)
        .bind::<SqlUuid, _>(owner)
        .execute(conn)?;
        Ok(())
    }
}

/// Whether there was one.
pub(super) fn withdraw(conn: &mut PgConnection, company: Uuid) -> Result<bool> {
    let gone = sql_query("DELETE FROM platform.planned_plan_changes WHERE company_id = $1")
        .bind::<SqlUuid, _>(company)
        .execute(conn)?;
    Ok(gone > 0)
}

/// What the published numbers exceed of the plan's limits, those that the company has of its own aside.
fn fits(conn: &mut PgConnection, company: Uuid, plan: &plans::Choice) -> Result<()> {
    let (employees, storage): (i32, i64) = company_overview::table
        .find(company)
        .select((
            company_overview::employees_active,
            company_overview::storage_bytes,
        ))
        .first(conn)?;
    let (own_employees, own_storage_gb) = overrides::own_limits(conn, company)?;
    let max_employees = own_employees.unwrap_or(plan.limits.max_employees);
    let max_storage_gb = own_storage_gb.unwrap_or(plan.limits.max_storage_gb);
    let mut exceeded = Vec::new();
    let mut exceeds = |code: &str, detail: String| {
        exceeded.push(FieldError {
            pointer: "/plan".into(),
            code: code.into(),
            detail,
        });
    };
    if employees > max_employees {
        exceeds(
            "employees_exceeded",
            format!(
                "{employees} seats are in use, the plan has {}",
                max_employees
            ),
        );
    }
    if storage > i64::from(max_storage_gb) * 1_000_000_000 {
        let used = storage / 1_000_000_000;
        exceeds(
            "storage_exceeded",
            format!("{used} GB are in use, the plan has {} GB", max_storage_gb),
        );
    }
    if exceeded.is_empty() {
        Ok(())
    } else {
        Err(Error::Refused("plan_limits_exceeded", exceeded))
    }
}
