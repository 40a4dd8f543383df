//! The payables of some filiais alone.

use serde_json::{Value, json};
use tests::{Fleet, GOLDEN};

use crate::GOLDEN_BACKFILL;

/// Every row of a table but those of a filial, with the run that wrote each.
const FATURAS_OF_OTHERS: &str = "
SELECT string_agg(f::text, E'\n' ORDER BY f::text) FROM faturas_pagar f WHERE filial_id <> 100";
const SAIDAS_OF_OTHERS: &str = "
SELECT string_agg(s::text, E'\n' ORDER BY s::text) FROM saidas_caixa s WHERE filial_id <> 100";

#[tokio::test(flavor = "multi_thread")]
async fn only_theirs_are_asked_for_and_replaced() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let _worker = fleet.worker(&[])?;
    fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;
    let text = async |query: &'static str| -> anyhow::Result<String> {
        Ok(sqlx::query_scalar(query).fetch_one(&fleet.pool).await?)
    };
    let before = [
        text(FATURAS_OF_OTHERS).await?,
        text(SAIDAS_OF_OTHERS).await?,
    ];
    let run = text("SELECT id FROM sync_runs").await?;

    // Of filial 100 one more is due in January, and of another filial nothing is left.
    let lines = std::fs::read_to_string(std::path::Path::new(GOLDEN).join("faturas.jsonl"))?;
    let listed = lines.lines().map(serde_json::from_str::<Value>);
    let mut listed: Vec<Value> = listed.collect::<Result<_, _>>()?;
    listed.retain(|fatura| fatura["Filial"]["Id"].as_f64() == Some(100.0));
    let mut more = listed[0].clone();
    more["NumeroAP"] = json!("990099");
    more["DataVencimento"] = json!("15/01/2026");
    more["TipoDocumento"] = json!("NOVO");
    more["ValorParcela"] = json!(1234.5);
    more["SaldoAtual"] = json!(1000.5);
    listed.push(more);
    fleet.erp.override_faturas(&listed);
    let of_one = ["--only", "saidas-caixa", "--filial-ids", "100"];
    fleet
        .producer_exits(0, &[&GOLDEN_BACKFILL[..], &of_one].concat())
        .await?;

    assert_eq!(text(FATURAS_OF_OTHERS).await?, before[0]);
    assert_eq!(text(SAIDAS_OF_OTHERS).await?, before[1]);
    assert!(before[0].contains(&run) && before[1].contains(&run));
    let new = "SELECT orcamento || ' ' || realizado FROM saidas_caixa
               WHERE filial_id = 100 AND mes_referencia = '2026-01' AND categoria = 'NOVO'";
    assert_eq!(text(new).await?, "1234.50 234.00");
    let told = fleet.producer_exits(0, &["status"]).await?;
    assert!(told.contains("of filiais 100"), "{told}");
    let told = fleet
        .producer_exits(0, &["explain", "--saidas-caixa", "--month", "2026-01"])
        .await?;
    assert!(told.contains("paid on DataVencimento"), "{told}");
    fleet.remove().await
}
