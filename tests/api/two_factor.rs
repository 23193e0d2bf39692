//! Two-factor: set up, asked for at sign-in and before what needs the password again, recovered, switched off.

use chrono::Utc;
use serde_json::{Value, json};
use tracker::account::totp;

use crate::app::{App, Client, PASSWORD};
use crate::feed::execute;

/// An authenticator app that holds one account's secret.
pub struct Authenticator(Vec<u8>);

impl Authenticator {
    pub fn read(secret: &str) -> Self {
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let bits = secret.chars().map(|c| letters.find(c).unwrap());
        let bits: String = bits.map(|five| format!("{five:05b}")).collect();
        let bytes = bits.as_bytes().chunks_exact(8);
        let byte = |bits: &[u8]| u8::from_str_radix(std::str::from_utf8(bits).unwrap(), 2).unwrap();
        Self(bytes.map(byte).collect())
    }

    /// The code so many steps from now; each is good once, and none before the last one used.
    pub fn code(&self, steps: i64) -> String {
        totp::code_at(&self.0, Utc::now().timestamp() / 30 + steps)
    }

    /// Six digits that are nothing near now.
    pub fn wrong(&self) -> String {
        let near: Vec<_> = (-3..=3).map(|steps| self.code(steps)).collect();
        let mut codes = [
            "000000", "111111", "222222", "333333", "444444", "555555", "666666", "777777",
        ]
        .iter();
        codes
            .find(|code| !near.contains(&code.to_string()))
            .unwrap()
            .to_string()
    }
}

/// Switches two-factor on, as if that had been a while ago: the code of this half minute is good once more. None but
/// codes of this step and the next are used, which stay good when the step changes on their way.
pub async fn switch_on(app: &App, client: &Client) -> (Authenticator, Vec<String>) {
    let (status, begun) = client
        .post("/api/me/two-factor", json!({ "password": PASSWORD }))
        .await;
    assert_eq!(status, 200, "{begun}");
    let authenticator = Authenticator::read(begun["secret"].as_str().unwrap());
    let confirm = json!({ "code": authenticator.code(0) });
    let (status, on) = client.post("/api/me/two-factor/confirm", confirm).await;
    assert_eq!(status, 200, "{on}");
    let codes = on["recovery_codes"].as_array().unwrap();
    let codes = codes.iter().map(|code| code.as_str().unwrap().to_owned());
    let user = client.user;
    execute(
        &mut app.copy.admin(),
        &format!("UPDATE auth.second_factors SET last_step = 0 WHERE user_id = '{user}'"),
    );
    (authenticator, codes.collect())
}

pub async fn sign_in(app: &App, email: &str, code: Option<&str>) -> (u16, String) {
    let mut body = json!({ "email": email, "password": PASSWORD });
    if let Some(code) = code {
        body["code"] = json!(code);
    }
    let (status, answer) = app.anonymous().post("/api/auth/sign-in", body).await;
    (
        status,
        answer["code"].as_str().unwrap_or_default().to_owned(),
    )
}

