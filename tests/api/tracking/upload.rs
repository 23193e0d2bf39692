//! Batches: each item is answered, none is stored twice, and nobody stores for somebody else.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{ago, application, count, minute, results, website, wire};
use crate::app::{App, Client};

async fn desk() -> (App, Client) {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let agent = app.agent(&acme, &acme.admin).await;
    (app, agent)
}

async fn upload(agent: &Client, batch: &Value) -> Value {
    let (status, answer) = agent.post("/api/upload/batch", batch.clone()).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

#[actix_web::test]
async fn a_batch_is_stored_and_answered_item_by_item_in_order() {
    let (app, agent) = desk().await;
    let session = Uuid::now_v7();
    let batch = json!({
        "batch_id": Uuid::now_v7(),
        "sessions": [{ "id": session, "started_at": wire(ago(600)) }],
        "applications": [application(session, ago(600)), application(session, ago(595))],
        "websites": [website(session, ago(590))],
        "activity": [minute(session, ago(600))],
    });
    let answer = upload(&agent, &batch).await;
    assert_eq!(results(&answer), ["stored"; 5]);
    assert_eq!(answer["settings_version"], json!(1));
    assert_eq!(answer["items"][0]["id"], json!(session));
    assert_eq!(answer["items"][3]["id"], batch["websites"][0]["id"]);
    assert_eq!(count(&app, "tenant.application_usage"), 2);
    assert_eq!(count(&app, "tenant.website_usage"), 1);
    assert_eq!(
        count(
            &app,
            "tenant.activity_log WHERE date_trunc('minute', started_at) = started_at"
        ),
        1
    );
    assert_eq!(
        count(
            &app,
            "tenant.ingest_batches WHERE items = 5 AND rolled_up_at IS NULL"
        ),
        1
    );
}

#[actix_web::test]
async fn a_repeated_batch_changes_nothing() {
    let (app, agent) = desk().await;
    let session = Uuid::now_v7();
    let mut batch = json!({ "batch_id": Uuid::now_v7(), "applications": [application(session, ago(60)), application(session, ago(50))] });
    assert_eq!(results(&upload(&agent, &batch).await), ["stored", "stored"]);
    assert_eq!(
        results(&upload(&agent, &batch).await),
        ["duplicate", "duplicate"]
    );
    assert_eq!(count(&app, "tenant.ingest_batches"), 1);
    let more = application(session, ago(40));
    batch["applications"].as_array_mut().unwrap().push(more);
    assert_eq!(
        results(&upload(&agent, &batch).await),
        ["duplicate", "duplicate", "stored"],
        "the same id with another body"
    );
    assert_eq!(count(&app, "tenant.application_usage"), 3);
    assert_eq!(
        count(&app, "tenant.ingest_batches"),
        2,
        "what came new is entered for summing"
    );
}

#[actix_web::test]
async fn items_cut_apart_and_in_any_order_make_the_same_rows() {
    let (app, agent) = desk().await;
    let session = Uuid::now_v7();
    let items: Vec<_> = (0..6)
        .map(|n| application(session, ago(600 - n * 5)))
        .collect();
    let batch = |applications: Vec<Value>| json!({ "batch_id": Uuid::now_v7(), "applications": applications });
    upload(&agent, &batch(items[3..].to_vec())).await;
    upload(&agent, &batch(items[1..4].iter().rev().cloned().collect())).await;
    let told = json!({ "batch_id": Uuid::now_v7(), "sessions": [{ "id": session, "started_at": wire(ago(700)), "ended_at": wire(ago(500)), "reason": "locked" }] });
    assert_eq!(results(&upload(&agent, &told).await), ["stored"]);
    assert_eq!(
        results(&upload(&agent, &batch(items.clone())).await)[..2],
        ["stored", "duplicate"]
    );
    assert_eq!(count(&app, "tenant.application_usage"), 6);
    assert_eq!(
        count(
            &app,
            "tenant.work_sessions WHERE end_reason = 'locked' AND ended_at - started_at = interval '200 seconds'"
        ),
        1
    );
}

#[actix_web::test]
async fn an_id_that_is_known_keeps_its_first_content() {
    let (app, agent) = desk().await;
    let session = Uuid::now_v7();
    let first = application(session, ago(60));
    let mut other = first.clone();
    other["title"] = json!("something else");
    let batch =
        json!({ "batch_id": Uuid::now_v7(), "applications": [first.clone(), other.clone()] });
    assert_eq!(
        results(&upload(&agent, &batch).await),
        ["stored", "duplicate"]
    );
    let batch = json!({ "batch_id": Uuid::now_v7(), "applications": [other] });
    assert_eq!(results(&upload(&agent, &batch).await), ["duplicate"]);
    assert_eq!(
        count(&app, "tenant.application_usage WHERE title = 'make'"),
        1
    );
    assert_eq!(count(&app, "tenant.application_usage"), 1);
}

#[actix_web::test]
async fn one_bad_item_never_holds_up_the_others() {
    let (app, agent) = desk().await;
    let session = Uuid::now_v7();
    let with = |field: &str, value: Value| {
        let mut item = application(session, ago(60));
        item[field] = value;
        item
    };
    let mut late = minute(session, ago(60));
    late["minute"] = json!(wire(ago(401 * 86_400)));
    let mut full = minute(session, ago(60));
    full["idle_seconds"] = json!(30);
    let batch = json!({
        "batch_id": Uuid::now_v7(),
        "a_newer_agents_field": true,
        "sessions": [{ "id": session, "started_at": wire(ago(60)), "ended_at": wire(ago(120)) }],
        "applications": [
            with("seconds", json!("five")), with("app", json!("")), with("app", json!("\u{0}")), with("seconds", json!(86_401)), with("seconds", json!(-1)),
            with("started_at", json!(wire(ago(-3600)))), with("id", json!("no id")), json!(7), json!(null), with("a_newer_agents_field", json!(1)),
        ],
        "activity": [late, full],
    });
    let answer = upload(&agent, &batch).await;
    assert_eq!(
        results(&answer),
        [
            "invalid",
            "invalid",
            "invalid",
            "invalid",
            "invalid",
            "invalid",
            "time_out_of_range",
            "invalid",
            "invalid",
            "invalid",
            "stored",
            "time_out_of_range",
            "invalid"
        ]
    );
    assert_eq!(
        answer["items"][1]["id"], batch["applications"][0]["id"],
        "its id can be read although its seconds cannot"
    );
    assert_eq!(answer["items"][7].get("id"), None);
    assert_eq!(count(&app, "tenant.application_usage"), 1);
    assert_eq!(count(&app, "tenant.application_usage_default"), 0);
}

#[actix_web::test]
async fn texts_are_cut_to_their_bounds_and_lose_what_no_row_can_hold() {
    let (app, agent) = desk().await;
    let session = Uuid::now_v7();
    let mut item = application(session, ago(60));
    (item["app"], item["title"]) = (
        json!("é".repeat(300)),
        json!(format!("a\u{0}b{}", "ü".repeat(600))),
    );
    let mut site = website(session, ago(60));
    (site["host"], site["path"], site["title"]) = (
        json!("h".repeat(300)),
        json!("p".repeat(2000)),
        json!("t".repeat(2000)),
    );
    acme_records_paths(&app);
    let batch = json!({ "batch_id": Uuid::now_v7(), "applications": [item], "websites": [site] });
    assert_eq!(results(&upload(&agent, &batch).await), ["stored", "stored"]);
    assert_eq!(
        count(
            &app,
            "tenant.application_usage WHERE length(app) = 200 AND length(title) = 500 AND title LIKE 'ab%'"
        ),
        1
    );
    assert_eq!(
        count(
            &app,
            "tenant.website_usage WHERE length(host) = 200 AND length(path) = 1000 AND length(title) = 500"
        ),
        1
    );
}

fn acme_records_paths(app: &App) {
    settings(app, "record_paths = true");
}

fn settings(app: &App, change: &str) {
    use diesel::connection::SimpleConnection;
    let change = format!("UPDATE tenant.company_settings SET version = version + 1, {change}");
    app.copy.admin().batch_execute(&change).unwrap();
}

#[actix_web::test]
async fn the_companys_privacy_rules_hold_on_the_server_as_well() {
    let (app, agent) = desk().await;
    let session = Uuid::now_v7();
    let batch = || json!({ "batch_id": Uuid::now_v7(), "applications": [application(session, ago(60))], "websites": [website(session, ago(60))] });
    assert_eq!(upload(&agent, &batch()).await["settings_version"], json!(1));
    assert_eq!(
        count(
            &app,
            "tenant.website_usage WHERE path IS NULL AND title = 'Docs'"
        ),
        1,
        "paths are off at first"
    );
    settings(&app, "record_paths = true, redaction_rules = '{(?i)MAKE}'");
    assert_eq!(upload(&agent, &batch()).await["settings_version"], json!(2));
    assert_eq!(
        count(&app, "tenant.application_usage WHERE title = '[redacted]'"),
        1
    );
    assert_eq!(count(&app, "tenant.website_usage WHERE path = '/a'"), 1);
    settings(&app, "record_titles = false");
    upload(&agent, &batch()).await;
    assert_eq!(count(&app, "tenant.application_usage WHERE title = ''"), 1);
    assert_eq!(count(&app, "tenant.website_usage WHERE title IS NULL"), 1);
}

#[actix_web::test]
async fn nobody_stores_into_a_colleagues_session() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let (ada, ben) = (
        app.employee(&acme, "Ada").await,
        app.employee(&acme, "Ben").await,
    );
    let (ada, ben) = (app.agent(&acme, &ada).await, app.agent(&acme, &ben).await);
    let (hers, his) = (Uuid::now_v7(), Uuid::now_v7());
    let batch = json!({ "batch_id": Uuid::now_v7(), "applications": [application(hers, ago(60))] });
    upload(&ada, &batch).await;
    let batch = json!({
        "batch_id": Uuid::now_v7(),
        "sessions": [{ "id": hers, "started_at": wire(ago(600)), "ended_at": wire(ago(1)) }],
        "applications": [application(hers, ago(30)), application(his, ago(30))],
    });
    let expected = ["unknown_session", "unknown_session", "stored"];
    assert_eq!(results(&upload(&ben, &batch).await), expected);
    let expected = ["unknown_session", "unknown_session", "duplicate"];
    assert_eq!(
        results(&upload(&ben, &batch).await),
        expected,
        "the repeat is answered alike"
    );
    assert_eq!(
        count(
            &app,
            &format!("tenant.work_sessions WHERE id = '{hers}' AND end_reason = 'silent'")
        ),
        1
    );
    assert_eq!(
        count(
            &app,
            &format!("tenant.application_usage WHERE user_id = '{}'", ben.user)
        ),
        1
    );
}

