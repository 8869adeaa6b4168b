use std::path::Path;

use hardtack::revisions::{CheckFn, Question, RustFn, Settings};
use hardtack::{Around, Down, Kind, Revision, RevisionSet, RustStep, Step, Transaction};
use tempfile::TempDir;

/// A migrations folder that lives as long as its test.
pub(crate) struct Folder {
    home: TempDir,
}

impl Folder {
    /// A folder of those files. Each revision without a down gets one, so that tests need to say only what they are
    /// about.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self { home: TempDir::new().unwrap() };
        for (name, text) in files {
            folder.write(name, text);
        }
        folder
    }

    pub(crate) fn path(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).unwrap();
        let down = self.path().join(name.replace(".sql", ".down.sql"));
        let is_up = name.ends_with(".sql") && !name.ends_with(".down.sql");
        if is_up && !down.exists() {
            std::fs::write(down, "select 1;\n").unwrap();
        }
    }

    pub(crate) fn remove(&self, stem: &str) {
        for ending in ["sql", "down.sql"] {
            std::fs::remove_file(self.path().join(format!("{stem}.{ending}"))).unwrap();
        }
    }

    /// The revisions in it, as `--dir` resolves them.
    pub(crate) fn revisions(&self) -> RevisionSet {
        hardtack::revisions::resolve(self.path()).unwrap().revisions
    }
}

/// The revisions of those files.
pub(crate) fn revisions(files: &[(&str, &str)]) -> RevisionSet {
    Folder::new(files).revisions()
}

/// The functions that a binary would carry for one revision.
#[derive(Clone, Copy, Default)]
pub(crate) struct Code {
    pub(crate) up: Option<RustFn>,
    pub(crate) down: Option<RustFn>,
    pub(crate) before: Option<RustFn>,
    pub(crate) after: Option<RustFn>,
    pub(crate) backfill: Option<RustFn>,
    /// In the order in which they stand in the file.
    pub(crate) checks: &'static [CheckFn],
}

/// A folder's revisions, with the functions of one of them as if they were baked.
pub(crate) fn with_code(folder: &Folder, version: i64, code: Code) -> RevisionSet {
    with_more_code(&folder.revisions(), version, code)
}

/// The same of revisions that may have functions already.
pub(crate) fn with_more_code(set: &RevisionSet, version: i64, code: Code) -> RevisionSet {
    let mut revisions = set.as_slice().to_vec();
    let revision = revisions.iter_mut().find(|revision| revision.version == version).unwrap();
    if let Step::Rust(step) = &mut revision.up {
        step.run = code.up;
    }
    if let Down::Step(Step::Rust(step)) = &mut revision.down {
        step.run = code.down;
    }
    if let Some(companion) = &mut revision.around.companion {
        for (hook, run) in [(&mut companion.before, code.before), (&mut companion.after, code.after)] {
            assert_eq!(hook.is_some(), run.is_some(), "the file and the code have the same hooks");
            hook.iter_mut().for_each(|hook| hook.run = run);
        }
        companion.backfill.iter_mut().for_each(|backfill| backfill.run = code.backfill);
    }
    let mut functions = code.checks.iter();
    for check in &mut revision.around.checks {
        if let Question::Rust(run) = &mut check.question {
            *run = functions.next().copied();
        }
    }
    RevisionSet::from_revisions(revisions)
}

/// The revisions that these functions make, from version 1 on.
pub(crate) fn rust_revisions(steps: &[(RustFn, Transaction)]) -> RevisionSet {
    let marker = "do $$ begin raise exception 'Rust'; end $$";
    let revision = |(version, (run, transaction)): (i64, &(RustFn, Transaction))| Revision {
        version,
        kind: Kind::Versioned,
        name: "rust".into(),
        up: Step::Rust(RustStep {
            file: format!("V{version}__rust.rs").into(),
            marker: marker.into(),
            run: Some(*run),
            settings: Settings { transaction: *transaction, lock_timeout: None },
            alters_schema: false,
        }),
        down: Down::Missing,
        sha256: "0".into(),
        checksum: hardtack_build::refinery_checksum("rust", version, marker),
        around: Around::default(),
        replaces: None,
    };
    RevisionSet::from_revisions((1..).zip(steps).map(revision).collect())
}
