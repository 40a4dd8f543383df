use mega::Route;

use super::*;
use crate::doctor::report::Report;
use crate::doctor::text::text;
use crate::exit::Exit;
use crate::fixtures::{at, refusal};

fn url(text: &str) -> Url {
    text.parse().unwrap()
}

fn connection() -> MegaError {
    MegaError::Connection {
        route: Route::Empreendimentos,
        why: "invalid peer certificate: Expired".to_owned(),
    }
}

#[test]
fn an_erp_in_order() {
    let taken = Taken::Yes {
        empreendimentos: 181,
    };
    let report = Report::new(vec![
        reached(Ok(404), &url("https://erp.example/api")),
        session(Ok(taken), at("09:30:00"), Program::Producer),
    ]);
    assert_eq!(report.exit(), Exit::Done);
    insta::assert_snapshot!(text(&report));
}

#[test]
fn each_problem_of_an_erp() {
    let refused_now = || MegaError::SignInRefused {
        why: "it answered with a text".to_owned(),
    };
    let unavailable = MegaError::Unavailable {
        route: Route::Empreendimentos,
        status: 500,
    };
    let report = Report::new(vec![
        unusable(SetupError::TenantId),
        reached(Ok(200), &url("http://127.0.0.1:8900")),
        reached(Ok(200), &url("http://erp.example")),
        reached(Err(connection()), &url("https://erp.example")),
        refused(&refusal(), Program::Producer),
        not_asked(),
        session_unknown(),
        no_session(Program::MegaSync),
        session(Ok(Taken::No), at("09:30:00"), Program::Producer),
        session(Err(unavailable), at("09:30:00"), Program::Producer),
        signed_in(Ok(181), Program::Producer),
        signed_in(Err(refused_now().into()), Program::Producer),
        signed_in(Err(connection().into()), Program::Producer),
    ]);
    insta::assert_snapshot!(text(&report));
}

#[test]
fn a_refused_sign_in_has_its_exit_code() {
    let report = Report::new(vec![refused(&refusal(), Program::Producer)]);
    assert_eq!(report.exit(), Exit::SignIn);
    let away = reached(Err(connection()), &url("https://erp.example"));
    let report = Report::new(vec![refused(&refusal(), Program::Producer), away]);
    assert_eq!(report.exit(), Exit::Away);
}

#[test]
fn the_json_form_is_the_one_scripts_read() {
    let report = Report::new(vec![
        reached(Ok(404), &url("https://erp.example/api")),
        refused(&refusal(), Program::Producer),
    ]);
    insta::assert_snapshot!(serde_json::to_string_pretty(&report).unwrap());
}
