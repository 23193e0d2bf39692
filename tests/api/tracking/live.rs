//! Who works now: what each state is told by, who may ask, and who can read that somebody did.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use tracker::tracking::days::Calendar;
use uuid::Uuid;

use crate::app::{App, Client, Company};
use crate::feed::{Feed, execute, rows, settle};

struct Scene {
    app: App,
    acme: Company,
    ada: Client,
    bob: Client,
}

async fn scene() -> Scene {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = app.company("Acme").await;
    let (ada, bob) = (
        app.employee(&acme, "Ada").await,
        app.employee(&acme, "Bob").await,
    );
    Scene {
        app,
        acme,
        ada,
        bob,
    }
}

impl Scene {
    fn run(&self, sql: &str) {
        execute(&mut self.app.copy.admin(), sql);
    }

    /// A session of a person's own device that began so many minutes ago and was heard of just now.
    fn works(&self, user: Uuid, ago: i64) -> Feed {
        let feed = Feed::new(&self.app, self.acme.id, user, &before(ago).to_rfc3339());
        self.session(feed.session, "last_seen_at = now()");
        feed
    }

    fn session(&self, id: Uuid, set: &str) {
        self.run(&format!(
            "UPDATE tenant.work_sessions SET {set} WHERE id = '{id}'"
        ));
    }

    /// The names in each state, and the rest of the answer.
    async fn live(&self) -> (Vec<(String, String)>, Value) {
        let (status, live) = self.acme.admin.get("/api/live").await;
        assert_eq!(status, 200, "{live}");
        (states(&live), live)
    }

    async fn of(&self, name: &str) -> Value {
        let (_, live) = self.live().await;
        let found = live["items"].as_array().unwrap().iter();
        let mut found = found.filter(|person| person["name"] == name);
        found.next().unwrap().clone()
    }
}

fn states(live: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let items = live["items"].as_array().unwrap().iter();
    items
        .map(|person| (text(&person["name"]), text(&person["state"])))
        .collect()
}

fn is(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, state): &(&str, &str)| ((*name).to_owned(), (*state).to_owned());
    expected.iter().map(owned).collect()
}

fn before(minutes: i64) -> DateTime<Utc> {
    let now = Utc::now().timestamp();
    DateTime::from_timestamp(now - now % 60, 0).unwrap() - Duration::minutes(minutes)
}

