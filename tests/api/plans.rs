//! The owner's plans: made, changed by those who saw what they change, archived; and what was agreed stays.

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{App, Client, read};
use crate::feed::{execute, rows};

/// The id of the plan of that name.
pub async fn id(owner: &Client, name: &str) -> String {
    let (status, page) = owner.get("/api/owner/plans").await;
    assert_eq!(status, 200, "{page}");
    let items = page["items"].as_array().unwrap();
    let plan = items.iter().find(|plan| plan["name"] == json!(name));
    plan.unwrap()["id"].as_str().unwrap().to_owned()
}

fn team() -> Value {
    json!({ "name": "TEAM", "max_employees": 20, "max_storage_gb": 50, "retention_days": 180, "history_days": 90,
        "features": { "screenshots": true, "api_access": true, "webhooks": false, "exports": false },
        "prices": [{ "currency": "EUR", "period": "month", "price_minor": 4900 },
                   { "currency": "EUR", "period": "year", "price_minor": 49000 },
                   { "currency": "JPY", "period": "month", "price_minor": 7000 }] })
}

/// With `If-Match`, if there is one.
pub async fn change(owner: &Client, plan: &str, seen: Option<&str>, body: Value) -> (u16, Value) {
    patch(owner, &format!("/api/owner/plans/{plan}"), seen, body).await
}

async fn patch(owner: &Client, path: &str, seen: Option<&str>, body: Value) -> (u16, Value) {
    let request = owner.request(Method::PATCH, path);
    let request = match seen {
        Some(seen) => request.header("if-match", seen),
        None => request,
    };
    read(request.json(&body).send().await.unwrap()).await
}

async fn tag_of(owner: &Client, plan: &str) -> String {
    let request = owner.request(Method::GET, &format!("/api/owner/plans/{plan}"));
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.headers()["etag"].to_str().unwrap().to_owned()
}

fn audited(app: &App) -> Vec<Value> {
    rows(
        &mut app.copy.admin(),
        "SELECT action, detail, actor LIKE 'owner-%' AS by_owner FROM platform.audit_entries WHERE action LIKE 'plan.%' ORDER BY id",
    )
}

