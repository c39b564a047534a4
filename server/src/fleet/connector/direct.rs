//! An answer without a task between: whoever reads it, reads the connection.
//!
//! A pooled client has a task for each connection, which hands its reader one piece at a time. An engine writes each log line as a piece by
//! itself, and waking two tasks for each costs more than all that is done with it.

use std::{
    fmt,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body::{Body, Frame};
use http_body_util::Empty;
use hyper::{
    Request, Response,
    body::Incoming,
    client::conn::http1::{SendRequest, handshake},
};

use super::{Connector, Fault};

/// The body of an answer. Its connection ends with it.
pub struct Direct {
    body: Incoming,
    /// Until it has ended.
    connection: Option<BoxFuture<'static, hyper::Result<()>>>,
    /// A connection that nobody can ask anything closes.
    _asks: SendRequest<Empty<Bytes>>,
}

impl fmt::Debug for Direct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Direct").field("body", &self.body).finish_non_exhaustive()
    }
}

impl Direct {
    /// Opens a connection, asks, and waits for the head of the answer.
    pub(super) async fn ask(connector: Connector, request: Request<Empty<Bytes>>) -> Result<Response<Self>, Fault> {
        let stream = connector.connect().await.map_err(|e| Fault::of(&e))?;
        let (mut asks, connection) = handshake(stream).await.map_err(|e| Fault::of(&e))?;
        let mut connection: Option<BoxFuture<'static, _>> = Some(Box::pin(connection));
        let mut answer = Box::pin(asks.send_request(request));
        let response = poll_fn(|cx| drive(&mut connection, cx, |cx| answer.as_mut().poll(cx)));
        let (head, body) = response.await.map_err(|e| Fault::of(&e))?.into_parts();
        drop(answer);
        Ok(Response::from_parts(head, Self { body, connection, _asks: asks }))
    }
}

impl Body for Direct {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Self { body, connection, .. } = self.get_mut();
        drive(connection, cx, |cx| Pin::new(&mut *body).poll_frame(cx))
    }
}

/// What comes of a connection: asked for first, then the connection is read, then asked for again. How a connection ends, `of_it` tells.
fn drive<T>(
    connection: &mut Option<BoxFuture<'static, hyper::Result<()>>>,
    cx: &mut Context<'_>,
    mut of_it: impl FnMut(&mut Context<'_>) -> Poll<T>,
) -> Poll<T> {
    let at_hand = of_it(cx);
    if at_hand.is_ready() {
        return at_hand;
    }
    let Some(open) = connection else { return Poll::Pending };
    if open.as_mut().poll(cx).is_ready() {
        *connection = None;
    }
    of_it(cx)
}
