//! Rules of squawk that the build never reports, because hardtack does what they ask for, or has a finding of its own.

use hardtack_build::Policy;

use crate::support::Folder;

/// The rule, a revision in which squawk would find it, the build's own finding about it, and why there is none.
pub(super) const HANDLED: [(&str, &str, Option<&str>, &str); 7] = [
    (
        "ban-concurrent-index-creation-in-transaction",
        "create index concurrently on accounts (email);",
        Some("needs-no-transaction"),
        "the build asks for `no-transaction`",
    ),
    (
        "ban-uncommitted-transaction",
        "begin; select 1;",
        Some("transaction-control"),
        "the build refuses BEGIN and its kin, because hardtack opens and ends the transaction",
    ),
    ("require-lock-timeout", "comment on table accounts is 'x';", None, "each step runs with a lock timeout"),
    (
        "require-statement-timeout",
        "comment on table accounts is 'x';",
        None,
        "a limit is the operator's to set",
    ),
    ("require-timeout-settings", "comment on table accounts is 'x';", None, "it stands for the two above"),
    (
        "transaction-nesting",
        "begin; select 1; commit;",
        Some("transaction-control"),
        "the build refuses BEGIN and its kin, because hardtack opens and ends the transaction",
    ),
    (
        "unused-ignore",
        "-- squawk-ignore ban-drop-column\nselect 1;",
        None,
        "squawk has the name, and reports nothing under it; an `allow` that silences nothing is `unused-allow`",
    ),
];

#[test]
fn what_is_handled_has_a_finding_of_the_build_s_own_or_none() {
    for (rule, up, code, _) in HANDLED {
        let folder = Folder::new(&[("V1__before.sql", "create table accounts (email text);")]);
        folder.write("V2__x.sql", up);
        let resolved = hardtack_build::resolve(folder.path(), &Policy::default()).unwrap();
        let codes: std::collections::BTreeSet<_> =
            resolved.findings.iter().map(|finding| finding.code.as_ref()).collect();
        assert_eq!(codes, code.into_iter().collect(), "{rule}");
    }
}
