//! Whoever asks, and wherever: the numbers of a day are those of its raw rows. Two hundred days that chance chose, in six
//! zones, those on which clocks are changed among them; overview, hours of the week, timeline, usage, files and the owner's minutes against
//! one count made here.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::changed_clocks::{borders, changed_days};
use super::wire;
use crate::app::{App, Client, Company};
use crate::dice::Dice;
use crate::feed::{Feed, execute, rows, settle};

/// North and south, before and behind UTC, at midnight, by half an hour and off the full hour.
const ZONES: [&str; 6] = [
    "Europe/Berlin",
    "America/New_York",
    "America/Santiago",
    "Africa/Cairo",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
];
const DAYS_OF_EACH: usize = 34;
/// The longest stretch that one answer covers.
const LONGEST: i64 = 366;

#[derive(Debug, Default, Clone, PartialEq)]
struct Numbers {
    tracked: i64,
    active: i64,
    /// Tracked, by the hours of the local clock.
    hours: [i64; 24],
    apps: BTreeMap<String, i64>,
    hosts: BTreeMap<String, i64>,
}

/// By day and person; days without anything tracked are left out.
type Counted = BTreeMap<(NaiveDate, Uuid), Numbers>;

struct Scene {
    zone: &'static str,
    company: Company,
    /// The first two are in the team.
    people: Vec<Client>,
    team: String,
    days: BTreeSet<NaiveDate>,
}

async fn scene(app: &App, zone: &'static str, dice: &mut Dice) -> Scene {
    let company = app.company(&zone.replace(['/', '_'], "")).await;
    execute(
        &mut app.copy.admin(),
        &format!(
            "UPDATE tenant.company_time_zones SET zone = '{zone}' WHERE company_id = '{}'",
            company.id
        ),
    );
    let mut people = Vec::new();
    for name in ["Ada", "Bob", "Cid"] {
        people.push(app.employee(&company, name).await);
    }
    let made = json!({ "name": "Support" });
    let (_, team) = company.admin.post("/api/teams", made).await;
    let team = team["id"].as_str().unwrap().to_owned();
    let members = json!({ "employee_ids": [people[0].user, people[1].user] });
    let path = format!("/api/teams/{team}/members");
    assert_eq!(company.admin.post(&path, members).await.0, 200);
    let today = Utc::now().date_naive();
    let mut days: BTreeSet<_> = changed_days(zone)
        .into_iter()
        .filter(|day| (today - *day).num_days() < LONGEST - 4)
        .collect();
    assert_eq!(days.len(), 2, "a year has both changes");
    while days.len() < DAYS_OF_EACH {
        let ago = 2 + dice.below(usize::try_from(LONGEST).unwrap() - 8);
        days.insert(today - Duration::days(i64::try_from(ago).unwrap()));
    }
    Scene {
        zone,
        company,
        people,
        team,
        days,
    }
}

fn number(dice: &mut Dice, from: usize, to: usize) -> i64 {
    i64::try_from(from + dice.below(to - from)).unwrap()
}

/// What two devices of each person observed in and around the days, and what they say was in front: longer, shorter and
/// at other times than what was observed. Of some days a third device's session is excluded again.
async fn record(app: &App, scene: &Scene, dice: &mut Dice) {
    let mut excluded = Vec::new();
    let first = *scene.days.first().unwrap();
    for person in &scene.people {
        let begins = format!("{}T00:00:00Z", first - Duration::days(2));
        let new = |at: &str| Feed::new(app, scene.company.id, person.user, at);
        let mut devices = [new(&begins), new(&begins)];
        for (number_of_day, day) in scene.days.iter().enumerate() {
            let (from, to) = borders(app, scene.zone, *day);
            for device in &mut devices {
                observe(device, (from, to), dice);
            }
            if number_of_day % 8 == 3 {
                let mut third = new(&wire(from + Duration::hours(3)));
                observe(&mut third, (from + Duration::hours(3), to), dice);
                third.batch(&day.to_string(), &day.to_string());
                let (session, end) = (third.session, wire(to + Duration::hours(3)));
                execute(
                    &mut app.copy.admin(),
                    &format!(
                        "UPDATE tenant.work_sessions SET ended_at = '{end}', last_seen_at = '{end}', end_reason = 'stopped' WHERE id = '{session}'"
                    ),
                );
                excluded.push(session);
            }
            let [before, after] = [-1, 1].map(|by| (*day + Duration::days(by)).to_string());
            devices[0].batch(&before, &after);
        }
    }
    settle(app);
    for session in excluded {
        let path = format!("/api/work-sessions/{session}/exclude");
        let reason = json!({ "reason": "Was the cleaner" });
        let (status, answer) = scene.company.admin.post(&path, reason).await;
        assert_eq!(status, 200, "{answer}");
    }
    settle(app);
}

