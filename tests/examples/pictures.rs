//! Makes the pictures of the page: a fleet backfills a simulated ERP twice, the second time with a contrato
//! that cannot be read, and a browser shows it.
//!
//! `pictures FOLDER`

use std::path::Path;

use anyhow::Context as _;
use chrono::Months;
use simulator::{Config, Fault, FaultKind, Latency, Route, Seeded, Selector};
use tests::browser::{Browser, Theme};
use tests::{Fleet, Web};

/// Whose figures are opened: the largest.
const EMPREENDIMENTO: i64 = 1_406;
/// One of another empreendimento.
const CONTRATO: i64 = 11_112;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let folder = std::env::args().nth(1).context("usage: pictures FOLDER")?;
    let seeded = Seeded {
        empreendimentos: 8,
        contratos: 160,
        ..Seeded::default()
    };
    let start = (seeded.today - Months::new(12)).to_string();
    let mut fleet = Fleet::new(Config {
        latency: Latency::MEASURED,
        ..Config::seeded(seeded)
    })
    .await?;
    fleet.add("USER", "ana");
    fleet.add("HOSTNAME", "sync");
    let web = Web::of(&fleet).await?;
    let mut workers = Vec::new();
    for host in ["sync-a", "sync-b"] {
        let environment = [("HOSTNAME", host.to_owned())];
        workers.push(fleet.worker_as(host, &[], &environment)?);
    }
    let backfill = ["backfill", "--start-date", &start, "--wait"];
    fleet.producer_exits(0, &backfill).await?;
    let unreadable = Selector::route(Route::DadosParcelas).contrato(CONTRATO);
    fleet
        .erp
        .fault(Fault::always(unreadable, FaultKind::WrongTypes));
    fleet.producer_exits(3, &backfill).await?;

    let browser = Browser::start().await?;
    browser.theme(Theme::Light).await?;
    let of_one = format!("/figures/{EMPREENDIMENTO}");
    for (name, path, shows, size) in [
        ("overview", "/", "O que falta, e por quê", [1280, 870]),
        (
            "figures",
            "/figures",
            "falhou na última execução",
            [1500, 720],
        ),
        ("figure", &of_one, "mais de 180 dias", [1000, 740]),
    ] {
        browser.size(size).await?;
        browser.open(&web, path).await?;
        browser.sees(shows).await?;
        // A scroll bar says nothing in a picture.
        let hide = "document.documentElement.style.overflow = 'hidden'";
        let () = browser.run(hide, &[]).await?;
        let file = Path::new(&folder).join(format!("{name}.png"));
        browser.screenshot(&file).await?;
        println!("{} is made", file.display());
    }

    web.stop().await?;
    for worker in workers {
        fleet.retire(worker).await?;
    }
    fleet.remove().await
}
