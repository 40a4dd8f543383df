//! Sizes, repeatability and fields of the seeded data.

use simulator::{Config, Seeded, Simulator, StartError};

use super::fixture::{all_faturas, all_parcelas, client, fields, small};
use crate::client::{Client, EMPREENDIMENTOS, contratos_path, faturas_path, golden, parcelas_path};

#[tokio::test]
async fn the_same_seed_gives_the_same_bytes() {
    let others = [small(), Seeded { seed: 8, ..small() }];
    let paths = [
        EMPREENDIMENTOS.to_owned(),
        contratos_path(0),
        parcelas_path(11_003),
        faturas_path(None, "2026-01-01", "2026-12-31"),
    ];
    let mut bodies = Vec::new();
    for seeded in [small()].into_iter().chain(others) {
        let client = client(seeded).await;
        let mut all = Vec::new();
        for path in &paths {
            all.push(client.get(path).await.bytes().await.expect("a body"));
        }
        bodies.push(all);
    }
    assert!(bodies[0] == bodies[1]);
    for (index, path) in paths.iter().enumerate() {
        assert!(bodies[0][index] != bodies[2][index], "{path}");
    }
}

#[tokio::test]
async fn records_have_the_fields_of_the_recorded_ones() {
    let (seeded, golden) = (
        client(small()).await,
        Client::start(Config::folder(golden())).await,
    );
    let faturas = faturas_path(None, "2026-01-01", "2026-12-31");
    for path in [
        contratos_path(0),
        parcelas_path(11_003),
        faturas,
        EMPREENDIMENTOS.to_owned(),
    ] {
        let recorded = golden.records(&path).await;
        for record in seeded.records(&path).await {
            let mut fields = fields(&record);
            if path == EMPREENDIMENTOS {
                fields.remove("status");
            }
            assert_eq!(fields, super::fixture::fields(&recorded[0]), "{path}");
        }
    }
}

#[tokio::test]
async fn the_sizes_are_those_asked_for() {
    let client = client(small()).await;
    let empreendimentos = client.records(EMPREENDIMENTOS).await;
    assert_eq!(empreendimentos.len(), 12);
    let (mut sizes, mut each) = (Vec::new(), Vec::new());
    for empreendimento in &empreendimentos {
        let codigo = empreendimento["codigo"].as_f64().expect("a float") as i64;
        let contratos = client.records(&contratos_path(codigo)).await;
        assert!(
            contratos
                .iter()
                .all(|contrato| contrato["cod_empreendimento"] == codigo)
        );
        sizes.push(contratos.len());
        each.extend(contratos);
    }
    assert_eq!(each.len(), 121);
    assert_eq!(each, client.records(&contratos_path(0)).await);
    assert_eq!(
        sizes.iter().max(),
        Some(&36),
        "three tenths of 121: {sizes:?}"
    );
    assert!(sizes.contains(&0), "{sizes:?}");
    assert_eq!(all_parcelas(&client).await.len(), 121 * 40);
    assert_eq!(all_faturas(&client).await.len(), 2_000);
    assert_eq!(client.parcelas(11_122).await.status(), 204);
}

#[tokio::test]
async fn impossible_sizes_are_refused() {
    for seeded in [
        Seeded {
            share_of_largest: 1.1,
            ..small()
        },
        Seeded {
            share_of_largest: f64::NAN,
            ..small()
        },
        Seeded {
            empreendimentos: 0,
            ..small()
        },
    ] {
        let started = Simulator::start(Config::seeded(seeded)).await;
        assert!(matches!(started.err(), Some(StartError::Setting(_))));
    }
    let nothing = Seeded {
        empreendimentos: 0,
        contratos: 0,
        faturas: 0,
        ..small()
    };
    assert_eq!(
        client(nothing).await.get(EMPREENDIMENTOS).await.status(),
        204
    );
}
