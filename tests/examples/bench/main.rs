//! Measures the release programs as separate processes against real services, and puts the figures
//! into a document, between its two markers:
//!
//! `bench DOCUMENT PYTHON STAMP [ROW…]`
//!
//! PYTHON is an interpreter with benches/python/requirements.txt; STAMP says when and of what. Rows
//! that were not asked for stay as they are. See scripts/bench.

mod cash_out;
mod cost;
mod faults;
mod figure;
mod pace;
mod queue;
mod scenario;
mod usage;

use std::path::Path;

use anyhow::bail;

use self::figure::Figure;

/// The rows by the names they are asked for with.
const ROWS: [&str; 8] = [
    "golden", "cpu", "memory", "ceiling", "faults", "workers", "cash-out", "queue",
];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(document), Some(python), Some(stamp)) =
        (arguments.next(), arguments.next(), arguments.next())
    else {
        bail!("usage: bench DOCUMENT PYTHON STAMP [ROW…]");
    };
    let mut rows: Vec<String> = arguments.collect();
    if rows.is_empty() {
        rows = ROWS.map(str::to_owned).into();
    }
    runtime::tls::install_provider();
    for row in rows {
        eprintln!("== {row}");
        let figures = measured(&row, Path::new(&python)).await?;
        for figure in &figures {
            println!("{}", figure.line(&stamp));
        }
        // After each row: a later one that fails takes nothing with it.
        figure::write(Path::new(&document), &figures, &stamp)?;
    }
    Ok(())
}

async fn measured(row: &str, python: &Path) -> anyhow::Result<Vec<Figure>> {
    match row {
        "golden" => cost::golden(python).await,
        "cpu" => cost::cpu(python).await,
        "memory" => cost::memory().await,
        "ceiling" => pace::ceiling(python).await,
        "faults" => faults::both().await,
        "workers" => pace::workers().await,
        "cash-out" => cash_out::hundred_thousand().await,
        "queue" => queue::empty_jobs().await,
        other => bail!("no row {other:?}; there are {}", ROWS.join(", ")),
    }
}
