//! The ERP's records: read strictly, or rejected with a reason.

use chrono::NaiveDate;

use crate::job::ContratoId;
use crate::money::Amount;
use crate::tables::FaturaRow;

/// A record of an answer: read, or rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record<T> {
    /// Every field used could be read.
    Read(T),
    /// A field could not be read, and no part of the record is used.
    Rejected(Rejection),
}

/// Why a record was rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The record's own code (`cod_contrato`, `cod_parcela`, `NumeroAP`), where readable.
    pub code: Option<i64>,
    /// `field: problem`, from a fixed set of words, without content of the record.
    pub reason: String,
    /// Its nominal amount (`valor_contrato`, `vlr_original`, `ValorParcela`), where readable.
    pub amount: Option<Amount>,
}

/// A contrato in the list of an empreendimento.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListedContrato {
    /// Of the empreendimento that was asked for.
    Own(Contrato),
    /// Of another empreendimento, so that it is left out.
    Other {
        /// `cod_contrato`.
        id: ContratoId,
        /// `valor_contrato`, where readable.
        valor: Option<Amount>,
    },
}

/// A contrato of an empreendimento. The customer's name and documents are never deserialised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contrato {
    /// `cod_contrato`.
    pub id: ContratoId,
    /// `status_contrato`, as written.
    pub status: String,
    /// `valor_contrato`.
    pub valor: Amount,
    /// `data_assinatura`; null in the ERP for some, and unknown where it cannot be read.
    pub data_assinatura: Option<NaiveDate>,
    /// `data_assinatura` is there and cannot be read.
    pub assinatura_unreadable: bool,
}

impl Contrato {
    /// Whether its status is one of Ativo, A, Normal, N, in any case.
    pub fn is_active(&self) -> bool {
        ["ativo", "a", "normal", "n"]
            .iter()
            .any(|name| self.status.trim().eq_ignore_ascii_case(name))
    }
}

/// A parcela, reduced to what the figures need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Parcela {
    /// `cod_parcela`.
    pub code: i64,
    /// `status_parcela` is "ativo", in any case.
    pub active: bool,
    /// `parcela_origem` is "Contrato" or "Tabela Price".
    pub from_contract: bool,
    /// `situacao` is pago, liquidado or quitado, in any case.
    pub paid: bool,
    /// For `tipo_parcela` "Mensal", the n of `sequencia` "k/n".
    pub mensal_of: Option<u32>,
    /// `data_vencimento`.
    pub data_vencimento: Option<NaiveDate>,
    /// `data_baixa`.
    pub data_baixa: Option<NaiveDate>,
    /// `vlr_original`, or `vlr_corrigido` where that is null or 0.
    pub valor: Amount,
    /// `vlr_corrigido`; 0 where null.
    pub vlr_corrigido: Amount,
    /// `vlr_pago`; 0 where null.
    pub vlr_pago: Amount,
    /// `vlr_pago` is null.
    pub vlr_pago_missing: bool,
    /// `vlr_presente`; 0 where null.
    pub vlr_presente: Amount,
}

impl Parcela {
    /// Whether it is paid on an unknown date or by an unknown amount, so that no month of `actual`
    /// has it.
    pub fn is_unplaced(&self) -> bool {
        self.paid && (self.data_baixa.is_none() || self.vlr_pago_missing)
    }
}

/// A fatura a pagar, as listed.
pub type Fatura = FaturaRow;
