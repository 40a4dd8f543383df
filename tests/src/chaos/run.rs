//! One seed, from its fleet to its verdict and its figures.

use std::io::Write as _;

use super::plan::Plan;
use super::scenario::Scenario;
use super::verdict::Verdict;
use crate::services;

/// One seed from its fleet to its verdict. An error is a test that could not be carried out.
pub async fn run(seed: u64) -> anyhow::Result<Verdict> {
    let mut plan = Plan::of(seed);
    if services::may_be_restarted() {
        plan = plan.with_restarts();
    }
    let mut scenario = Scenario::new(&plan).await?;
    scenario.play(&plan).await?;
    let ended = scenario.end().await;
    let verdict = Verdict::of(&scenario, seed, ended.err()).await?;
    if verdict.problems.is_empty() {
        scenario.fleet.remove().await?;
    } else {
        eprintln!("{plan:#?}\n{}", scenario.logs());
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
