//! Rows a second: through the API, and by bare inserts of the same rows into the same table. Each batch is another
//! person's, whose time goes on from batch to batch, as it does with a thousand desks.

use std::fmt::Write;
use std::time::{Duration, Instant};

use anyhow::ensure;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::sql_types::{Array, Integer, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{Connection as _, PgConnection, RunQueryDsl};
use serde_json::{Value, json};
use tracker::db::statement::statement;
use uuid::Uuid;

use crate::http::Connection;
use crate::place::{Place, Server};
use crate::seed::{Agent, Seed};
use crate::{CONNECTIONS, median, percentile, rounded};

const INSERT: &str = "INSERT INTO tenant.application_usage (company_id, user_id, started_at, id, session_id, app, title, seconds) \
    SELECT $1, $2, i.* FROM unnest($3, $4, $5, $6, $7, $8) AS i ON CONFLICT DO NOTHING";
const TITLES: [&str; 4] = [
    "Quarterly figures – spreadsheet of March",
    "Inbox (12) – correspondence with suppliers",
    "main.rs – tracker – editor",
    "How to sum rows by day – documentation",
];
/// From one item to the next.
const STEP: TimeDelta = TimeDelta::seconds(3);

struct Row {
    started_at: DateTime<Utc>,
    id: Uuid,
    app: &'static str,
    title: &'static str,
}

/// The desks of one connection, and how far the time of each has come.
struct Desks<'a> {
    agents: Vec<(&'a Agent, DateTime<Utc>)>,
    turn: usize,
}

impl<'a> Desks<'a> {
    fn next(&mut self, size: usize) -> (&'a Agent, Vec<Row>) {
        let count = self.agents.len();
        let (agent, clock) = &mut self.agents[self.turn % count];
        self.turn += 1;
        let rows = (0..size).map(|n| {
            *clock += STEP;
            Row {
                started_at: *clock,
                id: Uuid::now_v7(),
                app: "editor",
                title: TITLES[n % TITLES.len()],
            }
        });
        (agent, rows.collect())
    }
}

/// What one connection did in one round.
#[derive(Default)]
struct Done {
    rows: usize,
    times: Vec<Duration>,
}

type Worker<'a> = Box<dyn FnMut(usize) -> anyhow::Result<()> + Send + 'a>;

pub struct Ingest<'a> {
    server: &'a Server,
    ours: Vec<Worker<'a>>,
    raw: Vec<Worker<'a>>,
}

impl<'a> Ingest<'a> {
    pub fn new(place: &Place, server: &'a Server, seed: &'a Seed) -> anyhow::Result<Self> {
        let share = |connection: usize, back: i64| {
            let agents = seed.agents.iter().skip(connection).step_by(CONNECTIONS);
            let began = Utc::now() - TimeDelta::hours(back);
            Desks {
                agents: agents.map(|agent| (agent, began)).collect(),
                turn: 0,
            }
        };
        let mut ours: Vec<Worker> = Vec::new();
        let mut raw: Vec<Worker> = Vec::new();
        for connection in 0..CONNECTIONS {
            ours.push(through_the_api(server, share(connection, 20))?);
            raw.push(by_bare_inserts(place, share(connection, 20 + 24 * 20))?);
        }
        Ok(Self { server, ours, raw })
    }

    /// Both ways and both sizes in turn, so that whatever the machine does meets all of them.
    pub fn measure(&mut self, rounds: usize, round: Duration) -> anyhow::Result<(Value, Value)> {
        for workers in [&mut self.raw, &mut self.ours] {
            run(workers, 100, round / 2)?;
        }
        let mut all: [Series; 2] = Default::default();
        for number in 1..=rounds {
            for (size, series) in [100, 500].into_iter().zip(&mut all) {
                self.server.pause()?;
                let raw = run(&mut self.raw, size, round);
                self.server.resume()?;
                series.raw.push(raw?);
                series.ours.push(run(&mut self.ours, size, round)?);
            }
            println!("round {number} of {rounds}");
        }
        let [hundred, five_hundred] = all.map(Series::report);
        Ok((hundred, five_hundred))
    }
}

#[derive(Default)]
struct Series {
    raw: Vec<(f64, Vec<Duration>)>,
    ours: Vec<(f64, Vec<Duration>)>,
}

