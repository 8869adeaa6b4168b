//! The page: `docs/hazards.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use hardtack::safety::{FoundBy, HAZARDS, Hazard};

use super::example::Example;
use super::handled::HANDLED;
use super::{KEPT, locks};

/// What is written by hand.
const INTRODUCTION: &str = include_str!("introduction.md");

pub(super) fn place() -> PathBuf {
    super::root().join("docs/hazards.md")
}

type Locks = Vec<BTreeMap<String, String>>;

/// The whole page.
pub(super) fn text() -> String {
    let locks: Locks = KEPT.iter().map(|major| locks::read(*major)).collect();
    let judged: BTreeSet<_> =
        hardtack_build::text_hazards().filter(|(_, judged)| *judged).map(|(name, _)| name).collect();
    let mut text = INTRODUCTION.to_owned();
    text.push_str("\n## All of them\n\n| hazard | verdict | found | strongest lock on 15 | on 18 |\n| --- | --- | --- | --- | --- |\n");
    for hazard in HAZARDS {
        let strongest: Vec<_> = locks.iter().map(|locks| strongest(locks, hazard)).collect();
        let (name, verdict, found) = (hazard.name, hazard.verdict, found(hazard, &judged));
        writeln!(text, "| [`{name}`](#{name}) | {verdict} | {found} | {} |", strongest.join(" | ")).unwrap();
    }
    let examples: BTreeMap<_, _> =
        Example::all().into_iter().map(|example| (example.rule.clone(), example)).collect();
    for (title, is_meant) in groups(&judged) {
        write!(text, "\n## {title}\n").unwrap();
        for hazard in HAZARDS.iter().filter(|hazard| is_meant(hazard)) {
            push_section(&mut text, hazard, examples.get(hazard.name), &locks);
        }
    }
    push_handled(&mut text);
    text
}

type Group<'a> = (&'static str, Box<dyn Fn(&Hazard) -> bool + 'a>);

fn groups<'a>(judged: &'a BTreeSet<&'static str>) -> [Group<'a>; 4] {
    let of_text = |hazard: &Hazard| hazard.found == FoundBy::Text;
    [
        ("In the text, judged", Box::new(move |hazard| of_text(hazard) && judged.contains(hazard.name))),
        (
            "In the text, once they are turned on",
            Box::new(move |hazard| of_text(hazard) && !judged.contains(hazard.name)),
        ),
        ("On the database", Box::new(|hazard| hazard.found == FoundBy::Database)),
        ("In a rehearsal", Box::new(|hazard| hazard.found == FoundBy::Rehearsal)),
    ]
}

fn found(hazard: &Hazard, judged: &BTreeSet<&str>) -> &'static str {
    match hazard.found {
        FoundBy::Text if judged.contains(hazard.name) => "in the text",
        FoundBy::Text => "in the text, if turned on",
        FoundBy::Database => "on the database",
        FoundBy::Rehearsal => "in a rehearsal",
    }
}

/// The first lock of those that are written down, which is the strongest.
fn strongest(locks: &BTreeMap<String, String>, hazard: &Hazard) -> String {
    let Some(all) = locks.get(hazard.name) else { return "–".to_owned() };
    let is_mode = |word: &&str| word.chars().all(|letter| letter.is_ascii_uppercase());
    let first = all.split(", ").next().unwrap_or_default();
    let mode: Vec<_> = first.split(' ').filter(is_mode).collect();
    let work = ["(rewritten)", "(scanned)"].into_iter().find(|work| all.contains(work));
    let work = work.map_or(String::new(), |work| format!(", {}", work.trim_matches(['(', ')'])));
    if mode.is_empty() { "none".to_owned() } else { mode.join(" ") + &work }
}

fn push_section(text: &mut String, hazard: &Hazard, example: Option<&Example>, locks: &Locks) {
    let verdict = hazard.verdict.to_string();
    let verdict = verdict[..1].to_uppercase() + &verdict[1..];
    write!(text, "\n### {}\n\n{verdict}: {}.\n", hazard.name, hazard.danger).unwrap();
    let Some(example) = example else {
        writeln!(text, "\nInstead: {}.", hazard.recipe).unwrap();
        return;
    };
    write!(text, "\n```sql\n{}```\n\n{}\n", example.hazard, in_words(hazard, locks)).unwrap();
    writeln!(text, "\nInstead: {}.", hazard.recipe).unwrap();
    if example.recipe.is_empty() {
        return;
    }
    text.push_str("\n```sql\n");
    for (number, part) in (1..).zip(&example.recipe) {
        if example.recipe.len() > 1 {
            let gap = if number > 1 { "\n" } else { "" };
            writeln!(text, "{gap}-- revision {number}").unwrap();
        }
        text.push_str(part);
    }
    text.push_str("```\n");
}

/// The locks on both majors, in one line where they are the same.
fn in_words(hazard: &Hazard, locks: &Locks) -> String {
    let of = |locks: &BTreeMap<String, String>| {
        locks.get(hazard.name).map_or_else(|| "it is not there".to_owned(), |locks| with_names(locks))
    };
    let [one, other] = [of(&locks[0]), of(&locks[1])];
    if one == other {
        return format!("PostgreSQL 15 and 18: {one}.");
    }
    format!("PostgreSQL 15: {one}. PostgreSQL 18: {other}.")
}

/// Names of relations as code: `orders SHARE, accounts SHARE`.
fn with_names(locks: &str) -> String {
    let named = |lock: &str| match lock.split_once(' ') {
        Some((name, mode)) if mode.starts_with(|letter: char| letter.is_ascii_uppercase()) => {
            format!("`{name}` {mode}")
        }
        _ => lock.to_owned(),
    };
    let locks: Vec<_> = locks.split(", ").map(named).collect();
    locks.join(", ")
}

fn push_handled(text: &mut String) {
    text.push_str(
        "\n## Rules of squawk that hardtack sees to\n\nThey are never reported.\n\n| rule | the build's own finding | why |\n| --- | --- | --- |\n",
    );
    for (rule, _, code, why) in HANDLED {
        let code = code.map_or("–".to_owned(), |code| format!("`{code}`"));
        writeln!(text, "| `{rule}` | {code} | {why} |").unwrap();
    }
}
