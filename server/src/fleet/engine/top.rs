//! Who runs in a container. What a program was started with may hold secrets: only its name is asked for.

use app::api::stats::{Process, Processes};
use serde::Deserialize;

use super::Engine;
use crate::{
    auth::{Permitted, permission::container::Read},
    fleet::{
        error::EngineError,
        text::{LONG, short},
    },
};

/// Processes that are told, at most.
const MOST: usize = 1_000;
/// What the engine's `ps` is asked for; and what those have that know fewer columns (busybox).
const ASKED: [&str; 2] = ["-eo%20pid,user,pcpu,rss,etimes,comm", "-o%20pid,user,rss,comm"];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Wire {
    #[serde(default)]
    titles: Vec<String>,
    #[serde(default)]
    processes: Option<Vec<Vec<String>>>,
}

impl Engine {
    /// The processes of a running container.
    pub async fn processes(&self, permitted: &Permitted<Read>, id: &str) -> Result<Processes, EngineError> {
        self.readable(permitted, id)?;
        let ask = async |columns: &str| {
            let path = format!("/containers/{id}/top?ps_args={columns}");
            self.host.link.get_json::<Wire>(&path).await.map_err(EngineError::of_container)
        };
        let wire = match ask(ASKED[0]).await {
            Err(EngineError::Refused(_)) => ask(ASKED[1]).await?,
            other => other?,
        };
        Ok(read(wire))
    }
}

fn read(wire: Wire) -> Processes {
    let column = |title: &str| wire.titles.iter().position(|t| t.eq_ignore_ascii_case(title));
    let places = ["PID", "USER", "%CPU", "RSS", "ELAPSED", "COMMAND"].map(column);
    let rows = wire.processes.unwrap_or_default();
    let truncated = rows.len() > MOST;
    let process = |row: Vec<String>| {
        let [pid, user, cpu, rss, elapsed, program] = places.map(|place| place.and_then(|i| row.get(i)).map(String::as_str));
        Some(Process {
            pid: pid?.parse().ok()?,
            user: short(user.unwrap_or_default(), LONG),
            cpu_millicores: cpu.and_then(|text| text.parse::<f64>().ok()).map(|percent| (percent * 10.0).max(0.0).round() as u64),
            memory_bytes: rss.and_then(kibibytes),
            elapsed_seconds: elapsed.and_then(|text| text.parse().ok()),
            program: short(program.unwrap_or_default(), LONG),
        })
    };
    Processes { items: rows.into_iter().take(MOST).filter_map(process).collect(), truncated }
}

/// `1576`, or as busybox writes it: `12m`.
fn kibibytes(text: &str) -> Option<u64> {
    let (number, unit) = match text.strip_suffix(['m', 'M']) {
        Some(number) => (number, 1 << 20),
        None => match text.strip_suffix(['g', 'G']) {
            Some(number) => (number, 1 << 30),
            None => (text, 1 << 10),
        },
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(json: &str) -> Vec<Process> {
        read(serde_json::from_str(json).expect("JSON")).items
    }

    #[test]
    fn columns_are_found_by_their_titles() {
        let all = said(
            r#"{"Processes":[["14892","root","36.9","1576","1","sh"],["15000","mail","0.0","88","12","my prog"],["x","","","","",""]],
                "Titles":["PID","USER","%CPU","RSS","ELAPSED","COMMAND"]}"#,
        );
        let first = Process {
            pid: 14_892,
            user: "root".into(),
            cpu_millicores: Some(369),
            memory_bytes: Some(1_576 << 10),
            elapsed_seconds: Some(1),
            program: "sh".into(),
        };
        assert_eq!(all[0], first);
        assert_eq!((all.len(), all[1].program.as_str(), all[1].elapsed_seconds), (2, "my prog", Some(12)));
    }

    #[test]
    fn a_ps_that_knows_less_says_less() {
        let all = said(r#"{"Titles":["PID","USER","RSS","COMMAND"],"Processes":[["7","0","12m","nginx"]]}"#);
        assert_eq!((all[0].memory_bytes, all[0].cpu_millicores, all[0].elapsed_seconds), (Some(12 << 20), None, None));
        assert_eq!(said(r#"{"Titles":[],"Processes":null}"#), []);
    }
}
