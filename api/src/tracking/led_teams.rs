//! What a lead sees of their teams: the people, or the sums alone, as the company decided. The statements run as the lead's
//! own database role, which decides it anew each time; who leads no team is refused. Every look is noted.

use actix_web::{get, web::Data};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::access_entries;
use super::days::{Calendar, Day, range};
use crate::Result;
use crate::app::State;
use crate::db::Tx;
use crate::http::error::Error;
use crate::http::json::{Json, Path, Query, given};
use crate::http::session::{Lead, Tenant};

/// Sums of fewer people than this, the lead not counted, say too much of each. The database holds it; this is what is told.
const LEAST_PEOPLE: i64 = 5;

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_led_teams)
        .service(list_led_people)
        .service(list_led_days);
}

/// A team that the caller leads.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct LedTeam {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    /// How many people are in it, the deactivated too.
    #[diesel(sql_type = BigInt)]
    members: i64,
}

/// The teams that the caller leads, by name.
#[derive(Debug, Serialize, ToSchema)]
struct LedTeams {
    items: Vec<LedTeam>,
    /// What the company shows leads: `people` or `team_sums`.
    leads_see: String,
    /// Of team sums: so many people besides the lead must have time on a day that is shown.
    least_people: i64,
}

#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct LedQuery {
    /// The first day; 29 days before the last when left out.
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    from: Option<Day>,
    /// The last day; today when left out.
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    to: Option<Day>,
}

/// What somebody of the team has in the days that were asked for.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct LedPerson {
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    deactivated: bool,
    #[diesel(sql_type = BigInt)]
    tracked_seconds: i64,
    #[diesel(sql_type = BigInt)]
    active_seconds: i64,
    #[diesel(sql_type = BigInt)]
    idle_seconds: i64,
    /// The last sign of life of one of the person's devices.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    last_seen_at: Option<DateTime<Utc>>,
}

/// The people of a team, by name.
#[derive(Debug, Serialize, ToSchema)]
struct LedPeople {
    items: Vec<LedPerson>,
    from: NaiveDate,
    to: NaiveDate,
    time_zone: String,
}

/// A team's day.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct LedDay {
    #[diesel(sql_type = Date)]
    day: NaiveDate,
    /// How many have tracked time on it.
    #[diesel(sql_type = BigInt)]
    people: i64,
    #[diesel(sql_type = BigInt)]
    tracked_seconds: i64,
    #[diesel(sql_type = BigInt)]
    active_seconds: i64,
    #[diesel(sql_type = BigInt)]
    idle_seconds: i64,
}

/// The days of a team that are shown. Those without time are left out, and where sums alone are shown those of too few people
/// and those that are not over.
#[derive(Debug, Serialize, ToSchema)]
struct LedDays {
    items: Vec<LedDay>,
    from: NaiveDate,
    to: NaiveDate,
    time_zone: String,
}

/// List the teams that I lead. 403 for who leads none.
#[utoipa::path(responses((status = 200, body = LedTeams)))]
#[get("/led-teams")]
async fn list_led_teams(session: Tenant<Lead>, state: Data<State>) -> Result<Json<LedTeams>> {
    let list = move |mut tx: Tx| {
        must_lead(&mut tx)?;
        let items = sql_query(
            "SELECT t.id, t.name, cardinality(tenant.led_members(t.id))::bigint AS members FROM tenant.teams t \
             WHERE t.company_id = $1 ORDER BY lower(t.name), t.id",
        )
        .bind::<SqlUuid, _>(tx.company)
        .load(tx.conn)?;
        Ok(LedTeams {
            items,
            leads_see: leads_see(&mut tx)?,
            least_people: LEAST_PEOPLE,
        })
    };
    state.db.tenant(&session, list).await.map(Json)
}

/// List the people of a team that I lead, with the sums of their days.
///
/// 403 `team_sums_only` where the company shows leads no people. Whose sums are shown is noted, and each can read it.
#[utoipa::path(
    params(("team_id" = Uuid, Path), LedQuery),
    responses((status = 200, body = LedPeople))
)]
#[get("/led-teams/{team_id}/people")]
async fn list_led_people(
    session: Tenant<Lead>,
    state: Data<State>,
    team: Path<Uuid>,
    query: Query<LedQuery>,
) -> Result<Json<LedPeople>> {
    let (team, LedQuery { from, to }) = (team.0, query.0);
    let list = move |mut tx: Tx| {
        must_lead(&mut tx)?;
        must_lead_this(&mut tx, team)?;
        if leads_see(&mut tx)? != "people" {
            return Err(Error::TeamSumsOnly);
        }
        let calendar = Calendar::load(tx.conn, tx.company)?;
        let (from, to) = range(from, to, calendar.today())?;
        let items = people(&mut tx, team, from, to)?;
        let looks: Vec<_> = items.iter().map(|person| (person.user_id, to)).collect();
        access_entries::note_days(&mut tx, &looks, "usage")?;
        Ok(LedPeople {
            items,
            from,
            to,
            time_zone: calendar.zone_of(to).name().to_owned(),
        })
    };
    state.db.tenant(&session, list).await.map(Json)
}

