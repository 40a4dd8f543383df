use super::*;

fn parse(line: &str) -> Result<Command, clap::error::ErrorKind> {
    let words = std::iter::once("producer").chain(line.split(' '));
    Cli::try_parse_from(words)
        .map(|cli| cli.command)
        .map_err(|error| error.kind())
}

#[test]
fn ids_come_separated_by_commas() {
    let line = "backfill --start-date 2026-01-01 --empreendimento-ids 1471,1472";
    let Ok(Command::Backfill(args)) = parse(line) else {
        panic!("{line} is not understood");
    };
    let ids: Vec<_> = args.empreendimento_ids.iter().map(|id| id.get()).collect();
    assert_eq!(ids, [1471, 1472]);
}

#[test]
fn an_explanation_is_of_an_empreendimento_or_of_the_cash_out() {
    for line in [
        "explain --empreendimento-id 1471 --month 2026-01 --json",
        "explain --saidas-caixa --month 2026-01",
    ] {
        assert!(
            matches!(parse(line), Ok(Command::Common(CommonCommand::Explain(_)))),
            "{line}"
        );
    }
}

#[test]
fn an_export_is_of_all_tables_or_of_those_named() {
    for (line, tables) in [
        ("export --format xlsx --out a.xlsx --closed", 0),
        (
            "export --format csv --out a.csv --tables delinquency,saidas_caixa --months 2026-01",
            2,
        ),
        (
            "export --format csv --out a.csv --dialect rfc --as-of 2026-03-31",
            0,
        ),
    ] {
        let Ok(Command::Common(CommonCommand::Export(args))) = parse(line) else {
            panic!("{line} is not understood");
        };
        assert_eq!(args.tables.len(), tables, "{line}");
    }
}

#[test]
fn the_end_of_a_pause_that_is_over_is_named_as_such() {
    let line = "producer pause --until 2020-01-01T00:00 --why update";
    let error = Cli::try_parse_from(line.split(' ')).unwrap_err();
    assert_eq!(error.exit_code(), 2);
    let text = error.to_string();
    assert!(
        text.contains("'--until <TIME>': that time is over"),
        "{text}"
    );
}

#[test]
fn refuses_what_makes_no_sense() {
    for line in [
        "backfill",
        "backfill --end-date 2026-01-01",
        "backfill --start-date 2026-01-01 --last-days 60",
        "backfill --last-days 60 --last-months 2",
        "backfill --last-days 60 --end-date 2026-01-01",
        "backfill --last-days 0",
        "backfill --last-days 60 --only contratos",
        "backfill --last-days 60 --filial-ids 0",
        "backfill --last-days 60 --baixa emissao",
        "backfill --last-months 0",
        "backfill --start-date 01/02/2026",
        "backfill --start-date 2026-02-30",
        "backfill --start-date 2026-01-01 --empreendimento-ids 0",
        "backfill --start-date 2026-01-01 --empreendimento-ids 1471;1472",
        "backfill --start-date 2026-01-01 --skip-recent-hours 0",
        "backfill --start-date 2026-01-01 --max-months 0",
        "backfill --start-date 2026-01-01 --dry-run --wait",
        "backfill --start-date 2026-01-01 --urgent",
        "status --watch --json",
        "requeue --cause=",
        "explain",
        "explain --empreendimento-id 1471 --saidas-caixa",
        "explain --empreendimento-id 1471 --month 2026-13",
        "status --run Not/A/Run",
        "pause",
        "pause --why=",
        "pause --until 2020-01-01T00:00 --why update",
        "cancel --why mistaken",
        "cancel --run 20261123-052000-abcdef",
        "cancel --run 20261123-052000-abcdef --why=",
        "export --format xlsx",
        "export --out a.xlsx",
        "export --format ods --out a.ods",
        "export --format xlsx --out a.xlsx --tables contratos",
        "export --format xlsx --out a.xlsx --months 2026-02..2026-01",
        "export --format xlsx --out a.xlsx --as-of 2026-03-31 --closed",
        "export --format csv --out a.csv --dialect us",
    ] {
        assert!(parse(line).is_err(), "{line}");
    }
}
