//! A store for each test, alone with its schema or file, and the records tests are made of.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use domain::fleet::Calls;
use domain::job::{ContratoId, EmpreendimentoId, FilialId, JobMessage, RunId, RunParams, Target};
use domain::ledger::{Attempt, Claim, Committed, Grant, NewJob, NewRun, WorkerId};
use domain::manifest::Manifest;
use domain::money::{Amount, Money};
use domain::month::Month;
use domain::tables::{
    Category, ContratoMemory, ContratoRow, DelinquencyRow, EmpreendimentoResult, EmpreendimentoRow,
    EntradaRow, FaturaKey, FaturaRow, FilialRow, PortfolioRow, SaidasCaixaResult,
};
use futures::FutureExt as _;
use secrecy::SecretString;
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, PgPool, SqlitePool};
use store::{Store, connect};

/// A store under test, and a way around it.
pub struct Db {
    pub store: Arc<dyn Store>,
    pub url: SecretString,
    pub raw: Raw,
    name: String,
    _directory: Option<tempfile::TempDir>,
}

/// The database itself, to look at what the store wrote.
pub enum Raw {
    Postgres(PgPool),
    Sqlite(SqlitePool),
}

pub fn database_url() -> String {
    std::env::var("DATABASE_URL").expect("DATABASE_URL is not set: eval \"$(scripts/services)\"")
}

impl Db {
    /// An empty schema of the database of `DATABASE_URL`.
    async fn postgres() -> Self {
        let base = database_url();
        let name: String = std::iter::repeat_with(fastrand::lowercase)
            .take(12)
            .collect();
        let name = format!("store_{name}");
        let mut admin = PgConnection::connect(&base).await.unwrap();
        let create = format!("CREATE SCHEMA {name}");
        sqlx::raw_sql(AssertSqlSafe(create))
            .execute(&mut admin)
            .await
            .unwrap();
        admin.close().await.unwrap();
        let separator = if base.contains('?') { '&' } else { '?' };
        let url = format!("{base}{separator}options=-csearch_path%3D{name}");
        Self {
            store: connect(&url.clone().into()).await.unwrap(),
            raw: Raw::Postgres(PgPool::connect_lazy(&url).unwrap()),
            url: url.into(),
            name,
            _directory: None,
        }
    }

    /// A new file.
    async fn sqlite() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/store.db", directory.path().display());
        Self {
            store: connect(&url.clone().into()).await.unwrap(),
            raw: Raw::Sqlite(SqlitePool::connect_lazy(&url).unwrap()),
            url: url.into(),
            name: String::new(),
            _directory: Some(directory),
        }
    }

    /// Another process's store of the same database.
    pub async fn another_process(&self) -> Arc<dyn Store> {
        connect(&self.url).await.unwrap()
    }

    /// Runs statements.
    pub async fn execute(&self, statement: &str) {
        let statement = AssertSqlSafe(statement.to_owned());
        match &self.raw {
            Raw::Postgres(pool) => {
                sqlx::raw_sql(statement).execute(pool).await.unwrap();
            }
            Raw::Sqlite(pool) => {
                sqlx::raw_sql(statement).execute(pool).await.unwrap();
            }
        }
    }

    /// The column `value` of a query, as text.
    pub async fn texts(&self, query: &str) -> Vec<String> {
        let query = AssertSqlSafe(format!(
            "SELECT COALESCE(CAST(value AS TEXT), 'null') FROM ({query}) AS q"
        ));
        match &self.raw {
            Raw::Postgres(pool) => sqlx::query_scalar(query).fetch_all(pool).await.unwrap(),
            Raw::Sqlite(pool) => sqlx::query_scalar(query).fetch_all(pool).await.unwrap(),
        }
    }

    /// The only value of a query, as text.
    pub async fn text(&self, query: &str) -> String {
        let [value] = <[String; 1]>::try_from(self.texts(query).await).expect("one row");
        value
    }

    /// Makes a worker look silent for longer than a living one may be.
    pub async fn silence(&self, worker: &WorkerId) {
        let long_ago = "2020-01-01T00:00:00+00:00";
        self.execute(&format!(
            "UPDATE sync_workers SET heartbeat_at = '{long_ago}' WHERE id = '{worker}'"
        ))
        .await;
    }

    /// Makes it long ago that a run's jobs were published.
    pub async fn age(&self, run: &RunId) {
        let long_ago = "2020-01-01T00:00:00+00:00";
        self.execute(&format!(
            "UPDATE sync_jobs SET published_at = '{long_ago}'
             WHERE run_id = '{run}' AND published_at IS NOT NULL"
        ))
        .await;
    }

    async fn drop(self) {
        if let Raw::Postgres(pool) = &self.raw {
            let drop = format!("DROP SCHEMA {} CASCADE", self.name);
            sqlx::raw_sql(AssertSqlSafe(drop))
                .execute(pool)
                .await
                .unwrap();
            pool.close().await;
        }
    }
}

