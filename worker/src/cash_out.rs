//! The other kind of job: the payables due in the run's window, and the cash out they make.

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
    rejected: std::collections::BTreeMap<String, Tally>,
}

impl Faturas {
    fn add(&mut self, record: Record<Fatura>) {
        self.read += 1;
        match record {
            Record::Read(fatura) if self.asked_for(fatura.key.data_vencimento) => {
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
        self.rejected
            .entry(rejection.reason)
            .or_default()
            .add(rejection.amount.unwrap_or_default());
    }

    fn merge(&mut self, other: Self) {
        self.rows.extend(other.rows);
        self.read += other.read;
        for (reason, tally) in other.rejected {
            self.rejected.entry(reason).or_default().merge(tally);
        }
    }

    /// Each identity once; what came again is noted.
    fn finish(mut self) -> SaidasCaixaResult {
        let rejected: Amount = self.rejected.values().map(|tally| tally.amount).sum();
        let mut balance = Balance {
            source: total(&self.rows) + rejected,
            rejected,
            ..Balance::default()
        };
        let (mut repeated, mut repeated_otherwise) = (Tally::default(), Tally::default());
        // Stable, so that of equal keys the first listed stays.
        self.rows.sort_by(|a, b| a.key.cmp(&b.key));
        self.rows.dedup_by(|again, first| {
            let same = again.key == first.key;
            if same {
                let tally = if again == first {
                    &mut repeated
                } else {
                    &mut repeated_otherwise
                };
                tally.add(again.key.valor_parcela.into());
            }
            same
        });
        balance.published = total(&self.rows);
        balance.not_counted = repeated.amount + repeated_otherwise.amount;
        let noted = [
            (REPEATED, repeated),
            (REPEATED_OTHERWISE, repeated_otherwise),
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

fn total(rows: &[Fatura]) -> Amount {
    rows.iter()
        .map(|fatura| Amount::from(fatura.key.valor_parcela))
        .sum()
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
                numero_ap: ap.to_owned(),
                numero_parcela: "001".to_owned(),
                agente_codigo: 8000,
                tipo_documento: "NF".to_owned(),
                numero_documento: "1".to_owned(),
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
        let mut faturas = Faturas {
            period: Some((day("2026-01-01"), day("2026-12-31"))),
            ..Faturas::default()
        };
        for record in [
            fatura("900", "2026-05-01", 0),
            fatura("900", "2026-05-01", 0),
            fatura("900", "2026-05-01", 1000),
            fatura("901", "2026-05-01", 0),
            fatura("902", "2027-01-01", 0),
        ] {
            faturas.add(record);
        }
        let result = faturas.finish();
        assert_eq!(result.faturas.len(), 2);
        assert_eq!(result.faturas[0].saldo_atual, Money::ZERO);
        let manifest = &result.manifest;
        assert_eq!((manifest.records_read, manifest.records_counted), (5, 2));
        assert_eq!(manifest.noted[REPEATED].count, 1);
        assert_eq!(manifest.noted[REPEATED_OTHERWISE].count, 1);
        assert_eq!(manifest.records_rejected(), 1);
        let balance = &manifest.balances[ORCAMENTO];
        assert_eq!(balance.source, balance.accounted());
        assert_eq!(balance.source.to_string(), "50.00");
    }
}
