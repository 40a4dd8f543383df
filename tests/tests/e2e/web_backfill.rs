//! Beginning a run from the page.

use reqwest::{Method, StatusCode};
use tests::{Fleet, GOLDEN, Web, golden};

use crate::ALL_DONE;

const SEPTEMBER: &str = "start_date=2026-09-01&end_date=2026-09-30";

#[tokio::test(flavor = "multi_thread")]
async fn a_run_begins_with_a_look_at_its_plan() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let web = Web::of(&fleet).await?;
    let runs = async || -> anyhow::Result<i64> {
        let runs = sqlx::query_scalar("SELECT COUNT(*) FROM sync_runs");
        Ok(runs.fetch_one(&fleet.pool).await?)
    };
    let (_, text) = web.get("/runs").await?;
    assert!(text.contains("href=\"/backfill\""), "{text}");
    let (status, text) = web.get("/backfill").await?;
    assert_eq!(status, StatusCode::OK);
    assert!(
        !text.contains("O plano"),
        "nothing is asked for yet: {text}"
    );

    let (status, text) = web.get("/backfill?look=on&start_date=&end_date=").await?;
    assert_eq!(status, StatusCode::OK, "the month of yesterday: {text}");
    let (status, text) = web.get(&format!("/backfill?look=on&{SEPTEMBER}")).await?;
    assert_eq!(status, StatusCode::OK, "{text}");
    for expected in [
        "01/09/2026 – 30/09/2026",
        "Jobs: 9",
        "Saídas",
        "value=\"2026-09-01\"",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert_eq!(runs().await?, 0, "looking writes nothing");

    let status = web
        .post("/backfill", SEPTEMBER, "http://page.example")
        .await?;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(runs().await?, 0);
    // The answer is the page of the run.
    let status = web.post("/backfill", SEPTEMBER, web.origin()).await?;
    assert_eq!(status, StatusCode::OK);
    let (start, end, by): (String, String, String) =
        sqlx::query_as("SELECT start_date::text, end_date::text, requested_by FROM sync_runs")
            .fetch_one(&fleet.pool)
            .await?;
    assert_eq!((&*start, &*end), ("2026-09-01", "2026-09-30"));
    assert!(by.contains('@'), "{by}");
    let worker = fleet.worker(&[])?;
    fleet.until("the run is done", ALL_DONE).await?;
    fleet.retire(worker).await?;

    // What is asked for comes back with what is wrong with it.
    for (asked, meaning, message) in [
        (
            "start_date=yesterday",
            "Um campo não está certo",
            "--start-date",
        ),
        (
            "start_date=2026-09-02&end_date=2026-09-01",
            "Um campo não está certo",
            "is before start_date",
        ),
        (
            "end_date=2026-09-01",
            "Um campo não está certo",
            "--start-date",
        ),
        (
            "start_date=2000-01-01&end_date=2026-09-30",
            "O período tem meses demais",
            "--max-months",
        ),
        (
            "empreendimento_ids=1400,+99",
            "não lista um destes",
            "no empreendimento 99",
        ),
        (
            "empreendimento_ids=--force",
            "Um campo não está certo",
            "--empreendimento-ids",
        ),
    ] {
        let (status, text) = web.get(&format!("/backfill?look=on&{asked}")).await?;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{asked}");
        assert!(text.contains(meaning), "{meaning}: {text}");
        assert!(text.contains(message), "{message}: {text}");
        let status = web.post("/backfill", asked, web.origin()).await?;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{asked}");
    }
    let long = "start_date=2000-01-01&end_date=2026-09-30&force=on&empreendimento_ids=1400";
    let (status, text) = web.get(&format!("/backfill?look=on&{long}")).await?;
    assert_eq!(status, StatusCode::OK);
    assert!(text.contains("Jobs: 1"), "{text}");

    // One of an empreendimento, before the jobs of other runs.
    let urgent = format!("{SEPTEMBER}&empreendimento_ids=1400&urgent=on");
    let (_, text) = web.get(&format!("/backfill?look=on&{urgent}")).await?;
    assert!(text.contains("name=\"urgent\" value=\"on\""), "{text}");
    let status = web.post("/backfill", &urgent, web.origin()).await?;
    assert_eq!(status, StatusCode::OK);
    let begun: Vec<String> = sqlx::query_scalar("SELECT id FROM sync_runs WHERE urgent")
        .fetch_all(&fleet.pool)
        .await?;
    let [run] = &*begun else {
        panic!("one run is urgent: {begun:?}");
    };
    let (_, text) = web.get(&format!("/runs/{run}")).await?;
    assert!(text.contains("antes dos jobs de outras"), "{text}");

    // A list that shrank is for a person to judge.
    let mut listed = golden("empreendimentos");
    if let Some(listed) = listed.as_array_mut() {
        listed.truncate(listed.len() / 2);
    }
    fleet.erp.override_empreendimentos(listed);
    let (status, text) = web.get(&format!("/backfill?look=on&{SEPTEMBER}")).await?;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text.contains("deixou de listar muitos"), "{text}");
    let accepted = format!("/backfill?look=on&{SEPTEMBER}&accept_change=on");
    assert_eq!(web.get(&accepted).await?.0, StatusCode::OK);
    assert_eq!(runs().await?, 2);
    web.stop().await?;
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_run_begins_where_the_erp_is_unknown_or_the_page_only_shows() -> anyhow::Result<()> {
    let mut fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let only_shows = Web::with(&fleet, &["--read-only"]).await?;
    fleet.set("MEGA_API_URL", "");
    let no_erp = Web::of(&fleet).await?;
    for web in [only_shows, no_erp] {
        let (_, text) = web.get("/runs").await?;
        assert!(!text.contains("/backfill"), "{text}");
        for method in [Method::GET, Method::POST] {
            let asked = web.request(method, "/backfill");
            let answer = asked.header("origin", web.origin()).send().await?;
            assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        }
        web.stop().await?;
    }
    fleet.remove().await
}
