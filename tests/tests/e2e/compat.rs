//! The statements of the readers of the replaced system, over the views: the same columns and types as over
//! its own tables, and the golden figures.

use std::collections::BTreeMap;

use anyhow::Context as _;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Column as _, PgPool, Row as _, TypeInfo as _};
use tests::{Fleet, GOLDEN, LEGACY, contract};

use crate::GOLDEN_BACKFILL;

/// The views, and the old tables that each stands for.
const VIEWS: [&str; 9] = [
    "filiais",
    "empreendimentos",
    "contratos",
    "entradas_caixa",
    "saidas_caixa",
    "estatisticas_portfolio",
    "inadimplencia",
    "faturas_pagar",
    "runs",
];

/// Our tables in `mega`, the old ones in `antigo`, and the views in `compat`.
struct Switched {
    fleet: Fleet,
    /// Sees what the readers see.
    readers: PgPool,
}

impl Switched {
    /// After the golden backfill, with old timestamps of a type.
    async fn new(timestamp: &str) -> anyhow::Result<Self> {
        let mut fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
        fleet.add("MEGA_SYNC_SCHEMA", "mega");
        let url = fleet.variable("DATABASE_URL").context("a database")?;
        let in_path =
            async |path: &str| PgPool::connect(&format!("{url}?options[search_path]={path}")).await;
        sqlx::raw_sql("CREATE SCHEMA antigo")
            .execute(&fleet.pool)
            .await?;
        let legacy = AssertSqlSafe(LEGACY.replace("TIMESTAMP", timestamp));
        let old = in_path("antigo").await?;
        sqlx::raw_sql(legacy).execute(&old).await?;
        old.close().await;

        let worker = fleet.worker(&[])?;
        fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;
        fleet.retire(worker).await?;
        let readers = in_path("compat,antigo").await?;
        Ok(Self { fleet, readers })
    }

    async fn install(&self, more: &[&str]) -> anyhow::Result<String> {
        let install = [
            "views",
            "install",
            "--for",
            "starke",
            "--legacy-schema",
            "antigo",
            "--into",
            "compat",
        ];
        self.fleet
            .producer_exits(0, &[&install[..], more].concat())
            .await
    }

    async fn rows(&self, statement: &str) -> anyhow::Result<Vec<PgRow>> {
        let statement = AssertSqlSafe(statement.to_owned());
        Ok(sqlx::query(statement).fetch_all(&self.readers).await?)
    }

    async fn execute(&self, statement: &str) -> Result<u64, sqlx::Error> {
        let statement = AssertSqlSafe(statement.to_owned());
        Ok(sqlx::query(statement)
            .execute(&self.readers)
            .await?
            .rows_affected())
    }

    /// The value of a query of one text.
    async fn text(&self, query: &str) -> anyhow::Result<String> {
        let query = AssertSqlSafe(format!("SELECT ({query})::text"));
        Ok(sqlx::query_scalar(query).fetch_one(&self.readers).await?)
    }

    async fn remove(self) -> anyhow::Result<()> {
        self.readers.close().await;
        self.fleet.remove().await
    }
}

/// Columns with their types.
fn columns(row: &PgRow) -> Vec<String> {
    let columns = row.columns().iter();
    columns
        .map(|column| format!("{} {}", column.name(), column.type_info().name()))
        .collect()
}

fn sum(rows: &[PgRow], column: &str) -> anyhow::Result<f64> {
    rows.iter()
        .map(|row| Ok(row.try_get::<f64, _>(column)?))
        .sum()
}

fn near(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() < 0.005,
        "{found} instead of {expected}"
    );
}

