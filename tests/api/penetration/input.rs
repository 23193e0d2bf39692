//! P21 to P23 and P52 to P63, but for those of other files: what is asked in an odd way, and what is put where
//! something else belongs.

use std::collections::BTreeSet;
use std::io::{Cursor, Write};
use std::time::{Duration, Instant};

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use reqwest::Method;
use serde_json::{Value, json};
use tracker::http::openapi::openapi;
use uuid::Uuid;

use super::raw;
use crate::app::{App, Client, Company, PASSWORD, read};
use crate::feed::{execute, rows, settle, sum_again};

/// Method, path and operation of everything in the document.
fn operations() -> Vec<(Method, String, Value)> {
    let document = serde_json::to_value(openapi()).unwrap();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if let Ok(method) = method.to_uppercase().parse::<Method>()
                && operation["operationId"].is_string()
            {
                all.push((method, path.clone(), operation.clone()));
            }
        }
    }
    assert!(all.len() > 40);
    all
}

/// The path with ids that name nothing.
fn filled(path: &str) -> String {
    let part = |part: &str| match part.starts_with('{') {
        true => Uuid::now_v7().to_string(),
        false => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

struct Everybody {
    app: App,
    acme: Company,
    ada: Client,
    agent: Client,
}

impl Everybody {
    async fn new() -> Self {
        let app = App::spawn().await;
        let acme = app.company("Acme").await;
        let ada = app.employee(&acme, "Ada").await;
        let agent = app.agent(&acme, &ada).await;
        Self {
            app,
            acme,
            ada,
            agent,
        }
    }

    /// Rows of every table that requests write to, to see that nothing was written.
    fn census(&self) -> Value {
        let text = "SELECT json_object_agg(c.relname, (xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM %s', c.oid::regclass), \
            false, true, '')))[1]::text)::text AS census FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace::regnamespace::text IN ('tenant', 'platform', 'auth') \
            AND c.relname NOT IN ('jobs', 'company_key_usage', 'audit_seals', 'audit_unsealed', 'system_status')";
        rows(&mut self.app.copy.admin(), text).remove(0)
    }
}

/// Tries each path with methods that it does not have, and to have one method taken for another.
#[actix_web::test]
async fn p21_no_method_stands_for_another() {
    let all = Everybody::new().await;
    let known: BTreeSet<(String, String)> = operations()
        .iter()
        .map(|(method, path, _)| (method.to_string(), path.clone()))
        .collect();
    let before = all.census();
    for path in known.iter().map(|(_, path)| path).collect::<BTreeSet<_>>() {
        let url = filled(path);
        for method in [
            "GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT",
            "PROPFIND", "get",
        ] {
            if known.contains(&(method.to_owned(), path.clone())) {
                continue;
            }
            let client = if all.is_agents(path) {
                &all.agent
            } else {
                &all.acme.admin
            };
            let method: Method = method.parse().unwrap();
            if method == Method::CONNECT {
                continue; // Clients send an authority with it, not a path.
            }
            let answer = client.request(method.clone(), &url).send().await.unwrap();
            let (status, body) = (answer.status().as_u16(), answer.text().await.unwrap());
            // 428: `export` stands where another operation has an id, which is looked up after If-Match.
            assert!(
                [403, 404, 405, 428].contains(&status),
                "{method} {path}: {status} {body}"
            );
            assert!(method != Method::HEAD || body.is_empty());
        }
    }
    for header in [
        "x-http-method-override",
        "x-http-method",
        "x-method-override",
    ] {
        for (method, path) in [(Method::POST, "/api/me"), (Method::GET, "/api/employees")] {
            let path = format!("{path}?_method=DELETE");
            let request = all
                .acme
                .admin
                .request(method.clone(), &path)
                .header(header, "DELETE");
            let status = request.send().await.unwrap().status().as_u16();
            assert!(if method == Method::POST {
                status == 405
            } else {
                status == 200 || status == 422
            });
        }
    }
    assert_eq!(all.census(), before);
}

impl Everybody {
    fn is_agents(&self, path: &str) -> bool {
        let first = path.split('/').nth(2).unwrap_or_default();
        [
            "login",
            "token",
            "work-session",
            "upload",
            "screenshot",
            "agent",
        ]
        .contains(&first)
    }
}

/// Tries to say a thing twice, so that who checks and who acts read different ones.
#[actix_web::test]
async fn p22_what_is_said_twice_is_refused() {
    let all = Everybody::new().await;
    let bolt = all.app.company("Bolt").await;
    let (own, other) = (all.ada.user, bolt.admin.user);
    for path in [
        format!("/api/usage/daily?user_id={own}&user_id={other}"),
        format!("/api/timeline?user_id={own}&user_id={other}"),
        format!("/api/timeline?user_id={own}&user%5Fid={other}"),
        "/api/usage/apps?limit=1&limit=200".to_owned(),
        format!("/api/screenshots?user_id={own}&user_id={other}"),
        "/api/me/access-entries?limit=1&limit=2".to_owned(),
    ] {
        assert_eq!(all.ada.get(&path).await.0, 422, "{path}");
    }
    let admin = &all.acme.admin;
    let twice = r#"{"email":"a@acme.test","name":"A","role":"EMPLOYEE","role":"ADMIN","email":"b@acme.test"}"#;
    let request = admin
        .request(Method::POST, "/api/employees")
        .header("content-type", "application/json");
    assert_eq!(request.body(twice).send().await.unwrap().status(), 422);

    let token = |client: &Client| {
        format!(
            "Authorization: Bearer {}\r\n",
            client.token.as_ref().unwrap()
        )
    };
    let (acme, bolts) = (token(admin), token(&bolt.admin));
    assert!(raw::get(&all.app, "/api/me", &acme).starts_with("HTTP/1.1 200"));
    for both in [
        format!("{acme}{bolts}"),
        format!("{bolts}{acme}"),
        format!("{acme}authorization: Basic eDp5\r\n"),
        format!("{acme}AUTHORIZATION:\r\n"),
    ] {
        let answer = raw::get(&all.app, "/api/me", &both);
        assert!(answer.starts_with("HTTP/1.1 401"), "{both}: {answer}");
    }
    let key = |company: &Company| format!("X-Company-Key: {}\r\n", company.key);
    let agent = token(&all.agent);
    let settings = "/api/agent/settings";
    let one = raw::get(&all.app, settings, &format!("{agent}{}", key(&all.acme)));
    assert!(one.starts_with("HTTP/1.1 200"), "{one}");
    for keys in [
        key(&all.acme) + &key(&bolt),
        key(&bolt) + &key(&all.acme),
        key(&all.acme) + "x-company-key: \r\n",
    ] {
        let answer = raw::get(&all.app, settings, &format!("{agent}{keys}"));
        assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    }
}

/// Tries other names for a path, and other types for a body, to get past whoever looks at them.
#[actix_web::test]
async fn p23_other_spellings_of_a_path_or_type_open_nothing() {
    let all = Everybody::new().await;
    let token = |client: &Client| {
        format!(
            "Authorization: Bearer {}\r\n",
            client.token.as_ref().unwrap()
        )
    };
    let employee = token(&all.ada);
    for path in [
        "/api/owner/companies/",
        "/api/owner%2fcompanies",
        "/api%2fowner%2fcompanies",
        "//api/owner/companies",
        "/api//owner/companies",
        "/API/owner/companies",
        "/api/OWNER/companies",
        "/api/owner/companies;a=b",
        "/api/./owner/companies",
        "/api/me/../owner/companies",
        "/api/me/%2e%2e/owner/companies",
        "/api/owner/companies%00",
        "/api/owner/companies%20",
        "/api/owner/companies.json",
        "/api/owner/companies#",
        "/api/%6fwner/companies",
        "/api/owner/c%6fmpanies",
        "/api/\u{ff4f}wner/companies",
        "/api/owner\\companies",
        "/api/owner%5ccompanies",
        "/api/employees/",
        "/api/%65mployees",
        "/api/employees%2f",
        "/api/employees/..%2fowner%2fcompanies",
        "/employees/../api/employees",
    ] {
        let status = raw::statuses(&raw::get(&all.app, path, &employee));
        let refused = status.len() == 1 && [400, 403, 404].contains(&status[0]);
        assert!(refused, "{path}: {status:?}");
    }
    // An agent's path by another spelling must not go round the company's key.
    let agent = token(&all.agent);
    for path in [
        "/api/%61gent/settings",
        "/api//agent/settings",
        "/api/agent%2fsettings",
        "/api/./agent/settings",
        "/api/me/../agent/settings",
        "/api/AGENT/settings",
        "/api/agent/settings/",
        "/api/agent;/settings",
        "//api/agent/settings",
        "/api/%2e/agent/settings",
    ] {
        let status = raw::statuses(&raw::get(&all.app, path, &agent));
        let refused = status.len() == 1 && [400, 401, 404].contains(&status[0]);
        assert!(refused, "{path}: {status:?}");
    }
    let before = all.census();
    let good = json!({ "email": "new@acme.test", "name": "New", "role": "EMPLOYEE" }).to_string();
    for media in [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "application/json-patch+json",
        "text/json",
        "application/xml",
        "application/problem+json",
        "application/json, text/plain",
    ] {
        let request = all
            .acme
            .admin
            .request(Method::POST, "/api/employees")
            .header("content-type", media);
        let (status, problem) = read(request.body(good.clone()).send().await.unwrap()).await;
        assert_eq!(
            (status, &problem["code"]),
            (415, &json!("unsupported_media_type")),
            "{media}"
        );
    }
    assert_eq!(all.census(), before);
    let request = all
        .acme
        .admin
        .request(Method::POST, "/api/employees")
        .header("content-type", "Application/JSON; charset=utf-8");
    assert_eq!(request.body(good).send().await.unwrap().status(), 201);
}

/// What one of them asks the database to sleep.
const SLEEP: Duration = Duration::from_secs(5);
const SQL: [&str; 14] = [
    "' OR '1'='1",
    "' OR 1=1 --",
    "'; DROP TABLE tenant.users; --",
    "') UNION SELECT email, name FROM tenant.users --",
    "\\' OR 1=1 --",
    "\" OR \"\"=\"",
    "$$ OR true",
    "1; SELECT pg_sleep(5)",
    "'||(SELECT string_agg(name, ',') FROM tenant.users)||'",
    "%' OR company_id <> company_id OR name LIKE '%",
    "'; SET app.company_id = '00000000-0000-0000-0000-000000000000'; --",
    "name; RESET ROLE",
    "\u{2019} OR 1=1 --",
    "E'\\x27'",
];

/// Tries SQL in every parameter of every list and reader, in ids, in headers and in bodies.
#[actix_web::test]
async fn p52_sql_is_text_wherever_it_stands() {
    let all = Everybody::new().await;
    let bolt = all.app.company("Bolt").await;
    // Who leads no team is told so whatever they say.
    let admin = &all.acme.admin;
    let (_, team) = admin.post("/api/teams", json!({ "name": "Led" })).await;
    let leads = format!("/api/teams/{}/leads", team["id"].as_str().unwrap());
    let request = admin.request(Method::PUT, &leads).header("if-match", "*");
    let request = request.json(&json!({ "employee_ids": [admin.user] }));
    assert_eq!(request.send().await.unwrap().status(), 200);
    let mut tried = 0;
    for (method, path, operation) in operations() {
        if method != Method::GET {
            continue;
        }
        let client = match path.as_str() {
            path if path.starts_with("/api/owner") => &all.acme.owner,
            path if all.is_agents(path) => &all.agent,
            _ => &all.acme.admin,
        };
        let parameters = operation["parameters"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        for parameter in parameters
            .iter()
            .chain([&json!({ "name": "sort", "in": "query" })])
        {
            for sql in SQL {
                let name = parameter["name"].as_str().unwrap();
                let encoded: String = sql.bytes().map(|byte| format!("%{byte:02X}")).collect();
                let url = match parameter["in"].as_str().unwrap() {
                    "path" => filled(&path.replace(&format!("{{{name}}}"), &encoded)),
                    _ => format!("{}?{name}={encoded}", filled(&path)),
                };
                let ask = || async {
                    let request = client
                        .request(Method::GET, &url)
                        .header("if-none-match", &encoded)
                        .header("accept-language", "' OR 1=1 --");
                    let begin = Instant::now();
                    let answer = request.send().await.unwrap();
                    let status = answer.status().as_u16();
                    (begin.elapsed(), status, answer.text().await.unwrap())
                };
                let (mut took, status, body) = ask().await;
                // A busy machine may be slow once; what sleeps in the database does so each time.
                for _ in 0..2 {
                    if sql.contains("pg_sleep") && took >= SLEEP {
                        took = ask().await.0;
                    }
                }
                assert!(took < SLEEP || !sql.contains("pg_sleep"), "{url}: {took:?}");
                assert!(
                    [200, 400, 401, 404, 422].contains(&status),
                    "{url}: {status} {body}"
                );
                let owners = path.starts_with("/api/owner");
                assert!(owners || !body.contains(&bolt.admin_email), "{url}: {body}");
                assert!(
                    !body.to_lowercase().contains("syntax error"),
                    "{url}: {body}"
                );
                tried += 1;
            }
        }
    }
    assert!(tried > 300, "{tried}");
    for sql in SQL {
        let (status, answer) = all
            .app
            .anonymous()
            .post(
                "/api/auth/sign-in",
                json!({ "email": format!("{sql}@x.test").replace(' ', ""), "password": sql }),
            )
            .await;
        assert!([401, 422, 429].contains(&status), "{sql}: {answer}");
    }
    let names = rows(
        &mut all.app.copy.admin(),
        "SELECT count(*) AS n FROM tenant.users",
    );
    assert_eq!(names[0]["n"], json!(3));
}

/// Tries scripts in everything that agents record and people are called.
#[actix_web::test]
async fn p53_a_script_comes_back_as_text_that_nobody_runs() {
    let all = Everybody::new().await;
    let script =
        "<script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}${7*7}javascript:alert(3)";
    let session = Uuid::now_v7();
    let at = (chrono::Utc::now() - chrono::Duration::seconds(90)).to_rfc3339();
    let item = |fields: Value| {
        let mut item =
            json!({ "id": Uuid::now_v7(), "session_id": session, "started_at": at, "seconds": 20 });
        item.as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        item
    };
    let batch = json!({ "batch_id": Uuid::now_v7(), "applications": [item(json!({ "app": script, "title": script }))],
        "websites": [item(json!({ "host": script, "path": script, "title": script }))] });
    assert_eq!(all.agent.post("/api/upload/batch", batch).await.0, 200);
    let invited = json!({ "email": "script@acme.test", "name": script, "role": "EMPLOYEE" });
    assert_eq!(all.acme.admin.post("/api/employees", invited).await.0, 201);
    for path in [
        format!("/api/timeline?user_id={}", all.ada.user),
        "/api/employees".to_owned(),
    ] {
        let answer = all
            .acme
            .admin
            .request(Method::GET, &path)
            .send()
            .await
            .unwrap();
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "application/json");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert!(header("content-security-policy").contains("default-src 'none'"));
        let body = answer.text().await.unwrap();
        assert!(
            body.contains("<script>alert(1)</script>"),
            "it is kept as it was: {body}"
        );
    }
    // An error that repeats what was sent is no page either.
    for path in [
        "/api/timeline?user_id=<script>alert(1)</script>",
        "/api/employees?status=<script>",
        "/api/<script>",
        "/<script>alert(1)</script>",
    ] {
        let answer = raw::get(
            &all.app,
            path,
            &format!(
                "Accept: text/html\r\nAuthorization: Bearer {}\r\n",
                all.acme.admin.token.as_ref().unwrap()
            ),
        );
        assert!(
            !answer.contains("Content-Type: text/html")
                && !answer.contains("content-type: text/html"),
            "{answer}"
        );
    }
}

/// Files for spreadsheets; each is tried below with names that begin like a formula.
const REPORT_FILE: &str = "/api/report-files/{report_file_id}/file";
const SHEETS: &[(&str, &str)] = &[
    ("/api/alerts/export", "?"),
    ("/api/audit/export", "?"),
    ("/api/disputes/export", "?"),
    ("/api/employees/export", "?"),
    ("/api/manual-times/export", "?"),
    ("/api/monitoring-policies/acknowledgements/export", "?"),
    (REPORT_FILE, ""),
    ("/api/reports/export", "?kind=apps&"),
    ("/api/tasks/export", "?"),
    ("/api/usage/export", "?"),
    ("/api/work-sessions/export", "?"),
    ("/api/owner/companies/export", "?"),
    ("/api/owner/audit/export", "?"),
    ("/api/owner/reports/export", "?report=usage&"),
];

/// Tries formulas in what goes into files: no cell may begin with one.
#[actix_web::test]
async fn p54_no_cell_of_a_file_is_a_formula() {
    let is_sheet = |operation: &Value| {
        let text = operation["responses"].to_string();
        text.contains("csv") || text.contains("spreadsheet")
    };
    let sheets = operations().into_iter().filter(|one| is_sheet(&one.2));
    let mut paths: Vec<_> = sheets.map(|(_, path, _)| path).collect();
    let mut tried: Vec<_> = SHEETS.iter().map(|(path, _)| *path).collect();
    paths.sort_unstable();
    tried.sort_unstable();
    assert_eq!(paths, tried, "each file is tried here");
    // No job publishes other counts meanwhile.
    let app = App::configured(|config| config.job_workers = 0).await;
    let formulas = ["=1+1", "+1", "-1", "@SUM(1)", "=cmd|' /C calc'!A0", "＝1"];
    let acme = app.company("Acme").await;
    let owner = app.owner().await;
    for (at, formula) in formulas.into_iter().enumerate() {
        let person = json!({ "email": format!("person-{at}@acme.test"), "name": formula, "role": "EMPLOYEE" });
        let (status, invited) = acme.admin.post("/api/employees", person).await;
        assert_eq!(status, 201, "{invited}");
        let link = invited["invitation_url"].as_str().unwrap();
        let token = link.rsplit('/').next().unwrap();
        let accept = json!({ "name": formula, "password": PASSWORD });
        let path = format!("/api/invitations/{token}/accept");
        assert_eq!(app.anonymous().post(&path, accept).await.0, 201);
        let policy = json!({ "title": formula, "text": formula, "kinds": [] });
        assert_eq!(
            acme.admin.post("/api/monitoring-policies", policy).await.0,
            201
        );
        let team = json!({ "name": formula });
        assert_eq!(acme.admin.post("/api/teams", team).await.0, 201);
        let task = json!({ "title": formula });
        assert_eq!(acme.admin.post("/api/tasks", task).await.0, 201);
        let minute = |by: usize| {
            let minute = chrono::Utc::now().timestamp() / 60 - 600 + 2 * at as i64 + by as i64;
            chrono::DateTime::from_timestamp(minute * 60, 0).unwrap()
        };
        let said = json!({ "started_at": minute(0), "ended_at": minute(1), "kind": "call", "reason": formula });
        assert_eq!(acme.admin.post("/api/manual-times", said).await.0, 201);
        let contested =
            json!({ "kind": "label", "app": formula, "label": "neutral", "reason": formula });
        assert_eq!(acme.admin.post("/api/disputes", contested).await.0, 201);
        let new = json!({ "name": formula, "admin_email": "a@x.test", "plan": "PRO", "time_zone": "UTC" });
        assert_eq!(owner.post("/api/owner/companies", new).await.0, 201);
    }
    execute(
        &mut app.copy.admin(),
        "UPDATE platform.company_overview SET active_seconds_30d = 60",
    );
    let apps = formulas.map(|name| name.replace('\'', "''")).join("', '");
    execute(
        &mut app.copy.admin(),
        &format!(
            "INSERT INTO tenant.user_app_usage_daily (company_id, user_id, day, app, seconds) \
             SELECT '{}', '{}', current_date - 2, unnest(ARRAY['{apps}']), 60",
            acme.id, acme.admin.user
        ),
    );
    execute(
        &mut app.copy.admin(),
        "INSERT INTO tenant.user_usage_daily (company_id, user_id, day, tracked_seconds, active_seconds, idle_seconds, keystrokes, \
           mouse_events, sessions, screenshots, screenshot_bytes, events) \
         SELECT DISTINCT company_id, user_id, day, 60, 60, 0, 0, 0, 1, 0, 0, 1 FROM tenant.user_app_usage_daily",
    );
    sum_again(&app, acme.id);
    execute(
        &mut app.copy.admin(),
        &format!(
            "INSERT INTO tenant.alerts (company_id, id, kind, threshold, day, event_key, value, note) \
             SELECT '{}', gen_random_uuid(), 'storage', 80, current_date, 'full', 90, unnest(ARRAY['{apps}'])",
            acme.id
        ),
    );
    for work in [
        "INSERT INTO tenant.devices (company_id, id, user_id, name, os, agent_version, key_id) \
         SELECT company_id, gen_random_uuid(), id, name, 'Debian 12', '0.1.0', gen_random_uuid() FROM tenant.users \
         WHERE role = 'EMPLOYEE'",
        "INSERT INTO tenant.work_sessions (company_id, id, user_id, device_id, started_at, last_seen_at, task_id) \
         SELECT d.company_id, gen_random_uuid(), d.user_id, d.id, now(), now(), t.id FROM tenant.devices d \
         JOIN tenant.tasks t ON t.company_id = d.company_id AND t.title = d.name",
    ] {
        execute(&mut app.copy.admin(), work);
    }
    for (path, query) in SHEETS {
        let reader = match path.starts_with("/api/owner/") {
            true => &owner,
            false => &acme.admin,
        };
        let mut sheets = ["csv", "xlsx"].map(|format| format!("{path}{query}format={format}"));
        if *path == REPORT_FILE {
            for (sheet, format) in sheets.iter_mut().zip(["csv", "xlsx"]) {
                let new = json!({ "name": "Apps", "format": format, "report": { "kind": "apps" } });
                let (status, made) = acme.admin.post("/api/report-files", new).await;
                assert_eq!(status, 201, "{made}");
                settle(&app);
                *sheet = format!("/api/report-files/{}/file", made["id"].as_str().unwrap());
            }
        }
        let [path, book] = sheets;
        let answer = reader.request(Method::GET, &path).send().await.unwrap();
        let text = answer.text().await.unwrap();
        let dangerous: Vec<_> = text
            .split(|c| [',', '\n'].contains(&c))
            .filter(|cell| {
                let cell = cell.strip_prefix('"').unwrap_or(cell);
                cell.starts_with(['=', '+', '-', '@', '\t', '＝'])
            })
            .collect();
        assert_eq!(dangerous, Vec::<&str>::new(), "{text}");
        assert!(formulas.iter().all(|name| text.contains(name)), "{text}");
        let answer = reader.request(Method::GET, &book).send().await.unwrap();
        let book = answer.bytes().await.unwrap().to_vec();
        let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(book)).unwrap();
        let sheet = book.sheet_names()[0].clone();
        let written = book.worksheet_formula(&sheet).unwrap();
        assert_eq!(written.used_cells().count(), 0, "{path}");
        let cells = book.worksheet_range(&sheet).unwrap();
        for name in formulas {
            let holds = |cell: (usize, usize, &Data)| cell.2.to_string().contains(name);
            assert!(cells.used_cells().any(holds), "{path}: {name}");
        }
    }
}

/// Tries line ends in names, ids and paths: in headers of the answer, and in lines of the log.
#[actix_web::test]
async fn p57_no_line_end_gets_into_a_header() {
    let all = Everybody::new().await;
    for path in [
        "/api/docs%0d%0aSet-Cookie:%20owned=1",
        "/api/me%0d%0aSet-Cookie:%20owned=1",
        "/%0d%0aSet-Cookie:%20owned=1",
        "/api/employees?cursor=%0d%0aSet-Cookie:%20owned=1",
        "/api/invitations/%0d%0aSet-Cookie:%20owned=1",
    ] {
        let answer = raw::get(
            &all.app,
            path,
            "X-Request-Id: abcdefgh%0d%0aSet-Cookie:owned=1\r\n",
        );
        let head = answer.split("\r\n\r\n").next().unwrap().to_lowercase();
        assert!(!head.contains("owned"), "{path}: {answer}");
        assert_eq!(raw::statuses(&answer).len(), 1, "{path}");
    }
    for name in ["A\r\nB", "A\nB", "A\u{0}B", "A\u{1b}[31mB", "A\u{85}B"] {
        let new = json!({ "email": "line@acme.test", "name": name, "role": "EMPLOYEE" });
        assert_eq!(
            all.acme.admin.post("/api/employees", new).await.0,
            422,
            "{name:?}"
        );
    }
    let device = json!({ "id": Uuid::now_v7(), "name": "desk\r\nforged line", "os": "a\nb", "agent_version": "0\n1" });
    let login = json!({ "email": all.ada.email, "password": PASSWORD, "device": device });
    let (status, _) = all
        .app
        .anonymous()
        .with_key(&all.acme.key)
        .post("/api/login", login)
        .await;
    let names = rows(
        &mut all.app.copy.admin(),
        "SELECT name, os, agent_version FROM tenant.devices",
    );
    assert!([200, 422].contains(&status));
    assert!(!json!(names).to_string().contains("\\n"), "{names:?}");
}

/// Tries values at and beyond every border, in every JSON body, in bounds of time and memory.
#[actix_web::test]
async fn p58_no_value_is_too_odd_to_be_refused_in_order() {
    let all = Everybody::new().await;
    let odd = [
        json!("a\u{0}b"),
        json!("\u{202e}\u{feff}"),
        json!("x".repeat(20_000)),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(-1),
        json!(0.5),
        json!(1e308),
        json!("9999-12-31T23:59:59Z"),
        json!("0000-01-01T00:00:00Z"),
        json!("-9999-01-01"),
        json!("2026-02-30"),
        json!("+262143-12-31T23:59:59Z"),
        json!("2026-11-21T23:59:60Z"),
        json!([]),
        json!({}),
        json!(null),
        json!(true),
        json!([[[[]]]]),
        json!("NaN"),
        json!("Infinity"),
        json!("00000000-0000-0000-0000-000000000000"),
    ];
    let texts = [
        "[".repeat(200_000),
        "{\"a\":".repeat(50_000),
        "{\"a\": NaN}".to_owned(),
        "{\"a\": 1e999}".to_owned(),
        "{\"a\": \"\\ud800\"}".to_owned(),
        "\"".to_owned(),
        "\u{feff}{}".to_owned(),
        "{}{}".to_owned(),
        format!("{{\"a\": {}}}", "9".repeat(10_000)),
        format!("{{\"a\": \"{}\"}}", "x".repeat(1 << 20)),
    ];
    let document = serde_json::to_value(openapi()).unwrap();
    let mut tried = 0;
    for (method, path, operation) in operations() {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        if schema.is_null() {
            continue;
        }
        let client = match path.as_str() {
            path if path.starts_with("/api/owner") => &all.acme.owner,
            path if all.is_agents(path) => &all.agent,
            _ => &all.acme.admin,
        };
        let url = filled(&path);
        // Without the header a change is refused before its body is read.
        let ask = |client: &Client| client.request(method.clone(), &url).header("if-match", "*");
        for text in &texts {
            let request = ask(client).header("content-type", "application/json");
            let answer = request.body(text.clone()).send().await.unwrap();
            let status = answer.status().as_u16();
            assert!(
                (400..=422).contains(&status),
                "{method} {path}: {status} for {}",
                &text[..20.min(text.len())]
            );
            tried += 1;
        }
        let resolved = match schema["$ref"].as_str() {
            Some(pointer) => document
                .pointer(pointer.trim_start_matches('#'))
                .unwrap()
                .clone(),
            None => schema.clone(),
        };
        let names: Vec<String> = resolved["properties"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect();
        for value in &odd {
            // All fields at once, then each alone beside plain ones.
            let body: Value = names
                .iter()
                .map(|name| (name.clone(), value.clone()))
                .collect::<serde_json::Map<_, _>>()
                .into();
            let answer = ask(client).json(&body).send().await.unwrap();
            let status = answer.status().as_u16();
            assert!(status < 500, "{method} {path} with {value}: {status}");
            tried += 1;
        }
    }
    assert!(tried > 500, "{tried}");
    // Where the rest is in order, so that the odd one is what is judged.
    let session = Uuid::now_v7();
    let good = json!({ "id": Uuid::now_v7(), "session_id": session, "app": "a", "title": "t",
        "started_at": (chrono::Utc::now() - chrono::Duration::seconds(60)).to_rfc3339(), "seconds": 5 });
    for field in ["id", "session_id", "app", "title", "started_at", "seconds"] {
        for value in &odd {
            let mut item = good.clone();
            item["id"] = json!(Uuid::now_v7());
            item[field] = value.clone();
            let (status, answer) = all
                .agent
                .post("/api/upload/applications", json!({ "items": [item, good] }))
                .await;
            assert_eq!(status, 200, "{field}: {value}: {answer}");
            let result = &answer["items"][1]["result"];
            assert!(
                ["stored", "duplicate"].contains(&result.as_str().unwrap()),
                "{field}: {value}: {answer}"
            );
        }
    }
    for (path, name) in [
        ("/api/timeline", "day"),
        ("/api/usage/daily", "from"),
        ("/api/usage", "app"),
        ("/api/usage", "cursor"),
        ("/api/usage/today", "user_id"),
        ("/api/employees", "limit"),
        ("/api/employees", "search"),
    ] {
        for value in &odd {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            let encoded: String = text
                .bytes()
                .take(2000)
                .map(|byte| format!("%{byte:02X}"))
                .collect();
            let (status, answer) = all
                .acme
                .admin
                .get(&format!("{path}?{name}={encoded}&to={encoded}"))
                .await;
            assert!(status < 500, "{path} {name} {value}: {answer}");
        }
    }
    assert_eq!(all.app.anonymous().get("/health/ready").await.0, 200);
}

/// Tries to hide one request in another, to send headers without end, and to keep a connection busy with nothing.
#[actix_web::test]
async fn p60_a_connection_carries_what_it_says() {
    let all = Everybody::new().await;
    let app = &all.app;
    let smuggled = "GET /api/owner/companies HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let length = smuggled.len();
    for head in [
        format!("Content-Length: {length}\r\nTransfer-Encoding: chunked"),
        format!("Transfer-Encoding: chunked\r\nContent-Length: {length}"),
        format!("Content-Length: 0\r\nContent-Length: {length}"),
        format!("Content-Length: {length}, 0"),
        "Content-Length: -1".to_owned(),
        "Content-Length: +5".to_owned(),
        "Content-Length: 0x10".to_owned(),
        "Transfer-Encoding: xchunked".to_owned(),
        "Transfer-Encoding: identity, chunked, identity".to_owned(),
        "Transfer-Encoding:\u{b}chunked".to_owned(),
        "Transfer-Encoding : chunked".to_owned(),
    ] {
        let request = format!(
            "POST /api/auth/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{head}\r\n\r\n0\r\n\r\n{smuggled}"
        );
        let answer = raw::send(app, request.as_bytes());
        let statuses = raw::statuses(&answer);
        assert!(
            statuses.first().is_none_or(|first| *first == 400),
            "{head}: {answer}"
        );
        assert!(statuses.len() <= 1, "{head}: {answer}");
    }
    let many: String = (0..500).map(|n| format!("X-{n}: y\r\n")).collect();
    let long = format!("X-Long: {}\r\n", "y".repeat(300_000));
    let line = format!("/{}", "a".repeat(300_000));
    for (target, headers) in [
        ("/health/live", many.as_str()),
        ("/health/live", &long),
        (line.as_str(), ""),
    ] {
        let statuses = raw::statuses(&raw::get(app, target, headers));
        assert!(
            statuses.iter().all(|status| (400..500).contains(status)),
            "{statuses:?}"
        );
    }
    // A head that comes drop by drop: the server gives up on it, and serves others meanwhile.
    let begin = Instant::now();
    let mut slow: Vec<_> = (0..50).map(|_| raw::open(app)).collect();
    for stream in &mut slow {
        stream
            .write_all(b"GET /health/live HTTP/1.1\r\nHost: loc")
            .unwrap();
    }
    assert_eq!(
        app.anonymous()
            .request(Method::GET, "/health/live")
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    let one = &mut slow[0];
    one.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
    let end = raw::read(one);
    assert!(end.is_empty() || end.starts_with("HTTP/1.1 408"), "{end}");
    assert!(
        begin.elapsed() < Duration::from_secs(14),
        "the server waited {:?}",
        begin.elapsed()
    );
}

/// Tries to be somebody else for each attempt.
#[actix_web::test]
async fn p61_an_invented_address_counts_as_the_real_one() {
    let app = App::configured(|config| config.rate_limit_address = 10).await;
    // The server begins to work when the test first waits for it.
    app.anonymous().get("/api/me").await;
    let mut refused = 0;
    for number in 0..40 {
        let invented = format!("203.0.113.{number}");
        let headers = format!(
            "X-Forwarded-For: {invented}\r\nX-Real-IP: {invented}\r\nForwarded: for={invented}\r\nTrue-Client-IP: {invented}\r\n\
             CF-Connecting-IP: {invented}\r\nX-Forwarded-For: 198.51.100.{number}\r\n"
        );
        let answer = raw::get(&app, "/api/me", &headers);
        refused += usize::from(answer.starts_with("HTTP/1.1 429"));
    }
    assert!(refused >= 25, "only {refused} of 40 were refused");
}

/// Tries to have an answer made for somebody else kept, or made with another address.
#[actix_web::test]
async fn p62_no_answer_is_kept_or_made_for_another_host() {
    let all = Everybody::new().await;
    let token = all.acme.admin.token.as_ref().unwrap();
    let poison = "X-Forwarded-Host: evil.test\r\nX-Forwarded-Proto: https\r\nX-Original-URL: /api/owner/companies\r\nX-Rewrite-URL: /api/owner/companies\r\nForwarded: host=evil.test\r\n";
    for target in [
        "/api/me",
        "/api/employees",
        "/api/nothing",
        "/api/docs",
        "/api/openapi.json",
    ] {
        let answer = raw::get(
            &all.app,
            target,
            &format!("Authorization: Bearer {token}\r\n{poison}"),
        );
        assert!(!answer.contains("evil.test"), "{target}: {answer}");
        let is_document = target == "/api/openapi.json";
        assert!(
            is_document || !answer.contains("max_employees"),
            "{target}: {answer}"
        );
    }
    for target in [
        "/api/me",
        "/api/employees",
        "/api/nothing",
        "/api/me/a.css",
        "/api/me%2fa.css",
        "/api/me?a.css",
    ] {
        let answer = raw::get(
            &all.app,
            target,
            &format!("Authorization: Bearer {token}\r\n"),
        )
        .to_lowercase();
        let head = answer.split("\r\n\r\n").next().unwrap();
        assert!(head.contains("cache-control: no-store"), "{target}: {head}");
    }
    let body = json!({ "email": "host@acme.test", "name": "H", "role": "EMPLOYEE" });
    let request = all.acme.admin.request(Method::POST, "/api/employees");
    let answer = request
        .header("host", "evil.test")
        .header("x-forwarded-host", "evil.test")
        .json(&body)
        .send()
        .await
        .unwrap();
    let location = answer
        .headers()
        .get("location")
        .map(|value| value.to_str().unwrap().to_owned());
    let (status, invited) = read(answer).await;
    assert_eq!(status, 201);
    assert!(
        !invited.to_string().contains("evil.test")
            && !location.unwrap_or_default().contains("evil.test")
    );
}

/// Tries to say in which company a transaction is, in every place where something can be said.
#[actix_web::test]
async fn p63_nothing_that_is_sent_sets_the_context() {
    let all = Everybody::new().await;
    let bolt = all.app.company("Bolt").await;
    let (id, admin) = (bolt.id, &all.acme.admin);
    let (_, plain) = admin.get("/api/employees").await;
    for name in [
        "app.company_id",
        "app_company_id",
        "company_id",
        "company",
        "tenant",
        "options",
        "role",
        "search_path",
    ] {
        for value in [
            id.to_string(),
            format!("-c app.company_id={id}"),
            "tracker_platform".to_owned(),
        ] {
            let request = admin.request(Method::GET, "/api/employees");
            let request = request
                .header("x-company-id", &value)
                .header("x-tenant-id", &value)
                .header("cookie", format!("{name}={value}"));
            let header = name.replace(['.', '_'], "-");
            let (status, answer) = read(request.header(header, &value).send().await.unwrap()).await;
            assert_eq!((status, &answer), (200, &plain), "{name}");
            let encoded: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let (status, answer) = admin.get(&format!("/api/employees?{name}={encoded}")).await;
            assert!(
                status == 422 || (status, &answer) == (200, &plain),
                "{name}: {answer}"
            );
            let new = json!({ "email": format!("{name}@acme.test"), "name": "X", "role": "EMPLOYEE", name: value });
            let (status, answer) = admin.post("/api/employees", new).await;
            assert_eq!(status, 422, "{name}: {answer}");
        }
    }
    let breaking = format!("x'; SET LOCAL app.company_id = '{id}'; --");
    let (status, invited) = admin
        .post(
            "/api/employees",
            json!({ "email": "set@acme.test", "name": breaking, "role": "EMPLOYEE" }),
        )
        .await;
    assert_eq!(status, 201, "{invited}");
    let strangers = rows(
        &mut all.app.copy.admin(),
        &format!(
            "SELECT email FROM tenant.users WHERE company_id = '{id}' UNION ALL SELECT email FROM tenant.invitations WHERE company_id = '{id}'"
        ),
    );
    assert_eq!(
        strangers.len(),
        1,
        "Bolt has its admin and nobody else: {strangers:?}"
    );
}
