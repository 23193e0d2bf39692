//! Companies that were erased, and the certificate of what was taken away.

use actix_web::{get, web::Data};
use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Binary, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::Result;
use crate::app::State;
use crate::http::json::{Json, Path, Query};
use crate::http::page::{Page, PageQuery};
use crate::http::session::Owner;
use crate::secrets::hex;

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_erasures).service(show_erasure);
}

/// A company whose rows and objects were erased, or are being.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct Erasure {
    #[diesel(sql_type = SqlUuid)]
    company_id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Timestamptz)]
    cancelled_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    started_at: DateTime<Utc>,
    /// Absent while it is under way.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    erased_at: Option<DateTime<Utc>>,
    /// Rows taken away, of all tables.
    #[diesel(sql_type = BigInt)]
    rows: i64,
    /// Stored objects: pictures and their small versions.
    #[diesel(sql_type = BigInt)]
    objects: i64,
    #[diesel(sql_type = BigInt)]
    object_bytes: i64,
}

/// A table that rows were taken away from.
#[derive(Debug, Serialize, ToSchema)]
struct ErasedTable {
    table: String,
    rows: i64,
}

/// An erasure with what is certified of it.
#[derive(Debug, Serialize, ToSchema)]
struct ErasureDetail {
    #[serde(flatten)]
    erasure: Erasure,
    tables: Vec<ErasedTable>,
    /// The text to hand on; absent while the erasure is under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<String>,
    /// SHA-256 of the text, in hexadecimal: it stands in the audit log as well, which is sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

const COLUMNS: &str = "company_id, name, cancelled_at, started_at, erased_at, \
    (SELECT coalesce(sum(value::bigint), 0)::bigint FROM jsonb_each_text(tables)) AS rows, \
    coalesce(objects, 0) AS objects, coalesce(object_bytes, 0) AS object_bytes";

/// List the companies that were erased, the latest first.
#[utoipa::path(params(PageQuery), responses((status = 200, body = Page<Erasure>)))]
#[get("/owner/erasures")]
async fn list_erasures(
    owner: Owner,
    state: Data<State>,
    query: Query<PageQuery>,
) -> Result<Json<Page<Erasure>>> {
    let list = "erasures";
    let limit = query.0.limit()?;
    let before = query.0.position(&state.secrets, list)?;
    let rows = state
        .db
        .platform(&owner, move |conn| latest_first(conn, before, limit + 1))
        .await?;
    let position = |row: &Erasure| (row.started_at, row.company_id);
    Page::cut(rows, limit, &state.secrets, list, position).map(Json)
}

/// Show what was taken away of a company, with the certificate.
#[utoipa::path(params(("company_id" = Uuid, Path)), responses((status = 200, body = ErasureDetail)))]
#[get("/owner/erasures/{company_id}")]
async fn show_erasure(
    owner: Owner,
    state: Data<State>,
    company: Path<Uuid>,
) -> Result<Json<ErasureDetail>> {
    let show = move |conn: &mut PgConnection| detail(conn, company.0);
    Ok(Json(state.db.platform(&owner, show).await?))
}

fn latest_first(
    conn: &mut PgConnection,
    before: Option<(DateTime<Utc>, Uuid)>,
    limit: i64,
) -> Result<Vec<Erasure>> {
    let (at, id) = before.unzip();
    Ok(sql_query(format!(
        "SELECT {COLUMNS} FROM platform.erasures WHERE $1 IS NULL OR (started_at, company_id) < ($1, $2) \
         ORDER BY started_at DESC, company_id DESC LIMIT $3"
    ))
    .bind::<Nullable<Timestamptz>, _>(at)
    .bind::<Nullable<SqlUuid>, _>(id)
    .bind::<BigInt, _>(limit)
    .load(conn)?)
}

#[derive(QueryableByName)]
struct Certified {
    #[diesel(embed)]
    erasure: Erasure,
    #[diesel(sql_type = Jsonb)]
    tables: Value,
    #[diesel(sql_type = Nullable<Text>)]
    certificate: Option<String>,
    #[diesel(sql_type = Nullable<Binary>)]
    sha256: Option<Vec<u8>>,
}

fn detail(conn: &mut PgConnection, company: Uuid) -> Result<ErasureDetail> {
    let Certified {
        erasure,
        tables,
        certificate,
        sha256,
    } = sql_query(format!(
        "SELECT {COLUMNS}, tables, certificate, sha256 FROM platform.erasures WHERE company_id = $1"
    ))
    .bind::<SqlUuid, _>(company)
    .get_result(conn)?;
    let tables = tables.as_object().into_iter().flatten();
    let tables = tables.map(|(table, rows)| ErasedTable {
        table: table.clone(),
        rows: rows.as_i64().unwrap_or_default(),
    });
    Ok(ErasureDetail {
        erasure,
        tables: tables.collect(),
        certificate,
        sha256: sha256.as_deref().map(hex),
    })
}
