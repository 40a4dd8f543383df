use domain::checks::CheckVerdict::{Accepted, Failed, Noted, Passed};
use domain::checks::{CheckVerdict, MOST_SAMPLES};
use domain::job::ContratoId;
use domain::manifest::Tally;
use domain::tables::{
    Bucket, Category, ContratoRow, DelinquencyRow, EmpreendimentoResult, EntradaRow, Figure, Parts,
    SaidasCaixaResult,
};

use domain::manifest::{Balance, Manifest};
use domain::money::{Amount, Money};
use fold::{Findings, Sampled};

use super::*;
use crate::cash_out::FaturaFindings;
use crate::cash_out::control::{Comparison, Control, ControlOutcome};

fn reais(reais: i64) -> Amount {
    Amount::from_centavos(reais * 100)
}

fn balance(reais_: i64) -> Balance {
    Balance {
        source: reais(reais_),
        published: reais(reais_),
        ..Balance::default()
    }
}

/// A result of so many contratos with so many parcelas each, of R$ 1000 each.
fn folded(contratos: i64, parcelas: u64) -> Folded {
    let ids = || (1..=contratos).map(|id| ContratoId::try_from(id).unwrap());
    let total = contratos as u64 * parcelas;
    let amount = total as i64 * 1000;
    let measures = ["forecast", "actual", "vp", "valor_contrato"];
    Folded {
        result: EmpreendimentoResult {
            contratos: ids()
                .map(|id| ContratoRow {
                    id,
                    status: "Ativo".to_owned(),
                    valor_contrato: reais(1).round(),
                    valor_atualizado_ipca: None,
                    data_assinatura: None,
                })
                .collect(),
            is_active: true,
            entradas: vec![],
            delinquency: vec![],
            portfolio: vec![],
            memory: ids().map(|id| memory(id.get(), parcelas)).collect(),
            manifest: Manifest {
                contratos_listed: contratos as u64,
                contratos_fetched: contratos as u64,
                records_read: total,
                records_counted: total,
                balances: measures
                    .map(|measure| (measure.to_owned(), balance(amount)))
                    .into(),
                ..Manifest::default()
            },
        },
        findings: Findings {
            contratos: contratos as u64,
            ..Findings::default()
        },
    }
}

fn memory(id: i64, parcelas: u64) -> ContratoMemory {
    ContratoMemory {
        id: id.try_into().unwrap(),
        parcelas,
        forecast: reais(parcelas as i64 * 1000),
        vp: reais(parcelas as i64 * 1000),
        parts: Parts::default(),
    }
}

fn sampled(count: u64) -> Sampled {
    let mut sampled = Sampled::default();
    for code in 0..count {
        sampled.add(reais(1), code);
    }
    sampled
}

/// The committed view of a result.
fn commit_of(folded: &Folded) -> (PreviousCommit, Vec<ContratoMemory>) {
    let day = "2026-01-01".parse().unwrap();
    let previous = PreviousCommit {
        params: domain::job::RunParams {
            start_date: day,
            end_date: day,
            as_of: day,
        },
        manifest: folded.result.manifest.clone(),
    };
    (previous, folded.result.memory.clone())
}

/// All checks of a result after a commit, whether or not they fail the job.
fn after(before: &Folded, now: &Folded, accepted: &Acceptance) -> Vec<Check> {
    let (previous, memory) = commit_of(before);
    made(empreendimento(now, Some(&previous), &memory, accepted))
}

fn made(checks: Result<Vec<Check>, JobError>) -> Vec<Check> {
    checks.unwrap_or_else(JobError::into_checks)
}

fn first(now: &Folded) -> Vec<Check> {
    made(empreendimento(now, None, &[], &Acceptance::default()))
}

fn of(checks: &[Check], name: CheckName) -> &Check {
    checks.iter().find(|check| check.name == name).unwrap()
}

fn verdict(checks: &[Check], name: CheckName) -> CheckVerdict {
    of(checks, name).verdict
}

