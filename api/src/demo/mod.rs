//! `tracker demo`: three companies, sixty days of their work and fourteen months of what they paid, the same every time
//! but for the dates. Only ever made in a database in which there is nothing yet.

mod alerts;
mod cast;
mod choices;
mod companies;
pub mod crowd;
mod day;
mod dice;
mod disputes;
mod manual_times;
mod people;
mod pictures;
mod policies;
mod rules;
mod tasks;
mod work;
pub mod workforce;

use std::fmt::Write as _;
use std::time::Instant;

use anyhow::ensure;
use chrono::Utc;
use diesel::sql_types::Bool;
use diesel::{QueryableByName, RunQueryDsl, sql_query};

use crate::config::Config;
use crate::db::Db;
use crate::objects::Objects;
use crate::secrets::Secrets;
use crate::server::Database;
use crate::{Result, passwords};

const PASSWORD: &str = "demo-demo-demo";
const OWNER: &str = "owner@demo.test";
/// Days of work that are made up, today included.
const DAYS: i64 = 60;

/// What making it needs of a server.
struct Demo {
    db: Db,
    secrets: Secrets,
    objects: Objects,
    now: chrono::DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Nothing,
    Demo,
    Other,
}

/// What is made besides the cast.
#[derive(Debug, Clone, Copy, Default)]
pub struct More {
    /// Companies with numbers and without people.
    pub companies: u32,
    /// People of one large company.
    pub employees: u32,
}

/// Makes everything, and so much more, and says how much that was.
pub async fn create(config: &Config, database: &Database, more: More) -> anyhow::Result<String> {
    let demo = Demo::open(config, database)?;
    ensure!(
        find(&demo.db)? == Found::Nothing,
        "there are owners or companies already: demo data is made in an empty database only"
    );
    let mut made = demo.make().await?;
    if more.companies > 0 {
        let started = Instant::now();
        crowd::add(&demo.db, &demo.secrets, more.companies)?;
        let took = started.elapsed().as_secs_f64();
        write!(
            made,
            "\n{} companies without people in {took:.1} s",
            more.companies
        )?;
    }
    if more.employees > 0 {
        let workforce = workforce::add(config, database, more.employees).await?;
        write!(made, "\n{workforce}")?;
    }
    Ok(made)
}

/// The same for `serve --demo`, which leaves what is there alone. Says whether the demo is there.
pub async fn create_if_empty(config: &Config, database: &Database) -> anyhow::Result<bool> {
    ensure!(
        database.is_embedded(),
        "--demo fills the private database only; for the one of DATABASE_URL there is `tracker demo`"
    );
    let demo = Demo::open(config, database)?;
    let found = find(&demo.db)?;
    if found == Found::Nothing {
        tracing::info!("making demo data");
        // Not inside the macro: what a quiet log level skips is not run at all.
        let made = demo.make().await?;
        tracing::info!("{made}");
    }
    Ok(found != Found::Other)
}

/// Who can sign in.
pub fn sign_ins() -> String {
    let people = cast::COMPANIES.iter().flat_map(|company| {
        let shown = |person: &&cast::Person| {
            person.is_admin || person.mailbox == "employee" || person.is_here_today
        };
        company.people.iter().filter(shown).map(|person| {
            let role = if person.is_admin { "ADMIN" } else { "EMPLOYEE" };
            let email = people::email(company, person);
            format!(
                "  {email:<24} {role:<9} {} ({})",
                company.name, company.status
            )
        })
    });
    let lines: Vec<String> = people.collect();
    format!(
        "sign in with password {PASSWORD}:\n  {OWNER:<24} OWNER\n{}",
        lines.join("\n")
    )
}

impl Demo {
    fn open(config: &Config, database: &Database) -> anyhow::Result<Self> {
        Ok(Self {
            db: database.connect(config)?,
            secrets: Secrets::open(&config.secret_file())?,
            objects: Objects::open(config)?,
            now: Utc::now(),
        })
    }

    async fn make(&self) -> anyhow::Result<String> {
        let started = Instant::now();
        // One hash for all: nobody hides this password.
        let password_hash = passwords::hash(PASSWORD.into()).await?;
        let owner = companies::make_owner(self, &password_hash)?;
        companies::make_second_currency(self)?;
        let mut made = work::Made::default();
        for company in &cast::COMPANIES {
            let id = companies::make(self, company, owner)?;
            let staff = people::make(self, company, id, &password_hash)?;
            policies::make(self, company, id, &staff)?;
            choices::make(self, company, id, &staff)?;
            tasks::make(self, company, id, &staff)?;
            rules::make(self, id)?;
            made.add(work::make(self, company, id, &staff).await?);
            manual_times::make(self, company, id, &staff)?;
            disputes::make(self, company, id, &staff)?;
            alerts::make(self, company, id, &staff)?;
            companies::finish(self, company, id, company.first_day(self.now))?;
        }
        Ok(format!(
            "{} companies, {} people, {} raw rows and {} screenshots in {:.1} s",
            cast::COMPANIES.len(),
            made.people,
            made.rows,
            made.screenshots,
            started.elapsed().as_secs_f64()
        ))
    }
}

/// Whether there is demo data.
pub fn is_there(db: &Db) -> Result<bool> {
    Ok(find(db)? == Found::Demo)
}

fn find(db: &Db) -> Result<Found> {
    #[derive(QueryableByName)]
    struct There {
        #[diesel(sql_type = Bool)]
        anything: bool,
        #[diesel(sql_type = Bool)]
        demo: bool,
    }
    let there: There = db.platform_blocking(|conn| {
        Ok(sql_query(
            "SELECT EXISTS (SELECT FROM platform.owners) OR EXISTS (SELECT FROM platform.companies) AS anything, \
               EXISTS (SELECT FROM platform.owners WHERE email = $1) AS demo",
        )
        .bind::<diesel::sql_types::Text, _>(OWNER)
        .get_result(conn)?)
    })?;
    Ok(match there {
        There { demo: true, .. } => Found::Demo,
        There { anything: true, .. } => Found::Other,
        _ => Found::Nothing,
    })
}
