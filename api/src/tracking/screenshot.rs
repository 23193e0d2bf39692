//! Screenshots from the agents: checked, coded anew, stored. The row comes before the objects, so that an object
//! without a row cannot be; an upload that broke off in between is completed by its repeat.

pub(crate) mod form;
pub(crate) mod picture;

use actix_web::{HttpResponse, post, web::Data};
use chrono::{DateTime, Utc};
use diesel::sql_types::{
    Array, BigInt, Binary, Bool, Integer, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl, sql_query};
use tracker_wire::{ItemResult, ScreenshotAnswer, ScreenshotMeta};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use self::form::ScreenshotForm;
use self::picture::Picture;
use super::days::Calendar;
use super::devices::{Told, sign_of_device};
use super::kept::Kept;
use super::upload::{items::in_range, ledger};
use super::work_session::record::{Outcome, Says, Sign, record};
use crate::app::State;
use crate::company::monitoring_policies::gate::{self, RecordedKind, Withheld, withheld};
use crate::company::settings::effective::effective;
use crate::db::{Tx, statement::statement};
use crate::http::{error::Error, session::AgentSession};
use crate::{Result, objects::Objects};

const MAX_DISPLAY: i16 = 63;

pub fn routes(api: &mut ServiceConfig) {
    api.service(upload_screenshot);
}

/// The parts of the form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only the document needs it")]
struct ScreenshotUpload {
    meta: ScreenshotMeta,
    /// PNG, JPEG or WebP of at most 8 MiB and 40 million pixels.
    #[schema(value_type = String, format = Binary)]
    image: Vec<u8>,
}

/// Upload a screenshot.
///
/// It is kept as WebP with a thumbnail, and blurred first where the settings in force for the person want that and the device
/// did not. 422 `screenshots_off` where none is taken of the person any more. A repeat of one that is stored answers 200 `duplicate`. 403
/// `storage_limit_reached` and `feature_not_in_plan` end when the company gets another plan: keep the picture, and ask
/// again every few minutes.
#[utoipa::path(
    request_body(content = ScreenshotUpload, content_type = "multipart/form-data"),
    responses((status = 201, body = ScreenshotAnswer), (status = 200, body = ScreenshotAnswer))
)]
#[post("/screenshot/upload")]
async fn upload_screenshot(
    session: AgentSession,
    told: Told,
    state: Data<State>,
    form: ScreenshotForm,
) -> Result<HttpResponse> {
    let ScreenshotForm {
        mut meta, image, ..
    } = form;
    check(&meta)?;
    let (id, taken_at) = (meta.id, meta.taken_at);
    let wanted = state.db.tenant(&session, move |mut tx| {
        if is_kept(&mut tx, id)? {
            return Ok(None);
        }
        must_be_wanted(&mut tx, taken_at)?;
        must_be_acknowledged(&mut tx, taken_at).map(Some)
    });
    // Coding a picture is the dear part: a repeat is spared it.
    let Some(wanted) = wanted.await? else {
        return Ok(answer(id, ItemResult::Duplicate));
    };
    if !session.company.screenshots {
        return Err(Error::FeatureMissing("screenshots"));
    }
    if !wanted.screenshots_enabled {
        let detail = "No screenshots are taken of this person any more";
        return Err(Error::invalid("/meta/taken_at", "screenshots_off", detail));
    }
    let blurs = wanted.blur_screenshots && !meta.blurred;
    let picture = Picture::code(image, blurs).await?;
    meta.blurred |= blurs;
    let row = Row::new(&session, &meta, &picture)?;
    let (device, key) = (session.device, session.key);
    let limit = session.company.max_storage_bytes();
    let kept = state
        .db
        .tenant(&session, move |mut tx| keep(&mut tx, device, row, limit));
    let Some(keys) = kept.await? else {
        return Ok(answer(id, ItemResult::Duplicate));
    };
    state.objects.put(&keys.object_key, picture.image).await?;
    state
        .objects
        .put(&keys.thumbnail_key, picture.thumbnail)
        .await?;
    let day = meta
        .taken_at
        .with_timezone(&session.company.zone())
        .date_naive();
    state
        .db
        .tenant(&session, move |mut tx| {
            finish(&mut tx, id, (device, key), told)?;
            ledger::mark(&mut tx, device, id, (day, day))
        })
        .await?;
    Ok(answer(id, ItemResult::Stored))
}

