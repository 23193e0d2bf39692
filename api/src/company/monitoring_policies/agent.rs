//! The policy for the agent: the person at the desk reads and acknowledges it without the portal.

use actix_web::{get, post, web::Data};
use tracker_wire::{AgentPolicyAcknowledgement, AgentPolicyText};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{MyMonitoringPolicy, acknowledge, current};
use crate::Result;
use crate::app::State;
use crate::db::Tx;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::session::AgentSession;

pub fn routes(api: &mut ServiceConfig) {
    api.service(show_agent_policy)
        .service(acknowledge_agent_policy);
}

impl From<MyMonitoringPolicy> for AgentPolicyText {
    fn from(policy: MyMonitoringPolicy) -> Self {
        Self {
            version: policy.version,
            title: policy.title,
            text: policy.text,
            kinds: policy.kinds,
            published_at: policy.published_at,
            acknowledged_at: policy.acknowledged_at,
        }
    }
}

/// Show the company's monitoring policy in force to the person at the desk. 404 where there is none.
#[utoipa::path(responses((status = 200, body = AgentPolicyText)))]
#[get("/agent/monitoring-policy")]
async fn show_agent_policy(
    session: AgentSession,
    state: Data<State>,
) -> Result<Json<AgentPolicyText>> {
    let show = |mut tx: Tx| current(&mut tx)?.ok_or(Error::NotFound);
    let policy = state.db.tenant(&session, show).await?;
    Ok(Json(policy.into()))
}

/// Acknowledge the monitoring policy in force, for the person at the desk. Once more changes nothing.
///
/// 409 `policy_version_not_current` where another version is in force by now: show that one first.
#[utoipa::path(request_body = AgentPolicyAcknowledgement, responses((status = 200, body = AgentPolicyText)))]
#[post("/agent/monitoring-policy/acknowledgements")]
async fn acknowledge_agent_policy(
    session: AgentSession,
    state: Data<State>,
    body: Json<AgentPolicyAcknowledgement>,
) -> Result<Json<AgentPolicyText>> {
    let version = body.0.version;
    let acknowledge = move |mut tx: Tx| acknowledge(&mut tx, version, "agent");
    let policy = state.db.tenant(&session, acknowledge).await?;
    Ok(Json(policy.into()))
}
