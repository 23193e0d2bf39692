//! Inviting people: one, or a list at once, which goes through whole or not at all; again, and taking it back.

use std::collections::{HashMap, HashSet};

use actix_web::{HttpResponse, post, web::Data};
use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Binary, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::Result;
use crate::account::invitations as links;
use crate::app::State;
use crate::company::audit;
use crate::db::Tx;
use crate::db::schema::tenant::{company_usage, invitations, teams, users};
use crate::http::error::{Error, FieldError};
use crate::http::idempotency::{Made, Once};
use crate::http::json::{Json, Path};
use crate::http::session::{Admin, Tenant};
use crate::http::text::{Email, Line};
use crate::http::token::Role;
use crate::jobs::{mail, queue};
use crate::mail::MailWay;

pub(super) fn routes(api: &mut ServiceConfig) {
    api.service(invite_employee)
        .service(invite_employees)
        .service(resend_invitation)
        .service(revoke_invitation);
}

/// People of one list.
const MOST: usize = 500;
/// Mails to one address within a day, whoever of the company asks for them and however often it is invited anew.
const MAILS_TO_ONE: i64 = 5;
/// Within so long, mails are counted.
const COUNTED: Duration = Duration::days(1);

/// As what somebody joins. Which teams an admin is limited to is said of who is there.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
enum InvitedRole {
    Admin,
    Employee,
}

