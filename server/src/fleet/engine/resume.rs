//! A replacement that was cut off by the console's end: brought to its end where the new container is well, else taken back.
//!
//! What stands there tells how far it came: the old one waits under a name that follows from the intent, the new one carries the intent in
//! `ecos.op`. A label alone proves nothing; here it must be that of an intent which this console's own store holds open, on the container
//! that has the old one's name.

use std::time::Duration;

use serde_json::Value;

use super::{
    Engine,
    observe::Observed,
    recreate::{Replaced, Wellness, aside},
};
use crate::{
    audit::Intent,
    auth::permission::container::Update,
    clock::parse_rfc3339,
    fleet::{connector::Fault, error::EngineError, events::ours::Deed, text},
};

/// What is known of a replacement that was cut off.
#[derive(Clone, Debug)]
pub struct CutOff {
    /// The old one, before anything was done.
    pub before: Observed,
    /// Nothing that was sent can be under way any more.
    pub is_quiet: bool,
    /// For how long the new one has been seen running.
    pub seen_running: Duration,
}

/// How it stands now.
#[derive(Debug)]
pub enum Resumed {
    /// It can't be said yet; whether the new one runs.
    NotYet { new_runs: bool },
    /// The old one was never touched.
    Untouched,
    /// The new one is well and alone. Where even the old one's end was seen by nobody, too.
    Replaced(Replaced),
    /// The old one stands as before; why.
    PutBack(String),
    /// Nothing more is done, for nobody can tell what is right.
    Unknown(String),
}

impl Engine {
    /// Looks at a replacement that was cut off and does the next step of putting it right. It can be asked again at any time, and a console
    /// that ends meanwhile loses nothing.
    pub async fn resume_replacement(&self, intent: &Intent<Update>, cut: &CutOff) -> Result<Resumed, EngineError> {
        let (_, id) = intent.object();
        self.ready(intent.object(), id)?;
        let Observed::There { name: Some(name), running: ran, started_at, .. } = &cut.before else {
            return Ok(Resumed::Unknown("what was there before is not known".to_owned()));
        };
        let _taken = self.host.busy.take(id)?;
        let _ours = self.host.ours.register(id, Deed::Replace, Self::by(intent));
        let waits_as = aside(name, intent.id());
        let now = self.observe(id).await?;
        let standing = self.standing(name).await?;
        let new = standing.as_ref().filter(|c| is_made_by(c, intent.id()) && id_of(c) != id);
        let Observed::There { name: Some(called), running, started_at: started, .. } = &now else {
            return match new {
                Some(new) => self.replaced(intent, new).await,
                None => Ok(Resumed::Unknown("neither the old container nor a new one is there".to_owned())),
            };
        };
        if called == name {
            // A name is given in a moment; the rest of what was sent has not begun without it.
            return Ok(if cut.is_quiet { Resumed::Untouched } else { Resumed::NotYet { new_runs: false } });
        }
        if *called != waits_as {
            return Ok(Resumed::Unknown(format!("somebody has called the old container {called}")));
        }
        let why = match (new, standing.as_ref()) {
            (Some(new), _) if *ran => match Wellness::of(new, cut.seen_running) {
                Wellness::NotYet => return Ok(Resumed::NotYet { new_runs: true }),
                Wellness::Well => {
                    self.remove_old(id).await?;
                    return self.replaced(intent, new).await;
                }
                Wellness::Unwell(why) => format!("the new container did not get well: {why}"),
            },
            (None, Some(_)) => return Ok(Resumed::Unknown(format!("another container has its name; the old one waits as {waits_as}"))),
            // It runs as it ran: a stop may be under way still, which would hit it under its own name.
            (None, None) if *running && started == started_at && *ran && !cut.is_quiet => return Ok(Resumed::NotYet { new_runs: false }),
            // A new one that is not to be started does not tell whether it was finished.
            (Some(_), _) | (None, None) => "the console ended before it was done".to_owned(),
        };
        if let Some(new) = new {
            self.take_away(intent, id_of(new)).await;
        }
        self.put_back(id, name, *ran).await?;
        Ok(Resumed::PutBack(why))
    }

    /// The container of this name, whosever it is.
    async fn standing(&self, name: &str) -> Result<Option<Value>, EngineError> {
        if !text::is_id(name) {
            return Ok(None);
        }
        match self.host.link.get_json::<Value>(&format!("/containers/{name}/json")).await {
            // Names come before the beginnings of ids; what has no such name is another.
            Ok(found) => Ok(Some(found).filter(|c| c.get("Name").and_then(Value::as_str) == Some(&format!("/{name}")))),
            Err(Fault::Status { status: 404, .. }) => Ok(None),
            Err(fault) => Err(EngineError::of_container(fault)),
        }
    }

    async fn replaced(&self, intent: &Intent<Update>, new: &Value) -> Result<Resumed, EngineError> {
        let entry = self.shown_new(id_of(new)).await?;
        let mut volumes = Vec::new();
        for mount in new.get("Mounts").and_then(Value::as_array).into_iter().flatten() {
            let Some(name) = mount.get("Name").and_then(Value::as_str).filter(|name| text::is_id(name)) else { continue };
            let volume: Value = self.host.link.get_json(&format!("/volumes/{name}")).await.map_err(EngineError::of_container)?;
            if volume.pointer("/Labels/ecos.op").and_then(Value::as_str) == Some(intent.id()) {
                let at = volume.get("CreatedAt").and_then(Value::as_str).and_then(parse_rfc3339).unwrap_or_default();
                volumes.push((name.to_owned(), at / 1_000 * 1_000));
            }
        }
        Ok(Resumed::Replaced(Replaced { entry, volumes }))
    }
}

fn id_of(inspection: &Value) -> &str {
    inspection.get("Id").and_then(Value::as_str).unwrap_or_default()
}

fn is_made_by(inspection: &Value, intent: &str) -> bool {
    inspection.pointer("/Config/Labels/ecos.op").and_then(Value::as_str) == Some(intent)
}
