//! The company's days, from the people's: what was tracked, the applications and the hosts, and whose each of it was. People
//! do not add up over days, so a row has a bit for each of them, by a number that stays theirs.

use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{Array, Date, Integer, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, PgConnection, QueryableByName, RunQueryDsl};
use uuid::Uuid;

use super::user_days::each_hour;
use crate::Result;
use crate::db::statement::statement;
use crate::db::{DbRole, Tx};
use crate::jobs::{queue, usage_daily};

/// As many bits as the company's numbers need: rows of before may have fewer, and none has more. `$1` company.
pub(super) const WIDTH: &str =
    "(SELECT (max(number) / 256 + 1) * 256 FROM tenant.user_numbers WHERE company_id = $1)";

static TEXTS: LazyLock<[String; 5]> = LazyLock::new(|| {
    let none = format!("none AS MATERIALIZED (SELECT repeat('0', {WIDTH})::varbit AS bits)");
    let names = |name: &str| {
        format!(
            "WITH {none}, sums AS (SELECT s.{name}, sum(s.seconds) AS seconds, bit_or(set_bit(none.bits, n.number, 1)) AS people \
               FROM tenant.user_{name}_usage_daily s JOIN tenant.user_numbers n ON n.company_id = $1 AND n.user_id = s.user_id \
               CROSS JOIN none WHERE s.company_id = $1 AND s.day = $2 AND s.seconds > 0 GROUP BY s.{name}), \
             gone AS (DELETE FROM tenant.{name}_usage_daily g WHERE g.company_id = $1 AND g.day = $2 \
               AND NOT EXISTS (SELECT FROM sums s WHERE s.{name} = g.{name})) \
             INSERT INTO tenant.{name}_usage_daily AS d (company_id, day, {name}, seconds, people) \
             SELECT $1, $2, s.{name}, s.seconds, s.people FROM sums s \
             ON CONFLICT (company_id, day, {name}) DO UPDATE SET seconds = excluded.seconds, people = excluded.people \
               WHERE (d.seconds, d.people) IS DISTINCT FROM (excluded.seconds, excluded.people)"
        )
    };
    [
        "INSERT INTO tenant.user_numbers (company_id, user_id, number) \
         SELECT $1, u.user_id, (SELECT coalesce(max(n.number), -1) FROM tenant.user_numbers n WHERE n.company_id = $1) \
           + row_number() OVER (ORDER BY u.user_id) \
         FROM (SELECT user_id FROM tenant.user_usage_daily WHERE company_id = $1 AND day = $2) u \
         WHERE NOT EXISTS (SELECT FROM tenant.user_numbers n WHERE n.company_id = $1 AND n.user_id = u.user_id)"
            .to_owned(),
        names("app"),
        names("host"),
        "DELETE FROM tenant.usage_daily g WHERE g.company_id = $1 AND g.day = $2 \
           AND NOT EXISTS (SELECT FROM tenant.user_usage_daily u WHERE u.company_id = $1 AND u.day = $2)"
            .to_owned(),
        format!(
            "WITH {none} INSERT INTO tenant.usage_daily (company_id, day, tracked_seconds, active_seconds, idle_seconds, \
               manual_seconds, explained_seconds, people, tracked_by_hour) \
             SELECT $1, $2, sum(u.tracked_seconds), sum(u.active_seconds), sum(u.idle_seconds), \
               sum(u.manual_seconds), sum(u.explained_seconds), \
               bit_or(CASE WHEN u.tracked_seconds > 0 THEN set_bit(none.bits, n.number, 1) ELSE none.bits END), \
               CASE WHEN bool_and(u.tracked_seconds = 0 OR cardinality(u.tracked_by_hour) > 0) THEN {hours}::integer[] ELSE '{{}}' END \
             FROM tenant.user_usage_daily u JOIN tenant.user_numbers n ON n.company_id = $1 AND n.user_id = u.user_id \
             CROSS JOIN none WHERE u.company_id = $1 AND u.day = $2 HAVING count(*) > 0 \
             ON CONFLICT (company_id, day) DO UPDATE SET tracked_seconds = excluded.tracked_seconds, \
               active_seconds = excluded.active_seconds, idle_seconds = excluded.idle_seconds, manual_seconds = excluded.manual_seconds, \
               explained_seconds = excluded.explained_seconds, people = excluded.people, \
               tracked_by_hour = excluded.tracked_by_hour, summed_at = excluded.summed_at",
            hours = each_hour("coalesce(sum(u.tracked_by_hour[1 + {}]), 0)"),
        ),
    ]
});

