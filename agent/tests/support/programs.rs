//! Programs that tests start: an X server of their own, and what runs on it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{AtomEnum, ConnectionExt as _, PropMode};
use x11rb::wrapper::ConnectionExt as _;

/// Killed with the test, whatever becomes of it.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// An X server, which removes its socket when it is asked to end, and only then.
pub struct Display(Running);

impl Display {
    pub fn end(&mut self) {
        if self.0.0.try_wait().unwrap().is_none() {
            signal(&self.0, "-TERM");
            self.0.0.wait().ok();
        }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        self.end();
    }
}

/// Whether this program is installed; said where it is not, as its tests are skipped then.
pub fn has(program: &str) -> bool {
    let found = Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .output()
        .unwrap();
    if found.stdout.is_empty() {
        println!("skipped: {program} is not installed");
    }
    !found.stdout.is_empty()
}

pub fn signal(running: &Running, name: &str) {
    let id = running.0.id().to_string();
    assert!(
        Command::new("kill")
            .args([name, &id])
            .status()
            .unwrap()
            .success()
    );
}

/// On a number of this process's own: servers that choose one by themselves take each other's sockets
/// away when one ends while another starts.
pub fn x_server() -> (String, Display) {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let number =
            100 + (std::process::id() * 16 + NEXT.fetch_add(1, Ordering::Relaxed)) % 20_000;
        let display = format!(":{number}");
        let mut server = Command::new("Xvfb");
        server.args([
            &display,
            "-displayfd",
            "1",
            "-screen",
            "0",
            "800x600x24",
            "-nolisten",
            "tcp",
            // Without it the server starts anew when its only client leaves, and throws out who just came.
            "-noreset",
        ]);
        let mut server = Running(
            server
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap(),
        );
        // It writes its number when it is ready, and nothing when somebody has that one.
        let mut ready = String::new();
        BufReader::new(server.0.stdout.take().unwrap())
            .read_line(&mut ready)
            .unwrap();
        if !ready.is_empty() {
            return (display, Display(server));
        }
    }
}

pub fn eventually(what: &str, holds: impl Fn() -> bool) {
    let since = Instant::now();
    while !holds() {
        assert!(since.elapsed() < Duration::from_secs(30), "never: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// What a window manager does.
pub fn name_active(display: &str, id: u32) {
    let (conn, number) = x11rb::connect(Some(display)).unwrap();
    let root = conn.setup().roots[number].root;
    let name = conn
        .intern_atom(false, b"_NET_ACTIVE_WINDOW")
        .unwrap()
        .reply()
        .unwrap()
        .atom;
    conn.change_property32(PropMode::REPLACE, root, name, AtomEnum::WINDOW, &[id])
        .unwrap()
        .check()
        .unwrap();
}
