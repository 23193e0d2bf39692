//! The list of a company's people, what an admin finds about one of them, and who remains an admin.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::app::{App, Client, PASSWORD};
use crate::feed::rows;

const COLUMNS: [&str; 9] = [
    "name",
    "email",
    "role",
    "status",
    "team",
    "last_seen_at",
    "tracked_seconds_today",
    "devices",
    "created_at",
];

async fn names(admin: &Client, query: &str) -> Vec<String> {
    let (status, page) = admin.get(&format!("/api/employees?{query}")).await;
    assert_eq!(status, 200, "{page}");
    let items = page["items"].as_array().unwrap();
    let name = |item: &Value| item["name"].as_str().unwrap().to_owned();
    items.iter().map(name).collect()
}

/// Asks until the answer has that status; how long it took is what is promised.
async fn becomes(client: &Client, path: &str, wanted: u16) -> Duration {
    let begun = Instant::now();
    loop {
        let (status, answer) = client.get(path).await;
        if status == wanted {
            return begun.elapsed();
        }
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "{status} {answer}"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[actix_web::test]
async fn the_list_is_sorted_by_every_column_and_filtered_by_each() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let mut people = Vec::new();
    for name in ["Bea", "Cyd", "Dan", "Eve"] {
        people.push(app.employee(&acme, name).await);
    }
    app.agent(&acme, &people[1]).await;
    let (_, team) = acme
        .admin
        .post("/api/teams", json!({ "name": "Sales" }))
        .await;
    let members = format!("/api/teams/{}/members", team["id"].as_str().unwrap());
    let two = json!({ "employee_ids": [people[0].user, people[3].user] });
    assert_eq!(acme.admin.post(&members, two).await.0, 200);
    let out = format!("/api/employees/{}/deactivate", people[2].user);
    assert_eq!(acme.admin.post(&out, json!({})).await.0, 200);
    let role = json!({ "role": "ADMIN", "password": PASSWORD });
    let promote = format!("/api/employees/{}/change-role", people[3].user);
    assert_eq!(acme.admin.post(&promote, role).await.0, 200);
    for email in ["zoe@acme.test", "amy@acme.test"] {
        let new = json!({ "email": email, "role": "EMPLOYEE" });
        assert_eq!(acme.admin.post("/api/employees", new).await.0, 201);
    }

    let everybody = names(&acme.admin, "").await;
    assert_eq!(everybody, ["Ada Admin", "", "Bea", "Cyd", "Dan", "Eve", ""]);
    assert_eq!(names(&acme.admin, "status=deactivated").await, ["Dan"]);
    assert_eq!(names(&acme.admin, "role=ADMIN").await, ["Ada Admin", "Eve"]);
    assert_eq!(
        names(&acme.admin, "role=ADMIN&q=EVE&sort=-email").await,
        ["Eve"]
    );
    assert_eq!(
        names(&acme.admin, "sort=-name&limit=3").await,
        ["", "Eve", "Dan"]
    );
    assert_eq!(names(&acme.admin, "sort=-devices&limit=1").await, ["Cyd"]);
    assert_eq!(
        names(&acme.admin, "sort=-last_seen_at&limit=1").await,
        ["Cyd"]
    );
    assert_eq!(names(&acme.admin, "sort=-team&limit=2").await.len(), 2);
    assert_eq!(names(&acme.admin, "sort=-created_at&limit=1").await, [""]);
    assert_eq!(
        names(&acme.admin, "sort=created_at&limit=1").await,
        ["Ada Admin"]
    );
    for refused in ["sort=secret", "role=OWNER", "team_id=x", "without_team=2"] {
        let (status, problem) = acme.admin.get(&format!("/api/employees?{refused}")).await;
        assert_eq!(
            (status, &problem["code"]),
            (422, &json!("invalid")),
            "{refused}"
        );
    }

    // Page by page in every order everybody comes once, in the order of the whole list, which is the file's.
    for column in COLUMNS {
        for sort in [column.to_owned(), format!("-{column}")] {
            let ids = |page: &Value| -> Vec<String> {
                let items = page["items"].as_array().unwrap();
                items
                    .iter()
                    .map(|one| one["id"].as_str().unwrap().to_owned())
                    .collect()
            };
            let (_, whole) = acme.admin.get(&format!("/api/employees?sort={sort}")).await;
            let (mut paged, mut cursor) = (Vec::new(), String::new());
            loop {
                let path = format!("/api/employees?sort={sort}&limit=2{cursor}");
                let (status, page) = acme.admin.get(&path).await;
                assert_eq!(status, 200, "{page}");
                paged.extend(ids(&page));
                let Some(next) = page["next_cursor"].as_str() else {
                    break;
                };
                cursor = format!("&cursor={next}");
            }
            assert_eq!(paged, ids(&whole), "{sort}");
            assert_eq!(paged.len(), 7, "{sort}");
            let path = format!("/api/employees/export?sort={sort}");
            let file = acme
                .admin
                .request(reqwest::Method::GET, &path)
                .send()
                .await
                .unwrap();
            let file = file.text().await.unwrap();
            let written: Vec<_> = file
                .lines()
                .skip(1)
                .map(|line| line[..36].to_owned())
                .collect();
            assert_eq!(written, paged, "{sort}");
        }
    }
}

#[actix_web::test]
async fn the_list_is_a_file_that_is_harmless_and_written_down() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let evil = json!({ "email": "evil@acme.test", "name": "=1+1", "role": "EMPLOYEE" });
    assert_eq!(acme.admin.post("/api/employees", evil).await.0, 201);
    let get = |query: &str| {
        acme.admin.request(
            reqwest::Method::GET,
            &format!("/api/employees/export{query}"),
        )
    };
    let csv = get("?status=invited").send().await.unwrap();
    assert_eq!(
        csv.headers()["content-type"],
        "text/csv; charset=utf-8; header=present"
    );
    let csv = csv.text().await.unwrap();
    let lines: Vec<_> = csv.lines().collect();
    assert_eq!(
        lines[0],
        "id,name,email,role,status,team,last_seen_at,tracked_seconds_today,devices,created_at"
    );
    assert_eq!(lines.len(), 2);
    assert!(
        lines[1].contains(",'=1+1,evil@acme.test,EMPLOYEE,invited,,,0,0,"),
        "{}",
        lines[1]
    );
    let book = get("?format=xlsx")
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    assert!(book.starts_with(b"PK"));
    let written = rows(
        &mut app.copy.admin(),
        "SELECT detail FROM tenant.audit_entries WHERE action = 'employees.exported' ORDER BY id",
    );
    assert_eq!(written[0]["detail"], json!({ "format": "csv", "rows": 1 }));
    assert_eq!(written[1]["detail"], json!({ "format": "xlsx", "rows": 2 }));
    let bea = app.employee(&acme, "Bea").await;
    assert_eq!(bea.get("/api/employees/export").await.0, 403);
}

