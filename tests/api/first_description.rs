//! The checks the product was first described with, each under its own name.

use diesel::{
    QueryDsl, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query,
    sql_types::Text,
};
use reqwest::Method;
use serde_json::{Value, json};
use tracker::db::schema::platform::{audit_entries, company_usage_daily};

use crate::app::{App, Client, Company, PASSWORD};

async fn at(company: &Company, action: &str, body: Value) -> (u16, Value) {
    company
        .owner
        .post(
            &format!("/api/owner/companies/{}/{action}", company.id),
            body,
        )
        .await
}

/// Status and code of an agent's call with that key; 404 means that the key was let through to an unknown path.
async fn with_key(app: &App, key: &str) -> (u16, String) {
    let (status, problem) = app
        .anonymous()
        .with_key(key)
        .get("/api/agent/nothing")
        .await;
    (
        status,
        problem["code"].as_str().unwrap_or_default().to_owned(),
    )
}

fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[actix_web::test]
async fn company_is_created_with_a_key() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let digits = acme.key.strip_prefix("company_").unwrap();
    assert!(
        digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit()),
        "{}",
        acme.key
    );
}

#[actix_web::test]
async fn company_keys_are_unique() {
    let app = App::spawn().await;
    let (acme, bolt) = (app.company("Acme").await, app.company("Bolt").await);
    assert_ne!(acme.key, bolt.key);
    let copied = "INSERT INTO auth.company_keys SELECT gen_random_uuid(), company_id, key_hash, prefix, sealed FROM auth.company_keys";
    let error = app
        .copy
        .admin()
        .batch_execute(copied)
        .unwrap_err()
        .to_string();
    assert!(error.contains("company_keys_hash_taken"), "{error}");
}

#[actix_web::test]
async fn trial_runs_out() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    assert_eq!(with_key(&app, &acme.key).await.0, 404);
    let mut admin = app.copy.admin();
    // Two days ago is within the three days of grace, four are not.
    for (days, expected) in [(2, is(404, "not_found")), (4, is(403, "company_expired"))] {
        admin
            .batch_execute(&format!(
                "UPDATE platform.companies SET trial_ends_at = now() - interval '{days} days'"
            ))
            .unwrap();
        app.state
            .directory
            .refresh(&app.state.db, acme.id)
            .await
            .unwrap();
        assert_eq!(with_key(&app, &acme.key).await, expected);
    }
}

#[actix_web::test]
async fn suspended_company_is_refused() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    assert_eq!(
        at(&acme, "suspend", json!({ "reason": "unpaid" })).await.0,
        200
    );
    let (status, told) = ada.get("/api/timeline").await;
    assert_eq!((status, &told["code"]), (403, &json!("company_suspended")));
}

#[actix_web::test]
async fn subscription_history_is_kept() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    assert_eq!(
        at(&acme, "change-plan", json!({ "plan": "ENTERPRISE" }))
            .await
            .0,
        200
    );
    let (_, history) = acme
        .owner
        .get(&format!("/api/owner/companies/{}/subscriptions", acme.id))
        .await;
    let plans: Vec<_> = history["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (&row["plan"], &row["price_minor"]))
        .collect();
    assert_eq!(
        plans,
        [
            (&json!("ENTERPRISE"), &json!(49900)),
            (&json!("PRO"), &json!(9900))
        ]
    );
    for forbidden in [
        "UPDATE platform.subscriptions SET price_minor = 0",
        "DELETE FROM platform.subscriptions",
    ] {
        let error = app
            .copy
            .as_role("tracker_platform")
            .batch_execute(forbidden)
            .unwrap_err()
            .to_string();
        assert!(error.contains("permission denied"), "{error}");
    }
}

#[actix_web::test]
async fn owner_account_has_no_company() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    assert_eq!(acme.owner.get("/api/me").await.1["company"], Value::Null);
    let given = format!(
        "UPDATE auth.credentials SET company_id = '{}' WHERE role = 'OWNER'",
        acme.id
    );
    let error = app
        .copy
        .admin()
        .batch_execute(&given)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("credentials_owner_has_no_company"),
        "{error}"
    );
}

#[actix_web::test]
async fn user_is_scoped_to_company() {
    let app = App::spawn().await;
    let (acme, bolt) = (app.company("Acme").await, app.company("Bolt").await);
    let ada = app.employee(&acme, "Ada").await;
    assert_eq!(
        bolt.admin
            .get(&format!("/api/employees/{}", ada.user))
            .await
            .0,
        404
    );
    let (_, people) = bolt.admin.get("/api/employees").await;
    assert_eq!(people["items"].as_array().unwrap().len(), 1);
    let (_, foreign) = bolt
        .admin
        .get(&format!("/api/timeline?user_id={}", ada.user))
        .await;
    assert_eq!(foreign["code"], json!("not_found"));
}

