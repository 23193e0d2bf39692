//! Signing in, staying in, leaving; links; who I am.

use reqwest::Method;
use serde_json::json;

use crate::app::{App, PASSWORD, read};

const OURS: (&str, &str) = ("x-requested-with", "tracker");

#[actix_web::test]
async fn a_wrong_password_and_an_unknown_address_get_the_same_answer() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let sign_in = |email: String, password: &'static str| {
        let client = app.anonymous();
        async move {
            client
                .post(
                    "/api/auth/sign-in",
                    json!({ "email": email, "password": password }),
                )
                .await
        }
    };
    let (status, mut wrong) = sign_in(acme.admin_email.clone(), "not the password").await;
    assert_eq!(
        (status, &wrong["code"]),
        (401, &json!("credentials_invalid"))
    );
    let (status, mut unknown) = sign_in("nobody@acme.test".into(), "not the password").await;
    assert_eq!(status, 401);
    for answer in [&mut wrong, &mut unknown] {
        answer.as_object_mut().unwrap().remove("request_id");
    }
    assert_eq!(wrong, unknown);
    assert_eq!(
        sign_in(acme.admin_email.to_uppercase(), PASSWORD).await.0,
        200,
        "addresses know no case"
    );
}

#[actix_web::test]
async fn many_failures_make_the_next_attempt_wait() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let attempt = async |password: &str| {
        app.anonymous()
            .post(
                "/api/auth/sign-in",
                json!({ "email": acme.admin_email, "password": password }),
            )
            .await
    };
    for _ in 0..5 {
        assert_eq!(attempt("wrong wrong wrong").await.0, 401);
    }
    let (status, refused) = attempt(PASSWORD).await;
    assert_eq!(
        (status, &refused["code"]),
        (429, &json!("too_many_attempts"))
    );
}

#[actix_web::test]
async fn a_refresh_token_is_replaced_and_its_reuse_ends_the_sign_in() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let refresh = async |cookie: &str| {
        let request = app
            .anonymous()
            .request(Method::POST, "/api/auth/refresh")
            .header(OURS.0, OURS.1);
        let response = request
            .header("cookie", cookie.to_owned())
            .send()
            .await
            .unwrap();
        let next = response
            .headers()
            .get("set-cookie")
            .map(|c| c.to_str().unwrap().split(';').next().unwrap().to_owned());
        (response.status().as_u16(), next.unwrap_or_default())
    };
    let first = first_cookie(&app, &acme.admin_email).await;
    let (status, second) = refresh(&first).await;
    assert_eq!(status, 200);
    assert_ne!(first, second);
    let (status, again) = refresh(&first).await;
    assert_eq!(
        (status, &again),
        (200, &second),
        "two tabs may refresh at once and get the same successor"
    );
    let (status, third) = refresh(&second).await;
    assert_eq!(status, 200);
    assert_eq!(
        refresh(&first).await.0,
        401,
        "a token two generations old ends the family"
    );
    assert_eq!(refresh(&third).await.0, 401, "with its newest token");
}

async fn first_cookie(app: &App, email: &str) -> String {
    let body = json!({ "email": email, "password": PASSWORD });
    let response = app
        .anonymous()
        .request(Method::POST, "/api/auth/sign-in")
        .json(&body)
        .send()
        .await
        .unwrap();
    let cookie = response.headers()["set-cookie"]
        .to_str()
        .unwrap()
        .to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    cookie.split(';').next().unwrap().to_owned()
}

#[actix_web::test]
async fn refresh_and_sign_out_need_our_header_and_our_origin() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let cookie = first_cookie(&app, &acme.admin_email).await;
    let ask = |path: &str| {
        app.anonymous()
            .request(Method::POST, path)
            .header("cookie", &cookie)
    };
    for path in ["/api/auth/refresh", "/api/auth/sign-out"] {
        assert_eq!(
            read(ask(path).send().await.unwrap()).await.0,
            403,
            "without the header"
        );
        let foreign = ask(path)
            .header(OURS.0, OURS.1)
            .header("origin", "https://evil.test");
        let (status, _) = read_any(foreign.send().await.unwrap()).await;
        assert!(
            [400, 403].contains(&status),
            "from another origin: {status}"
        );
    }
    assert_eq!(
        ask("/api/auth/refresh")
            .header(OURS.0, OURS.1)
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
}

async fn read_any(response: reqwest::Response) -> (u16, String) {
    (response.status().as_u16(), response.text().await.unwrap())
}

