//! Mails that follow from something. The job holds ids; the link is made here, so that it exists in the mail alone.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use diesel::sql_types::{Binary, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{
    ExpressionMethods, OptionalExtension, PgConnection, QueryDsl, QueryableByName, RunQueryDsl,
    sql_query,
};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::digests;
use super::queue::{Job, NewJob};
use super::reminders::{self, Ending};
use crate::Result;
use crate::account::{invitations, registrations, reset};
use crate::app::State;
use crate::company::branding;
use crate::db::schema::tenant::invitations as invited;
use crate::db::{Scope, Tx};
use crate::owner::owners;

pub(super) const KIND: &str = "mail";

#[derive(Deserialize)]
#[serde(tag = "mail", rename_all = "snake_case")]
enum Mail {
    /// Of a request for a new password.
    Reset { id: Uuid },
    /// Of a person.
    PasswordChanged { id: Uuid },
    /// Of a person.
    RecoveryCodeUsed { id: Uuid },
    /// Of a person.
    TwoFactorOff { id: Uuid },
    /// Of an invitation of the job's company.
    Invitation { id: Uuid },
    /// Of a company.
    FirstAdmin { id: Uuid },
    /// Of an owner who is asked to join.
    Owner { id: Uuid },
    /// Of one of the company's admins, or of the company itself.
    Ending {
        id: Uuid,
        #[serde(flatten)]
        ending: Ending,
    },
    /// Of somebody who wants to register a company.
    Registration { id: Uuid },
    /// Of a person of the job's company: what they have not read.
    Digest { id: Uuid },
    /// Of a person who may fetch a report of the job's company.
    Report { id: Uuid, file: Uuid },
}

/// A mail about an invitation, for the transaction that makes or repeats it.
pub(crate) fn invitation(company: Uuid, id: Uuid, nth: i32) -> NewJob {
    let payload = json!({ "mail": "invitation", "id": id });
    let key = format!("mail:invitation:{id}:{nth}");
    NewJob::new(company, KIND, payload, key)
}

/// The same for a company's first admin.
pub(crate) fn first_admin(company: Uuid) -> NewJob {
    let payload = json!({ "mail": "first_admin", "id": company });
    NewJob::new(
        company,
        KIND,
        payload,
        format!("mail:first_admin:{company}"),
    )
}

/// The same for somebody who is to run the service.
pub(crate) fn owner(id: Uuid) -> NewJob {
    let payload = json!({ "mail": "owner", "id": id });
    NewJob::new(Uuid::nil(), KIND, payload, format!("mail:owner:{id}"))
}

/// The mail that the company's trial or subscription ends, to an admin or, by the company's own id, to its address.
pub(super) fn ending(company: Uuid, id: Uuid, ending: Ending) -> NewJob {
    let payload = json!({ "mail": "ending", "id": id, "ends_at": ending.ends_at });
    let key = format!("mail:ending:{id}:{}", ending.ends_at);
    NewJob::new(company, KIND, payload, key)
}

/// The mail of a day, to a person.
pub(super) fn digest(company: Uuid, id: Uuid, day: NaiveDate) -> NewJob {
    let payload = json!({ "mail": "digest", "id": id });
    NewJob::new(company, KIND, payload, format!("mail:digest:{id}:{day}"))
}

/// That a report is there to be fetched, to one of those who may.
pub(super) fn report(company: Uuid, to: Uuid, file: Uuid) -> NewJob {
    let payload = json!({ "mail": "report", "id": to, "file": file });
    NewJob::new(company, KIND, payload, format!("mail:report:{file}:{to}"))
}

