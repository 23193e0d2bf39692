//! Sums of the company for admins, of the own days for everybody else.

use chrono::{Duration, NaiveDate};
use serde_json::{Value, json};
use tracker::tracking::days::Calendar;
use uuid::Uuid;

use crate::app::{App, Client, Company};
use crate::feed::{Feed, execute, rows, settle};

struct Scene {
    app: App,
    acme: Company,
    ada: Client,
    bob: Client,
    today: NaiveDate,
}

/// Ada worked ten minutes today and twenty a week ago, Bob five minutes a week ago.
async fn scene() -> Scene {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = app.company("Acme").await;
    let (ada, bob) = (
        app.employee(&acme, "Ada").await,
        app.employee(&acme, "Bob").await,
    );
    let calendar = Calendar::new(vec![(NaiveDate::MIN, chrono_tz::Tz::Europe__Berlin)]);
    let today = calendar.today();
    for (user, ago, minutes, app_name) in [
        (ada.user, 0, 10, "editor"),
        (ada.user, 7, 20, "mail"),
        (bob.user, 7, 5, "editor"),
    ] {
        let day = today - Duration::days(ago);
        let start = calendar.start(day).to_rfc3339();
        let mut desk = Feed::new(&app, acme.id, user, &start);
        desk.minutes(&start, minutes, 40, 20)
            .app(app_name, "", &start, minutes * 60)
            .site("docs.rs", &start, 30);
        desk.batch(&day.to_string(), &day.to_string());
    }
    settle(&app);
    Scene {
        app,
        acme,
        ada,
        bob,
        today,
    }
}

fn numbers(today: &Value) -> [i64; 5] {
    [
        "working_now",
        "tracked_seconds",
        "active_seconds",
        "people",
        "tracked_seconds_last_week",
    ]
    .map(|name| today[name].as_i64().unwrap())
}

#[actix_web::test]
async fn today_is_the_companys_for_an_admin_and_the_own_for_an_employee() {
    let Scene {
        app,
        acme,
        ada,
        bob,
        today,
    } = scene().await;
    execute(
        &mut app.copy.admin(),
        &format!(
            "UPDATE tenant.work_sessions SET last_seen_at = now() - interval '2 minutes' WHERE user_id = '{}'",
            bob.user
        ),
    );
    execute(
        &mut app.copy.admin(),
        &format!(
            "UPDATE tenant.work_sessions SET last_seen_at = now() - interval '4 minutes' WHERE user_id = '{}'",
            ada.user
        ),
    );
    let (status, of_acme) = acme.admin.get("/api/usage/today").await;
    assert_eq!(
        (status, numbers(&of_acme)),
        (200, [1, 600, 400, 1, 1500]),
        "{of_acme}"
    );
    assert_eq!(
        (&of_acme["day"], &of_acme["time_zone"]),
        (&json!(today), &json!("Europe/Berlin"))
    );
    assert_eq!(
        numbers(&ada.get("/api/usage/today").await.1),
        [0, 600, 400, 1, 1200]
    );
    assert_eq!(
        numbers(&bob.get("/api/usage/today").await.1),
        [1, 0, 0, 0, 300]
    );
}

#[actix_web::test]
async fn days_and_names_are_summed_over_everybody_or_one_person() {
    let Scene {
        app: _app,
        acme,
        ada,
        bob,
        today,
    } = scene().await;
    let week_ago = today - Duration::days(7);
    let day = |day: NaiveDate, minutes: i64, people: i64| {
        json!({ "day": day, "tracked_seconds": minutes * 60, "active_seconds": minutes * 40, "idle_seconds": minutes * 20,
        "manual_seconds": 0, "explained_seconds": 0, "people": people })
    };
    let (_, daily) = acme.admin.get("/api/usage/daily").await;
    assert_eq!(
        daily,
        json!({ "items": [day(week_ago, 25, 2), day(today, 10, 1)], "time_zone": "Europe/Berlin" })
    );
    let of_bob = json!([day(week_ago, 5, 1)]);
    assert_eq!(
        acme.admin
            .get(&format!("/api/usage/daily?user_id={}", bob.user))
            .await
            .1["items"],
        of_bob
    );
    assert_eq!(bob.get("/api/usage/daily").await.1["items"], of_bob);
    let one_day = format!("from={week_ago}&to={week_ago}");
    assert_eq!(
        acme.admin
            .get(&format!("/api/usage/daily?{one_day}"))
            .await
            .1["items"],
        json!([day(week_ago, 25, 2)])
    );
    let mails = json!({ "app": "mail", "seconds": 1200 });
    let (_, apps) = acme.admin.get("/api/usage/apps").await;
    assert_eq!(
        apps,
        json!({ "items": [mails, { "app": "editor", "seconds": 900 }] })
    );
    assert_eq!(
        acme.admin.get("/api/usage/apps?limit=1").await.1,
        json!({ "items": [mails] })
    );
    let of_bob = json!({ "items": [{ "app": "editor", "seconds": 300 }] });
    assert_eq!(bob.get("/api/usage/apps").await.1, of_bob);
    let asked = format!("/api/usage/apps?user_id={}", bob.user);
    assert_eq!(acme.admin.get(&asked).await.1, of_bob);
    assert_eq!(
        ada.get(&format!("/api/usage/apps?{one_day}")).await.1,
        json!({ "items": [mails] })
    );
    assert_eq!(
        acme.admin.get("/api/usage/hosts").await.1,
        json!({ "items": [{ "host": "docs.rs", "seconds": 90 }] })
    );
    assert_eq!(
        bob.get("/api/usage/hosts").await.1,
        json!({ "items": [{ "host": "docs.rs", "seconds": 30 }] })
    );
}

#[actix_web::test]
async fn nobody_sees_the_sums_of_a_colleague_or_of_another_company() {
    let Scene {
        app,
        acme,
        ada,
        bob,
        ..
    } = scene().await;
    let bolt = app.company("Bolt").await;
    for path in ["daily", "apps", "hosts"] {
        let of = |user: Uuid| format!("/api/usage/{path}?user_id={user}");
        for (client, user) in [
            (&bob, ada.user),
            (&bob, Uuid::now_v7()),
            (&bolt.admin, ada.user),
            (&acme.admin, bolt.admin.user),
            (&acme.admin, Uuid::now_v7()),
        ] {
            assert_eq!(client.get(&of(user)).await.0, 404, "{path}");
        }
        assert_eq!(bob.get(&of(bob.user)).await.0, 200);
        assert_eq!(
            bolt.admin.get(&format!("/api/usage/{path}")).await.1["items"],
            json!([])
        );
        for bad in [
            "from=2026-11-18&to=2026-11-17",
            "from=2020-01-01&to=2026-01-01",
            "from=x",
            "user_id=x",
            "limit=0",
        ] {
            let (status, problem) = acme.admin.get(&format!("/api/usage/{path}?{bad}")).await;
            assert_eq!(status, 422, "{path}?{bad}: {problem}");
        }
        assert_eq!(acme.owner.get(&format!("/api/usage/{path}")).await.0, 403);
    }
    let looked = rows(
        &mut app.copy.admin(),
        "SELECT DISTINCT subject_id FROM tenant.access_entries",
    );
    assert_eq!(looked, Vec::<Value>::new(), "what is refused is no look");
}
