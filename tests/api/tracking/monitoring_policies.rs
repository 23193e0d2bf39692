//! The monitoring policy: who publishes, reads and acknowledges it, and that what it names never comes in from before.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use image::{Rgb, RgbImage};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;
use tracker_agent::desktop::fake::FakeDesktop;
use tracker_agent::home::{Home, Secret};
use tracker_agent::login::{Login, login};
use tracker_agent::policy;
use tracker_agent::queue::Queue;
use tracker_agent::recorder::{Moment, Recorder};
use tracker_agent::status::Status;
use tracker_agent::sync::Engine;
use uuid::Uuid;

use super::{application, count, minute, results, screenshot, website, wire};
use crate::app::{App, Client, Company, PASSWORD};
use crate::feed::{execute, rows};

/// Whole seconds before now.
fn ago(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(Utc::now().timestamp() - seconds, 0).unwrap()
}

const MINE: &str = "/api/me/monitoring-policy";
const ACKNOWLEDGE: &str = "/api/me/monitoring-policy/acknowledgements";
const ALL: [&str; 4] = ["applications", "websites", "activity", "screenshots"];

async fn publish(admin: &Client, text: &str, kinds: &[&str]) -> Value {
    let body = json!({ "title": "How we record", "text": text, "kinds": kinds });
    let (status, made) = admin.post("/api/monitoring-policies", body).await;
    assert_eq!(status, 201, "{made}");
    made
}

async fn acknowledge(person: &Client, version: i32) -> (u16, Value) {
    person
        .post(ACKNOWLEDGE, json!({ "version": version }))
        .await
}

/// As if all of this had happened so many seconds earlier.
fn earlier(app: &App, table: &str, column: &str, seconds: i64) {
    execute(
        &mut app.copy.admin(),
        &format!("UPDATE tenant.{table} SET {column} = {column} - interval '{seconds} seconds'"),
    );
}

fn codes(answer: &Value) -> Vec<&str> {
    let items = answer["items"].as_array().unwrap();
    let code = |item: &'_ Value| match item["code"].as_str() {
        Some("policy_not_acknowledged") => "policy_not_acknowledged",
        Some(_) => "another",
        None => "",
    };
    items.iter().map(code).collect()
}