fn answer(id: Uuid, result: ItemResult) -> HttpResponse {
    let mut response = match result {
        ItemResult::Stored => HttpResponse::Created(),
        _ => HttpResponse::Ok(),
    };
    response.json(ScreenshotAnswer { id, result })
}

fn check(meta: &ScreenshotMeta) -> Result<()> {
    if !in_range(meta.taken_at, Utc::now()) {
        let detail = "A time within the last 400 days is wanted";
        return Err(Error::invalid(
            "/meta/taken_at",
            "time_out_of_range",
            detail,
        ));
    }
    if !(0..=MAX_DISPLAY).contains(&meta.display) {
        let detail = format!("Displays are counted from 0 to {MAX_DISPLAY}");
        return Err(Error::invalid("/meta/display", "invalid", detail));
    }
    Ok(())
}

/// What the database is told of a picture.
struct Row {
    meta: ScreenshotMeta,
    keys: Keys,
    bytes: i64,
    width: i32,
    height: i32,
    sha256: [u8; 32],
}

impl Row {
    fn new(session: &AgentSession, meta: &ScreenshotMeta, picture: &Picture) -> Result<Self> {
        let new_key = || Objects::new_key(session.company.id, meta.taken_at);
        Ok(Self {
            meta: meta.clone(),
            keys: Keys {
                object_key: new_key()?,
                thumbnail_key: new_key()?,
            },
            bytes: i64::try_from(picture.image.len() + picture.thumbnail.len()).unwrap_or(i64::MAX),
            width: picture.width,
            height: picture.height,
            sha256: picture.sha256,
        })
    }
}

#[derive(Clone, QueryableByName)]
struct Keys {
    #[diesel(sql_type = Text)]
    object_key: String,
    #[diesel(sql_type = Text)]
    thumbnail_key: String,
}

#[derive(QueryableByName)]
struct Known {
    #[diesel(embed)]
    keys: Keys,
    #[diesel(sql_type = Bool)]
    is_pending: bool,
    #[diesel(sql_type = BigInt)]
    bytes: i64,
}

fn is_kept(tx: &mut Tx, id: Uuid) -> Result<bool> {
    Ok(load(tx, id)?.is_some_and(|known| !known.is_pending))
}

/// Of a day whose pictures were deleted by age it would be gone with the night, and counted nowhere.
fn must_be_wanted(tx: &mut Tx, taken_at: DateTime<Utc>) -> Result<()> {
    let kept = Kept::load(tx.conn, tx.company)?;
    if kept.screenshots_kept_from.is_none()
        || kept.has_screenshots_of(Calendar::load(tx.conn, tx.company)?.day_of(taken_at))
    {
        return Ok(());
    }
    let detail = "The company keeps no screenshots of that day any more";
    Err(Error::invalid("/meta/taken_at", "no_longer_kept", detail))
}

/// What is in force for the person, and what was before they acknowledged it.
#[derive(QueryableByName)]
struct Wanted {
    #[diesel(sql_type = Bool)]
    screenshots_enabled: bool,
    #[diesel(sql_type = Bool)]
    blur_screenshots: bool,
    #[diesel(embed)]
    withheld: Withheld,
}

/// A picture from before the person acknowledged the policy that asks for it never comes in, however late it is sent.
fn must_be_acknowledged(tx: &mut Tx, taken_at: DateTime<Utc>) -> Result<Wanted> {
    let wanted: Wanted = statement(concat!(
        "SELECT e.screenshots_enabled, e.blur_screenshots, w.* FROM ",
        effective!(people),
        " e, ",
        withheld!(),
        " w WHERE e.user_id = $2"
    ))
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .get_result(tx.conn)?;
    let kind = RecordedKind::Screenshots;
    if !wanted.withheld.covers(kind, taken_at, taken_at) {
        return Ok(wanted);
    }
    let detail = "It was taken before the person acknowledged the company's monitoring policy";
    Err(Error::invalid("/meta/taken_at", gate::REFUSED, detail))
}

