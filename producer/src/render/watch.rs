//! A run as `status --watch` draws it: as large as the terminal, failures at the bottom.

use std::fmt::Display;

use chrono::{DateTime, Utc};
use chrono_tz::America::Sao_Paulo;
use console::{Style, truncate_str};
use domain::ledger::{JobInHand, JobState, LivingWorker};

use super::causes::group_line;
use super::progress::{left, states, verdict, workers};
use crate::report::{CauseGroup, Summary, Verdict};
use crate::text::{counted, duration, list, printable, window};

/// What a line too long for the terminal ends in.
const CUT: &str = "…";
/// The widest bar, in columns.
const WIDEST_BAR: usize = 60;

/// The space to draw in.
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

/// The lines to draw, none longer and no more of them than the frame holds.
pub(crate) fn watch(summary: &Summary, now: DateTime<Utc>, frame: Frame) -> Vec<String> {
    let mut lines = head(summary, frame);
    // Failed jobs take half of the terminal at most; jobs to be tried again half of the rest.
    let failed = causes("failed", &summary.failures, frame.style().red());
    let failed = cut(failed, frame.rows / 2);
    let free = frame.rows.saturating_sub(lines.len() + failed.len());
    let waiting = frame.style().yellow();
    let waiting = causes("to be tried again", &summary.setbacks, waiting);
    // Below three lines there is no cause below the title.
    let waiting = match free / 2 {
        ..3 => Vec::new(),
        half => cut(waiting, half),
    };
    lines.extend(cut(fleet(summary, now, frame), free - waiting.len()));
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
    let states = list(states(summary, JobState::ALL));
    let elapsed = duration(summary.elapsed_seconds);
    let mut lines = vec![
        run.to_string(),
        window(&summary.run.params),
        String::new(),
        progress(summary, frame),
        format!("{states}; {elapsed} since it was enqueued"),
    ];
    if let Some(pause) = &summary.paused {
        let pause = format!("the fleet is paused {pause}");
        lines.push(coloured(&frame.style().yellow(), pause));
    }
    lines
}

/// The bar, and the figures beside it.
fn progress(summary: &Summary, frame: Frame) -> String {
    let mut figures = format!("{} of {}", summary.ended(), counted(summary.total, "job"));
    if let Some(speed) = summary.jobs_per_minute {
        figures.push_str(&format!(", {speed:.1} jobs/min"));
    }
    figures.push_str(&left(summary));
    let width = frame.columns.saturating_sub(figures.chars().count() + 2);
    format!("{}  {figures}", bar(summary, width.min(WIDEST_BAR), frame))
}

/// A part for each state of jobs, distinct without colours too.
fn bar(summary: &Summary, width: usize, frame: Frame) -> String {
    let style = frame.style();
    let failed = summary.count(JobState::Failed);
    let running = summary.count(JobState::Running);
    let cancelled = summary.count(JobState::Cancelled);
    let rest = summary.total - summary.done - failed - cancelled - running;
    let (mut jobs, mut drawn, mut text) = (0, 0, String::new());
    for (count, sign, style) in [
        (summary.done, "█", style.clone().green()),
        (failed, "▓", style.clone().red()),
        (cancelled, "·", style.clone().dim()),
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
        lines.push(format!("  {}", group_line(group)));
        let targets = group.jobs.iter().map(|job| job.target);
        lines.push(format!("      {}", list(targets)));
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
