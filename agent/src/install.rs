//! Starting with the desktop, by its own means: one of them, so that no two agents start.

#[cfg(any(target_os = "macos", test))]
mod launchd;
#[cfg(not(any(target_os = "macos", windows)))]
mod linux;
#[cfg(windows)]
mod run_key;

#[cfg(target_os = "macos")]
use launchd as platform;
#[cfg(not(any(target_os = "macos", windows)))]
use linux as platform;
#[cfg(windows)]
use run_key as platform;

use anyhow::{Context, Result, ensure};

use crate::notice::say;

pub fn install(remove: bool) -> Result<bool> {
    if remove {
        platform::remove()?;
        say("tracker-agent no longer starts with the desktop.");
        return Ok(true);
    }
    let program = std::env::current_exe()?
        .into_os_string()
        .into_string()
        .ok()
        .context("this program's path is not text")?;
    ensure!(
        is_plain(&program),
        "this program's path holds a character that the desktop would misread"
    );
    let by = platform::install(&program)?;
    say(format!(
        "From the next sign-in on `tracker-agent run` starts with the desktop ({by})."
    ));
    Ok(true)
}

/// What starts it at present.
pub fn found() -> Vec<String> {
    platform::found()
}

/// Whether no quoting of any platform changes it.
fn is_plain(program: &str) -> bool {
    let misread = |c: char| c.is_control() || "\"`$%<>&".contains(c);
    !program.contains(misread) && (cfg!(windows) || !program.contains('\\'))
}

/// A file that is gone already is as good as removed.
#[cfg(not(windows))]
fn remove_file(path: &std::path::Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(not(windows))]
fn write_file(path: &std::path::Path, text: &str) -> Result<()> {
    let folder = path.parent().context("a file in a folder")?;
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(path, text))
        .with_context(|| format!("cannot write {}", path.display()))
}
