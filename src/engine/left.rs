use std::fmt;

/// What a failed step left in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Left {
    /// Nothing of the revision: it had not begun.
    NotBegun,
    /// Nothing of the revision.
    RolledBack,
    /// Nothing of any revision of this run.
    AllRolledBack,
    /// All revisions of this run, or none: the connection of their single transaction broke before the server answered.
    AllUnknown,
    /// What the first statements committed, and perhaps an invalid index.
    Statements {
        /// How many statements were run before the one that failed.
        done: usize,
    },
    /// What the first statements committed, and whatever the next one, which commits by itself, did before it failed.
    StatementsAndPart {
        /// How many statements were run before the one that failed.
        done: usize,
    },
    /// What the first statements committed, and perhaps all that the next one did.
    UnknownStatement {
        /// How many statements were run before the connection broke.
        done: usize,
    },
    /// What the first statements of a revision without a transaction committed, and whatever its hooks did.
    AroundStatements {
        /// How many statements were run before.
        done: usize,
    },
    /// Whatever a revision without a transaction did before it failed.
    Unfinished,
    /// All of the revision, but not its history row.
    Unrecorded,
    /// All of the revision, and perhaps its history row: the connection broke before the server answered.
    PerhapsRecorded,
    /// The connection broke before the server answered.
    Unknown,
}

impl Left {
    /// The next step where all was rolled back, unless whoever knows the cause has a better one.
    pub(super) const MEND_IT: &str = "; mend it and run again";
}

impl fmt::Display for Left {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotBegun => write!(formatter, "nothing of the revision was run{}", Self::MEND_IT),
            Self::RolledBack => {
                write!(formatter, "it was rolled back and the database is as it was before this step{}", Self::MEND_IT)
            }
            Self::AllRolledBack => {
                write!(formatter, "the single transaction was rolled back and nothing was changed{}", Self::MEND_IT)
            }
            Self::AllUnknown => formatter.write_str(
                "the connection broke before the server answered, so the single transaction is either wholly applied or \
                 not at all; `status` tells which",
            ),
            Self::Statements { done } => {
                half(formatter, *done, "; mend the cause and run again: it goes on from there")
            }
            Self::StatementsAndPart { done } => half(
                formatter,
                *done,
                "; this one commits by itself, and what it committed before it failed stays; mend the cause and run \
                 again: it begins anew with this statement",
            ),
            Self::UnknownStatement { done } => write!(
                formatter,
                "the connection broke before the server answered: the revision has no transaction, {} done and recorded, \
                 and perhaps the next as well; run again: it finds out and goes on",
                first(*done)
            ),
            Self::AroundStatements { done } => half(
                formatter,
                *done,
                ", and what its hooks did stays; mend the cause and run again: hooks run anew, statements that are done \
                 do not",
            ),
            Self::Unfinished => formatter.write_str(
                "the revision has no transaction: what it did before stays; it is run again from its start",
            ),
            Self::Unrecorded => formatter.write_str(
                "the revision has no transaction: all of it is done, but not its history row; mend the cause and run again",
            ),
            Self::PerhapsRecorded => formatter.write_str(
                "the connection broke before the server answered: the revision has no transaction, all of it is done, \
                 and perhaps its history row as well; `status` tells; run again",
            ),
            Self::Unknown => formatter.write_str(
                "the connection broke before the server answered, so the revision is either wholly applied or not at \
                 all; `status` tells which",
            ),
        }
    }
}

/// Of a revision without a transaction, some of whose statements are done.
fn half(formatter: &mut fmt::Formatter<'_>, done: usize, rest: &str) -> fmt::Result {
    write!(formatter, "the revision has no transaction: {} done and recorded{rest}", first(done))
}

fn first(done: usize) -> String {
    match done {
        0 => "none of its statements is".to_owned(),
        1 => "its first statement is".to_owned(),
        _ => format!("its first {done} statements are"),
    }
}
