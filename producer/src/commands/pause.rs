//! `pause` and `unpause`: whether the fleet takes new jobs.

use store::Pausing;

use crate::cli::PauseArgs;
use crate::console::Console;
use crate::error::CommandError;
use crate::exit::Exit;

/// Pauses the fleet.
///
/// # Errors
/// When the database fails.
pub async fn pause(
    console: &mut Console<'_>,
    store: &dyn Pausing,
    args: &PauseArgs,
) -> Result<Exit, CommandError> {
    let by = console.who_asks();
    let pause = store.pause_fleet(args.until, &by, &args.why).await?;
    console.data(&format!("the fleet is paused {pause}\n"))?;
    let program = console.program().name();
    console.narrate(&format!(
        "no new job is taken, and those in hand end; lift it: {program} unpause"
    ));
    Ok(Exit::Done)
}

/// Lifts the pause of the fleet, where one stands.
///
/// # Errors
/// When the database fails.
pub async fn unpause(console: &mut Console<'_>, store: &dyn Pausing) -> Result<Exit, CommandError> {
    let lifted = store.unpause_fleet(&console.who_asks()).await?;
    console.data(match lifted {
        true => "the pause is lifted: workers take jobs again\n",
        false => "the fleet is not paused\n",
    })?;
    Ok(Exit::Done)
}
