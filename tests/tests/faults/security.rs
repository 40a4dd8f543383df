//! Hostile data, hostile messages, and what is told of secrets and people.

use queue::{Destination, Envelope, Lane, Queue as _};
use serde_json::{Value, json};
use simulator::{Config, Credentials, Fault, FaultKind, Route, Selector};
use tests::{Fleet, GOLDEN, difference, expected};

use crate::{ALL_DONE, GOLDEN_ENQUEUE};

fn golden(file: &str) -> anyhow::Result<Value> {
    let text = std::fs::read_to_string(format!("{GOLDEN}/{file}"))?;
    Ok(serde_json::from_str(&text)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_looks_like_sql_is_data() -> anyhow::Result<()> {
    const NAME: &str = "LOTEAMENTO '); DROP TABLE contratos; -- \" $1 \\";
    const STATUS: &str = "Ativo'); DELETE FROM sync_jobs; --";
    let fleet = Fleet::new(Config::folder(GOLDEN)).await?;
    let mut catalogue = golden("empreendimentos.json")?;
    let row = catalogue.as_array_mut().unwrap().iter_mut();
    for row in row.filter(|row| row["codigo"].as_f64() == Some(1400.0)) {
        row["nome"] = json!(NAME);
    }
    fleet.erp.override_empreendimentos(catalogue);
    let mut contratos = golden("contratos/1400.json")?;
    contratos[0]["status_contrato"] = json!(STATUS);
    contratos[0]["nome_empreendimento"] = json!(NAME);
    fleet.erp.override_contratos(1400, contratos);

    let worker = fleet.worker_as("worker", &[], &[])?;
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    fleet.until("the run is done", ALL_DONE).await?;
    fleet.retire(worker).await?;

    let (name, in_figures): (String, String) = sqlx::query_as(
        "SELECT e.nome, (SELECT min(empreendimento_nome) FROM entradas_caixa
                         WHERE empreendimento_id = 1400)
         FROM empreendimentos e WHERE id = 1400",
    )
    .fetch_one(&fleet.pool)
    .await?;
    assert_eq!((name.as_str(), in_figures.as_str()), (NAME, NAME));
    let status: String = sqlx::query_scalar("SELECT status FROM contratos WHERE id = 11001")
        .fetch_one(&fleet.pool)
        .await?;
    assert_eq!(status, STATUS);
    // A contrato of another status counts otherwise; nothing else may differ.
    let elsewhere: Vec<String> = difference(&expected(), &fleet.tables().await?)
        .into_iter()
        .filter(|line| !line.contains(" 1400|") && !line.starts_with("contratos 11001:"))
        .collect();
    assert_eq!(elsewhere, [""; 0]);
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_a_stranger_are_refused_and_harmless() -> anyhow::Result<()> {
    let fleet = Fleet::new(Config::folder(GOLDEN)).await?;
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    let run: String = sqlx::query_scalar("SELECT id FROM sync_runs")
        .fetch_one(&fleet.pool)
        .await?;
    let true_message = json!({
        "schema_version": 1, "run_id": run, "target": "1400",
        "start_date": "2026-01-01", "end_date": "2026-11-22", "as_of": "2026-11-23",
    });
    let altered = |field: &str, value: Value| {
        let mut message = true_message.clone();
        message[field] = value;
        message.to_string().into_bytes()
    };
    let strange = [
        altered("target", json!("-1400")),
        altered("target", json!(-1400)),
        altered("target", json!("0")),
        altered("target", json!("999999999")),
        altered("target", json!("9223372036854775808")),
        altered("target", json!("1400'; DROP TABLE sync_jobs; --")),
        altered("run_id", json!("20200101-000000-aaaaaa")),
        altered("run_id", json!("../../etc/passwd")),
        altered("end_date", json!("9999-12-31")),
        altered("end_date", json!("2026-99-99")),
        altered("start_date", json!("0001-01-01")),
        // A job there is, over a window that nobody asked for.
        altered("start_date", json!("2019-01-01")),
        altered("as_of", json!("2019-01-01")),
        altered("schema_version", json!(-1)),
        altered("target", json!("x".repeat(4 * 1024 * 1024))),
        b"[".repeat(100_000),
        Vec::new(),
        b"\xff\xfe\x00".to_vec(),
    ];
    let broker = fleet.broker().await?;
    for body in &strange {
        let message = Envelope {
            body: body.clone(),
            attempt: u32::MAX,
            reason: Some("forged".to_owned()),
        };
        broker
            .publish(Destination::Work(Lane::Normal), &message)
            .await?;
    }

    let worker = fleet.worker_as("worker", &[], &[])?;
    fleet.until("the run is done", ALL_DONE).await?;
    fleet.until_drained().await?;
    fleet.retire(worker).await?;
    crate::assert_nothing_lost_or_doubled(&fleet, strange.len() as u64).await?;
    for reason in fleet.dead_reasons(strange.len()).await? {
        assert!(reason.starts_with("poison: "), "{reason}");
    }
    let targets: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sync_targets")
        .fetch_one(&fleet.pool)
        .await?;
    assert_eq!(targets, 9, "a stranger's message left a trace");
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_told_holds_a_secret_or_a_person() -> anyhow::Result<()> {
    let credentials = Credentials {
        password: "senha-7f3a91".to_owned(),
        ..Credentials::default()
    };
    let fleet = Fleet::new(Config {
        credentials,
        ..Config::folder(GOLDEN)
    })
    .await?;
    provoke(&fleet)?;

    // As talkative as an operator would ever make it, over two runs of which one meets a refusal.
    let talkative = [("RUST_LOG", "debug".to_owned())];
    let worker = fleet.worker_as("worker", &[], &talkative)?;
    let output = fleet.producer(GOLDEN_ENQUEUE).await?;
    let mut told = String::from_utf8([output.stderr, output.stdout].concat())?;
    let settled = "SELECT bool_and(state IN ('done', 'failed')) AND bool_or(state = 'failed')
                   FROM sync_jobs";
    fleet.until("every job has ended", settled).await?;
    fleet.erp.void_all_tokens();
    fleet.erp.refuse_sign_ins(true);
    fleet.producer_exits(0, &["requeue"]).await?;
    let refused = "SELECT refused_at IS NOT NULL FROM sync_session";
    fleet.until("the sign-in is refused", refused).await?;
    fleet
        .until("jobs wait", "SELECT bool_or(deferrals > 0) FROM sync_jobs")
        .await?;
    for command in ["status", "failed"] {
        let output = fleet.producer(&[command]).await?;
        told += &String::from_utf8(output.stderr)?;
        told += &String::from_utf8(output.stdout)?;
    }
    fleet.retire(worker).await?;
    told += &fleet.log_of("worker")?;
    assert!(
        told.contains("refused"),
        "the log tells too little to prove anything"
    );

    for (place, text) in [
        ("what was told", told),
        ("the tables", all_text(&fleet).await?),
    ] {
        for needle in [
            "senha-7f3a91",
            "access-0",
            "refresh-0",
            "CLIENTE SINT",
            "000.000.000-00",
            "123.456.789-09",
        ] {
            let found = text.lines().find(|line| line.contains(needle));
            assert_eq!(found, None, "{place} hold {needle}");
        }
    }
    fleet.remove().await
}

/// Errors that have personal data at hand when they are worded.
fn provoke(fleet: &Fleet) -> anyhow::Result<()> {
    let person = "CLIENTE SINTÉTICO 11001, CPF 123.456.789-09";
    let mut parcelas = golden("parcelas/11001.json")?;
    for parcela in parcelas.as_array_mut().unwrap() {
        for field in [
            "cod_parcela",
            "vlr_original",
            "data_vencimento",
            "status_parcela",
        ] {
            parcela[field] = json!(person);
        }
    }
    fleet.erp.override_parcelas(11001, parcelas);
    let mut contratos = golden("contratos/1403.json")?;
    contratos[0]["cod_contrato"] = json!(person);
    fleet.erp.override_contratos(1403, contratos);
    let of = |empreendimento| Selector::route(Route::DadosContrato).empreendimento(empreendimento);
    fleet.erp.faults([
        Fault::always(of(1406), FaultKind::WrongTypes),
        Fault::always(of(1409), FaultKind::Garbage),
        Fault::always(of(1412), FaultKind::WrongShape),
        Fault::always(of(1415), FaultKind::PlainText),
    ]);
    Ok(())
}

/// Every row of every table as text, but for the session, which is where the tokens live.
async fn all_text(fleet: &Fleet) -> anyhow::Result<String> {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT table_name::text FROM information_schema.tables
         WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
           AND table_name <> 'sync_session'",
    )
    .fetch_all(&fleet.pool)
    .await?;
    let mut text = String::new();
    for table in tables {
        let query = format!("SELECT to_jsonb(t)::text FROM {table} t");
        let rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(query))
            .fetch_all(&fleet.pool)
            .await?;
        for row in rows {
            text += &format!("{table} {row}\n");
        }
    }
    let refusal: Option<String> = sqlx::query_scalar("SELECT refused_why FROM sync_session")
        .fetch_one(&fleet.pool)
        .await?;
    text += &refusal.unwrap_or_default();
    Ok(text)
}
