//! Numbers from a seed, the same wherever they are asked for: xorshift.

#[derive(Clone)]
pub struct Dice(u64);

impl Dice {
    /// Neighbouring seeds give numbers that have nothing in common.
    pub fn new(seed: usize) -> Self {
        Self(
            u64::try_from(seed)
                .unwrap()
                .wrapping_mul(0x9E37_79B9_7F4A_7C15)
                | 1,
        )
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit).unwrap()).unwrap()
    }
}
