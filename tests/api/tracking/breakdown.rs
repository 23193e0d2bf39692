//! Where the time went, by application, host, person and team: against a plain count of the raw rows, and who may know.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::pair::{Scene, scene};
use crate::app::{App, Client};
use crate::feed::{Feed, execute, rows, settle};

/// Both changes of Berlin's clocks, and the days around them.
const DAYS: [&str; 6] = [
    "2026-03-28",
    "2026-03-29",
    "2026-03-30",
    "2026-10-24",
    "2026-10-25",
    "2026-10-26",
];
const RANGE: &str = "from=2026-03-28&to=2026-10-26";

/// The same numbers each time.
pub(super) struct Chance(pub u64);

impl Chance {
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % end
    }

    pub(super) fn one_of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }
}

/// Two devices of each person, at any hour of the days, their items longer and shorter than what was observed.
fn record(scene: &Scene) {
    let mut chance = Chance(20_261_122);
    for user in [scene.ada.user, scene.bob.user, scene.cid.user] {
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
                    let active = i32::try_from(chance.below(50)).unwrap();
                    desk.minutes(&from, 40, active, 10);
                    let late = at(&mut chance, true);
                    for from in [&from, &late] {
                        let long =
                            |chance: &mut Chance| i32::try_from(chance.below(4_000)).unwrap();
                        let app = chance.one_of(&["editor", "mail", "call"]);
                        desk.app(app, "", from, long(&mut chance));
                        let host = chance.one_of(&["docs.test", "news.test"]);
                        desk.site(host, from, long(&mut chance));
                    }
                }
            }
            desk.batch("2026-03-27", "2026-10-27");
        }
    }
    settle(&scene.app);
}

type Plain = BTreeMap<(Uuid, NaiveDate, String), i64>;

/// Counted second by second from the raw rows, in the plainest way.
struct Counted {
    apps: Plain,
    hosts: Plain,
    tracked: Plain,
}

fn count(app: &App) -> Counted {
    let mut raw = app.copy.admin();
    let number = |row: &Value, name: &str| row[name].as_i64().unwrap();
    let id = |row: &Value, name: &str| -> Uuid { row[name].as_str().unwrap().parse().unwrap() };
    let day = |minute: i64| {
        let at = DateTime::from_timestamp(minute * 60, 0).unwrap();
        at.with_timezone(&chrono_tz::Tz::Europe__Berlin)
            .date_naive()
    };
    let mut observed: HashMap<(Uuid, Uuid, i64), i64> = HashMap::new();
    for row in rows(
        &mut raw,
        "SELECT user_id, session_id, extract(epoch FROM started_at)::bigint / 60 AS minute, active_seconds + idle_seconds AS seconds \
         FROM tenant.activity_log",
    ) {
        let key = (
            id(&row, "user_id"),
            id(&row, "session_id"),
            number(&row, "minute"),
        );
        *observed.entry(key).or_default() += number(&row, "seconds");
    }
    for seconds in observed.values_mut() {
        *seconds = (*seconds).min(60);
    }
    let mut longest: HashMap<(Uuid, i64), i64> = HashMap::new();
    for ((user, _, minute), seconds) in &observed {
        let most = longest.entry((*user, *minute)).or_default();
        *most = (*most).max(*seconds);
    }
    let mut tracked = Plain::new();
    for ((user, minute), seconds) in longest {
        *tracked
            .entry((user, day(minute), String::new()))
            .or_default() += seconds;
    }
    let mut of_items = |table: &str, name: &str| {
        let items = format!(
            "SELECT user_id, session_id, {name} AS name, extract(epoch FROM started_at)::bigint AS at, seconds FROM tenant.{table}"
        );
        let mut pieces: HashMap<(Uuid, Uuid, i64, String), i64> = HashMap::new();
        for row in rows(&mut raw, &items) {
            let (user, session) = (id(&row, "user_id"), id(&row, "session_id"));
            for second in number(&row, "at")..number(&row, "at") + number(&row, "seconds") {
                let name = row["name"].as_str().unwrap().to_owned();
                *pieces
                    .entry((user, session, second / 60, name))
                    .or_default() += 1;
            }
        }
        let mut sums = Plain::new();
        for ((user, session, minute, name), seconds) in pieces {
            if let Some(most) = observed.get(&(user, session, minute)) {
                *sums.entry((user, day(minute), name)).or_default() += seconds.min(*most);
            }
        }
        sums
    };
    Counted {
        apps: of_items("application_usage", "app"),
        hosts: of_items("website_usage", "host"),
        tracked,
    }
}

