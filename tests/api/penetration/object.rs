//! P01 to P20: somebody else's things by their ids, cursors, parents, counts and side effects. The matrix tries every
//! operation with every id; these are the attacks by name, each with what the attacker would have won.

use diesel::connection::SimpleConnection;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{App, Client, Company, PASSWORD};
use crate::feed::{Feed, execute, rows, settle};

/// Two companies that look alike, each with an employee whose day was recorded.
struct Scene {
    app: App,
    acme: Company,
    bolt: Company,
    ann: Client,
    bob: Client,
}

const DAY: &str = "2026-11-02";

async fn scene() -> Scene {
    let app = App::configured(|config| config.job_workers = 0).await;
    let (acme, bolt) = (app.company("Acme").await, app.company("Acme").await);
    let (ann, bob) = (
        app.employee(&acme, "Sam").await,
        app.employee(&bolt, "Sam").await,
    );
    for (company, person, title) in [
        (&acme, &ann, "plan of Acme"),
        (&bolt, &bob, "secret of Bolt"),
    ] {
        let begin = format!("{DAY}T08:00:00Z");
        Feed::new(&app, company.id, person.user, &begin)
            .minutes(&begin, 30, 60, 0)
            .app("editor", title, &begin, 1800)
            .batch(DAY, DAY);
    }
    settle(&app);
    Scene {
        app,
        acme,
        bolt,
        ann,
        bob,
    }
}

/// The answer as a stranger to the thing sees it: without what names the request.
fn seen((status, mut body): (u16, Value)) -> (u16, Value) {
    if let Some(body) = body.as_object_mut() {
        body.remove("request_id");
    }
    (status, body)
}

/// Asks the same of somebody else's id and of nobody's: both are answered alike, with 404.
async fn alike(
    client: &Client,
    method: Method,
    path: impl Fn(Uuid) -> String,
    foreign: Uuid,
    body: Option<Value>,
) {
    let ask = async |id| {
        let path = path(id);
        client.send(method.clone(), &path, body.clone()).await
    };
    let theirs = ask(foreign).await;
    let nobodys = ask(Uuid::now_v7()).await;
    assert_eq!(theirs.0, 404, "{} {}", path(foreign), theirs.1);
    assert_eq!(seen(theirs), seen(nobodys), "{}", path(foreign));
}

/// The work session that the company's one person recorded.
fn session_of(app: &App, company: &Company) -> Value {
    let sql = format!(
        "SELECT id FROM tenant.work_sessions WHERE company_id = '{}'",
        company.id
    );
    rows(&mut app.copy.admin(), &sql)[0]["id"].clone()
}

async fn checksum(app: &App, company: &Company) -> Vec<Value> {
    let tables = [
        "users",
        "work_sessions",
        "application_usage",
        "activity_log",
        "devices",
        "invitations",
        "teams",
    ];
    let sums = tables.map(|table| {
        format!(
            "SELECT '{table}' AS name, md5(string_agg(t::text, '' ORDER BY t::text)) AS sum FROM tenant.{table} t WHERE company_id = '{}'",
            company.id
        )
    });
    rows(&mut app.copy.admin(), &sums.join(" UNION ALL "))
}

/// Puts another company's person into the path, with every verb there is.
#[actix_web::test]
async fn p01_an_id_in_the_path_is_swapped() {
    let Scene {
        app,
        acme,
        bob,
        bolt,
        ..
    } = scene().await;
    let before = checksum(&app, &bolt).await;
    let role = json!({ "role": "ADMIN", "password": PASSWORD });
    for (method, action, body) in [
        (Method::GET, "", None),
        (Method::POST, "/deactivate", None),
        (Method::POST, "/reactivate", None),
        (Method::POST, "/end-sign-ins", None),
        (Method::POST, "/change-role", Some(role)),
    ] {
        let path = |id| format!("/api/employees/{id}{action}");
        alike(&acme.admin, method, path, bob.user, body).await;
    }
    // A body that is wrong is refused as such, whoever is meant.
    for id in [bob.user, Uuid::now_v7()] {
        let path = format!("/api/employees/{id}/change-role");
        assert_eq!(acme.admin.post(&path, json!({})).await.0, 422, "{id}");
    }
    assert_eq!(checksum(&app, &bolt).await, before);
}

