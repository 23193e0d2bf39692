//! What the owner's audit log and those of companies have in common: how an entry tells what was changed, how entries are
//! found, and how one seal follows another.

pub(crate) mod changes;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Result;
use crate::http::error::Error;
use crate::secrets::{hex, sha256};

/// The newest seal: whoever notes it can have the chain up to it verified later.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditHead {
    pub no: i64,
    /// SHA-256, in hexadecimal digits.
    pub hash: String,
    pub sealed_at: DateTime<Utc>,
}

/// Of a seal: JSON tells where one field ends and the next begins, whatever stands in them.
pub(crate) fn seal(no: i64, before: &[u8], content: impl Serialize) -> Result<[u8; 32]> {
    let bytes = serde_json::to_vec(&(no, hex(before), content)).map_err(anyhow::Error::from)?;
    Ok(sha256(&bytes))
}

/// What was done, as a filter says it: two words with a dot between them, or the first with its dot for all that is done
/// to such a thing.
#[derive(Debug)]
pub(crate) struct Action(String);

impl Action {
    pub fn read(text: Option<String>) -> Result<Option<Self>> {
        match text {
            Some(text) if !is_action(&text) => Err(Error::invalid(
                "action",
                "action_invalid",
                "An action is two words with a dot between them, like company.suspended",
            )),
            text => Ok(text.map(Self)),
        }
    }

    pub fn exact(&self) -> &str {
        &self.0
    }

    /// What all actions begin with that are meant, if it is more than one.
    pub fn beginning(&self) -> Option<&str> {
        Some(self.exact()).filter(|action| action.ends_with('.'))
    }
}

fn is_action(text: &str) -> bool {
    let is_word =
        |word: &str| word.len() <= 40 && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    text.split_once('.')
        .is_some_and(|(thing, done)| !thing.is_empty() && is_word(thing) && is_word(done))
}

/// Where a page ended: the time of its last entry, and which of that time it was.
pub(crate) type Position = (DateTime<Utc>, Uuid);
