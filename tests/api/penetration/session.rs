//! P36 to P51: tokens, sessions, passwords.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{App, Client, PASSWORD, read};
use crate::feed::{execute, rows};
use crate::two_factor::{is, sign_in, switch_on};

/// Tries it until it is answered so. What was ended somewhere must be in force everywhere within 30 seconds.
pub async fn until_refused(client: &Client, path: &str) {
    for _ in 0..1200 {
        if client.get(path).await.0 == 401 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{path} is still answered");
}

async fn refresh(client: &Client) -> u16 {
    let request = client
        .request(Method::POST, "/api/auth/refresh")
        .header("x-requested-with", "tracker");
    request.send().await.unwrap().status().as_u16()
}

/// Somebody with two browsers open, as an admin.
async fn second_admin(app: &App, company: &crate::app::Company) -> Client {
    let bea = app.employee(company, "Bea").await;
    let path = format!("/api/employees/{}/change-role", bea.user);
    let promotion = json!({ "role": "ADMIN", "password": PASSWORD });
    let (status, changed) = company.admin.post(&path, promotion).await;
    assert_eq!((status, &changed["role"]), (200, &json!("ADMIN")));
    let mut again = app.sign_in(&bea.email).await;
    again.email = bea.email;
    again
}

/// Tries to go on as an admin, on another instance, with a token and a cookie from before the role was taken away.
#[actix_web::test]
async fn p41_a_role_that_was_taken_away_is_gone_everywhere() {
    let app = App::spawn().await;
    let twin = app.twin().await;
    let acme = app.company("Acme").await;
    let bea = second_admin(&app, &acme).await;
    let there = bea.at(&twin);
    assert_eq!(there.get("/api/employees").await.0, 200);
    let demote = json!({ "role": "EMPLOYEE", "password": PASSWORD });
    let path = format!("/api/employees/{}/change-role", bea.user);
    assert_eq!(acme.admin.post(&path, demote).await.0, 200);
    until_refused(&there, "/api/employees").await;
    until_refused(&bea, "/api/employees").await;
    assert_eq!(refresh(&bea).await, 401, "the cookie is dead too");
    let again = app.sign_in(&bea.email).await;
    let (_, me) = again.get("/api/me").await;
    assert_eq!(me["role"], "EMPLOYEE");
    assert_eq!(again.get("/api/employees").await.0, 403);
}

/// Tries to go on after the account was deactivated: with the portal, the agent, and their ways to new tokens.
#[actix_web::test]
async fn p41_a_deactivated_account_is_dead_everywhere() {
    let app = App::spawn().await;
    let twin = app.twin().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let agent = app.agent(&acme, &ada).await;
    let (portal, desk) = (ada.at(&twin), agent.at(&twin));
    assert_eq!(portal.get("/api/me").await.0, 200);
    let path = format!("/api/employees/{}/deactivate", ada.user);
    assert_eq!(acme.admin.post(&path, json!({})).await.0, 200);
    until_refused(&portal, "/api/me").await;
    until_refused(&desk, "/api/agent/settings").await;
    assert_eq!(refresh(&ada).await, 401);
    let renewal = json!({ "refresh_token": agent.refresh });
    assert_eq!(agent.post("/api/token/refresh", renewal).await.0, 401);
    let sign_in = json!({ "email": ada.email, "password": PASSWORD });
    assert_eq!(
        app.anonymous().post("/api/auth/sign-in", sign_in).await.0,
        401
    );
}

/// Tries to have a sign-in begin that was already under way when the account was disabled or got another password.
#[actix_web::test]
async fn p41_a_sign_in_under_way_does_not_survive_what_ends_all_of_them() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let begin = |hash: &str| {
        let sql = format!(
            "SELECT auth.begin_sign_in(gen_random_uuid(), '{}', {hash}, 'web', NULL, '', '', 60, now() + interval '1 day') AS role",
            ada.user
        );
        rows(&mut app.copy.admin(), &sql)[0]["role"].clone()
    };
    let current = format!(
        "(SELECT password_hash FROM auth.credentials WHERE user_id = '{}')",
        ada.user
    );
    assert_eq!(begin(&current), "EMPLOYEE");
    assert_eq!(begin("'$argon2id$another'"), Value::Null);
    let path = format!("/api/employees/{}/deactivate", ada.user);
    assert_eq!(acme.admin.post(&path, json!({})).await.0, 200);
    assert_eq!(begin(&current), Value::Null);
}

