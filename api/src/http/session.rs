//! Who is asking. A handler names the session it needs as its first parameter; no other place checks.
//! Checked in order: token, its sign-in or its scope, two-factor, the company's status, the role. For agents the company key came before.

use std::{
    future::{Ready, ready},
    marker::PhantomData,
    pin::Pin,
    sync::Arc,
};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::Method,
    http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue},
    web::Data,
};
use uuid::Uuid;

use super::api_token::TokenHolder;
use super::company_key::KeyHolder;
use super::token::{Audience, Claims, Role};
use crate::app::State;
use crate::mutants::{Net, cut};
use crate::{Result, db::DbRole, db::Scope, directory::Company, http::error::Error};

/// A least role, as a type.
pub trait AtLeast: 'static {
    const ROLE: Role;
    /// Whether the transaction is a lead's, whatever else the person may do.
    const LEADS: bool = false;
    /// Whether the transaction is an employee's, whatever else the person may do.
    const ALONE: bool = false;
    /// Whether the transaction of an admin of teams is one of theirs, and not one of a person about themselves.
    const OF_TEAMS: bool = false;
}
pub struct Admin;
/// An admin, of the company or of teams.
pub struct TeamAdmin;
pub struct Employee;
/// Anybody about themselves alone: an admin too has an employee's transaction, which reaches no row of anybody else.
pub struct Oneself;
/// Anybody about themselves, and an admin about those they administer.
pub struct Viewer;
/// Anybody who leads a team, which the database says: who leads none is shown nothing as one.
pub struct Lead;
impl AtLeast for Admin {
    const ROLE: Role = Role::Admin;
}
impl AtLeast for TeamAdmin {
    const ROLE: Role = Role::TeamAdmin;
    const OF_TEAMS: bool = true;
}
impl AtLeast for Employee {
    const ROLE: Role = Role::Employee;
}
impl AtLeast for Oneself {
    const ROLE: Role = Role::Employee;
    const ALONE: bool = true;
}
impl AtLeast for Viewer {
    const ROLE: Role = Role::Employee;
    const OF_TEAMS: bool = true;
}
impl AtLeast for Lead {
    const ROLE: Role = Role::Employee;
    const LEADS: bool = true;
}

/// A signed-in person of a company who holds at least role `R`. The database role is the person's own.
pub struct Tenant<R> {
    pub user: Uuid,
    pub role: Role,
    pub sign_in: Uuid,
    pub company: Arc<Company>,
    /// A program that acts in the person's name.
    pub token: Option<ByToken>,
    least: PhantomData<R>,
}

/// An API token's part in a request.
#[derive(Debug, Clone, Copy)]
pub struct ByToken {
    pub id: Uuid,
    pub read_only: bool,
}

/// Somebody who runs the service.
pub struct Owner {
    pub user: Uuid,
    pub sign_in: Uuid,
}

/// Anybody signed in to a portal.
pub struct SignedIn {
    pub user: Uuid,
    pub role: Role,
    pub sign_in: Uuid,
    pub company: Option<Arc<Company>>,
    /// Nothing is open but to set two-factor up.
    pub must_set_up_two_factor: bool,
    token: Option<ByToken>,
}

impl SignedIn {
    /// As somebody of a company, or as the owner.
    pub fn split(self) -> Result<Tenant<Employee>, Owner> {
        let Self {
            user,
            role,
            sign_in,
            company,
            token,
            ..
        } = self;
        match company {
            Some(company) => Ok(Tenant {
                user,
                role,
                sign_in,
                company,
                token,
                least: PhantomData,
            }),
            None => Err(Owner { user, sign_in }),
        }
    }
}

/// A desktop agent: one person, one device, one company, whose key it carries.
pub struct AgentSession {
    pub user: Uuid,
    pub device: Uuid,
    pub key: Uuid,
    pub company: Arc<Company>,
}

