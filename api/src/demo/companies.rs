//! The owner's side of the demo: the owner, companies with their keys, and how they came to be as they are.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use diesel::sql_types::{
    BigInt, Binary, Date, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde_json::json;
use uuid::Uuid;

use super::cast::{Company, Event, UNPAID};
use super::dice::Dice;
use super::{Demo, OWNER};
use crate::Result;
use crate::account::invitations;
use crate::db::Scope;
use crate::jobs::{overview, usage_daily};
use crate::owner::company_keys::NewKey;
use crate::tracking::company_days;
use crate::tracking::user_days::each_day;

const NAME: &str = "Olivia Owner";
/// When the owner began to run the service, in days ago.
const BEGAN: i64 = 430;
/// What plans cost in euro: plan, and the price of a month.
const PRICES: [(&str, i64); 2] = [("PRO", 9_200), ("ENTERPRISE", 45_900)];
/// From, to, in ten thousands of millionths, since when in days ago.
const RATES: [(&str, &str, i64, i64); 3] = [
    ("EUR", "USD", 10_700_000_000, BEGAN),
    ("EUR", "USD", 10_900_000_000, 120),
    ("USD", "EUR", 9_200_000_000, BEGAN),
];

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

impl Company<'_> {
    fn made_at(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now - Duration::days(self.made)
    }

    pub fn stopped_at(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now - Duration::days(self.stopped)
    }

    pub fn first_day(&self, now: DateTime<Utc>) -> NaiveDate {
        (now - Duration::days(self.made.min(self.days - 1))).date_naive()
    }
}

/// The owner, as if the first link had been opened.
pub(super) fn make_owner(demo: &Demo, password_hash: &str) -> Result<Uuid> {
    let made_at = demo.now - Duration::days(BEGAN);
    let id = Dice::new(OWNER).id(made_at);
    let (_, token_hash) = invitations::new_token(None)?;
    demo.db.platform_blocking(|conn| {
        sql_query(
            "INSERT INTO platform.owners (id, email, name, created_at) VALUES ($1, $2, $3, $4)",
        )
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(OWNER)
        .bind::<Text, _>(NAME)
        .bind::<Timestamptz, _>(made_at)
        .execute(conn)?;
        sql_query("SELECT auth.issue_owner_link($1, $2, $3, $4)")
            .bind::<Binary, _>(&token_hash[..])
            .bind::<SqlUuid, _>(id)
            .bind::<Text, _>(OWNER)
            .bind::<Timestamptz, _>(demo.now + Duration::hours(1))
            .execute(conn)?;
        Ok(())
    })?;
    demo.db.auth_blocking(|conn| {
        sql_query("SELECT auth.accept_owner_link($1, $2, $3)")
            .bind::<Binary, _>(&token_hash[..])
            .bind::<Text, _>(NAME)
            .bind::<Text, _>(password_hash)
            .execute(conn)?;
        Ok(())
    })?;
    Ok(id)
}

