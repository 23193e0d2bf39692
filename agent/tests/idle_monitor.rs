//! The program in a session that tells nothing but GNOME's idle time, over a bus of the test's.

#![cfg(target_os = "linux")]

mod support;

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;
use support::bus::Bus;
use support::programs::{eventually, has};
use support::{Reply, Server, friendly, settings, signed_in};
use tracker_wire::AgentSettings;
use zbus::blocking::connection::Builder;

/// Milliseconds since the last input, and how often they were asked for.
#[derive(Clone, Default)]
struct Shell {
    idle: Arc<AtomicU64>,
    asked: Arc<AtomicU64>,
}

#[zbus::interface(name = "org.gnome.Mutter.IdleMonitor")]
impl Shell {
    fn get_idletime(&self) -> u64 {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.idle.load(Ordering::Relaxed)
    }
}

#[test]
fn idle_time_is_told_by_gnome_where_wayland_does_not() {
    if !has("dbus-daemon") {
        return;
    }
    let (bus, shell, server) = (Bus::start(), Shell::default(), Server::friendly());
    let _gnome = Builder::address(bus.address.as_str())
        .unwrap()
        .serve_at("/org/gnome/Mutter/IdleMonitor/Core", shell.clone())
        .unwrap()
        .name("org.gnome.Mutter.IdleMonitor")
        .unwrap()
        .build()
        .unwrap();
    let (_dir, home) = signed_in(&server.url);
    let quick = AgentSettings {
        idle_threshold_seconds: 2,
        ..settings()
    };
    server.now(move |request| {
        Some(match request.path.as_str() {
            "/api/agent/settings" => Reply::Json(200, json!(quick)),
            _ => friendly(request),
        })
    });
    let mut agent = Command::new(env!("CARGO_BIN_EXE_tracker-agent"))
        .args(["run", "--for", "12", "--sync-interval", "1"])
        .args(["--no-activitywatch", "--no-tray"])
        .env_remove("DISPLAY")
        .env("WAYLAND_DISPLAY", "wayland-of-a-test")
        .env("DBUS_SESSION_BUS_ADDRESS", &bus.address)
        .env("TRACKER_AGENT_HOME", home.dir())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    eventually("some seconds at work", || {
        shell.asked.load(Ordering::Relaxed) > 5
    });
    shell.idle.store(60_000, Ordering::Relaxed);
    assert!(agent.wait().unwrap().success());
    let minutes = server.uploaded("activity");
    let sum = |name: &str| -> i64 {
        let seconds = minutes.iter().map(|minute| minute[name].as_i64().unwrap());
        seconds.sum()
    };
    let (active, idle) = (sum("active_seconds"), sum("idle_seconds"));
    assert!(active >= 3 && idle >= 2, "{active} active, {idle} idle");
    assert!((10..=13).contains(&(active + idle)), "{active} + {idle}");
    assert!(server.uploaded("applications").is_empty());
}
