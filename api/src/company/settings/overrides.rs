//! What teams and people have other than the company. Admins decide; what is not decided follows.

use actix_web::{get, patch, web::Data};
use chrono::{DateTime, NaiveTime, Utc};
use diesel::sql_types::{
    Array, BigInt, Bool, Integer, Jsonb, Nullable, SmallInt, Text, Time, Timestamptz,
    Uuid as SqlUuid,
};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::effective::{self, EffectiveSettings, Own, Whose};
use super::{TimeOfDay, check_days, check_idle_threshold, check_interval};
use crate::Result;
use crate::app::State;
use crate::company::audit;
use crate::db::Tx;
use crate::http::error::Error;
use crate::http::json::{Json, Path, Query, given};
use crate::http::page::{Page, PageQuery};
use crate::http::precondition::{IfMatch, Tagged, Versioned};
use crate::http::session::{Admin, Tenant};

pub(super) fn routes(api: &mut ServiceConfig) {
    api.service(list_setting_overrides)
        .service(change_employee_settings)
        .service(change_team_settings);
}

/// A team or a person with settings of its own.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct SettingOverride {
    /// `team` or `person`.
    #[diesel(sql_type = Text)]
    kind: String,
    /// The team's or the person's.
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    /// Which settings are its own.
    #[diesel(sql_type = Jsonb)]
    #[schema(value_type = OwnSettings)]
    own: Value,
    #[diesel(sql_type = Timestamptz)]
    updated_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    #[serde(skip)]
    sort_value: String,
}

/// What a team or a person has of its own; what is absent follows.
#[derive(Serialize, ToSchema)]
struct OwnSettings {
    screenshots_enabled: Option<bool>,
    screenshot_interval_seconds: Option<i32>,
    blur_screenshots: Option<bool>,
    idle_threshold_seconds: Option<i32>,
    /// Days and hours come together.
    tracking_days: Option<Vec<i16>>,
    #[schema(value_type = Option<String>, example = "09:00:00")]
    tracking_from: Option<NaiveTime>,
    #[schema(value_type = Option<String>, example = "17:30:00")]
    tracking_to: Option<NaiveTime>,
    record_titles: Option<bool>,
    record_paths: Option<bool>,
}

/// What is absent stays; null follows the team or the company again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OwnSettingsPatch {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<bool>)]
    screenshots_enabled: Option<Option<bool>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i32>, minimum = 60, maximum = 86400)]
    screenshot_interval_seconds: Option<Option<i32>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<bool>)]
    blur_screenshots: Option<Option<bool>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i32>, minimum = 30, maximum = 3600)]
    idle_threshold_seconds: Option<Option<i32>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<NewTrackingHours>)]
    tracking_hours: Option<Option<NewTrackingHours>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<bool>)]
    record_titles: Option<Option<bool>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<bool>)]
    record_paths: Option<Option<bool>>,
}

#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewTrackingHours {
    /// 1 is Monday, 7 Sunday.
    #[schema(min_items = 1, max_items = 7)]
    days: Vec<i16>,
    from: TimeOfDay,
    to: TimeOfDay,
}

/// List the teams and people with settings of their own: teams first, each by name.
#[utoipa::path(params(PageQuery), responses((status = 200, body = Page<SettingOverride>)))]
#[get("/setting-overrides")]
async fn list_setting_overrides(
    session: Tenant<Admin>,
    state: Data<State>,
    query: Query<PageQuery>,
) -> Result<Json<Page<SettingOverride>>> {
    let list = format!("setting overrides {}", session.company.id);
    let limit = query.0.limit()?;
    let after: Option<String> = query.0.position(&state.secrets, &list)?;
    let read = move |mut tx: Tx| by_name(&mut tx, after.as_deref(), limit + 1);
    let rows = state.db.tenant(&session, read).await?;
    let position = |row: &SettingOverride| row.sort_value.clone();
    Page::cut(rows, limit, &state.secrets, &list, position).map(Json)
}

/// Change what a person has other than the team or the company, from now on. Their agents hear of it with their next call.
#[utoipa::path(
    params(("employee_id" = Uuid, Path)),
    request_body = OwnSettingsPatch,
    responses((status = 200, body = EffectiveSettings))
)]
#[patch("/employees/{employee_id}/settings")]
async fn change_employee_settings(
    session: Tenant<Admin>,
    state: Data<State>,
    seen: IfMatch,
    employee: Path<Uuid>,
    body: Json<OwnSettingsPatch>,
) -> Result<Tagged<EffectiveSettings>> {
    change(session, state, Whose::Person(employee.0), seen, body.0).await
}

/// Change what a team's people have other than the company, from now on, as far as they have nothing of their own.
#[utoipa::path(
    params(("team_id" = Uuid, Path)),
    request_body = OwnSettingsPatch,
    responses((status = 200, body = EffectiveSettings))
)]
#[patch("/teams/{team_id}/settings")]
async fn change_team_settings(
    session: Tenant<Admin>,
    state: Data<State>,
    seen: IfMatch,
    team: Path<Uuid>,
    body: Json<OwnSettingsPatch>,
) -> Result<Tagged<EffectiveSettings>> {
    change(session, state, Whose::Team(team.0), seen, body.0).await
}