impl Series {
    fn report(self) -> Value {
        let sum = |runs: Vec<(f64, Vec<Duration>)>| {
            let (rates, times): (Vec<_>, Vec<_>) = runs.into_iter().unzip();
            let mut times: Vec<_> = times.into_iter().flatten().collect();
            (
                median(rates),
                percentile(&mut times, 0.5),
                percentile(&mut times, 0.99),
            )
        };
        let ((raw, _, raw_p99), (ours, p50, p99)) = (sum(self.raw), sum(self.ours));
        json!({
            "raw_rows_s": raw.round(), "rows_s": ours.round(), "ratio": rounded(ours / raw),
            "p50_ms": p50, "p99_ms": p99, "raw_p99_ms": raw_p99,
        })
    }
}

/// All workers until the time is up: rows a second of all, and every request's time.
fn run(
    workers: &mut [Worker],
    size: usize,
    round: Duration,
) -> anyhow::Result<(f64, Vec<Duration>)> {
    let began = Instant::now();
    let done: Vec<anyhow::Result<Done>> = std::thread::scope(|scope| {
        let threads: Vec<_> = workers
            .iter_mut()
            .map(|worker| {
                scope.spawn(move || {
                    let mut done = Done::default();
                    while began.elapsed() < round {
                        let sent = Instant::now();
                        worker(size)?;
                        done.times.push(sent.elapsed());
                        done.rows += size;
                    }
                    Ok(done)
                })
            })
            .collect();
        let joined = threads.into_iter().map(|thread| thread.join());
        joined
            .map(|done| done.unwrap_or_else(|_| anyhow::bail!("a worker broke")))
            .collect()
    });
    let took = began.elapsed().as_secs_f64();
    let (mut rows, mut times) = (0, Vec::new());
    for one in done {
        let one = one?;
        rows += one.rows;
        times.extend(one.times);
    }
    Ok((rows as f64 / took, times))
}

fn through_the_api<'a>(server: &Server, mut desks: Desks<'a>) -> anyhow::Result<Worker<'a>> {
    let mut connection = Connection::open(server.port)?;
    let mut body = String::new();
    Ok(Box::new(move |size| {
        let (agent, rows) = desks.next(size);
        body.clear();
        write!(
            body,
            "{{\"batch_id\":\"{}\",\"applications\":[",
            Uuid::now_v7()
        )?;
        for (place, row) in rows.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            write!(
                body,
                "{comma}{{\"id\":\"{}\",\"session_id\":\"{}\",\"app\":\"{}\",\"title\":\"{}\",\"started_at\":\"{}\",\"seconds\":3}}",
                row.id,
                agent.session,
                row.app,
                row.title,
                row.started_at.format("%Y-%m-%dT%H:%M:%S%.6fZ")
            )?;
        }
        body.push_str("]}");
        let status =
            connection.send("POST", "/api/upload/batch", &agent.headers, body.as_bytes())?;
        let answer = String::from_utf8_lossy(&connection.body);
        ensure!(status == 200, "{status}: {answer}");
        ensure!(
            answer.matches("\"stored\"").count() == size,
            "not all was stored: {answer}"
        );
        Ok(())
    }))
}

fn by_bare_inserts<'a>(place: &Place, mut desks: Desks<'a>) -> anyhow::Result<Worker<'a>> {
    let mut conn = PgConnection::establish(place.url())?;
    Ok(Box::new(move |size| {
        let (agent, rows) = desks.next(size);
        let stored = statement(INSERT)
            .bind::<SqlUuid, _>(agent.company)
            .bind::<SqlUuid, _>(agent.user)
            .bind::<Array<Timestamptz>, _>(
                rows.iter().map(|row| row.started_at).collect::<Vec<_>>(),
            )
            .bind::<Array<SqlUuid>, _>(rows.iter().map(|row| row.id).collect::<Vec<_>>())
            .bind::<Array<SqlUuid>, _>(vec![agent.session; rows.len()])
            .bind::<Array<Text>, _>(rows.iter().map(|row| row.app).collect::<Vec<_>>())
            .bind::<Array<Text>, _>(rows.iter().map(|row| row.title).collect::<Vec<_>>())
            .bind::<Array<Integer>, _>(vec![3; rows.len()])
            .execute(&mut conn)?;
        ensure!(stored == size, "not all was stored");
        Ok(())
    }))
}
