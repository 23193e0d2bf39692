//! One row a company of what the owner's list shows. The platform has no way to the rows behind it, so it is published.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use diesel::sql_types::{Array, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::{Result, tracking::last_seen::LastSeen};

pub(super) const KIND: &str = "overview";

/// Minutes after which a row is written anew though nothing in it changed: it tells how old it may be.
const TOUCHED_AFTER: i32 = 3;

#[derive(QueryableByName)]
struct Company {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    time_zone: String,
    #[diesel(sql_type = Nullable<Date>)]
    summed_on: Option<NaiveDate>,
}

impl Company {
    fn today(&self) -> NaiveDate {
        // Zones are this program's to know: the database's list may be another one.
        let zone: Tz = self.time_zone.parse().unwrap_or(Tz::UTC);
        Utc::now().with_timezone(&zone).date_naive()
    }
}

/// Writes what is new of one company whose days changed, or of all. Of all, only those are summed whose day is another
/// one than when they last were: each changed day brings its company here by itself.
pub fn publish(conn: &mut PgConnection, only: Option<Uuid>) -> Result<()> {
    let companies: Vec<Company> = sql_query(
        "SELECT c.id, c.time_zone, o.summed_on FROM platform.companies c \
         LEFT JOIN platform.company_overview o ON o.company_id = c.id WHERE ($1 IS NULL OR c.id = $1) \
         AND NOT EXISTS (SELECT FROM platform.erasures e WHERE e.company_id = c.id) ORDER BY c.id",
    )
    .bind::<Nullable<SqlUuid>, _>(only)
    .load(conn)?;
    let due = companies
        .iter()
        .map(|company| (company, company.today()))
        .filter(|(company, today)| only.is_some() || company.summed_on != Some(*today));
    let (to_sum, todays): (Vec<Uuid>, Vec<NaiveDate>) =
        due.map(|(company, today)| (company.id, today)).unzip();
    sums(conn, &to_sum, todays)?;
    let ids: Vec<Uuid> = companies.iter().map(|company| company.id).collect();
    counts(conn, &ids)?;
    keys(conn, &ids)
}

fn sums(conn: &mut PgConnection, ids: &[Uuid], todays: Vec<NaiveDate>) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    // Of two that sum the same company the later one sees what the other saw: it waits here, and looks afterwards.
    sql_query("SELECT FROM platform.company_overview WHERE company_id = ANY ($1) ORDER BY company_id FOR UPDATE")
        .bind::<Array<SqlUuid>, _>(ids)
        .execute(conn)?;
    sql_query(
        "INSERT INTO platform.company_overview AS o (company_id, active_seconds_30d, active_seconds_previous_30d, sessions_30d, \
           screenshots_30d, summed_on, updated_at) \
         SELECT c.id, coalesce(s.active, 0), coalesce(s.previous, 0), coalesce(s.sessions, 0), coalesce(s.screenshots, 0), c.today, now() \
         FROM unnest($1, $2) AS c (id, today) \
         LEFT JOIN (SELECT t.id, sum(active_seconds) FILTER (WHERE p.day > t.today - 30) AS active, \
             sum(active_seconds) FILTER (WHERE p.day <= t.today - 30) AS previous, \
             sum(sessions) FILTER (WHERE p.day > t.today - 30) AS sessions, \
             sum(screenshots) FILTER (WHERE p.day > t.today - 30) AS screenshots \
           FROM unnest($1, $2) AS t (id, today) JOIN platform.company_usage_daily p ON p.company_id = t.id \
           AND p.day > t.today - 60 AND p.day <= t.today GROUP BY t.id) s ON s.id = c.id \
         ORDER BY c.id \
         ON CONFLICT (company_id) DO UPDATE SET active_seconds_30d = excluded.active_seconds_30d, \
           active_seconds_previous_30d = excluded.active_seconds_previous_30d, sessions_30d = excluded.sessions_30d, \
           screenshots_30d = excluded.screenshots_30d, summed_on = excluded.summed_on, updated_at = excluded.updated_at",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<Date>, _>(todays)
    .execute(conn)?;
    Ok(())
}