#[actix_web::test]
async fn a_plan_is_made_listed_shown_and_chosen() {
    let app = App::spawn().await;
    let owner = app.owner().await;
    let (status, made) = owner.post("/api/owner/plans", team()).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(
        (&made["name"], &made["prices"], &made["version"]),
        (&json!("TEAM"), &team()["prices"], &json!(1))
    );
    assert!(made.get("archived_at").is_none());
    let id = made["id"].as_str().unwrap();
    let shown = owner.get(&format!("/api/owner/plans/{id}")).await;
    assert_eq!(shown, (200, made.clone()));
    let in_euro = json!({ "name": "Acme", "admin_email": "a@x.test", "plan": "TEAM", "time_zone": "UTC",
        "currency": "EUR", "period": "year" });
    let (status, company) = owner.post("/api/owner/companies", in_euro).await;
    assert_eq!(status, 201, "{company}");
    let subscription = &company["company"]["subscription"];
    assert_eq!(
        (
            &subscription["price_minor"],
            &subscription["currency"],
            &subscription["period"]
        ),
        (&json!(49000), &json!("EUR"), &json!("year"))
    );
    let (_, page) = owner.get("/api/owner/plans").await;
    let listed: Vec<_> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|plan| {
            (
                plan["name"].as_str().unwrap(),
                plan["companies"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        listed,
        [("FREE", 0), ("TEAM", 1), ("PRO", 0), ("ENTERPRISE", 0)]
    );
    let entries = audited(&app);
    assert_eq!(
        (
            entries.len(),
            &entries[0]["action"],
            &entries[0]["by_owner"]
        ),
        (1, &json!("plan.created"), &json!(true))
    );
    assert_eq!(entries[0]["detail"]["after"]["max_employees"], json!(20));
    // Nobody else's business.
    let acme = app.company("Bolt").await;
    assert_eq!(acme.admin.get("/api/owner/plans").await.0, 403);
    assert_eq!(
        acme.admin.get(&format!("/api/owner/plans/{id}")).await.0,
        403
    );
}

#[actix_web::test]
async fn a_plan_that_cannot_be_is_refused_by_its_fields() {
    let app = App::spawn().await;
    let owner = app.owner().await;
    let price = |currency: &str, period: &str, minor: i64| json!({ "currency": currency, "period": period, "price_minor": minor });
    let many: Vec<_> = (0..25)
        .map(|n| price(&format!("A{}{}", 'A', (b'A' + n) as char), "month", 1))
        .collect();
    let month = price("EUR", "month", 1);
    for (field, value, pointer, code) in [
        ("name", json!("team"), "/name", "plan_name_invalid"),
        ("name", json!("A"), "/name", "plan_name_invalid"),
        ("name", json!("9A"), "/name", "plan_name_invalid"),
        (
            "max_employees",
            json!(0),
            "/max_employees",
            "limit_out_of_range",
        ),
        (
            "max_storage_gb",
            json!(1_000_001),
            "/max_storage_gb",
            "limit_out_of_range",
        ),
        (
            "retention_days",
            json!(-1),
            "/retention_days",
            "limit_out_of_range",
        ),
        (
            "history_days",
            json!(3661),
            "/history_days",
            "limit_out_of_range",
        ),
        ("prices", json!([]), "/prices", "prices_out_of_range"),
        ("prices", json!(many), "/prices", "prices_out_of_range"),
        (
            "prices",
            json!([price("EUR", "month", -1)]),
            "/prices/0/price_minor",
            "price_out_of_range",
        ),
        (
            "prices",
            json!([price("euro", "month", 1)]),
            "/prices/0/currency",
            "currency_invalid",
        ),
        (
            "prices",
            json!([month, price("EUR", "month", 2)]),
            "/prices/1",
            "price_twice",
        ),
        (
            "prices",
            json!([price("EUR", "year", 2)]),
            "/prices/0",
            "price_by_month_missing",
        ),
    ] {
        let mut new = team();
        new[field] = value;
        let (status, problem) = owner.post("/api/owner/plans", new).await;
        let error = &problem["errors"][0];
        assert_eq!(
            (status, &error["pointer"], &error["code"]),
            (422, &json!(pointer), &json!(code)),
            "{problem}"
        );
    }
    let mut taken = team();
    taken["name"] = json!("PRO");
    let (status, problem) = owner.post("/api/owner/plans", taken).await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("plans_name_taken"))
    );
    let pro = id(&owner, "PRO").await;
    let (status, _) = change(&owner, &pro, Some("*"), json!({ "name": null })).await;
    assert_eq!(status, 422, "null is no value, and nothing can be removed");
    let (_, page) = owner.get("/api/owner/plans").await;
    assert_eq!(page["items"].as_array().unwrap().len(), 3);
    assert_eq!(audited(&app), Vec::<Value>::new(), "nothing is half made");
}

