//! The figures as they stood, and what changed since, on the page.

use reqwest::StatusCode;
use simulator::{About, Edit, Lie};
use tests::{Fleet, GOLDEN, Web};

use crate::GOLDEN_BACKFILL;
use crate::web_figures::is_portuguese;

/// Makes all that has happened so far happen two days earlier.
const TWO_DAYS_EARLIER: &str = "
UPDATE sync_cells SET at = at - interval '2 days';
UPDATE sync_runs SET created_at = created_at - interval '2 days';
UPDATE sync_jobs SET finished_at = finished_at - interval '2 days';
UPDATE sync_attempts SET started_at = started_at - interval '2 days',
                         finished_at = finished_at - interval '2 days'";
/// The present value of 1400 in September, as the page writes it in English.
const VP: &str = "SELECT to_char(vp, 'FM999G999G990D00') FROM estatisticas_portfolio
                  WHERE empreendimento_id = 1400 AND ref_month = '2026-09'";
/// The day before, in São Paulo.
const YESTERDAY: &str = "SELECT ((now() AT TIME ZONE 'America/Sao_Paulo')::date - 1)::text";

/// A fleet with two runs, two days apart, between which the ERP has raised the amounts of a contrato of
/// 1400; its page, and the present value before and after.
async fn two_runs() -> anyhow::Result<(Fleet, Web, [String; 2])> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let web = Web::of(&fleet).await?;
    let worker = fleet.worker(&[])?;
    fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;
    let vp = async || sqlx::query_scalar(VP).fetch_one(&fleet.pool).await;
    let before: String = vp().await?;
    sqlx::raw_sql(TWO_DAYS_EARLIER).execute(&fleet.pool).await?;
    let about = About::Parcelas(11001);
    fleet.erp.lie(Lie::new(about, Edit::Multiply(1.1)));
    fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;
    fleet.retire(worker).await?;
    let after: String = vp().await?;
    assert_ne!(before, after);
    Ok((fleet, web, [before, after]))
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_shown_as_they_stood() -> anyhow::Result<()> {
    let (fleet, web, [before, after]) = two_runs().await?;
    let day: String = sqlx::query_scalar(YESTERDAY).fetch_one(&fleet.pool).await?;
    for path in ["/figures/1400", "/figures/1400/2026-09"] {
        let (_, text) = web.get(&format!("{path}?lang=en")).await?;
        assert!(text.contains(&after), "{text}");
        let as_of = format!("{path}?as_of={day}");
        let (status, text) = web.get(&format!("{as_of}&lang=en")).await?;
        assert_eq!(status, StatusCode::OK, "{as_of}");
        assert!(text.contains(&before) && !text.contains(&after), "{text}");
        let told = format!("so they stood at the end of {day}");
        assert!(text.contains(&told), "{told}: {text}");
        assert!(text.contains(&format!("href=\"{path}\"")), "{text}");
        let (_, text) = web.get(&as_of).await?;
        is_portuguese(&text)?;
        // What is no day is as if it were not there.
        for wrong in ["", "yesterday", "+262142-12-31", "2026-02-30"] {
            let (status, text) = web.get(&format!("{path}?as_of={wrong}&lang=en")).await?;
            assert_eq!(status, StatusCode::OK, "{wrong}");
            assert!(text.contains(&after), "{wrong}: {text}");
        }
    }
    let as_of = format!("/figures/1400?as_of={day}");
    let (_, text) = web.get(&as_of).await?;
    let month = format!("href=\"/figures/1400/2026-09?as_of={day}\"");
    assert!(text.contains(&month), "the day stays: {text}");
    let (_, text) = web.get("/figures/1400?as_of=2000-01-01").await?;
    assert!(text.contains("Naquele dia não havia valores."), "{text}");
    let nobody = web.get(&format!("/figures/1?as_of={day}")).await?;
    assert_eq!(nobody.0, StatusCode::NOT_FOUND);
    web.stop().await?;
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_is_told_with_the_contratos_that_moved_it() -> anyhow::Result<()> {
    let (fleet, web, [before, after]) = two_runs().await?;
    let (_, text) = web.get("/").await?;
    let link = "<a href=\"/changes\">O que mudou desde ontem</a>";
    assert!(text.contains(link), "{text}");
    let runs = "SELECT id FROM sync_runs ORDER BY created_at";
    let runs: Vec<String> = sqlx::query_scalar(runs).fetch_all(&fleet.pool).await?;

    let (status, text) = web.get("/changes").await?;
    assert_eq!(status, StatusCode::OK);
    assert!(text.contains("Contrato 11001: +"), "{text}");
    let run = format!("href=\"/runs/{}\"", runs[1]);
    assert!(text.contains(&run), "{run}: {text}");
    is_portuguese(&text)?;
    let of_month = "/changes?empreendimento=1400&month=2026-09&lang=en";
    let (_, text) = web.get(of_month).await?;
    for expected in [
        before.as_str(),
        after.as_str(),
        "Contrato 11001: +",
        "/figures/1400/2026-09",
        "name=\"empreendimento\" value=\"1400\"",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(!text.contains("/figures/1400/2026-08"), "{text}");

    // The first run brought every figure there is.
    let (_, text) = web.get(&format!("/changes?run={}", runs[0])).await?;
    let more = format!("/changes?run={}&#38;more=on", runs[0]);
    assert!(text.contains(&more), "{more}: {text}");
    for nothing in [
        "/changes?from=2000-01-01&to=2000-01-02",
        "/changes?min=99999999999",
        "/changes?empreendimento=1403",
        "/changes?since=close",
    ] {
        let (status, text) = web.get(nothing).await?;
        assert_eq!(status, StatusCode::OK, "{nothing}");
        assert!(text.contains("Nada mudou."), "{nothing}: {text}");
        is_portuguese(&text)?;
    }
    // What cannot be read is as if it were not there; an unknown run is nowhere.
    let unread = "/changes?from=x&month=13&min=many&empreendimento=all";
    let (_, text) = web.get(unread).await?;
    assert!(text.contains("Contrato 11001: +"), "{text}");
    let unknown = web.get("/changes?run=20261126-051500-aaaaaa").await?;
    assert_eq!(unknown.0, StatusCode::NOT_FOUND);
    web.stop().await?;
    fleet.remove().await
}
