//! Signing in, staying signed in, signing out. The access token is the browser's to hold in memory; the refresh
//! token lives in a cookie that no script can read.

use actix_web::cookie::{Cookie, SameSite, time::Duration as CookieAge};
use actix_web::http::header::{self, ORIGIN};
use actix_web::{HttpRequest, HttpResponse, post, web::Data};
use chrono::{Duration, Utc};
use diesel::sql_types::{Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::attempts::{self, Attempts};
use super::audit;
use super::sign_ins::{origin, place};
use super::two_factor;
use crate::app::State;
use crate::http::error::{CompanyChoice, Error};
use crate::http::json::Json;
use crate::http::text::{Code, Email, Password};
use crate::http::token::{Audience, Claims, LIFETIME, Role};
use crate::{Result, passwords};

/// Without use for this long, a portal asks for the password again.
const IDLE: Duration = Duration::hours(24);
/// For how long the token before is still answered: two tabs may refresh at once.
const GRACE_SECONDS: i32 = 10;

pub fn routes(api: &mut ServiceConfig) {
    api.service(sign_in)
        .service(refresh_sign_in)
        .service(sign_out);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    email: Email,
    password: Password,
    /// Of the authenticator app, or a recovery code: after an answer `code_required`.
    code: Option<Code>,
    /// Chooses the company, after an answer `company_choice_required`.
    company_id: Option<Uuid>,
}

/// A person's access, for the length of the access token.
#[derive(Serialize, ToSchema)]
pub(crate) struct Access {
    access_token: String,
    /// Seconds.
    expires_in: i64,
    role: Role,
    /// Absent for an OWNER.
    #[serde(skip_serializing_if = "Option::is_none")]
    company_id: Option<Uuid>,
    user_id: Uuid,
}

/// Sign in to a portal.
///
/// Sets the refresh cookie. When several companies know the e-mail and the password fits more than one of them,
/// the answer is 409 `company_choice_required` with the companies to choose from. Where two-factor is on, it is 403
/// `code_required` until a code comes along. Where it must be on and is not, the access token is good for setting it up.
#[utoipa::path(request_body = SignIn, responses((status = 200, body = Access)))]
#[post("/auth/sign-in")]
async fn sign_in(req: HttpRequest, state: Data<State>, body: Json<SignIn>) -> Result<HttpResponse> {
    let SignIn {
        email,
        password,
        code,
        company_id,
    } = body.0;
    let person = match_one(
        &state,
        person_of(&state, &req, email, password, company_id).await?,
    )?;
    if let Some(company) = person.company_id.and_then(|id| state.directory.company(id))
        && person.role()? < Role::Admin
        && let Some(inactive) = company.inactive(state.directory.grace_days)
    {
        return Err(Error::CompanyInactive(inactive));
    }
    let has_two_factor = two_factor::check(&state, person.user_id, code).await?;
    let audience = if person.company_id.is_some() {
        Audience::Web
    } else {
        Audience::Owner
    };
    let new = NewSignIn {
        id: Uuid::now_v7(),
        audience,
        device: None,
        user_agent: user_agent(&req),
        address: origin(&req, &state),
        place: place(&req, &state),
        idle: IDLE,
        lives: absolute(audience),
    };
    let sid = new.id;
    let person = state.db.auth(move |conn| new.begin(conn, person)).await?;
    answer(&state, &person, has_two_factor, audience, sid, 1)
}

/// Renew the access token by the refresh cookie.
///
/// Needs the header `X-Requested-With: tracker`. A refresh token that was used before ends the whole sign-in.
#[utoipa::path(
    params(("X-Requested-With" = String, Header, description = "`tracker`")),
    responses((status = 200, body = Access))
)]
#[post("/auth/refresh")]
async fn refresh_sign_in(req: HttpRequest, state: Data<State>) -> Result<HttpResponse> {
    from_our_page(&state, &req)?;
    let (sid, generation) = cookie_of(&state, &req).ok_or(Error::Unauthenticated)?;
    let renew = move |conn: &mut PgConnection| {
        let rotated = rotate(conn, sid, generation, Audience::Web, Some(GRACE_SECONDS))?;
        let has_two_factor = two_factor::is_on(conn, rotated.user_id.unwrap_or_default())?;
        Ok((rotated, has_two_factor))
    };
    let (rotated, has_two_factor) = state.db.auth(renew).await?;
    let person = rotated.person(&state, sid)?;
    let audience = if person.company_id.is_some() {
        Audience::Web
    } else {
        Audience::Owner
    };
    answer(
        &state,
        &person,
        has_two_factor,
        audience,
        sid,
        rotated.generation.unwrap_or_default(),
    )
}

