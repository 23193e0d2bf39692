//! Manual time: who may say, approve and withdraw it, when it may lie, and that no second counts twice.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use tracker::jobs::rebuild::{Wanted, rebuild};
use uuid::Uuid;

use super::wire;
use crate::app::{App, Client, Company};
use crate::feed::{Feed, execute, rows, settle};

struct Scene {
    app: App,
    acme: Company,
    ada: Client,
    bob: Client,
    day: NaiveDate,
}

/// Yesterday Ada was half active and half idle from 10:00 to 11:00 UTC, on one device.
async fn scene() -> Scene {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = app.company("Acme").await;
    let (ada, bob) = (
        app.employee(&acme, "Ada").await,
        app.employee(&acme, "Bob").await,
    );
    let scene = Scene {
        day: Utc::now().date_naive() - chrono::Days::new(1),
        app,
        acme,
        ada,
        bob,
    };
    let day = scene.day.to_string();
    let mut desk = Feed::new(&scene.app, scene.acme.id, scene.ada.user, &scene.at(600));
    desk.minutes(&scene.at(600), 30, 60, 0)
        .minutes(&scene.at(630), 30, 0, 60)
        .batch(&day, &day);
    settle(&scene.app);
    scene
}

fn items(answer: (u16, Value)) -> Vec<Value> {
    assert_eq!(answer.0, 200, "{}", answer.1);
    answer.1["items"].as_array().unwrap().clone()
}

/// The code of a refused request.
fn refused(answer: (u16, Value)) -> (u16, String) {
    let code = match &answer.1["errors"][0]["code"] {
        Value::String(code) => code.clone(),
        _ => answer.1["code"].as_str().unwrap_or_default().to_owned(),
    };
    (answer.0, code)
}

fn id(entry: &Value) -> Uuid {
    entry["id"].as_str().unwrap().parse().unwrap()
}

impl Scene {
    fn time(&self, minute: i64) -> DateTime<Utc> {
        self.day.and_hms_opt(0, 0, 0).unwrap().and_utc() + Duration::minutes(minute)
    }

    /// A minute of yesterday.
    fn at(&self, minute: i64) -> String {
        wire(self.time(minute))
    }

    fn body(&self, from: i64, to: i64) -> Value {
        json!({ "started_at": self.at(from), "ended_at": self.at(to), "kind": "meeting", "reason": "With the customer" })
    }

    async fn say(&self, who: &Client, from: i64, to: i64) -> Value {
        let (status, entry) = who.post("/api/manual-times", self.body(from, to)).await;
        assert_eq!(status, 201, "{entry}");
        entry
    }

    async fn decide(&self, to: &str, entries: &[&Value]) -> (u16, Value) {
        let ids: Vec<_> = entries.iter().map(|entry| id(entry)).collect();
        let body = json!({ "manual_time_ids": ids, "reason": "As agreed" });
        let path = format!("/api/manual-times/{to}");
        self.acme.admin.post(&path, body).await
    }

    /// Tracked, active, manual and explained seconds of a person's yesterday: in the sums, and in the timeline.
    async fn sums(&self, of: &Client) -> [i64; 4] {
        let names = [
            "tracked_seconds",
            "active_seconds",
            "manual_seconds",
            "explained_seconds",
        ];
        let day = self.day;
        let (_, usage) = of
            .get(&format!(
                "/api/usage/daily?from={day}&to={day}&user_id={}",
                of.user
            ))
            .await;
        let sums = names.map(|name| usage["items"][0][name].as_i64().unwrap_or_default());
        let (_, timeline) = of.get(&format!("/api/timeline?day={day}")).await;
        let shown = names.map(|name| timeline[name].as_i64().unwrap());
        assert_eq!(sums, shown, "one definition of what is counted");
        sums
    }
}

