//! What the program says. A terminal that was closed is no reason to stop recording, so a line that
//! nobody can read is lost in silence. `run` keeps what it says in `agent.log` as well: callers say
//! nothing of what was recorded, and no key, token or password.

use std::fmt::Display;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use chrono::{SecondsFormat, Utc};

use crate::home::{Home, private};

/// Of each file, and how many older ones are kept: three megabytes at the most.
const MOST_BYTES: u64 = 1_000_000;
const OLDER: u32 = 2;
/// A server's explanation is part of some lines.
const MOST_CHARS: usize = 1000;

static LOG: OnceLock<Mutex<Log>> = OnceLock::new();

pub fn say(line: impl Display) {
    writeln!(std::io::stdout(), "{line}").ok();
    keep(&line, &now());
}

pub fn warn(line: impl Display) {
    writeln!(std::io::stderr(), "{line}").ok();
    keep(&line, &now());
}

/// The same with the time before it, for what happens while `run` goes on.
pub fn say_now(line: impl Display) {
    let at = now();
    writeln!(std::io::stdout(), "{at} {line}").ok();
    keep(&line, &at);
}

pub fn warn_now(line: impl Display) {
    let at = now();
    writeln!(std::io::stderr(), "{at} {line}").ok();
    keep(&line, &at);
}

/// From now on this process keeps what it says. One process at a time does: the one that records.
pub fn log_to(home: &Home) {
    LOG.get_or_init(|| Mutex::new(Log::at(home.log_file())));
}

fn keep(line: &impl Display, at: &str) {
    if let Some(log) = LOG.get() {
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        // On a full disk there is nobody left to tell.
        log.write(&line.to_string(), at).ok();
    }
}

fn now() -> String {
    Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true)
}

struct Log {
    path: PathBuf,
    /// Open, with its size.
    file: Option<(File, u64)>,
}

impl Log {
    fn at(path: PathBuf) -> Self {
        Self { path, file: None }
    }

    fn write(&mut self, line: &str, at: &str) -> std::io::Result<()> {
        let line: String = line
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(MOST_CHARS)
            .collect();
        let line = format!("{at} {line}\n");
        let (mut file, size) = match self.file.take() {
            Some(open) => open,
            None => open(&self.path)?,
        };
        let added = u64::try_from(line.len()).unwrap_or(u64::MAX);
        if size > 0 && size.saturating_add(added) > MOST_BYTES {
            drop(file);
            self.rotate()?;
            self.file = Some(open(&self.path)?);
            return self.append(&line, added);
        }
        file.write_all(line.as_bytes())?;
        self.file = Some((file, size.saturating_add(added)));
        Ok(())
    }

    fn append(&mut self, line: &str, added: u64) -> std::io::Result<()> {
        if let Some((file, size)) = &mut self.file {
            file.write_all(line.as_bytes())?;
            *size = size.saturating_add(added);
        }
        Ok(())
    }

    /// `agent.log` becomes `agent.log.1`, that one `agent.log.2`; the oldest goes.
    fn rotate(&self) -> std::io::Result<()> {
        for number in (1..OLDER).rev() {
            let (from, to) = (older(&self.path, number), older(&self.path, number + 1));
            match fs::rename(from, to) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        fs::rename(&self.path, older(&self.path, 1))
    }
}

fn older(path: &Path, number: u32) -> PathBuf {
    path.with_extension(format!("log.{number}"))
}

fn open(path: &Path) -> std::io::Result<(File, u64)> {
    let file = private(OpenOptions::new().append(true).create(true)).open(path)?;
    let size = file.metadata()?.len();
    Ok((file, size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_is_bounded_by_three_files_and_loses_the_oldest_lines() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("agent.log");
        let mut log = Log::at(path.clone());
        let line = "x".repeat(990);
        let lines = 4 * MOST_BYTES / 1000;
        for number in 0..lines {
            log.write(&format!("{number:08} {line}"), "then").unwrap();
        }
        let mut names: Vec<String> = fs::read_dir(dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["agent.log", "agent.log.1", "agent.log.2"]);
        for name in names {
            assert!(fs::metadata(dir.path().join(name)).unwrap().len() <= MOST_BYTES);
        }
        let first = |name: &str| -> u64 {
            let text = fs::read_to_string(dir.path().join(name)).unwrap();
            text.split(' ').nth(1).unwrap().parse().unwrap()
        };
        assert!(
            0 < first("agent.log.2")
                && first("agent.log.2") < first("agent.log.1")
                && first("agent.log.1") < first("agent.log")
        );
        // Another process goes on where this one ended.
        let size = fs::metadata(&path).unwrap().len();
        Log::at(path.clone()).write("again", "then").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().len(), size + 11);
    }

    #[test]
    fn a_line_stays_one_line_and_is_bounded() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("agent.log");
        let text = format!("a\nb\u{1b}[2J{}", "c".repeat(5000));
        Log::at(path.clone()).write(&text, "then").unwrap();
        let kept = fs::read_to_string(&path).unwrap();
        assert!(kept.starts_with("then a b [2Jccc"), "{kept:.40}");
        assert_eq!(kept.lines().count(), 1);
        assert_eq!(kept.len(), "then \n".len() + MOST_CHARS);
    }

    #[cfg(unix)]
    #[test]
    fn the_log_is_for_this_person_alone() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("agent.log");
        Log::at(path.clone()).write("hello", "then").unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}
