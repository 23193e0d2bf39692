//! Thousands of companies besides those of the cast: the owner's side of each, with published numbers and no people. What
//! lists, sums and reports look like once a vendor has many customers, and what they are measured with.

use chrono::{DateTime, Duration, Utc};
use diesel::sql_types::{Array, BigInt, Integer, Jsonb, Uuid as SqlUuid};
use diesel::{PgConnection, RunQueryDsl, sql_query};
use serde_json::{Value, json};
use uuid::Uuid;

use super::DAYS;
use super::dice::Dice;
use crate::Result;
use crate::db::{Db, Scope};
use crate::jobs::overview;
use crate::owner::company_keys::NewKey;
use crate::secrets::Secrets;

/// Companies of one transaction.
const AT_ONCE: u32 = 500;

const FIRST: [&str; 24] = [
    "Alder", "Amber", "Birch", "Blue", "Cedar", "Copper", "Delta", "Ember", "Fjord", "Granite",
    "Harbour", "Iris", "Juniper", "Kestrel", "Linden", "Maple", "Nimbus", "Ochre", "Pine",
    "Quarry", "River", "Silver", "Tundra", "Willow",
];
const SECOND: [&str; 16] = [
    "Analytics",
    "Architects",
    "Bakery",
    "Clinic",
    "Consulting",
    "Energy",
    "Films",
    "Games",
    "Health",
    "Insurance",
    "Logistics",
    "Media",
    "Robotics",
    "Software",
    "Studio",
    "Textiles",
];
const ZONES: [&str; 6] = [
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Los_Angeles",
    "Asia/Kolkata",
    "Australia/Sydney",
];

/// Adds so many, the same ones every time but for the dates and keys. None of them may be there yet.
pub fn add(db: &Db, secrets: &Secrets, count: u32) -> Result<()> {
    let (now, owner) = (Utc::now(), Uuid::nil());
    for from in (0..count).step_by(AT_ONCE as usize) {
        let to = count.min(from.saturating_add(AT_ONCE));
        let made: Vec<Company> = (from..to).map(|number| Company::new(number, now)).collect();
        db.platform_blocking(|conn| {
            companies(conn, &made)?;
            subscriptions(conn, &made, owner)?;
            for company in &made {
                NewKey::new(company.id, secrets)?.insert(conn, company.id, None)?;
            }
            Ok(())
        })?;
        for company in &made {
            db.tenant_blocking(Scope::job(company.id), |tx| {
                sql_query("INSERT INTO tenant.company_usage (seats_used, storage_bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING")
                    .bind::<Integer, _>(company.seats)
                    .bind::<BigInt, _>(company.storage)
                    .execute(tx.conn)?;
                Ok(())
            })?;
        }
        db.platform_job_blocking(|conn| usage(conn, &made))?;
    }
    db.platform_job_blocking(|conn| overview::publish(conn, None))
}

struct Company {
    id: Uuid,
    name: String,
    slug: String,
    status: &'static str,
    plan: &'static str,
    zone: &'static str,
    currency: &'static str,
    period: &'static str,
    made_at: DateTime<Utc>,
    /// When it ceased to take part, if it did.
    stopped_at: Option<DateTime<Utc>>,
    last_sync_at: Option<DateTime<Utc>>,
    seats: i32,
    storage: i64,
    /// What one person does on a working day.
    seconds: u32,
    screenshots: u32,
    history: Vec<Value>,
}