/// Sign out here: ends the sign-in and clears the cookie.
#[utoipa::path(
    params(("X-Requested-With" = String, Header, description = "`tracker`")),
    responses((status = 204, description = "Signed out"))
)]
#[post("/auth/sign-out")]
async fn sign_out(req: HttpRequest, state: Data<State>) -> Result<HttpResponse> {
    from_our_page(&state, &req)?;
    if let Some((sid, _)) = cookie_of(&state, &req) {
        state
            .db
            .auth(move |conn| end(conn, sid, "signed_out"))
            .await?;
        state.directory.end(sid);
    }
    let mut gone = cookie(&state, String::new());
    gone.make_removal();
    Ok(HttpResponse::NoContent()
        .cookie(gone)
        .insert_header(("Clear-Site-Data", "\"cache\""))
        .finish())
}

/// A credential whose password fitted.
#[derive(Debug, Clone, QueryableByName)]
pub(crate) struct Person {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub company_id: Option<Uuid>,
    #[diesel(sql_type = SqlUuid)]
    pub user_id: Uuid,
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = Text)]
    password_hash: String,
}

impl Person {
    pub fn role(&self) -> Result<Role> {
        Role::parse(&self.role)
    }
}

/// Whom e-mail and password fit, in one company or in all. Counts failures; takes as long for an unknown e-mail.
pub(crate) async fn person_of(
    state: &State,
    req: &HttpRequest,
    Email(email): Email,
    Password(password): Password,
    company: Option<Uuid>,
) -> Result<Vec<Person>> {
    let place = place(req, state);
    let turn = passwords::turn(&email).await?;
    let look = move |conn: &mut PgConnection| {
        let attempts = Attempts::to_sign_in(conn, &email, &place)?;
        Ok((attempts.wait(conn)?, attempts, find(conn, &email)?))
    };
    let (waiting, attempts, known) = state.db.auth(look).await?;
    if let Some(seconds) = waiting {
        return Err(Error::TooManyAttempts(seconds));
    }
    let known: Vec<_> = known
        .into_iter()
        .filter(|p| company.is_none() || p.company_id == company)
        .collect();
    let hashes = known
        .iter()
        .map(|person| person.password_hash.clone())
        .collect();
    let fits = passwords::matching(&turn, password, hashes).await?;
    let fitting: Vec<_> = known
        .into_iter()
        .zip(fits)
        .filter_map(|(person, fits)| fits.then_some(person))
        .collect();
    let failed = fitting.is_empty();
    state
        .db
        .auth(move |conn| attempts.count(conn, failed))
        .await?;
    if failed {
        Err(Error::CredentialsInvalid)
    } else {
        Ok(fitting)
    }
}

/// The signed-in person's password once more, before something that needs it. Gives the hash that it fitted.
pub(crate) async fn confirm_password(
    state: &State,
    user: Uuid,
    Password(password): Password,
) -> Result<String> {
    let attempts = Attempts::to_confirm(user);
    let turn = passwords::turn(attempts.key()).await?;
    let look =
        move |conn: &mut PgConnection| Ok((attempts.wait(conn)?, attempts, hash_of(conn, user)?));
    let (waiting, attempts, hash) = state.db.auth(look).await?;
    if let Some(seconds) = waiting {
        return Err(Error::TooManyAttempts(seconds));
    }
    let hashes = hash.clone().into_iter().collect();
    let fits = passwords::matching(&turn, password, hashes).await?;
    let fitting = hash.filter(|_| fits.contains(&true));
    let failed = fitting.is_none();
    state
        .db
        .auth(move |conn| attempts.count(conn, failed))
        .await?;
    fitting.ok_or(Error::PasswordWrong)
}

