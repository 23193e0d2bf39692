//! The list, the latest first, filtered; as a file it has the same rows.

use std::sync::Arc;

use actix_web::{HttpResponse, web::Data};
use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use uuid::Uuid;

use super::{ManualTime, ManualTimeKind, ManualTimeState, entries, kept_from, whose};
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

/// What begins on days of the company's zone, both included. Default: the last 30.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ManualTimesQuery {
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
    #[param(inline, required = false)]
    #[serde(default)]
    state: Vec<ManualTimeState>,
    #[param(inline, required = false)]
    #[serde(default)]
    kind: Vec<ManualTimeKind>,
    #[param(max_length = 1000)]
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    #[serde(default, deserialize_with = "given")]
    limit: Option<i64>,
}

/// What begins on days of the company's zone, both included. Default: the last 30.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ManualTimesExportQuery {
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    from: Option<Day>,
    #[param(inline)]
    #[serde(default, deserialize_with = "given")]
    to: Option<Day>,
    /// One person; everybody when left out.
    #[serde(default, deserialize_with = "given")]
    user_id: Option<Uuid>,
    /// People of one team.
    #[serde(default, deserialize_with = "given")]
    team_id: Option<Uuid>,
    /// A part of the person's name.
    #[param(inline)]
    q: Option<Line<120>>,
    #[param(inline, required = false)]
    #[serde(default)]
    state: Vec<ManualTimeState>,
    #[param(inline, required = false)]
    #[serde(default)]
    kind: Vec<ManualTimeKind>,
    #[param(inline, required = false)]
    #[serde(default)]
    format: Format,
}

/// The file's columns, named as in the API.
const SHEET: [&str; 15] = [
    "id",
    "employee",
    "started_at",
    "ended_at",
    "kind",
    "reason",
    "task",
    "state",
    "manual_seconds",
    "explained_seconds",
    "created_at",
    "created_by",
    "decided_at",
    "decided_by",
    "decision_reason",
];

fn into_row(entry: ManualTime) -> sheet::Row {
    let text = |text: Option<String>| text.map_or(Cell::Empty, Cell::Text);
    let number = |number: Option<i64>| number.map_or(Cell::Empty, Cell::Number);
    vec![
        Cell::Text(entry.id.to_string()),
        Cell::Text(entry.user_name),
        Cell::Time(entry.started_at),
        Cell::Time(entry.ended_at),
        Cell::Text(entry.kind),
        Cell::Text(entry.reason),
        text(entry.task_title),
        Cell::Text(entry.state),
        number(entry.manual_seconds),
        number(entry.explained_seconds),
        Cell::Time(entry.created_at),
        Cell::Text(entry.created_by_name),
        entry.decided_at.map_or(Cell::Empty, Cell::Time),
        text(entry.decided_by_name),
        text(entry.decision_reason),
    ]
}

/// Where a page ends.
type Position = (DateTime<Utc>, Uuid);

/// What a query asks for, in the database's words.
#[derive(Debug)]
struct Filter {
    whose: Option<Uuid>,
    from: Option<Day>,
    to: Option<Day>,
    team: Option<Uuid>,
    like: Option<String>,
    states: Vec<&'static str>,
    kinds: Vec<&'static str>,
}

/// `$1` company. `$2` says from when on all records are kept, which only the columns ask for.
const ASKED: &str = "w.company_id = $1 AND $2 IS NOT NULL AND w.started_at >= $3 AND w.started_at < $4 AND ($5 IS NULL OR w.user_id = $5) \
    AND ($6 IS NULL OR w.user_id IN (SELECT p.id FROM tenant.users p WHERE p.company_id = $1 AND p.team_id = $6)) \
    AND ($7 IS NULL OR w.user_id IN (SELECT p.id FROM tenant.users p WHERE p.company_id = $1 AND lower(p.name) LIKE $7)) \
    AND (cardinality($8) = 0 OR w.state = ANY ($8)) AND (cardinality($9) = 0 OR w.kind = ANY ($9))";

impl Filter {
    fn of(query: &ManualTimesQuery, whose: Option<Uuid>) -> Self {
        Self {
            whose,
            from: query.from,
            to: query.to,
            team: query.team_id,
            like: query.q.as_ref().map(|q| like(&q.0)),
            states: query.state.iter().map(|state| state.name()).collect(),
            kinds: query.kind.iter().map(|kind| kind.name()).collect(),
        }
    }

    fn edges(&self, calendar: &Calendar) -> Result<(DateTime<Utc>, DateTime<Utc>)> {
        let (from, to) = range(self.from, self.to, calendar.today())?;
        Ok((calendar.start(from), calendar.range(to).1))
    }

