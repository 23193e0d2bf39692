//! One large company besides those of the cast: thousands of people with teams, raw rows of the last working days and the
//! sums of a quarter. What an admin's pages look like there, and what they are measured with.

use std::time::Instant;

use chrono::{Datelike, Days, NaiveDate};
use diesel::sql_types::{Array, Date, Integer, Text, Uuid as SqlUuid};
use diesel::{RunQueryDsl, sql_query};
use uuid::Uuid;

use super::cast::{self, Company, Event, Person, Work};
use super::people::Staff;
use super::{Demo, companies, people, rules, work};
use crate::config::Config;
use crate::db::{Scope, Tx};
use crate::server::Database;
use crate::tracking::user_days::{each_day, months};
use crate::{Result, passwords};

/// Before the `.test` of its people's addresses.
pub const SLUG: &str = "meridian";

/// Days of sums, today included.
const DAYS: u64 = 90;
/// Working days with raw rows, besides today.
const RAW: usize = 2;
/// People of one statement that makes up sums.
const AT_ONCE: usize = 100;

static HISTORY: [Event; 2] = [
    ("created", "TRIAL", "ENTERPRISE", 130, None),
    (
        "activated",
        "ACTIVE",
        "ENTERPRISE",
        116,
        Some("First invoice paid"),
    ),
];
static WORK: [&Work; 5] = [
    &cast::DEVELOPER,
    &cast::SUPPORT,
    &cast::SALES,
    &cast::DESIGNER,
    &cast::LEAD,
];
const TEAMS: [&str; 24] = [
    "Accounts",
    "Brand",
    "Claims",
    "Customer care",
    "Data",
    "Design",
    "Field service",
    "Finance",
    "Infrastructure",
    "Legal",
    "Logistics",
    "Marketing",
    "Mobile",
    "Operations",
    "Partners",
    "Payments",
    "People",
    "Platform",
    "Procurement",
    "Quality",
    "Research",
    "Sales",
    "Security",
    "Web",
];
const FIRST: [&str; 40] = [
    "Ada", "Adil", "Aino", "Akira", "Amara", "Anton", "Beatriz", "Bela", "Carla", "Chen", "Dario",
    "Dina", "Edith", "Elif", "Emeka", "Fatima", "Filip", "Greta", "Hana", "Ilya", "Ingrid",
    "Jamal", "Joana", "Kaito", "Katja", "Lars", "Leila", "Luca", "Malik", "Marta", "Mina", "Nils",
    "Noor", "Olga", "Pedro", "Rosa", "Sana", "Theo", "Uma", "Viktor",
];
const LAST: [&str; 50] = [
    "Abe", "Acosta", "Ahmed", "Andersen", "Bakker", "Bauer", "Bianchi", "Boateng", "Castro",
    "Cohen", "Costa", "Dubois", "Eriksen", "Fischer", "Fontaine", "Garcia", "Gupta", "Hansen",
    "Hoffmann", "Ivanov", "Jansen", "Jensen", "Kaya", "Kim", "Kowalski", "Laurent", "Lopez",
    "Mensah", "Meyer", "Moretti", "Mori", "Nakamura", "Nguyen", "Novak", "Okoye", "Olsen",
    "Pereira", "Petrov", "Ricci", "Rossi", "Santos", "Sato", "Schmidt", "Silva", "Singh", "Suzuki",
    "Tran", "Weber", "Yilmaz", "Zhang",
];

/// Adds it with so many people, its admin among them, to a database that does not have it yet; says what was made.
pub async fn add(config: &Config, database: &Database, count: u32) -> anyhow::Result<String> {
    let demo = Demo::open(config, database)?;
    let password_hash = passwords::hash(super::PASSWORD.into()).await?;
    demo.add_workforce(count, Uuid::nil(), &password_hash).await
}

impl Demo {
    pub(super) async fn add_workforce(
        &self,
        count: u32,
        owner: Uuid,
        password_hash: &str,
    ) -> anyhow::Result<String> {
        let started = Instant::now();
        let names: Vec<(String, String)> = (0..count).map(name).collect();
        let people: Vec<Person> = names.iter().enumerate().map(person).collect();
        let today = self.now.date_naive();
        let first = today - Days::new(DAYS - 1);
        let raw_from = working_days_before(today).nth(RAW - 1).unwrap_or(today);
        let company = Company {
            name: "Meridian Group",
            slug: SLUG,
            zone: "Europe/Berlin",
            status: "ACTIVE",
            currency: "EUR",
            made: 130,
            stopped: 0,
            history: &HISTORY,
            days: (today - raw_from).num_days() + 1,
            teams: &TEAMS,
            people: &people,
        };
        let id = companies::make(self, &company, owner)?;
        self.seat(id, count)?;
        let staff = people::make(self, &company, id, password_hash)?;
        rules::make(self, id)?;
        let made = work::make(self, &company, id, &staff).await?;
        self.forget_before(id, raw_from)?;
        let mut sums = 0;
        for some in staff.chunks(AT_ONCE) {
            sums += self.db.tenant_blocking(Scope::job(id), |tx| {
                sum(tx, some, (first, raw_from - Days::new(1)))
            })?;
        }
        companies::finish(self, &company, id, first)?;
        Ok(format!(
            "{count} people of {}, {} raw rows, {sums} sums and {} screenshots in {:.1} s: admin@{SLUG}.test",
            company.name,
            made.rows,
            made.screenshots,
            started.elapsed().as_secs_f64()
        ))
    }

