//! Reading both sides, table by table.

use std::collections::BTreeSet;
use std::io::Write;

use domain::month::Month;
use rust_decimal::Decimal;
use secrecy::SecretString;
use store::{ComparedTable, Line, SchemaName, Snapshot, StoreError};

use super::accept::Accepted;
use super::cause::Cause;
use super::cell::{Cell, Context, State, cells};
use super::merge::merge;
use super::part::number;
use super::payables::pairs;
use super::report::{Months, Report};
use crate::error::CommandError;

/// Compares both sides: months that both hold unless some are named. Each cell that is not equal is a line
/// of `csv`.
///
/// # Errors
/// When a database fails, or `csv` cannot be written.
pub async fn compare(
    [ours, theirs]: [&mut Snapshot; 2],
    months: &[Month],
    tolerance: Decimal,
    accepted: &mut Accepted,
    csv: &mut csv::Writer<impl Write>,
    mut progress: impl FnMut(ComparedTable),
) -> Result<Report, CommandError> {
    let mut context = Context {
        tolerance,
        ..Context::default()
    };
    read_context(ours, theirs, &mut context).await?;
    let wanted: BTreeSet<String> = match months {
        [] => context.months[0]
            .intersection(&context.months[1])
            .cloned()
            .collect(),
        some => some.iter().map(Month::to_string).collect(),
    };
    csv.write_record([
        "table",
        "key",
        "figure",
        "ours",
        "theirs",
        "state",
        "cause",
        "difference",
    ])
    .map_err(written)?;
    let [ours_months, theirs_months] = &context.months;
    let mut report = Report {
        months: Months {
            compared: wanted.iter().cloned().collect(),
            only_ours: ours_months.difference(theirs_months).cloned().collect(),
            only_theirs: theirs_months.difference(ours_months).cloned().collect(),
        },
        ..Report::default()
    };
    for table in ComparedTable::ALL {
        progress(table);
        let mut found = Vec::new();
        let (our, their) = (ours.lines(table), theirs.lines(table));
        merge(our, their, |ours, theirs| {
            found.clear();
            match table {
                ComparedTable::FaturasPagar => found.extend(of_payables(ours, theirs, &context)),
                _ => {
                    let [our, their] = [ours, theirs].map(whole);
                    let key = &our
                        .as_ref()
                        .or(their.as_ref())
                        .expect("a key has a line")
                        .key;
                    let month = table.month_of(key);
                    if month.is_none_or(|month| wanted.contains(month)) {
                        found.extend(cells(table, our.as_ref(), their.as_ref(), &context));
                    }
                }
            }
            for cell in &found {
                let is_accepted = cell.state != State::Equal && accepted.covers(cell);
                report.add(cell, is_accepted);
                write(csv, cell).map_err(written)?;
            }
            Ok(())
        })
        .await?;
    }
    csv.flush().map_err(CommandError::Output)?;
    report.finish(accepted.unmet());
    Ok(report)
}

/// Codes, activity, months, corrected values and payables: what causes are found by.
async fn read_context(
    ours: &mut Snapshot,
    theirs: &mut Snapshot,
    context: &mut Context,
) -> Result<(), CommandError> {
    for (table, codes) in [
        (ComparedTable::Filiais, &mut context.filiais),
        (ComparedTable::Empreendimentos, &mut context.empreendimentos),
    ] {
        let inactive = &mut context.inactive;
        merge(ours.lines(table), theirs.lines(table), |our, their| {
            for (side, lines) in [our, their].into_iter().enumerate() {
                codes[side].extend(lines.iter().map(|line| line.key[0].clone()));
            }
            if table == ComparedTable::Empreendimentos {
                let without = our
                    .iter()
                    .filter(|line| line.figures[0].as_deref() == Some("false"));
                inactive.extend(without.map(|line| line.key[0].clone()));
            }
            Ok(())
        })
        .await?;
    }
    context.months = [ours.months().await?, theirs.months().await?];
    let corrected = &mut context.corrected;
    let table = ComparedTable::Contratos;
    merge(ours.lines(table), theirs.lines(table), |our, their| {
        if let ([our, ..], [their, ..]) = (our, their)
            && our.figures[1] != their.figures[1]
        {
            corrected.insert(our.key[0].clone());
        }
        Ok(())
    })
    .await?;
    let (payments, filiais) = (&mut context.payments, &context.filiais[1]);
    let table = ComparedTable::FaturasPagar;
    merge(ours.lines(table), theirs.lines(table), |our, their| {
        payments.add(&pairs(our, their, filiais));
        Ok(())
    })
    .await?;
    Ok(())
}

