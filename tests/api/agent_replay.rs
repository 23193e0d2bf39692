//! An agent that was alone for long: a week without a connection, a day of a suspended company. All of it arrives.
//! `AGENT_EVENTS` asks for more of the week.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use tracker_agent::desktop::fake::FakeDesktop;
use tracker_agent::queue::{KINDS, Queue, STOP};
use tracker_agent::sync::Trouble;

use crate::agent_faults::asked;
use crate::app::{App, Client, Company, report};
use crate::desk::Desk;
use crate::feed::rows;
use crate::line::{Fate, Line};

/// What a test run takes; `make agent-soak` asks for more.
const EVENTS: usize = 7_000;
const DAYS: usize = 7;

/// Another window each second.
fn busy(desktop: &FakeDesktop, wall: DateTime<Utc>) {
    let second = wall.timestamp();
    desktop.show("xterm", &format!("make {second}"));
    desktop.type_keys(1);
}

/// A whole second, so long ago.
fn ago(time: TimeDelta) -> DateTime<Utc> {
    DateTime::from_timestamp((Utc::now() - time).timestamp(), 0).unwrap()
}

/// The ids of what waits, by kind, and the seconds of its minutes.
fn kept(queue: &Queue) -> (Vec<BTreeSet<String>>, i64) {
    let ids = |kind| -> BTreeSet<String> {
        let rows = queue.of_kind(kind).unwrap().into_iter();
        rows.map(|row| row.id).collect()
    };
    let mut all: Vec<_> = KINDS.map(ids).to_vec();
    all[0].extend(ids(STOP));
    let mut seconds = 0;
    for row in queue.of_kind(KINDS[3]).unwrap() {
        let minute: Value = serde_json::from_str(&row.body).unwrap();
        seconds += minute["active_seconds"].as_i64().unwrap();
        seconds += minute["idle_seconds"].as_i64().unwrap();
    }
    (all, seconds)
}

/// The same of what arrived.
fn arrived(app: &App, person: &Client) -> (Vec<BTreeSet<String>>, i64) {
    let conn = &mut app.copy.admin();
    let user = person.user;
    let tables = [
        "work_sessions",
        "application_usage",
        "website_usage",
        "activity_log",
    ];
    let ids = tables.map(|table| {
        let sql = format!("SELECT id FROM tenant.{table} WHERE user_id = '{user}'");
        let found = rows(conn, &sql);
        let ids: BTreeSet<String> = (found.iter())
            .map(|row| row["id"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(ids.len(), found.len(), "stored twice in {table}");
        ids
    });
    let sql = format!(
        "SELECT coalesce(sum(active_seconds + idle_seconds), 0) AS seconds FROM tenant.activity_log WHERE user_id = '{user}'"
    );
    let seconds = rows(conn, &sql)[0]["seconds"].as_i64().unwrap();
    (ids.to_vec(), seconds)
}

#[actix_web::test]
async fn a_week_without_a_connection_arrives_whole() {
    let app = Arc::new(App::configured(|config| config.job_workers = 0).await);
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let (server, at) = (app.clone(), ada.clone());
    let work = spawn_blocking(move || {
        let line = Line::to(&server.address);
        let began = ago(TimeDelta::days(7));
        let mut desk = Desk::new(&line.url, &acme.key, &at.email, began);
        let events = asked("AGENT_EVENTS").unwrap_or(EVENTS);
        let recording = Instant::now();
        for day in 0..DAYS {
            desk.now.wall = began + TimeDelta::days(i64::try_from(day).unwrap());
            desk.record(u64::try_from(events.div_ceil(DAYS)).unwrap(), busy);
            desk.end("stopped");
            line.fail([Fate::CutBefore; 3]);
            assert!(matches!(desk.pass(), Err(Trouble::Later { .. })));
        }
        let recording = recording.elapsed();
        let (kept, items) = (kept(&desk.queue()), desk.waiting().items);
        assert_eq!(
            kept.0[1].len() + DAYS,
            events.div_ceil(DAYS) * DAYS,
            "one a second"
        );
        line.repair();
        let (before, sending) = (line.requests().0, Instant::now());
        desk.pass().unwrap();
        let took = sending.elapsed();
        let left = desk.waiting();
        assert_eq!((left.items, left.screenshots, left.dead_letters), (0, 0, 0));
        assert_eq!(arrived(&server, &at), kept);
        let figures = json!({
            "items": items, "requests": line.requests().0 - before, "drained_in_seconds": took.as_secs_f64(),
            "recorded_in_seconds": recording.as_secs_f64(),
        });
        println!("{figures}");
        report("agent_replay", &figures);
    });
    work.await.unwrap();
}

#[actix_web::test]
async fn a_day_of_a_suspended_company_arrives_when_it_is_back() {
    let app = Arc::new(App::configured(|config| config.job_workers = 0).await);
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let (server, handle) = (app.clone(), Handle::current());
    let work = spawn_blocking(move || {
        let owner_does = |acme: &Company, action: &str| {
            let path = format!("/api/owner/companies/{}/{action}", acme.id);
            let asked = acme.owner.post(&path, json!({ "reason": "unpaid" }));
            let (status, answer) = handle.block_on(asked);
            assert_eq!(status, 200, "{answer}");
        };
        let mut desk = Desk::new(
            &server.address,
            &acme.key,
            &ada.email,
            ago(TimeDelta::days(1)),
        );
        desk.record(60, busy);
        desk.pass().unwrap();
        owner_does(&acme, "suspend");
        // The session that was open when it happened goes on, and each hour has some minutes of work.
        for hour in 0..23 {
            desk.record(150, busy);
            desk.now.wall += TimeDelta::minutes(57);
            let Err(Trouble::Company { code, .. }) = desk.pass() else {
                panic!("a suspended company's agent was served in hour {hour}");
            };
            assert_eq!(code, "company_suspended");
        }
        desk.end("stopped");
        // By then the token has ended long ago, and the machine was started anew.
        desk.end_token();
        desk.kill();
        let (mut kept, seconds) = kept(&desk.queue());
        let (before, sent) = arrived(&server, &ada);
        owner_does(&acme, "reactivate");
        desk.pass().unwrap();
        let left = desk.waiting();
        assert_eq!((left.items, left.screenshots, left.dead_letters), (0, 0, 0));
        for (all, known) in kept.iter_mut().zip(before) {
            all.extend(known);
        }
        assert_eq!(arrived(&server, &ada), (kept, sent + seconds));
        // The first look of each session begins it, and no second after that is missing.
        assert_eq!(sent + seconds, 60 - 1 + 150 + 22 * (150 - 1));
        let sql = format!(
            "SELECT count(*) AS open FROM tenant.work_sessions WHERE user_id = '{}' AND (ended_at IS NULL OR end_reason NOT IN ('suspended', 'stopped'))",
            ada.user
        );
        assert_eq!(rows(&mut server.copy.admin(), &sql), [json!({ "open": 0 })]);
    });
    work.await.unwrap();
}
