//! Pictures, read through the server only. A person sees the own ones as they are. Others see them blurred; the original of
//! one leaves the store for an admin alone, where the company shows originals, and with a reason that the person reads.

pub(crate) mod deletion;
mod gallery;
mod slots;

use actix_web::{HttpResponse, get, post, web::Data};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{Bool, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::access_entries::{self, Original};
use super::days::Calendar;
use super::screenshot::picture;
use crate::Result;
use crate::app::State;
use crate::company::notifications::{self, Notice, NotificationKind};
use crate::db::Tx;
use crate::db::statement::statement;
use crate::http::download;
use crate::http::error::Error;
use crate::http::json::{Json, Path, given};
use crate::http::session::{TeamAdmin, Tenant, Viewer};
use crate::http::text::Line;

pub fn routes(api: &mut ServiceConfig) {
    api.service(show_screenshot_thumbnail)
        .service(show_screenshot_image)
        .service(open_screenshot_original);
    gallery::routes(api);
    slots::routes(api);
    deletion::routes(api);
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
    /// On the device: what is stored is blurred, and nothing else was ever sent.
    #[diesel(sql_type = Bool)]
    blurred: bool,
    #[diesel(sql_type = Integer)]
    width: i32,
    #[diesel(sql_type = Text)]
    object_key: String,
    #[diesel(sql_type = Text)]
    thumbnail_key: String,
}

/// Why somebody opens the original of another person's picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum OriginalReason {
    /// The quality of work is looked at.
    Quality,
    /// Something happened that has to be cleared up.
    Incident,
    /// The person asked for it.
    Request,
    /// What was recorded seems to be wrong.
    DataProblem,
    /// A law or a court asks for it.
    Legal,
    /// What the note says.
    Other,
}

impl OriginalReason {
    fn word(self) -> &'static str {
        match self {
            Self::Quality => "quality",
            Self::Incident => "incident",
            Self::Request => "request",
            Self::DataProblem => "data_problem",
            Self::Legal => "legal",
            Self::Other => "other",
        }
    }
}

/// The person reads both.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OpenOriginal {
    reason: OriginalReason,
    /// Wanted with `other`.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    note: Option<Line<300>>,
}

/// Show a small version of a screenshot.
///
/// Of somebody else's it is blurred.
#[utoipa::path(
    params(("screenshot_id" = Uuid, Path)),
    responses((status = 200, body = Picture, content_type = "image/webp"))
)]
#[get("/screenshots/{screenshot_id}/thumbnail")]
async fn show_screenshot_thumbnail(
    session: Tenant<Viewer>,
    state: Data<State>,
    screenshot: Path<Uuid>,
) -> Result<HttpResponse> {
    let own_only = !session.administers();
    let find = move |mut tx: Tx| find(&mut tx, screenshot.0, own_only);
    let row = state.db.tenant(&session, find).await?;
    let small = read(&state, &row.thumbnail_key).await?;
    if row.blurred || row.user_id == session.user {
        return Ok(download::picture("screenshot.webp", small));
    }
    Ok(download::picture(
        "screenshot.webp",
        picture::blurred(small, row.width).await?,
    ))
}

/// Show a screenshot in full size.
///
/// The own ones, and those that were blurred on the device. The original of somebody else's is opened with a reason: 403
/// `reason_required`.
#[utoipa::path(
    params(("screenshot_id" = Uuid, Path)),
    responses((status = 200, body = Picture, content_type = "image/webp"))
)]
#[get("/screenshots/{screenshot_id}/image")]
async fn show_screenshot_image(
    session: Tenant<Viewer>,
    state: Data<State>,
    screenshot: Path<Uuid>,
) -> Result<HttpResponse> {
    let own_only = !session.administers();
    let open = move |mut tx: Tx| {
        let row = find(&mut tx, screenshot.0, own_only)?;
        if row.user_id != tx.user {
            if !row.blurred {
                return Err(Error::ReasonRequired);
            }
            let day = Calendar::load(tx.conn, tx.company)?.day_of(row.taken_at);
            access_entries::note(&mut tx, row.user_id, "gallery", day)?;
        }
        Ok(row.object_key)
    };
    let key = state.db.tenant(&session, open).await?;
    Ok(download::picture(
        "screenshot.webp",
        read(&state, &key).await?,
    ))
}

