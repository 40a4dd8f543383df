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

pub use self::records::{Contrato, Fatura, ListedContrato, Parcela, Record, Rejection};
pub use self::token::Token;

/// The contratos of an empreendimento's answer.
///
/// # Panics
/// When it is no answer of the ERP.
pub fn contratos(body: &[u8], empreendimento: EmpreendimentoId) -> Vec<Record<ListedContrato>> {
    whole(read::contratos(empreendimento), body)
}

/// Reads a contrato's parcelas, folding each with `step`.
///
/// # Panics
/// When it is no answer of the ERP.
pub fn parcelas<T>(
    body: &[u8],
    contrato: ContratoId,
    empty: T,
    step: impl Fn(&mut T, Record<Parcela>),
) -> T {
    whole(read::parcelas(contrato, empty, step), body)
}

/// Reads and folds a contrato's parcelas, as a worker does when they arrive.
///
/// # Panics
/// When it is no answer of the ERP.
pub fn fold_parcelas(body: &[u8], contrato: ContratoId, empty: &ContratoFold) -> ContratoFold {
    parcelas(body, contrato, empty.clone(), ContratoFold::add)
}

fn whole<R: read::Reading>(mut reading: R, body: &[u8]) -> R::Value {
    let read = reading.take(body).and_then(|()| reading.finish());
    read.expect("a recorded answer")
}
