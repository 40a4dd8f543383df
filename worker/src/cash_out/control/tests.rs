use domain::job::{Payables, Target};
use mega::{MegaConfig, MemorySessionStore};
use simulator::{Config, Fault, FaultKind, Route, Selector, Simulator};

use super::*;
use crate::cash_out::faturas;

fn fatura(ap: &str, saldo: i64) -> Fatura {
    Fatura {
        key: FaturaKey {
            filial_id: 100.try_into().unwrap(),
            numero_ap: ap.into(),
            numero_parcela: "001".into(),
            agente_codigo: 8000,
            tipo_documento: "NF".into(),
            numero_documento: "1".into(),
            data_vencimento: "2026-05-01".parse().unwrap(),
            valor_parcela: Money::from_centavos(1000),
        },
        saldo_atual: Money::from_centavos(saldo),
        data_prorrogado: None,
    }
}

/// What comes of a list beside what was read, which is in the order of the keys.
fn compared(read: &[(&str, i64)], listed: &[(&str, i64)]) -> Control {
    let of = |rows: &[(&str, i64)]| -> Vec<Fatura> {
        rows.iter().map(|(ap, saldo)| fatura(ap, *saldo)).collect()
    };
    let mut list = OpenList::beside(&Arc::new(of(read)));
    for row in of(listed) {
        list.add(Record::Read(row));
    }
    Control {
        of: "payables",
        outcome: ControlOutcome::Compared(list.finish()),
    }
}

const READ: [(&str, i64); 3] = [("900", 0), ("901", 1000), ("902", 400)];

#[test]
fn what_is_open_and_listed_agrees_in_any_order_and_however_often() {
    let told = "payables: R$ 14.00 open in 2 faturas read, R$ 14.00 in 2 of the ERP's own list";
    for listed in [
        &[("902", 400), ("901", 1000)][..],
        &[("901", 1000), ("901", 1000), ("902", 400), ("902", 1)],
        // Nothing is left to pay of these: they count for nothing.
        &[("900", 0), ("901", 1000), ("902", 400), ("777", 0)],
    ] {
        let control = compared(&READ, listed);
        assert!(control.is_in_order(), "{control}");
        assert_eq!(control.to_string(), told);
        assert_eq!(control.samples(), [""; 0]);
    }
}

#[test]
fn each_fatura_that_differs_is_counted_and_named_once() {
    for (listed, told, names) in [
        (
            &[("901", 1000)][..],
            "R$ 10.00 in 1 of the ERP's own list; 1 fatura differs",
            &["902"][..],
        ),
        (
            &[],
            "R$ 0.00 in 0 of the ERP's own list; 2 faturas differ",
            &["901", "902"],
        ),
        (
            &[("901", 1000), ("902", 399)],
            "R$ 13.99 in 2 of the ERP's own list; 1 fatura differs",
            &["902"],
        ),
        (
            &[("900", 1), ("901", 1000), ("902", 400), ("903", 5)],
            "R$ 14.06 in 4 of the ERP's own list; 2 faturas differ",
            &["900", "903"],
        ),
    ] {
        let control = compared(&READ, listed);
        assert!(!control.is_in_order(), "{control}");
        assert!(control.to_string().contains(told), "{control}");
        let name = |ap: &&str| format!("AP {ap} parcela 001 of filial 100");
        let named: Vec<_> = names.iter().map(name).collect();
        assert_eq!(control.samples(), named);
    }
}

#[test]
fn the_same_sum_of_other_faturas_is_no_agreement() {
    let control = compared(&READ, &[("901", 1000), ("903", 400)]);
    assert!(!control.is_in_order());
    let told = control.to_string();
    assert!(told.contains("R$ 14.00 open in 2 faturas read, R$ 14.00 in 2 of"));
    assert!(told.ends_with("2 faturas differ"), "{told}");
}

#[tokio::test]
async fn what_was_read_is_the_same_whatever_the_erp_answers() {
    const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden");
    let erp = Simulator::start(Config::folder(GOLDEN)).await.unwrap();
    let mega = client(&erp);
    let calls = || erp.counters().calls_of(Route::FaturaPagarEmAberto);
    let asked = async |payables: Payables| {
        let mut cash_out = faturas(&mega, &job(payables)).await.unwrap();
        let control = cash_out.controls.remove(0);
        (control, cash_out.result.faturas)
    };

    let (agrees, read) = asked(Payables::default()).await;
    assert!(agrees.is_in_order(), "{agrees}");
    assert!(matches!(agrees.outcome, ControlOutcome::Compared(_)));
    assert_eq!((calls(), read.len()), (2, 2), "one call a period");

    for payables in [
        Payables {
            no_control: true,
            ..Payables::default()
        },
        Payables {
            filiais: vec![100.try_into().unwrap()],
            ..Payables::default()
        },
    ] {
        let (left_out, _) = asked(payables).await;
        assert!(matches!(left_out.outcome, ControlOutcome::LeftOut(_)));
        assert_eq!(calls(), 2);
    }

    let missing = FaultKind::Status {
        code: 404,
        retry_after_seconds: None,
    };
    let route = Selector::route(Route::FaturaPagarEmAberto);
    erp.fault(Fault::always(route, missing));
    let (not_given, still) = asked(Payables::default()).await;
    assert!(matches!(not_given.outcome, ControlOutcome::NotGiven(_)));
    assert_eq!(calls(), 3, "the second period is not asked for");
    assert_eq!(still, read);
    erp.stop().await;
}

fn job(payables: Payables) -> JobMessage {
    let params = RunParams {
        start_date: "2025-06-01".parse().unwrap(),
        end_date: "2026-11-22".parse().unwrap(),
        as_of: "2026-11-23".parse().unwrap(),
    };
    let run = "20261123-052000-abcdef".parse().unwrap();
    JobMessage::new(run, Target::SaidasCaixa, params).with_payables(payables)
}

fn client(erp: &Simulator) -> MegaClient {
    let simulator::Credentials {
        tenant_id,
        username,
        password,
    } = Default::default();
    let url = erp.url().parse().unwrap();
    let config = MegaConfig::new(url, tenant_id, username, password.into());
    MegaClient::new(config, Arc::new(MemorySessionStore::default())).unwrap()
}
