//! Keys and passwords as whoever runs the server meets them: the real program, its exit and what it says.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use diesel::Connection;
use serde_json::{Value, json};
use tracker::account::totp;
use tracker::secrets::reseal::{Resealed, ensure_resealed, reseal};
use tracker::secrets::{self, LOOKS, SETTLES, Secrets};
use uuid::Uuid;

use crate::app::{App, Client, Company, Copy, binary, folder};
use crate::feed::{execute, rows};

const GOOD: &str = "f3b1c65a0d9e47c2b8a61e55";
const WEAK: [&str; 3] = ["changeme", "postgres-postgres", "passwordpassword"];

/// `tracker` with arguments in an environment that says nothing else about secrets; all it prints goes to one file.
struct Program {
    child: Child,
    output: PathBuf,
}

impl Program {
    fn start(binary: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let place = folder(&format!("program-{}", Uuid::now_v7()));
        fs::create_dir_all(&place).unwrap();
        let output = place.join("output");
        let file = fs::File::create(&output).unwrap();
        let mut command = Command::new(binary);
        for name in tracker::config::environment_names() {
            command.env_remove(name);
        }
        let child = command
            .args(arguments)
            .env("DATA_DIR", &place)
            .env("PORT", "0")
            .env("LOG_LEVEL", "trace")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap();
        Self { child, output }
    }

    /// A server, and its address.
    fn serve(binary: &Path, environment: &[(&str, &str)]) -> (Self, String) {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port().to_string();
        drop(free);
        let environment = [environment, &[("PORT", &*port)]].concat();
        let mut server = Self::start(binary, &["serve"], &environment);
        assert_eq!(server.settle(), None, "{}", server.said());
        (server, format!("http://127.0.0.1:{port}"))
    }

    fn said(&self) -> String {
        fs::read_to_string(&self.output).unwrap()
    }

