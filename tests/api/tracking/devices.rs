//! Devices as people and their admins see them: what waits there by the agent's own word, what fell silent, and revoking one.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use reqwest::Method;
use serde_json::{Value, json};
use tracker_agent::queue::Queue;
use tracker_agent::sync::Trouble;
use uuid::Uuid;

use super::suspension::Desk;
use super::{ago, application, count, screenshot, wire};
use crate::app::{App, Client, PASSWORD, read};
use crate::feed::{execute, rows, settle};

const MINE: &str = "/api/me/devices";

async fn list(client: &Client, path: &str) -> Vec<Value> {
    let (status, list) = client.get(path).await;
    assert_eq!(status, 200, "{list}");
    list["items"].as_array().unwrap().clone()
}

async fn only(client: &Client) -> Value {
    let [device] = &list(client, MINE).await[..] else {
        panic!("one device was set up");
    };
    device.clone()
}

/// Sends it with word of the queue.
async fn tell(agent: &Client, path: &str, queue: &str, body: Value) -> (u16, Value) {
    let request = agent.request(Method::POST, path);
    let request = request.header("x-agent-queue", queue).json(&body);
    read(request.send().await.unwrap()).await
}

async fn begin(agent: &Client, queue: &str) -> Uuid {
    let id = Uuid::now_v7();
    let body = json!({ "id": id, "started_at": Utc::now() });
    let (status, answer) = tell(agent, "/api/work-session/start", queue, body).await;
    assert_eq!(status, 200, "{answer}");
    id
}

async fn beat(agent: &Client, session: Uuid, queue: &str) {
    let body = json!({ "id": session, "at": Utc::now() });
    let (status, answer) = tell(agent, "/api/work-session/heartbeat", queue, body).await;
    assert_eq!(status, 200, "{answer}");
}

fn queue_of(device: &Value) -> [&Value; 4] {
    [
        "queued_items",
        "queued_screenshots",
        "dead_letters",
        "oldest_queued_at",
    ]
    .map(|name| &device[name])
}

fn revoke(device: Uuid) -> String {
    format!("{MINE}/{device}/revoke")
}

#[actix_web::test]
async fn what_a_device_turns_out_not_to_do_is_seen_until_it_does() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let agent = app.agent(&acme, &ada).await;
    let session = begin(&agent, "items=0, screenshots=0, dead_letters=0").await;
    let told = async |limitations: Value| {
        let body = json!({ "id": session, "at": Utc::now(), "limitations": limitations });
        agent.post("/api/work-session/heartbeat", body).await
    };
    for limitations in [json!(["screenshots_not_available"]), json!([])] {
        let (status, answer) = told(limitations.clone()).await;
        assert_eq!(status, 200, "{answer}");
        beat(&agent, session, "items=0, screenshots=0, dead_letters=0").await;
        assert_eq!(only(&ada).await["limitations"], limitations);
    }
    let many: Vec<String> = (0..30)
        .map(|one| format!("{one}\n{}", "x".repeat(200)))
        .collect();
    assert_eq!(told(json!(many)).await.0, 200);
    let kept = only(&ada).await["limitations"].clone();
    let kept: Vec<String> = serde_json::from_value(kept).unwrap();
    assert_eq!(kept.len(), 20);
    assert_eq!(kept[3], format!("3{}", "x".repeat(99)));
    let (status, problem) = told(json!("none")).await;
    assert_eq!((status, &problem["code"]), (422, &json!("invalid")));
}