/// Sends another company's ids in a body: its device at a login, its session at a heartbeat.
#[actix_web::test]
async fn p02_an_id_in_the_body_is_swapped() {
    let Scene {
        app,
        acme,
        bolt,
        ann,
        bob,
    } = scene().await;
    let theirs = app.agent(&bolt, &bob).await;
    let before = checksum(&app, &bolt).await;
    let device = json!({ "id": theirs.device, "name": "mine", "os": "x", "agent_version": "1" });
    let login = json!({ "email": ann.email, "password": PASSWORD, "device": device });
    let anonymous = app.anonymous().with_key(&acme.key);
    assert_eq!(
        anonymous.post("/api/login", login).await.0,
        200,
        "ids of devices are each company's own"
    );
    let agent = app.agent(&acme, &ann).await;
    let session = session_of(&app, &bolt);
    let at = chrono::Utc::now();
    let (status, _) = agent
        .post(
            "/api/work-session/heartbeat",
            json!({ "id": session, "at": at }),
        )
        .await;
    assert_eq!(
        status, 200,
        "ids of sessions are each person's own: it begins one"
    );
    assert_eq!(checksum(&app, &bolt).await, before);
}

/// Hides another company's session in a list of own items.
#[actix_web::test]
async fn p03_an_id_deep_in_a_list_is_swapped() {
    let Scene {
        app,
        acme,
        bolt,
        ann,
        ..
    } = scene().await;
    let agent = app.agent(&acme, &ann).await;
    let before = checksum(&app, &bolt).await;
    let session = session_of(&app, &bolt);
    let batch = json!({ "batch_id": Uuid::now_v7(), "applications": [item(&session)] });
    let (status, answer) = agent.post("/api/upload/batch", batch).await;
    assert_eq!(
        (status, &answer["items"][0]["result"]),
        (200, &json!("stored")),
        "as an own new session"
    );
    assert_eq!(checksum(&app, &bolt).await, before);
}

fn item(session: &Value) -> Value {
    json!({ "id": Uuid::now_v7(), "session_id": session, "app": "x", "title": "y", "started_at": chrono::Utc::now(), "seconds": 1 })
}

/// Mixes own items with items of a colleague's session: the own ones are stored, the others refused like unknown ones.
#[actix_web::test]
async fn p04_a_batch_mixes_own_and_foreign_items() {
    let Scene { app, acme, ann, .. } = scene().await;
    let agent = app.agent(&acme, &acme.admin).await;
    let hers = rows(
        &mut app.copy.admin(),
        &format!(
            "SELECT id FROM tenant.work_sessions WHERE user_id = '{}'",
            ann.user
        ),
    );
    let batch = json!({ "batch_id": Uuid::now_v7(), "applications": [item(&json!(Uuid::now_v7())), item(&hers[0]["id"])] });
    let (_, answer) = agent.post("/api/upload/batch", batch).await;
    assert_eq!(answer["items"][0]["result"], "stored");
    assert_eq!(answer["items"][1]["code"], "unknown_session");
}