/// Every page of a list: name, seconds, people; and the total of the first.
async fn all(admin: &Client, query: &str) -> (Vec<(String, i64, i64)>, i64, Value) {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let (status, page) = admin
            .get(&format!("/api/usage?{query}&limit=2{cursor}"))
            .await;
        assert_eq!(status, 200, "{query}: {page}");
        for item in page["items"].as_array().unwrap() {
            found.push((
                item["name"].as_str().unwrap().to_owned(),
                item["seconds"].as_i64().unwrap(),
                item["people"].as_i64().unwrap(),
            ));
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => {
                return (
                    found,
                    page["total_seconds"].as_i64().unwrap(),
                    page["days"].clone(),
                );
            }
        }
    }
}

#[actix_web::test]
async fn every_breakdown_equals_a_plain_count_of_the_raw_rows() {
    let scene = scene().await;
    record(&scene);
    let counted = count(&scene.app);
    let (ada, bob, cid) = (scene.ada.user, scene.bob.user, scene.cid.user);
    let names = HashMap::from([(ada, "Ada"), (bob, "Bob"), (cid, "Cid")]);
    let teams = HashMap::from([(ada, "Support"), (bob, "Support"), (cid, "")]);
    let everybody = BTreeSet::from([ada, bob, cid]);
    let members = BTreeSet::from([ada, bob]);
    let one_day = ("from=2026-10-25&to=2026-10-25", "2026-10-25", "2026-10-25");
    let half = ("from=2026-03-29&to=2026-03-30", "2026-03-29", "2026-03-30");
    let whole = (RANGE, "2026-03-28", "2026-10-26");
    let mut looked = 0;
    for (range, from, to) in [whole, half, one_day] {
        let within = |day: &NaiveDate| (from..=to).contains(&&*day.to_string());
        for (filter, whose) in [
            (String::new(), &everybody),
            (format!("&team_id={}", scene.team), &members),
            ("&without_team=true".to_owned(), &BTreeSet::from([cid])),
            (format!("&user_id={bob}"), &BTreeSet::from([bob])),
        ] {
            for (by, of, sums) in [
                ("app", "", &counted.apps),
                ("host", "", &counted.hosts),
                ("person", "", &counted.tracked),
                ("team", "", &counted.tracked),
                ("person", "&app=editor", &counted.apps),
                ("team", "&app=editor", &counted.apps),
                ("person", "&host=docs.test", &counted.hosts),
            ] {
                let only = of.split('=').nth(1);
                let mut expected: BTreeMap<String, (i64, BTreeSet<Uuid>)> = BTreeMap::new();
                let mut by_day: BTreeMap<NaiveDate, i64> = BTreeMap::new();
                for ((user, day, name), seconds) in sums {
                    let counts = whose.contains(user) && within(day) && *seconds > 0;
                    if !counts || only.is_some_and(|only| only != name) {
                        continue;
                    }
                    let key = match by {
                        "person" => names[user],
                        "team" => teams[user],
                        _ => name.as_str(),
                    };
                    let row = expected.entry(key.to_owned()).or_default();
                    row.0 += seconds;
                    row.1.insert(*user);
                    *by_day.entry(*day).or_default() += seconds;
                }
                let mut expected: Vec<_> = expected
                    .into_iter()
                    .map(|(name, (seconds, people))| {
                        (name, seconds, i64::try_from(people.len()).unwrap())
                    })
                    .collect();
                let query = format!("by={by}&{range}{filter}{of}");
                for sort in ["name", "-name", "seconds", "-seconds", "people", "-people"] {
                    match sort.trim_start_matches('-') {
                        "name" => expected.sort_by_key(|row| row.0.clone()),
                        // The name decides between equals, but for people and teams, whose ids do.
                        "seconds" => expected.sort_by_key(|row| (row.1, row.0.clone())),
                        _ => expected.sort_by_key(|row| (row.2, row.0.clone())),
                    }
                    if sort.starts_with('-') {
                        expected.reverse();
                    }
                    let (mut found, total, days) =
                        all(&scene.acme.admin, &format!("{query}&sort={sort}")).await;
                    if matches!(by, "person" | "team") && sort.ends_with("people") {
                        found.sort();
                        expected.sort();
                    }
                    assert_eq!(found, expected, "{query}&sort={sort}");
                    assert_eq!(
                        total,
                        expected.iter().map(|row| row.1).sum::<i64>(),
                        "{query}"
                    );
                    let by_day: Vec<_> = by_day
                        .iter()
                        .map(|(day, seconds)| json!({ "day": day, "seconds": seconds }))
                        .collect();
                    assert_eq!(days, json!(by_day), "{query}");
                    looked += expected.len();
                }
            }
        }
    }
    assert!(looked > 500, "{looked} rows: the comparison saw something");
}

