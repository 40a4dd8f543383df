//! From a figure to its contratos, back in time, to what changed, and to a closed month, in both languages.

use serde_json::json;
use tests::browser::Browser;

use crate::Morning;

/// What a reader clicks on and sees.
struct Texts {
    language: &'static str,
    open: &'static str,
    unrounded: &'static str,
    show: &'static str,
    not_today: &'static str,
    today: &'static str,
    written_by: &'static str,
    changes: &'static str,
    largest: &'static str,
    look: &'static str,
    complete: &'static str,
    close: &'static str,
    since: &'static str,
    reopen: &'static str,
}

const PORTUGUESE: Texts = Texts {
    language: "pt-BR",
    open: "Contratos que formam os valores",
    unrounded: "Valores sem arredondar",
    show: "Mostrar",
    not_today: "Não são os valores de agora",
    today: "Ver os de agora",
    written_by: "Gravado por",
    changes: "O que mudou",
    largest: "As maiores diferenças",
    look: "Ver antes de fechar",
    complete: "nada impede o fechamento",
    close: "Fechar mês",
    since: "Nada mudou desde então.",
    reopen: "Reabrir",
};

const ENGLISH: Texts = Texts {
    language: "en",
    open: "Contratos that make the figures",
    unrounded: "Amounts unrounded",
    show: "Show",
    not_today: "These are not today's figures",
    today: "Show today's",
    written_by: "Written by",
    changes: "What changed",
    largest: "The largest differences",
    look: "Look before closing",
    complete: "nothing speaks against it",
    close: "Close a month",
    since: "Nothing moved since.",
    reopen: "Reopen",
};

const MONTH: &str = "/figures/1400/2026-09";

#[tokio::test(flavor = "multi_thread")]
async fn a_figure_is_opened_looked_back_at_and_signed_off() -> anyhow::Result<()> {
    let morning = Morning::new().await?;
    let browser = Browser::start().await?;
    for texts in [PORTUGUESE, ENGLISH] {
        let choice = format!("{MONTH}?lang={}", texts.language);
        browser.open(&morning.web, &choice).await?;
        browser.click(texts.open).await?;
        browser.sees(texts.unrounded).await?;
        browser.sees("11001").await?;

        browser.open(&morning.web, MONTH).await?;
        fill(&browser, "as_of", "2099-12-31").await?;
        browser.click(texts.show).await?;
        browser.sees(texts.not_today).await?;
        browser.click(texts.today).await?;
        browser.sees(texts.written_by).await?;

        browser.click(texts.changes).await?;
        browser.sees(texts.largest).await?;
        fill(&browser, "min", "99999999999").await?;
        browser.click(texts.show).await?;
        let nothing = ["Nada mudou.", "Nothing changed."];
        browser
            .sees(nothing[usize::from(texts.language == "en")])
            .await?;

        browser.open(&morning.web, "/closes").await?;
        fill(&browser, "month", "2026-09").await?;
        fill(&browser, "empreendimento_ids", "1400").await?;
        fill(&browser, "note", "Contabilidade").await?;
        browser.click(texts.look).await?;
        browser.sees(texts.complete).await?;
        browser.click(texts.close).await?;
        browser.sees("Contabilidade").await?;
        browser.open(&morning.web, MONTH).await?;
        browser.sees(texts.since).await?;
        browser.open(&morning.web, "/closes").await?;
        let reason = format!("engano, {}", texts.language);
        fill_in(
            &browser,
            "form[method=post][action='/closes/reopen'] input",
            &reason,
        )
        .await?;
        browser.click(texts.reopen).await?;
        browser.sees(&reason).await?;
    }
    morning.end().await
}

/// Gives the field of this name a value.
pub async fn fill(browser: &Browser, name: &str, value: &str) -> anyhow::Result<()> {
    fill_in(browser, &format!("main input[name={name}]"), value).await
}

async fn fill_in(browser: &Browser, selector: &str, value: &str) -> anyhow::Result<()> {
    let script = "document.querySelector(arguments[0]).value = arguments[1]";
    browser.run(script, &[json!(selector), json!(value)]).await
}
