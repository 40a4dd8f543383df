use serde_json::{Value, json};
use simulator::{About, Config, Edit, Lie, Seeded};

use crate::client::{
    Client, EMPREENDIMENTOS, contratos_path, em_aberto_path, faturas_path, parcelas_path,
};

fn codes(records: &[Value], name: &str) -> Vec<i64> {
    records
        .iter()
        .map(|record| record[name].as_f64().expect("a number") as i64)
        .collect()
}

impl Client {
    fn lie(&self, about: About, edit: Edit) {
        self.erp.lie(Lie::new(about, edit));
    }
}

#[tokio::test]
async fn a_field_is_set_in_all_records_or_the_first() {
    let client = Client::golden().await;
    let path = contratos_path(1400);
    let truth = client.records(&path).await;
    client.lie(
        About::Contratos(1400),
        Edit::set("data_assinatura", "31/02/2024"),
    );
    client.lie(
        About::Contratos(1400),
        Edit::Set {
            field: "valor_contrato".into(),
            value: Value::Null,
            first: Some(1),
        },
    );
    let told = client.records(&path).await;
    assert!(told.len() > 1);
    assert!(told.iter().all(|c| c["data_assinatura"] == "31/02/2024"));
    assert!(told[0]["valor_contrato"].is_null() && !told[1]["valor_contrato"].is_null());
    // Another one's stay as they are, alone and within the answer for all.
    assert_ne!(
        client.records(&contratos_path(1403)).await[0]["data_assinatura"],
        "31/02/2024"
    );
    for contrato in client.records(&contratos_path(0)).await {
        let lied = contrato["data_assinatura"] == "31/02/2024";
        assert_eq!(lied, contrato["cod_empreendimento"] == 1400, "{contrato}");
    }
    client.erp.clear_lies();
    assert_eq!(client.records(&path).await, truth);
}

#[tokio::test]
async fn parcelas_name_another_contrato() {
    let client = Client::golden().await;
    client.lie(About::Parcelas(11001), Edit::set("cod_contrato", 11002));
    let told = client.records(&parcelas_path(11001)).await;
    assert!(!told.is_empty() && told.iter().all(|p| p["cod_contrato"] == 11002));
}

#[tokio::test]
async fn a_list_holds_contratos_of_others() {
    let client = Client::golden().await;
    let path = contratos_path(1400);
    let own = client.records(&path).await;
    client.lie(
        About::Contratos(1400),
        Edit::AddContratos {
            of: 1403,
            first: Some(1),
        },
    );
    let told = client.records(&path).await;
    assert_eq!(told.len(), own.len() + 1);
    assert_eq!(told[own.len()]["cod_empreendimento"], 1403);

    client.erp.clear_lies();
    client.lie(
        About::Contratos(1400),
        Edit::AddContratos { of: 0, first: None },
    );
    let sorted = |mut codes: Vec<i64>| {
        codes.sort_unstable();
        codes
    };
    let all = client.records(&contratos_path(0)).await;
    assert!(all.len() > own.len());
    assert_eq!(
        sorted(codes(&client.records(&path).await, "cod_contrato")),
        sorted(codes(&all, "cod_contrato"))
    );
}

#[tokio::test]
async fn records_come_twice_equal_or_not_or_are_more() {
    let client = Client::golden().await;
    let path = parcelas_path(11001);
    let truth = client.records(&path).await;
    client.lie(About::ParcelasOfEmpreendimento(1400), Edit::twice());
    let told = client.records(&path).await;
    assert_eq!(told.len(), 2 * truth.len());
    assert!(told.chunks(2).all(|pair| pair[0] == pair[1]));
    let other = client.records(&contratos_path(1403)).await[0]["cod_contrato"].clone();
    let other = client
        .records(&parcelas_path(other.as_i64().expect("a code")))
        .await;
    let mut once = codes(&other, "cod_parcela");
    once.dedup();
    assert_eq!(once.len(), other.len(), "another empreendimento's are true");

    client.erp.clear_lies();
    client.lie(
        About::Parcelas(11001),
        Edit::twice_with("vlr_original", 1.5),
    );
    let told = client.records(&path).await;
    assert_eq!(told.len(), 2 * truth.len());
    for (pair, original) in told.chunks(2).zip(&truth) {
        assert_eq!(&pair[0], original);
        assert_eq!(pair[1]["cod_parcela"], original["cod_parcela"]);
        assert_eq!(pair[1]["vlr_original"], 1.5);
    }

    client.erp.clear_lies();
    client.lie(About::Parcelas(11001), Edit::grow(3));
    let mut told = codes(&client.records(&path).await, "cod_parcela");
    told.sort_unstable();
    told.dedup();
    assert_eq!(told.len(), 3 * truth.len(), "each has a code of its own");
}