async fn everything(agent: &Client, session: Uuid, seconds_ago: i64) -> Value {
    let batch = json!({
        "batch_id": Uuid::now_v7(),
        "sessions": [{ "id": session, "started_at": wire(ago(7000)) }],
        "applications": [application(session, ago(seconds_ago))],
        "websites": [website(session, ago(seconds_ago))],
        "activity": [minute(session, ago(seconds_ago))],
    });
    let (status, answer) = agent.post("/api/upload/batch", batch).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

#[actix_web::test]
async fn admins_publish_versions_and_everybody_reads_and_acknowledges_the_one_in_force() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let (ada, bolt) = (app.employee(&acme, "Ada").await, app.company("Bolt").await);
    assert_eq!(ada.get(MINE).await, (200, json!({})));
    let (status, none) = acknowledge(&ada, 1).await;
    assert_eq!(
        (status, &none["code"]),
        (409, &json!("policy_version_not_current"))
    );

    let first = publish(
        &acme.admin,
        "We **count** keys.\n\n- never which",
        &["screenshots", "activity", "screenshots"],
    )
    .await;
    assert_eq!(
        (
            &first["version"],
            &first["kinds"],
            &first["people"],
            &first["acknowledged"]
        ),
        (
            &json!(1),
            &json!(["activity", "screenshots"]),
            &json!(2),
            &json!(0)
        )
    );
    assert_eq!(first["published_by_name"], "Ada Admin");
    let same = json!({ "title": "How we record", "text": first["text"], "kinds": ["activity", "screenshots"] });
    let (status, answer) = acme.admin.post("/api/monitoring-policies", same).await;
    assert_eq!((status, &answer["code"]), (409, &json!("policy_unchanged")));

    let (_, mine) = ada.get(MINE).await;
    assert_eq!(
        (
            &mine["policy"]["version"],
            mine["policy"].get("acknowledged_at")
        ),
        (&json!(1), None)
    );
    let (_, bell) = ada.get("/api/notifications").await;
    assert_eq!(bell["items"][0]["kind"], "policy_published", "{bell}");
    let (status, done) = acknowledge(&ada, 1).await;
    assert_eq!((status, &done["via"]), (200, &json!("portal")));
    assert_eq!(
        acknowledge(&ada, 1).await,
        (200, done),
        "once more changes nothing"
    );

    publish(&acme.admin, "We count keys and take pictures.", &[]).await;
    let (status, answer) = acknowledge(&ada, 1).await;
    assert_eq!(
        (status, &answer["code"]),
        (409, &json!("policy_version_not_current"))
    );
    assert_eq!(acknowledge(&ada, 3).await.0, 409);
    assert_eq!(
        acknowledge(&acme.admin, 2).await.0,
        200,
        "admins are recorded too"
    );
    let (_, list) = acme.admin.get("/api/monitoring-policies").await;
    let told: Vec<_> = (list["items"].as_array().unwrap().iter())
        .map(|one| {
            (
                one["version"].as_i64().unwrap(),
                one["acknowledged"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(told, [(2, 1), (1, 1)]);
    let (_, page) = acme.admin.get("/api/monitoring-policies?limit=1").await;
    let next = format!(
        "/api/monitoring-policies?limit=1&cursor={}",
        page["next_cursor"].as_str().unwrap()
    );
    assert_eq!(acme.admin.get(&next).await.1["items"][0]["version"], 1);

    // Versions of another company are not theirs: its people know none.
    assert_eq!(bolt.admin.get(MINE).await, (200, json!({})));
    assert_eq!(acknowledge(&bolt.admin, 2).await.0, 409);
    assert_eq!(
        bolt.admin.get("/api/monitoring-policies").await.1["items"],
        json!([])
    );
    let other = bolt
        .admin
        .get("/api/monitoring-policies/acknowledgements?version=1")
        .await;
    assert_eq!(other.0, 404);
    let audit = rows(
        &mut app.copy.admin(),
        "SELECT detail->'version' AS v FROM tenant.audit_entries WHERE action = 'monitoring_policy.published' ORDER BY id",
    );
    assert_eq!(audit, [json!({ "v": 1 }), json!({ "v": 2 })]);
}

#[actix_web::test]
async fn employees_neither_publish_nor_see_who_acknowledged() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    publish(&acme.admin, "We record.", &ALL).await;
    let body = json!({ "title": "Nothing", "text": "Nothing is recorded", "kinds": [] });
    assert_eq!(ada.post("/api/monitoring-policies", body).await.0, 403);
    for path in ["", "/acknowledgements", "/acknowledgements/export"] {
        let path = format!("/api/monitoring-policies{path}");
        assert_eq!(ada.get(&path).await.0, 403, "{path}");
    }
    for (body, code) in [
        (
            json!({ "title": "", "text": "x", "kinds": [] }),
            "text_length",
        ),
        (
            json!({ "title": "x", "text": "x".repeat(20_001), "kinds": [] }),
            "text_length",
        ),
        (
            json!({ "title": "x", "text": "x", "kinds": ["keys"] }),
            "invalid",
        ),
        (
            json!({ "title": "x", "text": "x", "kinds": ["activity", "activity", "activity", "activity", "activity"] }),
            "kinds_too_many",
        ),
        (json!({ "title": "x", "text": "x" }), "missing"),
    ] {
        let (status, answer) = acme.admin.post("/api/monitoring-policies", body).await;
        assert_eq!(
            (status, &answer["errors"][0]["code"]),
            (422, &json!(code)),
            "{answer}"
        );
    }
    // Not even in the name of somebody else, or after the fact, whatever a request says.
    let mut employee = app.copy.as_role("tracker_web");
    let forged = format!(
        "BEGIN; SET LOCAL ROLE tracker_employee; SET LOCAL app.company_id = '{}'; SET LOCAL app.user_id = '{}'; \
         INSERT INTO tenant.policy_acknowledgements (user_id, version, acknowledged_at, via) VALUES ('{}', 1, now(), 'portal'); COMMIT",
        acme.id, ada.user, acme.admin.user
    );
    let error = employee.batch_execute(&forged).unwrap_err().to_string();
    assert!(error.contains("row-level security"), "{error}");
    let mut admin = app.copy.as_role("tracker_web");
    for text in [
        "UPDATE tenant.monitoring_policies SET text = 'something else'",
        "UPDATE tenant.policy_acknowledgements SET acknowledged_at = now() - interval '1 year'",
        "DELETE FROM tenant.monitoring_policies",
    ] {
        let forged = format!(
            "BEGIN; SET LOCAL ROLE tracker_admin; SET LOCAL app.company_id = '{}'; {text}; COMMIT",
            acme.id
        );
        let error = admin.batch_execute(&forged).unwrap_err().to_string();
        assert!(error.contains("permission denied"), "{text}: {error}");
        admin.batch_execute("ROLLBACK").unwrap();
    }
}

#[actix_web::test]
async fn the_list_says_who_has_and_who_has_not_and_goes_into_a_file() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let path = "/api/monitoring-policies/acknowledgements";
    assert_eq!(
        acme.admin.get(path).await,
        (200, json!({ "items": [], "next_cursor": null }))
    );
    let (ada, _) = (
        app.employee(&acme, "Ada").await,
        app.employee(&acme, "Bob").await,
    );
    publish(&acme.admin, "We record.", &ALL).await;
    acknowledge(&ada, 1).await;
    let names = async |query: &str| -> Vec<String> {
        let (status, list) = acme.admin.get(&format!("{path}{query}")).await;
        assert_eq!(status, 200, "{list}");
        let name = |one: &Value| one["name"].as_str().unwrap().to_owned();
        list["items"].as_array().unwrap().iter().map(name).collect()
    };
    assert_eq!(names("").await, ["Ada", "Ada Admin", "Bob"]);
    assert_eq!(names("?state=acknowledged").await, ["Ada"]);
    assert_eq!(names("?state=missing").await, ["Ada Admin", "Bob"]);
    let (_, page) = acme.admin.get(&format!("{path}?limit=2")).await;
    let cursor = page["next_cursor"].as_str().unwrap();
    assert_eq!(names(&format!("?limit=2&cursor={cursor}")).await, ["Bob"]);
    let (_, team) = acme
        .admin
        .post("/api/teams", json!({ "name": "Support" }))
        .await;
    assert_eq!(
        names(&format!("?team_id={}", team["id"].as_str().unwrap())).await,
        [""; 0]
    );
    publish(&acme.admin, "We record more.", &ALL).await;
    assert_eq!(
        names("?state=acknowledged").await,
        [""; 0],
        "of the one in force"
    );
    assert_eq!(names("?version=1&state=acknowledged").await, ["Ada"]);
    let answer = acme
        .admin
        .request(Method::GET, &format!("{path}/export?version=1"))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    let text = answer.text().await.unwrap();
    assert!(
        text.starts_with("user_id,name,email,team,version,acknowledged_at,via\r\n"),
        "{text}"
    );
    assert_eq!(text.lines().count(), 4);
    assert!(
        text.lines()
            .any(|line| line.contains(",Ada,") && line.ends_with(",portal")),
        "{text}"
    );
    let audit = rows(
        &mut app.copy.admin(),
        "SELECT detail FROM tenant.audit_entries WHERE action = 'policy_acknowledgements.exported'",
    );
    assert_eq!(
        audit[0]["detail"],
        json!({ "format": "csv", "version": 1, "rows": 3 })
    );
}

#[actix_web::test]
async fn what_was_recorded_before_the_acknowledgement_never_comes_in() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let agent = app.agent(&acme, &ada).await;
    let session = Uuid::now_v7();
    assert_eq!(
        results(&everything(&agent, session, 6000).await),
        ["stored"; 4],
        "without a policy as ever"
    );

    publish(&acme.admin, "We record.", &["applications", "activity"]).await;
    earlier(&app, "monitoring_policies", "published_at", 3600);
    let answer = everything(&agent, session, 1800).await;
    assert_eq!(
        codes(&answer),
        ["", "policy_not_acknowledged", "", "policy_not_acknowledged"]
    );
    assert_eq!(answer["items"][1]["result"], "rejected");
    assert_eq!(
        codes(&everything(&agent, session, 5000).await),
        [""; 4],
        "from before it was published"
    );
    // One that began before and reaches into it is not cut.
    let mut reaching = application(session, ago(3605));
    reaching["seconds"] = json!(20);
    let batch = json!({ "batch_id": Uuid::now_v7(), "applications": [reaching] });
    let repeated = agent.post("/api/upload/batch", batch.clone()).await.1;
    assert_eq!(codes(&repeated), ["policy_not_acknowledged"]);
    assert_eq!(
        agent.post("/api/upload/batch", batch).await.1["items"],
        repeated["items"],
        "sent once more"
    );

    assert_eq!(acknowledge(&ada, 1).await.0, 200);
    earlier(&app, "policy_acknowledgements", "acknowledged_at", 900);
    assert_eq!(
        codes(&everything(&agent, session, 1800).await),
        ["", "policy_not_acknowledged", "", "policy_not_acknowledged"],
        "sent after, recorded before"
    );
    assert_eq!(codes(&everything(&agent, session, 600).await), [""; 4]);

    // Another version asks again; what was recorded under the one before stays welcome.
    publish(&acme.admin, "We record more.", &["websites"]).await;
    execute(
        &mut app.copy.admin(),
        "UPDATE tenant.monitoring_policies SET published_at = now() - interval '300 seconds' WHERE version = 2",
    );
    assert_eq!(codes(&everything(&agent, session, 600).await), [""; 4]);
    assert_eq!(
        codes(&everything(&agent, session, 120).await),
        ["", "", "policy_not_acknowledged", ""]
    );
    assert_eq!(count(&app, "tenant.website_usage"), 6);
    assert_eq!(count(&app, "tenant.application_usage"), 5);
}

#[actix_web::test]
async fn each_person_answers_for_themselves_and_refused_items_make_no_session() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let (ada, bob) = (
        app.employee(&acme, "Ada").await,
        app.employee(&acme, "Bob").await,
    );
    let (his, hers) = (app.agent(&acme, &bob).await, app.agent(&acme, &ada).await);
    publish(&acme.admin, "We record.", &ALL).await;
    acknowledge(&ada, 1).await;
    for (table, column) in [
        ("monitoring_policies", "published_at"),
        ("policy_acknowledgements", "acknowledged_at"),
    ] {
        earlier(&app, table, column, 3600);
    }
    let batch = |session: Uuid| json!({ "batch_id": Uuid::now_v7(), "applications": [application(session, ago(60))] });
    let (first, second) = (Uuid::now_v7(), Uuid::now_v7());
    let (_, answer) = hers.post("/api/upload/batch", batch(first)).await;
    assert_eq!(codes(&answer), [""]);
    let (_, answer) = his.post("/api/upload/batch", batch(second)).await;
    assert_eq!(codes(&answer), ["policy_not_acknowledged"]);
    assert_eq!(count(&app, "tenant.work_sessions"), 1);
    // A picture as well.
    screenshot::upload(&hers).await;
    let (status, answer) = screenshot::try_upload(&his).await;
    assert_eq!(
        (status, &answer["errors"][0]["code"]),
        (422, &json!("policy_not_acknowledged")),
        "{answer}"
    );
    assert_eq!(count(&app, "tenant.screenshots"), 1);
}

