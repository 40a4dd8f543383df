//! What a person can do next about a run: one rule for the commands and the page.

use domain::schedule::{Planning, ScheduleName};

use super::summary::{Summary, Verdict};
use crate::program::Program;

/// Something that a person can do about a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextStep<'a> {
    /// Let the fleet sign in again, after the cause is corrected.
    RetrySignIn,
    /// Look at why jobs failed.
    ShowCauses,
    /// Enqueue the failed jobs again.
    Requeue,
    /// Enqueue cancelled jobs again, by their code.
    RequeueCancelled,
    /// Publish the messages that were never confirmed.
    Publish,
    /// Publish the messages that are lost.
    PublishLost,
    /// Publish messages that may be lost, if nothing happens.
    PublishIfStuck,
    /// Go on with it, where no other process does.
    Continue,
    /// End the pause of the fleet.
    Unpause,
    /// Start a worker: none is alive.
    StartWorker,
    /// Have a process that plans the runs of schedules.
    BeginRuns,
    /// Look at what the schedule of a refused plan asks for.
    ShowSchedule(&'a ScheduleName),
    /// Begin another run of it, once the reason is gone.
    RunNow(&'a ScheduleName),
    /// Follow it to its end.
    Follow,
}

/// What a person can do next about a run, the most urgent first; nothing where nothing is to be done.
pub fn next_steps(summary: &Summary, program: Program) -> Vec<NextStep<'_>> {
    let mut steps = Vec::new();
    // Also while no job waits for it: the next run would not begin.
    if summary.sign_in_refused.is_some() {
        steps.push(NextStep::RetrySignIn);
    }
    match summary.verdict {
        Verdict::Complete | Verdict::SignInRefused => {}
        Verdict::Planning => steps.push(NextStep::BeginRuns),
        Verdict::Refused => steps.extend(after_a_refused_plan(summary)),
        Verdict::Failed => steps.extend([NextStep::ShowCauses, NextStep::Requeue]),
        Verdict::Cancelled => steps.push(NextStep::RequeueCancelled),
        Verdict::NotPublished => steps.push(NextStep::Publish),
        Verdict::Running | Verdict::Queued | Verdict::Waiting => {
            steps.extend(while_open(summary, program));
        }
    }
    steps
}

/// A plan that a person cancelled needs nothing.
fn after_a_refused_plan(summary: &Summary) -> Vec<NextStep<'_>> {
    let planning = summary.run.planning.as_ref();
    match &summary.run.schedule {
        Some(schedule) if !planning.is_some_and(Planning::is_cancelled) => {
            vec![NextStep::ShowSchedule(schedule), NextStep::RunNow(schedule)]
        }
        _ => Vec::new(),
    }
}

fn while_open(summary: &Summary, program: Program) -> Vec<NextStep<'static>> {
    if summary.paused.is_some() {
        vec![NextStep::Unpause]
    } else if program == Program::MegaSync {
        // It has a worker only while a command runs.
        vec![NextStep::Continue]
    } else if !summary.silent.is_empty() {
        vec![NextStep::PublishLost]
    } else {
        let first = match summary.workers.is_empty() {
            true => NextStep::StartWorker,
            false => NextStep::Follow,
        };
        let is_queued = summary.verdict == Verdict::Queued;
        [first]
            .into_iter()
            .chain(is_queued.then_some(NextStep::PublishIfStuck))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use domain::ledger::{JobRecord, JobState};

    use super::*;
    use crate::fixtures::{job, pause, with_workers, worker};

    fn of(states: &[JobState], alive: bool) -> Summary {
        let jobs: Vec<JobRecord> = (1..)
            .zip(states)
            .map(|(code, state)| job(code, *state))
            .collect();
        let workers = alive.then(|| worker("host-1-abcd", &[]));
        with_workers(&jobs, false, workers.into_iter().collect())
    }

    fn first(summary: &Summary) -> Option<NextStep<'_>> {
        next_steps(summary, Program::Producer).first().copied()
    }

    #[test]
    fn what_holds_a_run_up_comes_first() {
        let mut waiting = of(&[JobState::Done, JobState::Retrying], true);
        assert_eq!(first(&waiting), Some(NextStep::Follow));
        waiting.silent = vec![domain::job::Target::SaidasCaixa];
        assert_eq!(first(&waiting), Some(NextStep::PublishLost));
        waiting.paused = Some(pause());
        assert_eq!(first(&waiting), Some(NextStep::Unpause));

        let without = of(&[JobState::Queued], false);
        assert_eq!(first(&without), Some(NextStep::StartWorker));
        let steps = next_steps(&without, Program::MegaSync);
        assert_eq!(steps, [NextStep::Continue]);
    }

    #[test]
    fn a_refused_sign_in_comes_before_failed_jobs() {
        let jobs = [job(1, JobState::Failed)];
        let failed = with_workers(&jobs, false, vec![]);
        let after = [NextStep::ShowCauses, NextStep::Requeue];
        assert_eq!(next_steps(&failed, Program::Producer), after);
        let refused = with_workers(&jobs, true, vec![]);
        let steps = next_steps(&refused, Program::Producer);
        assert_eq!(steps, [&[NextStep::RetrySignIn], &after[..]].concat());
        assert_eq!(first(&of(&[JobState::Done], true)), None);
    }
}
