//! Three workers behind proxies, to which a plan happens.

use std::time::Duration;

use anyhow::Context as _;
use simulator::{Config, Latency};
use sqlx::PgPool;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};

use super::plan::{Event, Link, Plan, WORKERS};
use crate::{Fleet, GOLDEN, PATIENCE, Process, Proxy, services};

/// How often a worker that has ended is started again, as a container's restart policy would.
const REVIVAL: Duration = Duration::from_millis(200);
/// How long a run may take once every fault is lifted.
const RECOVERY: Duration = Duration::from_secs(75);

const ENQUEUE: [&str; 7] = [
    "backfill",
    "--start-date",
    "2026-01-01",
    "--end-date",
    "2026-11-22",
    "--as-of",
    "2026-11-23",
];

const ALL_FINAL: &str =
    "SELECT COALESCE(bool_and(state IN ('done', 'superseded')), true) FROM sync_jobs";

/// From which blow a recovery was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blow {
    /// A worker was killed: until none of its jobs is in its dead hands.
    Kill,
    /// A service was away: from its return until the next attempt begins, or, of the database,
    /// ends.
    Outage(Link),
    /// A service was restarted: the same, from the moment that it is told to be back.
    Restart(Link),
}

/// A worker's place: the process that has it now, and its three links.
struct Slot {
    process: Process,
    broker: Proxy,
    database: Proxy,
    erp: Proxy,
}

/// A fleet under a plan.
pub struct Stage {
    /// The fleet.
    pub fleet: Fleet,
    /// Recoveries measured so far, complete after [`Stage::end`].
    pub recovered: Vec<(Blow, Duration)>,
    /// Times the operator had to requeue.
    pub requeues: u32,
    /// When the schedule began.
    pub began: Instant,
    slots: Vec<Slot>,
    jobs_at_once: String,
    recovering: JoinSet<Option<(Blow, Duration)>>,
}

impl Stage {
    /// A fleet with its run enqueued and its ERP misbehaving, ready for the schedule.
    pub async fn set(plan: &Plan) -> anyhow::Result<Self> {
        let mut fleet = Fleet::new(Config {
            token_lifetime: plan.token_lifetime,
            fault_seed: plan.seed,
            ..Config::folder(GOLDEN)
        })
        .await?;
        fleet.set("MEGA_API_TIMEOUT", "2");
        if plan.spoiled {
            clean_run_then_spoil(&fleet).await?;
        }
        let mut stage = Self {
            recovered: Vec::new(),
            requeues: 0,
            began: Instant::now(),
            slots: Vec::new(),
            jobs_at_once: plan.jobs_at_once.to_string(),
            recovering: JoinSet::new(),
            fleet,
        };
        stage.fleet.producer_exits(0, &ENQUEUE).await?;
        stage.fleet.erp.set_latency(Latency {
            base_seconds: plan.latency_seconds,
            ..Latency::NONE
        });
        stage.fleet.erp.faults(plan.faults.clone());
        for lie in &plan.lies {
            stage.fleet.erp.lie(lie.clone());
        }
        for index in 0..WORKERS {
            let slot = stage.slot(index).await?;
            stage.slots.push(slot);
        }
        Ok(stage)
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

    /// Lifts every fault and does the operator's part, until every job is done, no message waits
    /// and every worker has ended in good order.
    pub async fn end(&mut self) -> anyhow::Result<()> {
        for slot in &self.slots {
            for link in [Link::Broker, Link::Database, Link::Erp] {
                slot.proxy(link).slow(Duration::ZERO);
                slot.proxy(link).up();
            }
            // One that has ended meanwhile has nothing to wake up from.
            let _ = slot.process.signal("CONT").await;
        }
        self.fleet.erp.clear_faults();
        self.fleet.erp.tell_the_truth();
        self.fleet.erp.set_latency(Latency::NONE);
        tokio::time::timeout(RECOVERY, self.operate())
            .await
            .context("the run does not come to its end")??;
        self.fleet.until_drained().await?;
        // The others may have done it all while one still waited for a service at its start.
        self.revive_all()?;
        for mut slot in std::mem::take(&mut self.slots) {
            slot.process.signal("TERM").await?;
            // One that was started a moment ago may not listen for signals yet, and ends by it.
            let code = slot.process.ended().await?;
            anyhow::ensure!(matches!(code, Some(0) | None), "a worker ended in {code:?}");
        }
        // An attempt fenced out during a drain sets its message aside: the next worker, whoever it
        // is, finds the job done.
        let last = self.fleet.worker_as("last", &[], &[])?;
        self.fleet.until_drained().await?;
        self.fleet.retire(last).await?;
        while let Some(recovered) = self.recovering.join_next().await {
            self.recovered.extend(recovered?);
        }
        Ok(())
    }

    /// Everything the workers have logged.
    pub fn logs(&self) -> String {
        (0..WORKERS)
            .map(|index| name(index) + ":\n" + &self.fleet.log_of(&name(index)).unwrap_or_default())
            .collect()
    }

    async fn slot(&self, index: usize) -> anyhow::Result<Slot> {
        let variable = |name: &str| self.fleet.variable(name).context("a fleet has it");
        let broker = Proxy::to(&variable("AMQP_URL")?, 5672).await?;
        let database = Proxy::to(&variable("DATABASE_URL")?, 5432).await?;
        let erp = Proxy::to(&variable("MEGA_API_URL")?, 80).await?;
        let process = self.worker(index, [&broker, &database, &erp])?;
        Ok(Slot {
            process,
            broker,
            database,
            erp,
        })
    }

    fn worker(&self, index: usize, links: [&Proxy; 3]) -> anyhow::Result<Process> {
        let arguments = [
            "--jobs-at-once",
            &self.jobs_at_once,
            "--http-concurrency",
            // Of the fleet. Killed workers count as alive for a while, and each needs its part.
            "64",
            "--drain-timeout",
            "10",
        ];
        let [broker, database, erp] = links.map(Proxy::url);
        let environment = [
            ("AMQP_URL", broker),
            ("DATABASE_URL", database),
            ("MEGA_API_URL", erp),
        ];
        self.fleet.worker_as(&name(index), &arguments, &environment)
    }

    fn revive(&mut self, index: usize) -> anyhow::Result<()> {
        let slot = &self.slots[index];
        let process = self.worker(index, [&slot.broker, &slot.database, &slot.erp])?;
        self.slots[index].process = process;
        Ok(())
    }

    /// Starts what has ended by itself: a worker that meets no service at its start gives up.
    fn revive_all(&mut self) -> anyhow::Result<()> {
        for index in 0..self.slots.len() {
            if self.slots[index].process.has_ended() {
                self.revive(index)?;
            }
        }
        Ok(())
    }

    async fn keep_alive_until(&mut self, moment: Instant) -> anyhow::Result<()> {
        let mut ticks = tokio::time::interval(REVIVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = tokio::time::sleep_until(moment) => return Ok(()),
                _ = ticks.tick() => self.revive_all()?,
            }
        }
    }

