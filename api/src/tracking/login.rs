//! How a desktop agent comes by its tokens: by e-mail, password and the company's key, then by its refresh token.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use actix_web::{get, post, web::Data};
use chrono::{DateTime, Duration, NaiveTime, Utc};
use diesel::sql_types::{
    Array, Bool, Integer, Nullable, SmallInt, Text, Time, Timestamptz, Uuid as SqlUuid,
};
use diesel::{OptionalExtension, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use tracker_wire::{
    AgentLogin, AgentPolicy, AgentRefresh, AgentSettings, AgentTimer, AgentTimerTask, AgentTokens,
    AgentUser, DeviceInfo,
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::devices::limitations;
use crate::account::sign_in::{NewSignIn, Person, person_of, rotate};
use crate::account::sign_ins::{origin, place};
use crate::account::two_factor;
use crate::app::State;
use crate::company::monitoring_policies::gate::policy_state;
use crate::company::settings::effective::effective;
use crate::db::{DbRole, Scope, Tx};
use crate::directory::Company;
use crate::http::company_key::KeyHolder;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::session::AgentSession;
use crate::http::text::{Code, Email, Password};
use crate::http::token::{Audience, Claims, LIFETIME};
use crate::{Result, http::json};

/// A device that was off for this long asks for the password again.
const IDLE: Duration = Duration::days(90);
const LIVES: Duration = Duration::days(365);

pub fn routes(api: &mut ServiceConfig) {
    api.service(log_in_agent)
        .service(refresh_agent)
        .service(show_agent_settings);
}

impl FromRequest for KeyHolder {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            req.extensions()
                .get::<Self>()
                .cloned()
                .ok_or(Error::CompanyKeyMissing),
        )
    }
}

/// Sign a desktop agent in.
///
/// Registers the device. Its id is made at installation and belongs to the person who first used it.
#[utoipa::path(request_body = AgentLogin, responses((status = 200, body = AgentTokens)))]
#[post("/login")]
async fn log_in_agent(
    holder: KeyHolder,
    req: HttpRequest,
    state: Data<State>,
    body: Json<AgentLogin>,
) -> Result<Json<AgentTokens>> {
    let AgentLogin {
        email,
        password,
        code,
        device,
    } = body.0;
    let email = Email::try_from(email).map_err(|text| json::field_error("/email", text))?;
    let password =
        Password::try_from(password).map_err(|text| json::field_error("/password", text))?;
    let code = code.map(Code::try_from).transpose();
    let code = code.map_err(|text| json::field_error("/code", text))?;
    let fitting = person_of(&state, &req, email, password, Some(holder.company.id)).await?;
    let person = fitting.first().ok_or(Error::CredentialsInvalid)?.clone();
    two_factor::check(&state, person.user_id, code).await?;
    let scope = scope(&holder, person.user_id);
    let (key, company) = (holder.key, holder.company.clone());
    let (id, info) = (device.id, device);
    let profile = state
        .db
        .tenant(scope, move |mut tx| {
            register(&mut tx, key, info)?;
            Profile::load(&mut tx, &company)
        })
        .await?;
    let new = NewSignIn {
        id: Uuid::now_v7(),
        audience: Audience::Agent,
        device: Some(id),
        user_agent: "tracker-agent".into(),
        address: origin(&req, &state),
        place: place(&req, &state),
        idle: IDLE,
        lives: LIVES,
    };
    let sid = new.id;
    let person = state.db.auth(move |conn| new.begin(conn, person)).await?;
    // Whoever revoked the device meanwhile did not see this sign-in.
    let scope = self::scope(&holder, person.user_id);
    let still = state.db.tenant(scope, move |mut tx| seen(&mut tx, id, key));
    if let Err(error) = still.await {
        state.db.auth(move |conn| end_unused(conn, sid)).await?;
        return Err(error);
    }
    tokens(&state, &holder, &person, id, (sid, 1), profile)
}

/// Renew an agent's tokens.
///
/// The refresh token that was sent stays valid until the new one is used; an older one ends the sign-in.
#[utoipa::path(request_body = AgentRefresh, responses((status = 200, body = AgentTokens)))]
#[post("/token/refresh")]
async fn refresh_agent(
    holder: KeyHolder,
    state: Data<State>,
    body: Json<AgentRefresh>,
) -> Result<Json<AgentTokens>> {
    let token = body.0.refresh_token;
    let (sid, generation) = state
        .secrets
        .read_refresh_token(&token)
        .ok_or(Error::Unauthenticated)?;
    // Before the number is used up: it belongs to somebody else's agent.
    if company_of(&token) != Some(holder.company.id) {
        return Err(Error::CompanyMismatch);
    }
    let rotated = state
        .db
        .auth(move |conn| rotate(conn, sid, generation, Audience::Agent, None))
        .await?;
    let person = rotated.person(&state, sid)?;
    let device = rotated.device_id.ok_or(Error::Unauthenticated)?;
    let (key, company) = (holder.key, holder.company.clone());
    let profile = state
        .db
        .tenant(scope(&holder, person.user_id), move |mut tx| {
            seen(&mut tx, device, key)?;
            Profile::load(&mut tx, &company)
        })
        .await?;
    let next = (sid, rotated.generation.unwrap_or_default());
    tokens(&state, &holder, &person, device, next, profile)
}

