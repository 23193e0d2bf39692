//! The program in a Wayland session of its own: sway without a screen, and a terminal with a title.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::{Reply, Server, settings, signed_in};
use tempfile::TempDir;
use tracker_wire::AgentSettings;

/// sway refuses to be root, and so do we here: a person without rights.
const NOBODY: u32 = 65_534;

/// No other programs, no pictures, no keys; an output and a seat are there without any device.
const CONFIG: &str = "xwayland disable\nfocus_follows_mouse no\n";

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// A compositor in a folder of its own, where whoever runs it may read and write.
struct Session {
    dir: TempDir,
    display: String,
    _sway: Running,
}

impl Session {
    fn open() -> Option<Self> {
        for program in ["sway", "swaymsg", "foot"] {
            let found = Command::new("sh")
                .args(["-c", &format!("command -v {program}")])
                .output();
            if found.unwrap().stdout.is_empty() {
                println!("skipped: {program} is not installed");
                return None;
            }
        }
        let dir = tempfile::Builder::new()
            .permissions(fs::Permissions::from_mode(0o700))
            .tempdir_in("/tmp")
            .unwrap();
        fs::write(dir.path().join("config"), CONFIG).unwrap();
        if is_root() {
            chown(dir.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let mut sway = within(dir.path(), "sway");
        sway.args(["--config", "config"])
            .envs([
                ("WLR_BACKENDS", "headless"),
                ("WLR_LIBINPUT_NO_DEVICES", "1"),
                ("WLR_RENDERER", "pixman"),
            ])
            .stderr(fs::File::create(dir.path().join("said")).unwrap());
        let sway = Running(sway.spawn().unwrap());
        eventually("sway's socket", || {
            socket(dir.path(), "sway-ipc.").is_some()
        });
        let display = socket(dir.path(), "wayland-").unwrap();
        Some(Self {
            dir,
            display: display.file_name().unwrap().to_string_lossy().into_owned(),
            _sway: sway,
        })
    }

    /// A terminal with this title, in front.
    fn terminal(&self, title: &str) -> Running {
        let mut foot = within(self.dir.path(), "foot");
        foot.args(["--title", title, "cat"])
            .env("WAYLAND_DISPLAY", &self.display);
        let foot = Running(foot.spawn().unwrap());
        eventually("the terminal", || self.focused()["name"] == title);
        foot
    }

    fn swaymsg(&self, arguments: &[&str]) -> Value {
        let mut command = within(self.dir.path(), "swaymsg");
        command
            .args(["--raw"])
            .args(arguments)
            .env("SWAYSOCK", socket(self.dir.path(), "sway-ipc.").unwrap())
            .stdout(Stdio::piped());
        serde_json::from_slice(&command.output().unwrap().stdout).unwrap()
    }

    fn focused(&self) -> Value {
        fn find(node: &Value) -> Option<Value> {
            let nodes = ["nodes", "floating_nodes"];
            if node["focused"] == true {
                return Some(node.clone());
            }
            let mut inner = nodes
                .iter()
                .flat_map(|name| node[name].as_array())
                .flatten();
            inner.find_map(find)
        }
        find(&self.swaymsg(&["-t", "get_tree"])).unwrap_or_default()
    }
}

fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

/// A program in that folder, with nothing of this test's environment, as nobody where we are root.
fn within(dir: &Path, program: &str) -> Command {
    let mut command = Command::new(program);
    let path = std::env::var_os("PATH").unwrap();
    command
        .env_clear()
        .env("PATH", path)
        .env("HOME", dir)
        .env("XDG_RUNTIME_DIR", dir)
        .env("LANG", "C.UTF-8");
    // What stands in this folder or that a person without rights may read; the test's own folder may be closed to it.
    command.current_dir(dir);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

fn socket(dir: &Path, prefix: &str) -> Option<PathBuf> {
    let is_socket = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(prefix) && !name.ends_with(".lock")
    };
    let entries = fs::read_dir(dir).ok()?;
    entries.flatten().map(|entry| entry.path()).find(is_socket)
}

fn eventually(what: &str, holds: impl Fn() -> bool) {
    let since = Instant::now();
    while !holds() {
        assert!(since.elapsed() < Duration::from_secs(30), "never: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The program at this compositor; as ourselves, for the folder with its secrets is ours.
fn agent(session: &Session, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tracker-agent"));
    command
        .env_clear()
        .env("TRACKER_AGENT_HOME", folder)
        .env("XDG_RUNTIME_DIR", session.dir.path())
        .env("XDG_SESSION_TYPE", "wayland")
        .env("WAYLAND_DISPLAY", &session.display);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

#[test]
fn the_window_in_front_and_idle_time_are_recorded_at_a_compositor_that_tells() {
    let Some(session) = Session::open() else {
        return;
    };
    let _first = session.terminal("Quarterly figures");
    let server = Server::friendly();
    let (_dir, home) = signed_in(&server.url);
    let status = agent(&session, home.dir(), &["status", "--json"])
        .stdout(Stdio::piped())
        .output()
        .unwrap();
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!(
        status["limitations"],
        json!(["activity_not_available", "screenshots_not_available"])
    );
    let run = agent(
        &session,
        home.dir(),
        &["run", "--no-activitywatch", "--sync-interval", "1"],
    )
    .spawn()
    .unwrap();
    let run = Running(run);
    let kept = |title: &str| {
        let queue = tracker_agent::queue::Queue::open(&home).unwrap();
        let open = queue.note(tracker_agent::queue::note::OPEN).unwrap();
        open.unwrap_or_default().contains(title)
    };
    eventually("the first title", || kept("Quarterly figures"));
    let _second = session.terminal("Shopping list");
    eventually("the second title", || kept("Shopping list"));
    let id = nix::unistd::Pid::from_raw(run.0.id().try_into().unwrap());
    nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGTERM).unwrap();
    eventually("both windows", || {
        let windows = server.uploaded("applications");
        ["Quarterly figures", "Shopping list"].iter().all(|title| {
            windows
                .iter()
                .any(|window| window["app"] == "foot" && window["title"] == *title)
        })
    });
    drop(run);
}

#[test]
fn without_input_the_compositor_tells_that_nobody_is_there() {
    let Some(session) = Session::open() else {
        return;
    };
    let server = Server::friendly();
    let (_dir, home) = signed_in(&server.url);
    let quick = AgentSettings {
        version: 2,
        idle_threshold_seconds: 2,
        ..settings()
    };
    server.now(move |request| {
        (request.path == "/api/agent/settings").then(|| Reply::Json(200, json!(quick)))
    });
    let run = agent(
        &session,
        home.dir(),
        &["run", "--no-activitywatch", "--sync-interval", "1"],
    );
    let run = Running({ run }.spawn().unwrap());
    let idle_seconds = || -> i64 {
        let rows = server.uploaded("activity");
        rows.iter()
            .filter_map(|row| row["idle_seconds"].as_i64())
            .sum()
    };
    let open = || -> Option<Value> {
        let queue = tracker_agent::queue::Queue::open(&home).unwrap();
        queue.read(tracker_agent::queue::note::OPEN).unwrap()
    };
    eventually("a session of five seconds", || {
        open().is_some_and(|open| {
            let began: chrono::DateTime<chrono::Utc> =
                serde_json::from_value(open["session"]["started_at"].clone()).unwrap();
            open["timeline"]["cursor"].as_i64().unwrap() - began.timestamp() >= 5
        })
    });
    let id = nix::unistd::Pid::from_raw(run.0.id().try_into().unwrap());
    nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGTERM).unwrap();
    eventually("idle time", || idle_seconds() > 0);
    drop(run);
}
