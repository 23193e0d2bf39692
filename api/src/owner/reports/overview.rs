//! How many companies there are in each state.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::history::{History, Status};
use super::months::{Month, Range};

/// Companies by status.
#[derive(Debug, Clone, Copy, Default, Serialize, ToSchema)]
pub(super) struct StatusCounts {
    pub trial: i64,
    pub active: i64,
    pub suspended: i64,
    pub expired: i64,
    pub cancelled: i64,
}

impl StatusCounts {
    pub fn add(&mut self, status: Status) {
        *match status {
            Status::Trial => &mut self.trial,
            Status::Active => &mut self.active,
            Status::Suspended => &mut self.suspended,
            Status::Expired => &mut self.expired,
            Status::Cancelled => &mut self.cancelled,
        } += 1;
    }

    pub fn total(&self) -> i64 {
        self.trial + self.active + self.suspended + self.expired + self.cancelled
    }
}

/// Companies by status, now and at the end of each month.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OverviewReport {
    pub from: Month,
    pub to: Month,
    /// The current month is told up to here.
    pub as_of: DateTime<Utc>,
    pub now: StatusCounts,
    pub months: Vec<OverviewMonth>,
}

/// How many companies stood how at the end of a month.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OverviewMonth {
    pub month: Month,
    #[serde(flatten)]
    pub counts: StatusCounts,
}

pub(super) fn fold(history: &History, range: Range) -> OverviewReport {
    let current = Month::of(range.now);
    let mut now = StatusCounts::default();
    let mut months: Vec<OverviewMonth> = range
        .months()
        .map(|month| OverviewMonth {
            month,
            counts: StatusCounts::default(),
        })
        .collect();
    history.each(current, range.now, |company| {
        if let Some(terms) = company.at_end_of(current) {
            now.add(terms.status);
        }
        for one in &mut months {
            if let Some(terms) = company.at_end_of(one.month) {
                one.counts.add(terms.status);
            }
        }
    });
    OverviewReport {
        from: range.from,
        to: range.to,
        as_of: range.now,
        now,
        months,
    }
}
