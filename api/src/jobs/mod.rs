//! Work that nobody waits for: a queue in the database, worked by threads of the server.

pub mod alerts;
mod audit;
pub(crate) mod deleted_screenshots;
pub mod digests;
pub(crate) mod disputes;
pub mod erasures;
pub mod expiry;
pub mod exports;
pub mod idempotency;
pub mod kept_files;
mod listen;
pub(crate) mod mail;
pub(crate) mod manual_times;
pub mod overview;
pub mod own_exports;
pub(crate) mod own_screenshots;
pub mod partitions;
pub mod plan_changes;
pub mod queue;
pub mod rebuild;
pub mod reclassify;
pub mod reminders;
pub mod removals;
pub mod report_files;
pub mod retention;
pub mod roll_up;
pub mod schedule;
pub mod silent_sessions;
pub mod system_status;
mod threads;
pub mod usage_daily;
pub mod work;

use actix_web::web::Data;

use crate::app::State;
use crate::secrets::{LOOKS, Secrets};
use threads::Stop;
pub use threads::Threads;

/// Starts the threads beside a server: one looks at the secret file, one hears what other instances changed, one watches
/// the clock, some work.
pub fn start(state: &Data<State>, auth_url: String) -> anyhow::Result<Threads> {
    let mut threads = Threads::default();
    let secrets = state.secrets.clone();
    threads.spawn("secrets", move |stop| watch(&secrets, &stop))?;
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

/// Takes up rotated keys. What is wrong with the file is said once, however long it stays so.
fn watch(secrets: &Secrets, stop: &Stop) {
    let mut said = String::new();
    while !stop.wait(LOOKS) {
        let wrong = match secrets.reload() {
            Ok(is_changed) => {
                if is_changed {
                    tracing::info!("the secret file was changed: its keys are taken up");
                }
                String::new()
            }
            Err(error) => format!("{error:#}"),
        };
        if !wrong.is_empty() && wrong != said {
            tracing::error!(error = %wrong, "the secret file is no good: the keys before stay in use");
        }
        said = wrong;
    }
}
