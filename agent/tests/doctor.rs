//! What `doctor` finds: each thing that can be missing is missing once.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use support::{Reply, Server, problem, settings, signed_in};
use tracker_agent::queue::{Queue, note};
use tracker_wire::{AgentPolicy, AgentSettings};

const NO_DISPLAY: [(&str, &str); 1] = [("DISPLAY", "")];

/// In a bare environment: this machine's own desktop is none of the test's.
fn doctor(folder: &Path, port: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tracker-agent"));
    command
        .env_clear()
        .env("TRACKER_AGENT_HOME", folder)
        .env("XDG_CONFIG_HOME", folder.join("config"))
        .env("XDG_CONFIG_DIRS", folder.join("everybody"))
        .envs(variables.iter().copied());
    command
        .args([&["doctor", "--activitywatch-port", port], arguments].concat())
        .stdin(Stdio::null());
    command.output().unwrap()
}

/// What it says of one thing: its level, and text with advice.
fn found(folder: &Path, check: &str) -> Vec<(String, String)> {
    let output = doctor(folder, "0", &["--json"], &NO_DISPLAY);
    let findings: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let stops = findings.iter().any(|found| found["level"] == "stops");
    assert_eq!(output.status.success(), !stops);
    let text = |found: &Value, field: &str| found[field].as_str().unwrap_or_default().to_owned();
    findings
        .iter()
        .filter(|found| found["check"] == check)
        .map(|found| {
            let words = format!("{}: {}", text(found, "text"), text(found, "advice"));
            (text(found, "level"), words)
        })
        .collect()
}

fn one(folder: &Path, check: &str) -> (String, String) {
    let mut found = found(folder, check);
    assert_eq!(found.len(), 1, "{check}: {found:?}");
    found.remove(0)
}

#[test]
fn nobody_signed_in_no_desktop_and_no_running_agent_are_told_with_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let output = doctor(dir.path(), "0", &[], &NO_DISPLAY);
    let lines = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    let has = |level: &str, words: &str| {
        let told = |line: &str| line.starts_with(level) && line.contains(words);
        assert!(lines.lines().any(told), "{level} {words}:\n{lines}");
    };
    has("stops", "nobody is signed in: `tracker-agent login`");
    has("stops", "DISPLAY is not set");
    has("stops", "the agent is not running");
    has("warning", "`tracker-agent install`");
    has("ok", "closed to others");
}

#[test]
fn a_server_that_answers_and_one_that_does_not() {
    let server = Server::friendly();
    let (_dir, home) = signed_in(&server.url);
    assert!(one(home.dir(), "signed_in").1.contains("Erin Employee"));
    assert_eq!(one(home.dir(), "server").0, "ok");
    assert_eq!(one(home.dir(), "key").0, "ok");
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let nowhere = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let (_dir, home) = signed_in(&nowhere);
    let (level, words) = one(home.dir(), "server");
    assert!(
        level == "warning" && words.contains("does not answer"),
        "{words}"
    );
    assert!(found(home.dir(), "key").is_empty());
}

#[test]
fn a_clock_that_the_server_would_refuse_stops() {
    let server = Server::friendly();
    let (_dir, home) = signed_in(&server.url);
    let now = |seconds| {
        server.now(move |request| {
            let date = Utc::now() + TimeDelta::seconds(seconds);
            (request.path == "/api/agent/settings")
                .then(|| Reply::With(200, json!(settings()), "date", date.to_rfc2822()))
        });
        one(home.dir(), "clock")
    };
    assert_eq!(now(0).0, "ok");
    assert_eq!(now(300).0, "warning");
    assert_eq!(now(-300).0, "warning");
    let (level, words) = now(-3600);
    assert!(level == "stops" && words.contains("ahead"), "{words}");
}

