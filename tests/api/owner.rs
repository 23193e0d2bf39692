//! The owner's doors: companies, keys, plans, history; counts and never a person.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use diesel::connection::SimpleConnection;
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use crate::app::{App, Client, PASSWORD};

#[actix_web::test]
async fn a_new_company_is_on_trial_and_in_the_list() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let (status, page) = acme.owner.get("/api/owner/companies").await;
    assert_eq!(status, 200);
    let listed = &page["items"][0];
    assert_eq!(
        (&listed["name"], &listed["status"], &listed["plan"]),
        (&json!("Acme"), &json!("TRIAL"), &json!("PRO"))
    );
    assert_eq!(
        (&listed["max_employees"], &listed["max_storage_bytes"]),
        (&json!(50), &json!(100_000_000_000_i64))
    );
    let (status, detail) = acme
        .owner
        .get(&format!("/api/owner/companies/{}", acme.id))
        .await;
    assert_eq!(
        (status, &detail["subscription"]["price_minor"]),
        (200, &json!(9900)),
        "{detail}"
    );
    assert!(
        acme.key
            .starts_with(detail["key"]["prefix"].as_str().unwrap())
    );
}

#[actix_web::test]
async fn the_list_is_searched_filtered_sorted_and_paged() {
    let app = App::spawn().await;
    let owner = app.owner().await;
    for (name, plan) in [
        ("Alpha", "FREE"),
        ("Beta 100%", "PRO"),
        ("gamma", "PRO"),
        ("Delta", "ENTERPRISE"),
    ] {
        let new =
            json!({ "name": name, "admin_email": "a@x.test", "plan": plan, "time_zone": "UTC" });
        assert_eq!(owner.post("/api/owner/companies", new).await.0, 201);
    }
    let names = async |query: &str| -> (Vec<String>, Option<String>) {
        let (status, page) = owner.get(&format!("/api/owner/companies?{query}")).await;
        assert_eq!(status, 200, "{page}");
        let names = page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|c| c["name"].as_str().unwrap().to_owned())
            .collect();
        (names, page["next_cursor"].as_str().map(str::to_owned))
    };
    assert_eq!(names("").await.0, ["Alpha", "Beta 100%", "Delta", "gamma"]);
    assert_eq!(
        names("sort=-created_at").await.0,
        ["Delta", "gamma", "Beta 100%", "Alpha"]
    );
    assert_eq!(names("q=100%25").await.0, ["Beta 100%"]);
    assert_eq!(names("q=_").await.0, Vec::<String>::new());
    assert_eq!(
        names("plan=PRO&status=TRIAL").await.0,
        ["Beta 100%", "gamma"]
    );
    let (first, cursor) = names("sort=-name&limit=3").await;
    assert_eq!(first, ["gamma", "Delta", "Beta 100%"]);
    let cursor = cursor.unwrap();
    assert_eq!(
        names(&format!("sort=-name&limit=3&cursor={cursor}")).await,
        (vec!["Alpha".to_owned()], None)
    );
    for (query, status, code) in [
        (
            format!("sort=name&limit=3&cursor={cursor}"),
            400,
            "cursor_invalid",
        ),
        ("cursor=00".into(), 400, "cursor_invalid"),
        ("sort=password".into(), 422, "sort_invalid"),
        ("limit=0".into(), 422, "limit_invalid"),
        ("limit=many".into(), 422, "invalid"),
        ("colour=red".into(), 422, "invalid"),
    ] {
        let (got, problem) = owner.get(&format!("/api/owner/companies?{query}")).await;
        assert_eq!(
            (got, &problem["code"]),
            (status, &json!(if status == 400 { code } else { "invalid" })),
            "{query}"
        );
        if status == 422 && code != "invalid" {
            assert_eq!(problem["errors"][0]["code"], json!(code), "{query}");
        }
    }
}

/// A file's head, and its bytes.
async fn file(owner: &Client, query: &str) -> (String, String, Vec<u8>) {
    let path = format!("/api/owner/companies/export?{query}");
    let answer = owner.request(Method::GET, &path).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{query}");
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    let (media, disposition) = (header("content-type"), header("content-disposition"));
    (media, disposition, answer.bytes().await.unwrap().to_vec())
}

