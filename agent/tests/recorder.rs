//! The recorder with a scripted desktop and clock.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use image::{Rgb, RgbImage};
use serde_json::Value;
use support::{settings, signed_in};
use tempfile::TempDir;
use tracker_agent::desktop::fake::FakeDesktop;
use tracker_agent::home::Home;
use tracker_agent::queue::{Queue, note};
use tracker_agent::recorder::{Moment, Recorder, State};
use tracker_agent::status::Status;
use tracker_agent::tasks::Chosen;
use tracker_wire::{AgentPolicy, AgentSettings};
use uuid::Uuid;

const PLENTY: fn(&std::path::Path) -> u64 = |_| u64::MAX;

struct Desk {
    _dir: TempDir,
    home: Home,
    desktop: FakeDesktop,
    recorder: Recorder,
    now: Moment,
}

impl Desk {
    fn new(settings: &AgentSettings) -> Self {
        let (dir, home) = signed_in("http://127.0.0.1:1");
        Queue::open(&home)
            .unwrap()
            .write(note::SETTINGS, settings)
            .unwrap();
        let desktop = FakeDesktop::default();
        let recorder = Recorder::new(Box::new(desktop.clone()), &home, PLENTY).unwrap();
        let now = Moment {
            wall: at("2026-11-20T10:00:00Z"),
            steady: Instant::now(),
        };
        Self {
            _dir: dir,
            home,
            desktop,
            recorder,
            now,
        }
    }

    /// So many seconds go by, with a key press in each.
    fn work(&mut self, seconds: u64) {
        for _ in 0..seconds {
            self.desktop.type_keys(1);
            self.tick(1);
        }
    }

    /// So many seconds go by without input.
    fn rest(&mut self, seconds: u64) {
        for _ in 0..seconds {
            self.desktop.scene.borrow_mut().idle += Duration::from_secs(1);
            self.tick(1);
        }
    }

    /// So many milliseconds after the last second something else is in front, and the agent hears of it.
    fn show_after(&mut self, milliseconds: u64, title: &str) {
        self.desktop.show("XTerm", title);
        let later = Duration::from_millis(milliseconds);
        let at = Moment {
            wall: self.now.wall + later,
            steady: self.now.steady + later,
        };
        self.recorder.glance(at).unwrap();
    }

    fn tick(&mut self, seconds: u64) -> State {
        self.now.wall += Duration::from_secs(seconds);
        self.now.steady += Duration::from_secs(seconds);
        self.recorder.tick(self.now).unwrap()
    }

    /// The agent is killed and started again.
    fn restart(&mut self) {
        let desktop = Box::new(self.desktop.clone());
        let fresh = Recorder::new(desktop, &self.home, PLENTY).unwrap();
        std::mem::forget(std::mem::replace(&mut self.recorder, fresh));
    }

    fn queue(&self) -> Queue {
        Queue::open(&self.home).unwrap()
    }

    fn items(&self, kind: &str) -> Vec<Value> {
        self.queue()
            .of_kind(kind)
            .unwrap()
            .iter()
            .map(|row| serde_json::from_str(&row.body).unwrap())
            .collect()
    }

    /// Everything in the agent's folder, as it lies on the disk.
    fn bytes_on_disk(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.home.dir())
            .unwrap()
            .map(|entry| entry.unwrap().path());
        files
            .filter(|path| path.is_file())
            .flat_map(|path| std::fs::read(path).unwrap())
            .collect()
    }

    fn holds(&self, text: &str) -> bool {
        self.bytes_on_disk()
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    }
}