#[test]
fn a_result_in_order_passes_every_check() {
    let result = folded(10, 30);
    let checks = after(&result, &result, &Acceptance::default());
    assert!(
        checks.iter().all(|check| check.verdict == Passed),
        "{checks:?}"
    );
    assert_eq!(checks.len(), 14);
}

#[test]
fn what_did_not_arrive_or_does_not_add_up_is_a_fault_of_ours() {
    let mut missing = folded(10, 30);
    missing.result.manifest.contratos_fetched = 9;
    let error = empreendimento(&missing, None, &[], &Acceptance::default()).unwrap_err();
    assert_eq!(error.fingerprint(), "bug/whole");
    for (measure, name) in [
        ("forecast", CheckName::BalancedForecast),
        ("actual", CheckName::BalancedActual),
        ("vp", CheckName::BalancedVp),
        ("valor_contrato", CheckName::BalancedValorContrato),
    ] {
        let mut off = folded(10, 30);
        let balance = off.result.manifest.balances.get_mut(measure).unwrap();
        balance.source += Amount::from_centavos(1);
        assert_eq!(verdict(&first(&off), name), Failed, "{measure}");
    }
}

#[test]
fn parcelas_are_judged_by_themselves_and_one_in_a_hundred_may_be_rejected() {
    let rejected = |count| {
        let mut result = folded(100, 2);
        result.findings.parcelas.rejected = sampled(count);
        let tally = Tally {
            count,
            amount: Amount::ZERO,
        };
        let reason = "vlr_pago: not a number".to_owned();
        result.result.manifest.rejected = [(reason, tally)].into();
        result
    };
    assert_eq!(
        verdict(&first(&rejected(2)), CheckName::ReadableParcelas),
        Noted
    );
    let error = empreendimento(&rejected(3), None, &[], &Acceptance::default()).unwrap_err();
    assert_eq!(error.fingerprint(), "data/readable-parcelas-vlr_pago");
}

#[test]
fn contratos_of_another_empreendimento_are_noted_until_they_are_many() {
    let foreign = |count, listed| {
        let mut result = folded(10, 30);
        result.findings.contratos = listed;
        result.findings.foreign = sampled(count);
        verdict(&first(&result), CheckName::Belongs)
    };
    assert_eq!(foreign(0, 10), Passed);
    assert_eq!(foreign(1, 11), Noted, "one always may");
    assert_eq!(foreign(2, 200), Noted, "one in a hundred");
    assert_eq!(foreign(2, 199), Failed);
}

#[test]
fn what_comes_twice_or_has_no_month_is_noted_with_samples() {
    let mut result = folded(10, 30);
    result.findings.parcelas.repeated = sampled(50);
    result.findings.parcelas.unplaced = sampled(1);
    result.findings.assinatura_unreadable = sampled(10);
    let checks = first(&result);
    for name in [
        CheckName::Once,
        CheckName::Placed,
        CheckName::ReadableContratos,
    ] {
        assert_eq!(verdict(&checks, name), Noted, "{name}");
    }
    assert_eq!(of(&checks, CheckName::Once).samples.len(), MOST_SAMPLES);
    let once = &of(&checks, CheckName::Once).observed;
    assert_eq!(once, "50 parcelas listed again (R$ 50.00)");
}

#[test]
fn a_fall_by_more_than_half_is_implausible_above_the_floor() {
    let none = Acceptance::default();
    let fell = |before: &Folded, now: &Folded| {
        let checks = after(before, now, &none);
        let check = of(&checks, CheckName::PlausibleTarget);
        check.subjects.clone()
    };
    let all = [
        "contratos",
        "parcelas",
        "actual",
        "forecast",
        "valor_contrato",
        "vp",
    ];
    assert_eq!(fell(&folded(11, 2), &folded(5, 2)), all);
    assert_eq!(fell(&folded(20, 2), &folded(10, 2)), [""; 0]);
    // So few that amounts alone say something.
    assert_eq!(fell(&folded(10, 1), &folded(0, 0)), all[2..]);
    let error = empreendimento(
        &folded(5, 2),
        Some(&commit_of(&folded(11, 2)).0),
        &[],
        &none,
    );
    let error = error.unwrap_err();
    assert_eq!(
        error.fingerprint(),
        "implausible/plausible-target-contratos"
    );
    assert!(
        error
            .to_string()
            .ends_with("if that is right: requeue --accept-change"),
        "{error}"
    );
}