#[actix_web::test]
async fn the_list_is_exported_whole_in_its_order_and_reads_back() {
    let app = App::spawn().await;
    let owner = app.owner().await;
    for (name, plan) in [("Zoe, \"Ltd\"", "PRO"), ("Älpha", "FREE"), ("=Beta", "PRO")] {
        let new =
            json!({ "name": name, "admin_email": "a@x.test", "plan": plan, "time_zone": "UTC" });
        assert_eq!(owner.post("/api/owner/companies", new).await.0, 201);
    }
    let numbers = "UPDATE platform.company_overview o SET active_seconds_30d = 7200, last_sync_at = '2026-01-02T03:04:05Z' \
        FROM platform.companies c WHERE c.id = o.company_id AND c.name = '=Beta'";
    app.copy.admin().batch_execute(numbers).unwrap();
    let (_, list) = owner
        .get("/api/owner/companies?plan=PRO&sort=-active_minutes_30d")
        .await;
    let (media, disposition, csv) = file(&owner, "plan=PRO&sort=-active_minutes_30d").await;
    assert!(media.starts_with("text/csv; charset=utf-8"), "{media}");
    let day = chrono::Utc::now().date_naive();
    let named = |ending: &str| format!("attachment; filename=\"companies-{day}.{ending}\"");
    assert_eq!(disposition, named("csv"));
    let csv = String::from_utf8(csv).unwrap();
    let lines: Vec<_> = csv.split("\r\n").collect();
    assert_eq!(lines.len(), 4, "{csv}");
    assert!(lines[0].starts_with("id,name,slug,status,plan,employees_active,"));
    assert!(lines[1].contains(",'=Beta,") && lines[1].contains(",2026-01-02T03:04:05Z,"));
    assert!(lines[2].contains(",\"Zoe, \"\"Ltd\"\"\","));
    let (media, disposition, book) =
        file(&owner, "format=xlsx&plan=PRO&sort=-active_minutes_30d").await;
    assert_eq!(
        (media.as_str(), disposition),
        (
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            named("xlsx")
        )
    );
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(book)).unwrap();
    let cells = book.worksheet_range_at(0).unwrap().unwrap();
    let head: Vec<String> = cells.headers().unwrap();
    assert_eq!(head, lines[0].split(',').collect::<Vec<_>>());
    assert_eq!(cells.height(), 3);
    for (row, item) in cells.rows().skip(1).zip(list["items"].as_array().unwrap()) {
        for (name, cell) in head.iter().zip(row) {
            let told = &item[name];
            let same = match cell {
                Data::Empty => told.is_null(),
                Data::String(text) => told == text,
                Data::Float(number) => told.as_f64() == Some(*number),
                Data::DateTime(time) => {
                    let at = chrono::DateTime::UNIX_EPOCH.timestamp() as f64;
                    let seconds = (time.as_f64() - 25_569.0) * 86_400.0 + at;
                    let told: chrono::DateTime<chrono::Utc> =
                        told.as_str().unwrap().parse().unwrap();
                    (told.timestamp() as f64 - seconds).abs() < 1.0
                }
                _ => false,
            };
            assert!(same, "{name}: {cell:?} is not {told}");
        }
    }
    let beta = cells.rows().nth(1).unwrap();
    let of = |name: &str| &beta[head.iter().position(|one| one == name).unwrap()];
    assert_eq!(of("name"), &Data::String("=Beta".into()));
    assert_eq!(of("active_minutes_30d"), &Data::Float(120.0));
    assert!(matches!(of("last_sync_at"), Data::DateTime(_)));
    for (query, code) in [("format=pdf", "invalid"), ("sort=password", "sort_invalid")] {
        let (status, problem) = owner
            .get(&format!("/api/owner/companies/export?{query}"))
            .await;
        assert_eq!(
            (status, &problem["errors"][0]["code"]),
            (422, &json!(code)),
            "{problem}"
        );
    }
    // Nobody there: a head and no row.
    let (_, _, csv) = file(&owner, "q=nobody").await;
    assert_eq!(String::from_utf8(csv).unwrap().lines().count(), 1);
}

