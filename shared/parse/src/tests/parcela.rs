use serde_json::{Value, json};

use super::*;

fn parcela(changes: Value) -> Record<Parcela> {
    let record = json!({
        "cod_contrato": 11, "cod_parcela": 5, "status_parcela": "Ativo",
        "tipo_parcela": "Mensal", "sequencia": "001/120", "data_vencimento": "25/07/2024",
        "data_baixa": "26/08/2024", "vlr_original": 100.5, "vlr_corrigido": 110.25,
        "vlr_pago": 111, "vlr_presente": 0, "situacao": "Pago", "parcela_origem": "Contrato",
        "nome_banco": {"nested": ["anything", 1e99]},
    });
    only(parcelas_of(&changed(record, changes)))
}

#[test]
fn a_parcela_is_reduced_to_what_the_figures_need() {
    let day = |text: &str| Some(text.parse().unwrap());
    assert_eq!(
        read_one(parcela(json!({}))),
        Parcela {
            code: 5,
            active: true,
            from_contract: true,
            paid: true,
            mensal_of: Some(120),
            data_vencimento: day("2024-07-25"),
            data_baixa: day("2024-08-26"),
            valor: amount("100.5"),
            vlr_corrigido: amount("110.25"),
            vlr_pago: amount("111"),
            vlr_pago_missing: false,
            vlr_presente: Amount::ZERO,
        }
    );
}

#[test]
fn a_parcela_has_one_meaning_however_it_is_written() {
    let same = read_one(parcela(json!({})));
    for changes in [
        json!({"cod_contrato": 11.0, "cod_parcela": "5"}),
        json!({"cod_contrato": " 11.0 "}),
        json!({"status_parcela": " ATIVO ", "situacao": "liquidado "}),
        json!({"situacao": "QUITADO", "parcela_origem": " tabela price "}),
        json!({"tipo_parcela": "mensal ", "sequencia": " 120/0120 "}),
        json!({"vlr_original": "100.50", "vlr_corrigido": "110,25", "vlr_pago": "111.0"}),
        json!({"vlr_presente": null}),
        json!({"data_vencimento": "2024/07/25", "data_baixa": "2024-08-26"}),
        json!({"data_vencimento": "25/07/2024 00:00:00", "data_baixa": "2024-08-26T10:00:00Z"}),
        json!({"vlr_pago": absent(), "Vlr_Pago": 111}),
        json!({"cod_contrato": absent(), "COD_CONTRATO": 11}),
    ] {
        assert_eq!(read_one(parcela(changes.clone())), same, "{changes}");
    }
}

#[test]
fn what_is_null_in_a_parcela_is_none() {
    for (changes, check) in [
        (
            json!({"data_vencimento": null}),
            (|p| p.data_vencimento.is_none()) as fn(&Parcela) -> bool,
        ),
        (json!({"data_vencimento": "01/01/0001"}), |p| {
            p.data_vencimento.is_none()
        }),
        (json!({"data_vencimento": "0001/01/01"}), |p| {
            p.data_vencimento.is_none()
        }),
        (json!({"data_baixa": null, "situacao": "Em aberto"}), |p| {
            p.data_baixa.is_none() && !p.paid
        }),
        (json!({"situacao": null, "vlr_pago": null}), |p| {
            !p.paid && p.vlr_pago.is_zero()
        }),
        (json!({"data_baixa": null}), Parcela::is_unplaced),
        (json!({"data_baixa": "01/01/0001"}), Parcela::is_unplaced),
        (json!({"vlr_pago": null}), |p| {
            p.is_unplaced() && p.vlr_pago.is_zero()
        }),
        (
            json!({"status_parcela": "Inativo", "data_baixa": null, "vlr_pago": null}),
            |p| !p.active && p.paid && p.data_baixa.is_none(),
        ),
        (
            json!({"status_parcela": "", "vlr_original": null, "vlr_corrigido": null}),
            |p| !p.active && p.valor.is_zero(),
        ),
        (json!({"sequencia": null}), |p| p.mensal_of.is_none()),
        (json!({"tipo_parcela": null, "sequencia": "x"}), |p| {
            p.mensal_of.is_none()
        }),
        (json!({"tipo_parcela": "Sinal", "sequencia": 5}), |p| {
            p.mensal_of.is_none()
        }),
        (json!({"parcela_origem": null}), |p| !p.from_contract),
        (json!({"parcela_origem": "Renegociação"}), |p| {
            !p.from_contract
        }),
        (json!({"vlr_original": null}), |p| {
            p.valor == amount("110.25")
        }),
        (json!({"vlr_original": 0.0}), |p| {
            p.valor == amount("110.25")
        }),
        (json!({"vlr_original": null, "vlr_corrigido": 0}), |p| {
            p.valor.is_zero()
        }),
        (json!({"vlr_original": -3}), |p| p.valor == amount("-3")),
        (json!({"vlr_original": 1.234}), |p| {
            p.valor == amount("1.234")
        }),
        (json!({"vlr_original": "1234,56"}), |p| {
            p.valor == amount("1234.56")
        }),
    ] {
        let parcela = read_one(parcela(changes.clone()));
        assert!(check(&parcela), "{changes}: {parcela:?}");
    }
}

