//! From seconds to what is sent: stretches of one window, and minutes.
//!
//! A second is **active** when it lies between two inputs less than the idle threshold apart, the
//! seconds of the inputs included. When no input came for the threshold, time is **idle**, from the
//! second after the last input up to the second before the next one. So a second without input is
//! undecided at first: it waits here, at most as long as the threshold. When recording ends, what
//! is still undecided counts as active, as the threshold was not reached; when it ends as the screen
//! was locked, as idle.
//!
//! Stretches hold active seconds only, at most 60 in one item. What was sealed never changes.

use std::collections::VecDeque;

use chrono::DateTime;
use serde::{Deserialize, Serialize};
use tracker_wire::{ActivityItem, ApplicationItem, WebsiteItem};
use uuid::Uuid;

use crate::desktop::Activity;
use crate::privacy::Front;
use crate::queue::Item;

/// Longest stretch in one item, so that a long look at one window is seen while it lasts.
const LONGEST_STRETCH: i64 = 60;
/// What the server takes for one minute.
const MOST_EVENTS: u32 = 100_000;

/// Everything seen of a session and not yet sealed. It is written to disk as it is, so that a kill
/// loses seconds at most.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Timeline {
    session: Uuid,
    /// The first second that has not been seen, as all times here in seconds since 1970.
    cursor: i64,
    last_input: i64,
    undecided: VecDeque<Run>,
    stretch: Option<Stretch>,
    minute: Option<Minute>,
    /// Events of a second that is not over yet.
    early: Counts,
}

