//! What a running process has used, as the kernel counts it.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context as _;
use tokio::task::JoinHandle;

/// Ticks of /proc/PID/stat in a second, on every Linux there is.
const TICKS_PER_SECOND: f64 = 100.0;
/// How often the memory is looked at.
const SAMPLE_EVERY: Duration = Duration::from_millis(50);

/// CPU seconds of a process so far, user and system, all its threads.
pub fn cpu_seconds(pid: u32) -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string(proc(pid, "stat"))?;
    // The program's name, in parentheses, may hold blanks.
    let (_, fields) = stat.rsplit_once(')').context("no name")?;
    let ticks = fields
        .split_ascii_whitespace()
        .skip(11)
        .take(2)
        .map(str::parse::<f64>)
        .sum::<Result<f64, _>>()?;
    Ok(ticks / TICKS_PER_SECOND)
}

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
