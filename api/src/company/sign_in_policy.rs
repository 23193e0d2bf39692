//! What a company asks of its people when they sign in to a portal.

use actix_web::{get, post, web::Data};
use diesel::sql_types::{BigInt, Bool};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::audit;
use crate::Result;
use crate::account::two_factor::{confirm, is_on};
use crate::app::State;
use crate::db::Tx;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::session::{Admin, Tenant};
use crate::http::text::{Code, Password};

pub fn routes(api: &mut ServiceConfig) {
    api.service(show_sign_in_policy)
        .service(change_sign_in_policy);
}

/// What is asked for, and how many have it.
#[derive(Serialize, QueryableByName, ToSchema)]
struct SignInPolicy {
    /// Whoever has not set two-factor up can do nothing else in the portals. Desktop agents are not asked.
    #[diesel(sql_type = Bool)]
    two_factor_required: bool,
    /// Those who may sign in.
    #[diesel(sql_type = BigInt)]
    people: i64,
    #[diesel(sql_type = BigInt)]
    people_with_two_factor: i64,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignInPolicyChange {
    two_factor_required: bool,
    /// The admin's own.
    password: Password,
    /// Where the admin has two-factor on.
    code: Option<Code>,
}

/// Show what the company asks for at sign-in.
#[utoipa::path(responses((status = 200, body = SignInPolicy)))]
#[get("/sign-in-policy")]
async fn show_sign_in_policy(
    session: Tenant<Admin>,
    state: Data<State>,
) -> Result<Json<SignInPolicy>> {
    let show = |mut tx: Tx| policy(&mut tx);
    state.db.tenant(&session, show).await.map(Json)
}

/// Change what the company asks for at sign-in. Written to the audit log.
///
/// Two-factor can be required by who has it on; it is in force for everybody of the company within seconds.
#[utoipa::path(request_body = SignInPolicyChange, responses((status = 200, body = SignInPolicy)))]
#[post("/sign-in-policy")]
async fn change_sign_in_policy(
    session: Tenant<Admin>,
    state: Data<State>,
    body: Json<SignInPolicyChange>,
) -> Result<Json<SignInPolicy>> {
    let SignInPolicyChange {
        two_factor_required,
        password,
        code,
    } = body.0;
    confirm(&state, session.user, password, code).await?;
    let user = session.user;
    // Else the first whom it stops is the one who could take it back.
    if two_factor_required && !state.db.auth(move |conn| is_on(conn, user)).await? {
        return Err(Error::Conflict(
            "two_factor_off",
            "Set two-factor up for yourself first.".into(),
        ));
    }
    let change = move |mut tx: Tx| {
        #[derive(QueryableByName)]
        struct Changed {
            #[diesel(sql_type = Bool)]
            changed: bool,
        }
        let Changed { changed } = sql_query("SELECT auth.require_two_factor($1) AS changed")
            .bind::<Bool, _>(two_factor_required)
            .get_result(tx.conn)?;
        let policy = policy(&mut tx)?;
        if changed {
            let detail = json!({ "two_factor_required": two_factor_required });
            audit::record(tx, "sign_in_policy.changed", detail)?;
        }
        Ok(policy)
    };
    let policy = state.db.tenant(&session, change).await?;
    state
        .directory
        .refresh(&state.db, session.company.id)
        .await?;
    Ok(Json(policy))
}

fn policy(tx: &mut Tx) -> Result<SignInPolicy> {
    Ok(sql_query("SELECT * FROM auth.own_sign_in_policy()").get_result(tx.conn)?)
}
