//! A run as `status --watch` draws it: as large as the terminal, failures at the bottom. Pure.

use std::fmt::Display;

use chrono::{DateTime, Utc};
use chrono_tz::America::Sao_Paulo;
use console::{Style, truncate_str};
use domain::ledger::{JobInHand, JobState, LivingWorker};

use crate::render::{duration, jobs_of, printable, verdict, window, workers};
use crate::summary::{CauseGroup, Summary, Verdict};

/// What a line too long for the terminal ends in.
const CUT: &str = "…";
/// Columns beyond which a bar says nothing more.
const WIDEST_BAR: usize = 60;

/// The room there is to draw in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// Characters in a line.
    pub columns: usize,
    /// Lines.
    pub rows: usize,
    /// Whether colours may be used.
    pub coloured: bool,
}

impl Frame {
    fn style(self) -> Style {
        Style::new().force_styling(self.coloured)
    }
}

/// The lines of the picture, none longer and no more of them than the frame has room for.
pub fn picture(summary: &Summary, now: DateTime<Utc>, frame: Frame) -> Vec<String> {
    let mut lines = head(summary, frame);
    // What failed may take half of the terminal; what is tried again half of what is left.
    let failed = causes("failed", &summary.failures, frame.style().red());
    let failed = cut(failed, frame.rows / 2);
    let room = frame.rows.saturating_sub(lines.len() + failed.len());
    let waiting = frame.style().yellow();
    let waiting = causes("to be tried again", &summary.setbacks, waiting);
    // A title without a cause below it says nothing.
    let waiting = match room / 2 {
        ..3 => Vec::new(),
        half => cut(waiting, half),
    };
    lines.extend(cut(fleet(summary, now, frame), room - waiting.len()));
    lines.extend(waiting);
    lines.extend(failed);
    lines.truncate(frame.rows);
    for line in &mut lines {
        *line = truncate_str(line, frame.columns, CUT).into_owned();
    }
    lines
}

fn head(summary: &Summary, frame: Frame) -> Vec<String> {
    let standing = match summary.verdict {
        Verdict::Running => "running".to_owned(),
        _ => verdict(summary),
    };
    let title = frame.style().bold();
    let run = title.apply_to(format!("run {}: {standing}", summary.run.id));
    let states: Vec<_> = JobState::ALL
        .iter()
        .copied()
        .filter(|state| summary.count(*state) > 0)
        .map(|state| format!("{} {state}", summary.count(state)))
        .collect();
    let elapsed = duration(summary.elapsed_seconds);
    vec![
        run.to_string(),
        window(&summary.run.params),
        String::new(),
        progress(summary, frame),
        format!("{}; {elapsed} since it was enqueued", states.join(", ")),
    ]
}

/// The bar, and the figures beside it.
fn progress(summary: &Summary, frame: Frame) -> String {
    let ended = summary.done + summary.count(JobState::Failed);
    let mut figures = format!("{ended} of {}", jobs_of(summary.total));
    if let Some(speed) = summary.jobs_per_minute {
        figures.push_str(&format!(", {speed:.1} jobs/min"));
    }
    if let Some(seconds) = summary.remaining_seconds {
        figures.push_str(&format!(", about {} left", duration(seconds)));
    }
    let width = frame.columns.saturating_sub(figures.chars().count() + 2);
    format!("{}  {figures}", bar(summary, width.min(WIDEST_BAR), frame))
}

/// A stretch for each way a job can stand, told apart without colours too.
fn bar(summary: &Summary, width: usize, frame: Frame) -> String {
    let style = frame.style();
    let failed = summary.count(JobState::Failed);
    let running = summary.count(JobState::Running);
    let rest = summary.total - summary.done - failed - running;
    let (mut jobs, mut drawn, mut text) = (0, 0, String::new());
    for (count, sign, style) in [
        (summary.done, "█", style.clone().green()),
        (failed, "▓", style.clone().red()),
        (running, "▒", style.clone().yellow()),
        (rest, "░", style.dim()),
    ] {
        jobs += count;
        let end = width * jobs / summary.total.max(1);
        text.push_str(&coloured(&style, sign.repeat(end - drawn)));
        drawn = end;
    }
    text
}

/// Each worker with its jobs, a line a job.
fn fleet(summary: &Summary, now: DateTime<Utc>, frame: Frame) -> Vec<String> {
    let mut lines = vec![String::new(), format!("workers: {}", workers(summary))];
    let ids = summary
        .workers
        .iter()
        .map(|worker| worker.id.as_str().len());
    let width = ids.max().unwrap_or_default();
    for LivingWorker { id, jobs, .. } in &summary.workers {
        let id = printable(id.as_str());
        if jobs.is_empty() {
            let idle = coloured(&frame.style().dim(), "idle");
            lines.push(format!("  {id:<width$}  {idle}"));
        }
        for (index, job) in jobs.iter().enumerate() {
            let id = if index == 0 { &*id } else { "" };
            lines.push(format!("  {id:<width$}  {}", in_hand(summary, job, now)));
        }
    }
    lines
}

fn in_hand(summary: &Summary, job: &JobInHand, now: DateTime<Utc>) -> String {
    let target = job.target.to_string();
    let since = job.since.with_timezone(&Sao_Paulo).format("%H:%M:%S");
    let age = duration((now - job.since).num_seconds().max(0));
    let nome = printable(&job.nome);
    let run = match job.run == summary.run.id {
        true => String::new(),
        false => format!(", of run {}", job.run),
    };
    format!("{target:<12}  since {since}, {age}{run}  {nome}")
}

/// A line a cause with its count, and one with its targets.
fn causes(title: &str, groups: &[CauseGroup], style: Style) -> Vec<String> {
    if groups.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![
        String::new(),
        coloured(&style, format!("{title}, by cause:")),
    ];
    for group in groups {
        let message = printable(&group.message);
        lines.push(format!(
            "  {} x {}: {message}",
            group.jobs.len(),
            group.class
        ));
        let targets: Vec<_> = group
            .jobs
            .iter()
            .map(|job| job.target.to_string())
            .collect();
        lines.push(format!("      {}", targets.join(", ")));
    }
    lines
}

/// At most so many lines, the last of which then counts what is left out.
fn cut(mut lines: Vec<String>, most: usize) -> Vec<String> {
    if lines.len() > most {
        let Some(kept) = most.checked_sub(1) else {
            return Vec::new();
        };
        let left_out = lines.len() - kept;
        lines.truncate(kept);
        lines.push(format!("  and {left_out} lines more"));
    }
    lines
}

fn coloured(style: &Style, text: impl Display) -> String {
    style.apply_to(text).to_string()
}

#[cfg(test)]
mod tests;
