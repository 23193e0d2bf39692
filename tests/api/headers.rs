//! What every answer tells a browser. The matrix holds each of its answers against `faults`; here are the answers that
//! are no operation's, plain http beside https, cookies, and who of other origins may read.

use reqwest::{Client as Http, Method, Response};
use serde_json::{Value, json};
use tracker::config::Config;
use tracker::http::openapi::openapi;
use uuid::Uuid;

use crate::app::{App, PASSWORD};

/// What is wrong with the headers of an answer of the API.
pub fn faults(status: u16, headers: &[(String, String)], https: bool) -> Vec<String> {
    let all = |name: &str| -> Vec<&str> {
        let same = headers.iter().filter(|(known, _)| known == name);
        same.map(|(_, value)| value.as_str()).collect()
    };
    let mut faults = Vec::new();
    for (name, expected) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        (
            "permissions-policy",
            "camera=(), microphone=(), geolocation=(), browsing-topics=()",
        ),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-site"),
    ] {
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
    let policy = all("content-security-policy");
    let safe = policy.len() == 1
        && ["default-src 'none'", "frame-ancestors 'none'"]
            .iter()
            .all(|part| policy[0].contains(part))
        && !policy[0].contains("unsafe");
    if !safe {
        faults.push(format!("header: content-security-policy is {policy:?}"));
    }
    let cache = all("cache-control");
    if cache.len() != 1 || !cache[0].contains("no-store") {
        faults.push(format!("header: cache-control is {cache:?}"));
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
        let flags: Vec<&str> = parts.collect();
        let kept = ["HttpOnly", "SameSite=Strict", "Path=/"]
            .iter()
            .all(|flag| flags.contains(flag));
        let own = !flags.iter().any(|flag| flag.starts_with("Domain"));
        if !kept || !own || https != (name.starts_with("__Host-") && flags.contains(&"Secure")) {
            faults.push(format!("header: set-cookie has {flags:?}"));
        }
    }
    faults
}

fn pairs(response: &Response) -> Vec<(String, String)> {
    let headers = response.headers().iter();
    headers
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect()
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
        for (path, accept, policy, cache) in [
            ("/", "text/html", "style-src 'self' 'nonce-", "no-store"),
            (
                "/company/people",
                "text/html",
                "style-src 'self' 'nonce-",
                "no-store",
            ),
            ("/assets/a.js", "*/*", "default-src 'none'", "immutable"),
            ("/api/openapi.json", "*/*", "default-src 'none'", "no-store"),
            ("/api/openapi.yaml", "*/*", "default-src 'none'", "no-store"),
            ("/api/docs", "*/*", "default-src 'none'", "no-store"),
            ("/api/docs/", "text/html", "default-src 'self'", ""),
            ("/health/live", "*/*", "default-src 'none'", "no-store"),
            ("/health/ready", "*/*", "default-src 'none'", "no-store"),
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
            let find = |name: &str| {
                headers
                    .iter()
                    .find(|(known, _)| known == name)
                    .map(|(_, value)| value.clone())
                    .unwrap_or_default()
            };
            assert!(find("content-security-policy").contains(policy), "{path}");
            assert!(
                find("content-security-policy").contains("frame-ancestors 'none'"),
                "{path}"
            );
            assert!(
                !find("content-security-policy").contains("script-src 'unsafe"),
                "{path}"
            );
            assert!(find("cache-control").contains(cache), "{path}");
            // The rest is the same for everybody.
            headers.retain(|(name, _)| {
                !["content-security-policy", "cache-control"].contains(&name.as_str())
            });
            headers.push((
                "content-security-policy".into(),
                "default-src 'none'; frame-ancestors 'none'".into(),
            ));
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

/// The page's policy names what it needs and no more.
#[actix_web::test]
async fn the_page_may_load_from_here_only() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::configured(|config| with_page(config, &folder)).await;
    let request = app
        .anonymous()
        .request(Method::GET, "/")
        .header("accept", "text/html");
    let response = request.send().await.unwrap();
    let policy = response.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    let nonce = response
        .text()
        .await
        .unwrap()
        .replace("<p>", "")
        .replace("</p>", "");
    assert!(nonce.len() >= 32);
    let parts: Vec<&str> = policy.split("; ").collect();
    let style = format!("style-src 'self' 'nonce-{nonce}'");
    for part in [
        "default-src 'none'",
        "script-src 'self'",
        style.as_str(),
        "font-src 'self'",
        "img-src 'self' blob: data:",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    ] {
        assert!(parts.contains(&part), "{part} in {policy}");
    }
    assert!(
        !policy.contains('*') && !policy.contains("http") && !policy.contains("unsafe"),
        "{policy}"
    );
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
    }
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
    for (origin, may) in origins {
        let read = acme
            .admin
            .request(Method::GET, "/api/me")
            .header("origin", origin);
        let asked = app
            .anonymous()
            .request(Method::OPTIONS, "/api/employees")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header(
                "access-control-request-headers",
                "authorization,content-type",
            );
        let refused = app
            .anonymous()
            .request(Method::GET, "/api/me")
            .header("origin", origin);
        for request in [read, asked, refused] {
            let response = request.send().await.unwrap();
            let allowed = response.headers().get("access-control-allow-origin");
            let allowed = allowed.map(|value| value.to_str().unwrap().to_owned());
            assert_eq!(allowed.as_deref(), may.then_some(named), "{origin:?}");
            let vary = response
                .headers()
                .get_all("vary")
                .iter()
                .any(|value| value.to_str().unwrap().to_lowercase().contains("origin"));
            assert!(vary, "{origin:?}: a cache must tell origins apart");
        }
    }
    for (header, value) in [
        ("access-control-request-method", "TRACE"),
        ("access-control-request-headers", "x-company-key"),
    ] {
        let mut request = app
            .anonymous()
            .request(Method::OPTIONS, "/api/employees")
            .header("origin", named);
        if header != "access-control-request-method" {
            request = request.header("access-control-request-method", "POST");
        }
        let response = request.header(header, value).send().await.unwrap();
        assert!(
            response
                .headers()
                .get("access-control-allow-origin")
                .is_none()
                || response.status() == 400,
            "{header}: {value}"
        );
    }
    // Without a list nobody else may.
    let alone = App::spawn().await;
    let response = alone
        .anonymous()
        .request(Method::GET, "/api/me")
        .header("origin", named)
        .send()
        .await
        .unwrap();
    assert!(
        response
            .headers()
            .get("access-control-allow-origin")
            .is_none()
    );
}
