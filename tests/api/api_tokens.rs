//! Programs that come with an API token: what opens to them, and how soon it closes.

use std::collections::BTreeSet;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use reqwest::Method;
use serde_json::{Value, json};
use tracker::http::api_token::{OPERATIONS, TokenScope};
use tracker::http::openapi;
use tracker::secrets::sha256;
use uuid::Uuid;

use crate::app::{App, Client, Company, PASSWORD, read};
use crate::feed::rows;

fn new(scopes: &[&str], days: i64) -> Value {
    json!({ "name": "Payroll", "scopes": scopes, "expires_in_days": days, "password": PASSWORD })
}

async fn only_token(company: &Company) -> Value {
    let (status, page) = company.admin.get("/api/api-tokens").await;
    assert_eq!(status, 200, "{page}");
    assert_eq!(page["items"].as_array().unwrap().len(), 1, "{page}");
    page["items"][0].clone()
}

async fn revoke(company: &Company, id: &Value) -> (u16, Value) {
    let path = format!("/api/api-tokens/{}", id.as_str().unwrap());
    company.admin.send(Method::DELETE, &path, None).await
}

fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

async fn asks(client: &Client, path: &str) -> (u16, String) {
    let (status, answer) = client.get(path).await;
    (status, answer["code"].as_str().unwrap_or_default().into())
}

#[actix_web::test]
async fn a_token_is_shown_once_and_kept_as_a_hash() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let (status, made) = acme
        .admin
        .post(
            "/api/api-tokens",
            new(&["usage:read", "employees:read", "usage:read"], 90),
        )
        .await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(made["scopes"], json!(["employees:read", "usage:read"]));
    let token = made["token"].as_str().unwrap();
    // The form that docs/integrating.md gives to scanners: ^ept_[0-9A-Za-z]{58}$.
    let body = token.strip_prefix("ept_").unwrap();
    assert_eq!(body.len(), 58);
    assert!(body.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let listed = only_token(&acme).await;
    assert_eq!(listed["prefix"], json!(&token[..12]));
    assert_eq!(
        (&listed["status"], &listed["created_by"]),
        (&json!("active"), &json!("Ada Admin"))
    );
    assert!(!listed.to_string().contains(&token[12..]));
    let stored = rows(
        &mut app.copy.admin(),
        "SELECT encode(token_hash, 'hex') AS hash, t::text AS everything FROM auth.api_tokens t",
    );
    assert_eq!(
        stored[0]["hash"],
        json!(tracker::secrets::hex(&sha256(token.as_bytes())))
    );
    assert!(
        !stored[0]["everything"]
            .as_str()
            .unwrap()
            .contains(&token[12..])
    );
    let audit = rows(
        &mut app.copy.admin(),
        "SELECT detail::text AS detail FROM tenant.audit_entries WHERE action = 'api_token.created'",
    );
    assert_eq!(audit.len(), 1);
    assert!(!audit[0]["detail"].as_str().unwrap().contains(&token[12..]));
}

#[actix_web::test]
async fn making_one_needs_the_password_and_sense() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let refused = async |change: &dyn Fn(&mut Value)| {
        let mut body = new(&["usage:read"], 30);
        change(&mut body);
        let (status, problem) = acme.admin.post("/api/api-tokens", body).await;
        let pointer = problem["errors"][0]["pointer"].as_str().unwrap_or_default();
        (status, pointer.to_owned())
    };
    assert_eq!(
        refused(&|body| body["password"] = json!("not my password")).await,
        (403, String::new())
    );
    for (field, value) in [
        ("scopes", json!([])),
        ("scopes", json!(["usage:write"])),
        ("expires_in_days", json!(0)),
        ("expires_in_days", json!(366)),
        ("name", json!("")),
    ] {
        let (status, pointer) = refused(&|body| body[field] = value.clone()).await;
        assert_eq!(status, 422, "{field} {value}");
        assert!(pointer.starts_with(&format!("/{field}")), "{pointer}");
    }
    let (_, page) = acme.admin.get("/api/api-tokens").await;
    assert_eq!(page["items"], json!([]));
}

