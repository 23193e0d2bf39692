//! The owner's list of companies: searched, filtered, sorted by one column, paged by that column's value. As a file it
//! has the same rows.

use std::sync::Arc;

use actix_web::{HttpResponse, web::Data};
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Uuid as SqlUuid};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::types::{COLUMNS, Company, CompanyPage, SHEET, TABLES};
use crate::Result;
use crate::app::State;
use crate::http::error::Error;
use crate::http::json::given;
use crate::http::page::{Page, limit_of};
use crate::http::session::Owner;
use crate::http::sheet::{self, Format};
use crate::http::text::{Line, like};
use crate::secrets::Secrets;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct CompaniesQuery {
    /// A part of the name or slug.
    #[param(inline)]
    q: Option<Line<120>>,
    #[param(inline, required = false)]
    #[serde(default)]
    status: Vec<Status>,
    /// Plans' names.
    #[param(inline, required = false)]
    #[serde(default)]
    plan: Vec<Line<32>>,
    /// A column, descending with `-` in front.
    #[param(
        pattern = "^-?(name|status|plan|employees_active|active_minutes_30d|sessions_30d|screenshots_30d|storage_bytes|last_sync_at|created_at)$",
        default = "name"
    )]
    sort: Option<String>,
    #[param(max_length = 1000)]
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    #[serde(default, deserialize_with = "given")]
    limit: Option<i64>,
}

/// What is listed, and in which order.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ExportQuery {
    /// A part of the name or slug.
    #[param(inline)]
    q: Option<Line<120>>,
    #[param(inline, required = false)]
    #[serde(default)]
    status: Vec<Status>,
    /// Plans' names.
    #[param(inline, required = false)]
    #[serde(default)]
    plan: Vec<Line<32>>,
    /// A column, descending with `-` in front.
    #[param(
        pattern = "^-?(name|status|plan|employees_active|active_minutes_30d|sessions_30d|screenshots_30d|storage_bytes|last_sync_at|created_at)$",
        default = "name"
    )]
    sort: Option<String>,
    #[param(inline, required = false)]
    #[serde(default)]
    format: Format,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
enum Status {
    Trial,
    Active,
    Suspended,
    Expired,
    Cancelled,
}

/// The expression that sorts, and its type: the cursor's text is cast to it.
fn sort_column(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "name" => ("lower(c.name)", "text"),
        "status" => ("c.status", "text"),
        "plan" => ("p.name", "text"),
        "employees_active" => ("o.employees_active", "integer"),
        "active_minutes_30d" => ("o.active_seconds_30d", "bigint"),
        "sessions_30d" => ("o.sessions_30d", "bigint"),
        "screenshots_30d" => ("o.screenshots_30d", "bigint"),
        "storage_bytes" => ("o.storage_bytes", "bigint"),
        "last_sync_at" => ("coalesce(o.last_sync_at, '-infinity')", "timestamptz"),
        "created_at" => ("c.created_at", "timestamptz"),
        _ => return None,
    })
}

/// What a query asks for, in the database's words.
#[derive(Debug, Clone)]
struct Filter {
    like: Option<String>,
    status: Vec<String>,
    plan: Vec<String>,
    column: &'static str,
    kind: &'static str,
    descending: bool,
}

impl Filter {
    fn new(
        q: Option<&Line<120>>,
        status: &[Status],
        plan: &[Line<32>],
        sort: &str,
    ) -> Result<Self> {
        let (name, descending) = sort
            .strip_prefix('-')
            .map_or((sort, false), |name| (name, true));
        let (column, kind) = sort_column(name).ok_or_else(|| {
            Error::invalid("sort", "sort_invalid", "There is no such column to sort by")
        })?;
        let name = |status: &Status| format!("{status:?}").to_uppercase();
        Ok(Self {
            like: q.map(|q| like(&q.0)),
            status: status.iter().map(name).collect(),
            plan: plan.iter().map(|Line(plan)| plan.clone()).collect(),
            column,
            kind,
            descending,
        })
    }

