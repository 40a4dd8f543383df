//! Why a command fails, the exit code of each reason, and what to do about it.

use std::io;
use std::time::Duration;

use domain::failure::FailureClass;
use domain::job::{EmpreendimentoId, RunId};
use domain::month::Month;
use domain::records::Rejection;
use mega::{MegaError, SetupError};
use queue::QueueError;
use runtime::environment::ConfigError;
use store::StoreError;
use thiserror::Error;

use crate::compare::AcceptError;
use crate::exit::Exit;
use crate::export::ExportError;
use crate::ipca::IpcaError;
use crate::plan::PlanError;
use crate::program::Program;
use crate::schedule::ScheduleError;
use crate::text::list;

/// Why a command did not do what was asked.
#[derive(Debug, Error)]
pub enum CommandError {
    /// Settings missing or unusable.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The run asked for cannot be planned.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Part of the ERP's list cannot be read. A run over the rest would leave it out silently.
    #[error("the ERP's list of empreendimentos is not readable: {}", named(.0))]
    Catalogue(Vec<Rejection>),
    /// The ledger holds no run at all.
    #[error("no run yet")]
    NoRun,
    /// The ledger holds no run of that name.
    #[error("there is no run {0}")]
    UnknownRun(RunId),
    /// The catalogue never had this empreendimento.
    #[error("there is no empreendimento {0}")]
    UnknownEmpreendimento(EmpreendimentoId),
    /// The month should not be signed off yet.
    #[error("{month} cannot be closed: {}", .why.join("; "))]
    NotReady {
        /// The month.
        month: Month,
        /// Why not.
        why: Vec<String>,
    },
    /// No close of the month stands.
    #[error("{0} is not closed")]
    NotClosed(Month),
    /// Empreendimentos to requeue that are not failed jobs of the run.
    #[error("not failed in run {run}: {}", .what.join(", "))]
    NotFailed {
        /// The run.
        run: RunId,
        /// Each with what it is instead.
        what: Vec<String>,
    },
    /// Empreendimentos to cancel that the run has no jobs for.
    #[error("--empreendimento-ids: run {run} has no job of {}", list(.ids))]
    NotInRun {
        /// The run.
        run: RunId,
        /// Those.
        ids: Vec<EmpreendimentoId>,
    },
    /// The run is recorded, but not all of its messages are confirmed.
    #[error("run {run} is recorded, but {left} of {total} messages are not published: {source}")]
    Unpublished {
        /// The run.
        run: RunId,
        /// Messages not confirmed.
        left: usize,
        /// Messages there were to publish.
        total: usize,
        /// What stopped it.
        source: PublishError,
    },
    /// The run cannot go on, or takes longer than the time to wait.
    #[error("run {run}: {why}")]
    Stuck {
        /// The run.
        run: RunId,
        /// What is missing.
        why: Stuck,
    },
    /// The broker did not do as asked.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The file of signed-off differences cannot be used.
    #[error(transparent)]
    Accept(#[from] AcceptError),
    /// The figures cannot be exported.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The schedule cannot be added, found or used.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// The monthly indices cannot be loaded.
    #[error(transparent)]
    Ipca(#[from] IpcaError),
    /// The database did not do as asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ERP did not do as asked.
    #[error(transparent)]
    Mega(#[from] MegaError),
    /// The answer could not be written.
    #[error("the output cannot be written: {0}")]
    Output(#[source] io::Error),
    /// The process cannot listen for signals.
    #[error("signals cannot be received: {0}")]
    Signals(#[source] io::Error),
    /// The client of the ERP cannot start with these settings.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// An error of one program alone.
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

/// Why a run does not go on.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum Stuck {
    /// No worker is alive.
    #[error("no worker is alive for {} s", .0.as_secs())]
    NoWorker(Duration),
    /// The queues hold no message for the jobs that are open.
    #[error("the broker has no message for {0} open jobs")]
    NoMessage(usize),
    /// The time to wait is over.
    #[error("it has not ended within {} s", .0.as_secs())]
    Timeout(Duration),
}

/// What stopped the publishing of a run.
#[derive(Debug, Error)]
pub enum PublishError {
    /// A message was not confirmed.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// A confirmed message could not be marked as such.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl CommandError {
    /// The code the process ends with.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Config(_)
            | Self::NoRun
            | Self::UnknownRun(_)
            | Self::UnknownEmpreendimento(_)
            | Self::Accept(_)
            | Self::Schedule(_)
            | Self::NotClosed(_)
            | Self::NotFailed { .. }
            | Self::NotInRun { .. } => Exit::Usage,
            Self::NotReady { .. } => Exit::Decide,
            Self::Plan(error) => error.exit(),
            Self::Export(error) => error.exit(),
            Self::Ipca(error) => error.exit(),
            Self::Stuck { .. } => Exit::Stuck,
            Self::Unpublished { .. } | Self::Queue(QueueError::Away(_)) => Exit::Away,
            Self::Store(error) => store_exit(error),
            Self::Mega(MegaError::SessionStore(error)) => store_exit(error),
            Self::Mega(error) => match error.class() {
                FailureClass::SignIn => Exit::SignIn,
                FailureClass::Transient | FailureClass::Throttled | FailureClass::ErpAway => {
                    Exit::Away
                }
                _ => Exit::Other,
            },
            Self::Setup(SetupError::TenantId | SetupError::Url(_)) => Exit::Usage,
            Self::Setup(SetupError::Http(_))
            | Self::Catalogue(_)
            | Self::Queue(_)
            | Self::Output(_)
            | Self::Signals(_)
            | Self::Other(_) => Exit::Other,
        }
    }

    /// What to do about it, where that can be said.
    pub fn hint(&self, program: Program) -> Option<String> {
        let program = program.name();
        match self {
            Self::Plan(error) => error.hint(),
            Self::Schedule(error) => Some(error.hint(program)),
            Self::NoRun => Some(format!(
                "begin one: {program} backfill --start-date YYYY-MM-DD"
            )),
            Self::UnknownRun(_) => Some(format!("show the newest: {program} status")),
            Self::UnknownEmpreendimento(_) => Some(format!(
                "use a code of the ERP; read new ones: {program} backfill"
            )),
            Self::NotReady { .. } => {
                Some("sync the month again after its end, or close it as it is: --force".to_owned())
            }
            Self::NotClosed(_) => Some(format!("list the closed months: {program} closes")),
            Self::NotFailed { run, .. } => Some(format!("list them: {program} failed --run {run}")),
            Self::NotInRun { run, .. } => Some(format!(
                "list what can be cancelled: {program} cancel --run {run} --why TEXT --dry-run"
            )),
            Self::Stuck { run, why } => Some(match why {
                Stuck::NoWorker(_) => "nothing is lost; start a worker".to_owned(),
                Stuck::NoMessage(_) => {
                    format!("publish them again: {program} resume --run {run}")
                }
                Stuck::Timeout(_) => {
                    format!("it goes on; show it: {program} status --run {run}")
                }
            }),
            Self::Unpublished { run, .. } => Some(format!(
                "nothing is lost; when the service is back: {program} resume --run {run}"
            )),
            Self::Mega(MegaError::SignInRefused { .. }) => Some(format!(
                "all sign-ins are stopped; correct MEGA_API_*, then: {program} signin --retry"
            )),
            Self::Ipca(IpcaError::Away(_)) => Some(format!(
                "load a file instead: {program} ipca import FILE; MEGA_SYNC_IPCA_URL names another \
                 source"
            )),
            Self::Catalogue(_) => Some("correct it in the ERP".to_owned()),
            Self::Store(StoreError::Schema(_)) => Some(
                "name a schema of its own, which migrate creates: --schema mega, or \
                 MEGA_SYNC_SCHEMA=mega"
                    .to_owned(),
            ),
            Self::Store(StoreError::Contention(_)) => Some("run the command again".to_owned()),
            _ => None,
        }
    }

    /// Whether the reader of the output closed it, as `head` does: no error to report.
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

const fn store_exit(error: &StoreError) -> Exit {
    match error {
        StoreError::Away(_) => Exit::Away,
        StoreError::Url(_) | StoreError::Schema(_) | StoreError::Unsuitable(_) => Exit::Usage,
        StoreError::Contention(_) | StoreError::Refused(_) => Exit::Other,
    }
}

fn named(rejections: &[Rejection]) -> String {
    let one = |rejection: &Rejection| match rejection.code {
        Some(code) => format!("{code} ({})", rejection.reason),
        None => format!("one without a code ({})", rejection.reason),
    };
    rejections.iter().map(one).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
