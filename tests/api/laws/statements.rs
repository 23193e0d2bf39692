//! The statements that requests send, as PostgreSQL's log shows them: `tracker verify` explains each of them. A run over
//! all rooms writes the list, so that no statement is written down twice and none of an older version stays.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use chrono::{DurationRound, TimeDelta};
use diesel::connection::SimpleConnection;
use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use image::{ImageFormat, RgbImage};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tracker::http::openapi::openapi;
use uuid::Uuid;

use super::is_current;
use crate::app::{App, Client, Copy};
use crate::feed::{rows, settle};

#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text)]
    value: String,
}

/// Only connections made from now on log, and only those of this database. The tree of a parsed statement tells the
/// types of its values, which its text does not.
fn log_statements(copy: &Copy) {
    for setting in [
        "log_statement = 'all'",
        "log_error_verbosity = 'default'",
        "debug_print_parse = on",
        "debug_pretty_print = off",
    ] {
        let role = format!("ALTER ROLE tracker_web IN DATABASE {}", copy.name());
        let text = format!("{role} SET {setting}");
        copy.admin().batch_execute(&text).unwrap();
    }
}

fn log_of(copy: &Copy) -> String {
    let place: Setting = sql_query("SELECT current_setting('data_directory') AS value")
        .get_result(&mut copy.admin())
        .unwrap();
    let log = Path::new(&place.value)
        .parent()
        .unwrap()
        .join("postgres.log");
    String::from_utf8_lossy(&std::fs::read(log).unwrap()).into_owned()
}

/// What one process of the server is about.
#[derive(Default)]
struct Process {
    role: String,
    /// Of the statement parsed last: types by number.
    types: BTreeMap<usize, u32>,
}

/// `role<tab>types<tab>statement` of every statement on a tenant's table. A line begins with time and process.
fn statements(log: &str) -> BTreeMap<(String, String), BTreeMap<usize, u32>> {
    let mut processes: HashMap<&str, Process> = HashMap::new();
    let mut found = BTreeMap::new();
    let joined = log.replace("\n\t", " ");
    for line in joined.lines() {
        let Some((before, text)) = line.split_once("] ") else {
            continue;
        };
        let id = before.rsplit('[').next().unwrap_or_default();
        let process = processes.entry(id).or_default();
        if let Some(tree) = text.strip_prefix("DETAIL:  {QUERY ") {
            process.types = types(tree);
            continue;
        }
        if let Some((_, begin)) = text.split_once("; SET LOCAL ROLE ") {
            process.role = begin.split(';').next().unwrap_or_default().to_owned();
            continue;
        }
        let Some((_, statement)) = text
            .strip_prefix("LOG:  execute ")
            .and_then(|text| text.split_once(": "))
        else {
            continue;
        };
        let statement = statement.split(" -- ").next().unwrap_or_default();
        let words = statement.split_whitespace().collect::<Vec<_>>().join(" ");
        if words.contains("tenant.") || words.contains("\"tenant\"") {
            // Of one that stays prepared only the first execution follows its tree.
            let known = found.entry((process.role.clone(), words));
            known.or_insert_with(|| process.types.clone());
        }
    }
    found
}

fn types(tree: &str) -> BTreeMap<usize, u32> {
    let parameters = tree.split(":paramkind 0 :paramid ").skip(1);
    let read = |text: &str| {
        let mut words = text.split_whitespace();
        let number = words.next()?.parse().ok()?;
        Some((number, words.nth(1)?.parse().ok()?))
    };
    parameters.filter_map(read).collect()
}

/// The list as a text: `role<tab>types<tab>statement`, a line each.
fn listed(copy: &Copy, sent: BTreeMap<(String, String), BTreeMap<usize, u32>>) -> String {
    let names = rows(
        &mut copy.admin(),
        "SELECT oid::text AS oid, format_type(oid, NULL) AS name FROM pg_type",
    );
    let names: HashMap<&str, &str> = names
        .iter()
        .map(|of| (of["oid"].as_str().unwrap(), of["name"].as_str().unwrap()))
        .collect();
    let line = |((role, statement), types): ((String, String), BTreeMap<usize, u32>)| {
        let count = types.keys().max().copied().unwrap_or(0);
        let of = |number: usize| match types.get(&number) {
            Some(oid) => names[oid.to_string().as_str()],
            None => panic!("${number} has no type: {statement}"),
        };
        let types: Vec<_> = (1..=count).map(of).collect();
        format!("{role}\t{}\t{statement}\n", types.join(", "))
    };
    sent.into_iter().map(line).collect()
}

