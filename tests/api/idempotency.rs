//! A creating request sent again with its key: one effect, one answer, nothing shown twice.

use diesel::connection::SimpleConnection;
use reqwest::Method;
use serde_json::{Value, json};
use tracker::http::openapi::openapi;
use tracker::jobs::{idempotency, work};
use uuid::Uuid;

use crate::app::{App, Client, PASSWORD, read};
use crate::feed::rows;

struct Answer {
    status: u16,
    replayed: bool,
    location: String,
    body: Value,
}

async fn post(client: &Client, path: &str, key: &str, body: &Value) -> Answer {
    let request = client
        .request(Method::POST, path)
        .header("idempotency-key", key)
        .json(body);
    let answer = request.send().await.unwrap();
    let header = |name: &str| {
        let value = answer.headers().get(name);
        value.map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
    };
    let (replayed, location) = (header("idempotency-replayed") == "true", header("location"));
    let (status, body) = read(answer).await;
    Answer {
        status,
        replayed,
        location,
        body,
    }
}

fn invitation(email: &str) -> Value {
    json!({ "email": email, "name": "Grace", "role": "EMPLOYEE" })
}

fn count(app: &App, what: &str) -> usize {
    rows(&mut app.copy.admin(), what).len()
}

const INVITED: &str = "SELECT 1 FROM tenant.invitations WHERE accepted_at IS NULL";

#[actix_web::test]
async fn the_same_again_is_answered_and_not_done_again() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let path = "/api/employees";
    let first = post(&acme.admin, path, "k-1", &invitation("g@acme.test")).await;
    assert_eq!((first.status, first.replayed), (201, false));
    assert!(first.body["invitation_url"].is_string());
    let again = post(&acme.admin, path, "k-1", &invitation("g@acme.test")).await;
    assert_eq!((again.status, again.replayed), (201, true));
    assert_eq!(again.location, first.location);
    let mut without = first.body.clone();
    without.as_object_mut().unwrap().remove("invitation_url");
    assert_eq!(again.body, without, "all but what is shown once");
    let third = post(&acme.admin, path, "k-1", &invitation("g@acme.test")).await;
    assert_eq!(third.body, again.body);
    assert_eq!(count(&app, INVITED), 1);
    let other = post(&acme.admin, path, "k-1", &invitation("h@acme.test")).await;
    assert_eq!(
        (other.status, &other.body["code"]),
        (422, &json!("idempotency_key_reused"))
    );
    assert_eq!(count(&app, INVITED), 1);
    let without_key = acme.admin.post(path, invitation("g@acme.test")).await;
    assert_eq!(without_key.0, 409);
}

/// Of something that could be made a hundred times: nothing but the key stands in the way.
#[actix_web::test]
async fn a_hundred_at_once_have_one_effect() {
    let app = App::spawn().await;
    let owner = app.owner().await;
    let path = "/api/owner/companies";
    let body =
        json!({ "name": "Coda", "admin_email": "c@coda.test", "plan": "PRO", "time_zone": "UTC" });
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let (client, body) = (owner.clone(), body.clone());
            actix_web::rt::spawn(async move { post(&client, path, "same", &body).await })
        })
        .collect();
    let mut made = 0;
    for task in tasks {
        let answer = task.await.unwrap();
        made += usize::from(answer.status == 201 && !answer.replayed);
        let fine = match answer.status {
            201 => true,
            409 => answer.body["code"] == json!("idempotency_in_flight"),
            503 => answer.body["code"] == json!("busy"),
            _ => false,
        };
        assert!(fine, "{} {}", answer.status, answer.body);
    }
    let codas = "SELECT 1 FROM platform.companies WHERE name = 'Coda'";
    assert_eq!((made, count(&app, codas)), (1, 1));
    let last = post(&owner, path, "same", &body).await;
    assert_eq!((last.status, last.replayed), (201, true));
}

