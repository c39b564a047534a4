//! What the browser says: understood, carried out, answered.

use std::collections::HashSet;

use app::api::live::{ClientFrame, ServerFrame, Topic};
use serde_json::Value;

use super::{
    change::Kind,
    listener::{Listener, Refusal},
    logs,
};
use crate::app::App;

/// Carries a text frame out. What is to be answered, if anything.
pub async fn carry_out(app: &App, listener: &Listener, text: &str) -> Option<ServerFrame> {
    let frame = match serde_json::from_str::<ClientFrame>(text) {
        Ok(frame) => frame,
        Err(e) => return Some(refused(number_in(text), "not_understood", e.to_string())),
    };
    match frame {
        ClientFrame::Subscribe { sub, topic: Topic::Changes { kinds }, credit } => {
            let Some(known) = kinds.iter().map(|k| Kind::parse(k)).collect::<Option<HashSet<Kind>>>() else {
                let words = Kind::ALL.map(Kind::word).join(", ");
                return Some(refused(Some(sub), "unknown_kind", format!("The kinds are {words}.")));
            };
            Some(answer(sub, listener.subscribe(sub, known, credit)).unwrap_or(ServerFrame::Subscribed { sub }))
        }
        ClientFrame::Subscribe { sub, topic: Topic::Logs { containers, tail, since }, credit } => {
            let asked = logs::Asked { containers, tail, since };
            Some(match logs::subscribe(app, listener, sub, asked, credit).await {
                Ok(()) => ServerFrame::Subscribed { sub },
                Err(Refused { code, detail }) => refused(Some(sub), code, detail),
            })
        }
        ClientFrame::Subscribe { sub, topic: Topic::Stats { containers }, credit } => {
            let keys = containers.into_iter().map(|c| (c.host_id, c.id)).collect();
            Some(answer(sub, listener.watch(sub, keys, credit)).unwrap_or(ServerFrame::Subscribed { sub }))
        }
        ClientFrame::Credit { sub, bytes } => answer(sub, listener.credit(sub, bytes)),
        ClientFrame::Unsubscribe { sub } => {
            let ended = ServerFrame::Ended { sub, reason: "unsubscribed".to_owned() };
            Some(answer(sub, listener.unsubscribe(sub)).unwrap_or(ended))
        }
    }
}

pub fn refused(sub: Option<u32>, code: &str, detail: impl Into<String>) -> ServerFrame {
    ServerFrame::Refused { sub, code: code.to_owned(), detail: detail.into() }
}

/// Nothing where it was done.
fn answer(sub: u32, done: Result<(), Refusal>) -> Option<ServerFrame> {
    let Refused { code, detail } = done.err()?.into();
    Some(refused(Some(sub), code, detail))
}

/// Why a frame is not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub code: &'static str,
    pub detail: String,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal {
            Refusal::TooMany | Refusal::TooManyLogs => "too_many_subscriptions",
            Refusal::Taken => "number_taken",
            Refusal::TooManyContainers => "too_many_containers",
            Refusal::Unknown => "no_such_subscription",
        };
        Self { code, detail: format!("{refusal}.") }
    }
}

/// Of a frame that was not understood.
fn number_in(text: &str) -> Option<u32> {
    serde_json::from_str::<Value>(text).ok()?.get("sub")?.as_u64()?.try_into().ok()
}
