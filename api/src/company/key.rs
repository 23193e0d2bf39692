//! The company's own key, for admins who set up agents. Only the owner can replace it.

use actix_web::{post, web::Data};
use diesel::{RunQueryDsl, sql_query};
use serde_json::json;
use utoipa_actix_web::service_config::ServiceConfig;

use super::audit;
use crate::Result;
use crate::account::two_factor::{StepUp, confirm};
use crate::app::State;
use crate::db::Tx;
use crate::http::json::Json;
use crate::http::session::{Admin, Tenant};
use crate::owner::company_keys::{Revealed, sealed};

pub fn routes(api: &mut ServiceConfig) {
    api.service(reveal_own_company_key);
}

/// Show the company's key, to set up agents with. Written to the audit log.
#[utoipa::path(request_body = StepUp, responses((status = 200, body = Revealed)))]
#[post("/company-key/reveal")]
async fn reveal_own_company_key(
    session: Tenant<Admin>,
    state: Data<State>,
    body: Json<StepUp>,
) -> Result<Json<Revealed>> {
    confirm(&state, session.user, body.0.password, body.0.code).await?;
    let read = |tx: Tx| {
        let row =
            sql_query("SELECT auth.own_sealed_company_key() AS sealed").get_result(tx.conn)?;
        audit::record(tx, "company_key.revealed", json!({}))?;
        sealed(row)
    };
    let sealed = state.db.tenant(&session, read).await?;
    Ok(Json(Revealed {
        company_key: state.secrets.unseal(session.company.id, &sealed)?,
    }))
}
