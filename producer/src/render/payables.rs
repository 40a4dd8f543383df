//! What a run does about payables, in words.

use domain::job::{Baixa, Payables};

use crate::text::list;

/// Whose payables a run asks for, how it dates those settled before they were seen, and whether it
/// leaves their control total out.
pub(super) fn text(payables: &Payables) -> String {
    let filiais = match payables.filiais.as_slice() {
        [] => "of all filiais".to_owned(),
        some => format!("of filiais {}", list(some)),
    };
    let settled = match payables.baixa {
        Baixa::Vencimento => "on DataVencimento",
        Baixa::Prorrogado => "on DataProrrogado, or DataVencimento where there is none",
    };
    let control = match payables.no_control {
        true => "; without their control total",
        false => "",
    };
    format!("{filiais}; settled when first seen: paid {settled}{control}")
}