#[actix_web::test]
async fn a_revoked_device_is_refused_at_its_next_call_on_every_instance() {
    let app = App::spawn().await;
    let twin = app.twin().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let (agent, other) = (app.agent(&acme, &ada).await, app.agent(&acme, &ada).await);
    let elsewhere = agent.at(&twin);
    let person = format!("/api/employees/{}", ada.user);
    let (_, counts) = acme.admin.get(&format!("{person}/sign-ins")).await;
    assert_eq!(counts, json!({ "portals": 1, "agents": 2 }));
    let (_, devices) = acme.admin.get(&format!("{person}/devices")).await;
    let items = devices["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    // The one that signed in first was seen first.
    let id = items[1]["id"].as_str().unwrap();
    let revoke = format!("{person}/devices/{id}/revoke");
    for client in [&agent, &elsewhere] {
        assert_eq!(client.get("/api/agent/settings").await.0, 200);
    }
    let (status, ended) = acme.admin.post(&revoke, json!({})).await;
    assert_eq!((status, &ended["ended"]), (200, &json!(1)));
    assert_eq!(
        agent.get("/api/agent/settings").await.0,
        401,
        "at once where it was revoked"
    );
    becomes(&elsewhere, "/api/agent/settings", 401).await;
    assert_eq!(
        other.get("/api/agent/settings").await.0,
        200,
        "the other device goes on"
    );
    let (_, again) = acme.admin.post(&revoke, json!({})).await;
    assert_eq!(again["ended"], 0);
    let (_, devices) = acme.admin.get(&format!("{person}/devices")).await;
    let revoked = |one: &Value| one["id"] == id && one["revoked_at"].is_string();
    assert!(devices["items"].as_array().unwrap().iter().any(revoked));
    let login = json!({ "email": ada.email, "password": PASSWORD,
        "device": { "id": id, "name": "desk", "os": "Debian", "agent_version": "1" } });
    let (status, problem) = agent.post("/api/login", login).await;
    assert_eq!((status, &problem["code"]), (409, &json!("device_revoked")));
    // Of somebody else's device there is nothing to revoke.
    let wrong = format!("/api/employees/{}/devices/{id}/revoke", acme.admin.user);
    assert_eq!(acme.admin.post(&wrong, json!({})).await.0, 404);
    let written = "SELECT count(*)::int AS n FROM tenant.audit_entries WHERE action = 'employee.device_revoked'";
    assert_eq!(rows(&mut app.copy.admin(), written)[0]["n"], 1);
}

/// A login under way while its device is revoked ends with no token that works.
#[actix_web::test]
async fn a_device_is_revoked_while_it_signs_in() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    for _ in 0..6 {
        let agent = app.agent(&acme, &ada).await;
        let person = format!("/api/employees/{}", ada.user);
        let (_, devices) = acme.admin.get(&format!("{person}/devices")).await;
        let id = devices["items"][0]["id"].as_str().unwrap();
        let login = json!({ "email": ada.email, "password": PASSWORD,
            "device": { "id": id, "name": "desk", "os": "Debian", "agent_version": "1" } });
        let revoke = format!("{person}/devices/{id}/revoke");
        let (login, revoked) = tokio::join!(
            agent.post("/api/login", login),
            acme.admin.post(&revoke, json!({}))
        );
        assert_eq!(revoked.0, 200);
        if login.0 == 200 {
            let token = login.1["access_token"].as_str().unwrap();
            let agent = agent.with_token(token);
            becomes(&agent, "/api/agent/settings", 401).await;
        }
        let open = format!(
            "SELECT count(*)::int AS n FROM auth.sign_ins WHERE device_id = '{id}' AND ended_at IS NULL"
        );
        assert_eq!(rows(&mut app.copy.admin(), &open)[0]["n"], 0);
    }
}

