use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

use super::Bench;
use crate::file::Section;
use crate::krate::{Krate, Tool};
use crate::statistics::{median, ratio, short};
use crate::table::Table;
use crate::workload::{Revision, history};
use crate::workspace::{BuildTime, Profile};
use crate::{Result, note};

/// Compiling a crate that carries revisions, when its dependencies are compiled.
pub(super) fn section(bench: &Bench) -> Result<Section> {
    let size = bench.arguments.sizes(&[10, 100, 1000]).into_iter().max().unwrap_or(1000);
    let subjects = Subject::all(size);
    let crates: Vec<_> = subjects.iter().map(|subject| subject.krate(size)).collect();
    bench.workspace.add(&crates)?;
    let mut text = format!(
        "## Building with {size} revisions\n\nDependencies are compiled before. CPU seconds (wall seconds), medians; \
         the ratio is of CPU to sqlx's first build, paired. \"Pinned\": all but the newest revision stand in \
         `hardtack.lock`. Unrelated edit: a line in main.rs.\n"
    );
    for profile in [Profile::Dev, Profile::Release] {
        text += &format!("\n### {profile:?}\n\n{}", table(bench, profile, &subjects, &crates)?);
    }
    Ok(Section::new(text))
}

/// A crate whose builds are measured.
#[derive(Clone, Copy)]
struct Subject {
    label: &'static str,
    name: &'static str,
    tool: Tool,
    pinned: bool,
}

/// One round of builds.
struct Round {
    first: BuildTime,
    unrelated: Option<BuildTime>,
    edited: Option<BuildTime>,
    added: Option<(BuildTime, bool)>,
    bytes: u64,
}

impl Round {
    fn told(&self, profile: Profile, subject: Subject) -> String {
        let optional = |time: Option<BuildTime>| shown(time.into_iter());
        format!(
            "{profile:?} {}: first {}, unrelated {}, edited {}, added {}",
            subject.label,
            shown(std::iter::once(self.first)),
            optional(self.unrelated),
            optional(self.edited),
            optional(self.added.map(|(time, _)| time)),
        )
    }
}

impl Subject {
    fn all(size: usize) -> Vec<Self> {
        let subject = |label, name, tool, pinned| Self { label, name, tool, pinned };
        let mut all = vec![
            subject("sqlx", "build-sqlx", Tool::Sqlx, false),
            subject("hardtack", "build-ours", Tool::Ours, false),
            subject("refinery", "build-refinery", Tool::Refinery, false),
        ];
        if size > 1 {
            all.insert(2, subject("hardtack, pinned", "build-pinned", Tool::Ours, true));
        }
        all
    }

    fn krate(self, size: usize) -> Krate {
        Krate::new(self.name, self.tool, history(size))
    }

    /// refinery's macro takes a minute and a half for a thousand in release, whatever was edited.
    fn is_slow(self, profile: Profile) -> bool {
        self.tool == Tool::Refinery && profile == Profile::Release
    }
}

fn table(bench: &Bench, profile: Profile, subjects: &[Subject], crates: &[Krate]) -> Result<Table> {
    let mut rounds: Vec<Vec<Round>> = subjects.iter().map(|_| Vec::new()).collect();
    for number in 0..bench.arguments.builds() {
        for (index, (subject, krate)) in subjects.iter().zip(crates).enumerate() {
            if number > 0 && subject.is_slow(profile) {
                continue;
            }
            let measured = round(bench, profile, *subject, krate)?;
            // A long section that is cut short has told this much.
            note(&measured.told(profile, *subject));
            rounds[index].push(measured);
        }
    }
    let mut table = Table::new(&[
        "crate",
        "n",
        "first build",
        "first / sqlx",
        "unrelated edit",
        "one revision edited",
        "one revision added",
        "added one is in the binary",
        "bytes",
    ]);
    for (subject, own) in subjects.iter().zip(&rounds) {
        table.row(row(*subject, own, &rounds[0]));
    }
    Ok(table)
}

