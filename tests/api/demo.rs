//! The demo is whole from the first moment, adds up, and is made in an empty database only.

use serde_json::{Value, json};
use tracker::demo::{self, More, workforce};
use tracker::jobs::rebuild::{Wanted, rebuild};
use tracker::server::Database;

use crate::app::{App, Client};
use crate::feed::rows;

async fn sign_in(app: &App, email: &str) -> Client {
    let client = app.anonymous();
    let (status, access) = client
        .post(
            "/api/auth/sign-in",
            json!({ "email": email, "password": "demo-demo-demo" }),
        )
        .await;
    assert_eq!(status, 200, "{email}: {access}");
    client.with_token(access["access_token"].as_str().unwrap())
}

/// The password is in every log; the code would be nobody's but who was first.
#[actix_web::test]
async fn only_a_demo_on_the_private_database_asks_its_owner_for_no_code() {
    let mut config = tracker::config::defaults().unwrap();
    config.data_dir = crate::app::folder("private");
    config.frontend_dir = crate::app::folder("no-frontend");
    config.job_workers = 0;
    let database = Database::open(&config).unwrap();
    assert!(database.is_embedded());
    database.migrate(&config).unwrap();
    let asks = |config: &tracker::config::Config| {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let running = tracker::server::start(config.clone(), &database, listener, 1).unwrap();
        running.state.directory.requires_two_factor(None)
    };
    let db = database.connect(&config).unwrap();
    tracker::owner::owners::create(&db, &config, "owner@vendor.test", "Olga").unwrap();
    assert!(asks(&config), "the private database alone is no demo");
    tracker::owner::owners::create(&db, &config, "owner@demo.test", "Dora").unwrap();
    assert!(!asks(&config));
}

#[actix_web::test]
async fn a_workforce_adds_up_as_the_cast_does() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let database = Database::open(&app.state.config).unwrap();
    let made = workforce::add(&app.state.config, &database, 60)
        .await
        .unwrap();
    assert!(made.starts_with("60 people of Meridian Group, "), "{made}");

    let sums = "SELECT count(*) AS days, count(DISTINCT day) > 55 AS is_a_quarter, \
        bool_and(tracked_seconds = active_seconds + idle_seconds) AS adds_up, bool_and(last_at - first_at < interval '1 day') AS are_days, \
        sum(active_seconds) / 60 = (SELECT sum(active_seconds / 60) FROM platform.company_usage_daily) AS is_published, \
        (SELECT count(*) FROM (SELECT user_id, day FROM tenant.user_app_usage_daily GROUP BY 1, 2) a) AS days_of_apps, \
        (SELECT count(*) FROM tenant.users WHERE team_id IS NOT NULL) AS in_teams \
        FROM tenant.user_usage_daily";
    let row = rows(&mut app.copy.admin(), sums).remove(0);
    for truth in ["is_a_quarter", "adds_up", "are_days"] {
        assert_eq!(row[truth], true, "{truth}: {row}");
    }
    assert_eq!(row["days"], row["days_of_apps"]);
    assert_eq!(row["in_teams"], 59);

    let wanted = Wanted {
        company: None,
        from: None,
        to: None,
    };
    let rebuilt = rebuild(&database.connect(&app.state.config).unwrap(), wanted).unwrap();
    assert_eq!(
        rebuilt.changed, 0,
        "what has raw rows is as the job would sum it"
    );
}

