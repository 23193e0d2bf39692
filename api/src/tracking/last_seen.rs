//! When each company and key was last used: noted in memory by every agent call, written by a job.

use std::collections::HashMap;
use std::sync::Mutex;

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Last good call per company and key.
#[derive(Default)]
pub struct LastSeen(Mutex<HashMap<(Uuid, Uuid), DateTime<Utc>>>);

impl LastSeen {
    pub fn note(&self, company: Uuid, key: Uuid) {
        let mut noted = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        noted.insert((company, key), Utc::now());
    }

    /// What was noted since the last time this was asked.
    pub fn take(&self) -> Vec<(Uuid, Uuid, DateTime<Utc>)> {
        let mut noted = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        noted
            .drain()
            .map(|((company, key), at)| (company, key, at))
            .collect()
    }
}
