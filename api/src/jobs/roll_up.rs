//! From raw rows to people's days. The ledger of what was taken in is the mark: a batch is counted once the days it
//! touches were summed anew. No watermark in time anywhere, as it would lose what is committed late.

use std::sync::LazyLock;

use chrono::{Days, Duration, NaiveDate, Utc};
use diesel::sql_types::{Array, Date, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, PgConnection, QueryableByName, RunQueryDsl};
use serde_json::json;
use uuid::Uuid;

use super::queue::{self, NewJob};
use super::usage_daily;
use crate::Result;
use crate::db::{Db, Scope, Tx, statement::statement};
use crate::tracking::{days::Calendar, user_days};

pub(super) const KIND: &str = "roll_up";
/// A person's day is summed at most this often; its first batch is summed at once.
const PAUSE: Duration = Duration::seconds(60);
/// Batches of one person that one transaction takes.
const BATCHES: i64 = 1_000;

/// `b` is a batch whose days nobody summed since the bound instant.
const DUE: &str = "b.rolled_up_at IS NULL AND NOT EXISTS (SELECT FROM tenant.user_usage_daily u \
    WHERE u.company_id = b.company_id AND u.user_id = b.user_id AND u.day BETWEEN b.first_day AND b.last_day AND u.computed_at > $1)";

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

#[derive(QueryableByName)]
struct Batch {
    #[diesel(sql_type = SqlUuid)]
    device_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    batch_id: Uuid,
    #[diesel(sql_type = Date)]
    first_day: NaiveDate,
    #[diesel(sql_type = Date)]
    last_day: NaiveDate,
}

/// Queues a job for each company with batches that are due.
pub fn enqueue_due(conn: &mut PgConnection) -> Result<()> {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        format!("SELECT DISTINCT b.company_id AS id FROM tenant.ingest_batches b WHERE {DUE}")
    });
    let companies: Vec<Id> = statement(&TEXT)
        .bind::<Timestamptz, _>(Utc::now() - PAUSE)
        .load(conn)?;
    let jobs: Vec<NewJob> = companies
        .into_iter()
        .map(|Id { id }| NewJob::new(id, KIND, json!({}), format!("{KIND}:{id}")))
        .collect();
    queue::enqueue(conn, &jobs)
}

/// Sums what is due in one company, a transaction a person.
pub fn run(db: &Db, company: Uuid) -> Result<()> {
    let scope = Scope::job(company);
    let users = db.tenant_blocking(scope, due_users)?;
    for Id { id } in users {
        db.tenant_blocking(scope, |tx| roll_up(tx, id))?;
    }
    Ok(())
}

fn due_users(tx: Tx) -> Result<Vec<Id>> {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT DISTINCT b.user_id AS id FROM tenant.ingest_batches b WHERE b.company_id = $2 AND {DUE}"
        )
    });
    Ok(statement(&TEXT)
        .bind::<Timestamptz, _>(Utc::now() - PAUSE)
        .bind::<SqlUuid, _>(tx.company)
        .load(tx.conn)?)
}

fn roll_up(tx: Tx, user: Uuid) -> Result<()> {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT device_id, batch_id, first_day, last_day FROM tenant.ingest_batches b \
             WHERE b.company_id = $2 AND b.user_id = $3 AND {DUE} ORDER BY b.received_at LIMIT {BATCHES} FOR UPDATE OF b SKIP LOCKED"
        )
    });
    let (conn, company) = (tx.conn, tx.company);
    if !hold(conn, company, user)? {
        return Ok(());
    }
    let batches: Vec<Batch> = statement(&TEXT)
        .bind::<Timestamptz, _>(Utc::now() - PAUSE)
        .bind::<SqlUuid, _>(company)
        .bind::<SqlUuid, _>(user)
        .load(conn)?;
    let calendar = Calendar::load(conn, company)?;
    let mut days: Vec<NaiveDate> = batches
        .iter()
        .flat_map(|batch| touched(batch, &calendar))
        .collect();
    days.sort_unstable();
    days.dedup();
    user_days::recompute(conn, company, user, &calendar, &days)?;
    mark(conn, company, &batches)?;
    let follow_up = usage_daily::jobs(conn, company, &days)?;
    queue::enqueue(conn, &follow_up)
}

/// The ledger's days are those of the zone in which the batch came: another zone's are a day off at most.
fn touched(batch: &Batch, calendar: &Calendar) -> Vec<NaiveDate> {
    let about = Days::new(u64::from(!calendar.is_uniform()));
    user_days::each_day(batch.first_day - about, batch.last_day + about)
}

/// Keeps everyone else from summing this person's days at the same time: of two, the one that began first and so saw
/// less could write last. False when somebody is at it already.
fn hold(conn: &mut PgConnection, company: Uuid, user: Uuid) -> Result<bool> {
    let held: Option<Id> = statement(
        "SELECT id FROM tenant.users WHERE company_id = $1 AND id = $2 FOR NO KEY UPDATE SKIP LOCKED",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<SqlUuid, _>(user)
    .get_result(conn)
    .optional()?;
    Ok(held.is_some())
}

fn mark(conn: &mut PgConnection, company: Uuid, batches: &[Batch]) -> Result<()> {
    let devices: Vec<Uuid> = batches.iter().map(|batch| batch.device_id).collect();
    let ids: Vec<Uuid> = batches.iter().map(|batch| batch.batch_id).collect();
    statement(
        "UPDATE tenant.ingest_batches SET rolled_up_at = now() WHERE company_id = $1 \
         AND (device_id, batch_id) IN (SELECT * FROM unnest($2, $3))",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<Array<SqlUuid>, _>(devices)
    .bind::<Array<SqlUuid>, _>(ids)
    .execute(conn)?;
    Ok(())
}