#[actix_web::test]
async fn the_agent_hears_of_a_version_and_acknowledges_it() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let agent = app.agent(&acme, &acme.admin).await;
    let path = "/api/agent/monitoring-policy";
    assert_eq!(agent.get(path).await.0, 404);
    let (_, before) = agent.get("/api/agent/settings").await;
    assert_eq!(before.get("policy"), None);
    publish(&acme.admin, "We record.", &["screenshots"]).await;
    let (_, asked) = agent.get("/api/agent/settings").await;
    assert_eq!(
        (&asked["policy"]["version"], &asked["policy"]["kinds"]),
        (&json!(1), &json!(["screenshots"]))
    );
    assert_eq!(asked["policy"].get("acknowledged_at"), None);
    let session = Uuid::now_v7();
    let start = json!({ "id": session, "started_at": wire(ago(5)) });
    let (_, started) = agent.post("/api/work-session/start", start).await;
    assert_eq!(started["settings_version"], asked["version"]);
    assert_eq!(agent.get(path).await.1["text"], "We record.");
    let path = format!("{path}/acknowledgements");
    let (status, answer) = agent.post(&path, json!({ "version": 2 })).await;
    assert_eq!(
        (status, &answer["code"]),
        (409, &json!("policy_version_not_current"))
    );
    let (status, done) = agent.post(&path, json!({ "version": 1 })).await;
    assert_eq!(status, 200, "{done}");
    assert_eq!(
        agent.post(&path, json!({ "version": 1 })).await,
        (200, done.clone())
    );
    let (_, after) = agent.get("/api/agent/settings").await;
    assert_eq!(after["policy"]["acknowledged_at"], done["acknowledged_at"]);
    let versions = [&before, &asked, &after].map(|settings| settings["version"].as_i64().unwrap());
    assert!(
        versions.is_sorted() && versions[0] < versions[1] && versions[1] < versions[2],
        "{versions:?}"
    );
    assert_eq!(
        everything(&agent, session, 1).await["settings_version"],
        after["version"]
    );
    assert_eq!(acme.admin.get(MINE).await.1["policy"]["via"], "agent");
}

