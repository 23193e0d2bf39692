//! What a company keeps no longer is deleted once its night has begun, kind by kind: pictures with their objects, and the raw
//! rows of activity, applications and websites. The sums of the days stay. First it is written down from which day on
//! there is everything, so that nobody sums a day of which some is gone.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use chrono_tz::Tz;
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde_json::json;
use uuid::Uuid;

use super::queue::{self, Job, NewJob};
use crate::app::State;
use crate::company::audit;
use crate::db::{Scope, Tx};
use crate::objects::{self, Objects};
use crate::tracking::days::Calendar;
use crate::tracking::kept::{Kept, Retention};
use crate::tracking::user_days;
use crate::{Result, db::Db};

pub(super) const FIND: &str = "retention";
pub(super) const DELETE: &str = "delete_old_records";

const RAW_TABLES: [&str; 3] = ["activity_log", "application_usage", "website_usage"];
/// How much of one person goes in a transaction, which has seconds.
const AT_ONCE: Duration = Duration::days(31);
const PICTURES_AT_ONCE: i64 = 200;
/// An upload that broke off so long ago puts no object any more.
const UPLOADING: Duration = Duration::hours(1);

#[derive(QueryableByName)]
struct Company {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    time_zone: String,
    #[diesel(embed)]
    retention: Retention,
    #[diesel(embed)]
    kept: Kept,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    retention_shortened_at: Option<DateTime<Utc>>,
}

impl Company {
    /// By the zone it has now. Its calendar, which knows of changes, is asked by the job.
    fn is_due(&self, now: DateTime<Utc>) -> bool {
        let zone: Tz = self.time_zone.parse().unwrap_or(Tz::UTC);
        let day = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
        let wanted = self.retention.on(day(now));
        let is_settled = self
            .retention_shortened_at
            .is_none_or(|at| day(at) < day(now));
        is_settled
            && (self.kept.usage_kept_from < Some(wanted.usage_from)
                || self.kept.screenshots_kept_from < Some(wanted.screenshots_from))
    }
}

/// Companies whose night has begun, whatever their status: how long records are kept is a promise to those they are of.
pub fn find(conn: &mut PgConnection) -> Result<()> {
    let companies: Vec<Company> = sql_query(
        "SELECT c.id, c.time_zone, s.screenshot_retention_days, s.usage_retention_days, s.screenshots_kept_from, s.usage_kept_from, \
           s.retention_shortened_at \
         FROM tenant.company_settings s JOIN platform.companies c ON c.id = s.company_id",
    )
    .load(conn)?;
    let now = Utc::now();
    let jobs: Vec<NewJob> = companies
        .into_iter()
        .filter(|company| company.is_due(now))
        .map(|Company { id, .. }| NewJob::new(id, DELETE, json!({}), format!("{DELETE}:{id}")))
        .collect();
    queue::enqueue(conn, &jobs)
}

pub fn run(state: &State, job: &Job) -> Result<()> {
    let (db, company) = (&state.db, job.company_id);
    let hold = || db.platform_job_blocking(|conn| queue::hold(conn, job));
    let today = calendar(db, company)?.today();
    delete(db, &state.objects, company, today, &hold).map(|_| ())
}

fn calendar(db: &Db, company: Uuid) -> Result<Calendar> {
    db.tenant_blocking(Scope::job(company), |tx| {
        Calendar::load(tx.conn, tx.company)
    })
}

/// Deletes now what the coming night would, of one company or of all.
pub fn apply(db: &Db, objects: &Objects, company: Option<Uuid>) -> Result<Deleted> {
    let companies: Vec<Id> = db.platform_job_blocking(|conn| {
        Ok(sql_query(
            "SELECT company_id AS id FROM tenant.company_settings WHERE $1 IS NULL OR company_id = $1 ORDER BY company_id",
        )
        .bind::<Nullable<SqlUuid>, _>(company)
        .load(conn)?)
    })?;
    let mut all = Deleted::default();
    for Id { id } in companies {
        let tomorrow = calendar(db, id)?.today() + Duration::days(1);
        let one = delete(db, objects, id, tomorrow, &|| Ok(()))?;
        all.screenshots += one.screenshots;
        all.screenshot_bytes += one.screenshot_bytes;
        all.usage_entries += one.usage_entries;
    }
    Ok(all)
}

