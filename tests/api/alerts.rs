//! Alert rules and what they find: once for each event, by the company's calendar and hours, and never in secret.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{App, Client, Company, read};
use crate::feed::{Feed, at, execute, rows, settle};

struct Scene {
    app: App,
    acme: Company,
    ada: Client,
    bob: Client,
}

/// A company in Berlin whose people work from nine to half past five, Monday to Friday.
async fn scene() -> Scene {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let bob = app.employee(&acme, "Bob").await;
    let scene = Scene {
        app,
        acme,
        ada,
        bob,
    };
    scene.sql("UPDATE tenant.company_time_zones SET zone = 'Europe/Berlin'");
    scene.sql(
        "UPDATE tenant.company_settings SET tracking_days = '{1,2,3,4,5}', tracking_from = '09:00', tracking_to = '17:30'",
    );
    scene
}

impl Scene {
    fn sql(&self, sql: &str) {
        execute(&mut self.app.copy.admin(), sql);
    }

    /// A rule that was switched on long ago.
    async fn rule(&self, body: Value) -> Value {
        let (status, rule) = self.acme.admin.post("/api/alert-rules", body).await;
        assert_eq!(status, 201, "{rule}");
        self.sql("UPDATE tenant.alert_rules SET enabled_at = '2026-01-01'");
        rule
    }

    /// A device from before, heard last at that time.
    fn device(&self, of: &Client, heard: &str) -> Feed {
        let feed = Feed::new(&self.app, self.acme.id, of.user, "2026-02-01T08:00:00Z");
        self.sql(&format!(
            "UPDATE tenant.devices SET created_at = '2026-02-01', last_seen_at = '{heard}' WHERE id = '{}'",
            feed.device
        ));
        self.sql("UPDATE tenant.work_sessions SET ended_at = started_at, end_reason = 'stopped' WHERE ended_at IS NULL");
        feed
    }

    /// Sums of a day, as roll-ups write them.
    fn day(&self, of: &Client, day: &str, tracked: i32, idle: i32) {
        self.sql(&format!(
            "INSERT INTO tenant.user_usage_daily (company_id, user_id, day, tracked_seconds, active_seconds, idle_seconds, keystrokes, \
               mouse_events, sessions, screenshots, screenshot_bytes, events) \
             VALUES ('{}', '{}', '{day}', {tracked}, {tracked} - {idle}, {idle}, 9, 9, 1, 0, 0, 1) \
             ON CONFLICT (company_id, user_id, day) DO UPDATE SET tracked_seconds = excluded.tracked_seconds, \
               active_seconds = excluded.active_seconds, idle_seconds = excluded.idle_seconds",
            self.acme.id, of.user
        ));
    }

    /// What the productivity rules made of it.
    fn unproductive(&self, of: &Client, day: &str, seconds: i32) {
        self.sql(&format!(
            "INSERT INTO tenant.user_category_usage_daily (company_id, user_id, day, category, seconds) \
             VALUES ('{}', '{}', '{day}', 'unproductive', {seconds}), ('{0}', '{1}', '{day}', 'neutral', 30000) \
             ON CONFLICT (company_id, user_id, day, category) DO UPDATE SET seconds = excluded.seconds",
            self.acme.id, of.user
        ));
    }

    fn look(&self, now: &str) {
        look(&self.app, self.acme.id, now);
    }

    async fn alerts(&self, query: &str) -> Vec<Value> {
        items(self.acme.admin.get(&format!("/api/alerts{query}")).await)
    }

    /// Kind, whom, day and state of all there are, in no order.
    async fn told(&self) -> BTreeSet<(String, String, String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let alerts = self.alerts("?limit=200").await;
        let told: BTreeSet<_> = alerts
            .iter()
            .map(|one| {
                let (kind, who) = (text(&one["kind"]), text(&one["user_name"]));
                (kind, who, text(&one["day"]), text(&one["state"]))
            })
            .collect();
        assert_eq!(told.len(), alerts.len(), "each once: {alerts:?}");
        told
    }
}

/// What the job does, on a thread as workers have one.
fn look(app: &App, company: Uuid, now: &str) {
    let (state, now) = (&app.state, at(now));
    std::thread::scope(|threads| {
        let worker = threads.spawn(|| tracker::jobs::alerts::run(state, company, now).unwrap());
        worker.join().unwrap();
    });
}