/// Open the original of somebody's screenshot, with a reason that they read.
///
/// Each one is noted on its own. 403 `originals_not_shown` where the company shows none; 409 `no_original` where it was
/// blurred on the device.
#[utoipa::path(
    params(("screenshot_id" = Uuid, Path)),
    request_body = OpenOriginal,
    responses((status = 200, body = Picture, content_type = "image/webp"))
)]
#[post("/screenshots/{screenshot_id}/original")]
async fn open_screenshot_original(
    session: Tenant<TeamAdmin>,
    state: Data<State>,
    screenshot: Path<Uuid>,
    body: Json<OpenOriginal>,
) -> Result<HttpResponse> {
    let OpenOriginal { reason, note } = body.0;
    let note = note.map(|Line(note)| note);
    if reason == OriginalReason::Other && note.is_none() {
        let detail = "Say in a few words what the reason is";
        return Err(Error::invalid("/note", "note_missing", detail));
    }
    let open = move |mut tx: Tx| {
        let row = find(&mut tx, screenshot.0, false)?;
        if row.blurred {
            let detail = "It was blurred on the device: there is no original.";
            return Err(Error::Conflict("no_original", detail.into()));
        }
        if row.user_id != tx.user {
            if !decided(&mut tx)?.originals_shown {
                return Err(Error::OriginalsNotShown);
            }
            let original = Original {
                id: screenshot.0,
                of: row.user_id,
                taken_at: row.taken_at,
                reason: reason.word(),
                note,
            };
            access_entries::note_original(&mut tx, &original)?;
            let notice = Notice::new(row.user_id, NotificationKind::OriginalOpened);
            notifications::tell(&mut tx, &[notice])?;
        }
        Ok(row.object_key)
    };
    let key = state.db.tenant(&session, open).await?;
    Ok(download::picture(
        "screenshot.webp",
        read(&state, &key).await?,
    ))
}

fn find(tx: &mut Tx, screenshot: Uuid, own_only: bool) -> Result<Row> {
    Ok(sql_query(
        "SELECT user_id, taken_at, blurred, width, object_key, thumbnail_key FROM tenant.screenshots \
         WHERE company_id = $1 AND id = $2 AND state = 'ready' AND (NOT $3 OR user_id = $4)",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(screenshot)
    .bind::<Bool, _>(own_only)
    .bind::<SqlUuid, _>(tx.user)
    .get_result(tx.conn)?)
}

/// What the company decided of pictures.
#[derive(QueryableByName)]
struct Decided {
    /// Whether admins may open originals of others.
    #[diesel(sql_type = Bool)]
    originals_shown: bool,
    /// Whether people may delete pictures of themselves.
    #[diesel(sql_type = Bool)]
    own_may_go: bool,
    /// The first day whose pictures are there; none where none were deleted by age.
    #[diesel(sql_type = Nullable<Date>)]
    kept_from: Option<NaiveDate>,
}

fn decided(tx: &mut Tx) -> Result<Decided> {
    Ok(statement(
        "SELECT originals_shown, employees_may_delete_screenshots AS own_may_go, screenshots_kept_from AS kept_from \
         FROM tenant.company_settings WHERE company_id = $1",
    )
    .bind::<SqlUuid, _>(tx.company)
    .get_result(tx.conn)?)
}

async fn read(state: &State, key: &str) -> Result<Vec<u8>> {
    state.objects.get(key).await?.ok_or(Error::NotFound)
}
