//! What people do to their own accounts is written down: once, where it belongs, exactly when it is done.

use diesel::connection::SimpleConnection;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::{App, Client, PASSWORD};
use crate::feed::{at, execute, rows, settle};
use crate::mail::link;
use crate::two_factor::{Authenticator, switch_on};

const NEW_PASSWORD: &str = "four words nobody combines";
const NEWER_PASSWORD: &str = "another four good words";

/// Whoever does something to an account, and what is said to nobody afterwards.
struct Person {
    client: Client,
    email: String,
    secrets: Vec<String>,
    /// Action and detail of each change so far.
    done: Vec<(&'static str, Value)>,
}

impl Person {
    fn new(client: Client, email: &str) -> Self {
        let secrets = [PASSWORD, NEW_PASSWORD, NEWER_PASSWORD].map(str::to_owned);
        Self {
            client,
            email: email.to_owned(),
            secrets: secrets.to_vec(),
            done: Vec::new(),
        }
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.client.post(path, body).await;
        assert!(status < 300, "{path}: {status} {answer}");
        answer
    }

    fn keep(&mut self, codes: &Value) -> Vec<String> {
        let codes = codes["recovery_codes"].as_array().unwrap();
        let codes: Vec<String> = codes
            .iter()
            .map(|code| code.as_str().unwrap().to_owned())
            .collect();
        self.secrets.extend(codes.clone());
        codes
    }

    /// A second sign-in, by a recovery code.
    async fn sign_in_elsewhere(&mut self, app: &App, password: &str, code: &str) -> Uuid {
        app.sign_in_with(&self.email, password, Some(code)).await;
        self.done.push(("recovery_code_used", json!({})));
        let (_, list) = self.client.get("/api/me/sign-ins").await;
        let items = list["items"].as_array().unwrap();
        let newest = items
            .iter()
            .filter(|item| item["current"] == json!(false))
            .max_by_key(|item| at(item["created_at"].as_str().unwrap()));
        newest.unwrap()["id"].as_str().unwrap().parse().unwrap()
    }

    /// Does everything there is to do.
    async fn do_it_all(&mut self, app: &App) {
        let (phone, codes) = switch_on(app, &self.client).await;
        self.secrets.extend(codes.clone());
        self.done
            .push(("two_factor_set_up", json!({ "sign_ins": 0 })));
        self.client.renew().await;
        self.sign_in_elsewhere(app, PASSWORD, &codes[0]).await;
        let renew = json!({ "password": PASSWORD, "code": phone.code(0) });
        let codes = self.post("/api/me/two-factor/recovery-codes", renew).await;
        self.keep(&codes);
        self.done.push(("recovery_codes_replaced", json!({})));

        let begin = json!({ "password": PASSWORD, "code": phone.code(1) });
        let begun = self.post("/api/me/two-factor", begin).await;
        let secret = begun["secret"].as_str().unwrap().to_owned();
        let other_phone = Authenticator::read(&secret);
        self.secrets.push(secret);
        let confirm = json!({ "code": other_phone.code(0) });
        let codes = self.post("/api/me/two-factor/confirm", confirm).await;
        let codes = self.keep(&codes);
        self.done
            .push(("two_factor_moved", json!({ "sign_ins": 1 })));

        let change =
            json!({ "password": PASSWORD, "code": codes[0], "new_password": NEW_PASSWORD });
        self.post("/api/me/password", change).await;
        self.done.push(("recovery_code_used", json!({})));
        self.done
            .push(("password_changed", json!({ "sign_ins": 0 })));

        let sign_in = self.sign_in_elsewhere(app, NEW_PASSWORD, &codes[1]).await;
        let path = format!("/api/me/sign-ins/{sign_in}");
        let (status, _) = self.client.send(Method::DELETE, &path, None).await;
        assert_eq!(status, 204);
        let detail = json!({ "sign_ins": 1, "sign_in_id": sign_in });
        self.done.push(("sign_ins_ended", detail));
        for code in &codes[2..4] {
            self.sign_in_elsewhere(app, NEW_PASSWORD, code).await;
        }
        let path = "/api/me/sign-ins";
        let (status, _) = self.client.send(Method::DELETE, path, None).await;
        assert_eq!(status, 200);
        self.done.push(("sign_ins_ended", json!({ "sign_ins": 2 })));
    }

