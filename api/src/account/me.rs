//! Who I am.

use actix_web::{get, web::Data};
use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::Result;
use crate::app::State;
use crate::company::branding::{self, Look};
use crate::db::schema::{
    platform::owners,
    tenant::{team_leads, users},
};
use crate::http::{json::Json, session::SignedIn, token::Role};
use crate::jobs::erasures::CHANGE_OF_MIND;

pub fn routes(api: &mut ServiceConfig) {
    api.service(show_me);
}

/// The signed-in person.
#[derive(Serialize, ToSchema)]
struct Me {
    id: Uuid,
    email: String,
    name: String,
    role: Role,
    /// Absent for an OWNER.
    #[serde(skip_serializing_if = "Option::is_none")]
    company: Option<MyCompany>,
    /// Until two-factor is set up, everything but that is refused with `two_factor_setup_required`.
    must_set_up_two_factor: bool,
    /// Whether they lead a team, and so have `/api/led-teams`.
    leads_teams: bool,
}

/// The company a person works for.
#[derive(Serialize, ToSchema)]
struct MyCompany {
    id: Uuid,
    name: String,
    /// TRIAL, ACTIVE, SUSPENDED, EXPIRED or CANCELLED.
    status: String,
    /// From then on everything of a cancelled company is erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    erased_from: Option<DateTime<Utc>>,
    /// IANA name; all days and clocks are this zone's.
    time_zone: String,
    /// How the company shows itself to its people.
    branding: Look,
}

/// Show who is signed in.
#[utoipa::path(responses((status = 200, body = Me)))]
#[get("/me")]
async fn show_me(session: SignedIn, state: Data<State>) -> Result<Json<Me>> {
    let (id, role) = (session.user, session.role);
    let company = session.company.clone();
    let must_set_up_two_factor = session.must_set_up_two_factor;
    let (email, name, leads_teams, branding) = who(session, &state).await?;
    let company = company.map(|company| MyCompany {
        id: company.id,
        name: company.name.clone(),
        status: company.shown_status(state.directory.grace_days).to_owned(),
        erased_from: company.cancelled_at.map(|at| at + CHANGE_OF_MIND),
        time_zone: company.time_zone.clone(),
        branding,
    });
    Ok(Json(Me {
        id,
        email,
        name,
        role,
        company,
        must_set_up_two_factor,
        leads_teams,
    }))
}

/// How the signed-in person is called.
pub(super) async fn email_and_name(session: SignedIn, state: &State) -> Result<(String, String)> {
    let (email, name, ..) = who(session, state).await?;
    Ok((email, name))
}

/// The same, whether they lead a team, and how their company shows itself.
async fn who(session: SignedIn, state: &State) -> Result<(String, String, bool, Look)> {
    let id = session.user;
    match session.split() {
        Ok(tenant) => {
            let find = |mut tx: crate::db::Tx| {
                let look = branding::look(&mut tx)?;
                let led = team_leads::table
                    .filter(team_leads::company_id.eq(tx.company))
                    .filter(team_leads::user_id.eq(tx.user));
                let (email, name, leads_teams) = users::table
                    .find((tx.company, tx.user))
                    .select((
                        users::email,
                        users::name,
                        exists(led.select(team_leads::user_id)),
                    ))
                    .first(tx.conn)?;
                Ok((email, name, leads_teams, look))
            };
            state.db.tenant(&tenant, find).await
        }
        Err(owner) => {
            let find = move |conn: &mut diesel::PgConnection| {
                let (email, name) = owners::table
                    .filter(owners::id.eq(id))
                    .select((owners::email, owners::name))
                    .first(conn)?;
                Ok((email, name, false, Look::default()))
            };
            state.db.platform(&owner, find).await
        }
    }
}
