//! The agent's recorder, queue and sync engine against the real server, through a line that fails: steps drawn from a
//! seed, then everything is repaired and drains. What was on the agent's disk is then on the server, or aside with a code;
//! nothing is there twice, nothing that nobody recorded, and in any order it comes to the same.
//! `AGENT_SEQUENCES` asks for more sequences, `AGENT_SEED` for a single one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tracker_agent::desktop::fake::FakeDesktop;
use tracker_agent::queue::{KINDS, Queue, STOP, note};
use tracker_agent::sync::{Engine, Trouble};
use uuid::Uuid;

use crate::app::{App, Client, Company, report};
use crate::desk::Desk;
use crate::dice::Dice;
use crate::feed::{execute, rows};
use crate::line::{Fate, Line};

/// What a test run takes; `make agent-soak` asks for more.
const SEQUENCES: usize = 200;
const STEPS: usize = 14;
/// Each has a company and a line of its own, so that a suspension stops no other.
const SIDES: usize = 4;
/// People of one company, whose plan has seats for them.
const PEOPLE: usize = 400;
/// What an open session may lose with its run, in seconds.
const KEPT_EVERY: i64 = 5;

#[derive(Debug, Clone)]
enum Step {
    /// Seconds, and how many of them one window is in front.
    Work(u64, u64),
    Rest(u64),
    Pause,
    Resume,
    Stop,
    /// The run and the engine are gone; both come back knowing what is on the disk.
    Kill,
    /// The wall clock is set.
    Jump(i64),
    Full,
    Room,
    Suspend,
    Reactivate,
    TokenEnds,
    Pass(Vec<Fate>),
    Deliver,
}

fn fate(dice: &mut Dice) -> Fate {
    match dice.below(24) {
        0..11 => Fate::Passes,
        11 => Fate::CutBefore,
        12..15 => Fate::CutAfter,
        15 => Fate::Twice,
        16 => Fate::Late,
        17 | 18 => Fate::Held,
        19 => Fate::Refused(401, "unauthenticated"),
        20 => Fate::Refused(403, "company_suspended"),
        21 => Fate::Refused(500, "internal"),
        22 => Fate::Refused(503, "busy"),
        _ => Fate::Page([200, 302, 401, 403, 502, 413][dice.below(6)]),
    }
}

fn step(dice: &mut Dice) -> Step {
    let some = |dice: &mut Dice, most: usize| u64::try_from(1 + dice.below(most)).unwrap();
    match dice.below(32) {
        0..8 => Step::Work(some(dice, 100), some(dice, 30)),
        8 => Step::Rest(some(dice, 400)),
        9 => Step::Pause,
        10 => Step::Resume,
        11 => Step::Stop,
        12..15 => Step::Kill,
        15 | 16 => {
            Step::Jump([4, 61, 1800, 14_000, -4, -61, -1800, -172_800, -40_000_000][dice.below(9)])
        }
        17 => Step::Full,
        18 => Step::Room,
        19 => Step::Suspend,
        20 => Step::Reactivate,
        21 => Step::TokenEnds,
        22 => Step::Deliver,
        _ => Step::Pass((0..some(dice, 8)).map(|_| fate(dice)).collect()),
    }
}

fn steps(seed: usize) -> Vec<Step> {
    let mut dice = Dice::new(seed);
    let first = Step::Work(30, 7);
    let rest = (1..STEPS).map(|_| step(&mut dice));
    [first].into_iter().chain(rest).collect()
}

/// Said only when something was wrong: how to see it again.
struct Told {
    seed: usize,
    steps: Vec<Step>,
    at: usize,
    /// The other sides take no more of them.
    next: Arc<AtomicUsize>,
}

impl Drop for Told {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.next.store(usize::MAX / 2, Ordering::Relaxed);
            eprintln!("AGENT_SEED={} fails; its steps:", self.seed);
            for (number, step) in self.steps.iter().enumerate() {
                eprintln!("  {number:2} {step:?}");
            }
            eprintln!("  it came as far as step {}", self.at);
        }
    }
}

/// Everything that ever was on the agent's disk to be sent: what it says, without what the server may add to it.
#[derive(Default)]
struct Books {
    items: BTreeMap<(String, String), Value>,
    pictures: BTreeSet<String>,
    /// Of pictures: on a full disk one may find room that the beginning of its session did not.
    sessions: BTreeSet<String>,
}

