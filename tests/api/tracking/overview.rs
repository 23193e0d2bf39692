//! What an admin's first page shows: hours by team and their target, devices to look after, the first steps.

use std::collections::BTreeMap;

use chrono::{Datelike, Duration, NaiveDate, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};
use tracker::jobs::rebuild::{Wanted, rebuild};
use tracker::tracking::days::Calendar;
use uuid::Uuid;

use crate::app::{App, Client, Company, PASSWORD};
use crate::feed::{Feed, execute, rows, settle, sum_again};

struct Scene {
    app: App,
    acme: Company,
    ada: Client,
    bob: Client,
    today: NaiveDate,
}

async fn scene() -> Scene {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = app.company("Acme").await;
    let (ada, bob) = (
        app.employee(&acme, "Ada").await,
        app.employee(&acme, "Bob").await,
    );
    let calendar = Calendar::new(vec![(NaiveDate::MIN, chrono_tz::Tz::Europe__Berlin)]);
    Scene {
        app,
        acme,
        ada,
        bob,
        today: calendar.today(),
    }
}

impl Scene {
    fn run(&self, sql: &str) {
        execute(&mut self.app.copy.admin(), sql);
    }

    /// A day's sums of somebody, as the roll-ups write them.
    fn worked(&self, user: Uuid, ago: i64, tracked: i64, active: i64) {
        let (company, day) = (self.acme.id, self.today - Duration::days(ago));
        self.run(&format!(
            "INSERT INTO tenant.user_usage_daily (company_id, user_id, day, tracked_seconds, active_seconds, idle_seconds, keystrokes, \
               mouse_events, sessions, screenshots, screenshot_bytes, events) \
             VALUES ('{company}', '{user}', '{day}', {tracked}, {active}, {}, 0, 0, 1, 0, 0, 1)",
            tracked - active
        ));
        sum_again(&self.app, company);
    }

    fn device(&self, user: Uuid, name: &str, version: &str, set: &str) {
        let company = self.acme.id;
        self.run(&format!(
            "INSERT INTO tenant.devices (company_id, id, user_id, name, os, agent_version, key_id) \
             VALUES ('{company}', gen_random_uuid(), '{user}', '{name}', 'Debian 12', '{version}', gen_random_uuid())",
        ));
        self.run(&format!(
            "UPDATE tenant.devices SET {set} WHERE name = '{name}'"
        ));
    }

    async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.acme.admin.get(path).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    async fn steps(&self) -> Vec<bool> {
        done(&self.get("/api/overview/first-steps").await)
    }
}

fn done(answer: &Value) -> Vec<bool> {
    let steps = answer["steps"].as_array().unwrap().iter();
    steps.map(|step| step["done"].as_bool().unwrap()).collect()
}

