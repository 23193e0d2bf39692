//! Pictures, read through the server only. A person sees the own ones, an admin everybody's; the latter leaves a note.

use actix_web::{HttpResponse, get, http::header, web::Data};
use chrono::{DateTime, Utc};
use diesel::sql_types::{Bool, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::access_entries;
use super::days::Calendar;
use crate::Result;
use crate::app::State;
use crate::db::Tx;
use crate::http::error::Error;
use crate::http::json::Path;
use crate::http::session::{Employee, Tenant};
use crate::http::token::Role;

pub fn routes(api: &mut ServiceConfig) {
    api.service(show_screenshot_thumbnail)
        .service(show_screenshot_image);
}

/// A WebP file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "only describes the answer's body")]
struct Picture(Vec<u8>);

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    taken_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    object_key: String,
    #[diesel(sql_type = Text)]
    thumbnail_key: String,
}

/// Show a small version of a screenshot.
#[utoipa::path(
    params(("screenshot_id" = Uuid, Path)),
    responses((status = 200, body = Picture, content_type = "image/webp"))
)]
#[get("/screenshots/{screenshot_id}/thumbnail")]
async fn show_screenshot_thumbnail(
    session: Tenant<Employee>,
    state: Data<State>,
    screenshot: Path<Uuid>,
) -> Result<HttpResponse> {
    let own_only = session.role != Role::Admin;
    let find = move |mut tx: Tx| Ok(find(&mut tx, screenshot.0, own_only)?.thumbnail_key);
    let key = state.db.tenant(&session, find).await?;
    answer(&state, &key).await
}

/// Show a screenshot.
///
/// An ADMIN who opens another person's picture is noted, and the person can read the note.
#[utoipa::path(
    params(("screenshot_id" = Uuid, Path)),
    responses((status = 200, body = Picture, content_type = "image/webp"))
)]
#[get("/screenshots/{screenshot_id}/image")]
async fn show_screenshot_image(
    session: Tenant<Employee>,
    state: Data<State>,
    screenshot: Path<Uuid>,
) -> Result<HttpResponse> {
    let own_only = session.role != Role::Admin;
    let open = move |mut tx: Tx| {
        let row = find(&mut tx, screenshot.0, own_only)?;
        let day = Calendar::load(tx.conn, tx.company)?.day_of(row.taken_at);
        access_entries::note(&mut tx, row.user_id, "screenshot", day)?;
        Ok(row.object_key)
    };
    let key = state.db.tenant(&session, open).await?;
    answer(&state, &key).await
}

fn find(tx: &mut Tx, screenshot: Uuid, own_only: bool) -> Result<Row> {
    Ok(sql_query(
        "SELECT user_id, taken_at, object_key, thumbnail_key FROM tenant.screenshots \
         WHERE company_id = $1 AND id = $2 AND state = 'ready' AND (NOT $3 OR user_id = $4)",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(screenshot)
    .bind::<Bool, _>(own_only)
    .bind::<SqlUuid, _>(tx.user)
    .get_result(tx.conn)?)
}

/// The bytes as what they are and nothing else: a browser must neither guess, keep, nor run them.
async fn answer(state: &State, key: &str) -> Result<HttpResponse> {
    let bytes = state.objects.get(key).await?.ok_or(Error::NotFound)?;
    Ok(HttpResponse::Ok()
        .content_type("image/webp")
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"screenshot.webp\"",
        ))
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'; sandbox",
        ))
        .body(bytes))
}
