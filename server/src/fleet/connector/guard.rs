//! Limits on a connection's bytes. bollard wants hyper's own body and collects it without a limit, so that they sit here, below
//! HTTP: what comes in since the last request is counted, and each piece must follow the one before in time.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep},
};

/// What one connection may do. `None`: no limit.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Limits {
    /// Between two pieces that come in, or between a request and the first.
    pub idle: Option<Duration>,
    /// Since the last request.
    pub bytes: Option<u64>,
}

/// What the error of a connection says that ran over its size.
pub(super) const TOO_LARGE: &str = "the answer is too large";
/// What the error of a connection says that stood still.
pub(super) const STOOD_STILL: &str = "the answer stopped coming";

/// A connection within limits.
pub(super) struct Guarded<T> {
    inner: T,
    limits: Limits,
    read: u64,
    timer: Option<Pin<Box<Sleep>>>,
}

impl<T> Guarded<T> {
    pub fn new(inner: T, limits: Limits) -> Self {
        Self { inner, limits, read: 0, timer: limits.idle.map(|idle| Box::pin(tokio::time::sleep(idle))) }
    }

    fn moved(&mut self) {
        if let (Some(timer), Some(idle)) = (&mut self.timer, self.limits.idle) {
            timer.as_mut().reset(Instant::now() + idle);
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Guarded<T> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        match Pin::new(&mut this.inner).poll_read(cx, buffer) {
            Poll::Ready(Ok(())) => {
                this.read += (buffer.filled().len() - before) as u64;
                if this.limits.bytes.is_some_and(|cap| this.read > cap) {
                    return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, TOO_LARGE)));
                }
                this.moved();
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(e)) => Poll::Ready(Err(e)),
            Poll::Pending => match this.timer.as_mut().map(|timer| timer.as_mut().poll(cx)) {
                Some(Poll::Ready(())) => Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, STOOD_STILL))),
                _ => Poll::Pending,
            },
        }
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Guarded<T> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.inner).poll_write(cx, bytes);
        if matches!(written, Poll::Ready(Ok(n)) if n > 0) {
            this.read = 0;
            this.moved();
        }
        written
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn silence_ends_it_and_each_piece_gives_new_time() {
        let (mut far, near) = duplex(64);
        let mut near = Guarded::new(near, Limits { idle: Some(Duration::from_secs(10)), bytes: None });
        for _ in 0..3 {
            tokio::time::advance(Duration::from_secs(9)).await;
            far.write_all(b"x").await.expect("open");
            near.read_u8().await.expect("in time");
        }
        let error = near.read_u8().await.expect_err("silent");
        assert_eq!((error.kind(), error.to_string().as_str()), (io::ErrorKind::TimedOut, STOOD_STILL));
    }

    #[tokio::test]
    async fn size_counts_from_the_last_request() {
        let (mut far, near) = duplex(64);
        let mut near = Guarded::new(near, Limits { idle: None, bytes: Some(4) });
        let mut four = [0; 4];
        for _ in 0..2 {
            near.write_all(b"?").await.expect("open");
            far.write_all(b"1234").await.expect("open");
            near.read_exact(&mut four).await.expect("within the limit");
        }
        far.write_all(b"5").await.expect("open");
        assert_eq!(near.read_u8().await.expect_err("over it").to_string(), TOO_LARGE);
    }
}
