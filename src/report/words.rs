use std::time::Duration;

use crate::catalog::Difference;
use crate::catalog::render::{count, shown};
use crate::engine::dry_run::{
    Depth, DryRun, LeftBehind, Measured, Place, Rehearsed, Rewrite, RowsWritten, Scan,
};
use crate::safety::Bars;
use crate::words::{bytes, grouped};
pub(super) use crate::words::{one_line, turns};

/// A duration as people read it.
pub(crate) fn human(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    match seconds {
        s if s < 0.001 => format!("{:.0} µs", s * 1e6),
        s if s < 1.0 => format!("{:.0} ms", s * 1e3),
        s if s < 90.0 => format!("{s:.1} s"),
        s => format!("{:.1} min", s / 60.0),
    }
}

/// `1 row`, `52,000,000 rows`.
pub(super) fn rows(rows: u64) -> String {
    if rows == 1 { "1 row".to_owned() } else { format!("{} rows", grouped(rows)) }
}

/// The first line that says anything, in one line and without what steers a terminal; `..` stands for the rest.
pub(super) fn first_line(text: &str, longest: usize) -> String {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let more = lines.next().is_some();
    shortened(&one_line(first), longest, more)
}

/// At most so many characters; `..` stands for the rest.
pub(super) fn shortened(text: &str, longest: usize, more: bool) -> String {
    let is_long = text.chars().count() > longest;
    let mut short: String = text.chars().take(longest).collect();
    if is_long || more {
        short.truncate(short.trim_end().len());
        short.push_str(" ..");
    }
    short
}

/// A text in lines of at most so many characters, longer words apart.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A fingerprint as far as people compare it.
pub(super) fn short(fingerprint: &str) -> &str {
    fingerprint.get(..12).unwrap_or(fingerprint)
}

/// Where a rehearsal took place.
pub(super) const fn place(place: Place) -> &'static str {
    match place {
        Place::Database => "on the database itself, rolled back",
        Place::Scratch => "on a scratch database without rows",
        Place::Clone => "on a clone with its rows",
    }
}

/// How deep it went, and where.
pub(super) fn depth(dry_run: &DryRun) -> String {
    match (&dry_run.rehearsal, dry_run.depth) {
        (Some(rehearsal), _) => format!("rehearsed {}", place(rehearsal.place)),
        (None, Depth::Plan) => "the plan alone: nothing ran".to_owned(),
        (None, _) => "nothing was rehearsed".to_owned(),
    }
}

/// What came of a step, where it did not simply run.
pub(super) fn trouble(rehearsed: &Rehearsed) -> Option<String> {
    match rehearsed {
        Rehearsed::Yes { place: Place::Scratch } => {
            Some("rehearsed on a scratch database without rows: its times tell nothing".to_owned())
        }
        Rehearsed::Yes { .. } => None,
        Rehearsed::No { reason } => Some(format!("not rehearsed: {reason}")),
        Rehearsed::Failed { error, place: at } => Some(format!("failed {}: {error}", place(*at))),
        Rehearsed::GaveUp { reason, place: at } => Some(format!("gave up {}: {reason}", place(*at))),
    }
}

/// What a lock keeps others from.
pub(super) const fn bars(bars: Bars) -> &'static str {
    match bars {
        Bars::Nothing => "bars neither reading nor writing",
        Bars::Writes => "bars writing",
        Bars::Everything => "bars reading and writing",
    }
}

/// How many bytes of write-ahead log are worth a line: the catalog's own rows are fewer.
const MUCH: u64 = 1 << 20;

/// What was measured of a statement and is worth a word, but for its time and its locks, a sentence each.
pub(super) fn measured(measured: &Measured) -> Vec<String> {
    let mut texts: Vec<String> = measured.rewritten.iter().map(rewrite).collect();
    texts.extend(measured.written.iter().map(written));
    texts.extend(measured.scanned.iter().filter(|scan| scan.rows > 0).map(scan));
    if measured.wal_bytes >= MUCH {
        texts.push(format!("writes {} of write-ahead log", bytes(measured.wal_bytes)));
    }
    texts
}

