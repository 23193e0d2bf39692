//! HTTP to one server: every call ends in time, every answer is bounded, and plain http stays on
//! this machine unless somebody asked for more.

use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use tracker_wire::{AgentQueue, QUEUE_HEADER, Refusal};
use ureq::http::Uri;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

use crate::home::Secret;

const CONNECT: Duration = Duration::from_secs(10);
/// One call whole; a screenshot of 8 MiB passes at a megabit a second.
const WHOLE: Duration = Duration::from_secs(90);
const MOST_ANSWER: u64 = 2 * 1024 * 1024;
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

pub struct Http {
    agent: ureq::Agent,
    base: String,
}

/// What is sent besides the path. `token` is left out by login and refresh.
pub struct Call<'a> {
    pub company_key: &'a Secret,
    pub token: Option<&'a Secret>,
    pub content_type: &'a str,
    pub is_gzip: bool,
    /// What waits besides what this call carries, for calls that bring something.
    pub queue: Option<AgentQueue>,
    /// Without a body it is a GET.
    pub body: Option<&'a [u8]>,
}

/// What came back, whatever its status.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub retry_after: Option<Duration>,
    /// The server's clock, to the second.
    pub date: Option<DateTime<Utc>>,
    body: Vec<u8>,
}

impl Http {
    /// Checks the address as well: `http://` only for loopback unless `allow_http`.
    pub fn new(server: &str, allow_http: bool, ca_file: Option<&Path>) -> Result<Self> {
        let base = server.trim_end_matches('/').to_owned();
        let is_loopback = check(&base, allow_http)?;
        let mut config = ureq::Agent::config_builder()
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(WHOLE))
            .http_status_as_error(false)
            // A redirect would carry key and token to an address that nobody checked.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_age(Duration::from_secs(30))
            .user_agent(concat!("tracker-agent/", env!("CARGO_PKG_VERSION")));
        if is_loopback {
            config = config.proxy(None);
        }
        if let Some(file) = ca_file {
            config = config.tls_config(TlsConfig::builder().root_certs(roots(file)?).build());
        }
        Ok(Self {
            agent: config.build().into(),
            base,
        })
    }

    /// The error says that no answer came, never what was sent.
    pub fn send(&self, path: &str, call: &Call) -> Result<Answer> {
        let mut request = ureq::http::Request::builder()
            .uri(format!("{}{path}", self.base))
            .header("accept", "application/json, application/problem+json")
            .header("x-company-key", call.company_key.reveal());
        if let Some(token) = call.token {
            request = request.header("authorization", format!("Bearer {}", token.reveal()));
        }
        if let Some(queue) = call.queue {
            request = request.header(QUEUE_HEADER, queue.to_string());
        }
        let answer = match call.body {
            None => self.agent.run(request.method("GET").body(())?),
            Some(body) => {
                request = request
                    .method("POST")
                    .header("content-type", call.content_type);
                if call.is_gzip {
                    request = request.header("content-encoding", "gzip");
                }
                self.agent.run(request.body(body)?)
            }
        };
        let mut answer = answer.with_context(|| format!("{} does not answer", self.base))?;
        let header = |name| {
            let value = answer.headers().get(name);
            value.and_then(|value| value.to_str().ok())
        };
        let retry_after = header("retry-after").and_then(|value| wait(value, Utc::now()));
        let date = header("date")
            .and_then(|value| DateTime::parse_from_rfc2822(value).ok())
            .map(|date| date.with_timezone(&Utc));
        let body = answer
            .body_mut()
            .with_config()
            .limit(MOST_ANSWER)
            .read_to_vec()
            .context("the answer broke off")?;
        Ok(Answer {
            status: answer.status().as_u16(),
            retry_after,
            date,
            body,
        })
    }
}

