//! Tasks: who may see and change what, the list's filters and orders, their history, and the time that sessions add up to.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Days, Duration, NaiveDate, Utc};
use diesel::connection::SimpleConnection;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{App, Client, Company};
use crate::dice::Dice;
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
    let ada = app.employee(&acme, "Ada").await;
    let bob = app.employee(&acme, "Bob").await;
    Scene {
        app,
        acme,
        ada,
        bob,
    }
}

async fn create(admin: &Client, body: Value) -> Value {
    let (status, task) = admin.post("/api/tasks", body).await;
    assert_eq!(status, 201, "{task}");
    task
}

async fn change(client: &Client, path: &str, tag: Option<&str>, body: Value) -> (u16, Value) {
    let mut request = client.request(Method::PATCH, path);
    if let Some(tag) = tag {
        request = request.header("If-Match", tag);
    }
    crate::app::read(request.json(&body).send().await.unwrap()).await
}

fn path(task: &Value) -> String {
    format!("/api/tasks/{}", task["id"].as_str().unwrap())
}

fn tag(task: &Value) -> String {
    format!("\"{}\"", task["version"].as_str().unwrap())
}

fn items(answer: (u16, Value)) -> Vec<Value> {
    assert_eq!(answer.0, 200, "{}", answer.1);
    answer.1["items"].as_array().unwrap().clone()
}

/// The code and pointer of a refused body.
fn refused(answer: (u16, Value)) -> (u16, String, String) {
    let error = &answer.1["errors"][0];
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    (answer.0, text("code"), text("pointer"))
}

#[actix_web::test]
async fn a_task_is_made_and_changed_and_its_history_says_what_was() {
    let scene = scene().await;
    let admin = &scene.acme.admin;
    let (_, team) = admin.post("/api/teams", json!({ "name": "Support" })).await;
    let task = create(
        admin,
        json!({ "title": " Answer the mail ", "description": "**All** of it", "assignee_id": scene.ada.user, "priority": "high",
            "due_on": "2026-12-24", "estimate_seconds": 7200 }),
    )
    .await;
    assert_eq!(
        (&task["title"], &task["status"], &task["assignee_name"]),
        (&json!("Answer the mail"), &json!("open"), &json!("Ada"))
    );
    let path = path(&task);
    let answer = admin.request(Method::GET, &path).send().await.unwrap();
    let seen = answer.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(seen, tag(&task), "the version of the body is the tag");
    assert_eq!(answer.json::<Value>().await.unwrap(), task);

    let wanted = json!({ "assignee_id": scene.bob.user, "team_id": team["id"], "description": null, "due_on": null, "status": "in_progress" });
    assert_eq!(change(admin, &path, None, wanted.clone()).await.0, 428);
    assert_eq!(
        change(admin, &path, Some("\"0-x\""), wanted.clone())
            .await
            .0,
        412
    );
    let (status, after) = change(admin, &path, Some(&seen), wanted.clone()).await;
    assert_eq!(status, 200, "{after}");
    assert_eq!(
        (
            &after["assignee_name"],
            &after["team_name"],
            &after["description"],
            &after["due_on"],
            &after["title"]
        ),
        (
            &json!("Bob"),
            &json!("Support"),
            &json!(""),
            &Value::Null,
            &json!("Answer the mail")
        )
    );
    assert_eq!(
        change(admin, &path, Some(&seen), wanted.clone()).await.0,
        412,
        "somebody saw an older one"
    );
    let (status, same) = change(admin, &path, Some(&tag(&after)), wanted).await;
    assert_eq!((status, &same), (200, &after), "nothing changed");

    let changes = items(admin.get(&format!("{path}/changes")).await);
    let told: BTreeMap<_, _> = changes
        .iter()
        .map(|one| {
            assert_eq!(one["actor_name"], "Ada Admin", "{one}");
            (
                one["field"].as_str().unwrap(),
                (one["before"].as_str(), one["after"].as_str()),
            )
        })
        .collect();
    assert_eq!(
        told,
        BTreeMap::from([
            ("assignee_id", (Some("Ada"), Some("Bob"))),
            ("description", (Some("**All** of it"), None)),
            ("due_on", (Some("2026-12-24"), None)),
            ("status", (Some("open"), Some("in_progress"))),
            ("team_id", (None, Some("Support"))),
        ])
    );
    assert_eq!(changes.len(), 5);
    let audit = rows(
        &mut scene.app.copy.admin(),
        "SELECT action, detail->'status' AS status FROM tenant.audit_entries WHERE action LIKE 'task.%' ORDER BY id",
    );
    assert_eq!(
        audit,
        [
            json!({ "action": "task.created", "status": null }),
            json!({ "action": "task.changed", "status": { "before": "open", "after": "in_progress" } })
        ]
    );

    // A team that ends leaves its tasks.
    let team = format!("/api/teams/{}", team["id"].as_str().unwrap());
    assert_eq!(admin.send(Method::DELETE, &team, None).await.0, 204);
    let (_, left) = admin.get(&path).await;
    assert_eq!(left["team_id"], Value::Null);
    assert_ne!(left["version"], after["version"]);
}

