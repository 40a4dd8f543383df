//! The schema that holds the tables: created where it is missing, and never another program's.

use domain::store_error::StoreError;
use sqlx::PgConnection;

use crate::error::Failure;
use crate::migrations;
use crate::schema_name::SchemaName;

/// The tables and views that the migrations create; another program's may have the same names.
const RELATIONS: [&str; 31] = [
    "contratos",
    "delinquency",
    "empreendimentos",
    "entradas_caixa",
    "estatisticas_portfolio",
    "faturas_pagar",
    "filiais",
    "inadimplencia",
    "ipca_mensal",
    "saidas_caixa",
    "saidas_caixa_das_faturas",
    "sync_actions",
    "sync_attempts",
    "sync_cells",
    "sync_checks",
    "sync_closed_cells",
    "sync_closes",
    "sync_contratos",
    "sync_coverage",
    "sync_erp",
    "sync_ipca_loads",
    "sync_jobs",
    "sync_pause",
    "sync_requeues",
    "sync_runs",
    "sync_schedule_times",
    "sync_schedules",
    "sync_session",
    "sync_targets",
    "sync_views",
    "sync_workers",
];

/// Lets one process at a time get a schema ready; kept to the end of the transaction.
const LOCK: &str = "SELECT pg_advisory_xact_lock(hashtext('mega-sync schema ' || $1))";

/// Creates the schema of the search path where it names one that is missing.
///
/// # Errors
/// [`StoreError::Schema`] when another program's tables are in it.
pub(super) async fn prepare(connection: &mut PgConnection) -> Result<(), Failure> {
    let path: String = sqlx::query_scalar("SELECT current_setting('search_path')")
        .fetch_one(&mut *connection)
        .await?;
    sqlx::query(LOCK)
        .bind(&path)
        .execute(&mut *connection)
        .await?;
    let current = match current(connection).await? {
        Some(current) => current,
        None => match path.parse::<SchemaName>() {
            Ok(name) => return create(connection, &name).await,
            Err(_) => {
                let why = format!("the search path {path} names none that exists");
                return Err(StoreError::Schema(why).into());
            }
        },
    };
    let foreign = foreign(connection).await?;
    if foreign.is_empty() {
        return Ok(());
    }
    let tables = foreign.join(", ");
    let why = format!("schema {current} has another program's tables: {tables}");
    Err(StoreError::Schema(why).into())
}

/// The tables of another program that have the names of this one's; none where this program
/// migrated the schema.
pub(super) async fn foreign(connection: &mut PgConnection) -> Result<Vec<String>, Failure> {
    if is_ours(connection).await? {
        return Ok(Vec::new());
    }
    let tables = sqlx::query_scalar(
        "SELECT CAST(relname AS text) FROM pg_class
         WHERE relnamespace = to_regnamespace(current_schema()::text)
           AND relkind IN ('r', 'p', 'v', 'm', 'f') AND relname = ANY($1)
         ORDER BY relname",
    );
    Ok(tables.bind(RELATIONS).fetch_all(connection).await?)
}

/// The schema of our tables, quoted where its name needs that.
pub(super) async fn ours(connection: &mut PgConnection) -> Result<String, Failure> {
    let current = current(connection).await?;
    Ok(current.ok_or_else(|| StoreError::Schema("the search path names none".to_owned()))?)
}

/// The first schema of the search path that exists, quoted where its name needs that.
async fn current(connection: &mut PgConnection) -> Result<Option<String>, Failure> {
    let current = sqlx::query_scalar("SELECT quote_ident(current_schema())");
    Ok(current.fetch_one(connection).await?)
}

async fn create(connection: &mut PgConnection, name: &SchemaName) -> Result<(), Failure> {
    // The name has neither quotes nor capitals.
    let create = sqlx::AssertSqlSafe(format!("CREATE SCHEMA {name}"));
    sqlx::raw_sql(create).execute(connection).await?;
    Ok(())
}

/// Whether the first migration that was applied here is this program's.
async fn is_ours(connection: &mut PgConnection) -> Result<bool, Failure> {
    // Not one further along the search path.
    let migrated = sqlx::query_scalar(
        "SELECT to_regclass(format('%I._sqlx_migrations', current_schema())) IS NOT NULL",
    );
    let migrated: bool = migrated.fetch_one(&mut *connection).await?;
    if !migrated {
        return Ok(false);
    }
    let first = migrations::POSTGRES.iter().next();
    let first = first.expect("there is a first migration");
    let ours = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM _sqlx_migrations WHERE version = $1 AND checksum = $2)",
    );
    let ours = ours.bind(first.version).bind(first.checksum.as_ref());
    Ok(ours.fetch_one(connection).await?)
}
