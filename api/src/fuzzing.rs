//! What reads bytes of strangers, each as a function that takes any bytes and panics when something comes out that must
//! not. `make fuzz-bytes` makes bytes up for them (`tests/fuzz/targets`), the tests below try those of
//! `tests/fuzz/corpus` and their neighbours. Only with the feature `fuzzing`, which no build for use has.

use std::sync::LazyLock;

use actix_multipart::Multipart;
use actix_web::body::MessageBody;
use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::test::TestRequest;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, Responder, ResponseError};
use chrono::{DateTime, NaiveDate, Utc};
use futures_util::stream;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde::Deserialize;
use serde_json::{Value, json};
use tracker_wire::{MAX_BATCH_ITEMS, MAX_NAME, MAX_PATH, MAX_SECONDS, MAX_TITLE};
use uuid::Uuid;

use crate::Result;
use crate::company::branding::logo as logos;
use crate::http::error::Error;
use crate::http::json::{Json, Query, read};
use crate::http::page::PageQuery;
use crate::http::text::{Code, Email, Line, NewPassword, Password, TimeZone, like};
use crate::http::token::{Audience, Claims, ISSUER, TYPE};
use crate::http::{api_token as tokens, client_address, company_key as keys, origin};
use crate::secrets::{Secrets, hex};
use crate::tracking::screenshot::{form, picture as pictures};
use crate::tracking::upload::items::{Incoming, RawBatch, in_range};
use crate::tracking::upload::{self, UploadBody};

type Target = (&'static str, fn(&[u8]));

pub const TARGETS: [Target; 12] = [
    ("access_token", access_token),
    ("api_token", api_token),
    ("company_key", company_key),
    ("cursor", cursor),
    ("headers", headers),
    ("json_body", json_body),
    ("logo", logo),
    ("picture", picture),
    ("refresh_token", refresh_token),
    ("screenshot_form", screenshot_form),
    ("upload_batch", upload_batch),
    ("upload_body", upload_body),
];

/// Pictures here stay small: how large ones are refused is a test of its own, and takes too long to be tried often.
const MOST_PIXELS: u64 = 1 << 16;
/// No refusal says more than that, whatever it was told.
const LONGEST_PROBLEM: usize = 8_192;

/// Keys that nobody has, always the same.
static SECRETS: LazyLock<Secrets> = LazyLock::new(|| match Secrets::known([1; 32], [2; 32]) {
    Ok(secrets) => secrets,
    Err(error) => panic!("{error}"),
});

/// The time of every device and every server here.
fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_nanos(1_800_000_000_000_000_000)
}

/// A refusal is the caller's to mend, and says so in few words.
fn check_refusal(error: &Error) {
    let status = error.status_code();
    assert!(status.is_client_error(), "{status} {error:?}");
    let Ok(body) = error.error_response().into_body().try_into_bytes() else {
        panic!("a refusal in pieces")
    };
    assert!(body.len() <= LONGEST_PROBLEM, "{} bytes", body.len());
    let problem: Value = serde_json::from_slice(&body).unwrap_or_default();
    assert_eq!(problem["status"], status.as_u16(), "{problem}");
    assert!(
        problem["code"]
            .as_str()
            .is_some_and(|code| !code.is_empty())
    );
}

fn in_runtime<T>(work: impl Future<Output = T>) -> T {
    thread_local! {
        static RUNTIME: Option<tokio::runtime::Runtime> =
            tokio::runtime::Builder::new_current_thread().enable_all().build().ok();
    }
    RUNTIME.with(|runtime| match runtime {
        Some(runtime) => runtime.block_on(work),
        None => panic!("no runtime"),
    })
}

/// The first line, and what follows it.
fn first_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    match end {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, &[]),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn header_of(bytes: &[u8]) -> Option<HeaderValue> {
    HeaderValue::from_bytes(bytes).ok()
}

/// In pieces, as a network brings it.
fn pieces(bytes: &[u8]) -> Payload {
    let pieces: Vec<_> = bytes.chunks(1_000).map(Bytes::copy_from_slice).collect();
    Payload::from(stream_of(pieces))
}

