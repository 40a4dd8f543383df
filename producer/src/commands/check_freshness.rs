//! `check-freshness`: whether a run has completed lately.

use chrono::{DateTime, Utc};
use domain::job::RunId;
use serde::Serialize;
use store::Store;

use crate::cli::FreshnessArgs;
use crate::console::Console;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::report::last_complete;
use crate::text::{duration, local};

/// The output of `check-freshness --json`, whose field names stay.
#[derive(Debug, Serialize)]
struct Freshness {
    fresh: bool,
    /// The run that completed last.
    run: Option<RunId>,
    /// When.
    completed_at: Option<DateTime<Utc>>,
    age_seconds: Option<i64>,
    max_age_seconds: i64,
}

/// Says when a run completed last. [`Exit::Stuck`] when that is too long ago, or none ever has.
///
/// # Errors
/// When the database fails.
pub async fn check_freshness(
    console: &mut Console<'_>,
    store: &dyn Store,
    args: &FreshnessArgs,
) -> Result<Exit, CommandError> {
    let now = Utc::now();
    let (run, completed_at) = last_complete(store).await?.unzip();
    let age = completed_at.map(|at| now - at);
    let freshness = Freshness {
        fresh: age.is_some_and(|age| age <= args.max_age.length()),
        run,
        completed_at,
        age_seconds: age.map(|age| age.num_seconds().max(0)),
        max_age_seconds: args.max_age.length().num_seconds(),
    };
    if args.json {
        console.json(&freshness)?;
    } else {
        console.data(&text(&freshness))?;
    }
    Ok(match freshness.fresh {
        true => Exit::Done,
        false => Exit::Stuck,
    })
}

fn text(freshness: &Freshness) -> String {
    let state = if freshness.fresh { "fresh" } else { "stale" };
    match (
        &freshness.run,
        freshness.completed_at,
        freshness.age_seconds,
    ) {
        (Some(run), Some(at), Some(age)) => format!(
            "{state}: run {run} completed at {}, {} ago\n",
            local(at),
            duration(age)
        ),
        _ => format!("{state}: no run has completed yet\n"),
    }
}
