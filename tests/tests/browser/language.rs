//! The reader's language: what the browser asks for, until the reader chooses the other.

use tests::browser::Browser;
use tests::{Fleet, GOLDEN, Web};

#[tokio::test(flavor = "multi_thread")]
async fn it_follows_the_browser_until_the_reader_chooses() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let web = Web::of(&fleet).await?;
    for (tag, own, other, other_name) in [
        ("pt-BR", "pt-BR", "en", "English"),
        ("en-GB", "en", "pt-BR", "Português"),
    ] {
        let [own_text, other_text] = match own {
            "en" => ["There is no run yet.", "Ainda não há nenhuma execução."],
            _ => ["Ainda não há nenhuma execução.", "There is no run yet."],
        };
        let browser = Browser::in_language(tag).await?;
        browser.open(&web, "/").await?;
        browser.sees(own_text).await?;
        assert_eq!(language(&browser).await?, own);
        browser.click(other_name).await?;
        browser.sees(other_text).await?;
        assert_eq!(language(&browser).await?, other);
        // The choice holds on the next page, and there is a way back.
        browser.open(&web, "/figures").await?;
        assert_eq!(language(&browser).await?, other);
        let back = if own == "en" { "English" } else { "Português" };
        browser.click(back).await?;
        assert_eq!(language(&browser).await?, own);
    }
    web.stop().await?;
    fleet.remove().await
}

async fn language(browser: &Browser) -> anyhow::Result<String> {
    browser
        .run("return document.documentElement.lang", &[])
        .await
}
