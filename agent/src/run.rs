//! `run`: the recorder on this thread, the sync engine on one of its own, until a signal comes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use chrono::Utc;
#[cfg(unix)]
use signal_hook::consts::SIGHUP;
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::activitywatch::{Server, Sources, Store};
use crate::desktop;
use crate::home::Home;
use crate::notice::{log_to, say, say_now, warn, warn_now};
use crate::platform::free_bytes;
use crate::privacy;
use crate::queue::{Queue, note};
use crate::recorder::{Moment, Recorder, State};
use crate::sync::{BackOff, Engine, Trouble};
use crate::tray::Icon;

/// How long a run waits at its end for the last upload; what is left goes with the next run.
const FAREWELL: Duration = Duration::from_secs(15);
/// A look comes shortly after a second is over, so that it can be counted whole.
const AFTER_SECOND: Duration = Duration::from_millis(20);

/// Each ends the run as it should end. A console that is closed says so by the last one, except on Windows.
#[cfg(unix)]
const SIGNALS: [i32; 3] = [SIGTERM, SIGINT, SIGHUP];
#[cfg(not(unix))]
const SIGNALS: [i32; 2] = [SIGTERM, SIGINT];

/// Says whether all went well.
pub fn run(
    home: &Home,
    limit: Option<Duration>,
    sync_interval: Duration,
    activitywatch_port: Option<u16>,
    has_icon: bool,
) -> Result<bool> {
    let Some(_only_one) = home.try_recording()? else {
        bail!("tracker-agent already runs in {}", home.dir().display())
    };
    log_to(home);
    let credentials = home
        .credentials()?
        .context("nobody is signed in: use `tracker-agent login`")?;
    let stop = Arc::new(AtomicBool::new(false));
    for signal in SIGNALS {
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    let desktop = desktop::open()?;
    let limitations = desktop.limitations();
    let mut recorder = Recorder::new(desktop, home, free_bytes)?;
    say(format!(
        "tracker-agent {} records for {} at {}:",
        env!("CARGO_PKG_VERSION"),
        credentials.user.name,
        credentials.server
    ));
    privacy::in_words(recorder.settings())
        .iter()
        .for_each(|words| say(format!("  {words}")));
    limitations
        .iter()
        .for_each(|limit| say(format!("  not on this desktop: {limit}")));
    say(
        "Private time: `tracker-agent pause`. What waits and what went wrong: `tracker-agent status`.",
    );
    let _listening = listen(home, &mut recorder, activitywatch_port);
    let (finish, sync) = start_sync(home, sync_interval)?;
    let until = limit.map(|limit| Instant::now() + limit);
    let icon = has_icon.then(|| Icon::show(home)).transpose()?;
    let seen = look(&mut recorder, icon.as_ref(), &stop, until);
    drop(icon);
    let was_stopped = stop.load(Ordering::Relaxed) || seen.is_err();
    recorder.end(if was_stopped { "shut_down" } else { "stopped" });
    drop(finish);
    if sync.recv_timeout(FAREWELL).is_err() {
        say("The rest of the queue is sent by the next run.");
    }
    seen.map(|()| true)
}

/// Sources are a help, not a condition: where another server has the port, or the disk is full, recording goes on without them.
fn listen(home: &Home, recorder: &mut Recorder, port: Option<u16>) -> Option<Server> {
    let heard = try_listen(home, recorder, port);
    heard.unwrap_or_else(|error| {
        warn(format!(
            "tracker-agent: extensions and editors are not heard: {error:#}"
        ));
        None
    })
}

fn try_listen(home: &Home, recorder: &mut Recorder, port: Option<u16>) -> Result<Option<Server>> {
    let queue = Queue::open(home)?;
    queue.clear_note(note::ACTIVITYWATCH)?;
    let Some(port) = port else {
        return Ok(None);
    };
    let sources = Sources::default();
    recorder.listen_to(sources.clone());
    let store = Store::open(home, queue.device_id()?.to_string())?;
    let server = Server::start(store, sources, port)?;
    let address = format!("http://{}", server.address());
    say(format!(
        "Browser extensions and editors of ActivityWatch are heard at {address}."
    ));
    queue.set_note(note::ACTIVITYWATCH, &address)?;
    Ok(Some(server))
}

/// `sync`: one pass in this process.
pub fn sync_once(home: &Home) -> Result<bool> {
    let mut engine = Engine::new(home)?;
    let passed = engine.pass();
    let waiting = engine.queue().waiting()?;
    if waiting.dead_letters > 0 {
        say(format!(
            "{} items were refused for good; see `tracker-agent status`.",
            waiting.dead_letters
        ));
    }
    if let Err(trouble) = passed {
        bail!(
            "{trouble}; {} items and {} screenshots wait",
            waiting.items,
            waiting.screenshots
        );
    }
    if waiting.items + waiting.screenshots > 0 {
        let queue = engine.queue();
        let why = if queue.note(note::STORAGE_FULL)?.is_some() {
            ": the company's storage is full"
        } else if queue.note(note::NOT_IN_PLAN)?.is_some() {
            ": the company's plan has no screenshots"
        } else {
            ""
        };
        bail!(
            "{} items and {} screenshots still wait{why}",
            waiting.items,
            waiting.screenshots
        );
    }
    say("Everything is sent.");
    Ok(true)
}

fn look(
    recorder: &mut Recorder,
    icon: Option<&Icon>,
    stop: &AtomicBool,
    until: Option<Instant>,
) -> Result<()> {
    let mut said = None;
    while !stop.load(Ordering::Relaxed) && until.is_none_or(|until| Instant::now() < until) {
        let state = recorder.tick(Moment::now())?;
        if said.replace(state) != Some(state) {
            say_now(in_words(state));
            if let Some(icon) = icon {
                icon.tell(state);
            }
        }
        recorder.wait(Instant::now() + to_next_second())?;
    }
    Ok(())
}

fn in_words(state: State) -> &'static str {
    match state {
        State::Recording => "recording",
        State::Paused => "paused: nothing is recorded",
        State::Locked => {
            "the screen is locked or shows somebody else's session: nothing is recorded"
        }
        State::OutsideHours => "outside the tracking hours: nothing is recorded",
    }
}

