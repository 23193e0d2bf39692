//! A company's audit log: changes and looks in one list, found, saved, and sealed so that nobody rewrites it.

use diesel::connection::SimpleConnection;
use serde_json::{Value, json};
use tracker::company::audit::seals::{self, Verified};

use crate::app::{App, Company, PASSWORD};
use crate::feed::{Feed, execute, next_job, rows, settle};

async fn server() -> App {
    App::configured(|config| config.job_workers = 0).await
}

/// What the clock would ask for.
fn seal(app: &App) {
    app.state.db.platform_job_blocking(seals::find).unwrap();
    while next_job(app) {}
}

fn verify(app: &App, company: &Company, noted: Option<(i64, &str)>) -> Verified {
    let text = format!(
        "SELECT slug FROM platform.companies WHERE id = '{}'",
        company.id
    );
    let slug = rows(&mut app.copy.admin(), &text)[0]["slug"].clone();
    seals::verify_company(&app.state.db, slug.as_str().unwrap(), noted).unwrap()
}

async fn entries(company: &Company, query: &str) -> Vec<Value> {
    let (status, page) = company.admin.get(&format!("/api/audit?{query}")).await;
    assert_eq!(status, 200, "{page}");
    page["items"].as_array().unwrap().clone()
}

fn actions(entries: &[Value]) -> Vec<&str> {
    entries
        .iter()
        .map(|entry| entry["action"].as_str().unwrap())
        .collect()
}

/// A company in which a team was made, an employee joined and was looked at.
async fn busy(app: &App) -> (Company, crate::app::Client) {
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Zora").await;
    let team = json!({ "name": "Design" });
    assert_eq!(acme.admin.post("/api/teams", team).await.0, 201);
    Feed::new(app, acme.id, ada.user, "2026-03-02T08:00:00Z").minutes(
        "2026-03-02T08:00:00Z",
        5,
        60,
        0,
    );
    let day = format!("/api/timeline?user_id={}&day=2026-03-02", ada.user);
    assert_eq!(acme.admin.get(&day).await.0, 200);
    (acme, ada)
}

