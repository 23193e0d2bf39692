//! The own password: changed by whoever knows it. All other sign-ins end with it, whoever began them.

use actix_web::{HttpResponse, post, web::Data};
use diesel::sql_types::{Bool, Text, Uuid as SqlUuid};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::audit;
use super::me::email_and_name;
use super::sign_ins::end_others;
use super::two_factor::confirm;
use crate::app::State;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::session::SignedIn;
use crate::http::text::{Code, NewPassword, Password};
use crate::{Result, passwords};

pub fn routes(api: &mut ServiceConfig) {
    api.service(change_my_password);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordChange {
    /// The present one.
    password: Password,
    /// Where two-factor is on.
    code: Option<Code>,
    new_password: NewPassword,
}

/// Change my password.
///
/// All my other sign-ins end, agents included.
#[utoipa::path(request_body = PasswordChange, responses((status = 204, description = "Changed")))]
#[post("/me/password")]
async fn change_my_password(
    session: SignedIn,
    state: Data<State>,
    body: Json<PasswordChange>,
) -> Result<HttpResponse> {
    let (user, current) = (session.user, session.sign_in);
    let company = session.company.clone();
    let PasswordChange {
        password,
        code,
        new_password,
    } = body.0;
    let (email, name) = email_and_name(session, &state).await?;
    let company = company.as_ref().map_or("", |company| &company.name);
    refuse_common("/new_password", &new_password, &[company, &email, &name])?;
    let old = confirm(&state, user, password, code).await?;
    let new = passwords::hash(new_password.0).await?;
    let change = move |conn: &mut PgConnection| {
        replace(conn, user, &old, &new)?;
        let ended = end_others(conn, user, Some(current), "password_changed")?;
        let detail = json!({ "sign_ins": ended.len() });
        audit::record(conn, user, "account.password_changed", detail)?;
        Ok(ended)
    };
    for ended in state.db.auth(change).await? {
        state.directory.end(ended);
    }
    tracing::info!(%user, "a password was changed");
    Ok(HttpResponse::NoContent().finish())
}

/// Refuses what a guesser who knows these names would try early.
pub(crate) fn refuse_common(
    pointer: &str,
    NewPassword(password): &NewPassword,
    names: &[&str],
) -> Result<()> {
    if passwords::is_common(password, names) {
        return Err(Error::invalid(
            pointer,
            "password_common",
            "That is one of the first a guesser would try. Four words that do not belong together are better",
        ));
    }
    Ok(())
}

fn replace(conn: &mut PgConnection, user: Uuid, old: &str, new: &str) -> Result<()> {
    #[derive(QueryableByName)]
    struct Done {
        #[diesel(sql_type = Bool)]
        done: bool,
    }
    let Done { done } = sql_query("SELECT auth.change_password($1, $2, $3) AS done")
        .bind::<SqlUuid, _>(user)
        .bind::<Text, _>(old)
        .bind::<Text, _>(new)
        .get_result(conn)?;
    if done {
        Ok(())
    } else {
        Err(Error::PasswordWrong)
    }
}
