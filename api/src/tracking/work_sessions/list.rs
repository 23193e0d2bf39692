//! Which sessions are asked for: page by page, or all of them as a file.

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::{HttpResponse, web::Data};
use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use uuid::Uuid;

use super::changes::{self, WorkSessionChange};
use super::{SessionTask, WorkSession};
use crate::Result;
use crate::app::State;
use crate::company::audit;
use crate::db::Tx;
use crate::http::json::given;
use crate::http::page::{Page, limit_of, position_of};
use crate::http::session::{TeamAdmin, Tenant, Viewer};
use crate::http::sheet::{self, Cell, Format};
use crate::http::text::{Line, like};
use crate::tracking::access_entries;
use crate::tracking::days::{Calendar, Day, range};
use crate::tracking::usage::whose;

/// Sessions that are read in one go for a file: the minutes of each are added up.
const PAGE: i64 = 1_000;

/// Sessions that began on days of the company's zone, both included. Default: the last 30.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct WorkSessionsQuery {
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
    /// `shut_down`, `task_changed`.
    #[param(inline)]
    end: Option<Line<40>>,
    /// Only those that do not count, or only those that do.
    #[serde(default, deserialize_with = "given")]
    excluded: Option<bool>,
    /// Those that were for one task.
    #[serde(default, deserialize_with = "given")]
    task_id: Option<Uuid>,
    /// Those that were for no task.
    #[param(required = false)]
    #[serde(default)]
    without_task: bool,
    #[param(max_length = 1000)]
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    #[serde(default, deserialize_with = "given")]
    limit: Option<i64>,
}

/// Sessions that began on days of the company's zone, both included. Default: the last 30.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct WorkSessionsExportQuery {
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    from: Option<Day>,
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    to: Option<Day>,
    /// One person. Everybody when left out.
    #[serde(default, deserialize_with = "given")]
    user_id: Option<Uuid>,
    /// People of one team.
    #[serde(default, deserialize_with = "given")]
    team_id: Option<Uuid>,
    /// A part of the person's name.
    #[param(inline)]
    q: Option<Line<120>>,
    /// Why it ended, as the list has it.
    #[param(inline)]
    end: Option<Line<40>>,
    /// Only those that do not count, or only those that do.
    #[serde(default, deserialize_with = "given")]
    excluded: Option<bool>,
    /// Those that were for one task.
    #[serde(default, deserialize_with = "given")]
    task_id: Option<Uuid>,
    /// Those that were for no task.
    #[param(required = false)]
    #[serde(default)]
    without_task: bool,
    #[param(inline, required = false)]
    #[serde(default)]
    format: Format,
}

/// The file's columns, named as in the API.
const SHEET: [&str; 12] = [
    "id",
    "employee",
    "device",
    "task",
    "started_at",
    "ended_at",
    "end_reason",
    "tracked_seconds",
    "active_seconds",
    "counts",
    "counted_from",
    "counted_to",
];

#[derive(QueryableByName)]
pub(super) struct Row {
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
    #[diesel(sql_type = Nullable<SqlUuid>)]
    task_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    task_title: Option<String>,
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
    pub(super) fn with(self, changes: &mut HashMap<Uuid, Vec<WorkSessionChange>>) -> WorkSession {
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
            task: SessionTask::of(self.task_id, self.task_title),
            excluded_at: self.excluded_at,
            counted_from: self.counted_from,
            counted_to: self.counted_to,
            deleted_at: self.deleted_at,
        }
    }

    /// What of it counts, in one word.
    fn counts(&self) -> &'static str {
        match self {
            Self {
                deleted_at: Some(_),
                ..
            } => "deleted",
            Self {
                excluded_at: Some(_),
                ..
            } => "no",
            Self {
                counted_from: None,
                counted_to: None,
                ..
            } => "yes",
            _ => "in_part",
        }
    }

    fn into_row(self) -> sheet::Row {
        let text = |text: Option<String>| text.map_or(Cell::Empty, Cell::Text);
        let time = |at: Option<DateTime<Utc>>| at.map_or(Cell::Empty, Cell::Time);
        let counts = self.counts().to_owned();
        vec![
            Cell::Text(self.id.to_string()),
            Cell::Text(self.user_name),
            Cell::Text(self.device_name),
            text(self.task_title),
            Cell::Time(self.started_at),
            time(self.ended_at),
            text(self.end_reason),
            Cell::Number(self.tracked_seconds),
            Cell::Number(self.active_seconds),
            Cell::Text(counts),
            time(self.counted_from),
            time(self.counted_to),
        ]
    }
}

