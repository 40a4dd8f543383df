//! Seeded runs in which workers, links, services and the ERP fail at random.
//!
//! `MEGA_SYNC_CHAOS_SEEDS=200` runs seeds 1 to 200 instead of 1 to 10, `MEGA_SYNC_CHAOS_SEED=7`
//! only that one.

use anyhow::Context as _;
use tests::chaos;

/// How many seeds run unless told otherwise.
const SEEDS: u64 = 10;

fn seeds() -> anyhow::Result<Vec<u64>> {
    let number = |name: &str| match std::env::var(name) {
        Ok(text) => text
            .parse()
            .map(Some)
            .with_context(|| format!("{name} is {text:?}")),
        Err(_) => Ok(None),
    };
    if let Some(seed) = number("MEGA_SYNC_CHAOS_SEED")? {
        return Ok(vec![seed]);
    }
    let last: u64 = number("MEGA_SYNC_CHAOS_SEEDS")?.unwrap_or(SEEDS);
    Ok((1..=last).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_seed_ends_with_the_tables_of_a_run_without_faults() -> anyhow::Result<()> {
    let mut failed = Vec::new();
    for seed in seeds()? {
        let problems = match chaos::run(seed).await {
            Ok(verdict) => {
                eprintln!("{}", verdict.figures);
                chaos::note(&verdict.figures)?;
                verdict.problems
            }
            Err(error) => vec![format!("{error:#}")],
        };
        if !problems.is_empty() {
            eprintln!(
                "seed {seed} fails: {problems:#?}\nagain: MEGA_SYNC_CHAOS_SEED={seed} \
                 cargo nextest run -p tests --test faults --no-capture chaos"
            );
            failed.push(seed);
        }
    }
    assert!(failed.is_empty(), "failed seeds: {failed:?}");
    Ok(())
}
