//! The contratos behind a figure, on the page.

use anyhow::Context as _;
use reqwest::StatusCode;
use rust_decimal::Decimal;
use tests::{Fleet, GOLDEN, Web};

use crate::GOLDEN_BACKFILL;
use crate::web_figures::is_portuguese;

const MONTH: &str = "/figures/1400/2026-09";

#[tokio::test(flavor = "multi_thread")]
async fn a_figure_opens_to_the_contratos_that_make_it() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let web = Web::of(&fleet).await?;
    let worker = fleet.worker(&[])?;
    fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;
    fleet.retire(worker).await?;

    let (_, text) = web.get(MONTH).await?;
    let link = format!("{MONTH}/contratos?category=ativos&amp;column=forecast");
    assert!(text.contains(&link), "{link}: {text}");
    assert!(!text.contains("column=ltv"), "a ratio is no sum: {text}");

    let asked = format!("{MONTH}/contratos?category=ativos&column=forecast&all=on&lang=en");
    let (status, text) = web.get(&asked).await?;
    assert_eq!(status, StatusCode::OK);
    let query = "SELECT forecast FROM entradas_caixa WHERE empreendimento_id = 1400
                 AND ref_month = '2026-09' AND category = 'ativos'";
    let forecast: Decimal = sqlx::query_scalar(query).fetch_one(&fleet.pool).await?;
    let amounts = amounts(&text)?;
    assert!(!amounts.is_empty(), "{text}");
    let rest = forecast - amounts.iter().sum::<Decimal>();
    assert!(rest.abs() < Decimal::new(1, 2), "{rest} of {forecast}");
    assert_eq!(text.matches("<section>").count(), 1, "{text}");

    let (_, text) = web.get(&format!("{MONTH}/contratos?lang=pt")).await?;
    assert!(text.matches("<section>").count() > 2, "{text}");
    is_portuguese(&text)?;
    // What an earlier version committed has no contratos; what is not there has no page.
    let none = "UPDATE sync_contratos SET parts = DEFAULT";
    sqlx::query(none).execute(&fleet.pool).await?;
    let (status, text) = web.get(&format!("{MONTH}/contratos?column=total")).await?;
    assert_eq!(status, StatusCode::OK);
    assert!(text.contains("que não guardava os contratos"), "{text}");
    for path in [
        "/figures/1400/2026-13/contratos",
        "/figures/1/2026-09/contratos",
    ] {
        assert_eq!(web.get(path).await?.0, StatusCode::NOT_FOUND, "{path}");
    }
    web.stop().await?;
    fleet.remove().await
}

/// What each contrato adds.
fn amounts(text: &str) -> anyhow::Result<Vec<Decimal>> {
    let body = text.split_once("<tbody>").context("a table")?.1;
    let body = body.split_once("</tbody>").context("its end")?.0;
    let cells = body.split("<td class=\"number\">").skip(1);
    let amounts = cells.map(|cell| {
        let amount = cell.split('<').next().unwrap_or_default();
        let plain = amount.replace(',', "").replace('−', "-");
        plain.parse().with_context(|| format!("{amount:?}"))
    });
    amounts.collect()
}
