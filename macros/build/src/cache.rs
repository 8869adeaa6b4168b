use std::collections::HashMap;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use crate::inspection::{Fault, Inspection};

/// The first line of a cache file; another version of the crate may judge otherwise.
const HEADER: &str = concat!("hardtack-build ", env!("CARGO_PKG_VERSION"), "\n");

/// Inspections by what was asked, kept in a file between builds.
///
/// In a debug-built build script squawk takes milliseconds a text, which a thousand revisions would pay on
/// every edit. The cache only ever saves time: a file that cannot be read or written counts as empty.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    path: Option<PathBuf>,
    old: HashMap<String, Inspection>,
    used: HashMap<String, Inspection>,
    is_changed: bool,
}

impl Cache {
    pub(crate) fn open(path: PathBuf) -> Self {
        let text = fs::read_to_string(&path).unwrap_or_default();
        let old = text.strip_prefix(HEADER).and_then(parse).unwrap_or_default();
        Self { path: Some(path), old, ..Self::default() }
    }

    pub(crate) fn get_or_insert_with(
        &mut self,
        key: String,
        look: impl FnOnce() -> Inspection,
    ) -> Inspection {
        if let Some(known) = self.used.get(&key) {
            return known.clone();
        }
        let inspection = self.old.remove(&key).unwrap_or_else(|| {
            self.is_changed = true;
            look()
        });
        self.used.insert(key, inspection.clone());
        inspection
    }

    /// Writes what was used; answers nobody asked for are forgotten.
    pub(crate) fn save(self) {
        let Some(path) = self.path else { return };
        if self.is_changed || !self.old.is_empty() {
            let _ = fs::write(path, HEADER.to_owned() + &render(&self.used));
        }
    }
}

/// One line a fact, its fields behind tabs: `?` a key, `!` a syntax error, `#` linted, `-` a hazard.
fn render(inspections: &HashMap<String, Inspection>) -> String {
    let mut text = String::new();
    for (key, inspection) in inspections {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "?\t{key}");
        inspection.errors.iter().for_each(|fault| push_fault(&mut text, '!', fault));
        if let Some(hazards) = &inspection.hazards {
            text.push_str("#\n");
            hazards.iter().for_each(|fault| push_fault(&mut text, '-', fault));
        }
    }
    text
}

fn push_fault(text: &mut String, mark: char, fault: &Fault) {
    let Fault { rule, offset, message, help } = fault;
    let (message, help) = (escape(message), escape(help));
    let _ = writeln!(text, "{mark}\t{rule}\t{offset}\t{message}\t{help}");
}

/// None for a text that is not what [`render`] writes.
fn parse(text: &str) -> Option<HashMap<String, Inspection>> {
    let mut inspections = HashMap::new();
    let mut current: Option<(String, Inspection)> = None;
    for line in text.lines() {
        let (mark, rest) = line.split_once('\t').unwrap_or((line, ""));
        if mark == "?" {
            inspections.extend(current.replace((rest.to_owned(), Inspection::default())));
            continue;
        }
        let (_, inspection) = current.as_mut()?;
        match mark {
            "!" => inspection.errors.push(parse_fault(rest)?),
            "#" => inspection.hazards = Some(Vec::new()),
            "-" => inspection.hazards.as_mut()?.push(parse_fault(rest)?),
            _ => return None,
        }
    }
    inspections.extend(current);
    Some(inspections)
}

fn parse_fault(line: &str) -> Option<Fault> {
    let mut fields = line.split('\t');
    let rule = fields.next()?.to_owned();
    let offset = fields.next()?.parse().ok()?;
    let (message, help) = (unescape(fields.next()?), unescape(fields.next()?));
    Some(Fault { rule, offset, message, help })
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t").replace('\r', "\\r")
}

fn unescape(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        plain.push(match (letter, letter == '\\') {
            (_, true) => match letters.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r') => '\r',
                other => other.unwrap_or('\\'),
            },
            (letter, false) => letter,
        });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inspection(message: &str) -> Inspection {
        let fault = |rule: &str| Fault {
            rule: rule.to_owned(),
            offset: 7,
            message: message.to_owned(),
            help: String::new(),
        };
        Inspection { errors: vec![fault("syntax")], hazards: Some(vec![fault("ban-drop-column")]) }
    }

    #[test]
    fn answers_survive_and_unused_ones_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cache");
        let mut cache = Cache::open(path.clone());
        for (key, message) in [("a", "one\ttwo\n\\three\r"), ("b", "")] {
            cache.get_or_insert_with(key.to_owned(), || inspection(message));
        }
        cache.save();
        let mut cache = Cache::open(path.clone());
        let known = cache.get_or_insert_with("a".to_owned(), || panic!("asked again"));
        assert_eq!(known, inspection("one\ttwo\n\\three\r"));
        cache.save();
        let cache = Cache::open(path.clone());
        assert_eq!(cache.old.keys().collect::<Vec<_>>(), ["a"]);
        fs::write(&path, format!("{HEADER}nonsense")).unwrap();
        assert!(Cache::open(path).old.is_empty());
    }
}