fn observe(device: &mut Feed, (from, to): (DateTime<Utc>, DateTime<Utc>), dice: &mut Dice) {
    let around = from - Duration::minutes(40);
    let length = usize::try_from((to - around).num_seconds()).unwrap();
    for _ in 0..3 {
        let at = around + Duration::seconds(number(dice, 0, length));
        let active = number(dice, 0, 50);
        let small = |number: i64| i32::try_from(number).unwrap();
        let idle = number(dice, 0, 61 - usize::try_from(active).unwrap());
        device.minutes(
            &wire(at),
            small(number(dice, 1, 50)),
            small(active),
            small(idle),
        );
        let near = at + Duration::seconds(number(dice, 0, 1800) - 900);
        let name = ["editor", "mail", "call"][dice.below(3)];
        device.app(name, "", &wire(near), small(number(dice, 1, 4000)));
        device.app(name, "", &wire(at), small(number(dice, 1, 90)));
        let host = ["docs.test", "news.test"][dice.below(2)];
        device.site(host, &wire(near), small(number(dice, 1, 2000)));
    }
}

/// In the plainest way, from the raw rows of sessions that count. Which day a minute is of, the database's zones say.
fn count(app: &App, scene: &Scene) -> Counted {
    let mut raw = app.copy.admin();
    let (company, zone) = (scene.company.id, scene.zone);
    let of = |table: &str, columns: &str| {
        format!(
            "SELECT r.user_id, s.device_id, extract(epoch FROM r.started_at)::bigint AS at, {columns} FROM tenant.{table} r \
             JOIN tenant.work_sessions s ON s.company_id = r.company_id AND s.id = r.session_id \
             WHERE r.company_id = '{company}' AND s.excluded_at IS NULL"
        )
    };
    let id = |row: &Value, name: &str| -> Uuid { row[name].as_str().unwrap().parse().unwrap() };
    let mut minutes: HashMap<(Uuid, Uuid, i64), (i64, i64)> = HashMap::new();
    let mut clock_of: HashMap<i64, (NaiveDate, usize)> = HashMap::new();
    let columns = format!(
        "r.active_seconds AS active, r.idle_seconds AS idle, (r.started_at AT TIME ZONE '{zone}')::date AS day, \
         extract(hour FROM r.started_at AT TIME ZONE '{zone}')::integer AS hour"
    );
    for row in rows(&mut raw, &of("activity_log", &columns)) {
        let minute = row["at"].as_i64().unwrap().div_euclid(60);
        let hour = usize::try_from(row["hour"].as_i64().unwrap()).unwrap();
        clock_of.insert(
            minute,
            (row["day"].as_str().unwrap().parse().unwrap(), hour),
        );
        let key = (id(&row, "user_id"), id(&row, "device_id"), minute);
        let sums = minutes.entry(key).or_default();
        let [active, idle] = ["active", "idle"].map(|name| row[name].as_i64().unwrap());
        *sums = (sums.0 + active + idle, sums.1 + active);
    }
    let mut longest: HashMap<(Uuid, i64), (i64, i64)> = HashMap::new();
    for ((user, _, minute), sums) in &mut minutes {
        *sums = (sums.0.min(60), sums.1.min(60));
        let most = longest.entry((*user, *minute)).or_default();
        *most = (most.0.max(sums.0), most.1.max(sums.1));
    }
    let mut counted = Counted::new();
    for ((user, minute), (tracked, active)) in longest {
        let (day, hour) = clock_of[&minute];
        let numbers = counted.entry((day, user)).or_default();
        numbers.tracked += tracked;
        numbers.active += active;
        numbers.hours[hour] += tracked;
    }
    for (table, name) in [("application_usage", "app"), ("website_usage", "host")] {
        let mut pieces: HashMap<(Uuid, Uuid, i64, String), i64> = HashMap::new();
        let columns = format!("r.{name} AS name, r.seconds");
        for row in rows(&mut raw, &of(table, &columns)) {
            let (user, device) = (id(&row, "user_id"), id(&row, "device_id"));
            let from = row["at"].as_i64().unwrap();
            let to = from + row["seconds"].as_i64().unwrap();
            for minute in from.div_euclid(60)..=(to - 1).div_euclid(60) {
                let name = row["name"].as_str().unwrap().to_owned();
                let piece = pieces.entry((user, device, minute, name)).or_default();
                *piece += to.min(60 * (minute + 1)) - from.max(60 * minute);
            }
        }
        for ((user, device, minute, name), seconds) in pieces {
            let Some((observed, _)) = minutes.get(&(user, device, minute)) else {
                continue;
            };
            let numbers = counted.entry((clock_of[&minute].0, user)).or_default();
            let names = match table {
                "application_usage" => &mut numbers.apps,
                _ => &mut numbers.hosts,
            };
            *names.entry(name).or_default() += seconds.min(*observed);
        }
    }
    counted.retain(|_, numbers| numbers.tracked > 0);
    counted
}

