//! What a company's admins run: their people, teams and tasks, how these sign in, and their key.

pub mod alerts;
pub mod audit;
pub mod branding;
pub mod cancellations;
pub mod employees;
pub mod exports;
pub mod key;
pub mod monitoring_policies;
pub mod notifications;
pub mod removals;
pub(crate) mod rules;
pub mod settings;
pub mod sign_in_policy;
pub mod tasks;
pub mod teams;
