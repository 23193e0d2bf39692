//! The raw rows of a person between two instants, cut at them.

use chrono::{DateTime, Duration, Utc};
use diesel::pg::Pg;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_types::{
    BigInt, Bool, Integer, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::TimelineUser;
use crate::Result;
use crate::db::Tx;
use crate::tracking::user_days::LONGEST_ITEM;
use crate::tracking::work_sessions::SessionTask;

/// Raw rows that are read of one kind; more than a day's work makes.
const ROWS: usize = 20_000;
/// Entries of one kind in an answer.
const ENTRIES: usize = 2_000;
/// Items are whole seconds long: neighbours may seem this far apart.
const ROUNDING: Duration = Duration::seconds(2);

/// A stretch of recording on one device.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
pub(super) struct TimelineSession {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    started_at: DateTime<Utc>,
    /// Absent while it goes on.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<DateTime<Utc>>,
    /// What the agent said, `silent` or `superseded`.
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    end_reason: Option<String>,
    #[diesel(sql_type = Text)]
    device_name: String,
    /// An admin said that it does not count: nothing of it is in the sums and lists of the day.
    #[diesel(sql_type = Bool)]
    excluded: bool,
    /// What the admin said.
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    excluded_reason: Option<String>,
    /// An admin said that it counts only from then on.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    counted_from: Option<DateTime<Utc>>,
    /// An admin said that it counts only until then.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    counted_to: Option<DateTime<Utc>>,
    /// What the admin said who cut it.
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    cut_reason: Option<String>,
    /// An admin deleted what was recorded in it.
    #[diesel(sql_type = Bool)]
    deleted: bool,
}

/// A stretch of one window in front.
#[derive(Debug, Clone, Serialize, QueryableByName, ToSchema)]
pub(super) struct TimelineApplication {
    #[diesel(sql_type = Text)]
    app: String,
    /// Empty where titles are not recorded.
    #[diesel(sql_type = Text)]
    title: String,
    #[diesel(sql_type = Timestamptz)]
    started_at: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    seconds: i64,
}

/// A stretch of one web page in front.
#[derive(Debug, Clone, Serialize, QueryableByName, ToSchema)]
pub(super) struct TimelineWebsite {
    #[diesel(sql_type = Text)]
    host: String,
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    started_at: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    seconds: i64,
}

/// A picture, which is at `/api/screenshots/{id}/thumbnail` and `…/image`.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TimelineScreenshot {
    id: Uuid,
    taken_at: DateTime<Utc>,
    /// Which display, counted from 0.
    display: i16,
    /// Blurred on the device, before it was sent.
    blurred: bool,
    width: i32,
    height: i32,
    /// What was worked on: the task of the session in which it was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<SessionTask>,
}

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    taken_at: DateTime<Utc>,
    #[diesel(sql_type = SmallInt)]
    display: i16,
    #[diesel(sql_type = Bool)]
    blurred: bool,
    #[diesel(sql_type = Integer)]
    width: i32,
    #[diesel(sql_type = Integer)]
    height: i32,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    task_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    task_title: Option<String>,
}

impl From<Taken> for TimelineScreenshot {
    fn from(taken: Taken) -> Self {
        Self {
            id: taken.id,
            taken_at: taken.taken_at,
            display: taken.display,
            blurred: taken.blurred,
            width: taken.width,
            height: taken.height,
            task: SessionTask::of(taken.task_id, taken.task_title),
        }
    }
}

/// A stretch that no device saw, as far as it lies in the day.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
pub(super) struct TimelineManualTime {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    from: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    to: DateTime<Utc>,
    /// `meeting`, `call`, `offline_work`, `training`, `travel`, `break_fix` or `other`.
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    reason: String,
    /// Not approved yet: it does not count.
    #[diesel(sql_type = Bool)]
    pending: bool,
}

/// The person, or 404.
pub(super) fn person(tx: &mut Tx, user: Uuid) -> Result<TimelineUser> {
    Ok(
        sql_query("SELECT id, name FROM tenant.users WHERE company_id = $1 AND id = $2")
            .bind::<SqlUuid, _>(tx.company)
            .bind::<SqlUuid, _>(user)
            .get_result(tx.conn)?,
    )
}

fn between(
    text: String,
    tx: &Tx,
    user: Uuid,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> BoxedSqlQuery<'static, Pg, SqlQuery> {
    sql_query(text)
        .into_boxed()
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(user)
        .bind::<Timestamptz, _>(from)
        .bind::<Timestamptz, _>(to)
}

