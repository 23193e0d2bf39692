//! The owner's list with many companies: every order and filter, page by page, and by which index it is read.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query};
use serde_json::{Value, json};
use tracker::demo::crowd;

use crate::app::{App, Client};
use crate::feed::{execute, rows};

const SORTS: [&str; 10] = [
    "name",
    "status",
    "plan",
    "employees_active",
    "active_minutes_30d",
    "sessions_30d",
    "screenshots_30d",
    "storage_bytes",
    "last_sync_at",
    "created_at",
];

async fn list(owner: &Client, query: &str) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/owner/companies?{query}{cursor}");
        let (status, page) = owner.get(&path).await;
        assert_eq!(status, 200, "{path}: {page}");
        all.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

/// What a company is sorted by, in an order that tests can compare; one that never synced comes before all others.
fn key(company: &Value, sort: &str) -> (i64, String) {
    let value = &company[sort];
    match sort {
        "name" => (0, value.as_str().unwrap().to_lowercase()),
        _ => (
            value.as_i64().unwrap_or_default(),
            value.as_str().unwrap_or_default().to_owned(),
        ),
    }
}

#[actix_web::test]
async fn every_column_sorts_both_ways_and_its_pages_have_everybody_once() {
    let app = App::configured(|config| config.job_workers = 0).await;
    crowd::add(&app.state.db, &app.state.secrets, 125).unwrap();
    // What is left of erased companies fills no page and ends no list.
    app.copy
        .admin()
        .batch_execute(
            "INSERT INTO platform.erasures (company_id, name, cancelled_at) \
               SELECT id, name, created_at FROM platform.companies ORDER BY name LIMIT 5; \
             DELETE FROM platform.company_overview o USING platform.erasures e WHERE e.company_id = o.company_id",
        )
        .unwrap();
    // Equal values, which only the id tells apart: a page ends in the middle of them.
    execute(
        &mut app.copy.admin(),
        "UPDATE platform.company_overview SET employees_active = employees_active % 3, sessions_30d = 7, storage_bytes = 0",
    );
    let owner = app.owner().await;
    let everybody = list(&owner, "limit=200").await;
    assert_eq!(everybody.len(), 120);
    let ids = |of: &[Value]| -> Vec<String> {
        of.iter()
            .map(|company| company["id"].as_str().unwrap().to_owned())
            .collect()
    };
    for sort in SORTS {
        let mut expected = everybody.clone();
        expected.sort_by_key(|company| (key(company, sort), company["id"].to_string()));
        let up = list(&owner, &format!("sort={sort}&limit=17")).await;
        assert_eq!(ids(&up), ids(&expected), "{sort}");
        expected.reverse();
        let down = list(&owner, &format!("sort=-{sort}&limit=17")).await;
        assert_eq!(ids(&down), ids(&expected), "-{sort}");
    }
    for (query, fits) in [
        ("status=TRIAL", json!({ "status": ["TRIAL"] })),
        (
            "status=EXPIRED&status=SUSPENDED&plan=PRO&plan=FREE",
            json!({ "status": ["EXPIRED", "SUSPENDED"], "plan": ["PRO", "FREE"] }),
        ),
        ("plan=ENTERPRISE", json!({ "plan": ["ENTERPRISE"] })),
        ("plan=NOBODYS", json!({ "plan": ["NOBODYS"] })),
    ] {
        let one_of = |company: &Value, name: &str| match fits[name].as_array() {
            Some(words) => words.contains(&company[name]),
            None => true,
        };
        for sort in ["plan", "-storage_bytes", "last_sync_at"] {
            let mut found = ids(&list(&owner, &format!("{query}&sort={sort}&limit=5")).await);
            let mut expected = everybody.clone();
            expected.retain(|company| one_of(company, "status") && one_of(company, "plan"));
            let mut expected = ids(&expected);
            found.sort();
            expected.sort();
            assert_eq!(found, expected, "{query}, {sort}");
        }
    }
    let searched = list(&owner, "q=SOFT&sort=-created_at&limit=2").await;
    let named = everybody
        .iter()
        .filter(|company| company["name"].as_str().unwrap().contains("Software"));
    assert_eq!(searched.len(), named.count());
    assert!(!searched.is_empty());
}