#[actix_web::test]
async fn a_search_leaves_the_total_and_a_gone_name_leaves_nothing() {
    let scene = scene().await;
    record(&scene);
    let admin = &scene.acme.admin;
    let (everything, total, days) = all(admin, &format!("by=app&{RANGE}")).await;
    let (found, of_search, days_of_search) = all(admin, &format!("by=app&{RANGE}&q=EDIT")).await;
    assert_eq!(found.len(), 1);
    assert!(everything.contains(&found[0]));
    assert_eq!((of_search, days_of_search), (total, days));
    for none in ["&q=%25", "&q=nothing", "&app=Editor"] {
        assert_eq!(all(admin, &format!("by=app&{RANGE}{none}")).await.0, []);
    }
    let (_, page) = admin.get("/api/usage").await;
    assert_eq!(page["time_zone"], "Europe/Berlin");
    let cursor = admin.get(&format!("/api/usage?{RANGE}&limit=1")).await.1;
    let cursor = cursor["next_cursor"].as_str().unwrap().to_owned();
    for other in ["by=host&", "q=e&", "sort=name&"] {
        let path = format!("/api/usage?{other}{RANGE}&cursor={cursor}");
        assert_eq!(admin.get(&path).await.0, 400, "{other}");
    }
}

/// Whom the log says to have been looked at, as of which days.
fn looks(app: &App) -> Vec<(Uuid, String)> {
    rows(
        &mut app.copy.admin(),
        "SELECT subject_id, kind || ' ' || day AS what FROM tenant.access_entries ORDER BY subject_id, what",
    )
    .iter()
    .map(|row| {
        let subject = row["subject_id"].as_str().unwrap().parse().unwrap();
        (subject, row["what"].as_str().unwrap().to_owned())
    })
    .collect()
}

