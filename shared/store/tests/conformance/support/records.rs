//! The runs and rows that tests are made of.

use domain::job::{ContratoId, EmpreendimentoId, FilialId, Payables, RunId, RunParams, Target};
use domain::ledger::{NewJob, NewRun, WorkerId};
use domain::manifest::Manifest;
use domain::money::{Amount, Money};
use domain::month::Month;
use domain::tables::{
    Category, ContratoMemory, ContratoRow, DelinquencyRow, EmpreendimentoResult, EmpreendimentoRow,
    EntradaRow, FaturaKey, FaturaRow, FilialRow, Parts, PortfolioRow,
};
use serde_json::json;

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
        urgent: false,
        payables: Payables::default(),
        by: "ana@office".to_owned(),
    }
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
        parts: Parts::default(),
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
                Category::ALL
                    .iter()
                    .map(move |category| entrada(month, *category, size))
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
