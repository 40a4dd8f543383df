//! How long a data call takes.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A data call takes `base + per_in_flight × n`, where n is the number of data calls in flight
/// when it arrives, itself included. Both in seconds; the default is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Latency {
    /// Seconds that every call takes.
    pub base_seconds: f64,
    /// Seconds more for each call in flight.
    pub per_in_flight_seconds: f64,
}

impl Latency {
    /// Answers at once.
    pub const NONE: Self = Self {
        base_seconds: 0.0,
        per_in_flight_seconds: 0.0,
    };

    /// What fits the timings of the live service: 50 contracts in 12.11 s with 8 calls in flight
    /// and in 8.45 s with 16.
    pub const MEASURED: Self = Self {
        base_seconds: 1.17,
        per_in_flight_seconds: 0.0958,
    };

    /// Whether both parts are finite and not negative.
    pub fn is_valid(&self) -> bool {
        [self.base_seconds, self.per_in_flight_seconds]
            .iter()
            .all(|seconds| Duration::try_from_secs_f64(*seconds).is_ok())
    }

    pub(crate) fn of(&self, in_flight: u64) -> Duration {
        let seconds = self.base_seconds + self.per_in_flight_seconds * in_flight as f64;
        // A sum too large for a Duration waits as long as one can be.
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_measured_model_gives_the_measured_rates() {
        // Eight in flight: 8 calls every 1.9364 s.
        assert_eq!(Latency::MEASURED.of(8), Duration::from_secs_f64(1.9364));
        let rate = |n: u64| n as f64 / Latency::MEASURED.of(n).as_secs_f64();
        assert!((50.0 / rate(8) - 12.11).abs() < 0.02);
        assert!((50.0 / rate(16) - 8.45).abs() < 0.02);
        assert!(rate(10_000) < 10.44);
    }

    #[test]
    fn a_negative_or_endless_latency_is_invalid() {
        assert!(Latency::MEASURED.is_valid() && Latency::NONE.is_valid());
        assert!(
            !Latency {
                base_seconds: -1.0,
                ..Latency::NONE
            }
            .is_valid()
        );
        assert!(
            !Latency {
                per_in_flight_seconds: f64::INFINITY,
                ..Latency::NONE
            }
            .is_valid()
        );
    }
}