pub(super) fn run(state: &State, job: &Job) -> Result<()> {
    let mail: Mail = serde_json::from_value(job.payload.clone()).map_err(anyhow::Error::from)?;
    match mail {
        Mail::Reset { id } => send_resets(state, id),
        Mail::PasswordChanged { id } => tell(
            state,
            id,
            "Your password was changed",
            "The password of your account was changed, and you were signed out everywhere else.",
        ),
        Mail::RecoveryCodeUsed { id } => tell(
            state,
            id,
            "A recovery code was used",
            "One of the recovery codes of your account was used in place of a code of your app.",
        ),
        Mail::TwoFactorOff { id } => tell(
            state,
            id,
            "Two-factor was switched off",
            "Signing in to your account does not ask for a code any more.",
        ),
        Mail::Invitation { id } => send_invitation(state, job.company_id, id),
        Mail::FirstAdmin { id } => send_first_admin(state, id),
        Mail::Owner { id } => send_owner(state, id),
        Mail::Ending { id, ending } => send_ending(state, job.company_id, id, ending),
        Mail::Registration { id } => send_registration(state, id),
        Mail::Digest { id } => digests::send(state, job.company_id, id),
        Mail::Report { id, file } => send_report(state, job.company_id, id, file),
    }
}

#[derive(QueryableByName)]
struct Recipient {
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    company_id: Option<Uuid>,
    #[diesel(sql_type = Text)]
    email: String,
}

#[derive(QueryableByName)]
struct Address {
    #[diesel(sql_type = Nullable<Text>)]
    email: Option<String>,
}

/// One link for each company that knows the e-mail.
fn send_resets(state: &State, request: Uuid) -> Result<()> {
    let find = |conn: &mut PgConnection| -> Result<Vec<Recipient>> {
        Ok(sql_query("SELECT * FROM auth.reset_recipients($1)")
            .bind::<SqlUuid, _>(request)
            .load(conn)?)
    };
    for person in state.db.auth_blocking(find)? {
        let (token, hash) = invitations::new_token(person.company_id)?;
        let expires_at = Utc::now() + reset::LIFETIME;
        state
            .db
            .auth_blocking(|conn| issue_reset_link(conn, &hash, person.user_id, expires_at))?;
        let account = account(state, person.company_id);
        let text = format!(
            "Somebody, probably you, asked for a new password for {account}.\n\n\
             Choose one here within {} minutes:\n{}/reset/{token}\n\n\
             If it was not you, do nothing: your password stays as it is.\n",
            reset::LIFETIME.num_minutes(),
            state.config.public_url(),
        );
        send_link(state, &person.email, "Choose a new password", text, &hash)?;
    }
    Ok(())
}

/// What was done to an account, to whom it belongs.
fn tell(state: &State, user: Uuid, subject: &str, what: &str) -> Result<()> {
    let Some(email) = address_of(state, user)? else {
        return Ok(());
    };
    let text = format!(
        "{what}\n\nIf it was not you, choose another password now:\n{}/reset\n",
        state.config.public_url(),
    );
    Ok(state.mailer.send(&email, subject, text)?)
}

pub(super) fn address_of(state: &State, user: Uuid) -> Result<Option<String>> {
    let find = |conn: &mut PgConnection| -> Result<Address> {
        Ok(sql_query("SELECT auth.mail_address($1) AS email")
            .bind::<SqlUuid, _>(user)
            .get_result(conn)?)
    };
    Ok(state.db.auth_blocking(find)?.email)
}

fn send_ending(state: &State, company: Uuid, id: Uuid, ending: Ending) -> Result<()> {
    let Some(known) = state.directory.company(company) else {
        return Ok(());
    };
    let Some((subject, text, own)) = reminders::letter(state, &known, ending)? else {
        return Ok(());
    };
    let to = match id == company {
        true => Some(own),
        false => address_of(state, id)?,
    };
    match to {
        Some(to) => Ok(state.mailer.send(&to, &subject, text)?),
        None => Ok(()),
    }
}

