//! The agent's folder: one per person and closed to everybody else. Secrets lie in a file of mode
//! 0600 that is replaced whole, so that a crash leaves the old pair or the new one.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use tracker_wire::AgentUser;
use uuid::Uuid;

use crate::keyring;

/// Longer than a whole pass of requests may take, so that waiting ends by itself.
const LOCK_PATIENCE: Duration = Duration::from_secs(180);

#[derive(Debug, Clone)]
pub struct Home {
    dir: PathBuf,
}

impl Home {
    /// `TRACKER_AGENT_HOME`, else `tracker-agent` in the desktop's folder for configuration.
    pub fn locate() -> Result<Self> {
        if let Some(dir) = set("TRACKER_AGENT_HOME") {
            return Self::at(dir);
        }
        Self::at(config_folder()?.join("tracker-agent"))
    }

    /// Takes an existing folder, too, and closes it to others.
    pub fn at(dir: impl Into<PathBuf>) -> Result<Self> {
        let dir = dir.into();
        let told = || format!("cannot use {}", dir.display());
        make_private(&dir).with_context(told)?;
        close(&dir).with_context(told)?;
        let home = Self { dir };
        make_private(&home.screenshots())?;
        Ok(home)
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub fn queue_file(&self) -> PathBuf {
        self.dir.join("queue.sqlite3")
    }

    pub fn screenshots(&self) -> PathBuf {
        self.dir.join("screenshots")
    }

    pub fn log_file(&self) -> PathBuf {
        self.dir.join("agent.log")
    }

    /// Held by the one process that records.
    pub fn try_recording(&self) -> Result<Option<File>> {
        let file = self.lock_file("run.lock")?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// Held by the one process that talks to the server: a refresh token must not be spent twice.
    pub fn talking(&self) -> Result<File> {
        let file = self.lock_file("sync.lock")?;
        let since = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(fs::TryLockError::Error(error)) => return Err(error.into()),
                Err(fs::TryLockError::WouldBlock) if since.elapsed() > LOCK_PATIENCE => {
                    bail!("another tracker-agent has been talking to the server for minutes")
                }
                Err(fs::TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    /// Who is signed in where. Secrets that the keyring keeps are not asked for.
    pub fn account(&self) -> Result<Option<Credentials>> {
        match fs::read(self.dir.join("credentials.json")) {
            Ok(bytes) => Ok(Some(
                serde_json::from_slice(&bytes)
                    .context("credentials.json is damaged; sign in again")?,
            )),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).context("credentials.json cannot be read"),
        }
    }

    pub fn credentials(&self) -> Result<Option<Credentials>> {
        let Some(mut credentials) = self.account()? else {
            return Ok(None);
        };
        if let Some(entry) = credentials.keyring {
            credentials.put_in(in_keyring(entry)?);
        }
        Ok(Some(credentials))
    }

    /// Returns when the new credentials would survive a power cut. In a keyring each sign-in has an entry of its own, and
    /// the file names the one that counts: so there, too, the old pair holds or the new one.
    pub fn keep(&self, credentials: &Credentials) -> Result<()> {
        let before = self.account().ok().flatten();
        let mut kept = credentials.clone();
        if kept.keyring.is_some() {
            let entry = Uuid::now_v7();
            let secrets = kept.take_out();
            keyring::store(&entry.to_string(), &serde_json::to_string(&secrets)?)?;
            kept.keyring = Some(entry);
        }
        write_private(
            &self.dir.join("credentials.json"),
            &serde_json::to_vec_pretty(&kept)?,
        )?;
        if let Some(old) = before.and_then(|before| before.keyring) {
            // What is left there has been replaced: it opens nothing.
            keyring::forget(&old.to_string()).ok();
        }
        Ok(())
    }

    fn lock_file(&self, name: &str) -> Result<File> {
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        Ok(private(&mut options).open(self.dir.join(name))?)
    }
}

/// Writes beside the target and renames: readers see the old file or the new one, never a part.
pub fn write_private(target: &Path, bytes: &[u8]) -> Result<()> {
    let folder = target.parent().context("a file in a folder")?;
    let beside = target.with_extension("new");
    let written = || -> std::io::Result<()> {
        let mut options = OpenOptions::new();
        options.create(true).truncate(true).write(true);
        let mut file = private(&mut options).open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, target)?;
        sync_folder(folder)
    };
    written()
        .inspect_err(|_| drop(fs::remove_file(&beside)))
        .with_context(|| format!("cannot write {}", target.display()))
}

/// What `login` leaves behind for the other commands.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Credentials {
    pub server: String,
    #[serde(default)]
    pub allow_http: bool,
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    #[serde(default)]
    pub company_key: Secret,
    #[serde(default)]
    pub access_token: Secret,
    #[serde(default)]
    pub refresh_token: Secret,
    pub user: AgentUser,
    /// The entry of the platform's keyring that holds the three secrets, which are empty here then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keyring: Option<Uuid>,
}

impl Credentials {
    fn take_out(&mut self) -> Secrets {
        Secrets {
            company_key: std::mem::take(&mut self.company_key),
            access_token: std::mem::take(&mut self.access_token),
            refresh_token: std::mem::take(&mut self.refresh_token),
        }
    }

    fn put_in(&mut self, secrets: Secrets) {
        self.company_key = secrets.company_key;
        self.access_token = secrets.access_token;
        self.refresh_token = secrets.refresh_token;
    }
}

/// What a keyring's entry holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Secrets {
    company_key: Secret,
    access_token: Secret,
    refresh_token: Secret,
}

/// An entry never changes, and is asked for before each pass to the server: once is enough.
fn in_keyring(entry: Uuid) -> Result<Secrets> {
    static KNOWN: Mutex<Option<(Uuid, Secrets)>> = Mutex::new(None);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, secrets)) = known.as_ref().filter(|(of, _)| *of == entry) {
        return Ok(secrets.clone());
    }
    let secrets: Secrets = serde_json::from_str(&keyring::load(&entry.to_string())?)
        .context("the keyring's entry is damaged; sign in again")?;
    *known = Some((entry, secrets.clone()));
    Ok(secrets)
}

/// A text that no log or message shows.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// A file that others may not read. On Windows the profile's own folder is closed to them already.
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

fn make_private(dir: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(dir)
}

#[cfg(unix)]
fn close(dir: &Path) -> std::io::Result<()> {
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    fs::set_permissions(dir, mode)
}

#[cfg(not(unix))]
fn close(_dir: &Path) -> std::io::Result<()> {
    Ok(())
}

/// A renamed file outlives a power cut when its folder is on disk too. Windows has no such call and needs none.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Where programs of this platform keep what belongs to one person.
#[cfg(target_os = "windows")]
pub(crate) fn config_folder() -> Result<PathBuf> {
    set("LOCALAPPDATA").context("neither TRACKER_AGENT_HOME nor LOCALAPPDATA is set")
}

#[cfg(target_os = "macos")]
pub(crate) fn config_folder() -> Result<PathBuf> {
    let home = set("HOME").context("neither TRACKER_AGENT_HOME nor HOME is set")?;
    Ok(home.join("Library/Application Support"))
}

#[cfg(not(any(target_os = "windows", target_os = "macos")))]
pub(crate) fn config_folder() -> Result<PathBuf> {
    set("XDG_CONFIG_HOME")
        .or_else(|| Some(set("HOME")?.join(".config")))
        .context("neither XDG_CONFIG_HOME nor HOME is set")
}

/// A variable that is set to something.
pub(crate) fn set(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}
