//! The owner's pages with ten thousand companies: the list in every order, filtered and searched, the figures above it, what
//! a plan's change would do, and the change itself, after which every instance reads all companies anew.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::Uuid as SqlUuid;
use diesel::{Connection as _, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde_json::{Map, Value, json};
use tracker::config;
use tracker::demo::crowd;
use tracker::server::Database;
use uuid::Uuid;

use crate::http::Connection;
use crate::percentile;
use crate::place::{Place, Server};
use crate::reads::one;
use crate::seed::Seed;

/// Besides those that were there.
const MORE: u32 = 9_000;
const CHANGES: i32 = 20;

/// How much lies behind each company.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum History {
    /// Two to four rows of its subscription, and two months of days.
    Short,
    /// Fifty rows of it, and a year of days.
    Long,
}

/// Orders and filters of the list.
const LISTS: [(&str, &str); 15] = [
    ("by_name", "sort=name"),
    ("by_status", "sort=status"),
    ("by_plan", "sort=-plan"),
    ("by_employees", "sort=-employees_active"),
    ("by_active_minutes", "sort=-active_minutes_30d"),
    ("by_sessions", "sort=-sessions_30d"),
    ("by_screenshots", "sort=-screenshots_30d"),
    ("by_storage", "sort=-storage_bytes"),
    ("by_last_sync", "sort=last_sync_at"),
    ("by_age", "sort=created_at"),
    ("of_a_status", "sort=-storage_bytes&status=EXPIRED"),
    (
        "of_a_plan",
        "sort=-storage_bytes&plan=ENTERPRISE&status=ACTIVE",
    ),
    ("searched", "sort=-storage_bytes&q=studio"),
    ("searched_by_a_letter", "sort=-storage_bytes&q=a"),
    ("searched_in_vain", "sort=name&q=nobody"),
];

pub fn measure(
    place: &Place,
    server: &Server,
    seed: &Seed,
    history: History,
    round: Duration,
) -> anyhow::Result<Value> {
    let mut config = config::defaults()?;
    config.database_url = Some(place.url().to_owned());
    let db = Database::open(&config)?.connect(&config)?;
    crowd::add(&db, &place.secrets, MORE)?;
    if history == History::Long {
        lengthen(place)?;
    }
    place.analyze()?;
    let mut report = Map::new();
    for (name, query) in LISTS {
        let path = format!("/api/owner/companies?limit=50&{query}");
        let figures = one(server, &seed.owner, ("GET", &path, b""), round)?;
        report.insert(format!("list_{name}"), figures);
    }
    let summary = one(
        server,
        &seed.owner,
        ("GET", "/api/owner/summary", b""),
        round,
    )?;
    report.insert("summary".into(), summary);
    for name in ["overview", "usage", "plans", "revenue", "growth"] {
        let path = format!("/api/owner/reports/{name}");
        let figures = one(server, &seed.owner, ("GET", &path, b""), round)?;
        report.insert(format!("report_{name}"), figures);
    }
    let plan = plan(place)?;
    let path = format!("/api/owner/plans/{plan}/simulate");
    let body = br#"{"max_employees": 20, "features": {"screenshots": false}}"#;
    let simulated = one(server, &seed.owner, ("POST", &path, body), round)?;
    report.insert("plan_simulated".into(), simulated);
    report.insert("plan_changed".into(), change(server, seed, plan)?);
    Ok(Value::Object(report))
}

/// Other prices for the same plan between the end of the trial and a month ago, and days up to a year back.
fn lengthen(place: &Place) -> anyhow::Result<()> {
    let mut conn = PgConnection::establish(place.url())?;
    conn.batch_execute(
        "INSERT INTO platform.subscriptions (company_id, id, event, plan_id, price_minor, currency, period, status, starts_at, actor_id, actor) \
           SELECT c.id, (lpad(to_hex((extract(epoch FROM t.at) * 1000)::bigint), 12, '0') || '7' || substr(md5(random()::text), 1, 3) || '8' \
               || substr(md5(random()::text), 1, 15))::uuid, \
             'plan_changed', c.plan_id, 5000 + 100 * ((n * 7) % 13), c.currency, c.period, 'ACTIVE', t.at, '00000000-0000-0000-0000-000000000000', 'system' \
           FROM platform.companies c CROSS JOIN generate_series(1, 47) n \
           CROSS JOIN LATERAL (SELECT c.created_at + interval '15 days' + n * (now() - interval '30 days' - c.created_at) / 50 AS at) t \
           WHERE c.created_at < now() - interval '59 days' AND t.at < now() - interval '26 days'; \
         INSERT INTO platform.company_usage_daily (company_id, day, active_employees, sessions, active_seconds, screenshots, storage_bytes, events) \
           SELECT c.id, d::date, 20, 20, 400000, 200, 1000000, 20000 FROM platform.companies c \
           CROSS JOIN generate_series(current_date - 365, current_date - 61, interval '1 day') d WHERE extract(isodow FROM d) < 6 \
           ON CONFLICT DO NOTHING; \
         DELETE FROM platform.company_usage_monthly; \
         INSERT INTO platform.company_usage_monthly SELECT company_id, date_trunc('month', day::timestamp)::date, sum(active_seconds), \
           max(active_employees) FROM platform.company_usage_daily GROUP BY 1, 2",
    )?;
    Ok(conn.batch_execute("VACUUM ANALYZE platform.subscriptions, platform.company_usage_daily, platform.company_usage_monthly")?)
}

fn plan(place: &Place) -> anyhow::Result<Uuid> {
    #[derive(QueryableByName)]
    struct Plan {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let conn = &mut PgConnection::establish(place.url())?;
    let plan: Plan =
        sql_query("SELECT id FROM platform.plans WHERE name = 'PRO'").get_result(conn)?;
    Ok(plan.id)
}

/// One after the other: a plan is not changed by sixteen people at once.
fn change(server: &Server, seed: &Seed, plan: Uuid) -> anyhow::Result<Value> {
    let (mut connection, mut times) = (Connection::open(server.port)?, Vec::new());
    let headers = format!("{}if-match: *\r\n", seed.owner);
    let began = Instant::now();
    for number in 0..CHANGES {
        let body = json!({ "max_employees": 60 + number }).to_string();
        let path = format!("/api/owner/plans/{plan}");
        let sent = Instant::now();
        let status = connection.send("PATCH", &path, &headers, body.as_bytes())?;
        anyhow::ensure!(status == 200, "HTTP {status} for {path}");
        times.push(sent.elapsed());
    }
    let per_s = f64::from(CHANGES) / began.elapsed().as_secs_f64();
    Ok(json!({
        "per_s": per_s.round(),
        "p50_ms": percentile(&mut times, 0.5),
        "p99_ms": percentile(&mut times, 0.99),
    }))
}
