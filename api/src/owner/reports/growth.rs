//! How the service grows: companies, what they pay, and how much they do.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{BigInt, Date};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde::Serialize;
use utoipa::ToSchema;

use super::history::{History, Status};
use super::months::{Month, Range};
use crate::Result;
use crate::owner::mrr;
use crate::owner::plans::Currency;

/// The service month by month.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GrowthReport {
    pub from: Month,
    pub to: Month,
    /// The current month is told up to here.
    pub as_of: DateTime<Utc>,
    pub months: Vec<GrowthMonth>,
}

/// Where the service stood at the end of a month, and what was done in it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GrowthMonth {
    pub month: Month,
    /// On trial, active or suspended.
    pub companies: i64,
    /// Companies that began.
    pub started_companies: i64,
    /// Active ones with a price.
    pub paying_companies: i64,
    /// By currency, never added up.
    pub mrr: Vec<CurrencyAmount>,
    /// Of days of each company's own zone.
    pub active_minutes: i64,
    /// People at work on the busiest day of each company.
    pub active_employees: i64,
}

/// What is paid a month in one currency.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CurrencyAmount {
    pub currency: Currency,
    pub mrr_minor: i64,
}

#[derive(Default, Clone)]
struct Counted {
    companies: i64,
    started: i64,
    paying: i64,
    /// By the currency's place.
    paid: Vec<i128>,
}

/// What the histories say, before the months' use is read.
pub(super) fn fold(history: &History, range: Range) -> GrowthReport {
    let mut counted = vec![Counted::default(); range.months().count()];
    history.each(range.to, range.end(), |company| {
        for (month, counted) in range.months().zip(&mut counted) {
            let Some(terms) = company.at_end_of(month) else {
                continue;
            };
            let is_here =
                [Status::Trial, Status::Active, Status::Suspended].contains(&terms.status);
            counted.companies += i64::from(is_here);
            counted.started += i64::from(company.first == month);
            if terms.paid() > 0 {
                counted.paying += 1;
                let places = counted.paid.len().max(terms.currency + 1);
                counted.paid.resize(places, 0);
                if let Some(paid) = counted.paid.get_mut(terms.currency) {
                    *paid += terms.paid();
                }
            }
        }
    });
    let months = range.months().zip(counted).map(|(month, counted)| {
        let mut mrr: Vec<CurrencyAmount> = history
            .currencies()
            .iter()
            .zip(counted.paid)
            .filter(|(_, paid)| *paid > 0)
            .map(|(currency, paid)| CurrencyAmount {
                currency: Currency(currency.clone()),
                mrr_minor: mrr::cut(paid, mrr::UNIT),
            })
            .collect();
        mrr.sort_by(|a, b| a.currency.cmp(&b.currency));
        GrowthMonth {
            month,
            companies: counted.companies,
            started_companies: counted.started,
            paying_companies: counted.paying,
            mrr,
            active_minutes: 0,
            active_employees: 0,
        }
    });
    GrowthReport {
        from: range.from,
        to: range.to,
        as_of: range.now,
        months: months.collect(),
    }
}

impl GrowthReport {
    pub(super) fn with_use(mut self, conn: &mut PgConnection) -> Result<Self> {
        let used = used(conn, self.from, self.to)?;
        for one in &mut self.months {
            if let Some(used) = used.iter().find(|used| used.month == one.month.first_day()) {
                one.active_minutes = used.active_seconds / 60;
                one.active_employees = used.active_employees;
            }
        }
        Ok(self)
    }
}

#[derive(QueryableByName)]
struct Used {
    #[diesel(sql_type = Date)]
    month: NaiveDate,
    #[diesel(sql_type = BigInt)]
    active_seconds: i64,
    #[diesel(sql_type = BigInt)]
    active_employees: i64,
}

fn used(conn: &mut PgConnection, from: Month, to: Month) -> Result<Vec<Used>> {
    Ok(sql_query(
        "SELECT month, sum(active_seconds)::bigint AS active_seconds, sum(active_employees)::bigint AS active_employees \
         FROM platform.company_usage_monthly WHERE month >= $1 AND month < $2 GROUP BY month",
    )
    .bind::<Date, _>(from.first_day())
    .bind::<Date, _>(to.plus(1).first_day())
    .load(conn)?)
}
