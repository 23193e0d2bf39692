//! The server of Employee Progress Tracker: rooms by resource, one door per database role.

pub mod account;
pub mod app;
pub mod audit;
pub mod company;
pub mod config;
pub mod db;
pub mod demo;
pub mod directory;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
pub mod health;
pub mod http;
pub mod jobs;
pub mod mail;
pub mod memory;
mod metrics;
pub mod mutants;
pub mod objects;
pub mod owner;
pub mod passwords;
pub mod secrets;
pub mod server;
pub mod tracking;

pub type Result<T, E = http::error::Error> = std::result::Result<T, E>;
