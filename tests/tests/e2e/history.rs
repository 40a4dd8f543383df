//! Months of the replaced system's tables from before ours begin.

use sqlx::AssertSqlSafe;
use tests::{Fleet, GOLDEN};

use crate::GOLDEN_BACKFILL;

/// What the old tables have beside the contract's rows: months before ours, codes that we do not know,
/// rows that belong nowhere, and of our payables a day of payment.
const OLD: &str = "
INSERT INTO filiais (id, external_id, nome, origem) VALUES (8, 555, 'Filial de antes', 'mega');
INSERT INTO empreendimentos (id, external_id, name, filial_id, origem) VALUES
    (9000, 900, 'Residencial de antes', 7, 'mega'), (9001, 901, 'Sem filial', NULL, 'mega');
INSERT INTO entradas_caixa (empreendimento_id, empreendimento_nome, ref_month, category, forecast, actual, origem) VALUES
    (3001, 'x', '2025-11', 'ativos', 100, 80.1, 'mega'),
    (3001, 'x', '2025-12', 'ativos', 1928.9599999999994, 10, 'mega'),
    (3001, 'x', '2026-01', 'outras', 7, 7, 'mega'),
    (9000, 'x', '2025-12', 'ativos', 50, 40, 'mega'),
    (9000, 'x', '2026-03', 'ativos', 60, 55, 'mega'),
    (9001, 'x', '2025-12', 'ativos', 1, 1, 'mega'),
    (3001, 'x', '2025-13', 'ativos', 1, 1, 'mega');
INSERT INTO estatisticas_portfolio (empreendimento_id, empreendimento_nome, ref_month, vp, ltv, prazo_medio, duration, total_contracts, active_contracts, origem) VALUES
    (3001, 'x', '2025-12', 1000.5, 45.67, 12.34, 1.5, 9, 8, 'mega');
INSERT INTO inadimplencia (empreendimento_id, empreendimento_nome, ref_month, up_to_30, days_30_60, days_60_90, days_90_180, above_180, total, details, origem) VALUES
    (3001, 'x', '2025-12-01', 1, 2, 3, 4, 5, 15, '{\"quantities\": {\"up_to_30\": 1, \"total\": 5}}', 'mega'),
    (3001, 'x', '2025-11', 1, 0, 0, 0, 0, 1, NULL, 'mega');
INSERT INTO saidas_caixa (filial_id, filial_nome, mes_referencia, categoria, orcamento, realizado, origem) VALUES
    (7, 'Filial 7', '2025-11', 'NF', 300, 300, 'mega'),
    (7, 'Filial 7', '2025-12', 'NF', 500, 400.5, 'mega'),
    (7, 'Filial 7', '2025-12', '', 3, 2, 'mega'),
    (7, 'Filial 7', '2025-12', 'OUTROS', 2, 3, 'mega'),
    (8, 'Filial 8', '2025-12', 'NF', 30, 30, 'mega');
CREATE TABLE ours AS
SELECT *, ROW_NUMBER() OVER (PARTITION BY keys, data_baixa IS NULL ORDER BY numero_ap, numero_parcela) AS place
FROM (SELECT *, COUNT(*) OVER (PARTITION BY filial_id, numero_ap, numero_parcela) AS keys
      FROM mega.faturas_pagar WHERE filial_id = 100) AS f;
INSERT INTO faturas_pagar (origem, filial_id, filial_nome, numero_ap, numero_parcela, tipo_documento, valor_parcela, saldo_atual, data_vencimento, data_baixa)
SELECT 'mega', filial_id, 'x', numero_ap, numero_parcela, tipo_documento, valor_parcela, 0,
       data_vencimento + CASE WHEN keys = 1 AND data_baixa IS NOT NULL AND place = 2 THEN 1 ELSE 0 END,
       DATE '2025-12-20'
FROM ours
WHERE keys = 1 AND place <= CASE WHEN data_baixa IS NULL THEN 1 ELSE 2 END
   OR keys > 1 AND data_baixa IS NOT NULL AND place = 1;
