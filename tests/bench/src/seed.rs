//! Companies and people, made past the API: what is measured comes later.

use argon2::password_hash::PasswordHasher;
use argon2::{Algorithm, Argon2, Params, Version};
use chrono::{Days, NaiveDate, Utc};
use diesel::connection::SimpleConnection;
use diesel::sql_types::{Array, Binary, Text, Uuid as SqlUuid};
use diesel::{Connection, PgConnection, RunQueryDsl, sql_query};
use tracker::http::token::{Audience, Claims, Role};
use tracker::secrets::{Secrets, sha256};
use tracker::tracking::company_days;
use uuid::Uuid;

use crate::place::Place;

/// Companies with agents; the others are only in the owner's list.
const COMPANIES: usize = 50;
const PEOPLE: usize = 20;
pub const PASSWORD: &str = "a long enough password";

pub struct Agent {
    pub company: Uuid,
    pub user: Uuid,
    pub session: Uuid,
    /// Company key and bearer token, ready to send.
    pub headers: String,
}

pub struct Seed {
    pub agents: Vec<Agent>,
    pub owner: String,
    /// An admin of the first company.
    pub admin: String,
    /// Of the first company: a person whose day has 500 items, and that day.
    pub timeline: (Uuid, NaiveDate),
    pub emails: Vec<String>,
}

pub fn seed(place: &Place) -> anyhow::Result<Seed> {
    let conn = &mut PgConnection::establish(place.url())?;
    let hash = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
        .hash_password(PASSWORD.as_bytes())
        .map_err(|error| anyhow::anyhow!("hashing: {error}"))?
        .to_string();
    companies(conn)?;
    let mut agents = Vec::new();
    for number in 0..COMPANIES {
        let company = Uuid::now_v7();
        company_with_agents(conn, number, company)?;
        let key = key(number);
        for person in 0..PEOPLE {
            agents.push(agent(&place.secrets, company, number, person, &key)?);
        }
    }
    people(conn, &agents, &hash)?;
    let day = Utc::now().date_naive() - Days::new(2);
    days(conn, &agents, day)?;
    let first = &agents[0];
    let admin = Claims::new(
        Audience::Web,
        first.user,
        Some(first.company),
        Role::Admin,
        Uuid::now_v7(),
    );
    let (owner, sign_in) = (Uuid::now_v7(), Uuid::now_v7());
    let owner = Claims {
        two_factor: true,
        ..Claims::new(Audience::Owner, owner, None, Role::Owner, sign_in)
    };
    Ok(Seed {
        admin: bearer(&admin, &place.secrets)?,
        owner: bearer(&owner, &place.secrets)?,
        timeline: (first.user, day),
        emails: (0..COMPANIES).map(|number| email(number, 1)).collect(),
        agents,
    })
}

fn key(number: usize) -> String {
    format!("company_{number:032x}")
}

fn email(company: usize, person: usize) -> String {
    format!("person-{person}@company-{company}.test")
}

/// A number made into an id, so that nothing has to be read back.
fn id(kind: u8, company: usize, person: usize) -> Uuid {
    Uuid::from_u128((u128::from(kind) << 120) | ((company as u128) << 32) | person as u128)
}

pub fn bearer(claims: &Claims, secrets: &Secrets) -> anyhow::Result<String> {
    let token = claims.sign(secrets)?;
    Ok(format!("authorization: Bearer {token}\r\n"))
}

fn agent(
    secrets: &Secrets,
    company: Uuid,
    number: usize,
    person: usize,
    key: &str,
) -> anyhow::Result<Agent> {
    let user = id(1, number, person);
    let claims = Claims {
        device: Some(id(2, number, person)),
        ..Claims::new(
            Audience::Agent,
            user,
            Some(company),
            Role::Employee,
            Uuid::now_v7(),
        )
    };
    let headers = format!("x-company-key: {key}\r\n{}", bearer(&claims, secrets)?);
    Ok(Agent {
        company,
        user,
        session: id(3, number, person),
        headers,
    })
}

/// A thousand companies with a month of numbers each.
fn companies(conn: &mut PgConnection) -> anyhow::Result<()> {
    conn.batch_execute(
        "INSERT INTO platform.companies (id, name, slug, status, plan_id, admin_email, time_zone) \
           SELECT gen_random_uuid(), 'Company ' || n, 'listed-' || n, 'ACTIVE', (SELECT id FROM platform.plans WHERE name = 'PRO'), \
             'admin@company.test', 'Europe/Berlin' FROM generate_series(1, 950) AS n; \
         INSERT INTO platform.company_overview (company_id, employees_active, storage_bytes, active_seconds_30d, sessions_30d, screenshots_30d) \
           SELECT id, 20, 1000000, 3000000, 600, 6000 FROM platform.companies; \
         INSERT INTO platform.company_usage_daily (company_id, day, active_employees, sessions, active_seconds, screenshots, storage_bytes, events) \
           SELECT c.id, current_date - n, 20, 20, 100000, 200, 1000000, 20000 FROM platform.companies c, generate_series(0, 29) AS n",
    )?;
    Ok(())
}

