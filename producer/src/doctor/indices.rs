//! The IPCA that contrato values are corrected by. No I/O.

use chrono::{DateTime, NaiveDate, Utc};
use domain::month::Month;
use rust_decimal::Decimal;
use store::{IpcaLoad, StoreError};

use super::check::Check;
use crate::ipca;
use crate::program::Program;
use crate::text::{list, local, printable};

const IPCA: &str = "ipca";

pub(super) fn unknown() -> Check {
    Check::skipped(IPCA, "the tables cannot be read")
}

pub(super) fn indices(
    held: Result<Vec<(Month, Decimal)>, StoreError>,
    load: Option<(DateTime<Utc>, IpcaLoad)>,
    today: NaiveDate,
    program: Program,
) -> Check {
    let advice = format!(
        "load it: {} ipca fetch, or ipca import FILE",
        program.name()
    );
    let months: Vec<_> = match held {
        Ok(held) => held.into_iter().map(|(month, _)| month).collect(),
        Err(error) => return Check::failed(IPCA, error, "see the checks of the database"),
    };
    let (Some(first), Some(newest)) = (months.first().copied(), months.last().copied()) else {
        let found = "none loaded: ltv rests on nominal contrato values";
        return Check::ok(IPCA, found).with_advice(advice);
    };
    let loaded =
        load.map(|(at, load)| format!(", loaded {} from {}", local(at), printable(&load.source)));
    let found = format!("{first} to {newest}{}", loaded.unwrap_or_default());
    let gaps = ipca::gaps(months);
    if !gaps.is_empty() {
        let found = format!("{found}; missing in between: {}", list(&gaps));
        return Check::warning(IPCA, found, advice);
    }
    match ipca::is_outdated(newest, today) {
        true => {
            let found = format!("{found}: a newer one is long due, and ltv rests on this one");
            Check::warning(IPCA, found, advice)
        }
        false => Check::ok(IPCA, found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::check::Outcome;

    fn of(months: &[&str]) -> Check {
        let held = months
            .iter()
            .map(|month| (month.parse().unwrap(), Decimal::ONE))
            .collect();
        let today = "2026-11-26".parse().unwrap();
        indices(Ok(held), None, today, Program::Producer)
    }

    #[test]
    fn gaps_and_old_indices_are_warnings() {
        for (months, outcome, found) in [
            (&[][..], Outcome::Ok, "none loaded"),
            (&["2026-09", "2026-10"], Outcome::Ok, "2026-09 to 2026-10"),
            (
                &["2026-08", "2026-09"],
                Outcome::Warning,
                "a newer one is long due",
            ),
            (
                &["2026-08", "2026-10"],
                Outcome::Warning,
                "missing in between: 2026-09",
            ),
        ] {
            let check = of(months);
            assert_eq!(check.outcome, outcome, "{months:?}");
            assert!(check.found.contains(found), "{}", check.found);
        }
    }
}
