//! The list of sessions, why they ended, and sessions that do not count, or not all of them, or were deleted: what that changes,
//! who may say so and who reads it.

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
    /// Ada's: of the desk and of the laptop, and Bob's.
    sessions: [Uuid; 3],
    day: String,
}

/// Yesterday: Ada an hour at the desk and half of it at the laptop as well, Bob half an hour, which goes on.
async fn scene() -> Scene {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = app.company("Acme").await;
    let (ada, bob) = (
        app.employee(&acme, "Ada").await,
        app.employee(&acme, "Bob").await,
    );
    // Noon in Berlin at the latest, whichever half of the year it is.
    let noon = chrono::Utc::now().date_naive() - chrono::Days::new(1);
    let day = noon.to_string();
    let at = |minute: i64| {
        let noon = noon.and_hms_opt(10, 0, 0).unwrap().and_utc();
        wire(noon + chrono::Duration::minutes(minute))
    };
    let mut desk = Feed::new(&app, acme.id, ada.user, &at(0));
    desk.minutes(&at(0), 60, 40, 20)
        .app("editor", "main.rs", &at(0), 3600)
        .site("docs.rs", &at(5), 60);
    let mut laptop = Feed::new(&app, acme.id, ada.user, &at(30));
    laptop
        .minutes(&at(30), 45, 30, 0)
        .app("mail", "Inbox", &at(30), 1800);
    let mut other = Feed::new(&app, acme.id, bob.user, &at(10));
    other.minutes(&at(10), 30, 60, 0);
    for (feed, end, reason) in [(&desk, 60, "stopped"), (&laptop, 75, "silent")] {
        let (end, id) = (at(end), feed.session);
        execute(
            &mut app.copy.admin(),
            &format!(
                "UPDATE tenant.work_sessions SET ended_at = '{end}', end_reason = '{reason}' WHERE id = '{id}'"
            ),
        );
    }
    for feed in [&mut desk, &mut laptop, &mut other] {
        feed.batch(&day, &day);
    }
    settle(&app);
    Scene {
        sessions: [desk.session, laptop.session, other.session],
        app,
        acme,
        ada,
        bob,
        day,
    }
}

fn list(answer: (u16, Value)) -> Vec<Value> {
    assert_eq!(answer.0, 200, "{}", answer.1);
    answer.1["items"].as_array().unwrap().clone()
}

fn ids(answer: (u16, Value)) -> Vec<Uuid> {
    let id = |session: &Value| session["id"].as_str().unwrap().parse().unwrap();
    list(answer).iter().map(id).collect()
}

fn tracked(usage: &Value) -> (i64, i64) {
    let of = |name: &str| usage["items"][0][name].as_i64().unwrap_or_default();
    (of("tracked_seconds"), of("active_seconds"))
}

impl Scene {
    async fn daily(&self, of: &Client) -> (i64, i64) {
        let day = &self.day;
        let path = format!("/api/usage/daily?from={day}&to={day}&user_id={}", of.user);
        tracked(&of.get(&path).await.1)
    }

    fn path(&self, session: usize, action: &str) -> String {
        format!("/api/work-sessions/{}/{action}", self.sessions[session])
    }
}

