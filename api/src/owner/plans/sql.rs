//! Plans in the database. A row is locked before it is changed, and while somebody chooses it.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::types::{
    FeatureChanges, Features, Limits, NewPlan, Period, Plan, PlanChanges, PlanInUse, Price,
    PriceRow,
};
use crate::db::schema::platform::{plan_prices, plans};
use crate::http::error::{Error, FieldError};
use crate::{Result, directory};

#[derive(Queryable, Selectable)]
#[diesel(table_name = plans)]
struct Row {
    id: Uuid,
    name: String,
    #[diesel(embed)]
    limits: Limits,
    #[diesel(embed)]
    features: Features,
    archived_at: Option<DateTime<Utc>>,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl Row {
    fn with(self, prices: Vec<Price>) -> Plan {
        let Self {
            id,
            name,
            limits,
            features,
            archived_at,
            version,
            created_at,
            updated_at,
        } = self;
        Plan {
            id,
            name,
            limits,
            features,
            prices,
            archived_at,
            version,
            created_at,
            updated_at,
        }
    }
}

/// The prices of one plan, or of all.
fn prices(conn: &mut PgConnection, plan: Option<Uuid>) -> Result<Vec<PriceRow>> {
    Ok(sql_query(
        "SELECT plan_id, currency, period, price_minor FROM platform.plan_prices WHERE $1 IS NULL OR plan_id = $1 \
         ORDER BY currency, period",
    )
    .bind::<Nullable<SqlUuid>, _>(plan)
    .load(conn)?)
}

#[derive(QueryableByName)]
struct Companies {
    #[diesel(sql_type = SqlUuid)]
    plan_id: Uuid,
    #[diesel(sql_type = BigInt)]
    companies: i64,
}

pub(super) fn all(conn: &mut PgConnection, archived: Option<bool>) -> Result<Vec<PlanInUse>> {
    let mut found = plans::table
        .order((plans::max_employees, plans::name))
        .select(Row::as_select())
        .into_boxed();
    found = match archived {
        Some(true) => found.filter(plans::archived_at.is_not_null()),
        Some(false) => found.filter(plans::archived_at.is_null()),
        None => found,
    };
    let rows: Vec<Row> = found.load(conn)?;
    let prices = prices(conn, None)?;
    let counted: Vec<Companies> = sql_query(
        "SELECT plan_id, count(*) AS companies FROM platform.companies WHERE status <> 'CANCELLED' GROUP BY plan_id",
    )
    .load(conn)?;
    let mut prices_of = std::collections::HashMap::<Uuid, Vec<Price>>::new();
    for price in prices {
        prices_of
            .entry(price.plan_id)
            .or_default()
            .push(price.into());
    }
    let companies = |id| counted.iter().find(|one| one.plan_id == id);
    Ok(rows
        .into_iter()
        .map(|row| PlanInUse {
            companies: companies(row.id).map_or(0, |one| one.companies),
            plan: {
                let prices = prices_of.remove(&row.id).unwrap_or_default();
                row.with(prices)
            },
        })
        .collect())
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Companies on the plan, cancelled ones aside.
pub(super) fn companies_on(conn: &mut PgConnection, plan: Uuid) -> Result<i64> {
    let counted: Count = sql_query(
        "SELECT count(*) FROM platform.companies WHERE plan_id = $1 AND status <> 'CANCELLED'",
    )
    .bind::<SqlUuid, _>(plan)
    .get_result(conn)?;
    Ok(counted.count)
}

pub(crate) fn one(conn: &mut PgConnection, id: Uuid) -> Result<Plan> {
    let row: Row = plans::table.find(id).select(Row::as_select()).first(conn)?;
    let prices = prices(conn, Some(id))?;
    Ok(row.with(prices.into_iter().map(Price::from).collect()))
}

/// The same; nobody changes or chooses it before this transaction is over.
pub(super) fn locked(conn: &mut PgConnection, id: Uuid) -> Result<Plan> {
    plans::table
        .find(id)
        .select(plans::id)
        .for_update()
        .first::<Uuid>(conn)?;
    one(conn, id)
}

pub(super) fn insert(conn: &mut PgConnection, id: Uuid, new: &NewPlan) -> Result<()> {
    diesel::insert_into(plans::table)
        .values((
            plans::id.eq(id),
            plans::name.eq(&new.name.0),
            plans::max_employees.eq(new.max_employees),
            plans::max_storage_gb.eq(new.max_storage_gb),
            plans::retention_days.eq(new.retention_days),
            plans::history_days.eq(new.history_days),
            plans::screenshots.eq(new.features.screenshots),
            plans::api_access.eq(new.features.api_access),
            plans::webhooks.eq(new.features.webhooks),
            plans::exports.eq(new.features.exports),
        ))
        .execute(conn)?;
    insert_prices(conn, id, &new.prices)
}

fn insert_prices(conn: &mut PgConnection, plan: Uuid, prices: &[Price]) -> Result<()> {
    for price in prices {
        sql_query(
            "INSERT INTO platform.plan_prices (plan_id, currency, period, price_minor) VALUES ($1, $2, $3, $4)",
        )
        .bind::<SqlUuid, _>(plan)
        .bind::<Text, _>(&price.currency.0)
        .bind::<Text, _>(price.period.name())
        .bind::<BigInt, _>(price.price_minor)
        .execute(conn)?;
    }
    Ok(())
}

/// Writes what is different of a locked plan, without counting it as a change yet.
pub(super) fn update(conn: &mut PgConnection, plan: &Plan, changes: &PlanChanges) -> Result<()> {
    let now = Utc::now();
    let archived_at = match changes.archived {
        Some(true) => plan.archived_at.or(Some(now)),
        Some(false) => None,
        None => plan.archived_at,
    };
    let Limits {
        max_employees,
        max_storage_gb,
        retention_days,
        history_days,
    } = plan.limits;
    let had = plan.features;
    let wanted = changes.features.as_ref();
    let feature =
        |had, asked: fn(&FeatureChanges) -> Option<bool>| wanted.and_then(asked).unwrap_or(had);
    let name = changes.name.as_ref().map_or(&plan.name, |name| &name.0);
    diesel::update(plans::table.find(plan.id))
        .set((
            plans::name.eq(name),
            plans::max_employees.eq(changes.max_employees.unwrap_or(max_employees)),
            plans::max_storage_gb.eq(changes.max_storage_gb.unwrap_or(max_storage_gb)),
            plans::retention_days.eq(changes.retention_days.unwrap_or(retention_days)),
            plans::history_days.eq(changes.history_days.unwrap_or(history_days)),
            plans::screenshots.eq(feature(had.screenshots, |one| one.screenshots)),
            plans::api_access.eq(feature(had.api_access, |one| one.api_access)),
            plans::webhooks.eq(feature(had.webhooks, |one| one.webhooks)),
            plans::exports.eq(feature(had.exports, |one| one.exports)),
            plans::archived_at.eq(archived_at),
        ))
        .execute(conn)?;
    if let Some(prices) = &changes.prices {
        prices_stay_in_use(conn, plan, prices)?;
        sql_query("DELETE FROM platform.plan_prices WHERE plan_id = $1")
            .bind::<SqlUuid, _>(plan.id)
            .execute(conn)?;
        insert_prices(conn, plan.id, prices)?;
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Paying {
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = Text)]
    period: String,
    #[diesel(sql_type = BigInt)]
    companies: i64,
}

/// A company pays by a price of its plan, or will as planned, and would have none to go on with.
fn prices_stay_in_use(conn: &mut PgConnection, plan: &Plan, prices: &[Price]) -> Result<()> {
    let paying: Vec<Paying> = sql_query(
        "SELECT currency, period, count(*) AS companies FROM (SELECT id, currency, period FROM platform.companies WHERE plan_id = $1 \
           UNION SELECT company_id, currency, period FROM platform.planned_plan_changes WHERE plan_id = $1) paying \
         GROUP BY currency, period ORDER BY currency, period",
    )
    .bind::<SqlUuid, _>(plan.id)
    .load(conn)?;
    let is_there = |one: &Paying| {
        let period = Period::of(&one.period);
        prices
            .iter()
            .any(|price| price.is_for(&one.currency, period))
    };
    let in_use: Vec<FieldError> = paying
        .iter()
        .filter(|one| !is_there(one))
        .map(|one| FieldError {
            pointer: "/prices".into(),
            code: "price_in_use".into(),
            detail: format!(
                "{} companies pay in {} by the {}",
                one.companies, one.currency, one.period
            ),
        })
        .collect();
    match in_use.is_empty() {
        true => Ok(()),
        false => Err(Error::Refused("plan_price_in_use", in_use)),
    }
}

#[derive(QueryableByName)]
pub(super) struct Counted {
    #[diesel(sql_type = Integer)]
    pub version: i32,
    #[diesel(sql_type = Timestamptz)]
    pub updated_at: DateTime<Utc>,
}

/// Counts the change and tells every instance.
pub(super) fn next_version(conn: &mut PgConnection, id: Uuid) -> Result<Counted> {
    directory::tell(conn, "plan", id)?;
    Ok(sql_query(
        "UPDATE platform.plans SET version = version + 1, updated_at = $2 WHERE id = $1 RETURNING version, updated_at",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Timestamptz, _>(Utc::now())
    .get_result(conn)?)
}

/// A plan that somebody is about to get.
#[derive(Queryable, Selectable)]
#[diesel(table_name = plans)]
pub(crate) struct Choice {
    pub id: Uuid,
    pub name: String,
    #[diesel(embed)]
    pub limits: Limits,
    archived_at: Option<DateTime<Utc>>,
}

/// The plan of that name, as it is until this transaction is over; a name that is not to be had is an error of the
/// field `plan`.
pub(crate) fn choose(conn: &mut PgConnection, name: &str) -> Result<Choice> {
    let found = plans::table
        .filter(plans::name.eq(name))
        .select(Choice::as_select())
        .for_share()
        .first(conn)
        .optional()?;
    let refuse = |code, detail: &str| Err(Error::invalid("/plan", code, detail));
    match found {
        None => refuse("plan_unknown", "There is no plan of that name"),
        Some(plan) if plan.archived_at.is_some() => {
            refuse("plan_archived", "That plan can be chosen no more")
        }
        Some(plan) => Ok(plan),
    }
}

/// What the plan costs in that currency for that period; that it has no such price is an error of the field `plan`.
pub(crate) fn price(
    conn: &mut PgConnection,
    plan: &Choice,
    (currency, period): (&str, Period),
) -> Result<i64> {
    let found = plan_prices::table
        .find((plan.id, currency, period.name()))
        .select(plan_prices::price_minor)
        .first(conn)
        .optional()?;
    let (name, period) = (&plan.name, period.name());
    found.ok_or_else(|| {
        Error::invalid(
            "/plan",
            "plan_price_missing",
            format!("{name} has no price in {currency} by the {period}"),
        )
    })
}
