//! How a company shows itself: who says it, who sees it, which pictures are taken, and where a name of an admin's choice
//! is not used.

use std::io::{Cursor, Read};

use diesel::{RunQueryDsl, sql_query};
use image::{ImageFormat, Rgba, RgbaImage};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::app::{App, Client, Company, PASSWORD, read};
use crate::feed::{rows, settle};
use crate::paper::Paper;

fn drawing(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    let drawn = RgbaImage::from_fn(width, height, |x, _| match x % 40 < 30 {
        true => Rgba([11, 114, 133, 255]),
        false => Rgba([0, 0, 0, 0]),
    });
    let image = image::DynamicImage::from(drawn);
    match format {
        ImageFormat::Jpeg => image.into_rgb8().write_to(&mut out, format),
        _ => image.write_to(&mut out, format),
    }
    .unwrap();
    out.into_inner()
}

fn png() -> Vec<u8> {
    drawing(600, 100, ImageFormat::Png)
}

async fn change(who: &Client, tag: &str, body: Value) -> (u16, Value) {
    let request = who.request(Method::PATCH, "/api/branding");
    let request = request.header("If-Match", format!("\"{tag}\""));
    read(request.json(&body).send().await.unwrap()).await
}

async fn put(who: &Client, tag: &str, image: Vec<u8>, kind: &str) -> (u16, Value) {
    let part = Part::bytes(image).file_name("logo").mime_str(kind).unwrap();
    let request = who.request(Method::PUT, "/api/branding/logo");
    let request = request.header("If-Match", format!("\"{tag}\""));
    let request = request.multipart(Form::new().part("image", part));
    read(request.send().await.unwrap()).await
}

async fn remove(who: &Client, tag: &str) -> (u16, Value) {
    let request = who.request(Method::DELETE, "/api/branding/logo");
    let request = request.header("If-Match", format!("\"{tag}\""));
    read(request.send().await.unwrap()).await
}

async fn branded(app: &App) -> Company {
    let acme = app.company("Acme").await;
    let body = json!({ "name": "Acme Studio", "accent": "#FFFF00" });
    assert_eq!(change(&acme.admin, "0", body).await.0, 200);
    let (status, after) = put(&acme.admin, "1", png(), "image/png").await;
    assert_eq!(status, 200, "{after}");
    acme
}

