//! Chance.

use uuid::Uuid;

/// A number below `most`, each as likely as any other; 0 where there is none. The last bytes of a fresh id are random.
pub fn below(most: u32) -> u32 {
    let [.., a, b, c, d] = *Uuid::now_v7().as_bytes();
    let drawn = u64::from(u32::from_be_bytes([a, b, c, d])) * u64::from(most);
    u32::try_from(drawn >> 32).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_below_comes_up_about_as_often() {
        let mut seen = [0_u32; 10];
        for _ in 0..20_000 {
            seen[below(10) as usize] += 1;
        }
        // Eight standard deviations.
        assert!(
            seen.iter().all(|count| (1_660..=2_340).contains(count)),
            "{seen:?}"
        );
        assert_eq!((below(1), below(0)), (0, 0));
    }
}