#[actix_web::test]
async fn a_deactivated_persons_sign_ins_and_devices_are_dead_on_every_instance_and_the_data_stays()
{
    let app = App::spawn().await;
    let twin = app.twin().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let agent = app.agent(&acme, &ada).await;
    let start = json!({ "id": uuid::Uuid::now_v7(), "started_at": chrono::Utc::now() });
    assert!(agent.post("/api/work-session/start", start).await.0 < 300);
    let everywhere = [
        (ada.clone(), "/api/me"),
        (ada.at(&twin), "/api/me"),
        (agent.clone(), "/api/agent/settings"),
        (agent.at(&twin), "/api/agent/settings"),
    ];
    for (client, path) in &everywhere {
        assert_eq!(client.get(path).await.0, 200);
    }
    let person = format!("/api/employees/{}", ada.user);
    assert_eq!(
        acme.admin
            .post(&format!("{person}/deactivate"), json!({}))
            .await
            .0,
        200
    );
    for (client, path) in &everywhere {
        let took = becomes(client, path, 401).await;
        assert!(took < Duration::from_secs(5), "{path}: {took:?}");
    }
    let kept = "SELECT count(*)::int AS n FROM tenant.work_sessions";
    assert_eq!(rows(&mut app.copy.admin(), kept)[0]["n"], 1);
    assert_eq!(
        acme.admin
            .post(&format!("{person}/reactivate"), json!({}))
            .await
            .0,
        200
    );
    assert_eq!(ada.get("/api/me").await.0, 401, "what ended stays ended");
    app.sign_in(&ada.email).await;
}