#[actix_web::test]
async fn owner_reads_only_the_aggregate_table() {
    #[derive(QueryableByName)]
    struct Name {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let app = App::spawn().await;
    let mut owner = app.copy.as_role("tracker_platform");
    company_usage_daily::table
        .count()
        .get_result::<i64>(&mut owner)
        .unwrap();
    let tables = "SELECT 'tenant.' || relname AS name FROM pg_class WHERE relnamespace = 'tenant'::regnamespace AND relkind = 'r'";
    for Name { name } in sql_query(tables)
        .load::<Name>(&mut app.copy.admin())
        .unwrap()
    {
        let error = sql_query(format!("SELECT 1 FROM {name}"))
            .execute(&mut owner)
            .unwrap_err()
            .to_string();
        assert!(error.contains("permission denied"), "{name}: {error}");
    }
}

#[actix_web::test]
async fn usage_is_unique_per_company_and_day() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let insert = format!(
        "INSERT INTO platform.company_usage_daily (company_id, day, active_employees, sessions, active_seconds, screenshots, \
         storage_bytes, events) VALUES ('{}', '2026-01-05', 1, 1, 60, 0, 0, 1)",
        acme.id
    );
    let mut jobs = app.copy.as_role("tracker_jobs");
    jobs.batch_execute(&insert).unwrap();
    let error = jobs.batch_execute(&insert).unwrap_err().to_string();
    assert!(error.contains("company_usage_daily_pkey"), "{error}");
    let (_, usage) = acme
        .owner
        .get(&format!(
            "/api/owner/companies/{}/usage?from=2026-01-01&to=2026-01-31",
            acme.id
        ))
        .await;
    assert_eq!(usage["items"][0]["active_minutes"], json!(1), "{usage}");
}

const OWNERS_PATHS: [&str; 2] = ["/api/owner/companies", "/api/owner/plans"];

async fn owners_answers(client: &Client) -> Vec<u16> {
    let mut answers = Vec::new();
    for path in OWNERS_PATHS {
        answers.push(client.get(path).await.0);
    }
    answers
}

#[actix_web::test]
async fn owner_portal_requires_sign_in() {
    let app = App::spawn().await;
    assert_eq!(owners_answers(&app.anonymous()).await, [401, 401]);
}

#[actix_web::test]
async fn owner_portal_refuses_admin_and_employee() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    assert_eq!(owners_answers(&acme.admin).await, [403, 403]);
    assert_eq!(owners_answers(&ada).await, [403, 403]);
}

#[actix_web::test]
async fn owner_portal_admits_owner() {
    let app = App::spawn().await;
    assert_eq!(owners_answers(&app.owner().await).await, [200, 200]);
}

#[actix_web::test]
async fn valid_key_is_accepted() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let agent = app.agent(&acme, &acme.admin).await;
    assert_eq!(agent.get("/api/agent/settings").await.0, 200);
}

#[actix_web::test]
async fn invalid_key_is_refused() {
    let app = App::spawn().await;
    let unknown = format!("company_{}", "0".repeat(32));
    for key in [unknown.as_str(), "company_123", "nonsense", ""] {
        assert_eq!(
            with_key(&app, key).await,
            is(401, "company_key_invalid"),
            "{key}"
        );
    }
    assert_eq!(
        app.anonymous().get("/api/agent/settings").await.1["code"],
        json!("company_key_missing")
    );
}

#[actix_web::test]
async fn suspended_key_is_refused() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    assert_eq!(
        at(&acme, "suspend", json!({ "reason": "unpaid" })).await.0,
        200
    );
    assert_eq!(
        with_key(&app, &acme.key).await,
        is(403, "company_suspended")
    );
    let login = app
        .anonymous()
        .with_key(&acme.key)
        .request(Method::POST, "/api/login");
    assert_eq!(
        login
            .json(&json!({ "password": PASSWORD }))
            .send()
            .await
            .unwrap()
            .status(),
        403
    );
}

#[actix_web::test]
async fn plan_upgrade() {
    let app = App::spawn().await;
    let acme = app.company_on("FREE", "Acme").await;
    let (status, company) = at(&acme, "change-plan", json!({ "plan": "PRO" })).await;
    assert_eq!(
        (status, &company["plan"], &company["max_employees"]),
        (200, &json!("PRO"), &json!(50))
    );
    for n in 0..5 {
        let invitation = json!({ "email": format!("p{n}@acme.test"), "role": "EMPLOYEE" });
        assert_eq!(
            acme.admin.post("/api/employees", invitation).await.0,
            201,
            "the new seats are there at once"
        );
    }
}

#[actix_web::test]
async fn plan_change_is_audited() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    assert_eq!(
        at(
            &acme,
            "change-plan",
            json!({ "plan": "ENTERPRISE", "reason": "grew" })
        )
        .await
        .0,
        200
    );
    let entries: Vec<(String, String, Value)> = audit_entries::table
        .order(audit_entries::id)
        .select((
            audit_entries::action,
            audit_entries::actor,
            audit_entries::detail,
        ))
        .load(&mut app.copy.admin())
        .unwrap();
    let (action, actor, detail) = entries.last().unwrap();
    assert_eq!(action, "company.plan_changed");
    assert!(actor.ends_with("@vendor.test"));
    assert_eq!(
        (&detail["after"]["plan"], &detail["reason"]),
        (&json!("ENTERPRISE"), &json!("grew"))
    );
}