/// Runs a test on an empty, migrated database, which is gone afterwards either way.
pub async fn on_postgres(test: impl AsyncFnOnce(&Db)) {
    run(Db::postgres().await, test).await;
}

/// As [`on_postgres`], on a file.
pub async fn on_sqlite(test: impl AsyncFnOnce(&Db)) {
    run(Db::sqlite().await, test).await;
}

async fn run(db: Db, test: impl AsyncFnOnce(&Db)) {
    db.store.migrate().await.unwrap();
    let ended = AssertUnwindSafe(test(&db)).catch_unwind().await;
    db.drop().await;
    if let Err(panic) = ended {
        std::panic::resume_unwind(panic);
    }
}

pub fn empreendimento(id: i64) -> EmpreendimentoId {
    EmpreendimentoId::try_from(id).unwrap()
}

pub fn filial(id: i64) -> FilialId {
    FilialId::try_from(id).unwrap()
}

pub fn target(id: i64) -> Target {
    Target::Empreendimento(empreendimento(id))
}

pub fn worker(name: &str) -> WorkerId {
    WorkerId::named(name)
}

/// What a worker says that has nothing to do.
pub const IDLE: Calls = Calls {
    total: 96,
    pending: 0,
    held: 0,
    cut_off: false,
    learned: None,
};

/// A heartbeat of a worker that has nothing to do.
pub async fn beat(db: &Db, name: &str) {
    db.store.heartbeat(&worker(name), IDLE).await.unwrap();
}

pub fn run_id(name: &str) -> RunId {
    name.parse().unwrap()
}

pub fn params(start: &str, end: &str, as_of: &str) -> RunParams {
    RunParams {
        start_date: start.parse().unwrap(),
        end_date: end.parse().unwrap(),
        as_of: as_of.parse().unwrap(),
    }
}

/// January to March 2026, as of the end.
pub fn first_quarter() -> RunParams {
    params("2026-01-01", "2026-03-31", "2026-04-01")
}

/// A run over empreendimentos 1 and 2 of filial 10, 3 of filial 20, and the cash out.
pub fn new_run(name: &str, params: RunParams) -> NewRun {
    let row = |id: i64, filial_id: i64| EmpreendimentoRow {
        id: empreendimento(id),
        nome: format!("Residencial {id}"),
        filial_id: filial(filial_id),
        centro_custo_id: Some(id * 100),
    };
    let filial_row = |id: i64| FilialRow {
        id: filial(id),
        nome: format!("Construtora {id}"),
        fantasia: None,
        cnpj: Some(format!("{id:014}")),
    };
    let targets = [target(2), target(1), target(3), Target::SaidasCaixa];
    NewRun {
        id: run_id(name),
        params,
        filiais: vec![filial_row(10), filial_row(20)],
        empreendimentos: vec![row(1, 10), row(2, 10), row(3, 20)],
        jobs: targets
            .map(|target| NewJob {
                target,
                nome: format!("job {target}"),
            })
            .into(),
        checks: Vec::new(),
        replace_newer: false,
        by: "ana@office".to_owned(),
    }
}

/// Records a run and gives its message for a target.
pub async fn recorded(db: &Db, name: &str, params: RunParams, target: Target) -> JobMessage {
    db.store.record_run(&new_run(name, params)).await.unwrap();
    JobMessage::new(run_id(name), target, params)
}

pub async fn granted(store: &dyn Store, job: &JobMessage, by: &str) -> Grant {
    match store.claim(job, &worker(by)).await.unwrap() {
        Claim::Granted(grant) => *grant,
        other => panic!("not granted: {other:?}"),
    }
}

