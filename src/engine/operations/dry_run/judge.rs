use std::borrow::Cow;
use std::time::Duration;

use super::model::{DryStatement, DryStep, HeldLock, Place, Rehearsed, Rewrite, RowsWritten};
use crate::history::Unfinished;
use crate::safety::{Bars, FoundHazard, TableFacts, Verdict, hazard};
use crate::words;

/// The longest that others may wait without minding it. An application's own statements take as long now and then.
const BRIEF: Duration = Duration::from_millis(250);

/// From how many rows on one transaction writes many: whoever wants one of them waits until it ends.
const MANY_ROWS: u64 = 10_000;

/// What a step does to the application, by what its text says and what was seen of it. What was measured on the same data says
/// more than any rule.
pub(super) fn judge(step: &mut DryStep, tables: &[TableFacts]) {
    let has_data = match step.rehearsed {
        Rehearsed::Yes { place } => place != Place::Scratch,
        _ => false,
    };
    let longest = longest_block(&step.statements);
    if has_data && was_brief(&step.statements) {
        step.hazards.iter_mut().for_each(soften);
    }
    step.hazards.extend(measured(step, has_data, tables));
    step.hazards.sort_by(|one, other| (other.verdict, &one.hazard).cmp(&(one.verdict, &other.hazard)));
    let by_lock = longest.map_or(Verdict::Safe, |_| Verdict::BriefLock);
    let worst = step.hazards.iter().map(|hazard| hazard.verdict).max();
    let by_outcome = match step.rehearsed {
        Rehearsed::Failed { .. } | Rehearsed::GaveUp { .. } => Verdict::Unknown,
        _ => Verdict::Safe,
    };
    step.verdict = worst.unwrap_or_default().max(by_lock).max(by_outcome);
}

/// Whether nobody was held up for long: by a lock on a table, also one that an earlier step may have taken already, or by rows
/// that are written. What was not measured tells nothing.
fn was_brief(statements: &[DryStatement]) -> bool {
    let all: Option<Vec<_>> = statements.iter().map(|statement| statement.measured.as_ref()).collect();
    let Some(all) = all else { return false };
    let took: Duration = all.iter().map(|measured| measured.duration).sum();
    let changes = |written: &RowsWritten| written.updated + written.deleted > 0;
    let writes = all.iter().any(|measured| measured.written.iter().any(changes));
    let longest = longest_block(statements).map_or(Duration::ZERO, |(_, lock)| lock.held);
    longest <= BRIEF && !(writes && took > BRIEF)
}

/// A step that an earlier run has begun: this one goes on with it, whatever the rehearsal began with.
pub(super) fn half_done(step: &Unfinished) -> FoundHazard {
    let message = format!("an earlier run has done {} of its statements, and goes on behind them", step.done);
    of("half-done", Verdict::Unknown, None, String::new(), message)
}

/// A hazard that blocks others for as long as its table is large, where it was seen not to.
fn soften(hazard: &mut FoundHazard) {
    if matches!(hazard.verdict, Verdict::BlocksWrites | Verdict::BlocksEverything) {
        hazard.verdict = Verdict::BriefLock;
        hazard.message.push_str("; measured on this data, nobody was held up for long");
    }
}

/// The lock that keeps others waiting the longest, and by which statement.
fn longest_block(statements: &[DryStatement]) -> Option<(&DryStatement, &HeldLock)> {
    let locks = statements.iter().flat_map(|statement| {
        let measured = statement.measured.iter();
        measured.flat_map(|measured| &measured.locks).map(move |lock| (statement, lock))
    });
    let blocking = locks.filter(|(_, lock)| lock.mode.bars() != Bars::Nothing);
    blocking.max_by_key(|(_, lock)| (lock.held, lock.mode, lock.kind == "table"))
}

