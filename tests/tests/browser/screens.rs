//! Every screen, in both languages and themes, on a wide and on a narrow window: axe-core finds nothing to
//! object to, and nothing is wider than the window.

use anyhow::Context as _;
use tests::browser::{Browser, Theme};

use crate::Morning;
use crate::sign_in::{page_of_users, sign_in};

#[tokio::test(flavor = "multi_thread")]
async fn each_is_accessible_and_fits_the_window() -> anyhow::Result<()> {
    let morning = Morning::new().await?;
    let of_users = page_of_users(&morning.fleet).await?;
    let browser = Browser::start().await?;
    let axe = axe()?;
    let mut found = Vec::new();
    for (at, language) in ["pt-BR", "en"].into_iter().enumerate() {
        let choice = format!("/?lang={language}");
        browser.open(&morning.web, &choice).await?;
        for (path, shows) in morning.screens() {
            browser.open(&morning.web, &path).await?;
            browser.sees(shows[at]).await?;
            let place = format!("{path} {language}");
            found.extend(problems(&browser, &axe, &place).await?);
        }
        let sign_in_page = format!("/login?lang={language}");
        browser.open(&of_users, &sign_in_page).await?;
        let [user, refused] = [
            ["Usuário", "Usuário ou senha incorretos."],
            ["User", "The user or the password is wrong."],
        ][at];
        sign_in(&browser, user, "ana", "wrong").await?;
        browser.sees(refused).await?;
        found.extend(problems(&browser, &axe, &sign_in_page).await?);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    of_users.stop().await?;
    morning.end().await
}

/// axe-core as a script.
fn axe() -> anyhow::Result<String> {
    let how = "eval \"$(scripts/services)\" brings axe-core";
    let path = std::env::var("MEGA_SYNC_TEST_AXE")
        .with_context(|| format!("MEGA_SYNC_TEST_AXE is not set: {how}"))?;
    std::fs::read_to_string(&path).with_context(|| format!("{path}: {how}"))
}

/// What is wrong with the page in each theme and width, a line each.
async fn problems(browser: &Browser, axe: &str, place: &str) -> anyhow::Result<Vec<String>> {
    let () = browser.run(axe, &[]).await?;
    let mut found = Vec::new();
    for theme in [Theme::Light, Theme::Dark] {
        browser.theme(theme).await?;
        for width in [1280, 360] {
            browser.width(width).await?;
            let lines = problems_now(browser).await?;
            let place = format!("{place} {theme:?} {width}");
            found.extend(lines.iter().map(|one| format!("{place}: {one}")));
        }
    }
    Ok(found)
}

/// What is wrong with the page as it stands, a line each.
async fn problems_now(browser: &Browser) -> anyhow::Result<Vec<String>> {
    let script = "const { violations } = await axe.run();
                  const lines = violations.flatMap(({ id, help, nodes }) =>
                      nodes.map(({ html }) => `${id}: ${help}: ${html}`));
                  const { scrollWidth, clientWidth } = document.documentElement;
                  if (scrollWidth > clientWidth)
                      lines.push(`${scrollWidth} pixels wide, of ${clientWidth}`);
                  return lines";
    browser.run(script, &[]).await
}
