//! Everything that is remembered between requests, each with two companies that nothing but their ids tells apart: the
//! same name, people of the same names and even ids, tokens of the same name. docs/security.md has the list.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{App, Client, Company, read};
use crate::feed::execute;

/// Two companies of one name, each with the same people by id and name. What differs is the e-mail.
async fn twins(app: &App) -> (Company, Company) {
    let (one, two) = (app.company("Acme").await, app.company("Acme").await);
    let mut admin = app.copy.admin();
    for (company, letter) in [(&one, "one"), (&two, "two")] {
        execute(
            &mut admin,
            &format!(
                "INSERT INTO tenant.users (company_id, id, email, name, role) \
                 SELECT '{}', md5('twin' || n)::uuid, n || '@{letter}.test', 'Twin ' || n, 'EMPLOYEE' FROM generate_series(1, 3) n",
                company.id
            ),
        );
    }
    (one, two)
}

fn emails(page: &Value) -> Vec<&str> {
    let items = page["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["email"].as_str().unwrap())
        .collect()
}

async fn post_with_key(client: &Client, path: &str, body: &Value) -> (u16, bool, Value) {
    let request = client
        .request(Method::POST, path)
        .header("idempotency-key", "the-same")
        .json(body);
    let answer = request.send().await.unwrap();
    let replayed = answer.headers().contains_key("idempotency-replayed");
    let (status, body) = read(answer).await;
    (status, replayed, body)
}

/// The directory: companies, their keys and their tokens, loaded one company at a time.
#[actix_web::test]
async fn keys_statuses_and_tokens_are_the_companys_own() {
    let app = App::spawn().await;
    let (one, two) = twins(&app).await;
    let first = app.agent(&one, &one.admin).await;
    let second = app.agent(&two, &two.admin).await;
    let program_one = app.program(&one, &["employees:read"]).await;
    let program_two = app.program(&two, &["employees:read"]).await;
    for (program, own) in [(&program_one, "1@one.test"), (&program_two, "1@two.test")] {
        let (status, page) = program.get("/api/employees").await;
        assert_eq!(status, 200, "{page}");
        assert!(emails(&page).contains(&own), "{page}");
    }
    let settings = "/api/agent/settings";
    let crossed = first.clone().with_key(&two.key);
    assert_eq!(
        crossed.get(settings).await.1["code"],
        json!("company_mismatch")
    );
    // Revoking, suspending and loading anew is about one of them.
    let (_, tokens) = one.admin.get("/api/api-tokens").await;
    let token = tokens["items"][0]["id"].as_str().unwrap();
    let revoke = format!("/api/api-tokens/{token}");
    assert_eq!(two.admin.send(Method::DELETE, &revoke, None).await.0, 404);
    assert_eq!(program_one.get("/api/employees").await.0, 200);
    assert_eq!(one.admin.send(Method::DELETE, &revoke, None).await.0, 204);
    assert_eq!(program_one.get("/api/employees").await.0, 401);
    assert_eq!(program_two.get("/api/employees").await.0, 200);
    let suspend = format!("/api/owner/companies/{}/suspend", one.id);
    one.owner
        .post(&suspend, json!({ "reason": "unpaid" }))
        .await;
    assert_eq!(
        first.get(settings).await.1["code"],
        json!("company_suspended")
    );
    assert_eq!(second.get(settings).await.0, 200);
    assert_eq!(
        two.admin.get("/api/me").await.1["company"]["status"],
        json!("TRIAL")
    );
    app.state
        .db
        .auth_blocking(|conn| app.state.directory.load(conn, None))
        .unwrap();
    assert_eq!(second.get(settings).await.0, 200);
    assert_eq!(program_two.get("/api/employees").await.0, 200);
}

/// A cursor holds a position and a signature over the list, which names company and filters.
#[actix_web::test]
async fn a_cursor_is_good_in_its_company_and_list_only() {
    let app = App::spawn().await;
    let (one, two) = twins(&app).await;
    let (_, page) = one.admin.get("/api/employees?limit=2").await;
    let cursor = page["next_cursor"].as_str().unwrap();
    let next = format!("/api/employees?limit=2&cursor={cursor}");
    assert_eq!(one.admin.get(&next).await.0, 200);
    for (client, path) in [
        (&two.admin, next.clone()),
        (&one.admin, format!("{next}&status=active")),
        (&one.admin, format!("/api/api-tokens?cursor={cursor}")),
    ] {
        let (status, problem) = client.get(&path).await;
        assert_eq!(
            (status, &problem["code"]),
            (400, &json!("cursor_invalid")),
            "{path}"
        );
    }
}

/// The store of answers: by company, by person or token, by operation.
#[actix_web::test]
async fn a_kept_answer_is_given_to_nobody_else() {
    let app = App::spawn().await;
    let (one, two) = twins(&app).await;
    let path = "/api/employees";
    let body = json!({ "email": "new@same.test", "name": "New", "role": "EMPLOYEE" });
    let (status, replayed, first) = post_with_key(&one.admin, path, &body).await;
    assert_eq!((status, replayed), (201, false), "{first}");
    let (status, replayed, second) = post_with_key(&two.admin, path, &body).await;
    assert_eq!((status, replayed), (201, false), "{second}");
    assert_ne!(first["id"], second["id"]);
    // Even a row that names the other company's admin as the actor is not theirs.
    let mut admin = app.copy.admin();
    execute(
        &mut admin,
        &format!(
            "DELETE FROM tenant.idempotency_keys WHERE company_id = '{}'",
            two.id
        ),
    );
    execute(
        &mut admin,
        &format!(
            "UPDATE tenant.idempotency_keys SET actor_id = '{}' WHERE company_id = '{}'",
            two.admin.user, one.id
        ),
    );
    let again = post_with_key(&two.admin, path, &body).await;
    assert_eq!(
        (again.0, again.1),
        (409, false),
        "it meets its own invitation: {}",
        again.2
    );
    // A program does not get what its maker was answered.
    let program = app.program(&one, &["employees:write"]).await;
    let other = json!({ "email": "other@same.test", "role": "EMPLOYEE" });
    let (status, _, made) = post_with_key(&one.admin, path, &other).await;
    assert_eq!(status, 201, "{made}");
    let (status, replayed, _) = post_with_key(&program, path, &other).await;
    assert_eq!((status, replayed), (409, false));
}

/// The limits: in company one everything is used up, by a person, by a program and as a whole.
#[actix_web::test]
async fn what_one_company_used_up_the_other_has() {
    let app = App::configured(|config| {
        config.rate_limit_user = 100;
        config.rate_limit_token = 5;
        config.rate_limit_company = 20;
    })
    .await;
    let (one, two) = twins(&app).await;
    let program_one = app.program(&one, &["employees:read"]).await;
    let program_two = app.program(&two, &["employees:read"]).await;
    let mut last = 200;
    for _ in 0..6 {
        last = program_one.get("/api/employees").await.0;
    }
    assert_eq!(last, 429);
    assert_eq!(program_two.get("/api/employees").await.0, 200);
    for _ in 0..25 {
        last = one.admin.get("/api/employees").await.0;
    }
    assert_eq!(last, 429);
    assert_eq!(two.admin.get("/api/employees").await.0, 200);
    assert_eq!(program_two.get("/api/employees").await.0, 200);
}

/// Tags are of an answer's bytes: whoever names the other company's is answered with their own list.
#[actix_web::test]
async fn a_tag_saves_the_same_answer_and_never_shows_another() {
    let app = App::spawn().await;
    let (one, two) = twins(&app).await;
    let ask = async |client: &Client, path: &str, known: &str| {
        let answer = client
            .request(Method::GET, path)
            .header("if-none-match", known)
            .send()
            .await
            .unwrap();
        let tag = answer.headers()["etag"].to_str().unwrap().to_owned();
        let status = answer.status().as_u16();
        (status, tag, answer.text().await.unwrap())
    };
    let path = "/api/employees";
    let (status, tag, body) = ask(&one.admin, path, "\"unknown\"").await;
    assert_eq!(status, 200);
    assert!(body.contains("1@one.test"));
    let listed = format!("\"a\", {tag}");
    assert_eq!(
        ask(&one.admin, path, &listed).await,
        (304, tag.clone(), String::new())
    );
    let (status, other, body) = ask(&two.admin, path, &tag).await;
    assert_eq!(status, 200);
    assert_ne!(other, tag);
    assert!(
        body.contains("1@two.test") && !body.contains("@one.test"),
        "{body}"
    );
    let invitation = json!({ "email": "new@one.test", "role": "EMPLOYEE" });
    one.admin.post(path, invitation).await;
    assert_eq!(ask(&one.admin, path, &tag).await.0, 200, "it has changed");
    // Of people with the same id in both: each company's own, and no tag where nothing is shown.
    let twin = format!("{path}/{}", twin_id(&app));
    let (_, tag_one, _) = ask(&one.admin, &twin, "\"\"").await;
    let (status, tag_two, body) = ask(&two.admin, &twin, &tag_one).await;
    assert_eq!(status, 200);
    assert_ne!(tag_one, tag_two);
    assert!(body.contains("1@two.test"), "{body}");
    let foreign = format!("{path}/{}", one.admin.user);
    let answer = two
        .admin
        .request(Method::GET, &foreign)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 404);
    assert!(!answer.headers().contains_key("etag"));
}

fn twin_id(app: &App) -> Uuid {
    let rows = crate::feed::rows(&mut app.copy.admin(), "SELECT md5('twin1')::uuid AS id");
    rows[0]["id"].as_str().unwrap().parse().unwrap()
}