/// How much went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Deleted {
    pub screenshots: i64,
    pub screenshot_bytes: i64,
    pub usage_entries: i64,
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Deletes what the company keeps no longer on that day, unless it chose on that very day to keep less. Broken off and done
/// again it goes on where it was.
pub fn delete(
    db: &Db,
    objects: &Objects,
    company: Uuid,
    today: NaiveDate,
    hold: &impl Fn() -> Result<()>,
) -> Result<Deleted> {
    let scope = Scope::job(company);
    let calendar = calendar(db, company)?;
    let begin = calendar.start(today);
    let Some(kept) = db.tenant_blocking(scope, |tx| move_on(tx, today, begin))? else {
        return Ok(Deleted::default());
    };
    let people: Vec<Id> = db.tenant_blocking(scope, |tx| {
        Ok(
            sql_query("SELECT id FROM tenant.users WHERE company_id = $1 ORDER BY id")
                .bind::<SqlUuid, _>(tx.company)
                .load(tx.conn)?,
        )
    })?;
    let mut deleted = Deleted::default();
    let mut done = Ok(());
    for Id { id: person } in people {
        let stores = (db, objects);
        done = delete_of(stores, scope, person, &calendar, kept, hold, &mut deleted);
        if done.is_err() {
            break;
        }
    }
    // What went is written down also when the rest did not go: the next attempt counts the rest alone.
    if deleted != Deleted::default() {
        db.tenant_blocking(scope, |tx| write_down(tx, kept, deleted))?;
    }
    done.map(|()| deleted)
}

fn delete_of(
    stores: (&Db, &Objects),
    scope: Scope,
    person: Uuid,
    calendar: &Calendar,
    kept: Kept,
    hold: &impl Fn() -> Result<()>,
    deleted: &mut Deleted,
) -> Result<()> {
    if let Some(day) = kept.usage_kept_from {
        let before = calendar.start(day);
        for table in RAW_TABLES {
            hold()?;
            let rows = delete_rows(stores.0, scope, person, table, before)?;
            deleted.usage_entries += rows;
        }
    }
    if let Some(day) = kept.screenshots_kept_from {
        delete_pictures(stores, scope, person, calendar.start(day), hold, deleted)?;
    }
    Ok(())
}

