//! Every finding, with its exact words.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use hardtack_build::lock::Lock;
use hardtack_build::{Level, Policy, Resolved, Schema, render, resolve, versions};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

const DOWN: &str = "select 1;\n";

/// Files with their texts, and the findings about them.
type Case = (&'static [(&'static str, &'static str)], &'static str);

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), files);
    folder
}

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (file, text) in files {
        let path = folder.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn loaded(policy: &str) -> Policy {
    let config = tempfile::tempdir().unwrap();
    let path = config.path().join("hardtack.toml");
    fs::write(&path, policy).unwrap();
    Policy::load(&path).unwrap()
}

fn resolved(folder: &Path, policy: &str) -> Resolved {
    resolve(folder, &loaded(policy)).unwrap()
}

fn findings_in(folder: &Path, policy: &str) -> Vec<String> {
    let shown = folder.to_string_lossy().into_owned();
    let findings = resolved(folder, policy).findings;
    findings.iter().map(|finding| finding.to_string().replace(&shown, "migrations")).collect()
}

fn findings(files: &[(&str, &str)], policy: &str) -> Vec<String> {
    findings_in(folder(files).path(), policy)
}

/// The up alone has the findings; a down is there.
fn of_up(text: &str) -> Vec<String> {
    findings(&[("V1__x.sql", text), ("V1__x.down.sql", DOWN)], "")
}

#[test]
fn a_sound_folder_has_none() {
    let files = [
        ("V1__accounts.sql", "create table accounts (id bigint primary key);"),
        ("V1__accounts.down.sql", "drop table accounts"),
        ("nested/U2__seed.sql", "-- hardtack: irreversible \"seeds stay\"\ninsert into accounts values (1);"),
        ("V3__rust.rs", "#[hardtack::up]\nasync fn up() {}\n#[hardtack::down]\nasync fn down() {}"),
        ("V4__mixed.sql", "select 1"),
        ("V4__mixed.rs", "#[hardtack::down]\nasync fn down() {}"),
        ("V5__beside.rs", "#[hardtack::up]\nasync fn up() {}"),
        ("V5__beside.down.sql", "select 1"),
        (".hidden.sql", "nonsense"),
        ("snapshots/V1.sql", "nonsense"),
        ("README.md", "nonsense"),
    ];
    let folder = folder(&files);
    let resolved = resolved(folder.path(), "");
    assert_eq!(resolved.findings, []);
    let stems: Vec<_> = resolved.revisions.iter().map(hardtack_build::Revision::stem).collect();
    assert_eq!(stems, ["V1__accounts", "U2__seed", "V3__rust", "V4__mixed", "V5__beside"]);
}

#[test]
fn names_and_files() {
    let cases: [Case; 4] = [
        (
            &[("v1_x.sql", "")],
            "migrations/v1_x.sql:1:1: the name does not start with `V` or `U` [invalid-name]\n  help: did you \
               mean `V1__x.sql`? name it `V<version>__<words_and_underscores>`, as in `V7__split_names.sql`",
        ),
        (
            &[("mod.rs", "")],
            "migrations/mod.rs:1:1: the name does not start with `V` or `U` [invalid-name]\n  help: delete it: \
               `hardtack::embed!()` needs no module file",
        ),
        (
            &[("README.md", "")],
            "migrations: the folder holds no revision [empty-folder]\n  help: write a first revision, such as \
               `V1__accounts.sql`",
        ),
        (
            &[
                ("V1__a.sql", DOWN),
                ("V1__a.down.sql", DOWN),
                ("b/U1__b.sql", DOWN),
                ("b/U1__b.down.sql", DOWN),
            ],
            "migrations/b/U1__b.sql:1:1: version 1 is taken by migrations/V1__a.sql [repeated-version]\n  help: \
               give the newer of the two the next version, 2",
        ),
    ];
    for (files, expected) in cases {
        assert_eq!(findings(files, ""), [expected]);
    }
}

#[test]
fn files_that_do_not_belong_together() {
    let cases: [Case; 5] = [
        (
            &[("V1__a.sql", DOWN), ("V01__a.sql", DOWN), ("V1__a.down.sql", DOWN)],
            "migrations/V01__a.sql:1:1: another file has the same version and name [repeated-version]\n  help: \
               keep one of the two",
        ),
        (
            &[("V1__a.down.sql", DOWN)],
            "migrations/V1__a.down.sql:1:1: a down without an up [orphan-down]\n  help: write V1__a.sql beside \
               it, or rename it to the stem it belongs to",
        ),
        (
            &[("V1__a.sql", DOWN), ("V1__a.down.sql", DOWN), ("V1__a.rs", "#[up]\nfn up() {}")],
            "migrations/V1__a.rs:1:1: the up is also in migrations/V1__a.sql [conflicting-up]\n  help: keep one \
               of the two; or let the function run around the SQL, as `#[hardtack::before]` or `#[hardtack::after]`",
        ),
        (
            &[("V1__a.sql", DOWN), ("V1__a.down.sql", DOWN), ("V1__a.rs", "#[down]\nfn down() {}")],
            "migrations/V1__a.rs:1:1: the down is also in migrations/V1__a.down.sql [conflicting-down]\n  help: \
               keep one of the two",
        ),
        (
            &[("V1__a.sql", DOWN)],
            "migrations/V1__a.sql:1:1: no way back: nothing undoes it [missing-down]\n  help: write V1__a.down.sql, \
               which undoes it; or, where nothing can, put `-- hardtack: irreversible \"reason\"` at the top",
        ),
    ];
    for (files, expected) in cases {
        assert_eq!(findings(files, ""), [expected]);
    }
}

#[test]
fn a_missing_folder() {
    let parent = tempfile::tempdir().unwrap();
    assert_eq!(
        findings_in(&parent.path().join("none"), ""),
        [
            "migrations: there is no such folder [missing-folder]\n  help: create it with a first revision, such as \
          `V1__accounts.sql`"
        ]
    );
}

#[test]
fn a_file_in_place_of_the_folder() {
    let folder = folder(&[("V1__x.sql", DOWN)]);
    assert_eq!(
        findings_in(&folder.path().join("V1__x.sql"), ""),
        ["migrations: this is a file, not a folder [missing-folder]\n  help: name the folder that \
             holds the revisions"]
    );
}

#[test]
fn versions_are_known_whatever_is_in_the_files() {
    let folder = folder(&[
        ("V2__broken.sql", "selec"),
        ("V2__broken.down.sql", ""),
        ("nested/V30__broken.rs", "fn"),
        ("V4__a_down_alone.down.sql", DOWN),
        ("U5__u.sql", DOWN),
        ("V6-no.sql", DOWN),
    ]);
    fs::write(folder.path().join("V7__x.sql"), [0xff]).unwrap();
    assert_eq!(versions(folder.path()).unwrap(), [2, 4, 5, 7, 30]);
    assert_eq!(versions(&folder.path().join("none")).unwrap(), Vec::<i64>::new());
    assert!(versions(&folder.path().join("V7__x.sql")).is_err());
}

#[test]
fn bytes_that_are_not_utf8() {
    let folder = folder(&[("V1__x.down.sql", DOWN)]);
    fs::write(folder.path().join("V1__x.sql"), b"select 1;\nselect '\xc3\xbc\xff';").unwrap();
    assert_eq!(
        findings_in(folder.path(), ""),
        [
            "migrations/V1__x.sql:2:10: the file is not UTF-8 from here on [not-utf8]\n  help: save the file as UTF-8"
        ]
    );
}

#[test]
fn code_that_is_broken_is_older() {
    let later = "migrations/V1__x.sql:1:1: breaks code before version 2, which comes later [breaks-code-before]\n  help: name the first \
        revision with which a binary works behind this one, or this one";
    assert_eq!(of_up("-- hardtack: breaks-code-before V2\nselect 1;"), [later]);
}

#[test]
fn texts_and_directives() {
    let cases = [
        ("select 1;\nselect 'a;\n", "2:8: this string never ends [unterminated]\n  help: end the string"),
        (
            "\\i other.sql",
            "1:1: a psql meta-command in a revision [meta-command]\n  help: remove it: only psql knows backslash \
             commands, and hardtack sends the text to the server",
        ),
        (
            "copy t from stdin;\n1\t2\n\\.\n",
            "1:1: COPY over the connection is not SQL text [copy-stdin]\n  help: write the rows as INSERT \
             statements, or copy them in a Rust revision with `context.client()`",
        ),
        (
            "select 1;\n  commit;",
            "2:3: `COMMIT` in a revision that runs in one transaction [transaction-control]\n  help: remove it: \
             hardtack wraps the revision together with its history row; or put `-- hardtack: no-transaction` at \
             the top",
        ),
        (
            "create index concurrently i on t (a);",
            "1:1: CREATE INDEX CONCURRENTLY cannot run inside a transaction [needs-no-transaction]\n  help: move \
             it to a revision of its own with `-- hardtack: no-transaction` at the top",
        ),
        (
            "select 1;\r\n-- header\rcreate table cr ();\r",
            "2:10: a lone carriage return: PostgreSQL ends a comment at it, editors and linters do not [lone-cr]\n  \
             help: save the file with LF or CRLF line ends",
        ),
        (
            "-- hardtack: no-transation\nselect 1;",
            "1:1: unknown directive `no-transation` [directive]\n  help: did you mean `no-transaction`? the \
             directives are `no-transaction`, `irreversible`, `allow`, `lock-timeout`, `replaces`, `requires`, `breaks-code-before`, `check`, \
             `check-before`, `unchanged`",
        ),
        (
            "-- about\n-- hardtack: irreversible \"never\"\nselect 1;",
            "2:1: `irreversible` on a revision that has a down [directive]\n  help: remove the directive, or the \
             down",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(of_up(text), [format!("migrations/V1__x.sql:{expected}")]);
    }
    let no_transaction = "-- hardtack: no-transaction\ncreate index concurrently i on t (a);\nvacuum t;";
    assert_eq!(of_up(no_transaction), Vec::<String>::new());
    assert_eq!(of_up("select 'a\rb', $$c\rd$$;\r\n"), Vec::<String>::new());
    let down = findings(&[("V1__x.sql", DOWN), ("V1__x.down.sql", "drop index concurrently i")], "");
    assert!(down[0].starts_with("migrations/V1__x.down.sql:1:1: DROP INDEX CONCURRENTLY cannot"), "{down:?}");
}

#[test]
fn rust_files() {
    let down = ("V1__x.down.sql", DOWN);
    assert_eq!(
        findings(&[("V1__x.rs", "fn up() {}"), down], ""),
        [
            "migrations/V1__x.rs:1:1: no function is marked `#[hardtack::up]` [rust]\n  help: mark the asynchronous \
          function that migrates with `#[hardtack::up]`"
        ]
    );
    assert_eq!(
        findings(&[("V1__x.rs", "fn up() {}"), ("V1__x.sql", DOWN), down], ""),
        [
            "migrations/V1__x.rs:1:1: no function is marked, and the up is SQL [rust]\n  help: mark a function with \
          `#[hardtack::before]`, `after`, `check(..)`, `backfill` or `down`, or remove the file"
        ]
    );
    assert_eq!(
        findings(&[("V1__x.rs", "\n  fn up() { let }"), down], ""),
        ["migrations/V1__x.rs:2:17: unexpected end of input, expected one of: identifier, `::`, `<`, `_`, \
          literal, `const`, `ref`, `mut`, `&`, parentheses, square brackets, `..`, `const` [rust]\n  help: mend \
          the file, as rustc would ask"]
    );
    assert_eq!(
        findings(&[("V1__x.rs", "#[hardtack::up]\nfn up() {}")], ""),
        [
            "migrations/V1__x.rs:1:1: no way back: nothing undoes it [missing-down]\n  help: write a function marked \
          `#[hardtack::down]`, which undoes it; or, where nothing can, say `irreversible = \"reason\"` in the \
          attribute"
        ]
    );
}

#[cfg(feature = "sql")]
#[test]
fn syntax_and_hazards() {
    let cases = [
        (
            "select 1;\nselect from where ü;\nselect 2;",
            "2:12: expected from item, got WHERE [syntax]\n  help: mend the statement: PostgreSQL's grammar refuses it",
        ),
        (
            "alter table t drop column a;",
            "1:15: dropping a column may break existing clients [ban-drop-column]\n  help: put `-- hardtack: \
             allow ban-drop-column \"reason\"` at the top",
        ),
        (
            "create table t (a int);\ndrop table t;\nalter table t drop column a;",
            "3:15: dropping a column may break existing clients [ban-drop-column]\n  help: put `-- hardtack: \
             allow ban-drop-column \"reason\"` at the top",
        ),
        (
            "-- hardtack: allow ban-drop-table \"gone\"\nselect 1;",
            "1:1: `allow ban-drop-table` silences nothing [unused-allow]\n  help: remove it",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(of_up(text), [format!("migrations/V1__x.sql:{expected}")]);
    }
    for quiet in [
        "-- hardtack: allow ban-drop-column \"unused since 2.3\"\nalter table t drop column a;",
        "-- squawk-ignore ban-drop-column\nalter table t drop column a;",
        "create table t (a int); create index on t (a); alter table t drop column a;",
        "-- hardtack: no-transaction\ncreate table t (a int); create index on t (a);",
        "alter table t add column a text; create trigger r after insert on t execute function f();",
        "create temp table t (a int); drop table t;",
        "create index i on only t (a);",
        "-- hardtack: allow require-concurrent-index-creation \"no rows\"\ncreate unique index on only t (a);",
    ] {
        assert_eq!(of_up(quiet), Vec::<String>::new(), "{quiet}");
    }
}

#[cfg(feature = "sql")]
#[test]
fn the_policy_is_followed() {
    let files = [("V1__x.sql", "alter table t drop column a;\nalter table t add column b int;")];
    let codes = |policy: &str| -> Vec<String> {
        let folder = folder(&files);
        let findings = resolved(folder.path(), policy).findings;
        findings.iter().map(|finding| format!("{:?} {}", finding.level, finding.code)).collect()
    };
    assert_eq!(codes(""), ["Error missing-down", "Error ban-drop-column"]);
    assert_eq!(codes("[build]\nmissing-down = 'warn'\nhazards = 'allow'"), ["Warn missing-down"]);
    let rules =
        "[build]\nmissing-down = 'allow'\n[build.rules]\nban-drop-column = 'warn'\nban-add-column = 'deny'";
    assert_eq!(codes(rules), ["Warn ban-drop-column", "Error ban-add-column"]);
    let accept = |finding: &str| {
        format!("[[build.accept]]\nrevision = 'V1__x'\nfinding = '{finding}'\nreason = 'shipped in 2021'\n")
    };
    assert_eq!(codes(&(accept("missing-down") + &accept("ban-drop-column"))), Vec::<String>::new());
    assert_eq!(
        findings(&files, &(accept("missing-down") + &accept("ban-drop-column") + &accept("syntax"))),
        [
            "hardtack.toml:10:1: V1__x has no finding `syntax` to accept [unused-accept]\n  help: remove the entry"
        ]
    );
}

#[cfg(feature = "sql")]
#[test]
fn syntax_is_accepted_of_what_has_shipped() {
    let folder = folder(&[("V1__x.sql", DOWN), ("V1__x.down.sql", "select 1; selec 2;")]);
    let policy = "[[build.accept]]\nrevision = 'V1__x'\nfinding = 'syntax'\nreason = 'shipped in 2021'\n";
    let unpinned = findings_in(folder.path(), policy);
    assert_eq!(unpinned.len(), 2, "{unpinned:?}");
    assert_eq!(
        unpinned[1],
        "hardtack.toml:2:1: V1__x is not pinned, so that its syntax cannot be accepted [unpinned-accept]\n  help: \
         if it has shipped, pin it with `hardtack lock --shipped`; else mend it, and remove the entry"
    );
    assert!(unpinned[0].ends_with("mend the statement: PostgreSQL's grammar refuses it"), "{unpinned:?}");

    let shipped = resolve(folder.path(), &loaded(policy).for_shipped()).unwrap();
    assert_eq!(shipped.findings, [], "what is about to be pinned can be accepted");
    let mut lock = Lock::read(folder.path()).unwrap();
    assert_eq!(lock.pin(&shipped), ["V1__x"]);
    lock.write(folder.path()).unwrap();

    let pinned = resolved(folder.path(), policy);
    assert_eq!(pinned.findings, []);
    let hardtack_build::Down::Step(hardtack_build::Step::Sql(down)) = &pinned.revisions[0].down else {
        panic!("no down")
    };
    assert_eq!(down.statements, [(0, 8), (10, 17)], "an accepted text is embedded all the same");
}

#[test]
fn an_accept_set_in_code_cannot_accept_integrity_either() {
    let folder = folder(&[("V1__x.sql", "commit"), ("V1__x.down.sql", DOWN)]);
    let (revision, finding, reason) =
        ("V1__x".to_owned(), "transaction-control".to_owned(), "why not".to_owned());
    let mut policy = Policy::default();
    policy.accept = vec![hardtack_build::Accept { revision, finding, reason, line: 1 }];
    let found = resolve(folder.path(), &policy).unwrap().findings;
    let codes: Vec<_> = found.iter().map(|finding| finding.code.as_ref()).collect();
    assert_eq!(codes, ["transaction-control", "unused-accept"]);
}

#[test]
fn pinned_revisions() {
    let folder = folder(&[("V1__a.sql", "drop table t;"), ("V3__c.sql", DOWN), ("V3__c.down.sql", DOWN)]);
    let mut lock = Lock::read(folder.path()).unwrap();
    assert_eq!(lock.pin(&resolved(folder.path(), "")), ["V1__a", "V3__c"]);
    lock.write(folder.path()).unwrap();
    assert_eq!(findings_in(folder.path(), ""), Vec::<String>::new(), "what shipped is not judged again");
    assert_eq!(lock.pin(&resolved(folder.path(), "")), Vec::<String>::new());

    fs::remove_file(folder.path().join("V1__a.sql")).unwrap();
    let edited = "select 2;\n";
    write(
        folder.path(),
        &[
            ("V3__c.sql", edited),
            ("V2__b.sql", DOWN),
            ("V2__b.down.sql", DOWN),
            ("U4__u.sql", DOWN),
            ("U4__u.down.sql", DOWN),
        ],
    );
    assert_eq!(
        findings_in(folder.path(), ""),
        [
            "migrations/V2__b.sql:1:1: V2__b is older than V3__c, which has shipped [out-of-order]\n  help: rename \
             its files to a version that is not taken, from 4 on",
            "migrations/V3__c.sql:1:1: V3__c has shipped, and its text was changed [pinned-edited]\n  help: \
             restore the file and write a new revision; or, if no database that matters has applied it, delete its \
             line in hardtack.lock and run `hardtack lock`",
            "migrations/hardtack.lock:4:1: V1__a has shipped, and its files are gone [pinned-removed]\n  help: \
             restore them; or, if no database that matters has applied the revision, delete this line",
        ]
    );
}

const TYPED: &str = "use super::{VERSION, schema::t};\n#[hardtack::up(irreversible = \"x\")]\nfn up() {}\n";

#[test]
fn hooks_and_sql_are_one_revision() {
    const HOOK: &str = "use super::schema::t;\n#[after] async fn a() {}";
    let up = ("V1__x.sql", "create table t (a int);");
    let text_of = |files: &[(&str, &str)]| {
        let revision = resolved(folder(&[&[up, ("V1__x.down.sql", DOWN)], files].concat()).path(), "")
            .revisions
            .remove(0);
        (revision.sha256, revision.checksum)
    };
    let alone = text_of(&[]);
    let folder_of_sql = folder(&[up]);
    write(folder_of_sql.path(), &[("V1__x.rs", "#[down] async fn d() {}")]);
    let with_down = resolved(folder_of_sql.path(), "").revisions.remove(0);
    assert_eq!((with_down.sha256, with_down.checksum), alone, "a down is no part of the up");
    let hooked = text_of(&[("V1__x.rs", "#[after] async fn a() {}")]);
    assert!(hooked.0 != alone.0 && hooked.1 != alone.1);
    assert_eq!(text_of(&[("V1__x.rs", "// why\n#[after]\nasync fn a() {}\n")]), hooked);
    assert_ne!(text_of(&[("V1__x.rs", "#[check(after)] async fn a() {}")]).1, hooked.1);

    // The snapshot is of what the SQL has made.
    let folder = folder(&[up, ("V1__x.down.sql", DOWN), ("V1__x.rs", HOOK)]);
    let found = findings_in(folder.path(), "");
    assert!(
        found[0].contains("1:12: `schema` is named here, and there is no migrations/snapshots/V1__x.json"),
        "{found:?}"
    );
    write(folder.path(), &[("snapshots/V1__x.json", &snapshot(folder.path(), 1))]);
    assert_eq!(findings_in(folder.path(), ""), Vec::<String>::new());

    let mut lock = Lock::read(folder.path()).unwrap();
    lock.pin(&resolved(folder.path(), ""));
    lock.write(folder.path()).unwrap();
    assert_eq!(findings_in(folder.path(), ""), Vec::<String>::new());
    for edited in [("V1__x.sql", "create table t (a bigint);"), ("V1__x.rs", "#[after] async fn a() { b() }")]
    {
        let before = fs::read_to_string(folder.path().join(edited.0)).unwrap();
        write(folder.path(), &[edited]);
        let found = findings_in(folder.path(), "");
        assert!(found[0].contains("V1__x has shipped, and its text was changed"), "{found:?}");
        write(folder.path(), &[(edited.0, &before)]);
    }
}

/// A snapshot of a table `t`, after the revisions up to that version.
fn snapshot(folder: &Path, last: i64) -> String {
    sealed(&unsealed(folder, last))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unsealed(folder: &Path, last: i64) -> String {
    let revisions = resolved(folder, "").revisions;
    let covered = revisions.iter().filter(|revision| revision.version <= last);
    let lines: String =
        covered.map(|revision| format!("{} {}\n", revision.stem(), revision.sha256)).collect();
    let history = hexadecimal(&Sha256::digest(lines));
    format!(
        "{{\"hardtack\":1,\"server\":150020,\"history\":\"{history}\",\"fingerprint\":\"\",\"objects\":[\n\
         {{\"kind\":\"table\",\"schema\":\"public\",\"name\":\"t\",\"definition\":{{}}}}\n]}}\n"
    )
}

/// The text with the fingerprint of what it says.
fn sealed(text: &str) -> String {
    let fingerprint = hexadecimal(&Sha256::digest(text));
    text.replace("\"fingerprint\":\"\"", &format!("\"fingerprint\":\"{fingerprint}\""))
}

#[test]
fn snapshots() {
    let take = "take it with `hardtack snapshot --dir migrations`, which works while the application does not compile";
    let folder =
        folder(&[("V1__a.sql", DOWN), ("V1__a.down.sql", DOWN), ("V2__b.rs", TYPED), ("V3__c.sql", DOWN)]);
    write(folder.path(), &[("V3__c.rs", "use super::schema::t;\n#[hardtack::down]\nfn down() {}\n")]);
    let missing = |place, stem| {
        format!(
            "migrations/{place}: `schema` is named here, and there is no migrations/snapshots/{stem}.json to make it \
             of [snapshot]\n  help: {take}"
        )
    };
    assert_eq!(
        findings_in(folder.path(), ""),
        [missing("V2__b.rs:1:22", "V2__b"), missing("V3__c.rs:1:12", "V3__c")]
    );
    let found: Vec<_> =
        resolved(folder.path(), "").revisions.into_iter().map(|revision| revision.schema).collect();
    assert_eq!(found, [Schema::Unused, Schema::Missing, Schema::Missing]);

    // Of a revision's own up the snapshot holds nothing; of a lone down's up it does.
    let (before, up_to) = (snapshot(folder.path(), 1), snapshot(folder.path(), 3));
    write(folder.path(), &[("snapshots/V2__b.json", &before), ("snapshots/V3__c.json", &up_to)]);
    assert_eq!(findings_in(folder.path(), ""), Vec::<String>::new());
    assert!(
        matches!(&resolved(folder.path(), "").revisions[1].schema, Schema::Text(text) if text.contains("{ t "))
    );

    write(folder.path(), &[("V1__a.sql", "select 2;"), ("snapshots/V3__c.json", "{\n\"hardtack\": 2}")]);
    let stale = format!(
        "migrations/snapshots/V2__b.json:1:1: this snapshot is stale: the revisions that run before \
         migrations/V2__b.rs are not those it was taken after [snapshot]\n  help: where a revision was edited that is applied anywhere, restore it; \
         otherwise {take}"
    );
    let newer = "migrations/snapshots/V3__c.json:1:1: a snapshot of format 2, and this build knows formats up to 1 \
                 [snapshot]\n  help: update hardtack-build to the version of the `hardtack` command that wrote it";
    assert_eq!(findings_in(folder.path(), ""), [&stale, newer]);

    write(folder.path(), &[("snapshots/V3__c.json", "<<<<<<< ours\n")]);
    let broken = format!(
        "migrations/snapshots/V3__c.json:1:1: no snapshot: expected value [snapshot]\n  help: {take}"
    );
    assert_eq!(findings_in(folder.path(), ""), [&*stale, &*broken]);

    write(folder.path(), &[("snapshots/V3__c.json", &up_to.replace("\"t\"", "\"u\""))]);
    let edited = format!(
        "migrations/snapshots/V3__c.json:1:1: a snapshot that was changed by hand or in a merge [snapshot]\n  help: {take}"
    );
    assert_eq!(findings_in(folder.path(), ""), [stale, edited]);
}

/// It is carried all the same: whoever compares with it sees that it is stale.
#[test]
fn the_snapshot_of_the_head_is_carried_and_told_where_it_is_stale() {
    let folder = folder(&[("V1__a.sql", DOWN), ("V1__a.down.sql", DOWN)]);
    assert_eq!(resolved(folder.path(), "").head, None);
    let text = snapshot(folder.path(), 1);
    write(folder.path(), &[("snapshots/head.json", &text)]);
    let fresh = resolved(folder.path(), "");
    assert_eq!((fresh.findings.as_slice(), fresh.head.map(|head| head.text)), (&[][..], Some(text.clone())));
    write(folder.path(), &[("V1__a.sql", "select 2;")]);
    let stale = resolved(folder.path(), "");
    assert_eq!(
        findings_in(folder.path(), "")[0],
        "migrations/snapshots/head.json:1:1: this snapshot is stale: the revisions have changed since it was taken \
         [snapshot]\n  help: where a revision was edited that is applied anywhere, restore it; otherwise take it with \
         `hardtack snapshot --dir migrations`"
    );
    assert_eq!((stale.findings[0].level, stale.has_errors()), (Level::Warn, false));
    let rendered = render(&stale);
    assert!(rendered.contains("snapshot: ::core::option::Option::Some(::core::include_str!("), "{rendered}");
    let edited = snapshot(folder.path(), 1).replace("\"t\"", "\"u\"");
    write(folder.path(), &[("snapshots/head.json", &edited)]);
    assert!(
        findings_in(folder.path(), "")[0].contains("head.json:1:1: this snapshot was changed by hand or")
    );
    write(folder.path(), &[("snapshots/head.json", "<<<<<<< ours\n")]);
    assert!(findings_in(folder.path(), "")[0].contains("head.json:1:1: this is no snapshot [snapshot]"));
}

#[test]
fn a_snapshot_of_what_has_shipped_is_not_judged_again() {
    let folder = folder(&[("V1__a.sql", DOWN), ("V1__a.down.sql", DOWN), ("V2__b.rs", TYPED)]);
    write(folder.path(), &[("snapshots/V2__b.json", &snapshot(folder.path(), 0))]);
    assert_eq!(findings_in(folder.path(), "").len(), 1, "it is stale");
    let mut lock = Lock::read(folder.path()).unwrap();
    lock.pin(&resolved(folder.path(), ""));
    lock.write(folder.path()).unwrap();
    assert_eq!(findings_in(folder.path(), ""), Vec::<String>::new());
    fs::remove_dir_all(folder.path().join("snapshots")).unwrap();
    assert_eq!(findings_in(folder.path(), "").len(), 1, "nothing can be made of one that is gone");
}

/// A file that does not say what it migrates is told so, and nothing about a history that lacks it.
#[test]
fn a_snapshot_is_not_stale_for_a_revision_that_is_broken() {
    let folder = folder(&[("V1__a.rs", "fn up() {}"), ("V2__b.rs", TYPED)]);
    let of_others = sealed(&unsealed(folder.path(), 0).replace("history\":\"", "history\":\"0"));
    write(folder.path(), &[("snapshots/V2__b.json", &of_others)]);
    let found = findings_in(folder.path(), "");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("migrations/V1__a.rs"), "{found:?}");
}

#[test]
fn a_lock_file_with_a_conflict() {
    let lock = format!("<<<<<<< ours\n{0}  V1__a\n{0}  V1__a\nnonsense\n", "0".repeat(64));
    let files = [("V1__a.sql", DOWN), ("V1__a.down.sql", DOWN), ("hardtack.lock", lock.as_str())];
    let found: Vec<_> =
        findings(&files, "").into_iter().filter(|finding| finding.contains("[lock]")).collect();
    assert_eq!(
        found,
        [
            "migrations/hardtack.lock:1:1: an unresolved merge conflict [lock]\n  help: keep the lines of both \
             sides, and give one of two revisions of a version the next version",
            "migrations/hardtack.lock:3:1: V1__a is pinned twice [lock]\n  help: keep the line whose revision \
             shipped",
            "migrations/hardtack.lock:4:1: a line that pins no revision [lock]\n  help: a line is a SHA-256, two \
             spaces and a stem; restore it from version control",
        ]
    );
}

#[test]
fn a_squash_stands_for_what_has_shipped_and_is_gone() {
    let squash =
        "-- hardtack: replaces V1..V3\n-- hardtack: irreversible \"squash\"\ncreate table a (id bigint);";
    let files = [("V3__base.sql", squash), ("V4__x.sql", "select 1;"), ("V4__x.down.sql", DOWN)];
    let folder = folder(&files);
    let pin = |stem: &str| format!("{}  {stem}\n", "0".repeat(64));
    let lock = ["V1__a", "V2__b", "V3__c"].map(pin).concat();
    write(folder.path(), &[("hardtack.lock", &lock)]);
    let resolved = resolved(folder.path(), "");
    assert_eq!(resolved.findings, []);
    assert_eq!(
        resolved.revisions.iter().map(|revision| revision.replaces).collect::<Vec<_>>(),
        [Some(1), None]
    );
    let baked = render(&resolved);
    assert!(baked.contains("replaces: ::core::option::Option::Some(1)"), "{baked}");
    write(folder.path(), &[("hardtack.lock", &(lock + &pin("V5__e")))]);
    let gone = findings_in(folder.path(), "");
    assert!(
        gone.iter().any(|finding| finding.contains("V5__e has shipped, and its files are gone")),
        "{gone:?}"
    );
    fs::remove_file(folder.path().join("hardtack.lock")).unwrap();
    write(folder.path(), &[("U2__b.sql", "select 1;"), ("U2__b.down.sql", DOWN)]);
    let remaining = findings_in(folder.path(), "");
    assert!(
        remaining[0].contains("V3__base replaces this revision, and its files are still there"),
        "{remaining:?}"
    );
    write(folder.path(), &[("V3__base.down.sql", DOWN)]);
    let down = findings_in(folder.path(), "");
    assert!(down.iter().any(|finding| finding.contains("a down cannot lead back into")), "{down:?}");
}

#[cfg(feature = "sql")]
fn hazards_of(step: &hardtack_build::Step) -> Vec<String> {
    let hardtack_build::Step::Sql(script) = step else { return Vec::new() };
    let shown = |hazard: &hardtack_build::StaticHazard| {
        let hardtack_build::StaticHazard { statement, rule, object, part, allowed } = hazard;
        format!("{statement} {rule} {object}.{part} {}", allowed.as_deref().unwrap_or("-"))
    };
    script.hazards.iter().map(shown).collect()
}

#[cfg(feature = "sql")]
#[test]
fn hazards_are_carried_whether_they_are_judged_or_not() {
    let up = "-- hardtack: allow ban-drop-column \"unused since 2.3\"\n-- hardtack: allow long-lock \"at night\"\n\
              alter table App.t drop c, add check (a > 0) not valid;\ncreate table n ();\ndrop table n, x;\n\
              truncate x, y;\n";
    let down =
        "-- hardtack: allow changing-column-type \"small\"\nalter table t alter c type int; delete from t;";
    let folder = folder(&[("V1__x.sql", up), ("V1__x.down.sql", down)]);
    let accept = "[build]\nhazards = 'warn'\n[[build.accept]]\nrevision = 'V1__x'\nfinding = 'delete-without-where'\nreason = 'few'\n\
         [[build.accept]]\nrevision = 'V1__x'\nfinding = 'large-table'\nreason = 'known'\n";
    let first = resolved(folder.path(), accept);
    let codes: Vec<_> = first.findings.iter().map(|finding| finding.code.as_ref()).collect();
    assert_eq!(codes, ["ban-drop-table", "truncating-table"], "{:?}", first.findings);
    let carried = [
        "0 ban-drop-column app.t.c unused since 2.3",
        "2 ban-drop-table x. -",
        "3 truncating-table x. -",
        "3 truncating-table y. -",
    ];
    assert_eq!(hazards_of(&first.revisions[0].up), carried);
    let mut lock = Lock::read(folder.path()).unwrap();
    lock.pin(&first);
    lock.write(folder.path()).unwrap();
    let pinned = resolved(folder.path(), accept);
    assert_eq!(pinned.findings, []);
    assert_eq!(hazards_of(&pinned.revisions[0].up), carried);
    let hardtack_build::Down::Step(down) = &pinned.revisions[0].down else { panic!("no down") };
    assert_eq!(hazards_of(down), ["0 changing-column-type t.c small", "1 delete-without-where t. few"]);
}

#[test]
fn a_hazard_is_told_from_other_findings() {
    let folder = folder(&[("V1__x.sql", "delete from t;")]);
    let findings = resolved(folder.path(), "").findings;
    let told: Vec<_> = findings.iter().map(|finding| (&*finding.code, finding.is_hazard())).collect();
    for expected in [("missing-down", false), ("delete-without-where", true)] {
        assert!(told.contains(&expected), "{told:?}");
    }
}

#[test]
fn rules_of_our_own_need_no_parser() {
    let text = "-- hardtack: allow ban-drop-table \"x\"\ndelete from t;";
    let delete = "migrations/V1__x.sql:2:1: every row is deleted [delete-without-where]\n  help: say which rows are meant, or delete \
                  them in batches by a backfill; or put `-- hardtack: allow delete-without-where \"reason\"` at the top";
    let found = of_up(text);
    assert!(found.contains(&delete.to_owned()), "{found:?}");
    // Nobody can tell without the parser whether the other is of use.
    assert_eq!(found.len(), if cfg!(feature = "sql") { 2 } else { 1 }, "{found:?}");
    let turned_on = "[build.rules]\nlocking-table = 'warn'\ndelete-without-where = 'allow'";
    let files = [("V1__x.sql", "lock t; delete from t"), ("V1__x.down.sql", DOWN)];
    assert_eq!(findings(&files, turned_on).len(), 1);
}

#[cfg(feature = "sql")]
#[test]
fn several_statements_are_judged_together() {
    let codes = |text: &str| -> Vec<String> {
        let folder = folder(&[("V1__x.sql", text), ("V1__x.down.sql", DOWN)]);
        let policy = "[build.rules]\nusing-new-enum-value = 'warn'";
        resolved(folder.path(), policy).findings.iter().map(|finding| finding.code.to_string()).collect()
    };
    let constraint =
        "alter table t add constraint c check (a > 0) not valid; alter table t validate constraint c";
    assert_eq!(codes(constraint), ["constraint-missing-not-valid"]);
    assert_eq!(codes(&format!("-- hardtack: no-transaction\n{constraint}")), Vec::<String>::new());
    let value = "alter type e add value 'x'; update t set a = 'x' where b";
    assert_eq!(codes(value), ["using-new-enum-value"]);
    assert_eq!(codes(&format!("-- hardtack: no-transaction\n{value}")), Vec::<String>::new());
    let exclusion = "alter table t add exclude using gist (a with =), add check (b > 0)";
    assert_eq!(codes(exclusion), ["adding-exclusion-constraint", "constraint-missing-not-valid"]);
    // The server refuses it on a new table as well.
    assert_eq!(
        codes("create table t (a int); insert into t (a, a) values (1, 2)"),
        ["ban-duplicate-column-assignments", "ban-duplicate-column-assignments"]
    );
}
