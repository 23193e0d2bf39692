//! Reports: every grouping against a plain count of the same days, lateness by the clock on the wall, files, and who may know.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use chrono::{Datelike, Days, NaiveDate};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::pair::{Scene, scene};
use crate::app::Client;
use crate::feed::{execute, rows, settle};
use crate::paper::Paper;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A day of somebody's, and one name of it.
#[derive(Debug, Clone)]
struct Fact {
    user: Uuid,
    day: NaiveDate,
    name: String,
    seconds: i64,
}

/// The same days each time, with gaps: all of January to March 2026.
fn record(scene: &Scene) -> (Vec<Fact>, Vec<Fact>) {
    let (mut hours, mut apps) = (Vec::new(), Vec::new());
    let mut days = Vec::new();
    let mut names = Vec::new();
    let people = [scene.ada.user, scene.bob.user, scene.cid.user];
    for (who, user) in (1_i64..).zip(people) {
        for of in day("2026-01-01").iter_days().take(90) {
            let number = i64::from(of.ordinal());
            if (number + who) % 5 == 0 {
                continue;
            }
            let seconds = 3_600 + number * 61 * who % 9_000;
            days.push(format!("('{}', '{user}', '{of}', {seconds}, {}, {}, 3, 2, 1, 0, 0, 9, '{of} 08:0{who}:00+01', '{of} 16:00:00+01')",
                scene.acme.id, seconds / 2, seconds - seconds / 2));
            hours.push(Fact {
                user,
                day: of,
                name: String::new(),
                seconds,
            });
            for (at, name) in (1..).zip(["editor", "mail", "call"]) {
                if (number + at) % 3 == 0 {
                    continue;
                }
                let seconds = 60 * at + number * who % 17;
                names.push(format!(
                    "('{}', '{user}', '{of}', '{name}', {seconds})",
                    scene.acme.id
                ));
                apps.push(Fact {
                    user,
                    day: of,
                    name: name.to_owned(),
                    seconds,
                });
            }
        }
    }
    let conn = &mut scene.app.copy.admin();
    execute(
        conn,
        &format!(
            "INSERT INTO tenant.user_usage_daily (company_id, user_id, day, tracked_seconds, active_seconds, idle_seconds, keystrokes, \
               mouse_events, sessions, screenshots, screenshot_bytes, events, first_at, last_at) VALUES {}",
            days.join(", ")
        ),
    );
    let names = names.join(", ");
    for (table, name) in [
        ("user_app_usage_daily", "app"),
        ("user_host_usage_daily", "host"),
    ] {
        execute(
            conn,
            &format!(
                "INSERT INTO tenant.{table} (company_id, user_id, day, {name}, seconds) VALUES {names}"
            ),
        );
    }
    (hours, apps)
}

fn key(dim: &str, fact: &Fact, on: NaiveDate, team: impl Fn(Uuid) -> String) -> String {
    match dim {
        "person" => fact.user.to_string(),
        "team" => team(fact.user),
        "day" => on.to_string(),
        "week" => (on - Days::new(u64::from(on.weekday().num_days_from_monday()))).to_string(),
        "month" => on.with_day(1).unwrap().to_string(),
        _ => fact.name.clone(),
    }
}

/// What a row of an answer stands for.
fn key_of(key: &Value) -> String {
    let text = |name: &str| key[name].as_str().map(str::to_owned);
    text("id")
        .or(text("day"))
        .or(text("name"))
        .unwrap_or_default()
}

type Found = BTreeMap<(String, String), (Option<i64>, Option<i64>)>;

/// Every page of a report: the first column and that of the stretch before; and the first page.
async fn all(client: &Client, query: &str) -> (Found, Value) {
    let (mut found, mut cursor) = (Found::new(), String::new());
    let mut first = Value::Null;
    loop {
        let path = format!("/api/reports?{query}&limit=7{cursor}");
        let (status, page) = client.get(&path).await;
        assert_eq!(status, 200, "{query}: {page}");
        for item in page["items"].as_array().unwrap() {
            let key = (key_of(&item["group"]), key_of(&item["sub"]));
            let figures = (item["values"][0].as_i64(), item["previous"][0].as_i64());
            assert_eq!(found.insert(key, figures), None, "{query}: twice {item}");
        }
        let next = page["next_cursor"]
            .as_str()
            .map(|next| format!("&cursor={next}"));
        if first.is_null() {
            first = page;
        }
        match next {
            Some(next) => cursor = next,
            None => return (found, first),
        }
    }
}

