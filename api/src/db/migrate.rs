//! `tracker migrate`: roles and schemas first, with an administrative connection, then the migrations as tracker_ddl.

use anyhow::Context;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, RunQueryDsl, sql_query};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::roles::Login;
use crate::config::Config;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations");
const BOOTSTRAP: &str = include_str!("bootstrap.sql");

/// Names the advisory lock that keeps two migrating instances apart.
const LOCK: i64 = 0x0074_7261_636b_6572;

/// Brings the database to this version; returns the names of the migrations that ran.
pub fn migrate(admin_url: &str, config: &Config) -> anyhow::Result<Vec<String>> {
    let mut conn = PgConnection::establish(admin_url).context("connecting for the migration")?;
    sql_query("SELECT pg_advisory_lock($1)")
        .bind::<diesel::sql_types::BigInt, _>(LOCK)
        .execute(&mut conn)?;
    conn.batch_execute(BOOTSTRAP)
        .context("making roles and schemas")?;
    set_passwords(&mut conn, config)?;
    // Under row security a migration's own statement could miss rows silently; off, it fails instead.
    conn.batch_execute("SET ROLE tracker_ddl; SET search_path = platform; SET row_security = off; SET lock_timeout = '5s'")?;
    let ran = conn
        .run_pending_migrations(MIGRATIONS)
        .map_err(anyhow::Error::from_boxed)
        .context("running migrations")?;
    Ok(ran.iter().map(ToString::to_string).collect())
}

/// Takes every migration back; for tests of the way down.
pub fn revert_all(admin_url: &str) -> anyhow::Result<()> {
    let mut conn = PgConnection::establish(admin_url)?;
    conn.batch_execute("SET ROLE tracker_ddl; SET search_path = platform")?;
    conn.revert_all_migrations(MIGRATIONS)
        .map_err(anyhow::Error::from_boxed)?;
    Ok(())
}

fn set_passwords(conn: &mut PgConnection, config: &Config) -> anyhow::Result<()> {
    for login in Login::ALL {
        let Some(password) = login.password(config) else {
            continue;
        };
        let quoted = password.replace('\'', "''");
        anyhow::ensure!(
            !quoted.contains(['\\', '\0']),
            "the password of {} holds a backslash",
            login.name()
        );
        // ALTER ROLE takes no bind.
        conn.batch_execute(&format!("ALTER ROLE {} PASSWORD '{quoted}'", login.name()))
            .map_err(|_| anyhow::anyhow!("the password of {} could not be set", login.name()))?;
    }
    Ok(())
}
