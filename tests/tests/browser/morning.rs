//! The operator's morning: what failed, why, and one button.

use tests::browser::Browser;

use crate::Morning;

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_read_requeued_and_seen_complete() -> anyhow::Result<()> {
    let morning = Morning::new().await?;
    let browser = Browser::start().await?;
    browser.open(&morning.web, "/").await?;
    for text in [
        "A execução terminou com falhas: 1 de 9 jobs falharam.",
        "dados do ERP",
        "11013",
        "Corrija no ERP o registro que a mensagem indica",
        "Nenhum worker está vivo.",
    ] {
        browser.sees(text).await?;
    }

    browser.click("Recolocar na fila…").await?;
    browser.sees("Jobs que voltam para a fila: 1").await?;
    assert_eq!(morning.failed().await?, 1, "it only looks");
    browser.click("Recolocar na fila").await?;
    browser.sees("A execução está na fila, sem worker").await?;
    assert_eq!(morning.failed().await?, 0);

    // It changes under the reader's eyes; what would move the page waits until it is asked for.
    let worker = morning.fleet.worker(&[])?;
    browser
        .sees("A execução está completa: 9 de 9 jobs feitos.")
        .await?;
    assert!(!browser.text().await?.contains("Nada falta."));
    browser.click("Há novidades abaixo: recarregar").await?;
    browser.sees("Nada falta.").await?;
    morning.fleet.retire(worker).await?;
    morning.end().await
}