pub(super) fn sessions(
    tx: &mut Tx,
    user: Uuid,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<TimelineSession>> {
    let text = format!(
        "SELECT s.id, s.started_at, s.ended_at, s.end_reason, d.name AS device_name, s.excluded_at IS NOT NULL AS excluded, \
           CASE WHEN s.excluded_at IS NOT NULL THEN (SELECT c.reason FROM tenant.work_session_changes c \
             WHERE c.company_id = $1 AND c.session_id = s.id AND c.kind IN ('excluded', 'deleted') ORDER BY c.id DESC LIMIT 1) \
             END AS excluded_reason, s.counted_from, s.counted_to, \
           CASE WHEN s.counted_from IS NOT NULL OR s.counted_to IS NOT NULL THEN (SELECT c.reason FROM tenant.work_session_changes c \
             WHERE c.company_id = $1 AND c.session_id = s.id AND c.kind = 'cut' ORDER BY c.id DESC LIMIT 1) END AS cut_reason, \
           s.deleted_at IS NOT NULL AS deleted FROM tenant.work_sessions s \
         JOIN tenant.devices d ON d.company_id = $1 AND d.id = s.device_id \
         WHERE s.company_id = $1 AND s.user_id = $2 AND s.started_at < $4 AND coalesce(s.ended_at, 'infinity') > $3 \
         ORDER BY s.started_at, s.id LIMIT {ENTRIES}"
    );
    Ok(between(text, tx, user, from, to).load(tx.conn)?)
}

pub(super) fn manual(
    tx: &mut Tx,
    user: Uuid,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<TimelineManualTime>> {
    let text = format!(
        "SELECT id, greatest(started_at, $3) AS \"from\", least(ended_at, $4) AS \"to\", kind, reason, state = 'pending' AS pending \
         FROM tenant.manual_times WHERE company_id = $1 AND user_id = $2 AND state IN ('approved', 'pending') \
           AND started_at < $4 AND ended_at > $3 AND started_at > $3 - interval '24 hours' ORDER BY started_at, id LIMIT {ENTRIES}"
    );
    Ok(between(text, tx, user, from, to).load(tx.conn)?)
}

pub(super) fn applications(
    tx: &mut Tx,
    user: Uuid,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<TimelineApplication>> {
    let rows: Vec<TimelineApplication> = between(
        items("application_usage", "r.app, r.title"),
        tx,
        user,
        from,
        to,
    )
    .bind::<Timestamptz, _>(from - LONGEST_ITEM)
    .load(tx.conn)?;
    let same = |one: &TimelineApplication, next: &TimelineApplication| {
        one.app == next.app
            && one.title == next.title
            && touch(one.started_at, one.seconds, next.started_at)
    };
    Ok(merged(rows, same, |one, next| one.seconds += next.seconds))
}

pub(super) fn websites(
    tx: &mut Tx,
    user: Uuid,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<TimelineWebsite>> {
    let rows: Vec<TimelineWebsite> = between(
        items("website_usage", "r.host, r.path, r.title"),
        tx,
        user,
        from,
        to,
    )
    .bind::<Timestamptz, _>(from - LONGEST_ITEM)
    .load(tx.conn)?;
    let same = |one: &TimelineWebsite, next: &TimelineWebsite| {
        (&one.host, &one.path, &one.title) == (&next.host, &next.path, &next.title)
            && touch(one.started_at, one.seconds, next.started_at)
    };
    Ok(merged(rows, same, |one, next| one.seconds += next.seconds))
}

fn items(table: &str, names: &str) -> String {
    format!(
        "SELECT {names}, i.begins AS started_at, round(extract(epoch FROM i.ends - i.begins))::bigint AS seconds \
         FROM tenant.{table} r LEFT JOIN tenant.work_sessions s ON s.company_id = $1 AND s.id = r.session_id \
         CROSS JOIN LATERAL (SELECT greatest(r.started_at, $3, s.counted_from) AS begins, \
           least(r.started_at + make_interval(secs => r.seconds), $4, s.counted_to) AS ends) i \
         WHERE r.company_id = $1 AND r.user_id = $2 AND r.started_at >= $5 AND r.started_at < $4 \
           AND i.ends > i.begins AND s.excluded_at IS NULL \
         ORDER BY i.begins, r.id LIMIT {ROWS}"
    )
}

fn touch(started_at: DateTime<Utc>, seconds: i64, next: DateTime<Utc>) -> bool {
    let end = started_at + Duration::seconds(seconds);
    (next - end).abs() < ROUNDING
}

/// Makes neighbours one where they are the same.
fn merged<T>(rows: Vec<T>, same: impl Fn(&T, &T) -> bool, join: impl Fn(&mut T, &T)) -> Vec<T> {
    let mut merged: Vec<T> = Vec::new();
    for row in rows {
        match merged.last_mut() {
            Some(last) if same(last, &row) => join(last, &row),
            _ => merged.push(row),
        }
    }
    merged.truncate(ENTRIES);
    merged
}

pub(super) fn screenshots(
    tx: &mut Tx,
    user: Uuid,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<TimelineScreenshot>> {
    let text = format!(
        "SELECT p.id, p.taken_at, p.display, p.blurred, p.width, p.height, n.task_id, k.title AS task_title \
         FROM (SELECT s.* FROM tenant.screenshots s \
           WHERE s.company_id = $1 AND s.user_id = $2 AND s.taken_at >= $3 AND s.taken_at < $4 AND s.state = 'ready' \
           ORDER BY s.taken_at, s.display, s.id LIMIT {ENTRIES}) p \
         LEFT JOIN tenant.work_sessions n ON n.company_id = $1 AND n.id = p.session_id \
         LEFT JOIN tenant.tasks k ON k.company_id = $1 AND k.id = n.task_id ORDER BY p.taken_at, p.display, p.id"
    );
    let taken: Vec<Taken> = between(text, tx, user, from, to).load(tx.conn)?;
    Ok(taken.into_iter().map(Into::into).collect())
}
