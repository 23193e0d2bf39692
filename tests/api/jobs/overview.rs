//! What the owner's list shows is what the company's rows add up to, and when its agents were last heard.

use chrono::{Duration, Utc};
use serde_json::json;
use tracker::jobs::overview::{self, LastUse};
use tracker::tracking::last_seen::LastSeen;
use uuid::Uuid;

use crate::app::App;
use crate::feed::{Feed, execute, rows, settle};

#[actix_web::test]
async fn the_overview_holds_thirty_days_devices_seats_and_storage() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let day = |ago: i64| {
        (Utc::now() - Duration::days(ago))
            .format("%Y-%m-%d")
            .to_string()
    };
    for ago in [1, 28, 40] {
        let day = day(ago);
        let mut desk = Feed::new(&app, acme.id, ada.user, &format!("{day}T10:00:00Z"));
        desk.minutes(&format!("{day}T10:00:00Z"), 10, 60, 0)
            .batch(&day, &day);
        desk.screenshot(&format!("{day}T10:00:00Z"), 500);
    }
    let admin = &mut app.copy.admin();
    execute(
        admin,
        "UPDATE tenant.company_usage SET storage_bytes = 1500",
    );
    execute(
        admin,
        &format!(
            "UPDATE tenant.devices SET revoked_at = now() WHERE id = (SELECT min(id::text)::uuid FROM tenant.devices WHERE company_id = '{}')",
            acme.id
        ),
    );
    settle(&app);
    let overview = rows(
        admin,
        &format!(
            "SELECT * FROM platform.company_overview WHERE company_id = '{}'",
            acme.id
        ),
    )
    .remove(0);
    let numbers = [
        "employees_active",
        "storage_bytes",
        "active_seconds_30d",
        "sessions_30d",
        "screenshots_30d",
        "devices",
    ]
    .map(|name| overview[name].as_i64().unwrap());
    assert_eq!(numbers, [2, 1500, 1200, 2, 2, 2]);
    let months = "SELECT count(*) AS months, sum(active_seconds) AS active, sum(active_employees) AS employees \
        FROM platform.company_usage_monthly";
    let days = "SELECT count(*) AS months, sum(active) AS active, sum(employees) AS employees FROM (SELECT sum(active_seconds) AS active, \
        max(active_employees) AS employees FROM platform.company_usage_daily GROUP BY company_id, date_trunc('month', day)) m";
    assert_eq!(
        rows(admin, months),
        rows(admin, days),
        "months are summed with their days"
    );
    assert_eq!(rows(admin, months)[0]["active"], json!(1800));
    let keys = rows(
        admin,
        "SELECT sum(devices) AS devices, count(*) AS keys FROM platform.company_key_usage",
    );
    assert_eq!(keys, [json!({ "devices": 2, "keys": 2 })]);
    // A device that came back with another key leaves none at the old one.
    execute(
        admin,
        "UPDATE tenant.devices SET key_id = '00000000-0000-0000-0000-000000000001'",
    );
    app.state
        .db
        .platform_job_blocking(|conn| overview::publish(conn, None))
        .unwrap();
    let keys = rows(
        admin,
        "SELECT devices, count(*) AS keys FROM platform.company_key_usage GROUP BY 1 ORDER BY 1",
    );
    assert_eq!(
        keys,
        [
            json!({ "devices": 0, "keys": 2 }),
            json!({ "devices": 2, "keys": 1 })
        ]
    );
}

#[actix_web::test]
async fn the_last_thirty_days_are_told_from_the_thirty_before() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = app.company("Acme").await;
    let admin = &mut app.copy.admin();
    execute(admin, "UPDATE platform.companies SET time_zone = 'UTC'");
    let today = Utc::now().date_naive();
    for (ago, seconds) in [(0, 1), (29, 2), (30, 4), (59, 8), (60, 16), (-1, 32)] {
        let day = today - Duration::days(ago);
        execute(
            admin,
            &format!(
                "INSERT INTO platform.company_usage_daily (company_id, day, active_employees, sessions, active_seconds, screenshots, \
                 storage_bytes, events) VALUES ('{}', '{day}', 1, {seconds}, {seconds}, {seconds}, 0, 0)",
                acme.id
            ),
        );
    }
    app.state
        .db
        .platform_job_blocking(|conn| overview::publish(conn, None))
        .unwrap();
    let published = rows(
        admin,
        "SELECT active_seconds_30d AS now, active_seconds_previous_30d AS previous, sessions_30d AS sessions, \
         screenshots_30d AS screenshots FROM platform.company_overview",
    );
    let expected = json!({ "now": 3, "previous": 12, "sessions": 3, "screenshots": 3 });
    assert_eq!(published, [expected]);
}

