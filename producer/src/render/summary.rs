//! The state of a run: verdict, facts, causes of failures, and the next command.

use std::fmt::Write as _;

use domain::ledger::JobState;

use super::causes::group_line;
use super::next::next;
use super::progress::{states, verdict, workers};
use super::{checks, manifest, payables};
use crate::program::Program;
use crate::report::{Cancellation, CauseGroup, Summary};
use crate::text::{counted, duration, list, local, printable, window};

/// Jobs listed by name below a cause, before the rest is only counted.
const NAMED_JOBS: usize = 10;

/// The whole answer: verdict, facts, causes, and what to do next. Ends with a line end.
pub(crate) fn summary(summary: &Summary, program: Program) -> String {
    let mut text = format!("run {}: {}\n", summary.run.id, verdict(summary));
    facts(&mut text, summary, program);
    causes(&mut text, "failed, by cause", &summary.failures);
    causes(&mut text, "to be tried again, by cause", &summary.setbacks);
    text.push_str(&next(summary, program));
    text
}

fn facts(text: &mut String, summary: &Summary, program: Program) {
    let mut fact = |name: &str, value: String| _ = writeln!(text, "  {name:<9} {value}");
    fact("window", window(&summary.run.params));
    fact(
        "enqueued",
        format!("{} in São Paulo", local(summary.run.created_at)),
    );
    if let Some(schedule) = &summary.run.schedule {
        fact("schedule", schedule.to_string());
    }
    let elapsed = duration(summary.elapsed_seconds);
    match summary.jobs_per_minute {
        Some(speed) => fact("elapsed", format!("{elapsed}, {speed:.1} jobs/min lately")),
        None => fact("elapsed", elapsed),
    }
    if summary.total > 0 {
        fact("jobs", list(states(summary, JobState::ALL)));
    }
    // The one process of mega-sync has a worker only while a command runs.
    if !summary.workers.is_empty() || program == Program::Producer {
        fact("workers", workers(summary));
    }
    if summary.run.urgent {
        fact("urgent", "done before the jobs of other runs".to_owned());
    }
    if summary.run.replace_newer {
        let by = summary.run.by.as_deref().unwrap_or("unknown");
        fact(
            "replaces",
            format!("what later views have written, as {} asked", printable(by)),
        );
    }
    if !summary.run.payables.is_default() {
        fact("payables", payables::text(&summary.run.payables));
    }
    for cancellation in &summary.cancellations {
        fact("cancelled", cancelled(cancellation));
    }
    if !summary.silent.is_empty() {
        fact("silent", silent(summary));
    }
    for (name, value) in checks::facts(&summary.checks) {
        fact(name, value);
    }
    for (name, value) in manifest::facts(&summary.manifest) {
        fact(name, value);
    }
    if let Some(newest) = summary.outdated_ipca {
        fact(
            "ipca",
            format!(
                "ltv rests on indices up to {newest}; load newer ones: {} ipca fetch",
                program.name()
            ),
        );
    }
    if !summary.after_close.is_empty() {
        let months = summary.after_close.iter();
        let months = months.map(|(month, rows)| format!("{month} ({})", counted(*rows, "row")));
        fact(
            "closed",
            format!(
                "months moved since: {}; show it: {} diff --since-close",
                list(months),
                program.name()
            ),
        );
    }
    if let Some(pause) = &summary.paused {
        fact("paused", pause.to_string());
    }
    if let Some(refused) = &summary.sign_in_refused {
        let why = printable(&refused.why);
        fact(
            "sign-in",
            format!("refused at {}: {why}", local(refused.at)),
        );
    }
}

/// Who cancelled what, when and why.
fn cancelled(cancellation: &Cancellation) -> String {
    let Cancellation {
        at,
        by,
        why,
        empreendimentos,
    } = cancellation;
    let what = match empreendimentos.is_empty() {
        true => String::new(),
        false => format!(", empreendimentos {}", list(empreendimentos)),
    };
    let why = why.as_deref().unwrap_or("no reason is recorded");
    format!(
        "at {} by {}{what}: {}",
        local(*at),
        printable(by),
        printable(why)
    )
}

/// Open jobs whose message seems lost, the first of them by name.
fn silent(summary: &Summary) -> String {
    let silent = &summary.silent;
    let more = match silent.len().checked_sub(NAMED_JOBS) {
        Some(more @ 1..) => format!(" and {more} more"),
        _ => String::new(),
    };
    format!(
        "{}, nothing happens to them and no worker has jobs: {}{more}",
        counted(silent.len(), "job"),
        list(silent.iter().take(NAMED_JOBS))
    )
}

fn causes(text: &mut String, title: &str, groups: &[CauseGroup]) {
    if groups.is_empty() {
        return;
    }
    _ = writeln!(text, "\n{title}:");
    for group in groups {
        _ = writeln!(text, "  {}", group_line(group));
        let jobs = &group.jobs;
        for job in jobs.iter().take(NAMED_JOBS) {
            let target = job.target.to_string();
            _ = writeln!(text, "      {target:<12}  {}", printable(&job.nome));
        }
        if jobs.len() > NAMED_JOBS {
            _ = writeln!(text, "      and {} more", jobs.len() - NAMED_JOBS);
        }
    }
}

#[cfg(test)]
mod tests;
