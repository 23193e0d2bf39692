//! Admins who are limited to teams: who limits them, what they see, and what the database refuses them whatever the program asks.

use std::time::Duration;

use actix_web::rt::time::sleep;
use diesel::connection::SimpleConnection;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{Client, PASSWORD};
use crate::feed::{next_job, rows};
use crate::leads::{self, Scene, ago};

/// Tia administers Sales and is in no team; Ada is in Sales, Mia in Support, Zed in another company.
struct Teams {
    scene: Scene,
    tia: Client,
}

async fn teams() -> Teams {
    let scene = leads::scene().await;
    let tia = scene.app.employee(&scene.acme, "Tia").await;
    let (status, limited) = limit(&scene, tia.user, &[&scene.sales_id]).await;
    assert_eq!(
        (status, &limited["role"], &limited["administers"]),
        (200, &json!("TEAM_ADMIN"), &json!([scene.sales_id])),
        "{limited}"
    );
    must_sign_in_anew(&tia).await;
    let mut again = scene.app.sign_in(&tia.email).await;
    again.email = tia.email;
    Teams { scene, tia: again }
}

/// Whoever has another role is signed out wherever they are, within a second on a machine that is not busy.
async fn must_sign_in_anew(who: &Client) {
    for _ in 0..500 {
        if who.get("/api/me").await.0 == 401 {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("still signed in");
}

async fn limit(scene: &Scene, who: Uuid, teams: &[&str]) -> (u16, Value) {
    let body = json!({ "role": "TEAM_ADMIN", "team_ids": teams, "password": PASSWORD });
    change(scene, who, body).await
}

async fn change(scene: &Scene, who: Uuid, body: Value) -> (u16, Value) {
    let path = format!("/api/employees/{who}/change-role");
    scene.acme.admin.post(&path, body).await
}

fn names(list: &Value, field: &str) -> Vec<String> {
    let items = list["items"].as_array().unwrap();
    let name = |item: &Value| item[field].as_str().unwrap().to_owned();
    items.iter().map(name).collect()
}

impl Teams {
    fn as_tia(&self) -> String {
        format!(
            "SET LOCAL ROLE tracker_team_admin; SET LOCAL app.company_id = '{}'; SET LOCAL app.user_id = '{}'",
            self.scene.acme.id, self.tia.user
        )
    }

    fn seen(&self, what: &str) -> i64 {
        self.scene.seen_as(&self.as_tia(), what)
    }

    fn run(&self, sql: &str) -> Result<(), String> {
        let text = format!("BEGIN; {}; {sql}; COMMIT", self.as_tia());
        let mut conn = self.scene.app.copy.admin();
        conn.batch_execute(&text).map_err(|error| error.to_string())
    }
}

#[actix_web::test]
async fn an_admin_of_teams_is_shown_them_as_an_admin_is_and_nobody_else() {
    let of = teams().await;
    let Teams { scene, tia } = &of;
    scene.record();
    let (admin, ada, mia) = (&scene.acme.admin, scene.ada(), &scene.mia);
    let (_, me) = tia.get("/api/me").await;
    assert_eq!(me["role"], "TEAM_ADMIN");

    let (status, people) = tia.get("/api/employees?status=active").await;
    assert_eq!(status, 200, "{people}");
    let sales = ["Ada", "Bob", "Cyd", "Dan", "Eve", "Lea"];
    let expected: Vec<_> = sales.into_iter().chain(["Tia"]).collect();
    assert_eq!(names(&people, "name"), expected, "the team and oneself");
    let (_, all) = tia.get("/api/teams").await;
    assert_eq!(names(&all, "name"), ["Sales"]);
    let (_, live) = tia.get("/api/live").await;
    assert_eq!(names(&live, "name"), expected);
    assert_eq!(live["counts"]["offline"], 7, "{live}");

    // Of the people of the team every answer is what an admin of the company is shown.
    let (from, day, team) = (ago(9), ago(2), &scene.sales_id);
    let user = ada.user;
    for path in [
        format!("/api/employees/{user}"),
        format!("/api/employees/{user}/devices"),
        format!("/api/employees/{user}/settings"),
        format!("/api/teams/{team}"),
        format!("/api/teams/{team}/settings"),
        format!("/api/timeline?user_id={user}&day={day}"),
        format!("/api/usage/daily?user_id={user}"),
        format!("/api/usage/apps?user_id={user}"),
        format!("/api/usage/hosts?user_id={user}"),
        format!("/api/usage/categories?user_id={user}"),
        format!("/api/usage?by=app&user_id={user}"),
        format!("/api/usage?by=person&team_id={team}"),
        format!("/api/usage?by=host&team_id={team}"),
        format!("/api/screenshots?user_id={user}&day={day}"),
        format!("/api/screenshots?team_id={team}&day={day}"),
        format!("/api/screenshots/slots?user_id={user}&day={day}"),
        format!("/api/work-sessions?user_id={user}&from={from}"),
        format!("/api/work-sessions?team_id={team}&from={from}"),
        format!("/api/manual-times?user_id={user}&from={from}"),
        format!("/api/disputes?user_id={user}"),
        format!("/api/reports?kind=hours&group=person&team_id={team}"),
        format!("/api/reports?kind=apps&user_id={user}"),
        format!("/api/reports?kind=attendance&group=person&sub=day&team_id={team}"),
        format!("/api/reports?kind=tasks&team_id={team}"),
    ] {
        let (status, shown) = tia.get(&path).await;
        assert_eq!(status, 200, "{path}: {shown}");
        assert_eq!(shown, admin.get(&path).await.1, "{path}");
    }
    // What is of everybody is of those everybody is to such an admin: the sums of the company are not read.
    for (theirs, of_team) in [
        (
            "/api/usage?by=app",
            format!("/api/usage?by=app&team_id={team}"),
        ),
        (
            "/api/usage?by=person",
            format!("/api/usage?by=person&team_id={team}"),
        ),
        (
            "/api/usage?by=team",
            format!("/api/usage?by=team&team_id={team}"),
        ),
        (
            "/api/work-sessions",
            format!("/api/work-sessions?team_id={team}"),
        ),
        (
            "/api/reports?kind=hours&group=person",
            format!("/api/reports?kind=hours&group=person&team_id={team}"),
        ),
        (
            "/api/reports?kind=hours&group=day",
            format!("/api/reports?kind=hours&group=day&team_id={team}"),
        ),
    ] {
        let (status, shown) = tia.get(theirs).await;
        assert_eq!(status, 200, "{theirs}: {shown}");
        assert_ne!(shown["items"], json!([]), "{theirs}");
        assert_eq!(shown, admin.get(&of_team).await.1, "{theirs}");
    }
    for path in [
        "/api/employees/export?format=csv".to_owned(),
        format!("/api/work-sessions/export?from={from}"),
        format!("/api/manual-times/export?from={from}"),
        "/api/disputes/export".to_owned(),
        "/api/usage/export?by=person".to_owned(),
        "/api/reports/export?kind=hours&group=person".to_owned(),
        "/api/reports/export?kind=hours&group=person&format=pdf".to_owned(),
    ] {
        let answer = tia.request(Method::GET, &path).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let file = answer.bytes().await.unwrap();
        let text = String::from_utf8_lossy(&file);
        assert!(!text.contains("Mia"), "{path}: {text}");
        assert!(
            text.contains("Ada") || path.contains("pdf"),
            "{path}: {text}"
        );
    }

    // Nobody else is there: a colleague of another team is as unknown as another company's, and as nobody.
    for stranger in [mia.user, scene.zed.user, admin.user, Uuid::now_v7()] {
        for path in [
            format!("/api/employees/{stranger}"),
            format!("/api/employees/{stranger}/devices"),
            format!("/api/employees/{stranger}/settings"),
            format!("/api/employees/{stranger}/access-entries"),
            format!("/api/timeline?user_id={stranger}&day={day}"),
            format!("/api/usage/daily?user_id={stranger}"),
            format!("/api/usage?by=app&user_id={stranger}"),
            format!("/api/screenshots?user_id={stranger}&day={day}"),
            format!("/api/reports?kind=hours&user_id={stranger}"),
        ] {
            assert_eq!(tia.get(&path).await.0, 404, "{path}");
        }
        for path in [
            format!("/api/work-sessions?user_id={stranger}&from={from}"),
            format!("/api/manual-times?user_id={stranger}&from={from}"),
            format!("/api/disputes?user_id={stranger}"),
        ] {
            assert_eq!(tia.get(&path).await.1["items"], json!([]), "{path}");
        }
    }
    for team in [&scene.support_id, &scene.bolts_id] {
        for path in [
            format!("/api/teams/{team}"),
            format!("/api/teams/{team}/settings"),
            format!("/api/usage?by=app&team_id={team}"),
            format!("/api/reports?kind=hours&team_id={team}"),
        ] {
            assert_eq!(tia.get(&path).await.0, 404, "{path}");
        }
        let live = format!("/api/live?team_id={team}");
        assert_eq!(tia.get(&live).await.1["items"], json!([]));
    }
    // What is the company's as a whole stays shut.
    for path in [
        "/api/settings",
        "/api/audit",
        "/api/monitoring-policies",
        "/api/exports",
        "/api/rules",
        "/api/api-tokens",
        "/api/overview/days",
        "/api/overview/hours",
        "/api/overview/devices",
        "/api/saved-reports",
        "/api/report-files",
        "/api/sign-in-policy",
    ] {
        let (status, problem) = tia.get(path).await;
        assert_eq!(
            (status, &problem["code"]),
            (403, &json!("forbidden")),
            "{path}"
        );
    }
    for (path, body) in [
        (format!("/api/employees/{user}/deactivate"), json!({})),
        (
            format!("/api/employees/{user}/change-role"),
            json!({ "role": "ADMIN", "password": PASSWORD }),
        ),
        (
            format!("/api/employees/{}/change-role", tia.user),
            json!({ "role": "ADMIN", "password": PASSWORD }),
        ),
        (
            "/api/employees".to_owned(),
            json!({ "email": "x@acme.test", "role": "ADMIN" }),
        ),
        ("/api/teams".to_owned(), json!({ "name": "New" })),
        (
            format!("/api/teams/{}/members", scene.sales_id),
            json!({ "employee_ids": [mia.user] }),
        ),
        (
            "/api/company-key/reveal".to_owned(),
            json!({ "password": PASSWORD }),
        ),
        ("/api/exports".to_owned(), json!({ "password": PASSWORD })),
    ] {
        let (status, answer) = tia.post(&path, body).await;
        assert!(
            [403, 404, 405].contains(&status),
            "{path}: {status} {answer}"
        );
    }

    // Who was looked at reads by whom, and as what.
    let looks = scene.looks(ada);
    for kind in ["timeline", "usage", "sessions", "gallery"] {
        let look = (kind.to_owned(), "Tia, team admin".to_owned());
        assert!(looks.contains(&look), "{kind}: {looks:?}");
    }
    assert!(!scene.looks(mia).iter().any(|(_, by)| by.starts_with("Tia")));
    let unsealed = rows(
        &mut scene.app.copy.admin(),
        "SELECT count(*) AS n FROM tenant.access_entries a WHERE NOT EXISTS (SELECT FROM tenant.audit_unsealed u WHERE u.entry_id = a.id) \
           AND NOT EXISTS (SELECT FROM tenant.audit_seals s WHERE s.entry_id = a.id)",
    );
    assert_eq!(
        unsealed[0]["n"], 0,
        "each look is on its way into the chain"
    );
}

#[actix_web::test]
async fn an_original_is_opened_with_a_reason_by_an_admin_of_the_persons_team_alone() {
    let of = teams().await;
    let Teams { scene, tia } = &of;
    scene.record();
    let pictures = rows(
        &mut scene.app.copy.admin(),
        "SELECT id::text, user_id::text FROM tenant.screenshots",
    );
    let of_person = |who: &Client| {
        let row = (pictures.iter())
            .find(|row| row["user_id"] == json!(who.user))
            .unwrap();
        format!("/api/screenshots/{}/original", row["id"].as_str().unwrap())
    };
    let reason = json!({ "reason": "other", "note": "A complaint" });
    for stranger in [&scene.mia, &scene.zed] {
        let (status, _) = tia.post(&of_person(stranger), reason.clone()).await;
        assert_eq!(status, 404);
    }
    // There is a row and no file of it: what it takes to be shown it was done.
    let (status, _) = tia.post(&of_person(scene.ada()), reason.clone()).await;
    assert_eq!(status, 404);
    let told = rows(
        &mut scene.app.copy.admin(),
        "SELECT a.viewer_id::text, a.note, n.kind FROM tenant.access_entries a JOIN tenant.notifications n ON n.user_id = a.subject_id \
         WHERE a.kind = 'screenshot'",
    );
    let expected =
        json!({ "viewer_id": tia.user, "note": "A complaint", "kind": "original_opened" });
    assert_eq!(told, [expected]);
    // Neither the program nor the database opens one where the company shows none.
    scene.sql("UPDATE tenant.company_settings SET originals_shown = false");
    let (status, problem) = tia.post(&of_person(scene.ada()), reason).await;
    assert_eq!(
        (status, &problem["code"]),
        (403, &json!("originals_not_shown"))
    );
    let noted = of.run(&format!(
        "INSERT INTO tenant.access_entries (company_id, subject_id, viewer_id, at, kind, day, viewer_name, reason, item_id, taken_at) \
         VALUES ('{}', '{}', '{}', now(), 'screenshot', now(), 'x', 'complaint', gen_random_uuid(), now())",
        scene.acme.id,
        scene.ada().user,
        tia.user
    ));
    assert!(noted.unwrap_err().contains("row-level"));
}

#[actix_web::test]
async fn the_database_shows_an_admin_of_teams_these_teams_and_takes_nothing_else() {
    let of = teams().await;
    let Teams { scene, tia } = &of;
    scene.record();
    for one in &scene.sales {
        scene.day(scene.acme.id, one, ago(5), 600);
    }
    scene.day(scene.acme.id, &scene.mia, ago(5), 600);
    let readable = rows(
        &mut scene.app.copy.admin(),
        "SELECT c.relname::text AS name, bool_or(a.attname = 'user_id') AS personal, bool_or(a.attname = 'team_id') AS of_team \
         FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 \
         WHERE c.relnamespace = 'tenant'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition \
           AND has_any_column_privilege('tracker_team_admin', c.oid, 'SELECT') GROUP BY c.relname ORDER BY c.relname",
    );
    let theirs = format!(
        "SELECT id FROM tenant.users WHERE team_id = '{}' OR id = '{}'",
        scene.sales_id, tia.user
    );
    let mut personal = 0;
    for table in &readable {
        let name = format!("tenant.{}", table["name"].as_str().unwrap());
        let shown = of.seen(&name);
        if table["personal"] == json!(true) && table["of_team"] == json!(false) {
            let own = of.seen(&format!("{name} WHERE user_id IN ({theirs})"));
            assert_eq!(shown, own, "{name}");
            personal += 1;
        }
    }
    assert_eq!(personal, 18, "{readable:?}");
    for table in [
        "devices",
        "work_sessions",
        "activity_log",
        "application_usage",
        "website_usage",
        "screenshots",
        "user_usage_daily",
    ] {
        assert!(of.seen(&format!("tenant.{table}")) > 0, "{table}");
    }
    assert_eq!(of.seen("tenant.users"), 7);
    assert_eq!(of.seen("tenant.teams"), 1);
    assert_eq!(of.seen("tenant.team_admins"), 1);

    let (ada, mia) = (scene.ada().user, scene.mia.user);
    let look = |of: Uuid, by: Uuid| {
        format!(
            "INSERT INTO tenant.access_entries (company_id, subject_id, viewer_id, at, kind, day, viewer_name) \
             VALUES ('{}', '{of}', '{by}', now(), 'usage', now(), 'x')",
            scene.acme.id
        )
    };
    of.run(&look(ada, tia.user)).unwrap();
    for sql in [
        look(mia, tia.user),
        look(ada, mia),
        format!(
            "INSERT INTO tenant.team_admins (team_id, user_id) VALUES ('{}', '{}')",
            scene.support_id, tia.user
        ),
        format!(
            "INSERT INTO tenant.notifications (company_id, id, user_id, kind, amount, in_app, by_mail) \
             VALUES ('{}', gen_random_uuid(), '{mia}', 'original_opened', 0, true, false)",
            scene.acme.id
        ),
        format!(
            "INSERT INTO tenant.audit_entries (company_id, id, actor_id, actor, action, detail) \
             VALUES ('{}', gen_random_uuid(), '{mia}', 'mia', 'x.done', '{{}}')",
            scene.acme.id
        ),
        "UPDATE tenant.company_settings SET leads_see = 'people'".into(),
        format!("UPDATE tenant.users SET team_id = '{}'", scene.sales_id),
        "UPDATE tenant.users SET created_at = now()".into(),
        "UPDATE tenant.work_sessions SET deleted_at = now()".into(),
        "UPDATE tenant.work_sessions SET started_at = now()".into(),
        "UPDATE tenant.manual_times SET state = 'approved', decided_by = user_id".into(),
        "UPDATE tenant.manual_times SET reason = 'x'".into(),
        "UPDATE tenant.disputes SET reason = 'x'".into(),
        "DELETE FROM tenant.disputes".into(),
        format!(
            "INSERT INTO tenant.user_usage_daily (company_id, user_id, day, tracked_seconds, active_seconds, idle_seconds, keystrokes, \
               mouse_events, sessions, screenshots, screenshot_bytes, events) \
             SELECT '{}', id, current_date - 100, 1, 1, 0, 0, 0, 0, 0, 0, 0 FROM unnest(ARRAY['{mia}', '{}']::uuid[]) AS u (id)",
            scene.acme.id, tia.user
        ),
        "DELETE FROM tenant.work_sessions".into(),
        "DELETE FROM tenant.activity_log".into(),
        "DELETE FROM tenant.access_entries".into(),
        "SELECT count(*) FROM tenant.usage_daily".into(),
        "SELECT count(*) FROM tenant.app_usage_daily".into(),
        "SELECT description FROM tenant.tasks".into(),
        "SELECT detail FROM tenant.audit_entries".into(),
        "SELECT count(*) FROM tenant.saved_reports".into(),
        "SELECT count(*) FROM auth.credentials".into(),
        "SELECT count(*) FROM platform.companies".into(),
    ] {
        let error = of.run(&sql).unwrap_err();
        assert!(
            error.contains("denied") || error.contains("row-level"),
            "{sql}: {error}"
        );
    }

    // Who is no such admin any more is shown the own rows, and who was deactivated no others either.
    let alone = |why: &str| {
        assert_eq!(
            (of.seen("tenant.users"), of.seen("tenant.teams")),
            (1, 0),
            "{why}"
        )
    };
    for (no_more, again) in [
        ("role = 'EMPLOYEE'", "role = 'TEAM_ADMIN'"),
        ("deactivated_at = now()", "deactivated_at = NULL"),
    ] {
        let set = |what: &str| {
            scene.sql(&format!(
                "UPDATE tenant.users SET {what} WHERE id = '{}'",
                tia.user
            ))
        };
        set(no_more);
        alone(no_more);
        set(again);
        assert_eq!(of.seen("tenant.users"), 7, "{again}");
    }
}

#[actix_web::test]
async fn an_admin_of_teams_decides_about_others_of_them_alone() {
    let of = teams().await;
    let Teams { scene, tia } = &of;
    scene.record();
    let (admin, ada, mia) = (&scene.acme.admin, scene.ada(), &scene.mia);
    let day = ago(2);
    let said = |at: &str, to: &str| json!({ "started_at": format!("{day}T{at}:00Z"), "ended_at": format!("{day}T{to}:00Z"), "kind": "call", "reason": "A call" });
    let mut entries = Vec::new();
    for who in [ada, mia, tia] {
        let (status, entry) = who.post("/api/manual-times", said("02:00", "02:30")).await;
        assert_eq!(status, 201, "{entry}");
        entries.push(entry["id"].clone());
    }
    let decide = async |what: &str, ids: &[&Value]| {
        let path = format!("/api/manual-times/{what}");
        tia.post(&path, json!({ "manual_time_ids": ids, "reason": "Seen" }))
            .await
    };
    // All of them or none: of another team and of oneself nothing is decided.
    let (status, _) = decide("approve", &[&entries[0], &entries[1]]).await;
    assert_eq!(status, 404);
    for what in ["approve", "reject"] {
        let (status, problem) = decide(what, &[&entries[0], &entries[2]]).await;
        assert_eq!(
            (status, &problem["code"]),
            (409, &json!("manual_times_own"))
        );
    }
    let sums = async |who: &Client| {
        let path = format!("/api/usage/daily?user_id={}&from={day}&to={day}", ada.user);
        who.get(&path).await.1["items"][0].clone()
    };
    let before = sums(admin).await;
    let (status, decided) = decide("approve", &[&entries[0]]).await;
    let entry = &decided["items"][0];
    assert_eq!(
        (status, &entry["state"], &entry["decided_by_name"]),
        (200, &json!("approved"), &json!("Tia")),
        "{decided}"
    );
    let after = sums(tia).await;
    assert_eq!(after["manual_seconds"], json!(1_800), "{before} {after}");
    assert_eq!(after, sums(admin).await);
    let (status, decided) = decide("reject", &[&entries[0]]).await;
    assert_eq!(status, 200, "{decided}");
    assert_eq!(sums(tia).await, before);

    let sessions = async |who: &Client| {
        let path = format!("/api/work-sessions?user_id={}&from={}", who.user, ago(9));
        admin.get(&path).await.1["items"][0]["id"].clone()
    };
    scene.sql(
        "UPDATE tenant.work_sessions SET ended_at = started_at + interval '30 minutes', end_reason = 'stopped'",
    );
    let of_ada = sessions(ada).await;
    let correct = async |session: &Value, what: &str| {
        let path = format!("/api/work-sessions/{}/{what}", session.as_str().unwrap());
        tia.post(&path, json!({ "reason": "By mistake" })).await
    };
    let (status, excluded) = correct(&of_ada, "exclude").await;
    let changes = excluded["changes"].as_array().unwrap();
    assert_eq!(status, 200, "{excluded}");
    assert!(changes.iter().any(|one| one["actor_name"] == "Tia"));
    assert_eq!(correct(&of_ada, "include").await.0, 200);
    assert_eq!(correct(&of_ada, "delete").await.0, 403);
    assert_eq!(correct(&sessions(mia).await, "exclude").await.0, 404);
    scene.sql(&format!(
        "UPDATE tenant.work_sessions SET user_id = '{}' WHERE id = '{}'",
        tia.user,
        of_ada.as_str().unwrap()
    ));
    let (status, problem) = correct(&of_ada, "exclude").await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("work_session_own"))
    );
    // Whatever the program asks: nothing of one's own, and nothing of another team's.
    for rel in ["manual_times", "work_sessions"] {
        let set = match rel {
            "manual_times" => format!(
                "state = 'approved', decided_at = now(), decided_by = '{}', decided_by_name = 'Tia'",
                tia.user
            ),
            _ => "excluded_at = now()".to_owned(),
        };
        of.run(&format!("UPDATE tenant.{rel} SET {set}")).unwrap();
        let changed = rows(
            &mut scene.app.copy.admin(),
            &format!(
                "SELECT count(*) AS n FROM tenant.{rel} WHERE user_id IN ('{}', '{}') AND to_jsonb({rel}) ->> 'excluded_at' IS NULL \
                 AND to_jsonb({rel}) ->> 'decided_by' IS NULL",
                tia.user, mia.user
            ),
        );
        let all = rows(
            &mut scene.app.copy.admin(),
            &format!(
                "SELECT count(*) AS n FROM tenant.{rel} WHERE user_id IN ('{}', '{}')",
                tia.user, mia.user
            ),
        );
        assert_eq!(changed, all, "{rel}");
        assert_ne!(all[0]["n"], 0, "{rel}");
    }
    let written = rows(
        &mut scene.app.copy.admin(),
        &format!(
            "SELECT action FROM tenant.audit_entries WHERE actor_id = '{}' AND action ~ '^(manual_time|work_session)[.]' ORDER BY at, id",
            tia.user
        ),
    );
    let actions: Vec<_> = written.iter().map(|row| &row["action"]).collect();
    assert_eq!(
        actions,
        [
            "manual_time.approved",
            "manual_time.rejected",
            "work_session.excluded",
            "work_session.included"
        ]
    );
}

