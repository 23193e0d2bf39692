//! Everything that the company records about oneself as one file: asked for with the password, made by a job, and fetched for
//! a day by nobody else. Whatever their role, a person sees here what an employee sees of themselves.

pub mod content;

use actix_web::{HttpResponse, get, post, web::Data};
use chrono::{DateTime, Duration, Utc};
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::two_factor::{StepUp, confirm};
use crate::Result;
use crate::app::State;
use crate::db::Tx;
use crate::http::download;
use crate::http::error::Error;
use crate::http::idempotency::{Made, Once};
use crate::http::json::{Json, Path, Query};
use crate::http::page::{Page, PageQuery};
use crate::http::session::{Oneself, Tenant};
use crate::jobs::own_exports::{self as job, Did};
use crate::jobs::queue;

/// How long a file can be fetched.
pub(crate) const KEPT: Duration = Duration::hours(24);
/// Of one person, in as many hours as the file is kept. What failed does not count.
const MOST_A_DAY: i64 = 5;

pub fn routes(api: &mut ServiceConfig) {
    api.service(list_my_exports)
        .service(create_my_export)
        .service(show_my_export)
        .service(download_my_export);
}

/// A file with everything about oneself, or one that is being made.
#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct OwnExport {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    /// `queued`, `running`, `ready`, `failed`, or `expired`: the file was taken away.
    #[diesel(sql_type = Text)]
    state: String,
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
struct OwnZip(Vec<u8>);

/// List the exports of everything about me, newest first.
#[utoipa::path(params(PageQuery), responses((status = 200, body = Page<OwnExport>)))]
#[get("/me/exports")]
async fn list_my_exports(
    session: Tenant<Oneself>,
    state: Data<State>,
    query: Query<PageQuery>,
) -> Result<Json<Page<OwnExport>>> {
    let list = format!("own exports {} {}", session.company.id, session.user);
    let limit = query.0.limit()?;
    let before = query.0.position(&state.secrets, &list)?;
    let read = move |mut tx: Tx| newest_first(&mut tx, before, limit + 1);
    let rows = state.db.tenant(&session, read).await?;
    let position = |row: &OwnExport| row.id;
    Page::cut(rows, limit, &state.secrets, &list, position).map(Json)
}

/// Ask for a file with everything that the company records about me: each table as JSON, my pictures, and what is left out.
///
/// A job makes it; one at a time, and a few a day. Written to the audit log.
#[utoipa::path(request_body = StepUp, responses((status = 201, body = OwnExport)))]
#[post("/me/exports")]
async fn create_my_export(
    session: Tenant<Oneself>,
    state: Data<State>,
    once: Once,
    body: Json<StepUp>,
) -> Result<HttpResponse> {
    confirm(&state, session.user, body.0.password, body.0.code).await?;
    let make = move |mut tx: Tx| {
        let id = Uuid::now_v7();
        insert(&mut tx, id)?;
        let jobs = [
            job::job(tx.company, tx.user, id),
            job::entry(tx.company, tx.user, id, Did::Requested),
        ];
        queue::enqueue(tx.conn, &jobs)?;
        Ok(Made::new(
            format!("/api/me/exports/{id}"),
            find(&mut tx, id)?,
        ))
    };
    once.tenant(&state, &session, make).await
}

/// Show how far an export of mine is.
#[utoipa::path(params(("own_export_id" = Uuid, Path)), responses((status = 200, body = OwnExport)))]
#[get("/me/exports/{own_export_id}")]
async fn show_my_export(
    session: Tenant<Oneself>,
    state: Data<State>,
    export: Path<Uuid>,
) -> Result<Json<OwnExport>> {
    let show = move |mut tx: Tx| find(&mut tx, export.0);
    state.db.tenant(&session, show).await.map(Json)
}

/// Fetch the file, for a day. Written to the audit log.
#[utoipa::path(
    params(("own_export_id" = Uuid, Path)),
    responses((status = 200, body = OwnZip, content_type = "application/zip"))
)]
#[get("/me/exports/{own_export_id}/file")]
async fn download_my_export(
    session: Tenant<Oneself>,
    state: Data<State>,
    export: Path<Uuid>,
) -> Result<HttpResponse> {
    let id = export.0;
    let open = move |mut tx: Tx| {
        let file = file(&mut tx, id)?;
        let entry = job::entry(tx.company, tx.user, id, Did::Downloaded);
        queue::enqueue(tx.conn, &[entry])?;
        Ok(file)
    };
    let file = state.db.tenant(&session, open).await?;
    let name = format!("about-me-{}.zip", file.created_at.date_naive());
    download::stored(&state.objects, &file.object_key, download::ZIP, &name).await
}

/// One at a time: a second one is refused by an index.
fn insert(tx: &mut Tx, id: Uuid) -> Result<()> {
    let made = sql_query(
        "INSERT INTO tenant.own_exports (company_id, id, user_id) SELECT $1, $2, $3 \
         WHERE (SELECT count(*) FROM tenant.own_exports WHERE company_id = $1 AND user_id = $3 \
           AND state <> 'failed' AND created_at > $4) < $5",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(id)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<Timestamptz, _>(Utc::now() - KEPT)
    .bind::<BigInt, _>(MOST_A_DAY)
    .execute(tx.conn)?;
    match made {
        0 => Err(Error::Conflict(
            "own_exports_too_many",
            format!(
                "{MOST_A_DAY} files about you were made within a day. Fetch one of them, or ask again tomorrow."
            ),
        )),
        _ => Ok(()),
    }
}

const EXPORTS: &str = "\
    SELECT id, state, items, items_done, bytes, created_at, finished_at, expires_at \
    FROM tenant.own_exports WHERE company_id = $1 AND user_id = $2";

fn find(tx: &mut Tx, id: Uuid) -> Result<OwnExport> {
    Ok(sql_query(format!("{EXPORTS} AND id = $3"))
        .bind::<SqlUuid, _>(tx.company)
        .bind::<SqlUuid, _>(tx.user)
        .bind::<SqlUuid, _>(id)
        .get_result(tx.conn)?)
}

fn newest_first(tx: &mut Tx, before: Option<Uuid>, limit: i64) -> Result<Vec<OwnExport>> {
    Ok(sql_query(format!(
        "{EXPORTS} AND ($3 IS NULL OR id < $3) ORDER BY id DESC LIMIT $4"
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
        "SELECT object_key, created_at FROM tenant.own_exports \
         WHERE company_id = $1 AND user_id = $2 AND id = $3 AND state = 'ready' AND expires_at > $4",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<SqlUuid, _>(id)
    .bind::<Timestamptz, _>(Utc::now())
    .get_result(tx.conn)?)
}
