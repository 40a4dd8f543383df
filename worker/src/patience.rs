//! How long this worker takes others for alive that it does not hear of.

use std::time::Duration;

use domain::fleet::LEASE_SILENCE;
use tokio::time::Instant;

/// After an outage of the database nobody has been heard of for as long as it took, and all may be
/// alive: their calls are theirs until they have had the time to say so.
#[derive(Debug)]
pub struct Patience {
    /// This worker's latest heartbeat that the database took.
    heard: Instant,
    outage: Option<Outage>,
}

#[derive(Debug)]
struct Outage {
    /// The last heartbeat before it.
    from: Instant,
    /// The first after it.
    until: Instant,
}

impl Patience {
    pub fn new(now: Instant) -> Self {
        Self {
            heard: now,
            outage: None,
        }
    }

    /// For how long others may have been silent at `now` and still be alive.
    pub fn at(&self, now: Instant) -> Duration {
        match &self.outage {
            Some(outage) if now < outage.until + LEASE_SILENCE => now - outage.from + LEASE_SILENCE,
            _ if self.is_outage(now) => now - self.heard + LEASE_SILENCE,
            _ => LEASE_SILENCE,
        }
    }

    /// The database has taken a heartbeat.
    pub fn heard(&mut self, now: Instant) {
        if self.is_outage(now) {
            self.outage = Some(Outage {
                from: self.heard,
                until: now,
            });
        }
        self.heard = now;
    }

    fn is_outage(&self, now: Instant) -> bool {
        now - self.heard > LEASE_SILENCE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_an_outage_everybody_gets_the_time_to_be_heard_of() {
        let begin = Instant::now();
        let second = |seconds| begin + Duration::from_secs(seconds);
        let mut patience = Patience::new(begin);
        for at in 1..10 {
            assert_eq!(patience.at(second(at)), LEASE_SILENCE);
            patience.heard(second(at));
        }
        // Who beat just before the database went at second 9 counts as alive,
        for at in 60..64 {
            let silence = patience.at(second(at)).as_secs();
            assert_eq!(silence, at - 9 + LEASE_SILENCE.as_secs(), "at {at}");
            patience.heard(second(at));
        }
        // until it must have been heard of again.
        assert_eq!(patience.at(second(60) + LEASE_SILENCE), LEASE_SILENCE);
    }
}
