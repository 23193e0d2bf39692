//! Bodies and query strings, read with the place of what is wrong: an error names the field by a JSON pointer.

use std::{future::Future, pin::Pin};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, Responder,
    dev::Payload,
    http::{Method, StatusCode, header},
    web::{self, Bytes},
};
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};

use super::{error::Error, idempotency, precondition};
use crate::Result;
use crate::secrets::{hex, sha256};

/// Bodies of everything but uploads.
const MAX_BODY: usize = 64 * 1024;

/// A JSON body. As an answer: the body of a success.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let media = content_type_is_json(req);
        let body = read_body(req, payload, MAX_BODY);
        let req = req.clone();
        Box::pin(async move {
            media?;
            let body = body.await?;
            idempotency::note_body(&req, &body);
            read(&body).map(Self)
        })
    }
}

impl<T: Serialize> Responder for Json<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        match serde_json::to_vec(&self.0) {
            // Of the bytes alone, and weak: compression changes them.
            Ok(body) if req.method() == Method::GET => {
                let tag = format!("W/\"{}\"", hex(&sha256(&body)[..16]));
                precondition::unless_known(req, tag, body)
            }
            Ok(body) => HttpResponse::Ok()
                .content_type(header::ContentType::json())
                .body(body),
            Err(error) => HttpResponse::from_error(Error::Internal(error.into())),
        }
    }
}

/// The answer to a creation: 201, where the new thing is found, and the thing.
pub fn created<T: Serialize>(location: &str, body: T) -> HttpResponse {
    HttpResponse::build(StatusCode::CREATED)
        .insert_header((header::LOCATION, location))
        .json(body)
}

/// The whole body, decompressed, up to `limit` bytes.
pub fn read_body(
    req: &HttpRequest,
    payload: &mut Payload,
    limit: usize,
) -> impl Future<Output = Result<Bytes>> + use<> {
    let declared = req
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
    let payload = web::Payload::from_request(req, payload).into_inner();
    async move {
        if declared.is_some_and(|length| length > limit) {
            return Err(Error::TooLarge(limit));
        }
        match payload
            .map_err(|_| Error::Malformed("The body could not be read.".into()))?
            .to_bytes_limited(limit)
            .await
        {
            Err(_) => Err(Error::TooLarge(limit)),
            Ok(Err(_)) => Err(Error::Malformed("The body broke off.".into())),
            Ok(Ok(bytes)) => Ok(bytes),
        }
    }
}

pub fn content_type_is_json(req: &HttpRequest) -> Result<()> {
    let named = req
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = named.split(';').next().unwrap_or_default().trim();
    match essence.eq_ignore_ascii_case("application/json") {
        true => Ok(()),
        false => Err(Error::UnsupportedMedia("Send application/json.".into())),
    }
}

/// Parses an object, telling syntax (400) from meaning (422).
pub fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T> {
    // Serde takes a list for a struct as well: its entries for the fields, in their order.
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(Error::invalid("", "invalid", "An object is wanted"));
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let pointer = pointer(error.path());
        let cause = error.into_inner();
        match cause.classify() {
            serde_json::error::Category::Data => field_error(&pointer, &cause.to_string()),
            _ => Error::Malformed(format!("Not JSON: {cause}.")),
        }
    })?;
    json.end()
        .map_err(|error| Error::Malformed(format!("Not JSON: {error}.")))?;
    Ok(value)
}

/// Types that check themselves put their code before a colon: `email_invalid: An e-mail …`. What serde finds missing
/// or unknown it names inside backticks.
pub(crate) fn field_error(pointer: &str, message: &str) -> Error {
    let message = message.split(" at line ").next().unwrap_or_default();
    let named = message.split('`').nth(1).unwrap_or_default();
    if message.starts_with("missing field") {
        return Error::invalid(
            &format!("{pointer}/{named}"),
            "missing",
            "This field is required",
        );
    }
    if message.starts_with("unknown field") {
        // Where the path is kept while reading, it ends with the field already.
        let field = format!("/{}", escaped(named));
        let object = pointer.strip_suffix(&field).unwrap_or(pointer);
        return Error::invalid(
            &format!("{object}{field}"),
            "unknown_field",
            "There is no such field",
        );
    }
    match message
        .split_once(": ")
        .filter(|(code, _)| code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
    {
        Some((code, detail)) => Error::invalid(pointer, code, detail),
        None => Error::invalid(pointer, "invalid", message),
    }
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment::{Enum, Map, Seq, Unknown};
    path.iter()
        .map(|segment| match segment {
            Seq { index } => format!("/{index}"),
            Map { key } => format!("/{}", escaped(key)),
            Enum { variant } => format!("/{variant}"),
            Unknown => String::new(),
        })
        .collect()
}

/// A name as RFC 6901 has it in a pointer.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// A query string. A list is its name repeated: `status=a&status=b`. What is unknown, or repeated and no list, is refused.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Query<T> {
    type Error = Error;
    type Future = std::future::Ready<Result<Self>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(
            serde_html_form::from_str(req.query_string())
                .map(Self)
                .map_err(|error| field_error("query", &error.to_string())),
        )
    }
}

