//! Hours of each day by team, and the target: what the settings' days and hours add up to.

use std::sync::LazyLock;

use actix_web::{get, web::Data};
use chrono::{NaiveDate, NaiveTime};
use diesel::sql_types::{BigInt, Date, Nullable, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::Result;
use crate::app::State;
use crate::company::settings::effective::effective;
use crate::db::Tx;
use crate::db::statement::statement;
use crate::http::json::{Json, Query, given};
use crate::http::session::{Admin, Tenant};
use crate::tracking::access_entries;
use crate::tracking::days::{Calendar, Day, range};
use crate::tracking::hours::Hours;
use crate::tracking::usage::stretch::{EACH_DAY, MONTHS, all_of, of_day, part};
use crate::tracking::user_days::each_day;

/// More teams than these are one series: nobody tells more colours apart.
const SHOWN: usize = 6;

/// Days of the company's zone, both included. Default: the last 30.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct OverviewDaysQuery {
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    from: Option<Day>,
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    to: Option<Day>,
}

/// Whose hours a series is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum SeriesKind {
    Team,
    /// People of no team.
    None,
    /// The teams with the least time, where there are more than six.
    Other,
}

#[derive(Debug, PartialEq, Serialize, ToSchema)]
struct OverviewSeries {
    kind: SeriesKind,
    /// Of a team.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Uuid>,
    /// A team's; empty for others.
    name: String,
    /// Tracked in all these days.
    seconds: i64,
    /// Who has any of it.
    people: i64,
}

#[derive(Debug, PartialEq, Serialize, ToSchema)]
struct OverviewDay {
    day: NaiveDate,
    tracked_seconds: i64,
    active_seconds: i64,
    /// Tracked, by the series in their order.
    by_series: Vec<i64>,
    /// Absent where the settings have no hours to go by.
    #[serde(skip_serializing_if = "Option::is_none")]
    target_seconds: Option<i64>,
}

/// What the target is made of, where teams and people have no hours of their own.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
struct OverviewTarget {
    /// Of one person on one of the days.
    seconds_per_day: i64,
    /// 1 is Monday, 7 Sunday.
    days: Vec<i16>,
    #[schema(value_type = String, example = "09:00:00")]
    from: NaiveTime,
    #[schema(value_type = String, example = "17:30:00")]
    to: NaiveTime,
}

/// Every day of the stretch, oldest first.
#[derive(Debug, Serialize, ToSchema)]
struct OverviewDays {
    /// Most time first. Time counts for the team somebody is in now.
    series: Vec<OverviewSeries>,
    days: Vec<OverviewDay>,
    /// Absent while the company's settings record at any time of the day.
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<OverviewTarget>,
    time_zone: String,
}

/// Show tracked hours by day and team, beside the target of the settings.
///
/// The target is the hours in force for each person, on their days, of everybody who has access and has recorded before or on
/// that day. It knows of no holidays and no breaks, and today's settings are taken for all days. A team whose time is one person's
/// alone is a look at that person, who can read it.
#[utoipa::path(params(OverviewDaysQuery), responses((status = 200, body = OverviewDays)))]
#[get("/overview/days")]
pub(super) async fn show_overview_days(
    session: Tenant<Admin>,
    state: Data<State>,
    query: Query<OverviewDaysQuery>,
) -> Result<Json<OverviewDays>> {
    let OverviewDaysQuery { from, to } = query.0;
    let read = move |mut tx: Tx| {
        let calendar = Calendar::load(tx.conn, tx.company)?;
        let (from, to) = range(from, to, calendar.today())?;
        let teams = teams(&mut tx, from, to)?;
        let alone: Vec<_> = teams.iter().filter_map(|team| team.alone).collect();
        let looks: Vec<_> = alone.into_iter().map(|user| (user, to)).collect();
        access_entries::note_days(&mut tx, &looks, "usage")?;
        let (series, index) = series(&teams);
        let target = target(Hours::load(&mut tx)?);
        let mut days: Vec<OverviewDay> = each_day(from, to)
            .into_iter()
            .map(|day| OverviewDay {
                day,
                tracked_seconds: 0,
                active_seconds: 0,
                by_series: vec![0; series.len()],
                target_seconds: target.as_ref().map(|_| 0),
            })
            .collect();
        for row in by_day(&mut tx, from, to)? {
            let at = usize::try_from((row.day - from).num_days()).unwrap_or_default();
            let Some(day) = days.get_mut(at) else {
                continue;
            };
            day.tracked_seconds += row.tracked_seconds;
            day.active_seconds += row.active_seconds;
            let of = index.iter().find(|(team, _)| *team == row.team_id);
            if let Some(sum) = of.and_then(|(_, at)| day.by_series.get_mut(*at)) {
                *sum += row.tracked_seconds;
            }
        }
        if target.is_some() {
            let spans = spans(&mut tx)?;
            for day in &mut days {
                day.target_seconds = Some(expected(day.day, &spans, &calendar));
            }
        }
        Ok(OverviewDays {
            series,
            days,
            target,
            time_zone: calendar.zone_of(to).name().to_owned(),
        })
    };
    state.db.tenant(&session, read).await.map(Json)
}

