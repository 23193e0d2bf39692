//! Raw rows as agents would have left them, put in place directly: times and devices are the test's to choose.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{Integer, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde_json::Value;
use tracker::jobs::{roll_up, work};
use tracker::tracking::{company_days, user_days::months};
use uuid::Uuid;

use crate::app::App;

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Works on whatever is due until nothing is; for servers without job threads of their own.
pub fn settle(app: &App) {
    app.state
        .db
        .platform_job_blocking(roll_up::enqueue_due)
        .unwrap();
    while next_job(app) {}
}

/// Works on the next due job, on a thread as workers have one: a test's own drives its server.
pub fn next_job(app: &App) -> bool {
    let state = &app.state;
    std::thread::scope(|threads| {
        let worker = threads.spawn(|| work::next(state).unwrap());
        worker.join().unwrap()
    })
}

/// Forgets when days were summed last, as if the pause between two sums were over.
pub fn a_minute_later(app: &App) {
    execute(
        &mut app.copy.admin(),
        "UPDATE tenant.user_usage_daily SET computed_at = computed_at - interval '1 minute'",
    );
}

/// Makes the sums of months and of the company's days from people's days that a test wrote itself.
pub fn sum_again(app: &App, company: Uuid) {
    let conn = &mut app.copy.admin();
    let text = format!(
        "SELECT DISTINCT user_id, day FROM (SELECT user_id, day, company_id FROM tenant.user_usage_daily \
         UNION ALL SELECT user_id, day, company_id FROM tenant.user_app_usage_daily) d WHERE company_id = '{company}'"
    );
    for row in rows(conn, &text) {
        let day: NaiveDate = row["day"].as_str().unwrap().parse().unwrap();
        let user = row["user_id"].as_str().unwrap().parse().unwrap();
        months::write(conn, company, user, &[day]).unwrap();
        company_days::write(conn, company, day).unwrap();
    }
}

pub fn execute(conn: &mut PgConnection, sql: &str) {
    sql_query(sql)
        .execute(conn)
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
}

#[derive(QueryableByName)]
struct Json {
    #[diesel(sql_type = diesel::sql_types::Jsonb)]
    json: Value,
}

/// Rows as JSON, in the statement's order.
pub fn rows(conn: &mut PgConnection, sql: &str) -> Vec<Value> {
    let text = format!("SELECT to_jsonb(rows) AS json FROM ({sql}) rows");
    let rows: Vec<Json> = sql_query(&text)
        .load(conn)
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    rows.into_iter().map(|row| row.json).collect()
}

/// One device of a person with one work session.
pub struct Feed {
    conn: PgConnection,
    pub company: Uuid,
    pub user: Uuid,
    pub device: Uuid,
    pub session: Uuid,
}

impl Feed {
    pub fn new(app: &App, company: Uuid, user: Uuid, started_at: &str) -> Self {
        let (device, session) = (Uuid::now_v7(), Uuid::now_v7());
        let mut feed = Self {
            conn: app.copy.admin(),
            company,
            user,
            device,
            session,
        };
        feed.run(
            "INSERT INTO tenant.devices (company_id, id, user_id, name, os, agent_version, key_id) \
             VALUES ($1, $3, $2, 'desk', 'Debian 12', '0.1.0', gen_random_uuid())",
        );
        sql_query(
            "INSERT INTO tenant.work_sessions (company_id, id, user_id, device_id, started_at, last_seen_at) VALUES ($1, $4, $2, $3, $5, $5)",
        )
        .bind::<SqlUuid, _>(company)
        .bind::<SqlUuid, _>(user)
        .bind::<SqlUuid, _>(device)
        .bind::<SqlUuid, _>(session)
        .bind::<Timestamptz, _>(at(started_at))
        .execute(&mut feed.conn)
        .unwrap();
        feed
    }

    fn run(&mut self, sql: &str) {
        sql_query(sql)
            .bind::<SqlUuid, _>(self.company)
            .bind::<SqlUuid, _>(self.user)
            .bind::<SqlUuid, _>(self.device)
            .execute(&mut self.conn)
            .unwrap();
    }

