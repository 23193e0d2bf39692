//! A private PostgreSQL server as our child process, for whoever brings no `DATABASE_URL`.
//! It listens on a unix socket that only this user and root can reach, and it ends with its parent.

mod binaries;
mod keeper;
mod lock;
mod place;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use nix::unistd::{User, geteuid};

use binaries::Binaries;
use keeper::Keeper;
use place::Place;

const SUPERUSER: &str = "postgres";
/// Named on both sides, or a PGPORT in the environment would part them.
const PORT: u16 = 5432;
const MAX_CONNECTIONS: u16 = 100;
const POLL: Duration = Duration::from_millis(10);

pub struct Options {
    /// Belongs to the server alone: its cluster, socket, lock and log live in it.
    pub data_dir: PathBuf,
    /// `false` gives up crash safety for speed; for tests.
    pub durable: bool,
}

/// A running server. Dropping it stops the server.
pub struct Embedded {
    // Fields drop in this order: the server ends before the lock is released.
    _keeper: Keeper,
    _lock: File,
    place: Place,
    major: u32,
}

impl Embedded {
    /// Makes the cluster when there is none, starts the server and waits until it accepts connections.
    pub fn start(options: &Options) -> Result<Self> {
        let account = Account::for_server()?;
        let place = Place::choose(&options.data_dir, account)?;
        let lock = lock::take(&place.home)?;
        place.claim(account)?;
        let cluster = place.cluster();
        let binaries = Binaries::find(place::major_of(&cluster)?, account, &options.data_dir)?;
        if !cluster.exists() {
            create_cluster(&binaries, &place, account, options.durable)?;
        }
        lock::forget_reused_pid(&cluster)?;
        let log = open_log(&place.home)?;
        let mut server = command(&binaries.program("postgres"), account);
        server
            .arg("-D")
            .arg(&cluster)
            .args(settings(&place.sockets, options.durable));
        // The server inherits the lock as its stdin and so holds it for as long as one of its
        // processes lives, even if we are killed.
        server
            .stdin(lock.try_clone()?)
            .stdout(log.try_clone()?)
            .stderr(log);
        let keeper = Keeper::start(server, cluster).with_context(|| explain(&place.home))?;
        let major = binaries.major;
        tracing::info!(major, directory = %place.home.display(), "private PostgreSQL started");
        Ok(Self {
            _keeper: keeper,
            _lock: lock,
            place,
            major,
        })
    }

    /// The address for libpq: the unix socket's directory stands percent-encoded as the host.
    pub fn url(&self, user: &str, database: &str) -> String {
        let host = percent_encoded(self.place.sockets.as_os_str().as_encoded_bytes());
        let (user, database) = (
            percent_encoded(user.as_bytes()),
            percent_encoded(database.as_bytes()),
        );
        format!("postgres://{user}@{host}:{PORT}/{database}")
    }

    pub fn superuser(&self) -> &'static str {
        SUPERUSER
    }

    /// Where everything of this server really is; not `data_dir` when that cannot be reached by its user.
    pub fn home(&self) -> &Path {
        &self.place.home
    }

    /// PostgreSQL's major version.
    pub fn major(&self) -> u32 {
        self.major
    }

    /// Lets running transactions fail, writes a checkpoint and waits for the end.
    pub fn stop(self) {}
}

/// The user the server runs as when we are root, as PostgreSQL refuses to be root.
#[derive(Clone, Copy)]
struct Account {
    uid: u32,
    gid: u32,
}

impl Account {
    fn for_server() -> Result<Option<Self>> {
        if !geteuid().is_root() {
            return Ok(None);
        }
        for name in ["postgres", "nobody"] {
            if let Some(user) = User::from_name(name)? {
                return Ok(Some(Self {
                    uid: user.uid.as_raw(),
                    gid: user.gid.as_raw(),
                }));
            }
        }
        bail!(
            "PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody` to run it as"
        )
    }
}

/// Nothing of our environment goes along: neither our secrets nor PG… variables.
fn command(program: &Path, account: Option<Account>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().current_dir("/").stdin(Stdio::null());
    if let Some(Account { uid, gid }) = account {
        // std also clears the supplementary groups when root changes the uid.
        command.gid(gid).uid(uid);
    }
    command
}

fn create_cluster(
    binaries: &Binaries,
    place: &Place,
    account: Option<Account>,
    durable: bool,
) -> Result<()> {
    // Renamed when whole, so that an interrupted initdb leaves nothing that looks like a cluster.
    let draft = place.home.join("cluster.new");
    place::make_private(&draft, account)?;
    let ctype = if cfg!(target_os = "macos") {
        "UTF-8"
    } else {
        "C.UTF-8"
    };
    let mut initdb = command(&binaries.program("initdb"), account);
    initdb
        .arg("-D")
        .arg(&draft)
        .args(["--username", SUPERUSER, "--encoding=UTF8", "--locale=C"]);
    initdb.args([
        "--lc-ctype",
        ctype,
        "--auth-local=trust",
        "--auth-host=reject",
        "--no-instructions",
    ]);
    if !durable {
        initdb.arg("--no-sync");
    }
    let output = initdb.output().context("initdb could not be started")?;
    ensure!(
        output.status.success(),
        "initdb failed ({}): {}",
        output.status,
        tail(&String::from_utf8_lossy(&output.stderr))
    );
    fs::rename(&draft, place.cluster()).context("the new cluster could not be put in place")
}

fn settings(sockets: &Path, durable: bool) -> Vec<String> {
    let mut settings = vec![
        format!("port={PORT}"),
        "listen_addresses=".into(),
        format!("unix_socket_directories={}", sockets.display()),
        "unix_socket_permissions=0700".into(),
        format!("max_connections={MAX_CONNECTIONS}"),
        "timezone=UTC".into(),
        "log_timezone=UTC".into(),
        // Compiling costs more than it saves in statements that take milliseconds.
        "jit=off".into(),
        // What people type and do stays out of the log: parameters, and the DETAIL of a violated key.
        "logging_collector=off".into(),
        "log_parameter_max_length=0".into(),
        "log_parameter_max_length_on_error=0".into(),
        "log_error_verbosity=terse".into(),
    ];
    if !durable {
        settings.extend(
            [
                "fsync=off",
                "synchronous_commit=off",
                "full_page_writes=off",
            ]
            .map(String::from),
        );
    }
    settings
        .into_iter()
        .flat_map(|setting| ["-c".into(), setting])
        .collect()
}

fn open_log(home: &Path) -> Result<File> {
    let path = home.join("postgres.log");
    // One run's log and the one before: enough to look into a crash, and it cannot grow for ever.
    match fs::rename(&path, home.join("postgres.log.1")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    Ok(File::options()
        .append(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)?)
}

fn explain(home: &Path) -> String {
    let path = home.join("postgres.log");
    let log = fs::read_to_string(&path).unwrap_or_default();
    format!(
        "the private PostgreSQL did not start. The end of {}:\n{}",
        path.display(),
        tail(&log)
    )
}

fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(10)..].join("\n")
}

fn percent_encoded(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, &byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(byte.into());
        } else {
            // Writing into a String cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}
