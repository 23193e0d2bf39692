//! One server at a time on a data directory, and nobody's remains in the way of the next.

use std::fs::{self, File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use nix::sys::signal::kill;
use nix::unistd::Pid;

use super::POLL;

/// Takes the home for us alone. After a kill -9 of our forerunner its server needs a moment to end.
pub fn take(home: &Path) -> Result<File> {
    let path = home.join("lock");
    let mut options = File::options();
    options
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600);
    let mut file = options
        .open(&path)
        .with_context(|| format!("{} cannot be written", path.display()))?;
    let begin = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::Error(error)) => {
                return Err(error).context("the data directory cannot be locked");
            }
            Err(TryLockError::WouldBlock) => sleep(POLL),
        }
        let holder = holder(&mut file);
        let alive = holder.is_some_and(is_alive);
        if begin.elapsed() > Duration::from_secs(if alive { 2 } else { 30 }) {
            let who = holder
                .filter(|_| alive)
                .map_or("a server of an ended process".into(), |pid| {
                    format!("process {pid}")
                });
            bail!(
                "the database in {} is already in use by {who}. Stop that one first, or name another place by \
                 DATA_DIR, or a database server of your own by DATABASE_URL",
                home.display()
            );
        }
    }
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "{}", std::process::id())?;
    Ok(file)
}

fn holder(lock: &mut File) -> Option<Pid> {
    let mut text = String::new();
    lock.rewind().ok()?;
    lock.take(16).read_to_string(&mut text).ok()?;
    text.parse().ok().map(Pid::from_raw)
}

fn is_alive(pid: Pid) -> bool {
    kill(pid, None) != Err(nix::errno::Errno::ESRCH)
}

/// PostgreSQL clears a stale postmaster.pid away, unless its number now belongs to another process of
/// the same user, as happens after a restart of a container. Our lock says that no server of ours lives.
pub fn forget_reused_pid(cluster: &Path) -> Result<()> {
    let file = cluster.join("postmaster.pid");
    let Some(pid) = fs::read_to_string(&file)
        .ok()
        .and_then(|text| text.lines().next()?.parse::<u32>().ok())
    else {
        return Ok(());
    };
    match fs::read_to_string(format!("/proc/{pid}/comm")) {
        Ok(name) if name.trim() != "postgres" => {
            fs::remove_file(&file).context("postmaster.pid is stale and stays")
        }
        _ => Ok(()),
    }
}
