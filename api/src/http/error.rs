//! One error type and its one wire shape: problem+json (RFC 9457) with a stable `code`.

use actix_web::body::{BoxBody, EitherBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::{HttpResponse, ResponseError, http::StatusCode, http::header};
use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind as Kind, Error as DbError};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Characters that an error repeats of what was sent.
const LONGEST_QUOTE: usize = 300;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("Sign in first.")]
    Unauthenticated,
    #[error("E-mail or password is wrong.")]
    CredentialsInvalid,
    #[error("This request carries no company key.")]
    CompanyKeyMissing,
    #[error("The company key is not known.")]
    CompanyKeyInvalid,
    #[error("Your role may not do this.")]
    Forbidden,
    #[error("The token's scopes do not cover this.")]
    ScopeMissing(&'static str),
    #[error("The company does not take part at present.")]
    CompanyInactive(Inactive),
    #[error("The token belongs to another company than the key.")]
    CompanyMismatch,
    #[error("There is no such thing here.")]
    NotFound,
    #[error("This path does not know that method.")]
    MethodNotAllowed(String),
    #[error("The request could not be read.")]
    Malformed(String),
    #[error("X-Agent-Queue does not say what waits on the device.")]
    AgentQueueInvalid,
    #[error("The cursor is not one of this list.")]
    Cursor,
    #[error("The request is too large.")]
    TooLarge(usize),
    #[error("That media type is not understood here.")]
    UnsupportedMedia(String),
    #[error("The request does not say what it should.")]
    Invalid(Vec<FieldError>),
    /// Carries the violated constraint's name, which is the code.
    #[error("That is already taken.")]
    Taken(String),
    #[error("That breaks a rule.")]
    Rule(String),
    /// A refusal in this state of things: code and explanation.
    #[error("{1}")]
    Conflict(&'static str, String),
    /// The same, with what stands in the way.
    #[error("What is there stands in the way.")]
    Refused(&'static str, Vec<FieldError>),
    #[error("The password is wrong.")]
    PasswordWrong,
    #[error("A code is asked for.")]
    CodeRequired,
    #[error("The code is wrong, or was used before.")]
    CodeWrong,
    #[error("Two-factor is asked for here. Set it up to go on.")]
    TwoFactorSetUp,
    #[error("Two-factor is asked for here: it can be moved to another app, not switched off.")]
    TwoFactorRequired,
    #[error("Say with If-Match which state of it you saw.")]
    PreconditionRequired,
    #[error("Somebody has changed it in between.")]
    PreconditionFailed,
    #[error("Say why you want to see it.")]
    ReasonRequired,
    #[error("The company shows no originals.")]
    OriginalsNotShown,
    #[error("The company keeps pictures until they are old, or an admin deletes them.")]
    OwnScreenshotsStay,
    #[error("You lead no team.")]
    NotALead,
    #[error("The company shows leads the sums of a team, not its people.")]
    TeamSumsOnly,
    #[error("The company's plan does not include this.")]
    FeatureMissing(&'static str),
    #[error("The company's storage is full.")]
    StorageLimit,
    #[error("Several companies know this e-mail. Choose one.")]
    CompanyChoice(Vec<CompanyChoice>),
    #[error("This link is not valid any more.")]
    LinkInvalid,
    #[error("Companies do not register themselves here. Ask whoever runs the service.")]
    RegistrationClosed,
    #[error("Too many attempts. Wait before the next one.")]
    TooManyAttempts(u32),
    #[error("Too many requests. Slow down.")]
    RateLimited(u32),
    #[error("The server is busy. Try again in a moment.")]
    Busy,
    #[error("Something broke on our side.")]
    Internal(#[from] anyhow::Error),
}

/// Why a company's agents are refused and its people cannot change anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inactive {
    Suspended,
    Expired,
    Cancelled,
}

/// One thing that is wrong with the body or a parameter.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldError {
    /// A JSON pointer into the body, or the parameter's name.
    pub pointer: String,
    /// Stable, for programs.
    pub code: String,
    /// For people.
    pub detail: String,
}

/// A company the person may sign in to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CompanyChoice {
    pub id: Uuid,
    pub name: String,
}

/// What every failed request answers (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// `about:blank`: the code says it all.
    pub r#type: String,
    /// A short sentence that does not change from case to case.
    pub title: String,
    pub status: u16,
    /// What happened this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Stable, for programs: `not_found`, `companies_slug_taken`.
    pub code: String,
    /// Names this request in the server's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<FieldError>,
    /// With `company_choice_required`: the companies to choose from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub companies: Vec<CompanyChoice>,
}

