//! A company that was cancelled a month ago is erased: all of it, nothing else, and not a day before.

use std::collections::BTreeMap;

use chrono::{Duration, Utc};
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};
use tracker::db::placement::{PLACEMENT, Place};
use tracker::jobs::erasures;
use tracker::secrets::{hex, sha256};
use uuid::Uuid;

use crate::app::{App, Company, PASSWORD};
use crate::feed::{execute, next_job, rows, settle};

pub async fn server() -> App {
    App::configured(|config| config.job_workers = 0).await
}

/// A company with rows in every table of a tenant, whose texts all say whose they are: `cnry.<letter>.`
pub async fn full(app: &App, name: &str, letter: &str) -> Company {
    let company = app.company(name).await;
    settle(app);
    let text = include_str!("matrix/companies.sql")
        .replace("{company}", &company.id.to_string())
        .replace("{letter}", letter);
    app.copy.admin().batch_execute(&text).unwrap();
    let keys = "SELECT object_key AS key FROM tenant.screenshots UNION SELECT thumbnail_key FROM tenant.screenshots \
        UNION SELECT object_key FROM tenant.exports UNION SELECT object_key FROM tenant.own_exports";
    for row in rows(&mut app.copy.admin(), keys) {
        let key = row["key"].as_str().unwrap();
        app.state
            .objects
            .put(key, b"picture".to_vec())
            .await
            .unwrap();
    }
    company
}

/// As if it had been cancelled so long ago.
fn cancelled(app: &App, company: &Company, ago: Duration) {
    let at = (Utc::now() - ago).to_rfc3339();
    execute(
        &mut app.copy.admin(),
        &format!(
            "UPDATE platform.companies SET status = 'CANCELLED', cancelled_at = '{at}' WHERE id = '{}'",
            company.id
        ),
    );
}

fn erase_what_is_due(app: &App) {
    app.state.db.platform_job_blocking(erasures::find).unwrap();
    while next_job(app) {}
}

/// Every table there is, and its columns as one text.
pub fn tables(app: &App) -> Vec<String> {
    let all = "SELECT c.oid::regclass::text AS name FROM pg_class c WHERE c.relnamespace::regnamespace::text IN ('tenant', 'platform', 'auth') \
        AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1";
    let all = rows(&mut app.copy.admin(), all);
    all.iter()
        .map(|row| row["name"].as_str().unwrap().to_owned())
        .collect()
}

/// Tables and the rows that a text or id occurs in, as a dump would be searched.
pub fn occurrences(app: &App, text: &str) -> BTreeMap<String, i64> {
    let conn = &mut app.copy.admin();
    let mut found = BTreeMap::new();
    for table in tables(app) {
        let count = rows(
            conn,
            &format!("SELECT count(*) AS n FROM {table} t WHERE strpos(t::text, '{text}') > 0"),
        );
        let count = count[0]["n"].as_i64().unwrap();
        if count > 0 {
            found.insert(table, count);
        }
    }
    found
}

/// A sum over the rows of everybody but this company and its people, per table; without what the service writes all the
/// time.
fn others(app: &App, company: Uuid) -> BTreeMap<String, Value> {
    const RESTLESS: [&str; 5] = [
        "platform.jobs",
        "platform.audit_seals",
        "platform.system_status",
        "platform.company_overview",
        "auth.throttle",
    ];
    let conn = &mut app.copy.admin();
    let mut sums = BTreeMap::new();
    for table in tables(app) {
        if RESTLESS.contains(&table.as_str()) {
            continue;
        }
        let sum = rows(
            conn,
            &format!(
                "SELECT count(*) AS n, sum(hashtextextended(t::text, 0))::text AS sum FROM {table} t \
                 WHERE strpos(t::text, '{company}') = 0 AND NOT EXISTS (SELECT FROM whose w WHERE strpos(t::text, w.id) > 0)"
            ),
        );
        sums.insert(table, json!(sum));
    }
    sums
}

/// Of a company of the matrix.
const PEOPLE: usize = 87;

