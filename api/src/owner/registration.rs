//! Whether companies register themselves, and what such a company begins with.

use actix_web::{get, patch, web::Data};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Bool, Integer, Text, Timestamptz, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::audit;
use super::companies::opening::{Opening, must_be_trial};
use super::plans::{self, Currency, Period};
use crate::Result;
use crate::account::registrations::Asked;
use crate::app::State;
use crate::http::error::Error;
use crate::http::json::{Json, given};
use crate::http::precondition::{IfMatch, Tagged, Versioned};
use crate::http::session::Owner;
use crate::http::text::Line;

pub fn routes(api: &mut ServiceConfig) {
    api.service(show_registration_terms)
        .service(change_registration_terms);
}

/// What a company that registers itself begins with.
#[derive(Serialize, QueryableByName, ToSchema)]
pub(crate) struct RegistrationTerms {
    /// Whether anybody can register a company.
    #[diesel(sql_type = Bool)]
    is_open: bool,
    #[diesel(sql_type = Text)]
    plan: String,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = Integer)]
    trial_days: i32,
    #[diesel(sql_type = Timestamptz)]
    updated_at: DateTime<Utc>,
    /// Counts changes; `If-Match` names it.
    #[diesel(sql_type = Integer)]
    version: i32,
}

impl Versioned for RegistrationTerms {
    fn version(&self) -> String {
        self.version.to_string()
    }
}

impl RegistrationTerms {
    pub fn opening(self, asked: Asked) -> Result<Opening> {
        if !self.is_open {
            return Err(Error::RegistrationClosed);
        }
        Ok(Opening {
            id: asked.id,
            name: asked.company_name,
            slug: None,
            admin_email: asked.email,
            plan: self.plan,
            currency: self.currency,
            period: Period::Month,
            time_zone: asked.time_zone,
            trial_days: self.trial_days,
        })
    }
}

/// What is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RegistrationTermsChanges {
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    is_open: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    plan: Option<Line<32>>,
    /// One that the plan has a price in by the month.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    currency: Option<Currency>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, minimum = 1, maximum = 366)]
    trial_days: Option<i32>,
}

/// Show what a company that registers itself begins with.
#[utoipa::path(responses((status = 200, body = RegistrationTerms)))]
#[get("/owner/registration")]
async fn show_registration_terms(
    owner: Owner,
    state: Data<State>,
) -> Result<Tagged<RegistrationTerms>> {
    state.db.platform(&owner, terms).await.map(Tagged)
}

/// Let companies register themselves or not, and change what they begin with.
#[utoipa::path(
    request_body = RegistrationTermsChanges,
    responses((status = 200, body = RegistrationTerms))
)]
#[patch("/owner/registration")]
async fn change_registration_terms(
    owner: Owner,
    state: Data<State>,
    seen: IfMatch,
    body: Json<RegistrationTermsChanges>,
) -> Result<Tagged<RegistrationTerms>> {
    let (changes, user) = (body.0, owner.user);
    let change = move |conn: &mut PgConnection| {
        sql_query("SELECT FROM platform.registration_terms FOR UPDATE").execute(conn)?;
        let before = terms(conn)?;
        seen.check(&before.version())?;
        let trial_days = must_be_trial(changes.trial_days.unwrap_or(before.trial_days))?;
        let name = changes
            .plan
            .map_or_else(|| before.plan.clone(), |Line(plan)| plan);
        let currency = changes
            .currency
            .map_or_else(|| before.currency.clone(), |one| one.0);
        let plan = plans::choose(conn, &name)?;
        plans::price(conn, &plan, (&currency, Period::Month))?;
        let is_open = changes.is_open.unwrap_or(before.is_open);
        let wanted = (is_open, &plan.name, &currency, trial_days);
        if wanted
            == (
                before.is_open,
                &before.plan,
                &before.currency,
                before.trial_days,
            )
        {
            return Ok(before);
        }
        sql_query(
            "UPDATE platform.registration_terms SET is_open = $1, plan_id = $2, currency = $3, trial_days = $4, \
             version = version + 1, updated_at = $5",
        )
        .bind::<Bool, _>(is_open)
        .bind::<SqlUuid, _>(plan.id)
        .bind::<Text, _>(&currency)
        .bind::<Integer, _>(trial_days)
        .bind::<Timestamptz, _>(Utc::now())
        .execute(conn)?;
        let after = terms(conn)?;
        let detail = json!({ "before": before.said(), "after": after.said() });
        audit::record(conn, user, "registration.changed", Uuid::nil(), detail)?;
        Ok(after)
    };
    state.db.platform(&owner, change).await.map(Tagged)
}

impl RegistrationTerms {
    fn said(&self) -> serde_json::Value {
        json!({ "is_open": self.is_open, "plan": self.plan, "currency": self.currency, "trial_days": self.trial_days })
    }
}

pub(crate) fn terms(conn: &mut PgConnection) -> Result<RegistrationTerms> {
    Ok(sql_query(
        "SELECT t.is_open, p.name AS plan, t.currency, t.trial_days, t.updated_at, t.version \
         FROM platform.registration_terms t JOIN platform.plans p ON p.id = t.plan_id",
    )
    .get_result(conn)?)
}
