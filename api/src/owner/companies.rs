//! Companies, as the service's owner sees them: their plan, their state and counts. Numbers come from the
//! published overview, never from a company's own tables.

mod change;
mod list;
pub(crate) mod opening;
mod types;

pub(super) use change::{Change, Done, alter};
pub(super) use types::{CompanyDetail, detail};

use actix_web::{HttpResponse, get, post, web::Data};
use chrono::{DateTime, Duration, Utc};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Binary, Text, Timestamptz, Uuid as SqlUuid};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{audit, company_keys::NewKey};
use crate::Result;
use crate::account::invitations;
use crate::app::State;
use crate::db::schema::platform::{companies, erasures};
use crate::http::error::Error;
use crate::http::idempotency::{Made, Once};
use crate::http::json::{Json, Path, Query};
use crate::http::session::Owner;
use crate::http::sheet::Book;
use crate::http::text::{Email, Line};
use crate::jobs::{mail, queue};
use list::{CompaniesQuery, ExportQuery};
use types::{
    CompanyPage, CreatedCompany, ExtendTrial, NewCompany, ProposedSlug, Reason, SlugQuery,
    SuspendCompany,
};

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_companies)
        .service(export_companies)
        .service(create_company)
        .service(propose_company_slug)
        .service(show_company)
        .service(suspend_company)
        .service(reactivate_company)
        .service(extend_company_trial);
}

/// List companies with their published numbers.
///
/// The numbers are at most five minutes old; `as_of` says how old the oldest of the page are.
#[utoipa::path(params(CompaniesQuery), responses((status = 200, body = CompanyPage)))]
#[get("/owner/companies")]
async fn list_companies(
    owner: Owner,
    state: Data<State>,
    query: Query<CompaniesQuery>,
) -> Result<Json<CompanyPage>> {
    let secrets = state.secrets.clone();
    state
        .db
        .platform(&owner, move |conn| list::page(conn, &query.0, &secrets))
        .await
        .map(Json)
}

/// Export the list of companies as a file, as CSV or as a workbook: all that the filter lets through, in the list's order.
///
/// More than 50,000 rows are refused with 409 `export_too_large`. Times are in UTC. In CSV an apostrophe stands before a
/// text that a spreadsheet would read as a formula.
#[utoipa::path(
    params(ExportQuery),
    responses((status = 200, content((String = "text/csv"), (Book = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))))
)]
#[get("/owner/companies/export")]
async fn export_companies(
    owner: Owner,
    state: Data<State>,
    query: Query<ExportQuery>,
) -> Result<HttpResponse> {
    list::export(owner, state, query.0).await
}

/// Create a company on trial, with its key and an invitation for its first admin.
///
/// Key and link are shown in this answer; the key can be revealed again, the link cannot.
#[utoipa::path(request_body = NewCompany, responses((status = 201, body = CreatedCompany)))]
#[post("/owner/companies")]
async fn create_company(
    owner: Owner,
    state: Data<State>,
    once: Once,
    body: Json<NewCompany>,
) -> Result<HttpResponse> {
    let (id, user) = (Uuid::now_v7(), owner.user);
    let key = NewKey::new(id, &state.secrets)?;
    let (token, token_hash) = invitations::new_token(Some(id))?;
    let company_key = key.key.clone();
    let invitation_url = invitations::url(&state, &token);
    let mail = state.mailer.way();
    let make = move |conn: &mut PgConnection| {
        let admin_email = body.0.admin_email.clone();
        let detail = body.0.opening(id)?.make(conn, key, user)?;
        invite_admin(conn, id, &token_hash, &admin_email)?;
        audit::record(conn, user, "company.created", id, detail)?;
        let made = CreatedCompany {
            company: types::detail(conn, id)?,
            company_key,
            invitation_url,
            mail,
        };
        Ok(Made::new(format!("/api/owner/companies/{id}"), made)
            .showing_once(&["company_key", "invitation_url"]))
    };
    let answer = once.platform(&state, &owner, make).await?;
    state.directory.refresh(&state.db, id).await?;
    Ok(answer)
}

/// Propose a slug for a name, or look whether one that was typed is free.
#[utoipa::path(params(SlugQuery), responses((status = 200, body = ProposedSlug)))]
#[get("/owner/companies/slug")]
async fn propose_company_slug(
    owner: Owner,
    state: Data<State>,
    query: Query<SlugQuery>,
) -> Result<Json<ProposedSlug>> {
    let slug = opening::slug(&query.0.of.0);
    let look = move |conn: &mut PgConnection| {
        let is_free = !opening::is_taken(conn, &slug)?;
        let free_slug = opening::free_slug(conn, &slug)?;
        Ok(ProposedSlug {
            slug,
            is_free,
            free_slug,
        })
    };
    state.db.platform(&owner, look).await.map(Json)
}

/// Show one company: state, plan, key in use, counts.
#[utoipa::path(params(("company_id" = Uuid, Path)), responses((status = 200, body = CompanyDetail)))]
#[get("/owner/companies/{company_id}")]
async fn show_company(
    owner: Owner,
    state: Data<State>,
    company: Path<Uuid>,
) -> Result<Json<CompanyDetail>> {
    state
        .db
        .platform(&owner, move |conn| types::detail(conn, company.0))
        .await
        .map(Json)
}

