//! The sync engine against a server that answers by script.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use support::{Reply, Server, answers, problem, settings, signed_in, tokens};
use tracker_agent::home::Home;
use tracker_agent::queue::{Item, Queue, note};
use tracker_agent::status::Status;
use tracker_agent::sync::{Engine, Trouble};
use tracker_agent::tasks::{self, Chosen};
use tracker_wire::{ActivityItem, AgentQueue, ApplicationItem, ScreenshotMeta, SessionItem};
use uuid::Uuid;

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_168_800 + second, 0).unwrap()
}

fn session(id: Uuid, reason: Option<&str>) -> Item {
    let ended_at = reason.map(|_| at(600));
    Item::Session(SessionItem {
        id,
        started_at: at(0),
        ended_at,
        reason: reason.map(String::from),
        task_id: None,
    })
}

fn window(session_id: Uuid, title: &str) -> Item {
    let (id, app) = (Uuid::now_v7(), "XTerm".to_owned());
    Item::Application(ApplicationItem {
        id,
        session_id,
        app,
        title: title.to_owned(),
        started_at: at(0),
        seconds: 30,
    })
}

fn minute(session_id: Uuid) -> Item {
    let id = Uuid::now_v7();
    Item::Activity(ActivityItem {
        id,
        session_id,
        minute: at(0),
        keystrokes: 5,
        mouse_events: 2,
        active_seconds: 40,
        idle_seconds: 20,
    })
}

/// An ended session with some windows and a minute.
fn recorded(home: &Home, titles: &[&str]) -> Queue {
    let mut queue = Queue::open(home).unwrap();
    let id = Uuid::now_v7();
    let mut items = vec![session(id, Some("paused"))];
    items.extend(titles.iter().map(|title| window(id, title)));
    items.push(minute(id));
    queue.save(&items, None).unwrap();
    queue
}

fn pictured(queue: &Queue, count: usize) {
    for _ in 0..count {
        let meta = ScreenshotMeta {
            id: Uuid::now_v7(),
            session_id: Uuid::now_v7(),
            taken_at: at(5),
            display: 0,
            blurred: false,
        };
        queue.add_screenshot(&meta, b"RIFF a picture").unwrap();
    }
}

#[test]
fn everything_queued_is_sent_once_and_packed() {
    let server = Server::friendly();
    let (_dir, home) = signed_in(&server.url);
    let queue = recorded(&home, &["one", "two"]);
    Engine::new(&home).unwrap().pass().unwrap();
    Engine::new(&home).unwrap().pass().unwrap();
    assert_eq!(queue.waiting().unwrap().items, 0);
    let batches = server.seen("/api/upload/batch");
    assert_eq!(batches.len(), 1);
    assert_eq!(batches[0].header("content-encoding"), Some("gzip"));
    assert_eq!(
        batches[0].header("x-company-key"),
        Some("company_0123456789abcdef0123456789abcdef")
    );
    assert_eq!(batches[0].token(), "access-0");
    assert_eq!(server.uploaded("sessions")[0]["reason"], "paused");
    assert_eq!(server.uploaded("applications").len(), 2);
    assert_eq!(server.uploaded("activity")[0]["keystrokes"], 5);
}

#[test]
fn a_batch_whose_answer_was_lost_is_repeated_unchanged() {
    let server =
        Server::scripted(|request| (request.path == "/api/upload/batch").then_some(Reply::Lost));
    let (_dir, home) = signed_in(&server.url);
    let mut queue = recorded(&home, &["one", "two"]);
    assert!(matches!(
        Engine::new(&home).unwrap().pass(),
        Err(Trouble::Later { .. })
    ));
    // What is recorded meanwhile must not join the batch.
    queue
        .save(&[window(Uuid::now_v7(), "three")], None)
        .unwrap();
    server.now(|_| None);
    Engine::new(&home).unwrap().pass().unwrap();
    let bodies: Vec<_> = server
        .seen("/api/upload/batch")
        .into_iter()
        .map(|request| request.body)
        .collect();
    assert_eq!(bodies.len(), 3);
    assert_eq!(bodies[0], bodies[1]);
    assert_ne!(bodies[1], bodies[2]);
    assert_eq!(queue.waiting().unwrap().items, 0);
}

