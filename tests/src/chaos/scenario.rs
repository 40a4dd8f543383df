//! Three workers of a fleet, to which a plan happens.

use std::time::Duration;

use anyhow::Context as _;
use simulator::{Config, Latency};
use tokio::time::{Instant, MissedTickBehavior};

use super::moves::Move;
use super::people::People;
use super::plan::{Event, Link, Plan, WORKERS};
use super::recovery::{Cause, Recoveries};
use super::worker::ChaosWorker;
use super::{operator, schedule};
use crate::{Fleet, GOLDEN, GOLDEN_ENQUEUE, Proxy, services};

/// How often a worker that has ended is started again, as a container's restart policy would.
const RESTARTS_EVERY: Duration = Duration::from_millis(200);
/// How long a run may take once every fault is lifted.
const RECOVERY: Duration = Duration::from_secs(75);

/// A fleet under a plan.
pub struct Scenario {
    /// The fleet.
    pub fleet: Fleet,
    /// Recoveries measured so far, complete after [`Scenario::end`].
    pub recovered: Vec<(Cause, Duration)>,
    /// What people did.
    pub people: People,
    /// When the schedule began.
    pub began: Instant,
    workers: Vec<ChaosWorker>,
    recoveries: Recoveries,
}

impl Scenario {
    /// A fleet with its run enqueued and its ERP misbehaving, ready for the schedule.
    pub async fn new(plan: &Plan) -> anyhow::Result<Self> {
        let mut fleet = Fleet::new(Config {
            token_lifetime: plan.token_lifetime,
            fault_seed: plan.seed,
            ..Config::folder(GOLDEN)
        })
        .await?;
        fleet.set("MEGA_API_TIMEOUT", "2");
        if plan.spoiled {
            operator::clean_run_then_spoil(&fleet).await?;
        }
        fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
        if plan.has(Event::Move(Move::Prune)) {
            operator::grow_old(&fleet).await?;
        }
        fleet.erp.set_latency(Latency {
            base_seconds: plan.latency_seconds,
            ..Latency::NONE
        });
        fleet.erp.faults(plan.faults.clone());
        for lie in &plan.lies {
            fleet.erp.lie(lie.clone());
        }
        let mut workers = Vec::new();
        for index in 0..WORKERS {
            workers.push(ChaosWorker::start(&fleet, name(index), plan.jobs_at_once).await?);
        }
        Ok(Self {
            recovered: Vec::new(),
            people: People::default(),
            began: Instant::now(),
            workers,
            recoveries: Recoveries::new(fleet.pool.clone()),
            fleet,
        })
    }

    /// The schedule, from beginning to end.
    pub async fn play(&mut self, plan: &Plan) -> anyhow::Result<()> {
        self.began = Instant::now();
        for (at, event) in &plan.events {
            self.keep_alive_until(self.began + *at).await?;
            self.happens(*event).await?;
        }
        Ok(())
    }

    /// Lifts every fault, then every lie, and does the operator's part, until every job is done, no message waits
    /// and every worker has ended in good order.
    pub async fn end(&mut self) -> anyhow::Result<()> {
        for worker in &self.workers {
            for link in [Link::Broker, Link::Database, Link::Erp] {
                worker.link(link).slow(Duration::ZERO);
                worker.link(link).up();
            }
            // One that has ended meanwhile has nothing to wake up from.
            let _ = worker.process.signal("CONT").await;
        }
        self.fleet.erp.clear_faults();
        self.fleet.erp.set_latency(Latency::NONE);
        self.people.begin_no_more(&self.fleet).await?;
        // What an attempt hears half of a lie and half of the truth, no check can tell: the lies last until
        // no attempt is under way any more.
        tokio::time::timeout(RECOVERY, self.operate(false))
            .await
            .context("not every job ends while the ERP lies")??;
        self.fleet.erp.clear_lies();
        self.people.bring_back(&self.fleet).await?;
        tokio::time::timeout(RECOVERY, self.operate(true))
            .await
            .context("the run does not come to its end")??;
        self.people.leave().await?;
        self.fleet.until_drained().await?;
        // The others may have done it all while one still waited for a service at its start.
        self.restart_ended()?;
        for mut worker in std::mem::take(&mut self.workers) {
            worker.process.signal("TERM").await?;
            // One that was started a moment ago may not listen for signals yet, and ends by it.
            let code = worker.process.ended().await?;
            anyhow::ensure!(matches!(code, Some(0) | None), "a worker ended in {code:?}");
        }
        // An attempt fenced out during a drain sets its message aside: the next worker, whoever it
        // is, finds the job done.
        let last = self.fleet.worker_as("last", &[], &[])?;
        self.fleet.until_drained().await?;
        self.fleet.retire(last).await?;
        self.recovered = self.recoveries.all().await?;
        Ok(())
    }

