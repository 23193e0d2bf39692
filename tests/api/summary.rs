//! The figures of the owner's dashboard are what the companies' rows add up to.

use serde_json::{Value, json};
use tracker::demo::crowd;
use uuid::Uuid;

use crate::app::App;
use crate::feed::{execute, rows};

async fn summary(app: &App) -> Value {
    let owner = app.owner().await;
    let (status, summary) = owner.get("/api/owner/summary").await;
    assert_eq!(status, 200, "{summary}");
    summary
}

#[actix_web::test]
async fn without_companies_everything_is_zero() {
    let app = App::spawn().await;
    let mut summary = summary(&app).await;
    assert!(summary["as_of"].is_string());
    summary.as_object_mut().unwrap().remove("as_of");
    let nobody = json!({ "trial": 0, "active": 0, "suspended": 0, "expired": 0, "cancelled": 0 });
    let expected = json!({ "companies": nobody, "active_minutes_30d": 0, "active_minutes_previous_30d": 0, "screenshots_30d": 0,
        "storage_bytes": 0, "employees_active": 0, "mrr": [], "trials_ending_7d": 0, "silent_count": 0, "silent": [] });
    assert_eq!(summary, expected);
}

#[actix_web::test]
async fn numbers_are_added_up_and_money_is_not_across_currencies() {
    let app = App::configured(|config| config.job_workers = 0).await;
    crowd::add(&app.state.db, &app.state.secrets, 200).unwrap();
    let summary = summary(&app).await;
    let admin = &mut app.copy.admin();
    let sums = &rows(
        admin,
        "SELECT sum(active_seconds_30d)::bigint / 60 AS active_minutes_30d, sum(screenshots_30d)::bigint AS screenshots_30d, \
         sum(active_seconds_previous_30d)::bigint / 60 AS active_minutes_previous_30d, sum(storage_bytes)::bigint AS storage_bytes, \
         sum(employees_active) AS employees_active FROM platform.company_overview",
    )[0];
    for (name, sum) in sums.as_object().unwrap() {
        assert_eq!(&summary[name], sum, "{name}");
        assert!(sum.as_i64().unwrap() > 0, "{name}");
    }
    for (status, count) in summary["companies"].as_object().unwrap() {
        let found = rows(
            admin,
            &format!("SELECT FROM platform.companies WHERE lower(status) = '{status}'"),
        );
        assert_eq!(count, &json!(found.len()), "{status}");
    }
    // A second way: every row of every history, gone through one by one.
    let history = rows(
        admin,
        "SELECT * FROM platform.subscriptions ORDER BY company_id, id",
    );
    let mut last: std::collections::BTreeMap<String, &Value> = Default::default();
    for row in &history {
        last.insert(row["company_id"].to_string(), row);
    }
    let mut twelfths: std::collections::BTreeMap<&str, (i64, i64)> = Default::default();
    for row in last.values().filter(|row| row["status"] == "ACTIVE") {
        let months = if row["period"] == "year" { 1 } else { 12 };
        let of = twelfths
            .entry(row["currency"].as_str().unwrap())
            .or_default();
        of.0 += row["price_minor"].as_i64().unwrap() * months;
        of.1 += 1;
    }
    let mrr = summary["mrr"].as_array().unwrap();
    assert_eq!((mrr.len(), twelfths.len()), (3, 3));
    for one in mrr {
        let (minor, companies) = twelfths[one["currency"].as_str().unwrap()];
        assert_eq!(
            (&one["mrr_minor"], &one["companies"]),
            (&json!(minor / 12), &json!(companies))
        );
    }
}

#[actix_web::test]
async fn a_year_counts_as_its_twelfth_and_only_what_is_in_force_counts() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let admin = &mut app.copy.admin();
    // 2,012 by the year: cut once it is 167 a month, cut for each company it would be 166.
    for (name, status, price, currency, period) in [
        ("A", "ACTIVE", 1_006, "EUR", "year"),
        ("B", "ACTIVE", 1_006, "EUR", "year"),
        ("C", "ACTIVE", 500, "USD", "month"),
        ("D", "SUSPENDED", 9_900, "USD", "month"),
        ("E", "TRIAL", 9_900, "USD", "month"),
        ("F", "CANCELLED", 9_900, "USD", "month"),
    ] {
        let company = app.company(name).await;
        execute(
            admin,
            &format!(
                "INSERT INTO platform.subscriptions (company_id, id, event, plan_id, price_minor, currency, period, status, actor_id, actor) \
                 SELECT company_id, '{}', 'plan_changed', plan_id, {price}, '{currency}', '{period}', '{status}', actor_id, actor \
                 FROM platform.subscriptions WHERE company_id = '{}'",
                Uuid::now_v7(),
                company.id
            ),
        );
    }
    let mrr = summary(&app).await["mrr"].clone();
    let expected = json!([{ "currency": "USD", "mrr_minor": 500, "companies": 1 },
        { "currency": "EUR", "mrr_minor": 167, "companies": 2 }]);
    assert_eq!(mrr, expected);
}

#[actix_web::test]
async fn who_is_silent_and_whose_trial_ends_is_told_to_the_minute() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let admin = &mut app.copy.admin();
    let mut ids = std::collections::BTreeMap::new();
    for (name, status, heard, made, trial_ends) in [
        ("just-heard", "ACTIVE", Some("-4319 min"), "-30 d", "-16 d"),
        ("silent", "ACTIVE", Some("-4321 min"), "-30 d", "-16 d"),
        ("long-silent", "TRIAL", Some("-9 d"), "-10 d", "10079 min"),
        ("never-heard", "ACTIVE", None, "-4 d", "10081 min"),
        ("young", "TRIAL", None, "-2 d", "10081 min"),
        ("suspended", "SUSPENDED", Some("-9 d"), "-30 d", "1 d"),
        ("over", "TRIAL", Some("-1 min"), "-30 d", "-1 min"),
    ] {
        let company = app.company(name).await;
        ids.insert(company.id.to_string(), name);
        let heard = heard.map_or("NULL".into(), |ago| format!("now() + interval '{ago}'"));
        execute(
            admin,
            &format!(
                "WITH c AS (UPDATE platform.companies SET status = '{status}', created_at = now() + interval '{made}', \
                 trial_ends_at = now() + interval '{trial_ends}' WHERE id = '{0}') \
                 UPDATE platform.company_overview SET last_sync_at = {heard} WHERE company_id = '{0}'",
                company.id
            ),
        );
    }
    let summary = summary(&app).await;
    assert_eq!(summary["trials_ending_7d"], json!(1));
    let silent = summary["silent"].as_array().unwrap();
    let names: Vec<_> = silent
        .iter()
        .map(|one| ids[one["id"].as_str().unwrap()])
        .collect();
    assert_eq!(names, ["never-heard", "long-silent", "silent"]);
    assert_eq!(summary["silent_count"], json!(3));
    assert_eq!(silent[0].get("last_sync_at"), None);
    // Many are counted, few are named.
    crowd::add(&app.state.db, &app.state.secrets, 300).unwrap();
    let more = self::summary(&app).await;
    assert_eq!(more["silent"].as_array().unwrap().len(), 8);
    assert!(more["silent_count"].as_i64().unwrap() > 10);
}
