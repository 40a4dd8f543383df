//! The golden answers as input.

use std::fs;
use std::path::Path;

use domain::job::{ContratoId, EmpreendimentoId, RunParams};
use fold::{EmpreendimentoFold, Ipca};

/// Parcelas in all of [`parcelas`].
pub const PARCELAS: u64 = 2_533;

/// The answers to `DadosParcelas`, by contrato.
///
/// # Panics
/// When the golden data is not there.
pub fn parcelas() -> Vec<(ContratoId, Vec<u8>)> {
    bodies("parcelas")
        .into_iter()
        .map(|(code, body)| (code.try_into().expect("a code"), body))
        .collect()
}

/// The answers to `DadosContrato`, by empreendimento.
///
/// # Panics
/// When the golden data is not there.
pub fn contratos() -> Vec<(EmpreendimentoId, Vec<u8>)> {
    bodies("contratos")
        .into_iter()
        // 0 asks for all.
        .filter_map(|(code, body)| Some((code.try_into().ok()?, body)))
        .collect()
}

/// An empty fold over the golden window.
pub fn empty_fold() -> EmpreendimentoFold {
    let day = |text: &str| text.parse().expect("a day");
    let params = RunParams {
        start_date: day("2026-01-01"),
        end_date: day("2026-11-22"),
        as_of: day("2026-11-23"),
    };
    EmpreendimentoFold::new(params, Ipca::default())
}

/// The files of a folder by the number they are named for, in its order.
fn bodies(folder: &str) -> Vec<(i64, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/golden")
        .join(folder);
    let mut bodies: Vec<_> = fs::read_dir(folder)
        .expect("the golden data is part of the repository")
        .map(|entry| entry.expect("it can be listed").path())
        .map(|path| {
            let code = path
                .file_stem()
                .and_then(|name| name.to_str()?.parse().ok());
            let body = fs::read(&path).expect("it can be read");
            (code.expect("named for a code"), body)
        })
        .collect();
    bodies.sort();
    bodies
}