#[actix_web::test]
async fn what_a_person_says_counts_apart_once_an_admin_approved_it() {
    let scene = scene().await;
    let before = scene.sums(&scene.ada).await;
    assert_eq!(before, [3600, 1800, 0, 0]);
    let entry = scene.say(&scene.ada, 660, 720).await;
    assert_eq!(
        (
            &entry["state"],
            &entry["by_another"],
            &entry["manual_seconds"]
        ),
        (&json!("pending"), &json!(false), &json!(3600))
    );
    assert_eq!(scene.sums(&scene.ada).await, before, "nobody decided yet");
    let (_, timeline) = scene
        .ada
        .get(&format!("/api/timeline?day={}", scene.day))
        .await;
    assert_eq!(timeline["manual"][0]["pending"], true);

    let (status, decided) = scene.decide("approve", &[&entry]).await;
    assert_eq!(status, 200, "{decided}");
    let of = &decided["items"][0];
    assert_eq!(
        (&of["state"], &of["decided_by_name"], &of["decision_reason"]),
        (&json!("approved"), &json!("Ada Admin"), &json!("As agreed"))
    );
    assert_eq!(scene.sums(&scene.ada).await, [3600, 1800, 3600, 0]);
    // The person reads who decided, and why.
    let own = items(scene.ada.get("/api/manual-times").await);
    assert_eq!(own, *decided["items"].as_array().unwrap());

    let (status, decided) = scene.decide("reject", &[&entry]).await;
    assert_eq!(status, 200, "{decided}");
    assert_eq!(scene.sums(&scene.ada).await, before);
    let audit = rows(
        &mut scene.app.copy.admin(),
        "SELECT action, detail->'before'->'manual_seconds' AS before, detail->'after'->'manual_seconds' AS after, detail->>'reason' AS reason FROM tenant.audit_entries \
         WHERE action LIKE 'manual_time.%' ORDER BY id",
    );
    assert_eq!(
        audit,
        [
            json!({ "action": "manual_time.approved", "before": 0, "after": 3600, "reason": "As agreed" }),
            json!({ "action": "manual_time.rejected", "before": 3600, "after": 0, "reason": "As agreed" })
        ],
        "a total that fell is written down"
    );
}

#[actix_web::test]
async fn no_second_counts_twice_whatever_arrives_late() {
    let scene = scene().await;
    // Half an hour of it a device saw as active, half an hour as idle, and an hour nobody saw.
    let entry = scene.say(&scene.ada, 600, 720).await;
    assert_eq!(
        (&entry["manual_seconds"], &entry["explained_seconds"]),
        (&json!(3600), &json!(1800))
    );
    scene.decide("approve", &[&entry]).await;
    assert_eq!(scene.sums(&scene.ada).await, [3600, 1800, 3600, 1800]);

    // A laptop that was offline sends half an hour of it afterwards, and part of a minute.
    let day = scene.day.to_string();
    let mut laptop = Feed::new(&scene.app, scene.acme.id, scene.ada.user, &scene.at(660));
    laptop
        .minutes(&scene.at(660), 30, 60, 0)
        .minutes(&scene.at(690), 1, 10, 10)
        .batch(&day, &day);
    crate::feed::a_minute_later(&scene.app);
    settle(&scene.app);
    let late = scene.sums(&scene.ada).await;
    assert_eq!(
        late,
        [3600 + 1800 + 20, 1800 + 1800 + 10, 29 * 60 + 40, 1800 + 10]
    );
    assert_eq!(late[0] + late[2], 7200, "two hours are two hours");
    assert_eq!(
        rebuild(&scene.app.state.db, Wanted::default())
            .unwrap()
            .changed,
        0
    );

    // Said of the same time again, as a whole or in part.
    for (from, to) in [(600, 720), (540, 601), (719, 800), (620, 630)] {
        let answer = scene
            .ada
            .post("/api/manual-times", scene.body(from, to))
            .await;
        assert_eq!(refused(answer), (409, "manual_times_overlap".into()));
    }
    scene.say(&scene.ada, 540, 600).await;
    scene.say(&scene.bob, 600, 720).await;
}

