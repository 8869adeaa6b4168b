use crate::text_rules::RULES;

/// What hardtack makes of a rule: one of squawk's, or one of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Can lose data, block traffic or break the running version: judged by default.
    Hazard,
    /// Types, naming, style, or a change that most teams make on purpose: off unless turned on by name.
    Advice,
    /// Hardtack does it, or checks it itself: never reported.
    Handled,
    /// Only a database or a rehearsal tells: never reported by the build, but its author may accept it.
    Live,
}

impl Class {
    /// Whether an author may accept such a finding.
    pub(crate) fn is_acceptable(self) -> bool {
        self != Self::Handled
    }
}

/// The class of a rule; none for a name that is no rule.
pub(crate) fn class_of(rule: &str) -> Option<Class> {
    let named = |names: &&[&str]| names.contains(&rule);
    let classes = [
        (HAZARDS, Class::Hazard),
        (ADVICE, Class::Advice),
        (HANDLED, Class::Handled),
        (LIVE_HAZARDS, Class::Live),
    ];
    let listed = classes.iter().find(|(names, _)| named(names)).map(|&(_, class)| class);
    listed.or_else(|| RULES.iter().find(|known| known.name == rule).map(|known| known.class))
}

/// The names of all rules that can be reported.
pub(crate) fn reportable() -> impl Iterator<Item = &'static str> {
    text_hazards().map(|(name, _)| name)
}

/// The names of all that an author may accept by a directive.
pub(crate) fn acceptable() -> impl Iterator<Item = &'static str> {
    reportable().chain(LIVE_HAZARDS.iter().copied())
}

/// The hazards that are found in the text of a revision, by name, and whether they are judged unless a policy says otherwise. The
/// others, types, style and changes that most teams make on purpose, are off until they are turned on.
pub fn text_hazards() -> impl Iterator<Item = (&'static str, bool)> {
    let of_squawk = HAZARDS.iter().map(|name| (*name, true)).chain(ADVICE.iter().map(|name| (*name, false)));
    of_squawk.chain(RULES.iter().map(|rule| (rule.name, rule.class == Class::Hazard)))
}

/// The hazards that only a database or a rehearsal tells. `allow` and `[[build.accept]]` take them as well.
pub const LIVE_HAZARDS: &[&str] = &[
    "column-in-use",
    "disk-space",
    "event-trigger",
    "half-done",
    "invalid-index",
    "large-table",
    "lock-table-full",
    "logical-replication",
    "long-lock",
    "long-transaction",
    "many-partitions",
    "opaque-code",
    "prepared-transaction",
    "replication-slot",
    "rewrites-table",
    "scans-table",
    "standby-conflict",
    "table-in-use",
    "unvalidated-constraint",
    "wraparound-autovacuum",
    "writes-many-rows",
];

pub(crate) const HAZARDS: &[&str] = &[
    "adding-field-with-default",
    "adding-foreign-key-constraint",
    "adding-not-nullable-field",
    "adding-required-field",
    "adding-serial-primary-key-field",
    "ban-alter-domain-with-add-constraint",
    // Squawk leaves it off; it rewrites the table under ACCESS EXCLUSIVE.
    "ban-alter-generated-expression",
    "ban-alter-identity",
    "ban-drop-column",
    "ban-drop-database",
    "ban-drop-default",
    "ban-drop-domain",
    "ban-drop-extension",
    "ban-drop-function",
    "ban-drop-generated-expression",
    "ban-drop-not-null",
    "ban-drop-schema",
    "ban-drop-sequence",
    "ban-drop-table",
    "ban-drop-type",
    "ban-drop-view",
    "ban-duplicate-column-assignments",
    "ban-set-schema",
    "ban-truncate-cascade",
    "changing-column-type",
    "constraint-missing-not-valid",
    "disallowed-unique-constraint",
    // VACUUM FULL and CLUSTER rewrite under ACCESS EXCLUSIVE.
    "prefer-repack",
    "renaming-column",
    "renaming-object",
    "renaming-table",
    "require-concurrent-index-creation",
    "require-concurrent-index-deletion",
    "require-concurrent-partition-detach",
    "require-concurrent-reindex",
];

pub(crate) const ADVICE: &[&str] = &[
    "ban-add-column",
    "ban-add-composite-attribute",
    "ban-add-enum-value",
    "ban-alter-database-options",
    "ban-alter-extension",
    "ban-alter-function-options",
    "ban-alter-policy-condition",
    "ban-alter-policy-roles",
    "ban-alter-role-options",
    "ban-alter-row-level-security",
    "ban-alter-sequence-values",
    "ban-alter-system-options",
    "ban-alter-view-options",
    "ban-char-field",
    "ban-create-domain-with-constraint",
    "ban-create-policy",
    "ban-detach-inheritance",
    "ban-disable-trigger",
    // Takes a guarantee away; the running version goes on and no data is lost.
    "ban-drop-constraint",
    "ban-drop-index",
    "ban-drop-policy",
    "ban-drop-trigger",
    "ban-new-write-restriction",
    "ban-replace-view-function",
    "ban-replica-identity",
    "ban-revoke",
    "ban-set-default",
    "identifier-too-long",
    "prefer-bigint-over-int",
    "prefer-bigint-over-smallint",
    "prefer-identity",
    // Silent in a transaction, which is rolled back as a whole.
    "prefer-robust-stmts",
    "prefer-text-field",
    "prefer-timestamp-tz",
    "require-enum-value-ordering",
    "require-table-schema",
];

const HANDLED: &[&str] = &[
    "ban-concurrent-index-creation-in-transaction",
    "ban-uncommitted-transaction",
    "require-lock-timeout",
    "require-statement-timeout",
    "require-timeout-settings",
    "transaction-nesting",
    // Squawk has the name, and reports nothing under it.
    "unused-ignore",
];

#[cfg(all(test, feature = "sql"))]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_rule_has_exactly_one_class() {
        let known: BTreeSet<String> =
            enum_iterator::all::<squawk_linter::Rule>().map(|rule| rule.to_string()).collect();
        let listed: Vec<_> = [HAZARDS, ADVICE, HANDLED].concat().into_iter().map(str::to_owned).collect();
        assert_eq!(listed.len(), known.len());
        assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), known);
    }

    #[test]
    fn no_name_is_given_twice() {
        let names: Vec<_> = acceptable().chain(HANDLED.iter().copied()).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        assert!(names.iter().all(|name| class_of(name).is_some()));
    }
}
