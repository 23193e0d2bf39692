//! Plans: what a company may use, and for what price.

use actix_web::{get, web::Data};
use diesel::{
    ExpressionMethods, OptionalExtension, PgConnection, QueryDsl, Queryable, RunQueryDsl,
    Selectable, SelectableHelper,
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::Result;
use crate::app::State;
use crate::db::schema::platform::plans;
use crate::http::{error::Error, json::Json, page::Page, session::Owner};

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_plans);
}

/// A plan.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, ToSchema)]
#[diesel(table_name = plans)]
pub(crate) struct Plan {
    pub id: Uuid,
    /// FREE, PRO, ENTERPRISE, or one the owner added.
    pub name: String,
    pub max_employees: i32,
    /// In units of 1,000,000,000 bytes.
    pub max_storage_gb: i32,
    /// Per month, in the currency's minor units.
    pub price_minor: i64,
    /// ISO 4217.
    pub currency: String,
    pub retention_days: i32,
}

/// List the plans by price.
#[utoipa::path(responses((status = 200, body = Page<Plan>)))]
#[get("/owner/plans")]
async fn list_plans(owner: Owner, state: Data<State>) -> Result<Json<Page<Plan>>> {
    let all = |conn: &mut PgConnection| {
        Ok(plans::table
            .order((plans::price_minor, plans::name))
            .select(Plan::as_select())
            .load(conn)?)
    };
    let items = state.db.platform(&owner, all).await?;
    Ok(Json(Page {
        items,
        next_cursor: None,
    }))
}

/// The plan of that name; another name is an error of the field `plan`.
pub(crate) fn by_name(conn: &mut PgConnection, name: &str) -> Result<Plan> {
    let found = plans::table
        .filter(plans::name.eq(name))
        .select(Plan::as_select())
        .first(conn)
        .optional()?;
    found.ok_or_else(|| Error::invalid("/plan", "plan_unknown", "There is no plan of that name"))
}
