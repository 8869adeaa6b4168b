use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::plot::Plot;
use crate::sections::SECTIONS;
use crate::table::Table;
use crate::{Result, note};

/// What a part of the report tells.
#[derive(Debug)]
pub(crate) struct Section {
    text: String,
    plots: Vec<Plot>,
}

impl Section {
    pub(crate) fn new(text: String) -> Self {
        Self { text, plots: Vec::new() }
    }

    /// With a plot of a table's column, if it has anything to show; the bars are called what stands in these columns.
    pub(crate) fn plot(mut self, title: &str, table: &Table, labels: &[usize], column: usize) -> Self {
        self.plots.push(Plot::new(title, table.bars(labels, column)));
        self.plots.retain(|plot| !plot.is_empty());
        self
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

/// The report as a file of the documentation, with its plots beside it. Sections that are not run stay as they are, for all of them take hours.
#[derive(Debug)]
pub(crate) struct ReportFile<'a> {
    docs: &'a Path,
    /// What a section was measured on.
    machine: String,
}

const FILE: &str = "benchmark-report.md";

/// Around the name of a section, which follows.
const BEGIN: &str = "<!-- section ";
const END: &str = " -->\n";

const HEADING: &str = "# Benchmark report\n\nWritten by `cargo bench --all-features -- --report docs`, or part by part: \
    `cargo bench --all-features -- boot apply --report docs` writes these sections and leaves the others. [Benchmarks](benchmarks.md) says what they mean. Ratios are medians \
    of paired ratios within a round (quartiles); times are medians (least–most); ratios below 1 are faster than what they are divided by. \
    `benches/peers` installs the peers that are measured where they are found. Under each heading stands what it was measured on.\n\n";

impl<'a> ReportFile<'a> {
    pub(crate) fn new(docs: &'a Path, machine: String) -> Self {
        Self { docs, machine }
    }

    /// Puts a section in.
    pub(crate) fn put(&self, name: &str, section: &Section) -> Result<()> {
        let path = self.docs.join(FILE);
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            text => text?,
        };
        let mut sections = sections(&text);
        let (heading, rest) = section.text.split_once('\n').unwrap_or((&section.text, ""));
        let mut own = format!("{heading}\n\n*{}*\n{}\n", self.machine, rest.trim_end());
        for (number, plot) in section.plots.iter().enumerate() {
            let image = format!("images/bench-{name}-{}.svg", number + 1);
            fs::write(self.docs.join(&image), plot.to_string())?;
            own += &format!("\n![{}]({image})\n", plot.title());
        }
        sections.insert(name.to_owned(), own);
        let all = SECTIONS
            .iter()
            .filter_map(|(name, _)| Some(format!("{BEGIN}{name}{END}\n{}\n", sections.get(*name)?.trim())));
        fs::write(&path, format!("{HEADING}{}", all.collect::<Vec<_>>().join("\n")))?;
        note(&format!("{name} is in {}", path.display()));
        Ok(())
    }
}

/// What the file has, by name.
fn sections(text: &str) -> BTreeMap<String, String> {
    let parts = text.split(BEGIN).skip(1);
    parts
        .filter_map(|part| part.split_once(END))
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .collect()
}