/// Notes who the company's people are, for when nobody knows any more.
fn note_people(app: &App, company: Uuid) {
    execute(
        &mut app.copy.admin(),
        &format!(
            "CREATE TABLE whose AS SELECT user_id::text AS id FROM auth.credentials WHERE company_id = '{company}'"
        ),
    );
}

#[actix_web::test]
async fn everything_of_the_company_is_erased_and_nothing_of_others() {
    let app = server().await;
    let (acme, globex) = (
        full(&app, "Acme", "a").await,
        full(&app, "Globex", "b").await,
    );
    settle(&app);
    note_people(&app, acme.id);
    let people = rows(&mut app.copy.admin(), "SELECT id FROM whose");
    assert_eq!(people.len(), PEOPLE);
    cancelled(&app, &acme, Duration::days(31));
    let (before, subscriptions) = (
        others(&app, acme.id),
        rows(
            &mut app.copy.admin(),
            "SELECT * FROM platform.subscriptions ORDER BY company_id, id",
        ),
    );
    assert!(occurrences(&app, "cnry.a.").len() > 20);
    erase_what_is_due(&app);

    // What is left are the vendor's books, and what the data set gives the vendor itself.
    let kept = [
        "platform.audit_entries",
        "platform.subscriptions",
        "platform.exchange_rates",
        "platform.jobs",
    ];
    let left = occurrences(&app, "cnry.a.");
    assert!(
        left.keys().all(|table| kept.contains(&table.as_str())),
        "{left:?}"
    );
    let left = occurrences(&app, &acme.admin_email);
    assert_eq!(left, BTreeMap::new());
    for person in &people {
        let left = occurrences(&app, person["id"].as_str().unwrap());
        assert_eq!(left, BTreeMap::new());
    }
    let left: Vec<String> = occurrences(&app, &acme.id.to_string())
        .into_keys()
        .collect();
    assert_eq!(
        left,
        [
            "platform.audit_entries",
            "platform.companies",
            "platform.erasures",
            "platform.jobs",
            "platform.subscriptions"
        ]
    );
    let folder = format!("c/{}", acme.id);
    assert_eq!(app.state.objects.sizes(&folder).await.unwrap(), []);
    let globex_folder = format!("c/{}", globex.id);
    assert_eq!(
        app.state.objects.sizes(&globex_folder).await.unwrap().len(),
        670
    );

    // Of all others every row is as it was; so is what was ever paid.
    let mut after = others(&app, acme.id);
    for own in ["platform.erasures", "platform.audit_entries"] {
        after.remove(own);
    }
    let mut expected = before;
    expected.retain(|table, _| after.contains_key(table));
    assert_eq!(after, expected);
    assert_eq!(
        rows(
            &mut app.copy.admin(),
            "SELECT * FROM platform.subscriptions ORDER BY company_id, id"
        ),
        subscriptions
    );

    // Nobody of it is known any more, and its short name is free.
    assert_eq!(acme.admin.get("/api/me").await.0, 401);
    let owner = &acme.owner;
    let company = format!("/api/owner/companies/{}", acme.id);
    for path in [
        company.clone(),
        format!("{company}/subscriptions"),
        format!("{company}/usage"),
    ] {
        assert_eq!(owner.get(&path).await.0, 404, "{path}");
    }
    let (status, problem) = owner
        .post(&format!("{company}/reactivate"), json!({}))
        .await;
    assert_eq!((status, &problem["code"]), (404, &json!("not_found")));
    let (_, slug) = owner.get("/api/owner/companies/slug?of=acme").await;
    assert_eq!(slug["is_free"], true);
    assert_eq!(globex.admin.get("/api/me").await.0, 200);
    let report = tracker::db::lint::lint(&app.copy.url("tracker_jobs")).unwrap();
    assert_eq!(report.findings, Vec::<String>::new());
}

