//! Reads one container's files. Paths are put together once, one buffer serves all: a sample costs some tens of microseconds.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    cgroup::{Tree, Version},
    parse,
    sample::{Limits, Sample},
};

/// Limits can be changed under way, and seldom are.
const LIMITS: Duration = Duration::from_secs(30);
/// How many of a container's processes are looked through for its first.
const PROCESSES: usize = 64;

/// Where one container's figures are.
#[derive(Debug)]
pub struct Reader {
    version: Version,
    cpu: PathBuf,
    cpuacct: PathBuf,
    memory: PathBuf,
    pids: PathBuf,
    io: PathBuf,
    /// Of its first process; none where it has no network of its own, or the process can't be seen.
    net: Option<PathBuf>,
    limits: Limits,
    /// When limits and network were last looked up.
    looked_at: Option<Duration>,
}

/// One file's content, until the next is read.
#[derive(Debug, Default)]
pub struct Buffer(Vec<u8>);

impl Buffer {
    fn read(&mut self, path: &Path) -> io::Result<&[u8]> {
        let mut file = File::open(path)?;
        let mut end = 0;
        loop {
            if self.0.len() < end + 1_024 {
                self.0.resize(end + 4_096, 0);
            }
            let n = file.read(&mut self.0[end..])?;
            end += n;
            if n == 0 {
                self.0.truncate(end);
                return Ok(&self.0);
            }
        }
    }
}

impl Reader {
    pub fn new(tree: &Tree, group: &Path) -> Self {
        let file = |controller: &str, name: &str| tree.at(controller, group).join(name);
        let (version, dir) = (tree.version, |controller: &str| tree.at(controller, group));
        let io = match version {
            Version::V2 => file("", "io.stat"),
            Version::V1 => {
                let whole = file("blkio", "blkio.throttle.io_service_bytes_recursive");
                if whole.exists() { whole } else { file("blkio", "blkio.throttle.io_service_bytes") }
            }
        };
        let (cpu, cpuacct, memory, pids) = (dir("cpu"), dir("cpuacct"), dir("memory"), dir("pids"));
        Self { version, cpu, cpuacct, memory, pids, io, net: None, limits: Limits::default(), looked_at: None }
    }

    /// Fails where the container has no group any more.
    pub fn sample(&mut self, moment: Duration, proc_root: &Path, buffer: &mut Buffer) -> io::Result<Sample> {
        if self.looked_at.is_none_or(|at| moment.saturating_sub(at) >= LIMITS) {
            self.limits = self.read_limits(buffer);
            self.net = self.find_network(proc_root, buffer);
            self.looked_at = Some(moment);
        }
        let mut sample = Sample { moment, limits: self.limits, ..Sample::default() };
        match self.version {
            Version::V1 => self.v1(&mut sample, buffer)?,
            Version::V2 => self.v2(&mut sample, buffer)?,
        }
        sample.processes = buffer.read(&self.pids.join("pids.current")).ok().and_then(parse::number);
        let version = self.version;
        if let Ok(text) = buffer.read(&self.io) {
            let (read, written) = if version == Version::V1 { parse::blkio(text) } else { parse::io_stat(text) };
            (sample.read_bytes, sample.written_bytes) = (Some(read), Some(written));
        }
        if let Some(text) = self.net.as_deref().and_then(|net| buffer.read(net).ok()) {
            let (received, sent) = parse::net_dev(text);
            (sample.received_bytes, sample.sent_bytes) = (Some(received), Some(sent));
        }
        Ok(sample)
    }

    fn v1(&self, sample: &mut Sample, buffer: &mut Buffer) -> io::Result<()> {
        sample.cpu_ns = parse::number(buffer.read(&self.cpuacct.join("cpuacct.usage"))?);
        // Without a quota nothing is held back.
        if self.limits.cpu_millicores.is_some() {
            let stat = buffer.read(&self.cpu.join("cpu.stat"))?;
            sample.periods = parse::value(stat, "nr_periods");
            sample.throttled_periods = parse::value(stat, "nr_throttled");
        }
        let used = parse::number(buffer.read(&self.memory.join("memory.usage_in_bytes"))?);
        let cache = parse::value(buffer.read(&self.memory.join("memory.stat"))?, "total_inactive_file");
        sample.memory_bytes = used.map(|used| used.saturating_sub(cache.unwrap_or_default()));
        Ok(())
    }

    fn v2(&self, sample: &mut Sample, buffer: &mut Buffer) -> io::Result<()> {
        let stat = buffer.read(&self.cpu.join("cpu.stat"))?;
        sample.cpu_ns = parse::value(stat, "usage_usec").map(|us| us * 1_000);
        if self.limits.cpu_millicores.is_some() {
            sample.periods = parse::value(stat, "nr_periods");
            sample.throttled_periods = parse::value(stat, "nr_throttled");
        }
        let used = parse::number(buffer.read(&self.memory.join("memory.current"))?);
        let cache = parse::value(buffer.read(&self.memory.join("memory.stat"))?, "inactive_file");
        sample.memory_bytes = used.map(|used| used.saturating_sub(cache.unwrap_or_default()));
        Ok(())
    }

    fn read_limits(&self, buffer: &mut Buffer) -> Limits {
        let mut limit = |path: PathBuf, read: fn(&[u8]) -> Option<u64>| buffer.read(&path).ok().and_then(read);
        let processes = limit(self.pids.join("pids.max"), parse::limit);
        match self.version {
            Version::V1 => {
                let micros = |text: &[u8]| str::from_utf8(text).ok()?.trim().parse::<i64>().ok();
                let mut signed = |name| buffer.read(&self.cpu.join(name)).ok().and_then(micros);
                let quota = signed("cpu.cfs_quota_us").zip(signed("cpu.cfs_period_us"));
                let memory = buffer.read(&self.memory.join("memory.limit_in_bytes")).ok().and_then(parse::limit);
                Limits { cpu_millicores: quota.and_then(|(q, p)| parse::quota(q, p)), memory_bytes: memory, processes }
            }
            Version::V2 => Limits {
                cpu_millicores: limit(self.cpu.join("cpu.max"), parse::cpu_max),
                memory_bytes: limit(self.memory.join("memory.max"), parse::limit),
                processes,
            },
        }
    }

    /// The counters of its network, by its first process: that lives as long as the container, so that its number is nobody else's
    /// meanwhile. None where it shares the host's network, whose counters are not its own.
    fn find_network(&self, proc_root: &Path, buffer: &mut Buffer) -> Option<PathBuf> {
        let procs = buffer.read(&self.cpuacct.join("cgroup.procs")).ok()?;
        // In a process namespace of one's own, others' processes are written as 0.
        let pids: Vec<String> = str::from_utf8(procs)
            .ok()?
            .lines()
            .filter(|pid| pid.bytes().all(|b| b.is_ascii_digit()) && *pid != "0")
            .take(PROCESSES)
            .map(str::to_owned)
            .collect();
        let mut is_first = |pid: &String| {
            let status = buffer.read(&proc_root.join(pid).join("status")).ok();
            let line = status.and_then(|s| s.split(|b| *b == b'\n').find_map(|line| line.strip_prefix(b"NSpid:")));
            line.and_then(|line| line.split(u8::is_ascii_whitespace).next_back()) == Some(b"1")
        };
        let pid = pids.iter().find(|pid| is_first(pid)).or_else(|| pids.first())?;
        let namespace = |pid: &str| fs::read_link(proc_root.join(pid).join("ns/net")).ok();
        let (own, hosts) = (namespace(pid)?, namespace("1")?);
        (own != hosts).then(|| proc_root.join(pid).join("net/dev"))
    }
}
