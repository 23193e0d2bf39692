//! Reminders that a trial or a subscription ends, or that a cancelled company is erased: 7, 3 and 1 days before, each once. A row says that one went out, so that
//! no restart repeats it; another end has reminders of its own.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{
    ExpressionMethods, OptionalExtension, PgConnection, QueryDsl, QueryableByName, RunQueryDsl,
    sql_query,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::{Builder, Uuid};

use super::erasures::CHANGE_OF_MIND;
use super::mail;
use super::queue::{self, Job, NewJob};
use crate::app::State;
use crate::db::schema::tenant::users;
use crate::db::{Scope, Tx};
use crate::directory::Company;
use crate::secrets::sha256;
use crate::{Result, db::Db};

pub(super) const FIND: &str = "reminders";
pub(super) const REMIND: &str = "remind";

/// Days before the end, the longest first.
const DAYS: [i32; 3] = [7, 3, 1];

#[derive(QueryableByName)]
struct Due {
    #[diesel(sql_type = SqlUuid)]
    company_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    ends_at: DateTime<Utc>,
    #[diesel(sql_type = Integer)]
    days: i32,
}

/// What is about to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ending {
    pub ends_at: DateTime<Utc>,
}

/// Writes down which reminders are due and queues one for each company: where several came due at once, as for a trial
/// extended by two days, the one that says the least time.
pub fn find(conn: &mut PgConnection) -> Result<()> {
    let due: Vec<Due> = sql_query(
        "WITH ending AS (SELECT id, CASE status WHEN 'TRIAL' THEN trial_ends_at WHEN 'ACTIVE' THEN expires_at \
             ELSE cancelled_at + make_interval(days => $3) END AS ends_at \
           FROM platform.companies WHERE status IN ('TRIAL', 'ACTIVE', 'CANCELLED')), \
         due AS (INSERT INTO platform.expiry_reminders (company_id, ends_at, days) \
           SELECT e.id, e.ends_at, d.days FROM ending e, unnest($2) AS d (days) \
           WHERE e.ends_at > $1 AND e.ends_at <= $1 + make_interval(hours => 24 * d.days) \
           ON CONFLICT DO NOTHING RETURNING company_id, ends_at, days) \
         SELECT company_id, ends_at, min(days) AS days FROM due GROUP BY company_id, ends_at",
    )
    .bind::<Timestamptz, _>(Utc::now())
    .bind::<Array<Integer>, _>(&DAYS[..])
    .bind::<Integer, _>(i32::try_from(CHANGE_OF_MIND.num_days()).map_err(anyhow::Error::from)?)
    .load(conn)?;
    let jobs: Vec<NewJob> = due
        .into_iter()
        .map(|due| {
            let key = format!("{REMIND}:{}:{}:{}", due.company_id, due.ends_at, due.days);
            let ending = Ending {
                ends_at: due.ends_at,
            };
            NewJob::new(due.company_id, REMIND, json!(ending), key)
        })
        .collect();
    queue::enqueue(conn, &jobs)
}

#[derive(QueryableByName)]
struct Standing {
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    trial_ends_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    expires_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Text)]
    admin_email: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    cancelled_at: Option<DateTime<Utc>>,
}

impl Standing {
    fn of(conn: &mut PgConnection, company: Uuid) -> Result<Option<Self>> {
        let query = sql_query(
            "SELECT status, trial_ends_at, expires_at, admin_email, cancelled_at FROM platform.companies WHERE id = $1",
        );
        Ok(query
            .bind::<SqlUuid, _>(company)
            .get_result(conn)
            .optional()?)
    }

    /// Not extended, suspended, cancelled or brought back since.
    fn still_ends(&self, ending: Ending) -> bool {
        let end = match self.status.as_str() {
            "TRIAL" => self.trial_ends_at,
            "ACTIVE" => self.expires_at,
            "CANCELLED" => self.cancelled_at.map(|at| at + CHANGE_OF_MIND),
            _ => None,
        };
        end == Some(ending.ends_at)
    }
}

/// A mail for each admin, or for the address that the company was made with while there is none.
pub fn remind(state: &State, job: &Job) -> Result<()> {
    let (company, ending) = (job.company_id, read(job)?);
    if standing(&state.db, company, ending)?.is_none() {
        return Ok(());
    }
    state.db.tenant_blocking(Scope::job(company), |tx: Tx| {
        let admins: Vec<Uuid> = users::table
            .filter(users::company_id.eq(tx.company))
            .filter(users::role.eq("ADMIN"))
            .filter(users::deactivated_at.is_null())
            .order(users::id)
            .select(users::id)
            .load(tx.conn)?;
        let to = match admins.is_empty() {
            true => vec![company],
            false => admins,
        };
        let mails: Vec<NewJob> = to
            .into_iter()
            .map(|id| NewJob {
                id: once(job.id, id),
                ..mail::ending(company, id, ending)
            })
            .collect();
        queue::enqueue(tx.conn, &mails)
    })
}

/// The company's row, if it still ends then.
fn standing(db: &Db, company: Uuid, ending: Ending) -> Result<Option<Standing>> {
    let found = db.platform_job_blocking(|conn| Standing::of(conn, company))?;
    Ok(found.filter(|company| company.still_ends(ending)))
}

fn read(job: &Job) -> Result<Ending> {
    Ok(serde_json::from_value(job.payload.clone()).map_err(anyhow::Error::from)?)
}

/// The same id when the job is tried again: nobody gets the mail twice.
fn once(job: Uuid, to: Uuid) -> Uuid {
    let hash = sha256(format!("{job} {to}").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    Builder::from_custom_bytes(bytes).into_uuid()
}

/// Subject and text, and the address of the company itself; nothing, if it does not end then any more.
pub(super) fn letter(
    state: &State,
    company: &Company,
    ending: Ending,
) -> Result<Option<(String, String, String)>> {
    let Some(standing) = standing(&state.db, company.id, ending)? else {
        return Ok(None);
    };
    let end = ending.ends_at.with_timezone(&company.zone());
    let (day, name) = (end.format("%-d %B %Y"), &company.name);
    if standing.status == "CANCELLED" {
        let text = format!(
            "{name} was cancelled. On {day} at {} ({}) everything of it is erased: people, what was recorded, pictures,\n\
             settings. It cannot be brought back after that.\n\n\
             Until then an admin can sign in, read, and export everything as one file:\n{}/exports\n\n\
             To keep the company, speak to whom you have the service from.\n",
            end.format("%H:%M"),
            company.time_zone,
            state.config.public_url(),
        );
        let subject = format!("{name} is erased on {day}");
        return Ok(Some((subject, text, standing.admin_email)));
    }
    let what = match standing.status.as_str() {
        "TRIAL" => "trial",
        _ => "subscription",
    };
    let refused = match state.directory.grace_days {
        0 => "From then on".to_owned(),
        1 => "One day later".to_owned(),
        days => format!("{days} days later"),
    };
    let text = format!(
        "The {what} of {name} ends on {day} at {} ({}).\n\n\
         {refused} agents are refused, and keep on the desk what they record. Nothing is deleted: admins can go on\n\
         reading and exporting. To go on without a break, speak to whom you have the service from.\n\n{}\n",
        end.format("%H:%M"),
        company.time_zone,
        state.config.public_url(),
    );
    let subject = format!("The {what} of {name} ends on {day}");
    Ok(Some((subject, text, standing.admin_email)))
}
