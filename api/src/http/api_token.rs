//! API tokens, which other programs come with: their form, their scopes, and which operations take them. An operation
//! that is not on the list refuses every token, whatever its scopes.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest};
use flate2::Crc;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{error::Error, openapi, session};
use crate::directory::{ApiToken, Company, Credential};
use crate::{Result, secrets};

/// What a token may do: a resource, and whether to change it or only to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub enum TokenScope {
    #[serde(rename = "employees:read")]
    EmployeesRead,
    #[serde(rename = "employees:write")]
    EmployeesWrite,
    #[serde(rename = "screenshots:read")]
    ScreenshotsRead,
    #[serde(rename = "timeline:read")]
    TimelineRead,
    #[serde(rename = "usage:read")]
    UsageRead,
}

use TokenScope::{EmployeesRead, EmployeesWrite, ScreenshotsRead, TimelineRead, UsageRead};

/// The operations that take tokens. What asks for a password or a reason, or is a person's own, is not among them.
pub const OPERATIONS: [(&str, TokenScope); 28] = [
    ("list_employees", EmployeesRead),
    ("show_employee", EmployeesRead),
    ("invite_employee", EmployeesWrite),
    ("invite_employees", EmployeesWrite),
    ("resend_invitation", EmployeesWrite),
    ("revoke_invitation", EmployeesWrite),
    ("deactivate_employee", EmployeesWrite),
    ("reactivate_employee", EmployeesWrite),
    ("list_teams", EmployeesRead),
    ("show_team", EmployeesRead),
    ("create_team", EmployeesWrite),
    ("rename_team", EmployeesWrite),
    ("delete_team", EmployeesWrite),
    ("add_team_members", EmployeesWrite),
    ("remove_team_member", EmployeesWrite),
    ("list_screenshots", ScreenshotsRead),
    ("list_screenshot_days", ScreenshotsRead),
    ("list_screenshot_slots", ScreenshotsRead),
    ("show_screenshot_image", ScreenshotsRead),
    ("show_screenshot_thumbnail", ScreenshotsRead),
    ("show_timeline", TimelineRead),
    ("show_usage_today", UsageRead),
    ("list_daily_usage", UsageRead),
    ("list_app_usage", UsageRead),
    ("list_host_usage", UsageRead),
    ("list_category_usage", UsageRead),
    ("list_usage", UsageRead),
    ("export_usage", UsageRead),
];

impl TokenScope {
    pub fn name(self) -> &'static str {
        match self {
            EmployeesRead => "employees:read",
            EmployeesWrite => "employees:write",
            ScreenshotsRead => "screenshots:read",
            TimelineRead => "timeline:read",
            UsageRead => "usage:read",
        }
    }

    /// Whether its transactions may write nothing. A look at a person's day, sums or picture is noted, which is a
    /// write.
    pub fn is_read_only(self) -> bool {
        matches!(self, EmployeesRead)
    }

    /// The scope that the operation asks for, if it takes tokens.
    pub fn of_operation(id: &str) -> Option<Self> {
        OPERATIONS
            .iter()
            .find_map(|(operation, scope)| (*operation == id).then_some(*scope))
    }
}

/// By method and path of the document.
static ROUTES: LazyLock<HashMap<String, TokenScope>> = LazyLock::new(|| {
    openapi::operations()
        .into_iter()
        .filter_map(|(method, path, id)| {
            Some((format!("{method} {path}"), TokenScope::of_operation(&id)?))
        })
        .collect()
});

fn asked_by(req: &HttpRequest) -> Option<TokenScope> {
    let route = format!("{} {}", req.method(), req.match_pattern()?);
    ROUTES.get(&route).copied()
}

/// `ept_`, 30 random characters, the company's id in 22, and 6 that check the rest: base 62 throughout, so that a
/// double click takes all of it and a scanner of source code can tell it from other text.
pub(crate) const PREFIX: &str = "ept_";
const RANDOM: usize = 30;
const COMPANY: usize = 22;
const CHECK: usize = 6;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A new token of a company; the only moment at which it exists in the clear.
pub fn make(company: Uuid) -> Result<String> {
    let mut random = String::with_capacity(RANDOM);
    while random.len() < RANDOM {
        // 248 is four times 62: a byte above it would make some characters likelier than others.
        let fair = secrets::random::<64>()?
            .into_iter()
            .filter(|byte| *byte < 248);
        random.extend(
            fair.map(|byte| char::from(DIGITS[usize::from(byte % 62)]))
                .take(RANDOM - random.len()),
        );
    }
    let body = format!("{random}{}", base62(company.as_u128(), COMPANY));
    Ok(format!("{PREFIX}{body}{}", check(&body)))
}

