//! The figures that differ between two times, or from what was signed off.

use std::fmt::Write as _;

use rust_decimal::Decimal;

use super::money::{brazilian, reais, reais_of};
use crate::report::{Diff, FigureChange};
use crate::text::{counted, local, printable};

/// Contratos listed below a figure.
const CONTRATOS: usize = 20;

/// The totals and the first `most` figures; ends with a line end.
pub(crate) fn diff(diff: &Diff, most: usize) -> String {
    let mut text = match diff.from {
        Some(from) => format!("from {} to {} in São Paulo", local(from), local(diff.to)),
        None => format!(
            "since the months were closed, to {} in São Paulo",
            local(diff.to)
        ),
    };
    match diff.figures.len() {
        0 => text.push_str(": no figure differs\n"),
        count => _ = writeln!(text, ": {}", counted(count, "figure")),
    }
    if !diff.totals.is_empty() {
        text.push_str("\ndifferences by table and month\n");
    }
    for total in &diff.totals {
        let figure = format!("{} {}", total.table, total.column);
        _ = writeln!(
            text,
            "  {}  {figure:<32} {:>20}  {}",
            total.month,
            signed(total.difference),
            counted(total.figures, "figure")
        );
    }
    if !diff.figures.is_empty() {
        text.push_str("\nfigures, the largest difference first\n");
    }
    for one in diff.figures.iter().take(most) {
        text.push(' ');
        figure_change(&mut text, one);
    }
    if let Some(more @ 1..) = diff.figures.len().checked_sub(most) {
        _ = writeln!(text, "and {more} more: --top, --json or --csv FILE");
    }
    text
}

/// A figure before and after, with the contratos that moved it.
pub(super) fn figure_change(text: &mut String, change: &FigureChange) {
    let told = |value: Option<Decimal>| match value {
        None => "nothing".to_owned(),
        Some(value) if change.is_amount() => reais_of(&value.to_string()),
        Some(value) => brazilian(&value.to_string()),
    };
    let category = change
        .category
        .as_deref()
        .map(|name| format!(" {}", printable(name)));
    let difference = match change.is_amount() {
        true => signed(change.difference),
        false => plus(change.difference) + &brazilian(&change.difference.to_string()),
    };
    _ = writeln!(
        text,
        " {} {}, {}, {}{} {}: {} → {} ({difference})",
        change.code,
        printable(&change.nome),
        change.month,
        change.table,
        category.unwrap_or_default(),
        change.column,
        told(change.before),
        told(change.after),
    );
    let moves = change.contratos.as_deref().unwrap_or_default();
    for one in moves.iter().take(CONTRATOS) {
        let sign = if one.difference.is_positive() {
            "+"
        } else {
            ""
        };
        let difference = format!("{sign}{}", reais(one.difference));
        _ = writeln!(
            text,
            "      contrato {:<10} {difference:>18}  {}",
            one.contrato, one.why
        );
    }
    if let Some(more @ 1..) = moves.len().checked_sub(CONTRATOS) {
        _ = writeln!(text, "      and {more} more contratos: --json");
    }
    if let Some(rounding) = change.rounding {
        _ = writeln!(text, "      {:<19} {:>18}", "rounding", reais(rounding));
    }
}

fn plus(difference: Decimal) -> String {
    let sign = if difference.is_sign_positive() {
        "+"
    } else {
        ""
    };
    sign.to_owned()
}

fn signed(difference: Decimal) -> String {
    plus(difference) + &reais_of(&difference.to_string())
}