impl Company {
    fn new(number: u32, now: DateTime<Utc>) -> Self {
        let mut dice = Dice::new(&format!("company {number}"));
        let status = match dice.below(100) {
            0..=69 => "ACTIVE",
            70..=84 => "TRIAL",
            85..=88 => "SUSPENDED",
            89..=94 => "EXPIRED",
            _ => "CANCELLED",
        };
        let ago = |days: u32, dice: &mut Dice| {
            now - Duration::days(days.into()) - Duration::minutes(dice.below(1440).into())
        };
        let runs = ["ACTIVE", "TRIAL"].contains(&status);
        let age = match status {
            "TRIAL" => dice.below(13),
            _ => dice.between(60, 1100),
        };
        let made_at = ago(age, &mut dice);
        // Whoever cancelled long ago is not there any more.
        let longest = if status == "CANCELLED" { 25 } else { 40 };
        let stopped_at = (!runs).then(|| ago(dice.between(1, longest), &mut dice));
        let last_sync_at = match (stopped_at, dice.below(100)) {
            (Some(at), _) => Some(at),
            (_, 0..=2) => None,
            (_, 3..=7) if age > 10 => Some(ago(dice.between(4, 9), &mut dice)),
            _ => Some(now - Duration::minutes(dice.between(1, 600).into())),
        };
        let (plan, most) = match dice.below(100) {
            0..=39 => ("FREE", 5),
            40..=89 => ("PRO", 50),
            _ => ("ENTERPRISE", 900),
        };
        let seats = i32::try_from(dice.between(1, most)).unwrap_or(1);
        let currency = *dice
            .pick(&["USD", "USD", "USD", "EUR", "GBP"])
            .unwrap_or(&"USD");
        let period = if dice.percent(25) { "year" } else { "month" };
        let first = dice.pick(&FIRST).unwrap_or(&FIRST[0]);
        let second = dice.pick(&SECOND).unwrap_or(&SECOND[0]);
        let mut company = Self {
            id: dice.id(made_at),
            name: format!("{first} {second} {number}"),
            slug: format!("{first}-{second}-{number}").to_lowercase(),
            status,
            plan,
            zone: dice.pick(&ZONES).unwrap_or(&ZONES[0]),
            currency,
            period,
            made_at,
            stopped_at,
            last_sync_at,
            seats,
            storage: i64::from(seats) * i64::from(dice.between(50_000_000, 1_500_000_000)),
            seconds: dice.between(9_000, 26_000),
            screenshots: dice.between(0, 40),
            history: Vec::new(),
        };
        company.history = company.history(&mut dice);
        company
    }

    /// A trial, what was paid for after it, another plan once in a while, and how it ended.
    fn history(&self, dice: &mut Dice) -> Vec<Value> {
        let first = match dice.percent(25) {
            true => *dice.pick(&["FREE", "PRO"]).unwrap_or(&"FREE"),
            false => self.plan,
        };
        let paid_at = self.made_at + Duration::days(14);
        let never_paid = self.status == "TRIAL" || (self.status == "EXPIRED" && dice.percent(50));
        let mut events = vec![("created", "TRIAL", first, self.made_at)];
        if !never_paid {
            events.push(("reactivated", "ACTIVE", first, paid_at));
        }
        if first != self.plan {
            let last = self.stopped_at.unwrap_or_else(Utc::now);
            let since = if never_paid { self.made_at } else { paid_at };
            let status = if never_paid { "TRIAL" } else { "ACTIVE" };
            events.push((
                "plan_changed",
                status,
                self.plan,
                since + (last - since) / 2,
            ));
        }
        let end = match self.status {
            "SUSPENDED" => Some("suspended"),
            "EXPIRED" => Some("expired"),
            "CANCELLED" => Some("cancelled"),
            _ => None,
        };
        if let (Some(event), Some(at)) = (end, self.stopped_at) {
            events.push((event, self.status, self.plan, at));
        }
        let price = |plan: &str| {
            let month = match plan {
                "FREE" => 0,
                "PRO" => 9_900,
                _ => 49_900,
            };
            if self.period == "year" {
                month * 10
            } else {
                month
            }
        };
        let mut row = |(event, status, plan, at): (&str, &str, &str, DateTime<Utc>)| {
            json!({ "company_id": self.id, "id": dice.id(at), "event": event, "status": status, "plan": plan,
                "price_minor": price(plan), "currency": self.currency, "period": self.period, "starts_at": at })
        };
        events.into_iter().map(&mut row).collect()
    }
}

