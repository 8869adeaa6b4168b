use serde::Serialize;

use super::{Verdict, hazards};

/// One row of the table of hazards: what can be dangerous about a step, under a name that stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Hazard {
    /// The name, in kebab case, as `allow` and configuration have it; squawk's for its rules.
    pub name: &'static str,
    /// How it is found.
    pub found: FoundBy,
    /// What it does to the application, where the live database says nothing milder.
    pub verdict: Verdict,
    /// What is dangerous, in a sentence without a full stop.
    pub danger: &'static str,
    /// The safe way, in a sentence without a full stop; empty where there is none but not to do it.
    pub recipe: &'static str,
}

/// How a hazard is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FoundBy {
    /// In the text, at compile time.
    Text,
    /// Only on the live database.
    Database,
    /// Only by a rehearsal.
    Rehearsal,
}

/// The table.
pub const HAZARDS: &[Hazard] = hazards::ALL;

/// The hazard of that name.
#[must_use]
pub fn hazard(name: &str) -> Option<&'static Hazard> {
    HAZARDS.iter().find(|hazard| hazard.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn rows_are_well_formed() {
        let names: BTreeSet<_> = HAZARDS.iter().map(|hazard| hazard.name).collect();
        assert_eq!(names.len(), HAZARDS.len(), "each name once");
        for hazard in HAZARDS {
            let texts = [hazard.danger, hazard.recipe];
            assert!(!hazard.danger.is_empty(), "{}", hazard.name);
            assert!(texts.iter().all(|text| !text.ends_with('.')), "{}", hazard.name);
        }
        assert_eq!(hazard("disk-space").map(|row| row.found), Some(FoundBy::Database));
        assert_eq!(hazard("nonsense"), None);
    }
}
