//! Months of UTC, as reports count them: a month ends where the next one begins, or now.

use std::fmt;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Result;
use crate::http::error::Error;
use crate::http::json::given;

/// The longest stretch of months one answer covers.
const MAX_MONTHS: i32 = 36;

/// A month of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, min_length = 7, max_length = 7, pattern = r"^2\d{3}-(0[1-9]|1[0-2])$", example = "2026-11")]
pub(super) struct Month(i32);

impl Month {
    pub fn of(at: DateTime<Utc>) -> Self {
        Self(at.year() * 12 + i32::try_from(at.month0()).unwrap_or_default())
    }

    pub fn plus(self, months: i32) -> Self {
        Self(self.0 + months)
    }

    /// How many months this one is after the other.
    pub fn since(self, other: Self) -> i32 {
        self.0 - other.0
    }

    pub fn first_day(self) -> NaiveDate {
        let month = u32::try_from(self.0.rem_euclid(12) + 1).unwrap_or(1);
        NaiveDate::from_ymd_opt(self.0.div_euclid(12), month, 1).unwrap_or(NaiveDate::MIN)
    }

    /// The first instant.
    pub fn start(self) -> DateTime<Utc> {
        self.first_day().and_time(NaiveTime::MIN).and_utc()
    }
}

impl TryFrom<String> for Month {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let day = NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d")
            .ok()
            .filter(|_| text.len() == 7 && text.starts_with('2'));
        day.map(|day| Self::of(day.and_time(NaiveTime::MIN).and_utc()))
            .ok_or("month_invalid: A month looks like 2026-11")
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}", self.first_day().format("%Y-%m"))
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}

/// Months of UTC, both included. Default: the last twelve, the current one among them.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct MonthsQuery {
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    pub from: Option<Month>,
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    pub to: Option<Month>,
}

/// What a report covers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    pub from: Month,
    pub to: Month,
    pub now: DateTime<Utc>,
}

impl Range {
    pub fn new(from: Option<Month>, to: Option<Month>, now: DateTime<Utc>) -> Result<Self> {
        let current = Month::of(now);
        let to = to.unwrap_or(current);
        let from = from.unwrap_or(to.plus(-11));
        if to > current {
            return Err(Error::invalid(
                "to",
                "month_not_begun",
                "Nothing is known of a month that has not begun",
            ));
        }
        match to.since(from) {
            0..MAX_MONTHS => Ok(Self { from, to, now }),
            _ => Err(Error::invalid(
                "from",
                "range_invalid",
                "`from` is not after `to`, and both are at most 36 months apart",
            )),
        }
    }

    /// The instant before which everything happened that the report tells of.
    pub fn end(&self) -> DateTime<Utc> {
        self.to.plus(1).start().min(self.now)
    }

    /// The last day of it.
    pub fn last_day(&self) -> NaiveDate {
        let last = self.to.plus(1).first_day() - Days::new(1);
        last.min(self.now.date_naive())
    }

    pub fn months(&self) -> impl Iterator<Item = Month> + use<> {
        let from = self.from;
        (0..=self.to.since(from)).map(move |by| from.plus(by))
    }

    /// The place of a month in `months`.
    pub fn place(&self, month: Month) -> Option<usize> {
        usize::try_from(month.since(self.from))
            .ok()
            .filter(|_| month <= self.to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        Month::try_from(text.to_owned()).unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_is_written_in_one_way() {
        assert_eq!(month("2026-12").plus(1).to_string(), "2027-01");
        assert_eq!(month("2026-01").plus(-1).to_string(), "2025-12");
        assert_eq!(month("2026-02").start(), at("2026-02-01T00:00:00Z"));
        for bad in [
            "",
            "2026-13",
            "2026-00",
            "2026-1",
            "1999-01",
            "2026-011",
            "2026-01-01",
            " 2026-1",
        ] {
            assert!(Month::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_range_ends_with_now_and_has_at_most_36_months() {
        let now = at("2026-11-21T12:00:00Z");
        let whole = Range::new(None, None, now).unwrap();
        assert_eq!((whole.from, whole.to), (month("2025-12"), month("2026-11")));
        assert_eq!((whole.end(), whole.months().count()), (now, 12));
        let past = Range::new(None, Some(month("2026-10")), now).unwrap();
        assert_eq!(past.end(), at("2026-11-01T00:00:00Z"));
        assert_eq!(past.last_day(), "2026-10-31".parse().unwrap());
        let asked = |from, to| Range::new(Some(month(from)), Some(month(to)), now).is_ok();
        assert!(asked("2023-12", "2026-11") && asked("2026-11", "2026-11"));
        assert!(
            !asked("2023-11", "2026-11")
                && !asked("2026-11", "2026-10")
                && !asked("2026-11", "2026-12")
        );
    }
}
