use super::*;

const FILIAL: &str = "000000000100";

/// A payable: due day, value, balance, day of payment, type.
fn payable(due: &str, valor: &str, saldo: &str, baixa: Option<&str>, tipo: &str) -> Line {
    let text = |text: &str| Some(text.to_owned());
    Line {
        key: vec![FILIAL.to_owned(), "1".to_owned(), "001".to_owned()],
        figures: vec![
            text(due),
            text(valor),
            text(saldo),
            baixa.map(str::to_owned),
            text(tipo),
        ],
        day: None,
    }
}

/// Takes in the payables of a key, of a filial that the old tables know or not.
fn add(payments: &mut Payments, ours: &[Line], theirs: &[Line], known: bool) {
    let known = known.then(|| FILIAL.to_owned()).into_iter().collect();
    payments.add(&pairs(ours, theirs, &known));
}

/// The parts of a cell of the filial: cause, ours − theirs.
fn parts(
    payments: &Payments,
    month: &str,
    tipo: &str,
    figure: &str,
    ours: i64,
    theirs: i64,
) -> Vec<String> {
    let key = [FILIAL, month, tipo].map(str::to_owned);
    let parts = payments.parts(&key, figure, ours.into(), theirs.into());
    let sum: Decimal = parts.iter().map(|part| part.ours - part.theirs).sum();
    assert_eq!(sum, Decimal::from(ours - theirs), "the parts add up");
    parts
        .iter()
        .map(|part| format!("{} {}", part.cause, part.ours - part.theirs))
        .collect()
}

#[test]
fn equal_payables_explain_nothing() {
    let mut payments = Payments::default();
    let line = payable("2026-09-10", "100", "0", Some("2026-10-01"), "NF");
    add(
        &mut payments,
        std::slice::from_ref(&line),
        std::slice::from_ref(&line),
        true,
    );
    assert_eq!(
        parts(&payments, "2026-09", "NF", "orcamento", 100, 100),
        [""; 0]
    );
    assert_eq!(
        parts(&payments, "2026-10", "NF", "realizado", 100, 100),
        [""; 0]
    );
}

#[test]
fn each_cause_takes_its_part_of_the_cell() {
    let open = |due: &str, valor: &str, tipo: &str| payable(due, valor, valor, None, tipo);
    let paid = |baixa: &str| payable("2026-09-10", "100", "0", Some(baixa), "NF");
    let none: [Line; 0] = [];

    // Two of ours share a key, of which they hold one.
    let mut payments = Payments::default();
    let ours = [
        open("2026-09-10", "30", "NF"),
        open("2026-09-10", "100", "NF"),
    ];
    add(
        &mut payments,
        &ours,
        &[open("2026-09-10", "100", "NF")],
        true,
    );
    assert_eq!(
        parts(&payments, "2026-09", "NF", "orcamento", 130, 100),
        ["old-key 30"]
    );

    // The due day moved to another month.
    let mut payments = Payments::default();
    add(
        &mut payments,
        &[open("2026-10-10", "100", "NF")],
        &[open("2026-09-10", "100", "NF")],
        true,
    );
    assert_eq!(
        parts(&payments, "2026-09", "NF", "orcamento", 0, 100),
        ["redated -100"]
    );
    assert_eq!(
        parts(&payments, "2026-10", "NF", "orcamento", 100, 0),
        ["redated 100"]
    );

    // Another day of payment moves what is paid, and nothing that is due.
    let mut payments = Payments::default();
    add(
        &mut payments,
        &[paid("2026-10-02")],
        &[paid("2026-11-02")],
        true,
    );
    assert_eq!(
        parts(&payments, "2026-09", "NF", "orcamento", 100, 100),
        [""; 0]
    );
    assert_eq!(
        parts(&payments, "2026-10", "NF", "realizado", 100, 0),
        ["settled 100"]
    );
    assert_eq!(
        parts(&payments, "2026-11", "NF", "realizado", 0, 100),
        ["settled -100"]
    );

    let mut payments = Payments::default();
    add(&mut payments, &none, &[open("2026-09-10", "7", "NF")], true);
    add(
        &mut payments,
        &[open("2026-09-10", "5", "NF")],
        &none,
        false,
    );
    assert_eq!(
        parts(&payments, "2026-09", "NF", "orcamento", 5, 7),
        ["vanished -7", "unknown-filial 5"]
    );
    // One that they lack without a reason.
    add(
        &mut payments,
        &[open("2026-09-10", "11", "NF")],
        &none,
        true,
    );
    assert_eq!(
        parts(&payments, "2026-09", "NF", "orcamento", 16, 7),
        ["vanished -7", "unknown-filial 5", "unexplained 11"]
    );
}

#[test]
fn an_old_sum_that_its_payables_do_not_give_is_stale() {
    let mut payments = Payments::default();
    let line = payable("2026-09-10", "100", "100", None, "NF");
    add(
        &mut payments,
        std::slice::from_ref(&line),
        std::slice::from_ref(&line),
        true,
    );
    assert_eq!(
        parts(&payments, "2026-09", "NF", "orcamento", 100, 150),
        ["stale-key -50"]
    );
    assert_eq!(
        parts(&payments, "2026-08", "ISS", "realizado", 0, 9),
        ["stale-key -9"]
    );
    // And of ours nothing is left over.
    assert_eq!(
        parts(&payments, "2026-09", "NF", "orcamento", 101, 100),
        ["unexplained 1"]
    );
}