/// A file of several pages has each company once, and one that would have too many rows is refused before it begins.
#[actix_web::test]
async fn long_lists_are_exported_page_by_page_up_to_a_bound() {
    let app = App::spawn().await;
    let owner = app.owner().await;
    let more = |from: i32, to: i32| {
        format!(
            "WITH made AS (INSERT INTO platform.companies (id, name, slug, status, plan_id, time_zone, admin_email) \
             SELECT gen_random_uuid(), 'Company ' || n % 100, 'company-' || n, 'ACTIVE', (SELECT id FROM platform.plans WHERE name = 'FREE'), \
             'UTC', 'a@x.test' FROM generate_series({from}, {to}) n RETURNING id) \
             INSERT INTO platform.company_overview (company_id) SELECT id FROM made"
        )
    };
    app.copy.admin().batch_execute(&more(1, 10_001)).unwrap();
    for (query, count) in [
        ("sort=name", 10_001),
        ("sort=-last_sync_at", 10_001),
        ("q=Company+7", 1_100),
    ] {
        let (_, _, csv) = file(&owner, query).await;
        let csv = String::from_utf8(csv).unwrap();
        let ids: std::collections::BTreeSet<_> = csv
            .lines()
            .skip(1)
            .map(|line| line.split(',').next().unwrap())
            .collect();
        assert_eq!((ids.len(), csv.lines().count() - 1), (count, count));
    }
    app.copy
        .admin()
        .batch_execute(&more(10_002, 50_001))
        .unwrap();
    let (status, problem) = owner.get("/api/owner/companies/export").await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("export_too_large")),
        "{problem}"
    );
    let (_, _, csv) = file(&owner, "q=Company+7").await;
    assert_eq!(csv.iter().filter(|byte| **byte == b'\n').count(), 5_501);
}

#[actix_web::test]
async fn bad_input_names_the_field() {
    let app = App::spawn().await;
    let owner = app.owner().await;
    let good = json!({ "name": "A", "admin_email": "a@x.test", "plan": "PRO", "time_zone": "UTC" });
    for (field, value, code) in [
        ("name", json!(""), "text_length"),
        ("name", json!("a\u{0}b"), "text_length"),
        ("admin_email", json!("nobody"), "email_invalid"),
        ("plan", json!("GOLD"), "plan_unknown"),
        ("time_zone", json!("Mars/Base"), "time_zone_unknown"),
    ] {
        let mut new = good.clone();
        new[field] = value;
        let (status, problem) = owner.post("/api/owner/companies", new).await;
        let error = &problem["errors"][0];
        assert_eq!(
            (status, &error["pointer"], &error["code"]),
            (422, &json!(format!("/{field}")), &json!(code)),
            "{problem}"
        );
    }
    let (_, page) = owner.get("/api/owner/companies").await;
    assert_eq!(page["items"], json!([]), "nothing is half made");
}

#[actix_web::test]
async fn two_companies_may_share_a_name_but_not_a_slug() {
    let app = App::spawn().await;
    let (one, two) = (app.company("Acme").await, app.company("Acme").await);
    let slug = async |id: Uuid| {
        one.owner.get(&format!("/api/owner/companies/{id}")).await.1["slug"].clone()
    };
    assert_eq!(slug(one.id).await, json!("acme"));
    assert!(slug(two.id).await.as_str().unwrap().starts_with("acme-"));
}

#[actix_web::test]
async fn a_smaller_plan_is_refused_while_it_is_exceeded_unless_forced() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let change = format!("/api/owner/companies/{}/change-plan", acme.id);
    use diesel::connection::SimpleConnection;
    app.copy
        .admin()
        .batch_execute("UPDATE platform.company_overview SET employees_active = 6")
        .unwrap();
    let (status, refused) = acme.owner.post(&change, json!({ "plan": "FREE" })).await;
    assert_eq!(
        (status, &refused["code"]),
        (409, &json!("plan_limits_exceeded"))
    );
    assert_eq!(refused["errors"][0]["code"], json!("employees_exceeded"));
    let (status, forced) = acme
        .owner
        .post(
            &change,
            json!({ "plan": "FREE", "force": true, "reason": "asked" }),
        )
        .await;
    assert_eq!((status, &forced["plan"]), (200, &json!("FREE")));
    assert_eq!(
        acme.owner.post(&change, json!({ "plan": "FREE" })).await.0,
        409,
        "it has that plan already"
    );
}

