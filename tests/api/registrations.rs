//! Companies that register themselves: nothing is made before the address is proved, and the owner can end it.

use serde_json::{Value, json};

use crate::app::{App, Client, PASSWORD};
use crate::feed::{execute, rows};
use crate::mail::link;
use crate::matrix::log;

fn asked(email: &str) -> Value {
    json!({ "company_name": "Fresh Start", "name": "Fay Founder", "email": email, "time_zone": "Europe/Berlin" })
}

async fn ask(app: &App, email: &str) {
    let (status, answer) = app
        .anonymous()
        .post("/api/registrations", asked(email))
        .await;
    assert_eq!((status, answer), (202, Value::Null));
}

/// The path that the link of the newest mail asks.
async fn proof(app: &App, email: &str, nth: usize) -> String {
    let mail = app
        .mails(email, "register Fresh Start", nth)
        .await
        .pop()
        .unwrap();
    let token = link(app, &mail).rsplit('/').next().unwrap().to_owned();
    format!("/api/registrations/{token}")
}

fn companies(app: &App) -> usize {
    rows(&mut app.copy.admin(), "SELECT 1 FROM platform.companies").len()
}

async fn change_terms(owner: &Client, change: Value) -> (u16, Value) {
    let answer = owner
        .request(reqwest::Method::GET, "/api/owner/registration")
        .send()
        .await
        .unwrap();
    let tag = answer.headers()["etag"].to_str().unwrap().to_owned();
    let request = owner.request(reqwest::Method::PATCH, "/api/owner/registration");
    crate::app::read(
        request
            .header("if-match", tag)
            .json(&change)
            .send()
            .await
            .unwrap(),
    )
    .await
}