fn to_next_second() -> Duration {
    Duration::from_millis(1000 - u64::from(Utc::now().timestamp_subsec_millis()).min(999))
        + AFTER_SECOND
}

/// The engine runs until the sender is dropped, and then says that it is done.
fn start_sync(home: &Home, interval: Duration) -> Result<(Sender<()>, Receiver<()>)> {
    let mut engine = Engine::new(home)?;
    let (finish, finished) = channel::<()>();
    let (done, waiter) = channel();
    std::thread::Builder::new()
        .name("sync".to_owned())
        .spawn(move || {
            sync_until(&mut engine, interval, &finished);
            // Nobody listens any more when the farewell took too long.
            done.send(()).ok();
        })?;
    Ok((finish, waiter))
}

fn sync_until(engine: &mut Engine, interval: Duration, finished: &Receiver<()>) {
    let mut back_off = BackOff::default();
    let mut said = None;
    let mut wait = Duration::from_secs(1).min(interval);
    while finished.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
        let passed = engine.pass();
        tell(&passed, &mut said);
        wait = match &passed {
            Ok(()) => {
                back_off.succeed();
                interval
            }
            Err(trouble) => back_off.fail(trouble).max(interval),
        };
    }
    tell(&engine.pass(), &mut said);
}

/// Once per change, not once per attempt.
fn tell(passed: &Result<(), Trouble>, said: &mut Option<String>) {
    let text = passed.as_ref().err().map(ToString::to_string);
    if text != *said {
        match &text {
            Some(text) => warn_now(format!("sync: {text}")),
            None => warn_now("sync: in touch with the server again"),
        }
        *said = text;
    }
}
