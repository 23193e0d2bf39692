//! A new password for whoever forgot the old one, by a link in a mail. The answer to asking for it is the same whether
//! or not anybody has the address. Using the link ends every sign-in and begins none; two-factor stays as it is.

use actix_web::{HttpRequest, HttpResponse, get, post, web::Data};
use chrono::{DateTime, Duration, Utc};
use diesel::sql_types::{Binary, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::attempts::{self, Attempts};
use super::audit;
use super::password::refuse_common;
use super::sign_ins::{end_others, place};
use crate::app::State;
use crate::http::error::Error;
use crate::http::json::{Json, Path};
use crate::http::text::{Email, NewPassword};
use crate::{Result, passwords, secrets::sha256};

/// ASVS 6.4.1: short, since a mailbox is where it lies.
pub(crate) const LIFETIME: Duration = Duration::minutes(30);

pub fn routes(api: &mut ServiceConfig) {
    api.service(request_reset)
        .service(show_reset)
        .service(reset_password);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ResetRequest {
    email: Email,
}

/// Whose password a link changes.
#[derive(Serialize, ToSchema)]
struct Reset {
    email: String,
    /// Absent for the link of an OWNER.
    #[serde(skip_serializing_if = "Option::is_none")]
    company_name: Option<String>,
    expires_at: DateTime<Utc>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ResetPassword {
    password: NewPassword,
}

/// Ask for a link to a new password.
///
/// The answer does not tell whether there is such an account.
#[utoipa::path(
    request_body = ResetRequest,
    responses((status = 202, description = "A link is on its way if somebody has this address"))
)]
#[post("/auth/reset")]
async fn request_reset(
    req: HttpRequest,
    state: Data<State>,
    body: Json<ResetRequest>,
) -> Result<HttpResponse> {
    let (Email(email), place) = (body.0.email, place(&req, &state));
    let attempts = Attempts::to_reset(&email, &place);
    let ask = move |conn: &mut PgConnection| {
        attempts.count_or_refuse(conn)?;
        sql_query("SELECT auth.request_reset($1, $2)")
            .bind::<SqlUuid, _>(Uuid::now_v7())
            .bind::<Text, _>(email)
            .execute(conn)?;
        Ok(())
    };
    state.db.auth(ask).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Show whose password a link changes.
#[utoipa::path(params(("token" = String, Path, max_length = 200)), responses((status = 200, body = Reset)))]
#[get("/reset/{token}")]
async fn show_reset(state: Data<State>, token: Path<String>) -> Result<Json<Reset>> {
    let link = peek(&state, &token.0).await?;
    let company_name = link.company_name(&state);
    Ok(Json(Reset {
        email: link.email,
        company_name,
        expires_at: link.expires_at,
    }))
}

/// Choose a new password. Every sign-in ends, agents included; sign in anew.
#[utoipa::path(
    params(("token" = String, Path, max_length = 200)),
    request_body = ResetPassword,
    responses((status = 204, description = "Changed"))
)]
#[post("/reset/{token}")]
async fn reset_password(
    req: HttpRequest,
    state: Data<State>,
    token: Path<String>,
    body: Json<ResetPassword>,
) -> Result<HttpResponse> {
    let link = peek(&state, &token.0).await?;
    let company = link.company_name(&state).unwrap_or_default();
    refuse_common("/password", &body.0.password, &[&company, &link.email])?;
    let new = passwords::hash(body.0.password.0).await?;
    let (hash, place) = (sha256(token.0.as_bytes()), place(&req, &state));
    let change = move |conn: &mut PgConnection| {
        let user = use_link(conn, &hash, &new)?;
        // Who reads the mailbox is let in from here, whatever strangers tried in this name meanwhile.
        attempts::remember(conn, user, &place)?;
        let ended = end_others(conn, user, None, "password_reset")?;
        let detail = json!({ "sign_ins": ended.len() });
        audit::record(conn, user, "account.password_reset", detail)?;
        Ok((user, ended))
    };
    let (user, ended) = state.db.auth(change).await?;
    for sign_in in ended {
        state.directory.end(sign_in);
    }
    tracing::info!(%user, "a password was reset");
    Ok(HttpResponse::NoContent().finish())
}

#[derive(QueryableByName)]
struct Link {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    company_id: Option<Uuid>,
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = Timestamptz)]
    expires_at: DateTime<Utc>,
}

impl Link {
    fn company_name(&self, state: &State) -> Option<String> {
        let company = state.directory.company(self.company_id?)?;
        Some(company.name.clone())
    }
}

async fn peek(state: &State, token: &str) -> Result<Link> {
    let hash = sha256(token.as_bytes());
    let look = move |conn: &mut PgConnection| -> Result<Option<Link>> {
        let query = sql_query("SELECT * FROM auth.peek_reset($1)").bind::<Binary, _>(&hash[..]);
        Ok(query.get_result(conn).optional()?)
    };
    state.db.auth(look).await?.ok_or(Error::LinkInvalid)
}

fn use_link(conn: &mut PgConnection, token_hash: &[u8], password_hash: &str) -> Result<Uuid> {
    #[derive(QueryableByName)]
    struct Whose {
        #[diesel(sql_type = Nullable<SqlUuid>)]
        user: Option<Uuid>,
    }
    let Whose { user } = sql_query("SELECT auth.use_reset_link($1, $2) AS user")
        .bind::<Binary, _>(token_hash)
        .bind::<Text, _>(password_hash)
        .get_result(conn)?;
    user.ok_or(Error::LinkInvalid)
}
