//! What the coming night would delete, before anybody decides.

use actix_web::{get, web::Data};
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::RETENTIONS;
use crate::Result;
use crate::app::State;
use crate::db::Tx;
use crate::http::error::Error;
use crate::http::json::{Json, Query, given};
use crate::http::session::{Admin, Tenant};
use crate::tracking::days::Calendar;
use crate::tracking::kept::{Due, Retention, due};

pub fn routes(api: &mut ServiceConfig) {
    api.service(preview_retention);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct RetentionQuery {
    /// As it is now when left out.
    #[param(minimum = 1, maximum = 3660)]
    #[serde(default, deserialize_with = "given")]
    screenshot_retention_days: Option<i32>,
    /// The same.
    #[param(minimum = 1, maximum = 3660)]
    #[serde(default, deserialize_with = "given")]
    usage_retention_days: Option<i32>,
}

/// What goes with the coming night where these days are chosen. Counted by the sums of the days, which are at most a
/// minute behind.
#[derive(Debug, Serialize, ToSchema)]
struct RetentionPreview {
    /// When the night begins: midnight of the company's clock. It is done within an hour or two.
    at: DateTime<Utc>,
    screenshots: i64,
    screenshot_bytes: i64,
    /// Screenshots of days before this one go.
    screenshots_before: NaiveDate,
    /// Minutes of activity, stretches of applications and of websites.
    usage_entries: i64,
    /// Those that began on days before this one go.
    usage_before: NaiveDate,
}

/// Preview what the coming night deletes, by these days to keep records.
#[utoipa::path(params(RetentionQuery), responses((status = 200, body = RetentionPreview)))]
#[get("/settings/retention-preview")]
async fn preview_retention(
    session: Tenant<Admin>,
    state: Data<State>,
    query: Query<RetentionQuery>,
) -> Result<Json<RetentionPreview>> {
    let wanted = query.0;
    for (name, days) in [
        (
            "screenshot_retention_days",
            wanted.screenshot_retention_days,
        ),
        ("usage_retention_days", wanted.usage_retention_days),
    ] {
        if days.is_some_and(|days| !RETENTIONS.contains(&days)) {
            let detail = "Records are kept for 1 to 3660 days";
            return Err(Error::invalid(name, "retention_invalid", detail));
        }
    }
    let preview = move |tx: Tx| preview(tx, &wanted);
    state.db.tenant(&session, preview).await.map(Json)
}

fn preview(tx: Tx, wanted: &RetentionQuery) -> Result<RetentionPreview> {
    let saved = Retention::load(tx.conn, tx.company)?;
    let retention = Retention {
        screenshot_retention_days: wanted
            .screenshot_retention_days
            .unwrap_or(saved.screenshot_retention_days),
        usage_retention_days: wanted
            .usage_retention_days
            .unwrap_or(saved.usage_retention_days),
    };
    let calendar = Calendar::load(tx.conn, tx.company)?;
    let tomorrow = calendar.today() + Days::new(1);
    let until = retention.on(tomorrow);
    let Due {
        screenshots,
        screenshot_bytes,
        usage_entries,
    } = due(tx.conn, tx.company, until)?;
    Ok(RetentionPreview {
        at: calendar.start(tomorrow),
        screenshots,
        screenshot_bytes,
        screenshots_before: until.screenshots_from,
        usage_entries,
        usage_before: until.usage_from,
    })
}
