use std::error::Error;
use std::time::Duration;

/// How far a piece of work inside a revision has come.
///
/// ```
/// use hardtack::Progress;
///
/// let progress = Progress { total: Some(1_000), ..Progress::new("thumbnails", 250) };
/// assert_eq!(progress.percent(), Some(25.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress<'a> {
    /// What is being worked on.
    pub work: &'a str,
    /// The units that are done, such as rows.
    pub done: u64,
    /// The units in all; perhaps an estimate, none where nobody knows.
    pub total: Option<u64>,
    /// Why the work is held back just now.
    pub held_back: Option<&'a str>,
}

impl<'a> Progress<'a> {
    /// So much is done, of nobody knows how much.
    #[must_use]
    pub const fn new(work: &'a str, done: u64) -> Self {
        Self { work, done, total: None, held_back: None }
    }

    /// The share that is done, up to 100; none where the total is not known.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share for people")]
    pub fn percent(&self) -> Option<f64> {
        let total = self.total.filter(|total| *total > 0)?;
        Some((self.done as f64 * 100.0 / total as f64).min(100.0))
    }
}

/// What becomes of a backfill, which a function runs.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum BackfillNews<'a> {
    /// It begins, or goes on behind what earlier runs did.
    Started {
        /// An estimate of the rows that are still to do; none where nobody knows.
        remaining: Option<u64>,
    },
    /// A batch is committed.
    Batch {
        /// The rows that it worked on.
        rows: u64,
        /// The rows that it skipped.
        skipped: u64,
        /// An estimate of the rows that are still to do, less those that this process knows to be done.
        remaining: Option<u64>,
        /// How long it held its row locks.
        duration: Duration,
    },
    /// All of its rows are done.
    Finished,
    /// A stop was asked for, or an operator cancelled it. Whole batches are done.
    Stopped,
    /// It does not go on. Whole batches are done.
    Failed {
        /// Why.
        error: &'a (dyn Error + 'static),
    },
}

/// What a function tells while it works.
#[derive(Clone, Copy, Debug)]
pub(crate) enum News<'a> {
    /// How far a piece of work has come.
    Progress(&'a Progress<'a>),
    /// What becomes of the backfill of that name.
    Backfill(&'a str, BackfillNews<'a>),
}
