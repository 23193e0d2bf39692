//! P24 to P35 and P65: what a role, a plane or a state does not permit.

use diesel::connection::SimpleConnection;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::session::until_refused;
use crate::app::{App, Client, PASSWORD};
use crate::feed::rows;

/// Every operation of the document: method, path with nobody's ids, tag.
fn operations() -> Vec<(Method, String, String)> {
    let document = serde_json::to_value(tracker::http::openapi::openapi()).unwrap();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Ok(method) = method.to_uppercase().parse::<Method>() else {
                continue;
            };
            let tag = operation["tags"][0].as_str().unwrap().to_owned();
            let whole: Vec<_> = path
                .split('/')
                .map(|part| match part.starts_with('{') {
                    true => Uuid::nil().to_string(),
                    false => part.to_owned(),
                })
                .collect();
            if operation["security"] != json!([]) {
                all.push((method, whole.join("/"), tag));
            }
        }
    }
    all
}

async fn ask(client: &Client, method: &Method, path: &str) -> (u16, Value) {
    let body = (*method != Method::GET).then(|| json!({}));
    client.send(method.clone(), path, body).await
}

async fn status(client: &Client, method: &Method, path: &str) -> u16 {
    ask(client, method, path).await.0
}

/// Calls every operation of the owner as admin, employee, agent and program.
#[actix_web::test]
async fn p24_the_owners_operations_are_called_by_others_and_theirs_by_the_owner() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let mut agent = app.agent(&acme, &ada).await;
    let program = app.program(&acme, &["employees:read"]).await;
    for (client, path) in [
        (&acme.admin, "/api/me"),
        (&ada, "/api/me"),
        (&agent, "/api/agent/settings"),
        (&program, "/api/employees"),
        (&acme.owner, "/api/me"),
    ] {
        assert_eq!(client.get(path).await.0, 200, "what they come with is good");
    }
    agent.key = None;
    let (mut owners, mut tenants) = (0, 0);
    for (method, path, tag) in operations() {
        if path.starts_with("/api/owner/") {
            owners += 1;
            for (who, expected) in [
                (&acme.admin, 403),
                (&ada, 403),
                (&agent, 401),
                (&program, 403),
            ] {
                let got = status(who, &method, &path).await;
                assert_eq!(got, expected, "{method} {path}");
            }
        } else if !path.starts_with("/api/me") && !path.starts_with("/api/auth") {
            tenants += 1;
            // Without a company's key nobody gets past the agents' door.
            let expected = if tag == "agent" { 401 } else { 403 };
            let got = status(&acme.owner, &method, &path).await;
            assert_eq!(got, expected, "the owner: {method} {path}");
        }
    }
    assert!(owners >= 11 && tenants >= 25, "{owners} {tenants}");
}

/// As the owner, asks for people, days, titles, pictures, audit entries of a company, and to act as somebody.
#[actix_web::test]
async fn p25_the_owner_looks_for_people() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    for path in [
        "/api/employees",
        "/api/timeline",
        "/api/live",
        "/api/overview/days",
        "/api/overview/devices",
        "/api/usage",
        "/api/usage/export?by=person",
        "/api/reports",
        "/api/reports/export?kind=attendance",
        "/api/usage/apps",
        "/api/usage/today",
        "/api/usage/hosts",
        "/api/usage/categories",
        "/api/rules",
        "/api/screenshots",
        "/api/screenshots/days",
        "/api/screenshots/slots",
        "/api/me/access-entries",
    ] {
        assert_eq!(acme.owner.get(path).await.0, 403, "{path}");
    }
    let company = format!("/api/owner/companies/{}", acme.id);
    for path in [
        "users",
        "employees",
        "audit",
        "screenshots",
        "timeline",
        "impersonate",
    ] {
        assert_eq!(
            acme.owner.get(&format!("{company}/{path}")).await.0,
            404,
            "{path}"
        );
    }
    for path in [
        "/api/owner/companies",
        &company,
        &format!("{company}/usage"),
        &format!("{company}/subscriptions"),
    ] {
        let (_, answer) = acme.owner.get(path).await;
        let text = answer.to_string();
        assert!(
            !text.contains("Ada")
                && !text.contains(&ada.email)
                && !text.contains(&ada.user.to_string()),
            "{text}"
        );
    }
    let mut conn = app.copy.as_role("tracker_platform");
    conn.batch_execute("SELECT 1 FROM platform.companies")
        .unwrap();
    let refused = conn.batch_execute("SELECT 1 FROM tenant.users");
    let refused = refused.unwrap_err().to_string();
    assert_eq!(refused, "permission denied for schema tenant");
}

