//! What a process or a job is at, as people read it.

use crate::health::Phase;
use crate::words::{grouped, seconds};

/// What a process is at, in words.
pub(super) fn words(phase: &Phase) -> String {
    let waits = |what: &str, waited_ms: u64| format!("waits for {what}, for {}", seconds(waited_ms / 1_000));
    match phase {
        Phase::Starting => "begins".to_owned(),
        Phase::WaitingForDatabase { waited_ms, .. } => waits("the database", *waited_ms),
        Phase::WaitingForLock { holder, waited_ms } => {
            let holder = holder.as_deref().map_or(String::new(), |holder| format!(": {holder}"));
            format!("{}{holder}", waits("another run", *waited_ms))
        }
        Phase::WaitingForRevisions { waited_ms, .. } => waits("revisions of another process", *waited_ms),
        Phase::Migrating(step) => {
            let words = format!("{}, {} of {}", step.revision, step.position, step.total);
            match (&step.work, step.done) {
                (Some(work), Some(done)) => format!("{words}: {}", at_work(work, done, step.of)),
                _ => words,
            }
        }
        Phase::Working { work, done, of } => at_work(work, *done, *of),
        Phase::Ready => "ready".to_owned(),
        Phase::Stopping => "about to end".to_owned(),
        Phase::Failed { error } => format!("failed to start: {error}"),
    }
}

fn at_work(work: &str, done: u64, of: Option<u64>) -> String {
    let of = of.map_or(String::new(), |of| format!(" of {}", grouped(of)));
    format!("{work}, {}{of}", grouped(done))
}

/// How far a run is, in per cent; none where nobody can tell.
pub(super) fn percent(phase: &Phase) -> Option<u32> {
    let within = |done: u64, of: u64| (done.saturating_mul(100) / of.max(1)).min(100);
    let part = match phase {
        Phase::Migrating(step) => {
            let before = (step.position.saturating_sub(1) as u64).saturating_mul(100);
            let within = step.done.zip(step.of).map_or(0, |(done, of)| within(done, of));
            (before + within) / (step.total.max(1) as u64)
        }
        Phase::Working { done, of: Some(of), .. } => within(*done, *of),
        _ => return None,
    };
    u32::try_from(part).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::StepProgress;

    #[test]
    fn progress_counts_whole_steps_and_the_part_of_one() {
        let step =
            StepProgress { position: 2, total: 4, done: Some(1), of: Some(2), ..StepProgress::default() };
        assert_eq!(percent(&Phase::Migrating(step.clone())), Some(37));
        let unknown = StepProgress { done: None, of: None, ..step };
        assert_eq!(percent(&Phase::Migrating(unknown)), Some(25));
        assert_eq!(percent(&Phase::Starting), None);
        let backup = |of| Phase::Working { work: "backup".to_owned(), done: 3, of };
        assert_eq!((percent(&backup(Some(4))), percent(&backup(None))), (Some(75), None));
        assert_eq!(words(&backup(Some(4_000))), "backup, 3 of 4,000");
    }
}
