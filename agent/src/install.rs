//! Starting with the desktop, by its own means: an entry in the folder `autostart`.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use crate::notice::say;

pub fn install(remove: bool) -> Result<bool> {
    let folder = config_folder()?.join("autostart");
    let entry = folder.join("tracker-agent.desktop");
    if remove {
        match fs::remove_file(&entry) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => say("tracker-agent no longer starts with the desktop."),
        }
        return Ok(true);
    }
    let program = std::env::current_exe()?
        .into_os_string()
        .into_string()
        .ok()
        .context("this program's path is not text")?;
    ensure!(
        !program.contains(['"', '\\', '`', '$', '\n', '%']),
        "this program's path holds a character that the desktop would misread"
    );
    fs::create_dir_all(&folder)?;
    let text = format!(
        "[Desktop Entry]\nType=Application\nName=Progress tracker\nComment=Records work time by the company's settings\n\
         Exec=\"{program}\" run\nTerminal=false\n"
    );
    fs::write(&entry, text).with_context(|| format!("cannot write {}", entry.display()))?;
    say(format!(
        "From the next sign-in on `tracker-agent run` starts with the desktop ({}).",
        entry.display()
    ));
    Ok(true)
}

fn config_folder() -> Result<PathBuf> {
    let set = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    set("XDG_CONFIG_HOME")
        .or_else(|| Some(set("HOME")?.join(".config")))
        .context("neither XDG_CONFIG_HOME nor HOME is set")
}