#[actix_web::test]
async fn reading_what_one_person_used_is_noted_where_the_person_can_read_it() {
    let scene = scene().await;
    record(&scene);
    let admin = &scene.acme.admin;
    let (ada, bob, cid) = (scene.ada.user, scene.bob.user, scene.cid.user);
    let look = async |query: &str| {
        execute(
            &mut scene.app.copy.admin(),
            "DELETE FROM tenant.access_entries",
        );
        assert_eq!(admin.get(&format!("/api/usage{query}")).await.0, 200);
        looks(&scene.app)
    };
    let of = |people: &[Uuid]| {
        let mut people = people.to_vec();
        people.sort();
        let entry = |user: Uuid| (user, "usage 2026-10-26".to_owned());
        people.into_iter().map(entry).collect::<Vec<_>>()
    };
    let several = [
        format!("?by=app&{RANGE}"),
        format!("?by=person&{RANGE}"),
        format!("?by=team&app=editor&{RANGE}"),
        format!("?by=app&team_id={}&{RANGE}", scene.team),
        format!("?by=person&user_id={}&{RANGE}", admin.user),
        format!("/daily?{RANGE}"),
        format!("/apps?{RANGE}"),
    ];
    for query in several {
        assert_eq!(look(&query).await, [], "{query}");
    }
    for (query, whose) in [
        (format!("?by=app&user_id={ada}&{RANGE}"), vec![ada]),
        (format!("?by=person&user_id={ada}&{RANGE}"), vec![ada]),
        (
            format!("?by=person&app=editor&{RANGE}"),
            vec![ada, bob, cid],
        ),
        (
            format!("?by=person&host=docs.test&team_id={}&{RANGE}", scene.team),
            vec![ada, bob],
        ),
        // A team of one.
        (format!("?by=host&without_team=true&{RANGE}"), vec![cid]),
        (format!("/daily?user_id={bob}&{RANGE}"), vec![bob]),
        (format!("/apps?user_id={bob}&{RANGE}"), vec![bob]),
        (format!("/hosts?user_id={bob}&{RANGE}"), vec![bob]),
        (format!("/export?by=app&user_id={bob}&{RANGE}"), vec![bob]),
        (
            format!("/export?by=person&app=editor&{RANGE}"),
            vec![ada, bob, cid],
        ),
    ] {
        assert_eq!(look(&query).await, of(&whose), "{query}");
    }
    assert_eq!(look(&format!("?user_id={bob}&{RANGE}")).await, of(&[bob]));
    let (_, own) = scene.bob.get("/api/me/access-entries").await;
    let entry = &own["items"][0];
    assert_eq!(
        (&entry["kind"], &entry["day"]),
        (&json!("usage"), &json!("2026-10-26")),
        "{own}"
    );
    let program = scene.app.program(&scene.acme, &["usage:read"]).await;
    assert_eq!(
        program
            .get(&format!("/api/usage?user_id={cid}&{RANGE}"))
            .await
            .0,
        200
    );
    assert!(looks(&scene.app).contains(&of(&[cid])[0]));
}

#[actix_web::test]
async fn nobody_breaks_down_what_is_a_colleagues_or_another_companys() {
    let scene = scene().await;
    record(&scene);
    let bolt = scene.app.company("Bolt").await;
    let (bob, team) = (scene.bob.user, scene.team);
    for path in ["/api/usage", "/api/usage/export"] {
        for query in ["by=app", "by=person", "by=team"] {
            let of = format!("{path}?{query}&{RANGE}");
            assert_eq!(scene.acme.owner.get(&of).await.0, 403, "{of}");
            assert_eq!(scene.app.anonymous().get(&of).await.0, 401, "{of}");
        }
        for foreign in [
            format!("user_id={bob}"),
            format!("team_id={team}"),
            format!("user_id={}", Uuid::now_v7()),
        ] {
            let of = format!("{path}?{foreign}&{RANGE}");
            assert_eq!(bolt.admin.get(&of).await.0, 404, "{of}");
        }
        for other in [scene.ada.user, scene.acme.admin.user, Uuid::now_v7()] {
            let of = format!("{path}?user_id={other}&{RANGE}");
            assert_eq!(scene.bob.get(&of).await.0, 404, "{of}");
        }
        for (bad, pointer) in [
            ("by=app&host=docs.test", "host"),
            ("by=host&app=editor", "app"),
            ("by=team&app=editor&host=docs.test", "host"),
            (
                &*format!("team_id={team}&without_team=true"),
                "without_team",
            ),
            ("sort=id", "sort"),
            ("from=2026-11-18&to=2026-11-17", "from"),
        ] {
            let (status, problem) = scene.acme.admin.get(&format!("{path}?{bad}")).await;
            assert_eq!(status, 422, "{bad}: {problem}");
            assert_eq!(problem["errors"][0]["pointer"], pointer, "{bad}: {problem}");
        }
    }
    let (found, total, _) = all(&bolt.admin, &format!("by=app&{RANGE}")).await;
    assert_eq!((found.len(), total), (0, 0));
}

