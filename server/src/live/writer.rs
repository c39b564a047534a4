//! A socket's way out: control frames first, then each subscription in its turn. A reader that does not read is given up.

use std::time::Duration;

use app::api::live::ServerFrame;
use axum::{Error, extract::ws::Message};
use futures_util::{Sink, SinkExt as _};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until, timeout},
};

use super::{
    Hub, Listener,
    subscription::{Outgoing, json},
};
use crate::{clock::rfc3339, http::pages};

/// How long one frame may take to go out.
const SEND: Duration = Duration::from_secs(30);
/// How often the other end is asked, and told, that the connection stands.
pub const BEAT: Duration = Duration::from_secs(20);

/// A frame could not go out.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("the connection is gone: {0}")]
    Gone(#[from] Error),
    #[error("the other end has not read for {} seconds", SEND.as_secs())]
    Stuck,
}

/// Sends one message, or gives up.
pub async fn send(out: &mut (impl Sink<Message, Error = Error> + Unpin), message: Message) -> Result<(), WriteError> {
    timeout(SEND, out.send(message)).await.map_err(|_| WriteError::Stuck)?.map_err(WriteError::Gone)
}

pub fn text(frame: &ServerFrame) -> Message {
    Message::Text(json(frame).into())
}

/// Writes until a frame can't go out.
pub async fn run(
    out: &mut (impl Sink<Message, Error = Error> + Unpin),
    hub: &Hub,
    listener: &Listener,
    control: &mut mpsc::Receiver<ServerFrame>,
) -> WriteError {
    let mut beat_at = Instant::now();
    loop {
        let sent = if Instant::now() >= beat_at {
            beat_at = Instant::now() + BEAT;
            beat(out, hub).await
        } else if let Ok(frame) = control.try_recv() {
            send(out, text(&frame)).await
        } else if let Some(next) = listener.next(hub.now()) {
            let message = match next {
                Outgoing::Frame(frame) => text(&frame),
                Outgoing::Bulk(bytes) => Message::Binary(bytes),
            };
            send(out, message).await
        } else {
            let due =
                listener.wake_at().map(|at| Instant::now() + Duration::from_millis(at.saturating_sub(hub.now()).max(0).unsigned_abs()));
            tokio::select! {
                Some(frame) = control.recv() => send(out, text(&frame)).await,
                () = listener.wake.notified() => Ok(()),
                () = sleep_until(due.unwrap_or(beat_at).min(beat_at)) => Ok(()),
            }
        };
        if let Err(error) = sent {
            return error;
        }
    }
}

/// A page can't see pings, so it hears the hello again.
async fn beat(out: &mut (impl Sink<Message, Error = Error> + Unpin), hub: &Hub) -> Result<(), WriteError> {
    let hello = ServerFrame::Hello { build: pages::build().to_owned(), at: rfc3339(hub.clock().now()) };
    send(out, text(&hello)).await?;
    send(out, Message::Ping(Vec::new().into())).await
}
