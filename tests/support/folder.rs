use std::path::Path;

use hardtack::RevisionSet;
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
