//! P36 to P38, P66: tokens and keys that look right.

use std::fs;

use chrono::Utc;
use jsonwebtoken::{Algorithm, EncodingKey, Header, decode_header, encode};
use serde_json::{Value, json};

use crate::app::{App, Client, Company};
use crate::feed::execute;

/// The forger knows everything, the signing key included, and may say in a token what they like.
struct Forger {
    key: Vec<u8>,
    header: Header,
    claims: Value,
}

impl Forger {
    fn of(app: &App, company: &Company) -> Self {
        let file = fs::read_to_string(app.state.config.secret_file()).unwrap();
        let digits = file
            .lines()
            .find_map(|line| line.strip_prefix("token_current="))
            .unwrap();
        let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
        let token = company.admin.token.clone().unwrap();
        let claims = jsonwebtoken::dangerous::insecure_decode::<Value>(&token).unwrap();
        Self {
            key: (0..digits.len()).step_by(2).map(byte).collect(),
            header: decode_header(&token).unwrap(),
            claims: claims.claims,
        }
    }

    fn with(&self, header: impl FnOnce(&mut Header), claims: impl FnOnce(&mut Value)) -> String {
        let (mut head, mut body) = (self.header.clone(), self.claims.clone());
        header(&mut head);
        claims(&mut body);
        encode(&head, &body, &EncodingKey::from_secret(&self.key)).unwrap()
    }
}

async fn status(app: &App, token: &str) -> u16 {
    app.anonymous().with_token(token).get("/api/me").await.0
}

/// Signs with another algorithm, names a key that is nobody's, a path, or an address to fetch one from.
#[actix_web::test]
async fn p36_the_header_chooses_how_it_is_checked() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let forger = Forger::of(&app, &acme);
    assert_eq!(
        status(&app, &forger.with(|_| (), |_| ())).await,
        200,
        "the forger can sign"
    );
    type Change = fn(&mut Header);
    let wrong: [(&str, Change); 7] = [
        ("HS384", |head| head.alg = Algorithm::HS384),
        ("HS512", |head| head.alg = Algorithm::HS512),
        ("no kid", |head| head.kid = None),
        ("another kid", |head| head.kid = Some("0".into())),
        ("a path", |head| head.kid = Some("../../dev/null".into())),
        ("a query", |head| head.kid = Some("' OR 1=1 --".into())),
        ("no typ", |head| head.typ = Some("JWT".into())),
    ];
    for (what, change) in wrong {
        assert_eq!(
            status(&app, &forger.with(change, |_| ())).await,
            401,
            "{what}"
        );
    }
    let with_address = forger.with(
        |head| {
            head.kid = None;
            head.jku = Some(format!("{}/keys", app.address));
        },
        |_| (),
    );
    assert_eq!(status(&app, &with_address).await, 401, "jku");
    let (_, rest) = with_address.split_once('.').unwrap();
    let body = rest.split_once('.').unwrap().0;
    // {"alg":"none","typ":"at+jwt"}
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0";
    for unsigned in [
        format!("{none}.{body}."),
        format!("{none}.{body}"),
        format!("{none}.{body}.e30"),
    ] {
        assert_eq!(status(&app, &unsigned).await, 401, "{unsigned}");
    }
}

/// Takes a token of another installation or plane, one for another purpose, and a refresh token as access.
#[actix_web::test]
async fn p37_a_token_for_something_else_is_used() {
    let app = App::spawn().await;
    let elsewhere = App::spawn().await;
    let acme = app.company("Acme").await;
    let forger = Forger::of(&app, &acme);
    let claims = |name: &'static str, value: Value| {
        let token = forger.with(|_| (), |claims| claims[name] = value);
        let app = &app;
        async move { status(app, &token).await }
    };
    for (name, value) in [
        ("iss", json!("staging")),
        ("iss", json!(null)),
        ("aud", json!("agent")),
        ("aud", json!("owner")),
        ("aud", json!("everything")),
        ("sub", json!("admin")),
        ("role", json!("ROOT")),
        ("exp", json!("tomorrow")),
        ("exp", json!(null)),
    ] {
        assert_eq!(claims(name, value.clone()).await, 401, "{name}={value}");
    }
    let there = elsewhere.company("Acme").await;
    assert_eq!(
        status(&app, &there.admin.token.unwrap()).await,
        401,
        "another installation's"
    );
    let agent = app.agent(&acme, &acme.admin).await;
    for other in [
        agent.token.unwrap(),
        agent.refresh.unwrap(),
        acme.key.clone(),
    ] {
        assert_eq!(status(&app, &other).await, 401);
    }
}

/// Uses a token a second after its end, and one from the future.
#[actix_web::test]
async fn p38_a_token_outside_its_time_is_used() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let forger = Forger::of(&app, &acme);
    let ending = |seconds: i64| {
        forger.with(
            |_| (),
            |claims| claims["exp"] = json!(Utc::now().timestamp() + seconds),
        )
    };
    assert_eq!(status(&app, &ending(30)).await, 200);
    assert_eq!(status(&app, &ending(-1)).await, 401);
    execute(
        &mut app.copy.admin(),
        "UPDATE auth.sign_ins SET expires_at = now() - interval '1 second'",
    );
    let renewal = acme
        .admin
        .request(reqwest::Method::POST, "/api/auth/refresh")
        .header("x-requested-with", "tracker");
    assert_eq!(
        renewal.send().await.unwrap().status(),
        401,
        "the sign-in itself is over"
    );
}

/// Looks for the company's key where it might be repeated: errors, answers, addresses.
#[actix_web::test]
async fn p66_the_company_key_is_looked_for_in_answers() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let in_address = format!(
        "/api/agent/settings?company_key={0}&x-company-key={0}",
        acme.key
    );
    let (status, problem) = app.anonymous().get(&in_address).await;
    assert_eq!(
        (status, &problem["code"]),
        (401, &json!("company_key_missing")),
        "an address is no place for it"
    );
    let almost = format!("{}x", acme.key);
    let askers: [Client; 3] = [
        app.anonymous().with_key(&acme.key),
        app.anonymous().with_key(&almost),
        app.agent(&acme, &acme.admin).await,
    ];
    for asker in &askers {
        for path in [
            "/api/agent/settings",
            "/api/agent/nothing",
            "/api/employees",
        ] {
            let answer = asker
                .request(reqwest::Method::GET, path)
                .send()
                .await
                .unwrap();
            let headers = format!("{:?}", answer.headers());
            let text = answer.text().await.unwrap();
            assert!(
                !text.contains(&acme.key) && !headers.contains(&acme.key),
                "{path}"
            );
        }
    }
    for list in [
        "/api/owner/companies",
        &format!("/api/owner/companies/{}", acme.id),
    ] {
        let (_, answer) = acme.owner.get(list).await;
        assert!(!answer.to_string().contains(&acme.key), "{list}");
    }
}
