//! Pictures are read through the server: by whom they show as they are, by the company's admins blurred, and an original only
//! where the company shows them and with a reason that its person reads.

use std::io::Cursor;
use std::sync::LazyLock;

use chrono::Utc;
use diesel::connection::SimpleConnection;
use image::{ImageFormat, Rgb, RgbImage};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{App, Client, Company};
use crate::feed::{Feed, Picture, execute, rows};

/// Lines as fine as text on a screen of 800 by 600.
fn lines() -> Vec<u8> {
    static FILE: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let mut file = Cursor::new(Vec::new());
        RgbImage::from_fn(320, 240, |_, y| Rgb([if y % 2 == 0 { 0 } else { 255 }; 3]))
            .write_to(&mut file, ImageFormat::WebP)
            .unwrap();
        file.into_inner()
    });
    FILE.clone()
}

/// How far the darkest and the lightest point of a picture are apart.
fn contrast(file: &[u8]) -> u8 {
    let pixels = image::load_from_memory(file).unwrap().to_luma8();
    let values = || pixels.pixels().map(|pixel| pixel.0[0]);
    values().max().unwrap() - values().min().unwrap()
}

async fn store(app: &App, picture: &Picture) {
    let put = async |key: &str, bytes| app.state.objects.put(key, bytes).await.unwrap();
    put(&picture.object_key, b"the original".to_vec()).await;
    put(&picture.thumbnail_key, lines()).await;
}

async fn bytes(client: &Client, path: &str) -> (u16, Vec<u8>) {
    let answer = client.request(Method::GET, path).send().await.unwrap();
    (
        answer.status().as_u16(),
        answer.bytes().await.unwrap().to_vec(),
    )
}

/// Opens an original.
async fn open(client: &Client, picture: Uuid, body: Value) -> (u16, Value) {
    let path = format!("/api/screenshots/{picture}/original");
    let answer = client
        .request(Method::POST, &path)
        .json(&body)
        .send()
        .await
        .unwrap();
    let (status, bytes) = (answer.status().as_u16(), answer.bytes().await.unwrap());
    let read = serde_json::from_slice(&bytes);
    (
        status,
        read.unwrap_or_else(|_| json!(String::from_utf8_lossy(&bytes))),
    )
}

/// Who looked at the person's.
async fn looks(person: &Client) -> Vec<Value> {
    let (status, entries) = person.get("/api/me/access-entries").await;
    assert_eq!(status, 200, "{entries}");
    entries["items"].as_array().unwrap().clone()
}

struct Scene {
    app: App,
    acme: Company,
    ada: Client,
    /// Berlin's 19th has begun.
    sharp: Picture,
    blurred: Picture,
}

async fn scene() -> Scene {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let mut feed = Feed::new(&app, acme.id, ada.user, "2026-11-18T08:00:00Z");
    let sharp = feed.screenshot("2026-11-18T23:30:00Z", 5);
    let blurred = feed.screenshot("2026-11-18T23:40:00Z", 5);
    execute(
        &mut app.copy.admin(),
        &format!(
            "UPDATE tenant.screenshots SET blurred = true WHERE id = '{}'",
            blurred.id
        ),
    );
    for picture in [&sharp, &blurred] {
        store(&app, picture).await;
    }
    Scene {
        app,
        acme,
        ada,
        sharp,
        blurred,
    }
}

#[actix_web::test]
async fn a_picture_is_a_picture_and_nothing_else_to_a_browser() {
    let Scene {
        app: _app,
        acme,
        ada,
        sharp,
        ..
    } = scene().await;
    let path = |what: &str| format!("/api/screenshots/{}/{what}", sharp.id);
    let reason = json!({ "reason": "quality" });
    let answers = [
        ada.request(Method::GET, &path("image")),
        ada.request(Method::GET, &path("thumbnail")),
        acme.admin.request(Method::GET, &path("thumbnail")),
        acme.admin
            .request(Method::POST, &path("original"))
            .json(&reason),
    ];
    for request in answers {
        let answer = request.send().await.unwrap();
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(answer.status(), 200);
        assert_eq!(header("content-type"), "image/webp");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("cache-control"), "private, no-store");
        assert!(header("content-security-policy").contains("sandbox"));
    }
}

