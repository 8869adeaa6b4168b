use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream, UnixStream, unix};
use tokio::sync::watch;

/// When, seen from one message of the client, the world stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The message never reaches the server.
    Before,
    /// The server has done what it says, and the client does not hear of it.
    After,
}

/// A proxy that counts the messages of its clients and stands still at one of them.
pub(crate) struct FaultProxy {
    pub(crate) port: u16,
    state: Arc<State>,
}

struct State {
    seen: AtomicUsize,
    point: usize,
    moment: Moment,
    reached: watch::Sender<bool>,
    verdict: watch::Sender<Verdict>,
}

/// What becomes of the bytes that were held back.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    None,
    /// They flow again.
    Flow,
    /// Every connection is cut.
    Cut,
}

impl FaultProxy {
    /// Stands still at the message with this number, from 0, counted over all connections.
    pub(crate) async fn start(socket: PathBuf, point: usize, moment: Moment) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (reached, verdict) = (watch::Sender::new(false), watch::Sender::new(Verdict::None));
        let state = Arc::new(State { seen: AtomicUsize::new(0), point, moment, reached, verdict });
        let proxy = Self { port: listener.local_addr().unwrap().port(), state: Arc::clone(&state) };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = UnixStream::connect(&socket).await else { continue };
                tokio::spawn(connection(client, server, Arc::clone(&state)));
            }
        });
        proxy
    }

    /// How many messages have come by.
    pub(crate) fn seen(&self) -> usize {
        self.state.seen.load(Ordering::SeqCst)
    }

    /// Waits until the point is reached.
    pub(crate) async fn reached(&self) {
        self.state.reached.subscribe().wait_for(|reached| *reached).await.unwrap();
    }

    pub(crate) fn cut(&self) {
        self.state.verdict.send_replace(Verdict::Cut);
    }

    pub(crate) fn flow(&self) {
        self.state.verdict.send_replace(Verdict::Flow);
    }
}

async fn connection(client: TcpStream, server: UnixStream, state: Arc<State>) {
    client.set_nodelay(true).unwrap();
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    let held = Arc::new(watch::Sender::new(false));
    let mut verdict = state.verdict.subscribe();
    let cut = async move {
        // The sender lives as long as the proxy; without it there is nothing to cut.
        let _ = verdict.wait_for(|verdict| *verdict == Verdict::Cut).await;
    };
    let answers = answers(from_server, to_client, Arc::clone(&held), Arc::clone(&state));
    tokio::select! {
        () = questions(from_client, to_server, held, Arc::clone(&state)) => {}
        () = answers => {}
        () = cut => {}
    }
}

/// Hands the client's messages on one by one.
async fn questions(
    client: OwnedReadHalf,
    mut server: unix::OwnedWriteHalf,
    held: Arc<watch::Sender<bool>>,
    state: Arc<State>,
) {
    let mut client = Messages { client, buffer: Vec::new(), started: false };
    while let Some(message) = client.next().await {
        let is_point = state.seen.fetch_add(1, Ordering::SeqCst) == state.point;
        if is_point && state.moment == Moment::Before {
            state.reached.send_replace(true);
            if !stand_still(&mut client, &state).await {
                return;
            }
        }
        if is_point && state.moment == Moment::After {
            held.send_replace(true);
        }
        if server.write_all(&message).await.is_err() {
            return;
        }
        if is_point && state.moment == Moment::After {
            // Long enough for most statements; the others are met half-way, which is a point as well.
            tokio::time::sleep(Duration::from_millis(25)).await;
            state.reached.send_replace(true);
            if !stand_still(&mut client, &state).await {
                return;
            }
            held.send_replace(false);
        }
    }
}

/// Waits for the verdict; false when the client is gone, whose socket the server then sees closed.
async fn stand_still(client: &mut Messages, state: &State) -> bool {
    let mut verdict = state.verdict.subscribe();
    tokio::select! {
        _ = verdict.wait_for(|verdict| *verdict == Verdict::Flow) => true,
        () = client.gone() => false,
    }
}

async fn answers(
    mut server: unix::OwnedReadHalf,
    mut client: OwnedWriteHalf,
    held: Arc<watch::Sender<bool>>,
    state: Arc<State>,
) {
    let mut buffer = vec![0; 1 << 16];
    let mut held = held.subscribe();
    while let Ok(length @ 1..) = server.read(&mut buffer).await {
        let free = async {
            let _ = held.wait_for(|held| !held).await;
        };
        free.await;
        if client.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
    drop(state);
}

/// What a client sends.
struct Messages {
    client: OwnedReadHalf,
    buffer: Vec<u8>,
    started: bool,
}

impl Messages {
    /// The next message, whole: a length of four bytes, and before it, once the session has started, a letter.
    async fn next(&mut self) -> Option<Vec<u8>> {
        let letters = usize::from(self.started);
        self.fill(letters + 4).await?;
        let length = u32::from_be_bytes(self.buffer[letters..letters + 4].try_into().unwrap());
        let length = letters + usize::try_from(length).unwrap();
        self.fill(length).await?;
        self.started = true;
        let rest = self.buffer.split_off(length);
        Some(std::mem::replace(&mut self.buffer, rest))
    }

    async fn fill(&mut self, length: usize) -> Option<()> {
        while self.buffer.len() < length {
            let Ok(1..) = self.client.read_buf(&mut self.buffer).await else { return None };
        }
        Some(())
    }

    /// Resolves when the client has closed its socket; keeps what it sent before.
    async fn gone(&mut self) {
        while let Ok(1..) = self.client.read_buf(&mut self.buffer).await {}
    }
}
