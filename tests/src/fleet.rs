//! A fleet for one test: a database, queues and a simulated ERP of its own; real processes.

use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use lapin::options::{BasicGetOptions, QueueDeleteOptions};
use lapin::types::AMQPValue;
use lapin::{Channel, Connection, ConnectionProperties};
use queue::BrokerConfig;
use queue::amqp::AmqpQueue;
use queue::{Depths, Queue as _};
use runtime::environment::Source;
use simulator::Simulator;
use sqlx::PgPool;
use tokio::process::{Child, Command};

use crate::tables::{self, Tables};

/// Longest that anything a test waits for may take.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// Delays between a job's attempts in tests: the shape of the real ones, in a second.
const RETRY_DELAYS: &str = "200ms,300ms,400ms";

/// A test's own database, queues and ERP; gone when the test ends.
pub struct Fleet {
    /// The ERP.
    pub erp: Simulator,
    /// The database.
    pub pool: PgPool,
    name: String,
    admin: PgPool,
    environment: Vec<(&'static str, String)>,
    folder: tempfile::TempDir,
}

impl Fleet {
    /// A fleet over a simulated ERP, with nothing running yet.
    pub async fn new(erp: simulator::Config) -> anyhow::Result<Self> {
        let service = |name: &str| {
            std::env::var(name)
                .with_context(|| format!("{name} is not set: eval \"$(scripts/services)\""))
        };
        let (database_url, amqp_url) = (service("DATABASE_URL")?, service("AMQP_URL")?);
        let name = format!("mega_sync_test_{}_{:08x}", std::process::id(), rand());
        let admin = PgPool::connect(&database_url).await?;
        sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .execute(&admin)
            .await?;
        let mut own_url = reqwest::Url::parse(&database_url)?;
        own_url.set_path(&name);
        let pool = PgPool::connect(own_url.as_str()).await?;
        let credentials = erp.credentials.clone();
        let erp = Simulator::start(erp).await?;
        let environment = vec![
            ("DATABASE_URL", own_url.to_string()),
            ("AMQP_URL", amqp_url),
            ("MEGA_SYNC_QUEUE", name.clone()),
            ("MEGA_SYNC_RETRY_DELAYS", RETRY_DELAYS.to_owned()),
            ("MEGA_SYNC_LOG", "human".to_owned()),
            ("MEGA_API_URL", erp.url()),
            ("MEGA_API_TENANT_ID", credentials.tenant_id),
            ("MEGA_API_USERNAME", credentials.username),
            ("MEGA_API_PASSWORD", credentials.password),
            ("MEGA_API_TIMEOUT", "5".to_owned()),
            ("MEGA_API_TRIES", "2".to_owned()),
        ];
        let folder = tempfile::tempdir()?;
        Ok(Self {
            erp,
            pool,
            name,
            admin,
            environment,
            folder,
        })
    }

    /// Another value for one of the processes' variables, from now on; returns the one before.
    pub fn set(&mut self, name: &str, value: impl Into<String>) -> String {
        let known = self
            .environment
            .iter_mut()
            .find(|(known, _)| *known == name);
        let (_, current) = known.expect("a variable that the fleet sets");
        std::mem::replace(current, value.into())
    }

    /// One more variable for the processes, from now on.
    pub fn add(&mut self, name: &'static str, value: impl Into<String>) {
        self.environment.push((name, value.into()));
    }

    /// The prefix of this fleet's queues.
    pub fn queue(&self) -> &str {
        &self.name
    }

    /// The name of this fleet's work queue, with which the others begin.
    pub fn work_queue(&self) -> String {
        format!("{}.v2", self.name)
    }

    /// Runs the producer to its end.
    pub async fn producer(&self, arguments: &[&str]) -> anyhow::Result<Output> {
        self.run("producer", arguments).await
    }

    /// Runs one of the workspace's programs to its end.
    pub async fn run(&self, program: &str, arguments: &[&str]) -> anyhow::Result<Output> {
        let output = self
            .command(program)?
            .args(arguments)
            .kill_on_drop(true)
            .output();
        let output = tokio::time::timeout(PATIENCE, output)
            .await
            .context("it hangs")??;
        eprint!("{}", String::from_utf8_lossy(&output.stderr));
        Ok(output)
    }