async fn send_screenshot(agent: &Client, session: Uuid, taken_at: &str) -> Value {
    let mut png = std::io::Cursor::new(Vec::new());
    RgbImage::new(40, 30)
        .write_to(&mut png, ImageFormat::Png)
        .unwrap();
    let meta = json!({ "id": Uuid::now_v7(), "session_id": session, "taken_at": taken_at, "display": 0, "blurred": false });
    let form = Form::new()
        .part("meta", Part::text(meta.to_string()))
        .part("image", Part::bytes(png.into_inner()));
    let request = agent.request(Method::POST, "/api/screenshot/upload");
    assert_eq!(request.multipart(form).send().await.unwrap().status(), 201);
    meta["id"].clone()
}

/// What agents and people do all day, then every read of the document with ids that are there.
async fn run_everything(app: &App) {
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let agent = app.agent(&acme, &ada).await;
    // A whole minute: an item that begins in the last half second of one counts as nothing in it.
    let now = chrono::Utc::now();
    let now = now.duration_trunc(TimeDelta::minutes(1)).unwrap();
    let at = |seconds: i64| (now - TimeDelta::seconds(seconds)).to_rfc3339();
    let session = Uuid::now_v7();
    let item = |kind: Value| {
        let mut item = json!({ "id": Uuid::now_v7(), "session_id": session, "started_at": at(120), "seconds": 5 });
        item.as_object_mut()
            .unwrap()
            .extend(kind.as_object().unwrap().clone());
        item
    };
    let minute = json!({ "id": Uuid::now_v7(), "session_id": session, "minute": at(120), "keystrokes": 1, "mouse_events": 1,
        "active_seconds": 40, "idle_seconds": 20 });
    let start = json!({ "id": session, "started_at": at(180) });
    let (status, answer) = agent.post("/api/work-session/start", start).await;
    assert!(status < 300, "{answer}");
    let mut batch = json!({ "batch_id": Uuid::now_v7(), "applications": [item(json!({ "app": "a", "title": "t" }))],
        "websites": [item(json!({ "host": "h.test", "path": "/", "title": "t" }))], "activity": [minute] });
    for _ in 0..2 {
        assert_eq!(agent.post("/api/upload/batch", batch.clone()).await.0, 200);
    }
    // What is known already, under another name.
    batch["batch_id"] = json!(Uuid::now_v7());
    assert_eq!(agent.post("/api/upload/batch", batch).await.0, 200);
    let keep = json!({ "id": session, "at": at(60) });
    let (status, answer) = agent.post("/api/work-session/heartbeat", keep).await;
    assert!(status < 300, "{answer}");
    let screenshot = send_screenshot(&agent, session, &at(100)).await;
    settle(app);
    let stop = json!({ "id": session, "ended_at": at(0) });
    let (status, answer) = agent.post("/api/work-session/stop", stop).await;
    assert!(status < 300, "{answer}");
    let employee = format!("/api/employees/{}", ada.user);
    assert_eq!(
        acme.admin
            .post(&format!("{employee}/deactivate"), json!({}))
            .await
            .0,
        200
    );
    assert_eq!(
        acme.admin
            .post(&format!("{employee}/reactivate"), json!({}))
            .await
            .0,
        200
    );
    // Deactivation ended the first agent's sign-in, a notification later.
    let agent = app.agent(&acme, &ada).await;
    let ada = app.sign_in(&ada.email).await;
    for (path, item) in openapi().paths.paths.clone() {
        let Some(operation) = item.get else { continue };
        let path = path.split('/').map(|part| match part {
            "{screenshot_id}" => screenshot.as_str().unwrap().to_owned(),
            "{employee_id}" | "{user_id}" => ada.user.to_string(),
            part if part.starts_with('{') => Uuid::now_v7().to_string(),
            part => part.to_owned(),
        });
        let path = path.collect::<Vec<_>>().join("/");
        let day = now.date_naive();
        let questions = [
            String::new(),
            format!("?user_id={}", ada.user),
            format!("?from={day}&to={day}"),
            format!("?date={day}"),
        ];
        for person in [&acme.admin, &ada, &agent] {
            for question in &questions {
                let (status, answer) = person.get(&format!("{path}{question}")).await;
                assert!(status < 500, "{:?}: {answer}", operation.operation_id);
            }
        }
    }
}

#[actix_web::test]
async fn statements_txt_is_what_the_rooms_send() {
    let copy = Arc::new(Copy::make());
    log_statements(&copy);
    let app = App::on(copy.clone(), |config| config.job_workers = 0).await;
    run_everything(&app).await;
    let sent = statements(&log_of(&copy));
    assert!(sent.len() > 40, "only {} statements were seen", sent.len());
    is_current("api/src/db/statements.txt", &listed(&copy, sent));
}
