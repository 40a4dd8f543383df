//! Whatever the ERP sends, a reader answers.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::tests::{contrato_11, golden, golden_bodies, golden_faturas};
use super::*;
use crate::job::EmpreendimentoId;

/// JSON's own bytes break it in more ways than random ones.
const STRUCTURAL: &[u8] = b"{}[]\",:\\0-.eE/n\xc3";

static BODIES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    // The first records of each kind: mutations fall on keys and values, not on repetition.
    let first = |body: &[u8]| body[..body.len().min(3_000)].to_vec();
    vec![
        first(&golden_bodies("parcelas")[0].1),
        first(&golden_bodies("contratos")[1].1),
        first(&golden_faturas()),
        std::fs::read(golden("empreendimentos.json")).unwrap(),
        br#"[{"cod_contrato": 11, "Filial": {"Id": 1}, "x": "\u0041\ud800"}, null]"#.to_vec(),
    ]
});

/// Three parcelas, as the ERP lists them.
static ALIKE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let (_, body) = &golden_bodies("parcelas")[0];
    let records: Vec<&RawValue> = serde_json::from_slice(body).unwrap();
    let records: Vec<_> = records[..3].iter().map(|record| record.get()).collect();
    format!("[{}]", records.join(", ")).into_bytes()
});

/// A body with some bytes replaced, inserted and removed.
fn edited(mut body: Vec<u8>, edits: Vec<(prop::sample::Index, u8, u8)>) -> Vec<u8> {
    for (at, byte, kind) in edits {
        let at = at.index(body.len());
        let structural = STRUCTURAL[usize::from(byte) % STRUCTURAL.len()];
        match kind {
            0 => body[at] = byte,
            1 => body[at] = structural,
            2 => body.insert(at, structural),
            _ => drop(body.remove(at)),
        }
    }
    body
}

fn read_as_everything(body: &[u8]) {
    let _ = parcelas(body, contrato_11(), drop);
    let _ = contratos(body, EmpreendimentoId::try_from(1400).unwrap());
    let _ = faturas(body, drop);
    let _ = catalogue(body);
    let _ = session(body);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(body in prop::collection::vec(any::<u8>(), 0..400)) {
        read_as_everything(&body);
    }

    #[test]
    fn mutated_bodies_never_panic(
        which in 0..BODIES.len(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 0..12),
        cut in any::<prop::sample::Index>(),
        keep_whole in any::<bool>(),
    ) {
        let mut body = edited(BODIES[which].clone(), edits);
        if !keep_whole {
            body.truncate(cut.index(body.len()));
        }
        read_as_everything(&body);
    }

    #[test]
    fn a_layout_changes_nothing_of_what_is_read(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 0..4),
    ) {
        let body = edited(ALIKE.clone(), edits);
        let (mut by_layout, mut by_parser) = (Vec::new(), Vec::new());
        let names = &["cod_contrato", "vlr_original", "situacao"];
        let layout_ended = each_object(&body, names, |fields| by_layout.push(format!("{fields:?}")));
        let parser_ended = each_of_any(&body, names, |fields| by_parser.push(format!("{fields:?}")));
        prop_assert_eq!(layout_ended, parser_ended);
        prop_assert_eq!(by_layout, by_parser);
    }

    #[test]
    fn a_body_cut_anywhere_is_broken_off(cut in any::<prop::sample::Index>()) {
        let body = &golden_bodies("parcelas")[0].1;
        let body = &body[..cut.index(body.trim_ascii_end().len())];
        prop_assert_eq!(parcelas(body, contrato_11(), drop), Err(ReadError::BrokenOff));
    }

    #[test]
    fn any_value_of_a_field_is_read_or_rejected(text in "\\PC{0,24}", digits in "[-+0-9.,eE/T: ]{0,24}") {
        for value in [serde_json::json!(text), serde_json::json!(digits)] {
            let body = format!(
                r#"[{{"cod_contrato": 11, "cod_parcela": {value}, "data_vencimento": {value},
                "vlr_original": {value}, "sequencia": {value}, "NumeroAP": {value},
                "Filial": {{"Id": {value}}}, "DataVencimento": {value}}}]"#
            );
            parcelas(body.as_bytes(), contrato_11(), drop).unwrap();
            faturas(body.as_bytes(), drop).unwrap();
        }
    }
}
