//! A worker in this process, for what a command enqueues.

use std::sync::Arc;

use domain::job::RunId;
use domain::ledger::WorkerId;
use mega::MegaClient;
use producer::console::Console;
use producer::error::CommandError;
use producer::exit::Exit;
use producer::follow;
use producer::publish::Enqueuer;
use producer::report::find_run;
use producer::services::settings;
use queue::Topology;
use queue::memory::MemoryQueue;
use store::Store;
use tokio_util::sync::CancellationToken;
use worker::Worker;
use worker::cli::WorkArgs;

/// The in-process queue and the worker that will consume it.
pub struct Engine {
    worker: Arc<Worker>,
}

impl Engine {
    /// An engine over a database and the ERP, idle until [`Engine::work_through`].
    ///
    /// # Errors
    /// When the delays in the environment are unusable.
    pub fn new(
        store: Arc<dyn Store>,
        mega: MegaClient,
        work: &WorkArgs,
    ) -> Result<Self, CommandError> {
        let topology = settings(Topology::read)?;
        let limits = work.limits(&topology);
        let queue = Arc::new(MemoryQueue::new(topology));
        let worker = Worker {
            id: WorkerId::of_this_process(),
            store,
            queue,
            mega,
            limits,
        };
        Ok(Self {
            worker: Arc::new(worker),
        })
    }

    /// Puts jobs into the in-process queue. The queue ends with the process, so open jobs that were
    /// published before are published again.
    pub fn enqueuer(&self) -> Enqueuer<'_> {
        Enqueuer {
            store: self.worker.store.as_ref(),
            queue: self.worker.queue.as_ref(),
            published_too: true,
        }
    }

    /// Works until the run has ended, cannot go on, or `stop` is cancelled; then drains.
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
        let drain = stop.child_token();
        let queue = Arc::clone(&self.worker.queue);
        let working = tokio::spawn(worker::run(self.worker, drain.clone()));
        let exit = follow::wait(console, store.as_ref(), queue.as_ref(), &run, None, stop).await;
        drain.cancel();
        working.await.expect("the consume loop does not panic")?;
        exit
    }
}
