//! What dashboards and summaries read of the published tables.

use domain::job::{JobMessage, RunId};
use domain::ledger::AttemptEnd;
use rust_decimal::Decimal;
use store::{Measure, RunFilter};

use crate::support::*;

pub async fn dashboards_find_the_names_they_know(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    commit(db, &job, &result(&job.params, &[11], 1)).await;
    commit_faturas(
        db,
        "f",
        first_quarter(),
        vec![fatura("1", "NF", "2026-01-10", 12_345, 45)],
    )
    .await;
    for (table, columns, rows) in [
        ("filiais", "id, nome, fantasia, cnpj, is_active", 2),
        (
            "empreendimentos",
            "id, nome, filial_id, centro_custo_id, is_active, last_synced_at,
             last_financial_sync_at",
            3,
        ),
        (
            "contratos",
            "id, empreendimento_id, status, valor_contrato, valor_atualizado_ipca,
             data_assinatura",
            1,
        ),
        (
            "entradas_caixa",
            "empreendimento_id, ref_month, category, empreendimento_nome, forecast, actual,
             details",
            12,
        ),
        (
            "estatisticas_portfolio",
            "empreendimento_id, ref_month, empreendimento_nome, vp, ltv, prazo_medio, duration,
             total_contracts, active_contracts, details",
            3,
        ),
        (
            "delinquency",
            "empreendimento_id, ref_month, empreendimento_nome, up_to_30, days_30_60, days_60_90,
             days_90_180, above_180, total, details",
            3,
        ),
        ("inadimplencia", "empreendimento_id, total", 3),
        (
            "faturas_pagar",
            "filial_id, numero_ap, numero_parcela, agente_codigo, tipo_documento,
             numero_documento, data_vencimento, valor_parcela, saldo_atual, data_prorrogado,
             data_baixa",
            1,
        ),
        (
            "saidas_caixa",
            "filial_id, mes_referencia, categoria, filial_nome, orcamento, realizado, detalhes",
            1,
        ),
    ] {
        let everything = format!(
            "SELECT COUNT(*) AS value FROM (
             SELECT {columns}, run_id, synced_at FROM {table}) AS rows"
        );
        assert_eq!(db.text(&everything).await, rows.to_string(), "{table}");
    }
    for (figure, expected) in [
        (
            "SELECT ROUND(valor_contrato * 100) AS value FROM contratos",
            12_345_678.0,
        ),
        (
            "SELECT ROUND(valor_atualizado_ipca * 100) AS value FROM contratos",
            12_400_001.0,
        ),
        ("SELECT MAX(actual) AS value FROM entradas_caixa", -0.01),
        (
            "SELECT MAX(prazo_medio) AS value FROM estatisticas_portfolio",
            120.5,
        ),
        (
            "SELECT MAX(duration) AS value FROM estatisticas_portfolio",
            3.12,
        ),
        (
            "SELECT MAX(ltv) AS value FROM estatisticas_portfolio",
            66.67,
        ),
        (
            "SELECT above_180 AS value FROM delinquency WHERE ref_month = '2026-01'",
            0.05,
        ),
        ("SELECT realizado AS value FROM saidas_caixa", 123.0),
        ("SELECT saldo_atual AS value FROM faturas_pagar", 0.45),
    ] {
        assert_eq!(db.text(figure).await.parse(), Ok(expected), "{figure}");
    }
    let texts = "SELECT CAST(data_assinatura AS TEXT) AS value FROM contratos UNION ALL
                 SELECT DISTINCT empreendimento_nome FROM entradas_caixa UNION ALL
                 SELECT filial_nome FROM saidas_caixa";
    assert_eq!(
        db.texts(texts).await,
        ["2020-02-29", "Residencial 1", "Construtora 10"]
    );
}

pub async fn totals_count_every_table(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    commit(db, &job, &result(&job.params, &[11, 12], 1)).await;
    let faturas = vec![
        fatura("1", "NF", "2026-01-10", 100_050, 0),
        fatura("2", "NF", "2026-02-10", 50_000, 20_000),
    ];
    commit_faturas(db, "f", first_quarter(), faturas).await;
    let totals = db.store.totals().await.unwrap();
    let lines: Vec<_> = totals
        .iter()
        .map(|total| {
            let sums = total
                .sums
                .iter()
                .map(|(name, sum)| format!(" {name}={sum}"));
            format!("{} {}{}", total.table, total.rows, sums.collect::<String>())
        })
        .collect();
    assert_eq!(
        lines,
        [
            "filiais 2",
            "empreendimentos 3",
            "contratos 2 valor_contrato=246913.56",
            "entradas_caixa 12 forecast=0.12 actual=-0.12",
            "estatisticas_portfolio 3 vp=30.03",
            "delinquency 3 total=0.45",
            "faturas_pagar 2 valor_parcela=1500.50 saldo_atual=200.00",
            "saidas_caixa 2 orcamento=1500.50 realizado=1300.50",
        ]
    );
}