/// Tries to leave a company without an admin: two of them remove each other at the same moment.
#[actix_web::test]
async fn p34_of_two_admins_who_remove_each_other_one_remains() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let bea = second_admin(&app, &acme).await;
    let demote = |admin: Client, other: uuid::Uuid| async move {
        let path = format!("/api/employees/{other}/change-role");
        let body = json!({ "role": "EMPLOYEE", "password": PASSWORD });
        admin.post(&path, body).await.0
    };
    let deactivate = |admin: Client, other: uuid::Uuid| async move {
        let path = format!("/api/employees/{other}/deactivate");
        admin.post(&path, json!({})).await.0
    };
    let (first, second) = tokio::join!(
        demote(acme.admin.clone(), bea.user),
        deactivate(bea.clone(), acme.admin.user)
    );
    let left = rows(
        &mut app.copy.admin(),
        "SELECT id FROM tenant.users WHERE role = 'ADMIN' AND deactivated_at IS NULL",
    );
    assert_eq!(left.len(), 1, "{first} {second}");
    let own = demote(acme.admin.clone(), acme.admin.user).await;
    assert!(
        [401, 403, 409].contains(&own),
        "nobody changes their own role"
    );
}

/// Tries to use what a sign-out ended: access token and cookie, here and on another instance.
#[actix_web::test]
async fn p42_signing_out_kills_token_and_cookie_everywhere() {
    let app = App::spawn().await;
    let twin = app.twin().await;
    let acme = app.company("Acme").await;
    let there = acme.admin.at(&twin);
    assert_eq!(there.get("/api/me").await.0, 200);
    let out = acme
        .admin
        .request(Method::POST, "/api/auth/sign-out")
        .header("x-requested-with", "tracker");
    assert_eq!(out.send().await.unwrap().status(), 204);
    assert_eq!(acme.admin.get("/api/me").await.0, 401);
    until_refused(&there, "/api/me").await;
    assert_eq!(refresh(&acme.admin).await, 401);
}

async fn sign_in_from(app: &App, address: &str, email: &str, password: &str) -> (u16, Value) {
    let request = app
        .anonymous()
        .request(Method::POST, "/api/auth/sign-in")
        .header("x-forwarded-for", address)
        .json(&json!({ "email": email, "password": password }));
    read(request.send().await.unwrap()).await
}

/// A server behind a proxy of its own, so that tests can come from anywhere.
async fn behind_a_proxy() -> App {
    App::configured(|config| config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()]).await
}

/// Tries to go on after the password was changed: with another browser's token and cookie, and with the agent's.
#[actix_web::test]
async fn p40_no_sign_in_but_the_changing_one_survives_a_new_password() {
    let app = App::spawn().await;
    let twin = app.twin().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let (thief, agent) = (app.sign_in(&ada.email).await, app.agent(&acme, &ada).await);
    let change = json!({ "password": PASSWORD, "new_password": "four words nobody combines" });
    assert_eq!(ada.post("/api/me/password", change).await.0, 204);
    assert_eq!(thief.get("/api/me").await.0, 401);
    until_refused(&thief.at(&twin), "/api/me").await;
    until_refused(&agent.at(&twin), "/api/agent/settings").await;
    assert_eq!(refresh(&thief).await, 401);
    let renewal = json!({ "refresh_token": agent.refresh });
    assert_eq!(agent.post("/api/token/refresh", renewal).await.0, 401);
    assert_eq!(ada.get("/api/me").await.0, 200);
    assert_eq!(refresh(&ada).await, 200);
    let sign_in = |password: &str| {
        let body = json!({ "email": ada.email, "password": password });
        let client = app.anonymous();
        async move { client.post("/api/auth/sign-in", body).await.0 }
    };
    assert_eq!(sign_in(PASSWORD).await, 401);
    assert_eq!(sign_in("four words nobody combines").await, 200);
}