    async fn switch_off(&mut self, app: &App) {
        let renew = json!({ "password": NEW_PASSWORD });
        let user = self.client.user;
        // As if a code of the app were at hand.
        execute(
            &mut app.copy.admin(),
            &format!("DELETE FROM auth.second_factors WHERE user_id = '{user}'"),
        );
        let begun = self.post("/api/me/two-factor", renew).await;
        let phone = Authenticator::read(begun["secret"].as_str().unwrap());
        self.post(
            "/api/me/two-factor/confirm",
            json!({ "code": phone.code(0) }),
        )
        .await;
        self.done
            .push(("two_factor_set_up", json!({ "sign_ins": 0 })));
        let end = json!({ "password": NEW_PASSWORD, "code": phone.code(1) });
        self.post("/api/me/two-factor/end", end).await;
        self.done.push(("two_factor_ended", json!({})));
    }

    async fn reset(&mut self, app: &App) {
        let token = ask_for_reset(app, &self.email).await;
        let path = format!("/api/reset/{token}");
        self.secrets.push(token);
        self.post(&path, json!({ "password": NEWER_PASSWORD }))
            .await;
        self.done.push(("password_reset", json!({ "sign_ins": 1 })));
    }

    /// The entries are those of what was done, in that order.
    fn assert_written(&self, entries: &[Value]) {
        let written: Vec<_> = entries
            .iter()
            .map(|entry| (entry["action"].as_str().unwrap(), &entry["detail"]))
            .collect();
        let actions = self
            .done
            .iter()
            .map(|(action, _)| format!("account.{action}"));
        let actions: Vec<String> = actions.collect();
        let details = self.done.iter().map(|(_, detail)| detail);
        let done: Vec<_> = actions.iter().map(String::as_str).zip(details).collect();
        assert_eq!(written, done);
        for entry in entries {
            assert_eq!(entry["actor_id"], json!(self.client.user), "{entry}");
            assert_eq!(entry["actor"], json!(self.email), "{entry}");
            assert!(entry["request_id"].is_string(), "{entry}");
            let text = entry.to_string();
            for secret in &self.secrets {
                assert!(!text.contains(secret.as_str()), "{secret} in {text}");
            }
        }
    }
}

async fn ask_for_reset(app: &App, email: &str) -> String {
    let ask = json!({ "email": email });
    assert_eq!(app.anonymous().post("/api/auth/reset", ask).await.0, 202);
    settle(app);
    let mails = app.mails(email, "/reset/", 1).await;
    let path = link(app, &mails[0]);
    path.strip_prefix("/reset/").unwrap().to_owned()
}

const OWN: &str = "action LIKE 'account.%' ORDER BY at, id";

#[actix_web::test]
async fn what_people_do_to_their_accounts_is_written_down_in_their_company() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let (acme, bolt) = (app.company("Acme").await, app.company("Bolt").await);
    let mut ada = app.employee(&acme, "Ada").await;
    ada.renew().await;
    let email = ada.email.clone();
    let mut ada = Person::new(ada, &email);
    ada.do_it_all(&app).await;
    ada.switch_off(&app).await;
    let admin = &mut app.copy.admin();
    let payloads = "SELECT payload FROM platform.jobs WHERE kind = 'audit'";
    let payloads = json!(rows(admin, payloads)).to_string();
    for secret in &ada.secrets {
        assert!(
            !payloads.contains(secret.as_str()),
            "{secret} waits in the queue"
        );
    }
    let unworked = rows(admin, "SELECT now()");
    let unworked = at(unworked[0]["now"].as_str().unwrap());
    ada.reset(&app).await;
    for _ in 0..2 {
        settle(&app);
        let undone = rows(
            admin,
            "SELECT state, error FROM platform.jobs WHERE kind = 'audit' AND state <> 'done'",
        );
        assert!(undone.is_empty(), "{undone:?}");
        let own = rows(
            admin,
            &format!("SELECT * FROM tenant.audit_entries WHERE {OWN}"),
        );
        ada.assert_written(&own);
        assert!(
            own.iter()
                .all(|entry| entry["company_id"] == json!(acme.id))
        );
        let (last, others) = own.split_last().unwrap();
        let time = |entry: &Value| at(entry["at"].as_str().unwrap());
        assert!(
            others.iter().all(|entry| time(entry) < unworked),
            "{others:?}"
        );
        assert!(time(last) > unworked);
        // A worker that died after its work is followed by another one.
        execute(
            admin,
            "UPDATE platform.jobs SET state = 'queued' WHERE kind = 'audit'",
        );
    }
    let owners = format!("SELECT 1 FROM platform.audit_entries WHERE {OWN}");
    assert!(rows(admin, &owners).is_empty());

