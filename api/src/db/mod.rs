//! The database: its doors, the private server that development uses, migrations, and the tables as diesel sees them.

pub mod doors;
pub mod embedded;
pub mod lint;
pub mod migrate;
pub mod placement;
pub mod query_log;
pub mod roles;
pub mod schema;
pub mod setup;
pub mod statement;
pub mod verify;

pub use doors::{Db, DbRole, Scope, Tx};
