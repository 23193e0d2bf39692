//! P36 to P51: tokens, sessions, passwords.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{App, Client, PASSWORD};
use crate::feed::rows;

/// Tries it until it is answered so. What was ended somewhere must be in force everywhere within 30 seconds.
pub async fn until_refused(client: &Client, path: &str) {
    for _ in 0..200 {
        if client.get(path).await.0 == 401 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{path} is still answered");
}

async fn refresh(client: &Client) -> u16 {
    let request = client
        .request(Method::POST, "/api/auth/refresh")
        .header("x-requested-with", "tracker");
    request.send().await.unwrap().status().as_u16()
}

/// Somebody with two browsers open, as an admin.
async fn second_admin(app: &App, company: &crate::app::Company) -> Client {
    let bea = app.employee(company, "Bea").await;
    let path = format!("/api/employees/{}/change-role", bea.user);
    let promotion = json!({ "role": "ADMIN", "password": PASSWORD });
    let (status, changed) = company.admin.post(&path, promotion).await;
    assert_eq!((status, &changed["role"]), (200, &json!("ADMIN")));
    let mut again = app.sign_in(&bea.email).await;
    again.email = bea.email;
    again
}

/// Tries to go on as an admin, on another instance, with a token and a cookie from before the role was taken away.
#[actix_web::test]
async fn p41_a_role_that_was_taken_away_is_gone_everywhere() {
    let app = App::spawn().await;
    let twin = app.twin().await;
    let acme = app.company("Acme").await;
    let bea = second_admin(&app, &acme).await;
    let there = bea.at(&twin);
    assert_eq!(there.get("/api/employees").await.0, 200);
    let demote = json!({ "role": "EMPLOYEE", "password": PASSWORD });
    let path = format!("/api/employees/{}/change-role", bea.user);
    assert_eq!(acme.admin.post(&path, demote).await.0, 200);
    until_refused(&there, "/api/employees").await;
    until_refused(&bea, "/api/employees").await;
    assert_eq!(refresh(&bea).await, 401, "the cookie is dead too");
    let again = app.sign_in(&bea.email).await;
    let (_, me) = again.get("/api/me").await;
    assert_eq!(me["role"], "EMPLOYEE");
    assert_eq!(again.get("/api/employees").await.0, 403);
}

/// Tries to go on after the account was deactivated: with the portal, the agent, and their ways to new tokens.
#[actix_web::test]
async fn p41_a_deactivated_account_is_dead_everywhere() {
    let app = App::spawn().await;
    let twin = app.twin().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let agent = app.agent(&acme, &ada).await;
    let (portal, desk) = (ada.at(&twin), agent.at(&twin));
    assert_eq!(portal.get("/api/me").await.0, 200);
    let path = format!("/api/employees/{}/deactivate", ada.user);
    assert_eq!(acme.admin.post(&path, json!({})).await.0, 200);
    until_refused(&portal, "/api/me").await;
    until_refused(&desk, "/api/agent/settings").await;
    assert_eq!(refresh(&ada).await, 401);
    let renewal = json!({ "refresh_token": agent.refresh });
    assert_eq!(agent.post("/api/token/refresh", renewal).await.0, 401);
    let sign_in = json!({ "email": ada.email, "password": PASSWORD });
    assert_eq!(
        app.anonymous().post("/api/auth/sign-in", sign_in).await.0,
        401
    );
}

/// Tries to have a sign-in begin that was already under way when the account was disabled or got another password.
#[actix_web::test]
async fn p41_a_sign_in_under_way_does_not_survive_what_ends_all_of_them() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let begin = |hash: &str| {
        let sql = format!(
            "SELECT auth.begin_sign_in(gen_random_uuid(), '{}', {hash}, 'web', NULL, '', '', 60, now() + interval '1 day') AS role",
            ada.user
        );
        rows(&mut app.copy.admin(), &sql)[0]["role"].clone()
    };
    let current = format!(
        "(SELECT password_hash FROM auth.credentials WHERE user_id = '{}')",
        ada.user
    );
    assert_eq!(begin(&current), "EMPLOYEE");
    assert_eq!(begin("'$argon2id$another'"), Value::Null);
    let path = format!("/api/employees/{}/deactivate", ada.user);
    assert_eq!(acme.admin.post(&path, json!({})).await.0, 200);
    assert_eq!(begin(&current), Value::Null);
}

/// Tries to leave a company without an admin: two of them remove each other at the same moment.
#[actix_web::test]
async fn p34_of_two_admins_who_remove_each_other_one_remains() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let bea = second_admin(&app, &acme).await;
    let demote = |admin: Client, other: uuid::Uuid| async move {
        let path = format!("/api/employees/{other}/change-role");
        let body = json!({ "role": "EMPLOYEE", "password": PASSWORD });
        admin.post(&path, body).await.0
    };
    let deactivate = |admin: Client, other: uuid::Uuid| async move {
        let path = format!("/api/employees/{other}/deactivate");
        admin.post(&path, json!({})).await.0
    };
    let (first, second) = tokio::join!(
        demote(acme.admin.clone(), bea.user),
        deactivate(bea.clone(), acme.admin.user)
    );
    let left = rows(
        &mut app.copy.admin(),
        "SELECT id FROM tenant.users WHERE role = 'ADMIN' AND deactivated_at IS NULL",
    );
    assert_eq!(left.len(), 1, "{first} {second}");
    let own = demote(acme.admin.clone(), acme.admin.user).await;
    assert!(
        [401, 403, 409].contains(&own),
        "nobody changes their own role"
    );
}

/// Tries to use what a sign-out ended: access token and cookie, here and on another instance.
#[actix_web::test]
async fn p42_signing_out_kills_token_and_cookie_everywhere() {
    let app = App::spawn().await;
    let twin = app.twin().await;
    let acme = app.company("Acme").await;
    let there = acme.admin.at(&twin);
    assert_eq!(there.get("/api/me").await.0, 200);
    let out = acme
        .admin
        .request(Method::POST, "/api/auth/sign-out")
        .header("x-requested-with", "tracker");
    assert_eq!(out.send().await.unwrap().status(), 204);
    assert_eq!(acme.admin.get("/api/me").await.0, 401);
    until_refused(&there, "/api/me").await;
    assert_eq!(refresh(&acme.admin).await, 401);
}
