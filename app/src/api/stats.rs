//! What a container uses: now, and in the last hours.
//!
//! Rates and shares are whole numbers in small units: reading and writing of floats is dear in the page's first load.

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Timestamp;
use crate::client::{Call, Client, QueryString};

/// The most containers that one live socket can watch.
pub const MAX_WATCHED: usize = 200;

/// What a container uses at a moment. Absent is what can't be had where it runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Figures {
    /// Thousandths of a core.
    pub cpu_millicores: Option<u64>,
    /// Of the periods of its CPU quota, in how many thousandths it was held back. Absent without a quota.
    pub throttled_permille: Option<u64>,
    /// In use, without the page cache that can be taken back at once.
    pub memory_bytes: Option<u64>,
    /// Its processes and threads.
    pub processes: Option<u64>,
    /// Of block devices.
    pub read_bytes_per_second: Option<u64>,
    pub written_bytes_per_second: Option<u64>,
    /// Of its own network, without the loopback. Absent where it shares the host's.
    pub received_bytes_per_second: Option<u64>,
    pub sent_bytes_per_second: Option<u64>,
    /// Limits of its own; absent without one.
    pub cpu_limit_millicores: Option<u64>,
    pub memory_limit_bytes: Option<u64>,
    pub processes_limit: Option<u64>,
}

impl Figures {
    /// In the order of the fields, as live frames and the database have them.
    pub fn row(&self) -> [Option<u64>; 11] {
        [
            self.cpu_millicores,
            self.throttled_permille,
            self.memory_bytes,
            self.processes,
            self.read_bytes_per_second,
            self.written_bytes_per_second,
            self.received_bytes_per_second,
            self.sent_bytes_per_second,
            self.cpu_limit_millicores,
            self.memory_limit_bytes,
            self.processes_limit,
        ]
    }

    /// From such a row, which may be a shorter one of an older version.
    pub fn from_row(row: &[Option<u64>]) -> Self {
        let at = |i: usize| row.get(i).copied().flatten();
        Self {
            cpu_millicores: at(0),
            throttled_permille: at(1),
            memory_bytes: at(2),
            processes: at(3),
            read_bytes_per_second: at(4),
            written_bytes_per_second: at(5),
            received_bytes_per_second: at(6),
            sent_bytes_per_second: at(7),
            cpu_limit_millicores: at(8),
            memory_limit_bytes: at(9),
            processes_limit: at(10),
        }
    }
}

/// Where figures come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The kernel's files on the engine's machine: history too, and the engine is not asked.
    Files,
    /// The engine, asked while somebody looks: no history.
    Engine,
    /// They can't be had now.
    None,
}

/// `GET /containers/{id}/stats`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ContainerStats {
    pub source: Source,
    /// Why there are none: `not_running`, `host_unreachable`, `unreadable`.
    #[serde(default)]
    pub why: Option<String>,
    /// The moment of `now`.
    pub at: Timestamp,
    #[serde(default)]
    pub now: Option<Figures>,
    /// Cores of the host.
    #[serde(default)]
    pub host_cpus: Option<u64>,
    /// Memory of the host.
    #[serde(default)]
    pub host_memory_bytes: Option<u64>,
    /// What was measured; only where it was asked for and the source is, or was, `files`.
    #[serde(default)]
    pub history: Option<Series>,
}

/// A course of figures: the n-th value of each is of `from` + n × `step_seconds`. Gaps are null.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Series {
    pub from: Timestamp,
    pub step_seconds: u32,
    pub cpu_millicores: Vec<Option<u64>>,
    pub throttled_permille: Vec<Option<u64>>,
    pub memory_bytes: Vec<Option<u64>>,
    pub processes: Vec<Option<u64>>,
    pub read_bytes_per_second: Vec<Option<u64>>,
    pub written_bytes_per_second: Vec<Option<u64>>,
    pub received_bytes_per_second: Vec<Option<u64>>,
    pub sent_bytes_per_second: Vec<Option<u64>>,
    pub cpu_limit_millicores: Vec<Option<u64>>,
    pub memory_limit_bytes: Vec<Option<u64>>,
    pub processes_limit: Vec<Option<u64>>,
}

impl Series {
    /// So many steps in which nothing was measured.
    pub fn empty(from: Timestamp, step_seconds: u32, len: usize) -> Self {
        let mut series = Self { from, step_seconds, ..Self::default() };
        series.columns().into_iter().for_each(|column| column.resize(len, None));
        series
    }