#[tokio::test]
async fn a_list_is_cut_or_empty() {
    let client = Client::golden().await;
    let path = parcelas_path(11001);
    let truth = client.records(&path).await;
    client.lie(About::Parcelas(11001), Edit::KeepFirst(2));
    assert_eq!(client.records(&path).await, truth[..2]);
    client.lie(About::Parcelas(11001), Edit::KeepFirst(0));
    assert_eq!(client.parcelas(11001).await.status(), 204);
}

#[tokio::test]
async fn amounts_are_multiplied_and_nothing_else() {
    let client = Client::golden().await;
    let truth = client.records(&parcelas_path(11001)).await;
    client.lie(About::Parcelas(11001), Edit::Multiply(3.0));
    let told = client.records(&parcelas_path(11001)).await;
    let times_three = (truth[0]["vlr_original"].as_f64().expect("a number") * 300.0).round();
    assert_eq!(told[0]["vlr_original"], times_three / 100.0);
    assert_eq!(codes(&told, "cod_parcela"), codes(&truth, "cod_parcela"));
    assert_eq!(told[0]["data_vencimento"], truth[0]["data_vencimento"]);
}

#[tokio::test]
async fn the_catalogue_lacks_named_ones_or_a_share() {
    let client = Client::golden().await;
    let truth = codes(&client.records(EMPREENDIMENTOS).await, "codigo");
    client.lie(About::Empreendimentos, Edit::Omit(vec![1400]));
    let told = codes(&client.records(EMPREENDIMENTOS).await, "codigo");
    assert!(truth.contains(&1400));
    assert_eq!(told.len(), truth.len() - 1);
    assert!(!told.contains(&1400));

    client.erp.clear_lies();
    client.lie(About::Empreendimentos, Edit::OmitShare(0.5));
    let told = client.records(EMPREENDIMENTOS).await;
    assert_eq!(told.len(), truth.len() - truth.len() / 2);
}

#[tokio::test]
async fn payables_are_cut_and_doubled() {
    let client = Client::golden().await;
    let path = faturas_path(None, "2026-01-01", "2026-12-31");
    let truth = client.records(&path).await;
    client.lie(About::Faturas, Edit::KeepFirst(2));
    client.lie(About::Faturas, Edit::twice());
    client.lie(About::Faturas, Edit::set("/Filial/Id", 7));
    let told = client.records(&path).await;
    assert_eq!(told.len(), 4);
    assert_eq!(told[0]["ValorParcela"], truth[0]["ValorParcela"]);
    assert_eq!(told[0], told[1]);
    assert!(told.iter().all(|fatura| fatura["Filial"]["Id"] == 7));
}

#[tokio::test]
async fn each_list_of_payables_has_its_own_lies() {
    let client = Client::golden().await;
    let (ini, fim) = ("2026-01-01", "2026-12-31");
    let (all, open) = (faturas_path(None, ini, fim), em_aberto_path(ini, fim));
    let all_truth = client.records(&all).await;
    let open_truth = client.records(&open).await;
    client.lie(About::FaturasEmAberto, Edit::KeepFirst(1));
    client.lie(About::FaturasEmAberto, Edit::set("SaldoAtual", 0.5));
    let told = client.records(&open).await;
    assert_eq!((told.len(), &told[0]["SaldoAtual"]), (1, &json!(0.5)));
    assert_eq!(client.records(&all).await, all_truth);

    client.erp.clear_lies();
    client.lie(About::Faturas, Edit::KeepFirst(1));
    assert_eq!(client.records(&all).await, all_truth[..1]);
    assert_eq!(client.records(&open).await, open_truth);
}

#[tokio::test]
async fn a_generated_erp_lies_as_well() {
    let client = Client::start(Config::seeded(Seeded::default())).await;
    let contratos = client.records(&contratos_path(0)).await;
    let empreendimento = contratos[0]["cod_empreendimento"].as_i64().expect("a code");
    let path = contratos_path(empreendimento);
    let truth = client.records(&path).await;
    client.lie(About::Contratos(empreendimento), Edit::twice());
    assert_eq!(client.records(&path).await.len(), 2 * truth.len());
    client.lie(
        About::ParcelasOfEmpreendimento(empreendimento),
        Edit::KeepFirst(0),
    );
    for contrato in codes(&truth, "cod_contrato") {
        assert_eq!(client.parcelas(contrato).await.status(), 204);
    }
}

#[tokio::test]
async fn lies_lie_over_overrides() {
    let client = Client::golden().await;
    let parcela = |code: i64| json!({"cod_parcela": code});
    client
        .erp
        .override_parcelas(11001, json!([parcela(1), parcela(2)]));
    client.lie(About::Parcelas(11001), Edit::Omit(vec![1]));
    assert_eq!(client.records(&parcelas_path(11001)).await, [parcela(2)]);
}
