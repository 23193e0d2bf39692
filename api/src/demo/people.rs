//! A company's people with their accounts and devices, and one who was invited and has not answered yet.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use diesel::sql_types::{Array, Binary, Bool, Date, Integer, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{RunQueryDsl, sql_query};
use uuid::Uuid;

use super::Demo;
use super::cast::{Company, Person};
use super::companies;
use super::dice::Dice;
use crate::Result;
use crate::account::invitations;
use crate::db::{Scope, Tx};

/// Who works, and on which device.
pub(super) struct Staff<'a> {
    pub person: &'a Person<'a>,
    pub id: Uuid,
    pub device: Uuid,
    /// Whether there are pictures of the last days.
    pub is_pictured: bool,
}

/// People of a company with pictures, at most: files take longer to make than rows.
const PICTURED: usize = 50;

pub(super) fn email(company: &Company, person: &Person) -> String {
    format!("{}@{}.test", person.mailbox, company.slug)
}

pub(super) fn make<'a>(
    demo: &Demo,
    company: &Company<'a>,
    id: Uuid,
    password_hash: &str,
) -> Result<Vec<Staff<'a>>> {
    let joined_at = demo.now - Duration::days(company.made);
    let key = companies::key(demo, id)?;
    demo.db.tenant_blocking(Scope::job(id), |mut tx| {
        settle_in(&mut tx, company, joined_at)?;
        let mut staff = Vec::new();
        for (nth, person) in company.people.iter().enumerate() {
            let mut dice = Dice::new(&email(company, person));
            let one = Staff {
                person,
                id: dice.id(joined_at),
                device: dice.id(joined_at),
                is_pictured: person.is_here_today && nth < PICTURED,
            };
            join(&mut tx, company, &one, joined_at, password_hash)?;
            add_device(&mut tx, &one, key, company.stopped_at(demo.now))?;
            if person.has_left {
                leave(&mut tx, &one, demo.now - Duration::days(LEFT))?;
            }
            staff.push(one);
        }
        make_teams(&mut tx, company, &staff, joined_at)?;
        if company.status == "ACTIVE" {
            invite(
                &mut tx,
                company,
                staff.first().map(|first| first.id),
                demo.now,
            )?;
        }
        Ok(staff)
    })
}

/// Days since those who left are gone.
pub(super) const LEFT: i64 = 20;