/// Tries to learn from answers, delays included, whether an address has an account.
#[actix_web::test]
async fn p47_sign_in_answers_known_and_unknown_addresses_alike() {
    let app = behind_a_proxy().await;
    let acme = app.company("Acme").await;
    let mut known = Vec::new();
    let mut unknown = Vec::new();
    for _ in 0..8 {
        let wrong = "not the password at all";
        for (answers, email) in [
            (&mut known, acme.admin_email.as_str()),
            (&mut unknown, "nobody@acme.test"),
        ] {
            let (status, mut answer) = sign_in_from(&app, "203.0.113.1", email, wrong).await;
            let answer_map = answer.as_object_mut().unwrap();
            answer_map.remove("request_id");
            // Says the seconds that are left, which the next one asks a moment later.
            answer_map.remove("detail");
            answers.push((status, answer));
            // However slow this machine is today, what waits goes on waiting.
            execute(
                &mut app.copy.admin(),
                "UPDATE auth.throttle SET blocked_until = now() + interval '1 minute' WHERE blocked_until > updated_at",
            );
        }
    }
    assert_eq!(known, unknown);
    assert_eq!((known[0].0, known[7].0), (401, 429));
}

/// Tries to keep the victim out by failing in their name, from one and from many places; then to guess from many.
#[actix_web::test]
async fn p48_strangers_slow_themselves_down_and_not_their_victim() {
    let app = behind_a_proxy().await;
    let acme = app.company("Acme").await;
    let home = "198.51.100.7";
    let right = sign_in_from(&app, home, &acme.admin_email, PASSWORD).await;
    assert_eq!(right.0, 200);
    let mut looked_at = 0;
    let began = std::time::Instant::now();
    for attempt in 0..60 {
        let from = format!("203.0.113.{}", attempt % 20);
        let (status, _) = sign_in_from(&app, &from, &acme.admin_email, "guess guess guess").await;
        looked_at += usize::from(status == 401);
    }
    // Four are free, then each wait is twice as long as the one before: 2, 4, 8 seconds…
    let waited = (1..).take_while(|n| began.elapsed().as_secs() >= 2_u64.pow(n + 1) - 2);
    let most = 5 + waited.count();
    assert!(looked_at <= most, "{looked_at} guesses were looked at");
    let victim = sign_in_from(&app, home, &acme.admin_email, PASSWORD).await;
    assert_eq!(victim.0, 200, "from where they always are");
    let (status, refused) = sign_in_from(&app, "192.0.2.1", &acme.admin_email, PASSWORD).await;
    assert_eq!(
        (status, &refused["code"]),
        (429, &json!("too_many_attempts"))
    );
}

/// Tries one likely password on many accounts from one place.
#[actix_web::test]
async fn p48_spraying_from_one_place_is_slowed_down_and_its_neighbours_are_not() {
    let app = behind_a_proxy().await;
    let acme = app.company("Acme").await;
    let office = "198.51.100.7";
    let before = sign_in_from(&app, office, &acme.admin_email, PASSWORD).await;
    assert_eq!(before.0, 200);
    let mut looked_at = 0;
    for attempt in 0..60 {
        let email = format!("person-{attempt}@acme.test");
        let (status, _) = sign_in_from(&app, office, &email, "Winter2026!Winter").await;
        looked_at += usize::from(status == 401);
    }
    assert!((20..=35).contains(&looked_at), "{looked_at} were looked at");
    let neighbour = sign_in_from(&app, office, &acme.admin_email, PASSWORD).await;
    assert_eq!(neighbour.0, 200, "who was there before");
}

/// Tries many guesses at the same moment, so that none is counted before the others are looked at.
#[actix_web::test]
async fn p48_guesses_at_once_are_counted_like_guesses_in_turn() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let guesses = (0..40).map(|_| {
        let client = app.anonymous();
        let body = json!({ "email": acme.admin_email, "password": "guess guess guess" });
        actix_web::rt::spawn(async move { client.post("/api/auth/sign-in", body).await.0 })
    });
    let mut looked_at = 0;
    for guess in guesses.collect::<Vec<_>>() {
        looked_at += usize::from(guess.await.unwrap() == 401);
    }
    assert!(looked_at <= 5, "{looked_at} were looked at");
}

/// Tries to be somebody else at each attempt by naming another address in a header.
#[actix_web::test]
async fn p61_an_address_in_a_header_is_believed_from_our_proxies_only() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let mut last = 0;
    for attempt in 0..8 {
        let from = format!("203.0.113.{attempt}");
        last = sign_in_from(&app, &from, &acme.admin_email, "guess guess guess")
            .await
            .0;
    }
    assert_eq!(last, 429);
}

async fn ask_for_reset(app: &App, email: &str) {
    let ask = json!({ "email": email });
    assert_eq!(app.anonymous().post("/api/auth/reset", ask).await.0, 202);
}

