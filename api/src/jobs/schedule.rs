//! What falls due by the clock. Each instance asks for it; the time slot in a job's id lets one of them get it.

use std::time::{Duration, Instant};

use chrono::Utc;
use diesel::PgConnection;
use serde_json::json;
use uuid::{Builder, Uuid};

use super::overview::{self, LastUse};
use super::queue::{self, NewJob};
use super::threads::Stop;
use super::{
    alerts, digests, erasures, expiry, exports, idempotency, own_exports, partitions, plan_changes,
    reminders, report_files, retention, roll_up, silent_sessions, system_status,
};
use crate::account::attempts;
use crate::company;
use crate::owner::audit::seals;
use crate::{Result, account::api_tokens, app::State, secrets::sha256};

const TICK: Duration = Duration::from_secs(1);
const ROLL_UP: Duration = Duration::from_secs(2);

const MINUTE: i64 = 60;
const DAY: i64 = 86_400;
/// Kinds and the seconds from one time to the next.
pub(crate) const REGULAR: [(&str, i64); 20] = [
    (silent_sessions::FIND, MINUTE),
    (expiry::FIND, MINUTE),
    (plan_changes::FIND, MINUTE),
    (reminders::FIND, MINUTE),
    (report_files::FIND_DUE, MINUTE),
    (overview::KIND, MINUTE),
    (seals::KIND, MINUTE),
    (company::audit::seals::FIND, MINUTE),
    (alerts::FIND, 3 * MINUTE),
    (digests::FIND, 5 * MINUTE),
    (exports::FIND, 5 * MINUTE),
    (own_exports::FIND, 5 * MINUTE),
    (report_files::FIND, 5 * MINUTE),
    (system_status::KIND, 5 * MINUTE),
    (queue::FORGET, 60 * MINUTE),
    (attempts::FORGET, 60 * MINUTE),
    (erasures::FIND, 60 * MINUTE),
    (retention::FIND, 60 * MINUTE),
    (idempotency::FIND, 60 * MINUTE),
    (partitions::KIND, DAY),
];

pub(super) fn run(state: &State, stop: &Stop) {
    let (mut last_use, mut tokens_used) = (LastUse::default(), LastUse::default());
    let (mut rolled_up, mut asked_for) = (Instant::now(), 0);
    loop {
        let stopping = stop.wait(TICK);
        let mut done = write_last_use(state, &mut last_use, stopping);
        done = done.and(write_tokens_used(state, &mut tokens_used, stopping));
        if stopping {
            return;
        }
        if rolled_up.elapsed() >= ROLL_UP {
            rolled_up = Instant::now();
            done = done.and(state.db.platform_job_blocking(roll_up::enqueue_due));
        }
        let minute = Utc::now().timestamp() / MINUTE;
        if minute != asked_for {
            let asked = state.db.platform_job_blocking(enqueue_regular);
            asked_for = if asked.is_ok() { minute } else { asked_for };
            done = done.and(asked);
        }
        if let Err(cause) = done {
            tracing::warn!(?cause, "scheduled work could not be queued; trying again");
        }
    }
}

fn write_last_use(state: &State, last_use: &mut LastUse, all: bool) -> Result<()> {
    last_use.collect(&state.last_seen);
    let rows = last_use.due(all);
    if rows.is_empty() {
        return Ok(());
    }
    state
        .db
        .platform_job_blocking(|conn| overview::write_last_use(conn, &rows))?;
    last_use.wrote(&rows);
    Ok(())
}

fn write_tokens_used(state: &State, tokens_used: &mut LastUse, all: bool) -> Result<()> {
    tokens_used.collect(&state.tokens_seen);
    let rows = tokens_used.due(all);
    if rows.is_empty() {
        return Ok(());
    }
    state
        .db
        .auth_blocking(|conn| api_tokens::write_last_use(conn, &rows))?;
    tokens_used.wrote(&rows);
    Ok(())
}

/// Queues what is due in the present slot of each kind, unless any instance has done so.
pub fn enqueue_regular(conn: &mut PgConnection) -> Result<()> {
    let now = Utc::now().timestamp();
    let jobs: Vec<NewJob> = REGULAR
        .iter()
        .map(|(kind, every)| NewJob {
            id: of_slot(kind, now / every),
            ..NewJob::new(Uuid::nil(), kind, json!({}), (*kind).to_owned())
        })
        .collect();
    queue::enqueue(conn, &jobs)
}

/// The same id on every instance: a second row cannot be, also not when the first one is done already.
fn of_slot(kind: &str, slot: i64) -> Uuid {
    let hash = sha256(format!("{kind} {slot}").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    Builder::from_custom_bytes(bytes).into_uuid()
}
