//! From configuration to a served app: the database, the state, the threads beside it, and the way down.

use std::net::{SocketAddr, TcpListener};
use std::{sync::Arc, time::Duration};

use actix_web::{dev::ServerHandle, web::Data};
use anyhow::Context;

use crate::app::{self, State};
use crate::config::Config;
use crate::db::embedded::{Embedded, Options};
use crate::db::{Db, lint, migrate, roles, setup, verify};
use crate::http::limits::Limits;
use crate::metrics::{self, Metrics};
use crate::{
    demo, directory::Directory, mail::Mailer, objects::Objects, passwords, secrets::Secrets,
};

/// The database of the private server.
const DATABASE: &str = "tracker";

/// Where Postgres is; holds the private server when there is one, which stops with it.
pub struct Database {
    url: String,
    admin_url: String,
    embedded: Option<Embedded>,
}

impl Database {
    /// Starts the private server unless the configuration names one: that one is opened with good passwords only.
    pub fn open(config: &Config) -> anyhow::Result<Self> {
        config.check_passwords()?;
        if let Some(url) = &config.database_url {
            let admin_url = config
                .database_admin_url
                .clone()
                .unwrap_or_else(|| url.clone());
            return Ok(Self {
                url: url.clone(),
                admin_url,
                embedded: None,
            });
        }
        let embedded = Embedded::start(&Options {
            data_dir: config.data_dir.clone(),
            durable: true,
        })?;
        setup::create_database(&embedded.url(embedded.superuser(), "postgres"), DATABASE)?;
        let url = embedded.url(embedded.superuser(), DATABASE);
        Ok(Self {
            admin_url: url.clone(),
            url,
            embedded: Some(embedded),
        })
    }

    pub fn is_embedded(&self) -> bool {
        self.embedded.is_some()
    }

    pub fn migrate(&self, config: &Config) -> anyhow::Result<Vec<String>> {
        migrate::migrate(&self.admin_url, config)
    }

    /// The connection string of one of the login roles.
    pub fn url_of(&self, login: roles::Login, config: &Config) -> anyhow::Result<String> {
        roles::with_user(&self.url, login.name(), login.password(config))
    }

    pub fn connect(&self, config: &Config) -> anyhow::Result<Db> {
        Db::connect(|login| self.url_of(login, config), config.pool_size)
    }

    /// Reads the catalogue as tracker_jobs and says what it checked and what it found.
    pub fn lint(&self, config: &Config) -> anyhow::Result<lint::Report> {
        lint::lint(&self.url_of(roles::Login::Jobs, config)?)
    }

    /// Everything that shows whether companies are kept apart.
    pub async fn verify(
        &self,
        config: &Config,
        wanted: verify::Wanted,
    ) -> anyhow::Result<verify::Report> {
        verify::verify(self, config, wanted).await
    }

    /// Refuses a database that would not refuse: wrong roles, findings of the lint, an unscoped read that works.
    pub fn check(&self, config: &Config) -> anyhow::Result<()> {
        setup::preflight(|login| self.url_of(login, config))?;
        let report = self.lint(config)?;
        anyhow::ensure!(
            report.findings.is_empty(),
            "the database does not keep its promise:\n{report}"
        );
        Ok(())
    }
}

/// A server under way.
pub struct Running {
    pub state: Data<State>,
    pub server: actix_web::dev::Server,
    metrics: Option<(actix_web::dev::Server, SocketAddr)>,
    beside: crate::jobs::Threads,
}

/// Makes the state on an opened database and serves on the listener.
pub fn start(
    config: Config,
    database: &Database,
    listener: TcpListener,
    workers: usize,
) -> anyhow::Result<Running> {
    if config.query_log {
        crate::db::query_log::enable();
    }
    let db = database.connect(&config)?;
    // Everybody knows the password of a demo, and nobody but this machine reaches its private database.
    let is_demo = database.is_embedded() && demo::is_there(&db)?;
    let directory = Arc::new(Directory::new(config.expiry_grace_days, !is_demo));
    db.auth_blocking(|conn| directory.load(conn, None))
        .context("loading the companies")?;
    let state = Data::new(State {
        secrets: Arc::new(Secrets::open(&config.secret_file())?),
        objects: Objects::open(&config)?,
        mailer: Mailer::open(&config, database.is_embedded())?,
        last_seen: Arc::default(),
        tokens_seen: Arc::default(),
        shared: Default::default(),
        limits: Limits::new(&config),
        metrics: Metrics::new(),
        ready: Default::default(),
        directory,
        config,
        db,
    });
    passwords::warm_up();
    let auth_url = database.url_of(roles::Login::Auth, &state.config)?;
    let beside = crate::jobs::start(&state, auth_url)?;
    let metrics = metrics::serve(&state)?;
    let server = app::serve(listener, workers, state.clone(), Duration::from_secs(30))?;
    state.ready.set(true);
    Ok(Running {
        state,
        server,
        metrics,
        beside,
    })
}

impl Running {
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Where figures are read, with the port that it came to.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().map(|(_, address)| *address)
    }

    /// For whoever ends them sooner than serving.
    pub fn take_threads(&mut self) -> crate::jobs::Threads {
        std::mem::take(&mut self.beside)
    }

    /// Serves until stopped, then waits for the job under way.
    pub async fn serve(self) -> anyhow::Result<()> {
        let metrics = self.metrics.map(|(server, _)| {
            let handle = server.handle();
            (handle, actix_web::rt::spawn(server))
        });
        let served = self.server.await;
        if let Some((handle, running)) = metrics {
            handle.stop(false).await;
            running.await??;
        }
        self.beside.stop();
        Ok(served?)
    }
}
