//! Starts the server, keeps it as long as it is wanted, and ends it politely, then less so.

use std::fs;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::mpsc::{Sender, channel};
use std::thread::{JoinHandle, sleep};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::POLL;

/// Recovery after a crash replays at most `max_wal_size`; a slow disk needs this long for it.
const START_PATIENCE: Duration = Duration::from_secs(120);
const FAST_PATIENCE: Duration = Duration::from_secs(20);
const IMMEDIATE_PATIENCE: Duration = Duration::from_secs(5);

/// A running server; it ends when this is dropped.
pub struct Keeper {
    wanted: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Starts the server from a thread of its own that lives as long as the server does, because the
    /// "parent" whose death is signalled is the thread that forked, not the process.
    pub fn start(mut command: Command, cluster: PathBuf) -> Result<Self> {
        command.process_group(0);
        end_with_parent(&mut command);
        let (wanted, unwanted) = channel::<()>();
        let (report, reported) = channel();
        let thread = std::thread::Builder::new().name("postgres-keeper".into());
        let thread = thread.spawn(move || {
            let spawned = command.spawn();
            // The command still has a handle of the lock.
            drop(command);
            let mut child = match spawned {
                Ok(child) => child,
                Err(error) => return drop(report.send(Err(error.into()))),
            };
            let ready = wait_until_ready(&mut child, &cluster);
            if report.send(ready).is_ok() {
                // Nothing is ever sent: the channel closes when the keeper is dropped.
                let _ = unwanted.recv();
            }
            shut_down(&mut child);
        })?;
        let keeper = Self {
            wanted: Some(wanted),
            thread: Some(thread),
        };
        reported
            .recv()
            .context("the thread that keeps PostgreSQL ended")??;
        Ok(keeper)
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.wanted.take();
        // A thread that panicked leaves nothing to wait for.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

#[cfg(target_os = "linux")]
#[expect(
    unsafe_code,
    reason = "asking for a signal at the parent's death is only possible between fork and exec"
)]
fn end_with_parent(command: &mut Command) {
    // SAFETY: the closure makes one system call and neither allocates nor takes a lock.
    unsafe {
        command
            .pre_exec(|| nix::sys::prctl::set_pdeathsig(Signal::SIGINT).map_err(io::Error::from));
    }
}

/// Elsewhere there is no such signal; a server left behind by a kill -9 is named at the next start.
#[cfg(not(target_os = "linux"))]
fn end_with_parent(_command: &mut Command) {}

/// The server itself writes into postmaster.pid when it is ready: no client is needed to find out.
fn wait_until_ready(child: &mut Child, cluster: &Path) -> Result<()> {
    let begin = Instant::now();
    let pid = child.id().to_string();
    while begin.elapsed() < START_PATIENCE {
        if let Some(status) = child.try_wait()? {
            bail!("PostgreSQL ended at its start ({status})");
        }
        let text = fs::read_to_string(cluster.join("postmaster.pid")).unwrap_or_default();
        let mut lines = text.lines();
        if lines.next() == Some(&pid) && lines.nth(6).is_some_and(|state| state.trim() == "ready") {
            return Ok(());
        }
        sleep(POLL);
    }
    bail!(
        "PostgreSQL accepted no connection within {} s",
        START_PATIENCE.as_secs()
    )
}

fn shut_down(child: &mut Child) {
    for (signal, patience) in [
        (Signal::SIGINT, FAST_PATIENCE),
        (Signal::SIGQUIT, IMMEDIATE_PATIENCE),
    ] {
        if has_ended(child) || send(child, signal) && ends_within(child, patience) {
            return;
        }
        tracing::warn!(signal = signal.as_str(), "PostgreSQL does not stop");
    }
    // An error here means that it has just ended.
    let _ = child.kill();
    let _ = child.wait();
}

fn send(child: &Child, signal: Signal) -> bool {
    // Not reaped yet, so the number is still this child's.
    i32::try_from(child.id()).is_ok_and(|pid| kill(Pid::from_raw(pid), signal).is_ok())
}

fn has_ended(child: &mut Child) -> bool {
    matches!(child.try_wait(), Ok(Some(_)))
}

fn ends_within(child: &mut Child, patience: Duration) -> bool {
    let begin = Instant::now();
    while begin.elapsed() < patience {
        if has_ended(child) {
            return true;
        }
        sleep(POLL);
    }
    false
}