#[actix_web::test]
async fn what_an_agent_tells_is_what_its_person_and_admins_see() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let agent = app.agent(&acme, &ada).await;
    assert!(list(&acme.admin, MINE).await.is_empty(), "of one's own");
    let new = only(&ada).await;
    assert_eq!(new["name"], "desk-1");
    for absent in ["last_synced_at", "queued_items", "silent_since"] {
        assert_eq!(new[absent], Value::Null, "{absent}: nothing was sent yet");
    }

    let oldest = ago(600);
    let waits = format!(
        "items=12, screenshots=3, dead_letters=1, oldest=@{}",
        oldest.timestamp()
    );
    let session = begin(&agent, &waits).await;
    let told = only(&ada).await;
    let expected = [json!(12), json!(3), json!(1), json!(wire(oldest))];
    assert_eq!(queue_of(&told), expected.each_ref());
    assert!(told["last_synced_at"].is_string());
    let of_ada = format!("/api/employees/{}/devices", ada.user);
    assert_eq!(list(&acme.admin, &of_ada).await, [told], "the same shape");

    // Each kind of upload says what is left after it.
    let item = json!({ "items": [application(session, Utc::now())] });
    let batch =
        json!({ "batch_id": Uuid::now_v7(), "applications": [application(session, Utc::now())] });
    for (path, body, left) in [
        ("/api/upload/batch", batch, 11),
        ("/api/upload/applications", item, 10),
        ("/api/upload/websites", json!({ "items": [] }), 9),
        ("/api/upload/activity", json!({ "items": [] }), 8),
    ] {
        let queue =
            format!("items={left}, screenshots=3, dead_letters=1, oldest=@1795168800, more=?1");
        let (status, answer) = tell(&agent, path, &queue, body).await;
        assert_eq!(status, 200, "{path}: {answer}");
        assert_eq!(only(&ada).await["queued_items"], left, "{path}");
    }
    let stop = json!({ "id": session, "ended_at": Utc::now() });
    let nothing = "items=0, screenshots=0, dead_letters=1, oldest=@1795168800";
    let path = "/api/work-session/stop";
    assert_eq!(tell(&agent, path, nothing, stop).await.0, 200);
    let expected = [json!(0), json!(0), json!(1), Value::Null];
    let told = only(&ada).await;
    assert_eq!(queue_of(&told), expected.each_ref(), "nothing is oldest");

    // An older agent tells nothing, and what it told before its installation is not said of it.
    screenshot::upload(&agent).await;
    assert_eq!(queue_of(&only(&ada).await), [&Value::Null; 4]);
}

/// With a picture travels word of what is left as well.
#[actix_web::test]
async fn a_screenshot_says_what_is_left_after_it() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let agent = app.agent(&acme, &ada).await;
    let left = "items=0, screenshots=4, dead_letters=0";
    let request = screenshot::request(&agent).header("x-agent-queue", left);
    assert_eq!(read(request.send().await.unwrap()).await.0, 201);
    let told = only(&ada).await;
    assert_eq!(told["queued_screenshots"], 4);
    assert!(told["last_synced_at"].is_string());
}

#[actix_web::test]
async fn a_clock_that_is_wrong_makes_no_other_time_than_the_last_400_days() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let agent = app.agent(&acme, &ada).await;
    for (oldest, days) in [("0", 400), ("99999999999", 0)] {
        let queue = format!("items=1, screenshots=0, dead_letters=0, oldest=@{oldest}");
        begin(&agent, &queue).await;
        let told = only(&ada).await["oldest_queued_at"].to_string();
        let told: DateTime<Utc> = told.trim_matches('"').parse().unwrap();
        let age = Utc::now() - told;
        assert!(age.num_hours() - days * 24 <= 1, "{oldest}: {told}");
        assert!(age.num_seconds() >= days * 86_400, "{oldest}: {told}");
    }
}

#[actix_web::test]
async fn what_is_no_queue_is_refused_and_nothing_is_taken_in() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let agent = app.agent(&acme, &ada).await;
    let session = begin(&agent, "items=0, screenshots=0, dead_letters=0").await;
    for queue in [
        "",
        "12",
        "items=12",
        "items=-1, screenshots=0, dead_letters=0",
        "items=9999999999, screenshots=0, dead_letters=0",
        "items=1, screenshots=0, dead_letters=0, oldest=yesterday",
    ] {
        let body = json!({ "items": [application(session, Utc::now())] });
        let (status, problem) = tell(&agent, "/api/upload/applications", queue, body).await;
        let expected = (400, &json!("agent_queue_invalid"));
        assert_eq!((status, &problem["code"]), expected, "{queue}");
    }
    let one = "items=1, screenshots=0, dead_letters=0";
    let twice = agent.request(Method::POST, "/api/upload/applications");
    let twice = twice.header("x-agent-queue", one);
    let twice = twice
        .header("x-agent-queue", one)
        .json(&json!({ "items": [] }));
    assert_eq!(read(twice.send().await.unwrap()).await.0, 400);
    assert_eq!(count(&app, "tenant.application_usage"), 0);
    assert_eq!(only(&ada).await["queued_items"], 0);
    // Whose token it is, is asked first.
    let stranger = agent.clone().with_token("none");
    let body = json!({ "items": [] });
    let answer = tell(&stranger, "/api/upload/applications", "12", body).await;
    assert_eq!(answer.0, 401);
}

