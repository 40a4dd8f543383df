//! Whether each figure that is a sum is what its contratos add, as that is kept.

use std::collections::HashMap;

use domain::checks::{Check, CheckName};
use domain::money::{Amount, Money};
use domain::month::Month;
use domain::tables::{Bucket, EmpreendimentoResult, Figure, PartsError};

/// A cell is rounded once, its parts never.
pub fn by_contrato(result: &EmpreendimentoResult) -> Check {
    let name = CheckName::ByContrato;
    let sums = match Sums::of(result) {
        Ok(sums) => sums,
        Err(error) => return Check::failed(name, error.to_string(), vec![]),
    };
    let mut cells = 0;
    let mut differ = Vec::new();
    let mut hold = |table: &str, month: Month, figure: &str, cell: Money, sum: Amount| {
        cells += 1;
        if cell != sum.round() {
            differ.push(format!("{table} {month} {figure}"));
        }
    };
    for row in &result.entradas {
        let (month, category) = (row.ref_month, row.category);
        for (figure, cell) in [
            (Figure::Forecast(category), row.forecast),
            (Figure::Actual(category), row.actual),
        ] {
            let label = format!("{} {category}", figure.column());
            hold(figure.table(), month, &label, cell, sums.get(figure, month));
        }
    }
    for row in &result.delinquency {
        let month = row.ref_month;
        let sum = |bucket: &Bucket| sums.get(Figure::Overdue(*bucket), month);
        for (bucket, cell) in Bucket::ALL.iter().zip(row.buckets) {
            hold("delinquency", month, bucket.name(), cell, sum(bucket));
        }
        let total = Bucket::ALL.iter().map(sum).sum();
        hold("delinquency", month, "total", row.total, total);
    }
    for row in &result.portfolio {
        hold(
            "estatisticas_portfolio",
            row.ref_month,
            "vp",
            row.vp,
            sums.vp,
        );
    }
    let contratos = result.memory.len();
    match differ.is_empty() {
        true => Check::passed(name, format!("{cells} figures of {contratos} contratos")),
        false => Check::failed(
            name,
            format!(
                "{} of {cells} figures are not what their contratos add",
                differ.len()
            ),
            vec![],
        )
        .with_samples(differ),
    }
}

/// What all contratos add.
struct Sums {
    by_month: HashMap<Month, [Amount; Figure::COUNT]>,
    vp: Amount,
}

impl Sums {
    fn of(result: &EmpreendimentoResult) -> Result<Self, PartsError> {
        let mut by_month: HashMap<Month, [Amount; Figure::COUNT]> = HashMap::new();
        for contrato in &result.memory {
            for part in contrato.parts.read()? {
                by_month.entry(part.month).or_default()[part.figure.index()] += part.amount;
            }
        }
        let vp = result.memory.iter().map(|contrato| contrato.vp).sum();
        Ok(Self { by_month, vp })
    }

    fn get(&self, figure: Figure, month: Month) -> Amount {
        let figures = self.by_month.get(&month);
        figures.map_or(Amount::ZERO, |figures| figures[figure.index()])
    }
}
