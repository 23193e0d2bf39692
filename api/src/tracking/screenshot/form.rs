//! The form of a screenshot's upload: `meta` as JSON and `image` as a file, in either order.

use std::time::Duration;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;
use tracker_wire::ScreenshotMeta;

use super::picture::media_type;
use crate::Result;
use crate::http::{error::Error, json};

pub(crate) const MAX_IMAGE: usize = 8 * 1024 * 1024;
const MAX_META: usize = 16 * 1024;
/// The form around them: boundaries, names, headers.
const MAX_FRAME: usize = 8 * 1024;
const MAX_PARTS: usize = 8;
/// A picture at a megabit a second arrives within it.
const PATIENCE: Duration = Duration::from_secs(90);

/// Kibibytes of pictures that may wait in memory together, in all connections.
static ROOM: Semaphore = Semaphore::const_new(64 * 1024);

/// What a picture takes of the room, for as long as it is held.
pub(crate) type Room = Option<SemaphorePermit<'static>>;

pub(crate) struct ScreenshotForm {
    pub meta: ScreenshotMeta,
    pub image: Bytes,
    /// What the picture takes of the room, until it is stored.
    _room: Room,
}

impl FromRequest for ScreenshotForm {
    type Error = Error;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let declared = declared_length(req);
        let form = Multipart::new(req.headers(), payload.take());
        Box::pin(async move { in_time(declared, MAX_IMAGE, read(form)).await })
    }
}

pub(crate) fn declared_length(req: &HttpRequest) -> Option<usize> {
    let length = req.headers().get(CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}

/// Reads a form with a picture of at most `most` bytes, unless it says beforehand that it is larger or does not arrive.
pub(crate) async fn in_time<T>(
    declared: Option<usize>,
    most: usize,
    read: impl Future<Output = Result<T>>,
) -> Result<T> {
    if declared.is_some_and(|length| length > most + MAX_META + MAX_FRAME) {
        return Err(Error::TooLarge(most));
    }
    timeout(PATIENCE, read).await.map_err(|_| Error::Busy)?
}

pub(crate) async fn read(mut form: Multipart) -> Result<ScreenshotForm> {
    let (mut meta, mut image, mut room) = (None, None, None);
    let mut parts = 0;
    while let Some(field) = form.next().await {
        let mut field = field.map_err(broken)?;
        parts += 1;
        match field.name() {
            _ if parts > MAX_PARTS => return Err(Error::Malformed("Too many parts.".into())),
            Some("meta") if meta.is_none() => {
                let text = bytes(&mut field, MAX_META, &mut None).await?;
                meta = Some(json::read::<ScreenshotMeta>(&text)?);
            }
            Some("image") if image.is_none() => {
                image = Some(picture(&mut field, MAX_IMAGE, &mut room).await?);
            }
            // A newer agent's, or the same once more: read to its end and forgotten.
            _ => drop(bytes(&mut field, MAX_META, &mut None).await?),
        }
    }
    let missing = |part: &str| Error::invalid(part, "missing", "This part of the form is wanted");
    Ok(ScreenshotForm {
        meta: meta.ok_or_else(|| missing("/meta"))?,
        image: image.ok_or_else(|| missing("/image"))?,
        _room: room,
    })
}

/// The whole part, which is a picture of the type that it says.
pub(crate) async fn picture(field: &mut Field, most: usize, room: &mut Room) -> Result<Bytes> {
    let declared = field.content_type().map(|of| of.essence_str().to_owned());
    let file = bytes(field, most, room).await?;
    check_type(declared.as_deref(), &file)?;
    Ok(file)
}

/// The whole part. The room is taken as the bytes come, so that nobody keeps it by announcing them.
async fn bytes(field: &mut Field, limit: usize, room: &mut Room) -> Result<Bytes> {
    let mut all = BytesMut::new();
    while let Some(chunk) = field.next().await {
        let chunk = chunk.map_err(broken)?;
        if all.len() + chunk.len() > limit {
            return Err(Error::TooLarge(limit));
        }
        if limit > MAX_META {
            make_room(room, all.len() + chunk.len()).await?;
        }
        all.extend_from_slice(&chunk);
    }
    Ok(all.freeze())
}

async fn make_room(room: &mut Room, bytes: usize) -> Result<()> {
    let held = room.as_ref().map_or(0, SemaphorePermit::num_permits);
    let lacking = bytes.div_ceil(1024).saturating_sub(held);
    let more = ROOM
        .acquire_many(u32::try_from(lacking).unwrap_or(u32::MAX))
        .await
        .map_err(anyhow::Error::from)?;
    match room {
        Some(room) => room.merge(more),
        None => *room = Some(more),
    }
    Ok(())
}

pub(crate) fn broken(error: MultipartError) -> Error {
    match error {
        MultipartError::ContentTypeMissing
        | MultipartError::ContentTypeParse
        | MultipartError::ContentTypeIncompatible => {
            Error::UnsupportedMedia("Send multipart/form-data.".into())
        }
        error => Error::Malformed(format!("Not a form: {error}.")),
    }
}

/// What the file is must be what it is said to be, where anything is said.
fn check_type(declared: Option<&str>, file: &[u8]) -> Result<()> {
    match media_type(file) {
        Some(found) if declared.is_none_or(|declared| declared == found) => Ok(()),
        _ => Err(Error::UnsupportedMedia(
            "The image must be what its type says: image/png, image/jpeg or image/webp.".into(),
        )),
    }
}
