//! What a running process has used, as the kernel counts it.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context as _;
use tokio::task::JoinHandle;

/// How often the memory is looked at.
const SAMPLE_EVERY: Duration = Duration::from_millis(50);

/// Most memory a process has had resident so far, in MB.
pub fn peak_mb(pid: u32) -> anyhow::Result<f64> {
    status_mb(pid, "VmHWM:")
}

fn status_mb(pid: u32, name: &str) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(proc(pid, "status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let kib: f64 = kib.context("no such line")?.trim().parse()?;
    Ok(kib * 1024.0 / 1e6)
}

fn proc(pid: u32, file: &str) -> PathBuf {
    format!("/proc/{pid}/{file}").into()
}

/// Resident memory over time, from its start until [`Memory::stop`].
pub struct Memory {
    task: JoinHandle<()>,
    samples_mb: Arc<Mutex<Vec<f64>>>,
}

impl Memory {
    /// Begins to look at a process.
    pub fn of(pid: u32) -> Self {
        let samples_mb = Arc::new(Mutex::new(Vec::new()));
        let taken = Arc::clone(&samples_mb);
        let task = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(SAMPLE_EVERY);
            loop {
                ticks.tick().await;
                let Ok(mb) = status_mb(pid, "VmRSS:") else {
                    return;
                };
                taken.lock().expect("no holder panics").push(mb);
            }
        });
        Self { task, samples_mb }
    }

    /// Ends it: the most in the second quarter of the time, and in the last one, in MB. Where both
    /// are the same, memory does not grow.
    pub fn stop(self) -> (f64, f64) {
        self.task.abort();
        let samples = self.samples_mb.lock().expect("no holder panics");
        let quarter = samples.len() / 4;
        let most = |part: &[f64]| part.iter().copied().fold(0.0, f64::max);
        (
            most(&samples[quarter..2 * quarter]),
            most(&samples[3 * quarter..]),
        )
    }
}