/// What only a rehearsal shows.
fn measured(step: &DryStep, has_data: bool, tables: &[TableFacts]) -> Vec<FoundHazard> {
    let mut found = Vec::new();
    if has_data {
        found.extend(long_lock(&step.statements));
    }
    for statement in &step.statements {
        let Some(measured) = &statement.measured else { continue };
        let rewritten = measured.rewritten.iter().filter(|rewrite| rewrite.kind != "index");
        found.extend(rewritten.filter_map(|rewrite| rewrites(statement, rewrite, has_data, tables)));
        found.extend(measured.written.iter().filter_map(|written| many_rows(statement, written)));
    }
    if let Rehearsed::GaveUp { reason, .. } = &step.rehearsed {
        let late = step.statements.iter().find(|statement| statement.measured.is_none());
        found.push(of("long-lock", Verdict::BlocksEverything, late, String::new(), reason.clone()));
    }
    if matches!(step.rehearsed, Rehearsed::No { .. }) && step.has_code {
        let message = "what a function of Rust does is not known until it runs".to_owned();
        found.push(of("opaque-code", Verdict::Unknown, None, String::new(), message));
    }
    found
}

fn long_lock(statements: &[DryStatement]) -> Option<FoundHazard> {
    let (statement, lock) = longest_block(statements).filter(|(_, lock)| lock.held > BRIEF)?;
    let verdict = match lock.mode.bars() {
        Bars::Everything => Verdict::BlocksEverything,
        Bars::Writes | Bars::Nothing => Verdict::BlocksWrites,
    };
    let message = format!("{} on {} for {:.1} s", lock.mode, lock.relation, lock.held.as_secs_f64());
    Some(of("long-lock", verdict, Some(statement), lock.relation.clone(), message))
}

/// A rewrite, unless the table is so small that nobody minds.
fn rewrites(
    statement: &DryStatement,
    rewrite: &Rewrite,
    has_data: bool,
    tables: &[TableFacts],
) -> Option<FoundHazard> {
    let live = tables.iter().find(|facts| facts.table == rewrite.relation);
    let bytes = if has_data { rewrite.bytes_before } else { live.map_or(0, |facts| facts.bytes) };
    let took = statement.measured.as_ref().map_or(Duration::ZERO, |measured| measured.duration);
    // Some 50 MB a second is slow for a disk, and slow is what counts here.
    let guessed = Duration::from_millis(bytes / 50_000);
    let is_brief = if has_data { took <= BRIEF } else { guessed <= BRIEF };
    let is_emptied = rewrite.bytes_after == 0 && has_data;
    if bytes == 0 || is_emptied {
        return None;
    }
    let verdict = if is_brief { Verdict::BriefLock } else { Verdict::BlocksEverything };
    let message = format!("{} is written anew, {}", rewrite.relation, words::bytes(bytes));
    Some(of("rewrites-table", verdict, Some(statement), rewrite.relation.clone(), message))
}

fn many_rows(statement: &DryStatement, written: &RowsWritten) -> Option<FoundHazard> {
    let rows = written.updated + written.deleted;
    let took = statement.measured.as_ref()?.duration;
    let verdict = if took > BRIEF { Verdict::BlocksWrites } else { Verdict::BriefLock };
    let message =
        format!("{rows} rows of {} are written in one transaction; whoever wants one waits", written.table);
    (rows >= MANY_ROWS)
        .then(|| of("writes-many-rows", verdict, Some(statement), written.table.clone(), message))
}