fn items(answer: (u16, Value)) -> Vec<Value> {
    assert_eq!(answer.0, 200, "{}", answer.1);
    answer.1["items"].as_array().unwrap().clone()
}

fn told(all: &[(&str, &str, &str, &str)]) -> BTreeSet<(String, String, String, String)> {
    all.iter()
        .map(|(a, b, c, d)| (a.to_string(), b.to_string(), c.to_string(), d.to_string()))
        .collect()
}

/// The code and pointer of a refused body.
fn refused(answer: (u16, Value)) -> (u16, String, String) {
    let error = &answer.1["errors"][0];
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    (answer.0, text("code"), text("pointer"))
}

async fn change(
    client: &Client,
    method: Method,
    rule: &Value,
    tag: Option<&str>,
    body: Value,
) -> (u16, Value) {
    let path = format!("/api/alert-rules/{}", rule["id"].as_str().unwrap());
    let mut request = client.request(method, &path);
    if let Some(tag) = tag {
        request = request.header("If-Match", format!("\"{tag}\""));
    }
    read(request.json(&body).send().await.unwrap()).await
}

#[actix_web::test]
async fn silence_on_a_working_day_is_told_once_and_ends_with_what_comes_late() {
    let scene = scene().await;
    let mut ada = scene.device(&scene.ada, "2026-10-19T15:00:00Z");
    scene.device(&scene.bob, "2026-10-20T07:30:00Z");
    scene
        .rule(json!({ "kind": "silent", "threshold": 2 }))
        .await;
    // Nine in Berlin is seven o'clock UTC: at half past ten nobody has been silent for two hours.
    scene.look("2026-10-20T08:59:00Z");
    assert_eq!(scene.told().await, told(&[]));
    for _ in 0..3 {
        scene.look("2026-10-20T09:00:00Z");
    }
    let silent = told(&[("silent", "Ada", "2026-10-20", "open")]);
    assert_eq!(scene.told().await, silent, "Bob was heard");
    scene.look("2026-10-20T14:00:00Z");
    scene.look("2026-10-21T06:00:00Z");
    assert_eq!(scene.told().await, silent);
    // The device comes back on the next day. The day before was silent all the same, until what it recorded arrives.
    scene.sql(&format!(
        "UPDATE tenant.devices SET last_seen_at = '2026-10-21T07:10:00Z' WHERE id IN ('{}') OR user_id = '{}'",
        ada.device, scene.bob.user
    ));
    scene.look("2026-10-21T10:00:00Z");
    assert_eq!(scene.told().await, silent);
    ada.session = Uuid::now_v7();
    scene.sql(&format!(
        "INSERT INTO tenant.work_sessions (company_id, id, user_id, device_id, started_at, last_seen_at, ended_at, end_reason) \
         VALUES ('{}', '{}', '{}', '{}', '2026-10-20T08:00:00Z', '2026-10-20T09:00:00Z', '2026-10-20T09:00:00Z', 'stopped')",
        ada.company, ada.session, ada.user, ada.device
    ));
    scene.look("2026-10-21T10:03:00Z");
    assert_eq!(
        scene.told().await,
        told(&[("silent", "Ada", "2026-10-20", "resolved")])
    );
}

#[actix_web::test]
async fn a_day_off_is_no_silence_and_neither_is_who_has_no_device_or_no_access() {
    let scene = scene().await;
    scene.device(&scene.ada, "2026-10-15T15:00:00Z");
    scene
        .rule(json!({ "kind": "silent", "threshold": 1 }))
        .await;
    // Saturday and Sunday.
    for now in [
        "2026-10-17T20:00:00Z",
        "2026-10-18T12:00:00Z",
        "2026-10-19T06:59:00Z",
    ] {
        scene.look(now);
    }
    let of = |day| ("silent", "Ada", day, "open");
    // Of yesterday is told as well, where nobody looked then: on Saturday of Friday.
    assert_eq!(scene.told().await, told(&[of("2026-10-16")]));
    scene.look("2026-10-19T08:00:00Z");
    assert_eq!(
        scene.told().await,
        told(&[of("2026-10-16"), of("2026-10-19")]),
        "Bob has no device"
    );
    let gone = format!("/api/employees/{}/deactivate", scene.ada.user);
    assert_eq!(scene.acme.admin.post(&gone, json!({})).await.0, 200);
    scene.look("2026-10-20T12:00:00Z");
    let over = |day| ("silent", "Ada", day, "resolved");
    assert_eq!(
        scene.told().await,
        told(&[over("2026-10-16"), over("2026-10-19")])
    );
}

