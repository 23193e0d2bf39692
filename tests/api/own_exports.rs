//! Everything about one person as one file: that it is whole, that nothing in it is anybody else's, whoever asks, and that
//! it goes away again.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};

use diesel::connection::SimpleConnection;
use reqwest::Method;
use serde_json::{Value, json};
use tracker::account::own_exports::content::TABLES;
use uuid::Uuid;
use zip::ZipArchive;

use crate::app::{App, Client, Company, PASSWORD};
use crate::erasures::{full, server};
use crate::feed::{Feed, execute, next_job, rows, settle};

async fn ask(who: &Client) -> (u16, Value) {
    let body = who.step_up(json!({ "password": PASSWORD }));
    who.post("/api/me/exports", body).await
}

async fn fetch(who: &Client, id: &Value) -> (u16, Vec<u8>) {
    let path = format!("/api/me/exports/{}/file", id.as_str().unwrap());
    let answer = who.request(Method::GET, &path).send().await.unwrap();
    let status = answer.status().as_u16();
    (status, answer.bytes().await.unwrap().to_vec())
}

/// Asks, waits, and fetches: what each file holds.
async fn taken_along(app: &App, who: &Client) -> BTreeMap<String, Vec<u8>> {
    let (status, asked) = ask(who).await;
    assert_eq!(
        (status, &asked["state"]),
        (201, &json!("queued")),
        "{asked}"
    );
    settle(app);
    let path = format!("/api/me/exports/{}", asked["id"].as_str().unwrap());
    let (_, made) = who.get(&path).await;
    assert_eq!(made["state"], "ready", "{made}");
    assert_eq!(made["items"], made["items_done"]);
    let (status, bytes) = fetch(who, &asked["id"]).await;
    assert_eq!((status, &made["bytes"]), (200, &json!(bytes.len())));
    let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..zip.len())
        .map(|at| {
            let mut file = zip.by_index(at).unwrap();
            let mut content = Vec::new();
            file.read_to_end(&mut content).unwrap();
            (file.name().unwrap().into_owned(), content)
        })
        .collect()
}

fn list(files: &BTreeMap<String, Vec<u8>>, name: &str) -> Vec<Value> {
    serde_json::from_slice(&files[&format!("{name}.json")]).unwrap()
}

fn ids(rows: &[Value]) -> BTreeSet<String> {
    rows.iter()
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect()
}

fn keys(app: &App) -> Vec<Value> {
    rows(
        &mut app.copy.admin(),
        "SELECT object_key FROM tenant.own_exports WHERE object_key IS NOT NULL",
    )
}

/// Signed in, one of the people whose texts say whose they are.
async fn number(app: &App, letter: &str, number: usize) -> Client {
    let found = rows(
        &mut app.copy.admin(),
        &format!(
            "SELECT email FROM tenant.users WHERE email LIKE 'cnry.{letter}.users.email.{number}.%'"
        ),
    );
    app.sign_in(found[0]["email"].as_str().unwrap()).await
}

/// Of whom the canaries in a text are; 0 for nobody's.
fn whose(text: &str, letter: &str) -> BTreeSet<usize> {
    let begin = format!("cnry.{letter}.");
    text.split(&begin)
        .skip(1)
        .filter_map(|rest| rest.split('.').nth(2)?.parse().ok())
        .collect()
}