/// What the company wants recorded.
#[utoipa::path(responses((status = 200, body = AgentSettings)))]
#[get("/agent/settings")]
async fn show_agent_settings(
    session: AgentSession,
    state: Data<State>,
) -> Result<Json<AgentSettings>> {
    let company = session.company.clone();
    let profile = state
        .db
        .tenant(&session, move |mut tx| Profile::load(&mut tx, &company))
        .await?;
    Ok(Json(profile.settings))
}

fn scope(holder: &KeyHolder, user: Uuid) -> Scope {
    Scope::new(holder.company.id, user, DbRole::Agent)
}

/// The first part of a refresh token whose signature was checked.
fn company_of(token: &str) -> Option<Uuid> {
    token.split('.').next()?.parse().ok()
}

fn tokens(
    state: &State,
    holder: &KeyHolder,
    person: &Person,
    device: Uuid,
    (sid, generation): (Uuid, i32),
    profile: Profile,
) -> Result<Json<AgentTokens>> {
    let company = Some(holder.company.id);
    let claims = Claims {
        device: Some(device),
        ..Claims::new(
            Audience::Agent,
            person.user_id,
            company,
            person.role()?,
            sid,
        )
    };
    Ok(Json(AgentTokens {
        access_token: claims.sign(&state.secrets)?,
        refresh_token: state.secrets.refresh_token(company, sid, generation),
        expires_in: LIFETIME,
        user: AgentUser {
            id: person.user_id,
            name: profile.name,
        },
        settings: profile.settings,
    }))
}

#[derive(QueryableByName)]
struct Registered {
    #[diesel(sql_type = Bool)]
    revoked: bool,
}

/// Makes the device known, or what is known of it current. Another person's device is not seen here, only met.
fn register(tx: &mut Tx, key: Uuid, device: DeviceInfo) -> Result<()> {
    let name = line(&device.name, 200);
    let name = if name.is_empty() {
        "device".into()
    } else {
        name
    };
    let registered: Option<Registered> = sql_query(
        "WITH known AS (UPDATE tenant.devices SET name = $4, os = $5, agent_version = $6, limitations = $7, key_id = $8, \
             last_seen_at = $9 WHERE company_id = $1 AND id = $3 AND user_id = $2 RETURNING revoked_at IS NOT NULL AS revoked), \
           made AS (INSERT INTO tenant.devices (company_id, id, user_id, name, os, agent_version, limitations, key_id, last_seen_at) \
             VALUES ($1, $3, $2, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING false AS revoked) \
         SELECT revoked FROM known UNION ALL SELECT revoked FROM made",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<SqlUuid, _>(device.id)
    .bind::<Text, _>(name)
    .bind::<Text, _>(line(&device.os, 100))
    .bind::<Text, _>(line(&device.agent_version, 50))
    .bind::<Array<Text>, _>(limitations(&device.limitations))
    .bind::<SqlUuid, _>(key)
    .bind::<Timestamptz, _>(Utc::now())
    .get_result(tx.conn)
    .optional()?;
    match registered {
        Some(Registered { revoked: false }) => Ok(()),
        Some(_) => Err(Error::Conflict(
            "device_revoked",
            "This device was signed out for good. Install the agent anew to use it again.".into(),
        )),
        None => Err(Error::Conflict(
            "device_belongs_to_another",
            "This device belongs to another person of the company.".into(),
        )),
    }
}

/// One line of at most so many characters: it is shown in lists, and may end in a log.
pub(super) fn line(text: &str, most: usize) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(most)
        .collect()
}

/// A sign-in whose tokens nobody gets.
fn end_unused(conn: &mut PgConnection, sign_in: Uuid) -> Result<()> {
    sql_query("SELECT auth.end_sign_in($1, 'device_revoked')")
        .bind::<SqlUuid, _>(sign_in)
        .execute(conn)?;
    Ok(())
}

