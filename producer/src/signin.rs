//! `signin`: the stop that a refused sign-in puts on the whole fleet.

use domain::session::SessionStore;

use crate::cli::SigninArgs;
use crate::console::Console;
use crate::exit::{CommandError, Exit};
use crate::render::{local, printable};

/// Tells whether a refusal stands, or lifts it with `--retry`.
///
/// # Errors
/// When the database fails.
pub async fn signin(
    console: &mut Console<'_>,
    store: &dyn SessionStore,
    args: &SigninArgs,
) -> Result<Exit, CommandError> {
    if args.retry {
        console.data(if store.lift_refusal().await? {
            "the refusal is lifted: the next worker to need a session signs in\n"
        } else {
            "no refusal stands\n"
        })?;
        return Ok(Exit::Done);
    }
    let Some(refused) = store.session().await?.refused else {
        console.data("no refusal stands\n")?;
        return Ok(Exit::Done);
    };
    let (at, why) = (local(refused.at), printable(&refused.why));
    console.data(&format!("the ERP refused the sign-in at {at}: {why}\n"))?;
    let program = console.program().name();
    console.narrate(&format!(
        "once MEGA_API_* are right: {program} signin --retry"
    ));
    Ok(Exit::SignIn)
}
