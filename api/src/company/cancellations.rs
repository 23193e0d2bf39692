//! The company's own way out: an ADMIN cancels it. Thirty days later it is erased, unless the owner brings it back.

use actix_web::{HttpResponse, post, web::Data};
use chrono::{DateTime, Utc};
use diesel::sql_types::{Bool, Nullable, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
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
use crate::http::error::Error;
use crate::http::idempotency::{Made, Once};
use crate::http::json::{Json, given};
use crate::http::origin;
use crate::http::session::{Admin, Tenant};
use crate::http::text::{Code, Line, Password};
use crate::jobs::erasures::CHANGE_OF_MIND;

pub fn routes(api: &mut ServiceConfig) {
    api.service(create_cancellation);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewCancellation {
    /// The company's name, as proof that it is meant.
    name: Line<120>,
    /// The service's owner reads it.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    reason: Option<Line<500>>,
    /// Of the signed-in ADMIN.
    password: Password,
    /// Where the ADMIN has two-factor on.
    code: Option<Code>,
}

/// A company that has left.
#[derive(Serialize, ToSchema)]
struct CancelledCompany {
    cancelled_at: DateTime<Utc>,
    /// From then on everything of the company is erased.
    erased_from: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct Cancelled {
    #[diesel(sql_type = Bool)]
    done: bool,
}

/// Cancel the company, now.
///
/// Its agents are refused at once. Its admins go on reading and exporting for thirty days; then everything is erased,
/// unless the service's owner brings the company back before.
#[utoipa::path(request_body = NewCancellation, responses((status = 201, body = CancelledCompany)))]
#[post("/cancellations")]
async fn create_cancellation(
    session: Tenant<Admin>,
    state: Data<State>,
    once: Once,
    body: Json<NewCancellation>,
) -> Result<HttpResponse> {
    let NewCancellation {
        name: Line(name),
        reason,
        password,
        code,
    } = body.0;
    if name != session.company.name {
        return Err(Error::invalid(
            "/name",
            "company_name_wrong",
            "This is not the company's name",
        ));
    }
    confirm(&state, session.user, password, code).await?;
    let reason = reason.map(|Line(reason)| reason);
    let cancel = move |tx: Tx| {
        let cancelled_at = Utc::now();
        let Cancelled { done } =
            sql_query("SELECT platform.cancel_own_company($1, $2, $3, $4) AS done")
                .bind::<SqlUuid, _>(Uuid::now_v7())
                .bind::<SqlUuid, _>(Uuid::now_v7())
                .bind::<Nullable<Text>, _>(&reason)
                .bind::<Nullable<Text>, _>(origin::request_id())
                .get_result(tx.conn)?;
        if !done {
            return Err(Error::Conflict(
                "company_cancelled",
                "The company has left already.".into(),
            ));
        }
        audit::record(tx, "company.cancelled", json!({ "reason": reason }))?;
        let left = CancelledCompany {
            cancelled_at,
            erased_from: cancelled_at + CHANGE_OF_MIND,
        };
        Ok(Made::new("/api/me", left))
    };
    let answer = once.tenant(&state, &session, cancel).await?;
    state
        .directory
        .refresh(&state.db, session.company.id)
        .await?;
    Ok(answer)
}