#[actix_web::test]
async fn silence_is_told_of_by_the_hours_of_whom_it_is_about() {
    let scene = scene().await;
    for who in [&scene.ada, &scene.bob] {
        scene.device(who, "2026-10-23T15:00:00Z");
    }
    // Bob begins at one, and not on Tuesdays.
    scene.sql(&format!(
        "INSERT INTO tenant.setting_overrides (company_id, id, user_id, tracking_days, tracking_from, tracking_to) \
         VALUES ('{}', gen_random_uuid(), '{}', '{{1,3}}', '13:00', '20:00')",
        scene.acme.id, scene.bob.user
    ));
    scene
        .rule(json!({ "kind": "silent", "threshold": 2 }))
        .await;
    let of = |who, day| ("silent", who, day, "open");
    let (monday, tuesday) = ("2026-10-26", "2026-10-27");
    scene.look("2026-10-26T13:59:00Z");
    assert_eq!(scene.told().await, told(&[of("Ada", monday)]));
    scene.look("2026-10-26T14:00:00Z");
    let both = [of("Ada", monday), of("Bob", monday)];
    assert_eq!(scene.told().await, told(&both));
    scene.look("2026-10-27T18:00:00Z");
    let [ada, bob] = both;
    assert_eq!(scene.told().await, told(&[ada, bob, of("Ada", tuesday)]));
}

#[actix_web::test]
async fn hours_begin_by_the_clock_on_the_day_it_changes() {
    let scene = scene().await;
    scene.device(&scene.ada, "2026-10-23T15:00:00Z");
    scene.sql("UPDATE tenant.company_settings SET tracking_days = '{7}'");
    scene
        .rule(json!({ "kind": "silent", "threshold": 2 }))
        .await;
    // 25 October 2026, a Sunday of 25 hours: nine is eight o'clock UTC, where the day before it was seven.
    scene.look("2026-10-25T09:59:00Z");
    assert_eq!(scene.told().await, told(&[]));
    scene.look("2026-10-25T10:00:00Z");
    assert_eq!(
        scene.told().await,
        told(&[("silent", "Ada", "2026-10-25", "open")])
    );
}

#[actix_web::test]
async fn a_rule_looks_at_no_day_from_before_it_was_switched_on() {
    let scene = scene().await;
    scene.device(&scene.ada, "2026-10-15T15:00:00Z");
    let rule = scene
        .rule(json!({ "kind": "silent", "threshold": 1, "enabled": false }))
        .await;
    scene.look("2026-10-19T12:00:00Z");
    assert_eq!(scene.told().await, told(&[]), "switched off");
    let tag = rule["version"].as_str();
    let (status, on) = change(
        &scene.acme.admin,
        Method::PATCH,
        &rule,
        tag,
        json!({ "enabled": true }),
    )
    .await;
    assert_eq!((status, &on["enabled"]), (200, &json!(true)), "{on}");
    scene.sql("UPDATE tenant.alert_rules SET enabled_at = '2026-10-20T07:00:00Z'");
    scene.look("2026-10-20T10:00:00Z");
    assert_eq!(
        scene.told().await,
        told(&[("silent", "Ada", "2026-10-20", "open")])
    );
    // Switched off again, nothing is found, and what is there stays.
    let tag = on["version"].as_str();
    assert_eq!(
        change(
            &scene.acme.admin,
            Method::PATCH,
            &rule,
            tag,
            json!({ "enabled": false })
        )
        .await
        .0,
        200
    );
    scene.look("2026-10-21T10:00:00Z");
    assert_eq!(scene.told().await.len(), 1);
}

