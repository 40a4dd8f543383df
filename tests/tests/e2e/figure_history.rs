//! Figures opened to their contratos, compared with what they were, and signed off, over both databases.

use producer::report::{Wanted, opened};
use serde_json::{Value, json};
use tests::{GOLDEN, Site};

use crate::on_both::on_both;

on_both! {
    every_figure_is_the_sum_of_its_contratos,
    what_moved_is_told_with_the_contratos_that_moved_it,
    what_is_signed_off_stays,
}

const WINDOW: &str = "--start-date 2026-01-01 --end-date 2026-11-22 --as-of 2026-11-23";

async fn json_of(site: &Site, command: &str) -> anyhow::Result<Value> {
    let arguments: Vec<_> = command.split_whitespace().collect();
    Ok(serde_json::from_str(&site.exits(0, &arguments).await?)?)
}

/// An amount in units of 10⁻¹⁰ reais.
fn units(amount: &Value) -> i128 {
    let text = amount.as_str().unwrap();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, decimals) = digits.split_once('.').unwrap();
    let decimals = format!("{decimals:0<10}");
    sign * (whole.parse::<i128>().unwrap() * 10_i128.pow(10) + decimals.parse::<i128>().unwrap())
}

/// Half a centavo in the same units.
const HALF_A_CENTAVO: i128 = 50_000_000;

/// Over the golden state: each figure that is a sum, of every empreendimento and month.
async fn every_figure_is_the_sum_of_its_contratos(site: &Site) -> anyhow::Result<()> {
    site.backfill(0, WINDOW).await?;
    let tables = site.tables().await?;
    let store = site.store().await?;
    let everything = Wanted {
        category: None,
        top: usize::MAX,
    };
    let mut figures = 0;
    for key in tables["estatisticas_portfolio"].keys() {
        let (id, month) = key.split_once('|').unwrap();
        let told = opened(&*store, id.parse()?, month.parse()?, everything).await?;
        let told = serde_json::to_value(&told)?;
        assert_eq!(told["not_kept"], json!([]), "{id} {month}");
        let mut found = std::collections::BTreeMap::new();
        for figure in told["figures"].as_array().unwrap() {
            let parts = figure["contratos"].as_array().unwrap();
            let sum: i128 = parts.iter().map(|part| units(&part["amount"])).sum();
            assert_eq!(sum, units(&figure["sum"]), "{id} {month} {figure}");
            let rest = sum - units(&figure["value"]);
            assert!(rest.abs() <= HALF_A_CENTAVO, "{id} {month} {figure}");
            let category = figure["category"].as_str().unwrap_or_default();
            let column = figure["column"].as_str().unwrap();
            let value = figure["value"].as_str().unwrap().to_owned();
            found.insert(format!("{category}{column}"), value);
            figures += 1;
        }
        // What is not opened is nothing in the tables.
        let value = |name: &str| found.get(name).map_or("0.00", String::as_str);
        for category in ["ativos", "recuperacoes", "antecipacoes", "outras"] {
            let row = &tables["entradas_caixa"][&format!("{id}|{month}|{category}")];
            let (forecast, actual) = row.split_once(' ').unwrap();
            assert_eq!(value(&format!("{category}forecast")), forecast);
            assert_eq!(value(&format!("{category}actual")), actual);
        }
        let overdue: Vec<_> = tables["delinquency"][&format!("{id}|{month}")]
            .split(' ')
            .collect();
        let buckets = [
            "up_to_30",
            "days_30_60",
            "days_60_90",
            "days_90_180",
            "above_180",
            "total",
        ];
        for (bucket, expected) in buckets.iter().zip(overdue) {
            assert_eq!(value(bucket), expected, "{id} {month} {bucket}");
        }
        let vp = tables["estatisticas_portfolio"][&format!("{id}|{month}")]
            .split(' ')
            .next();
        assert_eq!(Some(value("vp")), vp);
    }
    assert!(figures > 400, "{figures}");

    let shown = [
        "explain",
        "--empreendimento-id",
        "1415",
        "--month",
        "2026-11",
        "--contratos",
    ];
    let shown = site.exits(0, &shown).await?;
    assert!(
        shown.contains("entradas_caixa recuperacoes actual: R$ 3.747,38"),
        "{shown}"
    );
    assert!(shown.contains("  contrato "), "{shown}");
    Ok(())
}