#[actix_web::test]
async fn an_admin_of_teams_answers_what_others_of_them_contest() {
    let of = teams().await;
    let Teams { scene, tia } = &of;
    let (ada, mia) = (scene.ada(), &scene.mia);
    let mut contested = Vec::new();
    for who in [ada, mia, tia] {
        let body = json!({ "kind": "label", "app": "Editor", "label": "unproductive", "reason": "It is work" });
        let (status, dispute) = who.post("/api/disputes", body).await;
        assert_eq!(status, 201, "{dispute}");
        contested.push(dispute["id"].as_str().unwrap().to_owned());
    }
    while next_job(&scene.app) {}
    // Told of Ada's alone: of the own one an admin of the company is.
    let told = async |who: &Client| who.get("/api/notifications").await.1["items"].clone();
    let kinds = |items: &Value| -> Vec<Value> {
        let items = items.as_array().unwrap();
        items.iter().map(|item| item["kind"].clone()).collect()
    };
    assert_eq!(kinds(&told(tia).await), [json!("dispute_opened")]);
    assert_eq!(kinds(&told(&scene.acme.admin).await).len(), 3);
    let answer = async |id: &str| {
        let body = json!({ "accepted": true, "answer": "You are right" });
        tia.post(&format!("/api/disputes/{id}/answer"), body).await
    };
    assert_eq!(answer(&contested[1]).await.0, 404, "of another team");
    let (status, problem) = answer(&contested[2]).await;
    assert_eq!((status, &problem["code"]), (409, &json!("disputes_own")));
    let forge = |whose: Uuid| {
        format!(
            "UPDATE tenant.disputes SET state = 'accepted', answer = 'x', answered_at = now(), answered_by = '{}', \
               answered_by_name = 'x' WHERE user_id = '{whose}'",
            tia.user
        )
    };
    // Whatever the program asks: nothing of one's own, nothing of another team's, nothing in another's name.
    for whose in [tia.user, mia.user] {
        of.run(&forge(whose)).unwrap();
    }
    let open = "SELECT count(*) AS n FROM tenant.disputes WHERE state = 'open'";
    assert_eq!(rows(&mut scene.app.copy.admin(), open)[0]["n"], 3);
    let in_anothers = forge(ada.user).replace(&tia.user.to_string(), &mia.user.to_string());
    assert!(of.run(&in_anothers).unwrap_err().contains("row-level"));

    let (status, answered) = answer(&contested[0]).await;
    assert_eq!(
        (status, &answered["state"], &answered["answered_by_name"]),
        (200, &json!("accepted"), &json!("Tia")),
        "{answered}"
    );
    assert_eq!(kinds(&told(ada).await), [json!("dispute_answered")]);
    let path = format!("/api/disputes/{}/withdraw", contested[2]);
    assert_eq!(tia.send(Method::POST, &path, None).await.0, 200);
}

