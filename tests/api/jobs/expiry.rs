//! Trials, subscriptions and invitations that run out.

use serde_json::json;
use tracker::jobs::{expiry, work};

use crate::app::{App, Client};
use crate::feed::{execute, rows};

fn find(app: &App) {
    app.state
        .db
        .platform_job_blocking(|conn| expiry::find(conn, app.state.directory.grace_days))
        .unwrap();
    while work::next(&app.state).unwrap() {}
}

#[actix_web::test]
async fn a_trial_expires_when_its_grace_is_over_and_every_instance_hears_it() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = app.company("Acme").await;
    let bolt = app.company("Bolt").await;
    let admin = &mut app.copy.admin();
    let ended = |company: &crate::app::Company, ago: &str| {
        format!(
            "UPDATE platform.companies SET trial_ends_at = now() - interval '{ago}' WHERE id = '{}'",
            company.id
        )
    };
    execute(admin, &ended(&acme, "73 hours"));
    execute(admin, &ended(&bolt, "71 hours"));
    find(&app);
    find(&app);
    let status = "SELECT name, status FROM platform.companies ORDER BY name";
    assert_eq!(
        rows(admin, status),
        [
            json!({ "name": "Acme", "status": "EXPIRED" }),
            json!({ "name": "Bolt", "status": "TRIAL" })
        ]
    );
    let history = rows(
        admin,
        "SELECT s.event, s.status, s.actor, s.price_minor = 9900 AS priced FROM platform.subscriptions s WHERE s.event <> 'created'",
    );
    assert_eq!(
        history,
        [json!({ "event": "expired", "status": "EXPIRED", "actor": "system", "priced": true })]
    );
    let audit = rows(
        admin,
        "SELECT action, actor, company_id FROM platform.audit_entries WHERE action = 'company.expired'",
    );
    assert_eq!(
        audit,
        [json!({ "action": "company.expired", "actor": "system", "company_id": acme.id })]
    );
    for _ in 0..2000 {
        if app.state.directory.company(acme.id).unwrap().status == "EXPIRED" {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the directory never heard of it");
}

#[actix_web::test]
async fn a_subscription_expires_as_a_trial_does() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = app.company("Acme").await;
    let admin = &mut app.copy.admin();
    // An ended trial does not matter to who has subscribed.
    execute(
        admin,
        "UPDATE platform.companies SET status = 'ACTIVE', trial_ends_at = now() - interval '1 year', expires_at = now() + interval '1 day'",
    );
    find(&app);
    let status = || {
        rows(
            &mut app.copy.admin(),
            &format!(
                "SELECT status FROM platform.companies WHERE id = '{}'",
                acme.id
            ),
        )
    };
    assert_eq!(status(), [json!({ "status": "ACTIVE" })]);
    execute(
        admin,
        "UPDATE platform.companies SET expires_at = now() - interval '4 days'",
    );
    find(&app);
    assert_eq!(status(), [json!({ "status": "EXPIRED" })]);
}

#[actix_web::test]
async fn an_invitation_that_nobody_answered_frees_its_seat_once() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = app.company("Acme").await;
    for name in ["bob", "eve"] {
        let (status, _) = acme
            .admin
            .post(
                "/api/employees",
                json!({ "email": format!("{name}@acme.test"), "role": "EMPLOYEE" }),
            )
            .await;
        assert_eq!(status, 201);
    }
    let admin = &mut app.copy.admin();
    let seats = "SELECT seats_used FROM tenant.company_usage";
    assert_eq!(rows(admin, seats), [json!({ "seats_used": 3 })]);
    execute(
        admin,
        "UPDATE tenant.invitations SET expires_at = now() - interval '1 second' WHERE email = 'bob@acme.test'",
    );
    find(&app);
    find(&app);
    assert_eq!(rows(admin, seats), [json!({ "seats_used": 2 })]);
    let (status, _) = acme
        .admin
        .post(
            "/api/employees",
            json!({ "email": "bob@acme.test", "role": "EMPLOYEE" }),
        )
        .await;
    assert_eq!(status, 201, "the address may be invited again");
}

#[actix_web::test]
async fn a_suspension_reaches_a_second_instance() {
    let app = App::spawn().await;
    let twin = app.twin().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await.at(&twin);
    answers(&ada, 200).await;
    let path = format!("/api/owner/companies/{}/suspend", acme.id);
    assert_eq!(
        acme.owner
            .post(&path, json!({ "reason": "unpaid" }))
            .await
            .0,
        200
    );
    answers(&ada, 403).await;
}

async fn answers(client: &Client, status: u16) {
    let mut last = 0;
    for _ in 0..2000 {
        last = client.get("/api/usage/today").await.0;
        if last == status {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("still {last}");
}
