use chrono::{DateTime, Utc};
use domain::failure::{Cause, FailureClass};
use domain::job::{EmpreendimentoId, Target};
use domain::ledger::{RequeueRecord, WorkerId};
use domain::manifest::{Balance, Manifest};
use domain::money::Amount;

use super::*;
use crate::fixtures::{at, check, run};
use crate::report::{Checks, balances, changes, rules_of};

fn id(code: i64) -> EmpreendimentoId {
    EmpreendimentoId::try_from(code).unwrap()
}

fn manifest(contratos: u64, forecast: i64) -> Manifest {
    let balance = Balance {
        source: Amount::from_centavos(forecast),
        published: Amount::from_centavos(forecast - 500),
        outside_window: Amount::from_centavos(500),
        ..Balance::default()
    };
    Manifest {
        contratos_listed: contratos,
        contratos_fetched: contratos,
        records_read: contratos * 10,
        records_counted: contratos * 10,
        balances: [("forecast".to_owned(), balance)].into(),
        ..Manifest::default()
    }
}

fn attempt(generation: i64, outcome: &str, manifest: Option<Manifest>) -> AttemptRecord {
    AttemptRecord {
        generation,
        run: run().id,
        params: run().params,
        worker: WorkerId::named("host-1-abcd"),
        started_at: at("08:20:00"),
        finished_at: (outcome != "running").then(|| at("08:25:00")),
        outcome: outcome.to_owned(),
        cause: None,
        manifest,
    }
}

fn row(month: &str, category: &str, synced_at: DateTime<Utc>) -> PublishedRow {
    PublishedRow {
        table: "entradas_caixa",
        ref_month: Some(month.parse().unwrap()),
        category: Some(category.to_owned()),
        values: vec![
            ("forecast", "10.00".to_owned()),
            ("actual", "0.50".to_owned()),
        ],
        run: run().id,
        synced_at,
        generation: Some(3),
        worker: Some(WorkerId::named("host-1-abcd")),
        imported_from: None,
    }
}

fn explained(month: Option<&str>) -> Explanation {
    let contratos = PublishedRow {
        table: "contratos",
        ref_month: None,
        category: None,
        values: vec![("contratos", "12".to_owned())],
        ..row("2026-01", "", at("08:25:00"))
    };
    let mut figures = vec![contratos];
    for (written, months) in [
        ("08:25:00", ["2026-01", "2026-02"]),
        ("08:29:00", ["2026-03"; 2]),
    ] {
        let months = months
            .into_iter()
            .filter(|one| month.is_none_or(|month| month == *one));
        figures.extend(months.map(|month| row(month, "ativos", at(written))));
    }
    let failed = AttemptRecord {
        cause: Some(Cause {
            class: FailureClass::Transient,
            fingerprint: "transient/timeout".to_owned(),
            message: "DadosContrato: no answer \u{1b}[2J".to_owned(),
        }),
        ..attempt(2, "retry", None)
    };
    let (before, now) = (manifest(10, 100_000), manifest(12, 90_050));
    Explanation {
        target: Target::Empreendimento(id(1471)),
        nome: "Residencial 1471".to_owned(),
        month: month.map(|month| month.parse().unwrap()),
        rules: rules_of(&figures),
        figures,
        payables: None,
        checks: Checks::of(vec![check("once", "noted", &["5"])]),
        balances: balances(&now),
        changes: Some(changes(&before, &now)),
        commit: Some(attempt(3, "done", Some(now.clone()))),
        previous: Some(attempt(1, "done", Some(before))),
        attempts: vec![
            attempt(4, "running", None),
            attempt(3, "done", Some(now)),
            failed,
        ],
        requeues: vec![RequeueRecord {
            run: run().id,
            at: at("08:18:00"),
            by: "ana@escritorio".to_owned(),
            fingerprint: Some("transient/timeout".to_owned()),
            accept_change: true,
            accepted: "plausible-target: contratos".to_owned(),
            filter: "all".to_owned(),
        }],
        closes: vec![],
        after_close: vec![],
    }
}

#[test]
fn the_figures_of_a_month() {
    insta::assert_snapshot!(super::explanation(&explained(Some("2026-01"))));
}

#[test]
fn all_figures_by_who_wrote_them() {
    insta::assert_snapshot!(super::explanation(&explained(None)));
}

#[test]
fn the_json_form_is_the_one_scripts_read() {
    let explanation = Explanation {
        attempts: vec![],
        ..explained(Some("2026-03"))
    };
    insta::assert_snapshot!(serde_json::to_string_pretty(&explanation).unwrap());
}

#[test]
fn a_first_commit_has_nothing_to_compare_with() {
    let first = Explanation {
        previous: None,
        changes: None,
        ..explained(None)
    };
    let text = super::explanation(&first);
    assert!(text.contains("there is no earlier commit"), "{text}");
    let none = Explanation {
        commit: None,
        figures: vec![],
        attempts: vec![],
        requeues: vec![],
        closes: vec![],
        after_close: vec![],
        ..first
    };
    let text = super::explanation(&none);
    assert_eq!(
        text,
        "1471 Residencial 1471\n\nno figures are published\n\nnothing was committed\n"
    );
}

#[test]
fn amounts_have_a_currency_ratios_and_counts_have_none() {
    assert_eq!(figure("vp", "6844365.40"), "R$ 6.844.365,40");
    assert_eq!(figure("ltv", "45.32"), "45,32");
    assert_eq!(figure("prazo_medio", "120.5"), "120,5");
    assert_eq!(figure("total_contracts", "1234"), "1234");
}

#[test]
fn a_measure_only_one_commit_has_counts_from_nothing() {
    let changes = changes(&Manifest::default(), &manifest(1, 700));
    let told: Vec<_> = changes
        .iter()
        .map(|change| format!("{} {} {}", change.what, change.before, change.difference))
        .collect();
    assert_eq!(
        told,
        [
            "contratos 0 +1",
            "records 0 +10",
            "rejected 0 +0",
            "forecast read 0.00 +7.00",
            "forecast published 0.00 +2.00",
        ]
    );
}
