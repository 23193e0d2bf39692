//! `tracker`: serves, migrates, checks and feeds the database.

use std::{io::Write, net::TcpListener};

use anyhow::Context;
use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand, ValueEnum};
use tracing_subscriber::EnvFilter;
use tracker::company::audit::seals as company_seals;
use tracker::config::{Config, LogFormat};
use tracker::db::verify;
use tracker::http::text::Email;
use tracker::jobs::rebuild::{self, Wanted};
use tracker::jobs::retention;
use tracker::objects::Objects;
use tracker::owner::audit::seals;
use tracker::secrets::{SETTLES, Secrets, reseal};
use tracker::server::{self, Database};
use tracker::{demo, owner};
use uuid::Uuid;

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
    /// What owners and jobs did, as it was written down.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Keys that sign and seal.
    #[command(subcommand)]
    Secrets(SecretsCommand),
    /// Fill an empty database with three companies and sixty days of their work.
    Demo {
        #[command(flatten)]
        config: Config,
        /// So many companies more, with numbers and without people: to see and measure the owner's pages with.
        #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=100_000))]
        companies: u32,
        /// One company more, of so many people with a quarter of sums: to see and measure an admin's pages with.
        #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=20_000))]
        employees: u32,
    },
    /// The sums of what was recorded.
    #[command(subcommand)]
    Usage(UsageCommand),
    /// How long records are kept.
    #[command(subcommand)]
    Retention(RetentionCommand),
    /// Check that companies are kept apart: catalogue, rows, plans, stored objects. Changes nothing.
    Verify(Verify),
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
    /// Switch off the two-factor of an owner who lost app and codes: all sign-ins end, the next one sets it up anew.
    ResetTwoFactor {
        #[command(flatten)]
        config: Config,
        email: String,
    },
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Compute the chain of seals over the owner's audit entries, or over a company's, anew. Changes nothing.
    Verify {
        #[command(flatten)]
        config: Config,
        /// A seal that was noted before, NUMBER:HASH: the chain must still go through it.
        #[arg(long, value_parser = seal)]
        noted: Option<(i64, String)>,
        /// The company of this short name.
        #[arg(long)]
        company: Option<String>,
    },
}

/// `NUMBER:HASH`, as the page and the log show the newest seal.
fn seal(text: &str) -> Result<(i64, String), String> {
    let parts = text.split_once(':');
    let parts = parts.and_then(|(no, hash)| Some((no.parse().ok()?, hash.to_owned())));
    parts
        .filter(|(no, hash)| *no > 0 && hash.len() == 64)
        .ok_or_else(|| "a seal is its number, a colon and 64 hexadecimal digits".to_owned())
}

#[derive(Subcommand)]
enum SecretsCommand {
    /// Sign access tokens with a fresh key; tokens of the key before stay good. Running servers take it up.
    Rotate(WithConfig),
    /// Seal company keys and two-factor secrets with a fresh key, and anew those there are. Running servers take it up.
    RotateSeal {
        #[command(flatten)]
        config: Config,
        /// Change the file and nothing else: for copies of it, which go to every instance before `reseal`.
        #[arg(long)]
        file_only: bool,
    },
    /// Seal with the newest key what the one before has sealed; nothing changes where there is nothing.
    Reseal {
        #[command(flatten)]
        config: Config,
        /// Then take the key before out of the file, as after a leak. Backups from before need that file.
        #[arg(long)]
        forget_previous: bool,
    },
}

#[derive(Subcommand)]
enum UsageCommand {
    /// Sum all days anew from the raw rows; nothing changes where nothing was wrong.
    Rebuild {
        #[command(flatten)]
        config: Config,
        /// One company; all of them when left out.
        #[arg(long)]
        company: Option<Uuid>,
        /// First day; as far back as raw rows are kept when left out.
        #[arg(long)]
        from: Option<NaiveDate>,
        #[arg(long)]
        to: Option<NaiveDate>,
    },
}

#[derive(Subcommand)]
enum RetentionCommand {
    /// Delete now what the coming night would, as when a disk is nearly full.
    Apply {
        #[command(flatten)]
        config: Config,
        /// One company; all of them when left out.
        #[arg(long)]
        company: Option<Uuid>,
    },
}

