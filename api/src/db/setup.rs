//! Before the first request: the private server's database, and whether the roles are as harmless as they must be.

use anyhow::{Context, ensure};
use diesel::sql_types::{Bool, Text};
use diesel::{
    Connection, OptionalExtension, PgConnection, QueryableByName, RunQueryDsl,
    connection::SimpleConnection, sql_query,
};

use super::roles::Login;

#[derive(QueryableByName)]
struct One {
    #[diesel(sql_type = Bool)]
    yes: bool,
}

/// Makes the database if it is not there.
pub fn create_database(admin_url: &str, name: &str) -> anyhow::Result<()> {
    let mut conn =
        PgConnection::establish(admin_url).context("connecting to the private server")?;
    let there: One = sql_query("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1) AS yes")
        .bind::<Text, _>(name)
        .get_result(&mut conn)?;
    if !there.yes {
        // CREATE DATABASE takes no bind; the name is a constant of this program.
        conn.batch_execute(&format!("CREATE DATABASE \"{}\"", name.replace('"', "")))?;
    }
    Ok(())
}

/// Each login role is what it claims, none can pass row security, and a forgotten context is refused.
pub fn preflight(url: impl Fn(Login) -> anyhow::Result<String>) -> anyhow::Result<()> {
    for login in Login::ALL {
        let mut conn = PgConnection::establish(&url(login)?)
            .with_context(|| format!("connecting as {}", login.name()))?;
        let own: One = sql_query("SELECT current_user = $1 AND session_user = $1 AS yes")
            .bind::<Text, _>(login.name())
            .get_result(&mut conn)?;
        ensure!(
            own.yes,
            "the connection for {} is another user's",
            login.name()
        );
        let dangerous: Option<One> = sql_query(
            "SELECT true AS yes FROM pg_roles r WHERE pg_has_role(current_user, r.oid, 'MEMBER') AND (r.rolsuper OR r.rolbypassrls \
             OR EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid AND c.relnamespace IN \
             (SELECT oid FROM pg_namespace WHERE nspname IN ('platform', 'tenant', 'auth')))) LIMIT 1",
        )
        .get_result(&mut conn)
        .optional()?;
        ensure!(
            dangerous.is_none(),
            "{} is a superuser, passes row security, or owns tables: refusing to serve",
            login.name()
        );
        if login == Login::Web {
            let read = sql_query("SELECT 1 FROM tenant.users LIMIT 1").execute(&mut conn);
            ensure!(
                read.is_err(),
                "an unscoped read as tracker_web did not fail: refusing to serve"
            );
        }
    }
    Ok(())
}
