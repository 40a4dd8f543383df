//! A ledger of 400 nights is pruned to its last 30 while others write to it.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use chrono::{Days, Utc};
use domain::fleet::Calls;
use domain::job::{EmpreendimentoId, JobMessage, RunId, RunParams, Target};
use domain::ledger::{Claim, Committed, WorkerId};
use domain::manifest::Manifest;
use domain::tables::EmpreendimentoResult;
use simulator::Config;
use store::Store;
use tests::{Fleet, GOLDEN};

use crate::number;
use crate::pages::nights;

/// The longest that it may take.
const LONGEST: Duration = Duration::from_secs(60);
/// The longest that a heartbeat, a claim or a commit may take beside it. They take milliseconds alone.
const LONGEST_BESIDE: Duration = Duration::from_secs(1);

/// An open run over every empreendimento, for the worker beside.
const OPEN: &str = "
INSERT INTO sync_runs (id, start_date, end_date, as_of, created_at)
VALUES ('beside', current_date - 1, current_date, current_date, now());
INSERT INTO sync_jobs (run_id, target, seq, nome)
SELECT 'beside', id::text, id, nome FROM empreendimentos";

/// What the rows of runs take up, with their indices.
const LEDGER_BYTES: &str = "
SELECT (pg_total_relation_size('sync_runs') + pg_total_relation_size('sync_jobs')
        + pg_total_relation_size('sync_attempts') + pg_total_relation_size('sync_checks'))::bigint";

/// A worker that claims and commits job after job, and what took it longest.
struct Beside<'a> {
    store: &'a dyn Store,
    worker: WorkerId,
    run: RunId,
    params: RunParams,
    longest: Duration,
}

impl Beside<'_> {
    /// A heartbeat, a claim and a commit of nothing.
    async fn work(&mut self, id: EmpreendimentoId) -> anyhow::Result<()> {
        let calls = Calls {
            total: 96,
            pending: 1,
            held: 0,
            cut_off: false,
            learned: None,
        };
        let began = Instant::now();
        self.store.heartbeat(&self.worker, calls).await?;
        self.took(began);
        let target = Target::Empreendimento(id);
        let job = JobMessage::new(self.run.clone(), target, self.params);
        let began = Instant::now();
        let claim = self.store.claim(&job, &self.worker).await?;
        self.took(began);
        let grant = match claim {
            Claim::Granted(grant) => grant,
            other => anyhow::bail!("not granted: {other:?}"),
        };
        let nothing = EmpreendimentoResult {
            contratos: Vec::new(),
            is_active: true,
            entradas: Vec::new(),
            delinquency: Vec::new(),
            portfolio: Vec::new(),
            memory: Vec::new(),
            manifest: Manifest::default(),
        };
        let began = Instant::now();
        let committed = self
            .store
            .commit_empreendimento(&grant.attempt, &nothing, &[])
            .await?;
        self.took(began);
        assert!(matches!(committed, Committed::Applied { .. }));
        Ok(())
    }

    fn took(&mut self, began: Instant) {
        self.longest = self.longest.max(began.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: scripts/test --full"]
async fn four_hundred_nights_are_pruned_beside_a_worker() -> anyhow::Result<()> {
    let fleet = Fleet::new(Config::folder(GOLDEN)).await?;
    nights(&fleet, 400).await?;
    sqlx::raw_sql(OPEN).execute(&fleet.pool).await?;
    let url = fleet.variable("DATABASE_URL").context("a database")?;
    let pruner = store::connect(&url.clone().into()).await?;
    let store = store::connect(&url.into()).await?;
    let bytes = number(&fleet, LEDGER_BYTES).await?;
    println!("{:.1} MB of ledger", bytes as f64 / 1e6);
    let before = Utc::now() - Days::new(30);
    let began = Instant::now();
    let prunable = pruner.prunable(before).await?;
    println!("{:?} to count {prunable:?}", began.elapsed());
    assert!(prunable.of("runs") > 250, "{prunable:?}");

    let run = store.run(Some(&"beside".parse()?)).await?;
    let run = run.context("the run beside")?;
    let mut beside = Beside {
        store: &*store,
        worker: WorkerId::named("beside"),
        run: run.id,
        params: run.params,
        longest: Duration::ZERO,
    };
    let ids = "SELECT id FROM empreendimentos ORDER BY id";
    let ids: Vec<i64> = sqlx::query_scalar(ids).fetch_all(&fleet.pool).await?;
    let began = Instant::now();
    let pruning = tokio::spawn(async move {
        let pruned = pruner.prune(before).await;
        (pruned, began.elapsed())
    });
    let mut worked = 0;
    for id in ids {
        if pruning.is_finished() {
            break;
        }
        beside.work(id.try_into()?).await?;
        worked += 1;
    }
    let longest = beside.longest;
    let (pruned, took) = pruning.await?;
    println!("{took:?} to prune; {worked} jobs beside it, {longest:?} the longest call");
    assert_eq!(pruned?, prunable);
    assert!(took < LONGEST, "{took:?}");
    assert!(worked > 10, "{worked}");
    assert!(longest < LONGEST_BESIDE, "{longest:?}");

    let dangling = "SELECT COUNT(*) FROM sync_attempts a
                    WHERE NOT EXISTS (SELECT FROM sync_runs r WHERE r.id = a.run_id)";
    assert_eq!(number(&fleet, dangling).await?, 0);
    let nameless = "SELECT COUNT(*) FROM entradas_caixa t
                    WHERE NOT EXISTS (SELECT FROM sync_runs r WHERE r.id = t.run_id)";
    assert_eq!(number(&fleet, nameless).await?, 0);
    let young =
        "SELECT COUNT(*) FROM sync_runs WHERE created_at > now() - interval '29 days 12 hours'";
    assert_eq!(number(&fleet, young).await?, 29 + 1);
    fleet.remove().await
}
