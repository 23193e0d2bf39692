//! Agents sign in with person, device and the company's key; refresh tokens survive a lost answer, not a copy.

use serde_json::{Value, json};
use uuid::Uuid;

use super::count;
use crate::app::{App, Client, PASSWORD};

fn login(email: &str, password: &str, device: Uuid) -> Value {
    json!({ "email": email, "password": password,
        "device": { "id": device, "name": "desk-12", "os": "Debian 12, X11", "agent_version": "0.1.0", "limitations": ["titles_not_available"] } })
}

async fn refresh(agent: &Client, token: &Value) -> (u16, Value) {
    agent
        .post("/api/token/refresh", json!({ "refresh_token": token }))
        .await
}

#[actix_web::test]
async fn an_agent_gets_tokens_its_person_and_what_the_company_wants_recorded() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let device = Uuid::now_v7();
    let door = app.anonymous().with_key(&acme.key);
    let (status, tokens) = door
        .post(
            "/api/login",
            login(&ada.email.to_uppercase(), PASSWORD, device),
        )
        .await;
    assert_eq!(status, 200, "{tokens}");
    assert_eq!(tokens["user"], json!({ "id": ada.user, "name": "Ada" }));
    assert_eq!(tokens["expires_in"], json!(600));
    let settings = &tokens["settings"];
    assert_eq!(
        (&settings["version"], &settings["time_zone"]),
        (&json!(1), &json!("Europe/Berlin"))
    );
    let agent = door.with_token(tokens["access_token"].as_str().unwrap());
    assert_eq!(
        agent.get("/api/agent/settings").await,
        (200, settings.clone())
    );
    assert_eq!(
        count(
            &app,
            &format!(
                "tenant.devices WHERE id = '{device}' AND user_id = '{}' AND name = 'desk-12'",
                ada.user
            )
        ),
        1
    );
}

#[actix_web::test]
async fn an_agent_may_not_ask_the_portals_and_a_portal_not_the_agents_plane() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let agent = app.agent(&acme, &acme.admin).await;
    assert_eq!(agent.get("/api/me").await.0, 401);
    assert_eq!(
        acme.admin
            .clone()
            .with_key(&acme.key)
            .get("/api/agent/settings")
            .await
            .0,
        401
    );
}

#[actix_web::test]
async fn another_companys_person_is_as_unknown_as_nobody() {
    let app = App::spawn().await;
    let (acme, bolt) = (app.company("Acme").await, app.company("Bolt").await);
    let ada = app.employee(&acme, "Ada").await;
    let at_bolt = app.anonymous().with_key(&bolt.key);
    for email in [ada.email.as_str(), "nobody@acme.test"] {
        let (status, problem) = at_bolt
            .post("/api/login", login(email, PASSWORD, Uuid::now_v7()))
            .await;
        assert_eq!(
            (status, &problem["code"]),
            (401, &json!("credentials_invalid"))
        );
    }
    let (status, problem) = app
        .anonymous()
        .with_key(&acme.key)
        .post(
            "/api/login",
            login(&ada.email, "wrong wrong", Uuid::now_v7()),
        )
        .await;
    assert_eq!(
        (status, &problem["code"]),
        (401, &json!("credentials_invalid"))
    );
    assert_eq!(count(&app, "tenant.devices"), 0);
}

#[actix_web::test]
async fn guessing_at_an_agents_password_is_slowed_down() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let door = app.anonymous().with_key(&acme.key);
    for _ in 0..5 {
        assert_eq!(
            door.post(
                "/api/login",
                login(&acme.admin_email, "wrong wrong", Uuid::now_v7())
            )
            .await
            .0,
            401
        );
    }
    let (status, problem) = door
        .post(
            "/api/login",
            login(&acme.admin_email, PASSWORD, Uuid::now_v7()),
        )
        .await;
    assert_eq!(
        (status, &problem["code"]),
        (429, &json!("too_many_attempts"))
    );
}

#[actix_web::test]
async fn a_device_belongs_to_the_person_who_first_used_it() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let (ada, ben) = (
        app.employee(&acme, "Ada").await,
        app.employee(&acme, "Ben").await,
    );
    let agent = app.agent(&acme, &ada).await;
    let door = app.anonymous().with_key(&acme.key);
    let (status, problem) = door
        .post("/api/login", login(&ben.email, PASSWORD, agent.device))
        .await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("device_belongs_to_another"))
    );
    assert_eq!(
        door.post("/api/login", login(&ada.email, PASSWORD, agent.device))
            .await
            .0,
        200
    );
}

#[actix_web::test]
async fn a_lost_answer_costs_nothing_and_an_older_token_ends_the_sign_in() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let agent = app.agent(&acme, &acme.admin).await;
    let first = json!(agent.refresh);
    let (status, lost) = refresh(&agent, &first).await;
    assert_eq!(status, 200, "{lost}");
    let (status, second) = refresh(&agent, &first).await;
    assert_eq!(
        (status, &second["refresh_token"]),
        (200, &lost["refresh_token"]),
        "valid until its child was used"
    );
    let (status, third) = refresh(&agent, &second["refresh_token"]).await;
    assert_eq!(status, 200);
    let fresh = agent
        .clone()
        .with_token(third["access_token"].as_str().unwrap());
    assert_eq!(fresh.get("/api/agent/settings").await.0, 200);
    assert_eq!(refresh(&agent, &first).await.0, 401, "somebody has a copy");
    assert_eq!(
        fresh.get("/api/agent/settings").await.0,
        401,
        "so the whole sign-in has ended"
    );
    assert_eq!(refresh(&agent, &third["refresh_token"]).await.0, 401);
}

#[actix_web::test]
async fn a_refresh_token_is_good_for_its_own_company_and_plane() {
    let app = App::spawn().await;
    let (acme, bolt) = (app.company("Acme").await, app.company("Bolt").await);
    let agent = app.agent(&acme, &acme.admin).await;
    let at_bolt = app.anonymous().with_key(&bolt.key);
    let (status, problem) = refresh(&at_bolt, &json!(agent.refresh)).await;
    assert_eq!(
        (status, &problem["code"]),
        (403, &json!("company_mismatch"))
    );
    assert_eq!(
        refresh(&agent, &json!(agent.refresh)).await.0,
        200,
        "the stranger's attempt used nothing up"
    );
    assert_eq!(refresh(&agent, &json!("made.up.1.token")).await.0, 401);
}

#[actix_web::test]
async fn a_login_is_read_strictly_and_knows_its_bounds() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let door = app.anonymous().with_key(&acme.key);
    let (status, problem) = door
        .post("/api/login", login("nonsense", PASSWORD, Uuid::now_v7()))
        .await;
    assert_eq!(
        (status, &problem["errors"][0]["pointer"]),
        (422, &json!("/email"))
    );
    let (status, problem) = door
        .post(
            "/api/login",
            login("a@b.c", &"x".repeat(300), Uuid::now_v7()),
        )
        .await;
    assert_eq!(
        (status, &problem["errors"][0]["pointer"]),
        (422, &json!("/password"))
    );
    let (status, problem) = door
        .post("/api/login", json!({ "email": "a@b.c", "password": "x" }))
        .await;
    assert_eq!((status, &problem["code"]), (422, &json!("invalid")));
    let mut long = login(&acme.admin_email, PASSWORD, Uuid::now_v7());
    long["device"]["name"] = json!("n\u{0}".repeat(400));
    long["a_newer_agents_field"] = json!(1);
    assert_eq!(
        door.post("/api/login", long).await.0,
        200,
        "names are cut, new fields ignored"
    );
}
