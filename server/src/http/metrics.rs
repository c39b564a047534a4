//! `/metrics`: the console's own figures in Prometheus' text format, for whoever has the token.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use sha2::{Digest as _, Sha256};

use super::{health::Readiness, problem::Problem};
use crate::{app::App, clock::Millis, config::Secret};

/// Upper bounds of the histogram, in milliseconds.
const BOUNDS: [u64; 9] = [1, 5, 10, 25, 50, 100, 250, 1000, 5000];
const METHODS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "other"];
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Counts since the start. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Metrics(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    requests: [[AtomicU64; CLASSES.len()]; METHODS.len()],
    buckets: [AtomicU64; BOUNDS.len()],
    micros: AtomicU64,
    answered: AtomicU64,
}

impl Metrics {
    /// Counts one request by method, status and time to the answer's head.
    pub fn request(&self, method: &Method, status: u16, took: Duration) {
        let m = METHODS.iter().position(|m| *m == method.as_str()).unwrap_or(METHODS.len() - 1);
        let class = usize::from(status / 100).clamp(1, CLASSES.len()) - 1;
        self.0.requests[m][class].fetch_add(1, Ordering::Relaxed);
        if let Some(i) = BOUNDS.iter().position(|b| took <= Duration::from_millis(*b)) {
            self.0.buckets[i].fetch_add(1, Ordering::Relaxed);
        }
        self.0.micros.fetch_add(took.as_micros() as u64, Ordering::Relaxed);
        self.0.answered.fetch_add(1, Ordering::Relaxed);
    }

    fn write(&self, out: &mut String) {
        let _ = writeln!(out, "# HELP ecos_http_requests_total Requests answered.\n# TYPE ecos_http_requests_total counter");
        for (counts, method) in self.0.requests.iter().zip(METHODS) {
            for (count, class) in counts.iter().zip(CLASSES) {
                let n = count.load(Ordering::Relaxed);
                if n > 0 {
                    let _ = writeln!(out, "ecos_http_requests_total{{method=\"{method}\",status=\"{class}\"}} {n}");
                }
            }
        }
        let name = "ecos_http_request_duration_seconds";
        let _ = writeln!(out, "# HELP {name} Time to the head of the answer.\n# TYPE {name} histogram");
        let mut sum = 0;
        for (bucket, bound) in self.0.buckets.iter().zip(BOUNDS) {
            sum += bucket.load(Ordering::Relaxed);
            let _ = writeln!(out, "{name}_bucket{{le=\"{}\"}} {sum}", bound as f64 / 1000.0);
        }
        let answered = self.0.answered.load(Ordering::Relaxed);
        let _ = writeln!(out, "{name}_bucket{{le=\"+Inf\"}} {answered}");
        let _ = writeln!(out, "{name}_sum {}", self.0.micros.load(Ordering::Relaxed) as f64 / 1e6);
        let _ = writeln!(out, "{name}_count {answered}");
    }
}

/// What the handler needs.
#[derive(Clone)]
pub struct Scrape {
    pub app: App,
    pub metrics: Metrics,
    pub readiness: Readiness,
    pub started_at: Millis,
}

pub async fn metrics(State(scrape): State<Scrape>, headers: HeaderMap) -> Response {
    let Some(token) = &scrape.app.settings().metrics.token else {
        let detail = "Set ECOS_METRICS_TOKEN to a token of your own; metrics are read with it as a bearer token.";
        return Problem::new(StatusCode::FORBIDDEN, "no_metrics_token", detail).into_response();
    };
    if !is_given(token, &headers) {
        let challenge = HeaderValue::from_static("Bearer");
        return Problem::unauthenticated().header(header::WWW_AUTHENTICATE, challenge).into_response();
    }
    let mut out = String::new();
    gauge(&mut out, "ecos_build_info", "The version.", &format!("{{version=\"{}\"}}", env!("CARGO_PKG_VERSION")), 1.0);
    gauge(&mut out, "ecos_start_time_seconds", "When the console started.", "", scrape.started_at as f64 / 1000.0);
    gauge(&mut out, "ecos_ready", "Whether it can write to its database.", "", f64::from(u8::from(scrape.readiness.is_ready().await)));
    scrape.metrics.write(&mut out);
    fleet(&mut out, &scrape.app);
    workers(&mut out, &scrape.app);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], out).into_response()
}

/// Hosts and containers by state, in the API's words.
fn fleet(out: &mut String, app: &App) {
    let snapshot = app.fleet().snapshot();
    let word = |state: serde_json::Value| state.as_str().unwrap_or_default().to_owned();
    let mut hosts: BTreeMap<String, u64> = BTreeMap::new();
    let mut containers: BTreeMap<String, u64> = BTreeMap::new();
    for host in &snapshot.hosts {
        *hosts.entry(word(serde_json::json!(host.state))).or_default() += 1;
        for container in host.containers.iter() {
            *containers.entry(word(serde_json::json!(container.state))).or_default() += 1;
        }
    }
    for (name, help, counts) in [("ecos_hosts", "Hosts by state.", hosts), ("ecos_containers", "Containers by state.", containers)] {
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge");
        for (state, n) in counts {
            let _ = writeln!(out, "{name}{{state=\"{state}\"}} {n}");
        }
    }
    let name = "ecos_events_lost_total";
    let _ =
        writeln!(out, "# HELP {name} Engines' events that could not be kept.\n# TYPE {name} counter\n{name} {}", app.fleet().events_lost());
}

fn workers(out: &mut String, app: &App) {
    let statuses = app.workers().statuses();
    let name = "ecos_worker_failures_total";
    let _ = writeln!(out, "# HELP {name} Rounds of background tasks that failed.\n# TYPE {name} counter");
    for (worker, status) in statuses {
        let _ = writeln!(out, "{name}{{worker=\"{worker}\"}} {}", status.failures);
    }
}

fn gauge(out: &mut String, name: &str, help: &str, labels: &str, value: f64) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge\n{name}{labels} {value}");
}

/// Compared by digest, so that the time tells nothing of the token.
fn is_given(token: &Secret, headers: &HeaderMap) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|v| v.strip_prefix("Bearer "));
    given.is_some_and(|given| Sha256::digest(given.trim()) == Sha256::digest(token.expose()))
}