#[actix_web::test]
async fn while_the_first_is_under_way_the_second_is_told_so() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let mut admin = app.copy.admin();
    // The first hangs on the company's seats until this transaction ends.
    admin
        .batch_execute("BEGIN; SELECT 1 FROM tenant.company_usage FOR UPDATE")
        .unwrap();
    let body = invitation("g@acme.test");
    let first = actix_web::rt::spawn({
        let (client, body) = (acme.admin.clone(), body.clone());
        async move { post(&client, "/api/employees", "k", &body).await }
    });
    let mut second = 201;
    for _ in 0..40 {
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        let waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%company_usage%'";
        if count(&app, waiting) == 1 {
            let answer = post(&acme.admin, "/api/employees", "k", &body).await;
            assert_eq!(answer.body["code"], json!("idempotency_in_flight"));
            second = answer.status;
            break;
        }
    }
    admin.batch_execute("COMMIT").unwrap();
    assert_eq!(second, 409);
    assert_eq!(first.await.unwrap().status, 201);
}

#[actix_web::test]
async fn a_refused_request_leaves_its_key_free() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let path = "/api/employees";
    let taken = invitation(&acme.admin_email);
    let refused = post(&acme.admin, path, "k", &taken).await;
    assert_eq!((refused.status, refused.replayed), (409, false));
    let made = post(&acme.admin, path, "k", &invitation("g@acme.test")).await;
    assert_eq!((made.status, made.replayed), (201, false));
}

#[actix_web::test]
async fn what_is_shown_once_is_not_kept() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let new = json!({ "name": "Payroll", "scopes": ["usage:read"], "expires_in_days": 9, "password": PASSWORD });
    let made = post(&acme.admin, "/api/api-tokens", "k", &new).await;
    let token = made.body["token"].as_str().unwrap().to_owned();
    let again = post(&acme.admin, "/api/api-tokens", "k", &new).await;
    assert_eq!((again.replayed, &again.body["token"]), (true, &Value::Null));
    assert_eq!(again.body["id"], made.body["id"]);
    let wrong = json!({ "name": "Payroll", "scopes": ["usage:read"], "expires_in_days": 9, "password": "not it, no" });
    let refused = post(&acme.admin, "/api/api-tokens", "k", &wrong).await;
    assert_eq!(refused.status, 403, "a key is no password");
    let company =
        json!({ "name": "Coda", "admin_email": "c@coda.test", "plan": "PRO", "time_zone": "UTC" });
    let made = post(&acme.owner, "/api/owner/companies", "k", &company).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let key = made.body["company_key"].as_str().unwrap().to_owned();
    let again = post(&acme.owner, "/api/owner/companies", "k", &company).await;
    assert_eq!((again.status, again.replayed), (201, true));
    assert_eq!(again.body["company"], made.body["company"]);
    assert_eq!(again.body["company_key"], Value::Null);
    let codas = "SELECT 1 FROM platform.companies WHERE name = 'Coda'";
    assert_eq!(count(&app, codas), 1);
    for table in ["tenant", "platform"] {
        let all = format!("SELECT t::text AS everything FROM {table}.idempotency_keys t");
        for row in rows(&mut app.copy.admin(), &all) {
            let text = row["everything"].as_str().unwrap();
            for secret in [&token[12..], &key[14..], PASSWORD, "/invite/"] {
                assert!(!text.contains(secret), "{table} keeps {secret}");
            }
        }
    }
}