INSERT INTO faturas_pagar (origem, filial_id, filial_nome, numero_ap, numero_parcela, tipo_documento, valor_parcela, saldo_atual, data_vencimento, data_baixa)
VALUES ('mega', 100, 'x', '7778', '1', 'NF', 1, 0, '2026-01-10', '2026-01-10')";

/// Rows with what they say and without who wrote them.
const FIGURES: &str = "
SELECT string_agg(line, E'\n' ORDER BY line) FROM (
    SELECT (to_jsonb(t) - 'run_id' - 'synced_at')::text AS line FROM mega.entradas_caixa t
    UNION ALL SELECT (to_jsonb(t) - 'run_id' - 'synced_at')::text FROM mega.saidas_caixa t
    UNION ALL SELECT (to_jsonb(t) - 'run_id' - 'synced_at')::text FROM mega.estatisticas_portfolio t
    UNION ALL SELECT (to_jsonb(t) - 'run_id' - 'synced_at')::text FROM mega.delinquency t) AS lines";

const IMPORT: [&str; 4] = ["history", "import", "--legacy-schema", "antigo"];

/// What `history import` says of them.
const TOLD: &str = "\
months 2025-11 to 2026-03
       4  entradas_caixa
       1  estatisticas_portfolio
       2  delinquency
       4  saidas_caixa
       1  days of payment
       1  filiais created, inactive
       1  empreendimentos created, inactive
       2  old rows left out: no month, or no empreendimento or filial to write them to
       1  days of payment left: the old key means several payables
       1  days of payment left: another due day or value
       1  days of payment left: the payable is not settled here
       1  days of payment left: there is no such payable here
";

async fn text(fleet: &Fleet, query: &str) -> anyhow::Result<String> {
    let query = AssertSqlSafe(format!("SELECT ({query})::text"));
    Ok(sqlx::query_scalar(query).fetch_one(&fleet.pool).await?)
}

