use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::client::{golden, http};

/// Ends the process also where a test fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(command: &mut Command) -> (Running, String) {
    let mut child = command.stdout(Stdio::piped()).spawn().expect("the binary");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("a pipe"))
        .read_line(&mut line)
        .expect("a line");
    (Running(child), line.trim_end().to_owned())
}

fn simulator() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_simulator"));
    command.env_clear();
    command
}

#[tokio::test]
async fn it_prints_its_url_and_ends_on_a_signal() {
    for name in ["TERM", "INT"] {
        let (mut running, url) = start(
            simulator()
                .env("SIMULATOR_LISTEN", "127.0.0.1:0")
                .arg("--data")
                .arg(golden()),
        );
        let counters = http(|builder| builder)
            .get(format!("{url}/control/counters"))
            .send()
            .await;
        assert_eq!(counters.expect("an answer").status(), 200);
        let signal = Command::new("kill")
            .args(["-s", name, &running.0.id().to_string()])
            .status();
        assert!(signal.expect("kill").success());
        let ended = tokio::task::spawn_blocking(move || running.0.wait().expect("its end"));
        assert!(
            crate::client::soon(ended)
                .await
                .expect("no panic")
                .success(),
            "{name}"
        );
    }
}

#[test]
fn help_shows_examples_and_variables() {
    let help = simulator().arg("--help").output().expect("the binary");
    let text = String::from_utf8(help.stdout).expect("a text");
    for part in [
        "Examples:",
        "SIMULATOR_LISTEN",
        "127.0.0.1:8900",
        "--share-of-largest",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn a_wrong_folder_is_named() {
    let output = simulator()
        .args(["--listen", "127.0.0.1:0", "--data", "/nowhere"])
        .output();
    let output = output.expect("the binary");
    assert!(!output.status.success() && output.stdout.is_empty());
    let text = String::from_utf8(output.stderr).expect("a text");
    assert!(
        text.contains("cannot read /nowhere/empreendimentos.json"),
        "{text}"
    );
}
