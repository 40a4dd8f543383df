//! The page, by request: what it shows, in which language, and to whom.

use anyhow::Context as _;
use reqwest::{Method, StatusCode};
use serde_json::json;
use tests::{Fleet, GOLDEN, Proxy, Web, garble_a_contrato, golden, until};

use crate::{ALL_DONE, GOLDEN_BACKFILL, GOLDEN_ENQUEUE};

#[tokio::test(flavor = "multi_thread")]
async fn the_morning_after_a_run_with_a_failure() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let web = Web::of(&fleet).await?;
    let (status, text) = web.get("/").await?;
    assert_eq!(status, StatusCode::OK);
    assert!(text.contains("Ainda não há nenhuma execução"), "{text}");

    // A name that a browser must not take for markup, and an answer that cannot be read.
    let nome = "Residencial <script>alert('x')</script> & Cia";
    let mut listed = golden("empreendimentos");
    for empreendimento in listed.as_array_mut().into_iter().flatten() {
        if empreendimento["codigo"].as_f64() == Some(1400.0) {
            empreendimento["nome"] = json!(nome);
        }
    }
    fleet.erp.override_empreendimentos(listed);
    garble_a_contrato(&fleet.erp);
    let worker = fleet.worker(&[])?;
    fleet.producer_exits(3, &GOLDEN_BACKFILL).await?;
    fleet.retire(worker).await?;

    let run: String = sqlx::query_scalar("SELECT id FROM sync_runs")
        .fetch_one(&fleet.pool)
        .await?;
    let (_, text) = web.get("/").await?;
    for expected in [
        "<html lang=\"pt-BR\">",
        "A execução terminou com falhas: 1 de 9 jobs falharam.",
        &format!("requeue --run {run}"),
        "dados do ERP",
        "Corrija no ERP o registro",
        "href=\"/figures/1406\"",
        "Nenhum worker está vivo.",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let (_, text) = web.get("/?lang=en").await?;
    for expected in [
        "<html lang=\"en\">",
        "The run finished with failures: 1 of 9 jobs failed.",
        "href=\"/?lang=pt-BR\"",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert_eq!(web.get(&format!("/runs/{run}")).await?.0, StatusCode::OK);
    let (_, text) = web.get("/runs").await?;
    assert!(text.contains(&run) && text.contains("com falhas"), "{text}");

    control_totals_that_differ_are_told(&fleet, &web, &run).await?;
    figures_are_the_database_s(&fleet, &web).await?;
    let (_, text) = web.get("/figures?until=2026-10").await?;
    assert!(text.contains("falhou na última execução"), "{text}");
    assert!(!text.contains("<script>"), "{text}");
    assert!(text.contains("Residencial &#60;script&#62;"), "{text}");
    one_button_requeues(&fleet, &web, &run).await?;
    web.stop().await?;
    fleet.remove().await
}

async fn one_button_requeues(fleet: &Fleet, web: &Web, run: &str) -> anyhow::Result<()> {
    let path = format!("/runs/{run}/requeue");
    let (_, text) = web.get("/").await?;
    let of_cause = format!("href=\"{path}?cause=data%2F");
    assert!(text.contains(&of_cause), "{of_cause}: {text}");
    let (_, text) = web.get(&path).await?;
    assert!(text.contains("Jobs que voltam para a fila: 1"), "{text}");
    assert!(text.contains("11013"), "the message: {text}");
    let (_, text) = web.get(&format!("{path}?cause=data/other")).await?;
    assert!(text.contains("Nenhum job falhou por esta causa"), "{text}");

    let failed = "SELECT COUNT(*) FROM sync_jobs WHERE state = 'failed'";
    let failed = async || -> anyhow::Result<i64> {
        Ok(sqlx::query_scalar(failed).fetch_one(&fleet.pool).await?)
    };
    for origin in ["http://page.example", "null", "https://127.0.0.1"] {
        let status = web.post(&path, "cause=", origin).await?;
        assert_eq!(status, StatusCode::FORBIDDEN, "{origin}");
    }
    let only_shows = Web::with(fleet, &["--read-only"]).await?;
    let (_, text) = only_shows.get("/").await?;
    assert!(!text.contains("/requeue"), "{text}");
    let status = only_shows.post(&path, "cause=", only_shows.origin());
    assert_eq!(status.await?, StatusCode::NOT_FOUND);
    only_shows.stop().await?;
    assert_eq!(failed().await?, 1);

    fleet.erp.clear_overrides();
    assert_eq!(
        web.post(&path, "cause=", web.origin()).await?,
        StatusCode::OK
    );
    assert_eq!(failed().await?, 0);
    let worker = fleet.worker(&[])?;
    fleet.until("the run is done", ALL_DONE).await?;
    fleet.retire(worker).await?;
    let (_, text) = web.get("/").await?;
    assert!(text.contains("A execução está completa: 9 de 9"), "{text}");
    assert!(text.contains("Nada falta."), "{text}");
    let complete = format!("Última execução completa: <a href=\"/runs/{run}\">");
    assert!(!text.contains(&complete), "it is this one: {text}");
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    let (_, text) = web.get("/").await?;
    assert!(text.contains(&complete), "{complete}: {text}");
    Ok(())
}

async fn control_totals_that_differ_are_told(
    fleet: &Fleet,
    web: &Web,
    run: &str,
) -> anyhow::Result<()> {
    let line = "O total de controle não confere";
    let (_, text) = web.get("/").await?;
    assert!(!text.contains(line), "{text}");
    let set = async |from: &str, to: &str| {
        let query =
            "UPDATE sync_checks SET verdict = $2 WHERE verdict = $1 AND name = 'control-total'";
        let done = sqlx::query(query).bind(from).bind(to).execute(&fleet.pool);
        done.await.map(|done| done.rows_affected())
    };
    assert_eq!(set("passed", "noted").await?, 1);
    let (_, text) = web.get("/").await?;
    let checks = format!("href=\"/runs/{run}#checks\"");
    for expected in [line, &checks, "<h2 id=\"checks\">", "em aberto como no ERP"] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    set("noted", "passed").await?;
    Ok(())
}

async fn figures_are_the_database_s(fleet: &Fleet, web: &Web) -> anyhow::Result<()> {
    let query = "SELECT to_char(SUM(actual), 'FM999G999G990D00') FROM entradas_caixa
                 WHERE ref_month = '2026-09'";
    let total: String = sqlx::query_scalar(query).fetch_one(&fleet.pool).await?;
    let (_, text) = web
        .get("/figures?measure=actual&until=2026-10&lang=en")
        .await?;
    assert!(text.contains(&total), "{total}: {text}");
    let query = "SELECT to_char(vp, 'FM999G999G990D00') FROM estatisticas_portfolio
                 WHERE empreendimento_id = 1400 AND ref_month = '2026-09'";
    let vp: String = sqlx::query_scalar(query).fetch_one(&fleet.pool).await?;
    let (_, text) = web.get("/figures/1400?lang=en").await?;
    assert!(text.contains(&vp), "{vp}: {text}");
    assert!(
        text.contains("<svg") && text.contains("over 180 days"),
        "{text}"
    );
    let query = "SELECT to_char(SUM(realizado), 'FM999G999G990D00') FROM saidas_caixa
                 WHERE mes_referencia = '2026-09'";
    let paid: String = sqlx::query_scalar(query).fetch_one(&fleet.pool).await?;
    let (_, text) = web.get("/cash-out?month=2026-09&lang=en").await?;
    assert!(text.contains(&paid), "{paid}: {text}");
    let (_, text) = web.get("/figures/1400/2026-09?lang=en").await?;
    assert!(text.contains(&vp) && text.contains("attempt 1"), "{text}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_reads_it() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let web = Web::of(&fleet).await?;
    for path in [
        "/",
        "/runs",
        "/figures",
        "/cash-out",
        "/about",
        "/documents/OPERATIONS.md",
        "/style.css",
        "/healthz",
    ] {
        let answer = web.request(Method::GET, path).send().await?;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        let policy = &answer.headers()["content-security-policy"];
        let policy = policy.to_str()?;
        assert!(policy.contains("default-src 'none'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");

        let forged = web
            .request(Method::GET, path)
            .header("host", "page.example:80")
            .send();
        assert_eq!(forged.await?.status(), StatusCode::MISDIRECTED_REQUEST);
    }
    for path in [
        "/runs/20261126-051500-aaaaaa",
        "/runs/'; DROP TABLE sync_runs; --",
        "/runs/%3Cscript%3E",
        "/figures/1",
        "/figures/0",
        "/figures/x",
        "/figures/1400/2026-13",
        "/nothing",
        "/documents/LICENSE",
        "/documents/..%2F..%2FCargo.toml",
    ] {
        let (status, text) = web.get(path).await?;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert!(
            text.contains("Não há nada neste endereço"),
            "{path}: {text}"
        );
        assert!(!text.contains("<script>"), "{path}: {text}");
    }
    let long = format!("/figures?measure={}&until=9999-99", "x".repeat(6_000));
    assert_eq!(web.get(&long).await?.0, StatusCode::OK);
    let posted = web.post("/runs", "", web.origin()).await?;
    assert_eq!(posted, StatusCode::METHOD_NOT_ALLOWED);
    web.stop().await?;
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn it_says_that_the_database_is_away() -> anyhow::Result<()> {
    let mut fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let database = Proxy::to(&std::env::var("DATABASE_URL")?, 5432).await?;
    let mut own = reqwest::Url::parse(&fleet.variable("DATABASE_URL").context("a database")?)?;
    let proxied = reqwest::Url::parse(&database.url())?;
    own.set_port(proxied.port()).ok().context("a port")?;
    fleet.set("DATABASE_URL", own);
    let web = Web::of(&fleet).await?;
    assert_eq!(web.get("/runs").await?.0, StatusCode::OK);
    database.down();
    let (status, text) = web.get("/runs").await?;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(text.contains("O banco de dados não responde"), "{text}");
    let (status, text) = web.get("/about").await?;
    assert_eq!(status, StatusCode::OK);
    assert!(text.contains("O banco de dados não responde"), "{text}");
    database.up();
    // A connection of before may be found out to be cut off first.
    until("the page is back", async || {
        Ok(web.get("/runs").await?.0 == StatusCode::OK)
    })
    .await?;
    web.stop().await?;
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_still_is_set_going() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let web = Web::of(&fleet).await?;
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    let query = "UPDATE sync_jobs SET published_at = NULL WHERE target = '1403' RETURNING run_id";
    let run: String = sqlx::query_scalar(query).fetch_one(&fleet.pool).await?;
    let (_, text) = web.get("/").await?;
    let path = format!("/runs/{run}/resume");
    let button = format!("action=\"{path}\"><button>Publicar</button>");
    assert!(text.contains("não está toda publicada"), "{text}");
    assert!(text.contains(&button), "{text}");
    assert_eq!(web.post(&path, "", web.origin()).await?, StatusCode::OK);
    let missing = "SELECT COUNT(*) FROM sync_jobs WHERE published_at IS NULL";
    let missing: i64 = sqlx::query_scalar(missing).fetch_one(&fleet.pool).await?;
    assert_eq!(missing, 0);
    let (_, text) = web.get(&format!("/runs/{run}")).await?;
    assert!(text.contains("publicou o que faltava"), "{text}");

    let refuse = "UPDATE sync_session SET refused_at = now(), refused_why = 'wrong <password>'";
    sqlx::query(refuse).execute(&fleet.pool).await?;
    let (_, text) = web.get("/").await?;
    assert!(text.contains("o ERP recusou o login"), "{text}");
    assert!(text.contains("wrong &#60;password&#62;"), "{text}");
    assert!(text.contains("<button>Liberar o login</button>"), "{text}");
    let status = web.post("/sign-in/retry", "", "http://page.example");
    assert_eq!(status.await?, StatusCode::FORBIDDEN);
    let refused = "SELECT COUNT(refused_at) FROM sync_session";
    let refused = async || -> anyhow::Result<i64> {
        Ok(sqlx::query_scalar(refused).fetch_one(&fleet.pool).await?)
    };
    assert_eq!(refused().await?, 1);
    let status = web.post("/sign-in/retry", "", web.origin()).await?;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(refused().await?, 0);
    let actions = sqlx::query_scalar("SELECT what FROM sync_actions ORDER BY at");
    let actions: Vec<String> = actions.fetch_all(&fleet.pool).await?;
    assert_eq!(actions, ["resume", "signin_retry"]);
    web.stop().await?;
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_and_documents_are_at_hand() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let web = Web::of(&fleet).await?;
    let (_, text) = web.get("/about").await?;
    for expected in [
        env!("CARGO_PKG_VERSION"),
        "PostgreSQL ",
        "href=\"/documents/README.pt-BR.md\"",
        "href=\"/documents/OPERATIONS.md\" hreflang=\"en\"",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let (_, text) = web.get("/about?lang=en").await?;
    assert!(text.contains("href=\"/documents/README.md\""), "{text}");
    let (status, text) = web.get("/documents/README.pt-BR.md").await?;
    assert_eq!(status, StatusCode::OK);
    for expected in [
        "<article lang=\"pt-BR\">",
        "href=\"/documents/OPERATIONS.md#notifications\"",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let (_, text) = web.get("/documents/OPERATIONS.md").await?;
    assert!(text.contains("<h2 id=\"notifications\">"), "{text}");
    web.stop().await?;
    fleet.remove().await
}
