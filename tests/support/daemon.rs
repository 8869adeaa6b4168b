use std::ffi::OsStr;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A program that runs beside the cluster, as the cluster's account, and goes when this value or this process goes.
pub(crate) struct Daemon {
    shell: Child,
}

/// Ends the program once nobody holds the other end of standard input any more, also one that does not heed its signal.
const UNTIL_WE_GO: &str = "signal=$1; shift; \"$@\" </dev/null & program=$!; read -r _; kill -$signal $program; \
    { sleep 15; kill -KILL $program; } & killer=$!; wait $program; kill $killer";

impl Daemon {
    /// Starts a program as the owner of a directory, and says which signal ends it at once. What it prints goes to a
    /// file in the directory.
    pub(crate) fn start(
        directory: &Path,
        signal: &str,
        program: &Path,
        arguments: &[impl AsRef<OsStr>],
    ) -> Self {
        let log = std::fs::File::create(directory.join("log")).unwrap();
        let mut shell = as_owner_of(directory, Path::new("/bin/sh"));
        with_libraries(&mut shell, program);
        shell.args(["-c", UNTIL_WE_GO, "sh", signal]).arg(program).args(arguments);
        shell.stdin(Stdio::piped()).stdout(log.try_clone().unwrap()).stderr(log);
        Self { shell: shell.spawn().unwrap() }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

/// A command in the language of programs, run as the owner of a directory: servers and poolers refuse root.
pub(crate) fn as_owner_of(directory: &Path, program: &Path) -> Command {
    let (us, owner) = (std::fs::metadata("/proc/self").unwrap(), std::fs::metadata(directory).unwrap());
    let mut command = Command::new(program);
    command.current_dir(directory).env("LC_ALL", "C").stdin(Stdio::null());
    if us.uid() != owner.uid() {
        command.gid(owner.gid()).uid(owner.uid());
    }
    with_libraries(&mut command, program);
    command
}

/// Programs that were fetched bring their libraries along.
fn with_libraries(command: &mut Command, program: &Path) {
    let libraries = program.parent().and_then(Path::parent).map(|home| home.join("lib"));
    if let Some(libraries) = libraries.filter(|libraries| libraries.join("libpq.so.5").exists()) {
        command.env("LD_LIBRARY_PATH", libraries);
    }
}

/// Where a program is: in one of these directories, else in `PATH` or where administrators' programs are. None skips
/// the test with a notice, or fails it where the programs are demanded.
pub(crate) fn find_program(name: &str, first: &[&Path]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let directories = first.iter().map(|directory| directory.to_path_buf());
    let mut directories = directories.chain(std::env::split_paths(&path)).chain(["/usr/sbin".into()]);
    let found =
        directories.find_map(|directory| Some(directory.join(name)).filter(|program| program.exists()));
    if found.is_none() {
        assert!(std::env::var_os("HARDTACK_TEST_DEMAND").is_none(), "there is no `{name}` program");
        eprintln!("skipped: there is no `{name}` program");
    }
    found
}
