//! What must hold before a result may be committed: it is whole, it balances, it did not collapse.

use shared::failure::JobError;
use shared::job::{RunParams, Target};
use shared::ledger::PreviousCommit;
use shared::manifest::{Manifest, main_reason};
use shared::money::Amount;

/// Totals below this are too small for a fall by half to mean anything.
const SHRINK_FLOOR: u64 = 10;

/// Checks that a result accounts for everything the ERP sent.
///
/// # Errors
/// When a contrato's parcelas are missing, more than 1 % of the records were rejected, or an amount
/// read is neither published nor accounted for.
pub fn is_whole(manifest: &Manifest) -> Result<(), JobError> {
    let (listed, fetched) = (manifest.contratos_listed, manifest.contratos_fetched);
    if listed != fetched {
        return Err(JobError::Incomplete { listed, fetched });
    }
    let (read, rejected) = (listed + manifest.records_read, manifest.records_rejected());
    if rejected * 100 > read {
        return Err(JobError::TooManyRejected {
            read,
            rejected,
            main_reason: main_reason(&manifest.rejected),
        });
    }
    for (measure, balance) in &manifest.balances {
        if balance.source != balance.accounted() {
            return Err(JobError::Unbalanced {
                measure: measure.clone(),
                source_total: balance.source.to_string(),
                accounted: balance.accounted().to_string(),
            });
        }
    }
    Ok(())
}

/// Checks that a result is not less than half of what the target's last commit held: an ERP that
/// suddenly lists next to nothing is more likely broken than right.
///
/// # Errors
/// When contratos, records or an amount fell by more than half and were above the floor.
pub fn has_not_shrunk(
    target: Target,
    params: &RunParams,
    now: &Manifest,
    previous: Option<&PreviousCommit>,
) -> Result<(), JobError> {
    let Some(previous) = previous.filter(|previous| comparable(target, params, &previous.params))
    else {
        return Ok(());
    };
    let before = &previous.manifest;
    let counts = [
        ("contratos", before.contratos_listed, now.contratos_listed),
        ("records", before.records_read, now.records_read),
    ];
    for (what, before, now) in counts {
        if before > SHRINK_FLOOR && now * 2 < before {
            return Err(shrunk(what, before, now));
        }
    }
    let floor = Amount::from_centavos(SHRINK_FLOOR as i64 * 100);
    for (measure, balance) in &before.balances {
        let now = now
            .balances
            .get(measure)
            .map(|balance| balance.source)
            .unwrap_or_default();
        if balance.source > floor && now.times(2) < balance.source {
            return Err(shrunk(measure, balance.source, now));
        }
    }
    Ok(())
}

/// An empreendimento is always read whole; payables only as far as the window reaches.
fn comparable(target: Target, now: &RunParams, before: &RunParams) -> bool {
    match target {
        Target::Empreendimento(_) => true,
        Target::SaidasCaixa => {
            now.start_date <= before.start_date && before.end_date <= now.end_date
        }
    }
}

fn shrunk(what: &str, before: impl ToString, now: impl ToString) -> JobError {
    JobError::Shrunk {
        what: what.to_owned(),
        before: before.to_string(),
        now: now.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use shared::failure::FailureClass;
    use shared::manifest::{Balance, Tally};

    use super::*;

    fn manifest(contratos: u64, records: u64, amount: &str) -> Manifest {
        let source = Amount::parse(amount).unwrap();
        Manifest {
            contratos_listed: contratos,
            contratos_fetched: contratos,
            records_read: records,
            balances: [(
                "forecast".to_owned(),
                Balance {
                    source,
                    published: source,
                    ..Balance::default()
                },
            )]
            .into(),
            ..Manifest::default()
        }
    }

    fn params(start: &str, end: &str) -> RunParams {
        let date = |text: &str| text.parse().unwrap();
        RunParams {
            start_date: date(start),
            end_date: date(end),
            as_of: date("2026-11-23"),
        }
    }

    fn shrinks(before: Manifest, now: Manifest) -> bool {
        let params = params("2026-01-01", "2026-11-22");
        let previous = PreviousCommit {
            params,
            manifest: before,
        };
        let target = Target::Empreendimento(1471.try_into().unwrap());
        match has_not_shrunk(target, &params, &now, Some(&previous)) {
            Ok(()) => false,
            Err(error) => {
                assert_eq!(error.class(), FailureClass::Shrunk);
                true
            }
        }
    }

    #[test]
    fn a_missing_contrato_is_never_whole() {
        let missing = Manifest {
            contratos_fetched: 4,
            ..manifest(5, 100, "10")
        };
        assert!(matches!(
            is_whole(&missing),
            Err(JobError::Incomplete {
                listed: 5,
                fetched: 4
            })
        ));
    }

    #[test]
    fn one_per_cent_rejected_passes_and_more_does_not() {
        let rejected = |count| Manifest {
            rejected: [(
                "vlr_pago: not a number".to_owned(),
                Tally {
                    count,
                    amount: Amount::ZERO,
                },
            )]
            .into(),
            ..manifest(10, 190, "10")
        };
        assert!(is_whole(&rejected(2)).is_ok());
        let error = is_whole(&rejected(3)).unwrap_err();
        assert_eq!(error.fingerprint(), "data/rejected-vlr_pago");
        assert!(is_whole(&Manifest::default()).is_ok());
    }

    #[test]
    fn an_amount_that_went_nowhere_is_found() {
        let mut unbalanced = manifest(1, 1, "100.00");
        unbalanced.balances.get_mut("forecast").unwrap().source += Amount::from_centavos(1);
        assert!(matches!(
            is_whole(&unbalanced),
            Err(JobError::Unbalanced { .. })
        ));
    }

    #[test]
    fn a_fall_by_more_than_half_is_stopped() {
        assert!(shrinks(manifest(11, 0, "0"), manifest(5, 0, "0")));
        assert!(shrinks(manifest(20, 400, "0"), manifest(20, 199, "0")));
        assert!(shrinks(
            manifest(20, 400, "1000"),
            manifest(20, 400, "499.99")
        ));
        assert!(!shrinks(
            manifest(20, 400, "1000"),
            manifest(10, 200, "500")
        ));
        assert!(!shrinks(manifest(10, 10, "10"), manifest(0, 0, "0")));
    }

    #[test]
    fn payables_of_a_shorter_window_are_no_shrinkage() {
        let previous = PreviousCommit {
            params: params("2025-01-01", "2026-11-22"),
            manifest: manifest(0, 900, "9"),
        };
        let check = |start, end| {
            let now = manifest(0, 20, "0.1");
            has_not_shrunk(
                Target::SaidasCaixa,
                &params(start, end),
                &now,
                Some(&previous),
            )
            .is_ok()
        };
        assert!(check("2026-01-01", "2026-11-22"));
        assert!(!check("2025-01-01", "2026-11-23"));
    }
}
