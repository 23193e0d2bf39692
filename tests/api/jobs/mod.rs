//! The queue and what its workers do.

mod expiry;
mod overview;
mod queue;
mod rebuild;
mod roll_up;
mod silent_sessions;
