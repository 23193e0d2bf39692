//! Access tokens (RFC 9068): HS256 only, ten minutes, one audience per plane. The key's id chooses between two keys.

use chrono::Utc;
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::mutants::{Net, cut};
use crate::{Result, http::error::Error, secrets::Secrets, secrets::TokenKey};

/// Seconds an access token lives.
pub const LIFETIME: i64 = 600;
pub(crate) const ISSUER: &str = "tracker";
pub(crate) const TYPE: &str = "at+jwt";

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Role {
    Employee,
    /// An admin who is limited to teams.
    TeamAdmin,
    Admin,
    Owner,
}

impl Role {
    pub fn parse(text: &str) -> Result<Self> {
        match text {
            "OWNER" => Ok(Self::Owner),
            "ADMIN" => Ok(Self::Admin),
            "TEAM_ADMIN" => Ok(Self::TeamAdmin),
            "EMPLOYEE" => Ok(Self::Employee),
            other => Err(anyhow::anyhow!("unknown role {other}").into()),
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Owner => "OWNER",
            Self::Admin => "ADMIN",
            Self::TeamAdmin => "TEAM_ADMIN",
            Self::Employee => "EMPLOYEE",
        }
    }
}

/// The plane a token is good for; a stranger on the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    Web,
    Owner,
    Agent,
}

impl Audience {
    pub fn name(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Owner => "owner",
            Self::Agent => "agent",
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub aud: Audience,
    /// The person.
    pub sub: Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Uuid>,
    pub role: Role,
    /// Whether the person had two-factor on when it was made: never asked of agents.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub two_factor: bool,
    /// The sign-in it came from.
    pub sid: Uuid,
    pub iat: i64,
    pub exp: i64,
}

impl Claims {
    pub fn new(aud: Audience, sub: Uuid, company: Option<Uuid>, role: Role, sid: Uuid) -> Self {
        let iat = Utc::now().timestamp();
        Self {
            iss: ISSUER.into(),
            aud,
            sub,
            company,
            device: None,
            role,
            two_factor: false,
            sid,
            iat,
            exp: iat + LIFETIME,
        }
    }

    pub fn sign(&self, secrets: &Secrets) -> Result<String> {
        let keys = secrets.keys();
        let key = keys.signs();
        let header = Header {
            typ: Some(TYPE.into()),
            kid: Some(key.id.clone()),
            ..Header::new(Algorithm::HS256)
        };
        encode(&header, self, &EncodingKey::from_secret(&key.bytes))
            .map_err(|error| Error::Internal(error.into()))
    }

    /// The claims of a token this server signed for that plane and that has not run out.
    pub fn read(token: &str, secrets: &Secrets, audience: Audience) -> Option<Self> {
        let header = decode_header(token).ok()?;
        if header.typ.as_deref() != Some(TYPE) && !cut(Net::TokenType) {
            return None;
        }
        let algorithm = match cut(Net::TokenAlgorithm) {
            true => header.alg,
            false => Algorithm::HS256,
        };
        if header.alg != algorithm {
            return None;
        }
        let keys = secrets.keys();
        let key: &TokenKey = keys
            .tokens()
            .find(|key| Some(&key.id) == header.kid.as_ref() || cut(Net::TokenKey))?;
        let mut rules = Validation::new(algorithm);
        rules.set_audience(&[audience.name()]);
        rules.validate_aud = !cut(Net::TokenAudience);
        if !cut(Net::TokenIssuer) {
            rules.set_issuer(&[ISSUER]);
        }
        rules.set_required_spec_claims(&["exp", "aud", "iss"]);
        rules.validate_exp = !cut(Net::TokenExpiry);
        rules.leeway = 0;
        decode(token, &DecodingKey::from_secret(&key.bytes), &rules)
            .ok()
            .map(|token| token.claims)
    }
}