#[actix_web::test]
async fn who_proves_the_address_gets_a_company_on_trial_and_its_key() {
    let app = App::spawn().await;
    let twin = app.twin_configured(|config| config.job_workers = 0).await;
    let email = "fay@fresh.test";
    ask(&app, email).await;
    assert_eq!(companies(&app), 0, "before the address is proved");
    let path = proof(&app, email, 1).await;
    let (status, shown) = app.anonymous().get(&path).await;
    assert_eq!(
        (status, &shown["company_name"], &shown["email"]),
        (200, &json!("Fresh Start"), &json!(email))
    );
    assert_eq!(companies(&app), 0, "looking is not choosing");
    let (status, refusal) = app
        .anonymous()
        .post(&path, json!({ "password": "fresh start 1" }))
        .await;
    assert_eq!(
        (status, &refusal["errors"][0]["pointer"]),
        (422, &json!("/password")),
        "{refusal}"
    );
    let (status, made) = app
        .anonymous()
        .post(&path, json!({ "password": PASSWORD }))
        .await;
    assert_eq!(status, 201, "{made}");

    let admin = app.sign_in(email).await;
    let (_, me) = admin.get("/api/me").await;
    assert_eq!(
        (&me["role"], &me["name"], &me["company"]["name"]),
        (
            &json!("ADMIN"),
            &json!("Fay Founder"),
            &json!("Fresh Start")
        )
    );
    assert_eq!(
        (&me["company"]["status"], &me["company"]["time_zone"]),
        (&json!("TRIAL"), &json!("Europe/Berlin"))
    );
    assert_eq!(
        admin.get("/api/employees").await.1["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );

    // Its agents are let in, on the other instance as well.
    let agent = app
        .anonymous()
        .at(&twin)
        .with_key(made["company_key"].as_str().unwrap());
    let device = json!({ "id": uuid::Uuid::now_v7(), "name": "desk", "os": "linux", "agent_version": "1.0.0" });
    let log_in = json!({ "email": email, "password": PASSWORD, "device": device });
    let (status, answer) = agent.post("/api/login", log_in).await;
    assert_eq!(status, 200, "{answer}");

    let owner = app.owner().await;
    let (_, detail) = owner
        .get(&format!(
            "/api/owner/companies/{}",
            made["company_id"].as_str().unwrap()
        ))
        .await;
    assert_eq!(
        (&detail["plan"], &detail["employees_active"].is_number()),
        (&json!("FREE"), &true)
    );
    let (_, page) = owner.get("/api/owner/audit?action=company.created").await;
    assert_eq!(
        (&page["items"][0]["actor"], &page["items"][0]["address"]),
        (&json!("self-service"), &json!("127.0.0.1"))
    );
    let (_, history) = owner
        .get(&format!(
            "/api/owner/companies/{}/subscriptions",
            made["company_id"].as_str().unwrap()
        ))
        .await;
    assert_eq!(
        (&history["items"][0]["event"], &history["items"][0]["actor"]),
        (&json!("created"), &json!("system"))
    );

    let (status, _) = app
        .anonymous()
        .post(&path, json!({ "password": PASSWORD }))
        .await;
    assert_eq!((status, companies(&app)), (404, 1), "a link is good once");
}

#[actix_web::test]
async fn a_known_address_is_answered_alike_and_gets_another_mail() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    ask(&app, &acme.admin_email).await;
    let mail = app
        .mails(&acme.admin_email, "has an account already", 1)
        .await
        .remove(0);
    assert!(link(&app, &mail).ends_with("/login"), "{mail}");
    let sql = "SELECT 1 FROM auth.one_time_tokens WHERE kind = 'registration'";
    assert!(rows(&mut app.copy.admin(), sql).is_empty());
}

/// Everything of the answer but what each answer has of its own, and how many statements it took.
async fn answered(app: &App, email: &str) -> (u16, Vec<String>, String, usize) {
    let id = uuid::Uuid::now_v7().to_string();
    let request = app
        .anonymous()
        .request(reqwest::Method::POST, "/api/registrations");
    let request = request.header("x-request-id", &id).json(&asked(email));
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let headers = answer.headers().iter();
    let headers = headers.filter(|(name, _)| !["date", "x-request-id"].contains(&name.as_str()));
    let mut headers: Vec<_> = headers
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    headers.sort();
    let body = answer.text().await.unwrap();
    (status, headers, body, log::statements_of(&id))
}

/// How long it takes tells nothing either: `make timing` measures that, every run compares the work.
#[actix_web::test]
async fn nothing_of_the_answer_tells_whether_anybody_has_the_address() {
    log::catch();
    let app = App::configured(|config| {
        config.job_workers = 0;
        config.query_log = true;
    })
    .await;
    let acme = app.company("Acme").await;
    let unknown = answered(&app, "fay@fresh.test").await;
    assert_eq!(unknown.0, 202);
    assert!(unknown.3 > 0, "statements are counted");
    for known in [&acme.admin_email, &app.owner_without_two_factor().await] {
        assert_eq!(answered(&app, known).await, unknown, "{known}");
    }
    // Who is known is found out later, by the job that writes the mail.
    let sql =
        "SELECT count(*) AS jobs FROM platform.jobs WHERE payload ->> 'mail' = 'registration'";
    assert_eq!(rows(&mut app.copy.admin(), sql), [json!({ "jobs": 3 })]);
}

#[actix_web::test]
async fn the_link_is_good_for_one_company_however_many_open_it() {
    let app = App::spawn().await;
    let email = "fay@fresh.test";
    ask(&app, email).await;
    let path = proof(&app, email, 1).await;
    let (one, other) = (app.anonymous(), app.anonymous());
    let body = json!({ "password": PASSWORD });
    let (first, second) = tokio::join!(one.post(&path, body.clone()), other.post(&path, body));
    let mut statuses = [first.0, second.0];
    statuses.sort_unstable();
    assert_eq!(
        (statuses[0], companies(&app)),
        (201, 1),
        "{first:?} {second:?}"
    );
    assert!([404, 409].contains(&statuses[1]), "{first:?} {second:?}");
}

/// Between the company and its first admin the server may die: the link is the admin's invitation then.
#[actix_web::test]
async fn what_was_interrupted_is_finished_by_the_same_link() {
    let app = App::spawn().await;
    let email = "fay@fresh.test";
    ask(&app, email).await;
    let path = proof(&app, email, 1).await;
    // The person's row is refused, once the company is there.
    let stop = "ALTER TABLE tenant.users ADD CONSTRAINT nobody CHECK (false) NOT VALID";
    execute(&mut app.copy.admin(), stop);
    let (status, _) = app
        .anonymous()
        .post(&path, json!({ "password": PASSWORD }))
        .await;
    assert!(status >= 400);
    assert_eq!(companies(&app), 1);
    execute(
        &mut app.copy.admin(),
        "ALTER TABLE tenant.users DROP CONSTRAINT nobody",
    );
    let invitation = path.replace("registrations", "invitations");
    let (status, shown) = app.anonymous().get(&invitation).await;
    assert_eq!(
        (status, &shown["company_name"]),
        (200, &json!("Fresh Start"))
    );
    let chosen = json!({ "name": "Fay Founder", "password": PASSWORD });
    let (status, _) = app
        .anonymous()
        .post(&format!("{invitation}/accept"), chosen)
        .await;
    assert_eq!(status, 201);
    app.sign_in(email).await;
    assert_eq!(companies(&app), 1);
}

#[actix_web::test]
async fn the_owner_switches_it_off_and_says_what_such_a_company_begins_with() {
    let app = App::spawn().await;
    let owner = app.owner().await;
    let terms = json!({ "plan": "PRO", "trial_days": 30 });
    let (status, changed) = change_terms(&owner, terms).await;
    assert_eq!(
        (status, &changed["plan"], &changed["trial_days"]),
        (200, &json!("PRO"), &json!(30)),
        "{changed}"
    );
    let again = change_terms(&owner, json!({ "plan": "PRO" })).await.1;
    assert_eq!(again, changed, "nothing was changed");
    let email = "fay@fresh.test";
    ask(&app, email).await;
    let path = proof(&app, email, 1).await;
    let (_, made) = app
        .anonymous()
        .post(&path, json!({ "password": PASSWORD }))
        .await;
    let detail = owner
        .get(&format!(
            "/api/owner/companies/{}",
            made["company_id"].as_str().unwrap()
        ))
        .await
        .1;
    assert_eq!(detail["plan"], "PRO");
    let ends = crate::feed::at(detail["trial_ends_at"].as_str().unwrap()) - chrono::Utc::now();
    assert_eq!(ends.num_hours(), 30 * 24 - 1);

    let late = "late@fresh.test";
    ask(&app, late).await;
    let waiting = proof(&app, late, 1).await;
    assert_eq!(
        app.anonymous().get("/api/registration").await.1,
        json!({ "is_open": true })
    );
    assert_eq!(
        change_terms(&owner, json!({ "is_open": false })).await.0,
        200
    );
    assert_eq!(
        app.anonymous().get("/api/registration").await.1,
        json!({ "is_open": false })
    );
    for (path, body) in [
        ("/api/registrations", asked("x@fresh.test")),
        (&waiting, json!({ "password": PASSWORD })),
    ] {
        let (status, refusal) = app.anonymous().post(path, body).await;
        assert_eq!(
            (status, &refusal["code"]),
            (403, &json!("registration_closed")),
            "{path}"
        );
    }
    let (status, refusal) = app.anonymous().get(&waiting).await;
    assert_eq!(
        (status, &refusal["code"]),
        (403, &json!("registration_closed")),
        "a link says no more either"
    );
    assert_eq!(companies(&app), 1);
    let (_, page) = owner
        .get("/api/owner/audit?action=registration.changed")
        .await;
    assert_eq!(page["items"].as_array().unwrap().len(), 2);

    for (change, pointer) in [
        (json!({ "plan": "NOTHING" }), "/plan"),
        (json!({ "currency": "EUR" }), "/plan"),
        (json!({ "trial_days": 0 }), "/trial_days"),
        (json!({ "trial_days": 367 }), "/trial_days"),
    ] {
        let (status, refusal) = change_terms(&owner, change).await;
        assert_eq!(
            (status, &refusal["errors"][0]["pointer"]),
            (422, &json!(pointer)),
            "{refusal}"
        );
    }
    let stale = owner.request(reqwest::Method::PATCH, "/api/owner/registration");
    let stale = stale
        .header("if-match", "\"1\"")
        .json(&json!({ "is_open": true }));
    assert_eq!(stale.send().await.unwrap().status(), 412);
    let blind = owner.request(reqwest::Method::PATCH, "/api/owner/registration");
    let blind = blind.json(&json!({ "is_open": true }));
    assert_eq!(blind.send().await.unwrap().status(), 428);
}

#[actix_web::test]
async fn of_many_who_saw_the_same_terms_one_changes_them() {
    let app = App::spawn().await;
    let owner = app.owner().await;
    let seen = owner.get("/api/owner/registration").await.1["version"].clone();
    let change = |days: i64| {
        let request = owner.request(reqwest::Method::PATCH, "/api/owner/registration");
        let request = request.header("if-match", format!("\"{seen}\""));
        let request = request.json(&json!({ "trial_days": days }));
        actix_web::rt::spawn(async { request.send().await.unwrap().status().as_u16() })
    };
    let asked = || (20..28).map(change).collect();
    let mut answers = app.at_once("platform.registration_terms", asked).await;
    answers.sort_unstable();
    assert_eq!(answers, [200, 412, 412, 412, 412, 412, 412, 412]);
}

#[actix_web::test]
async fn who_asks_again_and_again_waits_and_fills_no_mailbox() {
    let app = App::spawn().await;
    let email = "fay@fresh.test";
    for _ in 0..5 {
        ask(&app, email).await;
    }
    let (status, refusal) = app
        .anonymous()
        .post("/api/registrations", asked(email))
        .await;
    assert_eq!(
        (status, &refusal["code"]),
        (429, &json!("too_many_attempts"))
    );
    execute(&mut app.copy.admin(), "DELETE FROM auth.throttle");
    ask(&app, email).await;
    app.mails(email, "register Fresh Start", 5).await;
    ask(&app, "else@fresh.test").await;
    app.mails("else@fresh.test", "register Fresh Start", 1)
        .await;
    let sql = "SELECT 1 FROM auth.one_time_tokens WHERE kind = 'registration' AND email = 'fay@fresh.test'";
    assert_eq!(rows(&mut app.copy.admin(), sql).len(), 5);
}
