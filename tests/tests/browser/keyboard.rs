//! The page by keyboard alone.

use anyhow::ensure;
use serde::Deserialize;
use tests::browser::{Browser, Key};

use crate::Morning;

/// More stops than any screen has before what is looked for.
const STOPS: usize = 40;

#[tokio::test(flavor = "multi_thread")]
async fn the_menu_the_content_and_the_requeue_are_reached() -> anyhow::Result<()> {
    let morning = Morning::new().await?;
    let browser = Browser::start().await?;
    browser.open(&morning.web, "/").await?;

    // The first stop leads past the menu.
    browser.press(Key::Tab).await?;
    let skip = focus(&browser).await?;
    assert_eq!(skip.text, "Ir para o conteúdo");
    browser.press(Key::Enter).await?;
    browser.press(Key::Tab).await?;
    let first = focus(&browser).await?;
    assert!(first.in_content, "{first:?}");
    assert_eq!(first.text, "Recolocar todos na fila…");

    browser.open(&morning.web, "/").await?;
    go_to(&browser, "Execuções").await?;
    browser.press(Key::Enter).await?;
    browser.sees("Período").await?;
    go_to(&browser, &morning.run).await?;
    browser.press(Key::Enter).await?;
    browser.sees("O que falta, e por quê").await?;
    go_to(&browser, "Recolocar na fila…").await?;
    browser.press(Key::Enter).await?;
    browser.sees("Jobs que voltam para a fila: 1").await?;
    go_to(&browser, "Recolocar na fila").await?;
    assert_eq!(morning.failed().await?, 1);
    browser.press(Key::Enter).await?;
    browser.sees("A execução está na fila, sem worker").await?;
    assert_eq!(morning.failed().await?, 0);
    morning.end().await
}

/// What has the focus.
#[derive(Debug, Deserialize)]
struct Focus {
    text: String,
    in_content: bool,
    /// Whether it is in the window, and something is drawn around it.
    visible: bool,
}

async fn focus(browser: &Browser) -> anyhow::Result<Focus> {
    let script = "const one = document.activeElement;
                  const at = one.getBoundingClientRect();
                  const style = getComputedStyle(one);
                  return {
                      text: one.textContent.trim(),
                      in_content: one.closest('main') !== null,
                      visible: at.left >= 0 && at.top >= 0 && at.right <= innerWidth
                          && at.bottom <= innerHeight
                          && style.outlineStyle != 'none' && parseFloat(style.outlineWidth) >= 1,
                  }";
    let focus: Focus = browser.run(script, &[]).await?;
    ensure!(focus.visible, "the focus is not to be seen: {focus:?}");
    Ok(focus)
}

/// Presses the tab key until what has this text has the focus, which is visible at each stop.
async fn go_to(browser: &Browser, text: &str) -> anyhow::Result<()> {
    let mut passed = Vec::new();
    while passed.len() < STOPS {
        browser.press(Key::Tab).await?;
        let focus = focus(browser).await?;
        if focus.text == text {
            return Ok(());
        }
        passed.push(focus.text);
    }
    anyhow::bail!("{text:?} is not among {passed:?}")
}