/// For `deserialize_with`: what is there is read, and only what is absent is none. In a query `limit=` is not left out, but
/// says nothing; in a body null is told from a field that is not there, as `Some(None)`.
pub fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    value: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}

/// Path parameters. What cannot be an id names nothing: 404.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Path<T> {
    type Error = Error;
    type Future = std::future::Ready<Result<Self>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = web::Path::<T>::from_request(req, payload).into_inner();
        std::future::ready(
            read.map(|path| Self(path.into_inner()))
                .map_err(|_| Error::NotFound),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read by serde")]
    struct Body {
        list: Vec<i32>,
    }

    #[test]
    fn errors_name_the_place_and_tell_syntax_from_meaning() {
        let Error::Invalid(errors) = read::<Body>(br#"{"list": [1, "x"]}"#).unwrap_err() else {
            panic!()
        };
        assert_eq!(
            (errors[0].pointer.as_str(), errors[0].code.as_str()),
            ("/list/1", "invalid")
        );
        assert!(matches!(read::<Body>(b"{"), Err(Error::Malformed(_))));
        assert!(matches!(
            read::<Body>(br#"{"list": []} x"#),
            Err(Error::Malformed(_))
        ));
        for no_object in [&br#"{"list": [], "more": 1}"#[..], b"[[]]", b" [[1]]", b"7"] {
            assert!(matches!(read::<Body>(no_object), Err(Error::Invalid(_))));
        }
        #[derive(Debug, serde::Deserialize)]
        #[expect(dead_code, reason = "only read by serde")]
        struct Outer {
            list: Body,
        }
        let unknown = |error: Error| match error {
            Error::Invalid(errors) => (errors[0].pointer.clone(), errors[0].code.clone()),
            _ => panic!(),
        };
        for (field, pointer) in [("more", "/more"), ("a/b~", "/a~1b~0")] {
            let body = format!(r#"{{"list": [], "{field}": 1}}"#);
            let error = read::<Body>(body.as_bytes()).unwrap_err();
            assert_eq!(unknown(error), (pointer.into(), "unknown_field".into()));
        }
        let nested = read::<Outer>(br#"{"list": {"list": [], "list2": 1}}"#).unwrap_err();
        assert_eq!(
            unknown(nested),
            ("/list/list2".into(), "unknown_field".into())
        );
        let long = format!(r#"{{"{}": 1}}"#, "x".repeat(10_000));
        let Error::Invalid(errors) = read::<Body>(long.as_bytes()).unwrap_err() else {
            panic!()
        };
        assert_eq!(
            errors[0].pointer.chars().count(),
            301,
            "not all of it is repeated"
        );
    }

    #[test]
    fn a_parameter_without_a_value_is_not_one_that_was_left_out() {
        #[derive(Debug, serde::Deserialize)]
        struct Asked {
            #[serde(default, deserialize_with = "given")]
            limit: Option<i64>,
            #[serde(default, deserialize_with = "given")]
            user_id: Option<uuid::Uuid>,
        }
        let ask = serde_html_form::from_str::<Asked>;
        let asked = ask("limit=5").unwrap();
        assert_eq!((asked.limit, asked.user_id), (Some(5), None));
        assert_eq!(ask("").unwrap().limit, None);
        for nothing in ["limit=", "limit", "user_id=", "limit=5&user_id="] {
            assert!(ask(nothing).is_err(), "{nothing}");
        }
    }
}
