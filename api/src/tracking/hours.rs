//! The days and hours of the company's clock at which it wants anything recorded.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Timelike, Utc};
use chrono_tz::Tz;
use diesel::sql_types::{Array, SmallInt, Time, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl};
use uuid::Uuid;

use crate::Result;
use crate::company::settings::effective::effective;
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
    /// The company's, which everybody follows who has no others.
    pub fn load(tx: &mut Tx) -> Result<Self> {
        Ok(statement(
            "SELECT tracking_days AS days, tracking_from AS \"from\", tracking_to AS \"to\" FROM tenant.company_settings WHERE company_id = $1",
        )
        .bind::<SqlUuid, _>(tx.company)
        .get_result(tx.conn)?)
    }

    /// Those in force for one person.
    pub fn of(tx: &mut Tx, user: Uuid) -> Result<Self> {
        Ok(statement(concat!(
            "SELECT e.tracking_days AS days, e.tracking_from AS \"from\", e.tracking_to AS \"to\" FROM ",
            effective!(people),
            " e WHERE e.user_id = $2"
        ))
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(user)
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

/// Hours other than the company's, and for whom they are in force.
#[derive(Debug, Clone, QueryableByName)]
pub(crate) struct OtherHours {
    #[diesel(embed)]
    pub hours: Hours,
    #[diesel(sql_type = Array<SqlUuid>)]
    pub people: Vec<Uuid>,
}

impl OtherHours {
    /// None where everybody has the company's.
    pub fn load(tx: &mut Tx) -> Result<Vec<Self>> {
        Ok(statement(concat!(
            "SELECT e.tracking_days AS days, e.tracking_from AS \"from\", e.tracking_to AS \"to\", array_agg(e.user_id) AS people FROM ",
            effective!(people),
            " e WHERE (e.tracking_days, e.tracking_from, e.tracking_to) <> (e.company_tracking_days, e.company_tracking_from, \
               e.company_tracking_to) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
        ))
        .bind::<SqlUuid, _>(tx.company)
        .load(tx.conn)?)
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
