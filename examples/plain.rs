//! The same without a web framework, and without the command line: health probes over a socket.
//!
//! `DATABASE_URL=postgres://.. cargo run --example plain --no-default-features --features pool,resolve,tls`

#![expect(clippy::print_stdout, reason = "this is an application")]

use hardtack::health::{BootPolicy, Monitor, Probe};
use hardtack::{ConnectOptions, Migrator, db};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

hardtack::embed!();

async fn answer(mut stream: TcpStream, monitor: Monitor) -> std::io::Result<()> {
    let mut line = String::new();
    BufReader::new(&mut stream).read_line(&mut line).await?;
    let probe = line.split(' ').nth(1).and_then(|path| path.parse::<Probe>().ok());
    let (status, body) = match probe {
        Some(probe) => {
            let answer = monitor.answer(probe);
            (answer.status, answer.body)
        }
        None => (404, "{}".to_owned()),
    };
    let head = format!(
        "HTTP/1.1 {status} \r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).await
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = db::process_environment("DATABASE_URL");
    let database = ConnectOptions::resolve(url.as_deref(), db::process_environment)?;
    let monitor =
        Monitor::new(Migrator::new(&migrations::REVISIONS, database.clone()), BootPolicy::default());
    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    let asked = monitor.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, asked.clone()));
        }
    });
    monitor.boot().await?;
    let pool = db::pool(&database, 8)?; // on a schema that is right
    let count: i64 = pool.get().await?.query_one("select count(*) from accounts", &[]).await?.get(0);
    println!("serving {count} accounts");
    std::future::pending().await
}