impl InvitedRole {
    fn name(self) -> &'static str {
        match self {
            Self::Admin => Role::Admin.name(),
            Self::Employee => Role::Employee.name(),
        }
    }

    fn of(name: &str) -> Result<Self> {
        match Role::parse(name)? {
            Role::Admin => Ok(Self::Admin),
            Role::Employee => Ok(Self::Employee),
            Role::Owner | Role::TeamAdmin => {
                Err(anyhow::anyhow!("nobody is invited as {name}").into())
            }
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewInvitation {
    email: Email,
    name: Option<Line<120>>,
    role: InvitedRole,
    /// Where the person will work.
    team_id: Option<Uuid>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewInvitations {
    #[schema(min_items = 1, max_items = 500)]
    people: Vec<NewPerson>,
}

/// A row of a list, as somebody wrote it: what is wrong with it is told of all rows at once.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPerson {
    #[schema(max_length = 254)]
    email: String,
    #[schema(max_length = 120)]
    name: Option<String>,
    /// ADMIN or EMPLOYEE, which is meant when it is absent; case does not matter.
    #[schema(max_length = 20)]
    role: Option<String>,
    /// The name of one of the company's teams; case does not matter.
    #[schema(max_length = 120)]
    team: Option<String>,
}

/// An invitation and its link, which is shown this once.
#[derive(Serialize, ToSchema)]
struct Invited {
    id: Uuid,
    email: String,
    role: InvitedRole,
    expires_at: DateTime<Utc>,
    /// Absent from a replayed answer.
    #[schema(required = false)]
    invitation_url: String,
}

/// How many were invited. Their links go out by mail alone.
#[derive(Serialize, ToSchema)]
struct InvitedMany {
    invited: usize,
    expires_at: DateTime<Utc>,
    mail: MailWay,
}

/// Invite a person. The seat is taken now; the link is shown once.
#[utoipa::path(request_body = NewInvitation, responses((status = 201, body = Invited)))]
#[post("/employees")]
async fn invite_employee(
    session: Tenant<Admin>,
    state: Data<State>,
    once: Once,
    body: Json<NewInvitation>,
) -> Result<HttpResponse> {
    let (token, token_hash) = links::new_token(Some(session.company.id))?;
    let (id, role, Email(email)) = (Uuid::now_v7(), body.0.role, body.0.email);
    let expires_at = Utc::now() + links::LIFETIME;
    let (seats, team_id) = (session.company.max_employees, body.0.team_id);
    let name = body.0.name.map(|Line(name)| name);
    let invitation_url = links::url(&state, &token);
    let invite = move |mut tx: Tx| {
        take_seats(&mut tx, 1, seats)?;
        may_mail(&mut tx, std::slice::from_ref(&email), seats)?;
        if let Some(team) = team_id {
            hold_team(&mut tx, team)?;
        }
        let known = users::table
            .filter(users::company_id.eq(tx.company))
            .filter(users::email.eq(&email));
        if diesel::select(diesel::dsl::exists(known)).get_result(tx.conn)? {
            return Err(Error::Taken("users_email_taken".into()));
        }
        diesel::insert_into(invitations::table)
            .values((
                invitations::id.eq(id),
                invitations::email.eq(&email),
                invitations::name.eq(&name),
                invitations::role.eq(role.name()),
                invitations::team_id.eq(team_id),
                invitations::invited_by.eq(tx.user),
                invitations::expires_at.eq(expires_at),
            ))
            .execute(tx.conn)?;
        let open = Open {
            email: email.clone(),
            name,
            role: role.name().into(),
            mails: 1,
        };
        issue_link(&mut tx, id, &open, expires_at, &token_hash)?;
        queue::enqueue(tx.conn, &[mail::invitation(tx.company, id, open.mails)])?;
        let detail = json!({ "invitation_id": id, "role": role, "team_id": team_id });
        audit::record(tx, "employee.invited", detail)?;
        let invited = Invited {
            id,
            email,
            role,
            expires_at,
            invitation_url,
        };
        Ok(Made::new(format!("/api/employees/{id}"), invited).showing_once(&["invitation_url"]))
    };
    once.tenant(&state, &session, invite).await
}

/// Invite a list of people: all of them, or nobody.
///
/// Where a row is wrong nobody is invited, and 422 says of each such row what is wrong with it, by its place in the list:
/// `/people/3/email`. Where the plan has too few seats for all of them it is 409 `plan_employee_limit`. Everybody gets a
/// link by mail; `resend-invitation` shows one.
#[utoipa::path(request_body = NewInvitations, responses((status = 201, body = InvitedMany)))]
#[post("/employees/invite-many")]
async fn invite_employees(
    session: Tenant<Admin>,
    state: Data<State>,
    once: Once,
    body: Json<NewInvitations>,
) -> Result<HttpResponse> {
    let people = body.0.people;
    if !(1..=MOST).contains(&people.len()) {
        return Err(Error::invalid(
            "/people",
            "people_count",
            format!("1 to {MOST} people are invited at a time"),
        ));
    }
    let (seats, mail) = (session.company.max_employees, state.mailer.way());
    let expires_at = Utc::now() + links::LIFETIME;
    let invite = move |mut tx: Tx| {
        let rows = read(&mut tx, &people)?;
        take_seats(&mut tx, rows.len(), seats)?;
        let emails: Vec<_> = rows.iter().map(|row| row.email.clone()).collect();
        may_mail(&mut tx, &emails, seats)?;
        insert_all(&mut tx, &rows, expires_at)?;
        let mails: Vec<_> = rows
            .iter()
            .map(|row| mail::invitation(tx.company, row.id, 1))
            .collect();
        queue::enqueue(tx.conn, &mails)?;
        for some in rows.chunks(50) {
            let ids: Vec<_> = some.iter().map(|row| row.id).collect();
            let detail = json!({ "invitation_ids": ids });
            audit::record(tx.again(), "employee.invited", detail)?;
        }
        let invited = InvitedMany {
            invited: rows.len(),
            expires_at,
            mail,
        };
        Ok(Made::new("/api/employees?status=invited", invited))
    };
    once.tenant(&state, &session, invite).await
}

/// Invite a person once more: a new link by mail and in this answer, for another three days. Links of before end.
#[utoipa::path(params(("employee_id" = Uuid, Path)), responses((status = 200, body = Invited)))]
#[post("/employees/{employee_id}/resend-invitation")]
async fn resend_invitation(
    session: Tenant<Admin>,
    state: Data<State>,
    employee: Path<Uuid>,
) -> Result<Json<Invited>> {
    let (token, token_hash) = links::new_token(Some(session.company.id))?;
    let (id, seats) = (employee.0, session.company.max_employees);
    let expires_at = Utc::now() + links::LIFETIME;
    let invitation_url = links::url(&state, &token);
    let resend = move |mut tx: Tx| {
        hold_usage(&mut tx)?;
        let (email, name, mails) = open(&mut tx, id)?;
        may_mail(&mut tx, std::slice::from_ref(&email), seats)?;
        end_links(&mut tx, id)?;
        // Somebody may have accepted while that waited.
        let (role, mails): (String, i32) = diesel::update(still_open(tx.company, id))
            .set((
                invitations::expires_at.eq(expires_at),
                invitations::mails.eq(mails + 1),
                invitations::mailed_at.eq(Utc::now()),
            ))
            .returning((invitations::role, invitations::mails))
            .get_result(tx.conn)?;
        let open = Open {
            email,
            name,
            role,
            mails,
        };
        issue_link(&mut tx, id, &open, expires_at, &token_hash)?;
        queue::enqueue(tx.conn, &[mail::invitation(tx.company, id, mails)])?;
        let detail = json!({ "invitation_id": id, "mails": mails });
        audit::record(tx, "employee.invited_again", detail)?;
        Ok(Invited {
            id,
            email: open.email,
            role: InvitedRole::of(&open.role)?,
            expires_at,
            invitation_url,
        })
    };
    state.db.tenant(&session, resend).await.map(Json)
}

/// Take an invitation back: its links end, and its seat is free.
#[utoipa::path(
    params(("employee_id" = Uuid, Path)),
    responses((status = 204, description = "Taken back"))
)]
#[post("/employees/{employee_id}/revoke-invitation")]
async fn revoke_invitation(
    session: Tenant<Admin>,
    state: Data<State>,
    employee: Path<Uuid>,
) -> Result<HttpResponse> {
    let id = employee.0;
    let revoke = move |mut tx: Tx| {
        hold_usage(&mut tx)?;
        open(&mut tx, id)?;
        end_links(&mut tx, id)?;
        let gone = diesel::update(still_open(tx.company, id))
            .set(invitations::revoked_at.eq(Utc::now()))
            .execute(tx.conn)?;
        if gone == 0 {
            return Err(Error::NotFound);
        }
        diesel::update(company_usage::table.find(tx.company))
            .set(company_usage::seats_used.eq(company_usage::seats_used - 1))
            .execute(tx.conn)?;
        let detail = json!({ "invitation_id": id });
        audit::record(tx, "employee.invitation_revoked", detail)
    };
    state.db.tenant(&session, revoke).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The statement that takes the seats is the one that checks the limit: of two at once, one finds too few left.
pub(super) fn take_seats(tx: &mut Tx, wanted: usize, seats: i32) -> Result<()> {
    let more = i32::try_from(wanted).map_err(anyhow::Error::from)?;
    let taken = diesel::update(
        company_usage::table
            .find(tx.company)
            .filter(company_usage::seats_used.le(seats - more)),
    )
    .set(company_usage::seats_used.eq(company_usage::seats_used + more))
    .execute(tx.conn)?;
    if taken > 0 {
        return Ok(());
    }
    let used: i32 = company_usage::table
        .find(tx.company)
        .select(company_usage::seats_used)
        .first(tx.conn)?;
    let left = match seats - used {
        left @ 1.. => format!("{left} are left, and {wanted} are wanted"),
        _ => "all are taken".to_owned(),
    };
    Err(Error::Conflict(
        "plan_employee_limit",
        format!("The plan has {seats} seats: {left}."),
    ))
}

/// Until the end of the transaction no other of the company takes a seat or sends a mail.
fn hold_usage(tx: &mut Tx) -> Result<()> {
    let _: i32 = company_usage::table
        .find(tx.company)
        .select(company_usage::seats_used)
        .for_no_key_update()
        .first(tx.conn)?;
    Ok(())
}

/// A company that fills strangers' mailboxes is told to wait. To be asked while its counters are held, so that two at once
/// do not both find room.
fn may_mail(tx: &mut Tx, to: &[String], seats: i32) -> Result<()> {
    #[derive(QueryableByName)]
    struct Sent {
        #[diesel(sql_type = BigInt)]
        by_company: i64,
        #[diesel(sql_type = BigInt)]
        to_one: i64,
    }
    let sent: Sent = sql_query(
        "SELECT coalesce(sum(n), 0)::bigint AS by_company, coalesce(max(n) FILTER (WHERE email = ANY ($2)), 0)::bigint AS to_one \
         FROM (SELECT email, sum(mails) AS n FROM tenant.invitations WHERE company_id = $1 AND mailed_at > $3 GROUP BY email) sent",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Array<Text>, _>(to)
    .bind::<Timestamptz, _>(Utc::now() - COUNTED)
    .get_result(tx.conn)?;
    // Everybody twice, and some who mistyped.
    let most = i64::from(seats) * 2 + 20;
    let more = i64::try_from(to.len()).map_err(anyhow::Error::from)?;
    match sent.by_company + more > most || sent.to_one >= MAILS_TO_ONE {
        // By then some of what is counted is older than a day.
        true => Err(Error::RateLimited(3600)),
        false => Ok(()),
    }
}

fn hold_team(tx: &mut Tx, team: Uuid) -> Result<()> {
    let held: Option<Uuid> = teams::table
        .find((tx.company, team))
        .select(teams::id)
        .for_key_share()
        .first(tx.conn)
        .optional()?;
    match held {
        Some(_) => Ok(()),
        None => Err(Error::invalid(
            "/team_id",
            "team_unknown",
            "There is no such team",
        )),
    }
}

/// A row of a list, understood.
struct Row {
    id: Uuid,
    email: String,
    name: Option<String>,
    role: InvitedRole,
    team: Option<Uuid>,
}

/// All rows, or what is wrong with each that is wrong.
fn read(tx: &mut Tx, people: &[NewPerson]) -> Result<Vec<Row>> {
    let lower = |text: &str| text.trim().to_lowercase();
    let asked: Vec<_> = people.iter().map(|person| lower(&person.email)).collect();
    let names: Vec<_> = people
        .iter()
        .filter_map(|person| person.team.as_deref().map(lower))
        .collect();
    let known = Known::read(tx, &asked, &names)?;
    let (mut rows, mut errors, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    for (at, person) in people.iter().enumerate() {
        match known.row(person) {
            Ok(row) if !seen.insert(row.email.clone()) => {
                errors.push(wrong(
                    at,
                    "email",
                    "email_repeated",
                    "The list has this address twice",
                ));
            }
            Ok(row) => rows.push(row),
            Err((field, code, detail)) => errors.push(wrong(at, field, code, detail)),
        }
    }
    match errors.is_empty() {
        true => Ok(rows),
        false => Err(Error::Invalid(errors)),
    }
}

fn wrong(at: usize, field: &str, code: &str, detail: &str) -> FieldError {
    FieldError {
        pointer: format!("/people/{at}/{field}"),
        code: code.into(),
        detail: detail.into(),
    }
}

/// What the company knows of those on a list.
struct Known {
    people: HashSet<String>,
    invited: HashSet<String>,
    /// By their names in lower case.
    teams: HashMap<String, Uuid>,
}

/// The field, a code and a sentence.
type Wrong = (&'static str, &'static str, &'static str);

impl Known {
    fn read(tx: &mut Tx, emails: &[String], names: &[String]) -> Result<Self> {
        #[derive(QueryableByName)]
        struct Team {
            #[diesel(sql_type = SqlUuid)]
            id: Uuid,
            #[diesel(sql_type = Text)]
            name: String,
        }
        let people: Vec<String> = users::table
            .filter(users::company_id.eq(tx.company))
            .filter(users::email.eq_any(emails))
            .select(users::email)
            .load(tx.conn)?;
        let invited: Vec<String> = invitations::table
            .filter(invitations::company_id.eq(tx.company))
            .filter(invitations::email.eq_any(emails))
            .filter(invitations::accepted_at.is_null())
            .filter(invitations::revoked_at.is_null())
            .select(invitations::email)
            .load(tx.conn)?;
        // Held, so that none of them is deleted before the invitations name it.
        let teams: Vec<Team> = sql_query(
            "SELECT id, lower(name) AS name FROM tenant.teams WHERE company_id = $1 AND lower(name) = ANY ($2) \
             ORDER BY id FOR KEY SHARE",
        )
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Array<Text>, _>(names)
        .load(tx.conn)?;
        Ok(Self {
            people: people.into_iter().collect(),
            invited: invited.into_iter().collect(),
            teams: teams.into_iter().map(|team| (team.name, team.id)).collect(),
        })
    }

    fn row(&self, person: &NewPerson) -> Result<Row, Wrong> {
        let Email(email) = Email::try_from(person.email.trim().to_owned())
            .map_err(|_| ("email", "email_invalid", "This is no e-mail address"))?;
        if self.people.contains(&email) {
            return Err(("email", "users_email_taken", "This person is there already"));
        }
        if self.invited.contains(&email) {
            return Err((
                "email",
                "invitations_email_taken",
                "This person is invited already",
            ));
        }
        let given = |text: &Option<String>| {
            let text = text.as_deref().map(str::trim).unwrap_or_default();
            (!text.is_empty()).then(|| text.to_owned())
        };
        let name = given(&person.name);
        if name
            .as_ref()
            .is_some_and(|name| name.chars().count() > 120 || name.chars().any(char::is_control))
        {
            return Err((
                "name",
                "text_length",
                "A name is one line of up to 120 characters",
            ));
        }
        let role = match given(&person.role)
            .map(|role| role.to_uppercase())
            .as_deref()
        {
            None | Some("EMPLOYEE") => InvitedRole::Employee,
            Some("ADMIN") => InvitedRole::Admin,
            Some(_) => return Err(("role", "role_unknown", "A role is ADMIN or EMPLOYEE")),
        };
        let team = match given(&person.team) {
            None => None,
            Some(name) => {
                let known = self.teams.get(&name.to_lowercase()).copied();
                Some(known.ok_or(("team", "team_unknown", "There is no team of this name"))?)
            }
        };
        Ok(Row {
            id: Uuid::now_v7(),
            email,
            name,
            role,
            team,
        })
    }
}

fn insert_all(tx: &mut Tx, rows: &[Row], expires_at: DateTime<Utc>) -> Result<()> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let emails: Vec<_> = rows.iter().map(|row| &row.email).collect();
    let names: Vec<_> = rows.iter().map(|row| row.name.as_deref()).collect();
    let roles: Vec<_> = rows.iter().map(|row| row.role.name()).collect();
    let teams: Vec<_> = rows.iter().map(|row| row.team).collect();
    sql_query(
        "INSERT INTO tenant.invitations (company_id, id, email, name, role, team_id, invited_by, expires_at) \
         SELECT $1, r.*, $7, $8 FROM unnest($2, $3, $4, $5, $6) AS r RETURNING 1",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Array<Text>, _>(emails)
    .bind::<Array<Nullable<Text>>, _>(names)
    .bind::<Array<Text>, _>(roles)
    .bind::<Array<Nullable<SqlUuid>>, _>(teams)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<Timestamptz, _>(expires_at)
    .execute(tx.conn)?;
    Ok(())
}

/// What an invitation's links say.
struct Open {
    email: String,
    name: Option<String>,
    role: String,
    mails: i32,
}

/// An invitation that can be accepted.
#[diesel::dsl::auto_type(no_type_alias)]
fn still_open(company: Uuid, id: Uuid) -> _ {
    let now = diesel::dsl::now;
    invitations::table
        .filter(invitations::company_id.eq(company))
        .filter(invitations::id.eq(id))
        .filter(invitations::accepted_at.is_null())
        .filter(invitations::revoked_at.is_null())
        .filter(invitations::expires_at.gt(now))
}

/// To whom it goes, and how many mails there were.
fn open(tx: &mut Tx, id: Uuid) -> Result<(String, Option<String>, i32)> {
    let found: (String, Option<String>, i32) = still_open(tx.company, id)
        .select((invitations::email, invitations::name, invitations::mails))
        .first(tx.conn)?;
    Ok(found)
}

/// Before the invitation is touched: whoever accepts does so in this order too.
fn end_links(tx: &mut Tx, id: Uuid) -> Result<()> {
    sql_query("SELECT auth.revoke_invitation_link($1)")
        .bind::<SqlUuid, _>(id)
        .execute(tx.conn)?;
    Ok(())
}

fn issue_link(
    tx: &mut Tx,
    id: Uuid,
    open: &Open,
    expires_at: DateTime<Utc>,
    token_hash: &[u8; 32],
) -> Result<()> {
    sql_query("SELECT auth.issue_invitation_link($1, $2, $3, $4, $5, $6)")
        .bind::<Binary, _>(&token_hash[..])
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(&open.email)
        .bind::<Nullable<Text>, _>(&open.name)
        .bind::<Text, _>(&open.role)
        .bind::<Timestamptz, _>(expires_at)
        .execute(tx.conn)?;
    Ok(())
}
