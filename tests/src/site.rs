//! An installation of either kind, so that one test tells what both do.

use std::sync::Arc;

use anyhow::Context as _;
use serde_json::Value;
use simulator::{Config, Simulator};
use store::Store;

use crate::{Fleet, GOLDEN, LONGEST_WAIT, Process, Standalone, Tables};

/// A fleet with one worker over PostgreSQL, or `mega-sync` over SQLite; each with the golden ERP.
pub enum Site {
    /// A fleet and its worker.
    Fleet(Box<Fleet>, Box<Process>),
    /// One process.
    Standalone(Standalone),
}

impl Site {
    /// A fleet.
    pub async fn fleet() -> anyhow::Result<Self> {
        let fleet = Fleet::new(Config::folder(GOLDEN)).await?;
        let worker = fleet.worker(&[])?;
        Ok(Self::Fleet(Box::new(fleet), Box::new(worker)))
    }

    /// One process.
    pub async fn standalone() -> anyhow::Result<Self> {
        Ok(Self::Standalone(Standalone::new().await?))
    }

    /// Its ERP.
    pub fn erp(&self) -> &Simulator {
        match self {
            Self::Fleet(fleet, _) => &fleet.erp,
            Self::Standalone(standalone) => &standalone.erp,
        }
    }

    /// Runs a command, which must end in `code`; returns what it printed.
    pub async fn exits(&self, code: i32, arguments: &[&str]) -> anyhow::Result<String> {
        match self {
            Self::Fleet(fleet, _) => fleet.producer_exits(code, arguments).await,
            Self::Standalone(standalone) => standalone.exits(code, arguments).await,
        }
    }

    /// Begins a run and follows it to its end, which must be `code`.
    pub async fn backfill(&self, code: i32, flags: &str) -> anyhow::Result<()> {
        let mut arguments = vec!["backfill"];
        arguments.extend(flags.split_whitespace());
        if matches!(self, Self::Fleet(..)) {
            arguments.push("--wait");
        }
        self.exits(code, &arguments).await?;
        Ok(())
    }

    /// Requeues what failed and waits until the run has ended; the exit code of its status must be
    /// `code`.
    pub async fn requeue(&self, code: i32, flags: &[&str]) -> anyhow::Result<()> {
        let arguments = [&["requeue"], flags].concat();
        match self {
            Self::Standalone(standalone) => {
                standalone.exits(code, &arguments).await?;
            }
            Self::Fleet(fleet, _) => {
                fleet.producer_exits(0, &arguments).await?;
                let ended = "SELECT bool_and(state IN ('done', 'superseded', 'failed', 'cancelled')) FROM sync_jobs";
                fleet.until("the run has ended", ended).await?;
                fleet.producer_exits(code, &["status"]).await?;
            }
        }
        Ok(())
    }

    /// The newest run as `status --json` tells it, which exits with `code`.
    pub async fn status(&self, code: i32) -> anyhow::Result<Value> {
        let status = self.exits(code, &["status", "--json"]).await?;
        serde_json::from_str(&status).context("status is no JSON")
    }

    /// The checks of the newest run that did not just pass, as `target name verdict`.
    pub async fn told(&self, code: i32) -> anyhow::Result<Vec<String>> {
        let status = self.status(code).await?;
        let told = status["checks"]["told"].as_array().context("no checks")?;
        let text = |check: &Value, key: &str| check[key].as_str().unwrap_or_default().to_owned();
        Ok(told
            .iter()
            .map(|check| {
                ["target", "name", "verdict"]
                    .map(|key| text(check, key))
                    .join(" ")
            })
            .collect())
    }

    /// The published tables as they are now.
    pub async fn tables(&self) -> anyhow::Result<Tables> {
        match self {
            Self::Fleet(fleet, _) => fleet.tables().await,
            Self::Standalone(standalone) => standalone.tables().await,
        }
    }

    /// Its database, as the programs use it.
    pub async fn store(&self) -> anyhow::Result<Arc<dyn Store>> {
        let url = match self {
            Self::Fleet(fleet, _) => fleet.variable("DATABASE_URL").context("no database")?,
            Self::Standalone(standalone) => format!("sqlite://{}", standalone.file().display()),
        };
        Ok(store::connect(&url.into()).await?)
    }

    /// The number that a query answers.
    pub async fn number(&self, query: &'static str) -> anyhow::Result<i64> {
        Ok(match self {
            Self::Fleet(fleet, _) => sqlx::query_scalar(query).fetch_one(&fleet.pool).await?,
            Self::Standalone(standalone) => {
                let pool = standalone.pool().await?;
                sqlx::query_scalar(query).fetch_one(&pool).await?
            }
        })
    }

    /// Ends it. One whose test fails is left, to be looked at.
    pub async fn remove(self) -> anyhow::Result<()> {
        match self {
            Self::Fleet(fleet, mut worker) => {
                worker.signal("TERM").await?;
                let ended = tokio::time::timeout(LONGEST_WAIT, worker.ended()).await;
                ended.context("the worker does not end")??;
                fleet.remove().await
            }
            Self::Standalone(standalone) => {
                standalone.erp.stop().await;
                Ok(())
            }
        }
    }
}
