//! What runs out by itself. Requests are refused from the moment on without this; the job writes the history of it,
//! tells every instance, and frees the seats of invitations that nobody answered.

use chrono::{DateTime, Duration, Utc};
use diesel::sql_types::{BigInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde_json::json;
use uuid::Uuid;

use super::audit;
use super::queue::{self, NewJob};
use crate::db::{Db, Scope, Tx};
use crate::{Result, directory};

pub(super) const FIND: &str = "expiry";
pub(super) const INVITATIONS: &str = "expire_invitations";

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

#[derive(QueryableByName)]
struct Expired {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    /// What it was before.
    #[diesel(sql_type = Text)]
    status: String,
}

/// Companies whose trial or subscription and grace are over, and invitations that lapsed.
pub fn find(conn: &mut PgConnection, grace_days: i64) -> Result<()> {
    let now = Utc::now();
    let expired: Vec<Expired> = sql_query(
        "UPDATE platform.companies c SET status = 'EXPIRED', updated_at = $1 \
         FROM (SELECT id, status FROM platform.companies WHERE (status = 'TRIAL' AND trial_ends_at <= $2) \
           OR (status = 'ACTIVE' AND expires_at <= $2) ORDER BY id FOR UPDATE) was WHERE c.id = was.id RETURNING c.id, was.status",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(now - Duration::days(grace_days))
    .load(conn)?;
    for company in expired {
        record(conn, &company)?;
    }
    let invited: Vec<Id> = sql_query(
        "SELECT DISTINCT company_id AS id FROM tenant.invitations \
         WHERE accepted_at IS NULL AND revoked_at IS NULL AND expires_at <= $1",
    )
    .bind::<Timestamptz, _>(now)
    .load(conn)?;
    let jobs: Vec<NewJob> = invited
        .into_iter()
        .map(|Id { id }| NewJob::new(id, INVITATIONS, json!({}), format!("{INVITATIONS}:{id}")))
        .collect();
    queue::enqueue(conn, &jobs)
}

fn record(conn: &mut PgConnection, company: &Expired) -> Result<()> {
    sql_query(
        "INSERT INTO platform.subscriptions (company_id, id, event, plan_id, price_minor, currency, period, status, actor_id, actor) \
         SELECT $1, $2, 'expired', s.plan_id, s.price_minor, s.currency, s.period, 'EXPIRED', $3, 'system' \
         FROM platform.subscriptions s WHERE s.company_id = $1 ORDER BY s.id DESC LIMIT 1 ON CONFLICT DO NOTHING",
    )
    .bind::<SqlUuid, _>(company.id)
    .bind::<SqlUuid, _>(Uuid::now_v7())
    .bind::<SqlUuid, _>(Uuid::nil())
    .execute(conn)?;
    let detail =
        json!({ "before": { "status": company.status }, "after": { "status": "EXPIRED" } });
    audit::record(conn, "company.expired", company.id, detail)?;
    directory::tell(conn, "company", company.id)
}

/// A seat is held by an invitation as long as it can be accepted.
pub fn expire_invitations(db: &Db, company: Uuid) -> Result<()> {
    db.tenant_blocking(Scope::job(company), |tx| expire(tx, Utc::now()))
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn expire(tx: Tx, now: DateTime<Utc>) -> Result<()> {
    let lapsed: Count = sql_query(
        "WITH lapsed AS (UPDATE tenant.invitations SET revoked_at = expires_at WHERE company_id = $1 AND accepted_at IS NULL \
         AND revoked_at IS NULL AND expires_at <= $2 RETURNING 1) SELECT count(*) FROM lapsed",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Timestamptz, _>(now)
    .get_result(tx.conn)?;
    sql_query("UPDATE tenant.company_usage SET seats_used = greatest(0, seats_used - $2) WHERE company_id = $1")
        .bind::<SqlUuid, _>(tx.company)
        .bind::<BigInt, _>(lapsed.count)
        .execute(tx.conn)?;
    Ok(())
}
