use std::fmt;

use super::cause::chain;
use crate::revisions::{Check, Moment, RevisionError};

/// Why a check does not let a revision pass.
#[derive(Debug)]
#[non_exhaustive]
pub enum CheckFailure {
    /// What was found is not what was expected.
    Refuted(String),
    /// What must not change has changed.
    Changed {
        /// What it was before.
        before: String,
        /// What it is after.
        after: String,
    },
    /// There was no answer.
    Failed(RevisionError),
}

impl CheckFailure {
    /// What an answer means at that moment. `first` is the value from before, where there is one; the value that is to be
    /// kept for later comes back.
    pub(super) fn judge(
        moment: Moment,
        answer: Result<Check, RevisionError>,
        first: Option<&String>,
    ) -> Result<Option<String>, Self> {
        match (moment, answer.map_err(Self::Failed)?) {
            (_, Check::Fails(reason)) => Err(Self::Refuted(reason)),
            (Moment::Unchanged, Check::Value(after)) => match first {
                Some(before) if *before != after => Err(Self::Changed { before: before.clone(), after }),
                _ => Ok(Some(after)),
            },
            (Moment::Before | Moment::After, Check::Holds) => Ok(None),
            (Moment::Unchanged, Check::Holds) => {
                Err(Self::Refuted("expected a value to compare, found that it holds".to_owned()))
            }
            (_, Check::Value(value)) => {
                Err(Self::Refuted(format!("expected whether it holds, found the value {value}")))
            }
        }
    }
}

impl fmt::Display for CheckFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refuted(reason) => formatter.write_str(reason),
            Self::Changed { before, after } => {
                write!(formatter, "expected no change, found {before} before and {after} after")
            }
            Self::Failed(error) => formatter.write_str(&chain(error.as_ref())),
        }
    }
}
