//! Empreendimentos and filiais, as the ERP's catalogue names them.

use crate::job::{EmpreendimentoId, FilialId};

/// A filial, as the catalogue names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilialRow {
    /// The ERP's `codigoFilial`.
    pub id: FilialId,
    /// `nomeFilial`.
    pub nome: String,
    /// `fantasiaFilial`.
    pub fantasia: Option<String>,
    /// `cnpjFilial`, without its padding.
    pub cnpj: Option<String>,
}

/// An empreendimento, as the catalogue names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmpreendimentoRow {
    /// The ERP's `codigo`.
    pub id: EmpreendimentoId,
    /// `nome`.
    pub nome: String,
    /// `codigoFilial`.
    pub filial_id: FilialId,
    /// `centroCusto.reduzido`.
    pub centro_custo_id: Option<i64>,
}

/// Every empreendimento, and the filiais that they name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalogue {
    /// By id.
    pub empreendimentos: Vec<EmpreendimentoRow>,
    /// By id.
    pub filiais: Vec<FilialRow>,
}