#[actix_web::test]
async fn hours_are_told_by_day_and_team_and_one_persons_team_is_a_look() {
    let scene = scene().await;
    let (ada, bob, admin) = (scene.ada.user, scene.bob.user, scene.acme.admin.user);
    let made = scene
        .acme
        .admin
        .post("/api/teams", json!({ "name": "Sales" }))
        .await;
    let team = made.1["id"].as_str().unwrap().to_owned();
    scene.run(&format!(
        "UPDATE tenant.users SET team_id = '{team}' WHERE id = '{ada}'"
    ));
    scene.worked(ada, 1, 3600, 1800);
    scene.worked(ada, 0, 7200, 7200);
    scene.worked(bob, 1, 600, 300);
    scene.worked(admin, 1, 60, 60);
    let (from, to) = (scene.today - Duration::days(2), scene.today);
    let path = format!("/api/overview/days?from={from}&to={to}");
    let answer = scene.get(&path).await;
    assert_eq!(
        answer["series"],
        json!([
            { "kind": "team", "id": team, "name": "Sales", "seconds": 10_800, "people": 1 },
            { "kind": "none", "name": "", "seconds": 660, "people": 2 },
        ])
    );
    let day = |ago: i64, tracked: i64, active: i64, by: [i64; 2]| json!({ "day": scene.today - Duration::days(ago), "tracked_seconds": tracked, "active_seconds": active, "by_series": by });
    assert_eq!(
        answer["days"],
        json!([
            day(2, 0, 0, [0, 0]),
            day(1, 4260, 2160, [3600, 660]),
            day(0, 7200, 7200, [7200, 0])
        ])
    );
    assert_eq!(
        (&answer["target"], &answer["time_zone"]),
        (&Value::Null, &json!("Europe/Berlin"))
    );
    let noted = rows(
        &mut scene.app.copy.admin(),
        "SELECT subject_id, kind, day FROM tenant.access_entries",
    );
    assert_eq!(
        noted,
        [json!({ "subject_id": ada, "kind": "usage", "day": scene.today })]
    );
    // Teams go, what was recorded stays.
    scene.run(&format!(
        "UPDATE tenant.users SET team_id = '{team}' WHERE id = '{bob}'"
    ));
    let answer = scene.get(&path).await;
    assert_eq!(answer["series"][0]["people"], 2);
    assert_eq!(answer["days"][1]["by_series"], json!([4200, 60]));
    let far = format!("/api/overview/days?from=2020-01-01&to={to}");
    let (status, problem) = scene.acme.admin.get(&far).await;
    assert_eq!(
        (status, &problem["errors"][0]["code"]),
        (422, &json!("range_invalid"))
    );
}

#[actix_web::test]
async fn the_target_is_the_settings_hours_of_those_who_were_there() {
    let scene = scene().await;
    // Yesterday and the day before are working days, today is none.
    let weekday = |ago: i64| {
        (scene.today - Duration::days(ago))
            .weekday()
            .number_from_monday()
    };
    let week: Vec<u32> = (1..7).map(weekday).collect();
    scene.run(&format!(
        "UPDATE tenant.company_settings SET tracking_days = ARRAY{week:?}::smallint[], tracking_from = '09:00', tracking_to = '17:30'"
    ));
    scene.worked(scene.ada.user, 2, 60, 60);
    scene.worked(scene.bob.user, 1, 60, 60);
    let (from, to) = (scene.today - Duration::days(3), scene.today);
    let path = format!("/api/overview/days?from={from}&to={to}");
    let answer = scene.get(&path).await;
    let hours = 8 * 3600 + 1800;
    let targets = |answer: &Value| -> Vec<i64> {
        let days = answer["days"].as_array().unwrap().iter();
        days.map(|day| day["target_seconds"].as_i64().unwrap())
            .collect()
    };
    assert_eq!(targets(&answer), [0, hours, 2 * hours, 0]);
    assert_eq!(
        (
            &answer["target"]["seconds_per_day"],
            &answer["target"]["from"]
        ),
        (&json!(hours), &json!("09:00:00"))
    );
    // Four hours of Bob are his own, on the one day alone, or on the other.
    for (own, due) in [(weekday(1), 4 * 3600), (weekday(2), 0)] {
        scene.run("DELETE FROM tenant.setting_overrides");
        scene.run(&format!(
            "INSERT INTO tenant.setting_overrides (company_id, id, user_id, tracking_days, tracking_from, tracking_to) \
             VALUES ('{}', gen_random_uuid(), '{}', '{{{own}}}', '09:00', '13:00')",
            scene.acme.id, scene.bob.user
        ));
        assert_eq!(targets(&scene.get(&path).await), [0, hours, hours + due, 0]);
    }
    scene.run("DELETE FROM tenant.setting_overrides");
    // Who had left before the day is not waited for.
    scene.run(&format!(
        "UPDATE tenant.users SET deactivated_at = '{}T12:00:00Z' WHERE id = '{}'",
        scene.today - Duration::days(2),
        scene.ada.user
    ));
    let left = targets(&scene.get(&path).await);
    assert_eq!(left[1..], [hours, hours, 0]);
}

