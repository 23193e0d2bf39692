//! The owner's reports against a second computation, and the rates by which currencies are told in one.

mod plain;

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Months, NaiveDate, Utc};
use diesel::connection::SimpleConnection;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{App, Client};
use crate::dice::Dice;
use crate::feed::{at, rows};
use crate::paper::Paper;
use plain::{Plain, Row};
use tracker::jobs::usage_daily;

const PLANS: [&str; 3] = ["FREE", "PRO", "ENTERPRISE"];

/// Companies with these histories and no others.
fn put(app: &App, history: &[Row]) {
    let mut sql = String::from("TRUNCATE platform.companies CASCADE;");
    let mut companies: Vec<Uuid> = history.iter().map(|row| row.company).collect();
    companies.sort();
    companies.dedup();
    for company in companies {
        let slug = company.simple();
        sql += &format!(
            "INSERT INTO platform.companies (id, name, slug, status, plan_id, admin_email, time_zone) \
             SELECT '{company}', 'Company {slug}', 'c{slug}', 'ACTIVE', id, 'a@b.test', 'UTC' FROM platform.plans WHERE name = 'PRO';"
        );
    }
    for row in history {
        sql += &format!(
            "INSERT INTO platform.subscriptions (company_id, id, event, plan_id, price_minor, currency, period, status, starts_at, \
               actor_id, actor) \
             SELECT '{}', '{}', 'plan_changed', id, {}, '{}', '{}', '{}', '{}', '{}', 'test' FROM platform.plans WHERE name = '{}';",
            row.company,
            row.id,
            row.price_minor,
            row.currency,
            row.period,
            row.status,
            row.starts_at.to_rfc3339(),
            Uuid::nil(),
            row.plan
        );
    }
    app.copy.admin().batch_execute(&sql).unwrap();
}

fn by_company(history: &[Row]) -> Vec<Vec<&Row>> {
    let mut companies: BTreeMap<Uuid, Vec<&Row>> = BTreeMap::new();
    for row in history {
        companies.entry(row.company).or_default().push(row);
    }
    companies.into_values().collect()
}

async fn report(owner: &Client, name: &str, query: &str) -> Value {
    let (status, report) = owner
        .get(&format!("/api/owner/reports/{name}?{query}"))
        .await;
    assert_eq!(status, 200, "{name}?{query}: {report}");
    report
}

/// Without what is no figure.
fn figures(mut report: Value) -> Value {
    let fields = report.as_object_mut().unwrap();
    fields.remove("as_of");
    fields.remove("converted");
    report
}

fn as_of(report: &Value) -> DateTime<Utc> {
    report["as_of"].as_str().unwrap().parse().unwrap()
}

/// Every figure of every report that rows of subscriptions make, twice.
async fn compare(owner: &Client, history: &[Row], (from, to): (NaiveDate, NaiveDate), seed: usize) {
    let query = format!("from={}&to={}", from.format("%Y-%m"), to.format("%Y-%m"));
    let plain = |report: &Value| Plain {
        companies: by_company(history),
        from,
        to,
        now: as_of(report),
    };
    let why = || format!("seed {seed}, {query}: {history:#?}");
    let overview = report(owner, "overview", &query).await;
    assert_eq!(
        figures(overview.clone()),
        plain(&overview).overview(),
        "overview, {}",
        why()
    );
    let plans = report(owner, "plans", &query).await;
    let expected = plain(&plans).plans();
    let told: BTreeMap<String, Value> = plans["plans"]
        .as_array()
        .unwrap()
        .iter()
        .map(|share| {
            let mut share = share.clone();
            let fields = share.as_object_mut().unwrap();
            fields.remove("plan_id");
            let name = fields.remove("plan").unwrap();
            (name.as_str().unwrap().to_owned(), share)
        })
        .collect();
    assert_eq!(told, expected, "plans, {}", why());
    let mut growth = report(owner, "growth", &query).await;
    let expected = plain(&growth).growth();
    for month in growth["months"].as_array_mut().unwrap() {
        let fields = month.as_object_mut().unwrap();
        assert_eq!(fields.remove("active_minutes"), Some(json!(0)));
        assert_eq!(fields.remove("active_employees"), Some(json!(0)));
    }
    assert_eq!(growth["months"], expected, "growth, {}", why());
    let revenue = report(owner, "revenue", &format!("{query}&currency=EUR")).await;
    let plain = plain(&revenue);
    let expected = plain.revenue();
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(revenue[name], *value, "revenue's {name}, {}", why());
    }
    assert_eq!(figures(revenue.clone()), expected, "{}", why());
    add_up(&revenue);
    let (months, mrr, arr) = plain.converted("EUR", rate);
    let converted = &revenue["converted"];
    assert_eq!(converted["months"], json!(months), "converted, {}", why());
    assert_eq!(
        (&converted["mrr_minor"], &converted["arr_minor"]),
        (&json!(mrr), &json!(arr)),
        "converted, {}",
        why()
    );
}