#[actix_web::test]
async fn the_certificate_counts_what_went_and_is_sealed() {
    let app = server().await;
    let acme = full(&app, "Acme", "a").await;
    let owner = &acme.owner;
    let census = |app: &App| {
        let mut counts = BTreeMap::new();
        for (table, place) in PLACEMENT
            .iter()
            .filter(|(_, place)| *place == Place::Tenant)
        {
            let _ = place;
            let n = rows(
                &mut app.copy.admin(),
                &format!(
                    "SELECT count(*) AS n FROM {table} WHERE company_id = '{}'",
                    acme.id
                ),
            );
            counts.insert(*table, n[0]["n"].clone());
        }
        counts
    };
    settle(&app);
    let before = census(&app);
    cancelled(&app, &acme, Duration::days(30));
    erase_what_is_due(&app);
    let (_, list) = owner.get("/api/owner/erasures").await;
    assert_eq!(
        (&list["items"][0]["name"], &list["items"][0]["objects"]),
        (&json!("Acme"), &json!(670))
    );
    let (_, erasure) = owner.get(&format!("/api/owner/erasures/{}", acme.id)).await;
    let told: BTreeMap<&str, Value> = erasure["tables"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["table"].as_str().unwrap(), one["rows"].clone()))
        .collect();
    for (table, n) in before {
        assert_eq!(told[table], n, "{table}");
    }
    assert_eq!(told["auth.credentials"], json!(PEOPLE));
    let text = erasure["certificate"].as_str().unwrap();
    assert!(
        text.contains("Company     Acme\n") && text.contains("tenant.screenshots"),
        "{text}"
    );
    let hash = hex(&sha256(text.as_bytes()));
    assert_eq!(erasure["sha256"], json!(hash));
    let audit = rows(
        &mut app.copy.admin(),
        &format!(
            "SELECT actor, detail->>'sha256' AS sha256 FROM platform.audit_entries WHERE action = 'company.erased' AND company_id = '{}'",
            acme.id
        ),
    );
    assert_eq!(json!(audit), json!([{ "actor": "system", "sha256": hash }]));
    // Once is enough.
    erase_what_is_due(&app);
    let (_, again) = owner.get(&format!("/api/owner/erasures/{}", acme.id)).await;
    assert_eq!(again, erasure);
    let missing = format!("/api/owner/erasures/{}", Uuid::now_v7());
    assert_eq!(owner.get(&missing).await.0, 404);
    assert_eq!(acme.admin.get("/api/owner/erasures").await.0, 401);
}

#[actix_web::test]
async fn nothing_goes_before_the_month_is_over_or_after_a_change_of_mind() {
    let app = server().await;
    let acme = app.company("Acme").await;
    settle(&app);
    let users = |app: &App| {
        rows(
            &mut app.copy.admin(),
            "SELECT count(*) AS n FROM tenant.users",
        )[0]["n"]
            .clone()
    };
    cancelled(&app, &acme, Duration::days(30) - Duration::minutes(1));
    erase_what_is_due(&app);
    assert_eq!(users(&app), json!(1));
    // Not even by the role that may, if somebody began too early: the database looks at the date itself.
    execute(
        &mut app.copy.admin(),
        "INSERT INTO platform.erasures (company_id, name, cancelled_at) SELECT id, name, cancelled_at FROM platform.companies",
    );
    let sql = format!(
        "BEGIN; SET LOCAL ROLE tracker_eraser; SET LOCAL app.company_id = '{}'; DELETE FROM tenant.access_entries; DELETE FROM tenant.users; \
         DELETE FROM platform.company_overview; UPDATE platform.companies SET slug = 'x'; COMMIT",
        acme.id
    );
    app.copy
        .as_role("tracker_jobs")
        .batch_execute(&sql)
        .unwrap();
    assert_eq!(users(&app), json!(1));
    let refused = format!(
        "BEGIN; SET LOCAL ROLE tracker_eraser; SET LOCAL app.company_id = '{}'; SELECT auth.erase_company()",
        acme.id
    );
    assert!(
        app.copy
            .as_role("tracker_jobs")
            .batch_execute(&refused)
            .is_err()
    );
    let slugs = rows(&mut app.copy.admin(), "SELECT slug FROM platform.companies");
    assert_eq!(json!(slugs), json!([{ "slug": "acme" }]));

    execute(&mut app.copy.admin(), "DELETE FROM platform.erasures");
    // Brought back between the search and the work.
    cancelled(&app, &acme, Duration::days(30));
    app.state.db.platform_job_blocking(erasures::find).unwrap();
    let path = format!("/api/owner/companies/{}/reactivate", acme.id);
    assert_eq!(
        acme.owner.post(&path, json!({ "reason": "stays" })).await.0,
        200
    );
    while next_job(&app) {}
    assert_eq!(users(&app), json!(1));
    assert_eq!(
        acme.owner.get("/api/owner/erasures").await.1["items"],
        json!([])
    );
    assert_eq!(acme.admin.get("/api/me").await.0, 200);
}