    /// Minutes in a row, each with these seconds, three keys and two clicks.
    pub fn minutes(&mut self, from: &str, count: i32, active: i32, idle: i32) -> &mut Self {
        sql_query(
            "INSERT INTO tenant.activity_log (company_id, user_id, started_at, id, session_id, keystrokes, mouse_events, active_seconds, idle_seconds) \
             SELECT $1, $2, $4 + n * interval '1 minute', gen_random_uuid(), $3, 3, 2, $6, $7 FROM generate_series(0, $5 - 1) n",
        )
        .bind::<SqlUuid, _>(self.company)
        .bind::<SqlUuid, _>(self.user)
        .bind::<SqlUuid, _>(self.session)
        .bind::<Timestamptz, _>(at(from))
        .bind::<Integer, _>(count)
        .bind::<Integer, _>(active)
        .bind::<Integer, _>(idle)
        .execute(&mut self.conn)
        .unwrap();
        self
    }

    pub fn app(&mut self, app: &str, title: &str, from: &str, seconds: i32) -> &mut Self {
        sql_query(
            "INSERT INTO tenant.application_usage (company_id, user_id, started_at, id, session_id, app, title, seconds) \
             VALUES ($1, $2, $4, gen_random_uuid(), $3, $5, $6, $7)",
        )
        .bind::<SqlUuid, _>(self.company)
        .bind::<SqlUuid, _>(self.user)
        .bind::<SqlUuid, _>(self.session)
        .bind::<Timestamptz, _>(at(from))
        .bind::<Text, _>(app)
        .bind::<Text, _>(title)
        .bind::<Integer, _>(seconds)
        .execute(&mut self.conn)
        .unwrap();
        self
    }

    pub fn site(&mut self, host: &str, from: &str, seconds: i32) -> &mut Self {
        sql_query(
            "INSERT INTO tenant.website_usage (company_id, user_id, started_at, id, session_id, host, seconds) \
             VALUES ($1, $2, $4, gen_random_uuid(), $3, $5, $6)",
        )
        .bind::<SqlUuid, _>(self.company)
        .bind::<SqlUuid, _>(self.user)
        .bind::<SqlUuid, _>(self.session)
        .bind::<Timestamptz, _>(at(from))
        .bind::<Text, _>(host)
        .bind::<Integer, _>(seconds)
        .execute(&mut self.conn)
        .unwrap();
        self
    }

    /// A ready picture, whose file may be put into the store under the returned keys.
    pub fn screenshot(&mut self, taken_at: &str, bytes: i32) -> Picture {
        let id = Uuid::now_v7();
        let key = format!("c/{}/2026/01/{}", self.company, id.simple());
        sql_query(
            "INSERT INTO tenant.screenshots (company_id, id, user_id, session_id, taken_at, display, blurred, state, object_key, \
               thumbnail_key, bytes, width, height, sha256) \
             VALUES ($1, $4, $2, $3, $5, 0, false, 'ready', $6, $6 || 't', $7, 800, 600, sha256(''::bytea))",
        )
        .bind::<SqlUuid, _>(self.company)
        .bind::<SqlUuid, _>(self.user)
        .bind::<SqlUuid, _>(self.session)
        .bind::<SqlUuid, _>(id)
        .bind::<Timestamptz, _>(at(taken_at))
        .bind::<Text, _>(&key)
        .bind::<Integer, _>(bytes)
        .execute(&mut self.conn)
        .unwrap();
        Picture {
            id,
            thumbnail_key: format!("{key}t"),
            object_key: key,
        }
    }

    /// Notes in the ledger that something of these days was taken in.
    pub fn batch(&mut self, first_day: &str, last_day: &str) -> &mut Self {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        sql_query(
            "INSERT INTO tenant.ingest_batches (company_id, device_id, batch_id, user_id, body_hash, items, first_day, last_day) \
             VALUES ($1, $3, gen_random_uuid(), $2, sha256(''::bytea), 1, $4, $5)",
        )
        .bind::<SqlUuid, _>(self.company)
        .bind::<SqlUuid, _>(self.user)
        .bind::<SqlUuid, _>(self.device)
        .bind::<diesel::sql_types::Date, _>(day(first_day))
        .bind::<diesel::sql_types::Date, _>(day(last_day))
        .execute(&mut self.conn)
        .unwrap();
        self
    }
}

pub struct Picture {
    pub id: Uuid,
    pub object_key: String,
    pub thumbnail_key: String,
}