#[actix_web::test]
async fn a_company_that_takes_no_part_is_not_looked_at() {
    let scene = scene().await;
    scene.device(&scene.ada, "2026-10-15T15:00:00Z");
    scene
        .rule(json!({ "kind": "silent", "threshold": 1 }))
        .await;
    let owner = scene.app.owner().await;
    let path = format!("/api/owner/companies/{}", scene.acme.id);
    let body = json!({ "reason": "Not paid" });
    assert_eq!(
        owner.post(&format!("{path}/suspend"), body.clone()).await.0,
        200
    );
    scene.look("2026-10-20T10:00:00Z");
    assert_eq!(scene.told().await, told(&[]));
    assert_eq!(owner.post(&format!("{path}/reactivate"), body).await.0, 200);
    scene.look("2026-10-20T10:03:00Z");
    assert_eq!(scene.told().await.len(), 2, "Monday's and Tuesday's");
}

#[actix_web::test]
async fn unproductive_days_are_told_while_they_hold() {
    let scene = scene().await;
    scene
        .rule(json!({ "kind": "unproductive", "threshold": 40, "least_minutes": 60 }))
        .await;
    // Forty per cent are not more than forty; half an hour says nothing of its share; and idle is not unproductive.
    scene.day(&scene.ada, "2026-10-20", 36_000, 30_000);
    scene.unproductive(&scene.ada, "2026-10-20", 14_400);
    scene.day(&scene.bob, "2026-10-20", 1_800, 0);
    scene.unproductive(&scene.bob, "2026-10-20", 1_800);
    scene.look("2026-10-20T20:00:00Z");
    assert_eq!(scene.told().await, told(&[]));
    scene.unproductive(&scene.ada, "2026-10-20", 14_401);
    scene.day(&scene.bob, "2026-10-20", 3_600, 0);
    scene.unproductive(&scene.bob, "2026-10-20", 3_000);
    scene.look("2026-10-20T20:03:00Z");
    scene.look("2026-10-20T20:06:00Z");
    let of = |who, state| ("unproductive", who, "2026-10-20", state);
    assert_eq!(
        scene.told().await,
        told(&[of("Ada", "open"), of("Bob", "open")])
    );
    let found = scene.alerts("?kind=unproductive").await;
    let values: BTreeSet<_> = found.iter().map(|one| one["value"].as_i64()).collect();
    assert_eq!(values, BTreeSet::from([Some(40), Some(83)]));
    // The rules were changed, and the day sorted anew.
    scene.unproductive(&scene.bob, "2026-10-20", 0);
    scene.look("2026-10-20T21:00:00Z");
    assert_eq!(
        scene.told().await,
        told(&[of("Ada", "open"), of("Bob", "resolved")])
    );
    for bad in [
        json!({ "kind": "unproductive", "threshold": 100, "least_minutes": 60 }),
        json!({ "kind": "unproductive", "threshold": 0, "least_minutes": 60 }),
    ] {
        let (status, problem) = scene.acme.admin.post("/api/alert-rules", bad).await;
        assert_eq!(status, 422, "{problem}");
    }
}

