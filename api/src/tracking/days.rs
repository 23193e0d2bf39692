//! A company's calendar: which day an instant belongs to, and when a day begins. A day has one zone for ever.

use chrono::{
    DateTime, Days, Duration, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Timelike,
    Utc,
};
use chrono_tz::Tz;
use diesel::sql_types::{Date, Text, Uuid as SqlUuid};
use diesel::{PgConnection, QueryableByName, RunQueryDsl};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::statement::statement;
use crate::{Result, http::error::Error};

/// A day of a company's calendar, as requests name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, format = Date, pattern = r"^2\d{3}-\d{2}-\d{2}$", example = "2026-11-21")]
pub struct Day(pub NaiveDate);

impl TryFrom<String> for Day {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        // Years that neither the database nor the zones know would be no answer but an error.
        let day = NaiveDate::parse_from_str(&text, "%Y-%m-%d")
            .ok()
            .filter(|_| text.len() == 10 && text.starts_with('2'));
        day.map(Self)
            .ok_or("day_invalid: A day looks like 2026-11-21")
    }
}

/// The longest stretch of days one answer covers.
const MAX_DAYS: i64 = 366;

/// First and last day of a request, both included; the 30 days up to today where none is named.
pub fn range(
    from: Option<Day>,
    to: Option<Day>,
    today: NaiveDate,
) -> Result<(NaiveDate, NaiveDate)> {
    let to = to.map_or(today, |Day(to)| to);
    let from = from.map_or(to - Days::new(29), |Day(from)| from);
    match (to - from).num_days() {
        0..MAX_DAYS => Ok((from, to)),
        _ => Err(Error::invalid(
            "from",
            "range_invalid",
            "`from` is not after `to`, and both are at most 366 days apart",
        )),
    }
}

/// The first and the last instant at which a zone's clock shows this: two where it is set back, and where it skips it,
/// the first moment after it.
pub(crate) fn instants(zone: Tz, wanted: NaiveDateTime) -> (DateTime<Utc>, DateTime<Utc>) {
    let quarters = (0..=104).map(|quarter| wanted + Duration::minutes(15 * quarter));
    for local in quarters {
        match zone.from_local_datetime(&local) {
            LocalResult::Single(at) => return (at.with_timezone(&Utc), at.with_timezone(&Utc)),
            LocalResult::Ambiguous(first, last) => {
                return (first.with_timezone(&Utc), last.with_timezone(&Utc));
            }
            LocalResult::None => {}
        }
    }
    (wanted.and_utc(), wanted.and_utc())
}

/// The zones of a company's days.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// By the first day each holds for; never empty.
    zones: Vec<(NaiveDate, Tz)>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Date)]
    valid_from: NaiveDate,
    #[diesel(sql_type = Text)]
    zone: String,
}

impl Calendar {
    pub fn load(conn: &mut PgConnection, company: Uuid) -> Result<Self> {
        let rows: Vec<Row> = statement(
            "SELECT valid_from, zone FROM tenant.company_time_zones WHERE company_id = $1 ORDER BY valid_from",
        )
        .bind::<SqlUuid, _>(company)
        .load(conn)?;
        let zones = rows
            .into_iter()
            .map(|row| (row.valid_from, row.zone.parse().unwrap_or(Tz::UTC)));
        Ok(Self::new(zones.collect()))
    }

    /// Days before the first entry have its zone; without any entry all days are UTC's.
    pub fn new(zones: Vec<(NaiveDate, Tz)>) -> Self {
        match zones.is_empty() {
            true => Self {
                zones: vec![(NaiveDate::MIN, Tz::UTC)],
            },
            false => Self { zones },
        }
    }

    /// Whether all days are of one zone.
    pub fn is_uniform(&self) -> bool {
        self.zones.windows(2).all(|pair| pair[0].1 == pair[1].1)
    }

    pub fn zone_of(&self, day: NaiveDate) -> Tz {
        let valid = self.zones.iter().rfind(|(from, _)| *from <= day);
        valid
            .or(self.zones.first())
            .map_or(Tz::UTC, |(_, zone)| *zone)
    }

    /// The instant at which the day begins: its first moment, where midnight is skipped.
    pub fn start(&self, day: NaiveDate) -> DateTime<Utc> {
        self.at(day, NaiveTime::MIN)
    }

    /// The instant at which the clock shows this time of the day: the first of two, or the first moment after it, where
    /// the clock skips it.
    pub fn at(&self, day: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
        instants(self.zone_of(day), day.and_time(time)).0
    }

    /// From the day's first moment to the next day's: 23, 24 or 25 hours, or what a change of zone makes of it.
    pub fn range(&self, day: NaiveDate) -> (DateTime<Utc>, DateTime<Utc>) {
        let from = self.start(day);
        (from, self.start(day + Days::new(1)).max(from))
    }

