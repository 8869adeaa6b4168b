use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::krate::{Krate, write_if_changed};
use crate::process::{children_cpu, clean_command};
use crate::{Result, note};

/// The scratch workspace below the target directory. It is kept, so that the next report compiles less.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
}

/// How a crate is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    Dev,
    Release,
}

/// What a build took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BuildTime {
    pub(crate) wall: Duration,
    pub(crate) cpu: Option<Duration>,
}

const MANIFEST: &str =
    "[workspace]\nmembers = [\"crates/*\"]\nresolver = \"3\"\n\n[profile.release]\nstrip = true\n";

impl Workspace {
    pub(crate) fn open() -> Result<Self> {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report");
        fs::create_dir_all(root.join("crates"))?;
        fs::create_dir_all(root.join("empty"))?;
        write_if_changed(&root.join("Cargo.toml"), MANIFEST)?;
        // The same versions for everybody, as far as the project uses them.
        let lock = root.join("Cargo.lock");
        if !lock.exists() {
            fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock"), lock)?;
        }
        Ok(Self { root })
    }

    /// A path in the workspace's folder.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.root.join(name)
    }

    pub(crate) fn crate_path(&self, name: &str) -> PathBuf {
        self.root.join("crates").join(name)
    }

    /// Writes the crates, all of them before the first is built: cargo resolves them together.
    pub(crate) fn add(&self, crates: &[Krate]) -> Result<()> {
        crates.iter().try_for_each(|krate| krate.write(&self.crate_path(&krate.name)))
    }

    /// Writes and builds crates in release, and returns their programs.
    pub(crate) fn programs(&self, crates: &[Krate]) -> Result<Vec<PathBuf>> {
        self.add(crates)?;
        let mut programs = Vec::new();
        for krate in crates {
            let time = self.build(&krate.name, Profile::Release)?;
            note(&format!("built {} in {:.1?}", krate.name, time.wall));
            programs.push(self.program(&krate.name, Profile::Release));
        }
        Ok(programs)
    }

    pub(crate) fn program(&self, name: &str, profile: Profile) -> PathBuf {
        let folder = match profile {
            Profile::Dev => "debug",
            Profile::Release => "release",
        };
        self.root.join("target").join(folder).join(name)
    }

    pub(crate) fn build(&self, name: &str, profile: Profile) -> Result<BuildTime> {
        let mut arguments = vec!["build", "-p", name];
        if profile == Profile::Release {
            arguments.push("--release");
        }
        timed(|| self.cargo(&arguments))
    }

    /// Writes and compiles the tests of a crate; their program.
    pub(crate) fn test_program(&self, krate: &Krate) -> Result<PathBuf> {
        self.add(std::slice::from_ref(krate))?;
        let mut command = cargo(&self.root);
        command.args(["test", "--no-run", "--message-format", "json", "--quiet", "-p", &krate.name]);
        let told = run(command.env("CARGO_TARGET_DIR", self.root.join("target")))?;
        let program = told.rsplit_once("\"executable\":\"").and_then(|(_, rest)| rest.split_once('"'));
        program.map(|(path, _)| PathBuf::from(path)).ok_or_else(|| "cargo names no test program".into())
    }

    /// What cargo takes in a folder that is no member, with a target directory of its own.
    pub(crate) fn timed_cargo(&self, folder: &Path, arguments: &[&str]) -> Result<BuildTime> {
        timed(|| self.cargo_in(folder, arguments).map(drop))
    }

    /// What cargo says there.
    pub(crate) fn cargo_in(&self, folder: &Path, arguments: &[&str]) -> Result<String> {
        let mut command = cargo(folder);
        command.args(arguments).arg("--quiet").env("CARGO_TARGET_DIR", folder.join("target"));
        run(&mut command)
    }

    /// Removes what was built of a crate itself.
    pub(crate) fn clean(&self, name: &str, profile: Profile) -> Result<()> {
        let mut arguments = vec!["clean", "-p", name];
        if profile == Profile::Release {
            arguments.push("--release");
        }
        self.cargo(&arguments)
    }

    fn cargo(&self, arguments: &[&str]) -> Result<()> {
        let mut command = cargo(&self.root);
        command.args(arguments).arg("--quiet").env("CARGO_TARGET_DIR", self.root.join("target"));
        run(&mut command).map(drop)
    }
}

fn cargo(folder: &Path) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = clean_command(Path::new(&program), folder);
    for name in ["CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "RUSTFLAGS"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

fn timed(build: impl FnOnce() -> Result<()>) -> Result<BuildTime> {
    let (before, started) = (children_cpu(), Instant::now());
    build()?;
    let wall = started.elapsed();
    let cpu = before.and_then(|before| Some(children_cpu()? - before));
    Ok(BuildTime { wall, cpu })
}

fn run(command: &mut Command) -> Result<String> {
    let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output()?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(format!("{command:?} failed:\n{}", String::from_utf8_lossy(&output.stderr)).into())
}
