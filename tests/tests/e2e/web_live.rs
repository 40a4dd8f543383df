//! The page, followed while a run goes on.

use std::time::Duration;

use anyhow::Context as _;
use reqwest::{Method, Response};
use simulator::{Route, Selector};
use tests::{ALL_DONE, Fleet, GOLDEN, GOLDEN_ENQUEUE, Web};

/// Reads events until one has this text; gives that one.
async fn hears(events: &mut Response, text: &str) -> anyhow::Result<String> {
    let mut heard = String::new();
    let hearing = async {
        while let Some(chunk) = events.chunk().await? {
            heard += std::str::from_utf8(&chunk)?;
            let whole = heard.rfind("\n\n").unwrap_or_default();
            let told = heard[..whole].split("\n\n");
            if let Some(event) = told.filter(|event| event.contains(text)).last() {
                return Ok(event.to_owned());
            }
        }
        anyhow::bail!("the stream has ended")
    };
    let heard = tokio::time::timeout(tests::LONGEST_WAIT, hearing).await;
    heard.with_context(|| format!("no event with {text:?}"))?
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_followed_from_its_middle_to_its_end() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let web = Web::of(&fleet).await?;
    fleet
        .erp
        .gate(Selector::route(Route::DadosParcelas).contrato(11001));
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    let worker = fleet.worker(&[])?;
    let run: String = sqlx::query_scalar("SELECT id FROM sync_runs")
        .fetch_one(&fleet.pool)
        .await?;

    let mut portuguese = web.request(Method::GET, "/live").send().await?;
    assert_eq!(portuguese.headers()["content-type"], "text/event-stream");
    let in_english = web
        .request(Method::GET, "/live")
        .header("accept-language", "en");
    let mut english = in_english.send().await?;
    let event = hears(&mut portuguese, "8 de 9 jobs feitos").await?;
    assert!(event.contains(&format!("\"run\":\"{run}\"")), "{event}");
    assert!(event.contains("Faltam cerca de"), "{event}");
    hears(&mut english, "8 of 9 jobs are done").await?;

    fleet.erp.open_gates();
    hears(&mut portuguese, "A execução está completa: 9 de 9").await?;
    hears(&mut english, "The run is complete: 9 of 9").await?;
    fleet.until("the run is done", ALL_DONE).await?;
    fleet.retire(worker).await?;

    // Somebody who comes when nothing happens any more is told at once.
    let mut late = web.request(Method::GET, "/live").send().await?;
    hears(&mut late, "A execução está completa: 9 de 9").await?;
    let (_, text) = web.get("/").await?;
    assert!(text.contains("data-source=\"/live\""), "{text}");

    // Nobody who still listens keeps the page from stopping.
    let stopping = tokio::time::timeout(Duration::from_secs(30), web.stop());
    stopping.await.context("the page does not stop")??;
    fleet.remove().await
}