/// While an agent tells the same, its device's row is written once in half a minute, and at once when it tells something else.
#[actix_web::test]
async fn the_row_of_a_device_is_written_only_for_news() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let agent = app.agent(&acme, &ada).await;
    let version = || {
        let of = rows(
            &mut app.copy.admin(),
            "SELECT xmin::text AS v FROM tenant.devices",
        );
        of[0]["v"].clone()
    };
    let nothing = "items=0, screenshots=0, dead_letters=0";
    let session = begin(&agent, nothing).await;
    let first = version();
    for _ in 0..3 {
        beat(&agent, session, nothing).await;
    }
    assert_eq!(version(), first);
    beat(&agent, session, "items=1, screenshots=0, dead_letters=0").await;
    let second = version();
    assert_ne!(second, first);
    execute(
        &mut app.copy.admin(),
        "UPDATE tenant.devices SET last_synced_at = now() - interval '31 seconds'",
    );
    let before = version();
    beat(&agent, session, "items=1, screenshots=0, dead_letters=0").await;
    assert_ne!(version(), before);
}

#[actix_web::test]
async fn a_device_is_silent_when_its_session_goes_on_and_nothing_is_heard_of_it() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let agent = app.agent(&acme, &ada).await;
    let nothing = "items=0, screenshots=0, dead_letters=0";
    let session = begin(&agent, nothing).await;
    let sql = |text: &str| execute(&mut app.copy.admin(), text);
    let heard = |minutes: u32| {
        sql(&format!(
            "UPDATE tenant.devices SET last_seen_at = now() - interval '{minutes} minutes', last_synced_at = now() - interval '{minutes} minutes'"
        ));
        sql(&format!(
            "UPDATE tenant.work_sessions SET started_at = now() - interval '2 hours', last_seen_at = now() - interval '{minutes} minutes'"
        ));
    };
    heard(14);
    assert_eq!(only(&ada).await["silent_since"], Value::Null);
    heard(16);
    let silent = only(&ada).await;
    assert_eq!(silent["silent_since"], silent["last_seen_at"]);
    sql("UPDATE tenant.work_sessions SET ended_at = last_seen_at, end_reason = 'silent'");
    assert!(only(&ada).await["silent_since"].is_string());
    // Its agent ended the session: there is nothing to wait for.
    sql("UPDATE tenant.work_sessions SET end_reason = 'stopped'");
    assert_eq!(only(&ada).await["silent_since"], Value::Null);
    sql("UPDATE tenant.work_sessions SET end_reason = 'silent'");
    beat(&agent, session, nothing).await;
    assert_eq!(only(&ada).await["silent_since"], Value::Null);
    // Heard of since without a session: it was switched on again, and is off for a reason.
    heard(120);
    sql("UPDATE tenant.devices SET last_seen_at = now() - interval '60 minutes'");
    assert_eq!(only(&ada).await["silent_since"], Value::Null);
}

