use super::*;

const CODE: &str = "000000001400";

fn line(key: &[&str], figures: &[Option<&str>], day: &str) -> Line {
    Line {
        key: key.iter().map(|part| (*part).to_owned()).collect(),
        figures: figures
            .iter()
            .map(|figure| figure.map(str::to_owned))
            .collect(),
        day: Some(day.parse().unwrap()),
    }
}

fn entrada(forecast: &str, actual: &str, day: &str) -> Line {
    line(
        &[CODE, "2026-09", "ativos"],
        &[Some(forecast), Some(actual)],
        day,
    )
}

/// A context that knows the code and the month on both sides.
fn context() -> Context {
    let codes = || BTreeSet::from([CODE.to_owned()]);
    let months = || BTreeSet::from(["2026-09".to_owned()]);
    Context {
        tolerance: "0.01".parse().unwrap(),
        empreendimentos: [codes(), codes()],
        filiais: [codes(), codes()],
        months: [months(), months()],
        ..Context::default()
    }
}

/// State, and the cause of its one part, of the first figure.
fn first(
    table: ComparedTable,
    ours: Option<&Line>,
    theirs: Option<&Line>,
    context: &Context,
) -> (State, Option<Cause>) {
    let cells = cells(table, ours, theirs, context);
    let cell = &cells[0];
    (cell.state, cell.parts.first().map(|part| part.cause))
}

#[test]
fn equal_is_what_the_kind_of_the_figure_says() {
    use FigureKind::{Amount, Count, Tenths, Text};
    for (kind, ours, theirs, is_equal) in [
        (Amount, Some("1.00"), Some("1.01"), true),
        (Amount, Some("1.00"), Some("1.011"), false),
        (Amount, None, None, true),
        (Amount, None, Some("0"), false),
        (Tenths, Some("12.0"), Some("12.1"), true),
        (Tenths, Some("12.0"), Some("12.2"), false),
        (Count, Some("3"), Some("3"), true),
        (Count, Some("3"), Some("4"), false),
        (Count, Some("3"), None, true),
        (Text, Some("Um "), Some("Um"), true),
        (Text, Some(""), None, true),
        (Text, Some("Um"), Some("um"), false),
    ] {
        let own = |text: Option<&str>| text.map(str::to_owned);
        let found = equal(kind, &own(ours), &own(theirs), "0.01".parse().unwrap());
        assert_eq!(found, is_equal, "{kind:?} {ours:?} {theirs:?}");
    }
}

#[test]
fn the_first_cause_that_holds_is_the_cause() {
    use ComparedTable::EntradasCaixa;
    let day = "2026-11-23";
    let (ours, theirs) = (entrada("2", "1", day), entrada("3", "1", day));
    let of = |context: &Context| first(EntradasCaixa, Some(&ours), Some(&theirs), context);
    assert_eq!(of(&context()), (State::Different, Some(Cause::Unexplained)));

    let mut later = context();
    later.months[1].clear();
    later.empreendimentos[1].clear();
    assert_eq!(of(&later), (State::Different, Some(Cause::Window)));
    let mut new = context();
    new.empreendimentos[1].clear();
    assert_eq!(of(&new), (State::Different, Some(Cause::NewCode)));
    new.empreendimentos[0].clear();
    assert_eq!(of(&new), (State::Different, Some(Cause::NotListed)));
    let yesterday = entrada("3", "1", "2026-11-22");
    let moved = first(EntradasCaixa, Some(&ours), Some(&yesterday), &context());
    assert_eq!(moved, (State::Different, Some(Cause::Moved)));
    let same = first(
        EntradasCaixa,
        Some(&ours),
        Some(&entrada("2.01", "1", day)),
        &context(),
    );
    assert_eq!(same, (State::Equal, None));
}

#[test]
fn a_key_of_one_side_is_a_difference_unless_it_is_zero() {
    use ComparedTable::EntradasCaixa;
    let (some, zero) = (
        entrada("2", "0", "2026-11-23"),
        entrada("0.00", "0", "2026-11-23"),
    );
    let of = |ours, theirs| first(EntradasCaixa, ours, theirs, &context());
    assert_eq!(
        of(Some(&some), None),
        (State::OnlyOurs, Some(Cause::Unexplained))
    );
    assert_eq!(
        of(None, Some(&some)),
        (State::OnlyTheirs, Some(Cause::Unexplained))
    );
    assert_eq!(of(Some(&zero), None), (State::Zero, None));
    assert_eq!(of(None, Some(&zero)), (State::Zero, None));
}

#[test]
fn activity_and_ipca_are_causes_of_their_figures() {
    let mut context = context();
    let day = "2026-11-23";
    let master = |active| line(&[CODE], &[Some(active), Some("1"), None, Some("Um")], day);
    let table = ComparedTable::Empreendimentos;
    let found = first(
        table,
        Some(&master("true")),
        Some(&master("false")),
        &context,
    );
    assert_eq!(found, (State::Different, Some(Cause::Activity)));

    let statistics = |ltv| {
        let figures = [
            Some("1"),
            Some(ltv),
            Some("1"),
            Some("1"),
            Some("1"),
            Some("1"),
        ];
        line(&[CODE, "2026-09"], &figures, day)
    };
    let table = ComparedTable::EstatisticasPortfolio;
    let ltv = |context: &Context| {
        let cells = cells(
            table,
            Some(&statistics("50")),
            Some(&statistics("51")),
            context,
        );
        cells[1].parts[0].cause
    };
    assert_eq!(ltv(&context), Cause::Unexplained);
    context.corrected.insert(CODE.to_owned());
    assert_eq!(ltv(&context), Cause::Ipca);
    context.inactive.insert(CODE.to_owned());
    assert_eq!(ltv(&context), Cause::Inactive);
}

#[test]
fn codes_are_shown_as_the_erp_writes_them() {
    let key = ["000000001400", "000000011001", "1"].map(str::to_owned);
    let contrato = readable(ComparedTable::Contratos, &key[..2]);
    assert_eq!(contrato, ["1400", "11001"]);
    let fatura = readable(ComparedTable::FaturasPagar, &key);
    assert_eq!(fatura, ["1400", "000000011001", "1"]);
}
