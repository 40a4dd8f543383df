//! Two tenants on one database and one broker: a schema and a queue prefix each.

use anyhow::Context as _;
use tests::{Fleet, GOLDEN, difference, expected, of_postgres};

use crate::GOLDEN_BACKFILL;

#[tokio::test(flavor = "multi_thread")]
async fn two_tenants_leave_each_other_alone() -> anyhow::Result<()> {
    let mut one = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let mut two = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let url = one.variable("DATABASE_URL").context("a database")?;
    two.set("DATABASE_URL", url);
    one.add("MEGA_SYNC_SCHEMA", "construtora_um");
    two.add("MEGA_SYNC_SCHEMA", "construtora_dois");

    let _workers = [one.worker(&[])?, two.worker(&[])?];
    let without_cash_out = [&GOLDEN_BACKFILL[..], &["--only", "empreendimentos"]].concat();
    let (first, second) = tokio::join!(
        one.producer_exits(0, &GOLDEN_BACKFILL),
        two.producer_exits(0, &without_cash_out),
    );
    first?;
    second?;

    let of_one = one.in_path("construtora_um").await?;
    assert_eq!(
        difference(&expected(), &of_postgres(&of_one).await?),
        [""; 0]
    );
    let of_two = one.in_path("construtora_dois").await?;
    let mut without = expected();
    for table in ["faturas_pagar", "saidas_caixa"] {
        if let Some(rows) = without.get_mut(table) {
            rows.clear();
        }
    }
    let mut found = of_postgres(&of_two).await?;
    // The filial that payables alone name is none of these.
    for tables in [&mut without, &mut found] {
        tables.remove("filiais");
    }
    assert_eq!(difference(&without, &found), [""; 0]);

    // One run, one session and one set of workers each.
    for (tenant, pool) in [(&one, &of_one), (&two, &of_two)] {
        assert_eq!(tenant.erp.counters().sign_ins_ok, 1);
        let found: (i64, i64, i64) = sqlx::query_as(
            "SELECT (SELECT COUNT(*) FROM sync_runs), (SELECT COUNT(*) FROM sync_workers),
                    (SELECT COUNT(*) FROM sync_jobs WHERE state <> 'done')",
        )
        .fetch_one(pool)
        .await?;
        assert_eq!(found, (1, 1, 0));
        tenant.until_drained().await?;
    }
    let in_public: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'")
            .fetch_one(&one.pool)
            .await?;
    assert_eq!(in_public, 0);
    of_one.close().await;
    of_two.close().await;
    drop(_workers);
    two.remove().await?;
    one.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn another_programs_schema_is_refused_with_a_hint() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    sqlx::raw_sql("CREATE TABLE filiais (id int); CREATE TABLE users (id int)")
        .execute(&fleet.pool)
        .await?;
    for (program, arguments) in [("producer", &["migrate"][..]), ("worker", &[])] {
        let output = fleet.run(program, arguments).await?;
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{program}: {told}");
        let named = "schema public has another program's tables: filiais";
        assert!(told.contains(named), "{program}: {told}");
    }
    let output = fleet.producer(&["migrate"]).await?;
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("--schema mega"), "{told}");
    let doctor = fleet.producer_exits(2, &["doctor"]).await?;
    assert!(
        doctor.contains("another program's tables: filiais"),
        "{doctor}"
    );
    let tables = "SELECT string_agg(tablename, ' ' ORDER BY tablename) FROM pg_tables
                  WHERE schemaname = 'public'";
    let tables: String = sqlx::query_scalar(tables).fetch_one(&fleet.pool).await?;
    assert_eq!(tables, "filiais users");

    // The flag goes before the variable, and stands before or after the command.
    fleet
        .producer_exits(0, &["migrate", "--schema", "mega"])
        .await?;
    fleet
        .producer_exits(0, &["--schema", "mega", "migrate"])
        .await?;
    let error = fleet.producer(&["--schema", "Mega", "migrate"]).await?;
    assert_eq!(error.status.code(), Some(2));
    fleet.remove_database().await
}