#[actix_web::test]
async fn long_and_idle_days_are_told_while_they_hold() {
    let scene = scene().await;
    scene
        .rule(json!({ "kind": "long_day", "threshold": 10 }))
        .await;
    scene
        .rule(json!({ "kind": "idle", "threshold": 40, "least_minutes": 60 }))
        .await;
    // Ten hours are not more than ten; half an hour says nothing of its share.
    scene.day(&scene.ada, "2026-10-20", 36_000, 14_400);
    scene.day(&scene.bob, "2026-10-20", 1_800, 1_700);
    scene.look("2026-10-20T20:00:00Z");
    assert_eq!(scene.told().await, told(&[]));
    scene.day(&scene.ada, "2026-10-20", 36_001, 14_401);
    scene.day(&scene.bob, "2026-10-20", 3_600, 3_000);
    scene.look("2026-10-20T20:03:00Z");
    scene.look("2026-10-20T20:06:00Z");
    let long = ("long_day", "Ada", "2026-10-20", "open");
    let idle = |state| ("idle", "Bob", "2026-10-20", state);
    // 14,401 of 36,001 seconds are more than 40 per cent, by a hair.
    let hair = ("idle", "Ada", "2026-10-20", "open");
    assert_eq!(scene.told().await, told(&[long, hair, idle("open")]));
    let values: BTreeSet<_> = scene
        .alerts("")
        .await
        .iter()
        .map(|one| one["value"].as_i64())
        .collect();
    assert_eq!(values, BTreeSet::from([Some(36_001), Some(40), Some(83)]));
    // Work without pauses brings the share down, and a pause up again: the same event.
    for (idle_seconds, state) in [(1_000, "resolved"), (3_000, "open")] {
        scene.day(&scene.bob, "2026-10-20", 3_600, idle_seconds);
        scene.look("2026-10-20T21:00:00Z");
        assert_eq!(scene.told().await, told(&[long, hair, idle(state)]));
    }
    let bobs = scene.alerts(&format!("?user_id={}", scene.bob.user)).await;
    let ids = json!({ "alert_ids": [bobs[0]["id"]], "note": "He was in a workshop" });
    let (status, done) = scene
        .acme
        .admin
        .post("/api/alerts/acknowledge", ids.clone())
        .await;
    assert_eq!((status, done), (200, json!({ "acknowledged": 1 })));
    let (status, again) = scene.acme.admin.post("/api/alerts/acknowledge", ids).await;
    assert_eq!((status, again), (200, json!({ "acknowledged": 0 })));
    scene.day(&scene.bob, "2026-10-20", 3_600, 1_000);
    scene.look("2026-10-20T21:03:00Z");
    let bobs = scene.alerts("?state=acknowledged").await;
    assert_eq!(
        (
            &bobs[0]["acknowledged_by_name"],
            &bobs[0]["note"],
            bobs[0]["resolved_at"].is_string(),
            bobs.len()
        ),
        (&json!("Ada Admin"), &json!("He was in a workshop"), true, 1)
    );
}

#[actix_web::test]
async fn storage_and_devices_are_told_from_the_day_on_it_begins_until_it_ends() {
    let scene = scene().await;
    let feed = scene.device(&scene.ada, "2026-10-19T15:00:00Z");
    scene
        .rule(json!({ "kind": "storage", "threshold": 90 }))
        .await;
    scene
        .rule(json!({ "kind": "device", "threshold": 0, "user_id": scene.ada.user }))
        .await;
    let most = rows(
        &mut scene.app.copy.admin(),
        "SELECT p.max_storage_gb * 1000000000::bigint AS most FROM platform.companies c JOIN platform.plans p ON p.id = c.plan_id",
    )[0]["most"]
        .as_i64()
        .unwrap();
    scene.sql(&format!("UPDATE tenant.devices SET last_seen_at = now(), limitations = '{{titles_not_available}}', agent_version = '99.0.0' WHERE id = '{}'", feed.device));
    let uses = |share: i64| {
        scene.sql(&format!(
            "UPDATE tenant.company_usage SET storage_bytes = {most} / 100 * {share}"
        ))
    };
    uses(89);
    scene.look("2026-10-20T10:00:00Z");
    let limited = |state| ("device", "Ada", "2026-10-20", state);
    assert_eq!(scene.told().await, told(&[limited("open")]));
    let device = scene.alerts("").await.remove(0);
    assert_eq!(
        (&device["problem"], &device["device_name"]),
        (&json!("limited"), &json!("desk"))
    );
    uses(90);
    scene.look("2026-10-20T10:03:00Z");
    // The days go by, and it is the same event.
    for now in [
        "2026-10-20T10:06:00Z",
        "2026-10-21T10:00:00Z",
        "2026-10-29T10:00:00Z",
    ] {
        scene.look(now);
    }
    let full = |day, state| ("storage", "-", day, state);
    assert_eq!(
        scene.told().await,
        told(&[limited("open"), full("2026-10-20", "open")])
    );
    // An acknowledged one is not told of anew on the next day either.
    let ids: Vec<_> = scene
        .alerts("")
        .await
        .iter()
        .map(|one| one["id"].clone())
        .collect();
    assert_eq!(
        scene
            .acme
            .admin
            .post("/api/alerts/acknowledge", json!({ "alert_ids": ids }))
            .await
            .0,
        200
    );
    scene.look("2026-10-30T10:00:00Z");
    assert_eq!(scene.told().await.len(), 2);
    // Once it is over, the next time is another.
    uses(50);
    scene.look("2026-10-30T10:03:00Z");
    uses(95);
    scene.look("2026-10-31T10:00:00Z");
    assert_eq!(
        scene.told().await,
        told(&[
            limited("acknowledged"),
            full("2026-10-20", "acknowledged"),
            full("2026-10-31", "open")
        ])
    );
}