/// The tokens of the links to a new password that were mailed to somebody.
async fn reset_tokens(app: &App, email: &str, wanted: usize) -> Vec<String> {
    let mails = app.mails(email, "/reset/", wanted).await;
    let path = |mail: &String| crate::mail::link(app, mail).to_owned();
    let paths = mails.iter().map(path);
    paths
        .map(|path| path.strip_prefix("/reset/").unwrap().to_owned())
        .collect()
}

async fn reset(app: &App, token: &str, password: &str) -> (u16, Value) {
    let path = format!("/api/reset/{token}");
    app.anonymous()
        .post(&path, json!({ "password": password }))
        .await
}

/// Tries a link to a new password twice, late, after a newer one was used, as an invitation, and with the old password.
#[actix_web::test]
async fn p45_a_link_to_a_new_password_works_once_and_in_time() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let agent = app.agent(&acme, &ada).await;
    ask_for_reset(&app, &ada.email).await;
    ask_for_reset(&app, &ada.email).await;
    let tokens = reset_tokens(&app, &ada.email, 2).await;
    let path = format!("/api/reset/{}", tokens[0]);
    for _ in 0..2 {
        let (status, shown) = app.anonymous().get(&path).await;
        assert_eq!(
            (status, &shown["email"]),
            (200, &json!(ada.email)),
            "looking uses nothing up"
        );
    }
    let as_invitation = format!("/api/invitations/{}", tokens[0]);
    assert_eq!(app.anonymous().get(&as_invitation).await.0, 404);
    let accept = json!({ "name": "Mallory", "password": PASSWORD });
    let accept_path = format!("{as_invitation}/accept");
    assert_eq!(app.anonymous().post(&accept_path, accept).await.0, 404);
    let (status, common) = reset(&app, &tokens[0], "passwordpassword").await;
    assert_eq!(
        (status, &common["errors"][0]["code"]),
        (422, &json!("password_common"))
    );
    let response = app
        .anonymous()
        .request(Method::POST, &path)
        .json(&json!({ "password": "four words nobody combines" }))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 204);
    assert!(
        !response.headers().contains_key("set-cookie"),
        "nobody is signed in by it"
    );
    for token in &tokens {
        let (status, used) = reset(&app, token, "another four good words").await;
        assert_eq!((status, &used["code"]), (404, &json!("link_invalid")));
    }
    assert_eq!(ada.get("/api/me").await.0, 401, "every sign-in ended");
    assert_eq!(agent.get("/api/agent/settings").await.0, 401);
    let sign_in = json!({ "email": ada.email, "password": PASSWORD });
    assert_eq!(
        app.anonymous().post("/api/auth/sign-in", sign_in).await.0,
        401
    );
    ask_for_reset(&app, &ada.email).await;
    let third = reset_tokens(&app, &ada.email, 3).await.pop().unwrap();
    crate::feed::execute(
        &mut app.copy.admin(),
        "UPDATE auth.one_time_tokens SET expires_at = now() - interval '1 second' WHERE used_at IS NULL",
    );
    assert_eq!(
        reset(&app, &third, "another four good words").await.0,
        404,
        "too late"
    );
}

/// Tries to keep a link good that was asked for before the person changed the password themselves, or was disabled.
#[actix_web::test]
async fn p45_a_link_dies_with_a_changed_password_and_a_disabled_account() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    ask_for_reset(&app, &ada.email).await;
    let first = reset_tokens(&app, &ada.email, 1).await.remove(0);
    let change = json!({ "password": PASSWORD, "new_password": "four words nobody combines" });
    assert_eq!(ada.post("/api/me/password", change).await.0, 204);
    assert_eq!(reset(&app, &first, "another four good words").await.0, 404);
    ask_for_reset(&app, &ada.email).await;
    let second = reset_tokens(&app, &ada.email, 2).await.remove(1);
    let path = format!("/api/employees/{}/deactivate", ada.user);
    assert_eq!(acme.admin.post(&path, json!({})).await.0, 200);
    assert_eq!(reset(&app, &second, "another four good words").await.0, 404);
}

/// Tries to have the link in the mail lead to a host of the attacker's.
#[actix_web::test]
async fn p45_the_host_of_a_link_is_the_configured_one() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let request = app
        .anonymous()
        .request(Method::POST, "/api/auth/reset")
        .header("host", "evil.test")
        .header("x-forwarded-host", "evil.test")
        .header("forwarded", "host=evil.test")
        .json(&json!({ "email": ada.email }));
    assert_eq!(request.send().await.unwrap().status(), 202);
    // `link` insists on PUBLIC_URL.
    reset_tokens(&app, &ada.email, 1).await;
    let mails = app.mails(&ada.email, "/reset/", 1).await;
    assert!(!mails.concat().contains("evil"));
}