#[actix_web::test]
async fn of_two_that_are_said_at_once_one_is_refused() {
    let scene = scene().await;
    let say = || scene.bob.post("/api/manual-times", scene.body(600, 660));
    let answers = tokio::join!(say(), say(), say(), say());
    let answers = [answers.0, answers.1, answers.2, answers.3];
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.0).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409]);
}

#[actix_web::test]
async fn manual_time_is_of_the_past_of_whole_minutes_and_within_the_hours() {
    let scene = scene().await;
    let now = Utc::now().timestamp() / 60;
    let minute = |by: i64| wire(DateTime::from_timestamp((now + by) * 60, 0).unwrap());
    let code = async |from: String, to: String| {
        let body = json!({ "started_at": from, "ended_at": to, "kind": "call", "reason": "Call" });
        refused(scene.ada.post("/api/manual-times", body).await).1
    };
    assert_eq!(code(minute(-5), minute(2)).await, "manual_times_future");
    assert_eq!(
        code(scene.at(100).replace(":00Z", ":30Z"), scene.at(120)).await,
        "manual_times_minute"
    );
    assert_eq!(
        code(scene.at(120), scene.at(120)).await,
        "manual_times_length_invalid"
    );
    assert_eq!(
        code(scene.at(0), scene.at(24 * 60 + 1)).await,
        "manual_times_future".replace(
            "future",
            if scene.time(24 * 60 + 1) > Utc::now() {
                "future"
            } else {
                "length_invalid"
            }
        )
    );
    assert_eq!(
        code(minute(-62 * 24 * 60), minute(-62 * 24 * 60 + 5)).await,
        "manual_times_too_old"
    );
    assert_eq!(
        code(scene.at(600), scene.at(630)).await,
        "manual_times_recorded"
    );
    for (name, bad) in [
        ("kind", json!("nap")),
        ("reason", json!(" ")),
        ("reason", json!("x".repeat(501))),
        ("task_id", json!(Uuid::now_v7())),
        ("started_at", json!("yesterday")),
    ] {
        let mut body = scene.body(700, 730);
        body[name] = bad;
        assert_eq!(
            scene.ada.post("/api/manual-times", body).await.0,
            422,
            "{name}"
        );
    }
    let mut body = scene.body(700, 730);
    let (_, task) = scene
        .acme
        .admin
        .post(
            "/api/tasks",
            json!({ "title": "Offer", "assignee_id": scene.ada.user }),
        )
        .await;
    body["task_id"] = task["id"].clone();
    assert_eq!(
        refused(scene.bob.post("/api/manual-times", body.clone()).await).1,
        "manual_times_task_unknown",
        "somebody else's"
    );
    let (status, entry) = scene.ada.post("/api/manual-times", body).await;
    assert_eq!(
        (status, &entry["task_title"]),
        (201, &json!("Offer")),
        "{entry}"
    );

    for sql in [
        "UPDATE tenant.company_settings SET tracking_from = '09:00', tracking_to = '17:00'",
        "UPDATE tenant.company_time_zones SET zone = 'UTC'",
    ] {
        execute(&mut scene.app.copy.admin(), sql);
    }
    assert_eq!(
        code(scene.at(16 * 60 + 50), scene.at(17 * 60 + 1)).await,
        "manual_times_outside_hours"
    );
    scene.say(&scene.ada, 16 * 60 + 50, 17 * 60).await;
}