fn row(subject: Subject, own: &[Round], sqlx: &[Round]) -> [String; 9] {
    let first = |rounds: &[Round]| rounds.iter().filter_map(|round| cpu(round.first)).collect::<Vec<_>>();
    let carried = own.iter().filter_map(|round| round.added.map(|(_, carried)| carried)).min();
    [
        subject.label.to_owned(),
        own.len().to_string(),
        shown(own.iter().map(|round| round.first)),
        ratio(&first(own), &first(sqlx)),
        shown(own.iter().filter_map(|round| round.unrelated)),
        shown(own.iter().filter_map(|round| round.edited)),
        shown(own.iter().filter_map(|round| round.added.map(|(time, _)| time))),
        carried.map_or("–", |carried| if carried { "yes" } else { "**no**" }).to_owned(),
        own.last().map_or_else(String::new, |round| round.bytes.to_string()),
    ]
}

fn round(bench: &Bench, profile: Profile, subject: Subject, krate: &Krate) -> Result<Round> {
    let workspace = &bench.workspace;
    let folder = workspace.crate_path(subject.name);
    let build = || workspace.build(subject.name, profile);
    // A small one, for the dependencies.
    Krate::new(subject.name, subject.tool, history(1)).write(&folder)?;
    build()?;
    krate.write(&folder)?;
    if subject.pinned {
        pin(bench, &folder, &workspace.program(subject.name, profile))?;
    }
    workspace.clean(subject.name, profile)?;
    let first = build()?;
    let program = workspace.program(subject.name, profile);
    let mut round =
        Round { first, unrelated: None, edited: None, added: None, bytes: fs::metadata(&program)?.len() };
    if subject.is_slow(profile) {
        return Ok(round);
    }
    append(&folder.join("src/main.rs"), "\n// An edit.\n")?;
    round.unrelated = Some(build()?);
    if let Some((file, _)) =
        krate.revisions.last().and_then(|last| subject.tool.files(last).into_iter().next())
    {
        append(&folder.join("migrations").join(file), "-- An edit.\n")?;
    }
    round.edited = Some(build()?);
    let marker = add_revision(&folder, subject.tool, krate.revisions.len() + 1)?;
    let added = build()?;
    round.added = Some((added, contains(&program, &marker)?));
    Ok(round)
}

/// Pins all revisions but the newest, with the program's own command.
fn pin(bench: &Bench, folder: &Path, program: &Path) -> Result<()> {
    let migrations = folder.join("migrations");
    let mut command = bench.command(program, "");
    bench.timed(command.arg("--dir").arg(&migrations).arg("lock"))?;
    // The pins stand in order of version, one a line.
    let path = migrations.join("hardtack.lock");
    let pins = fs::read_to_string(&path)?;
    let (all_but_last, _) = pins.trim_end().rsplit_once('\n').ok_or("nothing was pinned")?;
    Ok(fs::write(path, format!("{all_but_last}\n"))?)
}

/// Adds a revision, and returns words that only it has.
fn add_revision(folder: &Path, tool: Tool, version: usize) -> Result<String> {
    let marker = format!("the revision that came last is number {version}");
    let up = format!("select '{marker}';\n");
    let revision = Revision { version, name: "added".to_owned(), up, down: "select 1;\n".to_owned() };
    for (file, text) in tool.files(&revision) {
        fs::write(folder.join("migrations").join(file), text)?;
    }
    Ok(marker)
}

fn append(path: &Path, text: &str) -> Result<()> {
    Ok(OpenOptions::new().append(true).open(path)?.write_all(text.as_bytes())?)
}

fn contains(program: &Path, marker: &str) -> Result<bool> {
    Ok(fs::read(program)?.windows(marker.len()).any(|window| window == marker.as_bytes()))
}

fn cpu(time: BuildTime) -> Option<f64> {
    time.cpu.map(|cpu| cpu.as_secs_f64())
}

fn shown(times: impl Iterator<Item = BuildTime> + Clone) -> String {
    let walls: Vec<_> = times.clone().map(|time| time.wall.as_secs_f64()).collect();
    let cpus: Vec<_> = times.filter_map(cpu).collect();
    match (cpus.is_empty(), walls.is_empty()) {
        (_, true) => "–".to_owned(),
        (true, _) => format!("({})", short(median(&walls))),
        _ => format!("{} ({})", short(median(&cpus)), short(median(&walls))),
    }
}