#[actix_web::test]
async fn a_change_is_made_to_what_was_seen_or_not_at_all() {
    let app = App::spawn().await;
    let owner = app.owner().await;
    let pro = id(&owner, "PRO").await;
    let seen = tag_of(&owner, &pro).await;
    assert_eq!(seen, "\"1\"", "strong, and the version");
    let (status, problem) = change(&owner, &pro, None, json!({ "max_employees": 60 })).await;
    assert_eq!(
        (status, &problem["code"]),
        (428, &json!("precondition_required"))
    );
    let (status, changed) = change(&owner, &pro, Some(&seen), json!({ "max_employees": 60 })).await;
    assert_eq!(
        (status, &changed["max_employees"], &changed["version"]),
        (200, &json!(60), &json!(2))
    );
    // Somebody else saw the state before that.
    let (status, problem) = change(&owner, &pro, Some(&seen), json!({ "max_employees": 70 })).await;
    assert_eq!(
        (status, &problem["code"]),
        (412, &json!("precondition_failed"))
    );
    let (_, now) = owner.get(&format!("/api/owner/plans/{pro}")).await;
    assert_eq!(now["max_employees"], json!(60), "nothing was written");
    assert_eq!(tag_of(&owner, &pro).await, "\"2\"");
    // What changes nothing counts as no change.
    let (status, same) = change(&owner, &pro, Some("\"2\""), json!({ "max_employees": 60 })).await;
    assert_eq!((status, &same["version"]), (200, &json!(2)));
    let entries = audited(&app);
    assert_eq!(entries.len(), 1);
    assert_eq!(
        (
            &entries[0]["detail"]["before"],
            &entries[0]["detail"]["after"]
        ),
        (
            &json!({ "max_employees": 50 }),
            &json!({ "max_employees": 60 })
        )
    );
    let known = owner
        .request(Method::GET, &format!("/api/owner/plans/{pro}"))
        .header("if-none-match", "\"2\"");
    assert_eq!(known.send().await.unwrap().status(), 304);
    let nobody = uuid::Uuid::now_v7().to_string();
    assert_eq!(change(&owner, &nobody, Some("*"), json!({})).await.0, 404);
}

#[actix_web::test]
async fn of_two_who_change_at_once_one_is_told() {
    let app = App::spawn().await;
    let owner = app.owner().await;
    let pro = id(&owner, "PRO").await;
    let tasks: Vec<_> = (0..10)
        .map(|n| {
            let (owner, pro) = (owner.clone(), pro.clone());
            let body = json!({ "max_employees": 100 + n });
            actix_web::rt::spawn(async move { change(&owner, &pro, Some("\"1\""), body).await.0 })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers.sort_unstable();
    assert_eq!(answers.remove(0), 200);
    assert!(answers.iter().all(|status| *status == 412), "{answers:?}");
}

/// Every operation that changes something asks which state of it was seen.
#[actix_web::test]
async fn every_patch_and_put_asks_for_the_state_that_was_seen() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let owner = &acme.owner;
    let mut asked = 0;
    for (method, path, operation) in tracker::http::openapi::operations() {
        if !["PATCH", "PUT"].contains(&method) {
            continue;
        }
        let path = path
            .replace("{plan_id}", &id(owner, "PRO").await)
            .replace("{company_id}", &uuid::Uuid::now_v7().to_string());
        let method = method.parse().unwrap();
        let caller = match path.starts_with("/api/owner/") {
            true => owner,
            false => &acme.admin,
        };
        let (status, problem) = caller.send(method, &path, Some(json!({}))).await;
        assert_eq!(
            (status, &problem["code"]),
            (428, &json!("precondition_required")),
            "{operation}: take an `IfMatch`"
        );
        asked += 1;
    }
    assert!(asked > 0);
}

#[actix_web::test]
async fn what_was_agreed_stays_whatever_the_plan_costs_later() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let owner = &acme.owner;
    let pro = id(owner, "PRO").await;
    let history = || {
        rows(
            &mut app.copy.admin(),
            "SELECT event, price_minor, currency, period FROM platform.subscriptions ORDER BY id",
        )
    };
    let agreed = |event: &str, price: i64| json!({ "event": event, "price_minor": price, "currency": "USD", "period": "month" });
    let dearer = json!({ "prices": [{ "currency": "USD", "period": "month", "price_minor": 12900 },
        { "currency": "USD", "period": "year", "price_minor": 129000 }] });
    assert_eq!(change(owner, &pro, Some("*"), dearer).await.0, 200);
    assert_eq!(history(), [agreed("created", 9900)]);
    let at = |action: &str| format!("/api/owner/companies/{}/{action}", acme.id);
    let (status, company) = owner
        .post(&at("suspend"), json!({ "reason": "unpaid" }))
        .await;
    assert_eq!(
        (status, &company["subscription"]["price_minor"]),
        (200, &json!(9900)),
        "a suspension is no new agreement"
    );
    assert_eq!(owner.post(&at("reactivate"), json!({})).await.0, 200);
    // Choosing is.
    let by_year = json!({ "plan": "PRO", "period": "year" });
    assert_eq!(owner.post(&at("change-plan"), by_year.clone()).await.0, 200);
    assert_eq!(
        owner.post(&at("change-plan"), by_year).await.0,
        409,
        "unchanged"
    );
    let yearly = json!({ "event": "plan_changed", "price_minor": 129_000, "currency": "USD", "period": "year" });
    assert_eq!(
        history(),
        [
            agreed("created", 9900),
            agreed("suspended", 9900),
            agreed("reactivated", 9900),
            yearly
        ]
    );
    // A price by which somebody pays is not taken away.
    let monthly =
        json!({ "prices": [{ "currency": "USD", "period": "month", "price_minor": 12900 }] });
    let (status, refused) = change(owner, &pro, Some("*"), monthly).await;
    assert_eq!(
        (status, &refused["code"], &refused["errors"][0]["code"]),
        (409, &json!("plan_price_in_use"), &json!("price_in_use"))
    );
    // A plan without a price in the company's money is not to be had.
    assert_eq!(owner.post("/api/owner/plans", team()).await.0, 201);
    let (status, problem) = owner
        .post(&at("change-plan"), json!({ "plan": "TEAM" }))
        .await;
    assert_eq!(
        (status, &problem["errors"][0]["code"]),
        (422, &json!("plan_price_missing"))
    );
}

