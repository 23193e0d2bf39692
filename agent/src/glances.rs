//! Which window was in front when, to the millisecond. What is sent has whole seconds: each goes to the window that was in
//! front for most of it, so that no change is told more than half a second too early or too late.

use std::collections::VecDeque;

use crate::privacy::Front;

/// Most changes that are kept of the seconds not yet given away. What comes after them stands for the rest.
const MOST: usize = 1000;

#[derive(Debug, Default)]
pub struct Glances {
    /// Since when, in milliseconds since 1970. Each is in front until the next one is.
    seen: VecDeque<(i64, Option<Front>)>,
    looked_at: i64,
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

    /// What was in front for most of the second that begins then.
    fn of(&self, begin: i64) -> Option<Front> {
        let end = begin + 1000;
        let mut shares: Vec<(&Option<Front>, i64)> = Vec::new();
        for (place, (since, front)) in self.seen.iter().enumerate() {
            let until = self.seen.get(place + 1).map_or(end, |(next, _)| *next);
            let since = if place == 0 { begin } else { *since };
            let share = until.min(end) - since.max(begin);
            match shares.iter_mut().find(|(known, _)| *known == front) {
                Some((_, sum)) => *sum += share.max(0),
                None => shares.push((front, share.max(0))),
            }
        }
        let most = shares.into_iter().rev().max_by_key(|(_, share)| *share);
        most.and_then(|(front, _)| front.clone())
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
    fn a_second_goes_to_the_window_that_was_there_for_most_of_it() {
        let mut glances = Glances::default();
        glances.look(10_020, front("one"));
        glances.change(11_400, front("two"));
        glances.change(12_600, front("three"));
        glances.look(13_020, front("three"));
        let parts = taken(&mut glances, 10, 13);
        let expected = [(11, "one"), (13, "two")];
        assert_eq!(parts, expected.map(|(end, title)| (end, title.to_owned())));
        assert_eq!(taken(&mut glances, 13, 14), [(14, "three".to_owned())]);
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
