use std::path::PathBuf;

use crate::inspection::{Inspection, Question};
use crate::policy::Policy;

/// Stands in where the crate is built without squawk: nothing is parsed and nothing linted.
#[derive(Debug)]
pub(crate) struct Inspector;

impl Inspector {
    pub(crate) fn new(_policy: &Policy, _cache: Option<PathBuf>) -> Self {
        Self
    }

    #[expect(clippy::unused_self, reason = "the face of the inspector that looks")]
    pub(crate) fn inspect(&mut self, _text: &str, _sha256: &str, _question: Question) -> Inspection {
        Inspection::default()
    }

    pub(crate) fn save(self) {}
}
