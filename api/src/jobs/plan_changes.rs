//! Plans that companies get at the end of what they have paid for, as an owner planned. Whatever exceeds the new limits by
//! then stays: only growth is refused.

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde_json::json;
use uuid::Uuid;

use super::audit;
use super::queue::{self, NewJob};
use crate::{Result, directory};

pub(super) const FIND: &str = "plan_changes";
pub(super) const CHANGE: &str = "change_plan";

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// One job for each company whose time has come.
pub fn find(conn: &mut PgConnection) -> Result<()> {
    let due: Vec<Id> = sql_query(
        "SELECT company_id AS id FROM platform.planned_plan_changes WHERE effective_at <= $1 ORDER BY effective_at, company_id",
    )
    .bind::<Timestamptz, _>(Utc::now())
    .load(conn)?;
    let jobs: Vec<NewJob> = due
        .into_iter()
        .map(|Id { id }| NewJob::new(id, CHANGE, json!({}), format!("{CHANGE}:{id}")))
        .collect();
    queue::enqueue(conn, &jobs)
}

#[derive(QueryableByName)]
struct Planned {
    #[diesel(sql_type = SqlUuid)]
    plan_id: Uuid,
    #[diesel(sql_type = Text)]
    plan: String,
    #[diesel(sql_type = Text)]
    period: String,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = BigInt)]
    price_minor: i64,
    #[diesel(sql_type = Timestamptz)]
    effective_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Text>)]
    reason: Option<String>,
    #[diesel(sql_type = Text)]
    planned_by: String,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Text)]
    old_plan: String,
    #[diesel(sql_type = Text)]
    old_period: String,
}

/// Plan, history and audit in one transaction; nothing, if the change was withdrawn or put off meanwhile.
pub fn carry_out(conn: &mut PgConnection, company: Uuid) -> Result<()> {
    let now = Utc::now();
    // The company first, as owners do: of two, one waits.
    sql_query("SELECT id FROM platform.companies WHERE id = $1 FOR UPDATE")
        .bind::<SqlUuid, _>(company)
        .execute(conn)?;
    let planned: Option<Planned> = sql_query(
        "DELETE FROM platform.planned_plan_changes x USING platform.companies c, platform.plans p, platform.plans old \
         WHERE x.company_id = $1 AND x.effective_at <= $2 AND c.id = x.company_id AND p.id = x.plan_id AND old.id = c.plan_id \
         RETURNING x.plan_id, p.name AS plan, x.period, x.currency, x.price_minor, x.effective_at, x.reason, x.planned_by, \
           c.status, old.name AS old_plan, c.period AS old_period",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<Timestamptz, _>(now)
    .get_result(conn)
    .optional()?;
    let Some(planned) = planned else {
        return Ok(());
    };
    sql_query(
        "UPDATE platform.companies SET plan_id = $2, period = $3, updated_at = $4 WHERE id = $1",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<SqlUuid, _>(planned.plan_id)
    .bind::<Text, _>(&planned.period)
    .bind::<Timestamptz, _>(now)
    .execute(conn)?;
    record(conn, company, &planned)?;
    directory::tell(conn, "company", company)
}

fn record(conn: &mut PgConnection, company: Uuid, planned: &Planned) -> Result<()> {
    sql_query(
        "INSERT INTO platform.subscriptions (company_id, id, event, plan_id, price_minor, currency, period, status, actor_id, actor, \
           reason) VALUES ($1, $2, 'plan_changed', $3, $4, $5, $6, $7, $8, 'system', $9)",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<SqlUuid, _>(Uuid::now_v7())
    .bind::<SqlUuid, _>(planned.plan_id)
    .bind::<BigInt, _>(planned.price_minor)
    .bind::<Text, _>(&planned.currency)
    .bind::<Text, _>(&planned.period)
    .bind::<Text, _>(&planned.status)
    .bind::<SqlUuid, _>(Uuid::nil())
    .bind::<Nullable<Text>, _>(&planned.reason)
    .execute(conn)?;
    let detail = json!({
        "before": { "plan": planned.old_plan, "period": planned.old_period },
        "after": { "plan": planned.plan, "period": planned.period },
        "reason": planned.reason,
        "planned_by": planned.planned_by,
        "planned_for": planned.effective_at,
    });
    audit::record(conn, "company.plan_changed", company, detail)
}
