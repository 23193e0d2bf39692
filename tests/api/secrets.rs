//! Keys and passwords as whoever runs the server meets them: the real program, its exit and what it says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use tracker::secrets::{self, LOOKS, SETTLES, Secrets};
use uuid::Uuid;

use crate::app::{App, Client, Copy, binary, folder};

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
    file.set_modified(SystemTime::now() - SETTLES).unwrap();
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
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = port.local_addr().unwrap().port().to_string();
    let environment = [
        ("DATABASE_URL", &*url),
        ("TRACKER_SECRET_FILE", path),
        ("PORT", &port),
    ];
    let mut server = Program::start(&binary, &["serve"], &environment);
    assert_eq!(server.settle(), None, "{}", server.said());
    let mut admin = acme.admin.clone();
    admin.address = format!("http://127.0.0.1:{port}");
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
