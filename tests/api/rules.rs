//! Productivity rules: which decides, for whom, and what becomes of the time that was recorded before.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Duration, NaiveDate};
use reqwest::Method;
use serde_json::{Value, json};
use tracker::jobs::rebuild::{Wanted, rebuild};
use uuid::Uuid;

use crate::app::{App, Client, Company, read};
use crate::feed::{Feed, execute, next_job, rows, settle};

struct Scene {
    app: App,
    acme: Company,
    /// In the team.
    ada: Client,
    /// In none.
    bob: Client,
    team: Uuid,
}

async fn scene() -> Scene {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = app.company("Acme").await;
    let (ada, bob) = (
        app.employee(&acme, "Ada").await,
        app.employee(&acme, "Bob").await,
    );
    let team = team(&acme.admin, "Support").await;
    join(&acme.admin, team, &ada).await;
    Scene {
        app,
        acme,
        ada,
        bob,
        team,
    }
}

async fn team(admin: &Client, name: &str) -> Uuid {
    let (status, team) = admin.post("/api/teams", json!({ "name": name })).await;
    assert_eq!(status, 201, "{team}");
    team["id"].as_str().unwrap().parse().unwrap()
}

async fn join(admin: &Client, team: Uuid, person: &Client) {
    let path = format!("/api/teams/{team}/members");
    let body = json!({ "employee_ids": [person.user] });
    assert_eq!(admin.post(&path, body).await.0, 200);
}

fn rule(field: &str, pattern: &str, category: &str) -> Value {
    json!({ "field": field, "kind": "glob", "pattern": pattern, "category": category })
}

fn of_team(team: Uuid, mut rule: Value) -> Value {
    rule["team_id"] = json!(team);
    rule
}

async fn put(admin: &Client, seen: Option<&str>, rules: Value) -> (u16, Value) {
    let request = admin.request(Method::PUT, "/api/rules");
    let request = match seen {
        Some(seen) => request.header("if-match", seen),
        None => request,
    };
    let body = json!({ "items": rules });
    read(request.json(&body).send().await.unwrap()).await
}

/// In the place of whatever is there.
async fn set(admin: &Client, rules: Value) -> Value {
    let (status, list) = put(admin, Some("*"), rules).await;
    assert_eq!(status, 200, "{list}");
    list
}

const DAY: &str = "2026-11-18";

/// Ten minutes: four in the editor, six in a browser, four of which on a page; at a minute's fifty observed seconds.
fn work(scene: &Scene, user: Uuid, day: &str) {
    let mut desk = Feed::new(&scene.app, scene.acme.id, user, &format!("{day}T08:00:00Z"));
    desk.minutes(&format!("{day}T08:00:00Z"), 10, 30, 20)
        .app("Editor", "letter.txt", &format!("{day}T08:00:00Z"), 240)
        .app("Browser", "News", &format!("{day}T08:04:00Z"), 360)
        .site("www.news.test", &format!("{day}T08:04:00Z"), 240)
        .batch(day, day);
}

async fn categories(client: &Client, query: &str) -> BTreeMap<String, i64> {
    let path = format!("/api/usage/categories?{query}");
    let (status, answer) = client.get(&path).await;
    assert_eq!(status, 200, "{answer}");
    let items = answer["items"].as_array().unwrap();
    let one = |item: &Value| {
        let name = item["category"].as_str().unwrap().to_owned();
        (name, item["seconds"].as_i64().unwrap())
    };
    items.iter().map(one).collect()
}

async fn of_day(admin: &Client, person: &Client, day: &str) -> BTreeMap<String, i64> {
    categories(
        admin,
        &format!("from={day}&to={day}&user_id={}", person.user),
    )
    .await
}

fn sums(all: &[(&str, i64)]) -> BTreeMap<String, i64> {
    all.iter()
        .map(|(name, seconds)| ((*name).to_owned(), *seconds))
        .collect()
}

fn raw(app: &App) -> Vec<Value> {
    let tables = ["application_usage", "website_usage", "activity_log"];
    let texts = tables.map(|table| {
        format!("SELECT '{table}' AS of, to_jsonb(t)::text AS t, xmin::text FROM tenant.{table} t")
    });
    let text = format!("{} ORDER BY 1, 2", texts.join(" UNION ALL "));
    rows(&mut app.copy.admin(), &text)
}