/// Says from which days on everything is there from now on, never earlier than before. None where there is no company, or
/// what it keeps may yet be taken back.
fn move_on(tx: Tx, today: NaiveDate, begin: DateTime<Utc>) -> Result<Option<Kept>> {
    Ok(sql_query(
        "UPDATE tenant.company_settings SET screenshots_kept_from = greatest(screenshots_kept_from, $2 - screenshot_retention_days), \
           usage_kept_from = greatest(usage_kept_from, $2 - usage_retention_days) \
         WHERE company_id = $1 AND (retention_shortened_at < $3) IS NOT FALSE RETURNING screenshots_kept_from, usage_kept_from",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Date, _>(today)
    .bind::<Timestamptz, _>(begin)
    .get_result(tx.conn)
    .optional()?)
}

#[derive(QueryableByName)]
struct Oldest {
    #[diesel(sql_type = Nullable<Timestamptz>)]
    at: Option<DateTime<Utc>>,
}

/// A month at a time, from the oldest row on.
fn delete_rows(
    db: &Db,
    scope: Scope,
    person: Uuid,
    table: &str,
    before: DateTime<Utc>,
) -> Result<i64> {
    let oldest = format!(
        "SELECT min(started_at) AS at FROM tenant.{table} WHERE company_id = $1 AND user_id = $2 AND started_at < $3"
    );
    let delete = format!(
        "DELETE FROM tenant.{table} WHERE company_id = $1 AND user_id = $2 AND started_at < $3"
    );
    let mut deleted = 0;
    loop {
        let some = db.tenant_blocking(scope, |tx| {
            user_days::wait_for(tx.conn, tx.company, person)?;
            let Oldest { at } = sql_query(&oldest)
                .bind::<SqlUuid, _>(tx.company)
                .bind::<SqlUuid, _>(person)
                .bind::<Timestamptz, _>(before)
                .get_result(tx.conn)?;
            let Some(at) = at else {
                return Ok(None);
            };
            let rows = sql_query(&delete)
                .bind::<SqlUuid, _>(tx.company)
                .bind::<SqlUuid, _>(person)
                .bind::<Timestamptz, _>(before.min(at + AT_ONCE))
                .execute(tx.conn)?;
            Ok(Some(rows))
        })?;
        match some {
            Some(rows) => deleted += i64::try_from(rows).map_err(anyhow::Error::from)?,
            None => return Ok(deleted),
        }
    }
}

#[derive(QueryableByName)]
struct Picture {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    object_key: String,
    #[diesel(sql_type = Text)]
    thumbnail_key: String,
    #[diesel(sql_type = BigInt)]
    bytes: i64,
    /// Else its upload broke off and nobody ever saw it, or somebody deleted it before.
    #[diesel(sql_type = Bool)]
    is_whole: bool,
}

/// Hidden, then the objects, then the row: what is broken off in between is found by its row the next time.
fn delete_pictures(
    (db, objects): (&Db, &Objects),
    scope: Scope,
    person: Uuid,
    before: DateTime<Utc>,
    hold: &impl Fn() -> Result<()>,
    deleted: &mut Deleted,
) -> Result<()> {
    loop {
        hold()?;
        let hide = |tx: Tx| hide_pictures(tx, person, before);
        let pictures = db.tenant_blocking(scope, hide)?;
        if pictures.is_empty() {
            return Ok(());
        }
        objects::wait(async {
            for picture in &pictures {
                objects.delete(&picture.object_key).await?;
                objects.delete(&picture.thumbnail_key).await?;
            }
            Ok(())
        })?;
        let forget = |tx: Tx| forget_pictures(tx, person, &pictures);
        db.tenant_blocking(scope, forget)?;
        for picture in pictures.iter().filter(|picture| picture.is_whole) {
            deleted.screenshots += 1;
            deleted.screenshot_bytes += picture.bytes;
        }
    }
}

fn hide_pictures(tx: Tx, person: Uuid, before: DateTime<Utc>) -> Result<Vec<Picture>> {
    user_days::wait_for(tx.conn, tx.company, person)?;
    let pictures: Vec<Picture> = sql_query(
        "SELECT id, object_key, thumbnail_key, bytes, state <> 'pending' AND deleted_at IS NULL AS is_whole FROM tenant.screenshots \
         WHERE company_id = $1 AND user_id = $2 AND taken_at < $3 AND (state <> 'pending' OR received_at < $4) \
         ORDER BY taken_at LIMIT $5 FOR UPDATE",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(person)
    .bind::<Timestamptz, _>(before)
    .bind::<Timestamptz, _>(Utc::now() - UPLOADING)
    .bind::<BigInt, _>(PICTURES_AT_ONCE)
    .load(tx.conn)?;
    sql_query(
        "UPDATE tenant.screenshots SET state = 'deleted' WHERE company_id = $1 AND user_id = $2 AND id = ANY ($3) AND state = 'ready'",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(person)
    .bind::<Array<SqlUuid>, _>(ids(&pictures))
    .execute(tx.conn)?;
    Ok(pictures)
}

/// With the rows their place in the company's storage is free. Of a picture that somebody deleted it may be free already.
fn forget_pictures(tx: Tx, person: Uuid, pictures: &[Picture]) -> Result<()> {
    sql_query(
        "WITH gone AS (DELETE FROM tenant.screenshots WHERE company_id = $1 AND user_id = $2 AND id = ANY ($3) RETURNING bytes) \
         UPDATE tenant.company_usage SET storage_bytes = greatest(0, storage_bytes - (SELECT coalesce(sum(bytes), 0) FROM gone)::bigint) \
         WHERE company_id = $1",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(person)
    .bind::<Array<SqlUuid>, _>(ids(pictures))
    .execute(tx.conn)?;
    Ok(())
}

fn ids(pictures: &[Picture]) -> Vec<Uuid> {
    pictures.iter().map(|picture| picture.id).collect()
}

fn write_down(tx: Tx, kept: Kept, deleted: Deleted) -> Result<()> {
    let detail = json!({
        "screenshots": deleted.screenshots, "screenshot_bytes": deleted.screenshot_bytes,
        "screenshots_before": kept.screenshots_kept_from,
        "usage_entries": deleted.usage_entries, "usage_before": kept.usage_kept_from,
    });
    audit::record(tx, "retention.applied", detail)
}
