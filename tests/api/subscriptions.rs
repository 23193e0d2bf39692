//! What companies and their owner agree on: to pay, to go on, to change plans and to leave; what each leaves behind.

use chrono::{DateTime, Datelike, Duration, Months, Utc};
use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use reqwest::Method;
use serde_json::{Value, json};
use tracker::db::placement::{PLACEMENT, Place};
use tracker::jobs::{expiry, plan_changes, reminders, work};

use crate::app::{App, Client, Company};
use crate::feed::{Feed, execute, rows};
use crate::tracking::screenshot::upload;

/// A server that does what falls due only when it is told.
async fn still() -> App {
    App::configured(|config| config.job_workers = 0).await
}

async fn at(company: &Company, action: &str, body: Value) -> (u16, Value) {
    let path = format!("/api/owner/companies/{}/{action}", company.id);
    company.owner.post(&path, body).await
}

async fn done(company: &Company, action: &str, body: Value) -> Value {
    let (status, answer) = at(company, action, body).await;
    assert_eq!(status, 200, "{action}: {answer}");
    answer
}

async fn refused(company: &Company, action: &str, body: Value, code: &str) {
    let (status, problem) = at(company, action, body).await;
    assert_eq!((status, &problem["code"]), (409, &json!(code)), "{action}");
}

async fn detail(company: &Company) -> Value {
    let path = format!("/api/owner/companies/{}", company.id);
    company.owner.get(&path).await.1
}

/// The history's events with price and state, newest first.
async fn history(company: &Company) -> Vec<(String, i64, String)> {
    let path = format!("/api/owner/companies/{}/subscriptions", company.id);
    let (_, page) = company.owner.get(&path).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let items = page["items"].as_array().unwrap().iter();
    items
        .map(|row| {
            (
                text(&row["event"]),
                row["price_minor"].as_i64().unwrap(),
                text(&row["status"]),
            )
        })
        .collect()
}

fn event(name: &str, price: i64, status: &str) -> (String, i64, String) {
    (name.to_owned(), price, status.to_owned())
}

/// The last entry of an action in the platform's audit log.
fn audited(app: &App, action: &str) -> Value {
    let sql = format!(
        "SELECT actor, detail FROM platform.audit_entries WHERE action = '{action}' ORDER BY at DESC LIMIT 1"
    );
    rows(&mut app.copy.admin(), &sql).remove(0)
}

fn moment(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

fn set(app: &App, company: &Company, what: &str) {
    let sql = format!(
        "UPDATE platform.companies SET {what} WHERE id = '{}'",
        company.id
    );
    execute(&mut app.copy.admin(), &sql);
}

fn run(app: &App, find: fn(&mut PgConnection) -> tracker::Result<()>) {
    app.state.db.platform_job_blocking(find).unwrap();
    while work::next(&app.state).unwrap() {}
}

fn expire(app: &App) {
    app.state
        .db
        .platform_job_blocking(|conn| expiry::find(conn, app.state.directory.grace_days))
        .unwrap();
    while work::next(&app.state).unwrap() {}
}

#[actix_web::test]
async fn a_trial_that_is_activated_is_paid_for_until_its_period_ends() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let before = Utc::now();
    let active = done(&acme, "activate", json!({ "reason": "signed" })).await;
    let end = moment(&active["expires_at"]);
    let month = Months::new(1);
    assert!(
        (before + month..=Utc::now() + month).contains(&end),
        "{end}"
    );
    assert_eq!(active["status"], json!("ACTIVE"));
    assert_eq!(
        history(&acme).await,
        [
            event("activated", 9900, "ACTIVE"),
            event("created", 9900, "TRIAL")
        ]
    );
    let entry = &audited(&app, "company.activated")["detail"];
    assert_eq!(
        (
            &entry["before"]["status"],
            &entry["after"]["status"],
            &entry["reason"]
        ),
        (&json!("TRIAL"), &json!("ACTIVE"), &json!("signed"))
    );
    assert_eq!(moment(&entry["after"]["expires_at"]), end);
    refused(&acme, "activate", json!({}), "company_not_on_trial").await;
    // The trial would have gone on: it is over all the same.
    done(&acme, "suspend", json!({ "reason": "unpaid" })).await;
    refused(&acme, "renew", json!({}), "company_not_active").await;
    let again = done(&acme, "reactivate", json!({})).await;
    assert_eq!(
        (&again["status"], moment(&again["expires_at"])),
        (&json!("ACTIVE"), end)
    );
}

