use std::collections::BTreeSet;
use std::time::Duration;

use super::model::{DryStatement, LeftBehind, Measured, Place, Rehearsed, StatementKind};
use super::probe::MeasuredStep;
use crate::catalog::Difference;
use crate::engine::Error;
use crate::safety::LockMode;

/// What one rehearsal showed, wherever it took place.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) place: Place,
    pub(super) duration: Duration,
    /// The steps that were begun.
    pub(super) steps: Vec<MeasuredStep>,
    /// What came of each, by version.
    pub(super) outcomes: Vec<(i64, Rehearsed)>,
    /// None where it did not come to its end.
    pub(super) differences: Option<Vec<Difference>>,
}

impl Seen {
    pub(super) fn step(&self, version: i64) -> Option<&MeasuredStep> {
        self.steps.iter().find(|step| step.version == version)
    }

    pub(super) fn outcome(&self, version: i64) -> Option<&Rehearsed> {
        self.outcomes.iter().find(|(of, _)| *of == version).map(|(_, outcome)| outcome)
    }

    /// What a rollback does not undo.
    pub(super) fn left_behind(&self) -> Vec<LeftBehind> {
        let locks = || self.measured().flat_map(|measured| &measured.locks);
        let of_kind = |kind: &'static str| {
            let writing =
                locks().filter(move |lock| lock.kind == kind && lock.mode == LockMode::RowExclusive);
            writing.map(|lock| lock.relation.clone()).collect::<BTreeSet<_>>()
        };
        // What nobody else can see goes with its file.
        let known: BTreeSet<&str> = locks().map(|lock| lock.relation.as_str()).collect();
        let mut left: Vec<LeftBehind> =
            of_kind("sequence").into_iter().map(|sequence| LeftBehind::Sequence { sequence }).collect();
        left.extend(of_kind("foreign table").into_iter().map(|table| LeftBehind::ForeignTable { table }));
        left.extend(
            self.dead_rows()
                .into_iter()
                .filter(|(table, _)| known.contains(table.as_str()))
                .map(|(table, rows)| LeftBehind::DeadRows { table, rows }),
        );
        left
    }

    /// Rows that were written and are nobody's now, by table.
    fn dead_rows(&self) -> Vec<(String, u64)> {
        let mut dead: Vec<(String, u64)> = Vec::new();
        for written in self.measured().flat_map(|measured| &measured.written) {
            let rows = written.inserted + written.updated;
            match dead.iter_mut().find(|(table, _)| *table == written.table) {
                Some((_, sum)) => *sum += rows,
                None => dead.push((written.table.clone(), rows)),
            }
        }
        let rewritten: BTreeSet<&str> = self
            .measured()
            .flat_map(|measured| &measured.rewritten)
            .map(|rewrite| rewrite.relation.as_str())
            .collect();
        dead.retain(|(table, rows)| *rows > 0 && !rewritten.contains(table.as_str()));
        dead
    }

    fn measured(&self) -> impl Iterator<Item = &Measured> {
        self.steps
            .iter()
            .flat_map(|step| &step.statements)
            .filter_map(|statement| statement.measured.as_ref())
    }
}

/// What became of a step that failed.
pub(super) fn ended_by(place: Place, error: &Error) -> Rehearsed {
    Rehearsed::Failed { place, error: error.to_string() }
}

/// The parts of a step as they were to be, with what was seen of them in a rehearsal that began at that time.
pub(super) fn joined(
    planned: Vec<DryStatement>,
    seen: Option<&MeasuredStep>,
    begin: Duration,
) -> Vec<DryStatement> {
    let (mut before, mut statements, mut after) = (Vec::new(), planned, Vec::new());
    for part in seen.into_iter().flat_map(|step| &step.statements) {
        match part.kind {
            StatementKind::Before => before.push(part.clone()),
            StatementKind::After => after.push(part.clone()),
            StatementKind::Sql | StatementKind::Function => {
                let is_it = |planned: &&mut DryStatement| {
                    planned.measured.is_none() && (planned.line, &planned.text) == (part.line, &part.text)
                };
                if let Some(planned) = statements.iter_mut().find(is_it) {
                    planned.measured.clone_from(&part.measured);
                }
            }
        }
    }
    before.append(&mut statements);
    before.append(&mut after);
    let measured = before.iter_mut().filter_map(|statement| statement.measured.as_mut());
    measured.for_each(|measured| measured.started += begin);
    before
}