/// Filters by another company's person.
#[actix_web::test]
async fn p05_a_filter_names_somebody_elses_id() {
    let Scene {
        app: _app,
        acme,
        ann,
        bob,
        ..
    } = scene().await;
    for path in [
        "/api/timeline?day=2026-11-02&user_id=",
        "/api/usage/daily?from=2026-11-01&to=2026-11-03&user_id=",
        "/api/usage/apps?from=2026-11-01&to=2026-11-03&user_id=",
        "/api/usage?by=host&from=2026-11-01&to=2026-11-03&user_id=",
        "/api/usage/export?by=app&from=2026-11-01&to=2026-11-03&user_id=",
        "/api/screenshots?day=2026-11-02&user_id=",
        "/api/screenshots/days?from=2026-11-01&to=2026-11-03&user_id=",
        "/api/screenshots/slots?day=2026-11-02&user_id=",
    ] {
        alike(
            &acme.admin,
            Method::GET,
            |id| format!("{path}{id}"),
            bob.user,
            None,
        )
        .await;
        let own = acme.admin.get(&format!("{path}{}", ann.user)).await;
        assert_eq!(own.0, 200, "{path}");
    }
}

/// Uses a cursor of another company, of another list, with other filters, and one with a byte changed.
#[actix_web::test]
async fn p06_a_cursor_is_tampered_with() {
    let Scene {
        app, acme, bolt, ..
    } = scene().await;
    for company in [&acme, &bolt] {
        app.employee(company, "Zoe").await;
    }
    let first = |client: Client| async move {
        client.get("/api/employees?limit=1").await.1["next_cursor"].clone()
    };
    let (own, theirs) = (
        first(acme.admin.clone()).await,
        first(bolt.admin.clone()).await,
    );
    let (own, theirs) = (own.as_str().unwrap(), theirs.as_str().unwrap());
    let with = |cursor: String| {
        let admin = acme.admin.clone();
        async move { admin.get(&format!("/api/employees?limit=1&{cursor}")).await }
    };
    assert_eq!(with(format!("cursor={own}")).await.0, 200);
    let touched = format!(
        "{}{}",
        &own[..own.len() - 1],
        if own.ends_with('0') { '1' } else { '0' }
    );
    for wrong in [
        format!("cursor={theirs}"),
        format!("q=a&cursor={own}"),
        format!("cursor={touched}"),
        "cursor=".into(),
    ] {
        let (status, problem) = with(wrong.clone()).await;
        assert_eq!(
            (status, &problem["code"]),
            (400, &json!("cursor_invalid")),
            "{wrong}"
        );
    }
}

/// Puts another company's person into an own team, and own people into another company's.
#[actix_web::test]
async fn p07_somebody_of_another_company_is_put_into_a_team() {
    let Scene {
        app,
        acme,
        bob,
        bolt,
        ann,
        ..
    } = scene().await;
    let team = |name: &str| json!({ "name": name });
    let (_, own) = acme.admin.post("/api/teams", team("Own")).await;
    let (_, theirs) = bolt.admin.post("/api/teams", team("Theirs")).await;
    let before = checksum(&app, &bolt).await;
    let own = format!("/api/teams/{}/members", own["id"].as_str().unwrap());
    let mut answers = Vec::new();
    for person in [bob.user, Uuid::now_v7()] {
        let mixed = json!({ "employee_ids": [ann.user, person] });
        let (status, mut problem) = acme.admin.post(&own, mixed).await;
        problem["request_id"] = json!(null);
        assert_eq!(problem["errors"][0]["pointer"], "/employee_ids/1");
        answers.push((status, problem));
    }
    assert_eq!(answers[0].0, 422);
    assert_eq!(answers[0], answers[1], "a rival's person is nobody");
    let (_, seen) = acme.admin.get("/api/teams").await;
    assert_eq!(seen["items"][0]["members"], 0, "not half of a list");
    let theirs: Uuid = theirs["id"].as_str().unwrap().parse().unwrap();
    let path = |id| format!("/api/teams/{id}/members");
    let body = json!({ "employee_ids": [ann.user] });
    alike(&acme.admin, Method::POST, path, theirs, Some(body)).await;
    let invited = json!({ "email": "mole@acme.test", "role": "EMPLOYEE", "team_id": theirs });
    let (status, problem) = acme.admin.post("/api/employees", invited).await;
    assert_eq!(
        (status, &problem["errors"][0]["code"]),
        (422, &json!("team_unknown"))
    );
    assert_eq!(checksum(&app, &bolt).await, before);
}

