//! A person's months, from the days: element d of each list are the seconds from the month's first day to its d-th. Any
//! stretch of days is then a difference of two elements a month, and not a sum over its days.

use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate};
use diesel::sql_types::{Array, Date, Uuid as SqlUuid};
use diesel::{PgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::Result;
use crate::db::statement::statement;

/// Each list has so many elements, whatever the length of the month.
pub(crate) const LONGEST: u32 = 31;

/// The list of what the expression gives for each element's number, `{}`.
pub(crate) fn list(of: &str) -> String {
    let elements: Vec<String> = (1..=LONGEST)
        .map(|day| of.replace("{}", &day.to_string()))
        .collect();
    format!("ARRAY[{}]", elements.join(", "))
}

/// The first days of the months that the days are in.
pub(crate) fn of_days(days: &[NaiveDate]) -> Vec<NaiveDate> {
    let mut months: Vec<NaiveDate> = days.iter().filter_map(|day| day.with_day(1)).collect();
    months.sort_unstable();
    months.dedup();
    months
}

// $1 company, $2 person, $3 months. Names first: a person's row has their sums.
static TEXTS: LazyLock<[String; 3]> = LazyLock::new(|| [named("app"), named("host"), whole()]);

fn named(name: &str) -> String {
    let until = list("coalesce(sum(s.seconds) FILTER (WHERE s.day - m.month < {}), 0)");
    format!(
        "WITH sums AS (SELECT m.month, s.{name}, {until}::integer[] AS until FROM unnest($3) AS m (month) \
           JOIN tenant.user_{name}_usage_daily s ON s.company_id = $1 AND s.user_id = $2 \
             AND s.day >= m.month AND s.day < m.month + interval '1 month' GROUP BY m.month, s.{name}), \
         gone AS (DELETE FROM tenant.user_{name}_usage_monthly g WHERE g.company_id = $1 AND g.user_id = $2 AND g.month = ANY ($3) \
           AND NOT EXISTS (SELECT FROM sums s WHERE s.month = g.month AND s.{name} = g.{name})) \
         INSERT INTO tenant.user_{name}_usage_monthly AS u (company_id, user_id, month, {name}, seconds_until) \
         SELECT $1, $2, s.month, s.{name}, s.until FROM sums s \
         ON CONFLICT (company_id, user_id, month, {name}) DO UPDATE SET seconds_until = excluded.seconds_until \
           WHERE u.seconds_until <> excluded.seconds_until"
    )
}

fn whole() -> String {
    let until = |column: &str| {
        list(&format!(
            "sum(s.{column}) FILTER (WHERE s.day - m.month < {{}})"
        ))
    };
    let zeros = |column: &str| list(&format!("coalesce({column}[{{}}], 0)"));
    let of_all = |name: &str| {
        format!(
            "(SELECT n.month, {}::integer[] AS until FROM tenant.user_{name}_usage_monthly n \
             WHERE n.company_id = $1 AND n.user_id = $2 AND n.month = ANY ($3) GROUP BY n.month)",
            list("sum(n.seconds_until[{}])")
        )
    };
    format!(
        "WITH sums AS (SELECT m.month, {tracked}::integer[] AS tracked, {active}::integer[] AS active FROM unnest($3) AS m (month) \
           JOIN tenant.user_usage_daily s ON s.company_id = $1 AND s.user_id = $2 \
             AND s.day >= m.month AND s.day < m.month + interval '1 month' GROUP BY m.month), \
         gone AS (DELETE FROM tenant.user_usage_monthly g WHERE g.company_id = $1 AND g.user_id = $2 AND g.month = ANY ($3) \
           AND NOT EXISTS (SELECT FROM sums s WHERE s.month = g.month)) \
         INSERT INTO tenant.user_usage_monthly AS u (company_id, user_id, month, tracked_until, active_until, apps_until, hosts_until) \
         SELECT $1, $2, s.month, {tracked_or_none}, {active_or_none}, {apps_or_none}, {hosts_or_none} \
         FROM sums s LEFT JOIN {apps} a USING (month) LEFT JOIN {hosts} h USING (month) \
         ON CONFLICT (company_id, user_id, month) DO UPDATE SET tracked_until = excluded.tracked_until, \
           active_until = excluded.active_until, apps_until = excluded.apps_until, hosts_until = excluded.hosts_until \
           WHERE (u.tracked_until, u.active_until, u.apps_until, u.hosts_until) \
             <> (excluded.tracked_until, excluded.active_until, excluded.apps_until, excluded.hosts_until)",
        tracked = until("tracked_seconds"),
        active = until("active_seconds"),
        tracked_or_none = zeros("s.tracked"),
        active_or_none = zeros("s.active"),
        apps_or_none = zeros("a.until"),
        hosts_or_none = zeros("h.until"),
        apps = of_all("app"),
        hosts = of_all("host"),
    )
}

/// Writes the months of the days anew, from all of their days.
pub fn write(conn: &mut PgConnection, company: Uuid, user: Uuid, days: &[NaiveDate]) -> Result<()> {
    let months = of_days(days);
    if months.is_empty() {
        return Ok(());
    }
    for text in TEXTS.iter() {
        statement(text)
            .bind::<SqlUuid, _>(company)
            .bind::<SqlUuid, _>(user)
            .bind::<Array<Date>, _>(&months)
            .execute(conn)?;
    }
    Ok(())
}
