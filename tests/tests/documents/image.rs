//! What an image is built from is sent to the builder: `.dockerignore` leaves out all that it does not name.

use crate::repository::read;

/// Whether a path, or a folder that it is in, is sent.
fn is_sent(path: &str) -> bool {
    let rules = read(".dockerignore");
    let mut named = rules.lines().filter_map(|line| line.strip_prefix('!'));
    named.any(|named| match named.split_once('*') {
        Some((before, after)) => path.starts_with(before) && path.ends_with(after),
        None => path == named || path.starts_with(&format!("{named}/")),
    })
}

/// The texts in quotation marks between two others, in a file.
fn quoted(path: &str, after: &str, until: &str) -> Vec<String> {
    let text = read(path);
    let (_, rest) = text
        .split_once(after)
        .unwrap_or_else(|| panic!("{path}: {after}"));
    let (list, _) = rest
        .split_once(until)
        .unwrap_or_else(|| panic!("{path}: {until}"));
    list.split('"')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_member_of_the_workspace_is_sent() {
    let members = quoted("Cargo.toml", "\nmembers = [", "]");
    assert!(
        members.iter().any(|member| member == "worker"),
        "{members:?}"
    );
    for member in members {
        assert!(is_sent(&format!("{member}/Cargo.toml")), "{member}");
    }
    assert!(!is_sent("target/debug/worker") && !is_sent(".env"));
}

#[test]
fn every_document_that_the_page_shows_is_sent() {
    let shown = quoted("web/src/documents.rs", "const DOCUMENTS", "];");
    let paths = shown.iter().filter_map(|text| text.strip_prefix("../../"));
    let paths: Vec<_> = paths.collect();
    assert!(paths.contains(&"docs/OPERATIONS.md"), "{paths:?}");
    for path in paths {
        assert!(is_sent(path), "{path}");
    }
}