/// The program on somebody's desk.
struct Desk {
    _dir: tempfile::TempDir,
    home: Home,
}

impl Desk {
    async fn new(app: &App, company: &Company, person: &Client) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::at(dir.path().join("agent")).unwrap();
        let wanted = Login {
            server: app.address.clone(),
            company_key: Secret::new(company.key.clone()),
            email: person.email.clone(),
            password: Secret::new(PASSWORD),
            ask_code: || unreachable!("nobody here has two-factor"),
            ca_file: None,
            allow_http: false,
            keyring: false,
            discard: false,
        };
        let at = home.clone();
        assert!(
            spawn_blocking(move || login(&at, &wanted).unwrap())
                .await
                .unwrap()
        );
        Self { _dir: dir, home }
    }

    async fn does<T: Send + 'static>(&self, work: impl FnOnce(&Home) -> T + Send + 'static) -> T {
        let home = self.home.clone();
        spawn_blocking(move || work(&home)).await.unwrap()
    }

    async fn sync(&self) {
        self.does(|home| Engine::new(home).unwrap().pass().unwrap())
            .await;
    }

    /// Three minutes of work from this moment on, with windows, sites and pictures.
    fn record(&self, from: DateTime<Utc>) {
        let desktop = FakeDesktop::default();
        desktop.scene.borrow_mut().displays =
            vec![RgbImage::from_pixel(64, 48, Rgb([90, 120, 200]))];
        let mut recorder =
            Recorder::new(Box::new(desktop.clone()), &self.home, |_| u64::MAX).unwrap();
        let began = Instant::now();
        for second in 0..=180 {
            desktop.show("firefox", "Docs - https://docs.test/");
            desktop.type_keys(1);
            let wall = from + chrono::Duration::seconds(second);
            let steady = began + Duration::from_secs(second.try_into().unwrap());
            recorder.tick(Moment { wall, steady }).unwrap();
        }
        recorder.end("stopped");
    }
}