    /// The rows after that one.
    fn rows(
        &self,
        conn: &mut PgConnection,
        after: Option<Position>,
        limit: i64,
    ) -> Result<Vec<Company>> {
        let Self { column, kind, .. } = self;
        let (order, beyond) = match self.descending {
            true => ("DESC", "<"),
            false => ("ASC", ">"),
        };
        // Column, type and direction are this file's own words; everything of the request is bound.
        let text = format!(
            "SELECT {COLUMNS}, {column}::text AS sort_value FROM {TABLES} \
             WHERE ($1 IS NULL OR lower(c.name) LIKE $1 OR c.slug LIKE $1) AND (cardinality($2) = 0 OR c.status = ANY ($2)) \
             AND (cardinality($3) = 0 OR p.name = ANY ($3)) AND ($5 IS NULL OR ({column}, c.id) {beyond} ($4::{kind}, $5)) \
             ORDER BY {column} {order}, c.id {order} LIMIT $6"
        );
        let (value, id) = after.unzip();
        Ok(sql_query(text)
            .bind::<Nullable<Text>, _>(&self.like)
            .bind::<Array<Text>, _>(&self.status)
            .bind::<Array<Text>, _>(&self.plan)
            .bind::<Nullable<Text>, _>(value)
            .bind::<Nullable<SqlUuid>, _>(id)
            .bind::<BigInt, _>(limit)
            .load(conn)?)
    }

    /// A page of the file. Before the first of several goes out, it is certain that all of them may.
    fn export_page(
        &self,
        conn: &mut PgConnection,
        after: Option<Position>,
    ) -> Result<Vec<Company>> {
        let is_first = after.is_none();
        let rows = self.rows(conn, after, sheet::PAGE)?;
        if is_first && sheet::is_full(&rows) {
            sheet::must_fit(self.count(conn)?)?;
        }
        Ok(rows)
    }

    /// How many there are; nobody counts further than a file goes.
    fn count(&self, conn: &mut PgConnection) -> Result<i64> {
        #[derive(QueryableByName)]
        struct Counted {
            #[diesel(sql_type = BigInt)]
            count: i64,
        }
        let counted: Counted = sql_query(format!(
            "SELECT count(*) FROM (SELECT FROM {TABLES} \
             WHERE ($1 IS NULL OR lower(c.name) LIKE $1 OR c.slug LIKE $1) AND (cardinality($2) = 0 OR c.status = ANY ($2)) \
             AND (cardinality($3) = 0 OR p.name = ANY ($3)) LIMIT $4) rows"
        ))
        .bind::<Nullable<Text>, _>(&self.like)
        .bind::<Array<Text>, _>(&self.status)
        .bind::<Array<Text>, _>(&self.plan)
        .bind::<BigInt, _>(sheet::MAX_ROWS + 1)
        .get_result(conn)?;
        Ok(counted.count)
    }
}

/// Where a page ends: the value it is sorted by, and the company.
type Position = (String, Uuid);

pub(super) fn page(
    conn: &mut PgConnection,
    query: &CompaniesQuery,
    secrets: &Secrets,
) -> Result<CompanyPage> {
    let limit = limit_of(query.limit, 50)?;
    let sort = query.sort.as_deref().unwrap_or("name");
    let filter = Filter::new(query.q.as_ref(), &query.status, &query.plan, sort)?;
    let list = format!(
        "companies {sort} {:?} {:?} {:?}",
        query.q, filter.status, filter.plan
    );
    let after = match &query.cursor {
        Some(cursor) => Some(read_position(
            &secrets.read_cursor(&list, cursor).ok_or(Error::Cursor)?,
        )?),
        None => None,
    };
    let rows = filter.rows(conn, after, limit + 1)?;
    let position = |row: &Company| format!("{}|{}", row.id, row.sort_value);
    let Page { items, next_cursor } = Page::cut(rows, limit, secrets, &list, position);
    let as_of = items
        .iter()
        .map(|company| company.as_of)
        .min()
        .unwrap_or_else(Utc::now);
    Ok(CompanyPage {
        items,
        next_cursor,
        as_of,
    })
}

/// Everything of the list, read in pages of one transaction each.
pub(super) async fn export(
    owner: Owner,
    state: Data<State>,
    query: ExportQuery,
) -> Result<HttpResponse> {
    let sort = query.sort.as_deref().unwrap_or("name");
    let filter = Filter::new(query.q.as_ref(), &query.status, &query.plan, sort)?;
    let (owner, filter) = (Arc::new(owner), Arc::new(filter));
    let pages = sheet::pages(move |after| {
        let (owner, state, filter) = (owner.clone(), state.clone(), filter.clone());
        async move {
            let page = move |conn: &mut PgConnection| filter.export_page(conn, after);
            let rows = state.db.platform(&owner, page).await?;
            let last = rows.last().filter(|_| sheet::is_full(&rows));
            let next = last.map(|last| (last.sort_value.clone(), last.id));
            Ok((rows.into_iter().map(Company::into_row).collect(), next))
        }
    });
    sheet::answer(query.format, "companies", &SHEET, pages).await
}

fn read_position(position: &str) -> Result<Position> {
    let (id, value) = position.split_once('|').ok_or(Error::Cursor)?;
    Ok((value.to_owned(), id.parse().map_err(|_| Error::Cursor)?))
}
