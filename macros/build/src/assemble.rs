use std::fs;
use std::path::{Path, PathBuf};

use crate::around::{AroundHeader, Companion};
use crate::checksum::{History, refinery_checksum, sha256};
use crate::finding::{Finding, Level};
use crate::inspector::Inspector;
use crate::lock::Lock;
use crate::pins::pin_finding;
use crate::policy::Policy;
use crate::revision::{Down, Revision, RustFile, Settings, Step};
use crate::rust_file::RustSteps;
use crate::scan::{Found, Group, Groups, ResolveError};
use crate::schema::{Schema, Wanted};
use crate::script::{Look, ReadScript, read_script};
use crate::source::Source;
use crate::squash::Range;
use crate::stem::{Part, Stem};

/// Makes revisions of the files that were found, and says what is wrong with them.
pub(crate) struct Assembler<'a> {
    pub(crate) folder: &'a Path,
    /// How messages name the folder.
    pub(crate) shown: &'a str,
    pub(crate) policy: &'a Policy,
    pub(crate) lock: &'a Lock,
    pub(crate) inspector: Inspector,
    pub(crate) findings: Vec<Finding>,
    /// What has been assembled so far; none once a revision was left out for a finding.
    pub(crate) history: Option<History>,
}

/// The up of a revision, with what its author said about the way back.
struct Up {
    step: Step,
    sha256: String,
    irreversible: Option<Irreversible>,
    /// The first version of the range that the revision stands for.
    replaces: Option<i64>,
    /// What is said of what runs around it.
    around: AroundHeader,
}

/// A reason for having no down, with its place.
struct Irreversible {
    reason: String,
    line: usize,
    column: usize,
}

/// The Rust file of a revision, read.
pub(crate) struct RustPart<'a> {
    pub(crate) found: &'a Found,
    pub(crate) steps: RustSteps,
}

