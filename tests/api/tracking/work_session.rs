//! Sessions begin, go on and end; calls that come late, twice or never leave them as they were.

use chrono::{DateTime, Duration, Utc};
use diesel::sql_types::{Nullable, Text, Timestamptz};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ago, application, count, results, wire};
use crate::app::{App, Client};

#[derive(Debug, PartialEq, QueryableByName)]
struct Session {
    #[diesel(sql_type = Timestamptz)]
    started_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    ended_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    end_reason: Option<String>,
}

fn session(app: &App, id: Uuid) -> Session {
    let text = format!(
        "SELECT started_at, ended_at, end_reason FROM tenant.work_sessions WHERE id = '{id}'"
    );
    sql_query(text).get_result(&mut app.copy.admin()).unwrap()
}

fn open(started_at: DateTime<Utc>) -> Session {
    Session {
        started_at,
        ended_at: None,
        end_reason: None,
    }
}

fn ended(started_at: DateTime<Utc>, ended_at: DateTime<Utc>, reason: &str) -> Session {
    Session {
        started_at,
        ended_at: Some(ended_at),
        end_reason: Some(reason.to_owned()),
    }
}

/// Closes it the way the job does when nothing was heard for long.
fn give_up(app: &App, id: Uuid) {
    let text = format!(
        "UPDATE tenant.work_sessions SET ended_at = last_seen_at, end_reason = 'silent' WHERE id = '{id}'"
    );
    sql_query(text).execute(&mut app.copy.admin()).unwrap();
}

async fn start(agent: &Client, id: Uuid, at: DateTime<Utc>) -> (u16, Value) {
    agent
        .post(
            "/api/work-session/start",
            json!({ "id": id, "started_at": wire(at) }),
        )
        .await
}

async fn beat(agent: &Client, id: Uuid, at: DateTime<Utc>) -> (u16, Value) {
    agent
        .post(
            "/api/work-session/heartbeat",
            json!({ "id": id, "at": wire(at) }),
        )
        .await
}

async fn stop(agent: &Client, id: Uuid, at: DateTime<Utc>) -> (u16, Value) {
    agent
        .post(
            "/api/work-session/stop",
            json!({ "id": id, "ended_at": wire(at) }),
        )
        .await
}

async fn desk() -> (App, Client) {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let agent = app.agent(&acme, &acme.admin).await;
    (app, agent)
}

#[actix_web::test]
async fn a_session_begins_goes_on_and_ends() {
    let (app, agent) = desk().await;
    let (id, from, to) = (Uuid::now_v7(), ago(600), ago(10));
    let stored = json!({ "id": id, "result": "stored", "settings_version": 1 });
    let duplicate = json!({ "id": id, "result": "duplicate", "settings_version": 1 });
    assert_eq!(start(&agent, id, from).await, (200, stored.clone()));
    assert_eq!(
        start(&agent, id, from).await,
        (200, duplicate.clone()),
        "the answer may have been lost"
    );
    assert_eq!(beat(&agent, id, ago(300)).await, (200, stored.clone()));
    assert_eq!(session(&app, id), open(from));
    assert_eq!(stop(&agent, id, to).await, (200, stored));
    assert_eq!(
        stop(&agent, id, ago(5)).await,
        (200, duplicate.clone()),
        "the end that was told first stands"
    );
    assert_eq!(beat(&agent, id, ago(1)).await.0, 200);
    assert_eq!(session(&app, id), ended(from, to, "stopped"));
    assert_eq!(
        count(
            &app,
            &format!("tenant.ingest_batches WHERE batch_id = '{id}'")
        ),
        1,
        "its day is summed again"
    );
}

#[actix_web::test]
async fn a_second_start_closes_the_first_where_it_was_last_seen() {
    let (app, agent) = desk().await;
    let (one, two) = (Uuid::now_v7(), Uuid::now_v7());
    start(&agent, one, ago(3600)).await;
    beat(&agent, one, ago(3000)).await;
    assert_eq!(start(&agent, two, ago(60)).await.0, 200);
    let first = session(&app, one);
    assert_eq!(
        (first.end_reason.as_deref(), first.ended_at),
        (
            Some("superseded"),
            Some(first.started_at + Duration::seconds(600))
        )
    );
    assert_eq!(session(&app, two).ended_at, None);
    let told = ago(2000);
    assert_eq!(
        stop(&agent, one, told).await.1["result"],
        json!("stored"),
        "what the agent knows beats what was assumed"
    );
    assert_eq!(session(&app, one).ended_at, Some(told));
}

