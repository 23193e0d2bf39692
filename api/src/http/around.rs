//! Put around every request: its id, its line in the log, and the headers that each answer carries.

use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use tracing::Instrument;

use super::{client_address, limits, origin, session};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Serves the request under its id and logs one line about it. Paths are logged as patterns, since some hold tokens.
pub async fn request<B: MessageBody>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let id = origin::id_of_header(
        req.headers()
            .get(REQUEST_ID)
            .and_then(|value| value.to_str().ok()),
    );
    let (method, started) = (req.method().clone(), Instant::now());
    let span = tracing::info_span!("request", id = %id);
    let address = session::state(req.request())
        .ok()
        .and_then(|state| client_address::of(req.request(), &state.config.trusted_proxies));
    let work = next.call(req).instrument(span.clone());
    let served = origin::scope(id.clone(), address, work).await;
    let mut response = match served {
        Ok(response) => response,
        Err(error) => return Err(error),
    };
    let pattern = response
        .request()
        .match_pattern()
        .unwrap_or_else(|| "(no route)".into());
    let (status, ms) = (
        response.status().as_u16(),
        started.elapsed().as_micros() as f64 / 1000.0,
    );
    if let Ok(state) = session::state(response.request()) {
        state
            .metrics
            .served(&method, &pattern, status, started.elapsed());
    }
    span.in_scope(|| match status {
        500.. => tracing::error!(%method, pattern, status, ms, "served"),
        _ => tracing::info!(%method, pattern, status, ms, "served"),
    });
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    for (name, value) in limits::headers(response.request()) {
        response.headers_mut().insert(name, value);
    }
    let https = session::state(response.request())
        .is_ok_and(|state| state.config.public_url().starts_with("https://"));
    secure(response.headers_mut(), https);
    Ok(response)
}

/// ASVS 3.4: what browsers must know about every answer. Pages bring a content policy of their own.
fn secure(headers: &mut HeaderMap, https: bool) {
    let defaults = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
        ),
        (header::CACHE_CONTROL, "no-store"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=(), browsing-topics=()",
        ),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-site",
        ),
    ];
    // Over plain http it means nothing, and a browser that is told by mistake keeps away from it for a year.
    let strict = (
        header::STRICT_TRANSPORT_SECURITY,
        "max-age=31536000; includeSubDomains",
    );
    let defaults = defaults.into_iter().chain(https.then_some(strict));
    // Of an origin that may not read, CORS says nothing; a cache must tell it from one that may.
    let by_origin = |vary: &HeaderValue| vary.to_str().is_ok_and(|of| of.contains("Origin"));
    if !headers.get_all(header::VARY).any(by_origin) {
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
    }
    for (name, value) in defaults {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}
