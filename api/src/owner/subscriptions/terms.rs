//! What is agreed on with a company: that it begins to pay, goes on for another period, or leaves.

use actix_web::{HttpResponse, post, web::Data};
use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::Price;
use crate::Result;
use crate::app::State;
use crate::db::schema::platform::companies;
use crate::http::error::Error;
use crate::http::idempotency::Once;
use crate::http::json::{Json, Path};
use crate::http::session::Owner;
use crate::http::text::Line;
use crate::owner::companies::{Change, CompanyDetail, Done, alter};
use crate::owner::{plan_changes, plans};

/// A renewal that was sent twice too often is noticed before this.
const FURTHEST: Duration = Duration::days(3 * 366);

pub fn routes(api: &mut ServiceConfig) {
    api.service(activate_company)
        .service(renew_company)
        .service(cancel_company);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Activation {
    reason: Option<Line<500>>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Renewal {
    /// At the price that the plan has today. Else at the one that was agreed.
    current_price: Option<bool>,
    reason: Option<Line<500>>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Cancellation {
    reason: Line<500>,
}

/// Let a company on trial begin to pay: active from now until the end of one period.
///
/// The trial is over with it, also one that would have gone on. A trial that ran out is activated the same way.
#[utoipa::path(
    params(("company_id" = Uuid, Path)),
    request_body = Activation,
    responses((status = 200, body = CompanyDetail))
)]
#[post("/owner/companies/{company_id}/activate")]
async fn activate_company(
    owner: Owner,
    state: Data<State>,
    company: Path<Uuid>,
    once: Once,
    body: Json<Activation>,
) -> Result<HttpResponse> {
    let reason = body.0.reason.map(|Line(text)| text);
    let change = Change::new("activated", "company.activated", reason);
    alter(&owner, &state, once, company.0, change, |conn, company| {
        let never_paid = company.status == "EXPIRED" && company.expires_at.is_none();
        if company.status != "TRIAL" && !never_paid {
            return Err(Error::Conflict(
                "company_not_on_trial",
                "Only a company on trial, or one whose trial ran out, begins to pay.".into(),
            ));
        }
        let now = Utc::now();
        diesel::update(companies::table.find(company.id))
            .set((
                companies::status.eq("ACTIVE"),
                companies::trial_ends_at.eq(company.trial_ends_at.map(|end| end.min(now))),
                companies::expires_at.eq(company.period().after(now)),
            ))
            .execute(conn)?;
        Ok(Done::default())
    })
    .await
}

/// Renew a company's subscription for one more period.
///
/// It begins where the one before ends, also within the days of grace after it; where that is over, or where the company
/// is active without an end, it begins now. The price goes on as agreed, unless today's is asked for.
#[utoipa::path(
    params(("company_id" = Uuid, Path)),
    request_body = Renewal,
    responses((status = 200, body = CompanyDetail))
)]
#[post("/owner/companies/{company_id}/renew")]
async fn renew_company(
    owner: Owner,
    state: Data<State>,
    company: Path<Uuid>,
    once: Once,
    body: Json<Renewal>,
) -> Result<HttpResponse> {
    let Renewal {
        current_price,
        reason,
    } = body.0;
    let change = Change {
        price: match current_price {
            Some(true) => Price::OfPlan,
            _ => Price::Agreed,
        },
        ..Change::new("renewed", "company.renewed", reason.map(|Line(text)| text))
    };
    let (grace, price) = (Duration::days(state.directory.grace_days), change.price);
    alter(
        &owner,
        &state,
        once,
        company.0,
        change,
        move |conn, company| {
            let ran_out = company.status == "EXPIRED" && company.expires_at.is_some();
            if company.status != "ACTIVE" && !ran_out {
                return Err(Error::Conflict(
                    "company_not_active",
                    "Only an active company, or one whose subscription ran out, is renewed.".into(),
                ));
            }
            if price == Price::OfPlan {
                let plan = plans::one(conn, company.plan_id)?;
                plan.price(&company.currency, company.period())
                    .ok_or_else(|| {
                        Error::invalid(
                            "/current_price",
                            "plan_price_missing",
                            "The plan has no price for this period any more",
                        )
                    })?;
            }
            let now = Utc::now();
            let goes_on = |end: &DateTime<Utc>| !ran_out && *end + grace > now;
            let from = company.expires_at.filter(goes_on).unwrap_or(now);
            let until = company.period().after(from);
            if until > now + FURTHEST {
                return Err(Error::Conflict(
                    "renewed_far_ahead",
                    "The subscription is renewed for three years already.".into(),
                ));
            }
            diesel::update(companies::table.find(company.id))
                .set((
                    companies::status.eq("ACTIVE"),
                    companies::expires_at.eq(until),
                ))
                .execute(conn)?;
            Ok(Done::default())
        },
    )
    .await
}

/// Cancel a company's subscription or trial, now.
///
/// Its agents are refused at once, its admins go on reading and exporting, and nothing is deleted: for 30 days it may be
/// reactivated as it was. A planned change of the plan is withdrawn.
#[utoipa::path(
    params(("company_id" = Uuid, Path)),
    request_body = Cancellation,
    responses((status = 200, body = CompanyDetail))
)]
#[post("/owner/companies/{company_id}/cancel")]
async fn cancel_company(
    owner: Owner,
    state: Data<State>,
    company: Path<Uuid>,
    once: Once,
    body: Json<Cancellation>,
) -> Result<HttpResponse> {
    let Line(reason) = body.0.reason;
    let change = Change::new("cancelled", "company.cancelled", Some(reason));
    alter(&owner, &state, once, company.0, change, |conn, company| {
        if company.status == "CANCELLED" {
            return Err(Error::Conflict(
                "company_cancelled",
                "The company has left already.".into(),
            ));
        }
        plan_changes::withdraw(conn, company.id)?;
        diesel::update(companies::table.find(company.id))
            .set((
                companies::status.eq("CANCELLED"),
                companies::cancelled_at.eq(Utc::now()),
            ))
            .execute(conn)?;
        Ok(Done::default())
    })
    .await
}
