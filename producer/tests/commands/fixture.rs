//! A ledger in a SQLite file, a broker that can go away, and the commands over both.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::Utc;
use domain::failure::{Cause, FailureClass};
use domain::job::{EmpreendimentoId, FilialId, JobMessage, RunId, Target};
use domain::ledger::{Action, AttemptEnd, Claim, JobState, WorkerId};
use domain::tables::Catalogue;
use domain::tables::{EmpreendimentoRow, FilialRow};
use producer::cli::{PauseArgs, RequeueArgs, ResumeArgs, SigninArgs, read_flags};
use producer::commands::{self, backfill, requeue};
use producer::console::Console;
use producer::error::CommandError;
use producer::exit::Exit;
use producer::plan::Request;
use producer::program::Program;
use producer::publish::{Enqueuer, Publishing};
use queue::{DeadLetterFilter, Deliveries, Destination, Envelope, Lane, Queue, QueueError};
use sqlx::{Connection as _, SqliteConnection};
use store::Store;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// The arguments of one command, as the command line gives them.
pub fn arguments<A: clap::Args>(flags: &str) -> A {
    read_flags(flags.split_whitespace()).unwrap()
}

/// A queue that keeps what it confirmed, and goes away after so many messages.
pub struct Broker {
    confirms: AtomicUsize,
    taken: Mutex<Vec<(Lane, JobMessage)>>,
}

impl Broker {
    pub fn new() -> Self {
        Self::leaving_after(usize::MAX)
    }

    pub fn leaving_after(confirms: usize) -> Self {
        Self {
            confirms: AtomicUsize::new(confirms),
            taken: Mutex::default(),
        }
    }

    /// Targets of the messages taken since the last call, with a mark where they are urgent.
    pub fn take(&self) -> String {
        let taken = std::mem::take(&mut *self.taken.lock().unwrap());
        let target = |(lane, job): &(Lane, JobMessage)| match lane {
            Lane::Normal => job.target.to_string(),
            Lane::Urgent => format!("{}!", job.target),
        };
        let targets: Vec<_> = taken.iter().map(target).collect();
        targets.join(" ")
    }
}

#[async_trait]
impl Queue for Broker {
    async fn publish(&self, to: Destination, message: &Envelope) -> Result<(), QueueError> {
        let Destination::Work(lane) = to else {
            panic!("published to {to:?}");
        };
        assert_eq!(message.attempt, 0);
        self.confirms
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            })
            .map_err(|_| QueueError::Away("pulled out".to_owned()))?;
        let job = JobMessage::decode(&message.body).expect("a body a worker can read");
        self.taken.lock().unwrap().push((lane, job));
        Ok(())
    }

    async fn consume(
        &self,
        _: Lane,
        _: u16,
        _: CancellationToken,
    ) -> Result<Deliveries, QueueError> {
        unreachable!("a producer does not consume")
    }

    async fn lengths(&self) -> Result<Vec<(Destination, u64)>, QueueError> {
        Ok(vec![(
            Destination::Work(Lane::Normal),
            self.taken.lock().unwrap().len() as u64,
        )])
    }

    async fn sweep_dead(&self, _: &dyn DeadLetterFilter) -> Result<u64, QueueError> {
        unreachable!("none of these commands looks at the dead")
    }
}

/// A ledger in a file of its own, and what the last command said.
pub struct Fixture {
    pub store: Arc<dyn Store>,
    url: String,
    out: Vec<u8>,
    err: Vec<u8>,
    _directory: TempDir,
}

