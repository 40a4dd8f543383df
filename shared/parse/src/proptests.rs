//! Every body is parsed or refused, whatever bytes it has.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde::de::{Deserialize, DeserializeSeed as _, Deserializer, IgnoredAny};
use serde_json::value::RawValue;

use super::array::ArrayParser;
use super::fields::{Element, Fields};
use super::shape::kind_of;
use super::tests::{contrato_11, golden, golden_bodies, golden_faturas, whole};
use super::*;
use domain::job::EmpreendimentoId;

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
    let _ = whole(parcelas(contrato_11(), (), |(), _| ()), body);
    let _ = whole(contratos(EmpreendimentoId::try_from(1400).unwrap()), body);
    let _ = whole(faturas((), |(), _| ()), body);
    let _ = whole(catalogue(), body);
    let _ = session(body);
}

const NAMED: &[&str; 3] = &["cod_contrato", "vlr_original", "situacao"];

fn noted(noted: &mut Vec<String>, fields: Option<Fields<'_, 3>>) {
    noted.push(shown(fields));
}

/// The raw values, and what they are read as.
fn shown(fields: Option<Fields<'_, 3>>) -> String {
    let shown = fields.map(|fields| (fields.raw(), [0, 1, 2].map(|index| fields.optional(index))));
    format!("{shown:?}")
}

/// An element as the JSON parser gives it.
struct Parsed(String);

impl<'de> Deserialize<'de> for Parsed {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        let fields = Element { names: NAMED }.deserialize(json)?;
        Ok(Self(shown(fields)))
    }
}

/// The same by the JSON parser alone.
fn read_by_parser(body: &[u8]) -> Result<Vec<String>, ReadError> {
    let broken_off = |_| ReadError::BrokenOff;
    if body.trim_ascii_start().first() == Some(&b'[') {
        let elements: Vec<Parsed> = serde_json::from_slice(body).map_err(broken_off)?;
        return Ok(elements.into_iter().map(|Parsed(fields)| fields).collect());
    }
    let _: IgnoredAny = serde_json::from_slice(body).map_err(broken_off)?;
    Err(ReadError::Shape(kind_of(body)))
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
    fn a_template_changes_nothing_of_what_is_read(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 0..4),
    ) {
        let body = edited(ALIKE.clone(), edits);
        let list = ArrayParser::new(NAMED, Vec::new(), noted);
        prop_assert_eq!(whole(list, &body), read_by_parser(&body));
    }

    #[test]
    fn the_pieces_that_a_body_arrives_in_change_nothing(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 0..4),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let body = edited([&b"\xef\xbb\xbf "[..], &ALIKE].concat(), edits);
        let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.index(body.len() + 1)).collect();
        cuts.extend([0, body.len()]);
        cuts.sort_unstable();
        let mut list = ArrayParser::new(NAMED, Vec::new(), noted);
        let taken = cuts.windows(2).try_for_each(|ends| list.push(&body[ends[0]..ends[1]]));
        let in_pieces = taken.and_then(|()| list.finish());
        prop_assert_eq!(in_pieces, whole(ArrayParser::new(NAMED, Vec::new(), noted), &body));
    }

    #[test]
    fn a_body_cut_anywhere_is_broken_off(cut in any::<prop::sample::Index>()) {
        let body = &golden_bodies("parcelas")[0].1;
        let body = &body[..cut.index(body.trim_ascii_end().len())];
        let list = ArrayParser::new(NAMED, Vec::new(), noted);
        prop_assert_eq!(whole(list, body), Err(ReadError::BrokenOff));
    }

    #[test]
    fn any_value_of_a_field_is_read_or_rejected(text in "\\PC{0,24}", digits in "[-+0-9.,eE/T: ]{0,24}") {
        for value in [serde_json::json!(text), serde_json::json!(digits)] {
            let body = format!(
                r#"[{{"cod_contrato": 11, "cod_parcela": {value}, "data_vencimento": {value},
                "vlr_original": {value}, "sequencia": {value}, "NumeroAP": {value},
                "Filial": {{"Id": {value}}}, "DataVencimento": {value}}}]"#
            );
            whole(parcelas(contrato_11(), (), |(), _| ()), body.as_bytes()).unwrap();
            whole(faturas((), |(), _| ()), body.as_bytes()).unwrap();
        }
    }

    #[test]
    fn a_text_that_may_be_thousands_is_rejected_and_the_number_is_not(
        number in "-?[1-9][0-9]{0,2}\\.[0-9]{3}",
    ) {
        let is_read = |value: &str| {
            let body = format!(r#"[{{"vlr_original": {value}}}]"#);
            let step = |is_read: &mut bool, fields: Option<Fields<'_, 1>>| {
                let amount = fields.unwrap().get(0).and_then(|field| field.amount());
                *is_read = amount.is_ok();
            };
            whole(ArrayParser::new(&["vlr_original"], false, step), body.as_bytes()).unwrap()
        };
        prop_assert!(is_read(&number));
        let text = format!("\"{number}\"");
        prop_assert!(!is_read(&text));
    }
}