/// Claims and commits an empreendimento's result.
pub async fn commit(db: &Db, job: &JobMessage, result: &EmpreendimentoResult) -> Attempt {
    let attempt = granted(&*db.store, job, "w").await.attempt;
    let committed = db
        .store
        .commit_empreendimento(&attempt, result, &[])
        .await
        .unwrap();
    assert!(matches!(committed, Committed::Applied { .. }));
    attempt
}

/// Records a run for the cash out, claims it and commits.
pub async fn commit_faturas(db: &Db, run: &str, params: RunParams, faturas: Vec<FaturaRow>) {
    let job = recorded(db, run, params, Target::SaidasCaixa).await;
    let attempt = granted(&*db.store, &job, "w").await.attempt;
    let result = SaidasCaixaResult {
        faturas: vec![faturas],
        manifest: Manifest::default(),
    };
    let committed = db
        .store
        .commit_saidas_caixa(&attempt, &result, &[])
        .await
        .unwrap();
    assert!(matches!(committed, Committed::Applied { .. }));
}

pub fn centavos(n: i64) -> Money {
    Money::from_centavos(n)
}

pub fn contrato(id: i64) -> ContratoRow {
    ContratoRow {
        id: ContratoId::try_from(id).unwrap(),
        status: "Ativo".to_owned(),
        valor_contrato: centavos(12_345_678),
        valor_atualizado_ipca: Some(centavos(12_400_001)),
        data_assinatura: Some("2020-02-29".parse().unwrap()),
    }
}

/// What a contrato is remembered by.
pub fn memory(id: i64) -> ContratoMemory {
    ContratoMemory {
        id: ContratoId::try_from(id).unwrap(),
        parcelas: 120,
        forecast: Amount::from_centavos(id * 100),
        vp: Amount::from_centavos(id * 50),
    }
}

/// A result with rows for every month of a run, whose figures grow with `size`.
pub fn result(params: &RunParams, contratos: &[i64], size: i64) -> EmpreendimentoResult {
    let months = || params.months();
    EmpreendimentoResult {
        contratos: contratos.iter().copied().map(contrato).collect(),
        is_active: !contratos.is_empty(),
        entradas: months()
            .flat_map(|month| {
                let categories = Category::ALL.iter();
                categories.map(move |&category| entrada(month, category, size))
            })
            .collect(),
        delinquency: months()
            .map(|month| DelinquencyRow {
                ref_month: month,
                buckets: [1, 2, 3, 4, 5].map(|n| centavos(n * size)),
                total: centavos(15 * size),
                details: json!({"quantities": [1, 0, 0, 0, 0]}),
            })
            .collect(),
        portfolio: months()
            .map(|month| PortfolioRow {
                ref_month: month,
                vp: centavos(1_000 * size + 1),
                ltv: centavos(6_667),
                prazo_medio_tenths: 1_205,
                duration_hundredths: 312,
                total_contracts: contratos.len() as i64,
                active_contracts: contratos.len() as i64,
                details: json!({"ltv_base": "nominal"}),
            })
            .collect(),
        memory: contratos.iter().copied().map(memory).collect(),
        manifest: Manifest {
            contratos_listed: contratos.len() as u64,
            contratos_fetched: contratos.len() as u64,
            ..Manifest::default()
        },
    }
}

fn entrada(ref_month: Month, category: Category, size: i64) -> EntradaRow {
    EntradaRow {
        ref_month,
        category,
        forecast: centavos(size),
        actual: centavos(-size),
        details: json!({"parcelas": size}),
    }
}

/// A fatura of filial 10, told apart by its AP.
pub fn fatura(ap: &str, tipo: &str, due: &str, valor: i64, saldo: i64) -> FaturaRow {
    FaturaRow {
        key: FaturaKey {
            filial_id: filial(10),
            numero_ap: ap.into(),
            numero_parcela: "001".into(),
            agente_codigo: 8000,
            tipo_documento: tipo.into(),
            numero_documento: "000001".into(),
            data_vencimento: due.parse().unwrap(),
            valor_parcela: centavos(valor),
        },
        saldo_atual: centavos(saldo),
        data_prorrogado: None,
    }
}
