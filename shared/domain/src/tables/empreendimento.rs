//! What the job of one empreendimento publishes.

use chrono::NaiveDate;
use serde_json::Value;
use strum::VariantArray as _;

use super::parts::Parts;
use crate::job::ContratoId;
use crate::manifest::Manifest;
use crate::money::{Amount, Money};
use crate::month::Month;

/// A row of `contratos`.
#[derive(Debug, Clone, PartialEq)]
pub struct ContratoRow {
    /// `cod_contrato`.
    pub id: ContratoId,
    /// `status_contrato`, as the ERP writes it.
    pub status: String,
    /// `valor_contrato`.
    pub valor_contrato: Money,
    /// The value corrected by IPCA, where the indices reach.
    pub valor_atualizado_ipca: Option<Money>,
    /// `data_assinatura`.
    pub data_assinatura: Option<NaiveDate>,
}

impl ContratoRow {
    /// Whether its status is one of Distratado, D, Quitado, Q, in any case. Such a contrato may have
    /// no parcelas any more.
    pub fn is_over(&self) -> bool {
        ["distratado", "d", "quitado", "q"]
            .iter()
            .any(|name| self.status.trim().eq_ignore_ascii_case(name))
    }
}

/// The four categories of cash in.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[strum(serialize_all = "lowercase")]
pub enum Category {
    /// From contract, in its month.
    Ativos,
    /// From contract, paid after the due month.
    Recuperacoes,
    /// From contract, paid before the due month.
    Antecipacoes,
    /// Not from contract.
    Outras,
}

impl Category {
    /// All of them, in the order of their discriminants.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// As the table writes it.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// A row of `entradas_caixa`.
#[derive(Debug, Clone, PartialEq)]
pub struct EntradaRow {
    /// `ref_month`.
    pub ref_month: Month,
    /// `category`.
    pub category: Category,
    /// Due in the month.
    pub forecast: Money,
    /// Paid in the month.
    pub actual: Money,
    /// Counts and bases of the figures.
    pub details: Value,
}

/// A row of `delinquency`.
#[derive(Debug, Clone, PartialEq)]
pub struct DelinquencyRow {
    /// `ref_month`.
    pub ref_month: Month,
    /// `up_to_30`, `days_30_60`, `days_60_90`, `days_90_180`, `above_180`.
    pub buckets: [Money; 5],
    /// Their sum.
    pub total: Money,
    /// Quantities, and what is older than the last bucket.
    pub details: Value,
}

/// A row of `estatisticas_portfolio`.
#[derive(Debug, Clone, PartialEq)]
pub struct PortfolioRow {
    /// `ref_month`.
    pub ref_month: Month,
    /// Present value.
    pub vp: Money,
    /// Loan to value, in hundredths of a per cent.
    pub ltv: Money,
    /// Mean number of instalments, in tenths of one.
    pub prazo_medio_tenths: i64,
    /// Macaulay duration, in hundredths of a year.
    pub duration_hundredths: i64,
    /// Contratos listed.
    pub total_contracts: i64,
    /// Contratos with an active status.
    pub active_contracts: i64,
    /// Counts and bases of the figures.
    pub details: Value,
}

/// What a contrato had at a commit of its empreendimento: for comparison at the next one, and to open
/// a figure to its contratos.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContratoMemory {
    /// `cod_contrato`.
    pub id: ContratoId,
    /// Parcelas it had, each once.
    pub parcelas: u64,
    /// Σ value of these, of all months.
    pub forecast: Amount,
    /// Σ `vlr_presente` of these.
    pub vp: Amount,
    /// What it adds to the figures of each month; empty where an earlier version committed.
    pub parts: Parts,
}

/// The whole result of the job of one empreendimento. It replaces the rows of the last one.
#[derive(Debug, Clone, PartialEq)]
pub struct EmpreendimentoResult {
    /// The contratos listed now.
    pub contratos: Vec<ContratoRow>,
    /// Whether it has an active contrato.
    pub is_active: bool,
    /// Cash in; every month and category, or none when there is no contrato.
    pub entradas: Vec<EntradaRow>,
    /// Delinquency; every month, or none when there is no contrato.
    pub delinquency: Vec<DelinquencyRow>,
    /// Portfolio figures; every month, or none when there is no contrato.
    pub portfolio: Vec<PortfolioRow>,
    /// What each contrato listed adds, with which the next commit is compared.
    pub memory: Vec<ContratoMemory>,
    /// What was read, and what became of it.
    pub manifest: Manifest,
}