#[actix_web::test]
async fn another_companys_session_is_as_unknown_as_none() {
    let app = App::spawn().await;
    let (acme, bolt) = (app.company("Acme").await, app.company("Bolt").await);
    let (a, b) = (
        app.agent(&acme, &acme.admin).await,
        app.agent(&bolt, &bolt.admin).await,
    );
    let (theirs, unknown) = (Uuid::now_v7(), Uuid::now_v7());
    let item = application(theirs, ago(60));
    upload(
        &a,
        &json!({ "batch_id": Uuid::now_v7(), "applications": [item.clone()] }),
    )
    .await;
    let batch = json!({ "batch_id": Uuid::now_v7(), "applications": [item, application(unknown, ago(60))] });
    assert_eq!(
        results(&upload(&b, &batch).await),
        ["stored", "stored"],
        "even the same ids: they are this company's own now"
    );
    for company in [acme.id, bolt.id] {
        let own = format!(
            "tenant.application_usage u JOIN tenant.work_sessions s ON s.company_id = u.company_id AND s.id = u.session_id WHERE s.company_id = '{company}' AND u.session_id = '{theirs}'"
        );
        assert_eq!(count(&app, &own), 1);
    }
}

#[actix_web::test]
async fn a_session_known_by_its_items_only_spans_them() {
    let (app, agent) = desk().await;
    let session = Uuid::now_v7();
    let batch = json!({ "batch_id": Uuid::now_v7(), "applications": [application(session, ago(600))], "websites": [website(session, ago(300))] });
    upload(&agent, &batch).await;
    let spans = |seconds: i64| {
        count(
            &app,
            &format!(
                "tenant.work_sessions WHERE end_reason = 'silent' AND ended_at - started_at = interval '{seconds} seconds'"
            ),
        )
    };
    assert_eq!(spans(305), 1);
    let batch = json!({ "batch_id": Uuid::now_v7(), "applications": [application(session, ago(1200)), application(session, ago(100))] });
    upload(&agent, &batch).await;
    assert_eq!(spans(1105), 1, "late items widen it to both sides");
}

