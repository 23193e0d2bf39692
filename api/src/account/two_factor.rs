//! Two-factor: codes of an authenticator app beside the password, and ten codes for when it is lost.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse, get, post, web::Data};
use chrono::{DateTime, Utc};
use diesel::sql_types::{
    Array, BigInt, Binary, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{OptionalExtension, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::attempts::Attempts;
use super::audit;
use super::me::email_and_name;
use super::sign_in::confirm_password;
use super::sign_ins::end_others;
use super::totp;
use crate::Result;
use crate::app::State;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::session::{Found, SignedIn, state};
use crate::http::text::{Code, Password};

/// Wrong codes that cost nothing.
const FREE: i32 = 4;

pub fn routes(api: &mut ServiceConfig) {
    api.service(show_two_factor)
        .service(set_up_two_factor)
        .service(confirm_two_factor)
        .service(replace_recovery_codes)
        .service(end_two_factor);
}

/// Whether sign-in asks me for a code.
#[derive(Serialize, ToSchema)]
struct TwoFactor {
    enabled: bool,
    /// It must be on: it can be moved to another app, not switched off.
    required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    enabled_at: Option<DateTime<Utc>>,
    recovery_codes_left: i64,
}

/// A password, and a code where two-factor is on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepUp {
    pub password: Password,
    pub code: Option<Code>,
}

/// For the authenticator app: as a picture, or by hand.
#[derive(Serialize, ToSchema)]
struct NewSecret {
    secret: String,
    otpauth_uri: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FirstCode {
    code: Code,
}

/// Each signs in once in place of a code. Shown this once.
#[derive(Serialize, ToSchema)]
struct RecoveryCodes {
    recovery_codes: Vec<String>,
}

/// Show whether two-factor is on.
#[utoipa::path(responses((status = 200, body = TwoFactor)))]
#[get("/me/two-factor")]
async fn show_two_factor(session: SignedIn, state: Data<State>) -> Result<Json<TwoFactor>> {
    let user = session.user;
    let company = session.company.as_deref();
    let required = state.directory.requires_two_factor(company);
    let factor = state.db.auth(move |conn| factor_of(conn, user)).await?;
    Ok(Json(TwoFactor {
        required,
        enabled: factor.confirmed_at.is_some(),
        enabled_at: factor.confirmed_at,
        recovery_codes_left: factor.codes_left,
    }))
}

/// Begin to set up two-factor: a secret for the authenticator app. It is asked for once a code of it was confirmed.
///
/// Where two-factor is on already, the app before stays good until then: this is how one moves to another.
#[utoipa::path(request_body = StepUp, responses((status = 200, body = NewSecret)))]
#[post("/me/two-factor")]
async fn set_up_two_factor(
    session: SignedIn,
    state: Data<State>,
    body: Json<StepUp>,
) -> Result<Json<NewSecret>> {
    let user = session.user;
    confirm(&state, user, body.0.password, body.0.code).await?;
    let (email, _) = email_and_name(session, &state).await?;
    let secret = totp::new_secret()?;
    let sealed = state.secrets.seal_second_factor(user, &secret)?;
    let begin = move |conn: &mut PgConnection| {
        sql_query("SELECT auth.begin_second_factor($1, $2)")
            .bind::<SqlUuid, _>(user)
            .bind::<Binary, _>(sealed)
            .execute(conn)?;
        Ok(())
    };
    state.db.auth(begin).await?;
    Ok(Json(NewSecret {
        secret: totp::base32(&secret),
        otpauth_uri: totp::uri(&secret, &email),
    }))
}

/// Switch two-factor on by a first code. All my other sign-ins end; the recovery codes are shown this once.
///
/// Where it must be on, renew the access token then: the new one opens the portal.
#[utoipa::path(request_body = FirstCode, responses((status = 200, body = RecoveryCodes)))]
#[post("/me/two-factor/confirm")]
async fn confirm_two_factor(
    session: SignedIn,
    state: Data<State>,
    body: Json<FirstCode>,
) -> Result<Json<RecoveryCodes>> {
    let (user, current) = (session.user, session.sign_in);
    let Code(code) = body.0.code;
    let (codes, hashes): (Vec<_>, Vec<_>) = totp::new_recovery_codes()?.into_iter().unzip();
    let secrets = state.secrets.clone();
    let switch_on = move |conn: &mut PgConnection| {
        if let Some(seconds) = take(conn, user)? {
            return Ok(Err(Error::TooManyAttempts(seconds)));
        }
        let factor = factor_of(conn, user)?;
        let waiting = match factor.confirmed_at {
            None => factor.secret,
            Some(_) => factor.next_secret,
        };
        let Some(sealed) = waiting else {
            return Ok(Err(Error::Conflict(
                "two_factor_not_begun",
                "Nothing waits to be confirmed: begin to set two-factor up first.".into(),
            )));
        };
        let secret = secrets.unseal_second_factor(user, &sealed)?;
        let step = totp::step_of(&secret, &code, Utc::now());
        if !step.map_or(Ok(false), |step| confirm_step(conn, user, &sealed, step))? {
            return Ok(Err(Error::CodeWrong));
        }
        attempts(user).count(conn, false)?;
        put_recovery_codes(conn, user, &hashes)?;
        let ended = end_others(conn, user, Some(current), "two_factor_on")?;
        let action = match factor.confirmed_at {
            None => "account.two_factor_set_up",
            Some(_) => "account.two_factor_moved",
        };
        audit::record(conn, user, action, json!({ "sign_ins": ended.len() }))?;
        Ok(Ok(ended))
    };
    for ended in state.db.auth(switch_on).await?? {
        state.directory.end(ended);
    }
    Ok(Json(RecoveryCodes {
        recovery_codes: codes,
    }))
}

/// Make new recovery codes; the old ones are void.
#[utoipa::path(request_body = StepUp, responses((status = 200, body = RecoveryCodes)))]
#[post("/me/two-factor/recovery-codes")]
async fn replace_recovery_codes(
    session: SignedIn,
    state: Data<State>,
    body: Json<StepUp>,
) -> Result<Json<RecoveryCodes>> {
    let user = session.user;
    confirm(&state, user, body.0.password, body.0.code).await?;
    let (codes, hashes): (Vec<_>, Vec<_>) = totp::new_recovery_codes()?.into_iter().unzip();
    let replace = move |conn: &mut PgConnection| {
        let is_on = factor_of(conn, user)?.confirmed_at.is_some();
        if is_on {
            put_recovery_codes(conn, user, &hashes)?;
            audit::record(conn, user, "account.recovery_codes_replaced", json!({}))?;
        }
        Ok(is_on)
    };
    if !state.db.auth(replace).await? {
        return Err(is_off());
    }
    Ok(Json(RecoveryCodes {
        recovery_codes: codes,
    }))
}

/// Switch two-factor off. Not where it must be on.
#[utoipa::path(request_body = StepUp, responses((status = 204, description = "Switched off")))]
#[post("/me/two-factor/end")]
async fn end_two_factor(
    MaySwitchOff { user }: MaySwitchOff,
    state: Data<State>,
    body: Json<StepUp>,
) -> Result<HttpResponse> {
    confirm(&state, user, body.0.password, body.0.code).await?;
    let end = move |conn: &mut PgConnection| {
        let Done { done } = sql_query("SELECT auth.end_second_factor($1) AS done")
            .bind::<SqlUuid, _>(user)
            .get_result(conn)?;
        if done {
            audit::record(conn, user, "account.two_factor_ended", json!({}))?;
        }
        Ok(done)
    };
    if !state.db.auth(end).await? {
        return Err(is_off());
    }
    Ok(HttpResponse::NoContent().finish())
}

/// Somebody signed in who need not have two-factor on: of whoever must, no body is read.
struct MaySwitchOff {
    user: Uuid,
}

impl FromRequest for MaySwitchOff {
    type Error = Error;
    type Future = Found<Self>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, session) = (req.clone(), SignedIn::from_request(req, payload));
        Box::pin(async move {
            let SignedIn { user, company, .. } = session.await?;
            let directory = &state(&req)?.directory;
            match directory.requires_two_factor(company.as_deref()) {
                true => Err(Error::TwoFactorRequired),
                false => Ok(Self { user }),
            }
        })
    }
}