#[actix_web::test]
async fn devices_are_listed_that_are_silent_behind_or_see_too_little() {
    let scene = scene().await;
    let (ada, bob, admin) = (scene.ada.user, scene.bob.user, scene.acme.admin.user);
    scene.device(ada, "fine", "99.0.0", "last_seen_at = now()");
    // Ada has another one by now; Bob has none.
    scene.device(
        ada,
        "drawer",
        "99.0.0",
        "last_seen_at = now() - interval '9 days'",
    );
    scene.device(
        bob,
        "silent",
        "99.0.0",
        "last_seen_at = now() - interval '8 days'",
    );
    scene.device(
        bob,
        "older",
        "0.0.9",
        "last_seen_at = now() - interval '20 days'",
    );
    scene.device(
        admin,
        "blind",
        "99.0.0",
        "last_seen_at = now(), limitations = '{titles_not_available}'",
    );
    scene.device(ada, "gone", "0.0.1", "revoked_at = now()");
    scene.device(
        ada,
        "forgotten",
        "0.0.1",
        "last_seen_at = now() - interval '91 days'",
    );
    let answer = scene.get("/api/overview/devices").await;
    let found: Vec<_> = answer["items"].as_array().unwrap().iter().collect();
    let told: Vec<_> = found
        .iter()
        .map(|device| json!([device["user_name"], device["name"], device["problems"]]))
        .collect();
    assert_eq!(
        told,
        [
            json!(["Bob", "silent", ["silent"]]),
            json!(["Bob", "older", ["old_version"]]),
            json!(["Ada Admin", "blind", ["limited"]]),
        ]
    );
    assert_eq!(found[2]["limitations"], json!(["titles_not_available"]));
    assert_eq!(
        (&answer["total"], &answer["counts"]),
        (
            &json!(3),
            &json!({ "silent": 1, "old_version": 1, "limited": 1 })
        )
    );
    assert_eq!(
        answer["working_day"],
        json!(scene.today - Duration::days(1)),
        "every day is a working day to begin with"
    );
    // Whoever has no access is nobody to look after.
    scene.run(&format!(
        "UPDATE tenant.users SET deactivated_at = now() WHERE id = '{bob}'"
    ));
    assert_eq!(scene.get("/api/overview/devices").await["total"], 1);
    // Heard of on the only working day.
    let (today, ago) = (scene.today, scene.today - Duration::days(7));
    let weekday = today.weekday().number_from_monday();
    scene.run("UPDATE tenant.users SET deactivated_at = NULL");
    scene.run(&format!(
        "UPDATE tenant.company_settings SET tracking_days = ARRAY[{weekday}]::smallint[]"
    ));
    scene.run(
        "UPDATE tenant.devices SET last_seen_at = now() - interval '6 days' WHERE name = 'silent'",
    );
    let answer = scene.get("/api/overview/devices").await;
    assert_eq!(
        (&answer["working_day"], &answer["counts"]["silent"]),
        (&json!(ago), &json!(0))
    );
    // Every day is a working day of Bob's.
    scene.run(&format!(
        "INSERT INTO tenant.setting_overrides (company_id, id, user_id, tracking_days, tracking_from, tracking_to) \
         VALUES ('{}', gen_random_uuid(), '{bob}', '{{1,2,3,4,5,6,7}}', '09:00', '17:00')",
        scene.acme.id
    ));
    let answer = scene.get("/api/overview/devices").await;
    assert_eq!(
        (&answer["working_day"], &answer["counts"]["silent"]),
        (&json!(ago), &json!(1)),
        "by the days of whose device it is"
    );
}

