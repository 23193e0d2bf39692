//! What was in force at each company at the end of each month, from the rows of its subscription alone.
//!
//! One pass over all rows in the order of companies: the database sends them one after the other from an index, and the
//! server keeps one company at a time. Joining 36 month ends to every row in SQL reads the same rows and makes a million
//! more of them; and cohorts, trials and waterfall are each one walk over a company's months here.

use chrono::{DateTime, Utc};
use diesel::pg::PgRowByRowLoadingMode;
use diesel::sql_types::{BigInt, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use uuid::Uuid;

use super::months::Month;
use crate::Result;

/// How a company stands, as its row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Trial,
    Active,
    Suspended,
    Expired,
    Cancelled,
}

impl Status {
    const ALL: [Self; 5] = [
        Self::Trial,
        Self::Active,
        Self::Suspended,
        Self::Expired,
        Self::Cancelled,
    ];
}

/// What is agreed at a moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    pub status: Status,
    pub plan: Uuid,
    /// Its place in `Seen::currencies`.
    pub currency: usize,
    twelfths: i64,
}

impl Terms {
    /// Twelfths of a minor unit a month: nothing, unless the company is active.
    pub fn paid(&self) -> i128 {
        match self.status {
            Status::Active => i128::from(self.twelfths),
            _ => 0,
        }
    }
}

/// One company's history.
pub(super) struct Company<'a> {
    /// The month in which it began.
    pub first: Month,
    /// What was in force at the end of each month from the first to the last of the report, or now.
    pub ends: &'a [Terms],
    /// When something began, and what; each was in force until the next.
    pub stretches: &'a [(DateTime<Utc>, Terms)],
}

impl Company<'_> {
    pub fn at_end_of(&self, month: Month) -> Option<&Terms> {
        let place = usize::try_from(month.since(self.first)).ok()?;
        self.ends.get(place)
    }

    /// The first month at whose end it paid.
    pub fn first_paying(&self) -> Option<Month> {
        let place = self.ends.iter().position(|terms| terms.paid() > 0)?;
        Some(self.first.plus(i32::try_from(place).ok()?))
    }
}

/// What rows name.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub currencies: Vec<String>,
}

impl Seen {
    fn currency(&mut self, name: &str) -> usize {
        let known = self.currencies.iter().position(|known| known == name);
        known.unwrap_or_else(|| {
            self.currencies.push(name.to_owned());
            self.currencies.len() - 1
        })
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    company_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    starts_at: DateTime<Utc>,
    #[diesel(sql_type = SmallInt)]
    status: i16,
    #[diesel(sql_type = SqlUuid)]
    plan_id: Uuid,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = BigInt)]
    twelfths: i64,
}

/// Shows each company that had begun before `end`, with its months up to `last`.
pub(super) fn each(
    conn: &mut PgConnection,
    last: Month,
    end: DateTime<Utc>,
    mut show: impl FnMut(&Company),
) -> Result<Seen> {
    let rows = sql_query(
        "SELECT company_id, starts_at, array_position(ARRAY['TRIAL', 'ACTIVE', 'SUSPENDED', 'EXPIRED', 'CANCELLED'], status)::smallint \
           AS status, plan_id, currency, price_minor * CASE period WHEN 'year' THEN 1 ELSE 12 END AS twelfths \
         FROM platform.subscriptions WHERE starts_at < $1 ORDER BY company_id, id",
    )
    .bind::<Timestamptz, _>(end)
    .load_iter::<Row, PgRowByRowLoadingMode>(conn)?;
    let mut seen = Seen::default();
    let mut current = Gathered::default();
    let mut company = Uuid::nil();
    for row in rows {
        let row = row?;
        if row.company_id != company {
            current.finish(last, &mut show);
            company = row.company_id;
        }
        let place = usize::try_from(row.status - 1).unwrap_or(usize::MAX);
        let status = Status::ALL.get(place).copied();
        let terms = Terms {
            status: status.unwrap_or(Status::Cancelled),
            plan: row.plan_id,
            currency: seen.currency(&row.currency),
            twelfths: row.twelfths,
        };
        current.add(row.starts_at, terms);
    }
    current.finish(last, &mut show);
    Ok(seen)
}

/// One company's rows while they come, in the order of their ids.
#[derive(Default)]
struct Gathered {
    stretches: Vec<(DateTime<Utc>, Terms)>,
    ends: Vec<Terms>,
}

impl Gathered {
    /// A later row puts out of force whatever did not begin before it: rows of one instant, and those of a clock that
    /// was ahead, were never in force.
    fn add(&mut self, starts_at: DateTime<Utc>, terms: Terms) {
        while self
            .stretches
            .last()
            .is_some_and(|(before, _)| *before >= starts_at)
        {
            self.stretches.pop();
        }
        self.stretches.push((starts_at, terms));
    }

    fn finish(&mut self, last: Month, show: &mut impl FnMut(&Company)) {
        let Some((began, _)) = self.stretches.first() else {
            return;
        };
        let first = Month::of(*began);
        self.ends.clear();
        for (place, (_, terms)) in self.stretches.iter().enumerate() {
            // In force at the ends of all months from its own to the one before the next row's.
            let until = match self.stretches.get(place + 1) {
                Some((next, _)) => Month::of(*next).since(first),
                None => last.since(first) + 1,
            };
            let until = usize::try_from(until).unwrap_or_default();
            self.ends.resize(until.max(self.ends.len()), *terms);
        }
        show(&Company {
            first,
            ends: &self.ends,
            stretches: &self.stretches,
        });
        self.stretches.clear();
    }
}