/// What is shown adds up, to the minor unit, whatever was cut.
fn add_up(revenue: &Value) {
    let number = |value: &Value| value.as_i64().unwrap();
    let currencies = revenue["currencies"].as_array().unwrap();
    for one in currencies.iter().chain([&revenue["converted"]]) {
        let mut end = None;
        for month in one["months"].as_array().unwrap() {
            let of = |name: &str| number(&month[format!("{name}_minor")]);
            let gained = of("new") + of("reactivated") + of("expansion");
            assert_eq!(
                of("start") + gained - of("contraction") - of("churned"),
                of("end"),
                "{month}"
            );
            assert!(
                end.is_none_or(|end| end == of("start")),
                "{month} begins where the last one ended"
            );
            end = Some(of("end"));
        }
        assert_eq!(end, Some(number(&one["mrr_minor"])));
    }
    for one in currencies {
        let plans = one["plans"].as_array().unwrap().iter();
        let sum: i64 = plans.map(|plan| number(&plan["mrr_minor"])).sum();
        assert_eq!(
            sum,
            number(&one["mrr_minor"]),
            "plans of {}",
            one["currency"]
        );
    }
    for month in revenue["logos"].as_array().unwrap() {
        let of = |name: &str| number(&month[name]);
        assert_eq!(
            of("start") + of("new") + of("reactivated") - of("churned"),
            of("end"),
            "{month}"
        );
    }
    for month in revenue["trials"].as_array().unwrap() {
        let of = |name: &str| number(&month[name]);
        assert_eq!(
            of("started"),
            of("converted") + of("open") + of("ended"),
            "{month}"
        );
    }
}

/// Into EUR, in ten thousandths; as `rates` writes them.
fn rate(from: &str) -> i128 {
    match from {
        "USD" => 9_213,
        "JPY" => 61,
        _ => 10_000,
    }
}

async fn add_rates(owner: &Client) {
    for (from, rate, day) in [
        ("USD", "0.9213", "2020-01-01"),
        ("JPY", "0.0061", "2020-01-01"),
        // Of another direction, and of a day to come: neither is used.
        ("EUR", "2", "2020-01-01"),
        ("USD", "7", "2999-01-01"),
    ] {
        let to = if from == "EUR" { "USD" } else { "EUR" };
        let new =
            json!({ "from_currency": from, "to_currency": to, "rate": rate, "valid_from": day });
        let (status, made) = owner.post("/api/owner/exchange-rates", new).await;
        assert_eq!(status, 201, "{made}");
    }
}

/// A company's rows: anything may follow anything, at once or months later, and sometimes by a clock that is behind.
fn random(dice: &mut Dice, company: usize, now: DateTime<Utc>) -> Vec<Row> {
    let minutes = |many: usize| Duration::minutes(i64::try_from(many).unwrap());
    let mut starts_at = now - minutes(dice.below(40 * 30 * 24 * 60) + 1);
    let mut row = Row {
        company: Uuid::from_u128(u128::try_from(company + 1).unwrap() << 64),
        id: Uuid::nil(),
        starts_at,
        status: ["TRIAL", "TRIAL", "TRIAL", "ACTIVE"][dice.below(4)],
        plan: PLANS[dice.below(3)].into(),
        currency: ["USD", "EUR", "JPY"][dice.below(3)],
        period: ["month", "year"][dice.below(2)],
        price_minor: i64::try_from(dice.below(5_000)).unwrap(),
    };
    let mut history = Vec::new();
    for number in 0..=dice.below(12) {
        if number > 0 {
            starts_at += match dice.below(12) {
                0 | 1 => Duration::zero(),
                2 => -minutes(dice.below(60 * 24 * 40)),
                3..=5 => minutes(dice.below(60 * 24 * 10)),
                6 => {
                    // The first instant of the next month.
                    let next =
                        (starts_at.date_naive() + Months::new(1)).format("%Y-%m-01T00:00:00Z");
                    at(&next.to_string()) - starts_at
                }
                _ => minutes(dice.below(60 * 24 * 120)),
            };
            match dice.below(5) {
                0 => {
                    row.plan = PLANS[dice.below(3)].into();
                    row.price_minor =
                        [0, 1, 11, 9_900, i64::try_from(dice.below(100_000)).unwrap()]
                            [dice.below(5)];
                }
                1 => row.period = ["month", "year"][dice.below(2)],
                2 if dice.below(3) == 0 => row.currency = ["USD", "EUR", "JPY"][dice.below(3)],
                _ => {
                    row.status = [
                        "ACTIVE",
                        "ACTIVE",
                        "SUSPENDED",
                        "EXPIRED",
                        "CANCELLED",
                        "TRIAL",
                    ][dice.below(6)]
                }
            }
        }
        if starts_at >= now {
            break;
        }
        row.starts_at = starts_at;
        row.id = Uuid::from_u128(row.company.as_u128() + u128::try_from(number).unwrap() + 1);
        history.push(row.clone());
    }
    history
}

