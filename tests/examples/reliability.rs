//! Puts the figures of a fault suite's runs into a document, between its two markers:
//!
//! `reliability FIGURES DOCUMENT MACHINE`

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context as _, ensure};
use serde_json::Value;

const BEGIN: &str = "<!-- figures: written by scripts/fault-suite -->\n";
const END: &str = "<!-- end of figures -->\n";

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [figures, document, machine] = arguments.as_slice() else {
        anyhow::bail!("usage: reliability FIGURES DOCUMENT MACHINE");
    };
    let lines: Vec<Value> = std::fs::read_to_string(figures)
        .with_context(|| figures.clone())?
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    let table = table(&lines, machine)?;
    let text = std::fs::read_to_string(document).with_context(|| document.clone())?;
    let (before, rest) = text.split_once(BEGIN).context("no marker to begin at")?;
    let (_, after) = rest.split_once(END).context("no marker to end at")?;
    std::fs::write(document, format!("{before}{BEGIN}\n{table}\n{END}{after}"))?;
    Ok(())
}

fn table(lines: &[Value], machine: &str) -> anyhow::Result<String> {
    // A seed that ran again replaces what it gave before.
    let seeds: BTreeMap<u64, &Value> = lines
        .iter()
        .filter_map(|line| Some((line["seed"].as_u64()?, line)))
        .collect();
    ensure!(!seeds.is_empty(), "no seed has run");
    let sum = |name: &str| -> i64 { seeds.values().filter_map(|seed| seed[name].as_i64()).sum() };
    let mut text = format!("{machine}\n\n| measured | figure |\n| --- | --- |\n");
    writeln!(text, "| chaos seeds run | {} |", seeds.len())?;
    for (name, what) in [
        ("runs", "runs in them"),
        ("jobs", "jobs in them"),
        ("jobs_lost", "**jobs lost**"),
        ("rows_wrong", "**rows wrong**"),
        ("duplicate_commits", "**duplicate commits**"),
        ("after_cancel", "**jobs committed after their cancel**"),
        ("times_wrong", "**times of a schedule lost or doubled**"),
        (
            "redeliveries",
            "redeliveries: attempts beyond a job's first",
        ),
        ("erp_faults", "faulty answers of the ERP"),
        ("requeues", "times the operator had to requeue"),
        ("cancelled", "jobs the operator cancelled"),
        ("pauses", "pauses of the fleet"),
        ("prunes", "prunes of the ledger"),
        ("urgent", "urgent runs"),
        ("scheduled", "runs of a schedule"),
    ] {
        writeln!(text, "| {what} | {} |", sum(name))?;
    }
    for (name, what) in [
        ("worker_kill", "worker killed"),
        ("broker_outage", "broker back after an outage"),
        ("database_outage", "database back after an outage"),
        ("broker_restart", "broker restarted"),
        ("database_restart", "database restarted"),
    ] {
        let mut times: Vec<u64> = seeds
            .values()
            .filter_map(|seed| seed["recovery_ms"][name].as_array())
            .flatten()
            .filter_map(Value::as_u64)
            .collect();
        times.sort_unstable();
        if let (Some(p50), Some(p99)) = (quantile(&times, 50), quantile(&times, 99)) {
            let count = times.len();
            writeln!(
                text,
                "| recovery, {what}: p50 / p99 of {count} | {p50} ms / {p99} ms |"
            )?;
        }
    }
    Ok(text)
}

/// The smallest of sorted values that at least `percent` of them do not exceed.
fn quantile(sorted: &[u64], percent: usize) -> Option<u64> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}
