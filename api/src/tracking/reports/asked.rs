//! What is asked for, and what follows from the company's calendar: the days, those before, and when people were due.

use chrono::{DateTime, Datelike, Duration, Months, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use super::kinds::{Dim, Kind};
use super::saved::{ReportParameters, ReportPeriod};
use super::{Compare, Order, ReportExportQuery, ReportQuery};
use crate::Result;
use crate::db::Tx;
use crate::http::error::Error;
use crate::http::session::{Tenant, Viewer};
use crate::tracking::days::{Calendar, Day, instants, range};
use crate::tracking::hours::{Hours, OtherHours};
use crate::tracking::usage::{must_exist, team_must_exist, whose};

pub(super) type Days = (NaiveDate, NaiveDate);

/// A report as somebody asks for it, whose part of the company they may see being settled.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub kind: Kind,
    pub group: Dim,
    pub sub: Option<Dim>,
    pub user: Option<Uuid>,
    pub team: Option<Uuid>,
    pub sort: Order,
    from: Option<Day>,
    to: Option<Day>,
    /// In place of both.
    period: Option<ReportPeriod>,
    compares: bool,
}

impl Wanted {
    pub fn of(session: &Tenant<Viewer>, query: &ReportQuery) -> Result<Self> {
        Self {
            kind: query.kind,
            group: query.group.unwrap_or(query.kind.usual()),
            sub: query.sub,
            user: whose(session, query.user_id)?,
            team: query.team_id,
            sort: query.sort,
            from: query.from,
            to: query.to,
            period: None,
            compares: query.compare == Some(Compare::Previous),
        }
        .checked()
    }

    pub fn of_file(session: &Tenant<Viewer>, query: &ReportExportQuery) -> Result<Self> {
        Self {
            kind: query.kind,
            group: query.group.unwrap_or(query.kind.usual()),
            sub: query.sub,
            user: whose(session, query.user_id)?,
            team: query.team_id,
            sort: query.sort,
            from: query.from,
            to: query.to,
            period: None,
            compares: query.compare == Some(Compare::Previous),
        }
        .checked()
    }

    pub fn of_saved(report: &ReportParameters) -> Result<Self> {
        Self {
            kind: report.kind,
            group: report.group.unwrap_or(report.kind.usual()),
            sub: report.sub,
            user: report.user_id,
            team: report.team_id,
            sort: report.sort.unwrap_or_default(),
            from: report.from,
            to: report.to,
            period: report.period,
            compares: report.compare == Some(Compare::Previous),
        }
        .checked()
    }

    fn checked(self) -> Result<Self> {
        let item = self.kind.source().item.map(|(dim, _)| dim);
        let fits = |dim: Dim| {
            let is_item = matches!(dim, Dim::App | Dim::Host | Dim::Task);
            !is_item || item == Some(dim)
        };
        if !fits(self.group) {
            let detail = "This report knows nothing of that";
            return Err(Error::invalid("group", "group_invalid", detail));
        }
        match self.sub {
            Some(sub) if !fits(sub) || sub == self.group => {
                let detail = "This report knows nothing of that, or is grouped by it already";
                Err(Error::invalid("sub", "group_invalid", detail))
            }
            _ => Ok(self),
        }
    }

    pub fn dims(&self) -> Vec<Dim> {
        [Some(self.group), self.sub].into_iter().flatten().collect()
    }
}

/// The same on the company's calendar.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub wanted: Wanted,
    pub days: Days,
    /// What it stands beside.
    pub before: Option<Days>,
    /// How far a day before is from the one it stands beside: days, or whole months.
    pub shift: (i32, i32),
    pub zone: String,
    pub has_schedule: bool,
    pub schedule: Schedule,
}

/// Of each day that is read and each hours that people have, when they were due and what its clock is counted from.
#[derive(Debug, Clone, Default)]
pub(super) struct Schedule {
    pub days: Vec<NaiveDate>,
    /// None where nobody is due on that day.
    pub due: Vec<Option<DateTime<Utc>>>,
    pub base: Vec<DateTime<Utc>>,
    /// Whose it is: 0 the company's, else one of the hours that some people have instead.
    pub hours: Vec<i32>,
    /// These people, and which hours are theirs.
    pub people: Vec<Uuid>,
    pub hours_of_people: Vec<i32>,
}

impl Asked {
    /// 404 for a person or a team that the company does not have.
    pub fn new(tx: &mut Tx, wanted: &Wanted) -> Result<Self> {
        let calendar = Calendar::load(tx.conn, tx.company)?;
        let days = match wanted.period {
            Some(period) => period.days(calendar.today()),
            None => range(wanted.from, wanted.to, calendar.today())?,
        };
        must_exist(tx, wanted.user)?;
        if let Some(team) = wanted.team {
            team_must_exist(tx, team)?;
        }
        let (before, shift) = match wanted.compares {
            true => {
                let (before, shift) = previous(days);
                (Some(before), shift)
            }
            false => (None, (0, 0)),
        };
        let mut hours = vec![Hours::load(tx)?];
        let mut schedule = Schedule::default();
        if wanted.kind.source().has_schedule {
            for (number, other) in (1..).zip(OtherHours::load(tx)?) {
                schedule.people.extend(&other.people);
                (schedule.hours_of_people).extend(other.people.iter().map(|_| number));
                hours.push(other.hours);
            }
            for (from, to) in [before, Some(days)].into_iter().flatten() {
                for day in from.iter_days().take_while(|day| *day <= to) {
                    let zone = calendar.zone_of(day);
                    for (number, hours) in (0..).zip(&hours) {
                        schedule.days.push(day);
                        schedule.due.push(due(hours, day, zone));
                        schedule.base.push(clock_base(day, zone));
                        schedule.hours.push(number);
                    }
                }
            }
        }
        Ok(Self {
            wanted: wanted.clone(),
            days,
            before,
            shift,
            zone: calendar.zone_of(days.1).name().to_owned(),
            has_schedule: hours.iter().any(are_working),
            schedule,
        })
    }
}

