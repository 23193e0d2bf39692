//! Sessions that nobody hears of any more.

use serde_json::json;
use tracker::jobs::{silent_sessions, work};

use crate::app::App;
use crate::feed::{Feed, execute, rows};

#[actix_web::test]
async fn a_session_without_a_sign_of_life_is_closed_at_its_last_one() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let silent = Feed::new(&app, acme.id, ada.user, "2026-11-18T08:00:00Z");
    let lively = Feed::new(&app, acme.id, ada.user, "2026-11-18T08:00:00Z");
    let admin = &mut app.copy.admin();
    execute(
        admin,
        &format!(
            "UPDATE tenant.work_sessions SET last_seen_at = '2026-11-18T09:30:00Z' WHERE id = '{}'",
            silent.session
        ),
    );
    execute(
        admin,
        &format!(
            "UPDATE tenant.work_sessions SET last_seen_at = now() - interval '14 minutes' WHERE id = '{}'",
            lively.session
        ),
    );
    app.state
        .db
        .platform_job_blocking(silent_sessions::find)
        .unwrap();
    while work::next(&app.state).unwrap() {}
    let closed = rows(
        admin,
        "SELECT id, ended_at, end_reason FROM tenant.work_sessions WHERE ended_at IS NOT NULL",
    );
    assert_eq!(
        closed,
        [
            json!({ "id": silent.session, "ended_at": "2026-11-18T09:30:00+00:00", "end_reason": "silent" })
        ]
    );
}