#[derive(Debug, Clone, QueryableByName)]
struct Team {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    id: Option<Uuid>,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    seconds: i64,
    #[diesel(sql_type = BigInt)]
    people: i64,
    /// The only person it is of.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    alone: Option<Uuid>,
}

fn teams(tx: &mut Tx, from: NaiveDate, to: NaiveDate) -> Result<Vec<Team>> {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT t.id, coalesce(t.name, '') AS name, sum(p.seconds)::bigint AS seconds, count(*) AS people, \
               CASE count(*) WHEN 1 THEN min(p.user_id::text)::uuid END AS alone \
             FROM (SELECT s.user_id, sum({part}) AS seconds FROM tenant.user_usage_monthly s \
               WHERE s.company_id = $1 AND {MONTHS} GROUP BY s.user_id) p \
             JOIN tenant.users u ON u.company_id = $1 AND u.id = p.user_id \
             LEFT JOIN tenant.teams t ON t.company_id = $1 AND t.id = u.team_id \
             WHERE p.seconds > 0 GROUP BY t.id, t.name ORDER BY seconds DESC, t.id",
            part = part("tracked_until")
        )
    });
    // Planned with its days: a plan for any days takes people one by one.
    Ok(sql_query(TEXT.as_str())
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Date, _>(from)
        .bind::<Date, _>(to)
        .load(tx.conn)?)
}

/// The series of teams that come with the most time first, and which series each team is in.
fn series(teams: &[Team]) -> (Vec<OverviewSeries>, Vec<(Option<Uuid>, usize)>) {
    let mut series: Vec<OverviewSeries> = Vec::new();
    let mut index = Vec::new();
    for (at, team) in teams.iter().enumerate() {
        if at > SHOWN {
            if let Some(other) = series.last_mut() {
                other.seconds += team.seconds;
                other.people += team.people;
            }
        } else {
            let kind = match team.id {
                _ if at == SHOWN => SeriesKind::Other,
                Some(_) => SeriesKind::Team,
                None => SeriesKind::None,
            };
            let is_other = kind == SeriesKind::Other;
            series.push(OverviewSeries {
                kind,
                id: team.id.filter(|_| !is_other),
                name: if is_other {
                    String::new()
                } else {
                    team.name.clone()
                },
                seconds: team.seconds,
                people: team.people,
            });
        }
        index.push((team.id, at.min(SHOWN)));
    }
    (series, index)
}

#[derive(QueryableByName)]
struct DayOfTeam {
    #[diesel(sql_type = Date)]
    day: NaiveDate,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    team_id: Option<Uuid>,
    #[diesel(sql_type = BigInt)]
    tracked_seconds: i64,
    #[diesel(sql_type = BigInt)]
    active_seconds: i64,
}

fn by_day(tx: &mut Tx, from: NaiveDate, to: NaiveDate) -> Result<Vec<DayOfTeam>> {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT * FROM (SELECT s.month + d.d - 1 AS day, s.team_id, ({tracked})::bigint AS tracked_seconds, \
               ({active})::bigint AS active_seconds \
               FROM (SELECT u.team_id, s.month, {tracked_until} AS tracked, {active_until} AS active \
                 FROM tenant.user_usage_monthly s JOIN tenant.users u ON u.company_id = $1 AND u.id = s.user_id \
                 WHERE s.company_id = $1 AND {MONTHS} GROUP BY u.team_id, s.month) s {EACH_DAY}) days WHERE tracked_seconds > 0",
            tracked = of_day("tracked"),
            active = of_day("active"),
            tracked_until = all_of("tracked_until"),
            active_until = all_of("active_until"),
        )
    });
    // Planned with its days: a plan for any days takes people one by one.
    Ok(sql_query(TEXT.as_str())
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Date, _>(from)
        .bind::<Date, _>(to)
        .load(tx.conn)?)
}

