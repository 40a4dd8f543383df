//! What readers of the replaced system ask: its tables, and its statements by name.

use std::collections::BTreeMap;

/// The tables of the replaced system with some rows; `TIMESTAMP` stands for the type of timestamps.
pub const LEGACY: &str = include_str!("../contract/legacy.sql");

/// The statements of its readers, C1 to C16.
pub fn contract() -> BTreeMap<&'static str, &'static str> {
    let mut statements = BTreeMap::new();
    let mut name = "";
    for line in include_str!("../contract/statements.sql").lines() {
        match line.strip_prefix("-- ") {
            Some(comment) => name = comment.split(':').next().unwrap_or_default(),
            None if !line.trim().is_empty() => _ = statements.insert(name, line),
            None => {}
        }
    }
    statements
}
