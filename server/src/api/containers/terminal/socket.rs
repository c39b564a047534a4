//! One connection to a terminal.

use std::time::Duration;

use app::api::terminal::{TerminalOrder, TerminalWord};
use axum::{
    Error,
    extract::ws::{CloseFrame, Message, WebSocket, close_code},
};
use futures_util::{SinkExt as _, Stream, StreamExt as _};
use tokio::time::{interval, timeout};

use crate::{
    app::App,
    fleet::engine::Size,
    http::problem::Problem,
    terminal::{Attached, HELD, Held, Said},
};

/// How long one frame may take to go out.
const SEND: Duration = Duration::from_secs(30);
/// How often the other end is asked whether it is there.
const BEAT: Duration = Duration::from_secs(15);
/// Without anything from the other end.
const SILENCE: Duration = Duration::from_secs(45);
/// For the last words.
const FAREWELL: Duration = Duration::from_millis(500);

/// Serves a connection to its end. The terminal stays, unless it has ended.
pub async fn serve(app: &App, held: &Held, from: Option<u64>, counts: bool, socket: WebSocket) {
    let Some(Attached { missed, at, mut said }) = held.attach(from, counts).await else {
        return refuse(Problem::not_found("terminal"), socket).await;
    };
    let (mut out, mut messages) = socket.split();
    let hello = TerminalWord {
        r#type: "hello".into(),
        id: held.id().into(),
        shell: held.shell().into(),
        user: held.user().unwrap_or_default().into(),
        at,
        missed,
        held: u32::try_from(HELD.as_secs()).unwrap_or(u32::MAX),
        ..TerminalWord::default()
    };
    let write = async {
        send(&mut out, text(&hello)).await?;
        let mut beat = interval(BEAT);
        loop {
            let message = tokio::select! {
                heard = said.recv() => match heard {
                    Some(Said::Bytes(bytes)) => Message::Binary(bytes),
                    Some(Said::Ended { end, exit_code }) => {
                        let ended = TerminalWord { r#type: "ended".into(), reason: end.word().into(), exit_code, ..TerminalWord::default() };
                        return Ok(Some(ended));
                    }
                    // Another connection has this one's place.
                    None => return Ok(Some(TerminalWord { r#type: "ended".into(), reason: "taken".into(), ..TerminalWord::default() })),
                },
                _ = beat.tick() => Message::Ping(Vec::new().into()),
            };
            send(&mut out, message).await?;
        }
    };
    let last: Result<Option<TerminalWord>, Gone> = tokio::select! {
        last = write => last,
        () = read(held, &mut messages) => Ok(None),
    };
    if let Ok(Some(last)) = last {
        let code = if app.closing().is_cancelled() { close_code::RESTART } else { close_code::NORMAL };
        let reason = last.reason.clone();
        let words = async {
            send(&mut out, text(&last)).await?;
            send(&mut out, Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await
        };
        // Whoever does not read misses it.
        let _ = timeout(FAREWELL, words).await;
        let _ = timeout(FAREWELL, async { while messages.next().await.is_some_and(|m| m.is_ok()) {} }).await;
    }
}

/// Says why there is no terminal.
pub async fn refuse(problem: Problem, mut socket: WebSocket) {
    let word =
        TerminalWord { r#type: "refused".into(), code: problem.code().into(), detail: problem.detail().into(), ..TerminalWord::default() };
    let words = async {
        send(&mut socket, text(&word)).await?;
        send(&mut socket, Message::Close(Some(CloseFrame { code: close_code::NORMAL, reason: "refused".into() }))).await
    };
    // Whoever does not read misses it.
    let _ = timeout(FAREWELL, words).await;
    let _ = timeout(FAREWELL, async { while socket.next().await.is_some_and(|m| m.is_ok()) {} }).await;
}

/// Hands on what is typed, until nothing more comes. While the container does not take it, nothing more is read.
async fn read(held: &Held, messages: &mut (impl Stream<Item = Result<Message, Error>> + Unpin)) {
    while let Ok(Some(Ok(message))) = timeout(SILENCE, messages.next()).await {
        match message {
            Message::Binary(bytes) => held.type_in(bytes).await,
            // What is not understood is a newer page's word.
            Message::Text(text) => match serde_json::from_str::<TerminalOrder>(&text) {
                Ok(TerminalOrder::Resize { cols, rows }) => held.resize(Size { columns: cols.clamp(2, 1_000), rows: rows.clamp(2, 1_000) }),
                Ok(TerminalOrder::Processed { bytes }) => held.processed(bytes).await,
                Ok(TerminalOrder::End) => held.end().await,
                Err(error) => tracing::debug!(%error, "a terminal's frame was not understood"),
            },
            Message::Close(_) => return,
            Message::Ping(_) | Message::Pong(_) => {}
        }
    }
}

/// The connection is gone.
struct Gone;

async fn send(out: &mut (impl futures_util::Sink<Message, Error = Error> + Unpin), message: Message) -> Result<(), Gone> {
    timeout(SEND, out.send(message)).await.map_err(|_| Gone)?.map_err(|_| Gone)
}

fn text(word: &TerminalWord) -> Message {
    Message::Text(serde_json::to_string(word).expect("a word is plain data").into())
}
