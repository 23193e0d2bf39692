//! Work that nobody waits for: a queue in the database, worked by threads of the server.

use actix_web::web::Data;

use crate::app::State;

/// The threads beside the server.
pub struct Threads;

impl Threads {
    pub fn stop(self) {}
}

pub fn start(_state: &Data<State>, _auth_url: String) -> anyhow::Result<Threads> {
    Ok(Threads)
}
