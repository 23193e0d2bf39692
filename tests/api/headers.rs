//! What every answer tells a browser. The matrix holds each of its answers against `faults`; here are the answers that
//! are no operation's, plain http beside https, cookies, and who of other origins may read.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::ResponseError;
use reqwest::{Client as Http, Method, Response};
use serde_json::{Value, json};
use tracker::config::Config;
use tracker::http::error::Error;
use tracker::http::openapi::openapi;
use uuid::Uuid;

use crate::app::{App, Client, PASSWORD};

/// No browser runs, frames or resolves anything of what is no page; a picture is shut in besides, whatever is in it.
const DATA: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'";
const PICTURE: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// What every answer of the API carries.
const EVERYWHERE: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    (
        "permissions-policy",
        "camera=(), microphone=(), geolocation=(), browsing-topics=()",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-site"),
];

/// What is wrong with the headers of an answer of the API.
pub fn faults(status: u16, headers: &[(String, String)], https: bool) -> Vec<String> {
    let all = |name: &str| -> Vec<&str> {
        let same = headers.iter().filter(|(known, _)| known == name);
        same.map(|(_, value)| value.as_str()).collect()
    };
    let mut faults = Vec::new();
    for (name, expected) in EVERYWHERE {
        if all(name) != [expected] {
            faults.push(format!("header: {name} is {:?}", all(name)));
        }
    }
    let strict = all("strict-transport-security");
    let meant: &[&str] = match https {
        true => &["max-age=31536000; includeSubDomains"],
        false => &[],
    };
    if strict != meant {
        faults.push(format!("header: strict-transport-security is {strict:?}"));
    }
    let (policy, cache) = match all("content-type") == ["image/webp"] {
        true => (PICTURE, "private, no-store"),
        false => (DATA, "no-store"),
    };
    for (name, expected) in [
        ("content-security-policy", policy),
        ("cache-control", cache),
    ] {
        if all(name) != [expected] {
            faults.push(format!("header: {name} is {:?}", all(name)));
        }
    }
    if !all("vary").iter().any(|vary| vary.contains("Origin")) {
        faults.push(format!("header: vary is {:?}", all("vary")));
    }
    if all("x-request-id").len() != 1 {
        faults.push(format!("header: x-request-id is {:?}", all("x-request-id")));
    }
    if status >= 400 && all("content-type") != ["application/problem+json"] {
        faults.push(format!("header: content-type is {:?}", all("content-type")));
    }
    for name in ["server", "x-powered-by", "access-control-allow-origin"] {
        if !all(name).is_empty() {
            faults.push(format!("header: {name} is {:?}", all(name)));
        }
    }
    for cookie in all("set-cookie") {
        let mut parts = cookie.split("; ");
        let name = parts.next().unwrap_or_default();
        let (ages, mut flags): (Vec<&str>, Vec<&str>) =
            parts.partition(|part| part.starts_with("Max-Age") || part.starts_with("Expires"));
        flags.sort_unstable();
        let (meant, secure): (_, &[&str]) = match https {
            true => ("__Host-refresh", &["Secure"]),
            false => ("refresh", &[]),
        };
        let kept = [&["HttpOnly", "Path=/", "SameSite=Strict"], secure].concat();
        // A month, or at once.
        let month = ages == ["Max-Age=2592000"];
        let gone = name.ends_with('=') && ages.contains(&"Max-Age=0");
        if !name.starts_with(&format!("{meant}=")) || flags != kept || !(month || gone) {
            faults.push(format!(
                "header: set-cookie of {meant} has {flags:?}, {ages:?}"
            ));
        }
    }
    faults
}

pub fn pairs(response: &Response) -> Vec<(String, String)> {
    let headers = response.headers().iter();
    headers
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect()
}

