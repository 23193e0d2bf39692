//! A person whose removal an admin asked for is erased: pictures first, as their rows say where they are, then rows, at
//! last the name. Each step may be done again; in the end every table is looked through once more.

use anyhow::anyhow;
use chrono::Utc;
use diesel::pg::Pg;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_types::{Array, BigInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::erasures::{BY_PERSON, Erased, Left};
use super::queue::{self, Job, NewJob};
use crate::app::State;
use crate::company::audit;
use crate::db::{Scope, Tx};
use crate::objects;
use crate::tracking::company_days;
use crate::{Result, db::Db};

pub(super) const KIND: &str = "remove_employee";

/// Pictures whose files and rows go in one step.
const PICTURES: i64 = 500;

/// Besides the tables that are emptied person by person: which rows go, of the company `$1` the person `$2` whose address is
/// `$3`. What points at others goes before what it points at.
const ROWS: [(&str, &str); 16] = [
    ("tenant.access_entries", "subject_id = $2"),
    ("tenant.idempotency_keys", "actor_id = $2"),
    ("tenant.exports", "requested_by = $2"),
    ("tenant.report_files", "requested_by = $2"),
    ("tenant.saved_reports", "created_by = $2"),
    ("tenant.invitations", "email = $3"),
    ("tenant.alerts", "user_id = $2"),
    ("tenant.alert_rules", "user_id = $2"),
    ("tenant.notifications", "user_id = $2"),
    ("tenant.notification_preferences", "user_id = $2"),
    ("tenant.setting_overrides", "user_id = $2"),
    ("tenant.team_admins", "user_id = $2"),
    ("tenant.team_leads", "user_id = $2"),
    ("tenant.timers", "user_id = $2"),
    ("tenant.devices", "user_id = $2"),
    ("platform.jobs", "strpos(payload::text, $2::text) > 0"),
];

/// What is kept, and loses the name.
const NAMES: [&str; 10] = [
    "UPDATE tenant.access_entries SET viewer_name = 'Removed person' WHERE company_id = $1 AND viewer_id = $2",
    "UPDATE tenant.audit_entries SET actor = 'removed person' WHERE company_id = $1 AND actor_id = $2",
    "UPDATE tenant.work_session_changes SET actor_name = 'Removed person' WHERE company_id = $1 AND actor_id = $2",
    "UPDATE tenant.manual_times SET created_by_name = CASE WHEN created_by = $2 THEN 'Removed person' ELSE created_by_name END, \
     decided_by_name = CASE WHEN decided_by = $2 THEN 'Removed person' ELSE decided_by_name END \
     WHERE company_id = $1 AND $2 IN (created_by, decided_by)",
    "UPDATE tenant.disputes SET answered_by_name = 'Removed person' WHERE company_id = $1 AND answered_by = $2",
    "UPDATE tenant.task_changes SET actor_name = 'Removed person' WHERE company_id = $1 AND actor_id = $2",
    "UPDATE tenant.task_comments SET author_name = 'Removed person' WHERE company_id = $1 AND author_id = $2",
    "UPDATE tenant.screenshots SET deleted_by_name = 'Removed person' WHERE company_id = $1 AND deleted_by = $2",
    "UPDATE tenant.tasks SET assignee_id = NULL WHERE company_id = $1 AND assignee_id = $2",
    "UPDATE tenant.users SET name = 'Removed person', email = 'removed-' || $2, team_id = NULL, role = 'EMPLOYEE' \
     WHERE company_id = $1 AND id = $2",
];

/// Every table that rows go from, and which.
fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    let of_person = BY_PERSON.map(|rel| (rel, "user_id = $2"));
    of_person.into_iter().chain(ROWS)
}

#[derive(Deserialize)]
struct Payload {
    removal_id: Uuid,
}

/// The job of a removal, for the transaction that asks for it. It names the removal: jobs that name the person go.
pub(crate) fn job(company: Uuid, removal: Uuid) -> NewJob {
    let payload = json!({ "removal_id": removal });
    NewJob::new(company, KIND, payload, format!("{KIND}:{removal}"))
}

/// Whose rows the eraser may take away.
#[derive(Clone, Copy)]
struct Whose<'a> {
    db: &'a Db,
    company: Uuid,
    person: Uuid,
}

impl Whose<'_> {
    fn erase<T>(self, work: impl FnOnce(&mut PgConnection) -> Result<T>) -> Result<T> {
        let Self {
            db,
            company,
            person,
        } = self;
        db.erase_blocking(company, Some(person), work)
    }
}

