use std::path::PathBuf;
use std::str::FromStr;

use squawk_linter::{Linter, Rule, Version};
use squawk_syntax::SourceFile;

use crate::cache::Cache;
use crate::inspection::{Fault, Inspection, Question};
use crate::rules::reportable;

/// Parses and lints SQL with squawk, and remembers the answers: the same text never needs a second look.
#[derive(Debug)]
pub(crate) struct Inspector {
    postgres: u16,
    cache: Cache,
}

impl Inspector {
    /// An inspector that remembers its answers in a file, where one is given.
    pub(crate) fn new(postgres: u16, cache: Option<PathBuf>) -> Self {
        Self { postgres, cache: cache.map(Cache::open).unwrap_or_default() }
    }

    /// Asks about a text; `sha256` is the text's.
    pub(crate) fn inspect(&mut self, text: &str, sha256: &str, question: Question) -> Inspection {
        let Question { lint, transactional } = question;
        let key = format!("{sha256} {} {lint} {transactional}", self.postgres);
        let postgres = self.postgres;
        self.cache.get_or_insert_with(key, || look(text, postgres, question))
    }

    /// Keeps the answers that were asked for since, for the next build.
    pub(crate) fn save(self) {
        self.cache.save();
    }
}

fn look(text: &str, postgres: u16, question: Question) -> Inspection {
    let parsed = SourceFile::parse(text);
    let errors = parsed.errors().into_iter().map(|error| Fault {
        rule: "syntax".to_owned(),
        offset: u32::from(error.range().start()) as usize,
        message: error.message().to_owned(),
        help: String::new(),
    });
    let errors: Vec<_> = errors.collect();
    let hazards = question.lint.then(|| {
        let mut linter = Linter::from(reportable().filter_map(|rule| rule.parse::<Rule>().ok()));
        linter.settings.assume_in_transaction = question.transactional;
        linter.settings.pg_version = Version::from_str(&postgres.to_string()).unwrap_or_default();
        linter.lint(&parsed, text).into_iter().map(fault).collect()
    });
    Inspection { errors, hazards }
}

fn fault(violation: squawk_linter::Violation) -> Fault {
    Fault {
        rule: violation.code.to_string(),
        offset: u32::from(violation.text_range.start()) as usize,
        message: violation.message,
        help: violation.help.unwrap_or_default(),
    }
}