impl Error {
    pub fn invalid(pointer: &str, code: &str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError {
            pointer: short(pointer),
            code: code.into(),
            detail: short(&detail.into()),
        }])
    }

    /// A middleware's answer. As an error that leaves the middleware it would miss what is put around every answer.
    pub(super) fn refuse<B>(&self, req: ServiceRequest) -> ServiceResponse<EitherBody<B, BoxBody>> {
        req.into_response(self.error_response())
            .map_into_right_body()
    }

    fn code(&self) -> &str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::CredentialsInvalid => "credentials_invalid",
            Self::CompanyKeyMissing => "company_key_missing",
            Self::CompanyKeyInvalid => "company_key_invalid",
            Self::Forbidden => "forbidden",
            Self::ScopeMissing(_) => "scope_missing",
            Self::CompanyInactive(Inactive::Suspended) => "company_suspended",
            Self::CompanyInactive(Inactive::Expired) => "company_expired",
            Self::CompanyInactive(Inactive::Cancelled) => "company_cancelled",
            Self::CompanyMismatch => "company_mismatch",
            Self::NotFound => "not_found",
            Self::LinkInvalid => "link_invalid",
            Self::RegistrationClosed => "registration_closed",
            Self::MethodNotAllowed(_) => "method_not_allowed",
            Self::Malformed(_) => "malformed",
            Self::AgentQueueInvalid => "agent_queue_invalid",
            Self::Cursor => "cursor_invalid",
            Self::TooLarge(_) => "too_large",
            Self::UnsupportedMedia(_) => "unsupported_media_type",
            Self::Invalid(_) => "invalid",
            Self::Taken(constraint) | Self::Rule(constraint) => constraint,
            Self::Conflict(code, _) | Self::Refused(code, _) => code,
            Self::PasswordWrong => "password_wrong",
            Self::CodeRequired => "code_required",
            Self::CodeWrong => "code_wrong",
            Self::TwoFactorSetUp => "two_factor_setup_required",
            Self::TwoFactorRequired => "two_factor_required",
            Self::PreconditionRequired => "precondition_required",
            Self::PreconditionFailed => "precondition_failed",
            Self::ReasonRequired => "reason_required",
            Self::OriginalsNotShown => "originals_not_shown",
            Self::OwnScreenshotsStay => "own_screenshots_stay",
            Self::NotALead => "not_a_lead",
            Self::TeamSumsOnly => "team_sums_only",
            Self::FeatureMissing(_) => "feature_not_in_plan",
            Self::StorageLimit => "storage_limit_reached",
            Self::CompanyChoice(_) => "company_choice_required",
            Self::TooManyAttempts(_) => "too_many_attempts",
            Self::RateLimited(_) => "rate_limited",
            Self::Busy => "busy",
            Self::Internal(_) => "internal",
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            Self::Malformed(detail) | Self::UnsupportedMedia(detail) => Some(detail.clone()),
            Self::ScopeMissing(scope) => Some(format!("This needs the scope {scope}.")),
            Self::FeatureMissing(feature) => Some(format!("The plan has no {feature}.")),
            Self::TooLarge(limit) => Some(format!("At most {limit} bytes are taken here.")),
            Self::MethodNotAllowed(allow) => Some(format!("Allowed: {allow}.")),
            Self::Invalid(errors) => errors
                .first()
                .map(|first| format!("{}: {}", first.pointer, first.detail)),
            Self::TooManyAttempts(seconds) | Self::RateLimited(seconds) => {
                Some(format!("Try again in {seconds} seconds."))
            }
            _ => None,
        }
    }
}