/// What stands just before: as many whole months, where whole months are asked for, else as many days.
fn previous((from, to): Days) -> (Days, (i32, i32)) {
    let next = to + Duration::days(1);
    let last = from - Duration::days(1);
    if from.day() == 1 && next.day() == 1 {
        let number = |day: NaiveDate| day.year() * 12 + i32::try_from(day.month0()).unwrap_or(0);
        let months = number(next) - number(from);
        let back = Months::new(u32::try_from(months).unwrap_or(1));
        return ((from - back, last), (0, months));
    }
    let days = (next - from).num_days();
    let back = from - Duration::days(days);
    ((back, last), (i32::try_from(days).unwrap_or(0), 0))
}

/// Hours round the clock are no working hours. Of those through the night a day's first minute is the end of the shift
/// before: nobody can tell who came late.
fn are_working(hours: &Hours) -> bool {
    (1..86_400 - 60).contains(&hours.span()) && !hours.days.is_empty()
}

/// When people were due on a day. A time that the clock skips is due when the clocks have gone forward, and one that it
/// shows twice the second time.
fn due(hours: &Hours, day: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    (are_working(hours) && hours.wants(day)).then(|| instant(day.and_time(hours.from), zone))
}

/// What the seconds since midnight on the clock are counted from: right for all of the day but the hours before its clock is
/// changed.
fn clock_base(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    instant(day.and_time(NaiveTime::MIN) + Duration::hours(12), zone) - Duration::hours(12)
}

/// Of a time that the clock shows twice, the second.
pub(super) fn instant(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    instants(zone, local).1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn hours(from: &str, to: &str) -> Hours {
        Hours {
            days: vec![1, 2, 3, 4, 5, 7],
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
        }
    }

    #[test]
    fn whole_months_stand_beside_whole_months_and_days_beside_as_many() {
        let of = |from, to| previous((day(from), day(to)));
        let months = |from, to, by| ((day(from), day(to)), (0, by));
        assert_eq!(
            of("2026-03-01", "2026-03-31"),
            months("2026-02-01", "2026-02-28", 1)
        );
        assert_eq!(
            of("2026-01-01", "2026-12-31"),
            months("2025-01-01", "2025-12-31", 12)
        );
        assert_eq!(
            of("2026-11-01", "2026-11-22"),
            ((day("2026-10-10"), day("2026-10-31")), (22, 0))
        );
        assert_eq!(
            of("2026-11-22", "2026-11-22"),
            ((day("2026-11-21"), day("2026-11-21")), (1, 0))
        );
    }

    #[test]
    fn people_are_due_by_the_clock_on_the_wall_whatever_it_is_changed_to() {
        let due = |on: &str, from: &str| {
            super::due(&hours(from, "17:00:00"), day(on), Tz::Europe__Berlin)
        };
        let at = |text: &str| Some(text.parse::<DateTime<Utc>>().unwrap());
        // Friday, and the Sunday on which the clocks go forward.
        assert_eq!(due("2026-03-27", "09:00:00"), at("2026-03-27T08:00:00Z"));
        assert_eq!(due("2026-03-29", "09:00:00"), at("2026-03-29T07:00:00Z"));
        assert_eq!(
            due("2026-03-29", "02:30:00"),
            at("2026-03-29T01:00:00Z"),
            "skipped"
        );
        // The Sunday on which they go back.
        assert_eq!(due("2026-10-25", "09:00:00"), at("2026-10-25T08:00:00Z"));
        assert_eq!(
            due("2026-10-25", "02:30:00"),
            at("2026-10-25T01:30:00Z"),
            "the second"
        );
        assert_eq!(due("2026-03-28", "09:00:00"), None, "no day of work");
        let base = |on: &str| clock_base(day(on), Tz::Europe__Berlin).to_rfc3339();
        assert_eq!(base("2026-03-29"), "2026-03-28T22:00:00+00:00");
        assert_eq!(base("2026-03-30"), "2026-03-29T22:00:00+00:00");
    }

    #[test]
    fn nobody_is_late_for_the_night_or_round_the_clock() {
        for (from, to) in [
            ("22:00:00", "06:00:00"),
            ("00:00:00", "23:59:59"),
            ("09:00:00", "09:00:00"),
        ] {
            assert!(!are_working(&hours(from, to)), "{from} {to}");
        }
        assert!(are_working(&hours("09:00:00", "17:00:00")));
    }
}
