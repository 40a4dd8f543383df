//! Every screen, in both languages and themes, on a wide and on a narrow window: axe-core finds nothing to
//! object to, and nothing is wider than the window.

use anyhow::Context as _;
use tests::browser::{Browser, Theme};

use crate::Morning;

#[tokio::test(flavor = "multi_thread")]
async fn each_is_accessible_and_fits_the_window() -> anyhow::Result<()> {
    let morning = Morning::new().await?;
    let browser = Browser::start().await?;
    let axe = axe()?;
    let mut found = Vec::new();
    for (at, language) in ["pt-BR", "en"].into_iter().enumerate() {
        let choice = format!("/?lang={language}");
        browser.open(&morning.web, &choice).await?;
        for (path, shows) in morning.screens() {
            browser.open(&morning.web, &path).await?;
            browser.sees(shows[at]).await?;
            let () = browser.run(&axe, &[]).await?;
            for theme in [Theme::Light, Theme::Dark] {
                browser.theme(theme).await?;
                for width in [1280, 360] {
                    browser.width(width).await?;
                    let of_screen = problems(&browser).await?;
                    let place = format!("{path} {language} {theme:?} {width}");
                    found.extend(of_screen.iter().map(|one| format!("{place}: {one}")));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    morning.end().await
}

/// axe-core as a script.
fn axe() -> anyhow::Result<String> {
    let how = "eval \"$(scripts/services)\" brings axe-core";
    let path = std::env::var("MEGA_SYNC_TEST_AXE")
        .with_context(|| format!("MEGA_SYNC_TEST_AXE is not set: {how}"))?;
    std::fs::read_to_string(&path).with_context(|| format!("{path}: {how}"))
}

/// What is wrong with the page as it stands, a line each.
async fn problems(browser: &Browser) -> anyhow::Result<Vec<String>> {
    let script = "const { violations } = await axe.run();
                  const lines = violations.flatMap(({ id, help, nodes }) =>
                      nodes.map(({ html }) => `${id}: ${help}: ${html}`));
                  const { scrollWidth, clientWidth } = document.documentElement;
                  if (scrollWidth > clientWidth)
                      lines.push(`${scrollWidth} pixels wide, of ${clientWidth}`);
                  return lines";
    browser.run(script, &[]).await
}