/// Enough to recognise it, too little to use it.
pub(crate) fn prefix(token: &str) -> &str {
    token.get(..PREFIX.len() + 8).unwrap_or_default()
}

/// The company a token says it is of, when its form is right. That it is known, only its hash can tell.
pub(crate) fn company_of(token: &str) -> Option<Uuid> {
    let text = token
        .strip_prefix(PREFIX)
        .filter(|text| text.len() == RANDOM + COMPANY + CHECK)
        .filter(|text| text.bytes().all(|byte| DIGITS.contains(&byte)))?;
    let (body, sum) = text.split_at(RANDOM + COMPANY);
    let id = body[RANDOM..].bytes().try_fold(0_u128, |value, byte| {
        let digit = DIGITS.iter().position(|known| *known == byte)?;
        value.checked_mul(62)?.checked_add(digit as u128)
    })?;
    (check(body) == sum).then(|| Uuid::from_u128(id))
}

pub(crate) fn check(body: &str) -> String {
    let mut crc = Crc::new();
    crc.update(body.as_bytes());
    base62(crc.sum().into(), CHECK)
}

pub(crate) fn base62(mut value: u128, length: usize) -> String {
    let mut digits = vec![b'0'; length];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(value % 62) as usize];
        value /= 62;
    }
    digits.into_iter().map(char::from).collect()
}

/// Whose token the request carried.
#[derive(Clone)]
pub(super) struct TokenHolder {
    pub token: Arc<ApiToken>,
    pub company: Arc<Company>,
}

impl TokenHolder {
    /// The scope this request uses. Refused when its operation takes no token, or asks for another scope.
    pub fn scope(&self, req: &HttpRequest) -> Result<TokenScope> {
        let scope = asked_by(req).ok_or(Error::Forbidden)?;
        match self.token.scopes.iter().any(|name| name == scope.name()) {
            true => Ok(scope),
            false => Err(Error::ScopeMissing(scope.name())),
        }
    }
}

/// Middleware: finds out whose token a request carries. Refusing is the session's business; only a database that does
/// not answer ends it here.
pub async fn recognise<B: MessageBody>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, actix_web::Error> {
    let holder = match session::bearer(req.request()) {
        Some(token) => holder(req.request(), token).await,
        None => Ok(None),
    };
    match holder {
        Ok(Some(holder)) => drop(req.extensions_mut().insert(holder)),
        Ok(None) => {}
        Err(error) => return Ok(error.refuse(req)),
    }
    Ok(next.call(req).await?.map_into_left_body())
}

async fn holder(req: &HttpRequest, token: &str) -> Result<Option<TokenHolder>> {
    if company_of(token).is_none() {
        return Ok(None);
    }
    let state = session::state(req)?;
    let hash = secrets::sha256(token.as_bytes());
    let mut found = state.directory.by_token(&hash);
    if found.is_none() {
        // Asked by the hash, whatever company it names, or the time would tell which companies there are.
        let credential = Credential::Token(hash);
        state.directory.look_up(&state.db, credential).await?;
        found = state.directory.by_token(&hash);
    }
    Ok(found.map(|(company, token)| TokenHolder { token, company }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_says_its_company_and_notices_a_wrong_character() {
        let company = Uuid::now_v7();
        let token = make(company).unwrap();
        assert_eq!(token.len(), 62);
        assert_eq!(company_of(&token), Some(company));
        assert_ne!(make(company).unwrap(), token);
        for at in PREFIX.len()..token.len() {
            let mut other = token.clone().into_bytes();
            other[at] = if other[at] == b'x' { b'y' } else { b'x' };
            let other = String::from_utf8(other).unwrap();
            assert_eq!(company_of(&other), None, "{other}");
        }
        for nonsense in ["", "ept_", &token[1..], &format!("{token}0"), &token[..61]] {
            assert_eq!(company_of(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn the_names_are_those_of_the_wire() {
        for (_, scope) in OPERATIONS {
            assert_eq!(serde_json::json!(scope), serde_json::json!(scope.name()));
        }
    }
}
