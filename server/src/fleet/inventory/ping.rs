//! Whether an engine answers: decided here alone.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use http_body_util::{BodyExt, Limited};
use time::{OffsetDateTime, format_description::well_known::Rfc2822};
use tokio::time::{MissedTickBehavior, interval_at, timeout};

use super::host::Host;
use crate::fleet::connector::{ApiVersion, Call, Fault, Offer};

/// A ping's answer is two letters.
const ANSWER_BYTES: usize = 1_024;

/// What a good ping tells.
struct Pong {
    /// The newest API version of the engine.
    version: ApiVersion,
    /// Its clock.
    seconds: Option<i64>,
}

/// Pings an engine until the task is ended.
pub async fn keep_pinging(host: Arc<Host>) {
    let every = host.timings.ping_every;
    look(&host).await;
    // From then on in the host's own turn: hundreds of engines are not asked in one burst.
    let mut beat = interval_at(tokio::time::Instant::now() + host.turn(every), every);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        look(&host).await;
    }
}

async fn look(host: &Host) {
    let began = Instant::now();
    match timeout(host.timings.ping_within, ping(host)).await.unwrap_or(Err(Fault::Timeout)) {
        Ok(pong) => {
            if host.link.version() != pong.version {
                host.link.speak(pong.version);
            }
            host.answers(milliseconds(began.elapsed()), pong.seconds);
        }
        Err(fault) => host.fails(&fault),
    }
}

fn milliseconds(d: Duration) -> u32 {
    u32::try_from(d.as_millis()).unwrap_or(u32::MAX)
}

/// A connection that broke while it lay idle says nothing of the engine: a second try decides.
async fn ping(host: &Host) -> Result<Pong, Fault> {
    match once(host).await {
        Err(Fault::Reset) => once(host).await,
        first => first,
    }
}

async fn once(host: &Host) -> Result<Pong, Fault> {
    let response = host.link.get(Call::Short, "/_ping").await?;
    let header = |name: &str| response.headers().get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let (version, date) = (header("api-version"), header("date"));
    let body = Limited::new(response.into_body(), ANSWER_BYTES).collect().await;
    let body = body.map_err(|e| Fault::of(&*e))?.to_bytes();
    if body.trim_ascii() != b"OK" {
        return Err(Fault::NotAnEngine("its answer to a ping is not “OK”".to_owned()));
    }
    let version = match version {
        Some(api_version) => Offer { version: String::new(), api_version, min_api_version: String::new() },
        // A proxy may take the header away.
        None => host.link.get_json("/version").await?,
    };
    let seconds = date.and_then(|d| OffsetDateTime::parse(&d, &Rfc2822).ok()).map(OffsetDateTime::unix_timestamp);
    Ok(Pong { version: version.choose()?, seconds })
}