#[actix_web::test]
async fn a_rule_reclassifies_what_was_recorded_and_leaves_the_records_alone() {
    let scene = scene().await;
    let admin = &scene.acme.admin;
    for person in [&scene.ada, &scene.bob] {
        work(&scene, person.user, DAY);
    }
    settle(&scene.app);
    assert_eq!(
        of_day(admin, &scene.ada, DAY).await,
        sums(&[("unclassified", 500)])
    );
    let before = raw(&scene.app);
    set(
        admin,
        json!([
            rule("host", "news.test", "unproductive"),
            rule("app", "editor", "productive"),
            rule("title", "new*", "neutral"),
        ]),
    )
    .await;
    let (_, progress) = admin.get("/api/rules/reclassification").await;
    assert_eq!(progress, json!({ "people": 2, "waiting": 2 }));
    while next_job(&scene.app) {}
    let (_, progress) = admin.get("/api/rules/reclassification").await;
    assert_eq!(progress, json!({ "people": 2, "waiting": 0 }));
    // The browser's last two minutes have no page, but a title.
    let expected = sums(&[("productive", 200), ("unproductive", 200), ("neutral", 100)]);
    for person in [&scene.ada, &scene.bob] {
        assert_eq!(of_day(admin, person, DAY).await, expected);
    }
    assert_eq!(raw(&scene.app), before);
    let range = format!("from={DAY}&to={DAY}");
    let (_, usage) = admin.get(&format!("/api/usage?by=category&{range}")).await;
    assert_eq!(
        usage["items"],
        json!([
            { "name": "unproductive", "seconds": 400, "people": 2 },
            { "name": "productive", "seconds": 400, "people": 2 },
            { "name": "neutral", "seconds": 200, "people": 2 },
        ])
    );
    assert_eq!(usage["total_seconds"], 1000);
    let (_, usage) = admin
        .get(&format!(
            "/api/usage?by=person&category=neutral&sort=name&{range}"
        ))
        .await;
    let names: Vec<_> = usage["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["name"].as_str().unwrap(), &item["seconds"]))
        .collect();
    assert_eq!(names, [("Ada", &json!(100)), ("Bob", &json!(100))]);
    let rebuilt = rebuild(&scene.app.state.db, Wanted::default()).unwrap();
    assert_eq!(rebuilt.changed, 0, "{rebuilt:?}");
    // Without a rule nothing is known of it again.
    set(admin, json!([])).await;
    while next_job(&scene.app) {}
    assert_eq!(
        of_day(admin, &scene.ada, DAY).await,
        sums(&[("unclassified", 500)])
    );
}

#[actix_web::test]
async fn the_first_rule_decides_and_a_teams_own_come_first() {
    let scene = scene().await;
    let admin = &scene.acme.admin;
    for person in [&scene.ada, &scene.bob] {
        work(&scene, person.user, DAY);
    }
    settle(&scene.app);
    let list = set(
        admin,
        json!([
            rule("app", "*", "neutral"),
            rule("app", "editor", "productive"),
            of_team(scene.team, rule("app", "editor", "unproductive")),
        ]),
    )
    .await;
    // The team's stand where they are tried.
    let patterns: Vec<_> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| {
            (
                rule["pattern"].as_str().unwrap(),
                rule["category"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        patterns,
        [
            ("editor", "unproductive"),
            ("*", "neutral"),
            ("editor", "productive")
        ]
    );
    while next_job(&scene.app) {}
    assert_eq!(
        of_day(admin, &scene.ada, DAY).await,
        sums(&[("unproductive", 200), ("neutral", 300)])
    );
    assert_eq!(
        of_day(admin, &scene.bob, DAY).await,
        sums(&[("neutral", 500)])
    );
    let test = async |mut body: Value, whose: (&str, Uuid)| {
        body[whose.0] = json!(whose.1);
        let (status, verdict) = admin.post("/api/rules/test", body).await;
        assert_eq!(status, 200, "{verdict}");
        let hits = verdict["hits"].as_array().unwrap();
        let hits: Vec<i64> = hits
            .iter()
            .map(|hit| hit["position"].as_i64().unwrap())
            .collect();
        (verdict["category"].as_str().unwrap().to_owned(), hits)
    };
    let editor = json!({ "app": "Editor" });
    assert_eq!(
        test(editor.clone(), ("user_id", scene.ada.user)).await,
        ("unproductive".to_owned(), vec![1, 2, 3])
    );
    assert_eq!(
        test(editor.clone(), ("team_id", scene.team)).await,
        ("unproductive".to_owned(), vec![1, 2, 3])
    );
    assert_eq!(
        test(editor, ("user_id", scene.bob.user)).await,
        ("neutral".to_owned(), vec![2, 3])
    );
    assert_eq!(
        test(json!({ "host": "news.test" }), ("user_id", scene.bob.user)).await,
        ("unclassified".to_owned(), vec![])
    );
    // Another order, another first.
    set(
        admin,
        json!([
            rule("app", "editor", "productive"),
            rule("app", "*", "neutral"),
        ]),
    )
    .await;
    while next_job(&scene.app) {}
    for person in [&scene.ada, &scene.bob] {
        assert_eq!(
            of_day(admin, person, DAY).await,
            sums(&[("productive", 200), ("neutral", 300)])
        );
    }
}

#[actix_web::test]
async fn who_changes_the_team_is_judged_by_its_rules_and_these_go_with_it() {
    let scene = scene().await;
    let admin = &scene.acme.admin;
    for person in [&scene.ada, &scene.bob] {
        work(&scene, person.user, DAY);
    }
    settle(&scene.app);
    set(
        admin,
        json!([of_team(scene.team, rule("app", "*", "productive"))]),
    )
    .await;
    while next_job(&scene.app) {}
    let (productive, unknown) = (sums(&[("productive", 500)]), sums(&[("unclassified", 500)]));
    assert_eq!(of_day(admin, &scene.ada, DAY).await, productive);
    assert_eq!(of_day(admin, &scene.bob, DAY).await, unknown);
    join(admin, scene.team, &scene.bob).await;
    while next_job(&scene.app) {}
    assert_eq!(of_day(admin, &scene.bob, DAY).await, productive);
    let path = format!("/api/teams/{}/members/{}", scene.team, scene.ada.user);
    assert_eq!(admin.send(Method::DELETE, &path, None).await.0, 204);
    while next_job(&scene.app) {}
    assert_eq!(of_day(admin, &scene.ada, DAY).await, unknown);
    let path = format!("/api/teams/{}", scene.team);
    assert_eq!(admin.send(Method::DELETE, &path, None).await.0, 204);
    assert_eq!(admin.get("/api/rules").await.1["items"], json!([]));
    while next_job(&scene.app) {}
    assert_eq!(of_day(admin, &scene.bob, DAY).await, unknown);
    let rebuilt = rebuild(&scene.app.state.db, Wanted::default()).unwrap();
    assert_eq!(rebuilt.changed, 0, "{rebuilt:?}");
}

#[actix_web::test]
async fn days_whose_records_are_gone_keep_their_categories() {
    let scene = scene().await;
    let admin = &scene.acme.admin;
    let days = ["2026-11-16", "2026-11-17", "2026-11-18"];
    for day in days {
        work(&scene, scene.ada.user, day);
    }
    settle(&scene.app);
    // The first day that is kept lacks what began the day before and reached into it.
    execute(
        &mut scene.app.copy.admin(),
        "UPDATE tenant.company_settings SET usage_kept_from = '2026-11-17'",
    );
    set(admin, json!([rule("app", "*", "productive")])).await;
    while next_job(&scene.app) {}
    let (_, progress) = admin.get("/api/rules/reclassification").await;
    assert_eq!(
        progress,
        json!({ "people": 1, "waiting": 0, "first_day": "2026-11-18" })
    );
    let (old, new) = (sums(&[("unclassified", 500)]), sums(&[("productive", 500)]));
    for (day, expected) in days.into_iter().zip([&old, &old, &new]) {
        assert_eq!(&of_day(admin, &scene.ada, day).await, expected, "{day}");
    }
}

#[actix_web::test]
async fn a_long_past_is_sorted_in_parts_and_a_change_in_between_begins_anew() {
    let scene = scene().await;
    let admin = &scene.acme.admin;
    let first: NaiveDate = "2026-08-01".parse().unwrap();
    let days: Vec<String> = (0..80)
        .map(|n| (first + Duration::days(n)).to_string())
        .collect();
    for day in &days {
        work(&scene, scene.ada.user, day);
    }
    settle(&scene.app);
    set(admin, json!([rule("app", "*", "neutral")])).await;
    while next_job(&scene.app) {}
    let range = format!("from={first}&to={}", days[79]);
    assert_eq!(
        categories(admin, &range).await,
        sums(&[("neutral", 80 * 500)])
    );
    // As if the job had stopped in the middle: a further change does not go on there.
    execute(
        &mut scene.app.copy.admin(),
        &format!(
            "INSERT INTO tenant.reclassifications VALUES ('{}', '{}', '2026-09-01')",
            scene.acme.id, scene.ada.user
        ),
    );
    set(admin, json!([rule("app", "*", "productive")])).await;
    while next_job(&scene.app) {}
    assert_eq!(
        categories(admin, &range).await,
        sums(&[("productive", 80 * 500)])
    );
}

#[actix_web::test]
async fn what_is_used_most_and_has_no_rule_is_told() {
    let scene = scene().await;
    let admin = &scene.acme.admin;
    let today = chrono::Utc::now().date_naive().to_string();
    let table = |table: &str, name: &str, day: &str, value: &str, seconds: i32| {
        format!(
            "INSERT INTO tenant.{table} (company_id, user_id, day, {name}, seconds) \
             VALUES ('{}', '{}', {day}, '{value}', {seconds})",
            scene.acme.id, scene.ada.user
        )
    };
    let conn = &mut scene.app.copy.admin();
    let now = format!("'{today}'");
    let long_ago = format!("'{today}'::date - 8");
    for text in [
        table("user_app_usage_daily", "app", &now, "Editor", 50),
        table("user_app_usage_daily", "app", &now, "Mail", 20),
        table("user_app_usage_daily", "app", &long_ago, "Old", 90),
        table("user_host_usage_daily", "host", &now, "www.news.test", 30),
    ] {
        execute(conn, &text);
    }
    let told = async || {
        let (status, answer) = admin.get("/api/rules/candidates").await;
        assert_eq!(status, 200, "{answer}");
        let items = answer["items"].as_array().unwrap();
        let name = |item: &Value| item["name"].as_str().unwrap().to_owned();
        items.iter().map(name).collect::<Vec<_>>()
    };
    assert_eq!(told().await, ["Editor", "www.news.test", "Mail"]);
    set(
        admin,
        json!([
            of_team(scene.team, rule("app", "edit*", "productive")),
            rule("host", "news.test", "neutral")
        ]),
    )
    .await;
    assert_eq!(told().await, ["Mail"]);
}

#[actix_web::test]
async fn another_companys_rules_and_time_are_not_touched() {
    let scene = scene().await;
    let bolt = scene.app.company("Bolt").await;
    let eve = scene.app.employee(&bolt, "Eve").await;
    let mut desk = Feed::new(&scene.app, bolt.id, eve.user, &format!("{DAY}T08:00:00Z"));
    desk.minutes(&format!("{DAY}T08:00:00Z"), 1, 60, 0)
        .app("Editor", "", &format!("{DAY}T08:00:00Z"), 60)
        .batch(DAY, DAY);
    work(&scene, scene.ada.user, DAY);
    settle(&scene.app);
    set(&bolt.admin, json!([rule("app", "editor", "unproductive")])).await;
    set(
        &scene.acme.admin,
        json!([rule("app", "editor", "productive")]),
    )
    .await;
    while next_job(&scene.app) {}
    assert_eq!(
        of_day(&bolt.admin, &eve, DAY).await,
        sums(&[("unproductive", 60)])
    );
    assert_eq!(
        of_day(&scene.acme.admin, &scene.ada, DAY).await,
        sums(&[("productive", 200), ("unclassified", 300)])
    );
    // Theirs is as unknown as nobody's.
    let code = async |team: Uuid| {
        let rules = json!([
            rule("app", "a", "neutral"),
            of_team(team, rule("app", "b", "neutral"))
        ]);
        let (status, problem) = put(&bolt.admin, Some("*"), rules).await;
        let test = json!({ "app": "a", "team_id": team });
        let tested = bolt.admin.post("/api/rules/test", test).await;
        (
            status,
            problem["errors"].clone(),
            tested.0,
            tested.1["errors"].clone(),
        )
    };
    let of_acme = code(scene.team).await;
    assert_eq!((of_acme.0, of_acme.2), (422, 422));
    assert_eq!(of_acme.1[0]["pointer"], "/items/1/team_id");
    assert_eq!(of_acme.1[0]["code"], "team_unknown");
    assert_eq!(of_acme, code(Uuid::now_v7()).await);
    for user in [scene.ada.user, Uuid::now_v7()] {
        let body = json!({ "app": "Editor", "user_id": user });
        let (status, problem) = bolt.admin.post("/api/rules/test", body).await;
        assert_eq!(
            (status, &problem["errors"][0]["code"]),
            (422, &json!("employee_unknown"))
        );
    }
}

#[actix_web::test]
async fn only_admins_see_and_change_rules_and_everybody_sees_the_own_categories() {
    let scene = scene().await;
    work(&scene, scene.ada.user, DAY);
    settle(&scene.app);
    for client in [&scene.ada, &scene.acme.owner] {
        assert_eq!(client.get("/api/rules").await.0, 403);
        assert_eq!(client.get("/api/rules/reclassification").await.0, 403);
        assert_eq!(client.get("/api/rules/candidates").await.0, 403);
        assert_eq!(put(client, Some("*"), json!([])).await.0, 403);
        let body = json!({ "app": "Editor" });
        assert_eq!(client.post("/api/rules/test", body).await.0, 403);
    }
    for path in ["/api/usage/categories", "/api/usage?by=category"] {
        assert_eq!(scene.acme.owner.get(path).await.0, 403, "{path}");
    }
    let range = format!("from={DAY}&to={DAY}");
    let own = sums(&[("unclassified", 500)]);
    assert_eq!(categories(&scene.ada, &range).await, own);
    assert_eq!(categories(&scene.bob, &range).await, sums(&[]));
    let path = format!("/api/usage/categories?{range}&user_id={}", scene.ada.user);
    assert_eq!(scene.bob.get(&path).await.0, 404);
    let broken_down = format!("/api/usage?by=category&{range}&user_id={}", scene.ada.user);
    assert_eq!(scene.bob.get(&broken_down).await.0, 404);
    // Who looks at one person leaves a note there.
    assert_eq!(scene.acme.admin.get(&path).await.0, 200);
    let (_, looks) = scene.ada.get("/api/me/access-entries").await;
    assert_eq!(looks["items"][0]["kind"], "usage", "{looks}");
    let path = format!("/api/usage?by=category&{range}&app=Editor");
    assert_eq!(scene.acme.admin.get(&path).await.0, 422);
    let path = format!("/api/usage?by=app&{range}&category=neutral");
    assert_eq!(scene.acme.admin.get(&path).await.0, 422);
}

#[actix_web::test]
async fn a_list_that_cannot_be_used_is_refused_with_the_place() {
    let scene = scene().await;
    let admin = &scene.acme.admin;
    let regex = |pattern: &str| json!({ "field": "title", "kind": "regex", "pattern": pattern, "category": "neutral" });
    let a = rule("app", "a", "neutral");
    for (rules, pointer, code) in [
        (
            json!([a, regex("(")]),
            "/items/1/pattern",
            "rule_pattern_invalid",
        ),
        (
            json!([regex("\\w{400}")]),
            "/items/0/pattern",
            "rule_pattern_invalid",
        ),
        (
            json!([a, rule("app", "a", "productive")]),
            "/items/1/pattern",
            "rule_twice",
        ),
        (
            json!(
                (0..201)
                    .map(|n| rule("app", &n.to_string(), "neutral"))
                    .collect::<Vec<_>>()
            ),
            "/items",
            "rules_too_many",
        ),
    ] {
        let (status, problem) = put(admin, Some("*"), rules).await;
        assert_eq!(status, 422, "{problem}");
        let error = &problem["errors"][0];
        assert_eq!(
            (&error["pointer"], &error["code"]),
            (&json!(pointer), &json!(code))
        );
    }
    for body in [
        rule("path", "a", "neutral"),
        rule("app", "a", "unclassified"),
        rule("app", "", "neutral"),
        rule("app", &"a".repeat(151), "neutral"),
    ] {
        let (status, problem) = put(admin, Some("*"), json!([body])).await;
        assert_eq!(status, 422, "{problem}");
    }
    let most: Vec<_> = (0..200)
        .map(|n| rule("title", &format!("{n:0>150}"), "unproductive"))
        .collect();
    assert_eq!(
        set(admin, json!(most)).await["items"]
            .as_array()
            .unwrap()
            .len(),
        200
    );
    let (status, problem) = admin.post("/api/rules/test", json!({})).await;
    assert_eq!(
        (status, &problem["errors"][0]["code"]),
        (422, &json!("rule_test_empty")),
        "{problem}"
    );
}

#[actix_web::test]
async fn who_saw_another_list_is_refused_and_every_change_is_written_down() {
    let scene = scene().await;
    let admin = &scene.acme.admin;
    let answer = admin
        .request(Method::GET, "/api/rules")
        .send()
        .await
        .unwrap();
    let tag = answer.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(read(answer).await.1, json!({ "items": [], "version": 0 }));
    let (a, b) = (
        rule("app", "a", "neutral"),
        rule("host", "b.test", "productive"),
    );
    assert_eq!(put(admin, None, json!([a])).await.0, 428);
    assert_eq!(put(admin, Some(&tag), json!([a, b])).await.0, 200);
    assert_eq!(put(admin, Some(&tag), json!([b])).await.0, 412);
    // The same list is no change.
    assert_eq!(set(admin, json!([a, b])).await["version"], 1);
    set(admin, json!([b, a])).await;
    set(admin, json!([rule("host", "b.test", "neutral")])).await;
    let written = rows(
        &mut scene.app.copy.admin(),
        "SELECT action, detail FROM tenant.audit_entries WHERE action LIKE 'rule%' ORDER BY id",
    );
    assert_eq!(
        written,
        [
            json!({ "action": "rule.created", "detail": { "after": a } }),
            json!({ "action": "rule.created", "detail": { "after": b } }),
            json!({ "action": "rules.reordered", "detail": { "rules": 2 } }),
            json!({ "action": "rule.deleted", "detail": { "before": a } }),
            json!({ "action": "rule.changed", "detail": { "field": "host", "kind": "glob", "pattern": "b.test",
                "before": { "category": "productive" }, "after": { "category": "neutral" } } }),
        ]
    );
}

/// The same numbers each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % end
    }
}

/// Both changes of Berlin's clocks, and the days around them.
const DAYS: [&str; 6] = [
    "2026-03-28",
    "2026-03-29",
    "2026-03-30",
    "2026-10-24",
    "2026-10-25",
    "2026-10-26",
];

/// Second by second, in the plainest way: seconds by day and category, not yet whole ones.
fn plain(
    app: &App,
    judge: impl Fn(&str, &str) -> &'static str,
) -> HashMap<(Uuid, NaiveDate), BTreeMap<&'static str, f64>> {
    let mut conn = app.copy.admin();
    let number = |row: &Value, name: &str| row[name].as_i64().unwrap();
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    let mut observed: HashMap<(String, i64), BTreeMap<String, i64>> = HashMap::new();
    for row in rows(
        &mut conn,
        "SELECT a.user_id, s.device_id, extract(epoch FROM a.started_at)::bigint / 60 AS minute, sum(active_seconds + idle_seconds) AS seconds \
         FROM tenant.activity_log a JOIN tenant.work_sessions s ON s.id = a.session_id GROUP BY 1, 2, 3",
    ) {
        let of = (text(&row, "user_id"), number(&row, "minute"));
        observed
            .entry(of)
            .or_default()
            .insert(text(&row, "device_id"), number(&row, "seconds").min(60));
    }
    let mut in_front = |table: &str, name: &str| {
        let mut front: HashMap<(String, i64), (i64, String)> = HashMap::new();
        for row in rows(
            &mut conn,
            &format!(
                "SELECT s.device_id, u.{name} AS name, extract(epoch FROM u.started_at)::bigint AS at, seconds \
                 FROM tenant.{table} u JOIN tenant.work_sessions s ON s.id = u.session_id"
            ),
        ) {
            let (device, at) = (text(&row, "device_id"), number(&row, "at"));
            for second in at..at + number(&row, "seconds") {
                let mine = (at, text(&row, "name"));
                let one = front
                    .entry((device.clone(), second))
                    .or_insert(mine.clone());
                *one = one.clone().max(mine);
            }
        }
        front
    };
    let apps = in_front("application_usage", "app");
    let hosts = in_front("website_usage", "host");
    let mut days: HashMap<(Uuid, NaiveDate), BTreeMap<&str, f64>> = HashMap::new();
    for ((user, minute), devices) in observed {
        let longest = devices
            .iter()
            .map(|(device, seconds)| (*seconds, std::cmp::Reverse(device)));
        let (tracked, device) = longest.max().unwrap();
        let mut parts: BTreeMap<&str, f64> = BTreeMap::new();
        let mut filled = 0.0_f64;
        for second in minute * 60..minute * 60 + 60 {
            let at = (device.0.clone(), second);
            let (app, host) = (apps.get(&at), hosts.get(&at));
            if app.is_some() || host.is_some() {
                let name = |of: Option<&(i64, String)>| of.map_or(String::new(), |of| of.1.clone());
                *parts.entry(judge(&name(app), &name(host))).or_default() += 1.0;
                filled += 1.0;
            }
        }
        let tracked = f64::from(i32::try_from(tracked).unwrap());
        let at = DateTime::from_timestamp(minute * 60, 0).unwrap();
        let day = at
            .with_timezone(&chrono_tz::Tz::Europe__Berlin)
            .date_naive();
        let sums = days.entry((user.parse().unwrap(), day)).or_default();
        for (category, seconds) in parts {
            *sums.entry(category).or_default() += seconds * tracked / filled.max(tracked);
        }
        *sums.entry("unclassified").or_default() += (tracked - filled).max(0.0);
    }
    days
}

