//! The process id that the server gave a session at login.
//!
//! The driver keeps it for cancelling and shows it nowhere else, so a request to cancel is written to memory and read.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::CancelToken;
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};

/// The end of the request: the process id and the secret key, four bytes each.
const KEY_LENGTH: usize = 8;

pub(super) async fn process_id(token: &CancelToken) -> Option<i32> {
    let written = Memory::default();
    token.cancel_query_raw(written.clone(), InClear).await.ok()?;
    let bytes = written.0.lock().unwrap_or_else(PoisonError::into_inner);
    let id = bytes.len().checked_sub(KEY_LENGTH).and_then(|start| bytes.get(start..start + 4))?;
    Some(i32::from_be_bytes(id.try_into().ok()?))
}

/// A server that offers TLS and keeps what it is sent.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl AsyncRead for Memory {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        buffer.put_slice(b"S");
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Memory {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl TlsStream for Memory {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

/// The driver insists on TLS where the session has it.
struct InClear;

impl TlsConnect<Memory> for InClear {
    type Stream = Memory;
    type Error = Infallible;
    type Future = Ready<Result<Memory, Infallible>>;

    fn connect(self, stream: Memory) -> Self::Future {
        ready(Ok(stream))
    }
}