fn seen(tx: &mut Tx, device: Uuid, key: Uuid) -> Result<()> {
    let seen: Option<Registered> = sql_query(
        "UPDATE tenant.devices SET last_seen_at = $4, key_id = $5 \
         WHERE company_id = $1 AND user_id = $2 AND id = $3 AND revoked_at IS NULL RETURNING false AS revoked",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<SqlUuid, _>(device)
    .bind::<Timestamptz, _>(Utc::now())
    .bind::<SqlUuid, _>(key)
    .get_result(tx.conn)
    .optional()?;
    seen.map(|_| ()).ok_or(Error::Unauthenticated)
}

/// Who the person is, and what is recorded of them.
struct Profile {
    name: String,
    settings: AgentSettings,
}

#[derive(QueryableByName)]
struct ProfileRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Bool)]
    screenshots_enabled: bool,
    #[diesel(sql_type = Integer)]
    screenshot_interval_seconds: i32,
    #[diesel(sql_type = Bool)]
    blur_screenshots: bool,
    #[diesel(sql_type = Integer)]
    idle_threshold_seconds: i32,
    #[diesel(sql_type = Array<SmallInt>)]
    tracking_days: Vec<i16>,
    #[diesel(sql_type = Time)]
    tracking_from: NaiveTime,
    #[diesel(sql_type = Time)]
    tracking_to: NaiveTime,
    #[diesel(sql_type = Bool)]
    record_titles: bool,
    #[diesel(sql_type = Bool)]
    record_paths: bool,
    #[diesel(sql_type = Array<Text>)]
    redaction_rules: Vec<String>,
    #[diesel(sql_type = Integer)]
    policy_state: i32,
    #[diesel(sql_type = Nullable<Integer>)]
    policy_version: Option<i32>,
    #[diesel(sql_type = Nullable<Text>)]
    policy_title: Option<String>,
    #[diesel(sql_type = Nullable<Array<Text>>)]
    policy_kinds: Option<Vec<String>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    policy_published_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    policy_acknowledged_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Integer>)]
    timer_version: Option<i32>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    timer_task_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    timer_task_title: Option<String>,
}

impl ProfileRow {
    fn timer(&mut self) -> Option<AgentTimer> {
        self.timer_version?;
        let task = self.timer_task_id.zip(self.timer_task_title.take());
        Some(AgentTimer {
            task: task.map(|(id, title)| AgentTimerTask { id, title }),
        })
    }

    fn policy(&mut self) -> Option<AgentPolicy> {
        Some(AgentPolicy {
            version: self.policy_version?,
            title: self.policy_title.take()?,
            kinds: self.policy_kinds.take()?,
            published_at: self.policy_published_at?,
            acknowledged_at: self.policy_acknowledged_at,
        })
    }
}

impl Profile {
    fn load(tx: &mut Tx, company: &Company) -> Result<Self> {
        let mut row: ProfileRow = sql_query(concat!(
            "SELECT u.name, s.version + s.overrides_version AS version, s.screenshots_enabled, s.screenshot_interval_seconds, s.blur_screenshots, \
               s.idle_threshold_seconds, s.tracking_days, s.tracking_from, s.tracking_to, s.record_titles, s.record_paths, \
               s.redaction_rules, p.version AS policy_version, p.title AS policy_title, p.kinds AS policy_kinds, \
               p.published_at AS policy_published_at, a.acknowledged_at AS policy_acknowledged_at, ",
            policy_state!(),
            " AS policy_state, t.version AS timer_version, k.id AS timer_task_id, k.title AS timer_task_title \
             FROM tenant.users u JOIN ",
            effective!(people),
            " s ON s.user_id = u.id \
             LEFT JOIN tenant.monitoring_policies p ON p.company_id = $1 \
               AND p.version = (SELECT max(l.version) FROM tenant.monitoring_policies l WHERE l.company_id = $1) \
             LEFT JOIN tenant.policy_acknowledgements a ON a.company_id = $1 AND a.user_id = $2 AND a.version = p.version \
             LEFT JOIN tenant.timers t ON t.company_id = $1 AND t.user_id = $2 \
             LEFT JOIN tenant.tasks k ON k.company_id = $1 AND k.id = t.task_id AND k.assignee_id = $2 AND k.status IN ('open', 'in_progress') \
             WHERE u.company_id = $1 AND u.id = $2",
        ))
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(tx.user)
        .get_result(tx.conn)?;
        let (policy, timer) = (row.policy(), row.timer());
        let own_state = row.policy_state + row.timer_version.unwrap_or_default();
        Ok(Self {
            name: row.name,
            settings: AgentSettings {
                version: company.settings_version(row.version + own_state),
                screenshots_enabled: row.screenshots_enabled && company.screenshots,
                screenshot_interval_seconds: row.screenshot_interval_seconds,
                blur_screenshots: row.blur_screenshots,
                idle_threshold_seconds: row.idle_threshold_seconds,
                tracking_days: row.tracking_days,
                tracking_from: row.tracking_from,
                tracking_to: row.tracking_to,
                time_zone: company.time_zone.clone(),
                record_titles: row.record_titles,
                record_paths: row.record_paths,
                redaction_rules: row.redaction_rules,
                policy,
                timer,
            },
        })
    }
}
