//! Screenshots: what is taken, what is refused, and that no copy is ever counted twice.

use std::io::Cursor;

use diesel::connection::SimpleConnection;
use image::{ImageFormat, Rgb, RgbImage};
use reqwest::Method;
use reqwest::RequestBuilder;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ago, count, wire};
use crate::app::{App, Client, read};
use crate::plans;

fn picture(format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    let paint = |x: u32, y: u32| Rgb([x.to_le_bytes()[0], y.to_le_bytes()[0], 90]);
    RgbImage::from_fn(640, 360, paint)
        .write_to(&mut out, format)
        .unwrap();
    out.into_inner()
}

fn meta(session: Uuid) -> Value {
    json!({ "id": Uuid::now_v7(), "session_id": session, "taken_at": wire(ago(60)), "display": 0, "blurred": false })
}

fn form(agent: &Client, meta: &Value, image: Vec<u8>, kind: &str) -> RequestBuilder {
    let form = Form::new()
        .part(
            "meta",
            Part::text(meta.to_string())
                .mime_str("application/json")
                .unwrap(),
        )
        .part(
            "image",
            Part::bytes(image)
                .file_name("screenshot")
                .mime_str(kind)
                .unwrap(),
        );
    let request = agent.request(Method::POST, "/api/screenshot/upload");
    request.multipart(form)
}

async fn send(agent: &Client, meta: &Value, image: Vec<u8>, kind: &str) -> (u16, Value) {
    let request = form(agent, meta, image, kind);
    read(request.send().await.unwrap()).await
}

/// A picture of the agent's desk, not sent yet.
pub fn request(agent: &Client) -> RequestBuilder {
    let png = picture(ImageFormat::Png);
    form(agent, &meta(Uuid::now_v7()), png, "image/png")
}

/// A picture of the agent's desk, as it is answered.
pub async fn try_upload(agent: &Client) -> (u16, Value) {
    let png = picture(ImageFormat::Png);
    send(agent, &meta(Uuid::now_v7()), png, "image/png").await
}

/// A picture of the agent's desk, taken in.
pub async fn upload(agent: &Client) {
    let png = picture(ImageFormat::Png);
    let (status, answer) = send(agent, &meta(Uuid::now_v7()), png, "image/png").await;
    assert_eq!(status, 201, "{answer}");
}

async fn desk() -> (App, Client) {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let agent = app.agent(&acme, &acme.admin).await;
    (app, agent)
}

#[actix_web::test]
async fn each_kind_of_picture_is_kept_as_webp_with_a_thumbnail() {
    let (app, agent) = desk().await;
    for (format, kind) in [
        (ImageFormat::Png, "image/png"),
        (ImageFormat::Jpeg, "image/jpeg"),
        (ImageFormat::WebP, "image/webp"),
    ] {
        let meta = meta(Uuid::now_v7());
        let (status, answer) = send(&agent, &meta, picture(format), kind).await;
        assert_eq!(
            (status, &answer),
            (201, &json!({ "id": meta["id"], "result": "stored" }))
        );
    }
    assert_eq!(
        count(
            &app,
            "tenant.screenshots WHERE state = 'ready' AND width = 640 AND height = 360"
        ),
        3
    );
    assert_eq!(
        count(
            &app,
            "tenant.company_usage u WHERE storage_bytes = (SELECT sum(bytes) FROM tenant.screenshots)"
        ),
        1
    );
    assert_eq!(
        count(&app, "tenant.ingest_batches"),
        3,
        "their day is entered for summing"
    );
    assert_eq!(
        count(
            &app,
            "tenant.screenshots WHERE object_key LIKE 'c/' || company_id || '/%'"
        ),
        3
    );
    let mut files = Vec::new();
    files_below(&app.state.config.data_dir.join("objects"), &mut files);
    assert_eq!(files.len(), 6);
    let kinds = files
        .iter()
        .map(|file| image::guess_format(&std::fs::read(file).unwrap()).unwrap());
    assert!(kinds.into_iter().all(|kind| kind == ImageFormat::WebP));
}

fn files_below(folder: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files_below(&path, found)
        } else {
            found.push(path)
        }
    }
}

