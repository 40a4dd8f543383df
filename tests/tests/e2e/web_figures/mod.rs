//! The page's figures and runs: which figures a newer run is still to replace, filters, colours, pages,
//! and Portuguese words for what the ledger says in English.

mod filters;
mod reading;
mod runs;

use anyhow::Context as _;
use serde_json::json;
use simulator::Config;
use tests::{Fleet, GOLDEN, Web, garble_a_contrato, golden};

use self::filters::{colours_are_by_magnitude, filters_are_kept_in_addresses};
use self::reading::{Cell, cells, cells_of, classes, listed};
use crate::{ALL_DONE, GOLDEN_BACKFILL};

pub use self::reading::is_portuguese;

/// Twelve months, from January.
const YEAR: &str = "/figures?measure=vp&until=2026-12&lang=en";
/// A name with an accent, and with what a browser must not take for markup.
const NOME: &str = "Residencial Água <b>Viva</b> & Cia";

/// Present values of an empreendimento by month, as the page writes them in English.
async fn present_values(fleet: &Fleet, id: i64) -> anyhow::Result<Vec<String>> {
    let query = "SELECT to_char(vp, 'FM999G999G990D00') FROM estatisticas_portfolio
                 WHERE empreendimento_id = $1 AND ref_month BETWEEN '2026-01' AND '2026-12'
                 ORDER BY ref_month";
    let values = sqlx::query_scalar(query).bind(id);
    Ok(values.fetch_all(&fleet.pool).await?)
}

