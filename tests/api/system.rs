//! What the owner sees of the service itself: counts and times, no payload, no error, nobody's device.

use serde_json::{Value, json};
use tracker::jobs::system_status;
use uuid::Uuid;

use crate::app::App;
use crate::feed::{execute, rows};

async fn system(app: &App) -> Value {
    let (status, system) = app.owner().await.get("/api/owner/system").await;
    assert_eq!(status, 200, "{system}");
    system
}

fn publish(app: &App) {
    app.state
        .db
        .platform_job_blocking(system_status::publish)
        .unwrap();
}

fn job(app: &App, kind: &str, state: &str, more: &str) -> Uuid {
    let id = Uuid::now_v7();
    execute(
        &mut app.copy.admin(),
        &format!(
            "INSERT INTO platform.jobs (id, company_id, kind, dedupe_key, state, payload, error, attempts, finished_at) \
             VALUES ('{id}', '{}', '{kind}', '{id}', '{state}', '{{\"secret\": \"payload of it\"}}', 'secret error of it', 8, {more})",
            Uuid::nil()
        ),
    );
    id
}

#[actix_web::test]
async fn the_queue_is_counted_and_a_failed_job_gets_another_try() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let owner = app.owner().await;
    execute(&mut app.copy.admin(), "DELETE FROM platform.jobs");
    let failed = job(&app, "roll_up", "failed", "now()");
    let queued = job(&app, "roll_up", "queued", "NULL");
    job(&app, "overview", "done", "now() - interval '1 minute'");
    job(&app, "expiry", "done", "now() - interval '1 hour'");
    let before = system(&app).await;
    let depth: Vec<_> = before["queue"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| json!([one["kind"], one["state"], one["jobs"]]))
        .collect();
    assert_eq!(
        json!(depth),
        json!([["roll_up", "failed", 1], ["roll_up", "queued", 1]])
    );
    assert_eq!(before["failed"][0]["id"], json!(failed));
    assert_eq!(before["failed"][0].get("company_id"), None);
    assert!(!before.to_string().contains("secret"), "{before}");
    let scheduled = |kind: &str| {
        let all = before["schedule"].as_array().unwrap();
        all.iter().find(|one| one["kind"] == kind).unwrap().clone()
    };
    assert_eq!(scheduled("overview")["is_late"], json!(false));
    assert!(scheduled("overview")["last_done_at"].is_string());
    assert_eq!(scheduled("partitions")["is_late"], json!(true));
    assert_eq!(scheduled("partitions").get("last_done_at"), None);

    let retry = |id: Uuid| format!("/api/owner/system/jobs/{id}/retry");
    let (status, retried) = owner.post(&retry(failed), json!({})).await;
    let expected = json!({ "id": failed, "kind": "roll_up" });
    assert_eq!((status, retried), (200, expected));
    let row = &rows(
        &mut app.copy.admin(),
        &format!("SELECT state, attempts, finished_at FROM platform.jobs WHERE id = '{failed}'"),
    )[0];
    assert_eq!(
        row,
        &json!({ "state": "queued", "attempts": 0, "finished_at": null })
    );
    let audit = rows(
        &mut app.copy.admin(),
        "SELECT action, detail ->> 'kind' AS kind FROM platform.audit_entries WHERE action = 'job.retried'",
    );
    assert_eq!(
        audit,
        [json!({ "action": "job.retried", "kind": "roll_up" })]
    );
    for (id, status, code) in [
        (failed, 409, "job_not_failed"),
        (queued, 409, "job_not_failed"),
        (Uuid::now_v7(), 404, "not_found"),
    ] {
        let (got, problem) = owner.post(&retry(id), json!({})).await;
        assert_eq!((got, &problem["code"]), (status, &json!(code)));
    }
    // Where a newer one waits for the same, the old one has nothing to do.
    let old = job(&app, "roll_up", "failed", "now()");
    execute(
        &mut app.copy.admin(),
        &format!("UPDATE platform.jobs SET dedupe_key = '{queued}' WHERE id = '{old}'"),
    );
    let (status, problem) = owner.post(&retry(old), json!({})).await;
    assert_eq!((status, &problem["code"]), (409, &json!("jobs_dedupe")));
}