fn at_ten() -> DateTime<Utc> {
    at("2026-11-20T10:00:00Z")
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[test]
fn windows_and_minutes_are_exact() {
    let mut desk = Desk::new(&settings());
    desk.now.wall = at("2026-11-20T09:59:59Z");
    desk.desktop.show("XTerm", "one");
    desk.tick(1);
    desk.work(40);
    desk.desktop.show("XTerm", "two");
    desk.work(30);
    desk.rest(100);
    desk.recorder.end("stopped");
    let windows: Vec<_> = desk
        .items("application")
        .iter()
        .map(|item| {
            (
                item["title"].clone(),
                item["started_at"].clone(),
                item["seconds"].clone(),
            )
        })
        .collect();
    // The last input came at 10:01:10, so that the second which then began is the last active one.
    assert_eq!(
        windows,
        [
            ("one".into(), "2026-11-20T10:00:00Z".into(), 40.into()),
            ("two".into(), "2026-11-20T10:00:40Z".into(), 31.into())
        ]
    );
    let minutes: Vec<_> = desk
        .items("activity")
        .iter()
        .map(|item| {
            ["keystrokes", "active_seconds", "idle_seconds"].map(|key| item[key].as_i64().unwrap())
        })
        .collect();
    assert_eq!(minutes, [[60, 60, 0], [10, 11, 49], [0, 0, 50]]);
    let sessions = desk.items("session");
    assert_eq!(
        (
            sessions.len(),
            &sessions[0]["ended_at"],
            &sessions[0]["reason"]
        ),
        (1, &"2026-11-20T10:02:50Z".into(), &"stopped".into())
    );
}

#[test]
fn a_second_belongs_to_the_window_that_was_there_for_most_of_it() {
    let mut desk = Desk::new(&settings());
    desk.desktop.show("XTerm", "one");
    desk.tick(0);
    desk.work(10);
    desk.show_after(300, "two");
    desk.work(10);
    desk.show_after(700, "three");
    desk.work(10);
    desk.show_after(100, "passing by");
    desk.show_after(300, "three");
    desk.work(1);
    desk.recorder.end("stopped");
    let windows: Vec<_> = desk
        .items("application")
        .iter()
        .map(|item| (item["title"].clone(), item["seconds"].clone()))
        .collect();
    let expected = [("one", 10), ("two", 11), ("three", 10)];
    assert_eq!(
        windows,
        expected.map(|(title, seconds)| (title.into(), seconds.into()))
    );
    let minutes = desk.items("activity");
    assert_eq!(minutes[0]["active_seconds"], 31);
    assert_eq!(minutes[0]["keystrokes"], 31);
}

#[test]
fn private_time_records_nothing() {
    let mut desk = Desk::new(&AgentSettings {
        screenshots_enabled: true,
        screenshot_interval_seconds: 1,
        ..settings()
    });
    desk.desktop.show("XTerm", "work");
    desk.work(10);
    desk.queue().set_note(note::PAUSED_AT, "now").unwrap();
    desk.desktop.show("Secret", "diary");
    let looked_at = desk.desktop.scene.borrow().looked_at;
    desk.work(1);
    desk.show_after(500, "diary of today");
    desk.work(299);
    assert_eq!(
        desk.desktop.scene.borrow().looked_at,
        looked_at,
        "the desktop is not even asked"
    );
    assert_eq!(desk.items("session")[0]["reason"], "paused");
    assert_eq!(Status::collect(&desk.home).unwrap().state, "paused");
    desk.queue().clear_note(note::PAUSED_AT).unwrap();
    desk.desktop.show("XTerm", "work again");
    desk.work(10);
    desk.recorder.end("stopped");
    let titles: Vec<_> = desk
        .items("application")
        .iter()
        .map(|item| item["title"].clone())
        .collect();
    assert_eq!(titles, ["work", "work again"]);
    let keys: i64 = desk
        .items("activity")
        .iter()
        .map(|item| item["keystrokes"].as_i64().unwrap())
        .sum();
    assert!(keys <= 20, "{keys} keys of 20 outside private time");
    assert!(!desk.holds("diary"));
}

#[test]
fn titles_are_redacted_before_they_reach_the_disk() {
    let mut desk = Desk::new(&AgentSettings {
        redaction_rules: vec!["(?i)salary".into()],
        ..settings()
    });
    desk.desktop.show("XTerm", "Salary of Erin");
    desk.work(130);
    desk.recorder.end("stopped");
    assert!(
        desk.items("application")
            .iter()
            .all(|item| item["title"] == "[redacted]")
    );
    assert!(desk.holds("[redacted]"));
    assert!(!desk.holds("Salary of Erin"));
}

#[test]
fn new_settings_apply_to_the_next_look() {
    let mut desk = Desk::new(&settings());
    desk.desktop.show("XTerm", "before");
    desk.work(5);
    desk.queue()
        .write(
            note::SETTINGS,
            &AgentSettings {
                version: 2,
                record_titles: false,
                ..settings()
            },
        )
        .unwrap();
    desk.desktop.show("XTerm", "after");
    desk.work(5);
    desk.recorder.end("stopped");
    let titles: Vec<_> = desk
        .items("application")
        .iter()
        .map(|item| item["title"].clone())
        .collect();
    assert_eq!(titles, ["before", ""]);
}

#[test]
fn a_jump_of_the_clock_ends_the_session_and_starts_another() {
    for jump in ["2026-11-20T12:00:00Z", "2026-11-20T08:00:00Z"] {
        let mut desk = Desk::new(&settings());
        desk.desktop.show("XTerm", "one");
        desk.work(31);
        // The wall clock jumps; the steady one sees a second, as after a sleep.
        desk.now.wall = at(jump);
        desk.work(11);
        desk.recorder.end("stopped");
        let sessions = desk.items("session");
        assert_eq!(sessions.len(), 2, "{jump}");
        assert_eq!(
            (&sessions[0]["reason"], &sessions[0]["ended_at"]),
            (&"suspended".into(), &"2026-11-20T10:00:31Z".into())
        );
        let seconds: Vec<_> = desk
            .items("application")
            .iter()
            .map(|item| item["seconds"].as_i64().unwrap())
            .collect();
        assert_eq!(seconds, [30, 10], "{jump}");
    }
}

#[test]
fn a_process_that_stood_still_claims_nothing_for_that_time() {
    let mut desk = Desk::new(&settings());
    desk.desktop.show("XTerm", "one");
    desk.work(6);
    desk.tick(3600);
    desk.work(5);
    desk.recorder.end("stopped");
    let seconds: i64 = desk
        .items("application")
        .iter()
        .map(|item| item["seconds"].as_i64().unwrap())
        .sum();
    assert_eq!(seconds, 10);
    assert_eq!(desk.items("session")[0]["reason"], "suspended");
}

#[test]
fn outside_the_tracking_hours_nothing_is_looked_at() {
    let office = AgentSettings {
        tracking_days: (1..=5).collect(),
        tracking_to: chrono::NaiveTime::from_hms_opt(17, 0, 0).unwrap(),
        ..settings()
    };
    let mut desk = Desk::new(&office);
    desk.desktop.show("XTerm", "one");
    desk.now.wall = at("2026-11-20T15:59:50Z"); // a Friday, ten seconds before five o'clock in Berlin
    desk.work(9);
    let looked_at = desk.desktop.scene.borrow().looked_at;
    assert_eq!(desk.tick(1), State::OutsideHours);
    desk.work(60);
    assert_eq!(desk.desktop.scene.borrow().looked_at, looked_at);
    assert_eq!(desk.items("session")[0]["reason"], "stopped");
}

#[test]
fn a_locked_screen_is_not_worked_at() {
    let mut desk = Desk::new(&AgentSettings {
        screenshots_enabled: true,
        screenshot_interval_seconds: 1,
        ..settings()
    });
    desk.desktop.show("XTerm", "one");
    desk.tick(0);
    desk.work(20);
    // The threshold of 60 seconds is not reached, but whoever locks it touches something.
    desk.rest(10);
    desk.desktop.scene.borrow_mut().locked = true;
    desk.tick(1);
    let pictures = desk.queue().waiting().unwrap().screenshots;
    let looked_at = desk.desktop.scene.borrow().looked_at;
    desk.work(200);
    assert_eq!(Status::collect(&desk.home).unwrap().state, "not_running");
    assert_eq!(
        desk.queue().read::<State>(note::RECORDER).unwrap(),
        Some(State::Locked)
    );
    assert_eq!(desk.desktop.scene.borrow().looked_at, looked_at);
    assert_eq!(desk.queue().waiting().unwrap().screenshots, pictures);
    desk.desktop.scene.borrow_mut().locked = false;
    desk.tick(1);
    desk.work(5);
    desk.recorder.end("stopped");
    let ended: Vec<_> = desk
        .items("session")
        .iter()
        .filter(|one| one["ended_at"].is_string())
        .map(|one| (one["reason"].clone(), one["ended_at"].clone()))
        .collect();
    assert_eq!(ended[0], ("locked".into(), "2026-11-20T10:00:30Z".into()));
    assert_eq!(ended[1].0, "stopped");
    let sum = |name: &str| -> i64 {
        let minutes = desk.items("activity");
        minutes.iter().map(|one| one[name].as_i64().unwrap()).sum()
    };
    assert_eq!(
        (
            sum("active_seconds"),
            sum("idle_seconds"),
            sum("keystrokes")
        ),
        (26, 9, 25)
    );
}

#[test]
fn a_machine_that_slept_did_not_work_whatever_woke_it() {
    for (slept, idle) in [(3600, 3600), (3600, 0), (7, 7)] {
        let mut desk = Desk::new(&settings());
        desk.desktop.show("XTerm", "one");
        desk.tick(0);
        desk.work(20);
        // The steady clock stands still meanwhile.
        desk.now.wall += Duration::from_secs(slept);
        desk.desktop.scene.borrow_mut().idle = Duration::from_secs(idle);
        desk.tick(0);
        desk.work(10);
        desk.recorder.end("stopped");
        let observed: i64 = desk
            .items("activity")
            .iter()
            .map(|one| {
                one["active_seconds"].as_i64().unwrap() + one["idle_seconds"].as_i64().unwrap()
            })
            .sum();
        assert_eq!(observed, 30, "{slept}");
        let first = &desk.items("session")[0];
        assert_eq!(
            (&first["reason"], &first["ended_at"]),
            (&"suspended".into(), &"2026-11-20T10:00:20Z".into())
        );
    }
}

#[test]
fn a_killed_run_is_sealed_by_the_next_one() {
    let mut desk = Desk::new(&settings());
    desk.desktop.show("XTerm", "one");
    desk.work(24);
    let Desk {
        _dir,
        home,
        recorder,
        ..
    } = desk;
    std::mem::forget(recorder);
    drop(Recorder::new(Box::new(FakeDesktop::default()), &home, PLENTY).unwrap());
    let queue = Queue::open(&home).unwrap();
    let windows = queue.of_kind("application").unwrap();
    let window: Value = serde_json::from_str(&windows[0].body).unwrap();
    assert!(
        (18..=23).contains(&window["seconds"].as_i64().unwrap()),
        "no more than five seconds are lost"
    );
    let session: Value = serde_json::from_str(&queue.of_kind("session").unwrap()[0].body).unwrap();
    assert_eq!(session["reason"], "shut_down");
    assert_eq!(queue.note(note::OPEN).unwrap(), None);
}

fn with_pictures(blur: bool) -> Desk {
    let shots = AgentSettings {
        screenshots_enabled: true,
        screenshot_interval_seconds: 30,
        blur_screenshots: blur,
        ..settings()
    };
    let desk = Desk::new(&shots);
    let display = RgbImage::from_fn(96, 48, |x, _| {
        if x % 2 == 0 {
            Rgb([0; 3])
        } else {
            Rgb([255; 3])
        }
    });
    desk.desktop.scene.borrow_mut().displays = vec![display.clone(), display];
    desk.desktop.show("XTerm", "one");
    desk
}

#[test]
fn every_display_is_pictured_once_in_each_slot_however_often_the_agent_starts() {
    let mut desk = with_pictures(true);
    for _ in 0..9 {
        desk.work(10);
        desk.restart();
    }
    let mut taken = Vec::new();
    let mut last = 0;
    while let Some(shot) = desk.queue().next_screenshot(last).unwrap() {
        last = shot.seq;
        let meta: Value = serde_json::from_str(&shot.meta).unwrap();
        let at = meta["taken_at"].as_str().unwrap().parse::<DateTime<Utc>>();
        let slot = (at.unwrap() - at_ten()).num_seconds() / 30;
        taken.push((slot, meta["display"].as_i64().unwrap()));
    }
    assert_eq!(taken, [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)]);
    let first = desk.queue().next_screenshot(0).unwrap().unwrap();
    let meta: Value = serde_json::from_str(&first.meta).unwrap();
    assert_eq!(
        (&meta["display"], &meta["blurred"]),
        (&0.into(), &true.into())
    );
    assert_eq!(
        image::load_from_memory(&std::fs::read(first.file).unwrap())
            .unwrap()
            .width(),
        96
    );
}