/// Tries to learn from asking for a new password whether an address has an account, and to fill its mailbox.
#[actix_web::test]
async fn p47_asking_for_a_new_password_tells_nothing() {
    let app = behind_a_proxy().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let ask = async |email: &str, from: &str| {
        let request = app
            .anonymous()
            .request(Method::POST, "/api/auth/reset")
            .header("x-forwarded-for", from)
            .json(&json!({ "email": email }));
        let response = request.send().await.unwrap();
        let mut headers: Vec<String> = response.headers().keys().map(|k| k.to_string()).collect();
        headers.sort();
        (
            response.status().as_u16(),
            headers,
            response.text().await.unwrap().len(),
        )
    };
    let mut answers = Vec::new();
    for _ in 0..6 {
        let known = ask(&ada.email, "203.0.113.1").await;
        assert_eq!(known, ask("nobody@acme.test", "203.0.113.1").await);
        answers.push(known.0);
    }
    assert_eq!(answers[..5], [202; 5]);
    assert_eq!(answers[5], 429);
    for from in 2..9 {
        ask(&ada.email, &format!("203.0.113.{from}")).await;
    }
    let wrote = rows(
        &mut app.copy.admin(),
        "SELECT email = 'nobody@acme.test' AS nobody, count(*) FROM auth.reset_requests GROUP BY 1 ORDER BY 1",
    );
    assert_eq!(wrote[1], json!({ "nobody": true, "count": 5 }));
    assert_eq!(wrote[0], json!({ "nobody": false, "count": 12 }));
    reset_tokens(&app, &ada.email, 5).await;
    let waiting =
        "SELECT id FROM platform.jobs WHERE kind = 'mail' AND state IN ('queued', 'running')";
    for _ in 0..2000 {
        if rows(&mut app.copy.admin(), waiting).is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    let links = "SELECT id FROM auth.one_time_tokens WHERE kind = 'reset'";
    let sent = rows(&mut app.copy.admin(), links).len();
    assert!((5..=6).contains(&sent), "{sent} links within the hour");
}

/// Tries a code a second time, an older one, many at once, and to sign in past the code by other doors.
#[actix_web::test]
async fn p43_a_code_is_good_once_and_asked_for_at_every_door() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let (authenticator, _) = switch_on(&app, &ada).await;
    let code = authenticator.code(0);
    assert_eq!(sign_in(&app, &ada.email, Some(&code)).await, is(200, ""));
    assert_eq!(
        sign_in(&app, &ada.email, Some(&code)).await,
        is(403, "code_wrong")
    );
    let older = authenticator.code(-1);
    assert_eq!(
        sign_in(&app, &ada.email, Some(&older)).await,
        is(403, "code_wrong")
    );
    let agent = app.anonymous().with_key(&acme.key);
    let device = json!({ "id": uuid::Uuid::now_v7(), "name": "desk", "os": "Debian", "agent_version": "0.1.0" });
    let mut login = json!({ "email": ada.email, "password": PASSWORD, "device": device });
    let (status, refused) = agent.post("/api/login", login.clone()).await;
    assert_eq!(
        (status, &refused["code"]),
        (403, &json!("code_required")),
        "agents too"
    );
    login["code"] = json!(authenticator.code(1));
    assert_eq!(agent.post("/api/login", login).await.0, 200);
}

/// Tries codes one after the other and all at once: a right one among them must not be found by number.
#[actix_web::test]
async fn p43_guessing_codes_is_slowed_down_whoever_guesses_at_once() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let (authenticator, _) = switch_on(&app, &ada).await;
    let wrong = authenticator.wrong();
    let guesses = (0..30).map(|_| {
        let (client, email, code) = (app.anonymous(), ada.email.clone(), wrong.clone());
        let body = json!({ "email": email, "password": PASSWORD, "code": code });
        actix_web::rt::spawn(async move { client.post("/api/auth/sign-in", body).await.0 })
    });
    let mut looked_at = 0;
    for guess in guesses.collect::<Vec<_>>() {
        looked_at += usize::from(guess.await.unwrap() == 403);
    }
    // Five, and one more each time that a wait of 2, 4, … seconds is over.
    assert!((5..=8).contains(&looked_at), "{looked_at} were looked at");
    crate::feed::execute(
        &mut app.copy.admin(),
        "UPDATE auth.throttle SET blocked_until = now() + interval '1 minute' WHERE key LIKE 'code %'",
    );
    let right = authenticator.code(0);
    assert_eq!(
        sign_in(&app, &ada.email, Some(&right)).await,
        is(429, "too_many_attempts")
    );
}