impl Assembler<'_> {
    /// Makes a revision of the files of one stem; none where they make no sound one.
    pub(crate) fn revision(&mut self, stem: &Stem, group: &Group) -> Result<Option<Revision>, ResolveError> {
        let rust = match &group.rust {
            Some(found) => self.rust_part(found)?,
            None => None,
        };
        let Some(up) = self.up(stem, group, rust.as_ref())? else { return Ok(None) };
        let down = self.down(stem, group, rust.as_ref(), &up)?;
        let Up { step, sha256, replaces, around, .. } = up;
        let around = self.around(stem, &step, &sha256, around, rust.as_ref());
        let Stem { version, kind, name } = stem.clone();
        let (schema, checksum) = (Schema::Unused, 0);
        let mut revision =
            Revision { version, kind, name, up: step, down, around, sha256, checksum, replaces, schema };
        revision.checksum = refinery_checksum(&stem.name, stem.version, revision.text());
        if let Some(rust) = &rust {
            revision.schema = self.schema(stem, &revision, rust)?;
        }
        if rust.is_none() && group.rust.is_some() {
            // A file that could not be read may be part of what is hashed.
            return Ok(Some(revision));
        }
        self.findings.extend(pin_finding(self.lock, stem, &revision, &self.show(revision.up.file())));
        Ok(Some(revision))
    }

    fn up(
        &mut self,
        stem: &Stem,
        group: &Group,
        rust: Option<&RustPart<'_>>,
    ) -> Result<Option<Up>, ResolveError> {
        match (&group.up, rust) {
            (Some(found), rust) => {
                if let Some(rust) = rust {
                    self.check_companion(rust, found);
                }
                self.sql_up(stem, found, rust)
            }
            (None, Some(rust)) => Ok(self.rust_up(stem, rust)),
            (None, None) => {
                if let (Some(down), None) = (&group.down, &group.rust) {
                    let help = format!("write {stem}.sql beside it, or rename it to the stem it belongs to");
                    self.error("orphan-down", &down.file, "a down without an up", help);
                }
                Ok(None)
            }
        }
    }

    fn sql_up(
        &mut self,
        stem: &Stem,
        found: &Found,
        rust: Option<&RustPart<'_>>,
    ) -> Result<Option<Up>, ResolveError> {
        let Some(source) = self.source(found)? else { return Ok(None) };
        let of_text = sha256(&source.text);
        let sha256 = match rust.filter(|rust| rust.steps.has_around()) {
            Some(rust) => sha256(&format!("{of_text} {}\n", rust.steps.sha256)),
            None => of_text.clone(),
        };
        let is_pinned = self.is_pinned(stem, &sha256);
        let ReadScript { script, irreversible, replaces, around } =
            self.script(stem, source, &of_text, Part::Up, !is_pinned);
        let irreversible = irreversible.map(|(reason, (line, column))| Irreversible { reason, line, column });
        let replaces = replaces.and_then(|(range, at)| self.replaces(stem, &found.file, range, at));
        Ok(Some(Up { step: Step::Sql(script), sha256, irreversible, replaces, around }))
    }

    fn rust_up(&mut self, stem: &Stem, rust: &RustPart<'_>) -> Option<Up> {
        let Some(up) = &rust.steps.up else {
            let (message, help) = if rust.steps.has_around() {
                let help = format!(
                    "write {stem}.sql beside it, or mark the function that migrates with `#[hardtack::up]`"
                );
                ("no function is marked `#[hardtack::up]`, and there is no SQL".to_owned(), help)
            } else {
                let help = "mark the asynchronous function that migrates with `#[hardtack::up]`".to_owned();
                ("no function is marked `#[hardtack::up]`".to_owned(), help)
            };
            self.error("rust", &rust.found.file, message, help);
            return None;
        };
        if rust.steps.before.is_some() || rust.steps.after.is_some() {
            let help = "call it from the function marked `#[hardtack::up]`, or write the up in SQL";
            self.error(
                "rust",
                &rust.found.file,
                "a hook stands around an up of SQL, and there is none",
                help,
            );
        }
        if rust.steps.has_backfill {
            let help = "run the backfill in the function marked `#[hardtack::up(transaction = \"none\")]`, or write the up \
                        in SQL; a comment is enough";
            let message = "a backfill that is deferred stands beside an up of SQL, and there is none";
            self.error("rust", &rust.found.file, message, help);
        }
        let reason = up.irreversible.clone();
        let irreversible = reason.map(|reason| Irreversible { reason, line: 1, column: 1 });
        let step = Step::Rust(rust.file(stem, up.settings, up.alters_schema));
        let sha256 = rust.steps.sha256.clone();
        let (requires, breaks_before) = (up.requires.clone(), up.breaks_before);
        let around = AroundHeader { requires, breaks_before, ..AroundHeader::default() };
        Some(Up { step, sha256, irreversible, replaces: None, around })
    }

    /// The `schema` module of a revision whose Rust file names it. Whether the snapshot is still right is no question once
    /// the revision has shipped.
    fn schema(
        &mut self,
        stem: &Stem,
        revision: &Revision,
        rust: &RustPart<'_>,
    ) -> Result<Schema, ResolveError> {
        let Some(mention) = &rust.steps.schema else { return Ok(Schema::Unused) };
        let is_pinned = self.policy.is_for_shipped() || self.lock.get(stem).is_some();
        let mut history = self.history.clone().filter(|_| !is_pinned);
        if let (Some(history), Step::Sql(_)) = (&mut history, &revision.up) {
            // The file holds a down or hooks, which want to know what the up has made.
            history.push(revision);
        }
        let (stem, rust) = (revision.stem(), self.show(&rust.found.file));
        let history = history.map(|history| history.sha256());
        let (schema, finding) = Wanted { stem, rust, mention, history }.read(self.folder, self.shown)?;
        self.findings.extend(finding);
        Ok(schema)
    }

    /// The first version of a range that fits its revision.
    fn replaces(
        &mut self,
        stem: &Stem,
        file: &str,
        range: Range,
        (line, column): (usize, usize),
    ) -> Option<i64> {
        let Some((message, help)) = range.problem(stem) else { return Some(range.first) };
        let finding = Finding::in_file(Level::Error, "directive", self.show(file), message, help);
        self.findings.push(finding.at(line, column));
        None
    }

    /// A Rust file beside an SQL up holds anything but the up.
    fn check_companion(&mut self, rust: &RustPart<'_>, up: &Found) {
        if rust.steps.up.is_some() {
            let message = format!("the up is also in {}", self.show(&up.file));
            let help = "keep one of the two; or let the function run around the SQL, as `#[hardtack::before]` or \
                        `#[hardtack::after]`";
            self.error("conflicting-up", &rust.found.file, message, help);
        } else if rust.steps.down.is_none() && !rust.steps.has_around() {
            let help = "mark a function with `#[hardtack::before]`, `after`, `check(..)`, `backfill` or `down`, or remove the file";
            let message = "no function is marked, and the up is SQL";
            self.error("rust", &rust.found.file, message, help);
        }
    }

    fn down(
        &mut self,
        stem: &Stem,
        group: &Group,
        rust: Option<&RustPart<'_>>,
        up: &Up,
    ) -> Result<Down, ResolveError> {
        let down = match (&group.down, rust.and_then(|rust| Some((rust, rust.steps.down?)))) {
            (Some(found), in_rust) => {
                if let Some((rust, _)) = in_rust {
                    let message = format!("the down is also in {}", self.show(&found.file));
                    self.error("conflicting-down", &rust.found.file, message, "keep one of the two");
                }
                self.sql_down(stem, found)?
            }
            (None, Some((rust, settings))) => Down::Step(Step::Rust(rust.file(stem, settings, false))),
            (None, None) => return Ok(self.no_down(stem, group, rust.is_none(), up)),
        };
        if let Some(irreversible) = &up.irreversible {
            self.reversible(up, irreversible);
        }
        if up.replaces.is_some() {
            let help = "remove the down, and say why with `-- hardtack: irreversible \"reason\"`";
            let message = "a down cannot lead back into the revisions that this one replaces";
            self.error("directive", up.step.file(), message, help);
        }
        Ok(down)
    }

    fn sql_down(&mut self, stem: &Stem, found: &Found) -> Result<Down, ResolveError> {
        let Some(source) = self.source(found)? else { return Ok(Down::Missing) };
        let sha256 = sha256(&source.text);
        Ok(Down::Step(Step::Sql(self.script(stem, source, &sha256, Part::Down, false).script)))
    }

    fn no_down(&mut self, stem: &Stem, group: &Group, has_no_rust: bool, up: &Up) -> Down {
        if let Some(irreversible) = &up.irreversible {
            return Down::Irreversible(irreversible.reason.clone());
        }
        // A Rust file that could not be read may hold the down.
        let is_unknown = has_no_rust && group.rust.is_some();
        let is_pinned = self.is_pinned(stem, &up.sha256);
        if let (Some(level), false) = (self.policy.missing_down.level(), is_unknown || is_pinned) {
            let (message, help) = ("no way back: nothing undoes it", missing_down_help(stem, &up.step));
            let file = self.show(up.step.file());
            self.findings.push(Finding::in_file(level, "missing-down", file, message, help));
        }
        Down::Missing
    }

    fn reversible(&mut self, up: &Up, irreversible: &Irreversible) {
        let message = "`irreversible` on a revision that has a down";
        let help = "remove the directive, or the down";
        let finding = Finding::in_file(Level::Error, "directive", self.show(up.step.file()), message, help);
        self.findings.push(finding.at(irreversible.line, irreversible.column));
    }

    fn script(&mut self, stem: &Stem, source: Source, sha256: &str, part: Part, judged: bool) -> ReadScript {
        let name = if self.policy.accept.is_empty() { String::new() } else { stem.to_string() };
        let accepted: Vec<_> = self.policy.accept.iter().filter(|entry| entry.revision == name).collect();
        let look = Look { part, judged, policy: self.policy, accepted: &accepted };
        let (read, findings) = read_script(source, sha256, look, &mut self.inspector);
        self.findings.extend(findings);
        read
    }

    /// Whether it has shipped as it stands here, so that it is not judged again.
    fn is_pinned(&self, stem: &Stem, sha256: &str) -> bool {
        let is_judged = self.policy.is_judged(stem.version);
        !is_judged && self.lock.get(stem).is_some_and(|pin| pin.sha256 == sha256)
    }

    fn rust_part<'f>(&mut self, found: &'f Found) -> Result<Option<RustPart<'f>>, ResolveError> {
        let Some(source) = self.source(found)? else { return Ok(None) };
        match RustSteps::read(&source) {
            Ok(steps) => Ok(Some(RustPart { found, steps })),
            Err(findings) => {
                self.findings.extend(findings);
                Ok(None)
            }
        }
    }

    /// A file's text; none, and a finding, where it is not UTF-8.
    fn source(&mut self, found: &Found) -> Result<Option<Source>, ResolveError> {
        let bytes = fs::read(&found.path).map_err(ResolveError::read(&found.path))?;
        match Source::decode(&found.file, &self.show(&found.file), bytes) {
            Ok(source) => Ok(Some(source)),
            Err(finding) => {
                self.findings.push(finding);
                Ok(None)
            }
        }
    }

    pub(crate) fn show(&self, file: &str) -> String {
        format!("{}/{file}", self.shown)
    }

    fn error(&mut self, code: &'static str, file: &str, message: impl Into<String>, help: impl Into<String>) {
        self.findings.push(Finding::in_file(Level::Error, code, self.show(file), message, help));
    }
}