impl Fixture {
    pub async fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let file = directory.path().join("ledger.sqlite");
        let url = format!("sqlite://{}", file.display());
        let store = store::connect(&url.clone().into()).await.unwrap();
        store.migrate().await.unwrap();
        Self {
            store,
            url,
            out: Vec::new(),
            err: Vec::new(),
            _directory: directory,
        }
    }

    fn console(&mut self) -> (Arc<dyn Store>, Console<'_>) {
        self.out.clear();
        self.err.clear();
        let console = Console::captured(Program::Producer, &mut self.out, &mut self.err);
        (Arc::clone(&self.store), console)
    }

    pub fn out(&self) -> &str {
        std::str::from_utf8(&self.out).unwrap()
    }

    pub fn err(&self) -> &str {
        std::str::from_utf8(&self.err).unwrap()
    }

    pub async fn backfill(&mut self, broker: &Broker) -> Result<Option<RunId>, CommandError> {
        self.backfill_with(broker, "").await
    }

    /// As [`Fixture::backfill`], with more flags.
    pub async fn backfill_with(
        &mut self,
        broker: &Broker,
        flags: &str,
    ) -> Result<Option<RunId>, CommandError> {
        let now = Utc::now();
        let flags = format!("--start-date 2026-01-01 --as-of 2026-03-01 {flags}");
        let request = Request::resolve(&arguments(&flags), now).unwrap();
        let (store, mut console) = self.console();
        let plan = backfill::plan(&*store, &request, (catalogue(), vec![])).await?;
        backfill::enqueue(&mut console, enqueuer(&*store, broker), plan, now).await
    }

    pub async fn resume(&mut self, broker: &Broker) -> Result<Exit, CommandError> {
        let (store, mut console) = self.console();
        let args = ResumeArgs { run: None };
        commands::resume(&mut console, enqueuer(&*store, broker), &args).await
    }

    pub async fn requeue(&mut self, broker: &Broker, flags: &str) -> Result<Exit, CommandError> {
        let (store, mut console) = self.console();
        let args: RequeueArgs = arguments(flags);
        let picked = requeue::pick(&*store, &args).await?;
        if args.dry_run {
            requeue::show(&mut console, &picked)?;
            return Ok(Exit::Done);
        }
        requeue::requeue(&mut console, enqueuer(&*store, broker), &args, &picked).await
    }

    pub async fn status(&mut self, flags: &str) -> Result<Exit, CommandError> {
        let (store, mut console) = self.console();
        let stop = CancellationToken::new();
        commands::status(&mut console, &*store, &arguments(flags), stop).await
    }

    pub async fn failed(&mut self, flags: &str) -> Result<Exit, CommandError> {
        let (store, mut console) = self.console();
        commands::failed(&mut console, &*store, &arguments(flags)).await
    }

    pub async fn pause(&mut self, flags: &str) -> Exit {
        let (store, mut console) = self.console();
        let args: PauseArgs = arguments(flags);
        commands::pause(&mut console, &*store, &args).await.unwrap()
    }

    pub async fn unpause(&mut self) -> Exit {
        let (store, mut console) = self.console();
        commands::unpause(&mut console, &*store).await.unwrap()
    }

    pub async fn signin(&mut self, retry: bool) -> Exit {
        let (store, mut console) = self.console();
        commands::signin(&mut console, &*store, &SigninArgs { retry })
            .await
            .unwrap()
    }

    /// Fails a job as a worker would.
    pub async fn fail(&self, run: &RunId, target: Target) {
        let why = ("data/rejected", "12 of 300 records rejected");
        self.fail_because(run, target, why).await;
    }

    /// As [`Fixture::fail`], with the fingerprint and the message of the cause.
    pub async fn fail_because(&self, run: &RunId, target: Target, why: (&str, &str)) {
        let jobs = self.store.unfinished(run, true).await.unwrap();
        let job = jobs.into_iter().find(|job| job.target == target).unwrap();
        let worker = WorkerId::named("fixture");
        let Claim::Granted(grant) = self.store.claim(&job, &worker).await.unwrap() else {
            panic!("{target} is not to be had");
        };
        let end = AttemptEnd::Failed {
            cause: Cause {
                class: FailureClass::Data,
                fingerprint: why.0.to_owned(),
                message: why.1.to_owned(),
            },
            manifest: None,
            checks: Vec::new(),
        };
        self.store.end_attempt(&grant.attempt, &end).await.unwrap();
    }

    /// Makes it long ago that a run's jobs were published, and that anything happened to them.
    pub async fn age(&self, run: &RunId) {
        let mut ledger = SqliteConnection::connect(&self.url).await.unwrap();
        sqlx::query(
            "UPDATE sync_jobs SET published_at = '2020-01-01T00:00:00+00:00'
             WHERE run_id = $1 AND published_at IS NOT NULL",
        )
        .bind(run.as_str())
        .execute(&mut ledger)
        .await
        .unwrap();
        ledger.close().await.unwrap();
    }

    /// Who resumed a run, the first one first.
    pub async fn resumed_by(&self, run: &RunId) -> Vec<String> {
        let actions = self.store.actions(run).await.unwrap().into_iter();
        let resumes = actions.filter(|action| action.what == Action::Resume);
        resumes.map(|action| action.by).collect()
    }

    /// Who lifted a refused sign-in, the first one first.
    pub async fn lifted_by(&self) -> Vec<String> {
        let mut ledger = SqliteConnection::connect(&self.url).await.unwrap();
        let by = "SELECT by FROM sync_actions WHERE what = 'signin_retry' ORDER BY at";
        let by = sqlx::query_scalar(by).fetch_all(&mut ledger).await.unwrap();
        ledger.close().await.unwrap();
        by
    }

    pub async fn states(&self, run: &RunId) -> Vec<JobState> {
        let jobs = self.store.jobs(run).await.unwrap();
        jobs.into_iter().map(|job| job.state).collect()
    }
}

pub fn enqueuer<'a>(store: &'a dyn Store, queue: &'a Broker) -> Enqueuer<'a> {
    Enqueuer {
        store,
        queue,
        publishing: Publishing::Missing,
    }
}

pub fn target(code: i64) -> Target {
    Target::Empreendimento(EmpreendimentoId::try_from(code).unwrap())
}

pub fn catalogue() -> Catalogue {
    let filial_id = FilialId::try_from(7).unwrap();
    let empreendimento = |code: i64| EmpreendimentoRow {
        id: code.try_into().unwrap(),
        nome: format!("Residencial {code}"),
        filial_id,
        centro_custo_id: None,
    };
    Catalogue {
        empreendimentos: [3, 5, 7].map(empreendimento).into(),
        filiais: vec![FilialRow {
            id: filial_id,
            nome: "Filial 7".to_owned(),
            fantasia: None,
            cnpj: None,
        }],
    }
}

/// Has the ERP refuse the sign-in.
pub async fn refuse(store: &dyn Store) {
    let version = store.session().await.unwrap().version;
    let lease = std::time::Duration::from_secs(60);
    assert!(
        store
            .begin_renewal("fixture", version, lease)
            .await
            .unwrap()
    );
    store.refused("fixture", "401").await.unwrap();
}
