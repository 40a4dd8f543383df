//! Lines of progress, few enough to read.

use std::time::Duration;

use tokio::time::Instant;

/// Time between two lines, at least.
const BETWEEN_LINES: Duration = Duration::from_secs(2);

/// Lets a line pass when it differs from the last one and that one is old enough.
#[derive(Default)]
pub(super) struct Throttle {
    last: Option<(String, Instant)>,
}

impl Throttle {
    /// The line, if it is to be written at `now`.
    pub(super) fn next(&mut self, line: String, now: Instant) -> Option<String> {
        let passes = self
            .last
            .as_ref()
            .is_none_or(|(last, at)| *last != line && now - *at >= BETWEEN_LINES);
        passes.then(|| {
            self.last = Some((line.clone(), now));
            line
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_when_something_changed_and_not_in_a_flood() {
        let began = Instant::now();
        let mut throttle = Throttle::default();
        let mut at = |ms, line: &str| {
            throttle
                .next(line.to_owned(), began + Duration::from_millis(ms))
                .is_some()
        };
        assert!(at(0, "1 of 9"), "the first");
        assert!(!at(1000, "2 of 9"), "too soon");
        assert!(at(2000, "3 of 9"), "changed, and late enough");
        assert!(!at(9000, "3 of 9"), "nothing new");
        assert!(at(9100, "4 of 9"), "new after a long silence");
    }
}