#[actix_web::test]
async fn what_a_task_cannot_be_is_refused_by_its_field() {
    let scene = scene().await;
    let admin = &scene.acme.admin;
    let globex = scene.app.company("Globex").await;
    let (_, foreign) = globex
        .admin
        .post("/api/teams", json!({ "name": "X" }))
        .await;
    let gone = format!("/api/employees/{}/deactivate", scene.bob.user);
    let kept = create(
        admin,
        json!({ "title": "Kept", "assignee_id": scene.bob.user }),
    )
    .await;
    assert_eq!(admin.post(&gone, json!({})).await.0, 200);
    let task = create(admin, json!({ "title": "Task" })).await;
    let (path, version) = (path(&task), tag(&task));
    for (body, code, pointer) in [
        (json!({ "title": "" }), "text_length", "/title"),
        (json!({ "title": "x".repeat(201) }), "text_length", "/title"),
        (
            json!({ "description": "x".repeat(10_001) }),
            "text_length",
            "/description",
        ),
        (
            json!({ "assignee_id": Uuid::now_v7() }),
            "assignee_unknown",
            "/assignee_id",
        ),
        (
            json!({ "assignee_id": globex.admin.user }),
            "assignee_unknown",
            "/assignee_id",
        ),
        (
            json!({ "assignee_id": scene.bob.user }),
            "assignee_deactivated",
            "/assignee_id",
        ),
        (
            json!({ "team_id": foreign["id"] }),
            "team_unknown",
            "/team_id",
        ),
        (
            json!({ "estimate_seconds": 31_536_001 }),
            "tasks_estimate_invalid",
            "/estimate_seconds",
        ),
        (json!({ "status": "started" }), "invalid", "/status"),
        (json!({ "due_on": "2026-02-30" }), "day_invalid", "/due_on"),
    ] {
        let expected = (422, code.to_owned(), pointer.to_owned());
        let answer = change(admin, &path, Some(&version), body.clone()).await;
        assert_eq!(refused(answer), expected, "{body}");
        let mut new = body.clone();
        if new["title"].is_null() {
            new["title"] = json!("New");
        }
        assert_eq!(
            refused(admin.post("/api/tasks", new).await),
            expected,
            "{body}"
        );
    }
    assert_eq!(admin.get(&path).await.1, task);
    // Who has left keeps the task until somebody else gets it.
    let answer = change(
        admin,
        &self::path(&kept),
        Some(&tag(&kept)),
        json!({ "priority": "low" }),
    )
    .await;
    assert_eq!((answer.0, &answer.1["assignee_name"]), (200, &json!("Bob")));
}

