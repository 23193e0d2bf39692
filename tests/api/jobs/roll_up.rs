//! What a day adds up to, and that it is the same however and whenever the rows came.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{App, Company};
use crate::feed::{Feed, a_minute_later, execute, rows, settle};

async fn acme() -> (App, Company) {
    let app = App::configured(|config| config.job_workers = 0).await;
    let company = app.company("Acme").await;
    (app, company)
}

fn days(app: &App, user: Uuid) -> Vec<Value> {
    rows(
        &mut app.copy.admin(),
        &format!(
            "SELECT day, tracked_seconds AS tracked, active_seconds AS active FROM tenant.user_usage_daily WHERE user_id = '{user}' ORDER BY day"
        ),
    )
}

fn named(app: &App, table: &str, user: Uuid) -> Vec<Value> {
    rows(
        &mut app.copy.admin(),
        &format!("SELECT to_jsonb(t) - '{{company_id,user_id}}'::text[] AS t FROM tenant.{table} t WHERE user_id = '{user}' ORDER BY day, seconds DESC"),
    )
    .into_iter()
    .map(|row| row["t"].clone())
    .collect()
}

#[actix_web::test]
async fn a_day_is_summed_with_everything_in_it() {
    let (app, acme) = acme().await;
    let ada = app.employee(&acme, "Ada").await;
    let mut desk = Feed::new(&app, acme.id, ada.user, "2026-11-18T08:00:00Z");
    desk.minutes("2026-11-18T08:00:00Z", 10, 50, 10)
        .minutes("2026-11-18T08:30:00Z", 5, 0, 60);
    desk.app("editor", "main.rs", "2026-11-18T08:00:00Z", 300)
        .app("editor", "lib.rs", "2026-11-18T08:05:00Z", 120);
    desk.app("browser", "docs", "2026-11-18T08:07:00Z", 180)
        .site("docs.rs", "2026-11-18T08:07:00Z", 90);
    desk.screenshot("2026-11-18T08:03:00Z", 1000);
    let unready = desk.screenshot("2026-11-18T08:04:00Z", 500);
    execute(
        &mut app.copy.admin(),
        &format!(
            "UPDATE tenant.screenshots SET state = 'pending' WHERE id = '{}'",
            unready.id
        ),
    );
    desk.batch("2026-11-18", "2026-11-18");
    settle(&app);
    let text = format!(
        "SELECT to_jsonb(d) - '{{company_id,user_id,computed_at}}'::text[] AS d FROM tenant.user_usage_daily d WHERE user_id = '{}'",
        ada.user
    );
    // In Berlin it is the hour from nine on.
    let by_hour: Vec<u16> = (0..24)
        .map(|hour| if hour == 9 { 900 } else { 0 })
        .collect();
    let expected = json!({
        "day": "2026-11-18", "tracked_by_hour": by_hour, "tracked_seconds": 900, "active_seconds": 500, "idle_seconds": 400, "keystrokes": 45, "mouse_events": 30,
        "sessions": 1, "screenshots": 1, "screenshot_bytes": 1000, "events": 19,
        "manual_seconds": 0, "explained_seconds": 0,
        "first_at": "2026-11-18T08:00:00+00:00", "last_at": "2026-11-18T08:34:00+00:00",
    });
    assert_eq!(rows(&mut app.copy.admin(), &text)[0]["d"], expected);
    let apps = named(&app, "user_app_usage_daily", ada.user);
    assert_eq!(
        apps,
        [
            json!({ "day": "2026-11-18", "app": "editor", "seconds": 420 }),
            json!({ "day": "2026-11-18", "app": "browser", "seconds": 180 })
        ]
    );
    assert_eq!(
        named(&app, "user_host_usage_daily", ada.user),
        [json!({ "day": "2026-11-18", "host": "docs.rs", "seconds": 90 })]
    );
    let (_, usage) = acme
        .owner
        .get(&format!(
            "/api/owner/companies/{}/usage?from=2026-11-18&to=2026-11-18",
            acme.id
        ))
        .await;
    let expected = json!({
        "day": "2026-11-18", "active_employees": 1, "sessions": 1, "active_minutes": 8, "screenshots": 1, "storage_bytes": 1000, "events": 19,
    });
    assert_eq!(usage["items"], json!([expected]));
}

#[actix_web::test]
async fn what_comes_late_is_counted_when_the_pause_is_over() {
    let (app, acme) = acme().await;
    let ada = app.employee(&acme, "Ada").await;
    let mut desk = Feed::new(&app, acme.id, ada.user, "2026-11-18T08:00:00Z");
    desk.minutes("2026-11-18T08:00:00Z", 10, 60, 0)
        .batch("2026-11-18", "2026-11-18");
    settle(&app);
    desk.minutes("2026-11-18T09:00:00Z", 10, 60, 0)
        .batch("2026-11-18", "2026-11-18");
    settle(&app);
    assert_eq!(
        days(&app, ada.user)[0]["tracked"],
        600,
        "a day is summed once a minute at most"
    );
    a_minute_later(&app);
    settle(&app);
    assert_eq!(days(&app, ada.user)[0]["tracked"], 1200);
    let waiting = rows(
        &mut app.copy.admin(),
        "SELECT 1 FROM tenant.ingest_batches WHERE rolled_up_at IS NULL",
    );
    assert_eq!(waiting.len(), 0);
}

