//! The page and the recipes say the same.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The file that a line of the page names, which is nothing but that: `` `split_column/V1__customers.sql` ``.
fn named(line: &str) -> Option<&str> {
    let name = line.strip_prefix('`')?.strip_suffix('`')?;
    name.contains('/').then_some(name)
}

/// The page, each block below a file's name replaced by that file, and the names.
fn with_files(page: &str) -> (String, Vec<String>) {
    let (mut text, mut names, mut lines) = (String::new(), Vec::new(), page.lines());
    while let Some(line) = lines.next() {
        writeln!(text, "{line}").unwrap();
        let Some(name) = named(line) else {
            assert!(!line.starts_with("```"), "a block without the name of a file: {line}");
            continue;
        };
        let opening: Vec<&str> = lines.by_ref().take(2).collect();
        let language = if name.ends_with(".rs") { "```rust" } else { "```sql" };
        assert_eq!(opening, ["", language], "below {name}");
        let file = std::fs::read_to_string(root().join("tests/cookbook").join(name)).expect(name);
        write!(text, "\n{language}\n{file}```\n").unwrap();
        assert!(lines.any(|line| line == "```"), "the block of {name} ends");
        names.push(name.to_owned());
    }
    (text, names)
}

/// `HARDTACK_TEST_OVERWRITE=1` writes the blocks anew: read the difference before you commit it.
#[test]
fn the_page_shows_the_files_as_they_are() {
    let place = root().join("docs/cookbook.md");
    let page = std::fs::read_to_string(&place).unwrap();
    let (text, names) = with_files(&page);
    if std::env::var_os("HARDTACK_TEST_OVERWRITE").is_some() {
        std::fs::write(&place, &text).unwrap();
    }
    assert!(text == page, "a block of docs/cookbook.md is not the file that it names");
    let shown: BTreeSet<_> = names.iter().map(|name| root().join("tests/cookbook").join(name)).collect();
    assert_eq!(shown.len(), names.len(), "each once");
    let keys = root().join("tests/cookbook/src/keys.rs");
    assert_eq!(shown, recipes().chain([keys]).collect());
}

/// Every file of every recipe but its snapshots.
fn recipes() -> impl Iterator<Item = PathBuf> {
    let entries = |folder: PathBuf| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_recipe = |path: &PathBuf| path.is_dir() && !path.ends_with("src");
    entries(root().join("tests/cookbook")).filter(is_recipe).flat_map(entries).filter(|path| path.is_file())
}