/// In sets of different sizes, so that sums, and one company's way alone, are compared.
#[actix_web::test]
async fn every_figure_agrees_with_a_second_computation_on_a_thousand_histories() {
    // Jobs lock companies in another order than the rows are put.
    let app = App::configured(|config| config.job_workers = 0).await;
    let mut owner = app.owner().await;
    owner.token = owner.token.map(|token| app.for_a_day(&token));
    add_rates(&owner).await;
    let first = std::env::var("SEED").map_or(1, |seed| seed.parse().unwrap());
    let (mut histories, mut seed) = (0, first);
    while histories < 1_000 {
        let dice = &mut Dice::new(seed);
        let now = Utc::now() - Duration::minutes(1);
        let many = [1, 1, 2, 5, 40][seed % 5];
        let history: Vec<Row> = (0..many)
            .flat_map(|company| random(dice, company, now))
            .collect();
        put(&app, &history);
        let current: NaiveDate = now.format("%Y-%m-01").to_string().parse().unwrap();
        let to = current - Months::new(u32::try_from([0, 0, 1, 7][dice.below(4)]).unwrap());
        let from = to - Months::new(u32::try_from(dice.below(36)).unwrap());
        compare(&owner, &history, (from, to), seed).await;
        histories += many;
        seed += 1;
    }
    println!("{histories} histories agree, seeds {first} to {}", seed - 1);
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number << 64)
}

/// Rows of one company, a line each: `time status plan price currency period`.
fn history(company: u128, lines: &str) -> Vec<Row> {
    let lines = lines.trim().lines().map(str::trim).enumerate();
    let row = |(number, line): (usize, &'static str)| {
        let words: Vec<&str> = line.split(' ').collect();
        Row {
            company: id(company),
            id: Uuid::from_u128(id(company).as_u128() + u128::try_from(number).unwrap() + 1),
            starts_at: at(&format!("{}Z", words[0])),
            status: words[1],
            plan: words[2].into(),
            price_minor: words[3].parse().unwrap(),
            currency: words[4],
            period: words[5],
        }
    };
    let lines: Vec<(usize, &'static str)> = lines
        .map(|(number, line)| (number, &*String::leak(line.to_owned())))
        .collect();
    lines.into_iter().map(row).collect()
}

fn month<'a>(list: &'a Value, name: &str) -> &'a Value {
    let mut months = list.as_array().unwrap().iter();
    months.find(|month| month["month"] == name).unwrap()
}

