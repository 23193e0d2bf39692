//! Where the run happens: a folder, a private PostgreSQL with its default durability, and the server as a child.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use anyhow::{Context, ensure};
use diesel::{Connection, PgConnection, connection::SimpleConnection};
use nix::{sys::signal::Signal, unistd::Pid};
use tracker::config::{self, Config};
use tracker::db::embedded::{Embedded, Options};
use tracker::db::{migrate, setup};
use tracker::secrets::Secrets;

const DATABASE: &str = "bench";

pub struct Place {
    target: PathBuf,
    folder: PathBuf,
    postgres: Option<Embedded>,
    url: String,
    pub secrets: Arc<Secrets>,
}

impl Place {
    pub fn open() -> anyhow::Result<Self> {
        let own = std::env::current_exe()?;
        let target = own
            .ancestors()
            .nth(2)
            .context("no target folder")?
            .to_owned();
        let folder = target.join("bench");
        remove(&folder)?;
        std::fs::create_dir_all(&folder)?;
        let postgres = Embedded::start(&Options {
            data_dir: folder.join("postgres"),
            durable: true,
        })?;
        let superuser = |database: &str| postgres.url(postgres.superuser(), database);
        setup::create_database(&superuser("postgres"), DATABASE)?;
        let url = superuser(DATABASE);
        let config: Config = config::defaults()?;
        migrate::migrate(&url, &config)?;
        Ok(Self {
            secrets: Arc::new(Secrets::open(&folder.join("secret"))?),
            postgres: Some(postgres),
            target,
            folder,
            url,
        })
    }

    /// As superuser, whom neither row security nor grants slow down.
    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn secret_file(&self) -> PathBuf {
        self.folder.join("secret")
    }

    /// What the database does by itself within a minute: it learns how much there is now.
    pub fn analyze(&self) -> anyhow::Result<()> {
        Ok(PgConnection::establish(&self.url)?.batch_execute("ANALYZE")?)
    }

    pub fn major(&self) -> u32 {
        self.postgres.as_ref().map_or(0, Embedded::major)
    }

    pub fn report_file(&self) -> PathBuf {
        self.target.join("report/bench.json")
    }

    /// The release server with its defaults, and its log thrown away as a file would take it.
    pub fn serve(&self) -> anyhow::Result<Server> {
        let binary = std::env::current_exe()?.with_file_name("tracker");
        ensure!(
            binary.exists(),
            "there is no {}: cargo build --release --package tracker makes it",
            binary.display()
        );
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut child = Command::new(binary)
            .arg("serve")
            .env("DATABASE_URL", &self.url)
            .env("DATA_DIR", &self.folder)
            .env("TRACKER_SECRET_FILE", self.secret_file())
            .env("HOST", "127.0.0.1")
            .env("PORT", port.to_string())
            .env("LOG_FORMAT", "json")
            // One client asks as fast as it can.
            .env("RATE_LIMIT_ADDRESS", "0")
            .env("RATE_LIMIT_USER", "0")
            .env("RATE_LIMIT_COMPANY", "0")
            .env_remove("PUBLIC_URL")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let lines = BufReader::new(child.stdout.take().context("no output")?).lines();
        let server = Server { child, port };
        for line in lines {
            if line?.starts_with("ready ") {
                return Ok(server);
            }
        }
        anyhow::bail!("the server ended before it was ready")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.postgres.take();
        let _ = remove(&self.folder);
    }
}

fn remove(folder: &Path) -> std::io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

pub struct Server {
    child: Child,
    pub port: u16,
}

impl Server {
    /// Stops it in its tracks while something else is measured: its jobs work on what was taken in.
    pub fn pause(&self) -> anyhow::Result<()> {
        self.signal(Signal::SIGSTOP)
    }

    pub fn resume(&self) -> anyhow::Result<()> {
        self.signal(Signal::SIGCONT)
    }

    fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        let pid = Pid::from_raw(i32::try_from(self.child.id())?);
        Ok(nix::sys::signal::kill(pid, signal)?)
    }

    pub fn resident_mib(&self) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|text| text.trim().split(' ').next()?.parse::<u64>().ok());
        Ok(kib.context("no resident memory is told")? / 1024)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
