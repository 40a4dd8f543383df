//! What the ERP's answers mean. No I/O.

use chrono::{DateTime, Utc};
use domain::session::Refusal;
use mega::{MegaError, SetupError, Taken};
use runtime::tls::is_this_machine;
use store::StoreError;
use url::Url;

use super::check::Check;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::program::Program;
use crate::text::{local, printable};

pub(super) const ERP: &str = "ERP";
const SIGN_IN: &str = "sign-in";

pub(super) fn unusable(error: SetupError) -> Check {
    Check::failed(ERP, error, "correct MEGA_API_*")
}

/// Whether anything answers at the ERP's address.
pub(super) fn reached(answer: Result<u16, MegaError>, url: &Url) -> Check {
    match answer {
        Err(error) => Check::failed(ERP, error, "check MEGA_API_URL and the network"),
        Ok(status) if url.scheme() == "https" => Check::ok(
            ERP,
            format!("answers over TLS (status {status} at its root)"),
        ),
        Ok(_) if url.host_str().is_some_and(is_this_machine) => {
            Check::ok(ERP, "answers on this machine, without TLS")
        }
        Ok(_) => Check::warning(
            ERP,
            "answers without encryption",
            "use https:// in MEGA_API_URL: the password is sent in clear text",
        ),
    }
}

pub(super) fn session_unknown() -> Check {
    Check::skipped(
        SIGN_IN,
        "the database that keeps the session cannot be read",
    )
}

pub(super) fn session_failed(error: StoreError) -> Check {
    Check::failed(SIGN_IN, error, "see the checks of the database")
}

pub(super) fn not_asked() -> Check {
    Check::skipped(SIGN_IN, "sign-ins are not stopped; the ERP does not answer")
}

pub(super) fn refused(refusal: &Refusal, program: Program) -> Check {
    let (at, why) = (local(refusal.at), printable(&refusal.why));
    Check::problem(
        SIGN_IN,
        Exit::SignIn,
        format!("the ERP refused it at {at}: {why}; all sign-ins are stopped"),
        format!(
            "correct MEGA_API_USERNAME and MEGA_API_PASSWORD, then: {} signin --retry",
            program.name()
        ),
    )
}

pub(super) fn no_session(program: Program) -> Check {
    let why = "no session is alive, and none was begun: many sign-ins lock the account";
    Check::skipped(SIGN_IN, why)
        .with_advice(format!("begin one: {} doctor --sign-in", program.name()))
}

/// Whether the ERP accepts the session in the database.
pub(super) fn session(
    taken: Result<Taken, MegaError>,
    until: DateTime<Utc>,
    program: Program,
) -> Check {
    let until = local(until);
    match taken {
        Ok(Taken::Yes { empreendimentos }) => Check::ok(
            SIGN_IN,
            format!(
                "the fleet's session is accepted until {until}: {}",
                listed(empreendimentos)
            ),
        ),
        Ok(Taken::No) => Check::warning(
            SIGN_IN,
            format!("the session in the database, valid until {until}, is not accepted"),
            format!(
                "the next call renews it or signs in; to do it now: {} doctor --sign-in",
                program.name()
            ),
        ),
        Err(error) => Check::failed(SIGN_IN, error, "check MEGA_API_URL"),
    }
}

/// The outcome of `--sign-in`.
pub(super) fn signed_in(answer: Result<usize, CommandError>, program: Program) -> Check {
    match answer {
        Ok(empreendimentos) => {
            let listed = listed(empreendimentos);
            Check::ok(
                SIGN_IN,
                format!("a session is alive, for the whole fleet: {listed}"),
            )
        }
        Err(error) => {
            let advice = error.hint(program);
            let advice = advice.unwrap_or_else(|| "try again when the ERP answers".to_owned());
            Check::failed(SIGN_IN, error, advice)
        }
    }
}

fn listed(empreendimentos: usize) -> String {
    format!("{empreendimentos} empreendimentos listed")
}

#[cfg(test)]
mod tests;
