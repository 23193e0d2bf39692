//! Attempts at a secret, counted in the database: guessing slows down, and nobody is locked out by strangers.
//!
//! Whoever signs in from a place they signed in from lately has a counter of that place alone, which others cannot
//! reach. All other places share one counter of the account, and each place has one over all accounts.

use diesel::sql_types::{Array, Bool, Integer, Nullable, Text, Uuid as SqlUuid};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::Result;
use crate::http::error::Error;

pub(crate) const FORGET: &str = "forget_attempts";

/// Failures that cost nothing.
const FREE: i32 = 4;
/// Many people share a place: it has more of them, and forgets one in so many seconds.
const FREE_OF_PLACE: i32 = 30;
const PLACE_FORGETS: i32 = 30;

/// The counters that an attempt concerns.
pub(crate) struct Attempts {
    /// Counts failures of one account; a success clears it.
    own: String,
    /// Counts failures of a place; a success of one account says nothing about the others.
    place: Option<String>,
    /// Whether the place's counter may delay this attempt.
    minds_place: bool,
}

impl Attempts {
    /// Whether the e-mail is anybody's changes nothing but what is found.
    pub fn to_sign_in(conn: &mut PgConnection, email: &str, place: &str) -> Result<Self> {
        #[derive(QueryableByName)]
        struct Known {
            #[diesel(sql_type = Bool)]
            known: bool,
        }
        let Known { known } = sql_query("SELECT auth.is_known_place($1, $2) AS known")
            .bind::<Text, _>(email)
            .bind::<Text, _>(place)
            .get_result(conn)?;
        Ok(Self {
            own: if known {
                format!("sign-in {email} at {place}")
            } else {
                format!("sign-in {email}")
            },
            place: Some(format!("sign-in at {place}")),
            minds_place: !known,
        })
    }

    /// Each counts, since none succeeds: what it leads to is not known here.
    pub fn to_reset(email: &str, place: &str) -> Self {
        Self::to_ask("reset", email, place)
    }

    /// The same, for a company that is not there yet.
    pub fn to_register(email: &str, place: &str) -> Self {
        Self::to_ask("register", email, place)
    }

    fn to_ask(what: &str, email: &str, place: &str) -> Self {
        Self {
            own: format!("{what} {email} at {place}"),
            place: Some(format!("{what} at {place}")),
            minds_place: true,
        }
    }

    /// At a code, by whoever knows the password.
    pub fn at_code(user: Uuid) -> Self {
        Self {
            own: format!("code {user}"),
            place: None,
            minds_place: false,
        }
    }

    pub fn key(&self) -> &str {
        &self.own
    }

    pub fn to_confirm(user: Uuid) -> Self {
        Self {
            own: format!("confirm {user}"),
            place: None,
            minds_place: false,
        }
    }

    /// Seconds until the next attempt is looked at.
    pub fn wait(&self, conn: &mut PgConnection) -> Result<Option<u32>> {
        #[derive(QueryableByName)]
        struct Wait {
            #[diesel(sql_type = Nullable<Integer>)]
            seconds: Option<i32>,
        }
        let place = self.place.iter().filter(|_| self.minds_place);
        let keys: Vec<&String> = place.chain([&self.own]).collect();
        let Wait { seconds } = sql_query("SELECT auth.throttle_wait($1) AS seconds")
            .bind::<Array<Text>, _>(keys)
            .get_result(conn)?;
        Ok(seconds.and_then(|seconds| u32::try_from(seconds.max(1)).ok()))
    }

    /// Counts one that is not known to succeed, or refuses it.
    pub fn count_or_refuse(&self, conn: &mut PgConnection) -> Result<()> {
        match self.wait(conn)? {
            Some(seconds) => Err(Error::TooManyAttempts(seconds)),
            None => self.count(conn, true),
        }
    }

    pub fn count(&self, conn: &mut PgConnection, failed: bool) -> Result<()> {
        if !failed {
            sql_query("SELECT auth.throttle_clear($1)")
                .bind::<Array<Text>, _>(vec![&self.own])
                .execute(conn)?;
            return Ok(());
        }
        let own = (&self.own, FREE, None);
        let place = self
            .place
            .as_ref()
            .map(|place| (place, FREE_OF_PLACE, Some(PLACE_FORGETS)));
        let counters: Vec<_> = place.into_iter().chain([own]).collect();
        let keys: Vec<_> = counters.iter().map(|(key, ..)| *key).collect();
        let free: Vec<_> = counters.iter().map(|(_, free, _)| *free).collect();
        let forgets: Vec<_> = counters.iter().map(|(.., forgets)| *forgets).collect();
        sql_query("SELECT auth.throttle_failed($1, $2, $3)")
            .bind::<Array<Text>, _>(keys)
            .bind::<Array<Integer>, _>(free)
            .bind::<Array<Nullable<Integer>>, _>(forgets)
            .execute(conn)?;
        Ok(())
    }
}

/// The person proved to be who they say from there.
pub(crate) fn remember(conn: &mut PgConnection, user: Uuid, place: &str) -> Result<()> {
    sql_query("SELECT auth.remember_place($1, $2)")
        .bind::<SqlUuid, _>(user)
        .bind::<Text, _>(place)
        .execute(conn)?;
    Ok(())
}

/// Removes counters, places, sign-ins and links that nobody needs any more.
pub(crate) fn forget(conn: &mut PgConnection) -> Result<()> {
    sql_query("SELECT auth.forget()").execute(conn)?;
    Ok(())
}