/// The examples of `docs/reports.md`, reckoned by hand.
#[actix_web::test]
async fn the_definitions_hold_for_what_was_reckoned_by_hand() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let owner = app.owner().await;
    let all = [
        // Tries, pays by the month, then more, then by the year, then less, and goes.
        history(
            1,
            "2025-01-10T00:00:00 TRIAL PRO 9900 USD month
             2025-01-20T00:00:00 ACTIVE PRO 9900 USD month
             2025-03-05T00:00:00 ACTIVE ENTERPRISE 49900 USD month
             2025-04-01T00:00:00 ACTIVE ENTERPRISE 499001 USD year
             2025-05-31T23:59:59 CANCELLED ENTERPRISE 499001 USD year",
        ),
        // Is suspended over the end of a month, and inside one.
        history(
            2,
            "2025-01-31T12:00:00 ACTIVE PRO 9900 USD month
             2025-02-20T00:00:00 SUSPENDED PRO 9900 USD month
             2025-03-02T00:00:00 ACTIVE PRO 9900 USD month
             2025-04-03T00:00:00 SUSPENDED PRO 9900 USD month
             2025-04-09T00:00:00 ACTIVE PRO 9900 USD month",
        ),
        // Never pays.
        history(
            3,
            "2025-02-01T00:00:00 TRIAL PRO 9900 USD month\n2025-02-15T00:00:00 EXPIRED PRO 9900 USD month",
        ),
        // Is still trying.
        history(4, "2025-05-30T00:00:00 TRIAL PRO 9900 USD month"),
        // Changes its currency, and stays a customer.
        history(
            5,
            "2025-02-01T00:00:00 ACTIVE PRO 1000 EUR month\n2025-04-10T00:00:00 ACTIVE PRO 1100 USD month",
        ),
        // Two rows of one instant: the first was never in force. What is free is no revenue.
        history(
            6,
            "2025-03-01T00:00:00 TRIAL PRO 9900 USD month\n2025-03-01T00:00:00 ACTIVE FREE 0 USD month",
        ),
    ];
    put(&app, &all.concat());
    let query = "from=2025-01&to=2025-05";
    let revenue = report(&owner, "revenue", query).await;
    let usd = &revenue["currencies"][1];
    assert_eq!(usd["currency"], json!("USD"));
    let way = |name: &str| {
        let month = month(&usd["months"], name);
        [
            "start",
            "new",
            "reactivated",
            "expansion",
            "contraction",
            "churned",
            "end",
        ]
        .map(|part| month[format!("{part}_minor")].as_i64().unwrap())
    };
    assert_eq!(way("2025-01"), [0, 19_800, 0, 0, 0, 0, 19_800]);
    assert_eq!(way("2025-02"), [19_800, 0, 0, 0, 0, 9_900, 9_900]);
    assert_eq!(way("2025-03"), [9_900, 0, 9_900, 40_000, 0, 0, 59_800]);
    // A twelfth of 499,001 is 41,583 and five twelfths; what is lost is cut to the whole above, so that all add up.
    assert_eq!(way("2025-04"), [59_800, 0, 0, 1_100, 8_317, 0, 52_583]);
    assert_eq!(way("2025-05"), [52_583, 0, 0, 0, 0, 41_583, 11_000]);
    assert_eq!(
        (&usd["mrr_minor"], &usd["arr_minor"]),
        (&json!(11_000), &json!(132_000))
    );
    let eur = &revenue["currencies"][0];
    let april = month(&eur["months"], "2025-04");
    assert_eq!(
        (
            &april["contraction_minor"],
            &april["churned_minor"],
            &eur["mrr_minor"]
        ),
        (&json!(1_000), &json!(0), &json!(0)),
        "a change of currency loses nobody"
    );
    assert_eq!(
        month(&usd["months"], "2025-02")["revenue_churn_bp"],
        json!(5_000)
    );
    assert_eq!(
        month(&usd["months"], "2025-04")["revenue_churn_bp"],
        json!(1_390)
    );
    assert_eq!(
        month(&usd["months"], "2025-01").get("revenue_churn_bp"),
        None
    );
    let logos = |name: &str| {
        let month = month(&revenue["logos"], name);
        ["start", "new", "reactivated", "churned", "end"].map(|part| month[part].as_i64().unwrap())
    };
    assert_eq!(logos("2025-02"), [2, 1, 0, 1, 2]);
    assert_eq!(logos("2025-03"), [2, 0, 1, 0, 3]);
    assert_eq!(logos("2025-05"), [3, 0, 0, 1, 2]);
    assert_eq!(
        month(&revenue["logos"], "2025-05")["logo_churn_bp"],
        json!(3_333)
    );
    let trials = |name: &str| {
        let month = month(&revenue["trials"], name);
        ["started", "converted", "open", "ended"].map(|part| month[part].as_i64().unwrap())
    };
    assert_eq!(trials("2025-01"), [1, 1, 0, 0]);
    assert_eq!(trials("2025-02"), [1, 0, 0, 1]);
    assert_eq!(trials("2025-03"), [0, 0, 0, 0], "it was never in force");
    assert_eq!(trials("2025-05"), [1, 0, 1, 0]);
    assert_eq!(
        month(&revenue["cohorts"], "2025-01")["companies"],
        json!([2, 1, 2, 2, 1])
    );
    assert_eq!(
        month(&usd["cohorts"], "2025-01")["mrr_minor"],
        json!([19_800, 9_900, 59_800, 51_483, 9_900])
    );
    let overview = report(&owner, "overview", query).await;
    let may = month(&overview["months"], "2025-05");
    assert_eq!(
        ["trial", "active", "suspended", "expired", "cancelled"]
            .map(|status| may[status].as_i64().unwrap()),
        [1, 3, 0, 1, 1]
    );
    let plans = report(&owner, "plans", query).await;
    let told = |plan: &str| {
        let mut plans = plans["plans"].as_array().unwrap().iter();
        plans.find(|share| share["plan"] == plan).unwrap()["companies"].clone()
    };
    assert_eq!(
        (told("PRO"), told("FREE"), told("ENTERPRISE")),
        (json!(3), json!(1), json!(0))
    );
    let growth = report(&owner, "growth", query).await;
    let march = month(&growth["months"], "2025-03");
    assert_eq!(
        (
            &march["companies"],
            &march["started_companies"],
            &march["paying_companies"]
        ),
        (&json!(4), &json!(1), &json!(3))
    );
}

