//! Made-up rows, the same at every load, cut into windows as the server would.

use std::collections::BTreeMap;

use crate::{
    api::list::{Group, List},
    components::{state_mark::Meaning, table::Wanted},
};

/// How many there are.
pub const COUNT: u32 = 6000;

#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    pub id: String,
    pub name: String,
    pub application: usize,
    pub host: String,
    pub meaning: Meaning,
    pub cpu: f64,
    pub used_mib: u64,
    pub limit_mib: u64,
    pub restarts: u32,
    pub port: Option<u16>,
    pub course: Vec<Option<f64>>,
}

const NAMES: [&str; 6] = ["settle", "web", "gateway", "cache", "worker", "db"];
pub const APPLICATIONS: [&str; 6] = ["pay-core", "mobile-api", "account-query", "crm", "risk-engine", "ledger"];

fn sample(i: u32) -> Sample {
    // A small generator: the picture is the same everywhere and at every load.
    let noise = |salt: u32| (i.wrapping_mul(2_654_435_761).wrapping_add(salt.wrapping_mul(40_503)) >> 7) % 1000;
    let limit_mib = 512 << (noise(1) % 4);
    let used_mib = if i.is_multiple_of(97) { limit_mib * 99 / 100 } else { limit_mib * u64::from(150 + noise(2) * 7 / 10) / 1000 };
    let meaning = match i {
        i if i.is_multiple_of(97) => Meaning::Bad,
        i if i % 61 == 13 => Meaning::Warning,
        i if i % 43 == 7 => Meaning::Stopped,
        i if i % 171 == 20 => Meaning::Unknown,
        _ => Meaning::Good,
    };
    let cpu = f64::from(noise(3) % 70) + 2.0;
    let course = (0..24).map(|k| (k != 11 || !i.is_multiple_of(5)).then(|| cpu + f64::from((noise(k + 9)) % 12) - 6.0)).collect();
    Sample {
        id: format!("{:012x}", u64::from(i) * 7_919 + 17),
        name: format!("{}.{}", NAMES[(i % 6) as usize], i / 6 % 9 + 1),
        application: (i / 20 % 6) as usize,
        host: format!("sh{}-app-{:02}", noise(4) % 2 + 1, noise(5) % 30 + 1),
        meaning,
        cpu,
        used_mib,
        limit_mib,
        restarts: if meaning == Meaning::Bad { 5 } else { 0 },
        port: (i % 7 == 3).then_some(8080),
        course,
    }
}

/// What the server would answer: twenty to a group where grouped, those named in `collapsed` without members.
pub fn window(wanted: &Wanted, grouped: bool, collapsed: &[String], needle: &str, version: u64) -> List<Sample> {
    let all: Vec<Sample> =
        (0..COUNT).map(sample).filter(|s| needle.is_empty() || s.name.contains(needle) || s.host.contains(needle)).collect();
    let total = all.len() as u32;
    let mut rows: Vec<&Sample> = Vec::new();
    let mut groups = Vec::new();
    if grouped {
        for (i, members) in all.chunks(20).enumerate() {
            let label = APPLICATIONS[i % APPLICATIONS.len()];
            let key = format!("{label}-{i}");
            let folded = collapsed.contains(&key);
            groups.push(Group {
                label: label.to_owned(),
                kind: "compose".to_owned(),
                host_name: None,
                count: members.len() as u32,
                offset: rows.len() as u32,
                collapsed: folded,
                trouble: members.iter().filter(|s| s.meaning == Meaning::Bad).count() as u32,
                restart_loops: 0,
                unhealthy: 0,
                key,
            });
            if !folded {
                rows.extend(members);
            }
        }
    } else {
        rows = all.iter().collect();
    }
    let items = rows.into_iter().skip(wanted.offset as usize).take(wanted.limit as usize).cloned().collect();
    let count = |meaning| all.iter().filter(|s| s.meaning == meaning).count() as u32;
    let counts = BTreeMap::from([
        ("running".to_owned(), count(Meaning::Good)),
        ("trouble".to_owned(), count(Meaning::Bad) + count(Meaning::Warning)),
        ("stopped".to_owned(), count(Meaning::Stopped)),
        ("unknown".to_owned(), count(Meaning::Unknown)),
    ]);
    List { items, total, groups, counts, hosts: None, snapshot: version }
}