impl Scene {
    async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.company.admin.get(path).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    fn place(&self, user: Uuid) -> usize {
        let is = |person: &Client| person.user == user;
        self.people.iter().position(is).unwrap()
    }

    /// What a breakdown of these days shows, by name: seconds, and how many people.
    fn broken_down(
        &self,
        by: &str,
        counted: &Counted,
        days: (NaiveDate, NaiveDate),
    ) -> BTreeMap<String, (i64, i64)> {
        let mut names: BTreeMap<String, (i64, BTreeSet<Uuid>)> = BTreeMap::new();
        let within = |day: NaiveDate| days.0 <= day && day <= days.1;
        for ((_, user), numbers) in counted.iter().filter(|((day, _), _)| within(*day)) {
            let place = self.place(*user);
            let tracked = |name: &str| BTreeMap::from([(name.to_owned(), numbers.tracked)]);
            let of_day = match by {
                "app" => numbers.apps.clone(),
                "host" => numbers.hosts.clone(),
                "person" => tracked(["Ada", "Bob", "Cid"][place]),
                _ => tracked(["Support", "Support", ""][place]),
            };
            for (name, seconds) in of_day.into_iter().filter(|(_, seconds)| *seconds > 0) {
                let sums = names.entry(name).or_default();
                sums.0 += seconds;
                sums.1.insert(*user);
            }
        }
        let people = |users: BTreeSet<Uuid>| i64::try_from(users.len()).unwrap();
        let sums = names.into_iter();
        sums.map(|(name, (seconds, users))| (name, (seconds, people(users))))
            .collect()
    }

    async fn days_agree(&self, counted: &Counted) {
        let none = Numbers::default();
        for day in &self.days {
            let mut everybody = (0, 0);
            for person in &self.people {
                let numbers = counted.get(&(*day, person.user)).unwrap_or(&none);
                everybody = (everybody.0 + numbers.tracked, everybody.1 + numbers.active);
                let expected = json!([numbers.tracked, numbers.active]);
                let shown = format!("/api/timeline?user_id={}&day={day}", person.user);
                let seen = sums(&self.get(&shown).await);
                assert_eq!(seen, expected, "{} {day} {shown}", self.zone);
                let daily = format!("/api/usage/daily?from={day}&to={day}");
                let (_, own) = person.get(&daily).await;
                let own = own["items"].get(0).map_or(json!([0, 0]), sums);
                assert_eq!(own, expected, "{} {day}: one's own", self.zone);
            }
            let daily = self
                .get(&format!("/api/usage/daily?from={day}&to={day}"))
                .await;
            let all = daily["items"].get(0).map_or(json!([0, 0]), sums);
            assert_eq!(all, json!([everybody.0, everybody.1]), "{}", self.zone);
            self.hours_agree(counted, (*day, *day)).await;
            for by in ["app", "host", "person", "team"] {
                self.breakdown_agrees(by, counted, (*day, *day)).await;
            }
        }
    }

    /// By weekday and hour of the local clock; the hours of a day add up to what was tracked of it.
    async fn hours_agree(&self, counted: &Counted, (from, to): (NaiveDate, NaiveDate)) {
        let mut expected = vec![[0; 24]; 7];
        let mut tracked = 0;
        let within = counted
            .iter()
            .filter(|((day, _), _)| from <= *day && *day <= to);
        for ((day, _), numbers) in within {
            let weekday = usize::try_from(day.weekday().num_days_from_monday()).unwrap();
            for (hour, seconds) in numbers.hours.iter().enumerate() {
                expected[weekday][hour] += seconds;
            }
            tracked += numbers.tracked;
        }
        let path = format!("/api/overview/hours?from={from}&to={to}");
        let answer = self.get(&path).await;
        let weekdays = answer["weekdays"].as_array().unwrap().iter();
        let found: Vec<Vec<i64>> = weekdays
            .map(|day| serde_json::from_value(day["tracked_seconds"].clone()).unwrap())
            .collect();
        assert_eq!(found, expected, "{} {path}", self.zone);
        let all: i64 = found.iter().flatten().sum();
        assert_eq!(all, tracked, "{} {path}", self.zone);
    }

