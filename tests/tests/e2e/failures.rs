//! What fails is told, changes nothing, and is done after a requeue.

use simulator::{Fault, FaultKind, Route, Selector};
use tests::{Fleet, GOLDEN, difference, expected};

use crate::{ALL_DONE, GOLDEN_BACKFILL, GOLDEN_ENQUEUE};

fn overloaded() -> FaultKind {
    FaultKind::Status {
        code: 500,
        retry_after_seconds: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_contrato_that_fails_keeps_its_empreendimento_as_it_was() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let _worker = fleet.worker(&[])?;
    let broken = Selector::route(Route::DadosParcelas).contrato(11042);
    fleet.erp.fault(Fault::always(broken, overloaded()));

    fleet.producer_exits(3, &GOLDEN_BACKFILL).await?;
    let tables = fleet.tables().await?;
    // 1415 has nothing from before; all others have what they should.
    let mut without_1415 = expected();
    without_1415
        .get_mut("empreendimentos")
        .unwrap()
        .insert("1415".into(), "false 0".into());
    for rows in without_1415.values_mut() {
        rows.retain(|key, _| !key.starts_with("1415|"));
    }
    let contratos = without_1415.get_mut("contratos").unwrap();
    contratos.retain(|_, row| !row.starts_with("1415 "));
    assert_eq!(difference(&without_1415, &tables), [""; 0]);

    let failed = fleet.producer_exits(3, &["failed"]).await?;
    for word in [
        "1415",
        "transient",
        "contrato 11042",
        "DadosParcelas",
        "500",
    ] {
        assert!(failed.contains(word), "{word} is missing in:\n{failed}");
    }
    fleet.producer_exits(3, &["status"]).await?;
    assert_eq!(fleet.depths().await?.dead, 1);

    fleet.producer_exits(0, &["requeue", "--dry-run"]).await?;
    fleet.producer_exits(3, &["failed"]).await?;

    fleet.erp.clear_faults();
    fleet.producer_exits(0, &["requeue"]).await?;
    fleet.until("the run is done", ALL_DONE).await?;
    assert_eq!(difference(&expected(), &fleet.tables().await?), [""; 0]);
    fleet.producer_exits(0, &["failed"]).await?;
    fleet.producer_exits(0, &["status"]).await?;
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn passing_faults_are_retried_until_all_is_there() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let _worker = fleet.worker(&[])?;
    let parcelas = || Selector::route(Route::DadosParcelas);
    // More than one job's calls are tried in place: some jobs must come back through the queue.
    fleet
        .erp
        .fault(Fault::next(3, parcelas().contrato(11042), overloaded()));
    fleet.erp.fault(Fault::next(
        3,
        parcelas().contrato(11001),
        FaultKind::Truncated,
    ));
    fleet.erp.fault(Fault::next(
        3,
        Selector::route(Route::FaturaPagar),
        FaultKind::HtmlPage,
    ));

    fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;
    assert_eq!(difference(&expected(), &fleet.tables().await?), [""; 0]);
    let retried: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sync_jobs WHERE errors > 0")
        .fetch_one(&fleet.pool)
        .await?;
    assert_eq!(retried, 3);
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poison_message_is_buried_and_stops_nothing() -> anyhow::Result<()> {
    use queue::{Destination, Envelope, Lane, Queue as _};

    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let broker = fleet.broker().await?;
    let unknown_job = br#"{"schema_version":1,"run_id":"no-such-run","target":"1400","start_date":"2026-01-01","end_date":"2026-02-01","as_of":"2026-11-23"}"#;
    for body in [&b"{not json"[..], b"\xff\x00", unknown_job] {
        let poison = Envelope {
            body: body.to_vec(),
            attempt: 0,
            reason: None,
        };
        broker
            .publish(Destination::Work(Lane::Normal), &poison)
            .await?;
    }
    let _worker = fleet.worker(&[])?;

    fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;
    assert_eq!(difference(&expected(), &fleet.tables().await?), [""; 0]);
    let depths = fleet.depths().await?;
    assert_eq!((depths.ready, depths.delayed, depths.dead), (0, 0, 3));
    let mut reasons = fleet.dead_reasons(3).await?;
    reasons.sort();
    assert!(
        reasons[0].contains("ledger knows no such job"),
        "{reasons:?}"
    );
    assert!(reasons[1].contains("unreadable"), "{reasons:?}");
    assert!(reasons[2].contains("unreadable"), "{reasons:?}");
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_tried_once_by_the_whole_fleet() -> anyhow::Result<()> {
    let mut fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let right = fleet.set("MEGA_API_PASSWORD", "wrong-7c1f");
    let output = fleet.producer(&GOLDEN_BACKFILL).await?;
    assert_eq!(output.status.code(), Some(4));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("wrong-7c1f"));
    fleet.producer_exits(4, &GOLDEN_BACKFILL).await?;
    assert_eq!(fleet.erp.counters().sign_ins_refused, 1);

    // Correcting it is not enough: a person says that the account may be used again.
    fleet.set("MEGA_API_PASSWORD", right);
    fleet.producer_exits(4, &GOLDEN_BACKFILL).await?;
    fleet.producer_exits(0, &["signin", "--retry"]).await?;
    let _worker = fleet.worker(&[])?;
    fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;
    assert_eq!(fleet.erp.counters().sign_ins_refused, 1);
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_says_whether_it_can_work_and_why_not() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let address = std::net::TcpListener::bind("127.0.0.1:0")?
        .local_addr()?
        .to_string();
    let _worker = fleet.worker(&["--listen", &address])?;
    fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;
    runtime::tls::install_provider();
    let ask = async |path: &str| -> anyhow::Result<(u16, String)> {
        let answer = reqwest::get(format!("http://{address}/{path}")).await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    };
    assert_eq!(ask("healthz").await?.0, 200);
    let (code, text) = ask("readyz").await?;
    assert_eq!(
        (code, text.as_str()),
        (
            200,
            "database: ok\nmigrations: ok\nbroker: ok\nsign-in: ok\nerp: ok\npaused: no\n"
        )
    );
    let (_, metrics) = ask("metrics").await?;
    let done = r#"mega_sync_attempts_total{outcome="done",class="none"} 9"#;
    assert!(metrics.contains(done), "{metrics}");
    assert!(metrics.contains("mega_sync_sign_in_refused 0"), "{metrics}");
    assert!(metrics.contains("mega_sync_paused 0"), "{metrics}");

    fleet.erp.refuse_sign_ins(true);
    fleet.erp.void_all_tokens();
    fleet.producer_exits(4, &GOLDEN_BACKFILL).await?;
    let (code, text) = ask("readyz").await?;
    assert!(
        code == 503 && text.contains("sign-in: refused at"),
        "{code} {text}"
    );
    let (_, metrics) = ask("metrics").await?;
    assert!(metrics.contains("mega_sync_sign_in_refused 1"), "{metrics}");
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn services_that_cannot_be_reached_are_named() -> anyhow::Result<()> {
    for (variable, nobody, word) in [
        (
            "DATABASE_URL",
            "postgres://u:secret-91@127.0.0.1:1/x",
            "database",
        ),
        ("AMQP_URL", "amqp://u:secret-91@127.0.0.1:1/%2f", "broker"),
        ("MEGA_API_URL", "http://127.0.0.1:1", "ERP"),
    ] {
        let mut fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
        let right = fleet.set(variable, nobody);
        let output = fleet.producer(GOLDEN_ENQUEUE).await?;
        let text = String::from_utf8(output.stderr)?;
        assert_eq!(output.status.code(), Some(5), "{variable}: {text}");
        assert!(
            text.contains(word) && !text.contains("secret-91"),
            "{variable}: {text}"
        );
        fleet.set(variable, right);
        fleet.remove().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn usage_errors_name_what_is_wrong_and_ask_nothing_of_the_erp() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    for (arguments, word) in [
        (
            &[
                "backfill",
                "--start-date",
                "2023-01-01",
                "--end-date",
                "2026-01-01",
            ][..],
            "--force",
        ),
        (
            &[
                "backfill",
                "--start-date",
                "2026-02-01",
                "--end-date",
                "2026-01-01",
            ],
            "end",
        ),
        (
            &[
                "backfill",
                "--start-date",
                "2026-01-01",
                "--empreendimento-ids",
                "1400,77,78",
            ],
            "77",
        ),
        (
            &["status", "--run", "20200101-000000-aaaaaa"],
            "20200101-000000-aaaaaa",
        ),
        (&["requeue"], "no run"),
    ] {
        let output = fleet.producer(arguments).await?;
        let text = String::from_utf8(output.stderr)?;
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
        assert!(text.contains(word), "{arguments:?}: {text}");
    }
    let runs: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sync_runs")
        .fetch_one(&fleet.pool)
        .await?;
    assert_eq!(runs, 0);
    fleet.remove().await
}