/// What plans cost in the second currency, and what it is worth in the first.
pub(super) fn make_second_currency(demo: &Demo) -> Result<()> {
    demo.db.platform_blocking(|conn| {
        for (plan, price_minor) in PRICES {
            sql_query(
                "INSERT INTO platform.plan_prices (plan_id, currency, period, price_minor) \
                 SELECT id, 'EUR', 'month', $2 FROM platform.plans WHERE name = $1",
            )
            .bind::<Text, _>(plan)
            .bind::<BigInt, _>(price_minor)
            .execute(conn)?;
        }
        for (from, to, rate_e10, ago) in RATES {
            let since = demo.now - Duration::days(ago);
            sql_query(
                "INSERT INTO platform.exchange_rates (id, from_currency, to_currency, rate_e10, valid_from, changed_by) \
                 VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind::<SqlUuid, _>(Dice::new(&format!("{from} {to} {ago}")).id(since))
            .bind::<Text, _>(from)
            .bind::<Text, _>(to)
            .bind::<BigInt, _>(rate_e10)
            .bind::<Date, _>(since.date_naive())
            .bind::<Text, _>(OWNER)
            .execute(conn)?;
        }
        Ok(())
    })
}

/// The company with key, history and the owner's audit of it.
pub(super) fn make(demo: &Demo, company: &Company, owner: Uuid) -> Result<Uuid> {
    let mut dice = Dice::new(company.slug);
    let id = dice.id(company.made_at(demo.now));
    let key = NewKey::new(id, &demo.secrets)?;
    demo.db.platform_blocking(|conn| {
        insert(conn, demo, company, id)?;
        sql_query("INSERT INTO platform.company_overview (company_id) VALUES ($1)")
            .bind::<SqlUuid, _>(id)
            .execute(conn)?;
        key.insert(conn, id, None)?;
        for event in company.history {
            record(conn, demo, &mut dice, (id, owner), *event)?;
        }
        Ok(())
    })?;
    Ok(id)
}

fn insert(conn: &mut PgConnection, demo: &Demo, company: &Company, id: Uuid) -> Result<()> {
    let is_suspended = company.status == "SUSPENDED";
    sql_query(
        "INSERT INTO platform.companies (id, name, slug, status, plan_id, admin_email, time_zone, trial_ends_at, suspended_reason, \
           created_at, updated_at, currency) \
         SELECT $1, $2, $3, $4, p.id, $5, $6, $7, $8, $9, $9, $10 FROM platform.plans p WHERE p.name = $11 ON CONFLICT DO NOTHING",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Text, _>(company.name)
    .bind::<Text, _>(company.slug)
    .bind::<Text, _>(company.status)
    .bind::<Text, _>(format!("admin@{}.test", company.slug))
    .bind::<Text, _>(company.zone)
    .bind::<Timestamptz, _>(company.made_at(demo.now) + Duration::days(14))
    .bind::<Nullable<Text>, _>(is_suspended.then_some(UNPAID))
    .bind::<Timestamptz, _>(company.made_at(demo.now))
    .bind::<Text, _>(company.currency)
    .bind::<Text, _>(company.history.last().map_or("PRO", |(_, _, plan, ..)| plan))
    .execute(conn)?;
    Ok(())
}

fn record(
    conn: &mut PgConnection,
    demo: &Demo,
    dice: &mut Dice,
    (company, owner): (Uuid, Uuid),
    (event, status, plan, ago, reason): Event,
) -> Result<()> {
    let at = demo.now - Duration::days(ago);
    sql_query(
        "INSERT INTO platform.subscriptions (company_id, id, event, plan_id, price_minor, currency, period, status, starts_at, \
           actor_id, actor, reason) \
         SELECT c.id, $2, $3, p.plan_id, p.price_minor, p.currency, p.period, $4, $5, $6, $7, $8 FROM platform.companies c \
         JOIN platform.plans n ON n.name = $9 \
         JOIN platform.plan_prices p ON p.plan_id = n.id AND p.currency = c.currency AND p.period = c.period \
         WHERE c.id = $1 ON CONFLICT DO NOTHING",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<SqlUuid, _>(dice.id(at))
    .bind::<Text, _>(event)
    .bind::<Text, _>(status)
    .bind::<Timestamptz, _>(at)
    .bind::<SqlUuid, _>(owner)
    .bind::<Text, _>(OWNER)
    .bind::<Nullable<Text>, _>(reason)
    .bind::<Text, _>(plan)
    .execute(conn)?;
    sql_query(
        "INSERT INTO platform.audit_entries (id, at, actor_id, actor, action, company_id, detail) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind::<SqlUuid, _>(dice.id(at))
    .bind::<Timestamptz, _>(at)
    .bind::<SqlUuid, _>(owner)
    .bind::<Text, _>(OWNER)
    .bind::<Text, _>(format!("company.{event}"))
    .bind::<SqlUuid, _>(company)
    .bind::<Jsonb, _>(json!({ "reason": reason }))
    .execute(conn)?;
    Ok(())
}

/// The key that devices of the company came with.
pub(super) fn key(demo: &Demo, company: Uuid) -> Result<Uuid> {
    let key: Id = demo.db.auth_blocking(|conn| {
        Ok(sql_query("SELECT id FROM auth.company_key_entries($1)")
            .bind::<SqlUuid, _>(company)
            .get_result(conn)?)
    })?;
    Ok(key.id)
}

/// What the jobs would publish within a minute, so that the owner's first page has numbers.
pub(super) fn finish(demo: &Demo, company: &Company, id: Uuid, first_day: NaiveDate) -> Result<()> {
    let days = each_day(first_day, (demo.now + Duration::days(1)).date_naive());
    for day in &days {
        demo.db.tenant_blocking(Scope::job(id), |tx| {
            company_days::write(tx.conn, tx.company, *day)
        })?;
    }
    let last_use = [(id, key(demo, id)?, company.stopped_at(demo.now))];
    demo.db.platform_job_blocking(|conn| {
        for day in days {
            usage_daily::write(conn, id, day)?;
        }
        overview::publish(conn, Some(id))?;
        overview::write_last_use(conn, &last_use)
    })
}
