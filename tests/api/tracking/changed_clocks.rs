//! Days on which clocks are changed, against sums made here from the raw rows. Which day a row belongs to, and when the day
//! begins and ends, is asked of the database's own zones, not of the program's.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};
use tracker::tracking::days::Calendar;
use uuid::Uuid;

use super::wire;
use crate::app::{App, Client, Company};
use crate::dice::Dice;
use crate::feed::{Feed, execute, rows, settle};

/// By the hour, by half of one, at midnight, at its end; before and behind UTC, and off the full hour.
const ZONES: [&str; 7] = [
    "Europe/Berlin",
    "America/New_York",
    "America/Santiago",
    "Africa/Cairo",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
];

/// The last day that was shorter than others, and the last one that was longer. Older items are not taken.
pub(super) fn changed_days(zone: &str) -> [NaiveDate; 2] {
    let calendar = Calendar::new(vec![(NaiveDate::MIN, zone.parse::<Tz>().unwrap())]);
    let last = |is: fn(Duration) -> bool| {
        let days = (1..400).map(|ago| calendar.today() - Duration::days(ago));
        days.map(|day| (day, calendar.range(day)))
            .find(|(_, (from, to))| is(*to - *from))
            .unwrap_or_else(|| panic!("no clock is changed in {zone}"))
            .0
    };
    [
        last(|length| length < Duration::hours(24)),
        last(|length| length > Duration::hours(24)),
    ]
}

/// When a day begins and ends by the database's zones.
pub(super) fn borders(app: &App, zone: &str, day: NaiveDate) -> (DateTime<Utc>, DateTime<Utc>) {
    let minutes = format!(
        "SELECT extract(epoch FROM min(m))::bigint AS first, extract(epoch FROM max(m))::bigint AS last \
         FROM generate_series('{day} 00:00+00'::timestamptz - interval '1 day', '{day} 00:00+00'::timestamptz + interval '2 days', \
           interval '1 minute') m WHERE (m AT TIME ZONE '{zone}')::date = '{day}'"
    );
    let found = &rows(&mut app.copy.admin(), &minutes)[0];
    let at = |name: &str| DateTime::from_timestamp(found[name].as_i64().unwrap(), 0).unwrap();
    (at("first"), at("last") + Duration::minutes(1))
}

/// Work of two devices around and in the day, its end among it, with two pauses.
struct Work {
    paused: Vec<(DateTime<Utc>, DateTime<Utc>)>,
}

impl Work {
    fn feed(app: &App, user: (Uuid, Uuid), (from, to): (DateTime<Utc>, DateTime<Utc>)) -> Self {
        let (company, user) = user;
        let begins = from - Duration::minutes(95);
        let mut dice = Dice::new(usize::try_from(from.timestamp()).unwrap());
        let mut desk = Feed::new(app, company, user, &wire(begins));
        let mut laptop = Feed::new(app, company, user, &wire(begins));
        let mut minute = begins;
        while minute < to + Duration::minutes(95) {
            for feed in [&mut desk, &mut laptop] {
                // A row may begin within its minute, and a minute may have two.
                for _ in 0..dice.below(3) {
                    let at = minute + Duration::seconds(i64::try_from(dice.below(60)).unwrap());
                    let active = dice.below(61);
                    let [active, idle] = [active, dice.below(61 - active)]
                        .map(|seconds| i32::try_from(seconds).unwrap());
                    feed.minutes(&wire(at), 1, active, idle);
                }
            }
            minute += Duration::minutes(i64::try_from(1 + dice.below(19)).unwrap());
        }
        for at in [
            from - Duration::seconds(1),
            from,
            to - Duration::seconds(1),
            to,
        ] {
            desk.screenshot(&wire(at), 1000);
        }
        let days = (from.date_naive().to_string(), to.date_naive().to_string());
        desk.batch(&days.0, &days.1);
        let (paused, resumed) = (from + Duration::minutes(30), from + Duration::minutes(330));
        let evening = to - Duration::minutes(20);
        let end = |session: Uuid, at: DateTime<Utc>, reason: &str| {
            execute(
                &mut app.copy.admin(),
                &format!(
                    "UPDATE tenant.work_sessions SET ended_at = '{at}', end_reason = '{reason}', last_seen_at = '{at}' WHERE id = '{session}'"
                ),
            );
        };
        end(desk.session, begins, "stopped");
        end(laptop.session, paused, "paused");
        let again = Uuid::now_v7();
        execute(
            &mut app.copy.admin(),
            &format!(
                "INSERT INTO tenant.work_sessions (company_id, id, user_id, device_id, started_at, last_seen_at) \
                 VALUES ('{company}', '{again}', '{user}', '{}', '{resumed}', '{resumed}')",
                laptop.device
            ),
        );
        end(again, evening, "paused");
        Self {
            paused: vec![(paused, resumed), (evening, to)],
        }
    }
}