/// Each rule broken once, in an answer that keeps all the others.
#[test]
fn every_broken_rule_is_noticed() {
    let good = |https: bool, picture: bool| -> Vec<(String, String)> {
        let cookie = match https {
            true => "__Host-refresh=x; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=2592000",
            false => "refresh=x; HttpOnly; SameSite=Strict; Path=/; Max-Age=2592000",
        };
        let (media, policy, cache) = match picture {
            true => ("image/webp", PICTURE, "private, no-store"),
            false => ("application/json", DATA, "no-store"),
        };
        let mut all = EVERYWHERE.to_vec();
        all.extend([
            ("content-security-policy", policy),
            ("cache-control", cache),
            ("vary", "Origin, Accept-Encoding"),
            ("x-request-id", "0"),
            ("content-type", media),
            ("set-cookie", cookie),
        ]);
        if https {
            all.push((
                "strict-transport-security",
                "max-age=31536000; includeSubDomains",
            ));
        }
        let owned = all.into_iter();
        owned
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    };
    let without = |headers: &[(String, String)], name: &str| -> Vec<_> {
        let others = headers.iter().filter(|(known, _)| known != name);
        others.cloned().collect()
    };
    let notices = |headers: &[(String, String)], https: bool, name: &str| {
        let faults = faults(200, headers, https);
        let named = faults.len() == 1 && faults[0].starts_with(&format!("header: {name}"));
        assert!(named, "{name} in {headers:?}: {faults:?}");
    };
    for (https, picture) in [(false, false), (true, false), (true, true)] {
        let good = good(https, picture);
        assert_eq!(faults(200, &good, https), Vec::<String>::new());
        for (name, value) in &good {
            // Left out, said twice, and each of its parts taken away.
            let optional = ["content-type", "set-cookie"].contains(&name.as_str());
            if !optional {
                notices(&without(&good, name), https, name);
            }
            if !optional && name != "vary" {
                let twice = [&good[..], &[(name.clone(), value.clone())]].concat();
                notices(&twice, https, name);
            }
            let parts: Vec<&str> = value.split("; ").collect();
            for left_out in 0..parts.len() {
                if parts.len() > 1 {
                    let mut parts = parts.clone();
                    parts.remove(left_out);
                    let mut less = without(&good, name);
                    less.push((name.clone(), parts.join("; ")));
                    notices(&less, https, name);
                }
            }
        }
        for (name, value) in [
            ("x-content-type-options", "sniff"),
            ("referrer-policy", "origin"),
            ("permissions-policy", "camera=*"),
            ("cross-origin-opener-policy", "unsafe-none"),
            ("cross-origin-resource-policy", "cross-origin"),
            (
                "content-security-policy",
                "default-src 'none' https:; frame-ancestors 'none'; base-uri 'none'",
            ),
            (
                "content-security-policy",
                "default-src 'none'; frame-ancestors *; base-uri 'none'",
            ),
            (
                "content-security-policy",
                "default-src 'none'; frame-ancestors 'none'; sandbox allow-scripts",
            ),
            ("cache-control", "no-cache"),
            ("cache-control", "public, max-age=60"),
            ("vary", "Accept-Encoding"),
            (
                "strict-transport-security",
                if https {
                    "max-age=60"
                } else {
                    "max-age=31536000; includeSubDomains"
                },
            ),
            ("server", "tracker"),
            ("x-powered-by", "tracker"),
            ("access-control-allow-origin", "*"),
            (
                "set-cookie",
                "session=x; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=2592000",
            ),
            (
                "set-cookie",
                "__Host-refresh=x; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=2592000",
            ),
            (
                "set-cookie",
                "__Host-refresh=x; HttpOnly; SameSite=Strict; Secure; Path=/api; Max-Age=2592000",
            ),
            (
                "set-cookie",
                "__Host-refresh=x; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=31536000",
            ),
            (
                "set-cookie",
                "__Host-refresh=x; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=2592000; Domain=tracker.test",
            ),
        ] {
            let mut other = without(&good, name);
            other.push((name.to_owned(), value.to_owned()));
            notices(&other, https, name);
        }
    }
    let problem = faults(404, &good(true, false), true);
    assert_eq!(problem, ["header: content-type is [\"application/json\"]"]);
}

const HTTPS: &str = "https://tracker.test";

fn over_https(config: &mut Config) {
    config.public_url = Some(HTTPS.into());
}

fn with_page(config: &mut Config, folder: &tempfile::TempDir) {
    let assets = folder.path().join("assets");
    std::fs::create_dir_all(&assets).unwrap();
    std::fs::write(folder.path().join("index.html"), "<p>__CSP_NONCE__</p>").unwrap();
    std::fs::write(assets.join("a.js"), "let a = 1;").unwrap();
    std::fs::write(folder.path().join("icon.svg"), "<svg/>").unwrap();
    config.frontend_dir = folder.path().to_owned();
}

/// Method and path of every operation, with ids that name nothing.
fn operations() -> Vec<(Method, String)> {
    let document = serde_json::to_value(openapi()).unwrap();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let part = |part: &str| match part.starts_with('{') {
            true => Uuid::now_v7().to_string(),
            false => part.to_owned(),
        };
        let path = path.split('/').map(part).collect::<Vec<_>>().join("/");
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            if item.get(method.to_lowercase()).is_some() {
                all.push((method.parse().unwrap(), path.clone()));
            }
        }
    }
    all
}

