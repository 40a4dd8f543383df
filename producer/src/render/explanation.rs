//! The figures of a target with their origin and rules, the commit, its changes, and the attempts.

use std::fmt::Write as _;

use domain::ledger::{AttemptRecord, RequeueRecord};
use domain::month::Month;
use store::PublishedRow;

use super::diff::figure_change;
use super::money::{brazilian, reais_of};
use super::{checks, manifest, payables};
use crate::report::{Change, Explanation, Standing, column_rules, imported};
use crate::text::{counted, local, printable, window};

/// The whole answer; ends with a line end.
pub(crate) fn explanation(explanation: &Explanation) -> String {
    let mut text = format!("{} {}", explanation.target, printable(&explanation.nome));
    match explanation.month {
        Some(month) => _ = writeln!(text, ", {month}"),
        None => text.push('\n'),
    }
    if explanation.figures.is_empty() {
        text.push_str("\nno figures are published\n");
    }
    for table in explanation.figures.chunk_by(|a, b| a.table == b.table) {
        figures(&mut text, table, explanation.month);
    }
    closes(&mut text, explanation);
    commit(&mut text, explanation);
    attempts(&mut text, &explanation.attempts);
    requeues(&mut text, &explanation.requeues);
    text
}

/// What was signed off, and what moved since.
fn closes(text: &mut String, explanation: &Explanation) {
    if !explanation.closes.is_empty() {
        text.push('\n');
    }
    for close in &explanation.closes {
        let (month, at, by) = (close.month, local(close.at), printable(&close.by));
        _ = writeln!(
            text,
            "{month} was closed {at} by {by}: {}",
            printable(&close.note)
        );
    }
    for change in &explanation.after_close {
        text.push_str("  after close:");
        figure_change(text, change);
    }
}

/// The figures as they stood; ends with a line end.
pub(crate) fn standing(standing: &Standing) -> String {
    let Standing { target, nome, .. } = standing;
    let mut text = format!("{target} {}", printable(nome));
    if let Some(month) = standing.month {
        _ = write!(text, ", {month}");
    }
    _ = writeln!(text, ", as it stood at {} in São Paulo", local(standing.at));
    if standing.figures.is_empty() {
        text.push_str("\nno figures were published, or none are kept of that time\n");
    }
    for table in standing.figures.chunk_by(|a, b| a.table == b.table) {
        figures(&mut text, table, standing.month);
    }
    text
}

/// The rows of one table, one at least: with their values for one month, by what wrote them for
/// all.
fn figures(text: &mut String, rows: &[PublishedRow], month: Option<Month>) {
    let table = rows[0].table;
    _ = writeln!(text, "\n{table}");
    for group in rows.chunk_by(same_origin) {
        let first = &group[0];
        if month.is_some() || first.ref_month.is_none() {
            group.iter().for_each(|row| values(text, row));
        }
        _ = writeln!(text, "  {}{}", span(group), origin(first));
    }
    for (column, rule) in column_rules(table) {
        _ = writeln!(text, "    {column}: {rule}");
    }
}

fn same_origin(a: &PublishedRow, b: &PublishedRow) -> bool {
    (&a.run, a.synced_at, a.generation) == (&b.run, b.synced_at, b.generation)
}

fn values(text: &mut String, row: &PublishedRow) {
    let values: Vec<_> = row
        .values
        .iter()
        .map(|(column, value)| format!("{column} {}", figure(column, value)))
        .collect();
    let category = row.category.as_deref().map(printable).unwrap_or_default();
    let line = format!("{category:<13} {}", values.join("  "));
    _ = writeln!(text, "  {}", line.trim_start());
}

/// The value of a column: an amount, a ratio or a length of time, or a count.
fn figure(column: &str, value: &str) -> String {
    match column {
        "ltv" | "prazo_medio" | "duration" => brazilian(value),
        _ => reais_of(value),
    }
}

