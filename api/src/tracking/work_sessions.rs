//! The company's work sessions: when people's devices recorded, why each stretch ended, and what was changed of it. Admins
//! see everybody's and may exclude one, employees see their own. The agents' side of it is `work_session`.

mod changes;
mod deletion;

use std::collections::HashMap;

use actix_web::{get, post, web::Data};
use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::access_entries;
use super::days::{Calendar, Day, range};
use super::usage::whose;
use crate::Result;
use crate::app::State;
use crate::db::Tx;
use crate::http::json::{Json, Path, Query, given};
use crate::http::page::{Page, limit_of, position_of};
use crate::http::session::{Admin, Employee, Tenant};
use crate::http::text::{Line, like};
use changes::{Kind, WorkSessionChange};

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_work_sessions)
        .service(exclude_work_session)
        .service(include_work_session)
        .service(cut_work_session)
        .service(restore_work_session)
        .service(delete_work_session);
}

/// Sessions that began on days of the company's zone, both included. Default: the last 30.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct WorkSessionsQuery {
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    from: Option<Day>,
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    to: Option<Day>,
    /// One person. ADMIN: everybody when left out. EMPLOYEE: only oneself.
    #[serde(default, deserialize_with = "given")]
    user_id: Option<Uuid>,
    /// People of one team.
    #[serde(default, deserialize_with = "given")]
    team_id: Option<Uuid>,
    /// A part of the person's name.
    #[param(inline)]
    q: Option<Line<120>>,
    /// Why it ended: `running`, `silent`, `superseded`, or what agents say: `stopped`, `paused`, `locked`, `suspended`,
    /// `shut_down`.
    #[param(inline)]
    end: Option<Line<40>>,
    /// Only those that do not count, or only those that do.
    #[serde(default, deserialize_with = "given")]
    excluded: Option<bool>,
    #[param(max_length = 1000)]
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    #[serde(default, deserialize_with = "given")]
    limit: Option<i64>,
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

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = Text)]
    user_name: String,
    #[diesel(sql_type = Text)]
    device_name: String,
    #[diesel(sql_type = Timestamptz)]
    started_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    ended_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    end_reason: Option<String>,
    #[diesel(sql_type = BigInt)]
    tracked_seconds: i64,
    #[diesel(sql_type = BigInt)]
    active_seconds: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    excluded_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    counted_from: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    counted_to: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    deleted_at: Option<DateTime<Utc>>,
}

