//! A clock made of numbers: second 0 of each test is the start of a minute.

use super::*;

const THRESHOLD: i64 = 60;

struct Desk {
    timeline: Timeline,
    sealed: Vec<Item>,
    last: i64,
}

impl Desk {
    fn new(start: i64) -> Self {
        Self {
            timeline: Timeline::new(Uuid::now_v7(), start, start),
            sealed: Vec::new(),
            last: start,
        }
    }

    /// Lets the seconds up to `until` pass one by one, with a key press in each second of `typing`.
    fn pass(&mut self, until: i64, title: &str, typing: impl Fn(i64) -> bool) {
        while self.timeline.cursor() < until {
            let second = self.timeline.cursor();
            let keystrokes = u32::from(typing(second));
            self.last = if keystrokes > 0 { second } else { self.last };
            let input = Input {
                activity: Activity {
                    keystrokes,
                    mouse_events: 0,
                },
                last: self.last,
                idle_threshold: THRESHOLD,
            };
            let front = Front {
                app: "app".into(),
                title: title.into(),
                site: None,
                is_redacted: false,
            };
            self.timeline
                .observe(second + 1, Some(front), input, &mut self.sealed);
        }
    }

    fn finish(mut self) -> Self {
        self.timeline.finish(&mut self.sealed);
        self
    }

    fn minutes(&self) -> Vec<(i64, i32, i32, i32)> {
        let rows = self.sealed.iter().filter_map(|item| match item {
            Item::Activity(row) => Some((
                row.minute.timestamp(),
                row.active_seconds,
                row.idle_seconds,
                row.keystrokes,
            )),
            _ => None,
        });
        rows.collect()
    }

    fn stretches(&self) -> Vec<(String, i64, i32)> {
        let rows = self.sealed.iter().filter_map(|item| match item {
            Item::Application(row) => {
                Some((row.title.clone(), row.started_at.timestamp(), row.seconds))
            }
            _ => None,
        });
        rows.collect()
    }
}

fn row(title: &str, from: i64, seconds: i32) -> (String, i64, i32) {
    (title.to_owned(), from, seconds)
}

#[test]
fn a_stretch_ends_when_the_title_changes_or_after_a_minute() {
    let mut desk = Desk::new(0);
    desk.pass(70, "a", |_| true);
    assert_eq!(desk.stretches(), [row("a", 0, 60)]);
    desk.pass(75, "b", |_| true);
    assert_eq!(desk.stretches(), [row("a", 0, 60), row("a", 60, 10)]);
    assert_eq!(
        desk.finish().stretches(),
        [row("a", 0, 60), row("a", 60, 10), row("b", 70, 5)]
    );
}

#[test]
fn pauses_shorter_than_the_threshold_are_active() {
    let mut desk = Desk::new(0);
    desk.pass(120, "a", |second| second % 59 == 0);
    let desk = desk.finish();
    assert_eq!(desk.minutes(), [(0, 60, 0, 2), (60, 60, 0, 1)]);
    assert_eq!(desk.stretches(), [row("a", 0, 60), row("a", 60, 60)]);
}

#[test]
fn idle_reaches_back_to_the_last_input() {
    let mut desk = Desk::new(0);
    desk.pass(240, "a", |second| !(10..200).contains(&second));
    let desk = desk.finish();
    assert_eq!(
        desk.minutes(),
        [
            (0, 10, 50, 10),
            (60, 0, 60, 0),
            (120, 0, 60, 0),
            (180, 40, 20, 40)
        ]
    );
    assert_eq!(desk.stretches(), [row("a", 0, 10), row("a", 200, 40)]);
}

#[test]
fn a_gap_of_exactly_the_threshold_is_idle() {
    let mut desk = Desk::new(0);
    desk.pass(120, "a", |second| second == 0 || second == 60);
    assert_eq!(desk.finish().minutes(), [(0, 1, 59, 1), (60, 1, 59, 1)]);
    let mut desk = Desk::new(0);
    desk.pass(60, "a", |second| second == 0 || second == 59);
    assert_eq!(desk.finish().minutes(), [(0, 60, 0, 2)]);
}

