//! Who is signed in, in memory: a restart signs everybody out.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::visitor::Visitor;

/// A session ends this long after the sign-in.
pub const LENGTH: Duration = Duration::from_secs(12 * 60 * 60);
/// Attempts to sign in that an address has in [`WINDOW`].
const ATTEMPTS: u32 = 10;
/// After this the attempts are counted anew.
pub const WINDOW: Duration = Duration::from_secs(60);

/// What is remembered until a moment.
struct Until<T> {
    what: T,
    end: Instant,
}

/// The sessions.
#[derive(Default)]
pub struct Sessions(Mutex<HashMap<String, Until<Visitor>>>);

impl Sessions {
    /// Begins one, under a token that nobody can guess.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn begin(&self, visitor: Visitor, now: Instant) -> anyhow::Result<String> {
        let mut random = [0; 24];
        getrandom::fill(&mut random)?;
        let token: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut sessions = lock(&self.0);
        sessions.retain(|_, session| session.end > now);
        let end = now + LENGTH;
        sessions.insert(token.clone(), Until { what: visitor, end });
        Ok(token)
    }

    /// Whose one is.
    pub fn find(&self, token: &str, now: Instant) -> Option<Visitor> {
        let sessions = lock(&self.0);
        let session = sessions.get(token).filter(|session| session.end > now)?;
        Some(session.what.clone())
    }

    /// Ends one.
    pub fn end(&self, token: &str) {
        lock(&self.0).remove(token);
    }
}

/// The attempts to sign in, by the address that they come from.
#[derive(Default)]
pub struct Attempts(Mutex<HashMap<IpAddr, Until<u32>>>);

impl Attempts {
    /// Counts one, and tells whether it may be made.
    pub fn admit(&self, from: IpAddr, now: Instant) -> bool {
        let mut attempts = lock(&self.0);
        attempts.retain(|_, made| made.end > now);
        let made = attempts.entry(from).or_insert(Until {
            what: 0,
            end: now + WINDOW,
        });
        made.what = made.what.saturating_add(1);
        made.what <= ATTEMPTS
    }

    /// Forgets those of an address that has signed in.
    pub fn forget(&self, from: IpAddr) {
        lock(&self.0).remove(&from);
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::users::Role;

    #[test]
    fn a_session_ends_by_itself_or_when_asked() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        let ana = Visitor::named("ana".to_owned(), Role::Viewer);
        let token = sessions.begin(ana.clone(), now).unwrap();
        let other = sessions.begin(ana.clone(), now).unwrap();
        assert_ne!(token, other);
        let later = now + LENGTH - Duration::from_secs(1);
        assert_eq!(sessions.find(&token, later), Some(ana));
        assert_eq!(sessions.find(&token, now + LENGTH), None);
        assert_eq!(sessions.find("", now), None);
        sessions.end(&token);
        assert_eq!(sessions.find(&token, now), None);
        assert!(sessions.find(&other, now).is_some());
    }

    #[test]
    fn an_address_has_ten_attempts_a_minute() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        let [one, other] = [[10, 0, 0, 1], [10, 0, 0, 2]].map(IpAddr::from);
        let made = (0..1_000).filter(|_| attempts.admit(one, now)).count();
        assert_eq!(made, 10);
        assert!(attempts.admit(other, now));
        assert!(attempts.admit(one, now + WINDOW));
        attempts.forget(one);
        let made = (0..20).filter(|_| attempts.admit(one, now)).count();
        assert_eq!(made, 10);
    }
}