#[actix_web::test]
async fn a_repeat_is_a_duplicate_and_counts_nothing_twice() {
    let (app, agent) = desk().await;
    let meta = meta(Uuid::now_v7());
    assert_eq!(
        send(&agent, &meta, picture(ImageFormat::Png), "image/png")
            .await
            .0,
        201
    );
    let (status, answer) = send(&agent, &meta, picture(ImageFormat::Png), "image/png").await;
    assert_eq!((status, &answer["result"]), (200, &json!("duplicate")));
    assert_eq!(count(&app, "tenant.screenshots"), 1);
    assert_eq!(
        count(
            &app,
            "tenant.company_usage u WHERE storage_bytes = (SELECT sum(bytes) FROM tenant.screenshots)"
        ),
        1
    );
}

#[actix_web::test]
async fn an_upload_that_broke_off_is_completed_by_its_repeat() {
    let (app, agent) = desk().await;
    let meta = meta(Uuid::now_v7());
    send(&agent, &meta, picture(ImageFormat::Png), "image/png").await;
    let objects = app.state.config.data_dir.join("objects");
    std::fs::remove_dir_all(objects.join("c")).unwrap();
    let back = "UPDATE tenant.screenshots SET state = 'pending'; DELETE FROM tenant.ingest_batches";
    app.copy.admin().batch_execute(back).unwrap();
    let (status, answer) = send(&agent, &meta, picture(ImageFormat::Jpeg), "image/jpeg").await;
    assert_eq!((status, &answer["result"]), (201, &json!("stored")));
    assert_eq!(count(&app, "tenant.screenshots WHERE state = 'ready'"), 1);
    assert_eq!(
        count(
            &app,
            "tenant.company_usage u WHERE storage_bytes = (SELECT sum(bytes) FROM tenant.screenshots)"
        ),
        1
    );
    let mut files = Vec::new();
    files_below(&objects, &mut files);
    assert_eq!(files.len(), 2);
}

#[actix_web::test]
async fn full_storage_refuses_pictures_and_nothing_else() {
    let (app, agent) = desk().await;
    app.copy
        .admin()
        .batch_execute("UPDATE tenant.company_usage SET storage_bytes = 100000000000 - 10")
        .unwrap();
    let session = Uuid::now_v7();
    let (status, problem) = send(
        &agent,
        &meta(session),
        picture(ImageFormat::Png),
        "image/png",
    )
    .await;
    assert_eq!(
        (status, &problem["code"]),
        (403, &json!("storage_limit_reached"))
    );
    assert_eq!(count(&app, "tenant.screenshots"), 0);
    assert_eq!(
        count(
            &app,
            "tenant.company_usage WHERE storage_bytes = 100000000000 - 10"
        ),
        1
    );
    let batch = json!({ "batch_id": Uuid::now_v7(), "applications": [super::application(session, ago(60))] });
    assert_eq!(agent.post("/api/upload/batch", batch).await.0, 200);
}

#[actix_web::test]
async fn without_screenshots_in_the_plan_agents_take_none_and_lose_none() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let agent = app.agent(&acme, &ada).await;
    let pro = plans::id(&acme.owner, "PRO").await;
    let include = async |yes: bool| {
        let body = json!({ "features": { "screenshots": yes } });
        assert_eq!(
            plans::change(&acme.owner, &pro, Some("*"), body).await.0,
            200
        );
    };
    let session = Uuid::now_v7();
    let version = async || -> i64 {
        let batch = json!({ "batch_id": Uuid::now_v7() });
        let (status, answer) = agent.post("/api/upload/batch", batch).await;
        assert_eq!(status, 200, "{answer}");
        answer["settings_version"].as_i64().unwrap()
    };
    let shown = async || agent.get("/api/agent/settings").await.1;
    let before = shown().await;
    assert_eq!(
        (&before["screenshots_enabled"], &before["version"]),
        (&json!(true), &json!(version().await))
    );
    include(false).await;
    assert_ne!(
        json!(version().await),
        before["version"],
        "agents hear of it by the version"
    );
    let without = shown().await;
    assert_eq!(
        (&without["screenshots_enabled"], &without["version"]),
        (&json!(false), &json!(version().await)),
        "and ask no more than once"
    );
    let waiting = meta(session);
    let upload = || send(&agent, &waiting, picture(ImageFormat::Png), "image/png");
    let (status, problem) = upload().await;
    assert_eq!(
        (status, &problem["code"]),
        (403, &json!("feature_not_in_plan"))
    );
    let start = json!({ "id": session, "started_at": wire(ago(120)) });
    let (status, started) = agent.post("/api/work-session/start", start).await;
    assert_eq!(status, 200, "all else goes on: {started}");
    assert_eq!(started["settings_version"], without["version"]);
    include(true).await;
    assert_eq!(shown().await, before);
    let (status, stored) = upload().await;
    assert_eq!(status, 201, "what waited is taken in: {stored}");
    include(false).await;
    let (status, again) = upload().await;
    assert_eq!(
        (status, &again["result"]),
        (200, &json!("duplicate")),
        "a repeat is told so, whatever the plan"
    );
}

