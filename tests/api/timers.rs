//! What people say they work on, in the portal and to their agents: one timer each, and of two words the later stands.

use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use tracker_agent::queue::note;
use tracker_agent::tasks;
use tracker_wire::AgentTasks;
use uuid::Uuid;

use crate::app::{App, Client, Company};
use crate::desk::Desk;
use crate::feed::{execute, rows};

const TIMER: &str = "/api/me/timer";

async fn task(company: &Company, title: &str, person: &Client) -> Value {
    let body = json!({ "title": title, "assignee_id": person.user });
    let (status, task) = company.admin.post("/api/tasks", body).await;
    assert_eq!(status, 201, "{task}");
    task["id"].clone()
}

async fn start(person: &Client, task: &Value) -> (u16, Value) {
    let body = json!({ "task_id": task });
    person.post("/api/me/timer/start", body).await
}

async fn stop(person: &Client) -> Value {
    let (status, stopped) = person.post("/api/me/timer/stop", json!({})).await;
    assert_eq!(status, 200, "{stopped}");
    stopped
}

async fn running(person: &Client) -> Value {
    let (status, timer) = person.get(TIMER).await;
    assert_eq!(status, 200, "{timer}");
    timer["task"]["title"].clone()
}

/// What the agent says, so many seconds ago, and what the answer has.
async fn tell(agent: &Client, task: Option<&Value>, seconds_ago: u32) -> Value {
    let body = json!({ "task_id": task, "seconds_ago": seconds_ago });
    let (status, answer) = agent.post("/api/agent/timer", body).await;
    assert_eq!(status, 200, "{answer}");
    answer["task"]["title"].clone()
}

async fn settings(agent: &Client) -> (Value, i64) {
    let (_, settings) = agent.get("/api/agent/settings").await;
    let version = settings["version"].as_i64().unwrap();
    (settings["timer"].clone(), version)
}

#[actix_web::test]
async fn one_timer_runs_at_a_time_and_agents_hear_of_each_change() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let agent = app.agent(&acme, &ada).await;
    let (mail, desk) = (
        task(&acme, "Mail", &ada).await,
        task(&acme, "Desk", &ada).await,
    );
    assert_eq!(ada.get(TIMER).await, (200, json!({})), "none was started");
    let (timer, before) = settings(&agent).await;
    assert_eq!(timer, Value::Null);
    let (status, started) = start(&ada, &mail).await;
    assert_eq!((status, &started["said_in"]), (200, &json!("browser")));
    assert_eq!(started["task"], json!({ "id": mail, "title": "Mail" }));
    let (timer, after) = settings(&agent).await;
    assert_eq!(timer["task"]["title"], "Mail");
    assert!(after > before, "answers to uploads carry another number");
    let again = start(&ada, &mail).await.1;
    assert_eq!(again, started, "the same task again changes nothing");
    start(&ada, &desk).await;
    assert_eq!(running(&ada).await, "Desk");
    let id = Uuid::now_v7();
    let session = json!({ "id": id, "started_at": Utc::now(), "task_id": desk });
    let (status, answer) = agent.post("/api/work-session/start", session).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(ada.get(TIMER).await.1["recorded_on"], "desk-1");
    let ended = json!({ "id": id, "ended_at": Utc::now() });
    assert_eq!(agent.post("/api/work-session/stop", ended).await.0, 200);
    let (_, timer) = ada.get(TIMER).await;
    assert_eq!(timer["recorded_on"], Value::Null, "by none any longer");
    let (_, others) = acme.admin.get(TIMER).await;
    assert_eq!(others, json!({}), "each has their own");
    let stopped = stop(&ada).await;
    assert_eq!(stopped["task"]["title"], "Desk");
    assert_eq!(stopped["unrecorded"], json!([]), "it ran for a moment");
    assert_eq!(running(&ada).await, Value::Null);
    assert_eq!(settings(&agent).await.0, json!({}));
    let nothing = stop(&ada).await;
    assert_eq!(nothing["task"], Value::Null, "none ran");
}

#[actix_web::test]
async fn only_an_open_task_of_ones_own_is_started_and_it_ends_with_that() {
    let app = App::spawn().await;
    let (acme, borealis) = (app.company("Acme").await, app.company("Borealis").await);
    let ada = app.employee(&acme, "Ada").await;
    let bob = app.employee(&acme, "Bob").await;
    let bea = app.employee(&borealis, "Bea").await;
    let agent = app.agent(&acme, &ada).await;
    let mail = task(&acme, "Mail", &ada).await;
    let done = task(&acme, "Done", &ada).await;
    let conn = &mut app.copy.admin();
    let close = |id: &Value| {
        let id = id.as_str().unwrap();
        format!("UPDATE tenant.tasks SET status = 'done' WHERE id = '{id}'")
    };
    execute(conn, &close(&done));
    let not_hers = [
        task(&acme, "Bob's", &bob).await,
        task(&borealis, "Bea's", &bea).await,
        done,
        json!(Uuid::now_v7()),
    ];
    for task in &not_hers {
        for (status, refusal) in [
            start(&ada, task).await,
            agent
                .post(
                    "/api/agent/timer",
                    json!({ "task_id": task, "seconds_ago": 0 }),
                )
                .await,
        ] {
            let error = &refusal["errors"][0];
            assert_eq!((status, &error["code"]), (422, &json!("unknown_task")));
            assert_eq!(error["pointer"], "/task_id");
        }
    }
    assert_eq!(ada.get(TIMER).await.1, json!({}), "nothing is half done");
    start(&ada, &mail).await;
    execute(conn, &close(&mail));
    assert_eq!(
        running(&ada).await,
        Value::Null,
        "a closed task has no timer"
    );
    assert_eq!(settings(&agent).await.0, json!({}));
}

