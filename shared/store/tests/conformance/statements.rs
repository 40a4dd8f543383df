//! How many statements a commit takes, counted on the wire in front of PostgreSQL.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::job::{JobMessage, Target};
use domain::ledger::Committed;
use domain::manifest::Manifest;
use domain::tables::{FaturaRow, SaidasCaixaResult};
use store::{Store, connect};
use test_proxy::{Inspector, Proxy};

use crate::support::*;

/// Statements that clients asked the database behind a proxy to run.
#[derive(Clone, Default)]
struct Statements(Arc<AtomicU64>);

impl Statements {
    /// Counts those of one connection.
    fn inspector(&self) -> Inspector {
        let counted = Arc::clone(&self.0);
        // The first message of a connection has no type.
        let (mut typed, mut unread) = (false, Vec::new());
        Box::new(move |chunk| {
            unread.extend_from_slice(chunk);
            while let Some((kind, length)) = first_message(&unread, typed) {
                // Execute of a prepared statement, and the simple query.
                if matches!(kind, Some(b'E' | b'Q')) {
                    counted.fetch_add(1, Ordering::SeqCst);
                }
                unread.drain(..length);
                typed = true;
            }
        })
    }

    fn so_far(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// The type of the first message and how many bytes it takes, once it is there as a whole.
fn first_message(bytes: &[u8], typed: bool) -> Option<(Option<u8>, usize)> {
    let (kind, bytes) = match typed {
        true => (Some(*bytes.first()?), &bytes[1..]),
        false => (None, bytes),
    };
    // The length counts its own four bytes, and not the type.
    let length = u32::from_be_bytes(*bytes.first_chunk()?) as usize;
    (bytes.len() >= length).then_some((kind, length + usize::from(typed)))
}

/// A store of the test's schema whose every statement is counted.
async fn counted(db: &Db) -> (Statements, Proxy, Arc<dyn Store>) {
    use secrecy::ExposeSecret as _;
    let statements = Statements::default();
    let counting = statements.clone();
    let proxy = Proxy::inspected(db.url.expose_secret(), 5432, move || counting.inspector());
    let proxy = proxy.await.unwrap();
    let mut url = url::Url::parse(&proxy.url()).unwrap();
    url.query_pairs_mut().append_pair("sslmode", "disable");
    let store = connect(&url.to_string().into()).await.unwrap();
    // The pool's first connection sets itself up.
    store.ping().await.unwrap();
    (statements, proxy, store)
}

/// Faturas with a key of cash out each.
fn faturas(keys: usize) -> Vec<FaturaRow> {
    let one = |n: usize| {
        let mut row = fatura(&n.to_string(), &format!("T{n}"), "2026-01-10", 100, 50);
        row.key.filial_id = filial(10 + n as i64 % 7);
        row
    };
    (0..keys).map(one).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cash_out_commit_takes_the_same_statements_whatever_its_rows() {
    on_postgres(async |db| {
        let (statements, _proxy, store) = counted(db).await;
        let mut counts = Vec::new();
        for keys in [0, 3, 1_338] {
            let job = recorded(
                db,
                &format!("run-{keys}"),
                first_quarter(),
                Target::SaidasCaixa,
            )
            .await;
            let attempt = granted(&*store, &job, "w").await.attempt;
            let result = SaidasCaixaResult {
                faturas: vec![faturas(keys)],
                manifest: Manifest::default(),
            };
            let before = statements.so_far();
            let committed = store
                .commit_saidas_caixa(&attempt, &result, &[])
                .await
                .unwrap();
            counts.push(statements.so_far() - before);
            assert!(matches!(committed, Committed::Applied { .. }));
            let written = db.text("SELECT COUNT(*) AS value FROM saidas_caixa").await;
            assert_eq!(written, keys.to_string());
        }
        // BEGIN, the clock, the fence, two for the coverage, the target, the stage and its COPY, the
        // filiais, two for the faturas, one for the cash out, the checks, the attempt, the job,
        // COMMIT.
        assert_eq!(counts, [17, 17, 17]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empreendimento_commit_takes_the_same_statements_whatever_its_rows() {
    on_postgres(async |db| {
        let (statements, _proxy, store) = counted(db).await;
        let mut counts = Vec::new();
        for (run, end, contratos) in [
            ("few", "2026-01-31", vec![1]),
            ("many", "2035-12-31", (1..=500).collect()),
        ] {
            let params = params("2026-01-01", end, "2026-04-01");
            let job: JobMessage = recorded(db, run, params, target(1)).await;
            let attempt = granted(&*store, &job, "w").await.attempt;
            let rows = result(&params, &contratos, 1);
            let before = statements.so_far();
            let committed = store
                .commit_empreendimento(&attempt, &rows, &[])
                .await
                .unwrap();
            counts.push(statements.so_far() - before);
            assert!(matches!(committed, Committed::Applied { .. }));
        }
        // BEGIN, the clock, the fence, two for the coverage, the target, one for each of four tables,
        // two for the activity, two for the memory of contratos, the checks, the attempt, the job,
        // COMMIT.
        assert_eq!(counts, [19, 19]);
    })
    .await;
}
