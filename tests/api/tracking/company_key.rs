//! `X-Company-Key`: asked for before anything else, and what each kind of wrong one is told.

use diesel::connection::SimpleConnection;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{App, Client, Company, PASSWORD, read};

async fn code(client: &Client, method: Method, path: &str) -> (u16, String) {
    let (status, problem) = client.send(method, path, None).await;
    (
        status,
        problem["code"].as_str().unwrap_or_default().to_owned(),
    )
}

fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

async fn owner_does(acme: &Company, action: &str, body: Value) -> Value {
    let (status, answer) = acme
        .owner
        .post(&format!("/api/owner/companies/{}/{action}", acme.id), body)
        .await;
    assert_eq!(status, 200, "{answer}");
    answer
}

#[actix_web::test]
async fn every_path_of_the_plane_asks_for_the_key_first() {
    let app = App::spawn().await;
    for path in [
        "/api/login",
        "/api/token/refresh",
        "/api/work-session/start",
        "/api/upload/batch",
        "/api/screenshot/upload",
        "/api/agent/nothing",
    ] {
        let response = app
            .anonymous()
            .request(Method::POST, path)
            .send()
            .await
            .unwrap();
        let asked = response
            .headers()
            .get("www-authenticate")
            .map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(
            asked.as_deref(),
            Some("CompanyKey header=\"X-Company-Key\""),
            "{path}"
        );
        let (status, problem) = read(response).await;
        assert_eq!(
            (status, &problem["code"]),
            (401, &json!("company_key_missing")),
            "{path}"
        );
    }
}

#[actix_web::test]
async fn a_key_that_is_malformed_or_nobodys_is_invalid() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let nobodys = format!("company_{}", "0".repeat(32));
    for key in [
        "",
        "company_",
        "nonsense",
        "company_zz",
        nobodys.as_str(),
        &acme.key.to_uppercase(),
        &acme.key[..39],
        &format!("{}0", acme.key),
    ] {
        let response = app
            .anonymous()
            .with_key(key)
            .request(Method::GET, "/api/agent/settings")
            .send()
            .await
            .unwrap();
        assert!(response.headers().contains_key("www-authenticate"), "{key}");
        let (status, problem) = read(response).await;
        assert_eq!(
            (status, &problem["code"]),
            (401, &json!("company_key_invalid")),
            "{key}"
        );
    }
}

#[actix_web::test]
async fn with_a_key_the_plane_tells_unknown_paths_and_wrong_methods() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let door = app.anonymous().with_key(&acme.key);
    assert_eq!(
        code(&door, Method::GET, "/api/agent/nothing").await,
        is(404, "not_found")
    );
    assert_eq!(
        code(&door, Method::GET, "/api/upload/nothing").await,
        is(404, "not_found")
    );
    let response = door
        .request(Method::GET, "/api/login")
        .send()
        .await
        .unwrap();
    assert_eq!(response.headers().get("allow").unwrap(), "POST");
    assert_eq!(read(response).await.0, 405);
    assert_eq!(
        code(&door, Method::GET, "/api/agent/settings").await,
        is(401, "unauthenticated")
    );
}

#[actix_web::test]
async fn a_company_that_does_not_take_part_is_told_why() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let agent = app.agent(&acme, &acme.admin).await;
    let asked = async || code(&agent, Method::GET, "/api/agent/settings").await;
    assert_eq!(asked().await, is(200, ""));
    owner_does(&acme, "suspend", json!({ "reason": "unpaid" })).await;
    assert_eq!(asked().await, is(403, "company_suspended"));
    owner_does(&acme, "reactivate", json!({})).await;
    assert_eq!(asked().await, is(200, ""));
    for (change, expected) in [
        ("status = 'CANCELLED'", "company_cancelled"),
        ("status = 'EXPIRED'", "company_expired"),
        (
            "status = 'ACTIVE', expires_at = now() - interval '4 days'",
            "company_expired",
        ),
    ] {
        app.copy
            .admin()
            .batch_execute(&format!(
                "UPDATE platform.companies SET {change} WHERE id = '{}'",
                acme.id
            ))
            .unwrap();
        app.state
            .directory
            .refresh(&app.state.db, acme.id)
            .await
            .unwrap();
        assert_eq!(asked().await, is(403, expected));
        let login = json!({ "email": acme.admin_email, "password": PASSWORD, "device": { "id": Uuid::now_v7(), "name": "d", "os": "", "agent_version": "" } });
        assert_eq!(
            app.anonymous()
                .with_key(&acme.key)
                .post("/api/login", login)
                .await
                .1["code"],
            json!(expected)
        );
    }
}