/// Seconds tracked and active by slot, from the rows of the day by the database's zones.
fn recomputed(app: &App, zone: &str, day: NaiveDate) -> BTreeMap<i64, (i64, i64)> {
    let (from, _) = borders(app, zone, day);
    let raw = rows(
        &mut app.copy.admin(),
        &format!(
            "SELECT s.device_id AS device, extract(epoch FROM a.started_at)::bigint AS at, a.active_seconds AS active, \
               a.active_seconds + a.idle_seconds AS tracked \
             FROM tenant.activity_log a JOIN tenant.work_sessions s ON s.id = a.session_id \
             WHERE (a.started_at AT TIME ZONE '{zone}')::date = '{day}'"
        ),
    );
    let mut by_device: BTreeMap<(i64, String), (i64, i64)> = BTreeMap::new();
    for row in &raw {
        let number = |name: &str| row[name].as_i64().unwrap();
        let minute = number("at").div_euclid(60);
        let sums = by_device
            .entry((minute, row["device"].to_string()))
            .or_default();
        *sums = (sums.0 + number("tracked"), sums.1 + number("active"));
    }
    let mut by_minute: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for ((minute, _), (tracked, active)) in by_device {
        let longest = by_minute.entry(minute).or_default();
        *longest = (
            longest.0.max(tracked.min(60)),
            longest.1.max(active.min(60)),
        );
    }
    let mut by_slot: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for (minute, (tracked, active)) in by_minute.into_iter().filter(|(_, sums)| sums.0 > 0) {
        let slot = (minute - from.timestamp() / 60).div_euclid(10);
        let sums = by_slot.entry(slot).or_default();
        *sums = (sums.0 + tracked, sums.1 + active);
    }
    by_slot
}

async fn is_right(app: &App, acme: &Company, ada: &Client, zone: &str, day: NaiveDate) {
    let (from, to) = borders(app, zone, day);
    let work = Work::feed(app, (acme.id, ada.user), (from, to));
    settle(app);
    let (status, shown) = acme
        .admin
        .get(&format!("/api/timeline?user_id={}&day={day}", ada.user))
        .await;
    assert_eq!(status, 200, "{shown}");
    let facts = (&shown["time_zone"], &shown["from"], &shown["to"]);
    assert_eq!(
        facts,
        (&json!(zone), &json!(wire(from)), &json!(wire(to))),
        "{day}"
    );

    let slots = recomputed(app, zone, day);
    let expected: Vec<_> = slots
        .iter()
        .map(|(number, (tracked, active))| {
            let begins = from + Duration::minutes(10 * number);
            let ends = to.min(begins + Duration::minutes(10));
            json!([wire(begins), wire(ends), tracked, active])
        })
        .collect();
    let list = |name: &str| shown[name].as_array().unwrap();
    let found: Vec<_> = list("slots")
        .iter()
        .map(|slot| {
            let minutes = slot["minutes"].as_array().unwrap();
            let of = |name: &'static str| {
                minutes
                    .iter()
                    .map(move |minute| minute[name].as_i64().unwrap())
            };
            assert_eq!(slot["tracked_seconds"], of("tracked_seconds").sum::<i64>());
            assert_eq!(slot["active_seconds"], of("active_seconds").sum::<i64>());
            let inside = |minute: &Value| {
                slot["from"].as_str() <= minute["at"].as_str()
                    && minute["at"].as_str() < slot["to"].as_str()
            };
            assert!(minutes.iter().all(inside), "{slot}");
            json!([
                slot["from"],
                slot["to"],
                slot["tracked_seconds"],
                slot["active_seconds"]
            ])
        })
        .collect();
    assert!(expected.len() > 60, "{expected:?}");
    assert_eq!(found, expected, "{zone} {day}");

    let tracked: i64 = slots.values().map(|(tracked, _)| tracked).sum();
    let active: i64 = slots.values().map(|(_, active)| active).sum();
    let sums = |of: &Value| {
        ["tracked_seconds", "active_seconds", "idle_seconds"].map(|name| of[name].as_i64().unwrap())
    };
    assert_eq!(
        sums(&shown),
        [tracked, active, tracked - active],
        "{zone} {day}"
    );
    let (_, daily) = ada
        .get(&format!("/api/usage/daily?from={day}&to={day}"))
        .await;
    assert_eq!(sums(&daily["items"][0]), sums(&shown), "{zone} {day}");

    let private: Vec<_> = work
        .paused
        .iter()
        .map(|(from, to)| json!({ "from": wire(*from), "to": wire(*to) }))
        .collect();
    assert_eq!(list("private"), &private, "{zone} {day}");
    let taken: Vec<_> = list("screenshots")
        .iter()
        .map(|shot| &shot["taken_at"])
        .collect();
    let ends = [wire(from), wire(to - Duration::seconds(1))];
    assert_eq!(
        taken,
        ends.each_ref()
            .map(|at| json!(at))
            .iter()
            .collect::<Vec<_>>()
    );
    assert_eq!(
        list("sessions").len(),
        2,
        "the one that began before midnight and the one that resumed"
    );
    forget(app);
}

/// What was fed, so that the next day stands alone.
fn forget(app: &App) {
    for table in [
        "screenshots",
        "activity_log",
        "ingest_batches",
        "work_sessions",
        "devices",
        "user_usage_daily",
    ] {
        execute(
            &mut app.copy.admin(),
            &format!("DELETE FROM tenant.{table}"),
        );
    }
}

#[actix_web::test]
async fn days_on_which_clocks_are_changed_add_up_like_their_raw_rows() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    for zone in ZONES {
        execute(
            &mut app.copy.admin(),
            &format!("UPDATE tenant.company_time_zones SET zone = '{zone}'"),
        );
        for day in changed_days(zone) {
            is_right(&app, &acme, &ada, zone, day).await;
        }
    }
}