/// Renames and deletes another company's team, takes people out of it, and lists by it.
#[actix_web::test]
async fn p08_another_companys_team_is_changed() {
    let Scene {
        app,
        acme,
        bob,
        bolt,
        ..
    } = scene().await;
    let (_, theirs) = bolt
        .admin
        .post("/api/teams", json!({ "name": "Theirs" }))
        .await;
    let theirs: Uuid = theirs["id"].as_str().unwrap().parse().unwrap();
    let members = format!("/api/teams/{theirs}/members");
    let joined = json!({ "employee_ids": [bob.user] });
    assert_eq!(bolt.admin.post(&members, joined).await.0, 200);
    let before = checksum(&app, &bolt).await;
    let rename = json!({ "name": "Ours" });
    for (method, action, body) in [
        (Method::GET, "", None),
        (Method::POST, "/rename", Some(rename)),
        (Method::DELETE, "", None),
    ] {
        let team = |id| format!("/api/teams/{id}{action}");
        alike(&acme.admin, method, team, theirs, body).await;
    }
    let member = |id| format!("/api/teams/{id}/members/{}", bob.user);
    alike(&acme.admin, Method::DELETE, member, theirs, None).await;
    let of = |id| format!("/api/employees?team_id={id}");
    let found = acme.admin.get(&of(theirs)).await;
    assert_eq!(found.1["items"], json!([]));
    assert_eq!(found, acme.admin.get(&of(Uuid::now_v7())).await);
    assert_eq!(checksum(&app, &bolt).await, before);
}

/// Invites somebody into another company, and makes rows there, by naming that company wherever a field might take it.
#[actix_web::test]
async fn p09_a_foreign_parent_is_named_at_creation() {
    let Scene {
        app, acme, bolt, ..
    } = scene().await;
    let before = checksum(&app, &bolt).await;
    let body = json!({ "email": "mole@acme.test", "role": "ADMIN", "company_id": bolt.id });
    let (status, problem) = acme.admin.post("/api/employees", body).await;
    assert_eq!((status, &problem["code"]), (422, &json!("invalid")));
    let direct = rows(
        &mut app.copy.admin(),
        "SELECT count(*) AS n FROM tenant.invitations WHERE email = 'mole@acme.test'",
    );
    assert_eq!(direct[0]["n"], 0);
    assert_eq!(checksum(&app, &bolt).await, before);
}

/// Moves an own row into another company, as the admin's database role and with that company's context.
#[actix_web::test]
async fn p10_a_row_is_moved_to_another_company() {
    let Scene {
        app,
        acme,
        bolt,
        ann,
        ..
    } = scene().await;
    let to = |company: Uuid| {
        let mut conn = app.copy.as_role("tracker_web");
        let text = format!(
            "BEGIN; SET LOCAL ROLE tracker_admin; SET LOCAL app.company_id = '{}'; SET LOCAL app.user_id = '{}'; \
             UPDATE tenant.users SET company_id = '{company}' WHERE id = '{}'; COMMIT",
            acme.id, acme.admin.user, ann.user
        );
        conn.batch_execute(&text).map_err(|error| error.to_string())
    };
    assert_eq!(to(acme.id), Ok(()), "where it is, it may be changed");
    let refused = "new row violates row-level security policy for table \"users\"";
    assert_eq!(to(bolt.id), Err(refused.to_owned()));
}

