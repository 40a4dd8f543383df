//! The figures of a month, opened to their contratos.

use std::collections::HashMap;

use domain::job::{ContratoId, EmpreendimentoId, RunId, Target};
use domain::money::Amount;
use domain::month::Month;
use domain::tables::{Bucket, Category, ContratoMemory, Figure, Part, PartsError};
use serde::Serialize;
use store::{PublishedRow, Store, StoreError};

use crate::error::CommandError;

/// The output of `explain --contratos --json`, whose field names stay.
#[derive(Debug, Serialize)]
pub struct Opened {
    /// The empreendimento.
    pub empreendimento: EmpreendimentoId,
    /// What a person calls it.
    pub nome: String,
    /// The month.
    pub month: Month,
    /// The figures that are sums and not zero, as the tables have them.
    pub figures: Vec<OpenedFigure>,
    /// Tables whose rows of the month were imported, or written by an earlier version: their contratos
    /// are not kept.
    pub not_kept: Vec<&'static str>,
}

/// A figure, and the contratos that make it.
#[derive(Debug, Serialize)]
pub struct OpenedFigure {
    /// The table.
    pub table: &'static str,
    /// Its column.
    pub column: &'static str,
    /// Its category, where the table has categories.
    pub category: Option<String>,
    /// The figure, as the table has it.
    pub value: String,
    /// Σ of what the contratos add, unrounded; rounded, it is the figure.
    pub sum: Amount,
    /// The run that wrote it.
    pub run: RunId,
    /// The contratos that add most, the largest first.
    pub contratos: Vec<ContratoPart>,
    /// How many contratos are left out of that list.
    pub others: usize,
    /// What these add.
    pub others_sum: Amount,
}

/// What a contrato adds to a figure.
#[derive(Debug, Serialize)]
pub struct ContratoPart {
    /// `cod_contrato`.
    pub contrato: ContratoId,
    /// How much, unrounded.
    pub amount: Amount,
}

/// Which contratos and figures of a month are asked for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// The figures of this category of cash in alone.
    pub category: Option<Category>,
    /// At most so many contratos of each figure.
    pub top: usize,
}

/// Opens the figures of a month to their contratos.
///
/// # Errors
/// When the ledger does not know the empreendimento, or the database fails.
pub async fn opened(
    store: &dyn Store,
    id: EmpreendimentoId,
    month: Month,
    wanted: Wanted,
) -> Result<Opened, CommandError> {
    let nome = store.empreendimento_nome(id).await?;
    let nome = nome.ok_or(CommandError::UnknownEmpreendimento(id))?;
    let target = Target::Empreendimento(id);
    let mut opened = Opened {
        empreendimento: id,
        nome,
        month,
        figures: Vec::new(),
        not_kept: Vec::new(),
    };
    let mut by_commit: HashMap<i64, MonthParts> = HashMap::new();
    for row in store.published_rows(target, Some(month)).await? {
        if wanted.category.is_some()
            && row.category.as_deref() != wanted.category.map(Category::name)
        {
            continue;
        }
        let figures = figures_of(&row);
        if figures.is_empty() {
            continue;
        }
        let Some(generation) = row.generation else {
            opened.leave_out(row.table);
            continue;
        };
        if let std::collections::hash_map::Entry::Vacant(free) = by_commit.entry(generation) {
            let contratos = store.contratos_of_commit(target, generation).await?;
            free.insert(MonthParts::of(&contratos, month).map_err(unreadable)?);
        }
        let parts = &by_commit[&generation];
        for (column, value) in figures {
            let of_figure = parts.of_figure(column, row.category.as_deref());
            let figure = OpenedFigure::new(&row, column, value, of_figure, wanted.top);
            // An earlier version kept nothing by contrato.
            match figure.is_made_up() {
                true if figure.contratos.is_empty() => {}
                true => opened.figures.push(figure),
                false => opened.leave_out(row.table),
            }
        }
    }
    Ok(opened)
}

pub(super) fn unreadable(error: PartsError) -> CommandError {
    StoreError::Refused(error.to_string()).into()
}

impl Opened {
    fn leave_out(&mut self, table: &'static str) {
        if !self.not_kept.contains(&table) {
            self.not_kept.push(table);
        }
    }
}

/// Whether a column is a sum over contratos.
pub fn is_sum(table: &str, column: &str) -> bool {
    match table {
        "entradas_caixa" | "delinquency" => true,
        "estatisticas_portfolio" => column == "vp",
        _ => false,
    }
}

/// The columns of a row that are sums over contratos, with their values.
fn figures_of(row: &PublishedRow) -> Vec<(&'static str, &str)> {
    let values = row.values.iter();
    values
        .filter(|(column, _)| is_sum(row.table, column))
        .map(|(column, value)| (*column, value.as_str()))
        .collect()
}

/// What each contrato adds in one month.
struct MonthParts {
    parts: Vec<(ContratoId, Part)>,
    vp: Vec<(ContratoId, Amount)>,
}

impl MonthParts {
    fn of(contratos: &[ContratoMemory], month: Month) -> Result<Self, PartsError> {
        let mut parts = Vec::new();
        for contrato in contratos {
            let of_month = contrato.parts.read()?.into_iter();
            let of_month = of_month.filter(|part| part.month == month);
            parts.extend(of_month.map(|part| (contrato.id, part)));
        }
        let vp = contratos.iter().map(|contrato| (contrato.id, contrato.vp));
        Ok(Self {
            parts,
            vp: vp.filter(|(_, vp)| !vp.is_zero()).collect(),
        })
    }

    fn of_figure(&self, column: &str, category: Option<&str>) -> Vec<(ContratoId, Amount)> {
        if column == "vp" {
            return self.vp.clone();
        }
        let mut sums: Vec<(ContratoId, Amount)> = Vec::new();
        for (contrato, part) in &self.parts {
            if !is_of(part.figure, column, category) {
                continue;
            }
            // The parts of a contrato follow one another.
            match sums.last_mut().filter(|(last, _)| last == contrato) {
                Some((_, sum)) => *sum += part.amount,
                None => sums.push((*contrato, part.amount)),
            }
        }
        sums
    }
}

/// Whether a part is one of a column and category; `total` is every bucket.
pub(super) fn is_of(figure: Figure, column: &str, category: Option<&str>) -> bool {
    match figure {
        Figure::Overdue(bucket) => column == "total" || column == Bucket::name(bucket),
        _ => figure.column() == column && figure.category().map(Category::name) == category,
    }
}

impl OpenedFigure {
    fn new(
        row: &PublishedRow,
        column: &'static str,
        value: &str,
        mut parts: Vec<(ContratoId, Amount)>,
        top: usize,
    ) -> Self {
        parts.sort_by_key(|(contrato, amount)| (std::cmp::Reverse(amount.abs()), *contrato));
        let sum = parts.iter().map(|(_, amount)| *amount).sum();
        let others = parts.split_off(top.min(parts.len()));
        Self {
            table: row.table,
            column,
            category: row.category.clone(),
            value: value.to_owned(),
            sum,
            run: row.run.clone(),
            contratos: parts
                .into_iter()
                .map(|(contrato, amount)| ContratoPart { contrato, amount })
                .collect(),
            others: others.len(),
            others_sum: others.into_iter().map(|(_, amount)| amount).sum(),
        }
    }

    /// Whether the contratos make the figure.
    fn is_made_up(&self) -> bool {
        self.sum.round().to_string() == self.value
    }
}
