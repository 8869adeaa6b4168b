//! The parts of a revision as Rust expressions.

use std::fmt::{Display, Formatter, Result};

use crate::revision::{Down, RustFile, Script, Settings, Step, Transaction};

/// A number in groups of three digits, as clippy reads it best.
pub(crate) struct Grouped<N>(pub(crate) N);

/// A borrowed `Cow`.
pub(crate) struct Borrowed<'a>(pub(crate) &'a str);

pub(crate) struct UpText<'a>(pub(crate) &'a Step);

pub(crate) struct DownText<'a>(pub(crate) &'a Down);

/// A script, with the name of the constant that holds its text.
struct ScriptText<'a>(&'a Script, &'static str);

/// A Rust step, with the name of its function.
struct RustText<'a>(&'a RustFile, &'static str);

struct SettingsText<'a>(&'a Settings);

impl<N: Display> Display for Grouped<N> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        let digits = self.0.to_string();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                formatter.write_str("_")?;
            }
            write!(formatter, "{digit}")?;
        }
        Ok(())
    }
}

impl Display for Borrowed<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        write!(formatter, "::std::borrow::Cow::Borrowed({:?})", self.0)
    }
}

impl Display for UpText<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        match self.0 {
            Step::Sql(script) => {
                write!(formatter, "::hardtack::revisions::Up::Sql({})", ScriptText(script, "UP"))
            }
            Step::Rust(file) => {
                write!(formatter, "::hardtack::revisions::Up::Rust({})", RustText(file, "__hardtack_up"))
            }
        }
    }
}

impl Display for DownText<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        formatter.write_str("::hardtack::revisions::Down::")?;
        match self.0 {
            Down::Sql(script) => write!(formatter, "Sql({})", ScriptText(script, "DOWN")),
            Down::Rust(file) => write!(formatter, "Rust({})", RustText(file, "__hardtack_down")),
            Down::Irreversible(reason) => write!(formatter, "Irreversible({})", Borrowed(reason)),
            Down::Missing => formatter.write_str("Missing"),
        }
    }
}

impl Display for ScriptText<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        let Self(Script { file, statements, settings, .. }, constant) = self;
        let file = Borrowed(file);
        write!(formatter, "::hardtack::revisions::Script {{ file: {file}, ")?;
        write!(formatter, "text: ::std::borrow::Cow::Borrowed({constant}), ")?;
        formatter.write_str("statements: ::std::borrow::Cow::Borrowed(&[")?;
        for (start, end) in statements {
            write!(formatter, "({}, {}), ", Grouped(start), Grouped(end))?;
        }
        write!(formatter, "]), settings: {} }}", SettingsText(settings))
    }
}

impl Display for RustText<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        let Self(RustFile { file, marker, settings, .. }, function) = self;
        let (file, marker, settings) = (Borrowed(file), Borrowed(marker), SettingsText(settings));
        write!(formatter, "::hardtack::revisions::RustStep {{ file: {file}, marker: {marker}, ")?;
        write!(formatter, "run: ::core::option::Option::Some(code::{function}), settings: {settings} }}")
    }
}

impl Display for SettingsText<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        let Settings { transaction, lock_timeout } = self.0;
        let transaction = match transaction {
            Transaction::PerRevision => "PerRevision",
            Transaction::None => "None",
        };
        write!(
            formatter,
            "::hardtack::revisions::Settings {{ transaction: ::hardtack::revisions::Transaction::{transaction}, \
             lock_timeout: ::core::option::Option::"
        )?;
        match lock_timeout {
            Some(timeout) => write!(
                formatter,
                "Some(::core::time::Duration::from_millis({})) }}",
                Grouped(timeout.as_millis())
            ),
            None => formatter.write_str("None }"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped() {
        let text = |number: u64| Grouped(number).to_string();
        assert_eq!([text(1), text(999), text(1_000), text(20_240_101)], ["1", "999", "1_000", "20_240_101"]);
    }
}
