use domain::money::Money;
use domain::tables::FaturaKey;

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
    let mut year = Period::new(None, day("2026-01-01"), day("2026-12-31"));
    for record in [
        fatura("900", "2026-05-01", 0),
        fatura("900", "2026-05-01", 0),
        fatura("900", "2026-05-01", 1000),
        fatura("901", "2026-05-01", 0),
        fatura("902", "2027-01-01", 0),
    ] {
        year.add(record);
    }
    let mut next_year = Period::new(None, day("2027-01-01"), day("2027-12-31"));
    next_year.add(fatura("902", "2027-01-01", 0));
    let mut all = Faturas::default();
    all.add(year);
    all.add(next_year);
    let CashOut {
        result, findings, ..
    } = all.finish();
    assert_eq!(
        (findings.periods, &findings.repeated.samples[..]),
        (2, &["AP 900".to_owned()][..])
    );
    let [year, next_year] = result.faturas.as_slice() else {
        panic!("{:?}", result.faturas);
    };
    assert_eq!((year.len(), next_year.len()), (2, 1));
    assert_eq!(year[0].saldo_atual, Money::ZERO, "the first listed counts");
    let manifest = &result.manifest;
    assert_eq!((manifest.records_read, manifest.records_counted), (6, 3));
    assert_eq!(manifest.noted[REPEATED].count, 1);
    assert_eq!(manifest.noted[REPEATED_OTHERWISE].count, 1);
    assert_eq!(manifest.records_rejected(), 1);
    for (measure, sum) in [(ORCAMENTO, "60.00"), (REALIZADO, "40.00")] {
        let balance = &manifest.balances[measure];
        assert_eq!(balance.source, balance.accounted(), "{measure}");
        assert_eq!(balance.source.to_string(), sum, "{measure}");
    }
}