#[actix_web::test]
async fn suspension_needs_a_reason_and_reactivation_goes_back_to_the_trial() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let at = |action: &str| format!("/api/owner/companies/{}/{action}", acme.id);
    assert_eq!(acme.owner.post(&at("suspend"), json!({})).await.0, 422);
    let (status, company) = acme
        .owner
        .post(&at("suspend"), json!({ "reason": "unpaid" }))
        .await;
    assert_eq!(
        (status, &company["status"], &company["suspended_reason"]),
        (200, &json!("SUSPENDED"), &json!("unpaid"))
    );
    assert_eq!(
        acme.owner
            .post(&at("suspend"), json!({ "reason": "again" }))
            .await
            .0,
        409
    );
    let (status, company) = acme.owner.post(&at("reactivate"), json!({})).await;
    assert_eq!((status, &company["status"]), (200, &json!("TRIAL")));
    assert_eq!(acme.owner.post(&at("reactivate"), json!({})).await.0, 409);
    let (_, history) = acme.owner.get(&at("subscriptions")).await;
    let events: Vec<_> = history["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["event"].clone())
        .collect();
    assert_eq!(
        events,
        [json!("reactivated"), json!("suspended"), json!("created")]
    );
    assert_eq!(history["items"][1]["reason"], json!("unpaid"));
    assert_eq!(
        history["items"][1]["ends_at"],
        history["items"][0]["starts_at"]
    );
}

#[actix_web::test]
async fn a_trial_is_extended_only_into_the_future() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let extend = format!("/api/owner/companies/{}/extend-trial", acme.id);
    assert_eq!(
        acme.owner
            .post(&extend, json!({ "until": "2020-01-01T00:00:00Z" }))
            .await
            .0,
        422
    );
    let until = chrono::Utc::now() + chrono::Duration::days(60);
    let (status, company) = acme.owner.post(&extend, json!({ "until": until })).await;
    assert_eq!((status, &company["status"]), (200, &json!("TRIAL")));
}

#[actix_web::test]
async fn a_key_is_revealed_and_rotated_only_after_the_password() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let at = |action: &str| format!("/api/owner/companies/{}/{action}", acme.id);
    let (status, wrong) = acme
        .owner
        .post(&at("reveal-key"), json!({ "password": "guess" }))
        .await;
    assert_eq!((status, &wrong["code"]), (403, &json!("password_wrong")));
    let (status, shown) = acme
        .owner
        .post(&at("reveal-key"), acme.owner.step_up(json!({})))
        .await;
    assert_eq!((status, &shown["company_key"]), (200, &json!(acme.key)));
    let (status, refused) = acme
        .owner
        .post(&at("reveal-key"), json!({ "password": PASSWORD }))
        .await;
    assert_eq!((status, &refused["code"]), (403, &json!("code_required")));
    let rotate = acme
        .owner
        .step_up(json!({ "grace_days": 7, "reason": "routine" }));
    let (status, rotated) = acme.owner.post(&at("rotate-key"), rotate).await;
    assert_eq!(status, 200);
    let new = rotated["company_key"].as_str().unwrap();
    let unknown_path = async |key: &str| {
        app.anonymous()
            .with_key(key)
            .get("/api/agent/nothing")
            .await
            .0
    };
    assert_eq!(
        (unknown_path(&acme.key).await, unknown_path(new).await),
        (404, 404),
        "both keys work in the grace"
    );
    let end = acme
        .owner
        .step_up(json!({ "grace_days": 0, "reason": "compromised" }));
    assert_eq!(acme.owner.post(&at("rotate-key"), end).await.0, 200);
    assert_eq!(
        (unknown_path(&acme.key).await, unknown_path(new).await),
        (401, 401),
        "grace 0 ends every older key now"
    );
    let too_long = json!({ "grace_days": 31, "reason": "x", "password": PASSWORD });
    assert_eq!(acme.owner.post(&at("rotate-key"), too_long).await.0, 422);
}

#[actix_web::test]
async fn days_that_no_calendar_knows_are_refused() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    for query in [
        "from=-262143-01-01",
        "to=99999-01-01",
        "from=2026-02-30",
        "from=2026-03-02&to=2026-03-01",
        "from=2020-01-01&to=2026-01-01",
    ] {
        let (status, _) = acme
            .owner
            .get(&format!("/api/owner/companies/{}/usage?{query}", acme.id))
            .await;
        assert_eq!(status, 422, "{query}");
    }
}