#[actix_web::test]
async fn categories_equal_a_plain_count_and_share_the_tracked_time_among_them() {
    let scene = scene().await;
    let mut chance = Chance(20_261_122);
    for user in [scene.ada.user, scene.bob.user] {
        for _ in 0..2 {
            let mut desk = Feed::new(&scene.app, scene.acme.id, user, "2026-03-27T00:00:00Z");
            for day in DAYS {
                for _ in 0..2 {
                    let at = |chance: &mut Chance, seconds: bool| {
                        let second = if seconds { chance.below(60) } else { 0 };
                        let (hour, minute) = (chance.below(24), chance.below(60));
                        format!("{day}T{hour:02}:{minute:02}:{second:02}Z")
                    };
                    let from = at(&mut chance, false);
                    desk.minutes(&from, 40, i32::try_from(chance.below(50)).unwrap(), 10);
                    let late = at(&mut chance, true);
                    for from in [&from, &late] {
                        let long =
                            |chance: &mut Chance| i32::try_from(chance.below(4_000)).unwrap();
                        let app =
                            ["editor", "mail", "call"][usize::try_from(chance.below(3)).unwrap()];
                        desk.app(app, "", from, long(&mut chance));
                        let host =
                            ["docs.test", "news.test"][usize::try_from(chance.below(2)).unwrap()];
                        desk.site(host, from, long(&mut chance));
                    }
                }
            }
            desk.batch("2026-03-27", "2026-10-27");
        }
    }
    set(
        &scene.acme.admin,
        json!([
            rule("app", "call", "neutral"),
            rule("host", "news.test", "unproductive"),
            rule("app", "editor", "productive"),
        ]),
    )
    .await;
    settle(&scene.app);
    let plain = plain(&scene.app, |app, host| match (app, host) {
        ("call", _) => "neutral",
        (_, "news.test") => "unproductive",
        ("editor", _) => "productive",
        _ => "unclassified",
    });
    let tracked: HashMap<(Uuid, NaiveDate), i64> = rows(
        &mut scene.app.copy.admin(),
        "SELECT user_id, day, tracked_seconds FROM tenant.user_usage_daily WHERE tracked_seconds > 0",
    )
    .into_iter()
    .map(|row| {
        let of = |name: &str| row[name].as_str().unwrap();
        ((of("user_id").parse().unwrap(), of("day").parse().unwrap()), row["tracked_seconds"].as_i64().unwrap())
    })
    .collect();
    assert!(plain.len() > 8 && plain.len() == tracked.len());
    let mut seen = 0;
    for ((user, day), expected) in plain {
        let query = format!("from={day}&to={day}&user_id={user}");
        let found = categories(&scene.acme.admin, &query).await;
        assert_eq!(
            found.values().sum::<i64>(),
            tracked[&(user, day)],
            "{user} {day}"
        );
        for category in ["productive", "neutral", "unproductive", "unclassified"] {
            let (found, expected) = (
                found.get(category).copied().unwrap_or_default(),
                expected.get(category).copied().unwrap_or_default(),
            );
            let found = f64::from(i32::try_from(found).unwrap());
            assert!(
                (found - expected).abs() <= 1.0,
                "{user} {day} {category}: {found} for {expected}"
            );
            seen += i32::from(found > 0.0);
        }
    }
    assert!(seen > 20, "{seen} sums: the comparison saw something");
}