#[test]
fn a_parcela_that_cannot_be_read_is_rejected_with_its_reason() {
    for (changes, expected) in [
        (
            json!({"cod_contrato": 12}),
            "cod_contrato: of another contrato",
        ),
        (json!({"cod_contrato": null}), "cod_contrato: null"),
        (json!({"cod_contrato": 11.5}), "cod_contrato: not a code"),
        (json!({"cod_contrato": "1.000"}), "cod_contrato: not a code"),
        (json!({"cod_contrato": true}), "cod_contrato: not a code"),
        (json!({"cod_parcela": null}), "cod_parcela: null"),
        (json!({"cod_parcela": ""}), "cod_parcela: not a code"),
        (
            json!({"cod_parcela": "99999999999999999999"}),
            "cod_parcela: not a code",
        ),
        (json!({"status_parcela": null}), "status_parcela: null"),
        (json!({"status_parcela": 1}), "status_parcela: not a text"),
        (json!({"situacao": []}), "situacao: not a text"),
        (json!({"parcela_origem": 1}), "parcela_origem: not a text"),
        (json!({"sequencia": "1"}), "sequencia: not k/n"),
        (json!({"sequencia": "1/0"}), "sequencia: not k/n"),
        (json!({"sequencia": "1/-2"}), "sequencia: not k/n"),
        (json!({"sequencia": "/3"}), "sequencia: not k/n"),
        (json!({"sequencia": 3}), "sequencia: not k/n"),
        (
            json!({"data_vencimento": ""}),
            "data_vencimento: not a date",
        ),
        (
            json!({"data_vencimento": "31/02/2024"}),
            "data_vencimento: not a date",
        ),
        (
            json!({"data_vencimento": "07/25/2024"}),
            "data_vencimento: not a date",
        ),
        (
            json!({"data_vencimento": "25/07/24"}),
            "data_vencimento: not a date",
        ),
        (
            json!({"data_vencimento": "25-07-2024"}),
            "data_vencimento: not a date",
        ),
        (
            json!({"data_vencimento": "25/07/2204"}),
            "data_vencimento: not a date",
        ),
        (
            json!({"data_vencimento": "25/07/2024x"}),
            "data_vencimento: not a date",
        ),
        (
            json!({"data_vencimento": "25/07/2024 soon"}),
            "data_vencimento: not a date",
        ),
        (
            json!({"data_vencimento": "2024-07/25"}),
            "data_vencimento: not a date",
        ),
        (
            json!({"data_vencimento": "+5/07/2024"}),
            "data_vencimento: not a date",
        ),
        (
            json!({"data_vencimento": "25/07/20é4"}),
            "data_vencimento: not a date",
        ),
        (
            json!({"data_vencimento": 20240725}),
            "data_vencimento: not a date",
        ),
        (json!({"data_baixa": "amanhã"}), "data_baixa: not a date"),
        (json!({"vlr_pago": "R$ 5"}), "vlr_pago: not an amount"),
        (json!({"vlr_presente": true}), "vlr_presente: not an amount"),
        (
            json!({"vlr_original": "1.234"}),
            "vlr_original: ambiguous amount",
        ),
        (
            json!({"vlr_corrigido": 1e30}),
            "vlr_corrigido: not an amount",
        ),
        (json!({"vlr_original": ""}), "vlr_original: not an amount"),
        (
            json!({"vlr_original": null, "vlr_corrigido": null}),
            "vlr_original: no amount",
        ),
        (
            json!({"vlr_original": 0, "vlr_corrigido": null}),
            "vlr_original: no amount",
        ),
    ] {
        assert_eq!(reason(parcela(changes.clone())), expected, "{changes}");
    }
    for key in [
        "cod_contrato",
        "cod_parcela",
        "status_parcela",
        "tipo_parcela",
        "sequencia",
        "data_vencimento",
        "data_baixa",
        "vlr_original",
        "vlr_corrigido",
        "vlr_pago",
        "vlr_presente",
        "situacao",
        "parcela_origem",
    ] {
        assert_eq!(
            reason(parcela(json!({key: absent()}))),
            format!("{key}: missing")
        );
    }
}

#[test]
fn a_rejection_says_what_it_can() {
    let Record::Rejected(rejection) = parcela(json!({"data_baixa": "?"})) else {
        panic!("read");
    };
    assert_eq!(
        (rejection.code, rejection.amount),
        (Some(5), Some(amount("100.5")))
    );
    let changes = json!({"data_baixa": "?", "cod_parcela": {}, "vlr_original": null});
    let Record::Rejected(rejection) = parcela(changes) else {
        panic!("read");
    };
    assert_eq!((rejection.code, rejection.amount), (None, None));
}
