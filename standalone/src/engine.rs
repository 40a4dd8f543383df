//! A worker in this process, for what a command enqueues.

use std::sync::Arc;

use domain::job::RunId;
use domain::ledger::WorkerId;
use mega::MegaClient;
use producer::console::Console;
use producer::error::CommandError;
use producer::exit::Exit;
use producer::follow;
use producer::publish::{Enqueuer, Publishing};
use producer::report::find_run;
use producer::services::settings;
use queue::memory::MemoryQueue;
use queue::{Queue, Topology};
use store::Store;
use tokio_util::sync::CancellationToken;
use worker::Worker;
use worker::cli::WorkArgs;

/// The in-process queue and the worker that will consume it; or none, while `serve` works on this database.
pub struct Engine {
    worker: Arc<Worker>,
    served: bool,
}

impl Engine {
    /// An engine over a database and the ERP, idle until [`Engine::work_through`].
    ///
    /// # Errors
    /// When the delays in the environment are unusable, or the database fails.
    pub async fn new(
        store: Arc<dyn Store>,
        mega: MegaClient,
        work: &WorkArgs,
    ) -> Result<Self, CommandError> {
        let served = serving(&*store).await?.is_some();
        Ok(Self {
            worker: worker(WorkerId::of_this_process(), store, mega, work)?,
            served,
        })
    }

    /// Puts jobs into the in-process queue. The queue ends with the process, so open jobs that were
    /// published before are published again.
    pub fn enqueuer(&self) -> Enqueuer<'_> {
        Enqueuer {
            store: self.worker.store.as_ref(),
            queue: self.worker.queue.as_ref(),
            publishing: match self.served {
                true => Publishing::Nothing,
                false => Publishing::All,
            },
        }
    }

    /// Works until the run has ended, cannot go on, or `stop` is cancelled; then drains. While `serve`
    /// does the work, only follows it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn work_through(
        self,
        console: &mut Console<'_>,
        run: Option<RunId>,
        stop: CancellationToken,
    ) -> Result<Exit, CommandError> {
        let Some(run) = run else {
            return Ok(Exit::Done);
        };
        let store = Arc::clone(&self.worker.store);
        let run = find_run(store.as_ref(), Some(&run)).await?;
        if self.served {
            console.narrate("recorded: mega-sync serve does the work");
            return follow::wait(console, store.as_ref(), None, &run, None, stop).await;
        }
        let drain = stop.child_token();
        let queue = Arc::clone(&self.worker.queue);
        let working = tokio::spawn(worker::run(self.worker, drain.clone()));
        let queue: Option<&dyn Queue> = Some(queue.as_ref());
        let exit = follow::wait(console, store.as_ref(), queue, &run, None, stop).await;
        drain.cancel();
        working.await.expect("the consume loop does not panic")?;
        exit
    }
}

/// A worker with a queue of its own.
///
/// # Errors
/// When the delays in the environment are unusable.
pub fn worker(
    id: WorkerId,
    store: Arc<dyn Store>,
    mega: MegaClient,
    work: &WorkArgs,
) -> Result<Arc<Worker>, CommandError> {
    let topology = settings(Topology::read)?;
    let limits = work.limits(&topology);
    let queue = Arc::new(MemoryQueue::new(topology));
    Ok(Arc::new(Worker {
        id,
        store,
        queue,
        mega,
        limits,
    }))
}

/// The `serve` that is alive on a database.
///
/// # Errors
/// When the database fails.
pub async fn serving(store: &dyn Store) -> Result<Option<WorkerId>, CommandError> {
    let mut workers = store.fleet().await?.into_iter().map(|worker| worker.id);
    Ok(workers.find(WorkerId::is_serving))
}
