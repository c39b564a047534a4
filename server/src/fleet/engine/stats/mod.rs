//! What a container uses, by the engine's own word: where the kernel's files can't be read, and only while somebody looks.

mod wire;

use app::api::stats::Figures;
use bytes::BytesMut;
use futures_util::{Stream, stream};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use serde_json::Value;

use super::Engine;
use crate::{
    auth::{Permitted, permission::container::Read},
    fleet::{
        connector::{Call, Fault, parse},
        error::EngineError,
    },
    metrics::{Limits, Sample, figures},
};
use wire::EngineSample;

/// The longest line of the stream: on large machines it holds a figure for each processor.
const LINE: usize = 512 << 10;

impl Engine {
    /// The figures of now. The engine itself takes a second or two, to tell rates. `None`: it does not run.
    pub async fn usage(&self, permitted: &Permitted<Read>, id: &str) -> Result<Option<Figures>, EngineError> {
        self.readable(permitted, id)?;
        let limits = limits(&self.inspect_raw(id).await?);
        let answer = self.host.link.get_json::<EngineSample>(&format!("/containers/{id}/stats?stream=false")).await;
        let answer = answer.map_err(EngineError::of_container)?;
        Ok(answer.samples(limits).map(|(now, before)| figures(&now, before)))
    }

    /// Figures as the engine tells them, about each second, until the container or the connection ends.
    pub async fn usage_follow(
        &self,
        permitted: &Permitted<Read>,
        id: &str,
    ) -> Result<impl Stream<Item = Result<Figures, EngineError>> + Send + use<>, EngineError> {
        self.readable(permitted, id)?;
        let limits = limits(&self.inspect_raw(id).await?);
        let response = self.host.link.get(Call::Stream, &format!("/containers/{id}/stats?stream=true")).await;
        let body = response.map_err(EngineError::of_container)?.into_body();
        let state = Reading { body, held: BytesMut::new(), before: None, limits };
        Ok(stream::try_unfold(state, |mut state| async move { Ok(state.next().await?.map(|figures| (figures, state))) }))
    }
}

struct Reading {
    body: Incoming,
    held: BytesMut,
    before: Option<Sample>,
    limits: Limits,
}

impl Reading {
    async fn next(&mut self) -> Result<Option<Figures>, EngineError> {
        loop {
            if let Some(end) = self.held.iter().position(|b| *b == b'\n') {
                let line = self.held.split_to(end + 1);
                let said: EngineSample = parse(&line).map_err(EngineError::of_container)?;
                // A container that has ended goes on with empty ones.
                let Some((now, before)) = said.samples(self.limits) else { continue };
                return Ok(Some(figures(&now, self.before.replace(now).or(before))));
            }
            if self.held.len() > LINE {
                return Err(EngineError::Unreachable(Fault::TooLarge));
            }
            match self.body.frame().await {
                None => return Ok(None),
                Some(Err(e)) => return Err(EngineError::of_container(Fault::of(&e))),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.held.extend_from_slice(&data);
                    }
                }
            }
        }
    }
}

/// What a container may use, of its inspection.
fn limits(inspection: &Value) -> Limits {
    let number = |name: &str| inspection.pointer("/HostConfig").and_then(|h| h.get(name)).and_then(Value::as_i64).filter(|n| *n > 0);
    let quota = || Some(number("CpuQuota")?.unsigned_abs() * 1_000 / number("CpuPeriod").unwrap_or(100_000).unsigned_abs());
    Limits {
        cpu_millicores: number("NanoCpus").map(|nanos| nanos.unsigned_abs() / 1_000_000).or_else(quota),
        memory_bytes: number("Memory").map(i64::unsigned_abs),
        processes: number("PidsLimit").map(i64::unsigned_abs),
    }
}