#[actix_web::test]
async fn admins_say_it_and_everybody_of_the_company_sees_it() {
    let app = App::spawn().await;
    let (acme, bolt) = (app.company("Acme").await, app.company("Bolt").await);
    let ada = app.employee(&acme, "Ada").await;
    let nothing = json!({ "company_name": "Acme", "updated_at": null, "version": 0 });
    assert_eq!(ada.get("/api/branding").await, (200, nothing.clone()));
    assert_eq!(ada.get("/api/me").await.1["company"]["branding"], json!({}));
    assert_eq!(ada.get("/api/branding/logo").await.0, 404);

    let body = json!({ "name": " Acme Studio ", "accent": "#FFaa00" });
    let (status, after) = change(&acme.admin, "0", body).await;
    assert_eq!(status, 200, "{after}");
    assert_eq!(
        (&after["name"], &after["accent"], &after["version"]),
        (&json!("Acme Studio"), &json!("#ffaa00"), &json!(1))
    );
    let (status, after) = put(&acme.admin, "1", png(), "image/png").await;
    let logo = json!({ "version": 2, "width": 480, "height": 80, "on_dark": false });
    assert_eq!((status, &after["logo"]), (200, &logo), "{after}");

    let look = json!({ "name": "Acme Studio", "accent": "#ffaa00", "logo": logo });
    for who in [&ada, &acme.admin] {
        let (_, me) = who.get("/api/me").await;
        assert_eq!(me["company"]["branding"], look);
        assert_eq!(me["company"]["name"], "Acme", "what confirmations ask for");
        assert_eq!(who.get("/api/branding").await.1["accent"], "#ffaa00");
        let answer = who.request(Method::GET, "/api/branding/logo");
        let answer = answer.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        for (name, value) in [
            ("content-type", "image/webp"),
            ("cache-control", "private, no-store"),
            ("x-content-type-options", "nosniff"),
            (
                "content-security-policy",
                "default-src 'none'; frame-ancestors 'none'; sandbox",
            ),
        ] {
            assert_eq!(answer.headers()[name], value, "{name}");
        }
        let bytes = answer.bytes().await.unwrap();
        let decoded = image::load_from_memory_with_format(&bytes, ImageFormat::WebP).unwrap();
        assert_eq!((decoded.width(), decoded.height()), (480, 80));
    }
    // Nobody else: neither another company, nor the owner, nor who has not signed in.
    let bolt_nothing = json!({ "company_name": "Bolt", "updated_at": null, "version": 0 });
    assert_eq!(bolt.admin.get("/api/branding").await, (200, bolt_nothing));
    assert_eq!(bolt.admin.get("/api/branding/logo").await.0, 404);
    let owner = app.owner().await;
    for path in ["/api/branding", "/api/branding/logo"] {
        assert_eq!(owner.get(path).await.0, 403, "{path}");
        assert_eq!(app.anonymous().get(path).await.0, 401, "{path}");
    }
    let (_, shown) = owner
        .get(&format!("/api/owner/companies/{}", acme.id))
        .await;
    assert!(!shown.to_string().contains("Studio"), "{shown}");
    // Employees and strangers change nothing.
    for (who, status) in [(&ada, 403), (&owner, 403), (&app.anonymous(), 401)] {
        assert_eq!(change(who, "2", json!({ "name": "Mine" })).await.0, status);
        assert_eq!(put(who, "2", png(), "image/png").await.0, status);
        assert_eq!(remove(who, "2").await.0, status);
    }
    assert_eq!(acme.admin.get("/api/branding").await.1["version"], 2);

    let (status, after) = remove(&acme.admin, "2").await;
    assert_eq!((status, after.get("logo")), (200, None));
    let back = json!({ "name": null, "accent": null });
    let (status, after) = change(&acme.admin, "3", back).await;
    assert_eq!(
        (status, after.get("name"), after.get("accent")),
        (200, None, None)
    );
    let audit = rows(
        &mut app.copy.admin(),
        "SELECT action, detail FROM tenant.audit_entries WHERE action LIKE 'branding.%' ORDER BY id",
    );
    let actions: Vec<_> = audit
        .iter()
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        actions,
        [
            "branding.changed",
            "branding.logo_changed",
            "branding.logo_removed",
            "branding.changed"
        ]
    );
    assert_eq!(
        audit[0]["detail"],
        json!({ "before": { "name": null, "accent": null }, "after": { "name": "Acme Studio", "accent": "#ffaa00" } })
    );
    assert_eq!(
        (&audit[1]["detail"]["width"], &audit[1]["detail"]["height"]),
        (&json!(480), &json!(80))
    );
}

#[actix_web::test]
async fn a_change_says_what_it_saw_and_one_of_nothing_is_none() {
    let app = App::spawn().await;
    let acme = branded(&app).await;
    let admin = &acme.admin;
    let body = json!({ "name": "Acme Studio", "accent": "#ffff00" });
    let (status, same) = change(admin, "2", body).await;
    assert_eq!((status, &same["version"]), (200, &json!(2)));
    assert_eq!(change(admin, "2", json!({})).await.1["version"], 2);
    assert_eq!(put(admin, "2", png(), "image/png").await.1["version"], 2);
    assert_eq!(change(admin, "1", json!({ "name": "Other" })).await.0, 412);
    assert_eq!(put(admin, "1", png(), "image/png").await.0, 412);
    assert_eq!(remove(admin, "1").await.0, 412);
    let unseen = admin.request(Method::PATCH, "/api/branding");
    let unseen = unseen
        .json(&json!({ "name": "Other" }))
        .send()
        .await
        .unwrap();
    assert_eq!(unseen.status(), 428);
    assert_eq!(remove(admin, "2").await.1["version"], 3);
    assert_eq!(remove(admin, "3").await.1["version"], 3);
    let entries = rows(
        &mut app.copy.admin(),
        "SELECT 1 FROM tenant.audit_entries WHERE action LIKE 'branding.%'",
    );
    assert_eq!(entries.len(), 3);
}