#[actix_web::test]
async fn a_trial_that_ran_out_is_activated_too() {
    let app = still().await;
    let acme = app.company("Acme").await;
    set(
        &app,
        &acme,
        "trial_ends_at = now() - interval '9 days', period = 'year'",
    );
    expire(&app);
    refused(&acme, "renew", json!({}), "company_not_active").await;
    let active = done(&acme, "activate", json!({})).await;
    assert_eq!(
        moment(&active["expires_at"]).year(),
        (Utc::now() + Months::new(12)).year()
    );
}

#[actix_web::test]
async fn a_renewal_begins_where_the_period_ends_at_the_price_that_was_agreed() {
    let app = still().await;
    let acme = app.company("Acme").await;
    done(&acme, "activate", json!({})).await;
    let dearer = "UPDATE platform.plan_prices SET price_minor = 12000 WHERE price_minor = 9900";
    execute(&mut app.copy.admin(), dearer);
    set(&app, &acme, "expires_at = '2099-01-31T10:00:00Z'");
    refused(&acme, "renew", json!({}), "renewed_far_ahead").await;

    // Within its grace the period goes on from its end.
    let end = Utc::now() - Duration::days(2);
    set(&app, &acme, &format!("expires_at = '{end}'"));
    let renewed = done(&acme, "renew", json!({ "reason": "invoice 7" })).await;
    let expected = (end + Months::new(1)).timestamp();
    assert_eq!(moment(&renewed["expires_at"]).timestamp(), expected);
    assert_eq!(history(&acme).await[0], event("renewed", 9900, "ACTIVE"));
    done(&acme, "renew", json!({ "current_price": true })).await;
    assert_eq!(history(&acme).await[0], event("renewed", 12000, "ACTIVE"));

    // What ran out begins anew, and what has no end gets one.
    for expires_at in ["now() - interval '9 days'", "NULL"] {
        set(&app, &acme, &format!("expires_at = {expires_at}"));
        expire(&app);
        let before = Utc::now() + Months::new(1);
        let renewed = done(&acme, "renew", json!({})).await;
        assert_eq!(renewed["status"], json!("ACTIVE"));
        assert!(moment(&renewed["expires_at"]) >= before, "{expires_at}");
    }
}

#[actix_web::test]
async fn a_cancelled_company_is_refused_and_may_come_back_as_it_was() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let active = done(&acme, "activate", json!({})).await;
    let (status, _) = at(&acme, "cancel", json!({})).await;
    assert_eq!(status, 422, "a reason is asked for");
    let cancelled = done(&acme, "cancel", json!({ "reason": "closes down" })).await;
    let left = moment(&cancelled["revocable_until"]) - moment(&cancelled["cancelled_at"]);
    assert_eq!(
        (&cancelled["status"], left.num_days()),
        (&json!("CANCELLED"), 30)
    );
    let (status, problem) = ada.get("/api/timeline").await;
    assert_eq!(
        (status, &problem["code"]),
        (403, &json!("company_cancelled"))
    );
    assert_eq!(acme.admin.get("/api/employees").await.0, 200, "admins read");
    refused(
        &acme,
        "cancel",
        json!({ "reason": "twice" }),
        "company_cancelled",
    )
    .await;
    refused(&acme, "renew", json!({}), "company_not_active").await;
    let entry = &audited(&app, "company.cancelled")["detail"];
    assert_eq!(entry["before"]["status"], json!("ACTIVE"));
    let back = done(&acme, "reactivate", json!({ "reason": "stays" })).await;
    assert_eq!(
        (&back["status"], &back["expires_at"], &back["cancelled_at"]),
        (&json!("ACTIVE"), &active["expires_at"], &Value::Null)
    );
    assert_eq!(ada.get("/api/timeline").await.0, 200);
}

