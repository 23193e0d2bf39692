//! The days and hours of the company's clock at which it wants anything recorded.

use std::sync::LazyLock;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Timelike, Utc};
use chrono_tz::Tz;
use diesel::sql_types::{Array, SmallInt, Time, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl};

use crate::Result;
use crate::db::Tx;
use crate::db::statement::statement;

/// The last minute's end as forms give it stands for midnight.
const LAST_SECOND: NaiveTime = match NaiveTime::from_hms_opt(23, 59, 59) {
    Some(time) => time,
    None => NaiveTime::MIN,
};

#[derive(Debug, Clone, QueryableByName)]
pub(crate) struct Hours {
    /// 1 is Monday, 7 Sunday.
    #[diesel(sql_type = Array<SmallInt>)]
    pub days: Vec<i16>,
    #[diesel(sql_type = Time)]
    pub from: NaiveTime,
    /// Before `from` it is a time of the next day.
    #[diesel(sql_type = Time)]
    pub to: NaiveTime,
}

impl Hours {
    /// The columns of a company's settings.
    pub const COLUMNS: &str =
        "tracking_days AS days, tracking_from AS \"from\", tracking_to AS \"to\"";

    pub fn load(tx: &mut Tx) -> Result<Self> {
        static TEXT: LazyLock<String> = LazyLock::new(|| {
            format!(
                "SELECT {} FROM tenant.company_settings WHERE company_id = $1",
                Hours::COLUMNS
            )
        });
        Ok(statement(&TEXT)
            .bind::<SqlUuid, _>(tx.company)
            .get_result(tx.conn)?)
    }

    /// Whether anything is wanted of the day at all.
    pub fn wants(&self, day: NaiveDate) -> bool {
        let weekday = day.weekday().number_from_monday();
        (self.days.iter()).any(|day| u32::try_from(*day) == Ok(weekday))
    }

    /// Seconds from `from` to `to` on one day's clock; negative for hours through the night.
    pub fn span(&self) -> i64 {
        let second = |time: NaiveTime| i64::from(time.num_seconds_from_midnight());
        second(self.to) - second(self.from)
    }

    /// Whether nothing is recorded at that moment of the company's clock. A night shift's hours after midnight are those of
    /// the day on which it began.
    pub fn is_outside(&self, at: DateTime<Utc>, zone: Tz) -> bool {
        let local = at.with_timezone(&zone).naive_local();
        let (today, time) = (local.date(), local.time());
        let yesterday = today.pred_opt();
        let ends = |time: NaiveTime| time < self.to || self.to >= LAST_SECOND;
        let is_inside = match self.from <= self.to {
            true => self.wants(today) && self.from <= time && ends(time),
            false => {
                let is_evening = self.wants(today) && self.from <= time;
                is_evening || yesterday.is_some_and(|day| self.wants(day)) && time < self.to
            }
        };
        !is_inside
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_over_midnight_belong_to_the_day_they_began_on() {
        let hours = Hours {
            days: vec![7, 1],
            from: "22:00:00".parse().unwrap(),
            to: "06:00:00".parse().unwrap(),
        };
        let monday = "2026-11-16T00:00:00Z".parse::<DateTime<Utc>>().unwrap();
        let outside =
            |minute| hours.is_outside(monday + chrono::Duration::minutes(minute), Tz::UTC);
        assert!(!outside(5 * 60), "Sunday's night");
        assert!(outside(12 * 60) && !outside(23 * 60) && !outside(29 * 60) && outside(47 * 60));
    }
}
