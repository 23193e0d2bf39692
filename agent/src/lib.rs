//! The desktop agent as a library: the recorder, the queue on disk and the sync engine, so that
//! tests drive them with a scripted desktop and a server of their own.

pub mod activitywatch;
mod chance;
pub mod desktop;
pub mod doctor;
mod glances;
pub mod home;
pub mod http;
pub mod install;
mod keyring;
pub mod login;
pub mod notice;
mod pictures;
pub mod platform;
pub mod policy;
pub mod privacy;
pub mod private_time;
pub mod queue;
pub mod recorder;
pub mod run;
pub mod status;
pub mod sync;
pub mod tasks;
pub mod timeline;
mod tray;