#[actix_web::test]
async fn every_grouping_equals_a_plain_count_also_of_the_days_before() {
    let scene = scene().await;
    let (hours, apps) = record(&scene);
    let members = [scene.ada.user, scene.bob.user];
    let team = |user: Uuid| match members.contains(&user) {
        true => scene.team.to_string(),
        false => String::new(),
    };
    let mut looked = 0;
    // Whole months beside whole months, and as many days beside days.
    let periods = [
        ("2026-03-01", "2026-03-31", "2026-02-01", "2026-02-28"),
        ("2026-02-10", "2026-03-05", "2026-01-17", "2026-02-09"),
    ];
    for (from, to, before_from, before_to) in periods {
        let [from, to, before_from, before_to] = [from, to, before_from, before_to].map(day);
        let beside = |of: NaiveDate| match from.day() == 1 {
            true => of + chrono::Months::new(1),
            false => of + (from - before_from),
        };
        for (kind, facts, item) in [
            ("hours", &hours, ""),
            ("apps", &apps, "app"),
            ("sites", &apps, "host"),
        ] {
            for (group, sub) in [
                ("person", ""),
                ("team", ""),
                ("day", ""),
                ("week", ""),
                ("person", "day"),
                ("month", "team"),
                ("day", "person"),
                (item, "person"),
                (item, ""),
                ("person", item),
                ("week", item),
            ] {
                if group.is_empty() || (sub.is_empty() && item == "host") {
                    continue;
                }
                for (filter, whose) in [
                    (
                        String::new(),
                        vec![scene.ada.user, scene.bob.user, scene.cid.user],
                    ),
                    (format!("&team_id={}", scene.team), members.to_vec()),
                    (format!("&user_id={}", scene.cid.user), vec![scene.cid.user]),
                ] {
                    let mut expected: BTreeMap<(String, String), (Option<i64>, Option<i64>)> =
                        BTreeMap::new();
                    for fact in facts.iter().filter(|fact| whose.contains(&fact.user)) {
                        let add =
                            |sum: &mut Option<i64>| *sum = Some(sum.unwrap_or(0) + fact.seconds);
                        let keys = |on: NaiveDate| {
                            let sub = match sub.is_empty() {
                                true => String::new(),
                                false => key(sub, fact, on, team),
                            };
                            (key(group, fact, on, team), sub)
                        };
                        if (from..=to).contains(&fact.day) {
                            add(&mut expected.entry(keys(fact.day)).or_default().0);
                        }
                        if (before_from..=before_to).contains(&fact.day) {
                            add(&mut expected.entry(keys(beside(fact.day))).or_default().1);
                        }
                    }
                    let by = if sub.is_empty() {
                        String::new()
                    } else {
                        format!("&sub={sub}")
                    };
                    for sort in ["value", "name"] {
                        let query = format!(
                            "kind={kind}&group={group}{by}&from={from}&to={to}&compare=previous&sort={sort}{filter}"
                        );
                        let (found, page) = all(&scene.acme.admin, &query).await;
                        assert_eq!(found, expected, "{query}");
                        type Figures = (Option<i64>, Option<i64>);
                        let sum = |of: fn(&Figures) -> Option<i64>| {
                            expected.values().filter_map(of).sum::<i64>()
                        };
                        assert_eq!(page["totals"][0], sum(|row| row.0), "{query}");
                        assert_eq!(page["previous_totals"][0], sum(|row| row.1), "{query}");
                        let chart = page["chart"].as_array().unwrap();
                        let drawn = |name: &str| {
                            chart
                                .iter()
                                .filter_map(|point| point[name].as_i64())
                                .sum::<i64>()
                        };
                        assert_eq!(
                            (drawn("value"), drawn("previous")),
                            (sum(|row| row.0), sum(|row| row.1)),
                            "{query}"
                        );
                    }
                    looked += expected.len();
                }
            }
        }
    }
    assert!(
        looked > 2_000,
        "{looked} rows: the comparison saw something"
    );
}

#[actix_web::test]
async fn the_most_comes_first_and_time_runs_forward() {
    let scene = scene().await;
    record(&scene);
    let days = "from=2026-01-01&to=2026-03-31";
    let (_, page) = scene
        .acme
        .admin
        .get(&format!("/api/reports?kind=apps&{days}"))
        .await;
    let values: Vec<i64> = (page["items"].as_array().unwrap().iter())
        .map(|row| row["values"][0].as_i64().unwrap())
        .collect();
    assert!(values.is_sorted_by(|one, next| one >= next), "{values:?}");
    let (_, page) = scene
        .acme
        .admin
        .get(&format!("/api/reports?group=week&sub=person&{days}"))
        .await;
    let weeks: Vec<_> = (page["items"].as_array().unwrap().iter())
        .map(|row| key_of(&row["group"]))
        .collect();
    assert!(weeks.is_sorted(), "{weeks:?}");
    assert_eq!(page["chart_unit"], "day");
    let (_, page) = scene
        .acme
        .admin
        .get("/api/reports?from=2025-12-01&to=2026-03-31")
        .await;
    assert_eq!(page["chart_unit"], "week");
    let (_, page) = scene
        .acme
        .admin
        .get("/api/reports?from=2025-05-01&to=2026-03-31")
        .await;
    assert_eq!(page["chart_unit"], "month");
    assert_eq!(page["time_zone"], "Europe/Berlin");
}

/// Hours from nine, on weekdays and Sundays: Sunday is when the clocks change.
fn hours_from_nine(scene: &Scene) {
    execute(
        &mut scene.app.copy.admin(),
        "UPDATE tenant.company_settings SET tracking_days = '{1,2,3,4,5,7}', tracking_from = '09:00', tracking_to = '17:00'",
    );
}

fn came(scene: &Scene, user: Uuid, day: &str, first_at: &str) {
    execute(
        &mut scene.app.copy.admin(),
        &format!(
            "INSERT INTO tenant.user_usage_daily (company_id, user_id, day, tracked_seconds, active_seconds, idle_seconds, keystrokes, \
               mouse_events, sessions, screenshots, screenshot_bytes, events, first_at, last_at) \
             VALUES ('{}', '{user}', '{day}', 3600, 3600, 0, 0, 0, 1, 0, 0, 1, '{first_at}', '{day} 15:00:00Z')",
            scene.acme.id
        ),
    );
}

fn figure(page: &Value, row: &Value, name: &str) -> Option<i64> {
    let columns = page["columns"].as_array().unwrap();
    let at = columns.iter().position(|column| column["key"] == name);
    row["values"][at.unwrap()].as_i64()
}

