//! The owner's list of companies: searched, filtered, sorted by one column, paged by that column's value. As a file it
//! has the same rows.

use std::collections::BTreeSet;
use std::sync::Arc;

use actix_web::{HttpResponse, web::Data};
use chrono::Utc;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Uuid as SqlUuid};
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::types::{COLUMNS, Company, CompanyPage, SHEET, TABLES};
use crate::Result;
use crate::app::State;
use crate::http::error::Error;
use crate::http::json::given;
use crate::http::page::{Page, limit_of, position_of};
use crate::http::session::Owner;
use crate::http::sheet::{self, Format};
use crate::http::text::{Line, like};
use crate::owner::audit;
use crate::secrets::Secrets;

/// Plans that one filter names.
const MOST_PLANS: usize = 50;

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
    #[param(inline, required = false, max_items = 50)]
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
    #[param(inline, required = false, max_items = 50)]
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

/// How a column sorts: by an expression, then by an id. Both are of one table, so that its index gives the order and where
/// a page begins.
#[derive(Debug, Clone, Copy)]
struct Order {
    value: &'static str,
    /// The value's type: the cursor's text is cast to it.
    kind: &'static str,
    of: Of,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Company,
    Overview,
    Plan,
}

/// So many that a filter lets through are read and put in order. Where there are more, the order's index is walked: one in
/// ten of ten thousand companies is met soon.
const FEW: i64 = 1000;

impl Order {
    fn by(name: &str) -> Option<Self> {
        let order = |value, kind, of| Self { value, kind, of };
        let number = |value| order(value, "bigint", Of::Overview);
        Some(match name {
            "name" => order("lower(c.name)", "text", Of::Company),
            "status" => order("c.status", "text", Of::Company),
            "created_at" => order("c.created_at", "timestamptz", Of::Company),
            "plan" => order("p.name", "text", Of::Plan),
            "employees_active" => number("o.employees_active"),
            "active_minutes_30d" => number("o.active_seconds_30d"),
            "sessions_30d" => number("o.sessions_30d"),
            "screenshots_30d" => number("o.screenshots_30d"),
            "storage_bytes" => number("o.storage_bytes"),
            "last_sync_at" => order(
                "coalesce(o.last_sync_at, '-infinity'::timestamptz)",
                "timestamptz",
                Of::Overview,
            ),
            _ => return None,
        })
    }
}