#[actix_web::test]
async fn sessions_are_listed_with_why_they_ended_and_filtered() {
    let scene = scene().await;
    let [desk, laptop, other] = scene.sessions;
    let admin = &scene.acme.admin;
    let get = async |query: &str| ids(admin.get(&format!("/api/work-sessions?{query}")).await);
    let all = list(admin.get("/api/work-sessions").await);
    assert_eq!(ids((200, json!({ "items": all }))), [laptop, other, desk]);
    assert_eq!(
        [0, 1, 2].map(|at| all[at]["end_reason"].as_str()),
        [Some("silent"), None, Some("stopped")]
    );
    assert_eq!(
        (
            &all[2]["tracked_seconds"],
            &all[2]["active_seconds"],
            &all[2]["user_name"]
        ),
        (&json!(3600), &json!(2400), &json!("Ada"))
    );
    assert_eq!(get("end=silent").await, [laptop]);
    assert_eq!(get("end=running").await, [other]);
    assert_eq!(get("q=bO").await, [other]);
    assert_eq!(
        get(&format!("user_id={}", scene.ada.user)).await,
        [laptop, desk]
    );
    assert_eq!(
        get(&format!("team_id={}", Uuid::now_v7())).await,
        [] as [Uuid; 0]
    );
    assert_eq!(get("excluded=true").await, [] as [Uuid; 0]);
    assert_eq!(get(&format!("from={0}&to={0}", scene.day)).await.len(), 3);
    assert_eq!(get("from=2026-01-01&to=2026-01-31").await, [] as [Uuid; 0]);
    let (_, first) = admin.get("/api/work-sessions?limit=2").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    assert_eq!(get(&format!("limit=2&cursor={cursor}")).await, [desk]);
    let (status, _) = admin
        .get(&format!(
            "/api/work-sessions?limit=2&end=silent&cursor={cursor}"
        ))
        .await;
    assert_eq!(status, 400, "a cursor is of one filter");
    assert_eq!(admin.get("/api/work-sessions?from=2026-02-30").await.0, 422);
}

