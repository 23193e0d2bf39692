//! Stretches of time that people name: whole minutes of the past, a day at most.

use chrono::{DateTime, Duration, Utc};
use diesel::sql_types::Text;
use diesel::{RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::Result;
use crate::db::Tx;
use crate::http::error::Error;

/// What a stretch is refused by.
pub(super) struct Codes {
    pub minute: &'static str,
    pub future: &'static str,
    pub length: &'static str,
}

pub(super) fn check(from: DateTime<Utc>, to: DateTime<Utc>, codes: &Codes) -> Result<()> {
    for (pointer, at) in [("/started_at", from), ("/ended_at", to)] {
        if at.timestamp() % 60 != 0 || at.timestamp_subsec_nanos() != 0 {
            let detail = "It begins and ends with a minute";
            return Err(Error::invalid(pointer, codes.minute, detail));
        }
    }
    if to > Utc::now() {
        let detail = "It is of the past";
        return Err(Error::invalid("/ended_at", codes.future, detail));
    }
    if to <= from || to - from > Duration::hours(24) {
        let detail = "It ends after it begins, at most 24 hours later";
        return Err(Error::invalid("/ended_at", codes.length, detail));
    }
    Ok(())
}

/// One at a time says or decides something of that kind about a person. An employee's role cannot lock the person's row.
pub(super) fn hold(tx: &mut Tx, what: &str, user: Uuid) -> Result<()> {
    sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind::<Text, _>(format!("{what} {} {user}", tx.company))
        .execute(tx.conn)?;
    Ok(())
}
