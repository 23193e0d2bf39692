//! Manual time, beside what was observed: of each approved minute what no device saw of it, and what a device saw as idle.
//! What was observed as active counts there and not here, so no second counts twice, whatever arrives late.

use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Date, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, PgConnection, QueryableByName, RunQueryDsl};
use uuid::Uuid;

use super::{Calendar, DEVICE_MINUTES, Span, bound};
use crate::Result;
use crate::db::statement::statement;

/// After `DEVICE_MINUTES`. Entries lie on whole minutes, as days begin on such.
const SAID: &str = "stretches AS (SELECT d.day, greatest(t.started_at, d.from_at) AS from_at, least(t.ended_at, d.to_at) AS to_at \
      FROM tenant.manual_times t JOIN days d ON t.started_at < d.to_at AND t.ended_at > d.from_at \
      WHERE t.company_id = $1 AND t.user_id = $2 AND t.state = 'approved' AND t.started_at < $7 AND t.ended_at > $6 \
        AND t.started_at > $6 - interval '24 hours'), \
    said AS (SELECT DISTINCT s.day, g.minute FROM stretches s \
      CROSS JOIN LATERAL generate_series(s.from_at, s.to_at - interval '1 minute', interval '1 minute') AS g (minute)), \
    manual AS (SELECT s.day, sum(60 - coalesce(m.tracked, 0)) AS manual, sum(coalesce(m.tracked - m.active, 0)) AS explained \
      FROM said s LEFT JOIN minutes m USING (day, minute) GROUP BY s.day)";

/// Seconds of a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, QueryableByName)]
pub struct Manual {
    /// That no device saw.
    #[diesel(sql_type = BigInt)]
    pub manual: i64,
    /// That a device saw as idle.
    #[diesel(sql_type = BigInt)]
    pub explained: i64,
}

/// Of one day, as it would be summed now.
pub fn of_day(
    conn: &mut PgConnection,
    company: Uuid,
    user: Uuid,
    calendar: &Calendar,
    day: NaiveDate,
) -> Result<Manual> {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        format!(
            "WITH {}, {SAID} SELECT manual::bigint AS manual, explained::bigint AS explained FROM manual",
            *DEVICE_MINUTES
        )
    });
    let span = Span::new(calendar, &[day]);
    let found = bound(&TEXT, company, user, &span).get_result(conn);
    Ok(found.optional()?.unwrap_or_default())
}

/// What the person's days sum up to by now.
pub fn sums(
    conn: &mut PgConnection,
    company: Uuid,
    user: Uuid,
    days: &[NaiveDate],
) -> Result<Manual> {
    Ok(statement(
        "SELECT coalesce(sum(manual_seconds), 0)::bigint AS manual, coalesce(sum(explained_seconds), 0)::bigint AS explained \
         FROM tenant.user_usage_daily WHERE company_id = $1 AND user_id = $2 AND day = ANY ($3)",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<SqlUuid, _>(user)
    .bind::<Array<Date>, _>(days)
    .get_result(conn)?)
}

pub(super) fn write(conn: &mut PgConnection, company: Uuid, user: Uuid, span: &Span) -> Result<()> {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        format!(
            "INSERT INTO tenant.user_usage_daily (company_id, user_id, day, tracked_seconds, active_seconds, idle_seconds, \
               keystrokes, mouse_events, sessions, screenshots, screenshot_bytes, events, manual_seconds, explained_seconds) \
             WITH {}, {SAID} \
             SELECT $1, $2, day, 0, 0, 0, 0, 0, 0, 0, 0, 0, manual, explained FROM manual \
             ON CONFLICT (company_id, user_id, day) DO UPDATE \
               SET manual_seconds = excluded.manual_seconds, explained_seconds = excluded.explained_seconds",
            *DEVICE_MINUTES
        )
    });
    // Most days have none, and are summed often.
    if has_any(conn, company, user, span.first(), span.last())? {
        bound(&TEXT, company, user, span).execute(conn)?;
    }
    Ok(())
}

fn has_any(
    conn: &mut PgConnection,
    company: Uuid,
    user: Uuid,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = Bool)]
        any: bool,
    }
    let found: Found = statement(
        "SELECT EXISTS (SELECT FROM tenant.manual_times t WHERE t.company_id = $1 AND t.user_id = $2 AND t.state = 'approved' \
           AND t.started_at < $4 AND t.ended_at > $3 AND t.started_at > $3 - interval '24 hours') AS any",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<SqlUuid, _>(user)
    .bind::<Timestamptz, _>(from)
    .bind::<Timestamptz, _>(to)
    .get_result(conn)?;
    Ok(found.any)
}