fn stream_of(
    pieces: Vec<Bytes>,
) -> std::pin::Pin<
    Box<dyn futures_util::Stream<Item = Result<Bytes, actix_web::error::PayloadError>>>,
> {
    Box::pin(stream::iter(pieces.into_iter().map(Ok)))
}

/// A picture that is taken becomes two WebP files that say what they are.
pub fn picture(bytes: &[u8]) {
    let known = pictures::media_type(bytes).is_some();
    let Some(made) = pictures::code(Bytes::copy_from_slice(bytes), MOST_PIXELS) else {
        return;
    };
    assert!(known, "taken, though its first bytes tell of no picture");
    let size = |file: &[u8]| {
        assert_eq!(pictures::media_type(file), Some("image/webp"));
        let pixels = pictures::decode(file, u64::MAX);
        pixels.map(|pixels| (pixels.width(), pixels.height()))
    };
    let (width, height) = (made.width.unsigned_abs(), made.height.unsigned_abs());
    assert_eq!(size(&made.image), Some((width, height)));
    assert!(u64::from(width) * u64::from(height) <= MOST_PIXELS);
    assert!(size(&made.thumbnail).is_some_and(|(width, _)| width <= 320));
}

/// A logo that is taken becomes a WebP file that is as small as the table asks for.
pub fn logo(bytes: &[u8]) {
    let known = pictures::media_type(bytes).is_some();
    let Some(made) = logos::code(bytes, MOST_PIXELS) else {
        return;
    };
    assert!(known, "taken, though its first bytes tell of no picture");
    assert_eq!(pictures::media_type(&made.webp), Some("image/webp"));
    assert!(made.webp.len() <= logos::MAX_KEPT);
    let (width, height) = (made.width.unsigned_abs(), made.height.unsigned_abs());
    let size = logos::pixels(&made.webp).map(|pixels| pixels.dimensions());
    assert_eq!(size, Some((width, height)));
    assert!(width <= logos::BOXES[0].0 && height <= logos::BOXES[0].1);
}

/// The boundary is `x`.
pub fn screenshot_form(bytes: &[u8]) {
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("multipart/form-data; boundary=x"),
    );
    let pieces = bytes.chunks(1_000).map(Bytes::copy_from_slice).collect();
    let form = Multipart::new(&headers, stream_of(pieces));
    match in_runtime(form::read(form)) {
        Ok(form) => {
            assert!(form.image.len() <= form::MAX_IMAGE);
            assert!(pictures::media_type(&form.image).is_some());
        }
        Err(error) => check_refusal(&error),
    }
}

/// Each item has its answer, and what is taken is within its bounds.
pub fn upload_batch(bytes: &[u8]) {
    let zone = chrono_tz::Europe::Berlin;
    let batch = match read::<RawBatch>(bytes) {
        Ok(batch) => batch,
        Err(error) => return check_refusal(&error),
    };
    let incoming = match Incoming::of_batch(&batch, bytes, zone, now()) {
        Ok(incoming) => incoming,
        Err(error) => return check_refusal(&error),
    };
    assert!(incoming.answers.len() <= MAX_BATCH_ITEMS);
    let fits = |text: &str, most: usize| text.chars().count() <= most && !text.contains('\0');
    let mut places = Vec::new();
    for sign in &incoming.sessions {
        places.push(sign.place);
        assert!(in_range(sign.item.start(), now()));
    }
    for application in &incoming.applications {
        places.push(application.place);
        let item = &application.item;
        assert!(fits(&item.app, MAX_NAME) && fits(&item.title, MAX_TITLE));
        assert!((0..=MAX_SECONDS).contains(&item.seconds) && in_range(item.started_at, now()));
    }
    for website in &incoming.websites {
        places.push(website.place);
        let item = &website.item;
        assert!(fits(&item.host, MAX_NAME));
        assert!(item.path.as_ref().is_none_or(|path| fits(path, MAX_PATH)));
        assert!(
            item.title
                .as_ref()
                .is_none_or(|title| fits(title, MAX_TITLE))
        );
        assert!((0..=MAX_SECONDS).contains(&item.seconds) && in_range(item.started_at, now()));
    }
    for minute in &incoming.activity {
        places.push(minute.place);
        let item = &minute.item;
        assert_eq!(item.minute.timestamp() % 60, 0);
        assert!(item.active_seconds >= 0 && item.idle_seconds >= 0);
        assert!(item.active_seconds + item.idle_seconds <= 60);
    }
    let taken = places.len();
    assert!(places.iter().all(|place| *place < incoming.answers.len()));
    assert!(
        places.is_sorted_by(|before, after| before < after),
        "{places:?}"
    );
    let rejected = incoming
        .answers
        .iter()
        .filter(|answer| answer.code.is_some());
    assert_eq!(taken + rejected.count(), incoming.answers.len());
    assert!(incoming.worked.values().all(|(from, until)| from <= until));
    assert_eq!(incoming.days.is_some(), taken > 0);
    assert!(incoming.days.is_none_or(|(first, last)| first <= last));
}

