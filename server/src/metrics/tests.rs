//! Recorded trees of the kernel's, both versions under both of Docker's drivers.

use std::{fs, os::unix::fs::symlink, path::Path, time::Duration};

use app::api::stats::Figures;

use super::{Purpose, Sampler};

const ID: &str = "26ba8b9172453caaf96e1c4c88d9a56e2fb6d3fb52af3088294b03dd8e681888";
const NET: &str = "Inter-|   Receive                                                |  Transmit\n \
                   face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n    \
                   lo:     900       9    0    0    0     0          0         0      900       9    0    0    0     0       0          0\n  \
                   eth0:    RX       7    0    0    0     0          0         0       TX       3    0    0    0     0       0          0\n";

struct Recorded {
    dir: tempfile::TempDir,
    group: String,
}

impl Recorded {
    fn new(group: String) -> Self {
        let recorded = Self { dir: tempfile::tempdir().expect("a directory"), group };
        for (pid, namespace) in [("1", "net:[1]"), ("14892", "net:[2]")] {
            let ns = recorded.dir.path().join("proc").join(pid).join("ns");
            fs::create_dir_all(&ns).expect("made");
            symlink(namespace, ns.join("net")).expect("linked");
        }
        recorded.write("proc/14892/status", "Name:\tsh\nNSpid:\t14892\t1\n");
        recorded.network(646, 100);
        recorded
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.dir.path().join(path);
        fs::create_dir_all(path.parent().expect("in a directory")).expect("made");
        fs::write(path, text).expect("written");
    }

    fn network(&self, received: u64, sent: u64) {
        self.write("proc/14892/net/dev", &NET.replace("RX", &received.to_string()).replace("TX", &sent.to_string()));
    }

    fn v1(self) -> Self {
        let file = |controller: &str, name: &str, text: &str| self.write(&format!("cgroup/{controller}/{}/{name}", self.group), text);
        file("cpuacct", "cpuacct.usage", "539745622\n");
        file("cpuacct", "cgroup.procs", "14892\n14950\n");
        file("cpu", "cpu.stat", "nr_periods 13\nnr_throttled 5\nthrottled_time 8105765\nnr_bursts 0\nburst_time 0\n");
        file("cpu", "cpu.cfs_quota_us", "50000\n");
        file("cpu", "cpu.cfs_period_us", "100000\n");
        file("memory", "memory.usage_in_bytes", "6103040\n");
        file("memory", "memory.limit_in_bytes", "67108864\n");
        file(
            "memory",
            "memory.stat",
            "cache 4096\nrss 57344\ninactive_file 0\ntotal_cache 4096\ntotal_inactive_file 1003040\ntotal_active_file 0\n",
        );
        file("pids", "pids.current", "2\n");
        file("pids", "pids.max", "max\n");
        file(
            "blkio",
            "blkio.throttle.io_service_bytes",
            "8:0 Read 4096\n8:0 Write 0\n8:0 Sync 4096\n8:0 Async 0\n8:0 Total 4096\nTotal 4096\n",
        );
        self
    }

    fn v2(self) -> Self {
        self.write("cgroup/cgroup.controllers", "cpuset cpu io memory hugetlb pids rdma misc\n");
        let file = |name: &str, text: &str| self.write(&format!("cgroup/{}/{name}", self.group), text);
        file(
            "cpu.stat",
            "usage_usec 539745\nuser_usec 500000\nsystem_usec 39745\nnr_periods 13\nnr_throttled 5\nthrottled_usec 8105\nnr_bursts 0\nburst_usec 0\n",
        );
        file("cpu.max", "50000 100000\n");
        file("cgroup.procs", "14892\n14950\n");
        file("memory.current", "6103040\n");
        file("memory.max", "67108864\n");
        file(
            "memory.stat",
            "anon 57344\nfile 4096\nkernel 40960\ninactive_anon 53248\nactive_anon 4096\ninactive_file 1003040\nactive_file 0\n",
        );
        file("pids.current", "2\n");
        file("pids.max", "max\n");
        file("io.stat", "8:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0\n");
        self
    }

    fn sampler(&self) -> Sampler {
        Sampler::new(&self.dir.path().join("cgroup"), &self.dir.path().join("proc"))
    }
}

fn look(sampler: &Sampler, purpose: Purpose, second: u64) -> Option<Figures> {
    sampler.look_at([ID, "nobodys"], purpose, Duration::from_secs(second)).remove(ID)
}

