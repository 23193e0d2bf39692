//! A person's day, as the person and the company's admins see it, and the note that an admin leaves.

use chrono::Duration;
use serde_json::{Value, json};
use uuid::Uuid;

use super::wire;
use crate::app::App;
use crate::feed::{Feed, at, execute, rows, settle};

const DAY: &str = "2026-11-18";

/// Ten minutes from there, of which the first ones were observed, each alike.
fn slot(from: &str, minutes: i64, active: i64, idle: i64) -> Value {
    let minute = |n: i64| {
        json!({ "at": wire(at(from) + Duration::minutes(n)), "tracked_seconds": active + idle, "active_seconds": active,
            "keystrokes": 3, "mouse_events": 2 })
    };
    json!({ "from": from, "to": wire(at(from) + Duration::minutes(10)), "tracked_seconds": minutes * (active + idle),
        "active_seconds": minutes * active, "minutes": (0..minutes).map(minute).collect::<Vec<_>>() })
}

fn path(user: Uuid) -> String {
    format!("/api/timeline?user_id={user}&day={DAY}")
}

#[actix_web::test]
async fn a_day_shows_what_was_recorded_and_adds_up_like_the_roll_up() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let mut desk = Feed::new(&app, acme.id, ada.user, "2026-11-18T08:00:00Z");
    desk.minutes("2026-11-18T08:00:00Z", 10, 50, 10)
        .minutes("2026-11-18T08:10:00Z", 2, 0, 60)
        .minutes("2026-11-18T09:00:00Z", 1, 31, 0);
    desk.app("editor", "main.rs", "2026-11-18T08:00:00Z", 300)
        .app("editor", "main.rs", "2026-11-18T08:05:01Z", 60);
    desk.app("editor", "lib.rs", "2026-11-18T08:06:01Z", 10)
        .app("editor", "lib.rs", "2026-11-18T08:30:00Z", 5);
    desk.site("docs.rs", "2026-11-18T08:07:00Z", 90);
    let (picture, unready) = (
        desk.screenshot("2026-11-18T08:03:00Z", 1000),
        desk.screenshot("2026-11-18T08:04:00Z", 1000),
    );
    execute(
        &mut app.copy.admin(),
        &format!(
            "UPDATE tenant.screenshots SET state = 'pending' WHERE id = '{}'",
            unready.id
        ),
    );
    desk.batch(DAY, DAY);
    let (status, day) = ada.get(&path(ada.user)).await;
    assert_eq!(status, 200, "{day}");
    let expected = json!({
        "user": { "id": ada.user, "name": "Ada" }, "day": DAY, "time_zone": "Europe/Berlin",
        "from": "2026-11-17T23:00:00Z", "to": "2026-11-18T23:00:00Z",
        "tracked_seconds": 751, "active_seconds": 531, "idle_seconds": 220, "manual_seconds": 0, "explained_seconds": 0, "manual": [],
        "sessions": [{ "id": desk.session, "started_at": "2026-11-18T08:00:00Z", "device_name": "desk", "excluded": false, "deleted": false }], "private": [],
        "slots": [
            slot("2026-11-18T08:00:00Z", 10, 50, 10),
            slot("2026-11-18T08:10:00Z", 2, 0, 60),
            slot("2026-11-18T09:00:00Z", 1, 31, 0),
        ],
        "segments": [
            { "kind": "active", "from": "2026-11-18T08:00:00Z", "to": "2026-11-18T08:10:00Z" },
            { "kind": "idle", "from": "2026-11-18T08:10:00Z", "to": "2026-11-18T08:12:00Z" },
            { "kind": "active", "from": "2026-11-18T09:00:00Z", "to": "2026-11-18T09:01:00Z" },
        ],
        "applications": [
            { "app": "editor", "title": "main.rs", "started_at": "2026-11-18T08:00:00Z", "seconds": 360 },
            { "app": "editor", "title": "lib.rs", "started_at": "2026-11-18T08:06:01Z", "seconds": 10 },
            { "app": "editor", "title": "lib.rs", "started_at": "2026-11-18T08:30:00Z", "seconds": 5 },
        ],
        "websites": [{ "host": "docs.rs", "started_at": "2026-11-18T08:07:00Z", "seconds": 90 }],
        "screenshots": [{ "id": picture.id, "taken_at": "2026-11-18T08:03:00Z", "display": 0, "blurred": false, "width": 800, "height": 600 }],
    });
    assert_eq!(day, expected);
    settle(&app);
    let (_, daily) = ada
        .get(&format!("/api/usage/daily?from={DAY}&to={DAY}"))
        .await;
    let sums = ["tracked_seconds", "active_seconds", "idle_seconds"];
    assert_eq!(
        sums.map(|sum| &daily["items"][0][sum]),
        sums.map(|sum| &day[sum])
    );
    assert_eq!(
        acme.admin.get(&path(ada.user)).await,
        (200, expected),
        "an admin sees the same"
    );
}