#[actix_web::test]
async fn the_first_steps_are_told_by_what_was_done() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = app.company("Acme").await;
    let today = Calendar::new(vec![(NaiveDate::MIN, chrono_tz::Tz::Europe__Berlin)]).today();
    let nobody = acme.admin.clone();
    let scene = Scene {
        app,
        acme,
        ada: nobody.clone(),
        bob: nobody,
        today,
    };
    let admin = &scene.acme.admin;
    let mut expected = [false; 6];
    assert_eq!(scene.steps().await, expected);
    scene.get("/api/settings").await;
    expected[0] = true;
    assert_eq!(scene.steps().await, expected);
    let ada = scene.app.employee(&scene.acme, "Ada").await;
    expected[1] = true;
    assert_eq!(scene.steps().await, expected);
    let revealed = admin
        .post("/api/company-key/reveal", json!({ "password": PASSWORD }))
        .await;
    assert_eq!(revealed.0, 200);
    expected[2] = true;
    assert_eq!(scene.steps().await, expected);
    scene.app.agent(&scene.acme, &ada).await;
    expected[3] = true;
    assert_eq!(scene.steps().await, expected);
    scene.worked(ada.user, 0, 60, 60);
    expected[4] = true;
    assert_eq!(scene.steps().await, expected);
    let (status, _) = read_file(admin, "/api/usage/export?by=app").await;
    assert_eq!(status, 200);
    assert_eq!(scene.steps().await, [true; 6]);
}

