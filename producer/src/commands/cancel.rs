//! `cancel`: a run, or some of its empreendimentos, that is not to be synced after all.

use std::fmt::Write as _;

use domain::job::{EmpreendimentoId, RunId, Target};
use domain::ledger::{Cancelled, JobRecord, JobState, RunRecord};
use domain::schedule::{Planning, ScheduleName};
use store::Store;

use crate::cli::CancelArgs;
use crate::console::Console;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::report::find_run;
use crate::text::{counted, printable};

/// Cancels what is open of a run, or of the empreendimentos that are named, and tells how much that
/// was. From then on none of it commits. A run that is still to be planned never is.
///
/// # Errors
/// When there is no such run, an empreendimento named has no job in it, or the database fails.
pub async fn cancel(
    console: &mut Console<'_>,
    store: &dyn Store,
    args: &CancelArgs,
) -> Result<Exit, CommandError> {
    let found = find_run(store, Some(&args.run)).await?;
    let run = &found.id;
    let asked = asked(store, run, &args.empreendimento_ids).await?;
    if args.dry_run {
        match found.planning {
            Some(Planning::Open { .. }) => show_plan(console, &found)?,
            _ => show(console, run, &asked)?,
        }
        return Ok(Exit::Done);
    }
    let (by, ids) = (console.who_asks(), &args.empreendimento_ids);
    let cancelled = store.cancel(run, ids, &by, &args.why).await?;
    console.data(&format!("run {run}: {}\n", told(cancelled)))?;
    Ok(Exit::Done)
}

/// The jobs of a run that a cancel is about.
async fn asked(
    store: &dyn Store,
    run: &RunId,
    ids: &[EmpreendimentoId],
) -> Result<Vec<JobRecord>, CommandError> {
    let mut jobs = store.jobs(run).await?;
    if ids.is_empty() {
        return Ok(jobs);
    }
    let is_job = |id: &EmpreendimentoId| {
        let target = Target::Empreendimento(*id);
        jobs.iter().any(|job| job.target == target)
    };
    let others: Vec<_> = ids.iter().copied().filter(|id| !is_job(id)).collect();
    if !others.is_empty() {
        return Err(CommandError::NotInRun {
            run: run.clone(),
            ids: others,
        });
    }
    jobs.retain(|job| {
        job.target
            .empreendimento()
            .is_some_and(|id| ids.contains(&id))
    });
    Ok(jobs)
}

fn show_plan(console: &mut Console<'_>, run: &RunRecord) -> Result<(), CommandError> {
    let schedule = run.schedule.as_ref().map(ScheduleName::as_str);
    let (plan, open) = ("plan", "open");
    console.data(&format!(
        "{plan:<12}  {open:<8}  {}\n",
        schedule.unwrap_or_default()
    ))?;
    console.narrate(&format!(
        "dry run: the plan of run {} would be cancelled",
        run.id
    ));
    Ok(())
}

fn show(console: &mut Console<'_>, run: &RunId, asked: &[JobRecord]) -> Result<(), CommandError> {
    let open = || asked.iter().filter(|job| !job.state.is_final());
    let mut text = String::new();
    for job in open() {
        let (target, state) = (job.target.to_string(), job.state.name());
        _ = writeln!(text, "{target:<12}  {state:<8}  {}", printable(&job.nome));
    }
    console.data(&text)?;
    let in_hand = open().filter(|job| job.state == JobState::Running).count();
    console.narrate(&format!(
        "dry run: {} of run {run} would be cancelled, {in_hand} of them in hand; {} had ended",
        counted(open().count(), "job"),
        asked.len() - open().count()
    ));
    Ok(())
}

fn told(cancelled: Cancelled) -> String {
    let Cancelled {
        plan,
        at_once,
        in_hand,
        kept,
    } = cancelled;
    if plan {
        return "its plan is cancelled".to_owned();
    }
    match cancelled.total() {
        0 => format!("nothing was left to cancel, {kept} had ended"),
        _ => format!(
            "{} cancelled at once, {in_hand} in hand asked to stop, {kept} had ended",
            counted(at_once as usize, "job")
        ),
    }
}