#[test]
fn what_comes_twice_is_no_fall_when_it_comes_once_again() {
    let mut doubled = folded(20, 20);
    let manifest = &mut doubled.result.manifest;
    manifest.records_read *= 3;
    for balance in manifest.balances.values_mut() {
        balance.not_counted = balance.source + balance.source;
        balance.source = balance.source.times(3);
    }
    let checks = after(&doubled, &folded(20, 20), &Acceptance::default());
    assert_eq!(verdict(&checks, CheckName::PlausibleTarget), Passed);
}

#[test]
fn contratos_that_were_there_before_hardly_double() {
    let none = Acceptance::default();
    let grew = |before: &Folded, now: &Folded| {
        let checks = after(before, now, &none);
        of(&checks, CheckName::PlausibleGrowth).subjects.clone()
    };
    assert_eq!(
        grew(&folded(11, 10), &folded(11, 21)),
        ["parcelas", "forecast", "vp"]
    );
    assert_eq!(
        grew(&folded(11, 10), &folded(11, 20)),
        [""; 0],
        "just doubled"
    );
    assert_eq!(grew(&folded(10, 10), &folded(40, 10)), [""; 0], "new ones");
    assert_eq!(
        grew(&folded(10, 9), &folded(10, 40)),
        [""; 0],
        "below the floors"
    );
}

#[test]
fn a_contrato_that_lost_all_its_parcelas_is_named_unless_it_is_over() {
    let before = folded(100, 11);
    let lost = |left: u64, status: &str| {
        let mut now = folded(100, 11);
        now.result.memory[6].parcelas = left;
        now.result.contratos[6].status = status.to_owned();
        let checks = after(&before, &now, &Acceptance::default());
        let check = of(&checks, CheckName::PlausibleContrato);
        (check.verdict, check.samples.clone())
    };
    let named = |verdict| (verdict, vec!["7".to_owned()]);
    assert_eq!(lost(0, "Ativo"), named(Failed));
    for over in ["Distratado", "QUITADO", " d ", "q"] {
        assert_eq!(lost(0, over), named(Noted), "{over}");
    }
    assert_eq!(lost(5, "Ativo"), named(Noted));
    assert_eq!(lost(6, "Ativo"), (Passed, vec![]));
    // Ten may go.
    let few = folded(100, 10);
    let mut none_left = folded(100, 10);
    none_left.result.memory[6].parcelas = 0;
    let checks = after(&few, &none_left, &Acceptance::default());
    assert_eq!(verdict(&checks, CheckName::PlausibleContrato), Passed);
}

#[test]
fn an_acceptance_covers_its_checks_alone() {
    let (before, mut now) = (folded(100, 11), folded(100, 11));
    now.result.memory[6].parcelas = 0;
    let mut accepted = Acceptance::default();
    accepted.add("plausible-contrato", ["7".to_owned()]);
    let checks = after(&before, &now, &accepted);
    assert_eq!(verdict(&checks, CheckName::PlausibleContrato), Accepted);
    now.result.memory[7].parcelas = 0;
    let checks = after(&before, &now, &accepted);
    assert_eq!(verdict(&checks, CheckName::PlausibleContrato), Failed);
}

