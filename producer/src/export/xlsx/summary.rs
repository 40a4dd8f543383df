//! The first sheet: what the workbook is, its sums, and what is missing.

use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};

use super::figures::TableSheets;
use super::formats::Formats;
use super::sheet::{Sheet, Value};
use crate::export::found::Found;
use crate::export::missing::Missing;
use crate::export::request::{Request, View};
use crate::export::table::{adds_up, heading, title};
use crate::portuguese::job_state;

/// What the sums of some columns are of.
const OF_SUMS: &str = "Os totais somam todas as linhas de cada tabela. Um saldo (inadimplência, \
                       valor presente, contratos) aparece em cada mês: filtre um mês para ler o \
                       saldo.";

/// Writes the sheet. Its sums are formulas over the sheets of the tables.
///
/// # Errors
/// When there can be no temporary file.
pub fn write(
    workbook: &mut Workbook,
    formats: &Formats,
    request: &Request,
    found: &Found,
    missing: &Missing,
    tables: &[TableSheets],
) -> Result<Worksheet, XlsxError> {
    let mut sheet = Sheet::new(workbook, formats, "Resumo")?;
    sheet.widths(&[26.0, 28.0, 14.0, 22.0, 24.0, 16.0, 40.0])?;
    sheet.line([
        Value::Bold("Valores do fluxo de caixa"),
        match missing.is_empty() {
            true => Value::Bold("COMPLETO"),
            false => Value::Warning("PARCIAL"),
        },
    ])?;
    sheet.line([])?;
    about(&mut sheet, request, found)?;
    sheet.line([])?;
    let heads = ["Tabela", "Coluna", "Linhas", "Total"];
    sheet.line(heads.map(Value::Bold))?;
    for (of, sheets) in found.tables.iter().zip(tables) {
        let columns = of.table.columns().iter().zip(&of.sums).enumerate();
        for (place, ((column, decimals), sum)) in columns {
            if adds_up(column) {
                sheet.line([
                    Value::Text(title(of.table)),
                    Value::Text(heading(column)),
                    Value::Count(of.rows),
                    Value::Sum(sheets.formula(place), *sum, *decimals),
                ])?;
            }
        }
    }
    sheet.line([Value::Text(OF_SUMS)])?;
    if !missing.is_empty() {
        sheet.line([])?;
        what_is_missing(&mut sheet, missing)?;
    }
    Ok(sheet.end())
}

/// Which state of the figures it has, and when it last changed.
fn about(sheet: &mut Sheet<'_>, request: &Request, found: &Found) -> Result<(), XlsxError> {
    let state = Value::Text("Estado");
    match request.view {
        View::Now(_) => sheet.line([state, Value::Text("o atual")])?,
        View::EndOf(day) => sheet.line([
            state,
            Value::Text("como estava no fim do dia"),
            Value::Day(day),
        ])?,
        View::Closed => sheet.line([state, Value::Text("meses fechados, como foram assinados")])?,
    }
    match request.months {
        Some(months) => sheet.line([
            Value::Text("Meses pedidos"),
            Value::Month(months.first),
            Value::Month(months.last),
        ])?,
        None => sheet.line([Value::Text("Meses pedidos"), Value::Text("todos")])?,
    }
    if let Some((first, last)) = found.months() {
        sheet.line([
            Value::Text("Meses com valores"),
            Value::Month(first),
            Value::Month(last),
        ])?;
    }
    sheet.line([
        Value::Text("Alteração mais recente"),
        Value::time(found.newest),
    ])?;
    let runs = u64::try_from(found.written.len()).unwrap_or(u64::MAX);
    sheet.line([Value::Text("Execuções"), Value::Count(runs)])
}

fn what_is_missing(sheet: &mut Sheet<'_>, missing: &Missing) -> Result<(), XlsxError> {
    let heads = [
        "O que falta",
        "Nome",
        "Código",
        "Mês",
        "Execução",
        "Situação",
        "Causa",
    ];
    sheet.line(heads.map(Value::Bold))?;
    if missing.everything {
        sheet.line([Value::Text("nenhum valor")])?;
    }
    for (table, month) in &missing.without_cells {
        sheet.line([
            Value::Text("mês sem valores"),
            Value::Text(title(*table)),
            Value::Empty,
            Value::Month(*month),
        ])?;
    }
    for pending in &missing.pending {
        sheet.line([
            Value::Text("mês de uma execução anterior"),
            Value::Text(&pending.nome),
            Value::Code(pending.id.get()),
            Value::Month(pending.month),
            Value::Empty,
            Value::Text(job_state(pending.state)),
        ])?;
    }
    for job in &missing.jobs {
        sheet.line([
            Value::Text("job não concluído"),
            Value::Text(&job.nome),
            job.target
                .empreendimento()
                .map_or(Value::Empty, |id| Value::Code(id.get())),
            Value::Empty,
            Value::Text(job.run.as_str()),
            Value::Text(job_state(job.state)),
            Value::Text(job.cause.as_deref().unwrap_or_default()),
        ])?;
    }
    Ok(())
}