#[actix_web::test]
async fn who_is_late_is_told_by_the_hours_in_force_for_them() {
    let scene = scene().await;
    hours_from_nine(&scene);
    for who in [&scene.ada, &scene.bob, &scene.cid] {
        came(&scene, who.user, "2026-03-26", "2026-03-26T08:15:00Z");
    }
    for (whose, id, from) in [
        ("team_id", scene.team, "10:00"),
        ("user_id", scene.bob.user, "08:00"),
    ] {
        execute(
            &mut scene.app.copy.admin(),
            &format!(
                "INSERT INTO tenant.setting_overrides (company_id, id, {whose}, tracking_days, tracking_from, tracking_to) \
                 VALUES ('{}', gen_random_uuid(), '{id}', '{{4}}', '{from}', '17:00')",
                scene.acme.id
            ),
        );
    }
    let query = "kind=attendance&group=person&from=2026-03-26&to=2026-03-26&compare=previous";
    let (status, page) = scene.acme.admin.get(&format!("/api/reports?{query}")).await;
    assert_eq!(status, 200, "{page}");
    let late = |who: &Client| {
        let items = page["items"].as_array().unwrap();
        let row = items
            .iter()
            .find(|row| row["group"]["id"] == json!(who.user));
        figure(&page, row.unwrap(), "late_seconds")
    };
    assert_eq!(
        [&scene.ada, &scene.bob, &scene.cid].map(late),
        [Some(0), Some(4500), Some(900)]
    );
}

#[actix_web::test]
async fn who_is_late_is_told_by_the_clock_on_the_wall() {
    let scene = scene().await;
    hours_from_nine(&scene);
    for (day, first_at) in [
        // At nine in winter, and a quarter past.
        ("2026-03-27", "2026-03-27T08:00:00Z"),
        ("2026-03-26", "2026-03-26T08:15:00Z"),
        // Nobody is due on a Saturday.
        ("2026-03-28", "2026-03-28T12:00:00Z"),
        // The clocks went forward in the night: nine is an hour earlier than the day before.
        ("2026-03-29", "2026-03-29T07:10:00Z"),
        ("2026-03-30", "2026-03-30T07:00:00Z"),
        // And back: what was late in summer is in time.
        ("2026-10-25", "2026-10-25T08:00:00Z"),
        ("2026-10-26", "2026-10-26T08:01:00Z"),
    ] {
        came(&scene, scene.ada.user, day, first_at);
    }
    let late = |page: &Value, row: &Value| figure(page, row, "late_seconds").unwrap();
    let query = "kind=attendance&group=person&sub=day&from=2026-03-26&to=2026-10-26";
    let (_, page) = scene.acme.admin.get(&format!("/api/reports?{query}")).await;
    let found: Vec<_> = (page["items"].as_array().unwrap().iter())
        .map(|row| (key_of(&row["sub"]), late(&page, row)))
        .collect();
    let expected = [
        ("2026-03-26", 900),
        ("2026-03-27", 0),
        ("2026-03-28", 0),
        ("2026-03-29", 600),
        ("2026-03-30", 0),
        ("2026-10-25", 0),
        ("2026-10-26", 60),
    ];
    assert_eq!(
        found,
        expected.map(|(day, late)| (day.to_owned(), late)),
        "{page}"
    );
    assert_eq!(
        figure(&page, &page["items"][3], "first_at"),
        Some(
            "2026-03-29T07:10:00Z"
                .parse::<chrono::DateTime<chrono::Utc>>()
                .unwrap()
                .timestamp()
        )
    );
    let (_, page) = scene
        .acme
        .admin
        .get("/api/reports?kind=attendance&from=2026-03-26&to=2026-10-26")
        .await;
    let row = &page["items"][0];
    assert_eq!(figure(&page, row, "late_days"), Some(3));
    assert_eq!(figure(&page, row, "days"), Some(7));
    // 9:15, 9:00, 13:00, 9:10, 9:00, 9:00 and 9:01 on the wall.
    assert_eq!(
        figure(&page, row, "first_clock"),
        Some((33_300 + 32_400 + 46_800 + 33_000 + 32_400 + 32_400 + 32_460) / 7)
    );
    assert_eq!(page["has_schedule"], true);
    // Compared with other days the schedule of those holds.
    let query = "kind=attendance&from=2026-03-28&to=2026-03-30&compare=previous";
    let (_, page) = scene.acme.admin.get(&format!("/api/reports?{query}")).await;
    let columns = page["columns"].as_array().unwrap();
    let at = columns
        .iter()
        .position(|column| column["key"] == "late_seconds")
        .unwrap();
    assert_eq!(
        (&page["totals"][at], &page["previous_totals"][at]),
        (&json!(600), &json!(900))
    );
    // Of hours through the night nobody can tell.
    execute(
        &mut scene.app.copy.admin(),
        "UPDATE tenant.company_settings SET tracking_from = '22:00', tracking_to = '06:00'",
    );
    let (_, page) = scene
        .acme
        .admin
        .get("/api/reports?kind=attendance&from=2026-03-26&to=2026-10-26")
        .await;
    assert_eq!(figure(&page, &page["items"][0], "late_days"), Some(0));
    assert_eq!(page["has_schedule"], false);
}