#[actix_web::test]
async fn a_company_is_summed_when_its_day_changes_and_written_when_anything_does() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = app.company("Acme").await;
    let admin = &mut app.copy.admin();
    let publish = |only| {
        app.state
            .db
            .platform_job_blocking(|conn| overview::publish(conn, only))
            .unwrap();
    };
    publish(None);
    let mut overview = |columns: &str| {
        rows(
            admin,
            &format!("SELECT {columns} FROM platform.company_overview"),
        )
        .remove(0)
    };
    let before = overview("updated_at");
    publish(None);
    assert_eq!(overview("updated_at"), before, "nothing was to be written");
    execute(
        &mut app.copy.admin(),
        &format!(
            "INSERT INTO platform.company_usage_daily (company_id, day, active_employees, sessions, active_seconds, screenshots, \
             storage_bytes, events) SELECT '{}', current_date - n, 1, 1, n, 1, 0, 0 FROM generate_series(3, 40) n",
            acme.id
        ),
    );
    let sums = "active_seconds_30d > 300 AND active_seconds_previous_30d > 300 AS summed";
    publish(None);
    assert_eq!(overview(sums), json!({ "summed": false }));
    assert_eq!(overview("updated_at"), before);
    // What a changed day does.
    publish(Some(acme.id));
    assert_eq!(overview(sums), json!({ "summed": true }));
    // Another day began.
    execute(
        &mut app.copy.admin(),
        "UPDATE platform.company_overview SET summed_on = summed_on - 1, active_seconds_30d = 0",
    );
    publish(None);
    assert_eq!(overview(sums), json!({ "summed": true }));
    // Somebody got a seat.
    let before = overview("updated_at");
    execute(
        &mut app.copy.admin(),
        "UPDATE tenant.company_usage SET seats_used = 17",
    );
    publish(None);
    assert_eq!(
        overview("employees_active"),
        json!({ "employees_active": 17 })
    );
    assert_ne!(overview("updated_at"), before);
    // However long nothing changes, the row is never older than what the page says.
    execute(
        &mut app.copy.admin(),
        "UPDATE platform.company_overview SET updated_at = now() - interval '4 minutes'",
    );
    publish(None);
    assert_eq!(
        overview("updated_at > now() - interval '1 minute' AS young"),
        json!({ "young": true })
    );
}

#[actix_web::test]
async fn last_use_is_written_at_once_then_once_a_minute_and_only_grows() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = app.company("Acme").await;
    let (seen, mut last_use, key) = (LastSeen::default(), LastUse::default(), Uuid::now_v7());
    seen.note(acme.id, key);
    last_use.collect(&seen);
    let rows_due = last_use.due(false);
    assert_eq!(rows_due.len(), 1);
    app.state
        .db
        .platform_job_blocking(|conn| overview::write_last_use(conn, &rows_due))
        .unwrap();
    last_use.wrote(&rows_due);
    seen.note(acme.id, key);
    last_use.collect(&seen);
    assert_eq!(
        last_use.due(false).len(),
        0,
        "a company is written once a minute"
    );
    assert_eq!(
        last_use.due(true).len(),
        1,
        "but nothing is lost when the process ends"
    );
    let earlier = [(acme.id, key, Utc::now() - Duration::hours(1))];
    app.state
        .db
        .platform_job_blocking(|conn| overview::write_last_use(conn, &earlier))
        .unwrap();
    let written = rows(
        &mut app.copy.admin(),
        "SELECT o.last_sync_at = k.last_used_at AND o.last_sync_at > now() - interval '10 minutes' AS recent \
         FROM platform.company_overview o JOIN platform.company_key_usage k USING (company_id)",
    );
    assert_eq!(written, [json!({ "recent": true })]);
}