/// The cash out of a month of some filiais, and who wrote it.
async fn cash_out(fleet: &Fleet, month: &str, filiais: &str) -> anyhow::Result<String> {
    let query = format!(
        "SELECT string_agg(concat_ws(' ', filial_id, categoria, orcamento, realizado,
                                     coalesce(imported_from, 'run')), E'\n' ORDER BY filial_id, categoria)
         FROM mega.saidas_caixa s JOIN mega.sync_runs r ON r.id = s.run_id
         WHERE mes_referencia = '{month}' AND filial_id IN ({filiais})"
    );
    text(fleet, &query).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_before_ours_is_imported_until_a_run_covers_it() -> anyhow::Result<()> {
    let mut fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    fleet.add("MEGA_SYNC_SCHEMA", "mega");
    let old = fleet.create_old_tables("timestamptz").await?;
    let refused = fleet.producer(&IMPORT).await?;
    assert_eq!(refused.status.code(), Some(2), "no run has written a month");

    let worker = fleet.worker(&[])?;
    fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;
    sqlx::raw_sql(AssertSqlSafe(OLD)).execute(&old).await?;
    for wrong in [["--floor-month", "2026-02"], ["--legacy-schema", "mega"]] {
        let refused = fleet
            .producer(&[&["history", "import"], &wrong[..]].concat())
            .await?;
        assert_eq!(refused.status.code(), Some(2), "{wrong:?}");
    }
    let before = text(&fleet, FIGURES).await?;
    let told = fleet
        .producer_exits(0, &[&IMPORT[..], &["--dry-run"]].concat())
        .await?;
    assert_eq!(text(&fleet, FIGURES).await?, before);
    let paid = "SELECT valor_parcela FROM antigo.ours WHERE keys = 1 AND data_baixa IS NOT NULL AND place = 1";
    let paid = text(&fleet, paid).await?;
    let realizado =
        "SELECT SUM(realizado) FROM mega.saidas_caixa WHERE mes_referencia >= '2026-01'";
    let realizado_before = text(&fleet, realizado).await?;

    assert_eq!(fleet.producer_exits(0, &IMPORT).await?, told);
    assert_eq!(told, TOLD);
    // Months of ours are as they were, but for the payment that was made earlier.
    let less = format!("SELECT {realizado_before} - {paid}");
    assert_eq!(text(&fleet, realizado).await?, text(&fleet, &less).await?);
    let entradas = "SELECT string_agg(concat_ws(' ', empreendimento_id, ref_month, category, forecast, actual),
                                      E'\n' ORDER BY empreendimento_id, ref_month)
                    FROM mega.entradas_caixa t JOIN mega.sync_runs r ON r.id = t.run_id
                    WHERE imported_from = 'antigo'";
    assert_eq!(
        text(&fleet, entradas).await?,
        "900 2025-12 ativos 50.00 40.00\n900 2026-03 ativos 60.00 55.00\n\
         1400 2025-11 ativos 100.00 80.10\n1400 2025-12 ativos 1928.96 10.00"
    );
    let december =
        "100 NF 500.00 400.50 antigo\n100 OUTROS 5.00 5.00 antigo\n555 NF 30.00 30.00 antigo";
    assert_eq!(
        cash_out(&fleet, "2025-12", "100, 107, 555").await?,
        december
    );
    let others = "SELECT concat_ws(' ', vp, ltv, prazo_medio, duration, total_contracts, total, d.details)
                  FROM mega.estatisticas_portfolio e JOIN mega.delinquency d USING (empreendimento_id, ref_month)
                  WHERE ref_month = '2025-12'";
    assert_eq!(
        text(&fleet, others).await?,
        r#"1000.50 45.67 12.3 1.50 9 15.00 {"quantity": 5, "quantities": {"up_to_30": 1}}"#
    );
    let created = "SELECT string_agg(concat_ws(' ', id, nome, is_active), ', ' ORDER BY id)
                   FROM (SELECT id, nome, is_active FROM mega.empreendimentos WHERE id < 1000
                         UNION ALL SELECT id, nome, is_active FROM mega.filiais WHERE id = 555) AS codes";
    assert_eq!(
        text(&fleet, created).await?,
        "555 Filial de antes f, 900 Residencial de antes f"
    );
    its_origin_is_told(&fleet).await?;
    opening_balances_hold(&fleet).await?;

    // A run of other months leaves it, and so does one that covers half of a month.
    let imported = text(&fleet, FIGURES).await?;
    fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;
    fleet.producer_exits(0, &IMPORT).await?;
    assert_eq!(text(&fleet, FIGURES).await?, imported);
    let of = async |start: &str, end: &str| {
        let window = ["backfill", "--start-date", start, "--end-date", end];
        let rest = ["--as-of", "2026-11-23", "--wait"];
        fleet
            .producer_exits(0, &[&window[..], &rest].concat())
            .await
    };
    of("2025-12-15", "2025-12-31").await?;
    assert_eq!(cash_out(&fleet, "2025-12", "100, 555").await?, december);
    of("2025-12-01", "2025-12-14").await?;
    // The payables make it again, with the payment of one that is due later.
    let payables = "SELECT string_agg(concat_ws(' ', filial_id, categoria, orcamento,
                                                realizado::numeric(18, 2), 'run'),
                                      E'\n' ORDER BY filial_id, categoria)
                    FROM mega.saidas_caixa_das_faturas WHERE mes_referencia = '2025-12'";
    assert_eq!(
        cash_out(&fleet, "2025-12", "100, 107, 555").await?,
        text(&fleet, payables).await?
    );
    let early = "SELECT count(*) FROM mega.faturas_pagar
                 WHERE data_vencimento >= '2026-01-01' AND data_baixa < '2026-01-01'";
    assert_eq!(text(&fleet, early).await?, "1");
    assert_eq!(
        cash_out(&fleet, "2025-11", "100, 107, 555").await?,
        "100 NF 300.00 300.00 antigo"
    );
    let whose = "SELECT string_agg(concat_ws(' ', empreendimento_id, ref_month), ', '
                                   ORDER BY empreendimento_id, ref_month)
                 FROM mega.entradas_caixa t JOIN mega.sync_runs r ON r.id = t.run_id
                 WHERE imported_from = 'antigo'";
    assert_eq!(
        text(&fleet, whose).await?,
        "900 2025-12, 900 2026-03, 1400 2025-11"
    );
    // What a run wrote is not imported again.
    let run = text(&fleet, FIGURES).await?;
    fleet.producer_exits(0, &IMPORT).await?;
    assert_eq!(text(&fleet, FIGURES).await?, run);
    fleet.retire(worker).await?;
    old.close().await;
    fleet.remove().await
}