/// Parcela 11041001 of 1415, overdue for more than a year, is paid on 2026-11-10 with 1,450.00.
fn pay_a_parcela(site: &Site) {
    let text = std::fs::read_to_string(format!("{GOLDEN}/parcelas/11041.json")).unwrap();
    let mut parcelas: Value = serde_json::from_str(&text).unwrap();
    let parcela = &mut parcelas[1];
    assert_eq!(parcela["cod_parcela"], json!(11041001));
    parcela["situacao"] = json!("Pago");
    parcela["data_baixa"] = json!("10/11/2026");
    parcela["vlr_pago"] = json!("1.450,00");
    parcela["vlr_corrigido"] = json!(3214.99);
    site.erp().override_parcelas(11041, parcelas);
}

async fn what_moved_is_told_with_the_contratos_that_moved_it(site: &Site) -> anyhow::Result<()> {
    site.backfill(0, WINDOW).await?;
    let first = json_of(site, "status --json").await?["run"]["id"].clone();
    let nothing = json_of(
        site,
        &format!("diff --from {} --json", first.as_str().unwrap()),
    )
    .await?;
    assert_eq!(nothing["figures"], json!([]));

    pay_a_parcela(site);
    site.backfill(0, WINDOW).await?;
    let diff = json_of(site, "diff --json").await?;
    let figures = diff["figures"].as_array().unwrap();
    assert_eq!(figures.len(), 1, "{diff:#}");
    let keys = [
        "table",
        "code",
        "month",
        "category",
        "column",
        "before",
        "after",
        "difference",
    ];
    let told: Vec<_> = keys.iter().map(|key| figures[0][key].clone()).collect();
    assert_eq!(
        told,
        [
            json!("entradas_caixa"),
            json!(1415),
            json!("2026-11"),
            json!("recuperacoes"),
            json!("actual"),
            json!("3747.38"),
            json!("5197.38"),
            json!("1450.00"),
        ]
    );
    let moved = &figures[0]["contratos"];
    assert_eq!(moved.as_array().unwrap().len(), 1, "{moved}");
    assert_eq!(moved[0]["contrato"], json!(11041));
    assert_eq!(moved[0]["why"], json!("paid"));
    assert_eq!(moved[0]["difference"], json!("1450.00"));
    assert_eq!(figures[0].get("rounding"), None);
    assert_eq!(diff["totals"][0]["difference"], json!("1450.00"));

    let text = site.exits(0, &["diff"]).await?;
    assert!(
        text.contains("R$ 3.747,38 → R$ 5.197,38 (+R$ 1.450,00)"),
        "{text}"
    );
    assert!(text.contains("contrato 11041"), "{text}");
    let none = site.exits(0, &["diff", "--min", "1450.01"]).await?;
    assert!(none.contains("no figure differs"), "{none}");
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("diff.csv").display().to_string();
    site.exits(0, &["diff", "--csv", &file]).await?;
    let csv = std::fs::read_to_string(&file)?;
    assert!(
        csv.lines()
            .nth(1)
            .unwrap()
            .starts_with("entradas_caixa,1415,"),
        "{csv}"
    );

    // As they stood after the first run, which began and ended today.
    let before = json_of(
        site,
        "explain --empreendimento-id 1415 --as-of 2020-01-01 --json",
    )
    .await?;
    assert_eq!(before["figures"], json!([]));
    let explain = "explain --empreendimento-id 1415 --month 2026-11 --as-of 2100-01-01 --json";
    let now = json_of(site, explain).await?;
    let figures = now["figures"].as_array().unwrap();
    let recuperacoes = figures
        .iter()
        .find(|row| row["category"] == "recuperacoes")
        .unwrap();
    assert_eq!(recuperacoes["values"]["actual"], json!("5197.38"));
    assert_eq!(
        recuperacoes["run"],
        json_of(site, "status --json").await?["run"]["id"]
    );
    let ativos = figures
        .iter()
        .find(|row| row["category"] == "ativos")
        .unwrap();
    assert_eq!(ativos["run"], first);
    site.exits(2, &["diff", "--from", "no-such-run"]).await?;
    Ok(())
}

