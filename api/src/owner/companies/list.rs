//! The owner's list of companies: searched, filtered, sorted by one column, paged by that column's value.

use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Uuid as SqlUuid};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::types::{COLUMNS, Company, CompanyPage, TABLES};
use crate::Result;
use crate::http::error::Error;
use crate::http::json::given;
use crate::http::page::{Page, limit_of};
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

pub(super) fn page(
    conn: &mut PgConnection,
    query: &CompaniesQuery,
    secrets: &Secrets,
) -> Result<CompanyPage> {
    let limit = limit_of(query.limit, 50)?;
    let sort = query.sort.as_deref().unwrap_or("name");
    let (name, descending) = sort
        .strip_prefix('-')
        .map_or((sort, false), |name| (name, true));
    let (column, kind) = sort_column(name).ok_or_else(|| {
        Error::invalid("sort", "sort_invalid", "There is no such column to sort by")
    })?;
    let status: Vec<String> = query
        .status
        .iter()
        .map(|status| format!("{status:?}").to_uppercase())
        .collect();
    let plan: Vec<&str> = query.plan.iter().map(|Line(plan)| plan.as_str()).collect();
    let list = format!("companies {sort} {:?} {status:?} {plan:?}", query.q);
    let after = match &query.cursor {
        Some(cursor) => Some(read_position(
            &secrets.read_cursor(&list, cursor).ok_or(Error::Cursor)?,
        )?),
        None => None,
    };
    let (order, beyond) = if descending {
        ("DESC", "<")
    } else {
        ("ASC", ">")
    };
    // Column, type and direction are this file's own words; everything of the request is bound.
    let text = format!(
        "SELECT {COLUMNS}, {column}::text AS sort_value FROM {TABLES} \
         WHERE ($1 IS NULL OR lower(c.name) LIKE $1 OR c.slug LIKE $1) AND (cardinality($2) = 0 OR c.status = ANY ($2)) \
         AND (cardinality($3) = 0 OR p.name = ANY ($3)) AND ($5 IS NULL OR ({column}, c.id) {beyond} ($4::{kind}, $5)) \
         ORDER BY {column} {order}, c.id {order} LIMIT $6"
    );
    let (value, id) = after.map_or((None, None), |(value, id)| (Some(value), Some(id)));
    let rows: Vec<Company> = sql_query(text)
        .bind::<Nullable<Text>, _>(query.q.as_ref().map(|q| like(&q.0)))
        .bind::<Array<Text>, _>(status)
        .bind::<Array<Text>, _>(plan)
        .bind::<Nullable<Text>, _>(value)
        .bind::<Nullable<SqlUuid>, _>(id)
        .bind::<BigInt, _>(limit + 1)
        .load(conn)?;
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

fn read_position(position: &str) -> Result<(String, Uuid)> {
    let (id, value) = position.split_once('|').ok_or(Error::Cursor)?;
    Ok((value.to_owned(), id.parse().map_err(|_| Error::Cursor)?))
}
