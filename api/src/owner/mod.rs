//! The service's owner: companies, their keys, plans and published numbers; never a person.

pub mod audit;
pub mod companies;
pub mod company_keys;
pub mod erasures;
pub mod exchange_rates;
mod mrr;
pub mod notes;
pub mod overrides;
pub mod owners;
pub mod plan_changes;
pub mod plans;
pub mod registration;
pub mod reports;
pub mod shared;
pub mod subscriptions;
pub mod summary;
pub mod system;
pub mod two_factor;
pub mod usage;
