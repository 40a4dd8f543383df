//! A manifest: what was read, what became of it, and whether it adds up.

use domain::manifest::{Balance, Manifest, Tally};

use super::money::reais;
use crate::report::adds_up;
use crate::text::{list, printable};

/// Named facts, in the order to show them; a name may come more than once.
pub(super) fn facts(manifest: &Manifest) -> Vec<(&str, String)> {
    let contratos = format!(
        "{} listed, {} fetched",
        manifest.contratos_listed, manifest.contratos_fetched
    );
    let records = format!(
        "{} read, {} counted, {} rejected",
        manifest.records_read,
        manifest.records_counted,
        manifest.records_rejected()
    );
    let mut facts = vec![("contratos", contratos), ("records", records)];
    let of_tally = |(what, tally): (&String, &Tally)| {
        let (amount, what) = (reais(tally.amount), printable(what));
        format!("{} for {amount}: {what}", tally.count)
    };
    facts.extend(
        manifest
            .rejected
            .iter()
            .map(|one| ("rejected", of_tally(one))),
    );
    facts.extend(manifest.noted.iter().map(|one| ("noted", of_tally(one))));
    if !manifest.balances.is_empty() {
        facts.push(("balances", verdict(manifest)));
    }
    let of_measure = |(measure, balance): (&String, &Balance)| {
        ("", format!("{}: {}", printable(measure), equation(balance)))
    };
    facts.extend(manifest.balances.iter().map(of_measure));
    facts
}

fn verdict(manifest: &Manifest) -> String {
    let off: Vec<_> = manifest
        .balances
        .iter()
        .filter(|(_, balance)| !adds_up(balance))
        .map(|(measure, balance)| {
            let difference = reais(balance.source - balance.accounted());
            format!("{} is off by {difference}", printable(measure))
        })
        .collect();
    match off.is_empty() {
        true => "yes, to the cent".to_owned(),
        false => format!("NO: {}", list(off)),
    }
}

/// One measure as an equation; parts that are nothing are left out, except what was published.
fn equation(balance: &Balance) -> String {
    let relation = if adds_up(balance) { "=" } else { "≠" };
    let mut text = format!(
        "{} read {relation} {} published",
        reais(balance.source),
        reais(balance.published)
    );
    for (amount, what) in [
        (balance.not_counted, "not counted"),
        (balance.outside_window, "outside the window"),
        (balance.rejected, "rejected"),
        (balance.unplaced, "paid in an unknown month"),
    ] {
        if !amount.is_zero() {
            text += &format!(" + {} {what}", reais(amount));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use domain::money::Amount;

    use super::*;
    use crate::report::balances;

    fn amount(centavos: i64) -> Amount {
        Amount::from_centavos(centavos)
    }

    fn manifest() -> Manifest {
        let forecast = Balance {
            source: amount(100_000),
            published: amount(90_000),
            not_counted: amount(7_000),
            outside_window: amount(2_500),
            rejected: amount(500),
            unplaced: amount(0),
        };
        let vp = Balance {
            source: amount(5_000),
            published: amount(5_000),
            ..Balance::default()
        };
        let tally = |count| Tally {
            count,
            amount: amount(500),
        };
        Manifest {
            contratos_listed: 3,
            contratos_fetched: 3,
            records_read: 40,
            records_counted: 38,
            rejected: [("vlr_pago: not a number".to_owned(), tally(2))].into(),
            noted: [("without data_vencimento".to_owned(), tally(1))].into(),
            balances: [("forecast".to_owned(), forecast), ("vp".to_owned(), vp)].into(),
        }
    }

    fn text(manifest: &Manifest) -> String {
        let lines = facts(manifest).into_iter();
        lines
            .map(|(name, value)| format!("{name:<9} {value}\n"))
            .collect()
    }

    #[test]
    fn a_manifest_that_balances() {
        let manifest = manifest();
        insta::assert_snapshot!(text(&manifest));
        assert!(balances(&manifest).values().all(|balances| *balances));
    }

    #[test]
    fn a_cent_that_went_nowhere_is_named() {
        let mut manifest = manifest();
        manifest.balances.get_mut("vp").unwrap().source += amount(1);
        let text = text(&manifest);
        assert!(
            text.contains("balances  NO: vp is off by R$ 0,01\n"),
            "{text}"
        );
        assert!(
            text.contains("vp: R$ 50,01 read ≠ R$ 50,00 published\n"),
            "{text}"
        );
        let balances = balances(&manifest);
        assert_eq!((balances["forecast"], balances["vp"]), (true, false));
    }

    #[test]
    fn nothing_committed_balances_nothing() {
        assert!(!text(&Manifest::default()).contains("balances"));
    }
}