#[actix_web::test]
async fn people_revoke_their_own_devices_and_nobody_elses() {
    let app = App::spawn().await;
    let twin = app.twin().await;
    let (acme, bolt) = (app.company("Acme").await, app.company("Bolt").await);
    let (ada, bob) = (
        app.employee(&acme, "Ada").await,
        app.employee(&acme, "Bob").await,
    );
    let zed = app.employee(&bolt, "Zed").await;
    let (agent, other) = (app.agent(&acme, &ada).await, app.agent(&acme, &ada).await);
    let session = begin(&agent, "items=2, screenshots=0, dead_letters=0").await;
    let path = revoke(agent.device);
    // Bob leads Ada's team; the admin's own room for Ada's devices is another.
    let team = json!({ "name": "Support", "member_ids": [] });
    let (_, team) = acme.admin.post("/api/teams", team).await;
    let id = team["id"].as_str().unwrap_or_default();
    execute(
        &mut app.copy.admin(),
        &format!(
            "INSERT INTO tenant.team_leads (company_id, team_id, user_id) SELECT company_id, id, '{}' FROM tenant.teams WHERE id::text = '{id}'",
            bob.user
        ),
    );
    execute(
        &mut app.copy.admin(),
        &format!(
            "UPDATE tenant.users SET team_id = (SELECT id FROM tenant.teams) WHERE id = '{}'",
            ada.user
        ),
    );
    for (who, whom) in [
        ("a colleague who leads", &bob),
        ("an admin", &acme.admin),
        ("another company's", &zed),
        ("another company's admin", &bolt.admin),
    ] {
        assert_eq!(whom.post(&path, json!({})).await.0, 404, "{who}");
    }
    assert_eq!(acme.owner.post(&path, json!({})).await.0, 403);
    assert_eq!(acme.owner.get(MINE).await.0, 403);
    assert_eq!(agent.post(&path, json!({})).await.0, 401);
    assert_eq!(ada.post(&revoke(Uuid::now_v7()), json!({})).await.0, 404);
    assert_eq!(
        ada.post(&format!("{MINE}/x/revoke"), json!({})).await.0,
        404
    );
    assert_eq!(agent.get("/api/agent/settings").await.0, 200);

    let there = agent.at(&twin);
    assert_eq!(there.get("/api/agent/settings").await.0, 200);
    let (status, ended) = ada.post(&path, json!({})).await;
    assert_eq!((status, &ended["ended"]), (200, &json!(1)));
    let begun = Instant::now();
    let body = json!({ "id": session, "at": Utc::now() });
    let (status, problem) = agent.post("/api/work-session/heartbeat", body).await;
    let expected = (401, &json!("unauthenticated"));
    assert_eq!((status, &problem["code"]), expected, "at once here");
    while there.get("/api/agent/settings").await.0 != 401 {
        assert!(begun.elapsed() < Duration::from_secs(30), "and there");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(other.get("/api/agent/settings").await.0, 200);
    let again = json!({ "email": ada.email, "password": PASSWORD,
        "device": { "id": agent.device, "name": "desk", "os": "Debian", "agent_version": "1" } });
    let (status, problem) = agent.post("/api/login", again).await;
    assert_eq!((status, &problem["code"]), (409, &json!("device_revoked")));
    let (_, ended) = ada.post(&path, json!({})).await;
    assert_eq!(ended["ended"], 0, "it is already");
    let of = format!("tenant.work_sessions WHERE id = '{session}'");
    assert_eq!(count(&app, &of), 1, "what it recorded stays");
    let id = json!(agent.device);
    let seen = list(&ada, MINE).await;
    let revoked: Vec<_> = seen
        .iter()
        .filter(|one| one["revoked_at"].is_string())
        .map(|one| one["id"].clone())
        .collect();
    assert_eq!(revoked, [id]);

    // An admin's own goes the same way.
    let own = app.agent(&acme, &acme.admin).await;
    assert_eq!(ada.post(&revoke(own.device), json!({})).await.0, 404);
    let (status, ended) = acme.admin.post(&revoke(own.device), json!({})).await;
    assert_eq!((status, &ended["ended"]), (200, &json!(1)));
}

#[actix_web::test]
async fn a_revocation_is_entered_once_in_the_persons_name() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let agent = app.agent(&acme, &ada).await;
    for _ in 0..2 {
        assert_eq!(ada.post(&revoke(agent.device), json!({})).await.0, 200);
    }
    settle(&app);
    let entries = rows(
        &mut app.copy.admin(),
        "SELECT actor_id, actor, detail, address FROM tenant.audit_entries WHERE action = 'account.device_revoked'",
    );
    let expected = json!([{ "actor_id": ada.user, "actor": ada.email, "address": "127.0.0.1",
        "detail": { "device_id": agent.device, "sign_ins": 1 } }]);
    assert_eq!(json!(entries), expected);
}