/// Each scope on its own opens exactly the operations it is named for, in all of the document.
#[actix_web::test]
async fn a_scope_opens_its_operations_and_nothing_else() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let scopes: BTreeSet<TokenScope> = OPERATIONS.iter().map(|(_, scope)| *scope).collect();
    let mut asked = 0;
    for scope in scopes {
        let program = app.program(&acme, &[scope.name()]).await;
        for (method, path, id) in openapi::operations() {
            let wanted = TokenScope::of_operation(&id);
            let agents = ["company_key_missing", "company_key_invalid"];
            let path = path
                .split('/')
                .map(|part| match part.starts_with('{') {
                    true => Uuid::now_v7().to_string(),
                    false => part.to_owned(),
                })
                .collect::<Vec<_>>()
                .join("/");
            let method: Method = method.parse().unwrap();
            let (status, answer) = program.send(method, &path, Some(json!({}))).await;
            let code = answer["code"].as_str().unwrap_or_default();
            asked += 1;
            match wanted {
                _ if openapi::PUBLIC.contains(&id.as_str()) => {}
                Some(wanted) if wanted == scope => {
                    assert!(![401, 403].contains(&status), "{id}: {answer}");
                }
                Some(wanted) => {
                    assert_eq!((status, code), (403, "scope_missing"), "{id}");
                    let detail = answer["detail"].as_str().unwrap();
                    assert!(detail.contains(wanted.name()), "{detail}");
                }
                None => assert!(
                    (status, code) == (403, "forbidden") || status == 401 && agents.contains(&code),
                    "{id} opened itself to a token: {status} {answer}"
                ),
            }
        }
    }
    assert!(asked > 200, "only {asked} were asked");
}

#[actix_web::test]
async fn a_token_that_is_wrong_old_or_revoked_is_a_strangers() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let program = app.program(&acme, &["usage:read"]).await;
    let path = "/api/usage/today";
    assert_eq!(asks(&program, path).await, is(200, ""));
    let token = program.token.clone().unwrap();
    let mut wrong = token.clone();
    wrong.replace_range(10..11, if &token[10..11] == "a" { "b" } else { "a" });
    for other in [&wrong, &token[..61], "ept_"] {
        let other = program.clone().with_token(other);
        assert_eq!(asks(&other, path).await, is(401, "unauthenticated"));
    }
    app.copy
        .admin()
        .batch_execute("UPDATE auth.api_tokens SET created_at = now() - interval '40 days', expires_at = now() - interval '1 second'")
        .unwrap();
    app.state
        .directory
        .refresh(&app.state.db, acme.id)
        .await
        .unwrap();
    assert_eq!(asks(&program, path).await, is(401, "unauthenticated"));
    assert_eq!(only_token(&acme).await["status"], json!("expired"));
}

