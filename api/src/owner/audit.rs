//! What owners and jobs did to companies, plans and owners' accounts: written in the transaction of the change, sealed
//! into a chain, never changed after. Read by owners.

pub mod seals;

use std::sync::Arc;

use actix_web::{HttpResponse, get, web::Data};
use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::Result;
use crate::app::State;
use crate::audit::changes::{self, Change};
use crate::audit::{Action, AuditHead, Position};
use crate::http::error::Error;
use crate::http::json::{Json, Query, given};
use crate::http::origin;
use crate::http::page::{Page, limit_of, position_of};
use crate::http::session::Owner;
use crate::http::sheet::{self, Book, Cell, Format};
use crate::http::text::{Line, like};
use crate::secrets::hex;

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_audit_entries)
        .service(export_audit_entries);
}

/// Writes an entry in the owner's name. `action` is `thing.done`; the nil company is the platform itself.
pub(crate) fn record(
    conn: &mut PgConnection,
    owner: Uuid,
    action: &str,
    company: Uuid,
    detail: Value,
) -> Result<()> {
    insert(conn, (owner, "system"), action, company, detail)
}

/// Writes that an owner takes a file along, and what is in it, before its first byte leaves: a file that cannot be
/// written down is not given out, and one that was refused is none.
pub(super) async fn record_export(
    state: &State,
    owner: &Owner,
    action: &'static str,
    detail: Value,
) -> Result<()> {
    let user = owner.user;
    let write = move |conn: &mut PgConnection| record(conn, user, action, Uuid::nil(), detail);
    state.db.platform(owner, write).await
}

/// Writes an entry for what no owner did: `who` is `terminal`, or another word for where it came from.
pub(crate) fn record_for(
    conn: &mut PgConnection,
    who: &'static str,
    action: &str,
    company: Uuid,
    detail: Value,
) -> Result<()> {
    insert(conn, (Uuid::nil(), who), action, company, detail)
}