fn rewrite(rewrite: &Rewrite) -> String {
    let Rewrite { relation, kind, bytes_before, bytes_after } = rewrite;
    if *bytes_before == 0 {
        return format!("rewrites {kind} {relation}, which is empty here");
    }
    if *bytes_after == 0 {
        return format!("empties {kind} {relation} of {}", bytes(*bytes_before));
    }
    format!("rewrites {kind} {relation}: {} become {}", bytes(*bytes_before), bytes(*bytes_after))
}

fn written(written: &RowsWritten) -> String {
    let RowsWritten { table, inserted, updated, deleted } = written;
    let counts: Vec<String> = [(inserted, "inserts"), (updated, "updates"), (deleted, "deletes")]
        .into_iter()
        .filter(|(rows, _)| **rows > 0)
        .map(|(count, verb)| format!("{verb} {}", rows(*count)))
        .collect();
    format!("{} in {table}", if counts.is_empty() { "writes 0 rows".to_owned() } else { counts.join(", ") })
}

fn scan(scan: &Scan) -> String {
    format!("reads all of {}", scan.table)
}

/// What a rolled-back rehearsal leaves, in a sentence.
pub(super) fn left_behind(left: &LeftBehind) -> String {
    match left {
        LeftBehind::Sequence { sequence } => format!("sequence {sequence} was moved on, and stays so"),
        LeftBehind::DeadRows { table, rows: dead } => {
            let dead =
                if *dead == 1 { "1 dead row".to_owned() } else { format!("{} dead rows", grouped(*dead)) };
            format!("{table} keeps {dead}, whose space vacuum makes usable again")
        }
        LeftBehind::ForeignTable { table } => {
            format!(
                "foreign table {table} was written to, and its server decides whether that was rolled back"
            )
        }
    }
}

/// `creates`, `drops` or `changes`: what a step does to an object in which the catalog afterwards differs.
pub(super) const fn verb(difference: &Difference) -> &'static str {
    match difference {
        Difference::Missing { .. } => "drops",
        Difference::Extra { .. } => "creates",
        Difference::Different { .. } => "changes",
    }
}

/// The character that stands for it before a line.
pub(super) const fn sign(difference: &Difference) -> char {
    match difference {
        Difference::Missing { .. } => '-',
        Difference::Extra { .. } => '+',
        Difference::Different { .. } => '~',
    }
}

/// What of an object changes, a line a field: `type: integer -> bigint`.
pub(super) fn fields(difference: &Difference) -> Vec<String> {
    let Difference::Different { fields, .. } = difference else { return Vec::new() };
    let text = |value| shortened(&one_line(&shown(value)), 200, false);
    fields
        .iter()
        .map(|field| format!("{}: {} -> {}", field.name, text(&field.expected), text(&field.found)))
        .collect()
}

/// `creates 2 objects, drops 1, changes 3`.
pub(super) fn changes(differences: &[Difference]) -> String {
    let mut parts = Vec::new();
    for kind in ["creates", "drops", "changes"] {
        let number = differences.iter().filter(|difference| verb(difference) == kind).count();
        match number {
            0 => {}
            number if parts.is_empty() => parts.push(format!("{kind} {}", count(number, "object"))),
            number => parts.push(format!("{kind} {number}")),
        }
    }
    if parts.is_empty() { "leaves the schema as it is".to_owned() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_line_is_one_line() {
        assert_eq!(first_line("\n  alter table a\n  add b int\n", 40), "alter table a ..");
        assert_eq!(first_line("select \u{1b}[31m1", 40), "select  [31m1");
        assert_eq!(first_line("select 12345", 8), "select 1 ..");
    }

    #[test]
    fn long_texts_are_wrapped_between_words() {
        assert_eq!(wrapped("one two  three", 7), ["one two", "three"]);
        assert_eq!(wrapped("overlong a", 3), ["overlong", "a"]);
        assert_eq!(wrapped("", 3), Vec::<String>::new());
    }
}