#[actix_web::test]
async fn every_route_and_every_error_carries_the_headers_over_http_and_https() {
    let folder = tempfile::tempdir().unwrap();
    for https in [false, true] {
        let app = App::configured(|config| {
            with_page(config, &folder);
            if https {
                over_https(config);
            }
        })
        .await;
        let acme = app.company("Acme").await;
        let mut paths = operations();
        paths.extend(
            [
                "/api",
                "/api/",
                "/api/nothing",
                "/api/me/",
                "/api/upload/nothing",
                "/api/agent/nothing",
                "/nothing",
                "/assets/nothing.js",
                "/health/nothing",
                "/api/docs/nothing",
                "/api/docs/nothing/at/all.js",
                "/api/%ff",
            ]
            .map(|path| (Method::GET, path.to_owned())),
        );
        let wrong = ["DELETE", "PUT", "TRACE", "HEAD", "OPTIONS"]
            .map(|method| (method.parse().unwrap(), "/api/me".to_owned()));
        paths.extend(wrong);
        let clients = [
            app.anonymous(),
            acme.admin.clone(),
            acme.owner.clone(),
            acme.admin.clone().with_key(&acme.key),
        ];
        let (mut answers, mut successes) = (0, 0);
        for (method, path) in &paths {
            for (number, client) in clients.iter().enumerate() {
                for body in [None, Some("{}"), Some("{")] {
                    let mut request = client.request(method.clone(), path);
                    if let Some(body) = body {
                        request = request
                            .header("content-type", "application/json")
                            .body(body);
                    }
                    let response = request.send().await.unwrap();
                    let status = response.status().as_u16();
                    let headers = pairs(&response);
                    assert_eq!(
                        faults(status, &headers, https),
                        Vec::<String>::new(),
                        "{method} {path} by {number}: {status}"
                    );
                    answers += 1;
                    successes += usize::from(status < 300);
                }
            }
        }
        assert!(answers > 500 && successes > 50, "{answers}, {successes}");
        // What is no answer of the API: a page, its assets, the document and its reader, signs of life.
        let page = "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-?'; img-src 'self' blob: data:; \
            font-src 'self'; connect-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
        let reader = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";
        let forever = "public, max-age=31536000, immutable";
        for (path, accept, expected, cache) in [
            ("/", "text/html", page, "no-store"),
            ("/company/people", "text/html", page, "no-store"),
            ("/assets/a.js", "*/*", DATA, forever),
            ("/icon.svg", "*/*", DATA, "no-cache"),
            ("/api/openapi.json", "*/*", DATA, "no-store"),
            ("/api/openapi.yaml", "*/*", DATA, "no-store"),
            ("/api/docs", "*/*", DATA, "no-store"),
            ("/api/docs/", "text/html", reader, "no-store"),
            ("/health/live", "*/*", DATA, "no-store"),
            ("/health/ready", "*/*", DATA, "no-store"),
        ] {
            let http = Http::builder()
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .unwrap();
            let request = http
                .get(format!("{}{path}", app.address))
                .header("accept", accept);
            let response = request.send().await.unwrap();
            assert!(response.status().as_u16() < 400, "{path}");
            let mut headers = pairs(&response);
            let all = |name: &str| -> Vec<&str> {
                let same = headers.iter().filter(|(known, _)| known == name);
                same.map(|(_, value)| value.as_str()).collect()
            };
            let [policy] = all("content-security-policy")[..] else {
                panic!("{path}: {headers:?}");
            };
            let nonce = policy.split("nonce-").nth(1).map_or("", |rest| &rest[..32]);
            assert_eq!(policy, expected.replace('?', nonce), "{path}");
            assert_eq!(all("cache-control"), [cache], "{path}");
            if cache != "no-store" {
                let by_encoding = all("vary")
                    .iter()
                    .any(|vary| vary.contains("Accept-Encoding"));
                assert!(by_encoding, "{path}: {:?}", all("vary"));
            }
            // The rest is the same for everybody.
            headers.retain(|(name, _)| {
                !["content-security-policy", "cache-control"].contains(&name.as_str())
            });
            headers.push(("content-security-policy".into(), DATA.into()));
            headers.push(("cache-control".into(), "no-store".into()));
            assert_eq!(faults(200, &headers, https), Vec::<String>::new(), "{path}");
        }
    }
}

