//! What agents send, and who reads it.

pub mod access_entries;
pub mod company_days;
pub mod days;
pub(crate) mod devices;
pub mod disputes;
pub(crate) mod hours;
pub(crate) mod kept;
pub mod last_seen;
pub mod led_teams;
pub mod live;
pub mod login;
pub mod manual_times;
pub mod overview;
pub mod reports;
pub mod screenshot;
pub mod screenshots;
mod stretches;
pub mod timeline;
pub mod upload;
pub mod usage;
pub mod user_days;
pub mod work_session;
pub mod work_sessions;