/// Seats, storage and devices, where they changed or were not looked at for minutes.
fn counts(conn: &mut PgConnection, ids: &[Uuid]) -> Result<()> {
    sql_query(
        "INSERT INTO platform.company_overview AS o (company_id, employees_active, storage_bytes, devices, updated_at) \
         SELECT n.* FROM (SELECT c.id, coalesce(u.seats_used, 0) AS seats, coalesce(u.storage_bytes, 0) AS storage, \
             coalesce(d.devices, 0)::integer AS devices, now() \
           FROM unnest($1) AS c (id) LEFT JOIN tenant.company_usage u ON u.company_id = c.id \
           LEFT JOIN (SELECT company_id, count(*) AS devices FROM tenant.devices WHERE company_id = ANY ($1) AND revoked_at IS NULL \
             GROUP BY company_id) d ON d.company_id = c.id) n \
         LEFT JOIN platform.company_overview was ON was.company_id = n.id \
         WHERE (was.employees_active, was.storage_bytes, was.devices) IS DISTINCT FROM (n.seats, n.storage, n.devices) \
           OR was.updated_at < now() - make_interval(mins => $2) \
         ORDER BY n.id \
         ON CONFLICT (company_id) DO UPDATE SET employees_active = excluded.employees_active, storage_bytes = excluded.storage_bytes, \
           devices = excluded.devices, updated_at = excluded.updated_at",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Integer, _>(TOUCHED_AFTER)
    .execute(conn)?;
    Ok(())
}

/// How many devices came last with each key: zero says that a rotation is complete.
fn keys(conn: &mut PgConnection, ids: &[Uuid]) -> Result<()> {
    sql_query(
        "INSERT INTO platform.company_key_usage AS k (company_id, key_id, devices) \
         SELECT company_id, key_id, count(*) FROM tenant.devices WHERE company_id = ANY ($1) AND revoked_at IS NULL \
         GROUP BY company_id, key_id ORDER BY company_id, key_id \
         ON CONFLICT (company_id, key_id) DO UPDATE SET devices = excluded.devices WHERE k.devices <> excluded.devices",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .execute(conn)?;
    sql_query(
        "UPDATE platform.company_key_usage k SET devices = 0 WHERE k.company_id = ANY ($1) AND k.devices > 0 AND NOT EXISTS \
         (SELECT FROM tenant.devices d WHERE d.company_id = k.company_id AND d.key_id = k.key_id AND d.revoked_at IS NULL)",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .execute(conn)?;
    Ok(())
}

/// Notes of last use on their way to the table: a company's first note at once, then at most one a minute.
#[derive(Default)]
pub struct LastUse {
    waiting: HashMap<Uuid, HashMap<Uuid, DateTime<Utc>>>,
    written: HashMap<Uuid, Instant>,
}

impl LastUse {
    const PAUSE: Duration = Duration::from_secs(60);

    pub fn collect(&mut self, seen: &LastSeen) {
        for (company, key, at) in seen.take() {
            let noted = self
                .waiting
                .entry(company)
                .or_default()
                .entry(key)
                .or_insert(at);
            *noted = at.max(*noted);
        }
    }

    /// What is to be written now; `all` at the end of the process. Goes on waiting until `wrote` says so.
    pub fn due(&self, all: bool) -> Vec<(Uuid, Uuid, DateTime<Utc>)> {
        let due = |company: &Uuid| {
            all || self
                .written
                .get(company)
                .is_none_or(|at| at.elapsed() >= Self::PAUSE)
        };
        let companies = self.waiting.iter().filter(|(company, _)| due(company));
        companies
            .flat_map(|(company, keys)| keys.iter().map(|(key, at)| (*company, *key, *at)))
            .collect()
    }

    pub fn wrote(&mut self, rows: &[(Uuid, Uuid, DateTime<Utc>)]) {
        for (company, ..) in rows {
            self.waiting.remove(company);
            self.written.insert(*company, Instant::now());
        }
    }
}

/// Times only grow: another instance may have written a later one.
pub fn write_last_use(conn: &mut PgConnection, rows: &[(Uuid, Uuid, DateTime<Utc>)]) -> Result<()> {
    let companies: Vec<Uuid> = rows.iter().map(|row| row.0).collect();
    let keys: Vec<Uuid> = rows.iter().map(|row| row.1).collect();
    let times: Vec<DateTime<Utc>> = rows.iter().map(|row| row.2).collect();
    sql_query(
        "INSERT INTO platform.company_overview AS o (company_id, last_sync_at) \
         SELECT company_id, max(at) FROM unnest($1, $2) AS s (company_id, at) GROUP BY company_id ORDER BY company_id \
         ON CONFLICT (company_id) DO UPDATE SET last_sync_at = greatest(o.last_sync_at, excluded.last_sync_at)",
    )
    .bind::<Array<SqlUuid>, _>(&companies)
    .bind::<Array<Timestamptz>, _>(&times)
    .execute(conn)?;
    sql_query(
        "INSERT INTO platform.company_key_usage AS k (company_id, key_id, last_used_at) \
         SELECT * FROM unnest($1, $2, $3) AS s (company_id, key_id, at) ORDER BY 1, 2 \
         ON CONFLICT (company_id, key_id) DO UPDATE SET last_used_at = greatest(k.last_used_at, excluded.last_used_at)",
    )
    .bind::<Array<SqlUuid>, _>(&companies)
    .bind::<Array<SqlUuid>, _>(keys)
    .bind::<Array<Timestamptz>, _>(&times)
    .execute(conn)?;
    Ok(())
}
