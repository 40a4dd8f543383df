//! Keeping a session up, for as long as somebody consumes.

use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::broker::Broker;
use super::session::Session;
use crate::deliveries::{DeliverySender, deliveries};
use crate::{Deliveries, Lane, QueueError};
use runtime::retry::{Delays, retry_until_ok};

/// The delays between tries to reconnect.
const FIRST_DELAY: Duration = Duration::from_millis(250);
const LONGEST_DELAY: Duration = Duration::from_secs(30);

/// Opens the first session, and leaves the rest to a task. Whoever has the queue has reached the
/// broker before: one that is away by now is waited for, as in any later outage.
pub(super) async fn consume(
    broker: Broker,
    lane: Lane,
    prefetch: u16,
    stop: &CancellationToken,
) -> Result<Deliveries, QueueError> {
    let session = match Session::open(&broker, lane, prefetch).await {
        Err(QueueError::Away(error)) => {
            tracing::warn!(error, "cannot consume yet");
            reopen(&broker, lane, prefetch, &mut delays()).await
        }
        opened => opened?,
    };
    let (sender, deliveries) = deliveries(stop);
    tokio::spawn(supervise(broker, lane, prefetch, session, sender));
    Ok(deliveries)
}

async fn supervise(
    broker: Broker,
    lane: Lane,
    prefetch: u16,
    mut session: Session,
    sender: DeliverySender,
) {
    let stop = sender.stop().clone();
    let mut delays = delays();
    loop {
        let opened = Instant::now();
        let Err(error) = session.run(&sender).await else {
            return session.finish(sender).await;
        };
        tracing::warn!(error, "lost the session with the broker, reconnecting");
        session.abandon(&sender);
        // A session that breaks as soon as it opens must not be opened again and again at once.
        if opened.elapsed() > LONGEST_DELAY {
            delays.reset();
        }
        let reopened = reopen(&broker, lane, prefetch, &mut delays);
        match stop.run_until_cancelled(reopened).await {
            Some(reopened) => session = reopened,
            None => return,
        }
    }
}

fn delays() -> Delays {
    Delays::new(FIRST_DELAY, LONGEST_DELAY)
}

async fn reopen(broker: &Broker, lane: Lane, prefetch: u16, delays: &mut Delays) -> Session {
    let failed = |error: &QueueError| tracing::warn!(%error, "cannot consume yet");
    let session = retry_until_ok(delays, failed, || Session::open(broker, lane, prefetch)).await;
    tracing::info!("consuming again");
    session
}
