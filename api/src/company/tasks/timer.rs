//! What a person works on now: one timer each, said in the browser or to an agent, so that what is stopped in one place is
//! stopped in the other. It counts nothing itself: time is what agents record for the task, and what is added by hand.

use actix_web::{get, post, web::Data};
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use tracker_wire::{AgentTimer, AgentTimerTask, AgentTimerWord};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::agent::UNKNOWN;
use crate::Result;
use crate::app::State;
use crate::db::Tx;
use crate::http::error::Error;
use crate::http::json::Json;
use crate::http::session::{AgentSession, Employee, Tenant};

/// Of a timer that ran longer it is not known what of it was work.
const LONGEST: TimeDelta = TimeDelta::hours(16);
/// Shorter gaps are nothing that somebody adds by hand.
const LEAST: TimeDelta = TimeDelta::minutes(5);
/// Seconds: a year.
const LONGEST_AGO: u32 = 31_536_000;
/// Gaps that are told at most.
const MOST: usize = 20;

pub fn routes(api: &mut ServiceConfig) {
    api.service(show_my_timer)
        .service(start_my_timer)
        .service(stop_my_timer);
}

/// For agents.
pub fn agent_routes(api: &mut ServiceConfig) {
    api.service(tell_agent_timer);
}

/// Of company `$1` and person `$2`: a number that grows with every word about the timer, so that agents ask for their settings
/// again.
macro_rules! timer_state {
    () => {
        "coalesce((SELECT t.version FROM tenant.timers t WHERE t.company_id = $1 AND t.user_id = $2), 0)"
    };
}
pub(crate) use timer_state;

/// What I work on.
#[derive(Serialize, ToSchema)]
struct Timer {
    /// Absent where nothing in particular is worked on, or the task is closed or somebody else's by now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    task: Option<TimerTask>,
    /// Since when. Absent where no timer was ever started.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    since: Option<DateTime<Utc>>,
    /// Where that was said: `browser` or `agent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    said_in: Option<String>,
    /// The device whose agent records for the task now. Absent where none does: an agent hears of a start within its next minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    recorded_on: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct TimerTask {
    id: Uuid,
    title: String,
}

/// What I work on from now on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TimerStart {
    /// One of my own tasks that is not closed.
    task_id: Uuid,
}

/// A timer that ended.
#[derive(Serialize, ToSchema)]
struct StoppedTimer {
    /// Absent where none ran.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    task: Option<TimerTask>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    started_at: Option<DateTime<Utc>>,
    stopped_at: DateTime<Utc>,
    /// What none of my agents recorded of it, in whole minutes, from five minutes on, at most 20. Nothing of a timer that ran longer
    /// than 16 hours.
    unrecorded: Vec<Unrecorded>,
}

#[derive(Debug, PartialEq, Serialize, ToSchema)]
struct Unrecorded {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    task_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    title: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    changed_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    said_in: String,
    #[diesel(sql_type = Nullable<Text>)]
    recorded_on: Option<String>,
}

impl Row {
    fn task(&self) -> Option<TimerTask> {
        Some(TimerTask {
            id: self.task_id?,
            title: self.title.clone()?,
        })
    }
}

/// Show what I work on.
#[utoipa::path(responses((status = 200, body = Timer)))]
#[get("/me/timer")]
async fn show_my_timer(session: Tenant<Employee>, state: Data<State>) -> Result<Json<Timer>> {
    let show = |mut tx: Tx| timer(&mut tx);
    state.db.tenant(&session, show).await.map(Json)
}

/// Say which of my tasks I work on from now on, in place of the one before.
///
/// My agents record for it from their next contact on, within a minute. The same task again changes nothing.
#[utoipa::path(request_body = TimerStart, responses((status = 200, body = Timer)))]
#[post("/me/timer/start")]
async fn start_my_timer(
    session: Tenant<Employee>,
    state: Data<State>,
    body: Json<TimerStart>,
) -> Result<Json<Timer>> {
    let task = body.0.task_id;
    let start = move |mut tx: Tx| {
        let word = Word {
            task: Some(task),
            at: Utc::now(),
            said_in: "browser",
        };
        say(&mut tx, &word)?;
        timer(&mut tx)
    };
    state.db.tenant(&session, start).await.map(Json)
}