/// The first line is the content encoding.
pub fn upload_body(bytes: &[u8]) {
    let (encoding, body) = first_line(bytes);
    let mut request = TestRequest::post().insert_header(header::ContentType::json());
    if let Some(encoding) = header_of(encoding).filter(|encoding| !encoding.is_empty()) {
        request = request.insert_header((header::CONTENT_ENCODING, encoding));
    }
    let read = async {
        let request = request.to_http_request();
        UploadBody::from_request(&request, &mut pieces(body)).await
    };
    match in_runtime(read) {
        Ok(UploadBody(read)) => assert!(read.len() <= upload::MAX_BODY),
        Err(error) => check_refusal(&error),
    }
}

pub fn company_key(bytes: &[u8]) {
    let key = text(bytes);
    if keys::well_formed(&key) {
        assert_eq!(key.len(), 40);
        assert!(
            key.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        );
    }
}

/// As a token; and its two lines as header and claims of one that is signed with the right key.
pub fn access_token(bytes: &[u8]) {
    let audiences = [Audience::Web, Audience::Owner, Audience::Agent];
    let token = text(bytes);
    for audience in audiences {
        assert!(Claims::read(&token, &SECRETS, audience).is_none(), "forged");
    }
    let (head, claims) = first_line(bytes);
    let message = format!("{}.{}", base64url(head), base64url(claims));
    let key = EncodingKey::from_secret(&SECRETS.keys().signs().bytes);
    let Ok(signature) = crypto::sign(message.as_bytes(), &key, Algorithm::HS256) else {
        return;
    };
    let token = format!("{message}.{signature}");
    for audience in audiences {
        let Some(claims) = Claims::read(&token, &SECRETS, audience) else {
            continue;
        };
        let head: Value = serde_json::from_slice(head).unwrap_or_default();
        assert_eq!(head["alg"], "HS256");
        assert_eq!(head["typ"], TYPE);
        assert_eq!(head["kid"], SECRETS.keys().signs().id);
        assert_eq!((claims.aud, claims.iss.as_str()), (audience, ISSUER));
        assert!(claims.exp >= Utc::now().timestamp(), "it has run out");
    }
}

fn base64url(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let bits = three
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - three.len()));
        for digit in 0..=three.len() {
            out.push(char::from(DIGITS[(bits >> (18 - 6 * digit) & 63) as usize]));
        }
    }
    out
}

/// As a token; and as the body of one that is signed with the right key.
pub fn refresh_token(bytes: &[u8]) {
    let body = text(bytes);
    assert_eq!(SECRETS.read_refresh_token(&body), None, "forged");
    let signed = SECRETS.sign_refresh_body(&body);
    if let Some((family, generation)) = SECRETS.read_refresh_token(&signed) {
        let mut parts = body.split('.').skip(1);
        assert_eq!(
            parts.next().and_then(|part| part.parse().ok()),
            Some(family)
        );
        assert_eq!(
            parts.next().and_then(|part| part.parse().ok()),
            Some(generation)
        );
    }
}