/// What a query asks for, in the database's words.
#[derive(Debug, Clone)]
struct Filter {
    sought: Option<String>,
    status: Vec<String>,
    plan: Vec<String>,
    order: Order,
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
        let order = Order::by(name).ok_or_else(|| {
            Error::invalid("sort", "sort_invalid", "There is no such column to sort by")
        })?;
        let name = |status: &Status| format!("{status:?}").to_uppercase();
        let status: BTreeSet<String> = status.iter().map(name).collect();
        let plan: BTreeSet<String> = plan.iter().map(|Line(plan)| plan.clone()).collect();
        if plan.len() > MOST_PLANS {
            return Err(Error::invalid("plan", "too_many", "At most 50 plans"));
        }
        Ok(Self {
            sought: q.map(|q| q.0.trim().to_lowercase()),
            status: status.into_iter().collect(),
            plan: plan.into_iter().collect(),
            order,
            descending,
        })
    }

    /// What is asked of a company, in this file's own words: everything of the request is bound, and what was not asked is
    /// left out, so that it keeps no index from being used.
    fn asked(&self) -> String {
        let sought = self.sought.as_ref().map(|sought| sought.chars().count());
        let all = [
            // Three letters and more have an index that finds those which hold all parts of the text.
            (
                "c.search_trigrams @> platform.trigrams($1)",
                sought.is_some_and(|letters| letters > 2),
            ),
            ("c.search_text LIKE $2", sought.is_some()),
            ("c.status = ANY ($3)", !self.status.is_empty()),
            (
                "c.plan_id IN (SELECT id FROM platform.plans WHERE name = ANY ($4))",
                !self.plan.is_empty(),
            ),
        ];
        let asked = all.into_iter().filter(|(_, is_asked)| *is_asked);
        asked.map(|(text, _)| format!(" AND {text}")).collect()
    }

    /// The same, and that the company is still there. One that was erased has no row in the overview.
    fn conditions(&self) -> String {
        let asked = self.asked();
        format!(
            "{asked} AND NOT EXISTS (SELECT FROM platform.erasures e WHERE e.company_id = c.id)"
        )
    }

    /// The companies that hold the text searched for, where they are few. How many that are nobody can guess, and the
    /// planner would: it either looks all of them up or walks past all others. Of statuses and plans it knows.
    fn few(&self, conn: &mut PgConnection) -> Result<Option<Vec<Uuid>>> {
        if self.sought.is_none() {
            return Ok(None);
        }
        let conditions = self.conditions();
        let found: Vec<Found> = sql_query(format!(
            "SELECT c.id FROM platform.companies c WHERE true{conditions} LIMIT $5"
        ))
        .bind::<Nullable<Text>, _>(&self.sought)
        .bind::<Nullable<Text>, _>(self.sought.as_deref().map(like))
        .bind::<Array<Text>, _>(&self.status)
        .bind::<Array<Text>, _>(&self.plan)
        .bind::<BigInt, _>(FEW + 1)
        .load(conn)?;
        let is_few = i64::try_from(found.len()).is_ok_and(|found| found <= FEW);
        Ok(is_few.then(|| found.into_iter().map(|one| one.id).collect()))
    }

    /// Which companies a page has, and the value of each that it is sorted by.
    fn places(&self, is_few: bool, is_first: bool) -> String {
        let Order { value, kind, of } = self.order;
        let (order, beyond, last) = match self.descending {
            true => ("DESC", "<", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
            false => ("ASC", ">", "00000000-0000-0000-0000-000000000000"),
        };
        let (id, from) = match of {
            Of::Overview => ("o.company_id", "platform.company_overview o"),
            Of::Company | Of::Plan => ("c.id", "platform.companies c"),
        };
        let conditions = match (is_few, of) {
            (true, _) => format!(" AND {id} = ANY ($8)"),
            (false, Of::Overview) if self.asked().is_empty() => String::new(),
            (false, Of::Overview) if self.sought.is_none() => format!(
                " AND {id} IN (SELECT c.id FROM platform.companies c WHERE true{})",
                self.asked()
            ),
            (false, Of::Overview) => format!(
                // Asked of each in turn (`OFFSET 0`).
                " AND EXISTS (SELECT FROM platform.companies c WHERE c.id = {id}{} OFFSET 0)",
                self.asked()
            ),
            (false, Of::Company | Of::Plan) => self.conditions(),
        };
        if of == Of::Plan {
            // Plan by plan, each along its own stretch of the index, until the page is full.
            let (rest, plans) = match is_first {
                true => (String::new(), String::new()),
                false => (
                    format!(
                        " AND c.id {beyond} CASE WHEN p.name = $5 THEN $6 ELSE '{last}'::uuid END"
                    ),
                    format!(" WHERE p.name {beyond}= $5"),
                ),
            };
            return format!(
                "SELECT c.id AS company_id, p.name AS value FROM platform.plans p CROSS JOIN LATERAL (SELECT c.id FROM {from} \
                   WHERE c.plan_id = p.id{conditions}{rest} ORDER BY c.id {order} LIMIT $7) c{plans} \
                 ORDER BY p.name {order}, c.id {order} LIMIT $7"
            );
        }
        let rest = match is_first {
            true => String::new(),
            false => format!(" AND ({value}, {id}) {beyond} ($5::{kind}, $6)"),
        };
        format!(
            "SELECT {id} AS company_id, {value} AS value FROM {from} WHERE true{conditions}{rest} \
             ORDER BY {value} {order}, {id} {order} LIMIT $7"
        )
    }

    /// The rows after that one. Which they are is decided first; then each is looked up, whatever the planner thinks of
    /// reading all companies instead (`OFFSET 0`).
    fn rows(
        &self,
        conn: &mut PgConnection,
        after: Option<Position>,
        limit: i64,
    ) -> Result<Vec<Company>> {
        let few = self.few(conn)?;
        let order = if self.descending { "DESC" } else { "ASC" };
        let text = format!(
            "SELECT company.*, place.value::text AS sort_value FROM ({}) place \
             CROSS JOIN LATERAL (SELECT {COLUMNS} FROM {TABLES} WHERE c.id = place.company_id OFFSET 0) company \
             ORDER BY place.value {order}, place.company_id {order}",
            self.places(few.is_some(), after.is_none())
        );
        let (value, id) = after.unzip();
        Ok(sql_query(text)
            .bind::<Nullable<Text>, _>(&self.sought)
            .bind::<Nullable<Text>, _>(self.sought.as_deref().map(like))
            .bind::<Array<Text>, _>(&self.status)
            .bind::<Array<Text>, _>(&self.plan)
            .bind::<Nullable<Text>, _>(value)
            .bind::<Nullable<SqlUuid>, _>(id)
            .bind::<BigInt, _>(limit)
            .bind::<Array<SqlUuid>, _>(few.unwrap_or_default())
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
        let conditions = self.conditions();
        let counted: Counted = sql_query(format!(
            "SELECT count(*) FROM (SELECT FROM platform.companies c WHERE true{conditions} LIMIT $5) rows"
        ))
        .bind::<Nullable<Text>, _>(&self.sought)
        .bind::<Nullable<Text>, _>(self.sought.as_deref().map(like))
        .bind::<Array<Text>, _>(&self.status)
        .bind::<Array<Text>, _>(&self.plan)
        .bind::<BigInt, _>(sheet::MAX_ROWS + 1)
        .get_result(conn)?;
        Ok(counted.count)
    }
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
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
    let after = position_of(query.cursor.as_deref(), secrets, &list)?;
    let rows = filter.rows(conn, after, limit + 1)?;
    let position = |row: &Company| (row.sort_value.clone(), row.id);
    let Page { items, next_cursor } = Page::cut(rows, limit, secrets, &list, position)?;
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
    let chosen = |names: &[String]| (!names.is_empty()).then(|| names.join(", "));
    let detail = json!({
        "format": query.format, "q": query.q, "status": chosen(&filter.status), "plan": chosen(&filter.plan), "sort": sort,
    });
    let (owner, filter) = (Arc::new(owner), Arc::new(filter));
    let (reader, source) = (owner.clone(), state.clone());
    let pages = sheet::pages(move |after| {
        let (owner, state, filter) = (reader.clone(), source.clone(), filter.clone());
        async move {
            let page = move |conn: &mut PgConnection| filter.export_page(conn, after);
            let rows = state.db.platform(&owner, page).await?;
            let last = rows.last().filter(|_| sheet::is_full(&rows));
            let next = last.map(|last| (last.sort_value.clone(), last.id));
            Ok((rows.into_iter().map(Company::into_row).collect(), next))
        }
    });
    let file = sheet::answer(query.format, "companies", &SHEET, pages).await?;
    audit::record_export(&state, &owner, "company_list.exported", detail).await?;
    Ok(file)
}
