//! Who asks too much is told to wait: an address, a person, a token, a company, each for itself. Agents are not counted.

use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use crate::app::{App, Client, read};

/// Status, code, and the headers that speak of limits.
async fn ask(client: &Client, path: &str) -> (u16, String, String, String) {
    let answer = client.request(Method::GET, path).send().await.unwrap();
    let header = |name: &str| {
        let value = answer.headers().get(name);
        value.map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
    };
    let (policy, left, wait) = (
        header("ratelimit-policy"),
        header("ratelimit"),
        header("retry-after"),
    );
    let (status, body) = read(answer).await;
    if status == 429 {
        assert_eq!(body["code"], json!("rate_limited"));
        assert!(wait.parse::<u32>().unwrap() >= 1, "{wait}");
    } else {
        assert_eq!(wait, "");
    }
    (status, policy, left, wait)
}

async fn statuses(client: &Client, path: &str, times: usize) -> Vec<u16> {
    let mut all = Vec::new();
    for _ in 0..times {
        all.push(ask(client, path).await.0);
    }
    all
}

#[actix_web::test]
async fn a_person_who_asks_too_much_waits_and_others_do_not() {
    let app = App::configured(|config| config.rate_limit_user = 20).await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let bob = app.employee(&acme, "Bob").await;
    let (status, policy, left, _) = ask(&ada, "/api/me").await;
    assert_eq!((status, policy.as_str()), (200, "\"user\";q=20;w=60"));
    assert_eq!(left, "\"user\";r=19;t=3");
    let asked = statuses(&ada, "/api/usage/today", 21).await;
    assert_eq!(asked[..19], [200; 19]);
    assert!(asked.contains(&429), "{asked:?}");
    assert_eq!(ask(&bob, "/api/usage/today").await.0, 200);
    let (status, policy, left, wait) = ask(&ada, "/api/me").await;
    assert_eq!((status, policy.as_str()), (429, "\"user\";q=20;w=60"));
    assert!(left.starts_with("\"user\";r=0;t="), "{left}");
    tokio::time::sleep(std::time::Duration::from_secs(wait.parse().unwrap())).await;
    assert_eq!(
        ask(&ada, "/api/me").await.0,
        200,
        "who waits as long as told is served"
    );
}

#[actix_web::test]
async fn a_token_has_its_own_limit_and_leaves_its_maker_alone() {
    let app = App::configured(|config| config.rate_limit_token = 5).await;
    let acme = app.company("Acme").await;
    let program = app.program(&acme, &["usage:read"]).await;
    let other = app.program(&acme, &["usage:read"]).await;
    let asked = statuses(&program, "/api/usage/today", 6).await;
    assert_eq!(asked, [200, 200, 200, 200, 200, 429]);
    assert_eq!(ask(&other, "/api/usage/today").await.0, 200);
    assert_eq!(ask(&acme.admin, "/api/usage/today").await.0, 200);
    let (_, policy, _, _) = ask(&acme.admin, "/api/usage/today").await;
    assert_eq!(policy, "", "what is off is not spoken of");
}

#[actix_web::test]
async fn a_company_that_asks_too_much_takes_nothing_from_another() {
    let app = App::configured(|config| config.rate_limit_company = 30).await;
    let (acme, bolt) = (app.company("Acme").await, app.company("Bolt").await);
    let ada = app.employee(&acme, "Ada").await;
    // More than fit, since what is allowed grows again every two seconds.
    let asked = statuses(&ada, "/api/usage/today", 61).await;
    assert!(asked.contains(&429), "{asked:?}");
    assert_eq!(ask(&acme.admin, "/api/usage/today").await.0, 429);
    let (status, _, left, _) = ask(&bolt.admin, "/api/usage/today").await;
    assert_eq!((status, left.as_str()), (200, "\"company\";r=29;t=2"));
    assert_eq!(ask(&acme.owner, "/api/owner/companies").await.0, 200);
}

#[actix_web::test]
async fn an_address_is_counted_whatever_it_claims_to_be() {
    let app = App::configured(|config| {
        config.rate_limit_address = 8;
        config.instances = 2;
    })
    .await;
    let client = app.anonymous();
    let mut asked = Vec::new();
    for number in 0..5 {
        let claimed = format!("198.51.100.{number}");
        let request = client
            .request(Method::GET, "/api/me")
            .header("x-forwarded-for", claimed);
        asked.push(request.send().await.unwrap().status().as_u16());
    }
    assert_eq!(
        asked,
        [401, 401, 401, 401, 429],
        "of two instances each allows half"
    );
    assert_eq!(ask(&client, "/api/nothing").await.0, 429);
    assert_eq!(
        client.get("/health/live").await.0,
        200,
        "who watches the server is not counted"
    );
}

/// With every limit at one request a minute an agent works as ever.
#[actix_web::test]
async fn what_agents_send_is_never_turned_away() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let agent = app.agent(&acme, &acme.admin).await;
    let limited = app
        .twin_configured(|config| {
            config.rate_limit_address = 1;
            config.rate_limit_user = 1;
            config.rate_limit_company = 1;
        })
        .await;
    let agent = agent.at(&limited);
    for _ in 0..40 {
        let (status, answer) = agent
            .post("/api/upload/batch", json!({ "batch_id": Uuid::now_v7() }))
            .await;
        assert_eq!(status, 200, "{answer}");
    }
    assert_eq!(ask(&acme.admin.at(&limited), "/api/me").await.0, 200);
    assert_eq!(ask(&acme.admin.at(&limited), "/api/me").await.0, 429);
}