/// Makes the row and takes its place in the company's storage. Answers where the objects belong, or nothing when
/// they are there.
fn keep(tx: &mut Tx, device: Uuid, row: Row, limit: i64) -> Result<Option<Keys>> {
    let sign = Sign {
        id: row.meta.session_id,
        from: Some(row.meta.taken_at),
        until: row.meta.taken_at,
        says: Says::Worked,
        task: None,
    };
    if record(tx, device, &sign)? == Outcome::Foreign {
        let detail = "There is no such session of this person";
        return Err(Error::invalid(
            "/meta/session_id",
            "unknown_session",
            detail,
        ));
    }
    if insert(tx, &row)? {
        reserve(tx, row.bytes, limit)?;
        return Ok(Some(row.keys));
    }
    // Nothing there although the id is taken: it is a colleague's.
    let known = load(tx, row.meta.id)?.ok_or(Error::NotFound)?;
    if !known.is_pending {
        return Ok(None);
    }
    replace(tx, &row)?;
    reserve(tx, row.bytes - known.bytes, limit)?;
    Ok(Some(known.keys))
}

fn load(tx: &mut Tx, id: Uuid) -> Result<Option<Known>> {
    let known = sql_query(
        "SELECT object_key, thumbnail_key, state = 'pending' AS is_pending, bytes FROM tenant.screenshots \
         WHERE company_id = $1 AND user_id = $2 AND id = $3 FOR UPDATE",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<SqlUuid, _>(id)
    .get_result(tx.conn)
    .optional()?;
    Ok(known)
}

fn insert(tx: &mut Tx, row: &Row) -> Result<bool> {
    let made = sql_query(
        "INSERT INTO tenant.screenshots (company_id, user_id, id, session_id, taken_at, display, blurred, object_key, thumbnail_key, \
           bytes, width, height, sha256) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<SqlUuid, _>(row.meta.id)
    .bind::<SqlUuid, _>(row.meta.session_id)
    .bind::<Timestamptz, _>(row.meta.taken_at)
    .bind::<SmallInt, _>(row.meta.display)
    .bind::<Bool, _>(row.meta.blurred)
    .bind::<Text, _>(&row.keys.object_key)
    .bind::<Text, _>(&row.keys.thumbnail_key)
    .bind::<BigInt, _>(row.bytes)
    .bind::<Integer, _>(row.width)
    .bind::<Integer, _>(row.height)
    .bind::<Binary, _>(&row.sha256[..])
    .execute(tx.conn)?;
    Ok(made == 1)
}

/// The picture of the repeat, which may have been coded by a newer server than the first.
fn replace(tx: &mut Tx, row: &Row) -> Result<()> {
    sql_query(
        "UPDATE tenant.screenshots SET bytes = $4, width = $5, height = $6, sha256 = $7 \
         WHERE company_id = $1 AND user_id = $2 AND id = $3",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<SqlUuid, _>(row.meta.id)
    .bind::<BigInt, _>(row.bytes)
    .bind::<Integer, _>(row.width)
    .bind::<Integer, _>(row.height)
    .bind::<Binary, _>(&row.sha256[..])
    .execute(tx.conn)?;
    Ok(())
}

/// Counted in the statement that checks, so that two uploads at once cannot both take the last place.
fn reserve(tx: &mut Tx, bytes: i64, limit: i64) -> Result<()> {
    let taken = sql_query(
        "UPDATE tenant.company_usage SET storage_bytes = greatest(0, storage_bytes + $2) \
         WHERE company_id = $1 AND ($2 <= 0 OR storage_bytes + $2 <= $3)",
    )
    .bind::<SqlUuid, _>(tx.company)
    .bind::<BigInt, _>(bytes)
    .bind::<BigInt, _>(limit)
    .execute(tx.conn)?;
    if taken == 1 {
        Ok(())
    } else {
        Err(Error::StorageLimit)
    }
}

fn finish(tx: &mut Tx, id: Uuid, (device, key): (Uuid, Uuid), told: Told) -> Result<()> {
    let now = Utc::now();
    sql_query(concat!(
        "WITH seen AS (",
        sign_of_device!("$5", "$6", "$7", "$8", "$9"),
        " RETURNING 1) \
         UPDATE tenant.screenshots SET state = 'ready' \
         WHERE company_id = $1 AND user_id = $2 AND id = $4 AND state = 'pending'",
    ))
    .bind::<SqlUuid, _>(tx.company)
    .bind::<SqlUuid, _>(tx.user)
    .bind::<SqlUuid, _>(device)
    .bind::<SqlUuid, _>(id)
    .bind::<Timestamptz, _>(now)
    .bind::<SqlUuid, _>(key)
    .bind::<Timestamptz, _>(now - ledger::SEEN_EVERY)
    .bind::<Nullable<Array<Integer>>, _>(told.counts())
    .bind::<Nullable<Timestamptz>, _>(told.oldest(now))
    .execute(tx.conn)?;
    Ok(())
}