#[actix_web::test]
async fn what_is_no_name_or_colour_is_refused_at_its_field() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    for (body, pointer, code) in [
        (json!({ "name": "" }), "/name", "text_length"),
        (json!({ "name": "x".repeat(61) }), "/name", "text_length"),
        (json!({ "name": "two\nlines" }), "/name", "text_length"),
        (json!({ "accent": "red" }), "/accent", "accent_invalid"),
        (json!({ "accent": "#fff" }), "/accent", "accent_invalid"),
        (json!({ "accent": "#12345g" }), "/accent", "accent_invalid"),
        (json!({ "accent": "url(x)" }), "/accent", "accent_invalid"),
        (json!({ "logo": "x" }), "/logo", "unknown_field"),
    ] {
        let (status, problem) = change(&acme.admin, "0", body.clone()).await;
        assert_eq!(
            (
                status,
                &problem["errors"][0]["pointer"],
                &problem["errors"][0]["code"]
            ),
            (422, &json!(pointer), &json!(code)),
            "{body}: {problem}"
        );
    }
    assert_eq!(acme.admin.get("/api/branding").await.1["version"], 0);
}

#[actix_web::test]
async fn hostile_pictures_are_refused_and_leave_the_logo_as_it_was() {
    let app = App::spawn().await;
    let acme = branded(&app).await;
    let admin = &acme.admin;
    let good = png();
    let mut bomb = drawing(1, 1, ImageFormat::Png);
    bomb[16..20].copy_from_slice(&60_000u32.to_be_bytes());
    bomb[20..24].copy_from_slice(&60_000u32.to_be_bytes());
    let large = drawing(4000, 2001, ImageFormat::Png);
    assert!(large.len() < 1024 * 1024, "refused for its points alone");
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".to_vec();
    let gif = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;".to_vec();
    let padded = [good.clone(), vec![0; 1024 * 1024]].concat();
    for (file, kind, status, code) in [
        (bomb, "image/png", 422, "image_invalid"),
        (large, "image/png", 422, "image_invalid"),
        (
            good[..good.len() / 2].to_vec(),
            "image/png",
            422,
            "image_invalid",
        ),
        (good[..20].to_vec(), "image/png", 422, "image_invalid"),
        (good.clone(), "image/jpeg", 415, "unsupported_media_type"),
        (good.clone(), "image/svg+xml", 415, "unsupported_media_type"),
        (svg.clone(), "image/svg+xml", 415, "unsupported_media_type"),
        (svg, "image/png", 415, "unsupported_media_type"),
        (gif, "image/gif", 415, "unsupported_media_type"),
        (Vec::new(), "image/png", 415, "unsupported_media_type"),
        (padded, "image/png", 413, "too_large"),
    ] {
        let (bytes, refused) = (file.len(), put(admin, "2", file, kind).await);
        assert_eq!(
            (refused.0, &refused.1["code"]),
            (status, &json!(code)),
            "{bytes} bytes of {kind}: {}",
            refused.1
        );
    }
    let parts = [
        Form::new(),
        Form::new().text("image", "words"),
        Form::new().text("logo", "x"),
    ];
    for (form, status) in parts.into_iter().zip([400, 415, 422]) {
        let request = admin.request(Method::PUT, "/api/branding/logo");
        let request = request.header("If-Match", "\"2\"").multipart(form);
        assert_eq!(request.send().await.unwrap().status(), status);
    }
    assert_eq!(acme.admin.get("/api/branding").await.1["version"], 2);
    // What is behind a picture, or beside it, does not come out again.
    let mut carrier = drawing(60, 60, ImageFormat::Jpeg);
    carrier.extend(b"<script>alert(1)</script>");
    assert_eq!(put(admin, "2", carrier, "image/jpeg").await.0, 200);
    let logo = admin.request(Method::GET, "/api/branding/logo");
    let logo = logo.send().await.unwrap().bytes().await.unwrap();
    assert!(!logo.windows(8).any(|part| part == b"<script>"));
}