/// As an employee, asks for everybody's numbers by leaving the person out or naming a colleague.
#[actix_web::test]
async fn p26_an_employee_asks_for_the_teams_numbers() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let (ada, ben) = (
        app.employee(&acme, "Ada").await,
        app.employee(&acme, "Ben").await,
    );
    assert_eq!(ada.get("/api/employees").await.0, 403);
    for path in [
        "/api/usage/daily",
        "/api/usage/apps",
        "/api/usage/hosts",
        "/api/usage/categories",
    ] {
        let range = format!("{path}?from=2026-11-01&to=2026-11-03");
        let named = ada.get(&format!("{range}&user_id={}", ben.user)).await;
        assert_eq!(named.0, 404, "{path}");
        let (everybodys, own) = (
            ada.get(&range).await,
            ada.get(&format!("{range}&user_id={}", ada.user)).await,
        );
        assert_eq!(
            everybodys.1["items"], own.1["items"],
            "left out, it is the own one"
        );
    }
}

/// Sends fields that no form has: role, company, plan, limits, states.
#[actix_web::test]
async fn p27_fields_that_are_nobodys_to_set_are_sent() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    for field in [
        "id",
        "company_id",
        "status",
        "max_employees",
        "verified",
        "created_at",
        "password_hash",
    ] {
        let mut body = json!({ "email": "n@acme.test", "role": "EMPLOYEE" });
        body[field] = json!(Uuid::now_v7());
        assert_eq!(
            acme.admin.post("/api/employees", body).await.0,
            422,
            "{field}"
        );
        let mut body =
            json!({ "name": "N", "admin_email": "n@n.test", "plan": "FREE", "time_zone": "UTC" });
        body[field] = json!("1");
        assert_eq!(
            acme.owner.post("/api/owner/companies", body).await.0,
            422,
            "{field}"
        );
    }
    let body = json!({ "password": PASSWORD, "new_password": "an entirely other password", "role": "ADMIN" });
    assert_eq!(ada.post("/api/me/password", body).await.0, 422);
    assert_eq!(ada.get("/api/me").await.1["role"], "EMPLOYEE");
}

/// Uses the company key where a person is wanted and a person's token where an agent is.
#[actix_web::test]
async fn p28_credentials_of_one_plane_are_used_on_another() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let agent = app.agent(&acme, &ada).await;
    assert_eq!(ada.get("/api/me").await.0, 200);
    assert_eq!(agent.get("/api/agent/settings").await.0, 200);
    let key_alone = app.anonymous().with_key(&acme.key);
    let person_with_key = ada.clone().with_key(&acme.key);
    for (method, path, tag) in operations() {
        let is_login = path == "/api/login" || path == "/api/token/refresh";
        if tag != "agent" {
            for who in [&key_alone, &agent] {
                assert_eq!(status(who, &method, &path).await, 401, "{method} {path}");
            }
        } else if !is_login {
            for who in [&key_alone, &person_with_key] {
                assert_eq!(status(who, &method, &path).await, 401, "{method} {path}");
            }
        }
    }
}