async fn newest_run(fleet: &Fleet) -> anyhow::Result<String> {
    let query = "SELECT id FROM sync_runs ORDER BY created_at DESC LIMIT 1";
    Ok(sqlx::query_scalar(query).fetch_one(&fleet.pool).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_figure_says_whether_a_newer_run_is_to_replace_it() -> anyhow::Result<()> {
    let fleet = Fleet::new(Config::folder(GOLDEN)).await?;
    let web = Web::of(&fleet).await?;
    let mut catalogue = golden("empreendimentos");
    catalogue[0]["nome"] = json!(NOME);
    fleet.erp.override_empreendimentos(catalogue);
    let worker = fleet.worker(&[])?;
    fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;

    // All are of the newest run: no marks, and the database's values.
    let (_, text) = web.get(YEAR).await?;
    let with_figures: Vec<i64> = sqlx::query_scalar(
        "SELECT DISTINCT empreendimento_id FROM estatisticas_portfolio ORDER BY 1",
    )
    .fetch_all(&fleet.pool)
    .await?;
    assert_eq!(listed(&text).into_iter().collect::<Vec<_>>(), with_figures);
    for id in &with_figures {
        let cells = cells(&text, *id);
        let values: Vec<_> = cells.iter().map(|cell| cell.value.as_str()).collect();
        let (last, recorded) = values.split_last().context("twelve months")?;
        assert_eq!(recorded, present_values(&fleet, *id).await?, "{id}");
        assert_eq!(*last, "", "the run does not cover December");
        assert!(cells.iter().all(|cell| cell.class.is_empty()), "{cells:?}");
    }
    assert!(!text.contains("class=\"stale\"") && !text.contains("class=\"failed\""));
    assert!(text.contains("Residencial Água &#60;b&#62;Viva&#60;/b&#62; &#38; Cia"));

    // 1406 cannot be read in the run from May on; then nobody works on one from October on.
    garble_a_contrato(&fleet.erp);
    let from = |start| {
        let mut arguments = GOLDEN_BACKFILL;
        arguments[2] = start;
        arguments
    };
    fleet.producer_exits(3, &from("2026-05-01")).await?;
    let failing = newest_run(&fleet).await?;
    fleet.retire(worker).await?;
    fleet
        .producer_exits(0, from("2026-10-01").split_at(7).0)
        .await?;
    let (_, text) = web.get(YEAR).await?;
    let fresh = |months| vec![String::new(); months];
    let some = |class: &str, months| vec![class.to_owned(); months];
    let of_1406 = [fresh(4), some("failed", 5), some("stale", 2), fresh(1)].concat();
    assert_eq!(classes(&text, 1406), of_1406);
    let of_others = [fresh(9), some("stale", 2), fresh(1)].concat();
    // 1412 has no figures; those that are to come are marked.
    for id in [1400, 1403, 1409, 1412, 1415, 1418, 1421] {
        assert_eq!(classes(&text, id), of_others, "{id}");
    }
    let values = present_values(&fleet, 1406).await?;
    assert_eq!(
        cells(&text, 1406)[4],
        Cell {
            class: "failed".to_owned(),
            value: values[4].clone(),
            word: "failed".to_owned(),
        }
    );
    assert_eq!(cells(&text, 1400)[9].word, "stale");
    let total = text.split_once("<tfoot>").context("a total")?.1;
    let totals = cells_of(total).into_iter().map(|cell| cell.class);
    assert_eq!(totals.collect::<Vec<_>>(), of_1406);
    let (_, text) = web.get("/figures?until=2026-12").await?;
    assert!(text.contains("<strong class=\"stale\">desatualizado</strong>"));
    assert!(text.contains("<strong class=\"failed\">falhou</strong>"));
    assert!(text.contains("<b>desatualizado</b>") && text.contains("<b>falhou</b>"));
    is_portuguese(&text)?;

    filters_are_kept_in_addresses(&fleet, &web).await?;
    colours_are_by_magnitude(&fleet, &web).await?;
    what_failed_is_told_in_portuguese(&web, &failing).await?;

    // Once all is done again, nothing is marked.
    fleet.erp.clear_overrides();
    fleet
        .producer_exits(0, &["requeue", "--run", &failing])
        .await?;
    let worker = fleet.worker(&[])?;
    fleet.until("all runs are done", ALL_DONE).await?;
    fleet.retire(worker).await?;
    let (_, text) = web.get(YEAR).await?;
    for id in listed(&text) {
        assert_eq!(classes(&text, id), fresh(12), "{id}");
    }
    web.stop().await?;
    fleet.remove().await
}

async fn what_failed_is_told_in_portuguese(web: &Web, run: &str) -> anyhow::Result<()> {
    let (_, text) = web.get(&format!("/runs/{run}")).await?;
    for expected in [
        "com falha: 1",
        "feitos: 8",
        "Verificação reprovada: parcelas legíveis (",
        "(cod_contrato) <small>dados do ERP</small>",
        "O que fazer: Corrija no ERP o registro",
        "<strong>parcelas legíveis</strong>, reprovada: esperado no máximo 1 % das parcelas",
        // The message is kept, because it has the codes.
        "Mensagem original: <code lang=\"en\">readable-parcelas: ",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    is_portuguese(&text)?;
    let (_, text) = web.get(&format!("/runs/{run}/requeue")).await?;
    assert!(
        text.contains("Verificação reprovada: parcelas legíveis ("),
        "{text}"
    );
    is_portuguese(&text)?;
    let (_, text) = web.get("/figures/1406").await?;
    assert!(
        text.contains("<span class=\"failed\">falhou</span>"),
        "{text}"
    );
    is_portuguese(&text)?;
    let (_, text) = web.get("/figures/1406/2026-06").await?;
    for expected in [
        "<strong class=\"failed\">falhou</strong>: o job falhou na última execução",
        "<td>falhou: Verificação reprovada: parcelas legíveis (",
        "<td>gravada</td>",
        "a soma destes; parcelas ativas",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    is_portuguese(&text)?;
    let (_, text) = web.get(&format!("/runs/{run}?lang=en")).await?;
    for expected in [
        "failed: 1",
        "Check failed: readable parcelas (",
        "expected at most 1 % of the parcelas rejected",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_of_a_large_portfolio_is_a_small_page() -> anyhow::Result<()> {
    let fleet = Fleet::new(Config::folder(GOLDEN)).await?;
    let web = Web::of(&fleet).await?;
    let portfolio = "
        INSERT INTO filiais (id, nome, run_id, synced_at) VALUES (100, 'Filial', 'r', now());
        INSERT INTO empreendimentos (id, nome, filial_id, run_id, synced_at)
        SELECT 1400 + n, 'Loteamento Jardim das Flores ' || n, 100, 'r', now() FROM generate_series(1, 181) AS n;
        INSERT INTO estatisticas_portfolio (empreendimento_id, ref_month, empreendimento_nome, vp, ltv,
            prazo_medio, duration, total_contracts, active_contracts, details, run_id, synced_at)
        SELECT e.id, '2026-' || lpad(m::text, 2, '0'), e.nome, 10000000 + e.id * 1234.56 + m, 50, 1, 1, 1, 1,
               '{}', 'r', now()
        FROM empreendimentos e, generate_series(1, 12) AS m;
        INSERT INTO sync_runs (id, start_date, end_date, as_of, created_at)
        VALUES ('r', '2026-01-01', '2026-12-31', '2026-11-23', now());
        INSERT INTO sync_jobs (run_id, target, seq, nome)
        SELECT 'r', id::text, id, nome FROM empreendimentos";
    sqlx::raw_sql(portfolio).execute(&fleet.pool).await?;
    // Every figure of it is stale and coloured: no page is larger.
    let (_, text) = web.get("/figures?measure=vp&until=2026-12&heat=on").await?;
    assert_eq!(text.matches("<b>desatualizado</b>").count(), 182 * 12);
    assert!(text.len() < 150_000, "{} bytes", text.len());
    web.stop().await?;
    fleet.remove().await
}
