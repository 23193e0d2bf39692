//! What a change of a plan would do, before it is made: which companies would exceed the new limits, which would lose a
//! feature, and what the plan would bring a month once everybody paid the new price. Nothing is written.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Integer, Text, Uuid as SqlUuid};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::sql;
use super::types::{Currency, Period, Plan, PlanChanges, Price};
use crate::Result;
use crate::owner::mrr;

/// Companies that are named; the rest is counted.
const NAMED: i64 = 100;

/// What would come of a change.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Simulation {
    /// Companies on the plan, cancelled ones aside.
    companies: i64,
    /// How many would exceed a limit; those that exceed it today already among them.
    exceeding_count: i64,
    /// The first hundred of them, by name.
    exceeding: Vec<ExceedingCompany>,
    /// Features that would be gone, with the companies that would lose them.
    losing: Vec<LosingFeature>,
    /// By currency, never added up.
    mrr: Vec<RevenueChange>,
}

/// A company whose use is beyond a limit that would hold for it.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct ExceedingCompany {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Integer)]
    employees_active: i32,
    #[diesel(sql_type = Integer)]
    max_employees: i32,
    #[diesel(sql_type = BigInt)]
    storage_bytes: i64,
    #[diesel(sql_type = BigInt)]
    max_storage_bytes: i64,
    /// It is beyond today's limits already.
    #[diesel(sql_type = Bool)]
    exceeds_today: bool,
    #[diesel(sql_type = BigInt)]
    #[serde(skip)]
    found: i64,
}

/// A feature that the plan would have no more.
#[derive(Debug, Serialize, ToSchema)]
struct LosingFeature {
    /// `screenshots`, `api_access`, `webhooks` or `exports`.
    feature: String,
    companies: i64,
}

/// What active companies pay for the plan a month, in one currency.
#[derive(Debug, Serialize, ToSchema)]
struct RevenueChange {
    currency: Currency,
    /// Active companies that pay in it.
    companies: i64,
    /// As agreed, a year's price counted as its twelfth.
    now_minor: i64,
    /// Once all of them have come to the new prices.
    then_minor: i64,
}

pub(super) fn run(
    conn: &mut PgConnection,
    plan: &Plan,
    changes: &PlanChanges,
) -> Result<Simulation> {
    let exceeding = exceeding(conn, plan, changes)?;
    Ok(Simulation {
        companies: sql::companies_on(conn, plan.id)?,
        exceeding_count: exceeding.first().map_or(0, |first| first.found),
        exceeding,
        losing: losing(conn, plan, changes)?,
        mrr: revenue(conn, plan, changes.prices.as_ref().unwrap_or(&plan.prices))?,
    })
}

fn exceeding(
    conn: &mut PgConnection,
    plan: &Plan,
    changes: &PlanChanges,
) -> Result<Vec<ExceedingCompany>> {
    let limits = &plan.limits;
    Ok(sql_query(
        "SELECT id, name, employees_active, max_employees, storage_bytes, max_storage_bytes, \
           employees_active > employees_today OR storage_bytes > storage_today AS exceeds_today, count(*) OVER () AS found \
         FROM (SELECT c.id, c.name, o.employees_active, o.storage_bytes, coalesce(x.max_employees, $2) AS max_employees, \
             coalesce(x.max_storage_gb, $3)::bigint * 1000000000 AS max_storage_bytes, \
             coalesce(x.max_employees, $4) AS employees_today, \
             coalesce(x.max_storage_gb, $5)::bigint * 1000000000 AS storage_today \
           FROM platform.companies c JOIN platform.company_overview o ON o.company_id = c.id \
           LEFT JOIN platform.company_overrides x ON x.company_id = c.id \
           WHERE c.plan_id = $1 AND c.status <> 'CANCELLED') on_plan \
         WHERE employees_active > max_employees OR storage_bytes > max_storage_bytes ORDER BY lower(name), id LIMIT $6",
    )
    .bind::<SqlUuid, _>(plan.id)
    .bind::<Integer, _>(changes.max_employees.unwrap_or(limits.max_employees))
    .bind::<Integer, _>(changes.max_storage_gb.unwrap_or(limits.max_storage_gb))
    .bind::<Integer, _>(limits.max_employees)
    .bind::<Integer, _>(limits.max_storage_gb)
    .bind::<BigInt, _>(NAMED)
    .load(conn)?)
}

