//! The agents' plane: what a device sends, what becomes of it, and who is refused.

mod agreement;
mod breakdown;
mod changed_clocks;
mod company_key;
mod devices;
mod disputes;
mod gallery;
mod live;
mod login;
mod manual_times;
mod monitoring_policies;
mod overview;
mod pair;
mod reports;
pub mod screenshot;
mod screenshots;
mod stretches;
mod suspension;
mod timeline;
mod upload;
mod usage;
mod work_session;
mod work_sessions;

use std::sync::LazyLock;

use chrono::{DateTime, SecondsFormat, Utc};
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::App;

/// A time as the wire has it.
pub fn wire(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Whole seconds before the run began: the same each time it is asked for, and what is read back is what was sent.
pub fn ago(seconds: i64) -> DateTime<Utc> {
    static BEGAN: LazyLock<i64> = LazyLock::new(|| Utc::now().timestamp());
    DateTime::from_timestamp(*BEGAN - seconds, 0).unwrap()
}

pub fn application(session: Uuid, at: DateTime<Utc>) -> Value {
    json!({ "id": Uuid::now_v7(), "session_id": session, "app": "xterm", "title": "make", "started_at": wire(at), "seconds": 5 })
}

pub fn website(session: Uuid, at: DateTime<Utc>) -> Value {
    json!({ "id": Uuid::now_v7(), "session_id": session, "host": "docs.test", "path": "/a", "title": "Docs",
        "started_at": wire(at), "seconds": 5 })
}

fn minute(session: Uuid, at: DateTime<Utc>) -> Value {
    json!({ "id": Uuid::now_v7(), "session_id": session, "minute": wire(at), "keystrokes": 10, "mouse_events": 20,
        "active_seconds": 40, "idle_seconds": 20 })
}

fn results(answer: &Value) -> Vec<&str> {
    let items = answer["items"]
        .as_array()
        .unwrap_or_else(|| panic!("{answer}"));
    items
        .iter()
        .map(|item| item["code"].as_str().or(item["result"].as_str()).unwrap())
        .collect()
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Counts past row security: `from` is what follows FROM.
pub fn count(app: &App, from: &str) -> i64 {
    let text = format!("SELECT count(*) AS count FROM {from}");
    sql_query(text)
        .get_result::<Count>(&mut app.copy.admin())
        .unwrap()
        .count
}
