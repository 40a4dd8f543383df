//! The monthly indices, from the central bank's series to a corrected value.

use serde_json::json;
use tests::Standalone;

use crate::standalone::BACKFILL;

/// The exit code of `ipca fetch` over a URL, and all that it prints.
async fn fetch_from(standalone: &Standalone, url: &str) -> anyhow::Result<(Option<i32>, String)> {
    let mut command = standalone.command()?;
    command
        .env("MEGA_SYNC_IPCA_URL", url)
        .args(["ipca", "fetch"]);
    let output = command.output().await?;
    let told = [output.stdout, output.stderr].concat();
    Ok((output.status.code(), String::from_utf8(told)?))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_loaded_corrects_the_next_run() -> anyhow::Result<()> {
    let standalone = Standalone::new().await?;
    standalone.exits(0, BACKFILL).await?;
    let corrected = "SELECT COUNT(*) FROM contratos WHERE valor_atualizado_ipca IS NOT NULL";
    let pool = standalone.pool().await?;
    let count = async || {
        sqlx::query_scalar::<_, i64>(corrected)
            .fetch_one(&pool)
            .await
    };
    assert_eq!(count().await?, 0);

    let url = format!(
        "{}/dados/serie/bcdata.sgs.433/dados?formato=json",
        standalone.erp.url()
    );
    let fetch = async || fetch_from(&standalone, &url).await;
    let series: Vec<_> = (2000..=2026)
        .flat_map(|year| (1..=12).map(move |month| (year, month)))
        .take_while(|month| *month <= (2026, 9))
        .map(|(year, month)| json!({"data": format!("01/{month:02}/{year}"), "valor": "0.50"}))
        .collect();
    standalone.erp.set_ipca(series.into());
    let (code, told) = fetch().await?;
    assert_eq!(code, Some(0), "{told}");
    assert!(
        told.contains("321 months added: 2000-01 to 2026-09"),
        "{told}"
    );
    let (_, told) = fetch().await?;
    assert!(told.contains("0 months added\n"), "{told}");
    standalone.exits(0, BACKFILL).await?;
    assert!(count().await? > 0);

    // A file with one month more and one revised.
    let file = standalone.folder.path().join("ipca.csv");
    std::fs::write(
        &file,
        "\"data\";\"valor\"\n\"01/09/2026\";\"0,60\"\n\"01/11/2026\";\"0,40\"\n",
    )?;
    let told = standalone.exits(0, &["ipca", "import", "ipca.csv"]).await?;
    assert!(told.contains("1 month added: 2026-11"), "{told}");
    assert!(told.contains("2026-09 revised: 0.50 to 0.60"), "{told}");
    assert!(told.contains("missing in between: 2026-10"), "{told}");

    // What is no list is refused, and nothing changes.
    standalone.erp.set_ipca(json!({"erro": "manutenção"}));
    let (code, told) = fetch().await?;
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("is no list of monthly indices"), "{told}");
    standalone
        .exits(2, &["ipca", "import", "missing.csv"])
        .await?;
    let held: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM ipca_mensal")
        .fetch_one(&pool)
        .await?;
    assert_eq!(held, 322);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_series_that_is_away_says_so() -> anyhow::Result<()> {
    let standalone = Standalone::new().await?;
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!(
        "http://user:hunter2@{}/dados?chave=hunter2",
        free.local_addr()?
    );
    drop(free);
    let (code, told) = fetch_from(&standalone, &url).await?;
    assert_eq!(code, Some(5), "{told}");
    assert!(told.contains("ipca import FILE"), "{told}");
    assert!(!told.contains("hunter2"), "{told}");
    Ok(())
}
