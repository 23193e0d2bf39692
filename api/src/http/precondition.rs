//! `ETag` and `If-Match`: who changes a thing says which state of it they saw, and is refused when somebody else has
//! changed it in between.

use std::future::{Ready, ready};

use actix_web::body::BoxBody;
use actix_web::dev::Payload;
use actix_web::http::{Method, header};
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder};
use serde::Serialize;

use super::error::Error;
use crate::Result;

/// Something that is told from what it was before.
pub trait Versioned {
    fn version(&self) -> String;
}

/// The answer of a single resource, with its version as the tag. Strong: it says all that `If-Match` asks for.
pub struct Tagged<T>(pub T);

impl<T: Serialize + Versioned> Responder for Tagged<T> {
    type Body = BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        match serde_json::to_vec(&self.0) {
            Ok(body) => unless_known(req, tag(&self.0.version()), body),
            Err(error) => HttpResponse::from_error(Error::Internal(error.into())),
        }
    }
}

/// The JSON with its tag, or 304 for a reader who has it already. Weak and strong count as the same here (RFC 9110, 13.1.2).
pub(super) fn unless_known(req: &HttpRequest, tag: String, body: Vec<u8>) -> HttpResponse {
    let opaque = |tag: &str| tag.trim_start_matches("W/").to_owned();
    let same = |known: &str| known == "*" || opaque(known) == opaque(&tag);
    let known =
        req.method() == Method::GET && list(req, &header::IF_NONE_MATCH).any(|known| same(&known));
    if known {
        return HttpResponse::NotModified()
            .insert_header((header::ETAG, tag))
            .finish();
    }
    HttpResponse::Ok()
        .insert_header((header::ETAG, tag))
        .content_type(header::ContentType::json())
        .body(body)
}

/// As a header carries it.
fn tag(version: &str) -> String {
    format!("\"{version}\"")
}

/// The states in which the caller wants the change made. A request without the header is refused (428).
pub struct IfMatch(Vec<String>);

impl FromRequest for IfMatch {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        if !req.headers().contains_key(header::IF_MATCH) {
            return ready(Err(Error::PreconditionRequired));
        }
        let tags: Vec<String> = list(req, &header::IF_MATCH).collect();
        ready(
            match tags.iter().all(|tag| is_tag(tag)) && !tags.is_empty() {
                true => Ok(Self(tags)),
                false => Err(Error::Malformed(
                    "If-Match holds the ETag of an answer, in its quotes.".into(),
                )),
            },
        )
    }
}

impl IfMatch {
    /// Asked under the lock of the row that is about to change.
    pub fn check(&self, version: &str) -> Result<()> {
        let now = tag(version);
        match self.0.iter().any(|seen| seen == "*" || *seen == now) {
            true => Ok(()),
            false => Err(Error::PreconditionFailed),
        }
    }
}

/// The entries of a header that may be there several times. None of our tags has a comma.
fn list(req: &HttpRequest, name: &header::HeaderName) -> impl Iterator<Item = String> {
    let all = req
        .headers()
        .get_all(name)
        .map(|value| value.to_str().unwrap_or("?"));
    let all: Vec<String> = all
        .flat_map(|value| value.split(','))
        .map(|one| one.trim().to_owned())
        .collect();
    all.into_iter()
}

/// What RFC 9110 calls an entity tag, or `*`. A weak one is well-formed and never matches.
fn is_tag(text: &str) -> bool {
    let quoted = text.strip_prefix("W/").unwrap_or(text);
    let opaque = quoted
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    text == "*" || opaque.is_some_and(|tag| !tag.contains('"'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::ResponseError;
    use actix_web::test::TestRequest;

    fn asked(values: &[&str], version: &str) -> u16 {
        let mut request = TestRequest::default();
        for value in values {
            request = request.append_header((header::IF_MATCH, *value));
        }
        let read = IfMatch::from_request(&request.to_http_request(), &mut Payload::None);
        let checked = read.into_inner().and_then(|tags| tags.check(version));
        checked.map_or_else(|error| error.status_code().as_u16(), |()| 200)
    }

    #[test]
    fn only_the_state_that_was_seen_is_changed() {
        for (values, status) in [
            (&["\"3\""][..], 200),
            (&["*"], 200),
            (&["\"1\", \"3\""], 200),
            (&["\"1\"", "\"3\""], 200),
            (&["\"2\""], 412),
            (&["\"33\""], 412),
            (&["W/\"3\""], 412),
            (&["3"], 400),
            (&[""], 400),
            (&["\"3"], 400),
            (&["\"3\"\"4\""], 400),
            (&[], 428),
        ] {
            assert_eq!(asked(values, "3"), status, "{values:?}");
        }
    }
}