#[actix_web::test]
async fn a_task_has_what_it_took_beside_what_it_was_thought_to_take() {
    let scene = scene().await;
    let task = json!({ "title": "Print", "estimate_seconds": 7200 });
    let (_, task) = scene.acme.admin.post("/api/tasks", task).await;
    let task = task["id"].as_str().unwrap().to_owned();
    for (user, day, seconds) in [
        (scene.ada.user, "2026-02-27", 1000),
        (scene.ada.user, "2026-03-02", 3000),
        (scene.bob.user, "2026-03-03", 4000),
        (scene.bob.user, "2026-04-03", 9000),
    ] {
        execute(
            &mut scene.app.copy.admin(),
            &format!(
                "INSERT INTO tenant.user_task_usage_daily (company_id, user_id, day, task_id, tracked_seconds) \
                 VALUES ('{}', '{user}', '{day}', '{task}', {seconds})",
                scene.acme.id
            ),
        );
    }
    let days = "from=2026-03-01&to=2026-03-31";
    let (status, page) = scene
        .acme
        .admin
        .get(&format!("/api/reports?kind=tasks&{days}&compare=previous"))
        .await;
    assert_eq!(status, 200, "{page}");
    let row = &page["items"][0];
    assert_eq!(row["group"], json!({ "id": task, "name": "Print" }));
    let names: Vec<_> = page["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["key"].clone())
        .collect();
    assert_eq!(
        names,
        [
            "tracked_seconds",
            "total_seconds",
            "estimate_seconds",
            "people"
        ]
    );
    assert_eq!(row["values"], json!([7000, 8000, 7200, 2]));
    assert_eq!(row["previous"], json!([1000, 1000, 7200, 1]));
    assert_eq!(page["totals"], row["values"]);
    let (_, by_person) = scene
        .acme
        .admin
        .get(&format!(
            "/api/reports?kind=tasks&group=person&sub=task&{days}"
        ))
        .await;
    assert_eq!(
        by_person["items"].as_array().unwrap().len(),
        2,
        "{by_person}"
    );
    // An employee's is the own time, also of a task that is somebody else's.
    let (_, own) = scene
        .ada
        .get(&format!("/api/reports?kind=tasks&{days}"))
        .await;
    assert_eq!(own["items"][0]["values"][0], 3000, "{own}");
    assert_eq!(own["items"][0]["values"][1], 4000, "{own}");
    assert_eq!(own["items"][0]["group"]["name"], "");
}

#[actix_web::test]
async fn time_is_told_by_category_and_beside_the_days_before() {
    let scene = scene().await;
    for (user, day, category, seconds) in [
        (scene.ada.user, "2026-02-27", "neutral", 500),
        (scene.ada.user, "2026-03-02", "productive", 3000),
        (scene.ada.user, "2026-03-02", "unproductive", 400),
        (scene.ada.user, "2026-03-03", "productive", 1000),
        (scene.bob.user, "2026-03-03", "unclassified", 700),
    ] {
        execute(
            &mut scene.app.copy.admin(),
            &format!(
                "INSERT INTO tenant.user_category_usage_daily (company_id, user_id, day, category, seconds) \
                 VALUES ('{}', '{user}', '{day}', '{category}', {seconds})",
                scene.acme.id
            ),
        );
    }
    let admin = &scene.acme.admin;
    let of = "kind=categories&from=2026-03-01&to=2026-03-31&compare=previous";
    let (status, page) = admin.get(&format!("/api/reports?{of}")).await;
    assert_eq!(status, 200, "{page}");
    let columns = page["columns"].as_array().unwrap();
    let names: Vec<_> = columns.iter().map(|one| one["key"].clone()).collect();
    assert_eq!(
        names,
        [
            "tracked_seconds",
            "productive_seconds",
            "neutral_seconds",
            "unproductive_seconds",
            "unclassified_seconds"
        ]
    );
    let rows = page["items"].as_array().unwrap();
    assert_eq!(rows.len(), 2, "{page}");
    assert_eq!(rows[0]["group"]["id"], json!(scene.ada.user));
    assert_eq!(rows[0]["values"], json!([4400, 4000, 0, 400, 0]));
    assert_eq!(rows[0]["previous"], json!([500, 0, 500, 0, 0]));
    assert_eq!(rows[1]["values"], json!([700, 0, 0, 0, 700]));
    assert_eq!(page["totals"], json!([5100, 4000, 0, 400, 700]));
    let (_, days) = admin.get(&format!("/api/reports?{of}&group=day")).await;
    let first = &days["items"][0];
    assert_eq!(first["values"], json!([3400, 3000, 0, 400, 0, 1]), "{days}");
    let (_, teams) = admin.get(&format!("/api/reports?{of}&group=team")).await;
    assert_eq!(teams["totals"], json!([5100, 4000, 0, 400, 700, 2]));
    // A list of what each of them did is a look at each.
    let noted = crate::feed::rows(
        &mut scene.app.copy.admin(),
        "SELECT count(DISTINCT subject_id) AS n FROM tenant.access_entries WHERE kind = 'usage'",
    );
    assert_eq!(noted[0]["n"], 2);
    let (_, own) = scene.bob.get(&format!("/api/reports?{of}")).await;
    assert_eq!(own["totals"], json!([700, 0, 0, 0, 700]));
    let (status, problem) = admin.get(&format!("/api/reports?{of}&group=app")).await;
    assert_eq!(
        (status, &problem["errors"][0]["pointer"]),
        (422, &json!("group"))
    );
    for format in ["csv", "xlsx", "pdf"] {
        let path = format!("/api/reports/export?{of}&format={format}");
        let file = admin.request(Method::GET, &path).send().await.unwrap();
        assert_eq!(file.status(), 200, "{format}");
        if format == "csv" {
            let text = file.text().await.unwrap();
            assert!(text.contains("unproductive_seconds"), "{text}");
            assert!(text.contains(",4400,4000,0,400,0"), "{text}");
        }
    }
}

#[actix_web::test]
async fn nobody_reads_of_others_but_the_companys_admins() {
    let scene = scene().await;
    record(&scene);
    let bolt = scene.app.company("Bolt").await;
    let (ada, team, days) = (scene.ada.user, scene.team, "from=2026-03-01&to=2026-03-31");
    for path in ["/api/reports", "/api/reports/export"] {
        for kind in [
            "hours",
            "attendance",
            "apps",
            "sites",
            "activity",
            "categories",
            "tasks",
        ] {
            let of = format!("{path}?kind={kind}&{days}");
            assert_eq!(scene.acme.owner.get(&of).await.0, 403, "{of}");
            assert_eq!(scene.app.anonymous().get(&of).await.0, 401, "{of}");
            let other = format!("{of}&user_id={ada}");
            assert_eq!(scene.bob.get(&other).await.0, 404, "{other}");
            for foreign in [
                format!("user_id={ada}"),
                format!("team_id={team}"),
                format!("user_id={}", Uuid::now_v7()),
            ] {
                let of = format!("{of}&{foreign}");
                assert_eq!(bolt.admin.get(&of).await.0, 404, "{of}");
            }
        }
        for (bad, pointer) in [
            ("kind=hours&group=app", "group"),
            ("kind=apps&group=host", "group"),
            ("kind=sites&sub=task", "sub"),
            ("group=person&sub=person", "sub"),
            ("from=2026-11-18&to=2026-11-17", "from"),
            ("from=2025-01-01&to=2026-11-17", "from"),
        ] {
            let (status, problem) = scene.acme.admin.get(&format!("{path}?{bad}")).await;
            assert_eq!(status, 422, "{bad}: {problem}");
            assert_eq!(problem["errors"][0]["pointer"], pointer, "{bad}: {problem}");
        }
    }
    let (found, _) = all(&bolt.admin, days).await;
    assert_eq!(found.len(), 0);
    // An employee has own rows, whatever is asked for, and leaves no note with oneself.
    for query in [
        "group=person",
        "group=team&sub=day",
        "kind=apps&group=app&sub=person",
        "kind=attendance",
    ] {
        let (mine, _) = all(&scene.ada, &format!("{query}&{days}")).await;
        let (of_ada, _) = all(&scene.acme.admin, &format!("{query}&{days}&user_id={ada}")).await;
        assert_eq!(mine, of_ada, "{query}");
        assert!(!mine.is_empty());
    }
    let (_, page) = scene
        .acme
        .admin
        .get(&format!("/api/reports?group=day&limit=1&{days}"))
        .await;
    let cursor = page["next_cursor"].as_str().unwrap();
    for other in [
        "group=week",
        "group=day&kind=activity",
        &format!("group=day&team_id={team}"),
        "group=day&sort=name",
    ] {
        let path = format!("/api/reports?{other}&{days}&limit=1&cursor={cursor}");
        assert_eq!(scene.acme.admin.get(&path).await.0, 400, "{other}");
    }
    let path = format!("/api/reports?group=day&{days}&cursor={cursor}");
    assert_eq!(bolt.admin.get(&path).await.0, 400, "another company's");
}

#[actix_web::test]
async fn looks_at_one_person_are_noted_and_sums_of_many_are_not() {
    let scene = scene().await;
    record(&scene);
    let (ada, bob, cid) = (scene.ada.user, scene.bob.user, scene.cid.user);
    let days = "from=2026-03-01&to=2026-03-31";
    for (query, whose) in [
        ("?group=person".to_owned(), vec![]),
        ("?group=day".to_owned(), vec![]),
        ("?kind=apps".to_owned(), vec![]),
        ("?kind=apps&group=day".to_owned(), vec![]),
        (format!("?team_id={}", scene.team), vec![]),
        (format!("?kind=apps&user_id={bob}"), vec![bob]),
        (
            "?group=person&sub=day&limit=200".to_owned(),
            vec![ada, bob, cid],
        ),
        ("?kind=attendance".to_owned(), vec![ada, bob, cid]),
        (
            format!("?kind=apps&sub=person&team_id={}", scene.team),
            vec![ada, bob],
        ),
        // In no team is Cid alone.
        ("?group=team".to_owned(), vec![cid]),
        ("/export?kind=attendance".to_owned(), vec![ada, bob, cid]),
        (format!("/export?kind=sites&user_id={cid}"), vec![cid]),
    ] {
        let conn = &mut scene.app.copy.admin();
        execute(conn, "DELETE FROM tenant.access_entries");
        let path = format!("/api/reports{query}&{days}");
        let answer = scene
            .acme
            .admin
            .request(Method::GET, &path)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
        answer.bytes().await.unwrap();
        let noted: BTreeSet<String> = rows(
            conn,
            "SELECT subject_id || ' ' || kind || ' ' || day AS look FROM tenant.access_entries",
        )
        .iter()
        .map(|row| row["look"].as_str().unwrap().to_owned())
        .collect();
        let expected: BTreeSet<_> = whose
            .iter()
            .map(|user| format!("{user} usage 2026-03-31"))
            .collect();
        assert_eq!(noted, expected, "{query}");
    }
    let entries = rows(
        &mut scene.app.copy.admin(),
        "SELECT detail FROM tenant.audit_entries WHERE action = 'report.exported' ORDER BY id",
    );
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0]["detail"]["kind"], "attendance");
    // One's own file is nobody's business.
    let own = scene
        .ada
        .request(Method::GET, &format!("/api/reports/export?{days}"))
        .send()
        .await
        .unwrap();
    assert_eq!(own.status(), 200);
    assert!(own.text().await.unwrap().contains("Ada"));
    let entries = rows(
        &mut scene.app.copy.admin(),
        "SELECT 1 AS one FROM tenant.audit_entries WHERE action = 'report.exported'",
    );
    assert_eq!(entries.len(), 2);
}

