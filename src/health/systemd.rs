//! Telling systemd, for a unit of `Type=notify`.

use std::time::Duration;

use sd_notify::NotifyState;

use super::{Monitor, Phase};

/// How often a unit's time is extended.
const EVERY: Duration = Duration::from_secs(10);

/// By how much: a migration is no start that hangs.
const EXTENSION: Duration = Duration::from_secs(60);

impl Monitor {
    /// Tells systemd each phase (`STATUS=`), that the process is up once it is (`READY=1`), to wait while it migrates
    /// (`EXTEND_TIMEOUT_USEC=`), and that it is alive where the unit has a watchdog. Ends at once where systemd does not listen.
    pub async fn notify_systemd(self) {
        if std::env::var_os("NOTIFY_SOCKET").is_none() {
            return;
        }
        let mut phases = self.phases();
        let watchdog = sd_notify::watchdog_enabled();
        let every = watchdog.map_or(EVERY, |limit| EVERY.min(limit / 2));
        loop {
            let phase = phases.borrow_and_update().clone();
            tell(&phase, watchdog.is_some());
            tokio::select! {
                changed = phases.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(every) => {}
            }
        }
    }
}

fn tell(phase: &Phase, has_watchdog: bool) {
    let status = status(phase);
    let mut states = vec![NotifyState::Status(&status)];
    if *phase == Phase::Stopping {
        states.push(NotifyState::Stopping);
    }
    match phase {
        Phase::Ready => states.push(NotifyState::Ready),
        // How long the end may take is the unit's `TimeoutStopSec=`.
        Phase::Stopping | Phase::Failed { .. } => {}
        _ => states
            .push(NotifyState::ExtendTimeoutUsec(u32::try_from(EXTENSION.as_micros()).unwrap_or(u32::MAX))),
    }
    if has_watchdog {
        states.push(NotifyState::Watchdog);
    }
    if let Err(error) = sd_notify::notify(&states) {
        tracing::debug!(%error, "systemd could not be told");
    }
}

fn status(phase: &Phase) -> String {
    match phase {
        Phase::Starting => "starting".to_owned(),
        Phase::WaitingForDatabase { .. } => "waiting for the database".to_owned(),
        Phase::WaitingForLock { .. } => "another process migrates".to_owned(),
        Phase::WaitingForRevisions { pending, .. } => {
            format!("waiting for {pending} revisions to be applied")
        }
        Phase::Migrating(step) => {
            format!("migrating: {} ({} of {})", step.revision, step.position, step.total)
        }
        Phase::Working { work, .. } => work.clone(),
        Phase::Ready => "serving".to_owned(),
        Phase::Stopping => "stopping".to_owned(),
        Phase::Failed { .. } => "the schema is not right; the log says why".to_owned(),
    }
}