#[actix_web::test]
async fn a_change_at_the_periods_end_is_planned_withdrawn_and_carried_out() {
    let app = still().await;
    let acme = app.company("Acme").await;
    let later = |plan: &str| json!({ "plan": plan, "when": "period_end", "reason": "too dear" });
    refused(&acme, "change-plan", later("FREE"), "period_end_missing").await;
    let active = done(&acme, "activate", json!({})).await;
    // Three seats more than the smaller plan has: no reason to refuse what is to come.
    execute(
        &mut app.copy.admin(),
        "UPDATE platform.company_overview SET employees_active = 8; ",
    );
    execute(
        &mut app.copy.admin(),
        "UPDATE tenant.company_usage SET seats_used = 8",
    );
    let planned = done(&acme, "change-plan", later("FREE")).await;
    assert_eq!(
        planned["plan"],
        json!("PRO"),
        "not before the time has come"
    );
    assert_eq!(
        (
            &planned["planned_change"]["plan"],
            &planned["planned_change"]["effective_at"],
            &planned["planned_change"]["price_minor"]
        ),
        (&json!("FREE"), &active["expires_at"], &json!(0))
    );
    assert_eq!(
        history(&acme).await[0].0,
        "activated",
        "nothing happened yet"
    );
    let entry = &audited(&app, "company.plan_change_planned")["detail"];
    assert_eq!(entry["after"]["planned_plan"], json!("FREE"));

    let without = done(&acme, "withdraw-planned-change", json!({})).await;
    assert_eq!(without["planned_change"], Value::Null);
    refused(
        &acme,
        "withdraw-planned-change",
        json!({}),
        "no_planned_change",
    )
    .await;
    run(&app, plan_changes::find);
    assert_eq!(detail(&acme).await["plan"], json!("PRO"));

    // Another one takes its place; one at once ends it.
    done(&acme, "change-plan", later("ENTERPRISE")).await;
    done(&acme, "change-plan", later("FREE")).await;
    // The price is the one that was agreed.
    let dearer = "UPDATE platform.plan_prices SET price_minor = 500 WHERE price_minor = 0";
    execute(&mut app.copy.admin(), dearer);
    // Renewed ahead of time it still comes when the period ends in which it was planned.
    done(&acme, "renew", json!({})).await;
    run(&app, plan_changes::find);
    assert_eq!(
        detail(&acme).await["plan"],
        json!("PRO"),
        "one second too early"
    );
    execute(
        &mut app.copy.admin(),
        "UPDATE platform.planned_plan_changes SET effective_at = now()",
    );
    run(&app, plan_changes::find);
    run(&app, plan_changes::find);
    let free = detail(&acme).await;
    assert_eq!(
        (
            &free["plan"],
            &free["status"],
            &free["planned_change"],
            &free["max_employees"]
        ),
        (&json!("FREE"), &json!("ACTIVE"), &Value::Null, &json!(5))
    );
    assert_eq!(
        history(&acme).await[..2],
        [
            event("plan_changed", 0, "ACTIVE"),
            event("renewed", 9900, "ACTIVE")
        ]
    );
    let entry = audited(&app, "company.plan_changed");
    assert_eq!(entry["actor"], json!("system"));
    assert_eq!(
        (
            &entry["detail"]["before"]["plan"],
            &entry["detail"]["after"]["plan"]
        ),
        (&json!("PRO"), &json!("FREE"))
    );
    // In force where it bites, as soon as this instance hears of it; what is there can be read.
    let invite = async |n: usize| {
        let body = json!({ "email": format!("p{n}@acme.test"), "role": "EMPLOYEE" });
        acme.admin.post("/api/employees", body).await
    };
    for n in 0..200 {
        let (status, problem) = invite(n).await;
        if status == 409 {
            assert_eq!(problem["code"], json!("plan_employee_limit"));
            assert_eq!(acme.admin.get("/api/employees").await.0, 200);
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the new limit never came into force");
}

#[actix_web::test]
async fn a_change_at_once_or_a_cancellation_ends_what_was_planned() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    done(&acme, "activate", json!({})).await;
    let later = json!({ "plan": "FREE", "when": "period_end" });
    done(&acme, "change-plan", later.clone()).await;
    let changed = done(&acme, "change-plan", json!({ "plan": "ENTERPRISE" })).await;
    assert_eq!(
        (&changed["plan"], &changed["planned_change"]),
        (&json!("ENTERPRISE"), &Value::Null)
    );
    done(&acme, "change-plan", later).await;
    let cancelled = done(&acme, "cancel", json!({ "reason": "closes down" })).await;
    assert_eq!(cancelled["planned_change"], Value::Null);
    // A price that somebody is to pay is in use as well.
    done(&acme, "reactivate", json!({})).await;
    done(
        &acme,
        "change-plan",
        json!({ "plan": "PRO", "when": "period_end" }),
    )
    .await;
    let (_, plans) = acme.owner.get("/api/owner/plans").await;
    let pro = &plans["items"][1];
    let path = format!("/api/owner/plans/{}", pro["id"].as_str().unwrap());
    let prices = json!({ "prices": [{ "currency": "EUR", "period": "month", "price_minor": 1 }] });
    let request = acme.owner.request(Method::PATCH, &path);
    let request = request.header("if-match", "*").json(&prices);
    let (status, problem) = crate::app::read(request.send().await.unwrap()).await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("plan_price_in_use"))
    );
}