impl RustPart<'_> {
    fn file(&self, stem: &Stem, settings: Settings, alters_schema: bool) -> RustFile {
        let marker = marker(stem, "is a Rust revision", &self.steps.sha256);
        RustFile { file: self.found.file.clone(), path: self.path(), marker, settings, alters_schema }
    }

    /// What stands for the file and the SQL beside it, which have this hash together.
    pub(crate) fn companion(&self, stem: &Stem, sha256: &str) -> Companion {
        // Part of what refinery hashes: what it says of a revision stays.
        let what =
            if self.steps.has_backfill { "has a backfill in Rust" } else { "has hooks or checks in Rust" };
        let marker = marker(stem, what, sha256);
        Companion { file: self.found.file.clone(), path: self.path(), marker }
    }

    fn path(&self) -> PathBuf {
        std::path::absolute(&self.found.path).unwrap_or_else(|_| self.found.path.clone())
    }
}

/// What refinery is given to run and to hash for a revision with Rust in it: a runner other than ours stops here.
fn marker(stem: &Stem, what: &str, sha256: &str) -> String {
    format!(
        "DO $hardtack$ BEGIN RAISE EXCEPTION '{stem} {what}: run it with the application that \
         carries it, not with plain refinery'; END $hardtack$; -- sha256:{sha256}"
    )
}

fn missing_down_help(stem: &Stem, up: &Step) -> String {
    let (file, says) = match up {
        Step::Sql(_) => (format!("{stem}.down.sql"), "put `-- hardtack: irreversible \"reason\"` at the top"),
        Step::Rust(_) => (
            "a function marked `#[hardtack::down]`".to_owned(),
            "say `irreversible = \"reason\"` in the attribute",
        ),
    };
    format!("write {file}, which undoes it; or, where nothing can, {says}")
}

/// Assembles all revisions, in order; each with the findings about it.
pub(crate) fn assemble(
    assembler: &mut Assembler<'_>,
    groups: &Groups,
    mut each: impl FnMut(&Stem, Option<&Revision>, Vec<Finding>),
) -> Result<Vec<Revision>, ResolveError> {
    let mut revisions = Vec::with_capacity(groups.len());
    for ((stem, _), group) in groups {
        let revision = assembler.revision(stem, group)?;
        match (&mut assembler.history, &revision) {
            (Some(history), Some(revision)) => history.push(revision),
            (history, _) => *history = None,
        }
        each(stem, revision.as_ref(), std::mem::take(&mut assembler.findings));
        revisions.extend(revision);
    }
    Ok(revisions)
}
