//! The program itself, on an X server of its own where there is one.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::iter;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use image::ImageFormat;
use serde_json::{Value, json};
use support::programs::{Display, Running, eventually, has, name_active, signal, x_server};
use support::{Reply, Server, problem, settings, tokens};
use tempfile::TempDir;
use tracker_wire::AgentSettings;

const PASSWORD: &str = "a-password-that-nobody-prints";
const KEY: &str = "company_0123456789abcdef0123456789abcdef";

/// An agent's folder with no desktop, or with the given display.
struct Agent {
    dir: TempDir,
    display: Option<String>,
}

impl Agent {
    fn new(display: Option<String>) -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            display,
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tracker-agent"));
        for variable in [
            "DISPLAY",
            "WAYLAND_DISPLAY",
            "XDG_SESSION_TYPE",
            "TRACKER_PASSWORD",
            "TRACKER_SERVER",
        ] {
            command.env_remove(variable);
        }
        command
            .args(arguments)
            .env("TRACKER_AGENT_HOME", self.dir.path().join("agent"))
            .env("PATH", self.programs())
            .env("XDG_SESSION_ID", "c2")
            .env("TRACKER_COMPANY_KEY", KEY);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.envs(self.display.iter().map(|display| ("DISPLAY", display)));
        command
    }

    /// Those of this machine, but for `loginctl`: it says what lies in the file `told`, of session `c2`.
    fn programs(&self) -> OsString {
        let dir = self.dir.path().join("programs");
        if !dir.exists() {
            std::fs::create_dir(&dir).unwrap();
            let told = self.dir.path().join("told");
            let script = format!(
                "#!/bin/sh\n[ \"$1 $2\" = \"show-session c2\" ] && cat {}\n",
                told.display()
            );
            std::fs::write(dir.join("loginctl"), script).unwrap();
            let executable = std::fs::Permissions::from_mode(0o755);
            std::fs::set_permissions(dir.join("loginctl"), executable).unwrap();
        }
        let rest = std::env::var_os("PATH").unwrap_or_default();
        std::env::join_paths(iter::once(dir).chain(std::env::split_paths(&rest))).unwrap()
    }

    /// What logind says of the session.
    fn tell(&self, told: &str) {
        std::fs::write(self.dir.path().join("told"), told).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn login(&self, server: &Server) -> Output {
        let arguments = [
            "login",
            "--server",
            &server.url,
            "--email",
            "erin@acme.test",
            "--password-stdin",
        ];
        let mut child = self
            .command(&arguments)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        writeln!(child.stdin.take().unwrap(), "{PASSWORD}").unwrap();
        child.wait_with_output().unwrap()
    }

    fn status(&self) -> Value {
        serde_json::from_slice(&self.run(&["status", "--json"]).stdout).unwrap()
    }

    /// A run that has begun to record.
    fn start(&self, arguments: &[&str]) -> Running {
        let mut child = self
            .command(&[&["run", "--sync-interval", "1"], arguments].concat())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut lines = output.lines();
        let began = lines
            .by_ref()
            .map_while(Result::ok)
            .any(|line| line.ends_with(" recording"));
        if !began {
            panic!(
                "it never began to record: {}",
                said(&child.wait_with_output().unwrap())
            );
        }
        // Somebody has to read on, or the program would wait for room to write.
        std::thread::spawn(move || lines.for_each(drop));
        Running(child)
    }
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn a_login_is_told_what_will_be_recorded_and_keeps_its_secrets() {
    let server = Server::friendly();
    let agent = Agent::new(None);
    let output = agent.login(&server);
    assert!(output.status.success(), "{}", said(&output));
    assert!(
        said(&output).contains("Signed in as Erin Employee")
            && said(&output).contains("window title")
    );
    let sent = server.seen("/api/login")[0].json();
    assert_eq!(
        (&sent["email"], &sent["password"]),
        (&json!("erin@acme.test"), &json!(PASSWORD))
    );
    let device = sent["device"]["id"].clone();
    agent.login(&server);
    assert_eq!(
        server.seen("/api/login")[1].json()["device"]["id"],
        device,
        "the device's id is kept"
    );
    let status = agent.status();
    assert_eq!(
        (&status["signed_in"], &status["state"], &status["device_id"]),
        (&json!(true), &json!("not_running"), &device)
    );
    let everything = format!("{}{}{status}", said(&output), said(&agent.run(&["status"])));
    for secret in [PASSWORD, KEY, "access-1", "refresh-1"] {
        assert!(!everything.contains(secret), "{secret}");
    }
}

#[test]
fn a_refused_login_says_why_and_leaves_nothing() {
    let server = Server::scripted(|_| Some(problem(401, "unauthenticated")));
    let agent = Agent::new(None);
    let output = agent.login(&server);
    assert!(!output.status.success() && said(&output).contains("unauthenticated"));
    assert_eq!(agent.status()["signed_in"], json!(false));
}

#[test]
fn a_login_of_somebody_else_does_not_send_what_waits_in_their_name() {
    let server = Server::friendly();
    let agent = Agent::new(None);
    agent.login(&server);
    let home = tracker_agent::home::Home::at(agent.dir.path().join("agent")).unwrap();
    tracker_agent::queue::Queue::open(&home)
        .unwrap()
        .save(&[], Some("{}"))
        .unwrap();
    let mut other = tokens("access-2", "refresh-2");
    other["user"] = json!({ "id": "00000000-0000-0000-0000-000000000008", "name": "Otto Other" });
    server.now(move |request| {
        (request.path == "/api/login").then(|| Reply::Json(200, other.clone()))
    });
    let output = agent.login(&server);
    assert!(
        !output.status.success() && said(&output).contains("--discard"),
        "{}",
        said(&output)
    );
    assert_eq!(agent.status()["user"]["name"], "Erin Employee");
}

#[test]
fn a_device_that_somebody_else_used_first_gets_an_id_of_its_own() {
    let server = Server::friendly();
    let agent = Agent::new(None);
    let known = agent.status()["device_id"].clone();
    let first = known.clone();
    server.now(move |request| {
        let is_known = request.path == "/api/login" && request.json()["device"]["id"] == first;
        is_known.then(|| problem(409, "device_belongs_to_another"))
    });
    assert!(agent.login(&server).status.success());
    let sent = server.seen("/api/login")[1].json()["device"]["id"].clone();
    assert_ne!(sent, known);
    assert_eq!(agent.status()["device_id"], sent);
}

#[test]
fn plain_http_to_another_machine_is_refused_before_anything_is_sent() {
    let agent = Agent::new(None);
    let output = agent
        .command(&[
            "login",
            "--server",
            "http://tracker.example",
            "--email",
            "x",
        ])
        .env("TRACKER_PASSWORD", "y")
        .output()
        .unwrap();
    assert!(!output.status.success() && said(&output).contains("https"));
}

#[test]
fn without_a_sign_in_or_a_desktop_run_and_sync_say_so() {
    let agent = Agent::new(None);
    assert!(said(&agent.run(&["run"])).contains("login"));
    let sync = agent.run(&["sync"]);
    assert!(!sync.status.success() && said(&sync).contains("sign in"));
    agent.login(&Server::friendly());
    assert!(said(&agent.run(&["run"])).contains("DISPLAY"));
    assert!(
        agent.run(&["sync"]).status.success(),
        "with nothing queued all is sent"
    );
}

#[test]
fn tasks_are_listed_started_by_their_number_and_stopped() {
    let server = Server::friendly();
    let agent = Agent::new(None);
    agent.login(&server);
    let early = agent.run(&["task", "start", "1"]);
    assert!(!early.status.success() && said(&early).contains("tracker-agent tasks"));
    let list = said(&agent.run(&["tasks"]));
    assert!(
        list.contains("  1  normal") && list.contains("Task 2"),
        "{list}"
    );
    let none = agent.run(&["task", "start", "3"]);
    assert!(!none.status.success() && said(&none).contains("no task 3"));
    assert!(said(&agent.run(&["task", "start", "2"])).contains("Task 2"));
    assert_eq!(agent.status()["task"]["title"], "Task 2");
    assert!(said(&agent.run(&["status"])).contains("Task:      Task 2"));
    // Without the server the numbers are those of the last list.
    server.now(|_| Some(problem(503, "busy")));
    let offline = agent.run(&["tasks"]);
    assert!(offline.status.success());
    assert!(said(&offline).contains("*  2") && said(&offline).contains("last time"));
    assert!(said(&agent.run(&["task", "stop"])).contains("Task 2"));
    assert_eq!(agent.status()["task"], Value::Null);
    assert!(said(&agent.run(&["task", "stop"])).contains("No task"));
}

#[test]
fn sync_fails_when_something_remains() {
    let server = Server::friendly();
    let agent = Agent::new(None);
    agent.login(&server);
    server.now(|_| Some(problem(403, "company_suspended")));
    let sync = agent.run(&["sync"]);
    assert!(
        !sync.status.success() && said(&sync).contains("suspended"),
        "{}",
        said(&sync)
    );
    assert_eq!(agent.status()["last_error"]["code"], "company_suspended");
}

/// An X server with a titled terminal, and the pointer in it; none where a program is missing.
struct Screen {
    display: String,
    _terminal: Running,
    _server: Display,
}

impl Screen {
    fn open(title: &str) -> Option<Self> {
        if !["Xvfb", "xterm", "xdotool"]
            .iter()
            .all(|program| has(program))
        {
            return None;
        }
        let (display, server) = x_server();
        let mut terminal = Command::new("xterm");
        terminal
            .args(["-geometry", "100x30+0+0", "-T", title, "-e", "cat"])
            .env("DISPLAY", &display);
        let terminal = Running(
            terminal
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap(),
        );
        let screen = Self {
            display,
            _terminal: terminal,
            _server: server,
        };
        let since = Instant::now();
        while !screen.xdotool(&["search", "--onlyvisible", "--name", title]) {
            assert!(
                since.elapsed() < Duration::from_secs(20),
                "xterm never showed"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        assert!(screen.xdotool(&["mousemove", "100", "100"]));
        Some(screen)
    }

    fn xdotool(&self, arguments: &[&str]) -> bool {
        Command::new("xdotool")
            .args(arguments)
            .env("DISPLAY", &self.display)
            .output()
            .unwrap()
            .status
            .success()
    }
}

fn with_screenshots(server: &Server) {
    let shots = AgentSettings {
        version: 2,
        screenshots_enabled: true,
        screenshot_interval_seconds: 2,
        ..settings()
    };
    server.now(move |request| {
        (request.path == "/api/agent/settings").then(|| Reply::Json(200, json!(shots)))
    });
}

#[test]
fn a_terminal_that_is_typed_into_is_recorded_with_its_title_keys_and_picture() {
    let Some(screen) = Screen::open("Quarterly figures") else {
        return;
    };
    let server = Server::friendly();
    with_screenshots(&server);
    let agent = Agent::new(Some(screen.display.clone()));
    agent.login(&server);
    let mut running = agent.start(&[]);
    eventually("a screenshot", || {
        screen.xdotool(&["type", "--delay", "20", "hello there"]);
        server.count("/api/screenshot/upload") > 0
    });
    assert_eq!(agent.status()["state"], "recording");
    signal(&running, "-TERM");
    eventually("the end of the session", || {
        !server.uploaded("activity").is_empty()
            && server
                .uploaded("sessions")
                .iter()
                .any(|item| item["reason"] == "shut_down")
    });
    let window = &server.uploaded("applications")[0];
    assert_eq!(
        (&window["app"], &window["title"]),
        (&json!("XTerm"), &json!("Quarterly figures"))
    );
    assert!(
        server
            .uploaded("activity")
            .iter()
            .any(|row| row["keystrokes"].as_i64() > Some(0))
    );
    assert!(
        brightest(&server.seen("/api/screenshot/upload")[0].body) > 128,
        "the picture is black"
    );
    assert!(running.0.wait().unwrap().success());
    assert_eq!(agent.status()["queued_items"], 0);
}

#[test]
fn the_window_that_a_window_manager_names_is_in_front() {
    let Some(screen) = Screen::open("Under the pointer") else {
        return;
    };
    let mut other = Command::new("xterm");
    other.args([
        "-geometry",
        "20x5+600+400",
        "-T",
        "Named as active",
        "-e",
        "cat",
    ]);
    other
        .env("DISPLAY", &screen.display)
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    let _other = Running(other.spawn().unwrap());
    eventually("the other terminal", || {
        screen.xdotool(&["search", "--onlyvisible", "--name", "Named as active"])
    });
    let ids = Command::new("xdotool")
        .args(["search", "--name", "Named as active"])
        .env("DISPLAY", &screen.display)
        .output()
        .unwrap();
    let id: u32 = String::from_utf8_lossy(&ids.stdout)
        .lines()
        .next()
        .unwrap()
        .parse()
        .unwrap();
    name_active(&screen.display, id);
    let server = Server::friendly();
    let agent = Agent::new(Some(screen.display.clone()));
    agent.login(&server);
    let running = agent.start(&[]);
    eventually("some seconds", || kept_seconds(&agent) >= 2);
    signal(&running, "-TERM");
    eventually("the window", || !server.uploaded("applications").is_empty());
    let titles: Vec<Value> = server
        .uploaded("applications")
        .iter()
        .map(|item| item["title"].clone())
        .collect();
    assert!(
        titles.iter().all(|title| title == "Named as active"),
        "{titles:?}"
    );
}

/// The lightest point of the picture in an upload.
fn brightest(body: &[u8]) -> u8 {
    let start = body
        .windows(4)
        .position(|window| window == b"RIFF")
        .unwrap();
    let picture = image::load_from_memory_with_format(&body[start..], ImageFormat::WebP)
        .unwrap()
        .to_luma8();
    assert_eq!(picture.dimensions(), (800, 600));
    picture.pixels().map(|pixel| pixel.0[0]).max().unwrap()
}

#[test]
fn pause_and_resume_reach_a_running_agent() {
    let Some(screen) = Screen::open("Private diary") else {
        return;
    };
    let server = Server::friendly();
    let agent = Agent::new(Some(screen.display.clone()));
    agent.login(&server);
    let running = agent.start(&[]);
    assert!(
        !agent.run(&["run"]).status.success(),
        "two would count everything twice"
    );
    assert!(agent.run(&["pause"]).status.success());
    assert_eq!(agent.status()["state"], "paused");
    eventually("the end of the session", || {
        server
            .uploaded("sessions")
            .iter()
            .any(|item| item["reason"] == "paused")
    });
    let before = sessions(&server);
    assert!(agent.run(&["resume"]).status.success());
    eventually("another session", || sessions(&server).len() > before.len());
    drop(running);
    assert_eq!(agent.status()["state"], "not_running");
}

#[test]
fn a_session_that_logind_says_is_locked_or_not_shown_is_not_recorded() {
    let Some(screen) = Screen::open("Left behind") else {
        return;
    };
    let server = Server::friendly();
    let agent = Agent::new(Some(screen.display.clone()));
    agent.login(&server);
    agent.tell("LockedHint=no\nActive=yes\n");
    let running = agent.start(&[]);
    for away in ["LockedHint=yes\nActive=yes\n", "LockedHint=no\nActive=no\n"] {
        let before = sessions(&server).len();
        agent.tell(away);
        eventually("the end of the session", || {
            agent.status()["state"] == "locked"
        });
        assert!(said(&agent.run(&["status"])).contains("the screen is locked"));
        agent.tell("LockedHint=no\nActive=yes\n");
        eventually("another session", || {
            agent.status()["state"] == "recording" && sessions(&server).len() > before
        });
    }
    drop(running);
}

/// Of which the server heard, by a call or in a batch.
fn sessions(server: &Server) -> BTreeSet<String> {
    let called = server
        .seen("/api/work-session/start")
        .into_iter()
        .map(|request| request.json());
    called
        .chain(server.uploaded("sessions"))
        .map(|session| session["id"].to_string())
        .collect()
}

#[test]
fn what_a_killed_run_recorded_offline_is_sent_later() {
    let Some(screen) = Screen::open("Offline work") else {
        return;
    };
    let server = Server::friendly();
    let agent = Agent::new(Some(screen.display.clone()));
    agent.login(&server);
    server.now(|_| Some(Reply::Lost));
    let running = agent.start(&[]);
    eventually("five seconds", || {
        agent.status()["queued_items"].as_i64() > Some(0) && kept_seconds(&agent) >= 2
    });
    drop(running);
    server.now(|_| None);
    assert!(
        agent
            .command(&["run", "--for", "1"])
            .output()
            .unwrap()
            .status
            .success()
    );
    assert!(agent.run(&["sync"]).status.success());
    assert!(
        server
            .uploaded("applications")
            .iter()
            .any(|item| item["title"] == "Offline work" && item["seconds"].as_i64() >= Some(2))
    );
}

/// How far the open session on the disk reaches.
fn kept_seconds(agent: &Agent) -> i64 {
    let home = tracker_agent::home::Home::at(agent.dir.path().join("agent")).unwrap();
    let queue = tracker_agent::queue::Queue::open(&home).unwrap();
    let open: Option<Value> = queue.read(tracker_agent::queue::note::OPEN).unwrap();
    open.map_or(0, |open| {
        let started: chrono::DateTime<chrono::Utc> = open["session"]["started_at"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        open["timeline"]["cursor"].as_i64().unwrap() - started.timestamp()
    })
}

#[test]
fn a_run_keeps_what_it_says_in_a_log_without_secrets_or_titles_and_doctor_is_content() {
    let Some(screen) = Screen::open("Severance of N.N.") else {
        return;
    };
    let server = Server::friendly();
    let agent = Agent::new(Some(screen.display.clone()));
    agent.login(&server);
    server.now(|_| Some(problem(403, "company_suspended")));
    let running = agent.start(&["--activitywatch-port", "0"]);
    eventually("the refusal and the title", || {
        kept_seconds(&agent) >= 2 && agent.status()["last_error"]["code"] == "company_suspended"
    });
    let doctor = agent.run(&["doctor"]);
    assert!(doctor.status.success(), "{}", said(&doctor));
    for words in [
        "X11, which hides nothing",
        "the agent is recording",
        "suspended",
    ] {
        assert!(said(&doctor).contains(words), "{words}: {}", said(&doctor));
    }
    server.now(|_| None);
    signal(&running, "-TERM");
    eventually("the end", || agent.status()["state"] == "not_running");
    let status = agent.status();
    let path = std::path::Path::new(status["log"].as_str().unwrap());
    let log = std::fs::read_to_string(path).unwrap();
    for words in [
        " recording\n",
        "sync: the company is suspended",
        "records for Erin",
    ] {
        assert!(log.contains(words), "{words}: {log}");
    }
    for secret in [PASSWORD, KEY, "access-", "refresh-", "Severance", "XTerm"] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
    let mode = std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    assert!(said(&agent.run(&["status"])).contains("agent.log"));
}