/// As a token; and as one whose last characters are made to fit.
pub fn api_token(bytes: &[u8]) {
    let token = text(bytes);
    let body = token.strip_prefix(tokens::PREFIX).unwrap_or(&token);
    let fitting = format!("{}{body}{}", tokens::PREFIX, tokens::check(body));
    for token in [&token, &fitting] {
        let Some(company) = tokens::company_of(token) else {
            continue;
        };
        assert_eq!(token.len(), 62);
        assert!(
            token
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        );
        assert!(tokens::prefix(token).len() < 20);
        let named = &token[34..56];
        assert_eq!(
            tokens::base62(company.as_u128(), 22),
            named,
            "two ways to say one company"
        );
    }
}

/// As a query string; as a cursor; and its two lines as a list and a place in it, signed with the right key.
pub fn cursor(bytes: &[u8]) {
    let whole = text(bytes);
    assert_eq!(SECRETS.read_cursor("employees", &whole), None, "forged");
    match in_runtime(query::<PageQuery>(&whole)) {
        Ok(page) => {
            assert!(
                page.limit().is_ok_and(|limit| (1..=200).contains(&limit)) || page.limit().is_err()
            );
            let position = page.position::<(String, Uuid)>(&SECRETS, "employees");
            assert_eq!(position.is_ok(), page.cursor.is_none(), "forged");
        }
        Err(error) => check_refusal(&error),
    }
    let (list, position) = first_line(bytes);
    let (list, position) = (text(list), text(position));
    let signed = SECRETS.sign_cursor(&list, &position);
    let read = SECRETS.read_cursor(&list, &signed);
    assert!(read.is_none_or(|read| read == position));
    assert_eq!(SECRETS.read_cursor(&format!("{list}x"), &signed), None);
}

async fn query<T: serde::de::DeserializeOwned + 'static>(text: &str) -> Result<T> {
    let quoted: String = text
        .bytes()
        .map(|byte| match byte {
            b'!'..=b'~' if byte != b'#' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect();
    let request = TestRequest::get();
    let Ok(uri) = format!("/?{quoted}").parse::<actix_web::http::Uri>() else {
        return Err(Error::NotFound);
    };
    let request = request.uri(&uri.to_string()).to_http_request();
    let Query(query) = Query::<T>::extract(&request).await?;
    Ok(query)
}

/// A field of each type that checks itself.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    email: Option<Email>,
    name: Option<Line<200>>,
    time_zone: Option<TimeZone>,
    password: Option<Password>,
    new_password: Option<NewPassword>,
    code: Option<Code>,
    day: Option<NaiveDate>,
    #[serde(default)]
    ids: Vec<Uuid>,
}

pub fn json_body(bytes: &[u8]) {
    let body = match read::<Body>(bytes) {
        Ok(body) => body,
        Err(error) => return check_refusal(&error),
    };
    if let Some(Email(email)) = body.email {
        assert!(email.len() <= 254 && email.matches('@').count() == 1);
        assert!(
            email
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && !byte.is_ascii_uppercase())
        );
    }
    if let Some(Line(name)) = body.name {
        assert!((1..=200).contains(&name.chars().count()) && !name.contains(char::is_control));
        assert_eq!(name.trim(), name);
        let pattern = like(&name);
        assert!(pattern.starts_with('%') && pattern.ends_with('%'));
    }
    assert!(body.time_zone.is_none_or(|TimeZone(zone)| zone.len() <= 64));
    assert!(
        body.password
            .is_none_or(|Password(word)| word.chars().count() <= 256)
    );
    assert!(
        body.new_password
            .is_none_or(|NewPassword(word)| word.chars().count() >= 12)
    );
    assert!(
        body.code
            .is_none_or(|Code(code)| code.is_ascii() && code.len() <= 40)
    );
    assert!(body.day.is_none_or(|day| day <= NaiveDate::MAX));
    assert!(body.ids.len() <= bytes.len());
}