#[actix_web::test]
async fn a_filter_lets_the_same_through_whether_few_or_many_pass() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let owner = app.owner().await;
    // 1,500 with a text that 20 of them share with a slug alone; plans and states in turn.
    app.copy
        .admin()
        .batch_execute(
            "WITH made AS (INSERT INTO platform.companies (id, name, slug, status, plan_id, time_zone, admin_email, created_at) \
               SELECT gen_random_uuid(), CASE WHEN n % 75 = 0 THEN 'Rare' ELSE 'Übung_' END || (n * 7919) % 1500, \
                 CASE WHEN n % 75 = 1 THEN 'rare-' ELSE 'c-' END || n, CASE n % 4 WHEN 0 THEN 'TRIAL' ELSE 'ACTIVE' END, p.id, \
                 'UTC', 'a@x.test', now() - n * interval '1 hour' \
               FROM generate_series(1, 1500) n JOIN platform.plans p ON p.name = (ARRAY['FREE', 'PRO', 'ENTERPRISE'])[1 + n % 3] \
               RETURNING id) \
             INSERT INTO platform.company_overview (company_id, storage_bytes) SELECT id, (1e9 * random())::bigint % 100 FROM made",
        )
        .unwrap();
    let everybody = list(&owner, "limit=200").await;
    assert_eq!(everybody.len(), 1500);
    let text = |company: &Value, name: &str| company[name].as_str().unwrap().to_lowercase();
    for (query, q, status, many) in [
        ("q=%C3%9CBUNG_", "übung_", None, true),
        (
            "q=%C3%BCbung_&status=ACTIVE",
            "übung_",
            Some("ACTIVE"),
            true,
        ),
        ("status=ACTIVE", "", Some("ACTIVE"), true),
        ("q=RARE", "rare", None, false),
        ("q=rare&status=TRIAL", "rare", Some("TRIAL"), false),
        ("status=TRIAL", "", Some("TRIAL"), false),
        ("q=%25", "%", None, false),
        // No text reaches from the name into the slug.
        ("q=0c", "0c", None, false),
        // All parts of three letters are there, `are` and `re-` in another order than they are searched in.
        ("q=rare-rare", "rare-rare", None, false),
    ] {
        let mut fits = everybody.clone();
        fits.retain(|company| {
            (text(company, "name").contains(q) || text(company, "slug").contains(q))
                && status.is_none_or(|status| company["status"] == status)
        });
        assert_eq!(fits.len() > 1000, many, "{query}: {}", fits.len());
        for sort in ["name", "plan", "storage_bytes"] {
            fits.sort_by_key(|company| (key(company, sort), company["id"].to_string()));
            let found = list(&owner, &format!("{query}&sort={sort}&limit=200")).await;
            assert!(
                found == fits,
                "{query}, {sort}: {} of {}",
                found.len(),
                fits.len()
            );
            let found = list(&owner, &format!("{query}&sort=-{sort}&limit=200")).await;
            assert!(found.iter().eq(fits.iter().rev()), "{query}, -{sort}");
        }
    }
}

/// What the owner's role sent, as the log has it: statements with their values put in.
fn sent(app: &App) -> Vec<String> {
    let place = rows(
        &mut app.copy.admin(),
        "SELECT current_setting('data_directory') AS value",
    );
    let log = Path::new(place[0]["value"].as_str().unwrap())
        .parent()
        .unwrap()
        .join("postgres.log");
    let log = String::from_utf8_lossy(&std::fs::read(log).unwrap()).into_owned();
    let lines: Vec<&str> = log.lines().collect();
    let parts = lines.windows(2).filter_map(|pair| {
        let (_, statement) = pair[0].split_once("LOG:  execute ")?;
        let (_, statement) = statement.split_once(": ")?;
        let (_, values) = pair[1].split_once("DETAIL:  ")?;
        let values = values
            .split_once("arameters: ")
            .map_or("", |(_, values)| values);
        let statement = statement.split(" -- ").next()?.to_owned();
        Some(values.split(", $").fold(statement, |text, value| {
            let (name, value) = value.split_once(" = ").unwrap();
            let name = format!("${}", name.trim_start_matches('$'));
            text.replace(&name, value)
        }))
    });
    let lists = parts.filter(|text| text.contains("AS sort_value"));
    lists.collect()
}

