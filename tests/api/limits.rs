//! What is asked at once, and how long it may take.

use std::time::{Duration, Instant};

use hardtack::StopSignal;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::client::Request;
use super::house::{House, api};
use super::{GATED, REVISIONS};
use crate::support::SLEEPING;

#[tokio::test]
async fn what_is_asked_while_too_much_is_answered_waits_its_turn_and_not_for_ever() {
    let house = House::of(&REVISIONS).await;
    let lock = house.database.connect().await;
    lock.client.batch_execute("begin; lock table hardtack.run").await.unwrap();
    let mut slow = Vec::new();
    for _ in 0..16 {
        let request = Request::new("get", &api("/runs")).token(&house.texts.viewer);
        slow.push(request.begin(&house.server.address).await);
    }
    let waiting = "select count(*) = 16 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
    house.database.wait_for(waiting).await;
    let busy = house.get("/jobs").await;
    assert_eq!((busy.status, busy.header("retry-after")), (503, Some("5")), "{busy:?}");
    assert_eq!(busy.error(), "too much is asked at once: try again");
    lock.client.batch_execute("rollback").await.unwrap();
    for mut stream in slow {
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        assert!(text.starts_with("HTTP/1.0 200"), "{text}");
    }
    assert_eq!(house.get("/jobs").await.status, 200);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let house = House::of(&REVISIONS).await;
    let address = &house.server.address;
    let mut stream = TcpStream::connect(address).await.unwrap();
    // Also without a token, where a session is to be opened.
    let head = format!(
        "POST /admin/api/session HTTP/1.0\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{{"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let (started, mut text) = (Instant::now(), String::new());
    stream.read_to_string(&mut text).await.unwrap();
    assert!(text.starts_with("HTTP/1.0 408"), "{text}");
    assert!((9..15).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
}

/// As after the second of two signals; nobody opens the gate.
#[tokio::test]
async fn a_process_that_gives_up_cancels_its_jobs() {
    let (stop, mut house) = (StopSignal::new(), House::of(&GATED).await);
    house.migrator = house.migrator.clone().with_stop(stop.clone());
    house.server = house.another().await;
    house.database.close_gate().await;
    let id = house.begin_upgrade().await;
    house.database.wait_for(SLEEPING).await;
    tokio::join!(house.server.portal.close(), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        stop.give_up();
    });
    let job = house.get(&format!("/jobs/{id}")).await.json();
    assert_eq!(job["state"], "stopped", "{job}");
    assert_eq!(house.database.applied().await, [1]);
}

#[tokio::test]
async fn a_process_that_ends_stops_its_jobs_and_begins_none() {
    let house = House::of(&GATED).await;
    house.database.close_gate().await;
    let (body, id) = (json!({}), house.begin_upgrade().await);
    house.database.wait_for(SLEEPING).await;
    tokio::join!(house.server.portal.close(), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        house.database.open_gate().await;
    });
    assert_eq!(house.get(&format!("/jobs/{id}")).await.json()["state"], "stopped");
    assert_eq!(house.database.applied().await, [1, 2]);
    let refused = house.post("/dry-run", &body).await;
    assert_eq!((refused.status, refused.error()), (503, "this process ends, and begins nothing".to_owned()));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(house.audit().await.last().unwrap(), "ada dry_run failed");
}