/// `actor` is an owner, or what is said of one that is none.
fn insert(
    conn: &mut PgConnection,
    actor: (Uuid, &str),
    action: &str,
    company: Uuid,
    detail: Value,
) -> Result<()> {
    sql_query(
        "INSERT INTO platform.audit_entries (id, actor_id, actor, action, company_id, detail, request_id, address) \
         VALUES ($1, $2, coalesce((SELECT email FROM platform.owners WHERE id = $2), $3), $4, $5, $6, $7, $8)",
    )
    .bind::<SqlUuid, _>(Uuid::now_v7())
    .bind::<SqlUuid, _>(actor.0)
    .bind::<Text, _>(actor.1)
    .bind::<Text, _>(action)
    .bind::<SqlUuid, _>(company)
    .bind::<Jsonb, _>(detail)
    .bind::<Nullable<Text>, _>(origin::request_id())
    .bind::<Nullable<Text>, _>(origin::address())
    .execute(conn)?;
    Ok(())
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct AuditQuery {
    /// Entries from this time on.
    #[serde(default, deserialize_with = "given")]
    from: Option<DateTime<Utc>>,
    /// Entries before this time.
    #[serde(default, deserialize_with = "given")]
    to: Option<DateTime<Utc>>,
    /// Of these companies.
    #[param(inline, required = false, max_items = 50)]
    #[serde(default)]
    company_id: Vec<Uuid>,
    /// A part of who did it: an e-mail, `system` or `terminal`.
    #[param(inline)]
    actor: Option<Line<120>>,
    /// What was done: `company.suspended`, or a thing with a dot for all that is done to it, `company_key.`.
    #[param(pattern = "^[a-z_]{1,40}\\.([a-z_]{1,40})?$")]
    action: Option<String>,
    #[param(max_length = 1000)]
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    #[serde(default, deserialize_with = "given")]
    limit: Option<i64>,
}

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct AuditExportQuery {
    /// Entries from this time on.
    #[serde(default, deserialize_with = "given")]
    from: Option<DateTime<Utc>>,
    /// Entries before this time.
    #[serde(default, deserialize_with = "given")]
    to: Option<DateTime<Utc>>,
    /// Of these companies.
    #[param(inline, required = false, max_items = 50)]
    #[serde(default)]
    company_id: Vec<Uuid>,
    /// A part of who did it: an e-mail, `system` or `terminal`.
    #[param(inline)]
    actor: Option<Line<120>>,
    /// What was done: `company.suspended`, or a thing with a dot for all that is done to it, `company_key.`.
    #[param(pattern = "^[a-z_]{1,40}\\.([a-z_]{1,40})?$")]
    action: Option<String>,
    #[param(inline, required = false)]
    #[serde(default)]
    format: Format,
}

/// One thing that was done.
#[derive(Serialize, ToSchema)]
struct AuditEntry {
    id: Uuid,
    at: DateTime<Utc>,
    /// An owner's e-mail; `system` for a job, `terminal` for who has the server's, `self-service` for who registers.
    actor: String,
    /// `thing.done`
    action: String,
    /// Absent where it was done to no company.
    #[serde(skip_serializing_if = "Option::is_none")]
    company: Option<AuditCompany>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    changes: Vec<Change>,
    /// Where the request came from; absent for jobs.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    /// The number of its seal in the chain; absent until it has one, within minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    seal: Option<i64>,
}

/// The company that something was done to.
#[derive(Serialize, ToSchema)]
struct AuditCompany {
    id: Uuid,
    /// Absent when there is no such company any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

/// A page of entries.
#[derive(Serialize, ToSchema)]
struct AuditPage {
    items: Vec<AuditEntry>,
    next_cursor: Option<String>,
    /// Absent before the first entry is sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    head: Option<AuditHead>,
}

/// List what owners and jobs did, newest first.
#[utoipa::path(params(AuditQuery), responses((status = 200, body = AuditPage)))]
#[get("/owner/audit")]
async fn list_audit_entries(
    owner: Owner,
    state: Data<State>,
    query: Query<AuditQuery>,
) -> Result<Json<AuditPage>> {
    let AuditQuery {
        from,
        to,
        company_id,
        actor,
        action,
        cursor,
        limit,
    } = query.0;
    let filter = Filter::new((from, to), company_id, actor, action)?;
    let limit = limit_of(limit, 50)?;
    let list = format!("audit {filter:?}");
    let after = position_of(cursor.as_deref(), &state.secrets, &list)?;
    let read = move |conn: &mut PgConnection| {
        Ok((filter.rows(conn, after, limit + 1)?, seals::head(conn)?))
    };
    let (rows, head) = state.db.platform(&owner, read).await?;
    let position = |row: &Row| (row.at, row.id);
    let Page { items, next_cursor } = Page::cut(rows, limit, &state.secrets, &list, position)?;
    Ok(Json(AuditPage {
        items: items.into_iter().map(AuditEntry::from).collect(),
        next_cursor,
        head: head.map(|head| AuditHead {
            no: head.no,
            hash: hex(&head.hash),
            sealed_at: head.sealed_at,
        }),
    }))
}

/// Export what owners and jobs did as a file, as CSV or as a workbook: all that the filter lets through, newest first.
///
/// More than 50,000 rows are refused with 409 `export_too_large`. Times are in UTC. In CSV an apostrophe stands before a
/// text that a spreadsheet would read as a formula.
#[utoipa::path(
    params(AuditExportQuery),
    responses((status = 200, content((String = "text/csv"), (Book = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))))
)]
#[get("/owner/audit/export")]
async fn export_audit_entries(
    owner: Owner,
    state: Data<State>,
    query: Query<AuditExportQuery>,
) -> Result<HttpResponse> {
    let AuditExportQuery {
        from,
        to,
        company_id,
        actor,
        action,
        format,
    } = query.0;
    let detail = json!({
        "format": format, "from": from, "to": to, "actor": actor, "action": action,
        "company_id": (!company_id.is_empty()).then_some(&company_id),
    });
    let filter = Arc::new(Filter::new((from, to), company_id, actor, action)?);
    let owner = Arc::new(owner);
    let (reader, source) = (owner.clone(), state.clone());
    let pages = sheet::pages(move |after: Option<Position>| {
        let (owner, state, filter) = (reader.clone(), source.clone(), filter.clone());
        async move {
            let read = move |conn: &mut PgConnection| {
                let is_first = after.is_none();
                let rows = filter.rows(conn, after, sheet::PAGE)?;
                if is_first && sheet::is_full(&rows) {
                    sheet::must_fit(filter.count(conn)?)?;
                }
                Ok(rows)
            };
            let rows = state.db.platform(&owner, read).await?;
            let last = rows.last().filter(|_| sheet::is_full(&rows));
            let next = last.map(|last| (last.at, last.id));
            let rows = rows.into_iter().map(|row| AuditEntry::from(row).into_row());
            Ok((rows.collect(), next))
        }
    });
    let file = sheet::answer(format, "audit", &SHEET, pages).await?;
    record_export(&state, &owner, "audit_log.exported", detail).await?;
    Ok(file)
}

/// What an entry's file has in each row, times in UTC.
const SHEET: [&str; 11] = [
    "id",
    "at",
    "actor",
    "action",
    "company_id",
    "company",
    "reason",
    "changes",
    "address",
    "request_id",
    "seal",
];

impl AuditEntry {
    fn into_row(self) -> sheet::Row {
        let text = |text: Option<String>| text.map_or(Cell::Empty, Cell::Text);
        let (company_id, company) = self.company.map(|one| (one.id, one.name)).unzip();
        let changes: Vec<String> = self.changes.iter().map(Change::to_string).collect();
        vec![
            Cell::Text(self.id.to_string()),
            Cell::Time(self.at),
            Cell::Text(self.actor),
            Cell::Text(self.action),
            text(company_id.map(|id| id.to_string())),
            text(company.flatten()),
            text(self.reason),
            Cell::Text(changes.join("; ")),
            text(self.address),
            text(self.request_id),
            self.seal.map_or(Cell::Empty, Cell::Number),
        ]
    }
}