#[actix_web::test]
async fn a_day_that_waits_does_not_keep_back_other_people() {
    let (app, acme) = acme().await;
    let (ada, bob) = (
        app.employee(&acme, "Ada").await,
        app.employee(&acme, "Bob").await,
    );
    let mut desk = Feed::new(&app, acme.id, ada.user, "2026-11-18T08:00:00Z");
    desk.minutes("2026-11-18T08:00:00Z", 10, 60, 0)
        .batch("2026-11-18", "2026-11-18");
    settle(&app);
    desk.batch("2026-11-18", "2026-11-18");
    Feed::new(&app, acme.id, bob.user, "2026-11-18T08:00:00Z")
        .minutes("2026-11-18T08:00:00Z", 10, 60, 0)
        .batch("2026-11-18", "2026-11-18");
    settle(&app);
    assert_eq!(days(&app, bob.user)[0]["tracked"], 600);
}

#[actix_web::test]
async fn an_item_across_midnight_is_split_where_the_companys_day_ends() {
    let (app, acme) = acme().await;
    let ada = app.employee(&acme, "Ada").await;
    // Berlin's 18th ends at 23:00 UTC.
    let mut desk = Feed::new(&app, acme.id, ada.user, "2026-11-18T22:50:00Z");
    desk.minutes("2026-11-18T22:50:00Z", 30, 60, 0)
        .app("editor", "", "2026-11-18T22:55:30Z", 900);
    desk.batch("2026-11-18", "2026-11-19");
    settle(&app);
    let both = [
        json!({ "day": "2026-11-18", "tracked": 600, "active": 600 }),
        json!({ "day": "2026-11-19", "tracked": 1200, "active": 1200 }),
    ];
    let apps = [
        json!({ "day": "2026-11-18", "app": "editor", "seconds": 270 }),
        json!({ "day": "2026-11-19", "app": "editor", "seconds": 630 }),
    ];
    assert_eq!(
        (
            days(&app, ada.user),
            named(&app, "user_app_usage_daily", ada.user)
        ),
        (both.to_vec(), apps.to_vec())
    );
    // The second day alone still knows of the item that began the day before.
    desk.batch("2026-11-19", "2026-11-19");
    a_minute_later(&app);
    settle(&app);
    assert_eq!(
        (
            days(&app, ada.user),
            named(&app, "user_app_usage_daily", ada.user)
        ),
        (both.to_vec(), apps.to_vec())
    );
}

#[actix_web::test]
async fn a_day_is_summed_in_the_zone_it_has_whatever_zone_its_batch_came_in() {
    let (app, acme) = acme().await;
    let ada = app.employee(&acme, "Ada").await;
    // New York until the 17th, Berlin from the 18th on: 23:30 UTC of the 16th is the 16th, but was said to be the 17th.
    let zones = "UPDATE tenant.company_time_zones SET zone = 'America/New_York'";
    execute(&mut app.copy.admin(), zones);
    let berlin = format!(
        "INSERT INTO tenant.company_time_zones VALUES ('{}', '2026-11-18', 'Europe/Berlin')",
        acme.id
    );
    execute(&mut app.copy.admin(), &berlin);
    Feed::new(&app, acme.id, ada.user, "2026-11-16T23:30:00Z")
        .minutes("2026-11-16T23:30:00Z", 10, 60, 0)
        .batch("2026-11-17", "2026-11-17");
    settle(&app);
    assert_eq!(
        days(&app, ada.user),
        [json!({ "day": "2026-11-16", "tracked": 600, "active": 600 })]
    );
}

#[actix_web::test]
async fn a_minute_at_two_devices_counts_once_and_as_the_longer_one() {
    let (app, acme) = acme().await;
    let ada = app.employee(&acme, "Ada").await;
    let mut desk = Feed::new(&app, acme.id, ada.user, "2026-11-18T08:00:00Z");
    desk.minutes("2026-11-18T08:00:00Z", 1, 20, 10)
        .app("editor", "", "2026-11-18T08:00:00Z", 60)
        .batch("2026-11-18", "2026-11-18");
    let mut laptop = Feed::new(&app, acme.id, ada.user, "2026-11-18T08:00:00Z");
    laptop
        .minutes("2026-11-18T08:00:00Z", 1, 10, 40)
        .app("mail", "", "2026-11-18T08:00:00Z", 60)
        .batch("2026-11-18", "2026-11-18");
    settle(&app);
    assert_eq!(
        days(&app, ada.user),
        [json!({ "day": "2026-11-18", "tracked": 50, "active": 20 })]
    );
    // Each is clipped to what its own device observed: together more than was tracked.
    assert_eq!(
        named(&app, "user_app_usage_daily", ada.user),
        [
            json!({ "day": "2026-11-18", "app": "mail", "seconds": 50 }),
            json!({ "day": "2026-11-18", "app": "editor", "seconds": 30 })
        ]
    );
}