    /// Sets a step's figures; nothing beyond the end.
    pub fn put(&mut self, place: usize, figures: &Figures) {
        for (column, value) in self.columns().into_iter().zip(figures.row()) {
            if let Some(held) = column.get_mut(place) {
                *held = value;
            }
        }
    }

    /// A step's figures.
    pub fn at(&self, place: usize) -> Figures {
        let of = |column: &Vec<Option<u64>>| column.get(place).copied().flatten();
        Figures {
            cpu_millicores: of(&self.cpu_millicores),
            throttled_permille: of(&self.throttled_permille),
            memory_bytes: of(&self.memory_bytes),
            processes: of(&self.processes),
            read_bytes_per_second: of(&self.read_bytes_per_second),
            written_bytes_per_second: of(&self.written_bytes_per_second),
            received_bytes_per_second: of(&self.received_bytes_per_second),
            sent_bytes_per_second: of(&self.sent_bytes_per_second),
            cpu_limit_millicores: of(&self.cpu_limit_millicores),
            memory_limit_bytes: of(&self.memory_limit_bytes),
            processes_limit: of(&self.processes_limit),
        }
    }

    fn columns(&mut self) -> [&mut Vec<Option<u64>>; 11] {
        [
            &mut self.cpu_millicores,
            &mut self.throttled_permille,
            &mut self.memory_bytes,
            &mut self.processes,
            &mut self.read_bytes_per_second,
            &mut self.written_bytes_per_second,
            &mut self.received_bytes_per_second,
            &mut self.sent_bytes_per_second,
            &mut self.cpu_limit_millicores,
            &mut self.memory_limit_bytes,
            &mut self.processes_limit,
        ]
    }
}

/// What `GET /containers/{id}/stats` understands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StatsQuery {
    /// The host's id; needed only where two hosts have a container of this id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_id: Option<String>,
    /// What was measured in so long until now, at most two hours: `1h`, `90m`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<String>,
    /// Or from here, RFC 3339 …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// … to here; now if it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
}

/// `GET /containers/{id}/top`: who runs in it. Arguments of programs may hold secrets and are not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Processes {
    pub items: Vec<Process>,
    /// Whether there are more.
    #[serde(default)]
    pub truncated: bool,
}

/// A process, as the host sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Process {
    pub pid: u64,
    pub user: String,
    /// Thousandths of a core, over its life.
    #[serde(default)]
    pub cpu_millicores: Option<u64>,
    /// Resident, shared pages included.
    #[serde(default)]
    pub memory_bytes: Option<u64>,
    #[serde(default)]
    pub elapsed_seconds: Option<u64>,
    /// The program's name alone.
    pub program: String,
}

/// `GET /containers/{id}/changes`: what of its files differs from its image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct FileChanges {
    pub items: Vec<FileChange>,
    /// Whether there are more.
    #[serde(default)]
    pub truncated: bool,
}

/// A path that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct FileChange {
    pub path: String,
    /// `modified`, `added`, `deleted`.
    pub kind: String,
}

impl StatsQuery {
    fn query_string(&self) -> QueryString {
        QueryString::default()
            .text("host_id", self.host_id.as_deref())
            .text("history", self.history.as_deref())
            .text("from", self.from.as_deref())
            .text("to", self.to.as_deref())
    }
}

impl Client {
    pub fn container_stats(&self, id: &str, query: &StatsQuery) -> Call<ContainerStats> {
        self.get(query.query_string().of(&format!("/containers/{id}/stats")))
    }

    pub fn container_processes(&self, id: &str) -> Call<Processes> {
        self.get(format!("/containers/{id}/top"))
    }

    pub fn container_changes(&self, id: &str) -> Call<FileChanges> {
        self.get(format!("/containers/{id}/changes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_is_written_as_the_server_reads_it() {
        let text = || Some("a b".to_owned());
        let query = StatsQuery { host_id: text(), history: text(), from: text(), to: text() };
        crate::client::same_as_wire(&query, query.query_string());
    }

    #[test]
    fn figures_come_back_from_their_row() {
        let mut n = 0;
        let row = [(); 11].map(|()| {
            n += 1;
            Some(n).filter(|n| n % 4 != 0)
        });
        assert_eq!(Figures::from_row(&row).row(), row);
        let mut series = Series::empty(String::new(), 10, 2);
        series.put(1, &Figures::from_row(&row));
        series.put(2, &Figures::from_row(&row));
        assert_eq!((series.at(0), series.at(1).row(), series.memory_bytes.len()), (Figures::default(), row, 2));
        assert_eq!(Figures::from_row(&row[..3]).row()[3..], [None; 8], "an older version's row is shorter");
    }
}
