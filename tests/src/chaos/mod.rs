//! Runs in which everything that can go wrong does, by a schedule drawn from a seed.
//!
//! [`plan`] draws what happens when and which lies the ERP tells, [`stage`] makes it happen to three real workers, [`verdict`]
//! says what became of the run.

mod lies;
pub mod plan;
pub mod stage;
pub mod verdict;

use std::io::Write as _;

use plan::Plan;
use stage::Stage;
use verdict::Verdict;

use crate::services;

/// One seed from its fleet to its verdict. An error is a test that could not be carried out.
pub async fn run(seed: u64) -> anyhow::Result<Verdict> {
    let mut plan = Plan::of(seed);
    if services::may_be_restarted() {
        plan = plan.with_restarts();
    }
    let mut stage = Stage::set(&plan).await?;
    stage.play(&plan).await?;
    let ended = stage.end().await;
    let verdict = Verdict::of(&stage, seed, ended.err()).await?;
    if verdict.problems.is_empty() {
        stage.fleet.remove().await?;
    } else {
        eprintln!("{plan:#?}\n{}", stage.logs());
    }
    Ok(verdict)
}

/// Appends a line of JSON to the file that `MEGA_SYNC_CHAOS_FIGURES` names, if it names one.
pub fn note(line: &serde_json::Value) -> anyhow::Result<()> {
    let Some(path) = std::env::var_os("MEGA_SYNC_CHAOS_FIGURES") else {
        return Ok(());
    };
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.create(true).append(true).open(path)?;
    writeln!(file, "{line}")?;
    Ok(())
}
