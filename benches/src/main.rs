//! Reads and folds the golden parcelas once, for `valgrind --tool=callgrind` to count the
//! instructions of [`read_and_fold`]; see scripts/instructions.

use benches::{fold_parcelas, golden};
use domain::job::ContratoId;
use fold::ContratoFold;

fn main() {
    let bodies = golden::parcelas();
    let mut total = golden::empty_fold();
    let folds = read_and_fold(&bodies, &total.contrato_fold());
    for (contrato, fold) in folds {
        total
            .add(contrato, fold)
            .expect("golden parcelas are readable");
    }
    let manifest = total.finish().result.manifest;
    assert_eq!(manifest.records_counted, golden::PARCELAS);
    println!("{}", golden::PARCELAS);
}

/// What is counted: by this name, so it must stay a function of its own.
#[inline(never)]
fn read_and_fold(
    bodies: &[(ContratoId, Vec<u8>)],
    empty: &ContratoFold,
) -> Vec<(ContratoId, ContratoFold)> {
    bodies
        .iter()
        .map(|(contrato, body)| (*contrato, fold_parcelas(body, *contrato, empty)))
        .collect()
}