/// What an owner does to a company: a second renewal would be another one, and a second of the rest be refused.
#[actix_web::test]
async fn a_change_of_a_company_sent_again_is_not_made_again() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let done = || {
        let history = "SELECT 1 FROM platform.subscriptions UNION ALL SELECT 1 FROM platform.audit_entries \
           WHERE action LIKE 'company%'";
        count(&app, history)
    };
    let until = (chrono::Utc::now() + chrono::Duration::days(30)).to_rfc3339();
    for (change, body) in [
        ("suspend", json!({ "reason": "x" })),
        ("reactivate", json!({ "reason": "x" })),
        ("extend-trial", json!({ "until": until })),
        ("activate", json!({ "reason": "x" })),
        ("renew", json!({})),
        ("renew", json!({ "current_price": true })),
        (
            "change-plan",
            json!({ "plan": "ENTERPRISE", "when": "period_end" }),
        ),
        ("withdraw-planned-change", json!({ "reason": "x" })),
        ("change-plan", json!({ "plan": "ENTERPRISE" })),
        ("rotate-key", json!({ "grace_days": 3, "reason": "x" })),
        ("end-old-key", json!({ "reason": "x" })),
        ("cancel", json!({ "reason": "x" })),
    ] {
        let path = format!("/api/owner/companies/{}/{change}", acme.id);
        let before = done();
        // A code is good once: what is sent again is answered before anybody looks at it.
        let body = match change {
            "rotate-key" | "end-old-key" => acme.owner.step_up(body),
            _ => body,
        };
        let key = format!("{change}-{before}");
        let first = post(&acme.owner, &path, &key, &body).await;
        assert_eq!(
            (first.status, first.replayed),
            (200, false),
            "{change}: {}",
            first.body
        );
        let after = done();
        assert!(after > before, "{change}");
        let again = post(&acme.owner, &path, &key, &body).await;
        assert_eq!(
            (again.status, again.replayed),
            (200, true),
            "{change}: {}",
            again.body
        );
        let mut without = first.body.clone();
        without.as_object_mut().unwrap().remove("company_key");
        assert_eq!(
            (&again.body, again.location.as_str()),
            (&without, ""),
            "{change}"
        );
        assert_eq!(done(), after, "{change} was done again");
    }
    let kept = rows(
        &mut app.copy.admin(),
        "SELECT t::text AS everything FROM platform.idempotency_keys t WHERE key LIKE 'rotate-key%'",
    );
    let text = kept[0]["everything"].as_str().unwrap();
    assert!(!text.contains("company_key"), "{text}");
}

#[actix_web::test]
async fn a_key_is_forgotten_after_a_day() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = app.company("Acme").await;
    let new = json!({ "name": "Payroll", "scopes": ["usage:read"], "expires_in_days": 9, "password": PASSWORD });
    let first = post(&acme.admin, "/api/api-tokens", "k", &new).await;
    let mut admin = app.copy.admin();
    let age = "UPDATE tenant.idempotency_keys SET created_at = created_at - interval '24 hours'";
    admin.batch_execute(age).unwrap();
    let second = post(&acme.admin, "/api/api-tokens", "k", &new).await;
    assert_eq!((second.status, second.replayed), (201, false));
    assert_ne!(first.body["id"], second.body["id"]);
    let company =
        json!({ "name": "Coda", "admin_email": "c@coda.test", "plan": "PRO", "time_zone": "UTC" });
    post(&acme.owner, "/api/owner/companies", "k", &company).await;
    let forget = || {
        app.state
            .db
            .platform_job_blocking(idempotency::find)
            .unwrap();
        while work::next(&app.state).unwrap() {}
        (
            count(&app, "SELECT 1 FROM tenant.idempotency_keys"),
            count(&app, "SELECT 1 FROM platform.idempotency_keys"),
        )
    };
    assert_eq!(forget(), (1, 1));
    admin.batch_execute(age).unwrap();
    admin
        .batch_execute(&age.replace("tenant.", "platform."))
        .unwrap();
    assert_eq!(forget(), (0, 0));
}

/// The document offers the header where, and only where, the handler takes it.
#[actix_web::test]
async fn the_document_says_which_operations_take_a_key() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let agent = app.agent(&acme, &acme.admin).await;
    let mut taking = 0;
    for (path, item) in openapi().paths.paths.clone() {
        let Some(operation) = item.post else { continue };
        let offered = serde_json::to_string(&operation.parameters)
            .unwrap()
            .contains("Idempotency-Key");
        let url: Vec<String> = path
            .split('/')
            .map(|part| match part.starts_with('{') {
                true => Uuid::now_v7().to_string(),
                false => part.to_owned(),
            })
            .collect();
        let client = match path.split('/').nth(2) {
            Some("owner") => &acme.owner,
            Some("login" | "token" | "work-session" | "upload" | "screenshot") => &agent,
            _ => &acme.admin,
        };
        let answer = post(client, &url.join("/"), &"x".repeat(256), &json!({})).await;
        let detail = answer.body["detail"].as_str().unwrap_or_default();
        let takes = answer.status == 400 && detail.contains("Idempotency-Key");
        assert_eq!(takes, offered, "{path}: {}", answer.body);
        taking += usize::from(takes);
    }
    assert!(taking >= 3);
}