#[actix_web::test]
async fn minutes_that_count_the_same_input_are_told_as_data_quality() {
    let scene = scene().await;
    let mut ada = scene.device(&scene.ada, "2026-10-19T15:00:00Z");
    let mut bob = scene.device(&scene.bob, "2026-10-19T15:00:00Z");
    // Three keys and two clicks each minute, with a break after half of Bob's.
    ada.minutes("2026-10-20T08:00:00Z", 40, 50, 10)
        .batch("2026-10-20", "2026-10-20");
    bob.minutes("2026-10-20T08:00:00Z", 20, 50, 10)
        .minutes("2026-10-20T08:21:00Z", 20, 50, 10)
        .batch("2026-10-20", "2026-10-20");
    settle(&scene.app);
    scene
        .rule(json!({ "kind": "repeated_input", "threshold": 30 }))
        .await;
    scene.look("2026-10-20T12:00:00Z");
    scene.look("2026-10-20T12:03:00Z");
    let same = |state| ("repeated_input", "Ada", "2026-10-20", state);
    assert_eq!(scene.told().await, told(&[same("open")]));
    assert_eq!(scene.alerts("").await[0]["value"], 40);
    // A session that does not count takes it along.
    scene.sql(&format!(
        "UPDATE tenant.work_sessions SET excluded_at = now() WHERE id = '{}'",
        ada.session
    ));
    scene.look("2026-10-20T12:06:00Z");
    assert_eq!(scene.told().await, told(&[same("resolved")]));
}

#[actix_web::test]
async fn whom_a_rule_watches_reads_it_and_what_it_found_and_nothing_of_others() {
    let scene = scene().await;
    let admin = &scene.acme.admin;
    let (_, team) = admin.post("/api/teams", json!({ "name": "Support" })).await;
    let members = format!("/api/teams/{}/members", team["id"].as_str().unwrap());
    assert_eq!(
        admin
            .post(&members, json!({ "employee_ids": [scene.bob.user] }))
            .await
            .0,
        200
    );
    scene
        .rule(json!({ "kind": "long_day", "threshold": 8 }))
        .await;
    scene
        .rule(json!({ "kind": "silent", "threshold": 3, "team_id": team["id"] }))
        .await;
    scene
        .rule(json!({ "kind": "idle", "threshold": 50, "user_id": scene.ada.user }))
        .await;
    scene
        .rule(json!({ "kind": "device", "threshold": 0, "enabled": false }))
        .await;
    scene
        .rule(json!({ "kind": "storage", "threshold": 80 }))
        .await;
    for (who, watched) in [
        (
            &scene.ada,
            [("idle", 50, "person"), ("long_day", 8, "company")],
        ),
        (
            &scene.bob,
            [("long_day", 8, "company"), ("silent", 3, "team")],
        ),
    ] {
        let rules = items(who.get("/api/me/alert-rules").await);
        let seen: Vec<_> = rules
            .iter()
            .map(|one| {
                (
                    one["kind"].as_str().unwrap(),
                    one["threshold"].as_i64().unwrap(),
                    one["scope"].as_str().unwrap(),
                )
            })
            .collect();
        assert_eq!(seen, watched);
    }
    for of in [&scene.ada, &scene.bob] {
        scene.day(of, "2026-10-20", 40_000, 0);
    }
    scene.look("2026-10-20T20:00:00Z");
    assert_eq!(scene.told().await.len(), 2);
    let own = items(scene.ada.get("/api/alerts").await);
    assert_eq!((own.len(), &own[0]["user_name"]), (1, &json!("Ada")));
    let others = format!("/api/alerts?user_id={}", scene.bob.user);
    assert_eq!(items(scene.ada.get(&others).await), Vec::<Value>::new());
    // What only admins do.
    let bobs = scene.alerts(&format!("?user_id={}", scene.bob.user)).await;
    let ids = json!({ "alert_ids": [bobs[0]["id"]] });
    for (status, _) in [
        scene.ada.post("/api/alerts/acknowledge", ids.clone()).await,
        scene.ada.get("/api/alerts/export").await,
        scene.ada.get("/api/alert-rules").await,
        scene
            .ada
            .post(
                "/api/alert-rules",
                json!({ "kind": "long_day", "threshold": 8 }),
            )
            .await,
        scene.app.owner().await.get("/api/alerts").await,
        scene.app.owner().await.get("/api/me/alert-rules").await,
    ] {
        assert_eq!(status, 403);
    }
    // Another company sees and changes none of it.
    let globex = scene.app.company("Globex").await;
    assert_eq!(
        items(globex.admin.get("/api/alerts").await),
        Vec::<Value>::new()
    );
    assert_eq!(
        items(globex.admin.get("/api/alert-rules").await),
        Vec::<Value>::new()
    );
    assert_eq!(
        refused(globex.admin.post("/api/alerts/acknowledge", ids).await),
        (422, "alert_unknown".into(), "/alert_ids/0".into())
    );
    let theirs = json!({ "kind": "long_day", "threshold": 1 });
    assert_eq!(globex.admin.post("/api/alert-rules", theirs).await.0, 201);
    look(&scene.app, globex.id, "2026-10-20T20:03:00Z");
    assert_eq!(
        items(globex.admin.get("/api/alerts").await),
        Vec::<Value>::new()
    );
    // Whoever was read about can read that, once a day.
    for (who, times) in [(&scene.ada, 1), (&scene.bob, 1)] {
        let looks = items(who.get("/api/me/access-entries").await);
        let of_alerts: Vec<_> = looks.iter().filter(|one| one["kind"] == "alerts").collect();
        assert_eq!(of_alerts.len(), times, "{looks:?}");
        assert_eq!(of_alerts[0]["day"], "2026-10-20");
    }
    scene.sql("UPDATE tenant.access_entries SET at = at - interval '1 day' WHERE kind = 'alerts'");
    scene.alerts("").await;
    let looks = items(scene.ada.get("/api/me/access-entries").await);
    assert_eq!(
        looks.iter().filter(|one| one["kind"] == "alerts").count(),
        2
    );
}

