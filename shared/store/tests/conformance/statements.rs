//! How many statements a commit takes, counted on the wire in front of PostgreSQL.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use domain::job::{JobMessage, Target};
use domain::ledger::Committed;
use domain::manifest::Manifest;
use domain::tables::{FaturaRow, SaidasCaixaResult};
use store::{Store, connect};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::*;

/// Statements that clients asked the database behind it to run.
#[derive(Clone, Default)]
struct Statements(Arc<AtomicU64>);

impl Statements {
    /// Stands between a client and `upstream`, and counts.
    async fn in_front_of(upstream: String) -> (Self, std::net::SocketAddr) {
        let counter = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let counting = counter.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&upstream).await.unwrap();
                tokio::spawn(counting.clone().pass(client, server));
            }
        });
        (counter, address)
    }

    async fn pass(self, client: TcpStream, server: TcpStream) {
        let (mut from_client, mut to_client) = client.into_split();
        let (mut from_server, mut to_server) = server.into_split();
        let answers = async move { tokio::io::copy(&mut from_server, &mut to_client).await };
        let questions = async move {
            // The first message of a connection has no type.
            let mut typed = false;
            loop {
                let mut kind = [0; 1];
                if typed {
                    from_client.read_exact(&mut kind).await?;
                }
                let length = from_client.read_u32().await?;
                let mut body = vec![0; length as usize - 4];
                from_client.read_exact(&mut body).await?;
                // Execute of a prepared statement, and the simple query.
                if matches!(&kind, b"E" | b"Q") {
                    self.0.fetch_add(1, Ordering::SeqCst);
                }
                let mut message = Vec::with_capacity(body.len() + 5);
                message.extend(&kind[..usize::from(typed)]);
                message.extend(length.to_be_bytes());
                message.extend(body);
                to_server.write_all(&message).await?;
                typed = true;
            }
            #[expect(unreachable_code, reason = "gives the block its error type")]
            std::io::Result::Ok(())
        };
        let _ = tokio::join!(answers, questions);
    }

    fn so_far(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// A store of the test's schema whose every statement is counted.
async fn counted(db: &Db) -> (Statements, Arc<dyn Store>) {
    use secrecy::ExposeSecret as _;
    let mut url = url::Url::parse(db.url.expose_secret()).unwrap();
    let upstream = format!("{}:{}", url.host().unwrap(), url.port().unwrap_or(5432));
    let (statements, address) = Statements::in_front_of(upstream).await;
    url.set_host(Some(&address.ip().to_string())).unwrap();
    url.set_port(Some(address.port())).unwrap();
    url.query_pairs_mut().append_pair("sslmode", "disable");
    let store = connect(&url.to_string().into()).await.unwrap();
    // The pool's first connection sets itself up.
    store.ping().await.unwrap();
    (statements, store)
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
        let (statements, store) = counted(db).await;
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
        assert_eq!(counts, [16, 16, 16]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empreendimento_commit_takes_the_same_statements_whatever_its_rows() {
    on_postgres(async |db| {
        let (statements, store) = counted(db).await;
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
        assert_eq!(counts, [18, 18]);
    })
    .await;
}