#[actix_web::test]
async fn only_admins_decide_and_only_of_their_company() {
    let scene = scene().await;
    let bolt = scene.app.company("Bolt").await;
    let entry = scene.say(&scene.ada, 660, 690).await;
    let body = json!({ "manual_time_ids": [id(&entry)], "reason": "Fine" });
    for path in ["/api/manual-times/approve", "/api/manual-times/reject"] {
        for employee in [&scene.ada, &scene.bob] {
            assert_eq!(employee.post(path, body.clone()).await.0, 403);
        }
        assert_eq!(scene.acme.owner.post(path, body.clone()).await.0, 403);
        assert_eq!(
            bolt.admin.post(path, body.clone()).await.0,
            404,
            "another company's"
        );
        let nobodys = json!({ "manual_time_ids": [id(&entry), Uuid::now_v7()], "reason": "Fine" });
        assert_eq!(
            scene.acme.admin.post(path, nobodys).await.0,
            404,
            "all or none"
        );
        let none = json!({ "manual_time_ids": [], "reason": "Fine" });
        assert_eq!(scene.acme.admin.post(path, none).await.0, 422);
    }
    let silent = json!({ "manual_time_ids": [id(&entry)] });
    assert_eq!(
        scene
            .acme
            .admin
            .post("/api/manual-times/reject", silent)
            .await
            .0,
        422,
        "a rejection says why"
    );
    // An employee's role may neither write a decision nor sums, whatever the program asks.
    let forged = format!(
        "SET LOCAL ROLE tracker_employee; SET LOCAL app.company_id = '{}'; SET LOCAL app.user_id = '{}'; ",
        scene.acme.id, scene.ada.user
    );
    for sql in [
        format!("UPDATE tenant.manual_times SET state = 'approved', decided_at = now() WHERE id = '{}'", id(&entry)),
        "INSERT INTO tenant.manual_times (id, user_id, started_at, ended_at, kind, reason, created_by, created_by_name, state) \
           SELECT gen_random_uuid(), user_id, started_at, ended_at, kind, reason, created_by, '', 'approved' FROM tenant.manual_times"
            .to_owned(),
        "UPDATE tenant.user_usage_daily SET manual_seconds = 9".to_owned(),
    ] {
        use diesel::connection::SimpleConnection;
        let text = format!("BEGIN; {forged}{sql}; COMMIT");
        let error = scene.app.copy.admin().batch_execute(&text).unwrap_err().to_string();
        assert!(error.contains("denied") || error.contains("row-level"), "{error}");
    }
    assert_eq!(
        items(scene.ada.get("/api/manual-times").await)[0]["state"],
        "pending"
    );

    // Lists: everybody's, one's own, nobody else's.
    scene.say(&scene.bob, 660, 690).await;
    assert_eq!(
        items(scene.acme.admin.get("/api/manual-times").await).len(),
        2
    );
    assert_eq!(items(scene.ada.get("/api/manual-times").await).len(), 1);
    let of_ada = format!("/api/manual-times?user_id={}", scene.ada.user);
    assert_eq!(scene.bob.get(&of_ada).await.0, 404);
    assert!(items(bolt.admin.get(&of_ada).await).is_empty());
    assert_eq!(scene.acme.owner.get("/api/manual-times").await.0, 403);
    let noted = items(scene.ada.get("/api/me/access-entries").await);
    assert_eq!((&noted[0]["kind"], noted.len()), (&json!("sessions"), 1));
    assert_eq!(scene.ada.get("/api/manual-times/export").await.0, 403);
}

#[actix_web::test]
async fn who_said_it_may_take_it_back_while_nobody_has_decided() {
    let scene = scene().await;
    let entry = scene.say(&scene.ada, 660, 690).await;
    let path = format!("/api/manual-times/{}/withdraw", id(&entry));
    for other in [&scene.bob, &scene.acme.admin] {
        assert_eq!(other.send(Method::POST, &path, None).await.0, 404);
    }
    let (status, withdrawn) = scene.ada.send(Method::POST, &path, None).await;
    assert_eq!((status, &withdrawn["state"]), (200, &json!("withdrawn")));
    let twice = scene.ada.send(Method::POST, &path, None).await;
    assert_eq!(refused(twice), (409, "manual_times_decided".into()));
    let late = scene.decide("approve", &[&entry]).await;
    assert_eq!(refused(late), (409, "manual_times_decided".into()));
    // Its time is free again.
    let again = scene.say(&scene.ada, 660, 690).await;
    assert_eq!(scene.decide("approve", &[&again]).await.0, 200);
    let path = format!("/api/manual-times/{}/withdraw", id(&again));
    let approved = scene.ada.send(Method::POST, &path, None).await;
    assert_eq!(refused(approved), (409, "manual_times_decided".into()));
    let twice = scene.decide("approve", &[&again]).await;
    assert_eq!(refused(twice), (409, "manual_times_decided".into()));
}