pub(super) async fn page(
    session: Tenant<Viewer>,
    state: Data<State>,
    query: WorkSessionsQuery,
) -> Result<Page<WorkSession>> {
    let whose = whose(&session, query.user_id)?;
    let limit = limit_of(query.limit, 50)?;
    let list = format!(
        "work sessions {} {whose:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {}",
        session.company.id,
        query.from,
        query.to,
        query.team_id,
        query.q,
        query.end,
        query.excluded,
        query.task_id,
        query.without_task
    );
    let after = position_of(query.cursor.as_deref(), &state.secrets, &list)?;
    let secrets = state.secrets.clone();
    let read = move |mut tx: Tx| {
        let calendar = Calendar::load(tx.conn, tx.company)?;
        let filter = Filter::of(&query, whose, &calendar)?;
        let rows = filter.load(&mut tx, after, limit + 1)?;
        let position = |row: &Row| (row.started_at, row.id);
        let page = Page::cut(rows, limit, &secrets, &list, position)?;
        note(&mut tx, &page.items, &calendar)?;
        let ids: Vec<Uuid> = page.items.iter().map(|row| row.id).collect();
        let mut changes = changes::of(&mut tx, &ids)?;
        Ok(page.map(|row| row.with(&mut changes)))
    };
    state.db.tenant(&session, read).await
}

/// Everything of the list, read in pages of one transaction each. The first of them writes it down.
pub(super) async fn export(
    session: Tenant<TeamAdmin>,
    state: Data<State>,
    query: WorkSessionsExportQuery,
) -> Result<HttpResponse> {
    let format = query.format;
    let query = WorkSessionsQuery {
        from: query.from,
        to: query.to,
        user_id: query.user_id,
        team_id: query.team_id,
        q: query.q,
        end: query.end,
        excluded: query.excluded,
        task_id: query.task_id,
        without_task: query.without_task,
        cursor: None,
        limit: None,
    };
    let (session, query) = (Arc::new(session), Arc::new(query));
    let pages = sheet::pages(move |after: Option<Position>| {
        let (session, state, query) = (session.clone(), state.clone(), query.clone());
        async move {
            let page = move |mut tx: Tx| {
                let is_first = after.is_none();
                let calendar = Calendar::load(tx.conn, tx.company)?;
                let filter = Filter::of(&query, query.user_id, &calendar)?;
                let rows = filter.load(&mut tx, after, PAGE)?;
                note(&mut tx, &rows, &calendar)?;
                if is_first {
                    let count = filter.count(&mut tx)?;
                    sheet::must_fit(count)?;
                    let detail = json!({ "format": format, "rows": count });
                    audit::record(tx, "work_sessions.exported", detail)?;
                }
                Ok(rows)
            };
            let rows = state.db.tenant(&*session, page).await?;
            let is_full = i64::try_from(rows.len()) == Ok(PAGE);
            let last = rows.last().filter(|_| is_full);
            let next = last.map(|last| (last.started_at, last.id));
            Ok((rows.into_iter().map(Row::into_row).collect(), next))
        }
    });
    sheet::answer(format, "work-sessions", &SHEET, pages).await
}

/// Whose sessions are shown can read who looked, day by day.
fn note(tx: &mut Tx, rows: &[Row], calendar: &Calendar) -> Result<()> {
    let mut looks: Vec<_> = (rows.iter())
        .map(|row| (row.user_id, calendar.day_of(row.started_at)))
        .collect();
    looks.sort_unstable();
    looks.dedup();
    access_entries::note_days(tx, &looks, "sessions")
}

/// The last session of the page before.
type Position = (DateTime<Utc>, Uuid);

/// What a query asks for, in the database's words.
struct Filter<'a> {
    whose: Option<Uuid>,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    query: &'a WorkSessionsQuery,
}

/// Which sessions `w` are asked for. `$1` company.
const ASKED: &str = "w.started_at >= $2 AND w.started_at < $3 AND ($4 IS NULL OR w.user_id = $4) \
    AND ($5 IS NULL OR w.user_id IN (SELECT p.id FROM tenant.users p WHERE p.company_id = $1 AND p.team_id = $5)) \
    AND ($6 IS NULL OR w.user_id IN (SELECT p.id FROM tenant.users p WHERE p.company_id = $1 AND lower(p.name) LIKE $6)) \
    AND ($7 IS NULL OR coalesce(w.end_reason, 'running') = $7) AND ($8 IS NULL OR (w.excluded_at IS NOT NULL) = $8) \
    AND ($9 IS NULL OR w.task_id = $9) AND (NOT $10 OR w.task_id IS NULL)";

