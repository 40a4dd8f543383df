//! `schedule`: backfills by the clock.

use domain::schedule::{NewSchedule, ScheduleName, ScheduleRecord};
use store::Store;

use crate::cli::{AddScheduleArgs, Overlap, ScheduleCommand};
use crate::console::Console;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::program::Program;
use crate::render;
use crate::report::ListedSchedule;
use crate::schedule::{ScheduleError, Times, checked, scheduled_run};

/// Times that `history` lists, at most.
const HISTORY: u32 = 1_000;
/// Those that `show` lists.
const LAST: u32 = 10;

/// Runs a command of `schedule`.
///
/// # Errors
/// When there is no such schedule, a new one cannot be read, or the database fails.
pub async fn schedule(
    console: &mut Console<'_>,
    store: &dyn Store,
    command: &ScheduleCommand,
) -> Result<Exit, CommandError> {
    match command {
        ScheduleCommand::Add(args) => add(console, store, args).await?,
        ScheduleCommand::List { json } => {
            let now = store.clock().await?;
            let listed = store.schedules().await?.into_iter();
            let listed: Vec<_> = listed
                .map(|schedule| ListedSchedule::of(schedule, now))
                .collect::<Result<_, _>>()?;
            match json {
                true => console.json(&listed)?,
                false => console.data(&render::schedules(&listed, console.program()))?,
            }
        }
        ScheduleCommand::Show { name, json } => {
            let listed = listed(store, name).await?;
            match json {
                true => console.json(&listed)?,
                false => {
                    let last = listed.local(store.times_of(name, LAST).await?)?;
                    let text = render::schedule(&listed, console.program());
                    console.data(&format!("{text}{}", render::times(&last)))?;
                }
            }
        }
        ScheduleCommand::Pause { name, why } => {
            let by = console.who_asks();
            if !store.pause_schedule(name, &by, why.as_deref()).await? {
                return Err(unknown(store, name).await?);
            }
            console.narrate(&format!("schedule {name} is paused"));
        }
        ScheduleCommand::Resume { name } => {
            if !store.resume_schedule(name, &console.who_asks()).await? {
                return Err(unknown(store, name).await?);
            }
            console.narrate(&format!("schedule {name} begins runs again"));
        }
        ScheduleCommand::Remove { name } => {
            if !store.remove_schedule(name, &console.who_asks()).await? {
                return Err(unknown(store, name).await?);
            }
            console.narrate(&format!("schedule {name} is removed; its runs stay"));
        }
        ScheduleCommand::RunNow { name } => run_now(console, store, name).await?,
        ScheduleCommand::History { name, json } => {
            let listed = listed(store, name).await?;
            let times = listed.local(store.times_of(name, HISTORY).await?)?;
            match json {
                true => console.json(&times)?,
                false => console.data(&render::times(&times))?,
            }
        }
    }
    Ok(Exit::Done)
}

async fn add(
    console: &mut Console<'_>,
    store: &dyn Store,
    args: &AddScheduleArgs,
) -> Result<(), CommandError> {
    let times = Times::parse(&args.cron, &args.tz)?;
    let now = store.clock().await?;
    checked(&args.arguments, now)?;
    let new = NewSchedule {
        name: args.name.clone(),
        cron: args.cron.clone(),
        tz: times.zone().to_string(),
        arguments: args.arguments.clone(),
        overlap: args.overlap == Overlap::Allow,
        by: console.who_asks(),
    };
    if !store.add_schedule(&new).await? {
        return Err(ScheduleError::Taken(new.name).into());
    }
    let listed = listed(store, &new.name).await?;
    console.narrate(render::schedule(&listed, console.program()).trim_end());
    console.narrate(&format!(
        "its runs begin {}",
        while_alive(console.program())
    ));
    Ok(())
}

async fn run_now(
    console: &mut Console<'_>,
    store: &dyn Store,
    name: &ScheduleName,
) -> Result<(), CommandError> {
    let schedule = find(store, name).await?;
    let now = store.clock().await?;
    let run = scheduled_run(&schedule, console.who_asks(), now)?;
    if !store.begin_now(&run, now).await? {
        // Removed since it was read.
        return Err(unknown(store, name).await?);
    }
    console.narrate(&format!(
        "run {}: it is planned {}",
        run.id,
        while_alive(console.program())
    ));
    console.data(&format!("{}\n", run.id))?;
    Ok(())
}

/// When schedules are followed.
const fn while_alive(program: Program) -> &'static str {
    match program {
        Program::Producer => "while web or producer schedule run is alive",
        Program::MegaSync => "while mega-sync serve is alive",
    }
}

async fn listed(store: &dyn Store, name: &ScheduleName) -> Result<ListedSchedule, CommandError> {
    let schedule = find(store, name).await?;
    Ok(ListedSchedule::of(schedule, store.clock().await?)?)
}

async fn find(store: &dyn Store, name: &ScheduleName) -> Result<ScheduleRecord, CommandError> {
    let mut schedules = store.schedules().await?.into_iter();
    match schedules.find(|schedule| schedule.name == *name) {
        Some(schedule) => Ok(schedule),
        None => Err(unknown(store, name).await?),
    }
}

/// That there is no such schedule, with those that there are.
async fn unknown(store: &dyn Store, name: &ScheduleName) -> Result<CommandError, CommandError> {
    let schedules = store.schedules().await?.into_iter();
    Ok(ScheduleError::Unknown {
        name: name.clone(),
        known: schedules.map(|schedule| schedule.name).collect(),
    }
    .into())
}
