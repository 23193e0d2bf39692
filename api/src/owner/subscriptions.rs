//! What a company subscribed to, when, for how much and by whose decision. Append-only: a row ends where the next begins.

mod terms;

use std::collections::BTreeMap;

use actix_web::{get, web::Data};
use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::plans::Period;
use super::{companies, mrr};
use crate::Result;
use crate::app::State;
use crate::http::json::{Json, Path, Query};
use crate::http::page::{Page, PageQuery};
use crate::http::session::Owner;

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_subscriptions);
    terms::routes(api);
}

/// A stretch of a company's subscription.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct Subscription {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    /// created, activated, renewed, plan_changed, suspended, reactivated, trial_extended, expired, cancelled
    #[diesel(sql_type = Text)]
    event: String,
    #[diesel(sql_type = Text)]
    plan: String,
    /// The price for a period as it was agreed, in the currency's minor units.
    #[diesel(sql_type = BigInt)]
    price_minor: i64,
    #[diesel(sql_type = Text)]
    currency: String,
    /// `month` or `year`.
    #[diesel(sql_type = Text)]
    period: String,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Timestamptz)]
    starts_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    ends_at: Option<DateTime<Utc>>,
    /// The owner's e-mail, or `system`.
    #[diesel(sql_type = Text)]
    actor: String,
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// List a company's subscription history, newest first.
#[utoipa::path(
    params(("company_id" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<Subscription>))
)]
#[get("/owner/companies/{company_id}/subscriptions")]
async fn list_subscriptions(
    owner: Owner,
    state: Data<State>,
    company: Path<Uuid>,
    query: Query<PageQuery>,
) -> Result<Json<Page<Subscription>>> {
    let (company, limit) = (company.0, query.0.limit()?);
    let list = format!("subscriptions {company}");
    let after = query.0.position(&state.secrets, &list)?;
    let rows = state
        .db
        .platform(&owner, move |conn| {
            companies::must_exist(conn, company)?;
            newest_first(conn, company, after, limit + 1)
        })
        .await?;
    Page::cut(rows, limit, &state.secrets, &list, |row: &Subscription| {
        row.id
    })
    .map(Json)
}

fn newest_first(
    conn: &mut PgConnection,
    company: Uuid,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Subscription>> {
    // Ids are made in the order of time, so they page the list.
    let query = sql_query(
        "SELECT * FROM (SELECT s.id, s.event, p.name AS plan, s.price_minor, s.currency, s.period, s.status, s.starts_at, \
         lead(s.starts_at) OVER (ORDER BY s.id) AS ends_at, s.actor, s.reason \
         FROM platform.subscriptions s JOIN platform.plans p ON p.id = s.plan_id WHERE s.company_id = $1) history \
         WHERE $2 IS NULL OR id < $2 ORDER BY id DESC LIMIT $3",
    );
    Ok(query
        .bind::<SqlUuid, _>(company)
        .bind::<Nullable<SqlUuid>, _>(after)
        .bind::<BigInt, _>(limit)
        .load(conn)?)
}

/// What a stretch costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Price {
    /// As it was agreed: what the plan costs by now is nothing to those who have it.
    Agreed,
    /// What the plan costs today.
    OfPlan,
}

/// Writes how the company stands from now on, as the plan and status in its row say.
pub(crate) fn append(
    conn: &mut PgConnection,
    company: Uuid,
    event: &str,
    owner: Uuid,
    reason: Option<&str>,
    price: Price,
) -> Result<()> {
    sql_query(
        "WITH going_on AS (SELECT price_minor, currency, period FROM platform.subscriptions WHERE company_id = $1 AND NOT $6 \
           ORDER BY id DESC LIMIT 1) \
         INSERT INTO platform.subscriptions (company_id, id, event, plan_id, price_minor, currency, period, status, actor_id, actor, \
           reason) \
         SELECT c.id, $2, $3, c.plan_id, coalesce(g.price_minor, p.price_minor), coalesce(g.currency, c.currency), \
           coalesce(g.period, c.period), c.status, $4, \
           coalesce((SELECT email FROM platform.owners WHERE id = $4), 'system'), $5 \
         FROM platform.companies c LEFT JOIN going_on g ON true \
         LEFT JOIN platform.plan_prices p ON p.plan_id = c.plan_id AND p.currency = c.currency AND p.period = c.period \
         WHERE c.id = $1 ON CONFLICT DO NOTHING",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<SqlUuid, _>(Uuid::now_v7())
    .bind::<Text, _>(event)
    .bind::<SqlUuid, _>(owner)
    .bind::<Nullable<Text>, _>(reason)
    .bind::<Bool, _>(price == Price::OfPlan)
    .execute(conn)?;
    Ok(())
}

/// What active companies pay a month, in one currency.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct MonthlyRevenue {
    currency: String,
    /// As agreed, a year's price counted as its twelfth; in the currency's minor units.
    mrr_minor: i64,
    /// Active companies that pay in it.
    companies: i64,
}

/// What the rows in force pay for a period in a currency.
#[derive(QueryableByName)]
struct Paid {
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = Text)]
    period: String,
    #[diesel(sql_type = BigInt)]
    price_minor: i64,
    #[diesel(sql_type = BigInt)]
    companies: i64,
}

/// Of the rows in force, by currency, the most first.
pub(super) fn monthly_revenue(conn: &mut PgConnection) -> Result<Vec<MonthlyRevenue>> {
    let paid: Vec<Paid> = sql_query(
        "SELECT s.currency, s.period, sum(s.price_minor)::bigint AS price_minor, count(*) AS companies \
         FROM platform.companies c CROSS JOIN LATERAL (SELECT currency, period, price_minor, status FROM platform.subscriptions \
           WHERE company_id = c.id ORDER BY id DESC LIMIT 1) s \
         WHERE s.status = 'ACTIVE' GROUP BY s.currency, s.period",
    )
    .load(conn)?;
    let mut by_currency: BTreeMap<String, (i128, i64)> = BTreeMap::new();
    for one in paid {
        let (twelfths, companies) = by_currency.entry(one.currency).or_default();
        *twelfths += mrr::twelfths(one.price_minor, Period::of(&one.period));
        *companies += one.companies;
    }
    let revenue = |(currency, (twelfths, companies))| MonthlyRevenue {
        currency,
        mrr_minor: mrr::cut(twelfths, mrr::UNIT),
        companies,
    };
    let mut revenue: Vec<_> = by_currency.into_iter().map(revenue).collect();
    revenue.sort_by_key(|one| std::cmp::Reverse(one.mrr_minor));
    Ok(revenue)
}
