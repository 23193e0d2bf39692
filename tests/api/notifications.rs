//! What people are told: once for each event, as they want it, and a mail at the hour they chose.

use chrono::{DateTime, Utc};
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{App, Client, Company, read};
use crate::feed::{at, execute, next_job, rows};

struct Scene {
    app: App,
    acme: Company,
    ada: Client,
}

async fn scene() -> Scene {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    Scene { app, acme, ada }
}

impl Scene {
    fn sql(&self, sql: &str) {
        execute(&mut self.app.copy.admin(), sql);
    }

    /// A long day of Ada's, found by a rule.
    async fn alert(&self) {
        let rule = json!({ "kind": "long_day", "threshold": 8 });
        assert_eq!(self.acme.admin.post("/api/alert-rules", rule).await.0, 201);
        self.sql("UPDATE tenant.alert_rules SET enabled_at = '2026-01-01'");
        self.sql(&format!(
            "INSERT INTO tenant.user_usage_daily (company_id, user_id, day, tracked_seconds, active_seconds, idle_seconds, keystrokes, \
               mouse_events, sessions, screenshots, screenshot_bytes, events) \
             VALUES ('{}', '{}', '2026-10-20', 40000, 40000, 0, 9, 9, 1, 0, 0, 1)",
            self.acme.id, self.ada.user
        ));
        self.look("2026-10-20T20:00:00Z");
    }

    fn look(&self, now: &str) {
        let (state, company, now) = (&self.app.state, self.acme.id, at(now));
        on_thread(move || tracker::jobs::alerts::run(state, company, now).unwrap());
    }

    /// The mails that are due at that time go out.
    fn post(&self, now: DateTime<Utc>) {
        let state = &self.app.state;
        on_thread(move || {
            let find = |conn: &mut diesel::PgConnection| {
                tracker::jobs::digests::find(conn, &state.directory, now)
            };
            state.db.platform_job_blocking(find).unwrap();
        });
        while next_job(&self.app) {}
    }
}

fn on_thread(work: impl FnOnce() + Send) {
    std::thread::scope(|threads| threads.spawn(work).join().unwrap());
}

async fn told(client: &Client) -> Vec<Value> {
    let (status, page) = client.get("/api/notifications").await;
    assert_eq!(status, 200, "{page}");
    page["items"].as_array().unwrap().clone()
}

async fn unread(client: &Client) -> i64 {
    let (status, counted) = client.get("/api/notifications/unread").await;
    assert_eq!(status, 200, "{counted}");
    counted["unread"].as_i64().unwrap()
}

async fn prefer(client: &Client, tag: Option<&str>, body: Value) -> (u16, Value) {
    let mut request = client.request(Method::PATCH, "/api/me/notification-preferences");
    if let Some(tag) = tag {
        request = request.header("If-Match", format!("\"{tag}\""));
    }
    read(request.json(&body).send().await.unwrap()).await
}

#[actix_web::test]
async fn an_alert_is_told_to_admins_and_to_whom_it_is_about_once() {
    let scene = scene().await;
    let bob = scene.app.employee(&scene.acme, "Bob").await;
    scene.alert().await;
    scene.look("2026-10-20T20:03:00Z");
    let admins = told(&scene.acme.admin).await;
    assert_eq!(
        (
            admins.len(),
            &admins[0]["kind"],
            &admins[0]["rule_kind"],
            &admins[0]["amount"]
        ),
        (1, &json!("alerts"), &json!("long_day"), &json!(1))
    );
    assert!(
        !admins[0].to_string().contains("Ada"),
        "no name: it would be a look"
    );
    let own = told(&scene.ada).await;
    assert_eq!((own.len(), &own[0]["kind"]), (1, &json!("own_alert")));
    assert_eq!(told(&bob).await, Vec::<Value>::new());
    // Somebody else's is nothing to mark.
    let theirs = json!({ "notification_ids": [own[0]["id"]] });
    let (status, counted) = bob.post("/api/notifications/read", theirs).await;
    assert_eq!((status, counted), (200, json!({ "unread": 0 })));
    assert_eq!(unread(&scene.ada).await, 1);
    // What has not changed is not sent again.
    let answer = scene
        .ada
        .request(Method::GET, "/api/notifications/unread")
        .send()
        .await
        .unwrap();
    let tag = answer.headers()["etag"].to_str().unwrap().to_owned();
    let again = scene
        .ada
        .request(Method::GET, "/api/notifications/unread")
        .header("If-None-Match", tag);
    assert_eq!(again.send().await.unwrap().status(), 304);
    let up_to = json!({ "up_to_id": own[0]["id"] });
    let (status, counted) = scene.ada.post("/api/notifications/read", up_to).await;
    assert_eq!((status, counted), (200, json!({ "unread": 0 })));
    for body in [
        json!({}),
        json!({ "notification_ids": [], }),
        json!({ "notification_ids": [own[0]["id"]], "up_to_id": own[0]["id"] }),
    ] {
        assert_eq!(scene.ada.post("/api/notifications/read", body).await.0, 422);
    }
    assert_eq!(
        scene.app.owner().await.get("/api/notifications").await.0,
        403
    );
}

