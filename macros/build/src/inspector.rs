use std::path::PathBuf;
use std::str::FromStr;

use squawk_linter::{Linter, Rule, Version};
use squawk_syntax::SourceFile;

use crate::cache::Cache;
use crate::inspection::{Fault, Inspection, Question};
use crate::policy::Policy;
use crate::rules::{ADVICE, HAZARDS};

/// Parses and lints SQL with squawk, and remembers the answers: the same text never needs a second look.
#[derive(Debug)]
pub(crate) struct Inspector {
    postgres: u16,
    rules: Vec<&'static str>,
    /// What the answers depend on beside the text and the question.
    setting: String,
    cache: Cache,
}

impl Inspector {
    /// An inspector that remembers its answers in a file, where one is given.
    pub(crate) fn new(policy: &Policy, cache: Option<PathBuf>) -> Self {
        let advice = ADVICE.iter().copied().filter(|rule| policy.level_of(rule).is_some());
        let advice: Vec<_> = advice.collect();
        let setting = format!("{} {}", policy.postgres, advice.join(","));
        let cache = cache.map(Cache::open).unwrap_or_default();
        Self { postgres: policy.postgres, rules: [HAZARDS, &advice].concat(), setting, cache }
    }

    /// Asks about a text; `sha256` is the text's.
    pub(crate) fn inspect(&mut self, text: &str, sha256: &str, question: Question) -> Inspection {
        let Question { lint, transactional } = question;
        let key = format!("{sha256} {lint} {transactional} {}", self.setting);
        let Self { postgres, rules, cache, .. } = self;
        cache.get_or_insert_with(key, || look(text, *postgres, rules, question))
    }

    /// Keeps the answers that were asked for since, for the next build.
    pub(crate) fn save(self) {
        self.cache.save();
    }
}

fn look(text: &str, postgres: u16, rules: &[&str], question: Question) -> Inspection {
    let parsed = SourceFile::parse(text);
    let errors = parsed.errors().into_iter().map(|error| Fault {
        rule: "syntax".to_owned(),
        offset: u32::from(error.range().start()) as usize,
        message: in_words(error.message()),
        help: String::new(),
    });
    let errors: Vec<_> = errors.collect();
    let hazards = question.lint.then(|| {
        let mut linter = Linter::from(rules.iter().filter_map(|rule| rule.parse::<Rule>().ok()));
        linter.settings.assume_in_transaction = question.transactional;
        linter.settings.pg_version = Version::from_str(&postgres.to_string()).unwrap_or_default();
        let asked = |fault: &Fault| rules.contains(&fault.rule.as_str());
        linter.lint(&parsed, text).into_iter().map(fault).filter(asked).collect()
    });
    Inspection { errors, hazards }
}

/// Squawk names keywords as its own tokens: `expected NULL_KW`.
fn in_words(message: &str) -> String {
    message.replace("_KW", "")
}

fn fault(violation: squawk_linter::Violation) -> Fault {
    Fault {
        rule: violation.code.to_string(),
        offset: u32::from(violation.text_range.start()) as usize,
        message: violation.message,
        help: violation.help.unwrap_or_default(),
    }
}