pub async fn a_measure_is_told_month_by_month(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    commit(db, &job, &result(&job.params, &[11], 3)).await;
    let [february, march] = ["2026-02", "2026-03"].map(|month| month.parse().unwrap());
    for (measure, column) in [
        (Measure::Forecast, "forecast"),
        (Measure::Actual, "actual"),
        (Measure::Overdue, "total"),
        (Measure::Vp, "vp"),
        (Measure::Ltv, "ltv"),
    ] {
        let figures = db.store.monthly_figures(measure, february, march).await;
        let figures = figures.unwrap();
        let told = figures.iter().map(|figure| (figure.id, figure.month));
        let expected = [(empreendimento(1), february), (empreendimento(1), march)];
        assert_eq!(told.collect::<Vec<_>>(), expected, "{measure}");

        let rows = db.store.published_rows(target(1), Some(march)).await;
        let rows = rows.unwrap();
        let values = rows.iter().flat_map(|row| &row.values);
        let values = values.filter(|(name, _)| *name == column);
        let sum: Decimal = values
            .map(|(_, value)| value.parse::<Decimal>().unwrap())
            .sum();
        assert!(!sum.is_zero(), "{measure}");
        assert_eq!(figures[1].value, sum, "{measure}");
    }
    let earlier = "2025-12".parse().unwrap();
    let figures = db
        .store
        .monthly_figures(Measure::Vp, earlier, earlier)
        .await;
    assert_eq!(figures.unwrap(), []);
}

pub async fn recent_runs_are_told_with_what_became_of_their_jobs(db: &Db) {
    assert_eq!(
        db.store.recent_runs(RunFilter::All, None, 9).await.unwrap(),
        []
    );
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    commit(db, &job, &result(&job.params, &[11], 1)).await;
    let failing = JobMessage::new(run_id("a"), target(2), job.params);
    let failing = granted(&*db.store, &failing, "w").await.attempt;
    let failed = AttemptEnd::Failed {
        cause: cause("data/x"),
        manifest: None,
        checks: Vec::new(),
    };
    end(db, &failing, failed).await;
    recorded(db, "b", first_quarter(), target(1)).await;

    let runs = db.store.recent_runs(RunFilter::All, None, 9).await.unwrap();
    let names = runs.iter().map(|outcome| outcome.run.id.clone());
    assert_eq!(names.collect::<Vec<_>>(), [run_id("b"), run_id("a")]);
    let total = db.store.jobs(&run_id("a")).await.unwrap().len() as u64;
    let counts = |at: usize| (runs[at].total, runs[at].open, runs[at].failed);
    assert_eq!(counts(1), (total, total - 2, 1));
    assert_eq!(counts(0), (total, total, 0));
    assert!(runs.iter().all(|outcome| outcome.finished_at.is_none()));
    let newest = db.store.recent_runs(RunFilter::All, None, 1).await.unwrap();
    assert_eq!(newest, runs[..1]);
}

/// The names of the runs that are listed.
async fn listed(db: &Db, filter: RunFilter, before: Option<RunId>, most: u32) -> Vec<String> {
    let runs = db.store.recent_runs(filter, before.as_ref(), most).await;
    let runs = runs.unwrap().into_iter();
    runs.map(|outcome| outcome.run.id.to_string()).collect()
}

pub async fn runs_are_picked_by_what_became_of_them_and_paged(db: &Db) {
    for name in ["a", "b", "c", "d"] {
        recorded(db, name, first_quarter(), target(1)).await;
    }
    let state = async |run: &str, state: &str, targets: &str| {
        db.execute(&format!(
            "UPDATE sync_jobs SET state = '{state}' WHERE run_id = '{run}' AND target IN ({targets})"
        ))
        .await;
    };
    let all = "'1', '2', '3', 'saidas-caixa'";
    state("a", "done", all).await;
    state("a", "superseded", "'2'").await;
    state("b", "done", all).await;
    state("b", "failed", "'2'").await;
    // One that is open and has a failure as well.
    state("c", "failed", "'3'").await;
    for (filter, expected) in [
        (RunFilter::All, "d c b a"),
        (RunFilter::Open, "d c"),
        (RunFilter::Failed, "c b"),
        (RunFilter::Complete, "a"),
    ] {
        assert_eq!(listed(db, filter, None, 9).await.join(" "), expected);
        let before = Some(run_id("c"));
        let older: String = expected
            .chars()
            .filter(|name| "ba".contains(*name))
            .collect();
        assert_eq!(listed(db, filter, before, 9).await.concat(), older);
    }
    // Page by page; those of one moment are told apart by their names.
    db.execute("UPDATE sync_runs SET created_at = '2026-11-23T05:00:00+00:00'")
        .await;
    let (mut pages, mut before) = (Vec::new(), None);
    loop {
        let page = listed(db, RunFilter::All, before, 3).await;
        let Some(last) = page.last() else { break };
        before = Some(run_id(last));
        pages.push(page.join(" "));
    }
    assert_eq!(pages, ["d c b", "a"]);
    let unknown = Some(run_id("no-such-run"));
    assert_eq!(listed(db, RunFilter::All, unknown, 9).await, [""; 0]);
}