fn match_one(state: &State, mut fitting: Vec<Person>) -> Result<Person> {
    match (fitting.pop(), fitting.is_empty()) {
        (Some(person), true) => Ok(person),
        (last, _) => {
            let ids = fitting
                .iter()
                .chain(&last)
                .filter_map(|person| person.company_id);
            let companies = ids.filter_map(|id| state.directory.company(id));
            Err(Error::CompanyChoice(
                companies
                    .map(|c| CompanyChoice {
                        id: c.id,
                        name: c.name.clone(),
                    })
                    .collect(),
            ))
        }
    }
}

fn answer(
    state: &State,
    person: &Person,
    has_two_factor: bool,
    audience: Audience,
    sid: Uuid,
    generation: i32,
) -> Result<HttpResponse> {
    let role = person.role()?;
    let claims = Claims {
        two_factor: has_two_factor,
        ..Claims::new(audience, person.user_id, person.company_id, role, sid)
    };
    let access_token = claims.sign(&state.secrets)?;
    let refresh = state
        .secrets
        .refresh_token(person.company_id, sid, generation);
    let access = Access {
        access_token,
        expires_in: LIFETIME,
        role,
        company_id: person.company_id,
        user_id: person.user_id,
    };
    Ok(HttpResponse::Ok()
        .cookie(cookie(state, refresh))
        .json(access))
}

/// Owners reach every company's numbers: their sign-ins are short.
fn absolute(audience: Audience) -> Duration {
    if audience == Audience::Owner {
        Duration::hours(12)
    } else {
        Duration::days(30)
    }
}

/// `__Host-` ties the cookie to this host and to https; plain http, which only this machine may use, cannot have it.
fn cookie(state: &State, value: String) -> Cookie<'static> {
    let secure = state.config.public_url().starts_with("https://");
    Cookie::build(cookie_name(secure), value)
        .path("/")
        .http_only(true)
        .secure(secure)
        .same_site(SameSite::Strict)
        .max_age(CookieAge::days(30))
        .finish()
}

fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-refresh" } else { "refresh" }
}

fn cookie_of(state: &State, req: &HttpRequest) -> Option<(Uuid, i32)> {
    let name = cookie_name(state.config.public_url().starts_with("https://"));
    state.secrets.read_refresh_token(req.cookie(name)?.value())
}

/// The cookie comes along by itself, so the request must prove that one of our pages sent it: a header that
/// other origins may not set, and the right `Origin` where the browser names one.
fn from_our_page(state: &State, req: &HttpRequest) -> Result<()> {
    let named = req
        .headers()
        .get("x-requested-with")
        .is_some_and(|value| value == "tracker");
    let origin = req
        .headers()
        .get(ORIGIN)
        .and_then(|value| value.to_str().ok());
    let host = req
        .headers()
        .get(header::HOST)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let ours = |origin: &str| {
        origin == state.config.public_url()
            || state
                .config
                .cors_origins
                .iter()
                .any(|allowed| allowed == origin)
            || origin
                .strip_prefix("http://")
                .is_some_and(|own| own == host)
    };
    if named && origin.is_none_or(ours) {
        Ok(())
    } else {
        Err(Error::Forbidden)
    }
}

fn user_agent(req: &HttpRequest) -> String {
    let text = req
        .headers()
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    text.chars().take(300).collect()
}

#[derive(QueryableByName)]
pub(crate) struct Rotated {
    #[diesel(sql_type = Text)]
    outcome: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub company_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub user_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    role: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub device_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub generation: Option<i32>,
}

