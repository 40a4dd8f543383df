use std::collections::{HashMap, HashSet};

use clap::Parser as _;
use domain::checks::{Check, CheckVerdict};
use domain::job::{EmpreendimentoId, FilialId, RunId, Target};
use domain::tables::{Catalogue, EmpreendimentoRow, FilialRow};

use super::*;
use crate::cli::{Cli, Command};

/// 02:30 in UTC is still the evening before in São Paulo.
const NOW: &str = "2026-11-24T02:30:00Z";

fn request(flags: &str) -> Result<Request, PlanError> {
    let words = ["producer", "backfill"]
        .into_iter()
        .chain(flags.split_whitespace());
    let Command::Backfill(args) = Cli::try_parse_from(words).expect(flags).command else {
        unreachable!("backfill parses to nothing else");
    };
    Request::resolve(&args, NOW.parse().unwrap())
}

fn id(code: i64) -> EmpreendimentoId {
    code.try_into().unwrap()
}

fn catalogue(codes: &[i64]) -> Catalogue {
    let filial_id = FilialId::try_from(7).unwrap();
    Catalogue {
        empreendimentos: codes
            .iter()
            .map(|code| EmpreendimentoRow {
                id: id(*code),
                nome: format!("Residencial {code}"),
                filial_id,
                centro_custo_id: None,
            })
            .collect(),
        filiais: vec![FilialRow {
            id: filial_id,
            nome: "Filial 7".to_owned(),
            fantasia: None,
            cnpj: None,
        }],
    }
}

/// Targets of the jobs, and of what was left out.
fn planned(flags: &str, codes: &[i64], recent: &[i64], costs: &[(i64, u64)]) -> [String; 2] {
    let plan = plan(
        &request(flags).unwrap(),
        catalogue(codes),
        &recent.iter().copied().map(id).collect(),
        &costs
            .iter()
            .map(|(code, cost)| (Target::Empreendimento(id(*code)), *cost))
            .collect(),
        &[],
    )
    .unwrap();
    [plan.jobs, plan.skipped].map(|jobs| {
        let targets: Vec<_> = jobs.iter().map(|job| job.target.to_string()).collect();
        targets.join(" ")
    })
}

#[test]
fn dates_left_out_are_those_of_sao_paulo() {
    let params = request("--start-date 2026-01-01").unwrap().params;
    assert_eq!(params.as_of.to_string(), "2026-11-23");
    assert_eq!(params.end_date.to_string(), "2026-11-22");
}

#[test]
fn yesterday_is_the_day_before_as_of() {
    let params = request("--start-date 2026-01-01 --as-of 2026-03-01")
        .unwrap()
        .params;
    assert_eq!(params.end_date.to_string(), "2026-02-28");
}

#[test]
fn refuses_windows_that_cannot_be_meant() {
    let cases = [
        (
            "--start-date 2026-12-01",
            "end_date 2026-11-22 is before start_date 2026-12-01",
        ),
        (
            "--start-date 2026-01-01 --end-date 2025-12-31",
            "end_date 2025-12-31 is before start_date 2026-01-01",
        ),
        (
            "--start-date 1026-01-01 --force",
            "start_date 1026-01-01 is not between 1950 and 2150",
        ),
        (
            "--start-date 2026-01-01 --as-of 9999-12-31",
            "end_date 9999-12-30 is not between 1950 and 2150",
        ),
        (
            "--start-date 2024-11-30",
            "2024-11-30 to 2026-11-22 touches 25 months, more than --max-months 24",
        ),
        (
            "--start-date 2026-10-31 --max-months 1",
            "2026-10-31 to 2026-11-22 touches 2 months, more than --max-months 1",
        ),
    ];
    for (flags, message) in cases {
        assert_eq!(request(flags).unwrap_err().to_string(), message, "{flags}");
    }
}

#[test]
fn accepts_a_long_window_that_is_meant() {
    assert!(request("--start-date 2024-12-31").is_ok(), "24 months");
    assert!(request("--start-date 2016-01-01 --force").is_ok());
    assert!(request("--start-date 2016-01-01 --max-months 200").is_ok());
}