#[actix_web::test]
async fn a_session_names_the_task_it_was_for_to_whoever_may_see_it() {
    let scene = scene().await;
    let [desk, laptop, other] = scene.sessions;
    let (admin, ada, bob) = (&scene.acme.admin, &scene.ada, &scene.bob);
    let bolt = scene.app.company("Bolt").await;
    let mut made = Vec::new();
    for (title, whose) in [("Print", ada), ("Sort", bob), ("File", bob)] {
        let task = json!({ "title": title, "assignee_id": whose.user });
        let (status, task) = admin.post("/api/tasks", task).await;
        assert_eq!(status, 201, "{task}");
        made.push(task["id"].as_str().unwrap().to_owned());
    }
    let [print, sort, _] = &made[..] else {
        panic!("three were made")
    };
    // The laptop's was for a task that went to Bob since.
    for (session, task) in [(desk, print), (laptop, sort)] {
        let named =
            format!("UPDATE tenant.work_sessions SET task_id = '{task}' WHERE id = '{session}'");
        execute(&mut scene.app.copy.admin(), &named);
    }
    let path = "/api/work-sessions";
    let tasks = async |client: &Client| {
        let all = list(client.get(path).await);
        all.iter()
            .map(|one| one["task"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        tasks(admin).await,
        [
            json!({ "id": sort, "title": "Sort" }),
            Value::Null,
            json!({ "id": print, "title": "Print" })
        ]
    );
    assert_eq!(
        tasks(ada).await,
        [
            json!({ "id": sort }),
            json!({ "id": print, "title": "Print" })
        ],
        "no title of what is somebody else's by now"
    );
    assert_eq!(tasks(bob).await, [Value::Null]);

    let get =
        async |client: &Client, query: &str| ids(client.get(&format!("{path}?{query}")).await);
    let of = |task: &str| format!("task_id={task}");
    let nothing = [] as [Uuid; 0];
    assert_eq!(get(admin, &of(print)).await, [desk]);
    assert_eq!(get(admin, &of(&made[2])).await, nothing);
    assert_eq!(get(admin, "without_task=true").await, [other]);
    assert_eq!(
        get(admin, &format!("without_task=true&{}", of(sort))).await,
        nothing
    );
    assert_eq!(get(ada, &of(sort)).await, [laptop], "the own ones");
    assert_eq!(get(bob, &of(sort)).await, nothing, "not Ada's of his task");
    assert_eq!(get(&bolt.admin, &of(print)).await, nothing);
    assert_eq!(admin.get(&format!("{path}?task_id=print")).await.0, 422);
    let (_, first) = admin.get(&format!("{path}?limit=1")).await;
    let cursor = first["next_cursor"].as_str().unwrap();
    for other in [of(print), "without_task=true".to_owned()] {
        let (status, _) = admin
            .get(&format!("{path}?limit=1&{other}&cursor={cursor}"))
            .await;
        assert_eq!(status, 400, "a cursor is of one filter");
    }
}

#[actix_web::test]
async fn sessions_are_exported_with_their_tasks_by_admins_and_that_is_written_down() {
    let scene = scene().await;
    let (admin, ada, bob) = (&scene.acme.admin, &scene.ada, &scene.bob);
    let bolt = scene.app.company("Bolt").await;
    let task = json!({ "title": "Print", "assignee_id": ada.user });
    let (_, task) = admin.post("/api/tasks", task).await;
    let task = task["id"].as_str().unwrap();
    let [desk, laptop, _] = scene.sessions;
    execute(
        &mut scene.app.copy.admin(),
        &format!("UPDATE tenant.work_sessions SET task_id = '{task}' WHERE id = '{desk}'"),
    );
    let excluded = admin
        .post(&scene.path(1, "exclude"), json!({ "reason": "Mistake" }))
        .await;
    assert_eq!(excluded.0, 200);
    let lines = async |client: &Client, query: &str| {
        let path = format!("/api/work-sessions/export?{query}");
        let file = client.request(Method::GET, &path).send().await.unwrap();
        assert_eq!(file.status(), 200);
        let text = file.text().await.unwrap();
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let of_task = lines(admin, &format!("task_id={task}")).await;
    assert_eq!(
        of_task[0],
        "id,employee,device,task,started_at,ended_at,end_reason,tracked_seconds,active_seconds,counts,counted_from,counted_to"
    );
    assert_eq!(of_task.len(), 2);
    assert!(
        of_task[1].starts_with(&format!("{desk},Ada,desk,Print,"))
            && of_task[1].ends_with(",stopped,3600,2400,yes,,"),
        "{of_task:?}"
    );
    let looked = list(bob.get("/api/me/access-entries").await);
    assert!(looked.is_empty(), "he is not in it: {looked:?}");
    let all = lines(admin, "").await;
    let place = |id: Uuid| {
        all.iter()
            .position(|line| line.starts_with(&id.to_string()))
    };
    assert_eq!(
        (all.len(), place(laptop), place(desk)),
        (4, Some(1), Some(3))
    );
    assert!(all[1].contains(",silent,1350,1350,no,"), "{all:?}");
    for person in [ada, bob] {
        let looked = list(person.get("/api/me/access-entries").await);
        assert_eq!(
            looked.iter().map(|one| &one["kind"]).collect::<Vec<_>>(),
            ["sessions"]
        );
    }
    assert_eq!(
        lines(&bolt.admin, "").await.len(),
        1,
        "none of another company's"
    );
    assert_eq!(
        rows(
            &mut scene.app.copy.admin(),
            "SELECT company_id, detail->'rows' AS count FROM tenant.audit_entries WHERE action = 'work_sessions.exported' ORDER BY at, id",
        ),
        [(scene.acme.id, 1), (scene.acme.id, 3), (bolt.id, 0)]
            .map(|(company, count)| json!({ "company_id": company, "count": count }))
    );
    for stranger in [ada, &scene.acme.owner] {
        assert_eq!(stranger.get("/api/work-sessions/export").await.0, 403);
    }
    let without = lines(admin, "without_task=true").await;
    assert!(
        without.len() == 3 && !without.iter().any(|line| line.contains(",Print,")),
        "{without:?}"
    );
}

#[actix_web::test]
async fn an_excluded_session_counts_in_no_sum_until_it_is_included_again() {
    let scene = scene().await;
    let (admin, ada) = (&scene.acme.admin, &scene.ada);
    let before = scene.daily(ada).await;
    // A minute of two devices counts once, as the longer one: fifteen of the laptop's reach beyond the desk's hour.
    assert_eq!(before, (3600 + 15 * 30, 2400 + 15 * 30));
    let (status, changed) = admin
        .post(
            &scene.path(0, "exclude"),
            json!({ "reason": "Was the cleaner" }),
        )
        .await;
    assert_eq!(status, 200, "{changed}");
    let after = (45 * 30, 45 * 30);
    assert_eq!(scene.daily(ada).await, after);
    let change = &changed["changes"][0];
    let seconds = [
        "tracked_seconds_before",
        "tracked_seconds_after",
        "active_seconds_before",
        "active_seconds_after",
    ];
    assert_eq!(
        seconds.map(|name| change[name].as_i64().unwrap()),
        [before.0, after.0, before.1, after.1]
    );
    assert_eq!(
        (&change["kind"], &change["reason"], &change["actor_name"]),
        (
            &json!("excluded"),
            &json!("Was the cleaner"),
            &json!("Ada Admin")
        )
    );
    let (_, day) = ada.get(&format!("/api/timeline?day={}", scene.day)).await;
    assert_eq!(day["tracked_seconds"], after.0);
    let apps: Vec<_> = day["applications"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["app"])
        .collect();
    assert_eq!(apps, ["mail"]);
    assert_eq!(day["websites"], json!([]));
    assert_eq!(
        [0, 1].map(|at| day["sessions"][at]["excluded"].as_bool()),
        [Some(true), Some(false)]
    );
    assert_eq!(day["sessions"][0]["excluded_reason"], "Was the cleaner");
    let names = list(ada.get("/api/usage/apps").await);
    assert_eq!(names, [json!({ "app": "mail", "seconds": 900 })]);
    assert_eq!(
        ids(admin.get("/api/work-sessions?excluded=true").await),
        [scene.sessions[0]]
    );

    // The company's numbers follow, and a rebuild from the raw rows finds nothing to mend.
    settle(&scene.app);
    let published = || {
        let text = format!(
            "SELECT active_seconds, sessions FROM platform.company_usage_daily WHERE day = '{}'",
            scene.day
        );
        rows(&mut scene.app.copy.admin(), &text)
    };
    assert_eq!(
        published(),
        [json!({ "active_seconds": after.1 + 1800, "sessions": 2 })]
    );
    assert_eq!(
        rebuild(&scene.app.state.db, Wanted::default())
            .unwrap()
            .changed,
        0
    );

    // What the device sends late does not count either.
    let late = format!(
        "INSERT INTO tenant.activity_log (company_id, user_id, started_at, id, session_id, keystrokes, mouse_events, active_seconds, idle_seconds) \
         VALUES ('{}', '{}', '{} 10:59', gen_random_uuid(), '{}', 1, 1, 60, 0)",
        scene.acme.id, ada.user, scene.day, scene.sessions[0]
    );
    execute(&mut scene.app.copy.admin(), &late);
    assert_eq!(
        rebuild(&scene.app.state.db, Wanted::default())
            .unwrap()
            .changed,
        0
    );

    let (status, changed) = admin
        .post(
            &scene.path(0, "include"),
            json!({ "reason": "Was Ada after all" }),
        )
        .await;
    assert_eq!(status, 200, "{changed}");
    let kinds = [0, 1].map(|at| changed["changes"][at]["kind"].as_str().unwrap());
    assert_eq!(kinds, ["included", "excluded"]);
    assert!(changed.get("excluded_at").is_none());
    assert_eq!(
        scene.daily(ada).await,
        (before.0, before.1 + 20),
        "with what came late"
    );
}

#[actix_web::test]
async fn excluding_is_an_admins_with_a_reason_and_of_what_has_ended() {
    let scene = scene().await;
    let (admin, reason) = (&scene.acme.admin, json!({ "reason": "Mistake" }));
    let bolt = scene.app.company("Bolt").await;
    for client in [&scene.ada, &scene.bob] {
        assert_eq!(
            client
                .post(&scene.path(0, "exclude"), reason.clone())
                .await
                .0,
            403
        );
    }
    let nobodys = format!("/api/work-sessions/{}/exclude", Uuid::now_v7());
    let unknown = bolt.admin.post(&nobodys, reason.clone()).await;
    let (status, mut problem) = bolt
        .admin
        .post(&scene.path(0, "exclude"), reason.clone())
        .await;
    problem["request_id"] = unknown.1["request_id"].clone();
    assert_eq!(
        (status, problem),
        (404, unknown.1),
        "another company's is like nobody's"
    );
    for bad in [
        json!({}),
        json!({ "reason": " " }),
        json!({ "reason": "x".repeat(501) }),
    ] {
        assert_eq!(admin.post(&scene.path(0, "exclude"), bad).await.0, 422);
    }
    let code = async |session, action| {
        let (status, problem) = admin
            .post(&scene.path(session, action), reason.clone())
            .await;
        (
            status,
            problem["code"].as_str().unwrap_or_default().to_owned(),
        )
    };
    assert_eq!(
        code(2, "exclude").await,
        (409, "work_session_running".into())
    );
    assert_eq!(
        code(0, "include").await,
        (409, "work_session_included".into())
    );
    assert_eq!(code(0, "exclude").await.0, 200);
    assert_eq!(
        code(0, "exclude").await,
        (409, "work_session_excluded".into())
    );
    execute(
        &mut scene.app.copy.admin(),
        "UPDATE tenant.company_settings SET usage_retention_days = 1",
    );
    assert_eq!(
        code(1, "exclude").await,
        (409, "work_session_too_old".into())
    );
    let entries = rows(
        &mut scene.app.copy.admin(),
        "SELECT detail FROM tenant.audit_entries WHERE action LIKE 'work_session.%'",
    );
    assert_eq!(entries.len(), 1, "what was refused changed nothing");
    assert_eq!(
        (
            &entries[0]["detail"]["reason"],
            &entries[0]["detail"]["tracked_seconds"]
        ),
        (&json!("Mistake"), &json!({ "before": 4050, "after": 1350 }))
    );
}

#[actix_web::test]
async fn people_see_their_own_sessions_and_who_looked_at_them() {
    let scene = scene().await;
    let Scene {
        acme,
        ada,
        bob,
        day,
        ..
    } = &scene;
    let bolt = scene.app.company("Bolt").await;
    acme.admin
        .post(&scene.path(0, "exclude"), json!({ "reason": "Mistake" }))
        .await;
    let own = list(ada.get("/api/work-sessions").await);
    assert_eq!(own.len(), 2);
    assert_eq!(
        own[1]["changes"][0]["reason"], "Mistake",
        "the person reads why"
    );
    assert_eq!(
        ids(bob.get("/api/work-sessions").await),
        [scene.sessions[2]]
    );
    let of_ada = format!("/api/work-sessions?user_id={}", ada.user);
    assert_eq!(bob.get(&of_ada).await.0, 404);
    assert_eq!(acme.owner.get("/api/work-sessions").await.0, 403);
    assert!(list(bolt.admin.get("/api/work-sessions").await).is_empty());
    assert!(list(bolt.admin.get(&of_ada).await).is_empty());

    let noted = async |of: &Client| {
        let entries = list(of.get("/api/me/access-entries").await);
        let kind_and_day = |entry: &Value| (entry["kind"].clone(), entry["day"].clone());
        entries.iter().map(kind_and_day).collect::<Vec<_>>()
    };
    assert!(noted(ada).await.is_empty(), "nobody looked yet");
    assert_eq!(list(acme.admin.get(&of_ada).await).len(), 2);
    assert_eq!(
        noted(ada).await,
        [(json!("sessions"), json!(day))],
        "once, of two sessions of a day"
    );
    assert!(
        noted(bob).await.is_empty(),
        "what was not shown was not looked at"
    );
    assert_eq!(list(acme.admin.get("/api/work-sessions").await).len(), 3);
    assert_eq!(noted(bob).await, [(json!("sessions"), json!(day))]);
}

#[actix_web::test]
async fn of_a_cut_session_only_what_is_left_counts_until_it_is_restored() {
    let scene = scene().await;
    let (admin, ada) = (&scene.acme.admin, &scene.ada);
    let at = |minute: i64| format!("{}T10:{minute:02}:00Z", scene.day);
    let before = scene.daily(ada).await;
    let cut = json!({ "from": at(10), "to": at(25), "reason": "Lent the computer" });
    let (status, changed) = admin.post(&scene.path(0, "cut"), cut.clone()).await;
    assert_eq!(status, 200, "{changed}");
    // A quarter of an hour of the desk, and the laptop's three quarters, which no longer stand behind the desk's minutes.
    let after = (15 * 60 + 45 * 30, 15 * 40 + 45 * 30);
    assert_eq!(scene.daily(ada).await, after);
    let change = &changed["changes"][0];
    assert_eq!(
        (
            &change["kind"],
            change.get("counted_from_before"),
            &change["counted_from_after"],
            &change["counted_to_after"]
        ),
        (&json!("cut"), None, &json!(at(10)), &json!(at(25)))
    );
    assert_eq!(
        (
            &change["tracked_seconds_before"],
            &change["tracked_seconds_after"]
        ),
        (&json!(before.0), &json!(after.0))
    );
    // What devices said of it stays as it is.
    assert_eq!(
        (
            &changed["started_at"],
            &changed["ended_at"],
            &changed["tracked_seconds"]
        ),
        (
            &json!(at(0)),
            &json!(format!("{}T11:00:00Z", scene.day)),
            &json!(3600)
        )
    );
    let (_, day) = ada.get(&format!("/api/timeline?day={}", scene.day)).await;
    assert_eq!(day["tracked_seconds"], after.0);
    let session = &day["sessions"][0];
    assert_eq!(
        (
            &session["counted_from"],
            &session["counted_to"],
            &session["cut_reason"],
            &session["excluded"]
        ),
        (
            &json!(at(10)),
            &json!(at(25)),
            &json!("Lent the computer"),
            &json!(false)
        )
    );
    let editor = day["applications"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["app"] == "editor")
        .unwrap();
    assert_eq!(
        (&editor["started_at"], &editor["seconds"]),
        (&json!(at(10)), &json!(900))
    );
    assert_eq!(day["websites"], json!([]), "it lay before");
    let names = list(ada.get("/api/usage/apps").await);
    assert_eq!(
        names,
        [
            json!({ "app": "editor", "seconds": 900 }),
            json!({ "app": "mail", "seconds": 900 })
        ]
    );
    settle(&scene.app);
    assert_eq!(
        rebuild(&scene.app.state.db, Wanted::default())
            .unwrap()
            .changed,
        0
    );

    // Cut otherwise, at one end alone; never longer than it was.
    let later = json!({ "to": at(30), "reason": "Came back earlier" });
    let (status, changed) = admin.post(&scene.path(0, "cut"), later).await;
    assert_eq!(status, 200, "{changed}");
    assert!(changed.get("counted_from").is_none());
    assert_eq!(
        scene.daily(ada).await,
        (30 * 60 + 45 * 30, 30 * 40 + 45 * 30)
    );
    let refused = async |body: Value| {
        let (status, problem) = admin.post(&scene.path(0, "cut"), body).await;
        let code = match &problem["errors"][0]["code"] {
            Value::String(code) => code.clone(),
            _ => problem["code"].as_str().unwrap_or_default().to_owned(),
        };
        (status, code)
    };
    for (body, code) in [
        (json!({}), "work_session_cut_empty"),
        (
            json!({ "from": at(20), "to": at(20) }),
            "work_session_cut_empty",
        ),
        (json!({ "from": at(0) }), "work_session_cut_outside"),
        (
            json!({ "to": format!("{}T11:01:00Z", scene.day) }),
            "work_session_cut_outside",
        ),
        (
            json!({ "to": format!("{}T10:20:30Z", scene.day) }),
            "work_session_cut_minute",
        ),
    ] {
        let mut body = body;
        body["reason"] = json!("Mistake");
        assert_eq!(refused(body).await, (422, code.to_owned()));
    }
    let same = json!({ "to": at(30), "reason": "Once more" });
    assert_eq!(refused(same).await, (409, "work_session_cut".into()));

    let (status, changed) = admin
        .post(&scene.path(0, "restore"), json!({ "reason": "It was Ada" }))
        .await;
    assert_eq!(status, 200, "{changed}");
    assert_eq!(scene.daily(ada).await, before);
    let kinds = [0, 1, 2].map(|at| changed["changes"][at]["kind"].as_str().unwrap());
    assert_eq!(kinds, ["restored", "cut", "cut"]);
    let (status, problem) = admin
        .post(&scene.path(0, "restore"), json!({ "reason": "Again" }))
        .await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("work_session_restored"))
    );
    let audit = rows(
        &mut scene.app.copy.admin(),
        "SELECT action, detail->'after'->>'to' AS counted FROM tenant.audit_entries WHERE action LIKE 'work_session.%' ORDER BY id",
    );
    assert_eq!(audit.len(), 3);
    assert_eq!(audit[0]["action"], "work_session.cut");
}

#[actix_web::test]
async fn of_a_deleted_session_nothing_is_left_but_the_numbers() {
    let scene = scene().await;
    let (admin, ada) = (&scene.acme.admin, &scene.ada);
    let [desk, ..] = scene.sessions;
    let picture = format!(
        "INSERT INTO tenant.screenshots (company_id, id, user_id, session_id, taken_at, display, blurred, state, object_key, thumbnail_key, \
           bytes, width, height, sha256) VALUES ('{0}', gen_random_uuid(), '{1}', '{desk}', '{2}T10:05:00Z', 0, false, 'ready', 'c/{0}/2026/01/a', \
           'c/{0}/2026/01/b', 10, 8, 6, sha256(''::bytea))",
        scene.acme.id, ada.user, scene.day
    );
    execute(&mut scene.app.copy.admin(), &picture);
    let before = scene.daily(ada).await;
    let (status, changed) = admin
        .post(
            &scene.path(0, "delete"),
            json!({ "reason": "Was the cleaner" }),
        )
        .await;
    assert_eq!(status, 200, "{changed}");
    let after = (45 * 30, 45 * 30);
    assert_eq!(scene.daily(ada).await, after);
    let change = &changed["changes"][0];
    assert_eq!(
        (
            &change["kind"],
            &change["reason"],
            &change["tracked_seconds_before"],
            &change["tracked_seconds_after"]
        ),
        (
            &json!("deleted"),
            &json!("Was the cleaner"),
            &json!(before.0),
            &json!(after.0)
        )
    );
    assert!(changed["deleted_at"].is_string());
    assert_eq!(changed["tracked_seconds"], 0);
    for table in ["activity_log", "application_usage", "website_usage"] {
        let text = format!("SELECT 1 AS one FROM tenant.{table} WHERE session_id = '{desk}'");
        assert_eq!(rows(&mut scene.app.copy.admin(), &text), [] as [Value; 0]);
    }
    let shots = rows(
        &mut scene.app.copy.admin(),
        "SELECT state, deleted_reason FROM tenant.screenshots",
    );
    assert_eq!(
        shots,
        [json!({ "state": "deleted", "deleted_reason": "Was the cleaner" })]
    );
    settle(&scene.app);
    let bytes = rows(
        &mut scene.app.copy.admin(),
        "SELECT bytes FROM tenant.screenshots",
    );
    assert_eq!(bytes, [json!({ "bytes": 0 })], "its files are gone");
    // The person reads it in the day.
    let (_, day) = ada.get(&format!("/api/timeline?day={}", scene.day)).await;
    assert_eq!(
        (
            &day["sessions"][0]["deleted"],
            &day["sessions"][0]["excluded_reason"]
        ),
        (&json!(true), &json!("Was the cleaner"))
    );
    for action in ["exclude", "include", "restore", "delete"] {
        let (status, problem) = admin
            .post(&scene.path(0, action), json!({ "reason": "Again" }))
            .await;
        assert_eq!(
            (status, &problem["code"]),
            (409, &json!("work_session_deleted")),
            "{action}"
        );
    }
    assert_eq!(
        rebuild(&scene.app.state.db, Wanted::default())
            .unwrap()
            .changed,
        0
    );
}

#[actix_web::test]
async fn what_a_device_sends_of_a_deleted_session_finds_no_place() {
    let scene = scene().await;
    let agent = scene.app.agent(&scene.acme, &scene.ada).await;
    let (session, now) = (Uuid::now_v7(), chrono::Utc::now());
    let at = |minutes: i64| wire(now - chrono::Duration::minutes(minutes));
    let start = json!({ "id": session, "started_at": at(10) });
    assert_eq!(agent.post("/api/work-session/start", start).await.0, 200);
    let items = || {
        json!({ "batch_id": Uuid::now_v7(), "applications": [{ "id": Uuid::now_v7(), "session_id": session, "app": "xterm",
            "title": "make", "started_at": at(8), "seconds": 5 }] })
    };
    let (status, sent) = agent.post("/api/upload/batch", items()).await;
    assert_eq!(
        (status, &sent["items"][0]["result"]),
        (200, &json!("stored")),
        "{sent}"
    );
    let stop = json!({ "id": session, "ended_at": at(5) });
    assert_eq!(
        agent.post("/api/work-session/stop", stop.clone()).await.0,
        200
    );
    let path = format!("/api/work-sessions/{session}/delete");
    let (status, gone) = scene
        .acme
        .admin
        .post(&path, json!({ "reason": "Mistake" }))
        .await;
    assert_eq!(status, 200, "{gone}");
    let (status, sent) = agent.post("/api/upload/batch", items()).await;
    assert_eq!(
        (
            status,
            &sent["items"][0]["result"],
            &sent["items"][0]["code"]
        ),
        (200, &json!("rejected"), &json!("unknown_session")),
        "{sent}"
    );
    assert_eq!(agent.post("/api/work-session/stop", stop).await.0, 404);
    let text =
        format!("SELECT 1 AS one FROM tenant.application_usage WHERE session_id = '{session}'");
    assert_eq!(rows(&mut scene.app.copy.admin(), &text), [] as [Value; 0]);
}

#[actix_web::test]
async fn cutting_and_deleting_is_an_admins_of_the_company() {
    let scene = scene().await;
    let bolt = scene.app.company("Bolt").await;
    let cut = json!({ "to": format!("{}T10:30:00Z", scene.day), "reason": "Mistake" });
    let reason = json!({ "reason": "Mistake" });
    for (action, body) in [("cut", &cut), ("restore", &reason), ("delete", &reason)] {
        for employee in [&scene.ada, &scene.bob] {
            let path = scene.path(0, action);
            assert_eq!(employee.post(&path, body.clone()).await.0, 403, "{action}");
        }
        let path = scene.path(0, action);
        assert_eq!(
            bolt.admin.post(&path, body.clone()).await.0,
            404,
            "{action}"
        );
        let mut silent = body.clone();
        silent["reason"] = json!(" ");
        let answer = scene.acme.admin.post(&path, silent).await;
        assert_eq!(answer.0, 422, "{action} says why");
    }
    let (status, problem) = scene.acme.admin.post(&scene.path(2, "cut"), cut).await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("work_session_running"))
    );
    let changed = rows(
        &mut scene.app.copy.admin(),
        "SELECT 1 AS one FROM tenant.work_session_changes",
    );
    assert_eq!(changed, [] as [Value; 0]);
}
