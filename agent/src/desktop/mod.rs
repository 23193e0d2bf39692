//! What the agent can see of a desktop, behind one trait: an X11 server, a Wayland compositor, Windows, macOS, a
//! desktop that hides its windows from programs, and a scripted one for tests.

pub mod fake;
#[cfg(target_os = "linux")]
pub mod hidden;
#[cfg(target_os = "linux")]
mod idle_monitor;
#[cfg(target_os = "linux")]
pub mod linux_x11;
#[cfg(target_os = "linux")]
mod logind;
#[cfg(target_os = "macos")]
pub mod macos;
#[cfg(target_os = "linux")]
mod pixels;
#[cfg(target_os = "linux")]
mod wayland;
#[cfg(target_os = "windows")]
mod windows;

use std::time::{Duration, Instant};

use anyhow::Result;
#[cfg(target_os = "linux")]
use anyhow::bail;
use image::RgbImage;

/// The window in front, as the desktop names it: no rule of the company has been applied yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    pub app: String,
    pub title: String,
}

/// Input events since the last call. Counts only: which key or where the pointer was is never read.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Activity {
    pub keystrokes: u32,
    pub mouse_events: u32,
}

/// A desktop that does not tell what is in front.
pub const TITLES_NOT_AVAILABLE: &str = "titles_not_available";
/// A desktop that does not tell how often keys and mouse are used.
pub const ACTIVITY_NOT_AVAILABLE: &str = "activity_not_available";
/// A desktop that gives no pictures of itself.
pub const SCREENSHOTS_NOT_AVAILABLE: &str = "screenshots_not_available";

/// Every call is made about once a second, and where a change in front is heard, also then. An error means that the
/// desktop is gone.
pub trait Desktop {
    /// Waits until then, or until something changed in front: then says since when. Who waits asks for the window next.
    fn wait(&mut self, until: Instant) -> Result<Option<Instant>> {
        std::thread::sleep(until.saturating_duration_since(Instant::now()));
        Ok(None)
    }
    fn active_window(&mut self) -> Result<Option<Window>>;
    /// How long ago the last input was; nothing where the desktop does not tell.
    fn idle(&mut self) -> Result<Option<Duration>>;
    fn activity(&mut self) -> Result<Activity>;
    /// Whether the screen is locked, dark, or shows another person's session: asked lately, or `anew`.
    fn is_locked(&mut self, anew: bool) -> Result<bool>;
    /// The picture of one display, counted from 0; nothing after the last one.
    fn screenshot(&mut self, display: u8) -> Result<Option<RgbImage>>;
    /// What this desktop cannot do, in the server's words.
    fn limitations(&self) -> Vec<String>;
}

/// The desktop of this session.
#[cfg(target_os = "linux")]
pub fn open() -> Result<Box<dyn Desktop>> {
    if is_wayland() {
        return Ok(wayland());
    }
    if std::env::var_os("DISPLAY").is_none_or(|display| display.is_empty()) {
        bail!("there is no desktop to record: DISPLAY is not set");
    }
    Ok(Box::new(linux_x11::X11::open(None)?))
}

/// A compositor that does not answer hides everything, but not that somebody works.
#[cfg(target_os = "linux")]
fn wayland() -> Box<dyn Desktop> {
    match wayland::Wayland::open() {
        Ok(desktop) => Box::new(desktop),
        Err(_) => Box::new(hidden::Hidden::new()),
    }
}

/// The limitations of this session's desktop, as far as they are known without recording it.
#[cfg(target_os = "linux")]
pub fn limitations() -> Vec<String> {
    if is_wayland() {
        wayland().limitations()
    } else {
        Vec::new()
    }
}

/// For example `Debian GNU/Linux 12 (bookworm), X11`.
#[cfg(target_os = "linux")]
pub fn describe() -> String {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = release
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="))
        .map_or("Linux", |name| name.trim_matches('"'));
    let session = if is_wayland() { "Wayland" } else { "X11" };
    format!("{name:.80}, {session}")
}

/// A Wayland session offers an X server as well, but that one sees neither native windows nor
/// their input: what it reports would be wrong, not just incomplete.
#[cfg(target_os = "linux")]
pub(crate) fn is_wayland() -> bool {
    let says = |name: &str| std::env::var(name).unwrap_or_default();
    !says("WAYLAND_DISPLAY").is_empty() || says("XDG_SESSION_TYPE") == "wayland"
}

#[cfg(target_os = "macos")]
pub use macos::{describe, limitations, open};
#[cfg(target_os = "windows")]
pub use windows::{describe, limitations, open};
