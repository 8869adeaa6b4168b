use std::fmt;

use serde::Serialize;

/// The configuration as a table of names, values and sources; secrets masked.
#[derive(Debug, Serialize)]
pub(super) struct Shown(pub(super) Vec<ShownSetting>);

/// A setting, and where it comes from.
#[derive(Debug, Serialize)]
pub(super) struct ShownSetting {
    pub(super) name: &'static str,
    pub(super) value: String,
    pub(super) source: String,
}

impl fmt::Display for Shown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.0.iter().map(|setting| setting.name.len()).max().unwrap_or_default();
        // A long one moves nothing but its own source.
        let widths = self.0.iter().map(|setting| setting.value.chars().count());
        let width = widths.filter(|width| *width <= 60).max().unwrap_or_default();
        for ShownSetting { name, value, source } in &self.0 {
            writeln!(formatter, "{name:<names$} {value:<width$}  {source}")?;
        }
        Ok(())
    }
}