#[actix_web::test]
async fn the_file_has_all_of_ones_rows_and_pictures_and_nothing_of_a_colleague() {
    let app = server().await;
    full(&app, "Acme", "a").await;
    full(&app, "Globex", "b").await;
    let (ada, eve) = (number(&app, "a", 3).await, number(&app, "a", 4).await);
    let conn = &mut app.copy.admin();
    let files = taken_along(&app, &ada).await;
    let mut compared = 0;
    for table in &TABLES {
        let name = table.name;
        let here = list(&files, name);
        let column = match name {
            "access_entries" => "subject_id",
            "tasks" => "assignee_id",
            "users" => "id",
            _ => "user_id",
        };
        let of_one = rows(
            conn,
            &format!(
                "SELECT 1 AS n FROM information_schema.columns WHERE table_schema = 'tenant' AND table_name = '{name}' \
                   AND column_name = '{column}'"
            ),
        );
        if of_one.is_empty() || ["alert_rules", "setting_overrides"].contains(&name) {
            continue;
        }
        let count = |who: &Client| {
            format!(
                "SELECT count(*) AS n FROM tenant.{name} WHERE {column} = '{}'",
                who.user
            )
        };
        assert_eq!(
            json!(here.len()),
            rows(conn, &count(&ada))[0]["n"],
            "{name}"
        );
        compared += 1;
        for row in &here {
            assert_eq!(row[column], json!(ada.user), "{name}");
        }
    }
    assert!(compared >= 20, "{compared}");
    for (name, content) in &files {
        let text = String::from_utf8_lossy(content);
        assert_eq!(whose(&text, "b"), BTreeSet::new(), "{name}");
        assert!(!text.contains(&eve.user.to_string()), "{name}");
        for secret in ["object_key", "thumbnail_key", "company_id", "key_id"] {
            assert!(!text.contains(secret), "{name}: {secret}");
        }
        let others: BTreeSet<usize> = whose(&text, "a")
            .into_iter()
            .filter(|n| ![0, 3].contains(n))
            .collect();
        // Whoever looked, or decided, is named as the portal names them.
        let named = ["access_entries.json"].contains(&name.as_str());
        assert!(others.is_empty() || named, "{name}: {others:?}");
    }
    let mine = |sql: &str| ids(&rows(&mut app.copy.admin(), sql));
    assert_eq!(
        ids(&list(&files, "task_comments")),
        mine(&format!(
            "SELECT c.id FROM tenant.task_comments c JOIN tenant.tasks t ON t.id = c.task_id WHERE t.assignee_id = '{}'",
            ada.user
        ))
    );
    assert_eq!(
        ids(&list(&files, "teams")),
        mine(&format!(
            "SELECT team_id AS id FROM tenant.users WHERE id = '{}'",
            ada.user
        ))
    );
    let pictures: BTreeSet<String> = files
        .keys()
        .filter_map(|name| {
            let picture = name.strip_prefix("screenshots/")?.strip_suffix(".webp")?;
            Some(picture.rsplit_once('_')?.1.to_owned())
        })
        .collect();
    assert_eq!(
        pictures,
        mine(&format!(
            "SELECT id FROM tenant.screenshots WHERE state = 'ready' AND user_id = '{}'",
            ada.user
        ))
    );
    assert!(pictures.len() > 20, "{}", pictures.len());
    let (_, open) = ada.get("/api/me/sign-ins").await;
    assert_eq!(
        ids(&list(&files, "sign_ins")),
        ids(open["items"].as_array().unwrap())
    );
}

