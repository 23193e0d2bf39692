//! `tracker owner create`: the first owner of an installation, by a one-time link that only the terminal shows.

use chrono::{Duration, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Binary, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::account::invitations;
use crate::app::State;
use crate::db::Db;
use crate::db::schema::platform::owners;
use crate::{Result, config::Config};

/// How long the link holds; it is opened by whoever made it.
const LIFETIME: Duration = Duration::hours(24);

/// Makes the owner and the link with which the password is chosen.
pub fn link(state: &State, email: &str, name: &str) -> Result<String> {
    create(&state.db, &state.config, email, name)
}

/// The same before there is a server.
pub fn create(db: &Db, config: &Config, email: &str, name: &str) -> Result<String> {
    let (id, (token, token_hash)) = (Uuid::now_v7(), invitations::new_token(None)?);
    db.platform_blocking(|conn| {
        diesel::insert_into(owners::table)
            .values((
                owners::id.eq(id),
                owners::email.eq(email),
                owners::name.eq(name),
            ))
            .execute(conn)?;
        sql_query("SELECT auth.issue_owner_link($1, $2, $3, $4)")
            .bind::<Binary, _>(&token_hash[..])
            .bind::<SqlUuid, _>(id)
            .bind::<Text, _>(email)
            .bind::<Timestamptz, _>(Utc::now() + LIFETIME)
            .execute(conn)?;
        Ok(())
    })?;
    Ok(format!("{}/invite/{token}", config.public_url()))
}
