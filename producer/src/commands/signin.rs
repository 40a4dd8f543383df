//! `signin`: the stop of all sign-ins after a refusal.

use domain::session::SessionStore;

use crate::cli::SigninArgs;
use crate::console::Console;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::text::{local, printable};

const NONE: &str = "sign-ins are not stopped\n";

/// Shows whether sign-ins are stopped, or lifts the stop with `--retry`.
///
/// # Errors
/// When the database fails.
pub async fn signin(
    console: &mut Console<'_>,
    store: &dyn SessionStore,
    args: &SigninArgs,
) -> Result<Exit, CommandError> {
    if args.retry {
        console.data(if store.lift_refusal(&console.who_asks()).await? {
            "the stop is lifted: the next call to the ERP signs in\n"
        } else {
            NONE
        })?;
        return Ok(Exit::Done);
    }
    let Some(refused) = store.session().await?.refused else {
        console.data(NONE)?;
        return Ok(Exit::Done);
    };
    let (at, why) = (local(refused.at), printable(&refused.why));
    console.data(&format!("the ERP refused the sign-in at {at}: {why}\n"))?;
    let program = console.program().name();
    console.narrate(&format!(
        "correct MEGA_API_*, then: {program} signin --retry"
    ));
    Ok(Exit::SignIn)
}