#[actix_web::test]
async fn the_single_kinds_are_the_same_code_for_simple_clients() {
    let (app, agent) = desk().await;
    let session = Uuid::now_v7();
    for (path, item, table) in [
        (
            "applications",
            application(session, ago(60)),
            "application_usage",
        ),
        ("websites", website(session, ago(60)), "website_usage"),
        ("activity", minute(session, ago(60)), "activity_log"),
    ] {
        let path = format!("/api/upload/{path}");
        let items = json!({ "items": [item, {}] });
        let (status, answer) = agent.post(&path, items.clone()).await;
        assert_eq!((status, results(&answer)), (200, vec!["stored", "invalid"]));
        assert_eq!(
            results(&agent.post(&path, items).await.1),
            ["duplicate", "invalid"]
        );
        assert_eq!(count(&app, &format!("tenant.{table}")), 1);
        assert_eq!(agent.post(&path, json!({})).await.0, 422);
    }
    assert_eq!(count(&app, "tenant.work_sessions"), 1);
}

#[actix_web::test]
async fn a_batch_as_a_whole_is_refused_for_its_form_only() {
    let (_app, agent) = desk().await;
    let session = Uuid::now_v7();
    let (status, problem) = agent
        .post("/api/upload/batch", json!({ "applications": [] }))
        .await;
    assert_eq!(
        (status, &problem["code"]),
        (422, &json!("invalid")),
        "no batch_id"
    );
    let (status, problem) = agent
        .post(
            "/api/upload/batch",
            json!({ "batch_id": Uuid::now_v7(), "applications": 7 }),
        )
        .await;
    assert_eq!(
        (status, &problem["errors"][0]["pointer"]),
        (422, &json!("/applications"))
    );
    let many: Vec<_> = (0..1001).map(|n| application(session, ago(n))).collect();
    let (status, problem) = agent
        .post(
            "/api/upload/batch",
            json!({ "batch_id": Uuid::now_v7(), "applications": many }),
        )
        .await;
    assert_eq!(
        (status, &problem["errors"][0]["code"]),
        (422, &json!("too_many_items"))
    );
    let (status, answer) = agent
        .post("/api/upload/batch", json!({ "batch_id": Uuid::now_v7() }))
        .await;
    assert_eq!((status, &answer["items"]), (200, &json!([])));
    let send = async |body: Vec<u8>, kind: &str, encoding: Option<&str>| {
        let mut request = agent
            .request(reqwest::Method::POST, "/api/upload/batch")
            .header("content-type", kind)
            .body(body);
        if let Some(encoding) = encoding {
            request = request.header("content-encoding", encoding);
        }
        let (status, problem) = crate::app::read(request.send().await.unwrap()).await;
        (
            status,
            problem["code"].as_str().unwrap_or_default().to_owned(),
        )
    };
    assert_eq!(
        send(b"{".to_vec(), "application/json", None).await,
        (400, "malformed".into())
    );
    assert_eq!(
        send(b"{}".to_vec(), "text/plain", None).await,
        (415, "unsupported_media_type".into())
    );
    assert_eq!(
        send(b"{}".to_vec(), "application/json", Some("br")).await,
        (415, "unsupported_media_type".into())
    );
    assert_eq!(
        send(b"no gzip".to_vec(), "application/json", Some("gzip")).await,
        (400, "malformed".into())
    );
    assert_eq!(
        send(vec![b' '; 5 << 20], "application/json", None).await,
        (413, "too_large".into())
    );
    assert_eq!(
        send(gzip(&vec![b' '; 5 << 20]), "application/json", Some("gzip")).await,
        (413, "too_large".into()),
        "a small file that would be large"
    );
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

#[actix_web::test]
async fn a_compressed_batch_is_taken() {
    let (app, agent) = desk().await;
    let batch = json!({ "batch_id": Uuid::now_v7(), "applications": [application(Uuid::now_v7(), ago(60))] });
    let request = agent
        .request(reqwest::Method::POST, "/api/upload/batch")
        .header("content-type", "application/json");
    let request = request
        .header("content-encoding", "gzip")
        .body(gzip(batch.to_string().as_bytes()));
    let (status, answer) = crate::app::read(request.send().await.unwrap()).await;
    assert_eq!((status, results(&answer)), (200, vec!["stored"]));
    assert_eq!(count(&app, "tenant.application_usage"), 1);
}

#[actix_web::test]
async fn a_batch_names_the_days_it_touches_on_the_companys_clock() {
    let (app, agent) = desk().await;
    // In Berlin, 23:30 UTC is on the next day, and the item reaches over no border of UTC's.
    let day = ago(0).date_naive() - chrono::Days::new(10);
    let at = day.and_hms_opt(23, 30, 0).unwrap().and_utc();
    let batch =
        json!({ "batch_id": Uuid::now_v7(), "applications": [application(Uuid::now_v7(), at)] });
    upload(&agent, &batch).await;
    let next = day.succ_opt().unwrap();
    assert_eq!(
        count(
            &app,
            &format!("tenant.ingest_batches WHERE first_day = '{next}' AND last_day = '{next}'")
        ),
        1
    );
}

#[actix_web::test]
async fn a_repeat_that_overtakes_its_first_sending_is_answered_alike() {
    use diesel::connection::SimpleConnection;
    let (app, agent) = desk().await;
    let session = Uuid::now_v7();
    let batch =
        json!({ "batch_id": Uuid::now_v7(), "applications": [application(session, ago(60))] });
    upload(&agent, &batch).await;
    let mut twin = app.copy.admin();
    // The whole of it taken back and made again, in a transaction that is not over when the request comes.
    let taken_back = "CREATE TEMP TABLE b AS TABLE tenant.ingest_batches; CREATE TEMP TABLE s AS TABLE tenant.work_sessions; \
        CREATE TEMP TABLE a AS TABLE tenant.application_usage; DELETE FROM tenant.application_usage; DELETE FROM tenant.work_sessions; \
        DELETE FROM tenant.ingest_batches";
    let made_again = "BEGIN; INSERT INTO tenant.ingest_batches TABLE b; INSERT INTO tenant.work_sessions TABLE s; \
        INSERT INTO tenant.application_usage TABLE a";
    twin.batch_execute(taken_back).unwrap();
    twin.batch_execute(made_again).unwrap();
    let late = actix_web::rt::spawn({
        let (agent, batch) = (agent.clone(), batch.clone());
        async move { upload(&agent, &batch).await }
    });
    while count(
        &app,
        "pg_stat_activity WHERE usename = 'tracker_web' AND datname = current_database() AND wait_event_type = 'Lock'",
    ) == 0
    {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    twin.batch_execute("COMMIT").unwrap();
    assert_eq!(results(&late.await.unwrap()), ["duplicate"]);
    assert_eq!(count(&app, "tenant.ingest_batches"), 1);
}

#[actix_web::test]
async fn a_repeat_is_no_duplicate_of_what_was_refused_the_first_time() {
    let (app, agent) = desk().await;
    let session = Uuid::now_v7();
    // A clock that is a second more ahead than is taken: by the time of the repeat it no longer is.
    let ahead = chrono::Utc::now() + chrono::TimeDelta::milliseconds(601_500);
    let mut early = application(session, ago(0));
    early["started_at"] = json!(ahead.to_rfc3339());
    let batch = json!({ "batch_id": Uuid::now_v7(), "applications": [application(session, ago(60)), early] });
    let first = upload(&agent, &batch).await;
    assert_eq!(results(&first), ["stored", "time_out_of_range"]);
    crate::feed::execute(
        &mut app.copy.admin(),
        "UPDATE tenant.ingest_batches SET rolled_up_at = now()",
    );
    let repeated = loop {
        let answer = upload(&agent, &batch).await;
        if results(&answer) != ["duplicate", "time_out_of_range"] {
            break answer;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    assert_eq!(results(&repeated), ["duplicate", "stored"]);
    assert_eq!(count(&app, "tenant.application_usage"), 2);
    assert_eq!(
        count(&app, "tenant.ingest_batches WHERE rolled_up_at IS NULL"),
        1,
        "its day is summed again"
    );
}

/// A row of numbers that looks like chance and is the same each time.
fn chance(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed;
    move |below| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    }
}

#[actix_web::test]
async fn a_thousand_batches_with_repeats_from_several_sides_store_each_row_once() {
    let (app, agent) = desk().await;
    let mut any = chance(7);
    let sessions: Vec<_> = (0..5).map(|_| Uuid::now_v7()).collect();
    let mut items: Vec<Vec<Value>> = Vec::new();
    let batches: Vec<Value> = (0..1000)
        .map(|n: i64| {
            let session = sessions[any(5)];
            let mut own: Vec<_> = (0..3)
                .map(|i| application(session, ago(n * 10 + i)))
                .collect();
            // Now and then an item travels again in another batch.
            if let (true, Some(before)) = (any(4) == 0, items.get(any(items.len().max(1)))) {
                own.push(before[any(before.len())].clone());
            }
            items.push(own.clone());
            json!({ "batch_id": Uuid::now_v7(), "applications": own })
        })
        .collect();
    let mut turns: Vec<usize> = (0..1000).chain((0..500).map(|_| any(1000))).collect();
    for n in (1..turns.len()).rev() {
        turns.swap(n, any(n + 1));
    }
    let sides: Vec<_> = (0..4)
        .map(|side| {
            let (agent, mine) = (
                agent.clone(),
                turns
                    .iter()
                    .skip(side)
                    .step_by(4)
                    .map(|n| batches[*n].clone())
                    .collect::<Vec<_>>(),
            );
            actix_web::rt::spawn(async move {
                for batch in mine {
                    let (status, answer) = agent.post("/api/upload/batch", batch).await;
                    assert_eq!(status, 200, "{answer}");
                    assert!(
                        results(&answer)
                            .iter()
                            .all(|result| ["stored", "duplicate"].contains(result)),
                        "{answer}"
                    );
                }
            })
        })
        .collect();
    for side in sides {
        side.await.unwrap();
    }
    assert_eq!(count(&app, "tenant.application_usage"), 3000);
    assert_eq!(
        count(
            &app,
            "(SELECT DISTINCT id FROM tenant.application_usage) AS ids"
        ),
        3000
    );
    assert_eq!(count(&app, "tenant.work_sessions"), 5);
    assert_eq!(count(&app, "tenant.ingest_batches"), 1000);
}
