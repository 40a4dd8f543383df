//! The end of each `--help`: examples, and what the exit codes mean.

use std::fmt::Write as _;

use crate::exit::Exit;
use crate::program::Program;

/// Adds examples and exit codes to the commands of `command`.
pub fn with_examples(command: clap::Command, program: Program) -> clap::Command {
    let settings = "Settings come from the environment and from a .env file in the working \
                    directory; .env.example lists every variable.";
    let root = format!("{}\n{settings}", exit_codes(&Exit::ALL));
    command.after_help(root).mut_subcommands(|sub| {
        let Some((examples, exits)) = of(sub.get_name()) else {
            return sub;
        };
        let mut text = "Examples:\n".to_owned();
        for example in examples {
            _ = writeln!(text, "  {} {example}", program.name());
        }
        sub.after_help(format!("{text}\n{}", exit_codes(exits)))
    })
}

type Epilogue = (&'static [&'static str], &'static [Exit]);

fn of(command: &str) -> Option<Epilogue> {
    use Exit::{Away, Decide, Done, Failed, Other, SignIn, Usage};
    Some(match command {
        "backfill" => (
            &[
                "backfill --start-date 2026-01-01",
                "backfill --start-date 2026-01-01 --dry-run",
                "backfill --start-date 2026-01-01 --end-date 2026-06-30 --wait",
                "backfill --start-date 2026-01-01 --empreendimento-ids 1471,1472 --urgent",
                "backfill --last-months 2 --wait",
                "backfill --start-date 2020-01-01 --force --skip-recent-hours 12",
            ],
            &Exit::ALL,
        ),
        "demo" => (&["demo", "demo --serve"], &[Done, Other, Usage, Failed]),
        "serve" => (
            &[
                "serve",
                "serve --users users",
                "serve --listen 0.0.0.0:8080 --trusted-proxy 10.0.0.5",
            ],
            &[Done, Other, Usage, Away],
        ),
        "status" => (
            &[
                "status",
                "status --watch",
                "status --run 20261123-052000-abcdef --json",
            ],
            &Exit::ALL,
        ),
        "cancel" => (
            &[
                "cancel --run 20261123-052000-abcdef --why 'the wrong window' --dry-run",
                "cancel --run 20261123-052000-abcdef --why 'the wrong window'",
                "cancel --run 20261123-052000-abcdef --empreendimento-ids 1471,1472 --why 'being corrected'",
            ],
            &[Done, Other, Usage, Away],
        ),
        "explain" => (
            &[
                "explain --empreendimento-id 1471",
                "explain --empreendimento-id 1471 --month 2026-01 --json",
                "explain --saidas-caixa --month 2026-01",
                "explain --empreendimento-id 1471 --month 2026-01 --contratos --category ativos",
                "explain --empreendimento-id 1471 --as-of 2026-11-01",
            ],
            &[Done, Other, Usage, Away],
        ),
        "diff" => (
            &[
                "diff",
                "diff --from 2026-11-01 --to 2026-11-15 --month 2026-11 --min 1000",
                "diff --from 20261123-052000-abcdef --empreendimento-id 1471 --json",
                "diff --since-close --csv after-close.csv",
            ],
            &[Done, Other, Usage, Away],
        ),
        "close" => (
            &[
                "close --month 2026-10 --note 'signed by Ana'",
                "close --month 2026-10 --empreendimento-ids 1471 --note 'handed over' --force",
            ],
            &[Done, Other, Usage, Away, Decide],
        ),
        "reopen" => (
            &["reopen --month 2026-10 --note 'a payment came late'"],
            &[Done, Other, Usage, Away],
        ),
        "closes" => (
            &["closes", "closes --verify --json"],
            &[Done, Other, Usage, Away, Decide],
        ),
        "failed" => (
            &[
                "failed",
                "failed --group",
                "failed --run 20261123-052000-abcdef --json",
            ],
            &[Done, Other, Usage, Failed, Away],
        ),
        "requeue" => (
            &[
                "requeue --dry-run",
                "requeue",
                "requeue --cause data/readable-parcelas-vlr_pago --dry-run",
                "requeue --empreendimento-ids 1471 --accept-change",
            ],
            &[Done, Other, Usage, Away],
        ),
        "resume" => (
            &["resume", "resume --run 20261123-052000-abcdef"],
            &[Done, Other, Usage, Away],
        ),
        "schedule" => (
            &[
                "schedule add nightly --cron \"0 2 * * *\" -- --last-months 2",
                "schedule list",
                "schedule show nightly",
                "schedule pause nightly --why 'the ERP is migrated'",
                "schedule run-now nightly",
                "schedule history nightly --json",
            ],
            &[Done, Other, Usage, Away],
        ),
        "signin" => (
            &["signin", "signin --retry"],
            &[Done, Other, Usage, SignIn, Away],
        ),
        "pause" => (
            &[
                "pause --why 'the ERP is updated'",
                "pause --until 06:00 --why 'maintenance of the ERP'",
                "pause --until 2026-11-30T06:00 --why 'nobody may touch the ERP on Sunday'",
            ],
            &[Done, Other, Usage, Away],
        ),
        "unpause" => (&["unpause"], &[Done, Other, Usage, Away]),
        "doctor" => (
            &["doctor", "doctor --sign-in", "doctor --json"],
            &[Done, Other, Usage, SignIn, Away],
        ),
        "ipca" => (
            &["ipca fetch", "ipca import ipca.csv"],
            &[Done, Other, Usage, Away],
        ),
        "history" => (
            &[
                "history import --dry-run",
                "history import --legacy-schema public --floor-month 2024-01",
            ],
            &[Done, Other, Usage, Away],
        ),
        "compare" => (
            &[
                "compare",
                "compare --month 2026-09,2026-10 --csv differences.csv",
                "compare --accept signed-off.csv --json",
            ],
            &[Done, Other, Usage, Away, Decide],
        ),
        "export" => (
            &[
                "export --format xlsx --out figures.xlsx",
                "export --format xlsx --out 2026.xlsx --months 2026-01..2026-12 --as-of 2026-11-30",
                "export --format csv --out cash-in.csv --tables entradas_caixa --dialect rfc",
                "export --format xlsx --out closed.xlsx --closed",
            ],
            &[Done, Other, Usage, Away],
        ),
        "views" => (
            &[
                "views install --for starke --into starke_compat --grant starke_api --dry-run",
                "views install --for starke --legacy-schema public --into starke_compat",
                "views refresh --into starke_compat --freeze",
                "views drop --into starke_compat",
            ],
            &[Done, Other, Usage, Away],
        ),
        "migrate" => (&["migrate"], &[Done, Other, Usage, Away]),
        "completions" => (
            &[
                "completions bash >> ~/.bash_completion",
                "completions fish > ~/.config/fish/conf.d/mega-sync.fish",
            ],
            &[Done, Other, Usage],
        ),
        _ => return None,
    })
}