#[test]
fn no_slot_is_pictured_twice_when_the_clock_is_set_back_in_it() {
    let mut desk = with_pictures(false);
    desk.work(28);
    assert_eq!(desk.queue().waiting().unwrap().screenshots, 2);
    desk.now.wall -= Duration::from_secs(25);
    desk.work(20);
    assert_eq!(desk.queue().waiting().unwrap().screenshots, 2);
}

#[test]
fn black_pictures_are_told_and_not_kept() {
    let mut desk = with_pictures(false);
    let shown = desk.desktop.scene.borrow().displays.clone();
    let black = RgbImage::from_pixel(96, 48, Rgb([0; 3]));
    let warnings =
        |desk: &Desk| -> Vec<String> { desk.queue().read(note::WARNINGS).unwrap().unwrap() };
    let cannot = |desk: &Desk| Status::collect(&desk.home).unwrap().limitations;
    desk.desktop.scene.borrow_mut().displays = vec![shown[0].clone(), black.clone()];
    // Up to the last second of a slot, whose picture is taken by then.
    desk.work(29);
    assert_eq!(desk.queue().waiting().unwrap().screenshots, 1);
    assert!(warnings(&desk)[0].contains("display 2 was black"));
    assert_eq!(cannot(&desk), [""; 0]);
    desk.desktop.scene.borrow_mut().displays = vec![black.clone(), black];
    desk.work(30);
    assert_eq!(desk.queue().waiting().unwrap().screenshots, 1);
    assert!(warnings(&desk)[0].contains("display 1, 2 was black"));
    assert_eq!(cannot(&desk), ["screenshots_not_available"]);
    desk.desktop.scene.borrow_mut().displays = shown;
    desk.work(30);
    assert_eq!(desk.queue().waiting().unwrap().screenshots, 3);
    assert_eq!(warnings(&desk), [""; 0]);
    assert_eq!(cannot(&desk), [""; 0]);
}

