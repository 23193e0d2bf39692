//! Why a pass ended early, what the person is told, and how long to wait.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::http::Answer;
use crate::queue::now;

/// For a company that is not served at present, and for whatever only a person can repair.
const SLOW: Duration = Duration::from_secs(60);
const FIRST: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(300);

/// In every case the queue is kept and recording goes on.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error("{text}")]
    Later {
        text: String,
        after: Option<Duration>,
    },
    #[error("sign in again: the server no longer accepts this device")]
    SignIn,
    #[error("{text}")]
    Company { code: String, text: String },
    #[error("{text}")]
    Refused { code: String, text: String },
    #[error("{0:#}")]
    Local(#[from] anyhow::Error),
}

/// As `status` reads it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TroubleNote {
    pub code: String,
    pub text: String,
    pub at: String,
}

impl Trouble {
    pub(super) fn network(error: anyhow::Error) -> Self {
        Self::Later {
            text: format!("{error:#}"),
            after: None,
        }
    }

    /// Sorts out the answers that say nothing about what was sent.
    pub(super) fn judge(answer: Answer) -> Result<Answer, Self> {
        let code = || answer.refusal().code;
        match answer.status {
            // An upload that finds the storage full is for its caller to judge.
            507 if code() == "storage_limit_reached" => Ok(answer),
            429 | 500.. => Err(Self::Later {
                text: format!("the server is busy (HTTP {})", answer.status),
                after: answer.retry_after,
            }),
            401 if code().is_empty() => Err(Self::Later {
                text: "something before the server asks for a sign-in (HTTP 401)".to_owned(),
                after: None,
            }),
            401 => Err(Self::company(code())),
            403 if code().starts_with("company_") => Err(Self::company(code())),
            _ => Ok(answer),
        }
    }

    pub(super) fn refused(answer: &Answer) -> Self {
        let refusal = answer.refusal();
        let text = format!(
            "the server refuses (HTTP {} {}): {}",
            answer.status, refusal.code, refusal.detail
        );
        Self::Refused {
            code: refusal.code,
            text,
        }
    }

    fn company(code: String) -> Self {
        let text = match code.as_str() {
            "company_suspended" => "the company is suspended",
            "company_expired" => "the company's trial or subscription has ended",
            "company_cancelled" => "the company's account is cancelled",
            "company_mismatch" => "the sign-in belongs to another company than the key",
            "company_key_missing" | "company_key_invalid" => {
                "the company key is not valid; sign in with the new one"
            }
            _ => "the server does not serve this company",
        };
        Self::Company {
            text: format!("{text}. Recordings are kept and sent when that has changed"),
            code,
        }
    }

    pub fn note(&self) -> TroubleNote {
        let code = match self {
            Self::Later { .. } => "offline",
            Self::SignIn => "sign_in_again",
            Self::Company { code, .. } | Self::Refused { code, .. } => code,
            Self::Local(_) => "local",
        };
        TroubleNote {
            code: code.to_owned(),
            text: self.to_string(),
            at: now(),
        }
    }
}

/// Waits longer after each failure, and never at the same moment as all other agents.
#[derive(Debug, Default)]
pub struct BackOff {
    failures: u32,
}

impl BackOff {
    pub fn succeed(&mut self) {
        self.failures = 0;
    }

    pub fn fail(&mut self, trouble: &Trouble) -> Duration {
        let growing = FIRST
            .saturating_mul(1 << self.failures.min(10))
            .min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        match trouble {
            Trouble::Later {
                after: Some(after), ..
            } => *after + spread(FIRST),
            Trouble::Later { after: None, .. } | Trouble::Local(_) => {
                growing / 2 + spread(growing / 2)
            }
            Trouble::SignIn | Trouble::Company { .. } | Trouble::Refused { .. } => {
                SLOW / 2 + spread(SLOW / 2)
            }
        }
    }
}

/// A random part of `most`; the random bits of a fresh id are plenty for that.
fn spread(most: Duration) -> Duration {
    most.mul_f64(f64::from(Uuid::now_v7().as_bytes()[15]) / 255.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_grows_is_bounded_and_ends_with_success() {
        let trouble = Trouble::Later {
            text: String::new(),
            after: None,
        };
        let mut back_off = BackOff::default();
        for failure in 0..40 {
            let most = FIRST.saturating_mul(1 << failure.min(10)).min(LONGEST);
            let wait = back_off.fail(&trouble);
            assert!(wait >= most / 2 && wait <= most, "{failure}: {wait:?}");
        }
        back_off.succeed();
        assert!(back_off.fail(&trouble) <= FIRST);
    }

    #[test]
    fn the_servers_own_wish_is_honoured() {
        let after = Some(Duration::from_secs(120));
        assert!(
            BackOff::default().fail(&Trouble::Later {
                text: String::new(),
                after
            }) >= Duration::from_secs(120)
        );
    }
}