/// A regular job may miss one time: it is late a minute after the second one.
#[actix_web::test]
async fn a_regular_job_is_late_when_it_missed_two_times_and_a_minute() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let late = async |kind: &str| {
        let system = system(&app).await;
        let all = system["schedule"].as_array().unwrap();
        let found = all.iter().find(|one| one["kind"] == kind).unwrap();
        found["is_late"].as_bool().unwrap()
    };
    for (kind, every) in [
        ("overview", 60),
        ("system_status", 300),
        ("partitions", 86_400),
    ] {
        let patience = every * 2 + 60;
        for (ago, is_late) in [(patience - 10, false), (patience + 2, true)] {
            execute(&mut app.copy.admin(), "DELETE FROM platform.jobs");
            job(&app, kind, "done", &format!("now() - interval '{ago} s'"));
            // What waits or failed is not done, and what was done before is no newer.
            job(&app, kind, "failed", "now()");
            job(&app, kind, "queued", "NULL");
            job(&app, kind, "done", "now() - interval '9 days'");
            assert_eq!(late(kind).await, is_late, "{kind} {ago} s ago");
        }
    }
}

#[actix_web::test]
async fn sizes_months_versions_and_findings_are_published_and_name_nobody() {
    let app = App::configured(|config| config.job_workers = 0).await;
    assert_eq!(system(&app).await.get("status"), None);
    let acme = app.company("Acme").await;
    for (number, version) in ["0.3.1", "0.3.1", "0.2.0", "Ada's laptop"]
        .iter()
        .enumerate()
    {
        let person = app.employee(&acme, &format!("Ada{number}")).await;
        app.agent(&acme, &person).await;
        let version = version.replace('\'', "''");
        execute(
            &mut app.copy.admin(),
            &format!(
                "UPDATE tenant.devices SET agent_version = '{version}' WHERE user_id = '{}'",
                person.user
            ),
        );
    }
    publish(&app);
    let status = system(&app).await["status"].clone();
    assert_eq!(
        status["agents"],
        json!([{ "version": "0.3.1", "devices": 2 }, { "version": "0.2.0", "devices": 1 },
            { "version": "other", "devices": 1 }])
    );
    assert!(!status.to_string().contains("Ada"), "{status}");
    assert!(status["database_bytes"].as_i64().unwrap() > 1_000_000);
    assert_eq!(status["findings"], json!([]));
    let partitions = status["partitions"].as_array().unwrap();
    let tables: Vec<_> = partitions.iter().map(|one| one["table"].clone()).collect();
    assert_eq!(
        json!(tables),
        json!(["activity_log", "application_usage", "website_usage"])
    );
    let month = chrono::Utc::now().format("%Y_%m").to_string();
    for one in partitions {
        assert_eq!(one["has_stray_rows"], json!(false));
        let (first, last) = (one["first_month"].as_str(), one["last_month"].as_str());
        assert!(first < Some(&month) && last > Some(&month), "{one}");
    }
    // A row that no month holds, and a grant that nobody meant.
    execute(
        &mut app.copy.admin(),
        "INSERT INTO tenant.activity_log (company_id, user_id, started_at, id, session_id, keystrokes, mouse_events, active_seconds, \
         idle_seconds) SELECT company_id, user_id, '2040-01-01', gen_random_uuid(), gen_random_uuid(), 0, 0, 0, 0 FROM tenant.devices LIMIT 1",
    );
    execute(
        &mut app.copy.admin(),
        "GRANT SELECT ON tenant.tasks TO tracker_platform",
    );
    publish(&app);
    let status = system(&app).await["status"].clone();
    assert_eq!(status["partitions"][0]["has_stray_rows"], json!(true));
    assert_eq!(status["partitions"][1]["has_stray_rows"], json!(false));
    assert!(
        status["findings"].to_string().contains("tenant.tasks"),
        "{status}"
    );
}
