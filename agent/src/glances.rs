//! Which window was in front when, to the millisecond. What is sent has whole seconds: each goes to one of the windows that
//! were in front in it, to the one with the most time that no second has stood for yet. So a change is told less than a second
//! too early or too late, and the seconds of a window add up to its time; a plain majority would lose a title that lasts
//! a second from half a second on.

use std::collections::VecDeque;

use crate::privacy::Front;

/// Most changes that are kept of the seconds not yet given away. What comes after them stands for the rest.
const MOST: usize = 1000;
/// Windows whose rest of a second is remembered.
const REMEMBERED: usize = 32;

#[derive(Debug, Default)]
pub struct Glances {
    /// Since when, in milliseconds since 1970. Each is in front until the next one is.
    seen: VecDeque<(i64, Option<Front>)>,
    looked_at: i64,
    /// Milliseconds for which no second stands yet, or for which one stands too early.
    owed: VecDeque<(Option<Front>, i64)>,
}

impl Glances {
    /// Something came to the front at that moment.
    pub fn change(&mut self, at: i64, front: Option<Front>) {
        let has_room = self.seen.len() < MOST;
        let Some((since, last)) = self.seen.back_mut() else {
            self.seen.push_back((at, front));
            return;
        };
        if *last == front {
            return;
        }
        let at = at.max(*since);
        if has_room {
            self.seen.push_back((at, front));
        } else {
            *last = front;
        }
    }

    /// What is seen at that moment. A change of which nobody told happened after the look before, nobody knows when.
    pub fn look(&mut self, at: i64, front: Option<Front>) {
        self.change(self.looked_at, front);
        self.looked_at = at;
    }

    /// Gives the seconds before `until` away: each part with the second that it ends before. The last one ends with all of
    /// them, and is there even when there are none.
    pub fn take(&mut self, from: i64, until: i64) -> Vec<(i64, Option<Front>)> {
        if from >= until {
            return vec![(until, None)];
        }
        let mut parts: Vec<(i64, Option<Front>)> = Vec::new();
        for second in from..until {
            let front = self.of(second * 1000);
            match parts.last_mut() {
                Some((end, last)) if *last == front => *end = second + 1,
                _ => parts.push((second + 1, front)),
            }
        }
        while self
            .seen
            .get(1)
            .is_some_and(|(since, _)| *since <= until * 1000)
        {
            self.seen.pop_front();
        }
        parts
    }

    /// To whom the second goes that begins then.
    fn of(&mut self, begin: i64) -> Option<Front> {
        let end = begin + 1000;
        let mut there: Vec<Option<Front>> = Vec::new();
        for place in 0..self.seen.len() {
            let until = self.seen.get(place + 1).map_or(end, |(next, _)| *next);
            let Some((since, front)) = self.seen.get(place) else {
                break;
            };
            let since = if place == 0 { begin } else { *since };
            let share = until.min(end) - since.max(begin);
            if share <= 0 {
                continue;
            }
            match self.owed.iter_mut().find(|(known, _)| known == front) {
                Some((_, owed)) => *owed += share,
                None => self.owed.push_back((front.clone(), share)),
            }
            if !there.contains(front) {
                there.push(front.clone());
            }
        }
        let of_those = self.owed.iter_mut().rev();
        let (front, owed) = of_those
            .filter(|(front, _)| there.contains(front))
            .max_by_key(|(_, owed)| *owed)?;
        *owed -= 1000;
        let front = front.clone();
        while self.owed.len() > REMEMBERED {
            self.owed.pop_front();
        }
        front
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn front(title: &str) -> Option<Front> {
        Some(Front {
            app: "XTerm".into(),
            title: title.into(),
            site: None,
            is_redacted: false,
        })
    }

    /// Titles, with the second that each part ends before.
    fn taken(glances: &mut Glances, from: i64, until: i64) -> Vec<(i64, String)> {
        let parts = glances.take(from, until).into_iter();
        parts
            .map(|(end, front)| (end, front.map_or_else(String::new, |front| front.title)))
            .collect()
    }

    #[test]
    fn a_second_goes_to_the_window_to_which_most_is_owed() {
        let mut glances = Glances::default();
        glances.look(10_020, front("one"));
        glances.change(11_400, front("two"));
        glances.change(12_600, front("three"));
        glances.look(13_020, front("three"));
        let parts = taken(&mut glances, 10, 13);
        let expected = [(11, "one"), (12, "two"), (13, "three")];
        assert_eq!(parts, expected.map(|(end, title)| (end, title.to_owned())));
        assert_eq!(taken(&mut glances, 13, 14), [(14, "three".to_owned())]);
    }

    #[test]
    fn titles_of_a_second_each_have_a_second_each_wherever_they_begin() {
        for phase in (0..1000).step_by(50) {
            let mut glances = Glances::default();
            glances.look(0, front("before"));
            let mut titles = Vec::new();
            for second in 1..60 {
                // Nobody is exact to the millisecond.
                let begin = second * 1000 + phase + second * 7_919 % 41 - 20;
                glances.change(begin, front(&second.to_string()));
                titles.extend(taken(&mut glances, second - 1, second));
            }
            titles.retain(|(_, title)| title != "before");
            for (end, title) in &titles {
                let begin = title.parse::<i64>().unwrap() * 1000 + phase;
                let off = (end - 1) * 1000 - begin;
                assert!(off.abs() < 1000, "{title} from {phase}: off by {off}");
            }
            let mut once: Vec<_> = titles.iter().map(|(_, title)| title).collect();
            once.dedup();
            assert_eq!(once.len(), titles.len(), "from {phase}: {titles:?}");
            assert!(once.len() >= 57, "from {phase}: {titles:?}");
        }
    }

    #[test]
    fn a_window_that_comes_back_has_its_parts_added_up() {
        let mut glances = Glances::default();
        glances.look(0, front("one"));
        for (at, title) in [(300, "two"), (700, "one"), (900, "two")] {
            glances.change(at, front(title));
        }
        assert_eq!(taken(&mut glances, 0, 1), [(1, "one".to_owned())]);
    }

    #[test]
    fn a_change_of_which_nobody_told_counts_from_the_look_before() {
        let mut glances = Glances::default();
        glances.look(1_020, front("one"));
        taken(&mut glances, 0, 1);
        glances.look(5_020, front("two"));
        assert_eq!(taken(&mut glances, 1, 5), [(5, "two".to_owned())]);
    }

    #[test]
    fn changes_that_never_rest_take_no_more_memory_for_it() {
        let mut glances = Glances::default();
        for at in 0..5_000 {
            glances.change(at, front(&at.to_string()));
        }
        assert_eq!(glances.seen.len(), MOST);
        assert_eq!(taken(&mut glances, 0, 6).last().unwrap().1, "4999");
        assert_eq!(glances.seen.len(), 1);
    }
}
