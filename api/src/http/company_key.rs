//! `X-Company-Key`, checked before anything else on every path of the agents' plane, known or not.

use std::sync::Arc;

use actix_web::HttpMessage;
use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::guard::GuardContext;
use actix_web::http::header::HeaderName;
use actix_web::middleware::Next;
use chrono::Utc;
use uuid::Uuid;

use super::{error::Error, session};
use crate::directory::{Company, Credential};
use crate::{Result, secrets::sha256};

/// The first segments under `/api` that belong to agents; `agent_paths` keeps all below them inside the wrapped scope.
const AGENT_PATHS: [&str; 6] = [
    "login",
    "token",
    "work-session",
    "upload",
    "screenshot",
    "agent",
];

const HEADER: HeaderName = HeaderName::from_static("x-company-key");

/// Whose key the request carried: an active company, and the id of its key.
#[derive(Clone)]
pub struct KeyHolder {
    pub company: Arc<Company>,
    pub key: Uuid,
}

/// Whether the path is the agents'.
pub fn agent_paths(ctx: &GuardContext) -> bool {
    is_agents(ctx.head().uri.path())
}

pub(super) fn is_agents(path: &str) -> bool {
    let first = path
        .strip_prefix("/api/")
        .and_then(|rest| rest.split('/').next());
    first.is_some_and(|first| AGENT_PATHS.contains(&first))
}

/// Middleware: 401 without a known key, 403 for a company that does not take part.
pub async fn require<B: MessageBody>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, actix_web::Error> {
    match holder(&req).await {
        Ok(holder) => {
            req.extensions_mut().insert(holder);
            Ok(next.call(req).await?.map_into_left_body())
        }
        Err(error) => Ok(error.refuse(req)),
    }
}

async fn holder(req: &ServiceRequest) -> Result<KeyHolder> {
    let state = session::state(req.request())?.clone();
    if !req.headers().contains_key(&HEADER) {
        return Err(Error::CompanyKeyMissing);
    }
    let key = session::only(req.headers(), &HEADER)
        .and_then(|header| header.to_str().ok())
        .filter(|key| well_formed(key))
        .ok_or(Error::CompanyKeyInvalid)?;
    let found = match state.directory.by_key(key, Utc::now()) {
        Some(found) => found,
        None => {
            let credential = Credential::Key(sha256(key.as_bytes()));
            state.directory.look_up(&state.db, credential).await?;
            state
                .directory
                .by_key(key, Utc::now())
                .ok_or(Error::CompanyKeyInvalid)?
        }
    };
    let (company, key) = found;
    if let Some(inactive) = company.inactive(state.directory.grace_days) {
        return Err(Error::CompanyInactive(inactive));
    }
    state.last_seen.note(company.id, key);
    Ok(KeyHolder { company, key })
}

pub(crate) fn well_formed(key: &str) -> bool {
    key.strip_prefix("company_").is_some_and(|digits| {
        digits.len() == 32
            && digits
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    })
}