impl<R: AtLeast> From<&Tenant<R>> for Scope {
    fn from(session: &Tenant<R>) -> Self {
        let role = match session.role {
            _ if R::LEADS => DbRole::Lead,
            _ if R::ALONE => DbRole::Employee,
            Role::Admin => DbRole::Admin,
            Role::TeamAdmin if R::OF_TEAMS => DbRole::TeamAdmin,
            _ => DbRole::Employee,
        };
        session.scope(role)
    }
}

impl<R> Tenant<R> {
    /// Whether the person may ask about others. Which others there are the database says.
    pub fn administers(&self) -> bool {
        self.role >= Role::TeamAdmin
    }

    fn scope(&self, role: DbRole) -> Scope {
        Scope {
            token: self.token,
            ..Scope::new(self.company.id, self.user, role)
        }
    }
}

impl Tenant<Employee> {
    /// For a look at `person`: who is no admin reads another person as their lead, which finds nobody where they are not.
    pub(crate) fn looking_at(&self, person: Uuid) -> Scope {
        match self.role {
            Role::TeamAdmin => self.scope(DbRole::TeamAdmin),
            Role::Employee if person != self.user => self.scope(DbRole::Lead),
            _ => self.into(),
        }
    }
}

impl From<&AgentSession> for Scope {
    fn from(session: &AgentSession) -> Self {
        Self::new(session.company.id, session.user, DbRole::Agent)
    }
}

/// What is open to whoever must have two-factor on and has not: to see so, and to set it up.
const OPEN_WITHOUT_TWO_FACTOR: [&str; 3] = [
    "/api/me",
    "/api/me/two-factor",
    "/api/me/two-factor/confirm",
];

/// What an ADMIN of an inactive company may still change: nothing of the company. They leave, with what is theirs.
const OPEN_WHEN_INACTIVE: [&str; 4] = [
    "/api/auth/sign-out",
    "/api/cancellations",
    "/api/exports",
    "/api/me/exports",
];

/// What a session is found by: ready at once, but where its company is not known here yet.
pub(crate) type Found<T> = Pin<Box<dyn Future<Output = Result<T>>>>;

/// It may have been made a moment ago on another instance, whose notification is still on its way.
async fn company(state: &State, id: Uuid) -> Result<Arc<Company>> {
    if state.directory.company(id).is_none() {
        state.directory.refresh(&state.db, id).await?;
    }
    state.directory.company(id).ok_or(Error::Unauthenticated)
}

async fn signed_in(req: &HttpRequest, audiences: &[Audience]) -> Result<SignedIn> {
    let state = state(req)?;
    if !state.directory.is_current() {
        return Err(Error::Busy);
    }
    let holder = req.extensions().get::<TokenHolder>().cloned();
    if let Some(holder) = holder {
        return by_token(req, &holder);
    }
    let claims = bearer(req)
        .and_then(|token| {
            audiences
                .iter()
                .find_map(|audience| Claims::read(token, &state.secrets, *audience))
        })
        .filter(|claims| !state.directory.has_ended(claims.sid))
        .ok_or(Error::Unauthenticated)?;
    let company = match (claims.aud, claims.company) {
        (Audience::Owner, None) if claims.role == Role::Owner => None,
        (Audience::Web, Some(id)) if claims.role != Role::Owner => Some(company(state, id).await?),
        _ => return Err(Error::Unauthenticated),
    };
    let of = company.as_ref().map(|company| company.id);
    state.limits.count(req, claims.sub, None, of)?;
    let must_set_up_two_factor = !claims.two_factor
        && state.directory.requires_two_factor(company.as_deref())
        && !cut(Net::TwoFactor);
    if must_set_up_two_factor && !OPEN_WITHOUT_TWO_FACTOR.contains(&req.path()) {
        return Err(Error::TwoFactorSetUp);
    }
    Ok(SignedIn {
        user: claims.sub,
        role: claims.role,
        sign_in: claims.sid,
        company,
        must_set_up_two_factor,
        token: None,
    })
}