/// Hours round the clock are no working hours: of them nothing is to be expected.
const ROUND_THE_CLOCK: i64 = 86_400 - 60;

fn seconds_per_day(hours: &Hours) -> Option<i64> {
    // Until before from is a night.
    let seconds = hours.span().rem_euclid(86_400);
    (seconds < ROUND_THE_CLOCK && seconds > 0).then_some(seconds)
}

fn target(hours: Hours) -> Option<OverviewTarget> {
    seconds_per_day(&hours).map(|seconds_per_day| OverviewTarget {
        seconds_per_day,
        days: hours.days,
        from: hours.from,
        to: hours.to,
    })
}

/// From which day on something is expected of a person, and until which.
#[derive(QueryableByName)]
struct PersonSpan {
    #[diesel(sql_type = Date)]
    first_day: NaiveDate,
    #[diesel(sql_type = Nullable<diesel::sql_types::Timestamptz>)]
    deactivated_at: Option<chrono::DateTime<chrono::Utc>>,
    #[diesel(embed)]
    hours: Hours,
}

fn spans(tx: &mut Tx) -> Result<Vec<PersonSpan>> {
    Ok(statement(concat!(
        "SELECT f.first_day, u.deactivated_at, e.tracking_days AS days, e.tracking_from AS \"from\", e.tracking_to AS \"to\" \
         FROM tenant.users u JOIN ",
        effective!(people),
        " e ON e.user_id = u.id \
         CROSS JOIN LATERAL (SELECT o.day AS first_day FROM tenant.user_usage_daily o \
           WHERE o.company_id = $1 AND o.user_id = u.id ORDER BY o.day LIMIT 1) f WHERE u.company_id = $1",
    ))
    .bind::<SqlUuid, _>(tx.company)
    .load(tx.conn)?)
}

/// What is expected of everybody who was there on that day, each by the hours in force for them.
fn expected(day: NaiveDate, people: &[PersonSpan], calendar: &Calendar) -> i64 {
    let start = calendar.start(day);
    let there = people.iter().filter(|person| {
        person.first_day <= day && person.deactivated_at.is_none_or(|at| at > start)
    });
    let seconds = |person: &PersonSpan| match person.hours.wants(day) {
        true => seconds_per_day(&person.hours).unwrap_or_default(),
        false => 0,
    };
    there.map(seconds).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn team(number: u128, seconds: i64) -> Team {
        Team {
            id: (number > 0).then(|| Uuid::from_u128(number)),
            name: if number > 0 {
                format!("t{number}")
            } else {
                String::new()
            },
            seconds,
            people: 2,
            alone: None,
        }
    }

    #[test]
    fn six_teams_are_shown_and_the_rest_is_one() {
        let teams: Vec<Team> = (0..9)
            .map(|number| team(number, 100 - number as i64))
            .collect();
        let (found, index) = series(&teams);
        let kinds: Vec<_> = found.iter().map(|one| one.kind).collect();
        let team = SeriesKind::Team;
        assert_eq!(
            kinds,
            [
                SeriesKind::None,
                team,
                team,
                team,
                team,
                team,
                SeriesKind::Other
            ]
        );
        let other = &found[SHOWN];
        assert_eq!(
            (other.id, other.seconds, other.people),
            (None, 94 + 93 + 92, 6)
        );
        assert_eq!(index[8], (Some(Uuid::from_u128(8)), SHOWN));
        assert_eq!(series(&teams[..6]).0.len(), 6);
    }

    #[test]
    fn hours_round_the_clock_are_no_target_and_a_night_is_one() {
        let target = |from: &str, to: &str| {
            let hours = Hours {
                days: vec![1],
                from: from.parse().unwrap(),
                to: to.parse().unwrap(),
            };
            super::target(hours).map(|target| target.seconds_per_day)
        };
        assert_eq!(target("00:00:00", "23:59:59"), None);
        assert_eq!(target("09:00:00", "17:30:00"), Some(8 * 3600 + 1800));
        assert_eq!(target("22:00:00", "06:00:00"), Some(8 * 3600));
        assert_eq!(target("09:00:00", "09:00:00"), None);
    }
}
