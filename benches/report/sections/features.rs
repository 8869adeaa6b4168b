use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use super::Bench;
use crate::file::Section;
use crate::krate::write_if_changed;
use crate::statistics::{median, ratio, short};
use crate::table::Table;
use crate::workspace::BuildTime;
use crate::{Result, note};

/// What an application needs anyhow that reads a database and runs migrations with refinery.
const FLOOR: &str = "tokio = { version = \"1\", features = [\"rt\", \"macros\"] }\n\
    tokio-postgres = \"0.7\"\n\
    refinery = { version = \"0.10\", features = [\"tokio-postgres\"] }\n\
    serde = { version = \"1\", features = [\"derive\"] }\n\
    serde_json = \"1\"\n";

/// The features that are shown, each alone.
const FEATURES: [&str; 17] = [
    "operations",
    "pool",
    "resolve",
    "lint",
    "cli",
    "tls",
    "embedded",
    "backup",
    "probe",
    "encrypt",
    "object-store",
    "metrics",
    "prometheus",
    "axum",
    "systemd",
    "admin",
    "testing",
];

/// What each feature of the library costs: crates, and the time of a first build.
pub(super) fn section(bench: &Bench) -> Result<Section> {
    // Those that are also built; all would take an hour.
    let built = [
        Subject::floor(),
        Subject::ours("none", &[]),
        Subject::ours("none, and `hardtack-build` for the build script", &[]).baking(),
        Subject::ours("`cli,tls`, and `hardtack-build`: what ships", &["cli", "tls"]).baking(),
    ];
    let builds = builds(bench, &built)?;
    let least = built[0].crates(bench)?;
    let mut table = Table::new(&[
        "features",
        "crates",
        "of them not in the floor's",
        "n",
        "first build",
        "CPU / floor",
        "of it hardtack",
    ]);
    for (subject, own) in built.iter().zip(&builds) {
        let [crates, more] = subject.counted(bench, &least)?;
        let each = |builds: &[Build], of: fn(&Build) -> f64| builds.iter().map(of).collect::<Vec<_>>();
        let (all, of_floor) = (each(own, |build| build.all), each(&builds[0], |build| build.all));
        let first = format!("{} ({})", short(median(&all)), short(median(&each(own, |build| build.wall))));
        let itself: Vec<f64> = own.iter().filter_map(|build| build.itself).collect();
        let itself = if itself.is_empty() { String::new() } else { short(median(&itself)) };
        let (label, number) = (subject.label.clone(), own.len().to_string());
        table.row([label, crates, more, number, first, ratio(&all, &of_floor), itself]);
    }
    for feature in FEATURES {
        let subject = Subject::ours(&format!("`{feature}`"), &[feature]);
        let [crates, more] = subject.counted(bench, &least)?;
        let none = String::new;
        table.row([subject.label, crates, more, none(), none(), none(), none()]);
    }
    Ok(Section::new(format!(
        "## What features cost\n\nCrates that a build compiles, without the application's own; CPU seconds (wall seconds) of a first debug \
         build, medians, with the ratios within a round; and the CPU seconds of another one of hardtack's crates alone.\n\n{table}"
    ))
    .plot("Crates that a build compiles, by features", &table, &[0], 1))
}

/// Builds each, in turns.
fn builds(bench: &Bench, subjects: &[Subject]) -> Result<Vec<Vec<Build>>> {
    let mut builds: Vec<Vec<Build>> = subjects.iter().map(|_| Vec::new()).collect();
    for _ in 0..bench.arguments.builds() {
        for (subject, builds) in subjects.iter().zip(&mut builds) {
            builds.push(subject.build(bench)?);
        }
    }
    Ok(builds)
}

/// A crate with these dependencies.
struct Subject {
    label: String,
    name: String,
    dependencies: String,
    /// Its crates of hardtack's.
    ours: &'static [&'static str],
}

impl Subject {
    fn floor() -> Self {
        Self {
            label: "the floor: tokio-postgres, refinery, serde".to_owned(),
            name: "features-floor".to_owned(),
            dependencies: FLOOR.to_owned(),
            ours: &[],
        }
    }