#[derive(QueryableByName)]
struct Without {
    #[diesel(sql_type = BigInt)]
    screenshots: i64,
    #[diesel(sql_type = BigInt)]
    api_access: i64,
    #[diesel(sql_type = BigInt)]
    webhooks: i64,
    #[diesel(sql_type = BigInt)]
    exports: i64,
}

/// Whoever has a feature by an agreement of its own keeps it.
fn losing(
    conn: &mut PgConnection,
    plan: &Plan,
    changes: &PlanChanges,
) -> Result<Vec<LosingFeature>> {
    let Some(wanted) = &changes.features else {
        return Ok(Vec::new());
    };
    let without: Without = sql_query(
        "SELECT count(*) FILTER (WHERE x.screenshots IS NULL) AS screenshots, \
           count(*) FILTER (WHERE x.api_access IS NULL) AS api_access, count(*) FILTER (WHERE x.webhooks IS NULL) AS webhooks, \
           count(*) FILTER (WHERE x.exports IS NULL) AS exports \
         FROM platform.companies c LEFT JOIN platform.company_overrides x ON x.company_id = c.id \
         WHERE c.plan_id = $1 AND c.status <> 'CANCELLED'",
    )
    .bind::<SqlUuid, _>(plan.id)
    .get_result(conn)?;
    let had = plan.features;
    let all = [
        (
            "screenshots",
            had.screenshots,
            wanted.screenshots,
            without.screenshots,
        ),
        (
            "api_access",
            had.api_access,
            wanted.api_access,
            without.api_access,
        ),
        ("webhooks", had.webhooks, wanted.webhooks, without.webhooks),
        ("exports", had.exports, wanted.exports, without.exports),
    ];
    Ok(all
        .into_iter()
        .filter(|(_, had, wanted, _)| *had && *wanted == Some(false))
        .map(|(feature, _, _, companies)| LosingFeature {
            feature: feature.into(),
            companies,
        })
        .collect())
}

#[derive(QueryableByName)]
struct Paying {
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = Text)]
    period: String,
    #[diesel(sql_type = BigInt)]
    companies: i64,
    #[diesel(sql_type = BigInt)]
    agreed_minor: i64,
}

fn revenue(conn: &mut PgConnection, plan: &Plan, prices: &[Price]) -> Result<Vec<RevenueChange>> {
    let paying: Vec<Paying> = sql_query(
        "SELECT s.currency, s.period, count(*) AS companies, sum(s.price_minor)::bigint AS agreed_minor \
         FROM platform.companies c CROSS JOIN LATERAL (SELECT currency, period, price_minor FROM platform.subscriptions \
           WHERE company_id = c.id ORDER BY id DESC LIMIT 1) s \
         WHERE c.plan_id = $1 AND c.status = 'ACTIVE' GROUP BY s.currency, s.period ORDER BY s.currency, s.period",
    )
    .bind::<SqlUuid, _>(plan.id)
    .load(conn)?;
    let mut paid: Vec<(String, i64, i128, i128)> = Vec::new();
    for one in paying {
        let period = Period::of(&one.period);
        // Without a new price it stays as agreed: the price is in use, and cannot be taken away.
        let then = prices
            .iter()
            .find(|price| price.is_for(&one.currency, period))
            .map_or(one.agreed_minor, |price| price.price_minor * one.companies);
        let at = paid.iter().position(|(known, ..)| *known == one.currency);
        let at = at.unwrap_or_else(|| {
            paid.push((one.currency.clone(), 0, 0, 0));
            paid.len() - 1
        });
        if let Some((_, companies, now, later)) = paid.get_mut(at) {
            *companies += one.companies;
            *now += mrr::twelfths(one.agreed_minor, period);
            *later += mrr::twelfths(then, period);
        }
    }
    Ok(paid
        .into_iter()
        .map(|(currency, companies, now, then)| RevenueChange {
            currency: Currency(currency),
            companies,
            now_minor: mrr::cut(now, mrr::UNIT),
            then_minor: mrr::cut(then, mrr::UNIT),
        })
        .collect())
}
