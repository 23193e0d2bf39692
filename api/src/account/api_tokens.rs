//! API tokens of a company: an ADMIN makes, lists and revokes them. A token itself can do none of this.

use actix_web::{HttpResponse, delete, get, post, web::Data};
use chrono::{DateTime, Duration, Utc};
use diesel::sql_types::{
    Array, BigInt, Binary, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::two_factor::confirm;
use crate::app::State;
use crate::company::audit;
use crate::db::Tx;
use crate::http::api_token::{self, TokenScope};
use crate::http::error::Error;
use crate::http::idempotency::{Made, Once};
use crate::http::json::{Json, Path, Query};
use crate::http::page::{Page, PageQuery};
use crate::http::session::{Admin, Tenant};
use crate::http::text::{Code, Line, Password};
use crate::{Result, secrets};

/// Tokens of one company that work at the same time.
const MOST: i32 = 50;
const MOST_DAYS: i64 = 365;

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_api_tokens)
        .service(create_api_token)
        .service(revoke_api_token);
}

/// A token without its secret part.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct ApiToken {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    /// How it begins, to recognise it by.
    #[diesel(sql_type = Text)]
    prefix: String,
    /// What it may do, such as `employees:read`.
    #[diesel(sql_type = Array<Text>)]
    scopes: Vec<String>,
    /// `active`, `expired` or `revoked`.
    #[diesel(sql_type = Text)]
    status: String,
    /// Who made it: it acts in this person's name.
    #[diesel(sql_type = Text)]
    created_by: String,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    expires_at: DateTime<Utc>,
    /// At most a minute late; absent when it was never used.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<DateTime<Utc>>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewApiToken {
    /// What it is for.
    name: Line<80>,
    #[schema(min_items = 1, max_items = 50)]
    scopes: Vec<TokenScope>,
    /// Days until it ends by itself.
    #[schema(minimum = 1, maximum = 365)]
    expires_in_days: i64,
    /// Of the signed-in ADMIN.
    password: Password,
    /// Where the ADMIN has two-factor on.
    code: Option<Code>,
}

/// A token that was just made.
#[derive(Serialize, ToSchema)]
struct CreatedApiToken {
    id: Uuid,
    name: String,
    scopes: Vec<TokenScope>,
    expires_at: DateTime<Utc>,
    /// Shown this once, so absent from a replayed answer; only its hash is kept.
    #[schema(required = false)]
    token: String,
}

/// List the company's API tokens, newest first.
#[utoipa::path(params(PageQuery), responses((status = 200, body = Page<ApiToken>)))]
#[get("/api-tokens")]
async fn list_api_tokens(
    session: Tenant<Admin>,
    state: Data<State>,
    query: Query<PageQuery>,
) -> Result<Json<Page<ApiToken>>> {
    let list = format!("api tokens {}", session.company.id);
    let limit = query.0.limit()?;
    let before = query.0.position(&state.secrets, &list)?;
    let rows = state
        .db
        .tenant(&session, move |tx| newest_first(tx, before, limit + 1))
        .await?;
    Page::cut(rows, limit, &state.secrets, &list, |row: &ApiToken| row.id).map(Json)
}

/// Make an API token.
///
/// It acts in the name of the ADMIN who made it, within its scopes, and ends with that person's place in the company.
#[utoipa::path(request_body = NewApiToken, responses((status = 201, body = CreatedApiToken)))]
#[post("/api-tokens")]
async fn create_api_token(
    session: Tenant<Admin>,
    state: Data<State>,
    once: Once,
    body: Json<NewApiToken>,
) -> Result<HttpResponse> {
    session.company.must_have_api_access()?;
    let NewApiToken {
        name: Line(name),
        mut scopes,
        expires_in_days,
        password,
        code,
    } = body.0;
    scopes.sort();
    scopes.dedup();
    if scopes.is_empty() {
        return Err(Error::invalid(
            "/scopes",
            "scopes_missing",
            "A token needs at least one scope",
        ));
    }
    if !(1..=MOST_DAYS).contains(&expires_in_days) {
        return Err(Error::invalid(
            "/expires_in_days",
            "expiry_invalid",
            format!("A token lives 1 to {MOST_DAYS} days"),
        ));
    }
    confirm(&state, session.user, password, code).await?;
    let new = CreatedApiToken {
        id: Uuid::now_v7(),
        name,
        scopes,
        expires_at: Utc::now() + Duration::days(expires_in_days),
        token: api_token::make(session.company.id)?,
    };
    let make = move |mut tx: Tx| {
        insert(&mut tx, &new)?;
        let detail = json!({ "token_id": new.id, "name": new.name, "scopes": new.scopes, "expires_at": new.expires_at });
        audit::record(tx, "api_token.created", detail)?;
        Ok(Made::new("/api/api-tokens", new).showing_once(&["token"]))
    };
    let answer = once.tenant(&state, &session, make).await?;
    state
        .directory
        .refresh(&state.db, session.company.id)
        .await?;
    Ok(answer)
}