#[actix_web::test]
async fn signing_out_ends_refresh_and_access_at_once() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    assert_eq!(acme.admin.get("/api/me").await.0, 200);
    let out = acme
        .admin
        .request(Method::POST, "/api/auth/sign-out")
        .header(OURS.0, OURS.1)
        .send()
        .await
        .unwrap();
    assert_eq!(out.status(), 204);
    assert_eq!(acme.admin.get("/api/me").await.0, 401);
    let refresh = acme
        .admin
        .request(Method::POST, "/api/auth/refresh")
        .header(OURS.0, OURS.1)
        .send()
        .await
        .unwrap();
    assert_eq!(refresh.status(), 401);
}

#[actix_web::test]
async fn one_person_in_two_companies_chooses_after_the_password() {
    let app = App::spawn().await;
    let (acme, bolt) = (app.company("Acme").await, app.company("Bolt").await);
    let email = "ada@both.test";
    for company in [&acme, &bolt] {
        let invitation = json!({ "email": email, "name": "Ada", "role": "EMPLOYEE" });
        let (_, invited) = company.admin.post("/api/employees", invitation).await;
        let token = invited["invitation_url"]
            .as_str()
            .unwrap()
            .rsplit('/')
            .next()
            .unwrap()
            .to_owned();
        let accept = json!({ "name": "Ada", "password": PASSWORD });
        assert_eq!(
            app.anonymous()
                .post(&format!("/api/invitations/{token}/accept"), accept)
                .await
                .0,
            201
        );
    }
    let sign_in = json!({ "email": email, "password": PASSWORD });
    let (status, choice) = app.anonymous().post("/api/auth/sign-in", sign_in).await;
    assert_eq!(
        (status, &choice["code"]),
        (409, &json!("company_choice_required"))
    );
    let names: Vec<_> = choice["companies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["name"].as_str().unwrap())
        .collect();
    assert_eq!(names.len(), 2);
    assert!(names.contains(&"Acme") && names.contains(&"Bolt"));
    let (status, wrong) = app
        .anonymous()
        .post(
            "/api/auth/sign-in",
            json!({ "email": email, "password": "x" }),
        )
        .await;
    assert_eq!(
        (status, &wrong["companies"]),
        (401, &json!(null)),
        "no company is named before the password fits"
    );
    let chosen = json!({ "email": email, "password": PASSWORD, "company_id": bolt.id });
    let (status, access) = app.anonymous().post("/api/auth/sign-in", chosen).await;
    assert_eq!((status, &access["company_id"]), (200, &json!(bolt.id)));
}

#[actix_web::test]
async fn a_link_says_what_it_invites_to_and_works_once() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let invitation = json!({ "email": "grace@acme.test", "name": "Grace", "role": "EMPLOYEE" });
    let (_, invited) = acme.admin.post("/api/employees", invitation).await;
    let token = invited["invitation_url"]
        .as_str()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned();
    let path = format!("/api/invitations/{token}");
    let (status, shown) = app.anonymous().get(&path).await;
    assert_eq!(
        (status, &shown["company_name"], &shown["role"]),
        (200, &json!("Acme"), &json!("EMPLOYEE"))
    );
    let accept = async |password: &str| {
        app.anonymous()
            .post(
                &format!("{path}/accept"),
                json!({ "name": "Grace", "password": password }),
            )
            .await
    };
    let (status, short) = accept("too short").await;
    assert_eq!(
        (status, &short["errors"][0]["pointer"]),
        (422, &json!("/password")),
        "{short}"
    );
    assert_eq!(accept(PASSWORD).await.0, 201);
    assert_eq!(accept(PASSWORD).await.0, 404, "used up");
    assert_eq!(app.anonymous().get(&path).await.0, 404);
    assert_eq!(
        app.anonymous().get("/api/invitations/nonsense").await.0,
        404
    );
}

#[actix_web::test]
async fn everybody_learns_who_they_are() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let (_, me) = ada.get("/api/me").await;
    assert_eq!(
        (&me["role"], &me["name"], &me["company"]["name"]),
        (&json!("EMPLOYEE"), &json!("Ada"), &json!("Acme"))
    );
    let (_, me) = acme.owner.get("/api/me").await;
    assert_eq!(
        (&me["role"], &me["company"]),
        (&json!("OWNER"), &json!(null))
    );
    assert_eq!(app.anonymous().get("/api/me").await.0, 401);
}

#[actix_web::test]
async fn a_token_that_was_touched_is_nobodys() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let token = acme.admin.token.clone().unwrap();
    let (head, rest) = token.split_once('.').unwrap();
    let (body, signature) = rest.split_once('.').unwrap();
    // {"alg":"none","typ":"at+jwt"}
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0";
    let flipped: String = signature.chars().rev().collect();
    for bad in [
        format!("{none}.{body}."),
        format!("{none}.{body}.{signature}"),
        format!("{head}.{body}.{flipped}"),
    ] {
        assert_eq!(app.anonymous().with_token(&bad).get("/api/me").await.0, 401);
    }
}