#[actix_web::test]
async fn whom_a_task_is_assigned_to_is_told_of_it_and_of_what_admins_say() {
    let scene = scene().await;
    let admin = &scene.acme.admin;
    let (_, task) = admin
        .post(
            "/api/tasks",
            json!({ "title": "Count", "assignee_id": scene.ada.user }),
        )
        .await;
    let comments = format!("/api/tasks/{}/comments", task["id"].as_str().unwrap());
    assert_eq!(
        admin
            .post(&comments, json!({ "text": "Soon, please" }))
            .await
            .0,
        201
    );
    assert_eq!(
        scene
            .ada
            .post(&comments, json!({ "text": "Begun" }))
            .await
            .0,
        201
    );
    let kinds: Vec<_> = told(&scene.ada)
        .await
        .iter()
        .map(|one| (one["kind"].clone(), one["task_title"].clone()))
        .collect();
    assert_eq!(
        kinds,
        [
            (json!("task_commented"), json!("Count")),
            (json!("task_assigned"), json!("Count"))
        ]
    );
    // Of what one does oneself nobody is told.
    let own = json!({ "title": "Mine", "assignee_id": admin.user });
    assert_eq!(admin.post("/api/tasks", own).await.0, 201);
    assert_eq!(told(admin).await, Vec::<Value>::new());
    // The title of a task that is somebody else's by now is not theirs to read.
    scene.sql("UPDATE tenant.tasks SET assignee_id = NULL");
    assert_eq!(told(&scene.ada).await[0]["task_title"], Value::Null);
}

#[actix_web::test]
async fn nobody_is_told_where_they_do_not_want_to_be() {
    let scene = scene().await;
    let (status, before) = scene.ada.get("/api/me/notification-preferences").await;
    assert_eq!(
        (status, before),
        (
            200,
            json!({ "not_in_app": [], "not_by_mail": [], "digest_hour": 8, "version": 1 })
        )
    );
    let wanted = json!({ "not_in_app": ["own_alert"], "not_by_mail": ["own_alert", "own_alert"] });
    assert_eq!(prefer(&scene.ada, None, wanted.clone()).await.0, 428);
    assert_eq!(prefer(&scene.ada, Some("2"), wanted.clone()).await.0, 412);
    let (status, after) = prefer(&scene.ada, Some("1"), wanted).await;
    assert_eq!(
        (status, after),
        (
            200,
            json!({ "not_in_app": ["own_alert"], "not_by_mail": ["own_alert"], "digest_hour": 8, "version": 2 })
        )
    );
    for body in [
        json!({ "digest_hour": 24 }),
        json!({ "not_in_app": ["everything"] }),
    ] {
        assert_eq!(prefer(&scene.ada, Some("2"), body).await.0, 422);
    }
    scene.alert().await;
    assert_eq!(told(&scene.ada).await, Vec::<Value>::new());
    assert_eq!(unread(&scene.acme.admin).await, 1, "each as they want");
    let of_ada = format!(
        "SELECT id FROM tenant.notifications WHERE user_id = '{}'",
        scene.ada.user
    );
    assert_eq!(
        rows(&mut scene.app.copy.admin(), &of_ada),
        Vec::<Value>::new()
    );
}

#[actix_web::test]
async fn the_mail_of_the_day_comes_once_at_its_hour_and_only_with_something_unread() {
    let scene = scene().await;
    scene.sql("UPDATE platform.companies SET time_zone = 'Europe/Berlin'");
    let state = &scene.app.state;
    on_thread(|| {
        state
            .db
            .auth_blocking(|conn| state.directory.load(conn, None))
            .unwrap();
    });
    assert_eq!(
        prefer(&scene.ada, Some("1"), json!({ "digest_hour": 9 }))
            .await
            .0,
        200
    );
    scene.alert().await;
    // Told on Saturday, the twenty-fourth at noon; on Sunday clocks go back, and nine is eight o'clock UTC.
    scene.sql("UPDATE tenant.notifications SET created_at = '2026-10-24T10:00:00Z'");
    let email = rows(
        &mut scene.app.copy.admin(),
        &format!(
            "SELECT email FROM tenant.users WHERE id = '{}'",
            scene.ada.user
        ),
    );
    let email = email[0]["email"].as_str().unwrap().to_owned();
    let mailed = || {
        let text = format!(
            "SELECT count(*) AS n FROM tenant.notifications WHERE user_id = '{}' AND mailed_at IS NOT NULL",
            scene.ada.user
        );
        rows(&mut scene.app.copy.admin(), &text)[0]["n"]
            .as_i64()
            .unwrap()
    };
    // Its own people read of a company as it shows itself.
    scene.sql("INSERT INTO tenant.company_branding (company_id, name) SELECT id, 'Acme Studio' FROM platform.companies WHERE name = 'Acme'");
    scene.post(at("2026-10-25T07:59:00Z"));
    assert_eq!(mailed(), 0);
    for _ in 0..3 {
        scene.post(at("2026-10-25T08:00:00Z"));
    }
    assert_eq!(mailed(), 1);
    let mails = scene
        .app
        .mails(&email, "News for you at Acme Studio", 1)
        .await;
    assert_eq!(mails.len(), 1);
    assert!(
        mails[0].contains("1 alert about you (long days)"),
        "{}",
        mails[0]
    );
    assert!(mails[0].contains("/profile#notifications"), "{}", mails[0]);
    // What is read meanwhile is no news, and what comes after the hour waits for the next day.
    let (_, task) = scene
        .acme
        .admin
        .post(
            "/api/tasks",
            json!({ "title": "Count", "assignee_id": scene.ada.user }),
        )
        .await;
    assert!(task["id"].is_string());
    scene.sql("UPDATE tenant.notifications SET created_at = '2026-10-25T12:00:00Z' WHERE kind = 'task_assigned'");
    scene.post(at("2026-10-25T13:00:00Z"));
    assert_eq!(mailed(), 1);
    let newest = told(&scene.ada).await[0]["id"].clone();
    assert_eq!(
        scene
            .ada
            .post("/api/notifications/read", json!({ "up_to_id": newest }))
            .await
            .0,
        200
    );
    scene.post(at("2026-10-26T08:00:00Z"));
    assert_eq!(mailed(), 1);
}
