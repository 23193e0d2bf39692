//! Everything of a company as one file: who may have it, what is in it, and that it goes away again.

use std::collections::BTreeSet;
use std::io::{Cursor, Read};

use reqwest::Method;
use serde_json::{Value, json};
use tracker::company::exports::archive::TABLES;
use uuid::Uuid;
use zip::ZipArchive;

use crate::app::{App, Client, Company, PASSWORD};
use crate::feed::{Feed, execute, next_job, rows, settle};

async fn server() -> App {
    App::configured(|config| config.job_workers = 0).await
}

/// A person with a bit of everything, and a picture that is in the store.
async fn worked(app: &App, company: &Company, name: &str) -> Client {
    let person = app.employee(company, name).await;
    let started = "2026-11-20T08:00:00Z";
    let mut feed = Feed::new(app, company.id, person.user, started);
    feed.minutes(started, 30, 40, 20)
        .app("xterm", &format!("letter of {name}"), started, 600)
        .site("docs.rs", started, 60);
    let picture = feed.screenshot(started, 7);
    let objects = &app.state.objects;
    let image = format!("image of {name}").into_bytes();
    objects.put(&picture.object_key, image).await.unwrap();
    person
}

async fn ask(who: &Client) -> (u16, Value) {
    who.post("/api/exports", json!({ "password": PASSWORD }))
        .await
}

async fn fetch(who: &Client, id: &Value) -> (u16, Vec<u8>) {
    let path = format!("/api/exports/{}/file", id.as_str().unwrap());
    let answer = who.request(Method::GET, &path).send().await.unwrap();
    let status = answer.status().as_u16();
    (status, answer.bytes().await.unwrap().to_vec())
}

fn entry(zip: &mut ZipArchive<Cursor<Vec<u8>>>, name: &str) -> Vec<u8> {
    let mut content = Vec::new();
    let mut file = zip.by_name(name).unwrap();
    file.read_to_end(&mut content).unwrap();
    content
}

fn table(zip: &mut ZipArchive<Cursor<Vec<u8>>>, name: &str) -> Vec<Value> {
    serde_json::from_slice(&entry(zip, &format!("{name}.json"))).unwrap()
}

fn stored(app: &App, company: Uuid) -> BTreeSet<String> {
    let folder = app
        .state
        .config
        .data_dir
        .join(format!("objects/c/{company}"));
    let mut found = BTreeSet::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for of in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            match of.path().is_dir() {
                true => folders.push(of.path()),
                false => drop(found.insert(of.path().display().to_string())),
            }
        }
    }
    found
}

#[actix_web::test]
async fn the_file_has_every_row_and_picture_of_the_company_and_of_no_other() {
    let app = server().await;
    let (acme, globex) = (app.company("Acme").await, app.company("Globex").await);
    let ada = worked(&app, &acme, "Ada").await;
    worked(&app, &globex, "Grace").await;
    settle(&app);
    let (status, asked) = ask(&acme.admin).await;
    assert_eq!(
        (status, &asked["state"]),
        (201, &json!("queued")),
        "{asked}"
    );
    let (status, problem) = ask(&acme.admin).await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("export_in_progress"))
    );
    let (status, _) = fetch(&acme.admin, &asked["id"]).await;
    assert_eq!(status, 404, "it is not there yet");
    settle(&app);
    let (_, made) = acme
        .admin
        .get(&format!("/api/exports/{}", asked["id"].as_str().unwrap()))
        .await;
    assert_eq!(
        (&made["state"], &made["is_mine"]),
        (&json!("ready"), &json!(true)),
        "{made}"
    );
    assert_eq!(made["items"], made["items_done"]);

    let (status, bytes) = fetch(&acme.admin, &asked["id"]).await;
    assert_eq!(status, 200);
    assert_eq!(made["bytes"], json!(bytes.len()));
    let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let admin = &mut app.copy.admin();
    let mut everything = String::new();
    for one in &TABLES {
        let name = one.name;
        let there = rows(
            admin,
            &format!(
                "SELECT count(*) AS n FROM tenant.{name} WHERE company_id = '{}'",
                acme.id
            ),
        );
        let here = table(&mut zip, name);
        // Who fetched it is written down after it was made.
        let later = i64::from(name == "audit_entries");
        assert_eq!(
            json!(here.len()),
            json!(there[0]["n"].as_i64().unwrap() - later),
            "{name}"
        );
        everything += &json!(here).to_string();
    }
    for (text, is_there) in [
        ("letter of Ada", true),
        (&ada.user.to_string(), true),
        ("letter of Grace", false),
        (&globex.id.to_string(), false),
        ("object_key", false),
        ("company_id", false),
    ] {
        assert_eq!(everything.contains(text), is_there, "{text}");
    }
    let picture = &table(&mut zip, "screenshots")[0];
    let name = format!(
        "screenshots/{}/2026-11-20T080000Z_{}.webp",
        ada.user,
        picture["id"].as_str().unwrap()
    );
    assert_eq!(entry(&mut zip, &name), b"image of Ada");
    let manifest: Value = serde_json::from_slice(&entry(&mut zip, "manifest.json")).unwrap();
    assert_eq!(manifest["company"]["name"], "Acme");
    assert_eq!(zip.len(), TABLES.len() + 2);
}