#[test]
fn no_picture_is_taken_of_what_a_rule_hides_nor_of_an_idle_desk() {
    let mut desk = with_pictures(false);
    let hiding = AgentSettings {
        redaction_rules: vec!["bank".into()],
        ..desk.recorder.settings().clone()
    };
    desk.queue().write(note::SETTINGS, &hiding).unwrap();
    desk.desktop.show("Browser", "my bank");
    desk.work(100);
    assert_eq!(desk.queue().waiting().unwrap().screenshots, 0);
    desk.desktop.show("XTerm", "one");
    desk.rest(59);
    let taken = desk.queue().waiting().unwrap().screenshots;
    desk.rest(200);
    assert!(taken > 0);
    assert_eq!(desk.queue().waiting().unwrap().screenshots, taken);
}

#[test]
fn a_full_disk_stops_screenshots_first_and_says_so() {
    let mut desk = with_pictures(false);
    desk.recorder =
        Recorder::new(Box::new(desk.desktop.clone()), &desk.home, |_| 1_000_000).unwrap();
    desk.work(70);
    desk.recorder.end("stopped");
    assert_eq!(desk.queue().waiting().unwrap().screenshots, 0);
    assert!(!desk.items("application").is_empty());
    let warnings: Vec<String> = desk.queue().read(note::WARNINGS).unwrap().unwrap();
    assert!(warnings[0].contains("disk is nearly full"));
}

