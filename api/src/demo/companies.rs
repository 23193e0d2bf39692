//! The owner's side of the demo: the owner, companies with their keys, and how they came to be as they are.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use diesel::sql_types::{Binary, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde_json::json;
use uuid::Uuid;

use super::cast::Company;
use super::dice::Dice;
use super::{DAYS, Demo, OWNER};
use crate::Result;
use crate::account::invitations;
use crate::jobs::{overview, usage_daily};
use crate::owner::company_keys::NewKey;
use crate::tracking::user_days::each_day;

const NAME: &str = "Olivia Owner";
const SUSPENDED_BECAUSE: &str = "Two invoices unpaid";

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Something that happened to a company: event, status after it, days ago, reason.
type Event = (&'static str, &'static str, i64, Option<&'static str>);

impl Company {
    fn made_at(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now - Duration::days(self.made)
    }

    pub fn stopped_at(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now - Duration::days(self.stopped)
    }

    pub fn first_day(&self, now: DateTime<Utc>) -> NaiveDate {
        (now - Duration::days(self.made.min(DAYS - 1))).date_naive()
    }

    fn history(&self) -> Vec<Event> {
        let mut history = vec![("created", "TRIAL", self.made, None)];
        if self.status != "TRIAL" {
            let paid = Some("First invoice paid");
            history.push(("reactivated", "ACTIVE", self.made - 14, paid));
        }
        if self.status == "SUSPENDED" {
            history.push((
                "suspended",
                "SUSPENDED",
                self.stopped,
                Some(SUSPENDED_BECAUSE),
            ));
        }
        history
    }
}

/// The owner, as if the first link had been opened.
pub(super) fn make_owner(demo: &Demo, password_hash: &str) -> Result<Uuid> {
    let made_at = demo.now - Duration::days(DAYS);
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
        for event in company.history() {
            record(conn, demo, &mut dice, (id, owner), event)?;
        }
        Ok(())
    })?;
    Ok(id)
}

fn insert(conn: &mut PgConnection, demo: &Demo, company: &Company, id: Uuid) -> Result<()> {
    let is_suspended = company.status == "SUSPENDED";
    sql_query(
        "INSERT INTO platform.companies (id, name, slug, status, plan_id, admin_email, time_zone, trial_ends_at, suspended_reason, \
           created_at, updated_at) \
         SELECT $1, $2, $3, $4, p.id, $5, $6, $7, $8, $9, $9 FROM platform.plans p WHERE p.name = 'PRO' ON CONFLICT DO NOTHING",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Text, _>(company.name)
    .bind::<Text, _>(company.slug)
    .bind::<Text, _>(company.status)
    .bind::<Text, _>(format!("admin@{}.test", company.slug))
    .bind::<Text, _>(company.zone)
    .bind::<Timestamptz, _>(company.made_at(demo.now) + Duration::days(14))
    .bind::<Nullable<Text>, _>(is_suspended.then_some(SUSPENDED_BECAUSE))
    .bind::<Timestamptz, _>(company.made_at(demo.now))
    .execute(conn)?;
    Ok(())
}

fn record(
    conn: &mut PgConnection,
    demo: &Demo,
    dice: &mut Dice,
    (company, owner): (Uuid, Uuid),
    (event, status, ago, reason): Event,
) -> Result<()> {
    let at = demo.now - Duration::days(ago);
    sql_query(
        "INSERT INTO platform.subscriptions (company_id, id, event, plan_id, price_minor, currency, period, status, starts_at, \
           actor_id, actor, reason) \
         SELECT c.id, $2, $3, p.plan_id, p.price_minor, p.currency, p.period, $4, $5, $6, $7, $8 FROM platform.companies c \
         JOIN platform.plan_prices p ON p.plan_id = c.plan_id AND p.currency = c.currency AND p.period = c.period \
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
pub(super) fn finish(demo: &Demo, company: &Company, id: Uuid) -> Result<()> {
    let days = each_day(
        company.first_day(demo.now),
        (demo.now + Duration::days(1)).date_naive(),
    );
    let last_use = [(id, key(demo, id)?, company.stopped_at(demo.now))];
    demo.db.platform_job_blocking(|conn| {
        for day in days {
            usage_daily::write(conn, id, day)?;
        }
        overview::publish(conn, Some(id))?;
        overview::write_last_use(conn, &last_use)
    })
}
