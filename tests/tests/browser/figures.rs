//! From the grid of all empreendimentos down to one figure: each step says what the database holds.

use std::collections::BTreeMap;

use anyhow::Context as _;
use rust_decimal::Decimal;
use tests::browser::Browser;

use crate::Morning;

/// Rows by their heading: what stands below each heading of a column.
type Table = BTreeMap<String, BTreeMap<String, String>>;

#[tokio::test(flavor = "multi_thread")]
async fn each_sum_is_the_database_s_from_the_grid_to_the_figure() -> anyhow::Result<()> {
    let morning = Morning::new().await?;
    let pool = &morning.fleet.pool;
    let browser = Browser::start().await?;
    browser.open(&morning.web, "/figures?until=2026-11").await?;
    browser.click("Previsto").await?;
    browser.click("Mostrar").await?;
    browser.sees("Total").await?;
    let grid = table(&browser).await?;
    let rows: Vec<(String, String, Decimal)> = sqlx::query_as(
        "SELECT nome, to_char(to_date(ref_month, 'YYYY-MM'), 'MM/YYYY'), SUM(forecast)
         FROM entradas_caixa JOIN empreendimentos ON id = empreendimento_id
         WHERE ref_month BETWEEN '2025-12' AND '2026-11'
         GROUP BY nome, ref_month",
    )
    .fetch_all(pool)
    .await?;
    assert!(rows.len() > 50, "{}", rows.len());
    let mut totals: BTreeMap<&str, Decimal> = BTreeMap::new();
    for (nome, month, forecast) in &rows {
        assert_eq!(number(&grid[nome][month])?, *forecast, "{nome} {month}");
        *totals.entry(month).or_default() += forecast;
    }
    for (month, total) in totals {
        assert_eq!(number(&grid["Total"][month])?, total, "{month}");
    }

    let nome: String = sqlx::query_scalar("SELECT nome FROM empreendimentos WHERE id = 1400")
        .fetch_one(pool)
        .await?;
    browser.click(&nome).await?;
    browser.sees("Entradas previstas e recebidas").await?;
    let months = table(&browser).await?;
    let of_month: Vec<(String, Decimal, Decimal, Decimal)> = sqlx::query_as(
        "SELECT to_char(to_date(ref_month, 'YYYY-MM'), 'MM/YYYY'), forecast, total, vp
         FROM (SELECT ref_month, SUM(forecast) AS forecast FROM entradas_caixa
               WHERE empreendimento_id = 1400 GROUP BY ref_month) AS cash_in
         JOIN delinquency USING (ref_month)
         JOIN estatisticas_portfolio AS portfolio USING (ref_month)
         WHERE delinquency.empreendimento_id = 1400 AND portfolio.empreendimento_id = 1400",
    )
    .fetch_all(pool)
    .await?;
    assert!(of_month.len() > 8, "{}", of_month.len());
    for (month, forecast, overdue, vp) in of_month {
        let shown = &months[&month];
        assert_eq!(number(&shown["Previsto"])?, forecast, "{month}");
        assert_eq!(number(&shown["Vencido"])?, overdue, "{month}");
        assert_eq!(number(&shown["Valor presente"])?, vp, "{month}");
    }

    browser.click("09/2026").await?;
    browser.sees("Gravado por").await?;
    browser.sees(&morning.run).await?;
    let figures: Vec<String> = browser
        .run(
            "const rows = [...document.querySelectorAll('section tr')];
             const of = rows.filter(row => row.querySelector('th').innerText == 'forecast');
             return of.map(row => row.querySelector('td').innerText)",
            &[],
        )
        .await?;
    let figures: Vec<Decimal> = figures
        .iter()
        .map(|text| number(text))
        .collect::<Result<_, _>>()?;
    assert_eq!(
        figures.iter().sum::<Decimal>(),
        number(&grid[&nome]["09/2026"])?
    );
    morning.end().await
}

/// The table of the page.
async fn table(browser: &Browser) -> anyhow::Result<Table> {
    let script =
        "const text = one => (one.querySelector('a') ?? one).innerText.trim().split('\\n')[0];
                  const [head, ...rows] = document.querySelectorAll('main table tr');
                  const columns = [...head.cells].map(text);
                  const cells = row => [...row.cells].map((cell, at) => [columns[at], text(cell)]);
                  return Object.fromEntries(rows.map(
                      row => [text(row.cells[0]), Object.fromEntries(cells(row))]))";
    browser.run(script, &[]).await
}

/// A number as it is written in Brazil.
fn number(text: &str) -> anyhow::Result<Decimal> {
    let plain = text.replace('.', "").replace(',', ".").replace('−', "-");
    plain.parse().with_context(|| format!("{text:?}"))
}
