//! A company's people: who is there, who is invited, who left. Admins only.

use actix_web::{HttpResponse, get, post, web::Data};
use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Bool, Nullable, Text, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::audit;
use crate::Result;
use crate::account::sign_ins::{Ended, Id};
use crate::account::two_factor::{StepUp, confirm};
use crate::app::State;
use crate::db::Tx;
use crate::db::schema::tenant::{company_usage, removals, users};
use crate::http::error::Error;
use crate::http::json::{Json, Path, Query};
use crate::http::page::Page;
use crate::http::session::{Admin, TeamAdmin, Tenant};
use crate::http::sheet::Book;
use crate::http::text::{Code, Password};
use crate::http::token::Role;
use invitations::take_seats;
use list::{Employee, EmployeesQuery, ExportQuery, one, today};

mod invitations;
mod list;
mod person;
mod team_admins;

pub fn routes(api: &mut ServiceConfig) {
    invitations::routes(api);
    person::routes(api);
    api.service(list_employees)
        .service(export_employees)
        .service(show_employee)
        .service(deactivate_employee)
        .service(reactivate_employee)
        .service(change_employee_role)
        .service(end_employee_sign_ins)
        .service(end_employee_two_factor);
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum TenantRole {
    Admin,
    /// An admin who is limited to teams.
    TeamAdmin,
    Employee,
}

impl TenantRole {
    fn name(self) -> &'static str {
        match self {
            Self::Admin => Role::Admin.name(),
            Self::TeamAdmin => Role::TeamAdmin.name(),
            Self::Employee => Role::Employee.name(),
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RoleChange {
    role: TenantRole,
    /// The teams that a TEAM_ADMIN is limited to, all of them; nobody else has any.
    #[serde(default)]
    #[schema(max_items = 200)]
    team_ids: Vec<Uuid>,
    /// The admin's own.
    password: Password,
    /// Where the admin has two-factor on.
    code: Option<Code>,
}

/// List the company's people and pending invitations.
#[utoipa::path(params(EmployeesQuery), responses((status = 200, body = Page<Employee>)))]
#[get("/employees")]
async fn list_employees(
    session: Tenant<TeamAdmin>,
    state: Data<State>,
    query: Query<EmployeesQuery>,
) -> Result<Json<Page<Employee>>> {
    list::page(session, state, query.0).await.map(Json)
}

/// Export the list of people as a file, as CSV or as a workbook: all that the filter lets through, in the list's order.
///
/// Written to the audit log. Times are in UTC, the day's time is the company's today. In CSV an apostrophe stands before a
/// text that a spreadsheet would read as a formula.
#[utoipa::path(
    params(ExportQuery),
    responses((status = 200, content((String = "text/csv"), (Book = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))))
)]
#[get("/employees/export")]
async fn export_employees(
    session: Tenant<TeamAdmin>,
    state: Data<State>,
    query: Query<ExportQuery>,
) -> Result<HttpResponse> {
    list::export(session, state, query.0).await
}

/// Show one person.
#[utoipa::path(params(("employee_id" = Uuid, Path)), responses((status = 200, body = Employee)))]
#[get("/employees/{employee_id}")]
async fn show_employee(
    session: Tenant<TeamAdmin>,
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
        take_seats(&mut tx, 1, seats)?;
        let employee = one(&mut tx, today, id)?;
        audit::record(tx, "employee.reactivated", json!({ "user_id": id }))?;
        Ok(employee)
    };
    state.db.tenant(&session, change).await.map(Json)
}

/// Change a person's role. Portals ask them to sign in anew; agents go on.
///
/// A TEAM_ADMIN sees the people of the teams named, and oneself: their days, pictures and usage, as an ADMIN does, and nothing that is
/// the company's as a whole. Asked for once more with other teams it is these from then on, at once.
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
        team_ids,
        password,
        code,
    } = body.0;
    let teams = team_admins::wanted(role, team_ids)?;
    if id == session.user {
        return Err(Error::Conflict(
            "own_account",
            "Nobody changes their own role.".into(),
        ));
    }
    confirm(&state, session.user, password, code).await?;
    let change = move |mut tx: Tx| {
        hold_admins(&mut tx)?;
        let is_limited_anew = team_admins::set(&mut tx, id, &teams)?;
        set_role(&mut tx, id, role, is_limited_anew)?;
        let employee = one(&mut tx, today, id)?;
        let mut detail = json!({ "user_id": id, "role": role });
        if !teams.is_empty() {
            detail["team_ids"] = json!(teams);
        }
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

/// With another limit the role may stay what it is: whoever has it goes on.
fn set_role(tx: &mut Tx, id: Uuid, role: TenantRole, is_limited_anew: bool) -> Result<()> {
    let person = users::table.find((tx.company, id));
    let (now, deactivated_at): (String, Option<DateTime<Utc>>) = person
        .select((users::role, users::deactivated_at))
        .for_no_key_update()
        .first(tx.conn)?;
    let is_same = now == role.name();
    if is_same && is_limited_anew && deactivated_at.is_none() {
        return Ok(());
    }
    if is_same || deactivated_at.is_some() {
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
    let removal = removals::table.filter(removals::company_id.eq(tx.company));
    let is_going = diesel::select(exists(removal.filter(removals::user_id.eq(id))));
    if is_going.get_result(tx.conn)? {
        return Err(Error::Conflict(
            "removal_in_progress",
            "This person is being removed for good.".into(),
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
