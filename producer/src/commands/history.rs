//! `history`: months of the replaced system's tables from before ours begin.

use std::fmt::Write as _;

use chrono::Utc;
use domain::job::RunId;
use store::{DaysOfPayment, HistoryImport, HistoryRequest, ImportedHistory};

use crate::cli::HistoryCommand;
use crate::console::Console;
use crate::error::CommandError;
use crate::exit::Exit;

/// Imports what no run has fetched, and says what it was.
///
/// # Errors
/// When there is nothing to import from, runs have written earlier months, or the database fails.
pub async fn history(
    console: &mut Console<'_>,
    store: &dyn HistoryImport,
    command: &HistoryCommand,
) -> Result<Exit, CommandError> {
    let HistoryCommand::Import(args) = command;
    let import = HistoryRequest {
        run: RunId::new(Utc::now()),
        legacy: args.legacy_schema.clone(),
        floor_month: args.floor_month,
        by: console.who_asks(),
        dry_run: args.dry_run,
    };
    let imported = store.import_history(&import).await?;
    console.data(&text(&imported))?;
    console.narrate(&match args.dry_run {
        true => "dry run: nothing was written".to_owned(),
        false => format!("recorded as run {}", import.run),
    });
    Ok(Exit::Done)
}

/// What was imported; ends with a line end.
fn text(imported: &ImportedHistory) -> String {
    let mut text = match &imported.months {
        Some((first, last)) => format!("months {first} to {last}\n"),
        None => "no month\n".to_owned(),
    };
    let mut line = |count: u64, what: &str| _ = writeln!(text, "{count:>8}  {what}");
    for (table, rows) in &imported.tables {
        line(*rows, table);
    }
    let DaysOfPayment {
        taken,
        ambiguous,
        different,
        open,
        unknown,
    } = imported.days_of_payment;
    line(taken, "days of payment");
    for (count, what) in [
        (imported.filiais, "filiais created, inactive"),
        (
            imported.empreendimentos,
            "empreendimentos created, inactive",
        ),
        (
            imported.left_out,
            "old rows left out: no month, or no empreendimento or filial to write them to",
        ),
        (
            ambiguous,
            "days of payment left: the old key means several payables",
        ),
        (different, "days of payment left: another due day or value"),
        (
            open,
            "days of payment left: the payable is not settled here",
        ),
        (
            unknown,
            "days of payment left: there is no such payable here",
        ),
    ] {
        if count > 0 {
            line(count, what);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_told_with_its_reason() {
        let imported = ImportedHistory {
            months: Some(("2024-01".to_owned(), "2025-12".to_owned())),
            tables: vec![("entradas_caixa", 192), ("saidas_caixa", 24)],
            filiais: 0,
            empreendimentos: 1,
            left_out: 0,
            days_of_payment: DaysOfPayment {
                taken: 130,
                ambiguous: 9,
                ..DaysOfPayment::default()
            },
        };
        assert_eq!(
            text(&imported),
            "months 2024-01 to 2025-12
     192  entradas_caixa
      24  saidas_caixa
     130  days of payment
       1  empreendimentos created, inactive
       9  days of payment left: the old key means several payables
"
        );
    }
}