#[actix_web::test]
async fn the_manifest_says_what_each_file_is_and_what_is_not_there() {
    let app = server().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let files = taken_along(&app, &ada).await;
    let manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    assert_eq!(manifest["person"]["id"], json!(ada.user));
    assert_eq!(manifest["company"]["time_zone"], "Europe/Berlin");
    let described = manifest["files"].as_array().unwrap();
    for file in described {
        let name = file["name"].as_str().unwrap();
        assert!(file["is"].as_str().unwrap().len() > 10, "{name}");
        if name != "screenshots/" {
            let there: Vec<Value> = serde_json::from_slice(&files[name]).unwrap();
            assert_eq!(file["rows"], json!(there.len()), "{name}");
        }
    }
    let names: BTreeSet<&str> = described
        .iter()
        .filter_map(|file| file["name"].as_str())
        .chain(["manifest.json", "README.txt", "screenshots/"])
        .collect();
    assert!(files.keys().all(|name| names.contains(name.as_str())));
    for one in manifest["left_out"].as_array().unwrap() {
        assert!(one["why"].as_str().unwrap().len() > 10, "{one}");
    }
    let text = String::from_utf8(files["README.txt"].clone()).unwrap();
    for said in [
        "Acme records about you",
        "users.json (1)",
        "What is not in it, and why",
        "audit_entries",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[actix_web::test]
async fn an_admin_too_has_the_own_rows_alone() {
    let app = server().await;
    full(&app, "Acme", "a").await;
    for (who, number) in [(1, 1), (2, 2), (67, 67)] {
        let admin = match who {
            1 => {
                let found = rows(
                    &mut app.copy.admin(),
                    "SELECT email FROM tenant.users WHERE role = 'ADMIN' AND email NOT LIKE 'cnry%'",
                );
                app.sign_in(found[0]["email"].as_str().unwrap()).await
            }
            _ => self::number(&app, "a", number).await,
        };
        let files = taken_along(&app, &admin).await;
        assert_eq!(list(&files, "users").len(), 1);
        for name in ["screenshots", "work_sessions", "user_usage_daily"] {
            for row in list(&files, name) {
                assert_eq!(row["user_id"], json!(admin.user), "{name}");
            }
        }
        let records: String = ["application_usage", "website_usage", "tasks", "devices"]
            .iter()
            .map(|name| json!(list(&files, name)).to_string())
            .collect();
        let others: Vec<usize> = whose(&records, "a")
            .into_iter()
            .filter(|n| ![0, number].contains(n))
            .collect();
        assert!(others.is_empty(), "{who}: {others:?}");
    }
}

#[actix_web::test]
async fn nobody_else_finds_it_and_it_is_gone_after_a_day() {
    let app = server().await;
    let (acme, globex) = (app.company("Acme").await, app.company("Globex").await);
    let (ada, eve) = (
        app.employee(&acme, "Ada").await,
        app.employee(&acme, "Eve").await,
    );
    let wrong = json!({ "password": "not my password" });
    assert_eq!(ada.post("/api/me/exports", wrong).await.0, 403);
    assert_eq!(
        app.owner()
            .await
            .post("/api/me/exports", json!({ "password": PASSWORD }))
            .await
            .0,
        403
    );
    let (_, none) = ada.get("/api/me/exports").await;
    assert_eq!(none["items"], json!([]));
    let (_, asked) = ask(&ada).await;
    let (status, problem) = ask(&ada).await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("own_export_in_progress"))
    );
    assert_eq!(ask(&eve).await.0, 201, "hers is another");
    assert_eq!(fetch(&ada, &asked["id"]).await.0, 404, "not there yet");
    settle(&app);
    let one = format!("/api/me/exports/{}", asked["id"].as_str().unwrap());
    let random = format!("/api/me/exports/{}", Uuid::now_v7());
    for who in [&eve, &acme.admin, &globex.admin] {
        let (status, problem) = who.get(&one).await;
        let (as_unknown, unknown) = who.get(&random).await;
        assert_eq!((status, as_unknown), (404, 404));
        assert_eq!(problem["code"], unknown["code"]);
        assert_eq!(fetch(who, &asked["id"]).await.0, 404);
        let (_, list) = who.get("/api/me/exports").await;
        assert!(!list.to_string().contains(asked["id"].as_str().unwrap()));
    }
    assert_eq!(fetch(&ada, &asked["id"]).await.0, 200);
    settle(&app);
    let (_, looks) = ada.get("/api/me/access-entries").await;
    assert_eq!(looks["items"], json!([]), "it is one's own");
    let entries = rows(
        &mut app.copy.admin(),
        &format!(
            "SELECT action, actor FROM tenant.audit_entries WHERE actor_id = '{}' AND action LIKE 'account.export%' ORDER BY action DESC",
            ada.user
        ),
    );
    let by = |action: &str| json!({ "action": action, "actor": ada.email });
    assert_eq!(
        entries,
        [
            by("account.export_requested"),
            by("account.export_downloaded")
        ]
    );

    let adas = format!("user_id = '{}'", ada.user);
    let stored = app.state.objects.sizes("c").await.unwrap().len();
    execute(
        &mut app.copy.admin(),
        &format!("UPDATE tenant.own_exports SET expires_at = now() WHERE {adas}"),
    );
    assert_eq!(fetch(&ada, &asked["id"]).await.0, 404, "its day is over");
    (app.state.db)
        .platform_job_blocking(|conn| tracker::jobs::own_exports::FILES.find(conn))
        .unwrap();
    settle(&app);
    assert_eq!(
        app.state.objects.sizes("c").await.unwrap().len(),
        stored - 1
    );
    let (_, after) = ada.get(&one).await;
    assert_eq!(after["state"], "expired");
    assert_eq!(keys(&app).len(), 1, "hers is kept");
    for _ in 0..4 {
        assert_eq!(ask(&ada).await.0, 201);
        settle(&app);
    }
    let (status, problem) = ask(&ada).await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("own_exports_too_many"))
    );
    execute(
        &mut app.copy.admin(),
        &format!(
            "UPDATE tenant.own_exports SET created_at = created_at - interval '25 hours' WHERE {adas}"
        ),
    );
    assert_eq!(ask(&ada).await.0, 201, "another day");
    settle(&app);
}

#[actix_web::test]
async fn the_database_shows_and_changes_nobody_elses_whatever_is_asked() {
    let app = server().await;
    let acme = app.company("Acme").await;
    let (ada, eve) = (
        app.employee(&acme, "Ada").await,
        app.employee(&acme, "Eve").await,
    );
    let (_, asked) = ask(&ada).await;
    settle(&app);
    let id = asked["id"].as_str().unwrap();
    let as_eve = |role: &str, sql: &str| {
        let text = format!(
            "BEGIN; SET LOCAL ROLE {role}; SET LOCAL app.company_id = '{}'; SET LOCAL app.user_id = '{}'; {sql}; COMMIT",
            acme.id, eve.user
        );
        app.copy.as_role("tracker_web").batch_execute(&text)
    };
    let nothing = |sql: &str| {
        format!("DO $$ BEGIN IF EXISTS ({sql}) THEN RAISE EXCEPTION 'let through'; END IF; END $$")
    };
    let read = format!("SELECT FROM tenant.own_exports WHERE id = '{id}'");
    as_eve("tracker_employee", &nothing(&read)).unwrap();
    let change = format!(
        "UPDATE tenant.own_exports SET state = 'failed', object_key = NULL, bytes = NULL, expires_at = NULL WHERE id = '{id}'"
    );
    as_eve("tracker_employee", &change).unwrap();
    let (_, untouched) = ada.get(&format!("/api/me/exports/{id}")).await;
    assert_eq!(untouched["state"], "ready");
    for forged in [
        format!(
            "INSERT INTO tenant.own_exports (company_id, id, user_id) VALUES ('{}', gen_random_uuid(), '{}')",
            acme.id, ada.user
        ),
        format!("DELETE FROM tenant.own_exports WHERE id = '{id}'"),
    ] {
        assert!(as_eve("tracker_employee", &forged).is_err(), "{forged}");
    }
    for role in ["tracker_lead", "tracker_team_admin", "tracker_agent"] {
        assert!(as_eve(role, &read).is_err(), "{role}");
    }
    // The role that searches after a removal finds the row, and changes none.
    as_eve("tracker_admin", &read).unwrap();
    assert!(as_eve("tracker_admin", &change).is_err());
}