    let mut web = app.copy.as_role("tracker_web");
    let mut sees = |company: Uuid| {
        let begin = format!(
            "BEGIN; SET LOCAL ROLE tracker_admin; SET LOCAL app.company_id = '{company}'; SET LOCAL app.user_id = '{}'",
            Uuid::nil()
        );
        web.batch_execute(&begin).unwrap();
        let seen = rows(
            &mut web,
            &format!("SELECT 1 FROM tenant.audit_entries WHERE {OWN}"),
        );
        web.batch_execute("ROLLBACK").unwrap();
        seen.len()
    };
    assert_eq!((sees(acme.id), sees(bolt.id)), (ada.done.len(), 0));
}

#[actix_web::test]
async fn what_owners_do_to_their_accounts_is_written_down_on_the_platform() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let email = app.owner_without_two_factor().await;
    let mut owner = Person::new(app.sign_in(&email).await, &email);
    owner.do_it_all(&app).await;
    owner.reset(&app).await;
    settle(&app);
    let admin = &mut app.copy.admin();
    let own = rows(
        admin,
        &format!("SELECT * FROM platform.audit_entries WHERE {OWN}"),
    );
    owner.assert_written(&own);
    assert!(
        own.iter()
            .all(|entry| entry["company_id"] == json!(Uuid::nil()))
    );
    let companies = format!("SELECT 1 FROM tenant.audit_entries WHERE {OWN}");
    assert!(rows(admin, &companies).is_empty());
}

#[actix_web::test]
async fn what_was_refused_is_not_written_down() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let (phone, _) = switch_on(&app, &ada).await;
    let bob = app.employee(&acme, "Bob").await;
    let with = |password: &str, code: Option<String>| json!({ "password": password, "code": code });
    for (client, path, body, status) in [
        (
            &bob,
            "/api/me/password",
            json!({ "password": "not mine", "new_password": NEW_PASSWORD }),
            403,
        ),
        (
            &bob,
            "/api/me/password",
            json!({ "password": PASSWORD, "new_password": "passwordpassword" }),
            422,
        ),
        (
            &bob,
            "/api/me/two-factor/confirm",
            json!({ "code": "123456" }),
            409,
        ),
        (
            &bob,
            "/api/me/two-factor/recovery-codes",
            with(PASSWORD, None),
            409,
        ),
        (&bob, "/api/me/two-factor/end", with(PASSWORD, None), 409),
        (
            &ada,
            "/api/me/two-factor/recovery-codes",
            with(PASSWORD, Some(phone.wrong())),
            403,
        ),
        (
            &ada,
            "/api/me/two-factor/end",
            with(PASSWORD, Some("no-recovery-code-of-mine".into())),
            403,
        ),
        (
            &bob,
            "/api/reset/nobodys",
            json!({ "password": NEW_PASSWORD }),
            404,
        ),
    ] {
        let answer = client.post(path, body).await;
        assert_eq!(answer.0, status, "{path} {}", answer.1);
    }
    let (_, adas) = ada.get("/api/me/sign-ins").await;
    let path = format!(
        "/api/me/sign-ins/{}",
        adas["items"][0]["id"].as_str().unwrap()
    );
    assert_eq!(bob.send(Method::DELETE, &path, None).await.0, 404);
    let none = bob.send(Method::DELETE, "/api/me/sign-ins", None).await;
    assert_eq!(none, (200, json!({ "ended": 0 })));
    settle(&app);
    let written = rows(
        &mut app.copy.admin(),
        "SELECT action FROM tenant.audit_entries WHERE action LIKE 'account.%'",
    );
    assert_eq!(written, [json!({ "action": "account.two_factor_set_up" })]);
}

