//! A company's people: who is there, who is invited, who left. Admins only.

use actix_web::{HttpResponse, get, post, web::Data};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{
    Array, BigInt, Binary, Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::audit;
use crate::Result;
use crate::account::invitations;
use crate::account::sign_ins::{Ended, Id};
use crate::account::two_factor::{StepUp, confirm};
use crate::app::State;
use crate::db::Tx;
use crate::db::schema::tenant::{company_usage, invitations as invited, users};
use crate::http::error::Error;
use crate::http::idempotency::{Made, Once};
use crate::http::json::{Json, Path, Query, given};
use crate::http::page::{Page, limit_of, position_of};
use crate::http::session::{Admin, Tenant};
use crate::http::text::{Code, Email, Line, Password, like};
use crate::http::token::Role;
use crate::jobs::{mail, queue};

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_employees)
        .service(invite_employee)
        .service(show_employee)
        .service(deactivate_employee)
        .service(reactivate_employee)
        .service(change_employee_role)
        .service(end_employee_sign_ins)
        .service(end_employee_two_factor);
}

/// A person of the company, or an invitation that waits for an answer.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct Employee {
    /// The person's, or the invitation's while `status` is `invited`.
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = Text)]
    name: String,
    /// ADMIN or EMPLOYEE.
    #[diesel(sql_type = Text)]
    role: String,
    /// `active`, `deactivated` or `invited`.
    #[diesel(sql_type = Text)]
    status: String,
    /// The last sign of life of one of the person's devices.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    last_seen_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = BigInt)]
    tracked_seconds_today: i64,
    #[diesel(sql_type = BigInt)]
    devices: i64,
    #[diesel(sql_type = Text)]
    #[serde(skip)]
    sort_value: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct EmployeesQuery {
    /// A part of name or e-mail.
    #[param(inline)]
    q: Option<Line<120>>,
    #[param(inline, required = false)]
    #[serde(default)]
    status: Vec<Status>,
    #[param(max_length = 1000)]
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    #[serde(default, deserialize_with = "given")]
    limit: Option<i64>,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    Active,
    Deactivated,
    Invited,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewInvitation {
    email: Email,
    name: Option<Line<120>>,
    role: TenantRole,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
enum TenantRole {
    Admin,
    Employee,
}

impl TenantRole {
    fn name(self) -> &'static str {
        match self {
            Self::Admin => Role::Admin.name(),
            Self::Employee => Role::Employee.name(),
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RoleChange {
    role: TenantRole,
    /// The admin's own.
    password: Password,
    /// Where the admin has two-factor on.
    code: Option<Code>,
}

/// An invitation and its link, which is shown this once.
#[derive(Serialize, ToSchema)]
struct Invited {
    id: Uuid,
    email: String,
    role: TenantRole,
    expires_at: DateTime<Utc>,
    /// Absent from a replayed answer.
    #[schema(required = false)]
    invitation_url: String,
}

/// List the company's people and pending invitations, by name.
#[utoipa::path(params(EmployeesQuery), responses((status = 200, body = Page<Employee>)))]
#[get("/employees")]
async fn list_employees(
    session: Tenant<Admin>,
    state: Data<State>,
    query: Query<EmployeesQuery>,
) -> Result<Json<Page<Employee>>> {
    let query = query.0;
    let limit = limit_of(query.limit, 50)?;
    let list = format!(
        "employees {} {:?} {:?}",
        session.company.id, query.q, query.status
    );
    let after = position_of(query.cursor.as_deref(), &state.secrets, &list)?;
    let today = today(&session);
    let rows = state
        .db
        .tenant(&session, move |tx| {
            by_name(tx, today, &query, after.as_deref(), limit + 1)
        })
        .await?;
    Ok(Json(Page::cut(
        rows,
        limit,
        &state.secrets,
        &list,
        |row: &Employee| format!("{}|{}", row.id, row.sort_value),
    )))
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
    let (token, token_hash) = invitations::new_token(Some(session.company.id))?;
    let (id, role, Email(email)) = (Uuid::now_v7(), body.0.role, body.0.email);
    let expires_at = Utc::now() + invitations::LIFETIME;
    let (seats, name) = (
        session.company.max_employees,
        body.0.name.map(|Line(name)| name),
    );
    let invitation_url = invitations::url(&state, &token);
    let invite = move |mut tx: Tx| {
        take_seat(&mut tx, seats)?;
        insert_invitation(
            &mut tx,
            id,
            &email,
            name.as_deref(),
            role,
            expires_at,
            &token_hash,
        )?;
        queue::enqueue(tx.conn, &[mail::invitation(tx.company, id)])?;
        audit::record(
            tx,
            "employee.invited",
            json!({ "invitation_id": id, "role": role }),
        )?;
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

/// Show one person.
#[utoipa::path(params(("employee_id" = Uuid, Path)), responses((status = 200, body = Employee)))]
#[get("/employees/{employee_id}")]
async fn show_employee(
    session: Tenant<Admin>,
    state: Data<State>,
    employee: Path<Uuid>,
) -> Result<Json<Employee>> {
    let today = today(&session);
    state
        .db
        .tenant(&session, move |mut tx| one(&mut tx, today, employee.0))
        .await
        .map(Json)
}

/// Deactivate a person: every sign-in ends, agents included; what was recorded stays; the seat is free.
#[utoipa::path(params(("employee_id" = Uuid, Path)), responses((status = 200, body = Employee)))]
#[post("/employees/{employee_id}/deactivate")]
async fn deactivate_employee(
    session: Tenant<Admin>,
    state: Data<State>,
    employee: Path<Uuid>,
) -> Result<Json<Employee>> {
    let (id, today) = (employee.0, today(&session));
    if id == session.user {
        return Err(Error::Conflict(
            "own_account",
            "Nobody deactivates their own account.".into(),
        ));
    }
    let change = move |mut tx: Tx| {
        hold_admins(&mut tx)?;
        set_deactivated(&mut tx, id, true)?;
        diesel::update(company_usage::table.find(tx.company))
            .set(company_usage::seats_used.eq(company_usage::seats_used - 1))
            .execute(tx.conn)?;
        let employee = one(&mut tx, today, id)?;
        audit::record(tx, "employee.deactivated", json!({ "user_id": id }))?;
        Ok(employee)
    };
    state.db.tenant(&session, change).await.map(Json)
}

/// Reactivate a person, who takes a seat again and signs in anew.
#[utoipa::path(params(("employee_id" = Uuid, Path)), responses((status = 200, body = Employee)))]
#[post("/employees/{employee_id}/reactivate")]
async fn reactivate_employee(
    session: Tenant<Admin>,
    state: Data<State>,
    employee: Path<Uuid>,
) -> Result<Json<Employee>> {
    let (id, today, seats) = (employee.0, today(&session), session.company.max_employees);
    let change = move |mut tx: Tx| {
        set_deactivated(&mut tx, id, false)?;
        take_seat(&mut tx, seats)?;
        let employee = one(&mut tx, today, id)?;
        audit::record(tx, "employee.reactivated", json!({ "user_id": id }))?;
        Ok(employee)
    };
    state.db.tenant(&session, change).await.map(Json)
}

/// Change a person's role. Portals ask them to sign in anew; agents go on.
#[utoipa::path(
    params(("employee_id" = Uuid, Path)),
    request_body = RoleChange,
    responses((status = 200, body = Employee))
)]
#[post("/employees/{employee_id}/change-role")]
async fn change_employee_role(
    session: Tenant<Admin>,
    state: Data<State>,
    employee: Path<Uuid>,
    body: Json<RoleChange>,
) -> Result<Json<Employee>> {
    let (id, today) = (employee.0, today(&session));
    let RoleChange {
        role,
        password,
        code,
    } = body.0;
    if id == session.user {
        return Err(Error::Conflict(
            "own_account",
            "Nobody changes their own role.".into(),
        ));
    }
    confirm(&state, session.user, password, code).await?;
    let change = move |mut tx: Tx| {
        hold_admins(&mut tx)?;
        set_role(&mut tx, id, role)?;
        let employee = one(&mut tx, today, id)?;
        let detail = json!({ "user_id": id, "role": role });
        audit::record(tx, "employee.role_changed", detail)?;
        Ok(employee)
    };
    state.db.tenant(&session, change).await.map(Json)
}

/// End every sign-in of a person, agents included; they may sign in again.
#[utoipa::path(params(("employee_id" = Uuid, Path)), responses((status = 200, body = Ended)))]
#[post("/employees/{employee_id}/end-sign-ins")]
async fn end_employee_sign_ins(
    session: Tenant<Admin>,
    state: Data<State>,
    employee: Path<Uuid>,
) -> Result<Json<Ended>> {
    let id = employee.0;
    let end = move |tx: Tx| {
        let person = users::table.find((tx.company, id)).select(users::id);
        let _: Uuid = person.first(tx.conn)?;
        let ended: Vec<Id> = sql_query("SELECT auth.end_employee_sign_ins($1) AS id")
            .bind::<SqlUuid, _>(id)
            .load(tx.conn)?;
        let detail = json!({ "user_id": id, "sign_ins": ended.len() });
        audit::record(tx, "employee.signed_out", detail)?;
        Ok(ended)
    };
    let ended = state.db.tenant(&session, end).await?;
    for Id { id } in &ended {
        state.directory.end(*id);
    }
    Ok(Json(Ended { ended: ended.len() }))
}

/// Switch off the two-factor of a person who lost the app and the recovery codes. Every sign-in of the person ends, and
/// the person is told by mail.
#[utoipa::path(
    params(("employee_id" = Uuid, Path)),
    request_body = StepUp,
    responses((status = 200, body = Ended))
)]
#[post("/employees/{employee_id}/end-two-factor")]
async fn end_employee_two_factor(
    session: Tenant<Admin>,
    state: Data<State>,
    employee: Path<Uuid>,
    body: Json<StepUp>,
) -> Result<Json<Ended>> {
    let id = employee.0;
    if id == session.user {
        return Err(Error::Conflict(
            "own_account",
            "Your own is switched off in your profile, with a code.".into(),
        ));
    }
    confirm(&state, session.user, body.0.password, body.0.code).await?;
    let end = move |tx: Tx| {
        #[derive(QueryableByName)]
        struct SignIns {
            #[diesel(sql_type = Nullable<Array<SqlUuid>>)]
            ids: Option<Vec<Uuid>>,
        }
        let person = users::table.find((tx.company, id)).select(users::id);
        let _: Uuid = person.first(tx.conn)?;
        let SignIns { ids } = sql_query("SELECT auth.end_employee_second_factor($1) AS ids")
            .bind::<SqlUuid, _>(id)
            .get_result(tx.conn)?;
        let ended = ids.ok_or_else(|| {
            let off = "This person has not set two-factor up.".to_owned();
            Error::Conflict("two_factor_off", off)
        })?;
        let detail = json!({ "user_id": id, "sign_ins": ended.len() });
        audit::record(tx, "employee.two_factor_ended", detail)?;
        Ok(ended)
    };
    let ended = state.db.tenant(&session, end).await?;
    for sign_in in &ended {
        state.directory.end(*sign_in);
    }
    Ok(Json(Ended { ended: ended.len() }))
}

fn today<R>(session: &Tenant<R>) -> NaiveDate {
    Utc::now()
        .with_timezone(&session.company.zone())
        .date_naive()
}

/// The statement that takes the seat is the one that checks the limit: of two at once, one finds none left.
fn take_seat(tx: &mut Tx, seats: i32) -> Result<()> {
    let taken = diesel::update(
        company_usage::table
            .find(tx.company)
            .filter(company_usage::seats_used.lt(seats)),
    )
    .set(company_usage::seats_used.eq(company_usage::seats_used + 1))
    .execute(tx.conn)?;
    match taken {
        0 => Err(Error::Conflict(
            "plan_employee_limit",
            format!("The plan has {seats} seats, and all are taken."),
        )),
        _ => Ok(()),
    }
}

/// Holds the company's admins until the end of the transaction, the one who asks among them. Of two who would remove
/// each other at once, the second finds that they are no admin any more: one remains always. Held against change only:
/// an invitation under way has taken its seat and refers to its admin, which a stronger lock would make a deadlock.
fn hold_admins(tx: &mut Tx) -> Result<()> {
    let admins: Vec<Uuid> = users::table
        .filter(users::company_id.eq(tx.company))
        .filter(users::role.eq(Role::Admin.name()))
        .filter(users::deactivated_at.is_null())
        .order(users::id)
        .select(users::id)
        .for_no_key_update()
        .load(tx.conn)?;
    if admins.contains(&tx.user) {
        Ok(())
    } else {
        Err(Error::Forbidden)
    }
}

fn set_role(tx: &mut Tx, id: Uuid, role: TenantRole) -> Result<()> {
    let person = users::table.find((tx.company, id));
    let (now, deactivated_at): (String, Option<DateTime<Utc>>) = person
        .select((users::role, users::deactivated_at))
        .for_no_key_update()
        .first(tx.conn)?;
    if now == role.name() || deactivated_at.is_some() {
        let state = deactivated_at.map_or(now.as_str(), |_| "deactivated");
        return Err(Error::Conflict(
            "employee_unchanged",
            format!("This person is {state} already."),
        ));
    }
    diesel::update(person)
        .set(users::role.eq(role.name()))
        .execute(tx.conn)?;
    let Done { done } = sql_query("SELECT auth.change_role($1, $2) AS done")
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(role.name())
        .get_result(tx.conn)?;
    // Programs act with the role of the admin who let them in.
    sql_query("SELECT auth.revoke_api_tokens_of($1)")
        .bind::<SqlUuid, _>(id)
        .execute(tx.conn)?;
    if done {
        Ok(())
    } else {
        Err(anyhow::anyhow!("a person of the company has no credential").into())
    }
}

#[derive(QueryableByName)]
struct Done {
    #[diesel(sql_type = Bool)]
    done: bool,
}

/// 404 when the person is not there, 409 when there is nothing to change.
fn set_deactivated(tx: &mut Tx, id: Uuid, deactivated: bool) -> Result<()> {
    let person = users::table.find((tx.company, id));
    let since: Option<DateTime<Utc>> = person
        .select(users::deactivated_at)
        .for_no_key_update()
        .first(tx.conn)?;
    if since.is_some() == deactivated {
        let state = if deactivated { "deactivated" } else { "active" };
        return Err(Error::Conflict(
            "employee_unchanged",
            format!("This person is {state} already."),
        ));
    }
    diesel::update(person)
        .set(users::deactivated_at.eq(deactivated.then(Utc::now)))
        .execute(tx.conn)?;
    sql_query("SELECT auth.set_disabled($1, $2)")
        .bind::<SqlUuid, _>(id)
        .bind::<Bool, _>(deactivated)
        .execute(tx.conn)?;
    if deactivated {
        sql_query("SELECT auth.revoke_api_tokens_of($1)")
            .bind::<SqlUuid, _>(id)
            .execute(tx.conn)?;
    }
    Ok(())
}

fn insert_invitation(
    tx: &mut Tx,
    id: Uuid,
    email: &str,
    name: Option<&str>,
    role: TenantRole,
    expires_at: DateTime<Utc>,
    token_hash: &[u8; 32],
) -> Result<()> {
    let known = users::table
        .filter(users::company_id.eq(tx.company))
        .filter(users::email.eq(email));
    if diesel::select(diesel::dsl::exists(known)).get_result(tx.conn)? {
        return Err(Error::Taken("users_email_taken".into()));
    }
    let role = role.name();
    diesel::insert_into(invited::table)
        .values((
            invited::id.eq(id),
            invited::email.eq(email),
            invited::name.eq(name),
            invited::role.eq(role),
            invited::invited_by.eq(tx.user),
            invited::expires_at.eq(expires_at),
        ))
        .execute(tx.conn)?;
    sql_query("SELECT auth.issue_invitation_link($1, $2, $3, $4, $5, $6)")
        .bind::<Binary, _>(&token_hash[..])
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(email)
        .bind::<Nullable<Text>, _>(name)
        .bind::<Text, _>(role)
        .bind::<Timestamptz, _>(expires_at)
        .execute(tx.conn)?;
    Ok(())
}

/// People and invitations in one list, whose columns are `Employee`'s. `$1` company, `$2` today.
const EVERYBODY: &str = "SELECT u.id, u.email, u.name, u.role, \
      CASE WHEN u.deactivated_at IS NULL THEN 'active' ELSE 'deactivated' END AS status, d.last_seen_at, \
      coalesce(t.tracked_seconds, 0)::bigint AS tracked_seconds_today, coalesce(d.devices, 0) AS devices, \
      lower(u.name) AS sort_value \
    FROM tenant.users u \
    LEFT JOIN (SELECT user_id, max(last_seen_at) AS last_seen_at, count(*) FILTER (WHERE revoked_at IS NULL) AS devices \
      FROM tenant.devices WHERE company_id = $1 GROUP BY user_id) d ON d.user_id = u.id \
    LEFT JOIN tenant.user_usage_daily t ON t.company_id = $1 AND t.user_id = u.id AND t.day = $2 \
    WHERE u.company_id = $1 \
    UNION ALL SELECT i.id, i.email, coalesce(i.name, ''), i.role, 'invited', NULL, 0, 0, lower(coalesce(i.name, i.email)) \
    FROM tenant.invitations i \
    WHERE i.company_id = $1 AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > now()";

fn by_name(
    tx: Tx,
    today: NaiveDate,
    query: &EmployeesQuery,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Employee>> {
    let (id, name) = after.and_then(|after| after.split_once('|')).unzip();
    let id = id
        .map(|id| id.parse::<Uuid>().map_err(|_| Error::Cursor))
        .transpose()?;
    let text = format!(
        "SELECT * FROM ({EVERYBODY}) e WHERE ($3 IS NULL OR lower(name) LIKE $3 OR email LIKE $3) \
         AND (cardinality($4) = 0 OR status = ANY ($4)) AND ($6 IS NULL OR (sort_value, id) > ($5, $6)) \
         ORDER BY sort_value, id LIMIT $7"
    );
    Ok(sql_query(text)
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Date, _>(today)
        .bind::<Nullable<Text>, _>(query.q.as_ref().map(|q| like(&q.0)))
        .bind::<Array<Text>, _>(
            query
                .status
                .iter()
                .map(|status| format!("{status:?}").to_lowercase())
                .collect::<Vec<_>>(),
        )
        .bind::<Nullable<Text>, _>(name)
        .bind::<Nullable<SqlUuid>, _>(id)
        .bind::<BigInt, _>(limit)
        .load(tx.conn)?)
}

fn one(tx: &mut Tx, today: NaiveDate, id: Uuid) -> Result<Employee> {
    Ok(
        sql_query(format!("SELECT * FROM ({EVERYBODY}) e WHERE id = $3"))
            .bind::<SqlUuid, _>(tx.company)
            .bind::<Date, _>(today)
            .bind::<SqlUuid, _>(id)
            .get_result(tx.conn)?,
    )
}
