//! `tracker usage rebuild`: sums all days anew from the raw rows. Where nothing was wrong, nothing changes.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use diesel::sql_types::{Array, Bool, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use uuid::Uuid;

use super::{overview, usage_daily};
use crate::Result;
use crate::db::{Db, Scope, Tx};
use crate::tracking::user_days::{self, months};
use crate::tracking::{company_days, days::Calendar};

/// Days in one transaction.
const AT_ONCE: usize = 31;

/// A person's sums, and what tells two rows of a day apart.
const PERSON_TABLES: [(&str, &str); 5] = [
    ("user_usage_daily", "''"),
    ("user_app_usage_daily", "t.app"),
    ("user_host_usage_daily", "t.host"),
    ("user_task_usage_daily", "t.task_id::text"),
    ("user_category_usage_daily", "t.category"),
];

/// Sums of a person's days by month, and what tells two rows of a month apart.
const MONTH_TABLES: [(&str, &str); 3] = [
    ("user_usage_monthly", "''"),
    ("user_app_usage_monthly", "t.app"),
    ("user_host_usage_monthly", "t.host"),
];

/// Sums of a company's days, and what tells two rows of a day apart.
const COMPANY_TABLES: [(&str, &str); 3] = [
    ("usage_daily", "''"),
    ("app_usage_daily", "t.app"),
    ("host_usage_daily", "t.host"),
];

/// What they are sums of, and when that happened.
const RAW_TABLES: [(&str, &str); 6] = [
    ("activity_log", "started_at"),
    ("application_usage", "started_at"),
    ("website_usage", "started_at"),
    ("work_sessions", "started_at"),
    ("screenshots", "taken_at"),
    ("manual_times", "started_at"),
];

/// What is to be summed anew.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    pub company: Option<Uuid>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

/// How many rows there were, and how many of them were wrong, missing or too many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rebuilt {
    pub rows: usize,
    pub changed: usize,
}

#[derive(QueryableByName)]
struct Company {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    /// How long raw rows are kept: days before were summed from rows that are gone.
    #[diesel(sql_type = Integer)]
    raw_days: i32,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = Text)]
    value: String,
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

pub fn rebuild(db: &Db, wanted: Wanted) -> Result<Rebuilt> {
    let companies: Vec<Company> = db.platform_job_blocking(|conn| {
        Ok(sql_query(
            "SELECT s.company_id AS id, s.usage_retention_days AS raw_days FROM tenant.company_settings s \
             WHERE $1 IS NULL OR s.company_id = $1 ORDER BY s.company_id",
        )
        .bind::<Nullable<SqlUuid>, _>(wanted.company)
        .load(conn)?)
    })?;
    let mut all = Rebuilt::default();
    for company in companies {
        let one = rebuild_company(db, &company, wanted)?;
        all.rows += one.rows;
        all.changed += one.changed;
    }
    Ok(all)
}

fn rebuild_company(db: &Db, company: &Company, wanted: Wanted) -> Result<Rebuilt> {
    let scope = Scope::job(company.id);
    let calendar = db.tenant_blocking(scope, |tx| Calendar::load(tx.conn, tx.company))?;
    let oldest = calendar.today() - Days::new(u64::from(company.raw_days.unsigned_abs()));
    // Devices may be ten minutes ahead, and so may their days.
    let newest = calendar.today() + Days::new(1);
    let days = user_days::each_day(
        wanted.from.map_or(oldest, |from| from.max(oldest)),
        wanted.to.map_or(newest, |to| to.min(newest)),
    );
    let users: Vec<Id> = db.tenant_blocking(scope, |tx| {
        Ok(
            sql_query("SELECT id FROM tenant.users WHERE company_id = $1 ORDER BY id")
                .bind::<SqlUuid, _>(tx.company)
                .load(tx.conn)?,
        )
    })?;
    let mut sum = Rebuilt::default();
    for days in days.chunks(AT_ONCE) {
        for Id { id } in &users {
            sum =
                sum.and(db.tenant_blocking(scope, |tx| rebuild_person(tx, *id, &calendar, days))?);
        }
        sum = sum.and(db.tenant_blocking(scope, |tx| rebuild_company_sums(tx, days))?);
        sum =
            sum.and(db.platform_job_blocking(|conn| rebuild_company_days(conn, company.id, days))?);
    }
    // Of days whose raw rows are gone the sums are there, and what is made of those.
    let Some(first) = db.tenant_blocking(scope, first_sum)? else {
        return Ok(sum);
    };
    let before = user_days::each_day(
        wanted.from.map_or(first, |from| from.max(first)),
        wanted.to.map_or(oldest, |to| to.min(oldest)) - Days::new(1),
    );
    for days in before.chunks(AT_ONCE) {
        for Id { id } in &users {
            sum = sum.and(db.tenant_blocking(scope, |tx| rebuild_months(tx, *id, days))?);
        }
        sum = sum.and(db.tenant_blocking(scope, |tx| rebuild_company_sums(tx, days))?);
    }
    Ok(sum)
}