    async fn happens(&mut self, event: Event) -> anyhow::Result<()> {
        match event {
            Event::Kill(worker) => self.kill(worker).await?,
            // Signals to one that has just ended by itself miss it.
            Event::Stall(worker) => drop(self.slots[worker].process.signal("STOP").await),
            Event::Wake(worker) => drop(self.slots[worker].process.signal("CONT").await),
            Event::Cut(worker, link) => self.slots[worker].proxy(link).cut(),
            Event::Slow(worker, link, delay) => self.slots[worker].proxy(link).slow(delay),
            Event::Away(link) => self.each(link, Proxy::down),
            Event::Back(link) => {
                self.each(link, Proxy::up);
                self.measure(link, Blow::Outage(link));
            }
            Event::Restart(link) => {
                match link {
                    Link::Broker => services::restart_broker().await?,
                    Link::Database => services::restart_database().await?,
                    Link::Erp => {}
                }
                self.measure(link, Blow::Restart(link));
            }
            Event::SecondRun => {
                // While the ERP misbehaves it may not come about; that is no fault of the fleet's.
                drop(self.fleet.producer(&ENQUEUE).await?);
            }
        }
        Ok(())
    }

    /// Begins to measure a recovery.
    fn measure(&mut self, link: Link, blow: Blow) {
        let again = match link {
            Link::Broker => "SELECT EXISTS (SELECT FROM sync_attempts WHERE started_at > $1)",
            Link::Database => {
                "SELECT EXISTS (SELECT FROM sync_attempts WHERE started_at > $1 OR finished_at > $1)"
            }
            Link::Erp => return,
        };
        let pool = self.fleet.pool.clone();
        self.recovering.spawn(async move {
            let took = goes_on(&pool, again).await?;
            Some((blow, took))
        });
    }

    async fn kill(&mut self, worker: usize) -> anyhow::Result<()> {
        let process = &mut self.slots[worker].process;
        if let Some(id) = process.id().filter(|_| !process.has_ended()) {
            process.signal("KILL").await?;
            let killed = Instant::now();
            process.ended().await?;
            let pool = self.fleet.pool.clone();
            self.recovering.spawn(taken_over(pool, id, killed));
        }
        self.revive(worker)
    }

