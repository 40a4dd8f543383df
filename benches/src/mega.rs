//! The readers, and what they make of the ERP's answers.

#[path = "../../shared/src/mega/read/mod.rs"]
#[expect(
    dead_code,
    unused_imports,
    reason = "only contratos and parcelas are read here"
)]
mod read;
#[path = "../../shared/src/mega/records.rs"]
mod records;
#[path = "../../shared/src/mega/token.rs"]
mod token;

/// What the catalogue's reader fills; the module it comes from talks to the ERP.
mod client {
    use crate::tables::{EmpreendimentoRow, FilialRow};

    #[derive(Default)]
    #[expect(dead_code, reason = "nobody here reads the catalogue")]
    pub struct Catalogue {
        pub empreendimentos: Vec<EmpreendimentoRow>,
        pub filiais: Vec<FilialRow>,
    }
}

use crate::fold::ContratoFold;
use crate::job::{ContratoId, EmpreendimentoId};

pub use self::records::{Contrato, Fatura, Parcela, Record, Rejection};
pub use self::token::Token;

/// The contratos of an empreendimento's answer.
///
/// # Panics
/// When it is no answer of the ERP.
pub fn contratos(body: &[u8], empreendimento: EmpreendimentoId) -> Vec<Record<Contrato>> {
    read::contratos(body, empreendimento).expect("a recorded answer")
}

/// Reads a contrato's parcelas, calling `step` with each.
///
/// # Panics
/// When it is no answer of the ERP.
pub fn parcelas(body: &[u8], contrato: ContratoId, step: impl FnMut(Record<Parcela>)) {
    read::parcelas(body, contrato, step).expect("a recorded answer");
}

/// Reads and folds a contrato's parcelas, as a worker does when they arrive.
///
/// # Panics
/// When it is no answer of the ERP.
pub fn fold_parcelas(body: &[u8], contrato: ContratoId, empty: &ContratoFold) -> ContratoFold {
    let mut fold = empty.clone();
    parcelas(body, contrato, |record| fold.add(record));
    fold
}
