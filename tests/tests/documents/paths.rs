//! Every file and folder that a document names exists.

use std::path::Path;

use crate::markdown::{anchor, sections};
use crate::repository::{documents, folders, read, root};

/// How the names of files end that stand in the root.
const ENDINGS: [&str; 6] = [".md", ".yml", ".toml", ".lock", ".rs", ".example"];

#[test]
fn every_path_in_a_document_exists() {
    let documents = documents();
    assert!(documents.len() > 10, "{documents:?}");
    let mut missing = Vec::new();
    let mut checked = 0;
    for document in documents {
        for section in sections(&read(&document)) {
            let lines = section.codes.iter().chain(&section.fences);
            for path in lines.flat_map(|code| paths(code, &folders())) {
                checked += 1;
                if !root().join(&path).exists() {
                    missing.push(format!("{document}: {path}"));
                }
            }
            for link in section.links {
                checked += 1;
                missing.extend(dead_end(&document, &link));
            }
        }
    }
    assert!(missing.is_empty(), "not there:\n{}", missing.join("\n"));
    assert!(checked > 100, "only {checked} paths were found");
}

/// The paths from the root that a piece of code names.
fn paths(code: &str, folders: &[String]) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-./*".contains(c);
    let mut paths = Vec::new();
    let mut before = "";
    for word in code.split_whitespace() {
        // Features are written like paths.
        let words = if before == "--features" { "" } else { word };
        before = word;
        for word in words.split(|c| !is_part(c)) {
            let word = word.strip_prefix("./").unwrap_or(word);
            let path = word.trim_end_matches(['.', '/']);
            let in_folder = word
                .split_once('/')
                .is_some_and(|(first, _)| folders.iter().any(|f| f == first));
            let in_root = !path.contains('/') && ENDINGS.iter().any(|end| path.ends_with(end));
            if in_folder || in_root {
                paths.push(path.to_owned());
            }
        }
    }
    paths
}

/// Why a link leads nowhere in this repository; `None` for one that leads out of it.
fn dead_end(document: &str, link: &str) -> Option<String> {
    if link.contains("://") {
        return None;
    }
    let (path, heading) = link.split_once('#').unwrap_or((link, ""));
    let target = match path {
        "" => document.to_owned(),
        _ => {
            let folder = Path::new(document).parent().expect("the path of a file");
            folder.join(path).to_string_lossy().into_owned()
        }
    };
    if !root().join(&target).exists() {
        return Some(format!("{document}: link to {link}"));
    }
    let is_there = || {
        let sections = sections(&read(&target));
        sections
            .iter()
            .any(|section| anchor(&section.title) == heading)
    };
    (!heading.is_empty() && !is_there()).then(|| format!("{document}: no heading for {link}"))
}

#[test]
fn what_looks_like_a_path_is_one() {
    let folders = ["scripts".to_owned(), "worker".to_owned()];
    let found = |code: &str| paths(code, &folders);
    assert_eq!(found("eval \"$(scripts/services)\""), ["scripts/services"]);
    assert_eq!(found("worker/src/*.rs"), ["worker/src/*.rs"]);
    assert_eq!(found("./worker/"), ["worker"]);
    assert_eq!(found("docker-compose.yml"), ["docker-compose.yml"]);
    for none in [
        "--features worker/failpoints",
        "data/readable",
        "worker --listen",
        "application/json",
    ] {
        assert!(found(none).is_empty(), "{none}");
    }
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    assert_eq!(dead_end("README.md", "https://semver.org"), None);
    assert_eq!(dead_end("docs/adr/README.md", "../ARCHITECTURE.md"), None);
    assert_eq!(dead_end("docs/OPERATIONS.md", "#alerts"), None);
    for (document, link) in [
        ("README.md", "ARCHITECTURE.md"),
        ("docs/OPERATIONS.md", "#no-such-heading"),
        ("README.md", "docs/OPERATIONS.md#no-such-heading"),
    ] {
        assert!(dead_end(document, link).is_some(), "{link}");
    }
}