#[actix_web::test]
async fn of_rejected_ones_that_overlap_one_is_approved_after_all() {
    let scene = scene().await;
    let first = scene.say(&scene.bob, 600, 660).await;
    scene.decide("reject", &[&first]).await;
    let second = scene.say(&scene.bob, 630, 690).await;
    let overlap = scene.decide("approve", &[&first]).await;
    assert_eq!(refused(overlap), (409, "manual_times_overlap".into()));
    scene.decide("reject", &[&second]).await;
    let both = scene.decide("approve", &[&first, &second]).await;
    assert_eq!(refused(both), (409, "manual_times_overlap".into()));
    assert_eq!(scene.sums(&scene.bob).await, [0, 0, 0, 0], "all or none");
    assert_eq!(scene.decide("approve", &[&first]).await.0, 200);
    assert_eq!(scene.sums(&scene.bob).await, [0, 0, 3600, 0]);
}

#[actix_web::test]
async fn an_admin_says_it_for_somebody_who_reads_that() {
    let scene = scene().await;
    let mut body = scene.body(660, 690);
    body["user_id"] = json!(scene.ada.user);
    assert_eq!(
        refused(scene.bob.post("/api/manual-times", body.clone()).await),
        (422, "manual_times_user_unknown".into())
    );
    let bolt = scene.app.company("Bolt").await;
    assert_eq!(
        refused(bolt.admin.post("/api/manual-times", body.clone()).await),
        (422, "manual_times_user_unknown".into()),
        "another company's is nobody"
    );
    let (status, entry) = scene.acme.admin.post("/api/manual-times", body).await;
    assert_eq!(status, 201, "{entry}");
    assert_eq!(scene.sums(&scene.ada).await, [3600, 1800, 1800, 0]);
    let own = &items(scene.ada.get("/api/manual-times").await)[0];
    assert_eq!(
        (
            &own["state"],
            &own["by_another"],
            &own["created_by_name"],
            &own["decided_by_name"]
        ),
        (
            &json!("approved"),
            &json!(true),
            &json!("Ada Admin"),
            &json!("Ada Admin")
        )
    );
}

#[actix_web::test]
async fn a_company_may_want_none_or_no_approval() {
    let scene = scene().await;
    let set = |sql: &str| {
        let text = format!("UPDATE tenant.company_settings SET {sql}");
        execute(&mut scene.app.copy.admin(), &text);
    };
    let (_, rules) = scene.ada.get("/api/manual-times/rules").await;
    assert_eq!(
        (&rules["allowed"], &rules["approval"]),
        (&json!(true), &json!(true))
    );
    set("manual_time_allowed = false");
    let answer = scene
        .ada
        .post("/api/manual-times", scene.body(660, 690))
        .await;
    assert_eq!(refused(answer), (409, "manual_times_off".into()));
    scene.say(&scene.acme.admin, 660, 690).await;
    set("manual_time_allowed = true, manual_time_approval = false");
    let entry = scene.say(&scene.ada, 660, 690).await;
    assert_eq!(entry["state"], "pending", "a moment later");
    settle(&scene.app);
    let own = &items(scene.ada.get("/api/manual-times").await)[0];
    assert_eq!(
        (&own["state"], own.get("decided_by_name")),
        (&json!("approved"), None)
    );
    assert_eq!(scene.sums(&scene.ada).await, [3600, 1800, 1800, 0]);
}

