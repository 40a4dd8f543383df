//! Contratos, faturas and the catalogue.

use serde_json::{Value, json};

use super::*;

fn listed(changes: Value) -> Record<ListedContrato> {
    let record = json!({
        "cod_contrato": 11, "cod_empreendimento": 1400, "status_contrato": "Ativo",
        "valor_contrato": 1000, "data_assinatura": "23/06/2024", "nome_cliente": 5,
    });
    let asked = EmpreendimentoId::try_from(1400).unwrap();
    only(whole(contratos(asked), &changed(record, changes)))
}

fn contrato(changes: Value) -> Record<Contrato> {
    match listed(changes) {
        Record::Read(ListedContrato::Own(contrato)) => Record::Read(contrato),
        Record::Read(other) => panic!("{other:?}"),
        Record::Rejected(rejection) => Record::Rejected(rejection),
    }
}

fn fatura(changes: Value) -> Record<Fatura> {
    let record = json!({
        "Filial": {"Id": 100, "Nome": null}, "Agente": {"Codigo": 8000}, "NumeroAP": 900,
        "TipoDocumento": " RECIBO ", "NumeroDocumento": "01", "NumeroParcela": "001",
        "DataVencimento": "14/02/2026", "DataProrrogado": null, "ValorParcela": 17.5,
        "SaldoAtual": 0.0,
    });
    only(faturas_of(&changed(record, changes)))
}

#[test]
fn contratos_are_read_strictly() {
    let read = read_one(contrato(
        json!({"valor_contrato": "1.234,56", "data_assinatura": null}),
    ));
    assert_eq!(
        (read.valor, read.data_assinatura),
        (amount("1234.56"), None)
    );
    assert_eq!(
        read_one(contrato(json!({"status_contrato": " a "}))).status,
        "a"
    );
    for (changes, expected) in [
        (json!({"cod_contrato": 0}), "cod_contrato: not a code"),
        (json!({"cod_contrato": null}), "cod_contrato: null"),
        (
            json!({"cod_empreendimento": null}),
            "cod_empreendimento: null",
        ),
        (json!({"status_contrato": null}), "status_contrato: null"),
        (
            json!({"status_contrato": "a\u{0}"}),
            "status_contrato: not a text",
        ),
        (json!({"valor_contrato": null}), "valor_contrato: null"),
        (
            json!({"valor_contrato": "-"}),
            "valor_contrato: not an amount",
        ),
    ] {
        assert_eq!(reason(contrato(changes.clone())), expected, "{changes}");
    }
}

#[test]
fn a_contrato_counts_whether_or_not_its_date_can_be_read() {
    for (signed, unreadable) in [
        (json!(null), false),
        (json!("31/02/2024"), true),
        (json!("23.06.2024"), true),
        (absent(), true),
    ] {
        let read = read_one(contrato(json!({"data_assinatura": signed})));
        assert_eq!(
            (read.data_assinatura, read.assinatura_unreadable),
            (None, unreadable),
            "{signed}"
        );
    }
}

#[test]
fn a_contrato_of_another_empreendimento_is_that_whatever_else_it_says() {
    let other = |changes: Value| read_one(listed(changes));
    let id = 11.try_into().unwrap();
    assert_eq!(
        other(json!({"cod_empreendimento": 1})),
        ListedContrato::Other {
            id,
            valor: Some(amount("1000"))
        }
    );
    assert_eq!(
        other(json!({"cod_empreendimento": 1, "valor_contrato": "?", "status_contrato": null})),
        ListedContrato::Other { id, valor: None }
    );
}

#[test]
fn faturas_are_read_strictly() {
    let key = read_one(fatura(json!({
        "NumeroAP": 900.0, "NumeroParcela": 1, "TipoDocumento": null, "ValorParcela": 0.015,
        "NumeroDocumento": absent(), "filial": {"ID": "100.0"}, "Filial": absent(),
    })))
    .key;
    assert_eq!(
        (key.numero_ap.as_str(), key.numero_parcela.as_str()),
        ("900", "1")
    );
    assert_eq!(
        (key.tipo_documento.as_str(), key.numero_documento.as_str()),
        ("", "")
    );
    assert_eq!(
        (key.valor_parcela, key.filial_id.get()),
        (Money::from_centavos(2), 100)
    );
    assert_eq!(read_one(fatura(json!({}))).key.tipo_documento, "RECIBO");
    for (changes, expected) in [
        (json!({"Filial": null}), "Filial.Id: null"),
        (json!({"Filial": absent()}), "Filial.Id: missing"),
        (json!({"Filial": {}}), "Filial.Id: missing"),
        (json!({"Filial": {"Id": null}}), "Filial.Id: null"),
        (json!({"Filial": 100}), "Filial.Id: not in an object"),
        (
            json!({"Agente": {"Codigo": "x"}}),
            "Agente.Codigo: not a code",
        ),
        (json!({"NumeroAP": null}), "NumeroAP: null"),
        (json!({"NumeroAP": 1.5}), "NumeroAP: not a code"),
        (json!({"NumeroParcela": " "}), "NumeroParcela: empty"),
        (json!({"TipoDocumento": {}}), "TipoDocumento: not a text"),
        (json!({"DataVencimento": null}), "DataVencimento: null"),
        (
            json!({"DataVencimento": "0001-01-01T00:00:00"}),
            "DataVencimento: null",
        ),
        (
            json!({"DataProrrogado": absent()}),
            "DataProrrogado: missing",
        ),
        (json!({"ValorParcela": null}), "ValorParcela: null"),
        (json!({"SaldoAtual": null}), "SaldoAtual: null"),
    ] {
        assert_eq!(reason(fatura(changes.clone())), expected, "{changes}");
    }
}

#[test]
fn the_catalogue_keeps_what_it_can_read() {
    let body = serde_json::to_vec(&json!([
        {"codigo": 7.0, "nome": " B ", "codigoFilial": 2.0, "nomeFilial": "F2", "cnpjFilial": "  "},
        {"Codigo": 3, "Nome": "A", "CodigoFilial": "1", "centroCusto": {"reduzido": 21.0}},
        {"codigo": 7, "nome": "B", "codigoFilial": 2},
        {"codigo": 7, "nome": "C", "codigoFilial": 2},
        {"codigo": 8, "nome": null, "codigoFilial": 2},
        {"codigo": 9, "nome": "D"},
        {"codigo": 10, "nome": "E", "codigoFilial": 2, "centroCusto": {"reduzido": "x"}},
        5,
    ]))
    .unwrap();
    let (catalogue, rejected) = whole(catalogue(), &body).unwrap().finish();
    let rows: Vec<_> = catalogue
        .empreendimentos
        .iter()
        .map(|row| (row.id.get(), row.nome.as_str(), row.centro_custo_id))
        .collect();
    assert_eq!(rows, [(3, "A", Some(21)), (7, "B", None)]);
    let filiais: Vec<_> = catalogue
        .filiais
        .iter()
        .map(|row| (row.id.get(), row.nome.as_str(), row.cnpj.as_deref()))
        .collect();
    assert_eq!(filiais, [(1, "", None), (2, "F2", None)]);
    let reasons: Vec<_> = rejected
        .iter()
        .map(|rejection| (rejection.code, rejection.reason.as_str()))
        .collect();
    assert_eq!(
        reasons,
        [
            (Some(7), "codigo: repeated"),
            (Some(8), "nome: null"),
            (Some(9), "codigoFilial: missing"),
            (Some(10), "centroCusto.reduzido: not a code"),
            (None, "record: not an object"),
        ]
    );
}
