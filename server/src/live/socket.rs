//! One socket, from its upgrade to its end.

use std::time::Duration;

use app::api::live::ServerFrame;
use axum::{
    Error,
    extract::ws::{CloseFrame, Message, WebSocket, close_code},
};
use futures_util::{Sink, Stream, StreamExt as _};
use tokio::{sync::mpsc, time::timeout};

use super::{
    Listener, frames,
    guard::{self, End},
    hub::Place,
    writer::{self, WriteError},
};
use crate::app::App;

/// The longest message from a browser, in bytes.
pub const MESSAGE: usize = 64 * 1024;
/// Answers to a browser's frames that may wait; then no more frames are read.
const CONTROL: usize = 64;
/// Without anything from the other end, which is asked every [`writer::BEAT`].
const SILENCE: Duration = Duration::from_mins(1);
/// For the last words.
const FAREWELL: Duration = Duration::from_millis(500);

/// Why a socket is over.
#[derive(Debug, thiserror::Error)]
enum Over {
    #[error("the other end closed it")]
    Closed,
    #[error("the other end has been silent for {} seconds", SILENCE.as_secs())]
    Silent,
    #[error("a message could not be read: {0}")]
    Unreadable(Error),
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error("{}", .0.word())]
    Ended(End),
}

/// Serves a socket in its place.
pub async fn serve(app: App, place: Place, socket: WebSocket) {
    let (mut out, mut messages) = socket.split();
    let (answers, mut control) = mpsc::channel(CONTROL);
    let listener = place.listener();
    let over = tokio::select! {
        over = read(&app, &mut messages, listener, &answers) => over,
        error = writer::run(&mut out, app.hub(), listener, &mut control) => error.into(),
        end = guard::watch(&app, listener) => Over::Ended(end),
    };
    tracing::debug!(user = listener.with_sight(|s| s.actor().name().to_owned()), %over, "a live socket is over");
    if let Over::Ended(end) = over {
        // Whoever does not read misses it.
        let _ = timeout(FAREWELL, farewell(&mut out, listener, end)).await;
        // The other end closes, too: until then its connection would be reset under the last frames.
        let _ = timeout(FAREWELL, async { while messages.next().await.is_some_and(|m| m.is_ok()) {} }).await;
    }
}

/// Reads until there is nothing more to read.
async fn read(
    app: &App,
    messages: &mut (impl Stream<Item = Result<Message, Error>> + Unpin),
    listener: &Listener,
    answers: &mpsc::Sender<ServerFrame>,
) -> Over {
    loop {
        // First a place for the answer, so that it goes out before what the frame sets off.
        let Ok(place) = answers.reserve().await else { return Over::Closed };
        let message = match timeout(SILENCE, messages.next()).await {
            Err(_) => return Over::Silent,
            Ok(None | Some(Ok(Message::Close(_)))) => return Over::Closed,
            Ok(Some(Err(error))) => return Over::Unreadable(error),
            Ok(Some(Ok(message))) => message,
        };
        let answer = match message {
            Message::Text(text) => frames::carry_out(app, listener, &text).await,
            Message::Binary(_) => Some(frames::refused(None, "not_understood", "The browser's frames are text.")),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => None,
        };
        if let Some(frame) = answer {
            place.send(frame);
        }
    }
}

async fn farewell(out: &mut (impl Sink<Message, Error = Error> + Unpin), listener: &Listener, end: End) -> Result<(), WriteError> {
    for sub in listener.numbers() {
        let ended = ServerFrame::Ended { sub, reason: end.word().to_owned() };
        writer::send(out, writer::text(&ended)).await?;
    }
    let code = match end {
        End::Revoked => close_code::POLICY,
        End::Closing => close_code::RESTART,
    };
    writer::send(out, Message::Close(Some(CloseFrame { code, reason: end.word().into() }))).await
}
