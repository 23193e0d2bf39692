//! The company's work sessions: when people's devices recorded, why each stretch ended, and what was changed of it. Admins
//! see everybody's and correct them, employees see their own. The agents' side of it is `work_session`.

mod changes;
mod deletion;
mod list;

use actix_web::{HttpResponse, get, post, web::Data};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::Result;
use crate::app::State;
use crate::db::{Scope, Tx};
use crate::http::json::{Json, Path, Query, given};
use crate::http::page::Page;
use crate::http::session::{Admin, TeamAdmin, Tenant, Viewer};
use crate::http::sheet::Book;
use crate::http::text::Line;
use changes::{Kind, WorkSessionChange};
use list::{WorkSessionsExportQuery, WorkSessionsQuery, one};

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_work_sessions)
        .service(export_work_sessions)
        .service(exclude_work_session)
        .service(include_work_session)
        .service(cut_work_session)
        .service(restore_work_session)
        .service(delete_work_session);
}

/// A stretch of recording on one device.
#[derive(Debug, Serialize, ToSchema)]
struct WorkSession {
    id: Uuid,
    user_id: Uuid,
    user_name: String,
    device_name: String,
    started_at: DateTime<Utc>,
    /// Absent while it goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<DateTime<Utc>>,
    /// What the agent said, `silent` (no sign of life came any more) or `superseded` (the next one began).
    #[serde(skip_serializing_if = "Option::is_none")]
    end_reason: Option<String>,
    /// What its device observed, whether it counts or not. In the sums of a day a minute of two devices counts once.
    tracked_seconds: i64,
    active_seconds: i64,
    /// What its agent said it was for: one task, as a session ends where another task is begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<SessionTask>,
    /// Since when it does not count; absent where it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    excluded_at: Option<DateTime<Utc>>,
    /// From when on it counts; absent where that is its beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    counted_from: Option<DateTime<Utc>>,
    /// Until when it counts; absent where that is its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    counted_to: Option<DateTime<Utc>>,
    /// Since when nothing is left of what was recorded in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_at: Option<DateTime<Utc>>,
    /// Newest first, at most 20.
    changes: Vec<WorkSessionChange>,
}

/// The task that a session was for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SessionTask {
    id: Uuid,
    /// Absent where one may not see the task: it is somebody else's by now.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
}

impl SessionTask {
    pub(super) fn of(id: Option<Uuid>, title: Option<String>) -> Option<Self> {
        id.map(|id| Self { id, title })
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WorkSessionReason {
    /// The person reads it.
    reason: Line<500>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WorkSessionCut {
    /// A whole minute after the beginning. Left out it counts from its beginning.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    from: Option<DateTime<Utc>>,
    /// A whole minute before the end. Left out it counts to its end.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    to: Option<DateTime<Utc>>,
    /// The person reads it.
    reason: Line<500>,
}

/// List work sessions, the latest first.
///
/// EMPLOYEE: the own ones only. Whose sessions an ADMIN is shown can read that, day by day.
#[utoipa::path(params(WorkSessionsQuery), responses((status = 200, body = Page<WorkSession>)))]
#[get("/work-sessions")]
async fn list_work_sessions(
    session: Tenant<Viewer>,
    state: Data<State>,
    query: Query<WorkSessionsQuery>,
) -> Result<Json<Page<WorkSession>>> {
    list::page(session, state, query.0).await.map(Json)
}

/// Export the list of work sessions as a file, as CSV or as a workbook: all that the filter lets through, in the list's order.
///
/// Written to the audit log, and noted for those whose sessions are in it, day by day. In CSV an apostrophe stands before a text
/// that a spreadsheet would read as a formula.
#[utoipa::path(
    params(WorkSessionsExportQuery),
    responses((status = 200, content((String = "text/csv"), (Book = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))))
)]
#[get("/work-sessions/export")]
async fn export_work_sessions(
    session: Tenant<TeamAdmin>,
    state: Data<State>,
    query: Query<WorkSessionsExportQuery>,
) -> Result<HttpResponse> {
    list::export(session, state, query.0).await
}

/// Exclude a session: it stays, and counts no more.
///
/// The sums of its days are made anew at once. How much that changed is kept with the reason, for the person as well.
/// TEAM_ADMIN: no own session (`work_session_own`), here and in what follows.
#[utoipa::path(
    params(("work_session_id" = Uuid, Path)),
    request_body = WorkSessionReason,
    responses((status = 200, body = WorkSession))
)]
#[post("/work-sessions/{work_session_id}/exclude")]
async fn exclude_work_session(
    session: Tenant<TeamAdmin>,
    state: Data<State>,
    id: Path<Uuid>,
    body: Json<WorkSessionReason>,
) -> Result<Json<WorkSession>> {
    change(&state, &session, id.0, Kind::Excluded, body.0).await
}