#[test]
fn a_run_that_begins_on_a_full_disk_records_and_keeps_what_was_open_before() {
    let mut desk = Desk::new(&settings());
    desk.desktop.show("XTerm", "one");
    desk.work(31);
    let others = rusqlite::Connection::open(desk.home.queue_file()).unwrap();
    let full = |table: &str, event: &str| {
        format!(
            "CREATE TRIGGER full_{table}_{event} BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, 'disk is full'); END;"
        )
    };
    let full = [
        full("items", "INSERT"),
        full("notes", "INSERT"),
        full("notes", "DELETE"),
    ];
    others.execute_batch(&full.concat()).unwrap();
    for _ in 0..2 {
        // Killed, and started once more: nothing of it is there twice in the end.
        let run = Recorder::new(Box::new(desk.desktop.clone()), &desk.home, PLENTY);
        desk.recorder = run.unwrap();
        desk.now.wall += Duration::from_secs(60);
        desk.work(20);
        assert_eq!(desk.tick(1), State::Recording);
    }
    others
        .execute_batch(
            "DROP TRIGGER full_items_INSERT; DROP TRIGGER full_notes_INSERT; DROP TRIGGER full_notes_DELETE;",
        )
        .unwrap();
    desk.work(10);
    desk.recorder.end("stopped");
    let seconds = |minutes: &[Value]| -> i64 {
        let active = minutes.iter().map(|row| row["active_seconds"].as_i64());
        active.map(Option::unwrap).sum()
    };
    // The second of the two runs, and what the first one of all had on the disk, which may lack its last five seconds.
    let kept = seconds(&desk.items("activity")) - 30;
    assert!((26..=30).contains(&kept), "{kept}");
    let ends = desk.items("session");
    let reasons: Vec<_> = ends.iter().map(|end| end["reason"].clone()).collect();
    assert_eq!(reasons, ["shut_down", "stopped"]);
}

