//! A run at a glance: its state in a sentence, what is missing and why, and what to do.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use domain::checks::{CheckName, CheckVerdict};
use domain::job::RunId;
use domain::ledger::{Action as Act, ActionRecord, JobState, Pause};
use domain::schedule::Planning;
use producer::error::CommandError;
use producer::program::Program;
use producer::report::{
    CauseGroup, GroupedJob, NextStep, Summary, Verdict, find_run, last_complete, next_steps,
    summarise,
};
use producer::text::duration;
use store::Store;

use crate::error::{not_found, refused};
use crate::language::Language;
use crate::meanings::{deed, job_state};
use crate::shell::{Place, Shell, page};
use crate::verdict::{self, Mark};

/// Jobs named below a cause; the others are counted.
const NAMED_JOBS: usize = 10;

#[derive(Template)]
#[template(path = "run.html", blocks = ["head", "facts", "workers"])]
pub struct RunPage {
    shell: Shell,
    summary: Summary,
    /// What people did to it, the oldest first.
    actions: Vec<ActionRecord>,
    /// Whether the browser is to follow it.
    follows: bool,
    /// The last run that completed, where this newest one has not.
    last_complete: Option<(RunId, DateTime<Utc>)>,
}

/// `/`: the newest run.
pub async fn newest(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
) -> Response {
    show(shell, Place::Overview, &*store, None).await
}

/// `/runs/ID`.
pub async fn of_run(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
    Path(run): Path<String>,
) -> Response {
    match run.parse::<RunId>() {
        Ok(run) => show(shell, Place::Runs, &*store, Some(&run)).await,
        Err(_) => not_found(Extension(shell)).await,
    }
}

async fn show(shell: Shell, place: Place, store: &dyn Store, run: Option<&RunId>) -> Response {
    let found = async {
        let shown = find_run(store, run).await?;
        let newest = match run {
            Some(_) => find_run(store, None).await?.id == shown.id,
            None => true,
        };
        let actions = store.actions(&shown.id).await?;
        let summary = summarise(store, &shown).await?;
        let last_complete = match newest && summary.verdict != Verdict::Complete {
            true => last_complete(store).await?,
            false => None,
        };
        Ok::<_, CommandError>(RunPage {
            shell: shell.clone().at(place),
            summary,
            actions,
            follows: newest,
            last_complete,
        })
    };
    match found.await {
        Ok(run) => page(StatusCode::OK, &run),
        Err(error) => refused(shell, &error),
    }
}

impl RunPage {
    /// For its parts alone.
    pub fn watched(language: Language, summary: Summary) -> Self {
        Self {
            shell: Shell::in_language(language),
            summary,
            actions: Vec::new(),
            follows: true,
            last_complete: None,
        }
    }

    /// Its run.
    pub fn run(&self) -> &RunId {
        &self.summary.run.id
    }

