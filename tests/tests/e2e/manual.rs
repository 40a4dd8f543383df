//! Man pages and completions leave no command out.

use std::path::Path;

use anyhow::Context as _;
use tests::manual::{programs, write};

fn text(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| file.display().to_string())
}

#[test]
fn every_command_has_a_page_and_is_completed() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    write(folder.path())?;
    for program in programs() {
        let name = program.get_name().to_owned();
        let page = text(&folder.path().join(format!("man/{name}.1")))?;
        let script = text(&folder.path().join(format!("completions/{name}.bash")))?;
        for command in program.get_subcommands() {
            let command = command.get_name();
            // roff writes a hyphen as \\-.
            let listed = format!("{name}-{command}").replace('-', "\\-");
            assert!(page.contains(&listed), "{listed} is not in {name}.1");
            assert!(script.contains(command), "{command} is not in {name}.bash");
            let page = text(&folder.path().join(format!("man/{name}-{command}.1")))?;
            assert!(page.contains("SYNOPSIS"), "{name} {command}");
        }
        for option in program.get_arguments().filter_map(clap::Arg::get_long) {
            assert!(script.contains(&format!("--{option}")), "{name} --{option}");
        }
    }
    Ok(())
}