pub fn run(state: &State, job: &Job) -> Result<()> {
    let Payload { removal_id } =
        serde_json::from_value(job.payload.clone()).map_err(anyhow::Error::from)?;
    let (db, company) = (&state.db, job.company_id);
    let find = |tx: Tx| open(tx, removal_id);
    let Some(person) = db.tenant_blocking(Scope::job(company), find)? else {
        return Ok(());
    };
    let whose = Whose {
        db,
        company,
        person,
    };
    let hold = || db.platform_job_blocking(|conn| queue::hold(conn, job));
    let email = whose.erase(|conn| hide(conn, whose))?;
    whose.erase(|conn| erase_secrets(conn, whose))?;
    while erase_pictures(state, whose)? {
        hold()?;
    }
    erase_files(state, whose)?;
    // A picture that came late is left for the next attempt, which finds its file by its row.
    for (rel, which) in rows().filter(|(rel, _)| *rel != "tenant.screenshots") {
        hold()?;
        let text = format!("DELETE FROM {rel} WHERE company_id = $1 AND {which}");
        whose.erase(|conn| {
            let erased = with(&text, whose, &email).execute(conn)?;
            add(
                conn,
                whose,
                rel,
                i64::try_from(erased).map_err(anyhow::Error::from)?,
            )
        })?;
    }
    // The company's days were summed with them.
    let scope = Scope::job(company);
    for day in db.tenant_blocking(scope, |tx| {
        company_days::of_person(tx.conn, tx.company, person)
    })? {
        hold()?;
        db.tenant_blocking(scope, |tx| company_days::write(tx.conn, tx.company, day))?;
    }
    whose.erase(|conn| {
        for text in NAMES {
            with(text, whose, &email).execute(conn)?;
        }
        Ok(())
    })?;
    let secrets = db.platform_job_blocking(|conn| secrets_left(conn, whose))?;
    db.tenant_blocking(Scope::job(company), |tx| {
        finish(tx, removal_id, whose, &email, secrets)
    })
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Who is to be removed, unless that is done.
fn open(tx: Tx, removal: Uuid) -> Result<Option<Uuid>> {
    let found: Option<Id> = sql_query(
        "SELECT user_id AS id FROM tenant.removals WHERE company_id = $1 AND id = $2 AND removed_at IS NULL",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(removal)
    .get_result(tx.conn)
    .optional()?;
    Ok(found.map(|Id { id }| id))
}

/// From now on no role of the company finds the person. Their address, by which some rows know them.
fn hide(
    conn: &mut PgConnection,
    Whose {
        company, person, ..
    }: Whose,
) -> Result<String> {
    #[derive(QueryableByName)]
    struct Hidden {
        #[diesel(sql_type = Text)]
        email: String,
    }
    let hidden: Hidden = sql_query(
        "UPDATE tenant.users SET removed_at = $3 WHERE company_id = $1 AND id = $2 RETURNING email",
    )
    .bind::<SqlUuid, _>(company)
    .bind::<SqlUuid, _>(person)
    .bind::<Timestamptz, _>(Utc::now())
    .get_result(conn)?;
    Ok(hidden.email)
}

fn with<'a>(
    text: &'a str,
    Whose {
        company, person, ..
    }: Whose,
    email: &'a str,
) -> BoxedSqlQuery<'a, Pg, SqlQuery> {
    sql_query(text)
        .into_boxed()
        .bind::<SqlUuid, _>(company)
        .bind::<SqlUuid, _>(person)
        .bind::<Text, _>(email)
}

fn erase_secrets(conn: &mut PgConnection, whose: Whose) -> Result<()> {
    let erased: Vec<Erased> =
        sql_query("SELECT rel, erased FROM auth.erase_person()").load(conn)?;
    erased
        .into_iter()
        .try_for_each(|Erased { rel, erased }| add(conn, whose, &rel, erased))
}

#[derive(QueryableByName)]
struct Picture {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    object_key: String,
    #[diesel(sql_type = Text)]
    thumbnail_key: String,
    #[diesel(sql_type = BigInt)]
    bytes: i64,
}

