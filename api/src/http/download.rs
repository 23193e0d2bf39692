//! Files that a browser saves instead of showing them.

use actix_web::HttpResponse;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, HeaderName,
    X_CONTENT_TYPE_OPTIONS,
};

use super::error::Error;
use crate::{Result, objects::Objects};

pub const CSV: &str = "text/csv; charset=utf-8; header=present";
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
pub const PDF: &str = "application/pdf";
pub const ZIP: &str = "application/zip";

/// The header that says so (RFC 6266). `name` is ASCII without quotes.
pub fn attachment(name: &str) -> (HeaderName, String) {
    (
        CONTENT_DISPOSITION,
        format!("attachment; filename=\"{name}\""),
    )
}

/// A picture that the server coded, as what it is and nothing else: a browser must neither guess, keep, nor run it.
pub fn picture(name: &str, webp: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("image/webp")
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header(attachment(name))
        .insert_header((
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'; sandbox",
        ))
        .body(webp)
}

/// What a job has put into the store, as it is read from there. 404 `not_found` when it is gone.
pub async fn stored(objects: &Objects, key: &str, media: &str, name: &str) -> Result<HttpResponse> {
    let (bytes, content) = objects.read(key).await?.ok_or(Error::NotFound)?;
    Ok(HttpResponse::Ok()
        .content_type(media)
        .insert_header(attachment(name))
        // Not compressed on the way: who waits wants to see how much is left.
        .insert_header((CONTENT_ENCODING, "identity"))
        .no_chunking(bytes)
        .streaming(content))
}
