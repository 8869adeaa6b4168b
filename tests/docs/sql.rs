use hardtack_build::{Level, Policy, Verdict};

use super::markdown::{Block, blocks};
use crate::support::Folder;

/// The revisions of a block: all of it, or what stands behind each line `-- revision 2`.
fn revisions(block: &Block) -> Vec<String> {
    let mut revisions = vec![String::new()];
    for line in block.text.lines() {
        let number = line.strip_prefix("-- revision ");
        if number.is_some_and(|number| number.starts_with(|digit: char| digit.is_ascii_digit())) {
            revisions.push(String::new());
        } else if let Some(last) = revisions.last_mut() {
            last.push_str(line);
            last.push('\n');
        }
    }
    revisions.retain(|text| !text.trim().is_empty());
    revisions
}

/// The build takes the SQL of pages: its grammar, its directives, and what may stand in a transaction. Hazards are what some of
/// these pages are about, and downs are left out.
#[test]
fn revisions_are_what_the_build_takes() {
    let mut policy = Policy::default();
    (policy.missing_down, policy.hazards, policy.postgres) = (Verdict::Allow, Verdict::Allow, 18);
    let all: Vec<(String, String)> = blocks(&["sql"])
        .iter()
        .flat_map(|block| revisions(block).into_iter().map(|text| (block.place.clone(), text)))
        .collect();
    assert!(all.len() > 300, "only {} revisions", all.len());
    let faults: Vec<String> = all.iter().filter_map(|(place, text)| fault(&policy, place, text)).collect();
    assert!(faults.is_empty(), "write ```sql,fragment where it is no revision:\n{}", faults.join("\n"));
}

fn fault(policy: &Policy, place: &str, text: &str) -> Option<String> {
    let folder = Folder::new(&[("V1__page.sql", text)]);
    let resolved = hardtack_build::resolve(folder.path(), policy).unwrap();
    // Which other revisions there are, no page says.
    let of_others = ["requires", "breaks-code-before"];
    let errors = resolved
        .findings
        .iter()
        .filter(|finding| finding.level == Level::Error && !of_others.contains(&&*finding.code));
    let errors: Vec<String> = errors.map(ToString::to_string).collect();
    (!errors.is_empty()).then(|| format!("{place}: {}", errors.join("\n")))
}