impl Books {
    fn note(&mut self, queue: &Queue) {
        for kind in KINDS.into_iter().chain([STOP]) {
            for row in queue.of_kind(kind).unwrap() {
                let body: Value = serde_json::from_str(&row.body).unwrap();
                let kind = if kind == STOP { KINDS[0] } else { kind };
                let key = (kind.to_owned(), row.id);
                let known = self.items.get(&key);
                assert!(
                    known.is_none_or(|known| *known == body || known["ended_at"].is_null()),
                    "what was sealed has changed: {known:?}, {body}"
                );
                self.items.insert(key, body);
            }
        }
        let mut seq = 0;
        while let Some(picture) = queue.next_screenshot(seq).unwrap() {
            seq = picture.seq;
            let meta: Value = serde_json::from_str(&picture.meta).unwrap();
            let session = meta["session_id"].as_str().unwrap();
            self.sessions.insert(session.to_owned());
            self.pictures.insert(picture.id);
        }
    }

    /// Of all minutes that were sealed.
    fn seconds(&self) -> i64 {
        let minutes = self.items.iter().filter(|(key, _)| key.0 == KINDS[3]);
        minutes.map(|(_, body)| seconds(KINDS[3], body)).sum()
    }
}

fn seconds(kind: &str, body: &Value) -> i64 {
    match kind {
        "session" => 0,
        "activity" => number(&body["active_seconds"]) + number(&body["idle_seconds"]),
        _ => number(&body["seconds"]),
    }
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap()
}

/// What of an item must be the same on both sides, in one line.
fn said(kind: &str, body: &Value) -> String {
    let epoch = |name: &str| {
        let at = body[name].as_str()?.parse::<DateTime<Utc>>().unwrap();
        Some(at.timestamp())
    };
    match kind {
        "session" => format!("{:?} {}", epoch("ended_at"), body["reason"]),
        "application" => format!(
            "{:?} {} {} {}",
            epoch("started_at"),
            body["seconds"],
            body["app"],
            body["title"]
        ),
        "website" => format!(
            "{:?} {} {} {} {}",
            epoch("started_at"),
            body["seconds"],
            body["host"],
            body["path"],
            body["title"]
        ),
        _ => format!(
            "{:?} {} {} {} {}",
            epoch("minute"),
            body["keystrokes"],
            body["mouse_events"],
            body["active_seconds"],
            body["idle_seconds"]
        ),
    }
}

/// What the server has of somebody, in the agent's words; where sessions are named, of those.
fn stored(app: &App, user: Uuid, sessions: Option<&BTreeSet<String>>) -> Vec<(String, Value)> {
    let conn = &mut app.copy.admin();
    let tables = [
        (
            "session",
            "SELECT id, started_at, ended_at, end_reason AS reason FROM tenant.work_sessions",
        ),
        (
            "application",
            "SELECT id, session_id, started_at, seconds, app, title FROM tenant.application_usage",
        ),
        (
            "website",
            "SELECT id, session_id, started_at, seconds, host, path, title FROM tenant.website_usage",
        ),
        (
            "activity",
            "SELECT id, session_id, started_at AS minute, keystrokes, mouse_events, active_seconds, idle_seconds \
             FROM tenant.activity_log",
        ),
        ("screenshot", "SELECT id FROM tenant.screenshots"),
    ];
    let named = sessions.map(|ids| ids.iter().cloned().collect::<Vec<_>>().join(","));
    let of = tables.into_iter().flat_map(|(kind, sql)| {
        let column = if kind == KINDS[0] { "id" } else { "session_id" };
        let among = named
            .iter()
            .map(|ids| format!(" AND {column} = ANY ('{{{ids}}}')"));
        let among: String = among.collect();
        let found = rows(conn, &format!("{sql} WHERE user_id = '{user}'{among}"));
        let named = found.into_iter().map(|row| (kind.to_owned(), row));
        named.collect::<Vec<_>>()
    });
    of.collect()
}

fn id(row: &Value) -> String {
    row["id"].as_str().unwrap().to_owned()
}

/// Seconds of the open session on the disk that no item has yet.
fn unsealed(queue: &Queue) -> i64 {
    let Some(open) = queue.read::<Value>(note::OPEN).unwrap() else {
        return 0;
    };
    let timeline = &open["timeline"];
    let minute = &timeline["minute"];
    let counted = if minute.is_null() {
        0
    } else {
        number(&minute["active"]) + number(&minute["idle"])
    };
    let undecided = timeline["undecided"].as_array().unwrap();
    let undecided = undecided
        .iter()
        .map(|run| number(&run["to"]) - number(&run["from"]));
    counted + undecided.sum::<i64>()
}