#[actix_web::test]
async fn papers_carry_the_look_and_strangers_are_told_the_companys_name() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = branded(&app).await;
    let path = "/api/reports/export?kind=hours&from=2026-01-01&to=2026-01-31&format=pdf";
    let direct = acme.admin.request(Method::GET, path).send().await.unwrap();
    let direct = direct.bytes().await.unwrap();
    let report = json!({ "kind": "hours", "from": "2026-01-01", "to": "2026-01-31" });
    let new = json!({ "name": "Hours", "report": report, "format": "pdf" });
    let (status, file) = acme.admin.post("/api/report-files", new).await;
    assert_eq!(status, 201, "{file}");
    // Whom a mail goes to before they belong to the company is told what its owner knows.
    let invitation = json!({ "email": "grace@acme.test", "role": "EMPLOYEE" });
    assert_eq!(acme.admin.post("/api/employees", invitation).await.0, 201);
    let made = json!({ "password": PASSWORD });
    let (status, export) = acme.admin.post("/api/exports", made).await;
    assert_eq!(status, 201, "{export}");
    settle(&app);
    let fetch = async |path: String| {
        let answer = acme.admin.request(Method::GET, &path).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.bytes().await.unwrap()
    };
    let path = format!("/api/report-files/{}/file", file["id"].as_str().unwrap());
    for paper in [direct, fetch(path).await] {
        assert!(String::from_utf8_lossy(&paper).contains("/SMask"));
        let paper = Paper::read(&paper);
        assert!(paper.begins("Acme Studio: 2026-01-01"), "{}", paper.text());
        for drawn in ["1 1 0 rg", "/L1 Do"] {
            assert!(paper.drawn[0].contains(drawn), "{drawn}");
        }
    }
    let mails = app.mails("grace@acme.test", "invited", 1).await;
    assert!(mails[0].contains("your account at Acme.") && !mails[0].contains("Studio"));
    let path = format!("/api/exports/{}/file", export["id"].as_str().unwrap());
    let mut zip = zip::ZipArchive::new(Cursor::new(fetch(path).await)).unwrap();
    let mut entry = |name: &str| {
        let mut bytes = Vec::new();
        zip.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    };
    let said: Value = serde_json::from_slice(&entry("company_branding.json")).unwrap();
    assert_eq!(
        (&said[0]["name"], said[0].get("logo")),
        (&json!("Acme Studio"), None)
    );
    let logo = entry("logo.webp");
    assert!(image::load_from_memory_with_format(&logo, ImageFormat::WebP).is_ok());
    let manifest: Value = serde_json::from_slice(&entry("manifest.json")).unwrap();
    assert_eq!(manifest["company"]["name"], "Acme");
}

#[actix_web::test]
async fn the_table_takes_nothing_that_the_server_would_not_write() {
    let app = App::spawn().await;
    branded(&app).await;
    for wrong in [
        "name = ''",
        "accent = '#FFFFFF'",
        "accent = 'red;}'",
        "logo = decode(repeat('00', 65537), 'hex')",
        "logo = NULL",
    ] {
        let change = format!("UPDATE tenant.company_branding SET {wrong}");
        let tried = sql_query(change).execute(&mut app.copy.admin());
        assert!(tried.is_err(), "{wrong}");
    }
}
