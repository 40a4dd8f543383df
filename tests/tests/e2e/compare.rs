//! The tables of the replaced system beside ours, with differences that are planted.

use sqlx::PgPool;
use tests::{Fleet, GOLDEN};

use crate::GOLDEN_BACKFILL;

/// Fills the old tables with what ours hold, but for payables that share the old key, of which it keeps
/// one.
pub const AS_OURS: &str = "
TRUNCATE filiais, empreendimentos, contratos, entradas_caixa, saidas_caixa, estatisticas_portfolio,
         inadimplencia, faturas_pagar, runs;
INSERT INTO filiais (external_id, nome, fantasia, cnpj, is_active, origem, criado_em)
SELECT id, nome, fantasia, cnpj, is_active, 'mega', synced_at FROM mega.filiais;
INSERT INTO empreendimentos (external_id, name, filial_id, centro_custo_id, is_active, origem, created_at)
SELECT e.id, e.nome, f.id, e.centro_custo_id, e.is_active, 'mega', e.synced_at
FROM mega.empreendimentos e JOIN filiais f ON f.external_id = e.filial_id;
CREATE VIEW codes AS SELECT id, external_id AS code FROM empreendimentos;
INSERT INTO contratos (origem, cod_contrato, empreendimento_id, status, valor_contrato,
                       valor_atualizado_ipca, data_assinatura, last_synced_at)
SELECT 'mega', t.id, c.id, status, valor_contrato, valor_atualizado_ipca, data_assinatura, synced_at
FROM mega.contratos t JOIN codes c ON c.code = t.empreendimento_id;
INSERT INTO entradas_caixa (empreendimento_id, empreendimento_nome, ref_month, category, forecast, actual,
                            origem, created_at)
SELECT c.id, empreendimento_nome, ref_month, category, forecast, actual, 'mega', synced_at
FROM mega.entradas_caixa t JOIN codes c ON c.code = t.empreendimento_id;
INSERT INTO estatisticas_portfolio (empreendimento_id, empreendimento_nome, ref_month, vp, ltv, prazo_medio,
                                    duration, total_contracts, active_contracts, origem, created_at)
SELECT c.id, empreendimento_nome, ref_month, vp, ltv, prazo_medio, duration, total_contracts,
       active_contracts, 'mega', synced_at
FROM mega.estatisticas_portfolio t JOIN codes c ON c.code = t.empreendimento_id;
INSERT INTO inadimplencia (empreendimento_id, empreendimento_nome, ref_month, up_to_30, days_30_60,
                           days_60_90, days_90_180, above_180, total, details, origem, created_at)
SELECT c.id, empreendimento_nome, ref_month, up_to_30, days_30_60, days_60_90, days_90_180, above_180,
       total, jsonb_build_object('quantities', details -> 'quantities'), 'mega', synced_at
FROM mega.delinquency t JOIN codes c ON c.code = t.empreendimento_id;
INSERT INTO faturas_pagar (origem, filial_id, filial_nome, numero_ap, numero_parcela, tipo_documento,
                           numero_documento, valor_parcela, saldo_atual, data_vencimento, data_baixa,
                           agente_codigo, criado_em, atualizado_em)
SELECT DISTINCT ON (filial_id, numero_ap, numero_parcela)
       'mega', filial_id, 'Filial ' || filial_id, numero_ap, numero_parcela, tipo_documento, numero_documento,
       valor_parcela, saldo_atual, data_vencimento, data_baixa, agente_codigo, synced_at, synced_at
FROM mega.faturas_pagar
ORDER BY filial_id, numero_ap, numero_parcela, valor_parcela DESC;
INSERT INTO saidas_caixa (filial_id, filial_nome, mes_referencia, categoria, orcamento, realizado, origem, criado_em)
SELECT f.id, f.nome, mes, tipo_documento, SUM(orcamento), SUM(realizado), 'mega', MAX(em)
FROM (SELECT filial_id, to_char(data_vencimento, 'YYYY-MM') AS mes, tipo_documento,
             valor_parcela AS orcamento, 0 AS realizado, atualizado_em AS em FROM faturas_pagar
      UNION ALL
      SELECT filial_id, to_char(coalesce(data_baixa, data_vencimento), 'YYYY-MM'), tipo_documento, 0,
             greatest(valor_parcela - saldo_atual, 0), atualizado_em FROM faturas_pagar) AS p
JOIN filiais f ON f.external_id = p.filial_id
GROUP BY f.id, f.nome, mes, tipo_documento";

/// Ours in `mega` after the golden backfill, the old tables in `antigo`.
async fn beside() -> anyhow::Result<(Fleet, PgPool)> {
    let mut fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    fleet.add("MEGA_SYNC_SCHEMA", "mega");
    let worker = fleet.worker(&[])?;
    fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;
    fleet.retire(worker).await?;
    let old = fleet.create_old_tables("timestamptz").await?;
    sqlx::raw_sql(AS_OURS).execute(&old).await?;
    Ok((fleet, old))
}