#[actix_web::test]
async fn an_archived_plan_stays_with_those_who_have_it_and_nobody_gets_it() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let owner = &acme.owner;
    let pro = id(owner, "PRO").await;
    let (status, archived) = change(owner, &pro, Some("\"1\""), json!({ "archived": true })).await;
    assert_eq!(status, 200);
    assert!(archived["archived_at"].is_string());
    let names = async |query: &str| -> Vec<String> {
        let (_, page) = owner.get(&format!("/api/owner/plans{query}")).await;
        let items = page["items"].as_array().unwrap().iter();
        items
            .map(|plan| plan["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names("?status=active").await, ["FREE", "ENTERPRISE"]);
    assert_eq!(names("?status=archived").await, ["PRO"]);
    assert_eq!(names("").await.len(), 3);
    let (_, company) = owner
        .get(&format!("/api/owner/companies/{}", acme.id))
        .await;
    assert_eq!(
        (&company["plan"], &company["max_employees"]),
        (&json!("PRO"), &json!(50))
    );
    let new =
        json!({ "name": "Bolt", "admin_email": "a@x.test", "plan": "PRO", "time_zone": "UTC" });
    let (status, problem) = owner.post("/api/owner/companies", new.clone()).await;
    assert_eq!(
        (status, &problem["errors"][0]["code"]),
        (422, &json!("plan_archived"))
    );
    let (status, _) = change(owner, &pro, Some("\"2\""), json!({ "archived": false })).await;
    assert_eq!(status, 200);
    assert_eq!(owner.post("/api/owner/companies", new).await.0, 201);
    let actions: Vec<_> = audited(&app)
        .iter()
        .map(|entry| entry["action"].clone())
        .collect();
    assert_eq!(actions, [json!("plan.archived"), json!("plan.restored")]);
}

#[actix_web::test]
async fn new_limits_hold_at_once_on_every_instance() {
    let app = App::spawn().await;
    let twin = app.twin().await;
    let acme = app.company("Acme").await;
    let pro = id(&acme.owner, "PRO").await;
    assert_eq!(
        change(&acme.owner, &pro, Some("*"), json!({ "max_employees": 1 }))
            .await
            .0,
        200
    );
    let seats = |app: &App| {
        let company = app.state.directory.company(acme.id);
        company.map(|company| company.max_employees)
    };
    assert_eq!(seats(&app), Some(1), "here before the answer left");
    for _ in 0..2000 {
        if seats(&twin) == Some(1) {
            let invite = json!({ "email": "new@acme.test", "name": "New", "role": "EMPLOYEE" });
            let there = acme.admin.at(&twin).post("/api/employees", invite).await;
            assert_eq!(
                (there.0, &there.1["code"]),
                (409, &json!("plan_employee_limit"))
            );
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the other instance never heard of it");
}

#[actix_web::test]
async fn features_are_changed_one_by_one() {
    let app = App::spawn().await;
    let owner = app.owner().await;
    let pro = id(&owner, "PRO").await;
    let without = json!({ "features": { "webhooks": false } });
    let (status, changed) = change(&owner, &pro, Some("\"1\""), without).await;
    assert_eq!(
        (status, &changed["features"]),
        (
            200,
            &json!({ "screenshots": true, "api_access": true, "webhooks": false, "exports": true })
        )
    );
    let unknown = json!({ "features": { "telepathy": true } });
    let (status, problem) = change(&owner, &pro, Some("*"), unknown).await;
    assert_eq!(
        (status, &problem["errors"][0]["code"]),
        (422, &json!("unknown_field"))
    );
}

#[actix_web::test]
async fn without_api_access_in_the_plan_tokens_rest() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let program = app.program(&acme, &["employees:read"]).await;
    assert_eq!(program.get("/api/employees").await.0, 200);
    let pro = id(&acme.owner, "PRO").await;
    let include = async |yes: bool| {
        let body = json!({ "features": { "api_access": yes } });
        assert_eq!(change(&acme.owner, &pro, Some("*"), body).await.0, 200);
    };
    include(false).await;
    let (status, problem) = program.get("/api/employees").await;
    assert_eq!(
        (status, &problem["code"]),
        (403, &json!("feature_not_in_plan"))
    );
    let new = json!({ "name": "More", "scopes": ["usage:read"], "expires_in_days": 30, "password": crate::app::PASSWORD });
    let (status, problem) = acme.admin.post("/api/api-tokens", new).await;
    assert_eq!(
        (status, &problem["code"]),
        (403, &json!("feature_not_in_plan"))
    );
    let (status, page) = acme.admin.get("/api/api-tokens").await;
    assert_eq!(
        (status, page["items"].as_array().unwrap().len()),
        (200, 1),
        "they are listed, and can be revoked"
    );
    assert_eq!(acme.admin.get("/api/employees").await.0, 200);
    include(true).await;
    assert_eq!(program.get("/api/employees").await.0, 200, "and wake up");
}

#[actix_web::test]
async fn a_company_has_what_was_agreed_with_it_and_else_what_its_plan_says() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let owner = &acme.owner;
    let path = format!("/api/owner/companies/{}/overrides", acme.id);
    let (status, plain) = owner.get(&path).await;
    assert_eq!(status, 200, "{plain}");
    let limit = |value: i32, plan: i32, source: &str| json!({ "value": value, "plan_value": plan, "source": source });
    assert_eq!(plain["max_employees"], limit(50, 50, "plan"));
    assert!(plain.get("reason").is_none());
    let seen = format!("\"{}\"", plain["version"].as_str().unwrap());
    let body = json!({ "max_employees": 1, "api_access": false, "reason": "agreed by letter" });
    assert_eq!(patch(owner, &path, None, body.clone()).await.0, 428);
    let (status, own) = patch(owner, &path, Some(&seen), body.clone()).await;
    assert_eq!(status, 200, "{own}");
    assert_eq!(
        (
            &own["max_employees"],
            &own["max_storage_gb"],
            &own["reason"]
        ),
        (
            &limit(1, 50, "override"),
            &limit(100, 100, "plan"),
            &json!("agreed by letter")
        )
    );
    assert_eq!(
        own["api_access"],
        json!({ "value": false, "plan_value": true, "source": "override" })
    );
    assert!(own["changed_by"].as_str().unwrap().starts_with("owner-"));
    assert_eq!(
        patch(owner, &path, Some(&seen), body).await.0,
        412,
        "it is another state now"
    );
    // In force, shown in the list, and through a change of plan.
    let invite = json!({ "email": "new@acme.test", "name": "New", "role": "EMPLOYEE" });
    let (status, problem) = acme.admin.post("/api/employees", invite).await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("plan_employee_limit"))
    );
    let company = format!("/api/owner/companies/{}", acme.id);
    assert_eq!(owner.get(&company).await.1["max_employees"], json!(1));
    let change = json!({ "plan": "ENTERPRISE" });
    let (status, detail) = owner.post(&format!("{company}/change-plan"), change).await;
    assert_eq!((status, &detail["max_employees"]), (200, &json!(1)));
    let directory = &app.state.directory;
    assert_eq!(directory.company(acme.id).unwrap().max_employees, 1);
    // Changing the plan's own value makes another state of it, too.
    let (_, before) = owner.get(&path).await;
    let enterprise = id(owner, "ENTERPRISE").await;
    let bigger = json!({ "max_employees": 2000 });
    assert_eq!(
        self::change(owner, &enterprise, Some("*"), bigger).await.0,
        200
    );
    let (_, after) = owner.get(&path).await;
    assert_ne!(before["version"], after["version"]);
    let back = json!({ "max_employees": null, "reason": "the plan does" });
    let (status, back) = patch(owner, &path, Some("*"), back).await;
    assert_eq!(
        (status, &back["max_employees"]),
        (200, &limit(2000, 2000, "plan"))
    );
    for (body, code) in [
        (json!({ "max_employees": 5 }), "missing"),
        (
            json!({ "max_employees": 0, "reason": "x" }),
            "limit_out_of_range",
        ),
        (json!({ "seats": 5, "reason": "x" }), "unknown_field"),
    ] {
        let (status, problem) = patch(owner, &path, Some("*"), body).await;
        assert_eq!((status, &problem["errors"][0]["code"]), (422, &json!(code)));
    }
    let entries = rows(
        &mut app.copy.admin(),
        "SELECT company_id, detail FROM platform.audit_entries WHERE action = 'company.overrides_changed' ORDER BY id",
    );
    assert_eq!(entries.len(), 2);
    assert_eq!(
        entries[0],
        json!({ "company_id": acme.id, "detail": { "before": { "max_employees": null, "api_access": null },
            "after": { "max_employees": 1, "api_access": false }, "reason": "agreed by letter" } })
    );
    let nobody = format!("/api/owner/companies/{}/overrides", uuid::Uuid::now_v7());
    assert_eq!(owner.get(&nobody).await.0, 404);
    assert_eq!(
        patch(owner, &nobody, Some("*"), json!({ "reason": "x" }))
            .await
            .0,
        404
    );
    assert_eq!(acme.admin.get(&path).await.0, 403);
}

