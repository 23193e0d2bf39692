//! The recorder: looks once a second and when something changes, and decides whether the moment may be recorded at all.

mod screenshots;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tracker_wire::{AgentSettings, SessionItem};
use uuid::Uuid;

use crate::activitywatch::Sources;
use crate::desktop::{Activity, Desktop, TITLES_NOT_AVAILABLE};
use crate::glances::Glances;
use crate::home::Home;
use crate::notice::warn;
use crate::pictures::moments;
use crate::policy;
use crate::privacy::{self, Front, Rules};
use crate::queue::{Item, Queue, note};
use crate::tasks;
use crate::timeline::{Input, Timeline, moment};

/// Why a session ends whose screen is locked, in the server's words.
const LOCKED: &str = "locked";
/// How far wall clock and monotonic clock may drift apart between two looks.
const DRIFT: i64 = 3;
/// A look that comes later than this has missed what happened in between.
const LATE: Duration = Duration::from_secs(10);
/// How often what is open is written to disk, in seconds: a kill loses no more.
const KEEP_EVERY: i64 = 5;
/// Sealed items kept in memory while the disk takes nothing, about a day of them.
const MOST_UNSAVED: usize = 20_000;

/// Now, by both clocks. The monotonic one stands still while the machine sleeps.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    pub wall: DateTime<Utc>,
    pub steady: Instant,
}

impl Moment {
    pub fn now() -> Self {
        Self {
            wall: Utc::now(),
            steady: Instant::now(),
        }
    }

    fn second(self) -> i64 {
        self.wall.timestamp()
    }

    fn millisecond(self) -> i64 {
        self.wall.timestamp_millis()
    }

    /// A moment that has just been, by the steady clock.
    fn back_to(self, steady: Instant) -> Self {
        Self {
            wall: self.wall - self.steady.saturating_duration_since(steady),
            steady,
        }
    }
}

/// What is recorded right now, as written to disk.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Open {
    session: SessionItem,
    timeline: Timeline,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Recording,
    Paused,
    OutsideHours,
    /// The screen is locked, or shows another person's session.
    Locked,
}

pub struct Recorder {
    desktop: Box<dyn Desktop>,
    /// What it does not tell, sources may.
    is_blind: bool,
    sources: Sources,
    queue: Queue,
    home: Home,
    free_bytes: fn(&Path) -> u64,
    settings: AgentSettings,
    settings_text: String,
    rules: Rules,
    open: Option<Open>,
    glances: Glances,
    unsaved: Vec<Item>,
    kept_at: i64,
    last_look: Option<Moment>,
    next_picture: Option<moments::Moment>,
    said: Option<State>,
    warnings: Vec<String>,
    trouble: Trouble,
}

/// What cannot be done at the moment, said to the person.
#[derive(Debug, Default)]
struct Trouble {
    disk: Option<String>,
    picture: Option<String>,
}

impl Recorder {
    /// Seals what a killed run left open.
    pub fn new(
        desktop: Box<dyn Desktop>,
        home: &Home,
        free_bytes: fn(&Path) -> u64,
    ) -> Result<Self> {
        let queue = Queue::open(home)?;
        queue.sweep()?;
        let recovered = recover(&queue)?;
        let settings_text = queue
            .note(note::SETTINGS)?
            .context("no settings are known; sign in again")?;
        let settings: AgentSettings = serde_json::from_str(&settings_text)
            .context("the settings cannot be read; sign in again")?;
        let rules = Rules::new(&settings);
        let next_picture = queue.read(note::PICTURE)?;
        let limitations = desktop.limitations();
        // A disk that takes no note is no reason not to begin.
        drop(queue.write(note::LIMITATIONS, &limitations));
        let is_blind = limitations
            .iter()
            .any(|limit| limit == TITLES_NOT_AVAILABLE);
        let mut recorder = Self {
            desktop,
            is_blind,
            sources: Sources::default(),
            queue,
            home: home.clone(),
            free_bytes,
            settings,
            settings_text,
            rules,
            open: None,
            glances: Glances::default(),
            unsaved: recovered,
            kept_at: 0,
            last_look: None,
            next_picture,
            said: None,
            warnings: vec![String::new()],
            trouble: Trouble::default(),
        };
        // A disk that takes nothing keeps the note as well, so that another kill costs no more.
        recorder.flush();
        Ok(recorder)
    }

    /// Sources beside the desktop, which hear from here what may be recorded.
    pub fn listen_to(&mut self, sources: Sources) {
        sources.follow(&self.settings);
        self.sources = sources;
    }

    pub fn queue(&self) -> &Queue {
        &self.queue
    }

    pub fn settings(&self) -> &AgentSettings {
        &self.settings
    }