#[actix_web::test]
async fn others_are_sent_a_picture_blurred_and_nothing_sharper() {
    let Scene {
        app: _app,
        acme,
        ada,
        sharp,
        blurred,
        ..
    } = scene().await;
    let small = format!("/api/screenshots/{}/thumbnail", sharp.id);
    assert_eq!(
        bytes(&ada, &small).await,
        (200, lines()),
        "the own one as it is"
    );
    let (status, sent) = bytes(&acme.admin, &small).await;
    assert_eq!(status, 200);
    assert!(
        contrast(&lines()) > 200 && contrast(&sent) < 40,
        "{}",
        contrast(&sent)
    );
    let sides = image::load_from_memory(&sent).unwrap();
    assert_eq!(
        (sides.width(), sides.height()),
        (33, 24),
        "a point for 24 pixels of the screen"
    );
    let (status, problem) = acme
        .admin
        .get(&format!("/api/screenshots/{}/image", sharp.id))
        .await;
    assert_eq!((status, &problem["code"]), (403, &json!("reason_required")));
    assert_eq!(looks(&ada).await, Vec::<Value>::new());
    // What the device blurred is all there is of it.
    let small = format!("/api/screenshots/{}/thumbnail", blurred.id);
    assert_eq!(bytes(&acme.admin, &small).await, (200, lines()));
    let large = format!("/api/screenshots/{}/image", blurred.id);
    assert_eq!(bytes(&acme.admin, &large).await.1, b"the original");
    let (status, problem) = open(&acme.admin, blurred.id, json!({ "reason": "quality" })).await;
    assert_eq!((status, &problem["code"]), (409, &json!("no_original")));
    let looks = looks(&ada).await;
    assert_eq!((looks.len(), &looks[0]["kind"]), (1, &json!("gallery")));
}