#[derive(Args)]
struct Serve {
    #[command(flatten)]
    config: Config,
    /// Worker threads; one per core when unset.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=256))]
    workers: Option<u16>,
    /// Fill the private database with demo data if there is nothing in it, and print who can sign in.
    #[arg(long)]
    demo: bool,
}

#[derive(Args)]
struct Verify {
    #[command(flatten)]
    config: Config,
    /// Every table with its rows per company, every reference, every plan.
    #[arg(long)]
    verbose: bool,
    /// Try every table and verb as the owner's role, and every field of the owner's answers.
    #[arg(long)]
    blindness: bool,
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
}

#[derive(Args)]
struct WithConfig {
    #[command(flatten)]
    config: Config,
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Serve(serve) => {
            tracker::memory::give_back_large_blocks();
            log(&serve.config);
            actix_web::rt::System::new().block_on(run(serve))
        }
        Command::Migrate(WithConfig { config }) => {
            log(&config);
            let database = Database::open(&config)?;
            let ran = database.migrate(&config)?;
            println!(
                "{} migrations ran{}",
                ran.len(),
                ran.iter()
                    .map(|name| format!("\n  {name}"))
                    .collect::<String>()
            );
            let report = verified(&database, &config, verify::Wanted::default())?;
            print!("{report}");
            // A server would not start on these. Rows are told of as well, but keep no service down.
            judge(&report.catalogue.findings)
        }
        Command::Owner(OwnerCommand::Create {
            config,
            email,
            name,
        }) => {
            log(&config);
            let email = Email::try_from(email).map_err(|error| anyhow::anyhow!(error))?;
            let database = open(&config)?;
            let db = database.connect(&config)?;
            let link = owner::owners::create(&db, &config, &email.0, &name)?;
            println!("Open this link within 24 hours to choose a password:\n{link}");
            Ok(())
        }
        Command::Owner(OwnerCommand::ResetTwoFactor { config, email }) => {
            log(&config);
            let email = Email::try_from(email).map_err(|error| anyhow::anyhow!(error))?;
            let database = open(&config)?;
            let is_reset = owner::two_factor::reset(&database.connect(&config)?, &email.0)?;
            anyhow::ensure!(is_reset, "no owner with this e-mail has two-factor on");
            println!("Two-factor is off: the next sign-in sets it up anew.");
            Ok(())
        }
        Command::Audit(AuditCommand::Verify {
            config,
            noted,
            company,
        }) => {
            log(&config);
            let database = Database::open(&config)?;
            let db = database.connect(&config)?;
            let noted = noted.as_ref().map(|(no, hash)| (*no, hash.as_str()));
            let (sealed, head, findings) = match company {
                None => {
                    let found = db.platform_blocking(|conn| seals::verify(conn, noted))?;
                    (found.sealed, found.head, found.findings)
                }
                Some(slug) => {
                    let found = company_seals::verify_company(&db, &slug, noted)?;
                    println!("{} seals are of looks at removed people", found.removed);
                    (found.sealed, found.head, found.findings)
                }
            };
            println!("{sealed} entries are sealed; the newest seal is {sealed}:{head}");
            for finding in &findings {
                println!("  {finding}");
            }
            judge(&findings)
        }
        Command::Secrets(SecretsCommand::Rotate(WithConfig { config })) => {
            let file = config.secret_file();
            Secrets::rotate(&file)?;
            println!(
                "{} has a new key, which signs in {} seconds",
                file.display(),
                SETTLES.as_secs()
            );
            Ok(())
        }
        Command::Secrets(SecretsCommand::RotateSeal { config, file_only }) => {
            log(&config);
            let file = config.secret_file();
            let database = open(&config)?;
            let db = database.connect(&config)?;
            if file_only {
                // No server has this file yet: its newest key opens everything already, or it must wait.
                reseal::ensure_resealed(&db, &Secrets::open(&file)?)?;
                Secrets::rotate_seal(&file)?;
                println!(
                    "{} has a new key: put it everywhere, then `tracker secrets reseal`",
                    file.display()
                );
                return Ok(());
            }
            // The key before this one leaves the file: nothing may need it any more.
            reseal::reseal(&db, &Secrets::settled(&file)?)?;
            Secrets::rotate_seal(&file)?;
            println!("{}", reseal::reseal(&db, &Secrets::settled(&file)?)?);
            Ok(())
        }
        Command::Secrets(SecretsCommand::Reseal {
            config,
            forget_previous,
        }) => {
            log(&config);
            let file = config.secret_file();
            let database = open(&config)?;
            let db = database.connect(&config)?;
            println!("{}", reseal::reseal(&db, &Secrets::settled(&file)?)?);
            if forget_previous {
                Secrets::forget_previous_seal(&file)?;
            }
            Ok(())
        }
        Command::Demo {
            config,
            companies,
            employees,
        } => {
            log(&config);
            let database = open(&config)?;
            let making = demo::create(
                &config,
                &database,
                demo::More {
                    companies,
                    employees,
                },
            );
            println!("{}", actix_web::rt::System::new().block_on(making)?);
            println!("{}", demo::sign_ins());
            Ok(())
        }
        Command::Usage(UsageCommand::Rebuild {
            config,
            company,
            from,
            to,
        }) => {
            log(&config);
            let database = open(&config)?;
            let wanted = Wanted { company, from, to };
            let rebuilt = rebuild::rebuild(&database.connect(&config)?, wanted)?;
            println!(
                "{} rows summed anew, {} of them changed",
                rebuilt.rows, rebuilt.changed
            );
            Ok(())
        }
        Command::Retention(RetentionCommand::Apply { config, company }) => {
            log(&config);
            let database = open(&config)?;
            let db = database.connect(&config)?;
            let deleted = retention::apply(&db, &Objects::open(&config)?, company)?;
            println!(
                "{} screenshots of {} bytes and {} entries deleted",
                deleted.screenshots, deleted.screenshot_bytes, deleted.usage_entries
            );
            Ok(())
        }
        Command::Verify(Verify {
            config,
            verbose,
            blindness,
            format,
        }) => {
            log(&config);
            let wanted = verify::Wanted {
                objects: true,
                blindness,
            };
            let report = verified(&Database::open(&config)?, &config, wanted)?;
            match format {
                Format::Human if verbose => print!("{}\n\n{report}", report.details()),
                Format::Human => print!("{report}"),
                Format::Json => println!("{:#}", report.json()),
            }
            judge(&report.findings)
        }
        Command::Openapi => {
            let yaml = tracker::http::openapi::openapi().to_yaml()?;
            Ok(std::io::stdout().write_all(yaml.as_bytes())?)
        }
    }
}