#[actix_web::test]
async fn a_simulation_names_who_would_exceed_and_what_would_come_in() {
    let app = App::spawn().await;
    let owner = app.owner().await;
    let pro = id(&owner, "PRO").await;
    let dearer = json!([{ "currency": "EUR", "period": "month", "price_minor": 9000 },
        { "currency": "USD", "period": "month", "price_minor": 9900 },
        { "currency": "USD", "period": "year", "price_minor": 99000 }]);
    assert_eq!(
        change(&owner, &pro, Some("*"), json!({ "prices": dearer }))
            .await
            .0,
        200
    );
    let mut ids = Vec::new();
    for (name, currency, period) in [
        ("Large", "USD", "month"),
        ("Exempt", "USD", "year"),
        ("Small", "EUR", "month"),
        ("Trial", "USD", "month"),
        ("Gone", "USD", "month"),
    ] {
        let new = json!({ "name": name, "admin_email": "a@x.test", "plan": "PRO", "time_zone": "UTC",
            "currency": currency, "period": period });
        let (status, made) = owner.post("/api/owner/companies", new).await;
        assert_eq!(status, 201, "{made}");
        ids.push(made["company"]["id"].as_str().unwrap().to_owned());
    }
    // Reasons for each: many people, as many with seats of its own, few, and two that pay nothing.
    let admin = &mut app.copy.admin();
    execute(
        admin,
        "UPDATE platform.companies SET status = CASE name WHEN 'Trial' THEN 'TRIAL' WHEN 'Gone' THEN 'CANCELLED' ELSE 'ACTIVE' END",
    );
    execute(
        admin,
        "UPDATE platform.company_overview o SET employees_active = CASE c.name WHEN 'Small' THEN 3 ELSE 40 END, \
           storage_bytes = CASE c.name WHEN 'Trial' THEN 20000000001 ELSE 5 END FROM platform.companies c WHERE c.id = o.company_id",
    );
    let exempt = format!("/api/owner/companies/{}/overrides", ids[1]);
    let own = json!({ "max_employees": 60, "screenshots": true, "reason": "agreed" });
    assert_eq!(patch(&owner, &exempt, Some("*"), own).await.0, 200);
    let simulate = async |body: Value| {
        owner
            .post(&format!("/api/owner/plans/{pro}/simulate"), body)
            .await
    };
    let before = rows(
        &mut app.copy.admin(),
        "SELECT version, max_employees FROM platform.plans ORDER BY id",
    );
    let (status, nothing) = simulate(json!({})).await;
    assert_eq!(status, 200, "{nothing}");
    assert_eq!(
        (&nothing["companies"], &nothing["exceeding_count"]),
        (&json!(4), &json!(0))
    );
    assert_eq!(
        nothing["mrr"],
        json!([{ "currency": "EUR", "companies": 1, "now_minor": 9000, "then_minor": 9000 },
               { "currency": "USD", "companies": 2, "now_minor": 9900 + 8250, "then_minor": 9900 + 8250 }])
    );
    let (status, told) = simulate(json!({ "max_employees": 10, "max_storage_gb": 20,
        "features": { "screenshots": false, "exports": true },
        "prices": [{ "currency": "EUR", "period": "month", "price_minor": 8000 },
                   { "currency": "USD", "period": "month", "price_minor": 10900 },
                   { "currency": "USD", "period": "year", "price_minor": 100_000 }] }))
    .await;
    assert_eq!(status, 200, "{told}");
    let named: Vec<_> = told["exceeding"]
        .as_array()
        .unwrap()
        .iter()
        .map(|company| company["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        (named, &told["exceeding_count"]),
        (vec!["Large", "Trial"], &json!(2))
    );
    assert_eq!(
        told["exceeding"][1],
        json!({ "id": ids[3], "name": "Trial", "employees_active": 40, "max_employees": 10,
            "storage_bytes": 20_000_000_001_i64, "max_storage_bytes": 20_000_000_000_i64, "exceeds_today": false })
    );
    assert_eq!(
        told["losing"],
        json!([{ "feature": "screenshots", "companies": 3 }]),
        "who has it by an agreement of its own keeps it"
    );
    // 10900 + 100000 / 12, cut once.
    assert_eq!(
        told["mrr"],
        json!([{ "currency": "EUR", "companies": 1, "now_minor": 9000, "then_minor": 8000 },
               { "currency": "USD", "companies": 2, "now_minor": 18150, "then_minor": 19233 }])
    );
    let after = rows(
        &mut app.copy.admin(),
        "SELECT version, max_employees FROM platform.plans ORDER BY id",
    );
    assert_eq!(before, after, "nothing was written");
    assert_eq!(simulate(json!({ "max_employees": 0 })).await.0, 422);
    let nobody = uuid::Uuid::now_v7();
    let (status, _) = owner
        .post(&format!("/api/owner/plans/{nobody}/simulate"), json!({}))
        .await;
    assert_eq!(status, 404);
}
