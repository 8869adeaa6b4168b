use tokio::signal::unix::{Signal, SignalKind, signal};

use super::ExitCode;
use super::output::remark;
use crate::revisions::StopSignal;

/// Turns SIGINT and SIGTERM into a request to stop at the next safe point, and a second one into giving up: the running
/// statement is cancelled. Resolves at the third, for a server that does not answer.
pub(super) async fn watch(stop: StopSignal) {
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        // Without handlers a signal ends the process, which the server rolls back.
        return std::future::pending().await;
    };
    either(&mut interrupt, &mut terminate).await;
    remark("stopping: what is under way ends at its next safe point; a second signal cancels it");
    stop.request();
    either(&mut interrupt, &mut terminate).await;
    remark("cancelling what is running; a third signal does not wait for it");
    stop.give_up();
    either(&mut interrupt, &mut terminate).await;
}

/// The same for as long as the process lives; the third ends it.
#[expect(clippy::exit, reason = "whoever asks three times does not want to wait for anything")]
pub(super) async fn follow(stop: StopSignal) {
    watch(stop).await;
    std::process::exit(i32::from(ExitCode::Stopped as u8));
}

async fn either(interrupt: &mut Signal, terminate: &mut Signal) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