#[actix_web::test]
async fn an_original_is_opened_with_a_reason_that_its_person_reads() {
    let Scene {
        app,
        acme,
        ada,
        sharp,
        ..
    } = scene().await;
    let (bob, bolt) = (app.employee(&acme, "Bob").await, app.company("Bolt").await);
    for (body, code) in [
        (json!({}), "invalid"),
        (json!({ "reason": "" }), "invalid"),
        (json!({ "reason": "not_asked" }), "invalid"),
        (json!({ "reason": "other" }), "invalid"),
        (json!({ "reason": "other", "note": " " }), "invalid"),
        (
            json!({ "reason": "quality", "note": "x".repeat(301) }),
            "invalid",
        ),
        (
            json!({ "reason": "quality", "viewer_id": bob.user }),
            "invalid",
        ),
    ] {
        let (status, problem) = open(&acme.admin, sharp.id, body.clone()).await;
        assert_eq!(
            (status, &problem["code"]),
            (422, &json!(code)),
            "{body} {problem}"
        );
    }
    let (_, problem) = open(&acme.admin, sharp.id, json!({ "reason": "other" })).await;
    assert_eq!(
        (
            &problem["errors"][0]["pointer"],
            &problem["errors"][0]["code"]
        ),
        (&json!("/note"), &json!("note_missing"))
    );
    assert_eq!(looks(&ada).await, Vec::<Value>::new(), "nothing was opened");
    let good = json!({ "reason": "other", "note": "A customer asked who sent it" });
    for (client, status) in [
        (&ada, 403),
        (&bob, 403),
        (&bolt.admin, 404),
        (&acme.owner, 403),
    ] {
        assert_eq!(open(client, sharp.id, good.clone()).await.0, status);
    }
    let program = app.program(&acme, &["screenshots:read"]).await;
    assert_eq!(
        open(&program, sharp.id, good.clone()).await.0,
        403,
        "a program has no reasons"
    );
    let image = format!("/api/screenshots/{}/image", sharp.id);
    assert_eq!(program.get(&image).await.0, 403);

    let second = Feed::new(&app, acme.id, ada.user, "2026-11-19T08:00:00Z")
        .screenshot("2026-11-19T08:30:00Z", 5);
    store(&app, &second).await;
    assert_eq!(
        open(&acme.admin, sharp.id, good).await,
        (200, json!("the original"))
    );
    let legal = json!({ "reason": "legal" });
    assert_eq!(
        open(&acme.admin, sharp.id, legal.clone()).await.0,
        200,
        "the same look"
    );
    assert_eq!(open(&acme.admin, second.id, legal).await.0, 200);
    let mut seen: Vec<Value> = looks(&ada)
        .await
        .into_iter()
        .map(|look| {
            json!([
                look["kind"],
                look["day"],
                look["viewer_name"],
                look["reason"],
                look["note"],
                look["taken_at"]
            ])
        })
        .collect();
    seen.sort_by_key(Value::to_string);
    assert_eq!(
        seen,
        [
            json!([
                "screenshot",
                "2026-11-19",
                "Ada Admin",
                "legal",
                null,
                "2026-11-19T08:30:00Z"
            ]),
            json!([
                "screenshot",
                "2026-11-19",
                "Ada Admin",
                "other",
                "A customer asked who sent it",
                "2026-11-18T23:30:00Z"
            ]),
        ]
    );
    let (_, page) = ada.get("/api/me/access-entries?limit=1").await;
    let next = page["next_cursor"].as_str().unwrap();
    let (_, rest) = ada
        .get(&format!("/api/me/access-entries?limit=1&cursor={next}"))
        .await;
    assert_ne!(page["items"][0]["taken_at"], rest["items"][0]["taken_at"]);
    assert_eq!(rest["next_cursor"], json!(null));
}

#[actix_web::test]
async fn where_the_company_shows_no_originals_only_their_person_sees_them() {
    let Scene {
        app: _app,
        acme,
        ada,
        sharp,
        ..
    } = scene().await;
    let settings = acme.admin.request(Method::PATCH, "/api/settings");
    let settings = settings
        .header("if-match", "*")
        .json(&json!({ "originals_shown": false }));
    assert_eq!(settings.send().await.unwrap().status(), 200);
    let (status, problem) = open(&acme.admin, sharp.id, json!({ "reason": "legal" })).await;
    assert_eq!(
        (status, &problem["code"]),
        (403, &json!("originals_not_shown"))
    );
    assert_eq!(looks(&ada).await, Vec::<Value>::new());
    let image = format!("/api/screenshots/{}/image", sharp.id);
    assert_eq!(bytes(&ada, &image).await.0, 200);
    let (_, list) = acme
        .admin
        .get(&format!(
            "/api/screenshots?user_id={}&day=2026-11-19",
            ada.user
        ))
        .await;
    assert_eq!(
        (
            &list["originals_shown"],
            list["items"].as_array().unwrap().len()
        ),
        (&json!(false), 2)
    );
}

#[actix_web::test]
async fn admins_own_pictures_need_no_reason_and_leave_no_note() {
    let Scene { app, acme, .. } = scene().await;
    let own = Feed::new(&app, acme.id, acme.admin.user, "2026-11-18T08:00:00Z")
        .screenshot("2026-11-18T08:10:00Z", 5);
    store(&app, &own).await;
    let path = |what: &str| format!("/api/screenshots/{}/{what}", own.id);
    assert_eq!(bytes(&acme.admin, &path("image")).await.1, b"the original");
    assert_eq!(bytes(&acme.admin, &path("thumbnail")).await.1, lines());
    assert_eq!(
        open(&acme.admin, own.id, json!({ "reason": "quality" }))
            .await
            .0,
        200
    );
    assert_eq!(acme.admin.get("/api/screenshots").await.0, 200);
    assert_eq!(looks(&acme.admin).await, Vec::<Value>::new());
}

