//! What a job tells while it works: nothing is lost or told twice, and only to whoever is still let in.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use super::REVISIONS;
use super::client::Request;
use super::house::{House, Server, api};
use crate::support::{GATE, SLEEPING, patiently};

/// What a stream has told so far.
#[derive(Debug, Default)]
struct Told {
    lines: Vec<u64>,
    /// How the job is, as it was told last.
    job: Value,
}

struct Watching {
    stream: TcpStream,
    text: String,
}

impl Watching {
    async fn begin(server: &Server, token: &str, id: &str, last: u64) -> Self {
        let request = Request::new("get", &api(&format!("/jobs/{id}/events"))).token(token);
        let request = if last > 0 { request.header("last-event-id", &last.to_string()) } else { request };
        Self { stream: request.begin(&server.address).await, text: String::new() }
    }

    /// One piece more; false where the stream has ended.
    async fn read(&mut self) -> bool {
        let mut piece = [0; 4096];
        let read = self.stream.read(&mut piece).await.unwrap();
        self.text += std::str::from_utf8(&piece[..read]).unwrap();
        read > 0
    }

    /// What whole events have told.
    fn told(&self) -> Told {
        let Some((head, body)) = self.text.split_once("\r\n\r\n") else { return Told::default() };
        assert!(head.contains("200 OK") && head.contains("content-type: text/event-stream"), "{head}");
        assert!(head.contains("cache-control: no-store") && head.contains("x-frame-options: DENY"), "{head}");
        let mut told = Told::default();
        let whole = body.rfind("\n\n").map_or("", |end| &body[..end]);
        for event in whole.split("\n\n") {
            let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
            let data = || serde_json::from_str::<Value>(field("data: ").unwrap()).unwrap();
            match field("event: ") {
                Some("line") => {
                    told.lines.push(field("id: ").unwrap().parse().unwrap());
                    assert_eq!(data()["number"], *told.lines.last().unwrap());
                }
                Some("job") => told.job = data(),
                _ => {}
            }
        }
        told
    }

    async fn until_its_end(mut self) -> Told {
        while self.read().await {}
        self.told()
    }
}

#[tokio::test]
async fn a_stream_that_broke_is_taken_up_without_loss_or_repetition() {
    let house = House::of(&REVISIONS).await;
    let (server, viewer) = (&house.server, &house.texts.viewer);
    let id = house.begin_upgrade().await;
    let mut first = Watching::begin(server, viewer, &id, 0).await;
    while first.told().lines.len() < 2 {
        assert!(first.read().await);
    }
    let seen = first.told().lines;
    drop(first);
    let last = *seen.last().unwrap();
    let rest = Watching::begin(server, viewer, &id, last).await.until_its_end().await;
    assert_eq!(rest.job["state"], "succeeded");
    let all: Vec<u64> = seen.iter().chain(&rest.lines).copied().collect();
    assert!(all.len() > 3 && all.iter().copied().eq(1..=all.len() as u64), "{all:?}");
    // What has ended is told at once, and nothing behind its end is waited for.
    let started = Instant::now();
    for last in [0, 1, all.len() as u64, u64::MAX] {
        let told = Watching::begin(server, viewer, &id, last).await.until_its_end().await;
        assert_eq!(told.lines, all.iter().copied().filter(|line| *line > last).collect::<Vec<_>>());
        assert_eq!(told.job["state"], "succeeded");
    }
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_stream_ends_with_the_token_that_opened_it() {
    let house = House::of(&[("V1__slow.sql", "select pg_sleep(12);")]).await;
    let id = house.begin_upgrade().await;
    house.database.wait_for(SLEEPING).await;
    let watching = Watching::begin(&house.server, &house.texts.viewer, &id, 0).await;
    let started = Instant::now();
    assert_eq!(house.server.delete(&house.texts.admin, "/tokens/vera").await.status, 200);
    let told = watching.until_its_end().await;
    assert_eq!(told.job["state"], "running");
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    house.post(&format!("/jobs/{id}/stop"), &json!({})).await;
}

#[tokio::test]
async fn too_many_who_watch_are_refused() {
    let house = House::of(&[("V1__slow.sql", GATE)]).await;
    house.database.close_gate().await;
    let id = house.begin_upgrade().await;
    house.database.wait_for(SLEEPING).await;
    let mut watching = Vec::new();
    for _ in 0..64 {
        let mut one = Watching::begin(&house.server, &house.texts.viewer, &id, 0).await;
        assert!(one.read().await);
        watching.push(one);
    }
    let refused = house.get(&format!("/jobs/{id}/events")).await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("5")), "{refused:?}");
    watching.clear();
    house.database.open_gate().await;
    // Who has hung up is noticed when there is something to tell.
    let end = house.ended(&id).await;
    assert_eq!(end["state"], "succeeded", "{end}");
    patiently(async || match house.get(&format!("/jobs/{id}/events")).await {
        answer if answer.status == 200 => Ok(()),
        answer => Err(format!("{answer:?}")),
    })
    .await;
}