#[actix_web::test]
async fn what_is_no_picture_or_too_large_is_refused() {
    let (app, agent) = desk().await;
    let png = picture(ImageFormat::Png);
    let mut bomb = png.clone();
    bomb[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
    for (image, kind, status, code) in [
        (
            b"<svg onload=alert(1)>".to_vec(),
            "image/png",
            415,
            "unsupported_media_type",
        ),
        (
            b"GIF89a....".to_vec(),
            "image/gif",
            415,
            "unsupported_media_type",
        ),
        (png.clone(), "image/jpeg", 415, "unsupported_media_type"),
        (png[..200].to_vec(), "image/png", 422, "image_invalid"),
        (bomb, "image/png", 422, "image_invalid"),
        (
            [png.clone(), vec![0; 9 << 20]].concat(),
            "image/png",
            413,
            "too_large",
        ),
    ] {
        let (got, problem) = send(&agent, &meta(Uuid::now_v7()), image, kind).await;
        assert_eq!((got, &problem["code"]), (status, &json!(code)), "{kind}");
    }
    assert_eq!(count(&app, "tenant.screenshots"), 0);
    assert_eq!(
        count(&app, "tenant.company_usage WHERE storage_bytes = 0"),
        1
    );
}

#[actix_web::test]
async fn what_is_said_of_a_picture_is_checked() {
    let (_app, agent) = desk().await;
    let png = picture(ImageFormat::Png);
    let with = |field: &str, value: Value| {
        let mut meta = meta(Uuid::now_v7());
        meta[field] = value;
        meta
    };
    for (meta, pointer) in [
        (with("display", json!(64)), "/meta/display"),
        (with("taken_at", json!(wire(ago(-3600)))), "/meta/taken_at"),
        (with("blurred", json!("no")), "/blurred"),
    ] {
        let (status, problem) = send(&agent, &meta, png.clone(), "image/png").await;
        assert_eq!(
            (status, &problem["errors"][0]["pointer"]),
            (422, &json!(pointer))
        );
    }
    let request = agent.request(Method::POST, "/api/screenshot/upload");
    let form = Form::new().part("meta", Part::text(meta(Uuid::now_v7()).to_string()));
    assert_eq!(
        read(request.multipart(form).send().await.unwrap()).await.1["errors"][0]["pointer"],
        json!("/image")
    );
    assert_eq!(agent.post("/api/screenshot/upload", json!({})).await.0, 415);
}

#[actix_web::test]
async fn a_picture_of_a_colleagues_session_is_refused() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let (ada, ben) = (
        app.employee(&acme, "Ada").await,
        app.employee(&acme, "Ben").await,
    );
    let (ada, ben) = (app.agent(&acme, &ada).await, app.agent(&acme, &ben).await);
    let session = Uuid::now_v7();
    let hers = meta(session);
    assert_eq!(
        send(&ada, &hers, picture(ImageFormat::Png), "image/png")
            .await
            .0,
        201
    );
    let (status, problem) =
        send(&ben, &meta(session), picture(ImageFormat::Png), "image/png").await;
    assert_eq!(
        (status, &problem["errors"][0]["code"]),
        (422, &json!("unknown_session"))
    );
    let mut taken = meta(Uuid::now_v7());
    taken["id"] = hers["id"].clone();
    assert_eq!(
        send(&ben, &taken, picture(ImageFormat::Png), "image/png")
            .await
            .0,
        404
    );
    assert_eq!(count(&app, "tenant.screenshots"), 1);
    assert_eq!(
        count(&app, "tenant.work_sessions"),
        1,
        "nothing of a refused upload stays"
    );
}
