//! A day in stretches of ten minutes, each with its minutes. They are counted from the day's beginning and not from the
//! clock's: an hour that is skipped or comes twice moves none of them, and a zone off by 45 minutes has whole ones.

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::tracking::user_days::Minute;

const LENGTH: i64 = 600;

/// Ten minutes of a day; fewer at the end of a day that does not divide by ten.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct TimelineSlot {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    /// How much of the slot was observed. Active % is active by tracked, not by the slot's length.
    tracked_seconds: i64,
    active_seconds: i64,
    /// Those that were observed.
    minutes: Vec<TimelineMinute>,
}

/// One minute: how much of it was observed and active, and how often keys and mouse were used, never for what.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub(super) struct TimelineMinute {
    at: DateTime<Utc>,
    tracked_seconds: i64,
    active_seconds: i64,
    keystrokes: i64,
    mouse_events: i64,
}

pub(super) fn slots(
    minutes: &[Minute],
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Vec<TimelineSlot> {
    let number = |minute: &Minute| (minute.minute - from).num_seconds().div_euclid(LENGTH);
    let in_one = minutes.chunk_by(|one, next| number(one) == number(next));
    let slot = |minutes: &[Minute]| {
        let begins = from + Duration::seconds(LENGTH * minutes.first().map_or(0, number));
        TimelineSlot {
            from: begins,
            to: to.min(begins + Duration::seconds(LENGTH)),
            tracked_seconds: minutes.iter().map(|minute| minute.tracked).sum(),
            active_seconds: minutes.iter().map(|minute| minute.active).sum(),
            minutes: minutes.iter().map(TimelineMinute::of).collect(),
        }
    };
    in_one.map(slot).collect()
}

impl TimelineMinute {
    fn of(minute: &Minute) -> Self {
        Self {
            at: minute.minute,
            tracked_seconds: minute.tracked,
            active_seconds: minute.active,
            keystrokes: minute.keystrokes,
            mouse_events: minute.mouse_events,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn minute(text: &str, tracked: i64, active: i64) -> Minute {
        Minute {
            minute: at(text),
            active,
            tracked,
            keystrokes: 3,
            mouse_events: 2,
        }
    }

    #[test]
    fn a_slot_is_counted_from_the_days_beginning_and_ends_with_the_day() {
        // Kathmandu's midnight is at 18:15 of UTC. A change of zone makes this day a few minutes longer than its hours.
        let (from, to) = (at("2026-11-20T18:15:00Z"), at("2026-11-21T18:19:00Z"));
        let minutes = [
            minute("2026-11-20T18:15:00Z", 60, 60),
            minute("2026-11-20T18:24:00Z", 30, 10),
            minute("2026-11-20T18:25:00Z", 60, 0),
            minute("2026-11-21T18:18:00Z", 60, 45),
        ];
        let found: Vec<_> = slots(&minutes, from, to)
            .into_iter()
            .map(|slot| {
                let sums = (slot.tracked_seconds, slot.active_seconds);
                (slot.from, slot.to, sums, slot.minutes.len())
            })
            .collect();
        let first_end = at("2026-11-20T18:25:00Z");
        let expected = [
            (from, first_end, (90, 70), 2),
            (first_end, at("2026-11-20T18:35:00Z"), (60, 0), 1),
            (at("2026-11-21T18:15:00Z"), to, (60, 45), 1),
        ];
        assert_eq!(found, expected);
    }
}
