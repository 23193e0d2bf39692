//! A bus of a test's own, as a desktop's session has one.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::programs::Running;

/// A session's bus, and nothing on it.
pub struct Bus {
    _daemon: Running,
    _dir: TempDir,
    pub address: String,
}

impl Bus {
    pub fn start() -> Self {
        let dir = TempDir::new().unwrap();
        let address = format!("--address=unix:path={}", dir.path().join("bus").display());
        let mut daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--print-address=1", &address])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map(Running)
            .unwrap();
        let mut address = String::new();
        let mut said = BufReader::new(daemon.0.stdout.take().unwrap());
        said.read_line(&mut address).unwrap();
        Self {
            _daemon: daemon,
            _dir: dir,
            address: address.trim().to_owned(),
        }
    }
}