fn of(
    name: &'static str,
    verdict: Verdict,
    statement: Option<&DryStatement>,
    object: String,
    message: String,
) -> FoundHazard {
    FoundHazard {
        hazard: Cow::Borrowed(name),
        verdict,
        line: statement.map(|statement| statement.line),
        object,
        message,
        recipe: hazard(name).map_or("", |hazard| hazard.recipe).into(),
        accepted: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::RevisionStatus;
    use crate::engine::operations::dry_run::model::{Measured, StatementKind};
    use crate::revisions::{Down, Kind, Transaction};
    use crate::safety::LockMode;

    fn lock(mode: LockMode, milliseconds: u64, carried: bool) -> HeldLock {
        let (relation, kind, held) =
            ("public.orders".into(), "table".into(), Duration::from_millis(milliseconds));
        HeldLock { relation, kind, mode, held, carried }
    }

    fn written(updated: u64) -> Vec<RowsWritten> {
        vec![RowsWritten { table: "public.orders".into(), inserted: 0, updated, deleted: 0 }]
    }

    fn step(place: Place, measured: Vec<Option<Measured>>) -> DryStep {
        let statement =
            |measured| DryStatement { kind: StatementKind::Sql, line: 1, text: String::new(), measured };
        DryStep {
            revision: RevisionStatus {
                version: 7,
                name: "x".into(),
                kind: Kind::Versioned,
                language: "sql",
                transaction: Transaction::PerRevision,
                down: Down::Missing,
            },
            stem: "V7__x".into(),
            file: "V7__x.sql".into(),
            has_code: false,
            verdict: Verdict::Safe,
            hazards: vec![of(
                "changing-column-type",
                Verdict::BlocksEverything,
                None,
                String::new(),
                String::new(),
            )],
            statements: measured.into_iter().map(statement).collect(),
            rehearsed: Rehearsed::Yes { place },
            duration: None,
        }
    }

    fn judged(mut step: DryStep) -> (Verdict, Vec<String>) {
        judge(&mut step, &[]);
        let hazards =
            step.hazards.iter().map(|hazard| format!("{} {}", hazard.hazard, hazard.verdict.name()));
        (step.verdict, hazards.collect())
    }

    fn measured(milliseconds: u64, locks: Vec<HeldLock>) -> Measured {
        Measured { duration: Duration::from_millis(milliseconds), locks, ..Measured::default() }
    }

    #[test]
    fn what_was_measured_on_the_same_data_wins_over_the_rule() {
        let brief = || Some(measured(3, vec![lock(LockMode::AccessExclusive, 3, false)]));
        let (verdict, hazards) = judged(step(Place::Database, vec![brief()]));
        assert_eq!(
            (verdict, hazards),
            (Verdict::BriefLock, vec!["changing-column-type brief-lock".to_owned()])
        );
        assert_eq!(
            judged(step(Place::Scratch, vec![brief()])).0,
            Verdict::BlocksEverything,
            "no rows, no time"
        );
        assert_eq!(
            judged(step(Place::Clone, vec![brief(), None])).0,
            Verdict::BlocksEverything,
            "not all measured"
        );
    }

    #[test]
    fn a_long_lock_is_told_also_where_an_earlier_step_may_hold_it() {
        for carried in [false, true] {
            let long = Some(measured(900, vec![lock(LockMode::Share, 900, carried)]));
            let (verdict, hazards) = judged(step(Place::Database, vec![long]));
            assert_eq!(verdict, Verdict::BlocksEverything);
            assert!(hazards.contains(&"long-lock blocks-writes".to_owned()), "{hazards:?}");
        }
        let mild = Some(measured(900, vec![lock(LockMode::ShareUpdateExclusive, 900, false)]));
        assert!(
            !judged(step(Place::Database, vec![mild])).1.iter().any(|hazard| hazard.starts_with("long-lock"))
        );
    }

    #[test]
    fn rows_that_are_written_keep_others_waiting_too() {
        let slow = Measured { written: written(50), ..measured(900, vec![]) };
        assert_eq!(
            judged(step(Place::Database, vec![Some(slow)])).0,
            Verdict::BlocksEverything,
            "not softened"
        );
        let many = Measured { written: written(MANY_ROWS), ..measured(900, vec![]) };
        let (_, hazards) = judged(step(Place::Clone, vec![Some(many)]));
        assert!(hazards.contains(&"writes-many-rows blocks-writes".to_owned()), "{hazards:?}");
    }

    #[test]
    fn a_rewrite_of_a_small_table_is_brief_and_of_an_empty_one_nothing() {
        let rewrite = |bytes| Measured {
            rewritten: vec![Rewrite {
                relation: "public.orders".into(),
                kind: "table".into(),
                bytes_before: bytes,
                bytes_after: bytes,
            }],
            ..measured(5, vec![])
        };
        let (verdict, hazards) = judged(step(Place::Database, vec![Some(rewrite(8_192))]));
        assert_eq!(verdict, Verdict::BriefLock);
        assert!(hazards.contains(&"rewrites-table brief-lock".to_owned()), "{hazards:?}");
        assert_eq!(judged(step(Place::Database, vec![Some(rewrite(0))])).1.len(), 1);
    }

    #[test]
    fn a_step_that_did_not_come_to_its_end_is_never_safe() {
        let mut failed = step(Place::Database, vec![None]);
        failed.hazards.clear();
        failed.rehearsed = Rehearsed::Failed { place: Place::Database, error: "division by zero".into() };
        assert_eq!(judged(failed.clone()).0, Verdict::Unknown);
        failed.rehearsed = Rehearsed::GaveUp { place: Place::Database, reason: "5 s".into() };
        assert_eq!(judged(failed).0, Verdict::BlocksEverything);
    }
}
