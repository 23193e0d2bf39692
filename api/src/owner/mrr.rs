//! What is paid a month. A year's price is twelve months': amounts are added in twelfths of a minor unit, exactly, and cut
//! to whole minor units once, where a figure is shown.

use super::plans::Period;

/// Twelfths in a minor unit.
pub(crate) const UNIT: i128 = 12;

/// A price of a period as twelfths of a minor unit a month.
pub(crate) fn twelfths(price_minor: i64, period: Period) -> i128 {
    i128::from(price_minor)
        * match period {
            Period::Month => UNIT,
            Period::Year => 1,
        }
}

/// An exact amount as it is shown: what is less than a minor unit is cut off.
pub(crate) fn cut(amount: i128, unit: i128) -> i64 {
    let whole = amount.div_euclid(unit.max(1));
    i64::try_from(whole).unwrap_or(if whole < 0 { i64::MIN } else { i64::MAX })
}

/// Amounts that are added up, as they are shown: their sum is the sum as it is shown. Each is the difference of two cut
/// running totals, so that none is off by a whole minor unit, and nothing stays nothing.
pub(crate) fn cut_parts<const N: usize>(parts: [i128; N], unit: i128) -> [i64; N] {
    let mut total = 0;
    parts.map(|part| {
        let before = cut(total, unit);
        total += part;
        cut(total, unit).saturating_sub(before)
    })
}

/// The same of a list.
pub(crate) fn cut_list(parts: impl IntoIterator<Item = i128>, unit: i128) -> Vec<i64> {
    let mut total = 0;
    let mut shown = Vec::new();
    for part in parts {
        let before = cut(total, unit);
        total += part;
        shown.push(cut(total, unit).saturating_sub(before));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_to_what_is_shown_of_their_sum() {
        for parts in [
            [7, 5, 11, -13, 1],
            [11, 11, 11, 11, 11],
            [0, 0, 0, 0, 0],
            [6, -6, 6, -6, 6],
            [1_000_001, -999_999, 5, -7, 23],
        ] {
            let shown = cut_parts(parts, UNIT);
            assert_eq!(
                shown.iter().sum::<i64>(),
                cut(parts.iter().sum(), UNIT),
                "{parts:?}"
            );
            for (exact, shown) in parts.iter().zip(shown) {
                let off = exact - i128::from(shown) * UNIT;
                assert!(off.abs() < UNIT, "{exact} is shown as {shown}");
                assert!(*exact != 0 || shown == 0, "nothing stays nothing");
            }
            assert_eq!(cut_list(parts, UNIT), shown);
        }
    }

    #[test]
    fn a_year_is_twelve_months() {
        assert_eq!(twelfths(1_200, Period::Year), twelfths(100, Period::Month));
        assert_eq!(cut(twelfths(1_199, Period::Year), UNIT), 99);
    }
}
