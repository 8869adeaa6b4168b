/// What the SQL checker made of a text, whatever the policy makes of that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Inspection {
    pub(crate) errors: Vec<Fault>,
    /// None where the text was not linted.
    pub(crate) hazards: Option<Vec<Fault>>,
}

/// A syntax error, or a lint rule that fired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The rule, or `syntax`.
    pub(crate) rule: String,
    pub(crate) offset: usize,
    pub(crate) message: String,
    /// What the rule's author advises; may be empty.
    pub(crate) help: String,
}

/// What to ask of the SQL checker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) lint: bool,
    pub(crate) transactional: bool,
}
