//! What a company lets its people say of themselves, and from which day on.

use actix_web::{get, web::Data};
use chrono::{Days, NaiveDate, NaiveTime};
use diesel::sql_types::{Bool, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::Result;
use crate::app::State;
use crate::db::Tx;
use crate::db::statement::statement;
use crate::http::json::Json;
use crate::http::session::{Employee, Tenant};
use crate::tracking::days::Calendar;
use crate::tracking::hours::Hours;
use crate::tracking::kept::Kept;

/// So many days before today manual time may begin.
const DAYS_BACK: u64 = 60;

pub(super) fn routes(api: &mut ServiceConfig) {
    api.service(show_manual_time_rules);
}

/// When manual time may be added, and by whom.
#[derive(Debug, Serialize, ToSchema)]
struct ManualTimeRules {
    /// Whether employees add their own. Admins always may.
    allowed: bool,
    /// Whether an admin must approve what an employee adds.
    approval: bool,
    /// The first day of the company's zone that may have any.
    first_day: NaiveDate,
    /// 1 is Monday, 7 Sunday.
    tracking_days: Vec<i16>,
    /// From this time of the company's clock on.
    #[schema(value_type = String, example = "09:00:00")]
    tracking_from: NaiveTime,
    /// Up to this time; before `tracking_from` it is one of the next day.
    #[schema(value_type = String, example = "17:30:00")]
    tracking_to: NaiveTime,
}

/// Show when I may have manual time, and who adds it.
#[utoipa::path(responses((status = 200, body = ManualTimeRules)))]
#[get("/manual-times/rules")]
async fn show_manual_time_rules(
    session: Tenant<Employee>,
    state: Data<State>,
) -> Result<Json<ManualTimeRules>> {
    let show = move |mut tx: Tx| {
        let user = tx.user;
        let rules = load(&mut tx, user)?;
        let calendar = Calendar::load(tx.conn, tx.company)?;
        Ok(ManualTimeRules {
            first_day: rules.first_day(&mut tx, &calendar)?,
            allowed: rules.allowed,
            approval: rules.approval,
            tracking_days: rules.hours.days,
            tracking_from: rules.hours.from,
            tracking_to: rules.hours.to,
        })
    };
    state.db.tenant(&session, show).await.map(Json)
}

pub(super) struct Rules {
    pub allowed: bool,
    pub approval: bool,
    pub hours: Hours,
}

/// The same for everybody.
#[derive(QueryableByName)]
pub(super) struct Decided {
    #[diesel(sql_type = Bool)]
    allowed: bool,
    #[diesel(sql_type = Bool)]
    pub approval: bool,
}

pub(super) fn decided(tx: &mut Tx) -> Result<Decided> {
    Ok(statement(
        "SELECT manual_time_allowed AS allowed, manual_time_approval AS approval FROM tenant.company_settings WHERE company_id = $1",
    )
    .bind::<SqlUuid, _>(tx.company)
    .get_result(tx.conn)?)
}

/// What holds for time of that person.
pub(super) fn load(tx: &mut Tx, user: Uuid) -> Result<Rules> {
    let Decided { allowed, approval } = decided(tx)?;
    Ok(Rules {
        allowed,
        approval,
        hours: Hours::of(tx, user)?,
    })
}

impl Rules {
    /// Of days before, only the sums are kept, or it is too long ago.
    pub fn first_day(&self, tx: &mut Tx, calendar: &Calendar) -> Result<NaiveDate> {
        let first = calendar.today() - Days::new(DAYS_BACK);
        let kept = Kept::load(tx.conn, tx.company)?.usage_kept_from;
        Ok(kept.map_or(first, |kept| first.max(kept + Days::new(1))))
    }
}