#[test]
fn a_desktop_that_is_gone_ends_the_run() {
    let mut desk = Desk::new(&settings());
    desk.desktop.show("XTerm", "one");
    desk.work(10);
    desk.desktop.scene.borrow_mut().gone = true;
    desk.now.wall += Duration::from_secs(1);
    desk.now.steady += Duration::from_secs(1);
    assert!(desk.recorder.tick(desk.now).is_err());
    desk.recorder.end("shut_down");
    assert_eq!(desk.items("application")[0]["seconds"], 9);
}

#[test]
fn each_task_has_sessions_of_its_own_and_no_second_is_lost_between_them() {
    let mut desk = Desk::new(&settings());
    desk.now.wall = at("2026-11-20T09:59:59Z");
    desk.desktop.show("XTerm", "one");
    desk.tick(1);
    desk.work(20);
    let choose = |desk: &Desk, task: Option<u128>| {
        let queue = desk.queue();
        match task {
            Some(number) => queue
                .write(
                    note::TASK,
                    &Chosen {
                        id: Uuid::from_u128(number),
                        title: "T".into(),
                    },
                )
                .unwrap(),
            None => queue.clear_note(note::TASK).unwrap(),
        }
    };
    choose(&desk, Some(1));
    desk.work(30);
    // The same one again changes nothing.
    choose(&desk, Some(1));
    desk.work(10);
    choose(&desk, Some(2));
    desk.work(5);
    choose(&desk, None);
    desk.work(5);
    desk.recorder.end("stopped");
    let sessions: Vec<_> = desk
        .items("session")
        .iter()
        .filter(|one| one["ended_at"].is_string())
        .map(|one| {
            let time = |name: &str| one[name].as_str().unwrap()[14..19].to_owned();
            (
                one["task_id"].as_str().map(|id| id.ends_with('1')),
                time("started_at"),
                time("ended_at"),
                one["reason"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    let changed = || "task_changed".to_owned();
    assert_eq!(
        sessions,
        [
            (None, "00:00".into(), "00:21".into(), changed()),
            (Some(true), "00:21".into(), "01:01".into(), changed()),
            (Some(false), "01:01".into(), "01:06".into(), changed()),
            (None, "01:06".into(), "01:10".into(), "stopped".into()),
        ]
    );
    let seconds: i64 = desk
        .items("activity")
        .iter()
        .map(|one| one["active_seconds"].as_i64().unwrap() + one["idle_seconds"].as_i64().unwrap())
        .sum();
    assert_eq!(seconds, 70);
    assert_eq!(Status::collect(&desk.home).unwrap().task, None);
}

#[test]
fn what_the_policy_names_is_not_even_on_the_disk_before_it_is_acknowledged() {
    let policy = |acknowledged_at: Option<&str>| AgentPolicy {
        version: 1,
        title: "Recording".into(),
        kinds: ["applications", "websites", "activity", "screenshots"]
            .map(str::to_owned)
            .into(),
        published_at: at("2026-11-19T10:00:00Z"),
        acknowledged_at: acknowledged_at.map(at),
    };
    let mut asked = settings();
    asked.screenshots_enabled = true;
    asked.screenshot_interval_seconds = 60;
    asked.policy = Some(policy(None));
    let mut desk = Desk::new(&asked);
    desk.desktop.scene.borrow_mut().displays =
        vec![RgbImage::from_pixel(64, 48, Rgb([10, 20, 30]))];
    desk.desktop.show("XTerm", "strictly private words");
    desk.work(150);
    assert!(!desk.holds("strictly private words"));
    assert!(!desk.holds("XTerm"));
    for kind in ["application", "website", "activity"] {
        assert_eq!(desk.items(kind), Vec::<Value>::new(), "{kind}");
    }
    assert_eq!(desk.queue().waiting().unwrap().screenshots, 0);
    // Acknowledged by the server's clock, which is ahead of this device's: it waits for its own.
    asked.policy = Some(policy(Some("2026-11-20T10:02:45Z")));
    desk.queue().write(note::SETTINGS, &asked).unwrap();
    desk.work(150);
    desk.recorder.end("stopped");
    let windows = desk.items("application");
    assert_eq!(windows[0]["started_at"], "2026-11-20T10:02:45Z");
    let minutes = desk.items("activity");
    assert_eq!(minutes[0]["minute"], "2026-11-20T10:03:00Z");
    assert_eq!(minutes[0]["keystrokes"], 60);
    assert!(desk.queue().waiting().unwrap().screenshots > 0);
}

#[test]
fn what_the_policy_does_not_name_is_recorded_beside_what_it_does() {
    const KINDS: [&str; 4] = ["application", "website", "activity", "screenshot"];
    let named = |kind: &str| match kind {
        "activity" => kind.to_owned(),
        _ => format!("{kind}s"),
    };
    for withheld in KINDS {
        let mut asked = settings();
        asked.screenshots_enabled = true;
        asked.screenshot_interval_seconds = 60;
        asked.policy = Some(AgentPolicy {
            version: 1,
            title: "Recording".into(),
            kinds: vec![named(withheld)],
            published_at: at("2026-11-19T10:00:00Z"),
            acknowledged_at: None,
        });
        let mut desk = Desk::new(&asked);
        desk.desktop.scene.borrow_mut().displays =
            vec![RgbImage::from_pixel(64, 48, Rgb([10, 20, 30]))];
        desk.desktop
            .show("firefox", "Docs https://docs.rs/regex — Mozilla Firefox");
        desk.work(150);
        // What is not sealed yet lies on the disk as well.
        let open = desk.queue().note(note::OPEN).unwrap().unwrap();
        let mut counts = open.split(r#""keystrokes":"#).skip(1);
        for (kind, is_there) in [
            ("application", open.contains(r#""app":"firefox""#)),
            ("website", open.contains("docs.rs")),
            ("activity", counts.any(|count| !count.starts_with('0'))),
        ] {
            assert_eq!(
                is_there,
                kind != withheld,
                "{kind} without {withheld}: {open}"
            );
        }
        desk.recorder.end("stopped");
        for kind in KINDS {
            let recorded = match kind {
                "screenshot" => desk.queue().waiting().unwrap().screenshots > 0,
                "activity" => desk.items(kind).iter().any(|one| one["keystrokes"] != 0),
                _ => !desk.items(kind).is_empty(),
            };
            assert_eq!(recorded, kind != withheld, "{kind} without {withheld}");
        }
    }
}
