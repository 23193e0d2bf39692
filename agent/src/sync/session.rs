//! Work sessions while online: their starts and ends as calls of their own, and a sign of life.

use std::time::Instant;

use chrono::Utc;
use serde::Deserialize;
use tracker_wire::{
    ItemResult, SessionAnswer, SessionHeartbeat, SessionItem, SessionStart, SessionStop,
};

use super::{Done, Engine, HEARTBEAT, Reply};
use crate::queue::{Carried, KINDS, Row, STOP, note};

/// The part of the recorder's note that is of interest here.
#[derive(Deserialize)]
struct Open {
    session: SessionItem,
}

impl Engine {
    /// The start of a session, when nothing older waits: a call out of order would end the session
    /// before as superseded. Otherwise it travels in a batch, in its place.
    pub(super) fn start_sessions(&mut self) -> Done<()> {
        while let Some((row, session)) = self
            .queue
            .oldest()?
            .and_then(|row| session_of(&row).map(|session| (row, session)))
        {
            if session.ended_at.is_some() {
                break;
            }
            let reply = self.bring(
                "/api/work-session/start",
                &SessionStart {
                    id: session.id,
                    started_at: session.started_at,
                    task_id: session.task_id,
                },
                &Carried::Row(&row),
            )?;
            // Should the call not be taken, the batch says the same and is answered item by item.
            if !self.settle_session(&row, &reply)? {
                break;
            }
            self.heartbeat_at = Some(Instant::now());
        }
        Ok(())
    }

    pub(super) fn stop_sessions(&mut self) -> Done<()> {
        for row in self.queue.of_kind(STOP)? {
            let stop = session_of(&row).and_then(|session| {
                Some(SessionStop {
                    id: session.id,
                    ended_at: session.ended_at?,
                })
            });
            let is_taken = match stop {
                Some(stop) => {
                    let reply = self.bring("/api/work-session/stop", &stop, &Carried::Row(&row))?;
                    self.settle_session(&row, &reply)?
                }
                None => false,
            };
            if !is_taken {
                self.queue.leave_to_batch(&row)?;
            }
        }
        while self.send_batch()? {}
        Ok(())
    }

    pub(super) fn heartbeat(&mut self) -> Done<()> {
        let is_due = self
            .heartbeat_at
            .is_none_or(|last| last.elapsed() >= HEARTBEAT);
        let Some(open) = self.queue.read::<Open>(note::OPEN)?.filter(|_| is_due) else {
            return Ok(());
        };
        self.heartbeat_at = Some(Instant::now());
        let limitations: Option<Vec<String>> = self.queue.read(note::LIMITATIONS)?;
        let is_news = limitations != self.told_limitations;
        let reply = self.bring(
            "/api/work-session/heartbeat",
            &SessionHeartbeat {
                id: open.session.id,
                at: Utc::now(),
                limitations: limitations.clone().filter(|_| is_news),
            },
            &Carried::Nothing,
        )?;
        match reply.parse::<SessionAnswer>() {
            Ok(answer) => {
                self.told_limitations = limitations;
                self.compare_settings(answer.settings_version)
            }
            // Only a sign of life: what it was about travels with the items.
            Err(_) => Ok(()),
        }
    }

    /// Whether the call acknowledged the row.
    fn settle_session(&mut self, row: &Row, reply: &Reply) -> Done<bool> {
        let answer = match reply.parse::<SessionAnswer>() {
            Ok(answer) if answer.result != ItemResult::Rejected => answer,
            _ => return Ok(false),
        };
        self.queue.acknowledge(row)?;
        self.compare_settings(answer.settings_version)?;
        Ok(true)
    }
}

fn session_of(row: &Row) -> Option<SessionItem> {
    let is_session = row.kind == KINDS[0] || row.kind == STOP;
    serde_json::from_str(&row.body).ok().filter(|_| is_session)
}
