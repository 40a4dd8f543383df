//! Where no script runs, everything is there all the same.

use tests::browser::Browser;

use crate::Morning;

#[tokio::test(flavor = "multi_thread")]
async fn every_screen_is_readable_and_a_requeue_works() -> anyhow::Result<()> {
    let morning = Morning::new().await?;
    let browser = Browser::start().await?;
    browser.without_script().await?;
    for (path, [shows, _]) in morning.screens() {
        browser.open(&morning.web, &path).await?;
        let off = "return matchMedia('(scripting: none)').matches";
        assert!(browser.run::<bool>(off, &[]).await?, "scripts run");
        browser.sees(shows).await?;
    }
    browser.open(&morning.web, "/").await?;
    browser.click("Recolocar todos na fila…").await?;
    browser.click("Recolocar na fila").await?;
    browser.sees("A execução está na fila, sem worker").await?;
    assert_eq!(morning.failed().await?, 0);
    morning.is_completed(&browser).await?;
    morning.end().await
}
