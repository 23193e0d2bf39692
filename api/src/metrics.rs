//! Figures of this instance for Prometheus, on a listener of their own: what was asked and how long it took, what agents
//! sent, what waits. Of companies there are counts by state, and no name and no id; of people there is nothing.

use std::net::SocketAddr;
use std::time::Duration;

use actix_web::http::{Method, StatusCode, header};
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer, dev::Server};
use anyhow::Context;
use diesel::sql_types::{BigInt, Double, Nullable, Text};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use prometheus_client::encoding::{EncodeLabelSet, text::encode};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use tracker_wire::ItemResult;

use crate::Result;
use crate::app::State;

/// Seconds: from a cached answer to a request that somebody gave up.
const BUCKETS: [f64; 10] = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 2.0, 10.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    /// The pattern: addresses hold tokens and ids.
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Named {
    state: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Pool {
    pool: &'static str,
}

/// Counted while requests are served, and asked for when somebody reads.
pub struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    seconds: Family<Route, Histogram>,
    items: Family<Outcome, Counter>,
    pool_size: Family<Pool, Gauge>,
    pool_busy: Family<Pool, Gauge>,
    jobs: Family<Named, Gauge>,
    oldest_job: Gauge,
    companies: Family<Named, Gauge>,
    database_up: Gauge,
}

impl Metrics {
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("tracker");
        let metrics = Self {
            requests: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            items: Family::default(),
            pool_size: Family::default(),
            pool_busy: Family::default(),
            jobs: Family::default(),
            oldest_job: Gauge::default(),
            companies: Family::default(),
            database_up: Gauge::default(),
            registry: Registry::default(),
        };
        registry.register(
            "requests",
            "Answers by method, route and status",
            metrics.requests.clone(),
        );
        registry.register_with_unit(
            "request_duration",
            "Time until the answer began",
            Unit::Seconds,
            metrics.seconds.clone(),
        );
        registry.register(
            "uploaded_items",
            "What became of what agents sent",
            metrics.items.clone(),
        );
        registry.register(
            "pool_connections",
            "Connections to the database that a pool may open",
            metrics.pool_size.clone(),
        );
        registry.register(
            "pool_connections_busy",
            "Connections of a pool that somebody holds",
            metrics.pool_busy.clone(),
        );
        registry.register("jobs", "Jobs by state", metrics.jobs.clone());
        registry.register_with_unit(
            "jobs_oldest_due",
            "How long the oldest job has been due",
            Unit::Seconds,
            metrics.oldest_job.clone(),
        );
        registry.register("companies", "Companies by state", metrics.companies.clone());
        registry.register(
            "database_up",
            "Whether the database answered when this was read",
            metrics.database_up.clone(),
        );
        Self {
            registry,
            ..metrics
        }
    }

    pub(crate) fn served(&self, method: &Method, route: &str, status: u16, took: Duration) {
        let answered = Answered {
            method: name(method),
            route: route.to_owned(),
            status,
        };
        self.requests.get_or_create(&answered).inc();
        let route = Route {
            route: route.to_owned(),
        };
        self.seconds
            .get_or_create(&route)
            .observe(took.as_secs_f64());
    }

    pub(crate) fn took_in(&self, results: impl Iterator<Item = ItemResult>) {
        let mut counts = [("stored", 0), ("duplicate", 0), ("rejected", 0)];
        for result in results {
            let at = match result {
                ItemResult::Stored => 0,
                ItemResult::Duplicate => 1,
                ItemResult::Rejected => 2,
            };
            counts[at].1 += 1;
        }
        for (result, count) in counts {
            self.items.get_or_create(&Outcome { result }).inc_by(count);
        }
    }

    /// In the text form of OpenMetrics 1.0.
    async fn read(&self, state: &State) -> Result<String> {
        for (pool, size, busy) in state.db.pools() {
            self.pool_size
                .get_or_create(&Pool { pool })
                .set(size.into());
            self.pool_busy
                .get_or_create(&Pool { pool })
                .set(busy.into());
        }
        let found = state.db.platform_job(count).await;
        self.database_up.set(found.is_ok().into());
        // What is not known is not told: a figure of a minute ago would look like one of now.
        self.jobs.clear();
        self.companies.clear();
        if let Ok((jobs, companies)) = found {
            let oldest = jobs.iter().filter_map(|job| job.oldest).fold(0.0, f64::max);
            #[expect(clippy::cast_possible_truncation, reason = "whole seconds will do")]
            self.oldest_job.set(oldest as i64);
            for (family, counts) in [(&self.jobs, jobs), (&self.companies, companies)] {
                for Count { state, count, .. } in counts {
                    family.get_or_create(&Named { state }).set(count);
                }
            }
        }
        let mut text = String::new();
        encode(&mut text, &self.registry).map_err(anyhow::Error::from)?;
        Ok(text)
    }
}

/// Methods are a stranger's to make up: what is not one of ours is one word.
fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
    #[diesel(sql_type = Nullable<Double>)]
    oldest: Option<f64>,
}

fn count(conn: &mut PgConnection) -> Result<(Vec<Count>, Vec<Count>)> {
    let jobs = sql_query(
        "SELECT state, count(*) AS count, \
         max(extract(epoch FROM now() - run_at)::float8) FILTER (WHERE state = 'queued' AND run_at <= now()) AS oldest \
         FROM platform.jobs GROUP BY state",
    );
    let companies = sql_query(
        "SELECT lower(status) AS state, count(*) AS count, NULL::float8 AS oldest FROM platform.companies GROUP BY status",
    );
    Ok((jobs.load(conn)?, companies.load(conn)?))
}

/// Serves `/metrics` and nothing else where the configuration says, if it does.
pub(crate) fn serve(state: &Data<State>) -> anyhow::Result<Option<(Server, SocketAddr)>> {
    let Some(address) = state.config.metrics_listen else {
        return Ok(None);
    };
    let state = state.clone();
    let app = move || {
        App::new()
            .app_data(state.clone())
            .route("/metrics", web::get().to(answer))
    };
    let server = HttpServer::new(app)
        .workers(1)
        .disable_signals()
        .bind(address)
        .with_context(|| format!("listening on METRICS_LISTEN={address}"))?;
    let address = server.addrs().first().copied().unwrap_or(address);
    Ok(Some((server.run(), address)))
}

async fn answer(state: Data<State>) -> HttpResponse {
    match state.metrics.read(&state).await {
        Ok(text) => HttpResponse::Ok()
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
            .body(text),
        Err(error) => {
            tracing::error!(%error, "the figures could not be written");
            HttpResponse::new(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}