impl Rotated {
    /// Whose sign-in goes on. A token used twice has ended it, which this instance must know at once.
    pub fn person(&self, state: &State, sid: Uuid) -> Result<Person> {
        match (self.outcome.as_str(), self.user_id, &self.role) {
            ("rotated" | "repeated", Some(user_id), Some(role)) => {
                let (company_id, role) = (self.company_id, role.clone());
                Ok(Person {
                    company_id,
                    user_id,
                    role,
                    password_hash: String::new(),
                })
            }
            ("reused", ..) => {
                tracing::warn!(sign_in = %sid, "a refresh token was used twice; its sign-in has been ended");
                state.directory.end(sid);
                Err(Error::Unauthenticated)
            }
            _ => Err(Error::Unauthenticated),
        }
    }
}

#[derive(QueryableByName)]
struct Hash {
    #[diesel(sql_type = Text)]
    password_hash: String,
}

/// A sign-in that is about to begin.
pub(crate) struct NewSignIn {
    pub id: Uuid,
    pub audience: Audience,
    pub device: Option<Uuid>,
    pub user_agent: String,
    pub address: String,
    pub place: String,
    pub idle: Duration,
    pub lives: Duration,
}

impl NewSignIn {
    /// Begins it with the role the person has now, unless account or password changed since the password was checked.
    pub fn begin(&self, conn: &mut PgConnection, person: Person) -> Result<Person> {
        #[derive(QueryableByName)]
        struct Begun {
            #[diesel(sql_type = Nullable<Text>)]
            role: Option<String>,
        }
        let Begun { role } =
            sql_query("SELECT auth.begin_sign_in($1, $2, $3, $4, $5, $6, $7, $8, $9) AS role")
                .bind::<SqlUuid, _>(self.id)
                .bind::<SqlUuid, _>(person.user_id)
                .bind::<Text, _>(&person.password_hash)
                .bind::<Text, _>(self.audience.name())
                .bind::<Nullable<SqlUuid>, _>(self.device)
                .bind::<Text, _>(&self.user_agent)
                .bind::<Text, _>(&self.address)
                .bind::<Integer, _>(i32::try_from(self.idle.num_seconds()).unwrap_or(i32::MAX))
                .bind::<Timestamptz, _>(Utc::now() + self.lives)
                .get_result(conn)?;
        let role = role.ok_or(Error::CredentialsInvalid)?;
        attempts::remember(conn, person.user_id, &self.place)?;
        if self.audience == Audience::Owner {
            audit::record(conn, person.user_id, "owner.signed_in", json!({}))?;
        }
        Ok(Person { role, ..person })
    }
}

pub(crate) fn rotate(
    conn: &mut PgConnection,
    sid: Uuid,
    generation: i32,
    audience: Audience,
    grace: Option<i32>,
) -> Result<Rotated> {
    Ok(
        sql_query("SELECT * FROM auth.rotate_sign_in($1, $2, $3, $4)")
            .bind::<SqlUuid, _>(sid)
            .bind::<Integer, _>(generation)
            .bind::<Text, _>(audience.name())
            .bind::<Nullable<Integer>, _>(grace)
            .get_result(conn)?,
    )
}

fn end(conn: &mut PgConnection, sid: Uuid, reason: &str) -> Result<()> {
    sql_query("SELECT auth.end_sign_in($1, $2)")
        .bind::<SqlUuid, _>(sid)
        .bind::<Text, _>(reason)
        .execute(conn)?;
    Ok(())
}

fn find(conn: &mut PgConnection, email: &str) -> Result<Vec<Person>> {
    Ok(sql_query("SELECT * FROM auth.find_credentials($1)")
        .bind::<Text, _>(email)
        .load(conn)?)
}

fn hash_of(conn: &mut PgConnection, user: Uuid) -> Result<Option<String>> {
    let found: Vec<Hash> = sql_query("SELECT password_hash FROM auth.credential_of($1)")
        .bind::<SqlUuid, _>(user)
        .load(conn)?;
    Ok(found.into_iter().next().map(|hash| hash.password_hash))
}
