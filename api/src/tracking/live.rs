//! Who works now: everybody with access, by what their devices said last. Admins only. Whoever has anything of today to
//! show can read that somebody looked.

use std::sync::LazyLock;

use actix_web::{get, web::Data};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::access_entries;
use super::days::Calendar;
use crate::Result;
use crate::app::State;
use crate::db::Tx;
use crate::http::error::Error;
use crate::http::json::{Json, Query, given};
use crate::http::session::{TeamAdmin, Tenant};

/// A session whose device was heard within this time counts as work under way.
const HEARD: Duration = Duration::minutes(3);
/// Minutes that were recorded longer ago say nothing of now.
const LATELY: Duration = Duration::minutes(10);
/// Who pauses and goes on holiday is not private for two weeks.
const LONGEST_PRIVATE: Duration = Duration::hours(24);

pub fn routes(api: &mut ServiceConfig) {
    api.service(show_live);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct LiveQuery {
    /// Only people of this team.
    #[serde(default, deserialize_with = "given")]
    team_id: Option<Uuid>,
    /// Only people of no team; not together with a team.
    #[param(required = false)]
    #[serde(default)]
    without_team: bool,
}

/// What somebody does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum LiveState {
    /// A device records, and there was input in the last minute that came from it, or none came yet.
    Working,
    /// A device records, and the last minute was without input on every device.
    Idle,
    /// The agent was paused, at most a day ago, and nothing is recorded since.
    Private,
    /// Nothing was heard for three minutes.
    Offline,
}

#[derive(Debug, Serialize, ToSchema)]
struct LivePerson {
    user_id: Uuid,
    name: String,
    /// The team's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    team: Option<String>,
    state: LiveState,
    /// Since when: the present session began, the last input ended, the agent was paused. Absent for who is offline.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<DateTime<Utc>>,
    /// What the present session is said to be for; absent where nothing was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<LiveTask>,
    /// Seconds to a minute behind.
    tracked_seconds_today: i64,
    /// The last sign of life of one of the person's devices.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_seen_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Serialize, ToSchema)]
struct LiveTask {
    id: Uuid,
    title: String,
}

/// How many people are in each state.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, QueryableByName, ToSchema)]
pub(super) struct LiveCounts {
    #[diesel(sql_type = BigInt)]
    pub working: i64,
    #[diesel(sql_type = BigInt)]
    pub idle: i64,
    #[diesel(sql_type = BigInt)]
    pub private: i64,
    #[diesel(sql_type = BigInt)]
    pub offline: i64,
}

/// Everybody with access, by name.
#[derive(Debug, Serialize, ToSchema)]
struct Live {
    counts: LiveCounts,
    items: Vec<LivePerson>,
    /// The day of the company's zone whose time is told.
    day: NaiveDate,
    time_zone: String,
}

/// Show who works now, and what each person's day sums up to.
///
/// Ask again every fifteen seconds with the `ETag` of the answer as `If-None-Match`: what has not changed is not sent
/// again. Whoever is at work, in private time or has time today can read that somebody looked, once in ten minutes.
#[utoipa::path(params(LiveQuery), responses((status = 200, body = Live)))]
#[get("/live")]
async fn show_live(
    session: Tenant<TeamAdmin>,
    state: Data<State>,
    query: Query<LiveQuery>,
) -> Result<Json<Live>> {
    let LiveQuery {
        team_id,
        without_team,
    } = query.0;
    if team_id.is_some() && without_team {
        return Err(Error::invalid(
            "without_team",
            "filters_apart",
            "Nobody is in a team and in none",
        ));
    }
    let of = Of {
        team: team_id,
        without_team,
    };
    let read = move |mut tx: Tx| {
        let calendar = Calendar::load(tx.conn, tx.company)?;
        let day = calendar.today();
        let people = people(&mut tx, of, day)?;
        // Of whom there is nothing, nothing was looked at.
        let shown = people.iter().filter(|person| {
            person.state() != LiveState::Offline || person.tracked_seconds_today > 0
        });
        let looks: Vec<_> = shown.map(|person| (person.user_id, day)).collect();
        access_entries::note_days(&mut tx, &looks, "live")?;
        Ok(Live {
            counts: count(&people),
            items: people.into_iter().map(LivePerson::from).collect(),
            day,
            time_zone: calendar.zone_of(day).name().to_owned(),
        })
    };
    state.db.tenant(&session, read).await.map(Json)
}

/// How many of the company, or whether the one person, is in each state. Nothing else of them is looked up.
pub(super) fn counts(tx: &mut Tx, user: Option<Uuid>) -> Result<LiveCounts> {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        format!(
            "WITH {PRESENT} SELECT count(*) FILTER (WHERE w.user_id IS NOT NULL AND w.active IS DISTINCT FROM 0) AS working, \
               count(*) FILTER (WHERE w.active = 0) AS idle, \
               count(*) FILTER (WHERE w.user_id IS NULL AND p.user_id IS NOT NULL) AS private, \
               count(*) FILTER (WHERE w.user_id IS NULL AND p.user_id IS NULL) AS offline \
             FROM tenant.users u LEFT JOIN working w ON w.user_id = u.id LEFT JOIN paused p ON p.user_id = u.id \
             WHERE u.company_id = $1 AND u.deactivated_at IS NULL AND ($2 IS NULL OR u.id = ANY ($2))"
        )
    });
    let now = Utc::now();
    Ok(sql_query(TEXT.as_str())
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Nullable<Array<SqlUuid>>, _>(user.map(|user| vec![user]))
        .bind::<Timestamptz, _>(now - HEARD)
        .bind::<Timestamptz, _>(now - LATELY)
        .bind::<Timestamptz, _>(now - LONGEST_PRIVATE)
        .get_result(tx.conn)?)
}

