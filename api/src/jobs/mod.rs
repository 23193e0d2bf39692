//! Work that nobody waits for: a queue in the database, worked by threads of the server.

mod listen;
mod threads;

use actix_web::web::Data;

use crate::app::State;
pub use threads::Threads;

/// Starts the threads beside a server: one hears what other instances changed.
pub fn start(state: &Data<State>, auth_url: String) -> anyhow::Result<Threads> {
    let mut threads = Threads::default();
    let directory = state.directory.clone();
    threads.spawn("listen", move |stop| {
        listen::run(&directory, &auth_url, &stop);
    })?;
    Ok(threads)
}