/// Say that I work on nothing in particular from now on.
#[utoipa::path(responses((status = 200, body = StoppedTimer)))]
#[post("/me/timer/stop")]
async fn stop_my_timer(
    session: Tenant<Employee>,
    state: Data<State>,
) -> Result<Json<StoppedTimer>> {
    let stop = |mut tx: Tx| {
        let stopped_at = Utc::now();
        let ran = one(&mut tx)?.filter(|row| row.task().is_some());
        let word = Word {
            task: None,
            at: stopped_at,
            said_in: "browser",
        };
        say(&mut tx, &word)?;
        let started_at = ran.as_ref().map(|row| row.changed_at);
        let unrecorded = match started_at {
            Some(from) if stopped_at - from <= LONGEST => unrecorded(&mut tx, from, stopped_at)?,
            _ => Vec::new(),
        };
        Ok(StoppedTimer {
            task: ran.and_then(|row| row.task()),
            started_at,
            stopped_at,
            unrecorded,
        })
    };
    state.db.tenant(&session, stop).await.map(Json)
}

/// Take in what the person told the agent that they work on. Of what was said here and elsewhere the later word stands: the
/// answer says which.
#[utoipa::path(request_body = AgentTimerWord, responses((status = 200, body = AgentTimer)))]
#[post("/agent/timer")]
async fn tell_agent_timer(
    session: AgentSession,
    state: Data<State>,
    body: Json<AgentTimerWord>,
) -> Result<Json<AgentTimer>> {
    let AgentTimerWord {
        task_id,
        seconds_ago,
    } = body.0;
    if seconds_ago > LONGEST_AGO {
        return Err(Error::invalid(
            "/seconds_ago",
            "timer_seconds_ago_invalid",
            "Within the last year",
        ));
    }
    let tell = move |mut tx: Tx| {
        let word = Word {
            task: task_id,
            // By how long ago it was: the device's clock may be wrong.
            at: Utc::now() - TimeDelta::seconds(seconds_ago.into()),
            said_in: "agent",
        };
        say(&mut tx, &word)?;
        let task = one(&mut tx)?.and_then(|row| row.task());
        Ok(AgentTimer {
            task: task.map(|TimerTask { id, title }| AgentTimerTask { id, title }),
        })
    };
    state.db.tenant(&session, tell).await.map(Json)
}

fn timer(tx: &mut Tx) -> Result<Timer> {
    let Some(row) = one(tx)? else {
        return Ok(Timer {
            task: None,
            since: None,
            said_in: None,
            recorded_on: None,
        });
    };
    let task = row.task();
    Ok(Timer {
        recorded_on: row.recorded_on.filter(|_| task.is_some()),
        task,
        since: Some(row.changed_at),
        said_in: Some(row.said_in),
    })
}