async fn its_origin_is_told(fleet: &Fleet) -> anyhow::Result<()> {
    for of in [&["--empreendimento-id", "1400"][..], &["--saidas-caixa"]] {
        let explain = [&["explain", "--month", "2025-12"], of].concat();
        let told = fleet.producer_exits(0, &explain).await?;
        assert!(told.contains("from the old tables in antigo"), "{told}");
        assert!(told.contains("no run has fetched these months"), "{told}");
    }
    let run = text(
        fleet,
        "SELECT id FROM mega.sync_runs WHERE imported_from IS NULL",
    )
    .await?;
    let told = fleet.producer_exits(0, &["status"]).await?;
    assert!(told.contains(&run) && told.contains("9 of 9"), "{told}");
    Ok(())
}

/// The readers sum all months before the first they show.
async fn opening_balances_hold(fleet: &Fleet) -> anyhow::Result<()> {
    fleet.install_views(&[]).await?;
    for (table, month) in [
        ("entradas_caixa", "ref_month"),
        ("saidas_caixa", "mes_referencia"),
    ] {
        let sum = match table {
            "entradas_caixa" => "sum(actual::numeric)",
            _ => "sum(realizado::numeric)",
        };
        let before = |schema: &str| {
            format!(
                "SELECT {sum} FROM {schema}.{table}
                 WHERE {month} < '2026-01' AND origem = 'mega'
                   AND {month} <> '2025-13' AND (to_jsonb({table}) ->> 'empreendimento_id') IS DISTINCT FROM '9001'"
            )
        };
        let (ours, theirs) = (before("compat"), before("antigo"));
        assert_eq!(
            text(fleet, &ours).await?,
            text(fleet, &theirs).await?,
            "{table}"
        );
    }
    fleet
        .producer_exits(0, &["views", "drop", "--into", "compat"])
        .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_code_has_a_first_month_of_its_own() -> anyhow::Result<()> {
    let mut fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    fleet.add("MEGA_SYNC_SCHEMA", "mega");
    let old = fleet.create_old_tables("timestamp").await?;
    sqlx::raw_sql(
        "INSERT INTO empreendimentos (id, external_id, name, filial_id, origem) VALUES (3003, 1403, 'x', 7, 'mega');
         INSERT INTO entradas_caixa (empreendimento_id, empreendimento_nome, ref_month, category, forecast, actual, origem) VALUES
             (3001, 'x', '2025-12', 'ativos', 1, 1, 'mega'),
             (3003, 'x', '2025-05', 'ativos', 1, 1, 'mega'),
             (3003, 'x', '2025-12', 'ativos', 1, 1, 'mega')",
    )
    .execute(&old)
    .await?;
    let worker = fleet.worker(&[])?;
    for (id, start, end) in [
        ("1403", "2025-06-01", "2025-06-30"),
        ("1400", "2026-01-01", "2026-01-31"),
    ] {
        let window = ["backfill", "--start-date", start, "--end-date", end];
        let rest = [
            "--empreendimento-ids",
            id,
            "--as-of",
            "2026-11-23",
            "--wait",
        ];
        let backfill = [&window[..], &rest].concat();
        fleet.producer_exits(0, &backfill).await?;
    }
    fleet.retire(worker).await?;
    fleet.producer_exits(0, &IMPORT).await?;
    let imported = "SELECT string_agg(concat_ws(' ', empreendimento_id, ref_month), ', '
                                      ORDER BY empreendimento_id, ref_month)
                    FROM mega.entradas_caixa t JOIN mega.sync_runs r ON r.id = t.run_id
                    WHERE imported_from = 'antigo'";
    assert_eq!(text(&fleet, imported).await?, "1400 2025-12, 1403 2025-05");
    old.close().await;
    fleet.remove().await
}