#[actix_web::test]
async fn one_device_never_has_more_than_sixty_seconds_in_a_minute() {
    let (app, acme) = acme().await;
    let ada = app.employee(&acme, "Ada").await;
    let mut desk = Feed::new(&app, acme.id, ada.user, "2026-11-18T08:00:00Z");
    // Two rows of a minute: a session ended in it and another began.
    desk.minutes("2026-11-18T08:00:00Z", 1, 30, 0)
        .minutes("2026-11-18T08:00:00Z", 1, 20, 5);
    desk.minutes("2026-11-18T08:01:00Z", 1, 60, 0)
        .minutes("2026-11-18T08:01:00Z", 1, 60, 0);
    desk.batch("2026-11-18", "2026-11-18");
    settle(&app);
    assert_eq!(
        days(&app, ada.user),
        [json!({ "day": "2026-11-18", "tracked": 115, "active": 110 })]
    );
}

#[actix_web::test]
async fn days_on_which_the_clock_changes_have_23_and_25_hours() {
    let (app, acme) = acme().await;
    let ada = app.employee(&acme, "Ada").await;
    for (day, from, hours) in [
        ("2026-03-29", "2026-03-28T23:00:00Z", 23),
        ("2026-10-25", "2026-10-24T22:00:00Z", 25),
    ] {
        let mut desk = Feed::new(&app, acme.id, ada.user, from);
        // A minute before and a minute after belong to the neighbours.
        let before = (crate::feed::at(from) - chrono::Duration::minutes(1)).to_rfc3339();
        desk.minutes(&before, hours * 60 + 2, 60, 0)
            .app("editor", "", from, hours * 3600 - 3600)
            .batch(day, day);
        settle(&app);
        let of_day = |rows: Vec<Value>| rows.into_iter().find(|row| row["day"] == day).unwrap();
        assert_eq!(of_day(days(&app, ada.user))["tracked"], hours * 3600);
        assert_eq!(
            of_day(named(&app, "user_app_usage_daily", ada.user))["seconds"],
            (hours - 1) * 3600
        );
    }
}

#[actix_web::test]
async fn numbers_of_a_day_whose_rows_are_gone_go_too() {
    let (app, acme) = acme().await;
    let ada = app.employee(&acme, "Ada").await;
    let mut desk = Feed::new(&app, acme.id, ada.user, "2026-11-17T08:00:00Z");
    desk.minutes("2026-11-18T08:00:00Z", 10, 60, 0)
        .batch("2026-11-18", "2026-11-18");
    settle(&app);
    let company_days = "SELECT day FROM platform.company_usage_daily";
    assert_eq!(rows(&mut app.copy.admin(), company_days).len(), 1);
    execute(&mut app.copy.admin(), "DELETE FROM tenant.activity_log");
    desk.batch("2026-11-18", "2026-11-18");
    a_minute_later(&app);
    settle(&app);
    assert_eq!(days(&app, ada.user), Vec::<Value>::new());
    assert_eq!(rows(&mut app.copy.admin(), company_days).len(), 0);
}

#[actix_web::test]
async fn summing_again_changes_nothing_and_follows_up_once_a_day() {
    let (app, acme) = acme().await;
    let (ada, bob) = (
        app.employee(&acme, "Ada").await,
        app.employee(&acme, "Bob").await,
    );
    for user in [ada.user, bob.user] {
        Feed::new(&app, acme.id, user, "2026-11-18T08:00:00Z")
            .minutes("2026-11-18T08:00:00Z", 10, 50, 10)
            .app("editor", "", "2026-11-18T08:00:00Z", 300)
            .batch("2026-11-18", "2026-11-18");
    }
    settle(&app);
    let all = "SELECT to_jsonb(d) - 'computed_at' AS d FROM tenant.user_usage_daily d UNION ALL SELECT to_jsonb(a) FROM tenant.user_app_usage_daily a ORDER BY 1";
    let before = rows(&mut app.copy.admin(), all);
    execute(
        &mut app.copy.admin(),
        "UPDATE tenant.ingest_batches SET rolled_up_at = NULL",
    );
    a_minute_later(&app);
    settle(&app);
    assert_eq!(rows(&mut app.copy.admin(), all), before);
    let follow_ups = rows(
        &mut app.copy.admin(),
        "SELECT id FROM platform.jobs WHERE kind = 'company_usage_daily'",
    );
    assert_eq!(
        follow_ups.len(),
        2,
        "two people's change of a day is one job for the company"
    );
}

#[actix_web::test]
async fn a_server_sums_what_comes_in_by_itself() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    Feed::new(&app, acme.id, ada.user, "2026-11-18T08:00:00Z")
        .minutes("2026-11-18T08:00:00Z", 10, 60, 0)
        .batch("2026-11-18", "2026-11-18");
    let path = format!(
        "/api/owner/companies/{}/usage?from=2026-11-18&to=2026-11-18",
        acme.id
    );
    for _ in 0..200 {
        let (_, usage) = acme.owner.get(&path).await;
        if usage["items"][0]["active_minutes"] == 10 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("nothing was summed in twenty seconds");
}
