use std::fmt;

use crate::plot::Bar;

/// A table of the report, as Markdown.
#[derive(Debug)]
pub(crate) struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(head: &[&str]) -> Self {
        Self { head: head.iter().map(|&cell| cell.to_owned()).collect(), rows: Vec::new() }
    }

    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into());
    }

    /// The numbers of a column, each called what stands in its row's label columns. Cells without a number are left out.
    pub(crate) fn bars(&self, labels: &[usize], column: usize) -> Vec<Bar> {
        let bar = |row: &Vec<String>| {
            let label: Vec<&str> = labels.iter().map(|&place| row[place].as_str()).collect();
            Bar::from_cell(label.join(" "), &row[column])
        };
        self.rows.iter().filter_map(bar).collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule = vec!["---".to_owned(); self.head.len()];
        for row in [&self.head, &rule].into_iter().chain(&self.rows) {
            writeln!(formatter, "| {} |", row.join(" | "))?;
        }
        Ok(())
    }
}