#[actix_web::test]
async fn a_revocation_holds_at_once_here_and_soon_on_another_instance() {
    let app = App::spawn().await;
    let twin = app.twin().await;
    let acme = app.company("Acme").await;
    let program = app.program(&acme, &["usage:read"]).await;
    let there = program.at(&twin);
    let path = "/api/usage/today";
    assert_eq!(asks(&there, path).await, is(200, ""), "made elsewhere");
    let id = only_token(&acme).await["id"].clone();
    assert_eq!(revoke(&acme, &id).await.0, 204);
    assert_eq!(asks(&program, path).await, is(401, "unauthenticated"));
    for _ in 0..2000 {
        if asks(&there, path).await == is(401, "unauthenticated") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(asks(&there, path).await, is(401, "unauthenticated"));
    assert_eq!(only_token(&acme).await["status"], json!("revoked"));
    assert_eq!(revoke(&acme, &id).await.0, 204);
    assert_eq!(revoke(&acme, &json!(Uuid::now_v7())).await.0, 404);
    let audit = rows(
        &mut app.copy.admin(),
        "SELECT 1 FROM tenant.audit_entries WHERE action = 'api_token.revoked'",
    );
    assert_eq!(audit.len(), 1, "what changed nothing is not an event");
}

#[actix_web::test]
async fn a_token_ends_with_its_makers_place() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let email = "second@acme.test";
    let (_, invited) = acme
        .admin
        .post(
            "/api/employees",
            json!({ "email": email, "role": "ADMIN", "name": "Second" }),
        )
        .await;
    let link = invited["invitation_url"].as_str().unwrap();
    let accept = format!(
        "/api/invitations/{}/accept",
        link.rsplit('/').next().unwrap()
    );
    app.anonymous()
        .post(&accept, json!({ "name": "Second", "password": PASSWORD }))
        .await;
    let second = app.sign_in(email).await;
    let (_, made) = second
        .post("/api/api-tokens", new(&["usage:read"], 9))
        .await;
    let program = app.anonymous().with_token(made["token"].as_str().unwrap());
    assert_eq!(asks(&program, "/api/usage/today").await, is(200, ""));
    let deactivate = format!("/api/employees/{}/deactivate", second.user);
    assert_eq!(acme.admin.post(&deactivate, json!({})).await.0, 200);
    for _ in 0..2000 {
        if asks(&program, "/api/usage/today").await.0 == 401 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(asks(&program, "/api/usage/today").await.0, 401);
    let reactivate = format!("/api/employees/{}/reactivate", second.user);
    assert_eq!(acme.admin.post(&reactivate, json!({})).await.0, 200);
    app.state
        .directory
        .refresh(&app.state.db, acme.id)
        .await
        .unwrap();
    assert_eq!(
        asks(&program, "/api/usage/today").await.0,
        401,
        "it does not come back with the person"
    );
}

#[actix_web::test]
async fn what_a_program_did_and_saw_says_so() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let eve = app.employee(&acme, "Eve").await;
    let program = app
        .program(&acme, &["employees:write", "timeline:read"])
        .await;
    let look = format!("/api/timeline?user_id={}", eve.user);
    assert_eq!(program.get(&look).await.0, 200);
    let (_, seen) = eve.get("/api/me/access-entries").await;
    assert_eq!(
        seen["items"][0]["viewer_name"],
        json!("Ada Admin, by API token Payroll")
    );
    let deactivate = format!("/api/employees/{}/deactivate", eve.user);
    assert_eq!(program.post(&deactivate, json!({})).await.0, 200);
    let entries = rows(
        &mut app.copy.admin(),
        "SELECT actor, detail->>'by_api_token' AS token, (SELECT id FROM auth.api_tokens) AS id \
         FROM tenant.audit_entries WHERE action = 'employee.deactivated'",
    );
    assert_eq!(entries[0]["actor"], json!(acme.admin_email));
    assert_eq!(entries[0]["token"], entries[0]["id"]);
}

/// A reading scope is held by the database too: its transaction refuses to write.
#[actix_web::test]
async fn a_reading_scope_reads_in_a_transaction_that_cannot_write() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let program = app
        .program(&acme, &["employees:read", "employees:write", "usage:read"])
        .await;
    let mut admin = app.copy.admin();
    // Whoever lists people or sums now tries to write: only a transaction that may, gets through.
    admin
        .batch_execute(
            "CREATE FUNCTION public.writes() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN \
               UPDATE tenant.company_usage SET seats_used = seats_used WHERE company_id = tenant.current_company(); RETURN true; END $$; \
             GRANT USAGE ON SCHEMA public TO tracker_admin; GRANT EXECUTE ON FUNCTION public.writes() TO tracker_admin; \
             DROP POLICY admin_all ON tenant.users; \
             CREATE POLICY admin_all ON tenant.users TO tracker_admin USING (company_id = tenant.current_company() AND public.writes())",
        )
        .unwrap();
    assert_eq!(acme.admin.get("/api/employees").await.0, 200);
    assert_eq!(program.get("/api/employees").await.0, 500);
}