/// The months of a group that was written at once.
fn span(group: &[PublishedRow]) -> String {
    let month = |row: Option<&PublishedRow>| row.and_then(|row| row.ref_month);
    let rows = counted(group.len(), "row");
    match (month(group.first()), month(group.last())) {
        (Some(first), Some(last)) if first == last => format!("{first}, {rows}: "),
        (Some(first), Some(last)) => format!("{first} to {last}, {rows}: "),
        _ => String::new(),
    }
}

fn origin(row: &PublishedRow) -> String {
    if let Some(schema) = &row.imported_from {
        let at = local(row.synced_at);
        return format!(
            "imported {at} from the old tables in {schema} by run {}",
            row.run
        );
    }
    let written = format!("written {} by run {}", local(row.synced_at), row.run);
    match (row.generation, &row.worker) {
        (Some(generation), Some(worker)) => {
            format!("{written}, attempt {generation} in {worker}")
        }
        _ => written,
    }
}

fn commit(text: &mut String, explanation: &Explanation) {
    let Some(commit) = &explanation.commit else {
        text.push_str(match imported(&explanation.figures) {
            true => "\nno run has fetched these months\n",
            false => "\nnothing was committed\n",
        });
        return;
    };
    _ = writeln!(text, "\ncommit: {}", named(commit));
    if let Some(payables) = &explanation.payables {
        _ = writeln!(text, "  {:<9} {}", "payables", payables::text(payables));
    }
    let checks = checks::facts(&explanation.checks).into_iter();
    for (name, value) in checks.chain(commit.manifest.iter().flat_map(manifest::facts)) {
        _ = writeln!(text, "  {name:<9} {value}");
    }
    match (&explanation.previous, &explanation.changes) {
        (Some(previous), Some(changes)) => {
            _ = writeln!(text, "\nchanged since: {}", named(previous));
            changes.iter().for_each(|change| changed(text, change));
        }
        _ => text.push_str("\nthere is no earlier commit to compare with\n"),
    }
}

fn named(commit: &AttemptRecord) -> String {
    let AttemptRecord {
        generation,
        run,
        params,
        ..
    } = commit;
    format!("attempt {generation}, run {run}, {}", window(params))
}

fn changed(text: &mut String, change: &Change) {
    let Change {
        what,
        before,
        after,
        difference,
    } = change;
    let what = printable(what);
    let [before, after, difference] = [before, after, difference].map(|number| reais_of(number));
    if before == after {
        _ = writeln!(text, "  {what:<18} {after}, as before");
    } else {
        _ = writeln!(text, "  {what:<18} {before} → {after} ({difference})");
    }
}

fn attempts(text: &mut String, attempts: &[AttemptRecord]) {
    if attempts.is_empty() {
        return;
    }
    text.push_str("\nattempts, the newest first:\n");
    for one in attempts {
        let ended = one.finished_at.map(local);
        _ = writeln!(
            text,
            "  {:>4}  {:<10}  {} to {:<16}  run {}, {}",
            one.generation,
            one.outcome,
            local(one.started_at),
            ended.as_deref().unwrap_or("…"),
            one.run,
            one.worker
        );
        if let Some(cause) = &one.cause {
            _ = writeln!(text, "        {}", printable(&cause.to_string()));
        }
    }
}

fn requeues(text: &mut String, requeues: &[RequeueRecord]) {
    if requeues.is_empty() {
        return;
    }
    text.push_str("\nrequeues, the newest first:\n");
    for one in requeues {
        let accepted = match (one.accept_change, one.accepted.as_str()) {
            (false, _) => String::new(),
            (true, "") => ", accepting changes".to_owned(),
            (true, checks) => format!(", accepting {}", printable(checks)),
        };
        _ = writeln!(
            text,
            "  {}  run {} by {}: {}{accepted}",
            local(one.at),
            one.run,
            printable(&one.by),
            printable(&one.filter)
        );
        if let Some(fingerprint) = &one.fingerprint {
            _ = writeln!(text, "        after {}", printable(fingerprint));
        }
    }
}

#[cfg(test)]
mod tests;