#[actix_web::test]
async fn a_night_of_changed_clocks_counts_each_of_its_hours_once() {
    let scene = scene().await;
    // Berlin's 25 October has 25 hours, 29 March 23: of the latter the day after the change begins at 22:00 UTC.
    execute(
        &mut scene.app.copy.admin(),
        "UPDATE tenant.company_time_zones SET zone = 'Europe/Berlin', valid_from = '2020-01-01'",
    );
    for (day, first, hours) in [
        ("2026-10-25", "2026-10-24T22:00:00Z", 25),
        ("2026-03-29", "2026-03-28T23:00:00Z", 23),
    ] {
        let first: DateTime<Utc> = first.parse().unwrap();
        let add = |from: i64, to: i64| {
            let text = format!(
                "INSERT INTO tenant.manual_times (company_id, id, user_id, started_at, ended_at, kind, reason, state, created_by, \
                   created_by_name, decided_at) VALUES ('{}', gen_random_uuid(), '{}', '{}', '{}', 'travel', 'Night', 'approved', '{1}', '', now())",
                scene.acme.id,
                scene.bob.user,
                wire(first + Duration::hours(from)),
                wire(first + Duration::hours(to)),
            );
            execute(&mut scene.app.copy.admin(), &text);
        };
        // From the evening before to the evening after, two entries without a gap.
        add(-2, 12);
        add(12, hours + 2);
        let conn = &mut scene.app.copy.admin();
        execute(
            conn,
            "UPDATE tenant.company_settings SET usage_retention_days = 3000, usage_kept_from = NULL",
        );
        rebuild(&scene.app.state.db, Wanted::default()).unwrap();
        let of_day = |day: &str| {
            let text = format!(
                "SELECT manual_seconds FROM tenant.user_usage_daily WHERE day = '{day}' AND user_id = '{}'",
                scene.bob.user
            );
            rows(&mut scene.app.copy.admin(), &text)[0]["manual_seconds"]
                .as_i64()
                .unwrap()
        };
        let date: NaiveDate = day.parse().unwrap();
        assert_eq!(of_day(day), hours * 3600, "{day}");
        for beside in [date.pred_opt().unwrap(), date.succ_opt().unwrap()] {
            assert_eq!(of_day(&beside.to_string()), 2 * 3600, "beside {day}");
        }
    }
}

#[actix_web::test]
async fn the_list_is_filtered_paged_and_saved_as_a_file() {
    let scene = scene().await;
    let first = scene.say(&scene.ada, 660, 690).await;
    let second = scene.say(&scene.bob, 700, 730).await;
    let third = scene.say(&scene.bob, 800, 830).await;
    scene.decide("approve", &[&second]).await;
    let admin = &scene.acme.admin;
    let get = async |query: &str| {
        let listed = items(admin.get(&format!("/api/manual-times?{query}")).await);
        listed.iter().map(id).collect::<Vec<_>>()
    };
    assert_eq!(get("").await, [id(&third), id(&second), id(&first)]);
    assert_eq!(get("state=pending").await, [id(&third), id(&first)]);
    assert_eq!(get("state=approved&state=rejected").await, [id(&second)]);
    assert_eq!(get("kind=call").await, [] as [Uuid; 0]);
    assert_eq!(get("q=aDa").await, [id(&first)]);
    assert_eq!(get(&format!("user_id={}", scene.bob.user)).await.len(), 2);
    assert_eq!(get("from=2026-01-01&to=2026-01-31").await, [] as [Uuid; 0]);
    let (_, page) = admin.get("/api/manual-times?limit=2").await;
    let cursor = page["next_cursor"].as_str().unwrap();
    assert_eq!(get(&format!("limit=2&cursor={cursor}")).await, [id(&first)]);
    assert_eq!(
        admin
            .get(&format!("/api/manual-times?state=pending&cursor={cursor}"))
            .await
            .0,
        400
    );
    let file = admin
        .request(Method::GET, "/api/manual-times/export?state=approved")
        .send()
        .await
        .unwrap();
    let text = file.text().await.unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(
        lines[1].contains(",Bob,") && lines[1].contains(",approved,1800,0,"),
        "{text}"
    );
}
