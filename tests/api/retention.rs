//! How long records are kept: what the preview says, what the night deletes, and what stays whatever happens after.

use chrono::{DateTime, Duration, NaiveDate, SecondsFormat, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use tracker::jobs::rebuild::{Wanted, rebuild};
use tracker::jobs::retention::{self, Deleted};
use uuid::Uuid;

use crate::app::{App, Client, Company};
use crate::feed::{Feed, a_minute_later, execute, next_job, rows, settle};

const SUMS: &str = "SELECT (to_jsonb(d) - 'computed_at')::text AS d FROM tenant.user_usage_daily d \
    UNION ALL SELECT to_jsonb(d)::text FROM tenant.user_app_usage_daily d \
    UNION ALL SELECT to_jsonb(d)::text FROM tenant.user_host_usage_daily d \
    UNION ALL SELECT to_jsonb(d)::text FROM tenant.user_category_usage_daily d \
    UNION ALL SELECT (to_jsonb(d) - 'updated_at')::text FROM platform.company_usage_daily d ORDER BY 1";

async fn server() -> App {
    App::configured(|config| config.job_workers = 0).await
}

fn wire(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn ago(days: i64) -> DateTime<Utc> {
    Utc::now() - Duration::days(days)
}

async fn keep(company: &Company, changes: Value) -> (u16, Value) {
    let request = company
        .admin
        .request(Method::PATCH, "/api/settings")
        .header("If-Match", "*");
    let answer = request.json(&changes).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn preview(who: &Client, query: &str) -> Value {
    let (status, preview) = who
        .get(&format!("/api/settings/retention-preview{query}"))
        .await;
    assert_eq!(status, 200, "{preview}");
    preview
}

/// As the job does on that day, on a thread as workers have one.
fn night(app: &App, company: Uuid, today: NaiveDate) -> Deleted {
    let state = &app.state;
    std::thread::scope(|threads| {
        let worker = threads.spawn(|| {
            retention::delete(&state.db, &state.objects, company, today, &|| Ok(())).unwrap()
        });
        worker.join().unwrap()
    })
}

/// What was chosen today was chosen yesterday.
fn a_night_later(app: &App) {
    execute(
        &mut app.copy.admin(),
        "UPDATE tenant.company_settings SET retention_shortened_at = retention_shortened_at - interval '1 day'",
    );
}

/// Sixty days of somebody: pieces that lie anywhere in the day and reach over midnight, and pictures in the store.
async fn worked(app: &App, company: &Company, name: &str, every: Duration) -> Client {
    let person = app.employee(company, name).await;
    let mut at = ago(60);
    let mut desk = Feed::new(app, company.id, person.user, &wire(at));
    let mut n = 0;
    while at < Utc::now() - Duration::hours(2) {
        let from = wire(at);
        desk.minutes(&from, 50, 40, 17)
            .app(["editor", "mail"][n % 2], "letter", &from, 2_400)
            .site("docs.rs", &from, 1_300);
        if n % 3 == 0 {
            let picture = desk.screenshot(&from, 1_000 + i32::try_from(n).unwrap());
            for key in [&picture.object_key, &picture.thumbnail_key] {
                app.state
                    .objects
                    .put(key, b"picture".to_vec())
                    .await
                    .unwrap();
            }
        }
        at += every;
        n += 1;
    }
    let day = |at: DateTime<Utc>| at.date_naive().to_string();
    desk.batch(&day(ago(61)), &day(ago(-1)));
    person
}

fn there(app: &App, company: Uuid) -> (i64, i64, i64) {
    let all = rows(
        &mut app.copy.admin(),
        &format!(
            "SELECT (SELECT count(*) FROM tenant.activity_log WHERE company_id = '{company}') \
               + (SELECT count(*) FROM tenant.application_usage WHERE company_id = '{company}') \
               + (SELECT count(*) FROM tenant.website_usage WHERE company_id = '{company}') AS usage, \
               count(*) AS screenshots, coalesce(sum(bytes), 0) AS bytes FROM tenant.screenshots WHERE company_id = '{company}'"
        ),
    );
    let number = |name: &str| all[0][name].as_i64().unwrap();
    (number("usage"), number("screenshots"), number("bytes"))
}

fn storage(app: &App, company: Uuid) -> i64 {
    let usage =
        format!("SELECT storage_bytes FROM tenant.company_usage WHERE company_id = '{company}'");
    rows(&mut app.copy.admin(), &usage)[0]["storage_bytes"]
        .as_i64()
        .unwrap()
}

#[actix_web::test]
async fn retention_preview_equals_what_the_job_deletes() {
    let app = server().await;
    let (acme, globex) = (app.company("Acme").await, app.company("Globex").await);
    // Its clock was changed twice in these weeks, once by decision.
    execute(
        &mut app.copy.admin(),
        &format!(
            "UPDATE tenant.company_time_zones SET zone = 'America/New_York' WHERE company_id = '{}'",
            acme.id
        ),
    );
    execute(
        &mut app.copy.admin(),
        &format!(
            "INSERT INTO tenant.company_time_zones (company_id, valid_from, zone) VALUES ('{}', current_date - 12, 'Asia/Kolkata')",
            acme.id
        ),
    );
    worked(&app, &acme, "Ada", Duration::minutes(317)).await;
    worked(&app, &acme, "Bob", Duration::minutes(1_111)).await;
    worked(&app, &globex, "Gus", Duration::minutes(700)).await;
    for company in [&acme, &globex] {
        execute(
            &mut app.copy.admin(),
            &format!(
                "UPDATE tenant.company_usage SET storage_bytes = (SELECT sum(bytes) FROM tenant.screenshots s WHERE s.company_id = '{0}') \
                 WHERE company_id = '{0}'",
                company.id
            ),
        );
    }
    settle(&app);
    let sums = rows(&mut app.copy.admin(), SUMS);
    let others = there(&app, globex.id);
    for (screenshot_days, usage_days) in [(10, 30), (12, 11), (4, 40), (4, 3)] {
        let days = json!({ "screenshot_retention_days": screenshot_days, "usage_retention_days": usage_days });
        let query = format!(
            "?screenshot_retention_days={screenshot_days}&usage_retention_days={usage_days}"
        );
        let said = preview(&acme.admin, &query).await;
        assert_eq!(keep(&acme, days.clone()).await.0, 200);
        assert_eq!(preview(&acme.admin, "").await, said, "as it is now");
        let before: NaiveDate = serde_json::from_value(said["usage_before"].clone()).unwrap();
        let tomorrow = before + Duration::days(usage_days);
        let (had, stored) = (there(&app, acme.id), storage(&app, acme.id));
        let deleted = night(&app, acme.id, tomorrow);
        let has = there(&app, acme.id);
        assert_eq!(
            (
                &said["usage_entries"],
                &said["screenshots"],
                &said["screenshot_bytes"]
            ),
            (
                &json!(had.0 - has.0),
                &json!(had.1 - has.1),
                &json!(had.2 - has.2)
            ),
            "{days}"
        );
        assert_eq!(
            deleted,
            Deleted {
                usage_entries: had.0 - has.0,
                screenshots: had.1 - has.1,
                screenshot_bytes: had.2 - has.2
            }
        );
        assert_eq!(stored - storage(&app, acme.id), deleted.screenshot_bytes);
        assert_eq!(night(&app, acme.id, tomorrow), Deleted::default());
        assert_eq!(rows(&mut app.copy.admin(), SUMS), sums, "the sums stay");
    }
    let left = there(&app, acme.id);
    assert!(left.0 > 0 && left.1 > 0, "{left:?}");
    let objects = |company: Uuid| {
        let folder = format!("c/{company}");
        let objects = &app.state.objects;
        async move { i64::try_from(objects.sizes(&folder).await.unwrap().len()).unwrap() }
    };
    assert_eq!(objects(acme.id).await, 2 * left.1);
    assert_eq!(
        (there(&app, globex.id), objects(globex.id).await),
        (others, 2 * others.1)
    );
    let audit = rows(
        &mut app.copy.admin(),
        "SELECT sum((detail->>'usage_entries')::int) AS usage, sum((detail->>'screenshots')::int) AS screenshots, min(actor) AS actor \
         FROM tenant.audit_entries WHERE action = 'retention.applied'",
    );
    let all = sums_of_all(&app, acme.id);
    assert_eq!(
        (
            &audit[0]["usage"],
            &audit[0]["screenshots"],
            &audit[0]["actor"]
        ),
        (
            &json!(all.0 - left.0),
            &json!(all.1 - left.1),
            &json!("system")
        )
    );
}

/// What there was at first, by the sums that stay.
fn sums_of_all(app: &App, company: Uuid) -> (i64, i64) {
    let all = rows(
        &mut app.copy.admin(),
        &format!(
            "SELECT sum(events) AS usage, sum(screenshots) AS screenshots FROM tenant.user_usage_daily WHERE company_id = '{company}'"
        ),
    );
    (
        all[0]["usage"].as_i64().unwrap(),
        all[0]["screenshots"].as_i64().unwrap(),
    )
}

#[actix_web::test]
async fn a_day_whose_rows_are_gone_is_never_summed_again() {
    let app = server().await;
    let acme = app.company("Acme").await;
    let ada = worked(&app, &acme, "Ada", Duration::minutes(431)).await;
    settle(&app);
    let days = json!({ "screenshot_retention_days": 5, "usage_retention_days": 20 });
    assert_eq!(keep(&acme, days).await.0, 200);
    a_night_later(&app);
    night(&app, acme.id, Utc::now().date_naive());
    let sums = rows(&mut app.copy.admin(), SUMS);
    // Kept longer from now on: what is gone does not come back.
    let longer = json!({ "screenshot_retention_days": 90, "usage_retention_days": 90 });
    assert_eq!(keep(&acme, longer).await.0, 200);
    assert_eq!(preview(&acme.admin, "").await["usage_entries"], 0);
    let rebuilt = rebuild(&app.state.db, Wanted::default()).unwrap();
    assert!(rebuilt.rows > 60 && rebuilt.changed == 0, "{rebuilt:?}");
    assert_eq!(rows(&mut app.copy.admin(), SUMS), sums);

    let agent = app.agent(&acme, &ada).await;
    let session = Uuid::now_v7();
    // The same day in every zone near.
    let noon = ago(10)
        .date_naive()
        .and_hms_opt(12, 0, 0)
        .unwrap()
        .and_utc();
    let minute = |at: DateTime<Utc>| {
        json!({ "id": Uuid::now_v7(), "session_id": session, "minute": wire(at), "keystrokes": 1, "mouse_events": 1,
            "active_seconds": 60, "idle_seconds": 0 })
    };
    let batch = json!({ "batch_id": Uuid::now_v7(), "sessions": [{ "id": session, "started_at": wire(ago(30)) }],
        "activity": [minute(ago(25)), minute(ago(21)), minute(noon)] });
    let (_, answer) = agent.post("/api/upload/batch", batch.clone()).await;
    let told = |answer: &Value| -> Vec<String> {
        let items = answer["items"].as_array().unwrap().iter();
        let words = items.map(|item| item.get("code").unwrap_or(&item["result"]));
        words
            .map(|word| word.as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        told(&answer),
        ["stored", "no_longer_kept", "no_longer_kept", "stored"]
    );
    // Whoever did not hear that asks again, and must not take it for stored.
    let (_, again) = agent.post("/api/upload/batch", batch).await;
    assert_eq!(
        told(&again),
        ["duplicate", "no_longer_kept", "no_longer_kept", "duplicate"]
    );
    a_minute_later(&app);
    settle(&app);
    let after = rows(&mut app.copy.admin(), SUMS);
    let changed: Vec<_> = after.iter().filter(|row| !sums.contains(row)).collect();
    let day = noon.date_naive().to_string();
    assert!(
        !changed.is_empty() && changed.iter().all(|row| row.to_string().contains(&day)),
        "{changed:?}"
    );
    // Its pictures are gone already, and still counted.
    let counted = |rows: &[Value]| -> Vec<Value> {
        let days = rows
            .iter()
            .map(|row| serde_json::from_str(row["d"].as_str().unwrap()).unwrap());
        days.filter(|row: &Value| row["day"] == json!(day))
            .map(|row| row["screenshots"].clone())
            .filter(|count| !count.is_null())
            .collect()
    };
    assert_eq!(counted(&after), counted(&sums));
    assert!(counted(&sums).iter().any(|count| count != 0), "{day}");
}

#[actix_web::test]
async fn no_picture_comes_late_for_a_day_whose_pictures_are_gone() {
    let app = server().await;
    let acme = app.company("Acme").await;
    assert_eq!(
        keep(&acme, json!({ "screenshot_retention_days": 5 }))
            .await
            .0,
        200
    );
    a_night_later(&app);
    night(&app, acme.id, Utc::now().date_naive());
    let agent = app.agent(&acme, &acme.admin).await;
    let send = |days: i64| {
        let meta = json!({ "id": Uuid::now_v7(), "session_id": Uuid::now_v7(), "taken_at": wire(ago(days)), "display": 0, "blurred": false });
        let mut picture = std::io::Cursor::new(Vec::new());
        image::RgbImage::new(8, 8)
            .write_to(&mut picture, image::ImageFormat::Png)
            .unwrap();
        let form = reqwest::multipart::Form::new()
            .text("meta", meta.to_string())
            .part(
                "image",
                reqwest::multipart::Part::bytes(picture.into_inner()),
            );
        agent
            .request(Method::POST, "/api/screenshot/upload")
            .multipart(form)
            .send()
    };
    let answer = send(7).await.unwrap();
    let status = answer.status().as_u16();
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(
        (status, &problem["errors"][0]["code"]),
        (422, &json!("no_longer_kept"))
    );
    assert_eq!(send(3).await.unwrap().status(), 201);
}

#[actix_web::test]
async fn a_plan_limits_what_is_chosen_and_takes_nothing_away() {
    let app = server().await;
    let acme = app.company_on("FREE", "Acme").await;
    let (_, settings) = acme.admin.get("/api/settings").await;
    let said = |settings: &Value| {
        [
            "screenshot_retention_days",
            "usage_retention_days",
            "max_retention_days",
        ]
        .map(|name| settings[name].as_i64().unwrap())
    };
    assert_eq!(said(&settings), [90, 90, 90]);
    for (body, pointer, code) in [
        (
            json!({ "usage_retention_days": 91 }),
            "/usage_retention_days",
            "retention_above_plan",
        ),
        (
            json!({ "screenshot_retention_days": 4_000 }),
            "/screenshot_retention_days",
            "retention_invalid",
        ),
        (
            json!({ "screenshot_retention_days": 0 }),
            "/screenshot_retention_days",
            "retention_invalid",
        ),
    ] {
        let (status, problem) = keep(&acme, body).await;
        let field = &problem["errors"][0];
        assert_eq!(
            (status, &field["pointer"], &field["code"]),
            (422, &json!(pointer), &json!(code))
        );
    }
    let bolt = app.company("Bolt").await;
    let path = format!("/api/owner/companies/{}/change-plan", bolt.id);
    assert_eq!(
        bolt.owner.post(&path, json!({ "plan": "FREE" })).await.0,
        200
    );
    let (_, settings) = bolt.admin.get("/api/settings").await;
    assert_eq!(said(&settings), [90, 365, 90]);
    let (status, settings) = keep(
        &bolt,
        json!({ "record_paths": true, "usage_retention_days": 365 }),
    )
    .await;
    assert_eq!((status, said(&settings)), (200, [90, 365, 90]));
    assert_eq!(
        keep(&bolt, json!({ "usage_retention_days": 366 })).await.0,
        422
    );
    assert_eq!(
        keep(&bolt, json!({ "usage_retention_days": 60 })).await.0,
        200
    );
    assert_eq!(
        keep(&bolt, json!({ "usage_retention_days": 91 })).await.0,
        422
    );
}

#[actix_web::test]
async fn a_company_whose_night_has_begun_is_found_once() {
    let app = server().await;
    let acme = app.company("Acme").await;
    worked(&app, &acme, "Ada", Duration::minutes(1_500)).await;
    settle(&app);
    let find = || {
        app.state.db.platform_job_blocking(retention::find).unwrap();
        let queued = "SELECT company_id FROM platform.jobs WHERE kind = 'delete_old_records' AND state = 'queued'";
        let queued = rows(&mut app.copy.admin(), queued).len();
        while next_job(&app) {}
        queued
    };
    assert_eq!((find(), find()), (1, 0));
    assert_eq!(
        keep(&acme, json!({ "usage_retention_days": 30 })).await.0,
        200
    );
    let had = there(&app, acme.id).0;
    // Until the night comes it can be taken back, also by whom the job was queued for already.
    assert_eq!(find(), 0);
    assert_eq!(
        night(&app, acme.id, Utc::now().date_naive()),
        Deleted::default()
    );
    assert_eq!(there(&app, acme.id).0, had);
    a_night_later(&app);
    assert_eq!((find(), find()), (1, 0));
    assert!(there(&app, acme.id).0 < had);
    for (days, stays) in [(50, true), (40, true), (29, false)] {
        assert_eq!(
            keep(&acme, json!({ "usage_retention_days": days })).await.0,
            200
        );
        assert_eq!(find(), 0, "{days}");
        a_night_later(&app);
        assert_eq!(find() == 0, stays, "{days}");
    }
}

#[actix_web::test]
async fn what_the_night_would_delete_can_go_at_once() {
    let app = server().await;
    let (acme, globex) = (app.company("Acme").await, app.company("Globex").await);
    for company in [&acme, &globex] {
        worked(&app, company, "Ada", Duration::minutes(1_500)).await;
        settle(&app);
        let days = json!({ "screenshot_retention_days": 20, "usage_retention_days": 30 });
        assert_eq!(keep(company, days).await.0, 200);
    }
    let apply = |company: Option<Uuid>| {
        let state = &app.state;
        std::thread::scope(|threads| {
            let operator =
                threads.spawn(|| retention::apply(&state.db, &state.objects, company).unwrap());
            operator.join().unwrap()
        })
    };
    let said = preview(&acme.admin, "").await;
    let deleted = apply(Some(acme.id));
    assert_eq!(
        (
            &said["screenshots"],
            &said["screenshot_bytes"],
            &said["usage_entries"]
        ),
        (
            &json!(deleted.screenshots),
            &json!(deleted.screenshot_bytes),
            &json!(deleted.usage_entries)
        )
    );
    assert!(deleted.screenshots > 0 && deleted.usage_entries > 0);
    let said = preview(&globex.admin, "").await;
    let deleted = apply(None);
    assert_eq!(said["usage_entries"], json!(deleted.usage_entries));
    assert!(deleted.usage_entries > 0);
    assert_eq!(apply(None), Deleted::default());
}