/// Some pictures, files before rows; false when there is none left.
fn erase_pictures(state: &State, whose: Whose) -> Result<bool> {
    let Whose {
        company, person, ..
    } = whose;
    let pictures: Vec<Picture> = whose.erase(|conn| {
        let some = sql_query(
            "SELECT id, object_key, thumbnail_key, bytes FROM tenant.screenshots WHERE company_id = $1 AND user_id = $2 LIMIT $3",
        );
        Ok(some
            .bind::<SqlUuid, _>(company)
            .bind::<SqlUuid, _>(person)
            .bind::<BigInt, _>(PICTURES)
            .load(conn)?)
    })?;
    let keys: Vec<&str> = pictures
        .iter()
        .flat_map(|one| [one.object_key.as_str(), one.thumbnail_key.as_str()])
        .collect();
    delete(state, &keys)?;
    let ids: Vec<Uuid> = pictures.iter().map(|one| one.id).collect();
    let bytes: i64 = pictures.iter().map(|one| one.bytes).sum();
    whose.erase(|conn| {
        let erased = sql_query(
            "DELETE FROM tenant.screenshots WHERE company_id = $1 AND user_id = $2 AND id = ANY ($3)",
        )
        .bind::<SqlUuid, _>(company)
        .bind::<SqlUuid, _>(person)
        .bind::<Array<SqlUuid>, _>(&ids)
        .execute(conn)?;
        sql_query(
            "UPDATE tenant.company_usage SET storage_bytes = greatest(0, storage_bytes - $2) WHERE company_id = $1",
        )
        .bind::<SqlUuid, _>(company)
        .bind::<BigInt, _>(bytes)
        .execute(conn)?;
        add_objects(conn, whose, keys.len())?;
        let erased = i64::try_from(erased).map_err(anyhow::Error::from)?;
        add(conn, whose, "tenant.screenshots", erased)
    })?;
    Ok(!ids.is_empty())
}

/// Exports and reports that the person asked for: nobody else could fetch them.
fn erase_files(state: &State, whose: Whose) -> Result<()> {
    #[derive(QueryableByName)]
    struct File {
        #[diesel(sql_type = Text)]
        object_key: String,
    }
    let files: Vec<File> = whose.erase(|conn| {
        let files = sql_query(
            "SELECT object_key FROM tenant.exports WHERE company_id = $1 AND requested_by = $2 AND object_key IS NOT NULL \
             UNION ALL SELECT object_key FROM tenant.report_files WHERE company_id = $1 AND requested_by = $2 AND object_key IS NOT NULL \
             UNION ALL SELECT object_key FROM tenant.own_exports WHERE company_id = $1 AND user_id = $2 AND object_key IS NOT NULL",
        );
        Ok(files
            .bind::<SqlUuid, _>(whose.company)
            .bind::<SqlUuid, _>(whose.person)
            .load(conn)?)
    })?;
    let keys: Vec<&str> = files.iter().map(|one| one.object_key.as_str()).collect();
    delete(state, &keys)?;
    whose.erase(|conn| add_objects(conn, whose, keys.len()))
}

fn delete(state: &State, keys: &[&str]) -> Result<()> {
    objects::wait(async {
        for key in keys {
            state.objects.delete(key).await?;
        }
        Ok(())
    })
}

fn add(conn: &mut PgConnection, whose: Whose, rel: &str, erased: i64) -> Result<()> {
    sql_query(
        "UPDATE tenant.removals SET tables = jsonb_set(tables, ARRAY[$3], to_jsonb(coalesce((tables ->> $3)::bigint, 0) + $4)) \
         WHERE company_id = $1 AND user_id = $2",
    )
    .bind::<SqlUuid, _>(whose.company)
    .bind::<SqlUuid, _>(whose.person)
    .bind::<Text, _>(rel)
    .bind::<BigInt, _>(erased)
    .execute(conn)?;
    Ok(())
}

fn add_objects(conn: &mut PgConnection, whose: Whose, erased: usize) -> Result<()> {
    sql_query(
        "UPDATE tenant.removals SET objects = objects + $3 WHERE company_id = $1 AND user_id = $2",
    )
    .bind::<SqlUuid, _>(whose.company)
    .bind::<SqlUuid, _>(whose.person)
    .bind::<BigInt, _>(i64::try_from(erased).map_err(anyhow::Error::from)?)
    .execute(conn)?;
    Ok(())
}

