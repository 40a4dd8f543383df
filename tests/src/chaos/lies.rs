//! Answers that are well-formed and not true, for as long as a schedule lasts.

use fastrand::Rng;
use simulator::{About, Edit, Lie};

/// Empreendimentos of the golden data that have contratos.
const EMPREENDIMENTOS: [i64; 7] = [1400, 1403, 1406, 1409, 1415, 1418, 1421];
/// Contratos with more than ten parcelas that are neither distratado nor quitado.
const LARGE_CONTRATOS: [i64; 4] = [11013, 11015, 11021, 11036];

/// One or two lies; those that only a comparison tells where there is something to compare with.
pub fn some(rng: &mut Rng, compared: bool) -> Vec<Lie> {
    let kinds = if compared { 5 } else { 3 };
    (0..rng.usize(1..=2)).map(|_| lie(rng, kinds)).collect()
}

/// An empreendimento that has contratos.
pub fn empreendimento(rng: &mut Rng) -> i64 {
    EMPREENDIMENTOS[rng.usize(..EMPREENDIMENTOS.len())]
}

/// Two of the empreendimentos that have contratos.
pub fn two_empreendimentos(rng: &mut Rng) -> [i64; 2] {
    let first = rng.usize(..EMPREENDIMENTOS.len());
    let second = (first + rng.usize(1..EMPREENDIMENTOS.len())) % EMPREENDIMENTOS.len();
    [EMPREENDIMENTOS[first], EMPREENDIMENTOS[second]]
}

fn lie(rng: &mut Rng, kinds: u8) -> Lie {
    let empreendimento = empreendimento(rng);
    let contrato = LARGE_CONTRATOS[rng.usize(..LARGE_CONTRATOS.len())];
    let contratos = About::Contratos(empreendimento);
    match rng.u8(..kinds) {
        // Harmless: each counts once.
        0 => Lie::new(About::Parcelas(contrato), Edit::twice()),
        // Harmless: the date is unknown then.
        1 => Lie::new(contratos, Edit::set("data_assinatura", "31/02/2024")),
        // So many that the job fails.
        2 => {
            let of = if empreendimento == 1406 { 1418 } else { 1406 };
            let first = Some(8);
            Lie::new(contratos, Edit::AddContratos { of, first })
        }
        3 => Lie::new(About::Parcelas(contrato), Edit::KeepFirst(0)),
        _ => Lie::new(
            About::ParcelasOfEmpreendimento(empreendimento),
            Edit::grow(3),
        ),
    }
}
