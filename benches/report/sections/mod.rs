//! The sections of the report.

mod apply;
mod backfill;
mod backup;
mod boot;
mod build;
mod diff;
mod distance;
mod features;
mod growth;
mod lint;
mod locks;
mod peers;
mod probes;
mod testing;
mod traffic;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::arguments::Arguments;
use crate::cluster::Cluster;
use crate::file::{ReportFile, Section};
use crate::krate::{Krate, Tool};
use crate::process::{clean_command, timed};
use crate::statistics::Sample;
use crate::workload::history;
use crate::workspace::Workspace;
use crate::{Result, note, print};

type Measure = fn(&Bench) -> Result<Section>;

/// In the order of the report.
pub(crate) const SECTIONS: [(&str, Measure); 15] = [
    ("boot", boot::section),
    ("growth", growth::section),
    ("apply", apply::section),
    ("peers", peers::section),
    ("distance", distance::section),
    ("locks", locks::section),
    ("diff", diff::section),
    ("backfill", backfill::section),
    ("backup", backup::section),
    ("traffic", traffic::section),
    ("lint", lint::section),
    ("probes", probes::section),
    ("testing", testing::section),
    ("features", features::section),
    ("build", build::section),
];

/// What all sections share.
#[derive(Debug)]
pub(crate) struct Bench {
    arguments: Arguments,
    workspace: Workspace,
    pub(crate) durable: Cluster,
}

impl Bench {
    pub(crate) fn start(arguments: Arguments) -> Result<Self> {
        let workspace = Workspace::open()?;
        let durable = Cluster::durable(&workspace.path("durable"))?;
        Ok(Self { arguments, workspace, durable })
    }

    /// Runs the sections that were asked for, in the order of the report.
    pub(crate) fn run(&self, machine: &str) -> Result<()> {
        let report = self.arguments.report.as_deref().map(|docs| ReportFile::new(docs, machine.to_owned()));
        for (section, measure) in SECTIONS.into_iter().filter(|(name, _)| self.arguments.wants(name)) {
            note(&format!("{section} ..."));
            let told = measure(self)?;
            print(&told.text())?;
            if let Some(report) = &report {
                report.put(section, &told)?;
            }
        }
        Ok(())
    }

    /// A program on a database, in an empty directory.
    fn command(&self, program: &Path, url: &str) -> Command {
        let mut command = clean_command(program, &self.workspace.path("empty"));
        command.env("DATABASE_URL", url);
        command
    }

    fn timed(&self, command: &mut Command) -> Result<Sample> {
        self.timed_output(command).map(|(sample, _)| sample)
    }

    /// What it took, and what it said.
    fn timed_output(&self, command: &mut Command) -> Result<(Sample, String)> {
        timed(command, &self.workspace.path("errors"))
    }

    /// One run of a boot. The pause lets the server end the session of the run before.
    fn boot(&self, program: &Path, tool: Tool, url: &str) -> Result<Sample> {
        std::thread::sleep(Duration::from_millis(10));
        self.timed(&mut self.boot_command(program, tool, url))
    }

    fn boot_command(&self, program: &Path, tool: Tool, url: &str) -> Command {
        let mut command = self.command(program, url);
        if tool == Tool::Ours {
            command.arg("--migrate-only");
        }
        command
    }

    /// A crate of the workload for each tool.
    fn workload_programs(&self, tools: &[(&str, Tool)], size: usize) -> Result<Vec<PathBuf>> {
        let crates: Vec<_> = tools
            .iter()
            .map(|&(name, tool)| match tool {
                Tool::Floor => Krate::new(name, tool, Vec::new()),
                _ => Krate::new(format!("{name}-{size}"), tool, history(size)),
            })
            .collect();
        self.workspace.programs(&crates)
    }
}

const HISTORY: &str = "refinery_schema_history";