/// A company with a line to the server, and somebody in it who sends everything once more in another order.
struct Side {
    app: Arc<App>,
    handle: Handle,
    company: Company,
    twin: Client,
    line: Line,
}

impl Side {
    fn new(app: Arc<App>, handle: Handle, number: usize) -> Self {
        let (company, twin) = handle.block_on(async {
            let mut company = app.company_on("ENTERPRISE", &format!("Acme{number}")).await;
            for client in [&mut company.admin, &mut company.owner] {
                client.token = client.token.take().map(|token| app.for_a_day(&token));
            }
            let person = app.employee(&company, "Twin").await;
            let mut twin = app.agent(&company, &person).await;
            twin.token = twin.token.take().map(|token| app.for_a_day(&token));
            (company, twin)
        });
        // A picture in three minutes, so that there are some.
        let often = format!(
            "UPDATE tenant.company_settings SET screenshot_interval_seconds = 180 WHERE company_id = '{}'",
            company.id
        );
        execute(&mut app.copy.admin(), &often);
        let line = Line::to(&app.address);
        Self {
            app,
            handle,
            company,
            twin,
            line,
        }
    }

    fn suspend(&self, is_wanted: bool) {
        let (action, body) = if is_wanted {
            ("suspend", json!({ "reason": "unpaid" }))
        } else {
            ("reactivate", json!({}))
        };
        let path = format!("/api/owner/companies/{}/{action}", self.company.id);
        let asked = self.company.owner.post(&path, body);
        let (status, answer) = self.handle.block_on(asked);
        assert_eq!(status, 200, "{answer}");
    }
}

/// What one sequence came to.
#[derive(Default)]
struct Figures {
    items: usize,
    pictures: usize,
    seconds: i64,
    set_aside: usize,
    kills: usize,
    refused_writes: usize,
    signed_in_again: usize,
}

struct Sequence<'a> {
    side: &'a Side,
    desk: Desk,
    engine: Engine,
    books: Books,
    figures: Figures,
    /// Seconds that the recorder saw, and whether it has a session that goes on with the next one.
    seen: i64,
    is_open: bool,
    /// By how much the clock was set since the last look: there and back again is no jump.
    set_by: i64,
    is_paused: bool,
    is_full: bool,
    was_full: bool,
    is_suspended: bool,
}

