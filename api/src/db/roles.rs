//! The four login roles, and how each one's connection string is made.

use anyhow::Context;

use crate::config::Config;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Login {
    Web,
    Platform,
    Auth,
    Jobs,
}

impl Login {
    pub const ALL: [Self; 4] = [Self::Web, Self::Platform, Self::Auth, Self::Jobs];

    pub fn name(self) -> &'static str {
        match self {
            Self::Web => "tracker_web",
            Self::Platform => "tracker_platform",
            Self::Auth => "tracker_auth",
            Self::Jobs => "tracker_jobs",
        }
    }

    pub fn password(self, config: &Config) -> Option<&str> {
        match self {
            Self::Web => config.tracker_web_password.as_deref(),
            Self::Platform => config.tracker_platform_password.as_deref(),
            Self::Auth => config.tracker_auth_password.as_deref(),
            Self::Jobs => config.tracker_jobs_password.as_deref(),
        }
    }
}

/// `base` with another user: `postgres://anyone:secret@host/db?x=y` becomes `postgres://tracker_web@host/db?x=y`.
pub fn with_user(base: &str, user: &str, password: Option<&str>) -> anyhow::Result<String> {
    let (scheme, rest) = base
        .split_once("://")
        .filter(|(scheme, _)| ["postgres", "postgresql"].contains(scheme))
        .context("DATABASE_URL must look like postgres://host/database")?;
    let authority_end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(authority_end);
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let password = password
        .map(|secret| format!(":{}", percent_encode(secret)))
        .unwrap_or_default();
    Ok(format!("{scheme}://{user}{password}@{host}{tail}"))
}

fn percent_encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                (byte as char).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::with_user;

    #[test]
    fn only_user_and_password_are_replaced() {
        let url = with_user(
            "postgres://op:pw@db.internal:5433/tracker?sslmode=require",
            "tracker_web",
            Some("a/b@c"),
        );
        assert_eq!(
            url.unwrap(),
            "postgres://tracker_web:a%2Fb%40c@db.internal:5433/tracker?sslmode=require"
        );
        let socket = with_user(
            "postgres://postgres@%2Ftmp%2Fx/tracker",
            "tracker_jobs",
            None,
        );
        assert_eq!(
            socket.unwrap(),
            "postgres://tracker_jobs@%2Ftmp%2Fx/tracker"
        );
        assert!(with_user("mysql://host/db", "tracker_web", None).is_err());
    }
}