#[test]
fn a_rejected_item_goes_aside_and_the_rest_goes_on() {
    let server = Server::scripted(|request| {
        let reject =
            |item: &serde_json::Value| (item["title"] == "bad").then_some("time_out_of_range");
        let body = || json!({ "items": answers(&request.json(), reject), "settings_version": 1 });
        (request.path == "/api/upload/batch").then(|| Reply::Json(200, body()))
    });
    let (_dir, home) = signed_in(&server.url);
    let queue = recorded(&home, &["good", "bad", "good"]);
    Engine::new(&home).unwrap().pass().unwrap();
    assert_eq!(queue.waiting().unwrap().items, 0);
    let letters = queue.dead_letters(10).unwrap();
    assert_eq!(
        (
            letters.len(),
            letters[0].kind.as_str(),
            letters[0].code.as_str()
        ),
        (1, "application", "time_out_of_range")
    );
    assert_eq!(Status::collect(&home).unwrap().dead_letters, 1);
}

#[test]
fn an_item_without_an_answer_stays_queued() {
    let server = Server::scripted(|request| {
        let nothing = || Reply::Json(200, json!({ "items": [], "settings_version": 1 }));
        (request.path == "/api/upload/batch").then(nothing)
    });
    let (_dir, home) = signed_in(&server.url);
    let queue = recorded(&home, &["one", "two"]);
    let mut engine = Engine::new(&home).unwrap();
    assert!(
        matches!(engine.pass(), Err(Trouble::Later { .. })),
        "an answer to nothing ends the pass"
    );
    assert_eq!(queue.waiting().unwrap().items, 4);
    assert_eq!(queue.note(note::LAST_ACKNOWLEDGED).unwrap(), None);
    server.now(|_| None);
    engine.pass().unwrap();
    assert_eq!(queue.waiting().unwrap().items, 0);
}

