//! Everything the environment decides, in one struct. `.env.example` and the compose file list the same names.

use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, ValueEnum};

use crate::http::client_address::Network;
use crate::passwords;

/// Characters of a password that no person has to remember.
const MIN_PASSWORD: usize = 12;
/// Passwords of instructions and examples are made of these.
const WORDS_OF_EXAMPLES: [&str; 18] = [
    "postgresql",
    "postgres",
    "database",
    "platform",
    "web",
    "auth",
    "jobs",
    "user",
    "admin",
    "root",
    "minio",
    "change",
    "please",
    "secret",
    "default",
    "example",
    "local",
    "test",
];

#[derive(Debug, Clone, Args)]
pub struct Config {
    /// Host and database; user and password are each role's own. Unset: a private server in DATA_DIR.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// A connection that may create roles, for `migrate`. Unset: DATABASE_URL as it is.
    #[arg(long, env = "DATABASE_ADMIN_URL", hide_env_values = true)]
    pub database_admin_url: Option<String>,
    #[arg(long, env = "TRACKER_WEB_PASSWORD", hide_env_values = true)]
    pub tracker_web_password: Option<String>,
    #[arg(long, env = "TRACKER_PLATFORM_PASSWORD", hide_env_values = true)]
    pub tracker_platform_password: Option<String>,
    #[arg(long, env = "TRACKER_AUTH_PASSWORD", hide_env_values = true)]
    pub tracker_auth_password: Option<String>,
    #[arg(long, env = "TRACKER_JOBS_PASSWORD", hide_env_values = true)]
    pub tracker_jobs_password: Option<String>,
    /// Connections for tenants' requests; the owner, sign-in and jobs get a few of their own.
    #[arg(long, env = "POOL_SIZE", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub pool_size: u32,
    /// Threads that work on jobs; 0 leaves jobs to other instances.
    #[arg(long, env = "JOB_WORKERS", default_value_t = 2, value_parser = clap::value_parser!(u16).range(0..=32))]
    pub job_workers: u16,
    /// Where Prometheus reads figures, such as 127.0.0.1:9464: an address that strangers do not reach. Unset: nowhere.
    #[arg(long, env = "METRICS_LISTEN")]
    pub metrics_listen: Option<std::net::SocketAddr>,
    /// Keys that sign and seal; made on first start. Every instance needs the same file.
    #[arg(long, env = "TRACKER_SECRET_FILE")]
    pub tracker_secret_file: Option<PathBuf>,
    #[arg(long, env = "HOST", default_value = "127.0.0.1")]
    pub host: String,
    #[arg(long, env = "PORT", default_value_t = 8080)]
    pub port: u16,
    /// Where browsers reach this server; decides cookies and links. Unset: http://HOST:PORT.
    #[arg(long, env = "PUBLIC_URL")]
    pub public_url: Option<String>,
    /// Origins of a separately hosted SPA, separated by commas; exact, no wildcards.
    #[arg(long, env = "CORS_ORIGINS", value_delimiter = ',')]
    pub cors_origins: Vec<String>,
    /// Addresses or networks of proxies in front of the server, separated by commas: only they may say who calls.
    #[arg(long, env = "TRUSTED_PROXIES", value_delimiter = ',')]
    pub trusted_proxies: Vec<Network>,
    /// Holds the private database, the secret file and stored objects unless told otherwise.
    #[arg(long, env = "DATA_DIR", default_value = ".data")]
    pub data_dir: PathBuf,
    /// The built SPA. Absent folder: the API alone is served.
    #[arg(long, env = "FRONTEND_DIR", default_value = "frontend/dist")]
    pub frontend_dir: PathBuf,
    /// `s3://bucket/prefix`, or a folder. Unset: DATA_DIR/objects.
    #[arg(long, env = "OBJECT_STORE_URL")]
    pub object_store_url: Option<String>,
    #[arg(long, env = "AWS_ENDPOINT")]
    pub aws_endpoint: Option<String>,
    #[arg(long, env = "AWS_REGION")]
    pub aws_region: Option<String>,
    #[arg(long, env = "AWS_ACCESS_KEY_ID", hide_env_values = true)]
    pub aws_access_key_id: Option<String>,
    #[arg(long, env = "AWS_SECRET_ACCESS_KEY", hide_env_values = true)]
    pub aws_secret_access_key: Option<String>,
    /// `smtp://host:port`, `smtps://user:password@host`, or `file:folder` to write mail instead of sending it.
    /// Unset: DATA_DIR/mail with a private database, else nothing is sent.
    #[arg(long, env = "SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<String>,
    /// Unset: no-reply at the host of PUBLIC_URL.
    #[arg(long, env = "MAIL_FROM")]
    pub mail_from: Option<String>,
    #[arg(long, env = "LOG_FORMAT", value_enum, default_value_t = LogFormat::Pretty)]
    pub log_format: LogFormat,
    /// As tracing-subscriber's EnvFilter reads it.
    #[arg(long, env = "LOG_LEVEL", default_value = "info")]
    pub log_level: String,
    /// Logs every statement's text with its milliseconds, role, company and request; never the values.
    #[arg(long, env = "QUERY_LOG", default_value_t = false, action = clap::ArgAction::Set)]
    pub query_log: bool,
    /// Requests a minute of one address, over all instances; 0: no limit. Agents are never counted.
    #[arg(long, env = "RATE_LIMIT_ADDRESS", default_value_t = 6000)]
    pub rate_limit_address: u32,
    /// Requests a minute of one signed-in person.
    #[arg(long, env = "RATE_LIMIT_USER", default_value_t = 600)]
    pub rate_limit_user: u32,
    /// Requests a minute of one API token.
    #[arg(long, env = "RATE_LIMIT_TOKEN", default_value_t = 600)]
    pub rate_limit_token: u32,
    /// Requests a minute of all people and tokens of a company together.
    #[arg(long, env = "RATE_LIMIT_COMPANY", default_value_t = 6000)]
    pub rate_limit_company: u32,
    /// Instances that share the load, and so the limits.
    #[arg(long, env = "INSTANCES", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub instances: u32,
    /// Days between the end of a trial or subscription and the refusal of agents.
    #[arg(long, env = "EXPIRY_GRACE_DAYS", default_value_t = 3, value_parser = clap::value_parser!(i64).range(0..=90))]
    pub expiry_grace_days: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Pretty,
    Json,
}

