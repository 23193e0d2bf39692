//! What an operator's Prometheus reads: counted rightly, on a listener of its own, and about nobody.

use std::collections::BTreeMap;

use serde_json::json;
use uuid::Uuid;

use crate::app::App;
use crate::feed::execute;

async fn with_metrics() -> App {
    App::configured(|config| {
        config.metrics_listen = Some(([127, 0, 0, 1], 0).into());
        config.job_workers = 0;
    })
    .await
}

/// Each line's name and labels, and its value.
async fn read(app: &App) -> (String, BTreeMap<String, f64>) {
    let url = format!("http://{}/metrics", app.metrics.unwrap());
    let answer = reqwest::get(url).await.unwrap();
    assert_eq!(answer.status(), 200);
    let media = answer.headers()["content-type"].to_str().unwrap();
    assert!(media.starts_with("application/openmetrics-text"), "{media}");
    let text = answer.text().await.unwrap();
    assert!(text.ends_with("# EOF\n"), "{text}");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let figures = lines.map(|line| {
        let (name, value) = line.rsplit_once(' ').unwrap();
        (name.to_owned(), value.parse().unwrap())
    });
    let figures = figures.collect();
    (text, figures)
}

#[actix_web::test]
async fn requests_uploads_jobs_pools_and_companies_are_counted() {
    let app = with_metrics().await;
    let acme = app.company("Acme").await;
    let erin = app.employee(&acme, "Erin").await;
    let agent = app.agent(&acme, &erin).await;
    let before = read(&app).await.1;
    let requests = |figures: &BTreeMap<String, f64>, route: &str, status: u16| {
        let name = format!(
            "tracker_requests_total{{method=\"GET\",route=\"{route}\",status=\"{status}\"}}"
        );
        figures.get(&name).copied().unwrap_or(0.0)
    };
    let route = "/api/owner/companies/{company_id}";
    for id in [acme.id, acme.id, Uuid::now_v7()] {
        acme.owner.get(&format!("/api/owner/companies/{id}")).await;
    }
    let item = |id: Uuid, app: &str| {
        json!({ "id": id, "session_id": Uuid::now_v7(), "app": app,
        "started_at": chrono::Utc::now() - chrono::Duration::minutes(5), "seconds": 5 })
    };
    let twice = item(Uuid::now_v7(), "xterm");
    let items = json!({ "items": [twice, { "nonsense": true }] });
    assert_eq!(agent.post("/api/upload/applications", items).await.0, 200);
    let again = json!({ "items": [twice] });
    assert_eq!(agent.post("/api/upload/applications", again).await.0, 200);
    execute(
        &mut app.copy.admin(),
        "UPDATE platform.jobs SET run_at = now() - interval '90 seconds' WHERE state = 'queued'",
    );

    let (_, after) = read(&app).await;
    assert_eq!(
        requests(&after, route, 200) - requests(&before, route, 200),
        2.0
    );
    assert_eq!(requests(&after, route, 404), 1.0);
    let took = format!("tracker_request_duration_seconds_count{{route=\"{route}\"}}");
    assert_eq!(after[&took], 3.0);
    for (result, count) in [("stored", 1.0), ("duplicate", 1.0), ("rejected", 1.0)] {
        let name = format!("tracker_uploaded_items_total{{result=\"{result}\"}}");
        assert_eq!(after[&name], count, "{result}");
    }
    assert_eq!(after["tracker_companies{state=\"trial\"}"], 1.0);
    assert!(after["tracker_jobs{state=\"queued\"}"] >= 1.0);
    assert!(after["tracker_jobs_oldest_due_seconds"] >= 90.0);
    assert_eq!(after["tracker_database_up"], 1.0);
    assert_eq!(after["tracker_pool_connections{pool=\"web\"}"], 4.0);
    assert!(after["tracker_pool_connections_busy{pool=\"web\"}"] <= 4.0);
}

#[actix_web::test]
async fn nothing_of_a_company_or_a_person_is_told_and_nothing_else_is_served() {
    let app = with_metrics().await;
    let acme = app.company("Acme").await;
    let erin = app.employee(&acme, "Erin").await;
    let (_, me) = erin.get("/api/me").await;
    let path = format!("/api/employees/{}", erin.user);
    assert_eq!(acme.admin.get(&path).await.0, 200);
    app.anonymous().get("/api/reset/a-secret-token").await;
    app.anonymous().get("/not/a/route/of-ours").await;
    let (text, _) = read(&app).await;
    for said in ["Acme", "acme", "Erin", "a-secret-token", "of-ours"] {
        assert!(!text.contains(said), "{said} in {text}");
    }
    for id in [acme.id, erin.user] {
        assert!(!text.contains(&id.to_string()), "{text}");
    }
    assert!(!text.contains(me["email"].as_str().unwrap()));
    let url = format!("http://{}/api/me", app.metrics.unwrap());
    assert_eq!(reqwest::get(url).await.unwrap().status(), 404);
    assert_eq!(
        app.anonymous().get("/metrics").await.0,
        404,
        "not where everybody is"
    );
}

#[actix_web::test]
async fn nobody_listens_where_nothing_was_configured() {
    assert_eq!(App::spawn().await.metrics, None);
}
