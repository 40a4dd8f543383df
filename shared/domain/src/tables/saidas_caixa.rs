//! What the cash-out job publishes.

use chrono::NaiveDate;
use smol_str::SmolStr;

use crate::job::FilialId;
use crate::manifest::Manifest;
use crate::money::Money;

/// The identity of a fatura: all eight fields, because withholdings reuse AP and parcela.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FaturaKey {
    /// `Filial.Id`.
    pub filial_id: FilialId,
    /// `NumeroAP`, as text.
    pub numero_ap: SmolStr,
    /// `NumeroParcela`.
    pub numero_parcela: SmolStr,
    /// `Agente.Codigo`.
    pub agente_codigo: i64,
    /// `TipoDocumento`; empty when the ERP gives none.
    pub tipo_documento: SmolStr,
    /// `NumeroDocumento`; empty when the ERP gives none.
    pub numero_documento: SmolStr,
    /// `DataVencimento`.
    pub data_vencimento: NaiveDate,
    /// `ValorParcela`.
    pub valor_parcela: Money,
}

/// A row of `faturas_pagar`, as the ERP lists it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaturaRow {
    /// Its identity.
    pub key: FaturaKey,
    /// `SaldoAtual`.
    pub saldo_atual: Money,
    /// `DataProrrogado`.
    pub data_prorrogado: Option<NaiveDate>,
}

/// The whole result of the cash-out job. It replaces the faturas due in the window.
#[derive(Debug, Clone, PartialEq)]
pub struct SaidasCaixaResult {
    /// The faturas due in the window, each identity once, in one or more parts.
    pub faturas: Vec<Vec<FaturaRow>>,
    /// What was read, and what became of it.
    pub manifest: Manifest,
}