fn time(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

#[actix_web::test]
async fn somebody_works_while_a_device_is_heard_and_idles_when_its_newest_minute_says_so() {
    let scene = scene().await;
    let (ada, bob) = (scene.ada.user, scene.bob.user);
    let nobody = [
        ("Ada", "offline"),
        ("Ada Admin", "offline"),
        ("Bob", "offline"),
    ];
    let (found, live) = scene.live().await;
    assert_eq!(found, is(&nobody));
    assert_eq!(
        live["counts"],
        json!({ "working": 0, "idle": 0, "private": 0, "offline": 3 })
    );
    let mut desk = scene.works(ada, 50);
    // Nothing came of it yet, which says nothing of idling.
    assert_eq!(scene.of("Ada").await["state"], "working");
    assert_eq!(time(&scene.of("Ada").await["since"]), before(50));
    desk.minutes(&before(20).to_rfc3339(), 14, 60, 0)
        .minutes(&before(6).to_rfc3339(), 4, 0, 60);
    let idle = scene.of("Ada").await;
    assert_eq!(idle["state"], "idle");
    // Since the end of the last minute with input.
    assert_eq!(time(&idle["since"]), before(6));
    // The other device of the same minute had input.
    let mut laptop = scene.works(ada, 30);
    laptop.minutes(&before(3).to_rfc3339(), 1, 5, 55);
    assert_eq!(scene.of("Ada").await["state"], "working");
    // What is older than ten minutes says nothing of now.
    scene
        .works(bob, 90)
        .minutes(&before(40).to_rfc3339(), 5, 0, 60);
    let (found, live) = scene.live().await;
    let both = [
        ("Ada", "working"),
        ("Ada Admin", "offline"),
        ("Bob", "working"),
    ];
    assert_eq!(found, is(&both));
    assert_eq!(
        live["counts"],
        json!({ "working": 2, "idle": 0, "private": 0, "offline": 1 })
    );
    // Silent for more than three minutes, or ended.
    scene.run("UPDATE tenant.work_sessions SET last_seen_at = now() - interval '4 minutes'");
    assert_eq!(scene.live().await.0, is(&nobody));
    scene.run("UPDATE tenant.work_sessions SET last_seen_at = now(), ended_at = now(), end_reason = 'stopped'");
    assert_eq!(scene.live().await.0, is(&nobody));
    // Who is deactivated has no access.
    scene.run(&format!(
        "UPDATE tenant.users SET deactivated_at = now() WHERE id = '{bob}'"
    ));
    assert_eq!(scene.live().await.0, is(&nobody[..2]));
}

#[actix_web::test]
async fn private_time_lasts_until_the_device_records_again_or_another_one_does() {
    let scene = scene().await;
    let user = scene.ada.user;
    let desk = scene.works(user, 120);
    let pause = |minutes: i64| {
        let at = before(minutes).to_rfc3339();
        let set = format!(
            "started_at = least(started_at, '{at}'), ended_at = '{at}', last_seen_at = '{at}', end_reason = 'paused'"
        );
        scene.session(desk.session, &set);
    };
    pause(30);
    let private = scene.of("Ada").await;
    assert_eq!(private["state"], "private");
    assert_eq!(time(&private["since"]), before(30));
    pause(60 * 25);
    assert_eq!(
        scene.of("Ada").await["state"],
        "offline",
        "a day is the longest"
    );
    pause(30);
    // Another device records meanwhile.
    let laptop = scene.works(user, 20);
    assert_eq!(scene.of("Ada").await["state"], "working");
    scene.session(laptop.session, "ended_at = now(), end_reason = 'stopped'");
    assert_eq!(scene.of("Ada").await["state"], "private");
    // The paused one recorded again, and stopped.
    scene.run(&format!(
        "INSERT INTO tenant.work_sessions (company_id, id, user_id, device_id, started_at, ended_at, end_reason, last_seen_at) \
         VALUES ('{}', gen_random_uuid(), '{user}', '{}', now() - interval '9 minutes', now() - interval '5 minutes', 'stopped', now())",
        scene.acme.id, desk.device
    ));
    assert_eq!(scene.of("Ada").await["state"], "offline");
}

#[actix_web::test]
async fn a_team_is_shown_alone_and_the_days_sum_with_it() {
    let scene = scene().await;
    let ada = scene.ada.user;
    let calendar = Calendar::new(vec![(NaiveDate::MIN, chrono_tz::Tz::Europe__Berlin)]);
    let today = calendar.today();
    let start = calendar.start(today).to_rfc3339();
    let mut desk = Feed::new(&scene.app, scene.acme.id, ada, &start);
    desk.minutes(&start, 7, 60, 0);
    desk.batch(&today.to_string(), &today.to_string());
    settle(&scene.app);
    let admin = &scene.acme.admin;
    let (_, team) = admin.post("/api/teams", json!({ "name": "Sales" })).await;
    let team = team["id"].as_str().unwrap();
    let path = format!("/api/teams/{team}/members");
    let (status, _) = admin.post(&path, json!({ "employee_ids": [ada] })).await;
    assert_eq!(status, 200);

    let (_, live) = admin.get(&format!("/api/live?team_id={team}")).await;
    assert_eq!(states(&live), is(&[("Ada", "offline")]));
    let person = &live["items"][0];
    assert_eq!(
        (&person["team"], &person["tracked_seconds_today"]),
        (&json!("Sales"), &json!(420))
    );
    assert!(person["last_seen_at"].is_string());
    assert_eq!(
        (&live["day"], &live["time_zone"]),
        (&json!(today), &json!("Europe/Berlin"))
    );
    let (_, rest) = admin.get("/api/live?without_team=true").await;
    assert_eq!(
        states(&rest),
        is(&[("Ada Admin", "offline"), ("Bob", "offline")])
    );
    let nowhere = format!("/api/live?team_id={}", Uuid::now_v7());
    assert_eq!(admin.get(&nowhere).await.1["items"], json!([]));
    let both = format!("/api/live?team_id={team}&without_team=true");
    let (status, problem) = admin.get(&both).await;
    assert_eq!(
        (status, &problem["errors"][0]["code"]),
        (422, &json!("filters_apart"))
    );
}

#[actix_web::test]
async fn whoever_is_shown_with_something_of_today_can_read_that_somebody_looked() {
    let scene = scene().await;
    scene.works(scene.ada.user, 10);
    // Twice within ten minutes is one look; of Bob and of the admin's own there is nothing to read.
    for _ in 0..2 {
        scene.live().await;
    }
    let written = "SELECT subject_id, viewer_id, kind, day FROM tenant.access_entries";
    let written = rows(&mut scene.app.copy.admin(), written);
    let calendar = Calendar::new(vec![(NaiveDate::MIN, chrono_tz::Tz::Europe__Berlin)]);
    let (ada, admin) = (scene.ada.user, scene.acme.admin.user);
    assert_eq!(
        written,
        [json!({ "subject_id": ada, "viewer_id": admin, "kind": "live", "day": calendar.today() })]
    );
    let (_, entries) = scene.ada.get("/api/me/access-entries").await;
    assert_eq!(entries["items"][0]["kind"], "live");
    // Bob's total of today is something as well.
    scene.run(&format!(
        "INSERT INTO tenant.user_usage_daily (company_id, user_id, day, tracked_seconds, active_seconds, idle_seconds, keystrokes, mouse_events, \
           sessions, screenshots, screenshot_bytes, events) VALUES ('{}', '{}', '{}', 60, 60, 0, 0, 0, 1, 0, 0, 1)",
        scene.acme.id, scene.bob.user, calendar.today()
    ));
    scene.live().await;
    let (_, entries) = scene.bob.get("/api/me/access-entries").await;
    assert_eq!(entries["items"][0]["kind"], "live");
}

#[actix_web::test]
async fn what_has_not_changed_is_not_sent_again_and_employees_are_refused() {
    let scene = scene().await;
    let desk = scene.works(scene.ada.user, 10);
    let ask = async |tag: Option<&str>| {
        let mut request = scene.acme.admin.request(Method::GET, "/api/live");
        if let Some(tag) = tag {
            request = request.header("if-none-match", tag);
        }
        let answer = request.send().await.unwrap();
        let tag = answer.headers()["etag"].to_str().unwrap().to_owned();
        (answer.status().as_u16(), tag)
    };
    let (status, tag) = ask(None).await;
    assert_eq!(status, 200);
    assert_eq!(ask(Some(&tag)).await, (304, tag.clone()));
    scene.session(desk.session, "ended_at = now(), end_reason = 'locked'");
    let (status, other) = ask(Some(&tag)).await;
    assert_eq!(status, 200);
    assert_ne!(other, tag);
    assert_eq!(scene.ada.get("/api/live").await.0, 403);
    assert_eq!(scene.acme.owner.get("/api/live").await.0, 403);
    assert_eq!(scene.app.anonymous().get("/api/live").await.0, 401);
}

/// P20 is about following another company's people as they work.
#[actix_web::test]
async fn another_companys_people_are_not_followed() {
    let scene = scene().await;
    let bolt = scene.app.company("Bolt").await;
    let eve = scene.app.employee(&bolt, "Eve").await;
    scene.works(scene.ada.user, 10);
    let (_, team) = bolt
        .admin
        .post("/api/teams", json!({ "name": "Bolts" }))
        .await;
    let team = team["id"].as_str().unwrap();
    let (_, live) = bolt.admin.get("/api/live").await;
    assert_eq!(
        states(&live),
        is(&[("Ada Admin", "offline"), ("Eve", "offline")])
    );
    // Another company's team is one that nobody has.
    let (status, foreign) = scene
        .acme
        .admin
        .get(&format!("/api/live?team_id={team}"))
        .await;
    assert_eq!((status, &foreign["items"]), (200, &json!([])));
    let noted = format!(
        "SELECT FROM tenant.access_entries WHERE subject_id = '{}' OR company_id = '{}'",
        eve.user, bolt.id
    );
    assert!(rows(&mut scene.app.copy.admin(), &noted).is_empty());
}

#[actix_web::test]
async fn what_somebody_works_at_is_told_while_the_session_is_of_it() {
    let scene = scene().await;
    let task = |title: &str| json!({ "title": title, "assignee_id": scene.ada.user });
    let mut made = Vec::new();
    for title in ["Answer the mail", "Count the stock"] {
        let (status, answer) = scene.acme.admin.post("/api/tasks", task(title)).await;
        assert_eq!(status, 201, "{answer}");
        made.push(answer["id"].as_str().unwrap().to_owned());
    }
    let desk = scene.works(scene.ada.user, 50).session;
    assert_eq!(scene.of("Ada").await["task"], Value::Null);
    scene.session(desk, &format!("task_id = '{}'", made[0]));
    assert_eq!(
        scene.of("Ada").await["task"],
        json!({ "id": made[0], "title": "Answer the mail" })
    );
    // A second device was started later: what it is for is newer.
    let laptop = scene.works(scene.ada.user, 20).session;
    assert_eq!(scene.of("Ada").await["task"]["id"], made[0]);
    scene.session(laptop, &format!("task_id = '{}'", made[1]));
    assert_eq!(scene.of("Ada").await["task"]["title"], "Count the stock");
    scene.run("UPDATE tenant.work_sessions SET ended_at = now(), end_reason = 'stopped'");
    assert_eq!(scene.of("Ada").await["task"], Value::Null);
}