/// As everything else of one's own: an employee is told that the company does not take part, its admin takes along what is theirs.
#[actix_web::test]
async fn whoever_is_out_is_refused_as_everywhere() {
    let app = server().await;
    let acme = app.company("Acme").await;
    let (ada, eve) = (
        app.employee(&acme, "Ada").await,
        app.employee(&acme, "Eve").await,
    );
    let path = format!("/api/employees/{}/deactivate", eve.user);
    assert_eq!(acme.admin.post(&path, json!({})).await.0, 200);
    // The token may still be known for a moment; the password is not.
    let (status, problem) = ask(&eve).await;
    assert!([401, 403].contains(&status), "{problem}");
    assert_eq!(
        rows(&mut app.copy.admin(), "SELECT id FROM tenant.own_exports"),
        Vec::<Value>::new()
    );
    execute(
        &mut app.copy.admin(),
        &format!(
            "UPDATE platform.companies SET status = 'SUSPENDED' WHERE id = '{}'",
            acme.id
        ),
    );
    (app.state.directory)
        .refresh(&app.state.db, acme.id)
        .await
        .unwrap();
    let (status, problem) = ask(&ada).await;
    assert_eq!(
        (status, &problem["code"]),
        (403, &json!("company_suspended"))
    );
    let files = taken_along(&app, &acme.admin).await;
    assert_eq!(list(&files, "users").len(), 1);
}

async fn remove(company: &Company, person: &Client) {
    let path = format!("/api/employees/{}/deactivate", person.user);
    assert_eq!(company.admin.post(&path, json!({})).await.0, 200);
    let body = json!({ "employee_id": person.user, "email": person.email, "password": PASSWORD });
    let (status, asked) = company.admin.post("/api/removals", body).await;
    assert_eq!(status, 201, "{asked}");
}

#[actix_web::test]
async fn the_file_goes_with_its_person() {
    let app = server().await;
    let acme = app.company("Acme").await;
    let (ada, eve) = (
        app.employee(&acme, "Ada").await,
        app.employee(&acme, "Eve").await,
    );
    let started = "2026-11-20T08:00:00Z";
    Feed::new(&app, acme.id, ada.user, started).minutes(started, 30, 40, 20);
    taken_along(&app, &ada).await;
    taken_along(&app, &eve).await;
    // Another waits as the person is removed.
    assert_eq!(ask(&ada).await.0, 201);
    let stored = app.state.objects.sizes("c").await.unwrap().len();
    remove(&acme, &ada).await;
    while next_job(&app) {}
    let left = rows(
        &mut app.copy.admin(),
        "SELECT user_id FROM tenant.own_exports",
    );
    assert_eq!(left, [json!({ "user_id": eve.user })]);
    assert_eq!(
        app.state.objects.sizes("c").await.unwrap().len(),
        stored - 1
    );
    assert_eq!(keys(&app).len(), 1);
}

#[actix_web::test]
async fn a_file_whose_person_goes_while_it_is_made_is_not_kept() {
    let app = server().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    assert_eq!(ask(&ada).await.0, 201);
    // As if the row were gone when the file is whole.
    let mut admin = app.copy.admin();
    admin.batch_execute(
        "CREATE FUNCTION tenant.gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$; \
         CREATE TRIGGER gone BEFORE UPDATE ON tenant.own_exports FOR EACH ROW WHEN (NEW.state = 'ready') \
         EXECUTE FUNCTION tenant.gone()",
    )
    .unwrap();
    let stored = app.state.objects.sizes("c").await.unwrap().len();
    while next_job(&app) {}
    let left = app.state.objects.sizes("c").await.unwrap().len();
    assert_eq!(left, stored);
    assert!(keys(&app).is_empty());
}