/// The first day of which the company has any sums, of people or its own.
fn first_sum(tx: Tx) -> Result<Option<NaiveDate>> {
    #[derive(QueryableByName)]
    struct First {
        #[diesel(sql_type = Nullable<Date>)]
        first: Option<NaiveDate>,
    }
    let found: First = sql_query(
        "SELECT least((SELECT min(day) FROM tenant.user_usage_daily WHERE company_id = $1), \
           (SELECT min(month) FROM tenant.user_usage_monthly WHERE company_id = $1), \
           (SELECT min(day) FROM tenant.usage_daily WHERE company_id = $1)) AS first",
    )
    .bind::<SqlUuid, _>(tx.company)
    .get_result(tx.conn)?;
    Ok(found.first)
}

/// The person's months that these days are in.
fn rebuild_months(tx: Tx, user: Uuid, days: &[NaiveDate]) -> Result<Rebuilt> {
    let (conn, company) = (tx.conn, tx.company);
    user_days::wait_for(conn, company, user)?;
    let before = months_of(conn, company, user, days)?;
    months::write(conn, company, user, days)?;
    Ok(Rebuilt::compare(
        before,
        months_of(conn, company, user, days)?,
    ))
}

fn months_of(
    conn: &mut PgConnection,
    company: Uuid,
    user: Uuid,
    days: &[NaiveDate],
) -> Result<Vec<Row>> {
    let text = MONTH_TABLES.map(|(table, name)| {
        format!(
            "SELECT concat_ws(' ', '{table}', t.month, {name}) AS key, to_jsonb(t)::text AS value \
             FROM tenant.{table} t WHERE t.company_id = $1 AND t.user_id = $2 AND t.month = ANY ($3)"
        )
    });
    Ok(sql_query(text.join(" UNION ALL "))
        .bind::<SqlUuid, _>(company)
        .bind::<SqlUuid, _>(user)
        .bind::<Array<Date>, _>(months::of_days(days))
        .load(conn)?)
}

fn rebuild_person(tx: Tx, user: Uuid, calendar: &Calendar, days: &[NaiveDate]) -> Result<Rebuilt> {
    let (conn, company) = (tx.conn, tx.company);
    if !has_anything(conn, company, user, calendar, days)? {
        return Ok(Rebuilt::default());
    }
    user_days::wait_for(conn, company, user)?;
    let rows = |conn: &mut PgConnection| -> Result<Vec<Row>> {
        let text = PERSON_TABLES.map(|(table, name)| {
            format!(
                "SELECT concat_ws(' ', '{table}', t.day, {name}) AS key, (to_jsonb(t) - 'computed_at')::text AS value \
                 FROM tenant.{table} t WHERE t.company_id = $1 AND t.user_id = $2 AND t.day = ANY ($3)"
            )
        });
        let mut found: Vec<Row> = sql_query(text.join(" UNION ALL "))
            .bind::<SqlUuid, _>(company)
            .bind::<SqlUuid, _>(user)
            .bind::<Array<Date>, _>(days)
            .load(conn)?;
        found.extend(months_of(conn, company, user, days)?);
        Ok(found)
    };
    let before = rows(conn)?;
    user_days::recompute(conn, company, user, calendar, days)?;
    // Of days whose raw rows are gone as well.
    months::write(conn, company, user, days)?;
    Ok(Rebuilt::compare(before, rows(conn)?))
}

