//! The list, the latest first, filtered; as a file it has the same rows.

use std::sync::Arc;

use actix_web::{HttpResponse, web::Data};
use diesel::sql_types::{Array, BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use uuid::Uuid;

use super::{Dispute, DisputeKind, DisputeState, entries};
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
use crate::tracking::days::Calendar;
use crate::tracking::usage::whose;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct DisputesQuery {
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
    state: Vec<DisputeState>,
    #[param(inline, required = false)]
    #[serde(default)]
    kind: Vec<DisputeKind>,
    #[param(max_length = 1000)]
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    #[serde(default, deserialize_with = "given")]
    limit: Option<i64>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct DisputesExportQuery {
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
    state: Vec<DisputeState>,
    #[param(inline, required = false)]
    #[serde(default)]
    kind: Vec<DisputeKind>,
    #[param(inline, required = false)]
    #[serde(default)]
    format: Format,
}

/// The file's columns, named as in the API.
const SHEET: [&str; 15] = [
    "id",
    "employee",
    "kind",
    "started_at",
    "ended_at",
    "app",
    "host",
    "label",
    "reason",
    "state",
    "created_at",
    "withdrawn_at",
    "answer",
    "answered_at",
    "answered_by",
];

fn into_row(entry: Dispute) -> sheet::Row {
    let text = |text: Option<String>| text.map_or(Cell::Empty, Cell::Text);
    let time = |time: Option<_>| time.map_or(Cell::Empty, Cell::Time);
    vec![
        Cell::Text(entry.id.to_string()),
        Cell::Text(entry.user_name),
        Cell::Text(entry.kind),
        time(entry.started_at),
        time(entry.ended_at),
        text(entry.app),
        text(entry.host),
        text(entry.label),
        Cell::Text(entry.reason),
        Cell::Text(entry.state),
        Cell::Time(entry.created_at),
        time(entry.withdrawn_at),
        text(entry.answer),
        time(entry.answered_at),
        text(entry.answered_by_name),
    ]
}

/// What a query asks for, in the database's words.
#[derive(Debug)]
struct Filter {
    whose: Option<Uuid>,
    team: Option<Uuid>,
    like: Option<String>,
    states: Vec<&'static str>,
    kinds: Vec<&'static str>,
}

/// `$1` company.
const ASKED: &str = "w.company_id = $1 AND ($2 IS NULL OR w.user_id = $2) \
    AND ($3 IS NULL OR w.user_id IN (SELECT p.id FROM tenant.users p WHERE p.company_id = $1 AND p.team_id = $3)) \
    AND ($4 IS NULL OR w.user_id IN (SELECT p.id FROM tenant.users p WHERE p.company_id = $1 AND lower(p.name) LIKE $4)) \
    AND (cardinality($5) = 0 OR w.state = ANY ($5)) AND (cardinality($6) = 0 OR w.kind = ANY ($6))";

impl Filter {
    fn of(query: &DisputesQuery, whose: Option<Uuid>) -> Self {
        Self {
            whose,
            team: query.team_id,
            like: query.q.as_ref().map(|q| like(&q.0)),
            states: query.state.iter().map(|state| state.name()).collect(),
            kinds: query.kind.iter().map(|kind| kind.name()).collect(),
        }
    }

    fn rows(&self, tx: &mut Tx, after: Option<Uuid>, limit: i64) -> Result<Vec<Dispute>> {
        let which = format!("{ASKED} AND ($7 IS NULL OR w.id < $7) ORDER BY w.id DESC LIMIT $8");
        Ok(sql_query(entries(&which))
            .bind::<SqlUuid, _>(tx.company)
            .bind::<Nullable<SqlUuid>, _>(self.whose)
            .bind::<Nullable<SqlUuid>, _>(self.team)
            .bind::<Nullable<Text>, _>(&self.like)
            .bind::<Array<Text>, _>(&self.states)
            .bind::<Array<Text>, _>(&self.kinds)
            .bind::<Nullable<SqlUuid>, _>(after)
            .bind::<BigInt, _>(limit)
            .load(tx.conn)?)
    }

    fn count(&self, tx: &mut Tx) -> Result<i64> {
        #[derive(QueryableByName)]
        struct Counted {
            #[diesel(sql_type = BigInt)]
            count: i64,
        }
        let text = format!("SELECT count(*) FROM tenant.disputes w WHERE {ASKED}");
        let counted: Counted = sql_query(text)
            .bind::<SqlUuid, _>(tx.company)
            .bind::<Nullable<SqlUuid>, _>(self.whose)
            .bind::<Nullable<SqlUuid>, _>(self.team)
            .bind::<Nullable<Text>, _>(&self.like)
            .bind::<Array<Text>, _>(&self.states)
            .bind::<Array<Text>, _>(&self.kinds)
            .get_result(tx.conn)?;
        Ok(counted.count)
    }
}

/// A slot says when somebody worked, as their sessions do; a label what they used.
pub(super) fn note(tx: &mut Tx, calendar: &Calendar, rows: &[Dispute]) -> Result<()> {
    for (kind, as_what) in [
        (DisputeKind::Slot, "sessions"),
        (DisputeKind::Label, "usage"),
    ] {
        let mut looks: Vec<_> = (rows.iter())
            .filter(|row| row.kind == kind.name())
            .map(|row| {
                let at = row.started_at.unwrap_or(row.created_at);
                (row.user_id, calendar.day_of(at))
            })
            .collect();
        looks.sort_unstable();
        looks.dedup();
        access_entries::note_days(tx, &looks, as_what)?;
    }
    Ok(())
}

pub(super) async fn page(
    session: Tenant<Viewer>,
    state: Data<State>,
    query: DisputesQuery,
) -> Result<Page<Dispute>> {
    let limit = limit_of(query.limit, 50)?;
    let filter = Filter::of(&query, whose(&session, query.user_id)?);
    let list = format!("disputes {} {filter:?}", session.company.id);
    let after = position_of(query.cursor.as_deref(), &state.secrets, &list)?;
    let secrets = state.secrets.clone();
    let read = move |mut tx: Tx| {
        let calendar = Calendar::load(tx.conn, tx.company)?;
        let rows = filter.rows(&mut tx, after, limit + 1)?;
        let page = Page::cut(rows, limit, &secrets, &list, |row: &Dispute| row.id)?;
        note(&mut tx, &calendar, &page.items)?;
        Ok(page)
    };
    state.db.tenant(&session, read).await
}

/// Everything of the list, read in pages of one transaction each. The first of them writes it down.
pub(super) async fn export(
    session: Tenant<TeamAdmin>,
    state: Data<State>,
    query: DisputesExportQuery,
) -> Result<HttpResponse> {
    let format = query.format;
    let query = DisputesQuery {
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
    let pages = sheet::pages(move |after: Option<Uuid>| {
        let (session, state, filter) = (session.clone(), state.clone(), filter.clone());
        async move {
            let page = move |mut tx: Tx| {
                let is_first = after.is_none();
                let calendar = Calendar::load(tx.conn, tx.company)?;
                let rows = filter.rows(&mut tx, after, sheet::PAGE)?;
                note(&mut tx, &calendar, &rows)?;
                if is_first {
                    let count = filter.count(&mut tx)?;
                    sheet::must_fit(count)?;
                    let detail = json!({ "format": format, "rows": count });
                    audit::record(tx, "disputes.exported", detail)?;
                }
                Ok(rows)
            };
            let rows = state.db.tenant(&*session, page).await?;
            let next = rows
                .last()
                .filter(|_| sheet::is_full(&rows))
                .map(|last| last.id);
            Ok((rows.into_iter().map(into_row).collect(), next))
        }
    });
    sheet::answer(format, "disputes", &SHEET, pages).await
}