    /// When each hour of the local day begins, and which it is. One that the clock repeats is one; one that it skips is none.
    pub fn hours(&self, day: NaiveDate) -> Vec<(DateTime<Utc>, i16)> {
        let ((from, to), zone) = (self.range(day), self.zone_of(day));
        let mut hours: Vec<(DateTime<Utc>, i16)> = Vec::with_capacity(25);
        // Clocks are a whole number of quarters from UTC, and change by one.
        let quarters = (0..).map(|quarter| from + Duration::minutes(15 * quarter));
        for at in quarters.take_while(|at| *at < to) {
            let hour = i16::try_from(at.with_timezone(&zone).hour()).unwrap_or_default();
            if hours.last().is_none_or(|(_, last)| *last != hour) {
                hours.push((at, hour));
            }
        }
        hours
    }

    pub fn day_of(&self, at: DateTime<Utc>) -> NaiveDate {
        let guess = at
            .with_timezone(&self.zone_of(at.date_naive()))
            .date_naive();
        let near = (-2..=2).filter_map(|by| guess.checked_add_signed(Duration::days(by)));
        let holds = |day: &NaiveDate| {
            let (from, to) = self.range(*day);
            from <= at && at < to
        };
        near.into_iter().find(holds).unwrap_or(guess)
    }

    pub fn today(&self) -> NaiveDate {
        self.day_of(Utc::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn hours(calendar: &Calendar, of: &str) -> i64 {
        let (from, to) = calendar.range(day(of));
        (to - from).num_hours()
    }

    #[test]
    fn days_have_23_24_or_25_hours() {
        let berlin = Calendar::new(vec![(day("2020-01-01"), Tz::Europe__Berlin)]);
        assert_eq!(hours(&berlin, "2026-03-29"), 23);
        assert_eq!(hours(&berlin, "2026-10-25"), 25);
        assert_eq!(hours(&berlin, "2026-11-21"), 24);
        assert_eq!(berlin.start(day("2026-11-21")), at("2026-11-20T23:00:00Z"));
    }

    #[test]
    fn a_day_whose_midnight_is_skipped_begins_at_its_first_moment() {
        let beirut = Calendar::new(vec![(day("2020-01-01"), Tz::Asia__Beirut)]);
        assert_eq!(beirut.start(day("2024-03-31")), at("2024-03-30T22:00:00Z"));
        assert_eq!(hours(&beirut, "2024-03-31"), 23);
    }

    #[test]
    fn each_instant_belongs_to_one_day_across_a_change_of_zone() {
        for (before, after) in [
            (Tz::Europe__Berlin, Tz::America__New_York),
            (Tz::America__New_York, Tz::Asia__Tokyo),
            (Tz::Pacific__Kiritimati, Tz::Pacific__Pago_Pago),
        ] {
            let calendar = Calendar::new(vec![
                (day("2020-01-01"), before),
                (day("2026-11-10"), after),
            ]);
            for hour in 0..24 * 6 {
                let instant = at("2026-11-07T00:30:00Z") + Duration::hours(hour);
                let of = calendar.day_of(instant);
                let (from, to) = calendar.range(of);
                assert!(
                    from <= instant && instant < to,
                    "{before} {after} {instant} {of}"
                );
            }
        }
    }

    #[test]
    fn hours_are_those_of_the_local_clock() {
        let of = |zone: Tz, of: &str| -> Vec<i16> {
            let hours = Calendar::new(vec![(day("2020-01-01"), zone)]).hours(day(of));
            hours.into_iter().map(|(_, hour)| hour).collect()
        };
        let all: Vec<i16> = (0..24).collect();
        assert_eq!(of(Tz::Asia__Kathmandu, "2026-11-21"), all);
        assert_eq!(of(Tz::Europe__Berlin, "2026-10-25"), all);
        let spring: Vec<i16> = all.iter().copied().filter(|hour| *hour != 2).collect();
        assert_eq!(of(Tz::Europe__Berlin, "2026-03-29"), spring);
        // Half an hour is repeated there.
        let lord_howe = Calendar::new(vec![(day("2020-01-01"), Tz::Australia__Lord_Howe)]);
        let hours = lord_howe.hours(day("2026-04-05"));
        assert_eq!(
            (hours.len(), hours[2].0 - hours[1].0),
            (24, Duration::minutes(90))
        );
    }

    #[test]
    fn a_day_is_written_in_one_way() {
        assert_eq!(
            Day::try_from("2026-11-21".to_owned()).unwrap().0,
            day("2026-11-21")
        );
        for bad in [
            "",
            "2026-1-1",
            "+12026-01-01",
            "1999-01-01",
            "2026-02-30",
            "2026-11-21 ",
        ] {
            assert!(Day::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