async fn change(
    session: Tenant<Admin>,
    state: Data<State>,
    whose: Whose,
    seen: IfMatch,
    patch: OwnSettingsPatch,
) -> Result<Tagged<EffectiveSettings>> {
    patch.check()?;
    let company = session.company.clone();
    let change = move |mut tx: Tx| {
        hold_subject(&mut tx, whose)?;
        hold_settings(&mut tx)?;
        let before = effective::load(&mut tx, whose, &company)?;
        seen.check(&before.version())?;
        let was = own(&mut tx, whose)?;
        let wanted = patch.applied(was.clone());
        if wanted == was {
            return Ok(before);
        }
        store(&mut tx, whose, &wanted)?;
        raise(&mut tx)?;
        record(tx.again(), whose, &was, &wanted)?;
        effective::load(&mut tx, whose, &company)
    };
    state.db.tenant(&session, change).await.map(Tagged)
}

impl OwnSettingsPatch {
    fn check(&self) -> Result<()> {
        check_interval(self.screenshot_interval_seconds.flatten())?;
        check_idle_threshold(self.idle_threshold_seconds.flatten())?;
        let Some(Some(hours)) = &self.tracking_hours else {
            return Ok(());
        };
        check_days("/tracking_hours/days", Some(&hours.days))?;
        match hours.from.0 == hours.to.0 {
            true => Err(Error::invalid(
                "/tracking_hours/to",
                "tracking_hours_empty",
                "Recording ends at another time than it begins",
            )),
            false => Ok(()),
        }
    }

    fn applied(self, to: Own) -> Own {
        let (days, from, to_time) = match self.tracking_hours {
            None => (to.tracking_days, to.tracking_from, to.tracking_to),
            Some(None) => (None, None, None),
            Some(Some(NewTrackingHours { mut days, from, to })) => {
                days.sort_unstable();
                days.dedup();
                (Some(days), Some(from.0), Some(to.0))
            }
        };
        Own {
            screenshots_enabled: self.screenshots_enabled.unwrap_or(to.screenshots_enabled),
            screenshot_interval_seconds: self
                .screenshot_interval_seconds
                .unwrap_or(to.screenshot_interval_seconds),
            blur_screenshots: self.blur_screenshots.unwrap_or(to.blur_screenshots),
            idle_threshold_seconds: self
                .idle_threshold_seconds
                .unwrap_or(to.idle_threshold_seconds),
            tracking_days: days,
            tracking_from: from,
            tracking_to: to_time,
            record_titles: self.record_titles.unwrap_or(to.record_titles),
            record_paths: self.record_paths.unwrap_or(to.record_paths),
        }
    }
}

/// Nobody deletes the team or removes the person meanwhile. Before the settings, in the order in which others take both.
fn hold_subject(tx: &mut Tx, whose: Whose) -> Result<()> {
    let (text, id) = match whose {
        Whose::Person(id) => (
            "SELECT FROM tenant.users WHERE company_id = $1 AND id = $2 FOR NO KEY UPDATE",
            id,
        ),
        Whose::Team(id) => (
            "SELECT FROM tenant.teams WHERE company_id = $1 AND id = $2 FOR NO KEY UPDATE",
            id,
        ),
    };
    let found = sql_query(text)
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(id)
        .execute(tx.conn)?;
    match found {
        0 => Err(Error::NotFound),
        _ => Ok(()),
    }
}

fn hold_settings(tx: &mut Tx) -> Result<()> {
    sql_query("SELECT FROM tenant.company_settings WHERE company_id = $1 FOR UPDATE")
        .bind::<SqlUuid, _>(tx.company)
        .execute(tx.conn)?;
    Ok(())
}

