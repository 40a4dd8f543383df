//! The other kind of job: the payables due in the run's window, and the cash out they make.

use std::collections::BTreeMap;

use chrono::{Days, Months, NaiveDate};
use shared::failure::JobError;
use shared::job::RunParams;
use shared::manifest::{Balance, Manifest, Tally};
use shared::mega::{Fatura, MegaClient, Record, Rejection};
use shared::money::Amount;
use shared::tables::SaidasCaixaResult;

/// Months of one question to the ERP, which refuses more than 24.
const PERIOD_MONTHS: u32 = 12;
/// The measure the manifest balances: Σ `ValorParcela`.
const ORCAMENTO: &str = "orcamento";
/// What the manifest calls a fatura that came again, equal in every field.
const REPEATED: &str = "fatura listed again";
/// What the manifest calls one that came again with another balance; the first counts.
const REPEATED_OTHERWISE: &str = "fatura listed again with another saldo or prorrogado";

/// Fetches the payables due in a run's window.
///
/// # Errors
/// When a call failed for good.
pub async fn faturas(mega: &MegaClient, params: &RunParams) -> Result<SaidasCaixaResult, JobError> {
    let mut all = Faturas::default();
    for (start, end) in periods(params.start_date, params.end_date) {
        let empty = || Faturas {
            period: Some((start, end)),
            ..Faturas::default()
        };
        let answer = mega.faturas(start, end, empty, Faturas::add).await;
        all.merge(answer.map_err(|source| JobError::Mega {
            contrato: None,
            source,
        })?);
    }
    Ok(all.finish())
}

/// The window in periods of at most [`PERIOD_MONTHS`], first to last.
fn periods(start: NaiveDate, end: NaiveDate) -> impl Iterator<Item = (NaiveDate, NaiveDate)> {
    let next = move |from: NaiveDate| from + Months::new(PERIOD_MONTHS);
    std::iter::successors(Some(start), move |from| Some(next(*from)))
        .take_while(move |from| *from <= end)
        .map(move |from| (from, end.min(next(from) - Days::new(1))))
}

/// Faturas as they arrive.
#[derive(Default)]
struct Faturas {
    period: Option<(NaiveDate, NaiveDate)>,
    rows: Vec<Fatura>,
    read: u64,
    /// Amount of all that was read, whatever became of it.
    source: Amount,
    rejected: BTreeMap<String, Tally>,
    repeated: Tally,
    repeated_otherwise: Tally,
}

impl Faturas {
    fn add(&mut self, record: Record<Fatura>) {
        self.read += 1;
        match record {
            Record::Read(fatura) if self.asked_for(fatura.key.data_vencimento) => {
                self.source += fatura.key.valor_parcela.into();
                self.rows.push(fatura);
            }
            // Outside the window it would never be replaced again.
            Record::Read(fatura) => self.reject(Rejection {
                code: None,
                reason: "DataVencimento: outside the period asked for".to_owned(),
                amount: Some(fatura.key.valor_parcela.into()),
            }),
            Record::Rejected(rejection) => self.reject(rejection),
        }
    }

    fn asked_for(&self, due: NaiveDate) -> bool {
        self.period
            .is_some_and(|(start, end)| (start..=end).contains(&due))
    }

    fn reject(&mut self, rejection: Rejection) {
        let amount = rejection.amount.unwrap_or_default();
        self.source += amount;
        self.rejected
            .entry(rejection.reason)
            .or_default()
            .add(amount);
    }

    /// Takes in those of another period: its identities, which hold the due date, are others.
    fn merge(&mut self, mut other: Self) {
        other.keep_each_once();
        self.rows.append(&mut other.rows);
        self.read += other.read;
        self.source += other.source;
        for (reason, tally) in other.rejected {
            self.rejected.entry(reason).or_default().merge(tally);
        }
        self.repeated.merge(other.repeated);
        self.repeated_otherwise.merge(other.repeated_otherwise);
    }