#[actix_web::test]
async fn a_token_beside_another_companys_key_is_a_mismatch() {
    let app = App::spawn().await;
    let (acme, bolt) = (app.company("Acme").await, app.company("Bolt").await);
    let agent = app.agent(&acme, &acme.admin).await;
    let crossed = agent.clone().with_key(&bolt.key);
    assert_eq!(
        code(&crossed, Method::GET, "/api/agent/settings").await,
        is(403, "company_mismatch")
    );
    let (status, problem) = crossed
        .post("/api/upload/batch", json!({ "batch_id": Uuid::now_v7() }))
        .await;
    assert_eq!(
        (status, &problem["code"]),
        (403, &json!("company_mismatch"))
    );
    owner_does(&bolt, "suspend", json!({ "reason": "unpaid" })).await;
    assert_eq!(
        code(&crossed, Method::GET, "/api/agent/settings").await,
        is(403, "company_suspended"),
        "the key's company comes before the token"
    );
}

#[actix_web::test]
async fn a_rotated_key_is_good_until_its_grace_is_over() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let agent = app.agent(&acme, &acme.admin).await;
    let rotated = owner_does(
        &acme,
        "rotate-key",
        acme.owner
            .step_up(json!({ "grace_days": 7, "reason": "routine" })),
    )
    .await;
    let new = agent
        .clone()
        .with_key(rotated["company_key"].as_str().unwrap());
    for client in [&agent, &new] {
        assert_eq!(
            code(client, Method::GET, "/api/agent/settings").await,
            is(200, "")
        );
    }
    app.copy.admin().batch_execute("UPDATE auth.company_keys SET expires_at = now() - interval '1 second' WHERE expires_at IS NOT NULL").unwrap();
    app.state
        .directory
        .refresh(&app.state.db, acme.id)
        .await
        .unwrap();
    assert_eq!(
        code(&agent, Method::GET, "/api/agent/settings").await,
        is(401, "company_key_invalid")
    );
    assert_eq!(
        code(&new, Method::GET, "/api/agent/settings").await,
        is(200, "")
    );
}

/// Asks until the answer is the wanted one; what never comes fails after a time that no machine needs.
/// Says how long it took: a key must be refused everywhere within a second.
async fn until(client: &Client, wanted: (u16, String)) {
    let began = std::time::Instant::now();
    for _ in 0..2000 {
        if code(client, Method::GET, "/api/agent/settings").await == wanted {
            println!("{wanted:?} after {} ms", began.elapsed().as_millis());
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("never {wanted:?}");
}

#[actix_web::test]
async fn a_suspension_holds_on_another_running_instance() {
    let app = App::spawn().await;
    let twin = app.twin().await;
    let acme = app.company("Acme").await;
    let agent = app.agent(&acme, &acme.admin).await;
    let there = agent.at(&twin);
    assert_eq!(
        code(&there, Method::GET, "/api/agent/settings").await,
        is(200, ""),
        "it knows a company made a moment ago elsewhere"
    );
    owner_does(&acme, "suspend", json!({ "reason": "unpaid" })).await;
    until(&there, is(403, "company_suspended")).await;
    owner_does(&acme, "reactivate", json!({})).await;
    until(&there, is(200, "")).await;
    let first = json!({ "refresh_token": agent.refresh });
    let (_, second) = agent.post("/api/token/refresh", first.clone()).await;
    agent
        .post(
            "/api/token/refresh",
            json!({ "refresh_token": second["refresh_token"] }),
        )
        .await;
    assert_eq!(agent.post("/api/token/refresh", first).await.0, 401);
    until(&there, is(401, "unauthenticated")).await;
}