    /// The library with these features.
    fn ours(label: &str, features: &[&str]) -> Self {
        let root = env!("CARGO_MANIFEST_DIR");
        Self {
            label: label.to_owned(),
            name: format!(
                "features-{}",
                if features.is_empty() { "none".to_owned() } else { features.join("-") }
            ),
            dependencies: format!(
                "hardtack = {{ path = {root:?}, default-features = false, features = {features:?} }}\n"
            ),
            ours: &["hardtack", "hardtack-macros"],
        }
    }

    /// The same in an application that bakes revisions.
    fn baking(self) -> Self {
        let path = format!("{}/macros/build", env!("CARGO_MANIFEST_DIR"));
        Self {
            name: format!("{}-baking", self.name),
            dependencies: format!(
                "{}\n[build-dependencies]\nhardtack-build = {{ path = {path:?} }}\n",
                self.dependencies
            ),
            ours: &["hardtack", "hardtack-macros", "hardtack-build"],
            ..self
        }
    }

    /// Writes it, outside of the scratch workspace: features of one are not to be those of another.
    fn folder(&self, bench: &Bench) -> Result<PathBuf> {
        let folder = bench.workspace.path("features").join(&self.name);
        fs::create_dir_all(folder.join("src"))?;
        let manifest = format!(
            "[package]\nname = \"{}\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n[dependencies]\n{}\n[workspace]\n",
            self.name, self.dependencies
        );
        write_if_changed(&folder.join("Cargo.toml"), &manifest)?;
        // Cargo builds what a build script needs only where there is one.
        if self.ours.contains(&"hardtack-build") {
            write_if_changed(&folder.join("build.rs"), "fn main() {}\n")?;
        }
        write_if_changed(&folder.join("src/main.rs"), "fn main() {}\n")?;
        fs::copy(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock"), folder.join("Cargo.lock"))?;
        Ok(folder)
    }

    /// How many crates are compiled, and how many of them are not in the floor's.
    fn counted(&self, bench: &Bench, least: &BTreeSet<String>) -> Result<[String; 2]> {
        let crates = self.crates(bench)?;
        let more = crates.difference(least).count();
        Ok([crates.len().to_string(), if self.ours.is_empty() { String::new() } else { more.to_string() }])
    }

    /// Name and version of each crate that is compiled, but for itself.
    fn crates(&self, bench: &Bench) -> Result<BTreeSet<String>> {
        let folder = self.folder(bench)?;
        let text = bench
            .workspace
            .cargo_in(&folder, &["tree", "-e", "normal,build", "--prefix", "none", "--format", "{p}"])?;
        let name = |line: &str| line.split(" (").next().unwrap_or_default().trim().to_owned();
        Ok(text.lines().map(name).filter(|line| !line.is_empty() && !line.starts_with(&self.name)).collect())
    }

    /// A first build, and then one of hardtack's crates alone.
    fn build(&self, bench: &Bench) -> Result<Build> {
        let folder = self.folder(bench)?;
        let target = folder.join("target");
        if target.exists() {
            fs::remove_dir_all(&target)?;
        }
        let build = || -> Result<(f64, f64)> {
            let BuildTime { wall, cpu } = bench.workspace.timed_cargo(&folder, &["build"])?;
            Ok((cpu.unwrap_or(wall).as_secs_f64(), wall.as_secs_f64()))
        };
        let (all, wall) = build()?;
        let mut itself = None;
        if !self.ours.is_empty() {
            let mut clean = vec!["clean"];
            clean.extend(self.ours.iter().flat_map(|name| ["-p", name]));
            bench.workspace.cargo_in(&folder, &clean)?;
            itself = Some(build()?.0);
        }
        fs::remove_dir_all(&target)?;
        note(&format!("built {} in {all:.0} s of CPU, {wall:.0} s", self.name));
        Ok(Build { all, wall, itself })
    }
}

/// What a first build took.
struct Build {
    /// CPU seconds.
    all: f64,
    /// Seconds.
    wall: f64,
    /// CPU seconds of hardtack's own crates, where there are some.
    itself: Option<f64>,
}
