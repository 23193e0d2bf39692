//! Mail on its way out: by SMTP, or into a folder where somebody looks at it.

use std::net::IpAddr;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io::Write};

use anyhow::Context;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, Message};
use lettre::{SmtpTransport, Transport};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::config::Config;

/// Jobs are held for five minutes: a server that does not answer must not keep one that long.
const TIMEOUT: Duration = Duration::from_secs(20);

/// What brings mail away.
pub struct Mailer {
    way: Way,
    from: Mailbox,
}

enum Way {
    Smtp(Box<SmtpTransport>),
    Folder(PathBuf),
    Nowhere,
}

/// What becomes of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum MailWay {
    Sent,
    /// Written to files on the server.
    Folder,
    /// No mail is configured.
    None,
}

impl Mailer {
    pub fn way(&self) -> MailWay {
        match self.way {
            Way::Smtp(_) => MailWay::Sent,
            Way::Folder(_) => MailWay::Folder,
            Way::Nowhere => MailWay::None,
        }
    }

    /// With nothing configured the private database comes with a folder; any other one has no mail.
    pub fn open(config: &Config, is_embedded: bool) -> anyhow::Result<Self> {
        let way = match &config.smtp_url {
            Some(url) => match url.strip_prefix("file:") {
                Some(folder) => Way::Folder(folder.into()),
                None => Way::Smtp(Box::new(smtp(url)?)),
            },
            None if is_embedded => Way::Folder(config.data_dir.join("mail")),
            None => Way::Nowhere,
        };
        match &way {
            Way::Smtp(_) => {}
            Way::Folder(folder) => {
                tracing::info!(folder = %folder.display(), "mail is written to files, not sent");
            }
            Way::Nowhere => {
                tracing::warn!(
                    "SMTP_URL is not set: nobody gets invitations or links to a new password by mail"
                );
            }
        }
        let from = config
            .mail_from
            .clone()
            .unwrap_or_else(|| format!("Tracker <no-reply@{}>", mail_host(&config.public_url())));
        let from = from.parse().context("MAIL_FROM is not an address")?;
        Ok(Self { way, from })
    }

    /// Sends plain text, or says why it could not.
    pub fn send(&self, to: &str, subject: &str, text: String) -> anyhow::Result<()> {
        let to: Mailbox = to
            .parse()
            .context("the recipient's address is not usable")?;
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .message_id(None)
            .body(body(text))?;
        // RFC 3834: no answers from people who are away.
        let name = HeaderName::new_from_ascii_str("Auto-Submitted");
        let automatic = HeaderValue::new(name, "auto-generated".into());
        message.headers_mut().insert_raw(automatic);
        match &self.way {
            Way::Smtp(smtp) => {
                smtp.send(&message).context("sending mail")?;
                Ok(())
            }
            Way::Folder(folder) => write(folder, &message.formatted()),
            Way::Nowhere => {
                tracing::warn!("a mail was dropped: SMTP_URL is not set");
                Ok(())
            }
        }
    }
}

/// As it is where that is possible: a link stays in one piece for whoever reads the file. Lines of mail may have 998
/// characters, where the library breaks at 76.
fn body(text: String) -> Body {
    if !text.is_ascii() {
        return Body::new(text);
    }
    let lines = text.replace('\n', "\r\n").into_bytes();
    Body::dangerous_pre_encoded(lines, ContentTransferEncoding::SevenBit)
}

/// A password never travels in the clear.
fn smtp(url: &str) -> anyhow::Result<SmtpTransport> {
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    anyhow::ensure!(
        scheme == "smtps" || !authority.contains('@') || url.contains("tls=required"),
        "SMTP_URL has a password and no TLS: use smtps://, or add ?tls=required"
    );
    let builder = SmtpTransport::from_url(url)
        .map_err(|error| anyhow::anyhow!("SMTP_URL is not usable: {error}"))?;
    Ok(builder.timeout(Some(TIMEOUT)).build())
}

/// The host of the public address. An IP address is no mail domain.
fn mail_host(public_url: &str) -> String {
    let authority = public_url.split("://").nth(1).unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    };
    let is_address = host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    if is_address { "localhost" } else { host }.to_owned()
}

/// Links in it are secrets: nobody else on this machine reads them.
fn write(folder: &Path, message: &[u8]) -> anyhow::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("making {}", folder.display()))?;
    let path = folder.join(format!("{}.eml", Uuid::now_v7()));
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .with_context(|| format!("making {}", path.display()))?;
    file.write_all(message)?;
    tracing::info!(file = %path.display(), "mail was written");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_never_travels_in_the_clear() {
        for url in [
            "smtp://mail.test:1025",
            "smtps://me:secret@mail.test",
            "smtp://me:secret@mail.test:587?tls=required",
        ] {
            assert!(smtp(url).is_ok(), "{url}");
        }
        for url in [
            "smtp://me:secret@mail.test",
            "http://mail.test",
            "mail.test",
        ] {
            assert!(smtp(url).is_err(), "{url}");
        }
    }

    #[test]
    fn mail_comes_from_the_public_host() {
        assert_eq!(mail_host("https://tracker.example"), "tracker.example");
        assert_eq!(mail_host("http://localhost:8080"), "localhost");
        assert_eq!(mail_host("http://127.0.0.1:8080"), "localhost");
        assert_eq!(mail_host("http://[::1]:8080"), "localhost");
    }
}
