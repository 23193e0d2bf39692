//! Sums of months and of the company's days say what the people's days say, whatever happens to those, and so does what is
//! told of any stretch of days.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, Days, Duration, NaiveDate, SecondsFormat, Timelike, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};
use tracker::jobs::rebuild::{Wanted, rebuild};
use tracker::jobs::retention;
use uuid::Uuid;

use super::breakdown::Chance;
use crate::app::{App, Client, Company, PASSWORD};
use crate::feed::{Feed, a_minute_later, execute, next_job, rows, settle};

/// Kind, person, name and day.
type Sums = BTreeMap<(&'static str, Uuid, String, NaiveDate), i64>;

struct Scene {
    app: App,
    acme: Company,
    people: Vec<Client>,
    team: Uuid,
    /// Each with a session of its own.
    desks: Vec<(Feed, NaiveDate)>,
}

fn id(row: &Value, name: &str) -> Uuid {
    row[name].as_str().unwrap().parse().unwrap()
}

fn day(row: &Value, name: &str) -> NaiveDate {
    row[name].as_str().unwrap().parse().unwrap()
}

/// Three people, of whom two are in the team, at any hour of some of the last seventy days.
async fn scene(zone: &str, chance: &mut Chance) -> Scene {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = app.company("Acme").await;
    execute(
        &mut app.copy.admin(),
        &format!("UPDATE tenant.company_time_zones SET zone = '{zone}'"),
    );
    let mut people = Vec::new();
    for name in ["Ada", "Bob", "Cid"] {
        people.push(app.employee(&acme, name).await);
    }
    let (_, team) = acme
        .admin
        .post("/api/teams", json!({ "name": "Support" }))
        .await;
    let team = id(&team, "id");
    let both = json!({ "employee_ids": [people[0].user, people[1].user] });
    let members = format!("/api/teams/{team}/members");
    assert_eq!(acme.admin.post(&members, both).await.0, 200);
    let mut desks = Vec::new();
    for person in &people {
        for _ in 0..9 {
            let minutes = i64::try_from(chance.below(70 * 1_440)).unwrap();
            let from = Utc::now() - Duration::hours(3) - Duration::minutes(minutes);
            desks.push(record(&app, &acme, person.user, from, chance));
        }
    }
    settle(&app);
    Scene {
        app,
        acme,
        people,
        team,
        desks,
    }
}

fn record(
    app: &App,
    company: &Company,
    user: Uuid,
    from: DateTime<Utc>,
    chance: &mut Chance,
) -> (Feed, NaiveDate) {
    let wire = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let day = from.date_naive();
    let from = wire(from);
    let mut desk = Feed::new(app, company.id, user, &from);
    let active = i32::try_from(chance.below(50)).unwrap();
    desk.minutes(&from, 90, active, 10);
    for _ in 0..2 {
        let long = i32::try_from(chance.below(5_000)).unwrap();
        desk.app(chance.one_of(&["editor", "mail", "call"]), "", &from, long);
        desk.site(chance.one_of(&["docs.test", "news.test"]), &from, long / 2);
    }
    let (before, after) = (day - Days::new(1), day + Days::new(2));
    desk.batch(&before.to_string(), &after.to_string());
    execute(
        &mut app.copy.admin(),
        &format!(
            "UPDATE tenant.work_sessions SET ended_at = started_at + interval '90 minutes', end_reason = 'stopped' WHERE id = '{}'",
            desk.session
        ),
    );
    (desk, day)
}

fn of_days(app: &App) -> Sums {
    let mut sums = Sums::new();
    for (kind, table, name, seconds) in [
        ("tracked", "user_usage_daily", "''", "tracked_seconds"),
        ("active", "user_usage_daily", "''", "active_seconds"),
        ("app", "user_app_usage_daily", "app", "seconds"),
        ("host", "user_host_usage_daily", "host", "seconds"),
        ("apps", "user_app_usage_daily", "''", "seconds"),
        ("hosts", "user_host_usage_daily", "''", "seconds"),
    ] {
        let text = format!(
            "SELECT user_id, day, {name} AS name, {seconds} AS seconds FROM tenant.{table} WHERE {seconds} > 0"
        );
        for row in rows(&mut app.copy.admin(), &text) {
            let name = row["name"].as_str().unwrap().to_owned();
            let key = (kind, id(&row, "user_id"), name, day(&row, "day"));
            *sums.entry(key).or_default() += row["seconds"].as_i64().unwrap();
        }
    }
    sums
}

fn of_months(app: &App) -> Sums {
    let mut sums = Sums::new();
    for (kind, table, name, list) in [
        ("tracked", "user_usage_monthly", "''", "tracked_until"),
        ("active", "user_usage_monthly", "''", "active_until"),
        ("app", "user_app_usage_monthly", "app", "seconds_until"),
        ("host", "user_host_usage_monthly", "host", "seconds_until"),
        ("apps", "user_usage_monthly", "''", "apps_until"),
        ("hosts", "user_usage_monthly", "''", "hosts_until"),
    ] {
        let text =
            format!("SELECT user_id, month, {name} AS name, {list} AS list FROM tenant.{table}");
        for row in rows(&mut app.copy.admin(), &text) {
            let month = day(&row, "month");
            let list: Vec<i64> = serde_json::from_value(row["list"].clone()).unwrap();
            assert_eq!(list.len(), 31);
            let mut before = 0;
            for (at, until) in list.into_iter().enumerate() {
                let day = month + Days::new(at as u64);
                let seconds = until - before;
                before = until;
                if seconds == 0 {
                    continue;
                }
                assert_eq!(day.month(), month.month(), "{row}");
                let name = row["name"].as_str().unwrap().to_owned();
                sums.insert((kind, id(&row, "user_id"), name, day), seconds);
            }
        }
    }
    sums
}

/// Kind, name and day: how much, and whose.
type Company_ = BTreeMap<(&'static str, String, NaiveDate), (i64, BTreeSet<Uuid>)>;

fn of_company(app: &App) -> Company_ {
    let numbers: BTreeMap<usize, Uuid> = rows(
        &mut app.copy.admin(),
        "SELECT number, user_id FROM tenant.user_numbers",
    )
    .iter()
    .map(|row| {
        let number = row["number"].as_u64().unwrap();
        (usize::try_from(number).unwrap(), id(row, "user_id"))
    })
    .collect();
    let mut found = Company_::new();
    for (kind, table, name, seconds) in [
        ("tracked", "usage_daily", "''", "tracked_seconds"),
        ("app", "app_usage_daily", "app", "seconds"),
        ("host", "host_usage_daily", "host", "seconds"),
    ] {
        let text = format!(
            "SELECT day, {name} AS name, {seconds} AS seconds, people FROM tenant.{table} WHERE {seconds} > 0"
        );
        for row in rows(&mut app.copy.admin(), &text) {
            let bits = row["people"].as_str().unwrap().bytes().enumerate();
            let people = bits
                .filter(|(_, bit)| *bit == b'1')
                .map(|(at, _)| numbers[&at]);
            let key = (
                kind,
                row["name"].as_str().unwrap().to_owned(),
                day(&row, "day"),
            );
            found.insert(key, (row["seconds"].as_i64().unwrap(), people.collect()));
        }
    }
    found
}

/// Seconds of each person and of the company, by day and hour.
type Hours = BTreeMap<(Option<Uuid>, NaiveDate), Vec<i64>>;

/// Counted minute by minute from the raw rows, by the clock of the zone.
fn hours_of_rows(app: &App, zone: Tz) -> Hours {
    let mut minutes: BTreeMap<(Uuid, DateTime<Utc>), i64> = BTreeMap::new();
    // Each desk is a device of its own, with one session.
    for row in rows(
        &mut app.copy.admin(),
        "SELECT a.user_id, a.session_id, date_trunc('minute', a.started_at) AS minute, least(60, sum(a.active_seconds + a.idle_seconds)) AS seconds \
         FROM tenant.activity_log a JOIN tenant.work_sessions s ON s.id = a.session_id WHERE s.excluded_at IS NULL GROUP BY 1, 2, 3",
    ) {
        let minute: DateTime<Utc> = row["minute"].as_str().unwrap().parse().unwrap();
        let longest = minutes.entry((id(&row, "user_id"), minute)).or_default();
        *longest = (*longest).max(row["seconds"].as_i64().unwrap());
    }
    let mut hours = Hours::new();
    for ((user, minute), seconds) in minutes {
        let local = minute.with_timezone(&zone);
        for whose in [Some(user), None] {
            let of_day = hours
                .entry((whose, local.date_naive()))
                .or_insert_with(|| vec![0; 24]);
            of_day[usize::try_from(local.hour()).unwrap()] += seconds;
        }
    }
    hours
}

fn hours_of_days(app: &App) -> Hours {
    let text = "SELECT user_id, day, tracked_by_hour AS hours FROM tenant.user_usage_daily WHERE tracked_seconds > 0 \
        UNION ALL SELECT NULL, day, tracked_by_hour FROM tenant.usage_daily WHERE tracked_seconds > 0";
    let mut hours = Hours::new();
    for row in rows(&mut app.copy.admin(), text) {
        let whose = row["user_id"].as_str().map(|id| id.parse().unwrap());
        let of_day = serde_json::from_value(row["hours"].clone()).unwrap();
        hours.insert((whose, day(&row, "day")), of_day);
    }
    hours
}

/// All tables against the people's days.
fn check(scene: &Scene, what: &str) -> Sums {
    let days = of_days(&scene.app);
    assert_eq!(of_months(&scene.app), days, "{what}");
    let mut expected = Company_::new();
    for ((kind, user, name, day), seconds) in &days {
        if ["tracked", "app", "host"].contains(kind) {
            let sum = expected.entry((*kind, name.clone(), *day)).or_default();
            sum.0 += seconds;
            sum.1.insert(*user);
        }
    }
    assert_eq!(of_company(&scene.app), expected, "{what}");
    days
}

/// What the API says of stretches that chance chooses, against sums over their days.
async fn ask(scene: &Scene, days: &Sums, chance: &mut Chance) {
    let admin = &scene.acme.admin;
    let today = Utc::now().date_naive();
    let names = rows(
        &mut scene.app.copy.admin(),
        "SELECT id, name FROM tenant.users",
    );
    let name_of = |user: Uuid| -> String {
        let row = names.iter().find(|row| id(row, "id") == user).unwrap();
        row["name"].as_str().unwrap().to_owned()
    };
    let of_team = [scene.people[0].user, scene.people[1].user];
    for _ in 0..6 {
        let to = today + Days::new(1) - Days::new(chance.below(72));
        let from = to - Days::new(chance.below(75));
        for (by, of, kind) in [
            ("app", "", "app"),
            ("host", "", "host"),
            ("person", "", "tracked"),
            ("team", "", "tracked"),
            ("person", "&app=mail", "app"),
            ("team", "&host=docs.test", "host"),
        ] {
            for filter in ["", "team", "without", "user"] {
                let query = match filter {
                    "team" => format!("&team_id={}", scene.team),
                    "without" => "&without_team=true".to_owned(),
                    "user" => format!("&user_id={}", scene.people[1].user),
                    _ => String::new(),
                };
                let only = of.split('=').nth(1);
                let counts = |user: Uuid| match filter {
                    "team" => of_team.contains(&user),
                    "without" => !of_team.contains(&user),
                    "user" => user == scene.people[1].user,
                    _ => true,
                };
                let mut expected: BTreeMap<String, (i64, BTreeSet<Uuid>)> = BTreeMap::new();
                let mut by_day: BTreeMap<NaiveDate, i64> = BTreeMap::new();
                for ((of_kind, user, name, day), seconds) in days {
                    let asked = of_kind == &kind && counts(*user) && (from..=to).contains(day);
                    if !asked || only.is_some_and(|only| only != name) {
                        continue;
                    }
                    let key = match by {
                        "person" => name_of(*user),
                        "team" if of_team.contains(user) => "Support".to_owned(),
                        "team" => String::new(),
                        _ => name.clone(),
                    };
                    let row = expected.entry(key).or_default();
                    row.0 += seconds;
                    row.1.insert(*user);
                    *by_day.entry(*day).or_default() += seconds;
                }
                let path = format!("/api/usage?by={by}&from={from}&to={to}&limit=200{of}{query}");
                let (status, page) = admin.get(&path).await;
                assert_eq!(status, 200, "{page}");
                let found: BTreeMap<String, (i64, i64)> = page["items"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|row| {
                        let numbers = ["seconds", "people"].map(|name| row[name].as_i64().unwrap());
                        let name = row["name"].as_str().unwrap().to_owned();
                        (name, (numbers[0], numbers[1]))
                    })
                    .collect();
                let expected: BTreeMap<String, (i64, i64)> = expected
                    .into_iter()
                    .map(|(name, (seconds, people))| (name, (seconds, people.len() as i64)))
                    .collect();
                assert_eq!(found, expected, "{path}");
                let by_day: Vec<_> = by_day
                    .iter()
                    .map(|(day, seconds)| json!({ "day": day, "seconds": seconds }))
                    .collect();
                assert_eq!(page["days"], json!(by_day), "{path}");
            }
        }
        // The shorter lists of the same.
        for kind in ["app", "host"] {
            let mut expected: BTreeMap<&str, i64> = BTreeMap::new();
            for ((of, _, name, day), seconds) in days {
                if *of == kind && (from..=to).contains(day) {
                    *expected.entry(name).or_default() += seconds;
                }
            }
            let (_, top) = admin
                .get(&format!("/api/usage/{kind}s?from={from}&to={to}"))
                .await;
            let found: BTreeMap<&str, i64> = top["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| {
                    (
                        row[kind].as_str().unwrap(),
                        row["seconds"].as_i64().unwrap(),
                    )
                })
                .collect();
            assert_eq!(found, expected, "{kind} {from} {to}");
        }
        let (_, daily) = admin
            .get(&format!("/api/usage/daily?from={from}&to={to}"))
            .await;
        for row in daily["items"].as_array().unwrap() {
            let of = |kind: &str| -> Vec<i64> {
                let of_day = days
                    .iter()
                    .filter(|((of, _, _, on), _)| *of == kind && *on == day(row, "day"));
                of_day.map(|(_, seconds)| *seconds).collect()
            };
            let tracked = of("tracked");
            assert_eq!(
                ["tracked_seconds", "active_seconds", "people"]
                    .map(|name| row[name].as_i64().unwrap()),
                [
                    tracked.iter().sum(),
                    of("active").iter().sum(),
                    tracked.len() as i64
                ],
                "{row}"
            );
        }
    }
}

#[actix_web::test]
async fn months_and_company_days_follow_whatever_happens_to_peoples_days() {
    for (seed, zone) in [
        (1, "Pacific/Kiritimati"),
        (2, "America/St_Johns"),
        (3, "Asia/Kathmandu"),
    ] {
        let chance = &mut Chance(seed);
        let mut scene = scene(zone, chance).await;
        let days = check(&scene, "as recorded");
        let zone: Tz = zone.parse().unwrap();
        let hours = hours_of_days(&scene.app);
        assert_eq!(hours, hours_of_rows(&scene.app, zone));
        assert!(days.len() > 100, "{}", days.len());
        ask(&scene, &days, chance).await;
        let none = rebuild(&scene.app.state.db, Wanted::default()).unwrap();
        assert!(none.rows > 200, "{none:?}");
        assert_eq!(none.changed, 0, "a rebuild finds nothing to change");

        // A session that counts no more: at once, no job in between.
        let session = scene.desks[usize::try_from(chance.below(27)).unwrap()]
            .0
            .session;
        let reason = json!({ "reason": "Was the cleaner" });
        let path = format!("/api/work-sessions/{session}/exclude");
        let (status, answer) = scene.acme.admin.post(&path, reason).await;
        assert_eq!(status, 200, "{answer}");
        let excluded = check(&scene, "a session was excluded");
        assert_ne!(excluded, days);
        let of_rows = hours_of_rows(&scene.app, zone);
        assert_eq!(hours_of_days(&scene.app), of_rows);
        assert_ne!(of_rows, hours);
        ask(&scene, &excluded, chance).await;

        // A day that is summed to less, and one that is summed to nothing.
        for nth in [3, 12] {
            let (desk, day) = &mut scene.desks[nth];
            for table in ["application_usage", "website_usage", "activity_log"] {
                let some = if nth == 3 {
                    "AND extract(minute FROM started_at) < 30"
                } else {
                    ""
                };
                let text = format!(
                    "DELETE FROM tenant.{table} WHERE session_id = '{}' {some}",
                    desk.session
                );
                execute(&mut scene.app.copy.admin(), &text);
            }
            let (before, after) = (*day - Days::new(1), *day + Days::new(2));
            desk.batch(&before.to_string(), &after.to_string());
        }
        a_minute_later(&scene.app);
        settle(&scene.app);
        let less = check(&scene, "days were summed to less");
        assert!(less.values().sum::<i64>() < excluded.values().sum::<i64>());
        let of_rows = hours_of_rows(&scene.app, zone);
        assert_eq!(hours_of_days(&scene.app), of_rows);
        ask(&scene, &less, chance).await;

        // Somebody who is removed takes their part along.
        let cid = scene.people[2].user;
        let email = rows(
            &mut scene.app.copy.admin(),
            &format!("SELECT email FROM tenant.users WHERE id = '{cid}'"),
        )[0]["email"]
            .clone();
        let admin = &scene.acme.admin;
        let path = format!("/api/employees/{cid}/deactivate");
        assert_eq!(admin.post(&path, json!({})).await.0, 200);
        let body = json!({ "employee_id": cid, "email": email, "password": PASSWORD });
        assert_eq!(admin.post("/api/removals", body).await.0, 201);
        while next_job(&scene.app) {}
        let left = check(&scene, "a person was removed");
        assert!(left.keys().all(|(_, user, ..)| *user != cid));
        ask(&scene, &left, chance).await;

        // What is summed stays when the records go.
        let keep = admin
            .request(reqwest::Method::PATCH, "/api/settings")
            .header("If-Match", "*");
        let body = json!({ "usage_retention_days": 30, "screenshot_retention_days": 30 });
        assert_eq!(keep.json(&body).send().await.unwrap().status(), 200);
        let (state, company) = (&scene.app.state, scene.acme.id);
        std::thread::scope(|threads| {
            let night = threads
                .spawn(move || retention::apply(&state.db, &state.objects, Some(company)).unwrap());
            assert!(night.join().unwrap().usage_entries > 0);
        });
        assert_eq!(check(&scene, "records are gone"), left);
        settle(&scene.app);
        assert_eq!(check(&scene, "and the jobs have run"), left);

        // What is wrong in them is made of the days again.
        for wrong in [
            "UPDATE tenant.user_usage_monthly SET tracked_until[31] = 7",
            "DELETE FROM tenant.user_app_usage_monthly WHERE app = 'mail'",
            "UPDATE tenant.usage_daily SET people = B'1'",
            "INSERT INTO tenant.host_usage_daily (company_id, day, host, seconds, people) \
             SELECT company_id, max(day), 'never.test', 5, B'1' FROM tenant.usage_daily GROUP BY company_id",
        ] {
            execute(&mut scene.app.copy.admin(), wrong);
            let mended = rebuild(&scene.app.state.db, Wanted::default()).unwrap();
            assert!(mended.changed > 0, "{wrong}");
        }
        assert_eq!(check(&scene, "what was wrong is mended"), left);
        let again = rebuild(&scene.app.state.db, Wanted::default()).unwrap();
        assert_eq!(again.changed, 0);
    }
}