/// Which entries, in the database's words.
#[derive(Debug)]
struct Filter {
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
    companies: Vec<Uuid>,
    /// A pattern of LIKE.
    actor: Option<String>,
    action: Option<Action>,
}

impl Filter {
    fn new(
        (from, to): (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
        companies: Vec<Uuid>,
        actor: Option<Line<120>>,
        action: Option<String>,
    ) -> Result<Self> {
        if companies.len() > 50 {
            return Err(Error::invalid(
                "company_id",
                "too_many",
                "At most 50 companies",
            ));
        }
        let actor = actor.map(|Line(actor)| like(&actor));
        Ok(Self {
            from,
            to,
            companies,
            actor,
            action: Action::read(action)?,
        })
    }

    const WHERE: &str = "($1 IS NULL OR e.at >= $1) AND ($2 IS NULL OR e.at < $2) \
        AND (cardinality($3) = 0 OR e.company_id = ANY ($3)) AND ($4 IS NULL OR lower(e.actor) LIKE $4) \
        AND ($5 IS NULL OR e.action = $5 OR starts_with(e.action, $6))";

    /// Those after that one, newest first.
    fn rows(
        &self,
        conn: &mut PgConnection,
        after: Option<Position>,
        limit: i64,
    ) -> Result<Vec<Row>> {
        let (at, id) = after.unzip();
        let text = format!(
            "SELECT e.id, e.at, e.actor, e.action, e.company_id, c.name AS company, e.detail, e.request_id, e.address, s.no AS seal \
             FROM platform.audit_entries e LEFT JOIN platform.companies c ON c.id = e.company_id \
             LEFT JOIN platform.audit_seals s ON s.entry_id = e.id \
             WHERE {} AND ($7 IS NULL OR (e.at, e.id) < ($7, $8)) ORDER BY e.at DESC, e.id DESC LIMIT $9",
            Self::WHERE
        );
        Ok(sql_query(text)
            .bind::<Nullable<Timestamptz>, _>(self.from)
            .bind::<Nullable<Timestamptz>, _>(self.to)
            .bind::<Array<SqlUuid>, _>(&self.companies)
            .bind::<Nullable<Text>, _>(&self.actor)
            .bind::<Nullable<Text>, _>(self.action.as_ref().map(Action::exact))
            .bind::<Nullable<Text>, _>(self.action.as_ref().and_then(Action::beginning))
            .bind::<Nullable<Timestamptz>, _>(at)
            .bind::<Nullable<SqlUuid>, _>(id)
            .bind::<BigInt, _>(limit)
            .load(conn)?)
    }

    /// How many there are; nobody counts further than a file goes.
    fn count(&self, conn: &mut PgConnection) -> Result<i64> {
        #[derive(QueryableByName)]
        struct Counted {
            #[diesel(sql_type = BigInt)]
            count: i64,
        }
        let text = format!(
            "SELECT count(*) FROM (SELECT FROM platform.audit_entries e WHERE {} LIMIT $7) rows",
            Self::WHERE
        );
        let Counted { count } = sql_query(text)
            .bind::<Nullable<Timestamptz>, _>(self.from)
            .bind::<Nullable<Timestamptz>, _>(self.to)
            .bind::<Array<SqlUuid>, _>(&self.companies)
            .bind::<Nullable<Text>, _>(&self.actor)
            .bind::<Nullable<Text>, _>(self.action.as_ref().map(Action::exact))
            .bind::<Nullable<Text>, _>(self.action.as_ref().and_then(Action::beginning))
            .bind::<BigInt, _>(sheet::MAX_ROWS + 1)
            .get_result(conn)?;
        Ok(count)
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    actor: String,
    #[diesel(sql_type = Text)]
    action: String,
    #[diesel(sql_type = SqlUuid)]
    company_id: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    company: Option<String>,
    #[diesel(sql_type = Jsonb)]
    detail: Value,
    #[diesel(sql_type = Nullable<Text>)]
    request_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    address: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    seal: Option<i64>,
}

impl From<Row> for AuditEntry {
    fn from(row: Row) -> Self {
        let (reason, changes) = changes::of(row.detail);
        let company = (!row.company_id.is_nil()).then_some(AuditCompany {
            id: row.company_id,
            name: row.company,
        });
        Self {
            id: row.id,
            at: row.at,
            actor: row.actor,
            action: row.action,
            company,
            reason,
            changes,
            address: row.address,
            request_id: row.request_id,
            seal: row.seal,
        }
    }
}
