//! The computers on which agents are set up: what the agents tell of what waits there, the person's own list of them, and
//! refusing one for good. Admins see and refuse those of their people by the same functions.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use actix_web::{get, post, web::Data};
use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde::Serialize;
use tracker_wire::{AgentQueue, QUEUE_HEADER};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::login::line;
use super::upload::items::OLDEST;
use crate::Result;
use crate::account::sign_ins::{Ended, Id};
use crate::app::State;
use crate::db::Tx;
use crate::db::schema::tenant::devices;
use crate::db::statement::statement;
use crate::http::error::Error;
use crate::http::json::{Json, Path};
use crate::http::origin;
use crate::http::session::{Employee, Tenant};

/// A device whose session goes on and of which nothing was heard for so long is silent.
const SILENT: Duration = Duration::minutes(15);
const MAX_LIMITATIONS: usize = 20;

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_my_devices).service(revoke_my_device);
}

/// The 200 seen last.
#[derive(Serialize, ToSchema)]
pub(crate) struct Devices {
    pub items: Vec<Device>,
}

/// A computer on which the person's agent was set up, and what the agent told last of what waits there. It tells nothing
/// while it has no contact; an agent that is too old to tell has no numbers here.
#[derive(Serialize, QueryableByName, ToSchema)]
pub(crate) struct Device {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    os: String,
    #[diesel(sql_type = Text)]
    agent_version: String,
    /// What the agent cannot do there, in its own words.
    #[diesel(sql_type = Array<Text>)]
    limitations: Vec<String>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    last_seen_at: DateTime<Utc>,
    /// When the server last took in what it sent, to half a minute. Absent where it has sent nothing yet.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    last_synced_at: Option<DateTime<Utc>>,
    /// Recorded and not yet sent, without screenshots.
    #[diesel(sql_type = Nullable<Integer>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    queued_items: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    queued_screenshots: Option<i32>,
    /// Since when the oldest of these waits. Absent where nothing does.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    oldest_queued_at: Option<DateTime<Utc>>,
    /// What the server has refused for good; the agent keeps it aside.
    #[diesel(sql_type = Nullable<Integer>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    dead_letters: Option<i32>,
    /// Since when nothing was heard of it although its session had not ended: what it records meanwhile waits there.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    silent_since: Option<DateTime<Utc>>,
    /// Since when its agent is refused for good.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    revoked_at: Option<DateTime<Utc>>,
}

/// List the devices on which my agent is set up, those seen last first.
#[utoipa::path(responses((status = 200, body = Devices)))]
#[get("/me/devices")]
async fn list_my_devices(session: Tenant<Employee>, state: Data<State>) -> Result<Json<Devices>> {
    let list = |mut tx: Tx| {
        let person = tx.user;
        of_person(&mut tx, person)
    };
    state.db.tenant(&session, list).await.map(Json)
}

/// Refuse one of my devices for good: its agent at the next call, and every later login from it. What it recorded stays.
///
/// For a computer that is lost or given away. Nobody can take that back; an agent that is installed anew is another device. A
/// device that is refused already stays so.
#[utoipa::path(
    params(("device_id" = Uuid, Path)),
    responses((status = 200, body = Ended))
)]
#[post("/me/devices/{device_id}/revoke")]
async fn revoke_my_device(
    session: Tenant<Employee>,
    state: Data<State>,
    device: Path<Uuid>,
) -> Result<Json<Ended>> {
    let device = device.0;
    let revoke = move |mut tx: Tx| {
        let person = tx.user;
        if !refuse(&mut tx, person, device)? {
            return Ok(Vec::new());
        }
        let ended = sql_query("SELECT tenant.end_own_device_sign_ins($1, $2, $3, $4) AS id")
            .bind::<SqlUuid, _>(device)
            .bind::<SqlUuid, _>(Uuid::now_v7())
            .bind::<Nullable<Text>, _>(origin::request_id())
            .bind::<Nullable<Text>, _>(origin::address());
        Ok(ended.load::<Id>(tx.conn)?)
    };
    let ended = state.db.tenant(&session, revoke).await?;
    Ok(Json(tell(&state, &ended)))
}