/// By the role that counts for all companies, not the one that took away.
fn secrets_left(conn: &mut PgConnection, whose: Whose) -> Result<i64> {
    let left: Left = sql_query(
        "SELECT (SELECT coalesce(sum(entries), 0)::bigint FROM auth.census() WHERE user_id = $2) \
           + (SELECT count(*) FROM platform.jobs WHERE company_id = $1 AND strpos(payload::text, $2::text) > 0) AS entries",
    )
    .bind::<SqlUuid, _>(whose.company)
    .bind::<SqlUuid, _>(whose.person)
    .get_result(conn)?;
    Ok(left.entries)
}

/// The last search, by a role that sees all of the company.
fn finish(mut tx: Tx, removal: Uuid, whose: Whose, email: &str, secrets: i64) -> Result<()> {
    let mut found = match secrets {
        0 => Vec::new(),
        left => vec![format!("{left} rows of sign-ins or jobs")],
    };
    for (rel, which) in rows().filter(|(rel, _)| *rel != "platform.jobs") {
        let text =
            format!("SELECT count(*) AS entries FROM {rel} WHERE company_id = $1 AND {which}");
        let Left { entries } = with(&text, whose, email).get_result(tx.conn)?;
        if entries > 0 {
            found.push(format!("{entries} rows of {rel}"));
        }
    }
    let days = company_days::of_person(tx.conn, tx.company, whose.person)?;
    if !days.is_empty() {
        found.push(format!("a part in {} of the company's days", days.len()));
    }
    if !found.is_empty() {
        // Written by work that was under way: the next attempt takes it along.
        let found = found.join(", ");
        return Err(anyhow!("there is still something of the person: {found}").into());
    }
    sql_query("UPDATE tenant.removals SET removed_at = $3 WHERE company_id = $1 AND id = $2")
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(removal)
        .bind::<Timestamptz, _>(Utc::now())
        .execute(tx.conn)?;
    let detail = json!({ "removal_id": removal, "user_id": whose.person });
    audit::record(tx.again(), "employee.removed", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEOPLE: [&str; 13] = [
        "answered_by",
        "decided_by",
        "acknowledged_by",
        "user_id",
        "deleted_by",
        "actor_id",
        "author_id",
        "subject_id",
        "viewer_id",
        "requested_by",
        "assignee_id",
        "created_by",
        "invited_by",
    ];

    /// What still points at the row without a name, and why.
    const KEPT: [(&str, &str); 17] = [
        // A look at the person was sealed: of the look itself nothing is left.
        ("audit_seals", "subject_id"),
        // Whom the person looked at reads that somebody did.
        ("access_entries", "viewer_id"),
        // What the person changed stays written down.
        ("audit_entries", "actor_id"),
        ("work_session_changes", "actor_id"),
        ("screenshots", "deleted_by"),
        ("manual_times", "created_by"),
        ("manual_times", "decided_by"),
        ("disputes", "answered_by"),
        ("task_changes", "actor_id"),
        ("task_comments", "author_id"),
        // A bit that nobody has any more, in any of the company's days.
        ("user_numbers", "user_id"),
        // They are the company's.
        ("invitations", "invited_by"),
        ("tasks", "created_by"),
        ("alert_rules", "created_by"),
        ("alerts", "acknowledged_by"),
        // It says that somebody was removed.
        ("removals", "user_id"),
        ("removals", "requested_by"),
    ];

    #[test]
    fn no_column_that_names_a_person_is_forgotten() {
        let schema = include_str!("../db/schema.rs");
        let (mut table, mut seen) = ("", 0);
        for line in schema.lines().map(str::trim) {
            if let Some(rest) = line.strip_prefix("tenant.") {
                table = rest.split(' ').next().unwrap();
            } else if line.starts_with("platform.") || line.starts_with("auth.") {
                table = "";
            }
            let Some((column, "Uuid," | "Nullable<Uuid>,")) = line.split_once(" -> ") else {
                continue;
            };
            if table.is_empty() || !PEOPLE.contains(&column) {
                continue;
            }
            seen += 1;
            let rel = format!("tenant.{table}");
            let goes = column == "user_id" && BY_PERSON.contains(&rel.as_str())
                || ROWS.contains(&(rel.as_str(), format!("{column} = $2").as_str()));
            let set = format!("UPDATE {rel} SET {column} = NULL");
            let is_cleared = NAMES.iter().any(|text| text.starts_with(&set));
            assert!(
                goes || is_cleared || KEPT.contains(&(table, column)),
                "{table}.{column}"
            );
        }
        assert!(seen > 15, "{seen}");
    }
}