/// Asks for pictures and thumbnails of another company, and of a colleague as an employee.
#[actix_web::test]
async fn p12_pictures_and_thumbnails_of_others_are_asked_for() {
    let Scene {
        app,
        acme,
        bolt,
        ann,
        bob,
    } = scene().await;
    let colleague = app.employee(&acme, "Cal").await;
    let mut conn = app.copy.admin();
    execute(
        &mut conn,
        "INSERT INTO tenant.screenshots (company_id, user_id, id, session_id, taken_at, display, blurred, state, width, height, bytes, sha256, object_key, thumbnail_key) \
         SELECT company_id, user_id, gen_random_uuid(), id, now(), 0, true, 'ready', 1, 1, 1, sha256(''), 'c/whole/' || id, 'c/small/' || id \
         FROM tenant.work_sessions",
    );
    let made = rows(&mut conn, "SELECT * FROM tenant.screenshots");
    assert_eq!(made.len(), 2);
    for row in made {
        let (company, id) = (parsed(&row["company_id"]), parsed(&row["id"]));
        for kind in ["image", "thumbnail"] {
            let key = if kind == "image" {
                "object_key"
            } else {
                "thumbnail_key"
            };
            let key = row[key].as_str().unwrap();
            app.state.objects.put(key, vec![1]).await.unwrap();
            let path = |id: Uuid| format!("/api/screenshots/{id}/{kind}");
            let whose = if company == bolt.id {
                [&bolt.admin, &bob]
            } else {
                [&acme.admin, &ann]
            };
            for client in whose {
                assert_eq!(client.get(&path(id)).await.0, 200, "it is there");
            }
            if company == bolt.id {
                alike(&acme.admin, Method::GET, path, id, None).await;
                alike(&ann, Method::GET, path, id, None).await;
            } else {
                alike(&colleague, Method::GET, path, id, None).await;
                alike(&bob, Method::GET, path, id, None).await;
            }
        }
        if company == bolt.id {
            let (reason, why) = (json!({ "reason": "quality" }), json!({ "reason": "Mine" }));
            for (what, body) in [("original", reason), ("delete", why)] {
                let path = |id: Uuid| format!("/api/screenshots/{id}/{what}");
                alike(&acme.admin, Method::POST, path, id, Some(body)).await;
            }
        }
    }
}

fn parsed(id: &Value) -> Uuid {
    id.as_str().unwrap().parse().unwrap()
}

/// Accepts one company's invitation for another person or company, and twice.
#[actix_web::test]
async fn p16_an_invitation_is_used_by_the_wrong_person() {
    let Scene {
        app, acme, bolt, ..
    } = scene().await;
    let (_, invited) = acme
        .admin
        .post(
            "/api/employees",
            json!({ "email": "new@acme.test", "role": "EMPLOYEE" }),
        )
        .await;
    let token = invited["invitation_url"]
        .as_str()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned();
    let mine = |company: Uuid| company.simple().to_string();
    let crossed = token.replace(&mine(acme.id), &mine(bolt.id));
    assert_ne!(crossed, token);
    let path = format!("/api/invitations/{crossed}/accept");
    let body = json!({ "name": "N", "password": PASSWORD });
    assert_eq!(app.anonymous().post(&path, body).await.0, 404);
    let path = format!("/api/invitations/{token}/accept");
    let chosen = json!({ "name": "N", "password": PASSWORD, "email": "other@bolt.test", "role": "ADMIN", "company_id": bolt.id });
    assert_eq!(
        app.anonymous().post(&path, chosen).await.0,
        422,
        "nothing of that is the guest's to choose"
    );
    let body = json!({ "name": "N", "password": PASSWORD });
    let (status, made) = app.anonymous().post(&path, body.clone()).await;
    assert_eq!(status, 201, "{made}");
    let me = app.sign_in("new@acme.test").await.get("/api/me").await.1;
    assert_eq!(
        (&me["role"], &me["company"]["id"]),
        (&json!("EMPLOYEE"), &json!(acme.id))
    );
    assert_eq!(app.anonymous().post(&path, body).await.0, 404, "once");
}