fn verified(
    database: &Database,
    config: &Config,
    wanted: verify::Wanted,
) -> anyhow::Result<verify::Report> {
    actix_web::rt::System::new().block_on(database.verify(config, wanted))
}

/// The exit code.
fn judge(findings: &[String]) -> anyhow::Result<()> {
    let found = findings.len();
    anyhow::ensure!(found == 0, "{found} findings");
    Ok(())
}

/// The private database belongs to this program; an operator's own is migrated when the operator says so.
fn open(config: &Config) -> anyhow::Result<Database> {
    let database = Database::open(config)?;
    if database.is_embedded() {
        database.migrate(config)?;
    }
    Ok(database)
}

async fn run(
    Serve {
        config,
        workers,
        demo,
    }: Serve,
) -> anyhow::Result<()> {
    config.check()?;
    let address = format!("{}:{}", config.host, config.port);
    let listener = TcpListener::bind(&address)
        .with_context(|| format!("listening on {address}; PORT chooses another port"))?;
    let database = open(&config)?;
    database.check(&config)?;
    let has_demo = demo && demo::create_if_empty(&config, &database).await?;
    let workers = workers.map_or_else(
        || std::thread::available_parallelism().map_or(2, usize::from),
        usize::from,
    );
    let public = config.public_url();
    let running = server::start(config, &database, listener, workers)?;
    println!("ready {public}");
    if has_demo {
        println!("{}", demo::sign_ins());
    }
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
