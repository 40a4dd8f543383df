use std::time::Duration;

use mega::Route;
use runtime::environment::Source;

use super::*;
use crate::console::Console;

fn config_error() -> CommandError {
    let mut source = Source::of(|_| None);
    let settings = store::database_url(&mut source, None);
    source.finish(settings).unwrap_err().into()
}

fn unpublished(source: impl Into<PublishError>) -> CommandError {
    CommandError::Unpublished {
        run: run(),
        left: 3,
        total: 41,
        source: source.into(),
    }
}

fn run() -> RunId {
    "20261123-052000-abcdef".parse().unwrap()
}

fn away() -> QueueError {
    QueueError::Away("no route".to_owned())
}

#[test]
fn every_error_has_its_documented_code() {
    let route = Route::Empreendimentos;
    let after = Duration::from_secs(60);
    let text = || "x".to_owned();
    let cases: Vec<(CommandError, u8)> = vec![
        (config_error(), 2),
        (PlanError::Window(text()).into(), 2),
        (PlanError::Unknown(vec![]).into(), 2),
        (PlanError::EmptyCatalogue.into(), 1),
        (CommandError::Catalogue(vec![]), 1),
        (ScheduleError::Zone(text()).into(), 2),
        (CommandError::NoRun, 2),
        (CommandError::UnknownRun(run()), 2),
        (
            CommandError::NotFailed {
                run: run(),
                what: vec![],
            },
            2,
        ),
        (unpublished(away()), 5),
        (unpublished(QueueError::Refused(text())), 5),
        (unpublished(StoreError::Away(text())), 5),
        (away().into(), 5),
        (QueueError::Refused(text()).into(), 1),
        (StoreError::Away(text()).into(), 5),
        (StoreError::Refused(text()).into(), 1),
        (StoreError::Url(text()).into(), 2),
        (StoreError::Schema(text()).into(), 2),
        (StoreError::Unsuitable(text()).into(), 2),
        (MegaError::SignInRefused { why: text() }.into(), 4),
        (MegaError::Connection { route, why: text() }.into(), 5),
        (MegaError::Timeout { route, after }.into(), 5),
        (MegaError::Unavailable { route, status: 503 }.into(), 5),
        (
            MegaError::Shape {
                route,
                problem: text(),
            }
            .into(),
            1,
        ),
        (MegaError::SessionStore(StoreError::Away(text())).into(), 5),
        (SetupError::TenantId.into(), 2),
        (SetupError::Http(text()).into(), 1),
        (ExportError::Stdout.into(), 2),
        (ExportError::Dialect.into(), 2),
        (
            ExportError::Unwritable {
                file: "figures.xlsx".into(),
                why: text(),
            }
            .into(),
            2,
        ),
        (
            ExportError::Write {
                file: "figures.xlsx".into(),
                why: io::ErrorKind::StorageFull.into(),
            }
            .into(),
            1,
        ),
        (ExportError::Interrupted.into(), 1),
        (anyhow::anyhow!("no port").into(), 1),
        (CommandError::Output(io::ErrorKind::StorageFull.into()), 1),
    ];
    for (error, code) in cases {
        assert_eq!(error.exit() as u8, code, "{error:?}");
    }
}

fn concluded(result: Result<Exit, CommandError>) -> String {
    let mut err = Vec::new();
    Console::captured(Program::Producer, io::sink(), &mut err).conclude(result);
    String::from_utf8(err).unwrap()
}

#[test]
fn a_broker_lost_halfway_names_the_run_and_the_way_on() {
    insta::assert_snapshot!(concluded(Err(unpublished(away()))), @r"
    error: run 20261123-052000-abcdef is recorded, but 3 of 41 messages are not published: the broker is away: no route
    hint: nothing is lost; when the service is back: producer resume --run 20261123-052000-abcdef
    ");
}

#[test]
fn rejections_of_the_catalogue_are_named() {
    let rejection = |code| Rejection {
        code,
        reason: "codigoFilial: missing".to_owned(),
        amount: None,
    };
    let error = CommandError::Catalogue(vec![rejection(Some(1471)), rejection(None)]);
    insta::assert_snapshot!(concluded(Err(error)), @r"
    error: the ERP's list of empreendimentos is not readable: 1471 (codigoFilial: missing), one without a code (codigoFilial: missing)
    hint: correct it in the ERP
    ");
}

#[test]
fn a_reader_that_went_away_is_no_error() {
    let closed = CommandError::Output(io::ErrorKind::BrokenPipe.into());
    assert_eq!(concluded(Err(closed)), "");
    assert_eq!(concluded(Ok(Exit::Failed)), "");
}
