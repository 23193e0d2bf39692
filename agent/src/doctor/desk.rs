//! What the agent may see of this desk, and what it may write.

use super::Finding;
use crate::home::Home;

#[cfg(unix)]
pub(super) fn folder(home: &Home) -> Vec<Finding> {
    use std::os::unix::fs::PermissionsExt;

    let check = "folder";
    let dir = home.dir().display();
    let entries = match std::fs::read_dir(home.dir()) {
        Ok(entries) => entries,
        Err(error) => {
            let text = format!("{dir} cannot be read ({error})");
            return vec![Finding::stops(check, text, "make it your own again")];
        }
    };
    let is_open = |entry: &std::fs::DirEntry| {
        let mode = entry.metadata().map(|data| data.permissions().mode());
        mode.is_ok_and(|mode| mode & 0o077 != 0)
    };
    let open: Vec<_> = entries.flatten().filter(is_open).collect();
    if open.is_empty() {
        return vec![Finding::ok(check, format!("{dir} is closed to others"))];
    }
    let warn = |entry: std::fs::DirEntry| {
        let path = entry.path();
        let text = format!("{} gives others rights", path.display());
        Finding::warning(check, text, format!("chmod go-rwx '{}'", path.display()))
    };
    open.into_iter().map(warn).collect()
}

#[cfg(not(unix))]
pub(super) fn folder(home: &Home) -> Vec<Finding> {
    let text = format!("{} lies in this person's profile", home.dir().display());
    vec![Finding::ok("folder", text)]
}

#[cfg(target_os = "linux")]
pub(super) fn session() -> Vec<Finding> {
    let check = "session";
    if crate::desktop::is_wayland() {
        return wayland();
    }
    if crate::home::set("DISPLAY").is_none() {
        return vec![Finding::stops(
            check,
            "there is no desktop here, as DISPLAY is not set",
            "ask inside the desktop's session, not by SSH or from a service",
        )];
    }
    x11().unwrap_or_else(|error| {
        vec![Finding::stops(
            check,
            format!("the X11 display does not answer ({error:#})"),
            "ask inside the desktop's session, as the person who is signed in there",
        )]
    })
}

#[cfg(target_os = "linux")]
fn x11() -> anyhow::Result<Vec<Finding>> {
    use x11rb::connection::RequestConnection;
    use x11rb::protocol::{screensaver, xinput};

    let (conn, _) = x11rb::connect(None)?;
    let has = |name| {
        conn.extension_information(name)
            .map(|found| found.is_some())
    };
    let idle = match has(screensaver::X11_EXTENSION_NAME)? {
        true => Finding::ok("idle", "the display tells idle time"),
        false => Finding::warning(
            "idle",
            "the display lacks the extension MIT-SCREEN-SAVER",
            "idle time is told by counted input alone",
        ),
    };
    let input = match has(xinput::X11_EXTENSION_NAME)? {
        true => Finding::ok("input", "the display counts keys and mouse"),
        false => Finding::stops(
            "input",
            "the display lacks the extension XInputExtension",
            "use an X server that has it; the agent does not start without",
        ),
    };
    let screenshots = Finding::ok("screenshots", "X11 asks for no permission");
    let session = Finding::ok("session", "X11, which hides nothing");
    Ok(vec![session, idle, input, screenshots])
}

#[cfg(target_os = "linux")]
fn wayland() -> Vec<Finding> {
    hidden("Wayland", "an X11 session tells all")
}

#[cfg(not(target_os = "linux"))]
pub(super) fn session() -> Vec<Finding> {
    hidden(
        &crate::desktop::describe(),
        "allow it in the system's settings, under privacy: accessibility for titles, screen recording for screenshots",
    )
}

/// One line for each thing that this desktop keeps to itself.
fn hidden(name: &str, advice: &str) -> Vec<Finding> {
    let limitations = crate::desktop::limitations();
    let session = Finding::ok("session", name);
    let hidden = limitations.iter().map(|limitation| {
        let text = format!("hidden by this desktop: {limitation}");
        Finding::warning("session", text, advice)
    });
    std::iter::once(session).chain(hidden).collect()
}
