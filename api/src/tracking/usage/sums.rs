//! Sums over the roll-ups of one person, or of all.

use chrono::{DateTime, NaiveDate, NaiveTime, Timelike, Utc};
use diesel::deserialize::FromSqlRow;
use diesel::pg::Pg;
use diesel::sql_types::{
    Array, BigInt, Bool, Date, Integer, Nullable, Timestamptz, Untyped, Uuid as SqlUuid,
};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl, sql_query};
use uuid::Uuid;

use super::UsageOfDay;
use crate::Result;
use crate::db::{Tx, statement::statement};

#[derive(QueryableByName)]
struct AsOf {
    #[diesel(sql_type = Nullable<Timestamptz>)]
    as_of: Option<DateTime<Utc>>,
    #[diesel(embed)]
    sums: UsageOfDay,
}

#[derive(QueryableByName)]
struct Exists {
    #[diesel(sql_type = Bool)]
    #[expect(dead_code, reason = "a row there or none is the answer")]
    there: bool,
}

/// 404 for a person that the company does not have.
pub(in crate::tracking) fn must_exist(tx: &mut Tx, whose: Option<Uuid>) -> Result<()> {
    if let Some(user) = whose {
        sql_query("SELECT true AS there FROM tenant.users WHERE company_id = $1 AND id = $2")
            .bind::<SqlUuid, _>(tx.company)
            .bind::<SqlUuid, _>(user)
            .get_result::<Exists>(tx.conn)?;
    }
    Ok(())
}

/// The same for a team.
pub(in crate::tracking) fn team_must_exist(tx: &mut Tx, team: Uuid) -> Result<()> {
    sql_query("SELECT true AS there FROM tenant.teams WHERE company_id = $1 AND id = $2")
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(team)
        .get_result::<Exists>(tx.conn)?;
    Ok(())
}

/// One day, zeros where nothing was recorded, and when it was summed last.
pub(super) fn day(
    tx: &mut Tx,
    whose: Option<Uuid>,
    day: NaiveDate,
) -> Result<(UsageOfDay, Option<DateTime<Utc>>)> {
    let row: AsOf = sql_query(
        "SELECT $3 AS day, coalesce(sum(tracked_seconds), 0)::bigint AS tracked_seconds, \
           coalesce(sum(active_seconds), 0)::bigint AS active_seconds, coalesce(sum(idle_seconds), 0)::bigint AS idle_seconds, \
           coalesce(sum(manual_seconds), 0)::bigint AS manual_seconds, coalesce(sum(explained_seconds), 0)::bigint AS explained_seconds, \
           count(*) FILTER (WHERE tracked_seconds > 0) AS people, max(computed_at) AS as_of \
         FROM tenant.user_usage_daily WHERE company_id = $1 AND day = $3 AND ($2 IS NULL OR user_id = $2)",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Nullable<SqlUuid>, _>(whose)
    .bind::<Date, _>(day)
    .get_result(tx.conn)?;
    Ok((row.sums, row.as_of))
}

/// What was tracked of a day until a time of its clock; nothing is told where its hours are not known.
pub(super) fn until(
    tx: &mut Tx,
    whose: Option<Uuid>,
    day: NaiveDate,
    clock: NaiveTime,
) -> Result<Option<i64>> {
    #[derive(QueryableByName)]
    struct Hours {
        #[diesel(sql_type = Array<Integer>)]
        hours: Vec<i32>,
    }
    let text = match whose {
        Some(_) => {
            "SELECT tracked_by_hour::integer[] AS hours FROM tenant.user_usage_daily WHERE company_id = $1 AND user_id = $2 AND day = $3"
        }
        None => {
            "SELECT tracked_by_hour AS hours FROM tenant.usage_daily WHERE company_id = $1 AND $2 IS NULL AND day = $3"
        }
    };
    let found: Option<Hours> = statement(text)
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Nullable<SqlUuid>, _>(whose)
        .bind::<Date, _>(day)
        .get_result(tx.conn)
        .optional()?;
    let Some(Hours { hours }) = found else {
        return Ok(Some(0));
    };
    if hours.is_empty() {
        return Ok(None);
    }
    let second = i64::from(clock.num_seconds_from_midnight());
    let parts = (0..).zip(hours).map(|(hour, seconds): (i64, i32)| {
        let passed = (second - hour * 3_600).clamp(0, 3_600);
        i64::from(seconds) * passed / 3_600
    });
    Ok(Some(parts.sum()))
}

pub(super) fn daily(
    tx: &mut Tx,
    whose: Option<Uuid>,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<Vec<UsageOfDay>> {
    let text = match whose {
        Some(_) => {
            "SELECT day, tracked_seconds::bigint, active_seconds::bigint, idle_seconds::bigint, \
               manual_seconds::bigint, explained_seconds::bigint, \
               (tracked_seconds > 0)::integer::bigint AS people \
             FROM tenant.user_usage_daily WHERE company_id = $1 AND day BETWEEN $3 AND $4 AND user_id = $2 ORDER BY day"
        }
        None => {
            "SELECT day, tracked_seconds, active_seconds, idle_seconds, manual_seconds, explained_seconds, bit_count(people) AS people \
             FROM tenant.usage_daily WHERE company_id = $1 AND day BETWEEN $3 AND $4 AND $2 IS NULL ORDER BY day"
        }
    };
    let days = statement(text)
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Nullable<SqlUuid>, _>(whose)
        .bind::<Date, _>(from)
        .bind::<Date, _>(to)
        .load(tx.conn)?;
    Ok(days)
}

/// The names with the most time; the name is this program's own.
pub(super) fn top<T: FromSqlRow<Untyped, Pg> + 'static>(
    tx: &mut Tx,
    whose: Option<Uuid>,
    (from, to): (NaiveDate, NaiveDate),
    limit: i64,
    name: &'static str,
) -> Result<Vec<T>> {
    let of = match whose {
        // The company has no sums of categories but those of its people.
        None if name == "category" => {
            "tenant.user_category_usage_daily WHERE $2 IS NULL".to_owned()
        }
        Some(_) => format!("tenant.user_{name}_usage_daily WHERE user_id = $2"),
        None => format!("tenant.{name}_usage_daily WHERE $2 IS NULL"),
    };
    let text = format!(
        "SELECT {name}, sum(seconds)::bigint AS seconds FROM {of} AND company_id = $1 AND day BETWEEN $3 AND $4 \
         GROUP BY {name} ORDER BY 2 DESC, 1 LIMIT $5"
    );
    let rows = sql_query(text)
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Nullable<SqlUuid>, _>(whose)
        .bind::<Date, _>(from)
        .bind::<Date, _>(to)
        .bind::<BigInt, _>(limit)
        .load(tx.conn)?;
    Ok(rows)
}