/// Everything the browser would run or apply by itself, without a nonce. The build's list of files is data, which no
/// browser runs and no policy governs.
fn inline(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    for tag in page.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap_or_default().to_lowercase();
        let has = |name: &str| tag.split_whitespace().any(|part| part.starts_with(name));
        let handler = tag
            .split_whitespace()
            .skip(1)
            .any(|part| part.starts_with("on") && part.contains('='));
        let is_data = tag == "script type=\"application/json\" id=\"plan\"";
        if tag.starts_with("script") && !has("src=") && !is_data
            || tag.starts_with("style") && !has("nonce=")
            || has("style=")
            || handler
            || tag.contains("javascript:")
        {
            found.push(tag);
        }
    }
    found
}

#[test]
fn the_page_has_nothing_inline_without_a_nonce() {
    let frontend = concat!(env!("CARGO_MANIFEST_DIR"), "/../frontend");
    let page = std::fs::read_to_string(format!("{frontend}/index.html")).unwrap();
    assert_eq!(inline(&page), Vec::<String>::new());
    if let Ok(built) = std::fs::read_to_string(format!("{frontend}/dist/index.html")) {
        assert_eq!(inline(&built), Vec::<String>::new());
    }
    for bad in [
        "<script>a()</script>",
        "<style>a{}</style>",
        "<p style='a:b'>",
        "<img src=x onerror=a()>",
        "<a href='javascript:a()'>",
    ] {
        assert_eq!(inline(bad).len(), 1, "{bad}");
    }
}

/// What may be applied is what the page itself was told, and nobody can know it before.
#[actix_web::test]
async fn a_pages_nonce_is_in_the_page_and_never_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::configured(|config| with_page(config, &folder)).await;
    let mut nonces = BTreeSet::new();
    for _ in 0..10 {
        let page = app
            .anonymous()
            .request(Method::GET, "/")
            .header("accept", "text/html");
        let response = page.send().await.unwrap();
        let policy = response.headers()["content-security-policy"].clone();
        let text = response.text().await.unwrap();
        let nonce = text.replace("<p>", "").replace("</p>", "");
        assert_eq!(nonce.len(), 32);
        let style = format!("style-src 'self' 'nonce-{nonce}';");
        assert!(policy.to_str().unwrap().contains(&style), "{policy:?}");
        nonces.insert(nonce);
    }
    assert_eq!(nonces.len(), 10);
}

#[actix_web::test]
async fn the_refresh_cookie_is_out_of_reach_of_scripts_and_other_sites() {
    for https in [false, true] {
        let app = App::configured(|config| {
            if https {
                over_https(config);
            }
        })
        .await;
        let acme = app.company("Acme").await;
        let body = json!({ "email": acme.admin_email, "password": PASSWORD });
        let request = app
            .anonymous()
            .request(Method::POST, "/api/auth/sign-in")
            .json(&body);
        let response = request.send().await.unwrap();
        let headers = pairs(&response);
        assert!(headers.iter().any(|(name, _)| name == "set-cookie"));
        assert_eq!(faults(200, &headers, https), Vec::<String>::new());
        let answer: Value = response.json().await.unwrap();
        let (_, cookie) = headers
            .iter()
            .find(|(name, _)| name == "set-cookie")
            .unwrap();
        let secret = cookie.split(['=', ';']).nth(1).unwrap();
        assert!(
            secret.len() > 40 && !answer.to_string().contains(secret),
            "scripts do not see it"
        );
        // The next one has the same flags, and so has its end.
        let sent = cookie.split(';').next().unwrap();
        for (path, status) in [("/api/auth/refresh", 200), ("/api/auth/sign-out", 204)] {
            let request = Http::new()
                .post(format!("{}{path}", app.address))
                .header("x-requested-with", "tracker")
                .header("cookie", sent);
            let response = request.send().await.unwrap();
            assert_eq!(response.status().as_u16(), status, "{path}");
            let headers = pairs(&response);
            assert!(headers.iter().any(|(name, _)| name == "set-cookie"));
            assert_eq!(
                faults(status, &headers, https),
                Vec::<String>::new(),
                "{path}"
            );
            let cleared = response.headers().get("clear-site-data");
            assert_eq!(
                cleared.is_some_and(|data| data == "\"cache\""),
                status == 204
            );
        }
    }
}

