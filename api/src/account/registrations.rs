//! Companies that register themselves. Nothing is made before the address is proved by the link of a mail, and the
//! password is chosen there: who typed somebody else's address gets no account of theirs. The answer to asking is the
//! same whether or not anybody has the address.

use actix_web::{HttpRequest, HttpResponse, get, post, web::Data};
use chrono::{DateTime, Duration, Utc};
use diesel::sql_types::{Binary, Bool, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::attempts::Attempts;
use super::invitations;
use super::password::refuse_common;
use super::sign_ins::place;
use crate::app::State;
use crate::db::{Scope, Tx};
use crate::http::error::Error;
use crate::http::json::{Json, Path, created};
use crate::http::text::{Email, Line, NewPassword, TimeZone};
use crate::owner::company_keys::NewKey;
use crate::owner::{audit, registration};
use crate::{Result, passwords};

/// ASVS 6.4.1: long enough for a mailbox that is read once a day.
pub(crate) const LIFETIME: Duration = Duration::hours(24);

pub fn routes(api: &mut ServiceConfig) {
    api.service(show_registration_state)
        .service(request_registration)
        .service(show_registration)
        .service(complete_registration);
}

/// Whether companies register themselves here.
#[derive(Serialize, QueryableByName, ToSchema)]
struct RegistrationState {
    #[diesel(sql_type = Bool)]
    is_open: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRegistration {
    company_name: Line<120>,
    /// Of the first admin.
    name: Line<120>,
    email: Email,
    time_zone: TimeZone,
}

/// What a link registers.
#[derive(Serialize, ToSchema)]
struct Registration {
    company_name: String,
    name: String,
    email: String,
    time_zone: String,
    expires_at: DateTime<Utc>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChosenPassword {
    password: NewPassword,
}

/// The company that was made: sign in with the e-mail and the password chosen.
#[derive(Serialize, ToSchema)]
struct Registered {
    company_id: Uuid,
    email: String,
    /// For its agents; its admins can have it shown again with their password.
    company_key: String,
}

/// Whether a company can be registered.
#[utoipa::path(responses((status = 200, body = RegistrationState)))]
#[get("/registration")]
async fn show_registration_state(state: Data<State>) -> Result<Json<RegistrationState>> {
    let is_open = state.db.auth(is_open).await?;
    Ok(Json(RegistrationState { is_open }))
}

/// Ask to register a company. A link goes to the address; nothing is made before it is opened.
///
/// The answer does not tell whether anybody has the address. 403 `registration_closed` where the service's owner makes
/// companies alone.
#[utoipa::path(
    request_body = NewRegistration,
    responses((status = 202, description = "A mail is on its way"))
)]
#[post("/registrations")]
async fn request_registration(
    req: HttpRequest,
    state: Data<State>,
    body: Json<NewRegistration>,
) -> Result<HttpResponse> {
    let NewRegistration {
        company_name: Line(company_name),
        name: Line(name),
        email: Email(email),
        time_zone: TimeZone(time_zone),
    } = body.0;
    let attempts = Attempts::to_register(&email, &place(&req, &state));
    let ask = move |conn: &mut PgConnection| {
        must_be_open(conn)?;
        attempts.count_or_refuse(conn)?;
        sql_query("SELECT auth.request_registration($1, $2, $3, $4, $5)")
            .bind::<SqlUuid, _>(Uuid::now_v7())
            .bind::<Text, _>(email)
            .bind::<Text, _>(name)
            .bind::<Text, _>(company_name)
            .bind::<Text, _>(time_zone)
            .execute(conn)?;
        Ok(())
    };
    state.db.auth(ask).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Show what a link registers.
#[utoipa::path(params(("token" = String, Path, max_length = 200)), responses((status = 200, body = Registration)))]
#[get("/registrations/{token}")]
async fn show_registration(state: Data<State>, token: Path<String>) -> Result<Json<Registration>> {
    let Proven { asked, .. } = peek(&state, &token.0).await?;
    Ok(Json(Registration {
        company_name: asked.company_name,
        name: asked.name,
        email: asked.email,
        time_zone: asked.time_zone,
        expires_at: asked.expires_at,
    }))
}

/// Choose a password: the company is made, on trial, with its key and its first admin.
#[utoipa::path(
    params(("token" = String, Path, max_length = 200)),
    request_body = ChosenPassword,
    responses((status = 201, body = Registered))
)]
#[post("/registrations/{token}")]
async fn complete_registration(
    state: Data<State>,
    token: Path<String>,
    body: Json<ChosenPassword>,
) -> Result<HttpResponse> {
    let proven = peek(&state, &token.0).await?;
    let asked = proven.asked.clone();
    refuse_common(
        "/password",
        &body.0.password,
        &[&asked.company_name, &asked.email, &asked.name],
    )?;
    let password_hash = passwords::hash(body.0.password.0).await?;
    let (id, hash) = (asked.id, proven.hash);
    let key = NewKey::new(id, &state.secrets)?;
    let company_key = key.key.clone();
    let opening = asked.clone();
    let make = move |conn: &mut PgConnection| {
        let terms = registration::terms(conn)?;
        let detail = terms.opening(opening)?.make(conn, key, Uuid::nil())?;
        audit::record_for(conn, "self-service", "company.created", id, detail)?;
        // From here on the link is the first admin's invitation: should the next step fail, it is good for that.
        becomes_invitation(conn, &hash, id)
    };
    state.db.platform_for_registration(&proven, make).await?;
    state.directory.refresh(&state.db, id).await?;
    let company = state.directory.company(id).ok_or(Error::LinkInvalid)?;
    let join = move |tx: Tx| invitations::accept(tx, &hash, &asked.name, &password_hash, &company);
    state.db.tenant(Scope::accepted_link(id), join).await?;
    Ok(created(
        "/api/me",
        Registered {
            company_id: id,
            email: proven.asked.email,
            company_key,
        },
    ))
}