#[test]
fn the_control_total_of_payables_is_left_out_on_request() {
    let without = |flags: &str| request(flags).unwrap().payables.no_control;
    assert!(!without("--last-months 1"));
    assert!(without("--last-months 1 --no-control"));
}

#[test]
fn recent_means_hours_before_now() {
    let skip = |flags: &str| request(flags).unwrap().skip;
    assert_eq!(skip("--start-date 2026-01-01"), None);
    for (hours, since, oldest_view) in [
        (12, "2026-11-23T14:30:00Z", "2026-11-22"),
        (24, "2026-11-23T02:30:00Z", "2026-11-22"),
        (25, "2026-11-23T01:30:00Z", "2026-11-21"),
    ] {
        let flags = format!("--start-date 2026-01-01 --skip-recent-hours {hours}");
        let expected = SkipRecent {
            since: since.parse().unwrap(),
            oldest_view: oldest_view.parse().unwrap(),
        };
        assert_eq!(skip(&flags), Some(expected), "{hours}");
    }
}

/// The check of a catalogue of the first so many codes, where there were so many before.
fn shrank(listed: i64, known: i64, flags: &str) -> Result<Check, PlanError> {
    let codes: Vec<_> = (1..=listed).collect();
    let known: Vec<_> = (1..=known).map(id).collect();
    let request = request(&format!("--start-date 2026-01-01 {flags}")).unwrap();
    let nothing = (HashSet::new(), HashMap::new());
    plan(&request, catalogue(&codes), &nothing.0, &nothing.1, &known).map(|plan| plan.check)
}

#[test]
fn a_catalogue_that_lost_many_is_no_plan_unless_accepted() {
    let verdict = |listed, known, flags| shrank(listed, known, flags).map(|check| check.verdict);
    assert_eq!(verdict(20, 20, ""), Ok(CheckVerdict::Passed));
    assert_eq!(verdict(25, 20, ""), Ok(CheckVerdict::Passed));
    // Two always may go, and a tenth.
    assert_eq!(verdict(3, 5, ""), Ok(CheckVerdict::Noted));
    assert_eq!(verdict(27, 30, ""), Ok(CheckVerdict::Noted));
    let missing = vec![id(3), id(4), id(5)];
    let error = shrank(2, 5, "").unwrap_err();
    assert_eq!(error, PlanError::CatalogueShrank { missing, known: 5 });
    assert_eq!(
        error.to_string(),
        "the ERP no longer lists 3 of 5 empreendimentos with contratos: 3, 4, 5"
    );
    assert_eq!(verdict(2, 5, "--accept-change"), Ok(CheckVerdict::Accepted));
    let accepted = shrank(2, 5, "--accept-change").unwrap();
    assert_eq!(accepted.samples, ["3", "4", "5"]);
}

#[test]
fn orders_and_selects() {
    let all = "--start-date 2026-01-01";
    let two = "--start-date 2026-01-01 --empreendimento-ids 9,3,9";
    let codes = [3, 5, 7, 9];
    // (flags, recent, costs, jobs, left out)
    type Case<'a> = (&'a str, &'a [i64], &'a [(i64, u64)], &'a str, &'a str);
    let cases: [Case<'_>; 7] = [
        (all, &[], &[], "saidas-caixa 3 5 7 9", ""),
        (
            all,
            &[],
            &[(3, 1), (5, 80), (7, 9), (9, 9)],
            "saidas-caixa 5 7 9 3",
            "",
        ),
        (all, &[], &[(3, 1), (7, 80)], "saidas-caixa 5 9 7 3", ""),
        (all, &[7, 5, 42], &[], "saidas-caixa 3 9", "5 7"),
        (all, &codes, &[], "saidas-caixa", "3 5 7 9"),
        (two, &[], &[(3, 1), (9, 2)], "9 3", ""),
        (two, &codes, &[], "", "3 9"),
    ];
    for (flags, recent, costs, jobs, left_out) in cases {
        assert_eq!(
            planned(flags, &codes, recent, costs),
            [jobs, left_out],
            "{flags}, recent {recent:?}, costs {costs:?}"
        );
    }
}

