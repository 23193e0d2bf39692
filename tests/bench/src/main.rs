//! The release server on a durable private PostgreSQL, beside what the same machine does without it. Only the ratios
//! of one run say something; the rounds are interleaved and the medians of them are told.

mod companies;
mod http;
mod ingest;
mod place;
mod reads;
mod seed;
mod sign_in;
mod workforce;

use std::time::Duration;

use anyhow::Context;
use serde_json::{Value, json};

use place::Place;

/// Connections of every measurement; the server's pool has eight.
const CONNECTIONS: usize = 16;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(2);

fn main() -> anyhow::Result<()> {
    match std::env::args().nth(1).as_deref() {
        None => {}
        Some("companies") => return only_companies(companies::History::Short),
        Some("history") => return only_companies(companies::History::Long),
        Some("workforce") => return only_workforce(),
        Some(other) => anyhow::bail!("{other} is none of `companies`, `history` and `workforce`"),
    }
    let place = Place::open()?;
    println!("seeding 1,000 companies and 1,000 agents …");
    let seed = seed::seed(&place)?;
    let server = place.serve()?;
    let resting = server.resident_mib()?;

    let mut ingest = ingest::Ingest::new(&place, &server, &seed)?;
    let (hundred, five_hundred) = ingest.measure(ROUNDS, ROUND)?;
    let loaded = server.resident_mib()?;
    place.analyze()?;
    let reads = reads::measure(&server, &seed, ROUND)?;
    let after_reads = server.resident_mib()?;
    println!("{}", workforce::make(&place)?);
    let people = workforce::measure(&place, &server, ROUND)?;
    println!("adding companies up to 10,000 …");
    let companies = companies::measure(&place, &server, &seed, companies::History::Short, ROUND)?;
    let sign_in = sign_in::measure(&server, &seed, ROUND * 2)?;
    let report = json!({
        "ingest_100": hundred,
        "ingest_500": five_hundred,
        "reads": reads,
        "two_thousand_people": people,
        "ten_thousand_companies": companies,
        "sign_in": sign_in,
        "rss_mib": loaded,
        "rss_at_rest_mib": resting,
        "rss_after_reads_mib": after_reads,
        "rss_after_sign_in_mib": server.resident_mib()?,
        "connections": CONNECTIONS,
        "cores": std::thread::available_parallelism().map_or(0, usize::from),
        "postgres": place.major(),
    });
    tell(&report);
    let file = place.report_file();
    std::fs::create_dir_all(file.parent().context("no folder")?)?;
    std::fs::write(&file, serde_json::to_string_pretty(&report)? + "\n")?;
    println!("written to {}", file.display());
    Ok(())
}

/// The owner's pages alone.
fn only_companies(history: companies::History) -> anyhow::Result<()> {
    let place = Place::open()?;
    let seed = seed::seed(&place)?;
    let server = place.serve()?;
    let resting = server.resident_mib()?;
    let report = json!({
        "ten_thousand_companies": companies::measure(&place, &server, &seed, history, ROUND)?,
    });
    tell_reads(&report);
    println!(
        "resident memory: {resting} MiB at rest, {} after it",
        server.resident_mib()?
    );
    Ok(())
}

/// The pages of a large company's admin alone.
fn only_workforce() -> anyhow::Result<()> {
    let place = Place::open()?;
    println!("{}", workforce::make(&place)?);
    let server = place.serve()?;
    tell_reads(&json!({ "two_thousand_people": workforce::measure(&place, &server, ROUND)? }));
    println!("resident memory: {} MiB after it", server.resident_mib()?);
    Ok(())
}

fn tell(report: &Value) {
    println!("\n{CONNECTIONS} connections, medians of {ROUNDS} interleaved rounds\n");
    for (name, text) in [
        ("ingest_100", "batches of 100"),
        ("ingest_500", "batches of 500"),
    ] {
        let one = &report[name];
        println!(
            "{text}: {} rows/s of {} raw = {}   p50 {} ms, p99 {} ms (raw p99 {} ms)",
            one["rows_s"],
            one["raw_rows_s"],
            one["ratio"],
            one["p50_ms"],
            one["p99_ms"],
            one["raw_p99_ms"]
        );
    }
    tell_reads(report);
    let sign_in = &report["sign_in"];
    println!(
        "sign-in: {}/s of {} bare hashes/s = {}",
        sign_in["per_s"], sign_in["argon2_per_s"], sign_in["ratio"]
    );
    println!(
        "resident memory: {} MiB at rest, {} after ingest, {} after reads, {} after sign-ins",
        report["rss_at_rest_mib"],
        report["rss_mib"],
        report["rss_after_reads_mib"],
        report["rss_after_sign_in_mib"]
    );
}

fn tell_reads(report: &Value) {
    let reads = ["reads", "two_thousand_people", "ten_thousand_companies"]
        .iter()
        .filter_map(|part| report[part].as_object());
    for (name, one) in reads.flatten() {
        match one.get("skipped") {
            Some(why) => println!("{name}: left out, {why}"),
            None => println!(
                "{name}: {}/s   p50 {} ms, p99 {} ms",
                one["per_s"], one["p50_ms"], one["p99_ms"]
            ),
        }
    }
}

/// Two digits are all that a measurement of this kind carries.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// The time below which that share of the requests stayed, in milliseconds.
fn percentile(times: &mut [Duration], share: f64) -> f64 {
    times.sort_unstable();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index"
    )]
    let place = ((times.len() as f64) * share) as usize;
    let time = times.get(place.min(times.len().saturating_sub(1)));
    rounded(time.map_or(0.0, |time| time.as_secs_f64() * 1000.0))
}
