use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::Bench;
use super::peers::find;
use crate::file::Section;
use crate::krate::Tool;
use crate::lint_child::FOLDER;
use crate::process::children_cpu;
use crate::statistics::{Sample, Series, alternate};
use crate::table::Table;
use crate::workload::history;
use crate::{Result, note};

/// Reading, splitting, parsing and linting a folder, against squawk's own program on the same files.
pub(super) fn section(bench: &Bench) -> Result<Section> {
    let squawk = find("squawk");
    if squawk.is_none() {
        note("without squawk: it is not found");
    }
    let mut table = Table::new(&["revisions", "peer", "n", "CPU ms", "CPU / squawk", "wall ms"]);
    for size in bench.arguments.sizes(&[100, 1000]) {
        let folder = bench.workspace.path(format!("lint-{size}"));
        write(&folder, size)?;
        let series = measure(bench, &folder, squawk.as_deref())?;
        let of_squawk = series.iter().find(|one| one.name == "squawk");
        for one in &series {
            table.row([
                size.to_string(),
                one.name.clone(),
                one.samples.len().to_string(),
                one.cpu(),
                of_squawk.map_or_else(|| "–".to_owned(), |squawk| one.cpu_ratio(squawk)),
                one.wall(),
            ]);
        }
    }
    Ok(Section::new(format!(
        "## Linting\n\nThe whole process, CPU of all its threads. hardtack: `hardtack_build::resolve`, with the hazards of \
         ups and downs, hashes and effects. squawk: its own program on the ups, or on the downs as well, where \
         it is found.\n\n{table}"
    ))
    .plot("Linting, CPU by that of squawk on the ups", &table, &[0, 1], 4))
}

fn write(folder: &Path, size: usize) -> Result<()> {
    fs::create_dir_all(folder)?;
    for revision in history(size) {
        for (file, text) in Tool::Ours.files(&revision) {
            fs::write(folder.join(file), text)?;
        }
    }
    Ok(())
}

fn measure(bench: &Bench, folder: &Path, squawk: Option<&Path>) -> Result<Vec<Series>> {
    let mut names = vec!["hardtack".to_owned()];
    if squawk.is_some() {
        names.extend(["squawk".to_owned(), "squawk, downs as well".to_owned()]);
    }
    let ours = std::env::current_exe()?;
    alternate(bench.arguments.rounds(15), &names, |peer| match (peer, squawk) {
        (1 | 2, Some(squawk)) => run(bench, &mut of_squawk(bench, squawk, folder, peer == 2)?),
        _ => run(bench, bench.command(&ours, "").env(FOLDER, folder)),
    })
}

/// It says by its status that it has found something.
fn of_squawk(bench: &Bench, program: &Path, folder: &Path, downs: bool) -> Result<Command> {
    let files = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    let mut files = files.collect::<std::io::Result<Vec<_>>>()?;
    files.retain(|file| downs || !file.to_string_lossy().ends_with(".down.sql"));
    let mut command = bench.command(Path::new("/bin/sh"), "");
    command.args(["-c", r#""$0" "$@" >/dev/null 2>&1 || [ $? -eq 1 ]"#]).arg(program).args(files);
    Ok(command)
}

/// What a process takes with all its threads.
fn run(bench: &Bench, command: &mut Command) -> Result<Sample> {
    let before = children_cpu();
    let wall = bench.timed(command)?.wall;
    let cpu = children_cpu().zip(before).map(|(after, before)| after.saturating_sub(before));
    Ok(Sample { wall, cpu: cpu.filter(|cpu| *cpu > Duration::ZERO) })
}
