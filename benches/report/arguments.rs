use std::path::PathBuf;

use crate::Result;
use crate::sections::SECTIONS;

/// What the command line chose.
#[derive(Debug, Default)]
pub(crate) struct Arguments {
    sections: Vec<String>,
    sizes: Vec<usize>,
    /// The folder of the documentation, where the report is written as well.
    pub(crate) report: Option<PathBuf>,
    /// Fewer rounds, and none of the sizes that take minutes.
    pub(crate) quick: bool,
    /// Given by `cargo bench` alone, and not by `cargo test --benches`.
    pub(crate) is_bench: bool,
}

fn usage() -> String {
    let sections: String = SECTIONS.iter().map(|(name, _)| format!("[{name}] ")).collect();
    format!("usage: cargo bench [-- {sections}[--quick] [--sizes 10,100,..] [--report docs]]")
}

impl Arguments {
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self> {
        let mut parsed = Self::default();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--bench" => parsed.is_bench = true,
                "--quick" => parsed.quick = true,
                "--sizes" => parsed.sizes = sizes(&arguments.next().unwrap_or_default())?,
                "--report" => {
                    let folder =
                        arguments.next().ok_or_else(|| format!("--report names no folder; {}", usage()))?;
                    parsed.report = Some(folder.into());
                }
                section if SECTIONS.iter().any(|(name, _)| *name == section) => {
                    parsed.sections.push(argument);
                }
                _ => return Err(format!("unknown argument {argument:?}; {}", usage()).into()),
            }
        }
        Ok(parsed)
    }

    pub(crate) fn wants(&self, section: &str) -> bool {
        self.sections.is_empty() || self.sections.iter().any(|wanted| wanted == section)
    }

    /// Those of a section's sizes that were asked for; a quick run stops at 100, unless told otherwise.
    pub(crate) fn sizes(&self, of_section: &[usize]) -> Vec<usize> {
        let is_wanted = |size: usize| match self.sizes.as_slice() {
            [] => !self.quick || size <= 100,
            chosen => chosen.contains(&size),
        };
        of_section.iter().copied().filter(|size| is_wanted(*size)).collect()
    }

    /// The number of rounds: a third of it, but at least three, in a quick run.
    pub(crate) fn rounds(&self, rounds: usize) -> usize {
        if self.quick { (rounds / 3).max(3) } else { rounds }
    }

    /// How many times something is built.
    pub(crate) fn builds(&self) -> usize {
        if self.quick { 1 } else { 3 }
    }
}

fn sizes(list: &str) -> Result<Vec<usize>> {
    let parsed: std::result::Result<Vec<usize>, _> = list.split(',').map(str::parse).collect();
    parsed.map_err(|error| format!("--sizes {list:?}: {error}; {}", usage()).into())
}
