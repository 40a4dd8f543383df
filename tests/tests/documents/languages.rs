//! Documents in English and in Portuguese: the same headings, commands, links and tables.

use crate::markdown::{Section, codes, sections};
use crate::repository::read;

/// Without their endings, `.md` and `.pt-BR.md`.
const DOCUMENTS: [&str; 2] = ["README", "docs/MIGRATING"];

#[test]
fn both_languages_of_a_document_say_the_same() {
    for document in DOCUMENTS {
        let [english, portuguese] =
            [".md", ".pt-BR.md"].map(|end| read(&format!("{document}{end}")));
        let differences = differences(&sections(&english), &sections(&portuguese));
        assert!(
            differences.is_empty(),
            "{document}:\n{}",
            differences.join("\n")
        );
    }
}

#[test]
fn each_kind_of_difference_is_found() {
    let text = "# A\n\n`x` [l](m.md)\n\n```sh\nrun\n```\n\n| a | b |\n| - | - |\n| `c` | d |\n";
    assert!(differences(&sections(text), &sections(text)).is_empty());
    for (from, to, what) in [
        ("# A", "## A", "headings"),
        ("# A", "# A\n\n# B", "headings"),
        ("`x`", "`y`", "code"),
        ("m.md", "n.md", "links"),
        ("\nrun\n", "\nruns\n", "fenced"),
        ("| a | b |", "| a | b | e |", "table"),
        ("| `c` | d |", "| `c` | d |\n| f | g |", "table"),
        ("| `c` | d |", "| c | `d` |", "table"),
    ] {
        let other = text.replacen(from, to, 1);
        let found = differences(&sections(text), &sections(&other));
        assert!(
            found.iter().any(|found| found.contains(what)),
            "{to}: {found:?}"
        );
    }
}

/// What differs, for a person.
fn differences(english: &[Section], portuguese: &[Section]) -> Vec<String> {
    let levels = |sections: &[Section]| sections.iter().map(|s| s.level).collect::<Vec<_>>();
    if levels(english) != levels(portuguese) {
        let (ours, theirs) = (levels(english), levels(portuguese));
        return vec![format!("levels of headings: {ours:?} and {theirs:?}")];
    }
    let pairs = english.iter().zip(portuguese);
    pairs
        .flat_map(|(ours, theirs)| in_section(ours, theirs))
        .collect()
}

fn in_section(english: &Section, portuguese: &Section) -> Vec<String> {
    let of = |section: &Section| {
        [
            ("fenced blocks", section.fences.clone()),
            ("code in a line", sorted(&section.codes)),
            ("links", sorted(&links(section))),
            (
                "table rows and code cells",
                section
                    .tables
                    .iter()
                    .flat_map(|table| shape(table))
                    .collect(),
            ),
        ]
    };
    let pairs = of(english).into_iter().zip(of(portuguese));
    pairs
        .filter(|((_, ours), (_, theirs))| ours != theirs)
        .map(|((what, ours), (_, theirs))| {
            format!(
                "{} / {}: {what} differ:\n  {ours:?}\n  {theirs:?}",
                english.title, portuguese.title
            )
        })
        .collect()
}

/// Sorted, because the order of words in a sentence differs.
fn sorted(texts: &[String]) -> Vec<String> {
    let mut texts = texts.to_vec();
    texts.sort();
    texts
}

/// The links, where each document leads to its other language instead of to itself.
fn links(section: &Section) -> Vec<String> {
    let links = section.links.iter();
    links.map(|link| link.replace(".pt-BR.md", ".md")).collect()
}

/// A table as a line for each row: its cells' code, and how many cells there are.
fn shape(table: &[Vec<String>]) -> Vec<String> {
    let row = |row: &Vec<String>| {
        let cells: Vec<_> = row.iter().map(|cell| codes(cell)).collect();
        format!("{cells:?}")
    };
    let rows = table.iter().map(row);
    std::iter::once("table".to_owned()).chain(rows).collect()
}
