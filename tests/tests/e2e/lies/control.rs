//! The ERP's own list of what is still open, beside the payables that were read.

use serde_json::json;
use simulator::{About, Edit, Fault, FaultKind, Lie, Route, Selector};
use tests::{Site, difference, expected};

use super::support::{WINDOW, assert_tables};
use crate::on_both::on_both;

on_both! {
    what_is_open_among_the_payables_is_what_the_erp_lists,
    a_list_that_differs_is_noted_and_changes_nothing,
    payables_that_lack_an_open_one_are_noted,
    an_erp_that_does_not_give_the_list_is_done_without_it,
    a_run_leaves_the_list_unasked,
}

/// An open fatura of the golden window, alone with its AP.
const AP: i64 = 922;
const NAMED: &str = "1 fatura differs; such as AP 922 parcela 011 of filial 107";
const NOTED: [&str; 1] = ["saidas-caixa control-total noted"];

fn calls(site: &Site) -> u64 {
    let counters = site.erp().counters();
    counters.calls_of(Route::FaturaPagarEmAberto)
}

async fn assert_noted(site: &Site, words: &[&str]) -> anyhow::Result<()> {
    assert_eq!(site.told(0).await?, NOTED);
    let page = site.exits(0, &["status"]).await?;
    for word in words {
        assert!(page.contains(word), "{word} is missing in:\n{page}");
    }
    Ok(())
}

async fn what_is_open_among_the_payables_is_what_the_erp_lists(site: &Site) -> anyhow::Result<()> {
    site.backfill(0, WINDOW).await?;
    assert_eq!(site.told(0).await?, [""; 0]);
    assert_eq!(calls(site), 1, "the window is one period");
    let compared = "SELECT COUNT(*) FROM sync_checks
                    WHERE target = 'saidas-caixa' AND name = 'control-total'
                          AND verdict = 'passed' AND observed LIKE 'payables: R$ %'";
    assert_eq!(site.number(compared).await?, 1);
    assert_tables(site, &expected()).await
}

async fn a_list_that_differs_is_noted_and_changes_nothing(site: &Site) -> anyhow::Result<()> {
    let lie = |edit| site.erp().lie(Lie::new(About::FaturasEmAberto, edit));
    lie(Edit::Omit(vec![AP]));
    site.backfill(0, WINDOW).await?;
    assert_noted(site, &["saidas-caixa: noted, payables: R$", NAMED]).await?;

    site.erp().clear_lies();
    lie(Edit::Set {
        field: "SaldoAtual".to_owned(),
        value: json!(0.5),
        first: Some(1),
    });
    site.backfill(0, WINDOW).await?;
    assert_noted(site, &["; 1 fatura differs; such as AP "]).await?;

    site.erp().clear_lies();
    lie(Edit::KeepFirst(0));
    site.backfill(0, WINDOW).await?;
    assert_noted(site, &["R$ 0.00 in 0 of the ERP's own list; "]).await?;
    assert_tables(site, &expected()).await
}

async fn payables_that_lack_an_open_one_are_noted(site: &Site) -> anyhow::Result<()> {
    site.erp()
        .lie(Lie::new(About::Faturas, Edit::Omit(vec![AP])));
    site.backfill(0, WINDOW).await?;
    assert_noted(site, &[NAMED]).await?;
    let wrong = difference(&expected(), &site.tables().await?);
    assert!(!wrong.is_empty(), "no other check finds it");
    site.erp().clear_lies();
    site.backfill(0, WINDOW).await?;
    assert_eq!(site.told(0).await?, [""; 0]);
    assert_tables(site, &expected()).await
}

async fn an_erp_that_does_not_give_the_list_is_done_without_it(site: &Site) -> anyhow::Result<()> {
    for (code, asked) in [(404, 1), (500, 2)] {
        let status = FaultKind::Status {
            code,
            retry_after_seconds: None,
        };
        let route = Selector::route(Route::FaturaPagarEmAberto);
        site.erp().clear_faults();
        site.erp().reset_counters();
        site.erp().fault(Fault::always(route, status));
        site.backfill(0, WINDOW).await?;
        assert_eq!(calls(site), asked, "{code}");
        let why = format!("noted, not asked: payables (FaturaPagarEmAberto answered {code}");
        assert_noted(site, &[&why]).await?;
        assert_tables(site, &expected()).await?;
    }
    Ok(())
}

async fn a_run_leaves_the_list_unasked(site: &Site) -> anyhow::Result<()> {
    site.backfill(0, &format!("{WINDOW} --no-control")).await?;
    assert_eq!(site.told(0).await?, [""; 0]);
    let page = site.exits(0, &["status"]).await?;
    assert!(page.contains("without their control total"), "{page}");
    // Of single filiais the ERP has no such list.
    site.backfill(0, &format!("{WINDOW} --only saidas-caixa --filial-ids 100"))
        .await?;
    assert_eq!(site.told(0).await?, [""; 0]);
    assert_eq!(calls(site), 0);
    let left_out = "SELECT COUNT(*) FROM sync_checks
                    WHERE name = 'control-total' AND verdict = 'passed'
                          AND observed LIKE 'not asked: payables (%'";
    assert_eq!(site.number(left_out).await?, 2);
    assert_tables(site, &expected()).await
}