#[actix_web::test]
async fn the_demo_shows_everything_and_adds_up() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let database = Database::open(&app.state.config).unwrap();
    let made = demo::create(&app.state.config, &database, More::default())
        .await
        .unwrap();
    assert!(made.starts_with("3 companies, 25 people, "), "{made}");
    let again = demo::create(&app.state.config, &database, More::default())
        .await
        .unwrap_err()
        .to_string();
    assert!(again.contains("empty database only"), "{again}");

    let raw = "SELECT (SELECT count(*) FROM tenant.activity_log) + (SELECT count(*) FROM tenant.application_usage) + (SELECT count(*) FROM tenant.website_usage) AS raw, \
        (SELECT count(*) FROM tenant.activity_log_default) AS stray, (SELECT count(*) FROM tenant.ingest_batches WHERE rolled_up_at IS NULL) AS waiting";
    let counts = rows(&mut app.copy.admin(), raw).remove(0);
    assert!(
        (200_000..=400_000).contains(&counts["raw"].as_i64().unwrap()),
        "{counts}"
    );
    assert_eq!(
        (&counts["stray"], &counts["waiting"]),
        (&json!(0), &json!(0))
    );
    let rebuilt = rebuild(&app.state.db, Wanted::default()).unwrap();
    assert!(rebuilt.rows > 1000 && rebuilt.changed == 0, "{rebuilt:?}");

    let lines = demo::sign_ins();
    let emails: Vec<&str> = lines
        .split_whitespace()
        .filter(|word| word.contains('@'))
        .collect();
    assert!(
        ["owner@demo.test", "admin@acme.test", "employee@acme.test"]
            .iter()
            .all(|email| emails.contains(email))
    );
    let (email, password) = ("owner@demo.test", "demo-demo-demo");
    let shut = sign_in(&app, email).await.get("/api/owner/companies").await;
    assert_eq!(
        (shut.0, &shut.1["code"]),
        (403, &json!("two_factor_setup_required")),
        "a database that others reach is no place for a known password alone"
    );
    let code = app.enrol(email).code();
    let owner = app.sign_in_with(email, password, Some(&code)).await;
    let (_, companies) = owner.get("/api/owner/companies").await;
    let found: Vec<_> = companies["items"]
        .as_array()
        .unwrap_or_else(|| panic!("{companies}"))
        .iter()
        .map(|company| {
            (
                company["name"].as_str().unwrap(),
                company["status"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("Acme Ltd", "ACTIVE"),
            ("Borealis Design", "TRIAL"),
            ("Cobalt Freight", "SUSPENDED")
        ]
    );
    assert!(
        companies["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|company| company["active_minutes_30d"].as_i64() > Some(1000)),
        "{companies}"
    );

    let admin = sign_in(&app, "admin@acme.test").await;
    let (_, today) = admin.get("/api/usage/today").await;
    assert!(
        today["people"].as_i64() >= Some(4) && today["working_now"].as_i64() >= Some(1),
        "{today}"
    );
    let (_, look) = admin.get("/api/branding").await;
    assert_eq!(
        (&look["name"], &look["logo"]["width"]),
        (&json!("Acme"), &json!(128)),
        "{look}"
    );
    let (_, own) = admin.get("/api/setting-overrides").await;
    let kinds: Vec<_> = own["items"].as_array().unwrap().iter().collect();
    assert_eq!(
        kinds.iter().map(|of| &of["kind"]).collect::<Vec<_>>(),
        ["team", "person"],
        "{own}"
    );
    let person = kinds[1]["id"].as_str().unwrap();
    let (_, settings) = admin
        .get(&format!("/api/employees/{person}/settings"))
        .await;
    let from = |name: &str| settings[name]["source"].clone();
    assert_eq!(
        [
            "screenshots_enabled",
            "idle_threshold_seconds",
            "record_titles"
        ]
        .map(from),
        [json!("person"), json!("team"), json!("company")],
        "one of each"
    );

    let employee = sign_in(&app, "employee@acme.test").await;
    let (_, day) = employee.get("/api/timeline").await;
    let filled = |name: &str| !day[name].as_array().unwrap().is_empty();
    assert!(
        ["sessions", "segments", "applications", "screenshots"]
            .iter()
            .all(|name| filled(name)),
        "{day}"
    );
    let picture: &Value = &day["screenshots"][0]["id"];
    let path = format!("/api/screenshots/{}/image", picture.as_str().unwrap());
    let image = employee
        .request(reqwest::Method::GET, &path)
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    assert!(image.starts_with(b"RIFF") && image[8..].starts_with(b"WEBP"));
}