#[actix_web::test]
async fn last_use_is_written_within_the_minute_and_tokens_are_bounded() {
    let app = App::configured(|config| config.job_workers = 1).await;
    let acme = app.company("Acme").await;
    let program = app.program(&acme, &["usage:read"]).await;
    assert_eq!(only_token(&acme).await["last_used_at"], Value::Null);
    assert_eq!(asks(&program, "/api/usage/today").await.0, 200);
    let mut used = Value::Null;
    for _ in 0..2000 {
        used = only_token(&acme).await["last_used_at"].clone();
        if !used.is_null() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(used.is_string(), "a first use is written at once");
    app.copy
        .admin()
        .batch_execute(
            "INSERT INTO auth.api_tokens (id, company_id, token_hash, prefix, name, scopes, created_by, expires_at) \
             SELECT gen_random_uuid(), t.company_id, sha256(n::text::bytea), t.prefix, t.name, t.scopes, t.created_by, t.expires_at \
             FROM auth.api_tokens t, generate_series(1, 49) n",
        )
        .unwrap();
    let (status, problem) = acme
        .admin
        .post("/api/api-tokens", new(&["usage:read"], 9))
        .await;
    assert_eq!(
        (status, &problem["code"]),
        (409, &json!("api_tokens_exhausted"))
    );
}

/// Whoever comes with a token that is not known makes the server ask; it may fail, with the headers of every answer.
#[actix_web::test]
async fn a_token_that_cannot_be_looked_up_is_an_answer_like_every_other() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let program = app.program(&acme, &["employees:read"]).await;
    let (_, tokens) = acme.admin.get("/api/api-tokens").await;
    let id = tokens["items"][0]["id"].as_str().unwrap();
    let revoked = acme
        .admin
        .send(Method::DELETE, &format!("/api/api-tokens/{id}"), None)
        .await;
    assert_eq!(revoked.0, 204);
    let fail = "REVOKE EXECUTE ON FUNCTION auth.company_by_api_token(bytea) FROM tracker_auth";
    app.copy.admin().batch_execute(fail).unwrap();
    let answer = program
        .request(Method::GET, "/api/employees")
        .send()
        .await
        .unwrap();
    for name in ["x-request-id", "content-security-policy", "cache-control"] {
        assert!(answer.headers().contains_key(name), "{name}");
    }
    assert_eq!(read(answer).await.0, 500);
}

#[actix_web::test]
async fn an_inactive_companys_token_reads_and_changes_nothing() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let program = app
        .program(&acme, &["employees:read", "employees:write"])
        .await;
    let suspend = format!("/api/owner/companies/{}/suspend", acme.id);
    acme.owner
        .post(&suspend, json!({ "reason": "unpaid" }))
        .await;
    assert_eq!(asks(&program, "/api/employees").await, is(200, ""));
    let invitation = json!({ "email": "x@acme.test", "role": "EMPLOYEE" });
    let (status, problem) = program.post("/api/employees", invitation).await;
    assert_eq!(
        (status, &problem["code"]),
        (403, &json!("company_suspended"))
    );
}

#[actix_web::test]
async fn a_missing_scope_is_named_in_the_challenge() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let program = app.program(&acme, &["usage:read"]).await;
    let answer = program
        .request(Method::GET, "/api/employees")
        .send()
        .await
        .unwrap();
    let challenge = answer.headers()["www-authenticate"].clone();
    assert_eq!(
        challenge.to_str().unwrap(),
        "Bearer error=\"insufficient_scope\", scope=\"employees:read\""
    );
    assert_eq!(read(answer).await.0, 403);
}