/// Most of the time that may be rebuilt is before a person's first day.
fn has_anything(
    conn: &mut PgConnection,
    company: Uuid,
    user: Uuid,
    calendar: &Calendar,
    days: &[NaiveDate],
) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = Bool)]
        anything: bool,
    }
    let (Some(first), Some(last)) = (days.first(), days.last()) else {
        return Ok(false);
    };
    let raw = RAW_TABLES.map(|(table, at)| {
        format!("EXISTS (SELECT FROM tenant.{table} WHERE company_id = $1 AND user_id = $2 AND {at} >= $3 AND {at} < $4)")
    });
    let sums = PERSON_TABLES.map(|(table, _)| {
        format!("EXISTS (SELECT FROM tenant.{table} WHERE company_id = $1 AND user_id = $2 AND day BETWEEN $5 AND $6)")
    });
    let months = MONTH_TABLES.map(|(table, _)| {
        format!("EXISTS (SELECT FROM tenant.{table} WHERE company_id = $1 AND user_id = $2 AND month BETWEEN date_trunc('month', $5::timestamp) AND $6)")
    });
    let text = format!(
        "SELECT {} OR {} OR {} AS anything",
        raw.join(" OR "),
        sums.join(" OR "),
        months.join(" OR ")
    );
    let found: Found = sql_query(text)
        .bind::<SqlUuid, _>(company)
        .bind::<SqlUuid, _>(user)
        .bind::<Timestamptz, _>(calendar.start(*first) - user_days::LONGEST_ITEM)
        .bind::<Timestamptz, _>(calendar.range(*last).1)
        .bind::<Date, _>(first)
        .bind::<Date, _>(last)
        .get_result(conn)?;
    Ok(found.anything)
}

/// What the admins see of the company's days.
fn rebuild_company_sums(tx: Tx, days: &[NaiveDate]) -> Result<Rebuilt> {
    let (conn, company) = (tx.conn, tx.company);
    let rows = |conn: &mut PgConnection| -> Result<Vec<Row>> {
        let text = COMPANY_TABLES.map(|(table, name)| {
            format!(
                "SELECT concat_ws(' ', '{table}', t.day, {name}) AS key, (to_jsonb(t) - 'summed_at')::text AS value \
                 FROM tenant.{table} t WHERE t.company_id = $1 AND t.day = ANY ($2)"
            )
        });
        Ok(sql_query(text.join(" UNION ALL "))
            .bind::<SqlUuid, _>(company)
            .bind::<Array<Date>, _>(days)
            .load(conn)?)
    };
    let before = rows(conn)?;
    for day in days {
        company_days::write(conn, company, *day)?;
    }
    Ok(Rebuilt::compare(before, rows(conn)?))
}

fn rebuild_company_days(
    conn: &mut PgConnection,
    company: Uuid,
    days: &[NaiveDate],
) -> Result<Rebuilt> {
    let rows = |conn: &mut PgConnection| -> Result<Vec<Row>> {
        Ok(sql_query(
            "SELECT t.day::text AS key, (to_jsonb(t) - 'updated_at')::text AS value FROM platform.company_usage_daily t \
             WHERE t.company_id = $1 AND t.day = ANY ($2)",
        )
        .bind::<SqlUuid, _>(company)
        .bind::<Array<Date>, _>(days)
        .load(conn)?)
    };
    let before = rows(conn)?;
    for day in days {
        usage_daily::write(conn, company, *day)?;
    }
    overview::publish(conn, Some(company))?;
    Ok(Rebuilt::compare(before, rows(conn)?))
}

impl Rebuilt {
    fn compare(before: Vec<Row>, after: Vec<Row>) -> Self {
        let rows = after.len();
        let mut before: BTreeMap<_, _> =
            before.into_iter().map(|row| (row.key, row.value)).collect();
        let mut changed = 0;
        for row in after {
            if before.remove(&row.key) != Some(row.value) {
                changed += 1;
            }
        }
        // What is left was there and should not have been.
        changed += before.len();
        Self { rows, changed }
    }

    fn and(self, other: Self) -> Self {
        Self {
            rows: self.rows + other.rows,
            changed: self.changed + other.changed,
        }
    }
}
