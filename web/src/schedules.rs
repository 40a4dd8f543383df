//! Schedules: their next times, and what became of those that came.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::ledger::Pause;
use domain::schedule::{ScheduleName, ScheduleRecord, TimeOutcome, TimeRecord};
use producer::error::CommandError;
use producer::report::{ListedSchedule, ListedTime, ScheduleState, progress};
use store::{Store, StoreError};

use crate::error::{failed, forbidden, not_found, refused};
use crate::language::Language;
use crate::meanings::skip;
use crate::problem::Problem;
use crate::scheduling::ToAdd;
use crate::shell::{Place, Shell, page};
use crate::verdict::Mark;
use crate::words::Words;

/// Times that came, of one schedule.
const HISTORY: u32 = 60;

#[derive(Template)]
#[template(path = "schedules.html")]
struct Schedules {
    shell: Shell,
    schedules: Vec<Listed>,
    pause: Option<Pause>,
    /// The form of a new one.
    asked: ToAdd,
    problem: Option<Problem>,
}

#[derive(Template)]
#[template(path = "schedule.html")]
struct OfSchedule {
    shell: Shell,
    listed: Listed,
    pause: Option<Pause>,
    /// What became of its times, the newest first.
    times: Vec<Came>,
}

#[derive(Template)]
#[template(path = "schedule_remove.html")]
struct Remove {
    shell: Shell,
    name: ScheduleName,
}

/// A schedule with its last time.
struct Listed {
    schedule: ScheduleRecord,
    state: ScheduleState,
    /// Its next times, by the clock of its zone.
    next: Vec<String>,
    last: Option<Came>,
    /// The state of the run that its last time began; absent when there is none, or it is pruned.
    mark: Option<Mark>,
}

/// A time that came.
struct Came {
    /// By the clock of the schedule's zone.
    at: String,
    outcome: TimeOutcome,
    /// Why it was skipped, where the page has a word for it.
    kind: Option<&'static str>,
}

/// `GET /schedules`.
pub async fn list(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
) -> Response {
    show(shell, &*store, ToAdd::default(), None).await
}

/// The list, with the form of a new schedule as it was sent and what is wrong.
pub async fn show(
    shell: Shell,
    store: &dyn Store,
    asked: ToAdd,
    problem: Option<Problem>,
) -> Response {
    let language = shell.language;
    let found = async {
        let mut listed = Vec::new();
        for schedule in store.schedules().await? {
            let last = store.times_of(&schedule.name, 1).await?;
            let (one, _) = Listed::new(store, language, schedule, last).await?;
            listed.push(one);
        }
        Ok::<_, CommandError>((listed, store.pause_of_fleet().await?))
    };
    let (schedules, pause) = match found.await {
        Ok(found) => found,
        Err(error) => return refused(shell, &error),
    };
    let status = match &problem {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let schedules = Schedules {
        shell: shell.at(Place::Schedules),
        schedules,
        pause,
        asked,
        problem,
    };
    page(status, &schedules)
}

/// `GET /schedules/NAME`: what became of its times.
pub async fn one(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
    Path(name): Path<String>,
) -> Response {
    let language = shell.language;
    let found = async {
        let Some(schedule) = named(&*store, &name).await? else {
            return Ok(None);
        };
        let times = store.times_of(&schedule.name, HISTORY).await?;
        let (listed, times) = Listed::new(&*store, language, schedule, times).await?;
        let pause = store.pause_of_fleet().await?;
        Ok::<_, CommandError>(Some((listed, times, pause)))
    };
    match found.await {
        Ok(Some((listed, times, pause))) => {
            let schedule = OfSchedule {
                shell: shell.at(Place::Schedules),
                listed,
                pause,
                times,
            };
            page(StatusCode::OK, &schedule)
        }
        Ok(None) => not_found(Extension(shell)).await,
        Err(error) => refused(shell, &error),
    }
}

/// `GET /schedules/NAME/remove`: asks once more.
pub async fn look_at_removal(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
    Path(name): Path<String>,
) -> Response {
    if !shell.acts {
        return forbidden(shell);
    }
    match named(&*store, &name).await {
        Ok(Some(schedule)) => {
            let remove = Remove {
                shell: shell.at(Place::Schedules),
                name: schedule.name,
            };
            page(StatusCode::OK, &remove)
        }
        Ok(None) => not_found(Extension(shell)).await,
        Err(error) => failed(shell, error),
    }
}

/// The schedule of this name.
async fn named(store: &dyn Store, name: &str) -> Result<Option<ScheduleRecord>, StoreError> {
    let schedules = store.schedules().await?;
    let mut schedules = schedules.into_iter();
    Ok(schedules.find(|schedule| schedule.name.as_str() == name))
}

impl Listed {
    /// A schedule, and times of it, the newest first.
    async fn new(
        store: &dyn Store,
        language: Language,
        schedule: ScheduleRecord,
        times: Vec<TimeRecord>,
    ) -> Result<(Self, Vec<Came>), CommandError> {
        let run = match times.first().map(|last| &last.outcome) {
            Some(TimeOutcome::Run(run)) => store.run(Some(run)).await?,
            _ => None,
        };
        let mark = match run {
            Some(run) => Some(Mark::of(progress(store, &run).await?.verdict)),
            None => None,
        };
        let listed = ListedSchedule::of(schedule, store.clock().await?)?;
        let times = listed.local(times)?;
        let came = |time: &ListedTime| Came::new(language, time);
        let next = listed.next.iter();
        let one = Self {
            next: next.map(|at| language.local(at)).collect(),
            last: times.first().map(came),
            state: listed.state,
            schedule: listed.schedule,
            mark,
        };
        Ok((one, times.iter().map(came).collect()))
    }

    /// How it is shown: a class, a sign and a word.
    const fn shown(&self, words: &'static Words) -> [&'static str; 3] {
        match self.state {
            ScheduleState::Active => ["good", "✓", words.active],
            ScheduleState::Paused => ["wait", "‖", words.paused],
            ScheduleState::Late => ["bad", "✗", words.late],
        }
    }
}

impl Came {
    fn new(language: Language, time: &ListedTime) -> Self {
        let kind = match &time.outcome {
            TimeOutcome::Run(_) => None,
            TimeOutcome::Skipped { why } => skip(why).map(|kind| kind.of(language)),
        };
        Self {
            at: language.local(&time.at),
            outcome: time.outcome.clone(),
            kind,
        }
    }
}