#[actix_web::test]
async fn a_rule_is_changed_as_it_was_seen_and_leaves_what_it_found() {
    let scene = scene().await;
    let admin = &scene.acme.admin;
    let rule = scene
        .rule(json!({ "kind": "long_day", "threshold": 9 }))
        .await;
    let path = format!("/api/alert-rules/{}", rule["id"].as_str().unwrap());
    let tag = rule["version"].as_str();
    let higher = json!({ "threshold": 11 });
    assert_eq!(
        change(admin, Method::PATCH, &rule, None, higher.clone())
            .await
            .0,
        428
    );
    assert_eq!(
        change(admin, Method::PATCH, &rule, Some("0-x"), higher.clone())
            .await
            .0,
        412
    );
    let (status, after) = change(admin, Method::PATCH, &rule, tag, higher).await;
    assert_eq!((status, &after["threshold"]), (200, &json!(11)), "{after}");
    assert_eq!(
        change(admin, Method::DELETE, &rule, tag, json!({})).await.0,
        412
    );
    for (body, code, pointer) in [
        (
            json!({ "kind": "long_day", "threshold": 25 }),
            "alert_rules_threshold_invalid",
            "/threshold",
        ),
        (
            json!({ "kind": "device", "threshold": 1 }),
            "alert_rules_threshold_invalid",
            "/threshold",
        ),
        (
            json!({ "kind": "long_day", "threshold": 8, "least_minutes": 5 }),
            "alert_rules_least_minutes_invalid",
            "/least_minutes",
        ),
        (
            json!({ "kind": "storage", "threshold": 8, "team_id": Uuid::now_v7() }),
            "alert_rules_scope_invalid",
            "/team_id",
        ),
        (
            json!({ "kind": "silent", "threshold": 8, "team_id": Uuid::now_v7(), "user_id": scene.ada.user }),
            "alert_rules_scope_invalid",
            "/team_id",
        ),
        (
            json!({ "kind": "silent", "threshold": 8, "team_id": Uuid::now_v7() }),
            "team_unknown",
            "/team_id",
        ),
        (
            json!({ "kind": "silent", "threshold": 8, "user_id": Uuid::now_v7() }),
            "employee_unknown",
            "/user_id",
        ),
        (
            json!({ "kind": "spying", "threshold": 8 }),
            "invalid",
            "/kind",
        ),
    ] {
        let answer = admin.post("/api/alert-rules", body).await;
        assert_eq!(refused(answer), (422, code.into(), pointer.into()));
    }
    scene.day(&scene.ada, "2026-10-20", 50_000, 0);
    scene.look("2026-10-20T20:00:00Z");
    let tag = after["version"].as_str();
    let globex = scene.app.company("Globex").await;
    assert_eq!(
        change(&globex.admin, Method::DELETE, &rule, tag, json!({}))
            .await
            .0,
        404
    );
    assert_eq!(
        change(admin, Method::DELETE, &rule, tag, json!({})).await.0,
        204
    );
    assert_eq!(admin.get(&path).await.0, 404);
    let left = scene.alerts("").await;
    assert_eq!(
        (left.len(), &left[0]["state"], &left[0]["threshold"]),
        (1, &json!("resolved"), &json!(11))
    );
    // A team that ends takes its rules along.
    let (_, team) = admin.post("/api/teams", json!({ "name": "Support" })).await;
    scene
        .rule(json!({ "kind": "silent", "threshold": 3, "team_id": team["id"] }))
        .await;
    let team = format!("/api/teams/{}", team["id"].as_str().unwrap());
    assert_eq!(admin.send(Method::DELETE, &team, None).await.0, 204);
    assert_eq!(
        items(admin.get("/api/alert-rules").await),
        Vec::<Value>::new()
    );
    let audit = rows(
        &mut scene.app.copy.admin(),
        "SELECT action FROM tenant.audit_entries WHERE action LIKE 'alert%' ORDER BY id",
    );
    let audit: Vec<_> = audit
        .iter()
        .map(|one| one["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        audit,
        [
            "alert_rule.created",
            "alert_rule.changed",
            "alert_rule.deleted",
            "alert_rule.created",
            "alert_rule.deleted"
        ]
    );
    // As many as are looked at in time.
    for _ in 0..50 {
        assert_eq!(
            admin
                .post(
                    "/api/alert-rules",
                    json!({ "kind": "long_day", "threshold": 8 })
                )
                .await
                .0,
            201
        );
    }
    let (status, problem) = admin
        .post(
            "/api/alert-rules",
            json!({ "kind": "long_day", "threshold": 8 }),
        )
        .await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("alert_rules_limit"))
    );
}

