//! The ERP's client against the simulated ERP: faults, session, limit, secrets.

mod calls;
mod diagnosis;
mod faults;
mod secrets;
mod session;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use domain::job::{ContratoId, EmpreendimentoId};
use domain::records::Record;
use mega::{MegaClient, MegaConfig, MegaError, MemorySessionStore};
use simulator::{Config, Credentials, Fault, FaultKind, Route, Selector, Simulator};

/// A contrato of the golden data, and how many parcelas it has.
const CONTRATO: i64 = 11_001;

fn golden() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden")
}

fn settings() -> Config {
    let credentials = Credentials {
        username: "usuario-sigiloso".to_owned(),
        password: "senha-sigilosa".to_owned(),
        ..Credentials::default()
    };
    Config {
        credentials,
        ..Config::folder(golden())
    }
}

async fn erp() -> Simulator {
    Simulator::start(settings()).await.unwrap()
}

/// What a client needs for this ERP; tests change what they are about.
fn config(url: &str) -> MegaConfig {
    let Credentials {
        tenant_id,
        username,
        password,
    } = settings().credentials;
    MegaConfig {
        url: url.parse().unwrap(),
        tenant_id,
        username,
        password: password.into(),
        timeout: Duration::from_secs(20),
        concurrency: 8,
        tries: 3,
        retry_base: Duration::from_millis(2),
        authorities: None,
    }
}

fn client(erp: &Simulator) -> MegaClient {
    client_of(config(&erp.url()), &Arc::default())
}

fn client_of(config: MegaConfig, store: &Arc<MemorySessionStore>) -> MegaClient {
    MegaClient::new(config, Arc::clone(store) as _).unwrap()
}

fn contrato(code: i64) -> ContratoId {
    code.try_into().unwrap()
}

fn empreendimento(code: i64) -> EmpreendimentoId {
    code.try_into().unwrap()
}

/// How many parcelas of [`CONTRATO`] were read, and how many rejected.
async fn parcelas(client: &MegaClient) -> Result<(u32, u32), MegaError> {
    parcelas_of(client, CONTRATO).await
}

async fn parcelas_of(client: &MegaClient, code: i64) -> Result<(u32, u32), MegaError> {
    let count = |counts: &mut (u32, u32), record| match record {
        Record::Read(_) => counts.0 += 1,
        Record::Rejected(_) => counts.1 += 1,
    };
    client.parcelas(contrato(code), || (0, 0), count).await
}

/// What so many tasks that ask for parcelas at once get.
async fn at_once(tasks: usize, client: &MegaClient) -> Vec<Result<(u32, u32), MegaError>> {
    let ask = |_| {
        let client = client.clone();
        tokio::spawn(async move { parcelas(&client).await })
    };
    let asked: Vec<_> = (0..tasks).map(ask).collect();
    let mut answers = Vec::new();
    for task in asked {
        answers.push(task.await.unwrap());
    }
    answers
}

/// So many next calls for parcelas go wrong.
fn next_parcelas(calls: u64, kind: FaultKind) -> Fault {
    Fault::next(calls, Selector::route(Route::DadosParcelas), kind)
}

fn every_sign_in(kind: FaultKind) -> Fault {
    Fault::always(Selector::route(Route::SignIn), kind)
}

fn status(code: u16) -> FaultKind {
    FaultKind::Status {
        code,
        retry_after_seconds: None,
    }
}

fn status_after(code: u16, seconds: u64) -> FaultKind {
    FaultKind::Status {
        code,
        retry_after_seconds: Some(seconds),
    }
}
