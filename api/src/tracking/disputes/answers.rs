//! Answering, once and with a text that the person reads; and telling admins that there is something to answer.

use actix_web::{post, web::Data};
use chrono::Utc;
use diesel::sql_types::{Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{Dispute, DisputeState, closed, one};
use crate::Result;
use crate::app::State;
use crate::company::audit;
use crate::company::notifications::{self, Notice, NotificationKind};
use crate::db::{DbRole, Tx};
use crate::http::error::Error;
use crate::http::json::{Json, Path};
use crate::http::session::{TeamAdmin, Tenant};
use crate::http::text::Line;
use crate::tracking::days::Calendar;

pub(super) fn routes(api: &mut ServiceConfig) {
    api.service(answer_dispute);
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DisputeAnswer {
    /// Whether the person is right. That alone changes no number.
    accepted: bool,
    /// The person reads it.
    answer: Line<500>,
}

/// Answer what somebody contested: accept or reject it, with a text that the person reads.
///
/// It changes no number by itself: sessions are corrected and rules changed where they are. Written to the audit log, and the
/// person is told. TEAM_ADMIN: not of oneself (`disputes_own`).
#[utoipa::path(
    request_body = DisputeAnswer,
    params(("dispute_id" = Uuid, Path)),
    responses((status = 200, body = Dispute))
)]
#[post("/disputes/{dispute_id}/answer")]
async fn answer_dispute(
    session: Tenant<TeamAdmin>,
    state: Data<State>,
    id: Path<Uuid>,
    body: Json<DisputeAnswer>,
) -> Result<Json<Dispute>> {
    let id = id.0;
    let DisputeAnswer {
        accepted,
        answer: Line(answer),
    } = body.0;
    let to = match accepted {
        true => DisputeState::Accepted,
        false => DisputeState::Rejected,
    };
    let decide = move |mut tx: Tx| {
        let of = one(&mut tx, id)?;
        if tx.role == DbRole::TeamAdmin && of.user_id == tx.user {
            return Err(Error::Conflict(
                "disputes_own",
                "What oneself contests an admin of the company answers.".into(),
            ));
        }
        if store(&mut tx, id, to, &answer)? == 0 {
            return Err(closed());
        }
        let told = Notice::new(of.user_id, NotificationKind::DisputeAnswered);
        notifications::tell(&mut tx, &[told])?;
        let calendar = Calendar::load(tx.conn, tx.company)?;
        let answered = one(&mut tx, id)?;
        super::list::note(&mut tx, &calendar, std::slice::from_ref(&answered))?;
        let detail = json!({ "dispute_id": id, "user_id": answered.user_id, "kind": answered.kind, "state": answered.state,
            "reason": answered.answer });
        audit::record(tx, "dispute.answered", detail)?;
        Ok(answered)
    };
    state.db.tenant(&session, decide).await.map(Json)
}

fn store(tx: &mut Tx, id: Uuid, to: DisputeState, answer: &str) -> Result<usize> {
    Ok(sql_query(
        "UPDATE tenant.disputes t SET state = $4, answer = $5, answered_at = $6, answered_by = u.id, answered_by_name = u.name \
         FROM tenant.users u WHERE t.company_id = $1 AND t.id = $2 AND t.state = 'open' AND u.company_id = $1 AND u.id = $3",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<Text, _>(to.name())
    .bind::<Text, _>(answer)
    .bind::<Timestamptz, _>(Utc::now())
    .execute(tx.conn)?)
}

/// Tells admins of the company, and of the person's team, that something waits for an answer: for the job, as no employee's role
/// may write to others.
pub(crate) fn tell_admins(mut tx: Tx, id: Uuid) -> Result<()> {
    #[derive(QueryableByName)]
    struct Admin {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    // Withdrawn or gone with its person, it tells nobody anything.
    let admins: Vec<Admin> = sql_query(
        "SELECT a.id FROM tenant.disputes d JOIN tenant.users u ON u.company_id = $1 AND u.id = d.user_id \
         JOIN tenant.users a ON a.company_id = $1 AND a.id <> d.user_id AND a.deactivated_at IS NULL AND a.removed_at IS NULL \
           AND (a.role = 'ADMIN' OR a.role = 'TEAM_ADMIN' AND EXISTS (SELECT FROM tenant.team_admins t \
             WHERE t.company_id = $1 AND t.user_id = a.id AND t.team_id = u.team_id)) \
         WHERE d.company_id = $1 AND d.id = $2 AND d.state = 'open' ORDER BY a.id",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .load(tx.conn)?;
    let notices: Vec<Notice> = (admins.iter())
        .map(|admin| Notice::new(admin.id, NotificationKind::DisputeOpened))
        .collect();
    notifications::tell(&mut tx, &notices)
}