    /// Until it is ready or has ended. The exit code, if it has.
    fn settle(&mut self) -> Option<i32> {
        for _ in 0..2_400 {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some(status.code().unwrap());
            }
            if self.said().lines().any(|line| line.starts_with("ready ")) {
                return None;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("neither ready nor ended: {}", self.said());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// It ends, says what about, and repeats no secret.
fn refuses(mut program: Program, about: &str, secret: &str) {
    let code = program.settle();
    let said = program.said();
    assert!(code.is_some_and(|code| code != 0), "{code:?} {said}");
    assert!(said.contains(about), "{about}: {said}");
    assert!(!said.contains(secret), "{said}");
}

#[test]
fn a_password_that_a_guesser_would_try_keeps_every_command_from_the_database() {
    let Some(binary) = binary() else { return };
    let copy = Copy::make();
    let url = copy.admin_url();
    let names = [
        "TRACKER_WEB_PASSWORD",
        "TRACKER_PLATFORM_PASSWORD",
        "TRACKER_AUTH_PASSWORD",
        "TRACKER_JOBS_PASSWORD",
    ];
    for name in names {
        for weak in WEAK {
            let environment = [("DATABASE_URL", &*url), (name, weak)];
            let program = Program::start(&binary, &["serve"], &environment);
            refuses(program, &format!("{name} is weak"), weak);
        }
    }
    for arguments in [
        &["migrate"][..],
        &["verify"],
        &["owner", "create", "--email", "o@vendor.test"],
        &["usage", "rebuild"],
    ] {
        let environment = [("DATABASE_URL", &*url), (names[3], WEAK[0])];
        let program = Program::start(&binary, arguments, &environment);
        refuses(program, "TRACKER_JOBS_PASSWORD is weak", WEAK[0]);
    }
    let store = [
        ("DATABASE_URL", &*url),
        ("OBJECT_STORE_URL", "s3://tracker"),
        ("AWS_SECRET_ACCESS_KEY", WEAK[0]),
    ];
    let program = Program::start(&binary, &["serve"], &store);
    refuses(program, "AWS_SECRET_ACCESS_KEY is weak", WEAK[0]);
    let administrative = format!("postgres://postgres:{}@127.0.0.1:1/tracker", WEAK[1]);
    let admin = [
        ("DATABASE_URL", &*url),
        ("DATABASE_ADMIN_URL", &administrative),
    ];
    let program = Program::start(&binary, &["migrate"], &admin);
    refuses(program, "DATABASE_ADMIN_URL is weak", WEAK[1]);

    let good = [("DATABASE_URL", &*url), (names[0], GOOD)];
    let mut program = Program::start(&binary, &["serve"], &good);
    assert_eq!(program.settle(), None, "{}", program.said());
    assert!(!program.said().contains(GOOD));
}

#[test]
fn a_key_that_was_thought_up_keeps_the_server_down() {
    let Some(binary) = binary() else { return };
    let copy = Copy::make();
    let url = copy.admin_url();
    let place = folder(&format!("weak-{}", Uuid::now_v7()));
    fs::create_dir_all(&place).unwrap();
    let file = place.join("secret");
    let path = file.to_str().unwrap();
    let environment = [("DATABASE_URL", &*url), ("TRACKER_SECRET_FILE", path)];
    let good = secrets::hex(&secrets::random::<32>().unwrap());
    for weak in [
        "00".repeat(32),
        "0123456789abcdef".repeat(4),
        "ab".repeat(9),
    ] {
        for (token, data, about) in [(&good, &weak, "`data`"), (&weak, &good, "`token_current`")] {
            fs::write(&file, format!("token_current={token}\ndata={data}\n")).unwrap();
            let program = Program::start(&binary, &["serve"], &environment);
            refuses(program, about, &weak);
        }
    }
    fs::write(&file, format!("token_current={good}\ndata={good}\n")).unwrap();
    let program = Program::start(&binary, &["serve"], &environment);
    refuses(program, "are the same key", &good);

    fs::remove_file(&file).unwrap();
    let mut program = Program::start(&binary, &["serve"], &environment);
    assert_eq!(program.settle(), None, "{}", program.said());
}

#[test]
fn the_private_database_asks_for_no_password() {
    let Some(binary) = binary() else { return };
    let weak = [
        ("TRACKER_WEB_PASSWORD", WEAK[0]),
        ("TRACKER_JOBS_PASSWORD", WEAK[0]),
    ];
    let mut program = Program::start(&binary, &["serve"], &weak);
    assert_eq!(program.settle(), None, "{}", program.said());
}

/// As if the file had changed so long ago that every server knows it.
fn settle(file: &Path) {
    let file = fs::File::options().write(true).open(file).unwrap();
    let then = SystemTime::now() - SETTLES - LOOKS;
    file.set_modified(then).unwrap();
}

fn signed_by(client: &Client) -> String {
    let head = jsonwebtoken::decode_header(client.token.as_ref().unwrap()).unwrap();
    head.kid.unwrap()
}

async fn status(client: &Client, app: &App) -> u16 {
    client.at(app).get("/api/me").await.0
}

/// Asks until it is so; what never comes fails after a time that no machine needs.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..600 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never: {what}");
}

#[actix_web::test]
async fn a_rotated_key_signs_and_is_taken_at_every_instance_without_a_restart() {
    let app = App::spawn().await;
    let twin = app.twin().await;
    let file = app.state.config.secret_file();
    assert_eq!(file, twin.state.config.secret_file());
    let acme = app.company("Acme").await;
    let first = acme.admin.clone();
    let mut admin = acme.admin;
    for turn in 1..=2 {
        let (old, before) = (admin.clone(), signed_by(&admin));
        Secrets::rotate(&file).unwrap();
        tokio::time::sleep(LOOKS * 2).await;
        admin.renew().await;
        assert_eq!(signed_by(&admin), before, "one instance may not know it");
        settle(&file);
        until("signed by the new key", async || {
            admin.renew().await;
            signed_by(&admin) != before
        })
        .await;
        until("taken by the other instance", async || {
            status(&admin, &twin).await == 200
        })
        .await;
        for app in [&app, &twin] {
            assert_eq!(status(&old, app).await, 200, "two keys are live");
            let is_first_good = status(&first, app).await == 200;
            assert_eq!(is_first_good, turn == 1, "and no more than two");
        }
    }
}

#[actix_web::test]
async fn a_secret_file_that_is_no_good_is_told_once_and_the_keys_before_stay() {
    let Some(binary) = binary() else { return };
    let app = App::spawn().await;
    let file = app.state.config.secret_file();
    let acme = app.company("Acme").await;
    let (url, path) = (app.copy.admin_url(), file.to_str().unwrap());
    let environment = [("DATABASE_URL", &*url), ("TRACKER_SECRET_FILE", path)];
    let (server, address) = Program::serve(&binary, &environment);
    let mut admin = acme.admin.clone();
    admin.address = address;
    let good = fs::read_to_string(&file).unwrap();
    let lines = |about: &str| server.said().matches(about).count();
    let wrong = "the secret file is no good";
    // Half of it, by whoever does not write beside it; then keys of somebody else.
    let half = good[..good.len() / 2].to_owned();
    let other = folder(&format!("other-{}", Uuid::now_v7())).join("secret");
    Secrets::open(&other).unwrap();
    let other = fs::read_to_string(&other).unwrap();
    for (told, bad) in [(1, half), (2, other)] {
        fs::write(&file, bad).unwrap();
        until("it is told", async || lines(wrong) == told).await;
        tokio::time::sleep(LOOKS * 2).await;
        assert_eq!(lines(wrong), told, "{}", server.said());
        assert_eq!(admin.get("/api/me").await.0, 200);
        admin.renew().await;
        assert_eq!(status(&admin, &app).await, 200, "the same key signs");
    }
    assert_eq!(lines("its keys are taken up"), 0);
    fs::write(&file, &good).unwrap();
    until("it is read", async || lines("its keys are taken up") == 1).await;
    let environment = [("TRACKER_SECRET_FILE", path)];
    let mut rotation = Program::start(&binary, &["secrets", "rotate"], &environment);
    assert_eq!(rotation.settle(), Some(0), "{}", rotation.said());
    until("it is read", async || lines("its keys are taken up") == 2).await;
    assert_eq!(admin.get("/api/me").await.0, 200);
    let now = fs::read_to_string(&file).unwrap();
    for key in good.lines().chain(now.lines()) {
        let (_, key) = key.split_once('=').unwrap();
        assert!(!server.said().contains(key) && !rotation.said().contains(key));
    }
}

/// Everything that is sealed, by what it is.
fn all_sealed(app: &App) -> HashMap<String, Vec<u8>> {
    let sql = "SELECT 'k' || company_id AS id, encode(sealed, 'hex') AS sealed FROM auth.company_keys WHERE expires_at IS NULL \
               UNION ALL SELECT 's' || user_id, encode(secret, 'hex') FROM auth.second_factors \
               UNION ALL SELECT 'n' || user_id, encode(next_secret, 'hex') FROM auth.second_factors WHERE next_secret IS NOT NULL";
    let bytes = |hex: &str| {
        let pairs = (0..hex.len()).step_by(2);
        let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        pairs.map(byte).collect()
    };
    let sealed = rows(&mut app.copy.admin(), sql).into_iter();
    sealed
        .map(|row| {
            let id = row["id"].as_str().unwrap().to_owned();
            (id, bytes(row["sealed"].as_str().unwrap()))
        })
        .collect()
}

/// As `secrets` opens it.
fn plain(secrets: &Secrets, id: &str, sealed: &[u8]) -> Option<Vec<u8>> {
    let whose = id[1..].parse().unwrap();
    match id.starts_with('k') {
        true => secrets.unseal(whose, sealed).ok().map(String::into_bytes),
        false => secrets.unseal_second_factor(whose, sealed).ok(),
    }
}

async fn revealed(address: &str, company: &Company) -> (u16, Value) {
    let mut owner = company.owner.clone();
    owner.address = address.to_owned();
    let body = owner.step_up(json!({}));
    let path = format!("/api/owner/companies/{}/reveal-key", company.id);
    let (status, answer) = owner.post(&path, body).await;
    (status, answer["company_key"].clone())
}

async fn with_a_fresh_key(company: &Company) -> String {
    let body = company
        .owner
        .step_up(json!({ "grace_days": 7, "reason": "routine" }));
    let path = format!("/api/owner/companies/{}/rotate-key", company.id);
    let (status, rotated) = company.owner.post(&path, body).await;
    assert_eq!(status, 200, "{rotated}");
    rotated["company_key"].as_str().unwrap().to_owned()
}

/// People with two-factor on whose secrets say so in the clear, one of them about to move to another app.
fn people(app: &App, count: usize) -> Vec<Uuid> {
    let mut users: Vec<Uuid> = (0..count).map(|_| Uuid::now_v7()).collect();
    users.sort();
    let sealed = |user| {
        let sealed = app.state.secrets.seal_second_factor(user, CANARY);
        secrets::hex(&sealed.unwrap())
    };
    let values: Vec<_> = users
        .iter()
        .map(|user| format!("('{user}', '\\x{}', now())", sealed(*user)))
        .collect();
    let mut admin = app.copy.admin();
    let values = values.join(", ");
    execute(
        &mut admin,
        &format!("INSERT INTO auth.second_factors (user_id, secret, confirmed_at) VALUES {values}"),
    );
    let moving = users[count - 1];
    let next = sealed(moving);
    execute(
        &mut admin,
        &format!(
            "UPDATE auth.second_factors SET next_secret = '\\x{next}' WHERE user_id = '{moving}'"
        ),
    );
    users
}

/// As long as a secret is.
const CANARY: &[u8; 20] = b"canary of two-factor";

#[actix_web::test]
async fn what_is_sealed_is_sealed_anew_however_often_that_is_interrupted() {
    let app = App::spawn().await;
    let twin = app.twin().await;
    let file = app.state.config.secret_file();
    let (acme, mut bolt) = (app.company("Acme").await, app.company("Bolt").await);
    // More than are read at once.
    let users = people(&app, 600);
    let before = all_sealed(&app);
    assert_eq!(before.len(), 2 + 2 + 600 + 1, "keys, owners, people");
    let old = Secrets::open(&file).unwrap();
    let mut clear: HashMap<_, _> = before
        .iter()
        .map(|(id, sealed)| (id.clone(), plain(&old, id, sealed).unwrap()))
        .collect();

    Secrets::rotate_seal(&file).unwrap();
    settle(&file);
    for app in [&app, &twin] {
        app.state.secrets.reload().unwrap();
        assert_eq!(revealed(&app.address, &acme).await, (200, json!(acme.key)));
    }
    bolt.key = with_a_fresh_key(&bolt).await;
    let id = format!("k{}", bolt.id);
    clear.insert(id.clone(), bolt.key.clone().into_bytes());
    assert!(plain(&old, &id, &all_sealed(&app)[&id]).is_none());
    for app in [&app, &twin] {
        assert_eq!(revealed(&app.address, &bolt).await, (200, json!(bolt.key)));
    }

    // Somebody holds one of the second page, longer than a statement waits.
    let (db, new) = (app.state.db.clone(), Secrets::open(&file).unwrap());
    let lock = format!(
        "SELECT * FROM auth.second_factors WHERE user_id = '{}' FOR UPDATE",
        users[550]
    );
    let holder = &mut app.copy.admin();
    holder.test_transaction::<_, diesel::result::Error, _>(|holder| {
        execute(holder, &lock);
        assert!(reseal(&db, &new).is_err());
        Ok(())
    });
    let refusal = ensure_resealed(&db, &new).unwrap_err().to_string();
    assert!(refusal.starts_with("51 of 605 sealed keys"), "{refusal}");
    let half = all_sealed(&app);
    let changed = half.iter().filter(|(id, sealed)| before[*id] != **sealed);
    // The owners' are the oldest.
    assert_eq!(changed.count(), 2 + 2 + 550);
    for app in [&app, &twin] {
        for (id, sealed) in &half {
            assert_eq!(
                plain(&app.state.secrets, id, sealed).as_ref(),
                Some(&clear[id])
            );
        }
    }

    let rest = Resealed {
        seen: 605,
        changed: 605 - 554,
    };
    assert_eq!(reseal(&db, &new).unwrap(), rest);
    let nothing = Resealed {
        seen: 605,
        changed: 0,
    };
    assert_eq!(reseal(&db, &new).unwrap(), nothing);
    ensure_resealed(&db, &new).unwrap();

    // What was made between being read and being replaced is newer.
    for (function, id) in [
        ("reseal_company_key(k.id", format!("k{}", acme.id)),
        ("reseal_second_factor(f.user_id", format!("s{}", users[0])),
    ] {
        let stale = secrets::hex(&before[&id]);
        let (table, whose) = match id.starts_with('k') {
            true => ("company_keys k", "k.company_id"),
            false => ("second_factors f", "f.user_id"),
        };
        let sql = format!(
            "SELECT auth.{function}, '\\x{stale}', '\\x00') AS done FROM auth.{table} WHERE {whose} = '{}'",
            &id[1..]
        );
        assert_eq!(rows(&mut app.copy.admin(), &sql)[0]["done"], json!(false));
    }

    Secrets::forget_previous_seal(&file).unwrap();
    let alone = Secrets::open(&file).unwrap();
    let after = all_sealed(&app);
    assert_eq!(after.len(), clear.len());
    for (id, sealed) in &after {
        assert_eq!(plain(&alone, id, sealed).as_ref(), Some(&clear[id]));
        assert!(plain(&old, id, sealed).is_none(), "{id}");
    }
    for app in [&app, &twin] {
        app.state.secrets.reload().unwrap();
        assert_eq!(revealed(&app.address, &acme).await, (200, json!(acme.key)));
        assert_eq!(revealed(&app.address, &bolt).await, (200, json!(bolt.key)));
    }
}

#[actix_web::test]
async fn one_that_does_not_open_is_named_and_keeps_the_key_before_in_the_file() {
    let Some(binary) = binary() else { return };
    let app = App::spawn().await;
    let file = app.state.config.secret_file();
    let (acme, bolt) = (app.company("Acme").await, app.company("Bolt").await);
    execute(
        &mut app.copy.admin(),
        &format!(
            "UPDATE auth.company_keys SET sealed = '\\x{}' WHERE company_id = '{}'",
            "ab".repeat(60),
            bolt.id
        ),
    );
    Secrets::rotate_seal(&file).unwrap();
    settle(&file);
    app.state.secrets.reload().unwrap();
    let new = Secrets::open(&file).unwrap();
    let error = reseal(&app.state.db, &new).unwrap_err().to_string();
    let named = format!(
        "1 of 4 sealed keys do not open with this secret file, among them the key of company {}",
        bolt.id
    );
    assert!(error.contains(&named), "{error}");
    assert!(
        error.contains("3 of 4 sealed keys were sealed anew"),
        "{error}"
    );
    assert_eq!(revealed(&app.address, &acme).await, (200, json!(acme.key)));

    let (url, path) = (app.copy.admin_url(), file.to_str().unwrap());
    let environment = [("DATABASE_URL", &*url), ("TRACKER_SECRET_FILE", path)];
    let then = fs::read_to_string(&file).unwrap();
    for arguments in [
        &["secrets", "rotate-seal"][..],
        &["secrets", "rotate-seal", "--file-only"],
        &["secrets", "reseal", "--forget-previous"],
    ] {
        let program = Program::start(&binary, arguments, &environment);
        refuses(program, "sealed keys do not open with", &acme.key);
        assert_eq!(fs::read_to_string(&file).unwrap(), then);
    }
    // Another key for that company, and nothing is in the way.
    let key = with_a_fresh_key(&bolt).await;
    assert_eq!(
        reseal(&app.state.db, &new).unwrap(),
        Resealed {
            seen: 4,
            changed: 0
        }
    );
    assert_eq!(revealed(&app.address, &bolt).await, (200, json!(key)));
}

#[actix_web::test]
async fn the_key_that_seals_is_rotated_beside_a_running_server_and_nothing_is_told() {
    let Some(binary) = binary() else { return };
    let app = App::spawn().await;
    let file = app.state.config.secret_file();
    let acme = app.company("Acme").await;
    people(&app, 3);
    let then = fs::read_to_string(&file).unwrap();
    let (url, path) = (app.copy.admin_url(), file.to_str().unwrap());
    let environment = [
        ("DATABASE_URL", &*url),
        ("TRACKER_SECRET_FILE", path),
        ("QUERY_LOG", "true"),
    ];
    settle(&file);
    let (server, address) = Program::serve(&binary, &environment);
    let mut rotation = Program::start(&binary, &["secrets", "rotate-seal"], &environment);
    // It waits for all servers; before, meanwhile and after, the key is shown.
    loop {
        let is_over = rotation.child.try_wait().unwrap().is_some();
        assert_eq!(revealed(&address, &acme).await, (200, json!(acme.key)));
        if is_over {
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert_eq!(rotation.settle(), Some(0), "{}", rotation.said());
    let said = rotation.said();
    assert!(
        said.contains("6 of 6 sealed keys were sealed anew"),
        "{said}"
    );
    let between = fs::read_to_string(&file).unwrap();

    let arguments = ["secrets", "reseal", "--forget-previous"];
    let mut end = Program::start(&binary, &arguments, &environment);
    assert_eq!(end.settle(), Some(0), "{}", end.said());
    assert!(end.said().contains("0 of 6 sealed keys were sealed anew"));
    let now = fs::read_to_string(&file).unwrap();
    let keys = |text: &str, name: &str| {
        let lines = text.lines().filter_map(|line| line.split_once('='));
        let found: Vec<_> = lines.filter(|(key, _)| *key == name).collect();
        found
            .into_iter()
            .map(|(_, value)| value.to_owned())
            .collect::<HashSet<_>>()
    };
    assert_eq!(keys(&between, "seal_previous").len(), 1);
    assert!(keys(&now, "seal_previous").is_empty());
    assert_eq!(keys(&now, "seal"), keys(&between, "seal"));
    assert_eq!(keys(&now, "data"), keys(&then, "data"));
    until("the server knows", async || {
        server.said().matches("its keys are taken up").count() == 2
    })
    .await;
    assert_eq!(revealed(&address, &acme).await, (200, json!(acme.key)));

    let mut told = vec![
        acme.key.clone(),
        String::from_utf8(CANARY.to_vec()).unwrap(),
        totp::base32(CANARY),
        secrets::hex(CANARY),
        format!("{CANARY:?}").trim_matches(['[', ']']).to_owned(),
    ];
    for text in [&then, &between, &now] {
        told.extend(
            text.lines()
                .map(|line| line.split_once('=').unwrap().1.to_owned()),
        );
    }
    for said in [server.said(), rotation.said(), end.said()] {
        for secret in &told {
            assert!(!said.contains(secret), "{secret} in {said}");
        }
    }
    assert!(
        server.said().contains("auth.sealed_company_key("),
        "statements are logged"
    );
}