impl<'a> Sequence<'a> {
    fn new(side: &'a Side) -> (Self, Client) {
        let hired = side.app.employee(&side.company, "Erin");
        let person = side.handle.block_on(hired);
        let began = Utc::now() - TimeDelta::hours(3);
        let began = DateTime::from_timestamp(began.timestamp(), 0).unwrap();
        let desk = Desk::new(&side.line.url, &side.company.key, &person.email, began);
        let engine = desk.engine();
        let sequence = Self {
            side,
            desk,
            engine,
            books: Books::default(),
            figures: Figures::default(),
            seen: 0,
            is_open: false,
            set_by: 0,
            is_paused: false,
            is_full: false,
            was_full: false,
            is_suspended: false,
        };
        (sequence, person)
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Work(seconds, window) => self.work(*seconds, *window),
            Step::Rest(seconds) => self.record(*seconds, |desktop, _| {
                desktop.scene.borrow_mut().idle += std::time::Duration::from_secs(1);
            }),
            Step::Pause => self.pause(true),
            Step::Resume => self.pause(false),
            Step::Stop => {
                self.desk.end("stopped");
                self.is_open = false;
            }
            Step::Kill => self.kill(),
            Step::Jump(seconds) => {
                self.desk.now.wall += TimeDelta::seconds(*seconds);
                self.set_by += seconds;
            }
            Step::Full => self.fill(true),
            Step::Room => self.fill(false),
            Step::Suspend | Step::Reactivate => {
                let is_wanted = matches!(step, Step::Suspend);
                if self.is_suspended != is_wanted {
                    self.is_suspended = is_wanted;
                    self.side.suspend(is_wanted);
                }
            }
            Step::TokenEnds => self.desk.end_token(),
            Step::Pass(fates) => self.pass(fates),
            Step::Deliver => self.side.line.deliver(),
        }
        self.books.note(&self.desk.queue());
    }

    fn work(&mut self, seconds: u64, window: u64) {
        self.record(seconds, |desktop, wall| {
            let turn = wall.timestamp() / i64::try_from(window).unwrap();
            match turn % 3 {
                0 => desktop.show("xterm", &format!("make {turn}")),
                1 => desktop.show("firefox", &format!("{turn} - https://docs.test/{turn}")),
                // Long enough to need room on the disk.
                _ => desktop.show("writer", &format!("{turn} {}", "chapter ".repeat(50))),
            }
            desktop.type_keys(1);
        });
    }

    fn record(&mut self, seconds: u64, shows: impl FnMut(&FakeDesktop, DateTime<Utc>)) {
        self.desk.record(seconds, shows);
        self.is_open &= std::mem::take(&mut self.set_by) == 0;
        if self.is_paused {
            self.is_open = false;
        } else {
            let seconds = i64::try_from(seconds).unwrap();
            // The first look of a session begins it.
            self.seen += seconds - i64::from(!self.is_open);
            self.is_open = true;
        }
        self.figures.refused_writes += usize::from(self.lags());
    }

    /// The disk took less than was seen.
    fn lags(&self) -> bool {
        let open: Option<Value> = self.desk.queue().read(note::OPEN).unwrap();
        let kept = open.map(|open| number(&open["timeline"]["cursor"]));
        self.is_open && kept.is_none_or(|kept| kept < self.desk.now.wall.timestamp() - KEPT_EVERY)
    }

    fn pause(&mut self, is_wanted: bool) {
        let queue = self.desk.queue();
        if is_wanted {
            queue.set_note(note::PAUSED_AT, "now").unwrap();
        } else {
            queue.clear_note(note::PAUSED_AT).unwrap();
        }
        self.is_paused = is_wanted;
    }

    fn fill(&mut self, is_full: bool) {
        (self.is_full, self.was_full) = (is_full, self.was_full || is_full);
        let recorder = self.desk.recorder().queue();
        for queue in [recorder, self.engine.queue()] {
            queue.refuse_growth(is_full).unwrap();
        }
    }

    /// Exactly what is on the disk comes back.
    fn kill(&mut self) {
        self.books.note(&self.desk.queue());
        let kept = self.books.seconds() + unsealed(&self.desk.queue());
        self.desk.kill();
        self.engine = self.desk.engine();
        self.desk.recorder();
        self.fill(self.is_full);
        self.books.note(&self.desk.queue());
        assert_eq!(
            self.books.seconds(),
            kept,
            "a kill took what was on the disk"
        );
        let lost = self.seen - kept;
        assert!(lost >= 0, "a kill made seconds");
        if !self.was_full {
            assert!(lost < KEPT_EVERY, "a kill took {lost} seconds");
        }
        (self.seen, self.is_open, self.set_by) = (kept, false, 0);
        self.figures.kills += 1;
    }

    fn pass(&mut self, fates: &[Fate]) {
        self.books.note(&self.desk.queue());
        let line = &self.side.line;
        line.fail(fates.iter().copied());
        let is_held = fates.contains(&Fate::Held);
        let mut engine = std::mem::replace(&mut self.engine, self.desk.engine());
        let passed = std::thread::scope(|threads| {
            let pass = threads.spawn(|| engine.pass());
            // Recording goes on while an answer is on its way.
            while is_held && line.holds(|| pass.is_finished()) {
                self.work(3, 1);
                self.books.note(&self.desk.queue());
                line.release();
            }
            pass.join().unwrap()
        });
        self.engine = engine;
        line.repair();
        if let Err(Trouble::SignIn) = passed {
            self.sign_in_again();
        }
    }

    fn sign_in_again(&mut self) {
        if self.is_suspended {
            return;
        }
        self.desk.sign_in();
        self.figures.signed_in_again += 1;
    }

    /// Everything is as it should be again, and everything is sent.
    fn drain(&mut self, comes_late_at_last: bool) {
        self.side.line.repair();
        self.fill(false);
        if self.is_suspended {
            self.take(&Step::Reactivate);
        }
        self.desk.end("stopped");
        self.books.note(&self.desk.queue());
        if !comes_late_at_last {
            self.side.line.deliver();
        }
        for _ in 0..4 {
            match self.desk.pass() {
                Ok(()) => break,
                Err(Trouble::SignIn) => self.sign_in_again(),
                Err(trouble) => panic!("on a line that works: {trouble:?}"),
            }
        }
        self.side.line.deliver();
        let left = self.desk.waiting();
        assert_eq!((left.items, left.screenshots), (0, 0), "something stays");
    }

    fn settle(mut self, person: &Client, dice: &mut Dice) -> Figures {
        let letters = self.desk.queue().dead_letters(1_000_000).unwrap();
        let aside: BTreeMap<_, _> = letters
            .into_iter()
            .map(|letter| ((letter.kind.clone(), letter.id.clone()), letter.code))
            .collect();
        let found = stored(&self.side.app, person.user, None);
        let mut there = BTreeMap::new();
        for (kind, row) in found {
            let twice = there.insert((kind, id(&row)), row);
            assert!(twice.is_none(), "stored twice: {twice:?}");
        }
        for (key, code) in &aside {
            let is_known = ["time_out_of_range", "too_large"].contains(&code.as_str());
            assert!(is_known, "{key:?}: {code}");
        }
        let pictures = self.books.pictures.iter();
        let pictures = pictures.map(|id| ("screenshot".to_owned(), id.clone()));
        let known: BTreeSet<_> = self.books.items.keys().cloned().chain(pictures).collect();
        for key in &known {
            assert!(
                there.contains_key(key) || aside.contains_key(key),
                "lost: {key:?} {:?}",
                self.books.items.get(key)
            );
        }
        for (key, row) in &there {
            let is_of_picture = key.0 == KINDS[0] && self.books.sessions.contains(&key.1);
            assert!(
                known.contains(key) || is_of_picture,
                "nobody recorded {key:?} {row}"
            );
        }
        for (key, body) in &self.books.items {
            let (kind, is_aside) = (key.0.as_str(), aside.contains_key(key));
            // The end of a session whose run the server only guesses may be what was refused.
            if is_aside && kind == "session" {
                continue;
            }
            if let Some(row) = there.get(key) {
                assert_eq!(said(kind, row), said(kind, body), "{key:?}");
            }
        }
        self.sums(&there, &aside);
        // What was refused is refused again; that some of it arrived before does not matter here.
        there.retain(|key, _| !aside.contains_key(key));
        self.in_another_order(dice, &there);
        self.figures.items = self.books.items.len();
        self.figures.pictures = self.books.pictures.len();
        self.figures.set_aside = aside.len();
        self.figures.seconds = self.books.seconds();
        self.figures
    }

    /// Recorded = arrived + set aside, by kind; and what was recorded is what the recorder saw.
    fn sums(
        &self,
        there: &BTreeMap<(String, String), Value>,
        aside: &BTreeMap<(String, String), String>,
    ) {
        for kind in &KINDS[1..] {
            let of_kind = |key: &(String, String)| key.0 == *kind;
            let recorded = self.books.items.iter().filter(|(key, _)| of_kind(key));
            let recorded: i64 = recorded.map(|(_, body)| seconds(kind, body)).sum();
            let arrived = there.iter().filter(|(key, _)| of_kind(key));
            let arrived: i64 = arrived.map(|(_, row)| seconds(kind, row)).sum();
            let refused = aside.keys().filter(|key| of_kind(key));
            let refused = refused.filter(|key| !there.contains_key(key));
            let refused: i64 = refused
                .map(|key| seconds(kind, &self.books.items[key]))
                .sum();
            assert_eq!(recorded, arrived + refused, "seconds of {kind}");
        }
        assert_eq!(self.books.seconds(), self.seen, "seconds that were seen");
    }

    /// The same items with other ids, in batches drawn by lot, from somebody else's desk.
    fn in_another_order(&self, dice: &mut Dice, there: &BTreeMap<(String, String), Value>) {
        let other = |value: &Value| -> Value {
            let id: Uuid = value.as_str().unwrap().parse().unwrap();
            json!(Uuid::from_u128(id.as_u128() ^ 0xFFFF))
        };
        let mut items: Vec<(&str, Value)> = Vec::new();
        for (key, body) in &self.books.items {
            let mut body = body.clone();
            body["id"] = other(&body["id"]);
            if key.0 != KINDS[0] {
                body["session_id"] = other(&body["session_id"]);
            }
            if there.contains_key(key) {
                items.push((&key.0, body));
            }
        }
        let of = |(kind, body): &(&str, Value)| {
            let name = if *kind == KINDS[0] {
                "id"
            } else {
                "session_id"
            };
            body[name].as_str().unwrap().to_owned()
        };
        let sessions: BTreeSet<String> = items.iter().map(of).collect();
        let mut expected: BTreeSet<(String, String, String)> = BTreeSet::new();
        for (kind, body) in &items {
            expected.insert(((*kind).to_owned(), id(body), said(kind, body)));
        }
        for place in (1..items.len()).rev() {
            items.swap(place, dice.below(place + 1));
        }
        while !items.is_empty() {
            let some = items.split_off(items.len() - (1 + dice.below(items.len().min(300))));
            let of = |wanted: &str| -> Vec<&Value> {
                let of_kind = some.iter().filter(|(kind, _)| *kind == wanted);
                of_kind.map(|(_, body)| body).collect()
            };
            let batch = json!({ "batch_id": Uuid::now_v7(), "sessions": of("session"), "applications": of("application"),
                "websites": of("website"), "activity": of("activity") });
            let sent = self.side.twin.post("/api/upload/batch", batch);
            let (status, answer) = self.side.handle.block_on(sent);
            assert_eq!(status, 200, "{answer}");
            for item in answer["items"].as_array().unwrap() {
                assert_ne!(item["result"], json!("rejected"), "{item}");
            }
        }
        let found = stored(&self.side.app, self.side.twin.user, Some(&sessions)).into_iter();
        let mut found: BTreeSet<_> = found
            .map(|(kind, row)| (id(&row), said(&kind, &row), kind))
            .map(|(id, said, kind)| (kind, id, said))
            .collect();
        // A session whose beginning was refused is known by its items here.
        found.retain(|row| row.0 != KINDS[0] || expected.contains(row));
        assert_eq!(found, expected, "another order came to something else");
    }
}

