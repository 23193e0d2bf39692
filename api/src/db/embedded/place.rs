//! Where the private server lives: in the data directory, or beside it in /var/tmp where that one cannot serve.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use nix::unistd::{Gid, Uid, chown, geteuid};

use super::{Account, PORT, command};

/// The system's limit is 103 bytes on macOS and 107 on Linux.
const SOCKET_LIMIT: usize = 100;
const MOVED: &str = "moved-to";

pub struct Place {
    /// Ours, not the server's: nothing that runs as its user can plant a link where root writes.
    pub home: PathBuf,
    /// The server's, closed to everybody else.
    pub sockets: PathBuf,
    data_dir: PathBuf,
}

impl Place {
    pub fn choose(data_dir: &Path, account: Option<Account>) -> Result<Self> {
        // Screenshots and keys may lie beside the cluster: others may at most pass through.
        let mode = if account.is_some() { 0o711 } else { 0o700 };
        fs::DirBuilder::new()
            .recursive(true)
            .mode(mode)
            .create(data_dir)
            .with_context(|| format!("{} cannot be made", data_dir.display()))?;
        let data_dir = data_dir.canonicalize()?;
        let home = match account {
            Some(account) if !can_serve(&data_dir, account) => side(&data_dir)?,
            _ => data_dir.clone(),
        };
        let mut sockets = home.join("socket");
        if !can_be_an_address(&sockets) {
            sockets = side(&data_dir)?.join("socket");
        }
        Ok(Self {
            home,
            sockets,
            data_dir,
        })
    }

    /// Makes it ours; to be called under the lock.
    pub fn claim(&self, account: Option<Account>) -> Result<()> {
        if self.home != self.data_dir {
            self.follow_the_data_dir()?;
        }
        let expected = account.map_or(geteuid().as_raw(), |account| account.uid);
        if let Ok(found) = fs::metadata(self.cluster()) {
            ensure!(
                found.uid() == expected,
                "the database in {} belongs to user {}, and this one would run as user {expected}: start as the user \
                 who made it, or remove that directory for a new database",
                self.home.display(),
                found.uid()
            );
        }
        make_private_once(&self.sockets, account)
    }

    /// A note in the data directory ties the two together: whoever removes that directory means the
    /// database, and finds a new one at the next start.
    fn follow_the_data_dir(&self) -> Result<()> {
        let note = self.data_dir.join(MOVED);
        let (cluster, previous) = (self.cluster(), self.home.join("cluster.previous"));
        if !note.exists() && cluster.exists() {
            if previous.exists() {
                fs::remove_dir_all(&previous)?;
            }
            fs::rename(&cluster, &previous)?;
        }
        fs::write(&note, self.home.as_os_str().as_bytes()).map_err(Into::into)
    }

    pub fn cluster(&self) -> PathBuf {
        self.home.join("cluster")
    }
}

/// The major version that made this cluster, if there is one.
pub fn major_of(cluster: &Path) -> Result<Option<u32>> {
    match fs::read_to_string(cluster.join("PG_VERSION")) {
        Ok(text) => text
            .trim()
            .parse()
            .map(Some)
            .with_context(|| format!("{} is damaged", cluster.display())),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !cluster.exists() => Ok(None),
        Err(error) => {
            Err(error).with_context(|| format!("{} is no database cluster", cluster.display()))
        }
    }
}

/// Short enough, and without what separates several directories in the settings of server and libpq.
fn can_be_an_address(sockets: &Path) -> bool {
    let length = sockets.as_os_str().len() + format!("/.s.PGSQL.{PORT}").len();
    let bytes = sockets.as_os_str().as_bytes();
    length <= SOCKET_LIMIT && !bytes.contains(&b',') && !bytes.contains(&b'"')
}

/// Tried, not computed from mode bits: access lists and mounts have their say too.
pub fn can_enter(directory: &Path, account: Account) -> bool {
    let test = command(Path::new("test"), Some(account))
        .arg("-x")
        .arg(directory)
        .status();
    test.is_ok_and(|status| status.success())
}

fn can_serve(home: &Path, account: Account) -> bool {
    // Some mounted file systems refuse a change of owner.
    can_enter(home, account) && make_private_once(&home.join("socket"), Some(account)).is_ok()
}

/// A directory of ours in /var/tmp, the same one for the same data directory at every start.
pub fn side(data_dir: &Path) -> Result<PathBuf> {
    let data_dir = data_dir.canonicalize()?;
    let me = geteuid();
    let side = PathBuf::from(format!("/var/tmp/tracker-{me}-{:016x}", hash(&data_dir)));
    match fs::DirBuilder::new().mode(0o755).create(&side) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error.into()),
        _ => {}
    }
    // Anybody may make names there, so a stranger's directory is refused.
    let found = fs::symlink_metadata(&side)?;
    ensure!(
        found.is_dir() && found.uid() == me.as_raw() && found.mode() & 0o022 == 0,
        "{} exists and is not ours alone. Look at it and remove it",
        side.display()
    );
    // The umask may have taken the right to pass through.
    fs::set_permissions(&side, fs::Permissions::from_mode(0o755))?;
    Ok(side)
}

/// An empty directory of the server's user, whatever was there before.
pub fn make_private(path: &Path, account: Option<Account>) -> Result<()> {
    if path.exists() {
        fs::remove_dir_all(path)?;
    }
    make_private_once(path, account)
}

fn make_private_once(path: &Path, account: Option<Account>) -> Result<()> {
    match fs::DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error.into()),
        _ => {}
    }
    if let Some(Account { uid, gid }) = account {
        chown(path, Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid)))?;
    }
    fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(Into::into)
}

/// FNV-1a: the standard library's hash may change with the compiler, and the name must not.
pub fn hash(path: &Path) -> u64 {
    let bytes = path.as_os_str().as_bytes();
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