#[derive(Parser)]
struct Alone {
    #[command(flatten)]
    config: Config,
}

impl Config {
    /// The public address, without a trailing slash.
    pub fn public_url(&self) -> String {
        match &self.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://{}:{}", self.host, self.port),
        }
    }

    pub fn secret_file(&self) -> PathBuf {
        self.tracker_secret_file
            .clone()
            .unwrap_or_else(|| self.data_dir.join("secret"))
    }

    /// Nothing that a guesser would try, unless the database is the private one, which nobody reaches from outside. No
    /// password at all is a matter between the database and whoever runs it: certificates, a socket.
    pub fn check_passwords(&self) -> anyhow::Result<()> {
        if self.database_url.is_none() {
            return Ok(());
        }
        let is_s3 = self
            .object_store_url
            .as_deref()
            .is_some_and(|url| url.starts_with("s3://"));
        let given = [
            ("TRACKER_WEB_PASSWORD", self.tracker_web_password.as_deref()),
            (
                "TRACKER_PLATFORM_PASSWORD",
                self.tracker_platform_password.as_deref(),
            ),
            (
                "TRACKER_AUTH_PASSWORD",
                self.tracker_auth_password.as_deref(),
            ),
            (
                "TRACKER_JOBS_PASSWORD",
                self.tracker_jobs_password.as_deref(),
            ),
            (
                "AWS_SECRET_ACCESS_KEY",
                self.aws_secret_access_key.as_deref().filter(|_| is_s3),
            ),
            (
                "the password in DATABASE_URL",
                self.database_url.as_deref().and_then(password_in),
            ),
            (
                "the password in DATABASE_ADMIN_URL",
                self.database_admin_url.as_deref().and_then(password_in),
            ),
        ];
        let given: Vec<_> = given
            .into_iter()
            .filter_map(|(name, password)| Some((name, password?)))
            .collect();
        for (at, (name, password)) in given.iter().enumerate() {
            anyhow::ensure!(
                !password.is_empty(),
                "{name} is empty: leave it unset where none is asked for"
            );
            anyhow::ensure!(
                password.chars().count() >= MIN_PASSWORD
                    && !passwords::is_common(password, &WORDS_OF_EXAMPLES),
                "{name} is weak: it takes {MIN_PASSWORD} characters that nobody would guess; `openssl rand -hex 24` makes them"
            );
            // The two addresses may well be one.
            let of_a_role = |name: &str| !name.contains("_URL");
            if let Some((other, _)) = given[..at]
                .iter()
                .find(|(other, taken)| taken == password && (of_a_role(other) || of_a_role(name)))
            {
                anyhow::bail!("{other} and {name} are the same: each needs its own");
            }
        }
        Ok(())
    }

    /// Plain http is for development on this machine only: its cookie cannot be marked Secure.
    pub fn check(&self) -> anyhow::Result<()> {
        let url = self.public_url();
        let authority = match url.split_once("://") {
            Some(("https", _)) => return Ok(()),
            Some(("http", authority)) => authority,
            _ => anyhow::bail!("PUBLIC_URL must begin with https:// (or http:// on this machine)"),
        };
        let host = authority
            .rsplit_once(':')
            .map_or(authority, |(host, _)| host);
        anyhow::ensure!(
            ["localhost", "127.0.0.1", "[::1]"].contains(&host),
            "PUBLIC_URL is plain http and not this machine: sign-in cookies would travel unprotected; use https"
        );
        Ok(())
    }
}