/// As a program with one scope, calls everything else; and makes itself a wider token.
#[actix_web::test]
async fn p29_a_scope_is_widened() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let program = app.program(&acme, &["usage:read"]).await;
    let mut open = 0;
    for (method, path, tag) in operations() {
        let got = status(&program, &method, &path).await;
        match tag.as_str() {
            "agent" => assert_eq!(got, 401, "{method} {path}"),
            "usage" => {
                open += 1;
                assert_eq!(got, 200, "{method} {path}");
            }
            _ => assert_eq!(got, 403, "{method} {path}"),
        }
    }
    assert!(open >= 3, "{open}");
    let wider = json!({ "name": "more", "scopes": ["employees:write"], "expires_in_days": 1, "password": PASSWORD });
    assert_eq!(program.post("/api/api-tokens", wider).await.0, 403);
}

/// Acts before the invitation was accepted: signs in by the invited address. And after being deactivated.
#[actix_web::test]
async fn p30_somebody_acts_who_never_accepted() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let signs_in = async |email: &str, password: &str| {
        let body = json!({ "email": email, "password": password });
        app.anonymous().post("/api/auth/sign-in", body).await.0
    };
    let invited = json!({ "email": "early@acme.test", "role": "ADMIN" });
    assert_eq!(acme.admin.post("/api/employees", invited).await.0, 201);
    for password in [PASSWORD, "early@acme.test", ""] {
        assert_eq!(signs_in("early@acme.test", password).await, 401);
    }
    let ada = app.employee(&acme, "Ada").await;
    assert_eq!(signs_in(&ada.email, PASSWORD).await, 200);
    let path = format!("/api/employees/{}/deactivate", ada.user);
    assert_eq!(acme.admin.post(&path, json!({})).await.0, 200);
    assert_eq!(signs_in(&ada.email, PASSWORD).await, 401);
}

/// Asks every operation by another version, case or prefix of its path, where a check might have been forgotten: there is
/// nothing at all. Spellings that a client would tidy up are tried as they are by P23.
#[actix_web::test]
async fn p31_another_spelling_of_a_path_skips_the_check() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let stranger = app.anonymous();
    for (method, path, _) in operations() {
        let tail = path.trim_start_matches("/api");
        let spellings = [
            format!("/api/v1{tail}"),
            format!("/api/v2{tail}"),
            format!("/api/beta{tail}"),
            format!("/API{tail}"),
            format!("//api{tail}"),
            format!("/api{}", tail.to_uppercase()),
        ];
        for spelling in spellings {
            let answer = stranger
                .request(method.clone(), &spelling)
                .json(&json!({}))
                .send()
                .await
                .unwrap();
            let got = answer.status().as_u16();
            assert_eq!(got, 404, "{method} {spelling}");
        }
    }
    drop(acme);
}

/// Goes on sending and reading after the company was suspended.
#[actix_web::test]
async fn p32_a_suspended_company_goes_on() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let agent = app.agent(&acme, &ada).await;
    let suspend = format!("/api/owner/companies/{}/suspend", acme.id);
    assert_eq!(
        acme.owner
            .post(&suspend, json!({ "reason": "unpaid" }))
            .await
            .0,
        200
    );
    // Refused for that, and not because an employee may not or the body is wrong.
    let refused = async |client: &Client, method: &Method, path: &str| {
        let (status, problem) = ask(client, method, path).await;
        let expected = (403, &json!("company_suspended"));
        assert_eq!((status, &problem["code"]), expected, "{method} {path}");
    };
    for (method, path, tag) in operations() {
        match tag.as_str() {
            "agent" => refused(&agent, &method, &path).await,
            _ if path.starts_with("/api/owner")
                || path.starts_with("/api/me")
                || path.starts_with("/api/auth") => {}
            _ => {
                refused(&ada, &method, &path).await;
                // Everything of the company is its own to take along.
                let leaves = ["/api/cancellations", "/api/exports"].contains(&path.as_str());
                if method != Method::GET && !path.ends_with("/reveal") && !leaves {
                    refused(&acme.admin, &method, &path).await;
                }
            }
        }
    }
}