/// Tries to get past the code by a new password: the mailbox is not the second factor.
#[actix_web::test]
async fn p43_a_new_password_does_not_switch_two_factor_off() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let (authenticator, _) = switch_on(&app, &ada).await;
    ask_for_reset(&app, &ada.email).await;
    let token = reset_tokens(&app, &ada.email, 1).await.remove(0);
    assert_eq!(reset(&app, &token, PASSWORD).await.0, 204);
    assert_eq!(
        sign_in(&app, &ada.email, None).await,
        is(403, "code_required")
    );
    let code = authenticator.code(0);
    assert_eq!(sign_in(&app, &ada.email, Some(&code)).await, is(200, ""));
}

/// Tries what needs the password again with the password alone, from a browser left open by somebody with two-factor.
#[actix_web::test]
async fn p43_a_step_up_asks_for_the_code_too() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let (admins, _) = switch_on(&app, &acme.admin).await;
    let company = format!("/api/owner/companies/{}", acme.id);
    let (reveal, rotate) = (
        format!("{company}/reveal-key"),
        format!("{company}/rotate-key"),
    );
    let role = format!("/api/employees/{}/change-role", ada.user);
    let doors = [
        (&acme.admin, "/api/company-key/reveal", json!({})),
        (&acme.admin, role.as_str(), json!({ "role": "ADMIN" })),
        (
            &acme.admin,
            "/api/api-tokens",
            json!({ "name": "x", "scopes": ["employees:read"], "expires_in_days": 1 }),
        ),
        (
            &acme.admin,
            "/api/me/password",
            json!({ "new_password": "four words nobody combines" }),
        ),
        (&acme.owner, reveal.as_str(), json!({})),
        (
            &acme.owner,
            rotate.as_str(),
            json!({ "grace_days": 1, "reason": "leaked" }),
        ),
    ];
    for (client, path, mut body) in doors {
        body["password"] = json!(PASSWORD);
        let (status, refused) = client.post(path, body.clone()).await;
        assert_eq!(
            (status, &refused["code"]),
            (403, &json!("code_required")),
            "{path}"
        );
        body["code"] = json!(admins.wrong());
        let (status, refused) = client.post(path, body).await;
        assert_eq!(
            (status, &refused["code"]),
            (403, &json!("code_wrong")),
            "{path}"
        );
    }
    let with_code = |code: String| json!({ "password": PASSWORD, "code": code });
    crate::feed::execute(&mut app.copy.admin(), "DELETE FROM auth.throttle");
    let revealed = acme
        .admin
        .post("/api/company-key/reveal", with_code(admins.code(0)))
        .await;
    assert_eq!(revealed.0, 200, "{}", revealed.1);
    assert_eq!(
        acme.owner
            .post(&reveal, acme.owner.step_up(json!({})))
            .await
            .0,
        200
    );
}

/// Tries a recovery code twice, and eight times at the same moment.
#[actix_web::test]
async fn p44_a_recovery_code_is_good_once() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let (_, codes) = switch_on(&app, &ada).await;
    let typed = codes[0].replace('-', " ").to_uppercase();
    assert_eq!(sign_in(&app, &ada.email, Some(&typed)).await, is(200, ""));
    assert_eq!(
        sign_in(&app, &ada.email, Some(&codes[0])).await,
        is(403, "code_wrong")
    );
    app.mails(&ada.email, "A recovery code was used", 1).await;
    let body = json!({ "email": ada.email, "password": PASSWORD, "code": codes[1] });
    let tries = (0..8).map(|_| {
        let (client, body) = (app.anonymous(), body.clone());
        actix_web::rt::spawn(async move { client.post("/api/auth/sign-in", body).await.0 })
    });
    let mut let_in = 0;
    for attempt in tries.collect::<Vec<_>>() {
        let_in += usize::from(attempt.await.unwrap() == 200);
    }
    assert_eq!(let_in, 1);
}