#[actix_web::test]
async fn use_is_told_by_published_counts() {
    // No job publishes other counts meanwhile.
    let app = App::configured(|config| config.job_workers = 0).await;
    let owner = app.owner().await;
    let companies: Vec<Row> = (1..=12)
        .flat_map(|number| history(number, "2025-01-10T00:00:00 ACTIVE PRO 9900 USD month"))
        .collect();
    put(&app, &companies);
    let mut sql = String::new();
    for number in 1..=12 {
        let company = id(number);
        // The more minutes, the fewer pictures.
        sql += &format!(
            "INSERT INTO platform.company_overview (company_id, active_seconds_30d, screenshots_30d, storage_bytes) \
             VALUES ('{company}', {}, {}, {});
             INSERT INTO platform.company_usage_daily (company_id, day, active_employees, sessions, active_seconds, screenshots, \
               storage_bytes, events) \
             VALUES ('{company}', '2025-02-01', 3, 1, 90, 0, 0, 0), ('{company}', '2025-02-28', 2, 1, 60, 0, 0, 0), \
               ('{company}', '2025-03-01', 1, 1, 60, 0, 0, 0);",
            number * 600,
            12 - number,
            number % 2 * number
        );
    }
    app.copy.admin().batch_execute(&sql).unwrap();
    app.state
        .db
        .platform_job_blocking(|conn| {
            for number in 1..=12 {
                for day in ["2025-02-01", "2025-03-01"] {
                    usage_daily::write_month(conn, id(number), day.parse().unwrap())?;
                }
            }
            Ok(())
        })
        .unwrap();
    let (status, usage) = owner.get("/api/owner/reports/usage").await;
    assert_eq!(status, 200, "{usage}");
    let ids = |list: &str| -> Vec<u128> {
        let list = usage[list].as_array().unwrap().iter();
        list.map(|company| {
            company["id"]
                .as_str()
                .unwrap()
                .parse::<Uuid>()
                .unwrap()
                .as_u128()
                >> 64
        })
        .collect()
    };
    assert_eq!(ids("by_active_minutes"), (3..=12).rev().collect::<Vec<_>>());
    assert_eq!(ids("by_screenshots"), (1..=10).collect::<Vec<_>>());
    assert_eq!(
        ids("by_storage"),
        [11, 9, 7, 5, 3, 1],
        "who uses nothing is not among them"
    );
    assert_eq!(
        usage["by_active_minutes"][0]["active_minutes_30d"],
        json!(120)
    );
    let growth = report(&owner, "growth", "from=2025-01&to=2025-03").await;
    let told = |name: &str| {
        let month = month(&growth["months"], name);
        (
            month["active_minutes"].as_i64().unwrap(),
            month["active_employees"].as_i64().unwrap(),
        )
    };
    assert_eq!(told("2025-01"), (0, 0));
    assert_eq!(
        told("2025-02"),
        (30, 36),
        "twelve companies of three people on their busiest day"
    );
    assert_eq!(told("2025-03"), (12, 12));
}

#[actix_web::test]
async fn a_range_is_of_months_that_have_begun_and_at_most_36() {
    let app = App::spawn().await;
    let owner = app.owner().await;
    let next = (Utc::now().date_naive() + Months::new(1))
        .format("%Y-%m")
        .to_string();
    for report in ["overview", "plans", "revenue", "growth"] {
        for (query, pointer, code) in [
            ("from=2026-13", "query", "month_invalid"),
            ("from=2025-02&to=2025-01", "from", "range_invalid"),
            ("from=2022-01&to=2025-01", "from", "range_invalid"),
            (&format!("to={next}"), "to", "month_not_begun"),
        ] {
            let (status, problem) = owner
                .get(&format!("/api/owner/reports/{report}?{query}"))
                .await;
            let error = &problem["errors"][0];
            assert_eq!(
                (status, &error["code"]),
                (422, &json!(code)),
                "{report} {query} {problem}"
            );
            assert_eq!(error["pointer"], json!(pointer), "{report} {query}");
        }
        let (status, told) = owner
            .get(&format!(
                "/api/owner/reports/{report}?from=2022-02&to=2025-01"
            ))
            .await;
        assert_eq!(status, 200, "{told}");
    }
    // Nobody is there yet, and that is an answer.
    let (status, revenue) = owner.get("/api/owner/reports/revenue?currency=EUR").await;
    assert_eq!((status, &revenue["currencies"]), (200, &json!([])));
    assert_eq!(revenue["logos"].as_array().unwrap().len(), 12);
    assert_eq!(revenue["converted"]["mrr_minor"], json!(0));
}

#[actix_web::test]
async fn currencies_are_added_at_a_stated_rate_or_not_at_all() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let owner = app.owner().await;
    let paying = [
        history(1, "2025-01-10T00:00:00 ACTIVE PRO 10000 USD month"),
        history(2, "2025-01-10T00:00:00 ACTIVE PRO 5000 EUR month"),
        history(3, "2025-01-10T00:00:00 ACTIVE PRO 30000 JPY month"),
    ];
    put(&app, &paying.concat());
    let add = async |from: &str, rate: &str, day: &str| {
        let new =
            json!({ "from_currency": from, "to_currency": "EUR", "rate": rate, "valid_from": day });
        let (status, made) = owner.post("/api/owner/exchange-rates", new).await;
        assert_eq!(status, 201, "{made}");
    };
    add("USD", "0.8", "2025-01-31").await;
    let told = async |to: &str| {
        let revenue = report(
            &owner,
            "revenue",
            &format!("from=2025-01&to={to}&currency=EUR"),
        )
        .await;
        assert_eq!(
            revenue["currencies"].as_array().unwrap().len(),
            3,
            "side by side in any case"
        );
        revenue["converted"].clone()
    };
    let some = told("2025-01").await;
    assert_eq!(
        (&some["missing"], some.get("mrr_minor"), &some["months"]),
        (&json!(["JPY"]), None, &json!([])),
        "a part is no total"
    );
    add("JPY", "0.006", "2025-01-01").await;
    let all = told("2025-01").await;
    // 80.00 + 50.00 + 180.00
    assert_eq!(
        (&all["mrr_minor"], &all["arr_minor"]),
        (&json!(31_000), &json!(372_000))
    );
    assert_eq!(all["rates_of"], json!("2025-01-31"));
    let used = json!([{ "from_currency": "JPY", "rate": "0.006", "valid_from": "2025-01-01" },
        { "from_currency": "USD", "rate": "0.8", "valid_from": "2025-01-31" }]);
    assert_eq!(all["rates"], used);
    // The rates of the last day hold for all months.
    add("USD", "0.9", "2025-02-01").await;
    let later = told("2025-02").await;
    assert_eq!(
        month(&later["months"], "2025-01")["end_minor"],
        json!(32_000)
    );
    assert_eq!(
        told("2025-01").await["mrr_minor"],
        json!(31_000),
        "and what was told stays"
    );
}