/// What every statement of the contract gives, over views that were just installed.
async fn the_contract_holds(switched: &Switched) -> anyhow::Result<()> {
    let contract = contract();
    assert_eq!(contract.len(), 16);
    let rows = async |name: &str| switched.rows(contract[name]).await;

    let c1 = rows("C1").await?;
    assert_eq!(c1.len(), 9);
    let known: BTreeMap<i32, (i32, Option<i32>)> = c1
        .iter()
        .filter(|row| row.get::<String, _>("origem") == "mega")
        .map(|row| {
            (
                row.get("external_id"),
                (row.get("id"), row.get("filial_id")),
            )
        })
        .collect();
    assert_eq!(known[&1400].0, 3001);
    assert_eq!(known[&1403], (1_000_001_403, Some(1_500_000_107)));
    assert!(!known.contains_key(&1412));
    assert_eq!(
        columns(&c1[0]).join(", "),
        "id INT4, external_id INT4, name VARCHAR, filial_id INT4, centro_custo_id INT4, is_active BOOL, \
         raw_data JSON, origem VARCHAR, created_at TIMESTAMPTZ, updated_at TIMESTAMPTZ, \
         last_synced_at TIMESTAMPTZ, last_financial_sync_at TIMESTAMPTZ"
    );

    let c2 = rows("C2").await?;
    let mut ids: Vec<i32> = c2.iter().map(|row| row.get("id")).collect();
    ids.sort_unstable();
    assert_eq!(ids, [7, 1_500_000_107]);
    assert!(
        c2.iter()
            .all(|row| row.get::<String, _>("nome") != "Filial antiga")
    );

    let c3 = rows("C3").await?;
    let synced: BTreeMap<i32, bool> = c3
        .iter()
        .map(|row| {
            let at: Option<chrono::DateTime<chrono::Utc>> = row.get("last_financial_sync_at");
            (row.get("filial_id"), at.is_some())
        })
        .collect();
    let expected = [
        (7, true),
        (1_000_100, false),
        (1_010_001, false),
        (1_500_000_107, true),
    ];
    assert_eq!(synced, expected.into());

    let c4 = rows("C4").await?;
    let by_category: BTreeMap<String, (f64, f64, i64)> = c4
        .iter()
        .map(|row| {
            (
                row.get("category"),
                (row.get("forecast"), row.get("actual"), row.get("n")),
            )
        })
        .collect();
    for (category, forecast, actual, count) in [
        ("antecipacoes", 0.0, 0.0, 14),
        ("ativos", 106_664.81, 76_415.85, 16),
        ("outras", 18_271.56, 15_048.84, 14),
        ("recuperacoes", 0.0, 7_996.46, 14),
    ] {
        let found = by_category[category];
        near(found.0, forecast);
        near(found.1, actual);
        assert_eq!(found.2, count, "{category}");
    }
    assert_eq!(by_category.len(), 4);

    let c5 = rows("C5").await?;
    assert_eq!(c5.len(), 13);
    near(sum(&c5, "orcamento")?, 1_321_879.08);
    near(sum(&c5, "realizado")?, 1_119_141.29);
    near(rows("C6").await?[0].get("opening"), -7_958_281.34);

    let c7 = rows("C7").await?;
    assert_eq!(c7.len(), 71);
    let mut newest = BTreeMap::new();
    for row in &c7 {
        newest
            .entry(row.get::<i32, _>("empreendimento_id"))
            .or_insert(row.get::<f64, _>("vp"));
    }
    near(newest.values().sum(), 1_317_580.97);

    let c8 = &rows("C8").await?[0];
    near(c8.get("vp"), 1_316_580.97);
    assert_eq!(
        (
            c8.get::<i64, _>("total_contracts"),
            c8.get::<i64, _>("active_contracts")
        ),
        (59, 44)
    );

    let c9 = rows("C9").await?;
    assert_eq!(c9.len(), 1);
    near(c9[0].get("up_to_30"), 21_220.52);
    near(c9[0].get("total"), 119_192.79);
    assert_eq!(c9[0].get::<i64, _>("qty_total"), 40);

    assert_eq!(rows("C10").await?.len(), 0);
    let c11 = rows("C11").await?;
    assert_eq!(c11.len(), 11);
    near(sum(&c11, "total_actual")?, 526_936.69);
    assert_eq!(rows("C12").await?[0].get::<i64, _>("total"), 2);

    let c13 = rows("C13").await?;
    assert_eq!(c13.len(), 3);
    let ours = &c13[0];
    assert_eq!(ours.get::<String, _>("exec_date"), "2026-11-22");
    assert_eq!(ours.get::<String, _>("status"), "success");
    let metrics: serde_json::Value = ours.get("metrics");
    assert_eq!(metrics["developments_synced"], 8);

    let c14 = rows("C14").await?;
    let of: BTreeMap<String, (i32, Option<rust_decimal::Decimal>)> = c14
        .iter()
        .map(|row| {
            (
                row.get("origem"),
                (row.get("empreendimento_id"), row.get("valor_contrato")),
            )
        })
        .collect();
    assert_eq!(of["mega"], (3001, Some("373878.77".parse()?)));
    assert_eq!(of["uau"], (30_779, None));
    assert_ne!(c14[0].get::<i32, _>("id"), c14[1].get::<i32, _>("id"));

    let c15 = &rows("C15").await?[0];
    assert_eq!(c15.get::<i64, _>("faturas"), 139);
    assert_eq!(
        c15.get::<rust_decimal::Decimal, _>("valor"),
        "5977477.27".parse()?
    );
    for row in rows("C16").await? {
        assert_eq!(
            row.get::<i64, _>("repeated"),
            0,
            "{}",
            row.get::<String, _>("view")
        );
    }
    for view in VIEWS {
        let repeated = switched
            .text(&format!("SELECT count(*) - count(DISTINCT id) FROM {view}"))
            .await?;
        assert_eq!(repeated, "0", "{view}");
        // Names and types are those of the old table, whatever its timestamps are.
        let described = "SELECT string_agg(column_name || ' ' || data_type || coalesce(character_maximum_length::text, ''),
                                ', ' ORDER BY column_name)
                         FROM information_schema.columns WHERE table_name = '{view}' AND table_schema = ";
        let described = described.replace("{view}", view);
        let ours = switched.text(&format!("{described} 'compat'")).await?;
        let old = switched.text(&format!("{described} 'antigo'")).await?;
        assert_eq!(
            ours,
            old.replace("without time zone", "with time zone"),
            "{view}"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_of_the_readers_answers() -> anyhow::Result<()> {
    for timestamp in ["timestamptz", "timestamp"] {
        let switched = Switched::new(timestamp).await?;
        let sql = switched.install(&["--dry-run"]).await?;
        assert!(sql.contains("CREATE VIEW compat.runs"), "{sql}");
        assert_eq!(
            switched
                .text("SELECT count(*) FROM pg_namespace WHERE nspname = 'compat'")
                .await?,
            "0"
        );
        switched.install(&[]).await?;
        the_contract_holds(&switched).await?;
        // Installed again, and after a migration, they are the same.
        switched.install(&[]).await?;
        switched.fleet.producer_exits(0, &["migrate"]).await?;
        the_contract_holds(&switched).await?;
        writes_of_other_origins_go_through(&switched).await?;
        ids_stay(&switched).await?;
        let refused = switched
            .fleet
            .producer(&["views", "drop", "--into", "antigo"])
            .await?;
        assert_eq!(refused.status.code(), Some(2));
        switched
            .fleet
            .producer_exits(0, &["views", "drop", "--into", "compat"])
            .await?;
        assert_eq!(
            switched.text("SELECT count(*) FROM antigo.runs").await?,
            "2"
        );
        switched.remove().await?;
    }
    Ok(())
}

/// The second system's job and the API of its developments write through the views.
async fn writes_of_other_origins_go_through(switched: &Switched) -> anyhow::Result<()> {
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

/// A code keeps the id that readers have seen.
async fn ids_stay(switched: &Switched) -> anyhow::Result<()> {
    let id_of = |code: i64| {
        format!("SELECT id FROM empreendimentos WHERE origem = 'mega' AND external_id = {code}")
    };
    let old_row = |id: i64, code: i64| {
        format!(
            "INSERT INTO antigo.empreendimentos (id, external_id, name, origem)
             VALUES ({id}, {code}, 'do job antigo', 'mega')"
        )
    };
    // Before the switch the old job's own id is taken over, afterwards it is not.
    switched.execute(&old_row(4001, 1406)).await?;
    assert_eq!(switched.text(&id_of(1406)).await?, "1000001406");
    let refresh = ["views", "refresh", "--into", "compat"];
    switched.fleet.producer_exits(0, &refresh).await?;
    assert_eq!(switched.text(&id_of(1406)).await?, "4001");
    let freeze = [&refresh[..], &["--freeze"]].concat();
    switched.fleet.producer_exits(0, &freeze).await?;
    switched.execute(&old_row(4002, 1409)).await?;
    for again in [&refresh[..], &freeze] {
        switched.fleet.producer_exits(0, again).await?;
        switched.install(&[]).await?;
        assert_eq!(switched.text(&id_of(1406)).await?, "4001");
        assert_eq!(switched.text(&id_of(1409)).await?, "1000001409");
    }
    // A code that was never ours is history, and stays visible as it was.
    switched.execute(&old_row(4003, 9_400)).await?;
    assert_eq!(switched.text(&id_of(9_400)).await?, "4003");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_floor_month_shows_what_was_before_ours() -> anyhow::Result<()> {
    let switched = Switched::new("timestamptz").await?;
    sqlx::raw_sql(
        "INSERT INTO antigo.entradas_caixa (empreendimento_id, empreendimento_nome, ref_month, category, forecast, actual, origem)
         VALUES (3001, 'x', '2025-12', 'ativos', 1, 11, 'mega'), (3001, 'x', '2026-01', 'ativos', 1, 12, 'mega');
         INSERT INTO antigo.saidas_caixa (filial_id, filial_nome, mes_referencia, categoria, orcamento, realizado, origem)
         VALUES (7, 'x', '2025-12', 'NF', 1, 13, 'mega')",
    )
    .execute(&switched.fleet.pool)
    .await?;
    switched.install(&[]).await?;
    let old = "SELECT coalesce(sum(actual), 0) FROM entradas_caixa WHERE id < 1000000000 AND origem = 'mega'";
    assert_eq!(switched.text(old).await?, "0");
    switched.install(&["--floor-month", "2026-02"]).await?;
    assert_eq!(switched.text(old).await?, "11");
    let cash_out =
        "SELECT sum(realizado) FROM saidas_caixa WHERE id < 1000000000 AND origem = 'mega'";
    assert_eq!(switched.text(cash_out).await?, "13");
    switched.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn views_that_cannot_be_are_refused() -> anyhow::Result<()> {
    let mut fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    fleet.add("MEGA_SYNC_SCHEMA", "mega");
    fleet.producer_exits(0, &["migrate"]).await?;
    let install = async |legacy: &str, into: &str| -> anyhow::Result<String> {
        let arguments = [
            "views",
            "install",
            "--for",
            "starke",
            "--legacy-schema",
            legacy,
            "--into",
            into,
        ];
        let output = fleet.producer(&arguments).await?;
        assert_eq!(output.status.code(), Some(2), "{legacy} {into}");
        Ok(String::from_utf8(output.stderr)?)
    };
    let told = install("antigo", "compat").await?;
    assert!(
        told.contains("there is no antigo.filiais, antigo.empreendimentos"),
        "{told}"
    );
    for (legacy, into) in [("mega", "compat"), ("antigo", "mega"), ("antigo", "antigo")] {
        let told = install(legacy, into).await?;
        assert!(told.contains("need a schema each"), "{told}");
    }
    sqlx::raw_sql("CREATE SCHEMA antigo; CREATE SCHEMA outro; CREATE TABLE outro.x (id int)")
        .execute(&fleet.pool)
        .await?;
    let url = fleet.variable("DATABASE_URL").context("a database")?;
    let old = PgPool::connect(&format!("{url}?options[search_path]=antigo")).await?;
    sqlx::raw_sql(AssertSqlSafe(LEGACY.replace("TIMESTAMP", "timestamptz")))
        .execute(&old)
        .await?;
    let told = install("antigo", "outro").await?;
    assert!(told.contains("schema outro has something in it"), "{told}");
    sqlx::raw_sql(
        "INSERT INTO filiais (id, external_id, nome, origem) VALUES (1000000001, 9, 'x', 'uau')",
    )
    .execute(&old)
    .await?;
    let told = install("antigo", "compat").await?;
    assert!(told.contains("antigo.filiais has id 1000000001"), "{told}");
    old.close().await;
    fleet.remove_database().await
}
