//! From which day on a company's raw records are still there. Before, they were deleted by age, and the sums of those days
//! are all there is: nothing may sum such a day again.

use chrono::{Duration, NaiveDate};
use diesel::sql_types::{BigInt, Date, Integer, Nullable, Uuid as SqlUuid};
use diesel::{OptionalExtension, PgConnection, QueryableByName, RunQueryDsl};
use uuid::Uuid;

use crate::Result;
use crate::db::statement::statement;

/// For how many whole days before today each kind of records is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub(crate) struct Retention {
    #[diesel(sql_type = Integer)]
    pub screenshot_retention_days: i32,
    #[diesel(sql_type = Integer)]
    pub usage_retention_days: i32,
}

/// The first days whose records are there; none where nothing was deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, QueryableByName)]
pub(crate) struct Kept {
    #[diesel(sql_type = Nullable<Date>)]
    pub screenshots_kept_from: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    pub usage_kept_from: Option<NaiveDate>,
}

/// The first days whose records are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub screenshots_from: NaiveDate,
    pub usage_from: NaiveDate,
}

impl Retention {
    pub fn load(conn: &mut PgConnection, company: Uuid) -> Result<Self> {
        Ok(statement(
            "SELECT screenshot_retention_days, usage_retention_days FROM tenant.company_settings WHERE company_id = $1",
        )
        .bind::<SqlUuid, _>(company)
        .get_result(conn)?)
    }

    pub fn on(self, today: NaiveDate) -> Wanted {
        let from = |days: i32| today - Duration::days(days.into());
        Wanted {
            screenshots_from: from(self.screenshot_retention_days),
            usage_from: from(self.usage_retention_days),
        }
    }
}

impl Kept {
    pub fn load(conn: &mut PgConnection, company: Uuid) -> Result<Self> {
        let kept = statement(
            "SELECT screenshots_kept_from, usage_kept_from FROM tenant.company_settings WHERE company_id = $1",
        )
        .bind::<SqlUuid, _>(company)
        .get_result(conn)
        .optional()?;
        Ok(kept.unwrap_or_default())
    }

    /// Whether the day can be summed. Of the first day that is kept, what began the day before and reached into it is gone.
    pub fn has_all_of(&self, day: NaiveDate) -> bool {
        self.usage_kept_from.is_none_or(|from| day > from)
    }

    pub fn has_screenshots_of(&self, day: NaiveDate) -> bool {
        self.screenshots_kept_from.is_none_or(|from| day >= from)
    }
}

/// What there is of records between what is kept now and what will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub(crate) struct Due {
    #[diesel(sql_type = BigInt)]
    pub screenshots: i64,
    #[diesel(sql_type = BigInt)]
    pub screenshot_bytes: i64,
    #[diesel(sql_type = BigInt)]
    pub usage_entries: i64,
}

/// Counted by the sums of days, which know of each raw row: the rows themselves may be hundreds of millions.
pub(crate) fn due(conn: &mut PgConnection, company: Uuid, until: Wanted) -> Result<Due> {
    let kept = Kept::load(conn, company)?;
    Ok(statement(
        "SELECT coalesce(sum(screenshots) FILTER (WHERE day < $2 AND ($4 IS NULL OR day >= $4)), 0)::bigint AS screenshots, \
           coalesce(sum(screenshot_bytes) FILTER (WHERE day < $2 AND ($4 IS NULL OR day >= $4)), 0)::bigint AS screenshot_bytes, \
           coalesce(sum(events) FILTER (WHERE day < $3 AND ($5 IS NULL OR day >= $5)), 0)::bigint AS usage_entries \
         FROM tenant.user_usage_daily WHERE company_id = $1 AND day < greatest($2, $3)",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<Date, _>(until.screenshots_from)
    .bind::<Date, _>(until.usage_from)
    .bind::<Nullable<Date>, _>(kept.screenshots_kept_from)
    .bind::<Nullable<Date>, _>(kept.usage_kept_from)
    .get_result(conn)?)
}