#[actix_web::test]
async fn files_have_the_reports_rows_with_typed_cells_and_no_formula() {
    let scene = scene().await;
    record(&scene);
    hours_from_nine(&scene);
    let conn = &mut scene.app.copy.admin();
    execute(
        conn,
        "UPDATE tenant.user_app_usage_daily SET app = '=HYPERLINK(1)' WHERE app = 'call'",
    );
    execute(
        conn,
        "UPDATE tenant.users SET name = '@Ada' WHERE name = 'Ada'",
    );
    let days = "from=2026-01-01&to=2026-03-31";
    let file = async |query: &str| {
        let path = format!("/api/reports/export?{query}&{days}");
        let answer = scene
            .acme
            .admin
            .request(Method::GET, &path)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200, "{query}");
        answer.bytes().await.unwrap().to_vec()
    };
    // More rows than a part has, so that parts follow each other; the same ones as on the pages.
    for query in [
        "group=person&sub=day",
        "group=day&sub=person&compare=previous",
        "kind=apps&group=person&sub=app",
        "kind=apps&group=week&sub=app",
    ] {
        let text = String::from_utf8(file(query).await).unwrap();
        let (found, _) = all(&scene.acme.admin, &format!("{query}&{days}")).await;
        assert_eq!(text.lines().count() - 1, found.len(), "{query}");
        let mut lines: Vec<_> = text.lines().skip(1).collect();
        lines.sort_unstable();
        lines.dedup();
        assert_eq!(lines.len(), found.len(), "{query}: each once");
        assert!(lines.iter().all(|line| {
            !line
                .split(',')
                .any(|cell| cell.starts_with(['=', '@', '+', '\t']))
        }));
    }
    let text = String::from_utf8(file("kind=attendance&group=person&sub=day").await).unwrap();
    let mut lines = text.lines();
    assert_eq!(
        lines.next(),
        Some("person_id,person,day,tracked_seconds,first_at,last_at,late_seconds")
    );
    let ada = lines.find(|line| line.contains("2026-01-02")).unwrap();
    assert!(
        ada.contains(",'@Ada,2026-01-02,") && ada.contains(",2026-01-02T07:01:00Z,"),
        "{ada}"
    );
    let book = file("kind=attendance&group=person&sub=day&format=xlsx").await;
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(book)).unwrap();
    let name = book.sheet_names()[0].clone();
    let cells = book.worksheet_range(&name).unwrap();
    let row: Vec<_> = cells.rows().nth(1).unwrap().to_vec();
    assert!(matches!(row[2], Data::DateTime(_)), "a day: {row:?}");
    assert!(
        matches!(row[3], Data::Float(_) | Data::Int(_)),
        "a number: {row:?}"
    );
    assert!(matches!(row[4], Data::DateTime(_)), "a time: {row:?}");
    assert_eq!(
        book.worksheet_formula(&name).unwrap().used_cells().count(),
        0
    );
    let book = file("kind=attendance&format=xlsx").await;
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(book)).unwrap();
    let cells = book.worksheet_range(&name).unwrap();
    let clock = &cells.rows().nth(1).unwrap()[3];
    assert!(
        matches!(clock, Data::DateTime(at) if (at.as_f64() * 24.0 - 8.0).abs() < 0.1),
        "{clock:?}"
    );
    for (user, name) in [
        (scene.ada.user, "Żółwińska Łucja"),
        (scene.bob.user, "Θεοδώρα Їжак"),
        (scene.cid.user, "Nguyễn Thị عمر"),
    ] {
        let renamed = format!("UPDATE tenant.users SET name = '{name}' WHERE id = '{user}'");
        execute(&mut scene.app.copy.admin(), &renamed);
    }
    let paper = file("kind=attendance&compare=previous&format=pdf").await;
    let paper = Paper::read(&paper);
    for said in [
        "Attendance",
        "Acme: 2026-01-01 to 2026-03-31, days of Europe/Berlin",
        "Page 1 of 1",
        "Late days",
        "Żółwińska Łucja",
        "Θεοδώρα Їжак",
        "Nguyễn Thị ???",
    ] {
        assert_eq!(paper.count(said), 1, "{said}: {}", paper.text());
    }
    assert!(paper.begins("08:0"), "{}", paper.text());
}

