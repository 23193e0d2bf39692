//! What owners and jobs did to companies, plans and owners' accounts: written in the transaction of the change, sealed
//! into a chain, never changed after. Read by owners.

mod changes;
pub mod seals;

use actix_web::{get, web::Data};
use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::Result;
use crate::app::State;
use crate::http::error::Error;
use crate::http::json::{Json, Query, given};
use crate::http::origin;
use crate::http::page::{Page, limit_of};
use crate::http::session::Owner;
use crate::http::text::{Line, like};
use crate::secrets::hex;
use changes::Change;

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_audit_entries);
}

/// Writes an entry in the owner's name; the nil owner is the system. `action` is `thing.done`.
pub(crate) fn record(
    conn: &mut PgConnection,
    owner: Uuid,
    action: &str,
    company: Uuid,
    detail: Value,
) -> Result<()> {
    sql_query(
        "INSERT INTO platform.audit_entries (id, actor_id, actor, action, company_id, detail, request_id, address) \
         VALUES ($1, $2, coalesce((SELECT email FROM platform.owners WHERE id = $2), 'system'), $3, $4, $5, $6, $7)",
    )
    .bind::<SqlUuid, _>(Uuid::now_v7())
    .bind::<SqlUuid, _>(owner)
    .bind::<Text, _>(action)
    .bind::<SqlUuid, _>(company)
    .bind::<Jsonb, _>(detail)
    .bind::<Nullable<Text>, _>(origin::request_id())
    .bind::<Nullable<Text>, _>(origin::address())
    .execute(conn)?;
    Ok(())
}

#[derive(Debug, Clone, Deserialize, IntoParams)]
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

/// One thing that was done.
#[derive(Serialize, ToSchema)]
struct AuditEntry {
    id: Uuid,
    at: DateTime<Utc>,
    /// An owner's e-mail; `system` for a job, `terminal` for who has the server's.
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

/// The newest seal: whoever notes it can have the chain up to it verified later.
#[derive(Serialize, ToSchema)]
struct AuditHead {
    no: i64,
    /// SHA-256, in hexadecimal digits.
    hash: String,
    sealed_at: DateTime<Utc>,
}

/// List what owners and jobs did, newest first.
#[utoipa::path(params(AuditQuery), responses((status = 200, body = AuditPage)))]
#[get("/owner/audit")]
async fn list_audit_entries(
    owner: Owner,
    state: Data<State>,
    query: Query<AuditQuery>,
) -> Result<Json<AuditPage>> {
    let query = query.0;
    query.check()?;
    let limit = limit_of(query.limit, 50)?;
    let list = query.list();
    let after = match &query.cursor {
        Some(cursor) => Some(read_position(
            &state
                .secrets
                .read_cursor(&list, cursor)
                .ok_or(Error::Cursor)?,
        )?),
        None => None,
    };
    let (rows, head) = state
        .db
        .platform(&owner, move |conn| {
            Ok((
                newest_first(conn, &query, after, limit + 1)?,
                seals::head(conn)?,
            ))
        })
        .await?;
    let position = |row: &Row| format!("{}|{}", row.at.timestamp_micros(), row.id);
    let Page { items, next_cursor } = Page::cut(rows, limit, &state.secrets, &list, position);
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

impl AuditQuery {
    fn check(&self) -> Result<()> {
        if self.company_id.len() > 50 {
            return Err(Error::invalid(
                "company_id",
                "too_many",
                "At most 50 companies",
            ));
        }
        let is_action = |action: &String| {
            let (thing, done) = action.split_once('.').unwrap_or(("", ""));
            let is_word = |word: &str| {
                word.len() <= 40 && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
            };
            !thing.is_empty() && is_word(thing) && is_word(done)
        };
        match self.action.as_ref().is_none_or(is_action) {
            true => Ok(()),
            false => Err(Error::invalid(
                "action",
                "action_invalid",
                "An action is two words with a dot between them, like company.suspended",
            )),
        }
    }

    /// What a cursor is good for.
    fn list(&self) -> String {
        let Self {
            from,
            to,
            company_id,
            actor,
            action,
            cursor: _,
            limit: _,
        } = self;
        format!("audit {from:?} {to:?} {company_id:?} {actor:?} {action:?}")
    }
}

type Position = (DateTime<Utc>, Uuid);

fn read_position(position: &str) -> Result<Position> {
    let (at, id) = position.split_once('|').ok_or(Error::Cursor)?;
    let at = at.parse().ok().and_then(DateTime::from_timestamp_micros);
    match (at, id.parse()) {
        (Some(at), Ok(id)) => Ok((at, id)),
        _ => Err(Error::Cursor),
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

fn newest_first(
    conn: &mut PgConnection,
    query: &AuditQuery,
    after: Option<Position>,
    limit: i64,
) -> Result<Vec<Row>> {
    let (at, id) = after.unzip();
    Ok(sql_query(
        "SELECT e.id, e.at, e.actor, e.action, e.company_id, c.name AS company, e.detail, e.request_id, e.address, s.no AS seal \
         FROM platform.audit_entries e LEFT JOIN platform.companies c ON c.id = e.company_id \
         LEFT JOIN platform.audit_seals s ON s.entry_id = e.id \
         WHERE ($1 IS NULL OR e.at >= $1) AND ($2 IS NULL OR e.at < $2) AND (cardinality($3) = 0 OR e.company_id = ANY ($3)) \
         AND ($4 IS NULL OR lower(e.actor) LIKE $4) AND ($5 IS NULL OR e.action = $5 OR starts_with(e.action, $6)) \
         AND ($7 IS NULL OR (e.at, e.id) < ($7, $8)) ORDER BY e.at DESC, e.id DESC LIMIT $9",
    )
    .bind::<Nullable<Timestamptz>, _>(query.from)
    .bind::<Nullable<Timestamptz>, _>(query.to)
    .bind::<Array<SqlUuid>, _>(&query.company_id)
    .bind::<Nullable<Text>, _>(query.actor.as_ref().map(|actor| like(&actor.0)))
    .bind::<Nullable<Text>, _>(&query.action)
    .bind::<Nullable<Text>, _>(query.action.as_ref().filter(|action| action.ends_with('.')))
    .bind::<Nullable<Timestamptz>, _>(at)
    .bind::<Nullable<SqlUuid>, _>(id)
    .bind::<BigInt, _>(limit)
    .load(conn)?)
}