#[actix_web::test]
async fn rates_are_the_owners_and_every_change_is_written_down() {
    let app = App::spawn().await;
    let owner = app.owner().await;
    let good = json!({ "from_currency": "USD", "to_currency": "EUR", "rate": "0.92", "valid_from": "2025-01-01" });
    let (status, made) = owner.post("/api/owner/exchange-rates", good.clone()).await;
    assert_eq!(
        (status, &made["rate"], &made["version"]),
        (201, &json!("0.92"), &json!(1)),
        "{made}"
    );
    assert!(made["changed_by"].as_str().unwrap().starts_with("owner-"));
    let path = format!("/api/owner/exchange-rates/{}", made["id"].as_str().unwrap());
    let (status, problem) = owner.post("/api/owner/exchange-rates", good.clone()).await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("exchange_rates_taken"))
    );
    for (field, value, code) in [
        ("rate", json!("0"), "rate_invalid"),
        ("rate", json!("1e3"), "rate_invalid"),
        ("rate", json!(0.92), "invalid"),
        ("valid_from", json!("2025-02-30"), "day_invalid"),
        ("from_currency", json!("usd"), "currency_invalid"),
    ] {
        let mut bad = good.clone();
        bad[field] = value;
        let (status, problem) = owner.post("/api/owner/exchange-rates", bad).await;
        assert_eq!(
            (
                status,
                &problem["errors"][0]["code"],
                &problem["errors"][0]["pointer"]
            ),
            (422, &json!(code), &json!(format!("/{field}"))),
            "{problem}"
        );
    }
    let mut same = good.clone();
    same["from_currency"] = json!("EUR");
    let (status, problem) = owner.post("/api/owner/exchange-rates", same).await;
    assert_eq!(
        (status, &problem["code"]),
        (422, &json!("exchange_rates_currencies_same"))
    );
    let change = async |method: Method, tag: Option<&str>, body: Value| {
        let mut request = owner.request(method, &path).json(&body);
        if let Some(tag) = tag {
            request = request.header("if-match", tag);
        }
        crate::app::read(request.send().await.unwrap()).await
    };
    let dearer = json!({ "rate": "0.95" });
    assert_eq!(change(Method::PATCH, None, dearer.clone()).await.0, 428);
    let (status, changed) = change(Method::PATCH, Some("\"1\""), dearer.clone()).await;
    assert_eq!(
        (status, &changed["rate"], &changed["version"]),
        (200, &json!("0.95"), &json!(2))
    );
    assert_eq!(
        change(Method::PATCH, Some("\"1\""), dearer.clone()).await.0,
        412
    );
    let (status, same) = change(Method::PATCH, Some("\"2\""), dearer).await;
    assert_eq!(
        (status, &same["version"]),
        (200, &json!(2)),
        "what changes nothing counts as no change"
    );
    assert_eq!(change(Method::DELETE, None, json!({})).await.0, 428);
    assert_eq!(
        change(Method::DELETE, Some("\"1\""), json!({})).await.0,
        412
    );
    assert_eq!(
        change(Method::DELETE, Some("\"2\""), json!({})).await.0,
        204
    );
    assert_eq!(owner.get(&path).await.0, 404);
    assert_eq!(change(Method::DELETE, Some("*"), json!({})).await.0, 404);
    let entries = rows(
        &mut app.copy.admin(),
        "SELECT action, detail - 'exchange_rate_id' AS detail FROM platform.audit_entries WHERE action LIKE 'exchange_rate.%' ORDER BY id",
    );
    let pair = |more: Value| {
        let mut detail = json!({ "from_currency": "USD", "to_currency": "EUR" });
        more.as_object()
            .unwrap()
            .iter()
            .for_each(|(name, value)| detail[name] = value.clone());
        detail
    };
    assert_eq!(
        entries,
        [
            json!({ "action": "exchange_rate.created", "detail": pair(json!({ "after": { "rate": "0.92", "valid_from": "2025-01-01" } })) }),
            json!({ "action": "exchange_rate.changed", "detail": pair(json!({ "before": { "rate": "0.92" }, "after": { "rate": "0.95" } })) }),
            json!({ "action": "exchange_rate.deleted", "detail": pair(json!({ "before": { "rate": "0.95", "valid_from": "2025-01-01" } })) }),
        ]
    );
}