#[test]
fn a_minute_is_sealed_as_soon_as_it_is_decided() {
    let mut desk = Desk::new(0);
    desk.pass(60, "a", |_| true);
    assert_eq!(
        desk.minutes(),
        [(0, 60, 0, 60)],
        "input in its last second decides it"
    );
    desk.pass(129, "a", |second| second <= 70);
    assert_eq!(
        desk.minutes().len(),
        1,
        "the second minute's end may still be idle"
    );
    desk.pass(131, "a", |_| false);
    assert_eq!(
        desk.minutes()[1],
        (60, 11, 49, 11),
        "a threshold after the last input it is"
    );
}

#[test]
fn what_is_undecided_at_the_end_counts_as_active() {
    let mut desk = Desk::new(30);
    desk.pass(75, "a", |second| second == 30);
    let desk = desk.finish();
    assert_eq!(
        desk.minutes(),
        [(0, 30, 0, 1), (60, 15, 0, 0)],
        "the first minute is a partial one"
    );
    assert_eq!(desk.stretches(), [row("a", 30, 45)]);
}

#[test]
fn a_late_look_adds_several_seconds_at_once() {
    let mut desk = Desk::new(0);
    desk.pass(58, "a", |_| true);
    let input = Input {
        activity: Activity {
            keystrokes: 3,
            mouse_events: 2,
        },
        last: 62,
        idle_threshold: THRESHOLD,
    };
    desk.timeline.observe(63, None, input, &mut desk.sealed);
    let desk = desk.finish();
    assert_eq!(desk.minutes(), [(0, 60, 0, 58), (60, 3, 0, 3)]);
    assert_eq!(desk.stretches(), [row("a", 0, 58)]);
}

#[test]
fn a_late_look_finds_the_gap_that_nobody_watched() {
    let mut desk = Desk::new(0);
    desk.pass(10, "a", |_| true);
    let input = Input {
        activity: Activity {
            keystrokes: 1,
            mouse_events: 0,
        },
        last: 74,
        idle_threshold: THRESHOLD,
    };
    desk.timeline.observe(75, None, input, &mut desk.sealed);
    assert_eq!(desk.finish().minutes(), [(0, 10, 50, 10), (60, 1, 14, 1)]);
}

#[test]
fn an_early_look_keeps_the_counts_for_the_second_that_is_not_over() {
    let mut desk = Desk::new(0);
    let input = Input {
        activity: Activity {
            keystrokes: 3,
            mouse_events: 0,
        },
        last: 0,
        idle_threshold: THRESHOLD,
    };
    desk.timeline.observe(0, None, input, &mut desk.sealed);
    desk.pass(1, "a", |_| true);
    assert_eq!(desk.finish().minutes(), [(0, 1, 0, 4)]);
}

#[test]
fn every_second_is_counted_once_whatever_the_typing() {
    for seed in 0..200_i64 {
        let start = seed * 7 % 60;
        let mut desk = Desk::new(start);
        desk.pass(start + 900, "a", |second| {
            (second * 7919 + seed * 104_729) % (3 + seed) == 0
        });
        let desk = desk.finish();
        let minutes = desk.minutes();
        let (active, idle): (i32, i32) = (
            minutes.iter().map(|row| row.1).sum(),
            minutes.iter().map(|row| row.2).sum(),
        );
        assert_eq!(active + idle, 900, "seed {seed}");
        assert!(
            minutes
                .iter()
                .all(|row| row.1 + row.2 <= 60 && row.0 % 60 == 0),
            "seed {seed}"
        );
        assert!(
            minutes.windows(2).all(|pair| pair[0].0 < pair[1].0),
            "one row a minute, seed {seed}"
        );
        assert_eq!(
            desk.stretches().iter().map(|row| row.2).sum::<i32>(),
            active,
            "seed {seed}"
        );
    }
}

#[test]
fn counts_stay_within_what_the_server_takes() {
    let mut desk = Desk::new(0);
    let input = Input {
        activity: Activity {
            keystrokes: u32::MAX,
            mouse_events: u32::MAX,
        },
        last: 0,
        idle_threshold: THRESHOLD,
    };
    desk.timeline.observe(1, None, input, &mut desk.sealed);
    assert_eq!(desk.finish().minutes(), [(0, 1, 0, 100_000)]);
}
