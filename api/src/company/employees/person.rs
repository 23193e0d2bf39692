//! What an admin finds about one person besides their days: devices and open sign-ins.

use actix_web::{get, post, web::Data};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Uuid as SqlUuid};
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
use crate::db::schema::tenant::users;
use crate::http::json::{Json, Path};
use crate::http::session::{Admin, TeamAdmin, Tenant};
use crate::tracking::devices::{self, Devices};

pub(super) fn routes(api: &mut ServiceConfig) {
    api.service(list_employee_devices)
        .service(revoke_employee_device)
        .service(count_employee_sign_ins);
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
        devices::of_person(&mut tx, id)
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
    let revoke = move |mut tx: Tx| {
        if !devices::refuse(&mut tx, person, device)? {
            return Ok(Vec::new());
        }
        let ended: Vec<Id> = sql_query("SELECT auth.end_device_sign_ins($1, $2) AS id")
            .bind::<SqlUuid, _>(person)
            .bind::<SqlUuid, _>(device)
            .load(tx.conn)?;
        let detail = json!({ "user_id": person, "device_id": device, "sign_ins": ended.len() });
        audit::record(tx, "employee.device_revoked", detail)?;
        Ok(ended)
    };
    let ended = state.db.tenant(&session, revoke).await?;
    Ok(Json(devices::tell(&state, &ended)))
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