    /// One look. An error means that the desktop is gone: end the session and quit.
    pub fn tick(&mut self, now: Moment) -> Result<State> {
        self.take_settings()?;
        if self.has_jumped(now) {
            self.end("suspended");
        }
        self.last_look = Some(now);
        let state = self.wanted(now)?;
        self.sources
            .allow((state == State::Recording).then_some(now.wall));
        match (state, self.open.is_some()) {
            (State::Recording, false) => self.start(now)?,
            (State::Recording, true) => {
                self.look(now)?;
                self.follow_task(now)?;
            }
            (State::Paused, true) => self.end("paused"),
            (State::OutsideHours, true) => self.end("stopped"),
            (State::Locked, true) => self.end(LOCKED),
            (_, false) => self.forget_activity()?,
        }
        self.save(now);
        // A disk that takes no note is no reason to stop; the next second tries again.
        drop(self.say(state));
        Ok(state)
    }

    /// Waits until the next look is due, and notes meanwhile when something else comes to the front.
    pub fn wait(&mut self, until: Instant) -> Result<()> {
        if self.open.is_none() {
            std::thread::sleep(until.saturating_duration_since(Instant::now()));
            return Ok(());
        }
        while let Some(since) = self.desktop.wait(until)? {
            self.glance(Moment::now().back_to(since))?;
        }
        Ok(())
    }

    /// Something changed in front at that moment.
    pub fn glance(&mut self, at: Moment) -> Result<()> {
        if self.open.is_some() {
            let front = self.front(at)?;
            self.glances.change(at.millisecond(), front);
        }
        Ok(())
    }

    /// Ends the session for the given reason and seals everything that was seen.
    pub fn end(&mut self, reason: &str) {
        if let Some(open) = self.open.take() {
            self.unsaved.extend(sealed(open, reason));
        }
        self.flush();
    }

    fn wanted(&mut self, now: Moment) -> Result<State> {
        if self.queue.note(note::PAUSED_AT)?.is_some() {
            return Ok(State::Paused);
        }
        if !privacy::is_wanted(&self.settings, now.wall) {
            return Ok(State::OutsideHours);
        }
        Ok(match self.desktop.is_locked(false)? {
            true => State::Locked,
            false => State::Recording,
        })
    }

    /// Whether the machine slept, somebody set the clock, or this process stood still.
    fn has_jumped(&self, now: Moment) -> bool {
        let Some(last) = self.last_look else {
            return false;
        };
        let steady = now.steady.saturating_duration_since(last.steady);
        let drift = (now.wall - last.wall).num_milliseconds()
            - i64::try_from(steady.as_millis()).unwrap_or(i64::MAX);
        self.open.is_some() && (drift.abs() > DRIFT * 1000 || steady > LATE)
    }

    fn start(&mut self, now: Moment) -> Result<()> {
        self.forget_activity()?;
        let last_input = self.last_input(now)?.unwrap_or(now.second());
        let session = SessionItem {
            id: Uuid::now_v7(),
            started_at: moment(now.second()),
            ended_at: None,
            reason: None,
            task_id: self.chosen_task()?,
        };
        self.unsaved.push(Item::Session(session.clone()));
        let timeline = Timeline::new(session.id, now.second(), last_input);
        self.open = Some(Open { session, timeline });
        self.kept_at = 0;
        self.glances = Glances::default();
        let front = self.front(now)?;
        self.glances.look(now.millisecond(), front);
        Ok(())
    }

    /// What is in front, as the rules leave it.
    fn front(&mut self, now: Moment) -> Result<Option<Front>> {
        let window = match self.desktop.active_window()? {
            None if self.is_blind => self.sources.window(now.wall),
            seen => seen.map(|window| self.sources.complete(window, now.wall)),
        };
        Ok(window.map(|window| {
            let tab = self.sources.tab(&window.app, now.wall);
            self.rules.apply(window, tab)
        }))
    }

    /// A session is for one task: another choice begins another session.
    fn follow_task(&mut self, now: Moment) -> Result<()> {
        let chosen = self.chosen_task()?;
        let is_same = |open: &Open| open.session.task_id == chosen;
        if self.open.as_ref().is_none_or(is_same) {
            return Ok(());
        }
        self.end("task_changed");
        self.start(now)
    }

    fn chosen_task(&self) -> Result<Option<Uuid>> {
        Ok(tasks::chosen(&self.queue)?.map(|task| task.id))
    }

