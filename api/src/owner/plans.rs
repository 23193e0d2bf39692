//! Plans: what a company may use, and for what price. An owner makes, changes and archives them; none is ever deleted,
//! and no change reaches back into what a company has agreed to.

mod simulation;
mod sql;
mod types;

use actix_web::{HttpResponse, get, patch, post, web::Data};
use diesel::PgConnection;
use serde_json::json;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::audit;
use crate::Result;
use crate::app::State;
use crate::http::idempotency::{Made, Once};
use crate::http::json::{Json, Path, Query};
use crate::http::precondition::{IfMatch, Tagged, Versioned};
use crate::http::{page::Page, session::Owner};
use simulation::Simulation;
pub(crate) use sql::{Choice, choose, one, price};
pub(crate) use types::{Currency, Period, Plan, check_limits, difference};
use types::{NewPlan, PlanChanges, PlanInUse, PlansQuery};

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_plans)
        .service(create_plan)
        .service(show_plan)
        .service(simulate_plan_change)
        .service(change_plan);
}

/// List the plans, the smallest first, with how many companies have each.
#[utoipa::path(params(PlansQuery), responses((status = 200, body = Page<PlanInUse>)))]
#[get("/owner/plans")]
async fn list_plans(
    owner: Owner,
    state: Data<State>,
    query: Query<PlansQuery>,
) -> Result<Json<Page<PlanInUse>>> {
    let wanted = query.0.archived();
    let items = state
        .db
        .platform(&owner, move |conn| sql::all(conn, wanted))
        .await?;
    Ok(Json(Page {
        items,
        next_cursor: None,
    }))
}

/// Create a plan.
#[utoipa::path(request_body = NewPlan, responses((status = 201, body = Plan)))]
#[post("/owner/plans")]
async fn create_plan(
    owner: Owner,
    state: Data<State>,
    once: Once,
    body: Json<NewPlan>,
) -> Result<HttpResponse> {
    let new = body.0;
    new.check()?;
    let (id, user) = (Uuid::now_v7(), owner.user);
    let make = move |conn: &mut PgConnection| {
        sql::insert(conn, id, &new)?;
        let plan = sql::one(conn, id)?;
        let detail = json!({ "plan_id": id, "after": plan.terms()? });
        audit::record(conn, user, "plan.created", Uuid::nil(), detail)?;
        Ok(Made::new(format!("/api/owner/plans/{id}"), plan))
    };
    once.platform(&state, &owner, make).await
}

/// Show a plan. Its `ETag` is what a change asks for.
#[utoipa::path(params(("plan_id" = Uuid, Path)), responses((status = 200, body = Plan)))]
#[get("/owner/plans/{plan_id}")]
async fn show_plan(owner: Owner, state: Data<State>, plan: Path<Uuid>) -> Result<Tagged<Plan>> {
    state
        .db
        .platform(&owner, move |conn| sql::one(conn, plan.0))
        .await
        .map(Tagged)
}

/// Say what a change would do, and do nothing.
///
/// Companies that would exceed the new limits or lose a feature, agreements of their own respected, and what active ones
/// pay a month now and once all of them have come to the new prices.
#[utoipa::path(
    params(("plan_id" = Uuid, Path)),
    request_body = PlanChanges,
    responses((status = 200, body = Simulation))
)]
#[post("/owner/plans/{plan_id}/simulate")]
async fn simulate_plan_change(
    owner: Owner,
    state: Data<State>,
    plan: Path<Uuid>,
    body: Json<PlanChanges>,
) -> Result<Json<Simulation>> {
    let changes = body.0;
    changes.check()?;
    let simulate = move |conn: &mut PgConnection| {
        let plan = sql::one(conn, plan.0)?;
        simulation::run(conn, &plan, &changes)
    };
    state.db.platform(&owner, simulate).await.map(Json)
}

/// Change, archive or bring back a plan.
///
/// What is absent stays. New limits hold at once for every company on the plan: nothing of theirs is deleted, only
/// growth is refused. New prices hold for who chooses the plan from now on: what companies have agreed to stays. An
/// archived plan stays with those who have it, and nobody else can choose it. A price by which companies pay is not
/// taken away: 409 `plan_price_in_use`.
#[utoipa::path(
    params(("plan_id" = Uuid, Path)),
    request_body = PlanChanges,
    responses((status = 200, body = Plan))
)]
#[patch("/owner/plans/{plan_id}")]
async fn change_plan(
    owner: Owner,
    if_match: IfMatch,
    state: Data<State>,
    plan: Path<Uuid>,
    body: Json<PlanChanges>,
) -> Result<Tagged<Plan>> {
    let (id, user, changes) = (plan.0, owner.user, body.0);
    changes.check()?;
    let change = move |conn: &mut PgConnection| {
        let before = sql::locked(conn, id)?;
        if_match.check(&before.version())?;
        sql::update(conn, &before, &changes)?;
        let after = sql::one(conn, id)?;
        let (was, is) = difference(before.terms()?, after.terms()?);
        if was.is_empty() && is.is_empty() {
            return Ok((after, false));
        }
        let action = match (before.archived_at, after.archived_at) {
            (None, Some(_)) => "plan.archived",
            (Some(_), None) => "plan.restored",
            _ => "plan.changed",
        };
        let detail = json!({ "plan_id": id, "name": after.name, "before": was, "after": is });
        audit::record(conn, user, action, Uuid::nil(), detail)?;
        let counted = sql::next_version(conn, id)?;
        let plan = Plan {
            version: counted.version,
            updated_at: counted.updated_at,
            ..after
        };
        Ok((plan, true))
    };
    let (plan, is_changed) = state.db.platform(&owner, change).await?;
    if is_changed {
        state.directory.refresh_all(&state.db).await?;
    }
    Ok(Tagged(plan))
}