impl From<DbError> for Error {
    fn from(error: DbError) -> Self {
        match error {
            DbError::NotFound => Self::NotFound,
            DbError::DatabaseError(Kind::UniqueViolation, ref info) => {
                Self::Taken(constraint(info.as_ref(), "taken"))
            }
            DbError::DatabaseError(Kind::CheckViolation | Kind::ForeignKeyViolation, ref info) => {
                Self::Rule(constraint(info.as_ref(), "rule_broken"))
            }
            DbError::DatabaseError(Kind::ClosedConnection, _) => Self::Busy,
            error => Self::Internal(error.into()),
        }
    }
}

/// Places and reasons quote what was sent, which may be a name of any length.
fn short(text: &str) -> String {
    match text.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The violated constraint. A distributed database leaves the field empty and quotes a shard's name in the message.
fn constraint(info: &dyn DatabaseErrorInformation, fallback: &str) -> String {
    let quoted = || {
        let name = info.message().rsplit('"').nth(1)?;
        let (base, shard) = name.rsplit_once('_')?;
        let sharded = !shard.is_empty() && shard.bytes().all(|b| b.is_ascii_digit());
        Some(if sharded { base } else { name }.to_owned())
    };
    info.constraint_name()
        .map(str::to_owned)
        .or_else(quoted)
        .unwrap_or_else(|| fallback.to_owned())
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Unauthenticated
            | Self::CredentialsInvalid
            | Self::CompanyKeyMissing
            | Self::CompanyKeyInvalid => StatusCode::UNAUTHORIZED,
            Self::Forbidden
            | Self::ScopeMissing(_)
            | Self::PasswordWrong
            | Self::CodeRequired
            | Self::CodeWrong
            | Self::TwoFactorSetUp
            | Self::TwoFactorRequired
            | Self::ReasonRequired
            | Self::OriginalsNotShown
            | Self::OwnScreenshotsStay
            | Self::NotALead
            | Self::TeamSumsOnly
            | Self::FeatureMissing(_)
            | Self::StorageLimit
            | Self::CompanyInactive(_)
            | Self::RegistrationClosed
            | Self::CompanyMismatch => StatusCode::FORBIDDEN,
            Self::NotFound | Self::LinkInvalid => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Malformed(_) | Self::AgentQueueInvalid | Self::Cursor => StatusCode::BAD_REQUEST,
            Self::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMedia(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid(_) | Self::Rule(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Taken(_) | Self::Conflict(..) | Self::Refused(..) | Self::CompanyChoice(_) => {
                StatusCode::CONFLICT
            }
            Self::TooManyAttempts(_) | Self::RateLimited(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        if let Self::Internal(cause) = self {
            tracing::error!(?cause, "request failed");
        }
        let status = self.status_code();
        let mut response = HttpResponse::build(status);
        response
            .content_type("application/problem+json")
            .insert_header((header::CACHE_CONTROL, "no-store"));
        match self {
            Self::Unauthenticated | Self::CredentialsInvalid => {
                response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
            }
            Self::CompanyKeyMissing | Self::CompanyKeyInvalid => {
                response.insert_header((
                    header::WWW_AUTHENTICATE,
                    "CompanyKey header=\"X-Company-Key\"",
                ));
            }
            Self::ScopeMissing(scope) => {
                let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
                response.insert_header((header::WWW_AUTHENTICATE, challenge));
            }
            Self::MethodNotAllowed(allow) => {
                response.insert_header((header::ALLOW, allow.as_str()));
            }
            Self::TooManyAttempts(seconds) | Self::RateLimited(seconds) => {
                response.insert_header((header::RETRY_AFTER, seconds.to_string()));
            }
            Self::Busy => {
                response.insert_header((header::RETRY_AFTER, "1"));
            }
            _ => {}
        }
        response.json(Problem {
            r#type: "about:blank".into(),
            title: self.to_string(),
            status: status.as_u16(),
            detail: self.detail(),
            code: self.code().into(),
            request_id: super::origin::request_id(),
            errors: if let Self::Invalid(errors) | Self::Refused(_, errors) = self {
                errors.clone()
            } else {
                Vec::new()
            },
            companies: if let Self::CompanyChoice(companies) = self {
                companies.clone()
            } else {
                Vec::new()
            },
        })
    }
}
