//! The command line: every command is scriptable, and `run` is the only one that records.

use std::io::{BufRead, IsTerminal, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::{Args, Parser, Subcommand};
use tracker_agent::home::{Home, Secret};
use tracker_agent::{
    activitywatch, doctor, install, login, notice, platform, policy, private_time, run, status,
    tasks,
};

/// Records the active window, input counts and screenshots by the company's settings, and says so.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Sign this device in; asks for what is not given.
    Login(LoginArgs),
    /// Record and sync until a signal ends it.
    Run(RunArgs),
    /// Say what is recorded, what waits and what went wrong.
    Status {
        /// As JSON, for scripts.
        #[arg(long)]
        json: bool,
    },
    /// Say what is missing and what to do; fails when something stops the recording.
    Doctor {
        /// As JSON, for scripts.
        #[arg(long)]
        json: bool,
        /// As `run` is given it.
        #[arg(long, value_name = "PORT", default_value_t = activitywatch::PORT)]
        activitywatch_port: u16,
    },
    /// Begin private time: nothing is recorded until `resume`.
    Pause,
    /// End private time.
    Resume,
    /// List your own open tasks, with the numbers that `task start` takes.
    Tasks {
        /// As JSON, for scripts.
        #[arg(long)]
        json: bool,
    },
    /// Say what you work on.
    Task {
        #[command(subcommand)]
        change: TaskChange,
    },
    /// Show the company's monitoring policy.
    Policy {
        #[command(subcommand)]
        change: Option<PolicyChange>,
    },
    /// Send what is queued now; fails when something remains.
    Sync,
    /// Start `run` with the desktop from the next sign-in on.
    Install {
        /// No longer start it.
        #[arg(long)]
        remove: bool,
    },
}

#[derive(Subcommand)]
enum TaskChange {
    /// What is recorded from now on is for this task.
    Start {
        /// As `tasks` listed it.
        number: usize,
    },
    /// What is recorded from now on is for no task.
    Stop,
}

#[derive(Subcommand)]
enum PolicyChange {
    /// Acknowledge the version that was shown last.
    Accept,
}

#[derive(Args)]
struct LoginArgs {
    /// For example https://tracker.example
    #[arg(long, env = "TRACKER_SERVER")]
    server: Option<String>,
    /// As the company's admin copied it; better by the environment, which other users cannot read.
    #[arg(long, env = "TRACKER_COMPANY_KEY", hide_env_values = true)]
    company_key: Option<String>,
    #[arg(long)]
    email: Option<String>,
    /// Read the password from standard input; else from TRACKER_PASSWORD, else it is asked for.
    #[arg(long)]
    password_stdin: bool,
    /// Trust the certificates in this PEM file instead of the public ones.
    #[arg(long)]
    ca_file: Option<PathBuf>,
    /// Send everything unencrypted to a server that is not this machine.
    #[arg(long)]
    allow_http: bool,
    /// Throw away what somebody else's sign-in left in the queue.
    #[arg(long)]
    discard: bool,
    /// Keep company key and tokens in the platform's keyring instead of a file.
    #[arg(long)]
    keyring: bool,
}

#[derive(Args)]
struct RunArgs {
    /// Stop by itself after so many seconds.
    #[arg(long = "for", value_name = "SECONDS")]
    for_seconds: Option<u64>,
    /// How often the queue is sent, in seconds.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    sync_interval: u64,
    /// Where browser extensions and editors of ActivityWatch are heard, on this machine alone; 0 takes any free port.
    #[arg(long, value_name = "PORT", default_value_t = activitywatch::PORT)]
    activitywatch_port: u16,
    /// Hear none of them.
    #[arg(long)]
    no_activitywatch: bool,
    /// Show no icon in the desktop's tray.
    #[arg(long)]
    no_tray: bool,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match command(Home::locate(), cli.command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            notice::warn(format!("tracker-agent: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Says whether all went well.
fn command(home: Result<Home>, command: Command) -> Result<bool> {
    match command {
        Command::Doctor {
            json,
            activitywatch_port,
        } => doctor::print(home, activitywatch_port, json),
        Command::Login(args) => login::login(&home?, &asked(args)?),
        Command::Run(args) => {
            let limit = args.for_seconds.map(Duration::from_secs);
            let port = (!args.no_activitywatch).then_some(args.activitywatch_port);
            let every = Duration::from_secs(args.sync_interval);
            run::run(&home?, limit, every, port, !args.no_tray)
        }
        Command::Status { json } => status::print(&home?, json),
        Command::Pause => private_time::pause(&home?),
        Command::Resume => private_time::resume(&home?),
        Command::Tasks { json } => tasks::list(&home?, json),
        Command::Task { change } => match change {
            TaskChange::Start { number } => tasks::start(&home?, number),
            TaskChange::Stop => tasks::stop(&home?),
        },
        Command::Policy { change } => match change {
            None => policy::show(&home?),
            Some(PolicyChange::Accept) => policy::accept(&home?),
        },
        Command::Sync => run::sync_once(&home?),
        Command::Install { remove } => install::install(remove),
    }
}

/// Completes what was given on the command line.
fn asked(args: LoginArgs) -> Result<login::Login> {
    let text = |given: Option<String>, prompt: &str| given.map_or_else(|| ask(prompt), Ok);
    let server = text(args.server, "Server: ")?;
    let company_key = args.company_key.map_or_else(
        || ask_unseen("Company key: "),
        |key| Ok(Secret::new(key.trim())),
    )?;
    let email = text(args.email, "E-mail: ")?;
    let password = match (args.password_stdin, std::env::var("TRACKER_PASSWORD")) {
        (true, _) => Secret::new(line_of(&mut std::io::stdin().lock())?),
        (false, Ok(password)) => Secret::new(password),
        (false, Err(_)) => ask_unseen("Password: ")?,
    };
    Ok(login::Login {
        server,
        company_key,
        email,
        password,
        ask_code: || ask("Code of your authenticator app, or a recovery code: "),
        ca_file: args.ca_file,
        allow_http: args.allow_http,
        discard: args.discard,
        keyring: args.keyring,
    })
}

fn ask(prompt: &str) -> Result<String> {
    if !std::io::stdin().is_terminal() {
        bail!("{prompt}is missing, and there is no terminal to ask on");
    }
    let mut terminal = std::io::stderr();
    terminal.write_all(prompt.as_bytes())?;
    terminal.flush()?;
    line_of(&mut std::io::stdin().lock())
}

fn ask_unseen(prompt: &str) -> Result<Secret> {
    let answer = platform::unseen(|| ask(prompt)).with_context(|| format!("{prompt}is missing"))?;
    eprintln!();
    answer.map(Secret::new)
}

fn line_of(input: &mut impl BufRead) -> Result<String> {
    let mut line = String::new();
    input.take(4096).read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