/// The columns of `Row`, of the sessions that `which` says. `$1` company. A row may lie within the minute before its
/// session: a minute is known by its start, so that rows of one have one time. `of` says of their rows what is known beforehand: partitions that have none
/// are not looked at.
fn sessions(which: &str, of: &str) -> String {
    format!(
        "SELECT s.id, s.user_id, u.name AS user_name, d.name AS device_name, s.started_at, s.ended_at, s.end_reason, \
           s.task_id, k.title AS task_title, s.excluded_at, s.counted_from, s.counted_to, s.deleted_at, t.tracked_seconds, \
           t.active_seconds \
         FROM (SELECT w.* FROM tenant.work_sessions w WHERE w.company_id = $1 AND {which}) s \
         JOIN tenant.users u ON u.company_id = $1 AND u.id = s.user_id \
         JOIN tenant.devices d ON d.company_id = $1 AND d.id = s.device_id \
         LEFT JOIN tenant.tasks k ON k.company_id = $1 AND k.id = s.task_id \
         CROSS JOIN LATERAL (SELECT coalesce(sum(least(60, m.tracked)), 0)::bigint AS tracked_seconds, \
             coalesce(sum(least(60, m.active)), 0)::bigint AS active_seconds \
           FROM (SELECT sum(a.active_seconds + a.idle_seconds) AS tracked, sum(a.active_seconds) AS active \
             FROM tenant.activity_log a WHERE a.company_id = $1 AND a.user_id = s.user_id AND a.session_id = s.id {of} \
               AND a.started_at >= s.started_at - interval '1 minute' AND a.started_at <= coalesce(s.ended_at, now()) \
             GROUP BY a.started_at) m) t \
         ORDER BY s.started_at DESC, s.id DESC"
    )
}

impl<'a> Filter<'a> {
    fn of(query: &'a WorkSessionsQuery, whose: Option<Uuid>, calendar: &Calendar) -> Result<Self> {
        let (from, to) = range(query.from, query.to, calendar.today())?;
        Ok(Self {
            whose,
            from: calendar.start(from),
            to: calendar.range(to).1,
            query,
        })
    }

    fn load(&self, tx: &mut Tx, after: Option<Position>, limit: i64) -> Result<Vec<Row>> {
        let which = format!(
            "{ASKED} AND ($11 IS NULL OR (w.started_at, w.id) < ($11, $12)) ORDER BY w.started_at DESC, w.id DESC LIMIT $13"
        );
        let (after, after_id) = after.unzip();
        let query = self.query;
        Ok(sql_query(sessions(
            &which,
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
        .bind::<Nullable<SqlUuid>, _>(query.task_id)
        .bind::<Bool, _>(query.without_task)
        .bind::<Nullable<Timestamptz>, _>(after)
        .bind::<Nullable<SqlUuid>, _>(after_id)
        .bind::<BigInt, _>(limit)
        .load(tx.conn)?)
    }

    fn count(&self, tx: &mut Tx) -> Result<i64> {
        #[derive(QueryableByName)]
        struct Counted {
            #[diesel(sql_type = BigInt)]
            count: i64,
        }
        let query = self.query;
        let counted: Counted = sql_query(format!(
            "SELECT count(*) FROM tenant.work_sessions w WHERE w.company_id = $1 AND {ASKED}"
        ))
        .bind::<SqlUuid, _>(tx.company)
        .bind::<Timestamptz, _>(self.from)
        .bind::<Timestamptz, _>(self.to)
        .bind::<Nullable<SqlUuid>, _>(self.whose)
        .bind::<Nullable<SqlUuid>, _>(query.team_id)
        .bind::<Nullable<Text>, _>(query.q.as_ref().map(|q| like(&q.0)))
        .bind::<Nullable<Text>, _>(query.end.as_ref().map(|end| end.0.as_str()))
        .bind::<Nullable<Bool>, _>(query.excluded)
        .bind::<Nullable<SqlUuid>, _>(query.task_id)
        .bind::<Bool, _>(query.without_task)
        .get_result(tx.conn)?;
        Ok(counted.count)
    }
}

pub(super) fn one(tx: &mut Tx, id: Uuid) -> Result<Row> {
    Ok(sql_query(sessions("w.id = $2", ""))
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(id)
        .get_result(tx.conn)?)
}
