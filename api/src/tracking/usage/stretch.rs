//! Sums over a stretch of days that do not read the days: a person's are differences in the lists of their months, the
//! company's are in its own days. `$1` company, `$2` and `$3` the first and the last day in all of these.

use crate::tracking::company_days::WIDTH;
use crate::tracking::user_days::months;

/// The months that have a part in it.
pub(in crate::tracking) const MONTHS: &str =
    "s.month BETWEEN date_trunc('month', $2::timestamp)::date AND $3";

/// Seconds that a month's list has of the stretch.
pub(in crate::tracking) fn part(list: &str) -> String {
    format!(
        "s.{list}[CASE s.month WHEN date_trunc('month', $3::timestamp)::date THEN extract(day FROM $3)::integer ELSE 31 END] \
         - CASE s.month WHEN date_trunc('month', $2::timestamp)::date \
           THEN coalesce(s.{list}[extract(day FROM $2)::integer - 1], 0) ELSE 0 END"
    )
}

/// Seconds until each day of a month, of all rows of a group together.
pub(in crate::tracking) fn all_of(list: &str) -> String {
    months::list(&format!("sum(s.{list}[{{}}])"))
}

/// Each day of the stretch from rows of `month` and `until`, as `all_of` makes them.
pub(in crate::tracking) const EACH_DAY: &str = "CROSS JOIN generate_series(1, 31) AS d (d) WHERE s.month + d.d - 1 BETWEEN $2 AND $3 AND s.month + d.d - 1 < s.month + interval '1 month'";

/// What such a row has of that day.
pub(in crate::tracking) fn of_day(until: &str) -> String {
    format!("s.{until}[d.d] - coalesce(s.{until}[d.d - 1], 0)")
}

/// How many people rows of the company's days are of together: of one width, their bits are laid over each other.
pub(in crate::tracking) fn people() -> String {
    format!(
        "bit_count(bit_or(CASE length(s.people) WHEN {WIDTH} THEN s.people \
         ELSE s.people || repeat('0', {WIDTH} - length(s.people))::varbit END))"
    )
}