/// List what a team that I lead adds up to, by day.
///
/// Where the company shows leads sums alone, a day is shown once it is over and only if at least five people besides the lead
/// have time on it. Everybody in the team can read that somebody looked.
#[utoipa::path(
    params(("team_id" = Uuid, Path), LedQuery),
    responses((status = 200, body = LedDays))
)]
#[get("/led-teams/{team_id}/days")]
async fn list_led_days(
    session: Tenant<Lead>,
    state: Data<State>,
    team: Path<Uuid>,
    query: Query<LedQuery>,
) -> Result<Json<LedDays>> {
    let (team, LedQuery { from, to }) = (team.0, query.0);
    let list = move |mut tx: Tx| {
        must_lead(&mut tx)?;
        must_lead_this(&mut tx, team)?;
        let calendar = Calendar::load(tx.conn, tx.company)?;
        let (from, to) = range(from, to, calendar.today())?;
        let items: Vec<LedDay> = sql_query(
            "SELECT day, people, tracked_seconds, active_seconds, idle_seconds FROM tenant.led_team_days($1, $2, $3) ORDER BY day",
        )
        .bind::<SqlUuid, _>(team)
        .bind::<Date, _>(from)
        .bind::<Date, _>(to)
        .load(tx.conn)?;
        // Of whom nothing is shown, nothing was looked at.
        if !items.is_empty() {
            let looks: Vec<_> = members(&mut tx, team)?
                .into_iter()
                .map(|one| (one, to))
                .collect();
            access_entries::note_days(&mut tx, &looks, "team_sums")?;
        }
        Ok(LedDays {
            items,
            from,
            to,
            time_zone: calendar.zone_of(to).name().to_owned(),
        })
    };
    state.db.tenant(&session, list).await.map(Json)
}

#[derive(QueryableByName)]
struct Told {
    #[diesel(sql_type = Text)]
    what: String,
}

/// What the company shows leads.
fn leads_see(tx: &mut Tx) -> Result<String> {
    let told: Told =
        sql_query("SELECT leads_see AS what FROM tenant.company_settings WHERE company_id = $1")
            .bind::<SqlUuid, _>(tx.company)
            .get_result(tx.conn)?;
    Ok(told.what)
}

/// Asked of the database each time, so that who was a lead a moment ago is none now.
fn must_lead(tx: &mut Tx) -> Result<()> {
    #[derive(QueryableByName)]
    struct Leads {
        #[diesel(sql_type = Bool)]
        any: bool,
    }
    let leads: Leads = sql_query("SELECT tenant.led_teams() <> '{}' AS any").get_result(tx.conn)?;
    match leads.any {
        true => Ok(()),
        false => Err(Error::NotALead),
    }
}

/// Another's team is as unknown as none.
fn must_lead_this(tx: &mut Tx, team: Uuid) -> Result<()> {
    let led: Option<Told> =
        sql_query("SELECT name AS what FROM tenant.teams WHERE company_id = $1 AND id = $2")
            .bind::<SqlUuid, _>(tx.company)
            .bind::<SqlUuid, _>(team)
            .get_result(tx.conn)
            .optional()?;
    led.map(drop).ok_or(Error::NotFound)
}

/// Whoever was deactivated is shown for the days that they worked.
fn people(tx: &mut Tx, team: Uuid, from: NaiveDate, to: NaiveDate) -> Result<Vec<LedPerson>> {
    Ok(sql_query(
        "SELECT u.id AS user_id, u.name, u.deactivated_at IS NOT NULL AS deactivated, coalesce(s.tracked, 0)::bigint AS tracked_seconds, \
           coalesce(s.active, 0)::bigint AS active_seconds, coalesce(s.idle, 0)::bigint AS idle_seconds, seen.at AS last_seen_at \
         FROM tenant.users u \
         LEFT JOIN (SELECT d.user_id, sum(d.tracked_seconds) AS tracked, sum(d.active_seconds) AS active, sum(d.idle_seconds) AS idle \
           FROM tenant.user_usage_daily d WHERE d.company_id = $1 AND d.day BETWEEN $3 AND $4 GROUP BY d.user_id) s ON s.user_id = u.id \
         LEFT JOIN (SELECT d.user_id, max(d.last_seen_at) AS at FROM tenant.devices d \
           WHERE d.company_id = $1 AND d.revoked_at IS NULL GROUP BY d.user_id) seen ON seen.user_id = u.id \
         WHERE u.company_id = $1 AND u.team_id = $2 AND (u.deactivated_at IS NULL OR s.tracked > 0) ORDER BY lower(u.name), u.id",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(team)
    .bind::<Date, _>(from)
    .bind::<Date, _>(to)
    .load(tx.conn)?)
}

/// Ids alone, for the notes.
fn members(tx: &mut Tx, team: Uuid) -> Result<Vec<Uuid>> {
    #[derive(QueryableByName)]
    struct Members {
        #[diesel(sql_type = Array<SqlUuid>)]
        ids: Vec<Uuid>,
    }
    let members: Members = sql_query("SELECT tenant.led_members($1) AS ids")
        .bind::<SqlUuid, _>(team)
        .get_result(tx.conn)?;
    Ok(members.ids)
}
