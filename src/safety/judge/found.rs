use std::borrow::Cow;

use serde::Serialize;

use crate::safety::Verdict;

/// A hazard that was found in a step, or in the way of a whole plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FoundHazard {
    /// Its name in the table of hazards.
    pub hazard: Cow<'static, str>,
    /// What it does here, with what the database knows.
    pub verdict: Verdict,
    /// The line of the file, from 1; none where it is about no statement.
    pub line: Option<usize>,
    /// The table, or whatever else it is about; empty where that is not known.
    pub object: String,
    /// What was found, in a sentence without a full stop: `orders has 52 million rows, 9.1 GB`.
    pub message: String,
    /// The safe way.
    pub recipe: Cow<'static, str>,
    /// The reason that somebody gave for accepting it: `allow RULE "reason"`.
    pub accepted: Option<String>,
}