#[actix_web::test]
async fn who_is_refused_is_told_what_to_come_with_and_when() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let header = |response: &Response, name: &str| {
        let value = response.headers().get(name);
        value.map(|value| value.to_str().unwrap().to_owned())
    };
    let attempt = async |path: &str| {
        let wrong = json!({ "email": acme.admin_email, "password": "wrong wrong wrong" });
        let request = app.anonymous().request(Method::POST, path).json(&wrong);
        request.send().await.unwrap()
    };
    let stranger = app.anonymous().request(Method::GET, "/api/me").send();
    for refused in [stranger.await.unwrap(), attempt("/api/auth/sign-in").await] {
        assert_eq!(refused.status(), 401);
        assert_eq!(header(&refused, "www-authenticate").unwrap(), "Bearer");
        assert_eq!(header(&refused, "retry-after"), None);
    }
    for _ in 0..4 {
        attempt("/api/auth/sign-in").await;
    }
    let waiting = attempt("/api/auth/sign-in").await;
    let seconds: u32 = header(&waiting, "retry-after").unwrap().parse().unwrap();
    assert_eq!((waiting.status().as_u16(), seconds >= 1), (429, true));
    let busy = Error::Busy.error_response();
    assert_eq!(busy.status(), 503);
    assert_eq!(busy.headers().get("retry-after").unwrap(), "1");
}

/// Those of an answer's headers that tell a browser what another site may do, each with its parts in order.
fn shared(response: &Response) -> BTreeMap<String, String> {
    let headers = pairs(response).into_iter();
    headers
        .filter_map(|(name, value)| {
            let name = name.strip_prefix("access-control-")?.to_owned();
            let mut parts: Vec<_> = value.split(", ").map(str::to_lowercase).collect();
            parts.sort_unstable();
            Some((name, parts.join(" ")))
        })
        .collect()
}

/// P50: tries to read from another site.
#[actix_web::test]
async fn p50_only_named_origins_may_read() {
    let named = "https://app.acme.test";
    let app = App::configured(|config| config.cors_origins = vec![named.into()]).await;
    let acme = app.company("Acme").await;
    let origins = [
        (named, true),
        ("https://app.acme.test.evil.test", false),
        ("https://evil-app.acme.test", false),
        ("https://sub.app.acme.test", false),
        ("http://app.acme.test", false),
        ("https://app.acme.test:8443", false),
        ("https://APP.ACME.TEST", false),
        ("https://app.acme.test/", false),
        ("https://app.acme.test%60.evil.test", false),
        ("https://evil.test", false),
        ("file://", false),
        ("null", false),
        ("*", false),
        ("", false),
    ];
    let headers =
        "authorization,content-type,idempotency-key,if-match,if-none-match,x-requested-with";
    let own = [("allow-credentials", "true"), ("allow-origin", named)];
    let read = [(
        "expose-headers",
        "etag idempotency-replayed location ratelimit ratelimit-policy retry-after x-request-id",
    )];
    let asked = [
        ("allow-headers", &*headers.replace(',', " ")),
        ("allow-methods", "delete get patch post put"),
        ("max-age", "600"),
    ];
    for (origin, may) in origins {
        let from = |client: &Client, method: Method, path: &str| {
            client.request(method, path).header("origin", origin)
        };
        let preflight = from(&app.anonymous(), Method::OPTIONS, "/api/employees")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", headers);
        for (request, status, told) in [
            (from(&acme.admin, Method::GET, "/api/me"), 200, &read[..]),
            (
                from(&app.anonymous(), Method::GET, "/api/me"),
                401,
                &read[..],
            ),
            (preflight, if may { 200 } else { 400 }, &asked[..]),
        ] {
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), status, "{origin:?}");
            let shared = shared(&response);
            if may {
                let told = own.iter().chain(told);
                let told = told.map(|(name, value)| (name.to_string(), value.to_string()));
                assert_eq!(shared, told.collect(), "{origin:?}");
            } else {
                // Without it a browser hands nothing over, whatever else is said.
                assert!(
                    !shared.contains_key("allow-origin"),
                    "{origin:?}: {shared:?}"
                );
            }
            let vary = response.headers().get_all("vary");
            let by_origin = vary
                .iter()
                .any(|value| value.to_str().unwrap().contains("Origin"));
            assert!(by_origin, "{origin:?}: a cache must tell origins apart");
        }
    }
    // What a browser asks for in vain: another method, another header.
    for (method, header) in [("TRACE", "authorization"), ("POST", "x-company-key")] {
        let request = app
            .anonymous()
            .request(Method::OPTIONS, "/api/employees")
            .header("origin", named)
            .header("access-control-request-method", method)
            .header("access-control-request-headers", header);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 400, "{method}, {header}");
        assert!(!shared(&response).contains_key("allow-methods"));
    }
    // Without a list nobody else may.
    let alone = App::spawn().await;
    let request = alone.anonymous().request(Method::GET, "/api/me");
    let response = request.header("origin", named).send().await.unwrap();
    assert!(!shared(&response).contains_key("allow-origin"));
}