/// Writes the company's day anew from its people's, or takes it away when nobody has one.
pub fn write(conn: &mut PgConnection, company: Uuid, day: NaiveDate) -> Result<()> {
    // Of two that sum the same day, the one that saw less must not write last; and nobody's number is given twice.
    statement("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind::<Text, _>(format!("company days:{company}"))
        .execute(conn)?;
    for text in TEXTS.iter() {
        statement(text)
            .bind::<SqlUuid, _>(company)
            .bind::<Date, _>(day)
            .execute(conn)?;
    }
    Ok(())
}

/// After a change of people's days: the company's are summed by a job, and at once as well for who looks at them next. An
/// admin of teams is not shown them, and may not write them.
pub(crate) fn follow(tx: &mut Tx, days: &[NaiveDate]) -> Result<()> {
    if tx.role == DbRole::Admin {
        for day in days {
            write(tx.conn, tx.company, *day)?;
        }
    }
    let jobs: Vec<_> = (days.iter())
        .map(|day| usage_daily::job(tx.company, *day))
        .collect();
    queue::enqueue(tx.conn, &jobs)
}

#[derive(QueryableByName)]
struct Summed {
    #[diesel(sql_type = Date)]
    day: NaiveDate,
    #[diesel(sql_type = Timestamptz)]
    again_at: DateTime<Utc>,
}

/// From when on these days may be summed again: half a second after the last time for each hundred people, so that the
/// uploads of thousands do not keep a worker busy with one and the same day.
pub(crate) fn again_at(
    conn: &mut PgConnection,
    company: Uuid,
    days: &[NaiveDate],
) -> Result<Vec<(NaiveDate, DateTime<Utc>)>> {
    let summed: Vec<Summed> = statement(
        "SELECT day, summed_at + bit_count(people) / 100 * interval '0.5 seconds' AS again_at FROM tenant.usage_daily \
         WHERE company_id = $1 AND day = ANY ($2)",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<Array<Date>, _>(days)
    .load(conn)?;
    Ok(summed
        .into_iter()
        .map(|one| (one.day, one.again_at))
        .collect())
}

/// The company's days that the person has a part in.
pub(crate) fn of_person(
    conn: &mut PgConnection,
    company: Uuid,
    user: Uuid,
) -> Result<Vec<NaiveDate>> {
    #[derive(QueryableByName)]
    struct Own {
        #[diesel(sql_type = Integer)]
        number: i32,
    }
    #[derive(QueryableByName)]
    struct Of {
        #[diesel(sql_type = Date)]
        day: NaiveDate,
    }
    let own: Option<Own> =
        statement("SELECT number FROM tenant.user_numbers WHERE company_id = $1 AND user_id = $2")
            .bind::<SqlUuid, _>(company)
            .bind::<SqlUuid, _>(user)
            .get_result(conn)
            .optional()?;
    let Some(Own { number }) = own else {
        return Ok(Vec::new());
    };
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let tables = ["usage_daily", "app_usage_daily", "host_usage_daily"].map(|table| {
            format!(
                "SELECT day FROM tenant.{table} WHERE company_id = $1 \
                 AND CASE WHEN length(people) > $2 THEN get_bit(people, $2) = 1 ELSE false END"
            )
        });
        format!("{} ORDER BY day", tables.join(" UNION "))
    });
    let days: Vec<Of> = statement(&TEXT)
        .bind::<SqlUuid, _>(company)
        .bind::<Integer, _>(number)
        .load(conn)?;
    Ok(days.into_iter().map(|of| of.day).collect())
}