fn company_with_agents(
    conn: &mut PgConnection,
    number: usize,
    company: Uuid,
) -> anyhow::Result<()> {
    let key = key(number);
    sql_query(
        "WITH made AS (INSERT INTO platform.companies (id, name, slug, status, plan_id, admin_email, time_zone) \
           SELECT $1, $2, $2, 'ACTIVE', id, 'admin@company.test', 'Europe/Berlin' FROM platform.plans WHERE name = 'PRO' RETURNING id), \
         key AS (INSERT INTO auth.company_keys (id, company_id, key_hash, prefix, sealed) \
           SELECT gen_random_uuid(), id, $3, left($4, 16), '\\x00' FROM made), \
         settings AS (INSERT INTO tenant.company_settings (company_id) SELECT id FROM made), \
         zone AS (INSERT INTO tenant.company_time_zones (company_id, valid_from, zone) SELECT id, '1970-01-01', 'Europe/Berlin' FROM made) \
         INSERT INTO tenant.company_usage (company_id) SELECT id FROM made",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<Text, _>(format!("company-{number}"))
    .bind::<Binary, _>(&sha256(key.as_bytes())[..])
    .bind::<Text, _>(&key)
    .execute(conn)?;
    Ok(())
}

/// Everybody with a password, a device and an open session.
fn people(conn: &mut PgConnection, agents: &[Agent], hash: &str) -> anyhow::Result<()> {
    let of = |number: usize| (number / PEOPLE, number % PEOPLE);
    let emails: Vec<_> = (0..agents.len()).map(|n| email(of(n).0, of(n).1)).collect();
    let devices: Vec<_> = (0..agents.len()).map(|n| id(2, of(n).0, of(n).1)).collect();
    sql_query(
        "WITH people AS (SELECT * FROM unnest($1, $2, $3, $4, $5) AS p (company_id, id, email, device, session)), \
         users AS (INSERT INTO tenant.users (company_id, id, email, name, role) SELECT company_id, id, email, 'Person', 'EMPLOYEE' FROM people), \
         passwords AS (INSERT INTO auth.credentials (user_id, company_id, email, role, password_hash) \
           SELECT id, company_id, email, 'EMPLOYEE', $6 FROM people), \
         devices AS (INSERT INTO tenant.devices (company_id, id, user_id, name, os, agent_version, key_id) \
           SELECT company_id, device, id, 'desk', 'Debian 12', '0.1.0', gen_random_uuid() FROM people) \
         INSERT INTO tenant.work_sessions (company_id, id, user_id, device_id, started_at, last_seen_at) \
           SELECT company_id, session, id, device, now() - interval '1 day', now() - interval '1 day' FROM people",
    )
    .bind::<Array<SqlUuid>, _>(agents.iter().map(|agent| agent.company).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(agents.iter().map(|agent| agent.user).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(emails)
    .bind::<Array<SqlUuid>, _>(devices)
    .bind::<Array<SqlUuid>, _>(agents.iter().map(|agent| agent.session).collect::<Vec<_>>())
    .bind::<Text, _>(hash)
    .execute(conn)?;
    Ok(())
}

/// A month of sums for everybody, and one person's day of 500 items.
fn days(conn: &mut PgConnection, agents: &[Agent], day: NaiveDate) -> anyhow::Result<()> {
    conn.batch_execute(
        "INSERT INTO tenant.user_usage_daily (company_id, user_id, day, tracked_seconds, active_seconds, idle_seconds, keystrokes, \
           mouse_events, sessions, screenshots, screenshot_bytes, events) \
           SELECT company_id, id, current_date - n, 28800, 25000, 3800, 10000, 20000, 2, 40, 4000000, 1500 FROM tenant.users, generate_series(3, 32) AS n",
    )?;
    let (company, user, session) = (agents[0].company, agents[0].user, agents[0].session);
    // As the job does for each of them; whose pages are read is this one's admin.
    let today = chrono::Utc::now().date_naive();
    for ago in 3..=32 {
        company_days::write(conn, company, today - chrono::Days::new(ago))?;
    }
    conn.batch_execute(&format!(
        "INSERT INTO tenant.application_usage (company_id, user_id, started_at, id, session_id, app, title, seconds) \
           SELECT '{company}', '{user}', '{day} 08:00:00+00'::timestamptz + n * interval '45 seconds', gen_random_uuid(), '{session}', \
             'app-' || n % 12, 'The title of window ' || n, 40 FROM generate_series(0, 499) AS n; \
         INSERT INTO tenant.activity_log (company_id, user_id, started_at, id, session_id, keystrokes, mouse_events, active_seconds, idle_seconds) \
           SELECT '{company}', '{user}', '{day} 08:00:00+00'::timestamptz + n * interval '1 minute', gen_random_uuid(), '{session}', \
             30, 40, 50, 10 FROM generate_series(0, 374) AS n"
    ))?;
    conn.batch_execute("VACUUM ANALYZE")?;
    Ok(())
}