/// What is known of the input when some seconds are added.
#[derive(Debug, Clone, Copy)]
pub struct Input {
    pub activity: Activity,
    /// The second of the last input.
    pub last: i64,
    pub idle_threshold: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Run {
    from: i64,
    to: i64,
    front: Option<Front>,
    counts: Counts,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Stretch {
    front: Front,
    from: i64,
    to: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Minute {
    start: i64,
    active: i32,
    idle: i32,
    counts: Counts,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Counts {
    keystrokes: u32,
    mouse_events: u32,
}

impl Timeline {
    pub fn new(session: Uuid, start: i64, last_input: i64) -> Self {
        let early = Counts::default();
        Self {
            session,
            cursor: start,
            last_input,
            undecided: VecDeque::new(),
            stretch: None,
            minute: None,
            early,
        }
    }

    pub fn cursor(&self) -> i64 {
        self.cursor
    }

    pub fn is_idle(&self, threshold: i64) -> bool {
        self.cursor - self.last_input >= threshold
    }

    /// Moves on without anything to record, where the desktop tells nothing.
    pub fn skip(&mut self, until: i64) {
        self.cursor = self.cursor.max(until);
    }

    /// Adds the seconds up to `until`, in which `front` was in front.
    pub fn observe(
        &mut self,
        until: i64,
        front: Option<Front>,
        input: Input,
        sealed: &mut Vec<Item>,
    ) {
        self.early.add(input.activity);
        let mut last = input.last;
        if until > self.cursor {
            let counts = std::mem::take(&mut self.early);
            // Counted events outrank the desktop's idle clock, which a grab can hold back.
            last = if counts == Counts::default() {
                last
            } else {
                last.max(until - 1)
            };
            self.push(Run {
                from: self.cursor,
                to: until,
                front,
                counts,
            });
            self.cursor = until;
        }
        self.decide(last, input.idle_threshold, sealed);
    }

    /// Seals everything, when it is known that nobody was there after the last input.
    pub fn leave(&mut self, sealed: &mut Vec<Item>) {
        self.emit_until(i64::MAX, false, sealed);
        self.finish(sealed);
    }

    /// Seals everything.
    pub fn finish(&mut self, sealed: &mut Vec<Item>) {
        self.emit_until(i64::MAX, true, sealed);
        self.seal_stretch(sealed);
        self.seal_minute(sealed);
    }

    fn push(&mut self, run: Run) {
        match self.undecided.back_mut() {
            Some(open)
                if open.front == run.front
                    && open.counts == Counts::default()
                    && run.counts == Counts::default() =>
            {
                open.to = run.to
            }
            _ => self.undecided.push_back(run),
        }
    }

    fn decide(&mut self, last: i64, threshold: i64, sealed: &mut Vec<Item>) {
        if last > self.last_input {
            if last - self.last_input >= threshold {
                self.emit_until(last, false, sealed);
            }
            self.last_input = last;
        }
        self.emit_until(self.last_input + 1, true, sealed);
        if self.is_idle(threshold) {
            self.emit_until(i64::MAX, false, sealed);
        }
        let decided = self.undecided.front().map_or(self.cursor, |run| run.from);
        if self
            .minute
            .as_ref()
            .is_some_and(|minute| decided >= minute.start + 60)
        {
            self.seal_minute(sealed);
        }
    }

    /// Hands on the undecided seconds before `end`.
    fn emit_until(&mut self, end: i64, is_active: bool, sealed: &mut Vec<Item>) {
        while let Some(mut run) = self.undecided.pop_front() {
            if run.from >= end {
                self.undecided.push_front(run);
                return;
            }
            if run.to > end {
                // Events belong to a run's last second, so they stay with the later part.
                let later = Run {
                    from: end,
                    ..run.clone()
                };
                self.undecided.push_front(later);
                run = Run {
                    to: end,
                    counts: Counts::default(),
                    ..run
                };
            }
            self.count(&run, is_active, sealed);
            match run.front.filter(|_| is_active) {
                Some(front) => self.stretch(run.from, run.to, front, sealed),
                None => self.seal_stretch(sealed),
            }
        }
    }

    fn stretch(&mut self, from: i64, to: i64, front: Front, sealed: &mut Vec<Item>) {
        let continues = self
            .stretch
            .as_ref()
            .is_some_and(|open| open.front == front && open.to == from);
        if !continues {
            self.seal_stretch(sealed);
        }
        let start = self.stretch.take().map_or(from, |open| open.from);
        let mut start = start;
        while to - start >= LONGEST_STRETCH {
            self.stretch = Some(Stretch {
                front: front.clone(),
                from: start,
                to: start + LONGEST_STRETCH,
            });
            self.seal_stretch(sealed);
            start += LONGEST_STRETCH;
        }
        if to > start {
            self.stretch = Some(Stretch {
                front,
                from: start,
                to,
            });
        }
    }

    fn count(&mut self, run: &Run, is_active: bool, sealed: &mut Vec<Item>) {
        let mut from = run.from;
        while from < run.to {
            let start = from - from.rem_euclid(60);
            let to = run.to.min(start + 60);
            if self
                .minute
                .as_ref()
                .is_some_and(|minute| minute.start != start)
            {
                self.seal_minute(sealed);
            }
            let minute = self.minute.get_or_insert(Minute {
                start,
                active: 0,
                idle: 0,
                counts: Counts::default(),
            });
            let seconds = i32::try_from(to - from).unwrap_or(0);
            *(if is_active {
                &mut minute.active
            } else {
                &mut minute.idle
            }) += seconds;
            if to == run.to {
                minute.counts.merge(run.counts);
            }
            from = to;
        }
    }

    fn seal_stretch(&mut self, sealed: &mut Vec<Item>) {
        let Some(Stretch { front, from, to }) = self.stretch.take() else {
            return;
        };
        let (session_id, started_at) = (self.session, moment(from));
        let seconds = i32::try_from(to - from).unwrap_or(0);
        if let Some(site) = front.site {
            let title = Some(front.title.clone()).filter(|title| !title.is_empty());
            let id = Uuid::now_v7();
            sealed.push(Item::Website(WebsiteItem {
                id,
                session_id,
                host: site.host,
                path: site.path,
                title,
                started_at,
                seconds,
            }));
        }
        // The monitoring policy withholds it.
        if front.app.is_empty() {
            return;
        }
        sealed.push(Item::Application(ApplicationItem {
            id: Uuid::now_v7(),
            session_id,
            app: front.app,
            title: front.title,
            started_at,
            seconds,
        }));
    }

    fn seal_minute(&mut self, sealed: &mut Vec<Item>) {
        let Some(minute) = self.minute.take() else {
            return;
        };
        sealed.push(Item::Activity(ActivityItem {
            id: Uuid::now_v7(),
            session_id: self.session,
            minute: moment(minute.start),
            keystrokes: bounded(minute.counts.keystrokes),
            mouse_events: bounded(minute.counts.mouse_events),
            active_seconds: minute.active,
            idle_seconds: minute.idle,
        }));
    }
}

impl Counts {
    fn add(&mut self, seen: Activity) {
        self.merge(Self {
            keystrokes: seen.keystrokes,
            mouse_events: seen.mouse_events,
        });
    }

    fn merge(&mut self, other: Self) {
        self.keystrokes = self.keystrokes.saturating_add(other.keystrokes);
        self.mouse_events = self.mouse_events.saturating_add(other.mouse_events);
    }
}

fn bounded(count: u32) -> i32 {
    i32::try_from(count.min(MOST_EVENTS)).unwrap_or(0)
}

pub fn moment(second: i64) -> DateTime<chrono::Utc> {
    DateTime::from_timestamp(second, 0).unwrap_or_default()
}

#[cfg(test)]
mod tests;