#[actix_web::test]
async fn an_unknown_company_is_not_there() {
    let app = App::spawn().await;
    let owner = app.owner().await;
    let nobody = Uuid::now_v7();
    for path in ["", "/usage", "/subscriptions"] {
        assert_eq!(
            owner
                .get(&format!("/api/owner/companies/{nobody}{path}"))
                .await
                .0,
            404,
            "{path}"
        );
    }
    assert_eq!(owner.get("/api/owner/companies/not-a-uuid").await.0, 404);
    for (action, body) in [
        ("suspend", json!({ "reason": "x" })),
        ("reactivate", json!({})),
        ("change-plan", json!({ "plan": "FREE" })),
        ("reveal-key", json!({})),
        ("rotate-key", json!({ "grace_days": 0, "reason": "x" })),
    ] {
        let body = match action.ends_with("-key") {
            true => owner.step_up(body),
            false => body,
        };
        let (status, problem) = owner
            .post(&format!("/api/owner/companies/{nobody}/{action}"), body)
            .await;
        assert_eq!(status, 404, "{action}: {problem}");
    }
}

#[actix_web::test]
async fn a_slug_is_proposed_checked_and_taken_once() {
    let app = App::spawn().await;
    let owner = app.owner().await;
    let proposed = async |of: &str| {
        let (status, answer) = owner
            .get(&format!("/api/owner/companies/slug?of={of}"))
            .await;
        assert_eq!(status, 200, "{answer}");
        (
            answer["slug"].as_str().unwrap().to_owned(),
            answer["is_free"].as_bool().unwrap(),
        )
    };
    assert_eq!(
        proposed("Ada%20%26%20Sons").await,
        ("ada-sons".to_owned(), true)
    );
    let new = |slug: &str, days: i64| json!({ "name": "Ada & Sons", "admin_email": "a@x.test", "plan": "PRO", "time_zone": "UTC", "slug": slug, "trial_days": days });
    let (status, made) = owner
        .post("/api/owner/companies", new("ada-sons", 30))
        .await;
    assert_eq!(
        (status, &made["company"]["slug"]),
        (201, &json!("ada-sons")),
        "{made}"
    );
    assert_eq!(made["mail"], "folder");
    let ends =
        crate::feed::at(made["company"]["trial_ends_at"].as_str().unwrap()) - chrono::Utc::now();
    assert_eq!(ends.num_hours(), 30 * 24 - 1);
    assert_eq!(proposed("ada-sons").await, ("ada-sons".to_owned(), false));
    let free = async |of: &str| {
        let path = format!("/api/owner/companies/slug?of={of}");
        owner.get(&path).await.1["free_slug"].clone()
    };
    assert_eq!(free("nobody-has-it").await, "nobody-has-it");
    for number in 2..5 {
        let next = format!("ada-sons-{number}");
        assert_eq!(free("Ada+%26+Sons").await, json!(next));
        assert_eq!(
            owner.post("/api/owner/companies", new(&next, 14)).await.0,
            201
        );
    }
    assert_eq!(free("ada-sons-3").await, "ada-sons-3-2");
    let long = "a".repeat(60);
    assert_eq!(
        owner.post("/api/owner/companies", new(&long, 14)).await.0,
        201
    );
    let other = free(&long).await;
    assert_eq!(other, json!(format!("{}-2", "a".repeat(55))));
    let other = other.as_str().unwrap();
    assert_eq!(
        owner.post("/api/owner/companies", new(other, 14)).await.0,
        201
    );
    let (status, refusal) = owner
        .post("/api/owner/companies", new("ada-sons", 14))
        .await;
    assert_eq!(
        (status, &refusal["code"]),
        (409, &json!("companies_slug_taken"))
    );
    for (body, pointer) in [
        (new("Ada Sons", 14), "/slug"),
        (new("-ada", 14), "/slug"),
        (new("", 14), "/slug"),
        (new("ada-two", 0), "/trial_days"),
        (new("ada-two", 367), "/trial_days"),
    ] {
        let (status, refusal) = owner.post("/api/owner/companies", body).await;
        assert_eq!(
            (status, &refusal["errors"][0]["pointer"]),
            (422, &json!(pointer)),
            "{refusal}"
        );
    }
    // Without one it is proposed, and told apart from the company that has it.
    let plain = json!({ "name": "Ada & Sons", "admin_email": "a@x.test", "plan": "PRO", "time_zone": "UTC" });
    let (_, made) = owner.post("/api/owner/companies", plain).await;
    assert!(
        made["company"]["slug"]
            .as_str()
            .unwrap()
            .starts_with("ada-sons-")
    );
}