async fn read_file(client: &Client, path: &str) -> (u16, String) {
    let answer = client
        .request(reqwest::Method::GET, path)
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[actix_web::test]
async fn each_admin_puts_the_first_steps_away_alone() {
    let scene = scene().await;
    scene.run(&format!(
        "UPDATE tenant.users SET role = 'ADMIN' WHERE id = '{}'",
        scene.bob.user
    ));
    scene.run(&format!(
        "UPDATE auth.credentials SET role = 'ADMIN' WHERE user_id = '{}'",
        scene.bob.user
    ));
    let other = scene.app.sign_in(&scene.bob.email).await;
    let dismissed = async |client: &Client| {
        let (status, answer) = client.get("/api/overview/first-steps").await;
        assert_eq!(status, 200, "{answer}");
        answer["dismissed"] == json!(true)
    };
    for _ in 0..2 {
        let (status, answer) = scene
            .acme
            .admin
            .post("/api/overview/first-steps/dismiss", json!({}))
            .await;
        assert_eq!((status, &answer["dismissed"]), (200, &json!(true)));
    }
    assert!(dismissed(&scene.acme.admin).await && !dismissed(&other).await);
    let (status, answer) = scene
        .acme
        .admin
        .post("/api/overview/first-steps/restore", json!({}))
        .await;
    assert_eq!((status, &answer["dismissed"]), (200, &json!(false)));
    assert!(!dismissed(&scene.acme.admin).await);
}

#[actix_web::test]
async fn the_overview_is_its_own_admins_alone() {
    let scene = scene().await;
    let bolt = scene.app.company("Bolt").await;
    scene.worked(scene.ada.user, 0, 3600, 1800);
    scene.device(scene.ada.user, "behind", "0.0.1", "last_seen_at = now()");
    for path in [
        "/api/overview/days",
        "/api/overview/devices",
        "/api/overview/first-steps",
    ] {
        assert_eq!(scene.ada.get(path).await.0, 403, "{path}");
        assert_eq!(scene.acme.owner.get(path).await.0, 403, "{path}");
        assert_eq!(scene.app.anonymous().get(path).await.0, 401, "{path}");
    }
    let (_, days) = bolt.admin.get("/api/overview/days").await;
    assert_eq!(days["series"], json!([]));
    assert!(
        days["days"]
            .as_array()
            .unwrap()
            .iter()
            .all(|day| day["tracked_seconds"] == 0)
    );
    assert_eq!(bolt.admin.get("/api/overview/devices").await.1["total"], 0);
    let (_, steps) = bolt.admin.get("/api/overview/first-steps").await;
    assert_eq!(done(&steps), [false; 6]);
    for change in ["dismiss", "restore"] {
        let path = format!("/api/overview/first-steps/{change}");
        assert_eq!(scene.ada.post(&path, json!({})).await.0, 403);
    }
}

/// A company of Berlin with raw rows on the day whose clock repeats an hour, and on the Sunday before.
async fn autumn() -> (App, Company, Client) {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let mut desk = Feed::new(&app, acme.id, ada.user, "2026-10-17T08:00:00Z");
    // Half past two, twice; then over an hour's end; and before the week's first hour.
    desk.minutes("2026-10-25T00:30:00Z", 10, 60, 0)
        .minutes("2026-10-25T01:30:00Z", 10, 30, 30)
        .minutes("2026-10-25T09:55:00Z", 10, 60, 0)
        .minutes("2026-10-18T21:58:00Z", 4, 60, 0)
        .batch("2026-10-17", "2026-10-26");
    settle(&app);
    (app, acme, ada)
}

#[actix_web::test]
async fn hours_are_told_by_weekday_and_by_the_local_clock() {
    let (app, acme, ada) = autumn().await;
    let path = "/api/overview/hours?from=2026-10-18&to=2026-10-25";
    let (status, week) = acme.admin.get(path).await;
    assert_eq!((status, &week["time_zone"]), (200, &json!("Europe/Berlin")));
    let of = |week: &Value, weekday: usize| -> (i64, BTreeMap<usize, i64>) {
        let day = &week["weekdays"][weekday - 1];
        assert_eq!(day["weekday"], weekday);
        let hours: Vec<i64> = serde_json::from_value(day["tracked_seconds"].clone()).unwrap();
        assert_eq!(hours.len(), 24);
        let some = hours
            .into_iter()
            .enumerate()
            .filter(|(_, seconds)| *seconds > 0);
        (day["days"].as_i64().unwrap(), some.collect())
    };
    let sunday = [(2, 1_200), (10, 300), (11, 300), (23, 120)];
    assert_eq!(of(&week, 7), (2, sunday.into()));
    assert_eq!(of(&week, 1), (1, [(0, 120)].into()));
    assert_eq!(of(&week, 2), (1, BTreeMap::new()));
    let (_, one) = acme
        .admin
        .get("/api/overview/hours?from=2026-10-25&to=2026-10-25")
        .await;
    assert_eq!(of(&one, 7).0, 1);
    assert_eq!(of(&one, 1), (0, BTreeMap::new()));
    // It is one person's time alone.
    let looks = "SELECT subject_id, kind, day FROM tenant.access_entries";
    let noted = rows(&mut app.copy.admin(), looks);
    let look = json!({ "subject_id": ada.user, "kind": "usage", "day": "2026-10-25" });
    assert_eq!(noted, [look]);
    let bob = app.employee(&acme, "Bob").await;
    Feed::new(&app, acme.id, bob.user, "2026-10-20T08:00:00Z")
        .minutes("2026-10-20T08:00:00Z", 1, 60, 0)
        .batch("2026-10-20", "2026-10-20");
    settle(&app);
    execute(&mut app.copy.admin(), "DELETE FROM tenant.access_entries");
    let (_, week) = acme.admin.get(path).await;
    assert_eq!(of(&week, 2), (1, [(10, 60)].into()));
    assert_eq!(rows(&mut app.copy.admin(), looks), [] as [Value; 0]);

    let globex = app.company("Globex").await;
    let (_, nothing) = globex.admin.get(path).await;
    assert!((1..=7).all(|weekday| of(&nothing, weekday) == (0, BTreeMap::new())));
    assert_eq!(ada.get(path).await.0, 403);
    assert_eq!(acme.owner.get(path).await.0, 403);
    assert_eq!(app.anonymous().get(path).await.0, 401);
    for bad in [
        "from=2026-10-25&to=2026-10-18",
        "from=2020-01-01&to=2026-10-18",
        "from=x",
    ] {
        let (status, problem) = acme.admin.get(&format!("/api/overview/hours?{bad}")).await;
        assert_eq!(status, 422, "{problem}");
    }
}

#[actix_web::test]
async fn days_from_before_there_were_hours_are_not_counted() {
    let (app, acme, _) = autumn().await;
    execute(
        &mut app.copy.admin(),
        "UPDATE tenant.usage_daily SET tracked_by_hour = '{}' WHERE day < '2026-10-25'",
    );
    let path = "/api/overview/hours?from=2026-10-18&to=2026-10-25";
    let (_, week) = acme.admin.get(path).await;
    let days: Vec<&Value> = (0..7).map(|at| &week["weekdays"][at]["days"]).collect();
    assert_eq!(json!(days), json!([0, 0, 0, 0, 0, 0, 1]));
    rebuild(&app.state.db, Wanted::default()).unwrap();
    let (_, week) = acme.admin.get(path).await;
    assert_eq!(week["weekdays"][6]["days"], 2);
}

#[actix_web::test]
async fn today_is_compared_with_as_much_of_the_same_day_a_week_ago() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let calendar = Calendar::new(vec![("2020-01-01".parse().unwrap(), Tz::Europe__Berlin)]);
    let week_ago = calendar.today() - Duration::days(7);
    // No clock is changed at these hours.
    let hours = 6..23;
    let at = |hour: u32| {
        let local = week_ago.and_hms_opt(hour, 0, 0).unwrap();
        let at = Tz::Europe__Berlin.from_local_datetime(&local).unwrap();
        at.with_timezone(&Utc).to_rfc3339()
    };
    let mut desk = Feed::new(&app, acme.id, ada.user, &at(6));
    for hour in hours.clone() {
        desk.minutes(&at(hour), 30, 60, 0);
    }
    desk.batch(
        &(week_ago - Duration::days(1)).to_string(),
        &(week_ago + Duration::days(1)).to_string(),
    );
    settle(&app);
    // Half of each hour, an hour under way in proportion.
    let expected = || -> i64 {
        let clock = Utc::now().with_timezone(&Tz::Europe__Berlin).time();
        let second = i64::from(clock.num_seconds_from_midnight());
        let passed = hours
            .clone()
            .map(|hour| (second - i64::from(hour) * 3_600).clamp(0, 3_600) / 2);
        passed.sum()
    };
    for who in [&acme.admin, &ada] {
        let before = expected();
        let (_, today) = who.get("/api/usage/today").await;
        let after = expected();
        assert_eq!(today["tracked_seconds_last_week"], 17 * 1_800);
        let until = today["tracked_seconds_last_week_until_now"]
            .as_i64()
            .unwrap();
        assert!(
            (before - 1..=after + 1).contains(&until),
            "{until} {before} {after}"
        );
    }
    for table in ["usage_daily", "user_usage_daily"] {
        let text = format!("UPDATE tenant.{table} SET tracked_by_hour = '{{}}'");
        execute(&mut app.copy.admin(), &text);
    }
    for who in [&acme.admin, &ada] {
        let (_, today) = who.get("/api/usage/today").await;
        assert!(today.get("tracked_seconds_last_week_until_now").is_none());
    }
}

#[actix_web::test]
async fn a_part_of_a_days_hours_does_not_pass_for_all_of_them() {
    let (app, acme, _) = autumn().await;
    execute(
        &mut app.copy.admin(),
        "UPDATE tenant.user_usage_daily SET tracked_by_hour = '{}' WHERE day = '2026-10-25'",
    );
    let bob = app.employee(&acme, "Bob").await;
    Feed::new(&app, acme.id, bob.user, "2026-10-25T08:00:00Z")
        .minutes("2026-10-25T08:00:00Z", 1, 60, 0)
        .batch("2026-10-25", "2026-10-25");
    settle(&app);
    let path = "/api/overview/hours?from=2026-10-25&to=2026-10-25";
    let (_, week) = acme.admin.get(path).await;
    assert_eq!(week["weekdays"][6]["days"], 0, "{week}");
    assert_eq!(week["weekdays"][6]["tracked_seconds"][9], 0);
    rebuild(&app.state.db, Wanted::default()).unwrap();
    let (_, week) = acme.admin.get(path).await;
    assert_eq!(week["weekdays"][6]["days"], 1);
    assert_eq!(week["weekdays"][6]["tracked_seconds"][9], 60);
}
