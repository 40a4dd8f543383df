//! A measured figure beside its goal, and the table they stand in.

use std::path::Path;

use anyhow::Context as _;

const BEGIN: &str = "<!-- figures: written by scripts/bench -->\n";
const END: &str = "<!-- end of figures -->";
const HEAD: &str = "| what | goal | measured | holds | runs | measured on |\n| --- | --- | --- | --- | --- | --- |\n";

/// One row of the table.
pub struct Figure {
    /// What was measured; the row's identity.
    pub what: &'static str,
    /// What it should be; empty where the figure only explains another.
    pub goal: &'static str,
    /// What it is.
    pub measured: String,
    /// Whether the goal holds, where there is one.
    pub holds: Option<bool>,
    /// How many runs it is the median of.
    pub runs: usize,
}

impl Figure {
    /// As a line of the table.
    pub fn line(&self, stamp: &str) -> String {
        let holds = match self.holds {
            Some(true) => "yes",
            Some(false) => "**no**",
            None => "",
        };
        format!(
            "| {} | {} | {} | {holds} | {} | {stamp} |",
            self.what, self.goal, self.measured, self.runs
        )
    }
}

/// Puts figures into the table of a document: over the rows of the same name, or after all others.
pub fn write(document: &Path, figures: &[Figure], stamp: &str) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(document).context("the document cannot be read")?;
    let (before, rest) = text.split_once(BEGIN).context("no marker to begin at")?;
    let (table, after) = rest.split_once(END).context("no marker to end at")?;
    let mut lines: Vec<String> = table
        .lines()
        .filter(|line| line.starts_with('|'))
        .skip(2)
        .map(str::to_owned)
        .collect();
    for figure in figures {
        let own = format!("| {} |", figure.what);
        let line = figure.line(stamp);
        match lines.iter_mut().find(|line| line.starts_with(&own)) {
            Some(known) => *known = line,
            None => lines.push(line),
        }
    }
    let table = lines.join("\n");
    std::fs::write(
        document,
        format!("{before}{BEGIN}\n{HEAD}{table}\n\n{END}{after}"),
    )?;
    Ok(())
}

/// The median; of an even number the lower one of the two in the middle.
///
/// # Panics
/// When there is none.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[(values.len() - 1) / 2]
}
