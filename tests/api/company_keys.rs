//! Company keys: a replaced one works until its grace ends and no longer, on every instance, and can be ended before.

use chrono::{Duration, Utc};
use serde_json::{Value, json};

use crate::app::{App, Company};
use crate::feed::{at, execute, rows};

/// Whether the key is let in there: what follows is a path that is not there.
async fn works(app: &App, key: &str) -> bool {
    let agent = app.anonymous().with_key(key);
    let (status, problem) = agent.get("/api/agent/nothing").await;
    match status {
        404 => true,
        401 if problem["code"] == json!("company_key_invalid") => false,
        _ => panic!("{status} {problem}"),
    }
}

async fn post(company: &Company, action: &str, body: Value) -> (u16, Value) {
    let path = format!("/api/owner/companies/{}/{action}", company.id);
    let body = company.owner.step_up(body);
    company.owner.post(&path, body).await
}

async fn rotate(company: &Company, grace_days: i64) -> String {
    let body = json!({ "grace_days": grace_days, "reason": "routine" });
    let (status, rotated) = post(company, "rotate-key", body).await;
    assert_eq!(status, 200, "{rotated}");
    rotated["company_key"].as_str().unwrap().to_owned()
}

async fn heard(app: &App, key: &str, is_in: bool) {
    for _ in 0..2000 {
        if works(app, key).await == is_in {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the other instance never heard of it");
}

#[actix_web::test]
async fn an_old_key_works_until_its_grace_ends_and_no_longer_on_each_instance() {
    let app = App::spawn().await;
    let twin = app.twin().await;
    let acme = app.company("Acme").await;
    let new = rotate(&acme, 7).await;
    heard(&twin, &new, true).await;
    assert!(works(&app, &acme.key).await && works(&twin, &acme.key).await);

    let end = Utc::now() + Duration::seconds(5);
    let nearer =
        format!("UPDATE auth.company_keys SET expires_at = '{end}' WHERE expires_at IS NOT NULL");
    execute(&mut app.copy.admin(), &nearer);
    // How word of a change gets about is tried elsewhere: here both know the end.
    for instance in [&app, &twin] {
        let state = &instance.state;
        state.directory.refresh(&state.db, acme.id).await.unwrap();
    }
    let (mut before, mut after) = (0, 0);
    while after < 20 {
        for instance in [&app, &twin] {
            let asked_at = Utc::now();
            let is_in = works(instance, &acme.key).await;
            if Utc::now() < end {
                assert!(is_in, "refused with {} to go", end - Utc::now());
                before += 1;
            } else if asked_at >= end {
                assert!(!is_in, "let in {} after its end", asked_at - end);
                after += 1;
            }
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert!(before >= 2, "only {before} were asked before the end");
    assert!(works(&app, &new).await && works(&twin, &new).await);
    // The page says so too.
    let path = format!("/api/owner/companies/{}", acme.id);
    let (_, detail) = acme.owner.get(&path).await;
    assert_eq!(detail["key"]["old_key_expires_at"], Value::Null);
}

/// With the test's clock: each instance knows the end by the word of the rotation alone, and days pass in no time.
#[actix_web::test]
async fn the_grace_is_as_many_days_as_were_chosen_to_the_microsecond_on_each_instance() {
    let app = App::spawn().await;
    let twin = app.twin().await;
    let acme = app.company("Acme").await;
    let asked_at = Utc::now();
    let new = rotate(&acme, 7).await;
    let answered_at = Utc::now();
    heard(&twin, &new, true).await;
    let row = rows(
        &mut app.copy.admin(),
        "SELECT expires_at FROM auth.company_keys WHERE expires_at IS NOT NULL",
    );
    let end = at(row[0]["expires_at"].as_str().unwrap());
    let week = Duration::days(7);
    assert!((asked_at..=answered_at).contains(&(end - week)), "{end}");
    let tick = Duration::microseconds(1);
    for instance in [&app, &twin] {
        let lets_in = |key: &str, at| instance.state.directory.by_key(key, at).is_some();
        for (time, is_in) in [
            (answered_at, true),
            (end - Duration::seconds(1), true),
            (end - tick, true),
            (end, false),
            (end + tick, false),
            (end + Duration::seconds(1), false),
            (end + week, false),
        ] {
            assert_eq!(lets_in(&acme.key, time), is_in, "{}", time - end);
            assert!(lets_in(&new, time));
        }
    }
}

#[actix_web::test]
async fn old_keys_are_ended_at_once_everywhere_after_the_password() {
    let app = App::spawn().await;
    let twin = app.twin().await;
    let acme = app.company("Acme").await;
    let none = post(&acme, "end-old-key", json!({ "reason": "leaked" })).await;
    assert_eq!((none.0, &none.1["code"]), (409, &json!("no_old_key")));
    let second = rotate(&acme, 30).await;
    let third = rotate(&acme, 20).await;
    heard(&twin, &third, true).await;
    for key in [&acme.key, &second] {
        assert!(works(&app, key).await && works(&twin, key).await);
    }
    let path = format!("/api/owner/companies/{}/end-old-key", acme.id);
    let mut wrong = acme.owner.step_up(json!({ "reason": "leaked" }));
    wrong["password"] = json!("not the password");
    assert_eq!(acme.owner.post(&path, wrong).await.0, 403);
    assert!(works(&app, &second).await);

    let (status, detail) = post(&acme, "end-old-key", json!({ "reason": "leaked" })).await;
    assert_eq!(status, 200, "{detail}");
    assert_eq!(
        (
            &detail["key"]["prefix"],
            &detail["key"]["old_key_expires_at"]
        ),
        (&json!(third[..14]), &Value::Null)
    );
    for key in [&acme.key, &second] {
        assert!(!works(&app, key).await, "here before the answer left");
        heard(&twin, key, false).await;
    }
    assert!(works(&app, &third).await && works(&twin, &third).await);
    let entry = rows(
        &mut app.copy.admin(),
        "SELECT detail FROM platform.audit_entries WHERE action = 'company_key.ended'",
    );
    assert_eq!(entry.len(), 1);
    let detail = &entry[0]["detail"];
    assert_eq!(
        (
            &detail["reason"],
            detail["before"]["old_keys"].as_array().unwrap().len()
        ),
        (&json!("leaked"), 2)
    );
    let told = detail.to_string();
    assert!(
        !told.contains(&second) && !told.contains(&acme.key),
        "{told}"
    );
}
