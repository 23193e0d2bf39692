//! Two-factor where it must be on: owners always, a company's people when an admin says so.

use serde_json::{Value, json};

use crate::app::{App, Client, PASSWORD};
use crate::feed::rows;
use crate::two_factor::{Authenticator, switch_on};

async fn answered(client: &Client, path: &str) -> (u16, Value) {
    let (status, answer) = client.get(path).await;
    (status, answer["code"].clone())
}

fn is(status: u16, code: &str) -> (u16, Value) {
    (status, json!(code))
}

/// What was changed on one instance is in force on another.
async fn until(client: &Client, path: &str, wanted: u16) {
    for _ in 0..2000 {
        if client.get(path).await.0 == wanted {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("{path} is not answered {wanted}");
}

#[actix_web::test]
async fn an_owner_does_nothing_before_two_factor_is_set_up() {
    let app = App::spawn().await;
    let email = app.owner_without_two_factor().await;
    let mut owner = app.sign_in(&email).await;
    let shut = is(403, "two_factor_setup_required");
    for path in ["/api/owner/companies", "/api/me/sign-ins"] {
        assert_eq!(answered(&owner, path).await, shut, "{path}");
    }
    let new =
        json!({ "name": "Acme", "admin_email": "a@b.test", "plan": "FREE", "time_zone": "UTC" });
    assert_eq!(owner.post("/api/owner/companies", new).await.0, 403);
    let (status, me) = owner.get("/api/me").await;
    assert_eq!((status, &me["must_set_up_two_factor"]), (200, &json!(true)));
    let (status, factor) = owner.get("/api/me/two-factor").await;
    assert_eq!((status, &factor["required"]), (200, &json!(true)));
    owner.renew().await;
    assert_eq!(
        answered(&owner, "/api/owner/companies").await,
        shut,
        "a new token changes nothing"
    );

    let (_, codes) = switch_on(&app, &owner).await;
    owner.renew().await;
    assert_eq!(owner.get("/api/owner/companies").await.0, 200);
    let (_, me) = owner.get("/api/me").await;
    assert_eq!(me["must_set_up_two_factor"], json!(false));
    let end = json!({ "password": PASSWORD, "code": codes[0] });
    let (status, refused) = owner.post("/api/me/two-factor/end", end).await;
    assert_eq!(
        (status, refused["code"].clone()),
        is(403, "two_factor_required")
    );
    let again = app.sign_in_with(&email, PASSWORD, Some(&codes[0])).await;
    assert_eq!(again.get("/api/owner/companies").await.0, 200);
}

#[actix_web::test]
async fn what_a_company_requires_holds_on_every_instance_and_spares_agents_and_programs() {
    let app = App::spawn().await;
    let twin = app.twin().await;
    let mut acme = app.company("Acme").await;
    let bolt = app.company("Bolt").await;
    let mut ada = app.employee(&acme, "Ada").await;
    let agent = app.agent(&acme, &ada).await;
    let program = app.program(&acme, &["employees:read"]).await;
    let require = async |admin: &Client, required: bool, password: &str, code: Option<&str>| {
        let body = json!({ "two_factor_required": required, "password": password, "code": code });
        admin.post("/api/sign-in-policy", body).await
    };
    let (status, without) = require(&acme.admin, true, PASSWORD, None).await;
    assert_eq!((status, without["code"].clone()), is(409, "two_factor_off"));
    let (_, codes) = switch_on(&app, &acme.admin).await;
    let wrong = require(&acme.admin, true, "not mine", Some(&codes[0])).await;
    assert_eq!(
        (wrong.0, wrong.1["code"].clone()),
        is(403, "password_wrong")
    );
    let wrong = require(&acme.admin, true, PASSWORD, None).await;
    assert_eq!((wrong.0, wrong.1["code"].clone()), is(403, "code_required"));
    assert_eq!(ada.get("/api/timeline").await.0, 200);

    let (status, policy) = require(&acme.admin, true, PASSWORD, Some(&codes[1])).await;
    let now = json!({ "two_factor_required": true, "people": 2, "people_with_two_factor": 1 });
    assert_eq!((status, &policy), (200, &now));
    let shut = is(403, "two_factor_setup_required");
    assert_eq!(answered(&ada, "/api/timeline").await, shut, "here at once");
    let there = ada.at(&twin);
    until(&there, "/api/timeline", 403).await;
    assert_eq!(
        answered(&acme.admin, "/api/employees").await,
        shut,
        "the token is from before"
    );
    acme.admin.renew().await;
    assert_eq!(acme.admin.get("/api/sign-in-policy").await, (200, now));
    assert_eq!(bolt.admin.get("/api/employees").await.0, 200);
    let others = json!({ "two_factor_required": false, "people": 1, "people_with_two_factor": 0 });
    assert_eq!(bolt.admin.get("/api/sign-in-policy").await, (200, others));
    for agent in [&agent, &agent.at(&twin)] {
        assert_eq!(agent.get("/api/agent/settings").await.0, 200);
    }
    assert_eq!(program.get("/api/employees").await.0, 200);
    let again = app.agent(&acme, &ada).await;
    assert_eq!(again.get("/api/agent/settings").await.0, 200);

    let (phone, _) = switch_on(&app, &ada).await;
    ada.renew().await;
    assert_eq!(ada.at(&twin).get("/api/timeline").await.0, 200);
    let end = json!({ "password": PASSWORD });
    let (status, refused) = ada.post("/api/me/two-factor/end", end).await;
    assert_eq!(
        (status, refused["code"].clone()),
        is(403, "two_factor_required")
    );
    let begin = json!({ "password": PASSWORD, "code": phone.code(0) });
    let (status, begun) = ada.post("/api/me/two-factor", begin).await;
    assert_eq!(
        status, 200,
        "it is moved to another app all the same: {begun}"
    );
    let phone = Authenticator::read(begun["secret"].as_str().unwrap());
    let confirm = json!({ "code": phone.code(0) });
    assert_eq!(ada.post("/api/me/two-factor/confirm", confirm).await.0, 200);

    let bob = app.employee(&acme, "Bob").await;
    assert_eq!(answered(&bob, "/api/timeline").await, shut);
    for code in [&codes[2], &codes[3]] {
        assert_eq!(
            require(&acme.admin, false, PASSWORD, Some(code)).await.0,
            200
        );
    }
    assert_eq!(bob.get("/api/timeline").await.0, 200);
    until(&bob.at(&twin), "/api/timeline", 200).await;
    let noted = rows(
        &mut app.copy.admin(),
        "SELECT detail FROM tenant.audit_entries WHERE action = 'sign_in_policy.changed' ORDER BY id",
    );
    let noted: Vec<_> = noted.iter().map(|row| &row["detail"]).collect();
    let [on, off] = [true, false].map(|now| json!({ "two_factor_required": now }));
    assert_eq!(noted, [&on, &off], "each change once");
}

#[actix_web::test]
async fn an_admin_helps_who_lost_app_and_codes() {
    let app = App::spawn().await;
    let twin = app.twin().await;
    let (acme, bolt) = (app.company("Acme").await, app.company("Bolt").await);
    let ada = app.employee(&acme, "Ada").await;
    let end = async |admin: &Client, person: &Client, password: &str| {
        let path = format!("/api/employees/{}/end-two-factor", person.user);
        let (status, answer) = admin.post(&path, json!({ "password": password })).await;
        (status, answer["code"].clone())
    };
    assert_eq!(
        end(&acme.admin, &ada, PASSWORD).await,
        is(409, "two_factor_off")
    );
    let agent = app.agent(&acme, &ada).await;
    app.enrol(&ada.email);
    assert_eq!(end(&ada, &ada, PASSWORD).await, is(403, "forbidden"));
    assert_eq!(
        end(&acme.admin, &ada, "not mine").await,
        is(403, "password_wrong")
    );
    assert_eq!(end(&bolt.admin, &ada, PASSWORD).await, is(404, "not_found"));
    assert_eq!(
        end(&acme.admin, &acme.admin, PASSWORD).await,
        is(409, "own_account")
    );
    assert_eq!(
        crate::two_factor::sign_in(&app, &ada.email, None).await.0,
        403
    );

    assert_eq!(end(&acme.admin, &ada, PASSWORD).await.0, 200);
    until(&ada.at(&twin), "/api/me", 401).await;
    assert_eq!(ada.get("/api/me").await.0, 401);
    until(&agent.at(&twin), "/api/agent/settings", 401).await;
    assert_eq!(
        crate::two_factor::sign_in(&app, &ada.email, None).await.0,
        200,
        "the password is enough again"
    );
    let told = app.mails(&ada.email, "switched off", 1).await;
    assert!(told[0].contains("Two-factor was switched off"));
    let noted = rows(
        &mut app.copy.admin(),
        "SELECT actor_id, detail FROM tenant.audit_entries WHERE action = 'employee.two_factor_ended'",
    );
    assert_eq!(noted.len(), 1);
    assert_eq!(noted[0]["actor_id"], json!(acme.admin.user));
    assert_eq!(noted[0]["detail"]["user_id"], json!(ada.user));
}

#[actix_web::test]
async fn the_terminal_helps_an_owner_who_lost_app_and_codes() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let email = rows(
        &mut app.copy.admin(),
        &format!(
            "SELECT email FROM platform.owners WHERE id = '{}'",
            acme.owner.user
        ),
    );
    let email = email[0]["email"].as_str().unwrap();
    let reset = |email: &str| tracker::owner::two_factor::reset(&app.state.db, email).unwrap();
    assert!(!reset("nobody@vendor.test"));
    assert!(!reset(&acme.admin_email), "an admin is no owner");
    assert!(reset(email));
    until(&acme.owner, "/api/me", 401).await;
    assert!(!reset(email), "it is off already");
    let again = app.sign_in(email).await;
    assert_eq!(
        answered(&again, "/api/owner/companies").await,
        is(403, "two_factor_setup_required")
    );
    let noted = rows(
        &mut app.copy.admin(),
        "SELECT actor, detail FROM platform.audit_entries WHERE action = 'owner.two_factor_ended'",
    );
    assert_eq!(noted.len(), 1);
    assert_eq!(noted[0]["detail"]["owner_id"], json!(acme.owner.user));
}