    fn each(&self, link: Link, change: fn(&Proxy)) {
        for slot in &self.slots {
            change(slot.proxy(link));
        }
    }

    /// What an operator does by the documentation, until every job is done.
    async fn operate(&mut self) -> anyhow::Result<()> {
        let mut ticks = tokio::time::interval(REVIVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.revive_all()?;
            if self.ask(ALL_FINAL).await? {
                return Ok(());
            }
            if self
                .ask("SELECT refused_at IS NOT NULL FROM sync_session")
                .await?
            {
                self.fleet.producer_exits(0, &["signin", "--retry"]).await?;
            }
            let runs: Vec<(String, bool, bool)> = sqlx::query_as(
                "SELECT run_id, bool_or(state = 'failed'),
                        bool_or(published_at IS NULL AND state = 'queued')
                 FROM sync_jobs GROUP BY run_id",
            )
            .fetch_all(&self.fleet.pool)
            .await?;
            for (run, failed, unpublished) in runs {
                if failed {
                    self.requeues += 1;
                    self.fleet
                        .producer_exits(0, &["requeue", "--run", &run])
                        .await?;
                } else if unpublished {
                    self.fleet
                        .producer_exits(0, &["resume", "--run", &run])
                        .await?;
                }
            }
        }
    }

    async fn ask(&self, query: &'static str) -> anyhow::Result<bool> {
        Ok(sqlx::query_scalar(query)
            .fetch_one(&self.fleet.pool)
            .await?)
    }
}

impl Slot {
    fn proxy(&self, link: Link) -> &Proxy {
        match link {
            Link::Broker => &self.broker,
            Link::Database => &self.database,
            Link::Erp => &self.erp,
        }
    }
}

fn name(worker: usize) -> String {
    format!("worker-{worker}")
}

/// Fills the tables, and then makes every one of them wrong.
async fn clean_run_then_spoil(fleet: &Fleet) -> anyhow::Result<()> {
    let worker = fleet.worker_as("clean", &[], &[])?;
    fleet.producer_exits(0, &ENQUEUE).await?;
    fleet.until("the clean run is done", ALL_FINAL).await?;
    fleet.retire(worker).await?;
    for statement in [
        "UPDATE entradas_caixa SET forecast = forecast + 1, actual = actual - 1",
        "DELETE FROM estatisticas_portfolio",
        "UPDATE delinquency SET total = total + 1",
        "UPDATE contratos SET status = 'spoiled'",
        "UPDATE empreendimentos SET is_active = NOT is_active",
        // A balance that moves would say that something was paid: that is history, not damage.
        "DELETE FROM faturas_pagar WHERE agente_codigo % 2 = 0 AND saldo_atual <> 0",
        "DELETE FROM saidas_caixa",
    ] {
        sqlx::query(statement).execute(&fleet.pool).await?;
    }
    Ok(())
}

/// Until no job runs in the hands of a dead process; `None` when it had none.
async fn taken_over(pool: PgPool, id: u32, killed: Instant) -> Option<(Blow, Duration)> {
    let hands = format!("%-{id}-%");
    let in_hand = || async {
        let query = "SELECT COUNT(*) FROM sync_jobs WHERE state = 'running' AND worker LIKE $1";
        let count: Result<i64, _> = sqlx::query_scalar(query)
            .bind(&hands)
            .fetch_one(&pool)
            .await;
        count.unwrap_or(0)
    };
    if in_hand().await == 0 {
        return None;
    }
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    while killed.elapsed() < PATIENCE {
        ticks.tick().await;
        if in_hand().await == 0 {
            return Some((Blow::Kill, killed.elapsed()));
        }
    }
    None
}

/// Until an attempt does as `again` asks; `None` when there is nothing left to do.
async fn goes_on(pool: &PgPool, again: &'static str) -> Option<Duration> {
    let back = Instant::now();
    let since: chrono::DateTime<chrono::Utc> = sqlx::query_scalar("SELECT clock_timestamp()")
        .fetch_one(pool)
        .await
        .ok()?;
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    while back.elapsed() < PATIENCE {
        ticks.tick().await;
        let asked = sqlx::query_scalar(again).bind(since).fetch_one(pool);
        if asked.await.ok()? {
            return Some(back.elapsed());
        }
        if sqlx::query_scalar(ALL_FINAL).fetch_one(pool).await.ok()? {
            return None;
        }
    }
    None
}
