use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::Notify;

/// A TCP proxy in front of the cluster's socket: counts what goes by, delays it, cuts it.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    /// Bursts from the client: messages that came without an answer in between count once.
    pub(crate) round_trips: Arc<AtomicUsize>,
    cut: Arc<Notify>,
    refusing: Arc<AtomicBool>,
}

impl Proxy {
    /// Listens on a free port of the loopback address.
    pub(crate) async fn start(socket: PathBuf, delay: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Self {
            port: listener.local_addr().unwrap().port(),
            round_trips: Arc::default(),
            cut: Arc::default(),
            refusing: Arc::default(),
        };
        let (round_trips, cut, refusing) =
            (Arc::clone(&proxy.round_trips), Arc::clone(&proxy.cut), Arc::clone(&proxy.refusing));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if refusing.load(Ordering::Relaxed) {
                    continue;
                }
                let server = UnixStream::connect(&socket).await.unwrap();
                let (round_trips, cut) = (Arc::clone(&round_trips), Arc::clone(&cut));
                tokio::spawn(async move {
                    tokio::select! {
                        () = pump(client, server, delay, round_trips) => {}
                        () = cut.notified() => {}
                    }
                });
            }
        });
        proxy
    }

    /// Cuts every connection there is, and lets no new one in.
    pub(crate) fn cut(&self) {
        self.refuse(true);
        self.cut.notify_waiters();
    }

    /// Whether new ones are let in.
    pub(crate) fn refuse(&self, refuse: bool) {
        self.refusing.store(refuse, Ordering::Relaxed);
    }
}

async fn pump(mut client: TcpStream, mut server: UnixStream, delay: Duration, round_trips: Arc<AtomicUsize>) {
    client.set_nodelay(true).unwrap();
    let (mut to_server, mut to_client) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let mut answered = true;
    loop {
        tokio::select! {
            read = client.read(&mut to_server) => {
                let Ok(length @ 1..) = read else { return };
                if std::mem::take(&mut answered) {
                    round_trips.fetch_add(1, Ordering::Relaxed);
                }
                tokio::time::sleep(delay).await;
                if server.write_all(&to_server[..length]).await.is_err() { return }
            }
            read = server.read(&mut to_client) => {
                let Ok(length @ 1..) = read else { return };
                answered = true;
                tokio::time::sleep(delay).await;
                if client.write_all(&to_client[..length]).await.is_err() { return }
            }
        }
    }
}
