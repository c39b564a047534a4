//! Keeps the fleet in step with the table of hosts, in which the machine's own engine always is.

use std::collections::HashSet;

use serde_json::{Value, json};
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::WorkerError;
use crate::{
    app::App,
    auth::{Actor, Permission as _, permission::host, permitted::ObjectRef},
    clock::Millis,
    fleet::{Endpoint, HostConfig, Past},
    store::{StoreError, host::HostRow},
};

/// Which host is the machine's own, in the store's notes.
const LOCAL: &str = "local_host";
/// How far back the fleet is told what happened: what restarts are counted over.
const PAST: Millis = 24 * 60 * 60 * 1000;

/// What a round needs.
pub struct Hosts {
    app: App,
    seeded: OnceCell<()>,
}

impl Hosts {
    pub fn new(app: App) -> Self {
        Self { app, seeded: OnceCell::new() }
    }

    pub async fn round(&self) -> Result<Value, WorkerError> {
        // Where nothing can be written the hosts that are known are followed all the same.
        let local = self.keep_local().await;
        self.seeded.get_or_try_init(|| self.seed()).await?;
        let rows = self.app.store().hosts().await?;
        let fleet = self.app.fleet();
        let known: HashSet<&str> = rows.iter().map(|r| r.id.as_str()).collect();
        for gone in fleet.snapshot().hosts.iter().filter(|h| !known.contains(h.id.as_str())) {
            fleet.remove(&gone.id);
        }
        let mut strange = Vec::new();
        for row in &rows {
            match Endpoint::parse(&row.endpoint) {
                Ok(endpoint) => fleet.add(HostConfig {
                    id: row.id.clone(),
                    name: row.name.clone(),
                    environment_id: row.environment_id.clone(),
                    endpoint,
                }),
                Err(_) => strange.push(row.name.clone()),
            }
        }
        local?;
        Ok(json!({ "hosts": rows.len(), "strange_endpoints": strange }))
    }

    /// Makes the machine's own host on the first start, and takes over where its engine is said to be.
    async fn keep_local(&self) -> Result<(), StoreError> {
        let store = self.app.store();
        let endpoint = self.app.settings().docker.endpoint();
        let known = store.meta(LOCAL).await?;
        let rows = store.hosts().await?;
        match rows.iter().find(|r| Some(&r.id) == known.as_ref() || known.is_none() && r.name == "local") {
            Some(row) if row.endpoint != endpoint => {
                let record = self.record("host.update", &row.id, &row.name, &endpoint);
                store.update_host(&row.id, &endpoint, row.environment_id.as_deref(), record).await?;
            }
            Some(_) => {}
            None => {
                let id = known.clone().unwrap_or_else(|| Uuid::now_v7().to_string());
                let record = self.record("host.create", &id, "local", &endpoint);
                let now = self.app.clock().now();
                let row = HostRow { id: id.clone(), name: "local".to_owned(), endpoint, environment_id: None, created_at: now };
                store.create_host(row, record).await?;
                store.set_meta(LOCAL, &id).await?;
            }
        }
        Ok(())
    }

    fn record(&self, action: &str, id: &str, name: &str, endpoint: &str) -> crate::store::Draft {
        let object = ObjectRef { kind: "host", id: id.to_owned(), name: name.to_owned(), ..ObjectRef::default() };
        self.app.trail().own_record(&Actor::system("hosts"), host::Manage::NAME, action, &object, endpoint)
    }

    /// Tells the fleet what was kept of containers' events, before it follows the first host.
    async fn seed(&self) -> Result<(), StoreError> {
        let since = self.app.clock().now() - PAST;
        let past = self.app.store().container_events_since(since).await?.into_iter().map(|e| Past {
            host_id: e.host_id,
            object_id: e.object_id,
            at: e.at,
            action: e.action,
            exit_code: e.exit_code,
            oom_killed: e.oom_killed,
        });
        self.app.fleet().seed(past);
        Ok(())
    }
}
