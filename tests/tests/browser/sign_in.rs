//! The sign-in: who a reader is decides what there is to click on.

use tempfile::NamedTempFile;
use tests::browser::{Browser, Key};
use tests::{Fleet, Web};

use crate::Morning;

const PASSWORD: &str = "correct horse";

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_reads_and_an_operator_requeues() -> anyhow::Result<()> {
    let morning = Morning::new().await?;
    let web = page_of_users(&morning.fleet).await?;
    let browser = Browser::start().await?;
    let of_run = format!("/runs/{}", morning.run);

    browser.open(&web, &of_run).await?;
    sign_in(&browser, "Usuário", "ana", "wrong").await?;
    browser.sees("Usuário ou senha incorretos.").await?;
    sign_in(&browser, "Usuário", "ana", PASSWORD).await?;
    browser.sees("O que falta, e por quê").await?;
    assert_eq!(path(&browser).await?, of_run, "the page that was asked for");
    assert_eq!(to_requeue(&browser).await?, 0, "a viewer only reads");
    browser.open(&web, &format!("{of_run}/requeue")).await?;
    browser.sees("Jobs que voltam para a fila: 1").await?;
    assert_eq!(to_requeue(&browser).await?, 0, "a viewer only reads");
    browser.click("Sair").await?;
    browser.sees("Senha").await?;
    browser.open(&web, &of_run).await?;
    browser.sees("Senha").await?;

    sign_in(&browser, "Usuário", "rui", PASSWORD).await?;
    browser.sees("O que falta, e por quê").await?;
    assert!(to_requeue(&browser).await? > 0, "an operator acts");
    browser.click("Recolocar na fila…").await?;
    browser.click("Recolocar na fila").await?;
    browser.sees("A execução está na fila, sem worker").await?;
    assert_eq!(morning.failed().await?, 0);
    morning.is_completed(&browser).await?;
    browser.click("Sair").await?;
    browser.sees("Senha").await?;
    assert_eq!(path(&browser).await?, "/login");
    web.stop().await?;
    morning.end().await
}

/// The page of a fleet for a viewer, ana, and an operator, rui.
pub async fn page_of_users(fleet: &Fleet) -> anyhow::Result<Web> {
    let hash = Web::hash(fleet, PASSWORD).await?;
    let file = NamedTempFile::new()?;
    std::fs::write(
        file.path(),
        format!("ana:viewer:{hash}\nrui:operator:{hash}\n"),
    )?;
    let users = ["--users", file.path().to_str().expect("a plain path")];
    Web::with(fleet, &users).await
}

/// Types a name, beside its label, and a password, and sends both.
pub async fn sign_in(
    browser: &Browser,
    label: &str,
    name: &str,
    password: &str,
) -> anyhow::Result<()> {
    browser.click(label).await?;
    browser.press(name).await?;
    browser.press(Key::Tab).await?;
    browser.press(password).await?;
    browser.press(Key::Enter).await
}

/// How many links and buttons there are to requeue anything.
async fn to_requeue(browser: &Browser) -> anyhow::Result<usize> {
    let script = "const all = [...document.querySelectorAll('main a, main button')];
                  return all.filter(one => one.textContent.startsWith('Recolocar')).length";
    browser.run(script, &[]).await
}

/// Where the browser is.
async fn path(browser: &Browser) -> anyhow::Result<String> {
    browser.run("return location.pathname", &[]).await
}