/// A person's devices, as far as who asks may see them.
pub(crate) fn of_person(tx: &mut Tx, person: Uuid) -> Result<Devices> {
    let silent_before = Utc::now() - SILENT;
    let items = statement(
        "SELECT d.id, d.name, d.os, d.agent_version, d.limitations, d.created_at, d.last_seen_at, d.last_synced_at, d.queued_items, \
           d.queued_screenshots, d.oldest_queued_at, d.dead_letters, d.revoked_at, \
           CASE WHEN d.last_seen_at < $3 AND d.revoked_at IS NULL AND w.goes_on AND d.last_seen_at < w.last_seen_at + ($4 - $3) \
             THEN d.last_seen_at END AS silent_since \
         FROM tenant.devices d LEFT JOIN LATERAL (SELECT s.last_seen_at, coalesce(s.end_reason, 'silent') = 'silent' AS goes_on \
             FROM tenant.work_sessions s WHERE s.company_id = $1 AND s.user_id = $2 AND s.device_id = d.id AND s.deleted_at IS NULL \
             ORDER BY s.started_at DESC LIMIT 1) w ON true \
         WHERE d.company_id = $1 AND d.user_id = $2 ORDER BY d.last_seen_at DESC, d.id LIMIT 200",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(person)
    .bind::<Timestamptz, _>(silent_before)
    .bind::<Timestamptz, _>(silent_before + SILENT)
    .load(tx.conn)?;
    Ok(Devices { items })
}

/// What an agent says it cannot do, as far as it is kept.
pub(super) fn limitations(told: &[String]) -> Vec<String> {
    let kept = told.iter().take(MAX_LIMITATIONS);
    kept.map(|limitation| line(limitation, 100)).collect()
}

/// Notes what the person's agent there cannot do by now.
pub(super) fn limit(tx: &mut Tx, device: Uuid, told: &[String]) -> Result<()> {
    let limitations = limitations(told);
    let own = devices::table
        .filter(devices::company_id.eq(tx.company))
        .filter(devices::user_id.eq(tx.user))
        .filter(devices::id.eq(device));
    let changed = own.filter(devices::limitations.is_distinct_from(&limitations));
    diesel::update(changed)
        .set(devices::limitations.eq(&limitations))
        .execute(tx.conn)?;
    Ok(())
}

/// Marks the device as refused; says whether it was not yet. Before its sign-ins end: a login under way finds the mark when
/// it is through.
pub(crate) fn refuse(tx: &mut Tx, person: Uuid, device: Uuid) -> Result<bool> {
    let own = devices::table
        .filter(devices::company_id.eq(tx.company))
        .filter(devices::user_id.eq(person))
        .filter(devices::id.eq(device));
    let refused = diesel::update(own.filter(devices::revoked_at.is_null()))
        .set(devices::revoked_at.eq(Utc::now()))
        .execute(tx.conn)?;
    if refused == 0 {
        let _: Uuid = own.select(devices::id).first(tx.conn)?;
    }
    Ok(refused > 0)
}

/// Ends the sign-ins on this instance at once; others hear of it by notification.
pub(crate) fn tell(state: &State, ended: &[Id]) -> Ended {
    for Id { id } in ended {
        state.directory.end(*id);
    }
    Ended { ended: ended.len() }
}

/// What an agent tells of its queue. Nothing where it is too old to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told(Option<AgentQueue>);

impl FromRequest for Told {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut values = req.headers().get_all(QUEUE_HEADER);
        ready(match (values.next(), values.next()) {
            (None, _) => Ok(Self(None)),
            (Some(value), None) => (value.to_str().ok())
                .and_then(|text| text.parse().ok())
                .map(|queue| Self(Some(queue)))
                .ok_or(Error::AgentQueueInvalid),
            _ => Err(Error::AgentQueueInvalid),
        })
    }
}

impl Told {
    /// Items, screenshots, dead letters.
    pub fn counts(self) -> Option<Vec<i32>> {
        self.0
            .map(|queue| vec![queue.items, queue.screenshots, queue.dead_letters])
    }

    /// By the device's clock, which may be wrong.
    pub fn oldest(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let queue = self.0.filter(|queue| queue.items + queue.screenshots > 0)?;
        queue.oldest.map(|at| at.clamp(now - OLDEST, now))
    }
}

/// Notes that device `$3` of person `$2` was here and what it told, by the binds named. At most every half minute while it tells
/// the same.
macro_rules! sign_of_device {
    ($at:literal, $key:literal, $before:literal, $counts:literal, $oldest:literal) => {
        concat!(
            "UPDATE tenant.devices SET last_seen_at = ", $at, ", last_synced_at = ", $at, ", key_id = ", $key, ", \
               queued_items = (", $counts, ")[1], queued_screenshots = (", $counts, ")[2], dead_letters = (", $counts, ")[3], \
               oldest_queued_at = ", $oldest, " \
             WHERE company_id = $1 AND user_id = $2 AND id = $3 AND (last_synced_at IS NULL OR last_synced_at < ", $before, " \
               OR key_id <> ", $key, " OR (queued_items, queued_screenshots, dead_letters, oldest_queued_at) \
                 IS DISTINCT FROM ((", $counts, ")[1], (", $counts, ")[2], (", $counts, ")[3], ", $oldest, "))"
        )
    };
}
pub(crate) use sign_of_device;
