//! The ledger's records: runs, jobs, attempts, claims, requeues, cancels, actions, pauses and workers.

mod action;
mod attempt;
mod cancel;
mod claim;
mod job;
mod pause;
mod requeue;
mod run;
mod state;
mod view;
mod worker;

pub use self::action::{Action, ActionRecord, NewAction};
pub use self::attempt::{Attempt, AttemptEnd, AttemptRecord, Committed};
pub use self::cancel::Cancelled;
pub use self::claim::{Claim, Grant, PreviousCommit};
pub use self::job::JobRecord;
pub use self::pause::Pause;
pub use self::requeue::{Requeue, RequeueFilter, RequeueRecord};
pub use self::run::{NewJob, NewRun, RunOutcome, RunRecord};
pub use self::state::JobState;
pub use self::view::View;
pub use self::worker::{JobInHand, LivingWorker, WorkerId, operator};
