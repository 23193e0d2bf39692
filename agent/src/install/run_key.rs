//! Windows: a value of the person's own key `Run`, by the system's `reg.exe`.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::home::set;

const KEY: &str = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run";
const VALUE: &str = "tracker-agent";

pub(super) fn install(program: &str) -> Result<String> {
    let line = format!("\"{program}\" run");
    let is_done = reg(&["add", KEY, "/v", VALUE, "/t", "REG_SZ", "/d", &line, "/f"])?;
    ensure!(is_done, "the value {VALUE} of {KEY} cannot be written");
    Ok(format!("{KEY}, {VALUE}"))
}

pub(super) fn remove() -> Result<()> {
    if !found().is_empty() {
        let is_done = reg(&["delete", KEY, "/v", VALUE, "/f"])?;
        ensure!(is_done, "the value {VALUE} of {KEY} cannot be removed");
    }
    Ok(())
}

pub(super) fn found() -> Vec<String> {
    let is_there = reg(&["query", KEY, "/v", VALUE]).unwrap_or(false);
    is_there
        .then(|| format!("{KEY}, {VALUE}"))
        .into_iter()
        .collect()
}

/// By its whole path: a program of that name in the present folder would be taken first.
fn reg(arguments: &[&str]) -> Result<bool> {
    let root = set("SystemRoot").unwrap_or_else(|| PathBuf::from(r"C:\Windows"));
    let mut command = Command::new(root.join(r"System32\reg.exe"));
    command.args(arguments).stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    Ok(command
        .status()
        .context("reg.exe cannot be started")?
        .success())
}