/// Every agent of the company asks for its settings again.
fn raise(tx: &mut Tx) -> Result<()> {
    sql_query(
        "UPDATE tenant.company_settings SET overrides_version = overrides_version + 1, overrides_changed_at = $2 WHERE company_id = $1",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Timestamptz, _>(Utc::now())
    .execute(tx.conn)?;
    Ok(())
}

/// Somebody is in another team now: where any team has settings of its own, they may have others.
pub(crate) fn team_changed(tx: &mut Tx) -> Result<()> {
    hold_settings(tx)?;
    let any =
        sql_query("SELECT FROM tenant.setting_overrides WHERE company_id = $1 AND team_id IS NOT NULL LIMIT 1")
            .bind::<SqlUuid, _>(tx.company)
            .execute(tx.conn)?;
    match any {
        0 => Ok(()),
        _ => raise(tx),
    }
}

/// The settings of a team that is about to be deleted go with it. Its people have left it already.
pub(crate) fn forget_team(tx: &mut Tx, team: Uuid) -> Result<()> {
    team_changed(tx)?;
    let whose = Whose::Team(team);
    let was = own(tx, whose)?;
    if was == Own::default() {
        return Ok(());
    }
    store(tx, whose, &Own::default())?;
    record(tx.again(), whose, &was, &Own::default())
}

fn own(tx: &mut Tx, whose: Whose) -> Result<Own> {
    let (team, user) = whose.ids();
    let own = sql_query(
        "SELECT screenshots_enabled, screenshot_interval_seconds, blur_screenshots, idle_threshold_seconds, tracking_days, \
           tracking_from, tracking_to, record_titles, record_paths \
         FROM tenant.setting_overrides WHERE company_id = $1 AND (team_id = $2 OR user_id = $3)",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Nullable<SqlUuid>, _>(team)
    .bind::<Nullable<SqlUuid>, _>(user)
    .get_result(tx.conn)
    .optional()?;
    Ok(own.unwrap_or_default())
}

/// Under the lock of the company's settings, so that there is one row.
fn store(tx: &mut Tx, whose: Whose, own: &Own) -> Result<()> {
    let (team, user) = whose.ids();
    sql_query("DELETE FROM tenant.setting_overrides WHERE company_id = $1 AND (team_id = $2 OR user_id = $3)")
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Nullable<SqlUuid>, _>(team)
        .bind::<Nullable<SqlUuid>, _>(user)
        .execute(tx.conn)?;
    if *own == Own::default() {
        return Ok(());
    }
    sql_query(
        "INSERT INTO tenant.setting_overrides (company_id, id, team_id, user_id, screenshots_enabled, screenshot_interval_seconds, \
           blur_screenshots, idle_threshold_seconds, tracking_days, tracking_from, tracking_to, record_titles, record_paths, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(Uuid::now_v7())
    .bind::<Nullable<SqlUuid>, _>(team)
    .bind::<Nullable<SqlUuid>, _>(user)
    .bind::<Nullable<Bool>, _>(own.screenshots_enabled)
    .bind::<Nullable<Integer>, _>(own.screenshot_interval_seconds)
    .bind::<Nullable<Bool>, _>(own.blur_screenshots)
    .bind::<Nullable<Integer>, _>(own.idle_threshold_seconds)
    .bind::<Nullable<Array<SmallInt>>, _>(own.tracking_days.as_ref())
    .bind::<Nullable<Time>, _>(own.tracking_from)
    .bind::<Nullable<Time>, _>(own.tracking_to)
    .bind::<Nullable<Bool>, _>(own.record_titles)
    .bind::<Nullable<Bool>, _>(own.record_paths)
    .bind::<Timestamptz, _>(Utc::now())
    .execute(tx.conn)?;
    Ok(())
}

/// Null is what follows.
fn record(tx: Tx, whose: Whose, was: &Own, is: &Own) -> Result<()> {
    let (mut before, after) = (said(was)?, said(is)?);
    let after: Map<String, Value> = after
        .into_iter()
        .filter(|(name, value)| before.get(name) != Some(value))
        .collect();
    before.retain(|name, _| after.contains_key(name));
    let (action, whose, id) = match whose {
        Whose::Person(id) => ("employee_settings.changed", "user_id", id),
        Whose::Team(id) => ("team_settings.changed", "team_id", id),
    };
    audit::record(
        tx,
        action,
        json!({ whose: id, "before": before, "after": after }),
    )
}

fn said(own: &Own) -> Result<Map<String, Value>> {
    let said = serde_json::to_value(own).map_err(anyhow::Error::from)?;
    match said {
        Value::Object(said) => Ok(said),
        _ => Ok(Map::new()),
    }
}

fn by_name(tx: &mut Tx, after: Option<&str>, limit: i64) -> Result<Vec<SettingOverride>> {
    Ok(sql_query(
        "SELECT * FROM (SELECT CASE WHEN o.team_id IS NULL THEN 'person' ELSE 'team' END AS kind, coalesce(t.id, u.id) AS id, \
             coalesce(t.name, u.name) AS name, o.updated_at, \
             jsonb_strip_nulls(to_jsonb(o) - '{company_id,id,team_id,user_id,updated_at}'::text[]) AS own, \
             concat(CASE WHEN o.team_id IS NULL THEN 'p' ELSE ' t' END, lower(coalesce(t.name, u.name)), ' ', coalesce(t.id, u.id)) \
               AS sort_value \
           FROM tenant.setting_overrides o LEFT JOIN tenant.teams t ON t.company_id = $1 AND t.id = o.team_id \
           LEFT JOIN tenant.users u ON u.company_id = $1 AND u.id = o.user_id \
           WHERE o.company_id = $1 AND num_nonnulls(t.id, u.id) = 1) l \
         WHERE ($2 IS NULL OR l.sort_value COLLATE \"C\" > $2) ORDER BY l.sort_value COLLATE \"C\" LIMIT $3",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Nullable<Text>, _>(after)
    .bind::<BigInt, _>(limit)
    .load(tx.conn)?)
}