#[test]
fn without_a_memory_nothing_is_compared() {
    let (previous, _) = commit_of(&folded(100, 11));
    let checks = empreendimento(
        &folded(100, 30),
        Some(&previous),
        &[],
        &Acceptance::default(),
    );
    for name in [CheckName::PlausibleGrowth, CheckName::PlausibleContrato] {
        assert_eq!(
            verdict(&made(Ok(checks.as_ref().unwrap().clone())), name),
            Passed
        );
    }
}

#[test]
fn payables_are_held_against_the_same_window_of_the_table() {
    let check = |listed: u64, held: u64| {
        let amount = listed as i64 * 10;
        let listed = CashOut {
            result: SaidasCaixaResult {
                faturas: vec![],
                manifest: Manifest {
                    records_counted: listed,
                    balances: [
                        ("orcamento".to_owned(), balance(amount)),
                        ("realizado".to_owned(), balance(0)),
                    ]
                    .into(),
                    ..Manifest::default()
                },
            },
            findings: FaturaFindings::default(),
            controls: vec![],
        };
        let held = FaturasDue {
            count: held,
            valor: reais(held as i64 * 10),
        };
        let checks = made(cash_out(&listed, held, &Acceptance::default()));
        of(&checks, CheckName::PlausibleWindow).subjects.clone()
    };
    assert_eq!(check(5, 11), ["faturas", "orcamento"]);
    assert_eq!(check(6, 11), [""; 0]);
    assert_eq!(check(900, 0), [""; 0]);
}

#[test]
fn a_figure_is_what_its_contratos_add_rounded_once() {
    let month = "2026-01".parse().unwrap();
    let mut now = folded(2, 0);
    // Each rounded by itself, 0.004 and 0.004 would be nothing.
    for contrato in &mut now.result.memory {
        let tenths_of_centavos = || std::iter::once("0.004".parse().unwrap());
        let parts = &mut contrato.parts;
        parts.push(
            Figure::Actual(Category::Outras),
            month,
            tenths_of_centavos(),
        );
        parts.push(Figure::Overdue(Bucket::UpTo30), month, tenths_of_centavos());
    }
    let centavo = Money::from_centavos(1);
    let nothing = Money::from_centavos(0);
    now.result.entradas = vec![EntradaRow {
        ref_month: month,
        category: Category::Outras,
        forecast: nothing,
        actual: centavo,
        details: serde_json::Value::Null,
    }];
    now.result.delinquency = vec![DelinquencyRow {
        ref_month: month,
        buckets: [centavo, nothing, nothing, nothing, nothing],
        total: centavo,
        details: serde_json::Value::Null,
    }];
    let name = CheckName::ByContrato;
    assert_eq!(verdict(&first(&now), name), Passed);

    now.result.delinquency[0].total = nothing;
    now.result.entradas[0].forecast = centavo;
    let checks = first(&now);
    assert_eq!(verdict(&checks, name), Failed);
    assert_eq!(
        of(&checks, name).samples,
        [
            "entradas_caixa 2026-01 forecast outras",
            "delinquency 2026-01 total"
        ]
    );
}

#[test]
fn the_erps_own_totals_are_noted_where_they_differ_or_are_not_given() {
    let check = |outcome| {
        let of = "payables";
        sound::control_total(&[Control { of, outcome }])
    };
    let compared = |differing: u64| {
        ControlOutcome::Compared(Comparison {
            differing,
            samples: (0..differing).map(|ap| format!("AP {ap}")).collect(),
            ..Comparison::default()
        })
    };
    let agrees = check(compared(0));
    assert_eq!((agrees.verdict, agrees.samples.len()), (Passed, 0));
    let differs = check(compared(2));
    assert_eq!((differs.verdict, differs.samples.len()), (Noted, 2));
    let left_out = check(ControlOutcome::LeftOut("--no-control"));
    assert_eq!(left_out.verdict, Passed);
    assert_eq!(left_out.observed, "not asked: payables (--no-control)");
    let not_given = check(ControlOutcome::NotGiven("404".to_owned()));
    assert_eq!(not_given.verdict, Noted);
    assert_eq!(not_given.observed, "not asked: payables (404)");
}