    /// The parts that can change in place, by name.
    pub fn parts(&self) -> askama::Result<BTreeMap<&'static str, String>> {
        Ok(BTreeMap::from([
            ("head", self.as_head().render()?),
            ("facts", self.as_facts().render()?),
            ("workers", self.as_workers().render()?),
        ]))
    }

    /// What the other parts show, as far as they change: whether it is complete, the pause, what the plan
    /// says, what to do, and the causes.
    pub fn version(&self) -> String {
        let complete = (self.summary.verdict == Verdict::Complete).then(|| "complete".to_owned());
        let paused = self.summary.paused.as_ref().map(Pause::to_string);
        let problem = self.plan_problem().map(str::to_owned);
        let remedy = self.remedy().map(|remedy| remedy.command);
        let groups = self.summary.failures.iter().chain(&self.summary.setbacks);
        let causes = groups.map(|group| format!("{} {}", group.fingerprint, group.jobs.len()));
        complete
            .into_iter()
            .chain(paused)
            .chain(problem)
            .chain(remedy)
            .chain(causes)
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// What somebody did, in words.
    fn deed(&self, what: &Act) -> &'static str {
        deed(*what).of(self.shell.language)
    }

    /// Whether a total that the ERP gives is not what was read, or was not given.
    fn control_total_is_noted(&self) -> bool {
        let mut told = self.summary.checks.told.iter();
        told.any(|check| {
            check.name == CheckName::ControlTotal.name()
                && check.verdict == CheckVerdict::Noted.name()
        })
    }

    fn mark(&self) -> Mark {
        Mark::of(self.summary.verdict)
    }

    /// The state of the run in a sentence.
    fn sentence(&self) -> String {
        verdict::sentence(self.shell.language, &self.summary)
    }

    /// What to do now; none where nothing is to be done, or the banner of the pause says it.
    fn remedy(&self) -> Option<Remedy> {
        let words = self.shell.words();
        let run = &self.summary.run.id;
        let resume = |what| Remedy {
            what,
            command: format!("resume --run {run}"),
            action: Action::Send(format!("/runs/{run}/resume"), words.resume),
        };
        let remedy = |step| match step {
            NextStep::RetrySignIn => Some(Remedy {
                what: words.do_refused,
                command: "signin --retry".to_owned(),
                action: Action::Send("/sign-in/retry".to_owned(), words.retry_sign_in),
            }),
            NextStep::Requeue => Some(Remedy {
                what: words.do_failed,
                command: format!("requeue --run {run}"),
                action: Action::Look(format!("/runs/{run}/requeue"), words.requeue_all),
            }),
            NextStep::Publish => Some(resume(words.do_not_published)),
            NextStep::PublishLost => Some(resume(words.do_silent)),
            NextStep::StartWorker => Some(Remedy {
                what: words.do_no_worker,
                command: "worker".to_owned(),
                action: Action::Elsewhere,
            }),
            NextStep::RunNow(schedule) => Some(Remedy {
                what: words.do_plan_refused,
                command: format!("schedule run-now {schedule}"),
                action: Action::Look(format!("/schedules/{schedule}"), words.by_schedule),
            }),
            NextStep::ShowCauses
            | NextStep::ShowSchedule(_)
            | NextStep::RequeueCancelled
            | NextStep::PublishIfStuck
            | NextStep::Continue
            | NextStep::Unpause
            | NextStep::BeginRuns
            | NextStep::Follow => None,
        };
        let steps = next_steps(&self.summary, Program::Producer);
        steps.into_iter().find_map(remedy)
    }

    /// What the plan says that failed or was refused.
    fn plan_problem(&self) -> Option<&str> {
        match self.summary.run.planning.as_ref()? {
            Planning::Open { problem } => problem.as_deref(),
            Planning::Refused { why } => Some(why),
        }
    }

    /// Whether its plan or jobs of it are open, which can be cancelled.
    fn is_open(&self) -> bool {
        let mut states = self.summary.states.keys();
        let planning = &self.summary.run.planning;
        matches!(planning, Some(Planning::Open { .. })) || states.any(|state| !state.is_final())
    }

    /// Causes under a heading, and whether their jobs can be requeued; headings without any are left out.
    fn causes(&self) -> Vec<(&'static str, &[CauseGroup], bool)> {
        let words = self.shell.words();
        let (failures, setbacks) = (&self.summary.failures, &self.summary.setbacks);
        let mut causes = vec![
            (words.missing, failures.as_slice(), self.shell.acts),
            (words.setbacks, setbacks.as_slice(), false),
        ];
        causes.retain(|(_, groups, _)| !groups.is_empty());
        causes
    }

    /// Jobs by state: `feitos: 7`.
    fn states(&self) -> Vec<String> {
        let name = |state: JobState| job_state(state).of(self.shell.language);
        let states = self.summary.states.iter();
        states
            .map(|(state, count)| format!("{}: {count}", name(*state)))
            .collect()
    }

    fn elapsed(&self) -> String {
        duration(self.summary.elapsed_seconds)
    }

    /// Jobs a minute.
    fn speed(&self) -> Option<String> {
        let speed = self.summary.jobs_per_minute?;
        Some(self.shell.language.number(&speed.to_string()))
    }

    fn remaining(&self) -> Option<String> {
        self.summary.remaining_seconds.map(duration)
    }
}

/// What to do about a run.
struct Remedy {
    what: &'static str,
    /// The command that does it.
    command: String,
    action: Action,
}

/// How it is done here.
enum Action {
    /// At once, by a form sent there, with a button of this name.
    Send(String, &'static str),
    /// After a look at what it would do.
    Look(String, &'static str),
    /// Not here.
    Elsewhere,
}

/// The jobs of a cause that are named, and how many more there are.
fn named(group: &CauseGroup) -> (&[GroupedJob], usize) {
    let named = group.jobs.len().min(NAMED_JOBS);
    (&group.jobs[..named], group.jobs.len() - named)
}
