//! The fleet itself: its database, its ERP and its settings.

use anyhow::Context as _;
use simulator::Simulator;
use sqlx::PgPool;

use crate::tables::{self, Tables};
use crate::wait;

/// Delays between a job's attempts in tests: the shape of the real ones, in a second.
const RETRY_DELAYS: &str = "200ms,300ms,400ms";

/// A test's own database, queues and ERP; gone when the test ends.
pub struct Fleet {
    /// The ERP.
    pub erp: Simulator,
    /// The database.
    pub pool: PgPool,
    pub(super) name: String,
    admin: PgPool,
    pub(super) environment: Vec<(&'static str, String)>,
    pub(super) folder: tempfile::TempDir,
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

    /// The folder in which this fleet's processes run.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// What a variable of this fleet's processes is set to.
    pub fn variable(&self, name: &str) -> Option<String> {
        self.environment
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.clone())
    }

    /// The variables of this fleet's processes.
    pub fn environment(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let variables = self.environment.iter();
        variables.map(|(name, value)| (*name, value.as_str()))
    }

    /// The published tables as they are now.
    pub async fn tables(&self) -> anyhow::Result<Tables> {
        tables::of_postgres(&self.pool).await
    }

    /// Waits until a query of one boolean answers true.
    pub async fn until(&self, what: &str, query: &'static str) -> anyhow::Result<()> {
        wait::until(what, async || {
            // A table may not be there before the first process has migrated.
            let answer = sqlx::query_scalar(query).fetch_one(&self.pool).await;
            Ok(answer.unwrap_or(false))
        })
        .await
    }

    /// Removes the database, for a fleet that had its queues elsewhere.
    pub async fn remove_database(self) -> anyhow::Result<()> {
        self.pool.close().await;
        self.drop_database().await?;
        self.erp.stop().await;
        Ok(())
    }

    async fn drop_database(&self) -> anyhow::Result<()> {
        // FORCE may not end an autovacuum's connection; without it the drop waits for that one
        // some seconds. Workers of this test may still be connected, so both are needed.
        wait::until("the database is dropped", async || {
            let force = format!("DROP DATABASE {} WITH (FORCE)", self.name);
            let dropped = sqlx::query(sqlx::AssertSqlSafe(force)).execute(&self.admin);
            match dropped.await {
                Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42501") => {
                    Ok(false)
                }
                other => Ok(other.map(|_| true)?),
            }
        })
        .await
    }
}

fn rand() -> u32 {
    use std::hash::{BuildHasher as _, RandomState};
    RandomState::new().hash_one(0) as u32
}