fn settle_in(tx: &mut Tx, company: &Company, since: DateTime<Utc>) -> Result<()> {
    // The trial company wants its pictures blurred, to show that one may; its leads see sums alone.
    sql_query(
        "INSERT INTO tenant.company_settings (company_id, record_paths, blur_screenshots, leads_see, updated_at) \
         VALUES ($1, true, $2, CASE WHEN $2 THEN 'team_sums' ELSE 'people' END, $3)",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Bool, _>(company.blurs())
    .bind::<Timestamptz, _>(since)
    .execute(tx.conn)?;
    sql_query(
        "INSERT INTO tenant.company_time_zones (company_id, valid_from, zone) VALUES ($1, $2, $3)",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Date, _>(NaiveDate::default())
    .bind::<Text, _>(company.zone)
    .execute(tx.conn)?;
    let active = company
        .people
        .iter()
        .filter(|person| !person.has_left)
        .count();
    sql_query("INSERT INTO tenant.company_usage (company_id, seats_used) VALUES ($1, $2)")
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Integer, _>(i32::try_from(active).unwrap_or_default())
        .execute(tx.conn)?;
    Ok(())
}

impl Company<'_> {
    pub fn blurs(&self) -> bool {
        self.status == "TRIAL"
    }
}

/// The account comes by a link that is opened at once: there is no other way to make one.
fn join(
    tx: &mut Tx,
    company: &Company,
    staff: &Staff,
    joined_at: DateTime<Utc>,
    password_hash: &str,
) -> Result<()> {
    let (email, role) = (
        email(company, staff.person),
        if staff.person.is_admin {
            "ADMIN"
        } else {
            "EMPLOYEE"
        },
    );
    let (_, token_hash) = invitations::new_token(Some(tx.company))?;
    issue_link(
        tx,
        &token_hash,
        Uuid::now_v7(),
        &email,
        staff.person.name,
        role,
    )?;
    sql_query("SELECT auth.accept_invitation_link($1, $2, $3)")
        .bind::<Binary, _>(&token_hash[..])
        .bind::<SqlUuid, _>(staff.id)
        .bind::<Text, _>(password_hash)
        .execute(tx.conn)?;
    sql_query("INSERT INTO tenant.users (company_id, id, email, name, role, created_at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(staff.id)
        .bind::<Text, _>(&email)
        .bind::<Text, _>(staff.person.name)
        .bind::<Text, _>(role)
        .bind::<Timestamptz, _>(joined_at)
        .execute(tx.conn)?;
    Ok(())
}

fn issue_link(
    tx: &mut Tx,
    token_hash: &[u8; 32],
    invitation: Uuid,
    email: &str,
    name: &str,
    role: &str,
) -> Result<()> {
    sql_query("SELECT auth.issue_invitation_link($1, $2, $3, $4, $5, $6)")
        .bind::<Binary, _>(&token_hash[..])
        .bind::<SqlUuid, _>(invitation)
        .bind::<Text, _>(email)
        .bind::<Text, _>(name)
        .bind::<Text, _>(role)
        .bind::<Timestamptz, _>(Utc::now() + invitations::LIFETIME)
        .execute(tx.conn)?;
    Ok(())
}

fn add_device(tx: &mut Tx, staff: &Staff, key: Uuid, last_seen_at: DateTime<Utc>) -> Result<()> {
    sql_query(
        "INSERT INTO tenant.devices (company_id, id, user_id, name, os, agent_version, key_id, last_seen_at) \
         VALUES ($1, $2, $3, $4, 'Debian GNU/Linux 12, X11', $5, $6, $7)",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(staff.device)
    .bind::<SqlUuid, _>(staff.id)
    .bind::<Text, _>(format!("desk-{}", staff.person.mailbox))
    .bind::<Text, _>(env!("CARGO_PKG_VERSION"))
    .bind::<SqlUuid, _>(key)
    .bind::<Timestamptz, _>(last_seen_at)
    .execute(tx.conn)?;
    Ok(())
}

fn leave(tx: &mut Tx, staff: &Staff, left_at: DateTime<Utc>) -> Result<()> {
    sql_query("UPDATE tenant.users SET deactivated_at = $3 WHERE company_id = $1 AND id = $2")
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(staff.id)
        .bind::<Timestamptz, _>(left_at)
        .execute(tx.conn)?;
    sql_query("SELECT auth.set_disabled($1, true)")
        .bind::<SqlUuid, _>(staff.id)
        .execute(tx.conn)?;
    Ok(())
}

/// Everybody but the first, who runs the company, is in one of them.
fn make_teams(
    tx: &mut Tx,
    company: &Company,
    staff: &[Staff],
    made_at: DateTime<Utc>,
) -> Result<()> {
    for (nth, name) in company.teams.iter().enumerate() {
        let id = Dice::new(&format!("{name} {}", company.slug)).id(made_at);
        sql_query(
            "INSERT INTO tenant.teams (company_id, id, name, created_at) VALUES ($1, $2, $3, $4)",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(*name)
        .bind::<Timestamptz, _>(made_at)
        .execute(tx.conn)?;
        let members: Vec<Uuid> = staff
            .iter()
            .skip(1 + nth)
            .step_by(company.teams.len())
            .map(|one| one.id)
            .collect();
        sql_query("UPDATE tenant.users SET team_id = $2 WHERE company_id = $1 AND id = ANY ($3)")
            .bind::<SqlUuid, _>(tx.company)
            .bind::<SqlUuid, _>(id)
            .bind::<Array<SqlUuid>, _>(&members)
            .execute(tx.conn)?;
        // The first of the company's teams has a lead.
        if let (0, Some(lead)) = (nth, members.first()) {
            sql_query(
                "INSERT INTO tenant.team_leads (company_id, team_id, user_id) VALUES ($1, $2, $3)",
            )
            .bind::<SqlUuid, _>(tx.company)
            .bind::<SqlUuid, _>(id)
            .bind::<SqlUuid, _>(lead)
            .execute(tx.conn)?;
        }
    }
    Ok(())
}

fn invite(
    tx: &mut Tx,
    company: &Company,
    invited_by: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<()> {
    let (email, name) = (format!("newcomer@{}.test", company.slug), "Nils Newcomer");
    let id = Dice::new(&email).id(now - Duration::days(1));
    let (_, token_hash) = invitations::new_token(Some(tx.company))?;
    sql_query(
        "INSERT INTO tenant.invitations (company_id, id, email, name, role, invited_by, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, 'EMPLOYEE', $5, $6, $7)",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .bind::<Text, _>(&email)
    .bind::<Text, _>(name)
    .bind::<SqlUuid, _>(invited_by.unwrap_or_default())
    .bind::<Timestamptz, _>(now - Duration::days(1))
    .bind::<Timestamptz, _>(now + invitations::LIFETIME)
    .execute(tx.conn)?;
    issue_link(tx, &token_hash, id, &email, name, "EMPLOYEE")?;
    sql_query("UPDATE tenant.company_usage SET seats_used = seats_used + 1 WHERE company_id = $1")
        .bind::<SqlUuid, _>(tx.company)
        .execute(tx.conn)?;
    Ok(())
}
