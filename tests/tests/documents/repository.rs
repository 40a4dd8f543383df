//! The files of this repository.

use std::fs;
use std::path::{Path, PathBuf};

/// The folder that holds all of it.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The text of a file, by its path from the root.
pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The folders of the root that a document can name; what is built or hidden is none of them.
pub fn folders() -> Vec<String> {
    let entries = names_in(&root());
    let named = |name: &String| !name.starts_with('.') && name != "target";
    entries
        .into_iter()
        .filter(|name| named(name) && root().join(name).is_dir())
        .collect()
}

/// Every document, by its path from the root: those of the root itself, and all below `docs`.
pub fn documents() -> Vec<String> {
    let mut found = names_in(&root());
    found.retain(|name| name.ends_with(".md"));
    add_documents("docs", &mut found);
    found
}

fn add_documents(folder: &str, found: &mut Vec<String>) {
    for name in names_in(&root().join(folder)) {
        let path = format!("{folder}/{name}");
        match root().join(&path).is_dir() {
            true => add_documents(&path, found),
            false if name.ends_with(".md") => found.push(path),
            false => {}
        }
    }
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut names: Vec<String> = entries
        .map(|entry| {
            let name = entry.expect("a readable entry").file_name();
            name.into_string().expect("a name in UTF-8")
        })
        .collect();
    names.sort();
    names
}
