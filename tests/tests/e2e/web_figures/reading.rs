//! Pages, read as a browser and as a person would.

use std::collections::BTreeSet;

use anyhow::Context as _;
use domain::checks::CheckVerdict;
use domain::ledger::JobState;

/// A cell of the grid.
#[derive(Debug, PartialEq, Eq)]
pub struct Cell {
    pub class: String,
    pub value: String,
    pub word: String,
}

/// The cells of an empreendimento's row; none where it has no row.
pub fn cells(text: &str, id: i64) -> Vec<Cell> {
    let link = format!("<a href=\"/figures/{id}\">");
    let row = text.split_once(&link).map_or("", |(_, rest)| rest);
    cells_of(row.split_once("</tr>").map_or("", |(row, _)| row))
}

pub fn cells_of(row: &str) -> Vec<Cell> {
    let after = |text: &str, from: &str, to: &str| {
        let after = text.split_once(from).map_or("", |(_, after)| after);
        after.split(to).next().unwrap_or_default().trim().to_owned()
    };
    let cells = row.split("<td").skip(1);
    cells
        .map(|cell| Cell {
            class: after(cell.split('>').next().unwrap_or_default(), "class=\"", "\""),
            value: after(cell, ">", "<"),
            word: after(cell, "<b>", "</b>"),
        })
        .collect()
}

/// The classes of an empreendimento's cells.
pub fn classes(text: &str, id: i64) -> Vec<String> {
    cells(text, id).into_iter().map(|cell| cell.class).collect()
}

/// The empreendimentos that have a row.
pub fn listed(text: &str) -> BTreeSet<i64> {
    let links = text.split("<a href=\"/figures/").skip(1);
    links
        .filter_map(|link| link.split('"').next()?.parse().ok())
        .collect()
}

/// What a person reads: without markup, and without messages that are kept as they are.
fn read_by_a_person(page: &str) -> anyhow::Result<String> {
    let (_, mut rest) = page.split_once("<main").context("a page")?;
    let mut read = String::new();
    while let Some((text, tag)) = rest.split_once('<') {
        read += text;
        rest = match tag.starts_with("code") {
            true => tag.split_once("</code>").context("an end of code")?.1,
            false => tag.split_once('>').context("an end of a tag")?.1,
        };
        read.push(' ');
    }
    Ok(read)
}

/// Fails where a page has a word that only the ledger uses.
pub fn is_portuguese(page: &str) -> anyhow::Result<()> {
    let read = read_by_a_person(page)?.to_lowercase();
    let words: BTreeSet<&str> = read
        .split(|char: char| char != '_' && !char.is_alphanumeric())
        .collect();
    let states = JobState::ALL.iter().map(|state| state.name());
    let verdicts = CheckVerdict::ALL.iter().map(|verdict| verdict.name());
    let others = [
        "retry", "returned", "crashed", "rejected", "readable", "the", "of", "read",
    ];
    for word in states.chain(verdicts).chain(others) {
        assert!(!words.contains(word), "{word}: {read}");
    }
    Ok(())
}