/// Reads what was done in another company, by its people and by a page of its list.
#[actix_web::test]
async fn p15_an_audit_log_of_others_is_read() {
    let Scene {
        app: _app,
        acme,
        bolt,
        ann,
        bob,
    } = scene().await;
    let team = json!({ "name": "Secret plans" });
    assert_eq!(bolt.admin.post("/api/teams", team).await.0, 201);
    for query in [
        String::new(),
        "?action=team.".to_owned(),
        format!("?user_id={}", bob.user),
        format!("?actor={}", bolt.admin.email),
        "/export".to_owned(),
        format!("/export?user_id={}", bob.user),
    ] {
        let request = acme
            .admin
            .request(Method::GET, &format!("/api/audit{query}"));
        let text = request.send().await.unwrap().text().await.unwrap();
        for theirs in ["Secret plans", &bolt.admin.email, &bob.email] {
            assert!(!text.contains(theirs), "{query}: {text}");
        }
    }
    let (_, page) = bolt.admin.get("/api/audit?limit=1").await;
    let cursor = page["next_cursor"].as_str().unwrap();
    let path = format!("/api/audit?limit=1&cursor={cursor}");
    assert_eq!(acme.admin.get(&path).await.0, 400);
    for path in ["/api/audit", "/api/audit/export", "/api/audit/verification"] {
        assert_eq!(ann.get(path).await.0, 403, "{path}");
        assert_eq!(acme.owner.get(path).await.0, 403, "{path}");
    }
}

/// Searches for people of a company that has the same names.
#[actix_web::test]
async fn p17_a_search_finds_people_of_others() {
    let Scene {
        app: _app,
        acme,
        ann,
        bob,
        ..
    } = scene().await;
    let (_, found) = acme.admin.get("/api/employees?q=sam").await;
    let ids: Vec<_> = found["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|person| person["id"].clone())
        .collect();
    assert_eq!(ids, [json!(ann.user)]);
    let (_, none) = acme
        .admin
        .get(&format!(
            "/api/employees?q={}",
            bob.email.split('@').next().unwrap()
        ))
        .await;
    assert_eq!(none["items"], json!([]));
}

/// Reads sums and counts that might count somebody else's work.
#[actix_web::test]
async fn p18_counts_and_sums_include_others() {
    let Scene {
        app, acme, bolt, ..
    } = scene().await;
    let path = "/api/usage/apps?from=2026-11-01&to=2026-11-03";
    let one = acme.admin.get(path).await;
    assert_eq!(one.1["items"][0]["seconds"], 1800, "{}", one.1);
    let broken_down = ["app", "person", "team"]
        .map(|by| format!("/api/usage?by={by}&from=2026-11-01&to=2026-11-03"));
    let mut before = Vec::new();
    for path in &broken_down {
        before.push(seen(acme.admin.get(path).await));
    }
    Feed::new(&app, bolt.id, bolt.admin.user, "2026-11-02T08:00:00Z")
        .minutes("2026-11-02T08:00:00Z", 60, 60, 0)
        .app("editor", "more of Bolt", "2026-11-02T08:00:00Z", 3600)
        .batch(DAY, DAY);
    settle(&app);
    assert_eq!(seen(acme.admin.get(path).await), seen(one));
    for (path, before) in broken_down.iter().zip(before) {
        assert_eq!(seen(acme.admin.get(path).await), before, "{path}");
    }
}

/// Learns from a refusal whether another company has an address, a device or a slug.
#[actix_web::test]
async fn p19_a_conflict_tells_of_somebody_elses_things() {
    let Scene {
        app: _app,
        acme,
        bob,
        bolt,
        ..
    } = scene().await;
    let (status, _) = acme
        .admin
        .post(
            "/api/employees",
            json!({ "email": bob.email, "role": "EMPLOYEE" }),
        )
        .await;
    assert_eq!(
        status, 201,
        "an address is unique in a company, not among companies"
    );
    let (status, _) = acme
        .admin
        .post(
            "/api/employees",
            json!({ "email": bolt.admin_email, "role": "ADMIN" }),
        )
        .await;
    assert_eq!(status, 201);
}