fn both_versions() -> Vec<(Recorded, &'static str, &'static str, &'static str, &'static str)> {
    let mut all = Vec::new();
    for group in [format!("docker/{ID}"), format!("system.slice/docker-{ID}.scope")] {
        let v1 = format!("cgroup/cpuacct/{group}/cpuacct.usage");
        let stat = format!("cgroup/cpu/{group}/cpu.stat");
        let v2 = format!("cgroup/{group}/cpu.stat");
        let leak = |text: String| -> &'static str { text.leak() };
        all.push((Recorded::new(group.clone()).v1(), leak(v1), "1539745622\n", leak(stat), "nr_periods 23\nnr_throttled 10\n"));
        all.push((Recorded::new(group).v2(), leak(v2.clone()), "usage_usec 1539745\nnr_periods 23\nnr_throttled 10\n", "other", ""));
    }
    all
}

#[test]
fn figures_are_read_from_both_versions_under_both_drivers() {
    for (recorded, usage, later, stat, stat_later) in both_versions() {
        let sampler = recorded.sampler();
        assert!(sampler.reads());
        let first = look(&sampler, Purpose::Tier, 100).expect("found");
        assert_eq!((first.memory_bytes, first.processes, first.cpu_millicores), (Some(5_100_000), Some(2), None));
        assert_eq!((first.cpu_limit_millicores, first.memory_limit_bytes, first.processes_limit), (Some(500), Some(64 << 20), None));
        recorded.write(usage, later);
        recorded.write(stat, stat_later);
        recorded.network(20_646, 1_100);
        let next = look(&sampler, Purpose::Tier, 110).expect("found");
        assert_eq!((next.cpu_millicores, next.throttled_permille), (Some(100), Some(500)), "{}", recorded.group);
        assert_eq!((next.received_bytes_per_second, next.sent_bytes_per_second), (Some(2_000), Some(100)));
        assert_eq!((next.read_bytes_per_second, next.written_bytes_per_second), (Some(0), Some(0)));
    }
}

#[test]
fn who_watches_does_not_shorten_the_tiers_rates() {
    let recorded = Recorded::new(format!("docker/{ID}")).v1();
    let sampler = recorded.sampler();
    let usage = |ns: u64| recorded.write(&format!("cgroup/cpuacct/docker/{ID}/cpuacct.usage"), &ns.to_string());
    usage(0);
    look(&sampler, Purpose::Tier, 100);
    usage(4_000_000_000);
    assert_eq!(look(&sampler, Purpose::Live, 108).expect("found").cpu_millicores, Some(500), "since the tier's");
    usage(6_000_000_000);
    assert_eq!(look(&sampler, Purpose::Live, 110).expect("found").cpu_millicores, Some(1_000), "since the one before");
    assert_eq!(look(&sampler, Purpose::Tier, 110).expect("found").cpu_millicores, Some(600), "over its own ten seconds");
}

#[test]
fn a_container_that_ends_is_gone_and_comes_back() {
    let recorded = Recorded::new(format!("docker/{ID}")).v1();
    let sampler = recorded.sampler();
    assert!(look(&sampler, Purpose::Live, 100).is_some());
    fs::remove_dir_all(recorded.dir.path().join("cgroup/cpuacct/docker").join(ID)).expect("removed");
    assert!(look(&sampler, Purpose::Live, 102).is_none());
    let recorded = recorded.v1();
    let back = look(&sampler, Purpose::Live, 140).expect("found again");
    assert_eq!(back.cpu_millicores, None, "nothing to compare with: it is another run");
    drop(recorded);
}

#[test]
fn a_container_in_the_hosts_network_has_none_of_its_own() {
    let recorded = Recorded::new(format!("docker/{ID}")).v1();
    let link = recorded.dir.path().join("proc/14892/ns/net");
    fs::remove_file(&link).expect("removed");
    symlink("net:[1]", link).expect("linked");
    let sampler = recorded.sampler();
    look(&sampler, Purpose::Tier, 100);
    let figures = look(&sampler, Purpose::Tier, 110).expect("found");
    assert_eq!((figures.received_bytes_per_second, figures.cpu_millicores), (None, Some(0)));
}

#[test]
fn where_nothing_is_mounted_nothing_is_read() {
    assert!(!Sampler::new(Path::new("/nonexistent"), Path::new("/proc")).reads());
}
