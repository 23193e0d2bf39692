//! Chance that falls the same way every time: splitmix64 from a seed in words.

use chrono::{DateTime, Utc};
use uuid::{Builder, Uuid};

pub(super) struct Dice(u64);

impl Dice {
    pub fn new(seed: &str) -> Self {
        // FNV-1a, so that seeds that differ in one letter lie far apart.
        let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Self(seed.bytes().fold(0xcbf2_9ce4_8422_2325, mix))
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 up to, but not including, `end`.
    pub fn below(&mut self, end: u32) -> u32 {
        let scaled = (self.next() >> 32) * u64::from(end);
        (scaled >> 32) as u32
    }

    /// Both included.
    pub fn between(&mut self, least: u32, most: u32) -> u32 {
        least + self.below(most - least + 1)
    }

    pub fn percent(&mut self, chance: u32) -> bool {
        self.below(100) < chance
    }

    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(u32::try_from(of.len()).unwrap_or(u32::MAX)) as usize)
    }

    /// A version 7 id of that time.
    pub fn id(&mut self, at: DateTime<Utc>) -> Uuid {
        let mut tail = [0; 10];
        tail[..8].copy_from_slice(&self.next().to_le_bytes());
        tail[8..].copy_from_slice(&self.next().to_le_bytes()[..2]);
        let millis = u64::try_from(at.timestamp_millis()).unwrap_or_default();
        Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_falls_the_same_way_and_stays_in_bounds() {
        let roll = |seed: &str| {
            let mut dice = Dice::new(seed);
            (0..500).map(|_| dice.between(3, 9)).collect::<Vec<_>>()
        };
        assert_eq!(roll("a"), roll("a"));
        assert_ne!(roll("a"), roll("b"));
        let mut seen = roll("a");
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, (3..=9).collect::<Vec<_>>());
    }

    #[test]
    fn an_id_carries_its_time() {
        let at = DateTime::from_timestamp_millis(1_790_000_000_123).unwrap();
        let id = Dice::new("x").id(at);
        assert_eq!(id.get_version_num(), 7);
        assert_eq!(
            id.get_timestamp().unwrap().to_unix(),
            (1_790_000_000, 123_000_000)
        );
    }
}