/// What was asked for.
#[derive(Clone, QueryableByName)]
pub(crate) struct Asked {
    /// The company's, once there is one.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub email: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    pub company_name: String,
    #[diesel(sql_type = Text)]
    pub time_zone: String,
    #[diesel(sql_type = Timestamptz)]
    expires_at: DateTime<Utc>,
}

/// That somebody opened the link of the mail. Made here alone: it is the ticket of a door.
pub struct Proven {
    asked: Asked,
    hash: [u8; 32],
}

async fn peek(state: &State, token: &str) -> Result<Proven> {
    let hash = invitations::hash(token);
    let look = move |conn: &mut PgConnection| -> Result<Option<Asked>> {
        must_be_open(conn)?;
        let query =
            sql_query("SELECT * FROM auth.peek_registration($1)").bind::<Binary, _>(&hash[..]);
        Ok(query.get_result(conn).optional()?)
    };
    let asked = state.db.auth(look).await?.ok_or(Error::LinkInvalid)?;
    Ok(Proven { asked, hash })
}

fn is_open(conn: &mut PgConnection) -> Result<bool> {
    let RegistrationState { is_open } =
        sql_query("SELECT auth.registration_is_open() AS is_open").get_result(conn)?;
    Ok(is_open)
}

fn must_be_open(conn: &mut PgConnection) -> Result<()> {
    match is_open(conn)? {
        true => Ok(()),
        false => Err(Error::RegistrationClosed),
    }
}

/// Two who open the link at once cannot both make the company.
fn becomes_invitation(conn: &mut PgConnection, hash: &[u8; 32], company: Uuid) -> Result<()> {
    #[derive(QueryableByName)]
    struct Done {
        #[diesel(sql_type = Bool)]
        done: bool,
    }
    let Done { done } = sql_query("SELECT auth.registration_becomes_invitation($1, $2) AS done")
        .bind::<Binary, _>(&hash[..])
        .bind::<SqlUuid, _>(company)
        .get_result(conn)?;
    match done {
        true => Ok(()),
        false => Err(Error::LinkInvalid),
    }
}