    /// Everything the workers and the scheduler have logged.
    pub fn logs(&self) -> String {
        let log = |name: String| {
            let log = self.fleet.log_of(&name).unwrap_or_default();
            format!("{name}:\n{log}")
        };
        let names = (0..WORKERS).map(name).chain([schedule::LOG.to_owned()]);
        names.map(log).collect()
    }

    fn restart_ended(&mut self) -> anyhow::Result<()> {
        for worker in &mut self.workers {
            worker.restart_if_ended(&self.fleet)?;
        }
        self.people.restart_ended(&self.fleet)
    }

    async fn keep_alive_until(&mut self, moment: Instant) -> anyhow::Result<()> {
        let mut ticks = tokio::time::interval(RESTARTS_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = tokio::time::sleep_until(moment) => return Ok(()),
                _ = ticks.tick() => self.restart_ended()?,
            }
        }
    }

    async fn happens(&mut self, event: Event) -> anyhow::Result<()> {
        match event {
            Event::Kill(worker) => self.kill(worker).await?,
            // Signals to one that has just ended by itself miss it.
            Event::Stall(worker) => drop(self.workers[worker].process.signal("STOP").await),
            Event::Wake(worker) => drop(self.workers[worker].process.signal("CONT").await),
            Event::Cut(worker, link) => self.workers[worker].link(link).cut(),
            Event::Slow(worker, link, delay) => self.workers[worker].link(link).slow(delay),
            Event::Away(link) => self.each(link, Proxy::down),
            Event::Back(link) => {
                self.each(link, Proxy::up);
                self.recoveries.after(link, Cause::Outage(link));
            }
            Event::Restart(link) => {
                match link {
                    Link::Broker => services::restart_broker().await?,
                    Link::Database => services::restart_database().await?,
                    Link::Erp => {}
                }
                self.recoveries.after(link, Cause::Restart(link));
            }
            Event::SecondRun => {
                // While the ERP misbehaves it may not come about; that is no fault of the fleet's.
                drop(self.fleet.producer(GOLDEN_ENQUEUE).await?);
            }
            Event::Move(one) => self.people.make(&self.fleet, one).await?,
        }
        Ok(())
    }

    async fn kill(&mut self, worker: usize) -> anyhow::Result<()> {
        let worker = &mut self.workers[worker];
        let process = &mut worker.process;
        if let Some(id) = process.id().filter(|_| !process.has_ended()) {
            process.signal("KILL").await?;
            let killed = Instant::now();
            process.ended().await?;
            self.recoveries.after_kill(id, killed);
        }
        worker.restart(&self.fleet)
    }

    fn each(&self, link: Link, change: fn(&Proxy)) {
        for worker in &self.workers {
            change(worker.link(link));
        }
    }

    /// The operator's part, until every job is done.
    async fn operate(&mut self, requeues: bool) -> anyhow::Result<()> {
        let mut ticks = tokio::time::interval(RESTARTS_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.restart_ended()?;
            if self.people.look(&self.fleet, requeues).await? {
                return Ok(());
            }
        }
    }
}

fn name(worker: usize) -> String {
    format!("worker-{worker}")
}