fn is_off() -> Error {
    Error::Conflict("two_factor_off", "Two-factor is not on.".into())
}

/// The person once more, before something that needs it: the password, and a code where two-factor is on. Gives the
/// hash that the password fitted.
pub(crate) async fn confirm(
    state: &State,
    user: Uuid,
    password: Password,
    code: Option<Code>,
) -> Result<String> {
    let hash = confirm_password(state, user, password).await?;
    check(state, user, code).await?;
    Ok(hash)
}

/// The code of somebody whose password was right; nothing where two-factor is off. Each code is good once. Says whether
/// two-factor is on.
pub(crate) async fn check(state: &State, user: Uuid, code: Option<Code>) -> Result<bool> {
    let secrets = state.secrets.clone();
    let look = move |conn: &mut PgConnection| {
        let factor = factor_of(conn, user)?;
        let Some(sealed) = factor.secret.filter(|_| factor.confirmed_at.is_some()) else {
            return Ok(Ok(false));
        };
        let Some(Code(code)) = code else {
            return Ok(Err(Error::CodeRequired));
        };
        if let Some(seconds) = take(conn, user)? {
            return Ok(Err(Error::TooManyAttempts(seconds)));
        }
        let is_of_app = code.len() == 6;
        let is_right = if is_of_app {
            let secret = secrets.unseal_second_factor(user, &sealed)?;
            let step = totp::step_of(&secret, &code, Utc::now());
            step.map_or(Ok(false), |step| use_step(conn, user, step))?
        } else {
            use_recovery_code(conn, user, &totp::recovery_hash(&code))?
        };
        if !is_right {
            return Ok(Err(Error::CodeWrong));
        }
        if !is_of_app {
            audit::record(conn, user, "account.recovery_code_used", json!({}))?;
        }
        attempts(user).count(conn, false)?;
        Ok(Ok(true))
    };
    // A refusal must not take back what was counted.
    state.db.auth(look).await?
}

