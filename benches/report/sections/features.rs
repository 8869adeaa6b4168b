use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use super::Bench;
use crate::file::Section;
use crate::krate::write_if_changed;
use crate::table::Table;
use crate::workspace::BuildTime;
use crate::{Result, note};

/// What an application needs anyhow that reads a database and runs migrations with refinery.
const FLOOR: &str = "tokio = { version = \"1\", features = [\"rt\", \"macros\"] }\n\
    tokio-postgres = \"0.7\"\n\
    refinery = { version = \"0.10\", features = [\"tokio-postgres\"] }\n\
    serde = { version = \"1\", features = [\"derive\"] }\n\
    serde_json = \"1\"\n";

/// The features that are shown, each alone, then what ships and what the command has.
const FEATURES: [&str; 17] = [
    "",
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
    "cli,tls",
];

/// Those that are also built; all would take an hour.
const BUILT: [&str; 2] = ["", "cli,tls"];

/// What each feature of the library costs: crates, and the time of a first build.
pub(super) fn section(bench: &Bench) -> Result<Section> {
    let floor = Subject::floor();
    let subjects: Vec<Subject> = FEATURES.into_iter().map(Subject::ours).collect();
    let least = floor.crates(bench)?;
    let mut table = Table::new(&[
        "features",
        "crates",
        "of them not in the floor's",
        "dependencies, CPU s",
        "/ floor",
        "hardtack itself, CPU s",
    ]);
    let of_floor = floor.build(bench)?;
    let seconds = |time: f64| format!("{time:.0}");
    let none = BTreeSet::new();
    let count =
        |crates: &BTreeSet<String>, other: &BTreeSet<String>| crates.difference(other).count().to_string();
    table.row([
        "the floor: tokio-postgres, refinery, serde".to_owned(),
        count(&least, &none),
        String::new(),
        seconds(of_floor.dependencies),
        String::new(),
        String::new(),
    ]);
    for subject in &subjects {
        let crates = subject.crates(bench)?;
        let built = if BUILT.contains(&subject.features) { Some(subject.build(bench)?) } else { None };
        let told =
            |of: fn(&Build) -> f64| built.as_ref().map_or_else(String::new, |built| seconds(of(built)));
        let ratio = built.as_ref().map(|built| built.dependencies / of_floor.dependencies);
        table.row([
            if subject.features.is_empty() { "none".to_owned() } else { format!("`{}`", subject.features) },
            count(&crates, &none),
            count(&crates, &least),
            told(|built| built.dependencies),
            ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}")),
            told(|built| built.itself),
        ]);
    }
    Ok(Section::new(format!(
        "## What features cost\n\nCrates that a target's build of the library compiles, without the application's own and without build \
         scripts; CPU seconds of one first debug build, and of another one of hardtack and its macros alone.\n\n{table}"
    ))
    .plot("Crates that a build compiles, by features", &table, &[0], 1))
}

/// A crate with these dependencies.
struct Subject {
    name: String,
    features: &'static str,
    dependencies: String,
}

impl Subject {
    fn floor() -> Self {
        Self { name: "features-floor".to_owned(), features: "", dependencies: FLOOR.to_owned() }
    }

    fn ours(features: &'static str) -> Self {
        let list: Vec<String> =
            features.split(',').filter(|name| !name.is_empty()).map(|name| format!("{name:?}")).collect();
        let name = features.replace(',', "-");
        Self {
            name: format!("features-{}", if name.is_empty() { "none" } else { &name }),
            features,
            dependencies: format!(
                "hardtack = {{ path = {:?}, default-features = false, features = [{}] }}\n",
                env!("CARGO_MANIFEST_DIR"),
                list.join(", ")
            ),
        }
    }

    fn is_floor(&self) -> bool {
        self.name == "features-floor"
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
        write_if_changed(&folder.join("src/main.rs"), "fn main() {}\n")?;
        fs::copy(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock"), folder.join("Cargo.lock"))?;
        Ok(folder)
    }

    /// Name and version of each crate that is compiled for the target, but for itself.
    fn crates(&self, bench: &Bench) -> Result<BTreeSet<String>> {
        let folder = self.folder(bench)?;
        let text = bench
            .workspace
            .cargo_in(&folder, &["tree", "-e", "normal", "--prefix", "none", "--format", "{p}"])?;
        let name = |line: &str| line.split(" (").next().unwrap_or_default().trim().to_owned();
        Ok(text.lines().map(name).filter(|line| !line.is_empty() && !line.starts_with(&self.name)).collect())
    }

    /// A first build, and then one of the library alone.
    fn build(&self, bench: &Bench) -> Result<Build> {
        let folder = self.folder(bench)?;
        let target = folder.join("target");
        if target.exists() {
            fs::remove_dir_all(&target)?;
        }
        let build = || -> Result<f64> {
            let BuildTime { wall, cpu } = bench.workspace.timed_cargo(&folder, &["build"])?;
            Ok(cpu.unwrap_or(wall).as_secs_f64())
        };
        let all = build()?;
        let itself = if self.is_floor() {
            0.0
        } else {
            bench.workspace.cargo_in(&folder, &["clean", "-p", "hardtack", "-p", "hardtack-macros"])?;
            build()?
        };
        fs::remove_dir_all(&target)?;
        note(&format!("built {} in {all:.0} s, {itself:.0} s of them for hardtack", self.name));
        Ok(Build { dependencies: all - itself, itself })
    }
}

/// CPU seconds.
struct Build {
    dependencies: f64,
    itself: f64,
}
