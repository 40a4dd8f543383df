//! Correction of contract values by IPCA, where the loaded indices cover the contract.

use chrono::NaiveDate;
use domain::money::Amount;
use domain::month::Month;
use domain::records::Contrato;
use rust_decimal::Decimal;

/// Monthly IPCA indices: an unbroken series that ends at the latest in the month of `as_of`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ipca {
    first: Option<Month>,
    /// `factors[i]` is Π(1 + ipca/100) over `first + i` and every later month.
    factors: Vec<Decimal>,
}

impl Ipca {
    /// The longest unbroken series of months that ends with the last index up to `as_of`.
    pub fn new(indices: &[(Month, Decimal)], as_of: NaiveDate) -> Self {
        let mut ipca = Self::default();
        let mut factor = Decimal::ONE;
        let known = indices
            .iter()
            .filter(|(month, _)| *month <= Month::of(as_of));
        for (month, per_cent) in known.rev() {
            if ipca.first.is_some_and(|later| month.next() != later) {
                break;
            }
            factor *= Decimal::ONE + per_cent / Decimal::ONE_HUNDRED;
            ipca.first = Some(*month);
            ipca.factors.push(factor);
        }
        ipca.factors.reverse();
        ipca
    }

    /// The value corrected over the months after the one of signature; `None` where the contrato
    /// is not active, its signature is not known, or the indices do not reach back to it.
    pub fn correct(&self, contrato: &Contrato) -> Option<Amount> {
        let first = self.first?;
        let signed = contrato.data_assinatura.filter(|_| contrato.is_active())?;
        let from = usize::try_from(Month::of(signed).next().since(first)).ok()?;
        // Signed after the last index: there is no correction yet.
        let factor = self.factors.get(from).copied().unwrap_or(Decimal::ONE);
        let corrected = contrato.valor.round().to_decimal().checked_mul(factor)?;
        Amount::parse(&corrected.to_string()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn indices(months: &[(&str, &str)]) -> Vec<(Month, Decimal)> {
        months
            .iter()
            .map(|(m, i)| (m.parse().unwrap(), i.parse().unwrap()))
            .collect()
    }

    fn contrato(signed: Option<&str>, status: &str) -> Contrato {
        Contrato {
            id: 1.try_into().unwrap(),
            status: status.to_owned(),
            valor: Amount::parse("100000").unwrap(),
            data_assinatura: signed.map(|day| day.parse().unwrap()),
            assinatura_unreadable: false,
        }
    }

    fn corrected(series: &[(&str, &str)], contrato: &Contrato) -> Option<String> {
        let ipca = Ipca::new(&indices(series), "2026-11-23".parse().unwrap());
        ipca.correct(contrato)
            .map(|amount| amount.round().to_string())
    }

    const SERIES: [(&str, &str); 3] = [("2026-01", "0.5"), ("2026-02", "1"), ("2026-03", "-0.2")];

    #[test]
    fn the_months_after_the_signature_count() {
        let expect = |signed, value: &str| {
            assert_eq!(
                corrected(&SERIES, &contrato(Some(signed), "Ativo")).as_deref(),
                Some(value)
            );
        };
        // 1.005 × 1.01 × 0.998; then without January; then none left.
        expect("2025-12-31", "101301.99");
        expect("2026-01-01", "100798.00");
        expect("2026-03-15", "100000.00");
        expect("2026-08-15", "100000.00");
    }

    #[test]
    fn without_a_complete_series_there_is_no_correction() {
        assert_eq!(corrected(&[], &contrato(Some("2026-01-01"), "Ativo")), None);
        assert_eq!(corrected(&SERIES, &contrato(None, "Ativo")), None);
        assert_eq!(
            corrected(&SERIES, &contrato(Some("2026-01-01"), "Quitado")),
            None
        );
        // Before the series, and before a gap in it.
        assert_eq!(
            corrected(&SERIES, &contrato(Some("2025-11-30"), "Ativo")),
            None
        );
        let gap = [("2025-12", "1"), ("2026-02", "1"), ("2026-03", "-0.2")];
        assert_eq!(
            corrected(&gap, &contrato(Some("2025-12-01"), "Ativo")),
            None
        );
    }

    #[test]
    fn indices_of_the_future_are_not_used() {
        let series = [("2026-11", "1"), ("2026-12", "50")];
        let value = corrected(&series, &contrato(Some("2026-10-05"), "Normal"));
        assert_eq!(value.as_deref(), Some("101000.00"));
    }
}