/// Whose presence is asked about.
#[derive(Debug, Clone, Copy)]
struct Of {
    team: Option<Uuid>,
    without_team: bool,
}

impl Of {
    /// Who it is, if not everybody: of a team little is looked at of a large company.
    fn people(self, tx: &mut Tx) -> Result<Option<Vec<Uuid>>> {
        if self.team.is_none() && !self.without_team {
            return Ok(None);
        }
        #[derive(QueryableByName)]
        struct People {
            #[diesel(sql_type = Array<SqlUuid>)]
            ids: Vec<Uuid>,
        }
        let People { ids } = sql_query(
            "SELECT coalesce(array_agg(id), '{}') AS ids FROM tenant.users WHERE company_id = $1 AND team_id IS NOT DISTINCT FROM $2",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Nullable<SqlUuid>, _>(self.team)
        .get_result(tx.conn)?;
        Ok(Some(ids))
    }
}

#[derive(Debug, QueryableByName)]
struct Person {
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    team: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    working_since: Option<DateTime<Utc>>,
    /// Whether the last minute was without input.
    #[diesel(sql_type = Bool)]
    idle: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    last_input_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    private_since: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    task_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    task: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    last_seen_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = BigInt)]
    tracked_seconds_today: i64,
}

impl Person {
    fn state(&self) -> LiveState {
        match (self.working_since, self.private_since) {
            (Some(_), _) if self.idle => LiveState::Idle,
            (Some(_), _) => LiveState::Working,
            (None, Some(_)) => LiveState::Private,
            (None, None) => LiveState::Offline,
        }
    }

    fn since(&self) -> Option<DateTime<Utc>> {
        match self.state() {
            LiveState::Working => self.working_since,
            LiveState::Idle => self.last_input_at.or(self.working_since),
            LiveState::Private => self.private_since,
            LiveState::Offline => None,
        }
    }
}

impl From<Person> for LivePerson {
    fn from(person: Person) -> Self {
        Self {
            user_id: person.user_id,
            state: person.state(),
            since: person.since(),
            task: (person.task_id.zip(person.task)).map(|(id, title)| LiveTask { id, title }),
            name: person.name,
            team: person.team,
            tracked_seconds_today: person.tracked_seconds_today,
            last_seen_at: person.last_seen_at,
        }
    }
}

fn count(people: &[Person]) -> LiveCounts {
    let mut counts = LiveCounts::default();
    for person in people {
        match person.state() {
            LiveState::Working => counts.working += 1,
            LiveState::Idle => counts.idle += 1,
            LiveState::Private => counts.private += 1,
            LiveState::Offline => counts.offline += 1,
        }
    }
    counts
}

