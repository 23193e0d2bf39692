//! A person's open sign-ins: seen and ended by that person, ended by an admin.

use reqwest::Method;
use serde_json::json;

use crate::app::{App, Client};
use crate::feed::rows;

async fn end(client: &Client, id: &serde_json::Value) -> u16 {
    let path = format!("/api/me/sign-ins/{}", id.as_str().unwrap());
    client.send(Method::DELETE, &path, None).await.0
}

#[actix_web::test]
async fn everybody_sees_and_ends_where_they_are_signed_in() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let elsewhere = app.sign_in(&ada.email).await;
    let agent = app.agent(&acme, &ada).await;
    let (status, list) = ada.get("/api/me/sign-ins").await;
    assert_eq!(status, 200, "{list}");
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 3);
    let current: Vec<_> = items
        .iter()
        .filter(|s| s["current"] == json!(true))
        .collect();
    assert_eq!(current.len(), 1);
    assert_eq!(current[0]["kind"], "portal");
    assert_eq!(current[0]["address"], "127.0.0.1");
    let desk = items.iter().find(|s| s["kind"] == "agent").unwrap();
    assert_eq!(desk["device_name"], "desk-1");
    let other = items
        .iter()
        .find(|s| s["kind"] == "portal" && s["current"] == json!(false))
        .unwrap();
    assert_eq!(end(&acme.admin, &other["id"]).await, 404, "somebody else's");
    assert_eq!(elsewhere.get("/api/me").await.0, 200);
    assert_eq!(end(&ada, &other["id"]).await, 204);
    assert_eq!(elsewhere.get("/api/me").await.0, 401);
    assert_eq!(end(&ada, &other["id"]).await, 404, "there is none any more");
    assert_eq!(end(&ada, &desk["id"]).await, 204);
    assert_eq!(agent.get("/api/agent/settings").await.0, 401);
    assert_eq!(ada.get("/api/me").await.0, 200);
    let (_, owners) = acme.owner.get("/api/me/sign-ins").await;
    assert_eq!(owners["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn ending_all_others_leaves_the_one_that_asks() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let (elsewhere, agent) = (app.sign_in(&ada.email).await, app.agent(&acme, &ada).await);
    let (status, ended) = ada.send(Method::DELETE, "/api/me/sign-ins", None).await;
    assert_eq!((status, &ended["ended"]), (200, &json!(2)));
    assert_eq!(elsewhere.get("/api/me").await.0, 401);
    assert_eq!(agent.get("/api/agent/settings").await.0, 401);
    assert_eq!(ada.get("/api/me").await.0, 200);
    assert_eq!(acme.admin.get("/api/me").await.0, 200, "other people stay");
}

#[actix_web::test]
async fn an_admin_ends_the_sign_ins_of_the_own_people_only() {
    let app = App::spawn().await;
    let (acme, bolt) = (app.company("Acme").await, app.company("Bolt").await);
    let ada = app.employee(&acme, "Ada").await;
    let agent = app.agent(&acme, &ada).await;
    let path = format!("/api/employees/{}/end-sign-ins", ada.user);
    assert_eq!(bolt.admin.post(&path, json!({})).await.0, 404);
    assert_eq!(ada.get("/api/me").await.0, 200);
    let (status, ended) = acme.admin.post(&path, json!({})).await;
    assert_eq!((status, &ended["ended"]), (200, &json!(2)));
    assert_eq!(ada.get("/api/me").await.0, 401);
    assert_eq!(agent.get("/api/agent/settings").await.0, 401);
    let audit = rows(
        &mut app.copy.admin(),
        "SELECT detail FROM tenant.audit_entries WHERE action = 'employee.signed_out'",
    );
    assert_eq!(audit[0]["detail"]["user_id"], json!(ada.user));
    assert_eq!(app.sign_in(&ada.email).await.get("/api/me").await.0, 200);
}

#[actix_web::test]
async fn a_new_role_needs_the_password_and_a_change() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let path = format!("/api/employees/{}/change-role", ada.user);
    let change = async |role: &str, password: &str| {
        let (status, answer) = acme
            .admin
            .post(&path, json!({ "role": role, "password": password }))
            .await;
        (
            status,
            answer["code"].as_str().unwrap_or_default().to_owned(),
        )
    };
    let is = |status: u16, code: &str| (status, code.to_owned());
    assert_eq!(change("ADMIN", "wrong").await, is(403, "password_wrong"));
    assert_eq!(ada.get("/api/me").await.0, 200, "nothing happened");
    let same = change("EMPLOYEE", crate::app::PASSWORD).await;
    assert_eq!(same, is(409, "employee_unchanged"));
    assert_eq!(change("OWNER", crate::app::PASSWORD).await.0, 422);
    assert_eq!(change("ADMIN", crate::app::PASSWORD).await.0, 200);
}
