//! What was in force at each company at the end of each month, from the rows of its subscription alone.
//!
//! All rows are read in the order of companies, from one index, and kept as small as they can be for as long as a report
//! is made of them. Joining 36 month ends to every row in SQL reads the same rows and makes a million more of them; and
//! cohorts, trials and waterfall are each one walk over a company's months here.

use std::collections::HashMap;
use std::hash::Hash;

use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::sql_types::{BigInt, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{PgConnection, RunQueryDsl, sql_query};
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
    /// Its place in `History::currencies`.
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

/// All rows of all companies, in the order of companies and of their ids.
#[derive(Debug, Default)]
pub(in crate::owner) struct History {
    rows: Vec<Row>,
    /// Where in `rows` each company's end.
    ends: Vec<usize>,
    currencies: Places<String>,
    plans: Places<Uuid>,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    starts_at: DateTime<Utc>,
    twelfths: i64,
    status: Status,
    plan: u32,
    currency: u32,
}

/// Values that many rows share, and where each is.
#[derive(Debug)]
struct Places<T> {
    all: Vec<T>,
    places: HashMap<T, u32>,
}

impl<T> Default for Places<T> {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            places: HashMap::new(),
        }
    }
}

impl<T: Clone + Eq + Hash> Places<T> {
    fn of(&mut self, value: T) -> Result<u32> {
        if let Some(place) = self.places.get(&value) {
            return Ok(*place);
        }
        let place = u32::try_from(self.all.len()).map_err(anyhow::Error::from)?;
        self.all.push(value.clone());
        self.places.insert(value, place);
        Ok(place)
    }

    fn get(&self, place: u32) -> Option<&T> {
        self.all.get(usize::try_from(place).ok()?)
    }
}

/// Rows fetched at once: what is in memory twice, and what one statement has its time for.
const AT_ONCE: usize = 20_000;

type Fetched = (Uuid, DateTime<Utc>, i16, Uuid, String, i64);
type FetchedSql = (SqlUuid, Timestamptz, SmallInt, SqlUuid, Text, BigInt);

impl History {
    /// Reads all that is there now. Each fetch is a statement of its own, however many rows there are.
    pub fn load(conn: &mut PgConnection) -> Result<Self> {
        sql_query(
            "DECLARE history NO SCROLL CURSOR FOR \
             SELECT company_id, starts_at, array_position(ARRAY['TRIAL', 'ACTIVE', 'SUSPENDED', 'EXPIRED', 'CANCELLED'], status)::smallint, \
               plan_id, currency, price_minor * CASE period WHEN 'year' THEN 1 ELSE 12 END \
             FROM platform.subscriptions ORDER BY company_id, id",
        )
        .execute(conn)?;
        let (mut history, mut company) = (Self::default(), Uuid::nil());
        loop {
            let fetch = sql::<FetchedSql>("FETCH ").sql(&AT_ONCE.to_string());
            let rows: Vec<Fetched> = fetch.sql(" FROM history").load(conn)?;
            let is_last = rows.len() < AT_ONCE;
            for row in rows {
                if row.0 != company {
                    history.end_company();
                    company = row.0;
                }
                history.add(row)?;
            }
            if is_last {
                history.end_company();
                return Ok(history);
            }
        }
    }

    fn end_company(&mut self) {
        if !self.rows.is_empty() {
            self.ends.push(self.rows.len());
        }
    }

    fn add(&mut self, (_, starts_at, status, plan, currency, twelfths): Fetched) -> Result<()> {
        let place = usize::try_from(status - 1).unwrap_or(usize::MAX);
        let status = Status::ALL.get(place).copied();
        self.rows.push(Row {
            starts_at,
            twelfths,
            status: status.unwrap_or(Status::Cancelled),
            plan: self.plans.of(plan)?,
            currency: self.currencies.of(currency)?,
        });
        Ok(())
    }

    pub fn currencies(&self) -> &[String] {
        &self.currencies.all
    }

    /// Shows each company that had begun before `end`, with its months up to `last`.
    pub(super) fn each(&self, last: Month, end: DateTime<Utc>, mut show: impl FnMut(&Company)) {
        let (mut current, mut from) = (Gathered::default(), 0);
        for to in &self.ends {
            let rows = self.rows.get(from..*to).unwrap_or_default();
            for row in rows.iter().filter(|row| row.starts_at < end) {
                let terms = Terms {
                    status: row.status,
                    plan: self.plans.get(row.plan).copied().unwrap_or_default(),
                    currency: usize::try_from(row.currency).unwrap_or_default(),
                    twelfths: row.twelfths,
                };
                current.add(row.starts_at, terms);
            }
            current.finish(last, &mut show);
            from = *to;
        }
    }
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
