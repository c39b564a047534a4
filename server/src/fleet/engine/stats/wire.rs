//! What an engine says a container uses: `GET /containers/{id}/stats`. Only what is kept is read.

use std::time::Duration;

use serde::Deserialize;

use crate::{
    clock::parse_rfc3339,
    metrics::{Limits, Sample},
};

/// One answer, or one line of the stream.
#[derive(Debug, Deserialize)]
pub struct EngineSample {
    #[serde(default)]
    read: String,
    #[serde(default)]
    preread: String,
    #[serde(default)]
    pids_stats: Pids,
    #[serde(default)]
    blkio_stats: Blkio,
    #[serde(default)]
    cpu_stats: Cpu,
    #[serde(default)]
    precpu_stats: Cpu,
    #[serde(default)]
    memory_stats: Memory,
    #[serde(default)]
    networks: Option<std::collections::BTreeMap<String, Network>>,
}

#[derive(Debug, Default, Deserialize)]
struct Pids {
    current: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
struct Blkio {
    io_service_bytes_recursive: Option<Vec<BlkioEntry>>,
}

#[derive(Debug, Deserialize)]
struct BlkioEntry {
    #[serde(default)]
    op: String,
    #[serde(default)]
    value: u64,
}

#[derive(Debug, Default, Deserialize)]
struct Cpu {
    #[serde(default)]
    cpu_usage: CpuUsage,
    #[serde(default)]
    throttling_data: Throttling,
}

#[derive(Debug, Default, Deserialize)]
struct CpuUsage {
    total_usage: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
struct Throttling {
    periods: Option<u64>,
    throttled_periods: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
struct Memory {
    usage: Option<u64>,
    #[serde(default)]
    stats: MemoryStats,
}

#[derive(Debug, Default, Deserialize)]
struct MemoryStats {
    /// v1
    total_inactive_file: Option<u64>,
    /// v2
    inactive_file: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Network {
    #[serde(default)]
    rx_bytes: u64,
    #[serde(default)]
    tx_bytes: u64,
}

impl EngineSample {
    /// What it says now, and what it said of CPU the time before, where it says that. `limits` are what the engine does not tell here. A
    /// stopped container has nothing to say.
    pub fn samples(&self, limits: Limits) -> Option<(Sample, Option<Sample>)> {
        let moment = since_1970(&self.read)?;
        let memory = &self.memory_stats;
        let cache = memory.stats.total_inactive_file.or(memory.stats.inactive_file).unwrap_or_default();
        // A stopped one has no memory in use, and engines leave it out.
        let used = memory.usage.filter(|used| *used > 0)?;
        let io = |op: &str| {
            let entries = self.blkio_stats.io_service_bytes_recursive.as_ref()?;
            Some(entries.iter().filter(|e| e.op.eq_ignore_ascii_case(op)).map(|e| e.value).sum())
        };
        let network = |bytes: fn(&Network) -> u64| self.networks.as_ref().map(|all| all.values().map(bytes).sum());
        let now = Sample {
            moment,
            cpu_ns: self.cpu_stats.cpu_usage.total_usage,
            periods: self.cpu_stats.throttling_data.periods,
            throttled_periods: self.cpu_stats.throttling_data.throttled_periods,
            memory_bytes: Some(used.saturating_sub(cache)),
            processes: self.pids_stats.current,
            read_bytes: io("read"),
            written_bytes: io("write"),
            received_bytes: network(|n| n.rx_bytes),
            sent_bytes: network(|n| n.tx_bytes),
            limits,
        };
        let before = since_1970(&self.preread).map(|moment| Sample {
            moment,
            cpu_ns: self.precpu_stats.cpu_usage.total_usage,
            periods: self.precpu_stats.throttling_data.periods,
            throttled_periods: self.precpu_stats.throttling_data.throttled_periods,
            ..Sample::default()
        });
        Some((now, before))
    }
}

fn since_1970(text: &str) -> Option<Duration> {
    parse_rfc3339(text).map(|ms| Duration::from_millis(ms.unsigned_abs()))
}