    async fn breakdown_agrees(&self, by: &str, counted: &Counted, days: (NaiveDate, NaiveDate)) {
        let (from, to) = days;
        let path = format!("/api/usage?by={by}&from={from}&to={to}&sort=name");
        let answer = self.get(&path).await;
        let items = answer["items"].as_array().unwrap().iter();
        let found: BTreeMap<_, _> = items
            .map(|item| {
                let name = item["name"].as_str().unwrap().to_owned();
                let sums = ["seconds", "people"].map(|name| item[name].as_i64().unwrap());
                (name, (sums[0], sums[1]))
            })
            .collect();
        let expected = self.broken_down(by, counted, days);
        assert_eq!(found, expected, "{} {path}", self.zone);
        let total: i64 = expected.values().map(|(seconds, _)| seconds).sum();
        assert_eq!(answer["total_seconds"], total, "{} {path}", self.zone);
    }

    /// Overview, breakdowns, files and the owner's days over everything.
    async fn the_year_agrees(&self, owner: &Client, counted: &Counted) {
        let ends = [counted.keys().next(), counted.keys().next_back()];
        let [from, to] = ends.map(|end| end.unwrap().0);
        let range = format!("from={from}&to={to}");
        self.hours_agree(counted, (from, to)).await;
        for by in ["app", "host", "person", "team"] {
            self.breakdown_agrees(by, counted, (from, to)).await;
            let path = format!("/api/usage/export?by={by}&{range}");
            let file = self.company.admin.request(Method::GET, &path).send().await;
            let file = file.unwrap().text().await.unwrap();
            let lines: BTreeSet<_> = file.lines().skip(1).map(without_id).collect();
            let expected: BTreeSet<_> = self
                .broken_down(by, counted, (from, to))
                .into_iter()
                .map(|(name, (seconds, people))| format!("{name},{seconds},{people}"))
                .collect();
            assert_eq!(lines, expected, "{} {path}", self.zone);
        }
        let mut by_day: BTreeMap<NaiveDate, (i64, i64, i64, i64)> = BTreeMap::new();
        for ((day, user), numbers) in counted {
            let sums = by_day.entry(*day).or_default();
            let of_team = if self.place(*user) < 2 {
                numbers.tracked
            } else {
                0
            };
            *sums = (
                sums.0 + numbers.tracked,
                sums.1 + numbers.active,
                sums.2 + of_team,
                sums.3 + 1,
            );
        }
        let overview = self.get(&format!("/api/overview/days?{range}")).await;
        let series = overview["series"].as_array().unwrap();
        let at = series.iter().position(|series| series["id"] == self.team);
        let shown: BTreeMap<NaiveDate, _> = overview["days"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|day| day["tracked_seconds"] != 0)
            .map(|day| {
                let of_team = &day["by_series"][at.unwrap()];
                let sums = json!([day["tracked_seconds"], day["active_seconds"], of_team]);
                (day["day"].as_str().unwrap().parse().unwrap(), sums)
            })
            .collect();
        let expected: BTreeMap<NaiveDate, _> = by_day
            .iter()
            .map(|(day, sums)| (*day, json!([sums.0, sums.1, sums.2])))
            .collect();
        assert_eq!(shown, expected, "{}: overview", self.zone);
        let path = format!("/api/owner/companies/{}/usage?{range}", self.company.id);
        let (status, published) = owner.get(&path).await;
        assert_eq!(status, 200, "{published}");
        let shown: BTreeMap<NaiveDate, _> = published["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|day| day["active_employees"] != 0)
            .map(|day| {
                let sums = json!([day["active_minutes"], day["active_employees"]]);
                (day["day"].as_str().unwrap().parse().unwrap(), sums)
            })
            .collect();
        let expected: BTreeMap<NaiveDate, _> = by_day
            .iter()
            .map(|(day, sums)| (*day, json!([sums.1 / 60, sums.3])))
            .collect();
        assert_eq!(shown, expected, "{}: the owner's", self.zone);
    }
}

fn sums(of: &Value) -> Value {
    json!([of["tracked_seconds"], of["active_seconds"]])
}

fn without_id(line: &str) -> String {
    line.split_once(',').unwrap().1.to_owned()
}

#[actix_web::test]
async fn all_numbers_of_two_hundred_days_in_six_zones_are_those_of_the_raw_rows() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let mut dice = Dice::new(20_261_122);
    let mut compared = 0;
    for zone in ZONES {
        let scene = scene(&app, zone, &mut dice).await;
        record(&app, &scene, &mut dice).await;
        let counted = count(&app, &scene);
        let of_days = |(day, _): &&(NaiveDate, Uuid)| scene.days.contains(day);
        let filled = counted.keys().filter(of_days).count();
        assert!(filled > 2 * scene.days.len(), "{zone}: {filled}");
        scene.days_agree(&counted).await;
        scene.the_year_agrees(&app.owner().await, &counted).await;
        compared += scene.days.len();
    }
    assert!(compared >= 200, "{compared} days");
}
