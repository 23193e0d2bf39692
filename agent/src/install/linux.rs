//! A systemd user unit where systemd knows of the desktop's session, else an entry in `autostart`.
//! Desktops that systemd knows nothing of would never start the unit.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::Result;

use super::{remove_file, write_file};
use crate::home::{config_folder, set};

const UNIT: &str = "tracker-agent.service";
const ENTRY: &str = "autostart/tracker-agent.desktop";
const SESSION: &str = "graphical-session.target";

pub(super) fn install(program: &str) -> Result<String> {
    let (unit, entry) = (unit_file()?, config_folder()?.join(ENTRY));
    if systemctl(&["is-active", "--quiet", SESSION]) {
        write_file(&unit, &unit_text(program))?;
        if systemctl(&["daemon-reload"]) && systemctl(&["enable", "--quiet", UNIT]) {
            without_entry()?;
            return Ok(format!("systemd user unit {}", unit.display()));
        }
    }
    without_unit()?;
    write_file(&entry, &entry_text(program))?;
    Ok(entry.display().to_string())
}

pub(super) fn remove() -> Result<()> {
    without_unit()?;
    without_entry()
}

pub(super) fn found() -> Vec<String> {
    let Ok(folder) = config_folder() else {
        return Vec::new();
    };
    let is_enabled = fs::symlink_metadata(wanted(&folder)).is_ok();
    let unit = is_enabled.then(|| format!("systemd user unit {UNIT}"));
    let own = folder.join(ENTRY);
    let entry = match fs::read_to_string(&own) {
        Ok(text) => (!is_hidden(&text)).then_some(own),
        Err(_) => everybodys_entry(),
    };
    let entry = entry.map(|entry| entry.display().to_string());
    unit.into_iter().chain(entry).collect()
}

fn unit_file() -> Result<PathBuf> {
    Ok(config_folder()?.join("systemd/user").join(UNIT))
}

/// The link by which the session's start brings the unit with it.
fn wanted(folder: &std::path::Path) -> PathBuf {
    folder.join(format!("systemd/user/{SESSION}.wants/{UNIT}"))
}

fn without_unit() -> Result<()> {
    let unit = unit_file()?;
    if unit.exists() {
        // Where systemd does not answer, for example over SSH, the link is all there is to it.
        systemctl(&["disable", "--quiet", UNIT]);
    }
    remove_file(&wanted(&config_folder()?))?;
    remove_file(&unit)
}

/// An entry of a package, for everybody, is hidden by one's own of the same name.
fn without_entry() -> Result<()> {
    let own = config_folder()?.join(ENTRY);
    match everybodys_entry() {
        Some(_) => write_file(&own, "[Desktop Entry]\nType=Application\nHidden=true\n"),
        None => remove_file(&own),
    }
}

fn everybodys_entry() -> Option<PathBuf> {
    let folders = set("XDG_CONFIG_DIRS").unwrap_or_else(|| "/etc/xdg".into());
    std::env::split_paths(&folders)
        .map(|folder| folder.join(ENTRY))
        .find(|entry| entry.exists())
}

fn is_hidden(entry: &str) -> bool {
    entry.lines().any(|line| line.trim() == "Hidden=true")
}

/// Whether it went well. It says nothing itself: without systemd there is the other way.
fn systemctl(arguments: &[&str]) -> bool {
    let mut command = Command::new("systemctl");
    command.arg("--user").args(arguments);
    command.stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn unit_text(program: &str) -> String {
    format!(
        "[Unit]\nDescription=Records work time by the company's settings\nPartOf={SESSION}\nAfter={SESSION}\n\n\
         [Service]\nExecStart=\"{program}\" run\nRestart=on-failure\nRestartSec=30\n\n\
         [Install]\nWantedBy={SESSION}\n"
    )
}

fn entry_text(program: &str) -> String {
    format!(
        "[Desktop Entry]\nType=Application\nName=Progress tracker\nComment=Records work time by the company's settings\n\
         Exec=\"{program}\" run\nTerminal=false\n"
    )
}