#[actix_web::test]
async fn of_two_words_the_later_stands_however_late_it_is_heard() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let agent = app.agent(&acme, &ada).await;
    let (mail, desk) = (
        task(&acme, "Mail", &ada).await,
        task(&acme, "Desk", &ada).await,
    );
    start(&ada, &mail).await;
    let heard = tell(&agent, Some(&desk), 3600).await;
    assert_eq!(heard, "Mail", "said an hour before, without a connection");
    assert_eq!(tell(&agent, None, 0).await, Value::Null);
    assert_eq!(running(&ada).await, Value::Null);
    assert_eq!(tell(&agent, Some(&desk), 0).await, "Desk");
    assert_eq!(ada.get(TIMER).await.1["said_in"], "agent");
    let (at_once, other) = tokio::join!(start(&ada, &mail), start(&ada, &desk));
    assert_eq!((at_once.0, other.0), (200, 200));
    let sql = format!(
        "SELECT count(*) AS timers FROM tenant.timers WHERE user_id = '{}'",
        ada.user
    );
    assert_eq!(rows(&mut app.copy.admin(), &sql), [json!({ "timers": 1 })]);
    let far = json!({ "task_id": mail, "seconds_ago": 31_536_001 });
    let (status, refusal) = agent.post("/api/agent/timer", far).await;
    let code = &refusal["errors"][0]["code"];
    assert_eq!((status, code), (422, &json!("timer_seconds_ago_invalid")));
}

#[actix_web::test]
async fn what_no_agent_recorded_of_a_timer_is_told_when_it_ends() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let agent = app.agent(&acme, &ada).await;
    let mail = task(&acme, "Mail", &ada).await;
    let conn = &mut app.copy.admin();
    let began = |hours: i64| {
        format!(
            "UPDATE tenant.timers SET changed_at = now() - interval '{hours} hours' WHERE user_id = '{}'",
            ada.user
        )
    };
    start(&ada, &mail).await;
    execute(conn, &began(3));
    let at = |minutes: i64| Utc::now() - TimeDelta::minutes(minutes);
    for (from, to) in [(200, 150), (160, 100)] {
        let id = Uuid::now_v7();
        let begin = json!({ "id": id, "started_at": at(from) });
        assert_eq!(agent.post("/api/work-session/start", begin).await.0, 200);
        let end = json!({ "id": id, "ended_at": at(to) });
        assert_eq!(agent.post("/api/work-session/stop", end).await.0, 200);
    }
    let stopped = stop(&ada).await;
    let [gap] = &stopped["unrecorded"].as_array().unwrap()[..] else {
        panic!("one gap: {stopped}");
    };
    let moment = |name: &str| gap[name].as_str().unwrap().parse().unwrap();
    let (from, to): (chrono::DateTime<Utc>, chrono::DateTime<Utc>) = (moment("from"), moment("to"));
    assert_eq!((from.timestamp() % 60, to.timestamp() % 60), (0, 0));
    let minutes = (to - from).num_minutes();
    assert!((98..=100).contains(&minutes), "{gap}");
    start(&ada, &mail).await;
    execute(conn, &began(17));
    assert_eq!(
        stop(&ada).await["unrecorded"],
        json!([]),
        "who knows what of it was work"
    );
}

#[actix_web::test]
async fn stopping_in_one_place_stops_in_the_other() {
    let app = Arc::new(App::spawn().await);
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let (mail, desk) = (
        task(&acme, "Mail", &ada).await,
        task(&acme, "Desk", &ada).await,
    );
    let (server, handle) = (app.clone(), Handle::current());
    let work = spawn_blocking(move || {
        let mut seat = Desk::new(&server.address, &acme.key, &ada.email, Utc::now());
        // The answer to the first tells of something new, which the looks of the second follow.
        let works = |seat: &mut Desk| {
            for _ in 0..2 {
                seat.record(2, |desktop, _| desktop.show("xterm", "work"));
                seat.pass().unwrap();
            }
        };
        let title = |seat: &Desk| tasks::chosen(&seat.queue()).unwrap().map(|task| task.title);
        works(&mut seat);
        handle.block_on(start(&ada, &mail));
        works(&mut seat);
        assert_eq!(title(&seat).as_deref(), Some("Mail"));
        let (_, timer) = handle.block_on(ada.get(TIMER));
        assert!(timer["recorded_on"].is_string(), "{timer}");
        // In the agent another one, of the list it was told.
        tasks::list(&seat.home, true).unwrap();
        let listed: AgentTasks = seat.queue().read(note::TASKS).unwrap().unwrap();
        let place = listed.items.iter().position(|task| task.title == "Desk");
        tasks::start(&seat.home, place.unwrap() + 1).unwrap();
        seat.pass().unwrap();
        let (_, timer) = handle.block_on(ada.get(TIMER));
        assert_eq!(
            (&timer["task"]["id"], &timer["said_in"]),
            (&desk, &json!("agent"))
        );
        handle.block_on(stop(&ada));
        works(&mut seat);
        assert_eq!(title(&seat), None);
        handle.block_on(start(&ada, &mail));
        works(&mut seat);
        tasks::stop(&seat.home).unwrap();
        seat.pass().unwrap();
        assert_eq!(handle.block_on(running(&ada)), Value::Null);
        works(&mut seat);
        assert_eq!(title(&seat), None, "what was said here stays said");
    });
    work.await.unwrap();
}
