//! Pictures are read through the server, by whom they show and the company's admins.

use chrono::Utc;
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use crate::app::App;
use crate::feed::{Feed, execute};

#[actix_web::test]
async fn a_picture_is_a_picture_and_nothing_else_to_a_browser() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let picture = Feed::new(&app, acme.id, ada.user, "2026-11-18T08:00:00Z")
        .screenshot("2026-11-18T08:00:00Z", 5);
    app.state
        .objects
        .put(&picture.object_key, b"large".to_vec())
        .await
        .unwrap();
    app.state
        .objects
        .put(&picture.thumbnail_key, b"small".to_vec())
        .await
        .unwrap();
    for (size, bytes) in [("image", "large"), ("thumbnail", "small")] {
        let path = format!("/api/screenshots/{}/{size}", picture.id);
        let answer = ada.request(Method::GET, &path).send().await.unwrap();
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(answer.status(), 200);
        assert_eq!(header("content-type"), "image/webp");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("cache-control"), "private, no-store");
        assert!(header("content-security-policy").contains("sandbox"));
        assert_eq!(answer.text().await.unwrap(), bytes);
    }
}

#[actix_web::test]
async fn a_picture_is_seen_by_its_person_and_admins_whose_look_is_noted() {
    let app = App::spawn().await;
    let (acme, bolt) = (app.company("Acme").await, app.company("Bolt").await);
    let (ada, bob) = (
        app.employee(&acme, "Ada").await,
        app.employee(&acme, "Bob").await,
    );
    // Berlin's 19th has begun.
    let picture = Feed::new(&app, acme.id, ada.user, "2026-11-18T08:00:00Z")
        .screenshot("2026-11-18T23:30:00Z", 5);
    app.state
        .objects
        .put(&picture.object_key, b"large".to_vec())
        .await
        .unwrap();
    app.state
        .objects
        .put(&picture.thumbnail_key, b"small".to_vec())
        .await
        .unwrap();
    let path = |size: &str| format!("/api/screenshots/{}/{size}", picture.id);
    for size in ["image", "thumbnail"] {
        let unknown = format!("/api/screenshots/{}/{size}", Uuid::now_v7());
        for stranger in [&bob, &bolt.admin] {
            let (status, mut problem) = stranger.get(&path(size)).await;
            let (_, expected) = stranger.get(&unknown).await;
            problem["request_id"] = expected["request_id"].clone();
            assert_eq!((status, problem), (404, expected));
        }
        assert_eq!(ada.get(&path(size)).await.0, 200);
        assert_eq!(acme.owner.get(&path(size)).await.0, 403);
    }
    assert_eq!(acme.admin.get(&path("thumbnail")).await.0, 200);
    assert_eq!(
        ada.get("/api/me/access-entries").await.1["items"],
        json!([])
    );
    assert_eq!(acme.admin.get(&path("image")).await.0, 200);
    let (_, entries) = ada.get("/api/me/access-entries").await;
    let entry = &entries["items"][0];
    assert_eq!(
        (&entry["kind"], &entry["day"], &entry["viewer_name"]),
        (
            &json!("screenshot"),
            &json!("2026-11-19"),
            &json!("Ada Admin")
        )
    );
}

#[actix_web::test]
async fn what_is_not_ready_or_lost_is_not_there() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let picture = Feed::new(&app, acme.id, ada.user, "2026-11-18T08:00:00Z")
        .screenshot(&Utc::now().to_rfc3339(), 5);
    let path = format!("/api/screenshots/{}/image", picture.id);
    assert_eq!(
        ada.get(&path).await.0,
        404,
        "the row is there, the object is lost"
    );
    app.state
        .objects
        .put(&picture.object_key, b"large".to_vec())
        .await
        .unwrap();
    assert_eq!(ada.get(&path).await.0, 200);
    for state in ["pending", "deleted"] {
        execute(
            &mut app.copy.admin(),
            &format!("UPDATE tenant.screenshots SET state = '{state}'"),
        );
        assert_eq!(ada.get(&path).await.0, 404, "{state}");
    }
    assert_eq!(ada.get("/api/screenshots/nonsense/image").await.0, 404);
}