#[actix_web::test]
async fn an_employee_breaks_down_the_own_time_as_the_admins_see_it() {
    let scene = scene().await;
    record(&scene);
    let (bob, admin) = (&scene.bob, &scene.acme.admin);
    for query in ["by=app", "by=host", "by=category", "by=app&app=editor"] {
        let of = format!("{query}&{RANGE}");
        let own = all(bob, &of).await;
        assert!(own.1 > 0, "{of}");
        let named = format!("{of}&user_id={}", bob.user);
        assert_eq!(own, all(bob, &named).await, "{of}");
        assert_eq!(own, all(admin, &named).await, "{of}");
    }
    for (of_others, pointer) in [
        ("by=person".to_owned(), "by"),
        ("by=team".to_owned(), "by"),
        (format!("team_id={}", scene.team), "team_id"),
        ("without_team=true".to_owned(), "without_team"),
    ] {
        let (status, problem) = bob.get(&format!("/api/usage?{of_others}&{RANGE}")).await;
        assert_eq!(status, 422, "{of_others}: {problem}");
        let error = &problem["errors"][0];
        assert_eq!(error["pointer"], pointer, "{problem}");
        assert_eq!(error["code"], "filters_of_others", "{problem}");
    }
    let file = async |who: &Client, query: &str| {
        let path = format!("/api/usage/export?by=app&{RANGE}{query}");
        let answer = who.request(Method::GET, &path).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.unwrap()
    };
    execute(
        &mut scene.app.copy.admin(),
        "DELETE FROM tenant.access_entries",
    );
    let own = file(bob, "").await;
    assert_eq!(looks(&scene.app), []);
    assert_eq!(own, file(admin, &format!("&user_id={}", bob.user)).await);
    let written = "SELECT actor_id FROM tenant.audit_entries WHERE action = 'usage.exported'";
    let by: Vec<_> = rows(&mut scene.app.copy.admin(), written)
        .into_iter()
        .map(|row| row["actor_id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(by, [admin.user.to_string()]);
}

#[actix_web::test]
async fn the_file_has_the_lists_rows_harmless_and_is_written_down() {
    let scene = scene().await;
    let mut desk = Feed::new(
        &scene.app,
        scene.acme.id,
        scene.ada.user,
        "2026-10-24T08:00:00Z",
    );
    desk.minutes("2026-10-24T08:00:00Z", 60, 60, 0);
    for (at, app) in [
        ("2026-10-24T08:00:00Z", "=cmd|' /C calc'!A0"),
        ("2026-10-24T08:20:00Z", "+1"),
        ("2026-10-24T08:30:00Z", "-1"),
        ("2026-10-24T08:40:00Z", "@sum"),
        ("2026-10-24T08:50:00Z", "a,\"b\""),
    ] {
        desk.app(app, "", at, 600);
    }
    desk.batch("2026-10-24", "2026-10-24");
    settle(&scene.app);
    let export = async |query: &str| {
        let path = format!("/api/usage/export?{query}&{RANGE}");
        let answer = scene.acme.admin.request(Method::GET, &path).send().await;
        answer.unwrap().bytes().await.unwrap()
    };
    let csv = export("by=app&sort=name").await;
    let lines: Vec<_> = std::str::from_utf8(&csv).unwrap().lines().collect();
    let mut harmless = lines[1..].to_vec();
    harmless.sort_unstable();
    assert_eq!(lines[0], "id,name,seconds,people");
    assert_eq!(
        harmless,
        [
            ",\"a,\"\"b\"\"\",600,1",
            ",'+1,600,1",
            ",'-1,600,1",
            ",'=cmd|' /C calc'!A0,600,1",
            ",'@sum,600,1",
        ]
    );
    let (listed, ..) = all(&scene.acme.admin, &format!("by=app&sort=name&{RANGE}")).await;
    assert_eq!(listed.len(), 5);
    let of_people = export(&format!("by=person&team_id={}", scene.team)).await;
    let ada = format!(
        "id,name,seconds,people\r\n{},Ada,3600,1\r\n",
        scene.ada.user
    );
    assert_eq!(std::str::from_utf8(&of_people).unwrap(), ada);
    assert!(export("format=xlsx").await.starts_with(b"PK"));
    let written = rows(
        &mut scene.app.copy.admin(),
        "SELECT detail FROM tenant.audit_entries WHERE action = 'usage.exported' ORDER BY id",
    );
    assert_eq!(written.len(), 3);
    let detail = json!({ "format": "csv", "rows": 1, "by": "person", "from": "2026-03-28", "to": "2026-10-26",
        "user_id": null, "team_id": scene.team, "app": null, "host": null, "category": null });
    assert_eq!(written[1]["detail"], detail);
}
