//! What dashboards wait for, at the same number of connections.

use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use crate::http::Connection;
use crate::place::Server;
use crate::seed::Seed;
use crate::{CONNECTIONS, percentile};

pub fn measure(server: &Server, seed: &Seed, round: Duration) -> anyhow::Result<Value> {
    let (user, day) = seed.timeline;
    let reads = [
        (
            "owner_companies",
            &seed.owner,
            "/api/owner/companies?limit=50&sort=-active_minutes_30d".to_owned(),
        ),
        ("usage_daily", &seed.admin, "/api/usage/daily".to_owned()),
        (
            "timeline",
            &seed.admin,
            format!("/api/timeline?user_id={user}&day={day}"),
        ),
    ];
    let mut report = Map::new();
    for (name, headers, path) in reads {
        report.insert(
            name.into(),
            one(server, headers, ("GET", &path, b""), round)?,
        );
    }
    Ok(Value::Object(report))
}

/// Method, path and body, asked again and again.
pub fn one(
    server: &Server,
    headers: &str,
    (method, path, body): (&str, &str, &[u8]),
    round: Duration,
) -> anyhow::Result<Value> {
    let mut first = Connection::open(server.port)?;
    let status = first.send(method, path, headers, body)?;
    if status != 200 {
        let answer = String::from_utf8_lossy(&first.body);
        return Ok(json!({ "skipped": format!("HTTP {status} {answer}") }));
    }
    let began = Instant::now();
    let ask = || -> anyhow::Result<Vec<Duration>> {
        let (mut connection, mut times) = (Connection::open(server.port)?, Vec::new());
        while began.elapsed() < round {
            let sent = Instant::now();
            let status = connection.send(method, path, headers, body)?;
            anyhow::ensure!(status == 200, "HTTP {status} for {path}");
            times.push(sent.elapsed());
        }
        Ok(times)
    };
    let all: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(ask)).collect();
        let joined = threads.into_iter().map(|thread| thread.join());
        joined
            .map(|times| times.unwrap_or_else(|_| anyhow::bail!("a worker broke")))
            .collect()
    });
    let took = began.elapsed().as_secs_f64();
    let all: anyhow::Result<Vec<_>> = all.into_iter().collect();
    let mut times: Vec<_> = match all {
        Ok(times) => times.into_iter().flatten().collect(),
        Err(refused) => return Ok(json!({ "skipped": refused.to_string() })),
    };
    Ok(json!({
        "per_s": (times.len() as f64 / took).round(),
        "p50_ms": percentile(&mut times, 0.5),
        "p99_ms": percentile(&mut times, 0.99),
        "bytes": first.body.len(),
    }))
}
