use crate::config::HistoryTable;
use crate::revisions::{Around, Direction, Revision, Step};
use crate::safety;

/// One revision in one direction: what runs, and how the history table learns of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Task<'a> {
    pub(super) revision: &'a Revision,
    pub(super) direction: Direction,
    pub(super) step: &'a Step,
    /// The statement that writes or removes the history row.
    pub(super) record: &'a str,
    /// Whether a later step of the run requires the revision's backfill.
    pub(super) is_awaited: bool,
}

impl<'a> Task<'a> {
    /// The up of a revision, which refinery's `insert` records.
    pub(super) fn up(revision: &'a Revision, insert: &'a str) -> Self {
        Self { revision, direction: Direction::Up, step: &revision.up, record: insert, is_awaited: false }
    }

    /// The down of a revision, which `delete` records.
    pub(super) fn down(revision: &'a Revision, step: &'a Step, delete: &'a str) -> Self {
        Self { revision, direction: Direction::Down, step, record: delete, is_awaited: false }
    }

    /// The version that a binary must know at the least to work behind the step.
    pub(super) fn breaks_before(&self) -> Option<i64> {
        safety::breaks_before(self.revision).filter(|_| self.direction == Direction::Up)
    }

    /// The file that runs.
    pub(super) fn file(&self) -> &'a str {
        self.step.file()
    }

    /// What runs around the step; none where there is nothing, as around every down.
    pub(super) fn around(&self) -> Option<&'a Around> {
        let around = &self.revision.around;
        (self.direction == Direction::Up && !around.is_empty()).then_some(around)
    }

    /// The file of its hooks.
    pub(super) fn companion_file(&self) -> &'a str {
        let companion = self.revision.around.companion.as_ref();
        companion.map_or(self.file(), |companion| &companion.file)
    }

    /// The first file whose functions are not at hand.
    pub(super) fn without_code(&self) -> Option<&'a str> {
        match self.step {
            Step::Rust(step) if step.run.is_none() => Some(&step.file),
            _ if self.direction == Direction::Up => self.revision.around.without_code(),
            _ => None,
        }
    }

    /// The text that runs; of a function, what stands for it.
    pub(super) fn text(&self) -> &'a str {
        match self.step {
            Step::Sql(script) => &script.text,
            Step::Rust(step) => &step.marker,
        }
    }

    /// What keeps everybody from taking a revision for applied whose down has begun and does not run in one
    /// transaction: no text has this checksum, so that refinery stops at it as well.
    pub(super) fn announcement(&self, table: &HistoryTable) -> Option<String> {
        let version = self.revision.version;
        (self.direction == Direction::Down)
            .then(|| format!("update {table} set checksum = '0' where version = {version}"))
    }
}
