//! Reading and folding by themselves, without ERP, broker and database, so that an optimised build
//! takes seconds.

use domain::job::ContratoId;
use domain::records::{Parcela, Record};
use fold::ContratoFold;

pub mod golden;

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
    whole(parse::parcelas(contrato, empty, step), body)
}

/// Reads and folds a contrato's parcelas, as a worker does when they arrive.
///
/// # Panics
/// When it is no answer of the ERP.
pub fn fold_parcelas(body: &[u8], contrato: ContratoId, empty: &ContratoFold) -> ContratoFold {
    parcelas(body, contrato, empty.clone(), ContratoFold::add)
}

/// What a whole body gives.
///
/// # Panics
/// When it is no answer of the ERP.
pub fn whole<P: parse::BodyParser>(mut parser: P, body: &[u8]) -> P::Value {
    let read = parser.push(body).and_then(|()| parser.finish());
    read.expect("a recorded answer")
}
