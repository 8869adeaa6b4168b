use super::output::{human, remark};
use crate::engine::Event;

/// Tells on standard error what a run does.
pub(super) fn tell(event: &Event<'_>) {
    match event {
        Event::WaitingForLock { holder: Some(holder), waited } => {
            remark(&format!("waiting for another run, for {}: {holder}", human(*waited)));
        }
        Event::WaitingForLock { holder: None, waited } => {
            remark(&format!("waiting for another run, for {}", human(*waited)));
        }
        Event::StepStarted { revision, position, total } => {
            remark(&format!("[{position}/{total}] {}", revision.stem()));
        }
        Event::StatementFinished { position, total, .. } => {
            remark(&format!("        statement {position} of {total} done"));
        }
        Event::StepFinished { duration, .. } => remark(&format!("        {}", human(*duration))),
        _ => {}
    }
}
