//! The figures of a month, opened to their contratos.

use std::fmt::Write as _;

use super::money::{reais, reais_of};
use crate::report::{Opened, OpenedFigure};
use crate::text::{counted, list, printable};

/// The whole answer; ends with a line end.
pub(crate) fn opened(opened: &Opened) -> String {
    let Opened {
        empreendimento,
        nome,
        month,
        figures,
        not_kept,
    } = opened;
    let mut text = format!("{empreendimento} {}, {month}\n", printable(nome));
    figures.iter().for_each(|one| figure(&mut text, one));
    if figures.is_empty() && not_kept.is_empty() {
        text.push_str("\nno figure has contratos\n");
    }
    if !not_kept.is_empty() {
        _ = writeln!(
            text,
            "\nby contrato not kept: {} (imported, or written by an earlier version; the next commit keeps it)",
            list(not_kept)
        );
    }
    text
}

fn figure(text: &mut String, figure: &OpenedFigure) {
    let OpenedFigure {
        table,
        column,
        category,
        value,
        sum,
        ..
    } = figure;
    let category = category.as_deref().map(|name| format!(" {name}"));
    _ = writeln!(
        text,
        "\n{table}{} {column}: {}",
        category.unwrap_or_default(),
        reais_of(value)
    );
    for part in &figure.contratos {
        _ = writeln!(
            text,
            "  contrato {:<10} {:>20}",
            part.contrato,
            reais(part.amount)
        );
    }
    if figure.others > 0 {
        let others = counted(figure.others, "other");
        _ = writeln!(text, "  {others:<19} {:>20}", reais(figure.others_sum));
    }
    _ = writeln!(text, "  {:<19} {:>20}", "sum", reais(*sum));
}
