//! When pictures are taken: once in each slot, at a moment nobody knows before. A slot is as long as the interval, and the
//! first of a day begins with it, on the company's clock.

use chrono::{DateTime, Days, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use tracker_wire::AgentSettings;

use crate::chance;

/// A moment that was missed by more seconds than this is drawn anew: nobody gets a picture for coming back.
const LATE: i64 = 10;

/// The slot that was looked at last, in seconds since 1970. It is kept on disk: a slot has one picture, however often the
/// agent is started in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    slot: i64,
    due: i64,
    taken: bool,
}

/// What there is to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Turn {
    Wait,
    /// Another moment was drawn, which is to be kept.
    Drawn,
    /// Now. Kept as taken, it is not offered again.
    Take,
}

impl Moment {
    /// A moment at which no picture may be taken is drawn again from what is left of the slot.
    pub fn turn(known: &mut Option<Self>, slot: (i64, i64), now: i64, may: bool) -> Turn {
        let (begin, end) = slot;
        let draw = |from: i64| {
            let left = u32::try_from(end - from).unwrap_or(0);
            Self {
                slot: begin,
                due: from + i64::from(chance::below(left)),
                taken: false,
            }
        };
        let fresh = known.filter(|moment| moment.slot == begin);
        let mut moment = fresh.unwrap_or_else(|| draw(now));
        let turn = match moment {
            Self { taken: true, .. } => Turn::Wait,
            Self { due, .. } if now < due && fresh.is_some() => Turn::Wait,
            Self { due, .. } if now < due => Turn::Drawn,
            Self { due, .. } if may && now - due <= LATE => {
                moment.taken = true;
                Turn::Take
            }
            _ => {
                moment = match now + 1 < end {
                    true => draw(now + 1),
                    // Nothing is left: the next look is in another slot.
                    false => Self { due: end, ..moment },
                };
                Turn::Drawn
            }
        };
        *known = Some(moment);
        turn
    }
}

/// From the first second of the slot in which this moment lies up to its end.
pub fn slot(settings: &AgentSettings, now: DateTime<Utc>) -> (i64, i64) {
    let zone = settings.time_zone.parse::<Tz>().unwrap_or(Tz::UTC);
    let length = i64::from(settings.screenshot_interval_seconds.max(1));
    let day = now.with_timezone(&zone).date_naive();
    let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
    let (from, to) = (start(zone, day), start(zone, next));
    let begin = from + (now.timestamp() - from).div_euclid(length) * length;
    (begin, (begin + length).min(to.max(now.timestamp() + 1)))
}

/// The first second of a day, which need not be midnight: clocks skip some.
fn start(zone: Tz, day: chrono::NaiveDate) -> i64 {
    let midnight = day.and_time(chrono::NaiveTime::MIN);
    let mut quarters = (0..=12).map(|quarter| midnight + chrono::TimeDelta::minutes(15 * quarter));
    let first = quarters.find_map(|at| zone.from_local_datetime(&at).earliest());
    first.map_or_else(|| midnight.and_utc().timestamp(), |at| at.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The picture's second in each slot of ten, of somebody who may be pictured then.
    fn taken(may: impl Fn(i64) -> bool, restart: impl Fn(i64) -> bool) -> Vec<i64> {
        let mut known = None;
        let mut pictures = Vec::new();
        for now in 0..3_000 {
            if restart(now) {
                known = serde_json::from_str(&serde_json::to_string(&known).unwrap()).unwrap();
            }
            let begin = now - now % 10;
            if Moment::turn(&mut known, (begin, begin + 10), now, may(now)) == Turn::Take {
                pictures.push(now);
            }
        }
        pictures
    }

    #[test]
    fn each_slot_has_one_picture_at_any_of_its_seconds() {
        let pictures = taken(|_| true, |now| now % 3 == 0);
        let slots: Vec<i64> = pictures.iter().map(|at| at / 10).collect();
        assert_eq!(slots, (0..300).collect::<Vec<_>>());
        for second in 0..10 {
            let count = pictures.iter().filter(|at| **at % 10 == second).count();
            assert!((5..=70).contains(&count), "second {second}: {count} of 300");
        }
    }

    #[test]
    fn a_moment_that_cannot_be_used_is_drawn_again_from_what_is_left() {
        let pictures = taken(|now| now % 10 >= 6, |_| false);
        assert!(pictures.iter().all(|at| at % 10 >= 6));
        assert_eq!(pictures.len(), 300);
        for second in 6..10 {
            assert!(pictures.iter().any(|at| at % 10 == second), "{second}");
        }
        assert_eq!(taken(|_| false, |_| false), [0_i64; 0]);
    }

    #[test]
    fn who_comes_back_to_a_slot_is_not_pictured_at_once() {
        let mut at_once = 0;
        for _ in 0..100 {
            let mut known = Some(Moment {
                slot: 0,
                due: 5,
                taken: false,
            });
            at_once += u32::from(Moment::turn(&mut known, (0, 600), 400, true) == Turn::Take);
        }
        assert_eq!(at_once, 0);
    }

    #[test]
    fn slots_begin_with_the_companys_day() {
        let settings = |zone: &str, interval: i32| AgentSettings {
            time_zone: zone.into(),
            screenshot_interval_seconds: interval,
            ..crate::privacy::tests::settings()
        };
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let of = |zone, interval, now| {
            let (from, to) = slot(&settings(zone, interval), at(now));
            let text = |second| {
                DateTime::from_timestamp(second, 0)
                    .unwrap()
                    .format("%d %H:%M:%S")
                    .to_string()
            };
            (text(from), text(to))
        };
        let slots = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        let kolkata = of("Asia/Kolkata", 600, "2026-11-20T10:05:03Z");
        assert_eq!(kolkata, slots("20 10:00:00", "20 10:10:00"));
        // Seven hours do not divide a day: its last slot ends with it.
        let last = of("UTC", 7 * 3600, "2026-11-20T23:00:00Z");
        assert_eq!(last, slots("20 21:00:00", "21 00:00:00"));
        // The clock skips midnight there.
        let beirut = of("Asia/Beirut", 3600, "2024-03-30T22:30:00Z");
        assert_eq!(beirut, slots("30 22:00:00", "30 23:00:00"));
        let nowhere = of("Nowhere", 600, "2026-11-20T10:05:03Z");
        assert_eq!(nowhere, slots("20 10:00:00", "20 10:10:00"));
    }
}