impl Answer {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).context("the answer is not what this agent understands")
    }

    /// Nobody signed in, in the words of whoever knows: a page of a network before the server does not.
    pub fn is_unauthenticated(&self) -> bool {
        let code = self.refusal().code;
        self.status == 401 && !code.is_empty() && !code.starts_with("company_key_")
    }

    /// The problem's code, or an empty one from whatever stands before the server.
    pub fn refusal(&self) -> Refusal {
        let refusal = self.json().unwrap_or(Refusal {
            code: String::new(),
            detail: String::new(),
            errors: Vec::new(),
        });
        Refusal {
            code: refusal.code.chars().take(100).collect(),
            detail: refusal
                .detail
                .chars()
                .filter(|c| !c.is_control())
                .take(300)
                .collect(),
            errors: refusal.errors.into_iter().take(1).collect(),
        }
    }
}

/// Whether the address is on this machine.
fn check(base: &str, allow_http: bool) -> Result<bool> {
    let uri: Uri = base
        .parse()
        .context("the server's address cannot be read")?;
    let host = uri.host().context("the server's address has no host")?;
    let authority = uri
        .authority()
        .map(|authority| authority.as_str())
        .unwrap_or_default();
    ensure!(
        !authority.contains('@'),
        "the server's address must not hold a name or password"
    );
    ensure!(
        uri.path().is_empty() || uri.path() == "/",
        "the server's address must not have a path"
    );
    ensure!(
        uri.query().is_none(),
        "the server's address must not have a query"
    );
    let bare = host.trim_matches(['[', ']']);
    let is_loopback = bare == "localhost"
        || bare
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback());
    match uri.scheme_str() {
        Some("https") => Ok(is_loopback),
        Some("http") if is_loopback || allow_http => Ok(is_loopback),
        Some("http") => bail!(
            "the server must be reached by https; --allow-http sends key and password in the clear"
        ),
        _ => bail!("the server's address must begin with https://"),
    }
}

fn roots(file: &Path) -> Result<RootCerts> {
    let pem = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut certificates = Vec::new();
    for item in parse_pem(&pem) {
        if let PemItem::Certificate(certificate) =
            item.with_context(|| format!("{} is not PEM", file.display()))?
        {
            certificates.push(certificate);
        }
    }
    ensure!(
        !certificates.is_empty(),
        "{} holds no certificate",
        file.display()
    );
    Ok(RootCerts::new_with_certs(&certificates))
}

/// Both forms of `Retry-After`: seconds, or a date.
fn wait(value: &str, now: DateTime<Utc>) -> Option<Duration> {
    let wait = match value.trim().parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => (DateTime::parse_from_rfc2822(value)
            .ok()?
            .with_timezone(&Utc)
            - now)
            .to_std()
            .unwrap_or_default(),
    };
    Some(wait.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_this_machine_unless_asked_for() {
        for base in [
            "http://127.0.0.1:8080",
            "http://localhost:8080",
            "http://[::1]:8080",
            "https://127.0.0.1",
        ] {
            assert!(check(base, false).unwrap(), "{base}");
        }
        assert!(!check("https://tracker.example", false).unwrap());
        assert!(!check("http://tracker.example", true).unwrap());
        for base in [
            "http://tracker.example",
            "http://127.0.0.1.evil.example",
            "http://10.0.0.1",
            "ftp://localhost",
            "localhost:8080",
            "",
        ] {
            assert!(check(base, false).is_err(), "{base}");
        }
    }

    #[test]
    fn an_address_holds_no_password_path_or_query() {
        for base in [
            "https://me:pw@tracker.example",
            "https://tracker.example/app",
            "https://tracker.example?x=1",
        ] {
            assert!(check(base, true).is_err(), "{base}");
        }
    }

    #[test]
    fn retry_after_is_read_in_both_forms_and_bounded() {
        let now = "2026-11-20T10:00:00Z".parse().unwrap();
        assert_eq!(wait("7", now), Some(Duration::from_secs(7)));
        assert_eq!(
            wait("Fri, 20 Nov 2026 10:00:30 GMT", now),
            Some(Duration::from_secs(30))
        );
        assert_eq!(
            wait("Fri, 20 Nov 2026 09:00:00 GMT", now),
            Some(Duration::ZERO)
        );
        assert_eq!(wait("999999", now), Some(LONGEST_WAIT));
        assert_eq!(wait("soon", now), None);
    }
}