    fn rows(
        &self,
        tx: &mut Tx,
        calendar: &Calendar,
        after: Option<Position>,
        limit: i64,
    ) -> Result<Vec<ManualTime>> {
        let (from, to) = self.edges(calendar)?;
        let which = format!(
            "{ASKED} AND ($10 IS NULL OR (w.started_at, w.id) < ($10, $11)) ORDER BY w.started_at DESC, w.id DESC LIMIT $12"
        );
        let kept_from = kept_from(tx, calendar)?;
        let (at, id) = after.unzip();
        let rows: Vec<ManualTime> = sql_query(entries(&which))
            .bind::<SqlUuid, _>(tx.company)
            .bind::<Timestamptz, _>(kept_from)
            .bind::<Timestamptz, _>(from)
            .bind::<Timestamptz, _>(to)
            .bind::<Nullable<SqlUuid>, _>(self.whose)
            .bind::<Nullable<SqlUuid>, _>(self.team)
            .bind::<Nullable<Text>, _>(&self.like)
            .bind::<Array<Text>, _>(&self.states)
            .bind::<Array<Text>, _>(&self.kinds)
            .bind::<Nullable<Timestamptz>, _>(at)
            .bind::<Nullable<SqlUuid>, _>(id)
            .bind::<BigInt, _>(limit)
            .load(tx.conn)?;
        Ok(rows)
    }

    fn count(&self, tx: &mut Tx, calendar: &Calendar) -> Result<i64> {
        #[derive(QueryableByName)]
        struct Counted {
            #[diesel(sql_type = BigInt)]
            count: i64,
        }
        let (from, to) = self.edges(calendar)?;
        let text = format!("SELECT count(*) FROM tenant.manual_times w WHERE {ASKED}");
        let counted: Counted = sql_query(text)
            .bind::<SqlUuid, _>(tx.company)
            .bind::<Timestamptz, _>(from)
            .bind::<Timestamptz, _>(from)
            .bind::<Timestamptz, _>(to)
            .bind::<Nullable<SqlUuid>, _>(self.whose)
            .bind::<Nullable<SqlUuid>, _>(self.team)
            .bind::<Nullable<Text>, _>(&self.like)
            .bind::<Array<Text>, _>(&self.states)
            .bind::<Array<Text>, _>(&self.kinds)
            .get_result(tx.conn)?;
        Ok(counted.count)
    }
}

/// It says when somebody worked, as their sessions do.
fn note(tx: &mut Tx, calendar: &Calendar, rows: &[ManualTime]) -> Result<()> {
    let mut looks: Vec<_> = (rows.iter())
        .map(|row| (row.user_id, calendar.day_of(row.started_at)))
        .collect();
    looks.sort_unstable();
    looks.dedup();
    access_entries::note_days(tx, &looks, "sessions")
}

pub(super) async fn page(
    session: Tenant<Viewer>,
    state: Data<State>,
    query: ManualTimesQuery,
) -> Result<Page<ManualTime>> {
    let limit = limit_of(query.limit, 50)?;
    let filter = Filter::of(&query, whose(&session, query.user_id)?);
    let list = format!("manual times {} {filter:?}", session.company.id);
    let after = position_of(query.cursor.as_deref(), &state.secrets, &list)?;
    let secrets = state.secrets.clone();
    let read = move |mut tx: Tx| {
        let calendar = Calendar::load(tx.conn, tx.company)?;
        let rows = filter.rows(&mut tx, &calendar, after, limit + 1)?;
        let position = |row: &ManualTime| (row.started_at, row.id);
        let page = Page::cut(rows, limit, &secrets, &list, position)?;
        note(&mut tx, &calendar, &page.items)?;
        Ok(page)
    };
    state.db.tenant(&session, read).await
}

/// Everything of the list, read in pages of one transaction each. The first of them writes it down.
pub(super) async fn export(
    session: Tenant<TeamAdmin>,
    state: Data<State>,
    query: ManualTimesExportQuery,
) -> Result<HttpResponse> {
    let format = query.format;
    let query = ManualTimesQuery {
        from: query.from,
        to: query.to,
        user_id: query.user_id,
        team_id: query.team_id,
        q: query.q,
        state: query.state,
        kind: query.kind,
        cursor: None,
        limit: None,
    };
    let filter = Arc::new(Filter::of(&query, query.user_id));
    let session = Arc::new(session);
    let pages = sheet::pages(move |after: Option<Position>| {
        let (session, state, filter) = (session.clone(), state.clone(), filter.clone());
        async move {
            let page = move |mut tx: Tx| {
                let is_first = after.is_none();
                let calendar = Calendar::load(tx.conn, tx.company)?;
                let rows = filter.rows(&mut tx, &calendar, after, sheet::PAGE)?;
                note(&mut tx, &calendar, &rows)?;
                if is_first {
                    let count = filter.count(&mut tx, &calendar)?;
                    sheet::must_fit(count)?;
                    let detail = json!({ "format": format, "rows": count });
                    audit::record(tx, "manual_times.exported", detail)?;
                }
                Ok(rows)
            };
            let rows = state.db.tenant(&*session, page).await?;
            let last = rows.last().filter(|_| sheet::is_full(&rows));
            let next = last.map(|last| (last.started_at, last.id));
            Ok((rows.into_iter().map(into_row).collect(), next))
        }
    });
    sheet::answer(format, "manual-times", &SHEET, pages).await
}
