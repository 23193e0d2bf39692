//! When in the week people work: tracked time by weekday and hour of the local day.

use std::sync::LazyLock;

use actix_web::{get, web::Data};
use chrono::{Datelike, Days, NaiveDate};
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::Result;
use crate::app::State;
use crate::db::Tx;
use crate::db::statement::statement;
use crate::http::json::{Json, Query, given};
use crate::http::session::{Admin, Tenant};
use crate::tracking::access_entries;
use crate::tracking::days::{Calendar, Day, range};
use crate::tracking::usage::stretch::{MONTHS, part, people};
use crate::tracking::user_days::each_day;

/// Days of the company's zone, both included. Default: the last 30.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct OverviewHoursQuery {
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    from: Option<Day>,
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    to: Option<Day>,
}

#[derive(Debug, PartialEq, Serialize, ToSchema)]
struct OverviewWeekday {
    /// 1 is Monday, 7 Sunday.
    weekday: u32,
    /// How many such days are counted: up to today, and none whose hours are not known. Without time they count too.
    days: i64,
    /// Of all of them together, by the hours of the local day, 0 to 23: an hour that the clock repeats counts for both.
    #[schema(min_items = 24, max_items = 24)]
    tracked_seconds: Vec<i64>,
}

/// Monday first.
#[derive(Debug, Serialize, ToSchema)]
struct OverviewHours {
    #[schema(min_items = 7, max_items = 7)]
    weekdays: Vec<OverviewWeekday>,
    from: NaiveDate,
    to: NaiveDate,
    time_zone: String,
}

/// Show when in the week time is tracked.
///
/// Of everybody together. Where all of it is one person's it is a look at that person, who can read it.
#[utoipa::path(params(OverviewHoursQuery), responses((status = 200, body = OverviewHours)))]
#[get("/overview/hours")]
pub(super) async fn show_overview_hours(
    session: Tenant<Admin>,
    state: Data<State>,
    query: Query<OverviewHoursQuery>,
) -> Result<Json<OverviewHours>> {
    let OverviewHoursQuery { from, to } = query.0;
    let read = move |mut tx: Tx| {
        let calendar = Calendar::load(tx.conn, tx.company)?;
        let today = calendar.today();
        let (from, to) = range(from, to, today)?;
        if let Some(user) = only_one(&mut tx, from, to)? {
            access_entries::note_days(&mut tx, &[(user, to)], "usage")?;
        }
        let days = load(&mut tx, from, to)?;
        let known_from = known_from(&mut tx)?;
        let counted = each_day(
            known_from.map_or(to + Days::new(1), |first| first.max(from)),
            to.min(today),
        );
        Ok(OverviewHours {
            weekdays: by_weekday(&days, &counted),
            from,
            to,
            time_zone: calendar.zone_of(to).name().to_owned(),
        })
    };
    state.db.tenant(&session, read).await.map(Json)
}

#[derive(QueryableByName)]
struct HoursOfDay {
    #[diesel(sql_type = Date)]
    day: NaiveDate,
    /// Nothing where they are not known.
    #[diesel(sql_type = Array<BigInt>)]
    hours: Vec<i64>,
}

fn load(tx: &mut Tx, from: NaiveDate, to: NaiveDate) -> Result<Vec<HoursOfDay>> {
    Ok(statement(
        "SELECT day, tracked_by_hour::bigint[] AS hours FROM tenant.usage_daily WHERE company_id = $1 AND day BETWEEN $2 AND $3",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Date, _>(from)
    .bind::<Date, _>(to)
    .load(tx.conn)?)
}

/// The first of the company's days that has hours.
fn known_from(tx: &mut Tx) -> Result<Option<NaiveDate>> {
    #[derive(QueryableByName)]
    struct First {
        #[diesel(sql_type = Nullable<Date>)]
        day: Option<NaiveDate>,
    }
    let first: First = statement(
        "SELECT min(day) AS day FROM tenant.usage_daily WHERE company_id = $1 AND cardinality(tracked_by_hour) > 0",
    )
    .bind::<SqlUuid, _>(tx.company)
    .get_result(tx.conn)?;
    Ok(first.day)
}

fn by_weekday(days: &[HoursOfDay], counted: &[NaiveDate]) -> Vec<OverviewWeekday> {
    let mut weekdays: Vec<OverviewWeekday> = (1..=7)
        .map(|weekday| OverviewWeekday {
            weekday,
            days: 0,
            tracked_seconds: vec![0; 24],
        })
        .collect();
    let is_unknown = |day: &NaiveDate| {
        let of = days.iter().find(|of| of.day == *day);
        of.is_some_and(|of| of.hours.is_empty())
    };
    for day in counted.iter().filter(|day| !is_unknown(day)) {
        if let Some(of) = weekdays.get_mut(day.weekday().num_days_from_monday() as usize) {
            of.days += 1;
        }
    }
    for HoursOfDay { day, hours } in days.iter().filter(|of| counted.contains(&of.day)) {
        let Some(of) = weekdays.get_mut(day.weekday().num_days_from_monday() as usize) else {
            continue;
        };
        for (sum, seconds) in of.tracked_seconds.iter_mut().zip(hours) {
            *sum += seconds;
        }
    }
    weekdays
}

/// The person whose time all of it is, if it is one person's.
fn only_one(tx: &mut Tx, from: NaiveDate, to: NaiveDate) -> Result<Option<Uuid>> {
    #[derive(QueryableByName)]
    struct IsOne {
        #[diesel(sql_type = Nullable<Bool>)]
        is_one: Option<bool>,
    }
    #[derive(QueryableByName)]
    struct Who {
        #[diesel(sql_type = SqlUuid)]
        user_id: Uuid,
    }
    static COUNT: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT {} = 1 AS is_one FROM tenant.usage_daily s WHERE s.company_id = $1 AND s.day BETWEEN $2 AND $3",
            people()
        )
    });
    static WHO: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT p.user_id FROM (SELECT s.user_id, sum({}) AS seconds FROM tenant.user_usage_monthly s \
               WHERE s.company_id = $1 AND {MONTHS} GROUP BY s.user_id) p WHERE p.seconds > 0 LIMIT 1",
            part("tracked_until")
        )
    });
    let count: IsOne = statement(&COUNT)
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Date, _>(from)
        .bind::<Date, _>(to)
        .get_result(tx.conn)?;
    if count.is_one != Some(true) {
        return Ok(None);
    }
    let who: Option<Who> = statement(&WHO)
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Date, _>(from)
        .bind::<Date, _>(to)
        .get_result(tx.conn)
        .optional()?;
    Ok(who.map(|who| who.user_id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_without_time_count_and_days_without_hours_do_not() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let of = |text: &str, hours: Vec<i64>| HoursOfDay {
            day: day(text),
            hours,
        };
        let mut nine = vec![0; 24];
        nine[9] = 3_600;
        // Three Mondays: one with an hour, one with nothing at all, one from before hours were known.
        let days = [of("2026-11-09", nine), of("2026-11-23", Vec::new())];
        let counted = each_day(day("2026-11-09"), day("2026-11-24"));
        let weekdays = by_weekday(&days, &counted);
        assert_eq!((weekdays[0].days, weekdays[1].days), (2, 3));
        assert_eq!(weekdays[0].tracked_seconds[9], 3_600);
        assert_eq!(weekdays[6].tracked_seconds, vec![0; 24]);
        assert_eq!(by_weekday(&days, &[])[0].tracked_seconds, vec![0; 24]);
    }
}
