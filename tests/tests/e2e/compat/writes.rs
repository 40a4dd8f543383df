//! Writes of others through the views.

use sqlx::Row as _;

use super::Switched;

/// The second system's job and the API of its developments write through the views.
pub async fn writes_of_other_origins_go_through(switched: &Switched) -> anyhow::Result<()> {
    for (view, insert) in [
        ("filiais", "(external_id, nome, origem) VALUES (5, 'Nova', 'uau')"),
        ("empreendimentos", "(external_id, name, filial_id, origem) VALUES (5, 'Novo', 1010001, 'uau')"),
        ("contratos", "(origem, cod_contrato, empreendimento_id, obra) VALUES ('uau', 5, 30779, 'OB5')"),
        (
            "entradas_caixa",
            "(empreendimento_id, empreendimento_nome, ref_month, category, forecast, actual, origem)
             VALUES (30779, 'UAU 2', '2026-11', 'ativos', 1, 2, 'uau')",
        ),
        (
            "saidas_caixa",
            "(filial_id, filial_nome, mes_referencia, categoria, orcamento, realizado, origem)
             VALUES (1010001, 'UAU', '2026-11', 'C', 1, 2, 'uau')",
        ),
        (
            "estatisticas_portfolio",
            "(empreendimento_id, empreendimento_nome, ref_month, vp, ltv, prazo_medio, duration,
              total_contracts, active_contracts, origem)
             VALUES (30779, 'UAU 2', '2026-11', 1, 2, 3, 4, 5, 6, 'uau')",
        ),
        (
            "inadimplencia",
            "(empreendimento_id, empreendimento_nome, ref_month, up_to_30, days_30_60, days_60_90,
              days_90_180, above_180, total, origem)
             VALUES (30779, 'UAU 2', '2026-11', 1, 2, 3, 4, 5, 15, 'uau')",
        ),
        (
            "faturas_pagar",
            "(origem, filial_id, filial_nome, numero_ap, numero_parcela, tipo_documento, valor_parcela,
              saldo_atual, data_vencimento)
             VALUES ('uau', 5, 'UAU', '1', '1', 'C', 1, 2, '2026-11-01')",
        ),
        ("runs", "(exec_date, source, status) VALUES ('2026-11-26', 'uau', 'running')"),
    ] {
        let inserted = switched.rows(&format!("INSERT INTO {view} {insert} RETURNING id")).await?;
        let id: i32 = inserted[0].get("id");
        let held = format!("SELECT count(*) FROM antigo.{view} WHERE id = {id}");
        assert_eq!(switched.text(&held).await?, "1", "{view}");
        let column = match view {
            "runs" => "status = 'success'",
            "filiais" | "empreendimentos" => "is_active = false",
            "contratos" => "status = 'N'",
            "faturas_pagar" => "saldo_atual = 0",
            "saidas_caixa" => "realizado = 9",
            "entradas_caixa" => "actual = 9",
            "estatisticas_portfolio" => "vp = 9",
            _ => "total = 9",
        };
        let update = format!("UPDATE {view} SET {column} WHERE id = {id}");
        assert_eq!(switched.execute(&update).await?, 1, "{view}");
        let held = format!("SELECT count(*) FROM antigo.{view} WHERE id = {id} AND {column}");
        assert_eq!(switched.text(&held).await?, "1", "{view}");
        assert_eq!(switched.execute(&format!("DELETE FROM {view} WHERE id = {id}")).await?, 1);
        assert_eq!(switched.text(&held).await?, "0", "{view}");

        let ours = switched.text(&format!("SELECT max(id) FROM {view} WHERE id >= 1000000000")).await?;
        for refused in [
            format!("UPDATE {view} SET {column} WHERE id = {ours}"),
            format!("DELETE FROM {view} WHERE id = {ours}"),
            format!("INSERT INTO {view} {insert}").replace("'uau'", "'mega'"),
        ] {
            if view == "runs" && refused.starts_with("INSERT") {
                continue;
            }
            let error = switched.execute(&refused).await.expect_err(&refused).to_string();
            assert!(error.contains("written by mega-sync alone"), "{view}: {error}");
        }
    }
    Ok(())
}
