//! What a worker exposes, read as Prometheus reads it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;

/// Prometheus' text format: series with their values, and what is said about their families.
pub(super) struct Exposition {
    pub(super) series: BTreeMap<String, f64>,
    pub(super) types: BTreeMap<String, String>,
    pub(super) helped: BTreeSet<String>,
}

impl Exposition {
    pub(super) fn read(text: &str) -> anyhow::Result<Self> {
        let mut read = Self {
            series: BTreeMap::new(),
            types: BTreeMap::new(),
            helped: BTreeSet::new(),
        };
        for line in text.lines().filter(|line| !line.is_empty()) {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, help) = help.split_once(' ').context("a help without a text")?;
                anyhow::ensure!(!help.trim().is_empty(), "{line}");
                read.helped.insert(name.to_owned());
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').context("a type without a name")?;
                read.types.insert(name.to_owned(), kind.to_owned());
            } else {
                let (series, value) = line.rsplit_once(' ').context("a series without a value")?;
                read.series.insert(series.to_owned(), value.parse()?);
            }
        }
        Ok(read)
    }

    /// The value of one series; 0 of one that is not there.
    pub(super) fn of(&self, series: &str) -> f64 {
        self.series.get(series).copied().unwrap_or_default()
    }

    /// The families whose series can be asked for: of a histogram its three kinds.
    pub(super) fn names(&self) -> BTreeSet<String> {
        let names = self.series.keys();
        names
            .map(|series| series.split('{').next().unwrap_or_default().to_owned())
            .collect()
    }
}