/// A second admin of the company.
async fn colleague(scene: &Scene) -> Client {
    let change = scene.acme.admin.step_up(json!({ "role": "ADMIN" }));
    let role = format!("/api/employees/{}/change-role", scene.cid.user);
    let (status, answer) = scene
        .acme
        .admin
        .send(Method::POST, &role, Some(change))
        .await;
    assert_eq!(status, 200, "{answer}");
    scene.app.sign_in(&scene.cid.email).await
}

async fn change(client: &Client, saved: &Value, patch: Value) -> (u16, Value) {
    let path = format!("/api/saved-reports/{}", saved["id"].as_str().unwrap());
    let version = format!("\"{}\"", saved["version"]);
    let request = client
        .request(Method::PATCH, &path)
        .header("If-Match", version);
    crate::app::read(request.json(&patch).send().await.unwrap()).await
}

#[actix_web::test]
async fn a_report_is_saved_shared_renamed_and_deleted_by_whom_it_is_of() {
    let scene = scene().await;
    let other = colleague(&scene).await;
    let admin = &scene.acme.admin;
    let report = json!({ "kind": "apps", "period": "last_month", "group": "team", "sub": "app", "compare": "previous",
        "team_id": scene.team });
    let new = json!({ "name": "Last month", "report": report });
    let (status, saved) = admin.post("/api/saved-reports", new.clone()).await;
    assert_eq!(status, 201, "{saved}");
    assert_eq!(
        (&saved["report"], &saved["is_mine"], &saved["shared"]),
        (&report, &json!(true), &json!(false))
    );
    let path = format!("/api/saved-reports/{}", saved["id"].as_str().unwrap());
    assert_eq!(admin.get(&path).await, (200, saved.clone()));
    let (status, problem) = admin.post("/api/saved-reports", new).await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("saved_reports_name_taken"))
    );
    // Nobody else knows of it until it is shared, and then nobody else changes it.
    for stranger in [&other, &scene.app.company("Bolt").await.admin] {
        assert_eq!(stranger.get(&path).await.0, 404);
        assert_eq!(
            stranger.get("/api/saved-reports").await.1["items"],
            json!([])
        );
        assert_eq!(
            change(stranger, &saved, json!({ "name": "Mine" })).await.0,
            404
        );
        assert_eq!(stranger.send(Method::DELETE, &path, None).await.0, 404);
    }
    let (status, shared) = change(admin, &saved, json!({ "shared": true })).await;
    assert_eq!(
        (status, &shared["shared"], &shared["version"]),
        (200, &json!(true), &json!(2))
    );
    assert_eq!(shared["report"], report, "what is absent stays");
    let (_, theirs) = other.get(&path).await;
    assert_eq!(
        (&theirs["is_mine"], &theirs["created_by"]),
        (&json!(false), &json!("Ada Admin"))
    );
    assert_eq!(
        change(&other, &theirs, json!({ "name": "Mine" })).await.0,
        403
    );
    assert_eq!(other.send(Method::DELETE, &path, None).await.0, 403);
    assert_eq!(
        change(admin, &saved, json!({ "name": "Old" })).await.0,
        412,
        "seen before it was shared"
    );
    for who in [&scene.ada, &scene.acme.owner] {
        assert_eq!(who.get("/api/saved-reports").await.0, 403);
        assert_eq!(who.get(&path).await.0, 403);
    }
    assert_eq!(admin.send(Method::DELETE, &path, None).await.0, 204);
    assert_eq!(admin.get(&path).await.0, 404);
    let done = rows(
        &mut scene.app.copy.admin(),
        "SELECT action FROM tenant.audit_entries WHERE action LIKE 'saved_report.%' ORDER BY id",
    );
    let done: Vec<_> = done
        .iter()
        .map(|row| row["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        done,
        [
            "saved_report.created",
            "saved_report.changed",
            "saved_report.deleted"
        ]
    );
}

