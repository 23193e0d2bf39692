//! Companies that were cancelled a month ago are erased: every row and every object. Each step may be done again, so that
//! a job that was broken off goes on where it was; in the end everything is looked through once more, and a certificate
//! says what was taken away.

use std::fmt::Write;

use anyhow::anyhow;
use chrono::{DateTime, Duration, SecondsFormat, Utc};
use diesel::sql_types::{BigInt, Binary, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::audit;
use super::queue::{self, Job, NewJob};
use crate::app::State;
use crate::db::placement::{PLACEMENT, Place};
use crate::objects;
use crate::secrets::{hex, sha256};
use crate::{Result, db::Db, directory};

pub(super) const FIND: &str = "erasures";
pub(super) const ERASE: &str = "erase_company";

/// How long nothing of a cancelled company is erased: the database has the same in `platform.erasure_is_due`.
pub(crate) const CHANGE_OF_MIND: Duration = Duration::days(30);

/// Tables that are as large as a company's people work long: taken away person by person, each in a transaction.
pub(super) const BY_PERSON: [&str; 20] = [
    "tenant.activity_log",
    "tenant.application_usage",
    "tenant.website_usage",
    "tenant.screenshots",
    "tenant.user_app_usage_daily",
    "tenant.user_host_usage_daily",
    "tenant.user_category_usage_daily",
    "tenant.user_task_usage_daily",
    "tenant.user_usage_daily",
    "tenant.user_app_usage_monthly",
    "tenant.user_host_usage_monthly",
    "tenant.user_usage_monthly",
    "tenant.ingest_batches",
    "tenant.disputes",
    "tenant.manual_times",
    "tenant.own_exports",
    "tenant.policy_acknowledgements",
    "tenant.reclassifications",
    "tenant.work_session_changes",
    "tenant.work_sessions",
];

/// The rest, what points at others before what it points at.
const WHOLE: [&str; 43] = [
    "tenant.app_usage_daily",
    "tenant.host_usage_daily",
    "tenant.usage_daily",
    "tenant.user_numbers",
    "tenant.audit_seals",
    "tenant.audit_unsealed",
    "tenant.access_entries",
    "tenant.audit_entries",
    "tenant.exports",
    "tenant.idempotency_keys",
    "tenant.invitations",
    "tenant.alerts",
    "tenant.alert_rules",
    "tenant.notifications",
    "tenant.notification_preferences",
    "tenant.monitoring_policies",
    "tenant.report_files",
    "tenant.saved_reports",
    "tenant.task_changes",
    "tenant.task_comments",
    "tenant.timers",
    "tenant.tasks",
    "tenant.devices",
    "tenant.removals",
    "tenant.setting_overrides",
    "tenant.team_admins",
    "tenant.team_leads",
    "tenant.users",
    "tenant.productivity_rules",
    "tenant.teams",
    "tenant.company_branding",
    "tenant.company_settings",
    "tenant.company_time_zones",
    "tenant.company_usage",
    "platform.company_key_usage",
    "platform.company_notes",
    "platform.company_overrides",
    "platform.company_overview",
    "platform.company_usage_daily",
    "platform.company_usage_monthly",
    "platform.expiry_reminders",
    "platform.jobs",
    "platform.planned_plan_changes",
];

/// What the vendor keeps: that the company was there, what it agreed to pay, and that it was erased.
const KEPT: [&str; 3] = [
    "platform.companies",
    "platform.erasures",
    "platform.subscriptions",
];

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Companies whose time to change their mind is over.
pub fn find(conn: &mut PgConnection) -> Result<()> {
    let due: Vec<Id> = sql_query(
        "SELECT c.id FROM platform.companies c LEFT JOIN platform.erasures e ON e.company_id = c.id \
         WHERE c.status = 'CANCELLED' AND c.cancelled_at <= $1 AND e.erased_at IS NULL ORDER BY c.id",
    )
    .bind::<Timestamptz, _>(Utc::now() - CHANGE_OF_MIND)
    .load(conn)?;
    let jobs: Vec<NewJob> = due.into_iter().map(|Id { id }| job(id)).collect();
    queue::enqueue(conn, &jobs)
}

#[derive(Deserialize)]
struct Payload {
    company_id: Uuid,
}

/// Of no company, as jobs of the company's own go with it.
fn job(company: Uuid) -> NewJob {
    let payload = json!({ "company_id": company });
    NewJob::new(Uuid::nil(), ERASE, payload, format!("{ERASE}:{company}"))
}

pub fn run(state: &State, job: &Job) -> Result<()> {
    let Payload { company_id: id } =
        serde_json::from_value(job.payload.clone()).map_err(anyhow::Error::from)?;
    let db = &state.db;
    if !db.platform_job_blocking(|conn| begin(conn, id))? {
        return Ok(());
    }
    db.auth_blocking(|conn| state.directory.load(conn, Some(id)))?;
    let hold = || db.platform_job_blocking(|conn| queue::hold(conn, job));
    let folder = format!("c/{id}");
    let stored = objects::wait(state.objects.sizes(&folder))?;
    db.platform_job_blocking(|conn| note_objects(conn, id, &stored))?;
    erase_secrets(db, id)?;
    erase_rows(db, id, &hold)?;
    objects::wait(async {
        for (key, _) in &stored {
            hold()?;
            state.objects.delete(key).await?;
        }
        Ok(())
    })?;
    db.erase_blocking(id, None, |conn| forget_company(conn, id))?;
    let left = objects::wait(state.objects.sizes(&folder))?;
    db.platform_job_blocking(|conn| certify(conn, id, left.len()))
}

/// Under lock, so that nobody brings the company back meanwhile. False when somebody has, or all is done.
fn begin(conn: &mut PgConnection, id: Uuid) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Due {
        #[diesel(sql_type = Nullable<Timestamptz>)]
        erased_at: Option<DateTime<Utc>>,
    }
    let due: Option<Id> = sql_query(
        "SELECT id FROM platform.companies WHERE id = $1 AND status = 'CANCELLED' AND cancelled_at <= $2 FOR UPDATE",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Timestamptz, _>(Utc::now() - CHANGE_OF_MIND)
    .get_result(conn)
    .optional()?;
    if due.is_none() {
        return Ok(false);
    }
    sql_query(
        "INSERT INTO platform.erasures (company_id, name, cancelled_at) \
         SELECT id, name, cancelled_at FROM platform.companies WHERE id = $1 ON CONFLICT DO NOTHING",
    )
    .bind::<SqlUuid, _>(id)
    .execute(conn)?;
    directory::tell(conn, "company", id)?;
    let Due { erased_at } =
        sql_query("SELECT erased_at FROM platform.erasures WHERE company_id = $1")
            .bind::<SqlUuid, _>(id)
            .get_result(conn)?;
    Ok(erased_at.is_none())
}

/// As many as there were before the first of them went.
fn note_objects(conn: &mut PgConnection, id: Uuid, stored: &[(String, u64)]) -> Result<()> {
    let bytes: u64 = stored.iter().map(|(_, size)| size).sum();
    sql_query(
        "UPDATE platform.erasures SET objects = $2, object_bytes = $3 WHERE company_id = $1 AND objects IS NULL",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<BigInt, _>(i64::try_from(stored.len()).map_err(anyhow::Error::from)?)
    .bind::<BigInt, _>(i64::try_from(bytes).map_err(anyhow::Error::from)?)
    .execute(conn)?;
    Ok(())
}

#[derive(QueryableByName)]
pub(super) struct Erased {
    #[diesel(sql_type = Text)]
    pub rel: String,
    #[diesel(sql_type = BigInt)]
    pub erased: i64,
}

fn erase_secrets(db: &Db, id: Uuid) -> Result<()> {
    db.erase_blocking(id, None, |conn| {
        let erased: Vec<Erased> =
            sql_query("SELECT rel, erased FROM auth.erase_company()").load(conn)?;
        erased
            .into_iter()
            .try_for_each(|Erased { rel, erased }| add(conn, id, &rel, erased))
    })
}

fn erase_rows(db: &Db, id: Uuid, hold: &impl Fn() -> Result<()>) -> Result<()> {
    let people: Vec<Id> = db.platform_job_blocking(|conn| {
        Ok(
            sql_query("SELECT id FROM tenant.users WHERE company_id = $1 ORDER BY id")
                .bind::<SqlUuid, _>(id)
                .load(conn)?,
        )
    })?;
    for rel in BY_PERSON {
        let text = format!("DELETE FROM {rel} WHERE company_id = $1 AND user_id = $2");
        for Id { id: person } in &people {
            hold()?;
            db.erase_blocking(id, None, |conn| {
                let erased = sql_query(&text)
                    .bind::<SqlUuid, _>(id)
                    .bind::<SqlUuid, _>(person)
                    .execute(conn)?;
                add(
                    conn,
                    id,
                    rel,
                    i64::try_from(erased).map_err(anyhow::Error::from)?,
                )
            })?;
        }
    }
    for rel in WHOLE {
        hold()?;
        let text = format!("DELETE FROM {rel} WHERE company_id = $1");
        db.erase_blocking(id, None, |conn| {
            let erased = sql_query(&text).bind::<SqlUuid, _>(id).execute(conn)?;
            add(
                conn,
                id,
                rel,
                i64::try_from(erased).map_err(anyhow::Error::from)?,
            )
        })?;
    }
    Ok(())
}

/// In the transaction in which they went: nothing is counted twice, and nothing goes uncounted.
fn add(conn: &mut PgConnection, id: Uuid, rel: &str, erased: i64) -> Result<()> {
    sql_query(
        "UPDATE platform.erasures SET tables = jsonb_set(tables, ARRAY[$2], to_jsonb(coalesce((tables ->> $2)::bigint, 0) + $3)) \
         WHERE company_id = $1",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Text, _>(rel)
    .bind::<BigInt, _>(erased)
    .execute(conn)?;
    Ok(())
}

/// The row stays, as the history of what was paid hangs on it. Its short name is free for others.
fn forget_company(conn: &mut PgConnection, id: Uuid) -> Result<()> {
    sql_query(
        "UPDATE platform.companies SET slug = $2, admin_email = 'erased', display_name = NULL, colour = NULL, logo_key = NULL, \
           suspended_reason = NULL, updated_at = now() WHERE id = $1",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Text, _>(format!("erased-{}", id.simple()))
    .execute(conn)?;
    Ok(())
}

#[derive(QueryableByName)]
pub(super) struct Left {
    #[diesel(sql_type = BigInt)]
    pub entries: i64,
}

/// Rows that a table still has of the company, whether or not they were to go.
fn left(conn: &mut PgConnection, rel: &str, id: Uuid) -> Result<i64> {
    let company = match rel {
        "platform.companies" => "id",
        _ => "company_id",
    };
    let text = format!("SELECT count(*) AS entries FROM {rel} WHERE {company} = $1");
    let Left { entries } = sql_query(text).bind::<SqlUuid, _>(id).get_result(conn)?;
    Ok(entries)
}

/// Looks through every table there is, not only those that were emptied.
fn nothing_is_left(conn: &mut PgConnection, id: Uuid, objects: usize) -> Result<()> {
    let mut found = match objects {
        0 => Vec::new(),
        left => vec![format!("{left} objects")],
    };
    let of_companies = PLACEMENT
        .iter()
        .filter(|(_, place)| matches!(place, Place::Tenant | Place::PlatformByCompany));
    for (rel, _) in of_companies.filter(|(rel, _)| !KEPT.contains(rel)) {
        let entries = left(conn, rel, id)?;
        if entries > 0 {
            found.push(format!("{entries} rows of {rel}"));
        }
    }
    let secrets: Left = sql_query(
        "SELECT coalesce(sum(entries), 0)::bigint AS entries FROM auth.census() WHERE company_id = $1",
    )
    .bind::<SqlUuid, _>(id)
    .get_result(conn)?;
    if secrets.entries > 0 {
        found.push(format!("{} rows of schema auth", secrets.entries));
    }
    match found.is_empty() {
        true => Ok(()),
        // Written by work that was under way as the erasure began: the next attempt takes it along.
        false => Err(anyhow!(
            "there is still something of the company: {}",
            found.join(", ")
        )
        .into()),
    }
}

#[derive(QueryableByName)]
struct Erasure {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Timestamptz)]
    cancelled_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    started_at: DateTime<Utc>,
    #[diesel(sql_type = Jsonb)]
    tables: Value,
    #[diesel(sql_type = Nullable<BigInt>)]
    objects: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    object_bytes: Option<i64>,
}

impl Erasure {
    /// A text that people can read and whose hash anybody can reckon.
    fn certificate(
        &self,
        id: Uuid,
        erased_at: DateTime<Utc>,
        subscriptions: i64,
    ) -> Result<String> {
        let Self {
            name,
            cancelled_at,
            started_at,
            tables,
            objects,
            object_bytes,
        } = self;
        let time = |at: &DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let (mut rows, mut all) = (String::new(), 0);
        for (table, erased) in tables.as_object().into_iter().flatten() {
            let erased = erased.as_i64().unwrap_or_default();
            all += erased;
            writeln!(rows, "{table:<32}{erased:>14}").map_err(anyhow::Error::from)?;
        }
        Ok(format!(
            "Certificate of erasure\n\n\
             Company     {name}\n\
             Id          {id}\n\
             Cancelled   {}\n\
             Begun       {}\n\
             Erased      {}\n\n\
             Rows erased\n{rows}{:<32}{all:>14}\n\n\
             Stored objects erased: {}, {} bytes, all below c/{id}/\n\n\
             Afterwards every table and the store were searched for the company once more. Nothing was found.\n\n\
             Kept as the vendor's own books: the company's name and id, {subscriptions} entries of what was agreed and paid,\n\
             what owners did to the company (audit log), and this certificate. Backups run out on their own schedule.\n",
            time(cancelled_at),
            time(started_at),
            time(&erased_at),
            "in all",
            objects.unwrap_or_default(),
            object_bytes.unwrap_or_default(),
        ))
    }
}

/// The last step: nothing is left, which the certificate says, whose hash stands in the sealed audit log.
fn certify(conn: &mut PgConnection, id: Uuid, objects: usize) -> Result<()> {
    nothing_is_left(conn, id, objects)?;
    let erasure: Erasure = sql_query(
        "SELECT name, cancelled_at, started_at, tables, objects, object_bytes FROM platform.erasures WHERE company_id = $1 FOR UPDATE",
    )
    .bind::<SqlUuid, _>(id)
    .get_result(conn)?;
    let erased_at = Utc::now();
    let subscriptions = left(conn, "platform.subscriptions", id)?;
    let certificate = erasure.certificate(id, erased_at, subscriptions)?;
    let hash = sha256(certificate.as_bytes());
    let certified = sql_query(
        "UPDATE platform.erasures SET erased_at = $2, certificate = $3, sha256 = $4 WHERE company_id = $1 AND erased_at IS NULL",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Timestamptz, _>(erased_at)
    .bind::<Text, _>(&certificate)
    .bind::<Binary, _>(&hash[..])
    .execute(conn)?;
    if certified == 0 {
        return Ok(());
    }
    let detail = json!({ "name": erasure.name, "sha256": hex(&hash) });
    audit::record(conn, "company.erased", id, detail)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_table_of_a_company_is_forgotten() {
        let of_companies = PLACEMENT
            .iter()
            .filter(|(_, place)| matches!(place, Place::Tenant | Place::PlatformByCompany));
        let all: BTreeSet<&str> = of_companies.map(|(rel, _)| *rel).collect();
        let here: BTreeSet<&str> = BY_PERSON.into_iter().chain(WHOLE).chain(KEPT).collect();
        assert_eq!(all, here);
    }
}
