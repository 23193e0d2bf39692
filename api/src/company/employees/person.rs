//! What an admin finds about one person besides their days: devices, open sign-ins, and what is recorded of them.

use actix_web::{get, post, web::Data};
use chrono::{DateTime, NaiveTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{
    Array, BigInt, Bool, Integer, Nullable, SmallInt, Text, Time, Timestamptz, Uuid as SqlUuid,
};
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
use crate::directory::Company;
use crate::http::json::{Json, Path};
use crate::http::session::{Admin, Tenant};

pub(super) fn routes(api: &mut ServiceConfig) {
    api.service(list_employee_devices)
        .service(revoke_employee_device)
        .service(count_employee_sign_ins)
        .service(show_employee_settings);
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

/// Where a setting comes from.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum SettingSource {
    /// The company's settings.
    Company,
    /// The plan leaves no choice.
    Plan,
}

#[derive(Serialize, ToSchema)]
struct FlagSetting {
    value: bool,
    source: SettingSource,
}

#[derive(Serialize, ToSchema)]
struct NumberSetting {
    value: i32,
    source: SettingSource,
}

#[derive(Serialize, ToSchema)]
struct TextSetting {
    value: String,
    source: SettingSource,
}

#[derive(Serialize, ToSchema)]
struct WeekdaysSetting {
    /// 1 is Monday.
    value: Vec<i16>,
    source: SettingSource,
}

/// What is in force for one person, and where each value comes from.
#[derive(Serialize, ToSchema)]
struct EffectiveSettings {
    screenshots_enabled: FlagSetting,
    screenshot_interval_seconds: NumberSetting,
    blur_screenshots: FlagSetting,
    /// Whether admins may open originals, with a reason.
    originals_shown: FlagSetting,
    idle_threshold_seconds: NumberSetting,
    tracking_days: WeekdaysSetting,
    /// On the clock of the time zone.
    tracking_from: TextSetting,
    tracking_to: TextSetting,
    time_zone: TextSetting,
    record_titles: FlagSetting,
    record_paths: FlagSetting,
    /// How many patterns take words out of titles.
    redaction_rules: NumberSetting,
    employees_may_delete_screenshots: FlagSetting,
}

/// List a person's devices, those seen last first.
#[utoipa::path(params(("employee_id" = Uuid, Path)), responses((status = 200, body = Devices)))]
#[get("/employees/{employee_id}/devices")]
async fn list_employee_devices(
    session: Tenant<Admin>,
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

/// Show what is in force for a person, and where each value comes from.
#[utoipa::path(params(("employee_id" = Uuid, Path)), responses((status = 200, body = EffectiveSettings)))]
#[get("/employees/{employee_id}/settings")]
async fn show_employee_settings(
    session: Tenant<Admin>,
    state: Data<State>,
    employee: Path<Uuid>,
) -> Result<Json<EffectiveSettings>> {
    let (id, company) = (employee.0, session.company.clone());
    let show = move |mut tx: Tx| {
        must_exist(&mut tx, id)?;
        let settings: Settings = sql_query(
            "SELECT screenshots_enabled, screenshot_interval_seconds, blur_screenshots, originals_shown, idle_threshold_seconds, \
               tracking_days, tracking_from, tracking_to, record_titles, record_paths, cardinality(redaction_rules) AS redaction_rules, \
               employees_may_delete_screenshots \
             FROM tenant.company_settings WHERE company_id = $1",
        )
        .bind::<SqlUuid, _>(tx.company)
        .get_result(tx.conn)?;
        Ok(settings.in_force(&company))
    };
    state.db.tenant(&session, show).await.map(Json)
}

#[derive(QueryableByName)]
struct Settings {
    #[diesel(sql_type = Bool)]
    screenshots_enabled: bool,
    #[diesel(sql_type = Integer)]
    screenshot_interval_seconds: i32,
    #[diesel(sql_type = Bool)]
    blur_screenshots: bool,
    #[diesel(sql_type = Bool)]
    originals_shown: bool,
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
    #[diesel(sql_type = Integer)]
    redaction_rules: i32,
    #[diesel(sql_type = Bool)]
    employees_may_delete_screenshots: bool,
}

impl Settings {
    /// As the agents are told.
    fn in_force(self, company: &Company) -> EffectiveSettings {
        let source = SettingSource::Company;
        let flag = |value| FlagSetting { value, source };
        let number = |value| NumberSetting { value, source };
        let words = |value| TextSetting { value, source };
        EffectiveSettings {
            screenshots_enabled: match company.screenshots {
                true => flag(self.screenshots_enabled),
                false => FlagSetting {
                    value: false,
                    source: SettingSource::Plan,
                },
            },
            screenshot_interval_seconds: number(self.screenshot_interval_seconds),
            blur_screenshots: flag(self.blur_screenshots),
            originals_shown: flag(self.originals_shown),
            idle_threshold_seconds: number(self.idle_threshold_seconds),
            tracking_days: WeekdaysSetting {
                value: self.tracking_days,
                source,
            },
            tracking_from: words(self.tracking_from.format("%H:%M:%S").to_string()),
            tracking_to: words(self.tracking_to.format("%H:%M:%S").to_string()),
            time_zone: words(company.time_zone.clone()),
            record_titles: flag(self.record_titles),
            record_paths: flag(self.record_paths),
            redaction_rules: number(self.redaction_rules),
            employees_may_delete_screenshots: flag(self.employees_may_delete_screenshots),
        }
    }
}

/// 404 when nobody of the company has this id.
fn must_exist(tx: &mut Tx, id: Uuid) -> Result<()> {
    let person = users::table.find((tx.company, id)).select(users::id);
    let _: Uuid = person.first(tx.conn)?;
    Ok(())
}