#[test]
fn names_every_unknown_empreendimento() {
    let request = request("--start-date 2026-01-01 --empreendimento-ids 8,3,4").unwrap();
    let error = plan(
        &request,
        catalogue(&[3]),
        &HashSet::new(),
        &HashMap::new(),
        &[],
    )
    .unwrap_err();
    assert_eq!(error.to_string(), "the ERP lists no empreendimento 4, 8");
}

#[test]
fn an_empty_catalogue_is_no_plan() {
    let request = request("--start-date 2026-01-01").unwrap();
    let error = plan(
        &request,
        catalogue(&[]),
        &HashSet::new(),
        &HashMap::new(),
        &[],
    )
    .unwrap_err();
    assert_eq!(error, PlanError::EmptyCatalogue);
}

#[test]
fn the_whole_catalogue_is_recorded_whatever_was_selected() {
    let request = request("--start-date 2026-01-01 --empreendimento-ids 3").unwrap();
    let plan = plan(
        &request,
        catalogue(&[3, 5]),
        &HashSet::new(),
        &HashMap::new(),
        &[],
    )
    .unwrap();
    let id = RunId::new(NOW.parse().unwrap());
    let run = plan.into_run(id, "ana@office".to_owned());
    assert_eq!(
        (run.jobs.len(), run.empreendimentos.len(), run.filiais.len()),
        (1, 2, 1)
    );
    assert!(
        run.id.as_str().starts_with("20261123-233000-"),
        "{}",
        run.id
    );
}

#[test]
fn relative_windows_end_yesterday_in_sao_paulo() {
    for (flags, window) in [
        ("--last-days 60 --as-of 2026-11-25", "2026-09-25 2026-11-24"),
        ("--last-days 1 --as-of 2026-11-25", "2026-11-23 2026-11-24"),
        (
            "--last-months 2 --as-of 2026-11-25",
            "2026-10-01 2026-11-24",
        ),
        (
            "--last-months 1 --as-of 2026-11-25",
            "2026-11-01 2026-11-24",
        ),
        // On the first of a month, the month of the day before is the last.
        (
            "--last-months 2 --as-of 2026-12-01",
            "2026-10-01 2026-11-30",
        ),
        (
            "--last-months 3 --as-of 2027-01-15",
            "2026-11-01 2027-01-14",
        ),
        ("--last-days 30 --as-of 2024-03-01", "2024-01-30 2024-02-29"),
        // The 23rd in São Paulo.
        ("--last-days 2", "2026-11-20 2026-11-22"),
    ] {
        let params = request(flags).unwrap().params;
        let found = format!("{} {}", params.start_date, params.end_date);
        assert_eq!(found, window, "{flags}");
    }
}

#[test]
fn one_kind_of_work_alone() {
    let names = |flags: &str| {
        let plan = plan(
            &request(&format!("--last-months 1 {flags}")).unwrap(),
            catalogue(&[1, 2]),
            &HashSet::new(),
            &HashMap::new(),
            &[],
        );
        let jobs = plan
            .unwrap()
            .into_run(RunId::new(NOW.parse().unwrap()), "ana@office".to_owned())
            .jobs;
        jobs.iter().map(|job| job.nome.clone()).collect::<Vec<_>>()
    };
    let all = "saídas de caixa, all filiais";
    let [one, two] = ["Residencial 1", "Residencial 2"];
    for (flags, jobs) in [
        ("", &[all, one, two][..]),
        ("--only empreendimentos", &[one, two]),
        ("--only saidas-caixa", &[all]),
        ("--empreendimento-ids 2", &[two]),
        ("--only empreendimentos --empreendimento-ids 2", &[two]),
        (
            "--filial-ids 107,100",
            &["saídas de caixa, filiais 100, 107", one, two],
        ),
        (
            "--only saidas-caixa --filial-ids 100",
            &["saídas de caixa, filiais 100"],
        ),
    ] {
        assert_eq!(names(flags), jobs, "{flags}");
    }
    for flags in [
        "--only saidas-caixa --empreendimento-ids 2",
        "--only empreendimentos --filial-ids 100",
        "--empreendimento-ids 2 --filial-ids 100",
    ] {
        let error = request(&format!("--last-months 1 {flags}")).unwrap_err();
        assert!(matches!(error, PlanError::Flags(_)), "{flags}");
        assert_eq!(error.exit() as u8, 2);
    }
}
