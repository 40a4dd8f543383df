//! Writes the man pages and the shells' completions of all programs:
//!
//! ```sh
//! cargo run -p tests --example manual        # into target/man and target/completions
//! man -l target/man/producer-backfill.1
//! ```

use std::path::Path;

fn main() -> anyhow::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    let [pages, scripts] = tests::manual::write(&folder)?;
    let folder = folder.canonicalize()?;
    println!("{pages} pages in {}", folder.join("man").display());
    println!(
        "{scripts} scripts in {}",
        folder.join("completions").display()
    );
    Ok(())
}
