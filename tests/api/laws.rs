//! Laws over the whole: what is written down equals what is there, and no operation was forgotten. Run with
//! `UPDATE=1` to write anew what is generated; then read the difference before it is committed.

mod statements;

use std::collections::BTreeSet;
use std::path::PathBuf;

use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use reqwest::Method;
use serde_json::json;
use tracker::http::api_token::{OPERATIONS, TokenScope};
use tracker::http::openapi::{PUBLIC, openapi};
use uuid::Uuid;

use crate::app::{App, Client, Copy};

fn file(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(path)
}

/// The file is what the code says; `UPDATE=1` makes it so.
fn is_current(path: &str, now: &str) {
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(file(path), now).unwrap();
    }
    let then = std::fs::read_to_string(file(path)).unwrap_or_default();
    let first = then
        .lines()
        .zip(now.lines())
        .find(|(then, now)| then != now);
    assert!(
        then == now,
        "{path} is stale (first difference: {first:?}): `make openapi` writes it anew"
    );
}

#[test]
fn openapi_yaml_is_what_the_code_says() {
    is_current("openapi.yaml", &openapi().to_yaml().unwrap());
}

#[test]
fn schema_and_access_are_what_the_catalogue_says() {
    #[derive(QueryableByName)]
    struct Printed {
        #[diesel(sql_type = Text)]
        text: String,
    }
    let copy = Copy::make();
    let query = include_str!("schema.sql").trim_end().trim_end_matches(';');
    let mut conn = copy.as_role("tracker_jobs");
    let printed: Printed = sql_query(query).get_result(&mut conn).unwrap();
    is_current("api/src/db/schema.rs", &printed.text);
    let access = tracker::db::lint::access(&mut conn).unwrap().join("\n") + "\n";
    is_current("api/src/db/access.txt", &access);
}

/// Method, path with ids filled in, and operation of everything in the document.
fn operations() -> Vec<(Method, String, String)> {
    let mut all = Vec::new();
    for (path, item) in openapi().paths.paths.clone() {
        let url: Vec<_> = path
            .split('/')
            .map(|part| {
                if part.starts_with('{') {
                    Uuid::now_v7().to_string()
                } else {
                    part.into()
                }
            })
            .collect();
        let operations = [
            (Method::GET, item.get),
            (Method::POST, item.post),
            (Method::PUT, item.put),
            (Method::PATCH, item.patch),
            (Method::DELETE, item.delete),
        ];
        for (method, operation) in operations {
            let Some(operation) = operation else { continue };
            all.push((
                method,
                url.join("/"),
                operation.operation_id.expect("every operation has an id"),
            ));
        }
    }
    all
}

fn is_agents(path: &str) -> bool {
    [
        "login",
        "token",
        "work-session",
        "upload",
        "screenshot",
        "agent",
    ]
    .contains(&path.split('/').nth(2).unwrap_or_default())
}

#[actix_web::test]
async fn a_stranger_is_refused_by_every_operation() {
    let app = App::spawn().await;
    let mut asked = 0;
    for (method, path, id) in operations() {
        if PUBLIC.contains(&id.as_str()) {
            continue;
        }
        let (status, problem) = app.anonymous().send(method, &path, Some(json!({}))).await;
        let code = if is_agents(&path) {
            "company_key_missing"
        } else {
            "unauthenticated"
        };
        assert_eq!(
            (status, &problem["code"]),
            (401, &json!(code)),
            "{id}: to open it to everybody, name it in PUBLIC"
        );
        asked += 1;
    }
    assert!(asked > 20, "only {asked} operations were asked");
}

/// Every operation asked with an empty body and unknown ids by everybody: one line an operation. What is refused to a
/// role reads 401 or 403; what is allowed goes on to complain about the body or the ids, or answers.
#[actix_web::test]
async fn every_operation_answers_each_role_as_the_table_says() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    // Somebody else's: Ada ends all her other sign-ins on the way.
    let grace = app.employee(&acme, "Grace").await;
    let agent = app.agent(&acme, &grace).await;
    let scopes: BTreeSet<&str> = OPERATIONS.iter().map(|(_, scope)| scope.name()).collect();
    let scopes: Vec<&str> = scopes.into_iter().collect();
    let token = app.program(&acme, &scopes).await;
    let roles: [(&str, Client); 6] = [
        ("nobody", app.anonymous()),
        ("owner", acme.owner.clone()),
        ("admin", acme.admin.clone()),
        ("employee", ada.clone()),
        ("agent", agent.clone()),
        ("token", token),
    ];
    let mut table = format!("{:<28}", "operation");
    for (role, _) in &roles {
        table += &format!(" {role:>8}");
    }
    table += "\n";
    let mut lines = Vec::new();
    for (method, path, id) in operations() {
        let mut line = format!("{id:<28}");
        for (role, client) in &roles {
            let client = if is_agents(&path) {
                client.clone().with_key(&acme.key)
            } else {
                client.clone()
            };
            let (status, answer) = client.send(method.clone(), &path, Some(json!({}))).await;
            let refused = [401, 403].contains(&status);
            let owners = path.starts_with("/api/owner/");
            let shared = path.starts_with("/api/me") || PUBLIC.contains(&id.as_str());
            let may = match *role {
                _ if is_agents_door(&id) => !refused,
                _ if shared => {
                    !refused || ["nobody", "agent", "token"].contains(role) || status == 403
                }
                "token" => TokenScope::of_operation(&id).is_some() != refused,
                "owner" => owners != refused,
                "admin" | "employee" if owners || is_agents(&path) => refused,
                "agent" => is_agents(&path) != refused,
                _ => true,
            };
            assert!(may, "{id} answered {role} with {status}: {answer}");
            line += &format!(" {status:>8}");
        }
        lines.push(line);
    }
    lines.sort();
    is_current("tests/api/roles.txt", &(table + &lines.join("\n") + "\n"));
}

/// Log-in and refresh of agents carry their own proof: no bearer token is asked.
fn is_agents_door(id: &str) -> bool {
    ["log_in_agent", "refresh_agent"].contains(&id)
}