/// Table, key, figure, state and cause of each line of the file.
fn lines(csv: &str) -> Vec<String> {
    let cells = csv
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect::<Vec<_>>());
    cells
        .map(|cells| [0, 1, 2, 5, 6].map(|at| cells[at]).join(" "))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_planted_is_found_and_nothing_else() -> anyhow::Result<()> {
    let (fleet, old) = beside().await?;
    let file = fleet.folder().join("differences.csv");
    let csv = file.display().to_string();
    let compare = [
        "compare",
        "--legacy-schema",
        "antigo",
        "--tolerance",
        "0",
        "--csv",
        &csv,
    ];
    let told = fleet.producer_exits(0, &compare).await?;
    assert!(told.contains("nothing is unexplained"), "{told}");
    let found = lines(&std::fs::read_to_string(&file)?);
    let causes: Vec<_> = found
        .iter()
        .filter(|line| !line.contains(" zero "))
        .map(|line| line.rsplit(' ').next().unwrap_or_default())
        .collect();
    assert!(!causes.is_empty());
    assert!(causes.iter().all(|cause| *cause == "old-key"), "{found:?}");
    let discarded: (i64, rust_decimal::Decimal) = sqlx::query_as(
        "SELECT (SELECT COUNT(*) FROM mega.faturas_pagar) - (SELECT COUNT(*) FROM faturas_pagar),
                (SELECT SUM(valor_parcela) FROM mega.faturas_pagar) - (SELECT SUM(valor_parcela) FROM faturas_pagar)",
    )
    .fetch_one(&old)
    .await?;
    assert_eq!(discarded.0, 9);
    let json = [&compare[..], &["--json"]].concat();
    let report: serde_json::Value = serde_json::from_str(&fleet.producer_exits(0, &json).await?)?;
    assert_eq!(report["adds_up"], true);
    let months = report["by_month"]["saidas_caixa"].as_object();
    let of_months = months
        .into_iter()
        .flatten()
        .map(|(_, month)| &month["difference"]);
    let of_months = of_months.filter_map(|sum| sum.as_str()?.parse::<rust_decimal::Decimal>().ok());
    let of_causes = &report["causes"]["old-key"]["saidas_caixa"]["difference"];
    assert_eq!(
        of_months.sum::<rust_decimal::Decimal>().to_string(),
        *of_causes
    );
    let orcamento = &report["sums"]["saidas_caixa"]["orcamento"];
    assert_eq!(orcamento["explained"], discarded.1.to_string());

    // A centavo, a key that is gone, and one that is new.
    let before = found;
    sqlx::raw_sql(
        "UPDATE entradas_caixa SET forecast = forecast + 0.01
         WHERE ref_month = '2026-09' AND category = 'ativos'
           AND empreendimento_id = (SELECT id FROM codes WHERE code = 1400);
         DELETE FROM inadimplencia WHERE ref_month = '2026-10'
           AND empreendimento_id = (SELECT id FROM codes WHERE code = 1400);
         INSERT INTO entradas_caixa (empreendimento_id, empreendimento_nome, ref_month, category, forecast, actual, origem)
         SELECT id, 'x', '2026-10', 'taxas', 5, 0, 'mega' FROM codes WHERE code = 1403",
    )
    .execute(&old)
    .await?;
    let told = fleet.producer_exits(6, &compare).await?;
    assert!(told.contains("a person must decide"), "{told}");
    let text = std::fs::read_to_string(&file)?;
    let mut found = lines(&text);
    found.retain(|line| !before.contains(line));
    assert_eq!(
        found[0],
        "entradas_caixa 1400|2026-09|ativos forecast different unexplained"
    );
    assert_eq!(
        found[1..3],
        [
            "entradas_caixa 1403|2026-10|taxas forecast only theirs unexplained",
            "entradas_caixa 1403|2026-10|taxas actual only theirs unexplained"
        ]
    );
    let gone: Vec<_> = found[3..].iter().collect();
    assert_eq!(gone.len(), 12);
    let is_gone = |line: &&&String| {
        line.starts_with("inadimplencia 1400|2026-10 ") && line.ends_with(" only ours unexplained")
    };
    assert_eq!(gone.iter().filter(is_gone).count(), 12, "{gone:?}");

    // Signed off, it no longer asks for anybody; what changes again does.
    let signed = fleet.folder().join("signed.csv");
    let mut accepted = "table,key,figure,ours,theirs,reason\n".to_owned();
    for line in text
        .lines()
        .skip(1)
        .filter(|line| line.contains(",unexplained,"))
    {
        let cells: Vec<_> = line.split(',').collect();
        accepted += &format!("{},combinado\n", cells[..5].join(","));
    }
    std::fs::write(&signed, &accepted)?;
    let path = signed.display().to_string();
    let with = [&compare[..], &["--accept", &path]].concat();
    fleet.producer_exits(0, &with).await?;
    sqlx::raw_sql("UPDATE entradas_caixa SET forecast = forecast + 1 WHERE category = 'taxas'")
        .execute(&old)
        .await?;
    let told = fleet.producer_exits(6, &with).await?;
    assert!(
        told.contains("signed off and no longer so: entradas_caixa 1403|2026-10|taxas"),
        "{told}"
    );
    std::fs::write(&signed, accepted.replace("combinado", ""))?;
    fleet.producer_exits(2, &with).await?;

    // One month alone; and the old tables at a URL of their own, which no message repeats.
    let september = [&compare[..], &["--month", "2026-09"]].concat();
    fleet.producer_exits(6, &september).await?;
    assert!(!std::fs::read_to_string(&file)?.contains("2026-10|"));
    old.close().await;
    fleet.remove().await
}