/// `secret` of `postgres://user:secret@host/database`.
fn password_in(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?']).next()?;
    let (user, _) = authority.rsplit_once('@')?;
    Some(user.split_once(':')?.1)
}

/// The defaults, as if no variable were set and no flag given.
pub fn defaults() -> Result<Config, clap::Error> {
    Alone::try_parse_from(["tracker"]).map(|alone| alone.config)
}

/// The names of all variables that are read.
pub fn environment_names() -> Vec<String> {
    Alone::command()
        .get_arguments()
        .filter_map(|arg| Some(arg.get_env()?.to_string_lossy().into_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "f3b1c65a0d9e47c2b8a61e55";

    /// What is said to a configuration with a database of its own, and S3.
    fn refusal(change: impl FnOnce(&mut Config)) -> Option<String> {
        let mut config = defaults().unwrap();
        config.database_url = Some("postgres://db.internal/tracker".into());
        config.object_store_url = Some("s3://tracker".into());
        change(&mut config);
        config.check_passwords().err().map(|e| e.to_string())
    }

    /// Where a password is set, and how.
    type Place = (&'static str, fn(&mut Config, &str));

    fn places() -> Vec<Place> {
        vec![
            ("TRACKER_WEB_PASSWORD", |config, password| {
                config.tracker_web_password = Some(password.into());
            }),
            ("TRACKER_PLATFORM_PASSWORD", |config, password| {
                config.tracker_platform_password = Some(password.into());
            }),
            ("TRACKER_AUTH_PASSWORD", |config, password| {
                config.tracker_auth_password = Some(password.into());
            }),
            ("TRACKER_JOBS_PASSWORD", |config, password| {
                config.tracker_jobs_password = Some(password.into());
            }),
            ("AWS_SECRET_ACCESS_KEY", |config, password| {
                config.aws_secret_access_key = Some(password.into());
            }),
            ("DATABASE_URL", |config, password| {
                config.database_url = Some(format!("postgres://op:{password}@db/tracker"));
            }),
            ("DATABASE_ADMIN_URL", |config, password| {
                config.database_admin_url =
                    Some(format!("postgres://op:{password}@db:5432/tracker?x=y"));
            }),
        ]
    }

    #[test]
    fn passwords_that_a_guesser_would_try_are_refused_and_not_repeated() {
        for (name, set) in places() {
            assert_eq!(refusal(|config| set(config, GOOD)), None, "{name}");
            for weak in [
                "",
                "…",
                "short1",
                "changeme",
                "please-change-me",
                "passwordpassword",
                "tracker_web_1",
                "tracker_platform",
                "postgres-postgres",
                "minio-secret-key",
                "aaaaaaaaaaaaaaaa",
                "123456789012",
            ] {
                let said = refusal(|config| set(config, weak));
                let said = said.unwrap_or_else(|| panic!("{name}: {weak} was taken"));
                assert!(said.contains(name), "{said}");
                assert!(weak.is_empty() || !said.contains(weak), "{said}");
            }
        }
    }

    #[test]
    fn no_password_and_those_of_what_is_not_used_are_no_matter() {
        assert_eq!(refusal(|_| {}), None);
        let folder = refusal(|config| {
            config.object_store_url = None;
            config.aws_secret_access_key = Some(String::new());
        });
        assert_eq!(folder, None);
        for (name, set) in places() {
            let private = refusal(|config| {
                set(config, "changeme");
                config.database_url = None;
            });
            assert_eq!(private, None, "{name}");
        }
    }

    #[test]
    fn each_role_has_a_password_of_its_own() {
        for (first, set_first) in places() {
            for (second, set_second) in places().into_iter().filter(|(name, _)| *name != first) {
                let said = refusal(|config| {
                    set_first(config, GOOD);
                    set_second(config, GOOD);
                });
                let may_be_one = [first, second]
                    .iter()
                    .all(|name| name.starts_with("DATABASE_"));
                assert_eq!(said.is_none(), may_be_one, "{first} {second}: {said:?}");
                assert!(said.is_none_or(|said| !said.contains(GOOD)));
            }
        }
    }
}