#[actix_web::test]
async fn no_other_role_and_no_other_company_is_within_reach_of_the_eraser() {
    let app = server().await;
    let (acme, globex) = (
        full(&app, "Acme", "a").await,
        full(&app, "Globex", "b").await,
    );
    cancelled(&app, &acme, Duration::days(31));
    cancelled(&app, &globex, Duration::days(3));
    execute(
        &mut app.copy.admin(),
        "INSERT INTO platform.erasures (company_id, name, cancelled_at) SELECT id, name, cancelled_at FROM platform.companies WHERE status = 'CANCELLED' ON CONFLICT DO NOTHING",
    );
    note_people(&app, acme.id);
    let of_globex = |app: &App| others(app, acme.id);
    let before = of_globex(&app);
    let mut eraser = app.copy.as_role("tracker_jobs");
    for (table, place) in PLACEMENT {
        if !matches!(place, Place::Tenant | Place::PlatformByCompany) {
            continue;
        }
        for company in [Some(globex.id), None] {
            let company = company
                .map(|id| format!("SET LOCAL app.company_id = '{id}';"))
                .unwrap_or_default();
            drop(eraser.batch_execute(&format!(
                "BEGIN; SET LOCAL ROLE tracker_eraser; {company} DELETE FROM {table}; COMMIT"
            )));
            drop(eraser.batch_execute("ROLLBACK"));
        }
        for role in ["tracker_web", "tracker_platform", "tracker_auth"] {
            let tried = app
                .copy
                .as_role(role)
                .batch_execute("SET ROLE tracker_eraser");
            assert!(tried.is_err(), "{role}");
        }
    }
    assert_eq!(of_globex(&app), before);
    let kept = rows(
        &mut app.copy.admin(),
        "SELECT count(*) AS n FROM platform.subscriptions",
    );
    assert_eq!(kept[0]["n"], json!(42));
}

#[actix_web::test]
async fn what_is_broken_off_goes_on_and_what_comes_late_is_taken_along() {
    let app = server().await;
    let acme = full(&app, "Acme", "a").await;
    settle(&app);
    cancelled(&app, &acme, Duration::days(31));
    let conn = &mut app.copy.admin();
    let teams = rows(conn, "SELECT count(*) AS n FROM tenant.teams")[0]["n"].clone();
    // Half-way the database says no.
    execute(conn, "REVOKE DELETE ON tenant.devices FROM tracker_eraser");
    erase_what_is_due(&app);
    let path = format!("/api/owner/erasures/{}", acme.id);
    let (_, half) = acme.owner.get(&path).await;
    assert_eq!(
        (half.get("erased_at"), half.get("certificate")),
        (None, None),
        "{half}"
    );
    assert!(half["rows"].as_i64().unwrap() > 100);
    execute(conn, "GRANT DELETE ON tenant.devices TO tracker_eraser");
    // Work that was under way writes a row after its table was emptied.
    execute(
        conn,
        &format!(
            "INSERT INTO tenant.teams (company_id, id, name) VALUES ('{}', gen_random_uuid(), 'late')",
            acme.id
        ),
    );
    // Nor is anything certified while a row is left, whatever the reason.
    let again = "UPDATE platform.jobs SET run_at = now() WHERE state = 'queued'";
    let blind = "ALTER POLICY eraser_own ON tenant.company_time_zones USING";
    execute(conn, &format!("{blind} (false)"));
    execute(conn, again);
    while next_job(&app) {}
    let (_, nearly) = acme.owner.get(&path).await;
    assert_eq!(nearly.get("erased_at"), None, "{nearly}");
    execute(
        conn,
        &format!(
            "{blind} (company_id = tenant.current_company() AND (SELECT platform.erasure_is_due()))"
        ),
    );
    execute(conn, again);
    while next_job(&app) {}
    let (_, whole) = acme.owner.get(&path).await;
    assert!(whole["erased_at"].is_string(), "{whole}");
    let erased = whole["tables"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["table"] == "tenant.teams");
    assert_eq!(erased.unwrap()["rows"], json!(teams.as_i64().unwrap() + 1));
}