async fn what_is_signed_off_stays(site: &Site) -> anyhow::Result<()> {
    site.exits(2, &["reopen", "--month", "2026-10", "--note", "x"])
        .await?;
    // Nothing of the month is there.
    site.exits(6, &["close", "--month", "2026-10", "--note", "x"])
        .await?;
    site.exits(
        2,
        &["close", "--month", "2026-10", "--note", "x", "--force"],
    )
    .await?;
    site.backfill(0, WINDOW).await?;
    site.exits(
        0,
        &["close", "--month", "2026-10", "--note", "signed by Ana"],
    )
    .await?;
    // The runs' view of November ends before its last day.
    site.exits(6, &["close", "--month", "2026-11", "--note", "early"])
        .await?;
    let early = ["close", "--month", "2026-11", "--note", "early", "--force"];
    site.exits(0, &early).await?;
    let twice = [
        "close",
        "--month",
        "2026-10",
        "--note",
        "x",
        "--empreendimento-ids",
        "1415",
    ];
    site.exits(2, &twice).await?;
    let nothing = site.exits(0, &["diff", "--since-close"]).await?;
    assert!(nothing.contains("no figure differs"), "{nothing}");
    let closes = json_of(site, "closes --verify --json").await?;
    let told: Vec<_> = closes
        .as_array()
        .unwrap()
        .iter()
        .map(|close| {
            [
                close["month"].clone(),
                close["forced"].clone(),
                close["verified"].clone(),
            ]
        })
        .collect();
    assert_eq!(
        told,
        [
            [json!("2026-11"), json!(true), json!(true)],
            [json!("2026-10"), json!(false), json!(true)],
        ]
    );

    // The tables follow the ERP; what was signed off stays, and is told beside them.
    pay_a_parcela(site);
    site.backfill(0, WINDOW).await?;
    let since = json_of(site, "diff --since-close --json").await?;
    let figures = since["figures"].as_array().unwrap();
    assert_eq!(figures.len(), 1, "{since:#}");
    assert_eq!(figures[0]["before"], json!("3747.38"));
    assert_eq!(figures[0]["after"], json!("5197.38"));
    let status = site.exits(0, &["status"]).await?;
    assert!(
        status.contains("months moved since: 2026-11 (1 row)"),
        "{status}"
    );
    let explain = [
        "explain",
        "--empreendimento-id",
        "1415",
        "--month",
        "2026-11",
    ];
    let explained = site.exits(0, &explain).await?;
    assert!(explained.contains("2026-11 was closed"), "{explained}");
    assert!(explained.contains("after close: 1415"), "{explained}");
    let closed = json_of(site, "closes --verify --json").await?;
    assert_eq!(closed[0]["digest"], closes[0]["digest"]);
    assert_eq!(closed[0]["verified"], json!(true));
    assert_eq!(closed[0]["moved"], json!(1));

    // A row that somebody changes is found.
    let tamper = "UPDATE sync_closed_cells SET v1 = v1 + 1
                  WHERE kind = 'entradas_caixa' AND owner = 1415 AND category = 'ativos'
                    AND close_id = (SELECT id FROM sync_closes WHERE ref_month = '2026-10')
                  RETURNING close_id";
    site.number(tamper).await?;
    let verified = json_of_code(site, 6, "closes --verify --json").await?;
    assert_eq!(verified[1]["verified"], json!(false), "{verified:#}");
    assert_eq!(verified[0]["verified"], json!(true));

    site.exits(
        0,
        &[
            "reopen",
            "--month",
            "2026-11",
            "--note",
            "a payment came late",
        ],
    )
    .await?;
    let status = site.exits(0, &["status"]).await?;
    assert!(!status.contains("2026-11 ("), "{status}");
    let some = [
        "close",
        "--month",
        "2026-11",
        "--note",
        "x",
        "--empreendimento-ids",
        "1415",
        "--force",
    ];
    site.exits(0, &some).await?;
    let closes = json_of(site, "closes --json").await?;
    assert_eq!(closes[0]["empreendimentos"], json!([1415]));
    // Six rows: no cash out is closed with an empreendimento.
    assert_eq!(closes[0]["cells"], json!(6));
    assert_eq!(closes[1]["reopened"]["note"], json!("a payment came late"));
    Ok(())
}

async fn json_of_code(site: &Site, code: i32, command: &str) -> anyhow::Result<Value> {
    let arguments: Vec<_> = command.split_whitespace().collect();
    Ok(serde_json::from_str(&site.exits(code, &arguments).await?)?)
}