#[actix_web::test]
async fn changes_and_looks_stand_in_one_list_and_are_found() {
    let app = server().await;
    let (acme, ada) = busy(&app).await;
    let all = entries(&acme, "").await;
    let looks = entries(&acme, "kind=access").await;
    let [look] = &looks[..] else {
        panic!("{looks:?}")
    };
    assert_eq!(look["action"], "access.timeline");
    assert_eq!(look["subject"], json!({ "id": ada.user, "name": "Zora" }));
    assert_eq!(look["day"], "2026-03-02");
    let [team] = &entries(&acme, "action=team.").await[..] else {
        panic!("{all:?}")
    };
    assert_eq!(team["action"], "team.created");
    assert_eq!(team["actor"], json!(acme.admin.email));
    assert_eq!(team["address"], "127.0.0.1");
    assert!(team["request_id"].is_string());
    let named = team["changes"].as_array().unwrap();
    assert!(
        named.contains(&json!({ "name": "name", "after": "Design" })),
        "{named:?}"
    );

    assert_eq!(
        actions(&entries(&acme, "action=team.created").await),
        ["team.created"]
    );
    assert_eq!(
        actions(&entries(&acme, "action=access.").await),
        ["access.timeline"]
    );
    let of_ada = entries(&acme, &format!("user_id={}", ada.user)).await;
    assert!(actions(&of_ada).contains(&"access.timeline"), "{of_ada:?}");
    assert!(of_ada.len() < all.len());
    let by = entries(&acme, "actor=nobody").await;
    assert_eq!(by.len(), 0);
    let changes = entries(&acme, "kind=change").await;
    assert_eq!(changes.len() + 1, all.len());
    assert_eq!(entries(&acme, "from=2090-01-01").await.len(), 0);
    assert_eq!(entries(&acme, "to=2020-01-01").await.len(), 0);

    // A page after the other tells the same.
    let (mut paged, mut next) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/audit?limit=1{next}");
        let (_, page) = acme.admin.get(&path).await;
        paged.extend(page["items"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(paged, all);
    for (query, code) in [
        ("action=team", "action_invalid"),
        ("action=Team.created", "action_invalid"),
        ("limit=0", "limit_invalid"),
    ] {
        let (status, problem) = acme.admin.get(&format!("/api/audit?{query}")).await;
        assert_eq!(
            (status, &problem["errors"][0]["code"]),
            (422, &json!(code)),
            "{problem}"
        );
    }
    let bolt = app.company("Bolt").await;
    let theirs = json!(entries(&bolt, "").await).to_string();
    assert!(
        !theirs.contains("Design") && !theirs.contains("Zora"),
        "{theirs}"
    );
}

#[actix_web::test]
async fn the_list_is_saved_as_a_file_and_that_is_written_down() {
    let app = server().await;
    let (acme, _) = busy(&app).await;
    let formula = json!({ "name": "=HYPERLINK(1)" });
    assert_eq!(acme.admin.post("/api/teams", formula).await.0, 201);
    let request = acme
        .admin
        .request(reqwest::Method::GET, "/api/audit/export?action=team.");
    let text = request.send().await.unwrap().text().await.unwrap();
    let lines: Vec<&str> = text.trim_end().split("\r\n").collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(lines[0].starts_with("id,at,kind,actor,action,"));
    assert!(lines[1].contains("name: =HYPERLINK(1)"), "{}", lines[1]);
    let [saved] = &entries(&acme, "action=audit_log.exported").await[..] else {
        panic!("not written down")
    };
    let changes = saved["changes"].as_array().unwrap();
    assert!(
        changes.contains(&json!({ "name": "rows", "after": "2" })),
        "{saved}"
    );
}

#[actix_web::test]
async fn every_entry_is_sealed_and_what_is_altered_is_found() {
    let app = server().await;
    let (acme, _) = busy(&app).await;
    let bolt = app.company("Bolt").await;
    assert_eq!(
        bolt.admin
            .post("/api/teams", json!({ "name": "Web" }))
            .await
            .0,
        201
    );
    assert_eq!(verify(&app, &acme, None).sealed, 0);
    seal(&app);
    let whole = verify(&app, &acme, None);
    assert_eq!((&whole.findings, whole.from), (&Vec::new(), 1));
    let all = entries(&acme, "").await;
    assert_eq!(all.len(), usize::try_from(whole.sealed).unwrap());
    assert!(all.iter().all(|entry| entry["seal"].is_i64()), "{all:?}");
    let (_, page) = acme.admin.get("/api/audit").await;
    assert_eq!(page["head"]["hash"], json!(whole.head));
    let noted = format!("{}:{}", whole.sealed, whole.head);
    let (status, found) = acme
        .admin
        .get(&format!("/api/audit/verification?noted={noted}"))
        .await;
    assert_eq!((status, &found["findings"]), (200, &json!([])), "{found}");
    let wrong = format!("{}:{}", whole.sealed, "0".repeat(64));
    let (_, found) = acme
        .admin
        .get(&format!("/api/audit/verification?noted={wrong}"))
        .await;
    let said = format!("seal {} is not the one that was noted", whole.sealed);
    assert_eq!(found["findings"], json!([said]));
    let (status, problem) = acme.admin.get("/api/audit/verification?noted=1:0").await;
    assert_eq!(
        (status, &problem["errors"][0]["code"]),
        (422, &json!("seal_invalid"))
    );

    // Each is one fault, and taken back.
    let of = format!("company_id = '{}'", acme.id);
    let first = format!(
        "{of} AND id = (SELECT entry_id FROM tenant.audit_seals WHERE {of} AND kind = 'change' ORDER BY no LIMIT 1)"
    );
    for (fault, said) in [
        (
            format!("UPDATE tenant.audit_entries SET detail = '{{\"n\": 1}}' WHERE {first}"),
            "is not what seal",
        ),
        (
            format!("UPDATE tenant.audit_entries SET actor_id = gen_random_uuid() WHERE {first}"),
            "is not what seal",
        ),
        (
            format!(
                "UPDATE tenant.audit_entries SET at = at - interval '1 microsecond' WHERE {first}"
            ),
            "is not what seal",
        ),
        (
            format!("DELETE FROM tenant.audit_entries WHERE {first}"),
            "is gone",
        ),
        (
            format!("UPDATE tenant.access_entries SET day = day + 1 WHERE {of}"),
            "is not what seal",
        ),
        (
            format!("DELETE FROM tenant.access_entries WHERE {of}"),
            "is gone",
        ),
        (
            format!(
                "DELETE FROM tenant.audit_seals WHERE {of} AND no = 2; \
           DELETE FROM tenant.audit_entries e WHERE {of} AND NOT EXISTS (SELECT FROM tenant.audit_seals s WHERE s.company_id = e.company_id AND s.entry_id = e.id)"
            ),
            "seals 2 to 2 are missing",
        ),
        (
            format!("UPDATE tenant.audit_seals SET digest = sha256(digest) WHERE {of} AND no = 2"),
            "does not follow",
        ),
        (
            format!(
                "INSERT INTO tenant.audit_entries (company_id, id, actor_id, actor, action) \
           VALUES ('{}', gen_random_uuid(), gen_random_uuid(), 'x', 'team.created')",
                acme.id
            ),
            "past the service",
        ),
        (
            format!(
                "DELETE FROM tenant.audit_seals WHERE {of} AND no = {0}; INSERT INTO tenant.audit_unsealed (company_id, kind, entry_id, noted_at) \
           SELECT '{1}', 'change', id, now() - interval '1 hour' FROM tenant.audit_entries e WHERE {of} \
             AND NOT EXISTS (SELECT FROM tenant.audit_seals s WHERE s.company_id = e.company_id AND s.entry_id = e.id)",
                whole.sealed, acme.id
            ),
            "",
        ),
    ] {
        let admin = &mut app.copy.admin();
        let copies = "CREATE TEMP TABLE e AS TABLE tenant.audit_entries; CREATE TEMP TABLE a AS TABLE tenant.access_entries; \
            CREATE TEMP TABLE s AS TABLE tenant.audit_seals";
        admin.batch_execute(copies).unwrap();
        admin.batch_execute(&fault).unwrap();
        let found = verify(&app, &acme, Some((whole.sealed, &whole.head))).findings;
        assert!(
            found.iter().any(|one| one.contains(said)) && !found.is_empty(),
            "{fault}: {found:?}"
        );
        assert_eq!(verify(&app, &bolt, None).findings, Vec::<String>::new());
        let back = "DELETE FROM tenant.audit_unsealed; DELETE FROM tenant.audit_seals; DELETE FROM tenant.access_entries; DELETE FROM tenant.audit_entries; \
            INSERT INTO tenant.audit_entries TABLE e; INSERT INTO tenant.access_entries TABLE a; INSERT INTO tenant.audit_seals TABLE s; \
            DROP TABLE e, a, s";
        admin.batch_execute(back).unwrap();
        assert_eq!(verify(&app, &acme, None), whole);
    }
}

#[actix_web::test]
async fn two_that_seal_at_once_make_one_chain() {
    let app = server().await;
    let acme = app.company("Acme").await;
    execute(
        &mut app.copy.admin(),
        &format!(
            "WITH made AS (INSERT INTO tenant.audit_entries (company_id, id, actor_id, actor, action) \
               SELECT '{0}', gen_random_uuid(), gen_random_uuid(), 'system', 'team.created' FROM generate_series(1, 2500) RETURNING id) \
             INSERT INTO tenant.audit_unsealed (company_id, kind, entry_id) SELECT '{0}', 'change', id FROM made",
            acme.id
        ),
    );
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| seals::run(&app.state.db, acme.id).unwrap());
        }
    });
    let verified = verify(&app, &acme, None);
    assert_eq!(verified.findings, Vec::<String>::new());
    assert!(verified.sealed >= 2_500, "{verified:?}");
}

