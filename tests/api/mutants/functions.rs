//! Nets in the functions of schema `auth`: their text is changed on a copy.

use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use reqwest::Method;
use serde_json::json;

use crate::app::{App, Copy, PASSWORD};

pub struct Mutant {
    pub name: &'static str,
    function: &'static str,
    net: &'static str,
    hole: &'static str,
}

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "a refresh token that was used is taken again",
        function: "auth.rotate_sign_in",
        net: "RETURN QUERY SELECT 'reused'::text",
        hole: "RETURN QUERY SELECT 'repeated'::text",
    },
    Mutant {
        name: "a refresh token that was used does not end its family",
        function: "auth.rotate_sign_in",
        net: "PERFORM auth.end_sign_in(p_id, 'token_reused');",
        hole: "",
    },
    Mutant {
        name: "a sign-in that was ended is renewed",
        function: "auth.rotate_sign_in",
        net: "s.ended_at IS NOT NULL",
        hole: "false",
    },
];

#[derive(QueryableByName)]
struct Function {
    #[diesel(sql_type = Text)]
    text: String,
}

pub async fn is_noticed(mutant: &Mutant) -> bool {
    let copy = Arc::new(Copy::make());
    let mut admin = copy.admin();
    let Function { text } = sql_query("SELECT pg_get_functiondef($1::regproc) AS text")
        .bind::<Text, _>(mutant.function)
        .get_result(&mut admin)
        .unwrap();
    assert!(
        text.contains(mutant.net),
        "{} is not as it was: {text}",
        mutant.function
    );
    admin
        .batch_execute(&text.replace(mutant.net, mutant.hole))
        .unwrap();
    !refresh_tokens_are_single(&App::on(copy, |_| {}).await).await
}

/// A token that was replaced twice is refused, the whole sign-in with it, and so is one that was signed out.
async fn refresh_tokens_are_single(app: &App) -> bool {
    let acme = app.company("Acme").await;
    let sign_in = async || {
        let body = json!({ "email": acme.admin_email, "password": PASSWORD });
        cookie(
            app.anonymous()
                .request(Method::POST, "/api/auth/sign-in")
                .json(&body),
        )
        .await
        .1
    };
    let renew = async |with: &str| cookie(post(app, "/api/auth/refresh", with)).await;
    let first = sign_in().await;
    let (_, second) = renew(&first).await;
    let (status, third) = renew(&second).await;
    assert_eq!(status, 200);
    let reused = renew(&first).await.0;
    let family = renew(&third).await.0;
    let gone = sign_in().await;
    post(app, "/api/auth/sign-out", &gone).send().await.unwrap();
    let signed_out = renew(&gone).await.0;
    [reused, family, signed_out] == [401; 3]
}

fn post(app: &App, path: &str, cookie: &str) -> reqwest::RequestBuilder {
    let request = app.anonymous().request(Method::POST, path);
    request
        .header("x-requested-with", "tracker")
        .header("cookie", cookie)
}

async fn cookie(request: reqwest::RequestBuilder) -> (u16, String) {
    let answer = request.send().await.unwrap();
    let set = answer
        .headers()
        .get("set-cookie")
        .map(|value| value.to_str().unwrap().to_owned());
    (
        answer.status().as_u16(),
        set.unwrap_or_default()
            .split(';')
            .next()
            .unwrap_or_default()
            .to_owned(),
    )
}

#[actix_web::test]
async fn refresh_tokens_work_once() {
    assert!(refresh_tokens_are_single(&App::spawn().await).await);
}
