use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::Result;

/// A long wire to a server: a TCP port whose every byte arrives late, in both directions.
///
/// It is a delay line. Bytes that are under way do not hold up those behind them, so whoever sends ahead of the
/// answers pays the distance once.
#[derive(Debug)]
pub(crate) struct Distance {
    pub(crate) port: u16,
}

impl Distance {
    /// Listens on a free port of the loopback address until the process ends.
    pub(crate) fn before(socket: PathBuf, one_way: Duration) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A client whose server cannot be reached finds its connection closed.
                let _ = join(&client, &socket, one_way);
            }
        });
        Ok(Self { port })
    }
}

/// Two delay lines, of two threads each.
fn join(client: &TcpStream, socket: &Path, one_way: Duration) -> std::io::Result<()> {
    client.set_nodelay(true)?;
    let server = UnixStream::connect(socket)?;
    let (from_client, to_client) = (client.try_clone()?, client.try_clone()?);
    let (from_server, to_server) = (server.try_clone()?, server);
    let end_server = to_server.try_clone()?;
    let end_client = to_client.try_clone()?;
    line(from_client, to_server, one_way, move || end_server.shutdown(Shutdown::Write));
    line(from_server, to_client, one_way, move || end_client.shutdown(Shutdown::Write));
    Ok(())
}

/// Bytes, and when they are due at the other end.
type Parcel = (Instant, Vec<u8>);

fn line(
    from: impl Read + Send + 'static,
    to: impl Write + Send + 'static,
    one_way: Duration,
    end: impl FnOnce() -> std::io::Result<()> + Send + 'static,
) {
    let (sender, receiver) = channel();
    thread::spawn(move || accept(from, &sender, one_way));
    thread::spawn(move || {
        deliver(to, &receiver);
        let _ = end();
    });
}

fn accept(mut from: impl Read, sender: &Sender<Parcel>, one_way: Duration) {
    let mut buffer = vec![0; 1 << 16];
    loop {
        match from.read(&mut buffer) {
            Ok(length @ 1..) => {
                let parcel = (Instant::now() + one_way, buffer[..length].to_vec());
                if sender.send(parcel).is_err() {
                    return;
                }
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            _ => return,
        }
    }
}

fn deliver(mut to: impl Write, receiver: &Receiver<Parcel>) {
    while let Ok((due, bytes)) = receiver.recv() {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        if to.write_all(&bytes).is_err() {
            return;
        }
    }
}
