//! Five classes of magnitude, so that a look over a grid finds what is large.

use rust_decimal::Decimal;

/// How many classes there are.
const CLASSES: usize = 5;

/// Where one class ends and the next begins: each holds a fifth of the values, whatever their sign.
pub struct Heat {
    /// The largest magnitude of each class.
    pub upper: [Decimal; CLASSES],
}

impl Heat {
    /// The classes of some values; none where all are zero, which has no class.
    pub fn of(values: impl Iterator<Item = Decimal>) -> Option<Self> {
        let sizes = values.map(|value| value.abs());
        let mut sizes: Vec<_> = sizes.filter(|size| !size.is_zero()).collect();
        sizes.sort_unstable();
        let upper = |class: usize| sizes[(sizes.len() * class).div_ceil(CLASSES) - 1];
        (!sizes.is_empty()).then(|| Self {
            upper: [1, 2, 3, 4, 5].map(upper),
        })
    }

    /// The class of a value, from 1.
    pub fn class(&self, value: Decimal) -> Option<usize> {
        let size = value.abs();
        let ended = self.upper[..CLASSES - 1].iter();
        let ended = ended.filter(|upper| **upper < size).count();
        (!size.is_zero()).then_some(ended + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(values: &[i64]) -> Vec<Option<usize>> {
        let values = || values.iter().copied().map(Decimal::from);
        let heat = Heat::of(values());
        values().map(|value| heat.as_ref()?.class(value)).collect()
    }

    #[test]
    fn a_fifth_of_the_values_is_in_each_class_whatever_their_sign() {
        let values: Vec<i64> = (1..=20).collect();
        let found = classes(&values);
        for class in 1..=5 {
            assert_eq!(found.iter().filter(|one| **one == Some(class)).count(), 4);
        }
        assert!(found.is_sorted());
        assert_eq!(classes(&[1, -20, 3, -400, 50]), [1, 3, 2, 5, 4].map(Some));
    }

    #[test]
    fn equal_values_are_in_one_class_and_zero_in_none() {
        assert_eq!(classes(&[7, 7, 0, 7]), [Some(1), Some(1), None, Some(1)]);
        assert_eq!(classes(&[0, 0]), [None, None]);
        assert_eq!(classes(&[]), []);
        assert_eq!(classes(&[1, 2]), [Some(1), Some(3)]);
    }
}