#[actix_web::test]
async fn an_admin_limits_and_it_counts_at_once_and_is_written_down() {
    let of = teams().await;
    let Teams { scene, tia } = &of;
    let (admin, ada, mia) = (&scene.acme.admin, scene.ada(), &scene.mia);
    // Role and teams go together, and all of the teams are there.
    for (body, pointer, code) in [
        (
            json!({ "role": "TEAM_ADMIN" }),
            "/team_ids",
            "teams_missing",
        ),
        (
            json!({ "role": "TEAM_ADMIN", "team_ids": [] }),
            "/team_ids",
            "teams_missing",
        ),
        (
            json!({ "role": "ADMIN", "team_ids": [scene.sales_id] }),
            "/team_ids",
            "teams_not_wanted",
        ),
        (
            json!({ "role": "EMPLOYEE", "team_ids": [scene.sales_id] }),
            "/team_ids",
            "teams_not_wanted",
        ),
        (
            json!({ "role": "TEAM_ADMIN", "team_ids": [scene.bolts_id] }),
            "/team_ids",
            "team_unknown",
        ),
        (
            json!({ "role": "TEAM_ADMIN", "team_ids": [scene.sales_id, Uuid::now_v7()] }),
            "/team_ids",
            "team_unknown",
        ),
        (
            json!({ "role": "TEAM_ADMIN", "team_ids": vec![Uuid::now_v7(); 201] }),
            "/team_ids",
            "teams_too_many",
        ),
    ] {
        let mut body = body;
        body["password"] = json!(PASSWORD);
        let (status, problem) = change(scene, ada.user, body.clone()).await;
        let error = &problem["errors"][0];
        assert_eq!(
            (status, &error["pointer"], &error["code"]),
            (422, &json!(pointer), &json!(code)),
            "{body}: {problem}"
        );
    }
    let wrong = json!({ "role": "TEAM_ADMIN", "team_ids": [scene.sales_id], "password": "not the password" });
    assert_eq!(change(scene, ada.user, wrong).await.0, 403);
    let (_, person) = admin.get(&format!("/api/employees/{}", ada.user)).await;
    assert_eq!(
        (&person["role"], &person["administers"]),
        (&json!("EMPLOYEE"), &json!([]))
    );
    let (status, problem) = limit(scene, tia.user, &[&scene.sales_id]).await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("employee_unchanged"))
    );

    // Another team at once, whatever one is signed in by.
    let path = |of: &Client| format!("/api/employees/{}", of.user);
    assert_eq!(
        (tia.get(&path(ada)).await.0, tia.get(&path(mia)).await.0),
        (200, 404)
    );
    assert_eq!(limit(scene, tia.user, &[&scene.support_id]).await.0, 200);
    assert_eq!(
        (tia.get(&path(ada)).await.0, tia.get(&path(mia)).await.0),
        (404, 200)
    );
    // Who joins is there, who leaves is not.
    let members = format!("/api/teams/{}/members", scene.support_id);
    admin
        .post(&members, json!({ "employee_ids": [ada.user] }))
        .await;
    assert_eq!(tia.get(&path(ada)).await.0, 200);
    let out = format!("{members}/{}", ada.user);
    assert_eq!(admin.send(Method::DELETE, &out, None).await.0, 204);
    assert_eq!(tia.get(&path(ada)).await.0, 404);
    // The last admin of the company remains one: an admin of teams is none.
    let (status, problem) = limit(scene, admin.user, &[&scene.sales_id]).await;
    assert_eq!((status, &problem["code"]), (409, &json!("own_account")));
    // A team that is deleted limits nobody.
    let team = format!("/api/teams/{}", scene.support_id);
    assert_eq!(admin.send(Method::DELETE, &team, None).await.0, 204);
    let (_, people) = tia.get("/api/employees").await;
    assert_eq!(names(&people, "name"), ["Tia"]);

    assert_eq!(
        change(
            scene,
            tia.user,
            json!({ "role": "ADMIN", "password": PASSWORD })
        )
        .await
        .0,
        200
    );
    must_sign_in_anew(tia).await;
    let tia = scene.app.sign_in(&tia.email).await;
    assert_eq!(tia.get("/api/settings").await.0, 200);
    let written = rows(
        &mut scene.app.copy.admin(),
        "SELECT detail FROM tenant.audit_entries WHERE action = 'employee.role_changed' ORDER BY at, id",
    );
    let details: Vec<_> = written.iter().map(|entry| &entry["detail"]).collect();
    let limited =
        |team: &str| json!({ "user_id": tia.user, "role": "TEAM_ADMIN", "team_ids": [team] });
    assert_eq!(
        details,
        [
            &limited(&scene.sales_id),
            &limited(&scene.support_id),
            &json!({ "user_id": tia.user, "role": "ADMIN" })
        ]
    );
}
