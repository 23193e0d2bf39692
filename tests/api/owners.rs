//! Who runs the service: invited, joined, deactivated by each other, and never all of them.

use serde_json::{Value, json};

use crate::app::{App, Client, PASSWORD};
use crate::feed::{execute, rows};

async fn listed(owner: &Client, email: &str) -> Value {
    let (status, list) = owner.get("/api/owner/owners").await;
    assert_eq!(status, 200, "{list}");
    let items = list["items"].as_array().unwrap();
    let found = items.iter().find(|item| item["email"] == email);
    found.unwrap_or_else(|| panic!("{email} in {list}")).clone()
}

/// An owner who has joined with two-factor on, invited by another.
async fn colleague(app: &App, owner: &Client, email: &str) -> Client {
    let new = owner.step_up(json!({ "email": email, "name": "Paul Partner" }));
    let (status, invited) = owner.post("/api/owner/owners", new).await;
    assert_eq!(status, 201, "{invited}");
    join(app, invited["invitation_url"].as_str().unwrap()).await;
    let mut colleague = app.sign_in(email).await;
    colleague.authenticator = Some(app.enrol(email));
    colleague.renew().await;
    colleague
}

async fn join(app: &App, link: &str) {
    let token = link.rsplit('/').next().unwrap();
    let path = format!("/api/invitations/{token}/accept");
    let chosen = json!({ "name": "Paul Partner", "password": PASSWORD });
    let (status, answer) = app.anonymous().post(&path, chosen).await;
    assert_eq!(status, 201, "{answer}");
}

async fn actions(owner: &Client) -> Vec<String> {
    let (_, page) = owner.get("/api/owner/audit?action=owner.").await;
    let items = page["items"].as_array().unwrap();
    let action = |item: &Value| item["action"].as_str().unwrap().to_owned();
    items.iter().map(action).collect()
}

#[actix_web::test]
async fn an_owner_invites_another_who_joins_and_works() {
    let app = App::spawn().await;
    let owner = app.owner().await;
    let email = "paul@vendor.test";
    let new = owner.step_up(json!({ "email": email, "name": "Paul" }));
    let (status, invited) = owner.post("/api/owner/owners", new.clone()).await;
    assert_eq!(status, 201, "{invited}");
    assert_eq!(invited["owner"]["status"], "invited");
    assert_eq!(listed(&owner, email).await["has_two_factor"], false);
    let again = owner.step_up(json!({ "email": email, "name": "Paul" }));
    let (status, taken) = owner.post("/api/owner/owners", again).await;
    assert_eq!(
        (status, &taken["code"]),
        (409, &json!("owners_email_taken"))
    );

    // The mail has a link of its own; with one both are used up.
    let mail = app.mails(email, "invited to run", 1).await.remove(0);
    join(&app, crate::mail::link(&app, &mail)).await;
    let shown = invited["invitation_url"]
        .as_str()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap();
    let (status, _) = app
        .anonymous()
        .get(&format!("/api/invitations/{shown}"))
        .await;
    assert_eq!(status, 404);

    let mut paul = app.sign_in(email).await;
    let (status, refusal) = paul.get("/api/owner/companies").await;
    assert_eq!(
        (status, &refusal["code"]),
        (403, &json!("two_factor_setup_required"))
    );
    paul.authenticator = Some(app.enrol(email));
    paul.renew().await;
    assert_eq!(paul.get("/api/owner/companies").await.0, 200);
    let shown = listed(&owner, email).await;
    assert_eq!(
        (&shown["status"], &shown["has_two_factor"]),
        (&json!("active"), &json!(true))
    );
    assert!(shown["last_seen_at"].is_string(), "{shown}");
    let expected = [
        "owner.signed_in",
        "owner.joined",
        "owner.invited",
        "owner.signed_in",
        "owner.joined",
        "owner.invited",
    ];
    assert_eq!(actions(&owner).await, expected);
    let (_, page) = owner.get("/api/owner/audit?actor=terminal").await;
    assert_eq!(page["items"][0]["action"], "owner.invited");
}

#[actix_web::test]
async fn inviting_and_deactivating_ask_for_the_person_once_more() {
    let app = App::spawn().await;
    let owner = app.owner().await;
    let paul = colleague(&app, &owner, "paul@vendor.test").await;
    let of_paul = |action: &str| format!("/api/owner/owners/{}/{action}", paul.user);
    for (path, body) in [
        (
            "/api/owner/owners".to_owned(),
            json!({ "email": "x@vendor.test", "name": "X" }),
        ),
        (of_paul("deactivate"), json!({ "reason": "left" })),
        (of_paul("reactivate"), json!({ "reason": "back" })),
        (of_paul("repeat-invitation"), json!({})),
    ] {
        let mut wrong = body.clone();
        wrong["password"] = json!("not the password");
        let (status, refusal) = owner.post(&path, wrong).await;
        assert_eq!(
            (status, &refusal["code"]),
            (403, &json!("password_wrong")),
            "{path}"
        );
        let mut no_code = body;
        no_code["password"] = json!(PASSWORD);
        let (status, refusal) = owner.post(&path, no_code).await;
        assert_eq!(
            (status, &refusal["code"]),
            (403, &json!("code_required")),
            "{path}"
        );
    }
    assert_eq!(listed(&owner, "paul@vendor.test").await["status"], "active");
}