/// The lines of one key as one: two old categories may be one of ours.
fn whole(lines: &[Line]) -> Option<Line> {
    let (first, rest) = lines.split_first()?;
    let mut whole = first.clone();
    for line in rest {
        for (sum, figure) in whole.figures.iter_mut().zip(&line.figures) {
            *sum = Some((number(sum) + number(figure)).to_string());
        }
    }
    Some(whole)
}

/// The cells of the payables of an old key.
fn of_payables(ours: &[Line], theirs: &[Line], context: &Context) -> Vec<Cell> {
    let pairs = pairs(ours, theirs, &context.filiais[1]).into_iter();
    pairs
        .flat_map(|pair| {
            let cause = |figure: &str| match (pair.alone, figure) {
                (Some(cause), _) => cause,
                (None, "data_vencimento" | "valor_parcela" | "tipo_documento") => Cause::Redated,
                (None, "data_baixa") => Cause::Settled,
                (None, _) => Cause::Unexplained,
            };
            let cells = cells(ComparedTable::FaturasPagar, pair.ours, pair.theirs, context);
            cells
                .into_iter()
                .map(|cell| caused(cell, cause))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// A cell with the cause that its payable gives, where no other holds.
fn caused(mut cell: Cell, cause: impl Fn(&str) -> Cause) -> Cell {
    for part in &mut cell.parts {
        if part.cause == Cause::Unexplained {
            part.cause = cause(cell.figure);
        }
    }
    cell
}

fn write(csv: &mut csv::Writer<impl Write>, cell: &Cell) -> Result<(), csv::Error> {
    let state = match cell.state {
        State::Equal => return Ok(()),
        State::OnlyOurs => "only ours",
        State::OnlyTheirs => "only theirs",
        State::Zero => "zero",
        State::Different => "different",
    };
    let (table, key) = (cell.table.to_string(), cell.key.join("|"));
    let [ours, theirs] =
        [&cell.ours, &cell.theirs].map(|figure| figure.as_deref().unwrap_or_default());
    let line = |cause: &str, difference: &str| {
        [
            &table,
            &key,
            cell.figure,
            ours,
            theirs,
            state,
            cause,
            difference,
        ]
        .map(str::to_owned)
    };
    if cell.parts.is_empty() {
        csv.write_record(line("", ""))?;
    }
    for part in &cell.parts {
        let difference = (part.ours - part.theirs).to_string();
        csv.write_record(line(part.cause.into(), &difference))?;
    }
    Ok(())
}

fn written(error: csv::Error) -> CommandError {
    CommandError::Output(error.into())
}

/// Both sides, in one database as of one moment.
///
/// # Errors
/// When a database is away or none for this.
pub async fn snapshots(
    ours: &SecretString,
    theirs: Option<&SecretString>,
    legacy: &SchemaName,
) -> Result<[Snapshot; 2], StoreError> {
    let mut our = Snapshot::ours(ours).await?;
    let mut their = Snapshot::theirs(theirs.unwrap_or(ours), legacy).await?;
    if theirs.is_none() {
        their.at_the_moment_of(&mut our).await?;
    }
    Ok([our, their])
}
