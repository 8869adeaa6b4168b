use std::path::Path;

use super::markdown::root;

/// What somebody looks up is what they were told: each heading holds words of a message as they stand in the sources.
#[test]
fn troubleshooting_is_headed_by_messages_that_there_are() {
    let mut sources = String::new();
    for folder in ["src", "macros/src", "macros/build/src"] {
        read(&root().join(folder), &mut sources);
    }
    let page = std::fs::read_to_string(root().join("docs/troubleshooting.md")).unwrap();
    let headings: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    assert!(headings.len() > 60, "{}", headings.len());
    let last = |heading: &str| Some(heading.trim_end_matches('`').rsplit_once('`')?.1.to_owned());
    let unknown: Vec<&str> = headings
        .into_iter()
        .filter(|heading| {
            heading.ends_with('`') && !last(heading).is_some_and(|text| sources.contains(&text))
        })
        .collect();
    assert_eq!(unknown, Vec::<&str>::new());
}

/// Texts with the lines joined over which they go on.
fn read(folder: &Path, sources: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, sources);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let mut lines = text.lines().peekable();
            while let Some(line) = lines.next() {
                match line.strip_suffix('\\') {
                    Some(begun) => {
                        sources.push_str(begun);
                        if let Some(next) = lines.peek_mut() {
                            *next = next.trim_start();
                        }
                    }
                    None => {
                        sources.push_str(line);
                        sources.push('\n');
                    }
                }
            }
        }
    }
}
