//! Passwords that are chosen: changed by whoever knows the old one, long, and not among the first that are guessed.

use serde_json::{Value, json};
use tracker::jobs::{schedule, work};

use crate::app::{App, Client, PASSWORD};
use crate::feed::{execute, rows};

async fn change(client: &Client, password: &str, new: &str) -> (u16, Value) {
    let body = json!({ "password": password, "new_password": new });
    client.post("/api/me/password", body).await
}

#[actix_web::test]
async fn a_new_password_needs_the_old_one() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let (status, wrong) = change(&acme.admin, "not mine", "four words nobody combines").await;
    assert_eq!((status, &wrong["code"]), (403, &json!("password_wrong")));
    assert_eq!(
        change(&acme.admin, PASSWORD, "four words nobody combines")
            .await
            .0,
        204
    );
    let (status, old) = change(&acme.admin, PASSWORD, "another four good words").await;
    assert_eq!((status, &old["code"]), (403, &json!("password_wrong")));
    let new = json!({ "new_password": "four words nobody combines" });
    let new = acme.owner.step_up(new);
    let owner = acme.owner.post("/api/me/password", new).await;
    assert_eq!(owner.0, 204, "an owner has one too");
    for _ in 0..6 {
        change(&acme.admin, "guessing it", "another four good words").await;
    }
    let right = change(
        &acme.admin,
        "four words nobody combines",
        "another four good words",
    )
    .await;
    assert_eq!(
        right.0, 429,
        "whoever found an open browser cannot guess on"
    );
}

#[actix_web::test]
async fn what_guessers_try_first_is_refused_wherever_a_password_is_chosen() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let refused = |answer: &(u16, Value), pointer: &str, code: &str| {
        let error = &answer.1["errors"][0];
        assert_eq!(
            (answer.0, &error["pointer"], &error["code"]),
            (422, &json!(pointer), &json!(code)),
            "{answer:?}"
        );
    };
    for common in [
        "passwordpassword",
        "AcmeAcme-2026",
        "qwertyuiop123",
        "Ada.Admin-Acme",
    ] {
        let answer = change(&acme.admin, PASSWORD, common).await;
        refused(&answer, "/new_password", "password_common");
    }
    let short = change(&acme.admin, PASSWORD, "eleven char").await;
    refused(&short, "/new_password", "password_length");
    let invitation = json!({ "email": "grace@acme.test", "role": "EMPLOYEE" });
    let (_, invited) = acme.admin.post("/api/employees", invitation).await;
    let url = invited["invitation_url"].as_str().unwrap();
    let path = format!(
        "/api/invitations/{}/accept",
        url.rsplit('/').next().unwrap()
    );
    let accept = async |password: &str| {
        let body = json!({ "name": "Grace Hopper", "password": password });
        app.anonymous().post(&path, body).await
    };
    refused(
        &accept("gracehopper12").await,
        "/password",
        "password_common",
    );
    assert_eq!(accept(PASSWORD).await.0, 201, "the link is good still");
}

#[actix_web::test]
async fn counters_and_places_are_forgotten_in_time() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = app.company("Acme").await;
    let body = json!({ "email": "nobody@acme.test", "password": "guess guess guess" });
    assert_eq!(app.anonymous().post("/api/auth/sign-in", body).await.0, 401);
    let admin = &mut app.copy.admin();
    let count = "SELECT (SELECT count(*) FROM auth.throttle) AS throttle, (SELECT count(*) FROM auth.known_places) AS places, \
                 (SELECT count(*) FROM auth.sign_ins) AS sign_ins";
    let before = rows(admin, count);
    assert_eq!(before[0]["throttle"], 2, "the account's and the place's");
    let forget = |app: &App| {
        app.state
            .db
            .platform_job_blocking(schedule::enqueue_regular)
            .unwrap();
        while work::next(&app.state).unwrap() {}
    };
    execute(
        admin,
        "UPDATE auth.throttle SET updated_at = now() - interval '25 hours'",
    );
    execute(
        admin,
        "UPDATE auth.known_places SET seen_at = now() - interval '91 days' WHERE user_id IN (SELECT id FROM tenant.users)",
    );
    execute(
        admin,
        "UPDATE auth.sign_ins SET ended_at = now() - interval '31 days' WHERE company_id IS NOT NULL",
    );
    forget(&app);
    let after = rows(admin, count);
    assert_eq!(
        after[0],
        json!({ "throttle": 0, "places": 1, "sign_ins": 1 }),
        "{before:?}"
    );
    assert_eq!(acme.owner.get("/api/me").await.0, 200);
}