/// Each line is a header's value: addresses, tags and ids that a caller says.
pub fn headers(bytes: &[u8]) {
    let ours = ["127.0.0.0/8", "fd00::/8"].map(|network| match network.parse() {
        Ok(network) => network,
        Err(error) => panic!("{error}"),
    });
    let peer = std::net::SocketAddr::from(([127, 0, 0, 1], 1));
    let mut request = TestRequest::get().peer_addr(peer);
    for line in bytes.split(|byte| *byte == b'\n').take(20) {
        let Some(value) = header_of(line) else {
            continue;
        };
        let id = origin::id_of_header(value.to_str().ok());
        assert!((8..=64).contains(&id.len()));
        assert!(
            id.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        );
        for name in [
            HeaderName::from_static("x-forwarded-for"),
            header::IF_NONE_MATCH,
        ] {
            request = request.append_header((name, value.clone()));
        }
    }
    let request: HttpRequest = request.to_http_request();
    let address = client_address::of(&request, &ours);
    assert!(address.is_some());
    assert!(client_address::place(address).len() <= 45);
    let answer = Json(json!({})).respond_to(&request);
    assert!([200, 304].contains(&answer.status().as_u16()));
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::PathBuf;

    use super::*;

    fn folder(name: &str) -> PathBuf {
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fuzz")).join(name)
    }

    fn names(name: &str) -> BTreeSet<String> {
        let files = fs::read_dir(folder(name)).unwrap();
        let stem = |path: PathBuf| path.file_stem().unwrap().to_string_lossy().into_owned();
        files.map(|file| stem(file.unwrap().path())).collect()
    }

    fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
        let files = fs::read_dir(folder("corpus").join(target)).unwrap();
        let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
        files.sort();
        let read = |path: PathBuf| (path.clone(), fs::read(path).unwrap());
        files.into_iter().map(read).collect()
    }

    /// Numbers that are the same on every run.
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, most: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 % most.max(1) as u64) as usize
        }

        /// The bytes with a few things done to them.
        fn neighbour(&mut self, bytes: &[u8]) -> Vec<u8> {
            let mut bytes = bytes.to_vec();
            for _ in 0..=self.below(3) {
                let at = self.below(bytes.len());
                let until = at + self.below((bytes.len() - at).min(32));
                match self.below(5) {
                    0 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
                    1 if !bytes.is_empty() => bytes[at] = self.below(256) as u8,
                    2 => bytes.truncate(at),
                    3 => drop(bytes.drain(at..until)),
                    _ => bytes.extend_from_within(at..until),
                }
            }
            bytes
        }
    }

    fn neighbours_hold(target: &str) {
        let (_, run) = TARGETS
            .into_iter()
            .find(|(name, _)| *name == target)
            .unwrap();
        let mut dice = Dice(0x5EED);
        for (path, bytes) in corpus(target) {
            let held = std::panic::catch_unwind(|| run(&bytes));
            assert!(held.is_ok(), "{}", path.display());
            for _ in 0..200 {
                let bytes = dice.neighbour(&bytes);
                let held = std::panic::catch_unwind(|| run(&bytes));
                assert!(held.is_ok(), "beside {}: {}", path.display(), hex(&bytes));
            }
        }
    }

    #[test]
    fn each_target_has_a_program_and_examples() {
        let targets: BTreeSet<_> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(names("targets/src/bin"), targets);
        assert_eq!(names("corpus"), targets);
        for target in targets {
            assert!(corpus(&target).len() >= 2, "{target}");
        }
    }

    macro_rules! each_holds {
        ($($target:ident)*) => {$(
            #[test]
            fn $target() {
                neighbours_hold(stringify!($target));
            }
        )*};
    }

    each_holds!(access_token api_token company_key cursor headers json_body logo picture refresh_token screenshot_form upload_batch upload_body);
}
