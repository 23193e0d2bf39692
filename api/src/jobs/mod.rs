//! Work that nobody waits for: a queue in the database, worked by threads of the server.

mod audit;
pub mod expiry;
pub mod idempotency;
mod listen;
pub(crate) mod mail;
pub mod overview;
pub mod partitions;
pub mod queue;
pub mod rebuild;
pub mod roll_up;
pub mod schedule;
pub mod silent_sessions;
mod threads;
pub mod usage_daily;
pub mod work;

use actix_web::web::Data;

use crate::app::State;
pub use threads::Threads;

/// Starts the threads beside a server: one hears what other instances changed, one watches the clock, some work.
pub fn start(state: &Data<State>, auth_url: String) -> anyhow::Result<Threads> {
    let mut threads = Threads::default();
    let directory = state.directory.clone();
    threads.spawn("listen", move |stop| {
        listen::run(&directory, &auth_url, &stop);
    })?;
    if state.config.job_workers > 0 {
        let state = state.clone();
        threads.spawn("schedule", move |stop| schedule::run(&state, &stop))?;
    }
    for _ in 0..state.config.job_workers {
        let state = state.clone();
        threads.spawn("jobs", move |stop| work::run(&state, &stop))?;
    }
    Ok(threads)
}