/// As the admins' own database role, past every check of the server.
#[actix_web::test]
async fn the_database_takes_no_note_of_an_original_without_a_reason_or_in_anothers_name() {
    let Scene {
        app,
        acme,
        ada,
        sharp,
        ..
    } = scene().await;
    let mut conn = app.copy.as_role("tracker_web");
    let mut write = |viewer: Uuid, reason: &str, taken_at: &str| {
        let text = format!(
            "BEGIN; SET LOCAL ROLE tracker_admin; SET LOCAL app.company_id = '{}'; SET LOCAL app.user_id = '{}'; \
             INSERT INTO tenant.access_entries (company_id, subject_id, viewer_id, at, kind, day, item_id, viewer_name, reason, taken_at) \
             VALUES ('{}', '{}', '{viewer}', now(), 'screenshot', current_date, '{}', 'x', {reason}, {taken_at}); COMMIT",
            acme.id, acme.admin.user, acme.id, ada.user, sharp.id
        );
        let done = conn.batch_execute(&text).map_err(|error| error.to_string());
        drop(conn.batch_execute("ROLLBACK"));
        done
    };
    let admin = acme.admin.user;
    let refused = |done: Result<(), String>, why: &str| {
        let said = done.unwrap_err();
        assert!(said.contains(why), "{said}");
    };
    refused(write(admin, "NULL", "now()"), "row-level security");
    refused(write(admin, "'not_asked'", "now()"), "row-level security");
    refused(
        write(admin, "'because'", "now()"),
        "access_entries_reason_unknown",
    );
    refused(
        write(admin, "'other'", "now()"),
        "access_entries_note_missing",
    );
    refused(
        write(admin, "'legal'", "NULL"),
        "access_entries_picture_missing",
    );
    refused(write(ada.user, "'legal'", "now()"), "row-level security");
    execute(
        &mut app.copy.admin(),
        "UPDATE tenant.company_settings SET originals_shown = false",
    );
    refused(write(admin, "'legal'", "now()"), "row-level security");
    execute(
        &mut app.copy.admin(),
        "UPDATE tenant.company_settings SET originals_shown = true",
    );
    assert_eq!(write(admin, "'legal'", "now()"), Ok(()));
    let count = rows(
        &mut app.copy.admin(),
        "SELECT 1 AS x FROM tenant.access_entries",
    );
    assert_eq!(count.len(), 1);
}

#[actix_web::test]
async fn a_picture_is_nobodys_business_but_its_persons_and_the_admins() {
    let Scene {
        app,
        acme,
        ada,
        sharp,
        ..
    } = scene().await;
    let (bob, bolt) = (app.employee(&acme, "Bob").await, app.company("Bolt").await);
    for size in ["image", "thumbnail"] {
        let path = format!("/api/screenshots/{}/{size}", sharp.id);
        let unknown = format!("/api/screenshots/{}/{size}", Uuid::now_v7());
        for stranger in [&bob, &bolt.admin] {
            let (status, mut problem) = stranger.get(&path).await;
            let (_, expected) = stranger.get(&unknown).await;
            problem["request_id"] = expected["request_id"].clone();
            assert_eq!((status, problem), (404, expected));
        }
        assert_eq!(bytes(&ada, &path).await.0, 200);
        assert_eq!(acme.owner.get(&path).await.0, 403);
    }
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
    store(&app, &picture).await;
    assert_eq!(bytes(&ada, &path).await.0, 200);
    for state in ["pending", "deleted"] {
        execute(
            &mut app.copy.admin(),
            &format!("UPDATE tenant.screenshots SET state = '{state}'"),
        );
        assert_eq!(ada.get(&path).await.0, 404, "{state}");
    }
    assert_eq!(ada.get("/api/screenshots/nonsense/image").await.0, 404);
}
