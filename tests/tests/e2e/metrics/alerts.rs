//! The alerts in `ops/` name what is exposed, and what the runbook describes.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context as _;
use tests::{Fleet, GOLDEN};

use super::watched::Watched;
use crate::GOLDEN_BACKFILL;

#[tokio::test(flavor = "multi_thread")]
async fn alerts_stand_on_what_is_exposed_and_written() -> anyhow::Result<()> {
    let read = |path: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
        std::fs::read_to_string(&path).with_context(|| path.display().to_string())
    };
    let alerts = read("ops/alerts.yml")?;
    let runbook = read("docs/OPERATIONS.md")?;

    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let watched = Watched::start(&fleet)?;
    fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;
    let exposed = watched.scrape().await?.names();
    let is_of_a_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let used: BTreeSet<&str> = alerts
        .split(|c| !is_of_a_name(c))
        .filter(|word| word.starts_with("mega_sync_"))
        .collect();
    assert!(used.len() > 5, "{used:?}");
    for name in used {
        assert!(exposed.contains(name), "{name} is not exposed: {exposed:?}");
    }

    let value_of = |line: &str, key: &str| line.trim().strip_prefix(key).map(str::to_owned);
    let names = alerts
        .lines()
        .filter_map(|line| value_of(line, "- alert: "));
    let urls = alerts
        .lines()
        .filter_map(|line| value_of(line, "runbook_url: "));
    let (names, urls): (Vec<_>, Vec<_>) = (names.collect(), urls.collect());
    let wanted = names
        .iter()
        .map(|name| format!("docs/OPERATIONS.md#{}", name.to_lowercase()));
    assert_eq!(urls, wanted.collect::<Vec<_>>());
    for name in names {
        let heading = format!("\n### {name}\n");
        assert!(runbook.contains(&heading), "{name} is not in the runbook");
    }
    fleet.remove().await
}