#[actix_web::test]
async fn rates_are_listed_by_the_page() {
    let app = App::spawn().await;
    let owner = app.owner().await;
    for day in 1..=5 {
        let new = json!({ "from_currency": "USD", "to_currency": "EUR", "rate": format!("0.9{day}"),
            "valid_from": format!("2025-01-0{day}") });
        assert_eq!(owner.post("/api/owner/exchange-rates", new).await.0, 201);
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let (status, page) = owner
            .get(&format!("/api/owner/exchange-rates?limit=2{cursor}"))
            .await;
        assert_eq!(status, 200, "{page}");
        let items = page["items"].as_array().unwrap().iter();
        seen.extend(items.map(|rate| rate["rate"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ["0.95", "0.94", "0.93", "0.92", "0.91"]);
}

#[actix_web::test]
async fn of_many_who_saw_the_same_rate_one_changes_it() {
    let app = App::spawn().await;
    let owner = app.owner().await;
    let new = json!({ "from_currency": "USD", "to_currency": "EUR", "rate": "0.9", "valid_from": "2025-01-01" });
    let made = owner.post("/api/owner/exchange-rates", new).await.1;
    let path = format!("/api/owner/exchange-rates/{}", made["id"].as_str().unwrap());
    let change = |rate: i64| {
        let request = owner.request(Method::PATCH, &path);
        let request = request.header("if-match", "\"1\"");
        let request = request.json(&json!({ "rate": format!("0.{rate}") }));
        actix_web::rt::spawn(async { request.send().await.unwrap().status().as_u16() })
    };
    let asked = || (91..=98).map(change).collect();
    let mut answers = app.at_once("platform.exchange_rates", asked).await;
    answers.sort_unstable();
    assert_eq!(answers, [200, 412, 412, 412, 412, 412, 412, 412]);
}

/// A file with its media type and the name it is saved under.
async fn file(owner: &Client, query: &str) -> (u16, String, String, Vec<u8>) {
    let path = format!("/api/owner/reports/export?{query}");
    let answer = owner.request(Method::GET, &path).send().await.unwrap();
    let header = |name: &str| {
        let value = answer.headers().get(name);
        value.map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
    };
    let (media, name) = (header("content-type"), header("content-disposition"));
    let status = answer.status().as_u16();
    (status, media, name, answer.bytes().await.unwrap().to_vec())
}

#[actix_web::test]
async fn each_report_is_a_file_that_other_programs_read() {
    use calamine::{Data, Reader, Xlsx};
    // No job publishes other counts meanwhile.
    let app = App::configured(|config| config.job_workers = 0).await;
    let owner = app.owner().await;
    add_rates(&owner).await;
    let all = [
        history(
            1,
            "2025-01-10T00:00:00 TRIAL PRO 9900 USD month\n2025-01-20T00:00:00 ACTIVE PRO 9900 USD month",
        ),
        history(2, "2025-02-10T00:00:00 ACTIVE ENTERPRISE 500 JPY month"),
    ];
    put(&app, &all.concat());
    app.copy
        .admin()
        .batch_execute(&format!(
            "UPDATE platform.companies SET name = '=東京 & Co' WHERE id = '{}';
             INSERT INTO platform.company_overview (company_id, active_seconds_30d) VALUES ('{}', 6000)",
            id(1),
            id(1)
        ))
        .unwrap();
    let range = "from=2025-01&to=2025-02";
    for (report, table, rows) in [
        ("overview", "statuses", 2),
        ("usage", "by_active_minutes", 1),
        ("usage", "by_storage", 0),
        ("plans", "plans", 2),
        ("revenue", "revenue", 2),
        ("revenue", "months", 4),
        ("revenue", "plan_revenue", 2),
        ("revenue", "logos", 2),
        ("revenue", "trials", 2),
        ("revenue", "cohorts", 3),
        ("revenue", "revenue_cohorts", 6),
        ("revenue", "converted_months", 2),
        ("revenue", "rates", 2),
        ("growth", "growth", 2),
        ("growth", "mrr", 3),
    ] {
        let query = format!("report={report}&table={table}&{range}&currency=EUR");
        let (status, media, name, csv) = file(&owner, &query).await;
        let csv = String::from_utf8(csv).unwrap();
        assert_eq!(
            (status, csv.lines().count()),
            (200, rows + 1),
            "{query}: {csv}"
        );
        assert!(
            media.starts_with("text/csv") && name.contains(&format!("{report}-")),
            "{media} {name}"
        );
        let (status, _, name, book) = file(&owner, &format!("{query}&format=xlsx")).await;
        assert_eq!(status, 200);
        assert!(name.ends_with(".xlsx\""), "{name}");
        let mut book = Xlsx::new(std::io::Cursor::new(book)).unwrap();
        let sheet = book.worksheet_range_at(0).unwrap().unwrap();
        assert_eq!(sheet.height(), rows + 1, "{query}");
        let head: Vec<String> = sheet
            .rows()
            .next()
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(csv.lines().next().unwrap(), head.join(","), "{query}");
    }
    let (_, _, _, csv) = file(&owner, &format!("report=revenue&table=months&{range}")).await;
    let csv = String::from_utf8(csv).unwrap();
    assert!(
        csv.contains("\r\nUSD,2025-01,0,9900,0,0,0,0,9900,\r\n"),
        "{csv}"
    );
    assert!(
        csv.contains("\r\nUSD,2025-02,9900,0,0,0,0,0,9900,0\r\n"),
        "{csv}"
    );
    let (_, _, _, book) = file(
        &owner,
        &format!("report=revenue&table=months&{range}&format=xlsx"),
    )
    .await;
    let mut book = Xlsx::new(std::io::Cursor::new(book)).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    assert_eq!(
        sheet.get_value((3, 8)),
        Some(&Data::Float(9_900.0)),
        "a number is one"
    );
    let (_, _, _, csv) = file(&owner, "report=usage").await;
    assert!(
        String::from_utf8(csv)
            .unwrap()
            .contains("\r\n'=東京 & Co,PRO,ACTIVE,100,0,0\r\n")
    );
    for report in ["overview", "usage", "plans", "revenue", "growth"] {
        let query = format!("report={report}&format=pdf&{range}&currency=EUR");
        let (status, media, name, pdf) = file(&owner, &query).await;
        assert_eq!((status, media.as_str()), (200, "application/pdf"));
        assert!(
            name.contains(&format!("{report}-")) && name.ends_with(".pdf\""),
            "{name}"
        );
        let paper = Paper::read(&pdf);
        assert!(paper.begins("Page 1 of "), "{report}");
        assert!(paper.begins("Made on "), "{report}");
        if report == "usage" {
            assert!(paper.begins("=?? & Co") && paper.begins("A ? stands for letters"));
        } else {
            assert!(paper.text().contains("2025-02"), "{report}");
        }
        if report == "revenue" {
            for figure in ["99.00 USD", "500 JPY", "0.9213", "94.25 EUR"] {
                assert!(paper.count(figure) > 0, "{figure}: {}", paper.text());
            }
            for note in [
                "2025-01 to 2025-02, months of UTC",
                "In EUR at the rates of 2025-02-28: MRR ",
            ] {
                assert!(paper.begins(note), "{note}: {}", paper.text());
            }
        }
    }
    for (query, code) in [
        ("report=overview&table=months", "table_unknown"),
        ("report=revenue&table=rates", "table_unknown"),
        ("report=people", "invalid"),
        ("format=csv", "missing"),
        ("report=revenue&format=doc", "invalid"),
        ("report=revenue&from=2025-02&to=2025-01", "range_invalid"),
    ] {
        let (status, problem) = owner
            .get(&format!("/api/owner/reports/export?{query}"))
            .await;
        assert_eq!(
            (status, &problem["errors"][0]["code"]),
            (422, &json!(code)),
            "{query} {problem}"
        );
    }
}

/// More rows than a spreadsheet's file holds, and more pages than anybody reads.
#[actix_web::test]
async fn a_report_that_is_too_much_for_a_file_is_refused() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let owner = app.owner().await;
    let more = |from: i32, to: i32| {
        format!(
            "INSERT INTO platform.plans (id, name, max_employees, max_storage_gb, retention_days, history_days) \
             SELECT md5('plan' || n)::uuid, 'PLAN' || n, 5, 5, 30, 30 FROM generate_series({from}, {to}) n; \
             INSERT INTO platform.companies (id, name, slug, status, plan_id, time_zone, admin_email) \
             SELECT md5('company' || n)::uuid, 'Company ' || n, 'company-' || n, 'ACTIVE', md5('plan' || n)::uuid, 'UTC', 'a@x.test' \
             FROM generate_series({from}, {to}) n; \
             INSERT INTO platform.subscriptions (company_id, id, event, plan_id, price_minor, currency, period, status, actor_id, actor, starts_at) \
             SELECT md5('company' || n)::uuid, md5('row' || n)::uuid, 'activated', md5('plan' || n)::uuid, 100, 'USD', 'month', 'ACTIVE', \
             md5('owner')::uuid, 'olga', now() - interval '40 days' FROM generate_series({from}, {to}) n"
        )
    };
    app.copy.admin().batch_execute(&more(1, 2_000)).unwrap();
    for format in ["csv", "xlsx", "pdf"] {
        let (status, ..) = file(&owner, &format!("report=plans&format={format}")).await;
        assert_eq!(status, 200, "{format}");
    }
    app.copy
        .admin()
        .batch_execute(&more(2_001, 50_001))
        .unwrap();
    for format in ["csv", "xlsx", "pdf"] {
        let path = format!("/api/owner/reports/export?report=plans&format={format}");
        let (status, problem) = owner.get(&path).await;
        assert_eq!(
            (status, &problem["code"]),
            (409, &json!("export_too_large")),
            "{format}"
        );
    }
}