    /// Runs the producer, which must end in `code`; returns what it printed.
    pub async fn producer_exits(&self, code: i32, arguments: &[&str]) -> anyhow::Result<String> {
        let output = self.producer(arguments).await?;
        let text = String::from_utf8(output.stdout)?;
        ensure!(
            output.status.code() == Some(code),
            "producer {arguments:?} ended in {} instead of {code}: {text}{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(text)
    }

    /// Starts a worker process.
    pub fn worker(&self, arguments: &[&str]) -> anyhow::Result<Process> {
        let child = self
            .command("worker")?
            .args(arguments)
            .kill_on_drop(true)
            .spawn()?;
        Ok(Process(child))
    }

    /// The published tables as they are now.
    pub async fn tables(&self) -> anyhow::Result<Tables> {
        tables::of_postgres(&self.pool).await
    }

    /// Messages in this fleet's queues, as the broker counts them.
    pub async fn depths(&self) -> anyhow::Result<Depths> {
        Ok(self.broker().await?.depths().await?)
    }

    /// The reasons of the first `count` dead messages. They stay dead.
    pub async fn dead_reasons(&self, count: usize) -> anyhow::Result<Vec<String>> {
        let channel = self.channel().await?;
        let mut reasons = Vec::new();
        for _ in 0..count {
            let dead = format!("{}.dead", self.work_queue());
            let options = BasicGetOptions { no_ack: false };
            let message = channel
                .basic_get(dead.into(), options)
                .await?
                .context("no dead message")?;
            let headers = message
                .delivery
                .properties
                .headers()
                .clone()
                .unwrap_or_default();
            match headers.inner().get("x-reason") {
                Some(AMQPValue::LongString(reason)) => reasons.push(reason.to_string()),
                other => bail!("a dead message whose reason is {other:?}"),
            }
        }
        Ok(reasons)
    }

    /// Waits for a message in the work queue and takes it: its body, and how often it was tried.
    pub async fn message_comes(&self) -> anyhow::Result<(Vec<u8>, u32)> {
        let channel = self.channel().await?;
        let comes = async {
            let mut ticks = tokio::time::interval(Duration::from_millis(50));
            loop {
                ticks.tick().await;
                let options = BasicGetOptions { no_ack: true };
                let queue = self.work_queue().into();
                if let Some(message) = channel.basic_get(queue, options).await? {
                    return anyhow::Ok(message);
                }
            }
        };
        let message = tokio::time::timeout(PATIENCE, comes)
            .await
            .context("no message comes")??;
        let headers = message.delivery.properties.headers().as_ref();
        let attempt = headers.and_then(|headers| headers.inner().get("x-attempt"));
        let attempt = attempt.and_then(AMQPValue::as_long_uint);
        Ok((message.delivery.data, attempt.context("no attempt")?))
    }

    /// A connection to this fleet's queues.
    pub async fn broker(&self) -> anyhow::Result<AmqpQueue> {
        let mut source = Source::of(|name| self.variable(name));
        let broker = BrokerConfig::read(&mut source);
        let broker = source.finish(broker)?;
        Ok(AmqpQueue::connect(&broker).await?)
    }

    async fn channel(&self) -> anyhow::Result<Channel> {
        let url = self.variable("AMQP_URL").context("a fleet has a broker")?;
        let connection = Connection::connect(&url, ConnectionProperties::default()).await?;
        Ok(connection.create_channel().await?)
    }

    /// The folder in which this fleet's processes run.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// What a variable of this fleet's processes is set to.
    pub fn variable(&self, name: &str) -> Option<String> {
        self.environment
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.clone())
    }