#[actix_web::test]
async fn an_employee_sees_own_tasks_says_how_far_they_are_and_no_more() {
    let scene = scene().await;
    let (admin, ada, bob) = (&scene.acme.admin, &scene.ada, &scene.bob);
    let own = create(admin, json!({ "title": "Ada's", "assignee_id": ada.user })).await;
    let other = create(admin, json!({ "title": "Bob's", "assignee_id": bob.user })).await;
    let nobodys = create(admin, json!({ "title": "Nobody's" })).await;
    for query in [
        "",
        "?unassigned=true",
        &format!("?assignee_id={}", bob.user),
    ] {
        let seen = items(ada.get(&format!("/api/tasks{query}")).await);
        let wanted = usize::from(query.is_empty());
        assert_eq!(seen.len(), wanted, "{query}");
    }
    let note = json!({ "text": "Begun" });
    for task in [&other, &nobodys] {
        let path = path(task);
        assert_eq!(ada.get(&path).await.0, 404);
        for part in ["changes", "comments", "time"] {
            assert_eq!(ada.get(&format!("{path}/{part}")).await.0, 404, "{part}");
        }
        let comments = format!("{path}/comments");
        assert_eq!(ada.post(&comments, note.clone()).await.0, 404);
        let done = json!({ "status": "done" });
        let answer = change(ada, &format!("{path}/status"), Some("*"), done).await;
        assert_eq!(answer.0, 404);
    }
    let path = path(&own);
    assert_eq!(
        change(ada, &path, Some("*"), json!({ "title": "Mine" }))
            .await
            .0,
        403
    );
    assert_eq!(
        ada.post("/api/tasks", json!({ "title": "Mine" })).await.0,
        403
    );
    assert_eq!(ada.get("/api/tasks/export").await.0, 403);
    let status = format!("{path}/status");
    let done = json!({ "status": "done" });
    assert_eq!(change(ada, &status, None, done.clone()).await.0, 428);
    assert_eq!(
        change(ada, &status, Some("\"9-9\""), done.clone()).await.0,
        412
    );
    let (code, after) = change(ada, &status, Some(&tag(&own)), done.clone()).await;
    assert_eq!((code, &after["status"]), (200, &json!("done")), "{after}");
    assert_eq!(ada.post(&format!("{path}/comments"), note).await.0, 201);
    let answer = admin
        .post(&format!("{path}/comments"), json!({ "text": "Thank you" }))
        .await;
    assert_eq!(answer.0, 201);
    let said = items(ada.get(&format!("{path}/comments")).await);
    let said: Vec<_> = said
        .iter()
        .map(|one| {
            (
                one["author_name"].as_str().unwrap(),
                one["text"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(said, [("Ada Admin", "Thank you"), ("Ada", "Begun")]);
    // The colleague who had it before has no name here.
    let (_, moved) = change(
        admin,
        &self::path(&other),
        Some("*"),
        json!({ "assignee_id": ada.user }),
    )
    .await;
    let history = items(ada.get(&format!("{}/changes", self::path(&moved))).await);
    assert_eq!(
        (&history[0]["before"], &history[0]["after"]),
        (&json!("Somebody else"), &json!("Ada"))
    );
    assert_eq!(bob.get(&self::path(&moved)).await.0, 404);
    // Only admins' changes are in the company's log, everybody's in the history.
    let history = items(admin.get(&format!("{path}/changes")).await);
    assert_eq!(
        (&history[0]["actor_name"], &history[0]["after"]),
        (&json!("Ada"), &json!("done"))
    );
    // A repeated comment is one, an employee's as well.
    let key = Uuid::now_v7().to_string();
    for _ in 0..2 {
        let request = ada.request(Method::POST, &format!("{path}/comments"));
        let request = request.header("Idempotency-Key", &key);
        let answer = request.json(&json!({ "text": "Once" })).send().await;
        assert_eq!(answer.unwrap().status(), 201);
    }
    assert_eq!(items(ada.get(&format!("{path}/comments")).await).len(), 3);
}

#[actix_web::test]
async fn the_database_keeps_an_employee_to_the_status_of_own_tasks() {
    let scene = scene().await;
    let (admin, ada, bob) = (&scene.acme.admin, &scene.ada, &scene.bob);
    let own = create(admin, json!({ "title": "Ada's", "assignee_id": ada.user })).await;
    let other = create(admin, json!({ "title": "Bob's", "assignee_id": bob.user })).await;
    let mut web = scene.app.copy.as_role("tracker_web");
    let mut attempt = |sql: &str| {
        let done = web.batch_execute(&format!(
            "BEGIN; SET LOCAL ROLE tracker_employee; SET LOCAL app.company_id = '{}'; SET LOCAL app.user_id = '{}'; {sql}; COMMIT",
            scene.acme.id, ada.user
        ));
        drop(web.batch_execute("ROLLBACK"));
        done.map_err(|error| error.to_string())
    };
    let (mine, theirs) = (own["id"].as_str().unwrap(), other["id"].as_str().unwrap());
    attempt("UPDATE tenant.tasks SET status = 'in_progress'").unwrap();
    for column in [
        "title = 'x'",
        "assignee_id = NULL",
        "due_on = now()",
        "estimate_seconds = 1",
        "created_by = assignee_id",
    ] {
        let error = attempt(&format!("UPDATE tenant.tasks SET {column}")).unwrap_err();
        assert!(error.contains("permission denied"), "{column}: {error}");
    }
    let comment = |task: &str, author: Uuid| {
        format!(
            "INSERT INTO tenant.task_comments (id, task_id, author_id, author_name, text) VALUES (gen_random_uuid(), '{task}', '{author}', 'x', 'x')"
        )
    };
    attempt(&comment(mine, ada.user)).unwrap();
    for (task, author) in [(theirs, ada.user), (mine, bob.user)] {
        let error = attempt(&comment(task, author)).unwrap_err();
        assert!(error.contains("row-level security"), "{error}");
    }
    let entry = |task: &str, actor: Uuid, field: &str| {
        format!(
            "INSERT INTO tenant.task_changes (id, task_id, actor_id, actor_name, field) VALUES (gen_random_uuid(), '{task}', '{actor}', 'x', '{field}')"
        )
    };
    attempt(&entry(mine, ada.user, "status")).unwrap();
    for (task, actor, field) in [
        (theirs, ada.user, "status"),
        (mine, bob.user, "status"),
        (mine, ada.user, "title"),
    ] {
        assert!(attempt(&entry(task, actor, field)).is_err(), "{field}");
    }
    let now = rows(
        &mut scene.app.copy.admin(),
        "SELECT title, status FROM tenant.tasks ORDER BY title",
    );
    assert_eq!(
        now,
        [
            json!({ "title": "Ada's", "status": "in_progress" }),
            json!({ "title": "Bob's", "status": "open" })
        ]
    );
}

/// Today in the company's zone.
fn today() -> NaiveDate {
    let now = Utc::now().with_timezone(&chrono_tz::Tz::Europe__Berlin);
    now.date_naive()
}

/// All pages of a list.
async fn all(client: &Client, query: &str) -> Vec<Value> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let (status, page) = client
            .get(&format!("/api/tasks?limit=7&{query}{cursor}"))
            .await;
        assert_eq!(status, 200, "{query}: {page}");
        found.extend(page["items"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

#[actix_web::test]
async fn tasks_are_found_by_every_filter_and_in_every_order() {
    let scene = scene().await;
    let admin = &scene.acme.admin;
    let (_, team) = admin.post("/api/teams", json!({ "name": "Support" })).await;
    let mut dice = Dice::new(20_261_122);
    let (mut made, today) = (Vec::new(), today());
    for nth in 0..40 {
        let mut body = json!({ "title": format!("{} {nth}", ["mail", "Post_it", "100%"][dice.below(3)]),
            "status": (["open", "in_progress", "done", "cancelled"][dice.below(4)]),
            "priority": (["low", "normal", "high", "urgent"][dice.below(4)]) });
        if dice.below(3) > 0 {
            body["assignee_id"] = json!(([scene.ada.user, scene.bob.user][dice.below(2)]));
        }
        if dice.below(2) > 0 {
            body["team_id"] = team["id"].clone();
        }
        if dice.below(4) > 0 {
            let day = today - Days::new(4) + Days::new(u64::try_from(dice.below(14)).unwrap());
            body["due_on"] = json!(day);
        }
        if dice.below(2) > 0 {
            body["estimate_seconds"] = json!(dice.below(4) * 600);
        }
        if dice.below(4) == 0 {
            body["description"] = json!("Search ME");
        }
        made.push(create(admin, body).await);
    }
    let due = |task: &Value| {
        let day = task["due_on"].as_str()?;
        Some(day.parse::<NaiveDate>().unwrap())
    };
    let is_open =
        |task: &Value| ["open", "in_progress"].contains(&task["status"].as_str().unwrap());
    for task in &made {
        let late = is_open(task) && due(task).is_some_and(|day| day < today);
        assert_eq!(task["overdue"], late, "{task}");
    }
    type Is<'a> = Box<dyn Fn(&Value) -> bool + 'a>;
    let ada = json!(scene.ada.user);
    let filters: Vec<(String, Is)> = vec![
        (String::new(), Box::new(|_| true)),
        (
            "q=MAIL".into(),
            Box::new(|task| task["title"].as_str().unwrap().contains("mail")),
        ),
        (
            "q=t_i".into(),
            Box::new(|task| task["title"].as_str().unwrap().contains("t_i")),
        ),
        (
            "q=%25".into(),
            Box::new(|task| task["title"].as_str().unwrap().contains('%')),
        ),
        (
            "q=search+me".into(),
            Box::new(|task| task["description"] == "Search ME"),
        ),
        (
            "status=open&status=done".into(),
            Box::new(|task| task["status"] == "open" || task["status"] == "done"),
        ),
        (
            "priority=urgent".into(),
            Box::new(|task| task["priority"] == "urgent"),
        ),
        (
            format!("assignee_id={}", scene.ada.user),
            Box::new(|task| task["assignee_id"] == ada),
        ),
        (
            "unassigned=true".into(),
            Box::new(|task| task["assignee_id"].is_null()),
        ),
        (
            format!("unassigned=true&assignee_id={}", scene.ada.user),
            Box::new(|task| task["assignee_id"].is_null() || task["assignee_id"] == ada),
        ),
        (
            format!("team_id={}", team["id"].as_str().unwrap()),
            Box::new(|task| !task["team_id"].is_null()),
        ),
        (
            "without_team=true".into(),
            Box::new(|task| task["team_id"].is_null()),
        ),
        (
            "due=overdue".into(),
            Box::new(|task| task["overdue"] == true),
        ),
        (
            "due=today".into(),
            Box::new(|task| due(task) == Some(today)),
        ),
        (
            "due=next_7_days".into(),
            Box::new(|task| {
                due(task).is_some_and(|day| day >= today && day <= today + Days::new(6))
            }),
        ),
        ("due=none".into(), Box::new(|task| due(task).is_none())),
    ];
    let place = |of: &[&str], word: &Value| {
        of.iter()
            .position(|one| *one == word.as_str().unwrap())
            .unwrap()
    };
    let key = |sort: &str, task: &Value| -> (String, i64) {
        let text = |name: &str| task[name].as_str().unwrap().to_lowercase();
        match sort {
            "title" => (text("title"), 0),
            "status" => (
                String::new(),
                place(
                    &["open", "in_progress", "done", "cancelled"],
                    &task["status"],
                ) as i64,
            ),
            "priority" => (
                String::new(),
                place(&["low", "normal", "high", "urgent"], &task["priority"]) as i64,
            ),
            "due_on" => (due(task).map_or("9".into(), |day| day.to_string()), 0),
            "estimate_seconds" => (
                String::new(),
                task["estimate_seconds"].as_i64().unwrap_or_default(),
            ),
            _ => (text(sort), 0),
        }
    };
    let mut seen = 0;
    for (query, is) in &filters {
        let wanted: BTreeSet<&str> = (made.iter().filter(|task| is(task)))
            .map(|task| task["id"].as_str().unwrap())
            .collect();
        for sort in [
            "title",
            "status",
            "priority",
            "due_on",
            "estimate_seconds",
            "created_at",
            "updated_at",
        ] {
            for descending in ["", "-"] {
                let query = format!("{query}&sort={descending}{sort}");
                let found = all(admin, &query).await;
                let ids: BTreeSet<&str> = found
                    .iter()
                    .map(|one| one["id"].as_str().unwrap())
                    .collect();
                assert_eq!((ids.len(), &ids), (found.len(), &wanted), "{query}");
                let keys: Vec<_> = found
                    .iter()
                    .map(|one| (key(sort, one), one["id"].as_str().unwrap()))
                    .collect();
                let is_sorted = match descending {
                    "" => keys.is_sorted(),
                    _ => keys.iter().rev().is_sorted(),
                };
                assert!(is_sorted, "{query}: {keys:?}");
                seen += found.len();
            }
        }
    }
    assert!(seen > 2_000, "{seen}");
    let (_, page) = admin.get("/api/tasks?limit=1").await;
    let cursor = page["next_cursor"].as_str().unwrap();
    for other in ["sort=title", "status=open", "q=a"] {
        let path = format!("/api/tasks?{other}&cursor={cursor}");
        assert_eq!(admin.get(&path).await.0, 400, "{other}");
    }
    let foreign = scene.app.company("Globex").await.admin;
    let path = format!("/api/tasks?cursor={cursor}");
    assert_eq!(foreign.get(&path).await.0, 400);
}

/// Sessions of two devices a person, each for a task or for none, some excluded, around both changes of Berlin's clocks.
const DAYS: [&str; 4] = ["2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25"];

fn record(scene: &Scene, tasks: &[Uuid], seed: usize) {
    let mut dice = Dice::new(seed);
    let conn = &mut scene.app.copy.admin();
    for user in [scene.ada.user, scene.bob.user] {
        let mut device = None;
        for _ in 0..12 {
            let mut feed = Feed::new(&scene.app, scene.acme.id, user, "2026-03-27T00:00:00Z");
            // Every other session is of the device before: two of one device may lie in the same minute.
            if let Some(device) = device.filter(|_| dice.below(2) == 0) {
                execute(
                    conn,
                    &format!(
                        "UPDATE tenant.work_sessions SET device_id = '{device}', ended_at = started_at, end_reason = 'stopped' WHERE id = '{}'",
                        feed.session
                    ),
                );
            } else {
                device = Some(feed.device);
            }
            let task = dice.below(tasks.len() + 1);
            if let Some(task) = tasks.get(task) {
                execute(
                    conn,
                    &format!(
                        "UPDATE tenant.work_sessions SET task_id = '{task}' WHERE id = '{}'",
                        feed.session
                    ),
                );
            }
            if dice.below(5) == 0 {
                execute(
                    conn,
                    &format!(
                        "UPDATE tenant.work_sessions SET excluded_at = now() WHERE id = '{}'",
                        feed.session
                    ),
                );
            }
            for day in DAYS {
                let hour = [0, 21, 22, 23][dice.below(4)];
                let minute = dice.below(60);
                let active = i32::try_from(dice.below(40)).unwrap();
                let idle = i32::try_from(dice.below(20)).unwrap();
                let count = i32::try_from(1 + dice.below(90)).unwrap();
                feed.minutes(
                    &format!("{day}T{hour:02}:{minute:02}:00Z"),
                    count,
                    active,
                    idle,
                );
            }
            feed.batch("2026-03-27", "2026-10-27");
        }
    }
    settle(&scene.app);
}

/// By person and task, counted from the raw rows in the plainest way.
fn counted(app: &App) -> BTreeMap<(Uuid, Uuid), i64> {
    let id = |row: &Value, name: &str| -> Uuid { row[name].as_str().unwrap().parse().unwrap() };
    let mut of_device: HashMap<(Uuid, Uuid, Uuid, i64), i64> = HashMap::new();
    for row in rows(
        &mut app.copy.admin(),
        "SELECT a.user_id, s.task_id, s.device_id, extract(epoch FROM a.started_at)::bigint / 60 AS minute, \
           a.active_seconds + a.idle_seconds AS seconds \
         FROM tenant.activity_log a JOIN tenant.work_sessions s ON s.company_id = a.company_id AND s.id = a.session_id \
         WHERE s.task_id IS NOT NULL AND s.excluded_at IS NULL",
    ) {
        let key = (
            id(&row, "user_id"),
            id(&row, "task_id"),
            id(&row, "device_id"),
            row["minute"].as_i64().unwrap(),
        );
        *of_device.entry(key).or_default() += row["seconds"].as_i64().unwrap();
    }
    let mut of_minute: HashMap<(Uuid, Uuid, i64), i64> = HashMap::new();
    for ((user, task, _, minute), seconds) in of_device {
        let most = of_minute.entry((user, task, minute)).or_default();
        *most = (*most).max(seconds.min(60));
    }
    let mut sums = BTreeMap::new();
    for ((user, task, _), seconds) in of_minute {
        *sums.entry((user, task)).or_default() += seconds;
    }
    sums.retain(|_, seconds| *seconds > 0);
    sums
}

#[actix_web::test]
async fn the_time_of_a_task_is_that_of_its_sessions_that_count() {
    let mut compared = 0;
    for seed in 1..=5 {
        let scene = scene().await;
        let admin = &scene.acme.admin;
        let mut tasks = Vec::new();
        for nth in 0..4 {
            let who = [scene.ada.user, scene.bob.user][nth % 2];
            let body = json!({ "title": format!("Task {nth}"), "assignee_id": who });
            tasks.push(
                create(admin, body).await["id"]
                    .as_str()
                    .unwrap()
                    .parse()
                    .unwrap(),
            );
        }
        record(&scene, &tasks, seed);
        let counted = counted(&scene.app);
        let of = |user: Option<Uuid>, task: Uuid| -> i64 {
            let theirs = counted
                .iter()
                .filter(|((who, what), _)| *what == task && user.is_none_or(|user| user == *who));
            theirs.map(|(_, seconds)| seconds).sum()
        };
        for listed in items(admin.get("/api/tasks").await) {
            let task: Uuid = listed["id"].as_str().unwrap().parse().unwrap();
            assert_eq!(listed["tracked_seconds"], of(None, task), "{seed}");
            let (_, time) = admin.get(&format!("/api/tasks/{task}/time")).await;
            assert_eq!(time["tracked_seconds"], of(None, task), "{seed}");
            for person in time["people"].as_array().unwrap() {
                let user = person["user_id"].as_str().unwrap().parse().unwrap();
                assert_eq!(person["tracked_seconds"], of(Some(user), task), "{seed}");
                compared += 1;
            }
        }
        // An employee reads the own time, of own tasks.
        for listed in items(scene.ada.get("/api/tasks").await) {
            let task: Uuid = listed["id"].as_str().unwrap().parse().unwrap();
            let own = of(Some(scene.ada.user), task);
            assert_eq!(listed["tracked_seconds"], own, "{seed}");
            let (_, time) = scene.ada.get(&format!("/api/tasks/{task}/time")).await;
            assert_eq!(time["tracked_seconds"], own, "{seed}");
            assert!(!time.to_string().contains("Bob"), "{time}");
        }
        // A session that an admin excludes is gone from the time at once, and comes back.
        let sums = || {
            rows(
                &mut scene.app.copy.admin(),
                "SELECT user_id, task_id, sum(tracked_seconds)::bigint AS seconds FROM tenant.user_task_usage_daily \
                 GROUP BY 1, 2 ORDER BY 1, 2",
            )
        };
        let before = sums();
        assert_eq!(
            before,
            counted
                .iter()
                .map(|((user, task), seconds)| json!({ "user_id": user, "task_id": task, "seconds": seconds }))
                .collect::<Vec<_>>()
        );
    }
    assert!(compared > 20, "{compared}");
}

#[actix_web::test]
async fn excluding_a_session_takes_its_time_from_the_task() {
    let scene = scene().await;
    let admin = &scene.acme.admin;
    let task = create(
        admin,
        json!({ "title": "Task", "assignee_id": scene.ada.user }),
    )
    .await;
    let noon = today() - Days::new(1);
    let mut feed = Feed::new(
        &scene.app,
        scene.acme.id,
        scene.ada.user,
        &format!("{noon}T10:00:00Z"),
    );
    feed.minutes(&format!("{noon}T10:00:00Z"), 30, 40, 10);
    feed.batch(&noon.to_string(), &noon.to_string());
    execute(
        &mut scene.app.copy.admin(),
        &format!(
            "UPDATE tenant.work_sessions SET task_id = '{}', ended_at = '{noon}T10:30:00Z', end_reason = 'stopped'",
            task["id"].as_str().unwrap()
        ),
    );
    settle(&scene.app);
    let time = async || {
        let (_, time) = admin.get(&format!("{}/time", path(&task))).await;
        time["tracked_seconds"].as_i64().unwrap()
    };
    assert_eq!(time().await, 1_500);
    let reason = json!({ "reason": "Was somebody else" });
    for (action, seconds) in [("exclude", 0), ("include", 1_500)] {
        let path = format!("/api/work-sessions/{}/{action}", feed.session);
        assert_eq!(admin.post(&path, reason.clone()).await.0, 200);
        assert_eq!(time().await, seconds, "{action}");
    }
}

#[actix_web::test]
async fn whoever_worked_on_a_task_reads_who_looked_at_its_time() {
    let scene = scene().await;
    let admin = &scene.acme.admin;
    let mut tasks = Vec::new();
    for user in [scene.ada.user, scene.bob.user] {
        let task = create(admin, json!({ "title": "=1+1", "assignee_id": user })).await;
        let mut feed = Feed::new(&scene.app, scene.acme.id, user, "2026-10-24T10:00:00Z");
        feed.minutes("2026-10-24T10:00:00Z", 10, 40, 10);
        feed.batch("2026-10-24", "2026-10-24");
        execute(
            &mut scene.app.copy.admin(),
            &format!(
                "UPDATE tenant.work_sessions SET task_id = '{}' WHERE id = '{}'",
                task["id"].as_str().unwrap(),
                feed.session
            ),
        );
        tasks.push(task);
    }
    settle(&scene.app);
    let looks = || {
        let conn = &mut scene.app.copy.admin();
        let found = rows(
            conn,
            "SELECT subject_id, kind || ' ' || day AS what FROM tenant.access_entries ORDER BY subject_id",
        );
        execute(conn, "DELETE FROM tenant.access_entries");
        found.len()
    };
    let time = format!("{}/time", path(&tasks[0]));
    for (path, wanted) in [
        (path(&tasks[0]).as_str(), 0),
        (&time, 1),
        ("/api/tasks", 2),
        ("/api/tasks/export", 2),
        (&format!("/api/tasks?assignee_id={}", scene.bob.user), 1),
        ("/api/tasks?status=done", 0),
    ] {
        assert_eq!(admin.get(path).await.0, 200, "{path}");
        assert_eq!(looks(), wanted, "{path}");
    }
    // Nobody is told of their own looks.
    for path in ["/api/tasks", time.as_str()] {
        assert_eq!(scene.ada.get(path).await.0, 200, "{path}");
    }
    assert_eq!(looks(), 0);
    assert_eq!(admin.get("/api/tasks").await.0, 200);
    let read = items(scene.ada.get("/api/me/access-entries").await);
    assert_eq!(
        (&read[0]["kind"], &read[0]["day"]),
        (&json!("tasks"), &json!("2026-10-24"))
    );

    // The file has the list's rows, and harmless titles.
    let request = admin.request(Method::GET, "/api/tasks/export?sort=-created_at");
    let file = request.send().await.unwrap().text().await.unwrap();
    let lines: Vec<_> = file.lines().collect();
    assert!(lines[0].starts_with("id,title,status,priority,assignee"));
    assert!(
        lines[1].contains(",'=1+1,open,normal,Bob,,,no,,500,"),
        "{file}"
    );
    assert_eq!(lines.len(), 3);
    let exported = rows(
        &mut scene.app.copy.admin(),
        "SELECT detail FROM tenant.audit_entries WHERE action = 'tasks.exported'",
    );
    assert_eq!(exported.len(), 2);
    let request = admin.request(Method::GET, "/api/tasks/export?format=xlsx");
    let book = request.send().await.unwrap().bytes().await.unwrap();
    assert!(book.starts_with(b"PK"));
}

fn wire(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

fn minute(session: Uuid, at: DateTime<Utc>) -> Value {
    json!({ "id": Uuid::now_v7(), "session_id": session, "minute": wire(at), "keystrokes": 1, "mouse_events": 1,
        "active_seconds": 50, "idle_seconds": 10 })
}

/// What a batch's items became, by their codes.
async fn upload(agent: &Client, sessions: Value, activity: Value) -> Vec<String> {
    let batch = json!({ "batch_id": Uuid::now_v7(), "sessions": sessions, "activity": activity });
    // Sent again it is answered the same, but for what is known by now.
    let (status, answer) = agent.post("/api/upload/batch", batch.clone()).await;
    assert_eq!(status, 200, "{answer}");
    let codes = |answer: &Value| -> Vec<String> {
        let items = answer["items"].as_array().unwrap().iter();
        items
            .map(|item| {
                item["code"]
                    .as_str()
                    .or(item["result"].as_str())
                    .unwrap()
                    .to_owned()
            })
            .collect()
    };
    let (_, again) = agent.post("/api/upload/batch", batch).await;
    let repeated: Vec<String> = codes(&answer)
        .iter()
        .map(|code| code.replace("stored", "duplicate"))
        .collect();
    assert_eq!(codes(&again), repeated);
    codes(&answer)
}

#[actix_web::test]
async fn an_agent_is_offered_own_open_tasks_and_names_no_others() {
    let scene = scene().await;
    let (admin, ada) = (&scene.acme.admin, &scene.ada);
    let globex = scene.app.company("Globex").await;
    let foreign = create(&globex.admin, json!({ "title": "Theirs" })).await;
    let agent = scene.app.agent(&scene.acme, ada).await;
    let yesterday = today() - Days::new(1);
    let task = async |title: &str, more: Value| {
        let mut body = json!({ "title": title, "assignee_id": ada.user });
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        create(admin, body).await
    };
    let plain = task("Plain", json!({})).await;
    task("Done", json!({ "status": "done" })).await;
    task("Late", json!({ "due_on": yesterday })).await;
    task("Urgent", json!({ "priority": "urgent" })).await;
    task("Begun", json!({ "status": "in_progress" })).await;
    let other = task("Bob's", json!({ "assignee_id": scene.bob.user })).await;
    let offered = items(agent.get("/api/agent/tasks").await);
    let titles: Vec<_> = offered
        .iter()
        .map(|one| (one["title"].as_str().unwrap(), one["overdue"] == true))
        .collect();
    assert_eq!(
        titles,
        [
            ("Begun", false),
            ("Late", true),
            ("Urgent", false),
            ("Plain", false)
        ]
    );
    assert_eq!(ada.get("/api/agent/tasks").await.0, 401);

    let now = Utc::now() - Duration::minutes(30);
    let at = |minute: i64| now + Duration::minutes(minute);
    // Online: refused with a code, and nothing is there.
    for id in [&other["id"], &foreign["id"], &json!(Uuid::now_v7())] {
        let body = json!({ "id": Uuid::now_v7(), "started_at": wire(now), "task_id": id });
        let answer = agent.post("/api/work-session/start", body).await;
        assert_eq!(
            refused(answer),
            (422, "unknown_task".into(), "/task_id".into())
        );
    }
    let sessions = "SELECT id FROM tenant.work_sessions";
    assert!(rows(&mut scene.app.copy.admin(), sessions).is_empty());
    // In a batch: the session is refused, what was recorded in it is kept, for no task.
    let (good, bad, plainly) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
    let told = upload(
        &agent,
        json!([
            { "id": good, "started_at": wire(at(0)), "ended_at": wire(at(5)), "reason": "task_changed", "task_id": plain["id"] },
            { "id": bad, "started_at": wire(at(5)), "ended_at": wire(at(10)), "reason": "stopped", "task_id": other["id"] },
            { "id": plainly, "started_at": wire(at(10)), "ended_at": wire(at(15)), "reason": "stopped" }
        ]),
        json!([minute(good, at(0)), minute(bad, at(5)), minute(plainly, at(10))]),
    )
    .await;
    assert_eq!(
        told,
        [
            "stored",
            "unknown_task",
            "stored",
            "stored",
            "stored",
            "stored"
        ]
    );
    // Without the task it is taken.
    let told = upload(
        &agent,
        json!([{ "id": bad, "started_at": wire(at(5)), "ended_at": wire(at(10)), "reason": "stopped" }]),
        json!([]),
    )
    .await;
    assert_eq!(told, ["stored"]);
    // Told once, a session's task stands.
    let told = upload(
        &agent,
        json!([{ "id": good, "started_at": wire(at(0)), "task_id": offered[0]["id"] }]),
        json!([]),
    )
    .await;
    assert_eq!(told, ["duplicate"]);
    let of = |id: Uuid| {
        let sql = format!("SELECT task_id, end_reason FROM tenant.work_sessions WHERE id = '{id}'");
        rows(&mut scene.app.copy.admin(), &sql)[0].clone()
    };
    assert_eq!(
        of(good),
        json!({ "task_id": plain["id"], "end_reason": "task_changed" })
    );
    assert_eq!(of(bad), json!({ "task_id": null, "end_reason": "stopped" }));

    // What was recorded before the task went to somebody else arrives late, and counts for it. The items come first.
    let (_, moved) = change(
        admin,
        &path(&plain),
        Some("*"),
        json!({ "assignee_id": scene.bob.user }),
    )
    .await;
    assert_eq!(moved["assignee_name"], "Bob");
    let late = Uuid::now_v7();
    let told = upload(&agent, json!([]), json!([minute(late, at(20))])).await;
    assert_eq!(told, ["stored"]);
    settle(&scene.app);
    let time = async || {
        let (_, time) = admin.get(&format!("{}/time", path(&plain))).await;
        time["tracked_seconds"].as_i64().unwrap()
    };
    assert_eq!(time().await, 60);
    let told = upload(
        &agent,
        json!([{ "id": late, "started_at": wire(at(20)), "ended_at": wire(at(25)), "task_id": plain["id"] }]),
        json!([]),
    )
    .await;
    assert_eq!(told, ["stored"]);
    crate::feed::a_minute_later(&scene.app);
    settle(&scene.app);
    assert_eq!(time().await, 120);
    // And online: a start that comes after its items.
    let online = Uuid::now_v7();
    upload(&agent, json!([]), json!([minute(online, at(26))])).await;
    crate::feed::a_minute_later(&scene.app);
    settle(&scene.app);
    let body = json!({ "id": online, "started_at": wire(at(26)), "task_id": plain["id"] });
    assert_eq!(agent.post("/api/work-session/start", body).await.0, 200);
    crate::feed::a_minute_later(&scene.app);
    settle(&scene.app);
    assert_eq!(time().await, 180);
}
