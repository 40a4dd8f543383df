mod lists;
mod parcela;

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::*;
use domain::job::{ContratoId, EmpreendimentoId};
use domain::money::{Amount, Money};
use domain::records::{Contrato, Fatura, ListedContrato, Parcela, Record};

pub(super) fn golden(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/golden")
        .join(name)
}

/// The bodies of a golden folder, and the code each was asked for.
pub(super) fn golden_bodies(folder: &str) -> Vec<(i64, Vec<u8>)> {
    let mut bodies: Vec<_> = fs::read_dir(golden(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let code = path.file_stem().unwrap().to_str().unwrap().parse().unwrap();
            (code, fs::read(path).unwrap())
        })
        .collect();
    bodies.sort();
    bodies
}

/// The golden faturas as one body.
pub(super) fn golden_faturas() -> Vec<u8> {
    let lines = fs::read_to_string(golden("faturas.jsonl")).unwrap();
    format!("[{}]", lines.lines().collect::<Vec<_>>().join(",")).into_bytes()
}

fn read_all<T>(records: Vec<Record<T>>) -> Vec<T> {
    let read = |record| match record {
        Record::Read(value) => value,
        Record::Rejected(rejection) => panic!("{rejection:?}"),
    };
    records.into_iter().map(read).collect()
}

pub(super) fn contrato_11() -> ContratoId {
    ContratoId::try_from(11).unwrap()
}

/// What a body gives that arrives in one piece.
pub(super) fn whole<P: BodyParser>(mut parser: P, body: &[u8]) -> Result<P::Value, ReadError> {
    parser.push(body)?;
    parser.finish()
}

fn parcelas_of(body: &[u8]) -> Result<Vec<Record<Parcela>>, ReadError> {
    whole(parcelas(contrato_11(), Vec::new(), Vec::push), body)
}

fn faturas_of(body: &[u8]) -> Result<Vec<Record<Fatura>>, ReadError> {
    whole(faturas(Vec::new(), Vec::push), body)
}

/// `record` with some fields replaced; a change to `{"absent": true}` takes the key away.
fn changed(mut record: Value, changes: Value) -> Vec<u8> {
    let fields = record.as_object_mut().unwrap();
    for (key, value) in changes.as_object().unwrap() {
        if *value == absent() {
            fields.remove(key);
        } else {
            fields.insert(key.clone(), value.clone());
        }
    }
    serde_json::to_vec(&[record]).unwrap()
}

fn absent() -> Value {
    json!({"absent": true})
}

fn only<T>(records: Result<Vec<Record<T>>, ReadError>) -> Record<T> {
    let mut records = records.unwrap();
    assert_eq!(records.len(), 1);
    records.remove(0)
}

fn read_one<T: std::fmt::Debug>(record: Record<T>) -> T {
    read_all(vec![record]).remove(0)
}

fn reason<T: std::fmt::Debug>(record: Record<T>) -> String {
    match record {
        Record::Rejected(rejection) => rejection.reason,
        Record::Read(value) => format!("read: {value:?}"),
    }
}

fn amount(text: &str) -> Amount {
    Amount::parse(text).unwrap()
}

#[test]
fn the_golden_bodies_are_read_whole() {
    let mut count = 0;
    for (code, body) in golden_bodies("parcelas") {
        let contrato = ContratoId::try_from(code).unwrap();
        let read = whole(parcelas(contrato, Vec::new(), Vec::push), &body);
        count += read_all(read.unwrap()).len();
    }
    assert_eq!(count, 2_533);

    let mut listed = 0;
    for (code, body) in golden_bodies("contratos") {
        if let Ok(id) = EmpreendimentoId::try_from(code) {
            listed += read_all(whole(contratos(id), &body).unwrap()).len();
        }
    }
    assert_eq!(listed, 59);

    assert_eq!(read_all(faturas_of(&golden_faturas()).unwrap()).len(), 719);

    let body = fs::read(golden("empreendimentos.json")).unwrap();
    let (catalogue, rejected) = whole(catalogue(), &body).unwrap().finish();
    assert_eq!((catalogue.empreendimentos.len(), rejected.len()), (8, 0));
    assert!(catalogue.empreendimentos.is_sorted_by_key(|row| row.id));
    assert!(catalogue.filiais.is_sorted_by_key(|row| row.id));
    let filial = &catalogue.filiais[0];
    assert_eq!(
        (filial.id.get(), filial.cnpj.as_deref()),
        (100, Some("00000000000100"))
    );
    assert_eq!(catalogue.empreendimentos[0].centro_custo_id, Some(21));
}

#[test]
fn bodies_are_whole_arrays_or_an_error() {
    let not_objects = b"\xef\xbb\xbf [1, null, \"x\", [[]], true, -2.5]\r\n";
    let records = parcelas_of(not_objects).unwrap();
    assert_eq!(records.len(), 6);
    for record in records {
        assert_eq!(reason(record), "record: not an object");
    }
    assert_eq!(parcelas_of(b"[]"), Ok(Vec::new()));
    for (body, error) in [
        (&b""[..], ReadError::BrokenOff),
        (b"[", ReadError::BrokenOff),
        (b"[{\"cod_contrato\": 1", ReadError::BrokenOff),
        (b"[{}] []", ReadError::BrokenOff),
        (b"<html>", ReadError::BrokenOff),
        (b"[{\"cod_contrato\": \"\xff\"}]", ReadError::BrokenOff),
        (b"{\"Message\": \"x\"}", ReadError::Shape("it is an object")),
        (b"null", ReadError::Shape("it is null")),
        (b"\"text\"", ReadError::Shape("it is a text")),
        (b"5", ReadError::Shape("it is a number or a boolean")),
    ] {
        assert_eq!(
            parcelas_of(body),
            Err(error),
            "{}",
            String::from_utf8_lossy(body)
        );
    }
}

#[test]
fn sessions_have_an_end() {
    let body = br#"{"expirationToken": "2025-10-31T17:36:34.6945524-03:00", "accessToken": "a",
        "expirationRefreshToken": "2025-10-31T19:36:34.6945524-03:00", "refreshToken": "r"}"#;
    let Ok(SessionAnswer::Token(token)) = session(body) else {
        panic!("no token");
    };
    assert_eq!(
        token.expires_at.to_rfc3339(),
        "2025-10-31T20:36:34.694552400+00:00"
    );
    assert!(token.refresh.is_some() && token.refresh_expires_at.is_some());
    for body in [
        "{}",
        "[]",
        "\"x\"",
        r#"{"accessToken": null}"#,
        r#"{"accessToken": " "}"#,
    ] {
        assert!(
            matches!(session(body.as_bytes()), Ok(SessionAnswer::NoToken)),
            "{body}"
        );
    }
    for expiry in ["\"2025-10-31T17:36:34\"", "\"soon\"", "null", "5"] {
        let body = format!(r#"{{"accessToken": "a", "expirationToken": {expiry}}}"#);
        assert!(
            matches!(session(body.as_bytes()), Ok(SessionAnswer::NoExpiry(_))),
            "{body}"
        );
    }
    assert!(matches!(
        session(b"{\"accessToken\""),
        Err(ReadError::BrokenOff)
    ));
}
