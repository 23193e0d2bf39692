//! What agents recorded, taken in by batches: every item is answered for itself, and what is answered `stored` or
//! `duplicate` is in the database. A batch that was not answered is sent again and changes nothing the second time.

pub(crate) mod items;
pub(crate) mod ledger;
pub(crate) mod redaction;
mod rows;
mod store;

use std::sync::Arc;

use actix_web::dev::{Decompress, Payload};
use actix_web::http::header::CONTENT_ENCODING;
use actix_web::web::{self, Bytes, Data};
use actix_web::{FromRequest, HttpRequest, post};
use chrono::Utc;
use futures_util::{Stream, StreamExt};
use tracker_wire::{
    ActivityItem, ApplicationItem, Batch, Items, MAX_BATCH_ITEMS, UploadAnswer, WebsiteItem,
};
use utoipa_actix_web::service_config::ServiceConfig;

use self::items::{Incoming, Kind, RawBatch, RawItems};
use self::rows::Expect;
use super::devices::Told;
use crate::app::State;
use crate::db::Tx;
use crate::http::json::{Json, content_type_is_json, read};
use crate::http::{error::Error, session::AgentSession};
use crate::{Result, db::Scope};

/// Of a body, after decompression.
pub(crate) const MAX_BODY: usize = 4 * 1024 * 1024;

pub fn routes(api: &mut ServiceConfig) {
    api.service(upload_batch)
        .service(upload_applications)
        .service(upload_websites)
        .service(upload_activity);
}

/// Upload recorded items of all kinds.
///
/// Sessions come first, then applications, websites and activity; the answer has one entry per item in that order. A
/// rejected item never keeps the others from being stored. The body may be compressed by gzip.
#[utoipa::path(request_body = Batch, responses((status = 200, body = UploadAnswer)))]
#[post("/upload/batch")]
async fn upload_batch(
    session: AgentSession,
    told: Told,
    state: Data<State>,
    body: UploadBody,
) -> Result<Json<UploadAnswer>> {
    let batch = read::<RawBatch>(&body.0)?;
    let incoming = Incoming::of_batch(&batch, &body.0, session.company.zone(), Utc::now())?;
    take_in(&state, session, told, incoming).await
}

/// Upload stretches of application use.
#[utoipa::path(request_body = Items<ApplicationItem>, responses((status = 200, body = UploadAnswer)))]
#[post("/upload/applications")]
async fn upload_applications(
    session: AgentSession,
    told: Told,
    state: Data<State>,
    body: UploadBody,
) -> Result<Json<UploadAnswer>> {
    take_in_kind(&state, session, told, Kind::Applications, &body.0).await
}

/// Upload stretches of website use.
#[utoipa::path(request_body = Items<WebsiteItem>, responses((status = 200, body = UploadAnswer)))]
#[post("/upload/websites")]
async fn upload_websites(
    session: AgentSession,
    told: Told,
    state: Data<State>,
    body: UploadBody,
) -> Result<Json<UploadAnswer>> {
    take_in_kind(&state, session, told, Kind::Websites, &body.0).await
}

/// Upload minutes of activity.
#[utoipa::path(request_body = Items<ActivityItem>, responses((status = 200, body = UploadAnswer)))]
#[post("/upload/activity")]
async fn upload_activity(
    session: AgentSession,
    told: Told,
    state: Data<State>,
    body: UploadBody,
) -> Result<Json<UploadAnswer>> {
    take_in_kind(&state, session, told, Kind::Activity, &body.0).await
}

async fn take_in_kind(
    state: &State,
    session: AgentSession,
    told: Told,
    kind: Kind,
    body: &Bytes,
) -> Result<Json<UploadAnswer>> {
    let RawItems { items } = read(body)?;
    let batch = RawBatch::of_kind(kind, items);
    let incoming = Incoming::of_batch(&batch, body, session.company.zone(), Utc::now())?;
    take_in(state, session, told, incoming).await
}

/// One transaction; another when some of it was there already, and one more when other requests' locks stood in the way.
async fn take_in(
    state: &State,
    session: AgentSession,
    told: Told,
    incoming: Incoming,
) -> Result<Json<UploadAnswer>> {
    let (device, key, incoming) = (session.device, session.key, Arc::new(incoming));
    let company = session.company.clone();
    let answered = |mut answer: UploadAnswer| {
        state
            .metrics
            .took_in(answer.items.iter().map(|item| item.result));
        answer.settings_version = company.settings_version(answer.settings_version);
        Json(answer)
    };
    let once = |expect| {
        let incoming = incoming.clone();
        let work = move |tx: Tx<'_>| store::store(tx, (device, key), told, expect, &incoming);
        state.db.tenant(Scope::from(&session), work)
    };
    for expect in [Expect::New, Expect::Any] {
        match once(expect).await {
            Err(error) if store::is_worth_repeating(&error) => {}
            done => return done.map(answered),
        }
    }
    once(Expect::Any).await.map(answered)
}

/// Puts in items that wait for no answer, by the statements of every upload: for the demo.
pub(crate) fn insert(
    tx: &mut Tx,
    applications: &[ApplicationItem],
    websites: &[WebsiteItem],
    activity: &[ActivityItem],
) -> Result<()> {
    let privacy = redaction::Privacy::new(tx.company, 1, true, true, &[]);
    rows::applications(tx, Expect::New, &privacy, applications.iter().collect())?;
    rows::websites(tx, Expect::New, &privacy, websites.iter().collect())?;
    rows::activity(tx, Expect::New, activity.iter().collect())?;
    Ok(())
}

/// The body of an upload, decompressed. The limit holds for what comes out, so that a bomb bursts early.
pub(crate) struct UploadBody(pub Bytes);

impl FromRequest for UploadBody {
    type Error = Error;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let acceptable = content_type_is_json(req).and_then(|()| known_encoding(req));
        let declared = req
            .headers()
            .get(actix_web::http::header::CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        let stream = Decompress::from_headers(payload.take(), req.headers());
        Box::pin(async move {
            acceptable?;
            if declared.is_some_and(|length| length > MAX_BODY) {
                return Err(Error::TooLarge(MAX_BODY));
            }
            collect(stream).await.map(Self)
        })
    }
}

fn known_encoding(req: &HttpRequest) -> Result<()> {
    let Some(named) = req.headers().get(CONTENT_ENCODING) else {
        return Ok(());
    };
    match named.to_str().map(str::trim) {
        Ok(named) if ["gzip", "identity"].contains(&named.to_ascii_lowercase().as_str()) => Ok(()),
        _ => Err(Error::UnsupportedMedia(
            "Of content encodings gzip is understood.".into(),
        )),
    }
}

async fn collect(
    stream: impl Stream<Item = Result<Bytes, actix_web::error::PayloadError>>,
) -> Result<Bytes> {
    let mut stream = std::pin::pin!(stream);
    let mut body = web::BytesMut::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Error::Malformed("The body broke off.".into()))?;
        if body.len() + chunk.len() > MAX_BODY {
            return Err(Error::TooLarge(MAX_BODY));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// So many items of all kinds that nobody would send them in one go.
fn too_many(count: usize) -> Result<()> {
    if count <= MAX_BATCH_ITEMS {
        return Ok(());
    }
    Err(Error::invalid(
        "",
        "too_many_items",
        format!("At most {MAX_BATCH_ITEMS} items are taken at once"),
    ))
}