    /// Waits until a query of one boolean answers true.
    pub async fn until(&self, what: &str, query: &'static str) -> anyhow::Result<()> {
        let asked = async {
            let mut ticks = tokio::time::interval(Duration::from_millis(50));
            loop {
                ticks.tick().await;
                // A table may not be there before the first process has migrated.
                if let Ok(true) = sqlx::query_scalar(query).fetch_one(&self.pool).await {
                    return;
                }
            }
        };
        tokio::time::timeout(PATIENCE, asked)
            .await
            .with_context(|| format!("never: {what}"))
    }

    pub(crate) fn command(&self, program: &str) -> anyhow::Result<Command> {
        let mut command = Command::new(binary(program)?);
        command
            .env_clear()
            .envs(std::env::vars().filter(|(name, _)| name == "PATH" || name == "RUST_LOG"))
            .envs(self.environment.iter().map(|(name, value)| (*name, value)))
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        Ok(command)
    }

    /// Removes the database and the queues. A test that fails leaves them, to be looked at.
    pub async fn remove(self) -> anyhow::Result<()> {
        let channel = self.channel().await?;
        let delays = self
            .variable("MEGA_SYNC_RETRY_DELAYS")
            .context("a fleet has delays")?;
        let delays = delays.split(',').map(|delay| format!(".retry.{delay}"));
        for suffix in delays.chain([String::new(), ".dead".to_owned()]) {
            let queue = format!("{}{suffix}", self.work_queue());
            channel
                .queue_delete(queue.into(), QueueDeleteOptions::default())
                .await?;
        }
        self.remove_database().await
    }

    /// Removes the database, for a fleet that had its queues elsewhere.
    pub async fn remove_database(self) -> anyhow::Result<()> {
        self.pool.close().await;
        self.drop_database().await?;
        self.erp.stop().await;
        Ok(())
    }
}

impl Fleet {
    async fn drop_database(&self) -> anyhow::Result<()> {
        // FORCE may not end an autovacuum's connection; without it the drop waits for that one
        // some seconds. Workers of this test may still be connected, so both are needed.
        let drop = || {
            let force = format!("DROP DATABASE {} WITH (FORCE)", self.name);
            sqlx::query(sqlx::AssertSqlSafe(force)).execute(&self.admin)
        };
        let mut ticks = tokio::time::interval(Duration::from_millis(500));
        let dropped = async {
            loop {
                ticks.tick().await;
                match drop().await {
                    Err(sqlx::Error::Database(error))
                        if error.code().as_deref() == Some("42501") => {}
                    other => return other,
                }
            }
        };
        tokio::time::timeout(PATIENCE, dropped).await??;
        Ok(())
    }
}

/// A running worker; killed when dropped.
pub struct Process(pub(crate) Child);

impl Process {
    /// Its process id, while it has not been seen to have ended.
    pub fn id(&self) -> Option<u32> {
        self.0.id()
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }

    /// Sends a signal by its name, such as `TERM`.
    pub async fn signal(&self, name: &str) -> anyhow::Result<()> {
        let pid = self.0.id().context("it has ended already")?;
        let status = Command::new("kill")
            .args(["-s", name, &pid.to_string()])
            .status()
            .await?;
        ensure!(status.success(), "kill -s {name} {pid}: {status}");
        Ok(())
    }

    /// Waits for its end and returns its exit code; `None` when a signal ended it.
    pub async fn ended(&mut self) -> anyhow::Result<Option<i32>> {
        match tokio::time::timeout(PATIENCE, self.0.wait()).await {
            Ok(status) => Ok(status?.code()),
            Err(_) => bail!("the process does not end"),
        }
    }
}

/// The path of one of the workspace's programs, beside this test's own.
pub fn binary(name: &str) -> anyhow::Result<PathBuf> {
    let test = std::env::current_exe()?;
    let folder = test
        .parent()
        .and_then(|deps| deps.parent())
        .context("no target folder")?;
    let path = folder.join(name);
    ensure!(
        path.exists(),
        "{} is not built: cargo build --workspace --bins --features worker/failpoints",
        path.display()
    );
    Ok(path)
}

fn rand() -> u32 {
    use std::hash::{BuildHasher as _, RandomState};
    RandomState::new().hash_one(0) as u32
}
