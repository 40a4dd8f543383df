//! Closing months and reopening them on the page.

use reqwest::{Method, StatusCode};
use simulator::{About, Edit, Lie};
use tests::{Fleet, GOLDEN, Web};

use crate::GOLDEN_BACKFILL;
use crate::web_figures::is_portuguese;

const SEPTEMBER: &str =
    "month=2026-09&empreendimento_ids=1400&note=Contabilidade+%26+%3Cauditoria%3E";
/// The last run did not see its end.
const NOVEMBER: &str = "month=2026-11&note=fechado+cedo";

async fn closes(fleet: &Fleet) -> anyhow::Result<i64> {
    let closes = sqlx::query_scalar("SELECT COUNT(*) FROM sync_closes");
    Ok(closes.fetch_one(&fleet.pool).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_is_closed_after_a_look_and_reopened() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let web = Web::of(&fleet).await?;
    let worker = fleet.worker(&[])?;
    fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;
    let (_, text) = web.get("/closes").await?;
    assert!(text.contains("Nenhum mês está fechado."), "{text}");

    // What is complete needs no more than a second look.
    let (status, text) = web.get(&format!("/closes/new?{SEPTEMBER}")).await?;
    assert_eq!(status, StatusCode::OK);
    assert!(text.contains("nada impede o fechamento"), "{text}");
    assert!(!text.contains("name=\"force\""), "{text}");
    let foreign = web.post("/closes", SEPTEMBER, "http://page.example");
    assert_eq!(foreign.await?, StatusCode::FORBIDDEN);
    assert_eq!(closes(&fleet).await?, 0, "nothing is written yet");
    // The answer is the list.
    let closed = web.post("/closes", SEPTEMBER, web.origin()).await?;
    assert_eq!(closed, StatusCode::OK);
    let query = "SELECT by, note, digest, forced FROM sync_closes";
    let (by, note, digest, forced): (String, String, String, bool) =
        sqlx::query_as(query).fetch_one(&fleet.pool).await?;
    assert!(by.contains('@') && !forced, "{by}");
    assert_eq!(note, "Contabilidade & <auditoria>");
    let (_, text) = web.get("/closes?verify=1").await?;
    for expected in [
        "09/2026",
        "Contabilidade &#38; &#60;auditoria&#62;",
        &digest,
        ">confere<",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    is_portuguese(&text)?;
    let twice = web.post("/closes", SEPTEMBER, web.origin()).await?;
    assert_eq!(twice, StatusCode::UNPROCESSABLE_ENTITY);

    // What is not complete is closed only where a person says so.
    let (_, text) = web.get(&format!("/closes/new?{NOVEMBER}")).await?;
    let early = "1400: gravado na data de 23/11/2026, antes do fim do mês";
    assert!(text.contains(early), "{early}: {text}");
    assert!(text.contains("name=\"force\""), "{text}");
    is_portuguese(&text)?;
    let early = "1400: last committed as of 2026-11-23, before the month&#39;s end";
    let (_, text) = web.get(&format!("/closes/new?{NOVEMBER}&lang=en")).await?;
    assert!(text.contains(early), "{early}: {text}");
    let not_ready = web.post("/closes", NOVEMBER, web.origin()).await?;
    assert_eq!(not_ready, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(closes(&fleet).await?, 1);
    let forced = format!("{NOVEMBER}&force=on");
    assert_eq!(
        web.post("/closes", &forced, web.origin()).await?,
        StatusCode::OK
    );
    let (_, text) = web.get("/closes").await?;
    assert!(text.contains("fechado mesmo assim"), "{text}");

    what_moves_is_told(&fleet, &web).await?;
    fleet.retire(worker).await?;
    let reopen = "month=2026-09&note=engano";
    for expected in [StatusCode::OK, StatusCode::UNPROCESSABLE_ENTITY] {
        let reopened = web.post("/closes/reopen", reopen, web.origin()).await?;
        assert_eq!(reopened, expected);
    }
    let (_, text) = web.get("/closes").await?;
    assert!(text.contains("engano"), "{text}");
    assert_eq!(closes(&fleet).await?, 2, "what was signed off stays");
    web.stop().await?;
    fleet.remove().await
}

/// A figure of a closed month moves, which the month, the list and the overview say.
async fn what_moves_is_told(fleet: &Fleet, web: &Web) -> anyhow::Result<()> {
    let month = "/figures/1400/2026-09";
    let (_, text) = web.get(month).await?;
    assert!(text.contains("Nada mudou desde então."), "{text}");
    let about = About::Parcelas(11001);
    fleet.erp.lie(Lie::new(about, Edit::Multiply(1.1)));
    fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;
    let moved = "/changes?since=close&amp;month=2026-09";
    for path in ["/", "/closes", month] {
        let (_, text) = web.get(path).await?;
        assert!(text.contains(moved), "{path}: {text}");
    }
    let (_, text) = web.get(month).await?;
    assert!(text.contains("mudaram desde então"), "{text}");
    // As it was signed off, beside what it is now.
    let signed = "SELECT v0 FROM sync_closed_cells
                  WHERE kind = 'estatisticas_portfolio' AND owner = 1400
                    AND close_id = (SELECT MIN(id) FROM sync_closes)";
    let vp: i64 = sqlx::query_scalar(signed).fetch_one(&fleet.pool).await?;
    let vp = format!("{},{:02}<", vp / 100 % 1000, vp % 100);
    let (status, text) = web.get(&format!("{month}?closed=on")).await?;
    assert_eq!(status, StatusCode::OK);
    for expected in ["assim foram fechados em", &vp, "closed=on\">xlsx"] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    is_portuguese(&text)?;
    let (status, _) = web.get("/figures/1400/2026-08?closed=on").await?;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (_, text) = web.get("/changes?since=close&month=2026-09").await?;
    assert!(text.contains("As maiores diferenças"), "{text}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_closed_comes_back_with_the_reason() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let web = Web::of(&fleet).await?;
    for asked in [
        "",
        "month=2026-09",
        "month=2026-13&note=x",
        "month=2026-09&note=+",
        "month=2026-09&note=x&empreendimento_ids=--force",
        "month=2026-09&note=x&empreendimento_ids=99",
        "month=2026-09&note=x&force=on",
    ] {
        let status = web.post("/closes", asked, web.origin()).await?;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{asked}");
    }
    let (status, text) = web.get("/closes/new?month=2026-13&note=x").await?;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    for expected in ["Um campo não está certo.", "--month", "value=\"2026-13\""] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert_eq!(closes(&fleet).await?, 0);
    web.stop().await?;

    let only_shows = Web::with(&fleet, &["--read-only"]).await?;
    let (status, text) = only_shows.get("/closes").await?;
    assert_eq!(status, StatusCode::OK);
    assert!(!text.contains("/closes/new"), "{text}");
    for (method, path, expected) in [
        (Method::GET, "/closes/new", StatusCode::NOT_FOUND),
        (Method::POST, "/closes", StatusCode::METHOD_NOT_ALLOWED),
        (Method::POST, "/closes/reopen", StatusCode::NOT_FOUND),
    ] {
        let asked = only_shows.request(method, path);
        let answer = asked.header("origin", only_shows.origin()).send().await?;
        assert_eq!(answer.status(), expected, "{path}");
    }
    only_shows.stop().await?;
    fleet.remove().await
}