#[test]
fn a_key_a_sign_in_or_a_company_that_is_refused_is_told_apart() {
    let server = Server::friendly();
    let (_dir, home) = signed_in(&server.url);
    server.now(|_| Some(problem(401, "company_key_invalid")));
    assert!(
        one(home.dir(), "key")
            .1
            .contains("company key is not valid")
    );
    server.now(|_| Some(problem(403, "company_suspended")));
    assert!(one(home.dir(), "key").1.contains("suspended"));
    server.now(|_| Some(problem(401, "unauthenticated")));
    let (level, words) = one(home.dir(), "key");
    assert!(
        level == "warning" && words.contains("tracker-agent login"),
        "{words}"
    );
    // A token that has merely ended is renewed.
    let (_dir, home) = signed_in(&server.url);
    server.now(|request| (request.token() == "access-0").then(|| problem(401, "unauthenticated")));
    assert_eq!(one(home.dir(), "key").0, "ok");
    assert_eq!(server.count("/api/token/refresh"), 2);
}

#[test]
fn a_policy_that_nobody_acknowledged_stops() {
    let server = Server::friendly();
    let (_dir, home) = signed_in(&server.url);
    let queue = Queue::open(&home).unwrap();
    let mut policy = AgentPolicy {
        version: 3,
        title: "What we record".into(),
        kinds: vec!["screenshots".into()],
        published_at: Utc::now(),
        acknowledged_at: None,
    };
    let told = |policy: &AgentPolicy| {
        let settings = AgentSettings {
            policy: Some(policy.clone()),
            ..settings()
        };
        queue.write(note::SETTINGS, &settings).unwrap();
        one(home.dir(), "policy")
    };
    let (level, words) = told(&policy);
    assert!(
        level == "stops" && words.contains("policy accept"),
        "{words}"
    );
    policy.kinds.clear();
    assert_eq!(told(&policy).0, "warning", "it withholds nothing");
    policy.acknowledged_at = Some(Utc::now());
    assert_eq!(told(&policy).0, "ok");
}

#[test]
fn a_port_that_is_taken_a_pause_and_a_file_open_to_others_are_warned_of() {
    let (_dir, home) = signed_in(&Server::friendly().url);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let told = doctor(home.dir(), &port, &[], &NO_DISPLAY);
    let told = String::from_utf8(told.stdout).unwrap();
    let refused = format!("127.0.0.1:{port} is not to be had");
    assert!(told.contains(&refused), "{told}");
    assert_eq!(one(home.dir(), "activitywatch").0, "ok");

    Queue::open(&home)
        .unwrap()
        .set_note(note::PAUSED_AT, "2026-11-20T10:00:00.000Z")
        .unwrap();
    let (level, words) = one(home.dir(), "running");
    assert!(level == "warning" && words.contains("resume"), "{words}");

    let file = home.dir().join("credentials.json");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let (level, words) = one(home.dir(), "folder");
    assert!(
        level == "warning" && words.contains("chmod go-rwx"),
        "{words}"
    );
    assert!(words.contains("credentials.json"), "{words}");
}

#[test]
fn a_wayland_session_names_what_it_hides_and_an_unreachable_display_stops() {
    let dir = tempfile::tempdir().unwrap();
    let of = |variables: &[(&str, &str)]| {
        let output = doctor(dir.path(), "0", &[], variables);
        String::from_utf8(output.stdout).unwrap()
    };
    let wayland = of(&[("XDG_SESSION_TYPE", "wayland")]);
    for limitation in ["titles", "activity", "screenshots"] {
        let hidden = format!("hidden by this desktop: {limitation}_not_available");
        assert!(wayland.contains(&hidden), "{wayland}");
    }
    let gone = of(&[("DISPLAY", ":29999")]);
    assert!(gone.contains("the X11 display does not answer"), "{gone}");
}

#[test]
fn a_folder_that_cannot_be_used_is_a_finding_too() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let output = doctor(&file, "0", &["--json"], &NO_DISPLAY);
    let findings: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(findings[0]["check"], "folder");
    assert_eq!(findings[0]["level"], "stops");
}