    fn keep_each_once(&mut self) {
        // Stable, so that of equal keys the first listed stays.
        self.rows.sort_by(|a, b| a.key.cmp(&b.key));
        self.rows.dedup_by(|again, first| {
            let same = again.key == first.key;
            if same {
                let tally = if again == first {
                    &mut self.repeated
                } else {
                    &mut self.repeated_otherwise
                };
                tally.add(again.key.valor_parcela.into());
            }
            same
        });
    }

    fn finish(self) -> SaidasCaixaResult {
        let values = self.rows.iter().map(|fatura| fatura.key.valor_parcela);
        let balance = Balance {
            source: self.source,
            published: values.map(Amount::from).sum(),
            not_counted: self.repeated.amount + self.repeated_otherwise.amount,
            rejected: self.rejected.values().map(|tally| tally.amount).sum(),
            ..Balance::default()
        };
        let noted = [
            (REPEATED, self.repeated),
            (REPEATED_OTHERWISE, self.repeated_otherwise),
        ];
        SaidasCaixaResult {
            manifest: Manifest {
                records_read: self.read,
                records_counted: self.rows.len() as u64,
                rejected: self.rejected,
                noted: noted
                    .into_iter()
                    .filter(|(_, tally)| tally.count > 0)
                    .map(|(name, tally)| (name.to_owned(), tally))
                    .collect(),
                balances: [(ORCAMENTO.to_owned(), balance)].into(),
                ..Manifest::default()
            },
            faturas: self.rows,
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::money::Money;
    use shared::tables::FaturaKey;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn fatura(ap: &str, due: &str, saldo: i64) -> Record<Fatura> {
        Record::Read(Fatura {
            key: FaturaKey {
                filial_id: 100.try_into().unwrap(),
                numero_ap: ap.into(),
                numero_parcela: "001".into(),
                agente_codigo: 8000,
                tipo_documento: "NF".into(),
                numero_documento: "1".into(),
                data_vencimento: day(due),
                valor_parcela: Money::from_centavos(1000),
            },
            saldo_atual: Money::from_centavos(saldo),
            data_prorrogado: None,
        })
    }

    #[test]
    fn a_window_is_asked_for_in_years_without_gap_or_overlap() {
        let asked: Vec<_> = periods(day("2024-02-29"), day("2026-03-10")).collect();
        assert_eq!(
            asked,
            [
                (day("2024-02-29"), day("2025-02-27")),
                (day("2025-02-28"), day("2026-02-27")),
                (day("2026-02-28"), day("2026-03-10")),
            ]
        );
        let one_day: Vec<_> = periods(day("2026-01-01"), day("2026-01-01")).collect();
        assert_eq!(one_day, [(day("2026-01-01"), day("2026-01-01"))]);
        assert_eq!(periods(day("2026-01-01"), day("2027-01-01")).count(), 2);
    }

    #[test]
    fn an_identity_counts_once_and_the_rest_is_told() {
        let of_year = |start: &str, end: &str| Faturas {
            period: Some((day(start), day(end))),
            ..Faturas::default()
        };
        let mut year = of_year("2026-01-01", "2026-12-31");
        for record in [
            fatura("900", "2026-05-01", 0),
            fatura("900", "2026-05-01", 0),
            fatura("900", "2026-05-01", 1000),
            fatura("901", "2026-05-01", 0),
            fatura("902", "2027-01-01", 0),
        ] {
            year.add(record);
        }
        let mut next_year = of_year("2027-01-01", "2027-12-31");
        next_year.add(fatura("902", "2027-01-01", 0));
        let mut all = Faturas::default();
        all.merge(year);
        all.merge(next_year);
        let result = all.finish();
        assert_eq!(result.faturas.len(), 3);
        assert_eq!(result.faturas[0].saldo_atual, Money::ZERO);
        let manifest = &result.manifest;
        assert_eq!((manifest.records_read, manifest.records_counted), (6, 3));
        assert_eq!(manifest.noted[REPEATED].count, 1);
        assert_eq!(manifest.noted[REPEATED_OTHERWISE].count, 1);
        assert_eq!(manifest.records_rejected(), 1);
        let balance = &manifest.balances[ORCAMENTO];
        assert_eq!(balance.source, balance.accounted());
        assert_eq!(balance.source.to_string(), "60.00");
    }
}
