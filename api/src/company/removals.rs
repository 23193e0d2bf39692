//! People who are removed for good: everything about them is erased by a job, and what is left says so without a name.

use actix_web::{HttpResponse, get, post, web::Data};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::audit;
use crate::Result;
use crate::account::two_factor::confirm;
use crate::app::State;
use crate::db::Tx;
use crate::db::schema::tenant::users;
use crate::http::error::Error;
use crate::http::idempotency::{Made, Once};
use crate::http::json::{Json, Query};
use crate::http::page::{Page, PageQuery};
use crate::http::session::{Admin, Tenant};
use crate::http::text::{Code, Email, Password};
use crate::jobs::{queue, removals as job};

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_removals).service(create_removal);
}

/// That somebody was removed, or is being removed. Nobody can tell from it who that was.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct Removal {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    /// What entries about other people still call the person.
    #[diesel(sql_type = SqlUuid)]
    employee_id: Uuid,
    /// The admin who asked; absent when that one was removed as well.
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    requested_by: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    requested_at: DateTime<Utc>,
    /// When the last search found nothing any more; absent until then.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    removed_at: Option<DateTime<Utc>>,
    /// Rows taken away so far.
    #[diesel(sql_type = BigInt)]
    rows: i64,
    /// Stored files taken away so far.
    #[diesel(sql_type = BigInt)]
    objects: i64,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRemoval {
    employee_id: Uuid,
    /// The person's address, as proof that they are meant.
    email: Email,
    /// The admin's own.
    password: Password,
    /// Where the admin has two-factor on.
    code: Option<Code>,
}

/// List who was removed, the latest first.
#[utoipa::path(params(PageQuery), responses((status = 200, body = Page<Removal>)))]
#[get("/removals")]
async fn list_removals(
    session: Tenant<Admin>,
    state: Data<State>,
    query: Query<PageQuery>,
) -> Result<Json<Page<Removal>>> {
    let list = format!("removals {}", session.company.id);
    let limit = query.0.limit()?;
    let before = query.0.position(&state.secrets, &list)?;
    let read = move |mut tx: Tx| latest_first(&mut tx, before, limit + 1);
    let rows = state.db.tenant(&session, read).await?;
    let position = |row: &Removal| row.id;
    Page::cut(rows, limit, &state.secrets, &list, position).map(Json)
}

/// Remove a deactivated person for good: everything recorded about them, and what they signed in with.
///
/// A job does it at once, and nothing brings it back. Sums that were published of the company stay, as do entries about
/// other people, without the name.
#[utoipa::path(request_body = NewRemoval, responses((status = 201, body = Removal)))]
#[post("/removals")]
async fn create_removal(
    session: Tenant<Admin>,
    state: Data<State>,
    once: Once,
    body: Json<NewRemoval>,
) -> Result<HttpResponse> {
    let NewRemoval {
        employee_id: person,
        email,
        password,
        code,
    } = body.0;
    confirm(&state, session.user, password, code).await?;
    let make = move |mut tx: Tx| {
        may_be_removed(&mut tx, person, &email)?;
        let id = Uuid::now_v7();
        insert(&mut tx, id, person)?;
        queue::enqueue(tx.conn, &[job::job(tx.company, id)])?;
        let made = find(&mut tx, id)?;
        let detail = json!({ "removal_id": id, "user_id": person });
        audit::record(tx, "employee.removal_requested", detail)?;
        Ok(Made::new("/api/removals".to_owned(), made))
    };
    once.tenant(&state, &session, make).await
}

/// Held until the end of the transaction, so that nobody reactivates the person meanwhile.
fn may_be_removed(tx: &mut Tx, person: Uuid, email: &Email) -> Result<()> {
    let known: (String, Option<DateTime<Utc>>) = users::table
        .find((tx.company, person))
        .select((users::email, users::deactivated_at))
        .for_no_key_update()
        .first(tx.conn)?;
    if known.0 != email.0 {
        return Err(Error::invalid(
            "/email",
            "confirmation_mismatch",
            "That is not this person's address",
        ));
    }
    if known.1.is_none() {
        let first = "Deactivate this person first: that ends what their devices still send.";
        return Err(Error::Conflict("employee_active", first.into()));
    }
    Ok(())
}

fn insert(tx: &mut Tx, id: Uuid, person: Uuid) -> Result<()> {
    #[derive(QueryableByName)]
    struct Done {
        #[diesel(sql_type = Bool)]
        done: bool,
    }
    sql_query("INSERT INTO tenant.removals (company_id, id, user_id, requested_by) VALUES ($1, $2, $3, $4)")
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(id)
        .bind::<SqlUuid, _>(person)
        .bind::<SqlUuid, _>(tx.user)
        .execute(tx.conn)?;
    let Done { done } = sql_query("SELECT auth.request_removal($1) AS done")
        .bind::<SqlUuid, _>(person)
        .get_result(tx.conn)?;
    match done {
        true => Ok(()),
        false => Err(anyhow::anyhow!("a deactivated person has no disabled credential").into()),
    }
}

/// The company's. Who was removed as well has no name.
const REMOVALS: &str = "\
    SELECT r.id, r.user_id AS employee_id, u.name AS requested_by, r.requested_at, r.removed_at, r.objects, \
      (SELECT coalesce(sum(value::bigint), 0)::bigint FROM jsonb_each_text(r.tables)) AS rows \
    FROM tenant.removals r LEFT JOIN tenant.users u ON u.company_id = $1 AND u.id = r.requested_by WHERE r.company_id = $1";

fn find(tx: &mut Tx, id: Uuid) -> Result<Removal> {
    Ok(sql_query(format!("{REMOVALS} AND r.id = $2"))
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(id)
        .get_result(tx.conn)?)
}

fn latest_first(tx: &mut Tx, before: Option<Uuid>, limit: i64) -> Result<Vec<Removal>> {
    Ok(sql_query(format!(
        "{REMOVALS} AND ($2 IS NULL OR r.id < $2) ORDER BY r.id DESC LIMIT $3"
    ))
    .bind::<SqlUuid, _>(tx.company)
    .bind::<Nullable<SqlUuid>, _>(before)
    .bind::<BigInt, _>(limit)
    .load(tx.conn)?)
}