#[actix_web::test]
async fn the_chain_holds_when_a_person_is_removed() {
    let app = server().await;
    let (acme, ada) = busy(&app).await;
    seal(&app);
    let noted = verify(&app, &acme, None);
    let path = format!("/api/employees/{}/deactivate", ada.user);
    assert_eq!(acme.admin.post(&path, json!({})).await.0, 200);
    let body = json!({ "employee_id": ada.user, "email": ada.email, "password": PASSWORD });
    assert_eq!(acme.admin.post("/api/removals", body).await.0, 201);
    settle(&app);
    seal(&app);
    let after = verify(&app, &acme, Some((noted.sealed, &noted.head)));
    assert_eq!(after.findings, Vec::<String>::new());
    assert_eq!(after.removed, 1, "{after:?}");
    assert!(after.sealed > noted.sealed);
    let left = rows(
        &mut app.copy.admin(),
        "SELECT FROM tenant.access_entries WHERE kind = 'timeline'",
    );
    assert!(left.is_empty());
}

#[actix_web::test]
async fn nobody_changes_an_entry_or_a_seal() {
    let app = server().await;
    busy(&app).await;
    seal(&app);
    for role in [
        "tracker_admin",
        "tracker_employee",
        "tracker_agent",
        "tracker_platform",
    ] {
        for sql in [
            "DELETE FROM tenant.audit_entries",
            "DELETE FROM tenant.access_entries",
            "DELETE FROM tenant.audit_seals",
            "UPDATE tenant.audit_entries SET detail = '{}'",
            "UPDATE tenant.access_entries SET day = day",
            "UPDATE tenant.audit_seals SET hash = digest",
        ] {
            let sql = format!("SET ROLE {role}; {sql}");
            let refused = app.copy.as_role("tracker_web").batch_execute(&sql);
            let refused = refused.unwrap_err().to_string();
            assert!(refused.contains("permission denied"), "{sql}: {refused}");
        }
    }
}