    /// Nothing sums the days anew whose raw rows were never there.
    fn forget_before(&self, company: Uuid, day: NaiveDate) -> Result<()> {
        self.db.tenant_blocking(Scope::job(company), |tx| {
            sql_query(
                "UPDATE tenant.company_settings SET usage_kept_from = $2 WHERE company_id = $1",
            )
            .bind::<SqlUuid, _>(tx.company)
            .bind::<Date, _>(day - Days::new(1))
            .execute(tx.conn)?;
            Ok(())
        })
    }

    /// More people than the plan admits, as agreed with the company.
    fn seat(&self, company: Uuid, count: u32) -> Result<()> {
        self.db.platform_blocking(|conn| {
            sql_query(
                "INSERT INTO platform.company_overrides (company_id, max_employees, reason, changed_by) VALUES ($1, $2, 'As agreed', $3)",
            )
            .bind::<SqlUuid, _>(company)
            .bind::<Integer, _>(i32::try_from(count).unwrap_or(i32::MAX).saturating_add(100))
            .bind::<Text, _>(super::OWNER)
            .execute(conn)?;
            Ok(())
        })
    }
}

/// The same for a number every time, and nobody else's: name and mailbox.
fn name(number: u32) -> (String, String) {
    let number = number as usize;
    let (first, last) = (
        FIRST[number % FIRST.len()],
        LAST[(number + number / FIRST.len()) % LAST.len()],
    );
    let mailbox = format!("{first}.{last}").to_lowercase();
    match (number, number / (FIRST.len() * LAST.len())) {
        (0, _) => (format!("{first} {last}"), "admin".to_owned()),
        (_, 0) => (format!("{first} {last}"), mailbox),
        (_, round) => (
            format!("{first} {last} {}", round + 1),
            format!("{mailbox}{}", round + 1),
        ),
    }
}

fn person((nth, (name, mailbox)): (usize, &(String, String))) -> Person<'_> {
    Person {
        name,
        mailbox,
        is_admin: nth == 0,
        work: WORK[nth / TEAMS.len() % WORK.len()],
        // Half of them work now, whatever day and hour it is.
        is_here_today: nth % 2 == 0,
        has_left: nth % 50 == 49,
    }
}

fn working_days_before(day: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    day.pred_opt()
        .into_iter()
        .flat_map(|day| std::iter::successors(Some(day), NaiveDate::pred_opt))
        .filter(|day| day.weekday().number_from_monday() < 6)
}

/// Working days of before, each a part of the person's fullest raw day; how many rows these are.
fn sum(tx: Tx, staff: &[Staff], (first, last): (NaiveDate, NaiveDate)) -> Result<usize> {
    // The part is the same for a person's day in all tables, so that they agree.
    const DAYS_OF: &str = "WITH fullest AS (SELECT DISTINCT ON (user_id) * FROM tenant.user_usage_daily \
          WHERE company_id = $1 AND user_id = ANY ($2) ORDER BY user_id, tracked_seconds DESC, day), \
        days AS (SELECT f.user_id, f.day AS source, d.day, ('x' || substr(md5(f.user_id::text || d.day), 1, 7))::bit(28)::integer % 100 AS dice \
          FROM fullest f CROSS JOIN (SELECT generate_series($3, $4, interval '1 day')::date AS day) d WHERE extract(isodow FROM d.day) < 6), \
        worked AS (SELECT user_id, source, day, 0.65 + dice / 250.0 AS part FROM days WHERE dice >= 10) ";
    let days = "INSERT INTO tenant.user_usage_daily (company_id, user_id, day, tracked_seconds, active_seconds, idle_seconds, keystrokes, \
          mouse_events, sessions, screenshots, screenshot_bytes, events, first_at, last_at) \
        SELECT $1, w.user_id, w.day, (f.active_seconds * part)::integer + (f.idle_seconds * part)::integer, (f.active_seconds * part)::integer, \
          (f.idle_seconds * part)::integer, (f.keystrokes * part)::integer, (f.mouse_events * part)::integer, f.sessions, 0, 0, \
          (f.events * part)::integer, f.first_at - (w.source - w.day) * interval '1 day', f.last_at - (w.source - w.day) * interval '1 day' \
        FROM worked w JOIN fullest f ON f.user_id = w.user_id";
    let names = |table: &str, name: &str| {
        format!(
            "{DAYS_OF} INSERT INTO tenant.{table} (company_id, user_id, day, {name}, seconds) \
             SELECT $1, w.user_id, w.day, n.{name}, greatest(1, (n.seconds * part)::integer) FROM worked w \
             JOIN tenant.{table} n ON n.company_id = $1 AND n.user_id = w.user_id AND n.day = w.source"
        )
    };
    let ids: Vec<Uuid> = staff.iter().map(|one| one.id).collect();
    let mut rows = 0;
    // Names first: which day is the fullest is asked of the days that are there.
    for text in [
        names("user_app_usage_daily", "app"),
        names("user_host_usage_daily", "host"),
        names("user_category_usage_daily", "category"),
        format!("{DAYS_OF} {days}"),
    ] {
        rows += sql_query(text)
            .bind::<SqlUuid, _>(tx.company)
            .bind::<Array<SqlUuid>, _>(&ids)
            .bind::<Date, _>(first)
            .bind::<Date, _>(last)
            .execute(tx.conn)?;
    }
    let days = each_day(first, last);
    for id in ids {
        months::write(tx.conn, tx.company, id, &days)?;
    }
    Ok(rows)
}
