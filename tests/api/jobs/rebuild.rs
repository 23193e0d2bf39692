//! `tracker usage rebuild` finds nothing where nothing was wrong, and mends what was.

use tracker::jobs::rebuild::{Wanted, rebuild};

use crate::app::App;
use crate::feed::{Feed, execute, rows, settle};

#[actix_web::test]
async fn a_rebuild_gives_the_same_numbers_and_mends_wrong_ones() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = app.company("Acme").await;
    let (ada, bob) = (
        app.employee(&acme, "Ada").await,
        app.employee(&acme, "Bob").await,
    );
    for user in [ada.user, bob.user] {
        let mut desk = Feed::new(&app, acme.id, user, "2026-11-17T08:00:00Z");
        desk.minutes("2026-11-17T22:30:00Z", 60, 40, 17)
            .minutes("2026-10-01T22:30:00Z", 5, 60, 0);
        desk.app("editor", "", "2026-11-17T22:31:07Z", 1800)
            .app("mail", "", "2026-11-17T22:59:59Z", 12)
            .site("docs.rs", "2026-11-17T22:40:00Z", 2400);
        desk.batch("2026-11-17", "2026-11-18")
            .batch("2026-10-02", "2026-10-02");
    }
    settle(&app);
    let again = || rebuild(&app.state.db, Wanted::default()).unwrap();
    let first = again();
    assert!(first.rows > 10, "{first:?}");
    assert_eq!(first.changed, 0);
    let days =
        "SELECT to_jsonb(d) - 'updated_at' AS d FROM platform.company_usage_daily d ORDER BY day";
    let right = rows(&mut app.copy.admin(), days);
    let admin = &mut app.copy.admin();
    execute(
        admin,
        &format!(
            "UPDATE tenant.user_usage_daily SET active_seconds = 1 WHERE day = '2026-11-17' AND user_id = '{}'",
            ada.user
        ),
    );
    execute(
        admin,
        "DELETE FROM tenant.user_app_usage_daily WHERE day = '2026-11-17' AND app = 'mail'",
    );
    execute(
        admin,
        "UPDATE platform.company_usage_daily SET sessions = 77 WHERE day = '2026-11-17'",
    );
    execute(
        admin,
        &format!(
            "INSERT INTO platform.company_usage_daily VALUES ('{}', '2026-11-01', 1, 1, 1, 1, 1, 1)",
            acme.id
        ),
    );
    let mails = 2;
    assert_eq!(again().changed, 1 + mails + 1 + 1);
    assert_eq!(rows(admin, days), right);
    assert_eq!(again(), first);
}

#[actix_web::test]
async fn a_rebuild_leaves_days_alone_whose_raw_rows_were_not_kept() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let long_ago = (chrono::Utc::now() - chrono::Duration::days(200)).to_rfc3339();
    let day = &long_ago[..10];
    let mut desk = Feed::new(&app, acme.id, ada.user, &format!("{day}T08:00:00Z"));
    desk.minutes(&format!("{day}T08:00:00Z"), 5, 60, 0)
        .batch(day, day);
    settle(&app);
    execute(&mut app.copy.admin(), "DELETE FROM tenant.activity_log");
    execute(
        &mut app.copy.admin(),
        "UPDATE tenant.company_settings SET usage_retention_days = 100",
    );
    let rebuilt = rebuild(&app.state.db, Wanted::default()).unwrap();
    assert_eq!(rebuilt.changed, 0, "only sums of sums are looked at");
    let kept = rows(
        &mut app.copy.admin(),
        "SELECT tracked_seconds FROM tenant.user_usage_daily WHERE tracked_seconds > 0",
    );
    assert_eq!(kept.len(), 1);
}
