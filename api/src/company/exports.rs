//! Everything of a company as one file, for the day it leaves or for its own archive. An ADMIN asks, a job makes it, and
//! whoever asked can fetch it for a day. Open to a company that does not take part any more: its data stay its own.

pub mod archive;

use actix_web::{HttpResponse, get, post, web::Data};
use chrono::{DateTime, Duration, Utc};
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::audit;
use crate::Result;
use crate::account::two_factor::{StepUp, confirm};
use crate::app::State;
use crate::db::Tx;
use crate::http::download;
use crate::http::idempotency::{Made, Once};
use crate::http::json::{Json, Path, Query};
use crate::http::page::{Page, PageQuery};
use crate::http::session::{Admin, Tenant};
use crate::jobs::{exports as job, queue};
use crate::tracking::{access_entries, days::Calendar};

/// How long a file can be fetched.
pub const KEPT: Duration = Duration::hours(24);

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_exports)
        .service(create_export)
        .service(show_export)
        .service(download_export);
}

/// A file with everything of the company, or one that is being made.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct Export {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    /// `queued`, `running`, `ready`, `failed`, or `expired`: the file was taken away.
    #[diesel(sql_type = Text)]
    state: String,
    /// Who asked, and alone can fetch it.
    #[diesel(sql_type = Text)]
    requested_by: String,
    #[diesel(sql_type = diesel::sql_types::Bool)]
    is_mine: bool,
    /// Rows and pictures that go into it.
    #[diesel(sql_type = BigInt)]
    items: i64,
    /// Of these, what is in it by now.
    #[diesel(sql_type = BigInt)]
    items_done: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<i64>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<DateTime<Utc>>,
    /// Until then it can be fetched.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<DateTime<Utc>>,
}

/// A ZIP file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "only describes the answer's body")]
struct Zip(Vec<u8>);

/// List the company's exports, newest first.
#[utoipa::path(params(PageQuery), responses((status = 200, body = Page<Export>)))]
#[get("/exports")]
async fn list_exports(
    session: Tenant<Admin>,
    state: Data<State>,
    query: Query<PageQuery>,
) -> Result<Json<Page<Export>>> {
    let list = format!("exports {}", session.company.id);
    let limit = query.0.limit()?;
    let before = query.0.position(&state.secrets, &list)?;
    let rows = state
        .db
        .tenant(&session, move |mut tx| {
            newest_first(&mut tx, before, limit + 1)
        })
        .await?;
    let position = |row: &Export| row.id;
    Page::cut(rows, limit, &state.secrets, &list, position).map(Json)
}

/// Ask for a file with everything of the company: each table as JSON, and the pictures.
///
/// A job makes it; one at a time. Each person of the company finds it in the list of who looked at their data.
#[utoipa::path(request_body = StepUp, responses((status = 201, body = Export)))]
#[post("/exports")]
async fn create_export(
    session: Tenant<Admin>,
    state: Data<State>,
    once: Once,
    body: Json<StepUp>,
) -> Result<HttpResponse> {
    confirm(&state, session.user, body.0.password, body.0.code).await?;
    let make = move |mut tx: Tx| {
        let id = Uuid::now_v7();
        insert(&mut tx, id)?;
        note_for_everybody(&mut tx)?;
        queue::enqueue(tx.conn, &[job::job(tx.company, id)])?;
        let made = find(&mut tx, id)?;
        audit::record(tx, "export.requested", json!({ "export_id": id }))?;
        Ok(Made::new(format!("/api/exports/{id}"), made))
    };
    once.tenant(&state, &session, make).await
}

/// Show how far an export is.
#[utoipa::path(params(("export_id" = Uuid, Path)), responses((status = 200, body = Export)))]
#[get("/exports/{export_id}")]
async fn show_export(
    session: Tenant<Admin>,
    state: Data<State>,
    export: Path<Uuid>,
) -> Result<Json<Export>> {
    let show = move |mut tx: Tx| find(&mut tx, export.0);
    Ok(Json(state.db.tenant(&session, show).await?))
}

/// Fetch the file, for whoever asked for it and for a day. Written to the audit log.
#[utoipa::path(
    params(("export_id" = Uuid, Path)),
    responses((status = 200, body = Zip, content_type = "application/zip"))
)]
#[get("/exports/{export_id}/file")]
async fn download_export(
    session: Tenant<Admin>,
    state: Data<State>,
    export: Path<Uuid>,
) -> Result<HttpResponse> {
    let id = export.0;
    let open = move |mut tx: Tx| {
        let file = file(&mut tx, id)?;
        audit::record(tx, "export.downloaded", json!({ "export_id": id }))?;
        Ok(file)
    };
    let file = state.db.tenant(&session, open).await?;
    let name = format!("company-{}.zip", file.created_at.date_naive());
    download::stored(&state.objects, &file.object_key, download::ZIP, &name).await
}

/// One at a time: a second one is refused by an index.
fn insert(tx: &mut Tx, id: Uuid) -> Result<()> {
    sql_query("INSERT INTO tenant.exports (company_id, id, requested_by) VALUES ($1, $2, $3)")
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(id)
        .bind::<SqlUuid, _>(tx.user)
        .execute(tx.conn)?;
    Ok(())
}

/// Whoever has the file has looked at everybody.
fn note_for_everybody(tx: &mut Tx) -> Result<()> {
    #[derive(QueryableByName)]
    struct Id {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let today = Calendar::load(tx.conn, tx.company)?.day_of(Utc::now());
    let people: Vec<Id> = sql_query("SELECT id FROM tenant.users WHERE company_id = $1")
        .bind::<SqlUuid, _>(tx.company)
        .load(tx.conn)?;
    let looks: Vec<_> = people.into_iter().map(|Id { id }| (id, today)).collect();
    access_entries::note_days(tx, &looks, "export")
}

/// The company's, as one user sees them.
const EXPORTS: &str = "\
    SELECT e.id, e.state, u.name AS requested_by, e.requested_by = $2 AS is_mine, e.items, e.items_done, e.bytes, e.created_at, \
      e.finished_at, e.expires_at \
    FROM tenant.exports e JOIN tenant.users u ON u.company_id = $1 AND u.id = e.requested_by WHERE e.company_id = $1";

fn find(tx: &mut Tx, id: Uuid) -> Result<Export> {
    Ok(sql_query(format!("{EXPORTS} AND e.id = $3"))
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(tx.user)
        .bind::<SqlUuid, _>(id)
        .get_result(tx.conn)?)
}

fn newest_first(tx: &mut Tx, before: Option<Uuid>, limit: i64) -> Result<Vec<Export>> {
    Ok(sql_query(format!(
        "{EXPORTS} AND ($3 IS NULL OR e.id < $3) ORDER BY e.id DESC LIMIT $4"
    ))
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<Nullable<SqlUuid>, _>(before)
    .bind::<BigInt, _>(limit)
    .load(tx.conn)?)
}

#[derive(QueryableByName)]
struct File {
    #[diesel(sql_type = Text)]
    object_key: String,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
}

fn file(tx: &mut Tx, id: Uuid) -> Result<File> {
    Ok(sql_query(
        "SELECT object_key, created_at FROM tenant.exports \
         WHERE company_id = $1 AND id = $2 AND requested_by = $3 AND state = 'ready' AND expires_at > $4",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<Timestamptz, _>(Utc::now())
    .get_result(tx.conn)?)
}