/// Where it is, and nothing of what is in it: only who signs in and may fetch it sees that.
fn send_report(state: &State, company: Uuid, to: Uuid, file: Uuid) -> Result<()> {
    #[derive(QueryableByName)]
    struct Ready {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let Some(known) = state.directory.company(company) else {
        return Ok(());
    };
    let ready = |mut tx: Tx| -> Result<(String, Option<Ready>)> {
        let shown = branding::shown_name(&mut tx, &known.name)?;
        let ready = sql_query(
            "SELECT f.name FROM tenant.report_files f JOIN tenant.users u ON u.company_id = $1 AND u.id = $3 \
             WHERE f.company_id = $1 AND f.id = $2 AND f.state = 'ready' AND $3 = ANY (f.readers) \
               AND u.role = 'ADMIN' AND u.deactivated_at IS NULL",
        );
        let ready = ready
            .bind::<SqlUuid, _>(tx.company)
            .bind::<SqlUuid, _>(file)
            .bind::<SqlUuid, _>(to)
            .get_result(tx.conn)
            .optional()?;
        Ok((shown, ready))
    };
    let (shown, ready) = state.db.tenant_blocking(Scope::job(company), ready)?;
    let (Some(Ready { name }), Some(email)) = (ready, address_of(state, to)?) else {
        return Ok(());
    };
    let text = format!(
        "The report “{name}” is ready, for your account at {shown}.\n\nSign in and fetch it within 24 hours:\n{}/report-files?file={file}\n\n\
         It comes because an admin of your company has it made regularly.\n",
        state.config.public_url(),
    );
    Ok(state
        .mailer
        .send(&email, &format!("Report: {name}"), text)?)
}

fn send_invitation(state: &State, company: Uuid, id: Uuid) -> Result<()> {
    let (token, hash) = invitations::new_token(Some(company))?;
    let issue = |tx: Tx| issue_invitation_link(tx, id, &hash);
    let issued = state.db.tenant_blocking(Scope::job(company), issue)?;
    match issued {
        Some((email, role)) => send_invitation_link(state, company, &email, &role, &token, &hash),
        // Answered or taken back meanwhile.
        None => Ok(()),
    }
}

fn send_first_admin(state: &State, company: Uuid) -> Result<()> {
    let (token, hash) = invitations::new_token(Some(company))?;
    let repeat = "SELECT auth.repeat_admin_link($1, $2) AS email";
    match repeat_link(state, repeat, &hash, company)? {
        Some(email) => send_invitation_link(state, company, &email, "ADMIN", &token, &hash),
        None => Ok(()),
    }
}

fn send_owner(state: &State, owner: Uuid) -> Result<()> {
    let (token, hash) = invitations::new_token(None)?;
    let repeat = "SELECT auth.repeat_owner_link($1, $2) AS email";
    let Some(email) = repeat_link(state, repeat, &hash, owner)? else {
        return Ok(());
    };
    let text = format!(
        "You are invited to run this service as one of its owners.\n\n\
         Choose your name and a password here, within {} hours of the invitation:\n{}\n\n\
         If you did not expect this, do nothing, and tell whoever runs the service.\n",
        owners::LIFETIME.num_hours(),
        invitations::url(state, &token),
    );
    send_link(state, &email, "You are invited to run Tracker", text, &hash)
}

/// A link beside the one that was shown, and whom to mail it to: nobody when that was answered or taken back meanwhile.
fn repeat_link(
    state: &State,
    repeat: &'static str,
    hash: &[u8; 32],
    id: Uuid,
) -> Result<Option<String>> {
    let issue = |conn: &mut PgConnection| -> Result<Address> {
        Ok(sql_query(repeat)
            .bind::<Binary, _>(&hash[..])
            .bind::<SqlUuid, _>(id)
            .get_result(conn)?)
    };
    Ok(state.db.auth_blocking(issue)?.email)
}

fn send_registration(state: &State, registration: Uuid) -> Result<()> {
    #[derive(QueryableByName)]
    struct Asked {
        #[diesel(sql_type = Text)]
        email: String,
        #[diesel(sql_type = Text)]
        company_name: String,
        #[diesel(sql_type = Bool)]
        is_known: bool,
    }
    let (token, hash) = invitations::new_token(Some(registration))?;
    let expires_at = Utc::now() + registrations::LIFETIME;
    let issue = |conn: &mut PgConnection| -> Result<Option<Asked>> {
        let link = sql_query("SELECT * FROM auth.issue_registration_link($1, $2, $3)")
            .bind::<Binary, _>(&hash[..])
            .bind::<SqlUuid, _>(registration)
            .bind::<Timestamptz, _>(expires_at);
        Ok(link.get_result(conn).optional()?)
    };
    let Some(asked) = state.db.auth_blocking(issue)? else {
        return Ok(());
    };
    let public = state.config.public_url();
    if asked.is_known {
        let text = format!(
            "Somebody, probably you, wanted to register a company with this address. It has an account already:\n\
             sign in at {public}/login\n\nIf it was not you, do nothing.\n"
        );
        return Ok(state
            .mailer
            .send(&asked.email, "You have an account already", text)?);
    }
    let text = format!(
        "Somebody, probably you, wants to register {}.\n\n\
         Choose a password here within {} hours, and the company is made:\n{public}/register/{token}\n\n\
         If it was not you, do nothing: nothing is made.\n",
        asked.company_name,
        registrations::LIFETIME.num_hours(),
    );
    send_link(state, &asked.email, "Register your company", text, &hash)
}

fn send_invitation_link(
    state: &State,
    company: Uuid,
    email: &str,
    role: &str,
    token: &str,
    hash: &[u8; 32],
) -> Result<()> {
    let role = if role == "ADMIN" {
        "an admin"
    } else {
        "an employee"
    };
    let account = account(state, Some(company));
    let text = format!(
        "You are invited as {role}: {account}.\n\n\
         Choose your name and a password here, within {} hours:\n{}\n\n\
         If you do not know this company, do nothing.\n",
        invitations::LIFETIME.num_hours(),
        invitations::url(state, token),
    );
    send_link(state, email, "You are invited to Tracker", text, hash)
}

/// A link that did not get away is taken back: the next attempt makes its own.
fn send_link(state: &State, to: &str, subject: &str, text: String, hash: &[u8; 32]) -> Result<()> {
    let Err(error) = state.mailer.send(to, subject, text) else {
        return Ok(());
    };
    let withdraw = |conn: &mut PgConnection| -> Result<()> {
        sql_query("SELECT auth.withdraw_link($1)")
            .bind::<Binary, _>(&hash[..])
            .execute(conn)?;
        Ok(())
    };
    state.db.auth_blocking(withdraw)?;
    Err(error.into())
}

fn account(state: &State, company: Option<Uuid>) -> String {
    match company.and_then(|id| state.directory.company(id)) {
        Some(company) => format!("your account at {}", company.name),
        None => "your account".into(),
    }
}

fn issue_reset_link(
    conn: &mut PgConnection,
    hash: &[u8; 32],
    user: Uuid,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    sql_query("SELECT auth.issue_reset_link($1, $2, $3)")
        .bind::<Binary, _>(&hash[..])
        .bind::<SqlUuid, _>(user)
        .bind::<Timestamptz, _>(expires_at)
        .execute(conn)?;
    Ok(())
}

/// Beside the link that the admin was shown; whichever is opened, both are used up.
fn issue_invitation_link(tx: Tx, id: Uuid, hash: &[u8; 32]) -> Result<Option<(String, String)>> {
    let open: Option<(String, Option<String>, String, DateTime<Utc>)> = invited::table
        .find((tx.company, id))
        .filter(invited::accepted_at.is_null())
        .filter(invited::revoked_at.is_null())
        .filter(invited::expires_at.gt(Utc::now() + Duration::minutes(1)))
        .select((
            invited::email,
            invited::name,
            invited::role,
            invited::expires_at,
        ))
        .first(tx.conn)
        .optional()?;
    let Some((email, name, role, expires_at)) = open else {
        return Ok(None);
    };
    sql_query("SELECT auth.issue_invitation_link($1, $2, $3, $4, $5, $6)")
        .bind::<Binary, _>(&hash[..])
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(&email)
        .bind::<Nullable<Text>, _>(name)
        .bind::<Text, _>(&role)
        .bind::<Timestamptz, _>(expires_at)
        .execute(tx.conn)?;
    Ok(Some((email, role)))
}