/// Revoke an API token: it is refused at once, everywhere. Revoking it again changes nothing.
#[utoipa::path(
    params(("token_id" = Uuid, Path)),
    responses((status = 204, description = "Revoked"))
)]
#[delete("/api-tokens/{token_id}")]
async fn revoke_api_token(
    session: Tenant<Admin>,
    state: Data<State>,
    token: Path<Uuid>,
) -> Result<HttpResponse> {
    let id = token.0;
    let revoke = move |tx: Tx| {
        let Revoked { name, revoked } = sql_query("SELECT * FROM auth.revoke_api_token($1)")
            .bind::<SqlUuid, _>(id)
            .get_result(tx.conn)?;
        match revoked {
            true => audit::record(
                tx,
                "api_token.revoked",
                json!({ "token_id": id, "name": name }),
            ),
            false => Ok(()),
        }
    };
    state.db.tenant(&session, revoke).await?;
    state
        .directory
        .refresh(&state.db, session.company.id)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(QueryableByName)]
struct Revoked {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    revoked: bool,
}

#[derive(QueryableByName)]
struct Added {
    #[diesel(sql_type = Bool)]
    added: bool,
}

fn insert(tx: &mut Tx, new: &CreatedApiToken) -> Result<()> {
    let scopes: Vec<&str> = new.scopes.iter().map(|scope| scope.name()).collect();
    let Added { added } =
        sql_query("SELECT auth.add_api_token($1, $2, $3, $4, $5, $6, $7) AS added")
            .bind::<SqlUuid, _>(new.id)
            .bind::<Binary, _>(&secrets::sha256(new.token.as_bytes())[..])
            .bind::<Text, _>(api_token::prefix(&new.token))
            .bind::<Text, _>(&new.name)
            .bind::<Array<Text>, _>(scopes)
            .bind::<Timestamptz, _>(new.expires_at)
            .bind::<Integer, _>(MOST)
            .get_result(tx.conn)?;
    match added {
        true => Ok(()),
        false => Err(Error::Conflict(
            "api_tokens_exhausted",
            format!("{MOST} tokens work at present. Revoke one that is not needed."),
        )),
    }
}

fn newest_first(tx: Tx, before: Option<Uuid>, limit: i64) -> Result<Vec<ApiToken>> {
    Ok(sql_query(
        "SELECT t.id, t.name, t.prefix, t.scopes, coalesce(u.name, '') AS created_by, t.created_at, t.expires_at, t.last_used_at, \
           t.revoked_at, CASE WHEN t.revoked_at IS NOT NULL THEN 'revoked' WHEN t.expires_at <= now() THEN 'expired' ELSE 'active' END AS status \
         FROM auth.own_api_tokens($2, $3) t LEFT JOIN tenant.users u ON u.company_id = $1 AND u.id = t.created_by ORDER BY t.id DESC",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Nullable<SqlUuid>, _>(before)
    .bind::<BigInt, _>(limit)
    .load(tx.conn)?)
}

/// When tokens were used last: company, token and time.
pub(crate) fn write_last_use(
    conn: &mut PgConnection,
    rows: &[(Uuid, Uuid, DateTime<Utc>)],
) -> Result<()> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.1).collect();
    let times: Vec<DateTime<Utc>> = rows.iter().map(|row| row.2).collect();
    sql_query("SELECT auth.write_api_token_use($1, $2)")
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<Timestamptz>, _>(times)
        .execute(conn)?;
    Ok(())
}
