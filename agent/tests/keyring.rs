//! A sign-in that is kept in the keyring, by a `secret-tool` that a test wrote.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use support::{Reply, Server, problem, tokens};
use tempfile::TempDir;

const KEY: &str = "company_0123456789abcdef0123456789abcdef";

/// One file for each entry; says how it was called, as others on the machine could see.
const SECRET_TOOL: &str = r#"#!/bin/sh
echo "$*" >>"$HOME/asked"
[ -e "$HOME/locked" ] && exit 1
for entry; do :; done
case "$1" in
  store) exec /bin/cat >"$HOME/ring/$entry" ;;
  lookup) exec /bin/cat "$HOME/ring/$entry" ;;
  clear) exec /bin/rm -f "$HOME/ring/$entry" ;;
esac
"#;

struct Person {
    home: TempDir,
}

impl Person {
    fn new() -> Self {
        let person = Self {
            home: tempfile::tempdir().unwrap(),
        };
        for folder in ["bin", "ring"] {
            fs::create_dir(person.path(folder)).unwrap();
        }
        let tool = person.path("bin/secret-tool");
        fs::write(&tool, SECRET_TOOL).unwrap();
        fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
        person
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tracker-agent"));
        command
            .env_clear()
            .env("HOME", self.home.path())
            .env("TRACKER_AGENT_HOME", self.path("agent"))
            .env("TRACKER_COMPANY_KEY", KEY)
            // Alone: this machine may have a keyring of its own.
            .env("PATH", self.path("bin"));
        command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn login(&self, server: &Server, more: &[&str]) -> Output {
        let arguments = [
            "login",
            "--server",
            &server.url,
            "--email",
            "e",
            "--password-stdin",
        ];
        let mut child = self.command(&[&arguments, more].concat()).spawn().unwrap();
        writeln!(child.stdin.take().unwrap(), "a-password").unwrap();
        child.wait_with_output().unwrap()
    }

    fn file(&self) -> String {
        fs::read_to_string(self.path("agent/credentials.json")).unwrap()
    }

    fn entries(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("ring")).unwrap();
        entries
            .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap())
            .collect()
    }
}

#[test]
fn key_and_tokens_are_in_the_keyring_alone_and_are_replaced_there() {
    let server = Server::friendly();
    let person = Person::new();
    let login = person.login(&server, &["--keyring"]);
    assert!(login.status.success(), "{login:?}");
    let secrets = [KEY, "access-1", "refresh-1"];
    let entries = person.entries();
    assert_eq!(entries.len(), 1);
    for secret in secrets {
        assert!(entries[0].contains(secret) && !person.file().contains(secret));
    }
    // A token that has ended is renewed, and the new pair has taken the old one's place before it is used.
    server.now(|request| match request.path.as_str() {
        "/api/token/refresh" => Some(Reply::Json(200, tokens("access-2", "refresh-2"))),
        _ => (request.token() == "access-1").then(|| problem(401, "unauthenticated")),
    });
    let sync = person.run(&["sync"]);
    assert!(sync.status.success(), "{sync:?}");
    let entries = person.entries();
    assert_eq!(entries.len(), 1);
    assert!(entries[0].contains("refresh-2") && !entries[0].contains("refresh-1"));
    let asked = fs::read_to_string(person.path("asked")).unwrap();
    for secret in ["company_", "access-", "refresh-"] {
        assert!(
            !asked.contains(secret),
            "others can read a command line: {asked}"
        );
    }
}

#[test]
fn a_locked_keyring_is_said_and_nothing_is_lost() {
    let server = Server::friendly();
    let person = Person::new();
    person.login(&server, &["--keyring"]);
    fs::write(person.path("locked"), "").unwrap();
    let sync = person.run(&["sync"]);
    let said = String::from_utf8_lossy(&sync.stderr).into_owned();
    assert!(!sync.status.success() && said.contains("keyring"), "{said}");
    // Who is signed in is no secret.
    let status = person.run(&["status", "--json"]);
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!(status["user"]["name"], "Erin Employee");
    let again = person.login(&server, &["--keyring"]);
    assert!(!again.status.success());
    fs::remove_file(person.path("locked")).unwrap();
    assert!(person.run(&["sync"]).status.success());
}

#[test]
fn a_sign_in_without_the_keyring_leaves_nothing_there() {
    let server = Server::friendly();
    let person = Person::new();
    person.login(&server, &["--keyring"]);
    assert!(person.login(&server, &[]).status.success());
    assert_eq!(person.entries().len(), 0);
    assert!(person.file().contains("refresh-1"));
    fs::remove_file(person.path("bin/secret-tool")).unwrap();
    let lacking = person.login(&server, &["--keyring"]);
    let said = String::from_utf8_lossy(&lacking.stderr).into_owned();
    assert!(
        !lacking.status.success() && said.contains("libsecret-tools"),
        "{said}"
    );
    assert!(
        person.run(&["sync"]).status.success(),
        "the one before holds"
    );
}
