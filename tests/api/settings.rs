//! What a company decides about recording: who may, what is refused, and that agents and server keep to it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{App, Client};
use crate::feed::rows;

async fn seen(admin: &Client) -> (Value, String) {
    let answer = admin
        .request(Method::GET, "/api/settings")
        .send()
        .await
        .unwrap();
    let tag = answer.headers()["etag"].to_str().unwrap().to_owned();
    (answer.json().await.unwrap(), tag)
}

async fn change(admin: &Client, tag: &str, body: Value) -> (u16, Value) {
    let request = admin
        .request(Method::PATCH, "/api/settings")
        .header("If-Match", tag);
    let answer = request.json(&body).send().await.unwrap();
    (
        answer.status().as_u16(),
        answer.json().await.unwrap_or_default(),
    )
}

#[actix_web::test]
async fn a_change_holds_for_every_agent_and_is_written_down() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let agent = app.agent(&acme, &ada).await;
    let (before, tag) = seen(&acme.admin).await;
    let (_, known) = agent.get("/api/agent/settings").await;
    assert_eq!(before["idle_threshold_seconds"], 300);
    let wanted = json!({ "idle_threshold_seconds": 120, "tracking_days": [5, 1, 1], "tracking_from": "22:00:00", "tracking_to": "06:00:00",
        "record_titles": false, "redaction_rules": ["(?i)salary"], "blur_screenshots": true });
    let (status, after) = change(&acme.admin, &tag, wanted).await;
    assert_eq!(status, 200, "{after}");
    assert_eq!(
        (
            &after["tracking_days"],
            &after["screenshot_interval_seconds"]
        ),
        (&json!([1, 5]), &before["screenshot_interval_seconds"])
    );
    let (_, settings) = agent.get("/api/agent/settings").await;
    assert_ne!(
        settings["version"], known["version"],
        "the agent is told to ask again"
    );
    for (name, value) in [
        ("idle_threshold_seconds", json!(120)),
        ("tracking_from", json!("22:00:00")),
        ("redaction_rules", json!(["(?i)salary"])),
        ("blur_screenshots", json!(true)),
    ] {
        assert_eq!(settings[name], value, "{name}");
    }
    // The same once more changes nothing.
    let (_, tag) = seen(&acme.admin).await;
    let (status, same) = change(&acme.admin, &tag, json!({ "idle_threshold_seconds": 120 })).await;
    assert_eq!((status, &same["version"]), (200, &after["version"]));
    let audit = rows(
        &mut app.copy.admin(),
        "SELECT actor, detail FROM tenant.audit_entries WHERE action = 'settings.changed'",
    );
    assert_eq!(audit.len(), 1, "{audit:?}");
    assert_eq!(
        (
            &audit[0]["detail"]["before"]["idle_threshold_seconds"],
            &audit[0]["detail"]["after"]["redaction_rules"]
        ),
        (&json!(300), &json!("1 rules"))
    );
    assert_eq!(audit[0]["detail"]["after"].get("screenshots_enabled"), None);
}

#[actix_web::test]
async fn what_cannot_be_is_refused_at_its_field_and_changes_nothing() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let (before, tag) = seen(&acme.admin).await;
    let rules: Vec<String> = (0..101).map(|n| format!("rule {n}")).collect();
    for (body, pointer, code) in [
        (
            json!({ "idle_threshold_seconds": 29 }),
            "/idle_threshold_seconds",
            "idle_threshold_invalid",
        ),
        (
            json!({ "screenshot_interval_seconds": 59 }),
            "/screenshot_interval_seconds",
            "screenshot_interval_invalid",
        ),
        (
            json!({ "tracking_days": [] }),
            "/tracking_days",
            "tracking_days_invalid",
        ),
        (
            json!({ "tracking_days": [0] }),
            "/tracking_days",
            "tracking_days_invalid",
        ),
        (
            json!({ "tracking_days": [1, 1, 1, 1, 1, 1, 1, 1] }),
            "/tracking_days",
            "tracking_days_invalid",
        ),
        (
            json!({ "tracking_from": "09:00:00", "tracking_to": "09:00:00" }),
            "/tracking_to",
            "tracking_hours_empty",
        ),
        // What is there already counts as well.
        (
            json!({ "tracking_from": "23:59:59" }),
            "/tracking_to",
            "tracking_hours_empty",
        ),
        (
            json!({ "tracking_from": "09:00" }),
            "/tracking_from",
            "time_invalid",
        ),
        (
            json!({ "tracking_to": "23:59:60" }),
            "/tracking_to",
            "time_invalid",
        ),
        (
            json!({ "redaction_rules": ["fine", "broken("] }),
            "/redaction_rules/1",
            "redaction_rule_invalid",
        ),
        (
            json!({ "redaction_rules": ["a{1000}{1000}{1000}"] }),
            "/redaction_rules/0",
            "redaction_rule_invalid",
        ),
        (
            json!({ "redaction_rules": rules }),
            "/redaction_rules",
            "redaction_rules_too_many",
        ),
    ] {
        let (status, problem) = change(&acme.admin, &tag, body).await;
        let field = &problem["errors"][0];
        assert_eq!(
            (status, &field["pointer"], &field["code"]),
            (422, &json!(pointer), &json!(code)),
            "{problem}"
        );
    }
    let (status, problem) =
        change(&acme.admin, "\"0-true\"", json!({ "record_paths": true })).await;
    assert_eq!(
        (status, &problem["code"]),
        (412, &json!("precondition_failed"))
    );
    let (status, _) = acme
        .admin
        .send(Method::PATCH, "/api/settings", Some(json!({})))
        .await;
    assert_eq!(status, 428);
    for (who, status) in [(&ada, 403), (&acme.owner, 403)] {
        assert_eq!(
            change(who, &tag, json!({ "record_paths": true })).await.0,
            status
        );
        assert_eq!(who.get("/api/settings").await.0, status);
    }
    assert_eq!(seen(&acme.admin).await.0, before);
}

#[actix_web::test]
async fn of_two_admins_the_second_is_told() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let (_, tag) = seen(&acme.admin).await;
    let (first, second) = (
        change(&acme.admin, &tag, json!({ "idle_threshold_seconds": 60 })),
        change(&acme.admin, &tag, json!({ "idle_threshold_seconds": 90 })),
    );
    let (first, second) = tokio::join!(first, second);
    let mut statuses = [first.0, second.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
}