/// Keeps a token, is removed, and comes back by a new invitation to another company.
#[actix_web::test]
async fn p33_somebody_who_came_back_keeps_the_old_company() {
    let app = App::spawn().await;
    let (acme, bolt) = (app.company("Acme").await, app.company("Bolt").await);
    let ada = app.employee(&acme, "Ada").await;
    let path = format!("/api/employees/{}/deactivate", ada.user);
    assert_eq!(acme.admin.post(&path, json!({})).await.0, 200);
    let invitation = json!({ "email": ada.email, "role": "EMPLOYEE" });
    let (_, invited) = bolt.admin.post("/api/employees", invitation).await;
    let token = invited["invitation_url"]
        .as_str()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap();
    let accept = json!({ "name": "Ada", "password": PASSWORD });
    assert_eq!(
        app.anonymous()
            .post(&format!("/api/invitations/{token}/accept"), accept)
            .await
            .0,
        201
    );
    let again = app.sign_in(&ada.email).await;
    assert_eq!(
        again.get("/api/me").await.1["company"]["id"],
        json!(bolt.id)
    );
    until_refused(&ada, "/api/me").await;
    assert_ne!(again.user, ada.user);
}

/// A hundred invitations at once for the last seat.
#[actix_web::test]
async fn p35_the_last_seat_is_raced_for() {
    let app = App::spawn().await;
    let acme = app.company_on("FREE", "Acme").await;
    for name in ["a", "b", "c"] {
        let body = json!({ "email": format!("{name}@acme.test"), "role": "EMPLOYEE" });
        assert_eq!(acme.admin.post("/api/employees", body).await.0, 201);
    }
    let tries = (0..100).map(|n| {
        let admin = acme.admin.clone();
        actix_web::rt::spawn(async move {
            let body = json!({ "email": format!("racer{n}@acme.test"), "role": "EMPLOYEE" });
            admin.post("/api/employees", body).await.0
        })
    });
    let mut answers = Vec::new();
    for answer in tries.collect::<Vec<_>>() {
        answers.push(answer.await.unwrap());
    }
    assert_eq!(
        answers.iter().filter(|status| **status == 201).count(),
        1,
        "{answers:?}"
    );
    let used = rows(
        &mut app.copy.admin(),
        "SELECT seats_used FROM tenant.company_usage",
    );
    assert_eq!(used[0]["seats_used"], 5);
}

/// As one person's agent, sends in the name of a colleague and of somebody in another company.
#[actix_web::test]
async fn p65_an_agent_forges_another_persons_records() {
    let app = App::spawn().await;
    let (acme, bolt) = (app.company("Acme").await, app.company("Bolt").await);
    let (ada, ben) = (
        app.employee(&acme, "Ada").await,
        app.employee(&acme, "Ben").await,
    );
    let agent = app.agent(&acme, &ada).await;
    let theirs = app.agent(&acme, &ben).await;
    let device = json!({ "id": theirs.device, "name": "desk", "os": "x", "agent_version": "1" });
    let login = json!({ "email": ada.email, "password": PASSWORD, "device": device });
    assert_eq!(
        app.anonymous()
            .with_key(&acme.key)
            .post("/api/login", login)
            .await
            .0,
        409,
        "a colleague's device"
    );
    let item = json!({ "id": Uuid::now_v7(), "session_id": Uuid::now_v7(), "app": "x", "title": "y",
        "started_at": chrono::Utc::now(), "seconds": 1, "user_id": ben.user, "company_id": bolt.id });
    let batch = json!({ "batch_id": Uuid::now_v7(), "user_id": ben.user, "applications": [item] });
    assert_eq!(agent.post("/api/upload/batch", batch).await.0, 200);
    let stored = rows(
        &mut app.copy.admin(),
        "SELECT company_id, user_id FROM tenant.application_usage",
    );
    assert_eq!(
        stored,
        [json!({ "company_id": acme.id, "user_id": ada.user })]
    );
    let crossed = agent.clone().with_key(&bolt.key);
    assert_eq!(
        crossed
            .post("/api/upload/batch", json!({ "batch_id": Uuid::now_v7() }))
            .await
            .0,
        403
    );
}