/// The own row. Its task is known by its title only while it is the person's and not closed.
fn one(tx: &mut Tx) -> Result<Option<Row>> {
    let found = sql_query(
        "SELECT t.task_id, k.title, t.changed_at, t.said_in, \
           (SELECT d.name FROM tenant.work_sessions s JOIN tenant.devices d ON d.company_id = $1 AND d.id = s.device_id \
            WHERE s.company_id = $1 AND s.user_id = $2 AND s.ended_at IS NULL AND s.task_id = t.task_id \
            ORDER BY s.started_at DESC LIMIT 1) AS recorded_on \
         FROM tenant.timers t LEFT JOIN tenant.tasks k ON k.company_id = $1 AND k.id = t.task_id AND k.assignee_id = $2 \
           AND k.status IN ('open', 'in_progress') \
         WHERE t.company_id = $1 AND t.user_id = $2",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .get_result(tx.conn)
    .optional()?;
    Ok(found)
}

struct Word {
    task: Option<Uuid>,
    at: DateTime<Utc>,
    said_in: &'static str,
}

/// The later word stands, and the same one again is none.
fn say(tx: &mut Tx, word: &Word) -> Result<()> {
    if let Some(task) = word.task {
        let own = sql_query(
            "SELECT FROM tenant.tasks WHERE company_id = $1 AND id = $3 AND assignee_id = $2 AND status IN ('open', 'in_progress')",
        );
        let found = (own.bind::<SqlUuid, _>(tx.company))
            .bind::<SqlUuid, _>(tx.user)
            .bind::<SqlUuid, _>(task)
            .execute(tx.conn)?;
        if found == 0 {
            return Err(Error::invalid(
                "/task_id",
                UNKNOWN,
                "No open task of that id is assigned to you",
            ));
        }
    }
    sql_query(
        "INSERT INTO tenant.timers (company_id, user_id, task_id, changed_at, said_in) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (company_id, user_id) DO UPDATE SET task_id = excluded.task_id, changed_at = excluded.changed_at, \
           said_in = excluded.said_in, version = timers.version + 1 \
         WHERE timers.task_id IS DISTINCT FROM excluded.task_id AND timers.changed_at <= excluded.changed_at",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<Nullable<SqlUuid>, _>(word.task)
    .bind::<Timestamptz, _>(word.at)
    .bind::<Text, _>(word.said_in)
    .execute(tx.conn)?;
    Ok(())
}

#[derive(QueryableByName)]
struct Session {
    #[diesel(sql_type = Timestamptz)]
    started_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    ended_at: Option<DateTime<Utc>>,
}

fn unrecorded(tx: &mut Tx, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<Unrecorded>> {
    let sessions: Vec<Session> = sql_query(
        "SELECT started_at, ended_at FROM tenant.work_sessions WHERE company_id = $1 AND user_id = $2 \
           AND started_at < $4 AND started_at > $3 - interval '2 days' AND coalesce(ended_at, $4) > $3 ORDER BY started_at",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<Timestamptz, _>(from)
    .bind::<Timestamptz, _>(to)
    .load(tx.conn)?;
    let spans = sessions
        .into_iter()
        .map(|one| (one.started_at, one.ended_at.unwrap_or(to)));
    Ok(gaps(from, to, spans))
}

/// Whole minutes between `from` and `to` that none of these spans touches; the spans by their beginnings.
fn gaps(
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    spans: impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)>,
) -> Vec<Unrecorded> {
    let minute = TimeDelta::minutes(1);
    let mut found = Vec::new();
    let mut seen = from;
    for (start, end) in spans.chain([(to, to)]) {
        let from = seen.duration_trunc(minute).map(|at| match at < seen {
            true => at + minute,
            false => at,
        });
        // Both only fail for times thousands of years away.
        if let (Ok(from), Ok(to)) = (from, start.min(to).duration_trunc(minute))
            && to - from >= LEAST
        {
            found.push(Unrecorded { from, to });
        }
        seen = seen.max(end);
    }
    found.truncate(MOST);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(clock: &str) -> DateTime<Utc> {
        format!("2026-11-20T{clock}Z").parse().unwrap()
    }

    fn told(spans: &[(&str, &str)]) -> Vec<(String, String)> {
        let spans = spans.iter().map(|(from, to)| (at(from), at(to)));
        let clock = |at: DateTime<Utc>| at.format("%H:%M:%S").to_string();
        gaps(at("09:00:30"), at("12:00:10"), spans)
            .into_iter()
            .map(|gap| (clock(gap.from), clock(gap.to)))
            .collect()
    }

    #[test]
    fn what_no_session_covers_is_told_in_whole_minutes() {
        assert_eq!(told(&[]), [("09:01:00".into(), "12:00:00".into())]);
        let overlapping = [
            ("08:00:00", "09:30:20"),
            ("09:10:00", "09:20:00"),
            ("10:00:40", "11:00:00"),
            ("11:04:00", "13:00:00"),
        ];
        assert_eq!(told(&overlapping), [("09:31:00".into(), "10:00:00".into())]);
        assert_eq!(told(&[("08:00:00", "13:00:00")]), []);
    }
}