/// Whatever the program asks: an employee's role revokes its own devices, once, and changes nothing else of any.
#[actix_web::test]
async fn the_database_lets_people_revoke_their_own_devices_and_no_more() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let (ada, bob) = (
        app.employee(&acme, "Ada").await,
        app.employee(&acme, "Bob").await,
    );
    let (adas, bobs) = (app.agent(&acme, &ada).await, app.agent(&acme, &bob).await);
    let as_ada = |sql: &str| {
        let text = format!(
            "BEGIN; SET LOCAL ROLE tracker_employee; SET LOCAL app.company_id = '{}'; SET LOCAL app.user_id = '{}'; {sql}; COMMIT",
            acme.id, ada.user
        );
        app.copy.admin().batch_execute(&text)
    };
    let revoked = || {
        let sql = "SELECT id FROM tenant.devices WHERE revoked_at IS NOT NULL";
        rows(&mut app.copy.admin(), sql)
    };
    as_ada("UPDATE tenant.devices SET revoked_at = now()").unwrap();
    assert_eq!(revoked(), [json!({ "id": adas.device })]);
    as_ada("UPDATE tenant.devices SET revoked_at = NULL").unwrap();
    assert_eq!(revoked().len(), 1, "there is no way back");
    as_ada(&format!(
        "SELECT tenant.end_own_device_sign_ins('{}', gen_random_uuid(), NULL, NULL)",
        bobs.device
    ))
    .unwrap();
    assert_eq!(bobs.get("/api/agent/settings").await.0, 200);
    let open = format!(
        "auth.sign_ins WHERE device_id = '{}' AND ended_at IS NULL",
        bobs.device
    );
    assert_eq!(count(&app, &open), 1);
    for column in ["name = 'x'", "queued_items = 0", "last_synced_at = now()"] {
        let error = as_ada(&format!("UPDATE tenant.devices SET {column}")).unwrap_err();
        assert!(error.to_string().contains("denied"), "{column}: {error}");
    }
}

/// The real agent: what waits on its disk is what its person sees, until it is revoked.
#[actix_web::test]
async fn the_real_agent_tells_what_waits_on_its_disk() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let sql = |text: &str| execute(&mut app.copy.admin(), text);
    sql("UPDATE tenant.company_settings SET screenshot_interval_seconds = 60");
    let desk = Desk::new(&app, &acme, &ada).await;
    let now = Utc::now();
    // Older than anything that is taken in: the server refuses it for good.
    desk.record(1, now - chrono::Duration::days(410));
    sql("UPDATE tenant.company_usage SET storage_bytes = 9000000000000000000");
    desk.record(3, now - chrono::Duration::minutes(5));
    let before = desk.waiting();
    assert!(before.items > 10 && before.screenshots > 2, "{before:?}");
    desk.pass().await.unwrap();
    // Sessions begin by calls of their own, and one of them is the last to tell: what was refused before counts by then.
    desk.record(1, now - chrono::Duration::minutes(1));
    desk.pass().await.unwrap();
    let waiting = desk.waiting();
    assert_eq!(waiting.items, 0);
    assert!(
        waiting.screenshots > 2 && waiting.dead_letters > 0,
        "{waiting:?}"
    );
    let told = only(&ada).await;
    assert_eq!(told["queued_items"], 0);
    assert_eq!(told["queued_screenshots"], waiting.screenshots);
    assert_eq!(told["dead_letters"], waiting.dead_letters);
    let oldest = DateTime::from_timestamp(waiting.oldest.unwrap().timestamp(), 0);
    assert_eq!(told["oldest_queued_at"], wire(oldest.unwrap()));

    sql("UPDATE tenant.company_usage SET storage_bytes = 0");
    desk.pass().await.unwrap();
    let told = only(&ada).await;
    assert_eq!(desk.waiting().screenshots, told["queued_screenshots"]);
    assert_eq!(told["queued_items"], 0);

    let id = Queue::open(&desk.home).unwrap().device_id().unwrap();
    assert_eq!(ada.post(&revoke(id), json!({})).await.0, 200);
    desk.record(1, now);
    let before = desk.waiting();
    assert!(matches!(desk.pass().await, Err(Trouble::SignIn)));
    assert_eq!(desk.waiting(), before, "what it has not sent stays there");
}
