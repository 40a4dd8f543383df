//! Schedulers in virtual time over a real ledger: they stall, they die, nobody looks for hours.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::job::RunId;
use domain::schedule::{NewSchedule, ScheduleName, TimeOutcome};
use producer::schedule::{CATCH_UP, Decision, Times};
use proptest::collection::vec;
use proptest::prelude::*;
use store::Store;
use tempfile::TempDir;
use tokio::runtime::Runtime;

const SCHEDULERS: usize = 3;
const LEASE: Duration = Duration::from_secs(60);

/// What happens next.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// So many seconds go by.
    Wait(i64),
    /// A scheduler reads what is due.
    Read(usize),
    /// It records what it has read, however long ago.
    Record(usize),
    /// It dies, and another takes its place.
    Die(usize),
    /// A scheduler takes a run to plan, and ends it; or dies over it.
    Plan { dies: bool },
    /// Somebody pauses the schedule, or resumes it.
    Pause(bool),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (1..100_i64).prop_map(Step::Wait),
        1 => (1..40_i64).prop_map(|hours| Step::Wait(hours * 3_600)),
        6 => (0..SCHEDULERS).prop_map(Step::Read),
        6 => (0..SCHEDULERS).prop_map(Step::Record),
        1 => (0..SCHEDULERS).prop_map(Step::Die),
        4 => any::<bool>().prop_map(|dies| Step::Plan { dies }),
        1 => any::<bool>().prop_map(Step::Pause),
    ];
    vec(step, 1..80)
}

fn new_schedule(cron: &str, overlap: bool) -> NewSchedule {
    NewSchedule {
        name: "often".parse().unwrap(),
        cron: cron.to_owned(),
        tz: "America/Sao_Paulo".to_owned(),
        arguments: ["--last-months", "1"].map(str::to_owned).to_vec(),
        overlap,
        by: "ana@office".to_owned(),
    }
}

/// A ledger with one schedule, several schedulers, and a clock of its own.
struct World<'a> {
    store: &'a dyn Store,
    name: ScheduleName,
    times: Times,
    now: DateTime<Utc>,
    /// What each scheduler has read and not recorded, and when.
    read: [Option<(Decision, DateTime<Utc>)>; SCHEDULERS],
    /// Until when each run is left to whoever took it.
    leases: BTreeMap<RunId, DateTime<Utc>>,
}

impl World<'_> {
    async fn step(&mut self, step: Step) {
        match step {
            Step::Wait(seconds) => self.now += TimeDelta::seconds(seconds),
            Step::Die(scheduler) => self.read[scheduler] = None,
            Step::Read(scheduler) => {
                let schedule = self.store.schedules().await.unwrap().remove(0);
                let decision = Decision::of(self.store, &schedule, self.now).await.unwrap();
                self.read[scheduler] = decision.map(|decision| (decision, self.now));
            }
            Step::Record(scheduler) => {
                let Some((decision, seen_at)) = self.read[scheduler].take() else {
                    return;
                };
                if decision.record(self.store).await.unwrap() {
                    self.hold_to_the_rules(&decision, seen_at);
                }
            }
            Step::Plan { dies } => {
                let taken = self.store.take_planning(self.now, LEASE).await.unwrap();
                let Some(run) = taken else {
                    return;
                };
                let lease = self.leases.insert(run.id.clone(), self.now + LEASE);
                assert!(lease.is_none_or(|until| self.now >= until), "taken twice");
                if !dies {
                    let refused = self.store.refuse_planning(&run.id, "no such thing");
                    refused.await.unwrap();
                }
            }
            Step::Pause(true) => {
                let paused = self.store.pause_schedule(&self.name, "ana@office", None);
                assert!(paused.await.unwrap());
            }
            Step::Pause(false) => {
                let resumed = self.store.resume_schedule(&self.name, "ana@office");
                assert!(resumed.await.unwrap());
            }
        }
    }

    /// One run at most, at the last of all times that were due, and not too late.
    fn hold_to_the_rules(&self, decision: &Decision, seen_at: DateTime<Utc>) {
        let runs = decision
            .times
            .iter()
            .filter(|time| matches!(time.outcome, TimeOutcome::Run(_)));
        let runs: Vec<_> = runs.map(|time| time.at).collect();
        match (&decision.run, &*runs) {
            (None, []) => {}
            (Some(_), [at]) => {
                assert!(seen_at - *at <= CATCH_UP, "{at} is too long ago");
                assert!(self.times.after(*at).is_some_and(|next| next > seen_at));
            }
            other => panic!("{other:?}"),
        }
    }

    /// Looks until everything that is due is decided.
    async fn catch_up(&mut self) {
        loop {
            self.step(Step::Read(0)).await;
            if self.read[0].is_none() {
                return;
            }
            self.step(Step::Record(0)).await;
        }
    }
}

async fn each_time_has_one_outcome(cron: &str, overlap: bool, steps: Vec<Step>) {
    let folder = TempDir::new().unwrap();
    let url = format!("sqlite://{}", folder.path().join("ledger.sqlite").display());
    let store = store::connect(&url.into()).await.unwrap();
    store.migrate().await.unwrap();
    let new = new_schedule(cron, overlap);
    assert!(store.add_schedule(&new).await.unwrap());
    let began = store.schedules().await.unwrap().remove(0).decided_until;
    let mut world = World {
        store: &*store,
        name: new.name.clone(),
        times: Times::parse(cron, &new.tz).unwrap(),
        now: began,
        read: Default::default(),
        leases: BTreeMap::new(),
    };
    for step in steps {
        world.step(step).await;
    }
    world.catch_up().await;

    let due = world.times.following(began);
    let due: Vec<_> = due.take_while(|at| *at <= world.now).collect();
    let mut recorded = store.times_of(&new.name, 1_000_000).await.unwrap();
    recorded.reverse();
    let times: Vec<_> = recorded.iter().map(|time| time.at).collect();
    assert_eq!(times, due);
    let runs = recorded.iter().filter_map(|time| match &time.outcome {
        TimeOutcome::Run(run) => Some(run.clone()),
        TimeOutcome::Skipped { .. } => None,
    });
    let runs: Vec<_> = runs.collect();
    let distinct: BTreeSet<_> = runs.iter().collect();
    assert_eq!(distinct.len(), runs.len());
    for run in &runs {
        assert!(
            store.run(Some(run)).await.unwrap().is_some(),
            "no run {run}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn each_time_becomes_one_run_or_is_skipped_for_a_reason(
        steps in steps(),
        cron in prop_oneof![Just("* * * * *"), Just("*/7 * * * *"), Just("0 2 * * *")],
        overlap in any::<bool>(),
    ) {
        let runtime = Runtime::new().unwrap();
        runtime.block_on(each_time_has_one_outcome(cron, overlap, steps));
    }
}