#[actix_web::test]
async fn a_start_that_comes_late_does_not_close_a_later_session() {
    let (app, agent) = desk().await;
    let (late, running) = (Uuid::now_v7(), Uuid::now_v7());
    start(&agent, running, ago(60)).await;
    start(&agent, late, ago(3600)).await;
    assert_eq!(session(&app, running).ended_at, None);
    assert_eq!(
        session(&app, late).end_reason.as_deref(),
        Some("superseded")
    );
}

#[actix_web::test]
async fn a_session_that_was_given_up_goes_on_with_the_next_sign_of_it() {
    let (app, agent) = desk().await;
    let (id, from) = (Uuid::now_v7(), ago(7200));
    start(&agent, id, from).await;
    give_up(&app, id);
    let late = ago(3600);
    assert_eq!(beat(&agent, id, late).await.0, 200);
    assert_eq!(
        session(&app, id),
        ended(from, late, "silent"),
        "an old sign moves the end"
    );
    let batch = json!({ "batch_id": Uuid::now_v7(), "applications": [application(id, ago(1800))] });
    assert_eq!(
        results(&agent.post("/api/upload/batch", batch).await.1),
        ["stored"]
    );
    assert_eq!(
        session(&app, id),
        ended(from, ago(1800) + Duration::seconds(5), "silent"),
        "so do late items"
    );
    assert_eq!(beat(&agent, id, ago(5)).await.0, 200);
    assert_eq!(session(&app, id), open(from), "a fresh one opens it again");
}

#[actix_web::test]
async fn the_end_of_an_unknown_session_is_kept_and_its_start_may_follow() {
    let (app, agent) = desk().await;
    let (id, to) = (Uuid::now_v7(), ago(60));
    assert_eq!(stop(&agent, id, to).await.1["result"], json!("stored"));
    assert_eq!(session(&app, id), ended(to, to, "stopped"));
    let from = ago(600);
    assert_eq!(start(&agent, id, from).await.1["result"], json!("stored"));
    assert_eq!(session(&app, id), ended(from, to, "stopped"));
}

#[actix_web::test]
async fn an_end_before_the_start_ends_it_at_once() {
    let (app, agent) = desk().await;
    let (id, from) = (Uuid::now_v7(), ago(60));
    start(&agent, id, from).await;
    assert_eq!(
        stop(&agent, id, ago(600)).await.0,
        200,
        "the device's clock was set back"
    );
    assert_eq!(session(&app, id), ended(from, from, "stopped"));
}

#[actix_web::test]
async fn times_that_cannot_be_are_refused_with_their_place() {
    let (_app, agent) = desk().await;
    let id = Uuid::now_v7();
    for at in [ago(401 * 86_400), ago(-3600)] {
        for ((status, problem), pointer) in [
            (start(&agent, id, at).await, "/started_at"),
            (beat(&agent, id, at).await, "/at"),
            (stop(&agent, id, at).await, "/ended_at"),
        ] {
            let first = &problem["errors"][0];
            assert_eq!(
                (status, &first["pointer"], &first["code"]),
                (422, &json!(pointer), &json!("time_out_of_range"))
            );
        }
    }
}

#[actix_web::test]
async fn a_colleagues_session_cannot_be_touched() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let (ada, ben) = (
        app.employee(&acme, "Ada").await,
        app.employee(&acme, "Ben").await,
    );
    let (ada, ben) = (app.agent(&acme, &ada).await, app.agent(&acme, &ben).await);
    let (id, from) = (Uuid::now_v7(), ago(600));
    start(&ada, id, from).await;
    assert_eq!(start(&ben, id, ago(60)).await.0, 404);
    assert_eq!(beat(&ben, id, ago(60)).await.0, 404);
    assert_eq!(stop(&ben, id, ago(60)).await.0, 404);
    assert_eq!(session(&app, id), open(from));
}

#[actix_web::test]
async fn the_same_id_in_another_company_is_another_session() {
    let app = App::spawn().await;
    let (acme, bolt) = (app.company("Acme").await, app.company("Bolt").await);
    let (a, b) = (
        app.agent(&acme, &acme.admin).await,
        app.agent(&bolt, &bolt.admin).await,
    );
    let id = Uuid::now_v7();
    start(&a, id, ago(600)).await;
    assert_eq!(start(&b, id, ago(60)).await.1["result"], json!("stored"));
    assert_eq!(stop(&b, id, ago(50)).await.0, 200);
    assert_eq!(
        count(
            &app,
            &format!(
                "tenant.work_sessions WHERE id = '{id}' AND ended_at IS NULL AND company_id = '{}'",
                acme.id
            )
        ),
        1
    );
}