/// In the name of the ADMIN who made it, for the operations its scopes open.
fn by_token(req: &HttpRequest, holder: &TokenHolder) -> Result<SignedIn> {
    let TokenHolder { token, company } = holder;
    let state = state(req)?;
    let user = token.created_by;
    state
        .limits
        .count(req, user, Some(token.id), Some(company.id))?;
    let scope = holder.scope(req)?;
    company.must_have_api_access()?;
    state.tokens_seen.note(company.id, token.id);
    Ok(SignedIn {
        user,
        role: Role::Admin,
        sign_in: token.id,
        company: Some(company.clone()),
        // A program types no codes; whoever made its token did.
        must_set_up_two_factor: false,
        token: Some(ByToken {
            id: token.id,
            read_only: scope.is_read_only(),
        }),
    })
}

/// An inactive company's admins read; its employees are told so.
fn may_act(req: &HttpRequest, session: &SignedIn, grace_days: i64) -> Result<()> {
    let Some(inactive) = session
        .company
        .as_ref()
        .and_then(|company| company.inactive(grace_days))
    else {
        return Ok(());
    };
    let reads = [Method::GET, Method::HEAD].contains(req.method())
        || OPEN_WHEN_INACTIVE.contains(&req.path());
    match session.role >= Role::Admin && reads {
        true => Ok(()),
        false => Err(Error::CompanyInactive(inactive)),
    }
}

impl<R: AtLeast> FromRequest for Tenant<R> {
    type Error = Error;
    type Future = Found<Self>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            let session = signed_in(&req, &[Audience::Web, Audience::Owner]).await?;
            may_act(&req, &session, state(&req)?.directory.grace_days)?;
            match session {
                SignedIn {
                    user,
                    role,
                    sign_in,
                    company: Some(company),
                    token,
                    ..
                } if role >= R::ROLE || cut(Net::LeastRole) => Ok(Self {
                    user,
                    role,
                    sign_in,
                    company,
                    token,
                    least: PhantomData,
                }),
                _ => Err(Error::Forbidden),
            }
        })
    }
}

impl FromRequest for Owner {
    type Error = Error;
    type Future = Found<Self>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            let session = signed_in(&req, &[Audience::Owner, Audience::Web]).await?;
            match session.company.is_none() || cut(Net::OwnerOnly) {
                true => Ok(Self {
                    user: session.user,
                    sign_in: session.sign_in,
                }),
                false => Err(Error::Forbidden),
            }
        })
    }
}

impl FromRequest for SignedIn {
    type Error = Error;
    type Future = Found<Self>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move { signed_in(&req, &[Audience::Web, Audience::Owner]).await })
    }
}

impl FromRequest for AgentSession {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(agent(req))
    }
}

fn agent(req: &HttpRequest) -> Result<AgentSession> {
    let state = state(req)?;
    let holder = req
        .extensions()
        .get::<KeyHolder>()
        .cloned()
        .ok_or(Error::CompanyKeyMissing)?;
    let claims = bearer(req).and_then(|token| Claims::read(token, &state.secrets, Audience::Agent));
    let claims = claims.ok_or(Error::Unauthenticated)?;
    if !state.directory.is_current() {
        return Err(Error::Busy);
    }
    if claims.company != Some(holder.company.id) && !cut(Net::CompanyOfKey) {
        return Err(Error::CompanyMismatch);
    }
    let device = claims
        .device
        .filter(|_| !state.directory.has_ended(claims.sid))
        .ok_or(Error::Unauthenticated)?;
    Ok(AgentSession {
        user: claims.sub,
        device,
        key: holder.key,
        company: holder.company,
    })
}

pub(crate) fn state(req: &HttpRequest) -> Result<&Data<State>> {
    req.app_data()
        .ok_or_else(|| anyhow::anyhow!("the app has no state").into())
}

pub(super) fn bearer(req: &HttpRequest) -> Option<&str> {
    only(req.headers(), &AUTHORIZATION)?
        .to_str()
        .ok()?
        .strip_prefix("Bearer ")
}

/// The header if it is there once. Of two, whatever stands in front of us may have judged the other.
pub(super) fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut all = headers.get_all(name);
    all.next().filter(|_| all.next().is_none())
}
