//! `tracker`: serves, migrates, checks and feeds the database.

use std::{io::Write, net::TcpListener};

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use tracing_subscriber::EnvFilter;
use tracker::config::{Config, LogFormat};
use tracker::http::text::Email;
use tracker::owner;
use tracker::server::{self, Database};

/// Employee Progress Tracker
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API, the portals and the jobs.
    Serve(Serve),
    /// Make or update roles and schema, with an administrative connection.
    Migrate(WithConfig),
    /// Print the API's document as YAML.
    Openapi,
    /// Who runs the service.
    #[command(subcommand)]
    Owner(OwnerCommand),
    /// Check that the database refuses what it must; prints what was checked and what was found.
    Verify(WithConfig),
}

#[derive(Subcommand)]
enum OwnerCommand {
    /// Make an owner and print the one-time link with which the password is chosen.
    Create {
        #[command(flatten)]
        config: Config,
        #[arg(long)]
        email: String,
        #[arg(long, default_value = "Owner")]
        name: String,
    },
}

#[derive(Args)]
struct Serve {
    #[command(flatten)]
    config: Config,
    /// Worker threads; one per core when unset.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=256))]
    workers: Option<u16>,
}

#[derive(Args)]
struct WithConfig {
    #[command(flatten)]
    config: Config,
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Serve(serve) => {
            log(&serve.config);
            actix_web::rt::System::new().block_on(run(serve))
        }
        Command::Migrate(WithConfig { config }) => {
            log(&config);
            let ran = Database::open(&config)?.migrate(&config)?;
            println!(
                "{} migrations ran{}",
                ran.len(),
                ran.iter()
                    .map(|name| format!("\n  {name}"))
                    .collect::<String>()
            );
            Ok(())
        }
        Command::Owner(OwnerCommand::Create { config, email, name }) => {
            log(&config);
            let email = Email::try_from(email).map_err(|error| anyhow::anyhow!(error))?;
            let database = Database::open(&config)?;
            if database.is_embedded() {
                database.migrate(&config)?;
            }
            let db = database.connect(&config)?;
            let link = owner::create::create(&db, &config, &email.0, &name)?;
            println!("Open this link within 24 hours to choose a password:\n{link}");
            Ok(())
        }
        Command::Verify(WithConfig { config }) => {
            log(&config);
            let report = Database::open(&config)?.lint(&config)?;
            print!("{report}");
            anyhow::ensure!(report.findings.is_empty(), "{} findings", report.findings.len());
            Ok(())
        }
        Command::Openapi => {
            let yaml = tracker::http::openapi::openapi().to_yaml()?;
            Ok(std::io::stdout().write_all(yaml.as_bytes())?)
        }
    }
}

async fn run(Serve { config, workers }: Serve) -> anyhow::Result<()> {
    config.check()?;
    let address = format!("{}:{}", config.host, config.port);
    let listener = TcpListener::bind(&address)
        .with_context(|| format!("listening on {address}; PORT chooses another port"))?;
    let database = Database::open(&config)?;
    // The private database belongs to this command; an operator's own is migrated when the operator says so.
    if database.is_embedded() {
        database.migrate(&config)?;
    }
    database.check(&config)?;
    let workers = workers.map_or_else(
        || std::thread::available_parallelism().map_or(2, usize::from),
        usize::from,
    );
    let public = config.public_url();
    let running = server::start(config, &database, listener, workers)?;
    println!("ready {public}");
    let (handle, state) = (running.handle(), running.state.clone());
    actix_web::rt::spawn(async move {
        asked_to_stop().await;
        // Balancers look at readiness: off first, then no new connections, then the open requests end.
        state.ready.set(false);
        handle.stop(true).await;
    });
    running.serve().await
}

async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) else {
        return std::future::pending().await;
    };
    tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
}

fn log(config: &Config) {
    let filter = EnvFilter::try_new(&config.log_level).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match config.log_format {
        LogFormat::Json => builder
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .init(),
        LogFormat::Pretty => builder.with_target(false).init(),
    }
}