/// Refuses the entry as it is written.
const NO_ENTRY: &str = "CREATE TRIGGER refuse BEFORE INSERT ON platform.jobs FOR EACH ROW WHEN (NEW.kind = 'audit') EXECUTE FUNCTION public.refuse()";
/// Refuses the change at the very end, when the entry has been written.
const NO_CHANGE: [&str; 4] = [
    "credentials",
    "second_factors",
    "recovery_codes",
    "sign_ins",
];

#[actix_web::test]
async fn there_is_an_entry_exactly_when_there_is_the_change() {
    let app = App::configured(|config| config.job_workers = 0).await;
    let acme = app.company("Acme").await;
    let begin = async |client: &Client, code: Option<&String>| {
        let body = json!({ "password": PASSWORD, "code": code });
        let (status, begun) = client.post("/api/me/two-factor", body).await;
        assert_eq!(status, 200, "{begun}");
        Authenticator::read(begun["secret"].as_str().unwrap())
    };
    // Without two-factor, and with it; each with another sign-in and an app that waits to be confirmed.
    let (ada, bob) = (
        app.employee(&acme, "Ada").await,
        app.employee(&acme, "Bob").await,
    );
    let (phone, codes) = switch_on(&app, &bob).await;
    let next = begin(&bob, Some(&codes[0])).await;
    app.sign_in_with(&bob.email, PASSWORD, Some(&codes[1]))
        .await;
    let first = begin(&ada, None).await;
    app.sign_in(&ada.email).await;
    let (_, sign_ins) = ada.get("/api/me/sign-ins").await;
    let other = sign_ins["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["current"] == json!(false));
    let other = format!(
        "/api/me/sign-ins/{}",
        other.unwrap()["id"].as_str().unwrap()
    );
    let reset = format!("/api/reset/{}", ask_for_reset(&app, &ada.email).await);

    let admin = &mut app.copy.admin();
    let state = "SELECT (SELECT json_agg(c ORDER BY user_id) FROM auth.credentials c) c, (SELECT json_agg(f ORDER BY user_id) FROM auth.second_factors f) f, \
        (SELECT json_agg(r ORDER BY user_id, code_hash) FROM auth.recovery_codes r) r, (SELECT json_agg(s ORDER BY id) FROM auth.sign_ins s) s, \
        (SELECT json_agg(o ORDER BY id) FROM auth.one_time_tokens o) o, (SELECT count(*) FROM platform.jobs WHERE kind IN ('audit', 'mail')) jobs";
    let before = rows(admin, state);
    execute(
        admin,
        "CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$",
    );
    let late = NO_CHANGE.map(|table| {
        format!(
            "CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE OR DELETE ON auth.{table} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.refuse();"
        )
    });
    let not_late = NO_CHANGE.map(|table| format!("DROP TRIGGER refuse ON auth.{table};"));
    for (refuse, allow) in [
        (
            NO_ENTRY.to_owned(),
            "DROP TRIGGER refuse ON platform.jobs".to_owned(),
        ),
        (late.concat(), not_late.concat()),
    ] {
        admin.batch_execute(&refuse).unwrap();
        let recovery = json!({ "password": PASSWORD, "code": codes[2] });
        let sign_in = json!({ "email": bob.email, "password": PASSWORD, "code": codes[2] });
        for (client, method, path, body) in [
            (
                &ada,
                Method::POST,
                "/api/me/two-factor/confirm",
                json!({ "code": first.code(0) }),
            ),
            (
                &bob,
                Method::POST,
                "/api/me/two-factor/confirm",
                json!({ "code": next.code(0) }),
            ),
            (&bob, Method::POST, "/api/auth/sign-in", sign_in),
            (&bob, Method::POST, "/api/me/two-factor/end", recovery),
            (
                &ada,
                Method::POST,
                "/api/me/password",
                json!({ "password": PASSWORD, "new_password": NEW_PASSWORD }),
            ),
            (
                &ada,
                Method::POST,
                &reset,
                json!({ "password": NEW_PASSWORD }),
            ),
            (&ada, Method::DELETE, &other, Value::Null),
            (&ada, Method::DELETE, "/api/me/sign-ins", Value::Null),
        ] {
            let (status, answer) = client.send(method, path, Some(body)).await;
            assert_eq!(status, 500, "{path} {answer}");
            assert_eq!(rows(admin, state), before, "{path}");
        }
        admin.batch_execute(&allow).unwrap();
    }
    // What asks for a code uses it up before: it is not undone by what follows.
    admin.batch_execute(NO_ENTRY).unwrap();
    for path in [
        "/api/me/two-factor/recovery-codes",
        "/api/me/two-factor/end",
    ] {
        execute(admin, "UPDATE auth.second_factors SET last_step = 0");
        let before = rows(
            admin,
            "SELECT user_id, code_hash FROM auth.recovery_codes ORDER BY 1, 2",
        );
        let body = json!({ "password": PASSWORD, "code": phone.code(0) });
        assert_eq!(bob.post(path, body).await.0, 500, "{path}");
        let after = rows(
            admin,
            "SELECT user_id, code_hash FROM auth.recovery_codes ORDER BY 1, 2",
        );
        assert_eq!(after, before, "{path}");
    }
}

#[actix_web::test]
async fn nobody_but_the_function_makes_an_entry_up() {
    let app = App::spawn().await;
    let acme = app.company("Acme").await;
    let ada = app.employee(&acme, "Ada").await;
    let job = |kind: &str| {
        format!(
            "INSERT INTO platform.jobs (id, company_id, kind, dedupe_key) VALUES (gen_random_uuid(), '{}', '{kind}', 'forged {kind}')",
            acme.id
        )
    };
    let entry = format!(
        "INSERT INTO tenant.audit_entries (company_id, id, actor_id, actor, action) VALUES ('{}', gen_random_uuid(), '{}', 'Ada', 'account.password_changed')",
        acme.id, ada.user
    );
    let call = format!(
        "SELECT auth.record_own_change('{}', gen_random_uuid(), 'account.password_changed', '{{}}', NULL, NULL)",
        ada.user
    );
    let (mut web, mut platform) = (
        app.copy.as_role("tracker_web"),
        app.copy.as_role("tracker_platform"),
    );
    let mut run = |role: &str, statement: &str| {
        let (conn, role) = match role {
            "tracker_platform" => (&mut platform, String::new()),
            role => (&mut web, format!("SET LOCAL ROLE {role}; ")),
        };
        conn.batch_execute(&format!(
            "BEGIN; {role}SET LOCAL app.company_id = '{}'; SET LOCAL app.user_id = '{}'",
            acme.id, ada.user
        ))
        .unwrap();
        let done = conn.batch_execute(statement);
        conn.batch_execute("ROLLBACK").unwrap();
        done.map_err(|error| error.to_string())
    };
    for role in [
        "tracker_employee",
        "tracker_agent",
        "tracker_admin",
        "tracker_platform",
    ] {
        assert_eq!(run(role, &job("mail")), Ok(()), "{role}: no control");
        let refused = run(role, &job("audit")).unwrap_err();
        assert!(refused.contains("row-level security"), "{role}: {refused}");
        let refused = run(role, &call).unwrap_err();
        assert!(refused.contains("permission denied"), "{role}: {refused}");
        if role != "tracker_admin" {
            let refused = run(role, &entry).unwrap_err();
            assert!(refused.contains("permission denied"), "{role}: {refused}");
        }
    }
}
