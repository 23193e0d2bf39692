//! What an agent says of its work sessions while it is online: begun, going on, ended. Each call may come late,
//! twice or not at all; what a session becomes by it is decided in `record`.

pub(crate) mod record;

use actix_web::{post, web::Data};
use chrono::{DateTime, Days, Utc};
use diesel::sql_types::{Array, Integer, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use tracker_wire::{ItemResult, SessionAnswer, SessionHeartbeat, SessionStart, SessionStop};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use self::record::{Outcome, Says, Sign, record};
use super::devices::{Told, limit, sign_of_device};
use super::upload::{items::in_range, ledger};
use crate::app::State;
use crate::company::monitoring_policies::gate::policy_state;
use crate::company::tasks::{agent, timer::timer_state};
use crate::db::Tx;
use crate::http::{error::Error, json::Json, session::AgentSession};
use crate::{Result, directory::Company};

pub fn routes(api: &mut ServiceConfig) {
    api.service(start_work_session)
        .service(keep_work_session)
        .service(stop_work_session);
}

/// Begin a work session.
///
/// One that is still open on the device ends as `superseded`. The same id again changes nothing.
#[utoipa::path(request_body = SessionStart, responses((status = 200, body = SessionAnswer)))]
#[post("/work-session/start")]
async fn start_work_session(
    session: AgentSession,
    told: Told,
    state: Data<State>,
    body: Json<SessionStart>,
) -> Result<Json<SessionAnswer>> {
    let SessionStart {
        id,
        started_at,
        task_id,
    } = body.0;
    check("/started_at", started_at)?;
    let sign = Sign {
        id,
        from: Some(started_at),
        until: started_at,
        says: Says::Open,
        task: task_id,
    };
    take(&state, session, told, sign, None).await
}

/// Say that a work session goes on, and what the agent cannot do by now where that changed.
#[utoipa::path(request_body = SessionHeartbeat, responses((status = 200, body = SessionAnswer)))]
#[post("/work-session/heartbeat")]
async fn keep_work_session(
    session: AgentSession,
    told: Told,
    state: Data<State>,
    body: Json<SessionHeartbeat>,
) -> Result<Json<SessionAnswer>> {
    let SessionHeartbeat {
        id,
        at,
        limitations,
    } = body.0;
    check("/at", at)?;
    let sign = Sign {
        id,
        from: None,
        until: at,
        says: Says::Open,
        task: None,
    };
    take(&state, session, told, sign, limitations).await
}

/// End a work session.
#[utoipa::path(request_body = SessionStop, responses((status = 200, body = SessionAnswer)))]
#[post("/work-session/stop")]
async fn stop_work_session(
    session: AgentSession,
    told: Told,
    state: Data<State>,
    body: Json<SessionStop>,
) -> Result<Json<SessionAnswer>> {
    let SessionStop { id, ended_at } = body.0;
    check("/ended_at", ended_at)?;
    let sign = Sign {
        id,
        from: None,
        until: ended_at,
        says: Says::Over("stopped".into()),
        task: None,
    };
    take(&state, session, told, sign, None).await
}

fn check(pointer: &str, at: DateTime<Utc>) -> Result<()> {
    match in_range(at, Utc::now()) {
        true => Ok(()),
        false => Err(Error::invalid(
            pointer,
            "time_out_of_range",
            "A time within the last 400 days is wanted",
        )),
    }
}

async fn take(
    state: &State,
    session: AgentSession,
    told: Told,
    sign: Sign,
    limitations: Option<Vec<String>>,
) -> Result<Json<SessionAnswer>> {
    let (device, key, company) = (session.device, session.key, session.company.clone());
    let answer = state.db.tenant(&session, move |mut tx| {
        check_task(&mut tx, sign.task)?;
        let settings_version = sign_of_life(&mut tx, device, key, told)?;
        if let Some(limitations) = limitations {
            limit(&mut tx, device, &limitations)?;
        }
        let result = match record(&mut tx, device, &sign)? {
            Outcome::New => {
                mark(&mut tx, device, sign.id, &company, &sign)?;
                ItemResult::Stored
            }
            // Its items were there first, and are summed for a task only now.
            Outcome::Changed if sign.task.is_some() => {
                mark(&mut tx, device, Uuid::now_v7(), &company, &sign)?;
                ItemResult::Stored
            }
            Outcome::Changed => ItemResult::Stored,
            Outcome::Known => ItemResult::Duplicate,
            // Somebody else's: told apart from an unknown one by nothing but this.
            Outcome::Foreign => return Err(Error::NotFound),
        };
        Ok(SessionAnswer {
            id: sign.id,
            result,
            settings_version: company.settings_version(settings_version),
        })
    });
    answer.await.map(Json)
}

/// Days count their sessions, so the day is to be summed again; with the next one, as a session may go on past midnight.
fn mark(tx: &mut Tx, device: Uuid, id: Uuid, company: &Company, sign: &Sign) -> Result<()> {
    let day = sign.start().with_timezone(&company.zone()).date_naive();
    let last = if id == sign.id {
        day
    } else {
        day + Days::new(1)
    };
    ledger::mark(tx, device, id, (day, last))
}

/// Somebody else's task is as unknown as none.
fn check_task(tx: &mut Tx, task: Option<Uuid>) -> Result<()> {
    let Some(task) = task else {
        return Ok(());
    };
    match agent::own(tx, vec![task])?.contains(&task) {
        true => Ok(()),
        false => Err(Error::invalid(
            "/task_id",
            agent::UNKNOWN,
            "No task of that id is assigned to you",
        )),
    }
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Integer)]
    version: i32,
}

/// Notes that the device was here and what waits on it; answers with the version of the settings in force.
fn sign_of_life(tx: &mut Tx, device: Uuid, key: Uuid, told: Told) -> Result<i32> {
    let now = Utc::now();
    let found: Version = sql_query(concat!(
        "WITH seen AS (",
        sign_of_device!("$4", "$5", "$6", "$7", "$8"),
        " RETURNING 1) \
         SELECT s.version + s.overrides_version + ",
        policy_state!(),
        " + ",
        timer_state!(),
        " AS version FROM tenant.company_settings s WHERE s.company_id = $1",
    ))
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<SqlUuid, _>(device)
    .bind::<Timestamptz, _>(now)
    .bind::<SqlUuid, _>(key)
    .bind::<Timestamptz, _>(now - ledger::SEEN_EVERY)
    .bind::<Nullable<Array<Integer>>, _>(told.counts())
    .bind::<Nullable<Timestamptz>, _>(told.oldest(now))
    .get_result(tx.conn)?;
    Ok(found.version)
}
