//! A server under measurement: its address, the processor time it has used and the memory it holds.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

pub struct Server {
    process: Child,
    pub url: String,
    started: Instant,
}

impl Server {
    pub fn start(command: &mut Command) -> Result<Server> {
        let started = Instant::now();
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut lines = BufReader::new(process.stdout.take().context("piped")?).lines();
        let url = loop {
            let line = lines.next().context("the server ended before it listened")??;
            if let Some(at) = line.find("http://") {
                break line[at..].split_whitespace().next().context("a url")?.trim_end_matches('/').to_owned();
            }
        };
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Server { process, url, started })
    }

    /// How long ago the process was started.
    pub fn age(&self) -> Duration {
        self.started.elapsed()
    }

    /// User and system time of all threads so far.
    pub fn processor_time(&self) -> Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        let fields: Vec<&str> = stat.rsplit(')').next().context("a stat line")?.split_whitespace().collect();
        let ticks: u64 = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
        Ok(Duration::from_secs_f64(ticks as f64 / 100.0))
    }

    /// Resident memory, now and at its peak, in MiB.
    pub fn memory(&self) -> Result<(f64, f64)> {
        memory(self.process.id())
    }
}

fn memory(process: u32) -> Result<(f64, f64)> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let read = |name: &str| -> Result<f64> {
        let line = status.lines().find(|line| line.starts_with(name)).context("a memory line")?;
        Ok(line.split_whitespace().nth(1).context("a number")?.parse::<f64>()? / 1024.0)
    };
    Ok((read("VmRSS:")?, read("VmHWM:")?))
}

/// Runs a command to its successful end; how long it took, and its resident memory at its peak in MiB as last seen.
pub fn run(command: &mut Command) -> Result<(Duration, f64)> {
    let started = Instant::now();
    let mut process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    let mut peak = 0.0;
    let status = loop {
        if let Some(status) = process.try_wait()? {
            break status;
        }
        // A process that has just ended has no memory to tell.
        peak = memory(process.id()).map_or(peak, |(_, seen)| seen);
        std::thread::sleep(Duration::from_millis(20));
    };
    let elapsed = started.elapsed();
    let mut said = String::new();
    process.stderr.take().context("piped")?.read_to_string(&mut said)?;
    ensure!(status.success(), "{command:?}: {said}");
    Ok((elapsed, peak))
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