#[actix_web::test]
async fn whoever_asked_has_it_for_a_day_and_everybody_reads_of_it() {
    let app = server().await;
    let acme = app.company("Acme").await;
    let ada = worked(&app, &acme, "Ada").await;
    let before = stored(&app, acme.id);
    for (who, password, status) in [(&ada, PASSWORD, 403), (&acme.admin, "not my password", 403)] {
        let answer = who
            .post("/api/exports", json!({ "password": password }))
            .await;
        assert_eq!(answer.0, status, "{}", answer.1);
    }
    let (_, asked) = ask(&acme.admin).await;
    settle(&app);
    let other = app.company("Globex").await;
    for who in [&ada, &other.admin] {
        assert!([403, 404].contains(&fetch(who, &asked["id"]).await.0));
    }
    // Another admin sees that it was made, and not what is in it.
    execute(
        &mut app.copy.admin(),
        &format!("UPDATE tenant.exports SET requested_by = '{}'", ada.user),
    );
    let (_, list) = acme.admin.get("/api/exports").await;
    assert_eq!(
        (
            &list["items"][0]["requested_by"],
            &list["items"][0]["is_mine"]
        ),
        (&json!("Ada"), &json!(false))
    );
    assert_eq!(fetch(&acme.admin, &asked["id"]).await.0, 404);
    execute(
        &mut app.copy.admin(),
        &format!(
            "UPDATE tenant.exports SET requested_by = '{}'",
            acme.admin.user
        ),
    );
    assert_eq!(fetch(&acme.admin, &asked["id"]).await.0, 200);
    let (_, looks) = ada.get("/api/me/access-entries").await;
    assert_eq!(
        (
            &looks["items"][0]["kind"],
            &looks["items"][0]["viewer_name"]
        ),
        (&json!("export"), &json!("Ada Admin"))
    );
    let audit = rows(
        &mut app.copy.admin(),
        &format!(
            "SELECT action FROM tenant.audit_entries WHERE company_id = '{}' AND action LIKE 'export.%' ORDER BY id",
            acme.id
        ),
    );
    assert_eq!(
        json!(audit),
        json!([{ "action": "export.requested" }, { "action": "export.downloaded" }])
    );

    assert_eq!(stored(&app, acme.id).len(), before.len() + 1);
    execute(
        &mut app.copy.admin(),
        "UPDATE tenant.exports SET expires_at = now()",
    );
    assert_eq!(
        fetch(&acme.admin, &asked["id"]).await.0,
        404,
        "its day is over"
    );
    app.state
        .db
        .platform_job_blocking(|conn| tracker::jobs::exports::FILES.find(conn))
        .unwrap();
    settle(&app);
    assert_eq!(stored(&app, acme.id), before);
    let (_, list) = acme.admin.get("/api/exports").await;
    assert_eq!(list["items"][0]["state"], "expired");
    assert_eq!(ask(&acme.admin).await.0, 201, "and another can be made");
}

#[actix_web::test]
async fn a_company_that_does_not_take_part_any_more_takes_its_data_along() {
    let app = server().await;
    let acme = app.company("Acme").await;
    for status in ["SUSPENDED", "EXPIRED", "CANCELLED"] {
        execute(
            &mut app.copy.admin(),
            &format!(
                "UPDATE platform.companies SET status = '{status}', cancelled_at = now() WHERE id = '{}'",
                acme.id
            ),
        );
        app.state
            .directory
            .refresh(&app.state.db, acme.id)
            .await
            .unwrap();
        let (status, asked) = ask(&acme.admin).await;
        assert_eq!(status, 201, "{asked}");
        settle(&app);
        assert_eq!(fetch(&acme.admin, &asked["id"]).await.0, 200);
    }
}

#[actix_web::test]
async fn what_fails_is_tried_again_and_said_in_the_end() {
    let app = server().await;
    let acme = app.company("Acme").await;
    settle(&app);
    let (_, asked) = ask(&acme.admin).await;
    // The folder that the file is put in cannot be made.
    let objects = app.state.config.data_dir.join("objects/c");
    std::fs::create_dir_all(&objects).unwrap();
    std::fs::write(objects.join(acme.id.to_string()), "in the way").unwrap();
    for attempt in 1..=8 {
        assert!(next_job(&app), "attempt {attempt}");
        let path = format!("/api/exports/{}", asked["id"].as_str().unwrap());
        let (_, export) = acme.admin.get(&path).await;
        let state = if attempt < 8 { "running" } else { "failed" };
        assert_eq!(export["state"], state, "attempt {attempt}");
        execute(
            &mut app.copy.admin(),
            "UPDATE platform.jobs SET run_at = now() WHERE kind = 'export' AND state = 'queued'",
        );
    }
    std::fs::remove_file(objects.join(acme.id.to_string())).unwrap();
    assert_eq!(ask(&acme.admin).await.0, 201);
    settle(&app);
}