fn mails(app: &App, to: &str) -> Vec<String> {
    let folder = std::fs::read_dir(app.state.config.data_dir.join("mail"));
    let mut mails: Vec<String> = folder
        .into_iter()
        .flatten()
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
        .filter(|mail| mail.contains(&format!("\r\nTo: {to}\r\n")) && mail.contains(" ends on "))
        .collect();
    mails.sort();
    mails
}

#[actix_web::test]
async fn admins_are_reminded_seven_three_and_one_day_before_the_end_and_once_each() {
    let app = still().await;
    let acme = app.company("Acme").await;
    let boss = &acme.admin_email;
    let remind = |days: &str| {
        set(
            &app,
            &acme,
            &format!("trial_ends_at = date_trunc('hour', now()) + interval '{days}'"),
        );
        run(&app, reminders::find);
        run(&app, reminders::find);
        mails(&app, boss).len()
    };
    assert_eq!(remind("7 days 1 hour"), 0, "too early");
    // One end that comes nearer: the clock goes on, the row stays.
    let end = "trial_ends_at = '2030-01-01T00:00:00Z'";
    set(&app, &acme, end);
    let nearer = |hours: i64| {
        // As if it were so many hours before: what was written moves with the end.
        let now = Utc::now() + Duration::hours(hours);
        let conn = &mut app.copy.admin();
        let old = rows(conn, "SELECT trial_ends_at AS at FROM platform.companies");
        let old = old[0]["at"].as_str().unwrap().to_owned();
        execute(
            conn,
            &format!(
                "UPDATE platform.expiry_reminders SET ends_at = '{now}' WHERE ends_at = '{old}'"
            ),
        );
        set(&app, &acme, &format!("trial_ends_at = '{now}'"));
        run(&app, reminders::find);
        run(&app, reminders::find);
        mails(&app, boss).len()
    };
    for (hours, sent) in [
        (24 * 7 + 1, 0),
        (24 * 7 - 1, 1),
        (24 * 4, 1),
        (24 * 3 - 1, 2),
        (30, 2),
        (23, 3),
        (1, 3),
    ] {
        assert_eq!(nearer(hours), sent, "{hours} hours before");
    }
    let first = &mails(&app, boss)[0];
    assert!(first.contains("The trial of Acme ends on"), "{first}");
    assert!(first.contains("(Europe/Berlin)"), "{first}");

    // Another end is reminded of anew; of what came due together, once.
    assert_eq!(remind("2 days"), 4);
    // Forgotten by nobody: a server that starts anew reads the same rows.
    let twin = app.twin_configured(|config| config.job_workers = 0).await;
    run(&twin, reminders::find);
    assert_eq!(mails(&app, boss).len(), 4);
    // Who pays is reminded of that end, and who is suspended or left, of none.
    set(
        &app,
        &acme,
        "status = 'ACTIVE', expires_at = now() + interval '20 hours'",
    );
    run(&app, reminders::find);
    let paid = mails(&app, boss);
    assert_eq!(paid.len(), 5);
    assert!(
        paid.iter()
            .any(|mail| mail.contains("The subscription of Acme ends on"))
    );
    for status in ["SUSPENDED", "CANCELLED", "EXPIRED"] {
        set(
            &app,
            &acme,
            &format!("status = '{status}', expires_at = now() + interval '19 hours'"),
        );
        run(&app, reminders::find);
    }
    assert_eq!(mails(&app, boss).len(), 5);
}

#[actix_web::test]
async fn a_company_without_an_admin_is_reminded_at_its_address() {
    let app = still().await;
    let owner = app.owner().await;
    let new = json!({ "name": "Acme", "admin_email": "ada@acme.test", "plan": "PRO", "time_zone": "UTC" });
    assert_eq!(owner.post("/api/owner/companies", new).await.0, 201);
    execute(
        &mut app.copy.admin(),
        "UPDATE platform.companies SET trial_ends_at = now() + interval '6 days'",
    );
    run(&app, reminders::find);
    assert_eq!(mails(&app, "ada@acme.test").len(), 1);
    // Extended between the finding and the sending: there is nothing to say any more.
    execute(
        &mut app.copy.admin(),
        "UPDATE platform.companies SET trial_ends_at = now() + interval '2 days'",
    );
    app.state.db.platform_job_blocking(reminders::find).unwrap();
    execute(
        &mut app.copy.admin(),
        "UPDATE platform.companies SET trial_ends_at = now() + interval '20 days'",
    );
    while work::next(&app.state).unwrap() {}
    assert_eq!(mails(&app, "ada@acme.test").len(), 1);
}