fn companies(conn: &mut PgConnection, made: &[Company]) -> Result<()> {
    let row = |company: &Company| {
        json!({ "id": company.id, "name": company.name, "slug": company.slug, "status": company.status,
            "plan": company.plan, "zone": company.zone, "currency": company.currency, "period": company.period,
            "made_at": company.made_at, "stopped_at": company.stopped_at })
    };
    sql_query(
        "INSERT INTO platform.companies (id, name, slug, status, plan_id, admin_email, time_zone, currency, period, trial_ends_at, \
           suspended_reason, cancelled_at, created_at, updated_at) \
         SELECT r.id, r.name, r.slug, r.status, p.id, 'admin@' || r.slug || '.test', r.zone, r.currency, r.period, \
           r.made_at + interval '14 days', CASE r.status WHEN 'SUSPENDED' THEN 'Two invoices unpaid' END, \
           CASE r.status WHEN 'CANCELLED' THEN r.stopped_at END, r.made_at, coalesce(r.stopped_at, r.made_at) \
         FROM jsonb_to_recordset($1) AS r (id uuid, name text, slug text, status text, plan text, zone text, currency text, \
           period text, made_at timestamptz, stopped_at timestamptz) \
         JOIN platform.plans p ON p.name = r.plan",
    )
    .bind::<Jsonb, _>(Value::from_iter(made.iter().map(row)))
    .execute(conn)?;
    sql_query(
        "INSERT INTO platform.company_overview (company_id) SELECT (r ->> 'id')::uuid FROM jsonb_array_elements($1) AS r",
    )
    .bind::<Jsonb, _>(Value::from_iter(made.iter().map(row)))
    .execute(conn)?;
    Ok(())
}

fn subscriptions(conn: &mut PgConnection, made: &[Company], owner: Uuid) -> Result<()> {
    let rows = made.iter().flat_map(|company| company.history.clone());
    sql_query(
        "INSERT INTO platform.subscriptions (company_id, id, event, plan_id, price_minor, currency, period, status, starts_at, \
           actor_id, actor) \
         SELECT r.company_id, r.id, r.event, p.id, r.price_minor, r.currency, r.period, r.status, r.starts_at, $2, 'system' \
         FROM jsonb_to_recordset($1) AS r (company_id uuid, id uuid, event text, plan text, price_minor bigint, currency text, \
           period text, status text, starts_at timestamptz) \
         JOIN platform.plans p ON p.name = r.plan",
    )
    .bind::<Jsonb, _>(Value::from_iter(rows))
    .bind::<SqlUuid, _>(owner)
    .execute(conn)?;
    Ok(())
}

/// Working days until the company was last heard.
fn usage(conn: &mut PgConnection, made: &[Company]) -> Result<()> {
    let row = |company: &Company| {
        json!({ "id": company.id, "first": company.made_at.date_naive(), "last": company.last_sync_at.map(|at| at.date_naive()),
            "seats": company.seats, "seconds": company.seconds, "screenshots": company.screenshots, "storage": company.storage })
    };
    sql_query(
        "INSERT INTO platform.company_usage_daily (company_id, day, active_employees, sessions, active_seconds, screenshots, \
           storage_bytes, events) \
         SELECT r.id, d.day, r.seats, r.seats, r.seats * r.seconds, r.seats * r.screenshots, r.storage, r.seats * 900 \
         FROM jsonb_to_recordset($1) AS r (id uuid, first date, last date, seats integer, seconds bigint, screenshots integer, storage bigint) \
         CROSS JOIN LATERAL (SELECT current_date - n AS day FROM generate_series(0, $2) n) d \
         WHERE d.day BETWEEN r.first AND r.last AND extract(isodow FROM d.day) < 6",
    )
    .bind::<Jsonb, _>(Value::from_iter(made.iter().map(row)))
    .bind::<Integer, _>(i32::try_from(DAYS).unwrap_or(60) - 1)
    .execute(conn)?;
    let ids: Vec<Uuid> = made.iter().map(|company| company.id).collect();
    sql_query(
        "INSERT INTO platform.company_usage_monthly (company_id, month, active_seconds, active_employees) \
         SELECT company_id, date_trunc('month', day::timestamp)::date, sum(active_seconds), max(active_employees) \
         FROM platform.company_usage_daily WHERE company_id = ANY ($1) GROUP BY 1, 2",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .execute(conn)?;
    let heard = made
        .iter()
        .filter_map(|company| Some((company.id, Uuid::nil(), company.last_sync_at?)));
    overview::write_last_use(conn, &heard.collect::<Vec<_>>())
}
