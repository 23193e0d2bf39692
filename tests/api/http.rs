//! What holds for every path: problems, methods, headers, limits.

use reqwest::Method;
use serde_json::json;

use crate::app::{App, read};

#[actix_web::test]
async fn unknown_paths_and_wrong_methods_are_problems() {
    let app = App::spawn().await;
    for path in [
        "/api/nothing",
        "/api/",
        "/nothing",
        "/assets/gone.js",
        "/api/owner/companies/x/y/z",
    ] {
        assert_eq!(app.anonymous().get(path).await.0, 404, "{path}");
    }
    for (method, path, allow) in [
        (Method::DELETE, "/api/owner/companies", "GET, POST"),
        (Method::PUT, "/api/me", "GET"),
        (Method::GET, "/api/auth/sign-in", "POST"),
        (
            Method::PATCH,
            "/api/owner/companies/00000000-0000-0000-0000-000000000000",
            "GET",
        ),
    ] {
        let response = app
            .anonymous()
            .request(method.clone(), path)
            .send()
            .await
            .unwrap();
        let allowed = response
            .headers()
            .get("allow")
            .map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(
            (read(response).await.0, allowed.as_deref()),
            (405, Some(allow)),
            "{method} {path}"
        );
    }
}

#[actix_web::test]
async fn bodies_that_cannot_be_read_are_told_apart() {
    let app = App::spawn().await;
    let send = async |media: &'static str, body: Vec<u8>| {
        let request = app
            .anonymous()
            .request(Method::POST, "/api/auth/sign-in")
            .header("content-type", media);
        let (status, problem) = read(request.body(body).send().await.unwrap()).await;
        (status, problem["code"].as_str().unwrap().to_owned())
    };
    let is = |status: u16, code: &str| (status, code.to_owned());
    assert_eq!(
        send("application/json", b"{".to_vec()).await,
        is(400, "malformed")
    );
    assert_eq!(
        send("application/json", b"[]".to_vec()).await,
        is(422, "invalid")
    );
    assert_eq!(
        send("text/plain", b"{}".to_vec()).await,
        is(415, "unsupported_media_type")
    );
    assert_eq!(
        send("application/json", vec![b' '; 100_000]).await,
        is(413, "too_large")
    );
    assert_eq!(
        send("application/json", vec![0xff, 0xfe]).await,
        is(400, "malformed")
    );
}

#[actix_web::test]
async fn a_role_is_judged_before_the_body() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let post = |client: &crate::app::Client| {
        client
            .request(Method::POST, "/api/owner/companies")
            .body("nonsense")
    };
    assert_eq!(
        read(post(&app.anonymous()).send().await.unwrap()).await.0,
        401
    );
    assert_eq!(read(post(&acme.admin).send().await.unwrap()).await.0, 403);
    assert_eq!(read(post(&acme.owner).send().await.unwrap()).await.0, 415);
}

#[actix_web::test]
async fn every_answer_carries_its_request_id_and_the_security_headers() {
    let app = App::spawn().await;
    for path in [
        "/health/live",
        "/api/me",
        "/api/nothing",
        "/api/upload/batch",
        "/api/openapi.json",
        "/",
    ] {
        let request = app
            .anonymous()
            .request(Method::GET, path)
            .header("x-request-id", "trace-me-1234");
        let response = request.send().await.unwrap();
        let header = |name: &str| {
            response
                .headers()
                .get(name)
                .map(|v| v.to_str().unwrap().to_owned())
                .unwrap_or_default()
        };
        assert_eq!(header("x-request-id"), "trace-me-1234", "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert!(
            header("content-security-policy").contains("default-src 'none'"),
            "{path}"
        );
        assert!(!header("cache-control").is_empty(), "{path}");
    }
    let odd = app
        .anonymous()
        .request(Method::GET, "/api/me")
        .header("x-request-id", "a b\u{7f}c\"<script>");
    if let Ok(response) = odd.send().await {
        assert!(
            !response.headers()["x-request-id"]
                .to_str()
                .unwrap()
                .contains('<')
        );
    }
}

#[actix_web::test]
async fn the_document_and_its_reader_are_served_here() {
    let app = App::spawn().await;
    let get = |path: &str| app.anonymous().request(Method::GET, path);
    let document: serde_json::Value = get("/api/openapi.json")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(document["openapi"], json!("3.1.0"));
    assert!(
        get("/api/openapi.yaml")
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
            .starts_with("openapi: 3.1.0")
    );
    let page = get("/api/docs/")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        page.contains("swagger-ui") && !page.contains("https://"),
        "nothing is loaded from elsewhere: {page}"
    );
}

#[actix_web::test]
async fn the_page_has_a_fresh_nonce_and_its_assets_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("index.html"),
        "<meta name=csp-nonce content=__CSP_NONCE__>",
    )
    .unwrap();
    std::fs::create_dir(folder.path().join("assets")).unwrap();
    std::fs::write(
        folder.path().join("assets/a-1.js"),
        "let a = 1;".repeat(100),
    )
    .unwrap();
    let frontend = folder.path().to_owned();
    let app = App::configured(move |config| config.frontend_dir = frontend).await;
    let page = async |path: &str| {
        let response = app
            .anonymous()
            .request(Method::GET, path)
            .header("accept", "text/html")
            .send()
            .await
            .unwrap();
        let policy = response.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .to_owned();
        let nonce = policy
            .split("'nonce-")
            .nth(1)
            .unwrap()
            .split('\'')
            .next()
            .unwrap()
            .to_owned();
        assert!(response.text().await.unwrap().contains(&nonce));
        nonce
    };
    assert_ne!(
        page("/").await,
        page("/owner/company/1/suspend/").await,
        "deep links open the page"
    );
    let asset = app
        .anonymous()
        .request(Method::GET, "/assets/a-1.js")
        .send()
        .await
        .unwrap();
    assert!(
        asset.headers()["cache-control"]
            .to_str()
            .unwrap()
            .contains("immutable")
    );
    assert_eq!(app.anonymous().get("/assets/b-2.js").await.0, 404);
    assert_eq!(
        app.anonymous().get("/owner/dashboard").await.0,
        404,
        "who does not ask for HTML gets a problem"
    );
    assert_eq!(app.anonymous().get("/../secret").await.0, 404);
}

#[actix_web::test]
async fn health_tells_alive_from_ready() {
    let app = App::spawn().await;
    let status = async |path: &str| {
        app.anonymous()
            .request(Method::GET, path)
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    assert_eq!(
        (status("/health/live").await, status("/health/ready").await),
        (200, 200)
    );
    app.state.ready.set(false);
    assert_eq!(
        (status("/health/live").await, status("/health/ready").await),
        (200, 503)
    );
}