/// Two admins take the role or the access of each other at the same time, from two instances: one remains, always.
#[actix_web::test]
async fn the_last_admin_remains_whatever_two_do_to_each_other() {
    let app = App::spawn().await;
    let twin = app.twin().await;
    let acme = app.company("Acme").await;
    let own = |what: &str| format!("/api/employees/{}/{what}", acme.admin.user);
    let demote = || json!({ "role": "EMPLOYEE", "password": PASSWORD });
    for (path, body) in [
        (own("deactivate"), json!({})),
        (own("change-role"), demote()),
    ] {
        let (status, problem) = acme.admin.post(&path, body).await;
        assert_eq!((status, &problem["code"]), (409, &json!("own_account")));
    }
    for round in 0..8 {
        let company = app.company(&format!("Round{round}")).await;
        let second = app.employee(&company, "Second").await;
        let promote = format!("/api/employees/{}/change-role", second.user);
        let role = json!({ "role": "ADMIN", "password": PASSWORD });
        assert_eq!(company.admin.post(&promote, role).await.0, 200);
        let second = app.sign_in(&second.email).await.at(&twin);
        let act = |by: Client, on: uuid::Uuid, demotes: bool| async move {
            let what = if demotes { "change-role" } else { "deactivate" };
            let body = if demotes {
                json!({ "role": "EMPLOYEE", "password": PASSWORD })
            } else {
                json!({})
            };
            by.post(&format!("/api/employees/{on}/{what}"), body).await
        };
        let (one, two) = tokio::join!(
            act(company.admin.clone(), second.user, round % 2 == 0),
            act(second.clone(), company.admin.user, round % 4 < 2),
        );
        let done = [one.0, two.0]
            .iter()
            .filter(|status| **status == 200)
            .count();
        assert_eq!(done, 1, "{one:?} {two:?}");
        let left = format!(
            "SELECT count(*)::int AS n FROM tenant.users WHERE company_id = '{}' AND role = 'ADMIN' AND deactivated_at IS NULL",
            company.id
        );
        assert_eq!(rows(&mut app.copy.admin(), &left)[0]["n"], 1);
    }
}

#[actix_web::test]
async fn an_admin_sees_who_looked_at_a_person_and_what_is_in_force_for_them() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let day = chrono::Utc::now().date_naive();
    let look = format!("/api/timeline?user_id={}&day={day}", ada.user);
    assert_eq!(acme.admin.get(&look).await.0, 200);
    let person = format!("/api/employees/{}", ada.user);
    let (status, log) = acme.admin.get(&format!("{person}/access-entries")).await;
    assert_eq!(status, 200, "{log}");
    assert_eq!(log["items"][0]["viewer_name"], "Ada Admin");
    assert_eq!(
        log,
        ada.get("/api/me/access-entries").await.1,
        "the person sees the same"
    );
    let (status, settings) = acme.admin.get(&format!("{person}/settings")).await;
    assert_eq!(status, 200, "{settings}");
    assert_eq!(
        settings["idle_threshold_seconds"],
        json!({ "value": 300, "source": "company", "inherited": 300, "inherited_from": "company" })
    );
    for part in ["access-entries", "settings", "devices", "sign-ins"] {
        assert_eq!(ada.get(&format!("{person}/{part}")).await.0, 403, "{part}");
        let nobody = format!("/api/employees/{}/{part}", uuid::Uuid::now_v7());
        assert_eq!(acme.admin.get(&nobody).await.0, 404, "{part}");
    }
}
