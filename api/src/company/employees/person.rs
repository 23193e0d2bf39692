//! What an admin finds about one person besides their days: devices and open sign-ins.

use actix_web::{get, post, web::Data};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::Result;
use crate::account::sign_ins::{Ended, Id};
use crate::app::State;
use crate::company::audit;
use crate::db::Tx;
use crate::db::schema::tenant::{devices, users};
use crate::http::json::{Json, Path};
use crate::http::session::{Admin, TeamAdmin, Tenant};

pub(super) fn routes(api: &mut ServiceConfig) {
    api.service(list_employee_devices)
        .service(revoke_employee_device)
        .service(count_employee_sign_ins);
}

/// The 200 seen last.
#[derive(Serialize, ToSchema)]
struct Devices {
    items: Vec<Device>,
}

/// A computer on which the person's agent was set up.
#[derive(Serialize, QueryableByName, ToSchema)]
struct Device {
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
    /// Since when its agent is refused for good.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<DateTime<Utc>>,
}

/// How many sign-ins are open.
#[derive(Serialize, QueryableByName, ToSchema)]
struct SignInCounts {
    /// Browsers.
    #[diesel(sql_type = BigInt)]
    portals: i64,
    /// Desktop agents.
    #[diesel(sql_type = BigInt)]
    agents: i64,
}

/// List a person's devices, those seen last first.
#[utoipa::path(params(("employee_id" = Uuid, Path)), responses((status = 200, body = Devices)))]
#[get("/employees/{employee_id}/devices")]
async fn list_employee_devices(
    session: Tenant<TeamAdmin>,
    state: Data<State>,
    employee: Path<Uuid>,
) -> Result<Json<Devices>> {
    let id = employee.0;
    let list = move |mut tx: Tx| {
        must_exist(&mut tx, id)?;
        let devices = sql_query(
            "SELECT id, name, os, agent_version, limitations, created_at, last_seen_at, revoked_at FROM tenant.devices \
             WHERE company_id = $1 AND user_id = $2 ORDER BY last_seen_at DESC, id LIMIT 200",
        );
        let items = devices
            .bind::<SqlUuid, _>(tx.company)
            .bind::<SqlUuid, _>(id)
            .load(tx.conn)?;
        Ok(Devices { items })
    };
    state.db.tenant(&session, list).await.map(Json)
}

/// Refuse a device for good: its agent at the next call, and every later login from it. What it recorded stays.
///
/// Nobody can take that back; an agent that is installed anew is another device. A device that is refused already stays so.
#[utoipa::path(
    params(("employee_id" = Uuid, Path), ("device_id" = Uuid, Path)),
    responses((status = 200, body = Ended))
)]
#[post("/employees/{employee_id}/devices/{device_id}/revoke")]
async fn revoke_employee_device(
    session: Tenant<Admin>,
    state: Data<State>,
    ids: Path<(Uuid, Uuid)>,
) -> Result<Json<Ended>> {
    let (person, device) = ids.0;
    let revoke = move |tx: Tx| {
        // Before the sign-ins end: a login under way finds it revoked when it is through.
        let own = devices::table.find((tx.company, device));
        let own = own.filter(devices::user_id.eq(person));
        let since: Option<DateTime<Utc>> = own
            .select(devices::revoked_at)
            .for_no_key_update()
            .first(tx.conn)?;
        if since.is_some() {
            return Ok(Vec::new());
        }
        diesel::update(devices::table.find((tx.company, device)))
            .set(devices::revoked_at.eq(Utc::now()))
            .execute(tx.conn)?;
        let ended: Vec<Id> = sql_query("SELECT auth.end_device_sign_ins($1, $2) AS id")
            .bind::<SqlUuid, _>(person)
            .bind::<SqlUuid, _>(device)
            .load(tx.conn)?;
        let detail = json!({ "user_id": person, "device_id": device, "sign_ins": ended.len() });
        audit::record(tx, "employee.device_revoked", detail)?;
        Ok(ended)
    };
    let ended = state.db.tenant(&session, revoke).await?;
    for Id { id } in &ended {
        state.directory.end(*id);
    }
    Ok(Json(Ended { ended: ended.len() }))
}

/// Count a person's open sign-ins.
#[utoipa::path(params(("employee_id" = Uuid, Path)), responses((status = 200, body = SignInCounts)))]
#[get("/employees/{employee_id}/sign-ins")]
async fn count_employee_sign_ins(
    session: Tenant<Admin>,
    state: Data<State>,
    employee: Path<Uuid>,
) -> Result<Json<SignInCounts>> {
    let id = employee.0;
    let count = move |mut tx: Tx| {
        must_exist(&mut tx, id)?;
        let counts = sql_query("SELECT portals, agents FROM auth.count_open_sign_ins($1)");
        Ok(counts.bind::<SqlUuid, _>(id).get_result(tx.conn)?)
    };
    state.db.tenant(&session, count).await.map(Json)
}

/// 404 when nobody of the company has this id.
fn must_exist(tx: &mut Tx, id: Uuid) -> Result<()> {
    let person = users::table.find((tx.company, id)).select(users::id);
    let _: Uuid = person.first(tx.conn)?;
    Ok(())
}
