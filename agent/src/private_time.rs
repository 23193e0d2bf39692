//! Private time: a note in the queue that a running agent reads every second.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::home::Home;
use crate::notice::say;
use crate::queue::{Queue, note, now};
use crate::recorder::State;

/// Says since when it was private time already.
pub fn begin(home: &Home) -> Result<Option<String>> {
    let queue = Queue::open(home)?;
    let since = queue.note(note::PAUSED_AT)?;
    if since.is_none() {
        queue.set_note(note::PAUSED_AT, &now())?;
    }
    Ok(since)
}

/// Says whether it was private time.
pub fn end(home: &Home) -> Result<bool> {
    let queue = Queue::open(home)?;
    let was_paused = queue.note(note::PAUSED_AT)?.is_some();
    queue.clear_note(note::PAUSED_AT)?;
    Ok(was_paused)
}

/// Returns when the running agent has stopped looking.
pub fn pause(home: &Home) -> Result<bool> {
    if let Some(since) = begin(home)? {
        say(format!("Already paused since {since}."));
        return Ok(true);
    }
    let queue = Queue::open(home)?;
    let since = Instant::now();
    while home.try_recording()?.is_none() && since.elapsed() < Duration::from_secs(5) {
        if queue.read::<State>(note::RECORDER)? == Some(State::Paused) {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    say("Paused: nothing is recorded until `tracker-agent resume`.");
    Ok(true)
}

pub fn resume(home: &Home) -> Result<bool> {
    match (end(home)?, home.try_recording()?.is_none()) {
        (false, _) => say("Was not paused."),
        (true, true) => say("Resumed: recording goes on within a second."),
        (true, false) => say("Resumed: `tracker-agent run` will record."),
    }
    Ok(true)
}