fn attempts(user: Uuid) -> Attempts {
    Attempts::at_code(user)
}

#[derive(QueryableByName)]
struct Factor {
    #[diesel(sql_type = Nullable<Binary>)]
    secret: Option<Vec<u8>>,
    /// Waits for its first code while `secret` is still asked for.
    #[diesel(sql_type = Nullable<Binary>)]
    next_secret: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    confirmed_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = BigInt)]
    codes_left: i64,
}

#[derive(QueryableByName)]
struct Done {
    #[diesel(sql_type = Bool)]
    done: bool,
}

fn factor_of(conn: &mut PgConnection, user: Uuid) -> Result<Factor> {
    let found: Option<Factor> = sql_query("SELECT * FROM auth.second_factor_of($1)")
        .bind::<SqlUuid, _>(user)
        .get_result(conn)
        .optional()?;
    found.ok_or(Error::Unauthenticated)
}

/// Counts an attempt before it is looked at; seconds to wait where there were too many.
fn take(conn: &mut PgConnection, user: Uuid) -> Result<Option<u32>> {
    #[derive(QueryableByName)]
    struct Wait {
        #[diesel(sql_type = Nullable<Integer>)]
        seconds: Option<i32>,
    }
    let Wait { seconds } = sql_query("SELECT auth.throttle_take($1, $2) AS seconds")
        .bind::<Text, _>(attempts(user).key())
        .bind::<Integer, _>(FREE)
        .get_result(conn)?;
    Ok(seconds.and_then(|seconds| u32::try_from(seconds.max(1)).ok()))
}

pub(crate) fn is_on(conn: &mut PgConnection, user: Uuid) -> Result<bool> {
    let Done { done } = sql_query("SELECT auth.has_second_factor($1) AS done")
        .bind::<SqlUuid, _>(user)
        .get_result(conn)?;
    Ok(done)
}

fn confirm_step(conn: &mut PgConnection, user: Uuid, sealed: &[u8], step: i64) -> Result<bool> {
    let Done { done } = sql_query("SELECT auth.confirm_second_factor($1, $2, $3) AS done")
        .bind::<SqlUuid, _>(user)
        .bind::<Binary, _>(sealed)
        .bind::<BigInt, _>(step)
        .get_result(conn)?;
    Ok(done)
}

fn use_step(conn: &mut PgConnection, user: Uuid, step: i64) -> Result<bool> {
    let Done { done } = sql_query("SELECT auth.use_step($1, $2) AS done")
        .bind::<SqlUuid, _>(user)
        .bind::<BigInt, _>(step)
        .get_result(conn)?;
    Ok(done)
}

fn use_recovery_code(conn: &mut PgConnection, user: Uuid, hash: &[u8; 32]) -> Result<bool> {
    let Done { done } = sql_query("SELECT auth.use_recovery_code($1, $2) AS done")
        .bind::<SqlUuid, _>(user)
        .bind::<Binary, _>(&hash[..])
        .get_result(conn)?;
    Ok(done)
}

fn put_recovery_codes(conn: &mut PgConnection, user: Uuid, hashes: &[[u8; 32]]) -> Result<()> {
    let hashes: Vec<&[u8]> = hashes.iter().map(|hash| &hash[..]).collect();
    sql_query("SELECT auth.replace_recovery_codes($1, $2)")
        .bind::<SqlUuid, _>(user)
        .bind::<Array<Binary>, _>(hashes)
        .execute(conn)?;
    Ok(())
}
