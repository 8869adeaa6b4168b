use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder in a git repository, asked by the program `git`. Nothing is written.
#[derive(Debug)]
pub(super) struct Git {
    folder: PathBuf,
    /// The folder from the repository's root, with a slash at its end; empty for the root itself.
    pub(super) prefix: String,
}

/// What has come since a revision of git.
#[derive(Debug)]
pub(super) struct Since {
    /// What people call it: `origin/main`.
    pub(super) name: String,
    /// The commit from which this history and that one go apart.
    base: String,
    /// The commit of that name.
    tip: String,
}

/// Why git cannot tell.
#[derive(Debug, thiserror::Error)]
pub(super) enum GitError {
    #[error("run git: {0}; install it, or leave --since out")]
    NotThere(std::io::Error),
    #[error("ask git: {0}")]
    Refused(String),
    #[error(
        "compare with {name}: git knows no such revision here; fetch it (in CI a shallow clone may lack it: fetch-depth: 0), or \
         name another with --since"
    )]
    Unknown { name: String },
    #[error(
        "compare with {name}: it has no commit in common with this branch; fetch more of the history, or name another"
    )]
    Unrelated { name: String },
}

/// Where a branch usually begins.
const USUAL: [&str; 4] = ["origin/main", "main", "origin/master", "master"];

impl Git {
    /// The repository that a folder is in.
    pub(super) fn of(folder: &Path) -> Result<Self, GitError> {
        let git = Self { folder: folder.to_owned(), prefix: String::new() };
        let prefix = String::from_utf8_lossy(&git.ask(&["rev-parse", "--show-prefix"])?).trim().to_owned();
        Ok(Self { prefix, ..git })
    }

    /// The revision that was named, and where the branch went off from it.
    pub(super) fn since(&self, name: &str) -> Result<Since, GitError> {
        let tip = self.commit(name).ok_or_else(|| GitError::Unknown { name: name.to_owned() })?;
        let base = self.ask(&["merge-base", "HEAD", &tip]);
        let base = base.map_err(|_| GitError::Unrelated { name: name.to_owned() })?;
        Ok(Since { name: name.to_owned(), base: String::from_utf8_lossy(&base).trim().to_owned(), tip })
    }

    /// The same of the branch that others usually go off from; none where there is none.
    pub(super) fn since_usual(&self) -> Option<Since> {
        USUAL.into_iter().find_map(|name| self.since(name).ok())
    }

    /// The files of the folder where the branch went off, from the folder on.
    pub(super) fn files_at_base(&self, since: &Since) -> Result<Vec<String>, GitError> {
        self.files(&since.base)
    }

    /// Those that the other side has by now.
    pub(super) fn files_at_tip(&self, since: &Since) -> Result<Vec<String>, GitError> {
        self.files(&since.tip)
    }

    /// Those that were edited since the branch went off, whether that is committed or not.
    pub(super) fn edited(&self, since: &Since) -> Result<Vec<String>, GitError> {
        let arguments = [
            "diff",
            "--name-only",
            "--no-renames",
            "-z",
            "--relative",
            "--diff-filter=M",
            &since.base,
            "--",
            ".",
        ];
        Ok(names(&self.ask(&arguments)?))
    }

    /// The pins of the lock file where the branch went off, by stem.
    pub(super) fn pins_at_base(&self, since: &Since) -> BTreeMap<String, String> {
        let lock = self.text(&since.base, hardtack_build::lock::FILE);
        lock.map_or_else(BTreeMap::new, |lock| pins(&String::from_utf8_lossy(&lock)))
    }

    /// Whether a file has the same text here and on the other side.
    pub(super) fn is_same_at_tip(&self, since: &Since, file: &str) -> bool {
        // A checkout may have CRLF.
        let folded = |text: Vec<u8>| String::from_utf8_lossy(&text).replace("\r\n", "\n");
        let there = self.text(&since.tip, file).map(folded);
        there.is_some() && there == std::fs::read(self.folder.join(file)).ok().map(folded)
    }

    fn files(&self, commit: &str) -> Result<Vec<String>, GitError> {
        Ok(names(&self.ask(&["ls-tree", "-r", "--name-only", "-z", commit])?))
    }

    fn commit(&self, name: &str) -> Option<String> {
        // What begins with a hyphen would be an option.
        let commit = format!("{name}^{{commit}}");
        let found = self.ask(&["rev-parse", "--verify", "--quiet", "--end-of-options", &commit]).ok()?;
        Some(String::from_utf8_lossy(&found).trim().to_owned())
    }

    fn text(&self, commit: &str, file: &str) -> Option<Vec<u8>> {
        self.ask(&["show", &format!("{commit}:./{file}")]).ok()
    }

    fn ask(&self, arguments: &[&str]) -> Result<Vec<u8>, GitError> {
        let mut git = Command::new("git");
        git.arg("-C").arg(&self.folder).args(arguments).env("LC_ALL", "C");
        let Output { status, stdout, stderr } = git.output().map_err(GitError::NotThere)?;
        if status.success() {
            return Ok(stdout);
        }
        let said = String::from_utf8_lossy(&stderr);
        Err(GitError::Refused(said.trim().trim_start_matches("fatal: ").to_owned()))
    }
}

/// The pins that a lock file's text holds, by stem.
pub(super) fn pins(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let pin = |line: &str| {
        let (sha256, stem) = line.trim_end().split_once("  ")?;
        Some((stem.to_owned(), sha256.to_owned()))
    };
    lines.filter_map(pin).collect()
}

fn names(list: &[u8]) -> Vec<String> {
    let names = list.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    names.map(|name| String::from_utf8_lossy(name).into_owned()).collect()
}