#[actix_web::test]
async fn what_could_not_be_asked_for_is_not_saved() {
    let scene = scene().await;
    let bolt = scene.app.company("Bolt").await;
    for (report, status, pointer) in [
        (
            json!({ "kind": "hours", "group": "app" }),
            422,
            json!("group"),
        ),
        (
            json!({ "kind": "hours", "period": "last_week", "from": "2026-01-01" }),
            422,
            json!("/report/period"),
        ),
        (
            json!({ "kind": "hours", "from": "2026-02-01", "to": "2026-01-01" }),
            422,
            json!("from"),
        ),
        (json!({ "kind": "nothing" }), 422, json!("/report/kind")),
        (
            json!({ "kind": "hours", "user_id": bolt.admin.user }),
            404,
            Value::Null,
        ),
        (
            json!({ "kind": "hours", "team_id": Uuid::now_v7() }),
            404,
            Value::Null,
        ),
    ] {
        let new = json!({ "name": "x", "report": report });
        let (found, problem) = scene.acme.admin.post("/api/saved-reports", new).await;
        assert_eq!(found, status, "{report}: {problem}");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    let new = json!({ "name": "", "report": { "kind": "hours" } });
    assert_eq!(
        scene.acme.admin.post("/api/saved-reports", new).await.0,
        422
    );
}

async fn file_of(client: &Client, file: &Value) -> (u16, Vec<u8>) {
    let path = format!("/api/report-files/{}/file", file["id"].as_str().unwrap());
    let answer = client.request(Method::GET, &path).send().await.unwrap();
    let status = answer.status().as_u16();
    (status, answer.bytes().await.unwrap().to_vec())
}

#[actix_web::test]
async fn a_large_report_is_made_by_a_job_and_fetched_by_whoever_asked_for_a_day() {
    let scene = scene().await;
    record(&scene);
    let other = colleague(&scene).await;
    let admin = &scene.acme.admin;
    let query = "kind=attendance&group=person&sub=day&from=2026-01-01&to=2026-03-31";
    let report = json!({ "kind": "attendance", "group": "person", "sub": "day", "from": "2026-01-01", "to": "2026-03-31" });
    for format in ["csv", "xlsx", "pdf"] {
        execute(
            &mut scene.app.copy.admin(),
            "DELETE FROM tenant.access_entries",
        );
        let new = json!({ "name": "Attendance", "report": report, "format": format });
        let (status, file) = admin.post("/api/report-files", new).await;
        assert_eq!((status, &file["state"]), (201, &json!("queued")), "{file}");
        let path = format!("/api/report-files/{}", file["id"].as_str().unwrap());
        assert_eq!(file_of(admin, &file).await.0, 404, "not there yet");
        settle(&scene.app);
        let (_, ready) = admin.get(&path).await;
        assert_eq!(ready["state"], "ready", "{ready}");
        assert_eq!(
            (&ready["parts"], &ready["parts_done"]),
            (&json!(1), &json!(1))
        );
        let noted = rows(
            &mut scene.app.copy.admin(),
            "SELECT DISTINCT subject_id FROM tenant.access_entries WHERE kind = 'usage'",
        );
        assert_eq!(noted.len(), 3, "everybody whose days are in it");
        let (status, bytes) = file_of(admin, &file).await;
        assert_eq!(status, 200);
        if format == "csv" {
            let path = format!("/api/reports/export?{query}");
            let direct = admin.request(Method::GET, &path).send().await.unwrap();
            assert_eq!(bytes, direct.bytes().await.unwrap(), "the same as at once");
        } else {
            let begin: &[u8] = if format == "pdf" { b"%PDF-" } else { b"PK" };
            assert!(bytes.starts_with(begin));
        }
        // The link is its maker's alone.
        for stranger in [&other, &scene.app.company("Bolt").await.admin] {
            assert_eq!(stranger.get(&path).await.0, 404);
            assert_eq!(file_of(stranger, &file).await.0, 404);
            assert_eq!(
                stranger.get("/api/report-files").await.1["items"],
                json!([])
            );
        }
        assert_eq!(file_of(&scene.ada, &file).await.0, 403);
        assert_eq!(file_of(&scene.acme.owner, &file).await.0, 403);
        execute(
            &mut scene.app.copy.admin(),
            "UPDATE tenant.report_files SET expires_at = now() WHERE state = 'ready'",
        );
        assert_eq!(file_of(admin, &file).await.0, 404, "its day is over");
        let find = |conn: &mut _| tracker::jobs::report_files::FILES.find(conn);
        scene.app.state.db.platform_job_blocking(find).unwrap();
        settle(&scene.app);
        assert_eq!(admin.get(&path).await.1["state"], "expired");
    }
    // Nothing is made in the name of who is no admin any more.
    let (_, file) = other
        .post(
            "/api/report-files",
            json!({ "name": "x", "report": report, "format": "csv" }),
        )
        .await;
    let change = admin.step_up(json!({ "role": "EMPLOYEE" }));
    let role = format!("/api/employees/{}/change-role", scene.cid.user);
    assert_eq!(admin.post(&role, change).await.0, 200);
    settle(&scene.app);
    let state = rows(
        &mut scene.app.copy.admin(),
        &format!(
            "SELECT state FROM tenant.report_files WHERE id = '{}'",
            file["id"].as_str().unwrap()
        ),
    );
    assert_eq!(state, [json!({ "state": "failed" })]);
}

#[actix_web::test]
async fn a_saved_report_is_made_once_when_it_is_due_and_its_link_goes_to_admins() {
    let scene = scene().await;
    record(&scene);
    let other = colleague(&scene).await;
    let admin = &scene.acme.admin;
    let new = json!({ "name": "Who came", "report": { "kind": "attendance", "from": "2026-01-01", "to": "2026-03-31" } });
    let (_, saved) = admin.post("/api/saved-reports", new).await;
    let path = format!(
        "/api/saved-reports/{}/schedule",
        saved["id"].as_str().unwrap()
    );
    let put = async |client: &Client, version: &Value, body: Value| {
        let request = client
            .request(Method::PUT, &path)
            .header("If-Match", format!("\"{version}\""));
        crate::app::read(request.json(&body).send().await.unwrap()).await
    };
    let daily =
        json!({ "repeats": "daily", "hour": 8, "format": "csv", "recipients": [other.user] });
    for (bad, pointer) in [
        (
            json!({ "repeats": "daily", "on": 1, "hour": 8, "format": "csv", "recipients": [other.user] }),
            "/on",
        ),
        (
            json!({ "repeats": "weekly", "hour": 8, "format": "csv", "recipients": [other.user] }),
            "/on",
        ),
        (
            json!({ "repeats": "weekly", "on": 8, "hour": 8, "format": "csv", "recipients": [other.user] }),
            "/on",
        ),
        (
            json!({ "repeats": "daily", "hour": 24, "format": "csv", "recipients": [other.user] }),
            "/hour",
        ),
        (
            json!({ "repeats": "daily", "hour": 8, "format": "csv", "recipients": [] }),
            "/recipients",
        ),
        (
            json!({ "repeats": "daily", "hour": 8, "format": "csv", "recipients": [scene.ada.user] }),
            "/recipients",
        ),
        (
            json!({ "repeats": "daily", "hour": 8, "format": "csv", "recipients": [Uuid::now_v7()] }),
            "/recipients",
        ),
    ] {
        let (status, problem) = put(admin, &saved["version"], bad.clone()).await;
        assert_eq!(status, 422, "{bad}: {problem}");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{bad}");
    }
    assert_eq!(
        put(&other, &saved["version"], daily.clone()).await.0,
        404,
        "not theirs"
    );
    let (status, scheduled) = put(admin, &saved["version"], daily.clone()).await;
    assert_eq!(status, 200, "{scheduled}");
    assert_eq!(scheduled["schedule"]["recipients"], json!([other.user]));
    let hour = "SELECT extract(hour FROM next_at AT TIME ZONE 'Europe/Berlin')::int AS hour, next_at > now() AS later FROM tenant.saved_reports";
    let conn = &mut scene.app.copy.admin();
    assert_eq!(rows(conn, hour), [json!({ "hour": 8, "later": true })]);
    // Due: found by two servers at once, it is made once.
    execute(
        conn,
        "UPDATE tenant.saved_reports SET next_at = now() - interval '3 days'",
    );
    for _ in 0..2 {
        let find = tracker::jobs::report_files::find_due;
        scene.app.state.db.platform_job_blocking(find).unwrap();
        settle(&scene.app);
    }
    assert_eq!(rows(conn, hour), [json!({ "hour": 8, "later": true })]);
    let made = rows(
        conn,
        "SELECT id, state, requested_by FROM tenant.report_files",
    );
    assert_eq!(made.len(), 1, "{made:?}");
    assert_eq!(
        (&made[0]["state"], &made[0]["requested_by"]),
        (&json!("ready"), &json!(admin.user))
    );
    let mails = scene
        .app
        .mails(&scene.cid.email, "report-files?file=", 1)
        .await;
    assert_eq!(mails.len(), 1);
    assert!(
        !mails[0].contains("tracked_seconds"),
        "a link and no content: {}",
        mails[0]
    );
    // Whom it goes to fetches it, and leaves a note with everybody in it.
    execute(conn, "DELETE FROM tenant.access_entries");
    assert_eq!(file_of(&other, &made[0]).await.0, 200);
    let noted = rows(
        conn,
        &format!(
            "SELECT subject_id FROM tenant.access_entries WHERE viewer_id = '{}'",
            other.user
        ),
    );
    assert_eq!(noted.len(), 2, "but with oneself: {noted:?}");
    let (_, unscheduled) = admin.send(Method::DELETE, &path, None).await;
    assert_eq!(unscheduled["schedule"], Value::Null, "{unscheduled}");
}
