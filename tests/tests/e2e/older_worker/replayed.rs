//! A worker of an older version, as far as others can tell: its statements, in its order.

use std::time::Duration;

use anyhow::Context as _;
use chrono::{DateTime, TimeDelta, Utc};
use lapin::options::BasicGetOptions;
use lapin::{Channel, Connection, ConnectionProperties};
use serde_json::Value;
use sqlx::{PgConnection, PgPool};
use tests::Fleet;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::statements::*;

pub const ID: &str = "older-4711-0123456789abcdef";

/// The older version's heartbeat while calls move between workers.
const HEARTBEAT: Duration = Duration::from_millis(250);
/// How long others may be silent and still hold their calls.
const LEASE_SILENCE: TimeDelta = TimeDelta::seconds(5);
/// The same of a build that says nothing of its calls.
const DEAD_AFTER: TimeDelta = TimeDelta::seconds(45);

/// What a worker says of its calls.
type Member = (String, Option<i64>, Option<bool>, Option<i64>);

/// One that beats, and has a job in hand.
pub struct OlderWorker {
    /// Living workers, as its newest heartbeat found them.
    living: watch::Receiver<usize>,
    /// The target of its job.
    pub target: String,
    pool: PgPool,
    broker: Connection,
    /// Its message goes back to the queue with the channel.
    _channel: Channel,
    beating: JoinSet<anyhow::Result<()>>,
}

impl OlderWorker {
    /// Takes the first job of the fleet's work queue, and beats from then on, for a share of `total`
    /// calls.
    pub async fn start(fleet: &Fleet, total: i64) -> anyhow::Result<Self> {
        let url = fleet.variable("AMQP_URL").context("a fleet has a broker")?;
        let broker = Connection::connect(&url, ConnectionProperties::default()).await?;
        let channel = broker.create_channel().await?;
        let unacknowledged = BasicGetOptions { no_ack: false };
        let message = channel
            .basic_get(fleet.work_queue().into(), unacknowledged)
            .await?
            .context("no job is enqueued")?;
        let job: Value = serde_json::from_slice(&message.delivery.data)?;
        let text = |name: &str| {
            job[name]
                .as_str()
                .map(str::to_owned)
                .context("no such text")
        };
        let (run, target) = (text("run_id")?, text("target")?);

        let (say, living) = watch::channel(0);
        let pool = fleet.pool.clone();
        let mut share = beat(&pool, total, 0).await?.share;
        claim(&pool, &run, &target).await?;
        let mut beating = JoinSet::new();
        beating.spawn({
            let pool = pool.clone();
            async move {
                let mut ticks = tokio::time::interval(HEARTBEAT);
                loop {
                    ticks.tick().await;
                    match beat(&pool, total, share).await {
                        Ok(lease) => {
                            share = lease.share;
                            say.send_replace(lease.workers);
                        }
                        Err(error) if is_lock_timeout(&error) => alive(&pool).await?,
                        Err(error) => return Err(error),
                    }
                }
            }
        });
        Ok(Self {
            living,
            target,
            pool,
            broker,
            _channel: channel,
            beating,
        })
    }

    /// Waits for another heartbeat, one that finds so many living workers.
    pub async fn until_living(&mut self, workers: usize) -> anyhow::Result<()> {
        self.living.mark_unchanged();
        tests::wait::until("a heartbeat of the older worker", async || {
            // It ends only by an error of one of its statements.
            if let Some(ended) = self.beating.try_join_next() {
                ended??;
            }
            Ok(self.living.has_changed()? && *self.living.borrow() == workers)
        })
        .await
    }

    /// Ends as a killed process does, and so long ago that nobody doubts it.
    pub async fn crash(mut self) -> anyhow::Result<()> {
        self.beating.shutdown().await;
        let aged = "UPDATE sync_workers SET heartbeat_at = now() - interval '1 hour' WHERE id = $1";
        sqlx::query(aged).bind(ID).execute(&self.pool).await?;
        self.broker.close(200, "OK".into()).await?;
        Ok(())
    }
}

async fn now(connection: &mut PgConnection) -> anyhow::Result<DateTime<Utc>> {
    let now = sqlx::query_scalar("SELECT clock_timestamp()");
    Ok(now.fetch_one(connection).await?)
}

/// What a heartbeat was answered.
struct Lease {
    workers: usize,
    share: i64,
}

/// A heartbeat that says which calls it holds.
async fn beat(pool: &PgPool, total: i64, held: i64) -> anyhow::Result<Lease> {
    let mut tx = pool.begin().await?;
    sqlx::raw_sql(LOCK_LEASES).execute(&mut *tx).await?;
    let now = now(&mut tx).await?;
    sqlx::query(BEAT)
        .bind(ID)
        .bind(now)
        .bind(1_i64)
        .bind(false)
        .bind(held)
        .execute(&mut *tx)
        .await?;
    let living: Vec<Member> = sqlx::query_as(LIVING)
        .bind(now - LEASE_SILENCE)
        .bind(now - DEAD_AFTER)
        .fetch_all(&mut *tx)
        .await?;
    let workers = living.len() as i64;
    // One that says nothing of its calls takes an equal part.
    let part = total / workers;
    let others = living.iter().filter(|(id, ..)| id != ID);
    let theirs: i64 = others.map(|(.., held)| held.unwrap_or(part)).sum();
    let share = part.min(total - theirs);
    if share > held {
        sqlx::query(HOLD_CALLS)
            .bind(ID)
            .bind(share)
            .execute(&mut *tx)
            .await?;
    }
    tx.commit().await?;
    Ok(Lease {
        workers: living.len(),
        share,
    })
}

/// A heartbeat that had to wait too long for the others' says no more than that it lives.
async fn alive(pool: &PgPool) -> anyhow::Result<()> {
    let mut connection = pool.acquire().await?;
    let now = now(&mut connection).await?;
    sqlx::query(ALIVE)
        .bind(ID)
        .bind(now)
        .execute(&mut *connection)
        .await?;
    Ok(())
}

fn is_lock_timeout(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<sqlx::Error>();
    let error = error.and_then(sqlx::Error::as_database_error);
    error.is_some_and(|error| error.code().as_deref() == Some("55P03"))
}

/// Begins an attempt at a job that none was made at.
async fn claim(pool: &PgPool, run: &str, target: &str) -> anyhow::Result<()> {
    let mut tx = pool.begin().await?;
    let generation: i64 = sqlx::query_scalar(LOCK_TARGET)
        .bind(target)
        .fetch_one(&mut *tx)
        .await?;
    let (generation, now) = (generation + 1, now(&mut tx).await?);
    sqlx::query(HOLD)
        .bind(target)
        .bind(generation)
        .bind(run)
        .bind(ID)
        .execute(&mut *tx)
        .await?;
    sqlx::query(BEGIN_ATTEMPT)
        .bind(target)
        .bind(generation)
        .bind(run)
        .bind(ID)
        .bind(now)
        .execute(&mut *tx)
        .await?;
    sqlx::query(RUN_JOB)
        .bind(run)
        .bind(target)
        .bind(generation)
        .bind(0_i64)
        .bind(now)
        .bind(ID)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(())
}
