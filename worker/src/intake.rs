//! Whether jobs may be taken.
//!
//! A consumer holds messages for as long as it is open, and the broker counts a delivery for each
//! that it takes back: while no job may be taken, none is open, and the work waits in the queue.

use std::fmt;
use std::time::Duration;

use mega::MegaClient;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// A database not heard of for longer than this is away: nothing could be claimed or committed.
const DATABASE_SILENCE: Duration = Duration::from_secs(15);

/// Why no job may be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntakePause {
    /// None of the fleet's calls are this worker's.
    NoCalls,
    /// The ERP does not answer.
    ErpAway,
    /// The ERP refused the sign-in.
    SignInRefused,
    /// The database does not answer.
    DatabaseAway,
    /// Somebody paused the fleet.
    Paused,
}

impl fmt::Display for IntakePause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoCalls => "none of the fleet's calls are this worker's",
            Self::ErpAway => "the ERP is away",
            Self::SignInRefused => "the ERP refused the sign-in",
            Self::DatabaseAway => "the database is away",
            Self::Paused => "the fleet is paused",
        })
    }
}

/// What a worker knows of all that it needs to take jobs, beside the ERP's own circuit.
pub struct Intake {
    /// The worker's part of the fleet's calls; none before the first heartbeat.
    share: watch::Sender<usize>,
    heard: watch::Sender<Instant>,
    refused: watch::Sender<bool>,
    paused: watch::Sender<bool>,
}

impl Intake {
    pub fn new(now: Instant) -> Self {
        Self {
            share: watch::Sender::new(0),
            heard: watch::Sender::new(now),
            refused: watch::Sender::new(false),
            paused: watch::Sender::new(false),
        }
    }

    /// The worker's part of the fleet's calls, as it was told last.
    pub fn share(&self) -> usize {
        *self.share.borrow()
    }

    /// Tells the worker's part of the fleet's calls.
    pub fn set_share(&self, share: usize) {
        self.share.send_replace(share);
    }

    /// Says that the database answered.
    pub fn database_answered(&self, now: Instant) {
        self.heard.send_replace(now);
    }

    /// Says whether a refused sign-in stands.
    pub fn set_refused(&self, refused: bool) {
        self.refused.send_replace(refused);
    }

    /// Whether a refused sign-in stands, as far as this worker knows.
    pub fn is_refused(&self) -> bool {
        *self.refused.borrow()
    }

    /// Says whether the fleet is paused.
    pub fn set_paused(&self, paused: bool) {
        self.paused.send_replace(paused);
    }

    /// Waits until jobs may be taken.
    pub async fn opens(&self, mega: &MegaClient) {
        let (mut share, mut heard) = (self.share.subscribe(), self.heard.subscribe());
        let (mut refused, mut paused) = (self.refused.subscribe(), self.paused.subscribe());
        // None of the senders ends before `self`.
        while self.closed(mega).is_some() {
            _ = share.wait_for(|share| *share > 0).await;
            _ = heard
                .wait_for(|heard| heard.elapsed() < DATABASE_SILENCE)
                .await;
            _ = refused.wait_for(|refused| !refused).await;
            _ = paused.wait_for(|paused| !paused).await;
            mega.until_it_answers().await;
        }
    }

    /// Waits until the worker's part of the fleet's calls is such a one.
    pub async fn share_is(&self, such: impl Fn(usize) -> bool) {
        let mut share = self.share.subscribe();
        // The sender lives as long as `self`.
        _ = share.wait_for(|share| such(*share)).await;
    }

    /// Waits until no job may be taken, and says why.
    pub async fn closes(&self, mega: &MegaClient) -> IntakePause {
        let (mut share, mut refused) = (self.share.subscribe(), self.refused.subscribe());
        let mut paused = self.paused.subscribe();
        tokio::select! {
            _ = paused.wait_for(|paused| *paused) => IntakePause::Paused,
            _ = share.wait_for(|share| *share == 0) => IntakePause::NoCalls,
            _ = refused.wait_for(|refused| *refused) => IntakePause::SignInRefused,
            () = mega.until_it_is_away() => IntakePause::ErpAway,
            () = self.database_falls_silent() => IntakePause::DatabaseAway,
        }
    }

    fn closed(&self, mega: &MegaClient) -> Option<IntakePause> {
        match () {
            () if *self.paused.borrow() => Some(IntakePause::Paused),
            () if self.share() == 0 => Some(IntakePause::NoCalls),
            () if self.is_refused() => Some(IntakePause::SignInRefused),
            () if mega.is_known_to_be_away() => Some(IntakePause::ErpAway),
            () if self.heard.borrow().elapsed() >= DATABASE_SILENCE => {
                Some(IntakePause::DatabaseAway)
            }
            () => None,
        }
    }

    async fn database_falls_silent(&self) {
        let mut heard = self.heard.subscribe();
        loop {
            let silent = *heard.borrow_and_update() + DATABASE_SILENCE;
            tokio::select! {
                () = sleep_until(silent) => return,
                // The sender lives as long as `self`.
                _ = heard.changed() => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures::future::poll_immediate;
    use mega::{MegaConfig, MemorySessionStore};

    use super::*;

    fn mega() -> MegaClient {
        let url = "http://127.0.0.1:9".parse().unwrap();
        let tenant = "00000000-0000-0000-0000-000000000000".to_owned();
        let config = MegaConfig::new(url, tenant, "user".to_owned(), "password".to_owned().into());
        MegaClient::new(config, Arc::new(MemorySessionStore::default())).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn jobs_are_taken_while_nothing_speaks_against_it() {
        let (intake, mega) = (Intake::new(Instant::now()), mega());
        assert!(
            poll_immediate(intake.opens(&mega)).await.is_none(),
            "no share yet"
        );
        intake.set_share(4);
        intake.opens(&mega).await;
        assert!(poll_immediate(intake.closes(&mega)).await.is_none());

        intake.set_refused(true);
        assert_eq!(intake.closes(&mega).await, IntakePause::SignInRefused);
        assert!(poll_immediate(intake.opens(&mega)).await.is_none());
        intake.set_refused(false);
        intake.opens(&mega).await;

        intake.set_paused(true);
        assert_eq!(intake.closes(&mega).await, IntakePause::Paused);
        assert!(poll_immediate(intake.opens(&mega)).await.is_none());
        intake.set_paused(false);
        intake.opens(&mega).await;
        assert!(poll_immediate(intake.closes(&mega)).await.is_none());

        intake.set_share(0);
        assert_eq!(intake.closes(&mega).await, IntakePause::NoCalls);
        intake.set_share(1);

        // Time passes here only when nothing else happens.
        assert_eq!(intake.closes(&mega).await, IntakePause::DatabaseAway);
        assert!(poll_immediate(intake.opens(&mega)).await.is_none());
        intake.database_answered(Instant::now());
        intake.opens(&mega).await;
    }
}