fn arrived(app: &App) -> [i64; 5] {
    [
        "work_sessions",
        "application_usage",
        "website_usage",
        "activity_log",
        "screenshots",
    ]
    .map(|table| count(app, &format!("tenant.{table}")))
}

#[actix_web::test]
async fn the_real_agent_records_nothing_of_it_until_the_person_acknowledged() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let change = acme
        .admin
        .request(Method::PATCH, "/api/settings")
        .header("If-Match", "*");
    let answer = change
        .json(&json!({ "screenshots_enabled": true, "screenshot_interval_seconds": 60 }))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    publish(&acme.admin, "We record.", &ALL).await;
    earlier(&app, "monitoring_policies", "published_at", 3600);
    let desk = Desk::new(&app, &acme, &ada).await;
    assert!(desk.does(policy::accept).await.is_err(), "read it first");

    desk.record(Utc::now() - chrono::Duration::seconds(1200));
    let waiting = Queue::open(&desk.home).unwrap().waiting().unwrap();
    assert_eq!(
        (waiting.items, waiting.screenshots),
        (1, 0),
        "the session alone"
    );
    desk.sync().await;
    assert_eq!(arrived(&app), [1, 0, 0, 0, 0]);
    let status = Status::collect(&desk.home).unwrap();
    assert!(
        status
            .in_words()
            .join("\n")
            .contains("not recorded until you acknowledge"),
        "{:?}",
        status.in_words()
    );

    assert!(desk.does(policy::show).await.unwrap());
    assert!(desk.does(policy::accept).await.unwrap());
    earlier(&app, "policy_acknowledgements", "acknowledged_at", 600);
    desk.does(|home| Engine::new(home).unwrap().pass().unwrap())
        .await;
    desk.record(Utc::now() - chrono::Duration::seconds(300));
    desk.sync().await;
    let [sessions, applications, sites, minutes, pictures] = arrived(&app);
    assert_eq!(sessions, 2);
    assert!(
        applications > 0 && sites > 0 && minutes > 0 && pictures > 0,
        "{:?}",
        arrived(&app)
    );
    assert_eq!(
        Queue::open(&desk.home)
            .unwrap()
            .waiting()
            .unwrap()
            .dead_letters,
        0
    );

    // A version that the agent has not heard of: the server refuses, and nothing of it stays on the device.
    desk.record(Utc::now() - chrono::Duration::seconds(200));
    publish(&acme.admin, "We record more.", &["applications"]).await;
    execute(
        &mut app.copy.admin(),
        "UPDATE tenant.monitoring_policies SET published_at = now() - interval '400 seconds' WHERE version = 2",
    );
    desk.sync().await;
    assert_eq!(arrived(&app)[1], applications);
    let letters = Queue::open(&desk.home).unwrap().dead_letters(10).unwrap();
    assert!(
        !letters.is_empty()
            && letters
                .iter()
                .all(|one| one.code == "policy_not_acknowledged"),
        "{letters:?}"
    );
}