#[actix_web::test]
async fn a_deactivated_owner_is_out_at_once_on_every_instance() {
    let app = App::spawn().await;
    let twin = app.twin().await;
    let owner = app.owner().await;
    let email = "paul@vendor.test";
    let paul = colleague(&app, &owner, email).await;
    assert_eq!(paul.at(&twin).get("/api/owner/companies").await.0, 200);
    let path = format!("/api/owner/owners/{}", paul.user);
    let leave = owner.step_up(json!({ "reason": "Left the company" }));
    let (status, account) = owner.post(&format!("{path}/deactivate"), leave).await;
    assert_eq!(
        (status, &account["status"]),
        (200, &json!("deactivated")),
        "{account}"
    );
    assert_eq!(paul.get("/api/owner/companies").await.0, 401);
    for _ in 0..2000 {
        if paul.at(&twin).get("/api/owner/companies").await.0 == 401 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(paul.at(&twin).get("/api/owner/companies").await.0, 401);
    let sign_in = json!({ "email": email, "password": PASSWORD, "code": paul.authenticator.as_ref().unwrap().code() });
    let (status, refusal) = app
        .anonymous()
        .post("/api/auth/sign-in", sign_in.clone())
        .await;
    assert_eq!(
        (status, &refusal["code"]),
        (401, &json!("credentials_invalid"))
    );
    let again = owner.step_up(json!({ "reason": "Twice" }));
    let (status, refusal) = owner.post(&format!("{path}/deactivate"), again).await;
    assert_eq!((status, &refusal["code"]), (409, &json!("owner_unchanged")));
    let repeat = owner.step_up(json!({}));
    let (status, refusal) = owner
        .post(&format!("{path}/repeat-invitation"), repeat)
        .await;
    assert_eq!((status, &refusal["code"]), (409, &json!("owner_joined")));

    let back = owner.step_up(json!({ "reason": "Came back" }));
    let (status, account) = owner.post(&format!("{path}/reactivate"), back).await;
    assert_eq!(
        (status, &account["status"]),
        (200, &json!("active")),
        "{account}"
    );
    let code = paul.authenticator.as_ref().unwrap().code();
    app.sign_in_with(email, PASSWORD, Some(&code)).await;
    let (_, page) = owner.get("/api/owner/audit?action=owner.deactivated").await;
    assert_eq!(page["items"][0]["reason"], "Left the company");
}

#[actix_web::test]
async fn nobody_deactivates_themselves_and_of_two_one_remains() {
    let app = App::spawn().await;
    let owner = app.owner().await;
    let paul = colleague(&app, &owner, "paul@vendor.test").await;
    let body = |one: &Client| one.step_up(json!({ "reason": "A quarrel" }));
    let path = |one: &Client| format!("/api/owner/owners/{}/deactivate", one.user);
    let (status, refusal) = owner.post(&path(&owner), body(&owner)).await;
    assert_eq!((status, &refusal["code"]), (409, &json!("own_account")));
    for round in 0..3 {
        execute(
            &mut app.copy.admin(),
            "UPDATE auth.credentials SET disabled_at = NULL",
        );
        execute(
            &mut app.copy.admin(),
            "UPDATE auth.sign_ins SET ended_at = NULL, end_reason = NULL",
        );
        let fresh = app.twin().await;
        let (one, other) = (owner.at(&fresh), paul.at(&fresh));
        let (of_other, of_one) = (path(&other), path(&one));
        let (by_one, by_other) = (body(&one), body(&other));
        let (first, second) =
            tokio::join!(one.post(&of_other, by_one), other.post(&of_one, by_other));
        let done = [&first, &second]
            .iter()
            .filter(|answer| answer.0 == 200)
            .count();
        assert_eq!(done, 1, "{round}: {first:?} {second:?}");
        let sql = "SELECT 1 FROM auth.credentials WHERE role = 'OWNER' AND disabled_at IS NULL";
        assert_eq!(rows(&mut app.copy.admin(), sql).len(), 1);
    }
}

#[actix_web::test]
async fn an_invitation_is_taken_back_lapses_and_is_made_anew() {
    let app = App::spawn().await;
    let owner = app.owner().await;
    let email = "quinn@vendor.test";
    let new = owner.step_up(json!({ "email": email, "name": "Quinn" }));
    let (_, invited) = owner.post("/api/owner/owners", new).await;
    let first = invited["invitation_url"].as_str().unwrap().to_owned();
    let path = format!(
        "/api/owner/owners/{}",
        invited["owner"]["id"].as_str().unwrap()
    );
    let is_open = async |link: &str| {
        let token = link.rsplit('/').next().unwrap();
        app.anonymous()
            .get(&format!("/api/invitations/{token}"))
            .await
            .0
            == 200
    };
    assert!(is_open(&first).await);
    let withdraw = owner.step_up(json!({ "reason": "Wrong address" }));
    let (status, account) = owner.post(&format!("{path}/deactivate"), withdraw).await;
    assert_eq!(
        (status, &account["status"]),
        (200, &json!("lapsed")),
        "{account}"
    );
    assert!(!is_open(&first).await);
    let repeat = owner.step_up(json!({}));
    let (status, repeated) = owner
        .post(&format!("{path}/repeat-invitation"), repeat)
        .await;
    assert_eq!(
        (status, &repeated["owner"]["status"]),
        (200, &json!("invited")),
        "{repeated}"
    );
    let second = repeated["invitation_url"].as_str().unwrap().to_owned();
    let repeat = owner.step_up(json!({}));
    let (_, repeated) = owner
        .post(&format!("{path}/repeat-invitation"), repeat)
        .await;
    assert!(!is_open(&second).await);
    join(&app, repeated["invitation_url"].as_str().unwrap()).await;
    assert_eq!(listed(&owner, email).await["status"], "active");
    let nobody = owner.step_up(json!({ "reason": "Nobody" }));
    let path = format!("/api/owner/owners/{}/deactivate", uuid::Uuid::now_v7());
    assert_eq!(owner.post(&path, nobody).await.0, 404);
}