    fn look(&mut self, now: Moment) -> Result<()> {
        let front = self.front(now)?;
        let is_redacted = front.as_ref().is_some_and(|front| front.is_redacted);
        self.glances.look(now.millisecond(), front);
        let mut activity = self.desktop.activity()?;
        let last = self.last_input(now)?;
        let threshold = i64::from(self.settings.idle_threshold_seconds.max(1));
        let Some(open) = &mut self.open else {
            return Ok(());
        };
        let policy = self.settings.policy.as_ref();
        let begin = open.timeline.cursor();
        if policy.is_some_and(|policy| policy.withholds("activity", moment(begin))) {
            activity = Activity::default();
        }
        match last {
            Some(last) => {
                for (until, front) in self.glances.take(begin, now.second()) {
                    let from = moment(open.timeline.cursor());
                    let front = match policy {
                        Some(policy) => {
                            front.and_then(|front| policy::withhold(policy, front, from))
                        }
                        None => front,
                    };
                    // Counted up to now, so they belong to the last part.
                    let is_last = until >= now.second();
                    let input = Input {
                        activity: if is_last {
                            activity
                        } else {
                            Activity::default()
                        },
                        last,
                        idle_threshold: threshold,
                    };
                    open.timeline
                        .observe(until, front, input, &mut self.unsaved);
                }
            }
            None => open.timeline.skip(now.second()),
        }
        let may_picture = !is_redacted && !open.timeline.is_idle(threshold);
        let session = open.session.id;
        self.picture(now, session, may_picture)
    }

    /// Counts of private time are taken from the desktop only to be thrown away.
    fn forget_activity(&mut self) -> Result<()> {
        self.desktop.activity().map(|_| ())
    }

    /// The second of the last input; nothing where the desktop hides it.
    fn last_input(&mut self, now: Moment) -> Result<Option<i64>> {
        let idle = match self.desktop.idle()? {
            None => self.sources.idle(now.wall),
            told => told,
        };
        Ok(idle.map(|idle| (now.wall - idle).timestamp()))
    }

    /// Sealed items go to disk at once, what is open every few seconds.
    fn save(&mut self, now: Moment) {
        if !self.unsaved.is_empty()
            || (self.open.is_some() && (now.second() - self.kept_at).abs() >= KEEP_EVERY)
        {
            self.kept_at = now.second();
            self.flush();
        }
    }

    /// A full disk must not end the recording: what cannot be written stays in memory for the next try.
    fn flush(&mut self) {
        if let Some(policy) = &self.settings.policy {
            self.unsaved.retain(|item| !policy::covers(policy, item));
        }
        let open = self.open.as_ref().map(serde_json::to_string).transpose();
        let saved = open
            .map_err(anyhow::Error::from)
            .and_then(|open| self.queue.save(&self.unsaved, open.as_deref()));
        match saved {
            Ok(()) => self.unsaved.clear(),
            Err(error) => {
                warn(format!(
                    "tracker-agent: cannot write to the queue, keeping it in memory: {error:#}"
                ));
                let excess = self.unsaved.len().saturating_sub(MOST_UNSAVED);
                self.unsaved.drain(..excess);
            }
        }
    }

    fn take_settings(&mut self) -> Result<()> {
        let Some(text) = self.queue.note(note::SETTINGS)? else {
            return Ok(());
        };
        if text != self.settings_text {
            if let Ok(settings) = serde_json::from_str(&text) {
                self.settings = settings;
                self.rules = Rules::new(&self.settings);
                self.sources.follow(&self.settings);
            }
            self.settings_text = text;
        }
        Ok(())
    }

    /// Leaves word for `status` when something changed.
    fn say(&mut self, state: State) -> Result<()> {
        if self.said != Some(state) {
            self.queue.write(note::RECORDER, &state)?;
            self.said = Some(state);
        }
        let warnings: Vec<String> = [
            self.rules.warning(),
            self.trouble.disk.clone(),
            self.trouble.picture.clone(),
        ]
        .into_iter()
        .flatten()
        .collect();
        if warnings != self.warnings {
            self.queue.write(note::WARNINGS, &warnings)?;
            warnings
                .iter()
                .for_each(|warning| warn(format!("tracker-agent: {warning}")));
            self.warnings = warnings;
        }
        Ok(())
    }
}

/// A session that was open when its process was killed ends where it was last seen.
fn recover(queue: &Queue) -> Result<Vec<Item>> {
    let open: Option<Open> = queue.read(note::OPEN)?;
    Ok(open.map_or_else(Vec::new, |open| sealed(open, "shut_down")))
}

fn sealed(mut open: Open, reason: &str) -> Vec<Item> {
    let mut items = Vec::new();
    match reason {
        // Whoever had been there until then would have moved something to lock it.
        LOCKED => open.timeline.leave(&mut items),
        _ => open.timeline.finish(&mut items),
    }
    let ended_at = moment(open.timeline.cursor()).max(open.session.started_at);
    items.push(Item::Session(SessionItem {
        ended_at: Some(ended_at),
        reason: Some(reason.to_owned()),
        ..open.session
    }));
    items
}