/// Suspend a company: its agents are refused at once, its admins read and export.
#[utoipa::path(
    params(("company_id" = Uuid, Path)),
    request_body = SuspendCompany,
    responses((status = 200, body = CompanyDetail))
)]
#[post("/owner/companies/{company_id}/suspend")]
async fn suspend_company(
    owner: Owner,
    state: Data<State>,
    company: Path<Uuid>,
    once: Once,
    body: Json<SuspendCompany>,
) -> Result<HttpResponse> {
    let Line(reason) = body.0.reason;
    let change = Change::new("suspended", "company.suspended", Some(reason.clone()));
    alter(
        &owner,
        &state,
        once,
        company.0,
        change,
        move |conn, company| {
            if ["SUSPENDED", "CANCELLED"].contains(&company.status.as_str()) {
                return Err(Error::Conflict(
                    "company_not_active",
                    "The company is suspended or cancelled already.".into(),
                ));
            }
            diesel::update(companies::table.find(company.id))
                .set((
                    companies::status.eq("SUSPENDED"),
                    companies::suspended_reason.eq(&reason),
                ))
                .execute(conn)?;
            Ok(Done::default())
        },
    )
    .await
}

/// Reactivate a suspended, expired or cancelled company.
///
/// A trial or a paid period that has not run out goes on. Where neither is left the company is active without an end,
/// which its next renewal gives it.
#[utoipa::path(
    params(("company_id" = Uuid, Path)),
    request_body = Reason,
    responses((status = 200, body = CompanyDetail))
)]
#[post("/owner/companies/{company_id}/reactivate")]
async fn reactivate_company(
    owner: Owner,
    state: Data<State>,
    company: Path<Uuid>,
    once: Once,
    body: Json<Reason>,
) -> Result<HttpResponse> {
    let reason = body.0.reason.map(|Line(text)| text);
    let grace = Duration::days(state.directory.grace_days);
    let change = Change::new("reactivated", "company.reactivated", reason);
    alter(
        &owner,
        &state,
        once,
        company.0,
        change,
        move |conn, company| {
            let now = Utc::now();
            let ran_out = |end: Option<DateTime<Utc>>| end.is_some_and(|end| end + grace <= now);
            let end = if company.status == "TRIAL" {
                company.trial_ends_at
            } else {
                company.expires_at
            };
            if ["TRIAL", "ACTIVE"].contains(&company.status.as_str()) && !ran_out(end) {
                return Err(Error::Conflict(
                    "company_active",
                    "The company is active.".into(),
                ));
            }
            let on_trial = company.trial_ends_at.is_some_and(|end| end > now);
            // A subscription that had run out would end the reactivation in the same moment.
            let expires_at = company.expires_at.filter(|end| *end > now);
            diesel::update(companies::table.find(company.id))
                .set((
                    companies::status.eq(if on_trial { "TRIAL" } else { "ACTIVE" }),
                    companies::suspended_reason.eq(None::<String>),
                    companies::cancelled_at.eq(None::<DateTime<Utc>>),
                    companies::expires_at.eq(expires_at),
                ))
                .execute(conn)?;
            Ok(Done::default())
        },
    )
    .await
}

/// Give a trial more time. An expired trial begins to run again.
#[utoipa::path(
    params(("company_id" = Uuid, Path)),
    request_body = ExtendTrial,
    responses((status = 200, body = CompanyDetail))
)]
#[post("/owner/companies/{company_id}/extend-trial")]
async fn extend_company_trial(
    owner: Owner,
    state: Data<State>,
    company: Path<Uuid>,
    once: Once,
    body: Json<ExtendTrial>,
) -> Result<HttpResponse> {
    let until = body.0.until;
    if until <= Utc::now() || until > Utc::now() + Duration::days(366) {
        return Err(Error::invalid(
            "/until",
            "until_invalid",
            "A trial ends within the next 366 days",
        ));
    }
    let change = Change::new("trial_extended", "company.trial_extended", None);
    alter(
        &owner,
        &state,
        once,
        company.0,
        change,
        move |conn, company| {
            let trial = company.trial_ends_at.is_some()
                && ["TRIAL", "EXPIRED"].contains(&company.status.as_str());
            if !trial {
                return Err(Error::Conflict(
                    "company_not_on_trial",
                    "The company is not on trial.".into(),
                ));
            }
            diesel::update(companies::table.find(company.id))
                .set((
                    companies::status.eq("TRIAL"),
                    companies::trial_ends_at.eq(until),
                ))
                .execute(conn)?;
            Ok(Done::default())
        },
    )
    .await
}

/// 404 for a company that is not there, or whose erasure has begun.
pub(super) fn must_exist(conn: &mut PgConnection, company: Uuid) -> Result<()> {
    companies::table
        .find(company)
        .filter(not(exists(erasures::table.find(company))))
        .select(companies::id)
        .first::<Uuid>(conn)?;
    Ok(())
}

/// Nobody else changes the company before this transaction is over. 404 for one that is not there, or whose erasure has
/// begun.
pub(super) fn lock(conn: &mut PgConnection, company: Uuid) -> Result<()> {
    companies::table
        .find(company)
        .select(companies::id)
        .for_update()
        .first::<Uuid>(conn)?;
    // Its erasure may have begun while the lock was waited for.
    must_exist(conn, company)
}

fn invite_admin(
    conn: &mut PgConnection,
    company: Uuid,
    token_hash: &[u8; 32],
    Email(email): &Email,
) -> Result<()> {
    sql_query("SELECT auth.issue_admin_link($1, $2, $3, $4)")
        .bind::<Binary, _>(&token_hash[..])
        .bind::<SqlUuid, _>(company)
        .bind::<Text, _>(email)
        .bind::<Timestamptz, _>(Utc::now() + invitations::LIFETIME)
        .execute(conn)?;
    queue::enqueue(conn, &[mail::first_admin(company)])
}
