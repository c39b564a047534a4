//! Puts a container, as the engine has it now, before the policy.

use std::collections::BTreeSet;

use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::Value;

use super::Engine;
use crate::{
    auth::{Permission, Permitted, permission::container::Read},
    fleet::{
        connector::Fault,
        error::EngineError,
        policy::{Own, Owner, Reviewed, Rules, Subject, Verdict, Wanted, WantedVolume, judge, reaches_engine, review},
        text,
    },
};

/// How many volumes are looked at once.
const AT_ONCE: usize = 8;

impl Engine {
    /// Judges a container as it will be: as it is, with what `change` makes of it.
    pub async fn judge<P: Permission>(
        &self,
        permitted: &Permitted<P>,
        id: &str,
        rules: Rules,
        subject: &Subject,
        change: impl FnOnce(&mut Wanted),
    ) -> Result<Verdict, EngineError> {
        self.readable(permitted, id)?;
        let inspection = self.inspect_raw(id).await?;
        let mut wanted = Wanted::from_inspection(self.host_id(), &inspection);
        change(&mut wanted);
        self.judge_wanted(&mut wanted, rules, subject).await
    }

    /// What the policy says of a container as it is.
    pub async fn review(&self, permitted: &Permitted<Read>, id: &str, rules: Rules, owner: &Owner) -> Result<Vec<Reviewed>, EngineError> {
        self.readable(permitted, id)?;
        let mut wanted = Wanted::from_inspection(self.host_id(), &self.inspect_raw(id).await?);
        let rules = self.rules_here(&mut wanted, rules).await?;
        Ok(review(&wanted, &rules, owner))
    }

    /// Judges a whole result.
    pub(super) async fn judge_wanted(&self, wanted: &mut Wanted, rules: Rules, subject: &Subject) -> Result<Verdict, EngineError> {
        let rules = self.rules_here(wanted, rules).await?;
        Ok(judge(wanted, &rules, subject))
    }

    /// The rules with what the host itself is to them (its cgroups, the console's own objects), and the result with the volumes that it names.
    async fn rules_here(&self, wanted: &mut Wanted, mut rules: Rules) -> Result<Rules, EngineError> {
        let named = wanted.named_volumes();
        wanted.volumes = stream::iter(named)
            .map(|name| async move { self.volume(&name).await.map(|v| (name, v)) })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        if let Some(engine) = self.host.introduction() {
            rules.cgroup_v1 = engine.cgroup_version == "1";
            rules.engine_root.clone_from(&engine.root_dir);
        }
        let own = self.own().await?;
        rules.siblings.retain(|sibling| !own.containers.contains(sibling));
        rules.own.containers.extend(own.containers);
        rules.own.volumes.extend(own.volumes);
        rules.own.paths.extend(own.paths);
        Ok(rules)
    }

    /// A volume as it is; one that is not there will be an ordinary one.
    pub(super) async fn volume(&self, name: &str) -> Result<WantedVolume, EngineError> {
        if !text::is_id(name) {
            return Err(EngineError::Refused("a volume has a name that no engine gives".to_owned()));
        }
        let volume: Value = match self.host.link.get_json(&format!("/volumes/{name}")).await {
            Ok(volume) => volume,
            Err(Fault::Status { status: 404, .. }) => return Ok(WantedVolume::default()),
            Err(fault) => return Err(EngineError::of_container(fault)),
        };
        let driver = volume.get("Driver").and_then(Value::as_str).unwrap_or_default().to_owned();
        let options = volume.get("Options").and_then(Value::as_object).into_iter().flatten();
        let options = options.map(|(k, v)| (k.clone(), v.as_str().unwrap_or_default().to_owned())).collect();
        Ok(WantedVolume { driver, options })
    }

    /// The console's own objects, where it runs on this host.
    async fn own(&self) -> Result<Own, EngineError> {
        let Some(id) = self.host.own_container().filter(|id| self.host.holds(id)) else { return Ok(Own::default()) };
        let wanted = Wanted::from_inspection(self.host_id(), &self.inspect_raw(id).await?);
        // Its engine's socket is no directory of its own.
        let binds = wanted.mounts.iter().filter(|m| m.kind == "bind" && !reaches_engine(&m.source));
        let paths = binds.map(|m| m.source.clone()).collect();
        let volumes = wanted.named_volumes();
        Ok(Own { containers: BTreeSet::from([id.to_owned(), wanted.name]), volumes, paths })
    }
}
