use tokio::signal::unix::{Signal, SignalKind, signal};

use super::output::remark;
use crate::revisions::StopSignal;

/// Turns SIGINT and SIGTERM into a request to stop at the next safe point; resolves at the second signal, for
/// somebody who will not wait.
pub(super) async fn watch(stop: StopSignal) {
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        // Without handlers a signal ends the process, which the server rolls back.
        return std::future::pending().await;
    };
    either(&mut interrupt, &mut terminate).await;
    remark("stopping at the next safe point, when the running revision is done; a second signal gives it up");
    stop.request();
    either(&mut interrupt, &mut terminate).await;
}

async fn either(interrupt: &mut Signal, terminate: &mut Signal) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