/// Rows of each of a tenant's tables, and files in the store.
fn holdings(app: &App) -> Vec<(String, i64)> {
    fn files(folder: &std::path::Path) -> i64 {
        let below = std::fs::read_dir(folder).into_iter().flatten().flatten();
        below
            .map(|entry| match entry.path() {
                path if path.is_dir() => files(&path),
                _ => 1,
            })
            .sum()
    }
    let conn = &mut app.copy.admin();
    let tables = PLACEMENT
        .iter()
        .filter(|(_, place)| *place == Place::Tenant);
    let mut all: Vec<(String, i64)> = tables
        .map(|(table, _)| {
            let counted = rows(conn, &format!("SELECT count(*) FROM {table}"));
            ((*table).to_owned(), counted[0]["count"].as_i64().unwrap())
        })
        .collect();
    all.push((
        "objects".into(),
        files(&app.state.config.data_dir.join("objects")),
    ));
    all
}

#[actix_web::test]
async fn a_downgrade_and_an_expiry_delete_nothing() {
    let app = still().await;
    let acme = app.company("Acme").await;
    let mut people: Vec<Client> = Vec::new();
    for name in ["Ada", "Bob", "Cyd", "Dan", "Eve", "Fay"] {
        people.push(app.employee(&acme, name).await);
    }
    let agent = app.agent(&acme, &people[0]).await;
    upload(&agent).await;
    let mut feed = Feed::new(&app, acme.id, people[1].user, "2026-11-20T08:00:00Z");
    feed.minutes("2026-11-20T08:00:00Z", 30, 40, 10).app(
        "Editor",
        "main.rs",
        "2026-11-20T08:00:00Z",
        600,
    );
    crate::feed::settle(&app);
    let before = holdings(&app);
    let held = |name: &str| before.iter().find(|(table, _)| table == name).unwrap().1;
    assert!(held("objects") >= 2 && held("tenant.screenshots") == 1 && held("tenant.users") == 7);
    assert!(held("tenant.activity_log") >= 30 && held("tenant.user_usage_daily") >= 1);

    done(&acme, "activate", json!({})).await;
    done(
        &acme,
        "change-plan",
        json!({ "plan": "FREE", "when": "period_end" }),
    )
    .await;
    execute(
        &mut app.copy.admin(),
        "UPDATE platform.planned_plan_changes SET effective_at = now()",
    );
    run(&app, plan_changes::find);
    assert_eq!(
        detail(&acme).await["plan"],
        json!("FREE"),
        "seven people on five seats"
    );
    assert_eq!(holdings(&app), before);
    done(&acme, "change-plan", json!({ "plan": "PRO" })).await;
    done(
        &acme,
        "change-plan",
        json!({ "plan": "FREE", "force": true }),
    )
    .await;
    assert_eq!(holdings(&app), before);
    set(&app, &acme, "expires_at = now() - interval '30 days'");
    expire(&app);
    assert_eq!(detail(&acme).await["status"], json!("EXPIRED"));
    assert_eq!(holdings(&app), before);
    done(&acme, "cancel", json!({ "reason": "closes down" })).await;
    crate::feed::settle(&app);
    assert_eq!(holdings(&app), before);
}

#[actix_web::test]
async fn no_role_rewrites_the_history_of_subscriptions() {
    let app = App::spawn().await;
    app.company("Acme").await;
    let conn = &mut app.copy.admin();
    let all = "SELECT rolname AS role FROM pg_roles WHERE rolname LIKE 'tracker\\_%' AND rolname <> 'tracker_ddl' ORDER BY 1";
    let roles = rows(conn, all);
    assert!(roles.len() >= 7, "{roles:?}");
    for role in &roles {
        let role = role["role"].as_str().unwrap();
        for forbidden in [
            "UPDATE platform.subscriptions SET price_minor = 0",
            "UPDATE platform.subscriptions SET reason = NULL WHERE false",
            "DELETE FROM platform.subscriptions",
            "TRUNCATE platform.subscriptions",
        ] {
            // 42501, or the block fails with whatever else became of it.
            let tried = format!(
                "SET ROLE {role}; DO $$ BEGIN {forbidden}; RAISE EXCEPTION 'let through'; \
                 EXCEPTION WHEN insufficient_privilege THEN NULL; END $$"
            );
            let done = app.copy.admin().batch_execute(&tried);
            done.unwrap_or_else(|error| panic!("{role}: {forbidden}: {error}"));
        }
    }
    let left = rows(conn, "SELECT price_minor FROM platform.subscriptions");
    assert_eq!(left, [json!({ "price_minor": 9900 })]);
}