fn exit_codes(exits: &[Exit]) -> String {
    let mut text = "Exit codes:\n".to_owned();
    for exit in exits {
        _ = writeln!(text, "  {}  {}", *exit as u8, exit.meaning());
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn the_definition_is_sound() {
        with_examples(Cli::command(), Program::Producer).debug_assert();
    }

    #[test]
    fn every_command_has_examples_and_exit_codes() {
        let command = with_examples(Cli::command(), Program::Producer);
        for sub in command.get_subcommands() {
            let text = sub
                .get_after_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            assert!(text.contains("  producer "), "{}", sub.get_name());
            assert!(text.contains("Exit codes:"), "{}", sub.get_name());
        }
    }

    #[test]
    fn the_help_of_the_program() {
        insta::assert_snapshot!(with_examples(Cli::command(), Program::Producer).render_help());
    }

    #[test]
    fn the_help_of_every_command() {
        let mut command = with_examples(Cli::command(), Program::Producer);
        command.build();
        for sub in command.get_subcommands_mut() {
            let name = format!("the_help_of_{}", sub.get_name());
            if name != "the_help_of_help" {
                insta::assert_snapshot!(format!("{name}_in_full"), sub.render_long_help());
            }
        }
    }

    #[test]
    fn the_help_of_backfill() {
        let mut command = with_examples(Cli::command(), Program::Producer);
        command.build();
        let backfill = command.find_subcommand_mut("backfill").unwrap();
        insta::assert_snapshot!(backfill.render_help());
    }
}