fn run(side: &Side, seed: usize, next: Arc<AtomicUsize>) -> Figures {
    let mut told = Told {
        seed,
        steps: steps(seed),
        at: 0,
        next,
    };
    let mut dice = Dice::new(seed + 1_000_000_007);
    let (mut sequence, person) = Sequence::new(side);
    for step in told.steps.clone() {
        sequence.take(&step);
        told.at += 1;
    }
    sequence.drain(dice.below(2) == 0);
    sequence.settle(&person, &mut dice)
}

/// A number from the environment.
pub fn asked(name: &str) -> Option<usize> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}: {text}")))
}

#[actix_web::test]
async fn nothing_an_agent_kept_is_lost_or_counted_twice_whatever_fails() {
    let began = Instant::now();
    let app = Arc::new(App::configured(|config| config.job_workers = 0).await);
    let (first, last) = match asked("AGENT_SEED") {
        Some(seed) => (seed, seed + 1),
        None => (0, asked("AGENT_SEQUENCES").unwrap_or(SEQUENCES)),
    };
    let next = Arc::new(AtomicUsize::new(first));
    let sides: Vec<_> = (0..SIDES.min(last - first))
        .map(|number| {
            let (app, next, handle) = (app.clone(), next.clone(), Handle::current());
            tokio::task::spawn_blocking(move || {
                let mut all = Vec::new();
                let mut requests = (0, 0);
                let mut side = Side::new(app.clone(), handle.clone(), number);
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= last {
                        break;
                    }
                    if all.len() % PEOPLE == PEOPLE - 1 {
                        let of = side.line.requests();
                        requests = (requests.0 + of.0, requests.1 + of.1);
                        side = Side::new(app.clone(), handle.clone(), number);
                    }
                    all.push(run(&side, seed, next.clone()));
                }
                let of = side.line.requests();
                (all, (requests.0 + of.0, requests.1 + of.1))
            })
        })
        .collect();
    let (mut all, mut requests, mut troubled) = (Vec::new(), 0, 0);
    let mut done = Vec::new();
    for side in sides {
        // All of them first: whoever lets go of the server last must be this thread.
        done.push(side.await);
    }
    for side in done {
        let (figures, of) = side.unwrap();
        all.extend(figures);
        (requests, troubled) = (requests + of.0, troubled + of.1);
    }
    let sum = |of: fn(&Figures) -> usize| all.iter().map(of).sum::<usize>();
    let figures = json!({
        "sequences": all.len(), "took_seconds": began.elapsed().as_secs(),
        "items": sum(|one| one.items), "pictures": sum(|one| one.pictures),
        "recorded_seconds": all.iter().map(|one| one.seconds).sum::<i64>(),
        "set_aside": sum(|one| one.set_aside), "requests": requests, "of_them_failed": troubled,
        "kills": sum(|one| one.kills), "full_disks": sum(|one| one.refused_writes),
        "signed_in_again": sum(|one| one.signed_in_again),
    });
    println!("{figures}");
    report("agent_faults", &figures);
    // Whatever was drawn, so many draw everything.
    let counted = figures.as_object().unwrap().iter();
    let mut missing = counted.filter(|(_, count)| **count == json!(0));
    assert!(
        all.len() < SEQUENCES || missing.next().is_none(),
        "{figures}"
    );
}