#[actix_web::test]
async fn alerts_are_filtered_paged_and_saved_as_a_file() {
    let scene = scene().await;
    scene
        .rule(json!({ "kind": "long_day", "threshold": 1 }))
        .await;
    for day in 12..17 {
        let day = format!("2026-10-{day}");
        scene.day(&scene.ada, &day, 4_000, 0);
        scene.look(&format!("{day}T20:00:00Z"));
    }
    let mut path = "/api/alerts?limit=2".to_owned();
    let mut days = Vec::new();
    loop {
        let (status, page) = scene.acme.admin.get(&path).await;
        assert_eq!(status, 200, "{page}");
        days.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["day"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/api/alerts?limit=2&cursor={next}");
    }
    assert_eq!(
        days,
        [
            "2026-10-16",
            "2026-10-15",
            "2026-10-14",
            "2026-10-13",
            "2026-10-12"
        ]
    );
    assert_eq!(
        scene
            .alerts("?from=2026-10-13&to=2026-10-14&kind=long_day&kind=idle&state=open")
            .await
            .len(),
        2
    );
    assert_eq!(scene.alerts("?kind=idle").await.len(), 0);
    assert_eq!(scene.alerts("?state=resolved").await.len(), 0);
    let answer = scene
        .acme
        .admin
        .request(Method::GET, "/api/alerts/export?from=2026-10-15")
        .send()
        .await
        .unwrap();
    let file = answer.text().await.unwrap();
    let lines: Vec<_> = file.lines().collect();
    assert_eq!(lines.len(), 3, "{file}");
    assert!(
        lines[0].starts_with("id,kind,threshold,value,state,user"),
        "{file}"
    );
    assert!(
        lines[1].contains(",long_day,1,4000,open,Ada,,,2026-10-16,"),
        "{file}"
    );
}