#[actix_web::test]
async fn ten_thousand_companies_are_read_along_an_index_for_each_order() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let owner = app.owner().await;
    let mut admin = app.copy.admin();
    admin
        .batch_execute(
            "WITH made AS (INSERT INTO platform.companies (id, name, slug, status, plan_id, time_zone, admin_email, created_at) \
               SELECT gen_random_uuid(), 'Company ' || n, 'company-' || n, CASE n % 4 WHEN 0 THEN 'TRIAL' ELSE 'ACTIVE' END, p.id, \
                 'UTC', 'a@x.test', now() - n * interval '1 hour' \
               FROM generate_series(1, 10000) n JOIN platform.plans p ON p.name = (ARRAY['FREE', 'PRO', 'ENTERPRISE'])[1 + n % 3] \
               RETURNING id, created_at) \
             INSERT INTO platform.company_overview (company_id, employees_active, storage_bytes, active_seconds_30d, sessions_30d, \
                 screenshots_30d, last_sync_at) \
               SELECT id, 1000 * random(), 1e9 * random(), 1e6 * random(), 1e4 * random(), 1e4 * random(), \
                 CASE WHEN random() < 0.9 THEN created_at END FROM made; \
             ANALYZE platform.companies, platform.company_overview, platform.plans",
        )
        .unwrap();
    for setting in [
        "log_statement = 'all'",
        "log_error_verbosity = 'default'",
        "log_parameter_max_length = -1",
    ] {
        let role = format!(
            "ALTER ROLE tracker_platform IN DATABASE {}",
            app.copy.name()
        );
        admin
            .batch_execute(&format!("{role} SET {setting}"))
            .unwrap();
    }
    // With connections that know of it.
    let app = app.twin_configured(|config| config.job_workers = 0).await;
    let owner = app.anonymous().with_token(owner.token.as_ref().unwrap());
    for sort in SORTS {
        for direction in ["", "-"] {
            let path = format!("/api/owner/companies?sort={direction}{sort}");
            let (_, first) = owner.get(&path).await;
            let cursor = first["next_cursor"].as_str().unwrap();
            let (status, second) = owner.get(&format!("{path}&cursor={cursor}")).await;
            assert_eq!(
                (status, second["items"].as_array().unwrap().len()),
                (200, 50)
            );
        }
    }
    let statements = sent(&app);
    assert_eq!(statements.len(), SORTS.len() * 4);
    let indexes = [
        "companies_name",
        "companies_status",
        "companies_plan",
        "company_overview_employees",
        "company_overview_active",
        "company_overview_sessions",
        "company_overview_screenshots",
        "company_overview_storage",
        "company_overview_last_sync",
        "companies_created",
    ];
    for (at, statement) in statements.iter().enumerate() {
        let (sort, index, is_second) = (SORTS[at / 4], indexes[at / 4], at % 2 == 1);
        let plan = explained(&mut admin, statement);
        assert!(plan.contains(index), "{sort}: {plan}");
        assert!(!plan.contains("Seq Scan on company_overview"), "{plan}");
        assert!(!plan.contains("Seq Scan on companies"), "{sort}: {plan}");
        // The handful of plans is sorted, and of each no more than a page.
        if sort == "plan" {
            let stretch = match is_second {
                true => "Index Cond: ((plan_id = p.id) AND (id ",
                false => "Index Cond: (plan_id = p.id)",
            };
            assert!(plan.contains(stretch), "{plan}");
            continue;
        }
        assert!(!plan.contains("Sort"), "{sort}: {plan}");
        if is_second {
            assert!(plan.contains("Index Cond: (ROW("), "{sort}: {plan}");
        }
    }
}

fn explained(conn: &mut PgConnection, statement: &str) -> String {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
        line: String,
    }
    let lines: Vec<Line> = sql_query(format!("EXPLAIN {statement}"))
        .load(conn)
        .unwrap();
    let lines: Vec<String> = lines.into_iter().map(|one| one.line).collect();
    lines.join("\n")
}