#[test]
fn a_batch_refused_whole_is_split_until_the_culprit_stands_alone() {
    let server = Server::scripted(|request| {
        let is_bad = request.path == "/api/upload/batch"
            && String::from_utf8_lossy(&request.body).contains("\"bad\"");
        is_bad.then(|| problem(422, "invalid"))
    });
    let (_dir, home) = signed_in(&server.url);
    let titles: Vec<String> = (0..20)
        .map(|number| {
            if number == 13 {
                "bad".into()
            } else {
                number.to_string()
            }
        })
        .collect();
    let queue = recorded(
        &home,
        &titles.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    Engine::new(&home).unwrap().pass().unwrap();
    let waiting = queue.waiting().unwrap();
    assert_eq!((waiting.items, waiting.dead_letters), (0, 1));
    assert_eq!(queue.dead_letters(1).unwrap()[0].code, "invalid");
}

#[test]
fn a_refusal_by_something_before_the_server_loses_nothing() {
    let server = Server::scripted(|request| {
        (request.path == "/api/upload/batch").then(|| Reply::Json(400, json!("<html>")))
    });
    let (_dir, home) = signed_in(&server.url);
    let queue = recorded(&home, &["one"]);
    assert!(matches!(
        Engine::new(&home).unwrap().pass(),
        Err(Trouble::Refused { .. })
    ));
    let waiting = queue.waiting().unwrap();
    assert_eq!((waiting.items, waiting.dead_letters), (3, 0));
}

/// A server whose access token has ended; it counts refreshes and gives out numbered pairs.
fn expired(refreshes: Arc<AtomicUsize>) -> Server {
    Server::scripted(
        move |request| match (request.path.as_str(), request.token()) {
            ("/api/token/refresh", _) => {
                let number = refreshes.fetch_add(1, Ordering::SeqCst) + 1;
                Some(Reply::Json(
                    200,
                    tokens(&format!("access-{number}"), &format!("refresh-{number}")),
                ))
            }
            (_, "access-0") => Some(problem(401, "unauthenticated")),
            _ => None,
        },
    )
}

#[test]
fn an_ended_token_is_refreshed_once_and_the_new_pair_is_kept() {
    let refreshes = Arc::new(AtomicUsize::new(0));
    let server = expired(Arc::clone(&refreshes));
    let (_dir, home) = signed_in(&server.url);
    let queue = recorded(&home, &["one"]);
    Engine::new(&home).unwrap().pass().unwrap();
    assert_eq!(refreshes.load(Ordering::SeqCst), 1);
    assert_eq!(queue.waiting().unwrap().items, 0);
    let credentials = home.credentials().unwrap().unwrap();
    assert_eq!(
        (
            credentials.access_token.reveal(),
            credentials.refresh_token.reveal()
        ),
        ("access-1", "refresh-1")
    );
    assert_eq!(
        server.seen("/api/token/refresh")[0].json(),
        json!({ "refresh_token": "refresh-0" })
    );
    assert_eq!(
        server.seen("/api/token/refresh")[0].token(),
        "",
        "a refresh carries no ended token"
    );
}

#[test]
fn a_lost_answer_to_a_refresh_leaves_the_old_token_in_use() {
    let server = Server::scripted(|request| match request.path.as_str() {
        "/api/token/refresh" => Some(Reply::Lost),
        _ => Some(problem(401, "unauthenticated")),
    });
    let (_dir, home) = signed_in(&server.url);
    let mut engine = Engine::new(&home).unwrap();
    assert!(matches!(engine.pass(), Err(Trouble::Later { .. })));
    assert!(matches!(engine.pass(), Err(Trouble::Later { .. })));
    let sent: Vec<_> = server
        .seen("/api/token/refresh")
        .iter()
        .map(|request| request.json()["refresh_token"].clone())
        .collect();
    assert!(
        sent.len() >= 2 && sent.iter().all(|token| token == "refresh-0"),
        "{sent:?}"
    );
}

#[test]
fn a_dead_sign_in_keeps_the_queue_and_is_not_asked_again() {
    let server = Server::scripted(|_| Some(problem(401, "unauthenticated")));
    let (_dir, home) = signed_in(&server.url);
    let queue = recorded(&home, &["one"]);
    let mut engine = Engine::new(&home).unwrap();
    assert!(matches!(engine.pass(), Err(Trouble::SignIn)));
    assert!(matches!(engine.pass(), Err(Trouble::SignIn)));
    assert_eq!(server.count("/api/token/refresh"), 1);
    assert_eq!(queue.waiting().unwrap().items, 3);
    let status = Status::collect(&home).unwrap();
    assert!(!status.signed_in && status.last_error.unwrap().text.contains("sign in again"));
}

#[test]
fn recordings_of_somebody_else_are_not_sent() {
    let server = Server::friendly();
    let (_dir, home) = signed_in(&server.url);
    let queue = recorded(&home, &["one"]);
    queue
        .set_note(note::OWNER, &Uuid::now_v7().to_string())
        .unwrap();
    assert!(matches!(
        Engine::new(&home).unwrap().pass(),
        Err(Trouble::SignIn)
    ));
    assert_eq!(server.paths(), Vec::<String>::new());
}

#[test]
fn a_company_that_is_not_served_keeps_its_queue() {
    for (http, code) in [
        (403, "company_suspended"),
        (403, "company_expired"),
        (403, "company_cancelled"),
        (401, "company_key_invalid"),
    ] {
        let server = Server::scripted(move |_| Some(problem(http, code)));
        let (_dir, home) = signed_in(&server.url);
        let queue = recorded(&home, &["one"]);
        let mut engine = Engine::new(&home).unwrap();
        assert!(matches!(engine.pass(), Err(Trouble::Company { code: said, .. }) if said == code));
        assert_eq!(server.count("/api/token/refresh"), 0, "{code}");
        assert_eq!(queue.waiting().unwrap().items, 3, "{code}");
        assert_eq!(
            Status::collect(&home).unwrap().last_error.unwrap().code,
            code
        );
        server.now(|_| None);
        engine.pass().unwrap();
        assert_eq!(queue.waiting().unwrap().items, 0, "{code}");
        assert!(
            Status::collect(&home).unwrap().last_error.is_none(),
            "{code}"
        );
    }
}

#[test]
fn a_busy_server_is_asked_again_when_it_wishes() {
    let server =
        Server::scripted(|_| Some(Reply::With(429, json!({}), "retry-after", "42".into())));
    let (_dir, home) = signed_in(&server.url);
    let Err(Trouble::Later { after, .. }) = Engine::new(&home).unwrap().pass() else {
        panic!("not later")
    };
    assert_eq!(after.unwrap().as_secs(), 42);
}

#[test]
fn an_open_session_is_started_by_a_call_and_a_stopped_one_ended_by_a_call() {
    let server = Server::friendly();
    let (_dir, home) = signed_in(&server.url);
    let (mut queue, id) = (Queue::open(&home).unwrap(), Uuid::now_v7());
    queue
        .save(
            &[session(id, None)],
            Some(&json!({ "session": { "id": id, "started_at": at(0) } }).to_string()),
        )
        .unwrap();
    let mut engine = Engine::new(&home).unwrap();
    engine.pass().unwrap();
    queue
        .save(&[window(id, "one"), session(id, Some("stopped"))], None)
        .unwrap();
    engine.pass().unwrap();
    assert_eq!(
        server.paths(),
        [
            "/api/agent/settings",
            "/api/work-session/start",
            "/api/upload/batch",
            "/api/work-session/stop"
        ]
    );
    assert_eq!(server.uploaded("sessions"), Vec::<serde_json::Value>::new());
    assert_eq!(queue.waiting().unwrap().items, 0);
}

#[test]
fn a_running_session_gives_a_sign_of_life() {
    let server = Server::friendly();
    let (_dir, home) = signed_in(&server.url);
    let (mut queue, id) = (Queue::open(&home).unwrap(), Uuid::now_v7());
    queue
        .save(
            &[],
            Some(&json!({ "session": { "id": id, "started_at": at(0) } }).to_string()),
        )
        .unwrap();
    let mut engine = Engine::new(&home).unwrap();
    engine.pass().unwrap();
    engine.pass().unwrap();
    let beats = server.seen("/api/work-session/heartbeat");
    assert_eq!(beats.len(), 1, "no more than one a minute");
    assert_eq!(beats[0].json()["id"], id.to_string());
    assert_eq!(beats[0].json()["limitations"], json!(null));
    queue
        .write(note::LIMITATIONS, &["screenshots_not_available"])
        .unwrap();
    Engine::new(&home).unwrap().pass().unwrap();
    let beats = server.seen("/api/work-session/heartbeat");
    assert_eq!(
        beats[1].json()["limitations"],
        json!(["screenshots_not_available"])
    );
}

/// What each call says of the queue, by the call's path.
fn told(server: &Server) -> Vec<(String, Option<AgentQueue>)> {
    let calls = server.paths().into_iter();
    let mut seen = std::collections::HashMap::new();
    calls
        .map(|path| {
            let place = seen.entry(path.clone()).or_insert(0);
            let call = server.seen(&path).into_iter().nth(*place).unwrap();
            *place += 1;
            let queue = call.header("x-agent-queue");
            let queue = queue.map(|text| text.parse().unwrap());
            (path, queue)
        })
        .collect()
}

#[test]
fn what_is_sent_says_what_waits_besides() {
    let server = Server::friendly();
    let (_dir, home) = signed_in(&server.url);
    let (mut queue, id) = (Queue::open(&home).unwrap(), Uuid::now_v7());
    let open = json!({ "session": { "id": id, "started_at": at(0) } }).to_string();
    let mut items = vec![session(id, None)];
    items.extend((0..700).map(|number| window(id, &number.to_string())));
    queue.save(&items, Some(&open)).unwrap();
    pictured(&queue, 2);
    Engine::new(&home).unwrap().pass().unwrap();
    let told = told(&server);
    let left: Vec<_> = told
        .iter()
        .map(|(path, queue)| {
            let counts = queue.map(|queue| (queue.items, queue.screenshots));
            (path.as_str(), counts)
        })
        .collect();
    assert_eq!(
        left,
        [
            ("/api/agent/settings", None),
            ("/api/work-session/start", Some((700, 2))),
            ("/api/upload/batch", Some((200, 2))),
            ("/api/upload/batch", Some((0, 2))),
            ("/api/screenshot/upload", Some((0, 1))),
            ("/api/screenshot/upload", Some((0, 0))),
        ]
    );
    let age = |queue: &Option<AgentQueue>| queue.and_then(|queue| queue.oldest);
    assert!(told[1..5].iter().all(|(_, queue)| age(queue).is_some()));
    assert_eq!(age(&told[5].1), None, "nothing waits: nothing is oldest");
}

#[test]
fn what_was_refused_for_good_is_told_with_the_next_call() {
    let server = Server::scripted(|request| {
        (request.path == "/api/upload/batch").then(|| {
            let refuse = |item: &Value| (item["title"] == "bad").then_some("invalid");
            let items = answers(&request.json(), refuse);
            Reply::Json(200, json!({ "items": items, "settings_version": 1 }))
        })
    });
    let (_dir, home) = signed_in(&server.url);
    recorded(&home, &["bad"]);
    let mut engine = Engine::new(&home).unwrap();
    engine.pass().unwrap();
    recorded(&home, &["good"]);
    engine.pass().unwrap();
    let dead: Vec<_> = told(&server)
        .into_iter()
        .filter_map(|(_, queue)| Some(queue?.dead_letters))
        .collect();
    assert_eq!(dead, [0, 1]);
}

/// A header that something on the way has spoilt says nothing about what was recorded.
#[test]
fn nothing_is_given_up_for_what_is_told_of_the_queue() {
    let server = Server::scripted(|request| {
        (request.path == "/api/upload/batch").then(|| problem(400, "agent_queue_invalid"))
    });
    let (_dir, home) = signed_in(&server.url);
    let queue = recorded(&home, &["one", "two"]);
    let pass = Engine::new(&home).unwrap().pass();
    assert!(matches!(pass, Err(Trouble::Refused { code, .. }) if code == "agent_queue_invalid"));
    let waiting = queue.waiting().unwrap();
    assert_eq!((waiting.items, waiting.dead_letters), (4, 0));
}

#[test]
fn a_session_that_began_and_ended_offline_travels_whole() {
    let server = Server::friendly();
    let (_dir, home) = signed_in(&server.url);
    let (mut queue, id) = (Queue::open(&home).unwrap(), Uuid::now_v7());
    queue.save(&[session(id, None)], None).unwrap();
    queue
        .save(&[window(id, "one"), session(id, Some("stopped"))], None)
        .unwrap();
    Engine::new(&home).unwrap().pass().unwrap();
    assert_eq!(
        server.count("/api/work-session/start") + server.count("/api/work-session/stop"),
        0
    );
    let sessions = server.uploaded("sessions");
    assert_eq!(
        (sessions.len(), &sessions[0]["reason"]),
        (1, &json!("stopped"))
    );
}

#[test]
fn an_older_sessions_end_goes_before_a_newer_start() {
    for reason in ["paused", "stopped"] {
        let server = Server::friendly();
        let (_dir, home) = signed_in(&server.url);
        let (mut queue, first, second) =
            (Queue::open(&home).unwrap(), Uuid::now_v7(), Uuid::now_v7());
        let mut engine = Engine::new(&home).unwrap();
        queue.save(&[session(first, None)], None).unwrap();
        engine.pass().unwrap();
        queue
            .save(
                &[
                    window(first, "one"),
                    session(first, Some(reason)),
                    session(second, None),
                ],
                None,
            )
            .unwrap();
        engine.pass().unwrap();
        assert_eq!(server.count("/api/work-session/start"), 1, "{reason}");
        let sent: Vec<_> = server
            .uploaded("sessions")
            .iter()
            .map(|item| item["id"].clone())
            .collect();
        assert_eq!(sent, [first.to_string(), second.to_string()], "{reason}");
        assert_eq!(queue.waiting().unwrap().items, 0, "{reason}");
    }
}

#[test]
fn other_settings_are_fetched_when_an_answer_names_another_version() {
    let newer = tracker_wire::AgentSettings {
        version: 2,
        record_titles: false,
        ..settings()
    };
    let server = Server::scripted(move |request| match request.path.as_str() {
        "/api/agent/settings" => Some(Reply::Json(200, json!(newer))),
        "/api/upload/batch" => Some(Reply::Json(
            200,
            json!({ "items": answers(&request.json(), |_| None), "settings_version": 2 }),
        )),
        _ => None,
    });
    let (_dir, home) = signed_in(&server.url);
    let queue = recorded(&home, &["one"]);
    Engine::new(&home).unwrap().pass().unwrap();
    let kept: tracker_wire::AgentSettings = queue.read(note::SETTINGS).unwrap().unwrap();
    assert_eq!((kept.version, kept.record_titles), (2, false));
    assert_eq!(
        server.count("/api/agent/settings"),
        1,
        "asked once at the start, and the version is the same then"
    );
}

#[test]
fn screenshots_go_after_the_text_one_by_one() {
    let server = Server::friendly();
    let (_dir, home) = signed_in(&server.url);
    let queue = recorded(&home, &["one"]);
    pictured(&queue, 2);
    Engine::new(&home).unwrap().pass().unwrap();
    assert_eq!(
        server.paths()[1..],
        [
            "/api/upload/batch",
            "/api/screenshot/upload",
            "/api/screenshot/upload"
        ]
    );
    let upload = &server.seen("/api/screenshot/upload")[0];
    let text = String::from_utf8_lossy(&upload.body).into_owned();
    assert!(
        text.contains("name=\"meta\"")
            && text.contains("name=\"image\"")
            && text.contains("\"display\":0")
            && text.contains("filename=\"screenshot.webp\"\r\nContent-Type: image/webp\r\n")
    );
    assert!(
        upload
            .header("content-type")
            .unwrap()
            .starts_with("multipart/form-data; boundary=")
    );
    assert_eq!(queue.waiting().unwrap().screenshots, 0);
    assert_eq!(std::fs::read_dir(home.screenshots()).unwrap().count(), 0);
}

#[test]
fn a_full_storage_holds_screenshots_back_and_lets_text_pass() {
    let server = Server::scripted(|request| {
        (request.path == "/api/screenshot/upload").then(|| problem(507, "storage_limit_reached"))
    });
    let (_dir, home) = signed_in(&server.url);
    let mut queue = recorded(&home, &["one"]);
    pictured(&queue, 2);
    let mut engine = Engine::new(&home).unwrap();
    engine.pass().unwrap();
    queue.save(&[window(Uuid::now_v7(), "two")], None).unwrap();
    engine.pass().unwrap();
    let waiting = queue.waiting().unwrap();
    assert_eq!(
        (waiting.items, waiting.screenshots, waiting.dead_letters),
        (0, 2, 0)
    );
    assert_eq!(
        server.count("/api/screenshot/upload"),
        1,
        "asked again slowly"
    );
    assert!(Status::collect(&home).unwrap().storage_full);
}

#[test]
fn a_plan_without_screenshots_holds_them_back_until_there_is_another() {
    let server = Server::scripted(|request| {
        (request.path == "/api/screenshot/upload").then(|| problem(403, "feature_not_in_plan"))
    });
    let (_dir, home) = signed_in(&server.url);
    let mut queue = recorded(&home, &["one"]);
    pictured(&queue, 3);
    let mut engine = Engine::new(&home).unwrap();
    engine.pass().unwrap();
    queue.save(&[window(Uuid::now_v7(), "two")], None).unwrap();
    engine.pass().unwrap();
    let waiting = queue.waiting().unwrap();
    assert_eq!(
        (waiting.items, waiting.screenshots, waiting.dead_letters),
        (0, 3, 0),
        "nothing is lost, and text goes on"
    );
    assert_eq!(
        server.count("/api/screenshot/upload"),
        1,
        "one asks for all, slowly"
    );
    let status = Status::collect(&home).unwrap();
    assert!(status.screenshots_not_in_plan && !status.storage_full);
    let friendly = Server::friendly();
    let (_dir, elsewhere) = signed_in(&friendly.url);
    let queue = Queue::open(&elsewhere).unwrap();
    queue.set_note(note::NOT_IN_PLAN, "true").unwrap();
    pictured(&queue, 1);
    Engine::new(&elsewhere).unwrap().pass().unwrap();
    let status = Status::collect(&elsewhere).unwrap();
    assert!(!status.screenshots_not_in_plan && status.queued_screenshots == 0);
}

#[test]
fn a_screenshot_that_is_never_taken_goes_aside_and_its_picture_is_gone() {
    let server = Server::scripted(|request| {
        (request.path == "/api/screenshot/upload").then(|| problem(422, "image_unreadable"))
    });
    let (_dir, home) = signed_in(&server.url);
    let queue = Queue::open(&home).unwrap();
    pictured(&queue, 2);
    Engine::new(&home).unwrap().pass().unwrap();
    let waiting = queue.waiting().unwrap();
    assert_eq!((waiting.screenshots, waiting.dead_letters), (0, 2));
    assert_eq!(std::fs::read_dir(home.screenshots()).unwrap().count(), 0);
}

#[test]
fn no_batch_is_larger_than_five_hundred() {
    let server = Server::friendly();
    let (_dir, home) = signed_in(&server.url);
    let titles: Vec<String> = (0..1200).map(|number| number.to_string()).collect();
    recorded(
        &home,
        &titles.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    Engine::new(&home).unwrap().pass().unwrap();
    assert_eq!(server.count("/api/upload/batch"), 3);
    assert_eq!(server.uploaded("applications").len(), 1200);
}

#[test]
fn a_page_before_the_server_ends_no_sign_in() {
    // What is no problem's body has no code.
    let server = Server::scripted(|_| Some(Reply::Json(401, json!({ "hotel": "Grand" }))));
    let (_dir, home) = signed_in(&server.url);
    let queue = recorded(&home, &["one"]);
    let mut engine = Engine::new(&home).unwrap();
    for _ in 0..2 {
        assert!(matches!(engine.pass(), Err(Trouble::Later { .. })));
    }
    assert_eq!(server.count("/api/token/refresh"), 0);
    // The renewal meets the page as well.
    server.now(|request| match request.path.as_str() {
        "/api/token/refresh" => Some(Reply::Json(401, json!({ "hotel": "Grand" }))),
        _ => Some(problem(401, "unauthenticated")),
    });
    assert!(matches!(engine.pass(), Err(Trouble::Later { .. })));
    server.now(|_| None);
    engine.pass().unwrap();
    assert_eq!(queue.waiting().unwrap().items, 0);
}

#[test]
fn a_refused_picture_says_what_was_wrong_with_it() {
    let server = Server::scripted(|request| {
        (request.path == "/api/screenshot/upload").then(|| {
            let errors =
                [json!({ "pointer": "/meta/taken_at", "code": "screenshots_off", "detail": "-" })];
            let body = json!({ "code": "invalid", "detail": "-", "errors": errors });
            Reply::Json(422, body)
        })
    });
    let (_dir, home) = signed_in(&server.url);
    let queue = Queue::open(&home).unwrap();
    pictured(&queue, 1);
    Engine::new(&home).unwrap().pass().unwrap();
    assert_eq!(queue.dead_letters(1).unwrap()[0].code, "screenshots_off");
}

#[test]
fn nothing_that_is_said_holds_a_secret() {
    let server = Server::scripted(|_| Some(Reply::Lost));
    let (_dir, home) = signed_in(&server.url);
    let trouble = Engine::new(&home).unwrap().pass().unwrap_err();
    let credentials = home.credentials().unwrap().unwrap();
    let said = format!(
        "{trouble} {trouble:?} {credentials:?} {:?}",
        Status::collect(&home).unwrap()
    );
    for secret in ["company_0123", "access-0", "refresh-0"] {
        assert!(!said.contains(secret), "{secret} in {said}");
    }
}

#[test]
fn a_session_whose_task_is_refused_is_sent_without_it() {
    let server = Server::scripted(|request| match request.path.as_str() {
        "/api/upload/batch" => {
            let named = |item: &Value| item["task_id"].is_string().then_some("unknown_task");
            let items = answers(&request.json(), named);
            Some(Reply::Json(
                200,
                json!({ "items": items, "settings_version": 1 }),
            ))
        }
        "/api/work-session/start" if request.json()["task_id"].is_string() => {
            Some(problem(422, "unknown_task"))
        }
        _ => None,
    });
    let (_dir, home) = signed_in(&server.url);
    let mut queue = Queue::open(&home).unwrap();
    let chosen = Chosen {
        id: Uuid::from_u128(1),
        title: "Task 1".into(),
    };
    queue.write(note::TASK, &chosen).unwrap();
    let id = Uuid::now_v7();
    for reason in [None, Some("task_changed")] {
        let Item::Session(item) = session(id, reason) else {
            panic!("a session was made");
        };
        let item = Item::Session(SessionItem {
            task_id: Some(chosen.id),
            ..item
        });
        queue.save(&[item, window(id, "one")], None).unwrap();
    }
    Engine::new(&home).unwrap().pass().unwrap();
    let waiting = queue.waiting().unwrap();
    assert_eq!((waiting.items, waiting.dead_letters), (0, 0));
    let sent = server.uploaded("sessions");
    assert!(sent.last().unwrap()["task_id"].is_null(), "{sent:?}");
    assert_eq!(server.uploaded("applications").len(), 2);
    assert_eq!(
        tasks::chosen(&queue).unwrap(),
        None,
        "it is worked on no more"
    );
}

#[test]
fn a_task_that_is_open_no_more_is_forgotten_and_an_older_server_knows_none() {
    let server = Server::friendly();
    let (_dir, home) = signed_in(&server.url);
    let queue = Queue::open(&home).unwrap();
    let choose = |number: u128| {
        let chosen = Chosen {
            id: Uuid::from_u128(number),
            title: "Task".into(),
        };
        queue.write(note::TASK, &chosen).unwrap();
        Engine::new(&home).unwrap().pass().unwrap();
        tasks::chosen(&queue).unwrap().is_some()
    };
    assert!(choose(1));
    assert!(!choose(9));
    server.now(|request| (request.path == "/api/agent/tasks").then(|| problem(404, "not_found")));
    assert!(choose(9));
}

#[test]
fn what_is_refused_for_want_of_an_acknowledgement_leaves_no_words_behind() {
    let server = Server::scripted(|request| {
        (request.path == "/api/upload/batch").then(|| {
            let items = answers(&request.json(), |item| {
                item["app"].is_string().then_some("policy_not_acknowledged")
            });
            Reply::Json(200, json!({ "items": items, "settings_version": 1 }))
        })
    });
    let (_dir, home) = signed_in(&server.url);
    recorded(&home, &["strictly private words"]);
    Engine::new(&home).unwrap().pass().unwrap();
    let queue = Queue::open(&home).unwrap();
    assert_eq!(queue.waiting().unwrap().items, 0);
    assert_eq!(
        queue.dead_letters(1).unwrap()[0].code,
        "policy_not_acknowledged"
    );
    let database = std::fs::read_dir(home.dir()).unwrap();
    for file in database
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
    {
        // The log beside it is emptied when the last connection closes.
        if !file.to_string_lossy().contains("wal") {
            let bytes = std::fs::read(&file).unwrap();
            let words = b"strictly private words";
            assert!(
                !bytes.windows(words.len()).any(|window| window == words),
                "{file:?}"
            );
        }
    }
}
