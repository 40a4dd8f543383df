//! What a process that lives on does beside its own work: it prunes the ledger once a day, and tells whoever
//! must act. Any number of them may do so over one ledger.

use std::sync::Arc;
use std::time::Duration;

use chrono::Days;
use domain::ledger::operator;
use runtime::environment::Source;
use store::Store;
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

use crate::broker::Broker;
use crate::error::CommandError;
use crate::notify::{ChannelError, Notifier, NotifyConfig};
use crate::outage::Outage;
use crate::program::Program;
use crate::prune;

/// Time between two looks.
const MINUTE: Duration = Duration::from_secs(60);

/// How the ledger is kept, and who is told.
pub struct HousekeepingConfig {
    prune_after: Days,
    notify: NotifyConfig,
}

impl HousekeepingConfig {
    /// `MEGA_SYNC_PRUNE_AFTER` and `MEGA_SYNC_NOTIFY_*`. `None` when one is wrong, which `source` remembers.
    pub fn read(source: &mut Source<'_>) -> Option<Self> {
        let (prune_after, notify) = prune::after(source).zip(NotifyConfig::read(source))?;
        Some(Self {
            prune_after,
            notify,
        })
    }
}

/// Prunes and notifies, until it is stopped.
pub struct Housekeeping {
    store: Arc<dyn Store>,
    broker: Broker,
    prune_after: Days,
    notifier: Option<Notifier>,
}

impl Housekeeping {
    /// The housekeeping of a ledger and of the dead queue. Commands that notifications name are those of
    /// `program`.
    ///
    /// # Errors
    /// When TLS cannot be set up with the authorities of the settings.
    pub fn new(
        config: HousekeepingConfig,
        program: Program,
        store: Arc<dyn Store>,
        broker: Broker,
    ) -> Result<Self, ChannelError> {
        Ok(Self {
            notifier: Notifier::new(config.notify, program, Arc::clone(&store))?,
            store,
            broker,
            prune_after: config.prune_after,
        })
    }

    /// Looks each minute until `stop`. Services may be away meanwhile.
    pub async fn run(self, stop: CancellationToken) {
        // Not as the process starts: it may be one that only tries.
        let prune = each_minute(MINUTE, "the ledger is not pruned", || self.prune());
        let notify = async {
            if let Some(notifier) = &self.notifier {
                let look = || self.notify(notifier);
                each_minute(Duration::ZERO, "nobody is notified", look).await;
            }
        };
        // Each for itself: to prune takes minutes, and so may a mail server.
        let both = async { tokio::join!(prune, notify) };
        tokio::select! {
            _ = both => {}
            () = stop.cancelled() => {}
        }
    }

    async fn prune(&self) -> Result<(), CommandError> {
        let (store, by) = (self.store.as_ref(), operator());
        let now = store.clock().await?;
        let pruned = prune::daily(store, Some(&self.broker), self.prune_after, &by, now).await?;
        if let Some(report) = pruned {
            let rows: u64 = report.removed.iter().map(|(_, rows)| rows).sum();
            tracing::info!(rows, dead_letters = report.dead_letters, "pruned");
        }
        Ok(())
    }

    async fn notify(&self, notifier: &Notifier) -> Result<(), CommandError> {
        let now = self.store.clock().await?;
        Ok(notifier.look(now).await?)
    }
}

/// Does a chore each minute, the first time after `first`. `what` is what does not happen while it fails.
async fn each_minute<F>(first: Duration, what: &'static str, chore: impl Fn() -> F)
where
    F: Future<Output = Result<(), CommandError>>,
{
    let mut minutes = interval_at(Instant::now() + first, MINUTE);
    minutes.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut outage = Outage::of(what);
    loop {
        minutes.tick().await;
        outage.note(chore().await);
    }
}