impl Row {
    fn with(self, changes: &mut HashMap<Uuid, Vec<WorkSessionChange>>) -> WorkSession {
        WorkSession {
            changes: changes.remove(&self.id).unwrap_or_default(),
            id: self.id,
            user_id: self.user_id,
            user_name: self.user_name,
            device_name: self.device_name,
            started_at: self.started_at,
            ended_at: self.ended_at,
            end_reason: self.end_reason,
            tracked_seconds: self.tracked_seconds,
            active_seconds: self.active_seconds,
            excluded_at: self.excluded_at,
            counted_from: self.counted_from,
            counted_to: self.counted_to,
            deleted_at: self.deleted_at,
        }
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
    session: Tenant<Employee>,
    state: Data<State>,
    query: Query<WorkSessionsQuery>,
) -> Result<Json<Page<WorkSession>>> {
    let query = query.0;
    let whose = whose(&session, query.user_id)?;
    let limit = limit_of(query.limit, 50)?;
    let list = format!(
        "work sessions {} {whose:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        session.company.id, query.from, query.to, query.team_id, query.q, query.end, query.excluded
    );
    let after = position_of(query.cursor.as_deref(), &state.secrets, &list)?;
    let secrets = state.secrets.clone();
    let read = move |mut tx: Tx| {
        let calendar = Calendar::load(tx.conn, tx.company)?;
        let (from, to) = range(query.from, query.to, calendar.today())?;
        let filter = Filter {
            whose,
            from: calendar.start(from),
            to: calendar.range(to).1,
            after,
        };
        let rows = filter.load(&mut tx, &query, limit + 1)?;
        let position = |row: &Row| (row.started_at, row.id);
        let page = Page::cut(rows, limit, &secrets, &list, position)?;
        let shown = page.items.iter();
        let mut looks: Vec<_> = shown
            .map(|row| (row.user_id, calendar.day_of(row.started_at)))
            .collect();
        looks.sort_unstable();
        looks.dedup();
        access_entries::note_days(&mut tx, &looks, "sessions")?;
        let ids: Vec<Uuid> = page.items.iter().map(|row| row.id).collect();
        let mut changes = changes::of(&mut tx, &ids)?;
        Ok(page.map(|row| row.with(&mut changes)))
    };
    state.db.tenant(&session, read).await.map(Json)
}

/// Exclude a session: it stays, and counts no more.
///
/// The sums of its days are made anew at once. How much that changed is kept with the reason, for the person as well.
#[utoipa::path(
    params(("work_session_id" = Uuid, Path)),
    request_body = WorkSessionReason,
    responses((status = 200, body = WorkSession))
)]
#[post("/work-sessions/{work_session_id}/exclude")]
async fn exclude_work_session(
    session: Tenant<Admin>,
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
    session: Tenant<Admin>,
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
    session: Tenant<Admin>,
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
    session: Tenant<Admin>,
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
    session: &Tenant<Admin>,
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

/// The last session of the page before.
type Position = (DateTime<Utc>, Uuid);

struct Filter {
    whose: Option<Uuid>,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    after: Option<Position>,
}

/// The columns of `Row`, of the sessions that `which` says. `$1` company. A row may lie within the minute before its
/// session: a minute is known by its start, so that rows of one have one time. `of` says of their rows what is known beforehand: partitions that have none
/// are not looked at.
fn sessions(which: &str, of: &str) -> String {
    format!(
        "SELECT s.id, s.user_id, u.name AS user_name, d.name AS device_name, s.started_at, s.ended_at, s.end_reason, \
           s.excluded_at, s.counted_from, s.counted_to, s.deleted_at, t.tracked_seconds, t.active_seconds \
         FROM (SELECT w.* FROM tenant.work_sessions w WHERE w.company_id = $1 AND {which}) s \
         JOIN tenant.users u ON u.company_id = $1 AND u.id = s.user_id \
         JOIN tenant.devices d ON d.company_id = $1 AND d.id = s.device_id \
         CROSS JOIN LATERAL (SELECT coalesce(sum(least(60, m.tracked)), 0)::bigint AS tracked_seconds, \
             coalesce(sum(least(60, m.active)), 0)::bigint AS active_seconds \
           FROM (SELECT sum(a.active_seconds + a.idle_seconds) AS tracked, sum(a.active_seconds) AS active \
             FROM tenant.activity_log a WHERE a.company_id = $1 AND a.user_id = s.user_id AND a.session_id = s.id {of} \
               AND a.started_at >= s.started_at - interval '1 minute' AND a.started_at <= coalesce(s.ended_at, now()) \
             GROUP BY a.started_at) m) t \
         ORDER BY s.started_at DESC, s.id DESC"
    )
}

impl Filter {
    fn load(&self, tx: &mut Tx, query: &WorkSessionsQuery, limit: i64) -> Result<Vec<Row>> {
        let which = "w.started_at >= $2 AND w.started_at < $3 AND ($4 IS NULL OR w.user_id = $4) \
           AND ($5 IS NULL OR w.user_id IN (SELECT p.id FROM tenant.users p WHERE p.company_id = $1 AND p.team_id = $5)) \
           AND ($6 IS NULL OR w.user_id IN (SELECT p.id FROM tenant.users p WHERE p.company_id = $1 AND lower(p.name) LIKE $6)) \
           AND ($7 IS NULL OR coalesce(w.end_reason, 'running') = $7) AND ($8 IS NULL OR (w.excluded_at IS NOT NULL) = $8) \
           AND ($9 IS NULL OR (w.started_at, w.id) < ($9, $10)) ORDER BY w.started_at DESC, w.id DESC LIMIT $11";
        let (after, after_id) = self.after.unzip();
        Ok(sql_query(sessions(
            which,
            "AND a.started_at >= $2 - interval '1 minute'",
        ))
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Timestamptz, _>(self.from)
        .bind::<Timestamptz, _>(self.to)
        .bind::<Nullable<SqlUuid>, _>(self.whose)
        .bind::<Nullable<SqlUuid>, _>(query.team_id)
        .bind::<Nullable<Text>, _>(query.q.as_ref().map(|q| like(&q.0)))
        .bind::<Nullable<Text>, _>(query.end.as_ref().map(|end| end.0.as_str()))
        .bind::<Nullable<Bool>, _>(query.excluded)
        .bind::<Nullable<Timestamptz>, _>(after)
        .bind::<Nullable<SqlUuid>, _>(after_id)
        .bind::<BigInt, _>(limit)
        .load(tx.conn)?)
    }
}

fn one(tx: &mut Tx, id: Uuid) -> Result<Row> {
    Ok(sql_query(sessions("w.id = $2", ""))
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(id)
        .get_result(tx.conn)?)
}
