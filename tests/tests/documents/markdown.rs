//! As much of Markdown as the documents use: headings, fenced code, tables, code in a line, links.

/// A part of a document: a heading and what follows it, up to the next heading.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Section {
    /// How many `#` its heading has; 0 for what stands before the first.
    pub level: usize,
    /// The heading's text.
    pub title: String,
    /// Fenced blocks, each with its first line, which names the language.
    pub fences: Vec<String>,
    /// Tables: rows of cells, without the row that separates the head.
    pub tables: Vec<Vec<Vec<String>>>,
    /// Code in a line of text or in a cell, blanks made one.
    pub codes: Vec<String>,
    /// Where links and pictures lead.
    pub links: Vec<String>,
}

/// The sections of a document, in order.
pub fn sections(text: &str) -> Vec<Section> {
    let mut sections = vec![Section::default()];
    let mut paragraph = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let last = sections.last_mut().expect("never empty");
        let level = line.chars().take_while(|c| *c == '#').count();
        if line.starts_with("```") {
            end_paragraph(&mut paragraph, last);
            let body = lines.by_ref().take_while(|line| *line != "```");
            let fence: Vec<&str> = std::iter::once(line).chain(body).collect();
            last.fences.push(fence.join("\n"));
        } else if level > 0 && line[level..].starts_with(' ') {
            end_paragraph(&mut paragraph, last);
            let title = line[level..].trim().to_owned();
            read_line(&title, last);
            sections.push(Section {
                level,
                title,
                ..Section::default()
            });
        } else if line.trim().is_empty() {
            end_paragraph(&mut paragraph, last);
        } else {
            paragraph.push_str(line);
            paragraph.push('\n');
        }
    }
    end_paragraph(&mut paragraph, sections.last_mut().expect("never empty"));
    sections
}

fn end_paragraph(paragraph: &mut String, section: &mut Section) {
    if paragraph.starts_with('|') {
        let rows = paragraph.lines().map(cells);
        let is_separator =
            |row: &[String]| row.iter().all(|cell| cell.trim_matches('-').is_empty());
        let rows = rows.filter(|row| !is_separator(row));
        section.tables.push(rows.collect());
    }
    read_line(paragraph, section);
    paragraph.clear();
}

fn cells(row: &str) -> Vec<String> {
    let row = row.trim().trim_matches('|');
    row.split('|').map(|cell| cell.trim().to_owned()).collect()
}

/// Takes the code and the links of a text.
fn read_line(text: &str, section: &mut Section) {
    section.codes.extend(codes(text));
    // Code can hold brackets that are no link.
    let outside: Vec<&str> = text.split('`').step_by(2).collect();
    let outside = outside.join("");
    for (before, _) in outside.match_indices("](") {
        let target = &outside[before + 2..];
        let end = target.find(')').unwrap_or(target.len());
        section.links.push(target[..end].to_owned());
    }
}

/// The code in a text, blanks made one.
pub fn codes(text: &str) -> Vec<String> {
    let code = text.split('`').skip(1).step_by(2);
    code.map(|code| code.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

/// The part of an address that leads to a heading: small letters, digits and hyphens.
pub fn anchor(title: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let title = title.to_lowercase();
    title
        .chars()
        .filter(kept)
        .collect::<String>()
        .replace(' ', "-")
}

#[test]
fn a_document_is_taken_apart() {
    let text = "\
# Title

Run `scripts/test
now`, see [there](a.md#b) and `[no](link)`.

```sh
# no heading, and `no code`
```

## Next `part`

| a | b |
| --- | --- |
| `c` d | e |
";
    let found = sections(text);
    let levels: Vec<usize> = found.iter().map(|section| section.level).collect();
    assert_eq!(levels, [0, 1, 2]);
    assert_eq!(found[1].codes, ["scripts/test now", "[no](link)", "part"]);
    assert_eq!(found[1].links, ["a.md#b"]);
    assert_eq!(found[1].fences, ["```sh\n# no heading, and `no code`"]);
    assert_eq!(found[2].tables, [[["a", "b"], ["`c` d", "e"]]]);
    assert_eq!(anchor(&found[2].title), "next-part");
}