#[actix_web::test]
async fn admins_are_told_before_it_happens() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    cancelled(&app, &acme, Duration::days(24));
    app.state
        .db
        .platform_job_blocking(tracker::jobs::reminders::find)
        .unwrap();
    let mails = app.mails(&acme.admin_email, "is erased on", 1).await;
    assert!(mails[0].contains("/exports"), "{}", mails[0]);
    app.state
        .directory
        .refresh(&app.state.db, acme.id)
        .await
        .unwrap();
    let (_, me) = acme.admin.get("/api/me").await;
    let from: chrono::DateTime<Utc> = me["company"]["erased_from"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let days = (from - Utc::now()).num_hours();
    assert!((143..=144).contains(&days), "{days}");
}

#[actix_web::test]
async fn an_admin_leaves_with_the_company_and_the_owner_does_not_read_who_it_was() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let agent = app.agent(&acme, &ada).await;
    let leave = |name: &str, password: &str| json!({ "name": name, "password": password, "reason": "We merge" });
    for (who, body, status, code) in [
        (&ada, leave("Acme", PASSWORD), 403, "forbidden"),
        (
            &acme.admin,
            leave("Acme", "not my password"),
            403,
            "password_wrong",
        ),
        (
            &acme.admin,
            leave("Globex", PASSWORD),
            422,
            "company_name_wrong",
        ),
    ] {
        let (got, problem) = who.post("/api/cancellations", body).await;
        let told = problem["errors"][0].get("code").unwrap_or(&problem["code"]);
        assert_eq!((got, told), (status, &json!(code)), "{problem}");
    }
    let (status, left) = acme
        .admin
        .post("/api/cancellations", leave("Acme", PASSWORD))
        .await;
    assert_eq!(status, 201, "{left}");
    let (_, me) = acme.admin.get("/api/me").await;
    assert_eq!(me["company"]["status"], "CANCELLED");
    let (status, problem) = agent.get("/api/agent/settings").await;
    assert_eq!(
        (status, &problem["code"]),
        (403, &json!("company_cancelled"))
    );
    let (status, problem) = acme
        .admin
        .post("/api/cancellations", leave("Acme", PASSWORD))
        .await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("company_cancelled"))
    );

    let company = format!("/api/owner/companies/{}", acme.id);
    let (_, history) = acme.owner.get(&format!("{company}/subscriptions")).await;
    let last = &history["items"][0];
    assert_eq!(
        [
            &last["event"],
            &last["actor"],
            &last["reason"],
            &last["price_minor"]
        ],
        [
            &json!("cancelled"),
            &json!("the company"),
            &json!("We merge"),
            &json!(9900)
        ]
    );
    let (_, entries) = acme
        .owner
        .get(&format!(
            "/api/owner/audit?company_id={}&action=company.cancelled",
            acme.id
        ))
        .await;
    assert_eq!(entries["items"][0]["actor"], "the company");
    let told = format!("{history}{entries}");
    assert!(
        !told.contains(&acme.admin_email) && !told.contains(&acme.admin.user.to_string()),
        "{told}"
    );
    let own = rows(
        &mut app.copy.admin(),
        &format!(
            "SELECT actor FROM tenant.audit_entries WHERE company_id = '{}' AND action = 'company.cancelled'",
            acme.id
        ),
    );
    assert_eq!(json!(own), json!([{ "actor": acme.admin_email }]));
    // Another company may be brought back; so may this one.
    let (status, _) = acme
        .owner
        .post(
            &format!("{company}/reactivate"),
            json!({ "reason": "Stays" }),
        )
        .await;
    assert_eq!(status, 200);
    assert_eq!(agent.get("/api/agent/settings").await.0, 200);
}