pub fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[actix_web::test]
async fn once_confirmed_a_code_is_asked_for_at_sign_in() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let elsewhere = app.sign_in(&ada.email).await;
    let (_, off) = ada.get("/api/me/two-factor").await;
    assert_eq!(
        off,
        json!({ "enabled": false, "required": false, "recovery_codes_left": 0 })
    );
    let wrong = json!({ "password": "not mine" });
    assert_eq!(ada.post("/api/me/two-factor", wrong).await.0, 403);
    let begin = json!({ "password": PASSWORD });
    let (_, begun) = ada.post("/api/me/two-factor", begin).await;
    let uri = begun["otpauth_uri"].as_str().unwrap();
    assert!(uri.starts_with("otpauth://totp/Tracker:ada-"), "{uri}");
    assert_eq!(
        sign_in(&app, &ada.email, None).await,
        is(200, ""),
        "not yet"
    );
    let (authenticator, codes) = switch_on(&app, &ada).await;
    assert_eq!(codes.len(), 10);
    assert_eq!(elsewhere.get("/api/me").await.0, 401, "other sign-ins end");
    assert_eq!(
        sign_in(&app, &ada.email, None).await,
        is(403, "code_required")
    );
    let now = authenticator.code(0);
    assert_eq!(sign_in(&app, &ada.email, Some(&now)).await, is(200, ""));
    let (_, on) = ada.get("/api/me/two-factor").await;
    assert_eq!(
        (&on["enabled"], &on["recovery_codes_left"]),
        (&json!(true), &json!(10))
    );
    let unasked = json!({ "code": authenticator.code(1) });
    let (status, refused) = ada.post("/api/me/two-factor/confirm", unasked).await;
    assert_eq!(
        (status, &refused["code"]),
        (409, &json!("two_factor_not_begun"))
    );
}

#[actix_web::test]
async fn another_app_takes_the_place_of_the_one_before_by_its_first_code() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let (before, codes) = switch_on(&app, &ada).await;
    let begin = json!({ "password": PASSWORD });
    let (status, refused) = ada.post("/api/me/two-factor", begin).await;
    assert_eq!((status, &refused["code"]), (403, &json!("code_required")));
    let begin = json!({ "password": PASSWORD, "code": codes[0] });
    let (status, begun) = ada.post("/api/me/two-factor", begin).await;
    assert_eq!(status, 200, "{begun}");
    let after = Authenticator::read(begun["secret"].as_str().unwrap());
    let now = before.code(0);
    assert_eq!(sign_in(&app, &ada.email, Some(&now)).await, is(200, ""));
    let confirm = json!({ "code": before.code(1) });
    let (status, wrong) = ada.post("/api/me/two-factor/confirm", confirm).await;
    assert_eq!((status, &wrong["code"]), (403, &json!("code_wrong")));
    let first = after.code(0);
    let confirm = json!({ "code": first });
    let (status, on) = ada.post("/api/me/two-factor/confirm", confirm).await;
    assert_eq!(status, 200, "{on}");
    for old in [&before.code(1), &codes[1], &first] {
        assert_eq!(
            sign_in(&app, &ada.email, Some(old)).await,
            is(403, "code_wrong")
        );
    }
    let next = after.code(1);
    assert_eq!(sign_in(&app, &ada.email, Some(&next)).await, is(200, ""));
}

#[actix_web::test]
async fn it_is_switched_off_and_its_codes_replaced_with_password_and_code_only() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let (authenticator, old) = switch_on(&app, &ada).await;
    let ask = async |path: &str, code: Option<String>| -> (u16, Value) {
        let mut body = json!({ "password": PASSWORD });
        if let Some(code) = code {
            body["code"] = json!(code);
        }
        ada.post(&format!("/api/me/two-factor/{path}"), body).await
    };
    for path in ["recovery-codes", "end"] {
        let (status, refused) = ask(path, None).await;
        assert_eq!(
            (status, &refused["code"]),
            (403, &json!("code_required")),
            "{path}"
        );
    }
    let (status, fresh) = ask("recovery-codes", Some(authenticator.code(0))).await;
    assert_eq!(status, 200, "{fresh}");
    assert_eq!(
        sign_in(&app, &ada.email, Some(&old[0])).await,
        is(403, "code_wrong")
    );
    let fresh = fresh["recovery_codes"][0].as_str().unwrap().to_owned();
    assert_eq!(
        ask("end", Some(fresh)).await.0,
        204,
        "a recovery code is enough"
    );
    assert_eq!(sign_in(&app, &ada.email, None).await, is(200, ""));
    let told = app.mails(&ada.email, "switched off", 1).await;
    assert!(told[0].contains("Two-factor was switched off"));
    assert_eq!(ask("end", None).await.0, 409);
}