/// Let a session count again.
#[utoipa::path(
    params(("work_session_id" = Uuid, Path)),
    request_body = WorkSessionReason,
    responses((status = 200, body = WorkSession))
)]
#[post("/work-sessions/{work_session_id}/include")]
async fn include_work_session(
    session: Tenant<TeamAdmin>,
    state: Data<State>,
    id: Path<Uuid>,
    body: Json<WorkSessionReason>,
) -> Result<Json<WorkSession>> {
    change(&state, &session, id.0, Kind::Included, body.0).await
}

/// Let only a part of a session count: later, earlier or both, and never more than was recorded.
///
/// What was recorded stays as it is. The sums of the days are made anew at once. How much that changed is kept with the reason,
/// for the person as well. A session that was cut may be cut otherwise.
#[utoipa::path(
    params(("work_session_id" = Uuid, Path)),
    request_body = WorkSessionCut,
    responses((status = 200, body = WorkSession))
)]
#[post("/work-sessions/{work_session_id}/cut")]
async fn cut_work_session(
    session: Tenant<TeamAdmin>,
    state: Data<State>,
    id: Path<Uuid>,
    body: Json<WorkSessionCut>,
) -> Result<Json<WorkSession>> {
    let WorkSessionCut { from, to, reason } = body.0;
    let kind = Kind::Cut { from, to };
    change(&state, &session, id.0, kind, WorkSessionReason { reason }).await
}

/// Let the whole of a session count again that was cut.
#[utoipa::path(
    params(("work_session_id" = Uuid, Path)),
    request_body = WorkSessionReason,
    responses((status = 200, body = WorkSession))
)]
#[post("/work-sessions/{work_session_id}/restore")]
async fn restore_work_session(
    session: Tenant<TeamAdmin>,
    state: Data<State>,
    id: Path<Uuid>,
    body: Json<WorkSessionReason>,
) -> Result<Json<WorkSession>> {
    change(&state, &session, id.0, Kind::Restored, body.0).await
}

/// Delete what was recorded in a session: its minutes, applications, pages and pictures go for good, and nobody can take
/// that back.
///
/// The session stays in the list without them, with who deleted it, why, and by how much the sums of its days fell. What
/// its device still sends of it is refused.
#[utoipa::path(
    params(("work_session_id" = Uuid, Path)),
    request_body = WorkSessionReason,
    responses((status = 200, body = WorkSession))
)]
#[post("/work-sessions/{work_session_id}/delete")]
async fn delete_work_session(
    session: Tenant<Admin>,
    state: Data<State>,
    id: Path<Uuid>,
    body: Json<WorkSessionReason>,
) -> Result<Json<WorkSession>> {
    change(&state, &session, id.0, Kind::Deleted, body.0).await
}

async fn change(
    state: &State,
    session: impl Into<Scope>,
    id: Uuid,
    kind: Kind,
    WorkSessionReason {
        reason: Line(reason),
    }: WorkSessionReason,
) -> Result<Json<WorkSession>> {
    let change = move |mut tx: Tx| {
        changes::make(&mut tx, id, kind, &reason)?;
        let mut changes = changes::of(&mut tx, &[id])?;
        Ok(one(&mut tx, id)?.with(&mut changes))
    };
    state.db.tenant(session, change).await.map(Json)
}