/// Who works and who is private, after `WITH`: `open` sessions, `working` with the last minute that came from them, `paused`. `$1`
/// company, `$2` these people or everybody, `$3` when a device was heard, `$4` from when on minutes say something of now, `$5` from when
/// on a pause is private time. Minutes are read of those whose device records; of one device the newest is the last, and only
/// several at once are compared. A session that ends a pause began after it: so the months before are not read.
const PRESENT: &str = "open AS (SELECT s.user_id, min(s.started_at) AS since, count(*) AS devices, \
         (array_agg(s.task_id ORDER BY s.started_at DESC, s.id DESC) FILTER (WHERE s.task_id IS NOT NULL))[1] AS task_id \
       FROM tenant.work_sessions s WHERE s.company_id = $1 AND s.ended_at IS NULL AND s.last_seen_at >= $3 \
         AND ($2 IS NULL OR s.user_id = ANY ($2)) GROUP BY s.user_id), \
     paused AS (SELECT s.user_id, min(s.ended_at) AS since FROM tenant.work_sessions s \
       WHERE s.company_id = $1 AND s.end_reason = 'paused' AND s.ended_at > $5 AND ($2 IS NULL OR s.user_id = ANY ($2)) \
         AND NOT EXISTS (SELECT FROM tenant.work_sessions n WHERE n.company_id = $1 AND n.user_id = s.user_id \
           AND n.device_id = s.device_id AND n.started_at >= s.ended_at AND n.started_at > $5 AND n.id <> s.id) GROUP BY s.user_id), \
     working AS (SELECT open.user_id, open.since, open.task_id, newest.minute, \
         CASE WHEN open.devices = 1 THEN newest.active_seconds ELSE (SELECT max(a.active_seconds) FROM tenant.activity_log a \
           WHERE a.company_id = $1 AND a.user_id = open.user_id AND a.started_at >= newest.minute \
             AND a.started_at >= $4 AND a.started_at < $4 + interval '1 day') END AS active \
       FROM open LEFT JOIN LATERAL (SELECT date_trunc('minute', a.started_at) AS minute, a.active_seconds \
         FROM tenant.activity_log a WHERE a.company_id = $1 AND a.user_id = open.user_id AND a.started_at >= $4 \
           AND a.started_at < $4 + interval '1 day' ORDER BY a.started_at DESC LIMIT 1) newest ON true)";

/// The last input is read of those who are idle alone.
fn people(tx: &mut Tx, of: Of, today: NaiveDate) -> Result<Vec<Person>> {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        format!(
            "WITH {PRESENT}, \
             seen AS (SELECT d.user_id, max(d.last_seen_at) AS at FROM tenant.devices d \
               WHERE d.company_id = $1 AND d.revoked_at IS NULL AND ($2 IS NULL OR d.user_id = ANY ($2)) GROUP BY d.user_id), \
             idle AS (SELECT w.user_id, input.at FROM working w \
               LEFT JOIN LATERAL (SELECT a.started_at + interval '1 minute' AS at FROM tenant.activity_log a \
                 WHERE a.company_id = $1 AND a.user_id = w.user_id AND a.started_at >= w.since AND a.started_at < w.minute \
                   AND a.active_seconds > 0 ORDER BY a.started_at DESC LIMIT 1) input ON true WHERE w.active = 0) \
             SELECT u.id AS user_id, u.name, t.name AS team, working.since AS working_since, idle.user_id IS NOT NULL AS idle, \
               idle.at AS last_input_at, paused.since AS private_since, k.id AS task_id, k.title AS task, seen.at AS last_seen_at, \
               coalesce(o.tracked_seconds, 0)::bigint AS tracked_seconds_today \
             FROM tenant.users u \
             LEFT JOIN tenant.teams t ON t.company_id = $1 AND t.id = u.team_id \
             LEFT JOIN working ON working.user_id = u.id \
             LEFT JOIN idle ON idle.user_id = u.id \
             LEFT JOIN tenant.tasks k ON k.company_id = $1 AND k.id = working.task_id \
             LEFT JOIN paused ON paused.user_id = u.id \
             LEFT JOIN seen ON seen.user_id = u.id \
             LEFT JOIN tenant.user_usage_daily o ON o.company_id = $1 AND o.user_id = u.id AND o.day = $6 \
             WHERE u.company_id = $1 AND u.deactivated_at IS NULL AND ($2 IS NULL OR u.id = ANY ($2)) ORDER BY lower(u.name), u.id"
        )
    });
    let these = of.people(tx)?;
    let now = Utc::now();
    // Planned with its times: a plan for any looks minutes up again for each of the people.
    Ok(sql_query(TEXT.as_str())
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Nullable<Array<SqlUuid>>, _>(these)
        .bind::<Timestamptz, _>(now - HEARD)
        .bind::<Timestamptz, _>(now - LATELY)
        .bind::<Timestamptz, _>(now - LONGEST_PRIVATE)
        .bind::<Date, _>(today)
        .load(tx.conn)?)
}