#[actix_web::test]
async fn items_are_cut_at_the_days_borders() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let mut desk = Feed::new(&app, acme.id, ada.user, "2026-11-17T22:00:00Z");
    desk.app("editor", "", "2026-11-17T22:30:00Z", 3600)
        .app("mail", "", "2026-11-18T22:30:00Z", 3600)
        .site("docs.rs", "2026-11-17T22:59:00Z", 90);
    let (_, day) = ada.get(&path(ada.user)).await;
    let cut = |name: &str| -> Vec<(Value, Value)> {
        day[name]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| (item["started_at"].clone(), item["seconds"].clone()))
            .collect()
    };
    let from = json!("2026-11-17T23:00:00Z");
    assert_eq!(
        cut("applications"),
        [
            (from.clone(), json!(1800)),
            (json!("2026-11-18T22:30:00Z"), json!(1800))
        ]
    );
    assert_eq!(cut("websites"), [(from, json!(30))]);
    assert_eq!(
        day["sessions"].as_array().unwrap().len(),
        1,
        "a session that goes on is part of each day"
    );
}

#[actix_web::test]
async fn nobody_but_the_person_and_the_companys_admins_sees_a_day() {
    let app = App::spawn().await;
    let (acme, bolt) = (app.company("Acme").await, app.company("Bolt").await);
    let (ada, bob) = (
        app.employee(&acme, "Ada").await,
        app.employee(&acme, "Bob").await,
    );
    assert_eq!(ada.get(&path(ada.user)).await.0, 200);
    assert_eq!(acme.admin.get(&path(ada.user)).await.0, 200);
    let unknown = bob.get(&path(Uuid::now_v7())).await;
    for (client, user) in [
        (&bob, ada.user),
        (&bob, acme.admin.user),
        (&bolt.admin, ada.user),
        (&acme.admin, bolt.admin.user),
        (&acme.admin, Uuid::now_v7()),
    ] {
        let (status, mut problem) = client.get(&path(user)).await;
        assert_eq!(status, 404, "{problem}");
        problem["request_id"] = unknown.1["request_id"].clone();
        assert_eq!(
            (status, problem),
            unknown,
            "a foreign person is answered like one who does not exist"
        );
    }
    assert_eq!(acme.owner.get(&path(ada.user)).await.0, 403);
    assert_eq!(
        rows(&mut app.copy.admin(), "SELECT 1 FROM tenant.access_entries").len(),
        1,
        "only a look that showed something is noted"
    );
}

#[actix_web::test]
async fn an_admins_look_is_noted_once_in_ten_minutes_and_the_person_reads_it() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let (ada, bob) = (
        app.employee(&acme, "Ada").await,
        app.employee(&acme, "Bob").await,
    );
    let entries = |answer: (u16, Value)| {
        answer.1["items"]
            .as_array()
            .unwrap_or_else(|| panic!("{}", answer.1))
            .clone()
    };
    assert_eq!(acme.admin.get(&path(acme.admin.user)).await.0, 200);
    assert_eq!(ada.get(&path(ada.user)).await.0, 200);
    assert!(
        rows(&mut app.copy.admin(), "SELECT 1 FROM tenant.access_entries").is_empty(),
        "looking at oneself is no note"
    );
    let slot = || chrono::Utc::now().timestamp() / 600;
    let before = slot();
    for _ in 0..3 {
        assert_eq!(acme.admin.get(&path(ada.user)).await.0, 200);
    }
    assert_eq!(
        acme.admin
            .get(&format!(
                "/api/timeline?user_id={}&day=2026-11-17",
                ada.user
            ))
            .await
            .0,
        200
    );
    let noted = entries(ada.get("/api/me/access-entries").await);
    if slot() == before {
        assert_eq!(noted.len(), 2);
    }
    let newest =
        json!({ "at": noted[0]["at"], "kind": "timeline", "day": DAY, "viewer_name": "Ada Admin" });
    assert_eq!(noted[0], newest);
    assert!(entries(bob.get("/api/me/access-entries").await).is_empty());
    assert!(entries(acme.admin.get("/api/me/access-entries").await).is_empty());
    let (_, first) = ada.get("/api/me/access-entries?limit=1").await;
    let rest = entries(
        ada.get(&format!(
            "/api/me/access-entries?limit=200&cursor={}",
            first["next_cursor"].as_str().unwrap()
        ))
        .await,
    );
    assert_eq!([entries((200, first)), rest].concat(), noted);
}

#[actix_web::test]
async fn a_day_that_is_none_is_refused_and_an_empty_one_is_empty() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    for bad in [
        "2026-02-30",
        "yesterday",
        "-262143-01-01",
        "2026-1-1",
        "1999-12-31",
    ] {
        let (status, problem) = acme.admin.get(&format!("/api/timeline?day={bad}")).await;
        assert_eq!(
            (status, &problem["errors"][0]["code"]),
            (422, &json!("day_invalid")),
            "{bad}"
        );
    }
    assert_eq!(acme.admin.get("/api/timeline?user_id=me").await.0, 422);
    assert_eq!(acme.admin.get("/api/timeline?color=red").await.0, 422);
    let (status, day) = acme.admin.get("/api/timeline").await;
    assert_eq!(
        (status, &day["tracked_seconds"], &day["segments"]),
        (200, &json!(0), &json!([]))
    );
}
